//! The generalized longest common prefix (LCP) of two layer graphs: the layers that a model can take over, weights
//! and all, from another.
//!
//! **The definition** is breadth first. Start with the inputs that both graphs have; walk the edges that both have;
//! a layer joins when it was reached as often as the larger of its two in-degrees, that is, when *all* its inputs in
//! *both* graphs are in the prefix ([`breadth_first`]; EvoStore, HPDC'24, doi 10.1145/3625549.3658679, and `DStore`,
//! ICS'23, doi 10.1145/3577193.3593730). Its length counts layers, inputs included.
//!
//! **The shortcut** is to count the [identities](crate::identity) that both graphs have ([`shared`]). It costs one
//! lookup a layer, and it can be answered by an index over many models, which the walk cannot.
//!
//! **When the two agree.** The walk needs to know which vertex of one graph is which vertex of the other; EvoStore
//! matches them by name, the name being the recursive hash and the occurrence counter. Matched like this, by
//! identity, walk and shortcut give the same set for *any* two graphs, duplicated layers included:
//!
//! * *shared, therefore reached*: an identity covers the identities of all inputs in order. So a shared layer has the
//!   same in-edges in both graphs and the inputs are shared too; by induction in topological order they are in the
//!   prefix, and the layer is reached as often as both its in-degrees.
//! * *reached, therefore shared*: the walk only enters vertices that both graphs have.
//!
//! The induction needs the hash of a layer to cover its inputs' occurrence counters. If it covered the bare hashes
//! only, then with two equal layers `x#0` and `x#1`, a consumer of `x#0` in one graph and of `x#1` in the other would
//! be one shared identity, but the walk would find no common edge into it.
//!
//! The two can differ for labels that are *not* recursive, as in plain graphs of numbered vertices: there a label can
//! be in both graphs while an edge above it is not, and only the walk is right.
//!
//! What neither does: find the *largest* common part under all ways to pair equal layers. With `x#0 -> y` and
//! `x#1 -> z` in one graph and the two exchanged in the other, the graphs are isomorphic, but `y` and `z` are not in
//! the prefix. A search space that builds its layers in a fixed order does not meet this by accident, and pairing
//! optimally is as hard as finding a common subgraph.

use std::collections::VecDeque;
use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::graph::{GraphError, LayerGraph, LayerId};
use crate::identity::{LayerIdentity, identities};

/// The longest common prefix of a child and a donor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefix {
    /// The shared layers as pairs (in the child, in the donor), in the order of the child's ids.
    pub layers: Vec<(LayerId, LayerId)>,
    /// The bytes of the shared layers' tensors, as the child describes them.
    pub bytes: u64,
}

impl Prefix {
    /// The number of shared layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether nothing is shared.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    fn of(child: &LayerGraph, layers: Vec<(LayerId, LayerId)>) -> Result<Self, GraphError> {
        let mut bytes = 0_u64;
        for &(id, _) in &layers {
            bytes = bytes.checked_add(child.bytes(id)?).ok_or_else(|| GraphError::TooLarge {
                layer: child.layer(id).map_or_else(String::new, |layer| layer.name.clone()),
                tensor: "the sum of all layers so far".into(),
            })?;
        }
        Ok(Self { layers, bytes })
    }
}

/// The longest common prefix of two layer graphs, by shared identities.
///
/// # Errors
/// [`GraphError::TooLarge`] when the bytes of the prefix do not fit 64 bits.
pub fn longest_common_prefix(child: &LayerGraph, donor: &LayerGraph) -> Result<Prefix, GraphError> {
    Prefix::of(child, shared(&identities(child), &identities(donor)))
}

/// The same by the breadth-first definition: slower, and there so that the shortcut can be checked against it.
///
/// # Errors
/// [`GraphError::TooLarge`] when the bytes of the prefix do not fit 64 bits.
pub fn longest_common_prefix_by_definition(
    child: &LayerGraph,
    donor: &LayerGraph,
) -> Result<Prefix, GraphError> {
    let (of_child, of_donor) = (identities(child), identities(donor));
    let edges = |graph: &LayerGraph, labels: &[LayerIdentity]| -> Vec<(LayerIdentity, LayerIdentity)> {
        let into =
            |id: LayerId| graph.inputs(id).map(move |input| (labels[input.index()], labels[id.index()]));
        graph.ids().flat_map(into).collect()
    };
    let roots = |graph: &LayerGraph, labels: &[LayerIdentity]| -> Vec<LayerIdentity> {
        graph.ids().filter(|&id| graph.inputs(id).next().is_none()).map(|id| labels[id.index()]).collect()
    };
    let roots_of_donor = roots(donor, &of_donor);
    let mut common = roots(child, &of_child);
    common.retain(|root| roots_of_donor.contains(root));
    let prefix = breadth_first(&common, &edges(child, &of_child), &edges(donor, &of_donor));
    let place = |labels: &[LayerIdentity], label| labels.iter().position(|&l| l == label);
    let mut layers: Vec<(LayerId, LayerId)> = prefix
        .into_iter()
        .filter_map(|label| Some((id_at(place(&of_child, label)?), id_at(place(&of_donor, label)?))))
        .collect();
    layers.sort_unstable();
    Prefix::of(child, layers)
}

/// The breadth-first definition on plain graphs, given as lists of edges between labelled vertices: the labels of the
/// prefix, in the order in which they join. `roots` are the vertices to start from, given to be common.
///
/// An edge that occurs several times counts as often as it occurs in *both* lists.
///
/// ```
/// use lamarck_model::prefix::breadth_first;
///
/// // 0 > 1 > 3 and 0 > 2 > 3, against a graph where 2 is missing.
/// let a = [(0, 1), (0, 2), (1, 3), (2, 3)];
/// let b = [(0, 1), (1, 3)];
/// assert_eq!(breadth_first(&[0], &a, &b), [0, 1], "3 has two inputs in one of the graphs");
/// ```
pub fn breadth_first<L: Copy + Eq + Hash>(roots: &[L], a: &[(L, L)], b: &[(L, L)]) -> Vec<L> {
    let mut in_a: FxHashMap<L, usize> = FxHashMap::default();
    let mut in_b: FxHashMap<L, usize> = FxHashMap::default();
    let mut times_in_b: FxHashMap<(L, L), usize> = FxHashMap::default();
    for &(_, to) in a {
        *in_a.entry(to).or_default() += 1;
    }
    for &(from, to) in b {
        *in_b.entry(to).or_default() += 1;
        *times_in_b.entry((from, to)).or_default() += 1;
    }
    // The edges of both graphs by their source, in the order of `a`.
    let mut common: FxHashMap<L, Vec<L>> = FxHashMap::default();
    for &(from, to) in a {
        if let Some(times) = times_in_b.get_mut(&(from, to)).filter(|times| **times > 0) {
            *times -= 1;
            common.entry(from).or_default().push(to);
        }
    }
    let degree = |label: &L| in_a.get(label).max(in_b.get(label)).copied().unwrap_or(0);
    let mut visits: FxHashMap<L, usize> = FxHashMap::default();
    let mut frontier: VecDeque<L> = roots.iter().copied().collect();
    let mut prefix = Vec::new();
    while let Some(from) = frontier.pop_front() {
        prefix.push(from);
        for to in common.get(&from).into_iter().flatten() {
            let visits = visits.entry(*to).or_default();
            *visits += 1;
            if *visits == degree(to) {
                frontier.push_back(*to);
            }
        }
    }
    prefix
}

/// The layers whose identities both models have, as pairs (in the child, in the donor) in the order of the child's
/// ids. The lists are what [`identities`] gives, one entry a layer.
pub fn shared(child: &[LayerIdentity], donor: &[LayerIdentity]) -> Vec<(LayerId, LayerId)> {
    let places: FxHashMap<LayerIdentity, usize> =
        donor.iter().enumerate().map(|(place, &identity)| (identity, place)).collect();
    let pair = |(place, identity)| Some((id_at(place), id_at(*places.get(identity)?)));
    child.iter().enumerate().filter_map(pair).collect()
}

/// How many elements two *sorted* lists share: identities, or the numbers that stand for them. The cheapest way to the
/// length of a prefix when a model's identities are kept sorted: one pass, nothing allocated.
///
/// The result means nothing where a list is not sorted.
pub fn shared_count<T: Ord>(a: &[T], b: &[T]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        i += usize::from(x <= y);
        j += usize::from(y <= x);
        count += usize::from(x == y);
    }
    count
}

/// An id from a place in a list of layers, which holds fewer than 2^32.
fn id_at(place: usize) -> LayerId {
    LayerId(u32::try_from(place).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Layer;

    /// The graph of the published test.
    const G: [(u32, u32); 12] =
        [(0, 7), (0, 1), (1, 2), (1, 3), (1, 4), (2, 5), (3, 5), (4, 6), (5, 7), (5, 8), (6, 8), (8, 9)];

    #[test]
    fn published_graph() {
        let mut g2: Vec<_> = G.into_iter().filter(|edge| ![(4, 6), (6, 8)].contains(edge)).collect();
        g2.push((4, 8));
        for (a, b) in [(&G[..], &g2[..]), (&g2[..], &G[..])] {
            let mut prefix = breadth_first(&[0], a, b);
            prefix.sort_unstable();
            assert_eq!(prefix, [0, 1, 2, 3, 4, 5, 7]);
        }
        assert_eq!(breadth_first(&[0], &G, &G).len(), 10);
    }

    #[test]
    fn published_best_match() {
        let stored = [("m1", [(0, 1), (1, 2)]), ("m2", [(0, 3), (3, 2)])];
        let query = [(0, 3), (3, 1)];
        let length = |model: &[(u32, u32)]| breadth_first(&[0], &query, model).len();
        let best = stored.iter().max_by_key(|(_, model)| length(model)).unwrap();
        assert_eq!((best.0, length(&best.1)), ("m2", 2));
    }

    #[test]
    fn only_the_definition_is_right_for_labels_that_are_not_recursive() {
        // 9 is in both graphs, and so is the edge into it; what lies above it differs.
        let a = [(0, 1), (1, 9)];
        let b = [(0, 2), (2, 1), (1, 9)];
        assert_eq!(breadth_first(&[0], &a, &b), [0]);
    }

    #[test]
    fn multi_edges_count_as_often_as_both_graphs_have_them() {
        assert_eq!(breadth_first(&[0], &[(0, 1), (0, 1)], &[(0, 1), (0, 1)]), [0, 1]);
        assert_eq!(breadth_first(&[0], &[(0, 1), (0, 1)], &[(0, 1)]), [0]);
        assert_eq!(breadth_first(&[0], &[(0, 1)], &[(0, 1), (0, 1)]), [0]);
    }

    /// `y` takes the first or the second of two equal layers, and `z` the other.
    fn twins(exchanged: bool) -> LayerGraph {
        let mut graph = LayerGraph::new();
        let input = graph.add(Layer::new("i", "I", "{}"), &[]).unwrap();
        let a = graph.add(Layer::new("a", "X", "{}"), &[input]).unwrap();
        let b = graph.add(Layer::new("b", "X", "{}"), &[input]).unwrap();
        let (a, b) = if exchanged { (b, a) } else { (a, b) };
        graph.add(Layer::new("y", "Y", "{}"), &[a]).unwrap();
        graph.add(Layer::new("z", "Z", "{}"), &[b]).unwrap();
        graph
    }

    #[test]
    fn consumers_of_exchanged_twins_are_not_shared() {
        let (a, b) = (twins(false), twins(true));
        let prefix = longest_common_prefix(&a, &b).unwrap();
        assert_eq!(prefix.len(), 3, "the input and both twins");
        assert_eq!(prefix, longest_common_prefix_by_definition(&a, &b).unwrap());
        assert_eq!(longest_common_prefix(&a, &a).unwrap().len(), 5);
    }

    #[test]
    fn empty_graphs_share_nothing() {
        let empty = LayerGraph::new();
        assert!(longest_common_prefix(&empty, &twins(false)).unwrap().is_empty());
        assert!(longest_common_prefix_by_definition(&twins(false), &empty).unwrap().is_empty());
    }
}
