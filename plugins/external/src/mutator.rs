//! The mutator: programs that turn parents into children and remember nothing.

use crate::options::{
    COMMAND, ExternalOptions, OPTIONS, RESTARTS, START_TIMEOUT, TIMEOUT, fault, fault_after,
};
use crate::pool::Pool;
use crate::protocol::{
    Capability, Children, Mutate, MutateRequest, Recombine, RecombineRequest, Role, ToProgram, seed,
};
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Fault, FaultKind};
use std::sync::Arc;

/// A mutator that is a program.
///
/// Each child is asked for alone, although a message can carry several requests: the engine makes a child when there is a
/// worker for it, from a parent that the strategy selects at that moment. Children made ahead would be of parents that it
/// might not have selected.
pub struct ExternalMutator {
    pool: Arc<Pool>,
    space: SpaceSpec,
}

impl ExternalMutator {
    /// Has a program make one child.
    fn ask(
        &self,
        child: &mut [Choice],
        to: &'static str,
        message: impl FnOnce(u64) -> ToProgram,
    ) -> Result<()> {
        let made = self.pool.call(to, message, |answer: Children| {
            let count = answer.children.len();
            let [made] = <[Vec<Choice>; 1]>::try_from(answer.children)
                .map_err(|_| format!("it has {count} children, and 1 was requested"))?;
            self.space.check_ranges(&made).map_err(|error| error.to_string())?;
            Ok(made)
        });
        let made = made.map_err(|failure| fault_after(&failure, self.pool.restarted()))?;
        // Both have as many choices as the space has decisions.
        ensure!(
            made.len() == child.len(),
            "the parent has {} choices, its child {}",
            child.len(),
            made.len()
        );
        child.copy_from_slice(&made);
        Ok(())
    }
}

impl Component for ExternalMutator {
    type Options = ExternalOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("external", "a program in any language makes the child (JSON Lines)").options(&[
            COMMAND,
            TIMEOUT,
            START_TIMEOUT,
            RESTARTS,
            OPTIONS,
        ]);

    fn create(options: ExternalOptions, context: &Context) -> Result<Self> {
        let (launch, hello) = (options.launch(context)?, options.hello(Role::Mutator, context)?);
        let space = hello.space.clone();
        let pool = Pool::of(launch, hello, options.restarts).map_err(|failure| fault(&failure))?;
        Ok(Self { pool, space })
    }
}

impl Mutator for ExternalMutator {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let request = MutateRequest { parent: child.to_vec(), seed: seed(rng) };
        self.ask(child, "mutate", |id| ToProgram::Mutate(Mutate { id, requests: vec![request] }))
    }

    fn recombine(&self, child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
        if !self.pool.about().capabilities.contains(&Capability::Recombine) {
            return crossover(child, other, rng);
        }
        let request = RecombineRequest { parent: child.to_vec(), other: other.to_vec(), seed: seed(rng) };
        self.ask(child, "recombine", |id| ToProgram::Recombine(Recombine { id, requests: vec![request] }))
    }
}

/// What [`Mutator::recombine`] does where nobody overrides it.
fn crossover(child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
    struct Uniform;
    impl Mutator for Uniform {
        fn mutate(&self, _: &mut [Choice], _: &mut Rng) -> Result<()> {
            Err(Fault::new(FaultKind::Unsupported, "only for recombination").into())
        }
    }
    Uniform.recombine(child, other, rng)
}
