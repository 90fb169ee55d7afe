//! The evaluator `synthetic`: landscape, noise, failures and costs put together.

use crate::arithmetic::{exp, normal};
use crate::cost::{CostModel, LAUNCH_MS, OBSERVATIONS, Settings, TFLOPS, fit, leave_one_out};
use crate::heritability::{Measured, measure, ruggedness_for};
use crate::landscape::{Landscape, squash};
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Fault, FaultKind, Status};

/// The evaluator `synthetic`.
#[derive(Debug, Clone)]
pub struct Synthetic {
    landscape: Landscape,
    cost: CostModel,
    options: SyntheticOptions,
    measured: Option<Measured>,
    spec: EvaluatorSpec,
}

/// The options of [`Synthetic`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct SyntheticOptions {
    /// The seed of the landscape.
    pub seed: u64,
    /// Share of the smooth part's variance in pairs of linked decisions.
    pub interactions: f64,
    /// Correlation of scores without noise between a random parent and its one-decision child; as high as the space
    /// allows when it is left out.
    pub heritability: Option<f64>,
    /// Standard deviation of the noise of a training, in the score's unit.
    pub noise: f64,
    /// The score that none falls below.
    pub low: f64,
    /// The score that none exceeds.
    pub high: f64,
    /// Share of architectures that fail.
    pub fail: f64,
    /// Share of its height above `low` that a model trained from scratch misses.
    pub transfer_gain: f64,
    /// Rows of training data an epoch; 0 for what is usual for the space.
    pub rows: u64,
    /// Rows a step; 0 for what is usual for the space.
    pub batch: u64,
    /// Epochs; 0 for what is usual for the space.
    pub epochs: u64,
    /// Overhead of a step in milliseconds.
    pub launch_ms: f64,
    /// Arithmetic of the device in 10^12 operations a second.
    pub tflops: f64,
    /// How many times as fast the device is.
    pub speed: f64,
    /// Standard deviation of the logarithm of training times.
    pub time_spread: f64,
}

const BILLION: i64 = 1_000_000_000;

impl Component for Synthetic {
    type Options = SyntheticOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "synthetic",
        "a synthetic (made-up) score landscape over any space, with training times from a fitted cost model",
    )
    .references(&["doi:10.1016/S0022-5193(89)80019-0", "https://github.com/deephyper/NASBigData"])
    .options(&[
        OptionSpec::integer("seed", 0, i64::MAX, "seed of the landscape; replicates of a study share it")
            .default_value("1"),
        OptionSpec::float("interactions", 0.0, 1.0, "share of variance in pairs of linked decisions")
            .default_value("0.3"),
        OptionSpec::float(
            "heritability",
            0.0,
            1.0,
            "correlation of scores without noise between a random parent and its one-decision child; the largest \
             that the space allows without it",
        )
        .default_value("null"),
        OptionSpec::float("noise", 0.0, 1e9, "standard deviation of a training's noise, in the score's unit")
            .default_value("0.0"),
        OptionSpec::float("low", -1e9, 1e9, "score that none falls below").default_value("0.0"),
        OptionSpec::float("high", -1e9, 1e9, "score that none exceeds").default_value("1.0"),
        OptionSpec::float("fail", 0.0, 1.0, "share of architectures that fail, always the same ones")
            .default_value("0.0"),
        OptionSpec::float(
            "transfer_gain",
            0.0,
            1.0,
            "share of its height above `low` that a model trained from scratch misses; an inherited prefix makes it \
             up in proportion to its share of the layers",
        )
        .default_value("0.0"),
        OptionSpec::integer("rows", 0, 1000 * BILLION, "rows of training data; 0: as published for the space")
            .unit("rows")
            .default_value("0"),
        OptionSpec::integer("batch", 0, BILLION, "rows a step; 0: as published for the space")
            .unit("rows")
            .default_value("0"),
        OptionSpec::integer("epochs", 0, BILLION, "epochs; 0: as published for the space")
            .unit("epochs")
            .default_value("0"),
        OptionSpec::float("launch_ms", 0.0, 1e6, "overhead of a step; fitted to published times")
            .unit("ms")
            .default_value("2.93"),
        OptionSpec::float("tflops", 1e-6, 1e6, "arithmetic of the device; fitted to published times")
            .unit("10^12 operations/s")
            .default_value("5.42"),
        OptionSpec::float("speed", 1e-6, 1e6, "how many times as fast as that the device is").default_value("1.0"),
        OptionSpec::float("time_spread", 0.0, 2.0, "standard deviation of the logarithm of training times; the model's is the median")
            .default_value("0.0"),
    ]);

    fn create(options: SyntheticOptions, context: &Context) -> Result<Self> {
        let space = context.space()?;
        space.check()?;
        if options.low >= options.high {
            let (low, high) = (options.low, options.high);
            return Err(at("high", format!("high is {high}, which must be more than low, {low}")));
        }
        let smooth = Landscape::new(space, options.seed, options.interactions);
        let landscape = match options.heritability {
            None => smooth,
            Some(wanted) => {
                let ruggedness = ruggedness_for(&smooth, options.seed, wanted)
                    .map_err(|error| at("heritability", error.to_string()))?;
                smooth.with_ruggedness(ruggedness)
            }
        };
        let cost = CostModel {
            settings: Settings::of(space).or(options.rows, options.batch, options.epochs),
            launch: options.launch_ms * 1e-3,
            throughput: options.tflops * 1e12,
            speed: options.speed,
        };
        let measured = measure(&landscape, options.seed)?;
        let spec = EvaluatorSpec {
            score: format!("synthetic score, landscape {} over {}", options.seed, space.name),
            unit: String::new(),
            // The best vector of a landscape with pairs is not known without a search of its own.
            best_known: None,
            near: None,
            synthetic: true,
            deterministic: true,
            sources: Vec::new(),
            notes: notes(&options, &landscape, measured, &cost),
        };
        Ok(Self { landscape, cost, options, measured, spec })
    }
}

fn at(option: &str, message: String) -> lamarck_sdk::anyhow::Error {
    Fault::new(FaultKind::Options, message).at(option).into()
}

/// What whoever reads the scores must know.
fn notes(
    options: &SyntheticOptions,
    landscape: &Landscape,
    measured: Option<Measured>,
    cost: &CostModel,
) -> Vec<String> {
    let percent = |share: f64| share * 100.0;
    let mut notes = vec![format!(
        "synthetic landscape: a formula with seed {} over {} decisions and {} linked pairs, which hold {:.0} % of the \
         smooth variance; {:.1} % of all variance is rugged; no model was trained",
        options.seed,
        landscape.free().len(),
        landscape.links(),
        percent(landscape.interactions()),
        percent(landscape.ruggedness()),
    )];
    let asked = match options.heritability {
        Some(wanted) => format!("asked for {wanted}"),
        None => "not asked for, so the landscape has no rugged part".to_owned(),
    };
    notes.push(match (measured, landscape.correlation()) {
        (Some(measured), Some(latent)) => format!(
            "synthetic heritability, {asked}: scores without noise of a random parent and its one-decision child \
             correlate by {:.3} ± {:.3} (95 % interval, n = {} seeded pairs, every vector equally likely); latent \
             values by {latent:.3} (closed form)",
            measured.correlation, measured.half_width, measured.pairs,
        ),
        _ => "synthetic heritability: no decision can change, so there are no children".to_owned(),
    });
    notes.push(if options.noise > 0.0 {
        format!(
            "synthetic noise: each training adds a nearly normal number of standard deviation {}, cut off at {} and {}",
            options.noise, options.low, options.high
        )
    } else {
        "synthetic noise: none, so trainings of the same architecture score the same".to_owned()
    });
    if options.transfer_gain > 0.0 {
        notes.push(format!(
            "synthetic transfer gain: from scratch a model misses {:.0} % of its height above {}, and an inherited prefix \
             makes that up in proportion to its share of the layers; an assumption, not a finding",
            percent(options.transfer_gain),
            options.low,
        ));
    }
    if options.fail > 0.0 {
        notes.push(format!(
            "synthetic failures: {:.1} % of architectures fail, always the same ones, at the end of their training",
            percent(options.fail)
        ));
    }
    let Settings { rows, batch, epochs } = cost.settings;
    let mut text = format!(
        "synthetic training times: {epochs} x {rows} rows in batches of {batch}, {} ms a step and {} TFLOP/s",
        options.launch_ms, options.tflops
    );
    let fitted = (options.launch_ms, options.tflops) == (LAUNCH_MS, TFLOPS);
    if let (true, Some((fit, errors)), Some(left_out)) =
        (fitted, fit(OBSERVATIONS).and_then(|fit| Some((fit, fit.error()?))), leave_one_out())
    {
        text += &format!(
            ", fitted to {} published trainings of dense networks on one A100; relative error {:.0} % in the median \
             and {:.0} % at worst, leaving one out {:.0} % and {:.0} %; convolutions cost more than it says",
            fit.n,
            percent(errors.median),
            percent(errors.worst),
            percent(left_out.median),
            percent(left_out.worst),
        );
    } else {
        text += ", which are the study's own";
    }
    #[expect(clippy::float_cmp, reason = "whether the option was left at its default")]
    if options.speed != 1.0 {
        text += &format!("; {} times as fast", options.speed);
    }
    notes.push(text);
    notes
}

impl Synthetic {
    /// The landscape.
    pub fn landscape(&self) -> &Landscape {
        &self.landscape
    }

    /// The cost model.
    pub fn cost(&self) -> &CostModel {
        &self.cost
    }

    /// The measured correlation of scores between parents and children; `None` when no decision can change.
    pub fn heritability(&self) -> Option<Measured> {
        self.measured
    }

    /// A latent value as a score.
    #[inline]
    fn scale(&self, latent: f64) -> f64 {
        self.options.low + (self.options.high - self.options.low) * squash(latent)
    }
}

/// The share of layers that are inherited.
#[inline]
fn inherited(request: &Request<'_>) -> f64 {
    if request.size.layers == 0 {
        return 0.0;
    }
    request.prefix.layers.min(request.size.layers) as f64 / request.size.layers as f64
}

impl Evaluator for Synthetic {
    fn spec(&self) -> EvaluatorSpec {
        self.spec.clone()
    }

    #[inline]
    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
        let options = &self.options;
        let latent = self.landscape.latent(request.choices)?;
        let mut seconds = self.cost.seconds(request.size.parameters, request.prefix.parameters);
        if options.time_spread > 0.0 {
            seconds *= exp(options.time_spread * normal(rng));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and saturates"
        )]
        let train_us = (seconds * 1e6).round() as u64;
        if self.landscape.fails(request.choices, options.fail) {
            return Ok(Outcome { status: Status::Failed, score: f64::NAN, train_us });
        }
        let mut score = self.scale(latent);
        if options.transfer_gain > 0.0 {
            score -= options.transfer_gain * (score - options.low) * (1.0 - inherited(request));
        }
        if options.noise > 0.0 {
            score += options.noise * normal(rng);
        }
        Ok(Outcome { status: Status::Ok, score: score.clamp(options.low, options.high), train_us })
    }

    fn reference_score(&self, choices: &[Choice]) -> Result<Option<f64>> {
        let score = self.scale(self.landscape.latent(choices)?);
        Ok((!self.landscape.fails(choices, self.options.fail)).then_some(score))
    }

    fn metrics(&self, choices: &[Choice]) -> Result<Vec<Metric>> {
        let score = self.reference_score(choices)?;
        let metric = |name: &str, value: Option<f64>, unit: &str| Metric {
            name: format!("synthetic {name}"),
            value,
            unit: unit.to_owned(),
        };
        // A model's size is not known here, only in a request; so its time is given in parts.
        let base = self.cost.seconds(0, 0);
        let million = 1_000_000;
        Ok(vec![
            metric("score without noise, fully trained", score, ""),
            metric("latent value, smooth part", Some(self.landscape.smooth(choices)?), ""),
            metric("latent value, rugged part", Some(self.landscape.rugged(choices)), ""),
            metric("latent value", Some(self.landscape.latent(choices)?), ""),
            metric("heritability of the landscape", self.measured.map(|measured| measured.correlation), ""),
            metric("training time apart from parameters", Some(base), "s"),
            metric(
                "training time a million trained parameters",
                Some(self.cost.seconds(million, 0) - base),
                "s",
            ),
            metric(
                "training time a million frozen parameters",
                Some(self.cost.seconds(million, million) - base),
                "s",
            ),
        ])
    }
}
