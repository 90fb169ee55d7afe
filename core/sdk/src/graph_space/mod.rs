//! A small language for search spaces whose architectures are graphs of layers.
//!
//! A space is a graph of nodes. A *constant* node always does the same, a *variable* node is one decision between
//! operations, a *mirror* does what another node does with that node's weights, and a *mime* takes another node's choice
//! and does something of its own with it. That is the vocabulary of DeepHyper's search spaces (`NxSearchSpace`,
//! `KSearchSpace`, and `KerasStructure` before them), so that a published space can be written down line by line and
//! checked against its published sizes and parameter counts. The rules of the operations are DeepHyper's too, down to
//! those that surprise: a merge of one tensor passes it through *without* its activation.
//!
//! From the graph follow the description (decisions, options, how many decisions lie below each), the layer graph of
//! every vector with the shapes of its tensors, and its size without building the graph. An author writes no arithmetic.
//!
//! # A whole space
//!
//! Two dense layers, the input optionally added to the second:
//!
//! ```
//! use lamarck_sdk::graph_space::{Activation, GraphSpace, Op, SpaceBuilder};
//! use lamarck_sdk::prelude::*;
//!
//! /// The component: a finished space, and three lines that hand on to it.
//! struct Small(GraphSpace);
//!
//! #[derive(Deserialize)]
//! #[serde(crate = "lamarck_sdk::serde")]
//! struct Options {
//!     features: u64,
//! }
//!
//! impl Component for Small {
//!     type Options = Options;
//!     const SPEC: ComponentSpec = ComponentSpec::new("small", "two dense layers and a skip").options(&[
//!         OptionSpec::integer("features", 1, 1_000_000, "width of the input").default_value("10"),
//!     ]);
//!
//!     fn create(options: Options, _: &Context) -> Result<Self> {
//!         let mut space = SpaceBuilder::new(Self::SPEC.name);
//!         let input = space.input("input", &[options.features]);
//!         let hidden = |units| Op::dense(units, Activation::Relu);
//!         let first = space.variable("first", [8, 16, 32].map(hidden));
//!         let second = space.variable("second", [Op::Identity, hidden(8), hidden(16)]);
//!         let skip = space.variable("skip", [Op::Zero, Op::connect(input)]);
//!         space.chain(input, &[first, second]);
//!         let sum = Op::AddByProjecting { activation: Activation::Relu };
//!         let sum = space.merge("sum", sum, &[second, skip]);
//!         let output = space.merge("output", Op::dense(1, Activation::Linear), &[sum]);
//!         Ok(Self(space.finish(output)?))
//!     }
//! }
//!
//! impl SearchSpace for Small {
//!     fn spec(&self) -> &SpaceSpec {
//!         self.0.spec()
//!     }
//!     fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
//!         self.0.build(choices, level)
//!     }
//!     fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
//!         self.0.size(choices, level)
//!     }
//! }
//!
//! lamarck_sdk::testing::check_space::<Small>("{}")?;
//!
//! let context = Context::bare();
//! let space: Small = lamarck_sdk::testing::create("{}", &context)?;
//! assert_eq!(space.spec().size(), Some(3 * 3 * 2));
//! assert_eq!(space.spec().decisions[1].options[1], "Dense(8, relu)");
//! let names = |choices: &[Choice]| -> Result<Vec<String>> {
//!     Ok(space.build(choices, "network")?.layers().map(|(_, layer)| layer.name.clone()).collect())
//! };
//! // Without the skip there is nothing to add.
//! assert_eq!(names(&[0, 0, 0])?, ["input", "first", "output"]);
//! // With it the input, 10 wide, is projected to the 8 of `second`.
//! assert_eq!(
//!     names(&[0, 1, 1])?,
//!     ["input", "first", "second", "sum/project input", "sum/add", "sum/relu", "output"]
//! );
//! assert_eq!(space.size(&[0, 1, 1], "network")?.parameters, 88 + 72 + 88 + 9);
//! # Ok::<(), lamarck_sdk::anyhow::Error>(())
//! ```
//!
//! # Layers
//!
//! * Only nodes above the output, over the edges that a vector makes, become layers. An input that nothing uses makes
//!   none, and nodes above a `Zero` are not above the output.
//! * Classes are those of Keras; a configuration holds exactly what makes two layers of a class differ, never a name,
//!   and with it and the inputs every tensor's shape is determined. One exception is not in Keras: `ZeroPadding`, with
//!   the zeros in front of and behind each extent, is what DeepHyper does in a `Lambda` layer; where only positions of
//!   a sequence are padded it is Keras's `ZeroPadding1D`.
//! * An `InputLayer` has its shape, and its name where another input has the same shape: two drugs of one width would
//!   else be told apart by their order only.
//! * Activations of `Dense` and `Conv1D` are fused into the layer, as in DeepHyper from 0.4 on. That of a sum is a
//!   layer of its own.
//! * Layers are added in one order for all vectors: that of the nodes, each after everything it could be connected to,
//!   and the first declared first. Equal layers are therefore numbered alike in all models of a space.
//!
//! # Shared weights
//!
//! In Keras a mirror applies a layer a second time. Here each application is a layer, since identity is about what is
//! computed from what. The first one drawn has the tensors. Each further one has none; it has the same class, the same
//! configuration with `"shared":true`, and two inputs: its data and the layer whose weights it uses. By the rules of
//! [identity](lamarck_model::identity) it can be taken over exactly when both can, and its bytes are counted once. The
//! alternative, one layer with two lists of inputs, would make every algorithm on graphs a special case. A layer
//! without weights, such as dropout, has nothing to share, so its mirror is an ordinary layer.
//!
//! # What can go wrong, and when
//!
//! [`SpaceBuilder::finish`] refuses what is wrong for every vector: zero widths, cycles over fixed or optional edges,
//! mimes of the wrong length. What depends on the vector is an error of [`GraphSpace::build`]: a window longer than the
//! sequence, a dense layer with two inputs, sizes beyond 64 bits. Cycles are refused even where no vector closes them:
//! this is what makes one order of layers for all vectors possible.

mod builder;
mod draw;
mod error;
mod op;
mod plan;
mod shape;
mod sink;
#[cfg(test)]
mod tests;

use anyhow::Result;
use lamarck_model::{Choice, LayerGraph, ModelSize, SearchSpace, SpaceSpec};

pub use builder::{DecisionOrder, NodeId, SpaceBuilder};
pub use error::{BuildError, DesignError};
pub use op::{Activation, Op, Padding};

use plan::Plan;

/// The only level of a graph space.
const LEVEL: &str = "network";

/// A finished space, made by [`SpaceBuilder::finish`].
#[derive(Debug, Clone)]
pub struct GraphSpace {
    spec: SpaceSpec,
    plan: Plan,
}

impl GraphSpace {
    fn new(builder: SpaceBuilder, output: NodeId) -> Result<Self, DesignError> {
        let name = builder.name.clone();
        let (plan, decisions) = builder.compile(output)?;
        let levels = vec![LEVEL.to_owned()];
        Ok(Self { spec: SpaceSpec { name, decisions, constrained: false, levels, class: None }, plan })
    }

    fn check(&self, choices: &[Choice], level: &str) -> Result<(), BuildError> {
        if level != LEVEL {
            return Err(BuildError::Level { space: self.spec.name.clone(), level: level.to_owned() });
        }
        Ok(self.spec.check_ranges(choices)?)
    }

    /// The layer graph of a vector.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn layers(&self, choices: &[Choice], level: &str) -> Result<LayerGraph, BuildError> {
        self.check(choices, level)?;
        let mut graph = LayerGraph::with_capacity(self.plan.steps.len() * 2, self.plan.steps.len() * 2);
        draw::draw(&self.plan, choices, &mut graph)?;
        Ok(graph)
    }

    /// The size of a vector's model, from the same pass but without names, texts and tensors.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn model_size(&self, choices: &[Choice], level: &str) -> Result<ModelSize, BuildError> {
        self.check(choices, level)?;
        let mut size = ModelSize::default();
        draw::draw(&self.plan, choices, &mut size)?;
        Ok(size)
    }

    /// The names of the nodes whose layers a decision can change: its own node, its mirrors and mimes, and all nodes
    /// below these over fixed and optional edges. Layers of other nodes stay as they are when it changes. Empty for a
    /// decision that is not there.
    pub fn downstream(&self, decision: usize) -> impl Iterator<Item = &str> {
        self.plan.downstream(decision).into_iter().map(|step| self.plan.steps[step].name.as_str())
    }
}

impl SearchSpace for GraphSpace {
    fn spec(&self) -> &SpaceSpec {
        &self.spec
    }

    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        Ok(self.layers(choices, level)?)
    }

    fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
        Ok(self.model_size(choices, level)?)
    }
}
