//! Caches of many sizes: exact LRU curve, bounds, policies by capacity, and the size that is needed.

use super::jobs::{First, bounds_and_sizes};
use crate::executor::Executor;
use crate::views::View;
use lamarck_cache::{Compulsory, Error, Pfoo, PolicyKind, Stats, compulsory};

/// What is to be measured.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) policies: Vec<PolicyKind>,
    /// Capacities of the grid as shares of the footprint, ascending.
    pub(crate) fractions: Vec<f64>,
    /// The capacity, as a position in `fractions`, at which ages are watched.
    pub(crate) watched: usize,
}

/// A policy at all capacities of the grid.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) policy: PolicyKind,
    pub(crate) cells: Vec<Stats>,
}

impl Row {
    /// Whether it knows about evolution.
    pub(crate) fn is_lineage(&self) -> bool {
        self.policy.listens()
    }

    /// The byte miss ratio at a capacity of the grid; not a number without reads.
    pub(crate) fn byte_ratio(&self, at: usize) -> f64 {
        self.cells.get(at).and_then(Stats::byte_miss_ratio).unwrap_or(f64::NAN)
    }

    /// The miss ratio at a capacity of the grid; not a number without reads.
    pub(crate) fn ratio(&self, at: usize) -> f64 {
        self.cells.get(at).and_then(Stats::miss_ratio).unwrap_or(f64::NAN)
    }

    /// Whether it could be built: it knows neither the future nor evolution.
    pub(crate) fn is_general(&self) -> bool {
        !self.policy.listens() && !self.policy.needs_future()
    }
}

/// A lower bound, summed over caches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BoundSum {
    pub(crate) misses: f64,
    pub(crate) missed_bytes: f64,
}

/// Shares of the attainable hits for which a size is given.
pub(crate) const SIZING: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];

/// What size is needed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    /// For a share of the attainable byte hits with LRU.
    pub(crate) bytes: Option<u64>,
    /// For a share of the attainable hits with LRU.
    pub(crate) requests: Option<u64>,
    /// The least with which any policy could have that share of the byte hits, by PFOO-L.
    pub(crate) least: Option<u64>,
}

/// Octaves below the footprint that the curve has.
const OCTAVES: i32 = 14;

/// What was measured of one cache, or of several side by side.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) gets: u64,
    pub(crate) get_bytes: u64,
    pub(crate) compulsory: Compulsory,
    /// LRU at shares of the footprint, halves of octaves apart: share, misses, missed bytes.
    pub(crate) curve: Vec<(f64, u64, u64)>,
    pub(crate) capacities: Vec<u64>,
    pub(crate) bounds: Vec<BoundSum>,
    pub(crate) grid: Vec<Row>,
    pub(crate) sizes: Vec<Size>,
    /// Reuse distances in bytes, sorted.
    pub(crate) distances: Vec<(u64, u64)>,
}

/// A share of the footprint in whole bytes, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares are not negative; what is beyond 64 bits becomes the largest capacity"
)]
pub(super) fn capacity(footprint: u64, share: f64) -> u64 {
    ((footprint as f64 * share).round() as u64).max(1)
}

/// Measures caches that each see one view, all of the same capacity. The executor decides what is measured at the same
/// time, and nothing else.
pub(crate) fn measure(
    name: &'static str,
    views: &[View],
    footprint: u64,
    plan: &Plan,
    executor: &dyn Executor,
) -> Result<Measured, Error> {
    let compulsory = views.iter().map(|view| compulsory(&view.trace)).fold(
        Compulsory { misses: 0, bytes: 0 },
        |sum, more| Compulsory { misses: sum.misses + more.misses, bytes: sum.bytes + more.bytes },
    );
    let shares: Vec<f64> = (-2 * OCTAVES..=0).map(|half| f64::from(half).mul_add(0.5, 0.0).exp2()).collect();
    let of_curve: Vec<u64> = shares.iter().map(|&share| capacity(footprint, share)).collect();
    let capacities: Vec<u64> = plan.fractions.iter().map(|&share| capacity(footprint, share)).collect();
    let first = First::measure(views, &of_curve, &capacities, plan, executor)?;
    let mut curve: Vec<(f64, u64, u64)> = shares.into_iter().map(|share| (share, 0, 0)).collect();
    for ((view, distances), lru) in views.iter().zip(&first.distances).zip(&first.lru) {
        let points = lru_points(view, &of_curve, distances, lru);
        for (point, (misses, missed_bytes)) in curve.iter_mut().zip(points) {
            point.1 += misses;
            point.2 += missed_bytes;
        }
    }
    let distances = merge(first.distances);
    let (bounds, sizes) = bounds_and_sizes(views, &capacities, &distances, &first.bounds, executor);
    let rows = plan.policies.iter().zip(first.grid);
    Ok(Measured {
        name,
        gets: views.iter().map(|view| view.trace.gets()).sum(),
        get_bytes: views.iter().map(|view| view.trace.get_bytes()).sum(),
        compulsory,
        curve,
        bounds,
        grid: rows.map(|(&policy, cells)| Row { policy, cells }).collect(),
        capacities,
        sizes,
        distances,
    })
}

/// Misses and missed bytes of LRU at each of the ascending capacities, exact: from reuse distances, and where these do not
/// tell, below the largest object, as simulated. `lamarck_cache::LruProfile` says the same, but in one job and
/// with distances of its own.
fn lru_points(view: &View, capacities: &[u64], distances: &[(u64, u64)], lru: &[Stats]) -> Vec<(u64, u64)> {
    let (mut hits, mut hit_bytes) = (0, 0);
    let mut ascending = distances.iter().peekable();
    let from_distances = |&capacity: &u64| {
        while let Some(&(_, size)) = ascending.next_if(|&&(distance, _)| distance <= capacity) {
            hits += 1;
            hit_bytes += size;
        }
        (view.trace.gets() - hits, view.trace.get_bytes() - hit_bytes)
    };
    let simulated = lru.iter().map(|stats| (stats.misses, stats.missed_bytes));
    simulated.chain(capacities.iter().skip(lru.len()).map(from_distances)).collect()
}

/// What is sorted by view, sorted altogether.
#[expect(
    clippy::stable_sort_primitive,
    reason = "of the two sorts only the stable one merges what is sorted already"
)]
fn merge(sorted: Vec<Vec<(u64, u64)>>) -> Vec<(u64, u64)> {
    let mut sorted = sorted.into_iter();
    // The first is not copied, which matters where it is all there is.
    let mut all = sorted.next().unwrap_or_default();
    sorted.for_each(|more| all.extend(more));
    all.sort();
    all
}

/// PFOO-L at one capacity.
pub(super) fn bound(pfoo: &[Pfoo<'_>], capacity: u64) -> BoundSum {
    pfoo.iter().map(|pfoo| pfoo.at(capacity)).fold(BoundSum::default(), |sum, bound| BoundSum {
        misses: sum.misses + bound.misses,
        missed_bytes: sum.missed_bytes + bound.missed_bytes,
    })
}

/// The size for a share of the attainable hits. Not below the largest object: what a cache does that passes over objects is
/// no matter of distances.
pub(super) fn size(
    distances: &[(u64, u64)],
    share: f64,
    largest: u64,
    pfoo: &[Pfoo<'_>],
    get_bytes: u64,
) -> Size {
    let attainable: u64 = distances.iter().map(|&(_, size)| size).sum();
    if attainable == 0 {
        return Size::default();
    }
    let wanted = share * attainable as f64;
    let mut sum = 0_u64;
    let bytes = distances.iter().find_map(|&(distance, size)| {
        sum += size;
        (sum as f64 >= wanted).then_some(distance.max(largest))
    });
    let requests = super::quantile(distances, share).map(|(distance, _)| distance.max(largest));
    // Bounds only fall with the capacity. What LRU needs is enough for anybody.
    let least = bytes.map(|enough| {
        let (mut too_small, mut enough) = (0, enough);
        while enough - too_small > (enough / 1000).max(1) {
            let middle = too_small + (enough - too_small) / 2;
            if get_bytes as f64 - bound(pfoo, middle).missed_bytes >= wanted {
                enough = middle;
            } else {
                too_small = middle;
            }
        }
        enough
    });
    Size { bytes, requests, least }
}

impl Measured {
    /// Bytes that no cache could have spared.
    pub(crate) fn attainable_bytes(&self) -> Option<f64> {
        (self.get_bytes > 0).then(|| 1.0 - self.compulsory.bytes as f64 / self.get_bytes as f64)
    }

    /// The bound's byte miss ratio.
    pub(crate) fn byte_bound(&self, at: usize) -> f64 {
        self.bounds[at].missed_bytes / self.get_bytes as f64
    }

    /// The bound's miss ratio.
    pub(crate) fn bound(&self, at: usize) -> f64 {
        self.bounds[at].misses / self.gets as f64
    }

    /// The lowest value of those rows: that of the best policy in hindsight.
    pub(crate) fn best(&self, which: impl Fn(&Row) -> bool, value: impl Fn(&Row) -> f64) -> Option<f64> {
        let values = self.grid.iter().filter(|row| which(row)).map(value);
        values.filter(|value| value.is_finite()).min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::super::jobs::stand_in;
    use super::*;
    use crate::executor::Serial;
    use crate::stream::{StreamBuilder, StreamOptions};
    use crate::support::Evolution;
    use crate::views::shared;
    use lamarck_cache::simulate_detailed;

    #[test]
    fn with_plenty_of_room_all_policies_do_the_same() {
        let (candidates, layers) = Evolution { failures: 9, ..Evolution::default() }.run();
        let mut builder = StreamBuilder::default();
        builder.candidates(&candidates.view()).unwrap();
        builder.layers(&layers).unwrap();
        let retention = crate::stream::Retention::Population;
        let options = StreamOptions { retention, population: Some(20), ..StreamOptions::default() };
        let stream = builder.finish(&options).unwrap();
        let view = shared(&stream, &Default::default()).unwrap();
        let plenty = view.trace.working_set();
        let expected = simulate_detailed(&view.trace, PolicyKind::Fifo, plenty, 7).unwrap();
        assert!(expected.evictions == 0 && expected.gets > 500);
        for policy in PolicyKind::ALL {
            if stand_in(&view, policy, plenty) == PolicyKind::Fifo {
                assert_eq!(simulate_detailed(&view.trace, policy, plenty, 7).unwrap(), expected, "{policy}");
            }
            assert_eq!(stand_in(&view, policy, plenty - 1), policy);
        }
    }

    #[test]
    fn a_size_serves_what_it_says_and_less_does_not() {
        let (candidates, layers) = Evolution::default().run();
        let mut builder = StreamBuilder::default();
        builder.candidates(&candidates.view()).unwrap();
        builder.layers(&layers).unwrap();
        let stream = builder.finish(&StreamOptions::default()).unwrap();
        let view = shared(&stream, &Default::default()).unwrap();
        let plan = Plan { policies: Vec::new(), fractions: vec![0.5], watched: 0 };
        let footprint = view.trace.working_set();
        let measured = measure("shared", std::slice::from_ref(&view), footprint, &plan, &Serial).unwrap();
        let attainable = (measured.get_bytes - measured.compulsory.bytes) as f64;
        let served = |capacity: u64| {
            let stats = lamarck_cache::simulate(&view.trace, PolicyKind::Lru, capacity).unwrap();
            (stats.get_bytes - stats.missed_bytes) as f64
        };
        for (&share, size) in SIZING.iter().zip(&measured.sizes) {
            let bytes = size.bytes.unwrap();
            assert!(served(bytes) >= share * attainable, "{share}");
            assert!(bytes == view.trace.largest() || served(bytes - 1) < share * attainable, "{share}");
            assert!(size.least.unwrap() <= bytes);
        }
    }
}
