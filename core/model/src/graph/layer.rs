//! Layers, their tensors and their configuration.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::GraphError;
use crate::space::ModelSize;

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// Half precision, 2 bytes.
    F16,
    /// Brain float, 2 bytes.
    BF16,
    /// Single precision, 4 bytes.
    F32,
    /// Double precision, 8 bytes.
    F64,
    /// Signed, 1 byte.
    I8,
    /// Signed, 4 bytes.
    I32,
    /// Signed, 8 bytes.
    I64,
    /// Unsigned, 1 byte.
    U8,
    /// Truth value, 1 byte.
    Bool,
}

impl DType {
    /// Bytes of one element.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::BF16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }
}

/// A tensor that is stored with a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tensor {
    /// The name inside its layer: `kernel`, `op.1.weight`.
    pub name: String,
    /// The extents; none for a scalar.
    pub shape: Vec<u64>,
    /// The type of the elements.
    pub dtype: DType,
    /// Whether it is state that is stored beside the weights and that no gradient changes, such as the running
    /// mean of a batch normalization. Buffers count as bytes and not as parameters, as in every published
    /// parameter count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub buffer: bool,
}

impl Tensor {
    /// A tensor of weights.
    pub fn parameter(name: impl Into<String>, shape: &[u64], dtype: DType) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), dtype, buffer: false }
    }

    /// A tensor of state that training does not count as a parameter.
    pub fn buffer(name: impl Into<String>, shape: &[u64], dtype: DType) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), dtype, buffer: true }
    }

    /// The number of elements, or `None` when it does not fit 64 bits. A scalar has one.
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |n, &extent| n.checked_mul(extent))
    }

    /// The size in bytes, or `None` when it does not fit 64 bits.
    pub fn bytes(&self) -> Option<u64> {
        self.elements()?.checked_mul(self.dtype.bytes())
    }
}

/// One layer: the unit in which weights are shared between models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What people call it. It is shown, and it is no part of the [identity](crate::identity).
    pub name: String,
    /// The kind of layer: `Dense`, `ReLUConvBN`.
    pub class: String,
    /// Everything that makes two layers of a class differ, as canonical JSON text (see [`canonical`]): `{}` for
    /// nothing.
    pub config: String,
    /// What is stored.
    pub tensors: Vec<Tensor>,
}

impl Layer {
    /// A layer without tensors.
    pub fn new(name: impl Into<String>, class: impl Into<String>, config: impl Into<String>) -> Self {
        Self { name: name.into(), class: class.into(), config: config.into(), tensors: Vec::new() }
    }

    /// The same layer with these tensors.
    #[must_use]
    pub fn with_tensors(mut self, tensors: Vec<Tensor>) -> Self {
        self.tensors = tensors;
        self
    }

    /// The size of its tensors, as a model of one layer.
    ///
    /// # Errors
    /// [`GraphError::TooLarge`] when the elements or bytes do not fit 64 bits.
    pub fn size(&self) -> Result<ModelSize, GraphError> {
        let mut size = ModelSize { layers: 1, parameters: 0, bytes: 0 };
        for tensor in &self.tensors {
            let add = || {
                let parameters = if tensor.buffer { 0 } else { tensor.elements()? };
                Some((size.parameters.checked_add(parameters)?, size.bytes.checked_add(tensor.bytes()?)?))
            };
            (size.parameters, size.bytes) = add().ok_or_else(|| GraphError::TooLarge {
                layer: self.name.clone(),
                tensor: tensor.name.clone(),
            })?;
        }
        Ok(size)
    }
}

/// The JSON text of a value with the keys of every object sorted by their bytes and no space between tokens: equal
/// configurations have equal text.
///
/// ```
/// let config = serde_json::json!({"units": 4, "activation": "relu"});
/// assert_eq!(lamarck_model::graph::canonical(&config), r#"{"activation":"relu","units":4}"#);
/// ```
pub fn canonical(value: &serde_json::Value) -> String {
    fn write(value: &serde_json::Value, out: &mut String) {
        match value {
            serde_json::Value::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            // Sorted here, because serde_json keeps the order of insertion where another crate asks it to.
            serde_json::Value::Object(map) => {
                let mut keys: Vec<_> = map.iter().collect();
                keys.sort_unstable_by_key(|(key, _)| *key);
                out.push('{');
                for (i, (key, item)) in keys.into_iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    let _ = write!(out, "{}:", serde_json::Value::String(key.clone()));
                    write(item, out);
                }
                out.push('}');
            }
            // Writing into a string cannot fail.
            scalar => drop(write!(out, "{scalar}")),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}
