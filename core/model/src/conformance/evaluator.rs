//! What is demanded of an evaluator.

use super::ledger::Ledger;
use super::spaces::sample;
use super::{Make, Rule, Verdicts, attempt, chain, fault_kind, is_panic, seed};
use crate::candidate::Status;
use crate::component::{Context, Evaluator, EvaluatorSpec, Outcome, Request, SearchSpace};
use crate::fault::FaultKind;
use crate::rng::Rng;
use crate::space::{Choice, ModelSize};
use anyhow::{Result, ensure};

const CREATED: Rule =
    Rule::new("created", "it can be made with these options, twice, in the space of a study");
const SENSE: Rule = Rule::new(
    "the description makes sense",
    "it says what a score is; the best known score is a number, and nearness to it not negative",
);
const CONSTANT: Rule =
    Rule::new("the description is constant", "two instances, and one before and after use, say the same");
const PANICS: Rule = Rule::new("does not panic", "an error is one failed candidate, a panic ends the run");
const OUTCOME: Rule = Rule::new(
    "outcomes make sense",
    "status ok comes with a finite score; training takes less than 292,000 years, which a trace can hold",
);
const SOME: Rule =
    Rule::new("evaluates something", "not all vectors of the space fail; else a run ends after 100");
const SAME: Rule = Rule::new(
    "same request, same outcome",
    "the outcome follows from request and generator alone, in any order and instance; unless it says that it is not \
     deterministic",
);
const ORACLE: Rule = Rule::new(
    "reference and metrics",
    "asked for the noiseless score or for everything it holds, it answers, with finite numbers, and the same again",
);
const BAD: Rule =
    Rule::new("bad vectors are no panic", "too short, too long, out of range: anything but a panic");

pub(super) const RULES: &[Rule] = &[CREATED, SENSE, CONSTANT, PANICS, OUTCOME, SOME, SAME, ORACLE, BAD];

/// Vectors that are evaluated in a space.
const ROUNDS: u64 = 200;

/// Checks an evaluator in a space. One that only knows another space will break the rule `created`, with its own words.
pub fn evaluator(make: Make<'_, dyn Evaluator>, space: &dyn SearchSpace) -> Verdicts {
    let mut ledger = Ledger::new(RULES);
    let spec = space.spec();
    let context = Context::for_space(spec.clone());
    let at = || format!("in `{}`", spec.name);
    let first = ledger.call(CREATED, at, || make(&context));
    let second = ledger.call(CREATED, at, || make(&context));
    if let (Some(evaluator), Some(twin)) = (first, second) {
        check(&mut ledger, evaluator.as_ref(), twin.as_ref(), space);
    }
    ledger.into_verdicts()
}

fn check(ledger: &mut Ledger, evaluator: &dyn Evaluator, twin: &dyn Evaluator, space: &dyn SearchSpace) {
    let before = evaluator.spec();
    ledger.result(SENSE, || "its description".into(), sense(&before));
    ledger.case(CONSTANT, before == twin.spec(), || "two instances describe themselves differently".into());
    if !before.deterministic {
        ledger.skip(SAME, "it says that it is not deterministic");
    }
    let kind = if before.synthetic { "made up by a formula (synthetic)" } else { "real" };
    ledger.note(match before.sources.len() {
        0 if !before.synthetic => {
            format!("scores are said to be {kind}, and no source of data is named; a trace will not say where they are from")
        }
        _ => format!("scores are said to be {kind}"),
    });
    rounds(ledger, evaluator, twin, space, before.deterministic);
    bad(ledger, evaluator, space);
    ledger.case(CONSTANT, before == evaluator.spec(), || "it describes itself differently after use".into());
}

fn sense(spec: &EvaluatorSpec) -> Result<()> {
    ensure!(!spec.score.trim().is_empty(), "it does not say what the score is");
    if let Some(best) = spec.best_known {
        ensure!(best.is_finite(), "the best known score is {best}");
    }
    if let Some(near) = spec.near {
        ensure!(near.is_finite() && near >= 0.0, "{near} cannot be the distance that counts as near");
    }
    Ok(())
}

/// A request and its outcome.
struct Asked {
    round: u64,
    choices: Vec<Choice>,
    size: ModelSize,
    seed: u64,
    outcome: Option<Outcome>,
}

/// What came of the vectors.
#[derive(Default)]
struct Tally {
    ok: u64,
    free: u64,
    first_failure: Option<String>,
    shortest: u64,
    longest: u64,
}

fn rounds(
    ledger: &mut Ledger,
    evaluator: &dyn Evaluator,
    twin: &dyn Evaluator,
    space: &dyn SearchSpace,
    deterministic: bool,
) {
    let mut tally = Tally { shortest: u64::MAX, ..Tally::default() };
    let mut earlier: Option<Asked> = None;
    let level = space.spec().levels.first().cloned().unwrap_or_default();
    for round in 0..ROUNDS {
        let seed = seed(1, round);
        // A space that does not sample or build has its own check.
        let Ok(choices) = attempt(|| sample(space, &mut Rng::from_seed(seed))) else { continue };
        let Ok(size) = attempt(|| space.size(&choices, &level)) else { continue };
        let at = || format!("vector {choices:?}, seed {seed}");
        let ask = |evaluator: &dyn Evaluator| evaluate(evaluator, round, &choices, size, seed);
        let outcome = judge(ledger, &mut tally, ask(evaluator), &at);
        if deterministic {
            let others = [ask(evaluator).ok(), ask(twin).ok()];
            ledger.case(SAME, others.iter().all(|other| same(*other, outcome)), || {
                format!(
                    "{}: {outcome:?}, then {:?}, and {:?} of another instance",
                    at(),
                    others[0],
                    others[1]
                )
            });
            // An earlier request once more: whoever keeps a state answers otherwise.
            if let Some(Asked { round, choices, size, seed, outcome }) = &earlier {
                let again = evaluate(evaluator, *round, choices, *size, *seed).ok();
                ledger.case(SAME, same(again, *outcome), || {
                    format!("vector {choices:?}, seed {seed}: {outcome:?} at first, {again:?} after others")
                });
            }
            if round % 16 == 0 {
                let choices = choices.clone();
                earlier = Some(Asked { round, choices, size, seed, outcome });
            }
        }
        oracle(ledger, evaluator, &choices);
    }
    ledger.case(SOME, tally.ok > 0, || {
        let first = tally.first_failure.as_deref().unwrap_or("its space cannot be sampled");
        format!("none of {ROUNDS} vectors; the first time: {first}")
    });
    if tally.ok > 0 {
        ledger.note(format!(
            "{} of {ROUNDS} sampled vectors end well; training takes {} to {} us",
            tally.ok, tally.shortest, tally.longest
        ));
    }
    if tally.free > 0 {
        ledger.note(format!(
            "{} of {ROUNDS} train in no time; virtual time stands still unless something else costs time",
            tally.free
        ));
    }
}

fn evaluate(
    evaluator: &dyn Evaluator,
    candidate: u64,
    choices: &[Choice],
    size: ModelSize,
    seed: u64,
) -> Result<Outcome> {
    // Every other candidate has inherited half of its layers.
    let prefix = if candidate % 2 == 1 {
        ModelSize { layers: size.layers / 2, parameters: size.parameters / 2, bytes: size.bytes / 2 }
    } else {
        ModelSize::default()
    };
    let request = Request { candidate, choices, size, prefix };
    attempt(|| evaluator.evaluate(&request, &mut Rng::from_seed(seed)))
}

/// Whether two outcomes are the same, bit by bit where there is a score.
fn same(a: Option<Outcome>, b: Option<Outcome>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            let scored = a.status == Status::Ok;
            (a.status, a.train_us) == (b.status, b.train_us)
                && (!scored || a.score.to_bits() == b.score.to_bits())
        }
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn judge(
    ledger: &mut Ledger,
    tally: &mut Tally,
    result: Result<Outcome>,
    at: &dyn Fn() -> String,
) -> Option<Outcome> {
    match result {
        Ok(outcome) => {
            ledger.case(PANICS, true, String::new);
            let finite = outcome.status != Status::Ok || outcome.score.is_finite();
            ledger.case(OUTCOME, finite && i64::try_from(outcome.train_us).is_ok(), || {
                format!("{}: {outcome:?}", at())
            });
            if outcome.status == Status::Ok {
                tally.ok += 1;
                tally.free += u64::from(outcome.train_us == 0);
                tally.shortest = tally.shortest.min(outcome.train_us);
                tally.longest = tally.longest.max(outcome.train_us);
            } else {
                tally.first_failure.get_or_insert_with(|| format!("status {}", outcome.status.as_str()));
            }
            Some(outcome)
        }
        Err(error) => {
            let kind = fault_kind(&error);
            let text = || format!("{}: {}", at(), chain(&error));
            ledger.case(PANICS, kind != FaultKind::Panic, text);
            // What the host refuses to hand on, such as status ok and no number.
            ledger.case(OUTCOME, kind != FaultKind::Protocol, text);
            tally.first_failure.get_or_insert_with(|| chain(&error));
            None
        }
    }
}

fn oracle(ledger: &mut Ledger, evaluator: &dyn Evaluator, choices: &[Choice]) {
    ledger.call(
        ORACLE,
        || format!("vector {choices:?}"),
        || {
            let scores = [evaluator.reference_score(choices)?, evaluator.reference_score(choices)?];
            ensure!(scores[0] == scores[1], "reference scores {scores:?}");
            ensure!(scores[0].is_none_or(f64::is_finite), "the reference score {scores:?}");
            let metrics = evaluator.metrics(choices)?;
            for metric in &metrics {
                ensure!(
                    metric.value.is_none_or(f64::is_finite),
                    "metric `{}` is {:?}",
                    metric.name,
                    metric.value
                );
            }
            ensure!(metrics == evaluator.metrics(choices)?, "other metrics the second time");
            Ok(())
        },
    );
}

fn bad(ledger: &mut Ledger, evaluator: &dyn Evaluator, space: &dyn SearchSpace) {
    let decisions = space.spec().decisions.len();
    let mut out_of_range = vec![0; decisions];
    out_of_range[decisions - 1] = Choice::MAX;
    let mut accepted = Vec::new();
    for choices in [
        Vec::new(),
        vec![0; decisions - 1],
        vec![0; decisions + 1],
        vec![Choice::MAX; decisions],
        out_of_range,
    ] {
        if space.spec().check_ranges(&choices).is_ok() {
            continue;
        }
        let outcome = evaluate(evaluator, 0, &choices, ModelSize::default(), 1);
        if outcome.as_ref().is_ok_and(|outcome| outcome.status == Status::Ok) {
            accepted.push(format!("{choices:?}"));
        }
        let calls = [
            ("evaluate", outcome.map(|_| ())),
            ("reference_score", attempt(|| evaluator.reference_score(&choices).map(|_| ()))),
            ("metrics", attempt(|| evaluator.metrics(&choices).map(|_| ()))),
        ];
        for (call, result) in calls {
            ledger.case(BAD, result.as_ref().err().is_none_or(|error| !is_panic(error)), || {
                let text = result.as_ref().err().map(chain).unwrap_or_default();
                format!("`{call}` of the vector {choices:?}: {text}")
            });
        }
    }
    if !accepted.is_empty() {
        ledger.note(format!("it scores vectors that are not of the space: {}", accepted.join(", ")));
    }
}
