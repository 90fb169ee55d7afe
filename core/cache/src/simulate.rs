//! A policy over a whole trace.

use crate::error::Error;
use crate::kind::PolicyKind;
use crate::machine::{Machine, With, build};
use crate::observe::{EvictionDetail, Observer, Watch};
use crate::policy::Policy;
use crate::space::At;
use crate::trace::{NEVER, Op, Trace};

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

/// Runs `trace` through a cache of `capacity` bytes, which is empty at first.
///
/// Costs O(accesses) times what the policy says, and memory for the objects of the trace. Runs share nothing, so they
/// can go in parallel; the same run gives the same numbers anywhere.
pub fn simulate(trace: &Trace, kind: PolicyKind, capacity: u64) -> Result<Stats, Error> {
    run(trace, kind, capacity, ())
}

/// [`simulate`], with ages at hit and at eviction, and misses within `window` records after an eviction.
pub fn simulate_detailed(
    trace: &Trace,
    kind: PolicyKind,
    capacity: u64,
    window: u32,
) -> Result<Stats, Error> {
    run(trace, kind, capacity, Watch::new(trace.sizes().len(), window))
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

fn run<R: Finish>(trace: &Trace, kind: PolicyKind, capacity: u64, observer: R) -> Result<Stats, Error> {
    if capacity == 0 {
        return Err(Error::ZeroCapacity);
    }
    kind.check()?;
    let run = Run { trace, kind, capacity, observer };
    Ok(build(kind, capacity, trace.sizes().len(), trace.objects(), run))
}

struct Run<'a, R> {
    trace: &'a Trace,
    kind: PolicyKind,
    capacity: u64,
    observer: R,
}

impl<'a, R: Finish> With<'a> for Run<'a, R> {
    type Output = Stats;

    fn with<P: Policy + 'a>(self, policy: P) -> Stats {
        let Self { trace, kind, capacity, observer } = self;
        let mut machine = Machine::new(policy, capacity, trace.sizes().len(), observer);
        let next = if kind.needs_future() { trace.next_use() } else { &[] };
        // The accesses between two hints are one slice; without hints the whole trace is.
        let mut from = 0;
        if kind.listens() {
            for hint in trace.hints() {
                let before = hint.before as usize;
                stretch(&mut machine, trace, next, from..before);
                from = before;
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
