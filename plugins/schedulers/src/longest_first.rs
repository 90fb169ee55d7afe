//! Longest processing time first.

use crate::patience::{PATIENCE, Patience, PatienceOptions};
use lamarck_sdk::prelude::*;
use std::cmp::Reverse;

/// The candidate with the most work to the fastest idle worker, the next to the next fastest.
///
/// LPT: R. Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17 (1969),
/// doi:10.1137/0117039. For jobs that are all there from the start, on m equal workers, the last one ends at most
/// 4/3 - 1/(3 m) times as late as it could. On workers of unequal speed the fastest that is free takes the longest
/// job. The rule for these that was analysed by T. Gonzalez, O. Ibarra, S. Sahni, "Bounds for LPT schedules on uniform processors",
/// SIAM J. Comput. 6 (1977), doi:10.1137/0206013, looks at who would *finish* first, which takes the running times
/// that this scheduler does not know. Ties: the older candidate, the lower worker. Option `patience`, so that short
/// ones do not starve: see the [crate's documentation](crate#patience).
///
/// # How work is estimated
///
/// 3 x parameters to train + 1 x frozen ones, as in the cost model of the synthetic evaluator: a trained parameter
/// is used in the forward pass and in both gradients, one of an inherited prefix in the forward pass only. Only the
/// order matters here, so seconds are not needed: constants such as rows, epochs and the overhead of a step are the
/// same for all candidates of a study. Weights that are used several times for a row (convolutions) are
/// underestimated, as they are there.
///
/// An estimate that asked the evaluator would be an oracle, which no scheduler on a cluster has; and one that
/// learnt from finished candidates would mix what is asked (what does order gain?) with how well it predicts.
///
/// # What it can gain
///
/// The bound is about a fixed set of jobs. A search is a stream of them, only the look-ahead is there to choose
/// from, and no worker idles while candidates last. So the gain is at the end of the budget (no long training is
/// left for last), and on clusters with a spread of speeds; the price is that short trainings' scores arrive late.
/// The gain is nothing where all models are of a size.
///
/// # Cost
///
/// O(R + I + k log k) for k placements: the k longest and the k fastest are selected, and only they are sorted.
#[derive(Debug, Clone)]
pub struct LongestFirst {
    patience: Patience,
    /// Work and position.
    candidates: Vec<(Reverse<u128>, usize)>,
    /// Speed and position.
    workers: Vec<(f64, usize)>,
}

impl Component for LongestFirst {
    type Options = PatienceOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "longest-first",
        "gives the candidate with the most work (3 x trained + 1 x frozen parameters) to the fastest idle worker",
    )
    .references(&["doi:10.1137/0117039", "doi:10.1137/0206013"])
    .options(&[PATIENCE]);

    fn create(options: PatienceOptions, _: &Context) -> Result<Self> {
        Ok(Self { patience: Patience::new(options), candidates: Vec::new(), workers: Vec::new() })
    }
}

/// What a training costs, in forward passes of one parameter.
fn work(ready: &Ready) -> u128 {
    let parameters = u128::from(ready.size.parameters);
    let frozen = u128::from(ready.prefix.parameters).min(parameters);
    3 * (parameters - frozen) + frozen
}

/// A speed that can be sorted by: what is no positive number is as slow as can be.
fn speed(idle: &Idle) -> f64 {
    if idle.speed > 0.0 { idle.speed } else { 0.0 }
}

/// Makes the first `count` the least ones, in order.
fn sort_first<T>(list: &mut Vec<T>, count: usize, order: impl Fn(&T, &T) -> std::cmp::Ordering) {
    if count < list.len() {
        if count > 0 {
            list.select_nth_unstable_by(count - 1, &order);
        }
        list.truncate(count);
    }
    list.sort_unstable_by(order);
}

impl Scheduler for LongestFirst {
    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        self.patience.begin(situation);
        let (due, quota) = (self.patience.due(), self.patience.quota());
        let candidates = situation.ready.iter().enumerate();
        self.candidates.clear();
        self.candidates
            .extend(candidates.skip(due).map(|(position, ready)| (Reverse(work(ready)), position)));
        sort_first(&mut self.candidates, quota, Ord::cmp);
        if due > 0 {
            let candidates = situation.ready[..due].iter().enumerate();
            self.candidates.extend(candidates.map(|(position, ready)| (Reverse(work(ready)), position)));
            self.candidates.sort_unstable();
        }
        self.workers.clear();
        self.workers
            .extend(situation.idle.iter().enumerate().map(|(position, idle)| (speed(idle), position)));
        sort_first(&mut self.workers, self.candidates.len(), |one, other| {
            other.0.total_cmp(&one.0).then(one.1.cmp(&other.1))
        });
        for (&(_, ready), &(_, idle)) in self.candidates.iter().zip(&self.workers) {
            self.patience.place(ready, idle, out);
        }
        self.patience.end(situation);
        Ok(())
    }
}
