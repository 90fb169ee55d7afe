//! Reuse distances and LRU miss-ratio curves, for all capacities in one pass (Mattson et al. 1970).
//!
//! An object's reuse distance is the smallest capacity, in bytes, at which LRU still has it. With sizes this is exact for
//! every capacity that can hold the largest object: see the documentation of LRU and module `stack`. A smaller cache passes
//! over the objects that do not fit, which changes the stack itself; for such capacities LRU is simulated, so that the
//! curve is what LRU does at *every* capacity.
//!
//! Sampling ([`sampled_curve`]) is there for traces too long for that, with a band; the exact curve is the default
//! because one per cent of the objects is off by points under heavy tails.

mod shards;
mod stack;

pub use shards::{SampledPoint, sampled_curve};

use crate::error::Error;
use crate::kind::PolicyKind;
use crate::simulate::simulate;
use crate::trace::{Op, Trace};
use stack::{Growing, Shrinking, Stack};

/// Hands each read's index, object and reuse distance in bytes to `visit`; `None` for the first read of an object that
/// was not written before, or the first after a deletion. O(accesses x log objects).
pub fn reuse_distances(trace: &Trace, mut visit: impl FnMut(usize, u32, Option<u64>)) {
    let all = trace.objects().iter().copied().enumerate();
    let deletions = trace.ops().is_some_and(|ops| ops.contains(&Op::Delete));
    let objects = trace.sizes().len();
    if deletions {
        walk(trace, all, Shrinking::new(objects), |o| o, &mut visit);
    } else {
        walk(trace, all, Growing::new(objects), |o| o, &mut visit);
    }
}

/// The distances in a part of the trace; `number` numbers the objects of the part.
fn walk(
    trace: &Trace,
    accesses: impl Iterator<Item = (usize, u32)>,
    mut stack: impl Stack,
    number: impl Fn(u32) -> u32,
    visit: &mut impl FnMut(usize, u32, Option<u64>),
) {
    let sizes = trace.sizes();
    for (index, o) in accesses {
        let size = sizes[o as usize];
        match trace.op(index) {
            Op::Get => {
                let distance = stack.access(number(o), size);
                visit(index, o, distance);
            }
            Op::Put => drop(stack.access(number(o), size)),
            Op::Delete => stack.delete(number(o), size),
        }
    }
}

/// A step of the histogram of reuse distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DistanceBucket {
    /// The smallest distance in it, in bytes.
    pub from: u64,
    /// The smallest distance above it.
    pub to: u64,
    /// Reads.
    pub gets: u64,
    /// Bytes of these reads.
    pub bytes: u64,
}

/// Reuse distances in steps of an eighth of a power of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistanceHistogram {
    counts: Vec<(u64, u64)>,
    /// Reads without a distance: compulsory misses.
    pub first_gets: u64,
    /// Bytes of these.
    pub first_bytes: u64,
}

const STEPS: u64 = 8;

fn bucket(distance: u64) -> usize {
    if distance < STEPS {
        return usize::try_from(distance).unwrap_or(0);
    }
    let exponent = distance.ilog2();
    let within = (distance >> (exponent - 3)) & (STEPS - 1);
    (exponent as usize - 2) * 8 + usize::try_from(within).unwrap_or(0)
}

fn from(bucket: usize) -> u64 {
    let b = bucket as u64;
    if b < STEPS { b } else { (STEPS + b % STEPS) << (b / STEPS - 1).min(60) }
}

impl DistanceHistogram {
    fn new() -> Self {
        Self { counts: vec![(0, 0); 62 * 8], first_gets: 0, first_bytes: 0 }
    }

    fn add(&mut self, distance: Option<u64>, size: u64) {
        let (gets, bytes) = match distance {
            None => (&mut self.first_gets, &mut self.first_bytes),
            Some(distance) => {
                let (gets, bytes) = &mut self.counts[bucket(distance)];
                (gets, bytes)
            }
        };
        *gets += 1;
        *bytes += size;
    }

    /// The steps that have any reads, shortest first.
    pub fn buckets(&self) -> Vec<DistanceBucket> {
        self.counts
            .iter()
            .enumerate()
            .filter(|&(_, &(gets, _))| gets > 0)
            .map(|(index, &(gets, bytes))| DistanceBucket {
                from: from(index),
                to: if index + 1 == self.counts.len() { u64::MAX } else { from(index + 1) },
                gets,
                bytes,
            })
            .collect()
    }
}

/// A point of a miss-ratio curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// The capacity in bytes.
    pub capacity: u64,
    /// Reads that miss.
    pub misses: u64,
    /// Their bytes.
    pub missed_bytes: u64,
}

/// What LRU does at given capacities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissRatioCurve {
    points: Vec<CurvePoint>,
    gets: u64,
    get_bytes: u64,
}

impl MissRatioCurve {
    /// The points, in the order of the capacities that were asked for.
    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// (capacity, miss ratio, byte miss ratio) of each point; empty without reads.
    pub fn ratios(&self) -> Vec<(u64, f64, f64)> {
        if self.gets == 0 {
            return Vec::new();
        }
        let ratio = |point: &CurvePoint| {
            let requests = point.misses as f64 / self.gets as f64;
            (point.capacity, requests, point.missed_bytes as f64 / self.get_bytes as f64)
        };
        self.points.iter().map(ratio).collect()
    }
}

/// What one pass over a trace finds out about LRU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LruProfile {
    /// What LRU does at the capacities asked for; exact.
    pub curve: MissRatioCurve,
    /// The reuse distances.
    pub histogram: DistanceHistogram,
}

impl LruProfile {
    /// The exact curve at `capacities`, in any order, and the histogram of reuse distances; O(accesses x log objects).
    /// Each capacity below the largest object costs a simulation more.
    pub fn measure(trace: &Trace, capacities: &[u64]) -> Result<Self, Error> {
        if capacities.contains(&0) {
            return Err(Error::ZeroCapacity);
        }
        let mut ascending = capacities.to_vec();
        ascending.sort_unstable();
        ascending.dedup();
        let mut histogram = DistanceHistogram::new();
        // Reads (and bytes) by the smallest of the capacities that hits them; beyond the last: none does.
        let mut hits = vec![(0_u64, 0_u64); ascending.len() + 1];
        let sizes = trace.sizes();
        reuse_distances(trace, |_, o, distance| {
            let size = sizes[o as usize];
            histogram.add(distance, size);
            let place = distance.map_or(ascending.len(), |d| ascending.partition_point(|&c| c < d));
            hits[place].0 += 1;
            hits[place].1 += size;
        });
        let largest = trace.largest();
        let (mut hit, mut hit_bytes) = (0, 0);
        let mut points = Vec::with_capacity(ascending.len());
        for (&capacity, &(gets, bytes)) in ascending.iter().zip(&hits) {
            hit += gets;
            hit_bytes += bytes;
            points.push(if capacity < largest {
                let stats = simulate(trace, PolicyKind::Lru, capacity)?;
                CurvePoint { capacity, misses: stats.misses, missed_bytes: stats.missed_bytes }
            } else {
                CurvePoint {
                    capacity,
                    misses: trace.gets() - hit,
                    missed_bytes: trace.get_bytes() - hit_bytes,
                }
            });
        }
        let asked = capacities.iter().map(|capacity| {
            points[ascending.binary_search(capacity).unwrap_or_else(|place| place.min(points.len() - 1))]
        });
        let (gets, get_bytes) = (trace.gets(), trace.get_bytes());
        Ok(Self { curve: MissRatioCurve { points: asked.collect(), gets, get_bytes }, histogram })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_tile_the_distances() {
        for distance in (0..10_000).chain([1 << 40, u64::MAX / 3, u64::MAX]) {
            let bucket = bucket(distance);
            assert!(bucket < 62 * 8 && from(bucket) <= distance, "{distance}");
            assert!(bucket + 1 == 62 * 8 || distance < from(bucket + 1), "{distance}");
        }
    }
}
