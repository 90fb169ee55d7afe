//! The way to the repository: transfers that share its bandwidth.
//!
//! All transfers under way get the same share: the bandwidth over their number, or what one worker's link carries if that
//! is less. That is max-min fairness for equal links, and it is what makes it cheap: since everybody is served at one
//! rate, a transfer ends when the service that *anyone* has had since it began reaches its size. So one number grows,
//! and a heap of "ends at" values in that number stays valid whoever comes or goes: O(log n) a transfer, where moving every
//! end at every change would take O(n). Links of different speeds, or shared by the workers of a node, would need the
//! latter (progressive filling); nothing that was asked of the model so far needed them.
//!
//! All arithmetic is in whole numbers. Service is counted in 2^-20 of a millionth of a byte, so that a rate in bytes a
//! second times microseconds needs no division, and a share of the bandwidth is rounded down by less than a millionth of a
//! byte a second. An end is rounded up to a whole microsecond.

use crate::engine::live::SlotId;
use lamarck_model::CandidateId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Service in one byte.
const BYTE: u128 = 1_000_000 << FRACTION;
const FRACTION: u32 = 20;

/// A transfer under way. The order of the fields is the tie rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Flow {
    ends_at: u128,
    candidate: CandidateId,
    slot: SlotId,
}

/// Transfers under way.
#[derive(Debug)]
pub(super) struct Pipe {
    /// Bytes a second for all; `None` without a limit.
    bandwidth: Option<u64>,
    /// Bytes a second for each; `None` without a limit.
    link: Option<u64>,
    /// What each transfer has had since the pipe was last empty.
    served: u128,
    /// The moment that `served` is true of.
    at_us: u64,
    flows: BinaryHeap<Reverse<Flow>>,
}

impl Pipe {
    pub(super) fn new(bandwidth: Option<u64>, link: Option<u64>) -> Self {
        // Nothing moves at 0 bytes a second; 1 is as good as nothing, and a transfer ends.
        let bandwidth = bandwidth.map(|bytes| bytes.max(1));
        let link = link.map(|bytes| bytes.max(1));
        Self { bandwidth, link, served: 0, at_us: 0, flows: BinaryHeap::new() }
    }

    /// Whether transfers take time at all.
    pub(super) fn is_limited(&self) -> bool {
        self.bandwidth.is_some() || self.link.is_some()
    }

    /// Service a microsecond, for each; at least 1 as long as fewer than a million transfers share a byte a second.
    fn rate(&self) -> u128 {
        let share =
            self.bandwidth.map(|all| (u128::from(all) << FRACTION) / (self.flows.len().max(1) as u128));
        let own = self.link.map(|each| u128::from(each) << FRACTION);
        share.into_iter().chain(own).min().unwrap_or(u128::MAX).max(1)
    }

    fn advance(&mut self, now_us: u64) {
        if self.flows.is_empty() {
            self.served = 0;
        } else {
            let elapsed = u128::from(now_us.saturating_sub(self.at_us));
            self.served = self.served.saturating_add(self.rate().saturating_mul(elapsed));
        }
        self.at_us = now_us;
    }

    /// A transfer begins.
    pub(super) fn begin(&mut self, now_us: u64, bytes: u64, candidate: CandidateId, slot: SlotId) {
        self.advance(now_us);
        let ends_at = self.served.saturating_add(u128::from(bytes) * BYTE);
        self.flows.push(Reverse(Flow { ends_at, candidate, slot }));
    }

    /// When the next transfer ends if nobody comes before, and whose it is.
    pub(super) fn next(&self) -> Option<(u64, CandidateId)> {
        let Reverse(first) = self.flows.peek()?;
        let wait = first.ends_at.saturating_sub(self.served).div_ceil(self.rate());
        let wait = u64::try_from(wait).unwrap_or(u64::MAX);
        Some((self.at_us.saturating_add(wait), first.candidate))
    }

    /// Ends the next transfer, at the moment that [`next`](Self::next) told.
    pub(super) fn end_next(&mut self) -> Option<SlotId> {
        let (at_us, _) = self.next()?;
        self.advance(at_us);
        self.flows.pop().map(|Reverse(flow)| flow.slot)
    }

    /// Breaks everything off; who was under way, in no order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = SlotId> {
        self.flows.drain().map(|Reverse(flow)| flow.slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Who ends when: every transfer in turn, with fractions of a microsecond as floats.
    fn naive(arrivals: &[(u64, u64)], bandwidth: Option<u64>, link: Option<u64>) -> Vec<f64> {
        let mut left: Vec<f64> = arrivals.iter().map(|&(_, bytes)| bytes as f64).collect();
        let mut ends = vec![f64::NAN; left.len()];
        let mut now = 0.0;
        loop {
            let active: Vec<usize> =
                (0..left.len()).filter(|&i| arrivals[i].0 as f64 <= now && ends[i].is_nan()).collect();
            let coming = arrivals.iter().map(|&(at, _)| at as f64).filter(|&at| at > now).reduce(f64::min);
            let share = bandwidth.map_or(f64::INFINITY, |all| all as f64 / active.len() as f64);
            let rate = share.min(link.map_or(f64::INFINITY, |each| each as f64)) / 1e6;
            let first = active.iter().map(|&i| now + left[i] / rate).reduce(f64::min);
            let next = match (first, coming) {
                (Some(first), Some(coming)) => first.min(coming),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => return ends,
            };
            for &i in &active {
                left[i] -= rate * (next - now);
                if left[i] <= 1e-6 {
                    ends[i] = next;
                }
            }
            now = next;
        }
    }

    fn run(arrivals: &[(u64, u64)], bandwidth: Option<u64>, link: Option<u64>) -> Vec<u64> {
        let mut pipe = Pipe::new(bandwidth, link);
        let mut ends = vec![0; arrivals.len()];
        let mut coming = (0..arrivals.len()).peekable();
        loop {
            let next = pipe.next().map(|(at, _)| at);
            match coming.peek() {
                Some(&i) if next.is_none_or(|next| arrivals[i].0 < next) => {
                    pipe.begin(arrivals[i].0, arrivals[i].1, i as u64, u32::try_from(i).unwrap());
                    coming.next();
                }
                _ => match (next, pipe.end_next()) {
                    (Some(at), Some(slot)) => ends[slot as usize] = at,
                    _ => return ends,
                },
            }
        }
    }

    #[test]
    fn two_share_and_then_one_has_all() {
        // 100 bytes a second: alone for a second (100 of 150 bytes), then both at 50 a second.
        // The first needs one second more (at 2 s), the second has 100 - 50 left and takes half a second alone.
        assert_eq!(run(&[(0, 150), (1_000_000, 100)], Some(100), None), [2_000_000, 2_500_000]);
        // Links of 60 bytes a second carry less than the whole, and more than half of it.
        assert_eq!(run(&[(0, 60), (0, 120)], Some(100), Some(60)), [1_200_000, 2_200_000]);
        assert_eq!(run(&[(0, 60), (0, 120)], None, Some(60)), [1_000_000, 2_000_000]);
    }

    proptest! {
        #[test]
        fn shares_are_fair(
            mut arrivals in prop::collection::vec((0_u64..20_000_000, 1_u64..5_000_000), 1..30),
            bandwidth in prop::option::of(10_000_u64..5_000_000),
            link in prop::option::of(10_000_u64..5_000_000),
        ) {
            prop_assume!(bandwidth.is_some() || link.is_some());
            arrivals.sort_unstable();
            let (exact, naive) = (run(&arrivals, bandwidth, link), naive(&arrivals, bandwidth, link));
            for (exact, naive) in exact.iter().zip(naive) {
                // Every end and every beginning is rounded to a microsecond, and moves those after it.
                prop_assert!((*exact as f64 - naive).abs() <= 1.0 + arrivals.len() as f64, "{} {}", exact, naive);
            }
        }

        #[test]
        fn nothing_is_carried_faster_than_the_bandwidth(
            mut arrivals in prop::collection::vec((0_u64..2_000_000, 1_u64..5_000_000), 1..30),
            bandwidth in 10_000_u64..5_000_000,
        ) {
            arrivals.sort_unstable();
            let ends = run(&arrivals, Some(bandwidth), None);
            let bytes: u64 = arrivals.iter().map(|&(_, bytes)| bytes).sum();
            let (first, last) = (arrivals[0].0, ends.iter().max().unwrap());
            prop_assert!(u128::from(last - first) * u128::from(bandwidth) >= u128::from(bytes) * 1_000_000);
        }
    }
}
