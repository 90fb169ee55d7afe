//! What an evaluation and a creation cost on a space as large as ATTN's: 18 decisions, six of them with 391 options.

use divan::Bencher;
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Context, Evaluator, ModelSize, Request, Rng, SpaceSpec};
use lamarck_synthetic::Synthetic;

fn main() {
    divan::main();
}

const PLAIN: &str = "{}";
const ALL: &str =
    r#"{"heritability": 0.5, "noise": 0.01, "fail": 0.1, "transfer_gain": 0.1, "time_spread": 0.1}"#;

/// Evaluations a call, so that the time of one shows apart from the timer's.
const STEPS: usize = 1000;

fn attn() -> SpaceSpec {
    space(&[391, 2, 391, 2, 2, 391, 2, 2, 2, 391, 2, 391, 2, 2, 391, 2, 2, 2])
}

#[divan::bench(args = [PLAIN, ALL])]
fn evaluate(bencher: Bencher<'_, '_>, options: &str) {
    let evaluator: Synthetic = create(options, &Context::for_space(attn())).expect("the options are good");
    let mut rng = Rng::from_seed(1);
    let vectors: Vec<Vec<u16>> = (0..STEPS)
        .map(|_| {
            attn().decisions.iter().map(|d| u16::try_from(rng.index(d.options.len())).unwrap_or(0)).collect()
        })
        .collect();
    let size = ModelSize { layers: 14, parameters: 25_000_000, bytes: 100_000_000 };
    bencher.counter(divan::counter::ItemsCount::new(STEPS)).bench_local(move || {
        for choices in &vectors {
            let request = Request { candidate: 0, choices, size, prefix: ModelSize::default() };
            divan::black_box(evaluator.evaluate(&request, &mut rng).expect("the vector is of this space"));
        }
    });
}

#[divan::bench(args = [PLAIN, ALL])]
fn creation(bencher: Bencher<'_, '_>, options: &str) {
    let context = Context::for_space(attn());
    bencher.bench_local(|| {
        create::<Synthetic>(options, divan::black_box(&context)).expect("the options are good")
    });
}
