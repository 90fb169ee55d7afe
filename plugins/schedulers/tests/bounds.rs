//! What the papers and the documentation promise: bounds on overtaking, on waiting, on lost bytes and on the last
//! finish.

mod support;

use lamarck_schedulers::{LocalityWait, LongestFirst};
use lamarck_sdk::{Idle, Placement, Ready, Situation};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::{Cluster, PATIENT, candidate, make, pairs, patient, scripts, worker};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// No candidate stays behind more than `patience` times while workers are handed to younger ones.
    #[test]
    fn patience_bounds_overtaking(script in scripts(), patience in 0..5_u32) {
        for kind in 0..PATIENT {
            let mut scheduler = patient(kind, patience);
            let mut cluster = Cluster::new(&script);
            let mut passed = BTreeMap::<u64, u32>::new();
            while cluster.advance() {
                let mut out = Placement::default();
                scheduler.assign(&cluster.situation(), &mut out).unwrap();
                let placed: BTreeSet<usize> = pairs(&out).into_iter().map(|(ready, _)| ready).collect();
                let youngest = placed.last().copied().unwrap_or_default();
                for (position, ready) in cluster.ready.iter().enumerate() {
                    if placed.contains(&position) {
                        passed.remove(&ready.candidate);
                    } else if position < youngest {
                        let passed = passed.entry(ready.candidate).or_default();
                        *passed += 1;
                        prop_assert!(*passed <= patience, "kind {}: {} times", kind, passed);
                    }
                }
                cluster.apply(&out);
            }
        }
    }

    /// The bound is reached: patience is not spent on less than it says. One worker; what all prefer arrives each
    /// time.
    #[test]
    fn a_candidate_that_nobody_prefers_waits_for_exactly_patience_others(patience in 0..12_u32) {
        for kind in 0..PATIENT {
            let mut scheduler = patient(kind, patience);
            let idle = [worker(0, 0, 1.0)];
            let mut ready = vec![candidate(0, None, 1, 0)];
            let mut others = 0;
            loop {
                while ready.len() < 4 {
                    let next = ready.iter().map(|ready| ready.candidate).max().unwrap_or_default() + 1;
                    ready.push(candidate(next, Some(7), 100, 0));
                }
                let cached: Vec<u64> = ready.iter().map(|ready| ready.size.parameters / 100).collect();
                let situation =
                    Situation { now_us: 0, ready: &ready, idle: &idle, cached: &cached, cached_anywhere: &cached };
                let mut out = Placement::default();
                scheduler.assign(&situation, &mut out).unwrap();
                if ready.remove(pairs(&out)[0].0).candidate == 0 {
                    break;
                }
                others += 1;
            }
            prop_assert_eq!(others, patience, "kind {}", kind);
        }
    }

    /// With one idle worker at a time, a candidate behind n others is placed after at most n + patience others.
    #[test]
    fn in_a_steady_state_the_wait_is_bounded_by_the_place_in_the_queue(
        arrivals in prop::collection::vec((prop::option::of(0..4_u64), 0..9_u64, 0..3_u64), 12..60),
        lookahead in 1..8_usize,
        patience in 0..9_u32,
    ) {
        for kind in 0..PATIENT {
            let mut scheduler = patient(kind, patience);
            let (mut ready, mut entered) = (Vec::<Ready>::new(), BTreeMap::new());
            let mut coming = (0..).zip(&arrivals);
            for placed in 0..arrivals.len() {
                for (id, &(donor, parameters, _)) in coming.by_ref().take(1 + lookahead - ready.len()) {
                    entered.insert(id, placed + ready.len());
                    ready.push(candidate(id, donor, parameters, 0));
                }
                let bytes = |ready: &Ready| arrivals[usize::try_from(ready.candidate).unwrap()].2;
                let cached: Vec<u64> = ready.iter().map(bytes).collect();
                let idle = [worker(0, 0, 1.0)];
                let situation =
                    Situation { now_us: 0, ready: &ready, idle: &idle, cached: &cached, cached_anywhere: &cached };
                let mut out = Placement::default();
                scheduler.assign(&situation, &mut out).unwrap();
                let chosen = ready.remove(pairs(&out)[0].0).candidate;
                prop_assert!(placed <= entered[&chosen] + patience as usize);
            }
        }
    }

    /// Nobody waits for locality for longer than it may, counted from the first moment at which it could have been
    /// placed.
    #[test]
    fn delay_is_bounded(script in scripts(), wait_us in 0..20_u64) {
        let mut scheduler = make::<LocalityWait>(&format!(r#"{{"wait_s": {}}}"#, wait_us as f64 / 1e6));
        let mut cluster = Cluster::new(&script);
        let mut since = BTreeMap::<u64, u64>::new();
        while cluster.advance() {
            let mut out = Placement::default();
            scheduler.assign(&cluster.situation(), &mut out).unwrap();
            let placed: BTreeSet<usize> = pairs(&out).into_iter().map(|(ready, _)| ready).collect();
            let left_idle = cluster.idle.len() - placed.len();
            let mut earliest = None::<u64>;
            for (position, ready) in cluster.ready.iter().enumerate() {
                if placed.contains(&position) {
                    since.remove(&ready.candidate);
                } else if left_idle > 0 {
                    // A worker stayed idle, so it could have been had.
                    let since = *since.entry(ready.candidate).or_insert(cluster.now_us);
                    prop_assert!(cluster.now_us < since + wait_us);
                    earliest = Some(earliest.map_or(since + wait_us, |before| before.min(since + wait_us)));
                }
            }
            // It may have been possible to place them earlier than this test sees, when a younger one took the
            // worker.
            prop_assert!(earliest.is_none_or(|earliest| out.wake_us.is_some_and(|wake| wake <= earliest)));
            cluster.apply(&out);
        }
    }

    /// Greedy pairs have at least half of the cached bytes of the best assignment, and all with one worker.
    #[test]
    fn donor_locality_finds_half_of_the_bytes_that_could_be_found(
        cells in prop::collection::vec(0..50_u64, 36),
        count in 1..=6_usize,
        workers in 1..=6_usize,
    ) {
        fn best(cells: &[u64], ready: usize, count: usize, free: &mut Vec<usize>) -> u64 {
            if ready == count {
                return 0;
            }
            let mut most = best(cells, ready + 1, count, free);
            for place in 0..free.len() {
                let idle = free.remove(place);
                most = most.max(cells[ready * 6 + idle] + best(cells, ready + 1, count, free));
                free.insert(place, idle);
            }
            most
        }
        let ready: Vec<Ready> = (0..count as u64).map(|id| candidate(id, None, 1, 1)).collect();
        let idle: Vec<Idle> = (0..).take(workers).map(|number| worker(number, number, 1.0)).collect();
        let cached: Vec<u64> = cells.chunks(6).take(count).flat_map(|row| &row[..workers]).copied().collect();
        let situation = Situation { now_us: 0, ready: &ready, idle: &idle, cached: &cached, ..Situation::default() };
        let mut out = Placement::default();
        patient(0, 16).assign(&situation, &mut out).unwrap();
        let found: u64 = pairs(&out).into_iter().map(|(ready, idle)| situation.cached_bytes(ready, idle)).sum();
        let best = best(&cells, 0, count, &mut (0..workers).collect());
        prop_assert!(2 * found >= best, "{} of {}", found, best);
        prop_assert!(workers > 1 || found == best);
    }

    /// Graham's theorem: on m equal workers the last job ends at most 4/3 - 1/(3 m) times as late as it could.
    #[test]
    fn longest_first_keeps_the_bound_of_graham(
        jobs in prop::collection::vec(1..12_u64, 1..9),
        workers in 1..4_usize,
    ) {
        fn optimum(jobs: &[u64], loads: &mut Vec<u64>) -> u64 {
            let Some((job, rest)) = jobs.split_first() else { return loads.iter().copied().max().unwrap() };
            let mut least = u64::MAX;
            for place in 0..loads.len() {
                loads[place] += job;
                least = least.min(optimum(rest, loads));
                loads[place] -= job;
            }
            least
        }
        let last = last_finish(&jobs, workers);
        let best = optimum(&jobs, &mut vec![0; workers]);
        let m = workers as u64;
        prop_assert!(last >= best && 3 * m * last <= (4 * m - 1) * best, "{} against {}", last, best);
    }
}

/// When the last of these jobs ends on equal workers under longest-first, all jobs being there from the start.
fn last_finish(jobs: &[u64], workers: usize) -> u64 {
    let mut scheduler = make::<LongestFirst>(r#"{"patience": 1000}"#);
    let mut ready: Vec<Ready> = (0..).zip(jobs).map(|(id, &job)| candidate(id, None, job, 0)).collect();
    let mut free_at = vec![0; workers];
    while !ready.is_empty() {
        let now_us = free_at.iter().copied().min().unwrap();
        let workers = (0_u32..).zip(&free_at);
        let idle: Vec<Idle> = workers
            .filter(|&(_, &free_at)| free_at == now_us)
            .map(|(number, _)| worker(number, 0, 1.0))
            .collect();
        let mut out = Placement::default();
        scheduler
            .assign(&Situation { now_us, ready: &ready, idle: &idle, ..Situation::default() }, &mut out)
            .unwrap();
        let placed = pairs(&out);
        for &(job, place) in &placed {
            free_at[idle[place].worker as usize] += ready[job].size.parameters;
        }
        let mut position = 0;
        ready.retain(|_| {
            position += 1;
            !placed.iter().any(|&(job, _)| job == position - 1)
        });
    }
    free_at.into_iter().max().unwrap()
}

/// Graham's worst cases, on which the bound is reached: twice each of 2m - 1 .. m + 1, and thrice m.
#[test]
fn longest_first_reaches_the_bound_on_the_worst_case_of_graham() {
    assert_eq!(last_finish(&[3, 3, 2, 2, 2], 2), 7); // 6 is possible: 3 + 3, 2 + 2 + 2
    assert_eq!(last_finish(&[5, 5, 4, 4, 3, 3, 3], 3), 11); // 9 is possible: 5 + 4, 5 + 4, 3 + 3 + 3
    assert_eq!(last_finish(&[7, 7, 6, 6, 5, 5, 4, 4, 4], 4), 15); // 12 is possible
}
