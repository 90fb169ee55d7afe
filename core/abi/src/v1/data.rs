//! The structs that cross, and their conversions.

use abi_stable::StableAbi;
use abi_stable::std_types::{RBox, RResult, RSlice, RString, RVec};
use lamarck_model::candidate::{Columns, LayerColumns};
use lamarck_model::{
    Assignment, Choice, Fault, FaultKind, Finished, Idle, ModelSize, Origin, Outcome, Ready, Request, Rng,
    Status,
};

/// The state of a [`Rng`]: four words copied in and back, so that both sides run the same code on plain data.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct RngState {
    /// xoshiro256++'s words.
    pub words: [u64; 4],
}

impl RngState {
    /// Runs `draw` with a generator in this state and keeps the state it leaves.
    #[inline]
    pub fn with<T>(&mut self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        let mut rng = Rng::from_state(self.words);
        let result = draw(&mut rng);
        self.words = rng.state();
        result
    }

    /// Runs `call` with the generator's state and puts the state it leaves back into the generator.
    #[inline]
    pub fn lend<T>(rng: &mut Rng, call: impl FnOnce(&mut Self) -> T) -> T {
        let mut state = Self { words: rng.state() };
        let result = call(&mut state);
        *rng = Rng::from_state(state.words);
        result
    }
}

/// A [`Fault`] on its way across. Behind a pointer, so that the results of calls that succeed stay small.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct FlatFault {
    /// What went wrong.
    pub body: RBox<FaultBody>,
}

/// The contents of a [`FlatFault`].
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct FaultBody {
    /// Number of the [`FaultKind`].
    pub kind: u8,
    /// The message.
    pub message: RString,
    /// Texts of the causes.
    pub causes: RVec<RString>,
    /// Place in the options.
    pub path: RString,
}

/// What every fallible entry returns.
pub type PluginResult<T> = RResult<T, FlatFault>;

impl From<Fault> for FlatFault {
    fn from(fault: Fault) -> Self {
        let body = FaultBody {
            kind: fault.kind() as u8,
            message: fault.message().into(),
            causes: fault.causes().iter().map(|cause| RString::from(cause.as_str())).collect(),
            path: fault.path().into(),
        };
        Self { body: RBox::new(body) }
    }
}

impl From<FlatFault> for Fault {
    fn from(flat: FlatFault) -> Self {
        let FaultBody { kind, message, causes, path } = RBox::into_inner(flat.body);
        Self::new(FaultKind::from_number(kind), message)
            .with_causes(causes.into_iter().map(RString::into_string).collect())
            .at(path)
    }
}

/// A [`ModelSize`].
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy, Default)]
pub struct FlatSize {
    /// Layers.
    pub layers: u64,
    /// Parameters.
    pub parameters: u64,
    /// Bytes.
    pub bytes: u64,
}

impl From<ModelSize> for FlatSize {
    fn from(size: ModelSize) -> Self {
        Self { layers: size.layers, parameters: size.parameters, bytes: size.bytes }
    }
}

impl From<FlatSize> for ModelSize {
    fn from(size: FlatSize) -> Self {
        Self { layers: size.layers, parameters: size.parameters, bytes: size.bytes }
    }
}

/// A [`Request`], with the state of the generator it may draw from.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatRequest<'a> {
    /// The candidate.
    pub candidate: u64,
    /// Its vector.
    pub choices: RSlice<'a, Choice>,
    /// The size of its model.
    pub size: FlatSize,
    /// How much of it is inherited.
    pub prefix: FlatSize,
    /// The generator.
    pub rng: RngState,
}

impl<'a> FlatRequest<'a> {
    /// The request as components see it.
    pub fn to_request(&self) -> Request<'a> {
        Request {
            candidate: self.candidate,
            choices: self.choices.as_slice(),
            size: self.size.into(),
            prefix: self.prefix.into(),
        }
    }
}

/// An [`Outcome`].
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatOutcome {
    /// Number of the [`Status`].
    pub status: u8,
    /// The score or not-a-number.
    pub score: f64,
    /// Microseconds of training.
    pub train_us: u64,
}

impl From<Outcome> for FlatOutcome {
    fn from(outcome: Outcome) -> Self {
        Self { status: outcome.status as u8, score: outcome.score, train_us: outcome.train_us }
    }
}

impl FlatOutcome {
    /// An outcome that nobody has written yet.
    pub const UNWRITTEN: Self = Self { status: u8::MAX, score: f64::NAN, train_us: 0 };

    /// The outcome, if the status is one we know.
    pub fn to_outcome(self) -> Option<Outcome> {
        let status = Status::from_number(self.status)?;
        Some(Outcome { status, score: self.score, train_us: self.train_us })
    }
}

/// What kind of proposal a [`FlatProposal`] is.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalKind {
    /// Draw from the space.
    Sample = 0,
    /// Mutate `a`.
    Mutate = 1,
    /// Combine `a` with `b`.
    Recombine = 2,
    /// The vector that was written beside it.
    Exact = 3,
    /// Nothing for now.
    Wait = 4,
}

/// A proposal. Ids and ranks that do not apply are the largest number of their type.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatProposal {
    /// Number of the [`ProposalKind`].
    pub kind: u8,
    /// Rank of the first selected candidate.
    pub a_rank: u32,
    /// Rank of the second one.
    pub b_rank: u32,
    /// The first selected candidate.
    pub a: u64,
    /// The second one.
    pub b: u64,
}

impl FlatProposal {
    /// A proposal of this kind that selects nobody.
    pub const fn of(kind: ProposalKind) -> Self {
        Self { kind: kind as u8, a_rank: u32::MAX, b_rank: u32::MAX, a: u64::MAX, b: u64::MAX }
    }
}

/// A [`Finished`] candidate.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatFinished<'a> {
    /// The candidate.
    pub id: u64,
    /// Its vector.
    pub choices: RSlice<'a, Choice>,
    /// Its score or not-a-number.
    pub score: f64,
    /// Number of its [`Status`].
    pub status: u8,
    /// Number of its [`Origin`].
    pub origin: u8,
}

impl<'a> From<&Finished<'a>> for FlatFinished<'a> {
    fn from(finished: &Finished<'a>) -> Self {
        Self {
            id: finished.id,
            choices: finished.choices.into(),
            score: finished.score.unwrap_or(f64::NAN),
            status: finished.status as u8,
            origin: finished.origin as u8,
        }
    }
}

impl<'a> FlatFinished<'a> {
    /// The candidate as strategies see it; unknown numbers become `failed` and `sample`.
    pub fn to_finished(self) -> Finished<'a> {
        Finished {
            id: self.id,
            choices: self.choices.as_slice(),
            score: if self.score.is_nan() { None } else { Some(self.score) },
            status: Status::from_number(self.status).unwrap_or(Status::Failed),
            origin: Origin::from_number(self.origin).unwrap_or(Origin::Sample),
        }
    }
}

/// A [`Ready`] candidate; a missing donor is the largest number.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatReady {
    /// The candidate.
    pub candidate: u64,
    /// Its donor.
    pub donor: u64,
    /// The size of its model.
    pub size: FlatSize,
    /// How much of it is to be taken over.
    pub prefix: FlatSize,
    /// When it became ready.
    pub submitted_us: u64,
}

impl From<&Ready> for FlatReady {
    fn from(ready: &Ready) -> Self {
        Self {
            candidate: ready.candidate,
            donor: ready.donor.unwrap_or(u64::MAX),
            size: ready.size.into(),
            prefix: ready.prefix.into(),
            submitted_us: ready.submitted_us,
        }
    }
}

impl From<&FlatReady> for Ready {
    fn from(flat: &FlatReady) -> Self {
        Self {
            candidate: flat.candidate,
            donor: (flat.donor != u64::MAX).then_some(flat.donor),
            size: flat.size.into(),
            prefix: flat.prefix.into(),
            submitted_us: flat.submitted_us,
        }
    }
}

/// An [`Idle`] worker.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatIdle {
    /// The worker.
    pub worker: u32,
    /// Its node.
    pub node: u32,
    /// Since when it is idle.
    pub since_us: u64,
    /// How fast its node is.
    pub speed: f64,
}

impl From<&Idle> for FlatIdle {
    fn from(idle: &Idle) -> Self {
        Self { worker: idle.worker, node: idle.node, since_us: idle.since_us, speed: idle.speed }
    }
}

impl From<&FlatIdle> for Idle {
    fn from(flat: &FlatIdle) -> Self {
        Self { worker: flat.worker, node: flat.node, since_us: flat.since_us, speed: flat.speed }
    }
}

/// What a scheduler may look at, as in [`Situation`](lamarck_model::Situation).
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatSituation<'a> {
    /// The moment.
    pub now_us: u64,
    /// Candidates that wait.
    pub ready: RSlice<'a, FlatReady>,
    /// Idle workers.
    pub idle: RSlice<'a, FlatIdle>,
    /// Bytes in the caches of idle workers' nodes.
    pub cached: RSlice<'a, u64>,
    /// The most bytes in any one cache.
    pub cached_anywhere: RSlice<'a, u64>,
}

/// An [`Assignment`].
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct FlatAssignment {
    /// Position in the list of ready candidates.
    pub ready: u32,
    /// Position in the list of idle workers.
    pub idle: u32,
}

impl From<&Assignment> for FlatAssignment {
    fn from(assignment: &Assignment) -> Self {
        Self { ready: assignment.ready, idle: assignment.idle }
    }
}

impl From<&FlatAssignment> for Assignment {
    fn from(flat: &FlatAssignment) -> Self {
        Self { ready: flat.ready, idle: flat.idle }
    }
}

macro_rules! flat_columns {
    ($($kind:ident $type:ident $name:ident $doc:literal;)*) => {
        /// A batch of the `candidates` table; see [`Columns`].
        #[repr(C)]
        #[derive(StableAbi, Debug, Clone, Copy)]
        pub struct FlatColumns<'a> {
            /// The number of rows.
            pub rows: u64,
            /// Choices a row.
            pub width: u64,
            /// The vectors.
            pub choices: RSlice<'a, Choice>,
            $(#[doc = $doc] pub $name: RSlice<'a, $type>,)*
        }

        impl<'a> From<&Columns<'a>> for FlatColumns<'a> {
            fn from(columns: &Columns<'a>) -> Self {
                Self {
                    rows: columns.rows as u64,
                    width: columns.width as u64,
                    choices: columns.choices.into(),
                    $($name: columns.$name.into(),)*
                }
            }
        }

        impl<'a> FlatColumns<'a> {
            /// The batch as analyzers see it, or `None` when its slices do not fit together.
            pub fn to_columns(&self) -> Option<Columns<'a>> {
                let columns = Columns {
                    rows: usize::try_from(self.rows).ok()?,
                    width: usize::try_from(self.width).ok()?,
                    choices: self.choices.as_slice(),
                    $($name: self.$name.as_slice(),)*
                };
                columns.is_consistent().then_some(columns)
            }
        }
    };
}
lamarck_model::for_each_candidate_column!(flat_columns);

/// A batch of the `layers` table. Identities are their high and low halves.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct FlatLayers<'a> {
    /// The candidates.
    pub candidate: RSlice<'a, u64>,
    /// Identities.
    pub identity: RVec<[u64; 2]>,
    /// Owners.
    pub owner: RSlice<'a, u64>,
    /// Bytes.
    pub bytes: RSlice<'a, u64>,
    /// Where each came from.
    pub source: RSlice<'a, u8>,
}

impl<'a> From<&'a LayerColumns> for FlatLayers<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of 128 bits")]
    fn from(layers: &'a LayerColumns) -> Self {
        Self {
            candidate: layers.candidate.as_slice().into(),
            identity: layers.identity.iter().map(|&id| [(id >> 64) as u64, id as u64]).collect(),
            owner: layers.owner.as_slice().into(),
            bytes: layers.bytes.as_slice().into(),
            source: layers.source.as_slice().into(),
        }
    }
}

impl FlatLayers<'_> {
    /// The batch as analyzers see it, or `None` when its slices do not fit together.
    pub fn to_layers(&self) -> Option<LayerColumns> {
        let rows = self.candidate.len();
        let fits = [self.identity.len(), self.owner.len(), self.bytes.len(), self.source.len()] == [rows; 4];
        fits.then(|| LayerColumns {
            candidate: self.candidate.to_vec(),
            identity: self
                .identity
                .iter()
                .map(|&[high, low]| (u128::from(high) << 64) | u128::from(low))
                .collect(),
            owner: self.owner.to_vec(),
            bytes: self.bytes.to_vec(),
            source: self.source.to_vec(),
        })
    }
}
