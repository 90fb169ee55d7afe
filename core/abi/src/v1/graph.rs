//! A layer graph in five flat arrays: a text pool, dimensions, tensors, inputs and layers.

use abi_stable::StableAbi;
use abi_stable::std_types::RVec;
use lamarck_model::graph::DType;
use lamarck_model::{Fault, FaultKind, Layer, LayerGraph, LayerId, Tensor};

/// A piece of one of the arrays.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first element.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// A layer.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatLayer {
    /// Its name, in the text pool.
    pub name: Span,
    /// Its class, in the text pool.
    pub class: Span,
    /// Its configuration, in the text pool.
    pub config: Span,
    /// The layers it reads, in `inputs`.
    pub inputs: Span,
    /// Its tensors, in `tensors`.
    pub tensors: Span,
}

/// A tensor.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatTensor {
    /// Its name, in the text pool.
    pub name: Span,
    /// Its shape, in `dimensions`.
    pub shape: Span,
    /// Number of its type.
    pub dtype: u8,
    /// Whether it is a buffer, which does not count as a parameter.
    pub buffer: bool,
}

/// A layer graph.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Default)]
pub struct FlatGraph {
    /// The layers, each after its inputs.
    pub layers: RVec<FlatLayer>,
    /// Positions of layers.
    pub inputs: RVec<u32>,
    /// The tensors.
    pub tensors: RVec<FlatTensor>,
    /// The dimensions.
    pub dimensions: RVec<u64>,
    /// The text pool, UTF-8.
    pub text: RVec<u8>,
}

/// The types of elements in the order of their numbers here: never reorder.
const DTYPES: [DType; 8] =
    [DType::F16, DType::BF16, DType::F32, DType::F64, DType::I8, DType::I32, DType::I64, DType::U8];

fn too_large() -> Fault {
    Fault::new(
        FaultKind::Protocol,
        "the layer graph has over four billion parts, more than can cross to the host",
    )
}

/// The span of what will be appended to an array of length `start`.
fn span(start: usize, len: usize) -> Result<Span, Fault> {
    match (u32::try_from(start), u32::try_from(len)) {
        (Ok(start), Ok(len)) => Ok(Span { start, len }),
        _ => Err(too_large()),
    }
}

impl FlatGraph {
    /// Flattens a graph.
    pub fn from_graph(graph: &LayerGraph) -> Result<Self, Fault> {
        let mut flat = Self::default();
        flat.layers.reserve(graph.len());
        flat.inputs.reserve(graph.edges());
        for (id, layer) in graph.layers() {
            let inputs_start = flat.inputs.len();
            flat.inputs.extend(graph.inputs(id).map(|input| input.0));
            let tensors_start = flat.tensors.len();
            for tensor in &layer.tensors {
                let shape = span(flat.dimensions.len(), tensor.shape.len())?;
                flat.dimensions.extend_from_slice(&tensor.shape);
                let name = flat.put(&tensor.name)?;
                // DTYPES lists every type.
                let dtype = DTYPES
                    .iter()
                    .zip(0..)
                    .find(|(known, _)| **known == tensor.dtype)
                    .map_or(u8::MAX, |(_, n)| n);
                flat.tensors.push(FlatTensor { name, shape, dtype, buffer: tensor.buffer });
            }
            let layer = FlatLayer {
                name: flat.put(&layer.name)?,
                class: flat.put(&layer.class)?,
                config: flat.put(&layer.config)?,
                inputs: span(inputs_start, flat.inputs.len() - inputs_start)?,
                tensors: span(tensors_start, flat.tensors.len() - tensors_start)?,
            };
            flat.layers.push(layer);
        }
        Ok(flat)
    }

    /// Builds the graph again; anything that does not fit together is a fault.
    pub fn to_graph(&self) -> Result<LayerGraph, Fault> {
        let wrong =
            |what: &str| Fault::new(FaultKind::Protocol, format!("the layer graph is damaged: {what}"));
        let mut graph = LayerGraph::with_capacity(self.layers.len(), self.inputs.len());
        for flat in &self.layers {
            let mut tensors = Vec::with_capacity(flat.tensors.len as usize);
            for tensor in piece(&self.tensors, flat.tensors).ok_or_else(|| wrong("a layer's tensors"))? {
                tensors.push(Tensor {
                    name: self.text(tensor.name)?,
                    shape: piece(&self.dimensions, tensor.shape)
                        .ok_or_else(|| wrong("a tensor's shape"))?
                        .to_vec(),
                    dtype: *DTYPES.get(usize::from(tensor.dtype)).ok_or_else(|| wrong("a tensor's type"))?,
                    buffer: tensor.buffer,
                });
            }
            let inputs: Vec<LayerId> = piece(&self.inputs, flat.inputs)
                .ok_or_else(|| wrong("a layer's inputs"))?
                .iter()
                .map(|&input| LayerId(input))
                .collect();
            let layer = Layer::new(self.text(flat.name)?, self.text(flat.class)?, self.text(flat.config)?);
            graph.add(layer.with_tensors(tensors), &inputs).map_err(|error| wrong(&error.to_string()))?;
        }
        Ok(graph)
    }

    fn put(&mut self, text: &str) -> Result<Span, Fault> {
        let span = span(self.text.len(), text.len())?;
        self.text.extend_from_slice(text.as_bytes());
        Ok(span)
    }

    fn text(&self, span: Span) -> Result<String, Fault> {
        piece(&self.text, span)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(str::to_owned)
            .ok_or_else(|| Fault::new(FaultKind::Protocol, "the layer graph is damaged: a text"))
    }
}

fn piece<T>(array: &[T], span: Span) -> Option<&[T]> {
    let start = span.start as usize;
    array.get(start..start.checked_add(span.len as usize)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_crosses_unchanged_and_damage_is_a_fault() {
        let mut graph = LayerGraph::new();
        let input = graph.add(Layer::new("in", "Input", "{}"), &[]).unwrap();
        let tensors = DTYPES
            .iter()
            .enumerate()
            .map(|(i, &dtype)| Tensor {
                name: format!("t{i}"),
                shape: vec![3, i as u64],
                dtype,
                buffer: i % 2 == 0,
            })
            .collect();
        let dense =
            graph.add(Layer::new("d", "Dense", r#"{"units":3}"#).with_tensors(tensors), &[input]).unwrap();
        graph.add(Layer::new("sum", "Add", "{}"), &[dense, input, dense]).unwrap();
        let mut flat = FlatGraph::from_graph(&graph).unwrap();
        assert_eq!(flat.to_graph().unwrap(), graph);
        flat.inputs[0] = 7;
        assert_eq!(flat.to_graph().unwrap_err().kind(), FaultKind::Protocol);
        flat.layers[0].name.len = u32::MAX;
        assert_eq!(flat.to_graph().unwrap_err().kind(), FaultKind::Protocol);
    }
}
