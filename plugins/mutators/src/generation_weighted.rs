//! A generation by weight, then one of its decisions.

use crate::site::Site;
use lamarck_sdk::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Changes one decision: a generation by weight, then one of its decisions with equal chance, then another of its
/// options.
///
/// A generation is made of the decisions with the same number of descendants. From the one with the most descendants
/// to the one with the fewest, the weights are evenly spaced from 1 to `beta`: the larger `beta`, the more of the
/// parent's layers a child keeps. A single generation has all the weight.
#[derive(Debug, Clone)]
pub struct GenerationWeighted {
    /// Sums of the generations' chances up to and including each; the last is 1.
    cumulative: Box<[f64]>,
    generations: Box<[Box<[Site]>]>,
}

/// The options of [`GenerationWeighted`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct GenerationOptions {
    /// The weight of the generation with the fewest descendants; that of the one with the most is 1.
    pub beta: f64,
}

impl GenerationWeighted {
    /// Each decision's chance to be the one that changes, with its position; they add up to 1.
    pub fn chances(&self) -> Vec<(usize, f64)> {
        let mut before = 0.0;
        let mut chances = Vec::new();
        for (&until, sites) in self.cumulative.iter().zip(&self.generations) {
            chances.extend(sites.iter().map(|site| (site.position(), (until - before) / sites.len() as f64)));
            before = until;
        }
        chances.sort_unstable_by_key(|&(position, _)| position);
        chances
    }
}

impl Component for GenerationWeighted {
    type Options = GenerationOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "generation-weighted",
        "changes one decision, the likelier the fewer layers lie below it (beta); even over generations at beta = 1",
    )
    .references(&["arXiv:2309.12576", "doi:10.1145/3625549.3658679"])
    .options(&[OptionSpec::float(
        "beta",
        1.0,
        1e9,
        "the weight of the decisions with the fewest descendants, that of those with the most being 1",
    )
    .default_value("1.0")]);

    fn create(options: GenerationOptions, context: &Context) -> Result<Self> {
        let beta = options.beta;
        ensure!(
            beta.is_finite() && beta >= 1.0,
            "option `beta` is {beta}; it must be a number of at least 1"
        );
        let mut by_descendants: BTreeMap<Reverse<u32>, Vec<Site>> = BTreeMap::new();
        for (site, decision) in Site::all(context.space()?)? {
            by_descendants.entry(Reverse(decision.descendants)).or_default().push(site);
        }
        let steps = (by_descendants.len() - 1).max(1) as f64;
        let weights: Vec<f64> =
            (0..by_descendants.len()).map(|step| 1.0 + (beta - 1.0) * step as f64 / steps).collect();
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum / total
            })
            .collect();
        if let Some(last) = cumulative.last_mut() {
            // Rounding must not leave a draw without a generation.
            *last = 1.0;
        }
        Ok(Self {
            cumulative: cumulative.into_boxed_slice(),
            generations: by_descendants.into_values().map(Vec::into_boxed_slice).collect(),
        })
    }
}

impl Mutator for GenerationWeighted {
    #[inline]
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let drawn = rng.uniform();
        // `drawn` is below 1, the last sum; so there always is a generation.
        let sites = &self.generations[self.cumulative.partition_point(|&until| until <= drawn)];
        sites[rng.index(sites.len())].change(child, rng)
    }
}
