//! The same numbers the slow way: after every event, who holds what is found out anew from all models there are.

use super::{Event, Stored};
use std::collections::{BTreeMap, BTreeSet};

/// What a rule keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Rule {
    pub(crate) live: u64,
    pub(crate) peak: u64,
    pub(crate) sum: f64,
    pub(crate) missed: u64,
    pub(crate) missed_bytes: u64,
}

/// What a wait costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Wait {
    pub(crate) sum: f64,
    pub(crate) peak: u64,
    pub(crate) withheld: u64,
    pub(crate) missed: u64,
    pub(crate) broken: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Naive {
    pub(crate) rules: [Rule; 4],
    /// For each wait that was asked for.
    pub(crate) delays: Vec<Wait>,
    pub(crate) sweeps: Vec<Wait>,
    /// Lifetimes in slots of those that were dropped for good, sorted; and how many live at the end.
    pub(crate) lifetimes: Vec<u64>,
    pub(crate) censored: u64,
    pub(crate) slots: u64,
}

/// When a model that left in a slot is retired.
type Retire = fn(left: u64, wait: u64) -> u64;

struct State<'a> {
    maps: BTreeMap<u64, &'a [Stored]>,
    /// Slots in which models joined and left.
    left: BTreeMap<u64, u64>,
    stored: Vec<u64>,
    promises: BTreeMap<u64, &'a [Stored]>,
    window: usize,
    slot: u64,
}

impl State<'_> {
    fn of<'b>(&'b self, models: impl Iterator<Item = &'b u64>) -> BTreeSet<Stored> {
        models.flat_map(|model| self.maps[model].iter().copied()).collect()
    }

    fn held(&self, rule: usize) -> BTreeSet<Stored> {
        let members = || self.stored.iter().filter(|model| !self.left.contains_key(model));
        match rule {
            0 => self.of(self.stored.iter()),
            1 => {
                let promised = self.promises.values().flat_map(|layers| layers.iter().copied());
                self.of(members()).into_iter().chain(promised).collect()
            }
            2 => self.of(members()),
            _ => self.of(self.stored.iter().rev().take(self.window)),
        }
    }

    /// With models that are retired late, at the end of a slot.
    fn late(&self, slot: u64, wait: u64, retire: Retire) -> BTreeSet<Stored> {
        self.of(self
            .stored
            .iter()
            .filter(|model| self.left.get(model).is_none_or(|&left| slot < retire(left, wait))))
    }
}

fn bytes(set: &BTreeSet<Stored>) -> u64 {
    set.iter().map(|layer| layer.2).sum()
}

/// For each way to wait and each wait: what was found, the way's number, the wait, and when models are retired.
fn each(found: &mut Naive, waits: &[u64], mut visit: impl FnMut(&mut Wait, usize, u64, Retire)) {
    let retires: [Retire; 2] = [|left, wait| left + wait, u64::next_multiple_of];
    let ways = [&mut found.delays, &mut found.sweeps];
    for (way, (list, retire)) in ways.into_iter().zip(retires).enumerate() {
        for (wait, &every) in list.iter_mut().zip(waits) {
            visit(wait, way, every, retire);
        }
    }
}

/// What each child would have been promised, by way, wait and child.
type Offered = BTreeMap<(usize, u64, u64), BTreeSet<Stored>>;

/// A child is promised layers.
fn promise(
    found: &mut Naive,
    state: &State<'_>,
    offered: &mut Offered,
    id: u64,
    layers: &[Stored],
    waits: &[u64],
) {
    let reachable = state.held(1);
    for layer in layers.iter().filter(|layer| layer.2 > 0 && !reachable.contains(*layer)) {
        found.rules[1].missed += 1;
        found.rules[1].missed_bytes += layer.2;
    }
    each(found, waits, |wait, way, every, retire| {
        let kept = state.late(state.slot, every, retire);
        let with_weights = layers.iter().copied().filter(|layer| layer.2 > 0);
        let (there, gone): (BTreeSet<_>, BTreeSet<_>) = with_weights.partition(|layer| kept.contains(layer));
        wait.withheld += gone.len() as u64;
        offered.insert((way, every, id), there);
    });
}

/// It reads them.
fn read(found: &mut Naive, state: &State<'_>, offered: &Offered, id: u64, waits: &[u64]) {
    for rule in [2, 3] {
        let kept = state.held(rule);
        for layer in state.promises[&id].iter().filter(|layer| layer.2 > 0 && !kept.contains(*layer)) {
            found.rules[rule].missed += 1;
            found.rules[rule].missed_bytes += layer.2;
        }
    }
    each(found, waits, |wait, way, every, retire| {
        let kept = state.late(state.slot, every, retire);
        wait.missed += offered[&(way, every, id)].difference(&kept).count() as u64;
    });
}

/// Goes through a run; `waits` are the waits that are followed.
pub(crate) fn naive(events: &[Event], window: usize, waits: &[u64]) -> Naive {
    let mut found = Naive {
        delays: vec![Wait::default(); waits.len()],
        sweeps: vec![Wait::default(); waits.len()],
        ..Naive::default()
    };
    let mut state = State {
        maps: BTreeMap::new(),
        left: BTreeMap::new(),
        stored: Vec::new(),
        promises: BTreeMap::new(),
        window,
        slot: 0,
    };
    let mut offered = Offered::new();
    let mut born: BTreeMap<Stored, u64> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Slot => state.slot += 1,
            Event::Promise(id, layers) => {
                promise(&mut found, &state, &mut offered, *id, layers, waits);
                state.promises.insert(*id, layers);
            }
            Event::Read(id) => read(&mut found, &state, &offered, *id, waits),
            Event::Store(id, map) => {
                // Whoever was stored since and points at a layer, too, has brought it back.
                let held = state.held(2);
                each(&mut found, waits, |wait, way, every, retire| {
                    let mut kept = state.late(state.slot - 1, every, retire);
                    kept.extend(&held);
                    wait.broken += offered[&(way, every, *id)].difference(&kept).count() as u64;
                });
                state.promises.remove(id);
                state.maps.insert(*id, map);
                state.stored.push(*id);
                let own = map.iter().filter(|layer| layer.0 == *id && layer.2 > 0);
                born.extend(own.map(|&layer| (layer, state.slot)));
                // Others were retired by the end of the slot before, or will be at the end of this one.
                each(&mut found, waits, |wait, _, every, retire| {
                    wait.peak = wait.peak.max(bytes(&state.late(state.slot - 1, every, retire)));
                });
            }
            Event::Leave(id) => _ = state.left.insert(*id, state.slot),
        }
        for (rule, found) in found.rules.iter_mut().enumerate() {
            found.live = bytes(&state.held(rule));
            found.peak = found.peak.max(found.live);
        }
        let ends = events.get(index + 1).is_none_or(|next| *next == Event::Slot);
        if ends && state.slot > 0 {
            found.slots += 1;
            for found in &mut found.rules {
                found.sum += found.live as f64;
            }
            let held = found.rules[2].live;
            each(&mut found, waits, |wait, _, every, retire| {
                let kept = bytes(&state.late(state.slot, every, retire));
                wait.sum += (kept - held) as f64;
                wait.peak = wait.peak.max(kept);
            });
        }
    }
    lifetimes(&mut found, &state, &born);
    found
}

fn lifetimes(found: &mut Naive, state: &State<'_>, born: &BTreeMap<Stored, u64>) {
    for (layer, born) in born {
        let holders = state.stored.iter().filter(|model| state.maps[model].contains(layer));
        let ends: Option<Vec<u64>> = holders.map(|model| state.left.get(model).copied()).collect();
        match ends.and_then(|ends| ends.into_iter().max()) {
            Some(end) => found.lifetimes.push(end - born),
            None => found.censored += 1,
        }
    }
    found.lifetimes.sort_unstable();
}
