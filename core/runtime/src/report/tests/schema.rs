//! `docs/report.schema.json` says of `report.json` what is true, and all of it.

use super::*;
use jsonschema::Validator;
use serde_json::Value;
use std::path::Path;

fn schema() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/report.schema.json");
    serde_json::from_str(&std::fs::read_to_string(file).expect("the schema")).expect("JSON")
}

/// The same schema, to which a key that it does not describe is a mistake. The published one lets readers of today
/// accept what a later release adds.
fn closed(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            map.values_mut().for_each(closed);
        }
        Value::Array(items) => items.iter_mut().for_each(closed),
        _ => {}
    }
}

fn problems(validator: &Validator, report: &Value) -> Vec<String> {
    validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn produced() -> Value {
    serde_json::to_value(merged(&six_runs())).expect("JSON")
}

#[test]
fn a_report_is_as_the_schema_says_and_the_schema_misses_nothing() {
    let mut schema = schema();
    jsonschema::meta::validate(&schema).expect("a JSON Schema");
    assert_eq!(schema["properties"]["schema"]["const"], REPORT_SCHEMA);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert_eq!(problems(&validator, &produced()), [""; 0]);
    closed(&mut schema);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert_eq!(problems(&validator, &produced()), [""; 0]);
    // A report of one run, without bands.
    let single = serde_json::to_value(merged(&[run(0, 0, everything(1.0))])).expect("JSON");
    assert_eq!(problems(&validator, &single), [""; 0]);
}

/// Every key, taken away, is missed; every value, replaced by one of another type, is refused.
#[test]
fn the_schema_refuses_what_is_no_report() {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let report = produced();
    let mut pointers = Vec::new();
    walk(&report, String::new(), &mut pointers);
    assert!(pointers.len() > 300, "{}", pointers.len());
    for pointer in pointers {
        let mut wrong = report.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("below the root");
        *wrong.pointer_mut(&pointer).expect("it was there") = serde_json::json!({ "not": "this" });
        assert!(!validator.is_valid(&wrong), "{pointer} may be an object");
        let mut without = report.clone();
        if let Some(Value::Object(map)) = without.pointer_mut(parent) {
            map.remove(key);
            assert!(!validator.is_valid(&without), "{pointer} may be left out");
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "each call makes its own")]
fn walk(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    if !pointer.is_empty() {
        pointers.push(pointer.clone());
    }
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| walk(value, format!("{pointer}/{key}"), pointers));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| walk(item, format!("{pointer}/{at}"), pointers));
        }
        _ => {}
    }
}
