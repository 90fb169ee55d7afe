//! A checked space in the form in which models are drawn: nodes in topological order, texts ready.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use lamarck_model::{Choice, Decision};

use super::builder::{DecisionOrder, Kind, NodeId, SpaceBuilder};
use super::error::DesignError;
use super::op::{Op, ordered};
use super::shape::Shape;

/// An operation with its texts.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) op: Op,
    /// The canonical configuration of its layer; of the activation's layer where a sum is followed by one.
    pub(super) config: String,
    /// The same for a layer that uses another layer's weights.
    pub(super) shared: String,
    /// What `Connect` adds to the node's inputs, as positions of steps.
    pub(super) sources: Vec<usize>,
}

/// Where a node's tensors come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Input {
        shape: Shape,
        config: String,
    },
    /// An operation of a table: the one chosen, or the only one.
    Table {
        table: usize,
        decision: Option<usize>,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) source: Source,
    /// Fixed edges, as positions of steps.
    pub(super) inputs: Vec<usize>,
    /// The group of nodes with which it shares weights.
    pub(super) group: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// In an order in which every node comes after all it may be connected to. Of the nodes that could come next it is
    /// always the one that was declared first, so the order of layers is the same for every vector.
    pub(super) steps: Vec<Step>,
    pub(super) tables: Vec<Vec<Compiled>>,
    pub(super) output: usize,
    /// Groups that share weights.
    pub(super) groups: usize,
}

fn node_error(node: &str, reason: impl Into<String>) -> DesignError {
    DesignError::Node { node: node.to_owned(), reason: reason.into() }
}

impl SpaceBuilder {
    fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[id.index()].kind
    }

    /// The node whose operation a mirror uses; a node that is no mirror is its own.
    fn root(&self, mut id: NodeId) -> NodeId {
        // `check` has seen that a mirror comes after what it mirrors.
        while let Kind::Mirror(of) = self.kind(id) {
            id = *of;
        }
        id
    }

    /// The variable node that decides for this one.
    fn decider(&self, id: NodeId) -> Option<NodeId> {
        match self.kind(self.root(id)) {
            Kind::Variable(_) => Some(self.root(id)),
            Kind::Mime(of, _) => self.decider(*of),
            _ => None,
        }
    }

    fn ops(&self, id: NodeId) -> &[Op] {
        match self.kind(self.root(id)) {
            Kind::Constant(op) => std::slice::from_ref(op),
            Kind::Variable(ops) | Kind::Mime(_, ops) => ops,
            Kind::Input(_) | Kind::Mirror(_) => &[],
        }
    }

    /// Checks each node by itself.
    fn check(&self) -> Result<(), DesignError> {
        let unknown = |id: NodeId| DesignError::Unknown { number: id.0, nodes: self.nodes.len() };
        if let Some(id) = self.unknown {
            return Err(unknown(id));
        }
        let mut names = BTreeSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let name = node.name.as_str();
            if !names.insert(name) {
                return Err(DesignError::Name { node: name.to_owned() });
            }
            // Mirrors and mimes refer to nodes before them, or to another builder's.
            if let Kind::Mirror(of) | Kind::Mime(of, _) = node.kind
                && of.index() >= index
            {
                return Err(unknown(of));
            }
            let id = NodeId(u32::try_from(index).unwrap_or(u32::MAX));
            let ops = self.ops(id);
            for op in ops {
                if let Some(fault) = op.fault() {
                    return Err(node_error(name, fault));
                }
                if let Op::Connect(sources) = op
                    && let Some(&source) = sources.iter().find(|source| source.index() >= self.nodes.len())
                {
                    return Err(unknown(source));
                }
            }
            match &node.kind {
                Kind::Input(shape) => {
                    Shape::of(shape).map_err(|reason| node_error(name, reason))?;
                    if !node.inputs.is_empty() {
                        return Err(node_error(name, "it is an input, so nothing can be connected to it"));
                    }
                }
                Kind::Variable(ops) => {
                    if ops.is_empty() || ops.len() > usize::from(Choice::MAX) + 1 {
                        let reason =
                            format!("it has {} options; between 1 and 65536 are possible", ops.len());
                        return Err(node_error(name, reason));
                    }
                    if !self.connected.contains(&id) {
                        return Err(node_error(name, "it is a decision, but no edge begins or ends there"));
                    }
                }
                Kind::Mime(of, ops) => {
                    let Some(source) = self.decider(*of) else {
                        let reason = format!("it mimes `{}`, which decides nothing", self.name_of(*of));
                        return Err(node_error(name, reason));
                    };
                    let wanted = self.ops(source).len();
                    if ops.len() != wanted {
                        let reason = format!(
                            "it has {} options, but `{}`, whose choice it takes, has {wanted}",
                            ops.len(),
                            self.name_of(source)
                        );
                        return Err(node_error(name, reason));
                    }
                }
                Kind::Mirror(of) => {
                    if ops.is_empty() || ops.iter().any(|op| matches!(op, Op::Connect(_))) {
                        let reason = format!(
                            "it mirrors `{}`, which is an input or connects to others; mime it instead",
                            self.name_of(*of)
                        );
                        return Err(node_error(name, reason));
                    }
                }
                Kind::Constant(_) => {}
            }
        }
        Ok(())
    }

    /// All predecessors that a node can have: the fixed ones, then those of its options.
    fn possible_inputs(&self, index: usize) -> Vec<NodeId> {
        let mut inputs = self.nodes[index].inputs.clone();
        let ops: &[Op] = match &self.nodes[index].kind {
            Kind::Constant(op) => std::slice::from_ref(op),
            Kind::Variable(ops) | Kind::Mime(_, ops) => ops,
            _ => &[],
        };
        for op in ops {
            if let Op::Connect(sources) = op {
                inputs.extend(
                    sources.iter().filter(|source| !inputs.contains(source)).collect::<BTreeSet<_>>(),
                );
            }
        }
        inputs
    }

    /// Kahn's algorithm; among the nodes that are free, the first declared comes first.
    fn topological(&self) -> Result<Vec<usize>, DesignError> {
        let inputs: Vec<Vec<NodeId>> = (0..self.nodes.len()).map(|node| self.possible_inputs(node)).collect();
        let mut missing: Vec<usize> = inputs.iter().map(Vec::len).collect();
        let mut outputs = vec![Vec::new(); self.nodes.len()];
        for (node, inputs) in inputs.iter().enumerate() {
            for input in inputs {
                outputs[input.index()].push(node);
            }
        }
        let mut free: BinaryHeap<Reverse<usize>> =
            (0..missing.len()).filter(|&node| missing[node] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(missing.len());
        while let Some(Reverse(node)) = free.pop() {
            order.push(node);
            for &output in &outputs[node] {
                missing[output] -= 1;
                if missing[output] == 0 {
                    free.push(Reverse(output));
                }
            }
        }
        let Some(mut node) = missing.iter().position(|&missing| missing > 0) else { return Ok(order) };
        // A node that is left has a predecessor that is left: going up for long enough ends on a cycle.
        for _ in 0..missing.len() {
            let above = inputs[node].iter().find(|input| missing[input.index()] > 0);
            node = above.map_or(node, |input| input.index());
        }
        Err(DesignError::Cycle { node: self.nodes[node].name.clone() })
    }

    /// The variable nodes in the order of the vectors.
    fn decisions(&self) -> Vec<NodeId> {
        let all = || (0_u32..).take(self.nodes.len()).map(NodeId);
        let variable = |id: &NodeId| matches!(self.kind(*id), Kind::Variable(_));
        match self.order {
            DecisionOrder::Declaration => all().filter(variable).collect(),
            DecisionOrder::Connection => self.connected.iter().copied().filter(variable).collect(),
        }
    }

    /// The variable nodes below a node over fixed edges.
    fn descendants(&self, order: &[usize], from: NodeId) -> u32 {
        let mut below = vec![false; self.nodes.len()];
        let mut count = 0;
        for &node in order {
            if self.nodes[node].inputs.iter().any(|&input| input == from || below[input.index()]) {
                below[node] = true;
                count += u32::from(matches!(self.nodes[node].kind, Kind::Variable(_)));
            }
        }
        count
    }

    /// The configuration of an input: its shape, and its name where another input has the same shape and the two
    /// would otherwise differ by their order only.
    fn input_config(&self, name: &str, shape: &[u64]) -> String {
        let alike =
            self.nodes.iter().filter(|node| matches!(&node.kind, Kind::Input(other) if other == shape));
        let config = if alike.count() > 1 {
            serde_json::json!({"name": name, "shape": shape})
        } else {
            serde_json::json!({"shape": shape})
        };
        lamarck_model::graph::canonical(&config)
    }

    /// Checks the space and turns it into a plan and its decisions.
    pub(super) fn compile(mut self, output: NodeId) -> Result<(Plan, Vec<Decision>), DesignError> {
        if output.index() >= self.nodes.len() {
            self.unknown.get_or_insert(output);
        }
        self.check()?;
        // The edges of a constant are fixed.
        for index in 0..self.nodes.len() {
            if let Kind::Constant(Op::Connect(_)) = self.nodes[index].kind {
                self.nodes[index].inputs = self.possible_inputs(index);
            }
        }
        let order = self.topological()?;
        let mut position = vec![0; order.len()];
        for (step, &node) in order.iter().enumerate() {
            position[node] = step;
        }
        let variables = self.decisions();
        let decision_of: BTreeMap<NodeId, usize> = variables.iter().copied().zip(0..).collect();

        let mut tables = Vec::new();
        let mut table_of: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut groups: BTreeMap<NodeId, usize> = BTreeMap::new();
        for node in &self.nodes {
            if let Kind::Mirror(of) = node.kind {
                let next = groups.len();
                groups.entry(self.root(of)).or_insert(next);
            }
        }
        let mut steps = Vec::with_capacity(order.len());
        for &index in &order {
            let node = &self.nodes[index];
            let id = NodeId(u32::try_from(index).unwrap_or(u32::MAX));
            let root = self.root(id);
            let source = if let Kind::Input(extents) = &node.kind {
                let shape = Shape::of(extents).map_err(|reason| node_error(&node.name, reason))?;
                Source::Input { shape, config: self.input_config(&node.name, extents) }
            } else {
                let table = *table_of.entry(root).or_insert_with(|| {
                    let fixed = &self.nodes[root.index()].inputs;
                    tables.push(self.ops(root).iter().map(|op| compile_op(op, fixed, &position)).collect());
                    tables.len() - 1
                });
                let decision = self.decider(id).and_then(|decider| decision_of.get(&decider).copied());
                Source::Table { table, decision }
            };
            steps.push(Step {
                name: node.name.clone(),
                source,
                inputs: node.inputs.iter().map(|input| position[input.index()]).collect(),
                group: groups.get(&root).copied(),
            });
        }
        let decisions = variables.iter().map(|&id| Decision {
            name: self.nodes[id.index()].name.clone(),
            options: self.ops(id).iter().map(|op| op.label(|id| self.name_of(id).to_owned())).collect(),
            ordered: ordered(self.ops(id)),
            node: None,
            descendants: self.descendants(&order, id),
        });
        let decisions = decisions.collect();
        let plan = Plan { steps, tables, output: position[output.index()], groups: groups.len() };
        Ok((plan, decisions))
    }
}

fn compile_op(op: &Op, fixed: &[NodeId], position: &[usize]) -> Compiled {
    let (config, shared) = match op {
        Op::AddByPadding { activation } | Op::AddByProjecting { activation } => {
            Op::Activation(*activation).configs()
        }
        _ => op.configs(),
    };
    let mut sources = Vec::new();
    if let Op::Connect(nodes) = op {
        // An edge that is there stays where it is.
        for node in nodes.iter().filter(|node| !fixed.contains(node)) {
            let step = position[node.index()];
            if !sources.contains(&step) {
                sources.push(step);
            }
        }
    }
    Compiled { op: op.clone(), config, shared, sources }
}

impl Plan {
    /// The operation of a step under a vector whose choices are in range.
    pub(super) fn chosen(&self, step: &Step, choices: &[Choice]) -> Option<&Compiled> {
        let Source::Table { table, decision } = step.source else { return None };
        let option = decision.map_or(0, |decision| usize::from(choices[decision]));
        self.tables[table].get(option)
    }

    /// Which steps take part in the model: those above its output over the edges that the vector makes. A node that is
    /// `Zero` uses nothing above it.
    pub(super) fn reachable(&self, choices: &[Choice]) -> Vec<bool> {
        let mut reachable = vec![false; self.steps.len()];
        reachable[self.output] = true;
        for (index, step) in self.steps.iter().enumerate().rev() {
            if !reachable[index] {
                continue;
            }
            let chosen = self.chosen(step, choices);
            if chosen.is_some_and(|compiled| compiled.op == Op::Zero) {
                continue;
            }
            let sources = chosen.map_or(&[][..], |compiled| &compiled.sources);
            for &input in step.inputs.iter().chain(sources) {
                reachable[input] = true;
            }
        }
        reachable
    }

    /// The steps that a decision can change: its own, its mirrors and mimes, and all below over fixed and optional edges.
    pub(super) fn downstream(&self, decision: usize) -> Vec<usize> {
        let mut changed = vec![false; self.steps.len()];
        for (index, step) in self.steps.iter().enumerate() {
            let Source::Table { table, decision: decided } = step.source else { continue };
            let mut above =
                step.inputs.iter().chain(self.tables[table].iter().flat_map(|compiled| &compiled.sources));
            changed[index] = decided == Some(decision) || above.any(|&input| changed[input]);
        }
        (0..self.steps.len()).filter(|&index| changed[index]).collect()
    }
}
