//! What an analysis needs to know, from the options and from the study's settings.

use crate::leaders::Reason;
use crate::population::{Draw, Population};
use lamarck_sdk::prelude::*;

/// What a window spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// So many finished candidates.
    Candidates(u64),
    /// So many microseconds of virtual time.
    Time(u64),
}

/// How donors are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Parent,
    BestMatch,
    /// As for an imported trace.
    Unknown,
}

/// Everything that does not change during a run.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) span: Span,
    /// The option `window`, whatever the span.
    pub(crate) window: u64,
    pub(crate) prefix: usize,
    pub(crate) top: usize,
    pub(crate) lead: u32,
    pub(crate) relative: u32,
    pub(crate) policy: Policy,
    pub(crate) workers: u32,
    /// How many candidates the population holds.
    pub(crate) population: Option<usize>,
    /// How parents are drawn, or why that is not known.
    pub(crate) draw: Result<Draw, &'static str>,
    /// Children that are drawn at once when the population is full for the first time.
    first_draws: u32,
    /// Whether candidates without a score stay out of the population.
    pub(crate) ignores_failures: bool,
    /// Completions after its own during which a stored model may lend, if that is limited, and what its end is called.
    stored: Option<(u64, Reason)>,
}

/// Larger populations are taken for unknown: a strategy that kept one would not get anywhere either.
const LARGEST: f64 = 1e6;

impl Setting {
    pub(crate) fn new(options: &crate::PopularityOptions, context: &Context) -> Self {
        let word = |section: &str, key: &str| context.study.get(section)?.get(key)?.as_str();
        let flag = |section: &str, key: &str| context.study.get(section)?.get(key)?.as_bool();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
        let whole = |section: &str, key: &str, largest: f64| {
            context
                .number(section, key)
                .filter(|&value| value >= 1.0 && value <= largest)
                .map(|value| value as u64)
        };
        let count = |key: &str| whole("strategy", key, LARGEST).and_then(|value| usize::try_from(value).ok());
        let population = count("population");
        let sample = count("sample");
        let start = word("strategy", "start").unwrap_or("completed");
        let draw = match (word("strategy", "plugin"), population, sample) {
            (_, None, _) => Err("the study does not tell the size of the population"),
            _ if start == "submitted" => {
                Err("with `start = \"submitted\"` children are drawn from populations that are not full yet")
            }
            (Some("neutral"), ..) => Ok(Draw::Evenly),
            (_, _, Some(sample)) if flag("strategy", "replacement") == Some(true) => {
                Ok(Draw::Replacing(sample))
            }
            (_, _, Some(sample)) => Ok(Draw::Tournament(sample)),
            _ => Err("the study does not tell the size of the tournament"),
        };
        let policy = match word("transfer", "donor") {
            Some("parent") => Policy::Parent,
            Some("best-match") => Policy::BestMatch,
            _ => Policy::Unknown,
        };
        let members = population.map(|p| (p as u64, Reason::Retired));
        let stored = match word("transfer", "retention") {
            Some("population" | "reachable") => members,
            Some("window") => whole("transfer", "window", f64::from(u32::MAX)).map(|n| (n, Reason::Retired)),
            _ => None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "floats are cut to the range"
        )]
        let span = if options.window_seconds > 0.0 {
            Span::Time(((options.window_seconds * 1e6) as u64).max(1))
        } else {
            Span::Candidates(options.window.max(1))
        };
        Self {
            span,
            window: options.window.max(1),
            prefix: usize::try_from(options.prefix).unwrap_or(usize::MAX),
            top: usize::try_from(options.top).unwrap_or(usize::MAX),
            lead: u32::try_from(options.lead).unwrap_or(u32::MAX).max(1),
            relative: u32::try_from(options.relative).unwrap_or(u32::MAX),
            policy,
            workers: context.workers.max(1),
            population,
            draw,
            first_draws: if start == "waited" { context.workers.max(1) } else { 1 },
            ignores_failures: word("strategy", "failures") == Some("ignore"),
            stored,
        }
    }

    pub(crate) fn new_population(&self) -> Option<Population> {
        self.population.map(|capacity| Population::new(capacity, self.draw.ok(), self.first_draws))
    }

    /// Completions after its own during which a model may lend, if that is limited, and what its end is called.
    pub(crate) fn lends_for(&self, parents_stand_in: bool) -> Option<(u64, Reason)> {
        if parents_stand_in || self.policy == Policy::Parent {
            self.population.map(|p| (p as u64, Reason::AgedOut))
        } else {
            self.stored
        }
    }

    /// Completions of a period of the hazard model.
    pub(crate) fn period(&self) -> u64 {
        (self.window / 10).max(1)
    }
}
