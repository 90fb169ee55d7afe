//! Published facts: sizes of the spaces, parameter counts of found and hand-made models, statistics, mutation weights.

use lamarck_candle::{
    CandleAttn, CandleCombo, CandleComboShared, CandleComboUnshared, CandleNt3, CandleNt3Sc19, CandleUno,
    CandleUnoCells, CandleUnoEvostore, baselines,
};
use lamarck_sdk::graph_space::GraphSpace;
use lamarck_sdk::testing::create;
use lamarck_sdk::{Choice, Component, Context, ModelSize, Rng, SearchSpace, SpaceSpec};

fn space<T: Component>(options: &str) -> T {
    create(options, &Context::bare()).unwrap()
}

fn spec<T: Component + SearchSpace>(options: &str) -> SpaceSpec {
    space::<T>(options).spec().clone()
}

const SMALL: &str = r#"{"size": "small"}"#;
const LARGE: &str = r#"{"size": "large"}"#;

#[test]
fn sizes_of_the_spaces() {
    let expected = [
        (spec::<CandleAttn>(SMALL), 18, "14635935683435892736"),
        (spec::<CandleAttn>(LARGE), 18, "48553621866090496"),
        (spec::<CandleCombo>(SMALL), 13, "209682766102329"),
        (spec::<CandleCombo>(LARGE), 41, "298696199245932971884643989199362285948091520"),
        // 391^9 * 2^9 and 391^12 * 2^24, quoted as 1.0936e26 and 2.142e38.
        (spec::<CandleComboShared>("{}"), 18, "109360573117346352811576832"),
        (spec::<CandleComboUnshared>("{}"), 36, "214210613329672072586755799853297565696"),
        (spec::<CandleUno>(SMALL), 12, "23298085122481"),
        (spec::<CandleUno>(LARGE), 25, "574574078492146287366613401600"),
        (spec::<CandleUnoCells>("{}"), 13, "302875106592253"),
        (spec::<CandleUnoCells>(r#"{"num_cells": 2}"#), 12, "23298085122481"),
        (spec::<CandleUnoEvostore>("{}"), 12, "23298085122481"),
        (spec::<CandleNt3Sc19>("{}"), 12, "635040000"),
        (spec::<CandleNt3>(SMALL), 8, "624000"),
        (spec::<CandleNt3>(LARGE), 10, "13608000"),
    ];
    for (spec, decisions, size) in expected {
        spec.check().unwrap();
        assert_eq!(spec.decisions.len(), decisions, "{}", spec.name);
        assert_eq!(spec.size_decimal(), size, "{}", spec.name);
    }
}

#[test]
fn architectures_found_in_attn() {
    let attn: CandleAttn = space("{}");
    for (choices, parameters) in [
        ([18, 1, 81, 0, 0, 119, 1, 0, 1, 364, 0, 142, 0, 0, 321, 1, 1, 0], 13_932_677),
        ([119, 0, 370, 1, 0, 267, 1, 1, 1, 118, 1, 44, 0, 1, 43, 1, 1, 1], 33_865_627),
        ([179, 0, 350, 1, 0, 328, 1, 0, 1, 106, 1, 384, 1, 0, 45, 1, 1, 0], 42_145_177),
    ] {
        assert_eq!(attn.size(&choices, "network").unwrap().parameters, parameters);
    }
    // All identities, no skips: the output layer on the input.
    let size = attn.size(&[0; 18], "network").unwrap();
    assert_eq!(size, ModelSize { layers: 2, parameters: 12_426, bytes: 4 * 12_426 });
}

#[test]
fn architectures_found_in_combo() {
    let combo: CandleComboShared = space("{}");
    for (choices, parameters) in [
        ([169, 1, 124, 1, 0, 348, 14, 1, 19, 0, 1, 63, 247, 1, 247, 0, 0, 33], 15_328_476),
        ([115, 0, 199, 1, 0, 217, 186, 0, 137, 0, 0, 191, 353, 1, 317, 1, 1, 312], 37_688_176),
        ([167, 1, 39, 1, 1, 184, 117, 0, 42, 1, 1, 350, 287, 1, 186, 1, 0, 342], 37_045_876),
        ([114, 0, 141, 1, 0, 217, 198, 1, 212, 1, 0, 96, 228, 1, 122, 1, 1, 308], 29_265_901),
    ] {
        assert_eq!(combo.size(&choices, "network").unwrap().parameters, parameters);
    }
}

#[test]
fn hand_made_models() {
    let size = |model: GraphSpace| model.size(&[], "network").unwrap();
    assert_eq!(size(baselines::combo(942, 3820).unwrap()).parameters, 13_772_001);
    assert_eq!(size(baselines::combo(942, 3839).unwrap()).parameters, 13_791_001);
    // The figure of ECP's own page, for its own data.
    assert_eq!(size(baselines::combo(923, 3809).unwrap()).parameters, 13_742_001);
    assert_eq!(size(baselines::uno().unwrap()).parameters, 19_274_001);
    assert_eq!(size(baselines::nt3().unwrap()).parameters, 154_922_918);
    // Keras counts running means and variances as parameters that are not trained; they are buffers here.
    let attn = size(baselines::attn().unwrap());
    assert_eq!(attn.bytes, 4 * 8_893_437);
    assert_eq!(attn.parameters, 8_893_437 - 5_930);
}

/// The hand-made models of SC'19 are vectors of the spaces of SC'19, but for parts that no option makes.
#[test]
fn hand_made_models_are_found_in_their_spaces() {
    // Nine dense layers of 1000 (relu is option 9), no skip, and three identities.
    let combo: CandleCombo = space("{}");
    let choices = [9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0];
    assert_eq!(combo.size(&choices, "network").unwrap().parameters, 13_772_001);
    let uno: CandleUno = space("{}");
    assert_eq!(uno.size(&[9; 12], "network").unwrap().parameters, 19_274_001);
}

#[test]
fn options_of_attn_are_in_the_published_order() {
    let attn = spec::<CandleAttn>("{}");
    // units = 50 + 25 * ((k - 1) / 5), activation = (k - 1) % 5.
    let labels = &attn.decisions[0].options;
    assert_eq!(labels.len(), 391);
    assert_eq!(labels[..4], ["Identity", "Dense(50)", "Dense(50, swish)", "Dense(50, relu)"]);
    assert_eq!((labels[18].as_str(), labels[390].as_str()), ("Dense(125, relu)", "Dense(1975, sigmoid)"));
    let names: Vec<&str> = attn.decisions.iter().map(|decision| decision.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "v1",
            "skip input>m1",
            "v2",
            "skip input>m2",
            "skip m1>m2",
            "v3",
            "skip input>m3",
            "skip m1>m3",
            "skip m2>m3",
            "v4",
            "skip m3>m4",
            "v5",
            "skip m3>m5",
            "skip m4>m5",
            "v6",
            "skip m3>m6",
            "skip m4>m6",
            "skip m5>m6",
        ]
    );
    let large = spec::<CandleAttn>(LARGE);
    assert_eq!(large.decisions[0].options[150], "Dense(3450, sigmoid)");
}

#[test]
fn options_of_the_other_spaces_are_in_the_published_order() {
    let combo = spec::<CandleCombo>(SMALL);
    assert_eq!(
        combo.decisions[0].options,
        [
            "Identity",
            "Dense(100, relu)",
            "Dense(100, tanh)",
            "Dense(100, sigmoid)",
            "Dropout(0.05)",
            "Dense(500, relu)",
            "Dense(500, tanh)",
            "Dense(500, sigmoid)",
            "Dropout(0.1)",
            "Dense(1000, relu)",
            "Dense(1000, tanh)",
            "Dense(1000, sigmoid)",
            "Dropout(0.2)",
        ]
    );
    assert_eq!(
        combo.decisions[9].options,
        [
            "Zero",
            "Connect(cell)",
            "Connect(drug1)",
            "Connect(drug2)",
            "Connect(C0)",
            "Connect(cell, drug1, drug2)",
            "Connect(cell, drug1)",
            "Connect(drug1, drug2)",
            "Connect(cell, drug2)",
        ]
    );
    let combo = spec::<CandleCombo>(LARGE);
    assert_eq!(
        combo.decisions[6 + 4 * 2 + 3].options,
        [
            "Zero",
            "Connect(cell, drug1, drug2)",
            "Connect(cell)",
            "Connect(drug1)",
            "Connect(drug2)",
            "Connect(C0)",
            "Connect(M0)",
            "Connect(M1)",
        ]
    );
    let uno = spec::<CandleUno>(LARGE);
    let skip = &uno.decisions[9 + 2 * 2 + 1];
    assert_eq!((skip.name.as_str(), skip.options.len()), ("M2.skip", 20));
    assert_eq!(
        skip.options[12..],
        [
            "Connect(dose)",
            "Connect(rnaseq)",
            "Connect(descriptors)",
            "Connect(fingerprints)",
            "Connect(C0)",
            "Connect(M0.N1)",
            "Connect(M0)",
            "Connect(M1.N1)",
        ]
    );
    let uno = spec::<CandleUnoEvostore>("{}");
    assert_eq!(
        uno.decisions[11].options[9..],
        ["Dense(1000, sigmoid)", "Dropout(0.3)", "Dropout(0.4)", "Dropout(0.5)"]
    );

    let nt3 = spec::<CandleNt3>("{}");
    let counts: Vec<usize> = nt3.decisions.iter().map(|decision| decision.options.len()).collect();
    assert_eq!(counts, [16, 26, 3, 2, 5, 5, 2, 5]);
    assert_eq!(nt3.decisions[0].options[3], "Conv1D(8, kernel 3, strides 1, valid, tanh)");
    assert_eq!(nt3.decisions[1].options[6], "MaxPooling1D(3, strides 3, valid)");
    assert_eq!(nt3.decisions[4].options[4], "Identity");
    let nt3 = spec::<CandleNt3Sc19>("{}");
    let counts: Vec<usize> = nt3.decisions.iter().map(|decision| decision.options.len()).collect();
    assert_eq!(counts, [5, 4, 5, 5, 4, 5, 9, 4, 7, 9, 4, 7]);
}

/// Only lists of one operation with one rising or falling number are ordered.
#[test]
fn ordered_decisions() {
    let ordered = |spec: SpaceSpec| -> Vec<String> {
        spec.decisions.into_iter().filter(|decision| decision.ordered).map(|decision| decision.name).collect()
    };
    assert!(ordered(spec::<CandleAttn>("{}")).is_empty());
    assert!(ordered(spec::<CandleUno>(LARGE)).is_empty());
    assert_eq!(ordered(spec::<CandleNt3>(SMALL)), ["dropout1", "dense2", "dropout2"], "dense1 is 32, 97, 16");
    assert_eq!(ordered(spec::<CandleNt3>(LARGE)), ["dense1", "dropout1", "dense2", "dropout2"]);
    assert_eq!(ordered(spec::<CandleNt3Sc19>("{}")), ["conv1.N3", "conv2.N3"]);
}

/// Which decisions change as many others: what generation-weighted mutation goes by. The chances that follow from these
/// groups, computed from the public code of the artifact, are a test of the mutators (`plugins/mutators/tests/chances.rs`);
/// a program can link one plugin only.
#[test]
fn generations_of_attn() {
    let spec = spec::<CandleAttn>("{}");
    let descendants: Vec<u32> = spec.decisions.iter().map(|decision| decision.descendants).collect();
    assert_eq!(descendants, [5, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2, 1, 1, 1, 0, 0, 0, 0_u32]);
}

/// Mean and percentiles of the parameters of random architectures, against those of 100,000 samples. The tolerances are
/// some four standard errors of 20,000 samples.
#[test]
fn random_architectures_of_attn() {
    let n = 20_000;
    for (options, mean, low, high) in [(SMALL, 25.3, 8.9, 45.5), (LARGE, 111.3, 76.2, 149.5)] {
        let attn: CandleAttn = space(options);
        let mut rng = Rng::from_seed(7);
        let mut choices: [Choice; 18] = [0; 18];
        let mut millions: Vec<f64> = (0..n)
            .map(|_| {
                attn.sample(&mut choices, &mut rng).unwrap();
                attn.size(&choices, "network").unwrap().parameters as f64 / 1e6
            })
            .collect();
        millions.sort_by(f64::total_cmp);
        let found = [millions.iter().sum::<f64>() / f64::from(n), millions[1_000], millions[19_000]];
        for (found, expected) in found.into_iter().zip([mean, low, high]) {
            assert!((found / expected - 1.0_f64).abs() < 0.02, "{options}: {found} instead of {expected}");
        }
    }
}
