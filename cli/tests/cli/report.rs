//! `lamarck analyze`, `lamarck report`, and the files that a study leaves.

use crate::lab::{Lab, fixture};
use serde_json::Value;
use std::fs;

/// A study with an analyzer, written as `mine.toml`.
fn analysed(lab: &Lab, more: &str) {
    let study = lab.run(&["studies", "show", "nas-bench-201"]).done().out();
    lab.write("mine.toml", format!("{study}\n[[analyzers]]\nplugin = \"structure\"\n{more}"));
}

/// Runs it, with three replicates of 400 candidates.
fn run(lab: &Lab, out: &str, more: &[&str]) -> String {
    let small = ["run", "mine.toml", "--set", "budget.candidates=400", "--replicates", "3", "--out", out];
    lab.run(&[&small[..], more].concat()).done().out()
}

fn json(lab: &Lab, name: &str) -> Value {
    serde_json::from_slice(&fs::read(lab.path(name)).expect("a file")).expect("JSON")
}

#[test]
fn a_study_leaves_its_report() {
    let lab = Lab::new();
    analysed(&lab, "");
    let out = run(&lab, "one", &["--jobs", "1"]);
    for words in ["\nstructure: ", "95 % interval", "theory", "report: one/report.", "as CSV"] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    let report = json(&lab, "one/report.json");
    assert_eq!(report["title"], "nas-bench-201");
    assert_eq!(
        report["command"], "lamarck run mine.toml --set budget.candidates=400 --replicates 3",
        "neither where it went nor on how many threads"
    );
    assert_eq!(report["points"][0]["runs"], 3);
    assert_eq!(report["points"][0]["candidates"], 1200);
    // The same bytes on two threads, in pieces, and from the trace.
    run(&lab, "two", &["--jobs", "2"]);
    lab.assert_same("one", "two");
    let pieces =
        ["run", "mine.toml", "--set", "budget.candidates=400", "--replicates", "3", "--out", "pieces"];
    lab.run(&[&pieces[..], &["--pause-after", "150"]].concat()).code(130);
    assert!(!lab.path("pieces/report.json").exists(), "a study that is not complete has no report");
    lab.run(&[&pieces[..], &["--resume"]].concat()).done();
    lab.assert_same("one", "pieces");
    lab.run(&["report", "two"]).done().says(&["1,200 candidates", "\nstructure: "]);
    lab.assert_same("one", "two");
    // Every table and every chart has a file that begins with point and replicate.
    let files = lab.tree("one");
    let section = &report["sections"][0];
    for (folder, list, name) in
        [("tables", &section["tables"], "name"), ("charts", &section["charts"], "key")]
    {
        let list = list.as_array().expect("a list");
        assert!(!list.is_empty());
        for entry in list {
            let file = format!("{folder}/{}.csv", entry[name].as_str().expect("a name"));
            let text = String::from_utf8_lossy(&files[std::path::Path::new(&file)]);
            assert!(text.starts_with("point,label,replicate,"), "{file}: {text}");
            assert!(text.lines().count() > 1, "{file}");
        }
    }
    // Another study in its place, without analyzers, leaves nothing of the report behind.
    lab.small(&["--out", "one", "--overwrite"]).done();
    assert!(!lab.path("one/report.json").exists() && !lab.path("one/tables").exists());
}

#[test]
fn synthetic_scores_are_in_the_files_names() {
    let lab = Lab::new();
    lab.write(
        "made-up.toml",
        "[space]\nplugin = \"nas-bench-201\"\n[evaluator]\nplugin = \"synthetic\"\n[strategy]\n\
         plugin = \"regularized-evolution\"\n[budget]\ncandidates = 300\n[[analyzers]]\nplugin = \"structure\"\n",
    );
    let out = lab.run(&["run", "made-up.toml", "--out", "out"]).done().out();
    assert!(out.lines().any(|line| line.trim_end().ends_with(" synthetic")), "{out}");
    let tree = lab.tree("out");
    for name in tree.keys().filter_map(|name| name.to_str()) {
        let result = !name.ends_with(".parquet") && name != "trace.json";
        assert_eq!(result, name.contains("synthetic"), "{name}");
    }
    assert!(lab.path("out/report-synthetic.json").exists());
    let report = json(&lab, "out/report-synthetic.json");
    assert_eq!(report["points"][0]["synthetic"], true);
    lab.run(&["report", "out"]).done().says(&["synthetic scores", "report-synthetic."]);
}

#[test]
fn analysed_again() {
    let lab = Lab::new();
    lab.small(&["--out", "plain"]).done();
    let before = lab.tree("plain");
    // The study has no analyzer: all there are.
    lab.run(&["analyze", "plain"]).done().says(&["\nstructure: ", "2 runs", "1,000 candidates"]);
    assert!(lab.tree("plain") == before, "without --out nothing is written");
    let asked = ["analyze", "plain", "-a", "structure:window=50,fixed=0.9", "-a", "structure"];
    let both = lab.run(&[&asked[..], &["--json"]].concat()).done().out();
    let both: Value = serde_json::from_str(&both).expect("JSON");
    assert_eq!(both["sections"][0]["analyzer"], "structure (fixed=0.9, window=50)");
    assert_eq!(both["sections"][1]["analyzer"], "structure (fixed=0.95, window=100)");
    assert_eq!(both["command"], "lamarck analyze plain -a structure:window=50,fixed=0.9 -a structure");
    lab.run(&[&asked[..], &["--out", "far/away", "--jobs", "1"]].concat())
        .done()
        .says(&["report: far/away/"]);
    lab.run(&[&asked[..], &["--out", "near", "--jobs", "2"]].concat()).done();
    lab.assert_same("far/away", "near");
    assert_eq!(json(&lab, "near/report.json"), both);
    // Two sections with tables of the same names.
    assert!(lab.path("near/tables/1-structure-fixed-0-9-window-50-options.csv").exists());
    // A folder with a report and no trace is shown again.
    lab.run(&["report", "near"]).done().says(&["structure (fixed=0.9, window=50)", "1,000 candidates"]);
    lab.assert_same("far/away", "near");
    fs::remove_file(lab.path("near/report.html")).unwrap();
    lab.run(&["report", "near"]).done().says(&["report: near/report.html"]);
    let page = fs::read_to_string(lab.path("near/report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("lamarck analyze plain"));
}

#[test]
fn side_by_side() {
    let lab = Lab::new();
    analysed(&lab, "[sweep]\n\"cluster.workers\" = [1, 16]\n");
    run(&lab, "swept", &[]);
    lab.small(&["--out", "plain"]).done();
    let out = lab.run(&["analyze", "swept", "plain", "--out", "both"]).done().out();
    let labels =
        ["swept: cluster.workers=1 (3 runs)", "swept: cluster.workers=16 (3 runs)", "plain (2 runs)"];
    for label in labels {
        assert!(out.contains(label), "{label} is not in\n{out}");
    }
    let report = json(&lab, "both/report.json");
    assert_eq!(report["title"], "swept, plain");
    assert_eq!(report["points"].as_array().unwrap().len(), 3);
    // All have the seed of the default study, so replicates are compared in pairs.
    let entropy = report["sections"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["key"].as_str().is_some_and(|key| key.contains("entropy")))
        .expect("a finding about entropy");
    let pairs: Vec<_> =
        entropy["differences"].as_array().unwrap().iter().map(|d| d["runs"].as_u64()).collect();
    assert_eq!(pairs, [Some(3), Some(2)]);
    // Two folders of one name go by their paths; more points than fit are
    // called by their numbers.
    fs::create_dir(lab.path("copy")).unwrap();
    let copy =
        ["run", "mine.toml", "--set", "budget.candidates=300", "--replicates", "1", "--out", "copy/swept"];
    lab.run(&copy).done();
    let many = ["analyze", "swept", "copy/swept", "swept", "plain", "-a", "structure"];
    lab.run(&many).done().says(&["copy/swept: cluster.workers=16", "#6  plain", "#6\n"]);
}

#[test]
fn what_cannot_be_analysed() {
    let lab = Lab::new();
    analysed(&lab, "");
    run(&lab, "trace", &[]);
    fs::create_dir(lab.path("empty")).unwrap();
    for command in ["analyze", "report"] {
        lab.run(&[command, "nowhere"]).refused(4, &["`nowhere` holds n"]);
        lab.run(&[command, "empty"]).refused(4, &["`empty` holds n", "lamarck run"]);
    }
    lab.run(&["analyze"]).refused(2, &["TRACE"]);
    let asked = |analyzer: &str| lab.run(&["analyze", "trace", "-a", analyzer]);
    asked("structur")
        .refused(2, &["in -a structur: ", "no analyzer `structur`", "did you mean `structure`?"]);
    asked("fifo").refused(2, &["no analyzer `fifo`", "`fifo` is a scheduler"]);
    asked("structure:window=0")
        .refused(2, &["in -a structure:window=0: window: expected a whole number from 1 to", "found 0"]);
    asked("structure:windwo=9").refused(2, &["windwo: unknown key", "did you mean `window`?"]);
    asked("structure:window").refused(2, &["expected NAME or NAME:KEY=VALUE", "found `window`"]);
    asked("structure:window=[").refused(2, &["in -a structure:window=[: window: "]);
    // Both mistakes at once.
    let two = lab.run(&["analyze", "trace", "-a", "structure:window=0", "-a", "nobody"]);
    two.refused(2, &["found 0", "in -a nobody: there is no analyzer `nobody`"]);
    lab.run(&["analyze", "trace", "--jobs", "0"]).refused(2, &["--jobs"]);
    lab.write("file", "not a folder");
    lab.run(&["analyze", "trace", "--out", "file"]).refused(5, &["cannot write `file", "--out"]);
    // Other people's analyzers.
    for (name, said) in [("panics", "panicked: this analyzer panics"), ("fails", "this analyzer fails")] {
        let ended = lab.run(&["analyze", "trace", "-a", name, "--plugin-path", &fixture(name)]);
        ended.refused(3, &[&format!("analyzer `{name}` failed: "), said]);
    }
    // Layers are read only for who asks for them.
    fs::remove_file(lab.path("trace/layers/point-0000-replicate-0001-part-00000.parquet")).unwrap();
    lab.run(&["analyze", "trace"]).done();
    asked("structure:layers=true").refused(4, &["trace/layers/point-0000-replicate-0001", "is missing"]);
    // A part that is gone, and a report that is damaged.
    fs::remove_file(lab.path("trace/candidates/point-0000-replicate-0001-part-00000.parquet")).unwrap();
    lab.run(&["analyze", "trace"]).refused(4, &["replicate-0001", "is missing"]);
    lab.write("empty/report.json", "{");
    lab.run(&["report", "empty"]).refused(4, &["`empty/report.json` is no report", "lamarck analyze"]);
    lab.write("empty/report.json", "{\"schema\": 99}");
    lab.run(&["report", "empty"]).refused(4, &["report schema 99", "newer lamarck"]);
}

#[test]
fn traces_that_stopped_early() {
    let lab = Lab::new();
    analysed(&lab, "");
    let study = ["run", "mine.toml", "--set", "budget.candidates=400", "--replicates", "2", "--out", "trace"];
    lab.run(&[&study[..], &["--pause-after", "150"]].concat()).code(130);
    let note = "note: 2 of 2 runs were interrupted: their candidates so far are analysed";
    lab.run(&["analyze", "trace"]).done().says(&[note, "300 candidates"]);
    lab.run(&["report", "trace"]).done().says(&[note]);
    // Killed before anything was finished: there is a header, and nothing else.
    let mut header = json(&lab, "trace/trace.json");
    header["runs"] = Value::Array(Vec::new());
    header["complete"] = Value::Bool(false);
    fs::create_dir(lab.path("killed")).unwrap();
    lab.write("killed/trace.json", header.to_string());
    for command in ["analyze", "report"] {
        lab.run(&[command, "killed"]).refused(4, &["`killed` has no finished candidates", "--resume"]);
    }
    // A run in which nothing was finished says so, finding by finding.
    header["runs"] = serde_json::json!([{
        "point": 0, "replicate": 0, "status": "interrupted", "candidates": 0, "parts": 0
    }]);
    lab.write("killed/trace.json", header.to_string());
    lab.run(&["analyze", "killed"]).done().says(&["1 run, 0 candidates", "not computed: "]);
}

/// No desktop is there to open anything.
#[test]
fn opened_without_a_browser() {
    let lab = Lab::new();
    analysed(&lab, "");
    run(&lab, "trace", &[]);
    let output = lab.command().args(["report", "trace", "--open"]).env("PATH", "").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(5), "{out}\n{err}");
    assert!(err.starts_with("error: ") && err.contains(" open") && err.contains("trace/report."), "{err}");
    assert!(out.contains("\nstructure: "), "what there is to read is printed first: {out}");
}
