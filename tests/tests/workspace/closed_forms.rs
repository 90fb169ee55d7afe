//! What theory says of regularized evolution, beside what the engine does with the real plugins.

use crate::{ran, study};
use lamarck_model::{Nullable, Origin};

/// With P members and W workers, P + W - 1 candidates are drawn at random before the first child: the P-th
/// completion is answered by it, and W + (P - 1) were submitted before.
#[test]
fn the_random_phase_is_as_long_as_it_must_be() {
    for (population, workers) in [(64, 256), (50, 256), (100, 1), (10, 3), (1, 1), (256, 64)] {
        let ran = ran(
            &study(&format!(
                "[strategy]\npopulation = {population}\nsample = 1\n[cluster]\nworkers = {workers}\n\
                 [budget]\ncandidates = 1500\n"
            )),
            &[],
        );
        let expected = population + workers - 1;
        let summary = &ran.result.runs[0].summary;
        assert_eq!(summary.random_phase, Some(expected), "P {population}, W {workers}");
        assert_eq!(summary.random_phase_expected, Some(expected), "P {population}, W {workers}");
        // The trace says the same, counted here.
        for row in &ran.rows {
            let origin = if row.id < expected { Origin::Sample } else { Origin::Mutation };
            assert_eq!(row.origin(), Some(origin), "P {population}, W {workers}, candidate {}", row.id);
        }
    }
}

const POPULATION: u32 = 20;
const SAMPLE: u32 = 3;

/// How often a parent of each rank was chosen, the best first.
fn ranks(replacement: bool) -> Vec<u64> {
    let ran = ran(
        &study(&format!(
            "[study]\nseed = 20190101\n[strategy]\npopulation = {POPULATION}\nsample = {SAMPLE}\n\
             replacement = {replacement}\n[cluster]\nworkers = 16\n[budget]\ncandidates = 40000\n"
        )),
        &[],
    );
    let mut counts = vec![0; POPULATION as usize];
    for row in &ran.rows {
        if row.origin() == Some(Origin::Mutation) {
            let rank = row.parent_rank.known().expect("a child of a tournament has the rank of its parent");
            counts[rank as usize - 1] += 1;
        }
    }
    assert_eq!(counts.iter().sum::<u64>(), 40_000 - u64::from(POPULATION) - 15);
    counts
}

/// C(n, k).
fn choose(n: u32, k: u32) -> f64 {
    (0..k).map(|i| f64::from(n.saturating_sub(i)) / f64::from(i + 1)).product()
}

/// The chance of rank r: the member itself and S - 1 of the P - r worse ones are drawn, of all C(P, S) tournaments.
fn without_replacement(rank: u32) -> f64 {
    choose(POPULATION - rank, SAMPLE - 1) / choose(POPULATION, SAMPLE)
}

/// With replacement: the best of S draws is r, so all are at most as good, and not all worse.
fn with_replacement(rank: u32) -> f64 {
    let share = |members: u32| (f64::from(members) / f64::from(POPULATION)).powi(SAMPLE.cast_signed());
    share(POPULATION - rank + 1) - share(POPULATION - rank)
}

/// The chi-squared statistic, and its degrees of freedom.
fn chi_squared(counts: &[u64], law: fn(u32) -> f64) -> (f64, usize) {
    let total = counts.iter().sum::<u64>() as f64;
    let mut statistic = 0.0;
    let mut bins = 0;
    for (rank, &count) in (1..).zip(counts) {
        let expected = total * law(rank);
        if expected == 0.0 {
            assert_eq!(count, 0, "rank {rank} can never win");
            continue;
        }
        statistic += (count as f64 - expected).powi(2) / expected;
        bins += 1;
    }
    (statistic, bins - 1)
}

/// The 99 % quantiles of chi-squared with 17 and with 19 degrees of freedom (Abramowitz and Stegun, table 26.8).
const QUANTILES: [(usize, f64); 2] = [(17, 33.409), (19, 36.191)];

fn assert_law(counts: &[u64], law: fn(u32) -> f64) {
    let (statistic, degrees) = chi_squared(counts, law);
    let quantile = QUANTILES.iter().find(|(known, _)| *known == degrees).expect("a tabulated quantile").1;
    assert!(statistic < quantile, "chi-squared {statistic} with {degrees} degrees of freedom: {counts:?}");
    // The best alone, within 2.576 standard errors (99 %).
    let (total, chance) = (counts.iter().sum::<u64>() as f64, law(1));
    let (share, error) = (counts[0] as f64 / total, (chance * (1.0 - chance) / total).sqrt());
    assert!((share - chance).abs() < 2.576 * error, "the best won {share}, expected {chance} +- {error}");
}

#[test]
fn the_laws_are_probabilities() {
    for law in [without_replacement, with_replacement] {
        assert!(((1..=POPULATION).map(law).sum::<f64>() - 1.0).abs() < 1e-12);
    }
    // The best takes part in S of P tournaments, and wins them all.
    assert!((without_replacement(1) - 0.15).abs() < 1e-12);
    assert!(without_replacement(19) == 0.0 && without_replacement(18) > 0.0);
}

#[test]
fn parents_are_chosen_by_rank_as_often_as_they_must_be() {
    let (without, with) = (ranks(false), ranks(true));
    assert_law(&without, without_replacement);
    assert_law(&with, with_replacement);
    // The test can tell the two laws apart, so it could fail.
    let (statistic, _) = chi_squared(&without, with_replacement);
    assert!(statistic > 2.0 * QUANTILES[1].1, "{statistic}");
}
