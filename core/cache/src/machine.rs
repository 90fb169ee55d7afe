//! One cache at work: a policy, its space, and what is counted. The simulation and [`Cache`](crate::Cache) both run
//! this, so that they cannot differ.

use crate::kind::PolicyKind;
use crate::observe::Observer;
use crate::policy::Policy;
use crate::policy::arc::Arc;
use crate::policy::belady::{Belady, BeladySize};
use crate::policy::clock::Clock;
use crate::policy::fifo::Fifo;
use crate::policy::greedy::{Gdsf, Greedy, Lfu, LfuDa};
use crate::policy::hyperbolic::Hyperbolic;
use crate::policy::lecar::LeCar;
use crate::policy::lhd::Lhd;
use crate::policy::lineage::{ByValue, Population};
use crate::policy::lirs::Lirs;
use crate::policy::lru::Lru;
use crate::policy::random::Random;
use crate::policy::s3_fifo::S3Fifo;
use crate::policy::sieve::Sieve;
use crate::policy::slru::Slru;
use crate::policy::two_q::TwoQ;
use crate::policy::w_tiny_lfu::WTinyLfu;
use crate::space::{At, RESIDENT, Space};

/// What became of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was in the cache.
    Hit,
    /// It was not, and is now.
    Miss,
    /// It was not, and the policy did not want it.
    Declined,
    /// It is larger than the cache.
    Oversized,
}

pub(crate) struct Machine<P, R> {
    pub(crate) policy: P,
    pub(crate) space: Space<R>,
    pub(crate) misses: u64,
    pub(crate) missed_bytes: u64,
    pub(crate) oversized: u64,
    pub(crate) declined: u64,
}

impl<P: Policy, R: Observer> Machine<P, R> {
    pub(crate) fn new(policy: P, capacity: u64, objects: usize, observer: R) -> Self {
        let space = Space::new(capacity, objects, observer);
        Self { policy, space, misses: 0, missed_bytes: 0, oversized: 0, declined: 0 }
    }

    #[inline]
    pub(crate) fn get(&mut self, o: u32, at: At<'_>) -> Outcome {
        if self.space.resident(o) {
            self.space.observer.hit(o, at.now);
            self.policy.hit(o, &mut self.space, at);
            return Outcome::Hit;
        }
        self.misses += 1;
        self.missed_bytes += at.size(o);
        self.space.observer.missed(o, at.now);
        self.bring_in(o, at)
    }

    pub(crate) fn put(&mut self, o: u32, at: At<'_>) -> Outcome {
        if self.space.resident(o) {
            self.space.observer.rewritten(o, at.now);
            self.policy.hit(o, &mut self.space, at);
            return Outcome::Hit;
        }
        self.bring_in(o, at)
    }

    #[inline]
    fn bring_in(&mut self, o: u32, at: At<'_>) -> Outcome {
        if at.size(o) > self.space.capacity() {
            self.oversized += 1;
            return Outcome::Oversized;
        }
        self.policy.admit(o, &mut self.space, at);
        if self.space.flags[o as usize] & RESIDENT != 0 {
            Outcome::Miss
        } else {
            self.declined += 1;
            Outcome::Declined
        }
    }

    pub(crate) fn delete(&mut self, o: u32, at: At<'_>) -> bool {
        self.policy.delete(o, &mut self.space, at);
        self.space.observer.deleted(o);
        let resident = self.space.resident(o);
        if resident {
            self.space.release(o, at.size(o));
        }
        self.space.flags[o as usize] = 0;
        resident
    }

    pub(crate) fn value(&mut self, o: u32, value: f64, at: At<'_>) {
        self.policy.value(o, value, &mut self.space, at);
    }
}

/// What is done with a policy once it is made. A trait and not a closure, because the type differs with each kind.
pub(crate) trait With<'a> {
    type Output;
    fn with<P: Policy + 'a>(self, policy: P) -> Self::Output;
}

/// Makes the policy. `records` are the objects of the trace for those that need the future.
pub(crate) fn build<'a, W: With<'a>>(
    kind: PolicyKind,
    capacity: u64,
    objects: usize,
    records: &'a [u32],
    with: W,
) -> W::Output {
    match kind {
        PolicyKind::Fifo => with.with(Fifo::new(objects)),
        PolicyKind::Lru => with.with(Lru::new(objects)),
        PolicyKind::Clock { bits } => with.with(Clock::new(objects, bits)),
        PolicyKind::Slru { protected } => with.with(Slru::new(objects, capacity, protected)),
        PolicyKind::Lfu => with.with(Greedy::<Lfu>::new(objects)),
        PolicyKind::LfuDa => with.with(Greedy::<LfuDa>::new(objects)),
        PolicyKind::TwoQ { recent, ghost } => with.with(TwoQ::new(objects, capacity, recent, ghost)),
        PolicyKind::Arc => with.with(Arc::new(objects)),
        PolicyKind::Lirs { hir, ghost } => with.with(Lirs::new(objects, capacity, hir, ghost)),
        PolicyKind::S3Fifo { small, ghost } => with.with(S3Fifo::new(objects, capacity, small, ghost)),
        PolicyKind::Sieve => with.with(Sieve::new(objects)),
        PolicyKind::Gdsf => with.with(Greedy::<Gdsf>::new(objects)),
        PolicyKind::Hyperbolic { sample, per, seed } => {
            with.with(Hyperbolic::new(objects, sample, per, seed))
        }
        PolicyKind::WTinyLfu { window, protected } => {
            with.with(WTinyLfu::new(objects, capacity, window, protected))
        }
        PolicyKind::LeCar { rate, seed } => with.with(LeCar::new(objects, capacity, rate, seed)),
        PolicyKind::Lhd { sample, interval, seed } => with.with(Lhd::new(objects, sample, interval, seed)),
        PolicyKind::Random { seed } => with.with(Random::new(objects, seed)),
        PolicyKind::Belady => with.with(Belady::new(objects, records)),
        PolicyKind::BeladySize { sample, seed } => with.with(BeladySize::new(objects, sample, seed)),
        PolicyKind::Population => with.with(Population::new(objects)),
        PolicyKind::Descendants { per } => with.with(ByValue::new(objects, per, true)),
        PolicyKind::NextDonor { per } => with.with(ByValue::new(objects, per, false)),
    }
}
