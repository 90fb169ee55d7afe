//! The hand-made models of the benchmarks, which the searches were to beat, as spaces without decisions.
//!
//! Build them with an empty vector. Their parameter counts are published or follow from the published programs:
//!
//! | model | parameters |
//! |---|---|
//! | [`combo`] with 942 and 3,820 features | 13,772,001 (SC'19) |
//! | [`combo`] with 942 and 3,839 features | 13,791,001 (AgEBO) |
//! | [`uno`] | 19,274,001 (SC'19) |
//! | [`attn`] | 8,893,437 (ECP) as Keras counts; 5,930 of these are running means and variances, which are buffers here |
//! | [`nt3`] | 154,922,918 (ECP) |
//!
//! ```
//! use lamarck_sdk::SearchSpace;
//! let model = lamarck_candle::baselines::combo(942, 3820)?;
//! assert_eq!(model.size(&[], "network")?.parameters, 13_772_001);
//! # Ok::<(), lamarck_sdk::anyhow::Error>(())
//! ```

use lamarck_sdk::graph_space::{Activation, DesignError, GraphSpace, NodeId, Op, Padding, SpaceBuilder};

use crate::parts::{mirror_chain, output};
use crate::uno::SUM;

const RELU: Op = Op::dense(1000, Activation::Relu);

/// Three dense layers of 1,000 units.
fn tower(space: &mut SpaceBuilder, name: &str, source: NodeId) -> [NodeId; 3] {
    let nodes = [1, 2, 3].map(|i| space.constant(format!("{name}.N{i}"), RELU));
    space.chain(source, &nodes);
    nodes
}

/// A chain of constant nodes, numbered.
fn sequence(space: &mut SpaceBuilder, name: &str, mut last: NodeId, ops: Vec<Op>) -> NodeId {
    for (i, op) in (1..).zip(ops) {
        last = space.merge(format!("{name}.{i}"), op, &[last]);
    }
    last
}

/// Combo: a tower for the cell, one for both drugs, and a third on all of them.
///
/// # Errors
/// When a width is 0.
pub fn combo(cell_features: u64, drug_features: u64) -> Result<GraphSpace, DesignError> {
    let mut space = SpaceBuilder::new("candle-combo-baseline");
    let cell = space.input("cell", &[cell_features]);
    let inputs = ["drug1", "drug2"].map(|drug| space.input(drug, &[drug_features]));
    let cell = tower(&mut space, "cell", cell)[2];
    let drug1 = tower(&mut space, "drug1", inputs[0]);
    let drug2 = mirror_chain(&mut space, "drug2", inputs[1], drug1);
    let joined = space.merge("joined", Op::Concatenate, &[cell, drug1[2], drug2]);
    let last = tower(&mut space, "trunk", joined)[2];
    let output = output(&mut space, 1, Activation::Linear, last);
    space.finish(output)
}

/// Uno: a tower for each of expression, descriptors and fingerprints, and a residual trunk on these and the dose.
///
/// # Errors
/// None: the widths are fixed.
pub fn uno() -> Result<GraphSpace, DesignError> {
    let mut space = SpaceBuilder::new("candle-uno-baseline");
    let dose = space.input("dose", &[1]);
    let towers = [("rnaseq", 942), ("descriptors", 5270), ("fingerprints", 2048)];
    let [a, b, c] = towers.map(|(name, width)| {
        let input = space.input(name, &[width]);
        tower(&mut space, name, input)[2]
    });
    let joined = space.merge("joined", Op::Concatenate, &[dose, a, b, c]);
    let n1 = space.merge("N1", RELU, &[joined]);
    let n2 = space.merge("N2", RELU, &[n1]);
    let a1 = space.merge("A1", SUM, &[n2, n1]);
    let n3 = space.merge("N3", RELU, &[a1]);
    let a2 = space.merge("A2", SUM, &[n3, a1]);
    let output = output(&mut space, 1, Activation::Linear, a2);
    space.finish(output)
}

/// ATTN: one layer weighs another by a softmax; five narrowing layers follow, each normalized.
///
/// # Errors
/// None: the widths are fixed.
pub fn attn() -> Result<GraphSpace, DesignError> {
    let mut space = SpaceBuilder::new("candle-attn-baseline");
    let input = space.input("input", &[6212]);
    let first = sequence(&mut space, "first", input, vec![RELU, Op::BatchNormalization]);
    let values = sequence(&mut space, "values", first, vec![RELU, Op::BatchNormalization]);
    let weights = space.merge("weights", Op::dense(1000, Activation::Softmax), &[first]);
    let mut last = space.merge("attention", Op::Multiply, &[values, weights]);
    for units in [500, 250, 125, 60, 30] {
        let ops = vec![Op::dense(units, Activation::Relu), Op::BatchNormalization, Op::dropout(0.2)];
        last = sequence(&mut space, &format!("dense{units}"), last, ops);
    }
    let output = output(&mut space, 2, Activation::Softmax, last);
    space.finish(output)
}

/// NT3: two convolutions with pooling, then two dense layers.
///
/// # Errors
/// None: the sizes are fixed.
pub fn nt3() -> Result<GraphSpace, DesignError> {
    let mut space = SpaceBuilder::new("candle-nt3-baseline");
    let input = space.input("input", &[60_483, 1]);
    let conv = |kernel| Op::Conv1D {
        filters: 128,
        kernel,
        padding: Padding::Valid,
        strides: 1,
        activation: Activation::Relu,
    };
    // Keras's stride of a pooling is its width.
    let pooling = |pool| Op::MaxPooling1D { pool, strides: pool, padding: Padding::Valid };
    let ops = vec![conv(20), pooling(1), conv(10), pooling(10), Op::Flatten];
    let mut last = sequence(&mut space, "conv", input, ops);
    for units in [200, 20] {
        let ops = vec![Op::dense(units, Activation::Relu), Op::dropout(0.1)];
        last = sequence(&mut space, &format!("dense{units}"), last, ops);
    }
    let output = output(&mut space, 2, Activation::Softmax, last);
    space.finish(output)
}
