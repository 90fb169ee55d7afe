//! One run's candidates for the lineage explorer.
//!
//! A page cannot hold a run of ten million candidates, so three things happen on the way. [`Census`] sees every
//! candidate once, cheaply, and then says which are [`Kept`], by a written rule. [`ExplorerBuilder`] takes the kept
//! ones and the layer graphs of some of them. And when the page is written, what does not fit into the bytes that are
//! left is dropped from the end of the same order. The page says how many of how many are there.
//!
//! ```
//! use lamarck_model::{CandidateRecord, SpaceSpec};
//! use lamarck_page::{Census, ExplorerBuilder, KeepRule};
//!
//! # let space = SpaceSpec { name: "s".into(), decisions: vec![], constrained: false, levels: vec![], class: None };
//! # let records: Vec<CandidateRecord> = vec![];
//! # let graph_of = |_: &CandidateRecord| None;
//! let mut census = Census::new();
//! for record in &records {
//!     census.add(record); // first pass over the trace
//! }
//! let kept = census.keep(&[], 100, &KeepRule::default());
//! let mut builder = ExplorerBuilder::new("cluster.workers=64, replicate 0", &space, "accuracy", "%", kept);
//! for record in &records {
//!     // second pass; a graph is built only for those that want one
//!     let graph = if builder.wants_graph(record.id) { graph_of(record) } else { None };
//!     builder.add_candidate(record, graph.as_ref());
//! }
//! let explorer = builder.finish();
//! assert_eq!(explorer.len(), 0);
//! ```
//!
//! **Architectures are one table of distinct layers.** A layer's identity covers all that stands above it
//! ([`lamarck_model::identity`]), so an identity determines its inputs, and a whole architecture is told by its
//! outputs: the layers that nobody takes as input. Siblings share most of their layers; a graph a candidate would be
//! some fifty times as long. It also says for free which layers two candidates have in common, which is what a donor
//! can lend.

mod builder;
mod census;
mod json;

pub use builder::ExplorerBuilder;
pub use census::{Census, KeepRule, Kept};
pub(crate) use json::Shown;

use lamarck_model::{CandidateId, CandidateRecord, Decision};

/// One run's candidates, with what the explorer shows of each. Made by [`ExplorerBuilder`].
#[derive(Debug, Clone)]
pub struct Explorer {
    run: String,
    score: String,
    unit: String,
    decisions: Vec<Decision>,
    best: Option<CandidateId>,
    leaders: Vec<CandidateId>,
    /// Candidates of the run.
    total: u64,
    /// By id.
    entries: Vec<Entry>,
    kinds: Vec<LayerKind>,
    layers: Vec<TableLayer>,
}

#[derive(Debug, Clone)]
struct Entry {
    /// Its place in the order in which candidates are kept.
    rank: usize,
    record: CandidateRecord,
    children: u32,
    descendants: Option<u32>,
    outputs: Option<Vec<u32>>,
}

/// What many layers have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LayerKind {
    /// The layer's class: `Dense`.
    pub class: String,
    /// Its configuration in short: `units=1000 activation=relu`.
    pub label: String,
    /// Its parameters, where their number fits.
    pub parameters: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct TableLayer {
    kind: u32,
    /// Positions in the table, each smaller than the layer's own.
    inputs: Vec<u32>,
}

impl Explorer {
    /// Candidates that are there.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is there.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Candidates of the run.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Distinct layers of all architectures.
    pub fn distinct_layers(&self) -> usize {
        self.layers.len()
    }

    /// A candidate's architecture as the page will draw it: for each layer its position in the table of layers, what it
    /// is, and its inputs' positions, in an order in which inputs come first. `None` where there is none.
    pub fn architecture(&self, id: CandidateId) -> Option<Vec<(u32, &LayerKind, &[u32])>> {
        let at = self.entries.binary_search_by_key(&id, |entry| entry.record.id).ok()?;
        let positions = self.reach(self.entries[at].outputs.as_deref()?);
        let layer = |position: u32| {
            let layer = self.layers.get(position as usize)?;
            Some((position, self.kinds.get(layer.kind as usize)?, layer.inputs.as_slice()))
        };
        positions.into_iter().map(layer).collect()
    }

    /// The positions of all layers above these, these included, ascending.
    fn reach(&self, outputs: &[u32]) -> Vec<u32> {
        let mut found = std::collections::BTreeSet::new();
        let mut open = outputs.to_vec();
        while let Some(position) = open.pop() {
            if let Some(layer) = self.layers.get(position as usize)
                && found.insert(position)
            {
                open.extend(&layer.inputs);
            }
        }
        found.into_iter().collect()
    }
}
