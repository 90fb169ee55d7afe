//! What must hold of any run, and the slow way beside the fast one.

mod support;

use lamarck_sdk::Nullable;
use lamarck_sdk::model::CandidateRecord;
use proptest::prelude::*;
use support::{Evolution, finding, line, report, value};

fn evolutions() -> impl Strategy<Value = Evolution> {
    let search = (1..9_usize, 1..4_usize, 1..9_usize, 1..4_usize, 0..4_usize, 1..120_u64);
    // The longest training, or one that is so long that bins of time are wide and no two end at once.
    let rest = (prop::sample::select(vec![1_u64, 4, 1 << 30]), any::<bool>(), any::<u64>());
    (search, rest).prop_map(
        |((population, sample, workers, per_node, lookahead, candidates), (longest, losses, seed))| {
            Evolution {
                population,
                sample,
                workers,
                workers_per_node: per_node,
                lookahead,
                candidates,
                shortest: 1,
                longest,
                losses: if losses { 0.3 } else { 0.0 },
                speed_spread: 0.3,
                seed,
            }
        },
    )
}

/// Idle worker time after the last start: each worker from there on, or from the end of its last candidate.
fn idle_tail(records: &[CandidateRecord], workers: usize) -> f64 {
    let last_start = records.iter().map(|record| record.started_us).max().unwrap();
    let end = records.iter().map(|record| record.finished_us).max().unwrap();
    let of_worker = |worker: usize| {
        let mine = records.iter().filter(|record| record.worker as usize == worker);
        end - mine.map(|record| record.finished_us).max().unwrap_or(0).max(last_start)
    };
    (0..workers).map(|worker| of_worker(worker) as f64).sum()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn time_adds_up(evolution in evolutions()) {
        let records = evolution.run();
        let report = report("{}", &evolution.context(), &records, 17);
        let end = records.iter().map(|record| record.finished_us).max().unwrap() as f64;
        let time = end * evolution.workers as f64;
        let lost: u64 = records.iter().filter_map(|record| record.lost_us.known()).sum();
        let busy: u64 = records.iter().map(|record| record.finished_us - record.started_us).sum();
        prop_assert!(near(value(&report, "makespan"), end / 1e6));
        prop_assert!(near(value(&report, "utilisation"), (busy + lost) as f64 / time));
        prop_assert!(near(value(&report, "share-lost"), lost as f64 / time));
        prop_assert!(near(value(&report, "share-idle-tail"), idle_tail(&records, evolution.workers) / time));
        let kinds = ["training", "transfer", "storing", "lost", "cut-off", "not-told", "idle-tail", "idle-before"];
        let sum: f64 = kinds.iter().map(|kind| value(&report, &format!("share-{kind}"))).sum();
        prop_assert!(near(sum, 1.0), "{}", sum);
        prop_assert!(value(&report, "makespan-ratio") >= 1.0 - 1e-9);
        // Over time it adds up to the same.
        let busy = line(&report, "utilisation", "busy");
        let mean = busy.y.iter().map(|y| y.unwrap()).sum::<f64>() / 100.0;
        prop_assert!(near(mean, value(&report, "utilisation")), "{}", mean);
        let waited: u64 = records
            .iter()
            .map(|record| record.started_us - record.submitted_us - record.lost_us.known().unwrap_or(0))
            .sum();
        prop_assert!(near(value(&report, "waiting"), waited as f64 / records.len() as f64 / 1e6));
    }

    #[test]
    fn ages_and_places_one_by_one(evolution in evolutions()) {
        let records = evolution.run();
        let report = report("{}", &evolution.context(), &records, 17);
        let (mut gone, mut home, mut children, mut ages) = (0, 0, 0, 0);
        for (row, record) in records.iter().enumerate().filter(|(_, record)| !record.parent.is_none()) {
            let before = records[..row].iter().position(|other| other.id == record.parent).unwrap();
            // Among the last P, this one included.
            let members = &records[(row + 1).saturating_sub(evolution.population)..=row];
            gone += u64::from(!members.iter().any(|member| member.id == record.parent));
            home += u64::from(records[before].node == record.node);
            ages += row - before;
            children += 1;
        }
        prop_assert_eq!(finding(&report, "gone-when-finished").n, children);
        if children > 0 {
            let n = children as f64;
            prop_assert!(near(value(&report, "gone-when-finished"), gone as f64 / n));
            prop_assert!(near(value(&report, "gone-when-submitted"), 0.0));
            prop_assert!(near(value(&report, "same-node-as-parent"), home as f64 / n));
            prop_assert!(near(value(&report, "age-when-finished"), ages as f64 / n));
            // At the start a parent is as old as when chosen or older, and younger than at the finish.
            let [chosen, started, finished] =
                ["chosen", "started", "finished"].map(|when| value(&report, &format!("age-when-{when}")));
            prop_assert!(chosen <= started && started < finished);
            if evolution.lookahead == 0 && evolution.losses <= 0.0 {
                prop_assert!(near(started, chosen), "{} {}", started, chosen);
            }
        }
        // The engine's rule, which the simulator keeps to: P + W + L - 1 unless the run is shorter.
        let expected = (evolution.population + evolution.workers + evolution.lookahead - 1) as u64;
        let phase = finding(&report, "random-phase");
        prop_assert_eq!(phase.value, (evolution.candidates > expected).then_some(expected as f64).filter(|_| phase.value.is_some()));
        prop_assert!(phase.value.is_some() || evolution.candidates <= expected || children == 0);
    }
}
