//! Charts by decision, option, prefix length and generation.

use super::charts::{chart, time};
use super::{Facts, ratio};
use crate::descent::depths;
use crate::diversity::Snapshot;
use crate::groups::groups;
use crate::transfer::STEPS;
use lamarck_sdk::model::report::{Axis, Bars, Body, Chart, Heat, Line, finite};
use std::collections::BTreeMap;

/// Bars beyond which a chart is unreadable.
const BARS: usize = 40;

/// A series of bars.
fn bars(name: &str, values: impl IntoIterator<Item = f64>, theory: bool) -> Line {
    Line { name: name.into(), x: Vec::new(), y: values.into_iter().map(finite).collect(), theory }
}

/// Series that have a value, if one that was measured does.
fn bar_chart(key: &str, title: &str, note: &str, axes: [Axis; 2], bars: Bars) -> Option<Chart> {
    let Bars { categories, series } = bars;
    let series: Vec<Line> = series.into_iter().filter(|line| line.y.iter().any(Option::is_some)).collect();
    let measured = series.iter().any(|line| !line.theory);
    let [x, y] = axes;
    measured.then(|| chart(key, title, note, x, y, Body::Bars(Bars { categories, series })))
}

fn decision_names(facts: &Facts<'_>) -> Vec<String> {
    facts.of.layout.decisions.iter().map(|decision| decision.name.clone()).collect()
}

pub(super) fn option_shares(facts: &Facts<'_>) -> Option<Chart> {
    if facts.windows.is_empty() {
        return None;
    }
    let mut heat = Heat { x: facts.ends.clone(), value: Axis::new("share", ""), ..Heat::default() };
    for group in groups(&facts.of.layout) {
        heat.rows.push(format!("{}: {}", facts.of.layout.decisions[group.decision].name, group.name));
        let share = |window: &&crate::windows::Window| {
            let count =
                group.members.iter().filter_map(|&at| window.options.get(at)).map(|&c| u64::from(c)).sum();
            finite(ratio(count, window.rows))
        };
        heat.cells.push(facts.windows.iter().map(share).collect());
    }
    Some(chart(
        "option-shares",
        "Options over time",
        "Share of each option among the candidates of a window. Long lists of options are grouped, dense layers by \
         activation and range of widths, others by range of positions; the table `options` has each of them.",
        time(),
        Axis::new("decision: option", ""),
        Body::Heat(heat),
    ))
}

pub(super) fn fixation(facts: &Facts<'_>) -> Option<Chart> {
    let width = facts.of.windows.width() as f64;
    let times = facts.fixations.iter().map(|fixation| {
        fixation.and_then(|fixation| fixation.window).map_or(f64::NAN, |window| window as f64 * width)
    });
    bar_chart(
        "fixation",
        "When one option takes over",
        "Finished candidates before the first window from which on one option keeps its share at `fixed` or above until \
         the end. A decision without a bar is not fixed at the end.",
        [Axis::new("decision", ""), time()],
        Bars { categories: decision_names(facts), series: vec![bars("fixed after", times, false)] },
    )
}

pub(super) fn survival(facts: &Facts<'_>) -> Option<Chart> {
    if !facts.has_parents() {
        return None;
    }
    let of = &facts.mutations;
    let shares = facts.of.layout.spans.iter().map(|span| {
        let sum = |counts: &[u64]| counts[span.range()].iter().sum::<u64>();
        ratio(sum(&of.survived), sum(&of.judged))
    });
    let neutral = facts.neutral_survival().unwrap_or(f64::NAN);
    let series = vec![
        bars("survived", shares, false),
        bars("without selection", facts.of.layout.spans.iter().map(|_| neutral), true),
    ];
    bar_chart(
        "mutation-survival",
        "Mutations that survive, by the decision that they change",
        "Share of the mutations of one decision whose child became a parent, over children that were members of the \
         population for as long as members are. Dashed: parents drawn evenly. The strategy `neutral` is the null model to \
         run beside it.",
        [Axis::new("decision", ""), Axis::new("share", "")],
        Bars { categories: decision_names(facts), series },
    )
}

/// Options of the same name are the same thing in different places, such as the operations of NAS-Bench-201's edges.
pub(super) fn survival_by_option(facts: &Facts<'_>) -> Option<Chart> {
    if !facts.has_parents() {
        return None;
    }
    let mut categories: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut counts: Vec<[u64; 2]> = Vec::new();
    for group in groups(&facts.of.layout) {
        let place = *places.entry(group.name.clone()).or_insert_with(|| {
            categories.push(group.name.clone());
            counts.push([0; 2]);
            categories.len() - 1
        });
        for &at in &group.members {
            counts[place][0] += facts.mutations.judged[at];
            counts[place][1] += facts.mutations.survived[at];
        }
    }
    categories.truncate(BARS);
    counts.truncate(BARS);
    let neutral = facts.neutral_survival().unwrap_or(f64::NAN);
    let series = vec![
        bars("survived", counts.iter().map(|&[judged, survived]| ratio(survived, judged)), false),
        bars("without selection", counts.iter().map(|_| neutral), true),
    ];
    bar_chart(
        "mutation-survival-by-option",
        "Mutations that survive, by the option that they choose",
        "As above, over all decisions that offer an option (or group of options) of this name; the first 40. The table \
         `options` has them decision by decision.",
        [Axis::new("option chosen", ""), Axis::new("share", "")],
        Bars { categories, series },
    )
}

pub(super) fn position(facts: &Facts<'_>) -> Option<Chart> {
    let donors = facts.of.donors.shared.by_decision.iter().map(|(layers, _)| layers.mean());
    let mut series = vec![bars("from the donor", donors, false)];
    if let Some(parents) = &facts.of.parents {
        let parents = parents.shared.by_decision.iter().map(|(layers, _)| layers.mean());
        series.push(bars("shared with the parent", parents, false));
    }
    bar_chart(
        "prefix-by-mutation",
        "Where the mutation strikes, and how much is inherited",
        "Mean layers of the longest common prefix of a child with its donor (its parent), by the decision in which the \
         child differs from its parent.",
        [Axis::new("changed decision", ""), Axis::new("layers", "layers")],
        Bars { categories: decision_names(facts), series },
    )
}

/// Distributions of what is shared with the donor, and with the parent.
fn distribution(curves: Vec<Line>, key: &str, title: &str, note: &str, x: Axis) -> Option<Chart> {
    (!curves.is_empty())
        .then(|| chart(key, title, note, x, Axis::new("share of children", ""), Body::Lines(curves)))
}

/// The bin of a number of layers: its own below 64, eight an octave from there on.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and saturates")]
fn length_bin(length: f64) -> usize {
    if length < 64.0 {
        return length as usize;
    }
    let octave = length.log2().floor();
    64 + ((octave - 6.0) * 8.0 + (length / octave.exp2() - 1.0) * 8.0) as usize
}

/// The first number of layers in a bin.
fn first_length(bin: usize) -> f64 {
    if bin < 64 {
        return bin as f64;
    }
    let (octave, part) = ((bin - 64) / 8 + 6, (bin - 64) % 8);
    (octave as f64).exp2() * (1.0 + part as f64 / 8.0)
}

pub(super) fn layer_distribution(facts: &Facts<'_>) -> Option<Chart> {
    let donors = facts.whole.size(crate::windows::Size::Prefix).entries(&facts.of.donors.scale);
    let parents = facts.of.parents.as_ref().map(|parents| parents.whole.entries(&parents.scale));
    let mut curves = Vec::new();
    for (name, entries) in [("donor", donors), ("parent", parents.unwrap_or_default())] {
        let n: u64 = entries.iter().map(|(_, count)| count).sum();
        if n > 0 {
            // All bins up to the longest of this run, those that never occur as 0: runs then have the same positions.
            let mut counts: Vec<u64> = Vec::new();
            for (length, count) in entries {
                let bin = length_bin(length);
                if counts.len() <= bin {
                    counts.resize(bin + 1, 0);
                }
                counts[bin] += count;
            }
            let points = counts.iter().enumerate().map(|(bin, &count)| (first_length(bin), ratio(count, n)));
            curves.push(Line::new(name, points));
        }
    }
    distribution(
        curves,
        "prefix-layers-distribution",
        "Layers shared, distribution",
        "Share of the children that share so many layers with their donor (their parent), over the whole run. From 64 \
         layers on, eight points an octave, each with all lengths up to the next.",
        Axis::new("layers shared", "layers"),
    )
}

pub(super) fn byte_distribution(facts: &Facts<'_>) -> Option<Chart> {
    let donors = Some(&facts.of.donors.shared);
    let parents = facts.of.parents.as_ref().map(|parents| &parents.shared);
    let mut curves = Vec::new();
    for (name, shared) in [("donor", donors), ("parent", parents)] {
        if let Some(shared) = shared.filter(|shared| shared.bytes.n > 0) {
            let points = shared.steps.iter().enumerate().map(|(step, &count)| {
                (100.0 * step as f64 / (STEPS - 1) as f64, ratio(count, shared.bytes.n))
            });
            curves.push(Line::new(name, points));
        }
    }
    distribution(
        curves,
        "prefix-bytes-distribution",
        "Bytes shared, distribution",
        "Share of the children that share so much of their bytes with their donor (their parent), to the nearest 5 %, over \
         the whole run.",
        Axis::new("bytes shared", "%"),
    )
}

pub(super) fn prefixes(facts: &Facts<'_>) -> Option<Chart> {
    let snapshots: Vec<&Snapshot> =
        facts.windows.iter().filter_map(|window| window.population.as_ref()).collect();
    let curve = |name: &str, snapshot: &Snapshot| {
        Line::new(
            name,
            (1..).zip(&snapshot.distinct).map(|(k, &distinct)| (f64::from(k), f64::from(distinct))),
        )
    };
    let mut curves = vec![curve("first", snapshots.first()?)];
    if snapshots.len() > 2 {
        curves.push(curve("half-way", snapshots[snapshots.len() / 2]));
    }
    if snapshots.len() > 1 {
        curves.push(curve("last", snapshots.last()?));
    }
    let even = |k: usize| (k as f64, facts.sampled_distinct(k).unwrap_or(f64::NAN));
    let even = Line::new("even draws", (1..=facts.of.layout.width()).map(even)).theory();
    curves.extend(Some(even).filter(|even| even.y.iter().any(Option::is_some)));
    Some(chart(
        "distinct-prefixes",
        "Distinct prefixes in the population",
        "How many different prefixes of each length the population holds, in the first, the middle and the last window \
         with a full population. Dashed: as many even draws, as in the random phase.",
        Axis::new("length of the prefix", "decisions"),
        Axis::new("distinct prefixes", ""),
        Body::Lines(curves),
    ))
}

pub(super) fn walk(facts: &Facts<'_>) -> Option<Chart> {
    let walks = &facts.of.descent.walks;
    let x = |bin: usize| depths(bin).0;
    let measured =
        walks.iter().enumerate().skip(1).map(|(bin, walk)| (x(bin), walk.distance as f64 / walk.n as f64));
    let measured = Line::new("measured", measured);
    if measured.y.iter().all(Option::is_none) {
        return None;
    }
    let middle = |bin: usize| depths(bin).0 + (depths(bin).1 - 1.0) / 2.0;
    let even = (1..walks.len()).map(|bin| (x(bin), facts.walk(middle(bin)).unwrap_or(f64::NAN)));
    let even = Line::new("without selection", even).theory();
    let mut curves = vec![measured];
    curves.extend(Some(even).filter(|even| even.y.iter().any(Option::is_some)));
    Some(chart(
        "distance-walked",
        "Distance from the founder",
        "In how many decisions a candidate differs from the ancestor without a parent, by generations between them \
         (from 16 on, eight points an octave, each with all depths up to the next). Dashed: one evenly drawn decision \
         changed in each generation.",
        Axis::log("generations", "generations"),
        Axis::new("differing decisions", "decisions"),
        Body::Lines(curves),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_fall_into_the_bins_that_name_them() {
        for length in (0..2000).map(f64::from).chain([1e6, 1e12, 1.8e19]) {
            let bin = length_bin(length);
            assert!(first_length(bin) <= length && length < first_length(bin + 1), "{length}");
        }
    }
}
