//! How much of a log is explained, and how much of that chance would explain.

use super::neighbours::Index;
use super::{Inferred, Order, Settings};
use crate::log::Log;
use lamarck_model::{Purpose, Stream};
use serde::Serialize;

/// What inference found in one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Decisions that a mutation changes, at most.
    pub distance: usize,
    /// Members of a full population.
    pub population: usize,
    /// Members of a tournament.
    pub sample: usize,
    /// Candidates in flight, where it was used.
    pub in_flight: Option<u32>,
    /// Candidates of which the submission, or at least the start, is known.
    pub begun_known: u64,
    /// Candidates of the random phase.
    pub random_phase: u64,
    /// Whether that was estimated; `None` where it was told.
    pub random_phase_found: Option<bool>,
    /// The candidates of the random phase.
    pub random: Counts,
    /// Those after it.
    pub after: Counts,
    /// What chance would have explained after it.
    pub chance: Option<Chance>,
}

/// Candidates counted by what was found for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counts {
    /// All.
    pub candidates: u64,
    /// Those with a possible parent.
    pub explained: u64,
    /// Those with exactly one.
    pub one: u64,
    /// Those with several.
    pub several: u64,
    /// Possible parents of an explained candidate, on average.
    pub mean_possible: Option<f64>,
    /// Those whose possible parents all have the very same vector.
    pub only_equal: u64,
    /// Those whose nearest member of the population differs in at most 0, 1, 2 and 3 decisions.
    pub nearest_within: [u64; Summary::FARTHEST + 1],
}

/// What shuffled vectors explain: shares of the candidates after the random phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Chance {
    /// How often the vectors were shuffled.
    pub shuffles: u32,
    /// The mean over the shuffles.
    pub mean: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Summary {
    /// The largest distance that is counted.
    pub const FARTHEST: usize = 3;
}

impl Counts {
    /// The share that is explained; `None` of nothing.
    pub fn share(&self) -> Option<f64> {
        (self.candidates > 0).then(|| self.explained as f64 / self.candidates as f64)
    }

    fn of(inferred: &Inferred, evaluations: std::ops::Range<usize>) -> Self {
        let mut counts = Self { candidates: evaluations.len() as u64, ..Self::default() };
        let mut sum = 0;
        for evaluation in evaluations {
            let possible = inferred.possible(evaluation);
            sum += possible.len();
            match possible.len() {
                0 => {}
                1 => counts.one += 1,
                _ => counts.several += 1,
            }
            let only_equal = !possible.is_empty() && possible.iter().all(|possible| possible.distance == 0);
            counts.only_equal += u64::from(only_equal);
            let nearest = inferred.nearest.get(evaluation).copied().flatten();
            for (distance, count) in counts.nearest_within.iter_mut().enumerate() {
                *count += u64::from(nearest.is_some_and(|nearest| usize::from(nearest) <= distance));
            }
        }
        counts.explained = counts.one + counts.several;
        counts.mean_possible = (counts.explained > 0).then(|| sum as f64 / counts.explained as f64);
        counts
    }
}

/// Counts what was found in a run, and measures what chance would have found. `replicate` tells the shuffles of several
/// runs apart.
pub fn summarize(log: &Log, inferred: &Inferred, settings: &Settings, replicate: u32) -> Summary {
    let all = log.evaluations.len();
    let end = inferred.random_phase.min(all);
    let begun = log.evaluations.iter().filter(|e| e.submitted_us.or(e.started_us).is_some()).count() as u64;
    Summary {
        distance: settings.distance,
        population: settings.population,
        sample: settings.sample,
        in_flight: settings.in_flight.filter(|_| begun < all as u64),
        begun_known: begun,
        random_phase: end as u64,
        random_phase_found: inferred.estimated,
        random: Counts::of(inferred, 0..end),
        after: Counts::of(inferred, end..all),
        chance: chance(log, settings, end, replicate),
    }
}

/// Shuffles the vectors among all evaluations and counts those after the random phase that have a possible parent.
fn chance(log: &Log, settings: &Settings, end: usize, replicate: u32) -> Option<Chance> {
    let after = log.evaluations.len().checked_sub(end).filter(|after| *after > 0)?;
    let order = Order::of(log, settings);
    let streams = Stream::new(settings.seed, replicate);
    let mut shares = Vec::new();
    for shuffle in 0..settings.shuffles {
        let mut rng = streams.rng(Purpose::Shuffle, shuffle.into());
        let mut vectors: Vec<&[u16]> = log.evaluations.iter().map(|e| e.choices.as_slice()).collect();
        // Fisher and Yates.
        for last in (1..vectors.len()).rev() {
            vectors.swap(last, rng.index(last + 1));
        }
        let members: Vec<&[u16]> = order.members.iter().map(|place| vectors[*place]).collect();
        let index = Index::new(settings.distance, &members);
        let explained = (end..vectors.len())
            .filter(|place| {
                let span = order.spans[*place];
                index.any(vectors[*place], &(span.from..span.to))
            })
            .count();
        shares.push(explained as f64 / after as f64);
    }
    let sum: f64 = shares.iter().sum();
    Some(Chance {
        shuffles: settings.shuffles,
        mean: sum / f64::from(settings.shuffles.max(1)),
        least: shares.iter().copied().reduce(f64::min)?,
        most: shares.iter().copied().reduce(f64::max)?,
    })
}
