//! The importer of the official folder: folders made here, and the public sample where it is at hand.
#![allow(clippy::float_cmp, reason = "values that must be exactly equal")]

mod support;

use lamarck_nas_bench_201_table::{
    Dataset, Epochs, ErrorKind, Quantity, Seed, Table, cell, embedded,
    import::{self, DamagedFiles, ImportError, NatsOptions},
};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};
use support::{Pickled, bzip2, dict, float, floats, int, list, none, pair, record, text, whole};

const E12: Epochs = Epochs::Twelve;
const E200: Epochs = Epochs::TwoHundred;

/// A list of all cells in the order of their indices, so that official index and index are the same here.
fn meta() -> Vec<u8> {
    bzip2(&whole(&record([(
        "meta_archs",
        list((0..cell::CELLS).map(|cell| text(&cell::to_official(cell)))),
    )])))
}

struct Run {
    name: &'static str,
    seed: i32,
    accuracies: Vec<(&'static str, f64)>,
}

fn run(epochs: i32, run: &Run) -> (Pickled, Pickled) {
    let key = pair(&text(run.name), &int(run.seed));
    // The last epoch counts; the one before is there to be mistaken for it.
    let accuracies = run.accuracies.iter().flat_map(|(set, value)| {
        [(epochs - 2, 1.0), (epochs - 1, *value)]
            .map(|(epoch, value)| (text(&format!("{set}@{epoch}")), float(value)))
    });
    let value = record([
        ("epochs", int(epochs)),
        ("params", float(0.1)),
        ("flop", float(15.647_37)),
        ("latency", floats(&[0.5, 1.5])),
        ("train_times", dict((0..epochs).map(|epoch| (int(epoch), float(0.5))))),
        ("eval_acc1es", dict(accuracies)),
    ]);
    (key, value)
}

fn training(cell: u16, epochs: i32, runs: &[Run]) -> Pickled {
    record([
        ("arch_index", int(i32::from(cell))),
        ("arch_str", text(&cell::to_official(cell))),
        ("all_results", dict(runs.iter().map(|r| run(epochs, r)))),
    ])
}

fn cell_file(cell: u16) -> Vec<u8> {
    let long = |seed, valid, test| {
        [
            Run { name: "cifar10-valid", seed, accuracies: vec![("x-valid", valid), ("ori-test", 2.0)] },
            Run { name: "cifar10", seed, accuracies: vec![("ori-test", test)] },
            Run {
                name: "cifar100",
                seed,
                accuracies: vec![("ori-test", 3.0), ("x-valid", valid), ("x-test", test)],
            },
        ]
    };
    let runs: Vec<Run> = long(999, 80.0, 81.0).into_iter().chain(long(777, 82.0, 83.0)).collect();
    let short =
        [Run { name: "cifar10-valid", seed: 111, accuracies: vec![("x-valid", 50.0), ("ori-test", 2.0)] }];
    whole(&record([("12", training(cell, 12, &short)), ("200", training(cell, 200, &runs))]))
}

fn write(folder: &Path, name: &str, pickle: &[u8]) {
    fs::write(folder.join(name), bzip2(pickle)).unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("meta.pickle.pbz2"), meta()).unwrap();
    write(folder.path(), "000007.pickle.pbz2", &cell_file(7));
    write(folder.path(), "12.pickle.pbz2", &cell_file(12));
    folder
}

#[test]
fn each_figure_comes_from_its_run() {
    let folder = folder();
    fs::write(folder.path().join("README.txt"), "not a cell").unwrap();
    fs::write(folder.path().join("099999.pickle.pbz2"), "no such cell").unwrap();
    let (table, report) = import::nats_bench(folder.path()).unwrap();
    assert_eq!((report.cells, report.absent), (2, cell::CELLS - 2));
    assert_eq!(report.ignored, ["099999.pickle.pbz2", "README.txt"]);
    assert!(report.damaged.is_empty());
    assert!(table.provenance().notes[0].contains("no file for 15623 of 15625 cells"));

    let values = |dataset, epochs, quantity| {
        table.runs(dataset, epochs, quantity).map(|runs| runs.values(7).collect::<Vec<f64>>())
    };
    let c10 = Dataset::Cifar10;
    // In the order of the seeds, not of the file.
    assert_eq!(values(c10, E200, Quantity::ValidAccuracy).unwrap(), [82.0, 80.0]);
    assert_eq!(values(c10, E200, Quantity::TestAccuracy).unwrap(), [83.0, 81.0]);
    assert_eq!(values(c10, E12, Quantity::ValidAccuracy).unwrap(), [50.0]);
    assert_eq!(values(c10, E12, Quantity::TestAccuracy), None);
    assert_eq!(values(c10, E200, Quantity::TrainSeconds).unwrap(), [100.0]);
    assert_eq!(values(c10, E12, Quantity::TrainSeconds).unwrap(), [6.0]);
    assert_eq!(values(c10, E200, Quantity::Latency).unwrap(), [1.0]);
    assert_eq!(values(c10, E200, Quantity::Parameters).unwrap(), [0.1]);
    assert_eq!(values(c10, E200, Quantity::Flops).unwrap(), [15.647_37]);
    assert_eq!(values(Dataset::Cifar100, E200, Quantity::ValidAccuracy).unwrap(), [82.0, 80.0]);
    assert_eq!(values(Dataset::Cifar100, E200, Quantity::TestAccuracy).unwrap(), [83.0, 81.0]);
    assert_eq!(values(Dataset::ImageNet16, E200, Quantity::ValidAccuracy), None);

    let seeds: Vec<Seed> = table
        .runs(c10, E200, Quantity::TestAccuracy)
        .unwrap()
        .columns()
        .iter()
        .map(|column| column.key().seed)
        .collect();
    let one = |index, number| Seed::One { index, number: Some(number) };
    assert_eq!(seeds, [one(0, 777), one(1, 999)]);
    for column in table.columns() {
        assert_eq!(column.present(), 2);
        assert_eq!(column.get(8), None, "{}", column.key());
        assert_eq!(column.get(7), column.get(12));
    }
}

#[test]
fn threads_change_nothing_and_progress_is_told() {
    let folder = folder();
    let calls = AtomicUsize::new(0);
    let progress = |done: usize, all: usize| {
        assert!(done <= all && all == 2);
        calls.fetch_add(1, Ordering::Relaxed);
    };
    let import = |threads| {
        let options = NatsOptions { threads, progress: Some(&progress), ..NatsOptions::default() };
        import::nats_bench_with(folder.path(), &options).unwrap().0.to_bytes().unwrap()
    };
    assert!(import(1) == import(4));
    assert_eq!(calls.into_inner(), 4);
}

#[test]
fn a_damaged_file_is_an_error_unless_told_otherwise() {
    let folder = folder();
    let path = folder.path().join("000003.pickle.pbz2");
    let mut packed = bzip2(&cell_file(3));
    let middle = packed.len() / 2;
    packed[middle] ^= 0x55;
    fs::write(&path, packed).unwrap();
    let error = import::nats_bench(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.to_string().contains("000003.pickle.pbz2"), "{error}");

    let options = NatsOptions { damaged: DamagedFiles::Skip, ..NatsOptions::default() };
    let (table, report) = import::nats_bench_with(folder.path(), &options).unwrap();
    assert_eq!((report.cells, report.damaged.len(), report.absent), (2, 1, cell::CELLS - 3));
    assert!(report.damaged[0].0.ends_with("000003.pickle.pbz2"));
    assert!(table.columns().iter().all(|column| column.get(3).is_none()));
    let notes = table.provenance().notes.join("\n");
    assert!(notes.contains("1 damaged files were left out: 000003.pickle.pbz2"), "{notes}");
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_place() {
    let folder = folder();
    let refused = |pickle: &[u8], expected: &str| {
        write(folder.path(), "000003.pickle.pbz2", pickle);
        let error = import::nats_bench(folder.path()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("000003.pickle.pbz2"), "{error}");
    };
    refused(&cell_file(4), "not 3, the number in the file's name");
    refused(&whole(b"}"), "no \"12\" and no \"200\"");
    refused(b"cos\nsystem\n.", "`os.system` is not allowed");
    let with = |results: Pickled| {
        let archive = text(&cell::to_official(3));
        whole(&record([(
            "200",
            record([("arch_index", int(3)), ("arch_str", archive), ("all_results", results)]),
        )]))
    };
    refused(&with(none()), "\"200\" / \"all_results\": not a dict");
    refused(&with(dict([(text("cifar100"), none())])), "a key that is not (data set, seed)");
    let results = |fields: Pickled| with(dict([(pair(&text("cifar100"), &int(777)), fields)]));
    refused(&results(record([("epochs", int(90))])), "\"200\" / (\"cifar100\", 777) / \"epochs\": not 200");
    refused(
        &results(record([("epochs", int(200)), ("latency", int(3))])),
        "\"latency\": not a list of numbers",
    );
    let short = dict([(int(0), float(1.0))]);
    refused(&results(record([("epochs", int(200)), ("train_times", short)])), "an epoch without a time");
    let beyond = dict([(int(200), float(1.0))]);
    refused(
        &results(record([("epochs", int(200)), ("train_times", beyond)])),
        "an epoch that the training has not",
    );
    let nan = record([("epochs", int(200)), ("params", float(f64::NAN))]);
    refused(&results(nan), "not a finite number");
    // Nothing but its length is missing, not wrong.
    write(folder.path(), "000003.pickle.pbz2", &results(record([("epochs", int(200))])));
    let (table, report) = import::nats_bench(folder.path()).unwrap();
    assert_eq!(report.cells, 3);
    assert!(table.columns().iter().all(|column| column.get(3).is_none()));
}

#[test]
fn a_folder_that_is_another_is_refused() {
    let folder = folder();
    fs::copy(folder.path().join("12.pickle.pbz2"), folder.path().join("000012.pickle.pbz2")).unwrap();
    let error = import::nats_bench(folder.path()).unwrap_err();
    assert!(error.to_string().contains("cell 12 has another file"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(import::nats_bench(empty.path()), Err(ImportError::Missing { .. })));
    fs::write(empty.path().join("meta.pickle.pbz2"), meta()).unwrap();
    assert!(matches!(import::nats_bench(empty.path()), Err(ImportError::Missing { .. })));
    // The size space's list of cells.
    write(empty.path(), "meta.pickle.pbz2", &whole(&record([("meta_archs", list([text("8:8:8:8:8")]))])));
    assert_eq!(import::nats_bench(empty.path()).unwrap_err().kind(), ErrorKind::Damaged);
}

#[test]
fn the_official_sample_agrees_with_the_embedded_table() {
    let Some(folder) = support::nats_sample() else { return };
    let (table, report) = import::nats_bench(&folder).unwrap();
    assert_eq!((report.cells, report.absent), (2, cell::CELLS - 2));
    let ours = embedded();
    for cell in 0..cell::CELLS {
        assert_eq!(table.official_index(cell), ours.official_index(cell));
    }
    for official in [0, 11] {
        let cell = table.cell_at_official(official).unwrap();
        for dataset in Dataset::ALL {
            let both = |quantity| {
                let of = |table: &Table| -> Vec<f64> {
                    table.runs(dataset, E200, quantity).unwrap().values(cell).collect()
                };
                (of(&table), of(ours))
            };
            // Three results each, in the order of the seeds 777, 888, 999: all that is known of the package's order.
            let (theirs, embedded) = both(Quantity::ValidAccuracy);
            assert_eq!(theirs.len(), 3);
            assert_eq!(theirs, embedded);
            let (theirs, embedded) = both(Quantity::TrainSeconds);
            assert_eq!(theirs, embedded);
            let (theirs, embedded) = both(Quantity::Latency);
            assert_eq!(theirs, embedded);
            let (theirs, embedded) = both(Quantity::Parameters);
            assert!(embedded.iter().all(|value| theirs == [*value]));
        }
    }
}

/// Read out of the sample's pickles by Python: `eval_acc1es["..@11"]`, `["..@199"]`, `sum(train_times)`, `flop`.
#[test]
fn the_official_sample_reads_as_python_reads_it() {
    let Some(folder) = support::nats_sample() else { return };
    let (table, _) = import::nats_bench(&folder).unwrap();
    let (zero, eleven) = (table.cell_at_official(0).unwrap(), table.cell_at_official(11).unwrap());
    let values = |dataset, epochs, quantity, cell| {
        let runs = table.runs(dataset, epochs, quantity).unwrap();
        runs.values(cell).collect::<Vec<f64>>()
    };
    let (c10, c100, imagenet) = (Dataset::Cifar10, Dataset::Cifar100, Dataset::ImageNet16);
    let (valid, test) = (Quantity::ValidAccuracy, Quantity::TestAccuracy);
    // Seeds 111 and 777 of the short training; its other runs have seed 111 only.
    assert_eq!(values(c10, E12, valid, zero), [64.016, 62.712]);
    assert_eq!(values(c10, E12, test, zero), [69.55]);
    assert_eq!(values(c100, E12, valid, zero), [31.84]);
    assert_eq!(values(c100, E12, test, eleven), [32.76]);
    // Of CIFAR-10 the test accuracy of the training on all images: 85.62, not 81.52.
    assert_eq!(values(c10, E200, test, zero), [85.62, 86.18, 85.79]);
    assert_eq!(values(c100, E200, test, eleven), [66.86, 67.68, 68.28]);
    assert_eq!(values(imagenet, E200, test, zero), [811.0 / 30.0, 773.0 / 30.0, 813.0 / 30.0]);
    assert_eq!(values(c10, E12, Quantity::TrainSeconds, zero), [86.653_115_987_777_71]);
    assert_eq!(values(c10, E200, Quantity::Flops, zero), [15.647_37]);
    assert_eq!(values(c100, E200, Quantity::Flops, eleven), [113.957_22]);
    assert_eq!(values(imagenet, E12, Quantity::Flops, eleven), [28.495_48]);
    let seed = |quantity, position: usize| {
        let runs = table.runs(c10, E12, quantity).unwrap();
        runs.columns().get(position).map(|column| column.key().seed)
    };
    assert_eq!(seed(valid, 0), Some(Seed::One { index: 0, number: Some(111) }));
    assert_eq!(seed(valid, 1), Some(Seed::One { index: 1, number: Some(777) }));
    assert_eq!(seed(test, 0), Some(Seed::One { index: 0, number: Some(111) }));
    assert!(table.columns().iter().all(|column| column.max_error() < 2e-7));
}
