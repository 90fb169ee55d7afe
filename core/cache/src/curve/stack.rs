//! The LRU stack: how many bytes were used since an object's last use.
//!
//! Olken's tree ("Efficient methods for calculating the success function of fixed space replacement policies", LBL-12370,
//! 1981), over positions in order of use: an object's position holds its size, and the sum to its right is the answer.
//! Positions are renumbered when they run out, so that the tree is as large as twice the objects and not as the trace; for
//! ten million records of a million objects it stays in the cache of the processor.

use crate::list::NIL;

/// Something that knows the reuse distance of each access.
pub(super) trait Stack {
    /// `o` is used; its reuse distance is the smallest capacity in which LRU would still have it: the most bytes, its own
    /// included, that were in use since its last use. `None` if it is new.
    fn access(&mut self, o: u32, size: u64) -> Option<u64>;

    /// `o` is gone.
    fn delete(&mut self, o: u32, size: u64);
}

/// How many children a node has: their eight sums are one cache line.
const WIDTH: usize = 8;

/// Without deletions the bytes since an object's last use only grow, so the sum at its next use is the answer.
///
/// A Fenwick tree would need some twenty words at three places for each access. Here an answer and the removal of the old
/// position are one walk over one cache line a level, seven for a million objects, whose addresses do not depend on
/// each other.
pub(super) struct Growing {
    /// Sums of sizes, of positions first, then of groups of them.
    levels: Vec<Vec<u64>>,
    holder: Vec<u32>,
    position: Vec<u32>,
    next: usize,
}

impl Growing {
    pub(super) fn new(objects: usize) -> Self {
        let positions = (objects * 2).max(64).next_multiple_of(WIDTH);
        let mut levels = Vec::new();
        let mut nodes = positions;
        while nodes > 1 {
            levels.push(vec![0; nodes.next_multiple_of(WIDTH)]);
            nodes = nodes.div_ceil(WIDTH);
        }
        Self { levels, holder: vec![NIL; positions], position: vec![NIL; objects], next: 0 }
    }

    #[inline]
    fn add(&mut self, position: usize, size: u64) {
        let mut node = position;
        for level in &mut self.levels {
            level[node] += size;
            node /= WIDTH;
        }
    }

    /// Removes `size` from a position and says how much is to the right of it.
    #[inline]
    fn take(&mut self, position: usize, size: u64) -> u64 {
        let mut node = position;
        let mut right = 0;
        for level in &mut self.levels {
            let first = node & !(WIDTH - 1);
            let within = node - first;
            if let Some(group) = level.get_mut(first..first + WIDTH) {
                // All eight are looked at, which is faster than a loop of unknown length.
                for (child, sum) in group.iter().enumerate() {
                    right += if child > within { *sum } else { 0 };
                }
                group[within] -= size;
            }
            node /= WIDTH;
        }
        right
    }

    #[cold]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are at most twice as many positions as objects"
    )]
    fn renumber(&mut self) {
        let mut next = 0;
        for position in 0..self.holder.len() {
            let o = self.holder[position];
            if o == NIL || self.position[o as usize] as usize != position {
                continue;
            }
            self.holder[next] = o;
            self.position[o as usize] = next as u32;
            self.levels[0][next] = self.levels[0][position];
            next += 1;
        }
        self.holder[next..].fill(NIL);
        self.levels[0][next..].fill(0);
        for upper in 1..self.levels.len() {
            let (below, above) = self.levels.split_at_mut(upper);
            above[0].fill(0);
            for (sum, group) in above[0].iter_mut().zip(below[upper - 1].chunks(WIDTH)) {
                *sum = group.iter().sum();
            }
        }
        self.next = next;
    }
}

impl Stack for Growing {
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are at most twice as many positions as objects"
    )]
    fn access(&mut self, o: u32, size: u64) -> Option<u64> {
        let before = self.position[o as usize];
        let distance = match before {
            NIL => None,
            before if before as usize + 1 == self.next => return Some(size),
            before => Some(self.take(before as usize, size) + size),
        };
        if self.next == self.holder.len() {
            self.position[o as usize] = NIL;
            self.renumber();
        }
        self.position[o as usize] = self.next as u32;
        self.holder[self.next] = o;
        self.add(self.next, size);
        self.next += 1;
        distance
    }

    fn delete(&mut self, o: u32, size: u64) {
        // Not used with deletions; the sum would be right, but not the most there ever was.
        let before = std::mem::replace(&mut self.position[o as usize], NIL);
        if before != NIL {
            self.take(before as usize, size);
        }
    }
}

/// With deletions the bytes above an object also shrink, but LRU does not bring back what it evicted when they were more. So
/// what counts is the largest sum since the last use: a segment tree with additions to ranges and the historic maximum of
/// each position. O(log n) with 64 bytes an object; several times slower than [`Growing`].
pub(super) struct Shrinking {
    /// Pending additions of a node: their sum, and the largest sum of the first few of them. A leaf's are its value
    /// and the largest value it had.
    nodes: Vec<(i128, i128)>,
    leaves: usize,
    holder: Vec<u32>,
    position: Vec<u32>,
    next: usize,
}

impl Shrinking {
    pub(super) fn new(objects: usize) -> Self {
        let leaves = (objects * 2).max(64).next_power_of_two();
        Self {
            nodes: vec![(0, 0); leaves * 2],
            leaves,
            holder: vec![NIL; leaves],
            position: vec![NIL; objects],
            next: 0,
        }
    }

    fn apply(&mut self, node: usize, (add, most): (i128, i128)) {
        let (sum, largest) = &mut self.nodes[node];
        *largest = (*largest).max(*sum + most);
        *sum += add;
    }

    /// Hands what is pending at a node to its children.
    fn push(&mut self, node: usize) {
        let pending = std::mem::take(&mut self.nodes[node]);
        if pending != (0, 0) {
            self.apply(node * 2, pending);
            self.apply(node * 2 + 1, pending);
        }
    }

    fn push_path(&mut self, position: usize) {
        let leaf = self.leaves + position;
        for height in (1..=self.leaves.trailing_zeros()).rev() {
            self.push(leaf >> height);
        }
    }

    /// Adds to the positions `from..to`.
    fn add(&mut self, from: usize, to: usize, size: i128) {
        if from >= to {
            return;
        }
        // Additions do not commute with maxima, so older ones are handed down before newer ones are put above.
        self.push_path(from);
        self.push_path(to - 1);
        let (mut left, mut right) = (self.leaves + from, self.leaves + to);
        while left < right {
            if left & 1 == 1 {
                self.apply(left, (size, size));
                left += 1;
            }
            if right & 1 == 1 {
                right -= 1;
                self.apply(right, (size, size));
            }
            left /= 2;
            right /= 2;
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are at most four times as many positions as objects"
    )]
    fn renumber(&mut self) {
        for node in 1..self.leaves {
            self.push(node);
        }
        let mut next = 0;
        for position in 0..self.leaves {
            let o = self.holder[position];
            if o == NIL || self.position[o as usize] as usize != position {
                continue;
            }
            self.holder[next] = o;
            self.position[o as usize] = next as u32;
            self.nodes[self.leaves + next] = self.nodes[self.leaves + position];
            next += 1;
        }
        self.holder[next..].fill(NIL);
        self.next = next;
    }
}

impl Stack for Shrinking {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are at most four times as many positions as objects"
    )]
    fn access(&mut self, o: u32, size: u64) -> Option<u64> {
        let before = std::mem::replace(&mut self.position[o as usize], NIL);
        let bytes = i128::from(size);
        let (distance, above) = if before == NIL {
            (None, 0)
        } else {
            self.push_path(before as usize);
            let (_, most) = self.nodes[self.leaves + before as usize];
            (Some(u64::try_from(most).unwrap_or(u64::MAX)), before as usize + 1)
        };
        self.add(above, self.next, bytes);
        if self.next == self.leaves {
            self.renumber();
        }
        self.push_path(self.next);
        self.nodes[self.leaves + self.next] = (bytes, bytes);
        self.position[o as usize] = self.next as u32;
        self.holder[self.next] = o;
        self.next += 1;
        distance
    }

    fn delete(&mut self, o: u32, size: u64) {
        let before = std::mem::replace(&mut self.position[o as usize], NIL);
        if before != NIL {
            self.add(0, before as usize, -i128::from(size));
        }
    }
}
