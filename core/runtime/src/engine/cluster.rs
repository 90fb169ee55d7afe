//! The virtual cluster: who is idle, what is running, what finishes next.
//!
//! Time is a whole number of microseconds. Of several candidates that finish in the same microsecond the one with
//! the lower id finishes first; idle workers are kept in the order of their numbers.

use super::live::SlotId;
use lamarck_model::{CandidateId, Idle};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A candidate that will finish. The order of the fields is the tie rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finish {
    pub(super) at_us: u64,
    pub(super) candidate: CandidateId,
    pub(super) slot: SlotId,
    pub(super) worker: u32,
}

#[derive(Debug)]
pub(super) struct Cluster {
    workers_per_node: u32,
    idle: Vec<Idle>,
    running: BinaryHeap<Reverse<Finish>>,
}

impl Cluster {
    pub(super) fn new(workers: u32, workers_per_node: u32) -> Self {
        let idle = (0..workers).map(|worker| Idle { worker, node: worker / workers_per_node, since_us: 0 });
        Self { workers_per_node, idle: idle.collect(), running: BinaryHeap::with_capacity(workers as usize) }
    }

    pub(super) fn idle(&self) -> &[Idle] {
        &self.idle
    }

    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    /// Starts a candidate on the idle worker at this position. Positions of the others stay valid until
    /// [`settle`](Self::settle).
    pub(super) fn start(&mut self, finish: Finish) {
        self.running.push(Reverse(finish));
    }

    /// Takes the workers for which `taken` says so off the idle list.
    pub(super) fn settle(&mut self, taken: impl Fn(usize) -> bool) {
        let mut position = 0;
        self.idle.retain(|_| {
            position += 1;
            !taken(position - 1)
        });
    }

    /// When the next candidate finishes.
    pub(super) fn next_at(&self) -> Option<u64> {
        self.running.peek().map(|Reverse(finish)| finish.at_us)
    }

    /// Lets the next candidate finish; its worker becomes idle.
    pub(super) fn finish_next(&mut self) -> Option<Finish> {
        let Reverse(finish) = self.running.pop()?;
        let idle = Idle {
            worker: finish.worker,
            node: finish.worker / self.workers_per_node,
            since_us: finish.at_us,
        };
        let position = self.idle.partition_point(|other| other.worker < idle.worker);
        self.idle.insert(position, idle);
        Some(finish)
    }

    /// Everything that is running, in no order; the cluster is empty afterwards.
    pub(super) fn stop(&mut self) -> Vec<Finish> {
        self.running.drain().map(|Reverse(finish)| finish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_lower_candidate_and_idle_workers_stay_sorted() {
        let mut cluster = Cluster::new(3, 2);
        assert_eq!(cluster.idle().iter().map(|idle| idle.node).collect::<Vec<_>>(), [0, 0, 1]);
        for (worker, candidate, at_us) in [(0, 9, 5), (1, 4, 5), (2, 7, 4)] {
            cluster.start(Finish { at_us, candidate, slot: 0, worker });
        }
        cluster.settle(|_| true);
        assert!(cluster.idle().is_empty());
        let order: Vec<_> =
            std::iter::from_fn(|| cluster.finish_next()).map(|finish| finish.candidate).collect();
        assert_eq!(order, [7, 4, 9]);
        assert_eq!(cluster.idle().iter().map(|idle| idle.worker).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
