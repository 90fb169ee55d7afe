//! Conformance: what the engine will demand of a component, asked before it runs.
//!
//! **The checks work on trait objects, and so there is one of each.** `lamarck_sdk::testing` hands them a struct of the
//! author's in `cargo test`, `lamarck plugins check` a component out of a loaded library; the rules, the cases and the
//! texts are the same. The alternative, checks in the SDK and others in the host, is two lists of rules that drift
//! apart, and a plugin that passes its own tests and fails in a study.
//!
//! **A check is a list of named rules with a verdict each**, not the first error: who ported an operator wants to know
//! all that is wrong with it, and who reads that all is well wants to know what was tried and how often. A broken rule
//! comes with the first case that broke it, in the order from small spaces to large ones, with seed and vector, so
//! that it can be put into a test. What could not be asked is *not applicable*, with the reason; it is never silently
//! taken for held.
//!
//! **What the traits allow is not broken.** A mutator that changes nothing, a scheduler that lets a candidate wait, an
//! evaluator that fails on some: such things are told as notes, with numbers. A rule is broken only by what ends a run,
//! makes it depend on something else than its seed, or puts something false into a trace.
//!
//! A panic is caught and named, whether it comes from a struct in a test or, as a [`Fault`], from a library. What
//! cannot be caught is a component that never returns: there is no timeout, because the crate has no clock and starts no
//! threads, and a thread in foreign code could not be stopped anyway. Draws are counted, not timed: all cases follow
//! from fixed seeds, and so two checks of one component say the same.
//!
//! ```
//! use anyhow::Result;
//! use lamarck_model::conformance::{self, PlainSpace};
//! use lamarck_model::{Choice, Mutator, Rng};
//!
//! /// Forgets that choices have ranges.
//! struct Increment;
//!
//! impl Mutator for Increment {
//!     fn mutate(&self, child: &mut [Choice], _: &mut Rng) -> Result<()> {
//!         child[0] += 1;
//!         Ok(())
//!     }
//! }
//!
//! let space = PlainSpace::of(&[5, 5, 5]);
//! let verdicts = conformance::mutator(&|_| Ok(Box::new(Increment)), &[&space]);
//! let broken = verdicts.first_broken().expect("a broken rule");
//! assert_eq!(broken.rule.name, "children are in range");
//! # Ok::<(), anyhow::Error>(())
//! ```

mod analyzer;
mod coverage;
mod evaluator;
mod ledger;
mod mutator;
mod run;
mod scheduler;
mod search_space;
mod spaces;
mod strategy;
mod trace;

pub use analyzer::analyzer;
pub use evaluator::evaluator;
pub use mutator::mutator;
pub use scheduler::scheduler;
pub use search_space::search_space;
pub use spaces::PlainSpace;
pub use strategy::{StrategyPlan, strategy};

use crate::component::Context;
use crate::fault::{Fault, FaultKind};
use anyhow::Result;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Makes the component under test, with options that are settled, for a context.
pub type Make<'a, T> = &'a dyn Fn(&Context) -> Result<Box<T>>;

/// Something that is demanded of every component of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The name, unique in its kind: `same seed, same child`.
    pub name: &'static str,
    /// What is demanded, and what of a run rests on it.
    pub asks: &'static str,
}

impl Rule {
    pub(crate) const fn new(name: &'static str, asks: &'static str) -> Self {
        Self { name, asks }
    }
}

/// Whether a rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// In every case that was tried.
    Held,
    /// Not in this one, the first.
    Broken(String),
    /// It could not be asked, and why.
    NotApplicable(String),
}

/// What came of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rule.
    pub rule: Rule,
    /// Whether it holds.
    pub ruling: Ruling,
    /// How many cases were tried; with a broken rule, until it broke and after.
    pub cases: u64,
}

/// What came of a check: a verdict for each rule of the kind, in a fixed order, and notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// One a rule.
    pub rules: Vec<Verdict>,
    /// What is allowed and worth knowing, a sentence each.
    pub notes: Vec<String>,
}

impl Verdicts {
    /// The first broken rule, if one is.
    pub fn first_broken(&self) -> Option<&Verdict> {
        self.rules.iter().find(|verdict| matches!(verdict.ruling, Ruling::Broken(_)))
    }

    /// The verdict on the rule of a name.
    pub fn get(&self, name: &str) -> Option<&Verdict> {
        self.rules.iter().find(|verdict| verdict.rule.name == name)
    }

    /// The first broken rule as an error.
    pub fn into_result(self) -> Result<(), BrokenRule> {
        for verdict in self.rules {
            if let Ruling::Broken(reason) = verdict.ruling {
                return Err(BrokenRule { rule: verdict.rule, reason });
            }
        }
        Ok(())
    }
}

/// A rule that a component breaks, as an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule \"{}\" is broken: {reason} ({})", rule.name, rule.asks)]
pub struct BrokenRule {
    /// The rule.
    pub rule: Rule,
    /// The first case that broke it.
    pub reason: String,
}

/// Calls into the component, and makes a panic an error: [`Fault`] of the kind that the SDK's guard makes of it.
fn attempt<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    // Unwind safety: a component that panicked is only asked further questions whose answers are not believed to be more
    // than answers.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result,
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().map(|&text| text.to_owned());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(Fault::new(FaultKind::Panic, text.unwrap_or_else(|| "a panic without a message".into()))
                .into())
        }
    }
}

/// The kind of fault that an error is, looked for in all its causes.
fn fault_kind(error: &anyhow::Error) -> FaultKind {
    error.chain().find_map(|cause| cause.downcast_ref::<Fault>()).map_or(FaultKind::Error, Fault::kind)
}

/// Whether an error was a panic.
fn is_panic(error: &anyhow::Error) -> bool {
    fault_kind(error) == FaultKind::Panic
}

/// An error with its causes, none of them said twice.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

/// Why a component refused to be made: its own words, without what the host puts before them.
fn refusal(error: &anyhow::Error) -> String {
    let fault = error.chain().find_map(|cause| cause.downcast_ref::<Fault>());
    fault.map_or_else(|| chain(error), Fault::to_string)
}

/// A seed for a case that does not depend on how many cases came before it elsewhere.
fn seed(of: u64, case: u64) -> u64 {
    of.wrapping_mul(0x1_0000_0001).wrapping_add(case)
}
