//! What is said of the cluster's use: utilisation, waiting, makespan, goals, and what all of it rests on.

use super::{Beside, EMPTY, Facts, HOUR, Known, NO_STARTS, SECOND, say};
use crate::usage::Kind;
use lamarck_sdk::model::report::Finding;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = utilisation(facts);
    findings.extend(lost(facts));
    findings.extend(waiting(facts));
    findings.extend(makespan(facts));
    findings.extend(goals(facts));
    findings
}

fn utilisation(facts: &Facts<'_>) -> Vec<Finding> {
    let usage = &facts.run.usage;
    let time = facts.worker_time();
    let n = usage.attempts;
    let share = |us: u128| time.map(|time| us as f64 / time);
    let mut findings =
        vec![say("utilisation", "share of worker time that is not idle", "", n, share(usage.busy()))];
    for kind in Kind::ALL {
        let (key, text) = match kind {
            Kind::Train => ("share-training", "share of worker time that is training"),
            Kind::Transfer => ("share-transfer", "share of worker time that is reading inherited weights"),
            Kind::Store => ("share-storing", "share of worker time that is storing weights"),
            Kind::Lost => ("share-lost", "share of worker time that went into lost attempts"),
            Kind::Cut => {
                ("share-cut-off", "share of worker time that went into candidates cut off at the end")
            }
            Kind::Other => {
                ("share-not-told", "share of worker time of which the trace does not tell the use")
            }
        };
        findings.push(say(key, text, "", n, share(usage.spent[kind as usize])));
    }
    let idle = time.map(|time| (time - usage.busy() as f64).max(0.0));
    let tail = time.and_then(|time| Ok(tail(facts)?.min((time - usage.busy() as f64).max(0.0))));
    let part = |us: Known<f64>| us.and_then(|us| Ok(us / time?));
    findings.push(say("share-idle", "share of worker time that is idle", "", n, part(idle)));
    findings.push(say(
        "share-idle-tail",
        "share of worker time that is idle after the last candidate has started",
        "",
        n,
        part(tail),
    ));
    let before = idle.and_then(|idle| Ok(idle - tail?));
    findings.push(say(
        "share-idle-before",
        "share of worker time that is idle before the last candidate has started",
        "",
        n,
        part(before),
    ));
    findings
}

/// Idle worker time after the last start, in microseconds.
fn tail(facts: &Facts<'_>) -> Known<f64> {
    let usage = &facts.run.usage;
    let (start, end) = usage.last_start.zip(usage.last).ok_or(NO_STARTS)?;
    let busy = usage.busy_in_tail(facts.run.rows.times()).ok_or(NO_STARTS)?;
    Ok((facts.workers as f64 * end.saturating_sub(start) as f64 - busy as f64).max(0.0))
}

fn lost(facts: &Facts<'_>) -> Vec<Finding> {
    let usage = &facts.run.usage;
    let any = facts.only_if(usage.all_attempts > 0, NO_STARTS);
    let share = any.map(|()| usage.lost_attempts as f64 / usage.all_attempts as f64);
    let busy = usage.busy() as f64;
    let time = facts.worker_time().and_then(|_| {
        let lost = usage.spent[Kind::Lost as usize] as f64;
        if busy > 0.0 { Ok(lost / busy) } else { Err("no worker was busy for any time") }
    });
    vec![
        say(
            "lost-attempts",
            "attempts that were lost",
            "attempts",
            usage.all_attempts,
            any.map(|()| usage.lost_attempts as f64),
        ),
        say(
            "lost-share",
            "share of attempts that were lost (theory: the study's failure rate)",
            "",
            usage.all_attempts,
            share,
        )
        .beside(facts.settings.failure_rate),
        say("lost-time", "share of busy time that went into lost attempts", "", usage.attempts, time),
    ]
}

fn waiting(facts: &Facts<'_>) -> Vec<Finding> {
    let waits = &facts.run.usage.waits;
    let known =
        facts.only_if(waits.n > 0, "the trace does not tell when candidates were submitted and started");
    let seconds = |us: Option<f64>| known.and_then(|()| us.map(|us| us / SECOND).ok_or(EMPTY));
    // Kept candidates by completions in a second: Little's law.
    let lookahead = facts.settings.workers.map(|_| facts.settings.lookahead as f64);
    let interval = facts.makespan().ok().map(|span| span / SECOND / facts.run.candidates as f64);
    let mean = say(
        "waiting",
        "mean time that candidates wait for a worker (theory: the look-ahead's share)",
        "s",
        waits.n,
        seconds(waits.mean()),
    );
    let queue = known.and_then(|()| Ok(waits.sum() / facts.makespan()?));
    vec![
        mean.beside(lookahead.zip(interval).map(|(kept, interval)| kept * interval))
            .around(waits.deviation().map(|us| us / SECOND)),
        say(
            "waiting-median",
            "median time that candidates wait for a worker",
            "s",
            waits.n,
            seconds(waits.quantile(0.5)),
        ),
        say(
            "waiting-90",
            "ninth decile of the time that candidates wait for a worker",
            "s",
            waits.n,
            seconds(waits.quantile(0.9)),
        ),
        say(
            "waiting-longest",
            "longest time that a candidate waits for a worker",
            "s",
            waits.n,
            seconds((waits.n > 0).then_some(waits.largest as f64)),
        ),
        say(
            "queue",
            "mean number of candidates that wait for a worker (theory: the look-ahead)",
            "candidates",
            waits.n,
            queue,
        )
        .beside(lookahead),
    ]
}

fn makespan(facts: &Facts<'_>) -> Vec<Finding> {
    let usage = &facts.run.usage;
    let span = facts.makespan();
    let bound = facts.worker_time().map(|_| {
        let even = usage.busy() as f64 / facts.workers as f64;
        even.max(usage.longest as f64)
    });
    let ratio = bound.and_then(|bound| {
        let span = span?;
        if bound > 0.0 { Ok(span / bound) } else { Err("no worker was busy for any time") }
    });
    let rate = span.map(|span| facts.rows() as f64 / (span / HOUR));
    vec![
        say(
            "makespan",
            "virtual time from the first event to the last (theory: a lower bound, all busy time spread over all \
             workers, or the longest candidate)",
            "s",
            facts.run.candidates,
            span.map(|us| us / SECOND),
        )
        .beside(bound.ok().filter(|_| span.is_ok()).map(|us| us / SECOND)),
        say("makespan-ratio", "makespan by its lower bound", "", facts.run.candidates, ratio).beside(
            // One worker that never rests has nothing to wait for.
            ratio.ok().map(|_| 1.0),
        ),
        say("throughput", "finished candidates per hour of virtual time", "candidates/h", facts.rows(), rate),
    ]
}

fn goals(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let scored = facts.any().and_then(|()| facts.best.map(|_| ()).ok_or("no candidate has a score"));
    let shares = facts.settings.thresholds.len();
    for (at, goal) in facts.goals.iter().enumerate() {
        let reached = scored.and_then(|()| goal.reached.as_ref().ok_or("no candidate scored so high"));
        let hours = reached.and_then(|reached| facts.hours(reached).ok_or(super::NO_TIMES));
        let candidates = reached.map(|reached| f64::from(reached.row) + 1.0);
        let (key, what) = if at + 1 == facts.goals.len() {
            ("best".to_owned(), "the run's best score".to_owned())
        } else if at < shares {
            let share = facts.settings.thresholds[at];
            let what = format!("{share} of the way from the random phase's median score to the run's best");
            (format!("way-{share}"), what)
        } else {
            let score = facts.settings.scores[at - shares];
            (format!("score-{score}"), format!("a score of {score}"))
        };
        let n = facts.rows();
        findings.push(say(&format!("hours-to-{key}"), &format!("virtual time until {what}"), "h", n, hours));
        findings.push(say(
            &format!("candidates-to-{key}"),
            &format!("finished candidates until {what}"),
            "candidates",
            n,
            candidates,
        ));
    }
    findings
}

/// What all of this rests on.
pub(super) fn basis(facts: &Facts<'_>) -> Vec<Finding> {
    let run = facts.run;
    let n = run.candidates;
    let count =
        |key: &str, text: &str, unit: &str, value: u64| Finding::new(key, text, value as f64, unit, n);
    let workers = if facts.settings.workers.is_some() {
        "workers, as the study says, or more if more were seen"
    } else {
        "workers that were seen; no study says how many there were"
    };
    let population = facts.settings.population.map(|population| population as f64);
    vec![
        count("workers", workers, "workers", facts.workers),
        say(
            "population",
            "members of the population, as the study or the option `population` says",
            "candidates",
            n,
            population.ok_or("neither the study nor the option `population` says how many"),
        ),
        count("candidates", "candidates, those cut off at the end included", "candidates", n),
        count("children", "candidates that name a parent and finished", "candidates", run.children),
        count(
            "unknown-parents",
            "candidates that name a parent which did not finish before them",
            "candidates",
            run.unknown_parents,
        ),
        count(
            "unscored",
            "candidates that finished without a score: failed, lost, or without data",
            "candidates",
            run.unscored,
        ),
        count(
            "odd-times",
            "candidates that start before they are submitted, finish before they start, or finish before the one that \
             finished before them",
            "candidates",
            run.usage.odd_times,
        ),
        count(
            "unfollowed",
            "ids that occur twice or are far too high, and numbers of workers and nodes that are; not followed",
            "",
            run.rows.unfollowed + run.nodes.unfollowed,
        ),
    ]
}
