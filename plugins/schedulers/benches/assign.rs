//! What one call costs: in the steady state (one worker has become idle, 16 candidates are ready) and when many are
//! free.
//!
//! Each call is followed by the arrival of as many candidates as it placed, so that all but the first see a queue
//! of the same length with memories of it.

use divan::Bencher;
use lamarck_schedulers::{DonorLocality, Fifo, LocalityWait, LongestFirst, PrefixBatching};
use lamarck_sdk::testing::create;
use lamarck_sdk::{Component, Context, Idle, ModelSize, Placement, Ready, Rng, Scheduler, Situation};

fn main() {
    divan::main();
}

/// A queue that is refilled, beside workers of which the same ones are idle in each call.
struct Queue {
    ready: Vec<Ready>,
    idle: Vec<Idle>,
    /// For each of the ready, the bytes on each idle worker's node, if the nodes have caches.
    cached: Vec<u64>,
    cached_anywhere: Vec<u64>,
    next: u64,
    placed: Vec<bool>,
    rng: Rng,
}

impl Queue {
    fn new(ready: usize, idle: u32) -> Self {
        let idle = (0..idle).map(|worker| Idle {
            worker,
            node: worker / 4,
            since_us: 0,
            speed: 1.0 + f64::from(worker % 5) / 10.0,
        });
        let mut queue = Self {
            ready: Vec::new(),
            idle: idle.collect(),
            cached: Vec::new(),
            cached_anywhere: Vec::new(),
            next: 0,
            placed: Vec::new(),
            rng: Rng::from_seed(1),
        };
        (0..ready).for_each(|_| queue.arrive());
        queue
    }

    fn arrive(&mut self) {
        let parameters = 1_000_000 + self.rng.below(1_000_000);
        let prefix = self.rng.below(parameters);
        self.ready.push(Ready {
            candidate: self.next,
            donor: Some(self.next.saturating_sub(self.rng.below(100))),
            size: ModelSize { layers: 10, parameters, bytes: 4 * parameters },
            prefix: ModelSize { layers: 5, parameters: prefix, bytes: 4 * prefix },
            submitted_us: self.next,
        });
        self.next += 1;
    }

    /// Lets caches hold something of every prefix on one node in `one_in`.
    fn fill_caches(&mut self, one_in: u64) {
        for ready in &self.ready {
            let mut most = 1;
            for _ in &self.idle {
                let held = self.rng.below(one_in) == 0;
                let bytes = if held { self.rng.below(ready.prefix.bytes.max(1)) } else { 0 };
                self.cached.push(bytes);
                most = most.max(bytes);
            }
            self.cached_anywhere.push(most);
        }
    }

    fn call(&mut self, scheduler: &mut impl Scheduler, out: &mut Placement) {
        out.clear();
        let Self { ready, idle, cached, cached_anywhere, .. } = &*self;
        let situation = Situation { now_us: self.next, ready, idle, cached, cached_anywhere };
        scheduler.assign(divan::black_box(&situation), out).expect("schedulers do not fail");
        self.placed.clear();
        self.placed.resize(self.ready.len(), false);
        out.assignments.iter().for_each(|placed| self.placed[placed.ready as usize] = true);
        let mut position = 0;
        self.ready.retain(|_| {
            position += 1;
            !self.placed[position - 1]
        });
        out.assignments.iter().for_each(|_| self.arrive());
    }
}

fn bench<T: Component + Scheduler>(bencher: Bencher<'_, '_>, mut queue: Queue) {
    let mut scheduler: T = create("{}", &Context::bare()).expect("the defaults are valid");
    let mut out = Placement::default();
    bencher.bench_local(move || queue.call(&mut scheduler, &mut out));
}

/// R, I.
const SIZES: [(usize, u32); 4] = [(16, 1), (256, 1), (1000, 256), (10_000, 1000)];

#[divan::bench(types = [Fifo, DonorLocality, LocalityWait, LongestFirst, PrefixBatching], args = SIZES)]
fn nothing_cached<T: Component + Scheduler>(bencher: Bencher<'_, '_>, (ready, idle): (usize, u32)) {
    bench::<T>(bencher, Queue::new(ready, idle));
}

/// An eighth of the pairs of a candidate and a worker have cached bytes.
#[divan::bench(types = [DonorLocality, LocalityWait], args = SIZES)]
fn some_cached<T: Component + Scheduler>(bencher: Bencher<'_, '_>, (ready, idle): (usize, u32)) {
    let mut queue = Queue::new(ready, idle);
    queue.fill_caches(8);
    bench::<T>(bencher, queue);
}

/// All have.
#[divan::bench(types = [DonorLocality, LocalityWait], args = SIZES)]
fn all_cached<T: Component + Scheduler>(bencher: Bencher<'_, '_>, (ready, idle): (usize, u32)) {
    let mut queue = Queue::new(ready, idle);
    queue.fill_caches(1);
    bench::<T>(bencher, queue);
}
