//! Delay scheduling: a child waits a while for a node that holds its prefix.

use crate::cached::row;
use crate::ledger::Ledger;
use lamarck_sdk::prelude::*;

/// Delay scheduling (M. Zaharia et al., "Delay scheduling: a simple technique for achieving locality and fairness in
/// cluster scheduling", EuroSys 2010, doi:10.1145/1755913.1755940).
///
/// Candidates are looked at in order of submission while there are idle workers:
///
/// - One whose prefix is cached on an idle worker's node goes there. A node suits that holds at least `share` of
///   what the best node in the cluster holds of it; of several the one with the most bytes, then the lowest worker.
/// - One whose prefix only other nodes hold waits, and younger ones may overtake it. `wait_s` seconds after it
///   first could have been placed it goes anywhere.
/// - One of which no cache holds anything goes anywhere at once.
///
/// Those that go anywhere are promised a worker in their turn, and choose last: the worker with the most of their
/// bytes among those that suited no other. With no caches, or `wait_s = 0` and nothing cached on idle nodes, this
/// is [`Fifo`](crate::Fifo).
///
/// # What differs from the paper
///
/// The paper's jobs have many tasks, skip counts belong to jobs and start again with each local task. Here a
/// candidate is a job of a single task, so the wait is the candidate's own and bounds by how much it is delayed for
/// locality. Seconds are used, as in Hadoop's and Spark's versions, rather than the skips of the paper's analysis:
/// a worker may be left idle, so the number of skips has no relation to the loss.
///
/// The clock runs from the first moment at which a worker was there for the candidate, not from submission: with a
/// look-ahead candidates wait in any case, and a wait that nothing was lost by is no wait for locality. Once a
/// candidate has waited in vain it does not wait again, until it is placed.
///
/// # When it pays
///
/// A worker that idles for a second loses a second of training, so waiting can pay only where reading the prefix
/// takes longer than until a worker on the right node is free: mean training time over workers a node. The paper
/// gained up to twice the throughput with tasks that do little but read; a training takes minutes and its prefix is
/// read in seconds or less, unless the repository is congested. `share` exists since caches hold parts of prefixes:
/// with 1 only the best node will do, with 0 any node with a single layer.
#[derive(Debug, Clone)]
pub struct LocalityWait {
    wait_us: u64,
    share: f64,
    /// Since when a worker could have been had, for those that wait for a better one.
    since: Ledger<Option<u64>>,
    /// Candidates that go anywhere, by position.
    anywhere: Vec<usize>,
    /// Workers that were given a candidate, by position.
    taken: Vec<bool>,
    placed: Vec<bool>,
}

/// The options of [`LocalityWait`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct WaitOptions {
    /// How many seconds a candidate may wait for a node with its prefix.
    pub wait_s: f64,
    /// How much a node must hold of what the best node holds, to be worth waiting for; from 0 to 1.
    pub share: f64,
}

/// Some thirty years: in microseconds it is a number that a double holds exactly.
const LONGEST_S: f64 = 1e9;

impl Component for LocalityWait {
    type Options = WaitOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "locality-wait",
        "delay scheduling: a child waits a bounded time for a worker whose node has its prefix cached",
    )
    .references(&["doi:10.1145/1755913.1755940"])
    .options(&[
        OptionSpec::float(
            "wait_s",
            0.0,
            LONGEST_S,
            "how long a candidate waits for a node with its prefix, from when it first could have been placed",
        )
        .default_value("3.0")
        .unit("s"),
        OptionSpec::float(
            "share",
            0.0,
            1.0,
            "a node suits if it holds this share of what the best node in the cluster holds of the prefix",
        )
        .default_value("0.5"),
    ]);

    fn create(options: WaitOptions, _: &Context) -> Result<Self> {
        let WaitOptions { wait_s, share } = options;
        ensure!(
            (0.0..=LONGEST_S).contains(&wait_s),
            "option `wait_s` is {wait_s}; it must be from 0 to {LONGEST_S} seconds"
        );
        ensure!((0.0..=1.0).contains(&share), "option `share` is {share}; it must be from 0 to 1");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 10^15")]
        let wait_us = (wait_s * 1e6).round() as u64;
        Ok(Self {
            wait_us,
            share,
            since: Ledger::default(),
            anywhere: Vec::new(),
            taken: Vec::new(),
            placed: Vec::new(),
        })
    }
}

impl LocalityWait {
    /// The fewest bytes that a node must hold to suit, when the best holds this many.
    fn enough(&self, best: u64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
        let share = (self.share * best as f64).ceil() as u64;
        // Beyond 2^53 bytes the product may be rounded past what the best node holds.
        share.min(best).max(1)
    }

    /// Of the workers that nobody was given the one whose node holds the most bytes; the lowest of several.
    fn best_worker(&self, situation: &Situation<'_>, ready: usize) -> Option<(u64, usize)> {
        let mut best: Option<(u64, usize)> = None;
        for (idle, (&bytes, &taken)) in row(situation, ready).iter().zip(&self.taken).enumerate() {
            if !taken && best.is_none_or(|(most, _)| bytes > most) {
                best = Some((bytes, idle));
            }
        }
        best
    }

    fn place(&mut self, ready: usize, idle: usize, out: &mut Placement) {
        debug_assert!(!self.taken[idle], "a worker is promised only while one is free");
        self.taken[idle] = true;
        self.placed[ready] = true;
        out.assign(ready, idle);
    }
}

impl Scheduler for LocalityWait {
    fn wants_cached(&self) -> bool {
        true
    }

    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        let Situation { now_us, ready, idle, .. } = *situation;
        self.since.open(ready);
        self.anywhere.clear();
        self.taken.clear();
        self.taken.resize(idle.len(), false);
        self.placed.clear();
        self.placed.resize(ready.len(), false);
        // Workers that are neither taken nor promised.
        let mut free = idle.len();
        for position in 0..ready.len() {
            if free == 0 {
                break;
            }
            let best = situation.cached_anywhere(position);
            if best > 0 {
                let enough = self.enough(best);
                let suited = self.best_worker(situation, position).filter(|&(bytes, _)| bytes >= enough);
                if let Some((_, idle)) = suited {
                    self.place(position, idle, out);
                    free -= 1;
                    continue;
                }
                let since = *self.since.notes[position].get_or_insert(now_us);
                let until = since.saturating_add(self.wait_us);
                if now_us < until {
                    out.wake_at(until);
                    continue;
                }
            }
            self.anywhere.push(position);
            free -= 1;
        }
        let mut lowest = 0;
        for promised in 0..self.anywhere.len() {
            let position = self.anywhere[promised];
            let cached = situation.cached_anywhere(position) > 0;
            let best = if cached { self.best_worker(situation, position) } else { None };
            let idle = best.map_or_else(
                || {
                    while self.taken.get(lowest) == Some(&true) {
                        lowest += 1;
                    }
                    lowest
                },
                |(_, idle)| idle,
            );
            self.place(position, idle, out);
        }
        let placed = &self.placed;
        self.since.close(ready, |position| !placed[position]);
        Ok(())
    }
}
