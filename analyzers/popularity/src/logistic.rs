//! Logistic regression with standard errors.
//!
//! The fit is `smartcore`'s (L-BFGS on the likelihood, no penalty): of the maintained libraries it is the one that is
//! small (15 crates, half of them in the lock file already) and starts no threads. `anofox-regression` gives standard errors as
//! well, but brings 86 crates with `faer` and a thread pool; `linfa-logistic` brings 55 and an optimiser framework.
//! `smartcore` gives no standard errors and does not say whether it converged, so both are computed here from what
//! theory says of the maximum: the score is zero there, and the inverse of Fisher's information XᵀWX, W = p (1 - p), is the
//! covariance.

use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};

/// A coefficient with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coefficient {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

/// Falls and non-falls a covariate must each have: below five estimates are biased and intervals wrong (E. Vittinghoff
/// and C. McCulloch, 2007, doi:10.1093/aje/kwk052).
const EVENTS: usize = 5;

/// Largest coefficient and standard error, in log odds per standard deviation, that is taken for an estimate: odds
/// that change by a factor of twenty thousand are what separation looks like.
const SEPARATED: f64 = 10.0;

/// Why there is no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    TooFew,
    /// By this covariate more than by any other.
    Separated(usize),
    Collinear,
    Unconverged,
    Failed,
}

impl Unfit {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::TooFew => {
                "too few falls, or too few periods without one: at least five for each covariate are needed"
            }
            Self::Separated(_) => {
                "it separates falls from non-falls, so that no finite coefficient fits best"
            }
            Self::Collinear => "the covariates are collinear, or separate falls from non-falls",
            Self::Unconverged => "the fit did not converge",
            Self::Failed => "the fit failed",
        }
    }
}

/// The intercept, then each covariate's coefficient. Covariates should have a standard deviation of about 1.
pub(crate) fn fit(rows: &[Vec<f64>], events: &[bool]) -> Result<Vec<Coefficient>, Unfit> {
    let columns = rows.first().map_or(0, Vec::len);
    let happened = events.iter().filter(|&&event| event).count();
    if columns == 0 || happened.min(rows.len() - happened) < EVENTS * columns {
        return Err(Unfit::TooFew);
    }
    let x = DenseMatrix::new(rows.len(), columns, rows.concat(), false).map_err(|_| Unfit::Failed)?;
    let y: Vec<u32> = events.iter().map(|&event| u32::from(event)).collect();
    let model = LogisticRegression::fit(&x, &y, LogisticRegressionParameters::default());
    let model = model.map_err(|_| Unfit::Failed)?;
    let values: Vec<f64> =
        model.intercept().iterator(0).chain(model.coefficients().iterator(0)).copied().collect();
    if values.len() != columns + 1 || values.iter().any(|value| !value.is_finite()) {
        return Err(Unfit::Failed);
    }
    // Without a maximum the search ends somewhere far out, where there is no information left to invert.
    let far = (1..values.len()).max_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs()));
    if let Some(far) = far.filter(|&far| values[far].abs() > SEPARATED) {
        return Err(Unfit::Separated(far - 1));
    }
    let (information, score) = information(rows, events, &values);
    let Some(covariance) = inverse(information) else { return Err(Unfit::Collinear) };
    let fit: Vec<Coefficient> = values
        .iter()
        .enumerate()
        .map(|(i, &value)| Coefficient { value, error: covariance[i][i].max(0.0).sqrt() })
        .collect();
    let vaguest = (1..fit.len()).max_by(|&a, &b| fit[a].error.total_cmp(&fit[b].error));
    if let Some(vaguest) = vaguest.filter(|&vaguest| fit[vaguest].error > SEPARATED) {
        return Err(Unfit::Separated(vaguest - 1));
    }
    // A Newton step from here, in standard errors: at the maximum there is nothing left to go.
    let left = |i: usize| {
        let step: f64 = covariance[i].iter().zip(&score).map(|(c, s)| c * s).sum();
        step.abs() / fit[i].error
    };
    if (0..fit.len()).any(|i| left(i) > 1e-3) {
        return Err(Unfit::Unconverged);
    }
    Ok(fit)
}

/// Fisher's information and the score (the gradient of the log likelihood) at these coefficients, intercept first.
fn information(rows: &[Vec<f64>], events: &[bool], at: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let n = at.len();
    let (mut information, mut score) = (vec![vec![0.0; n]; n], vec![0.0; n]);
    let mut x = vec![1.0; n];
    for (row, &event) in rows.iter().zip(events) {
        x[1..].copy_from_slice(row);
        let odds: f64 = at.iter().zip(&x).map(|(coefficient, x)| coefficient * x).sum();
        let p = 1.0 / (1.0 + (-odds).exp());
        for ((xi, score), line) in x.iter().zip(&mut score).zip(&mut information) {
            *score += xi * (f64::from(u8::from(event)) - p);
            for (xj, cell) in x.iter().zip(line) {
                *cell += xi * xj * p * (1.0 - p);
            }
        }
    }
    (information, score)
}

/// The inverse of a small symmetric positive definite matrix by Gauss and Jordan; `None` if it has none to speak of.
fn inverse(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    let mut b: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let scale: Vec<f64> = (0..n).map(|i| a[i][i]).collect();
    for pivot in 0..n {
        // What is left of the diagonal is what the columns before do not explain.
        let by = a[pivot][pivot];
        if by.is_nan() || by <= 1e-10 * scale[pivot] {
            return None;
        }
        for value in a[pivot].iter_mut().chain(&mut b[pivot]) {
            *value /= by;
        }
        let (row_a, row_b) = (a[pivot].clone(), b[pivot].clone());
        for i in (0..n).filter(|&i| i != pivot) {
            let factor = a[i][pivot];
            let pairs = a[i].iter_mut().zip(&row_a).chain(b[i].iter_mut().zip(&row_b));
            for (value, row) in pairs {
                *value -= factor * row;
            }
        }
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spector and Mazzeo, "Probit analysis and economic education", Journal of Economic Education 11 (1980): grade
    /// point average, test of economic literacy, personalised instruction; whether the grade improved. Also in W.
    /// Greene's "Econometric analysis".
    const SPECTOR: [(f64, f64, f64, bool); 32] = [
        (2.66, 20.0, 0.0, false),
        (2.89, 22.0, 0.0, false),
        (3.28, 24.0, 0.0, false),
        (2.92, 12.0, 0.0, false),
        (4.0, 21.0, 0.0, true),
        (2.86, 17.0, 0.0, false),
        (2.76, 17.0, 0.0, false),
        (2.87, 21.0, 0.0, false),
        (3.03, 25.0, 0.0, false),
        (3.92, 29.0, 0.0, true),
        (2.63, 20.0, 0.0, false),
        (3.32, 23.0, 0.0, false),
        (3.57, 23.0, 0.0, false),
        (3.26, 25.0, 0.0, true),
        (3.53, 26.0, 0.0, false),
        (2.74, 19.0, 0.0, false),
        (2.75, 25.0, 0.0, false),
        (2.83, 19.0, 0.0, false),
        (3.12, 23.0, 1.0, false),
        (3.16, 25.0, 1.0, true),
        (2.06, 22.0, 1.0, false),
        (3.62, 28.0, 1.0, true),
        (2.89, 14.0, 1.0, false),
        (3.51, 26.0, 1.0, false),
        (3.54, 24.0, 1.0, true),
        (2.83, 27.0, 1.0, true),
        (3.39, 17.0, 1.0, true),
        (2.67, 24.0, 1.0, false),
        (3.65, 21.0, 1.0, true),
        (4.0, 23.0, 1.0, true),
        (3.1, 21.0, 1.0, false),
        (2.39, 19.0, 1.0, true),
    ];

    const STATSMODELS: [(f64, f64); 3] =
        [(-2.411_463_12, 0.875_277_92), (3.063_367_15, 1.222_870_42), (2.337_775_57, 1.040_799_30)];

    /// Two covariates only, as 11 events allow: statsmodels 0.15 `Logit(GRADE, [1, GPA, PSI]).fit(tol=1e-14)` after
    /// GPA was centred at 3; and all three without the rule of five, against the published table of all three.
    #[test]
    fn coefficients_and_errors_are_the_published_ones() {
        let events: Vec<bool> = SPECTOR.iter().map(|of| of.3).collect();
        let rows: Vec<Vec<f64>> = SPECTOR.iter().map(|of| vec![of.0 - 3.0, of.2]).collect();
        let fit = fit(&rows, &events).unwrap();
        for (of, (value, error)) in fit.iter().zip(STATSMODELS) {
            assert!(
                (of.value - value).abs() < 1e-5 && (of.error - error).abs() < 1e-5,
                "{of:?} {value} {error}"
            );
        }
        // Greene's table 21.1: constant -13.021 (4.931), GPA 2.826 (1.263), TUCE .095 (.142), PSI 2.379 (1.064).
        let at = [-13.021_346_86, 2.826_112_59, 0.095_157_66, 2.378_687_66];
        let rows: Vec<Vec<f64>> = SPECTOR.iter().map(|of| vec![of.0, of.1, of.2]).collect();
        let (information, score) = information(&rows, &events, &at);
        assert!(score.iter().all(|score| score.abs() < 1e-4), "{score:?}");
        let covariance = inverse(information).unwrap();
        for (i, error) in [4.931_324_21, 1.262_941_08, 0.141_554_21, 1.064_564_25].into_iter().enumerate() {
            assert!((covariance[i][i].sqrt() - error).abs() < 1e-5);
        }
    }

    #[test]
    fn what_has_no_estimate_says_why() {
        let line: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i) / 12.0]).collect();
        let few: Vec<bool> = (0..40).map(|i| i % 10 == 0).collect();
        assert_eq!(fit(&line, &few), Err(Unfit::TooFew));
        let separated: Vec<bool> = (0..40).map(|i| i >= 20).collect();
        assert_eq!(fit(&line, &separated), Err(Unfit::Separated(0)));
        let mixed: Vec<bool> = (0..40).map(|i| i % 3 == 0).collect();
        let twins: Vec<Vec<f64>> = line.iter().map(|row| vec![row[0], 2.0 * row[0]]).collect();
        assert_eq!(fit(&twins, &mixed), Err(Unfit::Collinear));
        assert_eq!(fit(&[], &[]), Err(Unfit::TooFew));
    }
}
