//! Children go where their prefix is.

use crate::cached::row;
use crate::patience::{PATIENCE, Patience, PatienceOptions};
use lamarck_sdk::prelude::*;
use std::cmp::Reverse;

/// Places each child where most bytes of its prefix are cached.
///
/// Of all pairs of a candidate and a worker whose node holds something of its prefix, the one with the most bytes
/// is placed, then the one with the most of what is left, and so on; ties go to the older candidate, then to the
/// lower worker. Candidates of which nothing is cached on what is left go first in, first out to the workers that
/// no other wanted: they choose last, so they never take a worker from one that it would suit. Option `patience`:
/// see the [crate's documentation](crate#patience).
///
/// Without node caches, or while they are empty, this is [`Fifo`](crate::Fifo).
///
/// # Why greedy, why bytes
///
/// The largest sum of cached bytes is an assignment problem, which takes time cubic in the workers (Hungarian
/// method). The greedy pairs have at least half of that sum (D. Avis, "A survey of heuristics for the weighted
/// matching problem", Networks 13 (1983), doi:10.1002/net.3230130404), and all of it with one idle worker, which is
/// the steady state, unless someone is due. Greedy is also easier to argue with: nobody is sent to a worse node for
/// the sake of a sum.
///
/// Bytes are what a read over the network would cost. The share of the prefix that is cached would send small
/// models to their caches first, and the load of the repository is made by large ones.
///
/// Sending work to where its data were used before is as old as distributed file systems; for caches of nodes it
/// was studied as locality-aware request distribution (V. Pai et al., ASPLOS 1998, doi:10.1145/291069.291048),
/// whose finding that pure locality overloads the node with the popular data has no place here: only idle workers
/// are looked at.
///
/// # Cost
///
/// With R candidates, I workers and C pairs with cached bytes: O(R + I) where nothing is cached, O(R I + C log C)
/// otherwise, as the matrix has to be read. Only pairs that can still matter are sorted: the best 4 min(R, I), then
/// twice as many of those whose candidate and worker are both left, and so on. With cached bytes everywhere that
/// takes half the time of sorting them all (`benches/assign.rs`).
#[derive(Debug, Clone)]
pub struct DonorLocality {
    patience: Patience,
    pairs: Vec<Pair>,
    /// Workers that were given a candidate, by position.
    taken: Vec<bool>,
}

/// A candidate and a worker whose node holds something of its prefix. The best pair is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    bytes: Reverse<u64>,
    ready: u32,
    idle: u32,
}

impl Component for DonorLocality {
    type Options = PatienceOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "donor-locality",
        "places each child where most bytes of its prefix are cached; what has none cached goes first in, first out",
    )
    .references(&["doi:10.1145/291069.291048", "doi:10.1002/net.3230130404", "arXiv:2309.12576"])
    .options(&[PATIENCE]);

    fn create(options: PatienceOptions, _: &Context) -> Result<Self> {
        Ok(Self { patience: Patience::new(options), pairs: Vec::new(), taken: Vec::new() })
    }
}

impl DonorLocality {
    /// Finds the pairs with cached bytes. Rows that hold none are not read.
    fn find_pairs(&mut self, situation: &Situation<'_>) {
        self.pairs.clear();
        if situation.cached.is_empty() {
            return;
        }
        for ready in 0..situation.ready.len() {
            if situation.cached_anywhere.get(ready) == Some(&0) {
                continue;
            }
            let cells = (0_u32..).zip(row(situation, ready));
            let Ok(ready) = u32::try_from(ready) else { break };
            self.pairs.extend(cells.filter(|&(_, &bytes)| bytes > 0).map(|(idle, &bytes)| Pair {
                bytes: Reverse(bytes),
                ready,
                idle,
            }));
        }
    }

    /// Places pairs, the best first, until no worker or no pair is left.
    fn place_pairs(&mut self, out: &mut Placement) {
        let mut batch = 4 * self.patience.left();
        while self.patience.left() > 0 && !self.pairs.is_empty() {
            let end = batch.min(self.pairs.len());
            if end < self.pairs.len() {
                self.pairs.select_nth_unstable(end);
            }
            self.pairs[..end].sort_unstable();
            for pair in self.pairs.drain(..end) {
                let (ready, idle) = (pair.ready as usize, pair.idle as usize);
                if !self.taken[idle] && self.patience.may_go(ready) {
                    self.taken[idle] = true;
                    self.patience.place(ready, idle, out);
                }
            }
            let (taken, patience) = (&self.taken, &self.patience);
            self.pairs.retain(|pair| !taken[pair.idle as usize] && patience.may_go(pair.ready as usize));
            batch = batch.saturating_mul(2);
        }
    }

    /// Places what is left in order of age on the workers that are left.
    fn place_rest(&mut self, situation: &Situation<'_>, out: &mut Placement) {
        let mut workers = (0..situation.idle.len()).filter(|&idle| !self.taken[idle]);
        for ready in 0..situation.ready.len() {
            if self.patience.left() == 0 {
                break;
            }
            if self.patience.may_go(ready) {
                let Some(idle) = workers.next() else { break };
                self.patience.place(ready, idle, out);
            }
        }
    }
}

impl Scheduler for DonorLocality {
    fn wants_cached(&self) -> bool {
        true
    }

    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        self.patience.begin(situation);
        self.taken.clear();
        self.taken.resize(situation.idle.len(), false);
        self.find_pairs(situation);
        self.place_pairs(out);
        self.place_rest(situation, out);
        self.patience.end(situation);
        Ok(())
    }
}
