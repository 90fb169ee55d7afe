//! Whether generations come one after the other or all at once.
//!
//! The rows of a generation have a mean and a spread. Generations that follow one another without overlap
//! fill a block of as many rows as a generation is long (g, the mean distance from parent to child), which
//! has the spread g / sqrt(12). The **wave index** is that by the spread that a generation has, averaged
//! over the generations that are complete: 1 without overlap, near 0 when births of a generation are
//! scattered over many generation lengths. It needs no windows, and so does not depend on where these begin;
//! the spread of generations within a window, which the chart shows, is that of a block's edge or of its
//! middle.
//!
//! The first [`EARLY`] generations are told apart from the later ones: for these there is a closed form,
//! while after many generations chance decides, which makes one generation large and the next small.
//!
//! Left out are generation 0, which is a block by construction, and those that may still grow: all from the
//! youngest generation on that the last P + W + L candidates have.

/// How many generations count as the first ones.
pub(crate) const EARLY: u64 = 10;

/// How generations advance.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Waves {
    /// The first generations that are complete, and the later ones.
    pub(crate) early: Narrowness,
    pub(crate) late: Narrowness,
    /// Generations a row, the slope from the first child on; and the rows it rests on.
    pub(crate) slope: Option<f64>,
    pub(crate) rows: u64,
}

/// How narrow generations are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Narrowness {
    pub(crate) generations: u64,
    /// The sum of 1 / (sqrt(12) times the spread of their rows).
    sum: f64,
}

impl Narrowness {
    /// The wave index, for generations of this length.
    pub(crate) fn index(self, length: f64) -> Option<f64> {
        (self.generations > 0).then(|| length * self.sum / self.generations as f64)
    }
}

/// The rows of a generation: their number, sum, and sum of squares.
type Sums = (u64, u128, u128);

impl Waves {
    /// From the generations by row, the row of the first child, and how many candidates can still have
    /// children.
    pub(crate) fn new(generation: &[u32], first_child: usize, living: usize) -> Self {
        let born = generation.get(first_child..).unwrap_or_default();
        let last = &generation[generation.len().saturating_sub(living)..];
        let open = last.iter().copied().min().unwrap_or(0);
        let mut sums: Vec<Sums> = vec![(0, 0, 0); (open as usize).saturating_sub(1)];
        let (mut first, mut mixed) = (0.0, 0.0);
        let middle = born.len().saturating_sub(1) as f64 / 2.0;
        for (row, &generation) in (first_child as u64..).zip(born) {
            let off = (row - first_child as u64) as f64 - middle;
            first += off * off;
            mixed += off * f64::from(generation);
            if let Some(sums) = (generation as usize).checked_sub(1).and_then(|at| sums.get_mut(at)) {
                let row = u128::from(row);
                sums.0 += 1;
                sums.1 += row;
                sums.2 += row * row;
            }
        }
        let mut waves =
            Self { slope: (first > 0.0).then(|| mixed / first), rows: born.len() as u64, ..Self::default() };
        for &(n, sum, squares) in sums.iter().filter(|sums| sums.0 > 0) {
            // Fewer than 2^32 rows: n squares and the squared sum are below 2^128.
            let variance = (u128::from(n) * squares).saturating_sub(sum * sum) as f64 / (n as f64).powi(2);
            // A row is as wide as one.
            let part = if waves.early.generations < EARLY { &mut waves.early } else { &mut waves.late };
            part.sum += 1.0 / (12.0 * variance + 1.0).sqrt();
            part.generations += 1;
        }
        waves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_mixtures() {
        // Blocks of four: no overlap.
        let blocks: Vec<u32> = (0..40).map(|row| row / 4).collect();
        let waves = Waves::new(&blocks, 4, 4);
        assert_eq!((waves.early.generations, waves.rows), (8, 36));
        assert!((waves.early.index(4.0).unwrap() - 1.0).abs() < 1e-12);
        assert!((waves.slope.unwrap() - 0.25).abs() < 0.01);
        // 1 and 2 in turns over eight rows: each at every other row, variance (64 - 4) / 12 = 5.
        let mixed = [0, 1, 2, 1, 2, 1, 2, 1, 2, 3, 3, 3];
        let waves = Waves::new(&mixed, 1, 3);
        assert_eq!(waves.early.generations, 2);
        assert!((waves.early.index(4.0).unwrap() - 4.0 / 61.0_f64.sqrt()).abs() < 1e-12);
        let none = Waves::new(&[], 0, 9);
        assert!(none.early.index(1.0).is_none() && none.slope.is_none());
        assert!(Waves::new(&[0, 1], 1, 9).slope.is_none());
    }
}
