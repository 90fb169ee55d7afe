//! A comparison for people.

use super::{DiffReport, FirstDifference, HeaderDifference, RunDifference, Side, Spread};
use crate::trace::diff::explain::instant;
use std::fmt::{self, Formatter, Result};

/// So many runs are explained; the others are counted.
const EXPLAINED: usize = 10;

impl fmt::Display for Side {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::A => "the first trace",
            Self::B => "the second trace",
        })
    }
}

impl fmt::Display for HeaderDifference {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { field, points, a, b, .. } = self;
        f.write_str(field)?;
        if !points.is_empty() {
            let points: Vec<String> = points.iter().map(ToString::to_string).collect();
            let word = if points.len() == 1 { "point" } else { "points" };
            write!(f, " ({word} {})", points.join(", "))?;
        }
        write!(f, ": {a} | {b}")
    }
}

impl fmt::Display for FirstDifference {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Absent { from } => write!(f, "{from} does not have it"),
            Self::Row { table, row, candidate, column, a, b } => {
                write!(f, "first differs in row {row} of {table}, candidate {candidate}: {column} {a} | {b}")
            }
            Self::Shorter { side, table, rows } => {
                write!(f, "{side} ends after {rows} rows of {table}, all equal; the other goes on")
            }
        }
    }
}

/// A score to six decimals; `--json` has all of them.
fn shown(score: f64) -> String {
    let text = format!("{score:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut parts = Vec::new();
        if self.later > 0 {
            let share = |count: u64| format!("{count} ({:.0} %)", 100.0 * count as f64 / self.later as f64);
            parts.push(format!(
                "of {} candidates that both have, {} differ: {} in the vector, {} in the parent, {} in the score",
                self.later,
                share(self.differ),
                share(self.vectors),
                share(self.parents),
                share(self.scores)
            ));
        }
        for (count, which) in [(self.only_a, "first"), (self.only_b, "second")] {
            if count > 0 {
                parts.push(format!("{count} candidates are only in the {which}"));
            }
        }
        if self.best_a.is_some() || self.best_b.is_some() {
            let known = |score: Option<f64>| score.map_or_else(|| "none".to_owned(), shown);
            let (a, b) = (known(self.best_a), known(self.best_b));
            parts.push(if self.best_a == self.best_b {
                format!("the best score of both is {a}")
            } else {
                format!("best score {a} | {b}")
            });
        }
        f.write_str(&parts.join("; "))
    }
}

impl fmt::Display for RunDifference {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.key)?;
        if let Some(key) = self.key_b {
            write!(f, " ({key} in the second)")?;
        }
        f.write_str(": ")?;
        let Some(event) = &self.event else { return write!(f, "{}", self.first) };
        match (self.equal, self.equal_until_us) {
            (0, _) => f.write_str("the runs part before the first candidate finished")?,
            (equal, None) => write!(f, "the first {equal} candidates to finish are the same")?,
            (equal, Some(until)) => {
                write!(f, "the first {equal} candidates to finish are the same, until {}", instant(until))?;
            }
        }
        match (event.at_us, self.equal_until_us) {
            // What was begun differently finished later than much that was still the same.
            (Some(at), Some(until)) if at < until => {
                write!(f, ", but the runs had parted before: at {}, {}", instant(at), event.text)?;
            }
            (Some(at), _) => write!(f, ". at {}, {}", instant(at), event.text)?,
            (None, _) => write!(f, ". then {}", event.text)?,
        }
        write!(f, "\n  points to: {}", event.cause)?;
        if event.headers.is_empty() {
            f.write_str("; nothing in the headers explains it")?;
        } else {
            write!(f, "; in the headers, {} may be behind it", event.headers.join(", "))?;
        }
        write!(f, "\n  in the rows: {}", self.first)?;
        if let Some(spread) = &self.spread {
            write!(f, "\n  afterwards: {spread}")?;
        }
        Ok(())
    }
}

impl fmt::Display for DiffReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (runs, rows) = (self.compared_runs, self.equal_candidates);
        if self.is_empty() {
            return write!(f, "no difference; runs: {runs}, candidates: {rows}");
        }
        let mut lines: Vec<String> = self.header.iter().map(ToString::to_string).collect();
        if self.runs.is_empty() {
            lines.push(format!("the runs that both have do not differ; runs: {runs}, candidates: {rows}"));
        }
        lines.extend(self.runs.iter().take(EXPLAINED).map(ToString::to_string));
        if self.runs.len() > EXPLAINED {
            let left = self.runs.len() - EXPLAINED;
            lines.push(format!("{left} more runs differ; `--json` lists them all"));
        }
        f.write_str(&lines.join("\n"))
    }
}
