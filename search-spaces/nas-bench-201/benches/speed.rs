//! How long what a search does all the time takes.

use lamarck_nas_bench_201::classes::Equality;
use lamarck_nas_bench_201::network::{Level, build, size};
use lamarck_nas_bench_201::{NasBench201, TableEvaluator};
use lamarck_nas_bench_201_table::{Dataset, cell, embedded};
use lamarck_sdk::model::identity::identities;
use lamarck_sdk::testing::create;
use lamarck_sdk::{Choice, Context, Evaluator, ModelSize, Request, Rng, SearchSpace};

fn main() {
    divan::main();
}

fn context() -> Context {
    Context::bare()
}

/// Vectors in an order that no cache foresees.
fn vectors() -> Vec<[Choice; 6]> {
    let mut rng = Rng::from_seed(1);
    (0..4_096).map(|_| std::array::from_fn(|_| Choice::try_from(rng.below(5)).unwrap_or_default())).collect()
}

#[divan::bench(args = ["mean", "sampled"])]
fn evaluate_4096(bencher: divan::Bencher<'_, '_>, seed: &str) {
    let options = format!(r#"{{"seed": "{seed}"}}"#);
    let Ok(table) = create::<TableEvaluator>(&options, &context()) else { return };
    let vectors = vectors();
    let mut rng = Rng::from_seed(2);
    let size = ModelSize::default();
    bencher.bench_local(|| {
        let mut sum = 0.0;
        for choices in &vectors {
            let request = Request { candidate: 0, choices, size, prefix: size };
            sum += table.evaluate(&request, &mut rng).map_or(0.0, |outcome| outcome.score);
        }
        sum
    });
}

#[divan::bench]
fn create_evaluator(bencher: divan::Bencher<'_, '_>) {
    let _ = embedded();
    bencher.bench(|| create::<TableEvaluator>("{}", &context()).is_ok());
}

#[divan::bench(args = ["network", "cell"])]
fn build_graph(bencher: divan::Bencher<'_, '_>, level: &str) {
    let Some(level) = Level::from_name(level) else { return };
    bencher.bench(|| build([3, 2, 1, 4, 3, 2], Dataset::Cifar10, level).map(|graph| graph.len()));
}

#[divan::bench(args = ["network", "cell"])]
fn identify(bencher: divan::Bencher<'_, '_>, level: &str) {
    let Some(Ok(graph)) =
        Level::from_name(level).map(|level| build([3, 2, 1, 4, 3, 2], Dataset::Cifar10, level))
    else {
        return;
    };
    bencher.bench(|| identities(divan::black_box(&graph)));
}

#[divan::bench]
fn closed_form_size() -> ModelSize {
    size(divan::black_box([3, 2, 1, 4, 3, 2]), Dataset::Cifar10, Level::Network)
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn classes_first_use() -> usize {
    Equality::Official.classes().len()
}

#[divan::bench]
fn class_of_4096(bencher: divan::Bencher<'_, '_>) {
    let Ok(space) = create::<NasBench201>("{}", &context()) else { return };
    let vectors = vectors();
    bencher.bench(|| vectors.iter().filter_map(|choices| space.class(choices).ok().flatten()).sum::<u64>());
}

#[divan::bench]
fn parse() -> Option<Vec<Choice>> {
    let space = create::<NasBench201>("{}", &context()).ok()?;
    space.parse(divan::black_box(&cell::to_official(1_234))).ok()
}
