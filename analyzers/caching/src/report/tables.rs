//! The tables.

use super::findings::gain;
use super::{Results, Run};
use crate::measure::{Measured, Row, SIZING, quantile};
use lamarck_cache::AgeHistogram;
use lamarck_sdk::model::report::{Cell, Table};

fn table(name: &str, title: &str, keys: usize, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Table { name: name.into(), title: title.into(), columns, keys, rows }
}

pub(super) fn write(results: &Results) -> Vec<Table> {
    let measured: Vec<&Measured> = results.measured().collect();
    if measured.is_empty() {
        return Vec::new();
    }
    let mut tables = vec![
        sizing(results, &measured),
        grid(results, &measured),
        gains(results, &measured),
        ages(results, &measured),
        distances(&measured),
    ];
    if let Ok(run) = &results.run {
        tables.extend([intervals(run), retention(run)]);
    }
    tables
}

fn sizing(results: &Results, measured: &[&Measured]) -> Table {
    let model = results.run.as_ref().ok().and_then(|run| run.model_bytes);
    let rows = measured.iter().flat_map(|m| {
        SIZING.iter().zip(&m.sizes).map(move |(&share, size)| {
            let of = |what: Option<f64>| size.bytes.zip(what).map(|(bytes, what)| bytes as f64 / what);
            vec![
                m.name.into(),
                share.into(),
                size.bytes.into(),
                of(Some(results.footprint as f64)).into(),
                of(model).into(),
                size.requests.into(),
                size.least.into(),
            ]
        })
    });
    table(
        "sizing",
        "Capacity of each cache for a share of the attainable hits",
        2,
        &[
            "cache",
            "share of the attainable",
            "LRU, for byte hits [bytes]",
            "of the footprint",
            "in models",
            "LRU, for hits [bytes]",
            "least for byte hits, PFOO-L [bytes]",
        ],
        rows.collect(),
    )
}

fn grid(results: &Results, measured: &[&Measured]) -> Table {
    let mut rows = Vec::new();
    for m in measured {
        for row in &m.grid {
            for (at, stats) in row.cells.iter().enumerate() {
                rows.push(vec![
                    m.name.into(),
                    row.policy.to_string().into(),
                    results.plan.fractions[at].into(),
                    m.capacities[at].into(),
                    row.ratio(at).into(),
                    row.byte_ratio(at).into(),
                    (row.ratio(at) - m.bound(at)).into(),
                    (row.byte_ratio(at) - m.byte_bound(at)).into(),
                    stats.evictions.into(),
                    stats.evicted_bytes.into(),
                    stats.oversized.into(),
                    stats.declined.into(),
                ]);
            }
        }
    }
    table(
        "policy-grid",
        "Every policy at every capacity",
        3,
        &[
            "cache",
            "policy",
            "capacity, share of the footprint",
            "capacity of each [bytes]",
            "miss ratio",
            "byte miss ratio",
            "above PFOO-L, requests",
            "above PFOO-L, bytes",
            "evictions",
            "evicted [bytes]",
            "larger than the cache",
            "declined",
        ],
        rows,
    )
}

fn gains(results: &Results, measured: &[&Measured]) -> Table {
    let mut rows = Vec::new();
    for m in measured {
        for row in m.grid.iter().filter(|row| row.is_lineage()) {
            let (bytes, requests) = (gain(m, row, true), gain(m, row, false));
            for (at, (bytes, requests)) in bytes.into_iter().zip(requests).enumerate() {
                let best = |value: f64, bound: f64| value / (value + row.byte_ratio(at) - bound);
                rows.push(vec![
                    m.name.into(),
                    row.policy.to_string().into(),
                    results.plan.fractions[at].into(),
                    bytes.into(),
                    requests.into(),
                    best(bytes, m.byte_bound(at)).into(),
                ]);
            }
        }
    }
    table(
        "lineage-gain",
        "What lineage-aware policies spare beyond the best general policy of each capacity",
        3,
        &[
            "cache",
            "policy",
            "capacity, share of the footprint",
            "of the bytes read",
            "of the reads",
            "of the best general policy's distance to PFOO-L, bytes",
        ],
        rows,
    )
}

fn ages(results: &Results, measured: &[&Measured]) -> Table {
    let middle = |ages: &AgeHistogram| Cell::from(ages.quantile(0.5));
    let mut rows = Vec::new();
    for m in measured {
        let watched = |row: &Row| row.cells.get(results.plan.watched).cloned();
        for (row, stats) in m.grid.iter().filter_map(|row| Some((row, watched(row)?))) {
            let Some(detail) = stats.detail else { continue };
            let again = detail.reuse_after_eviction.total();
            rows.push(vec![
                m.name.into(),
                row.policy.to_string().into(),
                detail.age_at_hit.total().into(),
                middle(&detail.age_at_hit),
                detail.age_at_eviction.total().into(),
                middle(&detail.age_at_eviction),
                (again as f64 / stats.evictions as f64).into(),
                middle(&detail.reuse_after_eviction),
            ]);
        }
    }
    table(
        "eviction-ages",
        "Ages at hit and at eviction at the capacity in the middle of the grid (medians: upper end of their power of two)",
        2,
        &[
            "cache",
            "policy",
            "hits",
            "age at hit, median [accesses]",
            "evictions",
            "age at eviction, median [accesses]",
            "evicted and asked for again",
            "until asked for again, median [accesses]",
        ],
        rows,
    )
}

/// Counts by powers of two: (lower end, count) of every power up to the largest value.
fn octaves(values: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut counts = [0_u64; 65];
    for value in values {
        counts[(64 - value.leading_zeros()) as usize] += 1;
    }
    let used = counts.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
    let from = |octave: usize| if octave == 0 { 0 } else { 1 << (octave - 1) };
    (0..used).map(|octave| (from(octave), counts[octave])).collect()
}

fn distances(measured: &[&Measured]) -> Table {
    let mut rows = Vec::new();
    for m in measured {
        let mut sum = 0;
        for (from, count) in octaves(m.distances.iter().map(|&(distance, _)| distance)) {
            sum += count;
            let share = sum as f64 / m.distances.len() as f64;
            rows.push(vec![m.name.into(), from.into(), count.into(), share.into()]);
        }
    }
    table(
        "reuse-distances",
        "Bytes of distinct objects used from a use to the next read",
        2,
        &["cache", "from [bytes]", "reads", "share up to here"],
        rows,
    )
}

fn intervals(run: &Run) -> Table {
    let intervals = &run.reuse.intervals;
    let rows = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0].into_iter().map(|share| {
        let seconds = quantile(&intervals.microseconds, share).map(|time| time as f64 / 1e6);
        vec![
            share.into(),
            quantile(&intervals.completions, share).map(u64::from).into(),
            seconds.filter(|_| run.has_times).into(),
            quantile(&run.reuse.read_until, share).map(u64::from).into(),
        ]
    });
    table(
        "reuse-intervals",
        "Time from a read to the use before it, and from writing to the last read",
        1,
        &[
            "share of the reads, of the objects",
            "interval [completions]",
            "interval [s]",
            "last read [completions]",
        ],
        rows.collect(),
    )
}

fn retention(run: &Run) -> Table {
    let rows = run.lives.rules.iter().map(|(rule, lives)| {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let late = |share: f64| Cell::from(quantile(&lives.late, share).map(u64::from));
        let seconds = quantile(&lives.microseconds, 0.5).map(|time| time as f64 / 1e6);
        vec![
            rule.as_str().into(),
            lives.deleted.into(),
            lives.kept.into(),
            quantile(&lives.completions, 0.5).map(u64::from).into(),
            quantile(&lives.completions, 0.9).map(u64::from).into(),
            seconds.filter(|_| run.has_times).into(),
            lives.peak_bytes.into(),
            share(lives.lost, run.lives.reads).into(),
            share(lives.lost_bytes, run.lives.read_bytes).into(),
            late(0.5),
            late(0.99),
            late(1.0),
        ]
    });
    table(
        "retention",
        "How long objects live under each rule of retention, and what this run read of what it would have deleted",
        1,
        &[
            "rule",
            "deleted",
            "kept to the end",
            "life, median [completions]",
            "life, nine tenths [completions]",
            "life, median [s]",
            "peak [bytes]",
            "reads lost",
            "bytes lost",
            "late by, median [completions]",
            "late by, 99 % [completions]",
            "late by, at most [completions]",
        ],
        rows.collect(),
    )
}
