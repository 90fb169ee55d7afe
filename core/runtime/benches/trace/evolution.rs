//! A small regularized evolution whose candidates look like those of NAS-Bench-201, for benches and tests of the
//! trace: six decisions of five options, 64 workers, scores and times that depend on the vector alone.

#![allow(clippy::cast_possible_truncation, reason = "small numbers made for tests")]

use lamarck_model::{
    CandidateColumns, CandidateRecord, LayerColumns, LayerSource, Nullable, Origin, Rng, Status,
};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const WORKERS: u32 = 64;
const POPULATION: usize = 100;
const SAMPLE: usize = 10;
/// One candidate in this many is lost with its worker.
const LOST: u64 = 500;

/// Candidates in the order in which they finish.
pub(crate) fn candidates(rows: usize, seed: u64) -> Vec<CandidateRecord> {
    let mut rng = Rng::from_seed(seed);
    let mut running: BinaryHeap<Reverse<(u64, u64)>> = BinaryHeap::new();
    let mut waiting: Vec<Option<CandidateRecord>> = Vec::new();
    let mut population: VecDeque<(CandidateRecord, u64)> = VecDeque::new();
    let mut finished: Vec<CandidateRecord> = Vec::with_capacity(rows);
    let mut submit = |worker: u32,
                      now: u64,
                      done: u64,
                      population: &VecDeque<(CandidateRecord, u64)>,
                      running: &mut BinaryHeap<Reverse<(u64, u64)>>,
                      waiting: &mut Vec<Option<CandidateRecord>>| {
        let mut row = CandidateRecord { id: waiting.len() as u64, ..CandidateRecord::default() };
        if population.len() < POPULATION {
            row.origin = Origin::Sample as u8;
            row.choices = (0..6).map(|_| rng.below(5) as u16).collect();
        } else {
            let (parent, born) = (0..SAMPLE)
                .map(|_| &population[rng.index(POPULATION)])
                .max_by(|a, b| a.0.score.total_cmp(&b.0.score))
                .unwrap();
            row.origin = Origin::Mutation as u8;
            row.parent = parent.id;
            row.choices.clone_from(&parent.choices);
            let at = rng.index(6);
            row.mutator = 0;
            row.changed = 1;
            row.changed_decision = at as u16;
            row.changed_from = row.choices[at];
            row.choices[at] = (row.choices[at] + 1 + rng.below(4) as u16) % 5;
            row.changed_to = row.choices[at];
            row.parent_rank =
                1 + population.iter().filter(|other| other.0.score > parent.score).count() as u32;
            row.parent_age = done - born;
        }
        let index = row.choices.iter().fold(0, |index, &choice| index * 5 + u64::from(choice));
        let mut table = Rng::from_seed(index);
        let heavy = row.choices.iter().map(|&choice| [0, 0, 9, 1, 0][usize::from(choice)]).sum::<u64>();
        // Accuracies of three seeds on 10,000 images, averaged.
        row.score = (f64::from(60 + heavy as u32 / 2) * 300.0 + table.below(600) as f64) / 300.0;
        row.train_us = (900 + heavy * 40) * 1_000_000 + table.below(90_000_000);
        row.layers = 80 + heavy;
        row.parameters = 73_306 + heavy * 51_840;
        row.bytes = row.parameters * 4;
        row.submitted_us = now;
        row.started_us = now;
        row.worker = worker;
        row.node = worker / 8;
        row.status = Status::Ok as u8;
        row.finished_us = now + row.train_us;
        if rng.below(LOST) == 0 {
            row.status = Status::Lost as u8;
            row.score = f64::NONE;
        }
        running.push(Reverse((row.finished_us, row.id)));
        waiting.push(Some(row));
    };
    for worker in 0..WORKERS {
        submit(worker, 0, 0, &population, &mut running, &mut waiting);
    }
    while finished.len() < rows {
        let Reverse((now, id)) = running.pop().unwrap();
        let row = waiting[id as usize].take().unwrap();
        if row.score.known().is_some() {
            population.push_back((row.clone(), finished.len() as u64));
            if population.len() > POPULATION {
                population.pop_front();
            }
        }
        let worker = row.worker;
        finished.push(row);
        submit(worker, now, finished.len() as u64, &population, &mut running, &mut waiting);
    }
    finished
}

/// Rows as columns.
pub(crate) fn columns(rows: &[CandidateRecord]) -> CandidateColumns {
    let mut columns =
        CandidateColumns::with_capacity(rows.first().map_or(0, |row| row.choices.len()), rows.len());
    for row in rows {
        columns.push(row);
    }
    columns
}

/// Layers for these candidates: a chain as long as `layers` says, the head of it inherited from the parent.
pub(crate) fn layers(rows: &[CandidateRecord], seed: u64) -> LayerColumns {
    let mut rng = Rng::from_seed(seed);
    let mut columns = LayerColumns::default();
    for row in rows {
        let shared = match row.parent.known() {
            Some(_) => row.layers * u64::from(row.changed_decision.known().unwrap_or(0)) / 6,
            None => 0,
        };
        let mut name = 0_u64;
        for layer in 0..row.layers {
            let inherited = layer < shared;
            // Identity depends on the layer and everything below it.
            let choice = row.choices[(layer * 6 / row.layers.max(1)) as usize % 6];
            name = Rng::from_seed(name ^ (layer << 8) ^ u64::from(choice)).next();
            let mut wide = Rng::from_seed(name);
            let identity = u128::from(wide.next()) << 64 | u128::from(wide.next());
            let source = match rng.below(4) {
                _ if !inherited => LayerSource::Trained,
                0 => LayerSource::Local,
                1 => LayerSource::Node,
                _ => LayerSource::Repository,
            };
            let owner = if inherited { row.parent } else { row.id };
            columns.push(row.id, identity, owner, 64 * (1 + u64::from(choice)) * (1 + layer / 30), source);
        }
    }
    columns
}
