//! A model as the repository sees it: the identities and sizes of its layers.

use lamarck_model::ModelSize;
use lamarck_model::graph::{GraphError, LayerGraph};
use lamarck_model::identity::{LayerIdentity, identities};

/// The layers of a model in the order of its graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelLayers {
    identities: Box<[LayerIdentity]>,
    /// Bytes and parameters of each layer.
    sizes: Box<[(u64, u64)]>,
    size: ModelSize,
}

impl ModelLayers {
    /// Reads them off a graph.
    pub fn of(graph: &LayerGraph) -> Result<Self, GraphError> {
        let mut sizes = Vec::with_capacity(graph.len());
        for (_, layer) in graph.layers() {
            let size = layer.size()?;
            sizes.push((size.bytes, size.parameters));
        }
        Ok(Self { identities: identities(graph).into(), sizes: sizes.into(), size: graph.size()? })
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.identities.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// The identities, each once.
    pub fn identities(&self) -> &[LayerIdentity] {
        &self.identities
    }

    /// Bytes of a layer; 0 for a position that is not there.
    pub fn bytes(&self, position: usize) -> u64 {
        self.sizes.get(position).map_or(0, |size| size.0)
    }

    /// Parameters of a layer; 0 for a position that is not there.
    pub fn parameters(&self, position: usize) -> u64 {
        self.sizes.get(position).map_or(0, |size| size.1)
    }

    /// The size of the whole model.
    pub fn size(&self) -> ModelSize {
        self.size
    }
}
