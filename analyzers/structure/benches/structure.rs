//! What the analyzer costs a candidate, in time and in memory, on evolution with the decisions of NAS-Bench-201 and
//! of ATTN (391 options a layer).
//!
//! `cargo bench -p lamarck-structure`. Memory is what an allocator that counts saw at its peak, less what there was
//! before.

#[path = "../tests/support/mod.rs"]
mod support;

use divan::Bencher;
use divan::counter::ItemsCount;
use lamarck_sdk::Analyzer;
use lamarck_sdk::model::CandidateColumns;
use lamarck_sdk::testing::create;
use lamarck_structure::Structure;
use support::Evolution;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

const CANDIDATES: u64 = 1_000_000;
const BATCH: usize = 100_000;

fn main() {
    divan::main();
}

fn evolution(space: &str) -> Evolution {
    let options = match space {
        "nas-bench-201" => vec![5; 6],
        _ => [[391, 2, 2].repeat(3), [391, 2, 2].repeat(3)].concat(),
    };
    Evolution { options, population: 100, sample: 10, workers: 64, candidates: CANDIDATES, seed: 1 }
}

fn batches(evolution: &Evolution) -> Vec<CandidateColumns> {
    let mut batches = Vec::new();
    let mut columns = CandidateColumns::with_capacity(evolution.options.len(), BATCH);
    evolution.run(|record| {
        columns.push(record);
        if columns.len() == BATCH {
            let next = CandidateColumns::with_capacity(evolution.options.len(), BATCH);
            batches.push(std::mem::replace(&mut columns, next));
        }
    });
    batches
}

/// The whole analysis of a million candidates; divided by them.
#[divan::bench(args = ["nas-bench-201", "candle-attn"], sample_count = 10, sample_size = 1)]
fn analyze(bencher: Bencher<'_, '_>, space: &str) {
    let evolution = evolution(space);
    let (batches, context) = (batches(&evolution), evolution.context());
    bencher.counter(ItemsCount::new(CANDIDATES)).bench_local(|| {
        let mut structure: Structure = create("{}", &context).expect("the options are right");
        for batch in &batches {
            structure.candidates(&batch.view()).expect("the trace is right");
        }
        structure.finish().expect("there is always a report")
    });
}

/// As many batches over and over, ten million candidates, with ids that go on.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn ten_million(bencher: Bencher<'_, '_>) {
    let evolution = Evolution { candidates: 10 * CANDIDATES, ..evolution("nas-bench-201") };
    let (batches, context) = (batches(&evolution), evolution.context());
    bencher.counter(ItemsCount::new(10 * CANDIDATES)).bench_local(|| {
        let mut structure: Structure = create("{}", &context).expect("the options are right");
        for batch in &batches {
            structure.candidates(&batch.view()).expect("the trace is right");
        }
        structure.finish().expect("there is always a report")
    });
}
