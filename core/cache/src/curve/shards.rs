//! Curves from a sample of the objects.
//!
//! C. A. Waldspurger, N. Park, A. Garthwaite, I. Ahmad, "Efficient MRC construction with SHARDS", FAST 2015: an object is in the
//! sample if the hash of its id is below a threshold, and the distances in the sample are divided by the rate. With
//! their adjustment (SHARDS-adj): the reads and bytes that the sample has too few or too many of are hits at no
//! distance, since it is the popular objects by which samples differ.
//!
//! Variant for sizes: only the bytes of *other* objects are divided by the rate, an object's own size is known. The band comes
//! from eight disjoint parts of the sample: twice the standard error of their mean, computed for each part by the same
//! rules. It says how much samples differ, not what all of them get wrong together.

use super::stack::{Growing, Shrinking};
use super::walk;
use crate::error::Error;
use crate::trace::{Op, Trace};

/// A point of a sampled curve, with the half widths of its bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampledPoint {
    /// The capacity in bytes.
    pub capacity: u64,
    /// The estimated miss ratio.
    pub miss_ratio: f64,
    /// Half the width of its band.
    pub band: f64,
    /// The estimated byte miss ratio.
    pub byte_miss_ratio: f64,
    /// Half the width of its band.
    pub byte_band: f64,
}

const PARTS: usize = 8;

/// Miss ratios by requests and by bytes at each capacity.
type Ratios = Vec<(f64, f64)>;

/// SplitMix64's output function: ids that count up are spread over all bits.
fn hash(id: u64) -> u64 {
    let z = id.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The curve at `capacities` from a share `rate` (above 0, at most 1; otherwise taken as 1) of the objects. Points are in
/// the order of the capacities; none if the trace has no reads.
pub fn sampled_curve(trace: &Trace, capacities: &[u64], rate: f64) -> Result<Vec<SampledPoint>, Error> {
    if capacities.contains(&0) {
        return Err(Error::ZeroCapacity);
    }
    if trace.gets() == 0 {
        return Ok(Vec::new());
    }
    let rate = if rate > 0.0 && rate < 1.0 { rate } else { 1.0 };
    // 32 bits decide about the sample, three others about the part.
    let chosen = |o: u32| {
        let hash = hash(trace.ids()[o as usize]);
        (((hash >> 32) as f64) < rate * 4_294_967_296.0).then_some((hash & 7) as usize)
    };
    let part_of: Vec<Option<usize>> =
        (0..trace.sizes().len()).map(|o| chosen(u32::try_from(o).ok()?)).collect();
    let whole = estimate(trace, capacities, rate, |o| part_of[o as usize].is_some());
    let parts: Vec<Ratios> = (0..PARTS)
        .map(|part| estimate(trace, capacities, rate / PARTS as f64, |o| part_of[o as usize] == Some(part)))
        .collect();
    let band = |of: fn(&Ratios, usize) -> f64, index: usize| {
        let n = PARTS as f64;
        let mean = parts.iter().map(|part| of(part, index)).sum::<f64>() / n;
        let squares: f64 = parts.iter().map(|part| (of(part, index) - mean).powi(2)).sum();
        2.0 * (squares / (n - 1.0) / n).sqrt()
    };
    let points = capacities.iter().enumerate().map(|(index, &capacity)| SampledPoint {
        capacity,
        miss_ratio: whole[index].0,
        band: band(|part, index| part[index].0, index),
        byte_miss_ratio: whole[index].1,
        byte_band: band(|part, index| part[index].1, index),
    });
    Ok(points.collect())
}

/// From those objects.
fn estimate(trace: &Trace, capacities: &[u64], rate: f64, sampled: impl Fn(u32) -> bool) -> Ratios {
    let sizes = trace.sizes();
    let mut numbers = vec![0; sizes.len()];
    let mut count = 0_u32;
    for (o, number) in (0..).zip(&mut numbers) {
        *number = count;
        count += u32::from(sampled(o));
    }
    let mut hits = vec![(0.0, 0.0); capacities.len()];
    let (mut gets, mut bytes) = (0.0, 0.0);
    let mut visit = |_: usize, o: u32, distance: Option<u64>| {
        let size = sizes[o as usize];
        gets += 1.0;
        bytes += size as f64;
        if let Some(distance) = distance {
            let others = (distance - size) as f64 / rate;
            for (&capacity, (hits, hit_bytes)) in capacities.iter().zip(&mut hits) {
                if others + size as f64 <= capacity as f64 {
                    *hits += 1.0;
                    *hit_bytes += size as f64;
                }
            }
        }
    };
    let accesses = trace.objects().iter().copied().enumerate().filter(|&(_, o)| sampled(o));
    let number = |o: u32| numbers[o as usize];
    if trace.ops().is_some_and(|ops| ops.contains(&Op::Delete)) {
        walk(trace, accesses, Shrinking::new(count as usize), number, &mut visit);
    } else {
        walk(trace, accesses, Growing::new(count as usize), number, &mut visit);
    }
    let (expected, expected_bytes) = (trace.gets() as f64 * rate, trace.get_bytes() as f64 * rate);
    let ratio =
        |hits: f64, seen: f64, expected: f64| (1.0 - (hits + expected - seen) / expected).clamp(0.0, 1.0);
    hits.iter()
        .map(|&(hit, hit_bytes)| (ratio(hit, gets, expected), ratio(hit_bytes, bytes, expected_bytes)))
        .collect()
}
