//! The findings, the most important first. Every key is there in every report of a run; what could not be computed says why.

use super::{NODE, Results, Run, Side};
use crate::measure::{Measured, Row, SIZING, quantile};
use crate::stream::Retention;
use lamarck_cache::{PolicyKind, Stats};
use lamarck_sdk::model::report::Finding;

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, variance.sqrt())
}

/// Why nothing can be said of the best general policy.
const NO_GENERAL: &str =
    "every policy of the grid knows the future or evolution; name another in the option `policies`";

const FOOTPRINT: &str = "bytes of all distinct objects";

/// Whose cache, in a sentence.
fn whose(side: &Side) -> &'static str {
    if side.name == NODE { "a cache on each node" } else { "one cache for all nodes" }
}

pub(super) fn write(results: &Results) -> Vec<Finding> {
    let mut findings = Vec::new();
    for side in &results.sides {
        findings.extend(attainable(side));
        findings.extend(general(results, side));
    }
    let lineage: Vec<PolicyKind> =
        results.plan.policies.iter().copied().filter(PolicyKind::listens).collect();
    for side in &results.sides {
        findings.extend(lineage.iter().flat_map(|policy| gains(side, *policy)));
        findings.extend(results.unknown.iter().flat_map(|(policy, why)| no_gains(side, *policy, why)));
    }
    if let Some(objects) = results.accesses_of {
        findings.extend(results.sides.iter().flat_map(|side| reuse_of_side(results, side)));
        findings.push(Finding::new("footprint", FOOTPRINT, results.footprint as f64, "bytes", objects));
    } else {
        findings.extend(reuse(results));
        findings.extend(retention(results));
        findings.extend(basis(results));
    }
    findings
}

/// A finding about one side, or why there is none.
fn of_side(
    side: &Side,
    key: &str,
    text: &str,
    unit: &str,
    value: impl Fn(&Measured) -> (Option<f64>, u64),
) -> Finding {
    let key = format!("{key}-{}", side.name);
    let text = format!("{text}: {}", whose(side));
    match side.measured.as_ref().map(value) {
        Ok((Some(value), n)) => Finding::new(key, text, value, unit, n),
        Ok((None, _)) => Finding::missing(key, text, "nothing that was read had been read or written before"),
        Err(why) => Finding::missing(key, text, why.clone()),
    }
}

fn attainable(side: &Side) -> [Finding; 2] {
    let nine_tenths = SIZING.iter().position(|&share| share >= 0.9).unwrap_or(0);
    [
        of_side(
            side,
            "attainable-bytes",
            "share of the bytes read that caches without limit would serve",
            "",
            |m| (m.attainable_bytes(), m.gets),
        ),
        of_side(
            side,
            "size-for-nine-tenths",
            "capacity of each cache with which LRU serves nine tenths of the attainable bytes",
            "bytes",
            |m| (m.sizes[nine_tenths].bytes.map(|bytes| bytes as f64), m.distances.len() as u64),
        ),
    ]
}

/// The best of the general policies at each capacity.
fn best(measured: &Measured, value: impl Fn(&Row, usize) -> f64) -> Vec<f64> {
    let at = |at: usize| measured.best(Row::is_general, |row| value(row, at)).unwrap_or(f64::NAN);
    (0..measured.capacities.len()).map(at).collect()
}

fn general(results: &Results, side: &Side) -> [Finding; 2] {
    let objective = |bytes: bool| {
        let (key, what) = if bytes {
            ("best-general-bytes", "byte miss ratio")
        } else {
            ("best-general-requests", "miss ratio")
        };
        let finding = of_side(
            side,
            key,
            &format!(
                "{what} of the best policy that knows neither the future nor evolution, mean over the capacities (theory: \
                 PFOO-L, below which none can be)"
            ),
            "",
            |m| {
                let best = best(m, |row, at| if bytes { row.byte_ratio(at) } else { row.ratio(at) });
                (Some(moments(&best).0), best.len() as u64)
            },
        );
        match &side.measured {
            Ok(m) if finding.value.is_some() => {
                let best = best(m, |row, at| if bytes { row.byte_ratio(at) } else { row.ratio(at) });
                let bound: Vec<f64> = (0..results.plan.fractions.len())
                    .map(|at| if bytes { m.byte_bound(at) } else { m.bound(at) })
                    .collect();
                finding.spread(moments(&best).1).theory(moments(&bound).0)
            }
            Ok(_) => Finding::missing(finding.key, finding.text, NO_GENERAL),
            Err(_) => finding,
        }
    };
    [objective(true), objective(false)]
}

fn gain_text(policy: PolicyKind, bytes: bool) -> (String, String) {
    let (key, what) = if bytes { ("bytes", "bytes read") } else { ("requests", "reads") };
    let text = format!(
        "share of the {what} that `{policy}` spares beyond the best general policy of each capacity, mean over the \
         capacities, negative where it loses"
    );
    (format!("gain-{policy}-{key}"), text)
}

/// What a lineage-aware policy gains over the best of the general ones, at each capacity.
pub(super) fn gain(measured: &Measured, row: &Row, bytes: bool) -> Vec<f64> {
    let value = |row: &Row, at: usize| if bytes { row.byte_ratio(at) } else { row.ratio(at) };
    best(measured, value).into_iter().enumerate().map(|(at, best)| best - value(row, at)).collect()
}

fn gains(side: &Side, policy: PolicyKind) -> [Finding; 2] {
    [true, false].map(|bytes| {
        let (key, text) = gain_text(policy, bytes);
        let of = |m: &Measured| {
            let row = m.grid.iter().find(|row| row.policy == policy)?;
            Some(gain(m, row, bytes))
        };
        let finding = of_side(side, &key, &text, "", |m| {
            let gains = of(m).unwrap_or_default();
            (Some(moments(&gains).0), gains.len() as u64)
        });
        match side.measured.as_ref().ok().and_then(of) {
            Some(gains) if finding.value.is_some() => finding.spread(moments(&gains).1),
            _ if finding.value.is_none() && side.measured.is_ok() => {
                Finding::missing(finding.key, finding.text, NO_GENERAL)
            }
            _ => finding,
        }
    })
}

fn no_gains(side: &Side, policy: PolicyKind, why: &str) -> [Finding; 2] {
    [true, false].map(|bytes| {
        let (key, text) = gain_text(policy, bytes);
        Finding::missing(format!("{key}-{}", side.name), format!("{text}: {}", whose(side)), why)
    })
}

/// A finding about the run, or why there is none.
fn of_run(
    results: &Results,
    key: impl Into<String>,
    text: impl Into<String>,
    unit: &str,
    otherwise: &str,
    value: impl Fn(&Run) -> (Option<f64>, u64),
) -> Finding {
    match results.run.as_ref().map(value) {
        Ok((Some(value), n)) => Finding::new(key, text, value, unit, n),
        Ok((None, _)) => Finding::missing(key, text, otherwise),
        Err(why) => Finding::missing(key, text, why.clone()),
    }
}

fn reuse(results: &Results) -> Vec<Finding> {
    let nothing = "nothing that was read had been read or written before";
    let mut findings = vec![
        of_run(
            results,
            "reuse-interval",
            "median time from a read to the use before it",
            "completions",
            nothing,
            |run| {
                let intervals = &run.reuse.intervals.completions;
                (quantile(intervals, 0.5).map(f64::from), intervals.len() as u64)
            },
        ),
        of_run(
            results,
            "never-read",
            "share of the bytes written that nobody ever read",
            "",
            "nothing was written",
            |run| {
                let share = run.reuse.never_read_bytes as f64 / run.reuse.written_bytes as f64;
                ((run.reuse.written > 0).then_some(share), run.reuse.written)
            },
        ),
        of_run(
            results,
            "last-read",
            "time from writing until the last read, beyond which only one in a hundred of the objects that were read \
             was read",
            "completions",
            nothing,
            |run| (quantile(&run.reuse.read_until, 0.99).map(f64::from), run.reuse.read_until.len() as u64),
        ),
    ];
    findings.push(of_run(
        results,
        "safe-age",
        "time from writing after which nothing was read any more: deletion by age alone loses nothing from there on",
        "completions",
        nothing,
        |run| (run.reuse.read_until.last().map(|&last| f64::from(last)), run.reuse.read_until.len() as u64),
    ));
    findings.extend(results.sides.iter().flat_map(|side| reuse_of_side(results, side)));
    findings
}

fn reuse_of_side(results: &Results, side: &Side) -> [Finding; 2] {
    let early = |m: &Measured| -> Option<(f64, u64)> {
        let row = m.grid.iter().find(|row| row.policy == PolicyKind::Lru)?;
        let stats: &Stats = row.cells.get(results.plan.watched)?;
        let again = stats.detail.as_ref()?.reuse_after_eviction.total();
        (stats.evictions > 0).then(|| (again as f64 / stats.evictions as f64, stats.evictions))
    };
    let distance = of_side(
        side,
        "reuse-distance",
        "median of the bytes of distinct objects used from a use to the next read",
        "bytes",
        |m| (quantile(&m.distances, 0.5).map(|(distance, _)| distance as f64), m.distances.len() as u64),
    );
    let text =
        "share of what LRU evicted that was asked for again, at the capacity in the middle of the grid";
    let again = of_side(side, "evicted-too-early", text, "", |m| {
        early(m).map_or((None, 0), |(share, n)| (Some(share), n))
    });
    let again = if again.value.is_none() && side.measured.is_ok() {
        let why = "LRU evicted nothing at this capacity, or the option `policies` does not name it";
        Finding::missing(again.key, again.text, why)
    } else {
        again
    };
    [distance, again]
}

fn retention(results: &Results) -> Vec<Finding> {
    let unknown = "the size of the population is not known; set the option `population`";
    let mut findings = Vec::new();
    for rule in [Retention::Population, Retention::Window, Retention::Reachable] {
        let word = rule.as_str();
        let of = |run: &Run| {
            run.lives.rules.iter().find(|(other, _)| *other == rule).map(|(_, lives)| lives.clone())
        };
        findings.push(of_run(
            results,
            format!("lost-reads-{word}"),
            format!("share of the bytes read that retention `{word}` would have deleted before"),
            "",
            unknown,
            |run| {
                let share = of(run).map(|lives| lives.lost_bytes as f64 / run.lives.read_bytes as f64);
                (share, run.lives.reads)
            },
        ));
        findings.push(of_run(
            results,
            format!("safe-delay-{word}"),
            format!("time by which retention `{word}` must put off deletion to lose no read of this run"),
            "completions",
            unknown,
            |run| {
                (of(run).map(|lives| f64::from(lives.late.last().map_or(0, |&late| late))), run.lives.reads)
            },
        ));
    }
    findings.push(of_run(
        results,
        "peak-live-bytes",
        "most bytes at one moment that a member holds or a child in flight was promised",
        "bytes",
        unknown,
        |run| {
            let rule = run.lives.rules.iter().find(|(rule, _)| *rule == Retention::Reachable);
            (rule.map(|(_, lives)| lives.peak_bytes as f64), run.reuse.written)
        },
    ));
    findings
}

fn basis(results: &Results) -> Vec<Finding> {
    let mut findings = vec![
        of_run(results, "footprint", FOOTPRINT, "bytes", "", |run| {
            (Some(results.footprint as f64), run.reuse.written)
        }),
        of_run(
            results,
            "unrecorded-reads",
            "share of the bytes read that were read by candidates whose layers are not in the trace, such as those that \
             failed: not in the stream",
            "",
            "",
            |run| {
                let (n, bytes) = run.unrecorded;
                (Some(bytes as f64 / (bytes as f64 + run.lives.read_bytes as f64)), n)
            },
        ),
        of_run(
            results,
            "odd-rows",
            "rows of the tables that contradict others, and were left out or corrected",
            "rows",
            "",
            |run| (Some(run.oddities as f64), run.rows as u64),
        ),
    ];
    if results.run.as_ref().is_ok_and(|run| !run.has_times) {
        let text =
            "candidates have no start or no finish in the trace: each reads and writes when its row comes";
        findings.push(Finding::new("without-times", text, 1.0, "", 1));
    }
    findings
}
