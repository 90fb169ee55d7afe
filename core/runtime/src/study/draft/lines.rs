//! The lines of a draft.

use super::super::key::segment_text;
use super::super::words::expectation;
use super::super::write;
use lamarck_model::options::OptionInfo;
use serde_json::Value;

/// Where comments behind keys begin.
const COLUMN: usize = 32;
/// No line is longer, but for a value that is.
const WIDTH: usize = 110;

/// `key = value    # what it does [unit]; a number from 0 to 1`; what does not fit behind the key stands above it.
pub(super) fn key_line(text: &mut String, mark: &str, option: &OptionInfo, value: &Value) {
    let key = format!("{mark}{} = {}", segment_text(&option.name), write::inline(value));
    let comment = explained(option);
    let length = key.chars().count().max(COLUMN) + comment.chars().count() + 3;
    if comment.is_empty() {
        *text += &format!("{key}\n");
    } else if length <= WIDTH {
        *text += &format!("{key:COLUMN$} # {comment}\n");
    } else {
        prose(text, &comment);
        *text += &format!("{key}\n");
    }
}

/// A key that has no value, or has it in the sweep.
pub(super) fn unset_line(text: &mut String, option: &OptionInfo, swept: bool) {
    let state = if swept { "swept" } else { "not set" };
    prose(text, &format!("{} ({state}): {}", option.name, explained(option)));
}

/// What an option does and what it may be.
fn explained(option: &OptionInfo) -> String {
    let unit = if option.unit.is_empty() { String::new() } else { format!(" [{}]", option.unit) };
    let expected = match option.kind.as_str() {
        "integer" | "float" | "choice" => expectation(option),
        _ => String::new(),
    };
    // Types that a value shows by itself need no words.
    let expected = ["a whole number of ", "a number of ", "a whole number ", "a number "]
        .iter()
        .find_map(|kind| expected.strip_prefix(kind))
        .unwrap_or(&expected);
    let join = if expected.is_empty() || option.help.is_empty() { "" } else { "; " };
    super::super::words::printable(&format!("{}{unit}{join}{expected}", option.help))
}

/// A comment, broken into lines.
pub(super) fn prose(text: &mut String, words: &str) {
    let indent: String = words.chars().take_while(|c| *c == ' ').collect();
    let mut line = String::new();
    let mut flush = |line: &mut String, more: &str| {
        *text += &format!("# {indent}{line}\n");
        line.clear();
        line.push_str(more);
    };
    for word in words.split_whitespace() {
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + word.chars().count() + indent.len() + 3 > WIDTH {
            flush(&mut line, word);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    flush(&mut line, "");
}
