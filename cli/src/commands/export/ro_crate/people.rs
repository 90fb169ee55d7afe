//! What only people know: who, and under which licence.

use crate::exit::usage;
use anyhow::Result;

/// Somebody who made the crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Author {
    pub(super) name: String,
    /// The ORCID, sixteen digits in groups of four.
    pub(super) orcid: Option<String>,
}

impl Author {
    /// Reads `NAME` or `NAME,ORCID`. A comma in a name (`Doe, Jane`) stays there.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = |what: &str| usage(format!("--author {text}: {what}"));
        let (name, orcid) = match text.rsplit_once(',') {
            Some((name, last)) if last.trim().contains(|c: char| c.is_ascii_digit()) => {
                let last = last.trim();
                let digits = last.strip_prefix("https://orcid.org/").unwrap_or(last);
                if !is_orcid(digits) {
                    return Err(wrong(
                        "this is no ORCID: expected 0000-0002-1825-0097, say, with a check digit that fits",
                    ));
                }
                (name, Some(digits.to_owned()))
            }
            _ => (text, None),
        };
        let name = name.trim();
        if name.is_empty() {
            return Err(wrong("the name is empty"));
        }
        Ok(Self { name: name.to_owned(), orcid })
    }
}

/// Whether this is an ORCID: its last character is a check digit by ISO 7064, MOD 11-2.
fn is_orcid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|group| group.len() != 4) {
        return false;
    }
    let characters: Vec<char> = groups.concat().chars().collect();
    let Some((check, digits)) = characters.split_last() else { return false };
    let Some(digits) = digits.iter().map(|digit| digit.to_digit(10)).collect::<Option<Vec<u32>>>() else {
        return false;
    };
    let total = digits.iter().fold(0, |total, digit| (total + digit) * 2 % 11);
    let expected = match (12 - total) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('?'),
    };
    *check == expected
}

/// A licence: its URL, and what to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct License {
    pub(super) url: String,
    pub(super) name: String,
}

/// Reads an SPDX identifier or a URL.
pub(super) fn license(text: &str) -> Result<License> {
    let text = text.trim();
    if text.starts_with("https://") || text.starts_with("http://") {
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c)) {
            return Err(usage(format!("--license {text}: this is no URL")));
        }
        return Ok(License { url: text.to_owned(), name: text.to_owned() });
    }
    let spdx = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.+".contains(c));
    if !spdx {
        return Err(usage(format!(
            "--license {text}: expected one identifier of the SPDX licence list, as in CC-BY-4.0, or a URL"
        )));
    }
    Ok(License { url: format!("https://spdx.org/licenses/{text}"), name: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orcids_have_check_digits() {
        // Those that ORCID gives as examples of its format; the last ends in the digit that stands for ten.
        for right in ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"] {
            assert!(is_orcid(right), "{right}");
        }
        for wrong in
            ["0000-0002-1825-0098", "0000-0002-1694-2330", "0000000218250097", "0000-0002-1825-009", "x"]
        {
            assert!(!is_orcid(wrong), "{wrong}");
        }
    }

    #[test]
    fn authors_and_licences_are_read() {
        let author = |text: &str| Author::parse(text).map_err(|error| error.to_string());
        let doe = Author { name: "Doe, Jane".into(), orcid: None };
        assert_eq!(author("Doe, Jane"), Ok(doe.clone()));
        let orcid = Some("0000-0002-1825-0097".to_owned());
        assert_eq!(
            author(" Doe, Jane , 0000-0002-1825-0097"),
            Ok(Author { orcid: orcid.clone(), ..doe.clone() })
        );
        assert_eq!(author("Doe, Jane,https://orcid.org/0000-0002-1825-0097"), Ok(Author { orcid, ..doe }));
        assert!(author("Jane,0000-0002-1825-0000").unwrap_err().contains("no ORCID"));
        assert!(author(" ").unwrap_err().contains("empty"));
        assert!(author(",0000-0002-1825-0097").unwrap_err().contains("empty"));
        assert_eq!(license("CC-BY-4.0").unwrap().url, "https://spdx.org/licenses/CC-BY-4.0");
        assert_eq!(license("https://example.org/l").unwrap().name, "https://example.org/l");
        for wrong in ["", "MIT OR Apache-2.0", "http://a b", "../x"] {
            assert!(license(wrong).is_err(), "{wrong}");
        }
    }
}
