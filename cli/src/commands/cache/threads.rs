//! Threads for the analyzer `caching`, which has none of its own.

use anyhow::{Context, Result};
use lamarck_caching::Executor;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many threads, each of which takes the next job when it is done with one.
///
/// Not rayon's parallel iterators: they halve the list until there are parts enough, so that one thread begins in its
/// middle, with small jobs, and the largest may be left for the end, when there is nothing else to do.
pub(super) struct Threads(ThreadPool);

impl Threads {
    /// As many as asked for; without a number, or for 0, one for each core.
    pub(super) fn new(jobs: Option<u16>) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(jobs.map_or(0, usize::from)).build();
        Ok(Self(pool.context("cannot start the threads of --jobs; ask for fewer")?))
    }
}

impl Executor for Threads {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        self.0.broadcast(|_| {
            // Every number goes to one thread; what jobs leave behind, the end of the broadcast makes visible.
            let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&at| at < jobs);
            std::iter::from_fn(take).for_each(job);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Barrier, Mutex};

    #[test]
    fn every_job_runs_once_whatever_the_number_of_threads() {
        for (threads, jobs) in [(1, 5), (2, 0), (2, 1), (3, 100), (8, 3)] {
            let done = Mutex::new(Vec::new());
            let threads = Threads::new(Some(threads)).expect("a few threads");
            threads.each(jobs, &|at| done.lock().expect("no panic").push(at));
            let mut done = done.into_inner().expect("no panic");
            done.sort_unstable();
            assert_eq!(done, (0..jobs).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_thread_takes_jobs_in_order_and_two_run_them_at_the_same_time() {
        let done = Mutex::new(Vec::new());
        let one = Threads::new(Some(1)).expect("a thread");
        one.each(50, &|at| done.lock().expect("no panic").push(at));
        assert_eq!(*done.lock().expect("no panic"), (0..50).collect::<Vec<_>>());
        // Neither of the two jobs ends before the other has begun.
        let both = Barrier::new(2);
        Threads::new(Some(2)).expect("two threads").each(2, &|_| {
            both.wait();
        });
    }
}
