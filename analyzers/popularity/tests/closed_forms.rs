//! Simulated evolution against theory.

mod support;

use support::{Simulation, analyze, column, finding, line, number};

fn simulation(workers: u64, sample: u64, heritability: f64, seed: u64) -> Simulation {
    Simulation { population: 50, sample, workers, candidates: 20_000, heritability, failures: 0.02, seed }
}

/// Under the donor policy `parent`, rank alone decides who donates: slope 1, and the share of the variance that rank
/// explains is what theory says, with one worker and with many, whether scores are luck or inherited.
#[test]
fn rank_explains_what_theory_says() {
    for (workers, sample, heritability, seed) in
        [(1, 10, 0.0, 1), (32, 10, 0.0, 2), (128, 5, 0.7, 3), (1, 25, 0.7, 4)]
    {
        let simulation = simulation(workers, sample, heritability, seed);
        let report = analyze(&simulation.rows(), "{}", &simulation.context());
        let share = finding(&report, "rank-explains");
        assert!((share.value.unwrap() - share.theory.unwrap()).abs() < 0.05, "{workers}: {share:?}");
        let slope = number(&report, "rank-slope");
        assert!((slope - 1.0).abs() < 0.05, "{workers}: slope {slope}");
        let mean = finding(&report, "rank-mean");
        assert!((mean.value.unwrap() - mean.theory.unwrap()).abs() < 0.03, "{workers}: {mean:?}");
        let observed = line(&report, "observed-expected", "observed");
        // The bin of those that expect nearly nothing, and some in the middle.
        assert!(observed.y[0].unwrap() < 2.0 * observed.x[0] + 0.1);
    }
}

/// A random donor instead of the parent: rank explains nothing.
#[test]
fn rank_does_not_explain_donors_at_random() {
    let simulation = simulation(8, 10, 0.0, 6);
    let mut rows = simulation.rows();
    let mut rng = lamarck_sdk::Rng::from_seed(2);
    for row in &mut rows {
        if row.donor != u64::MAX {
            row.donor = row.id.saturating_sub(60 + rng.below(50));
        }
    }
    let report = analyze(&rows, "{}", &simulation.context());
    assert!(number(&report, "rank-explains") < 0.01);
    assert!(number(&report, "rank-slope").abs() < 0.1);
}

/// Selection concentrates: fewer effective donors in a window, the larger the tournament.
#[test]
fn selection_concentrates_donations() {
    let effective = |sample| {
        let simulation = simulation(1, sample, 0.0, 9);
        let report = analyze(&simulation.rows(), "{}", &simulation.context());
        (number(&report, "donors-effective"), report)
    };
    let (weak, neutral) = effective(1);
    let (strong, selective) = effective(25);
    assert!(strong < 0.5 * weak, "{strong} {weak}");
    // Without selection a member has a Poisson number of children (mean 1), so of those that have any, some 1 / 2 of
    // the children would have to be one donor's own: with 100 donations, 100 / (1 + 1) effective donors or a bit more,
    // since lives overlap windows.
    assert!((45.0..70.0).contains(&weak), "{weak}");
    assert!(number(&selective, "donors-first") > number(&neutral, "donors-first"));
    // Leaders are of better rank than others, and age out when scores are luck and the best stay best.
    assert!(number(&selective, "rise-rank") < -0.2);
    assert!(column(&selective, "falls", "falls").as_array().is_some_and(|falls| !falls.is_empty()));
    // The hazard model has its observations.
    let age = finding(&selective, "hazard-age");
    assert!(age.n > 1000 && age.value.is_some() && age.spread.is_some_and(|error| error < 0.5), "{age:?}");
}
