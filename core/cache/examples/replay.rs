//! Runs policies over an oracleGeneral trace and prints what they missed and how long it took, for comparisons with other
//! simulators (`tests/peers`).
//!
//! `cargo run --release -p lamarck-cache --features zstd --example replay -- FILE CAPACITY RUNS POLICY..` prints a line of
//! JSON for the load and one for each policy: CPU seconds of each run, records, miss ratios. With the feature `zstd` FILE may be compressed.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fs::File;

use cpu_time::ProcessTime;
use lamarck_cache::io::oracle_general;
use lamarck_cache::{PolicyKind, SizeRule, simulate};

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = ProcessTime::now();
    let result = work();
    (start.elapsed().as_secs_f64(), result)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, capacity, runs, policies @ ..] = &arguments[..] else {
        return Err("usage: replay FILE CAPACITY RUNS POLICY..".into());
    };
    let (capacity, runs): (u64, u32) = (capacity.parse()?, runs.parse()?);
    let (spent, trace) = seconds(|| {
        let source = File::open(file)?;
        #[cfg(feature = "zstd")]
        let source = lamarck_cache::io::compressed::reader(source)?;
        oracle_general::read(source, SizeRule::Refuse)
    });
    let trace = trace?;
    let (next, _) = seconds(|| trace.next_use().len());
    println!(r#"{{"load": {spent}, "next_use": {next}, "records": {}}}"#, trace.len());
    for policy in policies {
        let kind: PolicyKind = policy.parse()?;
        let mut times = Vec::new();
        let mut ratios = (None, None);
        for _ in 0..runs {
            let (spent, stats) = seconds(|| simulate(&trace, kind, capacity));
            let stats = stats?;
            times.push(spent);
            ratios = (stats.miss_ratio(), stats.byte_miss_ratio());
        }
        println!(
            r#"{{"policy": "{policy}", "seconds": {times:?}, "misses": {}, "missed_bytes": {}}}"#,
            ratios.0.unwrap_or(0.0),
            ratios.1.unwrap_or(0.0)
        );
    }
    Ok(())
}
