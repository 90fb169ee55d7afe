//! `lamarck trace`.

use crate::args::TraceCommand;
use crate::exit::Exit;
use crate::output::{Out, bytes, grouped, table};
use anyhow::Result;
use lamarck_model::{CandidateRecord, Nullable};
use lamarck_runtime::trace::{RunKey, Trace, TraceHeader, diff};
use std::path::Path;

/// Runs `lamarck trace`.
pub(crate) fn run(command: &TraceCommand) -> Result<Exit> {
    match command {
        TraceCommand::Info { trace, json } => info(trace, *json),
        TraceCommand::Head { trace, rows, point, replicate } => {
            head(trace, *rows, RunKey { point: *point, replicate: *replicate })
        }
        TraceCommand::Diff { left, right, json } => compare(left, right, *json),
    }
}

fn info(dir: &Path, as_json: bool) -> Result<Exit> {
    let trace = Trace::open(dir)?;
    let header = trace.header();
    let mut out = Out::new();
    if as_json {
        out.json(header)?;
        out.finish()?;
        return Ok(Exit::Done);
    }
    let synthetic = if header.synthetic { ", synthetic scores" } else { "" };
    let state = if header.complete { "complete" } else { "not complete" };
    out.line(format!(
        "{}: {state}{synthetic}; schema {}, lamarck {}, seed {}",
        header.name, header.schema, header.lamarck, header.seed
    ))?;
    if let Some(commit) = &header.commit {
        out.line(format!("commit: {commit}"))?;
    }
    for change in &header.overrides {
        out.line(format!("set: {change}"))?;
    }
    for evaluator in &header.evaluators {
        let unit = if evaluator.unit.is_empty() { String::new() } else { format!(" [{}]", evaluator.unit) };
        out.line(format!("score: {}{unit}", evaluator.score))?;
    }
    for source in &header.sources {
        out.line(format!(
            "data: {} ({}; {}; {})",
            source.name, source.origin, source.license, source.checksum
        ))?;
    }
    imported(&mut out, header)?;
    if !header.plugins.is_empty() {
        let mut rows = table(&["kind", "plugin", "library", "version", "hash"], &[]);
        for plugin in &header.plugins {
            rows.add_row([&plugin.kind, &plugin.name, &plugin.library, &plugin.version, &plugin.hash]);
        }
        out.table(&rows)?;
        out.line("")?;
    }
    let mut rows = table(
        &["point", "replicate", "status", "candidates", "parts", "layers", "on disk", "label"],
        &[0, 1, 3, 4, 5, 6],
    );
    for key in trace.runs() {
        let run = trace.info(key)?;
        rows.add_row([
            key.point.to_string(),
            key.replicate.to_string(),
            run.status.as_str().to_owned(),
            grouped(run.candidates.rows.into()),
            run.candidates.parts.to_string(),
            grouped(run.layers.rows.into()),
            bytes(run.candidates.bytes + run.layers.bytes),
            run.label.clone(),
        ]);
    }
    out.table(&rows)?;
    out.finish()?;
    Ok(Exit::Done)
}

/// What an imported trace says of where it comes from, and what whoever reads it must know.
fn imported(out: &mut Out, header: &TraceHeader) -> Result<()> {
    let mut told: Vec<String> = Vec::new();
    for (point, evaluator) in
        header.points.iter().zip(0..).filter_map(|(p, n)| Some((p, header.evaluator(n)?)))
    {
        let Some(import) = point.study.get("import") else { continue };
        let text = |key: &str| import.get(key).and_then(serde_json::Value::as_str).unwrap_or("?");
        let lines = std::iter::once(format!("imported: {}", text("format")))
            .chain(evaluator.notes.iter().map(|note| format!("note: {note}")));
        for line in lines {
            if !told.contains(&line) {
                out.line(&line)?;
                told.push(line);
            }
        }
    }
    Ok(())
}

fn head(dir: &Path, count: usize, key: RunKey) -> Result<Exit> {
    let trace = Trace::open(dir)?;
    let rows = trace.head(key, count)?;
    let mut printed = table(
        &[
            "id",
            "origin",
            "parent",
            "rank",
            "age",
            "changed",
            "submitted us",
            "started us",
            "finished us",
            "worker",
            "status",
            "score",
            "choices",
        ],
        &[0, 2, 3, 4, 6, 7, 8, 9, 11],
    );
    for row in &rows {
        printed.add_row(cells(row));
    }
    let mut out = Out::new();
    out.table(&printed)?;
    out.finish()?;
    Ok(Exit::Done)
}

fn cells(row: &CandidateRecord) -> [String; 13] {
    fn known<T: Nullable + ToString>(value: T) -> String {
        value.known().map_or_else(|| "-".to_owned(), |value| value.to_string())
    }
    let changed = match row.changed_decision.known() {
        Some(decision) => format!("{decision}: {} > {}", row.changed_from, row.changed_to),
        None => row.changed.known().map_or_else(|| "-".to_owned(), |changed| format!("{changed} decisions")),
    };
    let choices: Vec<String> = row.choices.iter().map(ToString::to_string).collect();
    [
        row.id.to_string(),
        row.origin().map_or("?", lamarck_model::Origin::as_str).to_owned(),
        known(row.parent),
        known(row.parent_rank),
        known(row.parent_age),
        changed,
        known(row.submitted_us),
        known(row.started_us),
        known(row.finished_us),
        known(row.worker),
        row.status().map_or("?", lamarck_model::Status::as_str).to_owned(),
        row.score.known().map_or_else(|| "-".to_owned(), |score| format!("{score:.4}")),
        choices.join(","),
    ]
}

fn compare(left: &Path, right: &Path, as_json: bool) -> Result<Exit> {
    let report = diff(&Trace::open(left)?, &Trace::open(right)?)?;
    let mut out = Out::new();
    if as_json {
        out.json(&report)?;
    } else {
        out.line(report.to_string().trim_end())?;
    }
    out.finish()?;
    Ok(if report.is_empty() { Exit::Done } else { Exit::Different })
}
