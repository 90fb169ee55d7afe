//! What the analyzers said of one run, once it is known to be what the types promise.
//!
//! Analyzers are other people's code. What they hand over is checked here, once, so that merging and writing need
//! not ask again: columns of one length, positions in order, names that are unique and can be the name of a file.

use lamarck_model::report::{Bars, Body, Cell, Chart, Flow, Heat, Line, Report, Table, finite};
use std::collections::BTreeSet;

/// A run's reports.
#[derive(Debug, Clone, PartialEq)]
pub struct RunReports {
    pub(super) point: usize,
    pub(super) replicate: u32,
    pub(super) candidates: u64,
    /// With the section that each belongs to.
    pub(super) reports: Vec<(usize, Report)>,
}

impl RunReports {
    /// An empty one: the run of a point (as a position in the merged report's points), and its candidates.
    pub fn new(point: usize, replicate: u32, candidates: u64) -> Self {
        Self { point, replicate, candidates, reports: Vec::new() }
    }

    /// Adds what an analyzer said, for a section of the merged report.
    ///
    /// # Errors
    /// How the report breaks the contract of [`Report`], in words.
    pub fn add(&mut self, section: usize, mut report: Report) -> Result<(), String> {
        accept(&mut report)?;
        self.reports.push((section, report));
        Ok(())
    }
}

/// Checks a report, and makes numbers that are not finite unknown.
fn accept(report: &mut Report) -> Result<(), String> {
    unique("finding", report.findings.iter().map(|finding| finding.key.as_str()))?;
    unique("chart", report.charts.iter().map(|chart| chart.key.as_str()))?;
    unique("table", report.tables.iter().map(|table| table.name.as_str()))?;
    for finding in &mut report.findings {
        finding.value = finding.value.and_then(finite);
        finding.spread = finding.spread.and_then(finite);
        finding.theory = finding.theory.and_then(finite);
        if finding.value.is_none() {
            finding.missing.get_or_insert_with(|| "the analyzer gave no value and no reason".to_owned());
        }
    }
    for chart in &mut report.charts {
        file_stem("chart", &chart.key)?;
        body(chart).map_err(|what| format!("chart `{}` {what}", chart.key))?;
    }
    for table in &mut report.tables {
        file_stem("table", &table.name)?;
        rows(table).map_err(|what| format!("table `{}` {what}", table.name))?;
    }
    Ok(())
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("has two of the {what} `{name}`"));
        }
    }
    Ok(())
}

/// Names become files' names, on any system: no separators, no hidden files, nothing to quote.
fn file_stem(what: &str, name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let fits = (1..=100).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('.');
    if fits {
        return Ok(());
    }
    let shown: String = name.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect();
    Err(format!(
        "has the {what} `{shown}`, whose name cannot be a file's: use up to 100 letters, digits and dashes"
    ))
}

fn body(chart: &mut Chart) -> Result<(), String> {
    match &mut chart.body {
        Body::Lines(lines) => {
            unique("series", lines.iter().map(|line| line.name.as_str()))?;
            lines.iter_mut().try_for_each(line)
        }
        Body::Bars(bars) => series(bars),
        Body::Heat(heat) => cells(heat),
        Body::Flow(flow) => bands(flow),
    }
}

fn line(line: &mut Line) -> Result<(), String> {
    if line.x.len() != line.y.len() {
        let (name, x, y) = (&line.name, line.x.len(), line.y.len());
        return Err(format!("has the series `{name}` with {x} positions and {y} values"));
    }
    ascending(&mut line.x).map_err(|what| format!("has the series `{}` {what}", line.name))?;
    line.y.iter_mut().for_each(|y| *y = y.and_then(finite));
    Ok(())
}

/// Checks positions, and gives 0 one sign.
fn ascending(x: &mut [f64]) -> Result<(), String> {
    for position in x.iter_mut() {
        if !position.is_finite() {
            return Err(format!("with a position that is {position}"));
        }
        *position += 0.0;
    }
    match x.windows(2).find(|pair| pair[0] > pair[1]) {
        Some(pair) => Err(format!("with position {} before {}", pair[0], pair[1])),
        None => Ok(()),
    }
}

fn series(bars: &mut Bars) -> Result<(), String> {
    unique("category", bars.categories.iter().map(String::as_str))?;
    unique("series", bars.series.iter().map(|line| line.name.as_str()))?;
    for series in &mut bars.series {
        if series.y.len() != bars.categories.len() {
            let (name, values, groups) = (&series.name, series.y.len(), bars.categories.len());
            return Err(format!("has the series `{name}` with {values} values for {groups} categories"));
        }
        series.x.clear();
        series.y.iter_mut().for_each(|y| *y = y.and_then(finite));
    }
    Ok(())
}

fn cells(heat: &mut Heat) -> Result<(), String> {
    unique("row", heat.rows.iter().map(String::as_str))?;
    ascending(&mut heat.x).map_err(|what| format!("has columns {what}"))?;
    if let Some((twice, _)) = heat.x.iter().zip(heat.x.iter().skip(1)).find(|(a, b)| a >= b) {
        return Err(format!("has two columns at position {twice}"));
    }
    let ragged = heat.cells.iter().any(|row| row.len() != heat.x.len());
    if heat.cells.len() != heat.rows.len() || ragged {
        let (rows, columns) = (heat.rows.len(), heat.x.len());
        return Err(format!("does not have a cell for each of {rows} rows and {columns} columns"));
    }
    heat.cells.iter_mut().flatten().for_each(|cell| *cell = cell.and_then(finite));
    Ok(())
}

fn bands(flow: &mut Flow) -> Result<(), String> {
    ascending(&mut flow.x).map_err(|what| format!("is drawn {what}"))?;
    for (at, band) in flow.bands.iter().enumerate() {
        if band.y.len() != flow.x.len() {
            let (name, heights, positions) = (&band.name, band.y.len(), flow.x.len());
            return Err(format!("has the band `{name}` with {heights} heights at {positions} positions"));
        }
        if band.parent.is_some_and(|parent| parent >= at) {
            return Err(format!("has the band `{}` before the one it descends from", band.name));
        }
        if let Some(height) = band.y.iter().find(|height| !height.is_finite()) {
            return Err(format!("has the band `{}` with a height that is {height}", band.name));
        }
    }
    Ok(())
}

fn rows(table: &mut Table) -> Result<(), String> {
    unique("column", table.columns.iter().map(String::as_str))?;
    if table.keys > table.columns.len() {
        return Err(format!("has {} keys among {} columns", table.keys, table.columns.len()));
    }
    for (at, row) in table.rows.iter_mut().enumerate() {
        if row.len() != table.columns.len() {
            return Err(format!("has {} cells in row {at} of {} columns", row.len(), table.columns.len()));
        }
        for cell in row {
            if let Cell::Number(number) = cell {
                *cell = Cell::from(*number);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use lamarck_model::report::{Axis, Finding, FlowBand};

    fn refused(change: impl FnOnce(&mut Report)) -> String {
        let mut report = Report::default();
        change(&mut report);
        RunReports::new(0, 0, 1).add(0, report).unwrap_err()
    }

    fn chart(body: Body) -> Chart {
        Chart {
            key: "c".into(),
            title: String::new(),
            note: String::new(),
            x: Axis::default(),
            y: Axis::default(),
            body,
        }
    }

    fn charted(body: Body) -> String {
        refused(|report| report.charts.push(chart(body)))
    }

    fn tabled(table: Table) -> String {
        refused(|report| report.tables.push(table))
    }

    #[test]
    fn what_breaks_the_contract_is_refused() {
        let twice = || Finding::new("k", "t", 1.0, "", 1);
        let line = |x: &[f64]| Line { name: "a".into(), x: x.to_vec(), y: vec![Some(1.0); 2], theory: false };
        let said = [
            refused(|report| report.findings = vec![twice(), twice()]),
            refused(|report| {
                let mut bad = chart(Body::Lines(Vec::new()));
                bad.key = "../up".into();
                report.charts.push(bad);
            }),
            charted(Body::Lines(vec![line(&[1.0])])),
            charted(Body::Lines(vec![line(&[2.0, 1.0])])),
            charted(Body::Lines(vec![line(&[1.0, f64::INFINITY])])),
            charted(Body::Lines(vec![line(&[1.0, 2.0]), line(&[1.0, 2.0])])),
            charted(Body::Bars(Bars { categories: vec!["x".into()], series: vec![line(&[])] })),
            charted(Body::Heat(Heat { rows: vec!["r".into()], ..Heat::default() })),
            charted(Body::Heat(Heat { x: vec![1.0, 1.0], ..Heat::default() })),
            charted(Body::Flow(Flow {
                x: vec![0.0],
                bands: vec![FlowBand { name: "b".into(), parent: Some(0), y: vec![1.0] }],
            })),
            charted(Body::Flow(Flow {
                x: vec![0.0],
                bands: vec![FlowBand { name: "b".into(), parent: None, y: vec![f64::NAN] }],
            })),
            tabled(Table { name: "t".into(), keys: 1, ..Table::default() }),
            tabled(Table { name: "t".into(), rows: vec![vec![1.5.into()]], ..Table::default() }),
            tabled(Table::default()),
        ];
        assert_snapshot!(said.join("\n"), @r"
        has two of the finding `k`
        has the chart `../up`, whose name cannot be a file's: use up to 100 letters, digits and dashes
        chart `c` has the series `a` with 1 positions and 2 values
        chart `c` has the series `a` with position 2 before 1
        chart `c` has the series `a` with a position that is inf
        chart `c` has two of the series `a`
        chart `c` has the series `a` with 2 values for 1 categories
        chart `c` does not have a cell for each of 1 rows and 0 columns
        chart `c` has two columns at position 1
        chart `c` has the band `b` before the one it descends from
        chart `c` has the band `b` with a height that is NaN
        table `t` has 1 keys among 0 columns
        table `t` has 1 cells in row 0 of 0 columns
        has the table ``, whose name cannot be a file's: use up to 100 letters, digits and dashes
        ");
    }

    #[test]
    fn what_is_not_finite_becomes_unknown() {
        let finding = Finding { value: Some(f64::NAN), theory: Some(f64::INFINITY), ..Finding::default() };
        let table = Table {
            name: "t".into(),
            columns: vec!["c".into()],
            rows: vec![vec![Cell::Number(f64::NAN)]],
            ..Table::default()
        };
        let line = Line { name: "l".into(), x: vec![-0.0], y: vec![Some(f64::NAN)], theory: false };
        let report = Report {
            findings: vec![finding],
            tables: vec![table],
            charts: vec![chart(Body::Lines(vec![line]))],
            ..Report::default()
        };
        let mut run = RunReports::new(0, 0, 1);
        run.add(0, report).unwrap();
        let report = &run.reports[0].1;
        assert_eq!((report.findings[0].value, report.findings[0].theory), (None, None));
        assert!(report.findings[0].missing.is_some());
        assert_eq!(report.tables[0].rows[0][0], Cell::Missing(()));
        let Body::Lines(lines) = &report.charts[0].body else { panic!("lines") };
        assert!(lines[0].y[0].is_none() && lines[0].x[0].is_sign_positive());
    }
}
