//! What the analyzer goes by: its options, and what the study says of cluster, scheduler and selection.

use lamarck_sdk::prelude::*;

/// The largest population or number of workers that closed forms are worked out for.
const LARGEST: f64 = 1e9;
/// The most thresholds, and the most scores, that are looked for.
const MOST_THRESHOLDS: usize = 32;

/// The options of [`Distributed`](crate::Distributed).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct DistributedOptions {
    /// How many finished candidates a window has.
    pub window: u64,
    /// Members of the population; 0 for what the study says.
    pub population: u64,
    /// Shares of the way from the random phase's median score to the run's best.
    pub thresholds: Vec<f64>,
    /// Scores to reach.
    pub scores: Vec<f64>,
}

/// The options' declarations.
pub(crate) const SPECS: &[OptionSpec] = &[
    OptionSpec::integer(
        "window",
        1,
        1_000_000_000,
        "finished candidates in a window; doubled until 200 suffice",
    )
    .default_value("100")
    .unit("candidates"),
    OptionSpec::integer(
        "population",
        0,
        1_000_000_000,
        "how many of the last finished candidates are members; 0: what the strategy has",
    )
    .default_value("0")
    .unit("candidates"),
    OptionSpec::any(
        "thresholds",
        "shares, from 0 to 1, of the way from the random phase's median score to the run's best, the time to which is \
         told; at most 32",
    )
    .default_value("[0.9, 0.95, 0.99]"),
    OptionSpec::any(
        "scores",
        "scores, in the score's unit, the time to which is told; these compare between points of a sweep; at most 32",
    )
    .default_value("[]"),
];

/// How the strategy draws a parent from the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The best of so many members.
    Tournament { sample: u64, replacement: bool },
    /// Every member alike.
    Even,
}

/// When a strategy starts to select parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Completed,
    Submitted,
    Waited,
}

/// Options and context, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) window: u64,
    pub(crate) thresholds: Vec<f64>,
    pub(crate) scores: Vec<f64>,
    /// Members of the population; `None` where nobody knows, and for strategies that have none.
    pub(crate) population: Option<u64>,
    /// Whether candidates without a score become members.
    pub(crate) failures_enter: bool,
    /// How parents are drawn; `None` where nobody knows, or where rejected duplicates bend it.
    pub(crate) selection: Option<Selection>,
    pub(crate) start: Start,
    /// Workers, where the study says how many.
    pub(crate) workers: Option<u64>,
    /// Nodes, where the study says how many.
    pub(crate) nodes: Option<u64>,
    /// Ready candidates kept beyond the idle workers.
    pub(crate) lookahead: u64,
    /// The chance that an attempt is lost, where that is all that loses attempts.
    pub(crate) failure_rate: Option<f64>,
    pub(crate) speed_spread: Option<f64>,
}

impl Settings {
    pub(crate) fn new(options: &DistributedOptions, context: &Context) -> Result<Self> {
        ensure!(options.window > 0, "option `window` is 0; a window needs at least one candidate");
        for (name, list) in [("thresholds", &options.thresholds), ("scores", &options.scores)] {
            ensure!(
                list.len() <= MOST_THRESHOLDS,
                "option `{name}` has {} values; at most {MOST_THRESHOLDS} are looked for",
                list.len()
            );
            ensure!(
                list.iter().all(|value| value.is_finite()),
                "option `{name}` has a value that is no finite number"
            );
        }
        if let Some(odd) = options.thresholds.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            bail!("option `thresholds` has the value {odd}; a share is from 0 to 1");
        }
        let number = |section: &str, key: &str| context.number(section, key).and_then(whole);
        let word = |key: &str| context.study.get("strategy")?.get(key)?.as_str();
        let chosen = Some(options.population).filter(|&population| population > 0);
        let population = chosen.or(number("strategy", "population"));
        let replacement = context.study["strategy"]["replacement"].as_bool().unwrap_or(false);
        let selection = match (word("plugin"), number("strategy", "sample")) {
            _ if word("duplicates") == Some("reject") => None,
            (Some("neutral"), _) => Some(Selection::Even),
            (Some(_), Some(sample)) => Some(Selection::Tournament { sample, replacement }),
            _ => None,
        };
        let told = !context.study.is_null() || context.workers > 1;
        let walltime = context.number("cluster", "walltime_hours").unwrap_or(0.0);
        Ok(Self {
            window: options.window,
            thresholds: options.thresholds.clone(),
            scores: options.scores.clone(),
            population: population.filter(|&population| population > 0),
            failures_enter: word("failures") != Some("ignore"),
            selection,
            start: match word("start") {
                Some("submitted") => Start::Submitted,
                Some("waited") => Start::Waited,
                _ => Start::Completed,
            },
            workers: told.then(|| u64::from(context.workers.max(1))),
            nodes: told.then(|| u64::from(context.nodes.max(1))),
            lookahead: number("scheduler", "lookahead").unwrap_or(0),
            failure_rate: context.number("cluster", "failure_rate").filter(|_| walltime <= 0.0),
            speed_spread: context
                .number("cluster", "speed_spread")
                .filter(|spread| (0.0..1.0).contains(spread)),
        })
    }

    /// Candidates that are submitted and not finished, at any time but the end: every worker has one, and
    /// `lookahead` wait. `None` where nobody knows the number of workers.
    pub(crate) fn in_flight(&self) -> Option<u64> {
        self.workers.map(|workers| workers.saturating_add(self.lookahead))
    }

    /// Population and candidates in flight, where both are known.
    pub(crate) fn sizes(&self) -> Option<(u64, u64)> {
        self.population.zip(self.in_flight())
    }
}

/// A number that is whole and not negative, as such.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
fn whole(number: f64) -> Option<u64> {
    ((0.0..=LARGEST).contains(&number) && number.fract() <= 0.0).then_some(number as u64)
}
