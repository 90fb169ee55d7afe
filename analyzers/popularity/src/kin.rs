//! Who descends from whom.

use crate::lives::{Life, Lives, NONE};

/// Longest walk up a line of parents. Imported lineages may go in circles, and a walk must end.
const LONGEST: u32 = 100_000;

/// What a donor's successor is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kin {
    Descendant,
    Relative,
    Unrelated,
    /// The trace names no parents.
    Unknown,
    /// There is no successor.
    Nobody,
}

impl Kin {
    pub(crate) const ALL: [Self; 5] =
        [Self::Descendant, Self::Relative, Self::Unrelated, Self::Unknown, Self::Nobody];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Descendant => "descendant",
            Self::Relative => "relative",
            Self::Unrelated => "unrelated",
            Self::Unknown => "not known",
            Self::Nobody => "nobody",
        }
    }
}

fn parent(lives: &Lives, id: u32) -> Option<u32> {
    lives.get(id).map(|life| life.parent).filter(|&parent| parent != NONE)
}

/// A candidate and its ancestors, the nearest first, at most so many generations up.
fn line(lives: &Lives, id: u32, generations: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(id), |&id| parent(lives, id)).take(generations as usize + 1)
}

/// Whether `ancestor` is a proper ancestor of `id`.
///
/// An ancestor's depth is less, so the walk need go no further than the difference. Where parents' rows came after
/// their children's, depths are too low, and `at_least` generations are searched all the same.
pub(crate) fn descends(lives: &Lives, id: u32, ancestor: u32, at_least: u32) -> bool {
    let depth = |id| lives.get(id).map_or(0, Life::depth);
    let generations = depth(id).saturating_sub(depth(ancestor)).max(at_least).min(LONGEST);
    id != ancestor && line(lives, id, generations).skip(1).any(|of| of == ancestor)
}

/// Whether two candidates have a common ancestor at most so many generations above either (either may be it).
pub(crate) fn related(lives: &Lives, a: u32, b: u32, generations: u32) -> bool {
    line(lives, a, generations).any(|of_a| line(lives, b, generations).any(|of_b| of_a == of_b))
}

/// What `successor` is to `fallen`.
pub(crate) fn kin(lives: &Lives, fallen: u32, successor: u32, generations: u32) -> Kin {
    if descends(lives, successor, fallen, generations) {
        Kin::Descendant
    } else if related(lives, fallen, successor, generations) {
        Kin::Relative
    } else {
        Kin::Unrelated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lives from (id, parent).
    fn family(parents: &[(u32, u32)]) -> Lives {
        let mut lives = Lives::default();
        for &(id, parent) in parents {
            let depth = lives.known(parent).map_or(0, |life| life.depth() + 1);
            let life = lives.entry(id);
            (life.row, life.parent) = (id, parent);
            life.set_depth(depth, parent != NONE);
        }
        lives
    }

    #[test]
    fn a_family() {
        // 0 -> 1 -> 2 -> 3 -> 4 and 1 -> 5; 6 stands alone.
        let lives = family(&[(0, NONE), (1, 0), (2, 1), (3, 2), (4, 3), (5, 1), (6, NONE)]);
        assert_eq!(kin(&lives, 0, 4, 0), Kin::Descendant);
        assert_eq!(kin(&lives, 4, 0, 4), Kin::Relative);
        assert_eq!(kin(&lives, 4, 0, 3), Kin::Unrelated);
        // The common ancestor of 4 and 5 is 1, three generations above 4.
        assert_eq!(kin(&lives, 4, 5, 3), Kin::Relative);
        assert_eq!(kin(&lives, 4, 5, 2), Kin::Unrelated);
        assert_eq!(kin(&lives, 4, 6, 64), Kin::Unrelated);
        assert!(!descends(&lives, 3, 3, 9));
    }

    #[test]
    fn circles_end() {
        let lives = family(&[(0, 1), (1, 2), (2, 0), (3, 3), (4, NONE)]);
        assert_eq!(kin(&lives, 0, 1, 9), Kin::Descendant);
        assert_eq!(kin(&lives, 3, 4, 9), Kin::Unrelated);
        assert_eq!(kin(&lives, 4, 3, 64), Kin::Unrelated);
    }
}
