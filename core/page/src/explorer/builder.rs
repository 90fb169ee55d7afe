//! Takes in the kept candidates and interns their layers.

use lamarck_model::identity::identities;
use lamarck_model::{CandidateId, CandidateRecord, Layer, LayerGraph, SpaceSpec};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::{Entry, Explorer, Kept, LayerKind, TableLayer};

/// Labels have so many characters at most.
const LABEL: usize = 44;

/// Puts an [`Explorer`] together, candidate by candidate, in any order.
#[derive(Debug)]
pub struct ExplorerBuilder {
    explorer: Explorer,
    kept: Kept,
    positions: FxHashMap<u128, u32>,
    kinds: FxHashMap<LayerKind, u32>,
}

impl ExplorerBuilder {
    /// For a run (named as people call it) of a space, whose scores are in a unit.
    pub fn new(run: impl Into<String>, space: &SpaceSpec, score: &str, unit: &str, kept: Kept) -> Self {
        let explorer = Explorer {
            run: run.into(),
            score: score.into(),
            unit: unit.into(),
            decisions: space.decisions.clone(),
            best: kept.best,
            leaders: kept.leaders.clone(),
            total: kept.total,
            entries: Vec::with_capacity(kept.ranks.len()),
            kinds: Vec::new(),
            layers: Vec::new(),
        };
        Self { explorer, kept, positions: FxHashMap::default(), kinds: FxHashMap::default() }
    }

    /// Whether the candidate is among those that are kept. Others may be given as well and are passed over.
    pub fn wants(&self, id: CandidateId) -> bool {
        self.kept.ranks.contains_key(&id)
    }

    /// Whether its architecture is worth building.
    pub fn wants_graph(&self, id: CandidateId) -> bool {
        self.kept.ranks.get(&id).is_some_and(|member| member.rank < self.kept.architectures)
    }

    /// Takes in a candidate and, where it is known, its architecture. A candidate that is not kept, or that was given
    /// before, is passed over.
    pub fn add_candidate(&mut self, record: &CandidateRecord, graph: Option<&LayerGraph>) {
        let wants_graph = self.wants_graph(record.id);
        let Some(member) = self.kept.ranks.remove(&record.id) else { return };
        let outputs = graph.filter(|_| wants_graph).and_then(|graph| self.intern(graph));
        self.explorer.entries.push(Entry {
            rank: member.rank,
            record: record.clone(),
            children: member.children,
            descendants: member.descendants,
            outputs,
        });
    }

    /// All that was given.
    pub fn finish(mut self) -> Explorer {
        self.explorer.entries.sort_unstable_by_key(|entry| entry.record.id);
        self.explorer
    }

    /// The positions of the graph's outputs in the table of layers; `None` should the table be full.
    fn intern(&mut self, graph: &LayerGraph) -> Option<Vec<u32>> {
        let mut places: Vec<u32> = Vec::with_capacity(graph.len());
        for ((id, layer), identity) in graph.layers().zip(identities(graph)) {
            let position = if let Some(&position) = self.positions.get(&identity.0) {
                position
            } else {
                let position = u32::try_from(self.explorer.layers.len()).ok()?;
                let kind = self.kind(layer)?;
                let inputs =
                    graph.inputs(id).filter_map(|input| places.get(input.index()).copied()).collect();
                self.explorer.layers.push(TableLayer { kind, inputs });
                self.positions.insert(identity.0, position);
                position
            };
            places.push(position);
        }
        let outputs = graph.ids().filter(|&id| graph.consumers(id).is_empty());
        Some(outputs.filter_map(|id| places.get(id.index()).copied()).collect())
    }

    fn kind(&mut self, layer: &Layer) -> Option<u32> {
        let kind = LayerKind {
            class: layer.class.clone(),
            label: label(&layer.config),
            parameters: layer.size().ok().map(|size| size.parameters),
        };
        if let Some(&known) = self.kinds.get(&kind) {
            return Some(known);
        }
        let position = u32::try_from(self.explorer.kinds.len()).ok()?;
        self.explorer.kinds.push(kind.clone());
        self.kinds.insert(kind, position);
        Some(position)
    }
}

/// A configuration in short: its plain values, in the order of their keys, as far as there is room.
fn label(config: &str) -> String {
    let mut label = String::new();
    let Ok(Value::Object(values)) = serde_json::from_str::<Value>(config) else { return label };
    for (key, value) in &values {
        let value = match value {
            Value::Null | Value::Object(_) => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let more = format!("{}{key}={value}", if label.is_empty() { "" } else { " " });
        if label.chars().count() + more.chars().count() > LABEL {
            label.push('\u{2026}');
            break;
        }
        label.push_str(&more);
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::{Census, KeepRule};
    use lamarck_model::graph::{DType, LayerId, Tensor};
    use lamarck_model::identity::LayerIdentity;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn space() -> SpaceSpec {
        SpaceSpec { name: "s".into(), decisions: vec![], constrained: false, levels: vec![], class: None }
    }

    /// A graph from numbers: for each layer its class and up to two earlier layers.
    fn graph(layers: &[(u8, prop::sample::Index, prop::sample::Index)]) -> LayerGraph {
        let mut graph = LayerGraph::new();
        for (i, (class, a, b)) in layers.iter().enumerate() {
            let inputs: Vec<LayerId> = match (i, class % 3) {
                (0, _) | (_, 0) => vec![],
                (i, 1) => vec![LayerId(u32::try_from(a.index(i)).unwrap())],
                (i, _) => [a, b].map(|x| LayerId(u32::try_from(x.index(i)).unwrap())).to_vec(),
            };
            let config = format!(r#"{{"units":{}}}"#, class % 2);
            graph.add(Layer::new(format!("l{i}"), format!("C{class}"), config), &inputs).unwrap();
        }
        graph
    }

    fn build(graphs: &[LayerGraph]) -> Explorer {
        let records: Vec<_> = (0..graphs.len() as u64)
            .map(|id| CandidateRecord { id, score: 0.5, ..CandidateRecord::default() })
            .collect();
        let mut census = Census::new();
        for record in &records {
            census.add(record);
        }
        let kept = census.keep(&[], 0, &KeepRule::default());
        let mut builder = ExplorerBuilder::new("run", &space(), "score", "", kept);
        for (record, graph) in records.iter().zip(graphs) {
            builder.add_candidate(record, Some(graph));
        }
        builder.finish()
    }

    /// What a graph is, whatever the order of its layers: every layer's identity, class and inputs' identities.
    type Shape = BTreeSet<(LayerIdentity, String, Vec<LayerIdentity>)>;

    fn shape(graph: &LayerGraph) -> Shape {
        let ids = identities(graph);
        let layer = |(id, layer): (LayerId, &Layer)| {
            let inputs = graph.inputs(id).map(|input| ids[input.index()]).collect();
            (ids[id.index()], layer.class.clone(), inputs)
        };
        graph.layers().map(layer).collect()
    }

    proptest! {
        #[test]
        fn every_graph_comes_back_from_the_table(
            graphs in prop::collection::vec(prop::collection::vec((0_u8..5, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..12), 1..8)
        ) {
            let graphs: Vec<LayerGraph> = graphs.iter().map(|layers| graph(layers)).collect();
            let explorer = build(&graphs);
            // The table has each distinct identity once, so a position stands for one identity.
            let all: BTreeSet<LayerIdentity> = graphs.iter().flat_map(identities).collect();
            prop_assert_eq!(explorer.distinct_layers(), all.len());
            let mut names: FxHashMap<u32, LayerIdentity> = FxHashMap::default();
            for graph in &graphs {
                let ids = identities(graph);
                for (layer, id) in graph.ids().zip(&ids) {
                    let Some((&position, _)) = names.iter().find(|(_, known)| *known == id) else {
                        // Interned in order of first appearance.
                        names.insert(u32::try_from(names.len()).unwrap(), *id);
                        continue;
                    };
                    let inputs: Vec<_> = explorer.layers[position as usize].inputs.iter().map(|i| names[i]).collect();
                    prop_assert_eq!(inputs, graph.inputs(layer).map(|i| ids[i.index()]).collect::<Vec<_>>());
                }
            }
            for (id, graph) in graphs.iter().enumerate() {
                let drawn = explorer.architecture(id as u64).unwrap();
                prop_assert!(drawn.iter().all(|(at, _, inputs)| inputs.iter().all(|input| input < at)));
                let drawn: Shape = drawn
                    .into_iter()
                    .map(|(at, kind, inputs)| {
                        (names[&at], kind.class.clone(), inputs.iter().map(|i| names[i]).collect())
                    })
                    .collect();
                prop_assert_eq!(drawn, shape(graph));
            }
        }
    }

    #[test]
    fn labels_are_short_and_parameters_are_counted() {
        let mut graph = LayerGraph::new();
        let config = r#"{"activation":"relu","init":null,"shape":[3,4],"units":10}"#;
        let dense = Layer::new("d", "Dense", config).with_tensors(vec![Tensor::parameter(
            "kernel",
            &[4, 10],
            DType::F32,
        )]);
        graph.add(dense, &[]).unwrap();
        let explorer = build(&[graph]);
        let expected = LayerKind {
            class: "Dense".into(),
            label: "activation=relu shape=[3,4] units=10".into(),
            parameters: Some(40),
        };
        assert_eq!(explorer.kinds, [expected]);
        let long = format!(r#"{{"a":1,"b":"{}"}}"#, "x".repeat(99));
        assert_eq!(label(&long), "a=1\u{2026}");
        assert_eq!(label("3"), "");
    }

    #[test]
    fn only_the_kept_are_taken_and_each_once() {
        let mut census = Census::new();
        for id in 0..5 {
            census.add(&CandidateRecord { id, score: 0.5, ..CandidateRecord::default() });
        }
        let kept = census.keep(&[], 0, &KeepRule { candidates: 2, architectures: 1 });
        let mut builder = ExplorerBuilder::new("run", &space(), "score", "", kept);
        assert_eq!((0..5).map(|id| builder.wants(id)).collect::<Vec<_>>(), [true, false, false, false, true]);
        let mut graph = LayerGraph::new();
        graph.add(Layer::new("a", "A", "{}"), &[]).unwrap();
        for id in [4, 1, 0, 4] {
            builder.add_candidate(&CandidateRecord { id, ..CandidateRecord::default() }, Some(&graph));
        }
        let explorer = builder.finish();
        assert_eq!((explorer.len(), explorer.total()), (2, 5));
        assert!(explorer.architecture(0).is_some());
        assert!(explorer.architecture(4).is_none(), "one architecture only");
    }
}
