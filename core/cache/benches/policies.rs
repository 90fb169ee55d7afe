//! Million requests per CPU second of every policy, the load of a trace, and the exact curve.
//!
//! `cargo bench -p lamarck-cache [-- FILE..]` prints a table for each oracleGeneral file given (a relative name is relative
//! to the crate); without one, for a made-up Zipf trace. CPU seconds, not elapsed ones: they can be compared on a machine
//! that is busy otherwise. Where the system does not say them, elapsed seconds stand in and the table says so.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench prints, and measures the time there is; its numbers are small and positive"
)]

use std::time::Instant;

use lamarck_cache::io::oracle_general;
use lamarck_cache::{LruProfile, Pfoo, PolicyKind, SizeRule, Trace, TraceBuilder, compulsory, simulate};

/// CPU seconds of this process's threads as Linux counts them, in nanoseconds; `None` elsewhere.
fn cpu() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse::<f64>().ok().map(|ns| ns * 1e-9)
}

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let (cpu_before, before) = (cpu(), Instant::now());
    let result = work();
    let elapsed = before.elapsed().as_secs_f64();
    (cpu().zip(cpu_before).map_or(elapsed, |(after, before)| after - before), result)
}

/// Two million requests, 300,000 objects, sizes over five orders of magnitude.
fn made_up() -> Trace {
    let mut state = 42_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let objects = 300_000_f64;
    let sizes: Vec<u64> = (0..300_000).map(|_| (10_f64.powf(2.0 + 5.0 * uniform())) as u64).collect();
    let mut builder = TraceBuilder::new(SizeRule::Refuse);
    for _ in 0..2_000_000 {
        // Ranks with a density of 1/rank.
        let rank = objects.powf(uniform()) as usize - 1;
        builder.get(rank as u64, sizes[rank]).expect("sizes are not 0 and do not change");
    }
    builder.finish().expect("few bytes")
}

fn table(name: &str, trace: &Trace, capacity: u64) {
    let first = compulsory(trace);
    println!(
        "\n{name}: {} requests, {} objects, working set {} bytes, capacity {capacity}, compulsory {:.5}",
        trace.len(),
        trace.sizes().len(),
        trace.working_set(),
        first.misses as f64 / trace.gets().max(1) as f64,
    );
    let unit = if cpu().is_some() { "CPU s" } else { "elapsed s" };
    println!("{:<12} {:>9} {:>9} {:>12}", "policy", "requests", "bytes", format!("M/{unit}"));
    let (next_seconds, _) = seconds(|| trace.next_use().len());
    let mut total = 0.0;
    for kind in PolicyKind::ALL {
        // The best of three: what disturbs on a shared machine only ever makes it slower.
        let mut runs: Vec<_> = (0..3)
            .map(|_| seconds(|| simulate(trace, kind, capacity).expect("capacities are not 0")))
            .collect();
        runs.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let (spent, stats) = runs.swap_remove(0);
        total += spent;
        println!(
            "{:<12} {:>9.5} {:>9.5} {:>12.1}",
            kind.to_string(),
            stats.miss_ratio().unwrap_or(0.0),
            stats.byte_miss_ratio().unwrap_or(0.0),
            trace.len() as f64 / spent / 1e6
        );
    }
    println!("all policies {total:.2} s; next uses, once, {next_seconds:.2} s");
    let (spent, pfoo) = seconds(|| Pfoo::new(trace));
    let bound = pfoo.at(capacity);
    println!(
        "{:<12} {:>9.5} {:>9.5}   {spent:.2} s",
        "PFOO-L",
        bound.miss_ratio().unwrap_or(0.0),
        bound.byte_miss_ratio().unwrap_or(0.0)
    );
    let working_set = trace.working_set();
    let (spent, profile) = seconds(|| {
        LruProfile::measure(trace, &[working_set / 100, working_set / 10, working_set / 10 * 4])
            .expect("capacities are not 0")
    });
    for (capacity, requests, bytes) in profile.curve.ratios() {
        println!("curve {capacity:>14} {requests:.5} {bytes:.5}");
    }
    println!("exact curve {spent:.2} s");
}

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if files.is_empty() {
        let trace = made_up();
        table("made up", &trace, trace.working_set() / 10);
    }
    for file in files {
        let bytes = std::fs::read(&file).expect("the file can be read");
        let (spent, trace) = seconds(|| oracle_general::read(&bytes[..], SizeRule::Refuse).expect("a trace"));
        println!("\nload {file}: {spent:.2} s, {:.1} M records/s", trace.len() as f64 / spent / 1e6);
        let capacities: &[u64] =
            if file.contains("nas5m") { &[256 << 20, 1 << 30, 4 << 30] } else { &[36_805_430_150] };
        for &capacity in capacities {
            table(&file, &trace, capacity);
        }
        // Twelve capacities, each half of the next; the largest is a third of the working set.
        let (spent, ()) = seconds(|| {
            for kind in [PolicyKind::Fifo, PolicyKind::Lru, PolicyKind::Sieve] {
                for halvings in 0..12 {
                    simulate(&trace, kind, (trace.working_set() / 3) >> halvings)
                        .expect("capacities are not 0");
                }
            }
        });
        let runs = 36.0 * trace.len() as f64 / 1e6;
        println!("36 runs (fifo, lru, sieve x 12 capacities), {runs} M requests: {spent:.2} s");
    }
}
