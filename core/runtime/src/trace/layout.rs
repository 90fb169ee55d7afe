//! Where things stand in the folder of a trace, and how a file gets there whole.

use super::error::TraceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The header's file.
pub(super) const HEADER: &str = "trace.json";

/// One run: a point of the sweep and a replicate. Runs are ordered by point, then by replicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct RunKey {
    /// The point of the sweep, from 0.
    pub point: u32,
    /// The replicate, from 0.
    pub replicate: u32,
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "point {}, replicate {}", self.point, self.replicate)
    }
}

/// One of the two tables of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// A row for every candidate.
    Candidates,
    /// A row for every layer of every candidate.
    Layers,
}

impl Table {
    /// Its name, and the name of its folder.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Candidates => "candidates",
            Self::Layers => "layers",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.folder())
    }
}

/// What the names of a run's parts begin with.
fn stem(key: RunKey) -> String {
    format!("point-{:04}-replicate-{:04}-part-", key.point, key.replicate)
}

/// Where a part stands. The folder is flat, so that readers which know no partitions take it as one table.
pub(super) fn part_path(dir: &Path, table: Table, key: RunKey, part: u32) -> PathBuf {
    dir.join(table.folder()).join(format!("{}{part:05}.parquet", stem(key)))
}

/// Reads a part's name; `None` for any other file.
fn parse_part(name: &str) -> Option<(RunKey, u32)> {
    let rest = name.strip_prefix("point-")?.strip_suffix(".parquet")?;
    let (point, rest) = rest.split_once("-replicate-")?;
    let (replicate, part) = rest.split_once("-part-")?;
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    Some((RunKey { point: number(point)?, replicate: number(replicate)? }, number(part)?))
}

/// The parts of a table that are there, by run, in ascending order.
pub(super) fn list_parts(dir: &Path, table: Table) -> Result<BTreeMap<RunKey, Vec<u32>>, TraceError> {
    let folder = dir.join(table.folder());
    let mut parts: BTreeMap<RunKey, Vec<u32>> = BTreeMap::new();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(parts),
        Err(error) => return Err(TraceError::io("read", &folder)(error)),
    };
    for entry in entries {
        let name = entry.map_err(TraceError::io("read", &folder))?.file_name();
        if let Some((key, part)) = name.to_str().and_then(parse_part) {
            parts.entry(key).or_default().push(part);
        }
    }
    for numbers in parts.values_mut() {
        numbers.sort_unstable();
    }
    Ok(parts)
}

/// Removes what a killed process left of unfinished parts of this run. Other runs may be at work beside it.
pub(super) fn remove_leftovers(dir: &Path, table: Table, key: RunKey) -> Result<(), TraceError> {
    let folder = dir.join(table.folder());
    let prefix = format!(".{}", stem(key));
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(TraceError::io("read", &folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(TraceError::io("read", &folder))?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.strip_suffix(".tmp").is_some_and(|name| name.starts_with(&prefix)))
        {
            let path = entry.path();
            fs::remove_file(&path).map_err(TraceError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Writes a file so that it is there whole or not at all: into a hidden file beside it, which is then renamed.
///
/// The file's contents reach the disk before its name does: some file systems do the two in the other order, and a
/// machine that lost power would come back with a part of the right name and no contents.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TraceError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = path.with_file_name(format!(".{name}.tmp"));
    let write = || {
        let mut file = fs::File::create(&hidden)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        drop(file);
        fs::rename(&hidden, path)
    };
    write().map_err(|error| {
        // Whether or not there is something to remove, the first error is the one to tell.
        let _ = fs::remove_file(&hidden);
        TraceError::io("write", path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_not() {
        let key = RunKey { point: 12, replicate: 34_567 };
        let path = part_path(Path::new("t"), Table::Layers, key, 7);
        assert_eq!(path, Path::new("t/layers/point-0012-replicate-34567-part-00007.parquet"));
        assert_eq!(parse_part(path.file_name().unwrap().to_str().unwrap()), Some((key, 7)));
        for other in [
            "point-0012-replicate-0001-part-+0007.parquet",
            ".point-0012-replicate-0001-part-00007.parquet.tmp",
            "point-0012-replicate-0001-part-.parquet",
            "notes.parquet",
        ] {
            assert_eq!(parse_part(other), None, "{other}");
        }
    }
}
