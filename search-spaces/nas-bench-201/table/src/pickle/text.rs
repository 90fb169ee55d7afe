//! The text forms of protocol 0, and integers of any length.

use super::{error::PickleProblem, value::Node};
use std::borrow::Cow;

pub(super) fn utf8(bytes: &[u8]) -> Result<Node<'_>, PickleProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| PickleProblem::Text("UTF-8 text"))?;
    Ok(Node::Str(Cow::Borrowed(text)))
}

/// `I`: decimal, or `00` and `01` for the bools.
pub(super) fn int(line: &[u8]) -> Result<Node<'static>, PickleProblem> {
    match line {
        b"00" => Ok(Node::Bool(false)),
        b"01" => Ok(Node::Bool(true)),
        _ => decimal(line),
    }
}

/// `L`: decimal with an `L` behind it.
pub(super) fn long(line: &[u8]) -> Result<Node<'static>, PickleProblem> {
    decimal(line.strip_suffix(b"L").unwrap_or(line))
}

fn decimal(line: &[u8]) -> Result<Node<'static>, PickleProblem> {
    let digits = line.strip_prefix(b"-").unwrap_or(line);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(PickleProblem::Text("a decimal integer"));
    }
    // ASCII, as just checked; what still fails does not fit.
    let value = std::str::from_utf8(line).ok().and_then(|text| text.parse().ok());
    value.map(Node::Int).ok_or(PickleProblem::LongInteger)
}

/// `LONG1`, `LONG4`: little-endian two's complement of any length.
pub(super) fn binary_long(bytes: &[u8]) -> Result<Node<'static>, PickleProblem> {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let sign = if negative { 0xff } else { 0 };
    let mut value = [sign; 8];
    let (low, high) = bytes.split_at(bytes.len().min(8));
    value[..low.len()].copy_from_slice(low);
    let value = i64::from_le_bytes(value);
    if high.iter().all(|byte| *byte == sign) && (value < 0) == negative {
        Ok(Node::Int(value))
    } else {
        Err(PickleProblem::LongInteger)
    }
}

/// `F`: decimal, with Python's `nan`, `inf` and `-inf`.
pub(super) fn float(line: &[u8]) -> Result<Node<'static>, PickleProblem> {
    let text = std::str::from_utf8(line).ok().filter(|text| text.len() <= 64);
    let value = text.and_then(|text| text.parse().ok());
    value.map(Node::Float).ok_or(PickleProblem::Text("a decimal number"))
}

/// `S`: a Python 2 string in quotes, with escapes; bytes.
pub(super) fn quoted(line: &[u8]) -> Result<Node<'_>, PickleProblem> {
    let bad = PickleProblem::Text("a string in quotes");
    let ([b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"']) = line else {
        return Err(bad);
    };
    if !inner.contains(&b'\\') {
        return Ok(Node::Bytes(Cow::Borrowed(inner)));
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(quoted @ (b'\\' | b'\'' | b'"')) => *quoted,
            Some(b'x') => {
                let code = hex(&mut rest, 2).ok_or(bad.clone())?;
                u8::try_from(code).map_err(|_| bad.clone())?
            }
            _ => return Err(bad),
        });
    }
    Ok(Node::Bytes(Cow::Owned(bytes)))
}

/// `V`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`.
pub(super) fn raw_unicode(line: &[u8]) -> Result<Node<'_>, PickleProblem> {
    let bad = PickleProblem::Text("text with unicode escapes");
    if line.is_ascii() && !line.contains(&b'\\') {
        return utf8(line);
    }
    let mut text = String::with_capacity(line.len());
    let mut rest = line.iter();
    while let Some(&byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = match (byte, ahead.next()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            // Elsewhere a backslash stands for itself.
            _ => {
                text.push(char::from(byte));
                continue;
            }
        };
        let code = hex(&mut ahead, digits).and_then(char::from_u32).ok_or(bad.clone())?;
        text.push(code);
        rest = ahead;
    }
    Ok(Node::Str(Cow::Owned(text)))
}

fn hex(bytes: &mut std::slice::Iter<'_, u8>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0_u32, |code, _| {
        let digit = char::from(*bytes.next()?).to_digit(16)?;
        code.checked_mul(16)?.checked_add(digit)
    })
}
