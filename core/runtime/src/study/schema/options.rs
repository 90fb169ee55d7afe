//! Options as JSON Schema.

use crate::study::words::expectation;
use lamarck_model::options::OptionInfo;
use serde_json::{Map, Value, json};

/// An option's schema: type, range, words, default, and a description for whoever hovers over the key.
pub(super) fn option(option: &OptionInfo) -> Value {
    let mut schema = Map::new();
    match option.kind.as_str() {
        "bool" => {
            schema.insert("type".into(), "boolean".into());
        }
        "integer" => {
            schema.insert("type".into(), "integer".into());
            // Where TOML's own integers end nothing is said: readers in JavaScript would round it to a number beyond.
            let bound =
                |number: &Option<serde_json::Number>| number.as_ref().and_then(serde_json::Number::as_i64);
            if let Some(min) = bound(&option.min).filter(|min| *min != i64::MIN) {
                schema.insert("minimum".into(), min.into());
            }
            if let Some(max) = bound(&option.max).filter(|max| *max != i64::MAX) {
                schema.insert("maximum".into(), max.into());
            }
        }
        "float" => {
            schema.insert("type".into(), "number".into());
            let bound =
                |number: &Option<serde_json::Number>| number.as_ref().and_then(serde_json::Number::as_f64);
            match bound(&option.min) {
                // How an OptionSpec writes an open interval.
                Some(min) if min > 0.0 && min <= f64::MIN_POSITIVE => {
                    schema.insert("exclusiveMinimum".into(), 0.into());
                }
                Some(min) if min > f64::MIN => {
                    schema.insert("minimum".into(), min.into());
                }
                _ => {}
            }
            if let Some(max) = bound(&option.max).filter(|max| *max < f64::MAX) {
                schema.insert("maximum".into(), max.into());
            }
        }
        "text" => {
            schema.insert("type".into(), "string".into());
        }
        "choice" => {
            schema.insert("type".into(), "string".into());
            schema.insert("enum".into(), option.words.clone().into());
        }
        // A component checks these itself.
        _ => {}
    }
    schema.insert("description".into(), description(option).into());
    if !option.required && !option.default.is_null() {
        schema.insert("default".into(), option.default.clone());
    }
    Value::Object(schema)
}

/// `what it does [unit]; a whole number from 1 to 9`.
pub(super) fn description(option: &OptionInfo) -> String {
    let unit = if option.unit.is_empty() { String::new() } else { format!(" [{}]", option.unit) };
    let expected = match option.kind.as_str() {
        // What stands in `enum`, or says nothing.
        "choice" | "bool" | "text" | "any" => String::new(),
        _ => format!("; {}", expectation(option)),
    };
    let required = if option.required { "; must be set" } else { "" };
    format!("{}{unit}{expected}{required}", option.help)
}

/// What any of these accepts; each differing one once.
pub(super) fn any_of(mut schemas: Vec<Value>) -> Value {
    let mut distinct: Vec<Value> = Vec::new();
    for schema in schemas.drain(..) {
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    if distinct.len() == 1 { distinct.swap_remove(0) } else { json!({ "anyOf": distinct }) }
}

/// A list of such values to be swept.
pub(super) fn list(schema: &Value) -> Value {
    json!({ "type": "array", "minItems": 1, "uniqueItems": true, "items": schema })
}

/// Text as a regular expression that matches it alone.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        if !c.is_alphanumeric() && !matches!(c, '_' | '-' | ' ' | '"') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}
