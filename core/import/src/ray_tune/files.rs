//! Which files make a run.

use super::wrong;
use crate::error::ImportError;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A trial's file, read.
pub(super) struct TrialFile {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// `params.json` beside it.
    pub(super) params: Option<(PathBuf, Vec<u8>)>,
    /// Whether `error.txt` is beside it.
    pub(super) failed: bool,
}

/// What was found under the paths that were given.
#[derive(Default)]
pub(super) struct Found {
    /// Tables of all trials.
    pub(super) tables: Vec<PathBuf>,
    /// All trials' files, which are one run.
    pub(super) trials: Vec<TrialFile>,
    /// How many trials left an empty file: they failed before their first report, or had just begun.
    pub(super) silent: u64,
    /// The experiment's folder, for the name of that run.
    pub(super) name: String,
}

pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    fs::read(path).map_err(ImportError::unreadable(path))
}

/// Sorts what was given into tables and trials' files; folders are looked into, one below the other.
pub(super) fn find(paths: &[PathBuf]) -> Result<Found, ImportError> {
    let mut found = Found::default();
    let mut files = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            files.extend(of_trial(path));
            for entry in entries(path)?.into_iter().filter(|entry| entry.is_dir()) {
                files.extend(of_trial(&entry));
            }
            if files.len() == before {
                return Err(wrong(
                    path,
                    "no `result.json` or `progress.csv` is in the folder or in a folder of it",
                ));
            }
        } else if is_trials(path) {
            files.insert(path.clone());
        } else {
            found.tables.push(path.clone());
        }
    }
    let of_json: BTreeSet<PathBuf> = files
        .iter()
        .filter(|path| path.ends_with("result.json"))
        .filter_map(|path| path.parent())
        .map(Path::to_owned)
        .collect();
    for path in files {
        // Both files of a trial say the same, and one says more.
        if path.ends_with("progress.csv") && path.parent().is_some_and(|folder| of_json.contains(folder)) {
            continue;
        }
        let bytes = bytes(&path)?;
        let failed = path.with_file_name("error.txt").exists();
        if bytes.trim_ascii().is_empty() {
            found.silent += 1;
            continue;
        }
        let beside = path.with_file_name("params.json");
        let params = if beside.exists() { Some((beside.clone(), self::bytes(&beside)?)) } else { None };
        if found.name.is_empty() {
            let folder = path.parent().and_then(Path::parent).and_then(Path::file_name);
            found.name =
                folder.map_or_else(|| "ray-tune".to_owned(), |name| name.to_string_lossy().into_owned());
        }
        found.trials.push(TrialFile { path, bytes, params, failed });
    }
    Ok(found)
}

/// Whether a file has a name that Ray gives to files of one trial; any other is a table of all.
fn is_trials(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "result.json" || name == "progress.csv")
}

/// The file to read in a trial's folder.
fn of_trial(folder: &Path) -> Option<PathBuf> {
    ["result.json", "progress.csv"].map(|name| folder.join(name)).into_iter().find(|path| path.is_file())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let unreadable = |error| ImportError::unreadable(folder)(error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    Ok(entries)
}
