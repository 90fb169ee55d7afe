//! What the analyzer costs: seconds and memory of a run of 10,000 candidates of an ATTN-like search, default options.
//!
//! `cargo bench -p lamarck-caching [CANDIDATES [RUNS]]`. CPU seconds of this process; the best and the worst of the runs.

#![expect(clippy::print_stdout, reason = "a bench prints; nothing of it is in the plugin")]

#[path = "../tests/support/mod.rs"]
mod support;

use cpu_time::ProcessTime;
use lamarck_caching::Caching;
use lamarck_caching::stream::{StreamBuilder, StreamOptions};
use lamarck_sdk::Analyzer;
use lamarck_sdk::testing::create;
use support::Evolution;

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = ProcessTime::now();
    let result = work();
    (start.elapsed().as_secs_f64(), result)
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let candidates = numbers.next().unwrap_or(10_000);
    let runs = numbers.next().unwrap_or(3).max(1);
    let evolution = Evolution {
        candidates,
        population: 50,
        sample: 5,
        workers: 64,
        workers_per_node: 4,
        layers: 26,
        ..Evolution::default()
    };
    let (rows, layers) = evolution.run();
    let before = peak();
    let mut best = [f64::INFINITY; 2];
    let mut worst = [0.0_f64; 2];
    let mut accesses = 0;
    for _ in 0..runs {
        let (stream, made) = seconds(|| {
            let mut builder = StreamBuilder::default();
            builder.candidates(&rows.view()).expect("consistent");
            builder.layers(&layers).expect("consistent");
            builder.finish(&StreamOptions::default()).expect("there are layers")
        });
        accesses = made.len();
        let (all, report) = seconds(|| {
            let mut analyzer: Caching = create("{}", &evolution.context()).expect("default options");
            analyzer.candidates(&rows.view()).expect("consistent");
            analyzer.layers(&layers).expect("consistent");
            analyzer.finish().expect("a report")
        });
        assert!(report.findings.iter().any(|finding| finding.value.is_some()));
        for (at, spent) in [stream, all].into_iter().enumerate() {
            best[at] = best[at].min(spent);
            worst[at] = worst[at].max(spent);
        }
    }
    println!("{candidates} candidates, {} rows of layers, {accesses} accesses, {runs} runs", layers.len());
    println!("stream    {:.3} to {:.3} s", best[0], worst[0]);
    println!("analyzer  {:.3} to {:.3} s, the stream included", best[1], worst[1]);
    // Where it goes: everything but the grid, and each policy's share of the grid.
    let with = |policies: &str| {
        let options = format!("{{\"policies\": \"{policies}\"}}");
        let (spent, _) = seconds(|| {
            let mut analyzer: Caching = create(&options, &evolution.context()).expect("known policies");
            analyzer.candidates(&rows.view()).expect("consistent");
            analyzer.layers(&layers).expect("consistent");
            analyzer.finish().expect("a report")
        });
        spent
    };
    let without = with("");
    println!("  all but policies {without:.3} s");
    for policy in lamarck_caching::POLICIES.split_whitespace() {
        println!("  {policy:<16} {:.3} s", with(policy) - without);
    }
    if let Some((before, after)) = before.zip(peak()) {
        println!("memory    {} MiB above the tables", (after - before) >> 20);
    }
}
