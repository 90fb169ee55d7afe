//! What makes leaders fall: a discrete-time hazard model.
//!
//! Time is cut into periods of a tenth of a window. Whoever leads at the start of a period contributes one
//! observation: covariates at the start, and whether somebody else, or nobody, leads at its end. The logistic
//! regression of the outcome on the covariates is the discrete-time hazard model (D. Cox, 1972,
//! doi:10.1111/j.2517-6161.1972.tb00899.x, section 8); a leader whose run ends contributes the periods that it
//! survived, which is how censoring is accounted for.
//!
//! Fewer than 4,096 observations are kept: when they are more, every other one is dropped and from then on every other
//! period observed. Thinning by time is blind to covariates and outcome, so coefficients stay unbiased.

use crate::logistic::{self, Coefficient, Unfit};

/// Covariates.
pub(crate) const COVARIATES: usize = 5;

/// Their keys and what they are.
pub(crate) const NAMES: [(&str, &str); COVARIATES] = [
    ("age", "its age in completions"),
    ("rank", "its rank in the population now (behind the last when it has left)"),
    ("descendants", "the share of the window's donations that its own descendants make"),
    ("margin", "its donations in the window less the runner-up's"),
    ("competitor-prefix", "layers that the runner-up lends on average less those that it lends"),
];

const LARGEST: usize = 1 << 12;

/// The observations of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hazard {
    rows: Vec<[f32; COVARIATES]>,
    fell: Vec<bool>,
    /// The leader at the start of the period and its covariates.
    pending: Option<(u32, [f32; COVARIATES])>,
    periods: u64,
    /// One of 2^thinning periods is observed.
    thinning: u32,
}

/// A fitted model.
pub(crate) struct Fit {
    pub(crate) observations: u64,
    pub(crate) falls: u64,
    /// Log odds per standard deviation of each covariate, or why there is none.
    pub(crate) coefficients: [Result<Coefficient, &'static str>; COVARIATES],
}

impl Hazard {
    /// A period ends and the next begins; `leader` leads. Returns whether the next one's covariates are wanted.
    pub(crate) fn turn(&mut self, leader: Option<u32>) -> bool {
        if let Some((slot, covariates)) = self.pending.take() {
            self.rows.push(covariates);
            self.fell.push(leader != Some(slot));
            if self.rows.len() == LARGEST {
                self.thin();
            }
        }
        self.periods += 1;
        leader.is_some() && self.periods.is_multiple_of(1 << self.thinning)
    }

    /// The covariates at the start of the period.
    pub(crate) fn observe(&mut self, leader: u32, covariates: [f64; COVARIATES]) {
        #[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for a covariate")]
        let covariates = covariates.map(|value| value as f32);
        self.pending = Some((leader, covariates));
    }

    /// The same periods with nothing observed.
    pub(crate) fn emptied(&self) -> Self {
        Self { periods: self.periods, ..Self::default() }
    }

    fn thin(&mut self) {
        let mut at = 0..;
        self.rows.retain(|_| at.next().is_some_and(|at: usize| at % 2 == 1));
        let mut at = 0..;
        self.fell.retain(|_| at.next().is_some_and(|at: usize| at % 2 == 1));
        self.thinning += 1;
    }

    /// Fits the model. Covariates that are not known in most observations, or that do not vary, are left out.
    pub(crate) fn fit(&self) -> Fit {
        let known = |k: usize| self.rows.iter().filter(|row| row[k].is_finite()).count();
        let mut coefficients: [Result<Coefficient, &'static str>; COVARIATES] = std::array::from_fn(|k| {
            if 2 * known(k) > self.rows.len() { Err("") } else { Err("it is not known in this trace") }
        });
        let columns: Vec<usize> = (0..COVARIATES).filter(|&k| coefficients[k] == Err("")).collect();
        let complete: Vec<usize> =
            (0..self.rows.len()).filter(|&i| columns.iter().all(|&k| self.rows[i][k].is_finite())).collect();
        let mut used = Vec::new();
        for &k in &columns {
            let values = || complete.iter().map(|&i| f64::from(self.rows[i][k]));
            let mean = values().sum::<f64>() / complete.len() as f64;
            let deviation =
                (values().map(|value| (value - mean).powi(2)).sum::<f64>() / complete.len() as f64).sqrt();
            // The threshold is relative to the rounding of what was stored.
            if deviation > 1e-6 * (1.0 + mean.abs()) {
                used.push((k, mean, deviation));
            } else {
                coefficients[k] = Err("it does not vary between the observations");
            }
        }
        let fell: Vec<bool> = complete.iter().map(|&i| self.fell[i]).collect();
        while !used.is_empty() && !complete.is_empty() {
            let standardised = |&i: &usize| {
                used.iter()
                    .map(|&(k, mean, deviation)| (f64::from(self.rows[i][k]) - mean) / deviation)
                    .collect()
            };
            let rows: Vec<Vec<f64>> = complete.iter().map(standardised).collect();
            match logistic::fit(&rows, &fell) {
                // A covariate beyond a value of which nobody, or everybody, fell has no finite coefficient. The others
                // have one, given that it is left out.
                Err(Unfit::Separated(at)) if used.len() > 1 => {
                    coefficients[used.remove(at).0] = Err(Unfit::Separated(at).words());
                }
                Err(why) => {
                    used.drain(..).for_each(|(k, ..)| coefficients[k] = Err(why.words()));
                }
                Ok(fit) => {
                    // The intercept comes first.
                    used.drain(..).zip(&fit[1..]).for_each(|((k, ..), of)| coefficients[k] = Ok(*of));
                }
            }
        }
        for coefficient in coefficients.iter_mut().filter(|of| **of == Err("")) {
            *coefficient = Err("no donor led at the start of a period");
        }
        Fit {
            observations: fell.len() as u64,
            falls: fell.iter().filter(|&&fell| fell).count() as u64,
            coefficients,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::Rng;

    /// Leaders fall with log odds -1 + age (of standard deviation 1), whatever the margin; the rank is not known and
    /// nobody has descendants.
    fn simulated(periods: u32) -> Hazard {
        let (mut hazard, mut rng, mut leader) = (Hazard::default(), Rng::from_seed(5), 0_u32);
        for _ in 0..periods {
            if hazard.turn(Some(leader)) {
                // Uniform on 0..√12: standard deviation 1, mean √3.
                let age = rng.uniform() * 12.0_f64.sqrt();
                hazard.observe(leader, [age, f64::NAN, 0.0, rng.uniform(), rng.uniform()]);
                let odds = -1.0 + age - 3.0_f64.sqrt();
                leader += u32::from(rng.uniform() < 1.0 / (1.0 + (-odds).exp()));
            }
        }
        hazard
    }

    #[test]
    fn a_known_hazard_is_found_again() {
        for periods in [4000, 60_000] {
            let hazard = simulated(periods);
            assert!(hazard.rows.len() < LARGEST);
            let fit = hazard.fit();
            let age = fit.coefficients[0].unwrap();
            assert!((age.value - 1.0).abs() < 4.0 * age.error && age.error < 0.08, "{age:?}");
            for k in [3, 4] {
                let of = fit.coefficients[k].unwrap();
                assert!(of.value.abs() < 4.0 * of.error, "{of:?}");
            }
            assert_eq!(fit.coefficients[1], Err("it is not known in this trace"));
            assert_eq!(fit.coefficients[2], Err("it does not vary between the observations"));
        }
    }

    /// Nobody falls at a rank but the last: such a rank has no coefficient, and the age keeps its own.
    #[test]
    fn a_covariate_that_separates_is_left_out() {
        let mut hazard = simulated(4000);
        for (row, &fell) in hazard.rows.iter_mut().zip(&hazard.fell) {
            row[1] = if fell { 101.0 } else { 1.0 };
        }
        let fit = hazard.fit();
        assert_eq!(fit.coefficients[1], Err(Unfit::Separated(0).words()));
        assert!((fit.coefficients[0].unwrap().value - 1.0).abs() < 0.3);
    }

    #[test]
    fn nothing_observed() {
        let fit = Hazard::default().fit();
        assert_eq!((fit.observations, fit.falls), (0, 0));
        assert!(fit.coefficients.iter().all(Result::is_err));
    }
}
