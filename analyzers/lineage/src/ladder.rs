//! Lowest common ancestors in a growing forest.
//!
//! Each node keeps its depth and one **jump** to an ancestor, laid out as the digits of a skew binary number, so that
//! any ancestor is reached in O(log depth) steps and where a jump leads depends on the depth alone. That is eight bytes
//! a node, and no step is ever long. The obvious alternative, counts of living branches kept up to date as members come
//! and go, is faster while lines die for good; but with many workers a child turns up long after its parent's line
//! seemed dead, the line is brought back and dies again, and with a population of one and two workers every step would
//! walk to the founder and back.
//!
//! Reference: E. Myers, "An applicative random-access stack", 1983, doi:10.1016/0020-0190(83)90106-0.

use crate::genealogy::NONE;

/// The forest. Node 0 is no candidate but where founders hang from, so that any two nodes have a common ancestor; a row
/// is the node one higher.
#[derive(Debug, Clone)]
pub(crate) struct Ladder<'a> {
    /// By row the parent's row, [`NONE`] for founders.
    parents: &'a [u32],
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    jump: u32,
    depth: u32,
}

/// A row as a node; no row is node 0.
#[inline]
pub(crate) fn node(row: u32) -> u32 {
    const { assert!(NONE.wrapping_add(1) == 0) };
    row.wrapping_add(1)
}

impl<'a> Ladder<'a> {
    /// Node 0 alone, with room for all. Parents must have lower rows than their children.
    pub(crate) fn new(parents: &'a [u32]) -> Self {
        let mut steps = Vec::with_capacity(parents.len().saturating_add(1));
        steps.push(Step { jump: 0, depth: 0 });
        Self { parents, steps }
    }

    #[inline]
    fn at(&self, node: u32) -> Step {
        self.steps[node as usize]
    }

    /// The parent of a node other than 0.
    #[inline]
    fn parent(&self, of: u32) -> u32 {
        node(self.parents[of as usize - 1])
    }

    /// Adds the next row, and returns its node.
    #[inline]
    pub(crate) fn push(&mut self) -> u32 {
        let row = self.steps.len() - 1;
        let parent = node(self.parents[row]);
        let up = self.at(parent);
        let over = self.at(up.jump);
        let even = up.depth - over.depth == over.depth - self.at(over.jump).depth;
        let jump = if even { over.jump } else { parent };
        self.steps.push(Step { jump, depth: up.depth + 1 });
        // There are fewer rows than there are u32s.
        u32::try_from(row + 1).unwrap_or_default()
    }

    /// Generations from node 0; founders have 1.
    #[inline]
    pub(crate) fn depth(&self, node: u32) -> u32 {
        self.at(node).depth
    }

    /// The deepest node that both descend from or are.
    #[inline]
    pub(crate) fn common(&self, a: u32, b: u32) -> u32 {
        let (mut a, mut b) = if self.depth(a) < self.depth(b) { (a, b) } else { (b, a) };
        let depth = self.depth(a);
        while self.depth(b) > depth {
            let step = self.at(b);
            b = if self.depth(step.jump) >= depth { step.jump } else { self.parent(b) };
        }
        while a != b {
            let (x, y) = (self.at(a), self.at(b));
            (a, b) = if x.jump == y.jump { (self.parent(a), self.parent(b)) } else { (x.jump, y.jump) };
        }
        a
    }
}

/// The common ancestor of a queue: of the nodes that entered and have not left.
///
/// Two stacks, each node with the common ancestor of itself and all that lie on one side of it: three searches a node,
/// however many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommonAncestor {
    leaving: Vec<u32>,
    entered: Vec<u32>,
    of_entered: Option<u32>,
    /// The last answer, and of what: both change much less often than members come and go.
    last: Option<(u32, u32, u32)>,
}

impl CommonAncestor {
    pub(crate) fn enter(&mut self, node: u32, ladder: &Ladder<'_>) {
        self.entered.push(node);
        self.of_entered = Some(self.of_entered.map_or(node, |other| ladder.common(other, node)));
    }

    /// The one that entered first leaves.
    pub(crate) fn leave(&mut self, ladder: &Ladder<'_>) {
        if self.leaving.is_empty() {
            let mut of_all: Option<u32> = None;
            while let Some(node) = self.entered.pop() {
                let common = of_all.map_or(node, |other| ladder.common(other, node));
                of_all = Some(common);
                self.leaving.push(common);
            }
            self.of_entered = None;
        }
        self.leaving.pop();
    }

    /// The common ancestor of all; `None` of nothing.
    pub(crate) fn get(&mut self, ladder: &Ladder<'_>) -> Option<u32> {
        let (old, new) = match (self.leaving.last(), self.of_entered) {
            (Some(&old), Some(new)) => (old, new),
            (Some(&one), None) | (None, Some(one)) => return Some(one),
            (None, None) => return None,
        };
        let common = match self.last {
            Some((last_old, last_new, common)) if (last_old, last_new) == (old, new) => common,
            _ => ladder.common(old, new),
        };
        self.last = Some((old, new, common));
        Some(common)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// From a node up to node 0.
    fn line(parents: &[u32], node: u32) -> Vec<u32> {
        let up = |&node: &u32| (node > 0).then(|| parents[node as usize - 1]);
        std::iter::successors(Some(node), up).collect()
    }

    /// The first node on the way up from the first that is on the way up from all others.
    fn naive(parents: &[u32], nodes: impl IntoIterator<Item = u32>) -> Option<u32> {
        let mut lines = nodes.into_iter().map(|node| line(parents, node));
        let first = lines.next()?;
        let others: Vec<Vec<u32>> = lines.collect();
        first.into_iter().find(|node| others.iter().all(|line| line.contains(node)))
    }

    proptest! {
        #[test]
        fn the_common_ancestor_is_what_searching_every_line_finds(
            draws in prop::collection::vec((0_u32..1000, 0_u8..4), 1..120),
            reach in 1_u32..40,
            members in 1_usize..12,
        ) {
            // Parents among the last `reach` nodes, so that lines get long.
            let parents: Vec<u32> = (1..)
                .zip(&draws)
                .map(|(node, &(draw, founder))| {
                    if founder == 0 { 0 } else { u32::saturating_sub(node - 1, draw % reach) }
                })
                .collect();
            let rows: Vec<u32> = parents.iter().map(|parent| parent.wrapping_sub(1)).collect();
            let mut ladder = Ladder::new(&rows);
            let (mut queue, mut common) = (VecDeque::new(), CommonAncestor::default());
            for (draw, _) in draws {
                let node = ladder.push();
                prop_assert_eq!(ladder.depth(node) as usize, line(&parents, node).len() - 1);
                queue.push_back(node);
                common.enter(node, &ladder);
                if queue.len() > members {
                    queue.pop_front();
                    common.leave(&ladder);
                }
                prop_assert_eq!(common.get(&ladder), naive(&parents, queue.iter().copied()));
                let other = draw % node + 1;
                prop_assert_eq!(Some(ladder.common(other, node)), naive(&parents, [other, node]));
            }
        }
    }

    #[test]
    fn a_line_of_a_million_is_climbed_in_few_steps() {
        // Two lines of half a million each, which alternate: what counting living branches would choke on.
        let rows: Vec<u32> = (0..1_000_000_u32).map(|row| row.checked_sub(2).unwrap_or(NONE)).collect();
        let mut ladder = Ladder::new(&rows);
        for _ in &rows {
            ladder.push();
        }
        let mut common = CommonAncestor::default();
        for node in 500_000..1_000_000 {
            common.enter(node, &ladder);
            if node > 500_000 {
                common.leave(&ladder);
            }
            assert_eq!(common.get(&ladder), Some(node));
        }
        assert_eq!(ladder.common(999_999, 1_000_000), 0);
        assert_eq!(ladder.common(999_998, 1_000_000), 999_998);
    }
}
