//! A plain simulator of aging evolution on a cluster, and help for reading reports.

#![allow(dead_code, reason = "each test and the bench use a part of it")]

use lamarck_distributed::Distributed;
use lamarck_sdk::model::report::{Body, Cell, Chart, Finding, Line, Table};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Nullable, Origin, Report, Rng, Status};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// How to evolve.
#[derive(Debug, Clone)]
pub(crate) struct Evolution {
    pub(crate) population: usize,
    /// Members in a tournament; 1 is neutral.
    pub(crate) sample: usize,
    pub(crate) workers: usize,
    pub(crate) workers_per_node: usize,
    /// Candidates that wait for a worker.
    pub(crate) lookahead: usize,
    pub(crate) candidates: u64,
    /// Trainings last evenly from the first to the last of these.
    pub(crate) shortest: u64,
    pub(crate) longest: u64,
    /// The chance that an attempt is lost half way; it is tried again, at the end of the queue.
    pub(crate) losses: f64,
    pub(crate) speed_spread: f64,
    pub(crate) seed: u64,
}

impl Default for Evolution {
    fn default() -> Self {
        Self {
            population: 100,
            sample: 10,
            workers: 64,
            workers_per_node: 4,
            lookahead: 0,
            candidates: 1000,
            shortest: 1000,
            longest: 1000,
            losses: 0.0,
            speed_spread: 0.0,
            seed: 1,
        }
    }
}

impl Evolution {
    fn nodes(&self) -> usize {
        self.workers.div_ceil(self.workers_per_node)
    }

    /// The context of a study that evolves like this.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::for_space(space(&[100]));
        context.workers = u32::try_from(self.workers).unwrap();
        context.nodes = u32::try_from(self.nodes()).unwrap();
        context.study = lamarck_sdk::serde_json::json!({
            "strategy": {
                "plugin": if self.sample == 1 { "neutral" } else { "regularized-evolution" },
                "population": self.population, "sample": self.sample, "replacement": true,
                "start": "completed", "failures": "worst", "duplicates": "keep",
            },
            "scheduler": { "lookahead": self.lookahead },
            "cluster": {
                "workers": self.workers, "workers_per_node": self.workers_per_node, "failure_rate": self.losses,
                "speed_spread": self.speed_spread, "walltime_hours": 0.0,
            },
        });
        context
    }

    /// Runs it, in the engine's order of events.
    pub(crate) fn run(&self) -> Vec<CandidateRecord> {
        let mut rng = Rng::from_seed(self.seed);
        // In thousandths.
        let spread = (0_u64..=1000).find(|&spread| spread as f64 >= self.speed_spread * 1000.0).unwrap();
        let speeds: Vec<u64> = (0..self.nodes()).map(|_| 1000 - spread + rng.below(2 * spread + 1)).collect();
        let mut records: Vec<CandidateRecord> = Vec::new();
        // Rows of members are the last ones, all of them.
        let mut idle: Vec<usize> = (0..self.workers).collect();
        let (mut queue, mut running) = (VecDeque::new(), BinaryHeap::new());
        let (mut submitted, mut now) = (0, 0);
        let mut flying: Vec<Option<CandidateRecord>> = Vec::new();
        loop {
            while queue.len() < idle.len() + self.lookahead && submitted < self.candidates {
                let mut record = self.propose(submitted, &records, &mut rng);
                record.submitted_us = now;
                flying.push(Some(record));
                queue.push_back(submitted);
                submitted += 1;
            }
            while !idle.is_empty() && !queue.is_empty() {
                let worker = idle.remove(rng.index(idle.len()));
                let id = queue.pop_front().unwrap();
                let record = flying[usize::try_from(id).unwrap()].as_mut().unwrap();
                let node = worker / self.workers_per_node;
                (record.started_us, record.worker) = (now, u32::try_from(worker).unwrap());
                record.node = u32::try_from(node).unwrap();
                record.attempts = record.attempts.known().unwrap_or(0) + 1;
                let train = self.shortest + rng.below(self.longest - self.shortest + 1);
                record.train_us = train * 1000 / speeds[node];
                record.store_us = 2;
                record.transfer_us = if record.parent.is_none() { 0 } else { 3 };
                record.cached_bytes = if rng.chance(0.25) { record.prefix_bytes } else { 0 };
                let lost = rng.chance(self.losses);
                let whole = record.train_us + record.transfer_us + record.store_us;
                running.push(Reverse((now + if lost { whole / 2 } else { whole }, id, lost)));
            }
            let Some(Reverse((at, id, lost))) = running.pop() else { break };
            now = at;
            let place = usize::try_from(id).unwrap();
            let record = flying[place].as_mut().unwrap();
            idle.push(record.worker as usize);
            idle.sort_unstable();
            if lost {
                record.lost_us = record.lost_us.known().unwrap_or(0) + now - record.started_us;
                queue.push_back(id);
                continue;
            }
            record.finished_us = now;
            records.push(flying[place].take().unwrap());
        }
        records
    }

    fn propose(&self, id: u64, records: &[CandidateRecord], rng: &mut Rng) -> CandidateRecord {
        let mut record =
            CandidateRecord { id, choices: vec![0], stored_bytes: 10, ..CandidateRecord::default() };
        if records.len() < self.population {
            record.score = rng.uniform();
            (record.prefix_bytes, record.stored_bytes) = (0, 100);
            return record;
        }
        let first = records.len() - self.population;
        let better = |a: &usize, b: &usize| {
            let (a, b) = (&records[*a], &records[*b]);
            a.score.total_cmp(&b.score).then(b.id.cmp(&a.id))
        };
        let drawn = (0..self.sample).map(|_| first + rng.index(self.population));
        let row = drawn.max_by(better).unwrap();
        let parent = &records[row];
        record.origin = Origin::Mutation as u8;
        (record.parent, record.donor) = (parent.id, parent.id);
        record.parent_age = (records.len() - 1 - row) as u64;
        let rank = 1 + (first..records.len()).filter(|other| better(other, &row).is_gt()).count();
        record.parent_rank = u32::try_from(rank).unwrap();
        record.score = parent.score + rng.uniform() - 0.5;
        record.prefix_bytes = 90;
        record
    }
}

/// Rows as batches of so many.
pub(crate) fn batches(records: &[CandidateRecord], batch: usize) -> Vec<CandidateColumns> {
    records
        .chunks(batch)
        .map(|chunk| {
            let mut columns = CandidateColumns::with_capacity(chunk[0].choices.len(), chunk.len());
            for record in chunk {
                columns.push(record);
            }
            columns
        })
        .collect()
}

/// The report on a trace that comes in batches of so many rows.
pub(crate) fn report(options: &str, context: &Context, records: &[CandidateRecord], batch: usize) -> Report {
    let mut analyzer: Distributed = create(options, context).unwrap();
    for columns in batches(records, batch) {
        analyzer.candidates(&columns.view()).unwrap();
    }
    let report = analyzer.finish().unwrap();
    check(&report);
    report
}

/// What every report must keep to.
pub(crate) fn check(report: &Report) {
    let mut keys: Vec<&str> = report.findings.iter().map(|finding| finding.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), report.findings.len());
    for finding in &report.findings {
        assert!(finding.value.is_some() != finding.missing.is_some(), "{finding:?}");
        assert!(finding.missing.as_deref() != Some("the value is not a finite number"), "{finding:?}");
        if finding.key.starts_with("share-") || finding.key.starts_with("gone-") {
            assert!(finding.value.is_none_or(|value| value >= 0.0), "{finding:?}");
        }
    }
    for table in &report.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        let mut keys: Vec<String> = table.rows.iter().map(|row| format!("{:?}", row[0])).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), table.rows.len(), "{}", table.name);
    }
    for chart in &report.charts {
        let Body::Lines(lines) = &chart.body else { panic!("{}", chart.key) };
        assert!(
            lines.iter().all(|line| line.x.len() == line.y.len() && line.x.len() <= 200),
            "{}",
            chart.key
        );
        assert!(lines.iter().all(|line| line.x.is_sorted()), "{}", chart.key);
    }
}

pub(crate) fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    report.findings.iter().find(|finding| finding.key == key).unwrap_or_else(|| panic!("no finding {key}"))
}

pub(crate) fn value(report: &Report, key: &str) -> f64 {
    let finding = finding(report, key);
    finding.value.unwrap_or_else(|| panic!("{key} is missing: {:?}", finding.missing))
}

pub(crate) fn theory(report: &Report, key: &str) -> f64 {
    finding(report, key).theory.unwrap_or_else(|| panic!("{key} has no theory"))
}

pub(crate) fn missing<'a>(report: &'a Report, key: &str) -> &'a str {
    finding(report, key).missing.as_deref().unwrap_or_else(|| panic!("{key} is not missing"))
}

pub(crate) fn table<'a>(report: &'a Report, name: &str) -> &'a Table {
    report.tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

pub(crate) fn chart<'a>(report: &'a Report, key: &str) -> &'a Chart {
    report.charts.iter().find(|chart| chart.key == key).unwrap_or_else(|| panic!("no chart {key}"))
}

pub(crate) fn line<'a>(report: &'a Report, key: &str, name: &str) -> &'a Line {
    let Body::Lines(lines) = &chart(report, key).body else { panic!("{key} has no lines") };
    lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("{key} has no line {name}"))
}

/// A table's rows as words.
pub(crate) fn text(table: &Table) -> Vec<String> {
    let word = |cell: &Cell| match cell {
        Cell::Integer(integer) => integer.to_string(),
        Cell::Number(number) => format!("{number:.3}"),
        Cell::Text(text) => text.clone(),
        Cell::Missing(()) => "-".to_owned(),
    };
    table.rows.iter().map(|row| row.iter().map(word).collect::<Vec<_>>().join(" ")).collect()
}

/// Ended well.
pub(crate) const OK: u8 = Status::Ok as u8;
