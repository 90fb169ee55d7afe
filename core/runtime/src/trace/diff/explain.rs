//! The first event that differs, in words: what was done differently, and what kind of cause that points to.
//!
//! Up to that event both runs were in the same state. So a parent that one of them chose stood in the population of the
//! other as well, unless the populations have different sizes; what differed is the choice. A cause is what the event
//! shows, and the headers say whether something is known that would do it.

use super::event::{ColumnDifference, Event, EventKind};
use super::header::HeaderDifference;
use crate::trace::header::TraceHeader;
use lamarck_model::candidate::Status;
use lamarck_model::{CandidateId, CandidateRecord, Nullable, Origin, SpaceSpec};
use serde::Serialize;
use std::fmt;

/// The first event in which two runs differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// When, in microseconds of virtual time: the earlier of both times. `None` where no times are known.
    pub at_us: Option<u64>,
    /// The candidate.
    pub candidate: CandidateId,
    /// What happened to it.
    pub event: EventKind,
    /// What this points to.
    pub cause: Cause,
    /// What was different, as a sentence.
    pub text: String,
    /// The event's columns that differ.
    pub columns: Vec<ColumnDifference>,
    /// What differs in the headers and could be the cause: `strategy.sample`.
    pub headers: Vec<String>,
}

/// What kind of thing made two runs part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A draw came out differently: a random vector.
    RandomStream,
    /// The strategy asked for something else.
    Strategy,
    /// The strategy chose another parent.
    Selection,
    /// Another mutator, or the same one with another result.
    Mutation,
    /// Weights came from another model, or other layers of it.
    Donor,
    /// The space made another graph of the same vector.
    Space,
    /// Another worker, or another moment to start or to be asked for.
    Placement,
    /// Reading or storing weights took another time.
    Transfer,
    /// Training took another time.
    Duration,
    /// The same vector was given another score.
    Score,
    /// A candidate was lost, failed or had no value in one of them.
    Failure,
    /// One of them ended where the other went on.
    Budget,
    /// Nothing happened differently; one of them wrote more down.
    Recording,
}

impl Cause {
    /// For people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RandomStream => "a random stream",
            Self::Strategy => "what the strategy asks for",
            Self::Selection => "selection",
            Self::Mutation => "mutation",
            Self::Donor => "the choice of a donor or what is kept of it",
            Self::Space => "the search space",
            Self::Placement => "placement by scheduler and cluster",
            Self::Transfer => "the transfer of weights",
            Self::Duration => "the duration of training",
            Self::Score => "the score",
            Self::Failure => "a failure",
            Self::Budget => "the budget",
            Self::Recording => "what is recorded, not what happened",
        }
    }

    /// The beginnings of what may stand behind it in a header.
    const fn roots(self) -> &'static [&'static str] {
        match self {
            Self::RandomStream => &["seed", "study.seed", "space"],
            Self::Strategy => &["strategy", "cluster.workers", "scheduler.lookahead", "seed", "study.seed"],
            Self::Selection => &["strategy", "seed", "study.seed"],
            Self::Mutation => &["mutator", "seed", "study.seed", "space"],
            Self::Donor => &["transfer", "space"],
            Self::Space => &["space", "transfer.level"],
            Self::Placement => &["scheduler", "cluster"],
            Self::Transfer => &["transfer", "cluster", "scheduler"],
            Self::Duration => &["evaluator", "cluster", "seed", "study.seed"],
            Self::Score => &["evaluator", "seed", "study.seed"],
            Self::Failure => &["cluster", "evaluator", "seed", "study.seed"],
            Self::Budget => &["budget"],
            Self::Recording => &["trace", "transfer", "cluster"],
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of both runs.
pub(super) struct Known<'a> {
    pub(super) a: (&'a TraceHeader, u32),
    pub(super) b: (&'a TraceHeader, u32),
    pub(super) header: &'a [HeaderDifference],
}

/// Explains the first event that differs.
pub(super) fn explain(event: Event, known: &Known<'_>) -> Divergence {
    let (cause, text) = match (&event.a, &event.b) {
        (Some(_), Some(_)) if event.only_recorded => {
            let columns: Vec<&str> = event.columns.iter().map(|difference| difference.column).collect();
            let text = format!("of candidate {}, only one has {}", event.candidate, columns.join(", "));
            (Cause::Recording, text)
        }
        (Some(a), Some(b)) => match event.kind {
            EventKind::Submitted => submitted(&event, a, b, known),
            EventKind::Started => started(&event, a, b),
            EventKind::Finished => finished(&event, a, b),
        },
        (Some(_), None) => (Cause::Budget, only(&event, "first", "second")),
        _ => (Cause::Budget, only(&event, "second", "first")),
    };
    let headers = known.header.iter().filter(|difference| concerns(difference, cause, known.a.1));
    let headers = headers.map(|difference| difference.field.clone()).collect();
    let Event { at_us, kind, candidate, columns, .. } = event;
    Divergence { at_us, candidate, event: kind, cause, text, columns, headers }
}

/// Whether a difference of the headers could be behind a cause, at a point of the first trace.
fn concerns(difference: &HeaderDifference, cause: Cause, point: u32) -> bool {
    use super::Aspect;
    let here = difference.points.is_empty() || difference.points.contains(&point);
    let named = match difference.aspect {
        Aspect::Lamarck | Aspect::Commit => true,
        Aspect::Data => matches!(cause, Cause::Score | Cause::Duration | Cause::Failure),
        // `search-space nas-bench-201` is a plugin, `space.plugin` a key.
        _ => {
            cause.roots().iter().any(|root| difference.field.trim_start_matches("search-").starts_with(root))
        }
    };
    here && named
}

fn only(event: &Event, has: &str, ends: &str) -> String {
    format!(
        "the {has} trace goes on with candidate {}, and the {ends} has no such candidate",
        event.candidate
    )
}

fn submitted(event: &Event, a: &CandidateRecord, b: &CandidateRecord, known: &Known<'_>) -> (Cause, String) {
    let id = event.candidate;
    let (from_a, from_b) = (origin(a, known.a), origin(b, known.b));
    if event.has(&["origin"]) {
        return (Cause::Strategy, format!("candidate {id} was {from_a} in one and {from_b} in the other"));
    }
    if event.has(&["parent", "parent_b"]) {
        let (of_a, of_b) = (parents(a), parents(b));
        let mut text = match a.origin() {
            Some(Origin::Mutation) => {
                format!("candidate {id} was mutated from {of_a} in one and from {of_b} in the other; ")
            }
            _ => format!("candidate {id} was {from_a} in one and {from_b} in the other; "),
        };
        text += &populations(known);
        text += ", so selection differed";
        if let Some((rank_a, rank_b)) = event.values("parent_rank") {
            text += &format!(": rank {rank_a} against {rank_b}");
        }
        return (Cause::Selection, text);
    }
    if event.has(&["mutator"]) {
        let named = |record: &CandidateRecord, side| mutator(record, side);
        let (with_a, with_b) = (named(a, known.a), named(b, known.b));
        let parent = parents(a);
        return (
            Cause::Mutation,
            format!(
                "candidate {id} was mutated from {parent} in both, by {with_a} in one and by {with_b} in the other"
            ),
        );
    }
    if event.has(&["choices", "changed", "changed_decision", "changed_from", "changed_to"]) {
        let (is_a, is_b) = (change(a, known.a), change(b, known.b));
        return match a.origin() {
            Some(Origin::Mutation | Origin::Recombination) => (
                Cause::Mutation,
                format!("candidate {id} was {from_a} in both, with {is_a} in one and {is_b} in the other"),
            ),
            Some(Origin::Exact) => (
                Cause::Strategy,
                format!("candidate {id} was named by the strategy as {is_a} in one and {is_b} in the other"),
            ),
            _ => (
                Cause::RandomStream,
                format!("candidate {id} was {from_a} in both, as {is_a} in one and {is_b} in the other"),
            ),
        };
    }
    let values = |columns: &[&'static str]| {
        let of = |column: &&'static str| {
            let (a, b) = event.values(column)?;
            Some(format!("{} {a} against {b}", column.replace('_', " ")))
        };
        columns.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    };
    if event.has(&["parent_rank", "parent_age"]) {
        let what = values(&["parent_rank", "parent_age"]);
        let text = format!("candidate {id} was {from_a} in both, but the parent stood elsewhere: {what}");
        return (Cause::Selection, text);
    }
    if let Some((in_a, in_b)) = event.values("donor") {
        let of =
            |donor: &str| if donor == "null" { "nobody".to_owned() } else { format!("candidate {donor}") };
        let (in_a, in_b) = (of(in_a), of(in_b));
        let text = format!(
            "candidate {id} was to take weights over from {in_a} in one and from {in_b} in the other"
        );
        return (Cause::Donor, text);
    }
    if event.has(&["layers", "parameters", "bytes"]) {
        let what = values(&["layers", "parameters", "bytes"]);
        return (
            Cause::Space,
            format!("candidate {id} has the same vector in both, and another graph: {what}"),
        );
    }
    let (in_a, in_b) = (instant(a.submitted_us), instant(b.submitted_us));
    (Cause::Placement, format!("candidate {id} was asked for at {in_a} in one and at {in_b} in the other"))
}

fn started(event: &Event, a: &CandidateRecord, b: &CandidateRecord) -> (Cause, String) {
    let id = event.candidate;
    let lost =
        |record: &CandidateRecord| record.attempts.known().map_or(0, |attempts| attempts.saturating_sub(1));
    if lost(a) != lost(b) || (event.has(&["lost_us"]) && lost(a) + lost(b) > 0) {
        let (in_a, in_b) = (lost(a), lost(b));
        let text = format!("of candidate {id}, {in_a} attempts were lost in one and {in_b} in the other");
        return (Cause::Failure, text);
    }
    if event.has(&["started_us", "worker", "node"]) {
        let of = |record: &CandidateRecord| match record.worker.known() {
            Some(worker) => format!("at {} by worker {worker}", instant(record.started_us)),
            None => format!("at {}", instant(record.started_us)),
        };
        let text = format!("candidate {id} was taken {} in one and {} in the other", of(a), of(b));
        return (Cause::Placement, text);
    }
    let pairs: Vec<String> = event
        .columns
        .iter()
        .map(|ColumnDifference { column, a, b }| format!("{} {a} against {b}", column.replace('_', " ")))
        .collect();
    let what = pairs.join(", ");
    if event.has(&["transfer_us", "cached_bytes"]) {
        return (Cause::Transfer, format!("candidate {id} read its weights differently: {what}"));
    }
    (Cause::Donor, format!("candidate {id} has the same donor in both, and took other layers over: {what}"))
}

fn finished(event: &Event, a: &CandidateRecord, b: &CandidateRecord) -> (Cause, String) {
    let id = event.candidate;
    if let Some((in_a, in_b)) = event.values("status") {
        let bad = |record: &CandidateRecord| record.status() != Some(Status::Ok);
        let cut = |record: &CandidateRecord| record.status() == Some(Status::Interrupted);
        let cause = match (bad(a) || bad(b), cut(a) || cut(b)) {
            (_, true) => Cause::Budget,
            (true, false) => Cause::Failure,
            (false, false) => Cause::Score,
        };
        return (cause, format!("candidate {id} ended as {in_a} in one and as {in_b} in the other"));
    }
    if let Some((in_a, in_b)) = event.values("score") {
        let mut text =
            format!("candidate {id}, the same vector in both, scored {in_a} in one and {in_b} in the other");
        if event.has(&["train_us"]) {
            let (of_a, of_b) = (instant(a.train_us), instant(b.train_us));
            text += &format!(", after training of {of_a} and {of_b}");
        }
        return (Cause::Score, text);
    }
    if event.has(&["train_us"]) {
        let (in_a, in_b) = (instant(a.train_us), instant(b.train_us));
        let text = format!(
            "candidate {id}, the same vector in both, trained for {in_a} in one and {in_b} in the other"
        );
        return (Cause::Duration, text);
    }
    let (in_a, in_b) = (instant(a.finished_us), instant(b.finished_us));
    if event.has(&["store_us", "stored_bytes"]) {
        let text = format!(
            "candidate {id} stored its weights differently, and finished at {in_a} in one and {in_b} in the other"
        );
        return (Cause::Transfer, text);
    }
    (Cause::Placement, format!("candidate {id} finished at {in_a} in one and at {in_b} in the other"))
}

/// `mutated from 388`.
fn origin(record: &CandidateRecord, side: (&TraceHeader, u32)) -> String {
    match record.origin() {
        Some(Origin::Sample) => "drawn at random".to_owned(),
        Some(Origin::Mutation) => format!("mutated from {}", parents(record)),
        Some(Origin::Recombination) => format!("combined of {}", parents(record)),
        Some(Origin::Exact) => format!("named by the strategy as {}", change(record, side)),
        Some(Origin::Import) => "read from a log".to_owned(),
        None => "of an origin that is not known".to_owned(),
    }
}

fn parents(record: &CandidateRecord) -> String {
    let known =
        |id: CandidateId| id.known().map_or_else(|| "an unknown parent".to_owned(), |id| id.to_string());
    match record.parent_b.known() {
        Some(second) => format!("{} and {second}", known(record.parent)),
        None => known(record.parent),
    }
}

fn mutator(record: &CandidateRecord, (header, point): (&TraceHeader, u32)) -> String {
    let Some(number) = record.mutator.known() else { return "no mutator that is known".to_owned() };
    let named = header
        .points
        .get(point as usize)
        .and_then(|point| point.study.get("mutators")?.get(usize::from(number))?.get("plugin")?.as_str());
    named.map_or_else(|| format!("mutator {number}"), |name| format!("mutator {number} (`{name}`)"))
}

/// What was changed of the parent, or the whole vector.
fn change(record: &CandidateRecord, (header, point): (&TraceHeader, u32)) -> String {
    let vector = || {
        let choices: Vec<String> = record.choices.iter().map(ToString::to_string).collect();
        format!("[{}]", choices.join(", "))
    };
    let space: Option<&SpaceSpec> = header.space(point);
    let changed = || {
        let (at, from, to) =
            (record.changed_decision.known()?, record.changed_from.known()?, record.changed_to.known()?);
        let decision = space.and_then(|space| space.decisions.get(usize::from(at)));
        let option = |choice: u16| {
            let named = decision.and_then(|decision| decision.options.get(usize::from(choice)));
            named.map_or_else(|| choice.to_string(), ToString::to_string)
        };
        let name = decision.map_or_else(|| format!("decision {at}"), |decision| decision.name.clone());
        Some(format!("{name} from {} to {}", option(from), option(to)))
    };
    changed().unwrap_or_else(vector)
}

/// Whether a parent of one run could have been chosen in the other.
fn populations(known: &Known<'_>) -> String {
    let strategy = |(header, point): (&TraceHeader, u32), key: &str| {
        let study = &header.points.get(point as usize)?.study;
        Some(study.get("strategy")?.get(key)?.clone())
    };
    let both = |key: &str| (strategy(known.a, key), strategy(known.b, key));
    if let (Some(a), Some(b)) = both("plugin")
        && a != b
    {
        return format!("the strategies are {a} and {b}");
    }
    match both("population") {
        (Some(a), Some(b)) if a != b => format!("the populations hold {a} and {b}"),
        (Some(_), Some(_)) => "both parents were in both populations".to_owned(),
        _ => "both parents had finished in both".to_owned(),
    }
}

/// Microseconds as seconds, to the last digit: `5312.4 s`.
pub(super) fn instant(us: u64) -> String {
    let Some(us) = us.known() else { return "an unknown time".to_owned() };
    let (whole, part) = (us / 1_000_000, us % 1_000_000);
    if part == 0 {
        return format!("{whole} s");
    }
    let part = format!("{part:06}");
    format!("{whole}.{} s", part.trim_end_matches('0'))
}
