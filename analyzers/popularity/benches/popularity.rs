//! What a candidate costs, on an evolution of a million candidates; and the memory, counted at the allocator.

use divan::Bencher;
use lamarck_popularity::Popularity;
use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
use lamarck_sdk::serde_json::json;
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Nullable, Origin, Rng};
use std::collections::VecDeque;

/// Draws an option.
fn option(rng: &mut Rng) -> u16 {
    u16::try_from(rng.below(5)).unwrap_or(0)
}

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

const CANDIDATES: u64 = 1_000_000;
const BATCH: usize = 100_000;

fn main() {
    divan::main();
}

/// A plain steady state: P = 100, S = 10, W = 64 workers that take equally long, parents are donors.
fn trace() -> Vec<CandidateColumns> {
    let (p, s, w) = (100, 10, 64_u64);
    let mut rng = Rng::from_seed(1);
    let mut population: VecDeque<(u64, f64, [u16; 6])> = VecDeque::new();
    let mut flying: VecDeque<CandidateRecord> = VecDeque::new();
    let mut batches = vec![CandidateColumns::with_capacity(6, BATCH)];
    let mut ids = 0..;
    let mut propose = |population: &VecDeque<(u64, f64, [u16; 6])>, rng: &mut Rng, finished: u64| {
        let id: u64 = ids.next().unwrap_or(0);
        let mut record = CandidateRecord {
            id,
            score: rng.uniform(),
            layers: 20,
            bytes: 1000,
            ..CandidateRecord::default()
        };
        if population.len() < p {
            record.choices = (0..6).map(|_| option(rng)).collect();
            return record;
        }
        let best =
            (0..s).map(|_| &population[rng.index(p)]).max_by(|a, b| a.1.total_cmp(&b.1)).expect("s > 0");
        record.origin = Origin::Mutation as u8;
        (record.parent, record.donor) = (best.0, best.0);
        record.choices = best.2.to_vec();
        record.choices[rng.index(6)] = option(rng);
        record.score = 0.5 * best.1 + 0.5 * record.score;
        (record.prefix_layers, record.parent_age) = (rng.below(20), finished - best.0.min(finished));
        record
    };
    for _ in 0..w {
        let record = propose(&population, &mut rng, 0);
        flying.push_back(record);
    }
    for finished in 0..CANDIDATES {
        let mut record = flying.pop_front().expect("w > 0");
        record.finished_us = finished * 1000;
        let vector: [u16; 6] = std::array::from_fn(|i| record.choices[i]);
        population.push_back((record.id, record.score.known().unwrap_or(0.0), vector));
        if population.len() > p {
            population.pop_front();
        }
        if batches.last().is_none_or(|batch| batch.len() == BATCH) {
            batches.push(CandidateColumns::with_capacity(6, BATCH));
        }
        batches.last_mut().expect("not empty").push(&record);
        let next = propose(&population, &mut rng, finished + 1);
        flying.push_back(next);
    }
    batches
}

fn context(options: usize) -> Context {
    let study = json!({
        "strategy": { "plugin": "regularized-evolution", "population": 100, "sample": 10 },
        "transfer": { "donor": "parent", "retention": "all" },
    });
    // 5^6 vectors are numbered; 1000^6 are hashed.
    Context { workers: 64, study, ..Context::for_space(space(&[options; 6])) }
}

#[divan::bench(args = [5, 1000], sample_count = 5, sample_size = 1)]
fn million(bencher: Bencher<'_, '_>, options: usize) {
    let batches = trace();
    bencher.counter(divan::counter::ItemsCount::new(CANDIDATES)).bench_local(|| {
        let mut analyzer: Popularity = create("{}", &context(options)).expect("the options are valid");
        for batch in &batches {
            analyzer.candidates(&batch.view()).expect("the trace is sound");
        }
        analyzer.finish().expect("always ends")
    });
}

/// Ten million candidates: the million ten times, as one run after the other with later ids and times. Shifting them is
/// part of what is measured, a few nanoseconds a candidate.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn ten_million(bencher: Bencher<'_, '_>) {
    let batches = trace();
    let mut shifted: [Vec<u64>; 4] = Default::default();
    bencher.counter(divan::counter::ItemsCount::new(10 * CANDIDATES)).bench_local(|| {
        let mut analyzer: Popularity = create("{}", &context(5)).expect("the options are valid");
        for (time, batch) in (0..10).flat_map(|time| batches.iter().map(move |batch| (time, batch))) {
            let mut view = batch.view();
            let columns = [view.id, view.parent, view.donor, view.finished_us];
            for ((shifted, column), step) in shifted.iter_mut().zip(columns).zip([1, 1, 1, 1000]) {
                let shift = time * CANDIDATES * step;
                shifted.clear();
                shifted.extend(column.iter().map(|&of| if of.known().is_some() { of + shift } else { of }));
            }
            [view.id, view.parent, view.donor, view.finished_us] = shifted.each_ref().map(Vec::as_slice);
            analyzer.candidates(&view).expect("the trace is sound");
        }
        analyzer.finish().expect("always ends")
    });
}
