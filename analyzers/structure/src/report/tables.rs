//! Tables: everything that charts show in groups, option by option and window by window.

use super::{Facts, ratio};
use crate::composition::entropies;
use crate::windows::{Size, Window};
use lamarck_sdk::model::report::{Cell, Table};

pub(super) fn all(facts: &Facts<'_>) -> Vec<Table> {
    if facts.of.finished == 0 {
        return Vec::new();
    }
    vec![decisions(facts), options(facts), windows(facts), prefixes(facts)]
}

fn table(name: &str, title: &str, keys: usize, columns: &[&str]) -> Table {
    Table {
        name: name.to_owned(),
        title: title.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        keys,
        rows: Vec::new(),
    }
}

/// Only where parents are known can anything have survived.
fn survival(facts: &Facts<'_>, judged: u64, survived: u64) -> [Cell; 3] {
    if facts.has_parents() {
        [Cell::from(judged), Cell::from(survived), Cell::from(ratio(survived, judged))]
    } else {
        [Cell::Missing(()), Cell::Missing(()), Cell::Missing(())]
    }
}

fn decisions(facts: &Facts<'_>) -> Table {
    let mut table = table(
        "decisions",
        "each decision: entropy of its options, fixation, mutations of it alone and what their children took over; the \
         last row is for mutations of several decisions, of none, or of unknown ones",
        1,
        &[
            "decision",
            "options",
            "entropy, first window [of the largest]",
            "entropy, last window [of the largest]",
            "leading option at the end",
            "its share",
            "fixed after [candidates]",
            "mutations",
            "share of mutations",
            "judged",
            "survived",
            "survived share",
            "survived share without selection",
            "layers from the donor, mean",
            "share of bytes from the donor, mean",
            "layers shared with the parent, mean",
            "share of bytes shared with the parent, mean",
        ],
    );
    let layout = &facts.of.layout;
    let of = &facts.mutations;
    let edge = |window: Option<&&Window>| window.map_or_else(Vec::new, |window| entropies(window, layout));
    let (first, last) = (edge(facts.windows.first()), edge(facts.windows.last()));
    let total: u64 = of.made.iter().sum();
    for (position, (decision, span)) in layout.decisions.iter().zip(&layout.spans).enumerate() {
        let sum = |counts: &[u64]| counts[span.range()].iter().sum::<u64>();
        let (made, judged, survived) = (sum(&of.made), sum(&of.judged), sum(&of.survived));
        let fixation = facts.fixations[position];
        let leading = fixation.and_then(|fixation| decision.options.get(fixation.option).cloned());
        let fixed = fixation.and_then(|fixation| fixation.window);
        let (donor_layers, donor_bytes) = facts.of.donors.shared.by_decision[position];
        let parent = facts.of.parents.as_ref().map(|parents| parents.shared.by_decision[position]);
        let mut row = vec![
            Cell::from(decision.name.as_str()),
            Cell::from(u64::from(span.options)),
            Cell::from(first.get(position).copied().flatten()),
            Cell::from(last.get(position).copied().flatten()),
            Cell::from(leading),
            Cell::from(fixation.map(|fixation| fixation.share)),
            Cell::from(fixed.map(|window| window as u64 * facts.of.windows.width())),
            Cell::from(made),
            Cell::from(ratio(made, total)),
        ];
        row.extend(survival(facts, judged, survived));
        row.extend([
            Cell::from(facts.neutral_survival()),
            Cell::from(donor_layers.mean()),
            Cell::from(donor_bytes.mean()),
            Cell::from(parent.map(|(layers, _)| layers.mean())),
            Cell::from(parent.map(|(_, bytes)| bytes.mean())),
        ]);
        table.rows.push(row);
    }
    let none = || Cell::Missing(());
    let [made, judged, survived] = of.other;
    let mut row = vec![Cell::from("(several, none or unknown)")];
    row.resize_with(7, none);
    row.extend([Cell::from(made), none()]);
    row.extend(survival(facts, judged, survived));
    row.resize_with(table.columns.len(), none);
    table.rows.push(row);
    table
}

fn options(facts: &Facts<'_>) -> Table {
    let mut table = table(
        "options",
        "each option: its share among finished candidates, and the mutations that chose it",
        2,
        &[
            "decision",
            "option",
            "share",
            "share, first window",
            "share, last window",
            "mutations to it",
            "judged",
            "survived",
            "survived share",
        ],
    );
    let layout = &facts.of.layout;
    let of = &facts.mutations;
    let (first, last) = (facts.windows.first(), facts.windows.last());
    for (decision, span) in layout.decisions.iter().zip(&layout.spans) {
        for (option, at) in decision.options.iter().zip(span.range()) {
            let share = |window: &Window| {
                Cell::from(ratio(window.options.get(at).copied().unwrap_or(0).into(), window.rows))
            };
            let mut row = vec![
                Cell::from(decision.name.as_str()),
                Cell::from(option.as_str()),
                share(&facts.whole),
                first.map_or(Cell::Missing(()), |window| share(window)),
                last.map_or(Cell::Missing(()), |window| share(window)),
                Cell::from(of.made[at]),
            ];
            row.extend(survival(facts, of.judged[at], of.survived[at]));
            table.rows.push(row);
        }
    }
    table
}

fn windows(facts: &Facts<'_>) -> Table {
    let mut table = table(
        "windows",
        "each window: variety, repeats, sizes (10th percentile, median, 90th percentile) and prefixes",
        1,
        &[
            "finished [candidates]",
            "entropy, mean over decisions [of the largest]",
            "distinct vectors in the population",
            "mean pairwise distance [decisions]",
            "share of repeats",
            "distance from the founder, mean [decisions]",
            "layers, 10 %",
            "layers, 50 %",
            "layers, 90 %",
            "parameters, 10 %",
            "parameters, 50 %",
            "parameters, 90 %",
            "bytes, 10 %",
            "bytes, 50 %",
            "bytes, 90 %",
            "layers from the donor, 10 %",
            "layers from the donor, 50 %",
            "layers from the donor, 90 %",
            "share of bytes from the donor, mean",
            "share of donors that are the parent",
            "layers shared with the parent, 50 %",
            "share of bytes shared with the parent, mean",
        ],
    );
    for (index, (window, &end)) in facts.windows.iter().zip(&facts.ends).enumerate() {
        let population = window.population.as_ref();
        let parent = facts.of.parents.as_ref().and_then(|parents| {
            let (layers, bytes) = parents.windows.get(index)?;
            Some((layers.quantiles([0.5], &parents.scale)?[0], bytes.mean()))
        });
        let mut row = vec![
            Cell::from(end),
            Cell::from(facts.entropy(window)),
            Cell::from(population.and_then(|population| population.distinct.last()).map(|&d| f64::from(d))),
            Cell::from(population.map(|population| population.distance)),
            Cell::from(ratio(window.repeats, window.rows)),
            Cell::from(window.distance.mean()),
        ];
        for size in [Size::Layers, Size::Parameters, Size::Bytes, Size::Prefix] {
            let values = facts.size(window, size).unwrap_or([f64::NAN; 3]);
            row.extend(values.map(Cell::from));
        }
        row.extend([
            Cell::from(window.inherited.mean()),
            Cell::from(window.from_parent.mean()),
            Cell::from(parent.map(|(layers, _)| layers)),
            Cell::from(parent.map(|(_, bytes)| bytes)),
        ]);
        table.rows.push(row);
    }
    table
}

fn prefixes(facts: &Facts<'_>) -> Table {
    let mut table = table(
        "prefixes",
        "distinct prefixes of each length in the population at the end of each window",
        2,
        &["finished [candidates]", "length [decisions]", "distinct prefixes", "in as many even draws"],
    );
    for (window, &end) in facts.windows.iter().zip(&facts.ends) {
        let Some(population) = &window.population else { continue };
        for (length, &distinct) in (1..).zip(&population.distinct) {
            let (even, length) = (facts.sampled_distinct(length), length as u64);
            table.rows.push(vec![
                Cell::from(end),
                length.into(),
                u64::from(distinct).into(),
                Cell::from(even),
            ]);
        }
    }
    table
}
