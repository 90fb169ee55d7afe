//! Combo as searched by AgEBO: dense layers with optional skips, with and without weights shared by the two drugs.

use lamarck_sdk::graph_space::{Activation, NodeId, Op, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{AGEBO, EVOSTORE, agebo_ops, component, features, output, residual_tower, skip};

component! {
    /// The search space `candle-combo-shared`: layers are joined, not added, and the two drugs share a tower's weights.
    ///
    /// A tower's first two dense layers are each joined with what was chosen of its source and of the join before; the
    /// third is its end. The second drug's tower mirrors the first's dense layers and mimes its skips.
    CandleComboShared
}

component! {
    /// The search space `candle-combo-unshared`: four towers as in `candle-attn`, one for each input and one for all.
    ///
    /// It ends in a dense layer of one unit, as in AgEBO. EvoStore's copy of the space has that line commented out.
    CandleComboUnshared
}

/// The options of [`CandleComboShared`] and of [`CandleComboUnshared`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct ComboSkipOptions {
    cell_features: u64,
    drug_features: u64,
}

const OPTIONS: &[OptionSpec] = &[
    features("cell_features", "942", "width of the cell's expression"),
    features("drug_features", "3839", "width of each drug's descriptors"),
];

fn inputs(space: &mut SpaceBuilder, options: ComboSkipOptions) -> [(&'static str, NodeId); 3] {
    let widths =
        [("cell", options.cell_features), ("drug1", options.drug_features), ("drug2", options.drug_features)];
    widths.map(|(name, width)| (name, space.input(name, &[width])))
}

/// A tower whose layers are joined.
struct Tower {
    dense: Vec<NodeId>,
    skips: Vec<NodeId>,
    end: NodeId,
}

/// Three layers on `source`. With `like` they have its weights and take its choices.
fn joined_tower(
    space: &mut SpaceBuilder,
    name: &str,
    source: NodeId,
    ops: &[Op],
    like: Option<&Tower>,
) -> Tower {
    let mut tower = Tower { dense: Vec::new(), skips: Vec::new(), end: source };
    let mut anchors = vec![source];
    for layer in 1..=3 {
        let dense_name = format!("{name}.v{layer}");
        let dense = match like {
            Some(like) => space.mirror(dense_name, like.dense[layer - 1]),
            None => space.variable(dense_name, ops.to_vec()),
        };
        space.connect(tower.end, dense);
        tower.dense.push(dense);
        tower.end = dense;
        if layer == 3 {
            break;
        }
        tower.end = space.merge(format!("{name}.m{layer}"), Op::Concatenate, &[dense]);
        for &anchor in &anchors {
            let node = match like.and_then(|like| like.skips.get(tower.skips.len())) {
                Some(&of) => mime_skip(space, of, anchor, tower.end),
                None => skip(space, anchor, tower.end),
            };
            tower.skips.push(node);
        }
        anchors.push(tower.end);
    }
    tower
}

fn mime_skip(space: &mut SpaceBuilder, of: NodeId, from: NodeId, to: NodeId) -> NodeId {
    let name = format!("skip {}>{}", space.name_of(from), space.name_of(to));
    let node = space.mime(name, of, [Op::Zero, Op::connect(from)]);
    space.connect(node, to);
    node
}

impl Component for CandleComboShared {
    type Options = ComboSkipOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-combo-shared",
        "CANDLE Combo of AgEBO: dense layers with optional skips, concatenated; both drugs share weights",
    )
    .references(&[AGEBO])
    .options(OPTIONS);

    fn create(options: ComboSkipOptions, _context: &Context) -> Result<Self> {
        let ops = agebo_ops();
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        let [(_, cell), (_, drug1), (_, drug2)] = inputs(&mut space, options);
        let cell = joined_tower(&mut space, "cell", cell, &ops, None);
        let drug1 = joined_tower(&mut space, "drug1", drug1, &ops, None);
        let drug2 = joined_tower(&mut space, "drug2", drug2, &ops, Some(&drug1));
        let joined = space.merge("joined", Op::Concatenate, &[cell.end, drug1.end, drug2.end]);
        let trunk = joined_tower(&mut space, "trunk", joined, &ops, None);
        let output = output(&mut space, 1, Activation::Linear, trunk.end);
        Ok(Self(space.finish(output)?))
    }
}

impl Component for CandleComboUnshared {
    type Options = ComboSkipOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-combo-unshared",
        "CANDLE Combo of AgEBO without shared weights: four towers of dense layers with optional skips, added",
    )
    .references(&[AGEBO, EVOSTORE])
    .options(OPTIONS);

    fn create(options: ComboSkipOptions, _context: &Context) -> Result<Self> {
        let ops = agebo_ops();
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        let ends = inputs(&mut space, options)
            .map(|(name, input)| residual_tower(&mut space, &format!("{name}."), 1, input, &ops));
        let joined = space.merge("joined", Op::Concatenate, &ends);
        let trunk = residual_tower(&mut space, "trunk.", 1, joined, &ops);
        let output = output(&mut space, 1, Activation::Linear, trunk);
        Ok(Self(space.finish(output)?))
    }
}
