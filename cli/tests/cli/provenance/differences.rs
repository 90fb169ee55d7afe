//! `lamarck trace diff` on pairs of studies that differ in one thing.

use crate::lab::{Ended, Lab};

/// A study with noise in its scores, where every cause can be switched on.
const STUDY: &str = r#"
study.name = "pair"
study.replicates = 2
space.plugin = "nas-bench-201"
evaluator.plugin = "synthetic"
evaluator.noise = 0.01
strategy.plugin = "regularized-evolution"
strategy.population = 50
strategy.sample = 10
scheduler.lookahead = 4
cluster.workers = 8
cluster.workers_per_node = 2
budget.candidates = 300
trace.layers = false
"#;

struct Pair(Lab);

impl Pair {
    fn new() -> Self {
        let lab = Lab::new();
        lab.write("pair.toml", STUDY);
        lab.run(&["run", "pair.toml", "--quiet", "--out", "a"]).done();
        Self(lab)
    }

    /// The same study with these changes, compared with the one without.
    fn with(&self, name: &str, changes: &[&str]) -> Ended {
        let mut arguments = vec!["run", "pair.toml", "--quiet", "--out", name];
        for change in changes {
            arguments.extend(["--set", change]);
        }
        self.0.run(&arguments).done();
        self.0.run(&["trace", "diff", "a", name]).code(1)
    }
}

#[test]
fn one_change_at_a_time() {
    let pair = Pair::new();
    pair.with("seed", &["study.seed=2"]).says(&[
        "seed: 1 | 2\n",
        "point 0, replicate 0: the runs part before the first candidate finished",
        "at 0 s, candidate 0 was drawn at random in both, as [",
        "points to: a random stream; in the headers, seed may be behind it",
        "afterwards: of 300 candidates that both have, 300 (100 %) differ",
    ]);
    // The random phase is the same: a tournament begins when the population is full.
    let sample = pair.with("sample", &["strategy.sample=25"]);
    let out = sample.out();
    sample.says(&[
        "strategy.sample: 10 | 25\n",
        "was mutated from ",
        "both parents were in both populations, so selection differed: rank ",
        "points to: selection; in the headers, strategy.sample may be behind it",
    ]);
    // It shows in a row long after it happened: what had been asked for by then finished first.
    let words = " candidates to finish are the same, until 11.878679 s, but the runs had parted before: at 10.376516 s, ";
    assert!(out.contains(words), "{out}");
    pair.with("population", &["strategy.population=60"]).says(&[
        "strategy.population: 50 | 60\n",
        "was mutated from ",
        "drawn at random",
        "points to: what the strategy asks for; in the headers, strategy.population may be behind it",
    ]);
    pair.with("mutator", &["mutators.0.plugin=node-first"]).says(&[
        "mutators.0.plugin: \"one-decision\" | \"node-first\"",
        "in both, ",
        "points to: mutation; in the headers, ",
        "mutator node-first",
    ]);
    pair.with("noise", &["evaluator.noise=0.02"]).says(&[
        "evaluator.noise: 0.01 | 0.02\n",
        ", the same vector in both, scored ",
        "points to: the score; in the headers, evaluator.noise may be behind it",
    ]);
    pair.with("speed", &["evaluator.speed=2.0"]).says(&[
        ", the same vector in both, trained for ",
        "points to: the duration of training; in the headers, evaluator.speed",
    ]);
    pair.with("fail", &["evaluator.fail=0.2"]).says(&[
        "ended as ok in one and as failed in the other",
        "points to: a failure; in the headers, evaluator.fail may be behind it",
    ]);
    pair.with("workers", &["cluster.workers=16"]).says(&[
        "cluster.workers: 8 | 16\n",
        // Eight workers and a look-ahead of four: the thirteenth is the first that only sixteen ask for at once.
        "at 0 s, candidate 12 was asked for at 1.473707 s in one and at 0 s in the other",
        "points to: placement by scheduler and cluster; in the headers, cluster.workers",
    ]);
    pair.with("scheduler", &["scheduler.plugin=longest-first"]).says(&[
        "scheduler.plugin: \"fifo\" | \"longest-first\"",
        "was taken at 0 s by worker ",
        "points to: placement by scheduler and cluster; in the headers, scheduler.patience, scheduler.plugin, scheduler fifo, ",
    ]);
    pair.with("lost", &["cluster.failure_rate=0.2", "cluster.retries=3"]).says(&[
        "cluster.failure_rate: 0.0 | 0.2\n",
        ", 0 attempts were lost in one and ",
        "points to: a failure; in the headers, cluster.failure_rate, cluster.retries may be behind it",
    ]);
    pair.with("budget", &["budget.candidates=200"]).says(&[
        "budget.candidates: 300 | 200\n",
        "the first trace goes on with candidate 200, and the second has no such candidate",
        "points to: the budget; in the headers, budget.candidates may be behind it",
        "100 candidates are only in the first",
    ]);
}

#[test]
fn points_are_matched_by_their_labels() {
    let pair = Pair::new();
    let lab = &pair.0;
    let run = |name: &str, workers: &str| {
        let sweep = format!("sweep.cluster.workers={workers}");
        lab.run(&["run", "pair.toml", "--quiet", "--set", &sweep, "--out", name]).done();
    };
    run("two", "[4, 8]");
    run("three", "[2, 8, 4]");
    let diff = lab.run(&["trace", "diff", "two", "three"]).code(1);
    diff.says(&[
        "point: absent | 0: cluster.workers=2\n",
        "the runs that both have do not differ; runs: 4, candidates: 1200",
    ]);
    // The same without a sweep: then the number decides.
    lab.run(&["trace", "diff", "a", "two"])
        .code(1)
        .says(&["cluster.workers: 8 | 4", "point: absent | 1: cluster.workers=8"]);
    let more = lab.run(&["run", "pair.toml", "--quiet", "--replicates", "3", "--out", "more"]).done();
    drop(more);
    lab.run(&["trace", "diff", "a", "more"])
        .code(1)
        .says(&["replicates: 2 | 3\n", "point 0, replicate 2: the first trace does not have it"]);
}

#[test]
fn as_json() {
    let pair = Pair::new();
    pair.with("sample", &["strategy.sample=25"]);
    let json = pair.0.run(&["trace", "diff", "a", "sample", "--json"]).code(1).out();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["header"][0]["aspect"], "settings");
    assert_eq!(json["header"][0]["field"], "strategy.sample");
    let event = &json["runs"][0]["event"];
    assert_eq!((&event["cause"], &event["event"]), (&"selection".into(), &"submitted".into()));
    assert_eq!(event["headers"], serde_json::json!(["strategy.sample"]));
    assert_eq!(json["runs"][0]["spread"]["only_a"], 0);
    let same = pair.0.run(&["trace", "diff", "a", "a", "--json"]).done().out();
    let same: serde_json::Value = serde_json::from_str(&same).expect("JSON");
    assert_eq!((&same["runs"], &same["equal_candidates"]), (&serde_json::json!([]), &600.into()));
}

#[test]
fn a_newer_schema_is_said() {
    let pair = Pair::new();
    super::copy(&pair.0, "a", "newer");
    super::edit(&pair.0, "newer", |header| header["schema"] = 99.into());
    pair.0.run(&["trace", "diff", "a", "newer"]).refused(4, &["schema 99", "use a newer lamarck"]);
    super::copy(&pair.0, "a", "older");
    super::edit(&pair.0, "older", |header| header["schema"] = 0.into());
    pair.0.run(&["trace", "diff", "a", "older"]).code(1).says(&["trace schema: 1 | 0\n", "do not differ"]);
}
