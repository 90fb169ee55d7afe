//! Writing the parts of one run.

use super::error::{TraceError, Unencodable};
use super::file::PartEncoder;
use super::layout::{RunKey, Table, list_parts, part_path, remove_leftovers, write_whole};
use super::part::checked_rows;
use super::schema;
use lamarck_model::{Columns, LayerColumns};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes one run, part by part. It holds no rows: the caller keeps the open part and hands it over when it is
/// full, or when the run ends or is interrupted.
///
/// A part is encoded in memory, written beside its place, flushed to the disk and renamed, so that a process or a
/// machine that dies loses no finished part.
///
/// **Resuming.** The caller makes every row again and hands over the same parts. A part that is there with more
/// rows than are handed over is kept: a run that is interrupted while it is still catching up loses nothing. One
/// that holds just the bytes that would be written is left alone, and any other is replaced. So the files of a
/// resumed run are those of an uninterrupted one whatever was there before, and none has to be trusted.
pub struct RunWriter {
    dir: PathBuf,
    key: RunKey,
    width: usize,
    full: u64,
    candidates: TableWriter,
    layers: Option<TableWriter>,
}

/// What a run has on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTotals {
    /// Rows of `candidates`.
    pub candidates: u64,
    /// Parts of `candidates`.
    pub parts: u32,
    /// Rows of `layers`.
    pub layers: u64,
    /// Parts of `layers`.
    pub layer_parts: u32,
}

impl RunWriter {
    /// Begins a run whose vectors have `width` choices, in parts of `part_rows` candidates, with or without the
    /// table of layers.
    ///
    /// # Errors
    /// `Exists` when the run has parts already; `Access` when the folder cannot be written.
    pub fn create(
        dir: &Path,
        key: RunKey,
        width: usize,
        part_rows: usize,
        layers: bool,
    ) -> Result<Self, TraceError> {
        for table in [Table::Candidates, Table::Layers] {
            if let Some(&part) = list_parts(dir, table)?.get(&key).and_then(|parts| parts.first()) {
                return Err(TraceError::Exists { path: part_path(dir, table, key, part) });
            }
        }
        Self::resume(dir, key, width, part_rows, layers)
    }

    /// Begins a run of which some parts may be there.
    ///
    /// # Errors
    /// `Damaged` when one of them cannot be read; `Access` when the folder cannot be written.
    pub fn resume(
        dir: &Path,
        key: RunKey,
        width: usize,
        part_rows: usize,
        layers: bool,
    ) -> Result<Self, TraceError> {
        let candidates = TableWriter::open(dir, Table::Candidates, key)?;
        let layers = layers.then(|| TableWriter::open(dir, Table::Layers, key)).transpose()?;
        Ok(Self { dir: dir.to_owned(), key, width, full: part_rows as u64, candidates, layers })
    }

    /// The run.
    pub fn key(&self) -> RunKey {
        self.key
    }

    /// Writes the next part of `candidates`; nothing when there are no rows. Only the last may be short.
    pub fn write_candidates(&mut self, columns: &Columns<'_>) -> Result<(), TraceError> {
        let rows = columns.rows as u64;
        if rows == 0 {
            return Ok(());
        }
        let Self { dir, key, width, full, candidates, .. } = self;
        let wrong = if columns.width != *width {
            Some(Unencodable::Width { expected: *width, found: columns.width })
        } else if rows > *full {
            Some(Unencodable::PartRows { part: candidates.next, rows, full: *full })
        } else {
            candidates.last.filter(|last| last < full).map(|rows| Unencodable::PartRows {
                part: candidates.next - 1,
                rows,
                full: *full,
            })
        };
        if let Some(source) = wrong {
            return Err(TraceError::Values { path: candidates.path(dir, *key), source });
        }
        candidates.write(dir, *key, rows, |part| schema::encode_candidates(part, *key, columns))
    }

    /// Writes the next part of `layers`; nothing when there are no rows. Its rows may be as many as the caller
    /// likes, but must be the same when the run is made again.
    pub fn write_layers(&mut self, rows: &LayerColumns) -> Result<(), TraceError> {
        let Self { dir, key, layers, .. } = self;
        if rows.is_empty() {
            return Ok(());
        }
        let Some(layers) = layers else {
            return Err(TraceError::Values {
                path: part_path(dir, Table::Layers, *key, 0),
                source: Unencodable::NoLayers,
            });
        };
        layers.write(dir, *key, rows.len() as u64, |part| schema::encode_layers(part, *key, rows))
    }

    /// What the run has on disk: after an interruption during a resume that may be more than was handed over.
    pub fn totals(&self) -> RunTotals {
        let sum = |table: &TableWriter| {
            (table.rows.values().sum(), u32::try_from(table.rows.len()).unwrap_or(u32::MAX))
        };
        let (candidates, parts) = sum(&self.candidates);
        let (layers, layer_parts) = self.layers.as_ref().map_or((0, 0), sum);
        RunTotals { candidates, parts, layers, layer_parts }
    }

    /// What a run that has spent its budget has on disk.
    ///
    /// # Errors
    /// `Exists` when that is more than was handed over: then it is the rest of another study's run.
    pub fn complete(&self) -> Result<RunTotals, TraceError> {
        for table in std::iter::once(&self.candidates).chain(&self.layers) {
            let mut left = table.handed;
            for (&part, &rows) in &table.rows {
                match left.checked_sub(rows) {
                    Some(rest) => left = rest,
                    None => {
                        return Err(TraceError::Exists {
                            path: part_path(&self.dir, table.table, self.key, part),
                        });
                    }
                }
            }
        }
        Ok(self.totals())
    }
}

/// How large parts would be: encodes them as the writer does, and writes none.
pub(crate) struct PartBytes {
    table: Table,
    part: PartEncoder,
}

impl PartBytes {
    /// For parts of this table.
    pub(crate) fn new(table: Table) -> Result<Self, TraceError> {
        let part = schema::encoder(table).map_err(|source| Self::error(table, source))?;
        Ok(Self { table, part })
    }

    fn error(table: Table, source: Unencodable) -> TraceError {
        TraceError::Values { path: part_path(Path::new(""), table, RunKey::default(), 0), source }
    }

    /// Bytes of a part of `candidates`.
    pub(crate) fn candidates(&mut self, key: RunKey, columns: &Columns<'_>) -> Result<u64, TraceError> {
        let bytes = schema::encode_candidates(&mut self.part, key, columns);
        bytes.map(|bytes| bytes.len() as u64).map_err(|source| Self::error(self.table, source))
    }

    /// Bytes of a part of `layers`.
    pub(crate) fn layers(&mut self, key: RunKey, rows: &LayerColumns) -> Result<u64, TraceError> {
        let bytes = schema::encode_layers(&mut self.part, key, rows);
        bytes.map(|bytes| bytes.len() as u64).map_err(|source| Self::error(self.table, source))
    }
}

/// The parts of one table.
struct TableWriter {
    table: Table,
    part: PartEncoder,
    /// The number of the next part.
    next: u32,
    /// Rows that were handed over for the part before.
    last: Option<u64>,
    /// Rows that were handed over for all parts so far.
    handed: u64,
    /// Rows of every part that is on disk.
    rows: BTreeMap<u32, u64>,
}

impl TableWriter {
    fn open(dir: &Path, table: Table, key: RunKey) -> Result<Self, TraceError> {
        let folder = dir.join(table.folder());
        fs::create_dir_all(&folder).map_err(TraceError::io("create", &folder))?;
        remove_leftovers(dir, table, key)?;
        let mut rows = BTreeMap::new();
        for part in list_parts(dir, table)?.remove(&key).unwrap_or_default() {
            rows.insert(part, checked_rows(&part_path(dir, table, key, part))?);
        }
        let part = schema::encoder(table).map_err(|source| TraceError::Values { path: folder, source })?;
        Ok(Self { table, part, next: 0, last: None, handed: 0, rows })
    }

    fn path(&self, dir: &Path, key: RunKey) -> PathBuf {
        part_path(dir, self.table, key, self.next)
    }

    fn write(
        &mut self,
        dir: &Path,
        key: RunKey,
        rows: u64,
        encode: impl FnOnce(&mut PartEncoder) -> Result<&[u8], Unencodable>,
    ) -> Result<(), TraceError> {
        let path = self.path(dir, key);
        let there = self.rows.get(&self.next).copied().unwrap_or(0);
        if there <= rows {
            let bytes =
                encode(&mut self.part).map_err(|source| TraceError::Values { path: path.clone(), source })?;
            if there < rows || fs::read(&path).map_err(TraceError::io("read", &path))? != bytes {
                write_whole(&path, bytes)?;
            }
            self.rows.insert(self.next, rows);
        }
        self.next += 1;
        self.last = Some(rows);
        self.handed += rows;
        Ok(())
    }
}
