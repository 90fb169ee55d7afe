//! Errors of layer graphs.

/// What is wrong with a layer or with where it was to go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A layer takes the output of one that is not there.
    #[error(
        "layer `{layer}` takes layer {input} as input, but the graph has {layers} layers so far, numbered from 0; add a layer's inputs before the layer"
    )]
    UnknownInput {
        /// The layer that was to be added.
        layer: String,
        /// The id it named.
        input: u32,
        /// How many layers there are.
        layers: usize,
    },
    /// A written graph lists a layer before one of its inputs, which a cycle forces.
    #[error(
        "layer {number} (`{layer}`) takes layer {input} as input, which does not come before it; list every layer after its inputs, and if no such order exists the graph has a cycle"
    )]
    Order {
        /// The layer's name.
        layer: String,
        /// Its number.
        number: usize,
        /// The input that does not come before it.
        input: u32,
    },
    /// The configuration is no JSON text.
    #[error(
        "the configuration of layer `{layer}` is not JSON ({message}): `{config}`; write `{{}}` for an empty one"
    )]
    Config {
        /// The layer's name.
        layer: String,
        /// The text.
        config: String,
        /// What the JSON parser says.
        message: String,
    },
    /// A question about a layer that is not there.
    #[error("there is no layer {layer}: the graph has {layers} layers, numbered from 0")]
    UnknownLayer {
        /// The id.
        layer: u32,
        /// How many layers there are.
        layers: usize,
    },
    /// The elements or bytes do not fit 64 bits.
    #[error("the size of layer `{layer}` does not fit 64 bits at tensor `{tensor}`; check the shape")]
    TooLarge {
        /// The layer's name.
        layer: String,
        /// The tensor at which the sum overflowed.
        tensor: String,
    },
    /// No id is left.
    #[error("layer `{layer}` cannot be added: a graph holds fewer than 2^32 - 1 layers and edges")]
    Full {
        /// The layer that was to be added.
        layer: String,
    },
}

impl GraphError {
    /// A short stable word for the kind of error.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::UnknownInput { .. } => "unknown-input",
            Self::Order { .. } => "order",
            Self::Config { .. } => "config",
            Self::UnknownLayer { .. } => "unknown-layer",
            Self::TooLarge { .. } => "too-large",
            Self::Full { .. } => "full",
        }
    }
}
