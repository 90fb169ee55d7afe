//! What holds for every scheduler, whatever it is asked.

mod support;

use lamarck_schedulers::{DonorLocality, Fifo, LocalityWait, LongestFirst, PrefixBatching};
use lamarck_sdk::{Component, Idle, ModelSize, Placement, Ready, Scheduler, Situation};
use proptest::prelude::*;
use support::{Cluster, Script, all, candidate, check, make, most, pairs, scripts, worker};

/// Asks a scheduler through a whole script, and returns all that it said.
fn run(scheduler: &mut dyn Scheduler, script: &Script) -> Vec<Placement> {
    let mut cluster = Cluster::new(script);
    let mut said = Vec::new();
    while cluster.advance() {
        let mut out = Placement::default();
        scheduler.assign(&cluster.situation(), &mut out).unwrap();
        cluster.apply(&out);
        said.push(out);
    }
    said
}

/// The parts of a situation.
type Lists = (u64, Vec<Ready>, Vec<Idle>, Vec<u64>, Vec<u64>);

/// Any lists at all: in any order, with repetitions, with matrices of other sizes and with numbers at their limits.
fn situations() -> impl Strategy<Value = Vec<Lists>> {
    let number = prop_oneof![0..4_u64, Just(u64::MAX), Just(u64::MAX - 1)];
    let number = || number.clone();
    let size = (number(), number(), number()).prop_map(|(layers, parameters, bytes)| ModelSize {
        layers,
        parameters,
        bytes,
    });
    let ready = (number(), prop::option::of(number()), size.clone(), size, number()).prop_map(
        |(candidate, donor, size, prefix, submitted_us)| Ready {
            candidate,
            donor,
            size,
            prefix,
            submitted_us,
        },
    );
    let speed = prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    let node = prop_oneof![0..3_u32, Just(u32::MAX)];
    let idle = (node.clone(), node, number(), speed).prop_map(|(worker, node, since_us, speed)| Idle {
        worker,
        node,
        since_us,
        speed,
    });
    let list = prop::collection::vec(number(), 0..40);
    let situation =
        (number(), prop::collection::vec(ready, 0..8), prop::collection::vec(idle, 0..8), list.clone(), list);
    prop::collection::vec(situation, 1..6)
}

proptest! {
    #[test]
    fn positions_are_there_and_none_is_named_twice_and_all_workers_are_used(script in scripts()) {
        for (name, mut scheduler) in all() {
            let mut cluster = Cluster::new(&script);
            while cluster.advance() {
                let mut out = Placement::default();
                scheduler.assign(&cluster.situation(), &mut out).unwrap();
                let (count, most) = (out.assignments.len(), most(&cluster.situation()));
                if name == LocalityWait::SPEC.name {
                    let wakes = out.wake_us.is_some_and(|wake| wake > cluster.now_us);
                    prop_assert!(count == most || wakes, "{count} of {most}, and nothing to wait for");
                } else {
                    prop_assert_eq!(count, most, "{}", name);
                    prop_assert_eq!(out.wake_us, None);
                }
                cluster.apply(&out);
            }
        }
    }

    #[test]
    fn no_input_makes_a_scheduler_panic_or_break_its_contract(calls in situations()) {
        for (name, mut scheduler) in all() {
            for (now_us, ready, idle, cached, cached_anywhere) in &calls {
                let situation = Situation { now_us: *now_us, ready, idle, cached, cached_anywhere };
                let mut out = Placement::default();
                scheduler.assign(&situation, &mut out).unwrap();
                check(&situation, &out);
                if name != LocalityWait::SPEC.name || out.wake_us.is_none() {
                    prop_assert_eq!(out.assignments.len(), most(&situation), "{}", name);
                }
            }
        }
    }

    #[test]
    fn the_same_calls_have_the_same_answers(script in scripts()) {
        for ((name, mut one), (_, mut other)) in all().into_iter().zip(all()) {
            prop_assert_eq!(run(one.as_mut(), &script), run(other.as_mut(), &script), "{}", name);
        }
    }

    /// What is placed already in the answer that is handed in stays there.
    #[test]
    fn answers_are_appended(script in scripts()) {
        for ((_, mut one), (_, mut other)) in all().into_iter().zip(all()) {
            let mut cluster = Cluster::new(&script);
            cluster.advance();
            let (mut empty, mut begun) = (Placement::default(), Placement::default());
            begun.assign(7, 7);
            one.assign(&cluster.situation(), &mut empty).unwrap();
            other.assign(&cluster.situation(), &mut begun).unwrap();
            prop_assert_eq!(&begun.assignments[1..], &empty.assignments[..]);
        }
    }

    #[test]
    fn with_one_candidate_and_one_worker_all_are_fifo(
        donor in prop::option::of(0..4_u64),
        parameters in any::<u64>(),
        bytes in any::<u64>(),
        calls in 1..5_u64,
    ) {
        for (name, mut scheduler) in all() {
            for id in 0..calls {
                let mut out = Placement::default();
                let ready = [Ready {
                    size: ModelSize { layers: 1, parameters, bytes },
                    ..candidate(id, donor, 1, 1)
                }];
                let idle = [worker(3, 1, 1.0)];
                let cached = [bytes];
                let situation = Situation {
                    now_us: id,
                    ready: &ready,
                    idle: &idle,
                    cached: &cached,
                    cached_anywhere: &cached,
                };
                scheduler.assign(&situation, &mut out).unwrap();
                prop_assert_eq!(pairs(&out), [(0, 0)], "{}", name);
            }
        }
    }

    /// Each scheduler is fifo where what it looks at is the same everywhere.
    #[test]
    fn with_nothing_to_prefer_all_are_fifo(script in scripts()) {
        let mut script = script;
        script.held = 0;
        script.speeds.fill(1.0);
        for arrival in script.rounds.iter_mut().flat_map(|round| &mut round.arrivals) {
            (arrival.donor, arrival.parameters, arrival.frozen) = (None, 5, 0);
        }
        let expected = run(&mut Fifo, &script);
        for (name, mut scheduler) in all() {
            prop_assert_eq!(&run(scheduler.as_mut(), &script), &expected, "{}", name);
        }
    }

    /// The engine hands the matrix only to schedulers that want it, and has none where nodes have no caches.
    #[test]
    fn without_caches_those_that_look_at_them_are_fifo(script in scripts()) {
        for mut scheduler in [make::<DonorLocality>("{}"), make::<LocalityWait>("{}")] {
            let mut cluster = Cluster::new(&script);
            while cluster.advance() {
                let (mut out, mut expected) = (Placement::default(), Placement::default());
                let bare = Situation { cached: &[], cached_anywhere: &[], ..cluster.situation() };
                scheduler.assign(&bare, &mut out).unwrap();
                Fifo.assign(&bare, &mut expected).unwrap();
                prop_assert_eq!(&out, &expected);
                cluster.apply(&out);
            }
        }
    }
}

#[test]
fn only_those_that_look_at_caches_ask_for_them() {
    assert!(make::<DonorLocality>("{}").wants_cached());
    assert!(make::<LocalityWait>("{}").wants_cached());
    assert!(!make::<Fifo>("{}").wants_cached());
    assert!(!make::<LongestFirst>("{}").wants_cached());
    assert!(!make::<PrefixBatching>("{}").wants_cached());
}
