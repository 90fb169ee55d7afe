//! How a strategy draws parents.

/// How the strategy draws a parent from the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// The best of so many members.
    Tournament {
        /// Members drawn.
        sample: usize,
        /// Whether a member may be drawn more than once.
        replacement: bool,
    },
    /// Every member alike.
    Even,
}

impl Selection {
    /// The rule of a study's strategy, by its name and the values of its options `sample` and `replacement`: `neutral`
    /// draws evenly, and whoever has a `sample` holds tournaments. `None` for all others.
    pub fn of_strategy(name: &str, sample: Option<u64>, replacement: Option<bool>) -> Option<Self> {
        match sample {
            _ if name == "neutral" => Some(Self::Even),
            Some(sample) => Some(Self::Tournament {
                // A tournament of more members than memory could hold is one of all.
                sample: usize::try_from(sample).unwrap_or(usize::MAX),
                replacement: replacement.unwrap_or(false),
            }),
            None => None,
        }
    }

    /// The chance of each rank, the best first.
    pub fn chances(self, population: usize) -> Vec<f64> {
        let p = population as f64;
        match self {
            Self::Even => vec![1.0 / p; population],
            Self::Tournament { sample, replacement: true } => {
                // All draws at this rank or below, less all draws below it.
                let below = |rank: usize| ((population - rank) as f64 / p).powf(sample as f64);
                (0..population).map(|rank| below(rank) - below(rank + 1)).collect()
            }
            Self::Tournament { sample, replacement: false } => {
                // C(P - r, S - 1) / C(P, S), each from the one before it.
                let sample = sample.min(population) as f64;
                let next = |(rank, chance): (f64, f64)| {
                    let left = p - rank;
                    let factor = if left > 0.0 { (left - sample + 1.0) / left } else { 0.0 };
                    (rank + 1.0, chance * factor.max(0.0))
                };
                std::iter::successors(Some((1.0, sample / p)), |&state| Some(next(state)))
                    .map(|(_, chance)| chance)
                    .take(population)
                    .collect()
            }
        }
    }
}

/// Selection from a population of which the oldest leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgingSelection {
    /// How a parent is drawn.
    pub selection: Selection,
    /// Members of a full population; at least 1.
    pub population: usize,
}
