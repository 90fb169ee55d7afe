//! The charts: curve, grid, gains, working set, intervals, ages.

use super::findings::gain;
use super::{Results, Run};
use crate::measure::{Measured, Row};
use lamarck_cache::{AgeHistogram, PolicyKind};
use lamarck_sdk::model::report::{Axis, Body, Chart, Heat, Line};

pub(super) fn write(results: &Results) -> Vec<Chart> {
    let measured: Vec<&Measured> = results.measured().collect();
    if measured.is_empty() {
        return Vec::new();
    }
    let mut charts = vec![curve(results, &measured)];
    if !results.plan.policies.is_empty() {
        charts.extend(measured.iter().map(|m| grid(results, m)));
    }
    if measured.iter().any(|m| m.grid.iter().any(Row::is_lineage)) {
        charts.push(gains(results, &measured));
    }
    charts.extend(ages(results, &measured));
    if let Ok(run) = &results.run {
        charts.extend([working_set(run), intervals(run)]);
    }
    charts
}

fn capacity() -> Axis {
    Axis::log("capacity of each cache, share of the footprint", "")
}

fn curve(results: &Results, measured: &[&Measured]) -> Chart {
    let mut lines = Vec::new();
    for m in measured {
        let bytes = m.curve.iter().map(|&(share, _, missed)| (share, missed as f64 / m.get_bytes as f64));
        let requests = m.curve.iter().map(|&(share, misses, _)| (share, misses as f64 / m.gets as f64));
        lines.push(Line::new(format!("{}, bytes", m.name), bytes));
        lines.push(Line::new(format!("{}, requests", m.name), requests));
        let bound = results.plan.fractions.iter().enumerate().map(|(at, &share)| (share, m.byte_bound(at)));
        lines.push(Line::new(format!("{}, bytes, PFOO-L", m.name), bound).theory());
    }
    Chart {
        key: "miss-ratio-curve".into(),
        title: "What LRU misses at each capacity".into(),
        note: "One cache for all nodes, and caches on each node that all have this capacity. Where a curve ends flat is what \
               no cache could have had: reads of what had not been there before. Dashed: no policy can be below."
            .into(),
        x: capacity(),
        y: Axis::new("miss ratio", ""),
        body: Body::Lines(lines),
    }
}

fn grid(results: &Results, m: &Measured) -> Chart {
    let cells = m.grid.iter().map(|row| {
        let ratio = |at| Some(row.byte_ratio(at)).filter(|ratio| ratio.is_finite());
        (0..m.capacities.len()).map(ratio).collect()
    });
    Chart {
        key: format!("policies-{}", m.name),
        title: format!("Byte miss ratio by policy and capacity, cache: {}", m.name),
        note: "Smaller is better. `belady` and `belady-size` know the future; `population`, `descendants` and `next-donor` know \
               about evolution. The miss ratio by requests is in the table `policy-grid`."
            .into(),
        x: capacity(),
        y: Axis::new("policy", ""),
        body: Body::Heat(Heat {
            x: results.plan.fractions.clone(),
            rows: m.grid.iter().map(|row| row.policy.to_string()).collect(),
            value: Axis::new("byte miss ratio", ""),
            cells: cells.collect(),
        }),
    }
}

fn gains(results: &Results, measured: &[&Measured]) -> Chart {
    let mut lines = Vec::new();
    for m in measured {
        for row in m.grid.iter().filter(|row| row.is_lineage()) {
            let points = results.plan.fractions.iter().copied().zip(gain(m, row, true));
            lines.push(Line::new(format!("{}, {}", row.policy, m.name), points));
        }
    }
    Chart {
        key: "lineage-gain".into(),
        title: "What it helps a cache to know about evolution".into(),
        note: "Share of the bytes read that a policy spares beyond the best policy of this capacity that knows neither the \
               future nor evolution; below 0 it loses."
            .into(),
        x: capacity(),
        y: Axis::new("bytes spared", "share of the bytes read"),
        body: Body::Lines(lines),
    }
}

/// The share of the ages below each power of two.
fn below(ages: &AgeHistogram) -> Vec<(f64, f64)> {
    let (total, buckets) = (ages.total() as f64, ages.buckets());
    let mut sum = 0;
    (0..=32)
        .map(|octave| {
            // The bucket whose upper end this is.
            sum += buckets.get(octave).map_or(0, |&(_, _, count)| count);
            (2_f64.powi(i32::try_from(octave).unwrap_or(0)), sum as f64 / total)
        })
        .collect()
}

fn ages(results: &Results, measured: &[&Measured]) -> Option<Chart> {
    let mut lines = Vec::new();
    for m in measured {
        let row = m.grid.iter().find(|row| row.policy == PolicyKind::Lru)?;
        let detail = row.cells.get(results.plan.watched)?.detail.as_ref()?;
        lines.push(Line::new(format!("at hit, {}", m.name), below(&detail.age_at_hit)));
        lines.push(Line::new(format!("at eviction, {}", m.name), below(&detail.age_at_eviction)));
    }
    Some(Chart {
        key: "ages".into(),
        title: "Age at hit and age at eviction under LRU".into(),
        note: "Accesses since an object's use before, at the capacity in the middle of the grid. Where most evictions are \
               older than most hits, the cache keeps what it should."
            .into(),
        x: Axis::log("age", "accesses"),
        y: Axis::new("share of the hits or evictions at a lower age", ""),
        body: Body::Lines(lines),
    })
}

fn working_set(run: &Run) -> Chart {
    let line = |name: &str, of: fn(&crate::measure::Window) -> u64| {
        Line::new(name, run.reuse.windows.iter().map(|window| (window.position as f64, of(window) as f64)))
    };
    Chart {
        key: "working-set".into(),
        title: "Bytes in use over the run".into(),
        note: "Distinct objects used in a window of finished candidates, and all that were ever written or read. What a \
               cache must hold to serve the next window is about what was read in this one."
            .into(),
        x: Axis::new("finished candidates", "candidates"),
        y: Axis::log("bytes of distinct objects", "bytes"),
        body: Body::Lines(vec![
            line("read or written in the window", |window| window.used),
            line("read in the window", |window| window.read),
            line("ever", |window| window.ever),
        ]),
    }
}

fn intervals(run: &Run) -> Chart {
    let share = |sorted: &[u32], limit: u32| {
        sorted.partition_point(|&value| value < limit) as f64 / sorted.len() as f64
    };
    let line = |name: &str, sorted: &[u32]| {
        let points = (0..=20).map(|octave| 1_u32 << octave);
        Line::new(name, points.map(|limit| (f64::from(limit), share(sorted, limit))))
    };
    Chart {
        key: "reuse-intervals".into(),
        title: "How soon weights are read again".into(),
        note: "Share of the reads that come sooner than so many completions after the use before, and share of the objects \
               that are not read any more so long after they were written."
            .into(),
        x: Axis::log("completions", "completions"),
        y: Axis::new("share", ""),
        body: Body::Lines(vec![
            line("read after the use before", &run.reuse.intervals.completions),
            line("last read after writing", &run.reuse.read_until),
        ]),
    }
}
