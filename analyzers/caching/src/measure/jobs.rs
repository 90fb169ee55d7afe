//! What of caches can be measured at the same time, in two rounds: first all that needs the accesses alone, then what needs
//! the bounds and distances found by the first.
//!
//! A job is one simulation, or one pass over a view. Anything finer would divide a simulation, of which each access
//! needs the one before; anything coarser (a policy's row of the grid) leaves cores without work at the end.

use super::caches::{BoundSum, Plan, SIZING, Size, bound, size};
use crate::executor::{Executor, map};
use crate::views::View;
use lamarck_cache::{Error, Hint, Pfoo, PolicyKind, Stats, reuse_distances, simulate_hinted};

/// A job of the first round.
enum Job<'a> {
    /// Reuse distances.
    Distances(&'a View),
    /// What PFOO-L sorts.
    Bound(&'a View),
    /// LRU at a capacity for which distances do not tell what it does.
    Lru(&'a View, u64),
    /// A cell of the grid, in one view.
    Cell { view: &'a View, policy: PolicyKind, capacity: u64, window: Option<u32> },
}

enum Done<'a> {
    Distances(Vec<(u64, u64)>),
    Bound(Pfoo<'a>),
    Lru(Stats),
    Cell(Stats),
}

/// What the first round finds. Whatever is by view is in the order of the views.
#[derive(Debug, Default)]
pub(super) struct First<'a> {
    /// By view: reuse distances in bytes and the sizes of what was read, sorted.
    pub(super) distances: Vec<Vec<(u64, u64)>>,
    /// By view.
    pub(super) bounds: Vec<Pfoo<'a>>,
    /// By view: LRU at the capacities of the curve that are below the view's largest object.
    pub(super) lru: Vec<Vec<Stats>>,
    /// By policy, then by capacity of the grid: the sum over views.
    pub(super) grid: Vec<Vec<Stats>>,
}

impl<'a> First<'a> {
    /// Measures at these capacities of the curve and of the grid, both ascending.
    pub(super) fn measure(
        views: &'a [View],
        curve: &[u64],
        grid: &[u64],
        plan: &Plan,
        executor: &dyn Executor,
    ) -> Result<Self, Error> {
        let mut jobs = Vec::new();
        for view in views {
            jobs.extend([Job::Distances(view), Job::Bound(view)]);
            let small = curve.iter().take_while(|&&capacity| capacity < view.trace.largest());
            jobs.extend(small.map(|&capacity| Job::Lru(view, capacity)));
        }
        for &policy in &plan.policies {
            for (at, &capacity) in grid.iter().enumerate() {
                let window = (at == plan.watched).then_some(u32::MAX);
                jobs.extend(views.iter().map(|view| Job::Cell { view, policy, capacity, window }));
            }
        }
        let mut first = Self::default();
        let mut cells = Vec::new();
        // In the order of the jobs, whichever was done first; so is the error that is told.
        for done in map(executor, &jobs, Job::cost, Job::run) {
            match done? {
                Done::Distances(sorted) => {
                    first.distances.push(sorted);
                    first.lru.push(Vec::new());
                }
                Done::Bound(pfoo) => first.bounds.push(pfoo),
                // A view's distances come before its simulations.
                Done::Lru(stats) => {
                    if let Some(of_view) = first.lru.last_mut() {
                        of_view.push(stats);
                    }
                }
                Done::Cell(stats) => cells.push(stats),
            }
        }
        let mut cells = cells.into_iter();
        let mut cell = || {
            let mut sum = cells.next()?;
            cells.by_ref().take(views.len().saturating_sub(1)).for_each(|more| sum += more);
            Some(sum)
        };
        first.grid = plan.policies.iter().map(|_| grid.iter().filter_map(|_| cell()).collect()).collect();
        Ok(first)
    }
}

impl<'a> Job<'a> {
    fn run(&self) -> Result<Done<'a>, Error> {
        Ok(match *self {
            Self::Distances(view) => Done::Distances(distances(view)),
            Self::Bound(view) => Done::Bound(Pfoo::new(&view.trace)),
            Self::Lru(view, capacity) => {
                Done::Lru(simulate_hinted(&view.trace, PolicyKind::Lru, capacity, &[], None)?)
            }
            Self::Cell { view, policy, capacity, window } => {
                let kind = stand_in(view, policy, capacity);
                Done::Cell(simulate_hinted(&view.trace, kind, capacity, hints(view, policy), window)?)
            }
        })
    }

    /// Roughly how long it takes. Wrong by half would do: it only decides what is begun first.
    fn cost(&self) -> u64 {
        let (view, of_access) = match *self {
            Self::Distances(view) | Self::Bound(view) => (view, 80),
            Self::Lru(view, _) => (view, weight(PolicyKind::Lru)),
            Self::Cell { view, policy, capacity, .. } => (view, weight(stand_in(view, policy, capacity))),
        };
        view.trace.len() as u64 * of_access
    }
}

/// Nanoseconds an access: what was measured over a million objects of which every fourth read misses. Queues, queues
/// with a memory of what left, and what keeps a heap or compares samples differ by more than traces do.
fn weight(policy: PolicyKind) -> u64 {
    match policy {
        PolicyKind::Fifo | PolicyKind::Lru | PolicyKind::Clock { .. } | PolicyKind::Sieve => 10,
        PolicyKind::Slru { .. }
        | PolicyKind::TwoQ { .. }
        | PolicyKind::Arc
        | PolicyKind::Lirs { .. }
        | PolicyKind::S3Fifo { .. }
        | PolicyKind::WTinyLfu { .. }
        | PolicyKind::Belady => 40,
        PolicyKind::Hyperbolic { .. } | PolicyKind::Lhd { .. } | PolicyKind::BeladySize { .. } => 180,
        _ => 120,
    }
}

/// What the policy is told in this view.
fn hints(view: &View, policy: PolicyKind) -> &[Hint] {
    match policy {
        PolicyKind::Population => &view.hints[0],
        PolicyKind::Descendants { .. } => &view.hints[1],
        PolicyKind::NextDonor { .. } => &view.hints[2],
        _ => &[],
    }
}

/// The policy, or where everything fits, so that all do the same, the quickest. Not for W-TinyLFU, whose segments have
/// capacities of their own.
pub(super) fn stand_in(view: &View, policy: PolicyKind, capacity: u64) -> PolicyKind {
    let own = matches!(policy, PolicyKind::WTinyLfu { .. }) || view.trace.working_set() > capacity;
    if own { policy } else { PolicyKind::Fifo }
}

/// Reuse distances in bytes and the sizes of what was read, sorted.
fn distances(view: &View) -> Vec<(u64, u64)> {
    let sizes = view.trace.sizes();
    let mut distances = Vec::new();
    reuse_distances(&view.trace, |_, object, distance| {
        distances.extend(distance.map(|distance| (distance, sizes[object as usize])));
    });
    distances.sort_unstable();
    distances
}

/// A job of the second round.
enum Question {
    /// PFOO-L at a capacity.
    Bound(u64),
    /// The size for a share of the attainable hits.
    Size(f64),
}

enum Answer {
    Bound(BoundSum),
    Size(Size),
}

/// PFOO-L at each capacity, and the size for each of the shares [`SIZING`]. `distances` are those of all views, sorted.
pub(super) fn bounds_and_sizes(
    views: &[View],
    capacities: &[u64],
    distances: &[(u64, u64)],
    pfoo: &[Pfoo<'_>],
    executor: &dyn Executor,
) -> (Vec<BoundSum>, Vec<Size>) {
    let largest = views.iter().map(|view| view.trace.largest()).max().unwrap_or(0);
    let get_bytes = views.iter().map(|view| view.trace.get_bytes()).sum();
    let questions: Vec<Question> = SIZING
        .iter()
        .map(|&share| Question::Size(share))
        .chain(capacities.iter().map(|&capacity| Question::Bound(capacity)))
        .collect();
    let answer = |question: &Question| match *question {
        Question::Bound(capacity) => Answer::Bound(bound(pfoo, capacity)),
        Question::Size(share) => Answer::Size(size(distances, share, largest, pfoo, get_bytes)),
    };
    // A size is found by a dozen bounds; higher shares need larger caches, whose bounds take longer.
    let cost = |question: &Question| match question {
        Question::Bound(_) => 0,
        Question::Size(share) => share.to_bits(),
    };
    let (mut bounds, mut sizes) = (Vec::new(), Vec::new());
    for answer in map(executor, &questions, cost, answer) {
        match answer {
            Answer::Bound(bound) => bounds.push(bound),
            Answer::Size(size) => sizes.push(size),
        }
    }
    (bounds, sizes)
}

#[cfg(test)]
mod tests {
    use super::super::caches::capacity;
    use super::*;
    use crate::executor::Serial;
    use crate::hints::{Selection, descendants, next_donor, population};
    use crate::measure::measure;
    use crate::stream::{Retention, StreamBuilder, StreamOptions};
    use crate::support::Evolution;
    use crate::views::{Nodes, per_node};
    use lamarck_cache::LruProfile;

    /// Several caches with deletions, and what lineage-aware policies are told.
    fn nodes() -> Vec<View> {
        let (candidates, layers) = Evolution { failures: 9, ..Evolution::default() }.run();
        let mut builder = StreamBuilder::default();
        builder.candidates(&candidates.view()).unwrap();
        builder.layers(&layers).unwrap();
        let retention = Retention::Reachable;
        let options = StreamOptions { retention, population: Some(20), ..StreamOptions::default() };
        let stream = builder.finish(&options).unwrap();
        let hints = [population(&stream), descendants(&stream), next_donor(&stream, Selection::Even, 20)];
        let views = per_node(&stream, &Nodes::of(&stream).unwrap(), &hints).unwrap();
        assert!(views.len() > 1 && views.iter().all(|view| view.hints.iter().all(|told| !told.is_empty())));
        views
    }

    fn plan() -> Plan {
        Plan { policies: PolicyKind::ALL.to_vec(), fractions: vec![0.001, 0.05, 0.3, 1.0], watched: 1 }
    }

    fn footprint(views: &[View]) -> u64 {
        views.iter().map(|view| view.trace.working_set()).sum()
    }

    /// What should be begun first is begun last.
    struct Backwards;

    impl Executor for Backwards {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            (0..jobs).rev().for_each(job);
        }
    }

    /// On as many threads as there are jobs.
    struct Together;

    impl Executor for Together {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            std::thread::scope(|scope| (0..jobs).for_each(|at| drop(scope.spawn(move || job(at)))));
        }
    }

    #[test]
    fn what_is_measured_does_not_depend_on_the_executor() {
        let views = nodes();
        let of = |executor: &dyn Executor| {
            let measured = measure("node", &views, footprint(&views), &plan(), executor).unwrap();
            format!("{measured:?}")
        };
        let serial = of(&Serial);
        assert!(of(&Backwards) == serial);
        assert!(of(&Together) == serial);
    }

    #[test]
    fn results_are_those_of_one_thing_after_another() {
        let views = nodes();
        let (plan, footprint) = (plan(), footprint(&views));
        let measured = measure("node", &views, footprint, &plan, &Together).unwrap();
        // Some capacities are below the largest object, some above.
        let largest = views.iter().map(|view| view.trace.largest()).max().unwrap();
        let of_curve: Vec<u64> = measured.curve.iter().map(|point| capacity(footprint, point.0)).collect();
        assert!(of_curve[0] < largest && of_curve[of_curve.len() - 2] > largest);
        let mut curve = vec![(0, 0); of_curve.len()];
        for view in &views {
            let profile = LruProfile::measure(&view.trace, &of_curve).unwrap();
            for (sum, point) in curve.iter_mut().zip(profile.curve.points()) {
                *sum = (sum.0 + point.misses, sum.1 + point.missed_bytes);
            }
        }
        assert_eq!(measured.curve.iter().map(|point| (point.1, point.2)).collect::<Vec<_>>(), curve);
        for row in &measured.grid {
            assert_eq!(row.cells.len(), plan.fractions.len());
            for (at, (cell, &capacity)) in row.cells.iter().zip(&measured.capacities).enumerate() {
                let of = |view: &View| {
                    let window = (at == plan.watched).then_some(u32::MAX);
                    simulate_hinted(&view.trace, row.policy, capacity, hints(view, row.policy), window)
                        .unwrap()
                };
                let mut sum = of(&views[0]);
                views[1..].iter().for_each(|view| sum += of(view));
                assert_eq!(*cell, sum, "{} {capacity}", row.policy);
            }
        }
        let mut distances: Vec<(u64, u64)> = views.iter().flat_map(distances).collect();
        distances.sort_unstable();
        assert_eq!(measured.distances, distances);
    }
}
