//! `--set` and its kin.

use super::{SHORT, Table, labels, load_with, short_with};
use crate::study::key::{parse, split_assignment};
use crate::study::{Override, Source, Study};
use serde_json::json;

fn json_of(sets: &[&str]) -> serde_json::Value {
    load_with(SHORT, sets).unwrap_or_else(|error| panic!("{error}")).points()[0].settings.to_json()
}

#[test]
fn keys_are_set_anywhere() {
    let json = json_of(&[
        "cluster.workers=64",
        " cluster.failure_rate = 0.5 ",
        "strategy.plugin=random",
        "study.summary=a word that is no TOML = text",
        "mutators.0.no_op=true",
        "mutators.1.plugin=generation-weighted",
        "mutators.1.beta=-1",
        "analyzers.0={plugin = 'lineage', limits = [1, 2]}",
        "evaluator.dataset=\"cifar100\"",
        "trace={write = false}",
    ]);
    assert_eq!((&json["cluster"]["workers"], &json["cluster"]["failure_rate"]), (&json!(64), &json!(0.5)));
    assert_eq!(json["cluster"]["workers_per_node"], 1);
    assert_eq!(json["strategy"], json!({ "plugin": "random" }));
    assert_eq!(json["study"]["summary"], "a word that is no TOML = text");
    assert_eq!(json["mutators"][0], json!({ "plugin": "one-decision", "weight": 1.0, "no_op": true }));
    assert_eq!(json["mutators"][1], json!({ "plugin": "generation-weighted", "weight": 1.0, "beta": -1.0 }));
    assert_eq!(json["analyzers"], json!([{ "plugin": "lineage", "heading": "", "limits": [1, 2] }]));
    assert_eq!(json["evaluator"]["dataset"], "cifar100");
    assert_eq!(json["trace"], json!({ "write": false, "layers": true, "part_rows": 100_000 }));
}

#[test]
fn the_last_one_wins() {
    assert_eq!(json_of(&["study.seed=2", "study.seed=3"])["study"]["seed"], 3);
    let overrides = vec![Override::set("study.seed=2"), Override::seed("5"), Override::replicates(" 4")];
    let study = Study::load(Source::new("study.toml", SHORT), overrides, &Table).unwrap();
    assert_eq!(study.points()[0].settings.study.seed, 5);
    assert_eq!(study.points()[0].settings.study.replicates, 4);
    let flags: Vec<&str> = study.overrides().iter().map(Override::flag).collect();
    assert_eq!(flags, ["--set study.seed=2", "--seed 5", "--replicates  4"]);
    let error = Study::load(Source::new("study.toml", SHORT), vec![Override::seed("x")], &Table).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    in --seed x: study.seed: expected a whole number of at least 0, found "x"
     help: `seed`: the seed of all randomness (default 1)
    "#);
}

#[test]
fn a_swept_key_that_is_set_is_pinned() {
    let sweep = "[sweep]\n\"cluster.workers\" = [1, 2]\n\"strategy.sample\" = [3, 4]\n";
    let study = short_with(sweep, &["cluster.workers=9"]).unwrap();
    assert_eq!(labels(&study), ["strategy.sample=3", "strategy.sample=4"]);
    assert!(study.points().iter().all(|point| point.settings.cluster.workers == 9));
    assert_eq!(labels(&short_with(sweep, &["strategy={}", "cluster.workers=9"]).unwrap()), [""]);
}

#[test]
fn the_sweep_itself_is_set() {
    let sweep = "[sweep]\n\"cluster.workers\" = [1, 2]\n\"strategy.sample\" = [3, 4]\n";
    for key in ["sweep.cluster.workers", "sweep.\"cluster.workers\"", "sweep.'cluster'.workers"] {
        let study = short_with(sweep, &[&format!("{key}=[5]"), "sweep.study.seed=[8,9]"]).unwrap();
        // The axis keeps its rank, and a new one is the fastest.
        assert_eq!(labels(&study).len(), 4, "{key}");
        assert_eq!(labels(&study)[1], "cluster.workers=5, strategy.sample=3, study.seed=9", "{key}");
    }
    assert_eq!(labels(&short_with(sweep, &["sweep={}"]).unwrap()), [""]);
    let study =
        short_with(sweep, &["sweep={cluster.workers=[7], \"strategy.plugin\"=[\"random\"]}"]).unwrap();
    assert_eq!(labels(&study), ["cluster.workers=7, strategy.plugin=random"]);
}

#[test]
fn dotted_keys() {
    let ok = |text: &str| parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(ok("a.b"), ["a", "b"]);
    assert_eq!(ok(" a . 'b.c' . \"d\" "), ["a", "b.c", "d"]);
    for wrong in ["", ".", "a.", ".a", "a..b", "'a", "'a'b", "''", &"a.".repeat(40)] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(split_assignment("a = b = c"), Some(("a", "b = c")));
    assert_eq!(split_assignment("'a=b'=c"), Some(("'a=b'", "c")));
    assert_eq!(split_assignment("'a=b"), None);
}
