//! Tables: what charts show and more, window by window, rule by rule, wait by wait.

use super::{Facts, SECOND, quantiles};
use crate::OWNERS;
use crate::delays::{WAITS, Wait};
use crate::replay::RULES;
use crate::windows::Mean;
use lamarck_sdk::model::report::{Cell, Table};

pub(super) fn all(facts: &Facts<'_>) -> Vec<Table> {
    if facts.whole.rows == 0 {
        return Vec::new();
    }
    let mut tables = vec![windows(facts)];
    tables.extend(rules(facts));
    tables.extend(waits(facts));
    tables.extend(lifetimes(facts));
    tables.extend(owners(facts));
    tables
}

fn table(name: &str, title: &str, keys: usize, columns: &[&str]) -> Table {
    Table {
        name: name.to_owned(),
        title: title.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        keys,
        rows: Vec::new(),
    }
}

fn seconds(of: Mean) -> Option<f64> {
    of.mean().map(|us| us / SECOND)
}

fn windows(facts: &Facts<'_>) -> Table {
    let mut table = table(
        "windows",
        "each window: bytes stored so far, live bytes at its end, what its candidates inherited, owners, seconds",
        1,
        &[
            "finished candidates",
            "models",
            "bytes so far, without sharing",
            "bytes so far, with sharing",
            "members' bytes, without sharing",
            "live bytes, all",
            "live bytes, reachable",
            "live bytes, population",
            "live bytes, window",
            "inherited share of bytes, mean",
            "inherited share of layers, mean",
            "layers missed",
            "owners of a model, mean",
            "owners of a prefix, mean",
            "transfer, mean [s]",
            "training, mean [s]",
            "storing, mean [s]",
        ],
    );
    let (mut whole, mut stored) = (0_u128, 0_u128);
    for (index, (window, &end)) in facts.windows.iter().zip(&facts.ends).enumerate() {
        whole += window.whole;
        stored += window.stored;
        let live = |rule: usize| {
            let by_members = rule == 1 || rule == 2;
            let known = if by_members { facts.members() } else { facts.layers };
            Cell::from(known.ok().and_then(|(replay, _)| replay.kept[rule].curve.get(index).copied()))
        };
        table.rows.push(vec![
            Cell::from(end),
            Cell::from(window.models),
            Cell::from((facts.whole.sized > 0).then_some(whole as f64)),
            Cell::from((facts.whole.storing > 0).then_some(stored as f64)),
            Cell::from(window.members.map(|bytes| bytes as f64)),
            live(0),
            live(1),
            live(2),
            live(3),
            Cell::from(window.bytes_share.mean()),
            Cell::from(window.layers_share.mean()),
            Cell::from((window.missing_known > 0).then_some(window.missed as f64)),
            Cell::from(window.owners.mean()),
            Cell::from(window.prefix_owners.mean()),
            Cell::from(seconds(window.transfer)),
            Cell::from(seconds(window.train)),
            Cell::from(seconds(window.store)),
        ]);
    }
    table
}

fn rules(facts: &Facts<'_>) -> Option<Table> {
    let (replay, _) = facts.layers.ok()?;
    let mut table = table(
        "rules",
        "what each retention rule keeps, and which promised layers it had deleted or would have, for the donors of this run",
        1,
        &[
            "rule",
            "peak [bytes]",
            "mean [bytes]",
            "at the end [bytes]",
            "peak, share of written bytes",
            "layers missed",
            "bytes missed",
            "share of reads missed",
        ],
    );
    let written = replay.kept[0].live as f64;
    for (rule, name) in RULES.into_iter().enumerate() {
        let kept = &replay.kept[rule];
        let mut row = vec![Cell::from(name)];
        if (rule == 1 || rule == 2) && facts.members().is_err() {
            row.resize(8, Cell::Missing(()));
        } else {
            let (missed, missed_bytes) = facts.missed(replay, rule);
            row.extend([
                Cell::from(kept.peak as f64),
                Cell::from(facts.per_slot(kept.sum as f64)),
                Cell::from(kept.live as f64),
                Cell::from(kept.peak as f64 / written),
                Cell::from(missed),
                Cell::from(missed_bytes),
                Cell::from(missed_bytes.map(|_| missed / replay.reads as f64)),
            ]);
        }
        table.rows.push(row);
    }
    Some(table)
}

fn waits(facts: &Facts<'_>) -> Option<Table> {
    let (replay, _) = facts.members().ok()?;
    let mut table = table(
        "waits",
        "when models that have left the population are retired: so many completions later, or by a sweep every so many; \
         bytes that are kept though no member holds them; inherited layers that would not have been offered, being gone \
         (withheld), that were promised and gone when they were to be read (missed), or gone when the child finished that \
         points at them (broken)",
        2,
        &[
            "retired by",
            "completions",
            "kept too long, mean [bytes]",
            "kept too long, share of live bytes",
            "peak [bytes]",
            "layers withheld",
            "layers missed",
            "bytes missed",
            "layers broken",
            "bytes broken",
        ],
    );
    let live = replay.kept[2].sum as f64;
    let mut push = |by: &str, every: u32, wait: &Wait| {
        table.rows.push(vec![
            Cell::from(by),
            Cell::from(u64::from(every)),
            Cell::from(facts.per_slot(wait.sum as f64)),
            Cell::from(wait.sum as f64 / live),
            Cell::from(wait.peak as f64),
            Cell::from(wait.withheld),
            Cell::from(wait.missed),
            Cell::from(wait.missed_bytes as f64),
            Cell::from(wait.broken),
            Cell::from(wait.broken_bytes as f64),
        ]);
    };
    push("delay", 0, &replay.delays.at_once);
    for (wait, every) in replay.delays.by_delay.iter().zip(WAITS) {
        push("delay", every, wait);
    }
    for (wait, every) in replay.delays.by_sweep.iter().zip(WAITS) {
        push("sweep", every, wait);
    }
    Some(table)
}

fn lifetimes(facts: &Facts<'_>) -> Option<Table> {
    let (replay, times) = facts.members().ok()?;
    let mut table = table(
        "lifetimes",
        "how long stored layers live, from their owner's finish until no member has them; percentiles by the product-limit \
         estimate, the mean over those that were dropped",
        1,
        &["unit", "10 %", "median", "90 %", "mean of the dropped", "dropped", "live at the end"],
    );
    let kinds =
        [("completions", &replay.completions, 1.0), ("virtual seconds", &replay.microseconds, SECOND)];
    for (unit, lives, scale) in kinds {
        let mut row = vec![Cell::from(unit)];
        row.extend(quantiles(lives).map(|value| Cell::from(value.map(|value| value / scale))));
        row.extend(if unit == "completions" || times.has_times {
            [Cell::from(lives.died), Cell::from(lives.censored)]
        } else {
            [Cell::Missing(()), Cell::Missing(())]
        });
        table.rows.push(row);
    }
    Some(table)
}

fn owners(facts: &Facts<'_>) -> Option<Table> {
    let (models, prefixes) = (facts.whole.owners.n, facts.whole.prefix_owners.n);
    if models == 0 && prefixes == 0 {
        return None;
    }
    let mut table = table(
        "owners",
        "how many models, and how many prefixes that were taken over, have so many distinct owners",
        1,
        &["owners", "models", "share of models", "prefixes", "share of prefixes"],
    );
    let counts = facts.of.owners.iter().zip(&facts.of.prefix_owners);
    for (owners, (&of_models, &of_prefixes)) in (1..).zip(counts) {
        let name = if owners == OWNERS { format!("{owners} or more") } else { owners.to_string() };
        table.rows.push(vec![
            Cell::from(name),
            Cell::from(of_models),
            Cell::from(of_models as f64 / models as f64),
            Cell::from(of_prefixes),
            Cell::from(of_prefixes as f64 / prefixes as f64),
        ]);
    }
    Some(table)
}
