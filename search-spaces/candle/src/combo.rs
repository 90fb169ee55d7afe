//! Combo as searched at SC'19: how much does a pair of drugs slow the growth of a cell line?
//!
//! One tower for the cell's expression and one for both drugs, joined and followed by cells that may skip back. The
//! decisions are in the order of cells, blocks and nodes, which is the order of declaration here. What the original
//! calls `None` is an edge from an empty tensor: it contributes nothing, as `Zero` does.

use lamarck_sdk::graph_space::{Activation, DecisionOrder, NodeId, Op, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{SC19, Size, chain, component, features, mirror_chain, mlp_ops, output, size};

component! {
    /// The search space `candle-combo`.
    CandleCombo
}

/// The options of [`CandleCombo`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct ComboOptions {
    size: Size,
    cell_features: u64,
    drug_features: u64,
}

/// Cells between the first and the last of the large space.
const MIDDLE_CELLS: usize = 8;

impl Component for CandleCombo {
    type Options = ComboOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-combo",
        "CANDLE Combo of SC'19: towers for a cell and two drugs with shared weights, then cells with skips",
    )
    .references(&[SC19])
    .options(&[
        size("one or eight cells with a skip"),
        features("cell_features", "942", "width of the cell's expression"),
        features("drug_features", "3820", "width of each drug's descriptors"),
    ]);

    fn create(options: ComboOptions, _context: &Context) -> Result<Self> {
        let ops = mlp_ops([0.05, 0.1, 0.2]);
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        space.decision_order(DecisionOrder::Declaration);
        let cell = space.input("cell", &[options.cell_features]);
        let drugs = ["drug1", "drug2"].map(|drug| space.input(drug, &[options.drug_features]));
        let [.., cell_end] = chain(&mut space, "cell", cell, &ops);
        let drug = chain(&mut space, "drug1", drugs[0], &ops);
        let mirrored = mirror_chain(&mut space, "drug2", drugs[1], drug);
        let joined = space.merge("C0", Op::Concatenate, &[cell_end, drug[2], mirrored]);

        let inputs = [cell, drugs[0], drugs[1]];
        let last = match options.size {
            Size::Small => small(&mut space, inputs, joined, &ops),
            Size::Large => large(&mut space, inputs, joined, &ops),
        };
        let [.., last] = chain(&mut space, "last", last, &ops);
        let output = output(&mut space, 1, Activation::Linear, last);
        Ok(Self(space.finish(output)?))
    }
}

/// A cell: three decisions on the previous cell, joined with what the skip brings.
fn cell(
    space: &mut SpaceBuilder,
    name: &str,
    previous: NodeId,
    ops: &[Op],
    skips: Vec<Vec<NodeId>>,
) -> NodeId {
    let [.., end] = chain(space, name, previous, ops);
    let options = std::iter::once(Op::Zero).chain(skips.into_iter().map(Op::Connect));
    let skip = space.variable(format!("{name}.skip"), options);
    space.merge(name, Op::Concatenate, &[end, skip])
}

fn small(space: &mut SpaceBuilder, inputs: [NodeId; 3], joined: NodeId, ops: &[Op]) -> NodeId {
    let [a, b, c] = inputs;
    let skips =
        vec![vec![a], vec![b], vec![c], vec![joined], vec![a, b, c], vec![a, b], vec![b, c], vec![a, c]];
    cell(space, "C1", joined, ops, skips)
}

fn large(space: &mut SpaceBuilder, inputs: [NodeId; 3], joined: NodeId, ops: &[Op]) -> NodeId {
    let [a, b, c] = inputs;
    let mut skips = vec![vec![a, b, c], vec![a], vec![b], vec![c], vec![joined]];
    let mut last = joined;
    for i in 0..MIDDLE_CELLS {
        last = cell(space, &format!("M{i}"), last, ops, skips.clone());
        skips.push(vec![last]);
    }
    last
}
