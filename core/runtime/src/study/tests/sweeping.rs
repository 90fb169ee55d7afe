//! Points and plans.

use super::{labels, short_with};
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
