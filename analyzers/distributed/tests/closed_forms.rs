//! What theory expects of simulated runs, neutral and selective.

mod support;

use lamarck_sdk::Report;
use support::{Evolution, finding, line, report, theory, value};

fn of(evolution: &Evolution) -> Report {
    report("{}", &evolution.context(), &evolution.run(), 10_000)
}

#[track_caller]
fn agrees(report: &Report, key: &str, tolerance: f64) {
    let (found, expected) = (value(report, key), theory(report, key));
    assert!((found - expected).abs() <= tolerance, "{key}: {found}, theory {expected}");
}

/// Trainings of equal length, parents drawn evenly: all holds exactly or in the mean.
#[test]
fn neutral_evolution_in_step() {
    for (population, workers, lookahead) in
        [(64, 256, 0), (100, 30, 0), (50, 20, 10), (40, 1, 0), (20, 1, 3), (1, 4, 0)]
    {
        let evolution = Evolution {
            sample: 1,
            population,
            workers,
            lookahead,
            candidates: 40_000,
            ..Evolution::default()
        };
        let report = of(&evolution);
        for key in ["random-phase", "random-share", "gone-when-submitted"] {
            agrees(&report, key, 1e-12);
        }
        // Children read, sampled candidates do not: the first children overtake nobody all the same.
        agrees(&report, "random-finished", 1e-12);
        agrees(&report, "delay", 0.01);
        agrees(&report, "delay-waiting", 0.01);
        // Even ages: a standard error of P / sqrt(12 n), and more since neighbours are not independent.
        let slack = population as f64 * 0.01 + 0.02;
        for key in ["age-when-chosen", "age-when-started", "age-when-finished"] {
            agrees(&report, key, slack);
        }
        for key in
            ["gone-when-started", "gone-when-finished", "gone-expected-started", "gone-expected-finished"]
        {
            agrees(&report, key, 0.01);
        }
        agrees(&report, "rank-when-chosen", slack);
        agrees(&report, "generation-advance", 0.05);
        agrees(&report, "wave-persistence", 0.02);
    }
}

/// The mean over runs, since ten generations of one run are few.
#[test]
fn first_generations() {
    for (population, workers) in [(64, 256), (100, 30), (50, 20), (40, 1), (100, 100)] {
        let runs = 40;
        let (mut found, mut expected) = (0.0, 0.0);
        for seed in 0..runs {
            let length = workers + population / 2;
            let candidates = (length * 16 + population) as u64;
            let evolution =
                Evolution { sample: 1, population, workers, candidates, seed, ..Evolution::default() };
            let report = of(&evolution);
            found += value(&report, "wave-index") / runs as f64;
            expected += theory(&report, "wave-index") / runs as f64;
        }
        assert!((found / expected - 1.0).abs() < 0.09, "{population} {workers}: {found} {expected}");
    }
}

/// Delays average W + L whatever trainings last, and the share that is gone is the mean of min(1, d / P), so
/// at most what equal delays lead to.
#[test]
fn neutral_evolution_out_of_step() {
    for (population, workers, lookahead) in [(100, 30, 0), (50, 64, 16), (64, 256, 0)] {
        let evolution = Evolution {
            sample: 1,
            population,
            workers,
            lookahead,
            candidates: 40_000,
            shortest: 1,
            longest: 2000,
            ..Evolution::default()
        };
        let report = of(&evolution);
        agrees(&report, "delay", 0.02 * (workers + lookahead) as f64);
        agrees(&report, "delay-waiting", 0.02 * lookahead as f64 + 1e-9);
        agrees(&report, "queue", 0.05 * lookahead as f64 + 1e-9);
        agrees(&report, "gone-when-started", 0.02);
        let (gone, equal) = (value(&report, "gone-when-finished"), theory(&report, "gone-when-finished"));
        assert!(gone <= equal + 0.005 && gone > 0.5 * equal, "{gone} {equal}");
        assert!(
            (value(&report, "random-phase") - (population + workers + lookahead - 1) as f64).abs() < 1e-12
        );
        assert!(value(&report, "tau") < 0.9999 && value(&report, "overtaking") > 0.2);
    }
}

/// Where many workers meet a small population, generations come in waves; in steady state they do not.
#[test]
fn waves() {
    let run = |population, workers, candidates| {
        of(&Evolution { sample: 10, population, workers, candidates, ..Evolution::default() })
    };
    let (many, few) = (run(64, 512, 6000), run(100, 4, 6000));
    assert!(value(&many, "wave-index") > 0.8, "{}", value(&many, "wave-index"));
    assert!(value(&few, "wave-index") < 0.5, "{}", value(&few, "wave-index"));
    assert!(value(&many, "wave-persistence") > 0.95);
    assert!((value(&many, "generation-advance") - 512.0 / 543.5).abs() < 0.05);
    // All parents have left long before their children finish.
    assert!((value(&many, "gone-when-finished") - 1.0).abs() < 1e-12);
    assert!((theory(&many, "gone-expected-finished") - 1.0).abs() < 1e-12);
}

#[test]
fn tournaments() {
    let report = of(&Evolution { workers: 8, candidates: 20_000, ..Evolution::default() });
    agrees(&report, "rank-when-chosen", 0.3);
    // A parent is overtaken while its child trains, and never gets better but by others' leaving.
    assert!(value(&report, "rank-when-finished") > value(&report, "rank-when-chosen"));
    let age = line(&report, "parent-age", "when the child had finished");
    assert!(age.y.iter().map(|y| y.unwrap()).is_sorted());
}

#[test]
fn placement_speeds_and_losses() {
    let report = of(&Evolution {
        sample: 1,
        workers: 64,
        workers_per_node: 2,
        // Without look-ahead a child of the candidate that has just finished runs where that did.
        lookahead: 8,
        candidates: 60_000,
        losses: 0.1,
        speed_spread: 0.4,
        ..Evolution::default()
    });
    agrees(&report, "same-node-as-parent", 0.005);
    agrees(&report, "same-node-as-donor", 0.005);
    agrees(&report, "lost-share", 0.005);
    agrees(&report, "lending-nodes", 0.5);
    // 32 speeds drawn once.
    agrees(&report, "node-spread", 0.05);
    agrees(&report, "fastest-quarter", 0.03);
    assert!((value(&report, "cache-hit-ratio") - 0.25).abs() < 0.01);
    assert!(value(&report, "utilisation") > 0.99);
    assert!(value(&report, "makespan-ratio") < 1.01);
    assert!((value(&report, "lost-time") - 0.05 / 0.95).abs() < 0.01);
}

#[test]
fn one_worker() {
    let report = of(&Evolution { workers: 1, candidates: 2000, ..Evolution::default() });
    for (key, expected) in
        [("tau", 1.0), ("utilisation", 1.0), ("delay", 1.0), ("share-idle", 0.0), ("queue", 0.0)]
    {
        assert!((value(&report, key) - expected).abs() < 1e-9, "{key}");
    }
    assert_eq!(finding(&report, "random-phase").theory, Some(100.0));
}
