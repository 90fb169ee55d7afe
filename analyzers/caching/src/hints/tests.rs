//! What is told beside what is true, worked out naively at each access.

use super::*;
use crate::stream::{StepKind, StreamBuilder, StreamOptions};
use crate::support::Evolution;
use lamarck_cache::lineage::TOLERANCE;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const POPULATION: usize = 15;

fn stream(seed: u64) -> Stream {
    let evolution = Evolution { seed, population: POPULATION, failures: 10, ..Evolution::default() };
    let (candidates, layers) = evolution.run();
    let mut builder = StreamBuilder::default();
    builder.candidates(&candidates.view()).unwrap();
    builder.layers(&layers).unwrap();
    let options = StreamOptions { population: Some(POPULATION), ..StreamOptions::default() };
    builder.finish(&options).unwrap()
}

/// Who can be chosen, and who is in flight.
#[derive(Default)]
struct State {
    members: VecDeque<u32>,
    flying: BTreeSet<u32>,
    seen: BTreeSet<u32>,
}

/// Asks, before each step that has accesses, whether what was said so far is what is true.
fn before_each_access(stream: &Stream, hints: &[Hint], mut check: impl FnMut(&State, &[f64])) {
    let mut said = vec![1.0; stream.object_count()];
    let mut hints = hints.iter().peekable();
    let mut state = State::default();
    for (step, range) in stream.spans() {
        if !range.is_empty() {
            while let Some(hint) = hints.next_if(|hint| hint.before <= step.first) {
                said[hint.object as usize] = hint.value;
            }
            check(&state, &said);
        }
        match step.kind {
            StepKind::Submit => drop(state.flying.insert(step.row)),
            StepKind::Start => {}
            StepKind::Finish => {
                state.flying.remove(&step.row);
                state.seen.extend(stream.map(step.row));
                state.members.push_back(step.row);
                if state.members.len() > POPULATION {
                    state.members.pop_front();
                }
            }
        }
    }
}

impl State {
    fn inheriting(&self, stream: &Stream, object: u32) -> usize {
        self.flying.iter().filter(|&&row| stream.inherited(row).any(|other| other == object)).count()
    }

    fn holding<'a>(&'a self, stream: &'a Stream, object: u32) -> impl Iterator<Item = u32> + 'a {
        self.members.iter().copied().filter(move |&row| stream.map(row).contains(&object))
    }
}

#[test]
fn population_says_who_is_needed() {
    let stream = stream(3);
    let mut dead = 0;
    before_each_access(&stream, &population(&stream), |state, said| {
        for &object in &state.seen {
            let needed = state.holding(&stream, object).count() + state.inheriting(&stream, object) > 0;
            assert_eq!(said[object as usize] > 0.0, needed, "object {object}");
            dead += u32::from(!needed);
        }
    });
    assert!(dead > 1000);
}

#[test]
fn descendants_are_counted() {
    let stream = stream(4);
    let mut most = 0.0_f64;
    before_each_access(&stream, &descendants(&stream), |state, said| {
        let below = |above: u32| {
            let descends = |&&row: &&u32| {
                let mut line = std::iter::successors(Some(row), |&row| stream.candidates.ancestor(row));
                row != above && line.any(|row| row == above)
            };
            state.members.iter().filter(descends).count()
        };
        let count: BTreeMap<u32, usize> = state.members.iter().map(|&row| (row, 1 + below(row))).collect();
        for &object in &state.seen {
            let held: usize = state.holding(&stream, object).map(|row| count[&row]).sum();
            let expected = (held + state.inheriting(&stream, object)) as f64;
            let said = said[object as usize];
            assert!((said - expected).abs() <= TOLERANCE * said, "object {object}: {said} {expected}");
            most = most.max(expected);
        }
    });
    assert!(most > 15.0, "{most}");
}

#[test]
fn the_next_donor_is_never_one_that_nobody_holds() {
    let stream = stream(5);
    let selection = Selection::Tournament { sample: 4, replacement: false };
    let (mut zeros, mut high) = (0, 0);
    before_each_access(&stream, &next_donor(&stream, selection, POPULATION), |state, said| {
        for &object in &state.seen {
            let said = said[object as usize];
            let held = state.holding(&stream, object).count() + state.inheriting(&stream, object);
            assert!(held > 0 || said <= 0.0, "object {object}: {said}");
            // Nobody expects more than all choices for every member, and two reads for each child in flight.
            assert!(said <= (held * (POPULATION + 2)) as f64);
            zeros += u32::from(held == 0);
            high += u32::from(said > 3.0);
        }
    });
    assert!(zeros > 1000 && high > 1000, "{zeros} {high}");
}

#[test]
fn the_best_member_is_expected_to_be_chosen_most() {
    // One worker, one member more than the population holds: candidate 1 is the best, its layer worth the most.
    let mut candidates = lamarck_sdk::model::CandidateColumns::with_capacity(1, 8);
    let mut layers = lamarck_sdk::LayerColumns::default();
    for id in 0..8 {
        let score = if id == 4 { 9.0 } else { id as f64 / 10.0 };
        candidates.push(&lamarck_sdk::model::CandidateRecord {
            id,
            score,
            started_us: id * 10,
            finished_us: id * 10 + 10,
            ..Default::default()
        });
        layers.push(id, 7, id, 100, lamarck_sdk::model::LayerSource::Trained);
    }
    let mut builder = StreamBuilder::default();
    builder.candidates(&candidates.view()).unwrap();
    builder.layers(&layers).unwrap();
    let options = StreamOptions { population: Some(4), ..StreamOptions::default() };
    let stream = builder.finish(&options).unwrap();
    let selection = Selection::Tournament { sample: 2, replacement: false };
    let mut last = [1.0; 8];
    for hint in next_donor(&stream, selection, 4) {
        last[hint.object as usize] = hint.value;
    }
    // Members at the end are 4 to 7, with 1 to 4 choices left; chances by rank are 3/6, 2/6, 1/6 and 0. Ranks: 4 is the
    // best, then 7, 6, 5. What is told may be off by a quarter.
    let expected = [0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.5, 4.0 / 3.0];
    for (object, (said, expected)) in last.iter().zip(expected).enumerate() {
        assert!((said - expected).abs() <= 0.25 * said + 1e-12, "object {object}: {said} {expected}");
    }
}

#[test]
fn chances_are_those_of_the_closed_form() {
    for (population, sample) in [(1, 1), (10, 1), (10, 3), (100, 25), (7, 7), (5, 9)] {
        let without = Selection::Tournament { sample, replacement: false }.chances(population);
        let with = Selection::Tournament { sample, replacement: true }.chances(population);
        for chances in [&without, &with, &Selection::Even.chances(population)] {
            assert_eq!(chances.len(), population);
            assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{population} {sample}: {chances:?}");
        }
        for (chance, rank) in without.iter().zip(1..) {
            let (p, s) = (u32::try_from(population).unwrap(), u32::try_from(sample.min(population)).unwrap());
            assert!((chance - lamarck_cache::selection_probability(p, s, rank)).abs() < 1e-12);
        }
    }
    // The better of two draws from three, with replacement: 5/9, 3/9, 1/9.
    let chances = Selection::Tournament { sample: 2, replacement: true }.chances(3);
    assert!((chances[0] - 5.0 / 9.0).abs() < 1e-12 && (chances[2] - 1.0 / 9.0).abs() < 1e-12);
}
