//! Traces to check analyzers with: of a small evolution, and of odd shape.

use super::spaces::sample;
use super::{attempt, seed};
use crate::candidate::{
    CandidateColumns, CandidateId, CandidateRecord, LayerColumns, LayerSource, Nullable, Origin, Status,
};
use crate::component::SearchSpace;
use crate::identity::{LayerIdentity, identities};
use crate::rng::Rng;
use crate::space::{Choice, ModelSize};
use std::collections::{BTreeMap, VecDeque};

/// The rows of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    pub(super) width: usize,
    pub(super) rows: Vec<CandidateRecord>,
    pub(super) layers: LayerColumns,
}

impl Trace {
    /// Its candidates in batches of so many rows.
    pub(super) fn batches(&self, size: usize) -> Vec<CandidateColumns> {
        let batch = |rows: &[CandidateRecord]| {
            let mut columns = CandidateColumns::with_capacity(self.width, rows.len());
            for row in rows {
                columns.push(row);
            }
            columns
        };
        self.rows.chunks(size.max(1)).map(batch).collect()
    }

    /// The rows of its layers in batches of so many.
    pub(super) fn layer_batches(&self, size: usize) -> Vec<LayerColumns> {
        let (size, all) = (size.max(1), &self.layers);
        let batch = |from: usize| {
            let rows = from..all.len().min(from + size);
            LayerColumns {
                candidate: all.candidate[rows.clone()].to_vec(),
                identity: all.identity[rows.clone()].to_vec(),
                owner: all.owner[rows.clone()].to_vec(),
                bytes: all.bytes[rows.clone()].to_vec(),
                source: all.source[rows].to_vec(),
            }
        };
        (0..all.len()).step_by(size).map(batch).collect()
    }

    /// The same without what an import of another tool's log lacks: parents, donors, sizes, workers and layers; and with
    /// ids that are not dense.
    pub(super) fn imported(&self) -> Self {
        let row = |row: &CandidateRecord| CandidateRecord {
            id: row.id.wrapping_mul(1_000_003).wrapping_add(1 << 40),
            origin: Origin::Import as u8,
            status: row.status,
            score: row.score,
            submitted_us: row.submitted_us,
            started_us: row.started_us,
            finished_us: row.finished_us,
            choices: row.choices.clone(),
            ..CandidateRecord::default()
        };
        Self { width: self.width, rows: self.rows.iter().map(row).collect(), layers: LayerColumns::default() }
    }

    /// The same with everything unknown but ids, vectors and how candidates ended.
    pub(super) fn nulls(&self) -> Self {
        let row = |row: &CandidateRecord| CandidateRecord {
            id: row.id,
            origin: Origin::Import as u8,
            status: row.status,
            choices: row.choices.clone(),
            ..CandidateRecord::default()
        };
        Self { width: self.width, rows: self.rows.iter().map(row).collect(), layers: LayerColumns::default() }
    }

    /// The same where all failed.
    pub(super) fn failed(&self) -> Self {
        let row = |row: &CandidateRecord| CandidateRecord {
            status: Status::Failed as u8,
            score: f64::NONE,
            origin: Origin::Sample as u8,
            parent: u64::NONE,
            donor: u64::NONE,
            mutator: u16::NONE,
            changed: u16::NONE,
            changed_decision: u16::NONE,
            changed_from: u16::NONE,
            changed_to: u16::NONE,
            parent_rank: u32::NONE,
            parent_age: u64::NONE,
            prefix_layers: u64::NONE,
            prefix_bytes: u64::NONE,
            prefix_owners: u32::NONE,
            stored_bytes: u64::NONE,
            ..row.clone()
        };
        Self { width: self.width, rows: self.rows.iter().map(row).collect(), layers: LayerColumns::default() }
    }

    /// Its first rows.
    pub(super) fn first(&self, rows: usize) -> Self {
        let rows = self.rows[..rows.min(self.rows.len())].to_vec();
        let mut layers = LayerColumns::default();
        for at in 0..self.layers.len() {
            let candidate = self.layers.candidate[at];
            if rows.iter().any(|row| row.id == candidate) {
                layers.candidate.push(candidate);
                layers.identity.push(self.layers.identity[at]);
                layers.owner.push(self.layers.owner[at]);
                layers.bytes.push(self.layers.bytes[at]);
                layers.source.push(self.layers.source[at]);
            }
        }
        Self { width: self.width, rows, layers }
    }
}

/// A finished candidate that can have children.
struct Member {
    id: CandidateId,
    finished_as: u64,
    score: f64,
    choices: Vec<Choice>,
    /// Its layers, with their owners.
    layers: BTreeMap<LayerIdentity, CandidateId>,
}

/// Candidates of the trace, and of its population.
const CANDIDATES: u64 = 240;
const POPULATION: usize = 40;
const WORKERS: u32 = 4;

/// The trace of a small evolution with transfer of weights from parents, on four workers; every ninth candidate fails, and
/// the last is cut off. The mutation is this module's own: one decision, if the space allows it.
pub(super) fn evolution(space: &dyn SearchSpace) -> Trace {
    let spec = space.spec();
    let level = spec.levels.first().cloned().unwrap_or_default();
    let mut trace = Trace { width: spec.decisions.len(), ..Trace::default() };
    let mut population: VecDeque<Member> = VecDeque::new();
    let mut clock = [0_u64; WORKERS as usize];
    for id in 0..CANDIDATES {
        let mut rng = Rng::from_seed(seed(11, id));
        let mut row = CandidateRecord { id, ..CandidateRecord::default() };
        // Candidates finish in the order of their ids: each goes to the worker that is free first, and none is longer than
        // the others.
        let worker = usize::try_from(id % u64::from(WORKERS)).unwrap_or(0);
        let parent = (population.len() == POPULATION).then(|| select(&population, &mut rng));
        match parent {
            Some(at) => descend(&mut row, &population, at, id, space, &mut rng),
            None => {
                row.choices = attempt(|| sample(space, &mut rng)).unwrap_or_else(|_| vec![0; trace.width]);
            }
        }
        let parent = parent.map(|at| &population[at]);
        let built = attempt(|| {
            let graph = space.build(&row.choices, &level)?;
            let bytes = graph.ids().map(|id| Ok(graph.bytes(id)?)).collect::<anyhow::Result<Vec<u64>>>()?;
            Ok((identities(&graph), bytes, graph.size()?))
        });
        let (layers, bytes, size) = built.unwrap_or_else(|_| (Vec::new(), Vec::new(), ModelSize::default()));
        let failed = id % 9 == 4;
        let status = match id {
            _ if id + 1 == CANDIDATES => Status::Interrupted,
            _ if failed => Status::Failed,
            _ => Status::Ok,
        };
        time(&mut row, &mut clock, worker, size, status);
        row.status = status as u8;
        (row.layers, row.parameters, row.bytes) = (size.layers, size.parameters, size.bytes);
        let owned = own(&mut trace.layers, &mut row, parent, &layers, &bytes, status);
        if status == Status::Ok {
            row.score = row.choices.iter().map(|&choice| f64::from(choice)).sum::<f64>() + rng.uniform();
            let choices = row.choices.clone();
            population.push_back(Member { id, finished_as: id, score: row.score, choices, layers: owned });
            if population.len() > POPULATION {
                population.pop_front();
            }
        }
        trace.rows.push(row);
    }
    trace
}

/// The best of ten.
fn select(population: &VecDeque<Member>, rng: &mut Rng) -> usize {
    let mut best = rng.index(population.len());
    for _ in 1..10 {
        let other = rng.index(population.len());
        if population[other].score > population[best].score {
            best = other;
        }
    }
    best
}

fn descend(
    row: &mut CandidateRecord,
    population: &VecDeque<Member>,
    at: usize,
    finished: u64,
    space: &dyn SearchSpace,
    rng: &mut Rng,
) {
    let (spec, parent) = (space.spec(), &population[at]);
    row.origin = Origin::Mutation as u8;
    row.parent = parent.id;
    row.donor = parent.id;
    row.mutator = 0;
    row.parent_rank =
        1 + u32::try_from(population.iter().filter(|other| other.score > parent.score).count()).unwrap_or(0);
    row.parent_age = finished - parent.finished_as - 1;
    row.choices.clone_from(&parent.choices);
    let position = rng.index(spec.decisions.len());
    let options = spec.decisions[position].options.len();
    let from = row.choices[position];
    row.choices[position] = Choice::try_from(rng.index(options)).unwrap_or(0);
    if attempt(|| space.check(&row.choices)).is_err() {
        row.choices[position] = from;
    }
    row.changed = u16::from(row.choices[position] != from);
    if row.changed == 1 {
        row.changed_decision = u16::try_from(position).unwrap_or(u16::NONE);
        (row.changed_from, row.changed_to) = (from, row.choices[position]);
    }
}

fn time(row: &mut CandidateRecord, clock: &mut [u64], worker: usize, size: ModelSize, status: Status) {
    // A wave of workers ends in the order of the ids, since each starts a little later than the one before.
    let wave = clock.iter().copied().max().unwrap_or(0);
    let begins = if worker == 0 { wave } else { clock[0] - 1_000 };
    row.submitted_us = begins;
    row.started_us = begins;
    row.worker = u32::try_from(worker).unwrap_or(0);
    row.node = row.worker / 2;
    row.transfer_us = 10;
    row.store_us = if status == Status::Ok { 20 } else { u64::NONE };
    row.train_us = 970 + 10 * worker as u64 + size.layers % 7;
    row.finished_us = begins + 1_000 + 10 * worker as u64;
    if status == Status::Interrupted {
        (row.train_us, row.store_us) = (u64::NONE, u64::NONE);
    }
    clock[worker] = row.finished_us;
}

/// Writes down the layers of a candidate that ended well, and returns them with their owners.
fn own(
    table: &mut LayerColumns,
    row: &mut CandidateRecord,
    parent: Option<&Member>,
    layers: &[LayerIdentity],
    bytes: &[u64],
    status: Status,
) -> BTreeMap<LayerIdentity, CandidateId> {
    let mut owned = BTreeMap::new();
    let (mut prefix, mut prefix_bytes, mut stored) = (0_u64, 0_u64, 0_u64);
    let mut lenders = Vec::new();
    for (&layer, &bytes) in layers.iter().zip(bytes) {
        let lender = parent.and_then(|parent| parent.layers.get(&layer).copied());
        let trainer = lender.unwrap_or(row.id);
        owned.insert(layer, trainer);
        if let Some(lender) = lender {
            prefix += 1;
            prefix_bytes += bytes;
            lenders.push(lender);
        } else {
            stored += bytes;
        }
        if status == Status::Ok {
            let source = if lender.is_some() { LayerSource::Repository } else { LayerSource::Trained };
            table.push(row.id, layer.0, trainer, bytes, source);
        }
    }
    lenders.sort_unstable();
    lenders.dedup();
    let lenders = u32::try_from(lenders.len()).unwrap_or(0);
    if parent.is_some() {
        (row.prefix_layers, row.prefix_bytes, row.prefix_owners) = (prefix, prefix_bytes, lenders);
        (row.cached_bytes, row.missed_layers) = (0, 0);
    }
    if status == Status::Ok {
        row.stored_bytes = stored;
        row.owners = lenders + u32::from(prefix < layers.len() as u64);
    }
    owned
}
