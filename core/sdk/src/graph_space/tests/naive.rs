//! Random spaces: the plan against an interpreter written as DeepHyper is, recursively from the output.

use std::collections::{BTreeMap, BTreeSet};

use lamarck_model::identity::identities;
use lamarck_model::{Choice, Rng, SearchSpace};
use proptest::prelude::*;

use super::rules::dense;
use crate::graph_space::builder::Kind;
use crate::graph_space::{Activation, DecisionOrder, NodeId, Op, SpaceBuilder};

/// Parameters, and how many layers there are of each class.
#[derive(Debug, Default, PartialEq)]
struct Found {
    parameters: u64,
    classes: BTreeMap<&'static str, u64>,
}

struct Interpreter<'a> {
    space: &'a SpaceBuilder,
    /// The operation of each node, if it has one.
    ops: Vec<Option<Op>>,
    /// All edges of the vector, in order.
    inputs: Vec<Vec<NodeId>>,
    /// Widths of the tensors of the nodes that were met.
    widths: BTreeMap<NodeId, Vec<u64>>,
    /// Operations with weights that were applied already, by their node.
    applied: BTreeSet<NodeId>,
    found: Found,
}

impl Interpreter<'_> {
    fn root(&self, node: NodeId) -> NodeId {
        match self.space.nodes[node.index()].kind {
            Kind::Mirror(of) => self.root(of),
            _ => node,
        }
    }

    fn layer(&mut self, class: &'static str) {
        *self.found.classes.entry(class).or_default() += 1;
    }

    /// The widths of a node's tensors. All shapes are vectors here.
    fn widths(&mut self, node: NodeId) -> Vec<u64> {
        if let Some(widths) = self.widths.get(&node) {
            return widths.clone();
        }
        let widths = self.compute(node);
        self.widths.insert(node, widths.clone());
        widths
    }

    fn compute(&mut self, node: NodeId) -> Vec<u64> {
        if let Kind::Input(shape) = &self.space.nodes[node.index()].kind {
            let shape = shape.clone();
            self.layer("InputLayer");
            return shape;
        }
        let op = self.ops[node.index()].clone().unwrap();
        if op == Op::Zero {
            return Vec::new();
        }
        let mut inputs = Vec::new();
        for input in self.inputs[node.index()].clone() {
            inputs.extend(self.widths(input));
        }
        let merge = !matches!(op, Op::Identity | Op::Connect(_) | Op::Dense { .. } | Op::Dropout { .. });
        if merge && inputs.len() < 2 {
            return inputs;
        }
        match op {
            Op::Identity | Op::Connect(_) => inputs,
            Op::Dense { units, .. } => {
                let root = self.root(node);
                if self.applied.insert(root) {
                    self.found.parameters += inputs[0] * units + units;
                }
                self.layer("Dense");
                vec![units]
            }
            Op::Dropout { .. } => {
                self.layer("Dropout");
                inputs
            }
            Op::Concatenate => {
                self.layer("Concatenate");
                vec![inputs.iter().sum()]
            }
            Op::AddByPadding { .. } => {
                let widest = *inputs.iter().max().unwrap();
                for _ in inputs.iter().filter(|&&width| width != widest) {
                    self.layer("ZeroPadding");
                }
                self.layer("Add");
                vec![widest]
            }
            Op::AddByProjecting { .. } => {
                for &width in inputs.iter().filter(|&&width| width != inputs[0]) {
                    self.found.parameters += width * inputs[0] + inputs[0];
                    self.layer("Dense");
                }
                self.layer("Add");
                self.layer("Activation");
                vec![inputs[0]]
            }
            other => panic!("{other:?} is not used here"),
        }
    }
}

fn interpret(space: &SpaceBuilder, output: NodeId, decisions: &[NodeId], choices: &[Choice]) -> Found {
    let choice: BTreeMap<NodeId, usize> =
        decisions.iter().copied().zip(choices.iter().map(|&choice| usize::from(choice))).collect();
    let op = |mut node: NodeId| {
        while let Kind::Mirror(of) = space.nodes[node.index()].kind {
            node = of;
        }
        match &space.nodes[node.index()].kind {
            Kind::Constant(op) => Some(op.clone()),
            Kind::Variable(ops) => Some(ops[choice[&node]].clone()),
            Kind::Mime(of, ops) => Some(ops[choice[of]].clone()),
            _ => None,
        }
    };
    let ops: Vec<Option<Op>> = (0..).take(space.nodes.len()).map(|node| op(NodeId(node))).collect();
    let mut inputs: Vec<Vec<NodeId>> = space.nodes.iter().map(|node| node.inputs.clone()).collect();
    for (inputs, op) in inputs.iter_mut().zip(&ops) {
        if let Some(Op::Connect(sources)) = op {
            for source in sources {
                if !inputs.contains(source) {
                    inputs.push(*source);
                }
            }
        }
    }
    let mut interpreter = Interpreter {
        space,
        ops,
        inputs,
        widths: BTreeMap::new(),
        applied: BTreeSet::new(),
        found: Found::default(),
    };
    interpreter.widths(output);
    interpreter.found
}

/// Variable nodes below a node, by walking down.
fn below(space: &SpaceBuilder, node: NodeId) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    for next in (0..).take(space.nodes.len()).map(NodeId) {
        if space.nodes[next.index()].inputs.contains(&node) {
            found.extend(below(space, next));
            found.insert(next);
        }
    }
    found
}

/// A random space of dense towers on two equal inputs, with skips, merges of all kinds, mirrors and mimes.
fn random(rng: &mut Rng) -> (SpaceBuilder, NodeId) {
    let mut space = SpaceBuilder::new("random");
    space.decision_order(DecisionOrder::Declaration);
    let mut ends = vec![space.input("a", &[7]), space.input("b", &[7])];
    for layer in 0..=rng.index(6) {
        let from = ends[rng.index(ends.len())];
        let options = [Op::Identity, dense(3), dense(7), Op::dropout(0.5), dense(4)];
        let options = || options[..=layer.min(4)].to_vec();
        let node = space.variable(format!("v{layer}"), options());
        space.connect(from, node);
        let activation = Activation::Relu;
        let op = match rng.index(3) {
            0 => Op::Concatenate,
            1 => Op::AddByPadding { activation: Activation::Linear },
            _ => Op::AddByProjecting { activation },
        };
        let merged = space.merge(format!("m{layer}"), op, &[node]);
        let (first, second) = (ends[rng.index(ends.len())], ends[rng.index(ends.len())]);
        let skip_options = [Op::Zero, Op::connect(first), Op::Connect(vec![second, first])];
        let skip = space.variable(format!("s{layer}"), skip_options);
        space.connect(skip, merged);
        match rng.index(4) {
            // On the same data as its original, so that the shared weights fit.
            0 => {
                let mirror = space.mirror(format!("mirror{layer}"), node);
                space.connect(from, mirror);
                space.connect(mirror, merged);
            }
            1 => {
                let mime = space.mime(format!("mime{layer}"), node, options());
                space.connect(second_or(from, second, rng), mime);
                space.connect(mime, merged);
            }
            2 => {
                let ops = [Op::connect(second), Op::Zero, Op::connect(from)];
                let mime = space.mime(format!("mime{layer}"), skip, ops);
                space.connect(mime, merged);
            }
            _ => {}
        }
        ends.push(merged);
    }
    let all = space.merge("all", Op::Concatenate, &ends[ends.len().saturating_sub(2)..]);
    let output = space.merge("output", dense(2), &[all]);
    (space, output)
}

fn second_or(a: NodeId, b: NodeId, rng: &mut Rng) -> NodeId {
    if rng.chance(0.5) { a } else { b }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_plan_does_what_the_interpreter_does(seed: u64) {
        let mut rng = Rng::from_seed(seed);
        let (builder, output) = random(&mut rng);
        let decisions: Vec<NodeId> = (0..)
            .take(builder.nodes.len())
            .map(NodeId)
            .filter(|id| matches!(builder.nodes[id.index()].kind, Kind::Variable(_)))
            .collect();
        let space = builder.clone().finish(output).unwrap();
        for (decision, &node) in space.spec().decisions.iter().zip(&decisions) {
            let below = below(&builder, node).into_iter().filter(|id| decisions.contains(id)).count();
            prop_assert_eq!(decision.descendants as usize, below);
        }
        let mut choices = vec![0; decisions.len()];
        for _ in 0..10 {
            space.sample(&mut choices, &mut rng).unwrap();
            let graph = space.layers(&choices, "network").unwrap();
            let size = space.model_size(&choices, "network").unwrap();
            prop_assert_eq!(graph.size().unwrap(), size);
            let mut found = Found { parameters: size.parameters, ..Found::default() };
            for (_, layer) in graph.layers() {
                let classes = ["InputLayer", "Dense", "Dropout", "Concatenate", "ZeroPadding", "Add", "Activation"];
                let class = classes.into_iter().find(|class| *class == layer.class).unwrap();
                *found.classes.entry(class).or_default() += 1;
            }
            prop_assert_eq!(found, interpret(&builder, output, &decisions, &choices));
            let distinct: BTreeSet<_> = identities(&graph).into_iter().collect();
            prop_assert_eq!(distinct.len(), graph.len());
        }
    }
}
