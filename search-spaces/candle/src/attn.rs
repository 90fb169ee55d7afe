//! ATTN: is a drug active against a tumour? The space of AgEBO and the main one of EvoStore.
//!
//! Two towers of three layers on one input, and a softmax over two classes. The published programs pass a number of
//! layers, 5, that the tower's function never receives: it is always three, so there are always 18 decisions. Between
//! the towers stands a concatenation of one tensor, which is that tensor.

use lamarck_sdk::graph_space::{Activation, SpaceBuilder};
use lamarck_sdk::prelude::*;

use crate::parts::{
    AGEBO, EVOSTORE, Size, agebo_ops, component, dense_ops, features, output, residual_tower, size,
};

component! {
    /// The search space `candle-attn`.
    CandleAttn
}

/// The options of [`CandleAttn`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct AttnOptions {
    size: Size,
    features: u64,
}

impl Component for CandleAttn {
    type Options = AttnOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "candle-attn",
        "CANDLE ATTN: six dense layers with optional skips, added by projection",
    )
    .references(&[AGEBO, EVOSTORE])
    .options(&[
        size("widths of the dense layers: 50 to 1975 (AgEBO, EvoStore) or 2000 to 3450 (EvoStore)"),
        features("features", "6212", "width of the input"),
    ]);

    fn create(options: AttnOptions, _context: &Context) -> Result<Self> {
        let ops = match options.size {
            Size::Small => agebo_ops(),
            Size::Large => dense_ops((2000..3500).step_by(50)),
        };
        let mut space = SpaceBuilder::new(Self::SPEC.name);
        let input = space.input("input", &[options.features]);
        let middle = residual_tower(&mut space, "", 1, input, &ops);
        let last = residual_tower(&mut space, "", 4, middle, &ops);
        let output = output(&mut space, 2, Activation::Softmax, last);
        Ok(Self(space.finish(output)?))
    }
}
