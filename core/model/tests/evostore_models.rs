//! The 214 layer graphs that the authors of EvoStore published (Keras JSON, one a line; layer names are recursive
//! hashes with an occurrence counter): do our identities and prefixes say the same as their names?

#![expect(
    clippy::print_stderr,
    reason = "a skipped test says why, and a figure that is no assertion is shown"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lamarck_model::graph::{DType, Layer, LayerGraph, LayerId, Tensor, canonical};
use lamarck_model::identity::{LayerIdentity, identities};
use lamarck_model::prefix::{breadth_first, longest_common_prefix, longest_common_prefix_by_definition};
use serde_json::Value;

const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/evostore/models.jsonl");

struct Model {
    graph: LayerGraph,
    names: Vec<String>,
    identities: Vec<LayerIdentity>,
}

/// Reads one model. `ignored` are the keys of a configuration that are left out of it.
fn parse(line: &str, ignored: &[&str]) -> Model {
    let json: Value = serde_json::from_str(line).unwrap();
    let mut graph = LayerGraph::new();
    let mut places: BTreeMap<String, (LayerId, u64)> = BTreeMap::new();
    let mut names = Vec::new();
    for layer in json["layers"].as_array().unwrap() {
        let name = layer["name"].as_str().unwrap().to_owned();
        let mut inputs = Vec::new();
        let mut width = 0;
        for inbound in
            layer["inbound_nodes"].as_array().unwrap().iter().flat_map(|node| node.as_array().unwrap())
        {
            let (input, units) = places[inbound[0].as_str().unwrap()];
            inputs.push(input);
            width = units;
        }
        let mut config = layer["config"].clone();
        for key in ignored {
            config.as_object_mut().unwrap().remove(*key);
        }
        let class = layer["class_name"].as_str().unwrap();
        let (units, tensors) = match class {
            "InputLayer" => (config["batch_input_shape"][1].as_u64().unwrap(), Vec::new()),
            "Dense" => {
                let units = config["units"].as_u64().unwrap();
                let kernel = Tensor::parameter("kernel", &[width, units], DType::F32);
                (units, vec![kernel, Tensor::parameter("bias", &[units], DType::F32)])
            }
            other => panic!("no layer of class {other} is known to be in the file"),
        };
        let new = Layer::new(name.clone(), class, canonical(&config)).with_tensors(tensors);
        let id = graph.add(new, &inputs).unwrap();
        places.insert(name.clone(), (id, units));
        names.push(name);
    }
    Model { identities: identities(&graph), graph, names }
}

fn models(ignored: &[&str]) -> Option<Vec<Model>> {
    if !Path::new(MODELS).exists() {
        eprintln!("skipped: the published models are not at {MODELS}");
        return None;
    }
    let text = std::fs::read_to_string(MODELS).unwrap();
    Some(text.lines().map(|line| parse(line, ignored)).collect())
}

/// How many (name, identity) pairs, names and identities there are. All three equal: each names the other.
fn correspondence(models: &[Model]) -> (usize, usize, usize) {
    let pairs: BTreeSet<(&str, LayerIdentity)> = models
        .iter()
        .flat_map(|model| model.names.iter().map(String::as_str).zip(model.identities.iter().copied()))
        .collect();
    let names: BTreeSet<_> = pairs.iter().map(|pair| pair.0).collect();
    let identities: BTreeSet<_> = pairs.iter().map(|pair| pair.1).collect();
    (pairs.len(), names.len(), identities.len())
}

/// The published hash leaves out whether a layer is trainable: it is what freezing changes in the very layers that
/// are taken over. With it left out here as well, names and identities correspond one to one.
#[test]
fn names_and_identities_correspond() {
    let Some(models) = models(&["name", "trainable"]) else { return };
    assert_eq!(models.len(), 214);
    assert_eq!(models.iter().map(|model| model.graph.len()).sum::<usize>(), 2_135);
    assert_eq!(correspondence(&models), (1_263, 1_263, 1_263));
}

/// With `trainable` in the configuration, 73 of the published names stand for two identities each or more: a frozen
/// layer would not be recognised as the one it was taken from.
#[test]
fn trainable_must_not_be_in_a_configuration() {
    let Some(models) = self::models(&["name"]) else { return };
    assert_eq!(correspondence(&models), (1_336, 1_263, 1_336));
}

/// For all pairs: the breadth-first prefix on the published names, the number of shared names, the shared identities
/// and the breadth-first prefix on identities are one and the same.
#[test]
fn four_ways_to_the_prefix_agree_for_all_pairs() {
    let Some(models) = models(&["name", "trainable"]) else { return };
    let edges: Vec<Vec<(&str, &str)>> = models
        .iter()
        .map(|Model { graph, names, .. }| {
            let into =
                |to: LayerId| graph.inputs(to).map(move |from| (&*names[from.index()], &*names[to.index()]));
            graph.ids().flat_map(into).collect()
        })
        .collect();
    let (mut pairs, mut layers, mut longest) = (0, 0, 0);
    for (i, child) in models.iter().enumerate() {
        let own: BTreeSet<&str> = child.names.iter().map(String::as_str).collect();
        for (j, donor) in models.iter().enumerate().take(i) {
            let shared: BTreeSet<&str> =
                donor.names.iter().map(String::as_str).filter(|name| own.contains(name)).collect();
            let by_name: BTreeSet<&str> =
                breadth_first(&["input_0"], &edges[i], &edges[j]).into_iter().collect();
            assert_eq!(by_name, shared, "models {i} and {j}");
            let prefix = longest_common_prefix(&child.graph, &donor.graph).unwrap();
            let ours: BTreeSet<&str> =
                prefix.layers.iter().map(|(id, _)| &*child.names[id.index()]).collect();
            assert_eq!(ours, shared, "models {i} and {j}");
            assert!(prefix.layers.iter().all(|(x, y)| child.names[x.index()] == donor.names[y.index()]));
            assert_eq!(prefix, longest_common_prefix_by_definition(&child.graph, &donor.graph).unwrap());
            pairs += 1;
            layers += shared.len();
            longest = longest.max(shared.len());
        }
    }
    // The sums were counted independently, from the names alone.
    assert_eq!((pairs, layers), (22_791, 30_295));
    eprintln!("{pairs} pairs share {layers} layers; the longest prefix has {longest}");
}
