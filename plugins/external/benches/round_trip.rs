//! What a program costs: the examples in Python, asked for children and for proposals. `plugins/mutators` has the bench of a
//! mutator in Rust beside which these stand. Needs `python3`; run it with `cargo bench -p lamarck-external`.

use divan::Bencher;
use divan::counter::ItemsCount;
use lamarck_external::{ExternalMutator, ExternalStrategy};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Component, Context, Finished, Mutator, Origin, Rng, Status, Strategy};

fn main() {
    divan::main();
}

fn example<T: Component>(options: &str) -> T {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples").to_owned();
    // As wide as NAS-Bench-201.
    let context = Context { folder, ..Context::for_space(space(&[5; 6])) };
    create(options, &context).expect("the example starts")
}

#[divan::bench]
fn mutate(bencher: Bencher<'_, '_>) {
    let mutator: ExternalMutator = example(r#"{"command":["python3","mutator.py"]}"#);
    let mut rng = Rng::from_seed(1);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let mut child = [3, 0, 1, 2, 2, 4];
        mutator.mutate(&mut child, &mut rng).expect("a child");
        child
    });
}

/// A candidate asked for and told of, with a population of 100 and a sample of 10.
#[divan::bench(args = [1, 16, 256])]
fn propose(bencher: Bencher<'_, '_>, batch: u32) {
    let mut strategy: ExternalStrategy =
        example(&format!(r#"{{"command":["python3","strategy.py"],"batch":{batch},"restarts":0}}"#));
    let mut rng = Rng::from_seed(1);
    let mut id = 0;
    let mut released = Vec::new();
    // A sample is a batch, so that none is without its share of the round trip.
    bencher.counter(ItemsCount::new(batch)).bench_local(|| {
        for _ in 0..batch {
            let proposal = strategy.ask(&mut rng).expect("a proposal");
            divan::black_box(&proposal);
            released.clear();
            let finished = Finished {
                id,
                choices: &[3, 0, 1, 2, 2, 4],
                score: Some(rng.uniform()),
                status: Status::Ok,
                origin: Origin::Mutation,
            };
            strategy.tell(&finished, &mut released).expect("told");
            id += 1;
        }
    });
}
