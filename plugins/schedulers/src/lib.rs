//! Schedulers: which ready candidate goes to which idle worker.
//!
//! [`Fifo`] is the baseline that every other placement is measured against: it looks at neither the candidate nor the
//! worker. The tools that people run today (DeepHyper, Syne Tune, Ray Tune with its default) place candidates so.
//!
//! The order comes from the contract of [`Scheduler::assign`]: ready candidates arrive in order of submission, idle
//! workers in order of their number. A scheduler that sorted both again would pay for what the engine has done.
//!
//! # Example
//!
//! ```
//! use lamarck_schedulers::Fifo;
//! use lamarck_sdk::{Assignment, Idle, Ready, Scheduler};
//!
//! let ready = |candidate| Ready { candidate, donor: None, prefix_bytes: 0, submitted_us: 0 };
//! let idle = |worker| Idle { worker, node: 0, since_us: 0 };
//! let mut out = Vec::new();
//! Fifo.assign(0, &[ready(7), ready(9)], &[idle(3)], &mut out)?;
//! assert_eq!(out, [Assignment { ready: 0, idle: 0 }]); // candidate 7 goes to worker 3
//! # lamarck_sdk::anyhow::Ok(())
//! ```

use lamarck_sdk::prelude::*;

/// First in, first out: the oldest ready candidate goes to the lowest-numbered idle worker, the next to the next.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fifo;

/// [`Fifo`] has no options.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct FifoOptions {}

impl Component for Fifo {
    type Options = FifoOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("fifo", "gives the oldest ready candidate to the lowest-numbered idle worker")
            .references(&["arXiv:2309.12576"]);

    fn create(_: FifoOptions, _: &Context) -> Result<Self> {
        Ok(Self)
    }
}

impl Scheduler for Fifo {
    fn assign(
        &mut self,
        _now_us: u64,
        ready: &[Ready],
        idle: &[Idle],
        out: &mut Vec<Assignment>,
    ) -> Result<()> {
        let pairs = u32::try_from(ready.len().min(idle.len()))?;
        out.extend((0..pairs).map(|position| Assignment { ready: position, idle: position }));
        Ok(())
    }
}

export_plugin! { schedulers: [Fifo] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::{create, space};
    use proptest::prelude::*;

    proptest! {
        /// The reference looks for the oldest candidate and the lowest worker among all that are left, each time.
        #[test]
        fn the_oldest_candidate_goes_to_the_lowest_worker(
            candidates in prop::collection::btree_set(0..1000_u64, 0..20),
            workers in prop::collection::btree_set(0..1000_u32, 0..20),
        ) {
            let ready: Vec<Ready> = candidates
                .iter()
                .map(|&candidate| Ready { candidate, donor: None, prefix_bytes: 0, submitted_us: candidate * 10 })
                .collect();
            let idle: Vec<Idle> =
                workers.iter().map(|&worker| Idle { worker, node: worker / 4, since_us: 0 }).collect();
            let mut fifo: Fifo = create("{}", &Context::for_space(space(&[2]))).unwrap();
            let mut out = Vec::new();
            fifo.assign(9, &ready, &idle, &mut out).unwrap();
            let assigned: Vec<(u64, u32)> = out
                .iter()
                .map(|a| (ready[a.ready as usize].candidate, idle[a.idle as usize].worker))
                .collect();
            let (mut candidates, mut workers, mut expected) = (candidates, workers, Vec::new());
            while let (Some(candidate), Some(worker)) = (candidates.pop_first(), workers.pop_first()) {
                expected.push((candidate, worker));
            }
            prop_assert_eq!(assigned, expected);
        }
    }
}
