//! Result files.

use super::FORMAT;
use super::file::{File, Row, sequence_names};
use super::layout::{Layout, Vectors};
use super::sequence;
use crate::ReadOptions;
use crate::decisions::Value;
use crate::error::ImportError;
use crate::moment;
use crate::score::FailureValues;
use crate::table::Table;
use lamarck_model::Status;
use std::path::Path;

/// No clock that counts seconds is beyond this: Unix time in microseconds is 1.7e15.
const LATEST_S: f64 = 1e12;

pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<File, ImportError> {
    let table = Table::parse(path, bytes, FORMAT)?;
    let layout = Layout::of(&table, options)?;
    let mut rows = Vec::with_capacity(table.len());
    let mut width = None;
    for row in 0..table.len() {
        let values = vector(&table, &layout, row, &mut width)?;
        rows.push(evaluation(&table, &layout, row, values)?);
    }
    let (names, has_names, column) = match &layout.vectors {
        Vectors::Sequence(at) => {
            (sequence_names(width.map_or(0, |(_, width)| width)), false, table.columns().get(*at).cloned())
        }
        Vectors::Numbered(columns) => (sequence_names(columns.len()), false, None),
        Vectors::Named(columns) => (columns.iter().map(|(_, name)| name.clone()).collect(), true, None),
    };
    let mut notes = Vec::new();
    if !rows.is_empty() && !bytes.ends_with(b"\n") {
        notes.push("the last line of the file does not end: it may be cut off".to_owned());
    }
    let score = table.columns().get(layout.objective).cloned().unwrap_or_default();
    Ok(File {
        path: path.to_owned(),
        format: format!("{FORMAT} {}", layout.version),
        names,
        named: has_names,
        problem: None,
        score: score.strip_prefix("m:").map_or(score.clone(), str::to_owned),
        workers: None,
        begun: layout.elapsed.filter(|_| layout.gather.is_none()).map(|_| 0),
        rows,
        notes,
        place: "line",
        column,
    })
}

/// The vector of a row. All are as long as the first, whose line is remembered with its length.
fn vector(
    table: &Table,
    layout: &Layout,
    row: usize,
    width: &mut Option<(u64, usize)>,
) -> Result<Vec<Value>, ImportError> {
    match &layout.vectors {
        Vectors::Sequence(at) => {
            let cell = table.cell(row, *at);
            let values = sequence::parse(cell).map_err(|reason| again(table, row, *at, reason))?;
            let (line, first) = *width.get_or_insert((table.line(row), values.len()));
            if values.len() == first {
                return Ok(values);
            }
            let reason = format!("{} entries, where line {line} has {first}", values.len());
            Err(table.wrong(row, *at, reason))
        }
        Vectors::Numbered(columns) => columns
            .iter()
            .map(|at| {
                let number = table.number(row, *at).map_err(|error| match error {
                    ImportError::Row { reason, .. } => again(table, row, *at, reason),
                    other => other,
                })?;
                number
                    .map(|number| Value::Number(number + 0.0))
                    .ok_or_else(|| table.wrong(row, *at, "expected a number, found nothing"))
            })
            .collect(),
        Vectors::Named(columns) => {
            Ok(columns.iter().map(|(at, _)| Value::of_cell(table.cell(row, *at))).collect())
        }
    }
}

/// The error of a cell, which for a line that repeats the header says so: files that were put together.
fn again(table: &Table, row: usize, column: usize, reason: String) -> ImportError {
    let cell = table.cell(row, column);
    // A header of any version, not of this file's alone.
    let header = table.columns().iter().any(|name| name == cell)
        || (0..table.columns().len()).any(|at| matches!(table.cell(row, at), "objective" | "elapsed_sec"));
    let reason = if header {
        "a header stands between the rows: several files were put into one; give them one by one".to_owned()
    } else {
        reason
    };
    table.wrong(row, column, reason)
}

fn evaluation(table: &Table, layout: &Layout, row: usize, values: Vec<Value>) -> Result<Row, ImportError> {
    let outcome = FailureValues::default()
        .of_text(table.cell(row, layout.objective))
        .map_err(|reason| again(table, row, layout.objective, reason))?;
    let outcome = status(table, layout, row, outcome)?;
    let time = |column: Option<usize>| column.map_or(Ok(None), |column| seconds(table, row, column));
    let elapsed = time(layout.elapsed)?;
    if let (Some(at), Some(elapsed)) = (layout.elapsed, elapsed)
        && elapsed < 0
    {
        return Err(table.wrong(row, at, "a time before the start of the search"));
    }
    let (submitted, started, ended) = (time(layout.submit)?, time(layout.start)?, time(layout.end)?);
    let finished = time(layout.gather)?.or(ended).or(elapsed.filter(|_| layout.gather.is_none()));
    // The moments of an evaluation in their order; one before its predecessor is damage.
    let moments = [
        (layout.submit, submitted),
        (layout.start, started),
        (layout.end, ended),
        (layout.gather, finished.filter(|_| layout.gather.is_some())),
    ];
    let known: Vec<(usize, i64)> =
        moments.into_iter().filter_map(|(column, moment)| Some((column?, moment?))).collect();
    for pair in known.windows(2) {
        if let [(before, earlier), (after, later)] = *pair
            && later < earlier
        {
            let name = table.columns().get(before).cloned().unwrap_or_default();
            let gap = (earlier.abs_diff(later)) as f64 / 1e6;
            return Err(table.wrong(row, after, format!("it lies {gap} s before `{name}` of the same row")));
        }
    }
    let trained = started.zip(ended).map(|(from, to)| from.abs_diff(to));
    Ok(Row {
        at: table.line(row),
        values,
        outcome,
        submitted,
        started,
        finished,
        train_us: trained.or(duration(table, layout, row)?),
        worker: None,
    })
}

/// What the column `job_status` makes of an outcome. A job that was cancelled has no score, and did not fail.
fn status(
    table: &Table,
    layout: &Layout,
    row: usize,
    outcome: (Status, Option<f64>),
) -> Result<(Status, Option<f64>), ImportError> {
    let Some(column) = layout.status else { return Ok(outcome) };
    let cell = table.cell(row, column);
    match cell.to_ascii_uppercase().as_str() {
        "" | "DONE" => Ok(outcome),
        "READY" | "RUNNING" | "CANCELLED" => Ok((Status::Interrupted, None)),
        "FAILED" => Ok((Status::Failed, None)),
        _ => {
            let reason = format!(
                "expected DONE, READY, RUNNING, CANCELLED or FAILED, found `{}`",
                sequence::short(cell)
            );
            Err(table.wrong(row, column, reason))
        }
    }
}

/// A cell that counts seconds, as microseconds; `None` where nothing or `nan` stands.
fn seconds(table: &Table, row: usize, column: usize) -> Result<Option<i64>, ImportError> {
    let Some(number) = table.number(row, column)? else { return Ok(None) };
    let micros = moment::micros(number, 1e6).filter(|_| number.abs() <= LATEST_S);
    micros.map(Some).ok_or_else(|| {
        table.wrong(row, column, format!("`{}` is no time in seconds", table.cell(row, column)))
    })
}

fn duration(table: &Table, layout: &Layout, row: usize) -> Result<Option<u64>, ImportError> {
    let Some(column) = layout.duration else { return Ok(None) };
    let Some(micros) = seconds(table, row, column)? else { return Ok(None) };
    let reason = || table.wrong(row, column, "a duration below zero");
    u64::try_from(micros).map(Some).map_err(|_| reason())
}
