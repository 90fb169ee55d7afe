//! Defaults, types, and the resolved form.

use super::{SHORT, Table, load_with, short_with};
use crate::study::{Donor, RunKey, SECTIONS, Source, Study, plan};
use insta::assert_snapshot;
use lamarck_model::options::{OptionInfo, OptionType};
use serde_json::json;

#[test]
fn the_short_study_gets_every_default() {
    let study = load_with(SHORT, &[]).unwrap();
    let [point] = study.points() else { panic!("one point") };
    assert_eq!((point.index, point.label.as_str()), (0, ""));
    let settings = &point.settings;
    assert_eq!((settings.study.seed, settings.study.replicates), (1, 1));
    assert_eq!(settings.transfer.donor, Donor::None);
    assert_eq!((settings.budget.candidates, settings.budget.virtual_hours), (Some(1000), None));
    assert_eq!(settings.mutators.len(), 1);
    assert_eq!(settings.evaluator.options["noise"], json!(0.0));
    assert_eq!(plan(&study), [RunKey { point: 0, replicate: 0 }]);
    assert_snapshot!(settings.to_toml(), @r#"
    [study]
    name = "study"
    seed = 1
    replicates = 1
    summary = ""
    replay = false

    [plugins]
    path = []

    [space]
    plugin = "nas-bench-201"

    [evaluator]
    plugin = "nas-bench-201-table"
    dataset = "cifar10"
    noise = 0.0
    seed = "mean"

    [strategy]
    plugin = "regularized-evolution"
    population = 100
    sample = 10

    [[mutators]]
    plugin = "one-decision"
    weight = 1.0
    no_op = false

    [scheduler]
    plugin = "fifo"
    lookahead = 0

    [cluster]
    workers = 1
    workers_per_node = 1
    failure_rate = 0.0
    retries = 0
    restart_s = 0.0
    speed_spread = 0.0
    requeue_s = 0.0
    node_cache_gib = 0.0
    node_cache_policy = "lru"
    repository_latency_ms = 0.0
    repository_gb_s = 0.0
    link_gb_s = 0.0

    [transfer]
    donor = "none"
    retention = "all"
    window = 1000
    missing = "error"
    level = ""

    [budget]
    candidates = 1000

    [trace]
    write = true
    layers = true
    part_rows = 100000
    "#);
    assert_eq!(
        settings.to_json(),
        json!({
            "study": { "name": "study", "seed": 1, "replicates": 1, "summary": "", "replay": false },
            "plugins": { "path": [] },
            "space": { "plugin": "nas-bench-201" },
            "evaluator": {
                "plugin": "nas-bench-201-table",
                "dataset": "cifar10",
                "seed": "mean",
                "noise": 0.0,
                "limit": null,
            },
            "strategy": { "plugin": "regularized-evolution", "population": 100, "sample": 10 },
            "mutators": [{ "plugin": "one-decision", "weight": 1.0, "no_op": false }],
            "scheduler": { "plugin": "fifo", "lookahead": 0 },
            "cluster": {
                "workers": 1, "workers_per_node": 1, "failure_rate": 0.0, "retries": 0, "restart_s": 0.0,
                "speed_spread": 0.0, "walltime_hours": null, "requeue_s": 0.0, "node_cache_gib": 0.0,
                "node_cache_policy": "lru", "repository_latency_ms": 0.0, "repository_gb_s": 0.0, "link_gb_s": 0.0,
            },
            "transfer": { "donor": "none", "retention": "all", "window": 1000, "missing": "error", "level": "" },
            "budget": { "candidates": 1000, "virtual_hours": null },
            "trace": { "write": true, "layers": true, "part_rows": 100_000 },
            "analyzers": [],
        })
    );
}

#[test]
fn written_values_arrive() {
    let text = r#"
        study = { name = "hundred", seed = 9223372036854775807, replicates = 3, summary = "a\nb" }
        budget.virtual_hours = 12
        cluster = { workers = 0x40, workers_per_node = 4, failure_rate = 0.25 }
        trace.write = false
        transfer.level = "cell"
        space.plugin = "toy"
        space.decisions = 6
        [evaluator]
        plugin = "nas-bench-201-table"
        noise = 1
        seed = { list = [1, 2.5, "x"], "odd key" = true }
        [[mutators]]
        plugin = "one-decision"
        [[mutators]]
        plugin = "generation-weighted"
        weight = 3
        beta = 1
        [scheduler]
        lookahead = 8
    "#;
    let study = load_with(text, &[]).unwrap();
    let settings = &study.points()[0].settings;
    assert_eq!(settings.study.seed, i64::MAX as u64);
    assert_eq!((settings.cluster.workers, settings.cluster.workers_per_node), (64, 4));
    assert!(!settings.trace.write && settings.trace.layers);
    assert_eq!(settings.budget.virtual_hours, Some(12.0));
    assert!((settings.mutators[1].weight - 3.0).abs() < f64::EPSILON);
    assert_eq!(settings.mutators[1].component.options["beta"], json!(1.0));
    assert_eq!(settings.scheduler.lookahead, 8);
    assert_eq!(plan(&study).len(), 3);
    assert_snapshot!(settings.to_toml(), @r#"
    [study]
    name = "hundred"
    seed = 9223372036854775807
    replicates = 3
    summary = "a\nb"
    replay = false

    [plugins]
    path = []

    [space]
    plugin = "toy"
    decisions = 6

    [evaluator]
    plugin = "nas-bench-201-table"
    dataset = "cifar10"
    noise = 1.0
    seed = { list = [1, 2.5, "x"], "odd key" = true }

    [strategy]
    plugin = "regularized-evolution"
    population = 100
    sample = 10

    [[mutators]]
    plugin = "one-decision"
    weight = 1.0
    no_op = false

    [[mutators]]
    plugin = "generation-weighted"
    weight = 3.0
    beta = 1.0

    [scheduler]
    plugin = "fifo"
    lookahead = 8

    [cluster]
    workers = 64
    workers_per_node = 4
    failure_rate = 0.25
    retries = 0
    restart_s = 0.0
    speed_spread = 0.0
    requeue_s = 0.0
    node_cache_gib = 0.0
    node_cache_policy = "lru"
    repository_latency_ms = 0.0
    repository_gb_s = 0.0
    link_gb_s = 0.0

    [transfer]
    donor = "none"
    retention = "all"
    window = 1000
    missing = "error"
    level = "cell"

    [budget]
    virtual_hours = 12.0

    [trace]
    write = false
    layers = true
    part_rows = 100000
    "#);
}

#[test]
fn a_study_without_a_name_has_its_files() {
    for (file, name) in [
        ("a/b/deep.toml", "deep"),
        ("built-in", "built-in"),
        ("", "study"),
        ("x/..", "study"),
        ("/", "study"),
    ] {
        let study = Study::load(Source::new(file, SHORT), Vec::new(), &Table).unwrap();
        assert_eq!(study.name(), name, "{file}");
    }
}

#[test]
fn settings_do_not_depend_on_the_order_of_the_text() {
    let a = short_with("[strategy]\nsample = 5\npopulation = 7\n[trace]\nwrite = false", &[]).unwrap();
    let b = load_with(
        "trace.write = false\nstrategy = { population = 7, sample = 5 }\nbudget.candidates = 1000\n\
         evaluator.plugin = 'nas-bench-201-table'\nspace.plugin = 'nas-bench-201'",
        &[],
    )
    .unwrap();
    assert_eq!(a.points(), b.points());
    assert_eq!(a.points()[0].settings.to_toml(), b.points()[0].settings.to_toml());
    assert_eq!(a.points()[0].settings.to_json().to_string(), b.points()[0].settings.to_json().to_string());
}

/// The tables of sections and the structs that they fill must agree at both ends of every range.
#[test]
fn sections_hold_what_their_tables_allow() {
    for section in SECTIONS.iter().filter(|section| section.component.is_none()) {
        for key in section.keys {
            let info = OptionInfo::from(key);
            let values = match key.kind {
                OptionType::Integer { min, max } => vec![min.to_string(), max.to_string()],
                OptionType::Float { min, max } => vec![format!("{min:?}"), format!("{max:?}")],
                OptionType::Bool => vec!["true".to_owned(), "false".to_owned()],
                OptionType::Text => vec!["\"x\"".to_owned()],
                OptionType::Choice(words) => words.iter().map(|word| format!("\"{word}\"")).collect(),
                // The one key of a type of its own: plugins.path.
                OptionType::Any => vec!["[]".to_owned(), "[\"a\", \"b/c.so\"]".to_owned()],
            };
            for value in values {
                let set = format!("{}.{}={value}", section.name, key.name);
                let study = load_with(SHORT, &[&set]).unwrap_or_else(|error| panic!("{set}: {error}"));
                let resolved = &study.points()[0].settings.to_json()[section.name][key.name];
                assert_eq!(info.check(resolved), Ok(()), "{set}");
                let written: toml::Value = value.parse::<toml::Value>().unwrap();
                let written = serde_json::to_value(written).unwrap();
                assert!(*resolved == written || resolved.as_f64() == written.as_f64(), "{set}: {resolved}");
            }
        }
    }
}
