//! Spaces and weight transfer through the real binary: the CANDLE studies, their closed forms and their mistakes.

use crate::lab::Lab;
use serde_json::Value;

/// The runs of a study's `--json` summary.
fn runs(lab: &Lab, arguments: &[&str]) -> Vec<Value> {
    let ended = lab.run(&[&["run", "--json"], arguments].concat());
    let summary: Value = serde_json::from_str(&ended.done().out()).expect("JSON");
    summary["runs"].as_array().expect("runs").clone()
}

#[test]
fn nt3_takes_over_nothing_in_exactly_population_plus_workers_less_one_candidates() {
    let lab = Lab::new();
    let runs = runs(&lab, &["candle-nt3", "--replicates", "3", "--out", "nt3"]);
    assert_eq!(runs.len(), 3);
    for run in runs {
        let transfer = &run["summary"]["transfer"];
        assert_eq!(transfer["without"], 319, "64 + 256 - 1, as published");
        assert_eq!(transfer["transfers"], 1000 - 319);
        assert_eq!(run["summary"]["random_phase"], 319);
        // What is kept by whom: a rule that keeps more never holds less.
        let repository = &transfer["repository"];
        let peak = |rule: usize| repository["rules"][rule]["peak_bytes"].as_u64().expect("a number");
        let (all, reachable, population) = (peak(0), peak(1), peak(2));
        assert!(all > reachable && reachable >= population && population > 0);
        assert_eq!(repository["written_bytes"].as_u64(), Some(all));
        assert!(repository["unshared_bytes"].as_u64() > Some(all));
    }
}

#[test]
fn every_built_in_study_with_transfer_runs_and_says_what_is_synthetic() {
    for (study, synthetic) in [
        ("candle-attn", true),
        ("candle-combo", true),
        ("candle-nt3", true),
        ("candle-uno", true),
        ("nas-bench-201-transfer", false),
    ] {
        let lab = Lab::new();
        let ended =
            lab.run(&["run", study, "--replicates", "1", "--set", "budget.candidates=400", "--out", "out"]);
        let out = ended.done().out();
        assert!(out.contains("donor not parent") && out.contains("reachable"), "{out}");
        assert_eq!(out.contains("synthetic"), synthetic, "{out}");
    }
}

#[test]
fn transfer_is_the_same_on_one_thread_and_two_and_resumed() {
    let lab = Lab::new();
    let study = ["candle-combo", "--replicates", "2", "--set", "budget.candidates=400"];
    for (out, jobs) in [("one", "1"), ("two", "2")] {
        lab.run(&[&["run"], &study[..], &["--jobs", jobs, "--out", out]].concat()).done();
    }
    lab.assert_same("one", "two");
    lab.run(&[&["run"], &study[..], &["--out", "part", "--pause-after", "250"]].concat()).code(130);
    lab.run(&[&["run"], &study[..], &["--out", "part", "--resume"]].concat()).done();
    lab.assert_same("one", "part");
}

#[test]
fn a_published_architecture_is_shown_with_its_parameters() {
    let lab = Lab::new();
    let show = |arguments: &[&str]| lab.run(&[&["spaces", "show"], arguments].concat());
    let out = show(&["candle-attn", "--arch", "18,1,81,0,0,119,1,0,1,364,0,142,0,0,321,1,1,0"]).done().out();
    assert!(out.contains("13,932,677 parameters"), "{out}");
    assert!(out.contains("6212 x "), "{out}");
    let out = show(&["candle-combo", "--set", "size=large"]).done().out();
    assert!(out.contains("298,696,199,245,932,971,884,643,989,199,362,285,948,091,520 vectors"), "{out}");
    let wrong = |arguments: &[&str], words: &[&str]| drop(show(arguments).refused(2, words));
    wrong(&["candle-attn", "--arch", "1,2,3"], &["18 decisions", "3 choices"]);
    wrong(&["candle-uno", "--arch", "0,0,0,0,0,0,0,0,0,0,0,13"], &["choice 13", "out of range"]);
    wrong(&["candle-attn", "--set", "size=huge"], &["size", "\"small\"", "\"large\""]);
    wrong(&["candle-attn", "--set", "features=0"], &["features"]);
}

#[test]
fn a_rule_that_deletes_what_is_needed_ends_the_run_and_says_how_to_go_on() {
    let lab = Lab::new();
    let short = [
        "candle-nt3",
        "--replicates",
        "1",
        "--set",
        "transfer.retention=window",
        "--set",
        "transfer.window=2",
    ];
    let run = |out: &str, more: &[&str]| lab.run(&[&["run"], &short[..], &["--out", out], more].concat());
    let words = ["retention `window`", "transfer.window", "reachable", "transfer.missing = \"train\""];
    run("strict", &["--set", "transfer.donor=parent"]).refused(2, &words);
    lab.run(&["run", "candle-nt3", "--set", "evaluator.plugin=nas-bench-201-table", "--out", "mixed"])
        .refused(2, &["scores the cells of nas-bench-201", "candle-nt3"]);
    run("lenient", &["--set", "transfer.missing=train", "--set", "transfer.donor=parent"]).done();
    run("none", &["--set", "transfer.window=0"]).refused(2, &["transfer.window", "from 1 to", "found 0"]);
}

#[test]
fn what_analyzers_count_from_the_trace_is_what_the_run_counted() {
    let lab = Lab::new();
    let runs = runs(
        &lab,
        &[
            "candle-attn",
            "--replicates",
            "1",
            "--set",
            "budget.candidates=500",
            "--set",
            "transfer.window=60",
            "--set",
            "analyzers=[{plugin='storage'},{plugin='caching'}]",
            "--out",
            "t",
        ],
    );
    let report = std::fs::read(lab.path("t/report-synthetic.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let sections = report["sections"].as_array().expect("sections");
    let finding = |key: &str, point: usize| {
        let mut findings =
            sections.iter().flat_map(|section| section["findings"].as_array().expect("findings"));
        let finding = findings.find(|finding| finding["key"] == key).unwrap_or_else(|| panic!("no `{key}`"));
        finding["values"][point]["value"].as_f64()
    };
    assert_eq!(runs.len(), 3);
    for (point, run) in runs.iter().enumerate() {
        let repository = &run["summary"]["transfer"]["repository"];
        assert_eq!(finding("written-bytes", point), repository["written_bytes"].as_f64());
        assert_eq!(finding("unshared-bytes", point), repository["unshared_bytes"].as_f64());
        for (rule, name) in ["all", "reachable", "population", "window"].into_iter().enumerate() {
            let totals = &repository["rules"][rule];
            assert_eq!(
                finding(&format!("peak-bytes-{name}"), point),
                totals["peak_bytes"].as_f64(),
                "{name}"
            );
            if name != "all" {
                let missed = finding(&format!("missed-layers-{name}"), point);
                assert_eq!(missed, totals["missed"]["layers"].as_f64(), "{name}");
            }
        }
        // The analyzer `caching` finds the same most in its stream of reads, writes and deletions.
        assert_eq!(finding("peak-live-bytes", point), repository["rules"][1]["peak_bytes"].as_f64());
    }
}
