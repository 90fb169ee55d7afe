//! The model repository: who stores which layers, who lends them to whom, and when they may go.
//!
//! A stored model is a **map**: for each of its layers, in the order of its graph, the *stored layer* that holds the
//! weights. A stored layer belongs to the candidate that trained it (its **owner**); a child's map points at the
//! stored layers of its donor's map for the prefix, and at its own for the rest. So what a repository writes for a
//! child is the suffix, what a child reads is the prefix, and reading a whole model takes one request for each owner
//! in its map. This is the composition of EvoStore (HPDC'24, doi 10.1145/3625549.3658679).
//!
//! **Donors** are chosen when a child is submitted ([`Repository::begin`]): its parent, or the stored model with the
//! longest common prefix, ties to the higher score and then to the lower id. Best match is answered by an exact
//! [index](MatchIndex).
//!
//! **Retention** says what stays. When a donor that has left the population may be retired was left open by the
//! authors; a child that was promised its layers may not have read them yet. Four rules, all expressed by who *holds*
//! a stored layer:
//!
//! | rule | a layer stays while it is in the map of | donors |
//! |---|---|---|
//! | `all` | anyone, ever | everyone ever stored |
//! | `reachable` | a model that the strategy may still select, or is promised to a child in flight | members |
//! | `population` | a model that the strategy may still select | members |
//! | `window` | one of the last N models that were stored | these |
//!
//! `all` and `reachable` never lose a promised layer, and `reachable` keeps nothing more than that: every layer it
//! holds can still be asked for by a child of a member, or is about to be read. `population` is the rule that the
//! authors wrote down and took out again, and it, like `window`, may delete what was promised. Such a read is
//! [an error](RepositoryError::Deleted), or, if the study says so, a *miss*: the child trains that layer itself.
//!
//! **All rules are counted in every run**, whichever is in force: three small counters on each stored layer say who
//! would hold it under which rule. So one run tells the peak of live bytes of each rule, and how many reads each
//! would have missed, for the donors that this run chose. (Another rule might have chosen other donors: under `all`
//! with best match, a donor may be long gone from the population. Such a read counts as missed by the rule that would
//! have dropped it.)
//!
//! Pure logic: no files, no clock, no plugin. The engine calls it in the order of events.

mod error;
mod index;
mod ledger;
mod model;
mod store;
#[cfg(test)]
mod tests;

pub use error::{RepositoryError, RepositoryErrorKind};
pub use index::{Match, MatchIndex, scan};
pub use ledger::{Missed, Retention, RuleTotals, StoredId};
pub use model::ModelLayers;
pub use store::{
    DonorPolicy, Holding, MapEntry, Missing, Offer, Read, Repository, RepositorySettings, Stored, Totals,
};
