//! What must hold of every run, against counting by brute force.

#![allow(clippy::float_cmp, reason = "these numbers are exact")]

mod support;

use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::model::report::Body;
use lamarck_sdk::serde_json::json;
use lamarck_sdk::{Nullable, Report};
use proptest::prelude::*;
use support::{Simulation, analyze, chart, column, context, line, number, row};

/// Donors of rows: each a candidate that finished before.
fn trace() -> impl Strategy<Value = Vec<CandidateRecord>> {
    let donor = prop::option::weighted(0.8, (any::<prop::sample::Index>(), 0_u64..6));
    prop::collection::vec((donor, [0_u16..2, 0_u16..2]), 1..160).prop_map(|rows| {
        (0_u64..)
            .zip(rows)
            .map(|(id, (donor, choices))| {
                // Mostly among the last few, so that leads change hands.
                let donor = donor.filter(|_| id > 0).map(|(any, back)| {
                    if back == 5 {
                        any.index(usize::try_from(id).unwrap()) as u64
                    } else {
                        id.saturating_sub(1 + back * back)
                    }
                });
                CandidateRecord { choices: choices.to_vec(), ..row(id, donor, donor) }
            })
            .collect()
    })
}

/// Sums of the bands of a chart at each x, times so many windows a position.
fn bands(report: &Report, key: &str) -> Vec<f64> {
    let Body::Flow(flow) = &chart(report, key).body else { panic!("no flow") };
    (0..flow.x.len()).map(|at| flow.bands.iter().map(|band| band.y[at]).sum()).collect()
}

/// Who leads after each row, by counting the whole window each time.
fn leaders(rows: &[CandidateRecord], window: usize, lead: usize) -> Vec<Option<u64>> {
    let mut leader = None;
    (1..=rows.len())
        .map(|end| {
            let donors: Vec<u64> =
                rows[end.saturating_sub(window)..end].iter().filter_map(|row| row.donor.known()).collect();
            let count = |id: u64| donors.iter().filter(|&&donor| donor == id).count();
            let most = donors.iter().map(|&id| count(id)).max().unwrap_or(0);
            if most < lead {
                leader = None;
            } else if leader.is_none_or(|id| count(id) < most) {
                leader = donors.iter().copied().filter(|&id| count(id) == most).min();
            }
            leader
        })
        .collect()
}

/// The most donations of a donor in any window.
fn most_in_a_window(rows: &[CandidateRecord], window: usize, donor: u64) -> u64 {
    let ends = 1..=rows.len();
    let count = |end: usize| {
        let of_window = &rows[end.saturating_sub(window)..end];
        of_window.iter().filter(|row| row.donor.known() == Some(donor)).count() as u64
    };
    ends.map(count).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn windowed_donations_sum_to_donations(rows in trace(), window in 1_usize..40) {
        let report = analyze(&rows, &json!({ "window": window }).to_string(), &context(json!({})));
        let donations = rows.iter().filter(|row| row.donor.known().is_some()).count();
        prop_assume!(donations > 0);
        prop_assert_eq!(number(&report, "donations"), donations as f64);
        for name in ["architectures", "prefixes"] {
            let sum: u64 = column(&report, name, "donations").as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
            prop_assert_eq!(sum, donations as u64);
        }
        let shares: f64 = column(&report, "prefixes", "share of donations").as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).sum();
        prop_assert!((shares - 1.0).abs() < 1e-9);
        if rows.len() < window {
            return Ok(());
        }
        // Each donation in exactly one consecutive window: the windows together and the incomplete one hold all.
        let whole = rows.len() / window * window;
        let rest = rows[whole..].iter().filter(|row| row.donor.known().is_some()).count();
        for key in ["donor-flow", "prefix-flow"] {
            let sum: f64 = bands(&report, key).iter().sum();
            prop_assert!((sum + rest as f64 - donations as f64).abs() < 1e-9);
        }
        for name in ["first donor", "first five", "first ten", "Gini coefficient"] {
            let y = &line(&report, "concentration", name).y;
            prop_assert!(y.iter().flatten().all(|y| (0.0..=1.0 + 1e-12).contains(y)));
        }
    }

    #[test]
    fn leaders_are_those_of_counting(rows in trace(), window in 1_usize..40, lead in 1_usize..5) {
        let options = json!({ "window": window, "lead": lead, "top": 10_000 }).to_string();
        let report = analyze(&rows, &options, &context(json!({})));
        let naive = leaders(&rows, window, lead);
        let mut led: Vec<(u64, u64, u64)> = Vec::new();
        for (at, leader) in naive.iter().enumerate() {
            let Some(id) = *leader else { continue };
            let taken = at == 0 || naive[at - 1] != Some(id);
            if !led.iter().any(|of| of.0 == id) {
                led.push((id, 0, 0));
            }
            let of = led.iter_mut().find(|of| of.0 == id).unwrap();
            of.2 += u64::from(taken);
            // A lead lasts to the row after which somebody else leads; the last row begins nothing more.
            of.1 += u64::from(at + 1 < naive.len());
        }
        led.sort_unstable();
        let numbers = |name: &str| -> Vec<u64> {
            column(&report, "leaders", name).as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
        };
        let (ids, durations, spells) = (numbers("donor"), numbers("led [completions]"), numbers("spells"));
        let mut got: Vec<(u64, u64, u64)> = ids.into_iter().zip(durations).zip(spells).map(|((a, b), c)| (a, b, c)).collect();
        got.sort_unstable();
        prop_assert_eq!(got, led);
        for (id, peak) in numbers("donor").into_iter().zip(numbers("peak [donations in a window]")) {
            prop_assert_eq!(peak, most_in_a_window(&rows, window, id), "donor {}", id);
        }
        if report.findings.iter().any(|of| of.key == "fall-relative" && of.value.is_some()) {
            let shares: f64 = report.findings.iter().filter(|of| of.key.starts_with("fall-")).filter_map(|of| of.value).sum();
            prop_assert!((shares - 1.0).abs() < 1e-9);
            for series in ["every fall", "last fall of each leader"] {
                let sum: f64 = line(&report, "fall-reasons", series).y.iter().flatten().sum();
                prop_assert!((sum - 1.0).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn each_donation_is_in_as_many_sliding_windows_as_rows_follow() {
    // A single donation by 0 leads with `lead` 1 while it is in the window: min(window, rows from it to the end) rows,
    // of which the last one begins nothing more.
    for (at, window) in [(1_u64, 5_u64), (4, 5), (18, 5), (1, 100)] {
        let rows: Vec<CandidateRecord> = (0..20).map(|id| row(id, None, (id == at).then_some(0))).collect();
        let report = analyze(&rows, &json!({ "window": window, "lead": 1 }).to_string(), &context(json!({})));
        let windows = window.min(20 - at);
        let censored = u64::from(20 - at <= window);
        assert_eq!(column(&report, "leaders", "led [completions]"), json!([windows - censored]));
    }
}

/// Children of a run with one worker are drawn right after each completion: what members expect adds up to them.
#[test]
fn what_members_expect_adds_up_to_the_children() {
    let simulation = Simulation {
        population: 20,
        sample: 5,
        workers: 1,
        candidates: 4000,
        heritability: 0.0,
        failures: 0.05,
        seed: 8,
    };
    let report = analyze(&simulation.rows(), "{}", &simulation.context());
    let of = support::finding(&report, "rank-mean");
    // Members that entered once the population was full, and left it: one child each, on average. Only the first 20
    // saw fewer draws (20 + 19 + .. + 1 instead of 20 each, by rank alone 9.5 children fewer in all).
    assert!((of.theory.unwrap() * of.n as f64 - (of.n as f64 - 9.5)).abs() < 12.0, "{of:?}");
    assert!((of.value.unwrap() - of.theory.unwrap()).abs() < 0.01, "{of:?}");
}
