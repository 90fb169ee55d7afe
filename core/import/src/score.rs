//! What counts as a score, and what a value that is none says of its evaluation.
//!
//! Tools write failures where a score should stand. The rule, in this order:
//!
//! | the value | status |
//! |---|---|
//! | a text that begins with `F` (DeepHyper: `F`, `F_timeout`) | failed |
//! | empty, `nan`, `none`, `null`, not finite | failed |
//! | at most [`HUGE`] below zero (`-3.4e38`, `-1e9`: "the worst there is") | failed |
//! | one of the values named as failures (`--failure-value -1`) | failed |
//! | any other number | ok, the score |
//! | anything else | an error |
//!
//! **`-1` and `-10` are scores unless something says otherwise.** DeepHyper wrote them for failures, but -1 is also a good
//! R² of a regression and a plain negated loss. An importer names them as failures only where no other score of the log
//! could be of their kind: see [`FailureValues::guess`].

use lamarck_model::Status;

/// Numbers at or below this are failures: no tool's objective is of this size, and several write the smallest `float`.
pub const HUGE: f64 = -1e9;

/// The exact numbers that stand for a failure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FailureValues(pub Vec<f64>);

impl FailureValues {
    /// The values that DeepHyper wrote for failures, -1 and -10, where this log's scores say that they are none:
    ///
    /// - every other score lies above it by more than all other scores are apart (one -10 below losses between -2.4 and
    ///   -0.02), or
    /// - every other score is at least 0, and it occurs twice or more (-1 among accuracies).
    ///
    /// A -1 among scores between -1.2 and -0.3 is a score by this rule, and so is one among fewer than eight others.
    pub fn guess(scores: impl Iterator<Item = f64>) -> Self {
        let mut known = [(-1.0_f64, 0_u64), (-10.0, 0)];
        let (mut least, mut most, mut others) = (f64::INFINITY, f64::NEG_INFINITY, 0_u64);
        for score in scores.filter(|score| score.is_finite() && *score > HUGE) {
            // Failures are exact numbers.
            if let Some((_, count)) = known.iter_mut().find(|(value, _)| value.to_bits() == score.to_bits()) {
                *count += 1;
            } else {
                (least, most, others) = (least.min(score), most.max(score), others + 1);
            }
        }
        let fails = |(value, count): &(f64, u64)| {
            let apart = others >= 8 && least - value > most - least;
            *count > 0 && (apart || *count >= 2 && others > 0 && least >= 0.0)
        };
        Self(known.iter().filter(|known| fails(known)).map(|(value, _)| *value).collect())
    }

    /// Status and score of a number.
    pub fn of_number(&self, number: f64) -> (Status, Option<f64>) {
        if !number.is_finite() || number <= HUGE || self.0.contains(&number) {
            (Status::Failed, None)
        } else {
            (Status::Ok, Some(number))
        }
    }

    /// Status and score of an objective that may have been minimised. Values that stand for failures are named as the
    /// tool wrote them; what is huge is judged as a score, where it is huge below zero.
    pub fn of_objective(&self, value: f64, minimized: bool) -> (Status, Option<f64>) {
        if self.0.contains(&value) {
            return (Status::Failed, None);
        }
        // 0.0 - value, so that nothing becomes -0.
        Self::default().of_number(if minimized { 0.0 - value } else { value })
    }

    /// The same of a text, read as [`of_text`](Self::of_text) does.
    pub fn of_objective_text(&self, text: &str, minimized: bool) -> Result<(Status, Option<f64>), String> {
        match text.trim().parse::<f64>() {
            Ok(value) => Ok(self.of_objective(value, minimized)),
            Err(_) => self.of_text(text),
        }
    }

    /// Status and score of a text; the error says what was expected.
    pub fn of_text(&self, text: &str) -> Result<(Status, Option<f64>), String> {
        let text = text.trim();
        let none = ["", "nan", "none", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
        if none || text.starts_with('F') {
            return Ok((Status::Failed, None));
        }
        match text.parse::<f64>() {
            Ok(number) => Ok(self.of_number(number)),
            Err(_) => Err(format!("expected a number, or a failure such as F or nan, found `{text}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_score_is_a_failure() {
        let rule = FailureValues(vec![-1.0]);
        for text in [
            "F",
            "F_timeout",
            "",
            " nan",
            "NaN",
            "None",
            "null",
            "inf",
            "-inf",
            "-1",
            "-1.0",
            "-3.4028235e38",
            "-1e9",
        ] {
            assert_eq!(rule.of_text(text), Ok((Status::Failed, None)), "{text}");
        }
        assert_eq!(rule.of_text("-1.5"), Ok((Status::Ok, Some(-1.5))));
        assert_eq!(FailureValues::default().of_text("-1"), Ok((Status::Ok, Some(-1.0))));
        assert!(rule.of_text("0.5x").unwrap_err().contains("0.5x"));
    }

    #[test]
    fn what_was_minimised_is_negated() {
        let rule = FailureValues(vec![100.0]);
        assert_eq!(rule.of_objective(0.5, true), (Status::Ok, Some(-0.5)));
        assert_eq!(rule.of_objective(0.5, false), (Status::Ok, Some(0.5)));
        assert_eq!(rule.of_objective(100.0, true), (Status::Failed, None));
        assert_eq!(rule.of_objective(1e10, true), (Status::Failed, None));
        assert_eq!(rule.of_objective(-1e10, true), (Status::Ok, Some(1e10)));
    }

    #[test]
    fn minus_one_is_a_failure_only_among_scores_of_another_kind() {
        let guess = |scores: &[f64]| FailureValues::guess(scores.iter().copied()).0;
        assert_eq!(guess(&[0.9, -1.0, 0.8, -1.0, -3.4e38]), [-1.0]);
        assert_eq!(guess(&[0.9, -1.0, 0.8]), [] as [f64; 0]);
        assert_eq!(guess(&[-0.3, -1.0, -1.0]), [] as [f64; 0]);
        assert_eq!(guess(&[-1.0, -1.0]), [] as [f64; 0]);
        // Losses as graph networks have them, and one -10.
        let losses: Vec<f64> = (0..20).map(|i| -0.02 - 0.12 * f64::from(i)).collect();
        assert_eq!(guess(&[&losses[..], &[-10.0]].concat()), [-10.0]);
        assert_eq!(guess(&[&losses[..], &[-1.0, -1.0]].concat()), [] as [f64; 0]);
        assert_eq!(guess(&[&losses[..3], &[-10.0]].concat()), [] as [f64; 0]);
        assert_eq!(guess(&[0.5, -10.0, -10.0, -1.0, -1.0]), [-1.0, -10.0]);
    }
}
