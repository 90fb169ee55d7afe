//! Policies that compute a number for every object and evict the smallest.

use std::collections::BTreeMap;

use lamarck_cache::Per;

use super::{Naive, World, take_from, to_end};
use crate::support::generate::Draws;

pub enum Score {
    Lfu,
    LfuDa,
    Gdsf,
    Descendants(Per),
    NextDonor(Per),
}

#[derive(Debug)]
struct Life {
    uses: u32,
    used: u32,
    /// The level at the last use.
    level: f64,
}

pub struct Scored {
    score: Score,
    lives: BTreeMap<u64, Life>,
    values: BTreeMap<u64, f64>,
    level: f64,
}

impl Scored {
    pub fn new(score: Score) -> Self {
        Self { score, lives: BTreeMap::new(), values: BTreeMap::new(), level: 0.0 }
    }

    fn score(&self, id: u64, world: &World) -> f64 {
        let life = &self.lives[&id];
        let size = world.size(id) as f64;
        let value = self.values.get(&id).copied().unwrap_or(1.0);
        let worth = |per: &Per| match per {
            Per::Object => value,
            Per::Byte => value / size,
        };
        match &self.score {
            Score::Lfu => f64::from(life.uses),
            Score::LfuDa => life.level + f64::from(life.uses),
            Score::Gdsf => life.level + f64::from(life.uses) / size,
            Score::Descendants(per) => life.level + worth(per),
            Score::NextDonor(per) => worth(per),
        }
    }
}

impl Naive for Scored {
    fn hit(&mut self, id: u64, world: &mut World) {
        let level = self.level;
        let life = self.lives.get_mut(&id).unwrap();
        life.uses += 1;
        life.used = world.now;
        life.level = level;
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            let key = |id: &u64| (self.score(*id, world), self.lives[id].used);
            let victim = *world.contents.iter().min_by(|a, b| key(a).partial_cmp(&key(b)).unwrap()).unwrap();
            self.level = self.level.max(self.score(victim, world));
            self.lives.remove(&victim);
            world.evict(victim);
        }
        self.lives.insert(id, Life { uses: 1, used: world.now, level: self.level });
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        self.lives.remove(&id);
        self.values.remove(&id);
    }

    fn value(&mut self, id: u64, value: f64) {
        self.values.insert(id, value);
    }
}

/// In the order of their last uses.
#[derive(Default)]
pub struct Belady(Vec<u64>);

impl Naive for Belady {
    fn hit(&mut self, id: u64, _world: &mut World) {
        to_end(&mut self.0, id);
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            let wait = |id: u64| world.next_read(id).unwrap_or(u32::MAX);
            let longest = self.0.iter().map(|id| wait(*id)).max().unwrap();
            let place = self.0.iter().position(|id| wait(*id) == longest).unwrap();
            world.evict(self.0.remove(place));
        }
        self.0.push(id);
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        take_from(&mut self.0, id);
    }
}

/// With two weights that are never normalised, as in the paper's text.
pub struct LeCar {
    recency: Vec<u64>,
    lives: BTreeMap<u64, Life>,
    /// (object, evicted at), by LRU and by LFU.
    histories: [Vec<(u64, u32)>; 2],
    weights: [f64; 2],
    history_share: u64,
    rate: f64,
    draws: Draws,
}

impl LeCar {
    pub fn new(history_share: u64, rate: f64, seed: u64) -> Self {
        Self {
            recency: Vec::new(),
            lives: BTreeMap::new(),
            histories: [Vec::new(), Vec::new()],
            weights: [1.0, 1.0],
            history_share,
            rate,
            draws: Draws(seed),
        }
    }
}

impl Naive for LeCar {
    fn hit(&mut self, id: u64, world: &mut World) {
        to_end(&mut self.recency, id);
        let life = self.lives.get_mut(&id).unwrap();
        life.uses += 1;
        life.used = world.now;
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        for expert in 0..2 {
            let history = &mut self.histories[expert];
            if let Some(place) = history.iter().position(|(other, _)| *other == id) {
                let (_, evicted) = history.remove(place);
                let objects = world.contents.len().max(1) as f64;
                let regret = 0.005_f64.powf(f64::from(world.now - evicted) / objects);
                self.weights[1 - expert] *= (self.rate * regret).exp();
            }
        }
        while world.full(id) {
            let lru = self.recency[0];
            let lfu =
                *self.recency.iter().min_by_key(|id| (self.lives[id].uses, self.lives[id].used)).unwrap();
            let by_lru = self.draws.uniform() < self.weights[0] / (self.weights[0] + self.weights[1]);
            let victim = if by_lru { lru } else { lfu };
            take_from(&mut self.recency, victim);
            self.lives.remove(&victim);
            world.evict(victim);
            if lru != lfu {
                let history = &mut self.histories[usize::from(!by_lru)];
                history.push((victim, world.now));
                while history.iter().map(|(id, _)| world.size(*id)).sum::<u64>() > self.history_share {
                    history.remove(0);
                }
            }
        }
        self.recency.push(id);
        self.lives.insert(id, Life { uses: 1, used: world.now, level: 0.0 });
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        take_from(&mut self.recency, id);
        self.lives.remove(&id);
        for history in &mut self.histories {
            history.retain(|(other, _)| *other != id);
        }
    }
}

pub enum Draw {
    Random,
    Hyperbolic(Per),
    BeladySize,
    Lhd(u32),
}

#[derive(Default)]
struct Past {
    uses: u32,
    since: u32,
    used: u32,
    /// Ages at hit, in order.
    ages: Vec<u32>,
}

pub struct Sampled {
    draw: Draw,
    sample: u32,
    draws: Draws,
    /// The last one fills the gap of one that leaves.
    pool: Vec<u64>,
    pasts: BTreeMap<u64, Past>,
    /// LHD: hits and evictions by class and age, as counted since and as they were at the last renewal.
    counts: BTreeMap<(usize, usize), (f64, f64)>,
    known: BTreeMap<(usize, usize), (f64, f64)>,
    uses: u32,
}

/// The smallest ages of LHD's steps.
fn steps() -> Vec<u64> {
    let mut steps: Vec<u64> = (0..8).collect();
    for exponent in 0..30 {
        steps.extend((8..16_u64).map(|eighth| eighth << exponent));
    }
    steps
}

fn class(past: &Past) -> usize {
    let Some(&last) = past.ages.last() else { return 0 };
    let before = past.ages.iter().rev().nth(1).copied().unwrap_or(last);
    let digits = format!("{:b}", u64::from(last) + u64::from(before)).trim_start_matches('0').len();
    1 + (digits / 2).min(14)
}

impl Sampled {
    pub fn new(draw: Draw, sample: u32, seed: u64) -> Self {
        Self {
            draw,
            sample,
            draws: Draws(seed),
            pool: Vec::new(),
            pasts: BTreeMap::new(),
            counts: BTreeMap::new(),
            known: BTreeMap::new(),
            uses: 0,
        }
    }

    fn place(&self, id: u64, now: u32) -> (usize, usize) {
        let past = &self.pasts[&id];
        let age = u64::from(now - past.used);
        (class(past), steps().iter().rposition(|from| *from <= age).unwrap())
    }

    fn density(&self, (class, age): (usize, usize)) -> f64 {
        let steps = steps();
        if !self.known.keys().any(|(other, _)| *other == class) {
            return 1.0 / (steps[age] as f64 + 1.0);
        }
        let (mut events, mut hits, mut time) = (0.0, 0.0, 0.0);
        for later in (age..240).rev() {
            let (h, e) = self.known.get(&(class, later)).copied().unwrap_or((0.0, 0.0));
            let to = steps.get(later + 1).copied().unwrap_or(1 << 33);
            events += h + e;
            hits += h;
            time += events * (to - steps[later]) as f64;
        }
        if time > 0.0 { hits / time } else { 0.0 }
    }

    fn key(&self, id: u64, world: &World) -> f64 {
        let past = &self.pasts[&id];
        let size = world.size(id) as f64;
        match &self.draw {
            Draw::Random => 0.0,
            Draw::Hyperbolic(per) => {
                let rate = f64::from(past.uses) / f64::from(world.now - past.since);
                if *per == Per::Byte { rate / size } else { rate }
            }
            Draw::BeladySize => {
                // What is read at record r was entered with that; nothing of it changed since its last use.
                let next = world.next_read(id).unwrap_or(u32::MAX);
                -f64::from(next - world.now) * size
            }
            Draw::Lhd(_) => self.density(self.place(id, world.now)) / size,
        }
    }

    fn renew(&mut self) {
        self.uses += 1;
        if matches!(self.draw, Draw::Lhd(interval) if self.uses == interval) {
            self.uses = 0;
            self.known.clone_from(&self.counts);
            for (hits, evictions) in self.counts.values_mut() {
                *hits *= 0.9;
                *evictions *= 0.9;
            }
        }
    }
}

impl Naive for Sampled {
    fn hit(&mut self, id: u64, world: &mut World) {
        self.counts.entry(self.place(id, world.now)).or_default().0 += 1.0;
        let past = self.pasts.get_mut(&id).unwrap();
        past.uses += 1;
        past.ages.push(world.now - past.used);
        past.used = world.now;
        self.renew();
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            let len = self.pool.len();
            let all = len <= self.sample as usize && !matches!(self.draw, Draw::Random);
            let drawn: Vec<u64> = if all {
                self.pool.clone()
            } else {
                (0..self.sample).map(|_| self.pool[self.draws.below(len)]).collect()
            };
            let keys: Vec<f64> = drawn.iter().map(|id| self.key(*id, world)).collect();
            let least = keys.iter().copied().fold(f64::INFINITY, f64::min);
            let victim = drawn[keys.iter().position(|key| *key == least).unwrap()];
            self.counts.entry(self.place(victim, world.now)).or_default().1 += 1.0;
            self.delete(victim, world);
            world.evict(victim);
        }
        self.pool.push(id);
        self.pasts.insert(id, Past { uses: 1, since: world.now, used: world.now, ages: Vec::new() });
        world.admit(id);
        self.renew();
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        if let Some(place) = self.pool.iter().position(|other| *other == id) {
            self.pool.swap_remove(place);
        }
        self.pasts.remove(&id);
    }
}
