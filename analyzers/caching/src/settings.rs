//! What the analyzer goes by: its options, and what the study says of population, selection and retention.

use crate::hints::Selection;
use crate::measure::Plan;
use crate::stream::{Granularity, Retention, StreamOptions};
use lamarck_cache::PolicyKind;
use lamarck_sdk::prelude::*;

/// The policies of the grid, unless others are asked for.
///
/// LHD renews its densities more often than its paper does, which had traces a thousand times longer; with its own default it
/// would not have learned anything by the end of a run. `next-donor` is there for both objectives: sizes count with
/// `per=byte`, as they do for GDSF, and without a policy that heeds them nothing could be said about requests.
pub const POLICIES: &str = "fifo lru sieve s3-fifo arc gdsf w-tiny-lfu lhd:sample=32,interval=8192 belady \
                            belady-size:sample=32 population descendants next-donor next-donor:per=byte";

/// The capacities of the grid as shares of the footprint, unless others are asked for.
pub const CAPACITIES: &str = "0.001 0.003 0.01 0.03 0.1 0.3";

/// Which retention rule deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "kebab-case")]
pub enum RetentionChoice {
    /// The study's own; `all` where nobody knows it.
    #[default]
    Study,
    /// [`Retention::All`].
    All,
    /// [`Retention::Reachable`].
    Reachable,
    /// [`Retention::Population`].
    Population,
    /// [`Retention::Window`].
    Window,
}

/// Whose caches are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "kebab-case")]
pub enum Caches {
    /// Both.
    #[default]
    Both,
    /// One that all nodes share.
    Shared,
    /// One on each node.
    Node,
}

/// The options of [`Caching`](crate::Caching).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct CachingOptions {
    /// What an object is.
    pub granularity: Granularity,
    /// When objects are deleted.
    pub retention: RetentionChoice,
    /// Members of the population; 0 for what the study says.
    pub population: u64,
    /// Whose caches.
    pub caches: Caches,
    /// Policies, separated by spaces.
    pub policies: String,
    /// Shares of the footprint, separated by spaces.
    pub capacities: String,
    /// How many finished candidates a window has.
    pub window: u64,
}

impl Default for CachingOptions {
    fn default() -> Self {
        Self {
            granularity: Granularity::Layer,
            retention: RetentionChoice::Study,
            population: 0,
            caches: Caches::Both,
            policies: POLICIES.to_owned(),
            capacities: CAPACITIES.to_owned(),
            window: 100,
        }
    }
}

/// Options and context, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) stream: StreamOptions,
    pub(crate) selection: Option<Selection>,
    pub(crate) plan: Plan,
    pub(crate) caches: Caches,
    pub(crate) window: usize,
    /// Whether the study says that nobody takes over anything.
    pub(crate) no_donors: bool,
}

impl Settings {
    pub(crate) fn new(options: &CachingOptions, context: &Context) -> Result<Self> {
        ensure!(options.window > 0, "option `window` is 0; a window needs at least one candidate");
        let number = |section: &str, key: &str| context.number(section, key).and_then(natural);
        let word = |section: &str, key: &str| word(context, section, key);
        let selection = word("strategy", "plugin").and_then(|name| {
            let replacement = context.study["strategy"]["replacement"].as_bool();
            Selection::of_strategy(name, number("strategy", "sample"), replacement)
        });
        Ok(Self {
            stream: stream_options(options, context)?,
            selection,
            plan: plan(options)?,
            caches: options.caches,
            window: usize::try_from(options.window)?,
            no_donors: word("transfer", "donor") == Some("none"),
        })
    }
}

/// What the study says, if it does so in a word.
fn word<'a>(context: &'a Context, section: &str, key: &str) -> Option<&'a str> {
    context.study.get(section)?.get(key)?.as_str()
}

/// How the analyzer makes its stream: by its options, and by what the study says of population and retention.
///
/// # Errors
/// A number of the study that this machine cannot count to.
pub fn stream_options(options: &CachingOptions, context: &Context) -> Result<StreamOptions> {
    let number = |section: &str, key: &str| context.number(section, key).and_then(natural);
    let population =
        Some(options.population).filter(|&population| population > 0).or(number("strategy", "population"));
    let retention = match options.retention {
        RetentionChoice::Study => {
            word(context, "transfer", "retention").and_then(Retention::from_word).unwrap_or_default()
        }
        RetentionChoice::All => Retention::All,
        RetentionChoice::Reachable => Retention::Reachable,
        RetentionChoice::Population => Retention::Population,
        RetentionChoice::Window => Retention::Window,
    };
    Ok(StreamOptions {
        granularity: options.granularity,
        retention,
        population: population.map(usize::try_from).transpose()?,
        window: usize::try_from(number("transfer", "window").unwrap_or(1000))?,
        failures_enter: word(context, "strategy", "failures") != Some("ignore"),
    })
}

/// The grid that the options ask for.
pub(crate) fn plan(options: &CachingOptions) -> Result<Plan> {
    let mut policies = Vec::new();
    for name in options.policies.split_whitespace() {
        let policy: PolicyKind = name.parse().context("option `policies`")?;
        ensure!(!policies.contains(&policy), "option `policies`: `{name}` is there twice");
        policies.push(policy);
    }
    let mut fractions = Vec::new();
    for word in options.capacities.split_whitespace() {
        let share: f64 = word.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0).with_context(|| {
            format!("option `capacities`: `{word}` is no share of the footprint, a number above 0 and at most 1")
        })?;
        fractions.push(share);
    }
    ensure!(
        !fractions.is_empty(),
        "option `capacities` is empty; it needs at least one share of the footprint"
    );
    fractions.sort_by(f64::total_cmp);
    fractions.dedup();
    let watched = fractions.len() / 2;
    Ok(Plan { policies, fractions, watched })
}

/// A number that is whole and positive, as such.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
fn natural(number: f64) -> Option<u64> {
    ((1.0..=1e15).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}
