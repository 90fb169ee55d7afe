//! Which point of one trace is which point of the other.
//!
//! A sweep that was widened counts its points anew, so that numbers alone would compare four workers with eight. Where
//! any label occurs in both traces, points are the same that have the same label, and the others are in one trace only.
//! Where none does (a trace without a sweep, or the same sweep over another key) the number decides.

use crate::trace::header::TraceHeader;

/// A point, where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    Both(u32, u32),
    OnlyA(u32),
    OnlyB(u32),
}

/// All points of both traces: those of the first in its order, then those that only the second has.
pub(super) fn pairs(a: &TraceHeader, b: &TraceHeader) -> Vec<Pair> {
    let count = |header: &TraceHeader| {
        let known = u32::try_from(header.points.len()).unwrap_or(u32::MAX);
        // An imported trace may have runs of points of which nothing is written.
        header.runs.iter().map(|run| run.key.point.saturating_add(1)).fold(known, u32::max)
    };
    let label = |header: &TraceHeader, point: u32| {
        let label = header.points.get(point as usize).map(|point| point.label.clone());
        label.filter(|label| !label.is_empty())
    };
    let (in_a, in_b) = (count(a), count(b));
    let with_label = |wanted: &str| (0..in_b).find(|&point| label(b, point).as_deref() == Some(wanted));
    let by_label: Vec<Option<u32>> =
        (0..in_a).map(|point| label(a, point).and_then(|label| with_label(&label))).collect();
    let labelled = by_label.iter().any(Option::is_some);
    let partner =
        |(point, found): (u32, Option<u32>)| if labelled { found } else { (point < in_b).then_some(point) };
    let partners: Vec<Option<u32>> = (0..in_a).zip(by_label).map(partner).collect();
    let mut pairs: Vec<Pair> = (0..in_a)
        .zip(&partners)
        .map(|(point, partner)| partner.map_or(Pair::OnlyA(point), |partner| Pair::Both(point, partner)))
        .collect();
    pairs.extend((0..in_b).filter(|point| !partners.contains(&Some(*point))).map(Pair::OnlyB));
    pairs
}
