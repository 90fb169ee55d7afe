//! The exact best-match index: which stored model shares the most layers with a new one?
//!
//! EvoStore answers this by walking all models (HPDC'24, doi 10.1145/3625549.3658679). By [`lamarck_model::prefix`]
//! the length of a longest common prefix is the number of [identities](lamarck_model::identity) that two models share,
//! so the question is one of overlap between sets: find the set that has the most elements of a query. Ties go to the
//! higher score and then to the lower id. The answer is that of the linear [`scan()`], always; nothing is approximate.
//!
//! # What is kept
//!
//! * Models with equal layers are one **group**; only its best member can be an answer. Small search spaces evaluate
//!   the same architecture again and again.
//! * Each layer has a **posting list** of the groups that have it: short (up to 32 groups) or long.
//! * All groups are in the order of preference, cut into **blocks**. A long list is cut the same way and holds bits, so
//!   that 2,048 groups are looked at in one step.
//!
//! # How a query is answered, and why it is exact
//!
//! Of the query's layers in the index, let `s` have short lists and `m` long ones.
//!
//! 1. **Short lists.** A group in one of them is compared with the query exactly, unless it cannot share as much as the
//!    best so far. Two bounds say so. A group that is in none of the `i` shortest lists shares at most the other
//!    `s + m - i` layers; where that is less than the best, the other lists are not read. A group that is in `t` of
//!    these `i` lists shares at most `t + s + m - i`; the groups with the largest `t` come first, and where this is less
//!    than the best, so it is for all that follow. (This is the prefix filter of set-similarity joins, S. Chaudhuri, V.
//!    Ganti, R. Kaushik, ICDE 2006, doi 10.1109/ICDE.2006.9, and the T-occurrence problem of C. Li, J. Lu, Y. Lu, ICDE
//!    2008, doi 10.1109/ICDE.2008.4497434, with a threshold that rises.) Most children are answered here: their parent
//!    is the only model with the deepest layer that the two share, and shares more than `m`.
//! 2. **In all long lists.** What is left are groups in long lists alone, which share at most `m`. Blocks are visited
//!    from better to worse ranks and the lists are intersected; the first block where something is left has the
//!    best-ranked group that shares `m`. Where there is one the search ends, because what is left shares less. When the
//!    layers above the change are in many models, and those below it in few, the query is answered here.
//! 3. **In most long lists.** No group is in all, so `m - 1` is the most. Blocks are visited in the same order, and the
//!    bits are counted for all of a block's groups at once. A block is passed over when it has too few of the lists for
//!    a better count, or for an equal one when all its ranks are worse; the search ends when no count that is possible
//!    would be better. Where a block has pieces of `h` lists and the best so far is in `c` lists, only groups in one of
//!    the first `h - c + 1` pieces matter; when these are few, they are looked up instead of counted. Groups that are
//!    also in short lists are undercounted here, which does no harm: what they share is known from step 1, or known to
//!    be less than the best.
//!
//! Lists that have every group, such as an input's, are no part of steps 2 and 3: they count for every group alike.
//!
//! Nothing in this needs layers to come with their ancestors: it is right for any sets. What recursive identities give
//! is speed, because lists are nested and the first steps succeed.
//!
//! # Alternatives
//!
//! *Posting lists in the order of preference, walked one model at a time*, as search engines do it (MaxScore, WAND),
//! is quick for the usual query and has no bound for the unlucky one: two lists of 50,000 models each that have none
//! in common. Here the last step costs some operations on words for each block and list, whatever the lists are.
//! *A tree over the layers in topological order* answers chains at once, but layers that do not depend on the
//! changed decision come after it in the order (another tower; a projection of the input), and are in as many branches
//! as there are models.

mod bits;
mod blocks;
mod layers;
mod postings;
mod query;
mod rank;
mod scan;
mod slab;
#[cfg(test)]
mod tests;

pub use scan::scan;

use std::collections::BTreeSet;

use lamarck_model::{CandidateId, LayerIdentity};
use rustc_hash::FxHashMap;

use bits::BLOCK;
use blocks::{Blocks, Spot};
use layers::{Key, Layers, map_bytes};
use rank::Rank;
use slab::Slab;

/// The stored model that shares the most layers with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The stored model.
    pub model: CandidateId,
    /// How many layers it shares with the query; at least 1.
    pub shared: usize,
}

/// An exact index from layers to the stored model that shares the most of them.
///
/// How it answers, and why that is exact, is written at the head of its module, `repository/index/mod.rs`.
///
/// ```
/// use lamarck_model::LayerIdentity;
/// use lamarck_runtime::repository::MatchIndex;
///
/// let (a, b, c) = (LayerIdentity(1), LayerIdentity(2), LayerIdentity(3));
/// let mut index = MatchIndex::new();
/// index.insert(0, 0.5, &[a, b]);
/// index.insert(1, 0.7, &[a, c]);
/// let best = index.best(&[a, b]).unwrap();
/// assert_eq!((best.model, best.shared), (0, 2));
/// assert_eq!(index.best(&[a]).unwrap().model, 1, "as much is shared; the score is higher");
/// ```
#[derive(Debug, Clone, Default)]
pub struct MatchIndex {
    models: FxHashMap<CandidateId, Member>,
    groups: Slab<Group>,
    /// The group with these layers, by the sum of their identities. Where two groups have the same sum, one of them is
    /// not in here and takes no more members.
    sums: FxHashMap<Key, u32>,
    layers: Layers,
    blocks: Blocks,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    rank: Rank,
    group: u32,
}

/// Models with equal layers.
#[derive(Debug, Clone)]
struct Group {
    /// Sorted.
    layers: Box<[u32]>,
    best: Rank,
    /// All members but the best.
    others: BTreeSet<Rank>,
    spot: Spot,
}

impl Default for Group {
    fn default() -> Self {
        let (layers, others) = (Box::default(), BTreeSet::new());
        Self { layers, best: Rank::LAST, others, spot: Spot::default() }
    }
}

/// Below this many vacant places nothing is rebuilt.
const REBUILD: usize = 1_024;

impl MatchIndex {
    /// An index without models.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of stored models.
    pub fn len(&self) -> usize {
        self.models.len()
    }

    /// Whether no model is stored.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// The number of different layers of the stored models.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// Stores a model. A NaN score is worse than any other. A model that is stored already is replaced: its layers and
    /// its score are what was given last. Returns whether the model is new.
    ///
    /// The order of the layers has no meaning, and a layer that is given twice counts once.
    pub fn insert(&mut self, model: CandidateId, score: f64, layers: &[LayerIdentity]) -> bool {
        let replaced = self.remove(model);
        let mut identities = layers.to_vec();
        identities.sort_unstable();
        identities.dedup();
        self.insert_set(Rank::new(score, model), &identities);
        !replaced
    }

    /// `identities` has none twice.
    fn insert_set(&mut self, rank: Rank, identities: &[LayerIdentity]) {
        let sum = sum(identities.iter().copied());
        let group = match self.sums.get(&sum) {
            Some(&group) if self.has_layers(group, identities) => {
                self.join(group, rank);
                group
            }
            _ => {
                let group = self.open_group(rank, identities);
                self.sums.entry(sum).or_insert(group);
                group
            }
        };
        self.models.insert(rank.model, Member { rank, group });
    }

    fn has_layers(&self, group: u32, identities: &[LayerIdentity]) -> bool {
        let layers = &self.groups[group].layers;
        // As many, none twice, and each of them there: the same.
        let has = |number: u32| layers.binary_search(&number).is_ok();
        layers.len() == identities.len()
            && identities.iter().all(|&id| self.layers.number(id).is_some_and(has))
    }

    fn open_group(&mut self, rank: Rank, identities: &[LayerIdentity]) -> u32 {
        let mut layers: Box<[u32]> = identities.iter().map(|&id| self.layers.intern(id)).collect();
        layers.sort_unstable();
        let number = self.groups.insert(Group { layers, best: rank, ..Group::default() });
        self.give_place(number);
        let (groups, blocks) = (&self.groups, &self.blocks);
        for &layer in &groups[number].layers {
            self.layers.postings_mut(layer).insert(number, blocks, |group| groups[group].spot);
        }
        number
    }

    fn join(&mut self, number: u32, rank: Rank) {
        let group = &mut self.groups[number];
        if rank > group.best {
            group.others.insert(rank);
        } else {
            let former = group.best;
            group.others.insert(former);
            self.set_best(number, rank);
        }
    }

    /// Moves a group to where its new best member belongs.
    fn set_best(&mut self, number: u32, best: Rank) {
        self.leave_lists(number);
        let spot = self.groups[number].spot;
        self.blocks.remove(spot);
        self.tidy(spot.block);
        self.groups[number].best = best;
        self.give_place(number);
        self.enter_lists(number);
    }

    /// Removes a model. Returns whether it was stored.
    pub fn remove(&mut self, model: CandidateId) -> bool {
        let Some(Member { rank, group: number }) = self.models.remove(&model) else { return false };
        let group = &mut self.groups[number];
        if rank != group.best {
            group.others.remove(&rank);
        } else if let Some(next) = group.others.pop_first() {
            self.set_best(number, next);
        } else {
            self.close_group(number);
        }
        self.rebuild_if_vacant();
        true
    }

    fn close_group(&mut self, number: u32) {
        let group = self.groups.remove(number);
        let sum = sum(group.layers.iter().map(|&layer| self.layers.identity(layer)));
        if self.sums.get(&sum) == Some(&number) {
            self.sums.remove(&sum);
        }
        for &layer in &group.layers {
            self.layers.postings_mut(layer).remove(number, group.spot, &self.blocks);
            self.layers.release_if_unused(layer);
        }
        self.blocks.remove(group.spot);
        self.tidy(group.spot.block);
    }

    /// Gives a group a place by its rank, making room first where the block is full.
    fn give_place(&mut self, number: u32) {
        let rank = self.groups[number].best;
        let mut block = self.blocks.block_for(rank);
        if self.blocks.is_full(block) {
            let after = self.blocks.open_after(block);
            for moved in self.blocks.groups(block, BLOCK / 2) {
                self.move_to(moved, after);
            }
            block = self.blocks.block_for(rank);
        }
        self.groups[number].spot = self.blocks.insert(block, number, rank);
    }

    fn move_to(&mut self, number: u32, block: u32) {
        self.leave_lists(number);
        let group = &mut self.groups[number];
        self.blocks.remove(group.spot);
        group.spot = self.blocks.insert(block, number, group.best);
        self.enter_lists(number);
    }

    /// Takes a group's place out of the long lists. Short ones do not hold places.
    fn leave_lists(&mut self, number: u32) {
        let Group { layers, spot, .. } = &self.groups[number];
        for &layer in layers {
            if let Some(many) = self.layers.postings_mut(layer).many_mut() {
                many.remove(*spot, &self.blocks);
            }
        }
    }

    fn enter_lists(&mut self, number: u32) {
        let Group { layers, spot, .. } = &self.groups[number];
        for &layer in layers {
            if let Some(many) = self.layers.postings_mut(layer).many_mut() {
                many.insert(*spot, &self.blocks);
            }
        }
    }

    /// Closes a block that is empty, or that is nearly so and whose groups have room beside it. A block can only be
    /// closed as often as blocks were opened, and that takes a thousand insertions.
    fn tidy(&mut self, block: u32) {
        if self.blocks.len(block) >= BLOCK / 8 {
            return;
        }
        if self.blocks.len(block) > 0 {
            let Some(beside) = self.blocks.neighbour_with_room(block) else { return };
            for moved in self.blocks.groups(block, 0) {
                self.move_to(moved, beside);
            }
        }
        self.blocks.close(block);
    }

    /// Starts afresh with what is left when seven eighths of the places are vacant. As many removals came before, so
    /// that this costs each of them a fraction of an insertion; in return no list and no map anywhere has to shrink.
    fn rebuild_if_vacant(&mut self) {
        let mostly_vacant = |used: usize, places: usize| places > REBUILD && used < places / 8;
        if !mostly_vacant(self.layers.len(), self.layers.places())
            && !mostly_vacant(self.groups.len(), self.groups.places())
            && !mostly_vacant(self.models.len(), self.models.capacity())
        {
            return;
        }
        let former = std::mem::take(self);
        for group in former.groups.into_used() {
            let identities: Vec<LayerIdentity> =
                group.layers.iter().map(|&layer| former.layers.identity(layer)).collect();
            for rank in [group.best].into_iter().chain(group.others) {
                self.insert_set(rank, &identities);
            }
        }
    }

    /// The bytes that the index takes, counted from the capacities of its lists and maps. Linear in its size.
    pub fn memory_bytes(&self) -> usize {
        // A node of the standard set has room for 11, and is about half full.
        let inside = |group: &Group| {
            size_of_val(&*group.layers) + group.others.len().div_ceil(6) * 12 * size_of::<Rank>()
        };
        size_of::<Self>()
            + map_bytes::<CandidateId, Member>(self.models.capacity())
            + map_bytes::<Key, u32>(self.sums.capacity())
            + self.groups.memory_bytes()
            + self.groups.iter().map(inside).sum::<usize>()
            + self.layers.memory_bytes()
            + self.blocks.memory_bytes()
    }
}

/// The same for any order of the same identities.
fn sum(identities: impl Iterator<Item = LayerIdentity>) -> Key {
    Key::new(identities.fold(0, |sum, identity| sum.wrapping_add(identity.0)))
}
