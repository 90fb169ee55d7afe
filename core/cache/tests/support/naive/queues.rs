//! Policies of one queue. Lists run from the oldest to the newest.

use super::{Naive, World, drop_from, take_from, to_end};

pub struct Queue {
    pub lru: bool,
    pub list: Vec<u64>,
}

impl Naive for Queue {
    fn hit(&mut self, id: u64, _world: &mut World) {
        if self.lru {
            to_end(&mut self.list, id);
        }
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            world.evict(self.list.remove(0));
        }
        self.list.push(id);
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        take_from(&mut self.list, id);
    }
}

pub struct Clock {
    pub most: u32,
    pub list: Vec<(u64, u32)>,
}

impl Naive for Clock {
    fn hit(&mut self, id: u64, _world: &mut World) {
        let (_, count) = self.list.iter_mut().find(|(other, _)| *other == id).unwrap();
        *count = (*count + 1).min(self.most);
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            match self.list.remove(0) {
                (oldest, 0) => world.evict(oldest),
                (oldest, count) => self.list.push((oldest, count - 1)),
            }
        }
        self.list.push((id, 0));
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        self.list.retain(|(other, _)| *other != id);
    }
}

#[derive(Default)]
pub struct Sieve {
    list: Vec<(u64, bool)>,
    hand: usize,
}

impl Naive for Sieve {
    fn hit(&mut self, id: u64, _world: &mut World) {
        self.list.iter_mut().find(|(other, _)| *other == id).unwrap().1 = true;
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            if self.list[self.hand].1 {
                self.list[self.hand].1 = false;
                self.hand += 1;
            } else {
                world.evict(self.list.remove(self.hand).0);
            }
            if self.hand == self.list.len() {
                self.hand = 0;
            }
        }
        self.list.push((id, false));
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        if let Some(place) = self.list.iter().position(|(other, _)| *other == id) {
            self.list.remove(place);
            if place < self.hand {
                self.hand -= 1;
            }
            if self.hand == self.list.len() {
                self.hand = 0;
            }
        }
    }
}

/// The dead as a list of ids, in the cache or not, and one LRU list for each group.
#[derive(Default)]
pub struct Population {
    dead: Vec<u64>,
    lists: [Vec<u64>; 2],
}

impl Population {
    fn group(&self, id: u64) -> usize {
        usize::from(!self.dead.contains(&id))
    }
}

impl Naive for Population {
    fn hit(&mut self, id: u64, _world: &mut World) {
        let group = self.group(id);
        to_end(&mut self.lists[group], id);
    }

    fn admit(&mut self, id: u64, world: &mut World) {
        while world.full(id) {
            let victims = if self.lists[0].is_empty() { &mut self.lists[1] } else { &mut self.lists[0] };
            world.evict(victims.remove(0));
        }
        let group = self.group(id);
        self.lists[group].push(id);
        world.admit(id);
    }

    fn delete(&mut self, id: u64, _world: &mut World) {
        let group = self.group(id);
        take_from(&mut self.lists[group], id);
        take_from(&mut self.dead, id);
    }

    fn value(&mut self, id: u64, value: f64) {
        let group = self.group(id);
        if (value == 0.0) == (group == 0) {
            return;
        }
        let there = take_from(&mut self.lists[group], id);
        if value == 0.0 {
            self.dead.push(id);
        } else {
            drop_from(&mut self.dead, id);
        }
        if there {
            self.lists[1 - group].push(id);
        }
    }
}
