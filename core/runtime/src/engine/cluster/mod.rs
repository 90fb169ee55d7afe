//! The virtual cluster: who is idle, what is running, what happens next.
//!
//! An attempt at a candidate goes through up to three phases on its worker: it *reads* what it takes over (a latency for each
//! request, one after the other, then its bytes over the shared [pipe](pipe::Pipe)), it *trains* (on its node's speed), and it
//! *stores* what it trained (one request, then the bytes). Phases without a cost take no event. An attempt may be lost: in
//! the middle of its training, which is decided when it starts, or with everything else when the allocation ends.
//!
//! Time is a whole number of microseconds. Of several things in the same microsecond, first the allocation ends, then what
//! was timed happens, in the order of candidates, then transfers end, those that had less left workers come back
//! last. Idle workers are kept in the order of their numbers.

mod nodes;
mod pipe;

pub(super) use nodes::NodeCaches;

use super::error::EngineError;
use super::live::SlotId;
use super::parts::ClusterSettings;
use lamarck_model::rng::Stream;
use lamarck_model::{CandidateId, Idle};
use nodes::Speeds;
use pipe::Pipe;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What an attempt has to do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    pub(super) candidate: CandidateId,
    /// Requests to the repository, and their bytes.
    pub(super) requests: u32,
    pub(super) read_bytes: u64,
    /// Training on this worker, or the part of it that happens before the attempt is lost.
    pub(super) train_us: u64,
    /// Whether the attempt is lost after that.
    pub(super) lost: bool,
    /// Bytes to store; `None` if nothing is.
    pub(super) store_bytes: Option<u64>,
}

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    ReadLatency,
    Read,
    Train,
    StoreLatency,
    Store,
}

/// An attempt.
#[derive(Debug, Clone, Copy)]
struct Task {
    work: Work,
    worker: u32,
    phase: Phase,
    started_us: u64,
    /// When training began, if it has.
    trains_us: u64,
}

/// How long each phase of an attempt took, in microseconds; `None` for one that did not begin, or reading that did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the names of the trace's columns")]
pub(super) struct Spent {
    pub(super) transfer_us: Option<u64>,
    pub(super) train_us: Option<u64>,
    pub(super) store_us: Option<u64>,
}

/// An attempt that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Over {
    pub(super) slot: SlotId,
    pub(super) spent: Spent,
    /// Whether it was lost.
    pub(super) lost: bool,
}

/// What happens next.
#[derive(Debug)]
pub(super) enum Event {
    /// An attempt is over; its worker is idle from now on, or away if it was lost.
    Over(Over),
    /// The allocation ends: these attempts are lost, in the order of candidates, and all workers are away.
    Expired(Vec<Over>),
    /// Something that nobody outside needs to know.
    Inside,
    /// A worker is back, or the scheduler wanted to be asked.
    Ask,
}

/// Something with a time. The order of the fields is the tie rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Timed {
    at_us: u64,
    candidate: CandidateId,
    slot: SlotId,
}

/// Later than anything: what is timed is below 2^63.
const NEVER: u64 = u64::MAX;

/// What is next, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) at_us: u64,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Expiry,
    Timed,
    Pipe,
    Back,
    Wake,
}

#[derive(Debug)]
pub(super) struct Cluster {
    workers: u32,
    workers_per_node: u32,
    restart_us: u64,
    requeue_us: u64,
    latency_us: u64,
    walltime_us: Option<u64>,
    expires_us: u64,
    speeds: Speeds,
    idle: Vec<Idle>,
    /// By slot; what a slot held last stays.
    tasks: Vec<Task>,
    running: usize,
    timed: BinaryHeap<Reverse<Timed>>,
    pipe: Pipe,
    away: BinaryHeap<Reverse<(u64, u32)>>,
    wake_us: Option<u64>,
}

impl Cluster {
    pub(super) fn new(settings: &ClusterSettings, stream: Stream) -> Self {
        let mut cluster = Self {
            workers: settings.workers,
            workers_per_node: settings.workers_per_node,
            restart_us: settings.restart_us,
            requeue_us: settings.requeue_us,
            latency_us: settings.latency_us,
            walltime_us: settings.walltime_us,
            expires_us: settings.walltime_us.unwrap_or(u64::MAX),
            speeds: Speeds::draw(settings.nodes(), settings.speed_spread, stream),
            idle: Vec::new(),
            tasks: Vec::new(),
            running: 0,
            timed: BinaryHeap::with_capacity(settings.workers as usize),
            pipe: Pipe::new(settings.bandwidth, settings.link),
            away: BinaryHeap::new(),
            wake_us: None,
        };
        cluster.idle = (0..settings.workers).map(|worker| cluster.idler(worker, 0)).collect();
        cluster
    }

    fn idler(&self, worker: u32, since_us: u64) -> Idle {
        let node = worker / self.workers_per_node;
        Idle { worker, node, since_us, speed: self.speeds.factor(node) }
    }

    pub(super) fn idle(&self) -> &[Idle] {
        &self.idle
    }

    /// Attempts under way.
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// When the scheduler wants to be asked again, if that is later than now.
    pub(super) fn wake_at(&mut self, now_us: u64, at_us: Option<u64>) {
        self.wake_us = at_us.filter(|&at_us| at_us > now_us);
    }

    /// How long a training of `us` at speed 1 takes on a node.
    pub(super) fn stretch(&self, us: u64, node: u32) -> u64 {
        self.speeds.stretch(us, node)
    }

    /// Starts an attempt on the idle worker at a position. Positions of the others stay valid until
    /// [`settle`](Self::settle).
    pub(super) fn start(
        &mut self,
        now_us: u64,
        slot: SlotId,
        position: usize,
        work: Work,
    ) -> Result<(), EngineError> {
        let worker = self.idle[position].worker;
        let task = Task { work, worker, phase: Phase::ReadLatency, started_us: now_us, trains_us: now_us };
        let at = slot as usize;
        if at >= self.tasks.len() {
            self.tasks.resize(at + 1, task);
        }
        self.tasks[at] = task;
        self.running += 1;
        let latency_us = self.latency_us.saturating_mul(u64::from(work.requests));
        if latency_us > 0 {
            return self.wait(now_us, latency_us, slot);
        }
        self.after_latency(now_us, slot)
    }

    /// Plans the end of the current phase.
    fn wait(&mut self, now_us: u64, us: u64, slot: SlotId) -> Result<(), EngineError> {
        let candidate = self.tasks[slot as usize].work.candidate;
        let Some(at_us) = now_us.checked_add(us).filter(|&at| at < i64::MAX as u64) else {
            let what =
                format!("candidate {candidate} would finish after the end of virtual time (292,000 years)");
            return Err(EngineError::Time { what });
        };
        self.timed.push(Reverse(Timed { at_us, candidate, slot }));
        Ok(())
    }

    /// The requests have been made; the bytes follow.
    fn after_latency(&mut self, now_us: u64, slot: SlotId) -> Result<(), EngineError> {
        let task = &mut self.tasks[slot as usize];
        let reads = task.phase == Phase::ReadLatency;
        let bytes = if reads { task.work.read_bytes } else { task.work.store_bytes.unwrap_or(0) };
        task.phase = if reads { Phase::Read } else { Phase::Store };
        if bytes > 0 && self.pipe.is_limited() {
            self.pipe.begin(now_us, bytes, task.work.candidate, slot);
            return Ok(());
        }
        if reads { self.train(now_us, slot) } else { self.wait(now_us, 0, slot) }
    }

    fn train(&mut self, now_us: u64, slot: SlotId) -> Result<(), EngineError> {
        let task = &mut self.tasks[slot as usize];
        task.phase = Phase::Train;
        task.trains_us = now_us;
        let train_us = task.work.train_us;
        self.wait(now_us, train_us, slot)
    }

    /// What happens next; `None` when nothing will.
    pub(super) fn next(&self) -> Option<Next> {
        // Written out: a chain of options of pairs costs a twentieth of a run without costs.
        let mut next = Next { at_us: NEVER, what: What::Timed };
        if let Some(Reverse(timed)) = self.timed.peek() {
            next.at_us = timed.at_us;
        }
        let pipe_us = self.pipe.next().map_or(NEVER, |(at_us, _)| at_us.min(NEVER - 1));
        let back_us = self.away.peek().map_or(NEVER, |Reverse((at_us, _))| *at_us);
        let wake_us = self.wake_us.unwrap_or(NEVER);
        // Of equals the first stays.
        for (at_us, what) in [(pipe_us, What::Pipe), (back_us, What::Back), (wake_us, What::Wake)] {
            if at_us < next.at_us {
                next = Next { at_us, what };
            }
        }
        if next.at_us == NEVER {
            return None;
        }
        let expires = next.at_us >= self.expires_us;
        Some(if expires { Next { at_us: self.expires_us, what: What::Expiry } } else { next })
    }

    /// Lets happen what [`next`](Self::next) told.
    pub(super) fn step(&mut self, Next { at_us: now_us, what }: Next) -> Result<Event, EngineError> {
        match what {
            What::Expiry => Ok(Event::Expired(self.expire(now_us))),
            What::Timed => match self.timed.pop() {
                Some(Reverse(timed)) => self.phase_ends(now_us, timed.slot),
                None => Ok(Event::Inside),
            },
            What::Pipe => match self.pipe.end_next() {
                Some(slot) => self.phase_ends(now_us, slot),
                None => Ok(Event::Inside),
            },
            What::Back => {
                if let Some(Reverse((_, worker))) = self.away.pop() {
                    self.rest(now_us, worker);
                }
                Ok(Event::Ask)
            }
            What::Wake => {
                self.wake_us = None;
                Ok(Event::Ask)
            }
        }
    }

    fn phase_ends(&mut self, now_us: u64, slot: SlotId) -> Result<Event, EngineError> {
        let latency_us = self.latency_us;
        let task = &mut self.tasks[slot as usize];
        match task.phase {
            Phase::ReadLatency | Phase::StoreLatency => self.after_latency(now_us, slot)?,
            Phase::Read => self.train(now_us, slot)?,
            Phase::Train => {
                let bytes = task.work.store_bytes.unwrap_or(0);
                let costs = latency_us > 0 || (bytes > 0 && self.pipe.is_limited());
                if task.work.lost || task.work.store_bytes.is_none() || !costs {
                    return Ok(Event::Over(self.over(now_us, slot)));
                }
                task.phase = Phase::StoreLatency;
                if latency_us > 0 {
                    self.wait(now_us, latency_us, slot)?;
                } else {
                    self.after_latency(now_us, slot)?;
                }
            }
            Phase::Store => return Ok(Event::Over(self.over(now_us, slot))),
        }
        Ok(Event::Inside)
    }

    /// Takes a finished or lost attempt off its worker.
    fn over(&mut self, now_us: u64, slot: SlotId) -> Over {
        let task = self.tasks[slot as usize];
        self.running -= 1;
        if task.work.lost && self.restart_us > 0 {
            let back_us = now_us.saturating_add(self.restart_us);
            self.away.push(Reverse((back_us, task.worker)));
        } else {
            self.rest(now_us, task.worker);
        }
        Over { slot, spent: task.spent(now_us), lost: task.work.lost }
    }

    /// A worker becomes idle.
    fn rest(&mut self, now_us: u64, worker: u32) {
        let idle = self.idler(worker, now_us);
        let position = self.idle.partition_point(|other| other.worker < worker);
        self.idle.insert(position, idle);
    }

    /// The allocation ends.
    fn expire(&mut self, now_us: u64) -> Vec<Over> {
        let lost = self.stop(now_us).into_iter().map(|over| Over { lost: true, ..over }).collect();
        let back_us = now_us.saturating_add(self.requeue_us);
        self.away.clear();
        self.idle.clear();
        if self.requeue_us == 0 {
            (0..self.workers).for_each(|worker| self.rest(now_us, worker));
        } else {
            self.away.extend((0..self.workers).map(|worker| Reverse((back_us, worker))));
        }
        self.expires_us = self.walltime_us.map_or(u64::MAX, |walltime| back_us.saturating_add(walltime));
        lost
    }

    /// Takes the workers for which `taken` says so off the idle list.
    pub(super) fn settle(&mut self, taken: impl Fn(usize) -> bool) {
        let mut position = 0;
        self.idle.retain(|_| {
            position += 1;
            !taken(position - 1)
        });
    }

    /// Breaks off everything that is running, in the order of candidates.
    pub(super) fn stop(&mut self, now_us: u64) -> Vec<Over> {
        let timed = self.timed.drain().map(|Reverse(timed)| timed.slot);
        let mut slots: Vec<SlotId> = timed.chain(self.pipe.drain()).collect();
        slots.sort_by_key(|&slot| self.tasks[slot as usize].work.candidate);
        self.running = 0;
        let over = |slot| Over { slot, spent: self.tasks[slot as usize].spent(now_us), lost: false };
        slots.into_iter().map(over).collect()
    }
}

impl Task {
    /// How long each phase has taken by now.
    fn spent(&self, now_us: u64) -> Spent {
        let read = !matches!(self.phase, Phase::ReadLatency | Phase::Read);
        // What comes after training follows at once.
        let after_read_us = now_us.saturating_sub(self.trains_us);
        let stored = read && !self.work.lost && self.work.store_bytes.is_some();
        Spent {
            transfer_us: read.then(|| self.trains_us - self.started_us),
            train_us: read.then(|| after_read_us.min(self.work.train_us)),
            store_us: if stored { after_read_us.checked_sub(self.work.train_us) } else { None },
        }
    }
}

#[cfg(test)]
mod tests;
