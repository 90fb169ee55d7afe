//! Miss ratios that another implementation computed.
//!
//! libCacheSim 0.3.5 (`pip install libcachesim`) on the trace of `support::generate::slice`, made a second time in Python
//! and written as oracleGeneral: `libcachesim.LRU(capacity).process_trace(reader)` and so on. FIFO, LRU, SIEVE, Belady,
//! CLOCK and LFU leave nothing to choose and must agree to the last digit it prints; for the others, whose variants differ
//! (its ARC moves the target by single bytes), the distance is bounded.

mod support;

use lamarck_cache::{LruProfile, PolicyKind, simulate};
use support::generate::{slice, trace};

const CAPACITIES: [u64; 3] = [17_870_232, 178_702_321, 714_809_287];

/// Miss ratios by requests and by bytes at each capacity.
type Ratios = [(f64, f64); 3];

/// Policies without variants.
const GOLDEN: [(&str, Ratios); 6] = [
    ("fifo", [(0.653_960, 0.517_145), (0.389_845, 0.320_008), (0.215_870, 0.178_371)]),
    ("lru", [(0.606_185, 0.481_075), (0.346_965, 0.287_455), (0.186_875, 0.154_731)]),
    ("sieve", [(0.479_705, 0.410_555), (0.294_690, 0.243_221), (0.174_250, 0.144_711)]),
    ("belady", [(0.418_340, 0.349_629), (0.212_790, 0.176_149), (0.125_300, 0.104_463)]),
    ("clock", [(0.591_965, 0.474_316), (0.336_905, 0.278_583), (0.182_315, 0.151_090)]),
    ("lfu", [(0.475_900, 0.418_799), (0.294_690, 0.243_251), (0.174_250, 0.144_711)]),
];

/// How far a variant may be away.
const NEAR: [(&str, f64, Ratios); 3] = [
    ("gdsf", 0.002, [(0.309_470, 0.468_363), (0.181_120, 0.277_352), (0.131_185, 0.149_566)]),
    ("s3-fifo", 0.006, [(0.481_355, 0.407_612), (0.288_300, 0.237_715), (0.174_830, 0.146_102)]),
    ("arc", 0.006, [(0.490_110, 0.411_116), (0.291_375, 0.239_561), (0.174_565, 0.144_465)]),
];

fn ratios(policy: &str, capacity: u64) -> (f64, f64) {
    let stats = simulate(&trace(&slice()), policy.parse().unwrap(), capacity).unwrap();
    (stats.miss_ratio().unwrap(), stats.byte_miss_ratio().unwrap())
}

#[test]
fn the_slice_is_the_one_that_was_measured() {
    let trace = trace(&slice());
    assert_eq!(
        (trace.sizes().len(), trace.working_set(), trace.get_bytes()),
        (23_694, 1_787_023_218, 18_132_557_332)
    );
}

#[test]
fn policies_without_variants_agree_to_the_last_digit() {
    for (policy, golden) in GOLDEN {
        for (capacity, (requests, bytes)) in CAPACITIES.into_iter().zip(golden) {
            let (r, b) = ratios(policy, capacity);
            assert!((r - requests).abs() < 5.1e-7, "{policy} {capacity}: {r} {requests}");
            assert!((b - bytes).abs() < 5.1e-7, "{policy} {capacity}: {b} {bytes}");
        }
    }
}

#[test]
fn variants_are_near() {
    for (policy, distance, golden) in NEAR {
        for (capacity, (requests, bytes)) in CAPACITIES.into_iter().zip(golden) {
            let (r, b) = ratios(policy, capacity);
            assert!((r - requests).abs() < distance, "{policy} {capacity}: {r} {requests}");
            assert!((b - bytes).abs() < distance, "{policy} {capacity}: {b} {bytes}");
        }
    }
}

#[test]
fn the_curve_agrees() {
    let profile = LruProfile::measure(&trace(&slice()), &CAPACITIES).unwrap();
    let (_, golden) = GOLDEN[1];
    for ((_, r, b), (requests, bytes)) in profile.curve.ratios().into_iter().zip(golden) {
        assert!((r - requests).abs() < 5.1e-7 && (b - bytes).abs() < 5.1e-7, "{r} {b}");
    }
}

#[test]
fn every_policy_has_a_name_that_reads_back() {
    for kind in PolicyKind::ALL {
        assert_eq!(kind.to_string().parse::<PolicyKind>().unwrap(), kind);
        // Every option, said explicitly, too.
        let options: Vec<_> =
            kind.options().iter().map(|option| format!("{}={}", option.name, option.value)).collect();
        assert_eq!(format!("{}:{}", kind.name(), options.join(",")).parse::<PolicyKind>().unwrap(), kind);
    }
}
