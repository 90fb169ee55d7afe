//! What happens to candidates, in order: who reads, who writes, who can still be chosen.

use super::{Retention, Stream};
use lamarck_cache::Op;
use std::collections::VecDeque;

/// What happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// A candidate is submitted: what it will inherit is promised to it.
    Submit,
    /// A candidate starts: it reads what it inherits.
    Start,
    /// A candidate finishes: it writes its own layers, becomes a member, and another leaves the population.
    Finish,
}

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When, in microseconds of virtual time; in a trace without times the number of the row.
    pub time_us: u64,
    /// Whose row.
    pub(crate) row: u32,
    /// What.
    pub kind: StepKind,
    /// The index of the first access that belongs to it.
    pub first: u32,
}

/// The order of the steps.
///
/// At one moment the first who finishes comes first, then the first submission and the first who starts, then the second
/// who finishes and so on, first meaning the lowest id; what is left over of one kind comes last. That is what the engine
/// does, where each finish is answered by a submission and a start before the next one is looked at, and what is
/// written at a moment can be read at the same. Nobody starts before it is submitted. A candidate that takes no time
/// would write before it reads: it finishes right after it starts.
pub(super) fn steps(
    rows: usize,
    times: bool,
    id: &[u64],
    submitted: impl Fn(usize) -> u64,
    started: impl Fn(usize) -> u64,
    finished: impl Fn(usize) -> u64,
) -> Vec<Step> {
    let mut moments: [Vec<(u64, u64, u32)>; 3] = std::array::from_fn(|_| Vec::with_capacity(rows));
    let [submissions, starts, ends] = &mut moments;
    let mut instant = vec![false; rows];
    for (row, number) in (0..rows).zip(0_u32..) {
        let (end, id) = (if times { finished(row) } else { u64::from(number) }, id[row]);
        // A start after the finish, and a submission after the start, cannot be.
        let start = if times { started(row).min(end) } else { end };
        submissions.push((if times { submitted(row).min(start) } else { end }, id, number));
        starts.push((start, id, number));
        instant[row] = start == end;
        if start < end {
            ends.push((end, id, number));
        }
    }
    // (time, how many of its kind came before it at this moment, kind, id, row)
    let mut order = Vec::with_capacity(rows * 3);
    let mut place = vec![(0, 0); rows];
    for (list, kind) in [(submissions, 1_u8), (starts, 2), (ends, 0)] {
        list.sort_unstable();
        for moment in list.chunk_by(|a, b| a.0 == b.0) {
            for (&(time, id, row), before) in moment.iter().zip(0_u32..) {
                let own = &mut place[row as usize];
                let mut before = before;
                match kind {
                    1 => *own = (time, before),
                    2 if own.0 == time => before = before.max(own.1),
                    _ => {}
                }
                order.push((time, before, kind, id, row));
            }
        }
    }
    order.sort_unstable();
    let mut steps = Vec::with_capacity(rows * 3);
    for (time_us, _, kind, _, row) in order {
        let kind = [StepKind::Finish, StepKind::Submit, StepKind::Start][usize::from(kind)];
        steps.push(Step { time_us, row, kind, first: 0 });
        if kind == StepKind::Start && instant[row as usize] {
            steps.push(Step { time_us, row, kind: StepKind::Finish, first: 0 });
        }
    }
    steps
}

/// Where a walk is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) time_us: u64,
    /// Candidates that have finished, the present one included.
    pub(crate) finished: u32,
    /// The index of the first access after this step.
    pub(crate) access: u32,
}

/// Somebody who wants to know. A candidate without layers (it failed, and its layers were not recorded) only ever joins
/// and leaves.
pub(crate) trait Visitor {
    /// A step begins.
    fn step(&mut self) {}
    /// What it inherits is promised to a candidate.
    fn promised(&mut self, _row: u32, _now: Now) {}
    /// A candidate reads what it inherits.
    fn reads(&mut self, _row: u32, _now: Now) {}
    /// A candidate writes its own layers; the promise is kept.
    fn writes(&mut self, _row: u32, _now: Now) {}
    /// A candidate can be chosen from now on.
    fn joins(&mut self, _row: u32, _now: Now) {}
    /// A candidate can no longer be chosen.
    fn leaves(&mut self, _row: u32, _now: Now) {}
    /// A stored model is no longer one of the last so many.
    fn expires(&mut self, _row: u32, _now: Now) {}
    /// A candidate has finished, and all else has been said.
    fn finished(&mut self, _row: u32, _now: Now) {}
}

/// Who can be chosen, and which models were stored last.
pub(super) struct Queues {
    pub(super) population: Option<usize>,
    pub(super) window: Option<usize>,
}

/// Goes through the steps.
pub(super) fn walk(stream: &Stream, queues: &Queues, steps: &[Step], visitor: &mut impl Visitor) {
    // There are fewer accesses than 2^32.
    let end = u32::try_from(stream.len()).unwrap_or(u32::MAX);
    let mut members = VecDeque::new();
    let mut stored = VecDeque::new();
    let mut finished = 0;
    let after = steps.iter().skip(1).map(|step| step.first).chain([end]);
    for (step, access) in steps.iter().zip(after) {
        visitor.step();
        let row = step.row;
        let has_layers = !stream.map(row).is_empty();
        let mut now = Now { time_us: step.time_us, finished, access };
        match step.kind {
            StepKind::Submit if has_layers => visitor.promised(row, now),
            StepKind::Start if has_layers => visitor.reads(row, now),
            StepKind::Submit | StepKind::Start => {}
            StepKind::Finish => {
                finished += 1;
                now.finished = finished;
                if has_layers {
                    visitor.writes(row, now);
                    stored.push_back(row);
                    if queues.window.is_some_and(|window| stored.len() > window)
                        && let Some(oldest) = stored.pop_front()
                    {
                        visitor.expires(oldest, now);
                    }
                }
                if let Some(population) = queues.population
                    && stream.candidates.enters(row, stream.failures_enter)
                {
                    visitor.joins(row, now);
                    members.push_back(row);
                    if members.len() > population
                        && let Some(oldest) = members.pop_front()
                    {
                        visitor.leaves(oldest, now);
                    }
                }
                visitor.finished(row, now);
            }
        }
    }
}

/// Who holds each object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holders {
    /// Members with it in their map.
    pub(crate) members: Vec<u32>,
    /// Candidates in flight that it is promised to.
    pub(crate) promises: Vec<u32>,
    /// Models of the window with it in their map.
    pub(crate) window: Vec<u32>,
}

impl Holders {
    pub(crate) fn new(objects: usize) -> Self {
        Self { members: vec![0; objects], promises: vec![0; objects], window: vec![0; objects] }
    }

    /// Whether a rule keeps an object.
    pub(crate) fn kept_by(&self, rule: Retention, object: u32) -> bool {
        let o = object as usize;
        match rule {
            Retention::All => true,
            Retention::Reachable => self.members[o] + self.promises[o] > 0,
            Retention::Population => self.members[o] > 0,
            Retention::Window => self.window[o] > 0,
        }
    }
}

/// Emits the accesses and counts holders, for deletions.
pub(super) struct Emit<'a> {
    stream: &'a Stream,
    rule: Retention,
    holders: Holders,
    /// Objects that may be gone by the end of the step.
    doubtful: Vec<u32>,
    exists: Vec<bool>,
    pub(super) objects: Vec<u32>,
    pub(super) ops: Vec<Op>,
    /// Of each step the index of its first access.
    pub(super) firsts: Vec<usize>,
}

impl<'a> Emit<'a> {
    pub(super) fn new(stream: &'a Stream, rule: Retention) -> Self {
        let objects = stream.sizes.len();
        Self {
            stream,
            rule,
            holders: Holders::new(objects),
            doubtful: Vec::new(),
            exists: vec![false; objects],
            objects: Vec::new(),
            ops: Vec::new(),
            firsts: Vec::new(),
        }
    }

    fn push(&mut self, object: u32, op: Op) {
        self.objects.push(object);
        self.ops.push(op);
        self.exists[object as usize] = op != Op::Delete;
    }
}

impl Visitor for Emit<'_> {
    fn step(&mut self) {
        self.firsts.push(self.objects.len());
    }

    fn promised(&mut self, row: u32, _now: Now) {
        self.stream.inherited(row).for_each(|o| self.holders.promises[o as usize] += 1);
    }

    fn reads(&mut self, row: u32, _now: Now) {
        self.stream.inherited(row).for_each(|o| self.push(o, Op::Get));
    }

    fn writes(&mut self, row: u32, _now: Now) {
        let stream = self.stream;
        stream.own(row).for_each(|o| self.push(o, Op::Put));
        for o in stream.inherited(row) {
            self.holders.promises[o as usize] -= 1;
            self.doubtful.push(o);
        }
        for &o in stream.map(row) {
            self.holders.window[o as usize] += 1;
        }
        // Whoever is not made a member below held them last.
        self.doubtful.extend(stream.own(row));
    }

    fn joins(&mut self, row: u32, _now: Now) {
        self.stream.map(row).iter().for_each(|&o| self.holders.members[o as usize] += 1);
    }

    fn leaves(&mut self, row: u32, _now: Now) {
        for &o in self.stream.map(row) {
            self.holders.members[o as usize] -= 1;
            self.doubtful.push(o);
        }
    }

    fn expires(&mut self, row: u32, _now: Now) {
        for &o in self.stream.map(row) {
            self.holders.window[o as usize] -= 1;
            self.doubtful.push(o);
        }
    }

    fn finished(&mut self, _row: u32, _now: Now) {
        let mut doubtful = std::mem::take(&mut self.doubtful);
        for o in doubtful.drain(..) {
            if self.exists[o as usize] && !self.holders.kept_by(self.rule, o) {
                self.push(o, Op::Delete);
            }
        }
        self.doubtful = doubtful;
    }
}
