//! What the analyzers cost, through the plugin boundary and from Parquet, as a study's analysis runs them.
//!
//! Run by hand: `cargo bench -p lamarck-tests --bench analysis`. It writes a trace of ten million candidates of
//! NAS-Bench-201 (64 workers, P=100, S=10, weights from the parent) into a temporary folder of about 1 GB, and
//! analyses it with each analyzer alone and with all three. Rates are candidates per second of CPU time (user and
//! system, all threads), the median of three rounds with the smallest and the largest. Memory is the peak of the
//! process's resident set during the analysis less what it was before, where the system tells (Linux).

#![expect(clippy::print_stdout, reason = "a bench prints")]

use cpu_time::ProcessTime;
use lamarck_runtime::engine::Progress;
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::pipeline::{PipelineSettings, about, analyze, execute, subjects};
use lamarck_runtime::study::{Source, Study};
use lamarck_runtime::trace::Trace;
use std::fs;
use std::hint::black_box;
use std::path::Path;

const CANDIDATES: u64 = 10_000_000;
const ROUNDS: usize = 3;
const STUDY: &str = r#"
[space]
plugin = "nas-bench-201"
[evaluator]
plugin = "nas-bench-201-table"
[strategy]
population = 100
sample = 10
[cluster]
workers = 64
[transfer]
donor = "parent"
retention = "reachable"
[trace]
layers = false
[budget]
candidates = CANDIDATES
[[analyzers]]
plugin = "structure"
[[analyzers]]
plugin = "lineage"
[[analyzers]]
plugin = "popularity"
"#;

/// A line of `/proc/self/status` in MiB.
fn status(key: &str) -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// Makes the peak start anew.
fn reset_peak() {
    // Where it cannot be reset, the peak of everything so far is told, which is no less.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn main() {
    let registry = Registry::discover(&SearchPath::standard(&[], &[])).expect("plugins are found");
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_trace(&registry, folder.path());
    let trace = Trace::open(folder.path()).expect("the trace was written");

    println!("{CANDIDATES} candidates of NAS-Bench-201, n={ROUNDS}");
    let all = ["structure", "lineage", "popularity"];
    for analyzers in [&[][..], &all[..1], &all[1..2], &all[2..], &all] {
        let mut points = subjects(&trace, "");
        for point in &mut points {
            point.analyzers.retain(|choice| analyzers.contains(&choice.component.name.as_str()));
        }
        let (mut rates, mut most) = (Vec::new(), 0.0_f64);
        for _ in 0..ROUNDS {
            let before = status("VmRSS").unwrap_or(f64::NAN);
            reset_peak();
            let start = ProcessTime::now();
            let analysis = analyze(&points, &registry, &about(&trace, ""), 0).expect("the trace is sound");
            rates.push(CANDIDATES as f64 / start.elapsed().as_secs_f64() / 1e6);
            drop(black_box(analysis));
            most = most.max(status("VmHWM").unwrap_or(f64::NAN) - before);
        }
        rates.sort_by(f64::total_cmp);
        let name = if analyzers.is_empty() { "reading alone".to_owned() } else { analyzers.join(" + ") };
        println!(
            "{name:34} {:6.2} M/CPU s  ({:.2} to {:.2}), {most:.0} MiB",
            rates[ROUNDS / 2],
            rates[0],
            rates[ROUNDS - 1]
        );
    }
}

fn write_trace(registry: &Registry, out: &Path) {
    // The analyzers stand in the study so that the trace knows them; running them is what comes after.
    let text = STUDY.replace("CANDIDATES", &CANDIDATES.to_string());
    let study = Study::load(Source::new("analysis", text), Vec::new(), registry).expect("the study is right");
    let settings = PipelineSettings { out: Some(out.to_owned()), jobs: 1, ..PipelineSettings::default() };
    execute(&study, registry, &settings, &Progress::default()).expect("the run ends well");
}
