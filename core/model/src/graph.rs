//! Layer graphs: what a model is made of.
//!
//! A [`LayerGraph`] is built layer by layer, each naming inputs that are there already. Two things follow without a
//! check: it has no cycle, and the ids in the order of insertion are a topological order, so every algorithm here is
//! one pass from first to last. The alternative, adding layers and edges in any order and sorting afterwards, moves
//! the error for a cycle away from the line that made it.
//!
//! The same layer can be an input of another twice (`add(x, x)`), so the graph is a multigraph. An edge carries the
//! position of the input, because `subtract(a, b)` is not `subtract(b, a)`.
//!
//! A layer's [`config`](Layer::config) is JSON text, not a tree: the text is what is hashed, what crosses the plugin
//! boundary and what is written down, and a tree would be turned into it each time. Use [`canonical`] to make it.
//!
//! ```
//! use lamarck_model::graph::{DType, Layer, LayerGraph, Tensor};
//!
//! let mut graph = LayerGraph::new();
//! let input = graph.add(Layer::new("input", "Input", r#"{"shape":[10]}"#), &[])?;
//! let dense = Layer::new("dense", "Dense", r#"{"units":4}"#).with_tensors(vec![
//!     Tensor::parameter("kernel", &[10, 4], DType::F32),
//!     Tensor::parameter("bias", &[4], DType::F32),
//! ]);
//! graph.add(dense, &[input])?;
//! assert_eq!(graph.size()?.parameters, 44);
//! assert_eq!(graph.size()?.bytes, 176);
//! # Ok::<(), lamarck_model::graph::GraphError>(())
//! ```

mod error;
mod layer;
mod written;

pub use error::GraphError;
pub use layer::{DType, Layer, Tensor, canonical};

use std::fmt::Write as _;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::space::ModelSize;

/// The number of a layer in its graph: 0, 1, 2, .. in the order of insertion, which is a topological order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayerId(pub u32);

impl LayerId {
    /// The id as an index into a list with one entry a layer.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A model as a directed acyclic multigraph of layers. See the [module](self) for the reasons of its form.
#[derive(Debug, Clone, Default)]
pub struct LayerGraph {
    graph: DiGraph<Layer, u32>,
}

impl LayerGraph {
    /// A graph without layers.
    pub fn new() -> Self {
        Self::default()
    }

    /// A graph without layers, with room for some.
    pub fn with_capacity(layers: usize, edges: usize) -> Self {
        Self { graph: DiGraph::with_capacity(layers, edges) }
    }

    /// Appends a layer that takes the outputs of these layers, in this order.
    ///
    /// # Errors
    /// An input that is not there yet, a configuration that is no JSON, or more layers than ids.
    pub fn add(&mut self, layer: Layer, inputs: &[LayerId]) -> Result<LayerId, GraphError> {
        let len = self.graph.node_count();
        if let Some(unknown) = inputs.iter().find(|input| input.index() >= len) {
            return Err(GraphError::UnknownInput { layer: layer.name, input: unknown.0, layers: len });
        }
        if let Err(source) = serde_json::from_str::<IgnoredAny>(&layer.config) {
            return Err(GraphError::Config {
                layer: layer.name,
                config: layer.config,
                message: source.to_string(),
            });
        }
        // petgraph reserves the last id as its own end mark, for vertices and for edges alike.
        let room =
            |used: usize, more: usize| used.checked_add(more).is_some_and(|all| all < u32::MAX as usize);
        if !room(len, 1) || !room(self.graph.edge_count(), inputs.len()) {
            return Err(GraphError::Full { layer: layer.name });
        }
        let node = self.graph.add_node(layer);
        // petgraph walks the edges of a vertex from the newest to the oldest, so the last input goes in first and
        // `inputs` reads them in order without sorting.
        for (position, input) in inputs.iter().enumerate().rev() {
            // Fits: the edge count was checked to fit above.
            self.graph.add_edge(
                NodeIndex::new(input.index()),
                node,
                u32::try_from(position).unwrap_or(u32::MAX),
            );
        }
        Ok(LayerId(u32::try_from(len).unwrap_or(u32::MAX)))
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is no layer.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of edges; a layer that is an input twice counts twice.
    pub fn edges(&self) -> usize {
        self.graph.edge_count()
    }

    /// All ids in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = LayerId> + DoubleEndedIterator + use<> {
        // Fits: `add` lets no more layers in.
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(LayerId)
    }

    /// All layers with their ids, in the order of the ids.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = (LayerId, &Layer)> {
        self.ids().zip(self.graph.raw_nodes().iter().map(|node| &node.weight))
    }

    /// A layer, or `None` for an id of another graph.
    pub fn layer(&self, id: LayerId) -> Option<&Layer> {
        self.graph.node_weight(NodeIndex::new(id.index()))
    }

    /// The inputs of a layer in order; a layer that is an input twice comes twice. Nothing for an id of another
    /// graph.
    pub fn inputs(&self, id: LayerId) -> impl Iterator<Item = LayerId> {
        self.graph
            .edges_directed(NodeIndex::new(id.index()), Direction::Incoming)
            .map(|edge| LayerId(u32::try_from(edge.source().index()).unwrap_or(u32::MAX)))
    }

    /// The layers that take this layer's output, in the order of their ids, once for each time they take it.
    pub fn consumers(&self, id: LayerId) -> Vec<LayerId> {
        let mut consumers: Vec<LayerId> = self
            .graph
            .edges_directed(NodeIndex::new(id.index()), Direction::Outgoing)
            .map(|edge| LayerId(u32::try_from(edge.target().index()).unwrap_or(u32::MAX)))
            .collect();
        consumers.reverse();
        consumers
    }

    /// The bytes of a layer's tensors.
    ///
    /// # Errors
    /// [`GraphError::UnknownLayer`] or [`GraphError::TooLarge`].
    pub fn bytes(&self, id: LayerId) -> Result<u64, GraphError> {
        let layer = self
            .layer(id)
            .ok_or(GraphError::UnknownLayer { layer: id.0, layers: self.graph.node_count() })?;
        Ok(layer.size()?.bytes)
    }

    /// Layers, parameters and bytes of the whole model.
    ///
    /// # Errors
    /// [`GraphError::TooLarge`] when a sum does not fit 64 bits.
    pub fn size(&self) -> Result<ModelSize, GraphError> {
        let mut total = ModelSize { layers: self.len() as u64, parameters: 0, bytes: 0 };
        for (_, layer) in self.layers() {
            let size = layer.size()?;
            let add = || {
                Some((total.parameters.checked_add(size.parameters)?, total.bytes.checked_add(size.bytes)?))
            };
            (total.parameters, total.bytes) = add().ok_or_else(|| GraphError::TooLarge {
                layer: layer.name.clone(),
                tensor: "the sum of all layers so far".into(),
            })?;
        }
        Ok(total)
    }

    /// The same graph as petgraph sees it, for petgraph's algorithms. An edge carries the input's position.
    pub fn as_petgraph(&self) -> &DiGraph<Layer, u32> {
        &self.graph
    }

    /// The graph in the language of Graphviz. An edge is labelled with the input's position where a layer has more
    /// than one.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph model {\n  node [shape=box];\n");
        // Writing into a string cannot fail.
        for (id, layer) in self.layers() {
            let (name, class) = (escape(&layer.name), escape(&layer.class));
            let _ = write!(dot, "  n{} [label=\"{name}\\n{class}", id.0);
            match layer.size() {
                Ok(size) if size.bytes > 0 => drop(write!(dot, "\\n{} parameters", size.parameters)),
                _ => {}
            }
            dot.push_str("\"];\n");
            let inputs: Vec<LayerId> = self.inputs(id).collect();
            for (position, input) in inputs.iter().enumerate() {
                let _ = write!(dot, "  n{} -> n{}", input.0, id.0);
                if inputs.len() > 1 {
                    let _ = write!(dot, " [label=\"{position}\"]");
                }
                dot.push_str(";\n");
            }
        }
        dot.push_str("}\n");
        dot
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Equal layers in the same order with the same inputs. Not isomorphism.
impl PartialEq for LayerGraph {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.edges() == other.edges()
            && self
                .layers()
                .zip(other.layers())
                .all(|((id, a), (_, b))| a == b && self.inputs(id).eq(other.inputs(id)))
    }
}

impl Eq for LayerGraph {}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str) -> Layer {
        Layer::new(name, "Dense", "{}")
    }

    fn diamond() -> LayerGraph {
        let mut graph = LayerGraph::new();
        let a = graph.add(layer("a"), &[]).unwrap();
        let b = graph
            .add(layer("b").with_tensors(vec![Tensor::parameter("w", &[3, 5], DType::F32)]), &[a])
            .unwrap();
        let c = graph.add(layer("c").with_tensors(vec![Tensor::buffer("n", &[], DType::I64)]), &[a]).unwrap();
        graph.add(layer("d"), &[c, b, c]).unwrap();
        graph
    }

    #[test]
    fn inputs_keep_their_order_and_their_repetitions() {
        let graph = diamond();
        assert_eq!(graph.inputs(LayerId(3)).collect::<Vec<_>>(), [LayerId(2), LayerId(1), LayerId(2)]);
        assert_eq!(graph.consumers(LayerId(0)), [LayerId(1), LayerId(2)]);
        assert_eq!(graph.consumers(LayerId(2)), [LayerId(3), LayerId(3)]);
        assert_eq!((graph.len(), graph.edges()), (4, 5));
        // The edges' own positions say the same as the order in which they are read.
        let edges = graph.as_petgraph().edges_directed(NodeIndex::new(3), Direction::Incoming);
        assert_eq!(edges.map(|edge| *edge.weight()).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(graph.inputs(LayerId(9)).count(), 0);
    }

    #[test]
    fn sizes_count_buffers_as_bytes_only() {
        let graph = diamond();
        assert_eq!(graph.size().unwrap(), ModelSize { layers: 4, parameters: 15, bytes: 68 });
        assert_eq!(graph.bytes(LayerId(1)), Ok(60));
        assert_eq!(graph.bytes(LayerId(4)).unwrap_err().kind(), "unknown-layer");
    }

    #[test]
    fn sizes_that_overflow_are_errors() {
        let huge = || vec![Tensor::parameter("w", &[1 << 31, 1 << 31], DType::F32)];
        let mut graph = LayerGraph::new();
        let a = graph.add(layer("a").with_tensors(huge()), &[]);
        assert_eq!(graph.size().unwrap_err().kind(), "too-large", "2^64 bytes");
        let tensor = Tensor::parameter("w", &[1 << 31, 1 << 30], DType::F32);
        let mut graph = LayerGraph::new();
        for name in ["a", "b"] {
            graph.add(layer(name).with_tensors(vec![tensor.clone()]), &[]).unwrap();
        }
        assert_eq!(a, Ok(LayerId(0)));
        assert_eq!(graph.bytes(LayerId(1)), Ok(1 << 63));
        assert_eq!(graph.size().unwrap_err().kind(), "too-large", "2 x 2^63 bytes");
    }

    #[test]
    fn a_layer_with_an_unknown_input_is_refused() {
        let mut graph = diamond();
        let error = graph.add(layer("e"), &[LayerId(4)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "layer `e` takes layer 4 as input, but the graph has 4 layers so far, numbered from 0; \
             add a layer's inputs before the layer"
        );
        assert_eq!(graph, diamond(), "nothing was added");
        assert_eq!(graph.add(Layer::new("f", "Dense", ""), &[]).unwrap_err().kind(), "config");
    }

    #[test]
    fn writing_and_reading_returns_the_same_graph() {
        let text = serde_json::to_string(&diamond()).unwrap();
        assert!(text.contains(r#""config":{},"inputs":[2,1,2]"#), "{text}");
        assert_eq!(serde_json::from_str::<LayerGraph>(&text).unwrap(), diamond());
    }

    #[test]
    fn reading_sorts_the_keys_of_a_configuration() {
        let text = r#"{"layers":[{"name":"x","class":"C","config":{"b":[1,{"d":0,"c":"\n"}],"a":null},"inputs":[]}]}"#;
        let graph: LayerGraph = serde_json::from_str(text).unwrap();
        assert_eq!(graph.layer(LayerId(0)).unwrap().config, r#"{"a":null,"b":[1,{"c":"\n","d":0}]}"#);
    }

    #[test]
    fn cycles_and_dangling_inputs_are_refused_on_reading() {
        let read = |inputs: [&str; 2]| {
            let layer = |name: &str, inputs| {
                format!(r#"{{"name":"{name}","class":"C","config":{{}},"inputs":[{inputs}]}}"#)
            };
            let text = format!(r#"{{"layers":[{},{}]}}"#, layer("a", inputs[0]), layer("b", inputs[1]));
            serde_json::from_str::<LayerGraph>(&text).map(|graph| graph.len()).map_err(|e| e.to_string())
        };
        assert_eq!(read(["", "0"]), Ok(2));
        assert!(read(["1", "0"]).unwrap_err().contains("the graph has a cycle"));
        assert!(read(["0", ""]).unwrap_err().contains("does not come before it"));
        assert!(read(["", "2"]).unwrap_err().contains("the graph has 1 layers so far"));
    }

    #[test]
    fn dot_escapes_names() {
        let mut graph = LayerGraph::new();
        let a = graph.add(layer("a \"b\""), &[]).unwrap();
        graph.add(layer("c"), &[a, a]).unwrap();
        let dot = graph.to_dot();
        assert!(dot.contains(r#"n0 [label="a \"b\"\nDense"];"#), "{dot}");
        assert!(dot.contains(r#"n0 -> n1 [label="1"];"#), "{dot}");
    }
}
