//! `lamarck run --dry-run`: what a study would do.

mod estimate;

use super::run::now;
use crate::args::RunArgs;
use crate::commit::commit;
use crate::exit::Exit;
use crate::output::{Out, bytes, duration, grouped, table};
use anyhow::Result;
use estimate::{Estimate, forecasts};
use lamarck_runtime::host::Registry;
use lamarck_runtime::pipeline::{Change, Found, Plan, PlannedPoint};
use lamarck_runtime::study::{Study, toml_inline};
use serde_json::{Value, json};
use std::path::Path;
use std::thread;

/// So many points are printed; `--json` has all.
const SHOWN: usize = 40;

/// Prints what the study would do; runs nothing but pilots, and writes nothing.
pub(super) fn run(args: &RunArgs, study: &Study, registry: &Registry, out: Option<&Path>) -> Result<Exit> {
    let begun = now();
    let plan = Plan::new(study, registry, commit())?;
    // What a run does before its first candidate was just done: loading plugins, making components.
    let setup_s = begun.elapsed().as_secs_f64();
    let found = out.map(|out| plan.found(out)).transpose()?;
    let forecasts = if args.no_pilot { None } else { Some(forecasts(&plan)?) };
    let jobs = args.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    let estimate = match forecasts {
        Some(forecasts) => Some(Estimate::new(&plan, forecasts, jobs, setup_s, out.is_some())?),
        None => None,
    };
    let shown = Shown { args, plan: &plan, estimate: estimate.as_ref(), out, found: found.as_ref() };
    let mut printed = Out::new();
    if args.json {
        printed.json(&shown.json())?;
    } else {
        shown.print(&mut printed)?;
    }
    printed.finish()?;
    Ok(Exit::Done)
}

struct Shown<'a> {
    args: &'a RunArgs,
    plan: &'a Plan<'a>,
    estimate: Option<&'a Estimate>,
    out: Option<&'a Path>,
    found: Option<&'a Found>,
}

impl Shown<'_> {
    fn runs(&self) -> u64 {
        self.plan.points().map(|planned| u64::from(planned.point.settings.study.replicates)).sum()
    }

    /// Candidates of all runs, if every budget names them and nothing else ends a run.
    fn candidates(&self) -> Option<u64> {
        self.plan.points().try_fold(0_u64, |sum, planned| {
            let settings = &planned.point.settings;
            let budget = settings.budget.candidates.filter(|_| settings.budget.virtual_hours.is_none())?;
            sum.checked_add(budget.checked_mul(u64::from(settings.study.replicates))?)
        })
    }

    /// A budget in words.
    fn budget(planned: &PlannedPoint<'_>) -> String {
        let budget = &planned.point.settings.budget;
        let candidates = budget.candidates.map(|candidates| grouped(candidates.into()));
        let hours = budget.virtual_hours.map(|hours| format!("{hours} h"));
        match (candidates, hours) {
            (Some(candidates), Some(hours)) => format!("{candidates} or {hours}"),
            (candidates, hours) => candidates.or(hours).unwrap_or_default(),
        }
    }

    /// Settings that all points share.
    fn common(&self) -> Vec<&Change> {
        let mut points = self.plan.points();
        let Some(first) = points.next() else { return Vec::new() };
        let rest: Vec<PlannedPoint<'_>> = points.collect();
        first
            .changes
            .iter()
            .filter(|change| rest.iter().all(|point| point.changes.contains(change)))
            .collect()
    }

    fn print(&self, out: &mut Out) -> Result<()> {
        let plan = self.plan;
        let points = plan.points().len();
        let runs = self.runs();
        let replicates = plan.points().next().map_or(0, |planned| planned.point.settings.study.replicates);
        let plural = |number: u64, noun: &str| {
            let s = if number == 1 { "" } else { "s" };
            format!("{} {noun}{s}", grouped(number.into()))
        };
        let all = match (self.candidates(), self.estimate) {
            (Some(all), _) => format!(", {} candidates", grouped(all.into())),
            (None, Some(estimate)) => format!(", some {} candidates", count(estimate.candidates)),
            (None, None) => String::new(),
        };
        out.line(format!(
            "{}: {} x {} = {}{all}",
            plan.study().name(),
            plural(points as u64, "point"),
            plural(replicates.into(), "replicate"),
            plural(runs, "run"),
        ))?;
        out.line("")?;
        let common = self.common();
        for line in by_table(&common) {
            out.line(format!("  {line}"))?;
        }
        self.print_differences(out, &common)?;
        self.print_points(out)?;
        if let Some(estimate) = self.estimate {
            let s = if estimate.jobs == 1 { "" } else { "s" };
            out.line(format!(
                "\nreal time: about {} with {} job{s}",
                seconds(estimate.real_s),
                estimate.jobs
            ))?;
            if self.out.is_some() {
                out.line(format!(
                    "on disk: about {} ({} of candidates, {} of layers), and the report",
                    size(estimate.trace_bytes()),
                    size(estimate.candidate_bytes),
                    size(estimate.layer_bytes)
                ))?;
            }
            out.line(estimate.method())?;
        } else {
            out.line("\nwithout a pilot nothing is known of times and bytes")?;
        }
        let mut told: Vec<String> = Vec::new();
        for note in
            (0..points).filter_map(|point| plan.evaluator(point)).flat_map(|evaluator| evaluator.notes)
        {
            if !told.contains(&note) {
                out.line(format!("note: {note}"))?;
                told.push(note);
            }
        }
        self.print_folder(out)
    }

    /// What a case sets, say: each set of keys once, with the points that have it.
    fn print_differences(&self, out: &mut Out, common: &[&Change]) -> Result<()> {
        let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
        for planned in self.plan.points() {
            // What the label says already need not be said again.
            let label: Vec<&str> = planned.point.label.split(", ").collect();
            let own: Vec<&Change> = planned
                .changes
                .iter()
                .filter(|change| !common.contains(change))
                .filter(|change| !label.iter().any(|part| part.starts_with(&format!("{}=", change.dotted()))))
                .collect();
            let lines = by_table(&own);
            match groups.iter_mut().find(|(known, _)| *known == lines) {
                Some((_, points)) => points.push(planned.point.index),
                None => groups.push((lines, vec![planned.point.index])),
            }
        }
        for (lines, points) in groups.iter().filter(|(lines, _)| !lines.is_empty()).take(SHOWN) {
            out.line(format!("\n  at {}", ranges(points)))?;
            for line in lines {
                out.line(format!("    {line}"))?;
            }
        }
        Ok(())
    }

    fn print_points(&self, out: &mut Out) -> Result<()> {
        let mut header = vec!["point", "what differs", "candidates a run"];
        if self.estimate.is_some() {
            header.extend(["virtual time", "real time", "analyzers"]);
            if self.out.is_some() {
                header.extend(["candidates on disk", "layers on disk"]);
            }
        }
        let right: Vec<usize> = (0..header.len()).filter(|column| *column != 1).collect();
        let mut rows = table(&header, &right);
        for (at, planned) in self.plan.points().enumerate().take(SHOWN) {
            let mut label = planned.point.label.clone();
            if let Some(leader) = planned.plays {
                label += &format!(" (plays the candidates of point {leader})");
            }
            let mut cells = vec![at.to_string(), label, Self::budget(&planned)];
            if let Some(estimate) = self.estimate {
                let run = &estimate.runs[at];
                if planned.point.settings.budget.candidates.is_none() {
                    cells[2] = format!("{}: some {}", cells[2], count(run.candidates));
                }
                cells.extend([microseconds(run.virtual_us), seconds(run.run_s), seconds(run.analyze_s)]);
                if self.out.is_some() {
                    cells.extend([size(run.candidate_bytes), size(run.layer_bytes)]);
                }
            }
            rows.add_row(cells);
        }
        out.line("")?;
        out.table(&rows)?;
        let more = self.plan.points().len().saturating_sub(SHOWN);
        if more > 0 {
            out.line(format!("and {more} more points, which --json lists"))?;
        }
        Ok(())
    }

    fn print_folder(&self, out: &mut Out) -> Result<()> {
        let (Some(folder), Some(found)) = (self.out, self.found) else {
            out.line("no trace would be written (trace.write = false)")?;
            return Ok(());
        };
        out.line(format!("trace: {} ({})", folder.display(), self.state(found)))?;
        Ok(())
    }

    /// What a run would do about what is in the folder.
    fn state(&self, found: &Found) -> String {
        let (resume, overwrite) = (self.args.resume, self.args.overwrite);
        match found {
            Found::Nothing if resume => {
                "nothing is there to be resumed, so that the run would stop".to_owned()
            }
            Found::Nothing => "new".to_owned(),
            Found::NoTrace => "something that is no trace is there: the run would stop".to_owned(),
            _ if overwrite => "a trace is there and would be replaced".to_owned(),
            Found::Other(what) if resume => format!("the trace that is there cannot be resumed: {what}"),
            Found::Other(what) => {
                format!("another trace is there, and the run would stop without --overwrite: {what}")
            }
            Found::Trace { complete, begun, candidates } => {
                let there = format!(
                    "{complete} of {} runs complete and {begun} begun, {} candidates recorded",
                    self.runs(),
                    grouped((*candidates).into())
                );
                let verb = if resume { "would be resumed" } else { "is there; go on with it with --resume" };
                format!("this study's trace {verb}: {there}")
            }
        }
    }

    fn json(&self) -> Value {
        let point = |(at, planned): (usize, PlannedPoint<'_>)| {
            let changes = planned.changes.iter().map(|change| (change.dotted(), change.value.clone()));
            let forecast = self.estimate.map(|estimate| (&estimate.forecasts[at], &estimate.runs[at]));
            json!({
                "point": at,
                "label": planned.point.label,
                "runs": planned.point.settings.study.replicates,
                "plays": planned.plays,
                "space": planned.space.name,
                "evaluator": self.plan.evaluator(at),
                "changes": changes.collect::<serde_json::Map<_, _>>(),
                "settings": planned.point.settings.to_json(),
                "run": forecast.map(|(_, run)| run),
                "pilot": forecast.map(|(forecast, _)| json!({
                    "candidates": forecast.pilot(),
                    "whole": forecast.is_whole(),
                })),
            })
        };
        let found = self.found.map(|found| match found {
            Found::Nothing => json!({ "state": "nothing" }),
            Found::NoTrace => json!({ "state": "no-trace" }),
            Found::Other(what) => json!({ "state": "other", "what": what }),
            Found::Trace { complete, begun, candidates } => {
                json!({ "state": "trace", "complete": complete, "begun": begun, "candidates": candidates })
            }
        });
        json!({
            "study": self.plan.study().name(),
            "runs": self.runs(),
            "candidates": self.candidates(),
            "points": self.plan.points().enumerate().map(point).collect::<Vec<_>>(),
            "estimate": self.estimate.map(|estimate| json!({
                "method": estimate.method(),
                "jobs": estimate.jobs,
                "real_seconds": estimate.real_s,
                "setup_seconds": estimate.setup_s,
                "candidates": estimate.candidates,
                "trace_bytes": estimate.trace_bytes(),
                "candidate_bytes": estimate.candidate_bytes,
                "layer_bytes": estimate.layer_bytes,
                "header_bytes": estimate.header_bytes,
            })),
            "trace": self.out,
            "found": found,
        })
    }
}

/// A line for each table of the study: `strategy  regularized-evolution: population = 50, sample = 5`.
fn by_table(changes: &[&Change]) -> Vec<String> {
    let mut tables: Vec<(&str, String, Vec<String>)> = Vec::new();
    for change in changes {
        if tables.last().is_none_or(|(table, ..)| *table != change.table) {
            tables.push((&change.table, String::new(), Vec::new()));
        }
        // One was pushed if there was none.
        let Some((_, plugin, keys)) = tables.last_mut() else { continue };
        match &change.value {
            Value::String(name) if change.key == "plugin" => plugin.clone_from(name),
            value => keys.push(format!("{} = {}", change.key, toml_inline(value))),
        }
    }
    let line = |(table, plugin, keys): (&str, String, Vec<String>)| {
        let colon = if plugin.is_empty() || keys.is_empty() { "" } else { ": " };
        format!("{table:12} {plugin}{colon}{}", keys.join(", "))
    };
    tables.into_iter().map(line).collect()
}

/// `points 0 to 5, 8`.
fn ranges(points: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for &point in points {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == point => *last = point,
            _ => parts.push((point, point)),
        }
    }
    let part = |(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    let noun = if points.len() == 1 { "point" } else { "points" };
    format!("{noun} {}", parts.iter().map(part).collect::<Vec<_>>().join(", "))
}

/// An estimate as a whole number; casts end at the type's own ends.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "estimates are not negative")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

fn count(number: f64) -> String {
    grouped(whole(number).into())
}

fn size(number: f64) -> String {
    bytes(whole(number))
}

fn seconds(number: f64) -> String {
    duration(whole(number * 1e6))
}

fn microseconds(number: f64) -> String {
    duration(whole(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_named_in_stretches() {
        assert_eq!(ranges(&[3]), "point 3");
        assert_eq!(ranges(&[0, 1, 2, 4, 6, 7]), "points 0 to 2, 4, 6 to 7");
    }
}
