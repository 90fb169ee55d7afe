//! Invariants on random traces, orderly and not, against naive references.

#![allow(clippy::float_cmp, reason = "counts, and sums of fractions that are exact")]

mod support;

use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::serde_json::json;
use lamarck_sdk::{Context, Nullable, Status};
use proptest::prelude::*;
use std::collections::BTreeSet;
use support::{column, context, finding, report, value};

/// What a row is drawn from: which earlier row is the parent, the score or its lack, and how it ended.
type Draw = (Option<u8>, u8, u8);

/// Rows with parents among the last `reach`; ids are the row's number with neighbours swapped.
fn orderly(draws: &[Draw], reach: usize) -> Vec<CandidateRecord> {
    let id = |row: usize| u64::try_from(if row ^ 1 < draws.len() { row ^ 1 } else { row }).unwrap();
    let row = |(row, &(parent, score, end)): (usize, &Draw)| {
        let mut record = CandidateRecord { id: id(row), choices: vec![0, 0], ..CandidateRecord::default() };
        let back = parent.map(|parent| usize::from(parent) % reach + 1);
        if let Some(parent) = back.and_then(|back| row.checked_sub(back)) {
            record.parent = id(parent);
        }
        record.finished_us = row as u64 * 10;
        record.status = match end {
            0 => Status::Failed,
            1 => Status::Interrupted,
            _ => Status::Ok,
        } as u8;
        if end > 1 {
            record.score = f64::from(score % 6);
        }
        record
    };
    draws.iter().enumerate().map(row).collect()
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let parent = prop::option::weighted(0.93, any::<u8>());
    prop::collection::vec((parent, any::<u8>(), 0_u8..20), 1..150)
}

fn study(population: u64, ignore: bool) -> Context {
    let failures = if ignore { "ignore" } else { "worst" };
    context(&json!({"plugin": "neutral", "population": population, "failures": failures}), 3)
}

/// From a row to its founder, by row.
fn line(rows: &[CandidateRecord], row: usize) -> Vec<usize> {
    let up = |&row: &usize| {
        let parent = rows[row].parent.known()?;
        rows[..row].iter().position(|other| other.id == parent)
    };
    std::iter::successors(Some(row), up).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_population_is_what_searching_every_line_finds(
        draws in draws(),
        reach in 1_usize..25,
        population in 1_usize..12,
        ignore in any::<bool>(),
    ) {
        let rows = orderly(&draws, reach);
        let report = report(r#"{"window": 1}"#, &study(population as u64, ignore), &rows);
        let lines: Vec<Vec<usize>> = (0..rows.len()).map(|row| line(&rows, row)).collect();
        prop_assert_eq!(value(&report, "children"), lines.iter().filter(|line| line.len() > 1).count() as f64);
        if finding(&report, "depth").missing.is_some() {
            return Ok(());
        }
        let name = "lineage-over-time";
        let ages = column(&report, name, "common ancestor's age [completions]");
        let depths = column(&report, name, "common ancestor's depth [generations]");
        let means = column(&report, name, "mean depth [generations]");
        let left = column(&report, name, "founders left");
        let is_member = |row: &usize| {
            let status = Status::from_number(rows[*row].status).unwrap();
            status == Status::Ok || (status == Status::Failed && !ignore)
        };
        let (mut seen, mut takeovers, mut one) = (BTreeSet::new(), 0.0, None);
        let mut before = None;
        let mut reversals = 0.0;
        for now in 0..rows.len() {
            let members: Vec<usize> = (0..=now).rev().filter(is_member).take(population).collect();
            // The first on the way up from one member that is on the way up from all: no deeper one exists.
            let full = members.len() == population;
            let shared = |row: &&usize| members.iter().all(|member| lines[*member].contains(row));
            let ancestor = full.then(|| lines[members[0]].iter().find(shared).copied()).flatten();
            prop_assert_eq!(ages[now], ancestor.map(|row| (now - row) as f64), "at {}", now);
            prop_assert_eq!(depths[now], ancestor.map(|row| (lines[row].len() - 1) as f64));
            let founders: BTreeSet<usize> = members.iter().map(|&row| *lines[row].last().unwrap()).collect();
            prop_assert_eq!(left[now], Some(founders.len() as f64));
            let sum: usize = members.iter().map(|&row| lines[row].len() - 1).sum();
            match means[now] {
                Some(mean) => prop_assert!((mean - sum as f64 / members.len() as f64).abs() < 1e-9),
                None => prop_assert!(members.is_empty()),
            }
            if is_member(&now) {
                if full && founders.len() == 1 && one.is_none() {
                    one = Some((now + 1) as f64);
                }
                reversals += f64::from(u8::from(ancestor < before));
                if ancestor > before && seen.insert(ancestor) {
                    takeovers += 1.0;
                }
                before = ancestor;
            }
        }
        if finding(&report, "takeovers").missing.is_none() {
            prop_assert_eq!(value(&report, "takeovers"), takeovers);
            prop_assert_eq!(value(&report, "common-ancestor-reversals"), reversals);
            prop_assert_eq!(finding(&report, "one-founder-left").value, one);
        }
    }

    #[test]
    fn children_are_one_deeper_and_the_best_is_at_the_end_of_its_line(draws in draws(), reach in 1_usize..25) {
        let rows = orderly(&draws, reach);
        let report = report("{}", &study(5, false), &rows);
        let steps = column(&report, "best-ancestry", "step");
        let finished = column(&report, "best-ancestry", "finished as");
        let best = rows.iter().enumerate().filter(|(_, row)| row.score.known().is_some());
        let best = best.rev().max_by(|a, b| a.1.score.total_cmp(&b.1.score)).map(|(row, _)| row);
        let mut expected = best.map(|best| line(&rows, best)).unwrap_or_default();
        expected.reverse();
        let expected: Vec<_> = expected.into_iter().map(|row| Some((row + 1) as f64)).collect();
        prop_assert_eq!(finished, expected);
        prop_assert_eq!(&steps, &(0..steps.len()).map(|step| Some(step as f64)).collect::<Vec<_>>());
    }

    #[test]
    fn clades_are_as_large_as_counting_says(draws in draws(), reach in 1_usize..25, window in 1_usize..40, share in 0.05..0.5) {
        let rows = orderly(&draws, reach);
        let options = format!(r#"{{"window": {window}, "clade_share": {share}}}"#);
        let report = report(&options, &study(5, false), &rows);
        let founders = column(&report, "clades", "born as");
        let peaks = column(&report, "clades", "largest share");
        let last = column(&report, "clades", "last share");
        prop_assert!(founders.len() <= 30);
        let windows: Vec<Vec<Vec<usize>>> = (0..rows.len())
            .map(|row| line(&rows, row))
            .collect::<Vec<_>>()
            .chunks(window)
            .map(<[_]>::to_vec)
            .collect();
        for ((founder, peak), last) in founders.iter().zip(&peaks).zip(&last) {
            let shares: Vec<f64> = windows
                .iter()
                .map(|lines| {
                    let inside = lines.iter().filter(|line| line.iter().any(|&row| Some((row + 1) as f64) == *founder));
                    inside.count() as f64 / lines.len() as f64
                })
                .collect();
            let largest = shares.iter().copied().fold(0.0, f64::max);
            prop_assert!((largest - peak.unwrap()).abs() < 1e-9);
            prop_assert!((shares[shares.len() - 1] - last.unwrap()).abs() < 1e-9);
            prop_assert!(largest >= share - 1e-9);
        }
    }

    #[test]
    fn clades_are_those_that_the_rule_names(draws in draws(), reach in 1_usize..25, window in 5_usize..40, share in 0.05..0.5) {
        let rows = orderly(&draws, reach);
        let options = format!(r#"{{"window": {window}, "clade_share": {share}}}"#);
        let report = report(&options, &study(5, false), &rows);
        let lines: Vec<Vec<usize>> = (0..rows.len()).map(|row| line(&rows, row)).collect();
        let shares = |row: usize| -> Vec<f64> {
            let inside = |lines: &[Vec<usize>]| lines.iter().filter(|line| line.contains(&row)).count() as f64;
            lines.chunks(window).map(|lines| inside(lines) / lines.len() as f64).collect()
        };
        let mut shown: Vec<usize> = Vec::new();
        for (row, line) in lines.iter().enumerate() {
            let around = line.iter().skip(1).find(|row| shown.contains(row)).map(|&row| shares(row));
            let visible = |(window, own): (usize, f64)| {
                own >= share && around.as_ref().is_none_or(|around| around[window] - own >= share)
            };
            if shares(row).into_iter().enumerate().any(visible) {
                shown.push(row);
            }
        }
        if shown.len() <= 30 {
            let expected: Vec<Option<f64>> = shown.into_iter().map(|row| Some((row + 1) as f64)).collect();
            prop_assert_eq!(column(&report, "clades", "born as"), expected);
        } else {
            prop_assert_eq!(column(&report, "clades", "born as").len(), 30);
        }
    }

    /// Whatever ids and parents an imported trace has: a report, without anything that is not a number.
    #[test]
    fn disorder_is_survived(
        draws in prop::collection::vec(
            (
                prop_oneof![0_u64..12, any::<u64>()],
                prop::option::of(prop_oneof![0_u64..12, any::<u64>()]),
                prop::option::of(0_u64..12),
                prop::option::of(any::<f64>()),
                any::<u8>(),
                prop::option::of(0_u32..200),
                prop::option::of(any::<u64>()),
            ),
            0..60,
        ),
        window in 1_u32..100,
        known in any::<bool>(),
    ) {
        let row = |(id, parent, donor, score, status, rank, time): (u64, _, _, _, _, _, _)| {
            let mut row = CandidateRecord { id, status, choices: vec![9, 9], ..CandidateRecord::default() };
            row.parent = Option::unwrap_or(parent, u64::NONE);
            row.donor = Option::unwrap_or(donor, u64::NONE);
            row.score = Option::unwrap_or(score, f64::NONE);
            row.parent_rank = Option::unwrap_or(rank, u32::NONE);
            row.finished_us = Option::unwrap_or(time, u64::NONE);
            row.changed_decision = u16::from(status);
            row
        };
        let rows: Vec<CandidateRecord> = draws.into_iter().map(row).collect();
        let context = if known { study(3, false) } else { Context::bare() };
        let report = report(&format!(r#"{{"window": {window}}}"#), &context, &rows);
        prop_assert_eq!(value(&report, "children") + value(&report, "founders"), rows.len() as f64);
    }
}
