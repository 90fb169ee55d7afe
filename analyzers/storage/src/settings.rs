//! Options, and what the study says of population, retention and cluster.

use crate::replay::RULES;
use lamarck_sdk::prelude::*;

/// The window of models where neither the option nor the study names one: the study's default.
const MODELS: u64 = 1000;
/// The largest population that is followed: a whole number of 8 bytes a member.
const LARGEST: f64 = 1e9;

/// The options of [`Storage`](crate::Storage).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct StorageOptions {
    /// How many finished candidates a window has.
    pub window: u64,
    /// Whether the `layers` table is read.
    pub layers: bool,
    /// How many of the last finished candidates are the population; 0 for what the strategy has.
    pub population: u64,
    /// Models that the rule `window` keeps; 0 for what the study says.
    pub models: u64,
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
    OptionSpec::bool("layers", "read the `layers` table, for live bytes, lifetimes and the cost of waiting")
        .default_value("true"),
    OptionSpec::integer(
        "population",
        0,
        1_000_000_000,
        "how many of the last finished candidates are members; 0: what the strategy has",
    )
    .default_value("0")
    .unit("candidates"),
    OptionSpec::integer(
        "models",
        0,
        1_000_000_000,
        "models that the retention rule `window` keeps; 0: what the study says, or 1000",
    )
    .default_value("0")
    .unit("models"),
];

/// Options and context, resolved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) window: u64,
    pub(crate) layers: bool,
    /// `None` where nobody knows; 0 for a search at random, which selects nobody.
    pub(crate) population: Option<u64>,
    pub(crate) failures_enter: bool,
    pub(crate) models: u64,
    pub(crate) workers: u64,
    /// Whether the study says that nobody takes over anything.
    pub(crate) no_transfer: bool,
    /// The rule in force, as its place among [`RULES`](crate::replay::RULES).
    pub(crate) in_force: Option<usize>,
    /// Candidates that wait for an idle worker.
    pub(crate) lookahead: Option<u64>,
}

impl Settings {
    pub(crate) fn new(options: &StorageOptions, context: &Context) -> Result<Self> {
        ensure!(options.window > 0, "option `window` is 0; a window needs at least one candidate");
        let number = |section: &str, key: &str| context.number(section, key).and_then(whole);
        let word = |section: &str, key: &str| context.study.get(section)?.get(key)?.as_str();
        let population = if options.population > 0 {
            Some(options.population)
        } else if word("strategy", "plugin") == Some("random") {
            Some(0)
        } else {
            number("strategy", "population").filter(|&population| population > 0)
        };
        let models = Some(options.models).filter(|&models| models > 0).or(number("transfer", "window"));
        Ok(Self {
            window: options.window,
            layers: options.layers,
            population,
            failures_enter: word("strategy", "failures") != Some("ignore"),
            models: models.filter(|&models| models > 0).unwrap_or(MODELS),
            workers: u64::from(context.workers.max(1)),
            no_transfer: word("transfer", "donor") == Some("none"),
            in_force: word("transfer", "retention")
                .and_then(|name| RULES.iter().position(|&rule| rule == name)),
            lookahead: number("scheduler", "lookahead"),
        })
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
