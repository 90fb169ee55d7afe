//! The search for the best match, in the three steps that the [module](super) describes.

use lamarck_model::LayerIdentity;
use lamarck_model::prefix::shared_count;

use super::bits::{Bits, Counter};
use super::postings::{Many, Piece, Postings};
use super::rank::Rank;
use super::{Group, Match, MatchIndex};

/// Up to this many places are looked up one by one instead of all at once.
const FEW: usize = 8;

/// What a model offers: more layers first, then the better rank.
#[derive(Debug, Clone, Copy)]
struct Offer {
    shared: usize,
    rank: Rank,
}

impl Offer {
    const NONE: Self = Self { shared: 0, rank: Rank::LAST };

    fn beats(self, other: Self) -> bool {
        self.shared > other.shared || (self.shared == other.shared && self.rank < other.rank)
    }

    fn improve(&mut self, other: Self) {
        if other.beats(*self) {
            *self = other;
        }
    }
}

impl MatchIndex {
    /// The stored model that shares the most of these layers; of several, the one with the highest score, and of
    /// several such, the one with the lowest id. `None` when no model shares any.
    ///
    /// The order of the layers has no meaning, and a layer that is given twice counts once.
    pub fn best(&self, layers: &[LayerIdentity]) -> Option<Match> {
        let mut numbers: Vec<u32> = layers.iter().filter_map(|&id| self.layers.number(id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut short: Vec<&[u32]> = Vec::with_capacity(numbers.len());
        let mut long: Vec<&Many> = Vec::new();
        for &number in &numbers {
            match self.layers.postings(number) {
                Postings::None => {}
                Postings::One(group) => short.push(std::slice::from_ref(group)),
                Postings::Few(groups) => short.push(groups),
                Postings::Many(many) => long.push(many),
            }
        }
        short.sort_unstable_by_key(|groups| groups.len());
        long.sort_unstable_by_key(|many| many.len());

        // Lists that have every group: one more layer for whoever it will be, and nothing to look at.
        let all = self.groups.len();
        let in_every = long.extract_if(.., |many| many.len() == all).count();

        let mut best = Offer::NONE;
        let query = Query { filter: Filter::new(&numbers), numbers };
        self.in_short(&query, &short, long.len() + in_every, &mut best);
        if best.shared <= long.len() + in_every && !self.in_all(&long, in_every, &mut best) {
            self.in_most(&long, in_every, &mut best);
        }
        (best.shared > 0).then_some(Match { model: best.rank.model, shared: best.shared })
    }

    /// Compares the groups in short lists with the query; `long` is the number of its other lists. A group that is
    /// left out shares less than the best.
    fn in_short(&self, query: &Query, short: &[&[u32]], long: usize, best: &mut Offer) {
        // The only model with some layer is most often the parent, which is hard to beat.
        if let Some([group]) = short.first() {
            self.compare(query, *group, best);
        }
        // Only groups that are in one of the first so many lists can still share as much as the best.
        let first = (short.len() + long + 1).saturating_sub(best.shared).min(short.len());
        let (first, others) = short.split_at(first);
        let mut groups = first.concat();
        groups.sort_unstable();
        // How many of these lists a group is in, and the group. Those in most of them first, because the count bounds
        // what a group can share.
        let mut times: Vec<(usize, u32)> =
            groups.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0])).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        for (times, group) in times {
            if best.shared > times + others.len() + long {
                return;
            }
            self.compare(query, group, best);
        }
    }

    fn compare(&self, query: &Query, group: u32, best: &mut Offer) {
        let Group { layers, best: rank, .. } = &self.groups[group];
        let at_most = Offer { shared: query.filter.at_most(layers), rank: *rank };
        if at_most.beats(*best) {
            best.improve(Offer { shared: shared_count(&query.numbers, layers), ..at_most });
        }
    }

    /// The best-ranked group that is in all long lists, if there is one; `more` layers come on top.
    fn in_all(&self, long: &[&Many], more: usize, best: &mut Offer) -> bool {
        let shared = long.len() + more;
        let Some((shortest, others)) = long.split_first() else {
            let first = self.blocks.sequence().first();
            best.improve(Offer {
                shared,
                rank: first.map_or(Rank::LAST, |&block| self.blocks.first_rank(block)),
            });
            return true;
        };
        let positions = self.blocks.positions();
        let mut others: Vec<&[Piece]> = others.iter().map(|many| many.pieces()).collect();
        let (mut room, mut other_room) = (Bits::EMPTY, Bits::EMPTY);
        let mut few: Vec<u16> = Vec::with_capacity(FEW);
        'blocks: for piece in shortest.pieces() {
            let block = piece.block;
            if !(Offer { shared, rank: self.blocks.first_rank(block) }).beats(*best) {
                // Not here, and in the blocks that follow the ranks are worse still. A group in all lists would have
                // lost, and one that is not in all of them has less than the best.
                return true;
            }
            few.clear();
            // Where there are few places, they are looked up one by one.
            let is_few = append_few(&mut few, piece);
            let mut places = if is_few { Bits::EMPTY } else { *piece.bits(&mut room) };
            for pieces in &mut others {
                let position = positions[block as usize];
                while pieces.first().is_some_and(|piece| positions[piece.block as usize] < position) {
                    *pieces = &pieces[1..];
                }
                let Some(piece) = pieces.first().filter(|piece| piece.block == block) else {
                    continue 'blocks;
                };
                let any = if is_few {
                    few.retain(|&place| piece.contains(place));
                    !few.is_empty()
                } else {
                    places.keep(piece.bits(&mut other_room))
                };
                if !any {
                    continue 'blocks;
                }
            }
            for &place in &few {
                places.insert(place);
            }
            if let Some(rank) = self.blocks.best_of(block, &places) {
                best.improve(Offer { shared, rank });
                return true;
            }
        }
        false
    }

    /// The best of the groups that are in some of the long lists, given that none is in all; `more` layers come on
    /// top.
    fn in_most(&self, long: &[&Many], more: usize, best: &mut Offer) {
        let most = long.len().saturating_sub(1);
        let mut lists: Vec<&[Piece]> = long.iter().map(|many| many.pieces()).collect();
        let mut here: Vec<&Piece> = Vec::with_capacity(lists.len());
        let mut few: Vec<u16> = Vec::with_capacity(FEW);
        let mut counter = Counter::default();
        let mut room = Bits::EMPTY;
        for &block in self.blocks.sequence() {
            let rank = self.blocks.first_rank(block);
            if !(Offer { shared: most + more, rank }).beats(*best) {
                return;
            }
            here.clear();
            for pieces in &mut lists {
                if let Some((piece, after)) = pieces.split_first()
                    && piece.block == block
                {
                    here.push(piece);
                    *pieces = after;
                }
            }
            if !(Offer { shared: here.len().min(most) + more, rank }).beats(*best) {
                continue;
            }
            // Whoever has as many of these pieces as the best needs is in one of the first so many. Where these have
            // few places, they are looked up one by one.
            let needed = best.shared.saturating_sub(more);
            let first = here.len() + 1 - needed.max(1);
            few.clear();
            if here[..first].iter().all(|piece| append_few(&mut few, piece)) {
                for &place in &few {
                    let count = here.iter().filter(|piece| piece.contains(place)).count();
                    best.improve(Offer { shared: count + more, rank: self.blocks.rank(block, place) });
                }
                continue;
            }
            counter.clear();
            for piece in &here {
                counter.add(piece.bits(&mut room));
            }
            // A count of zero cannot be the best: some group is in a long list.
            if let Some((count, places)) = counter.largest()
                && let Some(rank) = self.blocks.best_of(block, &places)
            {
                best.improve(Offer { shared: count + more, rank });
            }
        }
    }
}

/// Adds a piece's places, unless that makes more than a few.
fn append_few(few: &mut Vec<u16>, piece: &Piece) -> bool {
    let places = piece.array().filter(|places| few.len() + places.len() <= FEW);
    few.extend(places.into_iter().flatten());
    places.is_some()
}

/// The query's layers that are in the index.
struct Query {
    /// Sorted.
    numbers: Vec<u32>,
    filter: Filter,
}

/// A set of numbers that may say yes too often, but never no: 4,096 bits, one for the lowest bits of each number.
/// Comparing with it has no branch that depends on the data, and spares most groups the exact comparison.
struct Filter([u64; 64]);

impl Filter {
    fn new(numbers: &[u32]) -> Self {
        let mut words = [0; 64];
        for number in numbers {
            words[(number / 64 % 64) as usize] |= 1 << (number % 64);
        }
        Self(words)
    }

    /// No fewer than are shared.
    fn at_most(&self, numbers: &[u32]) -> usize {
        let bit = |number: &u32| self.0[(number / 64 % 64) as usize] >> (number % 64) & 1;
        numbers.iter().map(|number| usize::from(bit(number) == 1)).sum()
    }
}
