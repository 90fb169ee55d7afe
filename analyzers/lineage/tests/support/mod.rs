//! What the tests share: runs of evolution without an engine, and reports on rows.

#![allow(dead_code, reason = "each test binary uses its part")]

use lamarck_lineage::Lineage;
use lamarck_sdk::model::report::{Body, Cell, Chart, Finding, Table};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
use lamarck_sdk::serde_json::{Value, json};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Origin, Report, Rng};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A study's context: a space of two decisions, and these settings of the strategy.
pub(crate) fn context(strategy: &Value, workers: u32) -> Context {
    Context { workers, study: json!({ "strategy": strategy }), ..Context::for_space(space(&[2, 3])) }
}

/// A run to be: how parents are drawn, and what children inherit.
pub(crate) struct Evolution {
    pub(crate) strategy: Value,
    pub(crate) workers: u32,
    pub(crate) rows: usize,
    pub(crate) seed: u64,
    /// Training takes 1000 units of time, and up to this many more.
    pub(crate) spread: u64,
    /// A score from the parent's, which is 0 for founders.
    pub(crate) score: fn(f64, &mut Rng) -> f64,
}

impl Evolution {
    pub(crate) fn context(&self) -> Context {
        context(&self.strategy, self.workers)
    }

    /// Runs it: aging evolution as short as it is naturally written. (The shipped strategies cannot be linked beside
    /// this plugin, since every plugin has the same entry points.)
    pub(crate) fn run(&self) -> Vec<CandidateRecord> {
        let number = |key: &str| usize::try_from(self.strategy[key].as_u64().unwrap_or(1)).unwrap();
        let (population, sample) = (number("population"), number("sample"));
        let replacement = self.strategy["replacement"] == json!(true);
        let mut rng = Rng::from_seed(self.seed);
        let mut running = BinaryHeap::new();
        let mut born: Vec<CandidateRecord> = Vec::new();
        let mut rows: Vec<CandidateRecord> = Vec::new();
        let mut now = 0;
        while rows.len() < self.rows {
            while running.len() < self.workers as usize {
                let mut row = CandidateRecord { id: born.len() as u64, ..CandidateRecord::default() };
                row.choices = vec![0, 0];
                let mut inherited = 0.0;
                if rows.len() >= population {
                    let members = &rows[rows.len() - population..];
                    // Of equal scores the lower id is the better.
                    let better = |a: &CandidateRecord, b: &CandidateRecord| {
                        a.score.total_cmp(&b.score).then(b.id.cmp(&a.id)).is_gt()
                    };
                    let mut places: Vec<usize> = (0..population).collect();
                    let mut parent = &members[rng.index(population)];
                    if !replacement {
                        // The first of a shuffle that goes as far as is needed.
                        places.swap(0, rng.index(population));
                        parent = &members[places[0]];
                    }
                    for drawn in 1..sample {
                        let left = drawn + rng.index(population - drawn);
                        places.swap(drawn, left);
                        let other = &members[if replacement { rng.index(population) } else { places[drawn] }];
                        if better(other, parent) {
                            parent = other;
                        }
                    }
                    let rank = 1 + members.iter().filter(|other| better(other, parent)).count();
                    (row.origin, row.parent, row.donor) = (Origin::Mutation as u8, parent.id, parent.id);
                    row.parent_rank = u32::try_from(rank).unwrap();
                    inherited = parent.score;
                }
                row.score = (self.score)(inherited, &mut rng);
                row.finished_us = now + 1000 + rng.below(self.spread + 1);
                running.push(Reverse((row.finished_us, row.id)));
                born.push(row);
            }
            let Reverse((time, id)) = running.pop().unwrap();
            now = time;
            rows.push(born[usize::try_from(id).unwrap()].clone());
        }
        rows
    }
}

/// The report on rows, in batches of seven.
pub(crate) fn report(options: &str, context: &Context, rows: &[CandidateRecord]) -> Report {
    let mut lineage: Lineage = create(options, context).unwrap();
    let width = rows.first().map_or(0, |row| row.choices.len());
    let mut columns = CandidateColumns::with_capacity(width, 7);
    for batch in rows.chunks(7) {
        columns.clear();
        for row in batch {
            columns.push(row);
        }
        lineage.candidates(&columns.view()).unwrap();
    }
    let report = lineage.finish().unwrap();
    check(&report);
    report
}

/// What holds for every report: nothing is not finite, what is missing says why, rows fit their tables, lines have as
/// many x as y, and the bands of the Muller plot fill it.
pub(crate) fn check(report: &Report) {
    for finding in &report.findings {
        let values = [finding.value, finding.spread, finding.theory];
        assert!(values.iter().flatten().all(|value| value.is_finite()), "{finding:?}");
        assert!(
            finding.value.is_some() != finding.missing.as_ref().is_some_and(|why| !why.is_empty()),
            "{finding:?}"
        );
        assert!(!finding.text.contains(|c: char| c.is_ascii_digit() && c != '1'), "{finding:?}");
    }
    for table in &report.tables {
        for row in &table.rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            assert!(row.iter().all(|cell| !matches!(cell, Cell::Number(x) if !x.is_finite())), "{row:?}");
        }
    }
    for chart in &report.charts {
        match &chart.body {
            Body::Lines(lines) => assert!(lines.iter().all(|line| line.x.len() == line.y.len()), "{chart:?}"),
            Body::Bars(bars) => {
                assert!(
                    bars.series.iter().all(|series| series.y.len() == bars.categories.len()),
                    "{chart:?}"
                );
            }
            Body::Flow(flow) => {
                for (at, band) in flow.bands.iter().enumerate() {
                    assert!(band.parent.is_none_or(|parent| parent < at), "{chart:?}");
                    assert!(band.y.iter().all(|&share| (0.0..=1.0 + 1e-9).contains(&share)), "{chart:?}");
                }
                for window in 0..flow.x.len() {
                    let sum: f64 = flow.bands.iter().map(|band| band.y[window]).sum();
                    assert!((sum - 1.0).abs() < 1e-9, "window {window}: {sum}");
                }
            }
            Body::Heat(_) => panic!("there are no heat maps"),
        }
    }
}

pub(crate) fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    report.findings.iter().find(|finding| finding.key == key).unwrap_or_else(|| panic!("no finding {key}"))
}

pub(crate) fn value(report: &Report, key: &str) -> f64 {
    finding(report, key).value.unwrap_or_else(|| panic!("{:?}", finding(report, key)))
}

pub(crate) fn theory(report: &Report, key: &str) -> f64 {
    finding(report, key).theory.unwrap_or_else(|| panic!("{:?}", finding(report, key)))
}

pub(crate) fn table<'a>(report: &'a Report, name: &str) -> &'a Table {
    report.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

pub(crate) fn chart<'a>(report: &'a Report, key: &str) -> &'a Chart {
    report.charts.iter().find(|chart| chart.key == key).unwrap_or_else(|| panic!("no chart {key}"))
}

/// A table's rows as text, cells separated by blanks, `-` where nothing is known.
pub(crate) fn rows(report: &Report, name: &str) -> Vec<String> {
    let cell = |cell: &Cell| match cell {
        Cell::Integer(x) => x.to_string(),
        Cell::Number(x) => x.to_string(),
        Cell::Text(x) => x.clone(),
        Cell::Missing(()) => "-".into(),
    };
    table(report, name).rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

/// A column as numbers.
pub(crate) fn column(report: &Report, name: &str, column: &str) -> Vec<Option<f64>> {
    let table = table(report, name);
    let at = table.columns.iter().position(|found| found == column).unwrap_or_else(|| panic!("no {column}"));
    let number = |row: &Vec<Cell>| match row[at] {
        Cell::Integer(x) => Some(f64::from(i32::try_from(x).unwrap())),
        Cell::Number(x) => Some(x),
        _ => None,
    };
    table.rows.iter().map(number).collect()
}
