//! Studies out of dice: right ones, and right ones with one mistake.

use super::schema::inventory;
use crate::study::{Described, SECTIONS, SectionSpec};
use lamarck_model::options::OptionInfo;
use serde_json::{Map, Value, json};

/// Numbers from a list, for a generator that shrinks well.
pub(super) struct Dice(pub(super) Vec<u32>, pub(super) usize);

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
pub(super) struct Made {
    pub(super) study: Value,
    swept: Vec<String>,
    components: Vec<(&'static str, &'static Described)>,
}

pub(super) fn study(dice: &mut Dice) -> Made {
    let mut made = Made { study: json!({}), swept: Vec::new(), components: Vec::new() };
    let mut sweep = Map::new();
    let in_cases = dice.rarely(4);
    let mut cases: Vec<Map<String, Value>> = Vec::new();
    if in_cases {
        let count = 1 + dice.below(3);
        cases.extend((0..count).map(|at| Map::from_iter([("name".to_owned(), json!(format!("case {at}")))])));
    }
    for section in SECTIONS {
        let needed = matches!(section.name, "space" | "evaluator" | "budget");
        if in_cases && section.sweep && section.component.is_some() && !section.list && dice.rarely(2) {
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
            let entries: Vec<Value> = (0..=dice.below(3))
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
            for _ in 0..=dice.below(3) {
                let value = value(dice, section.name, &option);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            put(dice, &mut sweep, section.name, &option.name, values.into());
            made.swept.push(format!("{}.{}", section.name, option.name));
        }
    }
    if in_cases {
        sweep.insert("case".into(), cases.into_iter().map(Value::from).collect());
    }
    if !sweep.is_empty() {
        made.study["sweep"] = sweep.into();
    }
    made
}

/// Makes one mistake, and says which; `None` where this study cannot have it.
pub(super) fn spoil(dice: &mut Dice, made: &Made) -> Option<(Value, String)> {
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
