//! The traces of the shared tool, whose miss ratios are known.
//!
//! The small ones are made and measured at every run; the values are libCacheSim's (0.3.5) on the same files. The full ones,
//! ten and five million requests, take a minute: `cargo test --release -p lamarck-cache -- --ignored`. Tests skip where the
//! tool or a Python with numpy is missing; the variable PYTHON names another than `python3`.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

use std::path::Path;
use std::process::Command;

use lamarck_cache::io::oracle_general;
use lamarck_cache::{LruProfile, Pfoo, SizeRule, Trace, simulate};

const TOOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/tools/gen_cache_trace.py");

/// The trace the tool makes with these arguments.
fn make(name: &str, arguments: &[&str]) -> Option<Trace> {
    if !Path::new(TOOL).exists() {
        eprintln!("skipped: the shared tool gen_cache_trace.py is not there");
        return None;
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let stem = std::env::temp_dir().join(format!("lamarck-cache-{}-{name}", std::process::id()));
    let (kind, rest) = arguments.split_first().unwrap();
    let (requests, options) = rest.split_first().unwrap();
    let run = Command::new(&python).arg(TOOL).arg(kind).arg(requests).arg(&stem).args(options).output();
    let file = stem.with_file_name(format!("{}.oracleGeneral.bin", stem.file_name()?.to_str()?));
    match run {
        Ok(output) if output.status.success() => {
            let read =
                std::fs::File::open(&file).map(|source| oracle_general::read(source, SizeRule::Refuse));
            std::fs::remove_file(&file).unwrap();
            Some(read.unwrap().unwrap())
        }
        _ => {
            eprintln!("skipped: {python} cannot run the tool (it needs numpy; PYTHON names another Python)");
            None
        }
    }
}

/// Policy, capacity, miss ratio, byte miss ratio.
type Golden = (&'static str, u64, f64, f64);

fn check(trace: &Trace, golden: &[Golden], digit: f64) {
    for &(policy, capacity, requests, bytes) in golden {
        let stats = simulate(trace, policy.parse().unwrap(), capacity).unwrap();
        let (r, b) = (stats.miss_ratio().unwrap(), stats.byte_miss_ratio().unwrap());
        assert!((r - requests).abs() <= digit * 0.51, "{policy} {capacity}: {r:.7} {requests}");
        assert!((b - bytes).abs() <= digit * 0.51, "{policy} {capacity}: {b:.7} {bytes}");
    }
}

#[test]
fn small_zipf() {
    let Some(trace) = make("zipf", &["zipf", "200000", "--objects", "50000"]) else { return };
    // At the smallest capacity 56 reads are of objects larger than the cache: libCacheSim has the same rule.
    let golden = [
        ("fifo", 135_315_786, 0.618_545, 0.487_767),
        ("lru", 135_315_786, 0.578_095, 0.447_161),
        ("sieve", 135_315_786, 0.505_340, 0.394_806),
        ("belady", 135_315_786, 0.426_455, 0.341_419),
        ("fifo", 1_353_157_868, 0.381_535, 0.297_263),
        ("lru", 1_353_157_868, 0.342_510, 0.267_681),
        ("sieve", 1_353_157_868, 0.300_455, 0.226_947),
        ("belady", 1_353_157_868, 0.224_190, 0.175_108),
        ("belady", 5_412_631_472, 0.143_650, 0.110_179),
    ];
    check(&trace, &golden, 1e-6);
}

#[test]
fn small_evolution() {
    let Some(trace) = make("nas", &["nas", "100000"]) else { return };
    let golden = [
        ("fifo", 256 << 20, 0.513_770, 0.530_676),
        ("lru", 256 << 20, 0.493_680, 0.517_302),
        ("sieve", 256 << 20, 0.802_920, 0.829_821),
        ("belady", 256 << 20, 0.367_760, 0.403_273),
        ("lru", 1 << 30, 0.338_310, 0.367_195),
        ("sieve", 4 << 30, 0.273_060, 0.295_893),
        ("belady", 4 << 30, 0.249_530, 0.271_179),
    ];
    check(&trace, &golden, 1e-6);
}

#[test]
#[ignore = "ten million requests; run with --release"]
fn full_zipf() {
    let Some(trace) = make("zipf10m", &["zipf", "10000000"]) else { return };
    let capacity = 36_805_430_150;
    let golden = [
        ("fifo", capacity, 0.277_61, 0.309_86),
        ("lru", capacity, 0.246_95, 0.276_00),
        ("sieve", capacity, 0.207_98, 0.230_45),
        ("belady", capacity, 0.150_23, 0.166_90),
        ("gdsf", capacity, 0.117_41, 0.308_54),
    ];
    check(&trace, &golden, 1e-5);
    let bound = Pfoo::new(&trace).at(capacity);
    assert!((bound.miss_ratio().unwrap() - 0.0881).abs() < 0.000_05);
    assert!((bound.byte_miss_ratio().unwrap() - 0.1621).abs() < 0.000_06);
    let at = |share: f64| (trace.working_set() as f64 * share).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a working set is no 2^53 bytes"
    )]
    let capacities = [at(0.01), at(0.1), at(0.4)].map(|capacity| capacity as u64);
    let curve = LruProfile::measure(&trace, &capacities).unwrap().curve.ratios();
    for ((_, r, b), (requests, bytes)) in
        curve.into_iter().zip([(0.4372, 0.4883), (0.2470, 0.2760), (0.1288, 0.1424)])
    {
        assert!((r - requests).abs() < 0.000_06 && (b - bytes).abs() < 0.000_06, "{r} {b}");
    }
}

#[test]
#[ignore = "five million requests; run with --release"]
fn full_evolution() {
    let Some(trace) = make("nas5m", &["nas", "5000000"]) else { return };
    let golden = [
        ("lru", 256 << 20, 0.468, 0.493),
        ("lru", 1 << 30, 0.314, 0.343),
        ("fifo", 256 << 20, 0.491, 0.509),
        ("sieve", 256 << 20, 0.782, 0.811),
        ("sieve", 1 << 30, 0.408, 0.441),
        ("belady", 256 << 20, 0.343, 0.377),
    ];
    check(&trace, &golden, 1e-3);
    check(&trace, &[("belady", 1 << 30, 0.2237, 0.2463), ("belady", 4 << 30, 0.2232, 0.2457)], 1.1e-4);
    check(&trace, &[("gdsf", 1 << 30, 0.3113, 0.4257)], 1e-4);
    // The target of ARC moves by sizes; counted in ghost hits this would be .439.
    let arc = simulate(&trace, "arc".parse().unwrap(), 4 << 30).unwrap();
    assert!((arc.miss_ratio().unwrap() - 0.2256).abs() < 0.0001);
    for (capacity, requests, bytes) in [(256 << 20, 0.278, 0.334), (1 << 30, 0.2232, 0.2457)] {
        let bound = Pfoo::new(&trace).at(capacity);
        let (r, b) = (bound.miss_ratio().unwrap(), bound.byte_miss_ratio().unwrap());
        assert!((r - requests).abs() < 0.0005 && (b - bytes).abs() < 0.0005, "{r} {b}");
    }
}
