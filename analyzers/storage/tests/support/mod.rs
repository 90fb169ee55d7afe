//! A plain simulator of aging evolution with weight transfer, and help for reading reports.

#![allow(dead_code, reason = "each test and the bench use a part of it")]

pub(crate) mod naive;

use lamarck_sdk::model::candidate::LayerSource;
use lamarck_sdk::model::report::{Body, Cell, Chart, Finding, Line, Table};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, LayerColumns, Nullable, Origin, Report, Rng, Status};
use lamarck_storage::Storage;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

/// Whose weights a child takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Donor {
    Parent,
    /// Anyone stored so far, drawn evenly: may be long gone.
    Anyone,
    Nobody,
}

/// How to evolve.
#[derive(Debug, Clone)]
pub(crate) struct Evolution {
    pub(crate) decisions: usize,
    pub(crate) options: u16,
    pub(crate) population: usize,
    /// Members in a tournament; 1 is neutral.
    pub(crate) sample: usize,
    pub(crate) workers: usize,
    /// Candidates that wait for a worker.
    pub(crate) lookahead: usize,
    pub(crate) candidates: u64,
    pub(crate) donor: Donor,
    /// Share of sampled candidates that fail; children never do, since nobody records what they were promised.
    pub(crate) failures: f64,
    pub(crate) failures_enter: bool,
    /// Models that the rule `window` keeps.
    pub(crate) window: usize,
    /// The longest duration; 1 makes all finish at once, in ties.
    pub(crate) longest: u64,
    pub(crate) seed: u64,
}

impl Default for Evolution {
    fn default() -> Self {
        Self {
            decisions: 6,
            options: 5,
            population: 100,
            sample: 10,
            workers: 64,
            lookahead: 0,
            candidates: 1000,
            donor: Donor::Parent,
            failures: 0.0,
            failures_enter: true,
            window: 1000,
            longest: 1000,
            seed: 1,
        }
    }
}

/// What happens, in order: for whoever checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A candidate is promised stored layers.
    Promise(u64, Vec<Stored>),
    /// It reads them.
    Read(u64),
    /// It is stored, with this map.
    Store(u64, Vec<Stored>),
    /// It left the population.
    Leave(u64),
    /// A finish is over (and the one before it): the next slot begins.
    Slot,
}

/// A stored layer: owner, identity, bytes.
pub(crate) type Stored = (u64, u128, u64);

/// A run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) records: Vec<CandidateRecord>,
    pub(crate) layers: LayerColumns,
    pub(crate) events: Vec<Event>,
}

struct Flight {
    record: CandidateRecord,
    promised: Vec<Stored>,
}

impl Evolution {
    /// The context of a study that evolves like this.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::for_space(space(&vec![usize::from(self.options); self.decisions]));
        context.workers = u32::try_from(self.workers).unwrap();
        context.study = lamarck_sdk::serde_json::json!({
            "strategy": {
                "plugin": "regularized-evolution", "population": self.population,
                "failures": if self.failures_enter { "worst" } else { "ignore" },
            },
            "scheduler": { "lookahead": self.lookahead },
            "transfer": { "donor": "parent", "retention": "all", "window": self.window },
        });
        context
    }

    /// The layers of a model: an input without weights, then one a decision, whose identity depends on all before.
    fn layers(choices: &[u16]) -> Vec<(u128, u64)> {
        let mut identity = 1_u128;
        let mut layers = vec![(identity, 0)];
        for (position, &choice) in (0..).zip(choices) {
            identity = (identity ^ u128::from(choice + 1)).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
            layers.push((identity, 8 * (1 + u64::from(choice)) + position));
        }
        layers
    }

    /// Runs it, in the engine's order of events.
    pub(crate) fn run(&self) -> Trace {
        let mut trace = Trace::default();
        let mut rng = Rng::from_seed(self.seed);
        let mut maps: BTreeMap<u64, Vec<Stored>> = BTreeMap::new();
        let mut members: VecDeque<(CandidateRecord, u64)> = VecDeque::new();
        let (mut queue, mut running) = (VecDeque::new(), BinaryHeap::new());
        let mut flights: BTreeMap<u64, Flight> = BTreeMap::new();
        let (mut submitted, mut finished, mut idle, mut now) = (0, 0, self.workers, 0);
        loop {
            while queue.len() < idle + self.lookahead && submitted < self.candidates {
                let mut flight = self.propose(submitted, finished, &members, &maps, &mut rng);
                flight.record.submitted_us = now;
                trace.events.push(Event::Promise(submitted, flight.promised.clone()));
                queue.push_back(submitted);
                flights.insert(submitted, flight);
                submitted += 1;
            }
            while idle > 0
                && let Some(id) = queue.pop_front()
            {
                let record = &mut flights.get_mut(&id).unwrap().record;
                record.started_us = now;
                record.train_us = 1 + rng.below(self.longest);
                trace.events.push(Event::Read(id));
                running.push(Reverse((now + record.train_us, id)));
                idle -= 1;
            }
            let Some(Reverse((at, id))) = running.pop() else { break };
            now = at;
            idle += 1;
            trace.events.push(Event::Slot);
            let Flight { mut record, promised } = flights.remove(&id).unwrap();
            record.finished_us = now;
            if record.status == Status::Ok as u8 {
                let map = Self::store(&mut record, &promised, &mut trace.layers);
                trace.events.push(Event::Store(id, map.clone()));
                maps.insert(id, map);
            }
            trace.records.push(record.clone());
            if record.status == Status::Ok as u8 || self.failures_enter {
                members.push_back((record, finished));
                if members.len() > self.population
                    && let Some((oldest, _)) = members.pop_front()
                {
                    trace.events.push(Event::Leave(oldest.id));
                }
            }
            finished += 1;
        }
        trace
    }

    fn store(record: &mut CandidateRecord, promised: &[Stored], table: &mut LayerColumns) -> Vec<Stored> {
        let layers = Self::layers(&record.choices);
        let own = layers.iter().map(|&(identity, bytes)| (record.id, identity, bytes));
        let map: Vec<Stored> = promised.iter().copied().chain(own.skip(promised.len())).collect();
        for &(owner, identity, bytes) in &map {
            let source = if owner == record.id { LayerSource::Trained } else { LayerSource::Repository };
            table.push(record.id, identity, owner, bytes, source);
        }
        record.stored_bytes = map.iter().filter(|layer| layer.0 == record.id).map(|layer| layer.2).sum();
        record.owners = owners(&map);
        map
    }

    fn propose(
        &self,
        id: u64,
        finished: u64,
        members: &VecDeque<(CandidateRecord, u64)>,
        maps: &BTreeMap<u64, Vec<Stored>>,
        rng: &mut Rng,
    ) -> Flight {
        let mut record = CandidateRecord { id, transfer_us: 0, store_us: 1, ..CandidateRecord::default() };
        let mut promised = Vec::new();
        if members.len() < self.population {
            record.choices = (0..self.decisions).map(|_| self.choice(rng)).collect();
            if rng.uniform() < self.failures {
                record.status = Status::Failed as u8;
            }
        } else {
            let draws = (0..self.sample).map(|_| &members[rng.index(members.len())]);
            let worth = |member: &&(CandidateRecord, u64)| (member.0.score.known().is_some(), member.0.score);
            let (parent, finished_as) = draws
                .max_by(|a, b| worth(a).partial_cmp(&worth(b)).unwrap_or(std::cmp::Ordering::Equal))
                .unwrap();
            record.origin = Origin::Mutation as u8;
            record.parent = parent.id;
            record.parent_age = finished - finished_as - 1;
            record.choices.clone_from(&parent.choices);
            record.choices[rng.index(self.decisions)] = self.choice(rng);
            let donor = match self.donor {
                Donor::Parent => Some(parent.id),
                Donor::Anyone if maps.is_empty() => None,
                Donor::Anyone => maps.keys().nth(rng.index(maps.len())).copied(),
                Donor::Nobody => None,
            };
            if let Some((donor, map)) = donor.and_then(|donor| Some((donor, maps.get(&donor)?))) {
                record.donor = donor;
                let mine = Self::layers(&record.choices);
                let shared = map.iter().zip(&mine).take_while(|(theirs, mine)| theirs.1 == mine.0);
                promised = shared.map(|(theirs, _)| *theirs).collect();
                record.transfer_us = 3;
            }
        }
        let layers = Self::layers(&record.choices);
        record.layers = layers.len() as u64;
        record.bytes = layers.iter().map(|layer| layer.1).sum();
        record.prefix_layers = promised.len() as u64;
        record.prefix_bytes = promised.iter().map(|layer| layer.2).sum();
        record.prefix_owners = owners(&promised);
        record.missed_layers = 0;
        if record.status == Status::Ok as u8 {
            record.score = record.choices.iter().map(|&choice| f64::from(choice)).sum();
        }
        Flight { record, promised }
    }

    fn choice(&self, rng: &mut Rng) -> u16 {
        u16::try_from(rng.below(u64::from(self.options))).unwrap()
    }
}

/// Distinct owners of layers with weights.
fn owners(map: &[Stored]) -> u32 {
    let mut owners: Vec<u64> = map.iter().filter(|layer| layer.2 > 0).map(|layer| layer.0).collect();
    owners.sort_unstable();
    owners.dedup();
    u32::try_from(owners.len()).unwrap()
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

/// A table of layers as batches of so many rows.
pub(crate) fn layer_batches(layers: &LayerColumns, batch: usize) -> Vec<LayerColumns> {
    let part = |from: usize| {
        let rows = from..(from + batch).min(layers.len());
        LayerColumns {
            candidate: layers.candidate[rows.clone()].to_vec(),
            identity: layers.identity[rows.clone()].to_vec(),
            owner: layers.owner[rows.clone()].to_vec(),
            bytes: layers.bytes[rows.clone()].to_vec(),
            source: layers.source[rows].to_vec(),
        }
    };
    (0..layers.len()).step_by(batch).map(part).collect()
}

/// The report on a trace that comes in batches of so many rows.
pub(crate) fn report(options: &str, context: &Context, trace: &Trace, batch: usize) -> Report {
    let mut storage: Storage = create(options, context).unwrap();
    for columns in batches(&trace.records, batch) {
        storage.candidates(&columns.view()).unwrap();
    }
    if storage.wants_layers() {
        for columns in layer_batches(&trace.layers, batch) {
            storage.layers(&columns).unwrap();
        }
    }
    let report = storage.finish().unwrap();
    check(&report);
    report
}

/// What every report must keep to.
fn check(report: &Report) {
    for finding in &report.findings {
        assert!(finding.value.is_some() != finding.missing.is_some(), "{finding:?}");
        assert!(finding.missing.as_deref() != Some("the value is not a finite number"), "{finding:?}");
    }
    for table in &report.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
    for chart in &report.charts {
        let Body::Lines(lines) = &chart.body else { panic!("{}", chart.key) };
        assert!(lines.iter().all(|line| line.x.len() == line.y.len()), "{}", chart.key);
    }
}

pub(crate) fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    report.findings.iter().find(|finding| finding.key == key).unwrap_or_else(|| panic!("no finding {key}"))
}

pub(crate) fn value(report: &Report, key: &str) -> f64 {
    let finding = finding(report, key);
    finding.value.unwrap_or_else(|| panic!("{key} is missing: {:?}", finding.missing))
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

pub(crate) fn number(cell: &Cell) -> f64 {
    match cell {
        Cell::Integer(integer) => *integer as f64,
        Cell::Number(number) => *number,
        other => panic!("{other:?} is no number"),
    }
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
