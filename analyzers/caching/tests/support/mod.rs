//! A plain simulator of evolution with weight transfer, and small helpers.

#![allow(dead_code, unreachable_pub, reason = "every test file uses some of it, from its own root")]

use lamarck_sdk::model::report::{Finding, Report};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord, LayerSource};
use lamarck_sdk::serde_json::{Value, json};
use lamarck_sdk::testing::space;
use lamarck_sdk::{Analyzer, Context, LayerColumns, Nullable, Origin, Rng, Status};
use std::collections::VecDeque;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Evolution {
    pub candidates: usize,
    pub population: usize,
    pub sample: usize,
    pub workers: usize,
    pub workers_per_node: usize,
    /// Layers of a model; every second one has no weights.
    pub layers: usize,
    /// One in so many candidates fails; 0 for none.
    pub failures: u64,
    pub seed: u64,
}

impl Default for Evolution {
    fn default() -> Self {
        Self {
            candidates: 300,
            population: 20,
            sample: 4,
            workers: 8,
            workers_per_node: 2,
            layers: 12,
            failures: 0,
            seed: 1,
        }
    }
}

/// A layer in a map: identity, owner, bytes.
type Layer = (u128, u64, u64);

struct Model {
    id: u64,
    score: f64,
    map: Vec<Layer>,
}

struct Flying {
    row: CandidateRecord,
    map: Vec<Layer>,
}

impl Evolution {
    /// The tables.
    pub fn run(self) -> (CandidateColumns, LayerColumns) {
        let mut rng = Rng::from_seed(self.seed);
        let mut columns = CandidateColumns::with_capacity(1, self.candidates);
        let mut layers = LayerColumns::default();
        let mut members: VecDeque<Model> = VecDeque::new();
        let mut flying: Vec<Flying> = Vec::new();
        let mut next = 0;
        for worker in 0..self.workers.min(self.candidates) {
            flying.push(self.submit(next, worker, 0, &members, &mut rng));
            next += 1;
        }
        while let Some(first) =
            (0..flying.len()).min_by_key(|&at| (flying[at].row.finished_us, flying[at].row.id))
        {
            let Flying { row, map } = flying.swap_remove(first);
            columns.push(&row);
            let well = row.status == Status::Ok as u8;
            for &(identity, owner, bytes) in map.iter().filter(|_| well) {
                let source = if owner == row.id { LayerSource::Trained } else { LayerSource::Repository };
                layers.push(row.id, identity, owner, bytes, source);
            }
            let score = if well { row.score } else { f64::NEG_INFINITY };
            members.push_back(Model { id: row.id, score, map: if well { map } else { Vec::new() } });
            if members.len() > self.population {
                members.pop_front();
            }
            if next < self.candidates as u64 {
                let worker = row.worker as usize;
                flying.push(self.submit(next, worker, row.finished_us, &members, &mut rng));
                next += 1;
            }
        }
        (columns, layers)
    }

    fn submit(self, id: u64, worker: usize, now: u64, members: &VecDeque<Model>, rng: &mut Rng) -> Flying {
        let mut row = CandidateRecord { id, choices: vec![0], ..CandidateRecord::default() };
        (row.submitted_us, row.started_us) = (now, now);
        row.finished_us = now + 1_000 + rng.below(9_000);
        row.worker = u32::try_from(worker).unwrap();
        row.node = u32::try_from(worker / self.workers_per_node).unwrap();
        row.score = rng.uniform();
        row.status = Status::Ok as u8;
        if self.failures > 0 && rng.below(self.failures) == 0 {
            row.status = Status::Failed as u8;
            row.score = f64::NONE;
        }
        let own = |at: usize| {
            let identity = u128::from(id) << 32 | at as u128;
            let bytes = if at.is_multiple_of(2) { 0 } else { 1_000 * (1 + (id + at as u64 * 7) % 13) };
            (identity, id, bytes)
        };
        let mut map: Vec<Layer> = (0..self.layers).map(own).collect();
        if members.len() == self.population {
            let best = (0..self.sample)
                .map(|_| rng.index(members.len()))
                .max_by(|&a, &b| members[a].score.total_cmp(&members[b].score))
                .unwrap();
            let parent = &members[best];
            row.origin = Origin::Mutation as u8;
            (row.parent, row.donor) = (parent.id, parent.id);
            if row.status == Status::Ok as u8 && parent.score.is_finite() {
                row.score = 0.8 * parent.score + 0.2 * row.score;
            }
            let shared = rng.index(self.layers + 1).min(parent.map.len());
            map[..shared].copy_from_slice(&parent.map[..shared]);
            row.prefix_bytes = map[..shared].iter().map(|&(_, _, bytes)| bytes).sum();
        }
        Flying { row, map }
    }

    /// What the study would say of it.
    pub fn context(self) -> Context {
        context(&json!({
            "strategy": {
                "plugin": "regularized-evolution", "population": self.population, "sample": self.sample,
                "replacement": true,
            },
            "transfer": {"donor": "parent", "retention": "all"},
        }))
    }
}

/// A context with this study.
pub fn context(study: &Value) -> Context {
    Context { study: study.clone(), ..Context::for_space(space(&[2])) }
}

/// The analyzer's report on two tables, handed over in batches.
pub fn report(
    options: &str,
    context: &Context,
    candidates: &CandidateColumns,
    layers: &LayerColumns,
) -> Report {
    let mut analyzer: lamarck_caching::Caching = lamarck_sdk::testing::create(options, context).unwrap();
    analyzer.candidates(&candidates.view()).unwrap();
    // Batches end in the middle of candidates.
    let mut from = 0;
    while from < layers.len() {
        let to = (from + 101).min(layers.len());
        let batch = LayerColumns {
            candidate: layers.candidate[from..to].to_vec(),
            identity: layers.identity[from..to].to_vec(),
            owner: layers.owner[from..to].to_vec(),
            bytes: layers.bytes[from..to].to_vec(),
            source: layers.source[from..to].to_vec(),
        };
        analyzer.layers(&batch).unwrap();
        from = to;
    }
    let report = analyzer.finish().unwrap();
    check(&report);
    report
}

/// What every report must be: as JSON it has no number that is none, keys are unique.
pub fn check(report: &Report) {
    let mut keys: Vec<&str> = report.findings.iter().map(|finding| finding.key.as_str()).collect();
    let n = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), n, "a key is there twice");
    for finding in &report.findings {
        assert!(finding.value.is_some() != finding.missing.is_some(), "{finding:?}");
        assert!(!finding.text.contains(|c: char| c.is_ascii_digit()), "a number in a text: {}", finding.text);
    }
    for table in &report.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
    let text = lamarck_sdk::serde_json::to_string(report).unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf\""));
}

pub fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    let found = report.findings.iter().find(|finding| finding.key == key);
    found.unwrap_or_else(|| {
        let keys: Vec<_> = report.findings.iter().map(|finding| &finding.key).collect();
        panic!("no finding {key}; there are {keys:?}")
    })
}

pub fn value(report: &Report, key: &str) -> f64 {
    finding(report, key).value.unwrap_or_else(|| panic!("{:?}", finding(report, key)))
}

pub fn why(report: &Report, key: &str) -> String {
    finding(report, key).missing.clone().unwrap_or_else(|| panic!("{:?}", finding(report, key)))
}
