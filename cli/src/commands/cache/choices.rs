//! `--policies` and `--capacities`.

use super::wrong;
use anyhow::Result;
use lamarck_cache::PolicyKind;
use lamarck_caching::POLICIES;

/// The policies that were asked for, as the analyzer's option has them: separated by spaces. Without any, its own but for
/// those that listen to hints, of which a file of accesses has none.
pub(super) fn policies(asked: &[String]) -> Result<String> {
    let parse = |word: &str| word.parse::<PolicyKind>().map_err(|error| wrong("--policies", error));
    if asked.is_empty() {
        let mut kept = Vec::new();
        for word in POLICIES.split_whitespace() {
            if !parse(word)?.listens() {
                kept.push(word);
            }
        }
        return Ok(kept.join(" "));
    }
    let mut found: Vec<PolicyKind> = Vec::new();
    for word in asked.iter().flat_map(|text| split(text)) {
        let policy = parse(&word)?;
        if found.contains(&policy) {
            return Err(wrong("--policies", format!("`{word}` is there twice")));
        }
        found.push(policy);
    }
    if found.is_empty() {
        return Err(wrong("--policies", "names no policy; leave it out for those of the analyzer `caching`"));
    }
    Ok(found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// Splits at commas and spaces, but for the commas between a policy's options: `lru,lhd:sample=32,interval=8192` are two.
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty()) {
        match words.last_mut() {
            // An option without its policy's name before it belongs to the policy before.
            Some(policy) if part.contains('=') && !part.contains(':') => {
                policy.push(if policy.contains(':') { ',' } else { ':' });
                policy.push_str(part);
            }
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// A capacity of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Capacity {
    /// Of the bytes of all objects; above 0 and at most 1.
    Share(f64),
    /// In bytes, at least 1.
    Bytes(u64),
}

impl Capacity {
    /// As a share of the bytes of all objects, at most all.
    pub(super) fn share(self, footprint: u64) -> f64 {
        match self {
            Self::Share(share) => share,
            Self::Bytes(bytes) => (bytes as f64 / footprint as f64).min(1.0),
        }
    }

    /// The capacity, if it is more than there is to hold.
    pub(super) fn beyond(self, footprint: u64) -> Option<u64> {
        match self {
            Self::Bytes(bytes) if bytes > footprint => Some(bytes),
            Self::Bytes(_) | Self::Share(_) => None,
        }
    }
}

/// The capacities that were asked for; none for the analyzer's own.
pub(super) fn capacities(asked: &[String]) -> Result<Vec<Capacity>> {
    let words: Vec<&str> = asked.iter().flat_map(|text| text.split([',', ' ', '\t', '\n'])).collect();
    let words = words.into_iter().filter(|word| !word.is_empty());
    let found = words.map(capacity).collect::<Result<Vec<_>>>()?;
    if found.is_empty() && !asked.is_empty() {
        return Err(wrong("--capacities", "names no capacity; leave it out for 0.001 to 0.3"));
    }
    Ok(found)
}

/// Units of bytes, in lower case.
const UNITS: [(&str, u64); 11] = [
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("pb", 1_000_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("pib", 1 << 50),
];

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be at least 1 and below 2^64"
)]
fn capacity(word: &str) -> Result<Capacity> {
    let no = |what: &str| Err(wrong("--capacities", format!("`{word}` {what}")));
    let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = word[number.len()..].to_ascii_lowercase();
    let Some(value) = number.parse::<f64>().ok().filter(|value| value.is_finite()) else {
        return no("is no capacity; write a share (0.1, 10%) or bytes (4GiB, 4294967296)");
    };
    if value <= 0.0 {
        return no("is a cache that holds nothing; a capacity is more than 0");
    }
    let share = match unit.as_str() {
        "%" => Some(value / 100.0),
        "" if value <= 1.0 => Some(value),
        _ => None,
    };
    if let Some(share) = share {
        return if share <= 1.0 {
            Ok(Capacity::Share(share))
        } else {
            no("is more than all; 100% holds everything")
        };
    }
    let multiple = match unit.as_str() {
        "" if number.bytes().all(|byte| byte.is_ascii_digit()) => 1,
        "" => return no("is neither a share, which is at most 1, nor a whole number of bytes"),
        unit => match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, multiple)) => *multiple,
            None => {
                return no(
                    "has no unit of bytes; there are B, KB, MB, GB, TB, PB, KiB, MiB, GiB, TiB and PiB",
                );
            }
        },
    };
    let whole = number.parse::<u64>().ok().and_then(|number| number.checked_mul(multiple));
    let bytes = if let Some(bytes) = whole {
        bytes
    } else {
        // A fraction of a unit, or too much.
        let bytes = (value * multiple as f64).round();
        if bytes >= 18_446_744_073_709_551_616.0 {
            return no("is 2^64 bytes or more, which no cache can be said to have");
        }
        bytes as u64
    };
    if bytes == 0 { no("is less than a byte") } else { Ok(Capacity::Bytes(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_split_around_their_options() {
        assert_eq!(
            split("lru,lhd:sample=32,interval=8192 fifo, s3-fifo:small=0.05,,sieve"),
            ["lru", "lhd:sample=32,interval=8192", "fifo", "s3-fifo:small=0.05", "sieve"]
        );
        // Every policy's own text is one word.
        let all: Vec<String> = PolicyKind::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(split(&all.join(",")), all);
        assert_eq!(split(POLICIES), POLICIES.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn without_any_those_that_need_no_lineage() {
        let own = policies(&[]).expect("they exist");
        assert!(own.starts_with("fifo lru ") && own.ends_with("belady-size:sample=32"), "{own}");
    }

    #[test]
    fn capacities_are_shares_or_bytes() {
        let read = |text: &str| capacities(&[text.to_owned()]).map_err(|error| error.to_string());
        assert_eq!(
            read("0.1,10% 1 1B 1024 1.5KiB 4GB 1e-3 18446744073709551615").expect("capacities"),
            [
                Capacity::Share(0.1),
                Capacity::Share(0.1),
                Capacity::Share(1.0),
                Capacity::Bytes(1),
                Capacity::Bytes(1024),
                Capacity::Bytes(1536),
                Capacity::Bytes(4_000_000_000),
                Capacity::Share(0.001),
                Capacity::Bytes(u64::MAX),
            ]
        );
        for (text, why) in [
            ("0", "holds nothing"),
            ("0GiB", "holds nothing"),
            ("-1", "holds nothing"),
            ("NaN", "is no capacity"),
            ("inf", "is no capacity"),
            ("1e999", "is no capacity"),
            ("lots", "is no capacity"),
            ("GiB", "is no capacity"),
            ("101%", "more than all"),
            ("2.5", "neither a share"),
            ("1e3", "neither a share"),
            ("3GiBs", "no unit"),
            ("0.1B", "less than a byte"),
            ("18446744073709551616", "2^64 bytes or more"),
            ("99999PiB", "2^64 bytes or more"),
            (" , ", "no capacity"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn bytes_become_the_share_that_gives_them_back() {
        let footprint = 3_694_203_141_123_u64;
        for bytes in [1, 256 << 20, 36_805_430_150, footprint - 1, footprint] {
            let share = Capacity::Bytes(bytes).share(footprint);
            assert!((share * footprint as f64 - bytes as f64).abs() < 0.25, "{bytes}");
        }
        assert_eq!(Capacity::Bytes(footprint + 1).beyond(footprint), Some(footprint + 1));
        assert_eq!(Capacity::Bytes(footprint).beyond(footprint), None);
    }
}
