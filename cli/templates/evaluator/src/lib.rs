//! Scores by a formula, and times by counting operations: for studies of scheduling, caching and
//! transfer.
//!
//! The score is SYNTHETIC: a formula that is best for networks with `best` parameters and worse for
//! smaller and larger ones, with noise. It says so wherever it appears. The time is a usual
//! estimate: training takes 6 operations for each parameter and example, 2 forward and 4 backward
//! (arXiv:2001.08361), and what is inherited is frozen, so only the forward part is left of it.

use lamarck_sdk::prelude::*;

/// Scores by size.
struct BySize {
    options: Options,
}

/// What a study can set.
#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    best: f64,
    noise: f64,
    examples: u64,
    gigaflops: u64,
    memory: u64,
}

impl Component for BySize {
    type Options = Options;
    // A study names it by the name of this crate. A second component needs a name of its own.
    const SPEC: ComponentSpec = ComponentSpec::new(
        env!("CARGO_PKG_NAME"),
        "synthetic scores by size, and training times by operations",
    )
    .references(&["arXiv:2001.08361"])
    .options(&[
        OptionSpec::float("best", 1.0, 1e15, "size of the networks that score best")
            .default_value("1e6")
            .unit("parameters"),
        OptionSpec::float("noise", 0.0, 100.0, "scores vary by so much up and down")
            .default_value("1.0")
            .unit("points"),
        OptionSpec::integer(
            "examples",
            1,
            1_000_000_000_000,
            "examples seen in training",
        )
        .default_value("1000000"),
        OptionSpec::integer(
            "gigaflops",
            1,
            1_000_000_000,
            "operations a second of a worker",
        )
        .default_value("10000")
        .unit("10^9/s"),
        OptionSpec::integer("memory", 1, 1_000_000_000, "memory of a worker")
            .default_value("16384")
            .unit("MiB"),
    ]);

    /// Called once for each point of a study; all its runs share it.
    fn create(options: Options, _: &Context) -> Result<Self> {
        Ok(Self { options })
    }
}

impl Evaluator for BySize {
    /// Asked once, for the header of the trace.
    fn spec(&self) -> EvaluatorSpec {
        EvaluatorSpec {
            score: "synthetic score by size".into(),
            unit: "points".into(),
            // 100 is the formula's maximum, but perhaps no network of the space has that size.
            best_known: None,
            near: None,
            // Every output that rests on these scores will say so.
            synthetic: true,
            // The same request and generator always give the same outcome, so a resumed run may
            // check it.
            deterministic: true,
            sources: Vec::new(),
            notes: vec![format!(
                "scores are synthetic: best at {} parameters, noise of {} points",
                self.options.best, self.options.noise
            )],
        }
    }

    /// Called once for each candidate, when a worker takes it.
    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
        let Options {
            best,
            noise,
            examples,
            gigaflops,
            memory,
        } = self.options;
        let (size, prefix) = (request.size, request.prefix);
        // Weights, gradients and the two moments of Adam.
        if u128::from(size.bytes) * 4 > u128::from(memory) << 20 {
            // A candidate that cannot be trained is no error. Only what no candidate can help is.
            return Ok(Outcome {
                status: Status::Failed,
                score: f64::NAN,
                train_us: 0,
            });
        }
        // Largest where the ratio is 1, and the same for twice and half the best size.
        let ratio = size.parameters as f64 / best;
        let score = 400.0 * ratio / (1.0 + ratio).powi(2) + noise * (2.0 * rng.uniform() - 1.0);
        // In whole numbers, so that times are the same on every machine. 128 bits are enough for
        // all options.
        let trained = u128::from(size.parameters.saturating_sub(prefix.parameters));
        let forward = 2 * u128::from(size.parameters);
        let operations = (forward + 4 * trained) * u128::from(examples);
        let train_us = u64::try_from(operations / (u128::from(gigaflops) * 1000))?;
        Ok(Outcome {
            status: Status::Ok,
            score,
            train_us,
        })
    }
}

export_plugin! { evaluators: [BySize] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::{check_evaluator, create, space};

    /// What the engine demands: the same request and seed give the same outcome, and a status that
    /// fits its score.
    #[test]
    fn it_conforms() -> Result<()> {
        for options in ["{}", r#"{"noise": 0.0, "best": 1.0}"#, r#"{"memory": 1}"#] {
            check_evaluator::<BySize>(options, &space(&[5, 2, 1]))?;
        }
        Ok(())
    }

    /// The outcome for a network with so many parameters, of which `frozen` are inherited.
    fn outcome(options: &str, parameters: u64, frozen: u64, seed: u64) -> Result<Outcome> {
        let evaluator: BySize = create(options, &Context::for_space(space(&[2])))?;
        let size = |parameters| ModelSize {
            layers: 1,
            parameters,
            bytes: 4 * parameters,
        };
        let (size, prefix) = (size(parameters), size(frozen));
        let request = Request {
            candidate: 0,
            choices: &[0],
            size,
            prefix,
        };
        evaluator.evaluate(&request, &mut Rng::from_seed(seed))
    }

    #[test]
    fn the_best_size_scores_best() -> Result<()> {
        let score = |parameters| -> Result<f64> {
            Ok(outcome(r#"{"best": 1000, "noise": 0}"#, parameters, 0, 1)?.score)
        };
        assert!((score(1000)? - 100.0).abs() < 1e-9);
        assert!((score(500)? - score(2000)?).abs() < 1e-9 && score(500)? < 100.0);
        assert!(score(0)?.abs() < 1e-9);
        for seed in 0..100 {
            let noisy = outcome(r#"{"best": 1000, "noise": 3}"#, 1000, 0, seed)?.score;
            assert!((97.0..=103.0).contains(&noisy), "{noisy}");
        }
        Ok(())
    }

    #[test]
    fn times_are_counted() -> Result<()> {
        // 6 x 2,000 parameters x 10^6 examples at 10^9 operations a second are 12 s.
        let options = r#"{"examples": 1000000, "gigaflops": 1}"#;
        assert_eq!(outcome(options, 2000, 0, 1)?.train_us, 12_000_000);
        // Half of it frozen: 6 x 1,000 + 2 x 1,000.
        assert_eq!(outcome(options, 2000, 1000, 1)?.train_us, 8_000_000);
        Ok(())
    }

    #[test]
    fn what_does_not_fit_fails() -> Result<()> {
        // 65,536 parameters are 2^18 bytes, which four times make one MiB.
        assert_eq!(
            outcome(r#"{"memory": 1}"#, 65_536, 0, 1)?.status,
            Status::Ok
        );
        assert_eq!(
            outcome(r#"{"memory": 1}"#, 65_537, 0, 1)?.status,
            Status::Failed
        );
        Ok(())
    }
}
