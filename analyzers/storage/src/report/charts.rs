//! Charts, in the order in which they should be read.

use super::{Facts, SECOND, ages};
use crate::delays::{WAITS, Wait};
use crate::replay::RULES;
use crate::survival::Weight;
use crate::windows::{Mean, Window};
use lamarck_sdk::model::report::{Axis, Body, Chart, Line};

pub(super) fn all(facts: &Facts<'_>) -> Vec<Chart> {
    if facts.whole.models == 0 {
        return Vec::new();
    }
    let charts = [
        stored(facts),
        live(facts),
        inherited(facts),
        owners(facts),
        survival(facts),
        garbage(facts),
        missed(facts),
        times(facts),
    ];
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

fn time() -> Axis {
    Axis::new("finished candidates", "candidates")
}

/// A curve with a point a window.
fn line(facts: &Facts<'_>, name: &str, value: impl FnMut(&Window) -> Option<f64>) -> Line {
    let values = facts.windows.iter().map(value).map(|value| value.unwrap_or(f64::NAN));
    Line::new(name, facts.ends.iter().copied().zip(values))
}

fn stored(facts: &Facts<'_>) -> Option<Chart> {
    let (mut whole, mut stored) = (0_u128, 0_u128);
    let (sized, storing) = (facts.whole.sized > 0, facts.whole.storing > 0);
    let unshared = line(facts, "without sharing", |window| {
        whole += window.whole;
        sized.then_some(whole as f64)
    });
    let shared = line(facts, "with sharing", |window| {
        stored += window.stored;
        storing.then_some(stored as f64)
    });
    lines(
        "bytes-stored",
        "Bytes stored, with and without sharing",
        "Nothing is deleted. Without sharing every model is stored whole; with sharing a child stores only what it did not \
         inherit. The gap between the curves is what sharing saves.",
        time(),
        Axis::new("bytes stored so far", "bytes"),
        vec![unshared, shared],
    )
}

fn live(facts: &Facts<'_>) -> Option<Chart> {
    let mut curves = Vec::new();
    for (rule, name) in RULES.into_iter().enumerate() {
        let by_members = rule == 1 || rule == 2;
        let known = if by_members { facts.members() } else { facts.layers };
        let Ok((replay, _)) = known else { continue };
        let values = replay.kept[rule].curve.iter().copied();
        curves.push(Line::new(name, facts.ends.iter().copied().zip(values)));
    }
    if facts.population().is_some_and(|population| population > 0.0) {
        let members = |window: &Window| window.members.map(|bytes| bytes as f64);
        curves.push(line(facts, "members, without sharing", members));
        let full = facts.population().zip(facts.mean_model()).map(|(population, mean)| population * mean);
        curves.push(line(facts, "population x mean model", |_| full).theory());
    }
    lines(
        "live-bytes",
        "Bytes that each retention rule keeps",
        "All: everything. Reachable: what a member has in its map, or was promised to a child in flight. Population: what a \
         member has. Window: what one of the last so many models has. Dashed: as many models as the population holds, of mean size, \
         stored whole.",
        time(),
        Axis::log("live bytes", "bytes"),
        curves,
    )
}

fn inherited(facts: &Facts<'_>) -> Option<Chart> {
    lines(
        "inherited-share",
        "How much of a model is inherited",
        "Mean over the models of a window of the share of bytes, and of layers, that were taken over and not written again. \
         Children take over little while the population still is a random sample.",
        time(),
        Axis::new("share", ""),
        vec![
            line(facts, "bytes", |window| window.bytes_share.mean()),
            line(facts, "layers", |window| window.layers_share.mean()),
        ],
    )
}

fn owners(facts: &Facts<'_>) -> Option<Chart> {
    lines(
        "owners-over-time",
        "Owners of a model: reads needed to fetch it",
        "A stored layer belongs to the candidate that trained it. Fetching a whole model takes a request for each distinct owner \
         in its map, fetching a prefix one for each owner of its layers. Means over a window; prefixes over those that \
         took over any weights.",
        time(),
        Axis::new("distinct owners", "owners"),
        vec![
            line(facts, "whole model", |window| window.owners.mean()),
            line(facts, "prefix", |window| window.prefix_owners.mean()),
        ],
    )
}

fn survival(facts: &Facts<'_>) -> Option<Chart> {
    let (replay, _) = facts.members().ok()?;
    let ages = ages(facts.whole.rows);
    let curve = |name: &str, weight| {
        let alive = replay.completions.survival(weight, &ages);
        let points = ages.iter().zip(alive).map(|(&age, alive)| (age as f64, alive.unwrap_or(f64::NAN)));
        Line::new(name, points)
    };
    let population = facts.of.settings.population.unwrap_or(0);
    let alone = ages.iter().map(|&age| (age as f64, if age < population { 1.0 } else { 0.0 }));
    lines(
        "layer-survival",
        "How long stored layers live",
        "Share of stored layers (of their bytes) that a member still has in its map so many completions after their owner \
         finished. Product-limit estimate: layers that live at the end count for as long as they were seen. Dashed: a layer that \
         nobody inherits.",
        Axis::log("age", "completions"),
        Axis::new("share that lives longer", ""),
        vec![
            curve("stored layers", Weight::Layers),
            curve("bytes", Weight::Bytes),
            Line::new("not inherited", alone).theory(),
        ],
    )
}

fn waits<'a>(name: &str, waits: &'a [Wait], value: impl Fn(&'a Wait) -> f64) -> Line {
    Line::new(name, WAITS.into_iter().map(f64::from).zip(waits.iter().map(value)))
}

fn garbage(facts: &Facts<'_>) -> Option<Chart> {
    let (replay, _) = facts.members().ok().filter(|_| facts.of.settings.population != Some(0))?;
    let delays = &replay.delays;
    let kept = |wait: &Wait| facts.per_slot(wait.sum as f64);
    let each = facts.written_each().unwrap_or(f64::NAN);
    let expected =
        |of: fn(f64) -> f64| WAITS.into_iter().map(f64::from).map(move |wait| (wait, of(wait) * each));
    let promised = facts.per_slot(replay.kept[1].sum as f64) - facts.per_slot(replay.kept[2].sum as f64);
    lines(
        "kept-too-long",
        "Bytes kept too long when retirement waits",
        "Mean bytes that no member holds, when models are retired so many completions after they left the population, or by \
         a sweep every so many completions. Level line: what `reachable` keeps for promises, which breaks nothing. Dashed: \
         each written byte waits once, for so long.",
        Axis::log("wait", "completions"),
        Axis::log("bytes kept too long", "bytes"),
        vec![
            waits("delay", &delays.by_delay, kept),
            waits("sweep", &delays.by_sweep, kept),
            Line::new("reachable", WAITS.into_iter().map(|wait| (f64::from(wait), promised))),
            Line::new("delay, expected", expected(|wait| wait)).theory(),
            Line::new("sweep, expected", expected(|wait| (wait - 1.0) / 2.0)).theory(),
        ],
    )
}

fn missed(facts: &Facts<'_>) -> Option<Chart> {
    let (replay, _) = facts.members().ok().filter(|(replay, _)| replay.reads > 0)?;
    let delays = &replay.delays;
    let reads = replay.reads as f64;
    let withheld = |wait: &Wait| wait.withheld as f64 / reads;
    let missed = |wait: &Wait| wait.missed as f64 / reads;
    let broken = |wait: &Wait| wait.broken as f64 / reads;
    lines(
        "lost-by-wait",
        "What is lost when retirement does not wait long enough",
        "Withheld: layers that were gone when the child was submitted, so that no donor had offered them. Missed: promised \
         and gone when the child was to read them. Broken: gone when the child finished that points at them. Shares of all \
         inherited layers with weights.",
        Axis::log("wait", "completions"),
        Axis::new("share of inherited layers", ""),
        vec![
            waits("withheld, delay", &delays.by_delay, withheld),
            waits("missed, delay", &delays.by_delay, missed),
            waits("broken, delay", &delays.by_delay, broken),
            waits("withheld, sweep", &delays.by_sweep, withheld),
            waits("missed, sweep", &delays.by_sweep, missed),
            waits("broken, sweep", &delays.by_sweep, broken),
        ],
    )
}

fn times(facts: &Facts<'_>) -> Option<Chart> {
    if facts.whole.transfer.n == 0 {
        return None;
    }
    let seconds = |of: Mean| of.mean().map(|us| us / SECOND);
    lines(
        "seconds",
        "Reading inherited weights against training",
        "Virtual seconds of a model, means over a window.",
        time(),
        Axis::new("time", "s"),
        vec![
            line(facts, "training", |window| seconds(window.train)),
            line(facts, "transfer", |window| seconds(window.transfer)),
            line(facts, "storing", |window| seconds(window.store)),
        ],
    )
}
