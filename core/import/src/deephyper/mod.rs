//! DeepHyper: result files of all versions, and the JSON that its logs were parsed into.
//!
//! References: P. Balaprakash et al., "Scalable reinforcement-learning-based neural architecture search for cancer deep
//! learning research" (SC 2019), doi:10.1145/3295500.3356202; the results of aging evolution that are read here were
//! published with S. Jiang, P. Balaprakash, "Graph neural network architecture search for molecular property
//! prediction" (2020), arXiv:2008.12187.
//!
//! **Versions are told by the header** (module `layout`), not asked for: who has a file from last year does not know
//! what was installed then. One command may read files of several versions; a file of which rows are of another
//! version than the header is damaged, and the line is named.
//!
//! **Each file is one run.** DeepHyper writes one file a search. Files whose decisions have the same names are runs of
//! one study, unless their logs name different problems: their options are the union of what was seen in all of them,
//! so that a choice means the same in every run. The alternative, options of each file alone, would make two runs of one
//! search two different spaces because each saw another few of its 20,000 options.
//!
//! **What is seen is all that is known**: a file has no list of options. Entries of `arch_seq` are decisions whatever
//! their values; parameters with names may be continuous, and such are left out with a note.
//!
//! **The end of an evaluation is when the search heard of it** (`timestamp_gather`), not when it was computed
//! (`timestamp_end`): that is what later candidates can depend on, and the order of the rows. Training is what lies
//! between `timestamp_start` and `timestamp_end`, or `duration`.

mod assemble;
mod csv;
mod file;
mod layout;
mod log;
mod sequence;

use crate::{ImportError, Log, ReadOptions};
use file::File;
use std::fs;
use std::path::{Path, PathBuf};

/// What messages call the format.
const FORMAT: &str = "deephyper";

pub(crate) fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let bytes = fs::read(path).map_err(ImportError::unreadable(path))?;
        files.push(file(path, &bytes, options)?);
    }
    assemble::logs(files, options)
}

/// Reads what is in one file.
pub(crate) fn parse(name: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    assemble::logs(vec![file(name, bytes, options)?], options)
}

/// The rows of a file: JSON if it begins as JSON does, else CSV.
fn file(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<File, ImportError> {
    let begins = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let file =
        if begins.starts_with(b"{") { log::read(path, bytes)? } else { csv::read(path, bytes, options)? };
    if file.rows.is_empty() {
        return Err(ImportError::Empty {
            path: path.to_owned(),
            hint: ": it has a header and nothing below it".to_owned(),
        });
    }
    Ok(file)
}

#[cfg(test)]
mod tests;
