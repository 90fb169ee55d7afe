//! What is said of workers and nodes: how even the load is, where kin and weights are, how fast nodes train.

use super::{Beside, Facts, Known, say};
use crate::moments::Moments;
use crate::nodes::Worker;
use crate::theory;
use lamarck_sdk::model::report::Finding;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = workers(facts);
    findings.extend(kin(facts));
    findings.extend(bytes(facts));
    findings.extend(lenders(facts));
    findings.extend(speeds(facts));
    findings
}

fn workers(facts: &Facts<'_>) -> Vec<Finding> {
    let nodes = &facts.run.nodes;
    let seen = nodes.active();
    let known =
        facts.only_if(seen > 0, "the trace does not tell which workers ran candidates").map(|()| seen);
    let idle = known.map(|seen| facts.workers.saturating_sub(seen));
    let busy = |pick: fn(&[Worker]) -> u128| {
        known?;
        facts.worker_time()?;
        Ok(pick(&nodes.workers) as f64 / facts.makespan()?)
    };
    let most = |workers: &[Worker]| workers.iter().map(|worker| worker.busy).max().unwrap_or(0);
    let least = |workers: &[Worker]| {
        workers.iter().filter(|worker| worker.candidates > 0).map(|w| w.busy).min().unwrap_or(0)
    };
    let least = if idle.is_ok_and(|idle| idle > 0) { busy(|_| 0) } else { busy(least) };
    let of_nodes = facts.nodes().and_then(|_| node_loads(facts));
    let pick = |pick: fn(f64, f64) -> f64| {
        of_nodes.as_ref().map_err(|why| *why).map(|loads| loads.iter().copied().reduce(pick).unwrap_or(0.0))
    };
    let n = facts.run.candidates;
    vec![
        say(
            "workers-unused",
            "workers that never ran a candidate",
            "workers",
            n,
            idle.map(|idle| idle as f64),
        ),
        say(
            "busiest-worker",
            "share of the makespan that the busiest worker is busy, last attempts only",
            "",
            seen,
            busy(most),
        ),
        say(
            "idlest-worker",
            "share of the makespan that the least busy worker is busy, last attempts only",
            "",
            seen,
            least,
        ),
        say(
            "busiest-node",
            "the busiest node's busy worker time by that of the mean node, last attempts only",
            "",
            nodes.active_nodes(),
            pick(f64::max),
        ),
        say(
            "idlest-node",
            "the least busy node's busy worker time by that of the mean node, last attempts only",
            "",
            nodes.active_nodes(),
            pick(f64::min),
        ),
    ]
}

/// Each node's busy time by the mean node's. Nodes of the study that ran nothing count.
fn node_loads(facts: &Facts<'_>) -> Known<Vec<f64>> {
    facts.worker_time()?;
    let nodes = &facts.run.nodes.list;
    let mut loads: Vec<f64> = nodes
        .iter()
        .filter(|node| node.candidates > 0 || node.busy > 0)
        .map(|node| node.busy as f64)
        .collect();
    if let Some(all) = facts.settings.nodes.and_then(|all| usize::try_from(all).ok()) {
        // A study with nodes beyond all reason does not get a list of them.
        loads.resize(all.min(1 << 20).max(loads.len()), 0.0);
    }
    let mean = loads.iter().sum::<f64>() / loads.len() as f64;
    if mean > 0.0 {
        Ok(loads.into_iter().map(|load| load / mean).collect())
    } else {
        Err("no worker was busy for any time")
    }
}

fn kin(facts: &Facts<'_>) -> Vec<Finding> {
    let nodes = &facts.run.nodes;
    let blind = facts.nodes().ok().and_then(|_| nodes.concentration());
    let sum = |of: fn(&crate::nodes::Node) -> u64| nodes.list.iter().map(of).sum::<u64>();
    let (children, at_home) = (sum(|node| node.children), sum(|node| node.at_home));
    let share = |hits: u64, n: u64, why: &'static str| {
        facts.nodes()?;
        if n > 0 { Ok(hits as f64 / n as f64) } else { Err(why) }
    };
    vec![
        say(
            "same-node-as-parent",
            "share of children that ran on their parent's node (theory: placement that does not mind)",
            "",
            children,
            share(at_home, children, "no parent's row comes before its child's"),
        )
        .beside(blind.filter(|_| children > 0)),
        say(
            "same-node-as-donor",
            "share of children that ran on their donor's node (theory: placement that does not mind)",
            "",
            nodes.borrowers,
            share(nodes.at_donors, nodes.borrowers, "no donor's row comes before its child's"),
        )
        .beside(blind.filter(|_| nodes.borrowers > 0)),
    ]
}

fn bytes(facts: &Facts<'_>) -> Vec<Finding> {
    let whole = &facts.whole;
    let n = whole.readers;
    let read = facts.only_if(n > 0, "the trace does not tell what candidates took over");
    let stored = facts.only_if(whole.writers > 0, "the trace does not tell what candidates stored");
    let written = stored.map(|()| whole.written as f64);
    let taken = (whole.cached + whole.fetched) as f64;
    let ratio = read.and_then(|()| {
        if taken > 0.0 { Ok(whole.cached as f64 / taken) } else { Err("nobody took over anything") }
    });
    vec![
        say("cache-hit-ratio", "share of bytes taken over that the node's own cache held", "", n, ratio),
        say(
            "bytes-cached",
            "bytes taken over from the node's own cache",
            "bytes",
            n,
            read.map(|()| whole.cached as f64),
        ),
        say(
            "bytes-fetched",
            "bytes taken over from the repository",
            "bytes",
            n,
            read.map(|()| whole.fetched as f64),
        ),
        say("bytes-written", "bytes written to the repository", "bytes", whole.writers, written),
    ]
}

fn lenders(facts: &Facts<'_>) -> Vec<Finding> {
    let nodes = &facts.run.nodes;
    let lenders = facts
        .nodes()
        .and_then(|_| nodes.lenders().ok_or("no bytes were taken over from a donor whose node is known"));
    let blind = nodes.concentration().filter(|_| lenders.is_ok()).map(|concentration| 1.0 / concentration);
    vec![
        say(
            "lending-nodes",
            "effective number of nodes whose candidates lend bytes, the inverse sum of squared shares (theory: lending as even \
             as candidates are spread)",
            "nodes",
            nodes.borrowers,
            lenders.map(|(concentration, _)| 1.0 / concentration),
        )
        .beside(blind),
        say(
            "busiest-lender",
            "share of bytes taken over from candidates of the node that lends most",
            "",
            nodes.borrowers,
            lenders.map(|(_, most)| most),
        ),
    ]
}

fn speeds(facts: &Facts<'_>) -> Vec<Finding> {
    let nodes = facts.nodes();
    let training = facts.run.nodes.training();
    let untrained = "the trace does not tell how long candidates trained";
    let known = nodes.and(if training.is_empty() { Err(untrained) } else { Ok(()) });
    let mut means = Moments::default();
    for (mean, _) in &training {
        means.add(*mean);
    }
    let spread = known.and_then(|()| {
        let ratio = means.spread().zip(means.mean()).map(|(spread, mean)| spread / mean);
        ratio.filter(|_| training.len() > 1).ok_or("a single node trained anything")
    });
    let slowest = spread.and_then(|_| {
        let ends = training.first().zip(training.last());
        ends.map(|(fast, slow)| slow.0 / fast.0).ok_or("a single node trained anything")
    });
    let fastest = training.len().div_ceil(4);
    let all: u64 = training.iter().map(|node| node.1).sum();
    let share = known.and_then(|()| {
        let ran: u64 = training.iter().take(fastest).map(|node| node.1).sum();
        if training.len() >= 4 {
            Ok(ran as f64 / all as f64)
        } else {
            Err("fewer than four nodes trained anything")
        }
    });
    let speed = facts.settings.speed_spread;
    let n = training.len() as u64;
    vec![
        say(
            "node-spread",
            "spread of nodes' mean training times, relative to their mean (theory: the study's spread of speeds)",
            "",
            n,
            spread,
        )
        .beside(speed.filter(|_| spread.is_ok()).map(theory::speed_spread)),
        say("slowest-by-fastest", "mean training time of the slowest node by that of the fastest", "", n, slowest),
        say(
            "fastest-quarter",
            "share of candidates that the fastest quarter of nodes ran (theory: as their speed is, when all are busy)",
            "",
            n,
            share,
        )
        .beside(speed.filter(|_| share.is_ok()).map(|speed| theory::fastest_share(fastest as u64, n, speed))),
    ]
}
