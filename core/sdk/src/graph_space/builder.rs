//! The language: nodes, edges, and the order of the decisions.

use super::GraphSpace;
use super::error::DesignError;
use super::op::Op;

/// A node of one builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// In which order the variable nodes are the decisions of a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecisionOrder {
    /// By their first appearance in [`SpaceBuilder::connect`]: `NxSearchSpace` and `KSearchSpace`, DeepHyper 0.1 to
    /// 0.7.
    #[default]
    Connection,
    /// As they were declared: with cells and blocks declared from first to last, DeepHyper's `KerasStructure` of 2019.
    Declaration,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// One extent is a vector, two are a sequence of so many positions and channels.
    Input(Vec<u64>),
    Constant(Op),
    Variable(Vec<Op>),
    Mirror(NodeId),
    Mime(NodeId, Vec<Op>),
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Predecessors by fixed edges, in the order in which these were made.
    pub(super) inputs: Vec<NodeId>,
}

/// Builds a [`GraphSpace`]. The methods never fail; [`finish`](Self::finish) says what is wrong. See the
/// [module](super) for an example.
#[derive(Debug, Clone)]
pub struct SpaceBuilder {
    pub(super) name: String,
    pub(super) order: DecisionOrder,
    pub(super) nodes: Vec<Node>,
    /// Nodes in the order of their first appearance in an edge.
    pub(super) connected: Vec<NodeId>,
    /// A node that is not of this builder, if one was used.
    pub(super) unknown: Option<NodeId>,
}

impl SpaceBuilder {
    /// A space without nodes, by the name of its component.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            order: DecisionOrder::default(),
            nodes: Vec::new(),
            connected: Vec::new(),
            unknown: None,
        }
    }

    /// Sets the order of the decisions.
    pub fn decision_order(&mut self, order: DecisionOrder) -> &mut Self {
        self.order = order;
        self
    }

    fn node(&mut self, name: impl Into<String>, kind: Kind) -> NodeId {
        // More nodes than a number can count do not fit into memory.
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { name: name.into(), kind, inputs: Vec::new() });
        id
    }

    /// An input: `&[width]` for a vector, `&[length, channels]` for a sequence.
    pub fn input(&mut self, name: impl Into<String>, shape: &[u64]) -> NodeId {
        self.node(name, Kind::Input(shape.to_vec()))
    }

    /// A node that always does the same.
    pub fn constant(&mut self, name: impl Into<String>, op: Op) -> NodeId {
        self.node(name, Kind::Constant(op))
    }

    /// A decision between some operations.
    pub fn variable(&mut self, name: impl Into<String>, ops: impl IntoIterator<Item = Op>) -> NodeId {
        self.node(name, Kind::Variable(ops.into_iter().collect()))
    }

    /// A node that does what `of` does, with the weights of `of`: no decision and no parameters of its own.
    pub fn mirror(&mut self, name: impl Into<String>, of: NodeId) -> NodeId {
        self.node(name, Kind::Mirror(of))
    }

    /// A node with its own operations and weights that takes the choice of the decision `of`, which must have as many.
    pub fn mime(&mut self, name: impl Into<String>, of: NodeId, ops: impl IntoIterator<Item = Op>) -> NodeId {
        self.node(name, Kind::Mime(of, ops.into_iter().collect()))
    }

    /// Makes an edge. Making it again changes nothing, as in networkx.
    pub fn connect(&mut self, from: NodeId, to: NodeId) -> &mut Self {
        for id in [from, to] {
            if id.index() >= self.nodes.len() {
                self.unknown.get_or_insert(id);
                return self;
            }
        }
        for id in [from, to] {
            if !self.connected.contains(&id) {
                self.connected.push(id);
            }
        }
        let inputs = &mut self.nodes[to.index()].inputs;
        if !inputs.contains(&from) {
            inputs.push(from);
        }
        self
    }

    /// Connects each node with the next and returns the last; `first` if there is no other.
    pub fn chain(&mut self, first: NodeId, rest: &[NodeId]) -> NodeId {
        let mut last = first;
        for &node in rest {
            self.connect(last, node);
            last = node;
        }
        last
    }

    /// A constant node with these predecessors in this order.
    pub fn merge(&mut self, name: impl Into<String>, op: Op, inputs: &[NodeId]) -> NodeId {
        let node = self.constant(name, op);
        for &input in inputs {
            self.connect(input, node);
        }
        node
    }

    /// The name of a node, for naming another after it; empty for a node of another builder.
    pub fn name_of(&self, node: NodeId) -> &str {
        self.nodes.get(node.index()).map_or("", |node| &node.name)
    }

    /// Checks everything that does not depend on a vector and makes the space; `output` is where the model ends.
    ///
    /// # Errors
    /// See [`DesignError`].
    pub fn finish(self, output: NodeId) -> Result<GraphSpace, DesignError> {
        GraphSpace::new(self, output)
    }
}
