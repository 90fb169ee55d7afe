//! Where two traces part.
//!
//! Two runs of one study are equal to the byte, so a comparison of files would say *that* something changed; this
//! says *what*: the parts of the header that determine a run, and for each run the first row in which the traces
//! differ, in the order in which candidates finished. All rows after it follow from it, so they are not listed.

use super::error::TraceError;
use super::header::TraceHeader;
use super::layout::{RunKey, Table};
use super::reader::{LayerBatches, Trace};
use lamarck_model::{CandidateId, CandidateRecord, LayerColumns, LayerSource, Origin, Status};
use serde::Serialize;
use std::fmt;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DiffReport {
    /// What differs in the headers.
    pub header: Vec<HeaderDifference>,
    /// The first difference of each run that has one, in the order of the runs.
    pub runs: Vec<RunDifference>,
    /// Runs that both have.
    pub compared_runs: u64,
    /// Candidates that are equal in both.
    pub equal_candidates: u64,
}

/// A part of the header that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeaderDifference {
    /// Which: `seed`, `plugins strategy regularized-evolution`.
    pub field: String,
    /// What the first trace has.
    pub a: String,
    /// What the second has.
    pub b: String,
}

/// How a run differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunDifference {
    /// Which run.
    pub key: RunKey,
    /// The first difference.
    pub first: FirstDifference,
}

/// The first difference of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum FirstDifference {
    /// Only one of the traces has the run.
    Absent {
        /// Which has not.
        from: Side,
    },
    /// A row differs.
    Row {
        /// Of which table.
        table: Table,
        /// Its number in the run, from 0, in the order in which candidates finished.
        row: u64,
        /// The candidate there in the first trace.
        candidate: CandidateId,
        /// The first column that differs.
        column: &'static str,
        /// What the first trace has there.
        a: String,
        /// What the second has.
        b: String,
    },
    /// One of the traces ends where the other goes on; all rows up to there are equal.
    Shorter {
        /// Which ends.
        side: Side,
        /// In which table.
        table: Table,
        /// Its rows.
        rows: u64,
    },
}

/// One of the two traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl DiffReport {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.header.is_empty() && self.runs.is_empty()
    }
}

/// Compares two traces, both read batch by batch.
///
/// # Errors
/// Whatever reading either of them says.
pub fn diff(a: &Trace, b: &Trace) -> Result<DiffReport, TraceError> {
    let mut report = DiffReport { header: headers(a.header(), b.header()), ..DiffReport::default() };
    let (runs_a, runs_b) = (a.runs(), b.runs());
    let mut runs: Vec<RunKey> = runs_a.iter().chain(&runs_b).copied().collect();
    runs.sort_unstable();
    runs.dedup();
    for key in runs {
        let absent =
            [(&runs_a, Side::A), (&runs_b, Side::B)].into_iter().find(|(runs, _)| !runs.contains(&key));
        let first = if let Some((_, from)) = absent {
            Some(FirstDifference::Absent { from })
        } else {
            report.compared_runs += 1;
            match candidates(a, b, key, &mut report.equal_candidates)? {
                None => layers(a, b, key)?,
                first => first,
            }
        };
        report.runs.extend(first.map(|first| RunDifference { key, first }));
    }
    Ok(report)
}

fn headers(a: &TraceHeader, b: &TraceHeader) -> Vec<HeaderDifference> {
    let mut found = Vec::new();
    let mut compare = |field: String, a: Option<String>, b: Option<String>| {
        if a != b {
            let text = |side: Option<String>| side.unwrap_or_else(|| "absent".to_owned());
            found.push(HeaderDifference { field, a: text(a), b: text(b) });
        }
    };
    compare("lamarck".to_owned(), Some(a.lamarck.clone()), Some(b.lamarck.clone()));
    compare("seed".to_owned(), Some(a.seed.to_string()), Some(b.seed.to_string()));
    compare("replicates".to_owned(), Some(a.replicates.to_string()), Some(b.replicates.to_string()));
    for point in 0..a.points.len().max(b.points.len()) {
        let of = |header: &TraceHeader| header.points.get(point).map(|point| point.study.clone());
        differing_keys(&format!("study of point {point}"), of(a).as_ref(), of(b).as_ref(), &mut compare);
    }
    let hashes = |header: &TraceHeader| -> Vec<(String, String)> {
        let plugins = header.plugins.iter().map(|plugin| {
            let name = format!("plugin {} {}", plugin.kind, plugin.name);
            (name, format!("{} {}, {}", plugin.library, plugin.version, plugin.hash))
        });
        let sources =
            header.sources.iter().map(|data| (format!("data {}", data.name), data.checksum.clone()));
        plugins.chain(sources).collect()
    };
    let (hashes_a, hashes_b) = (hashes(a), hashes(b));
    let mut names: Vec<&String> = hashes_a.iter().chain(&hashes_b).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of = |hashes: &[(String, String)]| {
            let all: Vec<&str> =
                hashes.iter().filter(|(other, _)| other == name).map(|(_, hash)| hash.as_str()).collect();
            (!all.is_empty()).then(|| all.join("; "))
        };
        compare(name.clone(), of(&hashes_a), of(&hashes_b));
    }
    found
}

/// Goes down to the keys of a resolved study that differ: `study of point 0: cluster.workers`.
fn differing_keys(
    path: &str,
    a: Option<&serde_json::Value>,
    b: Option<&serde_json::Value>,
    compare: &mut impl FnMut(String, Option<String>, Option<String>),
) {
    if let (Some(serde_json::Value::Object(a)), Some(serde_json::Value::Object(b))) = (a, b) {
        let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let separator = if path.contains(':') { "." } else { ": " };
            differing_keys(&format!("{path}{separator}{key}"), a.get(key), b.get(key), compare);
        }
    } else {
        compare(path.to_owned(), a.map(ToString::to_string), b.map(ToString::to_string));
    }
}

fn candidates(
    a: &Trace,
    b: &Trace,
    key: RunKey,
    equal: &mut u64,
) -> Result<Option<FirstDifference>, TraceError> {
    let (mut rows_a, mut rows_b) = (a.candidates(key)?.records(), b.candidates(key)?.records());
    let (mut record_a, mut record_b) = (CandidateRecord::default(), CandidateRecord::default());
    let table = Table::Candidates;
    for row in 0.. {
        match (rows_a.read(&mut record_a)?, rows_b.read(&mut record_b)?) {
            (true, true) => {}
            (false, false) => return Ok(None),
            (more, _) => {
                let side = if more { Side::B } else { Side::A };
                return Ok(Some(FirstDifference::Shorter { side, table, rows: row }));
            }
        }
        if let Some((column, a, b)) = record_a.difference(&record_b) {
            let (a, b) = match column {
                "origin" => (
                    word(record_a.origin().map(Origin::as_str), a),
                    word(record_b.origin().map(Origin::as_str), b),
                ),
                "status" => (
                    word(record_a.status().map(Status::as_str), a),
                    word(record_b.status().map(Status::as_str), b),
                ),
                _ => (a, b),
            };
            return Ok(Some(FirstDifference::Row { table, row, candidate: record_a.id, column, a, b }));
        }
        *equal += 1;
    }
    Ok(None)
}

fn word(word: Option<&'static str>, number: String) -> String {
    word.map_or(number, str::to_owned)
}

/// Compares the layers of a run, if both traces have any: they can be switched off without changing the run.
fn layers(a: &Trace, b: &Trace, key: RunKey) -> Result<Option<FirstDifference>, TraceError> {
    let (mut rows_a, mut rows_b) = (LayerRows::new(a.layers(key)?), LayerRows::new(b.layers(key)?));
    let table = Table::Layers;
    if !(rows_a.fill()? && rows_b.fill()?) {
        return Ok(None);
    }
    for row in 0.. {
        match (rows_a.fill()?, rows_b.fill()?) {
            (true, true) => {}
            (false, false) => return Ok(None),
            (more, _) => {
                let side = if more { Side::B } else { Side::A };
                return Ok(Some(FirstDifference::Shorter { side, table, rows: row }));
            }
        }
        if let Some((candidate, column, a, b)) = rows_a.difference(&rows_b) {
            return Ok(Some(FirstDifference::Row { table, row, candidate, column, a, b }));
        }
        rows_a.next += 1;
        rows_b.next += 1;
    }
    Ok(None)
}

/// Layers, one after the other, whatever the batches.
struct LayerRows {
    batches: LayerBatches,
    batch: LayerColumns,
    next: usize,
}

impl LayerRows {
    fn new(batches: LayerBatches) -> Self {
        Self { batches, batch: LayerColumns::default(), next: 0 }
    }

    /// Sees to it that there is a next row; false at the end.
    fn fill(&mut self) -> Result<bool, TraceError> {
        while self.next >= self.batch.len() {
            match self.batches.next() {
                Some(batch) => self.batch = batch?,
                None => return Ok(false),
            }
            self.next = 0;
        }
        Ok(true)
    }

    /// How the next rows differ, if they do: the candidate, the column, both values.
    fn difference(&self, other: &Self) -> Option<(CandidateId, &'static str, String, String)> {
        let (a, b, i, j) = (&self.batch, &other.batch, self.next, other.next);
        let number = |value: u64| value.to_string();
        let source = |number: u8| match LayerSource::from_number(number) {
            None | Some(LayerSource::Trained) => "null".to_owned(),
            Some(source) => source.as_str().to_owned(),
        };
        let pairs = [
            ("candidate", a.candidate[i] != b.candidate[j]),
            ("identity", a.identity[i] != b.identity[j]),
            ("owner", a.owner[i] != b.owner[j]),
            ("bytes", a.bytes[i] != b.bytes[j]),
            ("cached", a.source[i] != b.source[j]),
        ];
        let (column, _) = pairs.into_iter().find(|(_, differs)| *differs)?;
        let text = |layers: &LayerColumns, at: usize| match column {
            "candidate" => number(layers.candidate[at]),
            "identity" => format!("{:032x}", layers.identity[at]),
            "owner" => number(layers.owner[at]),
            "bytes" => number(layers.bytes[at]),
            _ => source(layers.source[at]),
        };
        Some((a.candidate[i], column, text(a, i), text(b, j)))
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "the first trace",
            Self::B => "the second trace",
        })
    }
}

impl fmt::Display for FirstDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { from } => write!(f, "{from} does not have it"),
            Self::Row { table, row, candidate, column, a, b } => {
                write!(f, "first differs in row {row} of {table}, candidate {candidate}: {column} {a} | {b}")
            }
            Self::Shorter { side, table, rows } => {
                write!(f, "{side} ends after {rows} rows of {table}, all equal; the other goes on")
            }
        }
    }
}

impl fmt::Display for DiffReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            let (runs, rows) = (self.compared_runs, self.equal_candidates);
            return write!(f, "no difference; runs: {runs}, candidates: {rows}");
        }
        let mut lines = Vec::new();
        for HeaderDifference { field, a, b } in &self.header {
            lines.push(format!("{field}: {a} | {b}"));
        }
        for RunDifference { key, first } in &self.runs {
            lines.push(format!("{key}: {first}"));
        }
        f.write_str(&lines.join("\n"))
    }
}
