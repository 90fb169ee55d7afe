//! The six kinds of component, as object-safe traits.
//!
//! Plugins implement them, the host's adapters around loaded libraries implement them again, and the engine sees
//! no difference. How a component is made from a study's options, and how it gets into a shared library, is the
//! SDK's business.
//!
//! A strategy never mutates and a mutator never selects: any mutator works under any strategy, and the engine
//! records where a child differs from its parent. All errors are [`anyhow::Error`]: plugins speak anyhow, and what
//! the engine wants to know of a fault (its kind) the host's adapters attach as a typed source.
//!
//! Components start no threads, print nothing, read no clock and draw only from the generator they are handed.

use crate::candidate::{CandidateId, Columns, LayerColumns, Origin, Status};
use crate::graph::LayerGraph;
use crate::report::Report;
use crate::rng::Rng;
use crate::space::{Choice, ModelSize, SpaceSpec};
use anyhow::Result;
use serde::{Deserialize, Serialize};

/// What a component is told about the study when it is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The search space; `None` only while the space itself is being made.
    pub space: Option<SpaceSpec>,
    /// Workers of the cluster.
    pub workers: u32,
    /// Nodes of the cluster.
    pub nodes: u32,
    /// Whether scores are synthetic.
    #[serde(default)]
    pub synthetic: bool,
    /// The settings of the study's point, in the shape of `trace.json`: `study["strategy"]["population"]`. Null where
    /// nobody knows them, as for imported traces; whoever looks something up must be able to do without.
    #[serde(default)]
    pub study: serde_json::Value,
    /// The folder of the study's file, which paths to programs start from; empty for the working directory, where the
    /// study is none of the user's files. No result may depend on it: traces do not record it.
    #[serde(default)]
    pub folder: String,
}

impl Context {
    /// A context for one worker and this space, for tests and conformance checks.
    pub fn for_space(space: SpaceSpec) -> Self {
        Self { space: Some(space), ..Self::bare() }
    }

    /// A context for one worker that knows nothing else, such as a space is made with.
    pub fn bare() -> Self {
        Self {
            space: None,
            workers: 1,
            nodes: 1,
            synthetic: false,
            study: serde_json::Value::Null,
            folder: String::new(),
        }
    }

    /// A number in the study's settings: `context.number("strategy", "population")`.
    pub fn number(&self, section: &str, key: &str) -> Option<f64> {
        self.study.get(section)?.get(key)?.as_f64()
    }

    /// The space, or an error that says it is missing.
    pub fn space(&self) -> Result<&SpaceSpec> {
        self.space
            .as_ref()
            .ok_or_else(|| anyhow::anyhow!("this component needs a search space, and none was given"))
    }
}

/// A search space: its decisions, and the layer graph of a vector.
///
/// A whole space, of networks with one hidden layer:
///
/// ```
/// use anyhow::Result;
/// use lamarck_model::graph::DType;
/// use lamarck_model::{Choice, Decision, Layer, LayerGraph, SearchSpace, SpaceSpec, Tensor};
///
/// struct OneHidden(SpaceSpec);
///
/// const WIDTHS: [u64; 3] = [16, 32, 64];
///
/// impl OneHidden {
///     fn new() -> Self {
///         let width = Decision {
///             name: "width".into(),
///             options: WIDTHS.iter().map(u64::to_string).collect(),
///             ordered: true,
///             node: None,
///             descendants: 0,
///         };
///         Self(SpaceSpec {
///             name: "one-hidden".into(),
///             decisions: vec![width],
///             constrained: false,
///             levels: vec!["network".into()],
///             class: None,
///         })
///     }
/// }
///
/// impl SearchSpace for OneHidden {
///     fn spec(&self) -> &SpaceSpec {
///         &self.0
///     }
///
///     fn build(&self, choices: &[Choice], _level: &str) -> Result<LayerGraph> {
///         self.0.check_ranges(choices)?;
///         let units = WIDTHS[usize::from(choices[0])];
///         let mut graph = LayerGraph::new();
///         let input = graph.add(Layer::new("input", "Input", r#"{"shape":[10]}"#), &[])?;
///         let kernel = Tensor::parameter("kernel", &[10, units], DType::F32);
///         let hidden = Layer::new("hidden", "Dense", format!(r#"{{"units":{units}}}"#));
///         graph.add(hidden.with_tensors(vec![kernel]), &[input])?;
///         Ok(graph)
///     }
/// }
///
/// let space = OneHidden::new();
/// assert_eq!(space.size(&[2], "network")?.parameters, 640);
/// assert!(space.build(&[3], "network").is_err());
/// # Ok::<(), anyhow::Error>(())
/// ```
pub trait SearchSpace: Send + Sync {
    /// The description, which must not change.
    fn spec(&self) -> &SpaceSpec;

    /// Whether a vector with every choice in range is valid; asked only when the description says `constrained`.
    fn check(&self, _choices: &[Choice]) -> Result<()> {
        Ok(())
    }

    /// Draws a valid vector into `choices`. Uniform over all vectors unless the space is constrained.
    fn sample(&self, choices: &mut [Choice], rng: &mut Rng) -> Result<()> {
        for (choice, decision) in choices.iter_mut().zip(&self.spec().decisions) {
            *choice = Choice::try_from(rng.index(decision.options.len()))?;
        }
        Ok(())
    }

    /// The layer graph of a vector at one of the described levels. Anything else, a vector out of range or a level that
    /// is not described, is an error.
    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph>;

    /// The size of a vector's model. Override it where a closed form spares building the graph.
    fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
        Ok(self.build(choices, level)?.size()?)
    }

    /// A number that two vectors share exactly when they stand for the same network, or `None` when the space
    /// does not know.
    fn class(&self, _choices: &[Choice]) -> Result<Option<u64>> {
        Ok(None)
    }

    /// The architecture in the field's own notation.
    fn render(&self, choices: &[Choice]) -> Result<String> {
        Ok(choices.iter().map(Choice::to_string).collect::<Vec<_>>().join(","))
    }

    /// Reads what [`render`](Self::render) writes. Vectors such as `1,0,3` are read by the host before this is
    /// asked.
    fn parse(&self, text: &str) -> Result<Vec<Choice>> {
        anyhow::bail!("`{text}` is not a vector such as 1,0,3, and this space has no notation of its own")
    }
}

/// Where scores come from, for the trace's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSource {
    /// What the data are.
    pub name: String,
    /// Where they come from.
    pub origin: String,
    /// Their licence.
    pub license: String,
    /// Their checksum, with its kind: `xxh3:..`.
    pub checksum: String,
}

/// What an evaluator says of itself, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorSpec {
    /// What the score is: `cifar10 validation accuracy after 200 epochs`.
    pub score: String,
    /// Its unit: `%`.
    pub unit: String,
    /// The best score that is known to exist, if one is.
    pub best_known: Option<f64>,
    /// How near to it counts as reached, in the score's unit.
    pub near: Option<f64>,
    /// Whether scores are made up by a formula. Every output that stems from them says so.
    pub synthetic: bool,
    /// Whether the same request always gives the same outcome. A resumed run checks it.
    pub deterministic: bool,
    /// The data behind it.
    pub sources: Vec<DataSource>,
    /// What whoever reads the scores must know, a sentence each: how good a fit is, what was measured of a made-up
    /// landscape. Shown with every summary.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One candidate to evaluate.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The candidate.
    pub candidate: CandidateId,
    /// Its vector.
    pub choices: &'a [Choice],
    /// The size of its model.
    pub size: ModelSize,
    /// How much of it is inherited and frozen.
    pub prefix: ModelSize,
}

/// What came of evaluating a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// How it ended; [`Status::Ok`] needs a score.
    pub status: Status,
    /// The score, larger is better; not a number where there is none.
    pub score: f64,
    /// What training cost, in microseconds of virtual time.
    pub train_us: u64,
}

/// A number that an evaluator holds for an architecture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What it is.
    pub name: String,
    /// The value; `None` is a gap in the data.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
}

/// Scores candidates.
///
/// A whole evaluator, which scores by width and says that it made the score up:
///
/// ```
/// use anyhow::Result;
/// use lamarck_model::{Evaluator, EvaluatorSpec, ModelSize, Outcome, Request, Rng, Status};
///
/// struct Widest;
///
/// impl Evaluator for Widest {
///     fn spec(&self) -> EvaluatorSpec {
///         EvaluatorSpec {
///             score: "sum of choices, with noise".into(),
///             unit: String::new(),
///             best_known: None,
///             near: None,
///             synthetic: true,
///             deterministic: true,
///             sources: Vec::new(),
///             notes: Vec::new(),
///         }
///     }
///
///     fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
///         let sum: u16 = request.choices.iter().sum();
///         // A microsecond of virtual time a parameter.
///         let train_us = request.size.parameters;
///         Ok(Outcome { status: Status::Ok, score: f64::from(sum) + rng.uniform(), train_us })
///     }
/// }
///
/// let size = ModelSize { layers: 2, parameters: 640, bytes: 2560 };
/// let request = Request { candidate: 0, choices: &[2, 1], size, prefix: ModelSize::default() };
/// let outcome = Widest.evaluate(&request, &mut Rng::from_seed(1))?;
/// assert!((3.0..4.0).contains(&outcome.score) && outcome.train_us == 640);
/// # Ok::<(), anyhow::Error>(())
/// ```
pub trait Evaluator: Send + Sync {
    /// The description, which must not change.
    fn spec(&self) -> EvaluatorSpec;

    /// Evaluates one candidate. The outcome may depend on nothing but the request and the generator, unless the
    /// description says that it is not deterministic. An error is recorded as a failed candidate; an evaluator that fails on everything
    /// ends the run.
    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome>;

    /// The score without noise, against which regret is measured; `None` when there is no such thing.
    fn reference_score(&self, _choices: &[Choice]) -> Result<Option<f64>> {
        Ok(None)
    }

    /// Everything it holds for an architecture, for people to read.
    fn metrics(&self, _choices: &[Choice]) -> Result<Vec<Metric>> {
        Ok(Vec::new())
    }
}

/// Makes a child from its parent.
///
/// A whole mutator, which shuffles two choices:
///
/// ```
/// use anyhow::Result;
/// use lamarck_model::{Choice, Mutator, Rng};
///
/// struct Swap;
///
/// impl Mutator for Swap {
///     fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
///         let (a, b) = (rng.index(child.len()), rng.index(child.len()));
///         child.swap(a, b);
///         Ok(())
///     }
/// }
///
/// let mut child = [3, 1, 4];
/// Swap.mutate(&mut child, &mut Rng::from_seed(1))?;
/// child.sort_unstable();
/// assert_eq!(child, [1, 3, 4]);
/// # Ok::<(), anyhow::Error>(())
/// ```
pub trait Mutator: Send + Sync {
    /// Changes `child`, which arrives as a copy of the parent's vector, in place.
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()>;

    /// Changes `child`, which arrives as a copy of the first parent's vector, into a combination with `other`.
    /// Uniform crossover unless overridden: each decision from either parent with equal chance.
    fn recombine(&self, child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
        for (choice, &theirs) in child.iter_mut().zip(other) {
            if rng.below(2) == 1 {
                *choice = theirs;
            }
        }
        Ok(())
    }
}

/// A candidate that a strategy selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// The candidate; it must have been told and not released.
    pub id: CandidateId,
    /// Its rank in the population at this moment, 1 the best; `None` if the strategy has no such notion.
    pub rank: Option<u32>,
}

/// What a strategy wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// A vector drawn from the space.
    Sample,
    /// A mutated copy of one candidate.
    Mutate(Selected),
    /// A combination of two candidates.
    Recombine(Selected, Selected),
    /// This very vector.
    Exact(Vec<Choice>),
    /// Nothing until something running has finished. When nothing is running, the run is over.
    Wait,
}

/// A finished candidate, as a strategy sees it.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// The candidate.
    pub id: CandidateId,
    /// Its vector.
    pub choices: &'a [Choice],
    /// Its score; `None` for all that did not end well, which counts as worse than any score.
    pub score: Option<f64>,
    /// How it ended.
    pub status: Status,
    /// Where its vector came from.
    pub origin: Origin,
}

/// What a strategy says of itself, once it is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategySpec {
    /// Whether [`Strategy::accept`] must be asked about every new vector.
    pub screens: bool,
    /// The number of sampled candidates before the first child that theory expects, if it has a value.
    pub random_phase: Option<u64>,
}

/// Decides what to try next. Told of candidates in the order in which they finish.
///
/// A whole strategy, a hill climber that mutates the best candidate so far and forgets all others:
///
/// ```
/// use anyhow::Result;
/// use lamarck_model::{CandidateId, Finished, Origin, Proposal, Rng, Selected, Status, Strategy};
///
/// #[derive(Default)]
/// struct HillClimber {
///     best: Option<(CandidateId, f64)>,
/// }
///
/// impl Strategy for HillClimber {
///     fn ask(&mut self, _rng: &mut Rng) -> Result<Proposal> {
///         Ok(match self.best {
///             Some((id, _)) => Proposal::Mutate(Selected { id, rank: Some(1) }),
///             None => Proposal::Sample,
///         })
///     }
///
///     fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
///         match (finished.score, self.best) {
///             (Some(score), best) if best.is_none_or(|(_, best)| score > best) => {
///                 released.extend(best.map(|(id, _)| id));
///                 self.best = Some((finished.id, score));
///             }
///             _ => released.push(finished.id),
///         }
///         Ok(())
///     }
/// }
///
/// let mut climber = HillClimber::default();
/// assert_eq!(climber.ask(&mut Rng::from_seed(1))?, Proposal::Sample);
/// let mut released = Vec::new();
/// for (id, score) in [(0, 0.5), (1, 0.7), (2, 0.6)] {
///     let (status, origin) = (Status::Ok, Origin::Sample);
///     climber.tell(&Finished { id, choices: &[0], score: Some(score), status, origin }, &mut released)?;
/// }
/// assert_eq!(released, [0, 2]);
/// # Ok::<(), anyhow::Error>(())
/// ```
pub trait Strategy: Send {
    /// The description, which must not change.
    fn spec(&self) -> StrategySpec {
        StrategySpec::default()
    }

    /// What to try next.
    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal>;

    /// Whether a new vector, made as proposed, is to be tried; if not, the strategy is asked again.
    fn accept(&mut self, _choices: &[Choice]) -> Result<bool> {
        Ok(true)
    }

    /// Takes in a finished candidate, and names in `released` every candidate (this one too, if need be) that it
    /// will never select again, so that the engine can forget it.
    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()>;
}

/// Consumes the trace of one run batch by batch and returns what it found. The host makes one for each run and merges
/// their reports.
///
/// A whole analyzer, which counts failures:
///
/// ```
/// use anyhow::Result;
/// use lamarck_model::report::{Finding, Report};
/// use lamarck_model::{Analyzer, CandidateColumns, CandidateRecord, Columns, Status};
///
/// #[derive(Default)]
/// struct Failures {
///     failed: u64,
///     rows: u64,
/// }
///
/// impl Analyzer for Failures {
///     fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
///         self.rows += batch.len() as u64;
///         self.failed += batch.status.iter().filter(|&&status| status != Status::Ok as u8).count() as u64;
///         Ok(())
///     }
///
///     fn finish(&mut self) -> Result<Report> {
///         let text = "candidates that did not end well";
///         let finding = Finding::new("failures", text, self.failed as f64, "", self.rows);
///         Ok(Report { analyzer: "failures".into(), findings: vec![finding], ..Report::default() })
///     }
/// }
///
/// let mut columns = CandidateColumns::with_capacity(1, 2);
/// for status in [Status::Ok, Status::Lost] {
///     columns.push(&CandidateRecord { status: status as u8, choices: vec![0], ..CandidateRecord::default() });
/// }
/// let mut analyzer = Failures::default();
/// analyzer.candidates(&columns.view())?;
/// assert_eq!(analyzer.finish()?.findings[0].value, Some(1.0));
/// # Ok::<(), anyhow::Error>(())
/// ```
pub trait Analyzer: Send {
    /// Whether it wants the `layers` table too, which is many times larger.
    fn wants_layers(&self) -> bool {
        false
    }

    /// A batch of candidates, in the order in which they finished.
    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()>;

    /// A batch of the `layers` table, in the order of the candidates; comes after all candidates.
    fn layers(&mut self, _batch: &LayerColumns) -> Result<()> {
        Ok(())
    }

    /// The result, after the last batch.
    fn finish(&mut self) -> Result<Report>;
}
