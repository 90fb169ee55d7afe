//! Whether a report can be merged and drawn.

use super::{Body, Cell, Chart, Finding, Line, Report, Table};
use std::collections::BTreeSet;

/// What is wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part} `{key}` {what}")]
pub struct ReportError {
    /// Which kind of part: `finding`, `table` or `chart`.
    pub part: &'static str,
    /// The part's key or name.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
}

impl Report {
    /// Checks what merging and drawing rest on: parts of a kind have keys that differ and are not empty; numbers are
    /// finite; a finding without a value says why; rows have a cell a column; the points of a curve, the bars of a group
    /// and the cells of a map are as many as their axes say, and x ascends.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), ReportError> {
        let findings = self.findings.iter().map(|finding| (finding.key.as_str(), check_finding(finding)));
        part("finding", findings)?;
        part("table", self.tables.iter().map(|table| (table.name.as_str(), check_table(table))))?;
        part("chart", self.charts.iter().map(|chart| (chart.key.as_str(), check_chart(chart))))
    }
}

fn part<'a>(
    part: &'static str,
    checked: impl Iterator<Item = (&'a str, Result<(), String>)>,
) -> Result<(), ReportError> {
    let mut seen = BTreeSet::new();
    for (key, result) in checked {
        let mut unique = || {
            if key.is_empty() {
                return Err("has no name".to_owned());
            }
            if seen.insert(key) { Ok(()) } else { Err("is there twice".to_owned()) }
        };
        let result = result.and_then(|()| unique());
        result.map_err(|what| ReportError { part, key: key.to_owned(), what })?;
    }
    Ok(())
}

/// `Err` with the text unless it holds.
fn need(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn check_finding(finding: &Finding) -> Result<(), String> {
    for (name, number) in [("value", finding.value), ("spread", finding.spread), ("theory", finding.theory)] {
        need(number.is_none_or(f64::is_finite), || format!("has the {name} {number:?}"))?;
    }
    need(finding.spread.is_none_or(|spread| spread >= 0.0), || {
        format!("has the spread {:?}", finding.spread)
    })?;
    need(finding.value.is_some() || finding.missing.is_some(), || {
        "has no value and does not say why".to_owned()
    })?;
    need(!finding.text.is_empty(), || "does not say what its value is".to_owned())
}

fn check_table(table: &Table) -> Result<(), String> {
    let columns = table.columns.len();
    need(table.keys <= columns, || format!("has {columns} columns, {} of them keys", table.keys))?;
    let distinct: BTreeSet<&String> = table.columns.iter().collect();
    need(distinct.len() == columns, || "has two columns of one name".to_owned())?;
    for (position, row) in table.rows.iter().enumerate() {
        need(row.len() == columns, || {
            format!("has {columns} columns, but {} cells in row {position}", row.len())
        })?;
        for cell in row {
            if let Cell::Number(number) = cell {
                need(number.is_finite(), || format!("has the number {number} in row {position}"))?;
            }
        }
    }
    Ok(())
}

fn ascending(x: &[f64], what: &str) -> Result<(), String> {
    need(x.iter().all(|x| x.is_finite()), || format!("has an x that is not finite in {what}"))?;
    need(x.is_sorted(), || format!("has x values that do not ascend in {what}"))
}

fn optional(y: &[Option<f64>], what: &str) -> Result<(), String> {
    need(y.iter().flatten().all(|y| y.is_finite()), || format!("has a y that is not finite in {what}"))
}

fn names<'a>(names: impl Iterator<Item = &'a String>, what: &str) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        need(seen.insert(name), || format!("has two {what} called `{name}`"))?;
    }
    Ok(())
}

fn check_chart(chart: &Chart) -> Result<(), String> {
    match &chart.body {
        Body::Lines(lines) => {
            names(lines.iter().map(|line| &line.name), "curves")?;
            for Line { name, x, y, .. } in lines {
                need(x.len() == y.len(), || {
                    format!("has {} x and {} y in the curve `{name}`", x.len(), y.len())
                })?;
                ascending(x, name)?;
                optional(y, name)?;
            }
        }
        Body::Bars(bars) => {
            names(bars.categories.iter(), "groups")?;
            names(bars.series.iter().map(|line| &line.name), "series")?;
            for Line { name, y, .. } in &bars.series {
                need(y.len() == bars.categories.len(), || {
                    format!("has {} groups and {} bars in `{name}`", bars.categories.len(), y.len())
                })?;
                optional(y, name)?;
            }
        }
        Body::Heat(heat) => {
            names(heat.rows.iter(), "rows")?;
            need(heat.cells.len() == heat.rows.len(), || {
                format!("has {} names for {} rows", heat.rows.len(), heat.cells.len())
            })?;
            need(heat.x.iter().all(|x| x.is_finite()), || "has a column that is not finite".to_owned())?;
            for (name, row) in heat.rows.iter().zip(&heat.cells) {
                need(row.len() == heat.x.len(), || {
                    format!("has {} columns and {} cells in row `{name}`", heat.x.len(), row.len())
                })?;
                optional(row, name)?;
            }
        }
        Body::Flow(flow) => {
            ascending(&flow.x, "its axis")?;
            names(flow.bands.iter().map(|band| &band.name), "bands")?;
            for (position, band) in flow.bands.iter().enumerate() {
                need(band.y.len() == flow.x.len(), || {
                    format!("has {} x and {} y in the band `{}`", flow.x.len(), band.y.len(), band.name)
                })?;
                need(band.y.iter().all(|y| y.is_finite()), || {
                    format!("has a y that is not finite in the band `{}`", band.name)
                })?;
                need(band.parent.is_none_or(|parent| parent < position), || {
                    format!("has the band `{}` before the one that it descends from", band.name)
                })?;
            }
        }
    }
    Ok(())
}
