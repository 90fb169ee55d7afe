//! How long the best match takes with the index and with the linear scan, and how much memory the index needs.
//!
//! `cargo bench -p lamarck-runtime --bench best_match [-- MODELS ..]`; 100,000 models unless numbers are given. A row
//! is a search space, a kind of history and a number of stored models. The queries are children of tournament
//! winners with one decision changed; their layers are hashed beforehand. Every answer of the scan is compared with
//! the index's. divan is not used because a search is about its slow answers as well, and divan shows no percentiles.

#![expect(clippy::print_stdout, reason = "a bench talks to people")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

mod history;
mod spaces;

use std::time::{Duration, Instant};

use history::{Pressure, children, history};
use lamarck_model::{LayerIdentity, Rng};
use lamarck_runtime::repository::{MatchIndex, scan};
use spaces::{Space, attn, combo};

const QUERIES: usize = 20_000;

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    println!(
        "{:<14} {:>9} {:>9} {:>11} {:>6} {:>9} {:>9} {:>9} {:>9} {:>10} {:>9}",
        "history",
        "models",
        "layers",
        "references",
        "B/ref",
        "insert",
        "median",
        "p99",
        "max",
        "scan",
        "ratio"
    );
    for models in if given.is_empty() { vec![100_000] } else { given } {
        for (name, space) in [("attn", attn()), ("combo", combo())] {
            for pressure in [Pressure::None, Pressure::Neutral, Pressure::Smooth] {
                row(&format!("{name} {pressure:?}").to_lowercase(), &space, pressure, models);
            }
        }
    }
}

fn row(name: &str, space: &Space, pressure: Pressure, models: usize) {
    let mut rng = Rng::from_seed(1);
    let candidates = history(space, pressure, models, &mut rng);
    let mut stored: Vec<Vec<LayerIdentity>> =
        candidates.iter().map(|candidate| (space.layers)(&candidate.choices)).collect();
    let mut index = MatchIndex::new();
    let start = Instant::now();
    for (id, (candidate, layers)) in (0..).zip(candidates.iter().zip(&stored)) {
        index.insert(id, candidate.score, layers);
    }
    let insert = start.elapsed() / u32::try_from(models).unwrap_or(u32::MAX);
    let references: usize = stored.iter().map(Vec::len).sum();

    let queries = children(space, &candidates, QUERIES, &mut rng);
    let answers: Vec<_> = queries.iter().map(|query| timed(|| index.best(query))).collect();
    // The scan wants its lists sorted; the index takes them as they come.
    for layers in &mut stored {
        layers.sort_unstable();
    }
    let models_of = || (0..).zip(candidates.iter().zip(&stored)).map(|(id, (c, l))| (id, c.score, &l[..]));
    let scans = (3_000_000 / models).clamp(5, 100);
    let mut scanned = Vec::with_capacity(scans);
    for (query, (_, answer)) in queries.iter().zip(&answers).take(scans) {
        let mut sorted = query.clone();
        sorted.sort_unstable();
        let (time, expected) = timed(|| scan(models_of(), &sorted));
        assert_eq!(*answer, expected);
        scanned.push(time);
    }
    scanned.sort_unstable();
    let mut times: Vec<Duration> = answers.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    let (median, scan) = (times[times.len() / 2], scanned[scanned.len() / 2]);
    println!(
        "{name:<14} {models:>9} {:>9} {references:>11} {:>6.0} {:>9.2?} {median:>9.2?} {:>9.2?} {:>9.2?} {scan:>10.2?} {:>9.0}",
        index.layers(),
        index.memory_bytes() as f64 / references as f64,
        insert,
        times[times.len() * 99 / 100],
        times[times.len() - 1],
        scan.as_secs_f64() / median.as_secs_f64(),
    );
}

fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = std::hint::black_box(what());
    (start.elapsed(), result)
}
