//! The order of preference over all groups, in blocks.
//!
//! Blocks follow each other from better to worse ranks: every rank in a block is better than every rank in the next.
//! Inside a block a group has a *place*, which does not change while it stays in the block, and which says nothing
//! about its rank; a list of places in the order of ranks stands beside. So inserting moves at most 4 kB, and the sets
//! of places that the long posting lists are made of stay as they are.
//!
//! Small blocks end a search early and are skipped often; large ones make posting lists of fewer pieces. With 2,048
//! groups a block, one step of a search is about as long as finding the pieces it needs.

use super::bits::{BLOCK, Bits};
use super::rank::Rank;
use super::slab::Slab;

/// Where a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub(super) block: u32,
    pub(super) place: u16,
}

#[derive(Debug, Clone, Default)]
struct Block {
    /// By place; what stands in a free place means nothing.
    ranks: Vec<Rank>,
    groups: Vec<u32>,
    free: Vec<u16>,
    /// The places in use, best rank first.
    order: Vec<u16>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    all: Slab<Block>,
    /// The numbers of the blocks, best ranks first.
    sequence: Vec<u32>,
    /// By number of the block: where it stands in `sequence`.
    positions: Vec<u32>,
}

impl Blocks {
    /// The blocks' numbers from the best ranks to the worst.
    pub(super) fn sequence(&self) -> &[u32] {
        &self.sequence
    }

    /// By number of a block: how many blocks are before it. When blocks come and go these numbers change, but not the
    /// order of the blocks that stay.
    pub(super) fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// The block that a rank belongs to. The first group gets the first block.
    pub(super) fn block_for(&mut self, rank: Rank) -> u32 {
        if self.sequence.is_empty() {
            return self.open(0);
        }
        let after = self.sequence.partition_point(|&block| self.first_rank(block) <= rank);
        self.sequence[after.saturating_sub(1)]
    }

    /// The best rank in a block.
    pub(super) fn first_rank(&self, block: u32) -> Rank {
        let block = &self.all[block];
        block.order.first().map_or(Rank::LAST, |&place| block.ranks[usize::from(place)])
    }

    pub(super) fn len(&self, block: u32) -> usize {
        self.all[block].order.len()
    }

    pub(super) fn is_full(&self, block: u32) -> bool {
        self.len(block) >= BLOCK
    }

    /// Gives a group a place in a block that is not full.
    pub(super) fn insert(&mut self, number: u32, group: u32, rank: Rank) -> Spot {
        let block = &mut self.all[number];
        let place = block.free.pop().unwrap_or_else(|| {
            block.ranks.push(rank);
            block.groups.push(group);
            // Fits: a block has 2,048 places.
            u16::try_from(block.ranks.len() - 1).unwrap_or(u16::MAX)
        });
        block.ranks[usize::from(place)] = rank;
        block.groups[usize::from(place)] = group;
        let at = block.order.partition_point(|&other| block.ranks[usize::from(other)] < rank);
        block.order.insert(at, place);
        Spot { block: number, place }
    }

    /// Frees a place.
    pub(super) fn remove(&mut self, spot: Spot) {
        let block = &mut self.all[spot.block];
        let rank = block.ranks[usize::from(spot.place)];
        let at = block.order.partition_point(|&other| block.ranks[usize::from(other)] < rank);
        block.order.remove(at);
        block.free.push(spot.place);
    }

    pub(super) fn group(&self, spot: Spot) -> u32 {
        self.all[spot.block].groups[usize::from(spot.place)]
    }

    /// The groups of a block from the `from`th best to the worst.
    pub(super) fn groups(&self, block: u32, from: usize) -> Vec<u32> {
        let block = &self.all[block];
        block.order.iter().skip(from).map(|&place| block.groups[usize::from(place)]).collect()
    }

    /// The rank of the group in a place that is in use.
    pub(super) fn rank(&self, block: u32, place: u16) -> Rank {
        self.all[block].ranks[usize::from(place)]
    }

    /// The best rank among some places of a block.
    pub(super) fn best_of(&self, block: u32, places: &Bits) -> Option<Rank> {
        let block = &self.all[block];
        let rank = |place: u16| block.ranks[usize::from(place)];
        let count = places.len();
        // Looking at all of n places, or down the order, where one of them comes after some len / n steps.
        if count * count < block.order.len() {
            places.iter().map(rank).min()
        } else {
            block.order.iter().copied().find(|&place| places.contains(place)).map(rank)
        }
    }

    /// A new block after this one.
    pub(super) fn open_after(&mut self, block: u32) -> u32 {
        self.open(self.positions[block as usize] as usize + 1)
    }

    fn open(&mut self, position: usize) -> u32 {
        let number = self.all.insert(Block::default());
        self.sequence.insert(position, number);
        self.renumber();
        number
    }

    /// Takes an empty block away.
    pub(super) fn close(&mut self, block: u32) {
        self.sequence.remove(self.positions[block as usize] as usize);
        self.all.remove(block);
        self.renumber();
    }

    fn renumber(&mut self) {
        self.positions.resize(self.all.places(), 0);
        for (position, &block) in (0..).zip(&self.sequence) {
            self.positions[block as usize] = position;
        }
    }

    /// A block beside this one that has room for all its groups and is at most half full afterwards.
    pub(super) fn neighbour_with_room(&self, block: u32) -> Option<u32> {
        let position = self.positions[block as usize] as usize;
        let sides = [position.checked_sub(1), position.checked_add(1)];
        let mut beside = sides.into_iter().flatten().filter_map(|side| self.sequence.get(side).copied());
        beside.find(|&other| self.len(other) + self.len(block) <= BLOCK / 2)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let inside = |block: &Block| {
            block.ranks.capacity() * size_of::<Rank>()
                + block.groups.capacity() * size_of::<u32>()
                + (block.free.capacity() + block.order.capacity()) * size_of::<u16>()
        };
        self.all.memory_bytes()
            + (self.sequence.capacity() + self.positions.capacity()) * size_of::<u32>()
            + self.all.iter().map(inside).sum::<usize>()
    }
}
