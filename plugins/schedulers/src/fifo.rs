//! The order of submission.

use lamarck_sdk::prelude::*;

/// First in, first out: the oldest ready candidate goes to the lowest-numbered idle worker, the next to the next.
///
/// It looks at neither the candidate nor the worker. The order comes from the contract of [`Situation`]: a
/// scheduler that sorted both again would pay for what the engine has done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fifo;

/// [`Fifo`] has no options.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct FifoOptions {}

impl Component for Fifo {
    type Options = FifoOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("fifo", "gives the oldest ready candidate to the lowest-numbered idle worker")
            .references(&["arXiv:2309.12576"]);

    fn create(_: FifoOptions, _: &Context) -> Result<Self> {
        Ok(Self)
    }
}

impl Scheduler for Fifo {
    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        let pairs = situation.ready.len().min(situation.idle.len());
        (0..pairs).for_each(|position| out.assign(position, position));
        Ok(())
    }
}
