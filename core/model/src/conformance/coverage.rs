//! Whether sampling covers the options of each decision.

use super::ledger::Ledger;
use super::spaces::sample;
use super::{Rule, attempt};
use crate::component::SearchSpace;
use crate::rng::Rng;

/// Vectors that are drawn to see whether all options come: this many for each option of the largest decision, within
/// these bounds.
const DRAWS_AN_OPTION: usize = 40;
const DRAWS: (usize, usize) = (2_000, 100_000);

/// The value that chi-squared with so many degrees of freedom exceeds with probability 1e-9 at most, by the cube-root
/// normal approximation of Wilson and Hilferty (1931), doi:10.1073/pnas.17.12.684. So far in the tail it is too large
/// for few degrees (47 instead of 37 for one), which errs on the component's side.
fn critical(degrees: f64) -> f64 {
    let variance = 2.0 / (9.0 * degrees);
    degrees * (1.0 - variance + 5.998 * variance.sqrt()).powi(3)
}

/// Samples often, and compares how often each option came with even chances.
pub(super) fn covers(ledger: &mut Ledger, rule: Rule, space: &dyn SearchSpace) {
    let spec = space.spec();
    let most = spec.decisions.iter().map(|decision| decision.options.len()).max().unwrap_or(1);
    let draws = most.saturating_mul(DRAWS_AN_OPTION).clamp(DRAWS.0, DRAWS.1);
    let mut counts: Vec<Vec<u64>> =
        spec.decisions.iter().map(|decision| vec![0; decision.options.len()]).collect();
    let mut rng = Rng::from_seed(8);
    for _ in 0..draws {
        // What sampling itself does wrong stands under other rules.
        let Ok(choices) = attempt(|| sample(space, &mut rng)) else { return };
        for (counts, &choice) in counts.iter_mut().zip(&choices) {
            let Some(count) = counts.get_mut(usize::from(choice)) else { return };
            *count += 1;
        }
    }
    let (mut unseen, mut rare) = (0_usize, 0_usize);
    for (decision, counts) in spec.decisions.iter().zip(&counts) {
        let (options, seen) = (counts.len(), counts.iter().filter(|&&count| count > 0).count());
        let expected = draws as f64 / options as f64;
        // Below five expected of each the approximation does not hold.
        if expected < 5.0 {
            rare += 1;
            continue;
        }
        if spec.constrained {
            unseen += options - seen;
            continue;
        }
        let chi2: f64 = counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
        let holds = options == 1 || (chi2 <= critical((options - 1) as f64) && seen == options);
        ledger.case(rule, holds, || {
            format!(
                "decision `{}`: {draws} draws gave its options {counts:?} times, {expected:.1} each expected",
                decision.name
            )
        });
    }
    if spec.constrained {
        ledger.skip(rule, "the space is constrained, so some options may be rarer");
        ledger.note(format!("{unseen} options never came in {draws} sampled vectors"));
    } else if rare > 0 {
        ledger.skip(rule, format!("{rare} decisions have too many options for {draws} draws"));
        ledger.note(format!("{rare} decisions have too many options to be checked with {draws} draws"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For two degrees of freedom the exact value is -2 ln p; for one it is the square of a normal quantile.
    #[test]
    fn critical_values_are_not_below_the_exact_ones() {
        let exact = -2.0 * 1e-9_f64.ln();
        assert!((exact..exact * 1.2).contains(&critical(2.0)), "{} for {exact}", critical(2.0));
        assert!((37.3..37.3 * 1.3).contains(&critical(1.0)), "{}", critical(1.0));
    }
}
