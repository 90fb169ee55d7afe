//! Who does the measuring: one job after another, or several at once.
//!
//! A plugin starts no threads, since it cannot know how many runs are measured beside its own. So this crate says what can
//! be done at the same time and leaves the doing to an [`Executor`]: the plugin's is [`Serial`], and a program that
//! links the crate and measures one trace alone (`lamarck cache`) brings one with threads. The alternative, a feature that
//! turns threads on, would have been turned on for the plugin too wherever both are built together.
//!
//! An executor decides when, never what: results have fixed places, so a report is the same bytes under any.

use std::sync::OnceLock;

/// Runs jobs that do not depend on each other.
pub trait Executor {
    /// Calls `job` with every number below `jobs` and returns when all calls have. It may do so at the same time. Low
    /// numbers are the largest jobs, and are best begun first: what is begun last is what the others wait for.
    ///
    /// Numbers that were left out cost time and no correctness: they are made up for one after another.
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync));
}

/// One job after another, on the thread that asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Serial;

impl Executor for Serial {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..jobs).for_each(job);
    }
}

/// What `work` makes of each of the jobs, in their order. Those of highest `cost` are begun first.
pub(crate) fn map<J: Sync, T: Send + Sync>(
    executor: &dyn Executor,
    jobs: &[J],
    cost: impl Fn(&J) -> u64,
    work: impl Fn(&J) -> T + Sync,
) -> Vec<T> {
    let places: Vec<(&J, OnceLock<T>)> = jobs.iter().map(|job| (job, OnceLock::new())).collect();
    let mut order: Vec<&(&J, OnceLock<T>)> = places.iter().collect();
    order.sort_by_key(|(job, _)| std::cmp::Reverse(cost(job)));
    executor.each(order.len(), &|at| {
        if let Some((job, place)) = order.get(at) {
            place.get_or_init(|| work(job));
        }
    });
    places.into_iter().map(|(job, place)| place.into_inner().unwrap_or_else(|| work(job))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Leaves out every third job, does one twice, and one that there is not.
    struct Careless;

    impl Executor for Careless {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            (0..jobs).rev().filter(|at| at % 3 != 0).for_each(job);
            job(1);
            job(jobs);
        }
    }

    #[test]
    fn results_are_in_the_order_of_the_jobs_and_the_largest_is_begun_first() {
        let begun = Mutex::new(Vec::new());
        let work = |&job: &u64| {
            begun.lock().unwrap().push(job);
            job * 10
        };
        assert_eq!(map(&Serial, &[3, 9, 1, 9, 4], |&job| job, work), [30, 90, 10, 90, 40]);
        assert_eq!(*begun.lock().unwrap(), [9, 9, 4, 3, 1]);
        assert!(map(&Serial, &[], |&job| job, work).is_empty());
    }

    #[test]
    fn each_job_is_done_once_even_by_a_careless_executor() {
        let begun = Mutex::new(Vec::new());
        let jobs: Vec<u64> = (0..10).collect();
        let results = map(
            &Careless,
            &jobs,
            |_| 1,
            |&job| {
                begun.lock().unwrap().push(job);
                job + 100
            },
        );
        assert_eq!(results, (100..110).collect::<Vec<_>>());
        let mut begun = begun.into_inner().unwrap();
        begun.sort_unstable();
        assert_eq!(begun, jobs);
    }
}
