//! The engine on small components: closed forms, determinism, resumption, budgets, and broken contracts.

mod common;

use common::{Setup, Sum, go, settings};
use lamarck_model::{
    Assignment, CandidateId, CandidateRecord, Choice, Finished, Mutator, Nullable, Origin, Placement,
    Proposal, Rng, Scheduler, Selected, Situation, Status, Strategy,
};
use lamarck_runtime::engine::{ClusterSettings, End, EngineError, EngineErrorKind, RunSettings};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn assert_same(a: &[CandidateRecord], b: &[CandidateRecord]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert_eq!(a.difference(b), None, "candidate {}", a.id);
    }
}

#[test]
fn the_random_phase_has_its_closed_form() {
    for (population, workers) in [(20, 1), (20, 4), (20, 64), (5, 30)] {
        let setup = Setup { strategy: Box::new(common::Plain::new(population)), ..Setup::default() };
        let settings = RunSettings { cluster: common::workers(workers), ..settings() };
        let (_, summary, memory) = go(setup, &settings, None).unwrap();
        let expected = population as u64 + u64::from(workers) - 1;
        assert_eq!(summary.random_phase, Some(expected));
        let samples = memory.rows().iter().filter(|row| row.origin == Origin::Sample as u8).count();
        assert_eq!(samples as u64, expected);
    }
}

#[test]
fn every_candidate_is_recorded_once_and_workers_never_overlap() {
    let (end, summary, memory) = go(Setup::default(), &settings(), None).unwrap();
    assert_eq!((end, summary.candidates), (End::Complete, 200));
    let rows = memory.rows();
    let mut ids: Vec<CandidateId> = rows.iter().map(|row| row.id).collect();
    assert!(rows.is_sorted_by_key(|row| (row.finished_us, row.id)));
    ids.sort_unstable();
    assert_eq!(ids, (0..200).collect::<Vec<_>>());
    let mut busy: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
    for row in &rows {
        assert_eq!(row.node, row.worker / 2);
        assert_eq!(row.finished_us - row.started_us, row.train_us);
        busy.entry(row.worker).or_default().push((row.started_us, row.finished_us));
    }
    for spans in busy.values_mut() {
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        // A worker never waits: the next candidate starts when the last one ended.
        assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }
}

#[test]
fn children_are_recorded_against_their_parents() {
    let (_, _, memory) = go(Setup::default(), &settings(), None).unwrap();
    let rows = memory.rows();
    let by_id: BTreeMap<CandidateId, (usize, &CandidateRecord)> =
        rows.iter().enumerate().map(|(i, row)| (row.id, (i, row))).collect();
    let mut children = 0;
    for row in rows.iter().filter(|row| row.origin == Origin::Mutation as u8) {
        children += 1;
        let (position, parent) = by_id[&row.parent];
        let finished_then = rows.iter().filter(|other| other.finished_us <= row.submitted_us).count();
        // Nothing else finishes in the microsecond in which a child is made in this setup, or ties are rare.
        assert!(row.parent_age <= (finished_then - position - 1) as u64);
        let at = usize::from(row.changed_decision);
        assert_eq!((row.changed, row.mutator), (1, 0));
        assert_eq!((parent.choices[at], row.choices[at]), (row.changed_from, row.changed_to));
        assert!(row.choices.iter().zip(&parent.choices).enumerate().all(|(i, (a, b))| (a == b) == (i != at)));
    }
    assert_eq!(children, 200 - 23);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_paused_run_resumes_to_the_same_rows(
        seed in 0_u64..1000, workers in 1_u32..20, pause in 0_u64..200, lookahead in 0_u32..3, failure in 0_u8..3
    ) {
        let settings = RunSettings {
            seed,
            lookahead,
            cluster: ClusterSettings { failure_rate: f64::from(failure) * 0.2, ..common::workers(workers) },
            ..settings()
        };
        let (_, summary, whole) = go(Setup::default(), &settings, None).unwrap();
        let paused = RunSettings { pause_after: Some(pause), ..settings.clone() };
        let (end, _, part) = go(Setup::default(), &paused, None).unwrap();
        prop_assert_eq!(end, End::Interrupted);
        assert_same(&part.rows(), &whole.rows()[..part.rows().len()]);
        let (end, again, resumed) = go(Setup::default(), &settings, Some(part.rows())).unwrap();
        prop_assert_eq!(end, End::Complete);
        assert_same(&resumed.rows(), &whole.rows());
        prop_assert_eq!(again, summary);
    }
}

#[test]
fn a_record_of_another_run_is_refused() {
    let other = RunSettings { seed: 2, ..settings() };
    let (_, _, part) = go(Setup::default(), &other, None).unwrap();
    let error = go(Setup::default(), &settings(), Some(part.rows())).err().unwrap();
    assert!(matches!(error, EngineError::Diverged { .. }), "{error}");
    assert_eq!(error.kind(), EngineErrorKind::Trace);
}

#[test]
fn failures_and_losses_get_a_status_and_count_as_no_score() {
    let evaluator = Sum { failing: |id| id % 3 == 0, panics: false };
    let settings =
        RunSettings { cluster: ClusterSettings { failure_rate: 0.25, ..settings().cluster }, ..settings() };
    let (_, summary, memory) = go(Setup { evaluator, ..Setup::default() }, &settings, None).unwrap();
    let rows = memory.rows();
    assert_eq!(rows.len(), 200);
    let lost = rows.iter().filter(|row| row.status == Status::Lost as u8).count();
    assert!((30..70).contains(&lost), "{lost}");
    for row in &rows {
        assert_eq!(row.score.known().is_some(), row.status == Status::Ok as u8);
    }
    assert_eq!(summary.by_status.iter().sum::<u64>(), 200);
    assert!(summary.first_failure.unwrap().starts_with("cannot train candidate 0"));
}

#[test]
fn an_evaluator_that_never_works_ends_the_run() {
    let evaluator = Sum { failing: |_| true, panics: false };
    let error = go(Setup { evaluator, ..Setup::default() }, &settings(), None).err().unwrap();
    assert_eq!(
        error.to_string(),
        "the evaluator failed on every one of 100 candidates; the first time: cannot train candidate 0"
    );
}

#[test]
fn a_budget_of_time_cuts_what_is_running() {
    let settings = RunSettings { candidates: None, until_us: Some(20_000), lookahead: 2, ..settings() };
    let (end, summary, memory) = go(Setup::default(), &settings, None).unwrap();
    assert_eq!(end, End::Complete);
    let cut: Vec<_> =
        memory.rows().into_iter().filter(|row| row.status == Status::Interrupted as u8).collect();
    // Four on their workers, two ready.
    assert_eq!(cut.len(), 6);
    assert_eq!(cut.iter().filter(|row| row.started_us.known().is_some()).count(), 4);
    assert!(cut.iter().all(|row| row.finished_us == 20_000));
    assert!(memory.rows().iter().all(|row| row.finished_us <= 20_000));
    assert_eq!(summary.virtual_us, 20_000);
}

#[test]
fn the_layers_table_names_every_layer_of_every_model() {
    let settings = RunSettings { layers: true, candidates: Some(30), ..settings() };
    let (_, _, memory) = go(Setup::default(), &settings, None).unwrap();
    assert_eq!(memory.layers.len(), 30 * 7);
    assert_eq!(memory.layers.candidate, memory.layers.owner);
    // Every chain begins with the same input.
    assert!(memory.layers.identity.chunks(7).all(|layers| layers[0] == memory.layers.identity[0]));
}

#[test]
fn the_summary_finds_the_best_and_counts_distinct_vectors() {
    let (_, summary, memory) = go(Setup::default(), &settings(), None).unwrap();
    let rows = memory.rows();
    let best = summary.best.clone().unwrap();
    assert!(rows.iter().all(|row| row.score <= best.score));
    let mut vectors: Vec<_> = rows.iter().map(|row| row.choices.clone()).collect();
    vectors.sort();
    vectors.dedup();
    assert_eq!(summary.distinct, vectors.len() as u64);
    assert_eq!(summary.repeats(), 200 - vectors.len() as u64);
    let sum = f64::from(best.choices.iter().sum::<u16>());
    assert_eq!((best.reference, summary.regret), (Some(sum), Some(24.0 - sum)));
    let near = rows.iter().position(|row| row.choices.iter().sum::<u16>() >= 23).map(|at| at as u64 + 1);
    assert_eq!(summary.near_after, near);
}

struct Asks(fn(u64) -> Proposal, u64);

impl Strategy for Asks {
    fn ask(&mut self, _: &mut Rng) -> anyhow::Result<Proposal> {
        self.1 += 1;
        Ok((self.0)(self.1 - 1))
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> anyhow::Result<()> {
        released.push(finished.id);
        Ok(())
    }
}

#[test]
fn a_strategy_that_waits_for_ever_ends_the_run() {
    let strategy = Asks(|n| if n < 10 { Proposal::Sample } else { Proposal::Wait }, 0);
    let (end, summary, _) =
        go(Setup { strategy: Box::new(strategy), ..Setup::default() }, &settings(), None).unwrap();
    assert_eq!((end, summary.candidates), (End::Complete, 10));
}

struct Wild;
impl Mutator for Wild {
    fn mutate(&self, child: &mut [Choice], _: &mut Rng) -> anyhow::Result<()> {
        child[3] = 9;
        Ok(())
    }
}

struct Says(Vec<Assignment>);
impl Scheduler for Says {
    fn assign(&mut self, _: &Situation<'_>, out: &mut Placement) -> anyhow::Result<()> {
        out.assignments.extend(&self.0);
        Ok(())
    }
}

fn fails_with(setup: Setup, expected: &str) {
    let error = go(setup, &settings(), None).err().unwrap().to_string();
    assert!(error.contains(expected), "`{error}` lacks `{expected}`");
}

#[test]
fn broken_contracts_are_named() {
    let strategy = |ask| Box::new(Asks(ask, 0));
    let unknown = strategy(|_| Proposal::Mutate(Selected { id: 7, rank: None }));
    fails_with(
        Setup { strategy: unknown, ..Setup::default() },
        "strategy broke its contract at candidate 0: it selected candidate 7",
    );
    let short = strategy(|_| Proposal::Exact(vec![1, 2]));
    fails_with(
        Setup { strategy: short, ..Setup::default() },
        "strategy made an invalid vector for candidate 0: space `toy` has 6 decisions, but the vector has 2 choices",
    );

    fails_with(
        Setup { mutator: Box::new(Wild), ..Setup::default() },
        "mutator made an invalid vector for candidate 23: choice 9 for decision 3 (`d3`) is out of range",
    );

    let says = |pairs: &[(u32, u32)]| {
        Box::new(Says(pairs.iter().map(|&(ready, idle)| Assignment { ready, idle }).collect()))
    };
    fails_with(
        Setup { scheduler: says(&[]), ..Setup::default() },
        "it placed no candidate although every worker",
    );
    fails_with(Setup { scheduler: says(&[(0, 1), (1, 1)]), ..Setup::default() }, "a worker twice");
    fails_with(Setup { scheduler: says(&[(9, 0)]), ..Setup::default() }, "that is not there");
}
