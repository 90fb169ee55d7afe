//! The order in which candidates finish against the one in which they were submitted.
//!
//! Ids are numbers in order of submission, rows in order of finishing. An **inversion** is a pair in which
//! the later submitted one finished first; Kendall's tau is 1 less four times their number by n (n - 1): 1
//! in the same order, 0 for unrelated ones, -1 reversed. A candidate's **displacement** is how many places
//! lie between its ranks in both orders.
//!
//! Inversions are counted in O(n log n) whatever the order, though most candidates finish near where they
//! were submitted: rows are marked in a bit set in order of ids, and the marks above a row counted, those of
//! its block of 512 rows word by word and all others with a Fenwick tree over blocks. Merge sort, the
//! alternative, needs no tree and twelve bytes a candidate instead of an eighth.
//!
//! References: M. Kendall, "A new measure of rank correlation", 1938, doi:10.1093/biomet/30.1-2.81; P.
//! Fenwick, "A new data structure for cumulative frequency tables", 1994, doi:10.1002/spe.4380240306.

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// Words of 64 rows in a block.
const BLOCK: usize = 8;

/// What two orders have to do with each other.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Order {
    /// Candidates that are in both.
    pub(crate) n: u64,
    /// Pairs in which the later submitted finished first.
    pub(crate) inversions: u128,
    /// Candidates that finished before one that had been submitted earlier.
    pub(crate) early: u64,
    /// Places between both ranks, summed; and the most.
    displaced: u128,
    pub(crate) most_displaced: u64,
}

impl Order {
    /// Compares: `row_of` says for each id in which row it is, [`NONE`] for none; rows are below `rows`,
    /// each at most once.
    pub(crate) fn new(row_of: &[u32], rows: usize) -> Self {
        let mut marks = Marks::new(rows);
        let mut order = Self::default();
        let mut latest = None;
        let known = || row_of.iter().copied().filter(|&row| (row as usize) < rows);
        for row in known() {
            let above = order.n - marks.below(row as usize);
            marks.mark(row as usize);
            order.inversions += u128::from(above);
            order.early += u64::from(latest > Some(row));
            latest = latest.max(Some(row));
            order.n += 1;
        }
        // Rows to which no id leads (one that occurs twice, or far too high) take no place.
        let complete = order.n == rows as u64;
        for (submitted, row) in (0_u64..).zip(known()) {
            let finished = if complete { u64::from(row) } else { marks.below(row as usize) };
            let away = finished.abs_diff(submitted);
            order.displaced += u128::from(away);
            order.most_displaced = order.most_displaced.max(away);
        }
        order
    }

    /// Kendall's tau; `None` with fewer than two candidates.
    pub(crate) fn tau(&self) -> Option<f64> {
        let n = self.n as f64;
        (self.n > 1).then(|| 1.0 - 4.0 * self.inversions as f64 / (n * (n - 1.0)))
    }

    /// The share of pairs that are inversions.
    pub(crate) fn inverted(&self) -> Option<f64> {
        self.tau().map(|tau| (1.0 - tau) / 2.0)
    }

    pub(crate) fn mean_displacement(&self) -> Option<f64> {
        (self.n > 0).then(|| self.displaced as f64 / self.n as f64)
    }

    /// The share of candidates that finished before one that had been submitted earlier.
    pub(crate) fn overtaking(&self) -> Option<f64> {
        (self.n > 0).then(|| self.early as f64 / self.n as f64)
    }
}

/// Rows that have been marked.
struct Marks {
    words: Vec<u64>,
    /// A Fenwick tree over blocks, from 1.
    tree: Vec<u32>,
}

impl Marks {
    fn new(rows: usize) -> Self {
        let words = rows / 64 + 1;
        Self { words: vec![0; words], tree: vec![0; words.div_ceil(BLOCK) + 1] }
    }

    /// How many rows below one are marked.
    #[inline]
    fn below(&self, row: usize) -> u64 {
        let (word, block) = (row / 64, row / 64 / BLOCK);
        let mut sum = (self.words[word] & ((1 << (row % 64)) - 1)).count_ones();
        sum += self.words[block * BLOCK..word].iter().map(|word| word.count_ones()).sum::<u32>();
        let mut at = block;
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        u64::from(sum)
    }

    #[inline]
    fn mark(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
        let mut at = row / 64 / BLOCK + 1;
        while at < self.tree.len() {
            self.tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All pairs, one by one; ids that have no row left out, and rows that have no id.
    fn naive(row_of: &[u32]) -> Order {
        let rows: Vec<u32> = row_of.iter().copied().filter(|&row| row != NONE).collect();
        let mut order = Order { n: rows.len() as u64, ..Order::default() };
        for (i, &row) in rows.iter().enumerate() {
            order.inversions += rows[..i].iter().filter(|&&earlier| earlier > row).count() as u128;
            order.early += u64::from(rows[..i].iter().any(|&earlier| earlier > row));
            let rank = rows.iter().filter(|&&other| other < row).count();
            order.displaced += rank.abs_diff(i) as u128;
            order.most_displaced = order.most_displaced.max(rank.abs_diff(i) as u64);
        }
        order
    }

    proptest! {
        #[test]
        fn as_if_all_pairs_were_compared(
            keys in prop::collection::vec(any::<u64>(), 0..1200), local in any::<bool>(), gaps in any::<u64>(),
        ) {
            // Sorting keys makes any order; nearly sorted keys one in which most finish near their place.
            let mut rows: Vec<u32> = (0..).take(keys.len()).collect();
            rows.sort_by_key(|&row| if local { u64::from(row) + keys[row as usize] % 50 } else { keys[row as usize] });
            for (id, row) in rows.iter_mut().enumerate() {
                if gaps >> (id % 64) & 1 == 1 && gaps % 3 == 0 {
                    *row = NONE;
                }
            }
            prop_assert_eq!(Order::new(&rows, keys.len()), naive(&rows));
        }
    }

    #[test]
    fn by_hand() {
        // Submitted 0, 1, 2, 3; finished 2, 0, 1, 3: two of six pairs are inverted.
        let order = Order::new(&[1, 2, 0, 3], 4);
        assert_eq!((order.n, order.inversions, order.early, order.most_displaced), (4, 2, 1, 2));
        assert!((order.tau().unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!((order.mean_displacement().unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(Order::new(&[3, 2, 1, 0], 4).tau(), Some(-1.0));
        assert_eq!(Order::new(&[0], 1).tau(), None);
        assert_eq!(Order::new(&[], 0).overtaking(), None);
    }
}
