//! Mutators that do as they must, and mutants.

use crate::spaces::Steps;
use crate::{Mutant, assert_caught, assert_held};
use anyhow::{Result, bail};
use lamarck_model::conformance::{self, PlainSpace, Verdicts};
use lamarck_model::{Choice, Context, Mutator, Rng, SearchSpace, SpaceSpec};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Changes so many decisions, drawn with repetition, to any option; in a constrained space until the child is valid.
struct Redraw {
    space: SpaceSpec,
    decisions: usize,
}

impl Redraw {
    fn once(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        for _ in 0..self.decisions {
            let at = rng.index(child.len());
            child[at] = Choice::try_from(rng.index(self.space.decisions[at].options.len()))?;
        }
        Ok(())
    }
}

impl Mutator for Redraw {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let parent = child.to_vec();
        for _ in 0..50 {
            self.once(child, rng)?;
            if !self.space.constrained || Steps::allows(child) {
                return Ok(());
            }
            child.copy_from_slice(&parent);
        }
        Ok(())
    }
}

fn redraw(context: &Context, decisions: usize) -> Result<Box<dyn Mutator>> {
    Ok(Box::new(Redraw { space: context.space()?.clone(), decisions }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn mutators_that_do_as_they_must_are_never_refused(
        options in prop::collection::vec(1_usize..9, 1..9),
        decisions in 0_usize..4,
    ) {
        let space = PlainSpace::of(&options);
        let verdicts = conformance::mutator(&|context| redraw(context, decisions), &[&space]);
        prop_assert!(verdicts.first_broken().is_none(), "{:?}", verdicts.first_broken());
    }
}

#[test]
fn constrained_spaces_are_mutated_and_odd_ones_may_be_refused() {
    let steps = Steps::new();
    let verdicts = conformance::mutator(&|context| redraw(context, 1), &[&steps]);
    assert_held("redraw", &verdicts);
    assert!(verdicts.get("children are valid").unwrap().cases > 100);
    let picky = |context: &Context| {
        if context.space()?.decisions.len() != 5 {
            bail!("five decisions, or none of my business");
        }
        redraw(context, 1)
    };
    let verdicts = conformance::mutator(&picky, &[&PlainSpace::of(&[5, 4, 5, 4, 5])]);
    assert_held("picky", &verdicts);
    assert!(verdicts.notes.iter().any(|note| note.contains("none of my business")), "{:?}", verdicts.notes);
}

/// Something that a mutator does with a child after it was made, and the same for combinations.
type Twist = fn(&mut [Choice], &Rng, u64, u64) -> Result<()>;

/// Redraws one decision rightly, and then twists what came out; only in spaces of five decisions unless it is `everywhere`.
struct Twisted {
    inner: Redraw,
    mutation: Twist,
    combination: Twist,
    everywhere: bool,
    calls: AtomicU64,
    instance: u64,
}

impl Twisted {
    fn twist(&self, twist: Twist, child: &mut [Choice], rng: &Rng) -> Result<()> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.everywhere || child.len() == 5 { twist(child, rng, calls, self.instance) } else { Ok(()) }
    }
}

impl Mutator for Twisted {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        self.inner.mutate(child, rng)?;
        self.twist(self.mutation, child, rng)
    }

    fn recombine(&self, child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
        child[0] = other[0];
        self.twist(self.combination, child, rng)
    }
}

const NOTHING: Twist = |_, _, _, _| Ok(());

fn twisted(mutation: Twist, combination: Twist, everywhere: bool) -> Verdicts {
    twisted_in(&PlainSpace::of(&[5, 4, 5, 4, 5]), mutation, combination, everywhere)
}

fn twisted_in(space: &dyn SearchSpace, mutation: Twist, combination: Twist, everywhere: bool) -> Verdicts {
    let instances = AtomicU64::new(0);
    let make = |context: &Context| -> Result<Box<dyn Mutator>> {
        let inner = Redraw { space: context.space()?.clone(), decisions: 1 };
        let instance = instances.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Twisted { inner, mutation, combination, everywhere, calls: AtomicU64::new(0), instance }))
    };
    conformance::mutator(&make, &[space])
}

const FAILS_AT_TIMES: Twist =
    |_, rng, _, _| if rng.state()[0].is_multiple_of(50) { bail!("no") } else { Ok(()) };
const PANICS_AT_TIMES: Twist = |_, rng, _, _| {
    assert!(!rng.state()[0].is_multiple_of(50), "no");
    Ok(())
};
const BY_CALLS: Twist = |child, _, calls, _| {
    child[1] = Choice::try_from(calls % 4)?;
    Ok(())
};
const BY_INSTANCE: Twist = |child, _, _, instance| {
    child[1] = Choice::try_from(instance % 4)?;
    Ok(())
};
const TOO_FAR: Twist = |child, _, _, _| {
    child[1] += 1;
    Ok(())
};
const LARGE_STEP: Twist = |child, _, _, _| {
    child[1] = (child[0] + 2) % 5;
    Ok(())
};
const NEEDS_TWO: Twist = |child, _, _, _| {
    assert!(child.len() > 1, "two are needed");
    Ok(())
};
const FEARS_FORTY: Twist = |child, _, _, _| {
    if child.len() == 40 {
        child[39] = 7;
    }
    Ok(())
};

#[test]
fn each_rule_has_a_mutant_that_is_caught() {
    let refuses = conformance::mutator(&|_| bail!("not today"), &[&PlainSpace::of(&[5, 5])]);
    let mutates = |twist| twisted(twist, NOTHING, false);
    let combines = |twist| twisted(NOTHING, twist, false);
    let everywhere = |twist| twisted(twist, NOTHING, true);
    let constrained = twisted_in(&Steps::new(), LARGE_STEP, NOTHING, false);
    let mutants = [
        Mutant::new("refuses all", "created", refuses),
        Mutant::new("fails now and then", "makes children", mutates(FAILS_AT_TIMES)),
        Mutant::new("panics now and then", "makes children", mutates(PANICS_AT_TIMES)),
        Mutant::new("counts calls", "same seed, same child", mutates(BY_CALLS))
            .also(&["made twice, same child"]),
        Mutant::new("knows its instance", "made twice, same child", mutates(BY_INSTANCE)),
        Mutant::new("chooses what is not there", "children are in range", mutates(TOO_FAR)),
        Mutant::new("ignores constraints", "children are valid", constrained),
        Mutant::new("cannot combine", "recombines", combines(|_, _, _, _| bail!("never"))),
        Mutant::new("counts combinations", "same seed, same recombination", combines(BY_CALLS)),
        Mutant::new("combines out of range", "combinations are in range", combines(TOO_FAR)),
        Mutant::new("panics on a single decision", "odd spaces", everywhere(NEEDS_TWO)),
        Mutant::new("leaves the range of forty decisions", "odd spaces", everywhere(FEARS_FORTY)),
    ];
    // Nothing safe can write into a slice that it is lent for reading; a library that does so has undefined behaviour, and
    // no test of this crate may.
    assert_caught(&mutants, &["second parent untouched"]);
}

#[test]
fn a_broken_rule_comes_with_seed_and_vector() {
    let verdicts = twisted(
        |child, _, _, _| {
            child[1] = 9;
            Ok(())
        },
        NOTHING,
        false,
    );
    let text = verdicts.into_result().unwrap_err().to_string();
    for words in ["in `test`, parent [", "seed ", "choice 9 for decision 1", "it has 4 options"] {
        assert!(text.contains(words), "{text}");
    }
}
