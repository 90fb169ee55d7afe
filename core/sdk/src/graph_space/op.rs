//! Operations: what a node does to its inputs, and how its options read.

use lamarck_model::graph::canonical;
use serde_json::{Value, json};

use super::builder::NodeId;

/// The function at the end of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Activation {
    /// None: the identity.
    Linear,
    /// max(0, x).
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic function.
    Sigmoid,
    /// x times its logistic function.
    Swish,
    /// Normalized exponential.
    Softmax,
}

impl Activation {
    /// Keras's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Swish => "swish",
            Self::Softmax => "softmax",
        }
    }
}

/// What happens at the ends of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Windows stay inside: the output has `(length - window) / strides + 1` positions.
    Valid,
    /// Zeros are put around it: the output has `length / strides` positions, rounded up.
    Same,
}

impl Padding {
    /// Keras's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Same => "same",
        }
    }
}

/// What a node does to the tensors of its predecessors, which come in the order in which the edges were made.
///
/// An operation on one tensor refuses to be given another number of them. The merges (`Concatenate`, `AddByPadding`,
/// `AddByProjecting`, `Multiply`) take any number: none makes nothing, and one is passed through as it is, *without*
/// the activation, as in DeepHyper.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Op {
    /// The input under another name; no layer.
    Identity,
    /// Nothing, whatever goes in; no layer.
    Zero,
    /// Edges from these nodes, which exist only when this option is chosen. All tensors are handed on as they are.
    Connect(Vec<NodeId>),
    /// A fully connected layer with bias. On a sequence it acts on the channels.
    Dense {
        /// Outputs.
        units: u64,
        /// Fused into the layer.
        activation: Activation,
    },
    /// Drops a share of the inputs in training.
    Dropout {
        /// The share, from 0 up to but without 1.
        rate: f64,
    },
    /// A function by itself.
    Activation(Activation),
    /// Makes a vector of a sequence; no layer where there is a vector already.
    Flatten,
    /// A convolution with bias. A vector is first reshaped to a sequence with one channel.
    Conv1D {
        /// Output channels.
        filters: u64,
        /// Width of the window.
        kernel: u64,
        /// What happens at the ends.
        padding: Padding,
        /// Step from window to window.
        strides: u64,
        /// Fused into the layer.
        activation: Activation,
    },
    /// The maximum in each window of a sequence.
    MaxPooling1D {
        /// Width of the window.
        pool: u64,
        /// Step from window to window.
        strides: u64,
        /// What happens at the ends.
        padding: Padding,
    },
    /// Per-channel scale and shift; its running mean and variance are buffers: bytes, but no parameters.
    BatchNormalization,
    /// Joins along the last dimension. Shorter sequences are padded with zeros, half of them in front (rounded down).
    Concatenate,
    /// The sum. Every dimension is padded with zeros to the longest, half of them in front (rounded down).
    AddByPadding {
        /// A layer of its own after the sum, unless linear.
        activation: Activation,
    },
    /// The sum of vectors of the *first* input's width. An input of another width goes through a linear dense layer
    /// with bias of its own; one of that width is added directly.
    AddByProjecting {
        /// A layer of its own after the sum, unless linear.
        activation: Activation,
    },
    /// The product, element by element; all shapes must be equal.
    Multiply,
}

impl Op {
    /// [`Op::Dense`].
    pub const fn dense(units: u64, activation: Activation) -> Self {
        Self::Dense { units, activation }
    }

    /// [`Op::Dropout`].
    pub const fn dropout(rate: f64) -> Self {
        Self::Dropout { rate }
    }

    /// [`Op::Connect`] to one node.
    pub fn connect(source: NodeId) -> Self {
        Self::Connect(vec![source])
    }

    /// The Keras class of its layer; `None` where there is none, or where the layer depends on the inputs.
    pub(super) const fn class(&self) -> &'static str {
        match self {
            Self::Identity | Self::Zero | Self::Connect(_) => "",
            Self::Dense { .. } => "Dense",
            Self::Dropout { .. } => "Dropout",
            Self::Activation(_) => "Activation",
            Self::Flatten => "Flatten",
            Self::Conv1D { .. } => "Conv1D",
            Self::MaxPooling1D { .. } => "MaxPooling1D",
            Self::BatchNormalization => "BatchNormalization",
            Self::Concatenate => "Concatenate",
            Self::AddByPadding { .. } | Self::AddByProjecting { .. } => "Add",
            Self::Multiply => "Multiply",
        }
    }

    /// Everything that makes two layers of its class differ. Merges have nothing of the kind.
    fn config(&self) -> Value {
        match self {
            Self::Dense { units, activation } => json!({"activation": activation.as_str(), "units": units}),
            Self::Dropout { rate } => json!({"rate": rate}),
            Self::Activation(activation) => json!({"activation": activation.as_str()}),
            Self::Conv1D { filters, kernel, padding, strides, activation } => json!({
                "activation": activation.as_str(),
                "filters": filters,
                "kernel_size": kernel,
                "padding": padding.as_str(),
                "strides": strides,
            }),
            Self::MaxPooling1D { pool, strides, padding } => {
                json!({"padding": padding.as_str(), "pool_size": pool, "strides": strides})
            }
            _ => json!({}),
        }
    }

    /// The configuration as text, of a layer with its own weights and of one that uses another layer's.
    pub(super) fn configs(&self) -> (String, String) {
        let mut config = self.config();
        let own = canonical(&config);
        if let Value::Object(map) = &mut config {
            map.insert("shared".into(), Value::Bool(true));
        }
        (own, canonical(&config))
    }

    /// A number of it that must not be 0, or a rate that is none: what is wrong, or nothing.
    pub(super) fn fault(&self) -> Option<String> {
        let zero =
            |what: &str, value: u64| (value == 0).then(|| format!("its {what} is 0; it must be at least 1"));
        match *self {
            Self::Dense { units, .. } => zero("number of units", units),
            Self::Dropout { rate } if !(0.0..1.0).contains(&rate) => {
                Some(format!("its rate is {rate}; it must be at least 0 and below 1"))
            }
            Self::Conv1D { filters, kernel, strides, .. } => zero("number of filters", filters)
                .or_else(|| zero("kernel", kernel))
                .or_else(|| zero("stride", strides)),
            Self::MaxPooling1D { pool, strides, .. } => {
                zero("pool size", pool).or_else(|| zero("stride", strides))
            }
            _ => None,
        }
    }

    /// How the option reads: `Dense(50, swish)`, `MaxPooling1D(3, strides 1, same)`, `Connect(input)`.
    pub(super) fn label(&self, name_of: impl Fn(NodeId) -> String) -> String {
        let with = |activation: Activation| match activation {
            Activation::Linear => String::new(),
            other => format!(", {}", other.as_str()),
        };
        match self {
            Self::Identity => "Identity".into(),
            Self::Zero => "Zero".into(),
            Self::Connect(sources) => {
                let names: Vec<String> = sources.iter().map(|&source| name_of(source)).collect();
                format!("Connect({})", names.join(", "))
            }
            Self::Dense { units, activation } => format!("Dense({units}{})", with(*activation)),
            Self::Dropout { rate } => format!("Dropout({rate})"),
            Self::Activation(activation) => format!("Activation({})", activation.as_str()),
            Self::Conv1D { filters, kernel, padding, strides, activation } => format!(
                "Conv1D({filters}, kernel {kernel}, strides {strides}, {}{})",
                padding.as_str(),
                with(*activation)
            ),
            Self::MaxPooling1D { pool, strides, padding } => {
                format!("MaxPooling1D({pool}, strides {strides}, {})", padding.as_str())
            }
            Self::AddByPadding { activation } => {
                format!("AddByPadding({})", activation.as_str())
            }
            Self::AddByProjecting { activation } => {
                format!("AddByProjecting({})", activation.as_str())
            }
            Self::Flatten => "Flatten".into(),
            Self::BatchNormalization => "BatchNormalization".into(),
            Self::Concatenate => "Concatenate".into(),
            Self::Multiply => "Multiply".into(),
        }
    }

    /// What the operation varies in, as a kind (equal for operations that are alike but for numbers) and numbers.
    fn coordinates(&self) -> (&'static str, Value, [f64; 3]) {
        match *self {
            Self::Dense { units, activation } => {
                ("Dense", json!(activation.as_str()), [units as f64, 0.0, 0.0])
            }
            Self::Dropout { rate } => ("Dropout", json!(null), [rate, 0.0, 0.0]),
            Self::Conv1D { filters, kernel, padding, strides, activation } => (
                "Conv1D",
                json!([padding.as_str(), activation.as_str()]),
                [filters as f64, kernel as f64, strides as f64],
            ),
            Self::MaxPooling1D { pool, strides, padding } => {
                ("MaxPooling1D", json!(padding.as_str()), [pool as f64, strides as f64, 0.0])
            }
            _ => ("", json!(null), [0.0; 3]),
        }
    }
}

/// Whether each option is near to the ones beside it: all differ in one number only, and it always rises or always
/// falls. `Identity` counts as a dropout of rate 0 among dropouts and as a window of 1 with stride 1 among poolings.
pub(super) fn ordered(ops: &[Op]) -> bool {
    let Some(model) = ops.iter().find(|op| **op != Op::Identity) else { return false };
    let (kind, rest, _) = model.coordinates();
    let mut points = Vec::with_capacity(ops.len());
    for op in ops {
        let (other, same, point) = op.coordinates();
        points.push(match (op, kind) {
            (Op::Identity, "Dropout") => [0.0; 3],
            (Op::Identity, "MaxPooling1D") => [1.0, 1.0, 0.0],
            _ if !kind.is_empty() && other == kind && same == rest => point,
            _ => return false,
        });
    }
    let varies = |axis: usize| points.windows(2).any(|pair| pair[0][axis].total_cmp(&pair[1][axis]).is_ne());
    let varying: Vec<usize> = (0..3).filter(|&axis| varies(axis)).collect();
    let [axis] = varying[..] else { return false };
    let monotone = |wanted| points.windows(2).all(|pair| pair[0][axis].total_cmp(&pair[1][axis]) == wanted);
    monotone(std::cmp::Ordering::Less) || monotone(std::cmp::Ordering::Greater)
}
