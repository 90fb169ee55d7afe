//! Layers of vectors: identities and sizes, built once for vectors that come again.

use super::error::EngineError;
use crate::repository::ModelLayers;
use lamarck_model::declaration::Kind;
use lamarck_model::{Choice, SearchSpace};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How many layers are kept before the catalogue is emptied: 32 bytes each.
const KEPT: usize = 2 << 20;

/// A bounded memory of built vectors. Emptied as a whole when full: evolution asks for the same vectors again soon
/// or never, and a smarter rule would cost more than building a graph.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    known: FxHashMap<Box<[Choice]>, Arc<ModelLayers>>,
    layers: usize,
}

impl Catalog {
    /// The layers of a vector in the order of its graph.
    pub(super) fn layers(
        &mut self,
        space: &dyn SearchSpace,
        choices: &[Choice],
        level: &str,
    ) -> Result<Arc<ModelLayers>, EngineError> {
        if let Some(layers) = self.known.get(choices) {
            return Ok(Arc::clone(layers));
        }
        let graph = space.build(choices, level).map_err(EngineError::component(Kind::SearchSpace))?;
        let layers = ModelLayers::of(&graph)
            .map_err(|error| EngineError::Component { kind: Kind::SearchSpace, source: error.into() })?;
        let layers = Arc::new(layers);
        if self.layers + layers.len() > KEPT {
            self.known.clear();
            self.layers = 0;
        }
        self.layers += layers.len();
        self.known.insert(choices.into(), Arc::clone(&layers));
        Ok(layers)
    }
}
