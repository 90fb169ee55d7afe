//! Random numbers and an exponential whose bits are the same on every machine.
//!
//! Only `+`, `-`, `*`, `/` and the square root are exactly rounded everywhere. `exp`, `ln` and `cos` come from the
//! platform's mathematical library and may differ in the last bit, which is enough to make two candidates trade
//! places in a tournament. So nothing here uses them.

use lamarck_sdk::Rng;

/// A number of mean 0 and variance 1, nearly normal: the sum of twelve uniform numbers, less 6.
///
/// Its tails end at 6 standard deviations, and its fourth moment is 2.9 where a normal one's is 3.
pub(crate) fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.uniform()).sum::<f64>() - 6.0
}

/// A generator keyed by all `parts`, whatever was drawn before.
pub(crate) fn keyed(parts: &[u64]) -> Rng {
    let mut rng = Rng::from_seed(0);
    for &part in parts {
        rng = Rng::from_seed(rng.next() ^ part);
    }
    rng
}

/// A hash of a vector; the seed of a generator, which mixes it further.
///
/// Each step is one-to-one in the state and in the choice, so vectors of the same length that differ in one decision
/// never collide.
pub(crate) fn vector_key(seed: u64, choices: &[u16]) -> u64 {
    choices.iter().fold(seed, |state, &choice| {
        let mixed = state ^ u64::from(choice);
        (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
    })
}

/// e to the power of `x`, to within a few units in the last place.
pub(crate) fn exp(x: f64) -> f64 {
    // The power of two is taken out, and the rest, at most 0.35, is a short Taylor series.
    let halvings = (x.clamp(-700.0, 700.0) * std::f64::consts::LOG2_E).round();
    let rest = x.clamp(-700.0, 700.0) - halvings * std::f64::consts::LN_2;
    let series = (1..=14).rev().fold(1.0, |sum, n| 1.0 + sum * rest / f64::from(n));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 13 to 2033 by the clamp"
    )]
    let exponent = (halvings + 1023.0) as u64;
    series * f64::from_bits(exponent << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_platform() {
        for step in -4000..4000 {
            let x = f64::from(step) * 0.171;
            let error = exp(x) / x.exp() - 1.0;
            assert!(error.abs() < 1e-13, "exp({x}) is off by {error}");
        }
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn normal_has_mean_0_and_variance_1() {
        let mut rng = Rng::from_seed(3);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let z = normal(&mut rng);
            sum += z;
            squares += z * z;
        }
        // Standard errors 0.0022 and 0.0031.
        assert!((sum / f64::from(n)).abs() < 0.01 && (squares / f64::from(n) - 1.0).abs() < 0.015);
    }

    #[test]
    fn keys_depend_on_every_part() {
        assert_eq!(keyed(&[1, 2, 3]), keyed(&[1, 2, 3]));
        assert_ne!(keyed(&[1, 2, 3]), keyed(&[1, 3, 2]));
        assert_ne!(keyed(&[1, 2]), keyed(&[1, 2, 0]));
        assert_ne!(vector_key(1, &[0, 1]), vector_key(1, &[1, 0]));
        assert_ne!(vector_key(1, &[0, 1]), vector_key(2, &[0, 1]));
    }
}
