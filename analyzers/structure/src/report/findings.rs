//! Sentences with a number each.

use super::{Facts, ratio};
use crate::descent::{Walk, depths};
use crate::theory;
use crate::transfer::Shared;
use crate::windows::{Size, Window};
use lamarck_sdk::model::report::Finding;

/// Decisions with fewer judged mutations are left out where decisions are compared: chance alone would set them apart.
const ENOUGH: u64 = 100;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut list = Vec::new();
    entropy(facts, &mut list);
    fixation(facts, &mut list);
    mutations(facts, &mut list);
    transfer(facts, &mut list);
    diversity(facts, &mut list);
    sizes(facts, &mut list);
    walked(facts, &mut list);
    oddities(facts, &mut list);
    list
}

/// A value, or why there is none.
type Value = Result<(f64, u64), String>;

fn finding(key: &str, text: &str, unit: &str, value: Value, theory: Option<f64>) -> Finding {
    match value {
        Ok((value, n)) => {
            let finding = Finding::new(key, text, value, unit, n);
            if let Some(theory) = theory { finding.theory(theory) } else { finding }
        }
        Err(why) => Finding { unit: unit.to_owned(), ..Finding::missing(key, text, why) },
    }
}

/// Why nothing can be said of a first and a last window.
fn no_change(facts: &Facts<'_>) -> String {
    if facts.of.finished == 0 {
        "the trace holds no finished candidates".into()
    } else {
        "the run has fewer than two full windows; choose a smaller `window`".into()
    }
}

/// The first and the last window, if they are two.
fn ends<'a>(facts: &Facts<'a>) -> Option<[&'a Window; 2]> {
    let windows = &facts.windows;
    facts.of.windows.has_change().then(|| Some([*windows.first()?, *windows.last()?])).flatten()
}

fn entropy(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let values = ends(facts).map(|ends| ends.map(|window| facts.entropy(window)));
    let unit = "of the largest possible";
    let n = facts.of.windows.width();
    let of = |value: Option<f64>| -> Value {
        if values.is_none() {
            return Err(no_change(facts));
        }
        let why = "no decision has more than one option, or windows have one candidate only";
        value.map(|value| (value, n)).ok_or_else(|| why.into())
    };
    let [before, after] = values.unwrap_or_default();
    let change = before.zip(after).map(|(before, after)| after - before);
    let text = "change of the options' entropy, mean over decisions, from the first to the last full window";
    list.push(finding("entropy-change", text, unit, of(change), None));
    let text = "entropy of the options in the first full window, mean over decisions (theory: even draws)";
    list.push(finding("entropy-first-window", text, unit, of(before), facts.sampled_entropy(n)));
    let text = "entropy of the options in the last full window, mean over decisions (theory: even draws)";
    list.push(finding("entropy-last-window", text, unit, of(after), facts.sampled_entropy(n)));
}

fn fixation(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let open = facts.of.layout.open_sizes().count() as u64;
    let width = facts.of.windows.width() as f64;
    let mut times: Vec<f64> = facts
        .fixations
        .iter()
        .flatten()
        .filter_map(|fixation| Some(fixation.window? as f64 * width))
        .collect();
    times.sort_by(f64::total_cmp);
    let known = || {
        if facts.windows.is_empty() {
            Err("the trace holds no finished candidates".to_owned())
        } else if open == 0 {
            Err("no decision has more than one option".to_owned())
        } else {
            Ok(())
        }
    };
    let text = "decisions in which one option is fixed at the end";
    list.push(finding(
        "fixed-decisions",
        text,
        "decisions",
        known().map(|()| (times.len() as f64, open)),
        None,
    ));
    let median = known().and_then(|()| {
        let (low, high) = (times.get((times.len().max(1) - 1) / 2), times.get(times.len() / 2));
        let middle = low.zip(high).map(|(low, high)| (low + high) / 2.0);
        middle
            .map(|middle| (middle, times.len() as u64))
            .ok_or_else(|| "no decision is fixed at the end".into())
    });
    let text =
        "finished candidates before an option is fixed for good, median over decisions in which one is";
    list.push(finding("time-to-fixation", text, "candidates", median, None));
}

fn mutations(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let (of, descent) = (&facts.mutations, &facts.of.descent);
    let [_, judged, survived] = of.totals();
    let known = || {
        Err(if descent.mutations == 0 {
            "no candidate is recorded as a mutation"
        } else if !facts.has_parents() {
            "the trace names no parents"
        } else if judged == 0 {
            "no mutation was a member of the population for as long as members are; the run is too short"
        } else {
            return Ok(());
        }
        .to_owned())
    };
    let text = "share of mutations whose child became a parent (theory: parents drawn evenly)";
    let value = known().map(|()| (ratio(survived, judged), judged));
    list.push(finding("survived-mutations", text, "share", value, facts.neutral_survival()));

    let layout = &facts.of.layout;
    let sums = |counts: &[u64]| layout.split(counts).map(|part| part.iter().sum()).collect::<Vec<u64>>();
    let (made, judged, survived) = (sums(&of.made), sums(&of.judged), sums(&of.survived));
    let shares: Vec<f64> = judged
        .iter()
        .zip(&survived)
        .filter(|(judged, _)| **judged >= ENOUGH)
        .map(|(&j, &s)| ratio(s, j))
        .collect();
    let text = "survived share of the decision whose mutations survive most often, less that of the one where they do \
                least";
    let range = known().and_then(|()| {
        if shares.len() < 2 {
            return Err("fewer than two decisions have mutations enough to compare".into());
        }
        let (low, high) = shares.iter().fold((1.0_f64, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
        Ok((high - low, judged.iter().sum()))
    });
    list.push(finding("survival-range", text, "share", range, None));

    let total: u64 = made.iter().sum();
    let largest = made.iter().copied().max().unwrap_or(0);
    let why = "no mutation is known to have changed exactly one decision";
    let value = if total == 0 { Err(why.into()) } else { Ok((ratio(largest, total), total)) };
    let even = facts.of.settings.even_mutator.map(|_| 1.0 / layout.open_sizes().count() as f64);
    let text =
        "share of mutations that struck the decision most often struck (theory: decisions drawn evenly)";
    list.push(finding("mutation-share-largest", text, "share", value, even));
}

fn transfer(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let donors = &facts.of.donors.shared;
    let both = facts.whole.from_parent;
    let none = "no candidate names both a parent and a donor";
    let value = if both.n == 0 { Err(none.into()) } else { Ok((both.mean(), both.n)) };
    let text = "share of children with a donor whose donor is their parent";
    list.push(finding("donor-is-parent", text, "share", value, None));
    let why = "no candidate took over layers from a donor";
    shared("donor", "taken over from the donor", donors, why, list);
    let none = "what a child shares with its parent is not in the rows; with `layers = true` it is counted from the \
                `layers` table";
    let parent = "shared with the parent";
    match &facts.of.parents {
        None => list.push(Finding::missing("parent-layers", format!("layers {parent}"), none)),
        Some(parents) => {
            let why = if parents.seen == 0 {
                "the trace has no `layers` table (`trace.layers = true` writes it; an imported trace has none)"
            } else {
                "no candidate's layers could be compared with its parent's"
            };
            shared("parent", parent, &parents.shared, why, list);
            if parents.missed > 0 {
                let text = "children whose parent's layers are not in the table or were dropped, so that they were not \
                            compared";
                let n = parents.missed + parents.shared.layers.n;
                list.push(Finding::new("parents-not-compared", text, parents.missed as f64, "candidates", n));
            }
        }
    }
}

fn shared(who: &str, text: &str, of: &Shared, why: &str, list: &mut Vec<Finding>) {
    let n = of.layers.n;
    let known = |value: f64, n: u64, why: &str| if n == 0 { Err(why.to_owned()) } else { Ok((value, n)) };
    let layers = known(of.layers.mean(), n, why);
    let layers = finding(
        &format!("{who}-layers"),
        &format!("layers {text}, mean over children"),
        "layers",
        layers,
        None,
    );
    list.push(layers.spread(of.deviation()));
    let key = format!("{who}-bytes");
    let bytes = known(of.bytes.mean(), of.bytes.n, why);
    list.push(finding(&key, &format!("share of a child's bytes {text}, mean"), "share", bytes, None));
    let correlation = of.correlation();
    let placed = if n == 0 {
        Err(why.to_owned())
    } else if correlation.is_nan() {
        Err("position or number of layers never varies, or no changed decision is known".into())
    } else {
        Ok((correlation, of.placed()))
    };
    let text = format!("correlation of the position of the changed decision with the layers {text}");
    list.push(finding(&format!("{who}-position-correlation"), &text, "", placed, None));
}

fn diversity(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let snapshots: Vec<_> = facts.windows.iter().filter_map(|window| window.population.as_ref()).collect();
    let n = facts.of.settings.population;
    let why = || {
        if facts.of.members.is_none() {
            "the population is too large to be kept".to_owned()
        } else if facts.of.finished < n {
            "fewer candidates finished than the population holds".to_owned()
        } else {
            "no full window ended with a full population; choose a smaller `window`".to_owned()
        }
    };
    let of = |value: Option<f64>| -> Value {
        match value {
            Some(value) if value.is_nan() => Err("a population of one has no pairs".into()),
            Some(value) => Ok((value, n)),
            None => Err(why()),
        }
    };
    let before = of(snapshots.first().map(|snapshot| snapshot.distance));
    let after = of(snapshots.last().map(|snapshot| snapshot.distance));
    let theory = facts.sampled_distance();
    let text = "decisions in which two members of the first full population differ, mean over pairs (theory: even draws)";
    list.push(finding("distance-start", text, "decisions", before, theory));
    let text =
        "decisions in which two members of the last population differ, mean over pairs (theory: even draws)";
    list.push(finding("distance-end", text, "decisions", after, theory));
    let distinct = of(snapshots.last().and_then(|snapshot| snapshot.distinct.last()).map(|&d| f64::from(d)));
    let text = "distinct vectors in the last population (theory: even draws)";
    list.push(finding(
        "distinct-end",
        text,
        "vectors",
        distinct,
        facts.sampled_distinct(facts.of.layout.width()),
    ));

    let finished = facts.of.finished;
    let value = if finished == 0 {
        Err("the trace holds no finished candidates".into())
    } else {
        Ok((ratio(facts.whole.repeats, finished), finished))
    };
    let vectors = facts.vectors(facts.of.layout.width());
    let theory = (finished > 0).then(|| theory::repeats(vectors, 0.0, finished as f64));
    let text = "share of candidates whose vector the run had evaluated before (theory: even draws)";
    list.push(finding("repeats", text, "share", value, facts.even(theory)));
}

fn sizes(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    for (size, word, unit) in [
        (Size::Layers, "layers", "layers"),
        (Size::Parameters, "parameters", ""),
        (Size::Bytes, "bytes", "bytes"),
    ] {
        let unknown = format!("the trace does not tell the {word}");
        let both =
            ends(facts).map(|ends| ends.map(|window| facts.size(window, size).map(|[_, median, _]| median)));
        let at_end: Value = match (&both, facts.whole.size(size).n()) {
            (_, 0) => Err(if facts.of.finished == 0 { no_change(facts) } else { unknown.clone() }),
            (None, _) => Err(no_change(facts)),
            (Some([_, after]), _) => after.map(|after| (after, facts.of.windows.width())).ok_or(unknown),
        };
        let change = at_end.clone().and_then(|(after, n)| {
            let first = both.and_then(|[first, _]| first).filter(|&first| first > 0.0);
            let why = || format!("the first window has no {word}");
            first.map(|first| (after / first, n)).ok_or_else(why)
        });
        let text = format!("median {word} of a model in the last full window");
        list.push(finding(&format!("{word}-last-window"), &text, unit, at_end, None));
        let text = format!("median {word} in the last full window over that in the first");
        list.push(finding(&format!("{word}-change"), &text, "times", change, None));
    }
}

fn walked(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let walks = &facts.of.descent.walks;
    let (sum, n) = walks.iter().fold((0, 0), |(sum, n), walk| (sum + walk.distance, n + walk.n));
    let value = if n > 0 {
        Ok((sum as f64 / n as f64, n))
    } else if facts.has_parents() {
        Err("no child's founder is known: no parent finished before its child".into())
    } else {
        Err("the trace names no parents".into())
    };
    let expected = |(bin, walk): (usize, &Walk)| {
        let (first, count) = depths(bin);
        Some(facts.walk(first + (count - 1.0) / 2.0)? * walk.n as f64)
    };
    let theory = walks.iter().enumerate().filter(|(_, walk)| walk.n > 0).map(expected).sum::<Option<f64>>();
    let theory = theory.filter(|_| n > 0).map(|sum| sum / n as f64);
    let text = "decisions in which a descendant differs from its founder, mean (theory: one evenly drawn decision changed \
                in each generation, no selection)";
    list.push(finding("distance-walked", text, "decisions", value, theory));
}

/// What was wrong with the trace, where something was.
fn oddities(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let descent = &facts.of.descent;
    let all = facts.of.finished + facts.of.interrupted;
    for (key, text, count) in [
        (
            "interrupted",
            "candidates that were still running when the budget ended and are counted nowhere",
            facts.of.interrupted,
        ),
        (
            "orphans",
            "children whose founder is not known, since their parent did not finish before them",
            descent.orphans,
        ),
        ("not-followed", "candidates with ids too large to be followed", descent.lost),
    ] {
        if count > 0 {
            list.push(Finding::new(key, text, count as f64, "candidates", all));
        }
    }
}
