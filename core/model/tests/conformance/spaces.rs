//! Search spaces that do as they must, and mutants.

use crate::{Mutant, assert_caught, assert_held};
use anyhow::{Result, bail, ensure};
use lamarck_model::conformance::{self, PlainSpace, Verdicts};
use lamarck_model::graph::Layer;
use lamarck_model::{Choice, Fault, FaultKind, LayerGraph, ModelSize, Rng, SearchSpace, SpaceSpec};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// A constrained space of five decisions with five options: neighbours differ by at most one.
pub(crate) struct Steps(PlainSpace, SpaceSpec);

impl Steps {
    pub(crate) fn new() -> Self {
        let plain = PlainSpace::of(&[5; 5]).named("steps");
        let spec = SpaceSpec { constrained: true, class: Some("the vector".into()), ..plain.spec().clone() };
        Self(plain, spec)
    }

    pub(crate) fn allows(choices: &[Choice]) -> bool {
        choices.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 1)
    }
}

impl SearchSpace for Steps {
    fn spec(&self) -> &SpaceSpec {
        &self.1
    }

    fn check(&self, choices: &[Choice]) -> Result<()> {
        self.1.check_ranges(choices)?;
        ensure!(Self::allows(choices), "{choices:?} has a step of more than one");
        Ok(())
    }

    fn sample(&self, choices: &mut [Choice], rng: &mut Rng) -> Result<()> {
        choices[0] = Choice::try_from(rng.index(5))?;
        for at in 1..choices.len() {
            let step = Choice::try_from(rng.index(3))?;
            choices[at] = (choices[at - 1] + step).saturating_sub(1).min(4);
        }
        Ok(())
    }

    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        self.check(choices)?;
        self.0.build(choices, level)
    }

    fn class(&self, choices: &[Choice]) -> Result<Option<u64>> {
        self.check(choices)?;
        Ok(self.1.index(choices))
    }

    fn render(&self, choices: &[Choice]) -> Result<String> {
        Ok(choices.iter().map(|&choice| char::from_digit(choice.into(), 10).unwrap_or('?')).collect())
    }

    fn parse(&self, text: &str) -> Result<Vec<Choice>> {
        let digits = text.chars().map(|c| c.to_digit(5).and_then(|d| Choice::try_from(d).ok()));
        let choices: Option<Vec<Choice>> = digits.collect();
        let choices = choices.ok_or_else(|| anyhow::anyhow!("`{text}` has something else than 0 to 4"))?;
        self.check(&choices)?;
        Ok(choices)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn spaces_that_do_as_they_must_are_never_refused(options in prop::collection::vec(1_usize..30, 1..7)) {
        let verdicts = conformance::search_space(&|_| Ok(Box::new(PlainSpace::of(&options))));
        prop_assert!(verdicts.first_broken().is_none(), "{:?}", verdicts.first_broken());
    }
}

#[test]
fn a_constrained_space_with_classes_and_a_notation_is_not_refused() {
    let verdicts = conformance::search_space(&|_| Ok(Box::new(Steps::new())));
    assert_held("steps", &verdicts);
    assert!(verdicts.get("classes are the same again").unwrap().cases >= 100);
    assert!(verdicts.notes.iter().any(|note| note.contains("0 options never came")), "{:?}", verdicts.notes);
}

/// What a mutant does differently from [`Steps`].
#[derive(Clone, Copy, PartialEq)]
enum Odd {
    NoLevels,
    TwoNamesAlike,
    NamesItselfByInstance,
    FailsToSample,
    SamplesTooFar,
    SamplesSteps,
    SamplesByCalls,
    SamplesNoFours,
    HalfDoesNotBuild,
    BuildsNothing,
    SizeByGuess,
    OtherLayersEachTime,
    ClassByCalls,
    ClassWithoutName,
    RendersBackwards,
    PanicsOutOfRange,
    TakesAnyLevel,
}

struct Mutated {
    steps: Steps,
    odd: Odd,
    spec: SpaceSpec,
    calls: AtomicU64,
}

impl Mutated {
    fn count(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }
}

impl SearchSpace for Mutated {
    fn spec(&self) -> &SpaceSpec {
        &self.spec
    }

    fn check(&self, choices: &[Choice]) -> Result<()> {
        if self.spec.constrained { self.steps.check(choices) } else { Ok(self.spec.check_ranges(choices)?) }
    }

    fn sample(&self, choices: &mut [Choice], rng: &mut Rng) -> Result<()> {
        if self.odd == Odd::FailsToSample && rng.state()[0].is_multiple_of(20) {
            bail!("not with this generator");
        }
        if self.spec.constrained {
            self.steps.sample(choices, rng)?;
        } else {
            PlainSpace::of(&[5; 5]).sample(choices, rng)?;
        }
        match self.odd {
            Odd::SamplesTooFar => choices[4] = 5,
            Odd::SamplesSteps => (choices[0], choices[1]) = (0, 4),
            Odd::SamplesByCalls => choices.fill(Choice::try_from(self.count() % 5)?),
            Odd::SamplesNoFours => choices[2] = choices[2].min(3),
            _ => {}
        }
        Ok(())
    }

    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        if self.odd == Odd::PanicsOutOfRange {
            assert!(choices.len() == 5, "five choices are needed");
        }
        let level = if self.odd == Odd::TakesAnyLevel { "network" } else { level };
        self.check(choices)?;
        if self.odd == Odd::HalfDoesNotBuild {
            ensure!(choices[0] != choices[4], "{choices:?} is not one of mine after all");
        }
        let mut graph = self.steps.0.build(choices, level)?;
        if self.odd == Odd::BuildsNothing {
            return Ok(LayerGraph::new());
        }
        if self.odd == Odd::OtherLayersEachTime {
            graph.add(Layer::new("more", "More", self.count().to_string()), &[])?;
        }
        Ok(graph)
    }

    fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
        let size = self.build(choices, level)?.size()?;
        let more = u64::from(self.odd == Odd::SizeByGuess);
        Ok(ModelSize { bytes: size.bytes + more, ..size })
    }

    fn class(&self, choices: &[Choice]) -> Result<Option<u64>> {
        match self.odd {
            Odd::ClassByCalls => Ok(Some(self.count())),
            Odd::ClassWithoutName => Ok(Some(1)),
            _ if self.spec.class.is_some() => self.steps.class(choices),
            _ => Ok(None),
        }
    }

    fn render(&self, choices: &[Choice]) -> Result<String> {
        let text = self.steps.render(choices)?;
        Ok(if self.odd == Odd::RendersBackwards { text.chars().rev().collect() } else { text })
    }

    fn parse(&self, text: &str) -> Result<Vec<Choice>> {
        let digits = text.chars().map(|c| c.to_digit(5).and_then(|d| Choice::try_from(d).ok()));
        let choices: Option<Vec<Choice>> = digits.collect();
        let choices = choices.ok_or_else(|| anyhow::anyhow!("`{text}` is nothing"))?;
        self.check(&choices)?;
        Ok(choices)
    }
}

fn mutated(odd: Odd) -> Verdicts {
    let instances = AtomicU64::new(0);
    conformance::search_space(&|_| {
        let steps = Steps::new();
        let mut spec = steps.spec().clone();
        let unconstrained =
            [Odd::SamplesNoFours, Odd::HalfDoesNotBuild, Odd::ClassWithoutName, Odd::PanicsOutOfRange];
        if unconstrained.contains(&odd) {
            (spec.constrained, spec.class) = (false, None);
        }
        match odd {
            Odd::NoLevels => spec.levels.clear(),
            Odd::TwoNamesAlike => spec.decisions[3].name = "decision 1".into(),
            Odd::NamesItselfByInstance => {
                spec.name = format!("steps {}", instances.fetch_add(1, Ordering::Relaxed));
            }
            _ => {}
        }
        Ok(Box::new(Mutated { steps, odd, spec, calls: AtomicU64::new(0) }))
    })
}

#[test]
fn each_rule_has_a_mutant_that_is_caught() {
    let refused =
        conformance::search_space(&|_| Err(Fault::new(FaultKind::Protocol, "it has no decisions").into()));
    let mutants = [
        Mutant::new("refuses", "created", conformance::search_space(&|_| bail!("not today"))),
        Mutant::new("refused by the host", "the description makes sense", refused),
        Mutant::new("no levels", "the description makes sense", mutated(Odd::NoLevels)),
        Mutant::new("two names alike", "the description makes sense", mutated(Odd::TwoNamesAlike)),
        Mutant::new(
            "another name each time",
            "the description is constant",
            mutated(Odd::NamesItselfByInstance),
        ),
        Mutant::new("fails to sample", "samples", mutated(Odd::FailsToSample)),
        // A vector out of range is not valid either, and covers nothing.
        Mutant::new("samples too far", "samples are in range", mutated(Odd::SamplesTooFar)),
        Mutant::new("samples what it refuses", "samples are valid", mutated(Odd::SamplesSteps)).also(&[
            "sampled vectors build",
            "classes are the same again",
            "what it renders it parses",
        ]),
        Mutant::new("samples by calls", "same seed, same vector", mutated(Odd::SamplesByCalls)),
        Mutant::new("never samples an option", "samples cover all options", mutated(Odd::SamplesNoFours)),
        Mutant::new("says unconstrained", "unconstrained means all", mutated(Odd::HalfDoesNotBuild))
            .also(&["sampled vectors build"]),
        Mutant::new("builds nothing", "sampled vectors build", mutated(Odd::BuildsNothing)),
        Mutant::new("guesses sizes", "size is the graph's", mutated(Odd::SizeByGuess)),
        Mutant::new("other layers each time", "layers are the same again", mutated(Odd::OtherLayersEachTime)),
        Mutant::new("classes by calls", "classes are the same again", mutated(Odd::ClassByCalls)),
        Mutant::new("classes without a name", "classes are the same again", mutated(Odd::ClassWithoutName)),
        Mutant::new("renders backwards", "what it renders it parses", mutated(Odd::RendersBackwards)),
        Mutant::new("panics on a short vector", "bad vectors are errors", mutated(Odd::PanicsOutOfRange)),
        Mutant::new("takes any level", "bad vectors are errors", mutated(Odd::TakesAnyLevel)),
    ];
    assert_caught(&mutants, &[]);
}
