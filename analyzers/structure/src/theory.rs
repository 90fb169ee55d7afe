//! What closed forms expect of sampling without selection and of mutation without selection.

/// Distinct values among `draws` even draws from `values`: K (1 - (1 - 1/K)^P).
pub(crate) fn distinct(values: f64, draws: f64) -> f64 {
    if values <= 1.0 {
        return values.min(draws);
    }
    // 1/K vanishes beside 1 for large K; the logarithm of both together does not.
    -values * (draws * (-1.0 / values).ln_1p()).exp_m1()
}

/// The share of the draws number `from` (from 0) to `to` of an even sample from `values` that repeat an earlier one:
/// the mean of 1 - (1 - 1/K)^i.
pub(crate) fn repeats(values: f64, from: f64, to: f64) -> f64 {
    (1.0 - (distinct(values, to) - distinct(values, from)) / (to - from)).max(0.0)
}

/// The chance that a member of a population of `population` is chosen at least once when as many parents are drawn
/// evenly while it is a member: 1 - (1 - 1/P)^P.
pub(crate) fn neutral_survival(population: f64) -> f64 {
    if population <= 1.0 { 1.0 } else { -(population * (-1.0 / population).ln_1p()).exp_m1() }
}

/// What the entropy of options is divided by: the largest that `n` candidates can show of `options`.
pub(crate) fn largest_entropy(options: f64, n: f64) -> f64 {
    options.min(n).ln()
}

/// The normalised entropy that `n` even draws from `options` show on average.
///
/// A window of n candidates shows less variety than it was drawn from. The expected entropy is
/// ln n - (k/n) E[X ln X] with X binomial (n, 1/k). For n far above k that is ln k - (k - 1)/(2n) (G. Miller, 1955).
pub(crate) fn sampled_entropy(options: f64, n: f64) -> Option<f64> {
    let largest = largest_entropy(options, n);
    if options < 2.0 || n < 2.0 {
        return None;
    }
    if n >= 1000.0 * options {
        return Some(((options.ln() - (options - 1.0) / (2.0 * n)) / largest).clamp(0.0, 1.0));
    }
    let odds = (1.0 / (options - 1.0)).ln();
    let mut log_chance = n * (-1.0 / options).ln_1p();
    let (mut sum, mut x, mean) = (0.0, 0.0, n / options);
    while x < n {
        log_chance += ((n - x) / (x + 1.0)).ln() + odds;
        x += 1.0;
        sum += log_chance.exp() * x * x.ln();
        if x > 2.0 * mean && log_chance < -46.0 {
            break;
        }
    }
    Some(((n.ln() - options / n * sum) / largest).clamp(0.0, 1.0))
}

/// How many decisions differ from the founder's after `steps` mutations of one decision each, drawn evenly, without
/// selection.
///
/// `options` are those of the decisions that can change. A decision with k options is hit with chance 1/L, and then
/// takes any other option; the chance that it differs is (k-1)/k (1 - (1 - k/(L (k-1)))^g). If the new option may be the
/// old one (`noop`), a hit forgets what was there, and the base is 1 - 1/L.
pub(crate) fn walk(options: &[f64], noop: bool, steps: f64) -> f64 {
    let decisions = options.len() as f64;
    let one = |&k: &f64| {
        let base: f64 = 1.0 - if noop { 1.0 } else { k / (k - 1.0) } / decisions;
        // A single decision of two options flips back and forth: the base is -1, the power a sign.
        let power = if base < 0.0 {
            base.abs().powf(steps) * (std::f64::consts::PI * steps).cos()
        } else {
            base.powf(steps)
        };
        (k - 1.0) / k * (1.0 - power)
    };
    options.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::Rng;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn closed_forms_at_values_worked_out_by_hand() {
        // Two draws from three: 1 + 2/3.
        assert!(near(distinct(3.0, 2.0), 5.0 / 3.0));
        assert!(near(distinct(1.0, 9.0), 1.0));
        // So many values that no draw is ever repeated: P less P (P-1) / 2K.
        assert!((distinct(1e30, 100.0) - 100.0).abs() < 1e-9);
        // The second draw from three repeats with chance 1/3; the first never.
        assert!(near(repeats(3.0, 1.0, 2.0), 1.0 / 3.0));
        assert!(near(repeats(3.0, 0.0, 1.0), 0.0));
        assert!(near(neutral_survival(2.0), 0.75));
        assert!(near(neutral_survival(1.0), 1.0));
        assert!((neutral_survival(1e6) - (1.0 - (-1.0_f64).exp())).abs() < 1e-6);
        // Two draws from two: alike (no entropy) or not (all of it), each with chance 1/2.
        assert!(near(sampled_entropy(2.0, 2.0).unwrap(), 0.5));
        // Three draws from two: 3/4 of them 2 + 1, with 0.918296 bits.
        assert!((sampled_entropy(2.0, 3.0).unwrap() - 0.75 * 0.918_295_834).abs() < 1e-8);
        // Where one formula hands over to the other, both agree.
        let (sum, series) = (sampled_entropy(5.0, 4999.0).unwrap(), sampled_entropy(5.0, 5000.0).unwrap());
        assert!((sum - series).abs() < 1e-6, "{sum} {series}");
        // One step changes one decision; two steps return with chance 1/L 1/(k-1).
        assert!(near(walk(&[5.0; 6], false, 1.0), 1.0));
        assert!(near(walk(&[3.0], false, 2.0), 0.5));
        assert!(near(walk(&[2.0], false, 2.0), 0.0) && near(walk(&[2.0], false, 3.0), 1.0));
        assert!(near(walk(&[4.0], true, 1.0), 0.75));
        assert!(near(walk(&[5.0; 6], false, 1e9), 4.8));
    }

    #[test]
    fn sampled_entropy_is_what_sampling_shows() {
        let mut rng = Rng::from_seed(7);
        let (k, n, rounds) = (40, 100, 4000);
        let mut sum = 0.0;
        for _ in 0..rounds {
            let mut counts = vec![0_u32; k];
            (0..n).for_each(|_| counts[rng.index(k)] += 1);
            sum += crate::composition::entropy(&counts, n).unwrap();
        }
        let mean = sum / f64::from(rounds);
        // The standard error is below 0.0003.
        assert!((mean - sampled_entropy(40.0, 100.0).unwrap()).abs() < 0.0015, "{mean}");
    }
}
