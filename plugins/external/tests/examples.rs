//! The examples in Python do what they say they do: the same searches as Lamarck's own components, by other means.

#![cfg(unix)]

mod support;

use lamarck_external::{ExternalMutator, ExternalStrategy};
use lamarck_sdk::testing::{check_mutator, check_strategy, create, space};
use lamarck_sdk::{Context, Mutator, Proposal, Rng, Strategy};
use serde_json::{Value, json};
use support::{examples, make, python, search, tell};

fn strategy(python: &str, more: &Value) -> ExternalStrategy {
    make(examples(), &[python, "strategy.py"], more).expect("a strategy")
}

/// The best of `s` of `p`, drawn without replacement, has rank r with probability C(p - r, s - 1) / C(p, s).
#[test]
fn ranks_are_selected_as_often_as_combinatorics_says() {
    let Some(python) = python() else { return };
    let choose = |n: u32, k: u32| -> f64 {
        (0..k).map(|i| (f64::from(n) - f64::from(i)) / f64::from(i + 1)).product::<f64>().max(0.0)
    };
    let (p, s, asks) = (12, 4, 6_000_u32);
    let mut strategy = strategy(
        python,
        &json!({ "batch": 500, "restarts": 0, "options": { "population": p, "sample": s } }),
    );
    for id in 0..u64::from(p) {
        // 7 is coprime to 12, so every score occurs once; two candidates fail.
        let score = (id * 7 % 12 > 1).then_some(id as f64 * 7.0 % 12.0);
        assert_eq!(tell(&mut strategy, id, &[0, 0, 0], score).expect("told"), [0; 0]);
    }
    let mut counts = vec![0_u32; p as usize];
    let mut rng = Rng::from_seed(11);
    for _ in 0..asks {
        let proposal = strategy.ask(&mut rng).expect("a proposal");
        let Proposal::Mutate(selected) = proposal else { panic!("the population is full") };
        let rank = selected.rank.expect("it gives ranks");
        // The failed ones, 0 and 7, are worst, the lower id before the higher.
        let expected = match selected.id {
            0 => 11,
            7 => 12,
            id => u64::from(p) - id * 7 % 12,
        };
        assert_eq!(u64::from(rank), expected, "candidate {}", selected.id);
        counts[rank as usize - 1] += 1;
    }
    let chi2: f64 = (1..=p)
        .zip(&counts)
        .filter_map(|(rank, &count)| {
            let expected = f64::from(asks) * choose(p - rank, s - 1) / choose(p, s);
            (expected > 0.0).then(|| (f64::from(count) - expected).powi(2) / expected)
        })
        .sum();
    // Ranks 1 to 9 can win: 8 degrees of freedom, 26.1 is the 99.9 % point.
    assert!(chi2 < 26.1, "{chi2}: {counts:?}");
    assert_eq!(counts[9..], [0, 0, 0]);
}

/// P + W - 1 candidates are sampled before the first child, as the program itself predicts; and members leave in the order
/// in which they came.
#[test]
fn the_random_phase_has_the_length_that_its_closed_form_says() {
    let Some(python) = python() else { return };
    for p in [1, 10, 20] {
        let mut strategy = strategy(python, &json!({ "options": { "population": p, "sample": 2 } }));
        let course = search(&mut strategy, 40);
        let sampled = course.iter().take_while(|(proposal, _)| *proposal == Proposal::Sample).count();
        // `search` has 4 workers, as the context says.
        assert_eq!(sampled, p + 3);
        assert_eq!(strategy.spec().random_phase, Some(p as u64 + 3));
        let released: Vec<u64> = course.into_iter().flat_map(|(_, released)| released).collect();
        assert_eq!(released, (0..40 - p as u64).collect::<Vec<_>>());
    }
}

/// In batches it proposes as many, knows less, and releases the same candidates in the same order, if later.
#[test]
fn batches_release_the_same_candidates() {
    let Some(python) = python() else { return };
    let options = json!({ "population": 10, "sample": 3 });
    let mut strategy = strategy(python, &json!({ "batch": 7, "options": options }));
    let course = search(&mut strategy, 60);
    let released: Vec<u64> = course.iter().flat_map(|(_, released)| released.clone()).collect();
    assert_eq!(released, (0..released.len() as u64).collect::<Vec<_>>());
    assert!((35..=50).contains(&released.len()), "{released:?}");
    let sampled = course.iter().take_while(|(proposal, _)| *proposal == Proposal::Sample).count();
    // 13 would be the exact number; a batch that was asked for before the population was full is used up.
    assert!((13..=13 + 6).contains(&sampled), "{sampled}");
}

/// One decision changes, each that can with equal chance, to each other option with equal chance.
#[test]
fn children_differ_in_one_decision() {
    let Some(python) = python() else { return };
    let mutator: ExternalMutator =
        make(examples(), &[python, "mutator.py"], &Value::Null).expect("a mutator");
    let mut counts = std::collections::BTreeMap::new();
    let n = 3_000;
    for seed in 0..n {
        let mut child = [2, 0, 4];
        mutator.mutate(&mut child, &mut Rng::from_seed(seed)).expect("a child");
        *counts.entry(child).or_insert(0_u32) += 1;
    }
    // Decision 1 has one option. Of the others each is changed in n / 2 children, to 2 or 4 other options.
    assert_eq!(counts.len(), 6, "{counts:?}");
    let chi2: f64 = counts
        .iter()
        .map(|(child, &count)| {
            let expected = n as f64 / if child[0] == 2 { 8.0 } else { 4.0 };
            assert!((child[0] == 2) != (child[2] == 4), "{child:?}");
            (f64::from(count) - expected).powi(2) / expected
        })
        .sum();
    // 5 degrees of freedom: 20.5 is the 99.9 % point.
    assert!(chi2 < 20.5, "{chi2}: {counts:?}");
    // Its recombination takes a head from one parent and a tail from the other.
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let mut child = [0, 0, 0];
        mutator.recombine(&mut child, &[2, 0, 4], &mut Rng::from_seed(seed)).expect("a child");
        seen.insert(child);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [[0, 0, 0], [0, 0, 4], [2, 0, 4]]);
}

/// A space with nothing to change is the program's to refuse, and its traceback is what the user sees.
#[test]
fn a_traceback_is_shown() {
    let Some(python) = python() else { return };
    let folder = examples().to_str().expect("a path in UTF-8");
    let context = Context { folder: folder.into(), ..Context::for_space(space(&[1, 1])) };
    let options = json!({ "command": [python, "mutator.py"], "restarts": 0 }).to_string();
    let mutator: ExternalMutator = create(&options, &context).expect("a mutator");
    let error = mutator.mutate(&mut [0, 0], &mut Rng::from_seed(1)).expect_err("there is nothing to change");
    let error = format!("{error:#}");
    assert!(error.starts_with("`python3 mutator.py` ended with exit code 1 before it gave"), "{error}");
    assert!(
        error.contains("\nthe end of its standard error:\n | Traceback (most recent call last):"),
        "{error}"
    );
    assert!(error.contains("IndexError"), "{error}");
}

/// The program that `docs/external.md` shows is one.
#[test]
fn the_program_in_the_documentation_works() {
    let Some(python) = python() else { return };
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/external.md");
    let text = std::fs::read_to_string(file).expect("the documentation");
    let (_, rest) = text.split_once("```python\n").expect("a program");
    let (program, _) = rest.split_once("```").expect("its end");
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("mine.py");
    std::fs::write(&path, program).expect("a file");
    let options = json!({ "command": [python, path] }).to_string();
    check_mutator::<ExternalMutator>(&options, &space(&[3, 1, 5]))
        .expect("a mutator that keeps its contract");
}

/// So are the examples, for whoever writes plugins in Rust.
#[test]
fn the_examples_keep_the_contract_of_plugins() {
    let Some(python) = python() else { return };
    let command = |file: &str| json!([python, examples().join(file)]);
    let options = json!({ "command": command("mutator.py") }).to_string();
    check_mutator::<ExternalMutator>(&options, &space(&[3, 1, 5])).expect("a mutator");
    for batch in [1, 4] {
        let options = json!({
            "command": command("strategy.py"), "batch": batch, "options": { "population": 10, "sample": 3 },
        });
        let score = |choices: &[u16]| f64::from(choices.iter().sum::<u16>());
        check_strategy::<ExternalStrategy>(&options.to_string(), &space(&[3, 1, 5]), 150, score)
            .expect("a strategy");
    }
}
