//! What theory expects of simulated runs, neutral and selective.

mod support;

use support::{Donor, Evolution, finding, line, number, report, table, value};

/// Without transfer nobody inherits: every layer lives for P completions, and everything has a closed form.
#[test]
fn without_sharing() {
    let evolution = Evolution {
        donor: Donor::Nobody,
        population: 50,
        workers: 16,
        candidates: 2000,
        ..Evolution::default()
    };
    let report = report("{}", &evolution.context(), &evolution.run(), 333);
    assert!(value(&report, "saved-share").abs() < 1e-12);
    assert!((value(&report, "lifetime-median") - 50.0).abs() < 1e-12);
    assert!((value(&report, "outlives-owner")).abs() < 1e-12);
    let quantiles = &table(&report, "lifetimes").rows[0];
    assert!((1..4).all(|column| (number(&quantiles[column]) - 50.0).abs() < 1e-12), "{quantiles:?}");
    // P models are live.
    let members = finding(&report, "members-unshared-bytes");
    let (found, theory) = (members.value.unwrap(), members.theory.unwrap());
    assert!((found / theory - 1.0).abs() < 0.02, "{found} {theory}");
    let live = line(&report, "live-bytes", "population").y.last().unwrap().unwrap();
    let unshared = line(&report, "live-bytes", "members, without sharing").y.last().unwrap().unwrap();
    assert!((live - unshared).abs() < 1e-9);
    // What is dropped each completion is what was written P completions ago, and waits once.
    let slope = finding(&report, "garbage-per-completion");
    assert!((slope.value.unwrap() / slope.theory.unwrap() - 1.0).abs() < 0.05, "{slope:?}");
    // Nothing is promised, so nothing is lost and reachable keeps no more than the population.
    assert!(value(&report, "promised-bytes").abs() < 1e-9);
    assert!(value(&report, "delay-for-references").abs() < 1e-12);
}

/// A child is in flight for W completions on average, whatever they last and whoever is selected.
#[test]
fn little() {
    for (sample, seed) in [(1, 1), (10, 2)] {
        let evolution =
            Evolution { sample, seed, population: 50, workers: 32, candidates: 5000, ..Evolution::default() };
        let report = report("{}", &evolution.context(), &evolution.run(), 1000);
        let flight = finding(&report, "flight");
        assert!(flight.theory == Some(32.0), "{flight:?}");
        assert!((flight.value.unwrap() / 32.0 - 1.0).abs() < 0.03, "{flight:?}");
        // A parent is a member when it is chosen, and the child starts at once: reads never miss.
        assert!(value(&report, "delay-for-reads").abs() < 1e-12);
        assert!(value(&report, "missed-layers-reachable").abs() < 1e-12);
        // But while it trains its parent may leave, and with it what the child is built on.
        assert!(value(&report, "delay-for-references") >= 1.0);
        // A delay costs what is dropped, half of it when swept: nothing of it is known to the other.
        let waits = &table(&report, "waits").rows;
        let (delay, sweep) = (number(&waits[5][2]), number(&waits[18][2]));
        assert_eq!((number(&waits[5][1]), number(&waits[18][1])), (16.0, 16.0));
        assert!((sweep / delay - 7.5 / 16.0).abs() < 0.05, "{sweep} {delay}");
    }
}

/// Selection makes relatives of the members, so that they share more.
#[test]
fn selection_shares_more_than_drift_with_everyone() {
    let saved = |sample| {
        let evolution =
            Evolution { sample, population: 50, workers: 8, candidates: 3000, ..Evolution::default() };
        value(&report("{}", &evolution.context(), &evolution.run(), 1000), "saved-share-of-members")
    };
    let (neutral, selective) = (saved(1), saved(25));
    assert!(selective > neutral, "{selective} {neutral}");
}
