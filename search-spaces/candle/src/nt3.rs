//! NT3 as in EvoStore: a chain of convolution, pooling and dense layers, every one of them a decision.
//!
//! Other lists of operations than at SC'19: convolutions cannot be left out, they shorten the sequence, poolings have
//! strides, and `Identity` comes last where there is one. The published driver never passes on its `problem_size` and so
//! always searches the small space.

use lamarck_sdk::graph_space::{Activation, Op, Padding, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{EVOSTORE, Size, component, features, output, size};

component! {
    /// The search space `candle-nt3`.
    CandleNt3
}

/// The options of [`CandleNt3`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct Nt3Options {
    size: Size,
    features: u64,
}

const ACTIVATIONS: [Activation; 2] = [Activation::Relu, Activation::Tanh];

fn convolutions(kernels: &[u64], filters: &[u64]) -> Vec<Op> {
    let mut ops = Vec::new();
    for &kernel in kernels {
        for &filters in filters {
            ops.extend(ACTIVATIONS.map(|activation| Op::Conv1D {
                filters,
                kernel,
                padding: Padding::Valid,
                strides: 1,
                activation,
            }));
        }
    }
    ops
}

fn poolings(pools: &[u64], strides: &[u64], padding: Padding) -> Vec<Op> {
    let mut ops = Vec::new();
    for &pool in pools {
        ops.extend(strides.iter().map(|&strides| Op::MaxPooling1D { pool, strides, padding }));
    }
    ops.push(Op::Identity);
    ops
}

fn dense(widths: &[u64]) -> Vec<Op> {
    widths.iter().map(|&units| Op::dense(units, Activation::Linear)).collect()
}

fn activations() -> Vec<Op> {
    ACTIVATIONS.map(Op::Activation).to_vec()
}

fn dropouts() -> Vec<Op> {
    let mut ops = [0.5, 0.4, 0.3, 0.2].map(Op::dropout).to_vec();
    ops.push(Op::Identity);
    ops
}

/// The decisions up to the first dense one.
fn convolutional(size: Size) -> Vec<(&'static str, Vec<Op>)> {
    match size {
        Size::Small => vec![
            ("conv1", convolutions(&[3, 4, 5, 6], &[4, 8])),
            ("pool1", poolings(&[2, 3, 4, 5, 6], &[2, 3, 4, 5, 6], Padding::Valid)),
        ],
        Size::Large => {
            let conv = || convolutions(&[15, 20, 25], &[48, 56, 60]);
            vec![
                ("conv1", conv()),
                ("pool1", poolings(&[3], &[4, 5, 6], Padding::Same)),
                ("conv2", conv()),
                ("pool2", poolings(&[3, 4], &[4, 5, 6], Padding::Same)),
            ]
        }
    }
}

impl Component for CandleNt3 {
    type Options = Nt3Options;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-nt3",
        "CANDLE NT3 of EvoStore: a chain of convolutions, poolings and dense layers",
    )
    .references(&[EVOSTORE])
    .options(&[
        size("one narrow or two wide convolutions"),
        features("features", "60483", "length of the sequence"),
    ]);

    fn create(options: Nt3Options, _context: &Context) -> Result<Self> {
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        let mut last = space.input("input", &[options.features, 1]);
        // The vector that shortens the sequence most: the widest windows, the longest strides.
        let mut shortest = Vec::new();
        for (name, ops) in convolutional(options.size) {
            let widest = ops.iter().rposition(|op| *op != Op::Identity).unwrap_or(0);
            shortest.push(Choice::try_from(widest)?);
            let node = space.variable(name, ops);
            space.connect(last, node);
            last = node;
        }
        let widths = match options.size {
            Size::Small => [32, 97, 16],
            Size::Large => [100, 150, 200],
        };
        let nodes = [
            space.constant("flatten", Op::Flatten),
            space.variable("dense1", dense(&widths)),
            space.variable("activation1", activations()),
            space.variable("dropout1", dropouts()),
            space.variable("dense2", dense(&[16, 20, 24, 28, 32])),
            space.variable("activation2", activations()),
            space.variable("dropout2", dropouts()),
        ];
        last = space.chain(last, &nodes);
        let output = output(&mut space, 2, Activation::Softmax, last);
        let space = space.finish(output)?;
        shortest.resize(space.spec().decisions.len(), 0);
        // Every vector must have a model, and each has one if this one has.
        space.size(&shortest, "network").with_context(|| {
            format!(
                "option `features` is {}, too short for some architectures of the space",
                options.features
            )
        })?;
        Ok(Self(space))
    }
}
