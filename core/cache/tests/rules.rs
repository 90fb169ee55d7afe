//! The written rules, one example each, and what errors say.

use insta::assert_snapshot;
use lamarck_cache::io::csv::{self, CsvColumns};
use lamarck_cache::io::oracle_general;
use lamarck_cache::{
    Cache, Error, ErrorKind, Hint, LruProfile, NEVER, Op, Outcome, PolicyKind, SizeRule, Trace, TraceBuilder,
    chance_of_selection, compulsory, reuse_distances, sampled_curve, selection_probability, simulate,
    simulate_detailed, simulate_hinted,
};

fn build(fill: impl FnOnce(&mut TraceBuilder) -> Result<(), Error>) -> Result<Trace, Error> {
    let mut builder = TraceBuilder::new(SizeRule::Refuse);
    fill(&mut builder)?;
    builder.finish()
}

fn record(id: u64, size: u32, next: i64) -> Vec<u8> {
    [&7_u32.to_le_bytes()[..], &id.to_le_bytes(), &size.to_le_bytes(), &next.to_le_bytes()].concat()
}

#[test]
fn a_write_is_no_hit_and_a_deletion_frees_space() {
    let trace = build(|t| {
        t.put(1, 60)?;
        t.put(1, 60)?;
        t.get(1, 60)?;
        t.delete(1)?;
        t.put(2, 80)?;
        t.get(2, 80)?;
        t.get(1, 60)
    })
    .unwrap();
    for kind in PolicyKind::ALL.into_iter().filter(|kind| kind.name() != "w-tiny-lfu") {
        let stats = simulate(&trace, kind, 100).unwrap();
        assert_eq!((stats.gets, stats.puts, stats.misses, stats.missed_bytes), (3, 3, 1, 60), "{kind}");
        // Only the last read needs room: the deletion made it for object 2.
        assert_eq!((stats.evictions, stats.evicted_bytes, stats.peak_bytes), (1, 80, 80), "{kind}");
    }
    assert_eq!(compulsory(&trace).misses, 1);
    assert_eq!(trace.next_use(), [NEVER, 2, NEVER, NEVER, 5, NEVER, NEVER]);
}

#[test]
fn oversized_objects_are_missed_and_disturb_nobody() {
    let trace = build(|t| {
        t.get(1, 10)?;
        t.get(2, 101)?;
        t.put(2, 101)?;
        t.get(2, 101)?;
        t.get(1, 10)
    })
    .unwrap();
    for kind in PolicyKind::ALL.into_iter().filter(|kind| kind.name() != "w-tiny-lfu") {
        let stats = simulate(&trace, kind, 100).unwrap();
        assert_eq!((stats.misses, stats.oversized, stats.evictions), (3, 3, 0), "{kind}");
        assert_eq!(stats.missed_bytes, 212, "{kind}");
    }
}

#[test]
fn sizes_beyond_32_bits() {
    let big = 5 << 32;
    let trace = build(|t| (0..6).try_for_each(|i| t.get(i % 3, big + i % 3))).unwrap();
    let stats = simulate(&trace, PolicyKind::Lru, big * 3 + 3).unwrap();
    assert_eq!((stats.misses, stats.missed_bytes), (3, big * 3 + 3));
    assert_eq!(simulate(&trace, PolicyKind::Lru, big * 3 + 2).unwrap().misses, 6);
    let curve = LruProfile::measure(&trace, &[u64::MAX, big * 3 + 2, big * 3 + 3]).unwrap().curve;
    assert_eq!(curve.points().iter().map(|point| point.misses).collect::<Vec<_>>(), [3, 6, 3]);
    for kind in PolicyKind::ALL {
        assert_eq!(simulate(&trace, kind, u64::MAX).unwrap().misses, 3, "{kind}");
    }
}

#[test]
fn rules_for_changed_sizes() {
    let misses = |rule| {
        let mut builder = TraceBuilder::new(rule);
        builder.get(1, 10)?;
        builder.get(1, 30)?;
        builder.get(1, 20)?;
        Ok::<_, Error>(builder.finish()?.get_bytes())
    };
    assert_eq!(misses(SizeRule::First).unwrap(), 30);
    assert_eq!(misses(SizeRule::Largest).unwrap(), 90);
    assert_eq!(misses(SizeRule::Refuse).unwrap_err().kind(), ErrorKind::SizeChanged);
}

#[test]
fn the_dead_leave_first() {
    let trace = |hint: bool| {
        build(|t| {
            t.get(1, 40)?;
            t.get(2, 40)?;
            t.get(1, 40)?;
            if hint {
                t.value(1, 0.0)?;
            }
            t.get(3, 40)?;
            t.get(2, 40)
        })
        .unwrap()
    };
    let misses = |kind: &str, hint| simulate(&trace(hint), kind.parse().unwrap(), 100).unwrap().misses;
    for kind in ["population", "next-donor"] {
        assert_eq!((misses(kind, false), misses(kind, true)), (4, 3), "{kind}");
    }
    assert_eq!((misses("lru", false), misses("lru", true)), (4, 4));
}

#[test]
fn hints_beside_the_trace_are_like_those_in_it() {
    let reads = |hinted: bool| {
        build(|t| {
            (0..2000_u64).try_for_each(|i| {
                if hinted && i % 3 == 0 && i > 40 {
                    t.value(i * i % 37, (i % 5) as f64)?;
                }
                // Each object once, so that both traces number them alike, then in no order.
                let id = if i < 37 { i } else { (i * i * i + i / 7) % 37 };
                t.get(id, 1 + id)
            })
        })
        .unwrap()
    };
    let (plain, hinted) = (reads(false), reads(true));
    for kind in PolicyKind::ALL.into_iter().filter(PolicyKind::listens) {
        let inside = simulate_detailed(&hinted, kind, 150, 10).unwrap();
        assert_eq!(simulate_hinted(&plain, kind, 150, hinted.hints(), Some(10)).unwrap(), inside, "{kind}");
        let without = simulate_hinted(&hinted, kind, 150, &[], None).unwrap();
        assert_eq!(without, simulate(&plain, kind, 150).unwrap(), "{kind}");
        assert_ne!(without.misses, inside.misses, "{kind}");
    }
    let hint = |before, object, value| [Hint { before, object, value }];
    for wrong in [hint(0, 37, 1.0), hint(2001, 0, 1.0), hint(0, 0, -1.0), hint(0, 0, f64::NAN)] {
        let refused = simulate_hinted(&plain, PolicyKind::Population, 150, &wrong, None);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Value);
    }
    let disorder = [hint(5, 0, 1.0), hint(4, 0, 1.0)].concat();
    assert!(simulate_hinted(&plain, PolicyKind::Population, 150, &disorder, None).is_err());
}

#[test]
fn reuse_after_eviction() {
    let trace = build(|t| [1, 2, 3, 1, 1].into_iter().try_for_each(|id| t.get(id, 50))).unwrap();
    let detail = simulate_detailed(&trace, PolicyKind::Lru, 100, 1).unwrap().detail.unwrap();
    // Object 1 leaves at its age of 2 and is missed one record later; object 2 leaves at the age of 2.
    assert_eq!(detail.age_at_eviction.buckets().last(), Some(&(2, 4, 2)));
    assert_eq!((detail.reuse_after_eviction.total(), detail.reused_within_window), (1, 1));
    assert_eq!(detail.age_at_hit.quantile(0.5), Some(2));
}

#[test]
fn several_caches_are_summed() {
    let part = |ids: &[u64]| build(|t| ids.iter().try_for_each(|&id| t.get(id, 40 + id))).unwrap();
    let run = |ids: &[u64]| simulate_detailed(&part(ids), PolicyKind::Lru, 100, 9).unwrap();
    let mut sum = run(&[1, 2, 3, 1]);
    sum += run(&[5, 5, 6]);
    assert_eq!((sum.gets, sum.misses, sum.missed_bytes, sum.evictions), (7, 6, 258, 2));
    let detail = sum.detail.unwrap();
    assert_eq!((detail.age_at_hit.total(), detail.age_at_eviction.total()), (1, 2));
    assert_eq!((detail.reuse_after_eviction.total(), detail.reused_within_window), (1, 1));
}

#[test]
fn distances_in_bytes() {
    let trace = build(|t| {
        t.get(1, 10)?;
        t.get(2, 20)?;
        t.get(1, 10)?;
        t.get(1, 10)?;
        t.get(3, 5)?;
        t.delete(3)?;
        t.get(2, 20)?;
        t.get(3, 5)
    })
    .unwrap();
    let mut distances = Vec::new();
    reuse_distances(&trace, |index, _, distance| distances.push((index, distance)));
    // Object 2 comes back at 20 + 10 + the 5 of object 3, which is gone by then but had been in the way.
    let expected = [(0, None), (1, None), (2, Some(30)), (3, Some(10)), (4, None), (6, Some(35)), (7, None)];
    assert_eq!(distances, expected);
}

#[test]
fn a_sample_of_everything_is_exact_and_of_a_third_is_within_its_band() {
    let trace = build(|t| {
        let mut state = 1_u64;
        (0..60_000).try_for_each(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let id = (state >> 33) % (1 << (5 + (state >> 40) % 8));
            t.get(id, 1 + id % 50)
        })
    })
    .unwrap();
    let capacities = [20_000, 60_000];
    let exact = LruProfile::measure(&trace, &capacities).unwrap().curve.ratios();
    let all = sampled_curve(&trace, &capacities, 1.0).unwrap();
    let third = sampled_curve(&trace, &capacities, 0.33).unwrap();
    for ((&(_, r, b), all), third) in exact.iter().zip(&all).zip(&third) {
        assert!((all.miss_ratio - r).abs() < 1e-9 && (all.byte_miss_ratio - b).abs() < 1e-9);
        assert!(third.band > 0.0 && third.band < 0.1);
        assert!((third.miss_ratio - r).abs() < 2.0 * third.band, "{third:?} {r}");
        assert!((third.byte_miss_ratio - b).abs() < 2.0 * third.byte_band, "{third:?} {b}");
    }
}

#[test]
fn tournaments_in_closed_form() {
    // Of all ranks exactly one is chosen.
    for (population, sample) in [(1, 1), (10, 1), (10, 3), (100, 25), (7, 7)] {
        let all: f64 = (1..=population).map(|rank| selection_probability(population, sample, rank)).sum();
        assert!((all - 1.0).abs() < 1e-12, "{population} {sample} {all}");
    }
    // C(7, 2) / C(10, 3) = 21 / 120.
    assert!((selection_probability(10, 3, 3) - 0.175).abs() < 1e-15);
    let cannot = [(10, 3, 0), (10, 3, 9), (10, 0, 1), (10, 11, 1)];
    assert!(cannot.iter().all(|&(p, s, r)| selection_probability(p, s, r) <= 0.0));
    let once = selection_probability(10, 3, 3);
    assert!((chance_of_selection(10, 3, 3, 8) - (1.0 - (1.0 - once) * (1.0 - once))).abs() < 1e-15);
    assert!(chance_of_selection(10, 3, 3, 10) <= 0.0);
}

#[test]
fn oracle_general_there_and_back() {
    let trace = build(|t| [5, 9, 5, u64::MAX, 9].into_iter().try_for_each(|id| t.get(id, 1 + id / 2))).err();
    assert!(trace.is_none());
    let trace =
        build(|t| [5, 9, 5, u64::MAX, 9].into_iter().try_for_each(|id| t.get(id, id % 90 + 1))).unwrap();
    let mut bytes = Vec::new();
    oracle_general::write(&trace, Some(&[3, 4, 5, 6, 7]), &mut bytes).unwrap();
    assert_eq!(bytes.len(), 5 * oracle_general::RECORD);
    assert_eq!(&bytes[16..24], &3_i64.to_le_bytes());
    assert_eq!(&bytes[64..72], &(-1_i64).to_le_bytes());
    let mut times = Vec::new();
    let back = oracle_general::read_with(&bytes[..], SizeRule::Refuse, |time| times.push(time)).unwrap();
    assert_eq!(times, [3, 4, 5, 6, 7]);
    assert_eq!((back.objects(), back.ids(), back.sizes()), (trace.objects(), trace.ids(), trace.sizes()));
}

#[test]
fn csv_there_and_back() {
    let text = "time,op,id,size\n0,PUT,a,10\n1,read,\"b,\"\"c\",20\n2,get,a,10\n\n3,delete,a,\n";
    let columns = CsvColumns { op: Some("op".to_owned()), ..CsvColumns::default() };
    let read = csv::read(text, &columns, SizeRule::Refuse).unwrap();
    assert_eq!(read.names, ["a", "b,\"c"]);
    assert_eq!((0..4).map(|i| read.trace.op(i)).collect::<Vec<_>>(), [Op::Put, Op::Get, Op::Get, Op::Delete]);
    let mut out = Vec::new();
    csv::write(&read.trace, &read.names, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_snapshot!(out, @r#"
    id,size,op
    a,10,put
    "b,""c",20,get
    a,10,get
    a,10,delete
    "#);
    let again = csv::read(&out, &columns, SizeRule::Refuse).unwrap();
    assert_eq!((again.trace.objects(), again.names), (read.trace.objects(), read.names));
    let numbers = csv::read("id,size\n70,1\n3,2\n70,1\n", &CsvColumns::default(), SizeRule::Refuse).unwrap();
    assert_eq!((numbers.trace.ids(), numbers.names.len()), (&[70, 3][..], 0));
}

/// The message, after its kind.
fn said<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.unwrap_err();
    format!("{:?}: {error}", error.kind())
}

#[test]
fn what_errors_say_about_binaries() {
    let read = |bytes: &[u8]| said(oracle_general::read(bytes, SizeRule::Refuse));
    let good = record(1, 10, 2);
    assert_snapshot!(read(&[&good[..], &good[..7]].concat()), @"Format: record 2: the file ends after 7 of its 24 bytes; it is truncated, or no oracleGeneral file");
    assert_snapshot!(read(&[&good[..], &record(1, 11, -1)].concat()), @"SizeChanged: record 2: object 1 has 11 bytes but had 10 before; give a new version a new id, or choose a rule for changed sizes (first, largest)");
    assert_snapshot!(read(&[&good[..], &record(2, 0, -1)].concat()), @"Size: record 2: object 2 has 0 bytes; leave such objects out of the trace");
    assert_snapshot!(read(&[&[1_u8; 3][..], &good, &good, &[0; 21]].concat()), @"Format: record 3: its next access is said to be record 0, which is no later one; the records do not begin at multiples of 24 bytes, or this is no oracleGeneral file");
    assert_snapshot!(read(&record(1, 5, 1 << 48)), @"Format: record 1: its next access is said to be record 281474976710656, which is no later one; the records do not begin at multiples of 24 bytes, or this is no oracleGeneral file");
    assert_snapshot!(read(&[&good[..], &record(2, 5, -7)].concat()), @"Format: record 2: its next access is said to be record -7, which is no later one; the records do not begin at multiples of 24 bytes, or this is no oracleGeneral file");
    let large = build(|t| t.get(3, 1 << 32)).unwrap();
    assert_snapshot!(said(oracle_general::write(&large, None, Vec::new())), @"TooLarge: record 1: object 3 has 4294967296 bytes, and oracleGeneral has no more than 32 bits for a size; write CSV instead, or split the object");
    let put = build(|t| t.put(3, 1)).unwrap();
    assert_snapshot!(said(oracle_general::write(&put, None, Vec::new())), @"Format: record 1: oracleGeneral cannot say that this is a put; write CSV instead");
}

#[test]
fn what_errors_say_about_csv() {
    let columns = CsvColumns { op: Some("op".to_owned()), ..CsvColumns::default() };
    let read = |text: &str| said(csv::read(text, &columns, SizeRule::Refuse));
    assert_snapshot!(read("time,key,bytes\n1,2,3\n"), @"Column: the header has no column `id`; it has time, key, bytes");
    assert_snapshot!(read(""), @"Column: the header has no column `id`; it has none");
    assert_snapshot!(read("id,size,op\n1,NaN,get\n"), @"Column: record 1: size `NaN` is not a whole number of bytes below 2^64");
    assert_snapshot!(read("id,size,op\n1,-4,get\n"), @"Column: record 1: size `-4` is not a whole number of bytes below 2^64");
    assert_snapshot!(read("id,size,op\n1,4,get\n1,4,peek\n"), @"Column: record 2: operation `peek` is not get, put or delete");
    assert_snapshot!(read("id,size,op\n1,4,get\n2\n"), @"Column: record 2: the row has 1 fields, but column `op` is number 3");
    assert_snapshot!(read("id,size,op\n1,4,get\n1,5,get\n"), @"SizeChanged: record 2: object 1 has 5 bytes but had 4 before; give a new version a new id, or choose a rule for changed sizes (first, largest)");
    assert_snapshot!(read("id,size,op\nx,0,get\n"), @"Size: record 1: object 0 has 0 bytes; leave such objects out of the trace");
}

#[test]
fn what_errors_say_about_policies_and_capacities() {
    let parse = |text: &str| said(text.parse::<PolicyKind>());
    assert_snapshot!(parse("lfru"), @"Policy: there is no policy `lfru`; there are fifo, lru, clock, slru, lfu, lfu-da, two-q, arc, lirs, s3-fifo, sieve, gdsf, hyperbolic, w-tiny-lfu, lecar, lhd, random, belady, belady-size, population, descendants, next-donor");
    assert_snapshot!(parse("lru:seed=1"), @"Policy: policy lru: there is no option `seed`; it has no options");
    assert_snapshot!(parse("s3-fifo:smal=0.1"), @"Policy: policy s3-fifo: there is no option `smal`; it has small, ghost");
    assert_snapshot!(parse("s3-fifo:small=NaN"), @"Policy: policy s3-fifo: option `small` is `NaN`, but must be a number from 0 to 1");
    assert_snapshot!(parse("clock:bits=7"), @"Policy: policy clock: option `bits` is `7`, but must be a whole number from 1 to 6");
    assert_snapshot!(parse("lhd:sample"), @"Policy: policy lhd: `sample` is no option; write name=value");
    let trace = build(|t| t.get(1, 1)).unwrap();
    assert_snapshot!(said(simulate(&trace, PolicyKind::Lru, 0)), @"Capacity: a cache of 0 bytes holds nothing; give a capacity of at least 1 byte");
    assert_snapshot!(said(simulate(&trace, PolicyKind::Slru { protected: f64::NAN }, 1)), @"Policy: policy slru: option `protected` is `NaN`, but must be a number from 0 to 1");
    assert_snapshot!(said(Cache::new(PolicyKind::Belady, 1)), @"NeedsFuture: policy belady must know the whole trace beforehand; it can be simulated, but not used as a cache");
    assert_snapshot!(said(build(|t| t.value(1, f64::NAN))), @"Value: record 1: the value NaN of object 1 is no finite number of at least 0");
    assert_snapshot!(said(build(|t| (0..3).try_for_each(|id| t.get(id, u64::MAX / 2)))), @"TooLarge: the records ask for more than 2^64 bytes altogether; split the trace or count in larger units");
    let mut cache = Cache::new(PolicyKind::Lru, 10).unwrap();
    cache.get(4, 3).unwrap();
    assert_snapshot!(said(cache.get(4, 5)), @"SizeChanged: record 2: object 4 has 5 bytes but had 3 before; give a new version a new id, or choose a rule for changed sizes (first, largest)");
    assert_snapshot!(said(cache.get(4, 0)), @"Size: record 2: object 4 has 0 bytes; leave such objects out of the trace");
    // A write may change the size.
    assert_eq!(cache.put(4, 5).unwrap(), Outcome::Miss);
    assert_eq!((cache.used(), cache.get(4, 5).unwrap()), (5, Outcome::Hit));
}
