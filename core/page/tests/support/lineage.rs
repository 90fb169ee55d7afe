//! A small evolution, for the explorer: chains of layers with shortcuts, mutated one decision at a time.

use lamarck_model::graph::{DType, Tensor};
use lamarck_model::identity::{LayerIdentity, identities};
use lamarck_model::{CandidateRecord, Decision, Layer, LayerGraph, Nullable, Origin, SpaceSpec, Status};
use lamarck_page::{Census, Explorer, ExplorerBuilder, KeepRule};

use super::noise;

const STAGES: usize = 10;

pub(super) fn space() -> SpaceSpec {
    let width = |i: usize| Decision {
        name: format!("dense {i}"),
        options: ["32", "64", "128", "<256>"].map(String::from).to_vec(),
        ordered: true,
        node: None,
        descendants: 0,
    };
    SpaceSpec {
        name: "chain".into(),
        decisions: (0..STAGES).map(width).collect(),
        constrained: false,
        levels: vec!["network".into()],
        class: None,
    }
}

fn graph(choices: &[u16]) -> LayerGraph {
    let mut graph = LayerGraph::new();
    let mut last = graph.add(Layer::new("input", "Input", r#"{"shape":[64]}"#), &[]).unwrap();
    let mut outs = vec![last];
    for (i, choice) in choices.iter().enumerate() {
        let units = 32_u64 << choice;
        let dense =
            Layer::new(format!("dense {i}"), "Dense", format!(r#"{{"activation":"relu","units":{units}}}"#))
                .with_tensors(vec![Tensor::parameter("kernel", &[64, units], DType::F32)]);
        last = graph.add(dense, &[last]).unwrap();
        outs.push(last);
        if choice % 2 == 1 && i >= 2 {
            last = graph.add(Layer::new(format!("add {i}"), "Add", "{}"), &[last, outs[i - 1]]).unwrap();
        }
    }
    graph.add(Layer::new("out", "Dense", r#"{"units":1}"#), &[last]).unwrap();
    graph
}

fn below(a: usize, b: usize, bound: usize) -> usize {
    (noise(a, b).abs() * bound as f64) as usize % bound
}

/// A run of so many candidates, and the explorer of those that are kept.
pub(crate) fn explorer(count: usize, rule: &KeepRule) -> Explorer {
    let mut records: Vec<CandidateRecord> = Vec::new();
    let mut models: Vec<Vec<LayerIdentity>> = Vec::new();
    for i in 0..count {
        let mut record = CandidateRecord { id: i as u64, ..CandidateRecord::default() };
        record.choices = (0..STAGES).map(|d| below(i, d, 4) as u16).collect();
        if i >= 50 {
            // Of ten of the last hundred the best.
            let parent = (0..10)
                .map(|k| i - 1 - below(i, 100 + k, 100.min(i)))
                .max_by(|a, b| records[*a].score.total_cmp(&records[*b].score))
                .unwrap();
            record.parent = parent as u64;
            record.choices.clone_from(&records[parent].choices);
            let at = below(i, 300, STAGES);
            record.changed_from = record.choices[at];
            record.changed_to = (record.choices[at] + 1 + below(i, 301, 3) as u16) % 4;
            record.choices[at] = record.changed_to;
            (record.changed, record.changed_decision) = (1, at as u16);
            record.origin = Origin::Mutation as u8;
        }
        record.score = 60.0
            + record
                .choices
                .iter()
                .enumerate()
                .map(|(d, c)| f64::from(*c) * (3.0 - d as f64 * 0.4))
                .sum::<f64>()
            + noise(i, 9);
        if i % 97 == 13 {
            (record.status, record.score) = (Status::Failed as u8, f64::NONE);
        }
        let model = layers(&record.choices);
        if i >= 50 {
            // Of eight of the last hundred the one with the longest match.
            let donor = (0..8)
                .map(|k| i - 1 - below(i, 500 + k, 100.min(i)))
                .max_by_key(|&donor| shared(&models[donor], &model))
                .unwrap();
            record.donor = donor as u64;
            record.prefix_layers = shared(&models[donor], &model) as u64;
            record.prefix_bytes = record.prefix_layers * 16_384;
        }
        (record.layers, record.bytes) = (model.len() as u64, 40_000 + 100 * i as u64);
        record.finished_us = 1_500_000 * i as u64;
        models.push(model);
        records.push(record);
    }
    let mut census = Census::new();
    for record in &records {
        census.add(record);
    }
    let kept = census.keep(&[17, 120.min(count as u64 - 1)], 100, rule);
    let mut builder =
        ExplorerBuilder::new("cluster.workers=64, replicate 0", &space(), "validation accuracy", "%", kept);
    for record in &records {
        let graph = builder.wants_graph(record.id).then(|| graph(&record.choices));
        builder.add_candidate(record, graph.as_ref());
    }
    builder.finish()
}

/// Layers that two models have in common, whose identities are given in order.
fn shared(a: &[LayerIdentity], b: &[LayerIdentity]) -> usize {
    a.iter().filter(|id| b.binary_search(id).is_ok()).count()
}

fn layers(choices: &[u16]) -> Vec<LayerIdentity> {
    let mut layers = identities(&graph(choices));
    layers.sort_unstable();
    layers
}
