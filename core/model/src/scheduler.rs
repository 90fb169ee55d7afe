//! Placing ready candidates on idle workers.

use crate::candidate::CandidateId;
use crate::space::ModelSize;
use anyhow::Result;

/// A candidate that waits for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// The candidate.
    pub candidate: CandidateId,
    /// The candidate whose weights it takes over, if any.
    pub donor: Option<CandidateId>,
    /// The size of its model.
    pub size: ModelSize,
    /// How much of it is to be taken over.
    pub prefix: ModelSize,
    /// When it became ready, in microseconds of virtual time.
    pub submitted_us: u64,
}

/// A worker with nothing to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Idle {
    /// The worker.
    pub worker: u32,
    /// The node it is on.
    pub node: u32,
    /// Since when, in microseconds of virtual time.
    pub since_us: u64,
    /// How fast its node trains, 1 being the speed that training times are measured at.
    pub speed: f64,
}

/// What a scheduler may look at.
///
/// Whatever waits and whoever idles stands in `ready`, in order of submission, and in `idle`, in order of worker.
#[derive(Debug, Clone, Copy, Default)]
pub struct Situation<'a> {
    /// The moment, in microseconds of virtual time.
    pub now_us: u64,
    /// Candidates that wait.
    pub ready: &'a [Ready],
    /// Workers with nothing to do.
    pub idle: &'a [Idle],
    /// See [`cached_bytes`](Self::cached_bytes): `idle.len()` numbers for each of `ready`, one after the other; empty
    /// for a scheduler that does not [want](Scheduler::wants_cached) them, and where nodes have no caches.
    pub cached: &'a [u64],
    /// For each of `ready` the most bytes that the cache of any node holds, idle or not; empty where `cached` is.
    pub cached_anywhere: &'a [u64],
}

impl Situation<'_> {
    /// Bytes of the prefix of the ready candidate at a position that the cache of an idle worker's node holds; 0 for
    /// positions that are not there.
    pub fn cached_bytes(&self, ready: usize, idle: usize) -> u64 {
        if idle >= self.idle.len() {
            return 0;
        }
        ready
            .checked_mul(self.idle.len())
            .and_then(|row| self.cached.get(row + idle))
            .copied()
            .unwrap_or_default()
    }

    /// The most bytes of the prefix of the ready candidate at a position that the cache of any one node holds, whether a
    /// worker of it is idle or not.
    pub fn cached_anywhere(&self, ready: usize) -> u64 {
        self.cached_anywhere.get(ready).copied().unwrap_or_default()
    }
}

/// Which ready candidate goes to which idle worker, both as positions in the lists that the scheduler was handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Position in the list of ready candidates.
    pub ready: u32,
    /// Position in the list of idle workers.
    pub idle: u32,
}

/// A scheduler's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// Who goes where; no candidate and no worker may be named twice. They start in this order.
    pub assignments: Vec<Assignment>,
    /// When to ask again at the latest, in microseconds of virtual time, for a scheduler that lets candidates wait. It is
    /// asked anyway whenever a candidate finishes; moments that have passed are ignored.
    pub wake_us: Option<u64>,
}

impl Placement {
    /// Sends the ready candidate at one position to the idle worker at another.
    pub fn assign(&mut self, ready: usize, idle: usize) {
        // The lists hold fewer than 2^32 entries each; a position beyond is one that the engine refuses.
        let narrow = |position| u32::try_from(position).unwrap_or(u32::MAX);
        self.assignments.push(Assignment { ready: narrow(ready), idle: narrow(idle) });
    }

    /// Asks to be asked again at this moment, or earlier if that was wanted already.
    pub fn wake_at(&mut self, at_us: u64) {
        self.wake_us = Some(self.wake_us.map_or(at_us, |before| before.min(at_us)));
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.assignments.clear();
        self.wake_us = None;
    }
}

/// Places ready candidates on idle workers.
///
/// A whole scheduler, which gives the latest candidate to the highest-numbered worker:
///
/// ```
/// use anyhow::Result;
/// use lamarck_model::{Assignment, Idle, ModelSize, Placement, Ready, Scheduler, Situation};
///
/// struct Latest;
///
/// impl Scheduler for Latest {
///     fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
///         let (ready, idle) = (situation.ready.len(), situation.idle.len());
///         for (ready, idle) in (0..ready).rev().zip((0..idle).rev()) {
///             out.assign(ready, idle);
///         }
///         Ok(())
///     }
/// }
///
/// let (size, prefix) = (ModelSize::default(), ModelSize::default());
/// let ready = [0, 1].map(|candidate| Ready { candidate, donor: None, size, prefix, submitted_us: 0 });
/// let idle = [Idle { worker: 3, node: 0, since_us: 0, speed: 1.0 }];
/// let mut out = Placement::default();
/// Latest.assign(&Situation { ready: &ready, idle: &idle, ..Situation::default() }, &mut out)?;
/// assert_eq!(out.assignments, [Assignment { ready: 1, idle: 0 }]);
/// # Ok::<(), anyhow::Error>(())
/// ```
pub trait Scheduler: Send {
    /// Whether it wants to know what the nodes' caches hold, which takes time to find out.
    fn wants_cached(&self) -> bool {
        false
    }

    /// Places candidates: all that can be, some or none. Leaving a candidate and a worker both unassigned is allowed while
    /// something is running, and otherwise with a moment to be asked again.
    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()>;
}
