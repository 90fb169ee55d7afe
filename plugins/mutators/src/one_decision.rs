//! Any decision, with equal chance.

use crate::site::Site;
use lamarck_sdk::prelude::*;

/// Changes one decision, drawn with equal chance from all that can change, to another of its options.
#[derive(Debug, Clone)]
pub struct OneDecision {
    sites: Box<[Site]>,
    noop: bool,
}

/// The options of [`OneDecision`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct OneDecisionOptions {
    /// Whether the new option may be the old one.
    pub noop: bool,
}

impl Component for OneDecision {
    type Options = OneDecisionOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("one-decision", "changes one decision, each with equal chance, to another option")
            .references(&["arXiv:1802.01548", "arXiv:2309.12576"])
            .options(&[OptionSpec::bool(
                "noop",
                "whether the new option may be the old one, so that a mutation may change nothing",
            )
            .default_value("false")]);

    fn create(options: OneDecisionOptions, context: &Context) -> Result<Self> {
        let sites = Site::all(context.space()?)?;
        Ok(Self { sites: sites.into_iter().map(|(site, _)| site).collect(), noop: options.noop })
    }
}

impl Mutator for OneDecision {
    #[inline]
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let site = self.sites[rng.index(self.sites.len())];
        if self.noop { site.redraw(child, rng) } else { site.change(child, rng) }
    }
}
