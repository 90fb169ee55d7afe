//! Layer identity: when are two layers of two models the same layer, so that one can lend its weights to the other?
//!
//! An identity is a recursive (Merkle) hash of a layer's class, its configuration and the *identities* of its inputs
//! in order, together with an **occurrence** number that tells apart the layers of one model for which all of this
//! is equal: 0, 1, 2, .. in the order of their ids. A changed layer therefore changes the identity of every layer
//! below it. This is the naming scheme of EvoStore (HPDC'24, doi 10.1145/3625549.3658679), whose layer names are
//! such a hash and a counter.
//!
//! What is covered, and why:
//!
//! * **Not the name.** Names say where a layer is in a program; two programs may build the same model.
//! * **Not the tensors.** Their shapes follow from class, configuration and inputs; hashing them as well would make a
//!   graph read without its tensors (a Keras JSON file) a different model. The price: a search space that leaves
//!   something out of the configuration that changes a shape describes two layers as one.
//! * **The occurrence of the inputs.** A layer's hash covers its inputs' identities, occurrence included, not their
//!   bare hashes. Otherwise the consumer of the first of two equal layers and the consumer of the second would be
//!   taken for each other, and counting shared identities would no longer be the longest common prefix: see
//!   [`crate::prefix`].
//!
//! Occurrences are counted in the order of insertion, so a model's identities depend on the order in which a program
//! adds *equal* layers with equal inputs, and on nothing else of that order. A search space that builds its layers
//! in a fixed order always gives the same layer the same identity.
//!
//! The hash is XXH3 with 128 bits: stable between machines and releases, and for a billion different layers the
//! chance of any collision is below 10^-20. It is no defence against someone who looks for one.

use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_128;

use crate::graph::LayerGraph;

/// The identity of a layer; equal in two models where the layer and everything above it is equal. Written as 32
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerIdentity(pub u128);

impl fmt::Display for LayerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for LayerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no [`LayerIdentity`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no layer identity: 32 hexadecimal digits are needed")]
pub struct IdentityError {
    text: String,
}

impl FromStr for LayerIdentity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        // The digits are checked here because the standard parser takes a sign as well.
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let parsed = digits.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        parsed.map(Self).ok_or_else(|| IdentityError { text: text.to_owned() })
    }
}

impl Serialize for LayerIdentity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LayerIdentity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What the two hashes of a layer begin with, so that neither can be taken for the other. A change of what is hashed
/// must change these: identities are written into traces.
const CONTENT: &[u8] = b"lamarck layer content 1\0";
const OCCURRENCE: &[u8] = b"lamarck layer occurrence 1\0";

/// The identities of all layers, in the order of the ids. One pass, no recursion.
///
/// Hashed for a layer: a tag; the length and the bytes of the class; those of the configuration; the number of inputs
/// and their identities. Then for the identity: another tag, that hash, and the occurrence. Lengths and numbers are
/// 64 bits, little endian; with the lengths in front, no two different layers feed the same bytes to the hash.
///
/// ```
/// use lamarck_model::graph::{Layer, LayerGraph};
/// use lamarck_model::identity::identities;
///
/// let mut graph = LayerGraph::new();
/// let input = graph.add(Layer::new("input", "Input", "{}"), &[])?;
/// graph.add(Layer::new("left", "Dense", "{}"), &[input])?;
/// graph.add(Layer::new("right", "Dense", "{}"), &[input])?;
/// let ids = identities(&graph);
/// assert_ne!(ids[1], ids[2], "equal in everything but their occurrence");
/// # Ok::<(), lamarck_model::graph::GraphError>(())
/// ```
pub fn identities(graph: &LayerGraph) -> Vec<LayerIdentity> {
    let mut identities: Vec<LayerIdentity> = Vec::with_capacity(graph.len());
    let mut seen: FxHashMap<u128, u64> = FxHashMap::default();
    let mut bytes = Vec::with_capacity(256);
    for (id, layer) in graph.layers() {
        bytes.clear();
        bytes.extend_from_slice(CONTENT);
        for text in [&layer.class, &layer.config] {
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        // The number of inputs is filled in once they have been written.
        let count = bytes.len();
        bytes.extend_from_slice(&0_u64.to_le_bytes());
        let mut inputs = 0_u64;
        for input in graph.inputs(id) {
            // An input has a smaller id, so its identity is there.
            bytes.extend_from_slice(&identities[input.index()].0.to_le_bytes());
            inputs += 1;
        }
        bytes[count..count + 8].copy_from_slice(&inputs.to_le_bytes());
        let content = xxh3_128(&bytes);

        let occurrence = seen.entry(content).or_insert(0);
        bytes.clear();
        bytes.extend_from_slice(OCCURRENCE);
        bytes.extend_from_slice(&content.to_le_bytes());
        bytes.extend_from_slice(&occurrence.to_le_bytes());
        *occurrence += 1;
        identities.push(LayerIdentity(xxh3_128(&bytes)));
    }
    identities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{DType, Layer, LayerId, Tensor};

    fn chain(layers: &[(&str, &str, &str)]) -> Vec<LayerIdentity> {
        let mut graph = LayerGraph::new();
        let mut last: Option<LayerId> = None;
        for (name, class, config) in layers {
            last = Some(graph.add(Layer::new(*name, *class, *config), last.as_slice()).unwrap());
        }
        identities(&graph)
    }

    #[test]
    fn a_change_reaches_every_layer_below_and_none_above() {
        let a = chain(&[("a", "Input", "{}"), ("b", "Dense", "1"), ("c", "Dense", "2"), ("d", "Dense", "3")]);
        let b = chain(&[("x", "Input", "{}"), ("y", "Dense", "1"), ("z", "Dense", "4"), ("w", "Dense", "3")]);
        assert_eq!(a[..2], b[..2], "names do not matter");
        assert!(a[2..].iter().all(|id| !b.contains(id)));
    }

    #[test]
    fn class_and_configuration_do_not_run_into_each_other() {
        let a = chain(&[("a", "Dense1", "2")]);
        let b = chain(&[("a", "Dense", "12")]);
        assert_ne!(a, b);
    }

    #[test]
    fn tensors_do_not_matter_and_the_order_of_inputs_does() {
        let build = |tensors: Vec<Tensor>, swap: bool| {
            let mut graph = LayerGraph::new();
            let a = graph.add(Layer::new("a", "A", "{}"), &[]).unwrap();
            let b = graph.add(Layer::new("b", "B", "{}").with_tensors(tensors), &[]).unwrap();
            let inputs = if swap { [b, a] } else { [a, b] };
            graph.add(Layer::new("c", "C", "{}"), &inputs).unwrap();
            identities(&graph)
        };
        let plain = build(Vec::new(), false);
        assert_eq!(plain, build(vec![Tensor::parameter("w", &[7], DType::F16)], false));
        assert_ne!(plain[2], build(Vec::new(), true)[2]);
    }

    #[test]
    fn equal_layers_are_told_apart_by_their_occurrence() {
        let mut graph = LayerGraph::new();
        let input = graph.add(Layer::new("i", "Input", "{}"), &[]).unwrap();
        let twins: Vec<_> =
            (0..3).map(|_| graph.add(Layer::new("t", "T", "{}"), &[input]).unwrap()).collect();
        for twin in twins {
            graph.add(Layer::new("u", "U", "{}"), &[twin]).unwrap();
        }
        let mut all = identities(&graph);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 7, "consumers of different twins differ as well");
    }

    #[test]
    fn identities_do_not_change_between_releases() {
        // Computed once from this code; these values are in traces, so a difference here is a new trace format.
        let ids = chain(&[("a", "Input", r#"{"shape":[10]}"#), ("b", "Dense", r#"{"units":4}"#)]);
        let text: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["5ca95bbb9bb27a5777bf83f679446120", "e47983aebcb85a48b393e5eb28687842"]);
    }

    #[test]
    fn text_form() {
        let id = LayerIdentity(0xab);
        assert_eq!(id.to_string(), "000000000000000000000000000000ab");
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<LayerIdentity>(&json).unwrap(), id);
        for wrong in ["ab", "+00000000000000000000000000000ab", "zz", &"0".repeat(33)] {
            assert!(wrong.parse::<LayerIdentity>().is_err(), "{wrong}");
        }
    }
}
