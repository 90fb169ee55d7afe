//! Uno as searched at CLUSTER'21 and in EvoStore: the towers of SC'19, then a number of residual cells of one decision.
//!
//! The two differ in the order of the operations and in the number of cells, so a vector of one is none of the other.

use lamarck_sdk::graph_space::{Activation, GraphSpace, Op, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{CLUSTER21, EVOSTORE, component, mlp_ops, mlp_ops_dropouts_last, output};
use crate::uno::{DESCRIPTORS, DOSE, FINGERPRINTS, RATES, RNASEQ, SUM, Widths, towers};

component! {
    /// The search space `candle-uno-cells`: operations in the order of SC'19, three cells.
    CandleUnoCells
}

component! {
    /// The search space `candle-uno-evostore`: all dropouts after all dense layers, two cells.
    CandleUnoEvostore
}

/// The options of [`CandleUnoCells`] and of [`CandleUnoEvostore`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct UnoCellsOptions {
    num_cells: usize,
    dose_features: u64,
    rnaseq_features: u64,
    descriptor_features: u64,
    fingerprint_features: u64,
}

const fn num_cells(default: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec::integer("num_cells", 0, 100, help).default_value(default).unit("cells")
}

fn space(name: &str, ops: &[Op], options: UnoCellsOptions) -> Result<GraphSpace> {
    let mut space = SpaceBuilder::new(name);
    let widths = Widths {
        dose: options.dose_features,
        rnaseq: options.rnaseq_features,
        descriptors: options.descriptor_features,
        fingerprints: options.fingerprint_features,
    };
    let (_, joined) = towers(&mut space, widths, ops);
    let mut last = space.variable("N4", ops.to_vec());
    space.connect(joined, last);
    for cell in 1..=options.num_cells {
        let node = space.variable(format!("cell{cell}"), ops.to_vec());
        space.connect(last, node);
        last = space.merge(format!("sum{cell}"), SUM, &[node, last]);
    }
    let output = output(&mut space, 1, Activation::Linear, last);
    Ok(space.finish(output)?)
}

impl Component for CandleUnoCells {
    type Options = UnoCellsOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-uno-cells",
        "CANDLE Uno of CLUSTER'21: three towers and a dose, then residual cells of one decision",
    )
    .references(&[CLUSTER21])
    .options(&[
        num_cells("3", "residual cells; 3 in the published problem, 2 by its default"),
        DOSE,
        RNASEQ,
        DESCRIPTORS,
        FINGERPRINTS,
    ]);

    fn create(options: UnoCellsOptions, _context: &Context) -> Result<Self> {
        Ok(Self(space(Self::SPEC.name, &mlp_ops(RATES), options)?))
    }
}

impl Component for CandleUnoEvostore {
    type Options = UnoCellsOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-uno-evostore",
        "CANDLE Uno of EvoStore: as candle-uno-cells, with the operations in another order",
    )
    .references(&[EVOSTORE])
    .options(&[num_cells("2", "residual cells"), DOSE, RNASEQ, DESCRIPTORS, FINGERPRINTS]);

    fn create(options: UnoCellsOptions, _context: &Context) -> Result<Self> {
        Ok(Self(space(Self::SPEC.name, &mlp_ops_dropouts_last(RATES), options)?))
    }
}
