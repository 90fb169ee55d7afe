//! Components that are programs of their own, in any language.
//!
//! - [`ExternalMutator`] (`external`): a program makes the child.
//! - [`ExternalStrategy`] (`external`): a program decides what to try next.
//!
//! A program reads JSON Lines from its standard input and writes JSON Lines to its standard output; `docs/external.md` is the
//! protocol. [`process`] starts, talks to and ends programs and knows nothing of messages; [`protocol`] knows messages and
//! nothing of searches; the components turn one into the other. An evaluator needs the first two as they are.
//!
//! # Why another process, and not an interpreter inside
//!
//! An embedded Python would save the round trip, some tens of microseconds. It would also tie Lamarck's binary to one
//! Python, share a process with the user's libraries (and their threads, signal handlers and crashes), and be of no use to
//! whoever writes Julia or R. A training, which is what programs will be asked for most, takes a million round trips.
//!
//! # Determinism
//!
//! All that a program is to draw from comes with each message, as seeds out of the candidate's own streams. A program that
//! draws from nothing else answers the same in every run, on any number of threads, today or resumed, and after a restart.
//! One that does not is found out when its study is resumed: a resumed run is compared with its record.
//!
//! # The exception
//!
//! Plugins read no clock, and this one reads the monotonic clock, for timeouts: see [`process::Deadline`].

mod mutator;
mod options;
mod pool;
pub mod process;
pub mod protocol;
mod strategy;

pub use mutator::ExternalMutator;
pub use options::ExternalOptions;
pub use strategy::ExternalStrategy;

lamarck_sdk::export_plugin! { mutators: [ExternalMutator], strategies: [ExternalStrategy] }
