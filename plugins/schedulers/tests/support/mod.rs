//! A small cluster for schedulers to be asked about: candidates arrive, workers finish, some candidates come back.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod naive;

use lamarck_schedulers::{DonorLocality, Fifo, LocalityWait, LongestFirst, PrefixBatching};
use lamarck_sdk::testing::create;
use lamarck_sdk::{
    Assignment, Component, Context, Idle, ModelSize, Placement, Ready, Rng, Scheduler, Situation,
};
use proptest::prelude::*;

/// Makes a scheduler.
pub(crate) fn make<T: Component + Scheduler>(options: &str) -> Box<dyn Scheduler> {
    Box::new(create::<T>(options, &Context::bare()).unwrap())
}

/// Makes one of the schedulers that have the option.
pub(crate) fn patient(kind: usize, patience: u32) -> Box<dyn Scheduler> {
    let options = format!(r#"{{"patience": {patience}}}"#);
    match kind {
        0 => make::<DonorLocality>(&options),
        1 => make::<LongestFirst>(&options),
        _ => make::<PrefixBatching>(&options),
    }
}

/// How many kinds [`patient`] knows.
pub(crate) const PATIENT: usize = 3;

/// One of each, with its name.
pub(crate) fn all() -> Vec<(&'static str, Box<dyn Scheduler>)> {
    vec![
        (Fifo::SPEC.name, make::<Fifo>("{}")),
        (DonorLocality::SPEC.name, make::<DonorLocality>(r#"{"patience": 2}"#)),
        (LongestFirst::SPEC.name, make::<LongestFirst>(r#"{"patience": 2}"#)),
        (PrefixBatching::SPEC.name, make::<PrefixBatching>(r#"{"patience": 2}"#)),
        (LocalityWait::SPEC.name, make::<LocalityWait>(r#"{"wait_s": 0.00001}"#)),
    ]
}

/// Which candidates go to which workers, by position.
pub(crate) fn pairs(placement: &Placement) -> Vec<(usize, usize)> {
    placement.assignments.iter().map(|&Assignment { ready, idle }| (ready as usize, idle as usize)).collect()
}

/// A candidate.
pub(crate) fn candidate(candidate: u64, donor: Option<u64>, parameters: u64, frozen: u64) -> Ready {
    let size = |parameters| ModelSize { layers: 1, parameters, bytes: 4 * parameters };
    Ready { candidate, donor, size: size(parameters), prefix: size(frozen), submitted_us: candidate }
}

/// A worker.
pub(crate) fn worker(worker: u32, node: u32, speed: f64) -> Idle {
    Idle { worker, node, since_us: 0, speed }
}

/// A candidate that arrives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) donor: Option<u64>,
    pub(crate) parameters: u64,
    pub(crate) frozen: u64,
}

/// What happens between two calls.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) arrivals: Vec<Arrival>,
    /// For each worker whether it finishes if it is busy.
    pub(crate) finishes: Vec<bool>,
    /// For each worker whether what it finishes is lost and goes back into the queue.
    pub(crate) loses: Vec<bool>,
    pub(crate) elapsed_us: u64,
    pub(crate) seed: u64,
}

/// A cluster and what happens on it.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) speeds: Vec<f64>,
    pub(crate) per_node: u32,
    /// In how many of 8 cases a node holds something of a prefix.
    pub(crate) held: u64,
    /// Whether what is lost goes to the end of the queue, rather than to its place.
    pub(crate) to_end: bool,
    pub(crate) rounds: Vec<Round>,
}

const WORKERS: usize = 6;

fn arrivals(most: usize) -> impl Strategy<Value = Vec<Arrival>> {
    let arrival = (prop::option::of(0..4_u64), 0..6_u64, 0..6_u64)
        .prop_map(|(donor, parameters, frozen)| Arrival { donor, parameters, frozen });
    prop::collection::vec(arrival, 0..most)
}

/// Scripts with ties of everything.
pub(crate) fn scripts() -> impl Strategy<Value = Script> {
    let flags = |chance| prop::collection::vec(prop::bool::weighted(chance), WORKERS);
    let round = (arrivals(6), flags(0.4), flags(0.2), 0..8_u64, any::<u64>()).prop_map(
        |(arrivals, finishes, loses, elapsed_us, seed)| Round { arrivals, finishes, loses, elapsed_us, seed },
    );
    let speeds = prop::collection::vec(prop::sample::select(vec![0.5, 1.0, 1.5]), 1..=WORKERS);
    let rounds = prop::collection::vec(round, 1..25);
    (speeds, 1..4_u32, 0..9_u64, any::<bool>(), rounds).prop_map(
        |(speeds, per_node, held, to_end, rounds)| Script { speeds, per_node, held, to_end, rounds },
    )
}

/// The state of a cluster.
pub(crate) struct Cluster<'a> {
    script: &'a Script,
    round: usize,
    pub(crate) now_us: u64,
    pub(crate) ready: Vec<Ready>,
    pub(crate) idle: Vec<Idle>,
    pub(crate) cached: Vec<u64>,
    pub(crate) cached_anywhere: Vec<u64>,
    running: Vec<(Idle, Ready)>,
    next: u64,
}

impl<'a> Cluster<'a> {
    pub(crate) fn new(script: &'a Script) -> Self {
        let idle =
            (0..).zip(&script.speeds).map(|(number, &speed)| worker(number, number / script.per_node, speed));
        Self {
            script,
            round: 0,
            now_us: 0,
            ready: Vec::new(),
            idle: idle.collect(),
            cached: Vec::new(),
            cached_anywhere: Vec::new(),
            running: Vec::new(),
            next: 0,
        }
    }

    /// Goes on to the next call; `false` after the last.
    pub(crate) fn advance(&mut self) -> bool {
        let Some(round) = self.script.rounds.get(self.round) else { return false };
        self.round += 1;
        self.now_us += round.elapsed_us;
        for (idle, ready) in std::mem::take(&mut self.running) {
            let number = idle.worker as usize;
            if !round.finishes[number] {
                self.running.push((idle, ready));
                continue;
            }
            self.idle.push(Idle { since_us: self.now_us, ..idle });
            if round.loses[number] {
                self.ready.push(ready);
            }
        }
        if !self.script.to_end {
            self.ready.sort_by_key(|ready| ready.candidate);
        }
        self.idle.sort_by_key(|idle| idle.worker);
        for arrival in &round.arrivals {
            self.ready.push(candidate(self.next, arrival.donor, arrival.parameters, arrival.frozen));
            self.next += 1;
        }
        self.fill_caches(round.seed);
        true
    }

    /// Draws what each node holds, in few different sizes so that there are ties.
    fn fill_caches(&mut self, seed: u64) {
        self.cached.clear();
        self.cached_anywhere.clear();
        let nodes = self.script.speeds.len().div_ceil(self.script.per_node as usize);
        for ready in &self.ready {
            let mut rng = Rng::from_seed(seed ^ (ready.candidate << 20));
            let held: Vec<u64> = (0..nodes)
                .map(|_| if rng.below(8) < self.script.held { 1 + rng.below(4) } else { 0 })
                .collect();
            self.cached.extend(self.idle.iter().map(|idle| held[idle.node as usize]));
            self.cached_anywhere.extend(held.iter().max());
        }
    }

    pub(crate) fn situation(&self) -> Situation<'_> {
        let Self { now_us, ready, idle, cached, cached_anywhere, .. } = self;
        Situation { now_us: *now_us, ready, idle, cached, cached_anywhere }
    }

    /// Starts what was placed, after a check of the contract. Returns who was placed.
    pub(crate) fn apply(&mut self, placement: &Placement) -> Vec<(Ready, Idle)> {
        check(&self.situation(), placement);
        let placed = pairs(placement);
        let started: Vec<(Ready, Idle)> =
            placed.iter().map(|&(ready, idle)| (self.ready[ready], self.idle[idle])).collect();
        self.running.extend(started.iter().map(|&(ready, idle)| (idle, ready)));
        self.ready.retain(|ready| !started.iter().any(|(placed, _)| placed.candidate == ready.candidate));
        self.idle.retain(|idle| !started.iter().any(|(_, placed)| placed.worker == idle.worker));
        started
    }
}

/// Checks that positions are there, and none is named twice.
pub(crate) fn check(situation: &Situation<'_>, placement: &Placement) {
    let (mut ready, mut idle): (Vec<_>, Vec<_>) = pairs(placement).into_iter().unzip();
    for (positions, count) in [(&mut ready, situation.ready.len()), (&mut idle, situation.idle.len())] {
        positions.sort_unstable();
        assert!(positions.iter().all(|&position| position < count), "{positions:?} of {count}");
        assert!(positions.is_sorted_by(|one, other| one < other), "named twice: {positions:?}");
    }
}

/// How many must be placed by a scheduler that leaves no worker idle on purpose.
pub(crate) fn most(situation: &Situation<'_>) -> usize {
    situation.ready.len().min(situation.idle.len())
}
