//! A plain simulator of aging evolution, as short as it is naturally written, and help for reading reports.

#![allow(dead_code, reason = "each test and the bench use a part of it")]

use lamarck_sdk::model::report::{Body, Chart, Finding, Line, Table};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Origin, Report, Rng};
use lamarck_structure::Structure;
use std::collections::VecDeque;

/// How to evolve.
#[derive(Debug, Clone)]
pub(crate) struct Evolution {
    pub(crate) options: Vec<usize>,
    pub(crate) population: usize,
    /// Members in a tournament; 1 is neutral.
    pub(crate) sample: usize,
    pub(crate) workers: usize,
    pub(crate) candidates: u64,
    pub(crate) seed: u64,
}

impl Evolution {
    /// The context of a study that evolves like this.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::for_space(space(&self.options));
        context.workers = u32::try_from(self.workers).unwrap();
        context.study = lamarck_sdk::serde_json::json!({
            "strategy": { "plugin": "regularized-evolution", "population": self.population, "sample": self.sample },
            "mutators": [{ "plugin": "one-decision", "weight": 1.0, "noop": false }],
        });
        context
    }

    /// Runs it: candidates in flight finish in random order. The score is the sum of the choices, and the donor the
    /// parent, from which a child takes a layer for each decision before the changed one.
    pub(crate) fn run(&self, mut finished: impl FnMut(&CandidateRecord)) {
        let mut rng = Rng::from_seed(self.seed);
        let mut population: VecDeque<CandidateRecord> = VecDeque::new();
        let mut flight: Vec<CandidateRecord> = Vec::new();
        let mut submitted = 0;
        loop {
            while flight.len() < self.workers && submitted < self.candidates {
                let record = self.propose(submitted, &population, &mut rng);
                flight.push(record);
                submitted += 1;
            }
            if flight.is_empty() {
                return;
            }
            let record = flight.swap_remove(rng.index(flight.len()));
            finished(&record);
            population.push_back(record);
            if population.len() > self.population {
                population.pop_front();
            }
        }
    }

    fn propose(&self, id: u64, population: &VecDeque<CandidateRecord>, rng: &mut Rng) -> CandidateRecord {
        let mut child = CandidateRecord { id, ..CandidateRecord::default() };
        if population.len() < self.population {
            child.choices = self.options.iter().map(|&n| u16::try_from(rng.index(n)).unwrap()).collect();
        } else {
            let mut best = rng.index(population.len());
            for _ in 1..self.sample {
                let other = rng.index(population.len());
                if population[other].score > population[best].score {
                    best = other;
                }
            }
            let parent = &population[best];
            child.choices.clone_from(&parent.choices);
            let position = rng.index(self.options.len());
            let mut choice = rng.index(self.options[position] - 1);
            choice += usize::from(choice >= usize::from(parent.choices[position]));
            (child.changed_from, child.changed_to) =
                (parent.choices[position], u16::try_from(choice).unwrap());
            child.choices[position] = child.changed_to;
            child.changed = 1;
            child.changed_decision = u16::try_from(position).unwrap();
            child.origin = Origin::Mutation as u8;
            (child.parent, child.donor) = (parent.id, parent.id);
            child.prefix_layers = position as u64;
            child.prefix_bytes = position as u64 * 1000;
        }
        let sum: u64 = child.choices.iter().map(|&choice| u64::from(choice)).sum();
        child.score = sum as f64;
        child.layers = 10 + sum;
        child.parameters = 1000 * (1 + sum);
        child.bytes = 1000 * self.options.len() as u64;
        child
    }

    /// The report on it.
    pub(crate) fn report(&self, options: &str) -> Report {
        let mut records = Vec::new();
        self.run(|record| records.push(record.clone()));
        report(options, &self.context(), &records, 997)
    }
}

/// The report on these candidates, which come in batches of `batch`.
pub(crate) fn report(options: &str, context: &Context, records: &[CandidateRecord], batch: usize) -> Report {
    let mut structure: Structure = create(options, context).unwrap();
    let width = context.space.as_ref().unwrap().decisions.len();
    for part in records.chunks(batch) {
        let mut columns = CandidateColumns::with_capacity(width, part.len());
        for record in part {
            columns.push(record);
        }
        structure.candidates(&columns.view()).unwrap();
    }
    let report = structure.finish().unwrap();
    check(&report);
    report
}

/// What holds of every report: no number that is not finite, names that are unique, rows as long as the columns.
pub(crate) fn check(report: &Report) {
    let unique = |names: Vec<&str>| {
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len(), "{names:?}");
    };
    let finite = |values: &[Option<f64>]| {
        assert!(values.iter().flatten().all(|value| value.is_finite()), "{values:?}");
    };
    unique(report.findings.iter().map(|finding| finding.key.as_str()).collect());
    for finding in &report.findings {
        finite(&[finding.value, finding.spread, finding.theory]);
        assert!(finding.value.is_some() != finding.missing.is_some(), "{finding:?}");
        let digits = finding.text.chars().any(|letter| letter.is_ascii_digit());
        assert!(!digits && !finding.text.is_empty(), "{finding:?}");
    }
    unique(report.tables.iter().map(|table| table.name.as_str()).collect());
    for table in &report.tables {
        let keys: Vec<String> = table.rows.iter().map(|row| format!("{:?}", &row[..table.keys])).collect();
        unique(keys.iter().map(String::as_str).collect());
        for row in &table.rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            let bad = row
                .iter()
                .any(|cell| matches!(cell, lamarck_sdk::model::report::Cell::Number(x) if !x.is_finite()));
            assert!(!bad, "{row:?}");
        }
    }
    unique(report.charts.iter().map(|chart| chart.key.as_str()).collect());
    for chart in &report.charts {
        assert!(!chart.note.is_empty() && !chart.x.label.is_empty(), "{}", chart.key);
        match &chart.body {
            Body::Lines(lines) => {
                unique(lines.iter().map(|line| line.name.as_str()).collect());
                for line in lines {
                    assert_eq!(line.x.len(), line.y.len(), "{}: {}", chart.key, line.name);
                    assert!(line.x.is_sorted() && line.x.len() <= 530, "{}: {:?}", chart.key, line.x);
                    finite(&line.y);
                }
            }
            Body::Bars(bars) => {
                unique(bars.categories.iter().map(String::as_str).collect());
                for line in &bars.series {
                    assert_eq!(line.y.len(), bars.categories.len(), "{}", chart.key);
                    finite(&line.y);
                }
            }
            Body::Heat(heat) => {
                unique(heat.rows.iter().map(String::as_str).collect());
                assert_eq!(heat.cells.len(), heat.rows.len(), "{}", chart.key);
                for row in &heat.cells {
                    assert_eq!(row.len(), heat.x.len(), "{}", chart.key);
                    finite(row);
                }
            }
            Body::Flow(_) => panic!("no flow here"),
        }
    }
}

pub(crate) fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    let found = report.findings.iter().find(|finding| finding.key == key);
    found.unwrap_or_else(|| panic!("{key} in {report:#?}"))
}

/// A finding's value.
pub(crate) fn value(report: &Report, key: &str) -> f64 {
    let finding = finding(report, key);
    finding.value.unwrap_or_else(|| panic!("{finding:?}"))
}

/// Why a finding has none.
pub(crate) fn missing<'a>(report: &'a Report, key: &str) -> &'a str {
    finding(report, key).missing.as_deref().unwrap_or_else(|| panic!("{key} has a value"))
}

pub(crate) fn chart<'a>(report: &'a Report, key: &str) -> &'a Chart {
    report.charts.iter().find(|chart| chart.key == key).unwrap_or_else(|| panic!("no chart {key}"))
}

pub(crate) fn line<'a>(report: &'a Report, key: &str, name: &str) -> &'a Line {
    let lines = match &chart(report, key).body {
        Body::Lines(lines) => lines,
        Body::Bars(bars) => &bars.series,
        other => panic!("{other:?}"),
    };
    lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("no {name} in {lines:?}"))
}

pub(crate) fn table<'a>(report: &'a Report, name: &str) -> &'a Table {
    report.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

/// A table's rows as text, numbers to four places, a dash for what is missing.
pub(crate) fn text(table: &Table) -> Vec<String> {
    use lamarck_sdk::model::report::Cell;
    let cell = |cell: &Cell| match cell {
        Cell::Integer(n) => n.to_string(),
        Cell::Number(x) => format!("{x:.4}"),
        Cell::Text(text) => text.replace("decision ", "d"),
        Cell::Missing(()) => "-".to_owned(),
    };
    table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}
