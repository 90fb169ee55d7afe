//! Workers and nodes: who runs how much, how fast, and from where it reads.

use crate::moments::Moments;

/// Numbers of workers and nodes up to here are followed, so that wild ones cannot exhaust the memory.
const MOST: u32 = 1 << 20;

/// A worker.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Worker {
    /// Candidates it ran, and microseconds that their last attempts took.
    pub(crate) candidates: u64,
    pub(crate) busy: u128,
    /// The row that it finished last, and when.
    last: Option<(u32, u64)>,
}

/// A node.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Node {
    /// Candidates that it ran.
    pub(crate) candidates: u64,
    /// Microseconds that their last attempts took.
    pub(crate) busy: u128,
    /// Microseconds of training, of those that ended well.
    pub(crate) train: Moments,
    /// Bytes taken over by its candidates: from its own cache, and from the repository.
    pub(crate) cached: u128,
    pub(crate) fetched: u128,
    /// Bytes that others took over from candidates of this node, their donors.
    pub(crate) lent: u128,
    /// Children that ran here, of parents whose node is known; and those of parents that ran here too.
    pub(crate) children: u64,
    pub(crate) at_home: u64,
}

/// All of them, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    pub(crate) workers: Vec<Worker>,
    pub(crate) list: Vec<Node>,
    /// Children, and those that ran where their donor did.
    pub(crate) borrowers: u64,
    pub(crate) at_donors: u64,
    /// Candidates whose worker or node has a number that is not followed.
    pub(crate) unfollowed: u64,
}

/// A place in a list that grows as needed.
#[inline]
fn entry<'a, T: Clone + Default>(
    list: &'a mut Vec<T>,
    number: u32,
    unfollowed: &mut u64,
) -> Option<&'a mut T> {
    if number >= MOST {
        *unfollowed += 1;
        return None;
    }
    let at = number as usize;
    if at >= list.len() {
        list.resize(at + 1, T::default());
    }
    list.get_mut(at)
}

impl Nodes {
    #[inline]
    pub(crate) fn worker(&mut self, number: u32) -> Option<&mut Worker> {
        entry(&mut self.workers, number, &mut self.unfollowed)
    }

    #[inline]
    pub(crate) fn node(&mut self, number: u32) -> Option<&mut Node> {
        entry(&mut self.list, number, &mut self.unfollowed)
    }

    /// The number of rows after which a worker became idle, if it did so at this very time.
    #[inline]
    pub(crate) fn idle_since(&self, worker: Option<u32>, time: u64) -> Option<u32> {
        let (row, finished) = self.workers.get(worker? as usize)?.last?;
        (finished == time).then_some(row + 1)
    }

    /// Workers that ran anything.
    pub(crate) fn active(&self) -> u64 {
        self.workers.iter().filter(|worker| worker.candidates > 0).count() as u64
    }

    /// Nodes that ran anything.
    pub(crate) fn active_nodes(&self) -> u64 {
        self.list.iter().filter(|node| node.candidates > 0).count() as u64
    }

    /// The probability that two candidates, drawn evenly, ran on the same node.
    pub(crate) fn concentration(&self) -> Option<f64> {
        concentration(self.list.iter().map(|node| node.candidates as f64))
    }

    /// The same of two bytes that were lent; and the largest share of a node.
    pub(crate) fn lenders(&self) -> Option<(f64, f64)> {
        let lent = || self.list.iter().map(|node| node.lent as f64);
        let most = lent().fold(0.0, f64::max) / lent().sum::<f64>();
        concentration(lent()).map(|concentration| (concentration, most))
    }

    /// Mean training times of the nodes that trained anything, with the number of their candidates, fastest
    /// first.
    pub(crate) fn training(&self) -> Vec<(f64, u64)> {
        let one =
            |node: &Node| node.train.mean().filter(|mean| *mean > 0.0).map(|mean| (mean, node.candidates));
        let mut all: Vec<(f64, u64)> = self.list.iter().filter_map(one).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }
}

impl Worker {
    #[inline]
    pub(crate) fn ran(&mut self, busy: Option<u64>, row: Option<(u32, u64)>) {
        self.candidates += 1;
        self.busy += u128::from(busy.unwrap_or(0));
        if row.is_some() {
            self.last = row;
        }
    }
}

/// Sum of squared shares.
fn concentration(parts: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, squares) = parts.fold((0.0, 0.0), |(sum, squares), part| (sum + part, squares + part * part));
    (sum > 0.0).then(|| squares / (sum * sum))
}
