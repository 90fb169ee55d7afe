//! Bounds: what no policy can do better than.
//!
//! - **Compulsory misses**: the first read of an object, or the first since it was deleted, unless it was written before.
//! - **PFOO-L** (D. S. Berger, N. Beckmann, M. Harchol-Balter, "Practical bounds on optimal caching with variable object
//!   sizes", Proc. ACM Meas. Anal. Comput. Syst. 2(2), 2018, doi:10.1145/3224427): between two accesses an object that
//!   is to be hit takes up its size times the records between. The cache has its capacity times all records to give.
//!   Whatever may be hit takes part in this one account only, not at every moment; so choosing the cheapest hits (the last
//!   one in part) gives at least as many as the optimum. By bytes, each hit is worth its size, and the cheapest
//!   are the shortest.
//!
//! Belady's rule is *not* a bound once sizes differ.

use crate::trace::{NEVER, Op, Trace};

/// Reads that miss in any cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compulsory {
    /// How many.
    pub misses: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The compulsory misses of a trace. O(accesses).
pub fn compulsory(trace: &Trace) -> Compulsory {
    let mut exists = vec![false; trace.sizes().len()];
    let mut bound = Compulsory { misses: 0, bytes: 0 };
    for (index, &o) in trace.objects().iter().enumerate() {
        let op = trace.op(index);
        if op == Op::Get && !exists[o as usize] {
            bound.misses += 1;
            bound.bytes += trace.sizes()[o as usize];
        }
        exists[o as usize] = op != Op::Delete;
    }
    bound
}

/// A lower bound on misses, of any policy, that may know the future.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// Misses; not whole, since the last hit counts in part.
    pub misses: f64,
    /// Missed bytes. The two bounds are reached by different caches, if at all.
    pub missed_bytes: f64,
    gets: u64,
    get_bytes: u64,
}

impl Bound {
    /// Misses over reads; `None` without reads.
    pub fn miss_ratio(&self) -> Option<f64> {
        (self.gets > 0).then(|| self.misses / self.gets as f64)
    }

    /// Missed bytes over bytes asked for; `None` without reads.
    pub fn byte_miss_ratio(&self) -> Option<f64> {
        (self.get_bytes > 0).then(|| self.missed_bytes / self.get_bytes as f64)
    }
}

/// PFOO-L of one trace, for any number of capacities: O(n log n) once, O(n) for each capacity; 24 bytes a read that could
/// hit.
#[derive(Debug)]
pub struct Pfoo<'a> {
    trace: &'a Trace,
    /// (size x records, object), the cheapest first. Costs are divided by 2^shift, rounded down.
    by_cost: Vec<(u64, u32)>,
    /// (records, object), the shortest first.
    by_length: Vec<(u32, u32)>,
    shift: u32,
}

impl<'a> Pfoo<'a> {
    /// Sorts what could be hit.
    pub fn new(trace: &'a Trace) -> Self {
        // Costs have up to 96 bits. Losing the lowest of them makes hits cheaper, so the bound remains one.
        let largest = u128::from(trace.largest()) * trace.len() as u128;
        let shift = 64_u32.saturating_sub(largest.leading_zeros());
        let mut by_cost = Vec::new();
        let mut by_length = Vec::new();
        for ((&o, &next), now) in trace.objects().iter().zip(trace.next_use()).zip(0_u32..) {
            if next != NEVER {
                let length = next - now;
                let cost = (u128::from(trace.sizes()[o as usize]) * u128::from(length)) >> shift;
                by_cost.push((u64::try_from(cost).unwrap_or(u64::MAX), o));
                by_length.push((length, o));
            }
        }
        by_cost.sort_unstable();
        by_length.sort_unstable();
        Self { trace, by_cost, by_length, shift }
    }

    /// The bound for a cache of `capacity` bytes. Objects larger than that are hit by nobody.
    pub fn at(&self, capacity: u64) -> Bound {
        let budget = u128::from(capacity) * self.trace.len() as u128;
        let sizes = self.trace.sizes();
        let fits = |o: u32| sizes[o as usize] <= capacity;

        // Costs were rounded down, so the budget is rounded up.
        let mut left = (budget >> self.shift) + u128::from(self.shift > 0);
        let mut hits = 0.0;
        for &(cost, _) in self.by_cost.iter().filter(|&&(_, o)| fits(o)) {
            if u128::from(cost) > left {
                hits += left as f64 / cost as f64;
                break;
            }
            left -= u128::from(cost);
            hits += 1.0;
        }

        let mut left = budget;
        let mut bytes = 0.0;
        for &(length, o) in self.by_length.iter().filter(|&&(_, o)| fits(o)) {
            let size = sizes[o as usize];
            let cost = u128::from(size) * u128::from(length);
            if cost > left {
                bytes += left as f64 / f64::from(length);
                break;
            }
            left -= cost;
            bytes += size as f64;
        }
        let (gets, get_bytes) = (self.trace.gets(), self.trace.get_bytes());
        Bound {
            misses: (gets as f64 - hits).max(0.0),
            missed_bytes: (get_bytes as f64 - bytes).max(0.0),
            gets,
            get_bytes,
        }
    }
}
