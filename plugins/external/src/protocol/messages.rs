//! The messages, as types.

use lamarck_sdk::{CandidateId, Choice, Finished, Proposal, Selected, SpaceSpec};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// What a program is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It makes children.
    Mutator,
    /// It proposes candidates.
    Strategy,
}

impl Role {
    /// The word in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mutator => "mutator",
            Self::Strategy => "strategy",
        }
    }

    /// What a program in this role may be capable of.
    pub const fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::Mutator => &[Capability::Recombine],
            Self::Strategy => &[Capability::Batch, Capability::Screen],
        }
    }
}

/// What a program can do beyond the least that its role asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// A mutator that answers `recombine`; without it Lamarck takes each decision from either parent with equal chance.
    Recombine,
    /// A strategy that answers several seeds at once and is told with them.
    Batch,
    /// A strategy that answers `screen`: whether a new vector is to be tried.
    Screen,
}

impl Capability {
    /// The word in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recombine => "recombine",
            Self::Batch => "batch",
            Self::Screen => "screen",
        }
    }
}

/// The first line: who speaks, and what about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The version of the protocol, [`VERSION`](super::VERSION).
    pub protocol: u64,
    /// Lamarck's version.
    pub lamarck: String,
    /// What the program is to be.
    pub role: Role,
    /// The search space.
    pub space: SpaceSpec,
    /// For a strategy: workers of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<u32>,
    /// For a strategy: how many seeds an `ask` has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// The study's `options` for the program.
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// The version of the protocol that the program speaks.
    pub protocol: u64,
    /// The program's name.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// What it can do beyond the least.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Of a strategy: the number of sampled candidates before the first child that theory expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random_phase: Option<u64>,
}

/// Asks for children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutate {
    /// Counts the messages of a conversation.
    pub id: u64,
    /// A child each.
    pub requests: Vec<MutateRequest>,
}

/// One child wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MutateRequest {
    /// The parent's vector.
    pub parent: Vec<Choice>,
    /// What all randomness of this child is to follow from; below 2^53.
    pub seed: u64,
}

/// Asks for children of two parents each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recombine {
    /// Counts the messages of a conversation.
    pub id: u64,
    /// A child each.
    pub requests: Vec<RecombineRequest>,
}

/// One child of two parents wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecombineRequest {
    /// The first parent's vector, from which differences are counted.
    pub parent: Vec<Choice>,
    /// The other parent's vector.
    pub other: Vec<Choice>,
    /// What all randomness of this child is to follow from; below 2^53.
    pub seed: u64,
}

/// The children, in the order of the requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Children {
    /// The request's.
    pub id: u64,
    /// A vector each.
    pub children: Vec<Vec<Choice>>,
}

/// Tells of finished candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tell {
    /// Counts the messages of a conversation.
    pub id: u64,
    /// In the order in which they finished.
    pub finished: Vec<ToldCandidate>,
}

/// A finished candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldCandidate {
    /// The candidate.
    pub candidate: CandidateId,
    /// Its vector.
    pub choices: Vec<Choice>,
    /// Its score, larger is better; null for all that did not end well.
    pub score: Option<f64>,
    /// How it ended: the word in traces.
    pub status: String,
    /// Where its vector came from: the word in traces.
    pub origin: String,
}

impl From<&Finished<'_>> for ToldCandidate {
    fn from(finished: &Finished<'_>) -> Self {
        Self {
            candidate: finished.id,
            choices: finished.choices.to_vec(),
            // JSON has no other numbers.
            score: finished.score.filter(|score| score.is_finite()),
            status: finished.status.as_str().to_owned(),
            origin: finished.origin.as_str().to_owned(),
        }
    }
}

/// The answer to [`Tell`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The message's.
    pub id: u64,
    /// Candidates that will never be selected again.
    pub released: Vec<CandidateId>,
}

/// Asks what to try next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Counts the messages of a conversation.
    pub id: u64,
    /// A seed for each proposal wanted; each below 2^53.
    pub seeds: Vec<u64>,
    /// With `batch` above 1: the candidates that finished since the last ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finished: Vec<ToldCandidate>,
}

/// The answer to [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposals {
    /// The message's.
    pub id: u64,
    /// At least one, and at most one for each seed.
    pub proposals: Vec<ProposalMessage>,
    /// With `batch` above 1: candidates that will never be selected again. They are forgotten with the next completion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<CandidateId>,
}

/// What to try next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ProposalMessage {
    /// A vector drawn from the space.
    ///
    /// (With braces, as `Wait`: serde lets a variant without any have fields that nobody knows.)
    Sample {},
    /// A mutated copy of a candidate.
    Mutate {
        /// It was told and has not been released.
        parent: CandidateId,
        /// Its rank among those that might have been selected, 1 the best.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rank: Option<NonZeroU32>,
    },
    /// A combination of two candidates.
    Recombine {
        /// The first parent.
        parent: CandidateId,
        /// The other.
        other: CandidateId,
        /// The first parent's rank.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rank: Option<NonZeroU32>,
    },
    /// This very vector.
    Exact {
        /// The vector.
        choices: Vec<Choice>,
    },
    /// Nothing until something running has finished. The last of its list.
    Wait {},
}

impl ProposalMessage {
    /// The candidates that it selects.
    pub fn parents(&self) -> impl Iterator<Item = CandidateId> {
        let (first, second) = match *self {
            Self::Mutate { parent, .. } => (Some(parent), None),
            Self::Recombine { parent, other, .. } => (Some(parent), Some(other)),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }
}

impl From<ProposalMessage> for Proposal {
    fn from(message: ProposalMessage) -> Self {
        let selected = |id, rank: Option<NonZeroU32>| Selected { id, rank: rank.map(NonZeroU32::get) };
        match message {
            ProposalMessage::Sample {} => Self::Sample,
            ProposalMessage::Mutate { parent, rank } => Self::Mutate(selected(parent, rank)),
            ProposalMessage::Recombine { parent, other, rank } => {
                Self::Recombine(selected(parent, rank), selected(other, None))
            }
            ProposalMessage::Exact { choices } => Self::Exact(choices),
            ProposalMessage::Wait {} => Self::Wait,
        }
    }
}

/// Asks whether a new vector is to be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// Counts the messages of a conversation.
    pub id: u64,
    /// The vector.
    pub choices: Vec<Choice>,
}

/// The answer to [`Screen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The message's.
    pub id: u64,
    /// Whether it is; if not, the next message is an `ask`.
    pub accepted: bool,
}

/// In place of any answer: it cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorMessage {
    /// The message's; may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Why, for people.
    pub message: String,
}

/// What Lamarck says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each type is documented")]
pub enum ToProgram {
    Hello(Hello),
    Mutate(Mutate),
    Recombine(Recombine),
    Tell(Tell),
    Ask(Ask),
    Screen(Screen),
}

/// What a program says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each type is documented")]
pub enum FromProgram {
    Hello(Introduction),
    Children(Children),
    Told(Told),
    Proposals(Proposals),
    Accepted(Accepted),
    Error(ErrorMessage),
}

/// An answer that a conversation waits for.
pub trait Answer: DeserializeOwned {
    /// Its `type`.
    const TYPE: &'static str;
    /// Which message it answers; `None` for the first.
    fn id(&self) -> Option<u64>;
}

macro_rules! answers {
    ($($type:ty = $word:literal),*) => { $(
        impl Answer for $type {
            const TYPE: &'static str = $word;
            fn id(&self) -> Option<u64> {
                Some(self.id)
            }
        }
    )* };
}
answers!(Children = "children", Told = "told", Proposals = "proposals", Accepted = "accepted");

impl Answer for Introduction {
    const TYPE: &'static str = "hello";
    fn id(&self) -> Option<u64> {
        None
    }
}
