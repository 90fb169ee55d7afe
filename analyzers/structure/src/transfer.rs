//! What children take over: from their donors, as the rows say, and what they share with their parents, as the
//! `layers` table says.

use crate::buckets::{Histogram, Scale};
use crate::descent::Descent;
use crate::layout::Layout;
use crate::windows::{Mean, Window};
use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Steps of 5 % from none to all.
pub(crate) const STEPS: usize = 21;

/// How much of a model is shared with another, over all candidates of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    /// Layers shared, with the sum of their squares.
    pub(crate) layers: Mean,
    squares: f64,
    /// Share of the bytes.
    pub(crate) bytes: Mean,
    /// How many children shared so much of their bytes, to the nearest step.
    pub(crate) steps: [u64; STEPS],
    /// Layers and bytes by the decision that the child's mutation changed.
    pub(crate) by_decision: Vec<(Mean, Mean)>,
    /// Sums for the correlation of layers with the position of that decision: positions, their squares, layers,
    /// their squares, products.
    sums: [f64; 5],
}

impl Shared {
    fn new(layout: &Layout) -> Self {
        Self { by_decision: vec![<(Mean, Mean)>::default(); layout.width()], ..Self::default() }
    }

    #[inline]
    fn add(&mut self, layers: u64, bytes: Option<f64>, decision: Option<usize>) {
        let count = layers as f64;
        self.layers.add(count);
        self.squares += count * count;
        if let Some(share) = bytes {
            self.bytes.add(share);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share is between 0 and 1"
            )]
            let step = (share * (STEPS - 1) as f64).round() as usize;
            self.steps[step.min(STEPS - 1)] += 1;
        }
        let Some(by) = decision.and_then(|decision| self.by_decision.get_mut(decision)) else { return };
        by.0.add(count);
        if let Some(share) = bytes {
            by.1.add(share);
        }
        let position = decision.unwrap_or(0) as f64;
        let values = [position, position * position, count, count * count, position * count];
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum += value;
        }
    }

    /// Standard deviation of the layers; not a number below two children.
    pub(crate) fn deviation(&self) -> f64 {
        if self.layers.n < 2 {
            return f64::NAN;
        }
        let (n, mean) = (self.layers.n as f64, self.layers.mean());
        ((self.squares - n * mean * mean).max(0.0) / (n - 1.0)).sqrt()
    }

    /// Candidates whose changed decision is known.
    pub(crate) fn placed(&self) -> u64 {
        self.by_decision.iter().map(|(layers, _)| layers.n).sum()
    }

    /// Pearson's correlation of layers with the position of the changed decision; not a number where one of them
    /// never varies.
    pub(crate) fn correlation(&self) -> f64 {
        let (n, [x, xx, y, yy, xy]) = (self.placed() as f64, self.sums);
        let (sx, sy) = (n * xx - x * x, n * yy - y * y);
        if sx <= 0.0 || sy <= 0.0 { f64::NAN } else { ((n * xy - x * y) / (sx * sy).sqrt()).clamp(-1.0, 1.0) }
    }
}

/// A part of a whole, at most all of it.
#[inline]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64).min(1.0))
}

/// Prefixes that candidates share with their donors.
#[derive(Debug, Clone)]
pub(crate) struct Donors {
    pub(crate) shared: Shared,
    pub(crate) scale: Scale,
}

impl Donors {
    pub(crate) fn new(layout: &Layout) -> Self {
        Self { shared: Shared::new(layout), scale: Scale::default() }
    }

    /// Takes in a row, if it names a donor.
    #[inline]
    pub(crate) fn add(&mut self, batch: &Columns<'_>, row: usize, window: &mut Window) {
        let Some(donor) = value_at(batch.donor, row) else { return };
        if let Some(parent) = value_at(batch.parent, row) {
            window.from_parent.add(f64::from(u8::from(parent == donor)));
        }
        let Some(layers) = value_at(batch.prefix_layers, row) else { return };
        window.sizes[crate::windows::Size::Prefix as usize].add(layers, &mut self.scale);
        let bytes = value_at(batch.prefix_bytes, row)
            .zip(value_at(batch.bytes, row))
            .and_then(|(part, whole)| share(part, whole));
        if let Some(share) = bytes {
            window.inherited.add(share);
        }
        self.shared.add(layers, bytes, value_at(batch.changed_decision, row).map(usize::from));
    }
}

/// Layers of parents kept at most: 64 MB.
const KEPT: usize = 1 << 22;
const NONE: u32 = u32::MAX;

/// Layers that candidates share with their parents.
///
/// The row of a candidate says what it took from its donor, and with best match that need not be the parent. The
/// `layers` table names every layer's identity, and the longest common prefix of two models is the identities they
/// share, so counting these gives the prefix to the parent exactly. For each candidate, its parent and its place in the
/// run are kept (8 bytes), and the layers of those that became parents, as many as fit into 64 MB; the oldest go first, and
/// a candidate whose parent's are gone is counted as not compared. Identities are folded to 64 bits.
#[derive(Debug, Clone)]
pub(crate) struct Parents {
    /// By id: the parent, and the candidate's place in the order of finishing.
    links: Vec<(u32, u32)>,
    rows: u32,
    /// Identities of parents' layers, sorted.
    kept: FxHashMap<u64, Vec<u64>>,
    order: VecDeque<u64>,
    kept_layers: usize,
    /// The candidate whose rows are coming in: identities and bytes.
    current: Option<u64>,
    layers: Vec<(u64, u64)>,
    pub(crate) shared: Shared,
    pub(crate) scale: Scale,
    pub(crate) whole: Histogram,
    /// Layers and share of bytes in each full window.
    pub(crate) windows: Vec<(Histogram, Mean)>,
    /// Children whose parent's layers are not in the table or were dropped.
    pub(crate) missed: u64,
    /// Rows of the table.
    pub(crate) seen: u64,
}

impl Parents {
    pub(crate) fn new(layout: &Layout) -> Self {
        Self {
            links: Vec::new(),
            rows: 0,
            kept: FxHashMap::default(),
            order: VecDeque::new(),
            kept_layers: 0,
            current: None,
            layers: Vec::new(),
            shared: Shared::new(layout),
            scale: Scale::default(),
            whole: Histogram::default(),
            windows: Vec::new(),
            missed: 0,
            seen: 0,
        }
    }

    /// Remembers a candidate's parent and place.
    pub(crate) fn link(&mut self, id: u64, parent: Option<u64>) {
        let place = self.rows;
        self.rows = self.rows.saturating_add(1);
        let Some(index) = usize::try_from(id).ok().filter(|_| id < u64::from(place) + (1 << 20)) else {
            return;
        };
        if self.links.len() <= index {
            self.links.resize(index + 1, (NONE, NONE));
        }
        self.links[index] = (parent.and_then(|parent| u32::try_from(parent).ok()).unwrap_or(NONE), place);
    }

    /// Takes in a part of the table. Windows are `width` candidates wide, and `windows` in number.
    pub(crate) fn add(
        &mut self,
        batch: &LayerColumns,
        run: &Descent,
        layout: &Layout,
        width: u64,
        windows: usize,
    ) {
        self.windows.resize(windows, <(Histogram, Mean)>::default());
        let rows = batch.candidate.iter().zip(&batch.identity).zip(&batch.bytes);
        for ((&candidate, &identity), &bytes) in rows {
            if self.current != Some(candidate) {
                self.close(run, layout, width);
                self.current = Some(candidate);
            }
            #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
            self.layers.push(((identity >> 64) as u64 ^ identity as u64, bytes));
            self.seen += 1;
        }
    }

    /// Ends the candidate whose rows came in last.
    pub(crate) fn close(&mut self, run: &Descent, layout: &Layout, width: u64) {
        let Some(id) = self.current.take() else { return };
        let mut layers = std::mem::take(&mut self.layers);
        layers.sort_unstable();
        let link = usize::try_from(id).ok().and_then(|id| self.links.get(id).copied());
        if let Some((parent, place)) = link
            && parent != NONE
        {
            match self.kept.get(&u64::from(parent)) {
                Some(theirs) => {
                    let (count, part) = common(&layers, theirs);
                    let whole = layers.iter().fold(0, |sum: u64, layer| sum.saturating_add(layer.1));
                    let share = share(part, whole);
                    self.shared.add(count, share, run.changed(id, layout));
                    self.whole.add(count, &mut self.scale);
                    let window = usize::try_from(u64::from(place) / width).ok();
                    if let Some((histogram, bytes)) = window.and_then(|window| self.windows.get_mut(window)) {
                        histogram.add(count, &mut self.scale);
                        if let Some(share) = share {
                            bytes.add(share);
                        }
                    }
                }
                None => self.missed += 1,
            }
        }
        if run.is_parent(id) {
            self.keep(id, &layers);
        }
        layers.clear();
        self.layers = layers;
    }

    fn keep(&mut self, id: u64, layers: &[(u64, u64)]) {
        while self.kept_layers + layers.len() > KEPT {
            let Some(oldest) = self.order.pop_front() else { return };
            self.kept_layers -= self.kept.remove(&oldest).map_or(0, |layers| layers.len());
        }
        // A candidate whose rows do not stand together comes twice; its first rows stay.
        if let std::collections::hash_map::Entry::Vacant(entry) = self.kept.entry(id) {
            entry.insert(layers.iter().map(|layer| layer.0).collect());
            self.order.push_back(id);
            self.kept_layers += layers.len();
        }
    }
}

/// How many of the sorted layers are among the sorted identities, and their bytes.
fn common(layers: &[(u64, u64)], identities: &[u64]) -> (u64, u64) {
    let mut others = identities.iter().peekable();
    layers.iter().fold((0, 0_u64), |(count, sum), &(identity, bytes)| {
        while others.next_if(|&&other| other < identity).is_some() {}
        match others.next_if(|&&other| other == identity) {
            Some(_) => (count + 1, sum.saturating_add(bytes)),
            None => (count, sum),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_layers_by_hand() {
        assert_eq!(common(&[(1, 10), (3, 30), (5, 50)], &[1, 2, 5, 9]), (2, 60));
        assert_eq!(common(&[(1, 10)], &[]), (0, 0));
        // An identity stands for one layer, however often it is written.
        assert_eq!(common(&[(1, 10), (1, 10)], &[1]), (1, 10));
    }

    #[test]
    fn correlation_by_hand() {
        let layout = Layout::new(&lamarck_sdk::testing::space(&[2, 2, 2])).unwrap();
        let mut shared = Shared::new(&layout);
        assert!(shared.correlation().is_nan() && shared.deviation().is_nan());
        // Positions 0, 1, 2 with 1, 3, 2 layers: covariance 1/2, variances 1 and 1 (n - 1).
        for (decision, layers) in [(0, 1), (1, 3), (2, 2)] {
            shared.add(layers, Some(0.5), Some(decision));
        }
        assert!((shared.correlation() - 0.5).abs() < 1e-12);
        assert!((shared.deviation() - 1.0).abs() < 1e-12);
        assert_eq!((shared.placed(), shared.steps[10]), (3, 3));
    }
}
