//! Shares of options and their entropy, per window and per run.

use crate::spread::Spread;
use lamarck_sdk::prelude::*;

/// Where the counters of a decision's options stand in one long array.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) decisions: Vec<Decision>,
    /// The first counter of each decision, and the end.
    starts: Vec<usize>,
}

impl Layout {
    pub(crate) fn new(space: &SpaceSpec) -> Result<Self> {
        space.check()?;
        let mut starts = vec![0];
        let mut end = 0;
        for decision in &space.decisions {
            end += decision.options.len();
            starts.push(end);
        }
        Ok(Self { decisions: space.decisions.clone(), starts })
    }

    fn counters(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Each decision's part of an array of one value an option.
    fn split<'a, T>(&self, values: &'a [T]) -> impl Iterator<Item = &'a [T]> {
        self.starts.windows(2).map(|ends| values.get(ends[0]..ends[1]).unwrap_or_default())
    }
}

/// How often each option occurred among so many vectors.
#[derive(Debug, Clone)]
struct Counts {
    options: Vec<u64>,
    vectors: u64,
}

impl Counts {
    fn new(layout: &Layout) -> Self {
        Self { options: vec![0; layout.counters()], vectors: 0 }
    }

    fn add(&mut self, vector: &[Choice], layout: &Layout) -> Result<()> {
        for (position, &choice) in vector.iter().enumerate() {
            let decision = &layout.decisions[position];
            ensure!(
                usize::from(choice) < decision.options.len(),
                "its choice for decision {position} (`{}`) is {choice}, but there are {} options",
                decision.name,
                decision.options.len()
            );
            self.options[layout.starts[position] + usize::from(choice)] += 1;
        }
        self.vectors += 1;
        Ok(())
    }

    fn clear(&mut self) {
        self.options.fill(0);
        self.vectors = 0;
    }
}

/// Entropy of counts over its maximum, the logarithm of the number of options; `None` for a single option or when
/// nothing was counted.
fn entropy(counts: &[u64]) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    if counts.len() < 2 || total == 0 {
        return None;
    }
    let sum: f64 = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = count as f64 / total as f64;
            share * share.ln()
        })
        .sum();
    // Rounding may leave a hair outside; and 0 must not be written as -0.
    Some((0.0 - sum / (counts.len() as f64).ln()).clamp(0.0, 1.0))
}

/// The same stretch of every run of a point: a window, or the whole run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stretch {
    /// Share of each option, averaged over runs.
    shares: Vec<Spread>,
    /// Entropy of each decision, averaged over runs.
    pub(crate) entropies: Vec<Spread>,
    /// Mean entropy of the decisions, averaged over runs.
    pub(crate) entropy: Spread,
    /// Candidates with a score in all runs.
    pub(crate) scored: u64,
}

impl Stretch {
    /// Adds a run's counts; returns the mean entropy of its decisions.
    fn add(&mut self, counts: &Counts, layout: &Layout) -> Option<f64> {
        self.shares.resize(layout.counters(), Spread::default());
        self.entropies.resize(layout.decisions.len(), Spread::default());
        if counts.vectors == 0 {
            return None;
        }
        self.scored += counts.vectors;
        for (share, &count) in self.shares.iter_mut().zip(&counts.options) {
            share.add(count as f64 / counts.vectors as f64);
        }
        let mut mean = Spread::default();
        for (spread, part) in self.entropies.iter_mut().zip(layout.split(&counts.options)) {
            if let Some(entropy) = entropy(part) {
                spread.add(entropy);
                mean.add(entropy);
            }
        }
        let mean = mean.mean()?;
        self.entropy.add(mean);
        Some(mean)
    }

    /// Each decision's shares.
    pub(crate) fn shares(&self, layout: &Layout) -> impl Iterator<Item = &[Spread]> {
        layout.split(&self.shares)
    }
}

/// What the runs of a point have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct PointComposition {
    pub(crate) whole: Stretch,
    pub(crate) windows: Vec<Stretch>,
    /// Entropy of the first full window with a score; of the last; and the difference, of runs that have both.
    pub(crate) first: Spread,
    pub(crate) last: Spread,
    pub(crate) change: Spread,
}

/// The run that is coming in.
#[derive(Debug, Clone)]
pub(crate) struct RunComposition {
    window: u64,
    whole: Counts,
    current: Counts,
    /// Candidates in the current window, failed ones too.
    filled: u64,
    candidates: u64,
    index: usize,
    first: Option<f64>,
    last: Option<f64>,
}

impl RunComposition {
    pub(crate) fn new(layout: &Layout, window: u64) -> Self {
        Self {
            window,
            whole: Counts::new(layout),
            current: Counts::new(layout),
            filled: 0,
            candidates: 0,
            index: 0,
            first: None,
            last: None,
        }
    }

    pub(crate) fn candidates(&self) -> u64 {
        self.candidates
    }

    pub(crate) fn scored(&self) -> u64 {
        // Windows are added to the whole when they close.
        self.whole.vectors + self.current.vectors
    }

    /// Adds a candidate, with its vector if it has a score.
    pub(crate) fn add(
        &mut self,
        vector: Option<&[Choice]>,
        layout: &Layout,
        point: &mut PointComposition,
    ) -> Result<()> {
        if let Some(vector) = vector {
            self.current.add(vector, layout)?;
        }
        self.candidates += 1;
        self.filled += 1;
        if self.filled == self.window {
            let entropy = self.close(layout, point);
            // The first window's entropy must not be the last's as well: the change would be zero by definition.
            if self.first.is_some() { self.last = entropy.or(self.last) } else { self.first = entropy }
        }
        Ok(())
    }

    /// Ends the current window, and returns its entropy.
    fn close(&mut self, layout: &Layout, point: &mut PointComposition) -> Option<f64> {
        if point.windows.len() <= self.index {
            point.windows.resize_with(self.index + 1, Stretch::default);
        }
        let entropy = point.windows[self.index].add(&self.current, layout);
        for (whole, current) in self.whole.options.iter_mut().zip(&self.current.options) {
            *whole += current;
        }
        self.whole.vectors += self.current.vectors;
        self.current.clear();
        self.index += 1;
        self.filled = 0;
        entropy
    }

    /// Ends the run.
    pub(crate) fn end(mut self, layout: &Layout, point: &mut PointComposition) {
        if self.filled > 0 {
            self.close(layout, point);
        }
        point.whole.add(&self.whole, layout);
        if let (Some(first), Some(last)) = (self.first, self.last) {
            point.first.add(first);
            point.last.add(last);
            point.change.add(last - first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_between_none_and_all() {
        assert_eq!(entropy(&[3]), None);
        assert_eq!(entropy(&[0, 0]), None);
        assert_eq!(entropy(&[7, 0, 0]).map(f64::to_bits), Some(0.0_f64.to_bits()));
        assert!((entropy(&[7, 7, 7]).unwrap() - 1.0).abs() < 1e-12);
        assert!((0..50).all(|k| entropy(&vec![3; k]).is_none_or(|entropy| entropy <= 1.0)));
        // One bit in three options: ln 2 / ln 3.
        assert!((entropy(&[5, 5, 0]).unwrap() - 2.0_f64.ln() / 3.0_f64.ln()).abs() < 1e-12);
    }
}
