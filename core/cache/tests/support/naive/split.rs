//! Policies of several queues. Lists run from the oldest to the newest.

use std::collections::BTreeMap;

use super::{Naive, World, drop_from, take_from, to_end};

pub struct Slru {
    probation: Vec<u64>,
    protected: Vec<u64>,
    most: u64,
}

impl Slru {
    pub fn new(most: u64) -> Self {
        Self { probation: Vec::new(), protected: Vec::new(), most }
    }

    /// A hit in one of the two.
    fn promote(&mut self, id: u64, world: &World) {
        if self.protected.contains(&id) {
            to_end(&mut self.protected, id);
        } else if world.size(id) > self.most {
            to_end(&mut self.probation, id);
        } else {
            drop_from(&mut self.probation, id);
            self.protected.push(id);
            while world.bytes(&self.protected) > self.most {
                self.probation.push(self.protected.remove(0));
            }
        }
    }
}

impl Naive for Slru {
    fn hit(&mut self, id: u64, world: &mut World) {
        self.promote(id, world);
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            let list = if self.probation.is_empty() { &mut self.protected } else { &mut self.probation };
            world.evict(list.remove(0));
        }
        self.probation.push(id);
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        take_from(&mut self.probation, id);
        take_from(&mut self.protected, id);
    }
}

pub struct TwoQ {
    a1in: Vec<u64>,
    a1out: Vec<u64>,
    am: Vec<u64>,
    kin: u64,
    kout: u64,
}

impl TwoQ {
    pub fn new(kin: u64, kout: u64) -> Self {
        Self { a1in: Vec::new(), a1out: Vec::new(), am: Vec::new(), kin, kout }
    }
}

impl Naive for TwoQ {
    fn hit(&mut self, id: u64, _world: &mut World) {
        if self.am.contains(&id) {
            to_end(&mut self.am, id);
        }
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        let returned = take_from(&mut self.a1out, id);
        while world.full(id) {
            if self.am.is_empty() || world.bytes(&self.a1in) > self.kin {
                let victim = self.a1in.remove(0);
                world.evict(victim);
                self.a1out.push(victim);
                while world.bytes(&self.a1out) > self.kout {
                    self.a1out.remove(0);
                }
            } else {
                world.evict(self.am.remove(0));
            }
        }
        if returned { &mut self.am } else { &mut self.a1in }.push(id);
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        for list in [&mut self.a1in, &mut self.a1out, &mut self.am] {
            take_from(list, id);
        }
    }
}

#[derive(Default)]
pub struct Arc {
    t1: Vec<u64>,
    t2: Vec<u64>,
    b1: Vec<u64>,
    b2: Vec<u64>,
    p: u64,
}

impl Naive for Arc {
    fn hit(&mut self, id: u64, _world: &mut World) {
        if !take_from(&mut self.t1, id) {
            drop_from(&mut self.t2, id);
        }
        self.t2.push(id);
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        let (size, c) = (world.size(id), world.capacity);
        let (b1, b2) = (world.bytes(&self.b1), world.bytes(&self.b2));
        let (in_b1, in_b2) = (take_from(&mut self.b1, id), take_from(&mut self.b2, id));
        if in_b1 {
            self.p = c.min(self.p + size.max(size * b2 / b1));
        }
        if in_b2 {
            self.p -= self.p.min(size.max(size * b1 / b2));
        }
        while world.full(id) {
            let t1 = world.bytes(&self.t1);
            let from_t1 = t1 > self.p || (in_b2 && t1 == self.p) || self.t2.is_empty();
            if from_t1 && !self.t1.is_empty() {
                world.evict(self.t1[0]);
                self.b1.push(self.t1.remove(0));
            } else {
                world.evict(self.t2[0]);
                self.b2.push(self.t2.remove(0));
            }
        }
        if in_b1 || in_b2 {
            self.t2.push(id);
        } else {
            self.t1.push(id);
            while world.bytes(&self.t1) + world.bytes(&self.b1) > c && !self.b1.is_empty() {
                self.b1.remove(0);
            }
            let lists = [&self.t1, &self.t2, &self.b1];
            let rest: u64 = lists.iter().map(|list| world.bytes(list)).sum();
            while rest + world.bytes(&self.b2) > 2 * c && !self.b2.is_empty() {
                self.b2.remove(0);
            }
        }
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        for list in [&mut self.t1, &mut self.t2, &mut self.b1, &mut self.b2] {
            take_from(list, id);
        }
    }
}

pub struct S3Fifo {
    small: Vec<(u64, u32)>,
    main: Vec<(u64, u32)>,
    ghosts: Vec<u64>,
    small_share: u64,
    ghost_share: u64,
}

impl S3Fifo {
    pub fn new(small_share: u64, ghost_share: u64) -> Self {
        Self { small: Vec::new(), main: Vec::new(), ghosts: Vec::new(), small_share, ghost_share }
    }
}

impl Naive for S3Fifo {
    fn hit(&mut self, id: u64, _world: &mut World) {
        let (_, count) = self.small.iter_mut().chain(&mut self.main).find(|(other, _)| *other == id).unwrap();
        *count = (*count + 1).min(3);
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        let remembered = take_from(&mut self.ghosts, id);
        while world.full(id) {
            let small: u64 = self.small.iter().map(|(id, _)| world.size(*id)).sum();
            let from_small = small >= self.small_share || self.main.is_empty();
            if from_small && !self.small.is_empty() {
                let (oldest, count) = self.small.remove(0);
                if count > 1 {
                    self.main.push((oldest, 0));
                } else {
                    world.evict(oldest);
                    self.ghosts.push(oldest);
                    while world.bytes(&self.ghosts) > self.ghost_share {
                        self.ghosts.remove(0);
                    }
                }
            } else {
                match self.main.remove(0) {
                    (oldest, 0) => world.evict(oldest),
                    (oldest, count) => self.main.push((oldest, count - 1)),
                }
            }
        }
        if remembered { &mut self.main } else { &mut self.small }.push((id, 0));
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        self.small.retain(|(other, _)| *other != id);
        self.main.retain(|(other, _)| *other != id);
        take_from(&mut self.ghosts, id);
    }
}

pub struct Lirs {
    stack: Vec<u64>,
    lir: Vec<u64>,
    queue: Vec<u64>,
    /// In the order of their evictions.
    ghosts: Vec<u64>,
    lir_share: u64,
    ghost_share: u64,
}

impl Lirs {
    pub fn new(lir_share: u64, ghost_share: u64) -> Self {
        let (stack, lir, queue, ghosts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { stack, lir, queue, ghosts, lir_share, ghost_share }
    }

    fn prune(&mut self) {
        while self.stack.first().is_some_and(|bottom| !self.lir.contains(bottom)) {
            let bottom = self.stack.remove(0);
            take_from(&mut self.ghosts, bottom);
        }
    }

    fn demote(&mut self) {
        let bottom = self.stack.remove(0);
        drop_from(&mut self.lir, bottom);
        self.queue.push(bottom);
        self.prune();
    }

    fn become_lir(&mut self, id: u64, world: &World) {
        self.lir.push(id);
        while world.bytes(&self.lir) > self.lir_share {
            self.demote();
        }
    }
}

impl Naive for Lirs {
    fn hit(&mut self, id: u64, world: &mut World) {
        let stacked = take_from(&mut self.stack, id);
        self.stack.push(id);
        if !self.lir.contains(&id) {
            drop_from(&mut self.queue, id);
            if stacked && world.size(id) <= self.lir_share {
                self.become_lir(id, world);
            } else {
                self.queue.push(id);
            }
        }
        self.prune();
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        let ghost = take_from(&mut self.ghosts, id);
        take_from(&mut self.stack, id);
        while world.full(id) {
            if self.queue.is_empty() {
                self.demote();
            }
            let victim = self.queue.remove(0);
            world.evict(victim);
            if self.stack.contains(&victim) {
                self.ghosts.push(victim);
                while world.bytes(&self.ghosts) > self.ghost_share {
                    let forgotten = self.ghosts.remove(0);
                    drop_from(&mut self.stack, forgotten);
                }
            }
        }
        self.stack.push(id);
        world.admit(id);
        let room = world.bytes(&self.lir) + world.size(id) <= self.lir_share;
        if room || (ghost && world.size(id) <= self.lir_share) {
            self.become_lir(id, world);
        } else {
            self.queue.push(id);
        }
        self.prune();
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        for list in [&mut self.stack, &mut self.lir, &mut self.queue, &mut self.ghosts] {
            take_from(list, id);
        }
        self.prune();
    }
}

pub struct WTinyLfu {
    window: Vec<u64>,
    main: Slru,
    window_share: u64,
    main_share: u64,
    counts: BTreeMap<u64, u32>,
    counted: usize,
}

impl WTinyLfu {
    pub fn new(window_share: u64, main_share: u64, protected_share: u64) -> Self {
        let (window, main, counts) = (Vec::new(), Slru::new(protected_share), BTreeMap::new());
        Self { window, main, window_share, main_share, counts, counted: 0 }
    }

    fn count(&mut self, id: u64, world: &World) {
        let count = self.counts.entry(id).or_default();
        *count = (*count + 1).min(15);
        self.counted += 1;
        if self.counted >= 1024.max(10 * world.contents.len()) {
            self.counts.values_mut().for_each(|count| *count /= 2);
            self.counted /= 2;
        }
    }

    fn of(&self, id: u64) -> u32 {
        self.counts.get(&id).copied().unwrap_or(0)
    }

    /// Is the candidate let into the main part?
    fn contest(&mut self, candidate: u64, world: &mut World) -> bool {
        let order: Vec<u64> = self.main.probation.iter().chain(&self.main.protected).copied().collect();
        let used = world.bytes(&order) + world.size(candidate);
        let enough = |victims: usize| used - world.bytes(&order[..victims]) <= self.main_share;
        let Some(needed) = (0..=order.len()).find(|victims| enough(*victims)) else { return false };
        let victims = &order[..needed];
        let worth: u32 = victims.iter().map(|victim| self.of(*victim)).sum();
        if needed > 0 && worth >= self.of(candidate) {
            return false;
        }
        for &victim in victims {
            world.evict(victim);
            self.main.delete(victim, world);
        }
        self.main.probation.push(candidate);
        true
    }
}

impl Naive for WTinyLfu {
    fn hit(&mut self, id: u64, world: &mut World) {
        self.count(id, world);
        if self.window.contains(&id) {
            to_end(&mut self.window, id);
        } else {
            self.main.promote(id, world);
        }
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        self.count(id, world);
        if world.size(id) > self.window_share {
            if self.contest(id, world) {
                world.admit(id);
            }
            return;
        }
        while world.bytes(&self.window) + world.size(id) > self.window_share {
            let candidate = self.window.remove(0);
            if !self.contest(candidate, world) {
                world.evict(candidate);
            }
        }
        self.window.push(id);
        world.admit(id);
    }

    fn delete(&mut self, id: u64, world: &mut World) {
        self.counts.remove(&id);
        take_from(&mut self.window, id);
        self.main.delete(id, world);
    }
}
