//! The engine, its plugins loaded as shared libraries, beside a plain static loop of the same algorithm.
//!
//! Run by hand: `cargo bench -p lamarck-tests --bench spine`. Rates are candidates per second of CPU time (user and
//! system, all threads); each line is the median of five rounds with the smallest and the largest, the cases taken
//! in turn so that a drift of the machine's speed hits all of them.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "a bench prints, reads the clock, and is written as the shortest loop would be"
)]

use cpu_time::ProcessTime;
use lamarck_model::candidate::LayerColumns;
use lamarck_model::{CandidateColumns, Choice, Context, Mutator, Rng};
use lamarck_nas_bench_201_table::{Dataset, Epochs, Quantity, embedded};
use lamarck_runtime::engine::{ClusterSettings, Components, Output, Progress, RunSettings, run};
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::trace::{RunKey, RunWriter, TraceError};
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::time::Instant;

const CANDIDATES: u64 = 1_000_000;
const WORKERS: u32 = 64;
const POPULATION: usize = 100;
const SAMPLE: usize = 10;
const ROUNDS: usize = 5;

/// A row of the plain loop's trace.
#[expect(dead_code, reason = "written as a trace is, and dropped")]
struct Row {
    parent: u64,
    choices: [Choice; 6],
    score: f64,
    started: u64,
    finished: u64,
    worker: u32,
}

/// Aging evolution on a table, as short and as fast as it is naturally written.
fn plain_loop(scores: &[f64], times: &[u64], seed: u64) -> Vec<Row> {
    let mut rng = Rng::from_seed(seed);
    let mut rows: Vec<Row> = Vec::with_capacity(CANDIDATES as usize);
    let mut population: VecDeque<u64> = VecDeque::with_capacity(POPULATION + 1);
    let mut running: BinaryHeap<Reverse<(u64, u64)>> = BinaryHeap::new();
    let mut sample: Vec<usize> = (0..POPULATION).collect();
    let mut submit =
        |rng: &mut Rng, rows: &mut Vec<Row>, population: &VecDeque<u64>, now: u64, worker: u32| {
            let id = rows.len() as u64;
            let (parent, choices) = if population.len() < POPULATION {
                (u64::MAX, std::array::from_fn(|_| rng.below(5) as Choice))
            } else {
                for i in 0..SAMPLE {
                    let j = i + rng.index(POPULATION - i);
                    sample.swap(i, j);
                }
                let mut best = population[sample[0]];
                for &member in &sample[1..SAMPLE] {
                    let other = population[member];
                    let (a, b) = (rows[best as usize].score, rows[other as usize].score);
                    if b > a || (b == a && other < best) {
                        best = other;
                    }
                }
                let mut child = rows[best as usize].choices;
                let at = rng.index(6);
                child[at] = (child[at] + 1 + rng.below(4) as Choice) % 5;
                (best, child)
            };
            let cell = choices.iter().fold(0, |cell, &choice| cell * 5 + usize::from(choice));
            let finished = now + times[cell];
            rows.push(Row { parent, choices, score: scores[cell], started: now, finished, worker });
            (finished, id)
        };
    for worker in 0..WORKERS {
        running.push(Reverse(submit(&mut rng, &mut rows, &population, 0, worker)));
    }
    while let Some(Reverse((now, id))) = running.pop() {
        population.push_back(id);
        if population.len() > POPULATION {
            population.pop_front();
        }
        if (rows.len() as u64) < CANDIDATES {
            let worker = rows[id as usize].worker;
            running.push(Reverse(submit(&mut rng, &mut rows, &population, now, worker)));
        }
    }
    rows
}

/// Keeps the whole trace.
#[derive(Default)]
struct Memory(Vec<CandidateColumns>);

impl Output for Memory {
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError> {
        let empty = CandidateColumns::with_capacity(6, part.len());
        self.0.push(std::mem::replace(part, empty));
        Ok(())
    }

    fn layers(&mut self, _: &mut LayerColumns) -> Result<(), TraceError> {
        Ok(())
    }
}

struct Store(RunWriter);

impl Output for Store {
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError> {
        self.0.write_candidates(&part.view())
    }

    fn layers(&mut self, _: &mut LayerColumns) -> Result<(), TraceError> {
        Ok(())
    }
}

struct Setup {
    registry: Registry,
    space: Box<dyn lamarck_model::SearchSpace>,
    evaluator: Box<dyn lamarck_model::Evaluator>,
    mutators: Vec<(Box<dyn Mutator>, f64)>,
    context: Context,
}

fn options(
    registry: &Registry,
    kind: lamarck_model::Kind,
    name: &str,
    set: &[(&str, Value)],
) -> Map<String, Value> {
    let (_, component) = registry.find(kind, name).expect("the plugin was built");
    let mut options: Map<String, Value> = set.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    lamarck_model::options::fill_defaults(&component.options, &mut options);
    options
}

impl Setup {
    fn new() -> Self {
        use lamarck_model::Kind;
        let registry = Registry::discover(&SearchPath::standard(&[], &[])).expect("plugins are found");
        let mut context = Context { workers: WORKERS, nodes: WORKERS, ..Context::bare() };
        let set = options(&registry, Kind::SearchSpace, "nas-bench-201", &[]);
        let space = registry.search_space("nas-bench-201", &set, &context).expect("the space is made");
        context.space = Some(space.spec().clone());
        let set = options(&registry, Kind::Evaluator, "nas-bench-201-table", &[("seed", json!("mean"))]);
        let evaluator =
            registry.evaluator("nas-bench-201-table", &set, &context).expect("the evaluator is made");
        let set = options(&registry, Kind::Mutator, "one-decision", &[]);
        let mutator = registry.mutator("one-decision", &set, &context).expect("the mutator is made");
        Self { space, evaluator, mutators: vec![(mutator, 1.0)], context, registry }
    }

    fn go(&self, replicate: u32, output: &mut dyn Output) {
        use lamarck_model::Kind;
        let set = [("population", json!(POPULATION)), ("sample", json!(SAMPLE))];
        let set = options(&self.registry, Kind::Strategy, "regularized-evolution", &set);
        let components = Components {
            space: self.space.as_ref(),
            evaluator: self.evaluator.as_ref(),
            mutators: &self.mutators,
            strategy: self.registry.strategy("regularized-evolution", &set, &self.context).expect("made"),
            scheduler: self.registry.scheduler("fifo", &Map::new(), &self.context).expect("made"),
        };
        let settings = RunSettings {
            seed: 1,
            replicate,
            cluster: ClusterSettings { workers: WORKERS, ..ClusterSettings::default() },
            lookahead: 0,
            level: "cell".into(),
            transfer: None,
            selection: None,
            candidates: Some(CANDIDATES),
            until_us: None,
            layers: false,
            part_rows: 100_000,
            pause_after: None,
        };
        let (_, summary) =
            run(components, &settings, None, output, &Progress::default()).expect("the run ends well");
        assert_eq!(summary.candidates, CANDIDATES);
        black_box(summary);
    }
}

/// Candidates per CPU second, in millions.
fn rate(candidates: u64, work: impl FnOnce()) -> f64 {
    let start = ProcessTime::now();
    work();
    candidates as f64 / start.elapsed().as_secs_f64() / 1e6
}

fn show(name: &str, rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    let median = rates[rates.len() / 2];
    println!("{name:44} {median:6.2} M/CPU s  ({:.2} to {:.2})", rates[0], rates[rates.len() - 1]);
    median
}

fn main() {
    let table = embedded();
    let runs = table
        .runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::ValidAccuracy)
        .expect("the table holds it");
    let seconds =
        table.runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::TrainSeconds).expect("the table holds it");
    let scores: Vec<f64> = (0..15_625).map(|cell| runs.mean(cell).expect("no cell is empty")).collect();
    let times: Vec<u64> =
        (0..15_625).map(|cell| (seconds.mean(cell).expect("no cell is empty") * 1e6) as u64).collect();
    let setup = Setup::new();
    let folder = tempfile::tempdir().expect("a temporary folder");

    let (mut plain, mut memory, mut parquet) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        plain.push(rate(CANDIDATES, || drop(black_box(plain_loop(&scores, &times, round as u64)))));
        memory.push(rate(CANDIDATES, || {
            let mut output = Memory::default();
            setup.go(round as u32, &mut output);
            drop(black_box(output));
        }));
        let key = RunKey { point: 0, replicate: round as u32 };
        let writer = RunWriter::create(folder.path(), key, 6, 100_000, false).expect("a writer");
        parquet.push(rate(CANDIDATES, || setup.go(round as u32, &mut Store(writer))));
    }
    println!("{CANDIDATES} candidates, {WORKERS} workers, P={POPULATION}, S={SAMPLE}, n={ROUNDS}");
    let plain = show("plain static loop, trace in memory", &mut plain);
    let memory = show("engine through plugins, trace in memory", &mut memory);
    let parquet = show("engine through plugins, Parquet written", &mut parquet);
    println!("engine / loop: {:.2} in memory, {:.2} with Parquet", memory / plain, parquet / plain);

    let mut scaling = Vec::new();
    for _ in 0..ROUNDS {
        let work = |replicate| setup.go(replicate, &mut Memory::default());
        let start = Instant::now();
        work(0);
        work(1);
        let one = start.elapsed().as_secs_f64();
        let start = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| work(0));
            work(1);
        });
        scaling.push(one / start.elapsed().as_secs_f64());
    }
    scaling.sort_by(f64::total_cmp);
    println!(
        "two replicates on two threads: {:.2} x one thread ({:.2} to {:.2})",
        scaling[ROUNDS / 2],
        scaling[0],
        scaling[ROUNDS - 1]
    );
}
