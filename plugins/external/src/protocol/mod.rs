//! The protocol: which messages there are, and how a conversation goes. `docs/external.md` describes it for those who write
//! programs, `docs/external.schema.json` for their tools.
//!
//! One JSON object a line, UTF-8, each with a `type`. Lamarck speaks first, and from then on every message of Lamarck's has
//! one answer with the same `id`. What was decided:
//!
//! - **Ask and answer, nothing unasked.** A program of ten lines is a loop over its input. Messages that come at any time
//!   would need an event loop on both sides.
//! - **Strict.** Unknown fields, unknown capabilities and output beside the answers are errors. A misspelt `"rank"` that is
//!   passed over shows up as a wrong figure months later. What a later version adds comes with a higher [`VERSION`].
//! - **Lists**, of requests and of proposals, so that a round trip can carry more than one of them.
//! - **Seeds are data.** A program gets a seed with everything that it decides, drawn from the stream of the candidate that
//!   it is for; if it draws from nothing else it gives the same answers always. Seeds have 53 bits, and so have ids: a
//!   number beyond 2^53 is rounded by every reader that knows floating point only (RFC 8259, section 6).

mod messages;
mod session;

pub use messages::{
    Accepted, Answer, Ask, Capability, Children, ErrorMessage, FromProgram, Hello, Introduction, Mutate,
    MutateRequest, ProposalMessage, Proposals, Recombine, RecombineRequest, Role, Screen, Tell, ToProgram,
    Told, ToldCandidate,
};
pub(crate) use session::to_line;
pub use session::{Answered, Due, Failure, FailureKind, Launch, Session};

use lamarck_sdk::Rng;

/// The version that this Lamarck speaks.
pub const VERSION: u64 = 1;

/// A seed for a program: 53 bits.
pub fn seed(rng: &mut Rng) -> u64 {
    rng.next() >> 11
}
