//! What an import says of itself.

use super::trace::decisions;
use super::{Run, parents};
use crate::args::ImportArgs;
use crate::commands::report::shell_command;
use crate::output::{Out, grouped, table};
use anyhow::Result;
use lamarck_import::Evaluation;
use lamarck_import::parents::{Counts, Summary};
use lamarck_model::Status;
use lamarck_runtime::trace::TraceHeader;
use serde_json::{Value, json};

/// How many evaluations of a run have something.
fn count(run: &Run, has: impl Fn(&Evaluation) -> bool) -> u64 {
    run.log.evaluations.iter().filter(|evaluation| has(evaluation)).count() as u64
}

type TimeOf = fn(&Evaluation) -> Option<u64>;

/// The times that a log may have.
const TIMES: [(&str, TimeOf); 4] = [
    ("submitted", |evaluation| evaluation.submitted_us),
    ("started", |evaluation| evaluation.started_us),
    ("finished", |evaluation| evaluation.finished_us),
    ("trained", |evaluation| evaluation.train_us),
];

/// Which times a run has: `all finished`, `12 of 20 submitted`, `none`.
fn times(run: &Run) -> String {
    let all = run.log.evaluations.len() as u64;
    let known: Vec<String> = TIMES
        .iter()
        .filter_map(|(word, of)| match count(run, |evaluation| of(evaluation).is_some()) {
            0 => None,
            known if known == all => Some((*word).to_owned()),
            known => Some(format!("{word} ({} of {})", grouped(known.into()), grouped(all.into()))),
        })
        .collect();
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
}

/// The statuses that occur, with their counts.
fn statuses(run: &Run) -> Vec<(&'static str, u64)> {
    let of = |status: Status| (status.as_str(), count(run, |evaluation| evaluation.status == status));
    Status::ALL.iter().map(|status| of(*status)).filter(|(_, count)| *count > 0).collect()
}

/// The summary as a table, a table of parents, notes, and what to do next.
pub(super) fn print(out: &mut Out, args: &ImportArgs, header: &TraceHeader, runs: &[Run]) -> Result<()> {
    let total: u64 = runs.iter().map(|run| run.log.evaluations.len() as u64).sum();
    out.line(format!(
        "{}: {} {}, {} evaluations",
        header.name,
        runs.len(),
        if runs.len() == 1 { "run" } else { "runs" },
        grouped(total.into())
    ))?;
    let names = [
        "point",
        "replicate",
        "run",
        "format",
        "evaluations",
        "",
        "decisions",
        "most options",
        "workers",
        "times",
    ];
    let mut rows = table(&names, &[0, 1, 4, 6, 7, 8]);
    for run in runs {
        let words: Vec<String> = statuses(run)
            .iter()
            .map(|(word, count)| format!("{} {word}", grouped((*count).into())))
            .collect();
        let options = run.log.decisions.iter().map(|decision| decision.options.len()).max().unwrap_or(0);
        rows.add_row([
            run.key.point.to_string(),
            run.key.replicate.to_string(),
            run.log.name.clone(),
            run.log.format.clone(),
            grouped(run.log.evaluations.len() as u128),
            words.join(", "),
            run.log.decisions.len().to_string(),
            grouped(options as u128),
            run.workers.map_or_else(|| "-".to_owned(), |workers| workers.to_string()),
            times(run),
        ]);
    }
    out.table(&rows)?;
    print_parents(out, runs)?;
    let mut told: Vec<&str> = Vec::new();
    for note in header.evaluators.iter().flat_map(|evaluator| &evaluator.notes) {
        if !told.contains(&note.as_str()) {
            told.push(note);
            out.line(format!("note: {note}"))?;
        }
    }
    out.line(format!("trace: {}", args.out.display()))?;
    if runs.iter().any(|run| run.found.is_some()) {
        out.line(format!("possible parents: {}", args.out.join(parents::FILE).display()))?;
    }
    let next = shell_command(&["analyze".to_owned(), args.out.display().to_string()], &[]);
    out.line(format!("next: {next}"))?;
    Ok(())
}

/// How much is explained, and how much of that by chance.
fn print_parents(out: &mut Out, runs: &[Run]) -> Result<()> {
    let found: Vec<(&Run, &Summary)> =
        runs.iter().filter_map(|run| Some((run, &run.found.as_ref()?.1))).collect();
    let Some((_, settings)) = found.first() else { return Ok(()) };
    out.line(format!(
        "\nparents within {}, population {}, tournaments of {}",
        decisions(settings.distance),
        settings.population,
        settings.sample
    ))?;
    let names = [
        "run",
        "phase",
        "candidates",
        "explained",
        "by chance",
        "one parent",
        "several",
        "mean",
        "only equal",
        "equal",
        "within 1",
        "within 2",
        "within 3",
    ];
    let mut rows = table(&names, &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (run, summary) in &found {
        let phase = match summary.random_phase_found {
            Some(true) => "random (estimated)",
            Some(false) => "random",
            None => "random (as told)",
        };
        let after = if summary.random_phase == 0 { "all (no random phase found)" } else { "after it" };
        for (phase, counts) in [(phase, &summary.random), (after, &summary.after)] {
            if counts.candidates == 0 {
                continue;
            }
            let chance = summary.chance.filter(|_| phase == after);
            rows.add_row(cells(&run.log.name, phase, counts, chance.map(|chance| chance.mean)));
        }
    }
    out.table(&rows)?;
    out.line(
        "`by chance`: explained when the vectors change places, a mean over shuffles; `mean`: possible parents of an \
         explained candidate;\n`only equal`: all possible parents have the very same vector; the last columns count by \
         the nearest member of the population",
    )?;
    if let Some((_, wide)) = found.iter().find(|(_, summary)| summary.in_flight.is_some()) {
        let workers = wide.in_flight.unwrap_or(0);
        out.line(format!(
            "submissions are not known: parents are looked for {workers} completions further back, the candidates in \
             flight (--workers)"
        ))?;
    } else if let Some((_, blind)) =
        found.iter().find(|(run, s)| s.begun_known < run.log.evaluations.len() as u64)
    {
        out.line(format!(
            "submissions are not known, nor how many were in flight (--workers): only the last {} before an end are \
             searched",
            blind.population
        ))?;
    }
    Ok(())
}

fn cells(name: &str, phase: &str, counts: &Counts, chance: Option<f64>) -> Vec<String> {
    let share = |part: u64| {
        if counts.candidates == 0 {
            "-".to_owned()
        } else {
            format!("{:.1} %", 100.0 * part as f64 / counts.candidates as f64)
        }
    };
    let mut cells = vec![
        name.to_owned(),
        phase.to_owned(),
        grouped(counts.candidates.into()),
        share(counts.explained),
        chance.map_or_else(|| "-".to_owned(), |chance| format!("{:.1} %", chance * 100.0)),
        share(counts.one),
        share(counts.several),
        counts.mean_possible.map_or_else(|| "-".to_owned(), |mean| format!("{mean:.2}")),
        share(counts.only_equal),
    ];
    cells.extend(counts.nearest_within.iter().map(|within| share(*within)));
    cells
}

/// The same as JSON.
pub(super) fn as_json(args: &ImportArgs, header: &TraceHeader, runs: &[Run]) -> Value {
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| {
            let statuses: serde_json::Map<String, Value> =
                statuses(run).into_iter().map(|(word, count)| (word.to_owned(), count.into())).collect();
            let times: serde_json::Map<String, Value> = TIMES
                .iter()
                .map(|(word, of)| ((*word).to_owned(), count(run, |e| of(e).is_some()).into()))
                .collect();
            json!({
                "point": run.key.point,
                "replicate": run.key.replicate,
                "name": run.log.name,
                "format": run.log.format,
                "evaluations": run.log.evaluations.len(),
                "statuses": statuses,
                "decisions": run.log.decisions.len(),
                "workers": run.workers,
                "times": times,
                "recorded_parents": count(run, |evaluation| evaluation.parent.is_some()),
                "parents": run.found.as_ref().map(|(_, summary)| summary),
            })
        })
        .collect();
    let notes: Vec<&String> = header.evaluators.iter().flat_map(|evaluator| &evaluator.notes).collect();
    json!({ "name": header.name, "trace": args.out, "runs": runs, "notes": notes })
}
