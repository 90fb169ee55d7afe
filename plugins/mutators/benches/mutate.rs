//! What a mutation costs on spaces as large as NAS-Bench-201's (6 decisions) and ATTN's (18).

use divan::Bencher;
use lamarck_mutators::{GenerationWeighted, NodeFirst, OneDecision};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Component, Context, Mutator, Rng};

fn main() {
    divan::main();
}

/// Mutations a call, so that the time of one shows apart from the timer's.
const STEPS: usize = 1000;

#[divan::bench(types = [OneDecision, GenerationWeighted, NodeFirst], args = [6, 18])]
fn mutate<T: Component + Mutator>(bencher: Bencher<'_, '_>, decisions: u16) {
    let mut space = space(&vec![5; usize::from(decisions)]);
    for (position, decision) in (0_u32..).zip(&mut space.decisions) {
        decision.node = Some(position / 3);
        decision.descendants = position / 3;
    }
    let mutator: T = create("{}", &Context::for_space(space)).expect("the space can be mutated");
    let mut rng = Rng::from_seed(1);
    let mut child = vec![0; usize::from(decisions)];
    bencher.counter(divan::counter::ItemsCount::new(STEPS)).bench_local(move || {
        for _ in 0..STEPS {
            mutator
                .mutate(divan::black_box(&mut child), &mut rng)
                .expect("the vector is as long as the space");
        }
    });
}
