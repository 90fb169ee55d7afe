//! Schedulers that do as they must, and mutants.

use crate::{Mutant, assert_caught, assert_held};
use anyhow::{Result, bail};
use lamarck_model::conformance::{self, Verdicts};
use lamarck_model::{Assignment, Placement, Scheduler, Situation};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, PartialEq)]
enum Odd {
    Nothing,
    Fails,
    Panics,
    CandidateBeyond,
    WorkerBeyond,
    CandidateTwice,
    WorkerTwice,
    PlacesNobody,
    WakesInThePast,
    LeavesTheFirst,
    WakesForEver,
    OtherByInstance,
    ChangesItsMind,
}

/// Places in order, or from the last; at most so many at once; and lets candidates wait a while where asked to.
struct Ordered {
    odd: Odd,
    instance: u64,
    calls: AtomicU64,
    reverse: bool,
    at_once: usize,
    wait_us: u64,
}

impl Scheduler for Ordered {
    fn wants_cached(&self) -> bool {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        self.odd == Odd::ChangesItsMind && calls.is_multiple_of(2)
    }

    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        let (ready, idle) = (situation.ready.len(), situation.idle.len());
        let youngest = situation.ready.iter().map(|ready| ready.submitted_us).max().unwrap_or(0);
        if situation.now_us < youngest + self.wait_us {
            out.wake_at(youngest + self.wait_us);
            return Ok(());
        }
        for (r, i) in (0..ready).zip(0..idle).take(self.at_once) {
            if self.reverse { out.assign(ready - 1 - r, idle - 1 - i) } else { out.assign(r, i) }
        }
        let late = situation.now_us > 5_000;
        match self.odd {
            Odd::Fails if late => bail!("after five milliseconds"),
            Odd::Panics if late => panic!("after five milliseconds"),
            Odd::CandidateBeyond if late => out.assignments[0].ready = u32::try_from(ready)?,
            Odd::WorkerBeyond if late => out.assignments[0].idle = u32::try_from(idle)?,
            Odd::CandidateTwice if idle > 1 => {
                let first = out.assignments[0];
                out.assignments.truncate(1);
                out.assignments.push(Assignment { idle: (first.idle + 1) % 2, ..first });
            }
            Odd::WorkerTwice if ready > 1 => {
                let first = out.assignments[0];
                out.assignments.truncate(1);
                out.assignments.push(Assignment { ready: (first.ready + 1) % 2, ..first });
            }
            Odd::PlacesNobody => out.clear(),
            Odd::WakesInThePast => {
                out.clear();
                out.wake_at(situation.now_us);
            }
            Odd::LeavesTheFirst => {
                out.assignments.retain(|a| situation.ready[a.ready as usize].candidate != 0);
                if out.assignments.is_empty() {
                    out.wake_at(situation.now_us + 10);
                }
            }
            Odd::WakesForEver => {
                out.clear();
                out.wake_at(situation.now_us + 10);
            }
            Odd::OtherByInstance if self.instance % 2 == 1 => {
                out.assignments.truncate(1);
            }
            _ => {}
        }
        Ok(())
    }
}

fn check(odd: Odd, reverse: bool, at_once: usize, wait_us: u64) -> Verdicts {
    let instances = AtomicU64::new(0);
    conformance::scheduler(&|_| {
        let instance = instances.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Ordered { odd, instance, calls: AtomicU64::new(0), reverse, at_once, wait_us }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn schedulers_that_do_as_they_must_are_never_refused(
        reverse in any::<bool>(),
        at_once in 1_usize..9,
        wait_us in 0_u64..5_000,
    ) {
        let verdicts = check(Odd::Nothing, reverse, at_once, wait_us);
        prop_assert!(verdicts.first_broken().is_none(), "{:?}", verdicts.first_broken());
    }
}

#[test]
fn waiting_is_told() {
    let verdicts = check(Odd::Nothing, false, 1, 100);
    assert_held("patient", &verdicts);
    assert!(verdicts.notes.iter().any(|note| note.contains("waiting")), "{:?}", verdicts.notes);
}

#[test]
fn each_rule_has_a_mutant_that_is_caught() {
    let plain = |odd| check(odd, false, usize::MAX, 0);
    let mutants = [
        Mutant::new("refuses", "created", conformance::scheduler(&|_| bail!("not today"))),
        Mutant::new("fails", "answers", plain(Odd::Fails)),
        Mutant::new("panics", "answers", plain(Odd::Panics)),
        Mutant::new("a candidate beyond", "positions are in range", plain(Odd::CandidateBeyond)),
        Mutant::new("a worker beyond", "positions are in range", plain(Odd::WorkerBeyond)),
        Mutant::new("a candidate twice", "each at most once", plain(Odd::CandidateTwice)),
        Mutant::new("a worker twice", "each at most once", plain(Odd::WorkerTwice)),
        Mutant::new("places nobody", "never stalls", plain(Odd::PlacesNobody)),
        Mutant::new("wakes in the past", "never stalls", plain(Odd::WakesInThePast)),
        Mutant::new("leaves the first", "everybody gets a turn", plain(Odd::LeavesTheFirst)),
        Mutant::new("wakes for ever", "everybody gets a turn", plain(Odd::WakesForEver)),
        Mutant::new("by instance", "same situation, same answer", plain(Odd::OtherByInstance)),
        Mutant::new("changes its mind", "wants the same", plain(Odd::ChangesItsMind)),
    ];
    assert_caught(&mutants, &[]);
}
