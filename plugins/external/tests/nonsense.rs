//! Programs that do not keep to the protocol: each way of it has a message that names the command, the line, and what was
//! expected. All are shell scripts, so that the tests need nothing but a Unix system.

#![cfg(unix)]

mod support;

use serde_json::{Value, json};
use support::{HELLO, complaint, strategy_complaint};

/// What a mutator says whose program answers its first request with this.
fn answer(line: &str) -> String {
    named(&complaint(&format!("{HELLO}; read m; echo '{line}'; read end"), &Value::Null))
}

/// The same of a program that greets with this.
fn greeting(line: &str) -> String {
    named(&complaint(&format!("read h; echo '{line}'; read end"), &Value::Null))
}

/// What a strategy says whose program answers an ask with this, after it was told of 0 and 1.
fn proposals(line: &str, more: &Value) -> String {
    let told = |id| format!(r#"read m; echo '{{"type":"told","id":{id},"released":[]}}'"#);
    let hello = HELLO.replace(r#""1"}"#, r#""1","capabilities":["batch"]}"#);
    let tells = if more.is_null() { format!("{}; {}; ", told(0), told(1)) } else { String::new() };
    named(&strategy_complaint(&format!("{hello}; {tells}read m; echo '{line}'; read end"), more))
}

/// The same of its answer to the first tell.
fn told(line: &str) -> String {
    named(&strategy_complaint(&format!("{HELLO}; read m; echo '{line}'; read end"), &Value::Null))
}

/// The scripts themselves would be most of each message.
fn named(message: &str) -> String {
    let (before, rest) = message.split_once('`').expect("a command");
    let (command, after) = rest.split_once("` ").expect("the end of the command");
    assert!(command.starts_with("sh -c read h"), "{message}");
    // An argument may have an odd quote inside.
    let after = after.rsplit_once("bytes)` ").map_or(after, |(_, after)| after);
    format!("{before}`PROGRAM` {after}\n")
}

#[test]
fn a_wrong_greeting() {
    let all = [
        greeting("hello"),
        greeting("[1]"),
        greeting("{}"),
        greeting(r#"{"type":"hello","protocol":2,"name":"later","version":"1","new":true}"#),
        greeting(r#"{"type":"hello","protocol":"1","name":"x","version":"1"}"#),
        greeting(r#"{"type":"hello","name":"x","version":"1"}"#),
        greeting(r#"{"type":"hello","protocol":1,"name":"x","version":"1","capabilities":["fly"]}"#),
        greeting(r#"{"type":"hello","protocol":1,"name":"x","version":"1","capabilities":["batch"]}"#),
        greeting(r#"{"type":"hello","protocol":1,"name":"x","version":"1","random_phase":3}"#),
        greeting(r#"{"type":"hello","protocol":1,"name":"x","version":1}"#),
        greeting(r#"{"type":"error","message":"no licence for this machine"}"#),
    ];
    insta::assert_snapshot!(all.concat(), @r#"
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | hello
    it is no JSON: expected value (column 1)
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | [1]
    it is no JSON object
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {}
    it has no `type`
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","protocol":2,"name":"later","version":"1","new":true}
    it speaks version 2 of the protocol, and this lamarck version 1; use a newer lamarck, or an older program
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","protocol":"1","name":"x","version":"1"}
    it speaks version "1" of the protocol, and this lamarck version 1; use a newer program, or an older lamarck
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","name":"x","version":"1"}
    missing field `protocol`
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","protocol":1,"name":"x","version":"1","capabilities":["fly"]}
    at `capabilities[0]`: unknown variant `fly`, expected one of `recombine`, `batch`, `screen`
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","protocol":1,"name":"x","version":"1","capabilities":["batch"]}
    `batch` is not a capability of a mutator; known are recombine
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","protocol":1,"name":"x","version":"1","random_phase":3}
    only a strategy has a `random_phase`
    `PROGRAM` broke the protocol: expected `hello` in answer to `hello`, found the line
     | {"type":"hello","protocol":1,"name":"x","version":1}
    at `version`: invalid type: integer `1`, expected a string
    `PROGRAM` reports: no licence for this machine
    "#);
}

#[test]
fn a_wrong_child() {
    let all = [
        answer("thinking.."),
        answer(r#"{"type":"children","id":0,"children":[[1,0,4]]"#),
        answer("42"),
        answer(r#"{"id":0,"children":[[1,0,4]]}"#),
        answer(r#"{"type":"proposals","id":0,"proposals":[]}"#),
        answer(r#"{"type":"children","children":[[1,0,4]]}"#),
        answer(r#"{"type":"children","id":0}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,4]],"note":"hi"}"#),
        answer(r#"{"type":"children","id":1,"children":[[1,0,4]]}"#),
        answer(r#"{"type":"children","id":0,"children":[]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,4],[1,0,3]]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0]]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,5]]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,-4]]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,70000]]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,2.5]]}"#),
        answer(r#"{"type":"children","id":0,"children":[[1,0,null]]}"#),
        answer(r#"{"type":"error","id":0,"message":"out of ideas "}"#),
        answer(r#"{"type":"error","id":0}"#),
    ];
    insta::assert_snapshot!(all.concat(), @r#"
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | thinking..
    it is no JSON: expected ident (column 2)
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,4]]
    it is no JSON: EOF while parsing an object (column 46)
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | 42
    it is no JSON object
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"id":0,"children":[[1,0,4]]}
    it has no `type`
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"proposals","id":0,"proposals":[]}
    its `type` is "proposals"
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","children":[[1,0,4]]}
    missing field `id`
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0}
    missing field `children`
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,4]],"note":"hi"}
    at `note`: unknown field `note`, expected `id` or `children`
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":1,"children":[[1,0,4]]}
    its `id` is 1
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[]}
    it has 0 children, and 1 was requested
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,4],[1,0,3]]}
    it has 2 children, and 1 was requested
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0]]}
    space `test` has 3 decisions, but the vector has 2 choices
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,5]]}
    choice 5 for decision 2 (`decision 2`) is out of range: it has 5 options, numbered from 0
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,-4]]}
    at `children[0][2]`: invalid value: integer `-4`, expected a whole number from 0 to 65535
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,70000]]}
    at `children[0][2]`: invalid value: integer `70000`, expected a whole number from 0 to 65535
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,2.5]]}
    at `children[0][2]`: invalid type: floating point `2.5`, expected a whole number from 0 to 65535
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"children","id":0,"children":[[1,0,null]]}
    at `children[0][2]`: invalid type: null, expected a whole number from 0 to 65535
    `PROGRAM` reports: out of ideas
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found the line
     | {"type":"error","id":0}
    missing field `message`
    "#);
}

#[test]
fn wrong_proposals() {
    let batch = json!({ "batch": 2 });
    let all = [
        proposals(r#"{"type":"proposals","id":2,"proposals":[]}"#, &Value::Null),
        proposals(
            r#"{"type":"proposals","id":2,"proposals":[{"type":"sample"},{"type":"sample"}]}"#,
            &Value::Null,
        ),
        proposals(r#"{"type":"proposals","id":2,"proposals":[{"type":"guess"}]}"#, &Value::Null),
        proposals(r#"{"type":"proposals","id":2,"proposals":["sample"]}"#, &Value::Null),
        proposals(r#"{"type":"proposals","id":2,"proposals":[{"type":"mutate"}]}"#, &Value::Null),
        proposals(
            r#"{"type":"proposals","id":2,"proposals":[{"type":"mutate","parent":1,"rnak":1}]}"#,
            &Value::Null,
        ),
        proposals(
            r#"{"type":"proposals","id":2,"proposals":[{"type":"mutate","parent":1,"rank":0}]}"#,
            &Value::Null,
        ),
        proposals(r#"{"type":"proposals","id":2,"proposals":[{"type":"mutate","parent":7}]}"#, &Value::Null),
        proposals(
            r#"{"type":"proposals","id":2,"proposals":[{"type":"recombine","parent":0,"other":9}]}"#,
            &Value::Null,
        ),
        proposals(
            r#"{"type":"proposals","id":2,"proposals":[{"type":"exact","choices":[0,1,0]}]}"#,
            &Value::Null,
        ),
        proposals(r#"{"type":"proposals","id":0,"proposals":[{"type":"wait"},{"type":"sample"}]}"#, &batch),
        proposals(
            r#"{"type":"proposals","id":0,"released":[1],"proposals":[{"type":"mutate","parent":1}]}"#,
            &batch,
        ),
        proposals(r#"{"type":"proposals","id":0,"released":[0,0],"proposals":[{"type":"sample"}]}"#, &batch),
        told(r#"{"type":"told","id":0,"released":[0,3]}"#),
        told(r#"{"type":"told","id":0,"released":"none"}"#),
        told(r#"{"type":"told","id":0}"#),
    ];
    insta::assert_snapshot!(all.concat(), @r#"
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[]}
    it has 0 proposals, and 1 was asked for
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"sample"},{"type":"sample"}]}
    it has 2 proposals, and 1 was asked for
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"guess"}]}
    at `proposals[0].type`: unknown variant `guess`, expected one of `sample`, `mutate`, `recombine`, `exact`, `wait`
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":["sample"]}
    at `proposals[0]`: invalid type: string "sample", expected an object with a `type`
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"mutate"}]}
    at `proposals[0]`: missing field `parent`
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"mutate","parent":1,"rnak":1}]}
    at `proposals[0]`: unknown field `rnak`, expected `parent` or `rank`
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"mutate","parent":1,"rank":0}]}
    at `proposals[0]`: invalid value: integer `0`, expected a whole number of at least 1
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"mutate","parent":7}]}
    at `proposals[0]`: it selects candidate 7, which it was not told of or has released
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"recombine","parent":0,"other":9}]}
    at `proposals[0]`: it selects candidate 9, which it was not told of or has released
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 2, found the line
     | {"type":"proposals","id":2,"proposals":[{"type":"exact","choices":[0,1,0]}]}
    at `proposals[0]`: choice 1 for decision 1 (`decision 1`) is out of range: it has 1 options, numbered from 0
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 0, found the line
     | {"type":"proposals","id":0,"proposals":[{"type":"wait"},{"type":"sample"}]}
    at `proposals[0]`: nothing may follow on `wait`
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 0, found the line
     | {"type":"proposals","id":0,"released":[1],"proposals":[{"type":"mutate","parent":1}]}
    at `proposals[0]`: it selects candidate 1, which it was not told of or has released
    `PROGRAM` broke the protocol: expected `proposals` in answer to `ask` 0, found the line
     | {"type":"proposals","id":0,"released":[0,0],"proposals":[{"type":"sample"}]}
    it releases candidate 0 twice
    `PROGRAM` broke the protocol: expected `told` in answer to `tell` 0, found the line
     | {"type":"told","id":0,"released":[0,3]}
    it releases candidate 3, which it was not told of or has released before
    `PROGRAM` broke the protocol: expected `told` in answer to `tell` 0, found the line
     | {"type":"told","id":0,"released":"none"}
    at `released`: invalid type: string "none", expected a list
    `PROGRAM` broke the protocol: expected `told` in answer to `tell` 0, found the line
     | {"type":"told","id":0}
    missing field `released`
    "#);
}

#[test]
fn a_batch_needs_a_program_that_can() {
    let message = strategy_complaint(&format!("{HELLO}; read end"), &json!({ "batch": 2 }));
    assert!(message.starts_with("option `batch` is 2, but `sh -c "), "{message}");
    assert!(message.ends_with("does not name the capability `batch`; set it to 1"), "{message}");
}

#[test]
fn more_than_was_asked_for() {
    let child = r#"{"type":"children","id":0,"children":[[1,0,4]]}"#;
    // In one write, so that the second line is there when the first is read.
    let all = [
        answer(&format!("{child}\ndone!")),
        named(&complaint(
            // Half a line, in the same write as the greeting.
            r#"read h; printf '%s\nready? ' '{"type":"hello","protocol":1,"name":"test","version":"1"}'; read m"#,
            &json!({ "timeout_s": 0.2 }),
        )),
    ];
    insta::assert_snapshot!(all.concat(), @r#"
    `PROGRAM` broke the protocol: expected nothing after its answer, found the line
     | done!
    only answers may go to standard output; what is for people goes to standard error
    `PROGRAM` broke the protocol: expected nothing after its answer, found the line
     | ready?
    only answers may go to standard output; what is for people goes to standard error
    "#);
}

#[test]
fn a_line_without_end() {
    let message = named(&complaint(&format!("{HELLO}; read m; tr '\\0' x < /dev/zero"), &Value::Null));
    insta::assert_snapshot!(message, @r#"
    `PROGRAM` broke the protocol: expected `children` in answer to `mutate` 0, found a line of more than 64 MB that begins
     | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    "#);
}
