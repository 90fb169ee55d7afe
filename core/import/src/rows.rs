//! A log as rows of a trace.
//!
//! **Ids are the order of submission** where the tool says for every evaluation when it was submitted, as in any trace; else
//! the order of completion. Rows stand in the order of completion.
//!
//! The origin of every row is `import`, also of those that have a parent: it was inferred or read, and no draw of this
//! program can be checked against it.

use crate::log::Log;
use crate::parents::Inferred;
use lamarck_model::{CandidateRecord, Origin};

/// The id of each evaluation, by its place.
pub fn ids(log: &Log) -> Vec<u64> {
    let mut places: Vec<usize> = (0..log.evaluations.len()).collect();
    if log.evaluations.iter().all(|evaluation| evaluation.submitted_us.is_some()) {
        places.sort_by_key(|place| (log.evaluations[*place].submitted_us, *place));
    }
    let mut ids = vec![0; places.len()];
    for (id, place) in (0_u64..).zip(places) {
        ids[place] = id;
    }
    ids
}

/// The rows of a log. A parent that the tool recorded stands; where it recorded none, the inferred one, if any.
pub fn rows(log: &Log, inferred: Option<&Inferred>) -> Vec<CandidateRecord> {
    let ids = ids(log);
    let row = |(place, evaluation): (usize, &crate::Evaluation)| {
        let mut row = CandidateRecord {
            id: ids[place],
            origin: Origin::Import as u8,
            status: evaluation.status as u8,
            choices: evaluation.choices.clone(),
            ..CandidateRecord::default()
        };
        let times = [
            (&mut row.submitted_us, evaluation.submitted_us),
            (&mut row.started_us, evaluation.started_us),
            (&mut row.finished_us, evaluation.finished_us),
            (&mut row.train_us, evaluation.train_us),
        ];
        for (cell, time) in times {
            if let Some(time) = time {
                *cell = time;
            }
        }
        if let Some(score) = evaluation.score {
            row.score = score;
        }
        if let Some(worker) = evaluation.worker {
            row.worker = worker;
        }
        let recorded = evaluation.parent.filter(|parent| *parent < ids.len());
        let found = inferred.filter(|_| recorded.is_none()).and_then(|found| found.parent(place));
        if let Some(found) = found {
            row.parent_rank = found.rank;
            row.parent_age = found.age;
        }
        if let Some(parent) = recorded.or(found.map(|found| found.parent)) {
            row.parent = ids[parent];
            change(&mut row, &log.evaluations[parent].choices);
        }
        row
    };
    log.evaluations.iter().enumerate().map(row).collect()
}

/// Says where a row differs from its parent.
fn change(row: &mut CandidateRecord, parent: &[u16]) {
    let differs = |(_, (a, b)): &(usize, (&u16, &u16))| a != b;
    let mut changes = parent.iter().zip(&row.choices).enumerate().filter(differs);
    let first = changes.next();
    let others = changes.count();
    let count = usize::from(first.is_some()) + others;
    let single = first.filter(|_| count == 1).map(|(decision, (from, to))| (decision, *from, *to));
    // As many decisions as a space may have fit: a trace has no wider columns.
    row.changed = u16::try_from(count).unwrap_or(u16::MAX - 1);
    if let Some((decision, from, to)) = single
        && let Ok(decision) = u16::try_from(decision)
    {
        (row.changed_decision, row.changed_from, row.changed_to) = (decision, from, to);
    }
}

/// How many workers a run had: what the tool says, else the most that are seen, by name or at one moment.
pub fn workers_of(log: &Log) -> Option<u32> {
    let named = log.evaluations.iter().filter_map(|evaluation| evaluation.worker).max();
    let named = named.and_then(|last| last.checked_add(1));
    log.workers.or(named.max(most_in_flight(log)))
}

/// The most evaluations that were at work at one moment; `None` where no evaluation has both a begin and an end.
pub fn most_in_flight(log: &Log) -> Option<u32> {
    let mut events: Vec<(u64, bool)> = Vec::new();
    for evaluation in &log.evaluations {
        let begun = evaluation.started_us.or(evaluation.submitted_us);
        if let (Some(begun), Some(end)) = (begun, evaluation.finished_us)
            && begun < end
        {
            events.extend([(begun, true), (end, false)]);
        }
    }
    // Ends before begins of the same moment: a worker that is handed the next one is one worker.
    events.sort_unstable();
    let (mut now, mut most) = (0_u32, 0_u32);
    for (_, begins) in events {
        now = if begins { now.saturating_add(1) } else { now.saturating_sub(1) };
        most = most.max(now);
    }
    (most > 0).then_some(most)
}
