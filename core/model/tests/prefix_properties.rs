//! The longest common prefix of random layer graphs, three ways: by shared identities, by the breadth-first
//! definition, and by pairing layers directly with no hash at all.

use lamarck_model::graph::{DType, Layer, LayerGraph, LayerId, Tensor};
use lamarck_model::identity::identities;
use lamarck_model::prefix::{longest_common_prefix, longest_common_prefix_by_definition, shared_count};
use proptest::prelude::*;

/// A layer to be: its kind, and its inputs as draws that are taken modulo the number of layers before it.
type Plan = Vec<(u8, Vec<u8>)>;

/// Two kinds only, so that equal layers with equal inputs are common and the occurrence counter is at work.
fn plans() -> impl Strategy<Value = Plan> {
    prop::collection::vec((0_u8..2, prop::collection::vec(any::<u8>(), 0..4)), 0..14)
}

fn build(plan: &Plan) -> LayerGraph {
    let mut graph = LayerGraph::new();
    for (number, (kind, draws)) in plan.iter().enumerate() {
        let inputs: Vec<LayerId> = match u32::try_from(number).unwrap() {
            0 => Vec::new(),
            layers => draws.iter().map(|&draw| LayerId(u32::from(draw) % layers)).collect(),
        };
        let tensors = vec![Tensor::parameter("w", &[u64::from(*kind) + 1], DType::F32)];
        let layer = Layer::new(format!("layer {number}"), "K", kind.to_string()).with_tensors(tensors);
        graph.add(layer, &inputs).unwrap();
    }
    graph
}

/// A pair of graphs that are alike more often than not: the second is the first with some layers exchanged.
fn pairs() -> impl Strategy<Value = (LayerGraph, LayerGraph)> {
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0_u8..2, any::<u8>(), any::<bool>()), 0..3);
    let alike = (plans(), edits).prop_map(|(plan, edits)| {
        let mut other = plan.clone();
        for (place, kind, draw, insert) in edits {
            if insert || other.is_empty() {
                other.insert(place.index(other.len() + 1), (kind, vec![draw]));
            } else {
                let layer = place.index(other.len());
                other[layer].0 = kind;
                if let Some(first) = other[layer].1.first_mut() {
                    *first = draw;
                }
            }
        }
        (plan, other)
    });
    prop_oneof![3 => alike, 1 => (plans(), plans())].prop_map(|(a, b)| (build(&a), build(&b)))
}

/// Pairs each layer of `a` with the first layer of `b` that is not taken, has equal content, and takes exactly the
/// partners of its inputs. Quadratic, and no hash anywhere.
fn by_pairing(a: &LayerGraph, b: &LayerGraph) -> Vec<(LayerId, LayerId)> {
    let mut partner: Vec<Option<LayerId>> = vec![None; a.len()];
    let mut taken = vec![false; b.len()];
    for (id, layer) in a.layers() {
        let wanted: Option<Vec<LayerId>> = a.inputs(id).map(|input| partner[input.index()]).collect();
        let Some(wanted) = wanted else { continue };
        let found = b.layers().find(|(other, candidate)| {
            !taken[other.index()]
                && (&candidate.class, &candidate.config) == (&layer.class, &layer.config)
                && b.inputs(*other).eq(wanted.iter().copied())
        });
        if let Some((other, _)) = found {
            partner[id.index()] = Some(other);
            taken[other.index()] = true;
        }
    }
    a.ids().filter_map(|id| Some((id, partner[id.index()]?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn three_ways_to_the_prefix_agree((a, b) in pairs()) {
        let prefix = longest_common_prefix(&a, &b).unwrap();
        prop_assert_eq!(&prefix, &longest_common_prefix_by_definition(&a, &b).unwrap());
        prop_assert_eq!(&prefix.layers, &by_pairing(&a, &b));
        let bytes: u64 = prefix.layers.iter().map(|&(id, _)| a.bytes(id).unwrap()).sum();
        prop_assert_eq!(prefix.bytes, bytes);
        let (mut x, mut y) = (identities(&a), identities(&b));
        x.sort_unstable();
        y.sort_unstable();
        prop_assert_eq!(prefix.len(), shared_count(&x, &y));
    }

    #[test]
    fn the_prefix_is_closed_and_symmetric((a, b) in pairs()) {
        let there = longest_common_prefix(&a, &b).unwrap().layers;
        let mut back: Vec<_> = longest_common_prefix(&b, &a).unwrap().layers.iter().map(|&(x, y)| (y, x)).collect();
        back.sort_unstable();
        prop_assert_eq!(&there, &back);
        for &(x, y) in &there {
            let inputs: Vec<_> = a.inputs(x).zip(b.inputs(y)).collect();
            prop_assert_eq!((inputs.len(), inputs.len()), (a.inputs(x).count(), b.inputs(y).count()));
            prop_assert!(inputs.iter().all(|pair| there.contains(pair)));
        }
    }

    #[test]
    fn identities_are_unique_in_a_graph_and_a_graph_is_its_own_prefix(plan in plans()) {
        let graph = build(&plan);
        let mut all = identities(&graph);
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), graph.len());
        prop_assert_eq!(longest_common_prefix_by_definition(&graph, &graph).unwrap().len(), graph.len());
    }

    #[test]
    fn writing_and_reading_keeps_graph_and_identities(plan in plans()) {
        let graph = build(&plan);
        let read: LayerGraph = serde_json::from_str(&serde_json::to_string(&graph).unwrap()).unwrap();
        prop_assert_eq!(identities(&read), identities(&graph));
        prop_assert_eq!(read, graph);
    }

    #[test]
    fn inputs_and_consumers_tell_of_the_same_edges(plan in plans()) {
        let graph = build(&plan);
        let mut forth: Vec<_> = graph.ids().flat_map(|to| graph.inputs(to).map(move |from| (from, to))).collect();
        let back: Vec<_> =
            graph.ids().flat_map(|from| graph.consumers(from).into_iter().map(move |to| (from, to))).collect();
        forth.sort_unstable();
        prop_assert_eq!(forth, back);
    }
}
