//! The steady-state loop over an aging population, with any rule of selection.

use crate::options::{
    AgingOptions, DUPLICATES, FAILURES, Failures, MAX_REDRAWS, POPULATION, REPLACEMENT, RegularizedOptions,
    SAMPLE, START, Start,
};
use crate::population::Population;
use crate::screening::Screening;
use crate::selection::{Evenly, Selection, Tournament};
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Fault, FaultKind};

/// Evolution of a FIFO population in a steady state: one proposal for each completion.
///
/// Generic over the selection because that is all in which regularized and neutral evolution may differ.
#[derive(Debug, Clone)]
pub struct Aging<S> {
    population: Population,
    selection: S,
    start: Start,
    failures: Failures,
    screening: Option<Screening>,
    /// Candidates submitted, less those that ended without entering the population.
    submitted: u64,
    random_phase: Option<u64>,
}

/// Regularized (aging) evolution: parents win tournaments.
pub type RegularizedEvolution = Aging<Tournament>;

/// Neutral evolution: parents are drawn evenly from the same population.
pub type Neutral = Aging<Evenly>;

impl<S: Selection> Aging<S> {
    fn new(options: AgingOptions, selection: S, context: &Context) -> Result<Self> {
        let (p, w) = (u64::from(options.population), u64::from(context.workers.max(1)));
        let random_phase = match options.start {
            Start::Completed => p + w - 1,
            Start::Submitted => p.max(w),
            Start::Waited => p,
        };
        Ok(Self {
            population: Population::new(options.population),
            selection,
            start: options.start,
            failures: options.failures,
            screening: Screening::new(options.screening, context.space()?),
            submitted: 0,
            // How many failures there will be is not known.
            random_phase: (options.failures == Failures::Worst).then_some(random_phase),
        })
    }

    /// Whether candidates are still sampled.
    #[inline]
    fn is_random(&self) -> bool {
        match self.start {
            Start::Completed | Start::Waited => !self.population.is_full(),
            Start::Submitted => {
                // Members entered, so they count even where the caller never asked for them (a replayed import).
                let begun = self.submitted.max(self.population.len() as u64);
                begun < self.population.capacity() as u64 || self.population.is_empty()
            }
        }
    }
}

impl<S: Selection> Strategy for Aging<S> {
    fn spec(&self) -> StrategySpec {
        StrategySpec { screens: self.screening.is_some(), random_phase: self.random_phase }
    }

    #[inline]
    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        let proposal = if self.is_random() {
            if self.start == Start::Waited && self.submitted >= self.population.capacity() as u64 {
                return Ok(Proposal::Wait);
            }
            Proposal::Sample
        } else {
            let rank = self.selection.select(self.population.len(), rng);
            let number = u32::try_from(rank + 1).unwrap_or(u32::MAX - 1);
            Proposal::Mutate(Selected { id: self.population.ranked(rank), rank: Some(number) })
        };
        if self.screening.is_none() {
            self.submitted += 1;
        }
        Ok(proposal)
    }

    fn accept(&mut self, choices: &[Choice]) -> Result<bool> {
        let Some(screening) = &mut self.screening else { return Ok(true) };
        let accepted = screening.accept(choices);
        self.submitted += u64::from(accepted);
        Ok(accepted)
    }

    #[inline]
    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        if finished.score.is_none() && self.failures == Failures::Ignore {
            self.submitted = self.submitted.saturating_sub(1);
            released.push(finished.id);
        } else {
            released.extend(self.population.enter(finished.id, finished.score));
        }
        Ok(())
    }
}

const REFERENCES: &[&str] = &["arXiv:1802.01548", "arXiv:2309.12576"];

impl Component for RegularizedEvolution {
    type Options = RegularizedOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "regularized-evolution",
        "mutates the best of a random sample of the last finished candidates; the oldest leave, whatever their score",
    )
    .references(REFERENCES)
    .options(&[POPULATION, SAMPLE, REPLACEMENT, START, FAILURES, DUPLICATES, MAX_REDRAWS]);

    fn create(options: RegularizedOptions, context: &Context) -> Result<Self> {
        let RegularizedOptions { sample, replacement, aging } = options;
        if !replacement && sample > aging.population {
            let message = format!(
                "option `sample` is {sample}, but `population` holds only {} candidates: a tournament without \
                 replacement cannot have more members than the population; lower `sample`, raise `population`, or \
                 set `replacement = true`",
                aging.population
            );
            return Err(Fault::new(FaultKind::Options, message).at("sample").into());
        }
        Self::new(aging, Tournament::new(sample, replacement), context)
    }
}

impl Component for Neutral {
    type Options = AgingOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "neutral",
        "regularized evolution with selection switched off: parents are drawn evenly (a null model)",
    )
    .references(&["arXiv:1802.01548", "doi:10.1038/217624a0"])
    .options(&[POPULATION, START, FAILURES, DUPLICATES, MAX_REDRAWS]);

    fn create(options: AgingOptions, context: &Context) -> Result<Self> {
        Self::new(options, Evenly, context)
    }
}
