//! The official folder of NATS-Bench's topology search space.

use super::{
    bounded,
    error::ImportError,
    record::{self, CellRecord},
};
use crate::{
    builder::{SeedLabel, TableBuilder},
    cell::{self, CELLS},
    pickle::Value,
    table::{Provenance, Table},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

const META: &str = "meta.pickle.pbz2";
const SUFFIX: &str = ".pickle.pbz2";

/// A cell's file has some 85 kB packed.
const MAX_FILE: usize = 16 << 20;

/// What to do about a file that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DamagedFiles {
    /// The import fails, so that no damage goes unnoticed.
    #[default]
    Fail,
    /// The cell is missing in the table; the report and the table's notes name the file.
    Skip,
}

/// How to import a folder.
#[derive(Clone, Copy, Default)]
pub struct NatsOptions<'a> {
    /// What to do about a file that cannot be read.
    pub damaged: DamagedFiles,
    /// Threads that unpack; 0 means as many as the machine has. The table does not depend on it.
    pub threads: usize,
    /// Called from any thread after each file, with the files done and their number in all.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

/// What an import found.
#[derive(Debug)]
pub struct ImportReport {
    /// Cells whose files were read.
    pub cells: u16,
    /// Cells without a file; they are missing in the table.
    pub absent: u16,
    /// Files that could not be read, with the reason, in the order of their names. Empty unless
    /// [`DamagedFiles::Skip`] was asked for.
    pub damaged: Vec<(String, ImportError)>,
    /// Entries of the folder that are no cell's file, and were left alone; in the order of their names.
    pub ignored: Vec<String>,
}

/// Imports a folder `NATS-tss-v1_0-3ffb9-simple`, whole or in part. A damaged file is an error.
pub fn nats_bench(folder: &Path) -> Result<(Table, ImportReport), ImportError> {
    nats_bench_with(folder, &NatsOptions::default())
}

/// Imports a folder `NATS-tss-v1_0-3ffb9-simple`, whole or in part.
///
/// The whole folder is 1.3 GB of bzip2, so unpacking is shared out over threads. Seeds are the real ones, and a
/// column's index is its seed's rank; see [`Seed`](crate::Seed).
pub fn nats_bench_with(
    folder: &Path,
    options: &NatsOptions<'_>,
) -> Result<(Table, ImportReport), ImportError> {
    let order = read_meta(folder)?;
    let (files, ignored) = list(folder)?;
    if files.is_empty() {
        return Err(ImportError::Missing {
            folder: folder.display().to_string(),
            file: "000000.pickle.pbz2",
        });
    }
    let records = read_all(&files, &order, options);

    let mut builder = TableBuilder::new(Provenance {
        source: "NATS-Bench, topology search space, v1_0-3ffb9 (simple)".to_owned(),
        licence: "MIT (NATS-Bench)".to_owned(),
        sha256: None,
        notes: Vec::new(),
    });
    let table_error = |file: &str| {
        let file = file.to_owned();
        move |source| ImportError::Table { file, source }
    };
    let folder_name = folder.display().to_string();
    let mut report = ImportReport { cells: 0, absent: 0, damaged: Vec::new(), ignored };
    // BTreeMap order: by official index, so the same folder gives the same first error and the same table.
    for ((_, path), record) in files.iter().zip(records) {
        let name = path.display().to_string();
        match record.unwrap_or_else(|| Err(abandoned(&name))) {
            Ok(record) => {
                report.cells += 1;
                for figure in record.figures {
                    let seed = SeedLabel::Number(figure.seed);
                    builder
                        .record(
                            figure.dataset,
                            figure.epochs,
                            figure.quantity,
                            seed,
                            record.cell,
                            figure.value,
                        )
                        .map_err(table_error(&name))?;
                }
            }
            Err(error) if options.damaged == DamagedFiles::Skip => report.damaged.push((name, error)),
            Err(error) => return Err(error),
        }
    }
    report.absent = CELLS.saturating_sub(u16::try_from(files.len()).unwrap_or(CELLS));
    if report.absent > 0 {
        builder
            .note(format!("the folder has no file for {} of {CELLS} cells; they are missing", report.absent));
    }
    if !report.damaged.is_empty() {
        let count = report.damaged.len();
        let names: Vec<String> = report.damaged.iter().take(20).map(|(name, _)| file_name(name)).collect();
        let more = if count > names.len() { " and others" } else { "" };
        builder.note(format!("{count} damaged files were left out: {}{more}", names.join(", ")));
    }
    builder.official_order(order).map_err(table_error(&folder_name))?;
    let table = builder.finish().map_err(table_error(&folder_name))?;
    Ok((table, report))
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Only an error that comes before it in the order leaves a file unread, so this one is never the first.
fn abandoned(name: &str) -> ImportError {
    ImportError::Unpack {
        file: name.to_owned(),
        problem: "not read, because another file was damaged".to_owned(),
    }
}

/// The cells by official index.
fn read_meta(folder: &Path) -> Result<Vec<u16>, ImportError> {
    let path = folder.join(META);
    let name = path.display().to_string();
    let packed = match bounded::file(&path, &name, MAX_FILE) {
        Err(ImportError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(ImportError::Missing { folder: folder.display().to_string(), file: META });
        }
        other => other?,
    };
    let bytes = bounded::bzip2(&packed, &name)?;
    let pickle = bounded::unpickle(&bytes, &name)?;
    let shape = |problem: String| ImportError::Shape {
        file: name.clone(),
        place: "\"meta_archs\"".to_owned(),
        problem,
    };
    let list = pickle.root().get("meta_archs");
    let list = list.as_ref().and_then(Value::items).ok_or_else(|| shape("not a list".to_owned()))?;
    let cells: Option<Vec<u16>> = list.map(|text| cell::from_official(text.as_str()?)).collect();
    let cells = cells.ok_or_else(|| shape("an entry that is not a cell of NAS-Bench-201".to_owned()))?;
    if cells.len() != usize::from(CELLS) {
        return Err(shape(format!("{} cells where {CELLS} are due", cells.len())));
    }
    Ok(cells)
}

/// The cells' files by official index, and the names of everything else.
fn list(folder: &Path) -> Result<(BTreeMap<u16, PathBuf>, Vec<String>), ImportError> {
    let failed = |source| ImportError::Io { file: folder.display().to_string(), source };
    let mut files = BTreeMap::new();
    let mut ignored = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(SUFFIX).filter(|stem| stem.bytes().all(|byte| byte.is_ascii_digit()));
        match stem.and_then(|stem| stem.parse::<u16>().ok()).filter(|index| *index < CELLS) {
            // The official tool writes `000012` and reads `12` too. One cell must not have two files.
            Some(index) => {
                if let Some(other) = files.insert(index, entry.path()) {
                    return Err(ImportError::Shape {
                        file: entry.path().display().to_string(),
                        place: "its name".to_owned(),
                        problem: format!("cell {index} has another file, `{}`; remove one", other.display()),
                    });
                }
            }
            None if name == META => {}
            None => ignored.push(name),
        }
    }
    ignored.sort_unstable();
    Ok((files, ignored))
}

type Read = Result<CellRecord, ImportError>;

/// Reads every file, in the order of the map. After an error the files behind it may be left unread (`None`),
/// those before it never: files are taken up in order, and what was taken up is finished.
fn read_all(files: &BTreeMap<u16, PathBuf>, order: &[u16], options: &NatsOptions<'_>) -> Vec<Option<Read>> {
    let files: Vec<(u16, &PathBuf)> = files.iter().map(|(index, path)| (*index, path)).collect();
    let threads = match options.threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let work = || {
        let mut read = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(index, path)) = files.get(place) else {
                break;
            };
            let record = read_cell(path, index, order);
            if record.is_err() && options.damaged == DamagedFiles::Fail {
                stop.store(true, Ordering::Relaxed);
            }
            read.push((place, record));
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if let Some(progress) = options.progress {
                progress(done, files.len());
            }
        }
        read
    };
    let mut records: Vec<Option<Read>> = std::iter::repeat_with(|| None).take(files.len()).collect();
    thread::scope(|scope| {
        let workers: Vec<_> = (1..threads.clamp(1, files.len())).map(|_| scope.spawn(work)).collect();
        let mut read = work();
        for worker in workers {
            // A worker only panics if the caller's progress function does.
            read.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        for (place, record) in read {
            records[place] = Some(record);
        }
    });
    records
}

fn read_cell(path: &Path, index: u16, order: &[u16]) -> Read {
    let name = path.display().to_string();
    let packed = bounded::file(path, &name, MAX_FILE)?;
    let bytes = bounded::bzip2(&packed, &name)?;
    let pickle = bounded::unpickle(&bytes, &name)?;
    let shape = |(place, problem)| ImportError::Shape { file: name.clone(), place, problem };
    let record = record::read(pickle.root(), index).map_err(shape)?;
    if order.get(usize::from(index)) != Some(&record.cell) {
        let problem = format!("not cell {index} of `{META}`");
        return Err(shape(("\"arch_str\"".to_owned(), problem)));
    }
    Ok(record)
}
