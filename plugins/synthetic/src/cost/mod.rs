//! What a training costs, from a model's size: a cost model fitted to published training times.
//!
//! ```text
//! seconds = (steps * launch + flops / throughput) / speed
//! steps   = epochs * ceil(rows / batch)
//! flops   = 2 * epochs * rows * (3 * trained parameters + 1 * frozen parameters)
//! ```
//!
//! A parameter of a dense layer costs one multiplication and one addition a row in the forward pass, the same again
//! for the gradient of the weights and again for the gradient of the layer's input: 1 : 1 : 1. An inherited, frozen
//! prefix pays for the forward pass only, because no gradient has to pass through layers that lie above all trained
//! ones.
//!
//! # The fit
//!
//! [`OBSERVATIONS`] lists every published time that was found, with its source. Nine are usable: trainings on one
//! A100 of ThetaGPU of which rows, batch, epochs and parameters are all on record. [`fit`] finds the two constants by
//! least squares on relative errors; a test compares them with [`LAUNCH_MS`] and [`TFLOPS`]. [`Fit::error`] and
//! [`leave_one_out`] say how good it is: within 11 % in the median and 34 % at worst, 13 % and 39 % when the
//! training that is predicted is left out of the fit.
//!
//! The constants are those of small batches: 5.4 TFLOP/s is a good quarter of what the A100 does in single precision,
//! and the launch of some 3 ms holds whatever else a step costs: Python, TensorFlow, metrics, and its share of the
//! validation after each epoch, which the published times contain. The worst error, that of ATTN, is probably of this
//! kind: two metrics more (AUROC, AUCPR) are updated in each of its steps.
//!
//! What was tried beside it: terms per parameter and step (the optimizer's traffic) and per row (the input pipeline).
//! With coefficients that must not be negative both come out as 0 on these nine points (tested), so the model has
//! neither.
//! A launch *per layer* cannot be told from one per step: the nine have 12 or 13 dense layers each. Per step was
//! chosen since it claims less: freezing layers then saves arithmetic, and no launches.
//!
//! What it does not know: weights that are used several times for a row. It underestimates convolutions (NT3,
//! NAS-Bench-201) by a large factor, and Combo's shared drug tower by a small one that the fit absorbs. The times of
//! the SC'19 paper are listed and not used: they are remembered, not read, without their epochs and machine. Those
//! on several devices are not used either: they measured the input pipeline.

mod fit;
mod observations;
mod settings;

pub use fit::{Errors, Fit, fit, leave_one_out};
pub use observations::{Label, OBSERVATIONS, Observation, Run};
pub use settings::Settings;

/// Milliseconds of overhead a step, as fitted.
pub const LAUNCH_MS: f64 = 2.93;
/// Arithmetic of small dense layers, in 10^12 floating-point operations a second, as fitted.
pub const TFLOPS: f64 = 5.42;

/// The cost model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostModel {
    /// Rows, batch and epochs.
    pub settings: Settings,
    /// Seconds of overhead a step.
    pub launch: f64,
    /// Floating-point operations a second.
    pub throughput: f64,
    /// How many times as fast as that the device is.
    pub speed: f64,
}

impl CostModel {
    /// The device that the constants were fitted to.
    pub fn fitted(settings: Settings) -> Self {
        Self { settings, launch: LAUNCH_MS * 1e-3, throughput: TFLOPS * 1e12, speed: 1.0 }
    }

    /// Seconds of a training of a model with that many trainable parameters, of which some are frozen.
    #[inline]
    pub fn seconds(&self, parameters: u64, frozen: u64) -> f64 {
        let frozen = frozen.min(parameters);
        let trained = (parameters - frozen) as f64;
        let rows = self.settings.rows as f64 * self.settings.epochs as f64;
        let flops = 2.0 * rows * (3.0 * trained + frozen as f64);
        (self.settings.steps() * self.launch + flops / self.throughput) / self.speed
    }
}
