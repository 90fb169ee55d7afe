//! Uno as searched at SC'19: how does a tumour respond to a dose of one drug?
//!
//! Three towers (expression, descriptors, fingerprints) are joined with the dose, which passes through as it is. The
//! small space goes on with a residual cell, the large one with eight cells that may skip back.

use lamarck_sdk::graph_space::{Activation, DecisionOrder, NodeId, Op, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{SC19, Size, chain, component, features, mlp_ops, output, size};

component! {
    /// The search space `candle-uno`.
    CandleUno
}

/// Widths of the four inputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Widths {
    pub(crate) dose: u64,
    pub(crate) rnaseq: u64,
    pub(crate) descriptors: u64,
    pub(crate) fingerprints: u64,
}

pub(crate) const DOSE: OptionSpec = features("dose_features", "1", "width of the dose");
pub(crate) const RNASEQ: OptionSpec = features("rnaseq_features", "942", "width of the expression");
pub(crate) const DESCRIPTORS: OptionSpec =
    features("descriptor_features", "5270", "width of the drug's descriptors");
pub(crate) const FINGERPRINTS: OptionSpec =
    features("fingerprint_features", "2048", "width of the drug's fingerprints");

/// The options of [`CandleUno`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct UnoOptions {
    size: Size,
    dose_features: u64,
    rnaseq_features: u64,
    descriptor_features: u64,
    fingerprint_features: u64,
}

/// Rates of dropout in all Uno spaces.
pub(crate) const RATES: [f64; 3] = [0.3, 0.4, 0.5];

/// Cells of the large space.
const CELLS: usize = 8;

/// The inputs (dose, expression, descriptors, fingerprints), the towers on all but the dose, and their join `C0`.
pub(crate) fn towers(space: &mut SpaceBuilder, widths: Widths, ops: &[Op]) -> ([NodeId; 4], NodeId) {
    let dose = space.input("dose", &[widths.dose]);
    let towers = [
        ("rnaseq", widths.rnaseq),
        ("descriptors", widths.descriptors),
        ("fingerprints", widths.fingerprints),
    ];
    let towers = towers.map(|(name, width)| (name, space.input(name, &[width])));
    let ends = towers.map(|(name, input)| chain(space, name, input, ops)[2]);
    let joined = space.merge("C0", Op::Concatenate, &[dose, ends[0], ends[1], ends[2]]);
    ([dose, towers[0].1, towers[1].1, towers[2].1], joined)
}

impl Component for CandleUno {
    type Options = UnoOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-uno",
        "CANDLE Uno of SC'19: three towers and a dose, then a residual cell or eight cells with skips",
    )
    .references(&[SC19])
    .options(&[
        size("one residual cell or eight cells with a skip"),
        DOSE,
        RNASEQ,
        DESCRIPTORS,
        FINGERPRINTS,
    ]);

    fn create(options: UnoOptions, _context: &Context) -> Result<Self> {
        let ops = mlp_ops(RATES);
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        space.decision_order(DecisionOrder::Declaration);
        let widths = Widths {
            dose: options.dose_features,
            rnaseq: options.rnaseq_features,
            descriptors: options.descriptor_features,
            fingerprints: options.fingerprint_features,
        };
        let (inputs, joined) = towers(&mut space, widths, &ops);
        let last = match options.size {
            Size::Small => small(&mut space, joined, &ops),
            Size::Large => large(&mut space, inputs, joined, &ops),
        };
        let output = output(&mut space, 1, Activation::Linear, last);
        Ok(Self(space.finish(output)?))
    }
}

/// The sum of the Uno spaces: no activation, the narrower tensor padded.
pub(crate) const SUM: Op = Op::AddByPadding { activation: Activation::Linear };

fn small(space: &mut SpaceBuilder, joined: NodeId, ops: &[Op]) -> NodeId {
    let [n1, n2, n3] = [1, 2, 3].map(|i| space.variable(format!("C1.N{i}"), ops.to_vec()));
    space.chain(joined, &[n1, n2]);
    let a1 = space.merge("C1.A1", SUM, &[n2, n1]);
    space.connect(a1, n3);
    space.merge("C1.A2", SUM, &[n3, a1])
}

fn large(space: &mut SpaceBuilder, inputs: [NodeId; 4], joined: NodeId, ops: &[Op]) -> NodeId {
    // The subsets of the inputs in the published order.
    let subsets: [&[usize]; 15] = [
        &[0, 1, 2, 3],
        &[0, 1, 2],
        &[0, 1, 3],
        &[0, 2, 3],
        &[1, 2, 3],
        &[0, 1],
        &[0, 2],
        &[0, 3],
        &[1, 2],
        &[1, 3],
        &[2, 3],
        &[0],
        &[1],
        &[2],
        &[3],
    ];
    let connect = |subset: &[usize]| Op::Connect(subset.iter().map(|&input| inputs[input]).collect());
    let mut skips = vec![Op::Zero];
    skips.extend(subsets.map(connect));
    let mut last = joined;
    for i in 0..CELLS {
        let node = space.variable(format!("M{i}.N1"), ops.to_vec());
        space.connect(last, node);
        let skip = space.variable(format!("M{i}.skip"), skips.clone());
        // What later cells can skip from: the cell before this one, and this one's decision.
        skips.extend([Op::connect(last), Op::connect(node)]);
        last = space.merge(format!("M{i}"), Op::Concatenate, &[node, skip]);
    }
    last
}
