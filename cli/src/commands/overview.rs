//! The summary of a study with many runs: a line a point, means over its replicates.

use super::findings::number_of;
use super::usage;
use crate::output::{Out, bytes, duration, grouped, table};
use anyhow::Result;
use lamarck_runtime::engine::{RunSummary, TransferSummary};
use lamarck_runtime::pipeline::{RunResult, StudyResult};
use lamarck_runtime::study::Study;

/// With more runs than this, a line for each is more than anyone reads.
pub(super) const MANY_RUNS: usize = 30;

/// Prints a line for each point, and one more where candidates take over weights.
pub(super) fn print(out: &mut Out, study: &Study, result: &StudyResult) -> Result<()> {
    let runs_of = |index: usize| -> Vec<&RunResult> {
        result.runs.iter().filter(|run| run.key.point as usize == index).collect()
    };
    out.line(format!("\n{}: means over replicates (± standard deviation)", study.name()))?;
    let header = [
        "point",
        "",
        "runs",
        "best",
        "regret",
        "distinct",
        "classes",
        "repeats",
        "of a class",
        "random phase",
        "closed form",
        "not ok",
        "virtual time",
        "score",
    ];
    let mut rows = table(&header, &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (index, point) in result.points.iter().enumerate() {
        let runs = runs_of(index);
        let evaluator = &point.evaluator;
        let unit = if evaluator.unit.is_empty() { String::new() } else { format!(" [{}]", evaluator.unit) };
        let synthetic = if evaluator.synthetic { " (synthetic)" } else { "" };
        let mut cells = vec![number_of(index), point.label.clone()];
        cells.extend(cells_of(&runs));
        cells.push(format!("{}{unit}{synthetic}", evaluator.score));
        rows.add_row(cells);
    }
    out.table(&rows)?;

    let header = [
        "point",
        "",
        "transfers",
        "of no layer",
        "donor not parent",
        "prefix layers",
        "read",
        "written",
        "without sharing",
        "owners a model",
        "most live",
        "retention",
    ];
    let mut rows = table(&header, &[2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let mut any = false;
    for (index, point) in result.points.iter().enumerate() {
        let runs = runs_of(index);
        let all: Vec<&TransferSummary> =
            runs.iter().filter_map(|run| run.summary.transfer.as_ref()).collect();
        if all.is_empty() {
            continue;
        }
        any = true;
        let rule = study.points()[index].settings.transfer.retention;
        let mut cells = vec![number_of(index), point.label.clone()];
        cells.extend(transfer_cells(&all));
        cells.push(bytes(whole(&all, |summary| summary.repository.rules[rule as usize].peak_bytes)));
        cells.push(rule.as_str().to_owned());
        rows.add_row(cells);
    }
    if any {
        out.line("")?;
        out.table(&rows)?;
        out.line(
            "`donor not parent` is of children; prefixes are means over transfers, input layer included",
        )?;
    }
    usage::print_points(out, study, result)
}

fn cells_of(runs: &[&RunResult]) -> [String; 11] {
    let summaries: Vec<&RunSummary> = runs.iter().map(|run| &run.summary).collect();
    let count = |of: fn(&RunSummary) -> Option<u64>| {
        let known: Vec<u64> = summaries.iter().filter_map(|summary| of(summary)).collect();
        if known.is_empty() { "-".to_owned() } else { grouped(whole(&known, |value| *value).into()) }
    };
    let spread = |of: fn(&RunSummary) -> Option<f64>| {
        let known: Vec<f64> = summaries.iter().filter_map(|summary| of(summary)).collect();
        let Some(mean) = mean(&known, |value| *value) else { return "-".to_owned() };
        let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
        let spread = if known.len() > 1 {
            format!(" ± {:.4}", (squares / (known.len() - 1) as f64).sqrt())
        } else {
            String::new()
        };
        format!("{mean:.4}{spread}")
    };
    let at_least = summaries.iter().any(|summary| summary.distinct_at_least);
    [
        runs.len().to_string(),
        spread(|summary| Some(summary.best.as_ref()?.score)),
        spread(|summary| summary.regret),
        format!("{}{}", if at_least { ">=" } else { "" }, count(|summary| Some(summary.distinct))),
        count(|summary| summary.classes),
        count(|summary| Some(summary.repeats())),
        count(RunSummary::class_repeats),
        count(|summary| summary.random_phase),
        count(|summary| summary.random_phase_expected),
        count(|summary| Some(summary.candidates - summary.ok())),
        duration(whole(&summaries, |summary| summary.virtual_us)),
    ]
}

fn transfer_cells(all: &[&TransferSummary]) -> [String; 8] {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let average = |of: fn(&TransferSummary) -> Option<f64>| {
        let known: Vec<f64> = all.iter().filter_map(|summary| of(summary)).collect();
        mean(&known, |value| *value)
    };
    [
        grouped(whole(all, |summary| summary.transfers).into()),
        grouped(whole(all, |summary| summary.without).into()),
        or_dash(average(TransferSummary::other_donor_share).map(|share| format!("{:.1} %", share * 100.0))),
        or_dash(average(TransferSummary::mean_prefix_layers).map(|layers| format!("{layers:.2}"))),
        bytes(whole(all, |summary| summary.repository.read_bytes)),
        bytes(whole(all, |summary| summary.repository.written_bytes)),
        bytes(whole(all, |summary| summary.repository.unshared_bytes)),
        or_dash(average(TransferSummary::mean_owners).map(|owners| format!("{owners:.2}"))),
    ]
}

fn mean<T>(items: &[T], of: impl Fn(&T) -> f64) -> Option<f64> {
    (!items.is_empty()).then(|| items.iter().map(of).sum::<f64>() / items.len() as f64)
}

/// The mean of whole numbers, rounded down; 0 of nothing.
fn whole<T>(items: &[T], of: impl Fn(&T) -> u64) -> u64 {
    let sum: u128 = items.iter().map(|item| u128::from(of(item))).sum();
    // A mean of 64-bit numbers fits.
    sum.checked_div(items.len() as u128).and_then(|mean| u64::try_from(mean).ok()).unwrap_or(0)
}
