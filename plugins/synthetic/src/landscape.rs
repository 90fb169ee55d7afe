//! The landscape itself: effects of decisions, terms of linked pairs, and a rugged part.
//!
//! The latent value of a vector `x` of `n` decisions that have more than one option is
//!
//! ```text
//! f(x) = sqrt(1 - r) * S(x) + sqrt(r) * R(x)
//! S(x) = sum over decisions  of  sqrt(V_i)  * m_i(x_i)
//!      + sum over links (i,j) of sqrt(V_ij) * p_i(x_i) * q_j(x_j)
//! ```
//!
//! - `m`, `p` and `q` are random functions of one decision's options, smooth where options are alike, each with mean
//!   exactly 0 and variance exactly 1 over its options. A term of a pair is a product of two of them, so it takes no
//!   table of pairs, is smooth in a width when the other choice is held, and has mean 0 in either choice.
//! - The variances `V` sum to 1. The pairs hold the share `interactions` of it. A decision's share varies with its
//!   importance, which is log-normal with a standard deviation of 0.7 (the middle two thirds of decisions differ by a
//!   factor of 4); a pair's with the geometric mean of both importances, doubled for decisions that are neighbours
//!   both in the vector and in their node.
//! - Linked are decisions next to each other in the vector, and next to each other among those of one node.
//! - `R` is an independent number of mean 0 and variance 1 for every vector, from a hash.
//!
//! All terms are uncorrelated with each other when every vector is equally likely, so `f` has mean 0 and variance 1
//! exactly. So has the correlation of a random vector's `f` with that of its child, in which one of the `n` decisions
//! has another option, a closed form: a term of `k` options keeps `-1/(k-1)` of its variance when its decision
//! changes, so
//!
//! ```text
//! corr(f) = (1 - r) * (1 - 1/n * sum over all terms of V * sum over the term's decisions of k_i/(k_i - 1))
//! ```
//!
//! which is about `(1 - r) (1 - (1 + interactions)/n)` for decisions of many options, and `1 - 1/n` for a purely
//! additive landscape.
//!
//! The score is `low + (high - low) * (1 + f / sqrt(1 + f^2)) / 2`, a sigmoid: random architectures lie around the
//! middle, and from there a search gains fast and then ever more slowly. It is not the logistic curve because only
//! exactly rounded operations give the same bits on every machine.

use crate::arithmetic::{exp, keyed, normal, vector_key};
use crate::effects::{Likeness, column};
use lamarck_sdk::anyhow::{Result, bail};
use lamarck_sdk::{Choice, Rng, SpaceSpec};
use std::collections::BTreeMap;

/// What the random parts are keyed by. The numbers are part of the results: never renumber.
pub(crate) mod tag {
    pub(super) const IMPORTANCE: u64 = u64::MAX;
    pub(super) const RUGGED: u64 = u64::MAX - 1;
    pub(super) const FAILURE: u64 = u64::MAX - 2;
    pub(crate) const CALIBRATION: u64 = u64::MAX - 3;
    pub(crate) const MEASUREMENT: u64 = u64::MAX - 4;
}

/// What the functions of one decision's options are for.
const MAIN: u64 = 0;
const FIRST: u64 = 1;
const SECOND: u64 = 2;

/// The standard deviation of the logarithm of a decision's importance.
const IMPORTANCE_SPREAD: f64 = 0.7;

/// A seeded landscape over a decision space.
#[derive(Debug, Clone)]
pub struct Landscape {
    space: SpaceSpec,
    /// Where each decision's options begin in `values`, and where the last one's end.
    starts: Box<[usize]>,
    /// An option's main effect, already weighted, and its factors as first and as second of a pair.
    values: Box<[[f64; 3]]>,
    links: Box<[Link]>,
    /// The positions of the decisions that have more than one option.
    free: Box<[usize]>,
    /// Closed-form correlation of `S` between a vector and its one-decision child.
    correlation: Option<f64>,
    interactions: f64,
    ruggedness: f64,
    keys: Keys,
}

#[derive(Debug, Clone, Copy)]
struct Keys {
    rugged: u64,
    failure: u64,
}

/// A pair of decisions whose choices matter together.
#[derive(Debug, Clone, Copy)]
struct Link {
    first: usize,
    second: usize,
    /// The square root of its variance.
    weight: f64,
}

impl Landscape {
    /// A landscape without a rugged part. `interactions` is the share of variance of the pairs, from 0 to 1; a space
    /// with fewer than two decisions to make has none.
    pub fn new(space: &SpaceSpec, seed: u64, interactions: f64) -> Self {
        let sizes: Vec<usize> = space.decisions.iter().map(|decision| decision.options.len()).collect();
        let free: Vec<usize> = (0..sizes.len()).filter(|&at| sizes[at] > 1).collect();
        let importance =
            |at: usize| exp(IMPORTANCE_SPREAD * normal(&mut keyed(&[seed, at as u64, tag::IMPORTANCE])));
        let importance: Vec<f64> = (0..sizes.len()).map(importance).collect();
        let pairs = linked(space, &free);
        let interactions = if pairs.is_empty() { 0.0 } else { interactions };

        let total: f64 = free.iter().map(|&at| importance[at]).sum();
        let main = |at: usize| (1.0 - interactions) * importance[at] / total;
        let strength =
            |&((i, j), relations): &((usize, usize), f64)| relations * (importance[i] * importance[j]).sqrt();
        let total: f64 = pairs.iter().map(strength).sum();

        // k / (k - 1), the share of a term's covariance that a change of the decision takes away.
        let fading = |at: usize| sizes[at] as f64 / (sizes[at] - 1) as f64;
        let mut lost: f64 = free.iter().map(|&at| main(at) * fading(at)).sum();
        let mut links = Vec::with_capacity(pairs.len());
        for pair in &pairs {
            let variance = interactions * strength(pair) / total;
            let (first, second) = pair.0;
            lost += variance * (fading(first) + fading(second));
            links.push(Link { first, second, weight: variance.sqrt() });
        }

        let mut starts = vec![0];
        let mut values = Vec::new();
        for (at, decision) in space.decisions.iter().enumerate() {
            let likeness = Likeness::of(decision);
            let column = |which| column(seed, at as u64, which, sizes[at], &likeness);
            let weight = if sizes[at] > 1 { main(at).sqrt() } else { 0.0 };
            let factors = column(FIRST).into_iter().zip(column(SECOND));
            values.extend(column(MAIN).into_iter().zip(factors).map(|(m, (p, q))| [weight * m, p, q]));
            starts.push(values.len());
        }
        let key = |tag| keyed(&[seed, tag]).next();
        Self {
            space: space.clone(),
            starts: starts.into(),
            values: values.into(),
            links: links.into(),
            correlation: (!free.is_empty()).then(|| 1.0 - lost / free.len() as f64),
            free: free.into(),
            interactions,
            ruggedness: 0.0,
            keys: Keys { rugged: key(tag::RUGGED), failure: key(tag::FAILURE) },
        }
    }

    /// The same with a share `r` of the variance, from 0 to 1, in the rugged part.
    #[must_use]
    pub fn with_ruggedness(mut self, r: f64) -> Self {
        self.ruggedness = r.clamp(0.0, 1.0);
        self
    }

    /// The share of variance in the rugged part.
    pub fn ruggedness(&self) -> f64 {
        self.ruggedness
    }

    /// The share of the smooth part's variance that pairs hold.
    pub fn interactions(&self) -> f64 {
        self.interactions
    }

    /// Linked pairs of decisions.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// The space.
    pub fn space(&self) -> &SpaceSpec {
        &self.space
    }

    /// The positions of the decisions that have more than one option.
    pub fn free(&self) -> &[usize] {
        &self.free
    }

    /// The correlation of latent values between a random vector and its one-decision child, in closed form; `None`
    /// when no decision can change.
    pub fn correlation(&self) -> Option<f64> {
        self.correlation.map(|smooth| (1.0 - self.ruggedness) * smooth)
    }

    /// The smooth part `S`; an error for a vector that is none of this space.
    #[inline]
    pub fn smooth(&self, choices: &[Choice]) -> Result<f64> {
        if choices.len() + 1 != self.starts.len() {
            return self.refuse(choices);
        }
        let mut sum = 0.0;
        for (ends, &choice) in self.starts.windows(2).zip(choices) {
            let row = ends[0] + usize::from(choice);
            if row >= ends[1] {
                return self.refuse(choices);
            }
            sum += self.values[row][0];
        }
        for link in &self.links {
            let first = self.values[self.starts[link.first] + usize::from(choices[link.first])][1];
            let second = self.values[self.starts[link.second] + usize::from(choices[link.second])][2];
            sum += link.weight * first * second;
        }
        Ok(sum)
    }

    #[cold]
    fn refuse(&self, choices: &[Choice]) -> Result<f64> {
        self.space.check_ranges(choices)?;
        bail!("{choices:?} is not a vector of space `{}`", self.space.name)
    }

    /// The rugged part `R`, whatever its share.
    #[inline]
    pub fn rugged(&self, choices: &[Choice]) -> f64 {
        normal(&mut Rng::from_seed(vector_key(self.keys.rugged, choices)))
    }

    /// The latent value `f`.
    #[inline]
    pub fn latent(&self, choices: &[Choice]) -> Result<f64> {
        let smooth = self.smooth(choices)?;
        Ok(if self.ruggedness > 0.0 { mix(smooth, self.rugged(choices), self.ruggedness) } else { smooth })
    }

    /// Whether this vector is among the given share of vectors that fail.
    #[inline]
    pub fn fails(&self, choices: &[Choice], share: f64) -> bool {
        share > 0.0 && Rng::from_seed(vector_key(self.keys.failure, choices)).chance(share)
    }
}

/// `f` from its parts.
#[inline]
pub(crate) fn mix(smooth: f64, rugged: f64, ruggedness: f64) -> f64 {
    (1.0 - ruggedness).sqrt() * smooth + ruggedness.sqrt() * rugged
}

/// From the real line to between 0 and 1, in order.
#[inline]
pub fn squash(latent: f64) -> f64 {
    0.5 + 0.5 * latent / (1.0 + latent * latent).sqrt()
}

/// Pairs of decisions that are neighbours, with the number of ways in which they are.
fn linked(space: &SpaceSpec, free: &[usize]) -> Vec<((usize, usize), f64)> {
    let mut pairs = BTreeMap::new();
    let mut last_of_node = BTreeMap::new();
    let mut before = None;
    for &at in free {
        let of_node = space.decisions[at].node.and_then(|node| last_of_node.insert(node, at));
        for first in before.into_iter().chain(of_node) {
            *pairs.entry((first, at)).or_insert(0.0) += 1.0;
        }
        before = Some(at);
    }
    pairs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;

    #[test]
    fn neighbours_in_the_vector_and_in_a_node_are_linked() {
        let mut space = space(&[3, 3, 1, 3, 3]);
        for (decision, node) in space.decisions.iter_mut().zip([Some(0), Some(1), Some(1), Some(0), Some(0)])
        {
            decision.node = node;
        }
        // Position 2 has nothing to decide, so 1 and 3 are neighbours; 0 and 3 are by their node, 3 and 4 by both.
        assert_eq!(
            linked(&space, &[0, 1, 3, 4]),
            [((0, 1), 1.0), ((0, 3), 1.0), ((1, 3), 1.0), ((3, 4), 2.0)]
        );
    }

    /// Over all vectors of a small space: mean 0, variance 1, and the closed form against all pairs of parent and
    /// child.
    #[test]
    fn moments_and_correlation_are_exact() {
        let mut space = space(&[3, 1, 4, 2, 5]);
        space.decisions[0].ordered = true;
        space.decisions[4].node = Some(1);
        space.decisions[0].node = Some(1);
        for interactions in [0.0, 0.4, 1.0] {
            let landscape = Landscape::new(&space, 9, interactions);
            let sizes = [3_u16, 1, 4, 2, 5];
            let all: Vec<[u16; 5]> =
                (0..120_u16).map(|i| [i % 3, 0, i / 3 % 4, i / 12 % 2, i / 24]).collect();
            let smooth = |x: &[u16; 5]| landscape.smooth(x).unwrap();
            let n = all.len() as f64;
            let mean = all.iter().map(smooth).sum::<f64>() / n;
            let variance = all.iter().map(|x| smooth(x).powi(2)).sum::<f64>() / n;
            assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "{mean} {variance}");
            let mut covariance = 0.0;
            for parent in &all {
                for at in [0, 2, 3, 4] {
                    for option in (0..sizes[at]).filter(|&option| option != parent[at]) {
                        let mut child = *parent;
                        child[at] = option;
                        covariance += smooth(parent) * smooth(&child) / f64::from(sizes[at] - 1);
                    }
                }
            }
            let exact = covariance / (4.0 * n);
            let formula = landscape.correlation().unwrap();
            assert!((exact - formula).abs() < 1e-12, "{interactions}: {exact} against {formula}");
        }
    }
}
