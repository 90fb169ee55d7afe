//! A policy over a whole trace.

use crate::error::Error;
use crate::kind::PolicyKind;
use crate::machine::{Machine, With, build};
use crate::observe::{EvictionDetail, Observer, Watch};
use crate::policy::Policy;
use crate::space::At;
use crate::trace::{Hint, NEVER, Op, Trace};

/// What a simulation counted. Requests and bytes are two objectives and they conflict; so both are always here.
#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    /// Reads.
    pub gets: u64,
    /// Bytes asked for by reads.
    pub get_bytes: u64,
    /// Reads of what was not in the cache.
    pub misses: u64,
    /// Bytes of these.
    pub missed_bytes: u64,
    /// Writes; neither hits nor misses.
    pub puts: u64,
    /// Reads and writes of objects larger than the cache: never admitted, a read counts as a miss.
    pub oversized: u64,
    /// Reads and writes of objects that the policy did not want: not admitted, a read counts as a miss.
    pub declined: u64,
    /// Objects that came in.
    pub admissions: u64,
    /// Objects that left to make room; deletions are none.
    pub evictions: u64,
    /// Bytes of these.
    pub evicted_bytes: u64,
    /// The most bytes that were ever in the cache.
    pub peak_bytes: u64,
    /// Objects in the cache at the end.
    pub objects_at_end: u64,
    /// Ages at hit and at eviction, if asked for ([`simulate_detailed`]).
    pub detail: Option<Box<EvictionDetail>>,
}

impl Stats {
    /// Misses over reads; `None` without reads.
    pub fn miss_ratio(&self) -> Option<f64> {
        (self.gets > 0).then(|| self.misses as f64 / self.gets as f64)
    }

    /// Missed bytes over bytes asked for; `None` without reads.
    pub fn byte_miss_ratio(&self) -> Option<f64> {
        (self.get_bytes > 0).then(|| self.missed_bytes as f64 / self.get_bytes as f64)
    }
}

impl std::ops::AddAssign for Stats {
    /// Several caches side by side: everything is summed, `peak_bytes` too, which is then what all had room for and not
    /// what they held at one moment.
    fn add_assign(&mut self, other: Self) {
        self.gets += other.gets;
        self.get_bytes += other.get_bytes;
        self.misses += other.misses;
        self.missed_bytes += other.missed_bytes;
        self.puts += other.puts;
        self.oversized += other.oversized;
        self.declined += other.declined;
        self.admissions += other.admissions;
        self.evictions += other.evictions;
        self.evicted_bytes += other.evicted_bytes;
        self.peak_bytes += other.peak_bytes;
        self.objects_at_end += other.objects_at_end;
        match (&mut self.detail, other.detail) {
            (Some(detail), Some(more)) => detail.merge(&more),
            (detail @ None, more) => *detail = more,
            (Some(_), None) => {}
        }
    }
}

/// Runs `trace` through a cache of `capacity` bytes, which is empty at first.
///
/// Costs O(accesses) times what the policy says, and memory for the objects of the trace. Runs share nothing, so they
/// can go in parallel; the same run gives the same numbers anywhere.
pub fn simulate(trace: &Trace, kind: PolicyKind, capacity: u64) -> Result<Stats, Error> {
    run(trace, kind, capacity, trace.hints(), ())
}

/// [`simulate`], with ages at hit and at eviction, and misses within `window` records after an eviction.
pub fn simulate_detailed(
    trace: &Trace,
    kind: PolicyKind,
    capacity: u64,
    window: u32,
) -> Result<Stats, Error> {
    run(trace, kind, capacity, trace.hints(), Watch::new(trace.sizes().len(), window))
}

/// [`simulate`] with these hints instead of the trace's own, and with detail if there is a `window`: policies that
/// understand hints differently can share one trace.
///
/// Hints must be in order of the accesses they come before.
pub fn simulate_hinted(
    trace: &Trace,
    kind: PolicyKind,
    capacity: u64,
    hints: &[Hint],
    window: Option<u32>,
) -> Result<Stats, Error> {
    let mut from = 0;
    for &Hint { before, object, value } in hints {
        if !value.is_finite() || value < 0.0 {
            let id = trace.ids().get(object as usize).copied().unwrap_or(u64::from(object));
            return Err(Error::Value { record: u64::from(before) + 1, id, value });
        }
        if before < from || before as usize > trace.len() || object as usize >= trace.sizes().len() {
            return Err(Error::Hint { record: u64::from(before) + 1, object });
        }
        from = before;
    }
    match window {
        None => run(trace, kind, capacity, hints, ()),
        Some(window) => run(trace, kind, capacity, hints, Watch::new(trace.sizes().len(), window)),
    }
}

/// Observers that have something to say in the end.
trait Finish: Observer {
    fn finish(self) -> Option<Box<EvictionDetail>>;
}

impl Finish for () {
    fn finish(self) -> Option<Box<EvictionDetail>> {
        None
    }
}

impl Finish for Watch {
    fn finish(self) -> Option<Box<EvictionDetail>> {
        Some(Box::new(self.detail))
    }
}

fn run<R: Finish>(
    trace: &Trace,
    kind: PolicyKind,
    capacity: u64,
    hints: &[Hint],
    observer: R,
) -> Result<Stats, Error> {
    if capacity == 0 {
        return Err(Error::ZeroCapacity);
    }
    kind.check()?;
    let run = Run { trace, kind, capacity, hints, observer };
    Ok(build(kind, capacity, trace.sizes().len(), trace.objects(), run))
}

struct Run<'a, R> {
    trace: &'a Trace,
    kind: PolicyKind,
    capacity: u64,
    hints: &'a [Hint],
    observer: R,
}

impl<'a, R: Finish> With<'a> for Run<'a, R> {
    type Output = Stats;

    fn with<P: Policy + 'a>(self, policy: P) -> Stats {
        let Self { trace, kind, capacity, hints, observer } = self;
        let mut machine = Machine::new(policy, capacity, trace.sizes().len(), observer);
        let next = if kind.needs_future() { trace.next_use() } else { &[] };
        // The accesses between two hints are one slice; without hints the whole trace is.
        let mut from = 0;
        if kind.listens() {
            for hint in hints {
                let before = hint.before as usize;
                // Many hints come before the same access.
                if before > from {
                    stretch(&mut machine, trace, next, from..before);
                    from = before;
                }
                let at = At { sizes: trace.sizes(), now: hint.before, next: NEVER };
                machine.value(hint.object, hint.value, at);
            }
        }
        stretch(&mut machine, trace, next, from..trace.len());
        Stats {
            gets: trace.gets(),
            get_bytes: trace.get_bytes(),
            misses: machine.misses,
            missed_bytes: machine.missed_bytes,
            puts: trace.puts(),
            oversized: machine.oversized,
            declined: machine.declined,
            admissions: machine.space.admissions,
            evictions: machine.space.evictions,
            evicted_bytes: machine.space.evicted_bytes,
            peak_bytes: machine.space.peak(),
            objects_at_end: machine.space.len() as u64,
            detail: machine.space.observer.finish(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a trace has fewer records than 2^32")]
fn stretch<P: Policy, R: Observer>(
    machine: &mut Machine<P, R>,
    trace: &Trace,
    next: &[u32],
    range: std::ops::Range<usize>,
) {
    let sizes = trace.sizes();
    let objects = &trace.objects()[range.clone()];
    // Whether there are operations and next uses is the same for the whole trace, and is asked outside the loop.
    match (trace.ops(), next.is_empty()) {
        (None, true) => {
            for (&o, now) in objects.iter().zip(range.start..) {
                machine.get(o, At { sizes, now: now as u32, next: NEVER });
            }
        }
        (None, false) => {
            for ((&o, &next), now) in objects.iter().zip(&next[range.clone()]).zip(range.start..) {
                machine.get(o, At { sizes, now: now as u32, next });
            }
        }
        (Some(ops), _) => {
            for ((&o, &op), now) in objects.iter().zip(&ops[range.clone()]).zip(range.start..) {
                let at = At { sizes, now: now as u32, next: next.get(now).copied().unwrap_or(NEVER) };
                match op {
                    Op::Get => drop(machine.get(o, at)),
                    Op::Put => drop(machine.put(o, at)),
                    Op::Delete => drop(machine.delete(o, at)),
                }
            }
        }
    }
}
