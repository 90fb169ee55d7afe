//! Evaluations as a file has them, in any order and on any clock, become those of a log.

use crate::log::Evaluation;
use lamarck_model::{Choice, Status};
use std::collections::BTreeMap;

/// An evaluation before its log is put in order.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Its place in the file.
    pub(crate) row: u64,
    /// What decides between evaluations that end at the same time, or of which no end is known.
    pub(crate) order: Order,
    pub(crate) choices: Vec<Choice>,
    pub(crate) outcome: (Status, Option<f64>),
    /// Microseconds on the clock of the file, all three.
    pub(crate) submitted: Option<i64>,
    pub(crate) started: Option<i64>,
    pub(crate) finished: Option<i64>,
    pub(crate) train_us: Option<u64>,
    /// What the file calls its worker.
    pub(crate) worker: Option<String>,
    /// The place of its parent among the drafts.
    pub(crate) parent: Option<usize>,
}

/// The tool's own name of an evaluation, ordered: by number where it is one, else by text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order(u64, String);

impl Order {
    pub(crate) fn of(name: &str) -> Self {
        name.parse().map_or_else(|_| Self(u64::MAX, name.to_owned()), Self::number)
    }

    pub(crate) const fn number(number: u64) -> Self {
        Self(number, String::new())
    }
}

/// A number with its noun, for notes.
pub(crate) fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Puts evaluations in the order of their ends, their times on a clock that begins with the earliest, and numbers
/// their workers; what had to be left out for it is a note.
pub(crate) fn settle(mut drafts: Vec<Draft>, notes: &mut Vec<String>) -> Vec<Evaluation> {
    let mut backwards = 0;
    for draft in &mut drafts {
        // Local clocks are put back, once a year and by hand.
        if draft.finished.zip(draft.started).is_some_and(|(end, start)| end < start)
            || draft.finished.zip(draft.submitted).is_some_and(|(end, start)| end < start)
        {
            (draft.submitted, draft.started) = (None, None);
            backwards += 1;
        }
        if draft.started.zip(draft.submitted).is_some_and(|(start, submitted)| start < submitted) {
            draft.submitted = None;
            backwards += 1;
        }
    }
    if backwards > 0 {
        let ended = counted(backwards, "evaluation ends", "evaluations end");
        notes.push(format!("{ended} before the beginning, which is left out"));
    }
    let mut places: Vec<usize> = (0..drafts.len()).collect();
    places.sort_by(|a, b| {
        let key = |at: usize| {
            (drafts[at].finished.is_none(), drafts[at].finished, &drafts[at].order, drafts[at].row)
        };
        key(*a).cmp(&key(*b))
    });
    let mut after = vec![0; places.len()];
    for (now, before) in places.iter().enumerate() {
        after[*before] = now;
    }
    let times = drafts.iter().flat_map(|draft| [draft.submitted, draft.started, draft.finished]);
    let zero = times.flatten().min().unwrap_or(0);
    // A difference of two i64 from the smaller one always fits.
    let since = |time: Option<i64>| time.map(|time| time.abs_diff(zero));
    let mut workers: BTreeMap<String, u32> = BTreeMap::new();
    let mut evaluations = Vec::with_capacity(places.len());
    for place in places {
        let draft = &mut drafts[place];
        let next = u32::try_from(workers.len()).ok();
        let worker = draft.worker.take().and_then(|name| match workers.get(&name) {
            Some(number) => Some(*number),
            None => next.inspect(|next| {
                workers.insert(name, *next);
            }),
        });
        evaluations.push(Evaluation {
            submitted_us: since(draft.submitted),
            started_us: since(draft.started),
            finished_us: since(draft.finished),
            train_us: draft.train_us,
            worker,
            parent: draft.parent.and_then(|parent| after.get(parent).copied()),
            ..Evaluation::new(draft.row, std::mem::take(&mut draft.choices), draft.outcome)
        });
    }
    evaluations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, finished: Option<i64>, worker: &str, parent: Option<usize>) -> Draft {
        Draft {
            row: 2,
            order: Order::of(name),
            choices: vec![],
            outcome: (Status::Ok, Some(0.0)),
            submitted: None,
            started: finished.map(|end| end - 10),
            finished,
            train_us: None,
            worker: Some(worker.into()),
            parent,
        }
    }

    #[test]
    fn order_clock_workers_and_parents() {
        let mut notes = Vec::new();
        let mut late = draft("3", Some(50), "w2", Some(1));
        late.started = Some(60);
        let log = settle(
            vec![
                late,
                draft("10", Some(40), "w9", None),
                draft("9", Some(40), "w2", None),
                draft("x", None, "w9", Some(0)),
            ],
            &mut notes,
        );
        let ends: Vec<_> = log.iter().map(|e| (e.finished_us, e.worker, e.parent)).collect();
        assert_eq!(
            ends,
            [
                (Some(10), Some(0), None),
                (Some(10), Some(1), None),
                (Some(20), Some(0), Some(1)),
                (None, Some(1), Some(2))
            ]
        );
        assert_eq!(notes.len(), 1);
        assert_eq!(log[2].started_us, None);
    }
}
