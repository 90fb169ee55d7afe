//! How a component is declared and made.

use anyhow::Result;
use lamarck_model::Context;
use lamarck_model::declaration::ComponentSpec;
use serde::de::DeserializeOwned;

/// A component: its declaration and its constructor. Beside it a component implements the trait of its kind.
///
/// ```
/// use lamarck_sdk::prelude::*;
///
/// /// Places the oldest ready candidate on the highest-numbered idle worker.
/// struct Highest;
///
/// // No options: any type that deserialises from an empty table will do.
/// #[derive(Deserialize)]
/// #[serde(crate = "lamarck_sdk::serde")]
/// struct Options {}
///
/// impl Component for Highest {
///     type Options = Options;
///     const SPEC: ComponentSpec = ComponentSpec::new("highest", "oldest candidate, highest worker");
///
///     fn create(_: Options, _: &Context) -> Result<Self> {
///         Ok(Self)
///     }
/// }
///
/// impl Scheduler for Highest {
///     fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
///         let workers = (0..situation.idle.len()).rev();
///         (0..situation.ready.len()).zip(workers).for_each(|(ready, idle)| out.assign(ready, idle));
///         Ok(())
///     }
/// }
/// ```
pub trait Component: Sized + 'static {
    /// The options, as they come out of the study: complete, because missing ones got their declared defaults.
    type Options: DeserializeOwned;

    /// Name, summary, references, options.
    const SPEC: ComponentSpec;

    /// Makes one. Options that make no sense together are an error here.
    fn create(options: Self::Options, context: &Context) -> Result<Self>;
}
