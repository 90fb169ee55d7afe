//! Points and plans.

use super::{error_of, labels, load_with, short_with};
use crate::study::{RunKey, plan};

#[test]
fn the_first_key_is_the_slowest() {
    // Out of alphabetical order, since the parser's map is sorted.
    let sweep = "[sweep]\n\"strategy.sample\" = [5, 2]\n\"cluster.workers\" = [1, 16, 64]\n";
    let study = short_with(sweep, &[]).unwrap();
    assert_eq!(
        labels(&study),
        [
            "strategy.sample=5, cluster.workers=1",
            "strategy.sample=5, cluster.workers=16",
            "strategy.sample=5, cluster.workers=64",
            "strategy.sample=2, cluster.workers=1",
            "strategy.sample=2, cluster.workers=16",
            "strategy.sample=2, cluster.workers=64",
        ]
    );
    for (index, point) in study.points().iter().enumerate() {
        assert_eq!(point.index, index);
        let settings = &point.settings;
        let label = format!(
            "strategy.sample={}, cluster.workers={}",
            settings.strategy.options["sample"], settings.cluster.workers
        );
        assert_eq!(point.label, label);
    }
}

#[test]
fn quotes_around_dotted_keys_make_no_difference() {
    let quoted = short_with(
        "[sweep]\n\"strategy.sample\" = [5, 2]\n\"cluster.workers\" = [1]\n\"strategy.population\" = [9]",
        &[],
    );
    let bare = short_with(
        "[sweep]\nstrategy.sample = [5, 2]\ncluster.workers = [1]\nstrategy.population = [9]",
        &[],
    );
    let inner = short_with(
        "[sweep]\nstrategy.sample = [5, 2]\n\"cluster\".workers = [1]\n\"strategy\".population = [9]",
        &[],
    );
    let quoted = quoted.unwrap();
    assert_eq!(quoted.points(), bare.unwrap().points());
    assert_eq!(quoted.points(), inner.unwrap().points());
}

#[test]
fn components_and_whole_sections_are_swept() {
    let study = short_with(
        "[sweep]\nstrategy = [{ plugin = \"random\" }, { population = 20, sample = 3 }]\n\"mutators.0.weight\" = [0.5]\nevaluator.dataset = ['cifar10', 'cifar100']\n",
        &[],
    )
    .unwrap();
    assert_eq!(
        labels(&study)[..3],
        [
            "strategy={ plugin = \"random\" }, mutators.0.weight=0.5, evaluator.dataset=cifar10",
            "strategy={ plugin = \"random\" }, mutators.0.weight=0.5, evaluator.dataset=cifar100",
            "strategy={ population = 20, sample = 3 }, mutators.0.weight=0.5, evaluator.dataset=cifar10",
        ]
    );
    assert_eq!(study.points()[0].settings.strategy.name, "random");
    assert_eq!(study.points()[3].settings.strategy.name, "regularized-evolution");
    assert_eq!(study.points()[3].settings.strategy.options["sample"], 3);
    assert_eq!(study.points()[3].settings.evaluator.options["dataset"], "cifar100");
}

#[test]
fn plans_go_point_by_point() {
    let study = short_with("[study]\nreplicates = 2\n[sweep]\n\"study.seed\" = [7, 8]\n", &[]).unwrap();
    let keys: Vec<(u32, u32)> =
        plan(&study).iter().map(|&RunKey { point, replicate }| (point, replicate)).collect();
    assert_eq!(keys, [(0, 0), (0, 1), (1, 0), (1, 1)]);
}

/// A study whose cases bring space and evaluator.
const CASES: &str = r#"
[budget]
candidates = 1000

[sweep]
"cluster.workers" = [1, 16]

[[sweep.case]]
name = "bench"
space.plugin = "nas-bench-201"
evaluator = { plugin = "nas-bench-201-table", dataset = "cifar100" }
mutators = [{ plugin = "generation-weighted", beta = 2.0 }]

[[sweep.case]]
name = "a toy"
space = { plugin = "toy", decisions = 3 }
evaluator.plugin = "nas-bench-201-table"
"strategy.population" = 7
"#;

#[test]
fn cases_set_keys_together_and_are_the_slowest_axis() {
    let study = load_with(CASES, &[]).unwrap();
    assert_eq!(
        labels(&study),
        [
            "bench, cluster.workers=1",
            "bench, cluster.workers=16",
            "a toy, cluster.workers=1",
            "a toy, cluster.workers=16"
        ]
    );
    let settings = |point: usize| &study.points()[point].settings;
    assert_eq!(settings(1).space.name, "nas-bench-201");
    assert_eq!(settings(1).evaluator.options["dataset"], "cifar100");
    assert_eq!(settings(1).mutators[0].component.name, "generation-weighted");
    assert_eq!(settings(1).strategy.options["population"], 100);
    assert_eq!(settings(3).space.options["decisions"], 3);
    assert_eq!(settings(3).evaluator.options["dataset"], "cifar10");
    assert_eq!(settings(3).mutators[0].component.name, "one-decision");
    assert_eq!(settings(3).strategy.options["population"], 7);
    assert_eq!(settings(3).cluster.workers, 16);
}

#[test]
fn a_key_of_cases_is_pinned_in_all_of_them() {
    let study = load_with(CASES, &["strategy.population=9", "sweep.cluster.workers=[4]"]).unwrap();
    assert_eq!(labels(&study), ["bench, cluster.workers=4", "a toy, cluster.workers=4"]);
    assert!(study.points().iter().all(|point| point.settings.strategy.options["population"] == 9));
}

#[test]
fn cases_that_cannot_be_used_are_refused_where_they_stand() {
    let text = r#"
[sweep]
"cluster.workers" = [1, 16]
[[sweep.case]]
name = "a"
"cluster.workers" = 3
"study.replicates" = 2
[[sweep.case]]
"strategy.sample" = 2
[[sweep.case]]
name = "b"
"stratgy.sample" = 2
[[sweep.case]]
name = "a"
[[sweep.case]]
name = 3
"#;
    insta::assert_snapshot!(error_of(text).to_string(), @r#"
    5 problems in study.toml

    study.toml:13:1: sweep."study.replicates": `study.replicates` is the same for all points of a study
     13 | "study.replicates" = 2
        | ^^^^^^^^^^^^^^^^^^

    study.toml:14:1: sweep.case: the case has no name
     14 | [[sweep.case]]
        | ^^^^^^^^^^^^^^
     help: write name = "..."; the name is the point's in results and reports

    study.toml:18:1: sweep."stratgy.sample": there is no section `stratgy`
     18 | "stratgy.sample" = 2
        | ^^^^^^^^^^^^^^^^
     help: did you mean `strategy`?

    study.toml:20:8: sweep.case: "a" is in the list twice
     20 | name = "a"
        |        ^^^

    study.toml:22:8: sweep.case: expected the case's name, found 3
     22 | name = 3
        |        ^
     help: write name = "..."; the name is the point's in results and reports
    "#);
    insta::assert_snapshot!(error_of("[sweep]\ncase = [1, { name = \"x\", \"strategy.sample\" = 0 }]").to_string(), @r#"
    2 problems in study.toml

    study.toml:8:9: sweep.case: expected a table, found 1
     8 | case = [1, { name = "x", "strategy.sample" = 0 }]
       |         ^
     help: write [[sweep.case]] with a name and the case's keys on the lines below

    study.toml:8:46: strategy.sample: expected a whole number from 1 to 1000000, found 0
     8 | case = [1, { name = "x", "strategy.sample" = 0 }]
       |                                              ^
     help: `sample`: candidates in a tournament (default 10)
    "#);
    let both = "[sweep]\ncluster.workers = [1]\ncase = [{ name = \"x\", cluster.workers = 3 }]";
    insta::assert_snapshot!(error_of(both).to_string(), @r#"
    study.toml:8:9: sweep."cluster.workers": overlaps with `cluster.workers`, which is swept too
     8 | cluster.workers = [1]
       |         ^^^^^^^
    "#);
}
