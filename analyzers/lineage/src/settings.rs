//! What the analyzer goes by: its options, and what the study says of population and selection.

use lamarck_sdk::prelude::*;

/// The options of [`Lineage`](crate::Lineage).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct LineageOptions {
    /// How many finished candidates a window has.
    pub window: u64,
    /// The share of a window from which on a clade is shown.
    pub clade_share: f64,
    /// Members of the population; 0 for what the study says.
    pub population: u64,
    /// The most rows that the tables of takeovers and of the best candidate's ancestors have.
    pub table_rows: u64,
}

/// How the strategy draws a parent from the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The best of so many members.
    Tournament { sample: u64, replacement: bool },
    /// Every member alike.
    Even,
    /// Nobody knows.
    Unknown,
}

/// Options and context, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Members of the population, at least one.
    pub(crate) population: usize,
    /// Whether somebody said so; closed forms are given only then.
    pub(crate) population_known: bool,
    pub(crate) selection: Selection,
    /// Why the probabilities of ranks have no closed form, if they have none.
    pub(crate) no_ranks: Option<&'static str>,
    pub(crate) workers: usize,
    pub(crate) window: usize,
    pub(crate) clade_share: f64,
    pub(crate) table_rows: usize,
    /// Whether candidates without a score become members.
    pub(crate) failures_enter: bool,
    /// Name and options of each decision; empty when there is no space.
    pub(crate) decisions: Vec<Decision>,
}

/// What is assumed where nobody says how large the population is: the default of every public implementation.
const USUAL_POPULATION: u64 = 100;

impl Settings {
    pub(crate) fn new(options: LineageOptions, context: &Context) -> Result<Self> {
        ensure!(options.window > 0, "option `window` is 0; a window needs at least one candidate");
        ensure!(
            options.clade_share > 0.0 && options.clade_share <= 0.5,
            "option `clade_share` is {}, but a clade's share must be above 0 and at most 0.5",
            options.clade_share
        );
        let number = |key: &str| context.number("strategy", key).and_then(natural);
        let word =
            |key: &str| context.study.get("strategy").and_then(|s| s.get(key)).and_then(|v| v.as_str());
        let known = Some(options.population).filter(|&p| p > 0).or_else(|| number("population"));
        let replacement = context.study["strategy"]["replacement"].as_bool().unwrap_or(false);
        let selection = match (word("plugin"), number("sample")) {
            (Some("neutral"), _) => Selection::Even,
            (Some(_), Some(sample)) => Selection::Tournament { sample, replacement },
            _ => Selection::Unknown,
        };
        let no_ranks = if known.is_none() {
            Some("the size of the population is not known")
        } else if selection == Selection::Unknown {
            Some("how the strategy selects parents is not known")
        } else if word("duplicates") == Some("reject") {
            Some("duplicates are rejected and drawn anew, which favours parents with untried neighbours")
        } else {
            None
        };
        Ok(Self {
            population: usize::try_from(known.unwrap_or(USUAL_POPULATION))?.max(1),
            population_known: known.is_some(),
            selection,
            no_ranks,
            workers: usize::try_from(context.workers)?.max(1),
            window: usize::try_from(options.window)?,
            clade_share: options.clade_share,
            table_rows: usize::try_from(options.table_rows)?,
            failures_enter: word("failures") != Some("ignore"),
            decisions: context.space.as_ref().map(|space| space.decisions.clone()).unwrap_or_default(),
        })
    }
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
