//! The two components as the host uses them, against published figures.

use lamarck_nas_bench_201::network::Level;
use lamarck_nas_bench_201::space::{cell_of, choices_of};
use lamarck_nas_bench_201::{NasBench201, TableEvaluator};
use lamarck_nas_bench_201_table::cell::{CELLS, to_digits};
use lamarck_nas_bench_201_table::{Dataset, Epochs, Provenance, Quantity, SeedLabel, TableBuilder, embedded};
use lamarck_sdk::model::{Purpose, Stream};
use lamarck_sdk::testing::{check_space, create};
use lamarck_sdk::{
    Choice, Component, Context, Evaluator, ModelSize, Outcome, Request, Rng, SearchSpace, Status,
};

fn context() -> Context {
    Context::bare()
}

fn space(options: &str) -> NasBench201 {
    create(options, &context()).unwrap()
}

fn table(options: &str) -> TableEvaluator {
    create(options, &context()).unwrap()
}

fn evaluate(evaluator: &TableEvaluator, choices: &[Choice], rng: &mut Rng) -> Outcome {
    let size = ModelSize::default();
    evaluator.evaluate(&Request { candidate: 0, choices, size, prefix: size }, rng).unwrap()
}

fn all() -> impl Iterator<Item = [Choice; 6]> {
    (0..CELLS).map(|cell| choices_of(cell).unwrap())
}

#[test]
fn the_space_passes_the_checks_of_the_sdk() {
    check_space::<NasBench201>("{}").unwrap();
    check_space::<NasBench201>(r#"{"dataset": "imagenet16-120", "classes": "functional"}"#).unwrap();
}

#[test]
fn decisions_say_what_depends_on_them() {
    let space = space("{}");
    let said: Vec<(&str, Option<u32>, u32)> =
        space.spec().decisions.iter().map(|d| (d.name.as_str(), d.node, d.descendants)).collect();
    assert_eq!(
        said,
        [
            ("edge 0>1", Some(1), 3),
            ("edge 0>2", Some(2), 1),
            ("edge 1>2", Some(2), 1),
            ("edge 0>3", Some(3), 0),
            ("edge 1>3", Some(3), 0),
            ("edge 2>3", Some(3), 0),
        ]
    );
    assert_eq!(space.spec().size(), Some(15_625));
}

/// The number of descendants is the number of other edges whose layer changes identity with this one.
#[test]
fn descendants_are_the_edges_that_change_identity() {
    let space = space("{}");
    let (base, changed) = ([3; 6], 4);
    for (position, decision) in space.spec().decisions.iter().enumerate() {
        let mut other = base;
        other[position] = changed;
        let graph = |choices: &[Choice]| space.build(choices, "cell").unwrap();
        let (a, b) = (graph(&base), graph(&other));
        let shared = lamarck_sdk::model::prefix::longest_common_prefix(&a, &b).unwrap();
        let edges =
            shared.layers.iter().filter(|(id, _)| a.layer(*id).unwrap().name.starts_with("edge")).count();
        assert_eq!(edges, 5 - decision.descendants as usize, "{}", decision.name);
    }
}

#[test]
fn vectors_positions_and_texts_are_one_to_one() {
    let space = space("{}");
    for (cell, choices) in (0..CELLS).zip(all()) {
        assert_eq!(cell_of(&choices), Some(cell));
        assert_eq!(space.spec().index(&choices), Some(u64::from(cell)));
        assert_eq!(space.parse(&space.render(&choices).unwrap()).unwrap(), choices);
        assert_eq!(space.parse(&to_digits(cell)).unwrap(), choices);
    }
    assert_eq!(choices_of(CELLS), None);
    for wrong in [&[0, 0, 0, 0, 0][..], &[0; 7], &[0, 0, 0, 0, 0, 5], &[8, 0, 0, 0, 0, 0], &[u16::MAX; 6]] {
        assert_eq!(cell_of(wrong), None, "{wrong:?}");
        assert!(space.build(wrong, "cell").is_err() && space.class(wrong).is_err());
    }
}

#[test]
fn official_indices() {
    let space = space("{}");
    // The first cell of the benchmark's own list.
    assert_eq!(space.parse("#0").unwrap(), [4, 2, 1, 2, 1, 1]);
    let mut seen = vec![false; usize::from(CELLS)];
    for official in 0..CELLS {
        let cell = cell_of(&space.parse(&format!("#{official}")).unwrap()).unwrap();
        assert!(!std::mem::replace(&mut seen[usize::from(cell)], true), "#{official}");
    }
    let error = space.parse("#15625").unwrap_err().to_string();
    assert_eq!(error, "there is no cell #15625: official indices go from 0 to 15624");
}

#[test]
fn wrong_levels_and_texts_are_explained() {
    let space = space("{}");
    let error = space.build(&[0; 6], "block").unwrap_err().to_string();
    assert_eq!(error, "nas-bench-201 has no level `block`; use `network` or `cell`");
    assert!(space.parse("|conv~0|").unwrap_err().to_string().contains("at character 2"));
    assert_eq!(space.spec().levels, Level::ALL.map(Level::name));
}

#[test]
fn classes_follow_the_option() {
    let count = |options: &str| {
        let space = space(options);
        let mut classes: Vec<u64> = all().filter_map(|choices| space.class(&choices).unwrap()).collect();
        classes.sort_unstable();
        classes.dedup();
        classes.len()
    };
    assert_eq!(count("{}"), 6_466);
    assert_eq!(count(r#"{"classes": "functional"}"#), 5_390);
}

/// The best means that the benchmark's literature gives, to four places.
#[test]
fn published_best_means() {
    for (dataset, best) in [("cifar10", "91.6067"), ("cifar100", "73.4933"), ("imagenet16-120", "46.7333")] {
        let evaluator = table(&format!(r#"{{"dataset": "{dataset}"}}"#));
        let spec = evaluator.spec();
        assert_eq!(format!("{:.4}", spec.best_known.unwrap()), best, "{dataset}");
        let (choices, score) = evaluator.best().unwrap();
        assert_eq!(Some(score), spec.best_known);
        assert_eq!(evaluate(&evaluator, &choices, &mut Rng::from_seed(0)).score.to_bits(), score.to_bits());
        assert_eq!(evaluator.reference_score(&choices).unwrap(), Some(score));
        assert!(!spec.synthetic && spec.deterministic);
        assert!(spec.sources[0].license.contains("MIT") && spec.sources[0].checksum.starts_with("xxh3:"));
    }
}

#[test]
fn a_missing_seed_stays_missing() {
    let runs = embedded().runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::ValidAccuracy).unwrap();
    let by_seed = [0, 1, 2].map(|seed| table(&format!(r#"{{"seed": {seed}}}"#)));
    let mut missing = [0; 3];
    for (cell, choices) in (0..CELLS).zip(all()) {
        for seed in 0..3 {
            let outcome = evaluate(&by_seed[seed], &choices, &mut Rng::from_seed(0));
            if let Some(score) = runs.get(cell, u8::try_from(seed).unwrap()) {
                assert_eq!((outcome.status, outcome.score.to_bits()), (Status::Ok, score.to_bits()));
                assert!(outcome.train_us > 0);
            } else {
                assert_eq!((outcome.status, outcome.train_us), (Status::Missing, 0));
                assert!(outcome.score.is_nan());
                missing[seed] += 1;
            }
        }
    }
    // 7,456 cells have two results: 39,419 runs in all.
    assert_eq!(missing, [0, 0, 7_456]);
}

#[test]
fn sampled_scores_are_drawn_evenly_from_those_there_are() {
    let evaluator = table(r#"{"seed": "sampled"}"#);
    let runs = embedded().runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::ValidAccuracy).unwrap();
    let streams = Stream::new(1, 0);
    for results in [2, 3] {
        let differ = |cell: &u16| {
            let mut values: Vec<u64> = runs.values(*cell).map(f64::to_bits).collect();
            values.sort_unstable();
            values.dedup();
            values.len() == results && runs.count(*cell) == results
        };
        let cell = (0..CELLS).find(differ).unwrap();
        let choices = choices_of(cell).unwrap();
        let mut counts = vec![0_u32; results];
        for candidate in 0..6_000 {
            let outcome = evaluate(&evaluator, &choices, &mut streams.rng(Purpose::Evaluate, candidate));
            let place = runs.values(cell).position(|value| value.to_bits() == outcome.score.to_bits());
            counts[place.unwrap()] += 1;
        }
        // Five standard deviations of a binomial count are below 200.
        let expected = 6_000 / u32::try_from(results).unwrap();
        assert!(counts.iter().all(|count| count.abs_diff(expected) < 200), "{counts:?}");
    }
}

#[test]
fn epochs_scale_the_cost_where_the_short_training_is_not_held() {
    let (long, short) = (table("{}"), table(r#"{"epochs": 12}"#));
    let (mut low, mut high) = (f64::MAX, f64::MIN);
    for choices in all() {
        let [a, b] = [&long, &short].map(|table| evaluate(table, &choices, &mut Rng::from_seed(0)));
        assert_eq!(a.score.to_bits(), b.score.to_bits());
        assert!((a.train_us as f64 * 12.0 / 200.0 - b.train_us as f64).abs() <= 1.0);
        let seconds_an_epoch = a.train_us as f64 / 200.0 / 1e6;
        (low, high) = (low.min(seconds_an_epoch), high.max(seconds_an_epoch));
    }
    // Published: 2.71 to 17.30 seconds.
    assert_eq!((format!("{low:.2}"), format!("{high:.2}")), ("2.71".into(), "17.30".into()));
    assert_eq!(long.spec().score, "cifar10 validation accuracy after 200 epochs, mean of all seeds");
    assert_eq!(
        short.spec().score,
        "cifar10 validation accuracy after 200 epochs, mean of all seeds, cost scaled to 12 epochs"
    );
}

/// A table with one cell, both trainings of it, and a test accuracy: what an import of official files can hold.
#[test]
fn an_imported_table_is_used_as_it_is() {
    let provenance =
        Provenance { source: "a test".into(), licence: "MIT".into(), sha256: None, notes: Vec::new() };
    let mut builder = TableBuilder::new(provenance);
    let (short, long) = (Epochs::Twelve, Epochs::TwoHundred);
    for (epochs, seed, valid, test, seconds) in
        [(short, 777, 50.0, 51.0, 36.0), (long, 777, 90.0, 92.0, 600.0), (long, 888, 91.0, 94.0, 640.0)]
    {
        let seed = SeedLabel::Number(seed);
        for (quantity, value) in [
            (Quantity::ValidAccuracy, valid),
            (Quantity::TestAccuracy, test),
            (Quantity::TrainSeconds, seconds),
        ] {
            builder.record(Dataset::Cifar10, epochs, quantity, seed, 7, value).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one-cell.lnb");
    builder.finish().unwrap().write(&path).unwrap();

    let choices = choices_of(7).unwrap();
    let result = |options: &str| {
        let path = serde_json_text(path.to_str().unwrap());
        let evaluator = table(&format!(r#"{{"table": {path}{options}}}"#));
        let outcome = evaluate(&evaluator, &choices, &mut Rng::from_seed(0));
        assert_eq!(
            evaluate(&evaluator, &choices_of(8).unwrap(), &mut Rng::from_seed(0)).status,
            Status::Missing
        );
        assert_eq!(evaluator.reference_score(&choices_of(8).unwrap()).unwrap(), None);
        assert_eq!(evaluator.spec().sources[0].origin, "a test");
        (outcome.status, outcome.score, outcome.train_us)
    };
    assert_eq!(result(""), (Status::Ok, 90.5, 620_000_000), "mean of two seeds");
    assert_eq!(result(r#", "seed": 1"#), (Status::Ok, 91.0, 640_000_000));
    assert_eq!(result(r#", "epochs": 12"#), (Status::Ok, 50.0, 36_000_000), "a training of its own");
    assert_eq!(result(r#", "epochs": 50"#), (Status::Ok, 90.5, 155_000_000), "scaled cost");
    assert_eq!(result(r#", "split": "test", "seed": "0""#), (Status::Ok, 92.0, 600_000_000));
}

fn serde_json_text(text: &str) -> String {
    lamarck_sdk::serde_json::Value::from(text).to_string()
}

#[test]
fn what_the_table_does_not_hold_is_an_error_that_says_so() {
    let error = create::<TableEvaluator>(r#"{"split": "test"}"#, &context()).unwrap_err();
    let message = format!("{error:#}");
    assert!(
        message.contains("no test accuracy") && message.contains("import the official files"),
        "{message}"
    );
    let error = create::<TableEvaluator>(r#"{"table": "there is no such file"}"#, &context()).unwrap_err();
    assert!(format!("{error:#}").contains("there is no such file"));
    for options in [r#"{"seed": 3}"#, r#"{"seed": "median"}"#, r#"{"epochs": 0}"#, r#"{"epochs": 201}"#] {
        assert!(create::<TableEvaluator>(options, &context()).is_err(), "{options}");
    }
    assert_eq!(
        table(r#"{"seed": 2}"#).spec().score,
        "cifar10 validation accuracy after 200 epochs, result-2"
    );
    assert_eq!(
        table(r#"{"seed": "1"}"#).spec(),
        table(r#"{"seed": 1}"#).spec(),
        "a seed may be written as text"
    );
}

#[test]
fn metrics_show_the_gaps() {
    let evaluator = table("{}");
    let runs = embedded().runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::ValidAccuracy).unwrap();
    let two = (0..CELLS).find(|cell| runs.get(*cell, 2).is_none()).unwrap();
    let metrics = evaluator.metrics(&choices_of(two).unwrap()).unwrap();
    let accuracies: Vec<_> = metrics.iter().filter(|metric| metric.name.contains("valid-accuracy")).collect();
    let gaps: Vec<bool> = accuracies.iter().map(|metric| metric.value.is_none()).collect();
    assert_eq!(gaps, [false, false, true, false], "three seeds and their mean: {metrics:?}");
    assert!(accuracies.iter().all(|metric| metric.unit == "%"));
    for part in ["train-seconds", "latency", "parameters of the network", "official index"] {
        assert!(metrics.iter().any(|metric| metric.name.contains(part)), "{part}: {metrics:?}");
    }
    assert_eq!(TableEvaluator::SPEC.name, "nas-bench-201-table");
}
