//! `metadata.json`, as `Tuner._save_metadata` writes it.

use super::wrong;
use crate::decisions::{Options, Value};
use crate::error::ImportError;
use crate::json;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// What a parameter may be (`syne_tune/config_space.py`).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Domain {
    /// `Float`.
    Continuous,
    /// No domain but a value.
    Constant,
    /// `Categorical`, the ordinal ones, and an `Integer` of few values.
    Listed(Vec<Value>),
    /// Anything else: the values seen.
    Open,
}

/// What is read of the file; empty where an older version or another scheduler left it out.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) metrics: Vec<String>,
    /// `min` or `max`, for all metrics or for each.
    modes: Vec<String>,
    pub(super) domains: BTreeMap<String, Domain>,
}

impl Metadata {
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ImportError> {
        let line = |wrong: json::Wrong| ImportError::Row {
            path: path.to_owned(),
            place: "line",
            row: wrong.line,
            column: None,
            reason: wrong.reason,
        };
        let value = json::parse(bytes).map_err(line)?;
        if !value.is_object() {
            return Err(wrong(path, "expected an object `{..}`"));
        }
        // The space is JSON in a text, since tools that store metadata want flat values.
        let space = match value.get("config_space") {
            Some(Json::String(text)) => json::parse(text.as_bytes())
                .map_err(|error| wrong(path, format!("`config_space` in it is damaged: {}", error.reason)))?,
            Some(other) => other.clone(),
            None => Json::Null,
        };
        let domains = space.as_object().into_iter().flatten();
        Ok(Self {
            metrics: texts(value.get("metric_names")),
            modes: texts(value.get("metric_mode")),
            domains: domains.map(|(name, value)| (name.clone(), domain(value))).collect(),
        })
    }

    /// Whether a metric was minimised.
    pub(super) fn minimized(&self, metric: &str) -> Option<bool> {
        let place = self.metrics.iter().position(|name| name == metric);
        let mode = match self.modes.as_slice() {
            [one] => Some(one),
            several => place.and_then(|place| several.get(place)),
        };
        match mode.map(String::as_str) {
            Some("min") => Some(true),
            Some("max") => Some(false),
            _ => None,
        }
    }
}

/// A text or a list of texts.
fn texts(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::String(text)) => vec![text.clone()],
        Some(Json::Array(values)) => {
            values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn domain(value: &Json) -> Domain {
    let (Some(class), Some(arguments)) =
        (value.get("domain_cls").and_then(Json::as_str), value.get("domain_kwargs"))
    else {
        return Domain::Constant;
    };
    let integer = |key: &str| arguments.get(key).and_then(Json::as_i64);
    match class {
        "Float" => Domain::Continuous,
        "Categorical" | "Ordinal" | "OrdinalNearestNeighbor" => {
            let values = arguments.get("categories").and_then(Json::as_array).into_iter().flatten();
            Domain::Listed(values.map(Value::of_json).collect())
        }
        // Both ends are included (`randint`). A quantised one skips values, and the list would not be true.
        "Integer" if value.get("sampler_cls").and_then(Json::as_str) != Some("Quantized") => {
            match integer("lower").zip(integer("upper")) {
                Some((low, high)) if low <= high && high.abs_diff(low) < Options::MOST as u64 => {
                    Domain::Listed((low..=high).map(|value| Value::Number(value as f64)).collect())
                }
                _ => Domain::Open,
            }
        }
        _ => Domain::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read() {
        let text = br#"{"metric_names": ["acc", "time"], "metric_mode": ["max", "min"], "config_space":
            "{\"a\": {\"domain_cls\": \"Integer\", \"domain_kwargs\": {\"lower\": -1, \"upper\": 1}},
              \"q\": {\"domain_cls\": \"Integer\", \"domain_kwargs\": {\"lower\": 0, \"upper\": 9}, \"sampler_cls\": \"Quantized\"},
              \"w\": {\"domain_cls\": \"Integer\", \"domain_kwargs\": {\"lower\": -9223372036854775808, \"upper\": 9223372036854775807}},
              \"k\": {\"domain_cls\": \"Categorical\", \"domain_kwargs\": {\"categories\": [true, \"x\"]}},
              \"f\": {\"domain_cls\": \"Float\", \"domain_kwargs\": {}}, \"c\": 4}"}"#;
        let text: Vec<u8> = text.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
        let metadata = Metadata::parse(Path::new("metadata.json"), &text).unwrap();
        assert_eq!((metadata.minimized("acc"), metadata.minimized("time")), (Some(false), Some(true)));
        assert_eq!(metadata.minimized("loss"), None);
        let numbers = [-1.0, 0.0, 1.0].map(Value::Number).to_vec();
        assert_eq!(metadata.domains["a"], Domain::Listed(numbers));
        assert_eq!(metadata.domains["k"], Domain::Listed(vec![Value::Bool(true), Value::Text("x".into())]));
        let kinds = ["q", "w", "f", "c"].map(|name| &metadata.domains[name]);
        assert_eq!(kinds, [&Domain::Open, &Domain::Open, &Domain::Continuous, &Domain::Constant]);
    }
}
