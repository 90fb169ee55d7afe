//! Evaluators that do as they must, and mutants.

use crate::{Mutant, assert_caught, assert_held};
use anyhow::{Result, bail, ensure};
use lamarck_model::conformance::{self, PlainSpace, Verdicts};
use lamarck_model::{
    Choice, Evaluator, EvaluatorSpec, Fault, FaultKind, Metric, Outcome, Request, Rng, Status,
};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, PartialEq)]
enum Odd {
    Nothing,
    NoisyAndSaysSo,
    SaysNothing,
    NamesItselfByInstance,
    Panics,
    NotANumber,
    EndlessTraining,
    FailsOnAll,
    HiddenState,
    HiddenInstance,
    EndlessReference,
    PanicsOutOfRange,
    Protocol,
}

/// The sum of choices, with noise; some have no value.
struct Sum {
    odd: Odd,
    instance: u64,
    calls: AtomicU64,
    decisions: usize,
}

impl Evaluator for Sum {
    fn spec(&self) -> EvaluatorSpec {
        EvaluatorSpec {
            score: match self.odd {
                Odd::SaysNothing => String::new(),
                Odd::NamesItselfByInstance => format!("sum {}", self.instance),
                _ => "synthetic sum".into(),
            },
            unit: String::new(),
            best_known: None,
            near: Some(0.5),
            synthetic: true,
            deterministic: self.odd != Odd::NoisyAndSaysSo,
            sources: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        let drawn = rng.uniform();
        if self.odd == Odd::PanicsOutOfRange {
            assert!(request.choices.len() == self.decisions, "of another space");
        }
        ensure!(request.choices.len() == self.decisions, "of another space");
        let sum: f64 = request.choices.iter().map(|&choice| f64::from(choice)).sum();
        let mut outcome =
            Outcome { status: Status::Ok, score: sum + drawn, train_us: request.size.parameters };
        if request.choices.iter().map(|&choice| u64::from(choice)).sum::<u64>() % 7 == 6 {
            outcome = Outcome { status: Status::Missing, score: f64::NAN, train_us: 0 };
        }
        match self.odd {
            Odd::Panics if drawn < 0.1 => panic!("a rare accident"),
            Odd::NotANumber if drawn < 0.1 => outcome.score = f64::INFINITY,
            Odd::EndlessTraining if drawn < 0.1 => outcome.train_us = u64::MAX,
            Odd::Protocol if drawn < 0.1 => return Err(Fault::new(FaultKind::Protocol, "no status").into()),
            Odd::FailsOnAll => bail!("no data for any of them"),
            Odd::HiddenState | Odd::NoisyAndSaysSo => outcome.score += calls as f64,
            Odd::HiddenInstance => outcome.train_us += self.instance,
            _ => {}
        }
        if matches!(self.odd, Odd::NotANumber) && drawn < 0.1 {
            outcome.status = Status::Ok;
        }
        Ok(outcome)
    }

    fn reference_score(&self, choices: &[Choice]) -> Result<Option<f64>> {
        let sum = choices.iter().map(|&choice| f64::from(choice)).sum();
        Ok(Some(if self.odd == Odd::EndlessReference { f64::INFINITY } else { sum }))
    }

    fn metrics(&self, _: &[Choice]) -> Result<Vec<Metric>> {
        Ok(vec![Metric { name: "a gap".into(), value: None, unit: "s".into() }])
    }
}

fn check(options: &[usize], odd: Odd) -> Verdicts {
    let instances = AtomicU64::new(0);
    let decisions = options.len();
    conformance::evaluator(
        &|_| {
            let instance = instances.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Sum { odd, instance, calls: AtomicU64::new(0), decisions }))
        },
        &PlainSpace::of(options),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn evaluators_that_do_as_they_must_are_never_refused(options in prop::collection::vec(2_usize..9, 1..9)) {
        for odd in [Odd::Nothing, Odd::NoisyAndSaysSo] {
            let verdicts = check(&options, odd);
            prop_assert!(verdicts.first_broken().is_none(), "{:?}", verdicts.first_broken());
        }
    }
}

#[test]
fn each_rule_has_a_mutant_that_is_caught() {
    let space = [5; 5];
    let refuses = conformance::evaluator(&|_| bail!("not today"), &PlainSpace::of(&space));
    let mutants = [
        Mutant::new("refuses", "created", refuses),
        Mutant::new("says nothing", "the description makes sense", check(&space, Odd::SaysNothing)),
        Mutant::new("another name", "the description is constant", check(&space, Odd::NamesItselfByInstance)),
        Mutant::new("panics", "does not panic", check(&space, Odd::Panics)),
        Mutant::new("infinite", "outcomes make sense", check(&space, Odd::NotANumber)),
        Mutant::new("endless", "outcomes make sense", check(&space, Odd::EndlessTraining)),
        Mutant::new("refused by the host", "outcomes make sense", check(&space, Odd::Protocol)),
        Mutant::new("fails on all", "evaluates something", check(&space, Odd::FailsOnAll)),
        Mutant::new("hidden state", "same request, same outcome", check(&space, Odd::HiddenState)),
        Mutant::new("hidden instance", "same request, same outcome", check(&space, Odd::HiddenInstance)),
        Mutant::new("endless reference", "reference and metrics", check(&space, Odd::EndlessReference)),
        Mutant::new("panics out of range", "bad vectors are no panic", check(&space, Odd::PanicsOutOfRange)),
    ];
    assert_caught(&mutants, &[]);
}

#[test]
fn what_is_allowed_is_told() {
    let verdicts = check(&[5; 5], Odd::NoisyAndSaysSo);
    assert_held("noisy", &verdicts);
    let same = verdicts.get("same request, same outcome").unwrap();
    assert_eq!(
        same.ruling,
        conformance::Ruling::NotApplicable("it says that it is not deterministic".into())
    );
    assert!(verdicts.notes.iter().any(|note| note.contains("(synthetic)")), "{:?}", verdicts.notes);
}
