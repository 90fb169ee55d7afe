//! Layers by number.

use std::hash::{Hash, Hasher};

use lamarck_model::LayerIdentity;
use rustc_hash::FxHashMap;

use super::postings::Postings;
use super::slab::Slab;

/// An identity in two halves: a `u128` is aligned to 16 bytes, which would make each entry of the map 8 bytes longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Key {
    high: u64,
    low: u64,
}

impl Key {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of 128 bits")]
    pub(super) const fn new(value: u128) -> Self {
        Self { high: (value >> 64) as u64, low: value as u64 }
    }

    pub(super) const fn value(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

/// One half is enough: identities are hashes themselves.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low);
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub(super) identity: Key,
    pub(super) postings: Postings,
}

/// The layers of all stored models, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers {
    numbers: FxHashMap<Key, u32>,
    layers: Slab<Layer>,
}

impl Layers {
    pub(super) fn number(&self, identity: LayerIdentity) -> Option<u32> {
        self.numbers.get(&Key::new(identity.0)).copied()
    }

    /// The number of a layer, which is new if nobody has the layer yet.
    pub(super) fn intern(&mut self, identity: LayerIdentity) -> u32 {
        let identity = Key::new(identity.0);
        let new = || self.layers.insert(Layer { identity, postings: Postings::None });
        *self.numbers.entry(identity).or_insert_with(new)
    }

    pub(super) fn postings(&self, number: u32) -> &Postings {
        &self.layers[number].postings
    }

    pub(super) fn postings_mut(&mut self, number: u32) -> &mut Postings {
        &mut self.layers[number].postings
    }

    pub(super) fn identity(&self, number: u32) -> LayerIdentity {
        LayerIdentity(self.layers[number].identity.value())
    }

    /// Forgets a layer that nobody has any more.
    pub(super) fn release_if_unused(&mut self, number: u32) {
        if self.layers[number].postings.is_empty() {
            let layer = self.layers.remove(number);
            self.numbers.remove(&layer.identity);
        }
    }

    /// How many layers there are.
    pub(super) fn len(&self) -> usize {
        self.layers.len()
    }

    /// How many layers there is room for.
    pub(super) fn places(&self) -> usize {
        self.layers.places()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        map_bytes::<Key, u32>(self.numbers.capacity())
            + self.layers.memory_bytes()
            + self.layers.iter().map(|layer| layer.postings.memory_bytes()).sum::<usize>()
    }
}

/// The bytes of a standard hash map with room for so many entries: it keeps an eighth of its slots free and a byte of
/// its own for each.
pub(super) const fn map_bytes<K, V>(capacity: usize) -> usize {
    capacity.div_ceil(7).saturating_mul(8).saturating_mul(size_of::<(K, V)>() + 1)
}
