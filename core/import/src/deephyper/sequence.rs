//! The cell `arch_seq`: a list of numbers as Python prints it.

use crate::decisions::Value;

/// Reads `[3, 0.5, 7]`. Python lists and tuples, JSON, and the numbers of NumPy 2 (`np.int64(3)`) are the same.
///
/// # Errors
/// What is wrong, for a message.
pub(super) fn parse(cell: &str) -> Result<Vec<Value>, String> {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .or_else(|| cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')));
    let Some(inner) = inner else {
        let cut = if cell.starts_with(['[', '(']) { "; is it cut off?" } else { "" };
        return Err(format!("expected a list such as [3, 0, 7], found `{}`{cut}", short(cell)));
    };
    let inner = inner.trim().strip_suffix(',').unwrap_or(inner).trim();
    if inner.is_empty() {
        return Err("the list is empty, so there is no decision".to_owned());
    }
    inner
        .split(',')
        .enumerate()
        .map(|(at, item)| {
            number(item.trim())
                .map(Value::Number)
                .ok_or_else(|| format!("entry {} of the list is `{}`, no number", at + 1, short(item.trim())))
        })
        .collect()
}

fn number(item: &str) -> Option<f64> {
    let plain = item
        .strip_prefix("np.")
        .and_then(|rest| rest.split_once('('))
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or(item);
    // -0.0 and 0.0 are one option.
    plain.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number + 0.0)
}

/// The beginning of a text, for messages.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_python_and_json_write_them() {
        let expected = Ok(vec![Value::Number(3.0), Value::Number(0.5), Value::Number(0.0)]);
        for cell in ["[3, 0.5, 0]", "[3,0.5,-0.0]", " (3, 0.5, 0,) ", "[np.int64(3), np.float64(0.5), 0]"] {
            assert_eq!(parse(cell), expected, "{cell}");
        }
        for (cell, reason) in [
            ("[1, 2", "expected a list such as [3, 0, 7], found `[1, 2`; is it cut off?"),
            ("F", "expected a list such as [3, 0, 7], found `F`"),
            ("[]", "the list is empty, so there is no decision"),
            ("[1, x]", "entry 2 of the list is `x`, no number"),
            ("[1, nan]", "entry 2 of the list is `nan`, no number"),
            ("[1,,2]", "entry 2 of the list is ``, no number"),
        ] {
            assert_eq!(parse(cell), Err(reason.to_owned()), "{cell}");
        }
    }
}
