//! The cost model: its constants are what the fit gives, and costs go the right way.

use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Context, Evaluator, ModelSize, Request, Rng};
use lamarck_synthetic::Synthetic;
use lamarck_synthetic::cost::{
    CostModel, LAUNCH_MS, Label, OBSERVATIONS, Settings, TFLOPS, fit, leave_one_out,
};
use proptest::prelude::*;

/// The constants in the code are the fit's, to the three digits they are written with.
#[test]
fn constants_are_what_the_fit_gives() {
    let fit = fit(OBSERVATIONS).unwrap();
    assert_eq!(fit.n, 9);
    assert!((fit.launch * 1e3 - LAUNCH_MS).abs() < 0.005, "{fit:?}");
    assert!((fit.throughput * 1e-12 - TFLOPS).abs() < 0.005, "{fit:?}");
    let (error, left_out) = (fit.error().unwrap(), leave_one_out().unwrap());
    insta::assert_snapshot!(
        format!(
            "median {:.3}, worst {:.3}; leaving one out {:.3}, {:.3}",
            error.median, error.worst, left_out.median, left_out.worst
        ),
        @"median 0.107, worst 0.336; leaving one out 0.134, 0.386"
    );
}

/// No other pair of constants nearby has a smaller sum of squared relative errors: the normal equations, naively.
#[test]
fn the_fit_is_a_minimum() {
    let best = fit(OBSERVATIONS).unwrap();
    let squares = |launch: f64, throughput: f64| -> f64 {
        let usable = OBSERVATIONS.iter().filter_map(|o| Some((o, o.usable()?)));
        usable
            .map(|(o, run)| {
                let steps = run.rows.div_ceil(run.batch) as f64 * run.epochs as f64;
                let flops = 6.0 * o.parameters as f64 * run.rows as f64 * run.epochs as f64;
                ((steps * launch + flops / throughput) / o.seconds - 1.0).powi(2)
            })
            .sum()
    };
    let least = squares(best.launch, best.throughput);
    for (a, b) in [(1.01, 1.0), (0.99, 1.0), (1.0, 1.01), (1.0, 0.99), (1.01, 1.01), (0.99, 1.01)] {
        assert!(squares(best.launch * a, best.throughput * b) > least);
    }
    assert!(fit(&OBSERVATIONS[..1]).is_none());
}

/// A term per parameter and step, or per row, would get the coefficient 0 if it must not be negative: at the minimum,
/// more of it makes the sum of squares larger (the condition of Karush, Kuhn and Tucker).
#[test]
fn further_terms_would_be_0() {
    let fit = fit(OBSERVATIONS).unwrap();
    let mut slopes = [0.0; 2];
    for observation in OBSERVATIONS {
        let Some(run) = observation.usable() else { continue };
        let missing = -fit.relative_error(observation).unwrap();
        let rows = (run.rows * run.epochs) as f64;
        let steps = run.rows.div_ceil(run.batch) as f64 * run.epochs as f64;
        for (slope, term) in slopes.iter_mut().zip([steps * observation.parameters as f64, rows]) {
            *slope -= missing * term / observation.seconds;
        }
    }
    assert!(slopes.iter().all(|&slope| slope > 0.0), "{slopes:?}");
}

/// What is used was read, not remembered, and ran on one device.
#[test]
fn only_what_is_on_record_is_used() {
    for observation in OBSERVATIONS {
        if observation.usable().is_some() {
            assert_eq!(observation.label, Label::Code, "{}", observation.name);
        }
        assert!(observation.seconds > 0.0 && !observation.source.is_empty());
    }
}

#[test]
fn settings_follow_the_space() {
    let settings = |name: &str| {
        let mut space = space(&[2]);
        space.name = name.into();
        let Settings { rows, batch, epochs } = Settings::of(&space);
        (rows, batch, epochs)
    };
    assert_eq!(settings("candle-attn"), (271_915, 32, 1));
    assert_eq!(settings("candle-combo-small"), (22_089, 32, 1));
    assert_eq!(settings("candle-combo"), (176_712, 32, 1));
    assert_eq!(settings("candle-uno-small"), (9_588, 32, 1));
    assert_eq!(settings("candle-nt3"), (1_120, 20, 1));
    assert_eq!(settings("candle-nt3-evostore"), (1_120, 100, 1));
    assert_eq!(settings("nas-bench-201"), (50_000, 100, 1));
    let own = Settings { rows: 1, batch: 2, epochs: 3 }.or(0, 20, 0);
    assert_eq!(own, Settings { rows: 1, batch: 20, epochs: 3 });
}

/// One epoch of ATTN takes 8,498 steps, as its logs say.
#[test]
fn attn_has_its_published_steps() {
    let settings = Settings { rows: 271_915, batch: 32, epochs: 1 };
    assert!((settings.steps() - 8498.0).abs() < 1e-9);
    let model = CostModel::fitted(settings);
    let flops = 2.0 * 271_915.0 * 3.0 * 25e6;
    assert!((model.seconds(25_000_000, 0) - (8498.0 * 2.93e-3 + flops / 5.42e12)).abs() < 1e-9);
    // All frozen: the forward pass, a third of the arithmetic.
    let all_frozen = 8498.0 * 2.93e-3 + flops / 3.0 / 5.42e12;
    assert!((model.seconds(25_000_000, 25_000_000) - all_frozen).abs() < 1e-9);
}

/// The options reach the model, and the time spread has the asked width.
#[test]
fn times_spread_as_asked() {
    let context = Context::for_space(space(&[3; 4]));
    let make = |options: &str| create::<Synthetic>(options, &context).unwrap();
    let size = ModelSize { layers: 3, parameters: 10_000_000, bytes: 0 };
    let request = Request { candidate: 0, choices: &[0; 4], size, prefix: ModelSize::default() };
    let us = |evaluator: &Synthetic, seed| {
        evaluator.evaluate(&request, &mut Rng::from_seed(seed)).unwrap().train_us as f64
    };
    let base = r#""rows": 1000, "batch": 10, "epochs": 2"#;
    let fixed = make(&format!("{{{base}}}"));
    let exact = us(&fixed, 0);
    assert!((exact - 1e6 * fixed.cost().seconds(10_000_000, 0)).abs() <= 0.5);
    assert!((us(&make(&format!(r#"{{{base}, "speed": 4}}"#)), 0) - exact / 4.0).abs() <= 1.0);
    let spread = make(&format!(r#"{{{base}, "time_spread": 0.2}}"#));
    let n = 20_000;
    let logs: Vec<f64> = (0..n).map(|seed| (us(&spread, seed) / exact).ln()).collect();
    let mean = logs.iter().sum::<f64>() / n as f64;
    let deviation = (logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
    // Standard errors 0.0014 and 0.001.
    assert!(mean.abs() < 0.006 && (deviation - 0.2).abs() < 0.005, "{mean} {deviation}");
}

proptest! {
    #[test]
    fn costs_go_the_right_way(
        parameters in 0..1_u64 << 40,
        frozen: u64,
        more in 0..1_u64 << 40,
        rows in 1..10_000_000_u64,
        batch in 1..5_000_u64,
        epochs in 1..1_000_u64,
    ) {
        let model = |rows, epochs| CostModel::fitted(Settings { rows, batch, epochs });
        let seconds = model(rows, epochs).seconds(parameters, 0);
        prop_assert!(seconds > 0.0 && seconds.is_finite());
        // A frozen prefix never costs more, and the more of it the less.
        let half = model(rows, epochs).seconds(parameters, frozen / 2);
        prop_assert!(half <= seconds && model(rows, epochs).seconds(parameters, frozen) <= half);
        prop_assert!(model(rows, epochs).seconds(parameters + more, 0) >= seconds);
        prop_assert!(model(rows + more % 1000, epochs).seconds(parameters, 0) >= seconds);
        prop_assert!(model(rows, epochs + 1).seconds(parameters, 0) > seconds);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The largest numbers that a request can hold saturate and do not panic.
    #[test]
    fn absurd_sizes_saturate(parameters: u64, frozen: u64) {
        let context = Context::for_space(space(&[2, 2]));
        let options = r#"{"rows": 1000000000000, "batch": 1, "epochs": 1000000000, "speed": 1e-6}"#;
        let evaluator: Synthetic = create(options, &context).unwrap();
        let size = ModelSize { layers: u64::MAX, parameters, bytes: u64::MAX };
        let prefix = ModelSize { layers: u64::MAX, parameters: frozen, bytes: 0 };
        let request = Request { candidate: u64::MAX, choices: &[1, 1], size, prefix };
        let outcome = evaluator.evaluate(&request, &mut Rng::from_seed(1)).unwrap();
        prop_assert_eq!(outcome.train_us, u64::MAX);
    }
}
