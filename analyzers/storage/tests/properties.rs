//! What must hold of any run, and the slow way beside the fast one.

mod support;

use proptest::prelude::*;
use support::naive::{Naive, naive};
use support::{Donor, Evolution, line, number, report, table, value};

/// Those of the listed waits that are followed the slow way: runs here are shorter than any longer one.
const WAITS: [u64; 6] = [1, 2, 4, 8, 16, 32];
/// Durations up to this long never end at the same time.
const NO_TIES: u64 = 1 << 40;
/// All waits that are listed.
const LISTED: usize = 13;

fn evolutions() -> impl Strategy<Value = Evolution> {
    let search = (1..9_usize, 1..4_usize, 1..9_usize, 0..4_usize, 1..33_u64);
    let rest = (
        prop::sample::select(vec![Donor::Parent, Donor::Anyone, Donor::Nobody]),
        prop::sample::select(vec![0.0, 0.4]),
        any::<bool>(),
        1..12_usize,
        prop::sample::select(vec![1_u64, 3, NO_TIES]),
        any::<u64>(),
    );
    (search, rest).prop_map(
        |(
            (population, sample, workers, lookahead, candidates),
            (donor, failures, enter, window, longest, seed),
        )| Evolution {
            decisions: 4,
            options: 3,
            population,
            sample,
            workers,
            lookahead,
            candidates,
            donor,
            failures,
            failures_enter: enter,
            window,
            longest,
            seed,
        },
    )
}

/// Everything but reads of candidates that started later than they were submitted at a time at which several finish:
/// the table of candidates does not tell after which of them that was.
fn compare(report: &lamarck_sdk::Report, naive: &Naive, reads: bool) -> Result<(), TestCaseError> {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    let slots = naive.slots as f64;
    for (row, rule) in table(report, "rules").rows.iter().zip(&naive.rules) {
        let got: Vec<f64> = [1, 2, 3, 5, 6].map(|column| number(&row[column])).to_vec();
        let mut expected = vec![rule.peak as f64, rule.sum / slots, rule.live as f64];
        expected.extend([rule.missed as f64, rule.missed_bytes as f64]);
        let of = if reads { 5 } else { 3 };
        for (got, expected) in got.iter().zip(&expected).take(of) {
            prop_assert!(near(*got, *expected), "{:?}: {:?} {:?}", row[0], got, expected);
        }
    }
    let rows = &table(report, "waits").rows;
    let expected = naive.delays.iter().zip(WAITS).chain(naive.sweeps.iter().zip(WAITS));
    let followed = rows[1..].iter().take(WAITS.len()).chain(rows[1 + LISTED..].iter().take(WAITS.len()));
    for (row, (wait, every)) in followed.zip(expected) {
        prop_assert!(near(number(&row[1]), every as f64));
        prop_assert!(near(number(&row[2]), wait.sum / slots), "{:?}: {:?}", row, wait);
        prop_assert!(near(number(&row[4]), wait.peak as f64), "{:?}: {:?}", row, wait);
        prop_assert!(near(number(&row[5]), wait.withheld as f64), "{:?}: {:?}", row, wait);
        prop_assert!(near(number(&row[8]), wait.broken as f64), "{:?}: {:?}", row, wait);
        if reads {
            prop_assert!(near(number(&row[6]), wait.missed as f64), "{:?}: {:?}", row, wait);
        }
    }
    let lives = &table(report, "lifetimes").rows[0];
    prop_assert!(near(number(&lives[5]), naive.lifetimes.len() as f64));
    prop_assert!(near(number(&lives[6]), naive.censored as f64));
    if !naive.lifetimes.is_empty() {
        let mean = naive.lifetimes.iter().sum::<u64>() as f64 / naive.lifetimes.len() as f64;
        prop_assert!(near(number(&lives[4]), mean));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_slow_way_says_the_same(evolution in evolutions(), batch in 1..40_usize) {
        let trace = evolution.run();
        let report = report(r#"{"window": 4}"#, &evolution.context(), &trace, batch);
        let known = table_exists(&report);
        prop_assume!(known);
        let naive = naive(&trace.events, evolution.window, &WAITS);
        compare(&report, &naive, evolution.lookahead == 0 || evolution.longest == NO_TIES)?;
    }

    #[test]
    fn rules_keep_more_the_less_they_delete(evolution in evolutions()) {
        let trace = evolution.run();
        let report = report(r#"{"window": 3}"#, &evolution.context(), &trace, 7);
        prop_assume!(table_exists(&report));
        let live = |name| line(&report, "live-bytes", name).y.clone();
        let [all, reachable, population, window] = ["all", "reachable", "population", "window"].map(live);
        for ((all, reachable), (population, window)) in all.iter().zip(&reachable).zip(population.iter().zip(&window)) {
            prop_assert!(all >= reachable && reachable >= population && all >= window);
        }
        let missed = |rule: &str| value(&report, &format!("missed-layers-{rule}"));
        prop_assert!(missed("reachable") <= missed("population"));
        let shared = line(&report, "bytes-stored", "with sharing");
        let unshared = line(&report, "bytes-stored", "without sharing");
        prop_assert!(shared.y.iter().zip(&unshared.y).all(|(shared, unshared)| shared <= unshared));
        prop_assert_eq!(shared.y.len(), all.len());
        prop_assert!(value(&report, "written-bytes") <= value(&report, "unshared-bytes"));
        // Members, unshared, are an upper bound of what the population keeps; so they are at every point.
        let members = line(&report, "live-bytes", "members, without sharing");
        prop_assert!(population.iter().zip(&members.y).all(|(population, members)| population <= members));
        // Longer waits keep more and lose less.
        let waits = &table(&report, "waits").rows;
        for pair in waits[..=LISTED].windows(2) {
            prop_assert!(number(&pair[0][2]) <= number(&pair[1][2]) + 1e-9);
            prop_assert!(number(&pair[0][4]) <= number(&pair[1][4]));
            prop_assert!(number(&pair[0][5]) >= number(&pair[1][5]));
        }
        // No sweep keeps more than the delay of as many completions.
        for (delay, sweep) in waits[1..=LISTED].iter().zip(&waits[LISTED + 1..]) {
            prop_assert!(number(&sweep[2]) <= number(&delay[2]) + 1e-9);
        }
    }

    #[test]
    fn batches_and_the_order_of_magnitude_of_windows_do_not_matter(evolution in evolutions(), a in 1..50_usize, b in 1..50_usize) {
        let trace = evolution.run();
        let of = |batch| report(r#"{"window": 2}"#, &evolution.context(), &trace, batch);
        prop_assert_eq!(of(a), of(b));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Long enough that what is settled is forgotten on the way.
    #[test]
    fn the_slow_way_says_the_same_of_longer_runs(evolution in evolutions(), candidates in 140..200_u64) {
        let evolution = Evolution { candidates, longest: NO_TIES, ..evolution };
        let trace = evolution.run();
        let report = report("{}", &evolution.context(), &trace, 1000);
        let naive = naive(&trace.events, evolution.window, &[]);
        compare(&report, &naive, true)?;
    }
}

/// Whether anything was stored.
fn table_exists(report: &lamarck_sdk::Report) -> bool {
    report.tables.iter().any(|table| table.name == "waits")
}
