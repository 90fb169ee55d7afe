//! Which of two models lends its weights when both share as much: the order of preference.

use lamarck_model::CandidateId;

/// A model's place in the order of preference; the *smaller* rank is the better one. Higher score first, then lower
/// id, and no two models have the same rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// The score as an integer that falls as the score rises.
    key: u64,
    pub(super) model: CandidateId,
}

impl Rank {
    /// Worse than every model's rank, for the default value of a vacant place.
    pub(super) const LAST: Self = Self { key: u64::MAX, model: CandidateId::MAX };

    /// A NaN score is worse than negative infinity; the two zeros are one score.
    pub(super) fn new(score: f64, model: CandidateId) -> Self {
        if score.is_nan() {
            return Self { key: u64::MAX, model };
        }
        // The bits of a positive float order as an integer does, those of a negative one the other way round. Adding
        // positive zero turns -0.0 into 0.0. `u64::MAX` would be the bits of a NaN, so nothing else has it.
        let bits = (score + 0.0).to_bits();
        let rising = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
        Self { key: !rising, model }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_scores_then_lower_ids_come_first() {
        let scores =
            [f64::INFINITY, 1e300, 2.0, 1.0, 5e-324, 0.0, -5e-324, -1.0, -1e300, f64::NEG_INFINITY, f64::NAN];
        assert!(scores.windows(2).all(|pair| Rank::new(pair[0], 9) < Rank::new(pair[1], 1)));
        assert_eq!(Rank::new(0.0, 1), Rank::new(-0.0, 1));
        assert_eq!(Rank::new(f64::NAN, 1), Rank::new(-f64::NAN, 1));
        assert!(Rank::new(f64::NAN, 1) < Rank::new(f64::NAN, 2));
        assert!(Rank::new(0.5, 1) < Rank::new(0.5, 2));
        assert!(Rank::new(f64::NAN, 7) < Rank::LAST);
    }
}
