//! What a point of a study sets: its components, and what is not as by default.

use crate::study::{Inventory, SECTIONS, Settings};
use lamarck_model::options::{OptionInfo, fill_defaults};
use serde_json::{Map, Value};

/// A key of a study and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The section, and for a list the place in it: `cluster`, `mutators.0`.
    pub table: String,
    /// The key; `plugin` for the component.
    pub key: String,
    /// The value.
    pub value: Value,
}

impl Change {
    /// The dotted key: `cluster.workers`.
    pub fn dotted(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }
}

/// The components of these settings, and all that differs from the defaults. Name, summary, seed and replicates of
/// the study are not among them: they are told of elsewhere.
pub(super) fn of(settings: &Settings, components: &Inventory) -> Vec<Change> {
    let json = settings.to_json();
    let mut changes = Vec::new();
    for section in SECTIONS.iter().filter(|section| section.name != "study" && section.name != "plugins") {
        let entries: Vec<(String, &Map<String, Value>)> = match json.get(section.name) {
            Some(Value::Array(entries)) => entries
                .iter()
                .enumerate()
                .filter_map(|(at, entry)| Some((format!("{}.{at}", section.name), entry.as_object()?)))
                .collect(),
            Some(Value::Object(table)) => vec![(section.name.to_owned(), table)],
            _ => Vec::new(),
        };
        for (table, body) in entries {
            let mut declared: Vec<OptionInfo> = section.keys.iter().map(OptionInfo::from).collect();
            let named = body.get("plugin").and_then(Value::as_str);
            let component = section.component.zip(named).and_then(|(kind, name)| components.get(kind, name));
            declared.extend(component.iter().flat_map(|component| component.options.iter().cloned()));
            let mut defaults = Map::new();
            fill_defaults(&declared, &mut defaults);
            // In the order of the declaration, which is the order that the author found natural.
            for option in &declared {
                let Some(value) = body.get(&option.name) else { continue };
                let same = match (value.as_f64(), defaults.get(&option.name).and_then(Value::as_f64)) {
                    // A default of `0` is the 0.0 of a float.
                    (Some(value), Some(default)) => value.total_cmp(&default).is_eq(),
                    _ => defaults.get(&option.name) == Some(value),
                };
                if option.name == "plugin" || !same {
                    changes.push(Change {
                        table: table.clone(),
                        key: option.name.clone(),
                        value: value.clone(),
                    });
                }
            }
        }
    }
    changes
}
