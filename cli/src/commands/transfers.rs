//! The part of a run's summary that tells what candidates took over from each other.

use crate::output::{Out, bytes, grouped, table};
use anyhow::Result;
use lamarck_runtime::engine::TransferSummary;
use lamarck_runtime::pipeline::RunResult;
use lamarck_runtime::repository::{Retention, RuleTotals};
use lamarck_runtime::study::TransferSection;

/// Prints transfers by replicate, and what each retention rule would have kept; nothing without transfer.
pub(super) fn print(out: &mut Out, section: &TransferSection, runs: &[&RunResult]) -> Result<()> {
    let all: Vec<(u32, &TransferSummary)> =
        runs.iter().filter_map(|run| Some((run.key.replicate, run.summary.transfer.as_ref()?))).collect();
    if all.is_empty() {
        return Ok(());
    }
    out.line("")?;
    let header = [
        "replicate",
        "transfers",
        "of no layer",
        "donor not parent",
        "prefix layers",
        "prefix",
        "read",
        "written",
        "without sharing",
        "owners a model",
    ];
    let mut rows = table(&header, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (replicate, summary) in &all {
        let mut cells = vec![replicate.to_string()];
        cells.extend(cells_of(summary));
        rows.add_row(cells);
    }
    out.table(&rows)?;
    out.line("`donor not parent` is of children; prefixes are means over transfers, input layer included")?;
    out.line("")?;
    let header = ["retention", "most live", "live at the end", "reads missed", "missed bytes"];
    let mut rows = table(&header, &[1, 2, 3, 4]);
    for rule in Retention::ALL {
        let totals: Vec<RuleTotals> =
            all.iter().map(|(_, summary)| summary.repository.rules[rule as usize]).collect();
        let mean = |of: fn(&RuleTotals) -> u64| {
            let sum: u128 = totals.iter().map(|totals| u128::from(of(totals))).sum();
            // At least one run is there, and a mean of 64-bit numbers fits.
            u64::try_from(sum / totals.len() as u128).unwrap_or(u64::MAX)
        };
        let in_force = section.retention == rule;
        let window = if rule == Retention::Window { format!(" = {}", section.window) } else { String::new() };
        rows.add_row([
            format!("{}{window}{}", rule.as_str(), if in_force { " (in force)" } else { "" }),
            bytes(mean(|totals| totals.peak_bytes)),
            bytes(mean(|totals| totals.live_bytes)),
            grouped(mean(|totals| totals.missed.layers).into()),
            bytes(mean(|totals| totals.missed.bytes)),
        ]);
    }
    out.table(&rows)?;
    out.line(format!(
        "retention: means over {} replicates, each rule counted for the donors that were chosen",
        all.len()
    ))?;
    Ok(())
}

fn cells_of(summary: &TransferSummary) -> [String; 9] {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    [
        grouped(summary.transfers.into()),
        grouped(summary.without.into()),
        or_dash(summary.other_donor_share().map(|share| format!("{:.1} %", share * 100.0))),
        or_dash(summary.mean_prefix_layers().map(|layers| format!("{layers:.2}"))),
        or_dash(summary.prefix_bytes.checked_div(summary.transfers).map(bytes)),
        bytes(summary.repository.read_bytes),
        bytes(summary.repository.written_bytes),
        bytes(summary.repository.unshared_bytes),
        or_dash(summary.mean_owners().map(|owners| format!("{owners:.2}"))),
    ]
}
