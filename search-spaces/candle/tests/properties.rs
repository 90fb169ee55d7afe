//! What holds for every vector of every space.

use lamarck_candle::{
    CandleAttn, CandleCombo, CandleComboShared, CandleComboUnshared, CandleNt3, CandleNt3Sc19, CandleUno,
    CandleUnoCells, CandleUnoEvostore,
};
use lamarck_sdk::graph_space::GraphSpace;
use lamarck_sdk::model::graph::{LayerGraph, canonical};
use lamarck_sdk::model::identity::{LayerIdentity, identities};
use lamarck_sdk::testing::{check_space, create};
use lamarck_sdk::{Choice, Context, Rng, SearchSpace};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const SMALL: &str = r#"{"size": "small"}"#;
const LARGE: &str = r#"{"size": "large"}"#;

/// Every space in every published size.
static SPACES: LazyLock<Vec<GraphSpace>> = LazyLock::new(|| {
    macro_rules! graphs {
        ($($name:ident $options:expr),+ $(,)?) => {
            vec![$(create::<$name>($options, &Context::bare()).unwrap().graph().clone()),+]
        };
    }
    graphs![
        CandleAttn SMALL, CandleAttn LARGE, CandleCombo SMALL, CandleCombo LARGE, CandleComboShared "{}",
        CandleComboUnshared "{}", CandleUno SMALL, CandleUno LARGE, CandleUnoCells "{}", CandleUnoEvostore "{}",
        CandleNt3Sc19 "{}", CandleNt3 SMALL, CandleNt3 LARGE,
    ]
});

#[test]
fn all_spaces_conform() {
    for options in [SMALL, LARGE] {
        check_space::<CandleAttn>(options).unwrap();
        check_space::<CandleCombo>(options).unwrap();
        check_space::<CandleUno>(options).unwrap();
        check_space::<CandleNt3>(options).unwrap();
    }
    check_space::<CandleComboShared>("{}").unwrap();
    check_space::<CandleComboUnshared>("{}").unwrap();
    check_space::<CandleUnoCells>("{}").unwrap();
    check_space::<CandleUnoEvostore>("{}").unwrap();
    check_space::<CandleNt3Sc19>("{}").unwrap();
}

fn draw(space: &GraphSpace, seed: u64) -> Vec<Choice> {
    let mut choices = vec![0; space.spec().decisions.len()];
    space.sample(&mut choices, &mut Rng::from_seed(seed)).unwrap();
    choices
}

fn by_name(graph: &LayerGraph) -> BTreeMap<&str, LayerIdentity> {
    graph.layers().map(|(_, layer)| layer.name.as_str()).zip(identities(graph)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Every vector builds; its size is that of its graph; its layers have names and identities of their own and
    /// canonical configurations.
    #[test]
    fn vectors_build(which in 0..13_usize, seed: u64) {
        let space = &SPACES[which];
        let choices = draw(space, seed);
        let graph = space.build(&choices, "network").unwrap();
        let size = space.size(&choices, "network").unwrap();
        prop_assert_eq!(graph.size().unwrap(), size);
        prop_assert_eq!(size.bytes, 4 * size.parameters);
        prop_assert_eq!(by_name(&graph).len(), graph.len());
        prop_assert_eq!(identities(&graph).into_iter().collect::<BTreeSet<_>>().len(), graph.len());
        let outputs = graph.ids().filter(|&id| graph.consumers(id).is_empty()).count();
        prop_assert_eq!(outputs, 1, "every layer is above the output");
        for (_, layer) in graph.layers() {
            let config: serde_json::Value = serde_json::from_str(&layer.config).unwrap();
            prop_assert_eq!(&canonical(&config), &layer.config);
        }
    }

    /// Layers that a decision is not above stay the same when it changes.
    #[test]
    fn a_change_keeps_what_is_not_below_it(which in 0..13_usize, seed: u64, at: prop::sample::Index, to: prop::sample::Index) {
        let space = &SPACES[which];
        let parent = draw(space, seed);
        let mut child = parent.clone();
        let decision = at.index(child.len());
        child[decision] = Choice::try_from(to.index(space.spec().decisions[decision].options.len())).unwrap();
        let below: BTreeSet<&str> = space.downstream(decision).collect();
        let (parent, child) =
            (space.build(&parent, "network").unwrap(), space.build(&child, "network").unwrap());
        let (parent, child) = (by_name(&parent), by_name(&child));
        for (name, identity) in &parent {
            let node = name.split_once('/').map_or(*name, |(node, _)| node);
            if !below.contains(node) && let Some(other) = child.get(name) {
                prop_assert_eq!(identity, other, "{}", name);
            }
        }
    }
}

/// Chi-squared for each decision, against the 99.99 % point by Wilson and Hilferty's approximation.
#[test]
fn sampling_is_uniform() {
    let n = 20_000_u32;
    for space in SPACES.iter() {
        let decisions = &space.spec().decisions;
        let mut counts: Vec<Vec<u32>> = decisions.iter().map(|d| vec![0; d.options.len()]).collect();
        let mut choices = vec![0; decisions.len()];
        let mut rng = Rng::from_seed(11);
        for _ in 0..n {
            space.sample(&mut choices, &mut rng).unwrap();
            for (counts, &choice) in counts.iter_mut().zip(&choices) {
                counts[usize::from(choice)] += 1;
            }
        }
        for (decision, counts) in decisions.iter().zip(counts) {
            let expected = f64::from(n) / counts.len() as f64;
            let statistic: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
            let freedom = (counts.len() - 1) as f64;
            let spread = 2.0 / (9.0 * freedom);
            let limit = freedom * (1.0 - spread + 3.719 * spread.sqrt()).powi(3);
            assert!(statistic < limit, "{} {}: {statistic} >= {limit}", space.spec().name, decision.name);
        }
    }
}

/// The second drug's tower uses the first one's layers: same parameters with one drug's layers only, and an input of two
/// layers that share.
#[test]
fn mirrored_towers_have_no_weights() {
    for (space, tower) in [(&SPACES[2], "drug2."), (&SPACES[3], "drug2."), (&SPACES[4], "drug2.")] {
        let mut shared = 0;
        for seed in 0..50 {
            let graph = space.build(&draw(space, seed), "network").unwrap();
            for (id, layer) in graph.layers().filter(|(_, layer)| layer.name.starts_with(tower)) {
                assert_eq!(layer.tensors, [], "{}", layer.name);
                if layer.class != "Dense" {
                    continue;
                }
                shared += 1;
                assert!(layer.config.contains(r#""shared":true"#), "{}", layer.config);
                let inputs: Vec<_> = graph.inputs(id).collect();
                let owner = graph.layer(inputs[1]).unwrap();
                assert_eq!((inputs.len(), owner.class.as_str()), (2, "Dense"));
                assert_eq!(owner.name, layer.name.replace("drug2", "drug1"));
                assert_eq!(owner.config, layer.config.replace(r#""shared":true,"#, ""));
                assert_eq!(owner.tensors.len(), 2);
            }
        }
        assert!(shared > 50, "{shared}");
    }
}

#[test]
fn the_two_drugs_are_different_inputs() {
    let graph = SPACES[4].build(&[0; 18], "network").unwrap();
    let configs: Vec<&str> = graph.layers().take(3).map(|(_, layer)| layer.config.as_str()).collect();
    assert_eq!(
        configs,
        [r#"{"shape":[942]}"#, r#"{"name":"drug1","shape":[3839]}"#, r#"{"name":"drug2","shape":[3839]}"#]
    );
}

fn layers(space: &GraphSpace, choices: &[Choice]) -> String {
    let graph = space.build(choices, "network").unwrap();
    let mut text = String::new();
    for (id, layer) in graph.layers() {
        let inputs: Vec<String> = graph.inputs(id).map(|input| input.0.to_string()).collect();
        let parameters = layer.size().unwrap().parameters;
        text += &format!(
            "{} {}: {}{} ({}) {parameters}\n",
            id.0,
            layer.name,
            layer.class,
            layer.config,
            inputs.join(",")
        );
    }
    text
}

#[test]
fn attn_layer_by_layer() {
    // v1 = Identity, all skips of the first tower; v3 is as wide as v2; nothing in the second tower.
    let choices = [0, 1, 3, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    insta::assert_snapshot!(layers(&SPACES[0], &choices), @r#"
    0 input: InputLayer{"shape":[6212]} () 0
    1 m1/add: Add{} (0,0) 0
    2 m1/relu: Activation{"activation":"relu"} (1) 0
    3 v2: Dense{"activation":"relu","units":50} (2) 310650
    4 m2/project input: Dense{"activation":"linear","units":50} (0) 310650
    5 m2/project m1: Dense{"activation":"linear","units":50} (2) 310650
    6 m2/add: Add{} (3,4,5) 0
    7 m2/relu: Activation{"activation":"relu"} (6) 0
    8 v3: Dense{"activation":"linear","units":50} (7) 2550
    9 m3/project input: Dense{"activation":"linear","units":50} (0) 310650
    10 m3/add: Add{} (8,9,7) 0
    11 m3/relu: Activation{"activation":"relu"} (10) 0
    12 output: Dense{"activation":"softmax","units":2} (11) 102
    "#);
}

#[test]
fn uno_pads_what_it_adds() {
    // Widths 1 + 942 + 5270 + 2048 = 8261 after the towers; N1 = Dense(100), N2 = Dense(500), N3 = Identity.
    let choices = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 0];
    insta::assert_snapshot!(layers(&SPACES[6], &choices), @r#"
    0 dose: InputLayer{"shape":[1]} () 0
    1 rnaseq: InputLayer{"shape":[942]} () 0
    2 descriptors: InputLayer{"shape":[5270]} () 0
    3 fingerprints: InputLayer{"shape":[2048]} () 0
    4 C0: Concatenate{} (0,1,2,3) 0
    5 C1.N1: Dense{"activation":"relu","units":100} (4) 826200
    6 C1.N2: Dense{"activation":"relu","units":500} (5) 50500
    7 C1.A1/pad C1.N1: ZeroPadding{"padding":[[200,200]]} (5) 0
    8 C1.A1/add: Add{} (6,7) 0
    9 C1.A2/add: Add{} (8,8) 0
    10 output: Dense{"activation":"linear","units":1} (9) 501
    "#);
}

#[test]
fn nt3_layer_by_layer() {
    insta::assert_snapshot!(layers(&SPACES[11], &[15, 24, 1, 0, 0, 2, 1, 4]), @r#"
    0 input: InputLayer{"shape":[60483,1]} () 0
    1 conv1: Conv1D{"activation":"tanh","filters":8,"kernel_size":6,"padding":"valid","strides":1} (0) 56
    2 pool1: MaxPooling1D{"padding":"valid","pool_size":6,"strides":6} (1) 0
    3 flatten: Flatten{} (2) 0
    4 dense1: Dense{"activation":"linear","units":97} (3) 7821401
    5 activation1: Activation{"activation":"relu"} (4) 0
    6 dropout1: Dropout{"rate":0.5} (5) 0
    7 dense2: Dense{"activation":"linear","units":24} (6) 2352
    8 activation2: Activation{"activation":"tanh"} (7) 0
    9 output: Dense{"activation":"softmax","units":2} (8) 50
    "#);
}

#[test]
fn wrong_input() {
    let error = |text: Result<_, lamarck_sdk::anyhow::Error>| format!("{:#}", text.unwrap_err());
    insta::assert_snapshot!(error(SPACES[0].build(&[0; 17], "network").map(|_| ())), @"space `candle-attn` has 18 decisions, but the vector has 17 choices");
    let mut choices = [0; 18];
    choices[9] = 391;
    insta::assert_snapshot!(error(SPACES[0].size(&choices, "network").map(|_| ())), @"choice 391 for decision 9 (`v4`) is out of range: it has 391 options, numbered from 0");
    insta::assert_snapshot!(error(SPACES[0].build(&[0; 18], "cell").map(|_| ())), @"space `candle-attn` has no level `cell`; use `network`");
    let made = |options| create::<CandleAttn>(options, &Context::bare()).map(|_| ());
    insta::assert_snapshot!(error(made(r#"{"size": "medium"}"#)), @r#"option `size`: expected one of "small", "large", found "medium""#);
    insta::assert_snapshot!(error(made(r#"{"features": 0}"#)), @"option `features`: expected a whole number from 1 to 1000000000, found 0");
    let made = |options| create::<CandleNt3>(options, &Context::bare()).map(|_| ());
    insta::assert_snapshot!(error(made(r#"{"features": 10}"#)), @"option `features` is 10, too short for some architectures of the space: node `pool1`: its window of 6 is longer than the sequence, which has 5 positions here; use a longer input, smaller windows, or padding `same`");
    assert!(made(r#"{"features": 11}"#).is_ok());
    insta::assert_snapshot!(error(made(r#"{"size": "large", "features": 168}"#)), @"option `features` is 168, too short for some architectures of the space: node `conv2`: its window of 25 is longer than the sequence, which has 24 positions here; use a longer input, smaller windows, or padding `same`");
    assert!(made(r#"{"size": "large", "features": 169}"#).is_ok());
}
