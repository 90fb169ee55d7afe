//! What writing and reading a trace costs, a candidate or a layer at a time, beside the writer of the `parquet` crate
//! with several choices of options.
//!
//! `cargo bench -p lamarck-runtime --bench trace`; "item/s" are candidates (or layers), and the bytes of a row are
//! printed before the table. The `parquet` crate is given finished arrow batches, which the engine does not have, so
//! its figures are on the low side.

#![expect(clippy::print_stdout, reason = "a bench talks to people")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot write has nothing to measure")]

mod evolution;

use arrow_array::RecordBatch;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use lamarck_model::{CandidateColumns, LayerColumns};
use lamarck_runtime::trace::{RunKey, RunWriter, Trace, TraceHeader};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

const ROWS: usize = 100_000;
const KEY: RunKey = RunKey { point: 0, replicate: 0 };

static COLUMNS: LazyLock<CandidateColumns> =
    LazyLock::new(|| evolution::columns(&evolution::candidates(ROWS, 1)));
static LAYERS: LazyLock<LayerColumns> =
    LazyLock::new(|| evolution::layers(&evolution::candidates(ROWS, 1)[..5000], 1));
static TRACE: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(dir.path(), KEY, COLUMNS.view().width, ROWS, true).unwrap();
    writer.write_candidates(&COLUMNS.view()).unwrap();
    writer.write_layers(&LAYERS).unwrap();
    TraceHeader::new("bench", "", 1, 1).write(dir.path()).unwrap();
    dir
});

fn main() {
    let trace = Trace::open(TRACE.path()).unwrap();
    let info = trace.info(KEY).unwrap();
    for (table, info) in [("candidates", info.candidates), ("layers", info.layers)] {
        println!("{table}: {:.2} bytes a row in {} rows", info.bytes as f64 / info.rows as f64, info.rows);
    }
    for choice in CHOICES {
        println!(
            "parquet crate, {}: {:.2} bytes a row",
            choice.name,
            written_by_crate(choice).len() as f64 / ROWS as f64
        );
    }
    divan::main();
}

#[divan::bench]
fn write_candidates(bencher: Bencher<'_, '_>) {
    let columns = COLUMNS.view();
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(|| {
            let dir = tempfile::tempdir().unwrap();
            let writer = RunWriter::create(dir.path(), KEY, columns.width, ROWS, false).unwrap();
            (dir, writer)
        })
        .bench_values(|(dir, mut writer)| {
            writer.write_candidates(&columns).unwrap();
            dir
        });
}

#[divan::bench]
fn write_layers(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(LAYERS.len()))
        .with_inputs(|| {
            let dir = tempfile::tempdir().unwrap();
            let writer = RunWriter::create(dir.path(), KEY, 6, ROWS, true).unwrap();
            (dir, writer)
        })
        .bench_values(|(dir, mut writer)| {
            writer.write_layers(&LAYERS).unwrap();
            dir
        });
}

#[divan::bench]
fn read_candidates(bencher: Bencher<'_, '_>) {
    let trace = Trace::open(TRACE.path()).unwrap();
    bencher
        .counter(ItemsCount::new(ROWS))
        .bench(|| trace.candidates(KEY).unwrap().map(|batch| batch.unwrap().view().rows).sum::<usize>());
}

#[divan::bench]
fn read_two_columns(bencher: Bencher<'_, '_>) {
    let trace = Trace::open(TRACE.path()).unwrap();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| {
        let batches = trace.candidates_with(KEY, &["parent", "score"]).unwrap();
        batches.map(|batch| batch.unwrap().view().rows).sum::<usize>()
    });
}

#[divan::bench]
fn read_layers(bencher: Bencher<'_, '_>) {
    let trace = Trace::open(TRACE.path()).unwrap();
    bencher
        .counter(ItemsCount::new(LAYERS.len()))
        .bench(|| trace.layers(KEY).unwrap().map(|batch| batch.unwrap().len()).sum::<usize>());
}

/// Options of the `parquet` crate's writer.
struct Choice {
    name: &'static str,
    options: fn(WriterPropertiesBuilder) -> WriterPropertiesBuilder,
}

const CHOICES: &[Choice] = &[
    Choice { name: "plain", options: |options| options.set_dictionary_enabled(false) },
    Choice {
        name: "plain, no statistics",
        options: |options| {
            options.set_dictionary_enabled(false).set_statistics_enabled(EnabledStatistics::None)
        },
    },
    Choice {
        name: "differences",
        options: |options| {
            let options =
                options.set_dictionary_enabled(false).set_writer_version(WriterVersion::PARQUET_2_0);
            // Its second version packs differences of integers by itself.
            options.set_column_encoding("score".into(), Encoding::PLAIN)
        },
    },
    Choice { name: "dictionaries", options: |options| options },
    Choice {
        name: "dictionaries, zstd",
        options: |options| options.set_compression(Compression::ZSTD(ZstdLevel::default())),
    },
    Choice {
        name: "plain, zstd",
        options: |options| {
            options.set_dictionary_enabled(false).set_compression(Compression::ZSTD(ZstdLevel::default()))
        },
    },
];

static BATCHES: LazyLock<Vec<RecordBatch>> = LazyLock::new(|| {
    let part = fs::read_dir(Path::new(TRACE.path()).join("candidates")).unwrap().next().unwrap().unwrap();
    let file = fs::File::open(part.path()).unwrap();
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(ROWS).build().unwrap();
    reader.map(Result::unwrap).collect()
});

fn written_by_crate(choice: &Choice) -> Vec<u8> {
    let options = (choice.options)(WriterProperties::builder()).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), BATCHES[0].schema(), Some(options)).unwrap();
    for batch in BATCHES.iter() {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

#[divan::bench(args = 0..CHOICES.len())]
fn parquet_crate(bencher: Bencher<'_, '_>, choice: usize) {
    bencher.counter(ItemsCount::new(ROWS)).bench(|| black_box(written_by_crate(&CHOICES[choice])));
}
