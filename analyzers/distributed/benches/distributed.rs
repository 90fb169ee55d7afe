//! What the analyzer costs a candidate, in time and in memory, on evolution with 256 workers whose trainings
//! differ.
//!
//! `cargo bench -p lamarck-distributed`. Memory is what an allocator that counts saw at its peak.

#[path = "../tests/support/mod.rs"]
mod support;

use divan::Bencher;
use divan::counter::ItemsCount;
use lamarck_distributed::Distributed;
use lamarck_sdk::Analyzer;
use lamarck_sdk::testing::create;
use support::{Evolution, batches};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

const CANDIDATES: u64 = 1_000_000;

fn main() {
    divan::main();
}

#[divan::bench(args = [100, 1000], sample_count = 10, sample_size = 1)]
fn analyze(bencher: Bencher<'_, '_>, population: usize) {
    let evolution = Evolution {
        population,
        workers: 256,
        lookahead: 8,
        candidates: CANDIDATES,
        shortest: 500_000,
        longest: 3_000_000,
        ..Evolution::default()
    };
    let rows = batches(&evolution.run(), 100_000);
    let context = evolution.context();
    bencher.counter(ItemsCount::new(CANDIDATES)).bench_local(|| {
        let mut analyzer: Distributed = create("{}", &context).expect("the options are right");
        for batch in &rows {
            analyzer.candidates(&batch.view()).expect("the trace is right");
        }
        analyzer.finish().expect("there is always a report")
    });
}
