//! A node, then one of its decisions.

use crate::site::Site;
use lamarck_sdk::prelude::*;
use std::collections::BTreeMap;

/// Changes one decision: a node with equal chance, then one of the node's decisions with equal chance, then another of
/// its options.
///
/// A decision without a node is a node of its own. On NAS-Bench-201, whose nodes 1, 2 and 3 have 1, 2 and 3 in-edges,
/// the edges' chances are 1/3; 1/6, 1/6; 1/9, 1/9, 1/9.
#[derive(Debug, Clone)]
pub struct NodeFirst {
    nodes: Box<[Box<[Site]>]>,
}

/// [`NodeFirst`] has no options.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct NodeOptions {}

impl Component for NodeFirst {
    type Options = NodeOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "node-first",
        "changes one decision of a node drawn with equal chance, as NAS-Bench-201's reference script does",
    )
    .references(&["arXiv:2001.00326", "arXiv:1802.01548"]);

    fn create(_: NodeOptions, context: &Context) -> Result<Self> {
        // Nodes stand in the order in which the vector first names them.
        let mut nodes: Vec<Vec<Site>> = Vec::new();
        let mut index_of = BTreeMap::new();
        for (site, decision) in Site::all(context.space()?)? {
            let index =
                decision.node.map_or(nodes.len(), |node| *index_of.entry(node).or_insert(nodes.len()));
            if index == nodes.len() {
                nodes.push(Vec::new());
            }
            nodes[index].push(site);
        }
        Ok(Self { nodes: nodes.into_iter().map(Vec::into_boxed_slice).collect() })
    }
}

impl Mutator for NodeFirst {
    #[inline]
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let node = &self.nodes[rng.index(self.nodes.len())];
        node[rng.index(node.len())].change(child, rng)
    }
}
