//! What is written, and what is left alone.

use super::*;
use insta::assert_snapshot;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn tree(dir: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            let folder = entry.file_name().unwrap().to_str().unwrap().to_owned();
            names.extend(tree(&entry).into_iter().map(|name| format!("{folder}/{name}")));
        } else {
            names.insert(entry.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    names
}

fn honest(runs: &[RunReports]) -> StudyReport {
    merge(&about(), &[point("w=1", false), point("w=2", false)], &[section("hand")], runs)
}

#[test]
fn names() {
    let made_up = ["report.json", "tables", "a.b.csv"].map(|base| file_name(base, true));
    assert_eq!(made_up, ["report-synthetic.json", "tables-synthetic", "a.b-synthetic.csv"]);
    assert_eq!(file_name("report.json", false), "report.json");
    // Two sections with a table of one name, in any case.
    let two = |first: &str, second: &str| {
        let mut run = run(0, 0, everything(1.0));
        let mut other = everything(1.0);
        other.tables[0].name = second.to_owned();
        run.reports[0].1.tables[0].name = first.to_owned();
        run.add(1, other).unwrap();
        let sections = [section("hand"), section("hand (window=50)")];
        let report = merge(&about(), &[point("", false)], &sections, &[run]);
        csv_files(&report).into_iter().map(|files| files.tables[0].display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(two("a", "b"), ["tables/a.csv", "tables/b.csv"]);
    assert_eq!(two("a", "A"), ["tables/1-hand-a.csv", "tables/2-hand-window-50-A.csv"]);
}

#[test]
fn written_read_replaced_and_removed() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("tables")).unwrap();
    fs::write(dir.join("tables/mine.csv"), "mine").unwrap();
    let runs = six_runs();
    let page: PageWriter = |report, _, to| writeln!(to, "<p>{}</p>", report.title);
    let report = honest(&runs);
    let written = write(&report, &runs, Some(page), None, dir).unwrap();
    assert_eq!((written.csv, written.json.clone()), (5, dir.join("report.json")));
    assert_eq!(read(dir).unwrap(), report);
    assert_eq!(fs::read_to_string(written.page.unwrap()).unwrap(), "<p>small</p>\n");
    assert_eq!(
        tree(dir).into_iter().collect::<Vec<_>>(),
        [
            "charts/bars.csv",
            "charts/curve.csv",
            "charts/flow.csv",
            "charts/heat.csv",
            "report.html",
            "report.json",
            "tables/mine.csv",
            "tables/shares.csv",
        ]
    );
    // Synthetic scores: all have other names, and the earlier report's files go.
    let written = write(&merged(&runs), &runs, None, None, dir).unwrap();
    assert_eq!((written.csv, written.page), (5, None));
    assert_eq!(
        tree(dir).into_iter().collect::<Vec<_>>(),
        [
            "charts-synthetic/bars-synthetic.csv",
            "charts-synthetic/curve-synthetic.csv",
            "charts-synthetic/flow-synthetic.csv",
            "charts-synthetic/heat-synthetic.csv",
            "report-synthetic.json",
            "tables-synthetic/shares-synthetic.csv",
            "tables/mine.csv",
        ]
    );
    assert_eq!(read(dir).unwrap(), merged(&runs));
    remove(dir);
    assert_eq!(tree(dir).into_iter().collect::<Vec<_>>(), ["tables/mine.csv"]);
}

#[test]
fn csv_files_by_hand() {
    let dir = TempDir::new().unwrap();
    // Listed in another order than they are written in.
    let mut runs = vec![run(1, 0, everything(4.0)), run(0, 0, everything(0.1))];
    runs[0].reports[0].1.findings.clear();
    write(&honest(&runs), &runs, None, None, dir.path()).unwrap();
    let text = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert_snapshot!(text("tables/shares.csv"), @r#"
    point,label,replicate,decision,share,word
    0,w=1,0,x,0.1,same
    0,w=1,0,"y, z",3,0.1
    1,w=2,0,x,4.0,same
    1,w=2,0,"y, z",3,4
    "#);
    assert_snapshot!(text("charts/curve.csv"), @r"
    point,label,replicate,series,x,median,low,high
    0,w=1,0,measured,0.0,0.1,,
    0,w=1,0,measured,100.0,0.2,,
    0,w=1,0,expected,0.0,1.0,,
    0,w=1,merged,measured,0.0,0.1,,
    0,w=1,merged,measured,100.0,0.2,,
    0,w=1,merged,expected,0.0,1.0,,
    1,w=2,0,measured,0.0,4.0,,
    1,w=2,0,measured,100.0,8.0,,
    1,w=2,0,expected,0.0,1.0,,
    1,w=2,merged,measured,0.0,4.0,,
    1,w=2,merged,measured,100.0,8.0,,
    1,w=2,merged,expected,0.0,1.0,,
    ");
    assert_snapshot!(text("charts/bars.csv"), @r"
    point,label,replicate,series,x,median,low,high
    0,w=1,0,bar,a,0.1,,
    0,w=1,0,bar,b,,,
    0,w=1,merged,bar,a,0.1,,
    0,w=1,merged,bar,b,,,
    1,w=2,0,bar,a,4.0,,
    1,w=2,0,bar,b,,,
    1,w=2,merged,bar,a,4.0,,
    1,w=2,merged,bar,b,,,
    ");
    assert_snapshot!(text("charts/heat.csv"), @r"
    point,label,replicate,series,x,mean
    0,w=1,0,r,0.0,0.1
    0,w=1,0,r,1.0,
    0,w=1,merged,r,0.0,0.1
    0,w=1,merged,r,1.0,
    1,w=2,0,r,0.0,4.0
    1,w=2,0,r,1.0,
    1,w=2,merged,r,0.0,4.0
    1,w=2,merged,r,1.0,
    ");
    assert_snapshot!(text("charts/flow.csv"), @r"
    point,label,replicate,series,descends_from,x,height
    0,w=1,0,root,,0.0,1.0
    0,w=1,0,root,,1.0,0.1
    0,w=1,0,child,root,0.0,0.0
    0,w=1,0,child,root,1.0,1.0
    1,w=2,0,root,,0.0,1.0
    1,w=2,0,root,,1.0,4.0
    1,w=2,0,child,root,0.0,0.0
    1,w=2,0,child,root,1.0,1.0
    ");
}

#[test]
fn what_cannot_be_written_or_read() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    fs::write(dir.join("file"), "").unwrap();
    let error = write(&honest(&[]), &[], None, None, &dir.join("file")).unwrap_err();
    assert_eq!(error.kind(), ReportErrorKind::Output);
    assert!(error.to_string().contains("report.json") && error.to_string().contains("--out"), "{error}");
    let said = |error: ReportError| error.to_string().replace(&dir.display().to_string(), "DIR");
    let refused = || said(read(dir).unwrap_err());
    let mut texts = vec![refused()];
    for text in ["{", "{}", r#"{"schema":99}"#, r#"{"schema":1}"#] {
        fs::write(dir.join("report.json"), text).unwrap();
        texts.push(refused());
    }
    assert_snapshot!(texts.join("\n"), @r"
    `DIR` holds neither a trace nor a report; name the folder that `lamarck run` or `lamarck analyze --out` wrote
    `DIR/report.json` is no report: EOF while parsing an object at line 1 column 1; make it again with `lamarck analyze`
    `DIR/report.json` is no report: missing field `schema` at line 1 column 2; make it again with `lamarck analyze`
    `DIR/report.json` has report schema 99, and this release reads up to 1; use a newer lamarck
    `DIR/report.json` is no report: missing field `title` at line 1 column 12; make it again with `lamarck analyze`
    ");
    // A broken report is written over, and leads nobody out of its folder.
    fs::write(dir.join("outside.csv"), "").unwrap();
    let mut evil = merged(&six_runs());
    evil.sections[0].tables[0].name = "../../outside".into();
    fs::create_dir(dir.join("in")).unwrap();
    fs::write(dir.join("in/report-synthetic.json"), serde_json::to_string(&evil).unwrap()).unwrap();
    remove(&dir.join("in"));
    assert!(dir.join("outside.csv").exists() && !dir.join("in/report-synthetic.json").exists());
    // A page that fails leaves nothing behind.
    let page: PageWriter = |_, _, _| Err(std::io::Error::other("no ink"));
    let error = write(&honest(&[]), &[], Some(page), None, &dir.join("new")).unwrap_err();
    assert!(error.to_string().contains("no ink"), "{error}");
    assert!(tree(&dir.join("new")).is_empty());
}
