//! Optuna: SQLite storages and journal files.
//!
//! Facts of the formats are from the packages optuna 3.6.2, 4.9.0 and 5.0.0: `optuna/storages/_rdb/models.py` (tables),
//! `optuna/storages/journal/_storage.py` (records of a journal; `_journal/storage.py` in 3.6),
//! `optuna/distributions.py` (parameters), `optuna/study/_dataframe.py` (names of values). The tables are the same in
//! all three (revision `v3.2.0.a`); storages of 2.4 and later differ from them in columns that are asked for here.
//! Which of the two a file is, its first bytes say.
//!
//! | Optuna | here |
//! |---|---|
//! | a study | a [`Log`] |
//! | a categorical or integer parameter, a float with a step | a decision with its full list of options |
//! | an integer with more than [`Options::MOST`](crate::decisions::Options::MOST) values | the values seen, or left out as continuous if most were drawn once |
//! | a float without a step | left out, and named in a note |
//! | a parameter that some finished trials lack | its absence is an option |
//! | `COMPLETE` | ok; failed where the value is no finite number |
//! | `FAIL` | failed |
//! | `PRUNED` | interrupted: its last intermediate value is a score of fewer epochs than the others' |
//! | `RUNNING` | interrupted |
//! | `WAITING` | left out: nothing was chosen yet |
//! | a trial that ended before it had drawn what every finished trial has | left out: it has no vector |
//! | `datetime_start`, `datetime_complete` | started and finished |
//! | who wrote the trial's end into a journal | its worker |
//!
//! **Submitted.** Optuna draws parameters when a trial starts, so a trial is submitted when it starts. Only where it was
//! enqueued with parameters (`fixed_params`) its submission is unknown.
//!
//! **Times** have no zone in storages (local time up to 4, UTC from 5) and in journals up to 4. They only count from the
//! first, so the zone does not matter. A journal that was begun by one version and continued by another has both
//! kinds, which cannot be compared: its times are left out, and the order of its records is that of the evaluations.
//!
//! **Parents.** Optuna's samplers record none. NSGA-II and NSGA-III record a trial's generation and the population that
//! each generation was drawn from, out of which any two may be the parents; that is said in a note. A search that knows
//! its parents can say so: a trial's user attribute `parent` with the number of an earlier trial is read.
//!
//! **Rows** in messages about trials are Optuna's own numbers, which begin at 0.
//!
//! **A database is read in memory**, out of the bytes of its file, instead of being opened where it stands: nothing is
//! locked, no file appears beside it, and whatever its triggers and views say is not run. What is not in the file
//! itself is missing then, so an unfinished `-wal` or `-journal` beside it is an error.

mod distribution;
mod journal;
mod sqlite;
mod study;
mod vectors;

use crate::{ImportError, Log, ReadOptions};
use std::fs;
use std::path::{Path, PathBuf};

const FORMAT: &str = "Optuna";

pub(crate) fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let mut logs = Vec::new();
    for path in paths {
        let bytes = fs::read(path).map_err(ImportError::unreadable(path))?;
        sqlite::check_companions(path, &bytes)?;
        logs.extend(parse(path, &bytes, options)?);
    }
    Ok(logs)
}

/// The studies in the bytes of an SQLite storage or of a journal file; `path` is for messages.
pub(crate) fn parse(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let studies = if bytes.starts_with(sqlite::MAGIC) {
        sqlite::studies(path, bytes)?
    } else if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        journal::studies(path, bytes)?
    } else {
        let reason = if bytes.is_empty() {
            "it is empty"
        } else {
            "it is neither an SQLite database nor a journal file"
        };
        return Err(wrong(path, reason));
    };
    study::logs(path, studies, options)
}

fn wrong(path: &Path, reason: impl Into<String>) -> ImportError {
    ImportError::Format { path: path.to_owned(), format: FORMAT, reason: reason.into() }
}

/// An error of one trial.
fn wrong_trial(
    path: &Path,
    number: u64,
    column: impl Into<String>,
    reason: impl Into<String>,
) -> ImportError {
    ImportError::Row {
        path: path.to_owned(),
        place: "trial",
        row: number,
        column: Some(column.into()),
        reason: reason.into(),
    }
}
