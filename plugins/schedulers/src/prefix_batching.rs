//! Children of one donor together.

use crate::patience::{PATIENCE, Patience, PatienceOptions};
use lamarck_sdk::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Children of one donor run together: a node goes on with the donor of the last child that it was given, as long as
/// children of it are ready; then it gets the donor with the most children waiting.
///
/// Ties between donors go to the one with the oldest child, and a donor's children go in order of age. Candidates
/// without a donor are batches of one. Workers on nodes that can go on choose first, so that no other node takes
/// their siblings. Option `patience`: see the [crate's documentation](crate#patience).
///
/// # Why
///
/// It is donor-locality for those who cannot look into caches: what a node has just read for one child is what the
/// next sibling reads, so the batch makes the locality that [`DonorLocality`](crate::DonorLocality) only finds. It
/// also works with caches too small for more than a prefix or two, where what was read a little earlier is gone.
///
/// The idea is that of shared scans in databases and, closest to this, of serving language models: SGLang places
/// requests by longest shared prefix, which visits the tree of prefixes depth first and has the most cache hits of
/// all orders if the cache holds the longest request; its authors point out that it can starve requests (L. Zheng
/// et al., "SGLang: efficient execution of structured language model programs", 2023, arXiv:2312.07104). Here
/// `patience` bounds that.
///
/// A donor stands for a prefix: children of one donor take over prefixes of different length of the same model.
/// Grouping by the prefix itself would separate siblings that share all but a layer.
///
/// # State and cost
///
/// One donor for each node that was ever given a child. A call is O((R + I) log R): candidates are sorted by donor,
/// and the largest batch is found in a heap, where a batch that changes is entered again; an old entry is
/// known by its oldest child, which has been placed.
#[derive(Debug, Clone)]
pub struct PrefixBatching {
    patience: Patience,
    /// Each node's donor, sorted by node.
    donors: Vec<(u32, CandidateId)>,
    /// Donor and position of each candidate, sorted, so that a batch is a range.
    children: Vec<(Option<CandidateId>, usize)>,
    /// Sorted by donor.
    batches: Vec<Batch>,
    /// The largest batch that is left, then the one with the oldest child; old entries included.
    largest: BinaryHeap<(usize, Reverse<usize>, usize)>,
    /// Workers that were given a candidate, by position.
    taken: Vec<bool>,
}

/// Ready children of one donor, or one candidate without.
#[derive(Debug, Clone, Copy)]
struct Batch {
    donor: Option<CandidateId>,
    /// The oldest child that is left, among the children.
    next: usize,
    /// One past the youngest.
    end: usize,
}

impl Component for PrefixBatching {
    type Options = PatienceOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "prefix-batching",
        "children of one donor together: a node goes on with its donor, then takes the one with most children",
    )
    .references(&["arXiv:2312.07104", "arXiv:2309.12576"])
    .options(&[PATIENCE]);

    fn create(options: PatienceOptions, _: &Context) -> Result<Self> {
        Ok(Self {
            patience: Patience::new(options),
            donors: Vec::new(),
            children: Vec::new(),
            batches: Vec::new(),
            largest: BinaryHeap::new(),
            taken: Vec::new(),
        })
    }
}

impl PrefixBatching {
    /// Groups the candidates by donor.
    fn group(&mut self, ready: &[Ready]) {
        self.children.clear();
        self.children.extend(ready.iter().enumerate().map(|(position, ready)| (ready.donor, position)));
        self.children.sort_unstable();
        self.batches.clear();
        for (place, &(donor, _)) in self.children.iter().enumerate() {
            match self.batches.last_mut() {
                Some(batch) if donor.is_some() && batch.donor == donor => batch.end += 1,
                _ => self.batches.push(Batch { donor, next: place, end: place + 1 }),
            }
        }
    }

    /// The position of the oldest child of a batch that is left.
    fn oldest(&self, batch: usize) -> Option<usize> {
        let Batch { next, end, .. } = *self.batches.get(batch)?;
        self.children[next..end].first().map(|&(_, position)| position)
    }

    /// The batch that a node can go on with, if a child of it is left that may be placed.
    fn going_on(&self, node: u32) -> Option<usize> {
        let found = self.donors.binary_search_by_key(&node, |&(node, _)| node).ok()?;
        let donor = Some(self.donors[found].1);
        let batch = self.batches.binary_search_by_key(&donor, |batch| batch.donor).ok()?;
        self.patience.may_go(self.oldest(batch)?).then_some(batch)
    }

    /// The batch with the most children left, of those with one that may be placed.
    fn largest(&mut self) -> Option<usize> {
        while let Some((_, Reverse(oldest), batch)) = self.largest.pop() {
            // The oldest child of an old entry has been placed. One that may not go now may not go later in this
            // call either: the quota is spent.
            if self.patience.may_go(oldest) {
                return Some(batch);
            }
        }
        None
    }

    /// Enters a batch among those to choose the largest from.
    fn enter(&mut self, batch: usize) {
        if let Some(oldest) = self.oldest(batch) {
            let Batch { next, end, .. } = self.batches[batch];
            self.largest.push((end - next, Reverse(oldest), batch));
        }
    }

    /// Gives the oldest child of a batch to a worker.
    fn place(&mut self, batch: usize, position: usize, idle: &Idle, out: &mut Placement) {
        let Some(oldest) = self.oldest(batch) else { return };
        self.patience.place(oldest, position, out);
        self.taken[position] = true;
        self.batches[batch].next += 1;
        if let Some(donor) = self.batches[batch].donor {
            match self.donors.binary_search_by_key(&idle.node, |&(node, _)| node) {
                Ok(found) => self.donors[found].1 = donor,
                Err(place) => self.donors.insert(place, (idle.node, donor)),
            }
        }
    }
}

impl Scheduler for PrefixBatching {
    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        self.patience.begin(situation);
        self.taken.clear();
        self.taken.resize(situation.idle.len(), false);
        self.group(situation.ready);
        for (position, idle) in situation.idle.iter().enumerate() {
            if let Some(batch) = self.going_on(idle.node) {
                self.place(batch, position, idle, out);
            }
        }
        self.largest.clear();
        if self.patience.left() > 0 {
            (0..self.batches.len()).for_each(|batch| self.enter(batch));
        }
        for (position, idle) in situation.idle.iter().enumerate() {
            if self.patience.left() == 0 {
                break;
            }
            if self.taken[position] {
                continue;
            }
            let Some(batch) = self.going_on(idle.node).or_else(|| self.largest()) else { break };
            self.place(batch, position, idle, out);
            self.enter(batch);
        }
        self.patience.end(situation);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_one_donor_for_each_node() {
        let mut scheduler =
            PrefixBatching::create(PatienceOptions { patience: 3 }, &Context::bare()).unwrap();
        let (size, prefix) = (ModelSize::default(), ModelSize::default());
        for call in 0..1000_u64 {
            let ready = [0, 1, 2].map(|more| Ready {
                candidate: call + more,
                donor: Some(call / 2 + more),
                size,
                prefix,
                submitted_us: call,
            });
            let worker = u32::try_from(call % 7).unwrap();
            let idle = [Idle { worker, node: worker / 2, since_us: call, speed: 1.0 }];
            let mut out = Placement::default();
            let situation = Situation { now_us: call, ready: &ready, idle: &idle, ..Situation::default() };
            scheduler.assign(&situation, &mut out).unwrap();
        }
        let nodes: Vec<u32> = scheduler.donors.iter().map(|&(node, _)| node).collect();
        assert_eq!(nodes, [0, 1, 2, 3]);
    }
}
