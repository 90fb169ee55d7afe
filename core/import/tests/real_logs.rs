//! The four real logs beside the checkout: what of them is known.

#![expect(
    clippy::print_stderr,
    reason = "a skipped test says why, and figures that are no assertion are shown"
)]

use lamarck_import::parents::{Settings, infer, summarize};
use lamarck_import::rows::{rows, workers_of};
use lamarck_import::{Format, Log, ReadOptions, read};
use lamarck_model::{Nullable, Status};
use std::path::Path;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/deephyper");

/// Logs that are there, each read alone.
fn logs(names: &[&str]) -> Vec<Log> {
    let dir = Path::new(DATA);
    if !dir.is_dir() {
        eprintln!("skipped: `{DATA}` is missing");
        return Vec::new();
    }
    let one = |name: &&str| {
        let mut logs = read(Format::DeepHyper, &[dir.join(name)], &ReadOptions::default()).unwrap();
        assert_eq!(logs.len(), 1);
        logs.remove(0)
    };
    names.iter().map(one).collect()
}

const EVOLUTION: [&str; 3] =
    ["aging-evolution-esol.json", "aging-evolution-freesolv.json", "aging-evolution-qm7.json"];

#[test]
fn aging_evolution_is_explained() {
    let candidates = [873, 1193, 1040];
    for (log, candidates) in logs(&EVOLUTION).iter().zip(candidates) {
        assert_eq!(log.evaluations.len(), candidates);
        assert_eq!((log.decisions.len(), workers_of(log)), (10, Some(30)));
        for (population, in_flight, least) in [(400, None, 0.94), (100, Some(30), 0.94), (100, None, 0.85)] {
            let settings = Settings { population, in_flight, ..Settings::default() };
            let inferred = infer(log, &settings);
            let summary = summarize(log, &inferred, &settings, 0);
            let share = summary.after.share().unwrap();
            let chance = summary.chance.unwrap();
            eprintln!(
                "{} P={population} W={in_flight:?}: random {} ({} explained); after: {:.1} % explained, one {:.1} %, mean \
                 {:.2}, only equal {}, nearest {:?}; chance {:.1} % ({:.1} to {:.1})",
                log.name,
                summary.random_phase,
                summary.random.explained,
                share * 100.0,
                100.0 * summary.after.one as f64 / summary.after.candidates as f64,
                summary.after.mean_possible.unwrap(),
                summary.after.only_equal,
                summary.after.nearest_within,
                chance.mean * 100.0,
                chance.least * 100.0,
                chance.most * 100.0,
            );
            assert!(share >= least, "{}: {share}", log.name);
            assert!(chance.most < share - 0.15, "{}: {chance:?}", log.name);
            // P + W - 1 is 129; the search begins to evolve when it has submitted P, some W before that.
            assert!((100..=130).contains(&summary.random_phase), "{}", summary.random_phase);
        }
    }
}

#[test]
fn odd_scores_of_the_logs_are_failures() {
    let failed: Vec<usize> = logs(&EVOLUTION)
        .iter()
        .map(|log| log.evaluations.iter().filter(|evaluation| evaluation.status == Status::Failed).count())
        .collect();
    assert!(failed.is_empty() || failed == [1, 1, 0], "{failed:?}");
}

#[test]
fn logs_of_different_problems_are_different_points() {
    let dir = Path::new(DATA);
    if !dir.is_dir() {
        eprintln!("skipped: `{DATA}` is missing");
        return;
    }
    let paths: Vec<_> = EVOLUTION.iter().map(|name| dir.join(name)).collect();
    let logs = read(Format::DeepHyper, &paths, &ReadOptions::default()).unwrap();
    assert!(logs[0].decisions != logs[1].decisions && logs[1].decisions != logs[2].decisions);
    // Twice the same log: two runs of one study.
    let logs =
        read(Format::DeepHyper, &[paths[0].clone(), paths[0].clone()], &ReadOptions::default()).unwrap();
    assert_eq!(logs[0].decisions, logs[1].decisions);
}

#[test]
fn reinforcement_learning_has_no_parents_and_no_times() {
    for log in logs(&["nt3-ppo.json"]) {
        assert_eq!((log.evaluations.len(), log.decisions.len()), (6350, 15));
        assert!(log.decisions.iter().all(|decision| decision.options.len() == 7 && decision.ordered));
        assert_eq!(workers_of(&log), Some(254));
        let settings = Settings { population: 400, ..Settings::default() };
        let inferred = infer(&log, &settings);
        let summary = summarize(&log, &inferred, &settings, 0);
        eprintln!("{summary:?}");
        assert_eq!((summary.after.explained, summary.random_phase_found), (0, Some(false)));
        assert!(
            rows(&log, Some(&inferred)).iter().all(|row| row.parent.is_none() && row.finished_us.is_none())
        );
    }
}
