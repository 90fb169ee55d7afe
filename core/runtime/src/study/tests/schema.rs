//! The schema says what the checker says.

use super::generator::{Dice, spoil, study};
use super::{COMPONENTS, SHORT, load_with};
use crate::study::{Described, Inventory, Source, Study, schema, write};
use jsonschema::Validator;
use lamarck_model::options::{OptionInfo, OptionSpec};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::OnceLock;

pub(super) fn inventory() -> &'static Inventory {
    static INVENTORY: OnceLock<Inventory> = OnceLock::new();
    INVENTORY.get_or_init(|| {
        let described = |&(kind, name, options): &(_, &str, &[OptionSpec])| Described {
            kind,
            name: name.to_owned(),
            summary: format!("what {name} does"),
            options: options.iter().map(OptionInfo::from).collect(),
        };
        Inventory::new(COMPONENTS.iter().map(described).collect())
    })
}

fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let schema = schema(inventory());
        jsonschema::meta::validate(&schema).expect("a JSON Schema");
        jsonschema::validator_for(&schema).expect("a schema")
    })
}

pub(super) fn toml_of(study: &Value) -> String {
    let sections = study.as_object().expect("a table");
    sections
        .iter()
        .fold(String::new(), |text, (key, value)| text + &format!("{key} = {}\n", write::inline(value)))
}

fn by_schema(study: &Value) -> Result<(), Vec<String>> {
    let errors: Vec<String> =
        validator().iter_errors(study).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn by_checker(study: &Value) -> Result<Study, String> {
    let source = Source::new("study.toml", toml_of(study));
    Study::load(source, Vec::new(), inventory()).map_err(|error| error.to_string())
}

/// Both accept it, or both refuse it.
#[track_caller]
fn agree(text: &str, good: bool) {
    let checked = load_with(text, &[]);
    assert_eq!(
        checked.is_ok(),
        good,
        "the checker: {:?}\n{text}",
        checked.err().map(|error| error.to_string())
    );
    let value: Value = toml::from_str(text).expect("TOML");
    let valid = by_schema(&value);
    assert_eq!(valid.is_ok(), good, "the schema: {valid:?}\n{text}");
}

#[test]
fn right_studies_by_hand() {
    let space = "space.plugin = 'nas-bench-201'\n";
    let evaluator = "evaluator.plugin = 'nas-bench-201-table'\n";
    let budget = "budget.candidates = 1\n";
    let short = format!("{space}{evaluator}{budget}");
    let with = |more: &str| format!("{short}{more}");
    for good in [
        SHORT.to_owned(),
        with("budget.virtual_hours = 1e-300"),
        with("strategy = { plugin = 'regularized-evolution', population = 5 }"),
        with("strategy.population = 5"),
        with("strategy.plugin = 'random'"),
        with("evaluator.seed = [0, { x = 1 }]\nevaluator.noise = 1"),
        with("analyzers = []"),
        with("analyzers = [{ plugin = 'lineage', limits = 3 }]"),
        with("mutators = [{ plugin = 'generation-weighted', beta = 1 }]"),
        with("plugins.path = ['a', 'b']"),
        with("study.name = 'a b'"),
        with("sweep.'cluster.workers' = [1, 16]"),
        with("sweep.cluster.workers = [1, 16]"),
        with("sweep.'study.seed' = [1, 2]"),
        with("sweep.study.seed = [1, 2]"),
        with("sweep.'strategy.plugin' = ['random', 'regularized-evolution']"),
        with("sweep.strategy = [{ plugin = 'random' }, { sample = 3 }]"),
        with(
            "sweep.mutators = [[{ plugin = 'one-decision' }], [{ plugin = 'generation-weighted', beta = 0 }]]",
        ),
        with(
            "sweep.'mutators.0' = [{ plugin = 'one-decision' }, { plugin = 'generation-weighted', beta = 0 }]",
        ),
        with("sweep.mutators.0.weight = [1, 2]"),
        with("sweep.'mutators.0'.weight = [1, 2]"),
        with("mutators = [{ plugin = 'generation-weighted' }]\nsweep.'mutators.0.beta' = [1, 2]"),
        with("sweep.'evaluator.seed' = [0, 'mean']"),
        with("sweep.'evaluator.seed.x' = [0, 'mean']"),
        with("sweep.evaluator.seed.x = [0, 'mean']"),
        with(
            "sweep.case = [{ name = 'a', strategy.plugin = 'random' }, { name = 'b', 'cluster.workers' = 2 }]",
        ),
        // What the sweep brings need not be there.
        format!("{evaluator}{budget}sweep.'space.plugin' = ['nas-bench-201']"),
        format!("{space}{evaluator}sweep.'budget.candidates' = [1, 2]"),
        format!(
            "{evaluator}sweep.case = [{{ name = 'a', space = {{ plugin = 'toy', decisions = 3 }}, budget.candidates = 2 }}]"
        ),
        format!("{evaluator}{budget}space.decisions = 3\nsweep.'space.plugin' = ['toy']"),
    ] {
        agree(&good, true);
    }
}

#[test]
fn wrong_studies_by_hand() {
    let space = "space.plugin = 'nas-bench-201'\n";
    let evaluator = "evaluator.plugin = 'nas-bench-201-table'\n";
    let budget = "budget.candidates = 1\n";
    let short = format!("{space}{evaluator}{budget}");
    let with = |more: &str| format!("{short}{more}");
    for bad in [
        String::new(),
        format!("{space}{budget}"),
        format!("{evaluator}{budget}"),
        format!("{space}{evaluator}"),
        format!("{space}{evaluator}budget = {{}}"),
        format!("{evaluator}{budget}space.plugin = 'toy'"),
        format!("{evaluator}{budget}space.plugin = 'fifo'"),
        format!("{evaluator}{budget}space = {{ plugin = 'nas-bench-201', decisions = 3 }}"),
        format!("{space}{evaluator}sweep.'cluster.workers' = [1]"),
        format!("{evaluator}{budget}sweep.'cluster.workers' = [1]"),
        with("budget.virtual_hours = 0"),
        with("workers = 3"),
        with("clutser.workers = 3"),
        with("cluster.worker = 3"),
        with("cluster.workers = 0"),
        with("cluster.workers = '3'"),
        with("cluster = [{ workers = 3 }]"),
        with("mutators = []"),
        with("mutators.plugin = 'one-decision'"),
        with("mutators = [{ weight = 1 }]"),
        with("mutators = [{ plugin = 'one-decision', weight = 0 }]"),
        with("mutators = [{ plugin = 'generation-weighted' }]"),
        with("mutators = [{ plugin = 'clash' }]"),
        with("analyzers = [{ plugin = 'lineage', depth = 3 }]"),
        with("strategy = { plugin = 'random', population = 5 }"),
        with("evaluator.dataset = 'cifar'"),
        with("plugins.path = 'a'"),
        with("study.name = 'a/b'"),
        with("study.name = '.a'"),
        with("sweep = []"),
        with("sweep.'cluster.workers' = 3"),
        with("sweep.'cluster.workers' = []"),
        with("sweep.'cluster.workers' = [1, 1]"),
        with("sweep.'evaluator.noise' = [1, 1.0]"),
        with("sweep.'cluster.workers' = [0]"),
        with("sweep.'cluster.worker' = [1]"),
        with("sweep.'study.replicates' = [1]"),
        with("sweep.'trace.write' = [true, false]"),
        with("sweep.'strategy.plugin' = ['other']"),
        with("sweep.'strategy.beta' = [1]"),
        with("sweep.strategy = [{ plugin = 'random', sample = 3 }]"),
        with("sweep.'mutators.0' = [{ plugin = 'one-decision', beta = 3 }]"),
        with("sweep.mutators.0.beat = [1, 2]"),
        with("sweep.'evaluator.seed' = []"),
        with("sweep.case = []"),
        with("sweep.case = [{ 'cluster.workers' = 2 }]"),
        with("sweep.case = [{ name = ' ', 'cluster.workers' = 2 }]"),
        with("sweep.case = [{ name = 'a', 'cluster.workers' = 0 }]"),
        with("sweep.case = [{ name = 'a', strategy = { plugin = 'random', sample = 2 } }]"),
        with("sweep.case = [{ name = 'a', trace.write = false }]"),
    ] {
        agree(&bad, false);
    }
}

/// What a schema cannot say, as its documentation lists it: the checker alone refuses these. The first line is the other
/// way round.
#[test]
fn what_a_schema_cannot_say() {
    let both = |more: &str| {
        let text = format!("{SHORT}{more}");
        let value: Value = toml::from_str(&text).expect("TOML");
        (by_schema(&value).is_ok(), load_with(&text, &[]).is_ok())
    };
    assert_eq!(both("[cluster]\nworkers = 0\n[sweep]\ncluster.workers = [1, 2]"), (false, true));
    for only_checked in [
        "[cluster]\nworkers = 1.0",
        "[strategy]\nplugin = 'random'\n[sweep]\nstrategy.population = [1, 2]\nstrategy.plugin = ['random']",
        "[sweep]\n'cluster.workers' = [1]\ncluster = [{ workers = 2 }]",
        "[sweep]\ncase = [{ name = 'a', 'cluster.workers' = 2 }, { name = 'a', 'cluster.workers' = 3 }]",
        "[sweep]\n'mutators.7.weight' = [1]",
        "[study]\nreplicates = 100_000\n[sweep]\nstudy.seed = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]",
    ] {
        assert_eq!(both(only_checked), (true, false), "{only_checked}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_right_is_right_to_both(numbers in prop::collection::vec(any::<u32>(), 0..300)) {
        let made = study(&mut Dice(numbers, 0));
        let checked = by_checker(&made.study);
        prop_assert!(checked.is_ok(), "{}\n{}", checked.err().unwrap_or_default(), toml_of(&made.study));
        let valid = by_schema(&made.study);
        prop_assert!(valid.is_ok(), "{valid:?}\n{}", toml_of(&made.study));
    }

    #[test]
    fn one_mistake_is_seen_by_both(numbers in prop::collection::vec(any::<u32>(), 0..300), which in prop::collection::vec(any::<u32>(), 8)) {
        let made = study(&mut Dice(numbers, 0));
        let Some((spoilt, what)) = spoil(&mut Dice(which, 0), &made) else { return Ok(()) };
        prop_assert!(by_checker(&spoilt).is_err(), "the checker accepts {what}\n{}", toml_of(&spoilt));
        prop_assert!(by_schema(&spoilt).is_err(), "the schema accepts {what}\n{}", toml_of(&spoilt));
    }
}

/// The generator reaches what it is meant to reach: a property that holds of nothing holds.
#[test]
fn the_generator_is_lively() {
    let (mut sweeps, mut cases, mut kinds) = (0, 0, std::collections::BTreeSet::new());
    for seed in 0_u32..400 {
        // A cheap stream of numbers; what counts is that they differ.
        let numbers = |salt: u32| {
            (0..300)
                .map(|at: u32| {
                    (seed + salt).wrapping_mul(2_654_435_761).wrapping_add(at.wrapping_mul(40_503)) >> 7
                })
                .collect()
        };
        let made = study(&mut Dice(numbers(0), 0));
        sweeps += usize::from(made.study.get("sweep").is_some());
        cases += usize::from(made.study.pointer("/sweep/case").is_some());
        kinds.extend(spoil(&mut Dice(numbers(1000), 0), &made).map(|(_, what)| what));
    }
    assert!(sweeps > 50 && cases > 20 && kinds.len() > 40, "{sweeps} {cases} {kinds:?}");
}
