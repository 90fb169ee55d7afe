//! Charts of the same key, merged point by point.

use super::merge::{Merger, OfRun, count, first_seen};
use lamarck_model::report::{Bars, Body, Chart, Heat, Line, finite};
use lamarck_model::report::{MergedBody, MergedChart, MergedLine, Panel};
use std::collections::BTreeMap;
use std::mem::discriminant;

/// Merges the charts of one key. A run whose chart is of another kind than the first run's is left out.
pub(super) fn merge_chart(merger: &Merger<'_>, key: &str, reports: &[OfRun<'_>]) -> Option<MergedChart> {
    let charts: Vec<(usize, &Chart)> = reports
        .iter()
        .filter_map(|run| Some((run.point, run.report.charts.iter().find(|chart| chart.key == key)?)))
        .collect();
    let (_, first) = charts.first()?;
    let kind = discriminant(&first.body);
    let charts: Vec<(usize, &Chart)> =
        charts.iter().filter(|(_, chart)| discriminant(&chart.body) == kind).copied().collect();
    let panels = charts
        .chunk_by(|(a, _), (b, _)| a == b)
        .filter_map(|of_point| {
            let point = of_point.first()?.0;
            let bodies: Vec<&Body> = of_point.iter().map(|(_, chart)| &chart.body).collect();
            Some(Panel {
                point,
                runs: count(bodies.len()),
                synthetic: merger.synthetic(point),
                body: merge_bodies(merger, &bodies)?,
            })
        })
        .collect();
    Some(MergedChart {
        key: key.to_owned(),
        title: first.title.clone(),
        note: first.note.clone(),
        x: first.x.clone(),
        y: first.y.clone(),
        panels,
    })
}

fn merge_bodies(merger: &Merger<'_>, bodies: &[&Body]) -> Option<MergedBody> {
    Some(match bodies.first()? {
        Body::Lines(_) => {
            let runs: Vec<&[Line]> = bodies
                .iter()
                .filter_map(|body| if let Body::Lines(lines) = body { Some(lines.as_slice()) } else { None })
                .collect();
            MergedBody::Lines(lines(merger, &runs))
        }
        Body::Bars(_) => {
            let runs: Vec<&Bars> = bodies
                .iter()
                .filter_map(|body| if let Body::Bars(bars) = body { Some(bars) } else { None })
                .collect();
            bars(merger, &runs)
        }
        Body::Heat(_) => {
            let runs: Vec<&Heat> = bodies
                .iter()
                .filter_map(|body| if let Body::Heat(heat) = body { Some(heat) } else { None })
                .collect();
            MergedBody::Heat(heat(&runs))
        }
        Body::Flow(flow) => MergedBody::Flow(flow.clone()),
    })
}

/// Merges curves by name, and each by its positions. Where a run has one position several times, as steps have, the
/// first of them belongs to the first of the other runs, and so on.
fn lines(merger: &Merger<'_>, runs: &[&[Line]]) -> Vec<MergedLine> {
    let names = first_seen(runs.iter().flat_map(|lines| lines.iter().map(|line| line.name.as_str())));
    let joined = names.into_iter().filter_map(|name| {
        let of_name: Vec<&Line> =
            runs.iter().filter_map(|lines| lines.iter().find(|line| line.name == name)).collect();
        let mut points: Vec<(f64, u32, Option<f64>)> = Vec::new();
        for line in &of_name {
            let mut last = (f64::NAN, 0);
            for (&x, &y) in line.x.iter().zip(&line.y) {
                #[expect(clippy::float_cmp, reason = "the very same position, not one near it")]
                let repeat = if last.0 == x { last.1 + 1 } else { 0 };
                last = (x, repeat);
                points.push((x, repeat, y));
            }
        }
        // Stable, though the order of values at a position does not matter.
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let groups = points.chunk_by(|a, b| (a.0.to_bits(), a.1) == (b.0.to_bits(), b.1));
        let values =
            groups.map(|group| (Some(group[0].0), group.iter().filter_map(|(_, _, y)| *y).collect()));
        Some(series(merger, of_name.first()?, values))
    });
    joined.collect()
}

/// The curve through the medians, with their band.
fn series(
    merger: &Merger<'_>,
    first: &Line,
    values: impl Iterator<Item = (Option<f64>, Vec<f64>)>,
) -> MergedLine {
    let mut line = MergedLine {
        name: first.name.clone(),
        x: Vec::new(),
        y: Vec::new(),
        low: Vec::new(),
        high: Vec::new(),
        theory: first.theory,
    };
    for (x, mut values) in values {
        let (y, band) = merger.bootstrap.median(&mut values);
        line.x.extend(x);
        line.y.push(y);
        line.low.push(band.map(|[low, _]| low));
        line.high.push(band.map(|[_, high]| high));
    }
    // A band that nowhere has any width, a closed form's for example, would only be drawn over.
    let ends = || line.low.iter().zip(&line.high);
    if ends().all(|(low, high)| low == high) {
        line.low.clear();
        line.high.clear();
    }
    line
}

fn bars(merger: &Merger<'_>, runs: &[&Bars]) -> MergedBody {
    let categories = first_seen(runs.iter().flat_map(|bars| bars.categories.iter().map(String::as_str)));
    let names =
        first_seen(runs.iter().flat_map(|bars| bars.series.iter().map(|series| series.name.as_str())));
    let joined = names.into_iter().filter_map(|name| {
        let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut first = None;
        for bars in runs {
            let Some(series) = bars.series.iter().find(|series| series.name == name) else { continue };
            first = first.or(Some(series));
            for (category, value) in bars.categories.iter().zip(&series.y) {
                values.entry(category).or_default().extend(*value);
            }
        }
        let values = categories.iter().map(|category| (None, values.remove(category).unwrap_or_default()));
        Some(series(merger, first?, values))
    });
    let series = joined.collect();
    MergedBody::Bars { categories: categories.into_iter().map(str::to_owned).collect(), series }
}

/// Averages the cells of all runs that have a row and a column.
fn heat(runs: &[&Heat]) -> Heat {
    let rows = first_seen(runs.iter().flat_map(|heat| heat.rows.iter().map(String::as_str)));
    let mut x: Vec<f64> = runs.iter().flat_map(|heat| heat.x.iter().copied()).collect();
    x.sort_unstable_by(f64::total_cmp);
    x.dedup();
    let row_of: BTreeMap<&str, usize> = rows.iter().enumerate().map(|(at, row)| (*row, at)).collect();
    let mut cells: Vec<Vec<Vec<f64>>> = vec![vec![Vec::new(); x.len()]; rows.len()];
    for heat in runs {
        for (row, values) in heat.rows.iter().zip(&heat.cells) {
            for (position, value) in heat.x.iter().zip(values) {
                let (row, column) = (row_of.get(row.as_str()), x.binary_search_by(|x| x.total_cmp(position)));
                if let (Some(&row), Ok(column)) = (row, column) {
                    cells[row][column].extend(*value);
                }
            }
        }
    }
    let mean = |values: Vec<f64>| {
        let n = values.len() as f64;
        // Divided first, so that no sum is beyond all numbers.
        let sum = values.iter().map(|value| value / n).sum();
        if values.is_empty() {
            None
        } else if let [only] = values.as_slice() {
            Some(*only)
        } else {
            finite(sum)
        }
    };
    let value = runs.first().map(|heat| heat.value.clone()).unwrap_or_default();
    Heat {
        x,
        rows: rows.into_iter().map(str::to_owned).collect(),
        value,
        cells: cells.into_iter().map(|row| row.into_iter().map(mean).collect()).collect(),
    }
}
