//! What the integration tests share: the asynchronous loop, and a chi-squared test.

#![allow(dead_code, reason = "each test binary uses its part")]

use lamarck_sdk::{CandidateId, Finished, Origin, Proposal, Rng, Status, Strategy};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Whether each candidate, in order of submission, was sampled; and the parent of those that were not.
pub(crate) struct History {
    pub(crate) parents: Vec<Option<CandidateId>>,
    pub(crate) released: Vec<CandidateId>,
    /// How often workers were left without work.
    pub(crate) waits: usize,
}

impl History {
    /// Sampled candidates before the first child.
    pub(crate) fn random_phase(&self) -> usize {
        self.parents.iter().position(Option::is_some).expect("the run is long enough for a child")
    }
}

/// Runs a strategy on `workers` workers until `candidates` have finished: `workers` submissions at time 0, then for
/// each completion one `tell` and, for each worker without work, one `ask`. Durations are random.
pub(crate) fn simulate(
    strategy: &mut dyn Strategy,
    workers: u64,
    candidates: u64,
    seed: u64,
    score: impl Fn(CandidateId, &mut Rng) -> Option<f64>,
) -> History {
    let mut rng = Rng::from_seed(seed);
    let mut running = BinaryHeap::new();
    let mut history = History { parents: Vec::new(), released: Vec::new(), waits: 0 };
    let mut now = 0;
    for _ in 0..candidates {
        while (running.len() as u64) < workers {
            let parent = match strategy.ask(&mut rng).unwrap() {
                Proposal::Sample => None,
                Proposal::Mutate(selected) => Some(selected.id),
                Proposal::Wait => {
                    history.waits += 1;
                    break;
                }
                other => panic!("unexpected proposal {other:?}"),
            };
            running.push(Reverse((now + 1 + rng.below(1000), history.parents.len() as u64)));
            history.parents.push(parent);
        }
        let Reverse((finished, id)) =
            running.pop().expect("a strategy only waits while something is running");
        now = finished;
        let score = score(id, &mut rng);
        let status = if score.is_some() { Status::Ok } else { Status::Failed };
        let origin = if history.parents[usize::try_from(id).unwrap()].is_some() {
            Origin::Mutation
        } else {
            Origin::Sample
        };
        let finished = Finished { id, choices: &[0], score, status, origin };
        strategy.tell(&finished, &mut history.released).unwrap();
    }
    history
}

/// Asserts that counts agree with probabilities: the chi-squared statistic, cells of fewer than 5 expected pooled into
/// one, lies below its 99.9 % point (by Wilson and Hilferty's approximation, doi:10.1073/pnas.17.12.684).
pub(crate) fn assert_frequencies(counts: &[u64], probabilities: &[f64]) {
    assert_eq!(counts.len(), probabilities.len());
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{probabilities:?}");
    let n = counts.iter().sum::<u64>() as f64;
    let (mut chi2, mut cells, mut rare) = (0.0, 0_u32, (0.0, 0.0));
    let mut add = |count: f64, expected: f64| {
        chi2 += (count - expected).powi(2) / expected;
        cells += 1;
    };
    for (&count, &probability) in counts.iter().zip(probabilities) {
        let (count, expected) = (count as f64, probability * n);
        if expected >= 5.0 {
            add(count, expected);
        } else {
            assert!(count == 0.0 || expected > 0.0, "something impossible happened {count} times");
            rare = (rare.0 + count, rare.1 + expected);
        }
    }
    if rare.1 >= 5.0 {
        add(rare.0, rare.1);
    }
    let df = f64::from(cells - 1);
    let h = 2.0 / (9.0 * df);
    let limit = df * (1.0 - h + 3.0902 * h.sqrt()).powi(3);
    assert!(chi2 < limit, "chi-squared {chi2:.1} with {df} degrees of freedom, limit {limit:.1}: {counts:?}");
}
