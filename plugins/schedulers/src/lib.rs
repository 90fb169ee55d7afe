//! Schedulers: which ready candidate goes to which idle worker.
//!
//! | scheduler | who goes | where | looks at caches |
//! |---|---|---|---|
//! | [`Fifo`] (`fifo`) | the oldest | lowest worker | no |
//! | [`DonorLocality`] (`donor-locality`) | whose prefix an idle worker's node holds most of | there | yes |
//! | [`LocalityWait`] (`locality-wait`) | the oldest, unless it waits for its prefix | a node with its prefix | yes |
//! | [`LongestFirst`] (`longest-first`) | the most work left to train | fastest worker | no |
//! | [`PrefixBatching`] (`prefix-batching`) | children of one donor together | the node that had the last of them | no |
//!
//! [`Fifo`] is the baseline that every other placement is measured against; the tools that people run today (DeepHyper,
//! Syne Tune, Ray Tune with its default) place candidates so. With a single idle worker and nothing ready beyond
//! one candidate there is nothing to choose, and all are fifo (`locality-wait` perhaps later). What they can gain
//! is thus bounded by `[scheduler] lookahead`, and what that costs is staleness: a candidate that is ready early
//! was chosen from an older population.
//!
//! # Patience
//!
//! Whoever prefers some candidates starves others. Three of the schedulers have an option `patience`, with one
//! meaning: a candidate is *passed over* when it stays in the queue while a worker is handed to a younger one, and
//! after `patience` times it is *due*: it is placed before any that is not. Nothing else is promised to it, so
//! patience decides who goes and never where: a due candidate still gets the worker that suits it best.
//!
//! - With one idle worker at a time, as in a steady state, a candidate that enters behind n others is placed after at
//!   most n + `patience` others. `patience = 0` places in order of submission.
//! - Moments are counted, not workers: when all workers come back at once (a new allocation), being left behind
//!   counts once. Counting each worker would make the option mean nothing on clusters with more workers than
//!   patience.
//! - Patience counts placements rather than seconds, since seconds would have to be set anew for every evaluator.
//!   Where a worker is left idle on purpose (`locality-wait`) only seconds make sense.
//! - Ageing, where a priority grows with the time in the queue, is the alternative. It needs an exchange rate of
//!   bytes for seconds, and bounds no wait before one knows all priorities.
//!
//! # What is written down
//!
//! - **Order.** Ready candidates arrive in order of submission and idle workers in order of their number (the
//!   contract of [`Situation`]); positions are ages. All ties go to the older candidate, then to the lower worker.
//! - **All workers are used.** Every call places as many candidates as there are ready ones or idle workers,
//!   whichever are fewer; only `locality-wait` leaves workers idle, and then says when to be asked again.
//! - **Memory.** What is remembered of a candidate goes when it does. A candidate whose attempt is lost and that
//!   comes back is a new one, but it is never less due than those that it is older than.
//!
//! # Example
//!
//! ```
//! use lamarck_schedulers::{DonorLocality, Fifo};
//! use lamarck_sdk::testing::create;
//! use lamarck_sdk::{Assignment, Context, Idle, ModelSize, Placement, Ready, Scheduler, Situation};
//!
//! let (size, prefix) = (ModelSize::default(), ModelSize::default());
//! let ready = [7, 9].map(|candidate| Ready { candidate, donor: None, size, prefix, submitted_us: 0 });
//! let idle = [Idle { worker: 3, node: 0, since_us: 0, speed: 1.0 }];
//! // The cache of node 0 holds 50 bytes of what candidate 9 takes over.
//! let (cached, cached_anywhere) = ([0, 50], [0, 50]);
//! let situation =
//!     Situation { now_us: 0, ready: &ready, idle: &idle, cached: &cached, cached_anywhere: &cached_anywhere };
//!
//! let mut out = Placement::default();
//! Fifo.assign(&situation, &mut out)?;
//! assert_eq!(out.assignments, [Assignment { ready: 0, idle: 0 }]); // candidate 7 goes to worker 3
//!
//! out.clear();
//! let mut locality: DonorLocality = create("{}", &Context::bare())?;
//! locality.assign(&situation, &mut out)?;
//! assert_eq!(out.assignments, [Assignment { ready: 1, idle: 0 }]); // candidate 9 does
//! # lamarck_sdk::anyhow::Ok(())
//! ```
//!
//! [`Situation`]: lamarck_sdk::Situation

mod cached;
mod donor_locality;
mod fifo;
mod ledger;
mod locality_wait;
mod longest_first;
mod patience;
mod prefix_batching;

pub use donor_locality::DonorLocality;
pub use fifo::{Fifo, FifoOptions};
pub use locality_wait::{LocalityWait, WaitOptions};
pub use longest_first::LongestFirst;
pub use patience::PatienceOptions;
pub use prefix_batching::PrefixBatching;

lamarck_sdk::export_plugin! {
    schedulers: [Fifo, DonorLocality, LocalityWait, LongestFirst, PrefixBatching]
}
