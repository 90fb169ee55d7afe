//! Which candidates of a run the page keeps.

use lamarck_model::{CandidateId, CandidateRecord, Nullable as _, Status};
use rustc_hash::FxHashMap;

/// How many candidates are kept, at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepRule {
    /// Candidates, some 100 bytes each.
    pub candidates: usize,
    /// Of these, how many with their architecture, from some ten bytes up to some kilobytes each.
    pub architectures: usize,
}

impl Default for KeepRule {
    fn default() -> Self {
        Self { candidates: 20_000, architectures: 5_000 }
    }
}

/// Sees every candidate of a run, in the order in which they finish, and remembers what it takes to choose: 24 bytes a
/// candidate, 16 where there are no donors.
#[derive(Debug, Clone, Default)]
pub struct Census {
    ids: Vec<CandidateId>,
    parents: Vec<u64>,
    /// Empty as long as nobody had one.
    donors: Vec<u64>,
    best: Option<(f64, CandidateId)>,
}

/// The candidates that are kept, most important first, with what only a look at the whole run can say of them.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    pub(super) ranks: FxHashMap<CandidateId, Member>,
    pub(super) leaders: Vec<CandidateId>,
    pub(super) best: Option<CandidateId>,
    pub(super) total: u64,
    pub(super) architectures: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) rank: usize,
    pub(super) children: u32,
    /// Not known in a cycle, which only an imported lineage can have.
    pub(super) descendants: Option<u32>,
}

impl Census {
    /// Before the first candidate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a candidate.
    pub fn add(&mut self, record: &CandidateRecord) {
        if !self.donors.is_empty() || !record.donor.is_none() {
            self.donors.resize(self.ids.len(), u64::NONE);
            self.donors.push(record.donor);
        }
        self.ids.push(record.id);
        self.parents.push(record.parent);
        let better = |(score, id): (f64, CandidateId)| {
            record.score > score || (record.score >= score && record.id < id)
        };
        if record.status() == Some(Status::Ok) && record.score.is_finite() && self.best.is_none_or(better) {
            self.best = Some((record.score, record.id));
        }
    }

    /// Chooses. In this order, until the rule's number is reached: the best candidate (highest score; of several the
    /// smallest id) and its ancestors; the donors of these; the leaders, in the order given; the last `population` that
    /// finished, latest first; then others, spread evenly over the run, each with its ancestors. Lines merge after a
    /// few generations, so that whole lines cost little more than their ends; and a cut anywhere in this order leaves
    /// candidates from the whole run, which the first ones would not be.
    pub fn keep(&self, leaders: &[CandidateId], population: usize, rule: &KeepRule) -> Kept {
        let index = Index::new(&self.ids);
        let mut order = Order { rows: Vec::new(), taken: vec![false; self.ids.len()], most: rule.candidates };
        let best = self.best.map(|(_, id)| id);
        // A cycle ends the walk, since what is taken is not taken again.
        let mut ancestry = Vec::new();
        let mut next = best;
        while let Some(row) = order.take(next.and_then(|id| index.row(id))) {
            ancestry.push(row);
            next = self.parents[row].known();
        }
        for row in ancestry {
            order.take(self.donors.get(row).and_then(|&donor| index.row(donor)));
        }
        for &leader in leaders {
            order.take(index.row(leader));
        }
        // Rows whose id came before are not in the index and are left out.
        let known = |row: &usize| index.row(self.ids[*row]) == Some(*row);
        for row in (0..self.ids.len()).rev().filter(known).take(population) {
            order.take(Some(row));
        }
        for row in spread(self.ids.len()).filter(known) {
            let mut next = Some(row);
            while let Some(row) = order.take(next) {
                next = self.parents[row].known().and_then(|id| index.row(id));
            }
            if order.is_full() {
                break;
            }
        }
        let (children, descendants) = self.offspring(&index);
        let member = |(rank, &row): (usize, &usize)| {
            let member = Member { rank, children: children[row], descendants: descendants[row] };
            (self.ids[row], member)
        };
        let ranks: FxHashMap<_, _> = order.rows.iter().enumerate().map(member).collect();
        let leaders = leaders.iter().copied().filter(|id| ranks.contains_key(id)).collect();
        let best = best.filter(|id| ranks.contains_key(id));
        Kept { ranks, leaders, best, total: self.ids.len() as u64, architectures: rule.architectures }
    }

    /// Children and descendants of every row, from the leaves up: a row is done when all its children are.
    fn offspring(&self, index: &Index) -> (Vec<u32>, Vec<Option<u32>>) {
        let parent = |row: usize| self.parents[row].known().and_then(|id| index.row(id));
        let mut children = vec![0_u32; self.ids.len()];
        for row in 0..self.ids.len() {
            if let Some(parent) = parent(row) {
                children[parent] = children[parent].saturating_add(1);
            }
        }
        let mut open = children.clone();
        let mut sums = vec![0_u32; self.ids.len()];
        let mut done: Vec<usize> = (0..self.ids.len()).filter(|&row| children[row] == 0).collect();
        let mut at = 0;
        while let Some(&row) = done.get(at) {
            at += 1;
            if let Some(parent) = parent(row) {
                sums[parent] = sums[parent].saturating_add(sums[row]).saturating_add(1);
                open[parent] -= 1;
                if open[parent] == 0 {
                    done.push(parent);
                }
            }
        }
        let descendants = sums.into_iter().zip(open).map(|(sum, open)| (open == 0).then_some(sum)).collect();
        (children, descendants)
    }
}

/// The rows that are kept, most important first.
struct Order {
    rows: Vec<usize>,
    taken: Vec<bool>,
    most: usize,
}

impl Order {
    fn is_full(&self) -> bool {
        self.rows.len() >= self.most
    }

    /// Takes a row, and gives it back if it was not there before and there is room.
    fn take(&mut self, row: Option<usize>) -> Option<usize> {
        let row = row?;
        if self.taken[row] || self.is_full() {
            return None;
        }
        self.taken[row] = true;
        self.rows.push(row);
        Some(row)
    }
}

/// All rows in an order of which every beginning is spread evenly over them: the van der Corput sequence in base 2 (1935),
/// which counts with its digits reversed.
fn spread(rows: usize) -> impl Iterator<Item = usize> {
    let digits = usize::BITS - rows.saturating_sub(1).leading_zeros();
    let all = 0..rows.checked_next_power_of_two().unwrap_or(rows);
    all.map(move |k| k.reverse_bits().checked_shr(usize::BITS - digits).unwrap_or(0))
        .filter(move |&row| row < rows)
}

/// Rows by id. Ids are mostly 0, 1, 2, .. up to the number of rows, in any order; then a list serves as the map.
enum Index {
    Dense(Vec<u32>),
    Sparse(FxHashMap<CandidateId, usize>),
}

impl Index {
    fn new(ids: &[CandidateId]) -> Self {
        let mut rows = vec![u32::MAX; ids.len()];
        for (row, &id) in ids.iter().enumerate() {
            let (Ok(place), Ok(row)) = (usize::try_from(id), u32::try_from(row)) else {
                return Self::sparse(ids);
            };
            match rows.get_mut(place) {
                Some(slot) if *slot == u32::MAX => *slot = row,
                _ => return Self::sparse(ids),
            }
        }
        Self::Dense(rows)
    }

    /// Of rows with the same id the first counts.
    fn sparse(ids: &[CandidateId]) -> Self {
        let mut rows = FxHashMap::default();
        for (row, &id) in ids.iter().enumerate() {
            rows.entry(id).or_insert(row);
        }
        Self::Sparse(rows)
    }

    fn row(&self, id: CandidateId) -> Option<usize> {
        match self {
            Self::Dense(rows) => {
                usize::try_from(id).ok().and_then(|id| rows.get(id)).map(|&row| row as usize)
            }
            Self::Sparse(rows) => rows.get(&id).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(id: u64, parent: Option<u64>, donor: Option<u64>, score: f64) -> CandidateRecord {
        CandidateRecord {
            id,
            parent: parent.unwrap_or(u64::NONE),
            donor: donor.unwrap_or(u64::NONE),
            score,
            ..CandidateRecord::default()
        }
    }

    fn census(records: &[CandidateRecord]) -> Census {
        let mut census = Census::new();
        for record in records {
            census.add(record);
        }
        census
    }

    fn order(kept: &Kept) -> Vec<u64> {
        let mut ids: Vec<u64> = kept.ranks.keys().copied().collect();
        ids.sort_by_key(|id| kept.ranks[id].rank);
        ids
    }

    /// 0 - 2 - 5 is the best's line, 5's donor is 3; 1 - 4; 6, 7 alone.
    fn run() -> Census {
        let rows = [
            (0, None, None, 0.1),
            (1, None, None, 0.2),
            (3, None, None, 0.3),
            (2, Some(0), None, 0.3),
            (4, Some(1), Some(2), 0.2),
            (5, Some(2), Some(3), 0.9),
            (7, None, None, 0.9),
            (6, None, None, f64::NAN),
        ];
        census(&rows.map(|(id, parent, donor, score)| record(id, parent, donor, score)))
    }

    #[test]
    fn ancestors_then_donors_then_leaders_then_the_last_then_the_first() {
        let all = KeepRule::default();
        let kept = run().keep(&[4, 99, 4], 2, &all);
        assert_eq!(order(&kept), [5, 2, 0, 3, 4, 6, 7, 1]);
        assert_eq!((kept.best, kept.leaders.as_slice(), kept.total), (Some(5), &[4, 4][..], 8));
        let few = run().keep(&[4], 2, &KeepRule { candidates: 4, architectures: 1 });
        assert_eq!(order(&few), [5, 2, 0, 3]);
        assert!(few.leaders.is_empty());
        assert_eq!((kept.ranks[&0].children, kept.ranks[&0].descendants), (1, Some(2)));
        assert_eq!((kept.ranks[&5].children, kept.ranks[&5].descendants), (0, Some(0)));
    }

    #[test]
    fn imported_lineages_may_be_anything() {
        assert_eq!(order(&census(&[]).keep(&[3], 5, &KeepRule::default())), [0_u64; 0]);
        let rows = [
            record(700, Some(u64::MAX - 1), None, 0.2),
            record(10, Some(20), None, 0.5),
            record(20, Some(10), None, 0.1),
            record(30, Some(30), Some(30), 0.1),
            record(10, Some(700), None, 0.9),
        ];
        let kept = census(&rows).keep(&[30], 9, &KeepRule::default());
        assert_eq!(kept.ranks.len(), 4, "an id counts once");
        assert_eq!(kept.best, Some(10));
        assert_eq!(kept.ranks[&10].descendants, None, "a cycle has no end");
    }

    #[test]
    fn the_rest_is_spread_over_the_run_with_its_ancestors() {
        assert_eq!(spread(6).collect::<Vec<_>>(), [0, 4, 2, 1, 5, 3]);
        assert_eq!((spread(0).count(), spread(1).collect::<Vec<_>>()), (0, vec![0]));
        // A chain for each remainder by 3; 90 is the best, of chain 0.
        let rows: Vec<_> =
            (0..96).map(|id| record(id, id.checked_sub(3), None, if id == 90 { 1.0 } else { 0.0 })).collect();
        let few = KeepRule { candidates: 60, architectures: 0 };
        let kept = order(&census(&rows).keep(&[], 0, &few));
        // Chain 0 up from 90, then row 64 and all above it, then 32 has been there, then 16, ..
        assert_eq!(kept[..2], [90, 87]);
        assert_eq!(kept[31..34], [64, 61, 58]);
        assert_eq!(kept.len(), 60);
        let here = |id: u64| kept.contains(&id);
        let broken = kept.iter().filter(|&&id| id >= 3 && !here(id - 3)).count();
        assert!(broken <= 1, "only the line that was cut is broken: {broken}");
    }

    proptest! {
        #[test]
        fn every_row_comes_once_and_any_beginning_is_spread(rows in 1_usize..600, share in 1_usize..8) {
            let order: Vec<usize> = spread(rows).collect();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..rows).collect::<Vec<_>>());
            let mut beginning = order[..rows.div_ceil(share)].to_vec();
            beginning.sort_unstable();
            let widest = beginning.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
            prop_assert!(widest <= 4 * share, "{} of {} rows leave a gap of {}", beginning.len(), rows, widest);
        }

        #[test]
        fn descendants_are_what_walking_up_counts(parents in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
            let rows: Vec<_> = parents
                .iter()
                .enumerate()
                .map(|(i, parent)| {
                    let parent = (i > 0).then(|| parent.index(i + 1)).filter(|&parent| parent < i);
                    record(i as u64, parent.map(|parent| parent as u64), None, 0.0)
                })
                .collect();
            let kept = census(&rows).keep(&[], 3, &KeepRule::default());
            let mut counted = vec![0_u32; rows.len()];
            for row in &rows {
                let mut next = row.parent.known();
                while let Some(parent) = next.and_then(|id| usize::try_from(id).ok()) {
                    counted[parent] += 1;
                    next = rows[parent].parent.known();
                }
            }
            for (i, counted) in counted.into_iter().enumerate() {
                prop_assert_eq!(kept.ranks[&(i as u64)].descendants, Some(counted));
            }
        }
    }
}
