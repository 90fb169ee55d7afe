//! Which cells are the same network? Two counts, by name.
//!
//! Both write a cell as a text from its input to its output and call two cells the same when the texts are equal.
//! The input is `0`. A node is the sorted list of its inputs, joined by `+`. An operation on a node `x` is
//! `(x)@operation`; `skip_connect` is `x` itself. They differ in what a zero does:
//!
//! * **official** ([`Equality::Official`], 6,466 classes): `none`, and any operation on a node that is exactly one
//!   zero, is the mark `#`, which *stays* in the list. This is `to_unique_str` of the benchmark's own code, and the
//!   count in its paper (ICLR 2020, arXiv 2001.00326).
//! * **functional** ([`Equality::Functional`], 5,390 classes): a zero adds nothing to a sum, so it is dropped, and a
//!   node without inputs is a zero. Every official class lies inside one functional class.
//!
//! Neither is the last word on which networks compute the same function. A sum that a `skip_connect` passes on is
//! not merged into the sorted list around it, so `a+c` next to `b` is not `a+b+c`: with that as well, 4,930 classes
//! would remain. And a text does not tell one convolution that is used twice from two equal ones. Figures name
//! which count they use.
//!
//! A class is named by its smallest member's index, so the name says something on its own.

use std::sync::OnceLock;

use lamarck_nas_bench_201_table::cell::{CELLS, EDGES, operations};

/// Which cells count as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Equality {
    /// The benchmark's own count: 6,466 classes.
    Official,
    /// With zeros dropped from the sums: 5,390 classes.
    Functional,
}

static OFFICIAL: OnceLock<Vec<u16>> = OnceLock::new();
static FUNCTIONAL: OnceLock<Vec<u16>> = OnceLock::new();

impl Equality {
    /// The name in options and figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Functional => "functional",
        }
    }

    /// The class of every cell in the order of the indices: the index of its smallest member. Made on first use, in
    /// a few milliseconds.
    pub fn classes(self) -> &'static [u16] {
        let table = match self {
            Self::Official => &OFFICIAL,
            Self::Functional => &FUNCTIONAL,
        };
        table.get_or_init(|| classify(self))
    }

    /// The class of a cell; `None` if there is no such cell.
    pub fn class_of(self, cell: u16) -> Option<u16> {
        self.classes().get(usize::from(cell)).copied()
    }

    /// How many classes there are.
    pub fn count(self) -> usize {
        (0_u16..).zip(self.classes()).filter(|(cell, class)| cell == *class).count()
    }
}

/// The longest text: a sum of three operations, `((0)c)..`, has 28 bytes once the operations are letters.
const LONGEST: usize = 32;

/// A node's text, padded with zero bytes, which sort below every character.
///
/// Operations are written as one letter each, in the order of their names. All names are equally long, so texts
/// compare as the long ones do, and a text fits 32 bytes: the table of all cells is one sort of short arrays
/// instead of 15,625 strings in a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Text {
    const EMPTY: Self = Self { bytes: [0; LONGEST], len: 0 };

    fn push(mut self, text: &[u8]) -> Self {
        // Never beyond the end: see `LONGEST`. A test compares all cells with plain strings.
        if let Some(room) = self.bytes.get_mut(self.len..self.len + text.len()) {
            room.copy_from_slice(text);
            self.len += text.len();
        }
        self
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn is(&self, text: &[u8]) -> bool {
        self.as_bytes() == text
    }
}

/// What flows through an edge with this operation when its source is `source`; `None` for a dropped zero.
fn flow(equality: Equality, operation: u8, source: &Text) -> Option<Text> {
    let zero = operation == 0
        || match equality {
            Equality::Official => source.is(b"#"),
            Equality::Functional => source.is(b""),
        };
    let letter: &[u8] = match operation {
        _ if zero => return (equality == Equality::Official).then(|| Text::EMPTY.push(b"#")),
        1 => return Some(*source),
        // avg_pool_3x3 < nor_conv_1x1 < nor_conv_3x3
        4 => b"a",
        2 => b"b",
        _ => b"c",
    };
    Some(Text::EMPTY.push(b"(").push(source.as_bytes()).push(b")").push(letter))
}

fn node(mut flows: [Option<Text>; 3]) -> Text {
    flows.sort_unstable();
    flows.into_iter().flatten().fold(Text::EMPTY, |sum, flow| {
        let sum = if sum.len == 0 { sum } else { sum.push(b"+") };
        sum.push(flow.as_bytes())
    })
}

fn classify(equality: Equality) -> Vec<u16> {
    let node_of = |flows: &[[Option<Text>; 5]; 3], operations: &[u8; 6], target: u8| {
        let mut into = [None; 3];
        for ((source, to), &operation) in EDGES.into_iter().zip(operations) {
            if to == target {
                into[usize::from(source)] = flows[usize::from(source)][usize::from(operation)];
            }
        }
        node(into)
    };
    let flows_of = |source: &Text| [0, 1, 2, 3, 4].map(|operation| flow(equality, operation, source));
    let mut flows = [flows_of(&Text::EMPTY.push(b"0")), [None; 5], [None; 5]];
    let mut texts: Vec<(Text, u16)> = Vec::with_capacity(usize::from(CELLS));
    for cell in 0..CELLS {
        // Every cell has its operations.
        let operations = operations(cell).unwrap_or_default();
        // The digits of the edges into the first node are the slowest to change, those into the last the fastest.
        if cell % 3_125 == 0 {
            flows[1] = flows_of(&node_of(&flows, &operations, 1));
        }
        if cell % 125 == 0 {
            flows[2] = flows_of(&node_of(&flows, &operations, 2));
        }
        texts.push((node_of(&flows, &operations, 3), cell));
    }
    texts.sort_unstable();
    let mut classes = vec![0; texts.len()];
    for group in texts.chunk_by(|a, b| a.0 == b.0) {
        // Sorted by text and then by cell, so the first of a group is its smallest.
        for (_, cell) in group {
            classes[usize::from(*cell)] = group[0].1;
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_nas_bench_201_table::cell::{OPERATIONS, from_digits};
    use std::collections::BTreeMap;

    /// The texts as the benchmark's own code writes them, with strings.
    fn unique_text(cell: u16, drop_zeros: bool) -> String {
        let zero = if drop_zeros { "" } else { "#" };
        let mut nodes = vec!["0".to_owned()];
        for target in 1..4_u8 {
            let mut inputs = Vec::new();
            for ((source, to), operation) in EDGES.into_iter().zip(operations(cell).unwrap()) {
                if to != target {
                    continue;
                }
                let from = &nodes[usize::from(source)];
                inputs.push(match operation {
                    _ if operation == 0 || from == zero => zero.to_owned(),
                    1 => from.clone(),
                    _ => format!("({from})@{}", OPERATIONS[usize::from(operation)]),
                });
            }
            inputs.retain(|input| !input.is_empty());
            inputs.sort();
            nodes.push(inputs.join("+"));
        }
        nodes.pop().unwrap()
    }

    /// A sum as the sorted list of everything that is added up anywhere in it.
    fn flat(cell: u16) -> Vec<String> {
        let mut nodes = vec![vec!["0".to_owned()]];
        for target in 1..4_u8 {
            let mut inputs = Vec::new();
            for ((source, to), operation) in EDGES.into_iter().zip(operations(cell).unwrap()) {
                if to != target || operation == 0 || nodes[usize::from(source)].is_empty() {
                    continue;
                }
                let from = &nodes[usize::from(source)];
                match operation {
                    1 => inputs.extend(from.iter().cloned()),
                    _ => inputs.push(format!("({})@{operation}", from.join("+"))),
                }
            }
            inputs.sort();
            nodes.push(inputs);
        }
        nodes.pop().unwrap()
    }

    fn partition<K: Ord>(text: impl Fn(u16) -> K) -> Vec<u16> {
        let mut first = BTreeMap::new();
        (0..CELLS).map(|cell| *first.entry(text(cell)).or_insert(cell)).collect()
    }

    #[test]
    fn published_numbers_of_classes() {
        assert_eq!(Equality::Official.count(), 6_466);
        assert_eq!(Equality::Functional.count(), 5_390);
    }

    #[test]
    fn classes_are_those_of_the_plain_texts() {
        assert_eq!(Equality::Official.classes(), partition(|cell| unique_text(cell, false)));
        assert_eq!(Equality::Functional.classes(), partition(|cell| unique_text(cell, true)));
    }

    #[test]
    fn functional_classes_are_unions_of_official_ones_and_parts_of_flat_ones() {
        let flat = partition(flat);
        assert_eq!((0_u16..).zip(&flat).filter(|(cell, class)| cell == *class).count(), 4_930);
        let coarser = |fine: &[u16], coarse: &[u16]| {
            fine.iter().zip(coarse).all(|(&class, &of)| coarse[usize::from(class)] == of)
        };
        assert!(coarser(Equality::Official.classes(), Equality::Functional.classes()));
        assert!(coarser(Equality::Functional.classes(), &flat));
    }

    #[test]
    fn what_zeros_do() {
        let class = |equality: Equality, digits| equality.class_of(from_digits(digits).unwrap()).unwrap();
        // Node 1 is exactly one zero, so what follows it is zero for both.
        for equality in [Equality::Official, Equality::Functional] {
            assert_eq!(class(equality, "033333"), class(equality, "030303"), "{equality:?}");
        }
        // Node 2 is a sum of two zeros, which only the functional count sees through.
        assert_eq!(class(Equality::Functional, "100013"), class(Equality::Functional, "100010"));
        assert_ne!(class(Equality::Official, "100013"), class(Equality::Official, "100010"));
        assert_eq!(Equality::Official.class_of(CELLS), None);
    }
}
