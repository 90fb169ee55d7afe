//! The schema says what the checker says.

use super::{COMPONENTS, SHORT, load_with};
use crate::study::{Described, Inventory, SECTIONS, SectionSpec, Source, Study, schema, write};
use jsonschema::Validator;
use lamarck_model::options::{OptionInfo, OptionSpec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

fn inventory() -> &'static Inventory {
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

fn toml_of(study: &Value) -> String {
    let sections = study.as_object().expect("a table");
    sections.iter().map(|(key, value)| format!("{key} = {}\n", write::inline(value))).collect()
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
fn studies_by_hand() {
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

/// Numbers from a list, for a generator that shrinks well.
struct Dice(Vec<u32>, usize);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.1 += 1;
        self.0.get(self.1 - 1).map_or(0, |&number| number as usize % sides.max(1))
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// One in so many.
    fn rarely(&mut self, in_so_many: usize) -> bool {
        self.below(in_so_many) + 1 == in_so_many
    }
}

/// A value that the option accepts.
fn value(dice: &mut Dice, section: &str, option: &OptionInfo) -> Value {
    let number = |number: &Option<serde_json::Number>| number.clone().expect("a bound");
    match (section, option.name.as_str(), option.kind.as_str()) {
        ("study", "name", _) => json!(dice.pick(&["", "a", "ä b", "x.y"])),
        ("plugins", "path", _) => dice.pick(&[json!([]), json!(["a"]), json!(["a", "b"])]).clone(),
        // Few of them: the number of runs is bounded.
        ("study", "replicates", _) => json!(1 + dice.below(9)),
        (_, _, "bool") => json!(dice.rarely(2)),
        (_, _, "integer") => match dice.below(3) {
            0 => number(&option.min).into(),
            1 => number(&option.max).into(),
            _ => {
                json!(option.min.as_ref().and_then(serde_json::Number::as_i64).unwrap_or(0).saturating_add(1))
            }
        },
        (_, _, "float") => match dice.below(3) {
            0 => number(&option.min).into(),
            1 => number(&option.max).into(),
            _ => json!(
                (number(&option.min).as_f64().unwrap_or(0.0) + 1.0)
                    .min(number(&option.max).as_f64().unwrap_or(1.0))
            ),
        },
        (_, _, "choice") => json!(dice.pick(&option.words)),
        (_, _, "text") => json!(dice.pick(&["", "lru", "a \"b\""])),
        _ => dice.pick(&[json!(1), json!("x"), json!([1, "y"]), json!({ "x": 1.5 })]).clone(),
    }
}

/// A value that it refuses.
fn no_value(dice: &mut Dice, section: &str, option: &OptionInfo) -> Option<Value> {
    let beyond = |number: &Option<serde_json::Number>, by: i64| {
        let next = number.as_ref()?.as_i64()?.checked_add(by)?;
        Some(json!(next))
    };
    Some(match (section, option.name.as_str(), option.kind.as_str()) {
        ("study", "name", _) => json!(dice.pick(&["a/b", ".a", "a\\b", "a\nb"])),
        ("plugins", "path", _) => dice.pick(&[json!("a"), json!([1]), json!({})]).clone(),
        (_, _, "bool") => dice.pick(&[json!(1), json!("true"), json!([])]).clone(),
        (_, _, "integer") => match dice.below(4) {
            0 => beyond(&option.min, -1)?,
            1 => beyond(&option.max, 1)?,
            2 => json!("1"),
            _ => json!(1.5),
        },
        (_, _, "float") => match dice.below(3) {
            0 if option.min.as_ref().and_then(serde_json::Number::as_f64)? > -1.0 => json!(-1),
            1 if option.max.as_ref().and_then(serde_json::Number::as_f64)? < 1e300 => json!(1e300),
            _ => json!("1.0"),
        },
        (_, _, "choice") => dice.pick(&[json!("other"), json!(1), json!([])]).clone(),
        (_, _, "text") => dice.pick(&[json!(1), json!(true), json!({})]).clone(),
        _ => return None,
    })
}

/// A component that can be chosen: one with an option that is a key of the study cannot.
fn component(dice: &mut Dice, section: &SectionSpec) -> Option<&'static Described> {
    let all: Vec<&Described> =
        inventory().of(section.component?).filter(|component| component.name != "clash").collect();
    Some(*dice.pick(&all))
}

fn own(section: &SectionSpec) -> Vec<OptionInfo> {
    section.keys.iter().filter(|key| key.name != "plugin").map(OptionInfo::from).collect()
}

/// A table of a section: some keys, and its component with some options.
fn table(dice: &mut Dice, section: &SectionSpec, component: Option<&Described>) -> Value {
    let mut table = Map::new();
    let mut options = own(section);
    if let Some(component) = component {
        table.insert("plugin".into(), component.name.as_str().into());
        options.extend(component.options.iter().cloned());
    }
    for option in options {
        let budget = section.name == "budget" && option.name == "candidates";
        if option.required || budget || dice.rarely(3) {
            table.insert(option.name.clone(), value(dice, section.name, &option));
        }
    }
    table.into()
}

/// Sets `section.key` in one of the two forms that TOML has for it.
fn put(dice: &mut Dice, table: &mut Map<String, Value>, section: &str, key: &str, value: Value) {
    if dice.rarely(2) {
        table.insert(format!("{section}.{key}"), value);
    } else {
        let nested = table.entry(section).or_insert_with(|| json!({}));
        nested[key] = value;
    }
}

/// A study, the components of its sections, and the keys that its sweep sets.
struct Made {
    study: Value,
    swept: Vec<String>,
    components: Vec<(&'static str, &'static Described)>,
}

fn study(dice: &mut Dice) -> Made {
    let mut made = Made { study: json!({}), swept: Vec::new(), components: Vec::new() };
    let mut sweep = Map::new();
    let cased = dice.rarely(4);
    let mut cases: Vec<Map<String, Value>> = Vec::new();
    if cased {
        let count = 1 + dice.below(3);
        cases.extend((0..count).map(|at| Map::from_iter([("name".to_owned(), json!(format!("case {at}")))])));
    }
    for section in SECTIONS {
        let needed = matches!(section.name, "space" | "evaluator" | "budget");
        if cased && section.sweep && section.component.is_some() && !section.list && dice.rarely(2) {
            // The cases bring it, each its own.
            for case in &mut cases {
                let component = component(dice, section);
                let whole = table(dice, section, component);
                if dice.rarely(2) {
                    case.insert(section.name.to_owned(), whole);
                } else {
                    for (key, value) in whole.as_object().expect("a table") {
                        case.insert(format!("{}.{key}", section.name), value.clone());
                    }
                }
            }
            made.swept.push(section.name.to_owned());
            continue;
        }
        if !needed && !dice.rarely(2) {
            continue;
        }
        if section.list {
            let entries: Vec<Value> = (0..1 + dice.below(3))
                .map(|_| {
                    let component = component(dice, section);
                    table(dice, section, component)
                })
                .collect();
            made.study[section.name] = entries.into();
            continue;
        }
        let component = component(dice, section);
        made.study[section.name] = table(dice, section, component);
        made.components.extend(component.map(|component| (section.name, component)));
        // An axis over a key or two.
        let mut options = if section.sweep { own(section) } else { Vec::new() };
        options.extend(component.iter().flat_map(|component| component.options.iter().cloned()));
        for _ in 0..dice.below(3) {
            if options.is_empty() || made.swept.len() > 4 {
                break;
            }
            let option = options.swap_remove(dice.below(options.len()));
            let mut values: Vec<Value> = Vec::new();
            for _ in 0..1 + dice.below(3) {
                let value = value(dice, section.name, &option);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            put(dice, &mut sweep, section.name, &option.name, values.into());
            made.swept.push(format!("{}.{}", section.name, option.name));
        }
    }
    if cased {
        sweep.insert("case".into(), cases.into_iter().map(Value::from).collect());
    }
    if !sweep.is_empty() {
        made.study["sweep"] = sweep.into();
    }
    made
}

/// Makes one mistake, and says which; `None` where this study cannot have it.
fn spoil(dice: &mut Dice, made: &Made) -> Option<(Value, String)> {
    let mut study = made.study.clone();
    let is_swept = |section: &str, key: &str| {
        made.swept.iter().any(|swept| swept == section || *swept == format!("{section}.{key}"))
    };
    let present: Vec<&SectionSpec> =
        SECTIONS.iter().filter(|section| made.study.get(section.name).is_some()).collect();
    let section = *dice.pick(&present);
    let name = section.name;
    let spot = if section.list { format!("/{name}/0") } else { format!("/{name}") };
    let what = match dice.below(9) {
        0 => {
            study.pointer_mut(&spot)?["unheard_of"] = json!(1);
            format!("an unknown key in {name}")
        }
        1 => {
            study["unheard_of"] = json!({});
            "an unknown section".to_owned()
        }
        2 => {
            let own = own(section);
            let option = dice.pick(if own.is_empty() { return None } else { &own });
            if is_swept(name, &option.name) {
                return None;
            }
            study.pointer_mut(&spot)?[&option.name] = no_value(dice, name, option)?;
            format!("a wrong value of {name}.{}", option.name)
        }
        3 => {
            let (name, component) =
                *dice.pick(if made.components.is_empty() { return None } else { &made.components });
            let option =
                dice.pick(if component.options.is_empty() { return None } else { &component.options });
            if is_swept(name, &option.name) {
                return None;
            }
            study[name][&option.name] = no_value(dice, name, option)?;
            format!("a wrong value of the option {name}.{}", option.name)
        }
        4 => {
            let plugin = study.pointer_mut(&spot)?.get_mut("plugin")?;
            *plugin = json!(dice.pick(&["unheard-of", "clash", ""]));
            format!("an unknown component in {name}")
        }
        5 => {
            let (name, component) =
                *dice.pick(if made.components.is_empty() { return None } else { &made.components });
            let others: Vec<&OptionInfo> = inventory()
                .of(component.kind)
                .flat_map(|other| &other.options)
                .filter(|other| component.options.iter().all(|own| own.name != other.name))
                .collect();
            let other = *dice.pick(if others.is_empty() { return None } else { &others });
            study[name][&other.name] = value(dice, name, other);
            format!("another component's option {name}.{}", other.name)
        }
        6 => {
            let gone = *dice.pick(&["space", "evaluator", "budget"]);
            if made.swept.iter().any(|swept| swept.starts_with(gone)) {
                return None;
            }
            study.as_object_mut()?.remove(gone)?;
            format!("no {gone}")
        }
        7 => {
            let wrong = if section.list { json!({}) } else { json!([]) };
            study[name] = dice.pick(&[wrong, json!(1), json!("x")]).clone();
            format!("{name} of the wrong shape")
        }
        _ => {
            let sweep = study.as_object_mut()?.entry("sweep").or_insert_with(|| json!({}));
            let (key, value) = dice
                .pick(&[
                    ("cluster.unheard_of", json!([1])),
                    ("unheard_of", json!([1])),
                    ("trace.layers", json!([true])),
                    ("study.name", json!(["a"])),
                    ("transfer.window", json!([])),
                    ("transfer.window", json!(3)),
                    ("transfer.window", json!([3, 3])),
                    ("transfer.window", json!([0])),
                    ("transfer.donor", json!(["none", "other"])),
                    ("mutators.0.unheard_of", json!([1])),
                    ("case", json!([])),
                    ("case", json!([{ "cluster.workers": 1 }])),
                    ("case", json!([1])),
                ])
                .clone();
            sweep[key] = value;
            format!("{key} in the sweep")
        }
    };
    Some((study, what))
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
