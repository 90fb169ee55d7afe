//! Cases that were worked out by hand.

mod support;

use lamarck_schedulers::{DonorLocality, LocalityWait, LongestFirst, PrefixBatching};
use lamarck_sdk::testing::create;
use lamarck_sdk::{Component, Context, Idle, Placement, Ready, Scheduler, Situation};
use support::{candidate, make, pairs, worker};

const MS: u64 = 1000;

/// Asks once. A row of `cached` for each candidate; the best node is one of the idle ones unless `elsewhere` says
/// more.
fn ask(
    scheduler: &mut dyn Scheduler,
    now_us: u64,
    ready: &[Ready],
    idle: &[Idle],
    cached: &[&[u64]],
    elsewhere: &[u64],
) -> Placement {
    let mut anywhere: Vec<u64> =
        cached.iter().map(|row| row.iter().copied().max().unwrap_or_default()).collect();
    anywhere.iter_mut().zip(elsewhere).for_each(|(here, &there)| *here = there.max(*here));
    let cached = cached.concat();
    let situation = Situation { now_us, ready, idle, cached: &cached, cached_anywhere: &anywhere };
    let mut out = Placement::default();
    scheduler.assign(&situation, &mut out).unwrap();
    out
}

fn candidates<const N: usize>(ids: [u64; N]) -> [Ready; N] {
    ids.map(|id| candidate(id, None, 10, 5))
}

fn workers<const N: usize>(nodes: [u32; N]) -> [Idle; N] {
    let mut number = 0;
    nodes.map(|node| {
        number += 1;
        worker(number - 1, node, 1.0)
    })
}

#[test]
fn donor_locality_takes_the_best_pair_then_the_best_of_what_is_left() {
    let (ready, idle) = (candidates([1, 2, 3]), workers([0, 1, 2]));
    // 3 has the most anywhere, on worker 1; 2 then has its second best; 1 gets what nobody wanted, which is not the
    // lowest.
    let cached: [&[u64]; 3] = [&[0, 0, 0], &[40, 70, 0], &[0, 90, 80]];
    let out = ask(&mut *make::<DonorLocality>("{}"), 0, &ready, &idle, &cached, &[]);
    assert_eq!(pairs(&out), [(2, 1), (1, 0), (0, 2)]);
}

#[test]
fn donor_locality_breaks_ties_by_age_then_by_worker() {
    let (ready, idle) = (candidates([1, 2, 3]), workers([0, 0, 1]));
    let cached: [&[u64]; 3] = [&[0, 0, 0], &[7, 7, 7], &[7, 7, 7]];
    let out = ask(&mut *make::<DonorLocality>("{}"), 0, &ready, &idle, &cached, &[]);
    assert_eq!(pairs(&out), [(1, 0), (2, 1), (0, 2)]);
}

#[test]
fn a_due_candidate_has_a_place_and_leaves_its_worker_to_whom_it_suits() {
    let mut scheduler = make::<DonorLocality>(r#"{"patience": 1}"#);
    let ready = candidates([1, 2, 3, 4]);
    let cached: [&[u64]; 4] = [&[0], &[0], &[0], &[9]];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &workers([0]), &cached, &[])), [(3, 0)]);
    // 1, 2 and 3 were passed over once and are due; of two places none is left for 5, although worker 0 suits it.
    let ready = candidates([1, 2, 3, 5]);
    let cached: [&[u64]; 4] = [&[0, 0], &[0, 0], &[0, 0], &[9, 0]];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &workers([0, 1]), &cached, &[])), [(0, 0), (1, 1)]);
    // 3 still is; with two places 5 goes where it wants, and 3 to the other worker.
    let ready = candidates([3, 5, 6]);
    let cached: [&[u64]; 3] = [&[0, 0], &[9, 0], &[0, 0]];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &workers([0, 1]), &cached, &[])), [(1, 0), (0, 1)]);
}

/// A candidate whose attempt was lost comes back in front of one that is due, and may not hold it up by being new.
#[test]
fn what_comes_back_is_as_due_as_those_behind_it() {
    let mut scheduler = make::<DonorLocality>(r#"{"patience": 2}"#);
    let idle = workers([0]);
    let mut turn = |ids: [u64; 3], cached: [u64; 3]| {
        let cached: Vec<&[u64]> = cached.iter().map(std::slice::from_ref).collect();
        pairs(&ask(&mut *scheduler, 0, &candidates(ids), &idle, &cached, &[]))[0].0
    };
    assert_eq!(turn([1, 2, 3], [9, 0, 5]), 0); // 1 starts
    assert_eq!(turn([2, 3, 4], [0, 5, 0]), 1); // 2 is passed over
    assert_eq!(turn([2, 4, 5], [0, 0, 5]), 2); // 2 and 4 are, so 2 is due
    assert_eq!(turn([1, 2, 4], [0, 0, 5]), 0); // 1 was lost and is back, as due as 2
    assert_eq!(turn([2, 4, 6], [0, 0, 5]), 0);
    assert_eq!(turn([4, 6, 7], [0, 0, 5]), 2); // 4 was passed over once before
    assert_eq!(turn([4, 6, 8], [0, 0, 5]), 0);
}

#[test]
fn locality_wait_goes_waits_and_gives_up() {
    let mut scheduler = make::<LocalityWait>(r#"{"wait_s": 0.002, "share": 0.5}"#);
    // Worker 1's node has half of what the best node has: enough. 2's prefix is on a busy node only: it waits. Of
    // 3's nothing is cached: at once.
    let (ready, idle) = (candidates([1, 2, 3]), workers([0, 1, 2, 2]));
    let cached: [&[u64]; 3] = [&[49, 50, 0, 0], &[0, 0, 0, 0], &[0, 0, 0, 0]];
    let out = ask(&mut *scheduler, 10 * MS, &ready, &idle, &cached, &[100, 80, 0]);
    assert_eq!((pairs(&out), out.wake_us), (vec![(0, 1), (2, 0)], Some(12 * MS)));
    // A millisecond later it still waits, and a new one begins to.
    let (ready, idle) = (candidates([2, 4]), workers([2, 2]));
    let out = ask(&mut *scheduler, 11 * MS, &ready, &idle, &[&[39, 39], &[0, 0]], &[80, 80]);
    assert_eq!((pairs(&out), out.wake_us), (vec![], Some(12 * MS)));
    // Its time is over: it goes where at least something is. 4 has a millisecond left.
    let (ready, idle) = (candidates([2, 4]), workers([0, 2]));
    let out = ask(&mut *scheduler, 12 * MS, &ready, &idle, &[&[0, 39], &[0, 0]], &[80, 80]);
    assert_eq!((pairs(&out), out.wake_us), (vec![(0, 1)], Some(13 * MS)));
    // A worker of its node has become idle in time.
    let out = ask(&mut *scheduler, 12 * MS + 1, &candidates([4]), &workers([0, 1]), &[&[0, 80]], &[]);
    assert_eq!((pairs(&out), out.wake_us), (vec![(0, 1)], None));
    // Back after a loss, it may wait once more.
    let out = ask(&mut *scheduler, 20 * MS, &candidates([4]), &workers([0]), &[&[0]], &[80]);
    assert_eq!((pairs(&out), out.wake_us), (vec![], Some(22 * MS)));
}

#[test]
fn locality_wait_keeps_a_promise_to_an_older_one_and_counts_from_the_first_worker() {
    let mut scheduler = make::<LocalityWait>(r#"{"wait_s": 0.002}"#);
    let ready = candidates([1, 2, 3]);
    // One worker: 1, of which nothing is cached, takes it although it suits 2. Neither 2 nor 3 could have been
    // placed.
    let out = ask(&mut *scheduler, 0, &ready, &workers([0]), &[&[0], &[9], &[0]], &[0, 0, 9]);
    assert_eq!((pairs(&out), out.wake_us), (vec![(0, 0)], None));
    // So the clock of 3 begins only now. Two workers: 4 takes the one that does not suit 2.
    let ready = candidates([2, 3, 4]);
    let out =
        ask(&mut *scheduler, 50 * MS, &ready, &workers([0, 1]), &[&[9, 0], &[0, 0], &[0, 0]], &[9, 9, 0]);
    assert_eq!((pairs(&out), out.wake_us), (vec![(0, 0), (2, 1)], Some(52 * MS)));
    let out = ask(&mut *scheduler, 52 * MS, &candidates([3]), &workers([0]), &[&[0]], &[9]);
    assert_eq!((pairs(&out), out.wake_us), (vec![(0, 0)], None));
}

#[test]
fn locality_wait_ends_at_the_end_of_time() {
    let mut scheduler = make::<LocalityWait>("{}");
    let mut at = |now_us| {
        let out = ask(&mut *scheduler, now_us, &candidates([1]), &workers([0]), &[&[0]], &[9]);
        (out.assignments.len(), out.wake_us)
    };
    assert_eq!(at(u64::MAX - 1), (0, Some(u64::MAX)));
    assert_eq!(at(u64::MAX), (1, None));
}

#[test]
fn longest_first_weighs_trained_parameters_three_times_and_takes_the_fastest_worker() {
    // Work: 3 x 10 = 30; 3 x 2 + 20 = 26; 3 x 1 + 28 = 31; 3 x 10 = 30; frozen more than there is: 12.
    let sizes = [(10, 0), (22, 20), (29, 28), (10, 0), (12, 13)];
    let ready: Vec<Ready> =
        (0..).zip(sizes).map(|(id, (all, frozen))| candidate(id, None, all, frozen)).collect();
    let idle = [(0, 1.0), (1, 1.2), (2, 0.8), (3, 1.2)].map(|(number, speed)| worker(number, number, speed));
    let out = ask(&mut *make::<LongestFirst>("{}"), 0, &ready, &idle, &[], &[]);
    assert_eq!(pairs(&out), [(2, 1), (0, 3), (3, 0), (1, 2)]);
    let out = ask(&mut *make::<LongestFirst>("{}"), 0, &ready[3..], &idle, &[], &[]);
    assert_eq!(pairs(&out), [(0, 1), (1, 3)]);
}

#[test]
fn a_due_short_one_is_placed_and_the_long_one_still_has_the_fast_worker() {
    let mut scheduler = make::<LongestFirst>(r#"{"patience": 1}"#);
    let long = |id| candidate(id, None, 100, 0);
    let short = |id| candidate(id, None, 1, 0);
    let idle = [worker(0, 0, 1.5), worker(1, 1, 0.5)];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &[short(1), long(2)], &idle[..1], &[], &[])), [(1, 0)]);
    let out = ask(&mut *scheduler, 0, &[short(1), long(3), long(4)], &idle, &[], &[]);
    assert_eq!(pairs(&out), [(1, 0), (0, 1)]);
}

/// Numbers whose triple exceeds 64 bits keep their order.
#[test]
fn longest_first_does_not_overflow() {
    let large = |id, below: u64| Ready {
        size: lamarck_sdk::ModelSize { layers: 1, parameters: u64::MAX - below, bytes: 0 },
        ..candidate(id, None, 1, 0)
    };
    let out = ask(&mut *make::<LongestFirst>("{}"), 0, &[large(0, 1), large(1, 0)], &workers([0]), &[], &[]);
    assert_eq!(pairs(&out), [(1, 0)]);
}

#[test]
fn prefix_batching_goes_on_with_the_donor_of_a_node() {
    let mut scheduler = make::<PrefixBatching>("{}");
    let child = |id, donor| candidate(id, Some(donor), 1, 1);
    let sample = |id| candidate(id, None, 1, 0);
    // Donor 8 has three children, 7 two and the samples are alone: 8's oldest, and the other worker of the node
    // goes on.
    let ready =
        [sample(10), child(11, 7), child(12, 8), child(13, 7), child(14, 8), sample(15), child(16, 8)];
    let idle = [worker(0, 0, 1.0), worker(1, 0, 1.0)];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &idle, &[], &[])), [(2, 0), (4, 1)]);
    // Node 0 keeps 8. Node 1 takes the larger batch, 7's; what 7 has left is as many as a sample is, and the sample
    // is older.
    let ready = [sample(10), child(11, 7), child(13, 7), sample(15), child(16, 8)];
    let idle = [worker(0, 0, 1.0), worker(2, 1, 1.0), worker(4, 2, 1.0)];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &idle, &[], &[])), [(4, 0), (1, 1), (0, 2)]);
    // A node that can go on chooses before a lower worker, which would have taken the larger batch from it.
    let ready = [sample(15), child(20, 7), child(21, 7), child(22, 7), child(23, 9), child(24, 9)];
    let idle = [worker(1, 5, 1.0), worker(2, 1, 1.0), worker(3, 1, 1.0)];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &idle, &[], &[])), [(1, 1), (2, 2), (4, 0)]);
    // A sample does not end a batch: node 2 had one, and still has no donor; node 1 goes on with 7.
    let ready = [sample(15), child(22, 7), child(24, 9), child(25, 9)];
    let idle = [worker(2, 1, 1.0), worker(4, 2, 1.0)];
    assert_eq!(pairs(&ask(&mut *scheduler, 0, &ready, &idle, &[], &[])), [(1, 0), (2, 1)]);
}

#[test]
fn prefix_batching_breaks_ties_by_the_oldest_child_and_lets_due_ones_go_first() {
    let mut scheduler = make::<PrefixBatching>(r#"{"patience": 2}"#);
    let child = |id, donor| candidate(id, Some(donor), 1, 1);
    let idle = workers([0]);
    let turn = |ready: &[Ready], scheduler: &mut dyn Scheduler| {
        pairs(&ask(scheduler, 0, ready, &idle, &[], &[]))[0].0
    };
    let ready = [candidate(0, None, 1, 0), child(1, 9), child(2, 7), child(3, 7), child(4, 9)];
    assert_eq!(turn(&ready, &mut *scheduler), 1);
    let ready = [candidate(0, None, 1, 0), child(2, 7), child(3, 7), child(4, 9)];
    assert_eq!(turn(&ready, &mut *scheduler), 3);
    let ready = [candidate(0, None, 1, 0), child(2, 7), child(3, 7), child(5, 9)];
    assert_eq!(turn(&ready, &mut *scheduler), 0);
}

#[test]
fn options_out_of_range_are_named() {
    let wrong = |options| create::<LocalityWait>(options, &Context::bare()).unwrap_err().to_string();
    assert_eq!(
        wrong(r#"{"wait_s": -1.0}"#),
        "option `wait_s`: expected a number from 0.0 to 1000000000.0, found -1.0"
    );
    assert_eq!(wrong(r#"{"share": 1.5}"#), "option `share`: expected a number from 0.0 to 1.0, found 1.5");
    let unchecked = lamarck_schedulers::WaitOptions { wait_s: f64::NAN, share: 0.5 };
    let error = LocalityWait::create(unchecked, &Context::bare()).unwrap_err();
    assert_eq!(error.to_string(), "option `wait_s` is NaN; it must be from 0 to 1000000000 seconds");
    assert!(create::<LongestFirst>(r#"{"patience": -1}"#, &Context::bare()).is_err());
    for spec in [DonorLocality::SPEC, LongestFirst::SPEC, PrefixBatching::SPEC] {
        assert_eq!(spec.options.iter().map(|option| option.name).collect::<Vec<_>>(), ["patience"]);
    }
}
