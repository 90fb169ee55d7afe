//! The strategies beside naive ones that do the same in the plainest way, and conformance.

mod support;

use lamarck_regularized_evolution::{Neutral, Random, RegularizedEvolution};
use lamarck_sdk::testing::{check_strategy, create, space};
use lamarck_sdk::{Choice, Component, Context, Finished, Origin, Proposal, Rng, Selected, Status, Strategy};
use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;
use std::cmp::Ordering;
use std::collections::VecDeque;
use support::simulate;

#[derive(Clone, Copy)]
struct Member {
    id: u64,
    score: Option<f64>,
}

/// Better first: a score before none, the higher score, the lower id.
fn better_first(a: &Member, b: &Member) -> Ordering {
    match (a.score, b.score) {
        (Some(x), Some(y)) => y.partial_cmp(&x).unwrap(),
        (x, y) => y.is_some().cmp(&x.is_some()),
    }
    .then(a.id.cmp(&b.id))
}

/// Regularized evolution as it is told: a queue, a sample in a list, a sort for the winner and a sort for its rank.
struct Naive {
    population: VecDeque<Member>,
    capacity: usize,
    /// `None`: neutral.
    sample: Option<usize>,
    replacement: bool,
}

impl Naive {
    fn ask(&self, rng: &mut Rng) -> Proposal {
        let n = self.population.len();
        if n < self.capacity {
            return Proposal::Sample;
        }
        let mut drawn: Vec<usize> = Vec::new();
        match self.sample {
            None => drawn.push(rng.index(n)),
            Some(sample) if self.replacement => drawn.extend((0..sample).map(|_| rng.index(n))),
            Some(sample) => {
                for j in n - sample..n {
                    let t = rng.index(j + 1);
                    drawn.push(if drawn.contains(&t) { j } else { t });
                }
            }
        }
        let mut all: Vec<Member> = self.population.iter().copied().collect();
        all.sort_by(better_first);
        let mut tournament: Vec<Member> = drawn.into_iter().map(|rank| all[rank]).collect();
        tournament.sort_by(better_first);
        let winner = tournament[0].id;
        let rank = all.iter().position(|member| member.id == winner).unwrap() + 1;
        Proposal::Mutate(Selected { id: winner, rank: Some(u32::try_from(rank).unwrap()) })
    }

    fn tell(&mut self, id: u64, score: Option<f64>) -> Vec<u64> {
        self.population.push_back(Member { id, score });
        let leaves = self.population.len() > self.capacity;
        leaves.then(|| self.population.pop_front().unwrap().id).into_iter().collect()
    }
}

/// Few values, so that ties are common; and failures.
fn any_scores() -> impl Generator<Value = Vec<Option<i8>>> {
    prop::collection::vec(prop::option::weighted(0.8, -3..3_i8), 1..120)
}

fn agree(strategy: &mut dyn Strategy, naive: &mut Naive, scores: &[Option<i8>], seed: u64) {
    let (mut clever_rng, mut naive_rng) = (Rng::from_seed(seed), Rng::from_seed(seed));
    for (i, score) in scores.iter().enumerate() {
        assert_eq!(strategy.ask(&mut clever_rng).unwrap(), naive.ask(&mut naive_rng));
        assert_eq!(clever_rng, naive_rng, "as many draws");
        // Completions out of order of submission: ids swap in pairs.
        let id = i as u64 ^ 1;
        let score = score.map(f64::from);
        let mut released = Vec::new();
        let finished = Finished { id, choices: &[0], score, status: Status::Ok, origin: Origin::Sample };
        strategy.tell(&finished, &mut released).unwrap();
        assert_eq!(released, naive.tell(id, score));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn clever_and_naive_evolution_make_the_same_proposals(
        (population, sample) in (1..40_usize).prop_flat_map(|p| (Just(p), 1..=p)),
        replacement: bool,
        scores in any_scores(),
        seed: u64,
    ) {
        let options =
            format!(r#"{{"population": {population}, "sample": {sample}, "replacement": {replacement}}}"#);
        let mut clever: RegularizedEvolution = create(&options, &Context::for_space(space(&[2]))).unwrap();
        let mut naive =
            Naive { population: VecDeque::new(), capacity: population, sample: Some(sample), replacement };
        agree(&mut clever, &mut naive, &scores, seed);
    }

    #[test]
    fn clever_and_naive_neutral_evolution_make_the_same_proposals(
        population in 1..40_usize, scores in any_scores(), seed: u64,
    ) {
        let options = format!(r#"{{"population": {population}}}"#);
        let mut clever: Neutral = create(&options, &Context::for_space(space(&[2]))).unwrap();
        let mut naive = Naive {
            population: VecDeque::new(), capacity: population, sample: None, replacement: false,
        };
        agree(&mut clever, &mut naive, &scores, seed);
    }

    #[test]
    fn exactly_those_that_left_are_released(
        population in 1..30_u64, workers in 1..40_u64, seed: u64,
        start in prop::sample::select(vec!["completed", "submitted", "waited"]),
    ) {
        let options = format!(r#"{{"population": {population}, "sample": 1, "start": "{start}"}}"#);
        let mut strategy: RegularizedEvolution = create(&options, &Context::for_space(space(&[2]))).unwrap();
        let history = simulate(&mut strategy, workers, 150, seed, |_, rng| Some(rng.uniform()));
        prop_assert_eq!(history.released.len() as u64, 150 - population);
        let mut unique = history.released.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assert_eq!(unique.len(), history.released.len());
    }
}

#[test]
fn a_population_of_failures_still_evolves() {
    let mut strategy: RegularizedEvolution =
        create(r#"{"population": 5, "sample": 5}"#, &Context::for_space(space(&[2]))).unwrap();
    let history = simulate(&mut strategy, 1, 30, 1, |_, _| None);
    // All tie, so the lowest id wins, which with one worker is the oldest member.
    let expected: Vec<Option<u64>> = (0..30_u64).map(|id| id.checked_sub(5)).collect();
    assert_eq!(history.parents, expected);
}

fn sum(choices: &[Choice]) -> f64 {
    choices.iter().copied().map(f64::from).sum()
}

#[test]
fn all_strategies_conform() {
    let space = space(&[4, 1, 3, 7]);
    for more in [
        "",
        r#", "start": "submitted""#,
        r#", "start": "waited", "failures": "ignore""#,
        r#", "start": "submitted", "failures": "ignore""#,
        r#", "duplicates": "reject", "max_redraws": 3"#,
    ] {
        let common = format!(r#""population": 20{more}"#);
        check_strategy::<Neutral>(&format!("{{{common}}}"), &space, 400, sum).unwrap();
        for tournament in [r#""sample": 5"#, r#""sample": 30, "replacement": true"#] {
            let options = format!("{{{tournament}, {common}}}");
            check_strategy::<RegularizedEvolution>(&options, &space, 400, sum).unwrap();
        }
    }
    check_strategy::<Random>("{}", &space, 100, sum).unwrap();
    check_strategy::<Random>(r#"{"duplicates": "reject"}"#, &space, 100, sum).unwrap();
    assert_eq!(RegularizedEvolution::SPEC.name, "regularized-evolution");
}

#[test]
fn a_sample_larger_than_the_population_is_refused() {
    let context = Context::for_space(space(&[2]));
    let error = create::<RegularizedEvolution>(r#"{"population": 8, "sample": 9}"#, &context).err().unwrap();
    let text = format!("{error:#}");
    assert!(text.contains("`sample` is 9") && text.contains("`population` holds only 8"), "{text}");
    assert!(create::<RegularizedEvolution>(r#"{"population": 8, "sample": 8}"#, &context).is_ok());
    let options = r#"{"population": 8, "sample": 9, "replacement": true}"#;
    assert!(create::<RegularizedEvolution>(options, &context).is_ok());
}

/// One ask of the engine: propose and screen until a vector is accepted.
fn submit(strategy: &mut dyn Strategy, rng: &mut Rng, parents: &[Vec<Choice>]) -> (Vec<Choice>, u32) {
    let mut asks = 0;
    loop {
        asks += 1;
        let choices: Vec<Choice> = match strategy.ask(rng).unwrap() {
            Proposal::Mutate(selected) => {
                let mut child = parents[usize::try_from(selected.id).unwrap()].clone();
                let at = rng.index(child.len());
                child[at] = (child[at] + 1 + u16::try_from(rng.below(2)).unwrap()) % 3;
                child
            }
            _ => (0..3).map(|_| u16::try_from(rng.below(3)).unwrap()).collect(),
        };
        if strategy.accept(&choices).unwrap() {
            return (choices, asks);
        }
    }
}

#[test]
fn rejecting_duplicates_tries_every_vector_once_and_then_goes_on() {
    let context = Context::for_space(space(&[3, 3, 3]));
    let options = r#"{"population": 6, "sample": 2, "duplicates": "reject", "start": "submitted"}"#;
    let mut strategy: RegularizedEvolution = create(options, &context).unwrap();
    assert!(strategy.spec().screens);
    let mut rng = Rng::from_seed(2);
    let (mut vectors, mut released): (Vec<Vec<Choice>>, Vec<u64>) = (Vec::new(), Vec::new());
    for id in 0..40 {
        let (choices, asks) = submit(&mut strategy, &mut rng, &vectors);
        // A population may have no untried neighbours left; then, and only then, a duplicate passes.
        if vectors.contains(&choices) {
            assert!(asks > 1000 || id >= 27, "candidate {id} repeats a vector after {asks} asks");
        }
        let finished = Finished {
            id,
            choices: &choices,
            score: Some(sum(&choices)),
            status: Status::Ok,
            origin: Origin::Sample,
        };
        strategy.tell(&finished, &mut released).unwrap();
        vectors.push(choices);
    }
    // With duplicates kept there is nothing to screen.
    let keep: RegularizedEvolution = create("{}", &context).unwrap();
    assert!(!keep.spec().screens);
}
