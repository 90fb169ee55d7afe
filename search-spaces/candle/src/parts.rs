//! What several spaces are made of: options, lists of operations, towers.

use lamarck_sdk::graph_space::{Activation, NodeId, Op, SpaceBuilder};
use lamarck_sdk::prelude::*;

/// Defines a component that is a finished graph space and hands everything on to it.
macro_rules! component {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(lamarck_sdk::graph_space::GraphSpace);

        impl $name {
            /// The space as a graph.
            pub fn graph(&self) -> &lamarck_sdk::graph_space::GraphSpace {
                &self.0
            }
        }

        impl lamarck_sdk::SearchSpace for $name {
            fn spec(&self) -> &lamarck_sdk::SpaceSpec {
                self.0.spec()
            }

            fn build(
                &self,
                choices: &[lamarck_sdk::Choice],
                level: &str,
            ) -> lamarck_sdk::anyhow::Result<lamarck_sdk::LayerGraph> {
                self.0.build(choices, level)
            }

            fn size(
                &self,
                choices: &[lamarck_sdk::Choice],
                level: &str,
            ) -> lamarck_sdk::anyhow::Result<lamarck_sdk::ModelSize> {
                self.0.size(choices, level)
            }
        }
    };
}
pub(crate) use component;

pub(crate) const SC19: &str = "P. Balaprakash et al.: Scalable Reinforcement-Learning-Based Neural Architecture Search for Cancer Deep \
     Learning Research, SC'19, arXiv:1909.00311";
pub(crate) const AGEBO: &str = "R. Egele et al.: AgEBO-Tabular, SC'21, arXiv:2010.16358";
pub(crate) const CLUSTER21: &str = "H. Liu et al.: Accelerating DNN Architecture Search at Scale Using Selective Weight Transfer, CLUSTER'21, \
     hal-03341805";
pub(crate) const EVOSTORE: &str = "EvoStore, HPDC'24, doi:10.1145/3625549.3658679";

/// Which of two published sizes of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "lowercase")]
pub(crate) enum Size {
    Small,
    Large,
}

/// The option `size`.
pub(crate) const fn size(help: &'static str) -> OptionSpec {
    OptionSpec::choice("size", &["small", "large"], help).default_value("\"small\"")
}

/// An option for the width of an input. A billion features leave every product of widths within 64 bits.
pub(crate) const fn features(name: &'static str, default: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec::integer(name, 1, 1_000_000_000, help).default_value(default).unit("features")
}

/// `Identity`, then each width with the five activations none, swish, relu, tanh, sigmoid: AgEBO and EvoStore.
pub(crate) fn dense_ops(widths: impl Iterator<Item = u64>) -> Vec<Op> {
    use Activation::{Linear, Relu, Sigmoid, Swish, Tanh};
    let mut ops = vec![Op::Identity];
    for units in widths {
        ops.extend([Linear, Swish, Relu, Tanh, Sigmoid].map(|activation| Op::dense(units, activation)));
    }
    ops
}

/// The 391 operations of AgEBO: 50, 75, .. 1975 units.
pub(crate) fn agebo_ops() -> Vec<Op> {
    dense_ops((50..2000).step_by(25))
}

const MLP_WIDTHS: [u64; 3] = [100, 500, 1000];
const MLP_ACTIVATIONS: [Activation; 3] = [Activation::Relu, Activation::Tanh, Activation::Sigmoid];

/// `Identity`, then for each of 100, 500, 1000 units three dense layers and a dropout: SC'19.
pub(crate) fn mlp_ops(rates: [f64; 3]) -> Vec<Op> {
    let mut ops = vec![Op::Identity];
    for (units, rate) in MLP_WIDTHS.into_iter().zip(rates) {
        ops.extend(MLP_ACTIVATIONS.map(|activation| Op::dense(units, activation)));
        ops.push(Op::dropout(rate));
    }
    ops
}

/// The same operations with all dropouts at the end: EvoStore's Uno.
pub(crate) fn mlp_ops_dropouts_last(rates: [f64; 3]) -> Vec<Op> {
    let mut ops = vec![Op::Identity];
    for units in MLP_WIDTHS {
        ops.extend(MLP_ACTIVATIONS.map(|activation| Op::dense(units, activation)));
    }
    ops.extend(rates.map(Op::dropout));
    ops
}

/// Three decisions `tower.N1`, `tower.N2`, `tower.N3` in a row.
pub(crate) fn chain(space: &mut SpaceBuilder, tower: &str, source: NodeId, ops: &[Op]) -> [NodeId; 3] {
    let nodes = [1, 2, 3].map(|i| space.variable(format!("{tower}.N{i}"), ops.to_vec()));
    space.chain(source, &nodes);
    nodes
}

/// The same with the weights of another chain.
pub(crate) fn mirror_chain(space: &mut SpaceBuilder, tower: &str, source: NodeId, of: [NodeId; 3]) -> NodeId {
    let mut last = source;
    for (i, node) in (1..).zip(of) {
        let mirror = space.mirror(format!("{tower}.N{i}"), node);
        space.connect(last, mirror);
        last = mirror;
    }
    last
}

/// A decision between no edge and one edge, into `to`.
pub(crate) fn skip(space: &mut SpaceBuilder, from: NodeId, to: NodeId) -> NodeId {
    let name = format!("skip {}>{}", space.name_of(from), space.name_of(to));
    let skip = space.variable(name, [Op::Zero, Op::connect(from)]);
    space.connect(skip, to);
    skip
}

/// How many of the last nodes a layer can skip from.
const ANCHORS: usize = 3;

/// Layers `first` to `first + 2` of the kind of AgEBO and EvoStore: a dense decision `v`, and a sum `m` of it and what
/// was chosen of the last three of source and sums. Without a skip the sum is the dense layer, without its relu.
pub(crate) fn residual_tower(
    space: &mut SpaceBuilder,
    prefix: &str,
    first: usize,
    source: NodeId,
    ops: &[Op],
) -> NodeId {
    let mut anchors = vec![source];
    let mut last = source;
    for layer in first..first + 3 {
        let dense = space.variable(format!("{prefix}v{layer}"), ops.to_vec());
        space.connect(last, dense);
        let sum = Op::AddByProjecting { activation: Activation::Relu };
        last = space.merge(format!("{prefix}m{layer}"), sum, &[dense]);
        for &anchor in anchors.iter().rev().take(ANCHORS).rev() {
            skip(space, anchor, last);
        }
        anchors.push(last);
    }
    last
}

/// The dense layer that ends a model.
pub(crate) fn output(space: &mut SpaceBuilder, units: u64, activation: Activation, last: NodeId) -> NodeId {
    space.merge("output", Op::dense(units, activation), &[last])
}
