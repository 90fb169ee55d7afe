//! What is demanded of a mutator.

use super::ledger::Ledger;
use super::spaces::{PlainSpace, check, is_single, odd, sample};
use super::{Make, Rule, Verdicts, attempt, chain, is_panic, seed};
use crate::component::{Context, Mutator, SearchSpace};
use crate::rng::Rng;
use crate::space::Choice;
use anyhow::Result;

const CREATED: Rule = Rule::new("created", "it can be made with these options in the space of a study");
const ANSWERS: Rule = Rule::new("makes children", "neither an error nor a panic for any parent of the space");
const SAME: Rule = Rule::new(
    "same seed, same child",
    "a child follows from parent and generator alone, whatever was mutated before; resumed runs rest on it",
);
const TWICE: Rule =
    Rule::new("made twice, same child", "two instances with the same options make the same children");
const RANGE: Rule =
    Rule::new("children are in range", "each choice of a child is one of its decision's options");
const VALID: Rule = Rule::new("children are valid", "a child is a vector that a constrained space allows");
const RECOMBINES: Rule = Rule::new("recombines", "neither an error nor a panic for any two parents");
const RECOMBINED_SAME: Rule = Rule::new(
    "same seed, same recombination",
    "a combination follows from both parents and the generator alone",
);
const RECOMBINED_RANGE: Rule =
    Rule::new("combinations are in range", "each choice of a combination is one of its decision's options");
const OTHER: Rule = Rule::new("second parent untouched", "recombining changes the child only");
const ODD: Rule = Rule::new(
    "odd spaces",
    "spaces of one decision, of single options and of 40 decisions are refused with an error or mutated rightly, and \
     never a panic",
);

pub(super) const RULES: &[Rule] =
    &[CREATED, ANSWERS, SAME, TWICE, RANGE, VALID, RECOMBINES, RECOMBINED_SAME, RECOMBINED_RANGE, OTHER, ODD];

/// Children of each space; and a quarter as many combinations.
const ROUNDS: u64 = 400;

/// Checks a mutator in these spaces, and in some of odd shape which it may refuse.
pub fn mutator(make: Make<'_, dyn Mutator>, spaces: &[&dyn SearchSpace]) -> Verdicts {
    let mut ledger = Ledger::new(RULES);
    if !spaces.iter().any(|space| space.spec().constrained) {
        ledger.skip(VALID, "no space is constrained: every vector that is in range is valid");
    }
    for space in spaces {
        in_space(&mut ledger, make, *space);
    }
    for space in odd() {
        if let Some(reason) = in_odd_space(&mut ledger, make, &space) {
            ledger.note(format!("it refuses `{}`: {reason}", space.spec().name));
        }
    }
    ledger.into_verdicts()
}

/// How far children are from their parents.
#[derive(Default)]
struct Distances {
    children: u64,
    same: u64,
    changed: u64,
    most: usize,
}

impl Distances {
    fn add(&mut self, parent: &[Choice], child: &[Choice]) {
        let changed = parent.iter().zip(child).filter(|(a, b)| a != b).count();
        self.children += 1;
        self.same += u64::from(changed == 0);
        self.changed += changed as u64;
        self.most = self.most.max(changed);
    }

    fn sentence(&self, space: &str) -> String {
        let share = self.same as f64 / self.children as f64 * 100.0;
        let mean = self.changed as f64 / self.children as f64;
        format!(
            "in `{space}` a child differs from its parent in {mean:.2} decisions in the mean, in {} at most; {share:.1} % of \
             {} children are their parents",
            self.most, self.children
        )
    }
}

fn in_space(ledger: &mut Ledger, make: Make<'_, dyn Mutator>, space: &dyn SearchSpace) {
    let spec = space.spec();
    let name = &spec.name;
    let context = Context::for_space(spec.clone());
    let at = || format!("in `{name}`");
    let Some(mutator) = ledger.call(CREATED, at, || make(&context)) else { return };
    let twin = ledger.call(CREATED, at, || make(&context));
    let mut distances = Distances::default();
    let mut rng = Rng::from_seed(1);
    let mut earlier: Option<(Vec<Choice>, u64, Vec<Choice>)> = None;
    for round in 0..ROUNDS {
        // A space that cannot sample is not the mutator's fault, and its own check names it.
        let Ok(parent) = attempt(|| sample(space, &mut rng)) else { return };
        let seed = seed(2, round);
        let at = || format!("in `{name}`, parent {parent:?}, seed {seed}");
        let Some(child) = ledger.call(ANSWERS, at, || mutate(mutator.as_ref(), &parent, seed)) else {
            return;
        };
        let agrees = |ledger: &mut Ledger, rule, other: Result<Vec<Choice>>, when: &str| {
            let holds = other.as_ref().is_ok_and(|other| *other == child);
            ledger.case(rule, holds, || match other {
                Ok(other) => format!("{}: {child:?} and then {other:?}{when}", at()),
                Err(error) => format!("{}: {child:?} and then an error{when}: {}", at(), chain(&error)),
            })
        };
        agrees(ledger, SAME, attempt(|| mutate(mutator.as_ref(), &parent, seed)), "");
        if let Some(twin) = &twin {
            agrees(ledger, TWICE, attempt(|| mutate(twin.as_ref(), &parent, seed)), " by another instance");
        }
        // A child of long ago once more: whoever keeps a state gives another one.
        if let Some((parent, seed, child)) = &earlier {
            let again = attempt(|| mutate(mutator.as_ref(), parent, *seed));
            ledger.case(SAME, again.as_ref().is_ok_and(|again| again == child), || {
                format!(
                    "in `{name}`, parent {parent:?}, seed {seed}: {child:?} at first, and {again:?} after other parents"
                )
            });
        }
        let fits = spec.check_ranges(&child);
        ledger.case(RANGE, fits.is_ok(), || match fits {
            Err(error) => format!("{}: child {child:?}: {error}", at()),
            Ok(()) => at(),
        });
        if spec.constrained && spec.check_ranges(&child).is_ok() {
            ledger.result(VALID, || format!("{}: child {child:?}", at()), attempt(|| check(space, &child)));
        }
        distances.add(&parent, &child);
        if round % 64 == 0 {
            earlier = Some((parent, seed, child));
        }
    }
    ledger.note(distances.sentence(name));
    recombine_in(ledger, mutator.as_ref(), space);
}

fn mutate(mutator: &dyn Mutator, parent: &[Choice], seed: u64) -> Result<Vec<Choice>> {
    let mut child = parent.to_vec();
    mutator.mutate(&mut child, &mut Rng::from_seed(seed))?;
    Ok(child)
}

fn recombine_in(ledger: &mut Ledger, mutator: &dyn Mutator, space: &dyn SearchSpace) {
    let (spec, mut rng) = (space.spec(), Rng::from_seed(3));
    let mut invalid = 0_u64;
    for round in 0..ROUNDS / 4 {
        let parents = attempt(|| Ok((sample(space, &mut rng)?, sample(space, &mut rng)?)));
        let Ok((first, second)) = parents else { return };
        let seed = seed(4, round);
        let at = || format!("in `{}`, parents {first:?} and {second:?}, seed {seed}", spec.name);
        let mut other = second.clone();
        let recombine = |other: &mut Vec<Choice>| {
            let mut child = first.clone();
            mutator.recombine(&mut child, other, &mut Rng::from_seed(seed))?;
            Ok(child)
        };
        let Some(child) = ledger.call(RECOMBINES, at, || recombine(&mut other)) else { return };
        ledger.case(OTHER, other == second, || format!("{}: the second became {other:?}", at()));
        let again = attempt(|| recombine(&mut second.clone()));
        ledger.case(RECOMBINED_SAME, again.as_ref().is_ok_and(|again| *again == child), || {
            format!("{}: {child:?} and then {again:?}", at())
        });
        let fits = spec.check_ranges(&child);
        if ledger.case(RECOMBINED_RANGE, fits.is_ok(), || format!("{}: {child:?}: {fits:?}", at()))
            && attempt(|| check(space, &child)).is_err()
        {
            invalid += 1;
        }
    }
    if invalid > 0 {
        ledger.note(format!(
            "in `{}` {invalid} of {} combinations are invalid: a strategy that recombines would end the run there",
            spec.name,
            ROUNDS / 4
        ));
    }
}

/// Checks in a space of odd shape; returns why it was refused, if it was.
fn in_odd_space(ledger: &mut Ledger, make: Make<'_, dyn Mutator>, space: &PlainSpace) -> Option<String> {
    let spec = space.spec();
    let name = &spec.name;
    let refusal = |ledger: &mut Ledger, error: anyhow::Error, at: String| {
        let refused = !is_panic(&error);
        ledger.case(ODD, refused, || format!("in `{name}`{at}: {}", chain(&error)));
        refused.then(|| super::refusal(&error))
    };
    let mutator = match attempt(|| make(&Context::for_space(spec.clone()))) {
        Ok(mutator) => mutator,
        Err(error) => return refusal(ledger, error, String::new()),
    };
    let mut rng = Rng::from_seed(5);
    for round in 0..ROUNDS / 4 {
        let parent = sample(space, &mut rng).ok()?;
        let seed = seed(6, round);
        let at = || format!(", parent {parent:?}, seed {seed}");
        let child = match attempt(|| mutate(mutator.as_ref(), &parent, seed)) {
            Ok(child) => child,
            Err(error) => return refusal(ledger, error, at()),
        };
        let fits = spec.check_ranges(&child);
        let right = fits.is_ok() && (!is_single(spec) || child == parent);
        if !ledger.case(ODD, right, || format!("in `{name}`{}: child {child:?} ({fits:?})", at())) {
            return None;
        }
    }
    None
}
