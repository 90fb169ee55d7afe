//! What the analyzer costs a candidate, in time and in memory, on evolution with the six decisions of NAS-Bench-201 and
//! seven layers a model, without and with the layers table.
//!
//! `cargo bench -p lamarck-storage`. Memory is what an allocator that counts saw at its peak.

#[path = "../tests/support/mod.rs"]
mod support;

use divan::Bencher;
use divan::counter::ItemsCount;
use lamarck_sdk::Analyzer;
use lamarck_sdk::testing::create;
use lamarck_storage::Storage;
use support::{Evolution, batches, layer_batches};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

const CANDIDATES: u64 = 1_000_000;

fn main() {
    divan::main();
}

#[divan::bench(args = [false, true], sample_count = 5, sample_size = 1)]
fn analyze(bencher: Bencher<'_, '_>, layers: bool) {
    let evolution = Evolution { candidates: CANDIDATES, ..Evolution::default() };
    let trace = evolution.run();
    let (rows, tables) = (batches(&trace.records, 100_000), layer_batches(&trace.layers, 1 << 16));
    let context = evolution.context();
    let options = format!(r#"{{"layers": {layers}}}"#);
    bencher.counter(ItemsCount::new(CANDIDATES)).bench_local(|| {
        let mut storage: Storage = create(&options, &context).expect("the options are right");
        for batch in &rows {
            storage.candidates(&batch.view()).expect("the trace is right");
        }
        if layers {
            for batch in &tables {
                storage.layers(batch).expect("the trace is right");
            }
        }
        storage.finish().expect("there is always a report")
    });
}
