//! `transcript.jsonl` is what `docs/external.md` says in words: four conversations, played here in both directions, and
//! held against the published schema.
//!
//! To record it anew after the protocol has changed: let `tee` listen on both sides of the examples while `drive` talks to
//! them.

#![cfg(unix)]

mod support;

use jsonschema::Validator;
use lamarck_external::process::{Command, Deadline, Program};
use lamarck_external::protocol::{FromProgram, ToProgram};
use lamarck_external::{ExternalMutator, ExternalStrategy};
use lamarck_sdk::{Mutator, Proposal, Rng, Selected, Strategy};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use support::{examples, make, python, search, tell};
use tempfile::TempDir;

/// The conversations: their names, the study's options, and the example that speaks in them, if one does.
fn conversations() -> [(&'static str, Value, Option<&'static str>); 4] {
    let options = json!({ "population": 3, "sample": 2 });
    [
        ("mutator", Value::Null, Some("mutator.py")),
        ("strategy", json!({ "options": options }), Some("strategy.py")),
        ("strategy in batches", json!({ "batch": 3, "options": options }), Some("strategy.py")),
        ("everything else", Value::Null, None),
    ]
}

/// What one side said in a conversation. Lamarck's version is this one's, whatever was recorded.
fn said(conversation: &str, who: &str) -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcript.jsonl");
    let text = fs::read_to_string(file).expect("the transcript");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let of = lines.filter(|line| line["conversation"] == conversation && line["from"] == who);
    let messages: Vec<Value> = of
        .map(|mut line| {
            if let Some(version) = line["message"].get_mut("lamarck") {
                *version = env!("CARGO_PKG_VERSION").into();
            }
            line["message"].take()
        })
        .collect();
    assert!(messages.len() > 1, "{conversation} has {} messages from {who}", messages.len());
    messages
}

/// Leads a conversation with a program: as a study would, with the same calls and seeds every time.
fn drive(conversation: &str, folder: &Path, command: &[&str], more: &Value) {
    match conversation {
        "mutator" => {
            let mutator: ExternalMutator = make(folder, command, more).expect("a mutator");
            for seed in 0..2 {
                let mut child = [2, 0, 4];
                mutator.mutate(&mut child, &mut Rng::from_seed(seed)).expect("a child");
                assert_ne!(child, [2, 0, 4]);
            }
            let mut child = [2, 0, 4];
            mutator.recombine(&mut child, &[0, 0, 1], &mut Rng::from_seed(2)).expect("a child");
        }
        "strategy" | "strategy in batches" => {
            let mut strategy: ExternalStrategy = make(folder, command, more).expect("a strategy");
            assert_eq!(strategy.spec().random_phase, (conversation == "strategy").then_some(6));
            let course = search(&mut strategy, if conversation == "strategy" { 9 } else { 12 });
            assert!(course.iter().any(|(proposal, _)| matches!(proposal, Proposal::Mutate(_))));
        }
        _ => {
            let mut strategy: ExternalStrategy = make(folder, command, more).expect("a strategy");
            assert!(strategy.spec().screens);
            let mut rng = Rng::from_seed(1);
            let mut ask = |strategy: &mut ExternalStrategy| strategy.ask(&mut rng).expect("a proposal");
            assert_eq!(ask(&mut strategy), Proposal::Exact(vec![1, 0, 2]));
            assert!(!strategy.accept(&[1, 0, 2]).expect("an answer"));
            assert_eq!(ask(&mut strategy), Proposal::Sample);
            assert!(strategy.accept(&[0, 0, 3]).expect("an answer"));
            assert_eq!(ask(&mut strategy), Proposal::Wait);
            assert_eq!(tell(&mut strategy, 0, &[0, 0, 3], Some(0.1)).expect("an answer"), [0; 0]);
            assert_eq!(tell(&mut strategy, 1, &[2, 0, 3], None).expect("an answer"), [0; 0]);
            let (a, b) = (Selected { id: 0, rank: Some(1) }, Selected { id: 1, rank: None });
            assert_eq!(ask(&mut strategy), Proposal::Recombine(a, b));
            assert_eq!(tell(&mut strategy, 2, &[2, 0, 1], Some(-2.5e-7)).expect("an answer"), [1, 2]);
            let error = format!("{:#}", strategy.ask(&mut rng).expect_err("it has had enough"));
            assert!(error.ends_with("reports: the licence has expired"), "{error}");
        }
    }
}

/// A program that says what was recorded, and writes down what it hears.
const PARROT: &str =
    r#"while read -r line; do printf '%s\n' "$line" >> heard; n=$((n + 1)); sed -n "${n}p" answers; done"#;

/// Lamarck says to a program what was recorded, byte for byte in value.
#[test]
fn lamarck_keeps_to_the_transcript() {
    for (conversation, more, _) in conversations() {
        let folder = TempDir::new().expect("a folder");
        let answers: Vec<String> = said(conversation, "program").iter().map(Value::to_string).collect();
        fs::write(folder.path().join("answers"), answers.join("\n") + "\n").expect("a file");
        drive(conversation, folder.path(), &["sh", "-c", PARROT], &more);
        let heard = fs::read_to_string(folder.path().join("heard")).expect("what it heard");
        let heard: Vec<Value> = heard.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(heard, said(conversation, "lamarck"), "{conversation}");
    }
}

/// The examples answer what was recorded.
#[test]
fn the_examples_keep_to_the_transcript() {
    let Some(python) = python() else { return };
    for (conversation, more, example) in conversations() {
        let Some(example) = example else { continue };
        let command = Command { words: vec![python.into(), example.into()], folder: examples().to_owned() };
        let mut program = Program::start(&command).expect("a program");
        let deadline = Deadline::after(Duration::from_mins(1));
        for (message, answer) in said(conversation, "lamarck").iter().zip(said(conversation, "program")) {
            program.send(&message.to_string(), deadline).expect("it listens");
            let line = program.receive(deadline).expect("it answers");
            let line: Value = serde_json::from_slice(&line).expect("JSON");
            assert_eq!(line, answer, "{conversation}: {message}");
        }
        // And so they do when Lamarck leads.
        drive(conversation, examples(), &[python, example], &more);
    }
}

fn schema(part: &str) -> Validator {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/external.schema.json");
    let mut schema: Value =
        serde_json::from_str(&fs::read_to_string(file).expect("the schema")).expect("JSON");
    jsonschema::meta::validate(&schema).expect("a JSON Schema");
    let map = schema.as_object_mut().expect("an object");
    map.remove("oneOf");
    map.insert("$ref".into(), format!("#/$defs/{part}").into());
    jsonschema::validator_for(&schema).expect("a schema")
}

/// Whether Lamarck itself takes this for a message.
fn understood(who: &str, message: &Value) -> bool {
    if who == "lamarck" {
        serde_json::from_value::<ToProgram>(message.clone()).is_ok()
    } else {
        serde_json::from_value::<FromProgram>(message.clone()).is_ok()
    }
}

/// The schema allows what Lamarck understands, and nothing else: of every message of the transcript, and of each with any
/// one thing taken away, added or replaced.
#[test]
fn the_schema_is_what_lamarck_understands() {
    let (mut messages, mut refused, mut types) = (0, 0, std::collections::BTreeSet::new());
    for (who, part) in [("lamarck", "to-program"), ("program", "from-program")] {
        let schema = schema(part);
        for (conversation, _, _) in conversations() {
            for message in said(conversation, who) {
                types.insert((who, message["type"].as_str().expect("a type").to_owned()));
                assert!(schema.is_valid(&message) && understood(who, &message), "{message}");
                for wrong in variations(&message) {
                    let (one, other) = (schema.is_valid(&wrong), understood(who, &wrong));
                    assert_eq!(one, other, "schema {one}, lamarck {other}: {wrong}");
                    messages += 1;
                    refused += usize::from(!other);
                }
            }
        }
    }
    assert_eq!(types.len(), 12, "a type of message is missing: {types:?}");
    assert!(messages > 2000 && refused > 1000, "{messages} variations, {refused} refused");
}

/// A message, each time with one thing changed.
fn variations(message: &Value) -> Vec<Value> {
    let mut pointers = vec![String::new()];
    walk(message, "", &mut pointers);
    let mut all = Vec::new();
    for pointer in pointers.iter().filter(|pointer| !pointer.is_empty()) {
        for other in
            [json!(null), json!(true), json!(-1), json!(0.5), json!(70_000), json!("x"), json!([]), json!({})]
        {
            let mut wrong = message.clone();
            *wrong.pointer_mut(pointer).expect("it was there") = other;
            all.push(wrong);
        }
        let (parent, key) = pointer.rsplit_once('/').expect("below the root");
        let mut wrong = message.clone();
        if let Some(Value::Object(map)) = wrong.pointer_mut(parent) {
            map.remove(key);
            all.push(wrong);
        }
    }
    for pointer in &pointers {
        let mut wrong = message.clone();
        // What describes a space may grow, and options are the program's own.
        if let Some(Value::Object(map)) = wrong.pointer_mut(pointer) {
            map.insert("extra".into(), 1.into());
            all.push(wrong);
        }
    }
    all
}

fn walk(value: &Value, pointer: &str, pointers: &mut Vec<String>) {
    let mut at = |key: &str, value: &Value| {
        let pointer = format!("{pointer}/{key}");
        pointers.push(pointer.clone());
        walk(value, &pointer, pointers);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| at(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| at(&i.to_string(), item)),
        _ => {}
    }
}
