//! The first event in virtual time in which two runs differ.
//!
//! Rows stand in the order in which candidates finished, so the first row that differs is where a difference *shows*. It
//! *is* where a candidate was submitted, started or finished differently for the first time, maybe long before: a
//! candidate that was submitted with another parent at hour 2 and trained until hour 9 is behind many rows of candidates
//! that were still made of what both runs knew. So each candidate's row is taken apart into its three events, each
//! with the columns that are decided in it, and the earliest event that differs is the one to be explained. Until then
//! both runs were in the same state, and this is what makes the explanation one: whatever was decided differently was
//! decided from the same past.
//!
//! A column that one run fills and the other leaves empty (attempts, where none can be lost; transfers, where there are no
//! donors) says that more was written down, not that anything happened differently. Such columns make an event of their
//! own, which counts only where nothing else differs.

use super::rows::word;
use lamarck_model::{CandidateId, CandidateRecord, Nullable};
use serde::Serialize;

/// What happens to a candidate. At one instant, what has finished is told before anything is asked, and asked before
/// anything is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// It finished, or failed.
    Finished,
    /// It was proposed: sampled, mutated, combined.
    Submitted,
    /// A worker took it.
    Started,
}

/// A column in which an event differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnDifference {
    /// The column.
    pub column: &'static str,
    /// What the first trace has.
    pub a: String,
    /// What the second has.
    pub b: String,
}

/// An event of one candidate that is not the same in both runs.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The earlier of its two times; `None` where no time is known.
    pub(super) at_us: Option<u64>,
    pub(super) kind: EventKind,
    pub(super) candidate: CandidateId,
    pub(super) columns: Vec<ColumnDifference>,
    /// Whether all that differs is filled in one run and empty in the other.
    pub(super) only_recorded: bool,
    /// The candidate's rows; `None` where the run has no such candidate.
    pub(super) a: Option<CandidateRecord>,
    pub(super) b: Option<CandidateRecord>,
}

impl Event {
    /// The order of events: those in which something happened, by time. Unknown times are last.
    fn order(&self) -> (bool, u64, EventKind, CandidateId) {
        (self.only_recorded, self.at_us.unwrap_or(u64::MAX), self.kind, self.candidate)
    }

    /// Whether it comes before another.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.order() < other.order()
    }

    /// Whether any of these columns differs.
    pub(super) fn has(&self, columns: &[&str]) -> bool {
        self.columns.iter().any(|difference| columns.contains(&difference.column))
    }

    /// Both values of a column, if it differs.
    pub(super) fn values(&self, column: &str) -> Option<(&str, &str)> {
        let found = self.columns.iter().find(|difference| difference.column == column)?;
        Some((&found.a, &found.b))
    }
}

/// In which event a column's value is decided.
fn event_of(column: &str) -> EventKind {
    match column {
        "finished_us" | "status" | "score" | "train_us" | "store_us" | "stored_bytes" => EventKind::Finished,
        "started_us" | "attempts" | "lost_us" | "worker" | "node" | "transfer_us" | "cached_bytes"
        | "missed_layers" | "prefix_layers" | "prefix_bytes" | "prefix_owners" | "owners" => {
            EventKind::Started
        }
        _ => EventKind::Submitted,
    }
}

/// Whether a difference is one of what is written down, and not of what happened. Parents and scores that are missing are
/// missing.
fn is_recording(column: &str, a: &str, b: &str) -> bool {
    const ALWAYS: [&str; 7] =
        ["parent", "parent_b", "donor", "mutator", "score", "submitted_us", "finished_us"];
    (a == "null") != (b == "null") && !ALWAYS.contains(&column)
}

fn time(record: &CandidateRecord, kind: EventKind) -> Option<u64> {
    match kind {
        EventKind::Submitted => record.submitted_us.known(),
        EventKind::Started => record.started_us.known(),
        EventKind::Finished => record.finished_us.known(),
    }
}

/// The first event of a candidate that differs, if one does.
pub(super) fn first_of(a: &CandidateRecord, b: &CandidateRecord) -> Option<Event> {
    let differences = a.differences(b);
    let mut first: Option<Event> = None;
    for kind in [EventKind::Submitted, EventKind::Started, EventKind::Finished] {
        let columns: Vec<ColumnDifference> = differences
            .iter()
            .filter(|(column, ..)| event_of(column) == kind)
            .map(|(column, in_a, in_b)| ColumnDifference {
                column,
                a: word(column, a.origin, a.status, in_a.clone()),
                b: word(column, b.origin, b.status, in_b.clone()),
            })
            .collect();
        if columns.is_empty() {
            continue;
        }
        let only_recorded =
            columns.iter().all(|difference| is_recording(difference.column, &difference.a, &difference.b));
        let at_us = [time(a, kind), time(b, kind)].into_iter().flatten().min();
        let event = Event {
            at_us,
            kind,
            candidate: a.id,
            columns,
            only_recorded,
            a: Some(a.clone()),
            b: Some(b.clone()),
        };
        if first.as_ref().is_none_or(|first| event.is_before(first)) {
            first = Some(event);
        }
    }
    first
}

/// A candidate that only one of the runs has.
pub(super) fn alone(record: CandidateRecord, in_a: bool) -> Event {
    let at_us = time(&record, EventKind::Submitted);
    let candidate = record.id;
    let (a, b) = if in_a { (Some(record), None) } else { (None, Some(record)) };
    Event { at_us, kind: EventKind::Submitted, candidate, columns: Vec::new(), only_recorded: false, a, b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::CANDIDATE_COLUMNS;

    /// A column that is added to the model must be put somewhere on purpose; the count says that this was thought of.
    #[test]
    fn every_column_has_its_event() {
        let of = |kind| CANDIDATE_COLUMNS.iter().filter(|column| event_of(column.name) == kind).count();
        assert_eq!(
            [EventKind::Finished, EventKind::Submitted, EventKind::Started].map(of),
            [6, CANDIDATE_COLUMNS.len() - 18, 12]
        );
        assert_eq!(CANDIDATE_COLUMNS.len(), 37, "say in `event_of` when the new column is decided");
    }

    #[test]
    fn the_earliest_event_of_a_candidate_counts() {
        let a = CandidateRecord {
            submitted_us: 10,
            started_us: 20,
            finished_us: 90,
            worker: 1,
            score: 0.5,
            ..CandidateRecord::default()
        };
        let b = CandidateRecord { started_us: 15, worker: 2, score: 0.6, ..a.clone() };
        let event = first_of(&a, &b).unwrap();
        assert_eq!((event.kind, event.at_us), (EventKind::Started, Some(15)));
        assert_eq!(event.values("worker"), Some(("1", "2")));
        assert!(!event.has(&["score"]));
        assert!(first_of(&a, &a).is_none());
        // That attempts were counted in one of them is no event before the later start of the other.
        let counted = CandidateRecord { attempts: 1, score: 0.6, ..a.clone() };
        assert_eq!(first_of(&a, &counted).map(|event| event.kind), Some(EventKind::Finished));
        let counted = CandidateRecord { attempts: 1, ..a.clone() };
        assert!(first_of(&a, &counted).is_some_and(|event| event.only_recorded));
        // The end of one candidate before the submission of the next, at the same instant.
        let later = alone(CandidateRecord { id: 1, submitted_us: 90, ..CandidateRecord::default() }, false);
        let end = first_of(&a, &CandidateRecord { score: 0.6, ..a.clone() }).unwrap();
        assert!(end.is_before(&later) && !later.is_before(&end));
    }
}
