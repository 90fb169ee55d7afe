//! Charts over time, and the order in which all charts are read.

use super::{Facts, shapes};
use crate::composition::entropies;
use crate::theory;
use crate::windows::{Size, Window};
use lamarck_sdk::model::report::{Axis, Body, Chart, Heat, Line, finite};

/// A curve for each decision is readable for so many; more become a heat map.
const CURVES: usize = 12;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Chart> {
    if facts.of.finished == 0 {
        return Vec::new();
    }
    let charts = [
        entropy(facts),
        entropy_map(facts),
        shapes::option_shares(facts),
        shapes::fixation(facts),
        shapes::survival(facts),
        shapes::survival_by_option(facts),
        shapes::position(facts),
        prefix_layers(facts),
        prefix_bytes(facts),
        shapes::layer_distribution(facts),
        shapes::byte_distribution(facts),
        diversity(facts),
        shapes::prefixes(facts),
        repeats(facts),
        sizes(facts, Size::Layers, "layers", "layers"),
        sizes(facts, Size::Parameters, "parameters", ""),
        sizes(facts, Size::Bytes, "bytes", "bytes"),
        shapes::walk(facts),
    ];
    charts.into_iter().flatten().collect()
}

/// The horizontal axis of everything over time.
pub(super) fn time() -> Axis {
    Axis::new("finished candidates", "candidates")
}

pub(super) fn chart(key: &str, title: &str, note: &str, x: Axis, y: Axis, body: Body) -> Chart {
    Chart { key: key.into(), title: title.into(), note: note.into(), x, y, body }
}

/// A curve with a point a window.
fn line(facts: &Facts<'_>, name: &str, value: impl Fn(&Window) -> Option<f64>) -> Line {
    let values = facts.windows.iter().map(|window| value(window).unwrap_or(f64::NAN));
    Line::new(name, facts.ends.iter().copied().zip(values))
}

/// The curves that have a point at all; no chart without one that was measured.
fn lines(key: &str, title: &str, note: &str, y: Axis, lines: Vec<Line>) -> Option<Chart> {
    let lines: Vec<Line> = lines.into_iter().filter(|line| line.y.iter().any(Option::is_some)).collect();
    let measured = lines.iter().any(|line| !line.theory);
    measured.then(|| chart(key, title, note, time(), y, Body::Lines(lines)))
}

fn entropy(facts: &Facts<'_>) -> Option<Chart> {
    let layout = &facts.of.layout;
    let mut curves = vec![line(facts, "mean over decisions", |window| facts.entropy(window))];
    curves.push(line(facts, "even draws", |window| facts.sampled_entropy(window.rows)).theory());
    if layout.width() <= CURVES {
        let values: Vec<_> = facts.windows.iter().map(|window| entropies(window, layout)).collect();
        for (position, decision) in layout.decisions.iter().enumerate() {
            let ys = values.iter().map(|values| values[position].unwrap_or(f64::NAN));
            curves.push(Line::new(decision.name.as_str(), facts.ends.iter().copied().zip(ys)));
        }
    }
    lines(
        "entropy-over-time",
        "Entropy of the options",
        "1: all options of a decision are equally common among the candidates of a window; 0: one is left. Dashed: what a \
         window shows on average when all options are drawn evenly.",
        Axis::new("entropy", "of the largest possible"),
        curves,
    )
}

fn entropy_map(facts: &Facts<'_>) -> Option<Chart> {
    let layout = &facts.of.layout;
    if layout.width() <= CURVES || facts.windows.is_empty() {
        return None;
    }
    let values: Vec<_> = facts.windows.iter().map(|window| entropies(window, layout)).collect();
    let row = |position: usize| values.iter().map(|values| values[position]).collect();
    let heat = Heat {
        x: facts.ends.clone(),
        rows: layout.decisions.iter().map(|decision| decision.name.clone()).collect(),
        value: Axis::new("entropy", "of the largest possible"),
        cells: (0..layout.width()).map(row).collect(),
    };
    Some(chart(
        "entropy-by-decision",
        "Entropy of the options, decision by decision",
        "Decisions in the order of the vector. A row that turns to 0 has lost all options but one.",
        time(),
        Axis::new("decision", ""),
        Body::Heat(heat),
    ))
}

fn prefix_layers(facts: &Facts<'_>) -> Option<Chart> {
    let mut curves = Vec::new();
    for (i, name) in ["donor, 10 %", "donor, median", "donor, 90 %"].into_iter().enumerate() {
        curves.push(line(facts, name, |window| facts.size(window, Size::Prefix).map(|values| values[i])));
    }
    if let Some(parents) = &facts.of.parents {
        let ys = parents.windows.iter().map(|(layers, _)| layers.quantiles([0.5], &parents.scale));
        let ys = ys.map(|value| value.map_or(f64::NAN, |[median]| median));
        curves.push(Line::new("parent, median", facts.ends.iter().copied().zip(ys)));
    }
    lines(
        "prefix-layers-over-time",
        "Layers shared with the donor and with the parent",
        "Length of the longest common prefix, over the children of a window that have a donor (a parent). The parent is \
         shown when the `layers` table was read.",
        Axis::new("layers", "layers"),
        curves,
    )
}

fn prefix_bytes(facts: &Facts<'_>) -> Option<Chart> {
    let mut curves = vec![
        line(facts, "bytes from the donor", |window| finite(window.inherited.mean())),
        line(facts, "donors that are the parent", |window| finite(window.from_parent.mean())),
    ];
    if let Some(parents) = &facts.of.parents {
        let ys = parents.windows.iter().map(|(_, bytes)| bytes.mean());
        curves.push(Line::new("bytes shared with the parent", facts.ends.iter().copied().zip(ys)));
    }
    lines(
        "prefix-bytes-over-time",
        "How much of a child is inherited, and from whom",
        "Mean share of a child's bytes that come from its donor (that it shares with its parent), and the share of children \
         whose donor is their parent.",
        Axis::new("share", ""),
        curves,
    )
}

fn diversity(facts: &Facts<'_>) -> Option<Chart> {
    let population = facts.population();
    // As shares, so that both fit one axis. The largest mean distance is that of options that are equally common.
    let largest: f64 = facts.of.layout.open_sizes().map(|k| 1.0 - 1.0 / k).sum();
    let distinct =
        |window: &Window| window.population.as_ref()?.distinct.last().map(|&d| f64::from(d) / population);
    let distance = |window: &Window| finite(window.population.as_ref()?.distance / largest);
    let even = facts.sampled_distinct(facts.of.layout.width()).map(|distinct| distinct / population);
    lines(
        "diversity-over-time",
        "Variety in the population",
        "Distinct vectors as a share of the population, and the mean pairwise Hamming distance as a share of that of \
         even draws (1: as far apart as random vectors; 0: all alike). Dashed: distinct vectors among as many even draws.",
        Axis::new("share", ""),
        vec![
            line(facts, "distinct vectors", distinct),
            line(facts, "pairwise distance", distance),
            line(facts, "distinct vectors, even draws", |_| even).theory(),
        ],
    )
}

fn repeats(facts: &Facts<'_>) -> Option<Chart> {
    let vectors = facts.vectors(facts.of.layout.width());
    let mut curves =
        vec![line(facts, "seen before", |window| finite(window.repeats as f64 / window.rows as f64))];
    let mut from = 0.0;
    let expected: Vec<(f64, f64)> = facts
        .windows
        .iter()
        .zip(&facts.ends)
        .map(|(window, &end)| {
            let to = from + window.rows as f64;
            let share = facts.even(Some(theory::repeats(vectors, from, to))).unwrap_or(f64::NAN);
            from = to;
            (end, share)
        })
        .collect();
    curves.push(Line::new("even draws", expected).theory());
    lines(
        "repeats-over-time",
        "Vectors evaluated again",
        "Share of a window's candidates whose vector the run had evaluated before. Dashed: what even draws from the whole \
         space would repeat.",
        Axis::new("share", ""),
        curves,
    )
}

fn sizes(facts: &Facts<'_>, size: Size, word: &str, unit: &str) -> Option<Chart> {
    let curves = ["10 %", "median", "90 %"]
        .into_iter()
        .enumerate()
        .map(|(i, name)| line(facts, name, |window| facts.size(window, size).map(|values| values[i])))
        .collect();
    let mut capital = word.to_owned();
    capital[..1].make_ascii_uppercase();
    lines(
        &format!("{word}-over-time"),
        &format!("{capital} of a model"),
        "Median and 10th and 90th percentile over the candidates of a window; numbers above 255 to within 0.4 %.",
        Axis::new(word, unit),
        curves,
    )
}
