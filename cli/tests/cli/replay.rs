//! `lamarck replay`, and studies whose points play the same candidates.

use crate::lab::Lab;
use serde_json::Value;
use std::path::Path;

/// A cluster on which everything takes time and much goes wrong. ATTN's models have about 90 MB.
const EVENTFUL: [&str; 9] = [
    "cluster.workers=12",
    "cluster.workers_per_node=4",
    "cluster.failure_rate=0.1",
    "cluster.retries=2",
    "cluster.restart_s=20",
    "cluster.speed_spread=0.2",
    "cluster.walltime_hours=0.2",
    "cluster.node_cache_gib=0.5",
    "cluster.repository_gb_s=0.4",
];

/// Searches, and returns the words that did it.
fn search(lab: &Lab, study: &str, sets: &[&str]) {
    let mut words = vec!["run", study, "--out", "trace", "--replicates", "2", "--quiet"];
    words.extend(["--set", "budget.candidates=300"]);
    words.extend(sets.iter().flat_map(|set| ["--set", set]));
    lab.run(&words).done();
}

/// The tables of a trace, byte by byte.
fn tables(lab: &Lab, name: &str) -> Vec<(String, Vec<u8>)> {
    let of_table = |path: &Path| path.starts_with("candidates") || path.starts_with("layers");
    let files = lab.tree(name).into_iter().filter(|(path, _)| of_table(path));
    let files: Vec<_> = files.map(|(path, bytes)| (path.display().to_string(), bytes)).collect();
    assert!(files.len() >= 4, "two replicates have two tables");
    files
}

fn runs(lab: &Lab, arguments: &[&str]) -> Vec<Value> {
    let ended = lab.run(&[arguments, &["--json"]].concat());
    let summary: Value = serde_json::from_str(&ended.done().out()).expect("JSON");
    summary["runs"].as_array().expect("runs").clone()
}

#[test]
fn a_replay_under_the_same_settings_is_the_trace_byte_for_byte() {
    for (study, more) in [
        ("nas-bench-201", &[][..]),
        ("candle-attn", &["cluster.workers=7", "transfer.donor=parent"]),
        ("candle-attn", &EVENTFUL),
        (
            "candle-attn",
            &[
                "cluster.workers=16",
                "cluster.workers_per_node=4",
                "scheduler.plugin=donor-locality",
                "scheduler.lookahead=8",
                "cluster.node_cache_gib=0.3",
            ],
        ),
        (
            "candle-nt3",
            &["budget.virtual_hours=0.05", "cluster.workers=20", "cluster.repository_latency_ms=40"],
        ),
    ] {
        let lab = Lab::new();
        search(&lab, study, more);
        lab.run(&["replay", "trace", "--out", "again", "--quiet"]).done();
        assert!(tables(&lab, "trace") == tables(&lab, "again"), "{study} {more:?}");
        let header: Value =
            serde_json::from_slice(&lab.tree("again")[Path::new("trace.json")]).expect("JSON");
        assert_eq!(header["replay_of"], study);
        // What was resumed is what was run at once, under the same settings.
        let mut words = vec!["run", study, "--out", "part", "--replicates", "2", "--quiet"];
        words.extend(["--set", "budget.candidates=300"]);
        words.extend(more.iter().flat_map(|set| ["--set", set]));
        lab.run(&[&words[..], &["--pause-after", "150"]].concat()).code(130);
        lab.run(&[&words[..], &["--resume"]].concat()).done();
        lab.assert_same("trace", "part");
    }
}

#[test]
fn schedulers_and_caches_are_compared_on_the_same_candidates() {
    let lab = Lab::new();
    search(&lab, "candle-attn", &["cluster.workers=16", "cluster.workers_per_node=4"]);
    let arguments = [
        "replay",
        "trace",
        "--out",
        "out",
        "--lookahead",
        "16",
        "--scheduler",
        "fifo",
        "--scheduler",
        "donor-locality:patience=50",
        "--cache",
        "0",
        "--cache",
        "s3-fifo=0.25",
        "--set",
        "cluster.repository_gb_s=0.2",
    ];
    let runs = runs(&lab, &arguments);
    let labels: Vec<_> = runs.iter().step_by(2).map(|run| run["label"].as_str().expect("text")).collect();
    assert_eq!(
        labels,
        [
            "fifo + no cache",
            "fifo + s3-fifo 0.25 GiB",
            "\"donor-locality:patience=50 + no cache\"",
            "\"donor-locality:patience=50 + s3-fifo 0.25 GiB\"",
        ]
    );
    let of =
        |point: usize, key: &str| runs[2 * point]["summary"]["transfer"][key].as_u64().expect("a number");
    for point in 0..4 {
        let best = &runs[2 * point]["summary"]["best"];
        assert_eq!(
            (&best["candidate"], &best["score"]),
            (&runs[0]["summary"]["best"]["candidate"], &runs[0]["summary"]["best"]["score"],)
        );
        assert_eq!(of(point, "prefix_bytes"), of(0, "prefix_bytes"));
        assert_eq!(of(point, "cached_bytes") > 0, point % 2 == 1);
    }
    // Without caches there is nothing to be near to.
    assert_eq!(of(0, "transfer_us"), of(2, "transfer_us"));
    assert!(of(3, "cached_bytes") > of(1, "cached_bytes"));
    assert!(of(3, "transfer_us") < of(1, "transfer_us"));
}

#[test]
fn a_study_may_play_the_first_points_candidates() {
    let lab = Lab::new();
    let words = |out: &'static str| {
        let mut words = vec!["run", "candle-attn", "--out", out, "--replicates", "2"];
        for set in [
            "study.replay=true",
            "budget.candidates=300",
            "cluster.workers=16",
            "sweep.\"scheduler.plugin\"=['fifo', 'longest-first']",
            "sweep.\"transfer.donor\"=['parent', 'best-match']",
            "sweep.\"scheduler.lookahead\"=[0, 16]",
        ] {
            words.extend(["--set", set]);
        }
        words
    };
    let runs = runs(&lab, &words("out"));
    assert_eq!(runs.len(), 2 * 8);
    let mut of_donor: [Vec<&Value>; 2] = [Vec::new(), Vec::new()];
    for run in &runs {
        let best_match = run["label"].as_str().expect("text").contains("best-match");
        of_donor[usize::from(best_match)].push(run);
    }
    for group in of_donor {
        for replicate in 0..2 {
            let of: Vec<_> = group.iter().filter(|run| run["replicate"] == replicate).collect();
            assert_eq!(of.len(), 4);
            for run in &of {
                let (now, first) = (&run["summary"], &of[0]["summary"]);
                assert_eq!(now["best"], first["best"]);
                assert_eq!(now["transfer"]["prefix_bytes"], first["transfer"]["prefix_bytes"]);
            }
            assert!(of.iter().any(|run| run["summary"]["virtual_us"] != of[0]["summary"]["virtual_us"]));
        }
    }
    lab.run(&[&words("one")[..], &["--jobs", "1", "--quiet"]].concat()).done();
    lab.assert_same("out", "one");
}

#[test]
fn what_would_make_other_candidates_is_refused() {
    let lab = Lab::new();
    search(&lab, "candle-attn", &["sweep.\"cluster.workers\"=[4, 8]"]);
    let refused = |arguments: &[&str], says: &str| {
        let ended = lab.run(&[&["replay", "trace", "--out", "no"], arguments].concat());
        let err = ended.code(2).err();
        assert!(err.contains(says), "{err}");
        assert!(!lab.path("no").exists());
    };
    refused(
        &[],
        "the trace has several points; say which with --point\n 0: cluster.workers=4\n 1: cluster.workers=8",
    );
    refused(&["--point", "2"], "there is no point 2");
    refused(&["--point", "0", "--set", "strategy.sample=3"], "`strategy.sample` was 5 and would be 3");
    refused(&["--point", "0", "--set", "transfer.donor=none"], "`transfer.donor`");
    refused(&["--point", "0", "--replicates", "3"], "the trace has 2 replicates, and 3 are asked for");
    refused(&["--point", "0", "--scheduler", "fifi"], "fifi");
    refused(&["--point", "0", "--scheduler", "locality-wait:wait"], "expected NAME or NAME:KEY=VALUE");
    refused(&["--point", "0", "--cache", "lots"], "--cache lots: expected GiB or POLICY=GiB");
    refused(&["--point", "0", "--cache", "belady=1"], "needs to know the future");
    refused(&["--point", "0", "--cache", "lru=-1"], "cluster.node_cache_gib");
}

#[test]
fn an_unfinished_trace_is_not_replayed() {
    let lab = Lab::new();
    lab.run(&["run", "candle-attn", "--out", "trace", "--set", "cluster.workers=4", "--pause-after", "100"])
        .code(130);
    let ended = lab.run(&["replay", "trace", "--out", "no"]);
    assert!(ended.code(2).err().contains("finish it first with `lamarck run --resume`"));
}

#[test]
fn a_cache_policy_that_needs_to_know_the_selection_says_so() {
    let lab = Lab::new();
    let ended = lab.run(&[
        "run",
        "candle-attn",
        "--out",
        "no",
        "--set",
        "strategy={plugin='random'}",
        "--set",
        "cluster.node_cache_gib=1",
        "--set",
        "cluster.node_cache_policy=next-donor",
    ]);
    let err = ended.code(2).err();
    assert!(err.contains("policy `next-donor` needs to know how parents are drawn"), "{err}");
    assert!(!lab.path("no").exists());
}
