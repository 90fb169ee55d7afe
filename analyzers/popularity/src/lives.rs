//! What is remembered of every candidate: a table by id.

/// Not known; also the id, row or slot that nobody has.
pub(crate) const NONE: u32 = u32::MAX;

/// Ids this far beyond the number of rows seen are not followed, so that a trace with wild ids cannot exhaust memory.
const AHEAD: u64 = 1 << 20;

/// One candidate: 32 bytes, half a cache line, since most look-ups want several of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    /// How many candidates had finished before it; `NONE` while its row has not come.
    pub(crate) row: u32,
    pub(crate) parent: u32,
    /// Number of its architecture.
    pub(crate) architecture: u32,
    /// Its place among the donors.
    pub(crate) slot: u32,
    /// Generations since a candidate without a parent, and in the highest bit whether it was mutated or combined.
    depth: u32,
    pub(crate) score: f32,
    /// Expected children from its ranks, once it has left the population; not a number before.
    pub(crate) expected: f32,
    /// Rank in the population when it entered, 1 the best.
    pub(crate) rank: u32,
}

const DERIVED: u32 = 1 << 31;

impl Life {
    const NOBODY: Self = Self {
        row: NONE,
        parent: NONE,
        architecture: NONE,
        slot: NONE,
        depth: 0,
        score: f32::NAN,
        expected: f32::NAN,
        rank: NONE,
    };

    /// Whether its row has come.
    pub(crate) fn is_known(&self) -> bool {
        self.row != NONE
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth & !DERIVED
    }

    /// Whether it was made from another candidate.
    pub(crate) fn is_derived(&self) -> bool {
        self.depth & DERIVED != 0
    }

    pub(crate) fn set_depth(&mut self, depth: u32, derived: bool) {
        self.depth = depth.min(DERIVED - 1) | if derived { DERIVED } else { 0 };
    }
}

/// All candidates by id.
///
/// One flat array: most rows look up four candidates, and chunks would double the loads of each. It grows by an eighth at
/// a time instead of doubling, so that little is allocated in vain.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lives {
    all: Vec<Life>,
}

impl Lives {
    /// The id as this table counts, if it is one that is followed after so many rows.
    #[inline]
    pub(crate) fn followed(id: u64, rows: u32) -> Option<u32> {
        // The largest number is `NONE`.
        u32::try_from(id).ok().filter(|&short| short != NONE && id < u64::from(rows) + AHEAD)
    }

    /// What is remembered of a candidate, whether its row has come or not.
    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&Life> {
        self.all.get(id as usize)
    }

    /// A candidate whose row has come.
    #[inline]
    pub(crate) fn known(&self, id: u32) -> Option<&Life> {
        self.get(id).filter(|life| life.is_known())
    }

    /// A candidate's entry; the id must be one that is [followed](Self::followed).
    #[inline]
    pub(crate) fn entry(&mut self, id: u32) -> &mut Life {
        let id = id as usize;
        if self.all.len() <= id {
            self.grow(id);
        }
        &mut self.all[id]
    }

    #[inline(never)]
    fn grow(&mut self, id: usize) {
        if self.all.capacity() <= id {
            let more = id + 1 - self.all.len();
            self.all.reserve_exact(more.max(self.all.len() / 8).max(1 << 10));
        }
        self.all.resize(id + 1, Life::NOBODY);
    }

    /// Every candidate whose row has come, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Life> {
        self.all.iter().filter(|life| life.is_known())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_out_of_order_and_wild_ones() {
        let mut lives = Lives::default();
        assert!(lives.get(7).is_none());
        lives.entry(9000).row = 0;
        lives.entry(3).slot = 1;
        assert!(lives.known(9000).is_some() && lives.known(9001).is_none() && lives.known(3).is_none());
        assert!(lives.get(3).is_some_and(|life| life.slot == 1));
        assert_eq!(lives.iter().count(), 1);
        assert_eq!(Lives::followed(u64::MAX, 5), None);
        assert_eq!(Lives::followed(u64::from(NONE), NONE), None);
        assert_eq!(Lives::followed((1 << 20) + 4, 5), Some((1 << 20) + 4));
        assert_eq!(Lives::followed((1 << 20) + 5, 5), None);
    }

    #[test]
    fn depth_and_derivation_share_a_word() {
        let mut life = Life::NOBODY;
        life.set_depth(12, true);
        assert_eq!((life.depth(), life.is_derived()), (12, true));
        life.set_depth(u32::MAX, false);
        assert_eq!((life.depth(), life.is_derived()), (DERIVED - 1, false));
        assert_eq!(size_of::<Life>(), 32);
    }
}
