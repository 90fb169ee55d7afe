//! Every policy once more, from its description, with nothing but vectors: obviously right, and slow.
//!
//! Shared with the crate are only the names of the policies and the order in which random numbers are drawn. No flags,
//! no links, no heap, no late corrections, no counters of bytes.

mod queues;
mod scored;
mod split;

use std::collections::BTreeMap;

use lamarck_cache::{Op, PolicyKind};

/// An access or a hint of a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    Access(Op, u64),
    Value(u64, f64),
}

/// What a policy may look at, and the cache's contents.
pub struct World {
    pub capacity: u64,
    pub sizes: BTreeMap<u64, u64>,
    pub contents: Vec<u64>,
    pub evicted: Vec<u64>,
    pub now: u32,
    /// All accesses, for those who know the future.
    pub all: Vec<(Op, u64)>,
}

impl World {
    pub fn size(&self, id: u64) -> u64 {
        self.sizes[&id]
    }

    pub fn bytes(&self, ids: &[u64]) -> u64 {
        ids.iter().map(|id| self.size(*id)).sum()
    }

    pub fn full(&self, id: u64) -> bool {
        self.bytes(&self.contents) + self.size(id) > self.capacity
    }

    pub fn evict(&mut self, id: u64) {
        drop_from(&mut self.contents, id);
        self.evicted.push(id);
    }

    pub fn admit(&mut self, id: u64) {
        self.contents.push(id);
        assert!(self.bytes(&self.contents) <= self.capacity);
    }

    /// The record in which having `id` now helps, if any.
    pub fn next_read(&self, id: u64) -> Option<u32> {
        let from = self.now as usize + 1;
        let place = self.all[from..].iter().position(|(_, other)| *other == id)?;
        (self.all[from + place].0 == Op::Get).then_some((from + place) as u32)
    }
}

/// Removes `id`, which must be there.
pub fn drop_from(list: &mut Vec<u64>, id: u64) {
    let place = list.iter().position(|other| *other == id).unwrap();
    list.remove(place);
}

/// Removes `id` if it is there, and says whether it was.
pub fn take_from(list: &mut Vec<u64>, id: u64) -> bool {
    let there = list.contains(&id);
    list.retain(|other| *other != id);
    there
}

/// Moves `id`, which must be there, to the end.
pub fn to_end(list: &mut Vec<u64>, id: u64) {
    drop_from(list, id);
    list.push(id);
}

pub trait Naive {
    fn hit(&mut self, id: u64, world: &mut World);
    fn admit(&mut self, id: u64, world: &mut World);
    /// Every trace of `id` goes; `world` takes it out of the contents.
    fn delete(&mut self, id: u64, world: &mut World);
    fn value(&mut self, _id: u64, _value: f64) {}
}

pub fn share(capacity: u64, share: f64) -> u64 {
    (capacity as f64 * share).floor() as u64
}

fn make(kind: PolicyKind, capacity: u64) -> Box<dyn Naive> {
    use PolicyKind as K;
    match kind {
        K::Fifo => Box::new(queues::Queue { lru: false, list: Vec::new() }),
        K::Lru => Box::new(queues::Queue { lru: true, list: Vec::new() }),
        K::Clock { bits } => Box::new(queues::Clock { most: 2_u32.pow(bits.into()) - 1, list: Vec::new() }),
        K::Sieve => Box::new(queues::Sieve::default()),
        K::Population => Box::new(queues::Population::default()),
        K::Slru { protected } => Box::new(split::Slru::new(share(capacity, protected))),
        K::TwoQ { recent, ghost } => {
            Box::new(split::TwoQ::new(share(capacity, recent), share(capacity, ghost)))
        }
        K::Arc => Box::new(split::Arc::default()),
        K::S3Fifo { small, ghost } => {
            Box::new(split::S3Fifo::new(share(capacity, small), share(capacity, ghost)))
        }
        K::Lirs { hir, ghost } => {
            Box::new(split::Lirs::new(capacity - share(capacity, hir), share(capacity, ghost)))
        }
        K::WTinyLfu { window, protected } => {
            let window = share(capacity, window);
            Box::new(split::WTinyLfu::new(window, capacity - window, share(capacity - window, protected)))
        }
        K::Lfu => Box::new(scored::Scored::new(scored::Score::Lfu)),
        K::LfuDa => Box::new(scored::Scored::new(scored::Score::LfuDa)),
        K::Gdsf => Box::new(scored::Scored::new(scored::Score::Gdsf)),
        K::Descendants { per } => Box::new(scored::Scored::new(scored::Score::Descendants(per))),
        K::NextDonor { per } => Box::new(scored::Scored::new(scored::Score::NextDonor(per))),
        K::Belady => Box::new(scored::Belady::default()),
        K::LeCar { rate, seed } => Box::new(scored::LeCar::new(capacity / 2, rate, seed)),
        K::Random { seed } => Box::new(scored::Sampled::new(scored::Draw::Random, 1, seed)),
        K::Hyperbolic { sample, per, seed } => {
            Box::new(scored::Sampled::new(scored::Draw::Hyperbolic(per), sample, seed))
        }
        K::BeladySize { sample, seed } => {
            Box::new(scored::Sampled::new(scored::Draw::BeladySize, sample, seed))
        }
        K::Lhd { sample, interval, seed } => {
            Box::new(scored::Sampled::new(scored::Draw::Lhd(interval), sample, seed))
        }
        other => panic!("no naive {other}"),
    }
}

/// What one event did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Was the object there before? (For a deletion too.)
    pub hit: bool,
    pub evicted: Vec<u64>,
    pub used: u64,
    /// Sorted.
    pub contents: Vec<u64>,
}

/// All steps of a run.
pub fn run(kind: PolicyKind, capacity: u64, sizes: &BTreeMap<u64, u64>, events: &[Event]) -> Vec<Step> {
    let all = events
        .iter()
        .filter_map(|event| match event {
            Event::Access(op, id) => Some((*op, *id)),
            Event::Value(..) => None,
        })
        .collect();
    let mut world =
        World { capacity, sizes: sizes.clone(), contents: Vec::new(), evicted: Vec::new(), now: 0, all };
    let mut policy = make(kind, capacity);
    let mut steps = Vec::new();
    for event in events {
        world.evicted.clear();
        let mut hit = false;
        match *event {
            Event::Value(id, value) => policy.value(id, value),
            Event::Access(op, id) => {
                hit = world.contents.contains(&id);
                match op {
                    Op::Delete => {
                        policy.delete(id, &mut world);
                        take_from(&mut world.contents, id);
                    }
                    Op::Get | Op::Put if hit => policy.hit(id, &mut world),
                    Op::Get | Op::Put if world.size(id) <= capacity => policy.admit(id, &mut world),
                    Op::Get | Op::Put => {}
                }
                world.now += 1;
            }
        }
        let mut contents = world.contents.clone();
        contents.sort_unstable();
        steps.push(Step { hit, evicted: world.evicted.clone(), used: world.bytes(&contents), contents });
    }
    steps
}
