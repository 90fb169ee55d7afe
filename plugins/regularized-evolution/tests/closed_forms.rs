//! Runs against what theory says of them.

mod support;

use lamarck_regularized_evolution::{Neutral, RegularizedEvolution};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Component, Context, Finished, Origin, Proposal, Rng, Status, Strategy};
use support::{assert_frequencies, simulate};

fn make<T: Component>(options: &str, workers: u32) -> T {
    let context = Context { workers, ..Context::for_space(space(&[5; 6])) };
    create(options, &context).unwrap()
}

fn tell(strategy: &mut impl Strategy, id: u64, score: Option<f64>) -> Vec<u64> {
    let mut released = Vec::new();
    let status = if score.is_some() { Status::Ok } else { Status::Failed };
    let finished = Finished { id, choices: &[0; 6], score, status, origin: Origin::Sample };
    strategy.tell(&finished, &mut released).unwrap();
    released
}

/// Population and workers, among them those of the published runs: 64/256 (319 candidates) and 50/256 (305).
const SIZES: [(u32, u32); 8] = [(64, 256), (50, 256), (100, 1), (100, 30), (1, 1), (1, 7), (20, 20), (7, 8)];

#[test]
fn the_random_phase_has_the_length_that_its_closed_form_says() {
    for (start, theory) in [
        ("completed", (|p, w| p + w - 1) as fn(u32, u32) -> u32),
        ("submitted", |p, w| p.max(w)),
        ("waited", |p, _| p),
    ] {
        for (p, w) in SIZES {
            let options = format!(r#"{{"population": {p}, "sample": 1, "start": "{start}"}}"#);
            let mut strategy: RegularizedEvolution = make(&options, w);
            let theory = u64::from(theory(p, w));
            assert_eq!(strategy.spec().random_phase, Some(theory));
            let budget = u64::from(p + 2 * w);
            // A third of the candidates fails: failures enter the population like all others.
            let history = simulate(&mut strategy, u64::from(w), budget, u64::from(p + w), |id, rng| {
                (id % 3 > 0).then(|| rng.uniform())
            });
            assert_eq!(history.random_phase() as u64, theory, "{start}, population {p}, {w} workers");
            assert_eq!(history.waits > 0, start == "waited" && w > 1, "{start}, population {p}, {w} workers");

            let options = format!(r#"{{"population": {p}, "start": "{start}"}}"#);
            let mut neutral: Neutral = make(&options, w);
            let history = simulate(&mut neutral, u64::from(w), budget, u64::from(p * w), |_, _| Some(0.0));
            assert_eq!(
                history.random_phase() as u64,
                theory,
                "neutral, {start}, population {p}, {w} workers"
            );
        }
    }
}

#[test]
fn the_published_lengths() {
    for ((p, w), length) in [((64, 256), 319), ((50, 256), 305), ((100, 1), 100)] {
        let strategy: RegularizedEvolution = make(&format!(r#"{{"population": {p}}}"#), w);
        assert_eq!(strategy.spec().random_phase, Some(length));
    }
}

#[test]
fn ignored_failures_are_replaced() {
    for start in ["completed", "submitted", "waited"] {
        let options =
            format!(r#"{{"population": 10, "sample": 2, "failures": "ignore", "start": "{start}"}}"#);
        let mut strategy: RegularizedEvolution = make(&options, 4);
        assert_eq!(strategy.spec().random_phase, None);
        // The first 5 candidates fail.
        let history = simulate(&mut strategy, 4, 200, 9, |id, rng| (id >= 5).then(|| rng.uniform()));
        let expected = if start == "completed" { 5 + 10 + 4 - 1 } else { 5 + 10 };
        assert_eq!(history.random_phase(), expected, "{start}");
        assert!(history.parents.iter().flatten().all(|&parent| parent >= 5), "{start}");
        assert_eq!(history.released.iter().filter(|&&id| id < 5).count(), 5, "{start}");
    }
}

/// C(n, k) as a float; exact for what is used here.
fn choose(n: u32, k: u32) -> f64 {
    (0..k).map(|i| f64::from(n) - f64::from(i)).product::<f64>() / (1..=k).map(f64::from).product::<f64>()
}

/// How often each rank is selected from a full population of `p` whose scores are a permutation.
fn rank_counts(strategy: &mut impl Strategy, p: u32, asks: u32) -> Vec<u64> {
    for id in 0..u64::from(p) {
        // 7 is coprime to the sizes used, so every score occurs once.
        assert!(tell(strategy, id, Some((id * 7 % u64::from(p)) as f64)).is_empty());
    }
    let mut counts = vec![0; p as usize];
    let mut rng = Rng::from_seed(11);
    for _ in 0..asks {
        let Proposal::Mutate(selected) = strategy.ask(&mut rng).unwrap() else {
            panic!("the population is full")
        };
        let rank = selected.rank.unwrap();
        assert_eq!(selected.id * 7 % u64::from(p), u64::from(p - rank), "rank 1 has the highest score");
        counts[rank as usize - 1] += 1;
    }
    counts
}

#[test]
fn ranks_are_selected_as_often_as_combinatorics_says() {
    for (p, s) in [(100, 10), (50, 5), (64, 32), (12, 1), (12, 11)] {
        let mut strategy: RegularizedEvolution = make(&format!(r#"{{"population": {p}, "sample": {s}}}"#), 1);
        let counts = rank_counts(&mut strategy, p, 40_000);
        let probabilities: Vec<f64> = (1..=p).map(|r| choose(p - r, s - 1) / choose(p, s)).collect();
        assert!((probabilities[0] - f64::from(s) / f64::from(p)).abs() < 1e-9);
        assert_frequencies(&counts, &probabilities);

        let options = format!(r#"{{"population": {p}, "sample": {s}, "replacement": true}}"#);
        let mut strategy: RegularizedEvolution = make(&options, 1);
        let counts = rank_counts(&mut strategy, p, 40_000);
        // The best of s draws has rank r or worse with probability ((p - r + 1) / p)^s.
        let tail = |r: u32| (f64::from(p + 1 - r) / f64::from(p)).powi(i32::try_from(s).unwrap());
        let probabilities: Vec<f64> = (1..=p).map(|r| tail(r) - tail(r + 1)).collect();
        assert_frequencies(&counts, &probabilities);
    }
}

#[test]
fn neutral_selection_prefers_no_rank() {
    let mut strategy: Neutral = make(r#"{"population": 50}"#, 1);
    let counts = rank_counts(&mut strategy, 50, 40_000);
    assert_frequencies(&counts, &[1.0 / 50.0; 50]);
}

#[test]
fn a_tournament_of_everybody_is_won_by_the_best() {
    let mut strategy: RegularizedEvolution = make(r#"{"population": 12, "sample": 12}"#, 1);
    assert_eq!(rank_counts(&mut strategy, 12, 500)[0], 500);
}

/// A model that is the best of the population from its completion until it ages out has `sample` expected children.
#[test]
fn the_best_for_life_has_as_many_children_as_a_tournament_has_members() {
    let (p, s, lives) = (20_u64, 5_u32, 4_000_u64);
    let mut strategy: RegularizedEvolution = make(&format!(r#"{{"population": {p}, "sample": {s}}}"#), 1);
    let mut rng = Rng::from_seed(5);
    let mut id = 0;
    let (mut children, mut best, mut asks_since) = (0_u32, None, 0);
    while id < p + lives * p {
        let proposal = strategy.ask(&mut rng).unwrap();
        asks_since += 1;
        if let Proposal::Mutate(selected) = proposal {
            children += u32::from(Some(selected.id) == best);
        }
        // One best in each span of p completions: it leaves just as the next one enters.
        let is_best = id % p == 0;
        let released = tell(&mut strategy, id, Some(if is_best { 2.0 } else { rng.uniform() }));
        if is_best && id >= p {
            assert_eq!(released, [id - p]);
            assert_eq!(asks_since, p);
        }
        if is_best {
            (best, asks_since) = (Some(id), 0);
        }
        id += 1;
    }
    // The first best lived through the random phase; each of the others was asked of p times at probability s / p.
    let mean = f64::from(children) / (lives as f64);
    let deviation = (f64::from(s) * (1.0 - f64::from(s) / p as f64) / lives as f64).sqrt();
    assert!((mean - f64::from(s)).abs() < 3.3 * deviation, "mean {mean}, standard error {deviation}");
}
