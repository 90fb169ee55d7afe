//! The part of a run's summary that tells what became of the cluster's time.

use super::findings::number_of;
use crate::output::{Out, duration, grouped, table};
use anyhow::Result;
use lamarck_runtime::engine::RunSummary;
use lamarck_runtime::pipeline::{RunResult, StudyResult};
use lamarck_runtime::study::Study;

const HEADER: [&str; 8] =
    ["", "busy", "makespan", "reading", "storing", "from caches", "lost attempts", "time in them"];

/// Whether anything but training has taken time.
fn is_eventful(summary: &RunSummary) -> bool {
    let transfer = summary.transfer.as_ref();
    summary.lost_attempts > 0
        || transfer.is_some_and(|transfer| {
            transfer.cached_bytes > 0 || transfer.transfer_us > 0 || transfer.store_us > 0
        })
}

/// Prints a line for each replicate of a point; nothing where nothing but training has taken time.
pub(super) fn print(out: &mut Out, workers: u32, runs: &[&RunResult]) -> Result<()> {
    if !runs.iter().any(|run| is_eventful(&run.summary)) {
        return Ok(());
    }
    out.line("")?;
    let mut header = HEADER;
    header[0] = "replicate";
    let mut rows = table(&header, &[0, 1, 2, 3, 4, 5, 6, 7]);
    for run in runs {
        let mut cells = vec![run.key.replicate.to_string()];
        cells.extend(cells_of(workers, &[&run.summary]));
        rows.add_row(cells);
    }
    out.table(&rows)?;
    Ok(out.line(NOTE)?)
}

/// Prints a line for each point of a study, means over its replicates; nothing where nothing but training has taken time.
pub(super) fn print_points(out: &mut Out, study: &Study, result: &StudyResult) -> Result<()> {
    if !result.runs.iter().any(|run| is_eventful(&run.summary)) {
        return Ok(());
    }
    out.line("")?;
    let mut header = vec!["point"];
    header.extend(HEADER);
    let mut rows = table(&header, &[2, 3, 4, 5, 6, 7, 8]);
    for (index, point) in result.points.iter().enumerate() {
        let runs = result.runs.iter().filter(|run| run.key.point as usize == index);
        let all: Vec<&RunSummary> = runs.map(|run| &run.summary).collect();
        let mut cells = vec![number_of(index), point.label.clone()];
        cells.extend(cells_of(study.points()[index].settings.cluster.workers, &all));
        rows.add_row(cells);
    }
    out.table(&rows)?;
    Ok(out.line(NOTE)?)
}

const NOTE: &str = "`busy` is of all workers' time up to the makespan; reading, storing and lost attempts are sums over \
                    workers; `from caches` is of the bytes that candidates took over";

fn cells_of(workers: u32, all: &[&RunSummary]) -> [String; 7] {
    let mean = |of: &dyn Fn(&RunSummary) -> f64| {
        let known: Vec<f64> =
            all.iter().map(|summary| of(summary)).filter(|value| value.is_finite()).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let share = |of: &dyn Fn(&RunSummary) -> f64| {
        mean(of).map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
    };
    // A mean of numbers of 64 bits that are not negative.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as said")]
    let time = |of: &dyn Fn(&RunSummary) -> u64| {
        let us = mean(&|summary| of(summary) as f64).unwrap_or(0.0);
        duration(us.round() as u64)
    };
    let transfer = |of: fn(&lamarck_runtime::engine::TransferSummary) -> u64| {
        move |summary: &RunSummary| summary.transfer.as_ref().map_or(0, of)
    };
    [
        share(&|summary| summary.busy_us as f64 / (summary.virtual_us as f64 * f64::from(workers))),
        time(&|summary| summary.virtual_us),
        time(&transfer(|transfer| transfer.transfer_us)),
        time(&transfer(|transfer| transfer.store_us)),
        share(&|summary| {
            let transfer = summary.transfer.as_ref();
            transfer.map_or(f64::NAN, |transfer| transfer.cached_bytes as f64 / transfer.prefix_bytes as f64)
        }),
        mean(&|summary| summary.lost_attempts as f64)
            .map_or_else(|| "-".to_owned(), |attempts| grouped(rounded(attempts))),
        time(&|summary| summary.lost_us),
    ]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of counts")]
fn rounded(count: f64) -> u128 {
    count.round() as u128
}
