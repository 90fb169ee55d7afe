//! A run in small, for strategies: asks, makes vectors, lets candidates finish in some order, tells; as the engine does,
//! and with a name for each thing that the engine would refuse.

use super::spaces::{check, sample};
use super::strategy::{ANSWERS, EXACT, RANKS, RELEASES, SCREENS, SELECTS, StrategyPlan};
use super::{Rule, attempt, chain};
use crate::candidate::{CandidateId, Origin, Status};
use crate::component::{Finished, Proposal, SearchSpace, Selected, Strategy};
use crate::rng::Rng;
use crate::space::Choice;
use std::collections::BTreeMap;

/// Refusals in a row after which the engine gives up.
const MOST_REFUSALS: u32 = 100_000;

/// Who finishes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Who was submitted first.
    First,
    /// Who was submitted last.
    Last,
    /// Anyone.
    Any,
}

/// How a candidate ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate {
    /// With the score of its vector.
    Scores,
    /// With this score.
    Fixed(f64),
    /// With none.
    Ends(Status),
    /// With its score, but its vector is always the first one's, whatever was proposed.
    SameVector,
}

/// Circumstances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// Candidates in flight.
    pub(super) workers: u32,
    pub(super) order: Order,
    pub(super) fate: fn(CandidateId) -> Fate,
}

/// What the engine would refuse.
#[derive(Debug)]
pub(super) struct Breach {
    pub(super) rule: Rule,
    pub(super) reason: String,
}

/// How often each kind of proposal came, and how many were released.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    sampled: u64,
    mutated: u64,
    recombined: u64,
    exact: u64,
    waited: u64,
    released: u64,
    refused: u64,
}

impl Kinds {
    pub(super) fn sentence(&self, space: &str, candidates: u64) -> String {
        let Self { sampled, mutated, recombined, exact, waited, released, refused } = self;
        let mut text =
            format!("in `{space}`, of {candidates} candidates: {sampled} sampled, {mutated} mutated");
        for (count, what) in
            [(recombined, "recombined"), (exact, "exact"), (refused, "refused when screened")]
        {
            if *count > 0 {
                text += &format!(", {count} {what}");
            }
        }
        if *waited > 0 {
            text += &format!("; waited {waited} times");
        }
        text += &match released {
            0 => "; none released, so a run holds all of them in memory".to_owned(),
            _ => format!("; {released} released"),
        };
        text
    }
}

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Driven {
    pub(super) submitted: u64,
    pub(super) breach: Option<Breach>,
    /// Everything that it answered, as text, in order.
    pub(super) answers: Vec<String>,
    pub(super) kinds: Kinds,
    /// Cases of rules that held.
    pub(super) tried: Vec<(Rule, u64)>,
}

/// Leads a strategy through a run.
pub(super) fn drive(
    strategy: &mut dyn Strategy,
    space: &dyn SearchSpace,
    scenario: &Scenario,
    plan: &StrategyPlan<'_>,
    rng: Rng,
) -> Driven {
    let screens = strategy.spec().screens;
    let mut drive = Drive {
        strategy,
        space,
        screens,
        rng,
        members: BTreeMap::new(),
        in_flight: Vec::new(),
        first: None,
        driven: Driven::default(),
    };
    if let Err(breach) = drive.go(scenario, plan) {
        drive.driven.breach = Some(breach);
    }
    drive.driven
}

/// A candidate that was submitted.
struct Flying {
    id: CandidateId,
    choices: Vec<Choice>,
    origin: Origin,
}

struct Drive<'a> {
    strategy: &'a mut dyn Strategy,
    space: &'a dyn SearchSpace,
    screens: bool,
    rng: Rng,
    /// Told and not released.
    members: BTreeMap<CandidateId, Vec<Choice>>,
    in_flight: Vec<Flying>,
    first: Option<Vec<Choice>>,
    driven: Driven,
}

impl Drive<'_> {
    fn go(&mut self, scenario: &Scenario, plan: &StrategyPlan<'_>) -> Result<(), Breach> {
        loop {
            while self.in_flight.len() < scenario.workers as usize && self.driven.submitted < plan.candidates
            {
                if !self.submit(scenario)? {
                    break;
                }
            }
            if self.in_flight.is_empty() {
                return Ok(());
            }
            let at = match scenario.order {
                Order::First => 0,
                Order::Last => self.in_flight.len() - 1,
                Order::Any => self.rng.index(self.in_flight.len()),
            };
            let flying = self.in_flight.remove(at);
            self.finish(flying, scenario, plan)?;
        }
    }

    fn held(&mut self, rule: Rule) {
        match self.driven.tried.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, cases)) => *cases += 1,
            None => self.driven.tried.push((rule, 1)),
        }
    }

    fn need(&mut self, rule: Rule, holds: bool, reason: impl FnOnce() -> String) -> Result<(), Breach> {
        if holds {
            self.held(rule);
            return Ok(());
        }
        Err(Breach { rule, reason: format!("candidate {}: {}", self.driven.submitted, reason()) })
    }

    fn answered<T>(&mut self, what: &str, result: anyhow::Result<T>) -> Result<T, Breach> {
        let result = result.map_err(|error| chain(&error));
        match result {
            Ok(value) => {
                self.held(ANSWERS);
                Ok(value)
            }
            Err(text) => Err(Breach {
                rule: ANSWERS,
                reason: format!("{what} candidate {}: {text}", self.driven.submitted),
            }),
        }
    }

    /// Asks until there is a candidate; false if the strategy waits.
    fn submit(&mut self, scenario: &Scenario) -> Result<bool, Breach> {
        let id = self.driven.submitted;
        for _ in 0..MOST_REFUSALS {
            let mut rng = Rng::from_seed(self.rng.next());
            let asked = attempt(|| self.strategy.ask(&mut rng));
            let proposal = self.answered("asked for", asked)?;
            // All answers of a run are kept and compared; screening may ask very often, and its end is in the rest.
            self.driven.answers.push(format!("{proposal:?}"));
            if proposal == Proposal::Wait {
                self.driven.kinds.waited += 1;
                return Ok(false);
            }
            let (mut choices, origin) = self.make(&proposal)?;
            if (scenario.fate)(id) == Fate::SameVector {
                choices.clone_from(self.first.get_or_insert(choices.clone()));
            }
            if self.screens {
                let accepted = attempt(|| self.strategy.accept(&choices));
                let accepted = self.answered("asked to accept", accepted)?;
                self.driven.answers.push(format!("accept {accepted}"));
                if !accepted {
                    self.driven.kinds.refused += 1;
                    continue;
                }
                self.held(SCREENS);
            }
            self.in_flight.push(Flying { id, choices, origin });
            self.driven.submitted += 1;
            return Ok(true);
        }
        self.need(SCREENS, false, || format!("it refused {MOST_REFUSALS} vectors in a row"))?;
        Ok(false)
    }

    /// The vector of a proposal.
    fn make(&mut self, proposal: &Proposal) -> Result<(Vec<Choice>, Origin), Breach> {
        match proposal {
            Proposal::Sample | Proposal::Wait => {
                self.driven.kinds.sampled += 1;
                Ok((self.sample(), Origin::Sample))
            }
            Proposal::Mutate(parent) => {
                self.driven.kinds.mutated += 1;
                let mut child = self.select(*parent)?;
                // One decision as a new sample has it; where that is not allowed, the parent once more.
                let (other, at) = (self.sample(), self.rng.index(child.len()));
                let before = std::mem::replace(&mut child[at], other[at]);
                if attempt(|| check(self.space, &child)).is_err() {
                    child[at] = before;
                }
                Ok((child, Origin::Mutation))
            }
            Proposal::Recombine(a, b) => {
                self.driven.kinds.recombined += 1;
                let (mut child, other) = (self.select(*a)?, self.select(*b)?);
                let half = child.len() / 2;
                child[half..].copy_from_slice(&other[half..]);
                if attempt(|| check(self.space, &child)).is_err() {
                    child = other;
                }
                Ok((child, Origin::Recombination))
            }
            Proposal::Exact(vector) => {
                self.driven.kinds.exact += 1;
                let checked = attempt(|| check(self.space, vector));
                let reason = checked.as_ref().err().map(chain).unwrap_or_default();
                self.need(EXACT, checked.is_ok(), || format!("the vector {vector:?}: {reason}"))?;
                Ok((vector.clone(), Origin::Exact))
            }
        }
    }

    /// A valid vector. A space whose sampling fails has its own check; here its vector of zeros will do.
    fn sample(&mut self) -> Vec<Choice> {
        let (space, rng) = (self.space, &mut self.rng);
        attempt(|| sample(space, rng)).unwrap_or_else(|_| vec![0; space.spec().decisions.len()])
    }

    fn select(&mut self, selected: Selected) -> Result<Vec<Choice>, Breach> {
        let member = self.members.get(&selected.id).cloned();
        let others = self.members.len();
        self.need(SELECTS, member.is_some(), || {
            format!("it selects candidate {}, which it was not told of or has released", selected.id)
        })?;
        if let Some(rank) = selected.rank {
            let fits = rank >= 1 && rank as usize <= others;
            self.need(RANKS, fits, || {
                format!(
                    "it selects candidate {} as rank {rank} of {others} that can be selected",
                    selected.id
                )
            })?;
        }
        Ok(member.unwrap_or_default())
    }

    fn finish(&mut self, flying: Flying, scenario: &Scenario, plan: &StrategyPlan<'_>) -> Result<(), Breach> {
        let Flying { id, choices, origin } = flying;
        let (status, score) = match (scenario.fate)(id) {
            Fate::Scores | Fate::SameVector => (Status::Ok, Some((plan.score)(&choices))),
            Fate::Fixed(score) => (Status::Ok, Some(score)),
            Fate::Ends(status) => (status, None),
        };
        let finished = Finished { id, choices: &choices, score, status, origin };
        let mut released = Vec::new();
        let told = attempt(|| self.strategy.tell(&finished, &mut released));
        self.answered("told of one before", told)?;
        self.driven.answers.push(format!("told of {id}, it releases {released:?}"));
        self.members.insert(id, choices);
        for id in released {
            let known = self.members.remove(&id).is_some();
            self.need(RELEASES, known, || {
                format!("it releases candidate {id}, which it was not told of or has released before")
            })?;
            self.driven.kinds.released += 1;
        }
        Ok(())
    }
}
