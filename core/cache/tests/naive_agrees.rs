//! Every policy does, access by access, what the naive one does; and what must hold of all of them holds.

#![expect(clippy::float_cmp, reason = "whole numbers")]

mod support;

use std::collections::BTreeMap;

use lamarck_cache::{
    Cache, LruProfile, Op, Outcome, Per, Pfoo, PolicyKind, SizeRule, Trace, TraceBuilder, compulsory,
    simulate, simulate_detailed,
};
use proptest::prelude::*;
use support::naive::{Event, Step, run};

/// All policies by default, and with options that matter within a few hundred accesses.
fn kinds() -> Vec<PolicyKind> {
    let mut kinds = PolicyKind::ALL.to_vec();
    kinds.extend([
        PolicyKind::Clock { bits: 2 },
        PolicyKind::Slru { protected: 0.5 },
        PolicyKind::TwoQ { recent: 0.5, ghost: 1.0 },
        PolicyKind::Lirs { hir: 0.3, ghost: 0.5 },
        PolicyKind::S3Fifo { small: 0.3, ghost: 0.4 },
        PolicyKind::Hyperbolic { sample: 3, per: Per::Byte, seed: 7 },
        PolicyKind::WTinyLfu { window: 0.3, protected: 0.6 },
        PolicyKind::LeCar { rate: 3.0, seed: 9 },
        PolicyKind::Lhd { sample: 3, interval: 20, seed: 1 },
        PolicyKind::Lhd { sample: 100, interval: 7, seed: 1 },
        PolicyKind::Random { seed: 1 << 60 },
        PolicyKind::BeladySize { sample: 3, seed: 2 },
        PolicyKind::Descendants { per: Per::Byte },
        PolicyKind::NextDonor { per: Per::Byte },
    ]);
    kinds
}

#[derive(Debug, Clone)]
struct Case {
    sizes: BTreeMap<u64, u64>,
    events: Vec<Event>,
    capacity: u64,
}

impl Case {
    fn trace(&self) -> Trace {
        let mut builder = TraceBuilder::new(SizeRule::Refuse);
        for event in &self.events {
            match *event {
                Event::Access(Op::Get, id) => builder.get(id, self.sizes[&id]),
                Event::Access(Op::Put, id) => builder.put(id, self.sizes[&id]),
                Event::Access(Op::Delete, id) => builder.delete(id),
                Event::Value(id, value) => builder.value(id, value),
            }
            .unwrap();
        }
        builder.finish().unwrap()
    }
}

/// Traces with a few popular objects, of reads only or of everything.
fn cases(longest: usize) -> impl Strategy<Value = Case> {
    let sizes = prop::collection::vec(prop_oneof![4 => 1_u64..12, 2 => 1_u64..40, 1 => Just(70_u64)], 24);
    let event = (0_u32..100, 0_u64..24, 0_u64..24, 0_u32..5);
    (sizes, prop::collection::vec(event, 1..longest), 1_u64..160, any::<bool>()).prop_map(
        |(sizes, events, capacity, only_reads)| {
            let sizes = (0..).map(|id| id * 1_000_003).zip(sizes).collect();
            let events = events.into_iter().map(|(what, a, b, value)| {
                let id = a.min(b) * 1_000_003;
                match what {
                    _ if only_reads => Event::Access(Op::Get, id),
                    0..10 => Event::Access(Op::Put, id),
                    10..16 => Event::Access(Op::Delete, id),
                    16..30 => Event::Value(id, f64::from(value) / 2.0),
                    _ => Event::Access(Op::Get, id),
                }
            });
            Case { sizes, events: events.collect(), capacity }
        },
    )
}

/// The steps of a [`Cache`].
fn steps(kind: PolicyKind, case: &Case) -> Vec<Step> {
    let mut cache = Cache::new(kind, case.capacity).unwrap();
    let mut steps = Vec::new();
    for event in &case.events {
        let hit = match *event {
            Event::Access(Op::Get, id) => cache.get(id, case.sizes[&id]).unwrap() == Outcome::Hit,
            Event::Access(Op::Put, id) => cache.put(id, case.sizes[&id]).unwrap() == Outcome::Hit,
            Event::Access(Op::Delete, id) => cache.delete(id),
            Event::Value(id, value) => {
                cache.value(id, value).unwrap();
                false
            }
        };
        let evicted = if matches!(event, Event::Value(..)) { Vec::new() } else { cache.evicted().to_vec() };
        let contents: Vec<u64> = case.sizes.keys().copied().filter(|id| cache.contains(*id)).collect();
        assert_eq!(cache.len(), contents.len());
        assert!(cache.used() <= cache.capacity());
        steps.push(Step { hit, evicted, used: cache.used(), contents });
    }
    steps
}

/// Long enough for counters to be halved, for heaps to be tidied and for stacks to be renumbered many times.
#[test]
fn over_a_long_trace() {
    let mut draws = support::generate::Draws(3);
    let ids = 60_u64;
    let sizes = (0..ids).map(|id| (id, 1 + draws.next() % 20)).collect();
    let events = (0..4000).map(|_| {
        let id = (draws.next() % ids).min(draws.next() % ids);
        match draws.next() % 20 {
            0..3 => Event::Access(Op::Delete, id),
            3..5 => Event::Access(Op::Put, id),
            5..9 => Event::Value(id, (draws.next() % 4) as f64),
            _ => Event::Access(Op::Get, id),
        }
    });
    let case = Case { sizes, events: events.collect(), capacity: 300 };
    for kind in kinds().into_iter().filter(|kind| !kind.needs_future()) {
        let expected = run(kind, case.capacity, &case.sizes, &case.events);
        assert!(steps(kind, &case) == expected, "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn step_by_step(case in cases(400)) {
        for kind in kinds().into_iter().filter(|kind| !kind.needs_future()) {
            let expected = run(kind, case.capacity, &case.sizes, &case.events);
            for (index, (is, should)) in steps(kind, &case).iter().zip(&expected).enumerate() {
                prop_assert_eq!(is, should, "{} at event {}: {:?}", kind, index, case.events[index]);
            }
        }
    }

    #[test]
    fn over_whole_traces(case in cases(400)) {
        let trace = case.trace();
        let bound = Pfoo::new(&trace).at(case.capacity);
        let first = compulsory(&trace);
        for kind in kinds() {
            let stats = simulate(&trace, kind, case.capacity).unwrap();
            let expected = run(kind, case.capacity, &case.sizes, &case.events);
            let missed = || expected.iter().zip(&case.events).filter_map(|(step, event)| match event {
                Event::Access(Op::Get, id) if !step.hit => Some(case.sizes[id]),
                _ => None,
            });
            let evicted = || expected.iter().flat_map(|step| &step.evicted).map(|id| case.sizes[id]);
            prop_assert_eq!(stats.misses, missed().count() as u64, "{}", kind);
            prop_assert_eq!(stats.missed_bytes, missed().sum::<u64>(), "{}", kind);
            prop_assert_eq!(stats.evictions, evicted().count() as u64, "{}", kind);
            prop_assert_eq!(stats.evicted_bytes, evicted().sum::<u64>(), "{}", kind);
            prop_assert_eq!(stats.objects_at_end, expected.last().unwrap().contents.len() as u64, "{}", kind);
            prop_assert!(stats.peak_bytes <= case.capacity, "{}", kind);
            // No policy beats the bounds.
            prop_assert!(stats.misses as f64 >= bound.misses - 1e-6, "{} {:?}", kind, bound);
            prop_assert!(stats.missed_bytes as f64 >= bound.missed_bytes - 1e-6, "{} {:?}", kind, bound);
            prop_assert!(stats.misses >= first.misses && stats.missed_bytes >= first.bytes);
            // The same again is the same, and watching changes nothing.
            let mut watched = simulate_detailed(&trace, kind, case.capacity, 10).unwrap();
            let detail = watched.detail.take().unwrap();
            prop_assert_eq!(&watched, &stats);
            prop_assert_eq!(detail.age_at_hit.total(), stats.gets - stats.misses);
            prop_assert_eq!(detail.age_at_eviction.total(), stats.evictions);
            prop_assert!(detail.reused_within_window <= detail.reuse_after_eviction.total());
        }
    }

    #[test]
    fn curve_is_lru_at_every_capacity(case in cases(600)) {
        let trace = case.trace();
        let capacities: Vec<u64> = (1..=trace.working_set() + 1).collect();
        let profile = LruProfile::measure(&trace, &capacities).unwrap();
        for point in profile.curve.points() {
            let stats = simulate(&trace, PolicyKind::Lru, point.capacity).unwrap();
            prop_assert_eq!((point.misses, point.missed_bytes), (stats.misses, stats.missed_bytes), "{:?}", point);
        }
        let buckets = profile.histogram.buckets();
        let gets: u64 = buckets.iter().map(|bucket| bucket.gets).sum();
        prop_assert_eq!(gets + profile.histogram.first_gets, trace.gets());
        prop_assert_eq!(profile.histogram.first_gets, compulsory(&trace).misses);
        prop_assert_eq!(profile.histogram.first_bytes, compulsory(&trace).bytes);
    }

    #[test]
    fn bounds_fall_with_capacity(case in cases(300)) {
        let trace = case.trace();
        let pfoo = Pfoo::new(&trace);
        let first = compulsory(&trace);
        let mut before = (f64::INFINITY, f64::INFINITY);
        for capacity in 1..=trace.working_set() + 1 {
            let bound = pfoo.at(capacity);
            prop_assert!(bound.misses <= before.0 && bound.missed_bytes <= before.1 + 1e-6);
            prop_assert!(bound.misses >= first.misses as f64 - 1e-6);
            before = (bound.misses, bound.missed_bytes);
        }
        // Where everything fits, only the first reads miss.
        prop_assert_eq!(before.0, first.misses as f64);
    }
}
