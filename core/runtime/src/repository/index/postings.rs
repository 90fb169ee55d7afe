//! Who has a layer: one group, a few, or many.
//!
//! Most layers are in one model alone, and a few are in nearly all of them. A short list holds groups, in no order,
//! and is walked. A long list is cut into the [blocks](super::blocks) of the order of preference, and each piece is a
//! set of places: an array while it is small, bits when that takes less. (The two forms are those of Roaring bitmaps,
//! S. Chambi, D. Lemire, O. Kaser, R. Godin, 2016, doi 10.1002/spe.2325.)

use super::bits::{BLOCK, Bits};
use super::blocks::{Blocks, Spot};

/// Up to this many groups a list is short.
pub(super) const FEW: usize = if cfg!(test) { 4 } else { 32 };

/// Up to this many places a piece is an array; it takes as much memory as the bits.
const SPARSE: usize = if cfg!(test) { 16 } else { BLOCK / 16 };

/// Up to this many places need no memory of their own, because a piece is as large anyway.
const INLINE: usize = 7;

/// The groups that have a layer.
#[derive(Debug, Clone, Default)]
pub(super) enum Postings {
    #[default]
    None,
    One(u32),
    Few(Vec<u32>),
    // Boxed, because most layers have one group and should not pay for the others.
    Many(Box<Many>),
}

impl Postings {
    /// Adds a group that is not there yet. `spot` says where a group is.
    pub(super) fn insert(&mut self, group: u32, blocks: &Blocks, spot: impl Fn(u32) -> Spot) {
        match self {
            Self::None => *self = Self::One(group),
            Self::One(other) => *self = Self::Few(vec![*other, group]),
            Self::Few(groups) if groups.len() < FEW => groups.push(group),
            Self::Few(groups) => {
                let mut many = Many::default();
                for &group in groups.iter().chain(&[group]) {
                    many.insert(spot(group), blocks);
                }
                *self = Self::Many(Box::new(many));
            }
            Self::Many(many) => many.insert(spot(group), blocks),
        }
    }

    /// Takes a group away that is at this spot.
    pub(super) fn remove(&mut self, group: u32, spot: Spot, blocks: &Blocks) {
        match self {
            Self::None | Self::One(_) => *self = Self::None,
            Self::Few(groups) => {
                groups.retain(|&other| other != group);
                if let [last] = groups[..] {
                    *self = Self::One(last);
                }
            }
            Self::Many(many) => {
                many.remove(spot, blocks);
                // Not at `FEW`, lest a list that goes up and down by one is rewritten each time.
                if many.len <= FEW / 2 {
                    *self = Self::Few(many.groups(blocks));
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::One(_) => false,
            Self::Few(groups) => groups.is_empty(),
            Self::Many(many) => many.len == 0,
        }
    }

    pub(super) fn many_mut(&mut self) -> Option<&mut Many> {
        if let Self::Many(many) = self { Some(many) } else { None }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::None | Self::One(_) => 0,
            Self::Few(groups) => groups.capacity() * size_of::<u32>(),
            Self::Many(many) => size_of::<Many>() + many.memory_bytes(),
        }
    }
}

/// A long list.
#[derive(Debug, Clone, Default)]
pub(super) struct Many {
    len: usize,
    /// In the order of the blocks, best ranks first; none is empty.
    pieces: Vec<Piece>,
}

/// The part of a long list that is in one block.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) block: u32,
    places: Places,
}

/// The arrays are in no order.
#[derive(Debug, Clone)]
enum Places {
    Inline { len: u8, places: [u16; INLINE] },
    Array(Vec<u16>),
    Bits(Box<Bits>),
}

impl Many {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    fn find(&self, block: u32, blocks: &Blocks) -> Result<usize, usize> {
        let positions = blocks.positions();
        let wanted = positions[block as usize];
        self.pieces.binary_search_by_key(&wanted, |piece| positions[piece.block as usize])
    }

    pub(super) fn insert(&mut self, spot: Spot, blocks: &Blocks) {
        self.len += 1;
        match self.find(spot.block, blocks) {
            Ok(at) => self.pieces[at].insert(spot.place),
            Err(at) => {
                let mut piece =
                    Piece { block: spot.block, places: Places::Inline { len: 0, places: [0; INLINE] } };
                piece.insert(spot.place);
                self.pieces.insert(at, piece);
            }
        }
    }

    pub(super) fn remove(&mut self, spot: Spot, blocks: &Blocks) {
        if let Ok(at) = self.find(spot.block, blocks) {
            self.len -= 1;
            self.pieces[at].remove(spot.place);
            if self.pieces[at].is_empty() {
                self.pieces.remove(at);
            }
        }
    }

    fn groups(&self, blocks: &Blocks) -> Vec<u32> {
        let mut groups = Vec::with_capacity(self.len);
        let mut room = Bits::EMPTY;
        for piece in &self.pieces {
            let places = piece.bits(&mut room).iter();
            groups.extend(places.map(|place| blocks.group(Spot { block: piece.block, place })));
        }
        groups
    }

    fn memory_bytes(&self) -> usize {
        let inside = |piece: &Piece| match &piece.places {
            Places::Array(places) => places.capacity() * size_of::<u16>(),
            Places::Bits(_) => size_of::<Bits>(),
            Places::Inline { .. } => 0,
        };
        self.pieces.capacity() * size_of::<Piece>() + self.pieces.iter().map(inside).sum::<usize>()
    }
}

impl Piece {
    /// The places as bits; `room` is overwritten when they are not kept as bits.
    pub(super) fn bits<'a>(&'a self, room: &'a mut Bits) -> &'a Bits {
        if let Places::Bits(bits) = &self.places {
            return bits;
        }
        *room = Bits::EMPTY;
        self.array().iter().flat_map(|places| places.iter()).for_each(|&place| room.insert(place));
        room
    }

    /// The places, in no order, when there are few.
    pub(super) fn array(&self) -> Option<&[u16]> {
        match &self.places {
            Places::Inline { len, places } => Some(&places[..usize::from(*len)]),
            Places::Array(places) => Some(places),
            Places::Bits(_) => None,
        }
    }

    pub(super) fn contains(&self, place: u16) -> bool {
        match &self.places {
            Places::Bits(bits) => bits.contains(place),
            _ => self.array().is_some_and(|places| places.contains(&place)),
        }
    }

    fn insert(&mut self, place: u16) {
        match &mut self.places {
            Places::Inline { len, places } => {
                if let Some(free) = places.get_mut(usize::from(*len)) {
                    *free = place;
                    *len += 1;
                } else {
                    let mut array = places.to_vec();
                    array.push(place);
                    self.places = Places::Array(array);
                }
            }
            Places::Array(places) if places.len() < SPARSE => places.push(place),
            Places::Array(_) => {
                let mut bits = *self.bits(&mut { Bits::EMPTY });
                bits.insert(place);
                self.places = Places::Bits(Box::new(bits));
            }
            Places::Bits(bits) => bits.insert(place),
        }
    }

    fn remove(&mut self, place: u16) {
        match &mut self.places {
            Places::Inline { len, places } => {
                let used = &mut places[..usize::from(*len)];
                if let (Some(at), Some(&last)) = (used.iter().position(|&other| other == place), used.last())
                {
                    used[at] = last;
                    *len -= 1;
                }
            }
            Places::Array(array) => {
                array.retain(|&other| other != place);
                if array.len() <= INLINE / 2 {
                    let mut places = [0; INLINE];
                    places[..array.len()].copy_from_slice(array);
                    // Fits: a handful.
                    let len = u8::try_from(array.len()).unwrap_or(0);
                    self.places = Places::Inline { len, places };
                }
            }
            Places::Bits(bits) => {
                bits.remove(place);
                if bits.len() <= SPARSE / 2 {
                    self.places = Places::Array(bits.iter().collect());
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        // Bits become an array long before they are empty.
        self.array().is_some_and(<[u16]>::is_empty)
    }
}
