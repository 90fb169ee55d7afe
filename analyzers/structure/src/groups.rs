//! Rows for charts that show options: each option where a decision has few, and groups of them where it has many.
//!
//! Rows must be the same in every run of a study, so grouping may look at the space only, never at what was common
//! in a run. The rule:
//!
//! - A chart has room for [`ROWS`] rows, so a decision gets as many as there are for each decision, between 2 and 12.
//! - A decision with no more options than that has a row an option.
//! - Otherwise options are sorted by their *shape*, which is the name with its numbers taken out: `Dense(50, relu)` and
//!   `Dense(75, relu)` are `Dense(#, relu)`. If shapes fit, each becomes a group, and the room that is left splits the
//!   shapes with several options into equal ranges by position: small and large widths of each activation.
//! - If there are too many shapes, options are split into equal ranges by position.

use crate::layout::Layout;
use std::collections::BTreeMap;

/// Rows of a chart, as long as each decision can have two.
const ROWS: usize = 240;
/// Rows of a decision at most.
const MOST: usize = 12;

/// Options of one decision that are shown as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) decision: usize,
    /// Unique among the groups of its decision.
    pub(crate) name: String,
    /// Positions among all options of all decisions.
    pub(crate) members: Vec<usize>,
}

/// The groups of all decisions, in the order of the decisions.
pub(crate) fn groups(layout: &Layout) -> Vec<Group> {
    let room = (ROWS / layout.width().max(1)).clamp(2, MOST);
    let mut all = Vec::new();
    for (decision, span) in layout.spans.iter().enumerate() {
        let options = &layout.decisions[decision].options;
        let mut names = BTreeMap::new();
        for part in partition(options, room) {
            let mut name = match (part.first(), part.last()) {
                (Some(&first), Some(&last)) if first != last => {
                    format!("{} .. {}", options[first], options[last])
                }
                (Some(&only), _) => options[only].clone(),
                _ => continue,
            };
            let times = names.entry(name.clone()).or_insert(0_u32);
            *times += 1;
            if *times > 1 {
                name = format!("{name} ({times})");
            }
            let start = span.range().start;
            all.push(Group { decision, name, members: part.into_iter().map(|i| start + i).collect() });
        }
    }
    all
}

/// Positions of options, in at most `room` parts.
fn partition(options: &[String], room: usize) -> Vec<Vec<usize>> {
    if options.len() <= room {
        return (0..options.len()).map(|i| vec![i]).collect();
    }
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    for (i, option) in options.iter().enumerate() {
        let shape = shape(option);
        if let Some((_, members)) = shapes.iter_mut().find(|(known, _)| *known == shape) {
            members.push(i);
        } else if shapes.len() < room {
            shapes.push((shape, vec![i]));
        } else {
            // One shape too many decides it, and keeps the search for a shape short.
            shapes.clear();
            break;
        }
    }
    if shapes.is_empty() {
        return ranges(&(0..options.len()).collect::<Vec<_>>(), room);
    }
    let single = shapes.iter().filter(|(_, members)| members.len() == 1).count();
    let split = ((room - single) / (shapes.len() - single).max(1)).max(1);
    shapes.iter().flat_map(|(_, members)| ranges(members, split)).collect()
}

/// The positions in at most `parts` runs of nearly equal length.
fn ranges(positions: &[usize], parts: usize) -> Vec<Vec<usize>> {
    let parts = parts.min(positions.len());
    (0..parts)
        .map(|i| positions[i * positions.len() / parts..(i + 1) * positions.len() / parts].to_vec())
        .collect()
}

/// The name with every number taken out.
fn shape(name: &str) -> String {
    let mut shape = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_digit() || (letter == '.' && shape.ends_with('#')) {
            if !shape.ends_with('#') {
                shape.push('#');
            }
        } else {
            shape.push(letter);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;

    fn names(lists: &[Vec<String>]) -> Vec<String> {
        let mut spec = space(&vec![1; lists.len()]);
        for (decision, options) in spec.decisions.iter_mut().zip(lists) {
            decision.options.clone_from(options);
        }
        groups(&Layout::new(&spec).unwrap()).into_iter().map(|group| group.name).collect()
    }

    #[test]
    fn few_options_have_rows_of_their_own() {
        let five = ["none", "skip", "conv1", "conv3", "pool"].map(String::from).to_vec();
        assert_eq!(names(&[five.clone(), five.clone()]), [five.clone(), five].concat());
    }

    #[test]
    fn dense_layers_are_grouped_by_activation_and_width() {
        let mut ops = vec!["Identity".to_owned()];
        for units in (50..2000).step_by(25) {
            ops.extend(
                ["", ", swish", ", relu", ", tanh", ", sigmoid"].map(|a| format!("Dense({units}{a})")),
            );
        }
        assert_eq!(ops.len(), 391);
        let names = names(&[ops]);
        assert_eq!(names.len(), 11);
        assert_eq!(names[..3], ["Identity", "Dense(50) .. Dense(1000)", "Dense(1025) .. Dense(1975)"]);
        assert_eq!(names[10], "Dense(1025, sigmoid) .. Dense(1975, sigmoid)");
    }

    #[test]
    fn lists_without_a_shape_are_cut_into_ranges_that_cover_them() {
        let words: Vec<String> = (0..30).map(|i| "x".repeat(i + 1)).collect();
        let parts = partition(&words, 12);
        assert_eq!(parts.len(), 12);
        assert_eq!(parts.concat(), (0..30).collect::<Vec<_>>());
        // One shape: rates of a dropout.
        let rates: Vec<String> = (0..20).map(|i| format!("Dropout(0.{i:02})")).collect();
        assert_eq!(partition(&rates, 12).len(), 12);
        // Equal names stay apart.
        assert_eq!(names(&[vec!["a".into(), "a".into()]]), ["a", "a (2)"]);
    }
}
