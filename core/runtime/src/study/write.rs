//! JSON values as TOML text on one line.
//!
//! The `toml` crate's writer breaks texts over lines and spells `1e300` with three hundred zeros; a resolved study
//! is read by people, in reports and in `trace.json`.

use super::key::segment_text;
use serde_json::Value;

/// A basic string. JSON's escapes are TOML's, but TOML also wants U+007F escaped.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// Whether TOML can say it: it has no null, and its integers end at 2⁶³ − 1. Such values come from defaults only.
pub(super) fn expressible(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_i64() || number.is_f64(),
        Value::Array(items) => items.iter().all(expressible),
        Value::Object(map) => map.values().all(expressible),
    }
}

/// The value in TOML's inline form, on one line. Null, which TOML does not have, is written as JSON has it.
pub fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            let pair = |(key, value): (&String, &Value)| format!("{} = {}", segment_text(key), inline(value));
            let pairs: Vec<String> = pairs.into_iter().map(pair).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        // Null is not TOML; callers ask `expressible` first, and labels show it as it is.
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
