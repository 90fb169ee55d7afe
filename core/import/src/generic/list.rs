//! A list in a cell: `[3, 0, 'relu']`, as Python, JSON or R print it, with or without brackets.

use crate::decisions::Value;

/// The elements of a list. A list in a list is an error: it is no vector.
pub(super) fn parse(cell: &str) -> Result<Vec<Value>, String> {
    let text = cell.trim();
    let inner = [('[', ']'), ('(', ')')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
        .unwrap_or(text);
    let mut values = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        let (value, after) = element(rest)?;
        values.push(value);
        let after = after.trim_start();
        rest = match after.strip_prefix([',', ';']) {
            Some(next) => next.trim_start(),
            // numpy prints no commas.
            None => after,
        };
    }
    if values.is_empty() {
        return Err(format!("expected a list such as [3, 0, 7], found `{cell}`"));
    }
    Ok(values)
}

fn element(text: &str) -> Result<(Value, &str), String> {
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let rest = &text[1..];
        let end = rest.find(quote).ok_or_else(|| format!("a text in the list has no end: {text}"))?;
        return Ok((Value::Text(rest[..end].to_owned()), &rest[end + 1..]));
    }
    let end = text.find([',', ';', ' ', '\t', '\n', '\r']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.is_empty() || word.contains(['[', ']', '(', ')', '{', '}']) {
        return Err(format!("expected a flat list such as [3, 0, 7], found `{text}`"));
    }
    Ok((Value::of_cell(word), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_several_languages() {
        let numbers = [3.0, 0.0, 7.0].map(Value::Number).to_vec();
        for cell in ["[3, 0, 7]", "3,0,7", "(3, 0, 7)", "[3 0\n 7]", "3; 0; 7", "[3.0, 0, 7,]"] {
            assert_eq!(parse(cell), Ok(numbers.clone()), "{cell}");
        }
        let mixed = vec![Value::Text("a, b".into()), Value::Bool(true), Value::Text("x".into())];
        assert_eq!(parse("['a, b', True, x]"), Ok(mixed));
        for wrong in ["", "[]", "[[1], [2]]", "[1, 'x]", "[1,,2]"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
