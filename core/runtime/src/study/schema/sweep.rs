//! `[sweep]` as JSON Schema: every key that may be swept, dotted or as nested tables, and the cases.

use super::options::{escaped, list};
use super::sections::Section;
use crate::study::key::segment_text;
use serde_json::{Map, Value, json};

/// Whether values are listed (an axis) or given (a case).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Axis,
    Case,
}

impl Form {
    /// A value in this form.
    fn of(self, schema: &Value) -> Value {
        match self {
            Self::Axis => list(schema),
            Self::Case => schema.clone(),
        }
    }

    /// The value of an option that only its component can check: it may be a table, whose keys are swept one by one.
    fn of_key(self, schema: &Value, shown: &Value) -> Value {
        match self {
            Self::Axis if is_open(schema) => {
                json!({ "type": ["array", "object"], "minItems": 1, "uniqueItems": true })
            }
            _ => self.of(shown),
        }
    }
}

/// Whether the schema of an option lets everything pass.
fn is_open(schema: &Value) -> bool {
    let any = schema.get("anyOf").and_then(Value::as_array);
    any.map_or_else(
        || schema.get("type").is_none() && schema.get("not").is_none(),
        |any| any.iter().any(is_open),
    )
}

/// Keys, and patterns of keys.
#[derive(Default)]
struct Keys {
    names: Map<String, Value>,
    patterns: Map<String, Value>,
}

impl Keys {
    fn table(self) -> Value {
        let mut table = json!({ "type": "object", "properties": self.names, "additionalProperties": false });
        if !self.patterns.is_empty() {
            table["patternProperties"] = self.patterns.into();
        }
        table
    }
}

/// The schema of `[sweep]`.
pub(super) fn schema(sections: &[Section<'_>]) -> Value {
    let mut axes = keys(sections, Form::Axis);
    let mut case = keys(sections, Form::Case);
    let name = json!({
        "type": "string",
        "pattern": "\\S",
        "description": "the case's name, which is the point's in results and reports",
    });
    case.names.insert("name".into(), name);
    let mut case = case.table();
    case["required"] = json!(["name"]);
    case["description"] = "keys that belong together, and their values".into();
    case["x-taplo"] = json!({ "initKeys": ["name"] });
    let cases = json!({
        "type": "array",
        "minItems": 1,
        "uniqueItems": true,
        "items": case,
        "description": "points that each set several keys",
    });
    axes.names.insert("case".into(), cases);
    let mut table = axes.table();
    table["description"] = "keys and the values to try: every combination is a point of the study".into();
    table
}

fn keys(sections: &[Section<'_>], form: Form) -> Keys {
    let mut keys = Keys::default();
    for section in sections {
        let name = section.spec.name;
        if section.spec.sweep {
            if section.spec.list { entries(section, form, &mut keys) } else { one(section, form, &mut keys) }
        } else if name == "study" {
            let own = section.own();
            let Some(seed) = own.get("seed").map(|seed| section.key("seed", seed)) else { continue };
            let seed = &seed;
            keys.names.insert("study.seed".into(), form.of(seed));
            let nested = json!({
                "type": "object",
                "properties": { "seed": form.of(seed) },
                "additionalProperties": false,
            });
            keys.names.insert("study".into(), nested);
        }
    }
    keys
}

/// A table of the section below an axis or in a case: some of its keys.
fn nested(section: &Section<'_>, form: Form) -> Value {
    match form {
        Form::Case => section.table_ref(),
        Form::Axis => {
            let mut keys = Keys::default();
            add(&mut keys, "", section, form);
            keys.table()
        }
    }
}

/// Adds a table's keys below a prefix; the patterns are those of keys within options that may be tables.
fn add(keys: &mut Keys, prefix: &str, section: &Section<'_>, form: Form) {
    for (key, schema) in section.keys() {
        let shown = section.key(&key, &schema);
        let dotted = format!("{prefix}{}", segment_text(&key));
        if is_open(&schema) {
            keys.patterns.insert(format!("^{}\\..", escaped(&dotted)), form.of_key(&json!({}), &json!({})));
        }
        keys.names.insert(dotted, form.of_key(&schema, &shown));
    }
}

fn one(section: &Section<'_>, form: Form, keys: &mut Keys) {
    let name = section.spec.name;
    add(keys, &format!("{name}."), section, form);
    let value = match form {
        Form::Axis => json!({
            "description": section.spec.help,
            "anyOf": [list(&section.table_ref()), nested(section, form)],
        }),
        Form::Case => nested(section, form),
    };
    keys.names.insert(name.to_owned(), value);
}

fn entries(section: &Section<'_>, form: Form, keys: &mut Keys) {
    let name = section.spec.name;
    let mut entry = Keys::default();
    let mut dotted = Keys::default();
    add(&mut entry, "", section, form);
    for (key, schema) in entry.names {
        let key = escaped(&key);
        dotted.patterns.insert(format!("^[0-9]+\\.{key}$"), schema.clone());
        keys.patterns.insert(format!("^{}\\.[0-9]+\\.{key}$", escaped(name)), schema);
    }
    for (pattern, schema) in entry.patterns {
        let pattern = pattern.trim_start_matches('^');
        dotted.patterns.insert(format!("^[0-9]+\\.{pattern}"), schema.clone());
        keys.patterns.insert(format!("^{}\\.[0-9]+\\.{pattern}", escaped(name)), schema);
    }
    let at = match form {
        Form::Axis => json!({ "anyOf": [list(&section.table_ref()), nested(section, form)] }),
        Form::Case => nested(section, form),
    };
    dotted.patterns.insert("^[0-9]+$".into(), at.clone());
    keys.patterns.insert(format!("^{}\\.[0-9]+$", escaped(name)), at);
    let mut entries = section.below_root();
    entries["items"] = section.table_ref();
    let all = form.of(&entries);
    let value = json!({ "description": section.spec.help, "anyOf": [all, dotted.table()] });
    keys.names.insert(name.to_owned(), value);
}

/// The study has a sweep in which an axis or a case has such keys.
pub(super) fn touched(condition: &Value) -> Value {
    let in_a_case = json!({
        "required": ["case"],
        "properties": { "case": { "type": "array", "contains": condition } },
    });
    json!({
        "required": ["sweep"],
        "properties": { "sweep": { "type": "object", "anyOf": [condition, in_a_case] } },
    })
}

/// The study has a sweep in which an axis or every case has such keys.
pub(super) fn set(condition: &Value) -> Value {
    let in_all_cases = json!({
        "required": ["case"],
        "properties": { "case": { "type": "array", "minItems": 1, "items": condition } },
    });
    json!({
        "required": ["sweep"],
        "properties": { "sweep": { "type": "object", "anyOf": [condition, in_all_cases] } },
    })
}

/// A table in which some key matches.
pub(super) fn has_key(pattern: &str) -> Value {
    json!({ "type": "object", "not": { "propertyNames": { "not": { "pattern": pattern } } } })
}

/// A table that has a key of a section, dotted or nested, or the whole section.
pub(super) fn has_key_of(section: &str, key: &str) -> Value {
    let nested = json!({ "anyOf": [{ "type": "array" }, { "type": "object", "required": [key] }] });
    json!({
        "type": "object",
        "anyOf": [
            { "required": [format!("{section}.{}", segment_text(key))] },
            { "required": [section], "properties": { section: nested } },
        ],
    })
}
