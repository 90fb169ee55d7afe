//! Reading a trace: its runs, and the rows of each, batch by batch in bounded memory.

use super::decode::{self, CandidateBatch};
use super::error::TraceError;
use super::header::{RunStatus, TraceHeader};
use super::layout::{RunKey, Table, list_parts, part_path};
use super::part::{PartReader, open_part, part_rows};
use lamarck_model::{CandidateRecord, LayerColumns};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A trace on disk.
#[derive(Debug, Clone)]
pub struct Trace {
    dir: PathBuf,
    header: TraceHeader,
    candidates: BTreeMap<RunKey, Vec<u32>>,
    layers: BTreeMap<RunKey, Vec<u32>>,
}

/// What is on disk of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInfo {
    /// Which run.
    pub key: RunKey,
    /// The label of its point; empty when the header does not know it.
    pub label: String,
    /// How far it is; `Running` too when the header does not know it.
    pub status: RunStatus,
    /// Its `candidates`.
    pub candidates: TableInfo,
    /// Its `layers`.
    pub layers: TableInfo,
}

/// What is on disk of one table of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableInfo {
    /// Rows.
    pub rows: u64,
    /// Parts.
    pub parts: u32,
    /// Bytes of the parts.
    pub bytes: u64,
}

impl Trace {
    /// Opens the trace in a folder: reads its header and lists its parts.
    ///
    /// # Errors
    /// `NotFound` without `trace.json`; `Damaged` and `Version` for one that cannot be understood.
    pub fn open(dir: &Path) -> Result<Self, TraceError> {
        let header = TraceHeader::read(dir)?;
        let candidates = list_parts(dir, Table::Candidates)?;
        let layers = list_parts(dir, Table::Layers)?;
        Ok(Self { dir: dir.to_owned(), header, candidates, layers })
    }

    /// The header.
    pub fn header(&self) -> &TraceHeader {
        &self.header
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// All runs that the header or a part names, in order.
    pub fn runs(&self) -> Vec<RunKey> {
        let headers = self.header.runs.iter().map(|run| run.key);
        let mut runs: Vec<RunKey> = headers.chain(self.candidates.keys().copied()).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// The candidates of a run in the order in which they finished.
    ///
    /// # Errors
    /// `NotFound` when there is no such run; `Missing` when one of its parts is gone. While reading: `Damaged`.
    pub fn candidates(&self, key: RunKey) -> Result<CandidateBatches, TraceError> {
        Ok(CandidateBatches { parts: self.parts(Table::Candidates, key, None)?, width: None })
    }

    /// Some columns of the candidates of a run; `id`, `origin` and `status` come in any case. Without `choices`
    /// the vectors are empty.
    pub fn candidates_with(&self, key: RunKey, columns: &[&str]) -> Result<CandidateBatches, TraceError> {
        let wanted = columns.iter().copied().chain(["id", "origin", "status"]).map(str::to_owned).collect();
        Ok(CandidateBatches { parts: self.parts(Table::Candidates, key, Some(wanted))?, width: None })
    }

    /// The layers of the candidates of a run, in the order in which the candidates finished. Nothing when the
    /// trace was written without them.
    pub fn layers(&self, key: RunKey) -> Result<LayerBatches, TraceError> {
        Ok(LayerBatches { parts: self.parts(Table::Layers, key, None)? })
    }

    /// The rows of a run that can be replayed: those of its parts up to the first that is not there. A run of which
    /// nothing is there has none.
    pub fn recorded(&self, key: RunKey) -> Recorded {
        let there = self.candidates.get(&key).map_or(&[][..], Vec::as_slice);
        let whole = there.iter().zip(0_u32..).take_while(|&(&part, expected)| part == expected).count();
        let parts = Parts::new(self, Table::Candidates, key, u32::try_from(whole).unwrap_or(u32::MAX), None);
        Recorded {
            batches: CandidateBatches { parts, width: None },
            batch: CandidateBatch::default(),
            next: 0,
        }
    }

    /// The first rows of a run.
    pub fn head(&self, key: RunKey, rows: usize) -> Result<Vec<CandidateRecord>, TraceError> {
        self.candidates(key)?.records().take(rows).collect()
    }

    /// What is on disk of a run. Only footers are read.
    ///
    /// # Errors
    /// As for [`candidates`](Self::candidates); `Damaged` also when the header counts other rows.
    pub fn info(&self, key: RunKey) -> Result<RunInfo, TraceError> {
        let header = self.header.run(key);
        let candidates = self.table_info(Table::Candidates, key)?;
        let layers = self.table_info(Table::Layers, key)?;
        if let Some(run) = header.filter(|run| run.status != RunStatus::Running) {
            for (table, counted, there) in [
                (Table::Candidates, run.candidates, candidates.rows),
                (Table::Layers, run.layers, layers.rows),
            ] {
                if counted != there {
                    let reason =
                        format!("the header counts {counted} rows of {key}, and its parts have {there}");
                    return Err(TraceError::damaged(&self.dir.join(table.folder()), reason));
                }
            }
        }
        Ok(RunInfo {
            key,
            label: self
                .header
                .points
                .get(key.point as usize)
                .map_or_else(String::new, |point| point.label.clone()),
            status: header.map_or(RunStatus::Running, |run| run.status),
            candidates,
            layers,
        })
    }

    fn table_info(&self, table: Table, key: RunKey) -> Result<TableInfo, TraceError> {
        let count = self.count_parts(table, key)?;
        let mut info = TableInfo { parts: count, ..TableInfo::default() };
        for part in 0..count {
            let path = part_path(&self.dir, table, key, part);
            info.rows += part_rows(&path)?;
            info.bytes += fs::metadata(&path).map_err(TraceError::io("read", &path))?.len();
        }
        Ok(info)
    }

    fn parts(&self, table: Table, key: RunKey, columns: Option<Vec<String>>) -> Result<Parts, TraceError> {
        Ok(Parts::new(self, table, key, self.count_parts(table, key)?, columns))
    }

    /// The number of a run's parts, none of which is missing.
    fn count_parts(&self, table: Table, key: RunKey) -> Result<u32, TraceError> {
        let (there, counted) = match (table, self.header.run(key)) {
            (Table::Candidates, run) => (self.candidates.get(&key), run.map_or(0, |run| run.parts)),
            (Table::Layers, run) => (self.layers.get(&key), run.map_or(0, |run| run.layer_parts)),
        };
        if !self.candidates.contains_key(&key) && self.header.run(key).is_none() {
            return Err(TraceError::NoRun {
                path: self.dir.clone(),
                point: key.point,
                replicate: key.replicate,
            });
        }
        let there = there.map_or(&[][..], Vec::as_slice);
        let missing =
            there.iter().zip(0_u32..).find(|&(&part, expected)| part != expected).map(|(_, part)| part);
        let count = u32::try_from(there.len()).unwrap_or(u32::MAX);
        match missing.or((count < counted).then_some(count)) {
            Some(part) => Err(TraceError::MissingPart { path: part_path(&self.dir, table, key, part) }),
            None => Ok(count),
        }
    }
}

/// The arrow batches of one table of one run, part after part.
struct Parts {
    dir: PathBuf,
    table: Table,
    key: RunKey,
    next: u32,
    count: u32,
    columns: Option<Vec<String>>,
    open: Option<PartReader>,
}

impl Parts {
    fn new(trace: &Trace, table: Table, key: RunKey, count: u32, columns: Option<Vec<String>>) -> Self {
        Self { dir: trace.dir.clone(), table, key, next: 0, count, columns, open: None }
    }

    /// Decodes the next batch that has rows. After an error there is nothing more.
    fn next<T>(
        &mut self,
        decode: impl FnOnce(&arrow_array::RecordBatch) -> Result<T, decode::Wrong>,
    ) -> Option<Result<T, TraceError>> {
        loop {
            if let Some(reader) = &mut self.open {
                let decoded = match reader.next() {
                    None => {
                        self.open = None;
                        continue;
                    }
                    Some(Ok(batch)) if batch.num_rows() == 0 => continue,
                    Some(Ok(batch)) => {
                        decode(&batch).map_err(|reason| TraceError::damaged(reader.path(), reason))
                    }
                    Some(Err(error)) => Err(error),
                };
                return Some(decoded.inspect_err(|_| self.stop()));
            }
            if self.next >= self.count {
                return None;
            }
            let path = part_path(&self.dir, self.table, self.key, self.next);
            self.next += 1;
            let wanted =
                |name: &str| self.columns.as_ref().is_none_or(|columns| columns.iter().any(|c| c == name));
            match open_part(&path, self.table, wanted) {
                Ok(reader) => self.open = Some(reader),
                Err(error) => {
                    self.stop();
                    return Some(Err(error));
                }
            }
        }
    }

    fn stop(&mut self) {
        self.open = None;
        self.next = self.count;
    }
}

/// The candidates of a run, some thousand rows at a time.
pub struct CandidateBatches {
    parts: Parts,
    width: Option<usize>,
}

impl CandidateBatches {
    /// The same, row by row.
    pub fn records(self) -> Recorded {
        Recorded { batches: self, batch: CandidateBatch::default(), next: 0 }
    }
}

impl Iterator for CandidateBatches {
    type Item = Result<CandidateBatch, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let width = &mut self.width;
        self.parts.next(|batch| {
            let batch = CandidateBatch::decode(batch)?;
            let found = batch.view().width;
            let expected = *width.get_or_insert(found);
            if found != expected {
                return Err(format!("column `choices` has lists of {expected} and of {found} choices"));
            }
            Ok(batch)
        })
    }
}

/// The layers of a run, some thousand rows at a time.
pub struct LayerBatches {
    parts: Parts,
}

impl Iterator for LayerBatches {
    type Item = Result<LayerColumns, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.parts.next(decode::layers)
    }
}

/// The candidates of a run, row by row.
pub struct Recorded {
    batches: CandidateBatches,
    batch: CandidateBatch,
    next: usize,
}

impl Recorded {
    /// Reads the next row into a record whose buffer is reused; false at the end.
    pub fn read(&mut self, record: &mut CandidateRecord) -> Result<bool, TraceError> {
        while self.next >= self.batch.view().rows {
            match self.batches.next() {
                Some(batch) => self.batch = batch?,
                None => return Ok(false),
            }
            self.next = 0;
        }
        self.batch.view().read(self.next, record);
        self.next += 1;
        Ok(true)
    }
}

impl Iterator for Recorded {
    type Item = Result<CandidateRecord, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = CandidateRecord::default();
        match self.read(&mut record) {
            Ok(true) => Some(Ok(record)),
            Ok(false) => None,
            Err(error) => {
                // Nothing of the batch before may follow the error.
                self.next = usize::MAX;
                Some(Err(error))
            }
        }
    }
}
