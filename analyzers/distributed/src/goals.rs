//! When a score was reached first.

use crate::rows::Rows;

/// The first row with a score that is high enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reached {
    /// The score that was asked for.
    pub(crate) score: f64,
    pub(crate) row: u32,
    /// When, in microseconds, where the trace says so.
    pub(crate) time: Option<u64>,
}

/// The first row with at least each of these scores; `None` for those that no row has. One pass over all
/// rows.
pub(crate) fn reached(rows: &Rows, scores: &[f64]) -> Vec<Option<Reached>> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let mut found = vec![None; scores.len()];
    let mut open = order.into_iter().peekable();
    for (row, &score) in (0..).zip(&rows.score) {
        while let Some(&at) = open.peek().filter(|&&at| score >= scores[at]) {
            found[at] = Some(Reached { score: scores[at], row, time: rows.finished(row) });
            open.next();
        }
    }
    found
}

/// The best score.
pub(crate) fn best(rows: &Rows) -> Option<f64> {
    rows.score.iter().copied().filter(|score| score.is_finite()).max_by(f64::total_cmp)
}

/// The median score of candidates without a known parent that finished before any child did; of the first
/// `most` where nobody has one. Failed candidates do not count. Of an even number the lower of the two in
/// the middle.
pub(crate) fn start(rows: &Rows, first_child: Option<u32>, most: usize) -> Option<f64> {
    let until = first_child.map_or(most, |row| row as usize).min(rows.len());
    let scores = rows.score[..until].iter().copied().filter(|score| score.is_finite());
    let mut scores: Vec<f64> = scores.collect();
    let middle = scores.len().checked_sub(1)? / 2;
    let (_, median, _) = scores.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*median)
}
