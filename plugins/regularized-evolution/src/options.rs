//! The options that the strategies share, declared once.

use lamarck_sdk::prelude::*;

/// When evolution begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "lowercase")]
pub enum Start {
    /// Once the population is full: that many candidates have completed.
    Completed,
    /// Once as many candidates as the population holds were submitted; tournaments are held among those that have
    /// completed. While none has, candidates are sampled.
    Submitted,
    /// Once the population is full, as with `completed`, but no more candidates are sampled than it holds: workers
    /// wait for the rest.
    Waited,
}

/// What happens to a vector that was submitted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "lowercase")]
pub enum Duplicates {
    /// It is evaluated again.
    Keep,
    /// It is rejected, and the whole proposal is drawn anew.
    Reject,
}

/// What happens to a candidate without a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "lowercase")]
pub enum Failures {
    /// It enters the population, worse than any score.
    Worst,
    /// It never enters the population, and does not count as submitted.
    Ignore,
}

/// How duplicates are treated: the options of [`Random`](crate::Random), and part of all others'.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct ScreeningOptions {
    /// What happens to a vector that was submitted before.
    pub duplicates: Duplicates,
    /// How many vectors in a row are rejected before a duplicate is accepted.
    pub max_redraws: u32,
}

/// The options of an aging population: those of [`Neutral`](crate::Neutral), and part of
/// [`RegularizedEvolution`](crate::RegularizedEvolution)'s.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct AgingOptions {
    /// How many candidates the population holds.
    pub population: u32,
    /// When evolution begins.
    pub start: Start,
    /// What happens to a candidate without a score.
    pub failures: Failures,
    /// How duplicates are treated.
    #[serde(flatten)]
    pub screening: ScreeningOptions,
}

/// The options of [`RegularizedEvolution`](crate::RegularizedEvolution).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct RegularizedOptions {
    /// How many members a tournament has.
    pub sample: u32,
    /// Whether a member may be drawn into the same tournament more than once.
    pub replacement: bool,
    /// The population.
    #[serde(flatten)]
    pub aging: AgingOptions,
}

/// Ranks are `u32`, and a population that large would make every step slow already.
const LARGEST: i64 = 1_000_000;

pub(crate) const POPULATION: OptionSpec =
    OptionSpec::integer("population", 1, LARGEST, "how many of the last finished candidates can be parents")
        .default_value("100")
        .unit("candidates");
pub(crate) const SAMPLE: OptionSpec =
    OptionSpec::integer("sample", 1, LARGEST, "how many members a tournament has; the best is the parent")
        .default_value("10")
        .unit("candidates");
pub(crate) const REPLACEMENT: OptionSpec =
    OptionSpec::bool("replacement", "whether a member may be drawn more than once into a tournament")
        .default_value("false");
pub(crate) const START: OptionSpec = OptionSpec::choice(
    "start",
    &["completed", "submitted", "waited"],
    "evolution begins once `population` candidates have completed (sampling meanwhile), once that many were \
     submitted (tournaments among those that have completed), or once that many have completed, workers waiting \
     meanwhile",
)
.default_value("\"completed\"");
pub(crate) const FAILURES: OptionSpec = OptionSpec::choice(
    "failures",
    &["worst", "ignore"],
    "whether a candidate without a score enters the population, worse than any other, or never does",
)
.default_value("\"worst\"");
pub(crate) const DUPLICATES: OptionSpec = OptionSpec::choice(
    "duplicates",
    &["keep", "reject"],
    "whether a vector that was submitted before is evaluated again, or rejected and the proposal drawn anew",
)
.default_value("\"keep\"");
pub(crate) const MAX_REDRAWS: OptionSpec = OptionSpec::integer(
    "max_redraws",
    0,
    LARGEST,
    "with duplicates = \"reject\": how many rejections in a row before a duplicate is accepted after all",
)
.default_value("1000")
.unit("rejections");
