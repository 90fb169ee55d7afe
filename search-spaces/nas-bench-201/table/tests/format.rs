//! The file format: round trips, damage, and tables that make no sense.

use lamarck_nas_bench_201_table::{
    Dataset, Encoding, Epochs, ErrorKind, Provenance, Quantity, SeedLabel, Table, TableBuilder, TableError,
    cell, embedded_bytes,
};
use proptest::prelude::*;
use std::{fs, path::Path, sync::OnceLock};
use xxhash_rust::xxh3::xxh3_128;

fn builder() -> TableBuilder {
    TableBuilder::new(Provenance {
        source: "test".to_owned(),
        licence: "none".to_owned(),
        sha256: None,
        notes: vec![],
    })
}

const C10: Dataset = Dataset::Cifar10;
const E200: Epochs = Epochs::TwoHundred;

/// A small sound file, for damage.
fn small() -> Vec<u8> {
    static SMALL: OnceLock<Vec<u8>> = OnceLock::new();
    SMALL.get_or_init(build_small).clone()
}

fn build_small() -> Vec<u8> {
    let mut builder = builder();
    for cell in 0..50 {
        let seed = SeedLabel::Number(777);
        builder.record(C10, E200, Quantity::ValidAccuracy, seed, cell, f64::from(cell)).unwrap();
        builder.record(C10, E200, Quantity::TrainSeconds, seed, cell, 0.1 * f64::from(cell)).unwrap();
        builder
            .record(Dataset::Cifar100, E200, Quantity::TrainSeconds, seed, cell, 0.2 * f64::from(cell))
            .unwrap();
    }
    builder.official_order((0..cell::CELLS).rev().collect()).unwrap();
    builder.finish().unwrap().to_bytes().unwrap()
}

/// The same bytes with a checksum that fits them, so that what lies behind the checksum is tested.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 16;
    let checksum = xxh3_128(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

/// `bytes` with `from` replaced by `to` in the header.
fn with_header(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let length = usize::try_from(u32::from_le_bytes(bytes[12..16].try_into().unwrap())).unwrap();
    let header = std::str::from_utf8(&bytes[16..16 + length]).unwrap();
    assert!(header.contains(from), "{header}");
    let header = header.replacen(from, to, 1);
    let new_length = u32::try_from(header.len()).unwrap().to_le_bytes();
    resealed([&bytes[..12], &new_length, header.as_bytes(), &bytes[16 + length..]].concat())
}

#[test]
fn damage_is_named() {
    let bytes = small();
    assert!(Table::read(&bytes).is_ok());
    let kind = |bytes: &[u8]| Table::read(bytes).unwrap_err();
    assert!(matches!(kind(b""), TableError::NotATable));
    assert!(matches!(kind(b"PAR1 and more than sixteen bytes"), TableError::NotATable));
    assert!(matches!(kind(&bytes[..10]), TableError::Truncated { .. }));
    assert!(matches!(kind(&bytes[..40]), TableError::Truncated { .. }));
    for cut in [1, 16, 100] {
        assert!(matches!(kind(&bytes[..bytes.len() - cut]), TableError::Checksum { .. }), "{cut}");
    }
    assert!(matches!(kind(&[&bytes[..], b"x"].concat()), TableError::Checksum { .. }));
    let mut version = bytes.clone();
    version[8] = 2;
    let error = Table::read(&resealed(version)).unwrap_err();
    assert!(matches!(error, TableError::Version { found: 2, known: 1 }));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let mut file = bytes;
    file.resize(lamarck_nas_bench_201_table::MAX_FILE + 1, 0);
    assert_eq!(kind(&file).kind(), ErrorKind::TooLarge);
}

#[test]
fn a_header_that_contradicts_itself_is_named() {
    let bytes = small();
    for (from, to, expected) in [
        ("\"per_unit\":250", "\"per_unit\":0", "counts in units of 0"),
        ("\"of\":1", "\"of\":2", "multiple of column 2"),
        ("\"of\":1", "\"of\":0", "multiple of column 0"),
        ("\"epochs\":200", "\"epochs\":90", "no training of 90 epochs"),
        ("\"offset\":0", "\"offset\":99999999", "outside the file"),
        ("\"length\":", "\"length\":1", "outside the file"),
        ("\"cifar100\"", "\"cifar10\"", "out of order"),
        ("{\"counts\":{\"per_unit\":250}}", "\"real\"", "62500 bytes unpacked where 125000 are due"),
        ("\"real\"", "{\"counts\":{\"per_unit\":7}}", "zstd"),
        ("\"max_error\":0.0", "\"max_error\":-1.0", "largest error"),
        ("{\"provenance\"", "{\"provenience\"", "provenance"),
    ] {
        let error = Table::read(&with_header(&bytes, from, to)).unwrap_err();
        assert!(error.to_string().contains(expected), "{from} -> {to}: {error}");
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
}

#[test]
fn writing_is_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.lnb");
    fs::write(&path, "what was there before").unwrap();
    let table = Table::read(&small()).unwrap();
    table.write(&path).unwrap();
    assert_eq!(Table::open(&path).unwrap().checksum(), table.checksum());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");

    // Whoever can read a new file of the writer's can read a table.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let other = folder.path().join("other");
        fs::write(&other, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&other));
    }

    let nowhere = folder.path().join("no such folder/table.lnb");
    let error = table.write(&nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("no such folder"), "{error}");
    assert_eq!(Table::open(&nowhere).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn the_checksum_is_of_the_figures() {
    let build = |value, note: &str| {
        let mut builder = builder();
        builder.record(C10, E200, Quantity::Latency, SeedLabel::Number(777), 3, value).unwrap();
        builder.note(note);
        builder.finish().unwrap().checksum()
    };
    assert_eq!(build(0.5, "one note"), build(0.5, "another"));
    assert_ne!(build(0.5, ""), build(0.25, ""));
}

#[test]
fn values_that_make_no_sense_are_refused() {
    let mut builder = builder();
    let mut refused = |quantity, cell, value| {
        let error = builder.record(C10, E200, quantity, SeedLabel::Position(0), cell, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    };
    refused(Quantity::ValidAccuracy, 0, f64::NAN);
    refused(Quantity::ValidAccuracy, 0, f64::INFINITY);
    refused(Quantity::ValidAccuracy, 0, 100.1);
    refused(Quantity::TrainSeconds, 0, -1.0);
    refused(Quantity::TrainSeconds, cell::CELLS, 1.0);
    let mut record = |value| builder.record(C10, E200, Quantity::Latency, SeedLabel::Position(0), 7, value);
    record(0.5).unwrap();
    record(0.5).unwrap();
    assert_eq!(record(0.75).unwrap_err().kind(), ErrorKind::Invalid);

    let mut builder = self::builder();
    assert!(builder.official_order(vec![0; usize::from(cell::CELLS)]).is_err());
    assert!(builder.official_order(vec![0, 1, 2]).is_err());
    let mut with_seed =
        |quantity, seed| builder.record(C10, E200, quantity, SeedLabel::Number(seed), 0, 50.0);
    for seed in 0..8 {
        with_seed(Quantity::ValidAccuracy, seed).unwrap();
    }
    assert_eq!(with_seed(Quantity::ValidAccuracy, 8).unwrap_err().kind(), ErrorKind::TooLarge);
    // A ninth seed by way of another quantity.
    with_seed(Quantity::TestAccuracy, 8).unwrap();
    assert_eq!(builder.finish().unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn seeds_are_ranked_and_shared_columns_are_merged() {
    let mut builder = builder();
    for (cell, seed, accuracy, seconds) in
        [(4, 999, 90.0, 10.0), (4, 777, 91.0, 10.0), (5, 888, 92.004, 11.0), (5, 777, 93.0, 11.0)]
    {
        let seed = SeedLabel::Number(seed);
        builder.record(C10, E200, Quantity::ValidAccuracy, seed, cell, accuracy).unwrap();
        builder.record(C10, E200, Quantity::TrainSeconds, seed, cell, seconds).unwrap();
        // Equal latencies but for one cell and seed: no shared column.
        let latency = if (cell, seed) == (5, SeedLabel::Number(888)) { 2.0 } else { 1.0 };
        builder.record(C10, E200, Quantity::Latency, seed, cell, latency).unwrap();
    }
    let table = builder.finish().unwrap();
    let names: Vec<String> = table.columns().iter().map(|column| column.key().to_string()).collect();
    assert_eq!(
        names,
        [
            "cifar10/200/valid-accuracy/seed-777",
            "cifar10/200/valid-accuracy/seed-888",
            "cifar10/200/valid-accuracy/seed-999",
            "cifar10/200/train-seconds/all-seeds",
            "cifar10/200/latency/seed-777",
            "cifar10/200/latency/seed-888",
            "cifar10/200/latency/seed-999",
        ]
    );
    let accuracy = table.runs(C10, E200, Quantity::ValidAccuracy).unwrap();
    assert_eq!((0..3).map(|seed| accuracy.get(4, seed)).collect::<Vec<_>>(), [Some(91.0), None, Some(90.0)]);
    assert_eq!(accuracy.values(5).collect::<Vec<_>>(), [93.0, 92.004]);
    assert_eq!(accuracy.mean(4), Some(90.5));
    assert_eq!((accuracy.mean(6), accuracy.count(6), accuracy.disagree(6)), (None, 0, false));
    assert!(table.runs(C10, E200, Quantity::Latency).unwrap().disagree(5));
}

#[test]
fn what_is_no_count_stays_as_it_is() {
    let mut builder = builder();
    builder.record(C10, E200, Quantity::ValidAccuracy, SeedLabel::Number(777), 0, 50.001).unwrap();
    let table = builder.finish().unwrap();
    assert_eq!(table.columns()[0].encoding(), Encoding::Real);
    let again = Table::read(&table.to_bytes().unwrap()).unwrap();
    assert_eq!(again.columns()[0].get(0), Some(50.001));
    assert_eq!((again.columns()[0].get(1), again.columns()[0].present()), (None, 1));
}

#[test]
fn times_that_are_no_multiple_stay_as_they_are() {
    for (cell, seconds) in [(0, 3.1), (1, 2.0)] {
        let mut builder = builder();
        let seed = SeedLabel::Number(777);
        builder.record(C10, E200, Quantity::TrainSeconds, seed, 0, 1.5).unwrap();
        builder.record(Dataset::Cifar100, E200, Quantity::TrainSeconds, seed, cell, seconds).unwrap();
        let table = builder.finish().unwrap();
        assert_eq!(table.columns()[1].encoding(), Encoding::Real, "cell {cell}");
        assert_eq!(table.columns()[1].get(cell), Some(seconds));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200), magic: bool) {
        let magic: &[u8] = if magic { &lamarck_nas_bench_201_table::MAGIC } else { b"" };
        prop_assert!(Table::read(&[magic, &bytes].concat()).is_err());
    }

    #[test]
    fn one_wrong_byte_anywhere_is_found(place in 0..embedded_bytes().len(), flip in 1_u8..) {
        let mut bytes = embedded_bytes().to_vec();
        bytes[place] ^= flip;
        prop_assert!(Table::read(&bytes).is_err());
    }

    #[test]
    fn a_wrong_byte_behind_a_fitting_checksum_never_panics(place in 0_usize..4_000, flip in 1_u8..) {
        let mut bytes = small();
        let end = bytes.len() - 16;
        bytes[place % end] ^= flip;
        // Some bytes are notes or unused bits; a table is fine, a panic is not.
        if let Ok(table) = Table::read(&resealed(bytes)) {
            prop_assert!(table.columns().len() <= 3);
        }
    }
}

proptest! {
    // Packing is slow on purpose.
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_table_goes_there_and_back(
        results in proptest::collection::vec((0..3_usize, 0..6_usize, 0..3_u16, 0..cell::CELLS, 0..2_000_000_u32), 0..60)
    ) {
        let mut builder = builder();
        let mut kept = Vec::new();
        for (dataset, quantity, seed, cell, value) in results {
            let (dataset, quantity) = (Dataset::ALL[dataset], Quantity::ALL[quantity]);
            let value = if quantity.is_accuracy() { f64::from(value % 10_001) / 100.0 } else { f64::from(value) / 1e6 };
            if builder.record(dataset, E200, quantity, SeedLabel::Number(seed), cell, value).is_ok() {
                kept.push((dataset, quantity, cell, value));
            }
        }
        let table = builder.finish().unwrap();
        let read = Table::read(&table.to_bytes().unwrap()).unwrap();
        prop_assert_eq!(read.checksum(), table.checksum());
        for (dataset, quantity, cell, value) in kept {
            let runs = read.runs(dataset, E200, quantity).unwrap();
            prop_assert!(runs.values(cell).any(|found| (found - value).abs() < 1e-12));
        }
    }
}
