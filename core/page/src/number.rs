//! Numbers, for people and for the page's script.

use serde::{Serialize, Serializer};

/// A number as people read it: whole numbers with separators, others to four significant digits.
pub(crate) fn human(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        // No caller has one; should there be one, the page still does not say NaN.
        return "\u{2013}".into();
    }
    // What the four digits round to, so that 9999.96 is a five-digit number.
    let exponent =
        format!("{size:.3e}").split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    let text = if size == 0.0 {
        "0".to_owned()
    } else if value.fract() == 0.0 && size < 1e15 || (3..15).contains(&exponent) {
        group(&format!("{size:.0}"))
    } else if (-3..3).contains(&exponent) {
        let places = usize::try_from(3 - exponent).unwrap_or(0);
        trim(&format!("{size:.places$}")).to_owned()
    } else {
        let text = format!("{size:.3e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        format!("{}e{power}", trim(digits))
    };
    if value < 0.0 { format!("\u{2212}{text}") } else { text }
}

/// A number with its unit. Bytes are given in the multiple that leaves one to three digits before the point.
pub(crate) fn with_unit(value: f64, unit: &str) -> String {
    const MULTIPLES: [(f64, &str); 4] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    if matches!(unit, "B" | "bytes")
        && let Some((size, name)) = MULTIPLES.iter().find(|(size, _)| value.abs() >= *size)
    {
        return format!("{}\u{a0}{name}", human(value / size));
    }
    if unit.is_empty() { human(value) } else { format!("{}\u{a0}{unit}", human(value)) }
}

/// A count with separators.
pub(crate) fn count(value: u64) -> String {
    group(&value.to_string())
}

/// A count of something, which is named in the singular: `1 run`, `1,000 runs`.
pub(crate) fn count_of(value: u64, what: &str) -> String {
    format!("{}\u{a0}{what}{}", count(value), if value == 1 { "" } else { "s" })
}

fn trim(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of a chart, as the page's script reads it: whole numbers in full and without a point, others to eight
/// significant digits, which is far beyond what a median over runs can say and half as long as the full text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short(pub(crate) f64);

impl Serialize for Short {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0;
        if !value.is_finite() {
            return serializer.serialize_none();
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
        if value.fract() == 0.0 && value.abs() < 9e15 {
            return serializer.serialize_i64(value as i64);
        }
        // Rounding through text is the one way that never leaves `0.30000000000000004`.
        serializer.serialize_f64(format!("{value:.7e}").parse().unwrap_or(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_four_digits() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (-1_234_567.0, "\u{2212}1,234,567"),
            (91.6067, "91.61"),
            (1234.5, "1,234"),
            (9999.96, "10,000"),
            (0.001_234_56, "0.001235"),
            (0.000_012_3, "1.23e-5"),
            (1.5e18, "1.5e18"),
            (999.96, "1,000"),
            (0.5, "0.5"),
            (f64::NAN, "\u{2013}"),
        ];
        for (value, text) in cases {
            assert_eq!(human(value), text, "{value}");
        }
        assert_eq!(with_unit(12_345_678.0, "B"), "12.35\u{a0}MB");
        assert_eq!(with_unit(12.0, "bytes"), "12\u{a0}bytes");
        assert_eq!(with_unit(0.25, ""), "0.25");
        assert_eq!(count_of(1, "run") + ", " + &count_of(1000, "run"), "1\u{a0}run, 1,000\u{a0}runs");
    }

    #[test]
    fn the_script_reads_eight_digits_and_whole_numbers_in_full() {
        let numbers = [0.1 + 0.2, 12_345_678_901.0, -3.0, 1.0 / 3.0, f64::INFINITY, 123_456_789.25];
        let text = serde_json::to_string(&numbers.map(Short)).unwrap();
        assert_eq!(text, "[0.3,12345678901,-3,0.33333333,null,123456790.0]");
    }
}
