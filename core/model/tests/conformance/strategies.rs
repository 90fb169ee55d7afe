//! Strategies that do as they must, and mutants.

use crate::spaces::Steps;
use crate::{Mutant, assert_caught, assert_held};
use anyhow::{Result, bail, ensure};
use lamarck_model::conformance::{self, PlainSpace, StrategyPlan, Verdicts};
use lamarck_model::{
    CandidateId, Choice, Finished, Proposal, Rng, SearchSpace, Selected, Strategy, StrategySpec,
};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

/// Aging evolution: a tournament among the last so many, who leave in order of age.
#[derive(Default)]
struct Aging {
    population: VecDeque<(CandidateId, f64)>,
    capacity: usize,
    sample: usize,
    recombines: bool,
}

impl Aging {
    fn select(&self, rng: &mut Rng) -> Selected {
        let drawn = (0..self.sample.max(1)).map(|_| self.population[rng.index(self.population.len())]);
        // Ties go to the lower id.
        let better = |a: &(u64, f64), b: &(u64, f64)| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0));
        let (id, score) = drawn.max_by(better).unwrap_or((0, 0.0));
        let above = self.population.iter().filter(|&&(_, other)| other > score).count();
        Selected { id, rank: Some(u32::try_from(above + 1).unwrap_or(u32::MAX)) }
    }
}

impl Strategy for Aging {
    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        if self.population.len() < self.capacity {
            return Ok(Proposal::Sample);
        }
        let parent = self.select(rng);
        Ok(if self.recombines && rng.below(2) == 0 {
            Proposal::Recombine(parent, self.select(rng))
        } else {
            Proposal::Mutate(parent)
        })
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        self.population.push_back((finished.id, finished.score.unwrap_or(f64::NEG_INFINITY)));
        if self.population.len() > self.capacity {
            released.extend(self.population.pop_front().map(|(id, _)| id));
        }
        Ok(())
    }
}

/// Generations: waits for all of one before it proposes the next.
struct Generations {
    asked: u64,
    told: u64,
    size: u64,
}

impl Strategy for Generations {
    fn ask(&mut self, _: &mut Rng) -> Result<Proposal> {
        if self.asked == self.told + self.size
            || (self.asked.is_multiple_of(self.size) && self.told < self.asked)
        {
            return Ok(Proposal::Wait);
        }
        self.asked += 1;
        Ok(Proposal::Sample)
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        self.told += 1;
        released.push(finished.id);
        Ok(())
    }
}

/// Goes through the space in order, and ends the run at its end.
struct Grid {
    next: Vec<Choice>,
    options: Vec<usize>,
    done: bool,
}

impl Strategy for Grid {
    fn ask(&mut self, _: &mut Rng) -> Result<Proposal> {
        if self.done {
            return Ok(Proposal::Wait);
        }
        let proposal = Proposal::Exact(self.next.clone());
        self.done = true;
        for (choice, &options) in self.next.iter_mut().zip(&self.options).rev() {
            *choice += 1;
            if usize::from(*choice) < options {
                self.done = false;
                break;
            }
            *choice = 0;
        }
        Ok(proposal)
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        released.push(finished.id);
        Ok(())
    }
}

fn sum(choices: &[Choice]) -> f64 {
    choices.iter().map(|&choice| f64::from(choice)).sum()
}

fn check(space: &dyn SearchSpace, candidates: u64, make: impl Fn() -> Box<dyn Strategy>) -> Verdicts {
    conformance::strategy(&|_| Ok(make()), &[space], &StrategyPlan { candidates, score: &sum })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn strategies_that_do_as_they_must_are_never_refused(
        options in prop::collection::vec(1_usize..6, 1..6),
        capacity in 1_usize..60,
        sample in 1_usize..20,
        recombines in any::<bool>(),
        size in 1_u64..20,
    ) {
        let space = PlainSpace::of(&options);
        let aging = check(&space, 120, || Box::new(Aging { capacity, sample, recombines, ..Aging::default() }));
        prop_assert!(aging.first_broken().is_none(), "{:?}", aging.first_broken());
        let generations = check(&space, 120, || Box::new(Generations { asked: 0, told: 0, size }));
        prop_assert!(generations.first_broken().is_none(), "{:?}", generations.first_broken());
        let grid = || Grid { next: vec![0; options.len()], options: options.clone(), done: false };
        let grid = check(&space, 120, || Box::new(grid()));
        prop_assert!(grid.first_broken().is_none(), "{:?}", grid.first_broken());
    }
}

#[test]
fn a_constrained_space_is_no_hindrance_and_notes_say_what_was_proposed() {
    let make = || Box::new(Aging { capacity: 20, sample: 5, ..Aging::default() }) as Box<dyn Strategy>;
    let verdicts = check(&Steps::new(), 100, make);
    assert_held("aging", &verdicts);
    assert_eq!(verdicts.notes, ["in `steps`, of 100 candidates: 20 sampled, 80 mutated; 80 released"]);
    let grid = || Grid { next: vec![0; 2], options: vec![3, 2], done: false };
    let verdicts = check(&PlainSpace::of(&[3, 2]), 100, || Box::new(grid()));
    assert!(
        verdicts.notes.contains(&"in `test` it ends the run after 6 candidates".to_owned()),
        "{:?}",
        verdicts.notes
    );
}

#[derive(Clone, Copy, PartialEq)]
enum Odd {
    OnlyWaits,
    FailsToAnswer,
    PanicsWhenTold,
    SelectsTheReleased,
    RankZero,
    RankBeyond,
    ExactTooFar,
    ReleasesTwice,
    RefusesAll,
    CountsInstances,
    FearsFailures,
    FearsTies,
    FearsDisorder,
    ChangesItsSpec,
}

struct Mutated {
    aging: Aging,
    odd: Odd,
    instance: u64,
    told: u64,
    last: Option<CandidateId>,
    gone: Option<CandidateId>,
}

impl Strategy for Mutated {
    fn spec(&self) -> StrategySpec {
        let random_phase = (self.odd == Odd::ChangesItsSpec).then_some(self.told);
        StrategySpec { screens: self.odd == Odd::RefusesAll, random_phase }
    }

    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        let proposal = self.aging.ask(rng)?;
        let twist = |twist: &dyn Fn(&mut Selected)| {
            let mut proposal = proposal.clone();
            if let Proposal::Mutate(selected) = &mut proposal {
                twist(selected);
            }
            proposal
        };
        Ok(match self.odd {
            Odd::OnlyWaits => Proposal::Wait,
            Odd::FailsToAnswer if self.told == 30 => bail!("thirty is enough"),
            Odd::SelectsTheReleased => twist(&|selected| selected.id = self.gone.unwrap_or(selected.id)),
            Odd::RankZero => twist(&|selected| selected.rank = Some(0)),
            Odd::RankBeyond => twist(&|selected| selected.rank = Some(21)),
            Odd::ExactTooFar if self.told == 30 => Proposal::Exact(vec![0, 0, 0, 0, 5]),
            Odd::CountsInstances if self.instance % 2 == 1 && self.told == 30 => Proposal::Sample,
            _ => proposal,
        })
    }

    fn accept(&mut self, _: &[Choice]) -> Result<bool> {
        Ok(self.odd != Odd::RefusesAll)
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        self.told += 1;
        match self.odd {
            Odd::PanicsWhenTold => assert!(self.told != 30, "thirty is enough"),
            Odd::FearsFailures => ensure!(finished.score.is_some(), "no score"),
            Odd::FearsTies => {
                let half = |score: f64| score.to_bits() == 0.5_f64.to_bits();
                let tie = finished.score.is_some_and(half)
                    && self.aging.population.iter().any(|&(_, other)| half(other));
                ensure!(!tie, "a tie");
            }
            Odd::FearsDisorder => {
                ensure!(self.last.is_none_or(|last| last < finished.id), "out of order");
                self.last = Some(finished.id);
            }
            _ => {}
        }
        self.aging.tell(finished, released)?;
        self.gone = released.first().copied().or(self.gone);
        if self.odd == Odd::ReleasesTwice && self.told == 30 {
            released.extend_from_within(..);
        }
        Ok(())
    }
}

fn mutated(odd: Odd) -> Verdicts {
    let instances = AtomicU64::new(0);
    check(&PlainSpace::of(&[5; 5]), 100, || {
        let instance = instances.fetch_add(1, Ordering::Relaxed);
        let aging = Aging { capacity: 20, sample: 5, ..Aging::default() };
        Box::new(Mutated { aging, odd, instance, told: 0, last: None, gone: None })
    })
}

/// Who fails when asked or told does so in all circumstances.
const EVERYWHERE: &[&str] = &["survives failures", "survives ties", "survives any order"];

#[test]
fn each_rule_has_a_mutant_that_is_caught() {
    let plan = StrategyPlan { candidates: 10, score: &sum };
    let refuses = conformance::strategy(&|_| bail!("not today"), &[&PlainSpace::of(&[5; 5])], &plan);
    let mutants = [
        Mutant::new("refuses", "created", refuses),
        Mutant::new("only waits", "starts", mutated(Odd::OnlyWaits)),
        Mutant::new("fails to answer", "answers", mutated(Odd::FailsToAnswer)).also(EVERYWHERE),
        Mutant::new("panics when told", "answers", mutated(Odd::PanicsWhenTold)).also(EVERYWHERE),
        Mutant::new("selects the released", "selects what it may", mutated(Odd::SelectsTheReleased)),
        Mutant::new("rank 0", "ranks make sense", mutated(Odd::RankZero)),
        Mutant::new("rank 21 of 20", "ranks make sense", mutated(Odd::RankBeyond)),
        Mutant::new("names what is not there", "exact vectors are valid", mutated(Odd::ExactTooFar)),
        Mutant::new("releases twice", "releases once", mutated(Odd::ReleasesTwice)),
        Mutant::new("refuses all", "screening lets something through", mutated(Odd::RefusesAll)),
        Mutant::new("counts instances", "same seeds, same answers", mutated(Odd::CountsInstances)),
        Mutant::new("fears failures", "survives failures", mutated(Odd::FearsFailures)),
        Mutant::new("fears ties", "survives ties", mutated(Odd::FearsTies)),
        Mutant::new("fears disorder", "survives any order", mutated(Odd::FearsDisorder))
            .also(&["survives failures", "survives ties"]),
        Mutant::new("changes its spec", "the description is constant", mutated(Odd::ChangesItsSpec)),
    ];
    assert_caught(&mutants, &[]);
}
