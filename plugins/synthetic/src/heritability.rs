//! How alike parents and children are, measured, and the ruggedness that makes them as alike as asked.
//!
//! The closed form of [`Landscape::correlation`] holds for latent values. Scores went through a sigmoid, which lowers
//! the correlation a little and by an amount that depends on the landscape. So the share of the rugged part is found
//! by bisection on one seeded sample of parents and children, and the correlation that results is measured on
//! another, whose interval is honest for that reason.

use crate::arithmetic::keyed;
use crate::landscape::{Landscape, mix, squash, tag};
use lamarck_sdk::anyhow::{Result, anyhow};
use lamarck_sdk::{Choice, Rng};

/// Pairs of parent and child in a sample.
pub const PAIRS: usize = BATCHES * BATCH;
const BATCHES: usize = 16;
const BATCH: usize = 512;
/// The 97.5 % point of Student's t with 15 degrees of freedom.
const STUDENT: f64 = 2.131;

/// A correlation and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Pearson's correlation.
    pub correlation: f64,
    /// Half the width of its 95 % interval, from the spread over 16 batches.
    pub half_width: f64,
    /// Pairs.
    pub pairs: usize,
}

/// Smooth and rugged parts of a parent and its child.
pub(crate) struct Pair {
    smooth: [f64; 2],
    rugged: [f64; 2],
}

/// Draws parents with every vector equally likely, and for each a child with one decision changed: any that can
/// change, to any other option, all equally likely. Empty when no decision can change.
pub(crate) fn sample(landscape: &Landscape, rng: &mut Rng) -> Result<Vec<Pair>> {
    let sizes: Vec<usize> =
        landscape.space().decisions.iter().map(|decision| decision.options.len()).collect();
    let free = landscape.free();
    if free.is_empty() {
        return Ok(Vec::new());
    }
    let mut vector = vec![0; sizes.len()];
    let mut pairs = Vec::with_capacity(PAIRS);
    for _ in 0..PAIRS {
        for (choice, &options) in vector.iter_mut().zip(&sizes) {
            *choice = Choice::try_from(rng.index(options))?;
        }
        let parent = (landscape.smooth(&vector)?, landscape.rugged(&vector));
        let at = free[rng.index(free.len())];
        let other = Choice::try_from(rng.index(sizes[at] - 1))?;
        // Options from the parent's on move up by one, which leaves the parent's out.
        vector[at] = if other >= vector[at] { other + 1 } else { other };
        pairs.push(Pair {
            smooth: [parent.0, landscape.smooth(&vector)?],
            rugged: [parent.1, landscape.rugged(&vector)],
        });
    }
    Ok(pairs)
}

/// Pearson's correlation of squashed values with a share `ruggedness` of the rugged part.
fn correlation(pairs: &[Pair], ruggedness: f64) -> f64 {
    let mut sums = [0.0; 5];
    for pair in pairs {
        // Less one half, so that the sums of squares lose no digits.
        let value = |which: usize| squash(mix(pair.smooth[which], pair.rugged[which], ruggedness)) - 0.5;
        let (x, y) = (value(0), value(1));
        for (sum, term) in sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
            *sum += term;
        }
    }
    let n = pairs.len() as f64;
    let [x, y, xx, yy, xy] = sums.map(|sum| sum / n);
    let spread = ((xx - x * x) * (yy - y * y)).sqrt();
    if spread > 0.0 { (xy - x * y) / spread } else { 0.0 }
}

/// Measures the correlation of scores without noise; `None` when no decision can change.
pub fn measure(landscape: &Landscape, seed: u64) -> Result<Option<Measured>> {
    let pairs = sample(landscape, &mut keyed(&[seed, tag::MEASUREMENT]))?;
    if pairs.is_empty() {
        return Ok(None);
    }
    let ruggedness = landscape.ruggedness();
    let batches: Vec<f64> = pairs.chunks(BATCH).map(|batch| correlation(batch, ruggedness)).collect();
    let n = batches.len() as f64;
    let mean = batches.iter().sum::<f64>() / n;
    let variance = batches.iter().map(|batch| (batch - mean) * (batch - mean)).sum::<f64>() / (n - 1.0);
    Ok(Some(Measured {
        correlation: correlation(&pairs, ruggedness),
        half_width: STUDENT * (variance / n).sqrt(),
        pairs: pairs.len(),
    }))
}

/// The ruggedness with which scores have the wanted correlation. The error says the largest that can be reached.
pub fn ruggedness_for(landscape: &Landscape, seed: u64, wanted: f64) -> Result<f64> {
    if wanted <= 0.0 {
        return Ok(1.0);
    }
    let pairs = sample(landscape, &mut keyed(&[seed, tag::CALIBRATION]))?;
    if pairs.is_empty() {
        return Err(anyhow!(
            "heritability is {wanted}, but no decision of space `{}` can change, so there are no children; leave it out",
            landscape.space().name
        ));
    }
    let largest = correlation(&pairs, 0.0);
    if wanted > largest {
        // Rounded down, so that the number in the message works.
        let reachable = (largest * 1000.0).floor().max(0.0) / 1000.0;
        let interactions = landscape.interactions();
        let advice = if interactions > 0.0 {
            format!(", or for fewer `interactions` (now {interactions})")
        } else {
            String::new()
        };
        return Err(anyhow!(
            "heritability is {wanted}, but one changed decision of {} leaves scores with a correlation of at most \
             {reachable}; ask for no more{advice}",
            landscape.free().len(),
        ));
    }
    let (mut smooth, mut rugged) = (0.0, 1.0);
    for _ in 0..20 {
        let middle = 0.5 * (smooth + rugged);
        if correlation(&pairs, middle) > wanted { smooth = middle } else { rugged = middle }
    }
    Ok(0.5 * (smooth + rugged))
}
