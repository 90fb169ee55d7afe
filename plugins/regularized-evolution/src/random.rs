//! Random search.

use crate::options::{DUPLICATES, MAX_REDRAWS, ScreeningOptions};
use crate::screening::Screening;
use lamarck_sdk::prelude::*;

/// Random search: every vector is drawn from the space, and every candidate forgotten at once.
#[derive(Debug, Clone)]
pub struct Random {
    screening: Option<Screening>,
}

impl Component for Random {
    type Options = ScreeningOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("random", "draws every vector from the space (a null model)")
            .references(&["arXiv:1902.07638"])
            .options(&[DUPLICATES, MAX_REDRAWS]);

    fn create(options: ScreeningOptions, context: &Context) -> Result<Self> {
        Ok(Self { screening: Screening::new(options, context.space()?) })
    }
}

impl Strategy for Random {
    fn spec(&self) -> StrategySpec {
        // There is no child, so no number of candidates before the first.
        StrategySpec { screens: self.screening.is_some(), random_phase: None }
    }

    fn ask(&mut self, _rng: &mut Rng) -> Result<Proposal> {
        Ok(Proposal::Sample)
    }

    fn accept(&mut self, choices: &[Choice]) -> Result<bool> {
        Ok(self.screening.as_mut().is_none_or(|screening| screening.accept(choices)))
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        released.push(finished.id);
        Ok(())
    }
}
