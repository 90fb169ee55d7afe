//! Mutation operators: how a child comes to differ from its parent.
//!
//! All three change one decision to another of its options. They differ in which decision it is, and that decides how
//! much of the parent a child can take over: a change far down keeps the layers above it, a change at the top keeps
//! nothing.
//!
//! - [`OneDecision`] (`one-decision`): every decision with equal chance, as in DeepHyper's NAS and most others. Its option
//!   `noop` lets the new option be the old one, so that one mutation in k of a decision with k options changes nothing
//!   (DeepHyper from 0.8, PyGlove, tensorlogic-train).
//! - [`GenerationWeighted`] (`generation-weighted`): decisions are grouped into generations by how many others' layers
//!   lie below them, and generations are weighted from 1 (the most, the top) to `beta` (the fewest, the bottom), as in
//!   the group's runs of ATTN and NT3. `beta` = 1 is even over generations, *not* over decisions.
//! - [`NodeFirst`] (`node-first`): a node with equal chance, then one of its decisions, as in the reference script of
//!   NAS-Bench-201, where it makes the only edge into the first node three times as likely as one of the three into
//!   the last.
//!
//! # What counts
//!
//! A decision with a single option cannot change, so it is left out before anything is counted: it neither makes a
//! node or a generation likelier nor is ever drawn. A space in which nothing can change is an error when the operator is
//! made. (DeepHyper's operator would draw such a decision and fail to find another option.)
//!
//! How many decisions lie below another is what the search space says ([`Decision::descendants`]); the group's code
//! counts it in the static graph, before optional skip connections are drawn.
//!
//! All three are one draw for where (two for the grouped ones) and one for what. The draws are integers where
//! chances are equal; only generations are drawn by a floating-point weight.
//!
//! # Example
//!
//! ```
//! use lamarck_mutators::OneDecision;
//! use lamarck_sdk::testing::{create, space};
//! use lamarck_sdk::{Context, Mutator, Rng};
//!
//! let mutator: OneDecision = create("{}", &Context::for_space(space(&[5, 5, 1])))?;
//! let (parent, mut child) = ([0, 4, 0], [0, 4, 0]);
//! mutator.mutate(&mut child, &mut Rng::from_seed(1))?;
//! assert_eq!(parent.iter().zip(&child).filter(|(a, b)| a != b).count(), 1);
//! # lamarck_sdk::anyhow::Ok(())
//! ```
//!
//! [`Decision::descendants`]: lamarck_sdk::Decision::descendants

mod generation_weighted;
mod node_first;
mod one_decision;
mod site;

pub use generation_weighted::{GenerationOptions, GenerationWeighted};
pub use node_first::{NodeFirst, NodeOptions};
pub use one_decision::{OneDecision, OneDecisionOptions};
pub use site::Site;

lamarck_sdk::export_plugin! { mutators: [OneDecision, GenerationWeighted, NodeFirst] }
