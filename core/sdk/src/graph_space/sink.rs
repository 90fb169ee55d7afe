//! Where the layers of a model go: into a graph, or into sums only.

use std::fmt::Write as _;

use lamarck_model::graph::DType;
use lamarck_model::{Layer, LayerGraph, LayerId, ModelSize, Tensor};

use super::error::BuildError;

/// The weights of a layer, in single precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weights {
    None,
    Dense { input: u64, units: u64 },
    Conv1D { kernel: u64, input: u64, filters: u64 },
    BatchNormalization { channels: u64 },
}

const BYTES: u64 = DType::F32.bytes();

impl Weights {
    /// Parameters and bytes, or `None` when they do not fit.
    pub(super) fn size(self) -> Option<(u64, u64)> {
        let (parameters, buffers) = match self {
            Self::None => (0, 0),
            Self::Dense { input, units } => (input.checked_add(1)?.checked_mul(units)?, 0),
            Self::Conv1D { kernel, input, filters } => {
                (kernel.checked_mul(input)?.checked_add(1)?.checked_mul(filters)?, 0)
            }
            Self::BatchNormalization { channels } => (channels.checked_mul(2)?, channels.checked_mul(2)?),
        };
        Some((parameters, parameters.checked_add(buffers)?.checked_mul(BYTES)?))
    }

    fn tensors(self) -> Vec<Tensor> {
        let parameter = |name: &str, shape: &[u64]| Tensor::parameter(name, shape, DType::F32);
        match self {
            Self::None => Vec::new(),
            Self::Dense { input, units } => {
                vec![parameter("kernel", &[input, units]), parameter("bias", &[units])]
            }
            Self::Conv1D { kernel, input, filters } => {
                vec![parameter("kernel", &[kernel, input, filters]), parameter("bias", &[filters])]
            }
            Self::BatchNormalization { channels } => vec![
                parameter("gamma", &[channels]),
                parameter("beta", &[channels]),
                Tensor::buffer("moving_mean", &[channels], DType::F32),
                Tensor::buffer("moving_variance", &[channels], DType::F32),
            ],
        }
    }
}

/// A layer's name: the node's, and what the layer is in it where a node has several.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<'a> {
    Node(&'a str),
    Part(&'a str, &'static str),
    /// One layer for each input: `m1/project input`.
    For(&'a str, &'static str, &'a str),
}

impl Name<'_> {
    fn text(self) -> String {
        match self {
            Self::Node(node) => node.to_owned(),
            Self::Part(node, part) => [node, "/", part].concat(),
            Self::For(node, part, input) => [node, "/", part, " ", input].concat(),
        }
    }

    pub(super) const fn node(&self) -> &str {
        match self {
            Self::Node(node) | Self::Part(node, _) | Self::For(node, ..) => node,
        }
    }
}

/// A layer's configuration: ready, or made of numbers that only the model's shapes give.
#[derive(Debug, Clone, Copy)]
pub(super) enum Config<'a> {
    Text(&'a str),
    /// Of a linear dense layer with so many units.
    Projection(u64),
    /// Zeros in front and behind, of the positions only.
    Positions((u64, u64)),
    /// The same for every extent.
    Extents(&'a [(u64, u64)]),
    /// A vector becomes a sequence of that length with one channel.
    Reshape(u64),
}

impl Config<'_> {
    /// Canonical JSON.
    fn text(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            Self::Projection(units) => {
                let mut text = String::with_capacity(48);
                // Writing into a string cannot fail.
                let _ = write!(text, r#"{{"activation":"linear","units":{units}}}"#);
                text
            }
            Self::Positions((left, right)) => format!(r#"{{"padding":[{left},{right}]}}"#),
            Self::Extents(pads) => {
                let pads: Vec<String> =
                    pads.iter().map(|(left, right)| format!("[{left},{right}]")).collect();
                format!(r#"{{"padding":[{}]}}"#, pads.join(","))
            }
            Self::Reshape(length) => format!(r#"{{"target_shape":[{length},1]}}"#),
        }
    }
}

/// What is to become a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewLayer<'a> {
    pub(super) name: Name<'a>,
    pub(super) class: &'static str,
    pub(super) config: Config<'a>,
    pub(super) weights: Weights,
}

pub(super) trait Sink {
    fn add(&mut self, layer: &NewLayer<'_>, inputs: &[LayerId]) -> Result<LayerId, BuildError>;
}

impl Sink for LayerGraph {
    fn add(&mut self, new: &NewLayer<'_>, inputs: &[LayerId]) -> Result<LayerId, BuildError> {
        let layer = Layer {
            name: new.name.text(),
            class: new.class.to_owned(),
            config: new.config.text(),
            tensors: new.weights.tensors(),
        };
        Ok(Self::add(self, layer, inputs)?)
    }
}

impl Sink for ModelSize {
    fn add(&mut self, new: &NewLayer<'_>, _inputs: &[LayerId]) -> Result<LayerId, BuildError> {
        let id = LayerId(u32::try_from(self.layers).unwrap_or(u32::MAX));
        let sum = || {
            let (parameters, bytes) = new.weights.size()?;
            Some((self.parameters.checked_add(parameters)?, self.bytes.checked_add(bytes)?))
        };
        let Some((parameters, bytes)) = sum() else {
            let node = new.name.node().to_owned();
            return Err(BuildError::TooLarge { node, what: "the sum of all weights so far" });
        };
        *self = Self { layers: self.layers + 1, parameters, bytes };
        Ok(id)
    }
}
