//! What the evaluator says of itself, and its errors.

use insta::assert_snapshot;
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Component, Context, Evaluator, Fault, FaultKind, ModelSize, Request, Rng, SpaceSpec};
use lamarck_synthetic::{Synthetic, cost};

fn make(options: &str, space: SpaceSpec) -> lamarck_sdk::anyhow::Result<Synthetic> {
    create(options, &Context::for_space(space))
}

/// The fault as a study would show it: where, then what.
fn fault(options: &str, space: SpaceSpec) -> String {
    let error = make(options, space).expect_err("it is refused");
    let fault = error.downcast_ref::<Fault>().expect("options are faults");
    assert_eq!(fault.kind(), FaultKind::Options);
    format!("{}: {}", fault.path(), fault.message())
}

#[test]
fn errors_of_options() {
    assert_snapshot!(fault(r#"{"heritability": 0.95}"#, space(&[5; 6])), @"heritability: heritability is 0.95, but one changed decision of 6 leaves scores with a correlation of at most 0.719; ask for no more, or for fewer `interactions` (now 0.3)");
    assert_snapshot!(fault(r#"{"heritability": 0.9, "interactions": 1}"#, space(&[2; 3])), @"heritability: heritability is 0.9, but one changed decision of 3 leaves scores with a correlation of at most 0; ask for no more, or for fewer `interactions` (now 1)");
    assert_snapshot!(fault(r#"{"heritability": 0.5}"#, space(&[1, 1])), @"heritability: heritability is 0.5, but no decision of space `test` can change, so there are no children; leave it out");
    assert_snapshot!(fault(r#"{"low": 1}"#, space(&[3])), @"high: high is 1, which must be more than low, 1");
    assert_snapshot!(make(r#"{"noise": -1}"#, space(&[3])).unwrap_err(), @"option `noise`: expected a number from 0.0 to 1000000000.0, found -1");
    assert_snapshot!(make(r#"{"herit": 1}"#, space(&[3])).unwrap_err(), @"`synthetic` declares no option `herit`");
}

/// The number in the message can be asked for.
#[test]
fn the_largest_reachable_heritability_is_reachable() {
    let text = fault(r#"{"heritability": 1}"#, space(&[5; 6]));
    let (_, after) = text.split_once("at most ").unwrap();
    let (largest, _) = after.split_once(';').unwrap();
    assert!(make(&format!(r#"{{"heritability": {largest}}}"#), space(&[5; 6])).is_ok(), "{text}");
}

#[test]
fn everything_says_synthetic() {
    let evaluator = make(
        r#"{"heritability": 0.6, "noise": 0.01, "fail": 0.05, "transfer_gain": 0.2, "speed": 2, "batch": 64}"#,
        space(&[5; 18]),
    )
    .unwrap();
    let spec = evaluator.spec();
    assert!(spec.synthetic && spec.deterministic && spec.best_known.is_none() && spec.sources.is_empty());
    assert!(spec.score.contains("synthetic"));
    assert!(spec.notes.iter().all(|note| note.contains("synthetic")));
    assert_snapshot!(spec.notes.join("\n"), @r"
    synthetic landscape: a formula with seed 1 over 18 decisions and 17 linked pairs, which hold 30 % of the smooth variance; 30.1 % of all variance is rugged; no model was trained
    synthetic heritability, asked for 0.6: scores without noise of a random parent and its one-decision child correlate by 0.597 ± 0.021 (95 % interval, n = 8192 seeded pairs, every vector equally likely); latent values by 0.636 (closed form)
    synthetic noise: each training adds a nearly normal number of standard deviation 0.01, cut off at 0 and 1
    synthetic transfer gain: from scratch a model misses 20 % of its height above 0, and an inherited prefix makes that up in proportion to its share of the layers; an assumption, not a finding
    synthetic failures: 5.0 % of architectures fail, always the same ones, at the end of their training
    synthetic training times: 1 x 50000 rows in batches of 64, 2.93 ms a step and 5.42 TFLOP/s, fitted to 9 published trainings of dense networks on one A100; relative error 11 % in the median and 34 % at worst, leaving one out 13 % and 39 %; convolutions cost more than it says; 2 times as fast
    ");
    let metrics = evaluator.metrics(&[1; 18]).unwrap();
    assert!(metrics.iter().all(|metric| metric.name.contains("synthetic")));
    let lines: Vec<String> = metrics
        .iter()
        .map(|m| format!("{} = {:.4} {}", m.name, m.value.unwrap(), m.unit).trim_end().to_owned())
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    synthetic score without noise, fully trained = 0.9187
    synthetic latent value, smooth part = 1.1924
    synthetic latent value, rugged part = 0.9753
    synthetic latent value = 1.5321
    synthetic heritability of the landscape = 0.5974
    synthetic training time apart from parameters = 1.1456 s
    synthetic training time a million trained parameters = 0.0277 s
    synthetic training time a million frozen parameters = 0.0092 s
    ");
}

#[test]
fn own_constants_are_said_to_be_so() {
    let evaluator = make(r#"{"tflops": 10}"#, space(&[5; 6])).unwrap();
    let notes = evaluator.spec().notes;
    assert!(notes.iter().any(|note| note.contains("the study's own")), "{notes:?}");
}

#[test]
fn a_space_in_which_nothing_can_change_still_has_scores() {
    let evaluator = make("{}", space(&[1, 1])).unwrap();
    assert_eq!(evaluator.reference_score(&[0, 0]).unwrap(), Some(0.5));
    assert_eq!(evaluator.heritability(), None);
}

#[test]
fn vectors_of_another_space_are_errors() {
    let evaluator = make("{}", space(&[2, 3])).unwrap();
    assert_snapshot!(evaluator.reference_score(&[1]).unwrap_err(), @"space `test` has 2 decisions, but the vector has 1 choices");
    assert_snapshot!(evaluator.metrics(&[1, 3]).unwrap_err(), @"choice 3 for decision 1 (`decision 1`) is out of range: it has 3 options, numbered from 0");
    let size = ModelSize::default();
    let request = Request { candidate: 0, choices: &[2, 0], size, prefix: size };
    assert_snapshot!(evaluator.evaluate(&request, &mut Rng::from_seed(0)).unwrap_err(), @"choice 2 for decision 0 (`decision 0`) is out of range: it has 2 options, numbered from 0");
}

/// The declared defaults are the fitted constants, which are written down in two places.
#[test]
fn defaults_are_the_fitted_constants() {
    let default = |name: &str| -> f64 {
        let option = Synthetic::SPEC.options.iter().find(|option| option.name == name).unwrap();
        option.default.unwrap().parse().unwrap()
    };
    assert!((default("launch_ms") - cost::LAUNCH_MS).abs() < 1e-12);
    assert!((default("tflops") - cost::TFLOPS).abs() < 1e-12);
}
