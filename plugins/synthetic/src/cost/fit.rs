//! Least squares on relative errors.

use super::observations::{OBSERVATIONS, Observation};
use super::{CostModel, Settings};

/// The two constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Seconds of overhead a step.
    pub launch: f64,
    /// Floating-point operations a second.
    pub throughput: f64,
    /// Trainings it was fitted to.
    pub n: usize,
}

/// Relative errors, absolute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Errors {
    /// Half are below this.
    pub median: f64,
    /// The largest.
    pub worst: f64,
}

impl Errors {
    fn of(signed: impl Iterator<Item = f64>) -> Option<Self> {
        let mut errors: Vec<f64> = signed.map(f64::abs).collect();
        errors.sort_unstable_by(f64::total_cmp);
        let middle = errors.len() / 2;
        let upper = *errors.get(middle)?;
        let median = if errors.len().is_multiple_of(2) { 0.5 * (errors[middle - 1] + upper) } else { upper };
        Some(Self { median, worst: *errors.last()? })
    }
}

impl Fit {
    /// Predicted over published time, less 1; `None` for an observation that cannot be used.
    pub fn relative_error(&self, observation: &Observation) -> Option<f64> {
        let run = observation.usable()?;
        let settings = Settings { rows: run.rows, batch: run.batch, epochs: run.epochs };
        let model = CostModel { settings, launch: self.launch, throughput: self.throughput, speed: 1.0 };
        Some(model.seconds(observation.parameters, 0) / observation.seconds - 1.0)
    }

    /// Its errors on all usable observations.
    pub fn error(&self) -> Option<Errors> {
        Errors::of(OBSERVATIONS.iter().filter_map(|observation| self.relative_error(observation)))
    }
}

/// The constants that minimise the sum of squared relative errors over the usable ones of these observations; `None`
/// when there are too few, or when a constant would not be positive.
pub fn fit<'a>(observations: impl IntoIterator<Item = &'a Observation>) -> Option<Fit> {
    // Normal equations of `launch * u + v / throughput = 1`, u and v being steps and operations over the time.
    let (mut uu, mut uv, mut vv, mut u1, mut v1, mut n) = (0.0, 0.0, 0.0, 0.0, 0.0, 0);
    for observation in observations {
        let Some(run) = observation.usable() else { continue };
        let settings = Settings { rows: run.rows, batch: run.batch, epochs: run.epochs };
        let flops = 6.0 * observation.parameters as f64 * (run.rows * run.epochs) as f64;
        let (u, v) = (settings.steps() / observation.seconds, 1e-12 * flops / observation.seconds);
        uu += u * u;
        uv += u * v;
        vv += v * v;
        u1 += u;
        v1 += v;
        n += 1;
    }
    let determinant = uu * vv - uv * uv;
    let (launch, per_tera) = ((u1 * vv - v1 * uv) / determinant, (v1 * uu - u1 * uv) / determinant);
    // Also false for numbers that are none, from a determinant of 0.
    (n >= 2 && launch > 0.0 && per_tera > 0.0 && launch.is_finite() && per_tera.is_finite()).then(|| Fit {
        launch,
        throughput: 1e12 / per_tera,
        n,
    })
}

/// The errors when each usable observation is predicted by a fit to all others.
pub fn leave_one_out() -> Option<Errors> {
    let left_out = |(at, observation): (usize, &Observation)| {
        let others = OBSERVATIONS.iter().enumerate().filter(|&(i, _)| i != at).map(|(_, other)| other);
        observation.usable()?;
        fit(others)?.relative_error(observation)
    };
    Errors::of(OBSERVATIONS.iter().enumerate().filter_map(left_out))
}
