//! Words in messages: near misses, values that were found, text safe for a terminal.

use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;
use serde_json::Value;

/// Longer words are no typing mistakes, and the distance takes memory in proportion to the product of the lengths.
const LONGEST_WORD: usize = 64;

/// The known word nearest to `word`, if any is near enough to be meant: at least half of its letters in place.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let lower = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in known.into_iter().filter(|known| known.len() <= LONGEST_WORD) {
        let likeness = strsim::normalized_damerau_levenshtein(&lower, &candidate.to_lowercase());
        // The first of equals stays, so the order of the tables decides.
        if likeness >= 0.5 && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, word)| word)
}

/// A value as a message shows it.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        _ => shortened(&value.to_string(), 60),
    }
}

/// What may stand at an option. Open intervals, which an `OptionSpec` writes with the smallest positive number, and
/// missing upper bounds read as what they mean.
pub(super) fn expectation(option: &OptionInfo) -> String {
    let bound = |number: &Option<serde_json::Number>| number.as_ref().and_then(serde_json::Number::as_f64);
    let (Some(min), Some(max)) = (bound(&option.min), bound(&option.max)) else {
        return option.expectation();
    };
    let above_zero = min > 0.0 && min <= f64::MIN_POSITIVE;
    match (option.kind.as_str(), above_zero, max >= f64::MAX) {
        ("float", true, true) => "a number above 0".to_owned(),
        ("float", true, false) => format!("a number above 0 and at most {max}"),
        ("float", false, true) => format!("a number of at least {min}"),
        ("float", false, false) => format!("a number from {min} to {max}"),
        _ => option.expectation(),
    }
}

/// What an option is for, as the cure of a wrong value: `how many at a time (default 1)`.
pub(super) fn purpose(option: &OptionInfo) -> Option<String> {
    if option.help.is_empty() {
        return None;
    }
    let unit = if option.unit.is_empty() { String::new() } else { format!(" [{}]", option.unit) };
    let default = match &option.default {
        _ if option.required => String::new(),
        Value::Null => String::new(),
        Value::String(text) if text.is_empty() => String::new(),
        default => format!(" (default {})", shortened(&super::write::inline(default), 60)),
    };
    Some(format!("`{}`: {}{unit}{default}", option.name, option.help))
}

/// At most so many characters, with a mark where some are missing.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The text with control characters replaced: a study must not be able to steer the terminal that shows its errors.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// "`a`, `b`, `c`", cut after a dozen.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let mut shown: Vec<String> =
        words.iter().take(16).map(|word| format!("`{}`", shortened(word, LONGEST_WORD))).collect();
    if words.len() > shown.len() {
        shown.push(format!("{} more", words.len() - shown.len()));
    }
    shown.join(", ")
}

/// A kind of component with its article.
pub(super) fn a_kind(kind: Kind) -> String {
    let article = if kind.noun().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
