//! What the integration tests share: rows by hand, and a plain simulator of regularized evolution. (Linking the real
//! strategy is not possible: two plugins in one binary both define the manifest's symbol.)

#![allow(dead_code, reason = "each test binary uses its part")]

use lamarck_popularity::Popularity;
use lamarck_sdk::model::report::{Body, Cell, Chart, Finding, Line, Table};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
use lamarck_sdk::serde_json::{Value, json};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Nullable, Origin, Report, Rng, Status};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A candidate with a score; `parent` and `donor` as wished.
pub(crate) fn row(id: u64, parent: Option<u64>, donor: Option<u64>) -> CandidateRecord {
    CandidateRecord {
        id,
        origin: if parent.is_some() { Origin::Mutation } else { Origin::Sample } as u8,
        parent: parent.unwrap_or(u64::NONE),
        donor: donor.unwrap_or(u64::NONE),
        score: 0.5,
        choices: vec![0, 0],
        ..CandidateRecord::default()
    }
}

/// A context of two binary decisions with these settings.
pub(crate) fn context(study: Value) -> Context {
    Context { study, ..Context::for_space(space(&[2, 2])) }
}

/// The report of rows, handed over in batches of three (the last may be smaller).
pub(crate) fn analyze(rows: &[CandidateRecord], options: &str, context: &Context) -> Report {
    analyze_in(rows, options, context, 3)
}

pub(crate) fn analyze_in(rows: &[CandidateRecord], options: &str, context: &Context, batch: usize) -> Report {
    let mut analyzer: Popularity = create(options, context).unwrap();
    for part in rows.chunks(batch) {
        let mut columns = CandidateColumns::with_capacity(part[0].choices.len(), part.len());
        for row in part {
            columns.push(row);
        }
        analyzer.candidates(&columns.view()).unwrap();
    }
    analyzer.finish().unwrap()
}

pub(crate) fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    report.findings.iter().find(|finding| finding.key == key).unwrap_or_else(|| panic!("no finding {key}"))
}

pub(crate) fn number(report: &Report, key: &str) -> f64 {
    let finding = finding(report, key);
    finding.value.unwrap_or_else(|| panic!("{key} is missing: {:?}", finding.missing))
}

pub(crate) fn table<'a>(report: &'a Report, name: &str) -> &'a Table {
    report.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

/// The cells of a column, as JSON.
pub(crate) fn column(report: &Report, name: &str, column: &str) -> Value {
    let table = table(report, name);
    let at = table.columns.iter().position(|of| of == column).unwrap_or_else(|| panic!("no column {column}"));
    json!(table.rows.iter().map(|row| row[at].clone()).collect::<Vec<Cell>>())
}

pub(crate) fn chart<'a>(report: &'a Report, key: &str) -> &'a Chart {
    report.charts.iter().find(|chart| chart.key == key).unwrap_or_else(|| panic!("no chart {key}"))
}

pub(crate) fn line<'a>(report: &'a Report, key: &str, name: &str) -> &'a Line {
    let lines = match &chart(report, key).body {
        Body::Lines(lines) => lines,
        Body::Bars(bars) => &bars.series,
        _ => panic!("{key} has no lines"),
    };
    lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("no line {name}"))
}

/// A run of regularized evolution whose settings the context tells.
pub(crate) struct Simulation {
    pub(crate) population: u64,
    pub(crate) sample: u64,
    pub(crate) workers: u64,
    pub(crate) candidates: u64,
    /// How much of a child's score comes from its parent's; 0 for scores that are luck.
    pub(crate) heritability: f64,
    pub(crate) failures: f64,
    pub(crate) seed: u64,
}

impl Simulation {
    pub(crate) fn context(&self) -> Context {
        let strategy = json!({ "plugin": "regularized-evolution", "population": self.population, "sample": self.sample });
        let mut context =
            context(json!({ "strategy": strategy, "transfer": { "donor": "parent", "retention": "all" } }));
        context.space = Some(space(&[3; 6]));
        context.workers = u32::try_from(self.workers).unwrap();
        context
    }

    /// The rank (0 the best) and id of a tournament's winner: of `sample` members, drawn without replacement, the one
    /// with the highest score, then the lowest id.
    fn select(&self, population: &VecDeque<(f64, u64)>, rng: &mut Rng) -> (usize, u64) {
        let mut ranked: Vec<(f64, u64)> = population.iter().copied().collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut left: Vec<usize> = (0..ranked.len()).collect();
        let best = (0..self.sample).map(|_| left.swap_remove(rng.index(left.len()))).min().unwrap();
        (best, ranked[best].1)
    }

    /// A child of a member of the population when `finished` candidates have finished, or a sampled candidate.
    fn propose(
        &self,
        id: u64,
        population: &VecDeque<(f64, u64)>,
        submitted: &[CandidateRecord],
        finished_as: &[u64],
        finished: u64,
        rng: &mut Rng,
    ) -> CandidateRecord {
        let mut record = row(id, None, None);
        if (population.len() as u64) < self.population {
            record.choices = (0..6).map(|_| u16::try_from(rng.below(3)).unwrap()).collect();
            record.score = 0.0;
        } else {
            let (rank, parent) = self.select(population, rng);
            let of = &submitted[usize::try_from(parent).unwrap()];
            record = row(id, Some(parent), Some(parent));
            record.choices.clone_from(&of.choices);
            let at = rng.index(6);
            record.choices[at] = (record.choices[at] + 1 + u16::try_from(rng.below(2)).unwrap()) % 3;
            record.score = if of.score.is_none() { 0.0 } else { of.score } * self.heritability;
            record.parent_rank = u32::try_from(rank + 1).unwrap();
            record.parent_age = finished - finished_as[usize::try_from(parent).unwrap()] - 1;
            record.prefix_layers = at as u64;
        }
        record.score += rng.uniform();
        if rng.uniform() < self.failures {
            (record.score, record.status) = (f64::NONE, Status::Failed as u8);
        }
        (record.layers, record.bytes) = (7, 100 + u64::from(record.choices[0]));
        record
    }

    /// Rows in the order in which candidates finish.
    pub(crate) fn rows(&self) -> Vec<CandidateRecord> {
        let mut rng = Rng::from_seed(self.seed);
        let mut population = VecDeque::new();
        let mut running = BinaryHeap::new();
        // By id: what was submitted, and how many had finished before it finished.
        let (mut submitted, mut finished_as): (Vec<CandidateRecord>, Vec<u64>) = (Vec::new(), Vec::new());
        let (mut rows, mut now) = (Vec::new(), 0);
        for finished in 0..self.candidates {
            while (running.len() as u64) < self.workers {
                let id = submitted.len() as u64;
                let record = self.propose(id, &population, &submitted, &finished_as, finished, &mut rng);
                running.push(Reverse((now + 500 + rng.below(1000), id)));
                submitted.push(record);
                finished_as.push(0);
            }
            let Reverse((time, id)) = running.pop().unwrap();
            now = time;
            let at = usize::try_from(id).unwrap();
            finished_as[at] = finished;
            submitted[at].finished_us = now * 1000;
            let score = submitted[at].score;
            population.push_back((if score.is_none() { f64::NEG_INFINITY } else { score }, id));
            if population.len() as u64 > self.population {
                population.pop_front();
            }
            rows.push(submitted[at].clone());
        }
        rows
    }
}
