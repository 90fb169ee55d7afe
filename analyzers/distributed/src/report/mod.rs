//! From what was found to what is said.

mod charts;
mod evolution;
mod findings;
mod placement;
mod tables;

use crate::Run;
use crate::goals;
use crate::order::Order;
use crate::settings::Settings;
use crate::timeline::Sums;
use crate::usage::{Kind, QUEUE};
use crate::waves::Waves;
use crate::windows::{Window, Windows};
use lamarck_sdk::Report;
use lamarck_sdk::model::report::Finding;

/// A microsecond is so many of a second.
pub(crate) const SECOND: f64 = 1e6;
/// And of an hour.
pub(crate) const HOUR: f64 = 3.6e9;

/// A value, or why there is none.
type Known<T> = Result<T, &'static str>;

/// What several parts of the report need, computed once.
struct Facts<'a> {
    settings: &'a Settings,
    run: &'a Run,
    windows: &'a Windows,
    whole: Window,
    order: Order,
    waves: Waves,
    /// Workers, as the study says; as many as were seen where it does not, or where more were seen.
    workers: u64,
    /// Worker time of all that is not idle, over time; and candidates that wait.
    busy: Sums,
    queue: Sums,
    goals: Vec<Goal>,
    best: Option<f64>,
}

/// A score to reach, and when that was.
#[derive(Debug, Clone)]
struct Goal {
    name: String,
    /// `None` where the score itself is not known.
    score: Option<f64>,
    reached: Option<goals::Reached>,
}

const EMPTY: &str = "the trace has no candidates";
const NO_STARTS: &str = "the trace does not tell when candidates started";
const NO_SUBMISSIONS: &str = "the trace was imported and does not tell when candidates were submitted: ids are in the order of completion";
const NO_TIMES: &str = "the trace has no times";
const NO_SPAN: &str = "no time passes between the first event and the last";

impl<'a> Facts<'a> {
    fn new(settings: &'a Settings, windows: &'a Windows, run: &'a Run) -> Self {
        let rows = &run.rows;
        let first_child = run.beginnings.finished.map(|(row, _)| row);
        let living = match settings.sizes() {
            Some((population, flight)) => {
                usize::try_from(population.saturating_add(flight)).unwrap_or(usize::MAX)
            }
            // Nobody says: twice the oldest parent that was ever chosen is beyond what is in flight and
            // lives.
            None => usize::try_from(run.staleness.finished.largest).unwrap_or(usize::MAX).saturating_mul(2),
        };
        let first = first_child.map_or(rows.len(), |row| row as usize);
        let kinds = Kind::ALL.map(|kind| kind as usize);
        let best = goals::best(rows);
        Self {
            settings,
            run,
            windows,
            whole: windows.whole(),
            order: Order::new(&rows.row_of, rows.len()),
            waves: Waves::new(&rows.generation, first, living),
            workers: settings.workers.unwrap_or(1).max(run.nodes.active()),
            busy: run.usage.timeline.sums(&kinds),
            queue: run.usage.timeline.sums(&[QUEUE]),
            goals: all_goals(settings, run, best),
            best,
        }
    }

    /// Candidates that finished.
    fn rows(&self) -> u64 {
        self.run.rows.len() as u64
    }

    /// Why nothing can be said, if so.
    fn any(&self) -> Known<()> {
        if self.run.candidates == 0 { Err(EMPTY) } else { Ok(()) }
    }

    /// Why nothing can be said where something is not known, if so.
    fn only_if(&self, known: bool, otherwise: &'static str) -> Known<()> {
        self.any()?;
        if known { Ok(()) } else { Err(otherwise) }
    }

    /// Why nothing can be said of the order of submission, if so.
    fn submissions(&self) -> Known<()> {
        if self.run.unsubmitted > 0 { Err(NO_SUBMISSIONS) } else { Ok(()) }
    }

    /// The makespan in microseconds, above 0.
    fn makespan(&self) -> Known<f64> {
        self.any()?;
        let span = self.run.usage.makespan().ok_or(NO_TIMES)?;
        if span > 0 { Ok(span as f64) } else { Err(NO_SPAN) }
    }

    /// Worker time in microseconds, that of all workers over the makespan.
    fn worker_time(&self) -> Known<f64> {
        let span = self.makespan()?;
        if self.run.usage.attempts == 0 { Err(NO_STARTS) } else { Ok(span * self.workers as f64) }
    }

    /// What is said of children, and their number.
    fn children(&self) -> Known<u64> {
        self.any()?;
        match self.run.staleness.finished.n {
            0 if self.run.children == 0 => Err("no candidate names its parent"),
            0 => Err("no parent's row comes before its child's"),
            n => Ok(n),
        }
    }

    /// What is said of nodes, and the number of nodes that ran anything.
    fn nodes(&self) -> Known<u64> {
        self.any()?;
        match self.run.nodes.active_nodes() {
            0 => Err("the trace does not tell on which node candidates ran"),
            n => Ok(n),
        }
    }

    /// Seconds until a score was reached, since the first event.
    fn hours(&self, goal: &goals::Reached) -> Option<f64> {
        let (time, first) = goal.time.zip(self.run.usage.first)?;
        Some(time.saturating_sub(first) as f64 / HOUR)
    }
}

/// The best score, shares of the way to it, and the scores that were asked for.
fn all_goals(settings: &Settings, run: &Run, best: Option<f64>) -> Vec<Goal> {
    let first_child = run.beginnings.finished.map(|(row, _)| row);
    let most = settings.population.and_then(|population| usize::try_from(population).ok()).unwrap_or(100);
    let start = goals::start(&run.rows, first_child, most);
    let shares = settings.thresholds.iter().map(|&share| {
        let way = start.zip(best).map(|(start, best)| {
            // Rounding must not put the goal above the best itself.
            (start + share * (best - start)).min(best)
        });
        (format!("{} of the way", round(share)), way)
    });
    let scores = settings.scores.iter().map(|&score| (format!("score {}", round(score)), Some(score)));
    let named: Vec<(String, Option<f64>)> =
        shares.chain(scores).chain([("the best".to_owned(), best)]).collect();
    let known: Vec<f64> = named.iter().filter_map(|goal| goal.1).collect();
    let mut found = goals::reached(&run.rows, &known).into_iter();
    let goal = |(name, score): (String, Option<f64>)| Goal {
        name,
        score,
        reached: score.and_then(|_| found.next().flatten()),
    };
    named.into_iter().map(goal).collect()
}

/// A number as it was written.
fn round(number: f64) -> String {
    number.to_string()
}

/// A finding from a value or the reason why there is none.
fn say(key: &str, text: &str, unit: &str, n: u64, value: Known<f64>) -> Finding {
    match value {
        Ok(value) => Finding::new(key, text, value, unit, n),
        Err(why) => Finding::missing(key, text, why),
    }
}

/// What closed forms and spreads may lack.
trait Beside {
    /// With the closed form's value, if there is one.
    fn beside(self, theory: Option<f64>) -> Self;
    /// With the spread, if there is one.
    fn around(self, spread: Option<f64>) -> Self;
}

impl Beside for Finding {
    fn beside(self, theory: Option<f64>) -> Self {
        match theory {
            Some(theory) => self.theory(theory),
            None => self,
        }
    }

    fn around(self, spread: Option<f64>) -> Self {
        match spread.filter(|_| self.value.is_some()) {
            Some(spread) => self.spread(spread),
            None => self,
        }
    }
}

/// The findings that answer the question, before those that say what it rests on.
const LEAD: &[&str] = &[
    "utilisation",
    "makespan",
    "makespan-ratio",
    "cache-hit-ratio",
    "random-phase",
    "gone-when-finished",
    "age-when-finished",
    "wave-index",
    "tau",
    "same-node-as-parent",
    "hours-to-best",
];

pub(crate) fn write(settings: &Settings, windows: &Windows, run: &Run) -> Report {
    let facts = Facts::new(settings, windows, run);
    let mut found = findings::all(&facts);
    found.extend(evolution::all(&facts));
    found.extend(placement::all(&facts));
    found.extend(findings::basis(&facts));
    Report {
        analyzer: "distributed".to_owned(),
        findings: found,
        tables: tables::all(&facts),
        charts: charts::all(&facts),
    }
    .leading_with(LEAD)
}
