//! NT3 as searched at SC'19: normal tissue or tumour, from one long sequence of gene expressions?
//!
//! Two convolutional cells and two dense cells. Convolutions and poolings keep the length: DeepHyper's pooling had a
//! stride of 1 then. The wide models that follow (over a billion parameters after flattening) are part of the space.

use lamarck_sdk::graph_space::{Activation, DecisionOrder, NodeId, Op, Padding, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{SC19, component, features, output};

component! {
    /// The search space `candle-nt3-sc19`.
    CandleNt3Sc19
}

/// The options of [`CandleNt3Sc19`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct Nt3Sc19Options {
    features: u64,
}

/// `Identity` and then these.
fn or_identity(ops: impl IntoIterator<Item = Op>) -> Vec<Op> {
    std::iter::once(Op::Identity).chain(ops).collect()
}

fn activations() -> Vec<Op> {
    or_identity([Activation::Relu, Activation::Tanh, Activation::Sigmoid].map(Op::Activation))
}

fn conv_cell(space: &mut SpaceBuilder, name: &str, source: NodeId) -> NodeId {
    let conv = |kernel| Op::Conv1D {
        filters: 8,
        kernel,
        padding: Padding::Same,
        strides: 1,
        activation: Activation::Linear,
    };
    let pooling = |pool| Op::MaxPooling1D { pool, strides: 1, padding: Padding::Same };
    let nodes = [
        space.variable(format!("{name}.N1"), or_identity([3, 4, 5, 6].map(conv))),
        space.variable(format!("{name}.N2"), activations()),
        space.variable(format!("{name}.N3"), or_identity([3, 4, 5, 6].map(pooling))),
    ];
    space.chain(source, &nodes)
}

fn mlp_cell(space: &mut SpaceBuilder, name: &str, source: NodeId) -> NodeId {
    let dense = [10, 50, 100, 200, 250, 500, 750, 1000].map(|units| Op::dense(units, Activation::Linear));
    let dropout = [0.5, 0.4, 0.3, 0.2, 0.1, 0.05].map(Op::dropout);
    let nodes = [
        space.constant(format!("{name}.N1"), Op::Flatten),
        space.variable(format!("{name}.N2"), or_identity(dense)),
        space.variable(format!("{name}.N3"), activations()),
        space.variable(format!("{name}.N4"), or_identity(dropout)),
    ];
    space.chain(source, &nodes)
}

impl Component for CandleNt3Sc19 {
    type Options = Nt3Sc19Options;
    const SPEC: ComponentSpec =
        ComponentSpec::new("candle-nt3-sc19", "CANDLE NT3 of SC'19: two convolutional and two dense cells")
            .references(&[SC19])
            .options(&[features("features", "60483", "length of the sequence")]);

    fn create(options: Nt3Sc19Options, _context: &Context) -> Result<Self> {
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        space.decision_order(DecisionOrder::Declaration);
        let mut last = space.input("input", &[options.features, 1]);
        for name in ["conv1", "conv2"] {
            last = conv_cell(&mut space, name, last);
        }
        for name in ["mlp1", "mlp2"] {
            last = mlp_cell(&mut space, name, last);
        }
        let output = output(&mut space, 2, Activation::Softmax, last);
        Ok(Self(space.finish(output)?))
    }
}
