//! What can be wrong with a space, and with a vector's model.

use lamarck_model::graph::GraphError;
use lamarck_model::space::VectorError;

/// Why a space cannot be finished. Nothing of this depends on a vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// A node's own numbers make no sense.
    #[error("node `{node}`: {reason}")]
    Node {
        /// The node.
        node: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// Two nodes with one name.
    #[error(
        "two nodes are called `{node}`; layers and decisions are named after nodes, so give each its own name"
    )]
    Name {
        /// The name.
        node: String,
    },
    /// A node of another builder.
    #[error(
        "node number {number} is used, but the space has {nodes} nodes; use the nodes of one builder only"
    )]
    Unknown {
        /// The number.
        number: u32,
        /// How many nodes there are.
        nodes: usize,
    },
    /// A node is above itself, over fixed or optional edges.
    #[error("node `{node}` is its own input over some edges; turn one of the connections on the way around")]
    Cycle {
        /// A node on the cycle.
        node: String,
    },
}

impl DesignError {
    /// A short stable word for the kind of error.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Node { .. } => "node",
            Self::Name { .. } => "name",
            Self::Unknown { .. } => "unknown-node",
            Self::Cycle { .. } => "cycle",
        }
    }
}

/// Why a vector has no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// It is no vector of the space.
    #[error(transparent)]
    Vector(#[from] VectorError),
    /// A level that the space does not have.
    #[error("space `{space}` has no level `{level}`; use `network`")]
    Level {
        /// The space.
        space: String,
        /// The level asked for.
        level: String,
    },
    /// An operation on one tensor was given none or several.
    #[error("node `{node}` ({class}) takes one input, but has {found} here; merge them in a node before it")]
    Inputs {
        /// The node.
        node: String,
        /// The operation.
        class: String,
        /// How many tensors there are.
        found: usize,
    },
    /// Shapes that do not go together, or that the operation cannot take.
    #[error("node `{node}`: {reason}")]
    Shape {
        /// The node.
        node: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A dimension or a number of weights does not fit 64 bits.
    #[error("node `{node}`: {what} does not fit 64 bits; use smaller widths")]
    TooLarge {
        /// The node.
        node: String,
        /// What overflowed.
        what: &'static str,
    },
    /// The layer graph refuses a layer.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl BuildError {
    /// A short stable word for the kind of error.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Vector(_) => "vector",
            Self::Level { .. } => "level",
            Self::Inputs { .. } => "inputs",
            Self::Shape { .. } => "shape",
            Self::TooLarge { .. } => "too-large",
            Self::Graph(error) => error.kind(),
        }
    }
}
