//! The first row in which two runs differ.

use super::{FirstDifference, Side};
use crate::trace::error::TraceError;
use crate::trace::layout::{RunKey, Table};
use crate::trace::reader::{LayerBatches, Trace};
use lamarck_model::{CandidateId, CandidateRecord, LayerColumns, LayerSource, Origin, Status};

/// The first difference in the candidates of a run; counts those that are equal.
pub(super) fn candidates(
    a: (&Trace, RunKey),
    b: (&Trace, RunKey),
    equal: &mut u64,
) -> Result<Option<FirstDifference>, TraceError> {
    let (mut rows_a, mut rows_b) = (a.0.candidates(a.1)?.records(), b.0.candidates(b.1)?.records());
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
            let (a, b) = (
                word(column, record_a.origin, record_a.status, a),
                word(column, record_b.origin, record_b.status, b),
            );
            return Ok(Some(FirstDifference::Row { table, row, candidate: record_a.id, column, a, b }));
        }
        *equal += 1;
    }
    Ok(None)
}

/// A value as text, words as words.
pub(super) fn word(column: &str, origin: u8, status: u8, text: String) -> String {
    let word = match column {
        "origin" => Origin::from_number(origin).map(Origin::as_str),
        "status" => Status::from_number(status).map(Status::as_str),
        _ => None,
    };
    word.map_or(text, str::to_owned)
}

/// Compares the layers of a run, if both traces have any: they can be switched off without changing the run.
pub(super) fn layers(
    a: (&Trace, RunKey),
    b: (&Trace, RunKey),
) -> Result<Option<FirstDifference>, TraceError> {
    let (mut rows_a, mut rows_b) = (LayerRows::new(a.0.layers(a.1)?), LayerRows::new(b.0.layers(b.1)?));
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
