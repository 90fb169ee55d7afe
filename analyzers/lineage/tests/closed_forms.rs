//! Neutral and selective runs against the closed forms.
//!
//! Seeds are fixed. Tolerances are two to four times what the figures were found to differ by, and far less than what a
//! wrong closed form (a generation of P/2 + W, tournaments one larger) would differ by.

#![allow(clippy::float_cmp, reason = "counts, and sums of fractions that are exact")]

mod support;

use lamarck_sdk::Rng;
use lamarck_sdk::serde_json::{Value, json};
use support::{Evolution, column, report, theory, value};

fn neutral(population: u32) -> Value {
    json!({"plugin": "neutral", "population": population})
}

fn selective(population: u32, sample: u32, replacement: bool) -> Value {
    json!({
        "plugin": "regularized-evolution",
        "population": population,
        "sample": sample,
        "replacement": replacement,
    })
}

/// Nothing is inherited.
fn luck(_: f64, rng: &mut Rng) -> f64 {
    rng.uniform()
}

/// Half of the parent's score is inherited.
fn half(parent: f64, rng: &mut Rng) -> f64 {
    parent / 2.0 + rng.uniform()
}

fn near(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, but {expected} was expected");
}

#[test]
fn neutral_evolution_is_as_theory_says() {
    for (workers, spread) in [(1, 0), (8, 0), (8, 200)] {
        let rows = 150_000;
        let run = Evolution { strategy: neutral(30), workers, rows, seed: 5, spread, score: luck };
        let report = report("{}", &run.context(), &run.run());
        let check = |key: &str, tolerance: f64| {
            near(&format!("{key}, {workers} workers"), value(&report, key), theory(&report, key), tolerance);
        };
        check("offspring", 0.002);
        check("offspring-variance", 0.02);
        check("childless", 0.005);
        check("parent-rank-chi-squared", 1.05);
        check("generation-length", 0.15);
        check("depth", 0.05 * theory(&report, "depth"));
        // Ages are alike for as long as an ancestor lasts: 150,000 / 450 independent ones with a deviation of half.
        check("common-ancestor-age", 0.15 * theory(&report, "common-ancestor-age"));
        assert!(value(&report, "offspring-distance") < 0.01);
        near("heritability", value(&report, "heritability-parent"), 0.0, 0.011);
    }
}

#[test]
fn founders_die_out_as_the_coalescent_says() {
    for workers in [1, 20] {
        let mut sums = [0.0; 20];
        let mut expected = Vec::new();
        let runs = 60;
        for seed in 0..runs {
            let strategy = neutral(40);
            let rows = 2000;
            let run = Evolution { strategy, workers, rows, seed, spread: 0, score: luck };
            let report = report("{}", &run.context(), &run.run());
            for (sum, left) in sums.iter_mut().zip(column(&report, "lineage-over-time", "founders left")) {
                *sum += left.unwrap();
            }
            expected = column(&report, "lineage-over-time", "founders left, even draw");
        }
        for (window, (sum, expected)) in sums.iter().zip(&expected).enumerate() {
            let (found, expected) = (sum / f64::from(u32::try_from(runs).unwrap()), expected.unwrap());
            let what = format!("window {window}, {workers} workers");
            near(&what, found, expected, 0.15 * expected + 0.1);
        }
    }
}

#[test]
fn ranks_of_parents_are_as_the_tournament_says() {
    for (sample, replacement) in [(10, false), (10, true), (1, false), (50, false)] {
        let strategy = selective(50, sample, replacement);
        let run = Evolution { strategy, workers: 8, rows: 60_000, seed: 2, spread: 300, score: half };
        let report = report("{}", &run.context(), &run.run());
        if sample == 50 {
            // The best of all is certain: one cell, and nothing to compare.
            assert_eq!(support::rows(&report, "parent-ranks")[0], "1 1 1");
            continue;
        }
        near("chi-squared", value(&report, "parent-rank-chi-squared"), 1.0, 0.95);
        near("offspring", value(&report, "offspring"), 1.0, 0.005);
        // Told the wrong sample, it must notice.
        let wrong = support::context(&selective(50, sample + 1, replacement), 8);
        let report = support::report("{}", &wrong, &run.run());
        assert!(value(&report, "parent-rank-chi-squared") > 10.0);
    }
}

#[test]
fn the_best_for_life_has_as_many_children_as_the_tournament_has_members() {
    // With more workers than members, children finish after their parent has left and cannot have replaced it, so that
    // being the best for life owes nothing to their number. Nothing is inherited, so good ones are seldom in a row.
    let strategy = selective(20, 5, false);
    let run = Evolution { strategy, workers: 40, rows: 100_000, seed: 4, spread: 0, score: luck };
    let report = report("{}", &run.context(), &run.run());
    near("theory", theory(&report, "champion-offspring"), 5.0, 1e-9);
    // One in 39 is the best among the 19 before and after it; 20 draws at 1/4 have the variance 3.75.
    let n = support::finding(&report, "champion-offspring").n;
    assert!((2300..2850).contains(&n), "{n}");
    near("children", value(&report, "champion-offspring"), 5.0, 4.0 * (3.75 / 2500.0_f64).sqrt());
}

#[test]
fn selection_coalesces_faster_and_scores_are_inherited() {
    let rows = 20_000;
    let run =
        Evolution { strategy: selective(50, 10, false), workers: 8, rows, seed: 9, spread: 300, score: half };
    let selected = report("{}", &run.context(), &run.run());
    assert!(value(&selected, "common-ancestor-age") < 0.5 * theory(&selected, "common-ancestor-age"));
    assert!(value(&selected, "offspring-variance") > 2.0);
    assert!(value(&selected, "offspring-distance") > 0.3);
    near("slope", value(&selected, "heritability-parent"), 0.5, 0.1);
    let drift = Evolution { strategy: neutral(50), ..run };
    let drifted = report("{}", &drift.context(), &drift.run());
    assert!(value(&selected, "takeovers") > 2.0 * value(&drifted, "takeovers"));
    assert!(value(&selected, "one-founder-left") < value(&drifted, "one-founder-left"));
}
