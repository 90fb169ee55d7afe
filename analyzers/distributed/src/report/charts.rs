//! Charts, in the order in which they should be read.

use super::Facts;
use super::tables::parts;
use crate::histogram::Histogram;
use crate::theory;
use crate::usage::Kind;
use crate::windows::Window;
use lamarck_sdk::model::report::{Axis, Body, Chart, Line};

/// Ages are shown up to so many times what an even draw can lead to.
const BEYOND: u64 = 4;
/// Where nobody knows population or workers, ages are shown up to this.
const AGES: u64 = 1024;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Chart> {
    let charts =
        [utilisation(facts), queue(facts), staleness(facts), generations(facts), scores(facts), bytes(facts)];
    charts.into_iter().flatten().collect()
}

/// The lines that have a point at all; no chart unless one of them was measured.
fn lines(key: &str, title: &str, note: &str, x: Axis, y: Axis, lines: Vec<Line>) -> Option<Chart> {
    let lines: Vec<Line> = lines.into_iter().filter(|line| line.y.iter().any(Option::is_some)).collect();
    lines.iter().any(|line| !line.theory).then(|| Chart {
        key: key.into(),
        title: title.into(),
        note: note.into(),
        x,
        y,
        body: Body::Lines(lines),
    })
}

fn utilisation(facts: &Facts<'_>) -> Option<Chart> {
    let parts = parts(facts)?;
    let line = |name: &str, value: &dyn Fn(&super::tables::Part) -> f64| {
        Line::new(name, parts.iter().map(|part| (part.end, value(part))))
    };
    let mut curves = vec![line("busy", &|part| part.busy)];
    for kind in Kind::ALL {
        // What never occurs is no curve.
        if facts.run.usage.spent[kind as usize] > 0 {
            curves.push(line(kind.name(), &|part| part.shares[kind as usize]));
        }
    }
    lines(
        "utilisation",
        "What workers spend their time on",
        "Shares of the time of all workers, in each hundredth of the makespan; `busy` is the sum of the others, and what it lacks \
         to 1 is idle. The fall at the end is the tail, when nothing is left to start.",
        Axis::new("share of the makespan", ""),
        Axis::new("share of worker time", ""),
        curves,
    )
}

fn queue(facts: &Facts<'_>) -> Option<Chart> {
    let waits = facts.run.usage.waits.sum() > 0.0;
    let parts = parts(facts).filter(|_| waits)?;
    let kept = facts.settings.workers.map(|_| facts.settings.lookahead as f64);
    let mut curves = vec![Line::new("waiting", parts.iter().map(|part| (part.end, part.queue)))];
    if let Some(kept) = kept {
        curves.push(Line::new("look-ahead", parts.iter().map(|part| (part.end, kept))).theory());
    }
    lines(
        "queue",
        "Candidates that wait for a worker",
        "Mean number in each hundredth of the makespan. A look-ahead keeps so many ready for the scheduler to choose from; each \
         costs its child one completion of age.",
        Axis::new("share of the makespan", ""),
        Axis::new("waiting", "candidates"),
        curves,
    )
}

/// Ages up to some limit, on which buckets begin: all up to 16, then eight an octave.
fn ages(limit: u64) -> Vec<u64> {
    let octaves = (4..40).flat_map(|octave: u32| (0..8).map(move |part| (8 + part) << (octave - 3)));
    let limit = limit.checked_next_power_of_two().unwrap_or(u64::MAX);
    (1..16).chain(octaves).take_while(|&age| age <= limit).collect()
}

fn staleness(facts: &Facts<'_>) -> Option<Chart> {
    facts.children().ok()?;
    let found = &facts.run.staleness;
    let sizes = facts.settings.sizes();
    let limit =
        sizes.map_or(AGES, |(population, flight)| population.saturating_add(flight).saturating_mul(BEYOND));
    let ages = ages(limit);
    let share = |histogram: &Histogram, age| histogram.share_below(age).unwrap_or(f64::NAN);
    let curve = |name: &str, histogram: &Histogram| {
        Line::new(name, ages.iter().map(|&age| (age as f64, share(histogram, age))))
    };
    let mut curves = vec![curve("when chosen", &found.chosen)];
    if facts.settings.lookahead > 0 {
        curves.push(curve("when the child started", &found.started));
    }
    curves.push(curve("when the child had finished", &found.finished));
    if let Some((population, flight)) = sizes {
        let even = |after: u64| {
            let below = move |age: u64| (age.saturating_sub(after) as f64 / population as f64).min(1.0);
            ages.iter().map(move |&age| (age as f64, below(age)))
        };
        curves.push(Line::new("when chosen, even ages", even(0)).theory());
        curves.push(Line::new("when finished, even ages", even(flight)).theory());
    }
    lines(
        "parent-age",
        "How old parents are",
        "Share of children whose parent is younger than so many completions, when it is chosen and when the child has finished. \
         A parent as old as the population is large has left it. Dashed: ages that are even at the choice, then as many \
         completions as there are candidates in flight.",
        Axis::log("parent's age", "completions"),
        Axis::new("share of children", ""),
        curves,
    )
}

/// A curve with a point a window.
fn line(facts: &Facts<'_>, name: &str, value: impl Fn(&Window) -> Option<f64>) -> Line {
    let values = facts.windows.shown().iter().map(value).map(|value| value.unwrap_or(f64::NAN));
    Line::new(name, facts.windows.ends().into_iter().zip(values))
}

fn finished() -> Axis {
    Axis::new("finished candidates", "candidates")
}

fn generations(facts: &Facts<'_>) -> Option<Chart> {
    facts.children().ok()?;
    let mut curves = vec![
        line(facts, "mean", |window| window.generation.moments().mean()),
        line(facts, "spread", |window| window.generation.moments().spread()),
    ];
    if let Some((population, flight)) = facts.settings.sizes() {
        let length = theory::generation_length(population, flight);
        let first = facts.run.beginnings.finished.map_or(0.0, |(row, _)| f64::from(row));
        // Generation 1 begins with the first child; half a generation later it is the mean.
        let expected = |end: f64| (0.5 + (end - first) / length).max(0.0);
        let points = facts.windows.ends().into_iter().map(|end| (end, expected(end)));
        let points = points.map(|(end, value)| (end, if end <= first { 0.0 } else { value }));
        curves.push(Line::new("even ages", points).theory());
    }
    lines(
        "generations",
        "Generations over the run",
        "Mean generation of the candidates of a window, counted from 0 for sampled ones, and its standard deviation. Steps and \
         a spread near 0 are waves; a straight rise is steady. Dashed: parents of even age.",
        finished(),
        Axis::new("generation", "generations"),
        curves,
    )
}

fn scores(facts: &Facts<'_>) -> Option<Chart> {
    lines(
        "scores",
        "Mean score of windows",
        "Mean over the candidates of a window that have a score. In waves it can fall back: after the children of the random \
         phase's best come those of whoever had finished in between.",
        finished(),
        Axis::new("score", ""),
        vec![line(facts, "mean score", |window| window.score.mean())],
    )
}

fn bytes(facts: &Facts<'_>) -> Option<Chart> {
    let per = |bytes: u128, n: u64| (n > 0).then(|| bytes as f64 / n as f64);
    lines(
        "bytes-by-tier",
        "Bytes of a candidate, by where they come from or go",
        "Means over a window: read from the cache of the candidate's node, read from the repository, and written to it.",
        finished(),
        Axis::new("bytes a candidate", "bytes"),
        vec![
            line(facts, "from the node's cache", |window| per(window.cached, window.readers)),
            line(facts, "from the repository", |window| per(window.fetched, window.readers)),
            line(facts, "written", |window| per(window.written, window.writers)),
        ],
    )
}
