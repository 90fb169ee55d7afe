//! What is said of evolution: random phase, staleness, order, waves.

use super::{Beside, EMPTY, Facts, Known, NO_STARTS, say};
use crate::histogram::Histogram;
use crate::moments::Moments;
use crate::staleness::Share;
use crate::theory;
use lamarck_sdk::model::report::Finding;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = random_phase(facts);
    findings.extend(ages(facts));
    findings.extend(gone(facts));
    findings.extend(ranks(facts));
    findings.extend(order(facts));
    findings.extend(waves(facts));
    findings
}

fn random_phase(facts: &Facts<'_>) -> Vec<Finding> {
    let run = facts.run;
    let n = run.candidates;
    let no_child = "no candidate names its parent";
    let first = facts.any().and_then(|()| run.beginnings.submitted.ok_or(no_child));
    let length = first.and_then(|(id, _)| {
        facts.submissions()?;
        if id < n {
            Ok(id as f64)
        } else {
            Err("ids are not the numbers of candidates in order of submission")
        }
    });
    // With failures that do not count the population fills later.
    let exact = facts.settings.failures_enter || run.unscored == 0;
    let expected = theory::random_phase(facts.settings).filter(|_| exact && first.is_ok());
    // Work done by a moment, by all that is ever done.
    let done = |time: Known<Option<u64>>| {
        let time = time?.ok_or(super::NO_TIMES)?;
        facts.worker_time()?;
        let all = facts.run.usage.busy() as f64;
        if all > 0.0 {
            Ok(facts.busy.until(time as f64) / all)
        } else {
            Err("no worker was busy for any time")
        }
    };
    let finished =
        facts.any().and_then(|()| run.beginnings.finished.ok_or("no candidate with a parent finished"));
    vec![
        say("random-phase", "candidates submitted before the first child", "candidates", n, length)
            .beside(expected),
        say(
            "random-share",
            "share of all candidates that were submitted before the first child",
            "",
            n,
            length.map(|length| length / n as f64),
        )
        .beside(expected.map(|expected| expected / n as f64)),
        say(
            "random-finished",
            "candidates that finished before the first child did (theory: trainings of equal length)",
            "candidates",
            facts.rows(),
            finished.map(|(row, _)| f64::from(row)),
        )
        .beside(expected),
        say(
            "random-work-submitted",
            "share of all work that was done when the first child was submitted",
            "",
            n,
            done(facts.submissions().and(first.map(|(_, time)| time))),
        ),
        say(
            "random-work-finished",
            "share of all work that was done when the first child finished",
            "",
            n,
            done(finished.map(|(_, time)| time)),
        ),
    ]
}

fn of(facts: &Facts<'_>, key: &str, text: &str, histogram: &Histogram, otherwise: &'static str) -> Finding {
    let mean = facts.children().and_then(|_| histogram.mean().ok_or(otherwise));
    say(key, text, "completions", histogram.n, mean).around(histogram.deviation())
}

const NO_AGES: &str =
    "the trace does not tell when children were submitted, or how old their parents were then";

fn ages(facts: &Facts<'_>) -> Vec<Finding> {
    let found = &facts.run.staleness;
    let even =
        facts.settings.sizes().map(|(population, flight)| theory::generation_length(population, flight));
    let half = facts.settings.population.map(|population| (population as f64 - 1.0) / 2.0);
    let lookahead = facts.settings.workers.map(|_| facts.settings.lookahead as f64);
    let flight = facts.settings.in_flight().map(|flight| flight as f64);
    let known = facts.children().is_ok();
    let mean = |moments: Moments, otherwise| facts.children().and_then(|_| moments.mean().ok_or(otherwise));
    vec![
        of(
            facts,
            "age-when-chosen",
            "mean age of parents when they are chosen (theory: even ages)",
            &found.chosen,
            NO_AGES,
        )
        .beside(half.filter(|_| known)),
        of(
            facts,
            "age-when-started",
            "mean age of parents when their children start (theory: even ages)",
            &found.started,
            NO_STARTS,
        )
        .beside(half.zip(lookahead).filter(|_| known).map(|(half, kept)| half + kept)),
        of(
            facts,
            "age-when-finished",
            "mean age of parents when their children have finished (theory: even ages)",
            &found.finished,
            EMPTY,
        )
        .beside(even.filter(|_| known)),
        say(
            "delay",
            "mean number of completions from a child's submission to its finish (theory: workers and look-ahead)",
            "completions",
            found.delay.n,
            mean(found.delay.moments(), NO_AGES),
        )
        .around(found.delay.moments().deviation())
        .beside(flight.filter(|_| known)),
        say(
            "delay-waiting",
            "mean number of completions from a child's submission to its start (theory: look-ahead)",
            "completions",
            found.waiting.n,
            mean(found.waiting.moments(), NO_STARTS),
        )
        .around(found.waiting.moments().deviation())
        .beside(lookahead.filter(|_| known)),
        say(
            "age-seconds",
            "mean time from a parent's finish to its child's",
            "s",
            found.seconds.n,
            mean(found.seconds, super::NO_TIMES),
        )
        .around(found.seconds.deviation()),
    ]
}

fn gone(facts: &Facts<'_>) -> Vec<Finding> {
    let found = &facts.run.staleness;
    let share = |share: Share, otherwise| {
        facts.children()?;
        facts
            .settings
            .population
            .ok_or("nobody says how many members the population has; set option `population`")?;
        share.value().ok_or(otherwise)
    };
    let even = |delay: Option<u64>| {
        let (population, delay) = facts.settings.population.zip(delay)?;
        facts.children().is_ok().then(|| theory::gone(population, delay))
    };
    let no_workers = "no study says how many workers there were";
    let (kept, flight) =
        (facts.settings.workers.map(|_| facts.settings.lookahead), facts.settings.in_flight());
    vec![
        say(
            "gone-when-submitted",
            "share of children whose parent had left the population when they were submitted (theory: never)",
            "",
            found.gone_chosen.n,
            share(found.gone_chosen, NO_AGES),
        )
        .beside(even(Some(0))),
        say(
            "gone-when-started",
            "share of children whose parent had left the population when they started (theory: the ages at choice, and a \
             wait as long as the look-ahead)",
            "",
            found.gone_started.n,
            share(found.gone_started, NO_STARTS),
        )
        .beside(found.expected_started.value()),
        say(
            "gone-when-finished",
            "share of children whose parent had left the population when they had finished (theory: the ages at choice, and as \
             many completions as there are candidates in flight)",
            "",
            found.gone_finished.n,
            share(found.gone_finished, EMPTY),
        )
        .beside(found.expected_finished.value()),
        say(
            "gone-expected-started",
            "share of parents so old at choice that they leave within the look-ahead (theory: even ages)",
            "",
            found.expected_started.n,
            share(found.expected_started, no_workers),
        )
        .beside(even(kept)),
        say(
            "gone-expected-finished",
            "share of parents so old at choice that they leave within as many completions as there are candidates in flight \
             (theory: even ages)",
            "",
            found.expected_finished.n,
            share(found.expected_finished, no_workers),
        )
        .beside(even(flight)),
    ]
}

fn ranks(facts: &Facts<'_>) -> Vec<Finding> {
    let ranks = facts.run.ranks.moments();
    let expected = facts.settings.population.zip(facts.settings.selection);
    let chosen = facts.any().and_then(|()| ranks.mean().ok_or("the trace does not tell ranks of parents"));
    let later = facts.run.staleness.rank.moments();
    let otherwise = if facts.settings.failures_enter {
        "nobody says how many members the population has; set option `population`"
    } else {
        "failures do not join the population, so its members are not the last candidates"
    };
    let finished = facts.children().and_then(|_| later.mean().ok_or(otherwise));
    vec![
        say("rank-when-chosen", "mean rank of parents when they are chosen, 1 the best", "", ranks.n, chosen)
            .around(ranks.deviation())
            .beside(expected.map(|(population, selection)| theory::parent_rank(population, selection))),
        say(
            "rank-when-finished",
            "mean rank that parents have among the members when their children finish, whether they still are members or not",
            "",
            later.n,
            finished,
        )
        .around(later.deviation()),
    ]
}

fn order(facts: &Facts<'_>) -> Vec<Finding> {
    let order = &facts.order;
    let few = "fewer than two candidates finished";
    let known = |value: Option<f64>| {
        facts.any()?;
        facts.submissions()?;
        value.ok_or(few)
    };
    let one = facts.settings.workers == Some(1) && facts.settings.lookahead == 0;
    vec![
        say(
            "tau",
            "Kendall's tau of the order of finishing against that of submission (theory: one worker)",
            "",
            order.n,
            known(order.tau()),
        )
        .beside(one.then_some(1.0)),
        say(
            "inversions",
            "share of pairs of candidates of which the later submitted finished first",
            "",
            order.n,
            known(order.inverted()),
        ),
        say(
            "overtaking",
            "share of candidates that finished before one that had been submitted earlier",
            "",
            order.n,
            known(order.overtaking()),
        ),
        say(
            "displacement",
            "mean distance between a candidate's places in both orders",
            "places",
            order.n,
            known(order.mean_displacement()),
        ),
        say(
            "displacement-most",
            "largest distance between a candidate's places in both orders",
            "places",
            order.n,
            known((order.n > 0).then_some(order.most_displaced as f64)),
        ),
    ]
}

fn waves(facts: &Facts<'_>) -> Vec<Finding> {
    let (waves, found) = (&facts.waves, &facts.run.staleness);
    let sizes = facts.settings.sizes().filter(|_| facts.children().is_ok());
    let length = facts.children().and_then(|_| found.finished.mean().ok_or(EMPTY));
    let short = "the run is too short: no generation of children is complete";
    let index = length.and_then(|length| waves.early.index(length).ok_or(short));
    let few = "the run is too short: only the first few generations are complete";
    let later = length.and_then(|length| waves.late.index(length).ok_or(few));
    let early = waves.early.generations;
    let flight = facts.settings.in_flight().ok_or("no study says how many workers there were");
    let advance = facts.children().and_then(|_| {
        let slope = waves.slope.ok_or("the run is too short: a single child finished")?;
        Ok(slope * flight? as f64)
    });
    let left = length.and_then(|length| found.finished.coherence(length).ok_or(EMPTY));
    let fall = facts
        .any()
        .and_then(|()| setback(facts).ok_or("the run has fewer than two full windows with scores"));
    vec![
        say(
            "wave-index",
            "how little the first ten generations overlap: one if not at all, near zero if births of a generation are \
             scattered widely (theory: even ages, trainings of equal length)",
            "",
            early,
            index,
        )
        .beside(sizes.and_then(|(population, flight)| theory::wave_index(population, flight, early))),
        say(
            "wave-index-later",
            "how little the later generations overlap: one if not at all, near zero if births of a generation are \
             scattered widely",
            "",
            waves.late.generations,
            later,
        ),
        say(
            "wave-persistence",
            "share of a wave of generations that is left after one more generation (theory: even ages)",
            "",
            found.finished.n,
            left,
        )
        .beside(sizes.map(|(population, flight)| theory::persistence(population, flight))),
        say(
            "generation-advance",
            "generations gained in as many completions as there are candidates in flight (theory: even ages)",
            "generations",
            waves.rows,
            advance,
        )
        .beside(sizes.map(|(population, flight)| {
            flight as f64 / theory::generation_length(population, flight)
        })),
        say(
            "score-setback",
            "largest fall of a window's mean score below that of an earlier window",
            "",
            facts.whole.score.n,
            fall,
        ),
    ]
}

/// How far a window's mean score falls below an earlier one's, at most.
fn setback(facts: &Facts<'_>) -> Option<f64> {
    let means = facts.windows.shown().iter().filter_map(|window| window.score.mean());
    let (mut highest, mut fall, mut windows) = (f64::NEG_INFINITY, 0.0_f64, 0);
    for mean in means {
        highest = highest.max(mean);
        fall = fall.max(highest - mean);
        windows += 1;
    }
    (windows > 1).then_some(fall)
}
