//! Nodes: how fast each is, and what its cache holds.
//!
//! A node's cache is one of [`lamarck_cache`]'s, asked as the simulation goes: a tensor that a worker of the node reads or
//! writes comes in, one that the repository deletes leaves. Beside the caches stands the same knowledge turned round, the
//! nodes that hold each tensor: so a deletion asks only them, and a scheduler's question (how much of this prefix is where)
//! costs the prefix's tensors and their copies, however many nodes there are.
//!
//! Of what the search knows of a layer (see the [hints](crate::engine::hints)), a cache hears while it holds the layer, and
//! when it comes in. Whoever has evicted it, or never had it, has no use for it.
//!
//! What a read brings in counts as cached from the moment that the read begins. So of two workers of a node that want the
//! same tensor at the same time only the first fetches it.

use crate::engine::error::EngineError;
use crate::repository::StoredId;
use lamarck_cache::{Cache, Outcome, PolicyKind};
use lamarck_model::rng::{Purpose, Stream};

/// A speed of 1.
const UNIT: u64 = 1_000_000;

/// The speeds of all nodes, in millionths.
#[derive(Debug)]
pub(super) struct Speeds {
    /// Empty when all have the speed 1.
    millionths: Vec<u64>,
}

impl Speeds {
    /// Draws them evenly from 1 - `spread` to 1 + `spread`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..1 before")]
    pub(super) fn draw(nodes: u32, spread: f64, stream: Stream) -> Self {
        let spread = (spread.clamp(0.0, 0.999) * UNIT as f64).round() as u64;
        let one =
            |node| UNIT - spread + stream.rng(Purpose::NodeSpeed, u64::from(node)).below(2 * spread + 1);
        Self { millionths: if spread == 0 { Vec::new() } else { (0..nodes).map(one).collect() } }
    }

    fn of(&self, node: u32) -> u64 {
        self.millionths.get(node as usize).copied().unwrap_or(UNIT)
    }

    /// As a factor.
    pub(super) fn factor(&self, node: u32) -> f64 {
        self.of(node) as f64 / UNIT as f64
    }

    /// How long a training of `us` takes on a node, to the nearest microsecond.
    pub(super) fn stretch(&self, us: u64, node: u32) -> u64 {
        let speed = self.of(node);
        if speed == UNIT {
            return us;
        }
        let stretched = (u128::from(us) * u128::from(UNIT) + u128::from(speed / 2)) / u128::from(speed);
        u64::try_from(stretched).unwrap_or(u64::MAX)
    }
}

/// A node whose cache knows a layer.
#[derive(Debug, Clone, Copy)]
struct Known {
    node: u32,
    /// Whether it holds it.
    holds: bool,
}

/// The caches of all nodes.
#[derive(Debug)]
pub(in crate::engine) struct NodeCaches {
    policy: PolicyKind,
    capacity: u64,
    caches: Vec<Cache>,
    /// For each stored layer the nodes whose caches know it, in no order. A cache remembers what it has evicted, so that it
    /// has to be told of a deletion as well.
    known: Vec<Vec<Known>>,
    /// By node, for one question; zero in between.
    found: Vec<u64>,
}

impl NodeCaches {
    /// Empty caches of `capacity` bytes each.
    pub(in crate::engine) fn new(policy: PolicyKind, capacity: u64, nodes: u32) -> Result<Self, EngineError> {
        let caches = (0..nodes).map(|_| Cache::new(policy, capacity)).collect::<Result<_, _>>()?;
        let found = vec![0; nodes as usize];
        Ok(Self { policy, capacity, caches, known: Vec::new(), found })
    }

    /// Empties all caches.
    pub(in crate::engine) fn clear(&mut self) -> Result<(), EngineError> {
        for cache in &mut self.caches {
            *cache = Cache::new(self.policy, self.capacity)?;
        }
        self.known.iter_mut().for_each(Vec::clear);
        Ok(())
    }

    /// A worker of a node reads a layer of this value; whether the node had it.
    pub(in crate::engine) fn read(
        &mut self,
        node: u32,
        layer: StoredId,
        bytes: u64,
        value: f64,
    ) -> Result<bool, EngineError> {
        let outcome = self.caches[node as usize].get(u64::from(layer), bytes)?;
        self.note(node, layer, outcome, value)?;
        Ok(outcome == Outcome::Hit)
    }

    /// A worker of a node writes a layer of this value.
    pub(in crate::engine) fn write(
        &mut self,
        node: u32,
        layer: StoredId,
        bytes: u64,
        value: f64,
    ) -> Result<(), EngineError> {
        let outcome = self.caches[node as usize].put(u64::from(layer), bytes)?;
        self.note(node, layer, outcome, value)
    }

    /// A layer has another value from now on.
    pub(in crate::engine) fn tell(&mut self, layer: StoredId, value: f64) -> Result<(), EngineError> {
        let known = self.known.get(layer as usize).into_iter().flatten();
        for known in known.filter(|known| known.holds) {
            self.caches[known.node as usize].value(u64::from(layer), value)?;
        }
        Ok(())
    }

    fn note(&mut self, node: u32, layer: StoredId, outcome: Outcome, value: f64) -> Result<(), EngineError> {
        let longest = self.known.len().max(layer as usize + 1);
        self.known.resize_with(longest, Vec::new);
        for &evicted in self.caches[node as usize].evicted() {
            // Ids are stored layers, numbered in 32 bits, and what was evicted was noted before.
            let known = usize::try_from(evicted).ok().and_then(|at| self.known.get_mut(at));
            if let Some(known) = known.into_iter().flatten().find(|known| known.node == node) {
                known.holds = false;
            }
        }
        if outcome == Outcome::Hit {
            return Ok(());
        }
        let holds = outcome == Outcome::Miss;
        match self.known[layer as usize].iter_mut().find(|known| known.node == node) {
            Some(known) => known.holds = holds,
            None => self.known[layer as usize].push(Known { node, holds }),
        }
        if holds && self.policy.listens() {
            self.caches[node as usize].value(u64::from(layer), value)?;
        }
        Ok(())
    }

    /// The repository has deleted a layer.
    pub(in crate::engine) fn delete(&mut self, layer: StoredId) {
        for known in self.known.get_mut(layer as usize).into_iter().flat_map(|known| known.drain(..)) {
            self.caches[known.node as usize].delete(u64::from(layer));
        }
    }

    /// The nodes that hold a layer.
    fn holders(&self, layer: StoredId) -> impl Iterator<Item = usize> {
        let known = self.known.get(layer as usize).into_iter().flatten();
        known.filter(|known| known.holds).map(|known| known.node as usize)
    }

    /// How many bytes of some layers each of these nodes holds, appended to `out`, and the most that any node holds.
    pub(in crate::engine) fn holdings(
        &mut self,
        layers: impl Iterator<Item = (StoredId, u64)> + Clone,
        nodes: impl Iterator<Item = u32>,
        out: &mut Vec<u64>,
    ) -> u64 {
        let mut most = 0;
        let mut found = std::mem::take(&mut self.found);
        for (layer, bytes) in layers.clone() {
            for node in self.holders(layer) {
                found[node] = found[node].saturating_add(bytes);
                most = most.max(found[node]);
            }
        }
        out.extend(nodes.map(|node| found[node as usize]));
        for (layer, _) in layers {
            self.holders(layer).for_each(|node| found[node] = 0);
        }
        self.found = found;
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn speeds_are_drawn_within_their_spread() {
        let stream = Stream::new(3, 0);
        let speeds = Speeds::draw(1000, 0.25, stream);
        let factors: Vec<f64> = (0..1000).map(|node| speeds.factor(node)).collect();
        assert!(factors.iter().all(|factor| (0.75..=1.25).contains(factor)));
        let mean = factors.iter().sum::<f64>() / 1000.0;
        // The standard error of the mean is 0.25 / sqrt(3 * 1000) = 0.0046.
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        assert_eq!(Speeds::draw(4, 0.0, stream).stretch(12_345, 2), 12_345);
        let half = Speeds { millionths: vec![500_000, 3_000_000] };
        assert_eq!((half.stretch(7, 0), half.stretch(8, 1)), (14, 3));
    }

    proptest! {
        /// The reference asks every cache of its own, about every layer.
        #[test]
        fn who_holds_what_agrees_with_the_caches(
            steps in prop::collection::vec((0_u8..4, 0_u32..3, 0_u32..12), 1..200),
        ) {
            let mut nodes = NodeCaches::new(PolicyKind::Lru, 100, 3).unwrap();
            // The numbers of deleted layers are given again, to layers of other sizes.
            let mut sizes = [11_u64; 12];
            for (what, node, layer) in steps {
                let bytes = &mut sizes[layer as usize];
                match what {
                    0 => drop(nodes.read(node, layer, *bytes, 1.0).unwrap()),
                    1 => nodes.write(node, layer, *bytes, 1.0).unwrap(),
                    2 => {
                        nodes.delete(layer);
                        *bytes = *bytes % 60 + 7;
                    }
                    _ => {}
                }
                let mut out = Vec::new();
                let wanted = [1_u32, 4, 7].map(|layer| (layer, sizes[layer as usize]));
                let most = nodes.holdings(wanted.into_iter(), 0..3, &mut out);
                let naive: Vec<u64> = nodes
                    .caches
                    .iter()
                    .map(|cache| wanted.iter().filter(|(layer, _)| cache.contains(u64::from(*layer))).map(|w| w.1).sum())
                    .collect();
                prop_assert_eq!(most, naive.iter().copied().max().unwrap());
                prop_assert_eq!(out, naive);
                for layer in 0..12_u32 {
                    for node in 0..3_u32 {
                        let held = nodes.holders(layer).any(|holder| holder == node as usize);
                        prop_assert_eq!(held, nodes.caches[node as usize].contains(u64::from(layer)));
                    }
                }
            }
        }
    }
}
