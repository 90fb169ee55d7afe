//! Where the operators strike, against the chances that their definitions give.

use lamarck_mutators::{GenerationWeighted, NodeFirst, OneDecision};
use lamarck_sdk::testing::{check_mutator, create, space};
use lamarck_sdk::{Choice, Component, Context, Mutator, Rng, SpaceSpec};
use proptest::prelude::*;

/// NAS-Bench-201: five operations on each of the edges 0>1 | 0>2 1>2 | 0>3 1>3 2>3. The layers below an edge are those
/// of the edges that leave the node it ends in, and so on down.
fn nas_bench_201() -> SpaceSpec {
    let mut space = space(&[5; 6]);
    let edges = [("0>1", 1, 3), ("0>2", 2, 1), ("1>2", 2, 1), ("0>3", 3, 0), ("1>3", 3, 0), ("2>3", 3, 0)];
    for (decision, (name, node, descendants)) in space.decisions.iter_mut().zip(edges) {
        name.clone_into(&mut decision.name);
        decision.node = Some(node);
        decision.descendants = descendants;
    }
    space
}

/// Asserts that, over many mutations, decisions change as often as expected, and each to each other option as often.
/// Chi-squared against the 99.9 % points: 20.5 for the five degrees of freedom of six positions, and for the
/// (from, to) pairs below.
fn assert_chances<T: Component + Mutator>(options: &str, space: &SpaceSpec, expected: &[f64; 6]) {
    let mutator: T = create(options, &Context::for_space(space.clone())).unwrap();
    let mut rng = Rng::from_seed(20);
    let n = 90_000;
    let mut positions = [0_u32; 6];
    let mut pairs = [[0_u32; 5]; 5];
    let mut parent: Vec<Choice> = vec![0; 6];
    for _ in 0..n {
        let mut child = parent.clone();
        mutator.mutate(&mut child, &mut rng).unwrap();
        let changed: Vec<usize> = (0..6).filter(|&i| child[i] != parent[i]).collect();
        let [at] = changed[..] else { panic!("{parent:?} became {child:?}") };
        positions[at] += 1;
        pairs[usize::from(parent[at])][usize::from(child[at])] += 1;
        parent = child;
    }
    let chi2 = |count: u32, expected: f64| (f64::from(count) - expected).powi(2) / expected;
    let statistic: f64 = positions.iter().zip(expected).map(|(&c, p)| chi2(c, p * f64::from(n))).sum();
    assert!(statistic < 20.5, "{positions:?}");
    for (from, row) in pairs.iter().enumerate() {
        let total: u32 = row.iter().sum();
        assert_eq!(row[from], 0);
        let others = row.iter().enumerate().filter(|&(to, _)| to != from);
        let statistic: f64 = others.map(|(_, &count)| chi2(count, f64::from(total) / 4.0)).sum();
        // Three degrees of freedom.
        assert!(statistic < 16.3, "from {from}: {row:?}");
    }
}

/// The chance of each decision of the CANDLE space ATTN to be mutated, computed from the public code of the artifact. That
/// its decisions have these descendants is a test of the space.
#[test]
fn generation_weighted_in_attn() {
    let mut attn = space(&[2; 18]);
    let descendants = [5, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2, 1, 1, 1, 0, 0, 0, 0];
    for (decision, descendants) in attn.decisions.iter_mut().zip(descendants) {
        decision.descendants = descendants;
    }
    let generations = [2, 3, 4, 2, 3, 4];
    for (beta, expected) in [
        (1, [0.08333, 0.05556, 0.04167, 0.08333, 0.05556, 0.04167]),
        (10, [0.01515, 0.02828, 0.03485, 0.09697, 0.08283, 0.07576]),
    ] {
        let options = format!(r#"{{"beta": {beta}}}"#);
        let mutator: GenerationWeighted = create(&options, &Context::for_space(attn.clone())).unwrap();
        let expected = expected.into_iter().zip(generations).flat_map(|(p, n)| std::iter::repeat_n(p, n));
        let chances = mutator.chances();
        assert_eq!(chances.len(), 18);
        for ((position, chance), expected) in chances.into_iter().zip(expected) {
            assert!((chance - expected).abs() < 6e-6_f64, "beta {beta}, decision {position}: {chance}");
        }
    }
}

#[test]
fn one_decision_is_even_over_decisions() {
    assert_chances::<OneDecision>("{}", &nas_bench_201(), &[1.0 / 6.0; 6]);
}

#[test]
fn node_first_is_even_over_nodes() {
    let expected = [1.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0, 1.0 / 9.0, 1.0 / 9.0, 1.0 / 9.0];
    assert_chances::<NodeFirst>("{}", &nas_bench_201(), &expected);
    // Decisions without a node are nodes of their own: here 0, 1, 2 and the three of node 3, a quarter each.
    let mut space = nas_bench_201();
    for decision in &mut space.decisions[..3] {
        decision.node = None;
    }
    let third = 1.0 / 12.0;
    assert_chances::<NodeFirst>("{}", &space, &[0.25, 0.25, 0.25, third, third, third]);
}

#[test]
fn generation_weighted_follows_beta() {
    // Generations of 1, 2 and 3 decisions; beta = 1 gives each a third.
    let even = [1.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0, 1.0 / 9.0, 1.0 / 9.0, 1.0 / 9.0];
    assert_chances::<GenerationWeighted>("{}", &nas_bench_201(), &even);
    // beta = 5: weights 1, 3, 5 of 9.
    let steep = [1.0 / 9.0, 3.0 / 18.0, 3.0 / 18.0, 5.0 / 27.0, 5.0 / 27.0, 5.0 / 27.0];
    assert_chances::<GenerationWeighted>(r#"{"beta": 5}"#, &nas_bench_201(), &steep);
    // One generation: even over decisions, whatever beta.
    assert_chances::<GenerationWeighted>(r#"{"beta": 5}"#, &space(&[5; 6]), &[1.0 / 6.0; 6]);
}

/// ATTN has 18 decisions in six generations. The chances were computed from the public code of the artifact
/// (`DataStates/artifacts`) and are quoted to five places.
#[test]
fn generation_weighted_has_the_published_chances_on_attn() {
    let sizes = [2, 3, 4, 2, 3, 4];
    let mut attn = space(&[2; 18]);
    let generations = (0_u32..).zip(sizes).flat_map(|(g, size)| std::iter::repeat_n(g, size));
    for (decision, generation) in attn.decisions.iter_mut().zip(generations) {
        decision.descendants = 100 - generation;
    }
    for (beta, expected) in [
        (1, [0.08333, 0.05556, 0.04167, 0.08333, 0.05556, 0.04167]),
        (10, [0.01515, 0.02828, 0.03485, 0.09697, 0.08283, 0.07576]),
    ] {
        let options = format!(r#"{{"beta": {beta}}}"#);
        let mutator: GenerationWeighted = create(&options, &Context::for_space(attn.clone())).unwrap();
        let chances = mutator.chances();
        let expected =
            expected.iter().zip(sizes).flat_map(|(&chance, size)| std::iter::repeat_n(chance, size));
        for (position, (&(at, chance), expected)) in chances.iter().zip(expected).enumerate() {
            assert_eq!(at, position);
            assert!((chance - expected).abs() < 5e-6_f64, "beta {beta}, decision {position}: {chance}");
        }
        assert_eq!(chances.len(), 18);
    }
}

#[test]
fn noop_redraws_the_present_option_one_time_in_k() {
    let context = Context::for_space(space(&[5; 6]));
    let mutator: OneDecision = create(r#"{"noop": true}"#, &context).unwrap();
    let mut rng = Rng::from_seed(4);
    let n = 50_000;
    let mut unchanged = 0;
    for _ in 0..n {
        let mut child = [3; 6];
        mutator.mutate(&mut child, &mut rng).unwrap();
        assert!(child.iter().filter(|&&choice| choice != 3).count() <= 1);
        unchanged += i32::from(child == [3; 6]);
    }
    // 10,000 expected, standard deviation 89.
    assert!((unchanged - 10_000).abs() < 300, "{unchanged}");
}

#[test]
fn all_operators_conform() {
    for space in [nas_bench_201(), space(&[1, 2, 1, 65_536, 3])] {
        check_mutator::<OneDecision>("{}", &space).unwrap();
        check_mutator::<OneDecision>(r#"{"noop": true}"#, &space).unwrap();
        check_mutator::<NodeFirst>("{}", &space).unwrap();
        check_mutator::<GenerationWeighted>(r#"{"beta": 2.5}"#, &space).unwrap();
    }
}

#[test]
fn a_space_in_which_nothing_can_change_is_refused() {
    let context = Context::for_space(space(&[1, 1]));
    for error in [
        create::<OneDecision>("{}", &context).err(),
        create::<NodeFirst>("{}", &context).err(),
        create::<GenerationWeighted>("{}", &context).err(),
    ] {
        let text = format!("{:#}", error.expect("it is refused"));
        assert!(text.contains("each of its 2 decisions has a single option"), "{text}");
    }
}

#[test]
fn a_vector_of_another_space_is_an_error() {
    let mutator: OneDecision = create("{}", &Context::for_space(space(&[1, 1, 2]))).unwrap();
    let error = mutator.mutate(&mut [0], &mut Rng::from_seed(0)).unwrap_err().to_string();
    assert!(error.contains("the vector has 1 choices"), "{error}");
    assert!(create::<GenerationWeighted>(r#"{"beta": 0.5}"#, &Context::for_space(space(&[2]))).is_err());
}

proptest! {
    /// Whatever the space: exactly one decision changes, it is one that can, and it stays in range.
    #[test]
    fn a_child_differs_in_exactly_one_decision(
        decisions in prop::collection::vec((1..9_usize, prop::option::of(0..4_u32), 0..4_u32), 1..12),
        seed: u64,
    ) {
        prop_assume!(decisions.iter().any(|&(options, ..)| options > 1));
        let mut space = space(&decisions.iter().map(|&(options, ..)| options).collect::<Vec<_>>());
        for (decision, &(_, node, descendants)) in space.decisions.iter_mut().zip(&decisions) {
            decision.node = node;
            decision.descendants = descendants;
        }
        let context = Context::for_space(space.clone());
        let one: OneDecision = create("{}", &context).unwrap();
        let node: NodeFirst = create("{}", &context).unwrap();
        let generation: GenerationWeighted = create(r#"{"beta": 3}"#, &context).unwrap();
        let mut rng = Rng::from_seed(seed);
        let mutators: [&dyn Mutator; 3] = [&one, &node, &generation];
        for mutator in mutators {
            let parent: Vec<Choice> =
                decisions.iter().map(|&(n, ..)| Choice::try_from(rng.index(n)).unwrap()).collect();
            let mut child = parent.clone();
            mutator.mutate(&mut child, &mut rng).unwrap();
            prop_assert!(space.check_ranges(&child).is_ok());
            prop_assert_eq!(parent.iter().zip(&child).filter(|(a, b)| a != b).count(), 1);
        }
    }
}
