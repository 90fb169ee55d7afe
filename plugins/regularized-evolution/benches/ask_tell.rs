//! What a strategy costs: one `ask` and one `tell`, with a full population.

use divan::Bencher;
use lamarck_regularized_evolution::{Neutral, RegularizedEvolution};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Component, Context, Finished, Origin, Rng, Status, Strategy};

fn main() {
    divan::main();
}

/// Steps a call, so that the time of a step shows apart from the timer's.
const STEPS: u64 = 1000;

fn steps<T: Component + Strategy>(bencher: Bencher<'_, '_>, options: &str, scores: u64) {
    let mut strategy: T =
        create(options, &Context::for_space(space(&[5; 6]))).expect("the options are valid");
    let (mut rng, mut released, mut id) = (Rng::from_seed(1), Vec::new(), 0);
    let mut step = move || {
        divan::black_box(strategy.ask(&mut rng).expect("ask never fails"));
        let score = Some(rng.below(scores) as f64);
        let finished = Finished { id, choices: &[0; 6], score, status: Status::Ok, origin: Origin::Mutation };
        released.clear();
        strategy.tell(&finished, &mut released).expect("tell never fails");
        id += 1;
        released.len()
    };
    for _ in 0..10_000 {
        step();
    }
    bencher
        .counter(divan::counter::ItemsCount::new(STEPS))
        .bench_local(move || (0..STEPS).map(|_| step()).sum::<usize>());
}

#[divan::bench(args = [(100, 10), (100, 25), (64, 32), (50, 5), (1000, 10)])]
fn without_replacement(bencher: Bencher<'_, '_>, (population, sample): (u32, u32)) {
    let options = format!(r#"{{"population": {population}, "sample": {sample}}}"#);
    steps::<RegularizedEvolution>(bencher, &options, 1 << 40);
}

#[divan::bench(args = [(100, 10), (100, 25)])]
fn with_replacement(bencher: Bencher<'_, '_>, (population, sample): (u32, u32)) {
    let options = format!(r#"{{"population": {population}, "sample": {sample}, "replacement": true}}"#);
    steps::<RegularizedEvolution>(bencher, &options, 1 << 40);
}

/// Few different scores: the population late in a search over a small space.
#[divan::bench]
fn many_ties(bencher: Bencher<'_, '_>) {
    steps::<RegularizedEvolution>(bencher, "{}", 4);
}

#[divan::bench]
fn neutral(bencher: Bencher<'_, '_>) {
    steps::<Neutral>(bencher, "{}", 1 << 40);
}
