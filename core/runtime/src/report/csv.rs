//! Tables and charts as CSV: everything that runs reported, one observation a row.
//!
//! The page shows medians; these files are for whoever computes on. So they keep every run, with its point and
//! replicate in front; a chart's also have the merged values, whose replicate is `merged`.

use super::merge::OfRun;
use super::run::RunReports;
use super::tables::{columns, of_name, pick, positions};
use ::csv::Writer;
use lamarck_model::report::{Bars, Body, Cell, Flow, Heat, Line};
use lamarck_model::report::{MergedBody, MergedChart, MergedLine, MergedTable, StudyReport};
use std::io::{self, Write};

/// What a section's runs reported, in the order of points and replicates.
pub(super) fn of_section(section: usize, runs: &[RunReports]) -> Vec<OfRun<'_>> {
    let mut reports: Vec<OfRun<'_>> = runs
        .iter()
        .flat_map(|run| {
            let reports = run.reports.iter().filter(|(of, _)| *of == section);
            reports.map(|(_, report)| OfRun { point: run.point, replicate: run.replicate, report })
        })
        .collect();
    reports.sort_by_key(|run| (run.point, run.replicate));
    reports
}

/// Writes rows that begin with point, label and replicate.
struct Rows<'a, W: Write> {
    report: &'a StudyReport,
    csv: Writer<W>,
    cells: Vec<String>,
}

impl<'a, W: Write> Rows<'a, W> {
    fn new(report: &'a StudyReport, to: W, columns: &[&str]) -> io::Result<Self> {
        let mut csv = Writer::from_writer(to);
        csv.write_record([&["point", "label", "replicate"][..], columns].concat())?;
        Ok(Self { report, csv, cells: Vec::new() })
    }

    fn row<const N: usize>(&mut self, point: usize, replicate: &str, cells: [String; N]) -> io::Result<()> {
        self.long(point, replicate, cells)
    }

    fn long(
        &mut self,
        point: usize,
        replicate: &str,
        cells: impl IntoIterator<Item = String>,
    ) -> io::Result<()> {
        self.cells.clear();
        self.cells.push(point.to_string());
        self.cells.push(self.report.points.get(point).map_or_else(String::new, |point| point.label.clone()));
        self.cells.push(replicate.to_owned());
        self.cells.extend(cells);
        self.csv.write_record(&self.cells)?;
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

/// The shortest text that gives the number back.
fn number(value: f64) -> String {
    format!("{value:?}")
}

fn known(value: Option<f64>) -> String {
    value.map_or_else(String::new, number)
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Integer(number) => number.to_string(),
        Cell::Number(value) => number(*value),
        Cell::Text(text) => text.clone(),
        Cell::Missing(()) => String::new(),
    }
}

/// Writes every run's rows of a table.
pub(super) fn table(
    report: &StudyReport,
    table: &MergedTable,
    runs: &[OfRun<'_>],
    to: impl Write,
) -> io::Result<()> {
    let tables = of_name(&table.name, runs);
    let columns = columns(&tables.iter().map(|(_, table)| *table).collect::<Vec<_>>());
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut rows = Rows::new(report, to, &names)?;
    for (run, table) in tables {
        let positions = positions(&columns, table.keys, table);
        let replicate = run.replicate.to_string();
        for row in &table.rows {
            rows.long(run.point, &replicate, pick(row, &positions).into_iter().map(cell))?;
        }
    }
    rows.finish()
}

/// How values merged over runs are marked.
const MERGED: &str = "merged";

/// Writes a chart's data, run by run and merged.
pub(super) fn chart(
    report: &StudyReport,
    chart: &MergedChart,
    runs: &[OfRun<'_>],
    to: impl Write,
) -> io::Result<()> {
    let header: &[&str] = match chart.panels.first().map(|panel| &panel.body) {
        Some(MergedBody::Heat(_)) => &["series", "x", "mean"],
        Some(MergedBody::Flow(_)) => &["series", "descends_from", "x", "height"],
        _ => &["series", "x", "median", "low", "high"],
    };
    let mut rows = Rows::new(report, to, header)?;
    for panel in &chart.panels {
        for run in runs.iter().filter(|run| run.point == panel.point) {
            let body =
                run.report.charts.iter().find(|of_run| of_run.key == chart.key).map(|chart| &chart.body);
            let (point, replicate) = (run.point, run.replicate.to_string());
            match (body, &panel.body) {
                (Some(Body::Lines(lines)), MergedBody::Lines(_)) => {
                    lines.iter().try_for_each(|line| run_line(&mut rows, point, &replicate, line))?;
                }
                (Some(Body::Bars(bars)), MergedBody::Bars { .. }) => {
                    run_bars(&mut rows, point, &replicate, bars)?;
                }
                (Some(Body::Heat(heat)), MergedBody::Heat(_)) => {
                    heat_rows(&mut rows, point, &replicate, heat)?;
                }
                (Some(Body::Flow(flow)), MergedBody::Flow(_)) => {
                    flow_rows(&mut rows, point, &replicate, flow)?;
                }
                _ => {}
            }
        }
        match &panel.body {
            MergedBody::Lines(lines) => {
                for line in lines {
                    merged_line(&mut rows, panel.point, line, line.x.iter().map(|x| number(*x)))?;
                }
            }
            MergedBody::Bars { categories, series } => {
                for line in series {
                    merged_line(&mut rows, panel.point, line, categories.iter().cloned())?;
                }
            }
            MergedBody::Heat(heat) => heat_rows(&mut rows, panel.point, MERGED, heat)?,
            // Not merged: the first run's stands there already.
            MergedBody::Flow(_) => {}
        }
    }
    rows.finish()
}

fn run_line<W: Write>(rows: &mut Rows<'_, W>, point: usize, replicate: &str, line: &Line) -> io::Result<()> {
    for (x, y) in line.x.iter().zip(&line.y) {
        let cells = [line.name.clone(), number(*x), known(*y), String::new(), String::new()];
        rows.row(point, replicate, cells)?;
    }
    Ok(())
}

fn run_bars<W: Write>(rows: &mut Rows<'_, W>, point: usize, replicate: &str, bars: &Bars) -> io::Result<()> {
    for series in &bars.series {
        for (category, y) in bars.categories.iter().zip(&series.y) {
            let cells = [series.name.clone(), category.clone(), known(*y), String::new(), String::new()];
            rows.row(point, replicate, cells)?;
        }
    }
    Ok(())
}

fn merged_line<W: Write>(
    rows: &mut Rows<'_, W>,
    point: usize,
    line: &MergedLine,
    x: impl Iterator<Item = String>,
) -> io::Result<()> {
    let end = |ends: &[Option<f64>], at: usize| known(ends.get(at).copied().flatten());
    for (at, (x, y)) in x.zip(&line.y).enumerate() {
        let cells = [line.name.clone(), x, known(*y), end(&line.low, at), end(&line.high, at)];
        rows.row(point, MERGED, cells)?;
    }
    Ok(())
}

fn heat_rows<W: Write>(rows: &mut Rows<'_, W>, point: usize, replicate: &str, heat: &Heat) -> io::Result<()> {
    for (name, cells) in heat.rows.iter().zip(&heat.cells) {
        for (x, value) in heat.x.iter().zip(cells) {
            rows.row(point, replicate, [name.clone(), number(*x), known(*value)])?;
        }
    }
    Ok(())
}

fn flow_rows<W: Write>(rows: &mut Rows<'_, W>, point: usize, replicate: &str, flow: &Flow) -> io::Result<()> {
    for band in &flow.bands {
        let parent = band.parent.and_then(|parent| flow.bands.get(parent));
        let parent = parent.map_or_else(String::new, |parent| parent.name.clone());
        for (x, height) in flow.x.iter().zip(&band.y) {
            rows.row(point, replicate, [band.name.clone(), parent.clone(), number(*x), number(*height)])?;
        }
    }
    Ok(())
}
