//! Small components for engine tests: a toy space, an evaluator with known scores and times, plain strategies.

#![allow(dead_code, unreachable_pub, reason = "every test file uses a part of it")]

use anyhow::{Result, bail};
use lamarck_model::candidate::LayerColumns;
use lamarck_model::graph::DType;
use lamarck_model::{
    CandidateColumns, CandidateId, CandidateRecord, Choice, Decision, Evaluator, EvaluatorSpec, Finished,
    Layer, LayerGraph, ModelSize, Mutator, Outcome, Placement, Proposal, Request, Rng, Scheduler,
    SearchSpace, Selected, Situation, SpaceSpec, Status, Strategy, Tensor,
};
use lamarck_runtime::engine::{
    ClusterSettings, Components, End, EngineError, Output, Progress, Recorded, RunSettings, RunSummary,
    Script, replay, run,
};
use lamarck_runtime::trace::TraceError;
use std::collections::VecDeque;

/// Six decisions of five options; a chain of six layers with one to five weights.
pub struct Toy(SpaceSpec);

impl Toy {
    pub fn new() -> Self {
        let decisions = (0..6).map(|i| Decision {
            name: format!("d{i}"),
            options: (0..5).map(|o| o.to_string()).collect(),
            ordered: false,
            node: None,
            descendants: 5 - i,
        });
        Self(SpaceSpec {
            name: "toy".into(),
            decisions: decisions.collect(),
            constrained: false,
            levels: vec!["network".into()],
            class: None,
        })
    }
}

impl SearchSpace for Toy {
    fn spec(&self) -> &SpaceSpec {
        &self.0
    }

    fn build(&self, choices: &[Choice], _level: &str) -> Result<LayerGraph> {
        let mut graph = LayerGraph::new();
        let mut last = graph.add(Layer::new("in", "Input", "{}"), &[])?;
        for (i, choice) in choices.iter().enumerate() {
            let weights = Tensor::parameter("w", &[u64::from(*choice) + 1], DType::F32);
            let layer = Layer::new(format!("l{i}"), "Op", format!(r#"{{"op":{choice}}}"#));
            last = graph.add(layer.with_tensors(vec![weights]), &[last])?;
        }
        Ok(graph)
    }

    fn size(&self, choices: &[Choice], _level: &str) -> Result<ModelSize> {
        let parameters = choices.iter().map(|&choice| u64::from(choice) + 1).sum();
        Ok(ModelSize { layers: choices.len() as u64 + 1, parameters, bytes: parameters * 4 })
    }
}

/// Scores by the sum of choices, with times that depend on the candidate.
pub struct Sum {
    pub failing: fn(CandidateId) -> bool,
    pub panics: bool,
}

impl Default for Sum {
    fn default() -> Self {
        Self { failing: |_| false, panics: false }
    }
}

impl Evaluator for Sum {
    fn spec(&self) -> EvaluatorSpec {
        EvaluatorSpec {
            score: "sum".into(),
            unit: String::new(),
            best_known: Some(24.0),
            near: Some(1.0),
            synthetic: true,
            deterministic: true,
            sources: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
        if (self.failing)(request.candidate) {
            bail!("cannot train candidate {}", request.candidate);
        }
        let sum: u16 = request.choices.iter().sum();
        Ok(Outcome {
            status: Status::Ok,
            score: f64::from(sum) + rng.uniform() * 0.1,
            train_us: 500 + rng.below(1000),
        })
    }

    fn reference_score(&self, choices: &[Choice]) -> Result<Option<f64>> {
        Ok(Some(f64::from(choices.iter().sum::<u16>())))
    }
}

/// Changes one decision to another option.
pub struct One;

impl Mutator for One {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let at = rng.index(child.len());
        child[at] = (child[at] + 1 + Choice::try_from(rng.below(4))?) % 5;
        Ok(())
    }
}

/// The plainest aging evolution there is.
pub struct Plain {
    pub population: usize,
    pub members: VecDeque<(CandidateId, f64)>,
}

impl Plain {
    pub fn new(population: usize) -> Self {
        Self { population, members: VecDeque::new() }
    }
}

impl Strategy for Plain {
    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        if self.members.len() < self.population {
            return Ok(Proposal::Sample);
        }
        let best =
            (0..3).map(|_| self.members[rng.index(self.members.len())]).max_by(|a, b| a.1.total_cmp(&b.1));
        Ok(best.map_or(Proposal::Sample, |(id, _)| Proposal::Mutate(Selected { id, rank: None })))
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        self.members.push_back((finished.id, finished.score.unwrap_or(f64::NEG_INFINITY)));
        if self.members.len() > self.population {
            released.extend(self.members.pop_front().map(|(id, _)| id));
        }
        Ok(())
    }
}

/// First come, first served.
pub struct Fifo;

impl Scheduler for Fifo {
    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        let pairs = situation.ready.len().min(situation.idle.len());
        (0..pairs).for_each(|position| out.assign(position, position));
        Ok(())
    }
}

/// Keeps everything.
#[derive(Default)]
pub struct Memory {
    pub parts: Vec<CandidateColumns>,
    pub layers: LayerColumns,
}

impl Output for Memory {
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError> {
        self.parts.push(part.clone());
        Ok(())
    }

    fn layers(&mut self, part: &mut LayerColumns) -> Result<(), TraceError> {
        for i in 0..part.len() {
            self.layers.candidate.push(part.candidate[i]);
            self.layers.identity.push(part.identity[i]);
            self.layers.owner.push(part.owner[i]);
            self.layers.bytes.push(part.bytes[i]);
            self.layers.source.push(part.source[i]);
        }
        Ok(())
    }
}

impl Memory {
    pub fn rows(&self) -> Vec<CandidateRecord> {
        let mut rows = Vec::new();
        for part in &self.parts {
            let view = part.view();
            for i in 0..view.len() {
                let mut row = CandidateRecord::default();
                view.read(i, &mut row);
                rows.push(row);
            }
        }
        rows
    }
}

pub fn settings() -> RunSettings {
    RunSettings {
        seed: 1,
        replicate: 0,
        cluster: ClusterSettings { workers: 4, workers_per_node: 2, ..ClusterSettings::default() },
        lookahead: 0,
        level: "network".into(),
        transfer: None,
        selection: None,
        candidates: Some(200),
        until_us: None,
        layers: false,
        part_rows: 64,
        pause_after: None,
    }
}

pub struct Setup {
    pub evaluator: Sum,
    pub strategy: Box<dyn Strategy>,
    pub scheduler: Box<dyn Scheduler>,
    pub mutator: Box<dyn Mutator>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            evaluator: Sum::default(),
            strategy: Box::new(Plain::new(20)),
            scheduler: Box::new(Fifo),
            mutator: Box::new(One),
        }
    }
}

/// Another number of workers, two on a node.
pub fn workers(workers: u32) -> ClusterSettings {
    ClusterSettings { workers, ..settings().cluster }
}

/// Lends the components of a setup.
pub fn with<T>(setup: Setup, run: impl FnOnce(Components<'_>) -> T) -> T {
    let space = Toy::new();
    let mutators = [(setup.mutator, 1.0)];
    run(Components {
        space: &space,
        evaluator: &setup.evaluator,
        mutators: &mutators,
        strategy: setup.strategy,
        scheduler: setup.scheduler,
    })
}

/// Rows as the engine reads a record.
pub fn record(rows: Vec<CandidateRecord>) -> Recorded<'static> {
    Box::new(rows.into_iter().map(Ok))
}

/// Runs a setup and keeps everything.
pub fn go(
    setup: Setup,
    settings: &RunSettings,
    recorded: Option<Vec<CandidateRecord>>,
) -> Result<(End, RunSummary, Memory), EngineError> {
    let mut memory = Memory::default();
    let (end, summary) = with(setup, |components| {
        run(components, settings, recorded.map(record), &mut memory, &Progress::default())
    })?;
    Ok((end, summary, memory))
}

/// Two runs have the same rows and layers.
pub fn assert_same(a: &Memory, b: &Memory) {
    assert_eq!(a.rows().len(), b.rows().len());
    for (a, b) in a.rows().iter().zip(b.rows()) {
        assert_eq!(a.difference(&b), None, "candidate {}", a.id);
    }
    assert_eq!(a.layers, b.layers);
}

/// A run that is paused and resumed, and one that is played again under its own settings, are the run.
pub fn assert_repeatable(setup: impl Fn() -> Setup, settings: &RunSettings, pause: u64) {
    let (_, summary, whole) = go(setup(), settings, None).unwrap();
    let paused = RunSettings { pause_after: Some(pause), ..settings.clone() };
    let (_, _, part) = go(setup(), &paused, None).unwrap();
    let (_, again, resumed) = go(setup(), settings, Some(part.rows())).unwrap();
    assert_same(&resumed, &whole);
    // What the evaluator said of failures is not in a record.
    let silent = |summary| RunSummary { first_failure: None, ..summary };
    assert_eq!(silent(again), silent(summary));

    let script = with(setup(), |components| Script::read(components, settings, Some(record(whole.rows()))));
    let mut replayed = Memory::default();
    with(setup(), |components| {
        replay(components, settings, script.unwrap(), &mut replayed, &Progress::default())
    })
    .unwrap();
    assert_same(&replayed, &whole);
}
