//! Two search spaces of the CANDLE benchmarks, as far as layer identities go: what is a layer, and what is above it.

use lamarck_model::identity::identities;
use lamarck_model::{Layer, LayerGraph, LayerId, LayerIdentity};

/// The number of options of each decision, and the layers of a vector.
pub(super) struct Space {
    pub(super) options: Vec<u16>,
    pub(super) layers: fn(&[u16]) -> Vec<LayerIdentity>,
}

/// ATTN, the space that AgEBO and EvoStore searched: 18 decisions; six dense layers in two blocks of three, with
/// optional skip connections that are added, projected where widths differ.
pub(super) fn attn() -> Space {
    let block = [391, 2, 391, 2, 2, 391, 2, 2, 2];
    Space { options: [block, block].concat(), layers: attn_layers }
}

/// The shape of Combo, small: a tower of three layers on each of three inputs, joined, and a trunk of three. 13
/// options for each.
pub(super) fn combo() -> Space {
    Space { options: vec![13; 12], layers: combo_layers }
}

struct Builder(LayerGraph);

impl Builder {
    fn add(&mut self, class: &str, config: impl std::fmt::Display, inputs: &[LayerId]) -> LayerId {
        // The configurations are numbers, and every input is there.
        self.0.add(Layer::new("", class, config.to_string()), inputs).unwrap()
    }
}

fn attn_layers(choices: &[u16]) -> Vec<LayerIdentity> {
    let mut build = Builder(LayerGraph::with_capacity(40, 48));
    let mut last = (build.add("Input", 6212, &[]), 6212_u16);
    for block in choices.chunks(9) {
        let mut anchors = vec![last];
        let mut decisions = block.iter();
        for _ in 0..3 {
            let choice = *decisions.next().unwrap_or(&0);
            if let Some(dense) = choice.checked_sub(1) {
                last = (build.add("Dense", dense, &[last.0]), 50 + 25 * (dense / 5));
            }
            let mut merged = vec![last.0];
            for (anchor, width) in &anchors {
                if decisions.next() == Some(&1) {
                    let same = *width == last.1;
                    merged.push(if same { *anchor } else { build.add("Projection", last.1, &[*anchor]) });
                }
            }
            if merged.len() > 1 {
                let sum = build.add("Add", 0, &merged);
                last.0 = build.add("Relu", 0, &[sum]);
            }
            anchors.push(last);
        }
    }
    build.add("Output", 2, &[last.0]);
    identities(&build.0)
}

fn combo_layers(choices: &[u16]) -> Vec<LayerIdentity> {
    let mut build = Builder(LayerGraph::with_capacity(20, 24));
    let chain = |build: &mut Builder, from: LayerId, choices: &[u16]| {
        let layers = choices.iter().filter(|&&choice| choice > 0);
        layers.fold(from, |last, choice| build.add("Layer", choice, &[last]))
    };
    let ends: Vec<LayerId> = (0..)
        .zip(choices.chunks(3).take(3))
        .map(|(input, tower): (u8, _)| {
            let input = build.add("Input", input, &[]);
            chain(&mut build, input, tower)
        })
        .collect();
    let joined = build.add("Concatenate", 0, &ends);
    let last = chain(&mut build, joined, &choices[9..]);
    build.add("Output", 1, &[last]);
    identities(&build.0)
}
