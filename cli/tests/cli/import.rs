//! `lamarck import`, and what the other commands make of an imported trace.

use crate::lab::Lab;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use lamarck_model::{CandidateRecord, Nullable};
use lamarck_runtime::trace::{RunKey, Trace};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/deephyper");

/// A synthetic result file of DeepHyper 0.5, made for the tests: twelve evaluations of which the later descend from the
/// first.
fn results() -> String {
    let mut text = "p:arch_seq,objective,job_id,m:timestamp_submit,m:timestamp_gather\n".to_owned();
    for i in 0..12 {
        let (a, b) = (i % 3, i % 2);
        // Writing to a String does not fail.
        let _ = writeln!(text, "\"[{a}, {b}, 4]\",0.{:02},{i},{i},{}", i + 10, i + 2);
    }
    text
}

fn json(lab: &Lab, arguments: &[&str]) -> Value {
    let out = lab.run(&[arguments, &["--json"]].concat()).done().out();
    serde_json::from_str(&out).expect("JSON")
}

/// The rows of a run, in the order of completion.
fn records(lab: &Lab, trace: &str) -> Vec<CandidateRecord> {
    let trace = Trace::open(&lab.path(trace)).expect("a trace");
    trace.head(RunKey::default(), usize::MAX).expect("rows")
}

/// `parents.parquet`: for each child those that may be its parent, with their probabilities.
fn possible(path: &Path) -> BTreeMap<u64, Vec<(u64, f64)>> {
    let file = File::open(path).expect("the file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("a reader");
    let mut found: BTreeMap<u64, Vec<(u64, f64)>> = BTreeMap::new();
    for batch in reader {
        let batch = batch.expect("a batch");
        let whole =
            |name: &str| batch.column_by_name(name).expect("a column").as_primitive::<Int64Type>().clone();
        let (children, parents) = (whole("candidate"), whole("parent"));
        let chances = batch.column_by_name("probability").expect("a column").as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let id = |number: i64| u64::try_from(number).expect("an id");
            found
                .entry(id(children.value(row)))
                .or_default()
                .push((id(parents.value(row)), chances.value(row)));
        }
    }
    found
}

/// Whether the logs are there; says so if not.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn real_logs() -> bool {
    let there = Path::new(DATA).is_dir();
    if !there {
        eprintln!("skipped: `{DATA}` is missing");
    }
    there
}

#[test]
fn real_logs_become_traces_and_full_reports() {
    if !real_logs() {
        return;
    }
    let lab = Lab::new();
    for (name, rows, explained) in [
        ("aging-evolution-esol", 873, 0.94),
        ("aging-evolution-freesolv", 1193, 0.94),
        ("aging-evolution-qm7", 1040, 0.94),
        ("nt3-ppo", 6350, 0.0),
    ] {
        let log = format!("{DATA}/{name}.json");
        let import = ["import", "deephyper", &log, "--infer-parents", "--out"];
        let wide = json(
            &lab,
            &[&import[..], &["wide", "--overwrite", "--population", "400", "--workers", "0"]].concat(),
        );
        let after = &wide["runs"][0]["parents"]["after"];
        let count = |key: &str| after[key].as_f64().expect("a count");
        let share = count("explained") / count("candidates");
        assert!(share >= explained && (explained > 0.0 || share == 0.0), "{name}: {share}");
        assert_eq!(wide["runs"][0]["evaluations"], rows);

        lab.run(&[&import[..], &[name]].concat()).done().says(&[
            "next: lamarck analyze",
            "random",
            "by chance",
        ]);
        let plain = format!("{name}-plain");
        lab.run(&["import", "deephyper", &log, "--out", &plain])
            .done()
            .says(&["do not say who was whose parent"]);
        // The three logs of aging evolution are alike without parents.
        let traces = if name.ends_with("esol") || name == "nt3-ppo" { &[name, &plain][..] } else { &[name] };
        for trace in traces {
            let report = format!("{trace}-report");
            let told = lab.run(&["analyze", trace, "--out", &report]).done().says(&[
                "caching:",
                "distributed:",
                "lineage:",
                "popularity:",
                "storage:",
                "structure:",
                "an imported trace has none",
                "decisions in which two members of the last population differ",
            ]);
            for odd in ["NaN", "inf ", "null"] {
                assert!(!told.out().contains(odd), "{trace}: {odd} in\n{}", told.out());
            }
            // Ids of these are the order of completion, of which Kendall's tau would be 1.
            assert!(
                !told.out().contains(
                    "Kendall's tau of the order of finishing against that of submission          1"
                )
            );
            let page = fs::read_to_string(lab.path(&report).join("report.html")).expect("a page");
            assert!(page.contains("<!DOCTYPE html>") && page.contains(name));
            lab.run(&["report", trace]).done().says(&["report.html"]);
            lab.run(&["trace", "info", trace]).done().says(&[
                "imported: deephyper log (JSON)",
                "complete",
                "xxh3:",
            ]);
            lab.run(&["export", "lineage", trace, "--format", "newick"]).done();
        }
    }
}

#[test]
fn a_search_whose_parents_are_known_is_found_again() {
    let lab = Lab::new();
    let sets =
        ["budget.candidates=1500", "cluster.workers=8", "strategy.population=50", "strategy.sample=10"];
    let mut words = vec!["run", "nas-bench-201", "--out", "truth", "--replicates", "1", "--quiet"];
    words.extend(sets.iter().flat_map(|set| ["--set", set]));
    lab.run(&words).done();
    let truth = records(&lab, "truth");
    assert_eq!(truth.len(), 1500);
    let mut known = "p:arch_seq,objective,job_id,m:timestamp_submit,m:timestamp_gather\n".to_owned();
    let mut ends = "arch_seq,id,objective,elapsed_sec\n".to_owned();
    for row in &truth {
        let vector: Vec<String> = row.choices.iter().map(ToString::to_string).collect();
        let vector = vector.join(", ");
        let score = row.score.known().map_or_else(|| "F".to_owned(), |score| score.to_string());
        let seconds = |us: u64| format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
        let (submitted, ended) = (seconds(row.submitted_us), seconds(row.finished_us));
        let _ = writeln!(known, "\"[{vector}]\",{score},{},{submitted},{ended}", row.id);
        let _ = writeln!(ends, "\"[{vector}]\",{},{score},{ended}", row.id);
    }
    lab.write("known.csv", known);
    lab.write("ends.csv", ends);
    let place_of = |rows: &[CandidateRecord]| -> BTreeMap<u64, usize> {
        rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect()
    };
    let true_place = place_of(&truth);
    for (file, workers, least) in [("known.csv", "0", 1.0), ("ends.csv", "8", 0.97)] {
        let out = file.trim_end_matches(".csv");
        let words = [
            "import",
            "deephyper",
            file,
            "--out",
            out,
            "--infer-parents",
            "--population",
            "50",
            "--sample",
            "10",
        ];
        let summary = json(&lab, &[&words[..], &["--workers", workers, "--random-phase", "57"]].concat());
        assert_eq!(summary["runs"][0]["parents"]["random_phase"], 57);
        let found = records(&lab, out);
        let place = place_of(&found);
        let possible = possible(&lab.path(out).join("parents.parquet"));
        let (mut children, mut among, mut right, mut expected) = (0.0, 0.0, 0.0, 0.0);
        for (row, (true_row, found_row)) in truth.iter().zip(&found).enumerate() {
            assert_eq!(
                true_row.finished_us - truth[0].finished_us,
                found_row.finished_us - found[0].finished_us
            );
            let Some(parent) = true_row.parent.known().filter(|_| row >= 57) else { continue };
            children += 1.0;
            let parents = possible.get(&found_row.id).map_or(&[][..], Vec::as_slice);
            let is_true = |id: u64| place[&id] == true_place[&parent];
            among += f64::from(u8::from(parents.iter().any(|(id, _)| is_true(*id))));
            right += f64::from(u8::from(found_row.parent.known().is_some_and(is_true)));
            expected += parents.iter().map(|(_, chance)| *chance).fold(0.0, f64::max);
            let sum: f64 = parents.iter().map(|(_, chance)| chance).sum();
            assert!(parents.is_empty() || (sum - 1.0).abs() < 1e-9, "{sum}");
        }
        assert!(children > 1400.0);
        assert!(among / children >= least, "{file}: {among} of {children} are among the possible");
        // The probabilities are those of the rank alone, and hold within some points.
        let (right, expected) = (right / children, expected / children);
        assert!((right - expected).abs() < 0.04, "{file}: {right} are right, {expected} were to be expected");
    }
}

#[test]
fn files_are_replicates_or_points() {
    let lab = Lab::new();
    lab.write("a.csv", results());
    lab.write("b.csv", results().replace(", 4]", ", 9]"));
    lab.write("c.csv", results().replace(", 4]", "]"));
    let summary =
        json(&lab, &["import", "deephyper", "a.csv", "b.csv", "c.csv", "-o", "trace", "--name", "three"]);
    let keys: Vec<_> =
        summary["runs"].as_array().unwrap().iter().map(|r| (&r["point"], &r["replicate"])).collect();
    assert_eq!(keys, [(&0.into(), &0.into()), (&0.into(), &1.into()), (&1.into(), &0.into())]);
    let info = json(&lab, &["trace", "info", "trace"]);
    assert_eq!((&info["name"], &info["complete"]), (&"three".into(), &true.into()));
    assert_eq!(info["spaces"][0]["decisions"][2]["options"], serde_json::json!(["4", "9"]));
    assert_eq!(info["points"][0]["study"]["import"]["runs"], serde_json::json!(["a", "b"]));
    lab.run(&["trace", "head", "trace", "--replicate", "1", "-n", "2"])
        .done()
        .says(&["0,0,1", "1000000", "import"]);
    lab.run(&["analyze", "trace"]).done().says(&["a and 1 more", "c"]);
}

#[test]
fn what_is_known_of_times_and_parents_is_in_the_rows() {
    let lab = Lab::new();
    lab.write("results.csv", results());
    lab.run(&[
        "import",
        "deephyper",
        "results.csv",
        "-o",
        "t",
        "--infer-parents",
        "--population",
        "3",
        "--minimize",
    ])
    .done()
    .says(&["submitted, finished", "their sign is turned", "parents within 1 decision, population 3"]);
    let rows = records(&lab, "t");
    // Two seconds after its submission each ends: at that of the fifth, the third has just ended.
    let fifth = &rows[4];
    assert_eq!((fifth.id, fifth.submitted_us, fifth.finished_us), (4, 4_000_000, 6_000_000));
    assert_eq!(fifth.score.to_string(), "-0.14");
    let third = &rows[2];
    assert_eq!((&fifth.choices, &third.choices), (&vec![1, 0, 0], &vec![2, 0, 0]));
    // The first three are the population: the vectors 0,0 and 1,1 and 2,0 are all one decision away from 1,0, and of
    // scores that are minimised the first is the best.
    assert_eq!((fifth.parent, fifth.parent_rank, fifth.parent_age), (0, 1, 2));
    assert_eq!((fifth.changed, fifth.changed_decision, fifth.changed_from, fifth.changed_to), (1, 0, 0, 1));
}

#[test]
fn nothing_is_half_written() {
    let lab = Lab::new();
    let good = results();
    let line = good.lines().nth(5).expect("a line");
    let bad: [(&str, Vec<u8>, &[&str]); 12] = [
        ("cut.csv", good.as_bytes()[..good.len() - 14].to_vec(), &["line 13", "cut off"]),
        ("empty.csv", Vec::new(), &["it is empty"]),
        ("header.csv", good.lines().next().expect("a header").into(), &["holds no evaluation"]),
        (
            "mixed.csv",
            format!("{good}arch_seq,objective,id,elapsed_sec,duration\n").into(),
            &["line 14", "a header stands"],
        ),
        ("utf16.csv", good.encode_utf16().flat_map(u16::to_le_bytes).collect(), &["UTF-16"]),
        (
            "latin1.csv",
            good.replace("0.15", "0.15\u{e9}").chars().map(|c| c as u8).collect(),
            &["line 7", "not UTF-8"],
        ),
        (
            "width.csv",
            good.replacen("[1, 1, 4]", "[1, 1]", 1).into(),
            &["line 3", "`p:arch_seq`", "2 entries"],
        ),
        (
            "nan.csv",
            good.replacen("\"[2, 0, 4]\"", "\"[2, nan, 4]\"", 1).into(),
            &["line 4", "`nan`, no number"],
        ),
        (
            "back.csv",
            good.replace(line, "\"[1, 0, 4]\",0.14,4,9,6").into(),
            &["line 6", "`m:timestamp_gather`", "3 s before"],
        ),
        (
            "huge.csv",
            good.replace(line, "\"[1, 0, 4]\",0.14,4,1e300,6").into(),
            &["line 6", "`m:timestamp_submit`", "1e300"],
        ),
        ("score.csv", good.replacen("0.12", "good", 1).into(), &["line 4", "`objective`", "found `good`"]),
        ("other.csv", b"a,b,objective\n1,2,3\n".to_vec(), &["no log of deephyper", "`csv` and a mapping"]),
    ];
    for (name, bytes, words) in &bad {
        lab.write(name, bytes);
        lab.run(&["import", "deephyper", name, "--out", "trace"]).refused(4, words);
        assert!(!lab.path("trace").exists(), "{name}");
    }
    lab.write("good.csv", &good);
    lab.run(&["import", "deephyper", "good.csv", "back.csv", "--out", "trace"])
        .refused(4, &["back.csv", "line 6"]);
    lab.run(&["import", "deephyper", "good.csv", "gone.csv", "--out", "trace"])
        .refused(4, &["cannot read `gone.csv`"]);
    let left: Vec<_> = fs::read_dir(lab.path(""))
        .expect("the lab")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(
        left.iter().all(|name| name == "data-home" || name.to_string_lossy().ends_with(".csv")),
        "{left:?}"
    );
}

#[test]
fn a_trace_is_replaced_only_if_asked_and_only_by_a_whole_one() {
    let lab = Lab::new();
    lab.write("a.csv", results());
    lab.write("bad.csv", "arch_seq,objective\n\"[1]\",good\n");
    let import =
        |file: &str, more: &[&str]| lab.run(&[&["import", "deephyper", file, "-o", "trace"], more].concat());
    import("a.csv", &["--infer-parents"]).done();
    lab.run(&["report", "trace"]).done();
    lab.write("trace/mine.txt", "notes");
    let before = lab.tree("trace");
    import("a.csv", &[]).refused(2, &["`trace` is not empty", "--overwrite"]);
    import("bad.csv", &["--overwrite"]).refused(4, &["line 2", "`objective`"]);
    assert_eq!(lab.tree("trace"), before);
    import("a.csv", &["--overwrite"]).done();
    let after: Vec<String> = lab.tree("trace").keys().map(|path| path.display().to_string()).collect();
    assert_eq!(after, ["candidates/point-0000-replicate-0000-part-00000.parquet", "mine.txt", "trace.json"]);
    fs::create_dir(lab.path("other")).expect("a folder");
    lab.write("other/mine.txt", "notes");
    lab.run(&["import", "deephyper", "a.csv", "-o", "other", "--overwrite"]).refused(2, &["holds no trace"]);
    lab.run(&["import", "deephyper", "a.csv", "-o", "a.csv"]).refused(2, &["no folder"]);
    lab.run(&["import", "deephyper", "a.csv", "-o", ".."]).refused(2, &["expected the name"]);
    // The same files give the same bytes.
    lab.run(&["import", "deephyper", "a.csv", "-o", "once", "--infer-parents"]).done();
    lab.run(&["import", "deephyper", "a.csv", "-o", "twice", "--infer-parents"]).done();
    lab.assert_same("once", "twice");
    lab.run(&["trace", "diff", "once", "twice"]).done().says(&["no difference"]);
    lab.run(&["replay", "once"]).refused(2, &["was imported", "the search space"]);
}

#[test]
fn mistakes_on_the_command_line_are_named() {
    let lab = Lab::new();
    lab.write("a.csv", results());
    let import = |more: &[&str]| lab.run(&[&["import", "deephyper", "a.csv", "-o", "trace"], more].concat());
    import(&["--failure-value", "worst"]).refused(2, &["--failure-value worst", "a number, or `none`"]);
    import(&["--distance", "2"]).refused(2, &["--infer-parents"]);
    import(&["--minimize", "--maximize"]).refused(2, &["cannot be used with"]);
    import(&["--objective", "loss"]).refused(4, &["no column `loss`", "`objective`"]);
    lab.run(&["import", "csv", "a.csv", "-o", "trace"]).refused(2, &["--mapping"]);
    lab.run(&["import", "deepyhper", "a.csv", "-o", "trace"]).refused(2, &["deephyper"]);
    import(&["--failure-value", "0.12", "--failure-value", "-3"]).done().says(&["11 ok, 1 failed"]);
}
