//! The landscape's promises: smoothness, range, heritability, noise, failures, determinism.

use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Choice, Context, Evaluator, ModelSize, Outcome, Request, Rng, SpaceSpec, Status};
use lamarck_synthetic::Synthetic;
use proptest::prelude::*;

fn make(options: &str, space: &SpaceSpec) -> Synthetic {
    create(options, &Context::for_space(space.clone())).unwrap()
}

fn score(evaluator: &Synthetic, choices: &[Choice]) -> f64 {
    evaluator.reference_score(choices).unwrap().unwrap()
}

const SIZE: ModelSize = ModelSize { layers: 10, parameters: 1_000_000, bytes: 4_000_000 };

fn evaluate(evaluator: &Synthetic, choices: &[Choice], inherited_layers: u64, seed: u64) -> Outcome {
    let prefix = ModelSize { layers: inherited_layers, ..ModelSize::default() };
    let request = Request { candidate: 0, choices, size: SIZE, prefix };
    evaluator.evaluate(&request, &mut Rng::from_seed(seed)).unwrap()
}

fn draw(space: &SpaceSpec, rng: &mut Rng) -> Vec<Choice> {
    space.decisions.iter().map(|d| Choice::try_from(rng.index(d.options.len())).unwrap()).collect()
}

/// As ATTN: six decisions of widths and activations, and 0 or 1 for each skip connection.
fn attn() -> SpaceSpec {
    let sizes = [391, 2, 391, 2, 2, 391, 2, 2, 2, 391, 2, 391, 2, 2, 391, 2, 2, 2];
    let mut space = space(&sizes);
    space.name = "candle-attn".into();
    for decision in space.decisions.iter_mut().filter(|d| d.options.len() == 391) {
        let activations = ["linear", "swish", "relu", "tanh", "sigmoid"];
        let widths = (50..2000).step_by(25).flat_map(|w| activations.map(|a| format!("dense {w} {a}")));
        decision.options = std::iter::once("identity".to_owned()).chain(widths).collect();
        assert_eq!(decision.options.len(), 391);
    }
    space
}

fn ordered(options: &[usize]) -> SpaceSpec {
    let mut space = space(options);
    space.decisions.iter_mut().for_each(|decision| decision.ordered = true);
    space
}

fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let moment = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let covariance = moment(&|p| (p.0 - mx) * (p.1 - my));
    covariance / (moment(&|p| (p.0 - mx).powi(2)) * moment(&|p| (p.1 - my).powi(2))).sqrt()
}

/// A sample that shares nothing with the one in the evaluator: another generator, another way of drawing children.
fn fresh_correlation(evaluator: &Synthetic, space: &SpaceSpec, n: usize) -> f64 {
    let mut rng = Rng::from_seed(977);
    let free: Vec<usize> =
        (0..space.decisions.len()).filter(|&i| space.decisions[i].options.len() > 1).collect();
    let mut pairs = Vec::with_capacity(n);
    while pairs.len() < n {
        let parent = draw(space, &mut rng);
        let mut child = parent.clone();
        let at = free[rng.index(free.len())];
        while child[at] == parent[at] {
            child[at] = Choice::try_from(rng.index(space.decisions[at].options.len())).unwrap();
        }
        pairs.push((score(evaluator, &parent), score(evaluator, &child)));
    }
    pearson(&pairs)
}

/// These numbers are part of the results of studies: a change of them is a breaking change.
#[test]
fn golden_scores() {
    let evaluator = make(r#"{"seed": 7, "heritability": 0.5, "noise": 0.02, "time_spread": 0.1}"#, &attn());
    let mut rng = Rng::from_seed(5);
    let lines: Vec<String> = (0..4)
        .map(|seed| {
            let choices = draw(&attn(), &mut rng);
            let outcome = evaluate(&evaluator, &choices, 0, seed);
            format!("{} {} {}", score(&evaluator, &choices), outcome.score, outcome.train_us)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    0.3103756311747315 0.2474998673657478 20727663
    0.6949932364036394 0.6744562368277165 25671491
    0.7504778866767059 0.7695023885448699 28203846
    0.8062190668122524 0.7760529213016122 23520159
    ");
}

#[test]
fn asked_heritability_is_reached() {
    let mut linked = space(&[5; 6]);
    for (decision, node) in linked.decisions.iter_mut().zip([1, 2, 2, 3, 3, 3]) {
        decision.node = Some(node);
    }
    let spaces = [linked, space(&[13; 12]), ordered(&[40, 3, 1, 7, 7, 2, 9, 30]), attn()];
    for space in &spaces {
        for wanted in [0.2, 0.5, 0.65] {
            let evaluator = make(&format!(r#"{{"heritability": {wanted}}}"#), space);
            let measured = evaluator.heritability().unwrap();
            let n = 16_000;
            let fresh = fresh_correlation(&evaluator, space, n);
            // What was measured at creation agrees with its interval: 2 half widths are some 4 standard errors.
            assert!(
                (measured.correlation - wanted).abs() < 2.0 * measured.half_width + 0.01,
                "{measured:?} {wanted}"
            );
            // The ruggedness came from 8,192 pairs and this from 16,000: standard errors of at most 0.011 and 0.008.
            let limit = 4.0 * (1.0 - wanted * wanted) * (1.0 / 8192.0 + 1.0 / n as f64).sqrt();
            assert!((fresh - wanted).abs() < limit, "asked {wanted}, found {fresh} ± {limit}");
        }
        let none = make(r#"{"heritability": 0}"#, space);
        assert!(fresh_correlation(&none, space, 8000).abs() < 0.05);
        assert!((none.landscape().ruggedness() - 1.0).abs() < f64::EPSILON);
    }
}

/// The landscapes themselves, not their scores: the closed form against a sample.
#[test]
fn closed_form_of_the_latent_correlation_holds() {
    for (options, space) in [("{}", attn()), (r#"{"heritability": 0.5}"#, space(&[13; 12]))] {
        let evaluator = make(options, &space);
        let landscape = evaluator.landscape();
        let mut rng = Rng::from_seed(3);
        let pairs: Vec<(f64, f64)> = (0..20_000)
            .map(|_| {
                let mut vector = draw(&space, &mut rng);
                let before = landscape.latent(&vector).unwrap();
                let at = rng.index(vector.len());
                let options = space.decisions[at].options.len();
                vector[at] =
                    Choice::try_from((usize::from(vector[at]) + 1 + rng.index(options - 1)) % options)
                        .unwrap();
                (before, landscape.latent(&vector).unwrap())
            })
            .collect();
        let (sampled, formula) = (pearson(&pairs), landscape.correlation().unwrap());
        assert!((sampled - formula).abs() < 0.03, "{sampled} against {formula}");
    }
}

/// Neighbouring widths, the rest being equal, differ less than widths drawn at random.
fn assert_smooth(space: &SpaceSpec, at: usize, step: Choice, seed: u64) {
    let evaluator = make(&format!(r#"{{"seed": {seed}}}"#), space);
    let mut rng = Rng::from_seed(seed);
    let options = space.decisions[at].options.len();
    let (mut near, mut far) = (0.0, 0.0);
    for _ in 0..100 {
        let mut vector = draw(space, &mut rng);
        vector[at] = Choice::try_from(1 + rng.index(options - 1 - usize::from(step))).unwrap();
        let here = score(&evaluator, &vector);
        vector[at] += step;
        near += (score(&evaluator, &vector) - here).abs();
        vector[at] = Choice::try_from(1 + rng.index(options - 1)).unwrap();
        far += (score(&evaluator, &vector) - here).abs();
    }
    assert!(near < 0.5 * far, "neighbours differ by {near}, random options by {far}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn neighbouring_widths_are_alike(seed in 0..1_000_000_u64, decisions in 1..6_usize, at in 0..6_usize) {
        let space = ordered(&vec![40; decisions]);
        assert_smooth(&space, at % decisions, 1, seed);
    }

    #[test]
    fn widths_in_labels_are_alike(seed in 0..1_000_000_u64) {
        // Five activations a width: the next width with the same activation is five options on.
        assert_smooth(&attn(), 5, 5, seed);
    }

    #[test]
    fn scores_stay_in_range_and_do_not_change(
        sizes in prop::collection::vec(1..30_usize, 1..14),
        seed in 0..1_000_000_u64,
        noise in 0.0..2.0_f64,
        low in -100.0..100.0_f64,
        width in 0.01..100.0_f64,
    ) {
        let space = space(&sizes);
        let high = low + width;
        let options = format!(r#"{{"seed": {seed}, "noise": {noise}, "low": {low}, "high": {high}, "fail": 0.1}}"#);
        let (evaluator, again) = (make(&options, &space), make(&options, &space));
        let mut rng = Rng::from_seed(seed);
        for round in 0..30 {
            let vector = draw(&space, &mut rng);
            let outcome = evaluate(&evaluator, &vector, 0, round);
            let reference = evaluator.reference_score(&vector).unwrap();
            prop_assert_eq!(reference, again.reference_score(&vector).unwrap());
            prop_assert_eq!(outcome.train_us, evaluate(&again, &vector, 0, round).train_us);
            match (outcome.status, reference) {
                (Status::Ok, Some(reference)) => {
                    prop_assert!(low <= outcome.score && outcome.score <= high);
                    prop_assert!(low <= reference && reference <= high);
                }
                (Status::Failed, None) => prop_assert!(outcome.score.is_nan()),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn what_is_inherited_only_helps(layers in 0..20_u64, gain in 0.0..1.0_f64, seed: u64) {
        let space = space(&[7; 5]);
        let evaluator = make(&format!(r#"{{"transfer_gain": {gain}}}"#), &space);
        let vector = draw(&space, &mut Rng::from_seed(seed));
        let reference = score(&evaluator, &vector);
        let scores = [0, layers, layers + 1, 10].map(|layers| evaluate(&evaluator, &vector, layers, 0).score);
        prop_assert!((scores[0] - reference * (1.0 - gain)).abs() < 1e-12);
        prop_assert!(scores.windows(2).take(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!((scores[3] - reference).abs() < 1e-12);
    }
}

#[test]
fn noise_has_the_asked_standard_deviation() {
    let space = space(&[5; 6]);
    let evaluator = make(r#"{"noise": 0.03}"#, &space);
    // A vector well inside the range, where nothing is cut off.
    let mut rng = Rng::from_seed(1);
    let vector = std::iter::repeat_with(|| draw(&space, &mut rng))
        .find(|vector| (0.4..0.6).contains(&score(&evaluator, vector)))
        .unwrap();
    let reference = score(&evaluator, &vector);
    let n = 20_000;
    let errors: Vec<f64> =
        (0..n).map(|seed| evaluate(&evaluator, &vector, 0, seed).score - reference).collect();
    let mean = errors.iter().sum::<f64>() / n as f64;
    let deviation = (errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
    // Standard errors 0.0002 and 0.00015.
    assert!(mean.abs() < 0.001 && (deviation - 0.03).abs() < 0.0007, "{mean} {deviation}");
}

#[test]
fn the_asked_share_fails_and_always_the_same() {
    let space = space(&[9; 8]);
    let evaluator = make(r#"{"fail": 0.2}"#, &space);
    let mut rng = Rng::from_seed(2);
    let n = 10_000;
    let mut failed = 0;
    for _ in 0..n {
        let vector = draw(&space, &mut rng);
        let outcome = evaluate(&evaluator, &vector, 0, 0);
        assert_eq!(outcome.status, evaluate(&evaluator, &vector, 0, 1).status);
        assert!(outcome.train_us > 0);
        failed += i32::from(outcome.status == Status::Failed);
    }
    // 2,000 expected, standard deviation 40.
    assert!((failed - 2000).abs() < 160, "{failed}");
}

/// A hill climber gains fast and then slowly, and gets far above random search.
#[test]
fn a_search_gains_fast_then_slowly() {
    let space = attn();
    let evaluator = make(r#"{"seed": 3}"#, &space);
    let mut rng = Rng::from_seed(4);
    let start = draw(&space, &mut rng);
    let (mut best, mut at) = (start.clone(), score(&evaluator, &start));
    let mut gains = [0.0; 2];
    for step in 0..2000 {
        let mut child = best.clone();
        let position = rng.index(child.len());
        child[position] = draw(&space, &mut rng)[position];
        let new = score(&evaluator, &child);
        if new > at {
            gains[usize::from(step >= 300)] += new - at;
            (best, at) = (child, new);
        }
    }
    assert!(at > 0.9 && gains[0] > 3.0 * gains[1], "{at} {gains:?}");
}

#[test]
fn seeds_make_different_landscapes() {
    let space = space(&[5; 10]);
    let (a, b) = (make(r#"{"seed": 1}"#, &space), make(r#"{"seed": 2}"#, &space));
    let mut rng = Rng::from_seed(8);
    let pairs: Vec<(f64, f64)> = (0..4000)
        .map(|_| {
            let vector = draw(&space, &mut rng);
            (score(&a, &vector), score(&b, &vector))
        })
        .collect();
    // Two landscapes are unrelated except by chance: with 40 free effects their correlation spreads by some 0.15.
    assert!(pearson(&pairs).abs() < 0.6);
    assert!(pairs.iter().all(|(a, b)| a.to_bits() != b.to_bits()));
}
