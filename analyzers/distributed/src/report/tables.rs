//! Tables: time over the run, waiting, goals, nodes, and windows.

use super::{Facts, HOUR, SECOND};
use crate::histogram::Histogram;
use crate::nodes::Node;
use crate::usage::Kind;
use lamarck_sdk::model::report::{Cell, Table};

/// Nodes that have a row, by number.
const NODES: usize = 256;
/// Parts of the makespan that utilisation is told for.
pub(super) const PARTS: u32 = 100;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Table> {
    if facts.run.candidates == 0 {
        return Vec::new();
    }
    let tables = [over_time(facts), Some(quantiles(facts)), goals(facts), nodes(facts), Some(windows(facts))];
    tables.into_iter().flatten().collect()
}

fn table(name: &str, title: &str, columns: &[&str]) -> Table {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Table { name: name.to_owned(), title: title.to_owned(), columns, keys: 1, rows: Vec::new() }
}

/// Of each part of the makespan its end, as a share of it, and what workers do and how many candidates wait
/// meanwhile.
pub(super) fn parts(facts: &Facts<'_>) -> Option<Vec<Part>> {
    facts.worker_time().ok()?;
    let (first, span) = (facts.run.usage.first? as f64, facts.makespan().ok()?);
    let length = span / f64::from(PARTS);
    let sums = Kind::ALL.map(|kind| facts.run.usage.timeline.sums(&[kind as usize]));
    let part = |at: u32| {
        let end = f64::from(at) / f64::from(PARTS);
        let (from, to) = (first + f64::from(at - 1) * length, first + f64::from(at) * length);
        let spent = |sums: &crate::timeline::Sums| sums.until(to) - sums.until(from);
        let time = length * facts.workers as f64;
        let share = |sums| spent(sums) / time;
        let shares = [0, 1, 2, 3, 4, 5].map(|kind: usize| share(&sums[kind]));
        Part { end, shares, busy: share(&facts.busy), queue: spent(&facts.queue) / length }
    };
    Some((1..=PARTS).map(part).collect())
}

/// A part of the makespan.
pub(super) struct Part {
    pub(super) end: f64,
    /// Shares of worker time, by [`Kind`].
    pub(super) shares: [f64; Kind::ALL.len()],
    pub(super) busy: f64,
    /// Mean number of candidates that wait.
    pub(super) queue: f64,
}

fn over_time(facts: &Facts<'_>) -> Option<Table> {
    let mut columns = vec!["until [share of makespan]"];
    columns.extend(Kind::ALL.map(Kind::name));
    columns.extend(["busy", "waiting [candidates]"]);
    let mut table = table(
        "utilisation",
        "what workers spend their time on, as shares of worker time in each hundredth of the makespan, and how many \
         candidates wait; what was lost in earlier attempts stands where their candidate was submitted",
        &columns,
    );
    for part in parts(facts)? {
        let mut row = vec![Cell::from(part.end)];
        row.extend(part.shares.map(Cell::from));
        row.extend([Cell::from(part.busy), Cell::from(part.queue)]);
        table.rows.push(row);
    }
    Some(table)
}

fn quantiles(facts: &Facts<'_>) -> Table {
    let found = &facts.run.staleness;
    let rows = [
        ("wait for a worker [s]", &facts.run.usage.waits, SECOND),
        ("parent's age, child chosen [completions]", &found.chosen, 1.0),
        ("parent's age, child started [completions]", &found.started, 1.0),
        ("parent's age, child finished [completions]", &found.finished, 1.0),
    ];
    let mut table = table(
        "quantiles",
        "how long candidates wait, and how old parents are; quantiles of large numbers are off by 0.4 % at most",
        &["of", "n", "mean", "10 %", "median", "90 %", "99 %", "largest"],
    );
    for (name, of, scale) in rows {
        let cell = |value: Option<f64>| Cell::from(value.map(|value| value / scale));
        let quantile = |of: &Histogram, share| cell(of.quantile(share));
        let mut row = vec![Cell::from(name), Cell::from(of.n), cell(of.mean())];
        row.extend([0.1, 0.5, 0.9, 0.99].map(|share| quantile(of, share)));
        row.push(cell((of.n > 0).then_some(of.largest as f64)));
        table.rows.push(row);
    }
    table
}

fn goals(facts: &Facts<'_>) -> Option<Table> {
    facts.best?;
    let mut table = table(
        "goals",
        "when a score was reached first: shares of the way from the random phase's median to the run's best, the scores that \
         were asked for, and the best",
        &[
            "goal",
            "score",
            "finished candidates",
            "virtual time [h]",
            "share of candidates",
            "share of makespan",
        ],
    );
    let span = facts.makespan().ok().map(|span| span / HOUR);
    for goal in &facts.goals {
        let candidates = goal.reached.map(|reached| u64::from(reached.row) + 1);
        let hours = goal.reached.and_then(|reached| facts.hours(&reached));
        table.rows.push(vec![
            Cell::from(goal.name.as_str()),
            Cell::from(goal.score),
            Cell::from(candidates),
            Cell::from(hours),
            Cell::from(candidates.map(|candidates| candidates as f64 / facts.rows() as f64)),
            Cell::from(hours.zip(span).map(|(hours, span)| hours / span)),
        ]);
    }
    Some(table)
}

fn nodes(facts: &Facts<'_>) -> Option<Table> {
    facts.nodes().ok()?;
    let all = &facts.run.nodes.list;
    let candidates: u64 = all.iter().map(|node| node.candidates).sum();
    let lent: u128 = all.iter().map(|node| node.lent).sum();
    let busy: u128 = all.iter().map(|node| node.busy).sum();
    let training = facts.run.nodes.training();
    let mean = training.iter().map(|node| node.0).sum::<f64>() / training.len() as f64;
    let mut table = table(
        "nodes",
        "each node; of more than 256 nodes those with the lowest numbers",
        &[
            "node",
            "candidates",
            "share of candidates",
            "share of busy time",
            "training, mean [s]",
            "training, by the mean node's",
            "taken over from its cache [bytes]",
            "taken over from the repository [bytes]",
            "cache hit ratio",
            "children on their parent's node",
            "share of bytes lent",
        ],
    );
    let share = |part: u128, whole: u128| part as f64 / whole as f64;
    let row = |(number, node): (u64, &Node)| {
        let trained = node.train.mean();
        vec![
            Cell::from(number),
            Cell::from(node.candidates),
            Cell::from(share(u128::from(node.candidates), u128::from(candidates))),
            Cell::from(share(node.busy, busy)),
            Cell::from(trained.map(|us| us / SECOND)),
            Cell::from(trained.map(|us| us / mean)),
            Cell::from((facts.whole.readers > 0).then_some(node.cached as f64)),
            Cell::from((facts.whole.readers > 0).then_some(node.fetched as f64)),
            Cell::from(share(node.cached, node.cached + node.fetched)),
            Cell::from(share(u128::from(node.at_home), u128::from(node.children))),
            Cell::from(share(node.lent, lent)),
        ]
    };
    table.rows = (0_u64..).zip(all).take(NODES).map(row).collect();
    Some(table)
}

fn windows(facts: &Facts<'_>) -> Table {
    let mut table = table(
        "windows",
        "each window: generations and scores of its candidates, bytes by where they came from",
        &[
            "finished candidates",
            "generation, mean",
            "generation, spread",
            "score, mean",
            "score, spread",
            "from the node's cache [bytes]",
            "from the repository [bytes]",
            "written [bytes]",
        ],
    );
    for (window, end) in facts.windows.shown().iter().zip(facts.windows.ends()) {
        let generation = window.generation.moments();
        let known = facts.run.children > 0;
        table.rows.push(vec![
            Cell::from(end),
            Cell::from(generation.mean().filter(|_| known)),
            Cell::from(generation.spread().filter(|_| known)),
            Cell::from(window.score.mean()),
            Cell::from(window.score.spread()),
            Cell::from((window.readers > 0).then_some(window.cached as f64)),
            Cell::from((window.readers > 0).then_some(window.fetched as f64)),
            Cell::from((window.writers > 0).then_some(window.written as f64)),
        ]);
    }
    table
}
