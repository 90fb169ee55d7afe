//! Closed forms and invariants on simulated evolution, neutral and selective.

mod support;

use lamarck_sdk::Report;
use lamarck_sdk::model::report::{Body, Cell};
use proptest::prelude::*;
use support::{Evolution, chart, finding, line, table, value};

fn evolution(sample: usize) -> Evolution {
    Evolution { options: vec![5; 6], population: 50, sample, workers: 16, candidates: 20_000, seed: 3 }
}

/// Value and closed form.
fn both(report: &Report, key: &str) -> (f64, f64) {
    (value(report, key), finding(report, key).theory.unwrap_or_else(|| panic!("{key} has no theory")))
}

#[test]
fn neutral_evolution_is_what_the_closed_forms_say() {
    let report = evolution(1).report("{}");
    // Some 19,900 mutations, each of which survives with chance 0.636: a standard error of 0.0034.
    let (survived, neutral) = both(&report, "survived-mutations");
    assert!((survived - neutral).abs() < 0.015, "{survived} {neutral}");
    assert!((neutral - (1.0 - 0.98_f64.powi(50))).abs() < 1e-12);
    let (largest, even) = both(&report, "mutation-share-largest");
    assert!((largest - even).abs() < 0.01 && (even - 1.0 / 6.0).abs() < 1e-12, "{largest} {even}");
    assert!(value(&report, "survival-range") < 0.06);
    // The walk: nearly all candidates are many generations from their founder. Lineages share most of their way, so
    // the mean over candidates varies much more than its number says.
    let (walked, theory) = both(&report, "distance-walked");
    assert!((walked - theory).abs() < 0.35, "{walked} {theory}");
    let measured = line(&report, "distance-walked", "measured");
    let expected = line(&report, "distance-walked", "without selection");
    assert_eq!(measured.x, expected.x);
    assert_eq!(measured.y[0], Some(1.0), "one generation changes one decision");
    // Prefixes: a layer for each decision before the one that is drawn evenly: mean 2.5.
    assert!((value(&report, "donor-layers") - 2.5).abs() < 0.05);
    assert!((value(&report, "donor-position-correlation") - 1.0).abs() < 1e-9);
    assert!((value(&report, "donor-is-parent") - 1.0).abs() < 1e-12);
}

#[test]
fn the_random_phase_is_what_even_draws_show() {
    // All of the run is the random phase.
    let random = Evolution { population: 20_000, candidates: 20_000, ..evolution(1) };
    let report = random.report(r#"{"population": 100}"#);
    let (first, last) = (both(&report, "entropy-first-window"), both(&report, "entropy-last-window"));
    assert!((first.0 - first.1).abs() < 0.02 && (last.0 - last.1).abs() < 0.02, "{first:?} {last:?}");
    let distance = both(&report, "distance-end");
    assert!((distance.1 - 4.8).abs() < 1e-12 && (distance.0 - 4.8).abs() < 0.1, "{distance:?}");
    let distinct = both(&report, "distinct-end");
    assert!((distinct.0 - distinct.1).abs() < 3.0, "{distinct:?}");
    // The chance of three repeats in a hundred is small, but over 20,000 draws from 15,625 it is 0.43 (1 - 0.577).
    let repeats = both(&report, "repeats");
    assert!((repeats.0 - repeats.1).abs() < 0.01 && (repeats.1 - 0.436).abs() < 0.01, "{repeats:?}");
    let (measured, even) =
        (line(&report, "distinct-prefixes", "first"), line(&report, "distinct-prefixes", "even draws"));
    for (measured, even) in measured.y.iter().zip(&even.y) {
        let (measured, even) = (measured.unwrap(), even.unwrap());
        assert!((measured - even).abs() < 8.0, "{measured} {even}");
    }
}

#[test]
fn selection_shows() {
    let neutral = evolution(1).report("{}");
    let report = evolution(20).report("{}");
    // Large choices score high: mutations to the largest survive more often than those to the smallest.
    let share = |name: &str| {
        let Body::Bars(bars) = &chart(&report, "mutation-survival-by-option").body else { panic!("bars") };
        let at = bars.categories.iter().position(|category| category == name).unwrap();
        bars.series[0].y[at].unwrap()
    };
    assert!(share("4") > share("0") + 0.1, "{} {}", share("4"), share("0"));
    // The best few have most children, so fewer members have any.
    let (survived, null) = both(&report, "survived-mutations");
    assert!(survived < null - 0.2, "{survived} {null}");
    // Option 4 takes over: entropy falls below that of drift, options are fixed (at one mutation in six a decision, the
    // share of the fittest stays below one).
    assert!(value(&report, "entropy-last-window") < 0.5);
    let fixed = evolution(20).report(r#"{"fixed": 0.6, "window": 1000}"#);
    assert!(
        (value(&fixed, "fixed-decisions") - 6.0).abs() < 1e-12,
        "{:?}",
        finding(&fixed, "fixed-decisions")
    );
    assert!(value(&fixed, "time-to-fixation") < 2000.0);
    assert!(value(&report, "distance-end") < value(&report, "distance-start"));
    assert!(value(&neutral, "distance-end") > value(&report, "distance-end"));
    assert!(value(&report, "parameters-change") > 1.5);
}

#[test]
fn long_runs_have_windows_that_are_a_power_of_two_wider() {
    // 20,000 candidates are 200 windows of 100, and one more makes them 100 of 200.
    for (candidates, windows, width) in [(19_999, 199, 100.0), (20_000, 200, 100.0), (20_001, 100, 200.0)] {
        let report = Evolution { candidates, ..evolution(5) }.report("{}");
        let line = line(&report, "repeats-over-time", "seen before");
        assert_eq!((line.x.len(), line.x[0]), (windows, width), "{candidates}");
    }
}

#[test]
fn many_decisions_of_many_options() {
    let options = [[391, 2, 2].repeat(3), [391, 2, 2].repeat(3)].concat();
    let report = Evolution { options, population: 200, candidates: 3000, ..evolution(5) }.report("{}");
    // Six lists of twelve groups, and twelve of two options.
    let Body::Heat(heat) = &chart(&report, "option-shares").body else { panic!("a heat map") };
    assert_eq!(heat.rows.len(), 6 * 12 + 12 * 2);
    let Body::Heat(heat) = &chart(&report, "entropy-by-decision").body else { panic!("a heat map") };
    assert_eq!(heat.rows.len(), 18);
    assert_eq!(table(&report, "options").rows.len(), 6 * 391 + 12 * 2);
    // A window of 100 cannot show 391 options, and the first one, all random, shows what even draws show.
    let (first, even) = both(&report, "entropy-first-window");
    assert!((first - even).abs() < 0.02 && even > 0.9, "{first} {even}");
}

fn number(cell: &Cell) -> f64 {
    match cell {
        Cell::Number(x) => *x,
        Cell::Integer(n) => *n as f64,
        other => panic!("{other:?} is no number"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn shares_sum_to_one_and_no_more_survive_than_there_were(
        options in prop::collection::vec(2..30_usize, 1..6),
        population in 1..20_usize,
        sample in 1..6_usize,
        workers in 1..12_usize,
        candidates in 1..400_u64,
        seed in any::<u64>(),
        window in 1..60_u32,
    ) {
        let evolution = Evolution { options, population, sample, workers, candidates, seed };
        let report = evolution.report(&format!(r#"{{"window": {window}}}"#));
        let Body::Heat(heat) = &chart(&report, "option-shares").body else { panic!("a heat map") };
        for (position, _) in evolution.options.iter().enumerate() {
            let prefix = format!("decision {position}: ");
            for column in 0..heat.x.len() {
                let rows = heat.rows.iter().zip(&heat.cells).filter(|(name, _)| name.starts_with(&prefix));
                let sum: f64 = rows.map(|(_, cells)| cells[column].unwrap()).sum();
                prop_assert!((sum - 1.0).abs() < 1e-9);
            }
        }
        for row in &table(&report, "options").rows {
            let [made, judged, survived] = [5, 6, 7].map(|at| match &row[at] {
                Cell::Missing(()) => 0.0,
                cell => number(cell),
            });
            prop_assert!(survived <= judged && judged <= made, "{:?}", row);
        }
        for row in &table(&report, "decisions").rows {
            for cell in row[2..4].iter().filter(|cell| !matches!(cell, Cell::Missing(()))) {
                prop_assert!((0.0..=1.0).contains(&number(cell)));
            }
        }
    }
}
