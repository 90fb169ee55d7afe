//! The rules once more, as they read: everything is looked for among everything that is left, each time.

use lamarck_sdk::{CandidateId, Idle, Ready, Situation};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Positions of candidates and workers.
pub(crate) type Pairs = Vec<(usize, usize)>;

/// Who was passed over how often, and what is left in this call.
#[derive(Default)]
pub(crate) struct Left {
    patience: u32,
    passed: BTreeMap<CandidateId, u32>,
    ready: Vec<usize>,
    idle: Vec<usize>,
    pairs: Pairs,
}

impl Left {
    fn new(patience: u32) -> Self {
        Self { patience, ..Self::default() }
    }

    fn begin(&mut self, situation: &Situation<'_>) {
        self.pairs.clear();
        self.ready = (0..situation.ready.len()).collect();
        self.idle = (0..situation.idle.len()).collect();
        // An older candidate is never less due than a younger one.
        let passed = |ready: &Ready| self.passed.get(&ready.candidate).copied().unwrap_or_default();
        self.passed = (situation.ready.iter().enumerate())
            .map(|(position, ready)| {
                (ready.candidate, situation.ready[position..].iter().map(passed).max().unwrap_or_default())
            })
            .collect();
    }

    fn passed(&self, situation: &Situation<'_>, ready: usize) -> u32 {
        self.passed[&situation.ready[ready].candidate]
    }

    /// Who may go: everyone while there are more workers than due candidates, otherwise the due ones.
    fn may_go(&self, situation: &Situation<'_>) -> Vec<usize> {
        let due: Vec<usize> = (self.ready.iter().copied())
            .filter(|&ready| self.passed(situation, ready) >= self.patience)
            .collect();
        match self.idle.len() {
            0 => Vec::new(),
            workers if workers > due.len() => self.ready.clone(),
            workers => due[..workers].to_vec(),
        }
    }

    fn place(&mut self, ready: usize, idle: usize) {
        self.ready.retain(|&left| left != ready);
        self.idle.retain(|&left| left != idle);
        self.pairs.push((ready, idle));
    }

    fn end(&mut self, situation: &Situation<'_>) -> Pairs {
        for &left in &self.ready {
            if self.pairs.iter().any(|&(placed, _)| placed > left) {
                *self.passed.get_mut(&situation.ready[left].candidate).unwrap() += 1;
            }
        }
        let ready = &self.ready;
        self.passed
            .retain(|candidate, _| ready.iter().any(|&left| situation.ready[left].candidate == *candidate));
        std::mem::take(&mut self.pairs)
    }
}

/// What a reference does.
pub(crate) trait Naive {
    fn assign(&mut self, situation: &Situation<'_>) -> Pairs;
}

/// The reference of one of the schedulers with patience, numbered as in [`super::patient`].
pub(crate) fn patient(kind: usize, patience: u32) -> Box<dyn Naive> {
    let left = Left::new(patience);
    match kind {
        0 => Box::new(Locality(left)),
        1 => Box::new(Longest(left)),
        _ => Box::new(Batching(left, BTreeMap::new())),
    }
}

struct Locality(Left);

impl Naive for Locality {
    fn assign(&mut self, situation: &Situation<'_>) -> Pairs {
        let Self(left) = self;
        left.begin(situation);
        loop {
            let ready = left.may_go(situation);
            let pairs = ready.iter().flat_map(|&ready| left.idle.iter().map(move |&idle| (ready, idle)));
            let best = pairs.max_by_key(|&(ready, idle)| {
                (situation.cached_bytes(ready, idle), Reverse(ready), Reverse(idle))
            });
            let Some((ready, idle)) = best else { break };
            left.place(ready, idle);
        }
        left.end(situation)
    }
}

struct Longest(Left);

impl Naive for Longest {
    fn assign(&mut self, situation: &Situation<'_>) -> Pairs {
        let Self(left) = self;
        left.begin(situation);
        let work = |ready: usize| {
            let Ready { size, prefix, .. } = situation.ready[ready];
            let frozen = prefix.parameters.min(size.parameters);
            3 * (size.parameters - frozen) + frozen
        };
        loop {
            let longest =
                left.may_go(situation).into_iter().max_by_key(|&ready| (work(ready), Reverse(ready)));
            let Some(ready) = longest else { break };
            let fastest = left.idle.iter().copied().max_by(|&one, &other| {
                let speed = |idle: usize| situation.idle[idle].speed;
                speed(one).total_cmp(&speed(other)).then(other.cmp(&one))
            });
            left.place(ready, fastest.unwrap());
        }
        left.end(situation)
    }
}

struct Batching(Left, BTreeMap<u32, CandidateId>);

impl Batching {
    fn place(&mut self, situation: &Situation<'_>, ready: usize, idle: usize) {
        self.0.place(ready, idle);
        if let Some(donor) = situation.ready[ready].donor {
            self.1.insert(situation.idle[idle].node, donor);
        }
    }

    /// The oldest child that is left of the donor of the worker's node, if it may go.
    fn sibling(&self, situation: &Situation<'_>, worker: &Idle) -> Option<usize> {
        let donor = self.1.get(&worker.node)?;
        let of_donor = |&&ready: &&usize| situation.ready[ready].donor == Some(*donor);
        let oldest = *self.0.ready.iter().find(of_donor)?;
        self.0.may_go(situation).contains(&oldest).then_some(oldest)
    }

    /// Of those that may go the oldest child of the donor with the most.
    fn largest(&self, situation: &Situation<'_>) -> Option<usize> {
        let siblings = |ready: usize| match situation.ready[ready].donor {
            None => 1,
            donor => self.0.ready.iter().filter(|&&left| situation.ready[left].donor == donor).count(),
        };
        self.0.may_go(situation).into_iter().max_by_key(|&ready| (siblings(ready), Reverse(ready)))
    }
}

impl Naive for Batching {
    fn assign(&mut self, situation: &Situation<'_>) -> Pairs {
        self.0.begin(situation);
        for (idle, worker) in situation.idle.iter().enumerate() {
            if let Some(ready) = self.sibling(situation, worker) {
                self.place(situation, ready, idle);
            }
        }
        for idle in self.0.idle.clone() {
            let sibling = self.sibling(situation, &situation.idle[idle]);
            let Some(ready) = sibling.or_else(|| self.largest(situation)) else { break };
            self.place(situation, ready, idle);
        }
        self.0.end(situation)
    }
}

/// Delay scheduling: pairs, and when to ask again.
pub(crate) struct Waiting {
    pub(crate) wait_us: u64,
    pub(crate) share: f64,
    pub(crate) since: BTreeMap<CandidateId, u64>,
}

impl Waiting {
    pub(crate) fn assign(&mut self, situation: &Situation<'_>) -> (Pairs, Option<u64>) {
        let mut left: Vec<usize> = (0..situation.idle.len()).collect();
        let (mut pairs, mut anywhere, mut wake) = (Pairs::new(), Vec::new(), None::<u64>);
        let most = |left: &[usize], ready: usize| {
            left.iter().copied().max_by_key(|&idle| (situation.cached_bytes(ready, idle), Reverse(idle)))
        };
        for (position, ready) in situation.ready.iter().enumerate() {
            if left.len() == anywhere.len() {
                break;
            }
            let best = situation.cached_anywhere(position);
            let idle = most(&left, position).unwrap();
            let bytes = situation.cached_bytes(position, idle);
            if bytes > 0 && bytes as f64 >= self.share * best as f64 {
                left.retain(|&other| other != idle);
                pairs.push((position, idle));
                continue;
            }
            let since = *self.since.entry(ready.candidate).or_insert(situation.now_us);
            if best == 0 || situation.now_us - since >= self.wait_us {
                anywhere.push(position);
            } else {
                let until = since + self.wait_us;
                wake = Some(wake.map_or(until, |before| before.min(until)));
            }
        }
        for ready in anywhere {
            let idle = most(&left, ready).unwrap();
            left.retain(|&other| other != idle);
            pairs.push((ready, idle));
        }
        for &(ready, _) in &pairs {
            self.since.remove(&situation.ready[ready].candidate);
        }
        (pairs, wake)
    }
}
