use super::neighbours::{Index, Near, within};
use super::*;
use crate::log::Evaluation;
use proptest::prelude::*;

fn log(rows: Vec<Evaluation>) -> Log {
    Log {
        format: "test".into(),
        name: "test".into(),
        decisions: Vec::new(),
        score: "score".into(),
        negated: false,
        evaluations: rows,
        workers: None,
        notes: Vec::new(),
    }
}

fn ok(row: u64, choices: &[u16], score: f64) -> Evaluation {
    Evaluation::new(row, choices.to_vec(), (Status::Ok, Some(score)))
}

fn settings(population: usize, sample: usize) -> Settings {
    Settings { population, sample, random_phase: Some(0), shuffles: 2, ..Settings::default() }
}

fn places(found: &[Possible]) -> Vec<usize> {
    found.iter().map(|possible| possible.parent).collect()
}

/// The same as the module says it, without an index, a sorted population or anything else that is clever.
fn naive(log: &Log, settings: &Settings) -> Vec<Vec<Possible>> {
    let timed = log.evaluations.iter().any(|e| e.finished_us.is_some());
    let ended = |e: &Evaluation| e.status != Status::Interrupted && (!timed || e.finished_us.is_some());
    let members: Vec<usize> = (0..log.evaluations.len()).filter(|i| ended(&log.evaluations[*i])).collect();
    let ids = ids(log);
    let in_flight = settings.in_flight.unwrap_or(0) as usize;
    let population = settings.population;
    let mut all = Vec::new();
    for (place, child) in log.evaluations.iter().enumerate() {
        let own = members.iter().filter(|member| **member < place).count();
        let begun = child.submitted_us.or(child.started_us).filter(|_| timed);
        let moment = match begun {
            Some(begun) => {
                let heard = |member: &&usize| log.evaluations[**member].finished_us.unwrap() <= begun;
                own.min(members.iter().filter(heard).count())
            }
            None => own.saturating_sub(in_flight),
        };
        let to = if begun.is_some() { moment } else { own };
        let mut found = Vec::new();
        for at in (moment.saturating_sub(population)..to).rev() {
            let parent = &log.evaluations[members[at]];
            let Some(distance) = within(&child.choices, &parent.choices, settings.distance) else { continue };
            let chosen = moment.max(at + 1);
            let there = &members[chosen.saturating_sub(population)..chosen];
            let worth = |place: usize| {
                let evaluation = &log.evaluations[place];
                (evaluation.score.unwrap_or(f64::NEG_INFINITY), std::cmp::Reverse(ids[place]))
            };
            let rank = 1 + there.iter().filter(|other| worth(**other) > worth(members[at])).count();
            let (size, rank) = (u32::try_from(there.len()).unwrap(), u32::try_from(rank).unwrap());
            let sample = u32::try_from(settings.sample).unwrap().min(size);
            found.push(Possible {
                parent: members[at],
                distance,
                rank,
                age: (chosen - 1 - at) as u64,
                probability: selection_probability(size, sample, rank),
            });
        }
        let sum: f64 = found.iter().map(|possible| possible.probability).sum();
        let even = 1.0 / found.len().max(1) as f64;
        for possible in &mut found {
            possible.probability = if sum > 0.0 { possible.probability / sum } else { even };
        }
        all.push(found);
    }
    all
}

proptest! {
    #[test]
    fn the_index_finds_what_comparing_finds(
        vectors in prop::collection::vec(prop::collection::vec(0_u16..3, 5), 1..60),
        asked in prop::collection::vec(0_u16..3, 5),
        distance in 0_usize..7,
        (from, to) in (0_usize..60, 0_usize..60),
    ) {
        let slices: Vec<&[u16]> = vectors.iter().map(Vec::as_slice).collect();
        let index = Index::new(distance, &slices);
        let mut found = Vec::new();
        index.within(&asked, from..to, &mut found);
        let expected: Vec<Near> = (from..to.min(vectors.len()))
            .filter_map(|member| {
                Some(Near { member, distance: within(&asked, &vectors[member], distance)? })
            })
            .collect();
        prop_assert_eq!(index.any(&asked, &(from..to)), !expected.is_empty());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn parents_are_those_of_the_naive_search(
        rows in prop::collection::vec(
            (prop::collection::vec(0_u16..3, 4), prop::option::of(0_u8..9), 0_u64..40, prop::option::of(0_u64..30), 0_u8..12),
            0..80,
        ),
        timed: bool,
        (distance, population, sample) in (0_usize..4, 1_usize..20, 1_usize..6),
        in_flight in prop::option::of(0_u32..12),
    ) {
        let mut evaluations: Vec<Evaluation> = rows
            .iter()
            .map(|(choices, score, end, before, odd)| {
                let status = if *odd == 0 { Status::Interrupted } else if score.is_some() { Status::Ok } else { Status::Failed };
                let score = score.map(f64::from).filter(|_| status == Status::Ok);
                let mut row = Evaluation::new(0, choices.clone(), (status, score));
                row.finished_us = Some(*end).filter(|_| timed && *odd != 1);
                row.submitted_us = before.map(|before| end.saturating_sub(before)).filter(|_| timed);
                row
            })
            .collect();
        evaluations.sort_by_key(|row| (row.finished_us.is_none(), row.finished_us));
        let log = log(evaluations);
        let settings = Settings { distance, in_flight, ..settings(population, sample) };
        let inferred = infer(&log, &settings);
        for (place, expected) in naive(&log, &settings).iter().enumerate() {
            prop_assert_eq!(inferred.possible(place), expected.as_slice(), "evaluation {}", place);
            let most = expected.iter().map(|possible| possible.probability).fold(0.0, f64::max);
            let parent = inferred.parent(place);
            prop_assert_eq!(parent.is_some(), !expected.is_empty());
            // The first in the list of those that are most probable ended last.
            let first = expected.iter().find(|possible| possible.probability.to_bits() == most.to_bits());
            prop_assert_eq!(parent.map(|parent| parent.parent), first.map(|first| first.parent));
        }
        let summary = summarize(&log, &inferred, &settings, 0);
        prop_assert_eq!(summary.after.candidates, log.evaluations.len() as u64);
        prop_assert!(summary.after.nearest_within.is_sorted());
    }
}

#[test]
fn probabilities_are_the_closed_form() {
    // Four members, two of them near the child; tournaments of 2 of 4: rank r wins with (4 - r) / 6.
    let rows = vec![
        ok(1, &[0, 0], 0.4),
        ok(2, &[5, 5], 0.9),
        ok(3, &[0, 1], 0.8),
        ok(4, &[6, 6], 0.1),
        ok(5, &[0, 2], 0.5),
    ];
    let inferred = infer(&log(rows), &settings(4, 2));
    let found = inferred.possible(4);
    assert_eq!(places(found), [2, 0]);
    assert_eq!((found[0].rank, found[1].rank, found[0].age, found[1].age), (2, 3, 1, 3));
    let (two, three) = (2.0 / 6.0, 1.0 / 6.0);
    assert!((found[0].probability - two / (two + three)).abs() < 1e-12);
    assert_eq!(inferred.parent(4).map(|parent| parent.parent), Some(2));
}

#[test]
fn a_submission_tells_which_population() {
    let timed = |row, choices: &[u16], submitted: u64, finished: u64| Evaluation {
        submitted_us: Some(submitted),
        finished_us: Some(finished),
        ..ok(row, choices, 0.5)
    };
    let rows = vec![timed(1, &[0, 0], 0, 10), timed(2, &[0, 1], 0, 20), timed(3, &[0, 2], 10, 30)];
    // The second ended after the third was submitted.
    let inferred = infer(&log(rows.clone()), &settings(100, 10));
    assert_eq!(places(inferred.possible(2)), [0]);
    // Without submissions, both had ended before it did.
    let blind = rows.into_iter().map(|row| Evaluation { submitted_us: None, ..row }).collect();
    assert_eq!(places(infer(&log(blind), &settings(100, 10)).possible(2)), [1, 0]);
}

#[test]
fn candidates_in_flight_widen_the_search() {
    let rows = vec![
        ok(1, &[0, 0], 0.9),
        ok(2, &[7, 7], 0.1),
        ok(3, &[8, 8], 0.1),
        ok(4, &[0, 1], 0.2),
        ok(5, &[0, 2], 0.3),
    ];
    let narrow = infer(&log(rows.clone()), &settings(2, 1));
    assert_eq!(places(narrow.possible(4)), [3]);
    let wide = Settings { in_flight: Some(2), ..settings(2, 1) };
    let found = infer(&log(rows), &wide);
    // Two completions before its end the population was the first two; the fourth may have been chosen right after its end.
    assert_eq!(places(found.possible(4)), [3, 0]);
    assert_eq!((found.possible(4)[0].age, found.possible(4)[1].age), (0, 1));
    assert_eq!(places(found.possible(3)), [0]);
}

#[test]
fn nobody_in_the_random_phase_gets_a_parent() {
    let rows = vec![ok(1, &[0, 0], 0.9), ok(2, &[0, 1], 0.1), ok(3, &[0, 2], 0.2)];
    let inferred = infer(&log(rows), &Settings { random_phase: Some(2), ..settings(9, 2) });
    assert_eq!(places(inferred.possible(1)), [0]);
    assert_eq!(inferred.parent(1), None);
    assert_eq!(inferred.parent(2).map(|parent| parent.parent), Some(0));
}

#[test]
fn chance_explains_a_population_that_is_alike() {
    // 40 vectors of which all are neighbours: the order of things says nothing.
    let rows = (0..40_u16).map(|i| ok(u64::from(i) + 1, &[0, i], 0.5)).collect();
    let log = log(rows);
    let settings = settings(10, 2);
    let summary = summarize(&log, &infer(&log, &settings), &settings, 0);
    let chance = summary.chance.unwrap();
    assert_eq!(summary.after.explained, 39);
    assert!((chance.mean - 39.0 / 40.0).abs() < 1e-12, "{chance:?}");
    assert_eq!(summary, summarize(&log, &infer(&log, &settings), &settings, 0));
}
