//! The best-match index against the linear scan: on the layer graphs that the authors of EvoStore published, and on
//! histories long enough to fill several of the index's blocks.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

#[path = "../benches/best_match/history.rs"]
mod history;
#[path = "../benches/best_match/spaces.rs"]
mod spaces;

use std::collections::BTreeMap;
use std::path::Path;

use history::{Pressure, children, history};
use lamarck_model::graph::{Layer, LayerGraph, LayerId, canonical};
use lamarck_model::identity::{LayerIdentity, identities};
use lamarck_model::prefix::longest_common_prefix_by_definition;
use lamarck_model::{CandidateId, Rng};
use lamarck_runtime::repository::{MatchIndex, scan};
use serde_json::Value;
use spaces::{attn, combo};

const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/evostore/models.jsonl");

/// A published model: a Keras graph in which every layer comes after its inputs. The name is where a layer is, and
/// `trainable` is what taking it over changes; neither is part of what a layer is.
fn parse(line: &str) -> LayerGraph {
    let json: Value = serde_json::from_str(line).unwrap();
    let mut graph = LayerGraph::new();
    let mut places: BTreeMap<&str, LayerId> = BTreeMap::new();
    for layer in json["layers"].as_array().unwrap() {
        let nodes = layer["inbound_nodes"].as_array().unwrap().iter();
        let inputs: Vec<LayerId> = nodes
            .flat_map(|node| node.as_array().unwrap())
            .map(|inbound| places[inbound[0].as_str().unwrap()])
            .collect();
        let mut config = layer["config"].clone();
        for key in ["name", "trainable"] {
            config.as_object_mut().unwrap().remove(key);
        }
        let name = layer["name"].as_str().unwrap();
        let new = Layer::new(name, layer["class_name"].as_str().unwrap(), canonical(&config));
        places.insert(name, graph.add(new, &inputs).unwrap());
    }
    graph
}

fn sorted(layers: &[LayerIdentity]) -> Vec<LayerIdentity> {
    let mut layers = layers.to_vec();
    layers.sort_unstable();
    layers
}

/// Every published model asks for the best of the 213 others, three times with other scores, so that ties fall
/// differently. The length is also the largest that the breadth-first definition finds.
#[test]
fn published_models() {
    if !Path::new(MODELS).exists() {
        eprintln!("skipped: the published models are not at {MODELS}");
        return;
    }
    let graphs: Vec<LayerGraph> = std::fs::read_to_string(MODELS).unwrap().lines().map(parse).collect();
    let count = graphs.len();
    assert_eq!(count, 214);
    let mut by_definition = vec![vec![0; count]; count];
    for (i, child) in graphs.iter().enumerate() {
        for (j, donor) in graphs.iter().enumerate().take(i) {
            let length = longest_common_prefix_by_definition(child, donor).unwrap().len();
            by_definition[i][j] = length;
            by_definition[j][i] = length;
        }
    }
    let layers: Vec<Vec<LayerIdentity>> = graphs.iter().map(identities).collect();
    let lists: Vec<Vec<LayerIdentity>> = layers.iter().map(|layers| sorted(layers)).collect();
    for score in [|_| 0.0, |model| (model * 37 % 10) as f64, |model| model as f64] {
        let models: Vec<(CandidateId, f64)> = (0..).take(count).map(|model| (model, score(model))).collect();
        let mut index = MatchIndex::new();
        for (&(model, score), layers) in models.iter().zip(&layers) {
            index.insert(model, score, layers);
        }
        for (i, &(model, score)) in models.iter().enumerate() {
            assert!(index.remove(model));
            let others = models.iter().zip(&lists).filter(|((other, _), _)| *other != model);
            let expected = scan(others.map(|(&(model, score), list)| (model, score, &list[..])), &lists[i]);
            let best = index.best(&layers[i]);
            assert_eq!(best, expected, "for model {model}");
            let (best, longest) = (best.unwrap(), by_definition[i].iter().max().unwrap());
            let donor = usize::try_from(best.model).unwrap();
            assert_eq!((best.shared, by_definition[i][donor]), (*longest, *longest), "for model {model}");
            assert!(index.insert(model, score, &layers[i]));
        }
    }
}

/// Thousands of models that come, are asked for, and go when `window` others have come after them.
#[test]
fn histories_of_a_search() {
    for (name, space) in [("attn", attn()), ("combo", combo())] {
        for pressure in [Pressure::None, Pressure::Neutral, Pressure::Smooth] {
            let mut rng = Rng::from_seed(7);
            let candidates = history(&space, pressure, 6_000, &mut rng);
            let queries = children(&space, &candidates, 40, &mut rng);
            let lists: Vec<Vec<LayerIdentity>> =
                candidates.iter().map(|candidate| sorted(&(space.layers)(&candidate.choices))).collect();
            for window in [300, 4_500] {
                let mut index = MatchIndex::new();
                for (id, (candidate, list)) in (0..).zip(candidates.iter().zip(&lists)) {
                    index.insert(id, candidate.score, list);
                    if id >= window {
                        assert!(index.remove(id - window));
                    }
                }
                let stored = || {
                    let all = (0..).zip(candidates.iter().zip(&lists));
                    let all = all.map(|(id, (candidate, list))| (id, candidate.score, &list[..]));
                    all.skip(candidates.len() - usize::try_from(window).unwrap())
                };
                assert_eq!(index.len(), stored().count());
                for query in &queries {
                    let expected = scan(stored(), &sorted(query));
                    assert_eq!(index.best(query), expected, "{name}, {pressure:?}, window {window}");
                }
            }
        }
    }
}
