//! What a study does for every candidate: sample, build, size, identify.

use lamarck_candle::{CandleAttn, CandleCombo, CandleComboShared, CandleNt3};
use lamarck_sdk::model::identity::identities;
use lamarck_sdk::testing::create;
use lamarck_sdk::{Choice, Component, Context, Rng, SearchSpace};

fn main() {
    divan::main();
}

const N: usize = 1_000;

/// Vectors that differ, so that neither branches nor caches see one model only.
fn sampled<T: Component + SearchSpace>(options: &str) -> Option<(T, Vec<Vec<Choice>>)> {
    let space: T = create(options, &Context::bare()).ok()?;
    let mut rng = Rng::from_seed(1);
    let draw = |_| {
        let mut choices = vec![0; space.spec().decisions.len()];
        space.sample(&mut choices, &mut rng).ok().map(|()| choices)
    };
    let vectors = (0..N).filter_map(draw).collect();
    Some((space, vectors))
}

#[divan::bench(types = [CandleAttn, CandleCombo, CandleComboShared, CandleNt3], sample_count = 50)]
fn build<T: Component + SearchSpace>(bencher: divan::Bencher<'_, '_>) {
    let Some((space, vectors)) = sampled::<T>("{}") else { return };
    bencher.counter(N).bench(|| {
        vectors
            .iter()
            .filter_map(|choices| space.build(choices, "network").ok())
            .map(|g| g.len())
            .sum::<usize>()
    });
}

#[divan::bench(types = [CandleAttn, CandleCombo, CandleComboShared, CandleNt3], sample_count = 50)]
fn size<T: Component + SearchSpace>(bencher: divan::Bencher<'_, '_>) {
    let Some((space, vectors)) = sampled::<T>("{}") else { return };
    bencher.counter(N).bench(|| {
        let sizes = vectors.iter().filter_map(|choices| space.size(choices, "network").ok());
        sizes.map(|size| size.parameters).sum::<u64>()
    });
}

#[divan::bench(sample_count = 50)]
fn build_and_identify_attn(bencher: divan::Bencher<'_, '_>) {
    let Some((space, vectors)) = sampled::<CandleAttn>("{}") else { return };
    bencher.counter(N).bench(|| {
        let graphs = vectors.iter().filter_map(|choices| space.build(choices, "network").ok());
        graphs.map(|graph| identities(&graph).len()).sum::<usize>()
    });
}

#[divan::bench(sample_count = 20)]
fn create_attn() -> bool {
    create::<CandleAttn>("{}", &Context::bare()).is_ok()
}
