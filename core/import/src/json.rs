//! JSON as Python writes it.
//!
//! Python's `json` writes floats that are no numbers bare, as `NaN`, `Infinity` and `-Infinity`, which JSON does not have.
//! They are read as the texts of the same name, and [`number`] makes numbers of them.

use serde_json::Value;
use std::ops::Range;

/// Why bytes are no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// From 1.
    pub(crate) line: u64,
    /// What is wrong, with the column.
    pub(crate) reason: String,
}

/// Parses one value.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Wrong> {
    let strict = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let tokens = bare_floats(bytes);
    if tokens.is_empty() {
        return Err(wrong(&strict, strict.column()));
    }
    let mut quoted = Vec::with_capacity(bytes.len() + 2 * tokens.len());
    let mut from = 0;
    for token in &tokens {
        quoted.extend_from_slice(&bytes[from..token.start]);
        quoted.push(b'"');
        quoted.extend_from_slice(&bytes[token.clone()]);
        quoted.push(b'"');
        from = token.end;
    }
    quoted.extend_from_slice(&bytes[from..]);
    serde_json::from_slice(&quoted).map_err(|error| {
        // The column of the file, not of the copy with quotes.
        let line_start = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum::<usize>();
        let mut column = error.column();
        for token in tokens.iter().filter(|token| token.start >= line_start) {
            if token.start - line_start < column {
                column = column.saturating_sub(2).max(1);
            }
        }
        wrong(&error, column)
    })
}

fn wrong(error: &serde_json::Error, column: usize) -> Wrong {
    let text = error.to_string();
    let what = text.split_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let reason = match error.classify() {
        serde_json::error::Category::Eof => format!("column {column}: {what}; is the file cut off here?"),
        _ => format!("column {column}: {what}"),
    };
    Wrong { line: error.line().max(1) as u64, reason }
}

/// Python's words for floats that are no numbers.
const BARE: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];

/// Where `NaN`, `Infinity` and `-Infinity` stand outside of strings.
fn bare_floats(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut at, mut quoted) = (Vec::new(), 0, false);
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ => {
                if let Some(token) = BARE.iter().find(|token| rest.starts_with(token)) {
                    found.push(at..at + token.len());
                    at += token.len();
                    continue;
                }
            }
        }
        at += 1;
    }
    found
}

/// A number, with those that JSON does not have.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_writes_is_read() {
        let value = parse(br#"{"a":[NaN,-Infinity,Infinity,1.5],"b":"NaN \" NaN","c":null}"#).unwrap();
        let numbers: Vec<f64> = value["a"].as_array().unwrap().iter().map(|v| number(v).unwrap()).collect();
        assert!(numbers[0].is_nan());
        assert_eq!(numbers[1..], [f64::NEG_INFINITY, f64::INFINITY, 1.5]);
        assert_eq!(value["b"], "NaN \" NaN");
    }

    #[test]
    fn errors_have_the_columns_of_the_file() {
        let at = |text: &str| parse(text.as_bytes()).unwrap_err();
        assert_eq!(at("{\n\"a\": ?}"), Wrong { line: 2, reason: "column 6: expected value".into() });
        assert_eq!(at("{\"a\":1,\"b\":?}").reason, "column 12: expected value");
        assert_eq!(at("{\"a\":NaN,\"b\":?}").reason, "column 14: expected value");
        assert!(at("{\"a\":NaN").reason.ends_with("is the file cut off here?"));
    }
}
