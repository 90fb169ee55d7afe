//! Layer graphs as JSON, for people and other programs to read.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{GraphError, Layer, LayerGraph, LayerId, Tensor, canonical};

/// One layer as it is written down: the configuration as JSON inside the JSON, the inputs by their numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLayer {
    name: String,
    class: String,
    config: serde_json::Value,
    inputs: Vec<u32>,
    #[serde(default)]
    tensors: Vec<Tensor>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "LayerGraph", deny_unknown_fields)]
struct Written {
    layers: Vec<WrittenLayer>,
}

impl Serialize for LayerGraph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let layers = self.layers().map(|(id, layer)| {
            Ok(WrittenLayer {
                name: layer.name.clone(),
                class: layer.class.clone(),
                config: serde_json::from_str(&layer.config)?,
                inputs: self.inputs(id).map(|input| input.0).collect(),
                tensors: layer.tensors.clone(),
            })
        });
        let layers = layers.collect::<Result<_, serde_json::Error>>().map_err(S::Error::custom)?;
        Written { layers }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LayerGraph {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let layers = written.layers.len();
        let mut graph = Self::with_capacity(layers, layers);
        for (number, layer) in written.layers.into_iter().enumerate() {
            let late =
                layer.inputs.iter().copied().find(|&input| (number..layers).contains(&(input as usize)));
            if let Some(input) = late {
                return Err(D::Error::custom(GraphError::Order { layer: layer.name, number, input }));
            }
            let inputs: Vec<LayerId> = layer.inputs.iter().map(|&input| LayerId(input)).collect();
            let config = canonical(&layer.config);
            let layer = Layer { name: layer.name, class: layer.class, config, tensors: layer.tensors };
            graph.add(layer, &inputs).map_err(D::Error::custom)?;
        }
        Ok(graph)
    }
}
