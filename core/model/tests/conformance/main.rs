//! The checks themselves: components that do what they must are never refused, and for each rule there is a mutant, a
//! component that breaks this rule and is caught by it.

#[path = "analyzers.rs"]
mod analyzers;
#[path = "evaluators.rs"]
mod evaluators;
#[path = "mutators.rs"]
mod mutators;
#[path = "schedulers.rs"]
mod schedulers;
#[path = "spaces.rs"]
mod spaces;
#[path = "strategies.rs"]
mod strategies;

use lamarck_model::conformance::{Ruling, Verdicts};

/// The names of the broken rules.
fn broken(verdicts: &Verdicts) -> Vec<&'static str> {
    let broken = verdicts.rules.iter().filter(|verdict| matches!(verdict.ruling, Ruling::Broken(_)));
    broken.map(|verdict| verdict.rule.name).collect()
}

/// No rule is broken.
#[track_caller]
fn assert_held(what: &str, verdicts: &Verdicts) {
    assert!(broken(verdicts).is_empty(), "{what}: {:#?}", verdicts.first_broken());
}

/// A mutant, and what is broken of it.
struct Mutant {
    name: &'static str,
    verdicts: Verdicts,
    /// The rule that it was made to break.
    breaks: &'static str,
    /// Rules that cannot hold either when that one is broken.
    also: &'static [&'static str],
}

impl Mutant {
    fn new(name: &'static str, breaks: &'static str, verdicts: Verdicts) -> Self {
        Self { name, verdicts, breaks, also: &[] }
    }

    fn also(mut self, also: &'static [&'static str]) -> Self {
        self.also = also;
        self
    }
}

/// Each mutant breaks its rule and no other, and each rule has a mutant but for those that are `exempt`.
#[track_caller]
fn assert_caught(mutants: &[Mutant], exempt: &[&str]) {
    for Mutant { name, verdicts, breaks, also } in mutants {
        let broken = broken(verdicts);
        assert!(broken.contains(breaks), "{name} does not break \"{breaks}\", but {broken:?}");
        let others: Vec<_> = broken.iter().filter(|rule| *rule != breaks && !also.contains(rule)).collect();
        assert!(others.is_empty(), "{name} breaks {others:?} too: {:#?}", verdicts.rules);
    }
    let names = |mutant: &Mutant| mutant.verdicts.rules.iter().map(|v| v.rule.name).collect::<Vec<_>>();
    for mutant in mutants {
        assert_eq!(names(mutant), names(&mutants[0]), "each rule is listed, in one order");
    }
    for verdict in &mutants[0].verdicts.rules {
        let name = verdict.rule.name;
        let caught = mutants.iter().any(|mutant| mutant.breaks == name);
        assert!(caught != exempt.contains(&name), "the rule \"{name}\" has no mutant, or is exempt with one");
    }
}
