//! From a trace to the accesses to its stored weights.
//!
//! The tables `candidates` and `layers` say who consists of which stored layers, and when it ran. So they say which
//! accesses there were:
//!
//! - At its **start** a candidate reads what it inherits: the layers in its map that somebody else owns.
//! - At its **finish** it writes the layers it trained.
//! - A stored layer is **deleted** at the finish at which the last one who holds it ceases to, by the rule of retention that
//!   is asked for ([`Retention`], the same four rules as the repository's). A reader in flight finds it gone if the rule
//!   allows that; the stream then has a read after a deletion, which misses in any cache, and what was read is deleted again
//!   when the next one who held it lets go and nobody else holds it.
//!
//! Within a step, reads and writes are in the order of the graph, and deletions come last, in the order in which their
//! holders let go. The order of steps at one moment is written down at `walk::steps`. What was in flight at the end, and
//! candidates whose layers were not recorded because they failed, read nothing here; [`Stream::unrecorded`] says how
//! many bytes that leaves out.
//!
//! **Granularity.** With [`Granularity::Layer`] an object is a stored layer: all tensors of one layer, the finest thing that
//! traces record. With [`Granularity::Model`] an object is all that one candidate stores, which is what a repository is
//! asked for in one request: a child that inherits any layer of an owner reads everything that owner trained (not what
//! it inherited in its turn; that is read from *its* owner). Such an object exists while any of its layers does.
//!
//! Layers without weights (inputs, activations) are no objects.

mod error;
mod layers;
mod options;
mod table;
mod walk;

pub use error::{StreamError, StreamErrorKind};
pub use layers::Oddities;
pub use options::{Granularity, Retention, StreamOptions};
pub use walk::{Step, StepKind};

pub(crate) use table::NONE;
pub(crate) use walk::{Holders, Now, Visitor};

use lamarck_cache::{Op, SizeRule, Trace, TraceBuilder};
use lamarck_sdk::{CandidateId, Columns, LayerColumns, Nullable};
use layers::Layers;
use std::collections::BTreeMap;
use table::Candidates;
use walk::{Emit, Queues};

/// Takes in a trace's tables: all candidates, then all layers.
///
/// ```
/// use lamarck_caching::stream::{StreamBuilder, StreamOptions};
/// use lamarck_sdk::model::{CandidateColumns, CandidateRecord, LayerSource};
/// use lamarck_sdk::LayerColumns;
///
/// let mut candidates = CandidateColumns::with_capacity(0, 2);
/// let mut layers = LayerColumns::default();
/// for id in [0, 1] {
///     let (started_us, finished_us) = (id * 10, id * 10 + 5);
///     candidates.push(&CandidateRecord { id, started_us, finished_us, ..CandidateRecord::default() });
/// }
/// layers.push(0, 0xa, 0, 100, LayerSource::Trained);
/// layers.push(1, 0xa, 0, 100, LayerSource::Repository);
/// layers.push(1, 0xb, 1, 70, LayerSource::Trained);
///
/// let mut builder = StreamBuilder::default();
/// builder.candidates(&candidates.view())?;
/// builder.layers(&layers)?;
/// let stream = builder.finish(&StreamOptions::default())?;
/// let accesses: Vec<_> = stream.accesses().map(|a| (a.time_us, a.op.name(), a.owner, a.bytes)).collect();
/// assert_eq!(accesses, [(5, "put", 0, 100), (10, "get", 0, 100), (15, "put", 1, 70)]);
/// # Ok::<(), lamarck_caching::stream::StreamError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct StreamBuilder {
    candidates: Candidates,
    layers: Layers,
}

/// One access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// When, in microseconds of virtual time; in a trace without times the number of the row.
    pub time_us: u64,
    /// Read, write or deletion.
    pub op: Op,
    /// The number of the object, from 0.
    pub object: u32,
    /// The candidate that stored the object.
    pub owner: CandidateId,
    /// The object's size.
    pub bytes: u64,
    /// The candidate that reads or writes, or at whose finish the object is deleted.
    pub candidate: CandidateId,
    /// The node on which it does; deletions concern all.
    pub node: Option<u32>,
}

/// The accesses of a run.
#[derive(Debug, Clone)]
pub struct Stream {
    pub(crate) candidates: Candidates,
    pub(crate) failures_enter: bool,
    pub(crate) options: StreamOptions,
    /// By object.
    pub(crate) sizes: Vec<u64>,
    owners: Vec<u64>,
    pub(crate) writers: Vec<u32>,
    ranges: Vec<(usize, usize)>,
    maps: Vec<u32>,
    pub(crate) steps: Vec<Step>,
    pub(crate) objects: Vec<u32>,
    pub(crate) ops: Vec<Op>,
    oddities: Oddities,
    has_times: bool,
    unrecorded: (u64, u64),
}

impl StreamBuilder {
    /// A batch of candidates, in the order in which they finished.
    pub fn candidates(&mut self, batch: &Columns<'_>) -> Result<(), StreamError> {
        self.candidates.add(batch)
    }

    /// A batch of layers, in the order of their candidates, after all candidates.
    pub fn layers(&mut self, batch: &LayerColumns) -> Result<(), StreamError> {
        self.layers.add(batch, &self.candidates)
    }

    /// How many candidates there are so far.
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.candidates.len() == 0
    }

    /// The stream.
    pub fn finish(self, options: &StreamOptions) -> Result<Stream, StreamError> {
        let Self { candidates, layers } = self;
        if layers.rows == 0 {
            return Err(StreamError::NoLayers);
        }
        if layers.bytes.is_empty() {
            return Err(StreamError::NoBytes);
        }
        let needs = matches!(options.retention, Retention::Reachable | Retention::Population);
        if needs && options.population.is_none() {
            return Err(StreamError::NoPopulation);
        }
        Stream::new(candidates, &layers, *options)
    }
}

impl Stream {
    fn new(candidates: Candidates, layers: &Layers, options: StreamOptions) -> Result<Self, StreamError> {
        let rows = candidates.len();
        let (object_of, sizes, owners, writers) = objects(layers, options.granularity)?;
        let mut maps = Vec::new();
        let mut ranges = Vec::with_capacity(rows);
        for row in (0..).take(rows) {
            let from = maps.len();
            match &object_of {
                None => maps.extend_from_slice(layers.map(row)),
                Some(object_of) => {
                    for &stored in layers.map(row) {
                        let object = object_of[stored as usize];
                        // A map has a handful of owners.
                        if !maps[from..].contains(&object) {
                            maps.push(object);
                        }
                    }
                }
            }
            ranges.push((from, maps.len()));
        }
        let recorded = |row: usize| ranges[row].0 < ranges[row].1;
        let has_times = (0..rows)
            .filter(|&row| recorded(row))
            .all(|row| !candidates.started[row].is_none() && !candidates.finished[row].is_none());
        let unrecorded = (0..rows)
            .filter(|&row| !recorded(row) && candidates.prefix_bytes[row] > 0)
            .fold((0_u64, 0_u64), |(n, bytes), row| {
                (n + 1, bytes.saturating_add(candidates.prefix_bytes[row]))
            });
        let steps = {
            let or = |value: u64, other: u64| value.known().unwrap_or(other);
            let finished = |row: usize| or(candidates.finished[row], u64::MAX);
            let started = |row: usize| or(candidates.started[row], finished(row));
            let submitted = |row: usize| or(candidates.submitted[row], started(row));
            walk::steps(rows, has_times, &candidates.id, submitted, started, finished)
        };
        let oddities = Oddities { unfollowed_ids: candidates.unfollowed, ..layers.oddities };
        let mut stream = Self {
            candidates,
            failures_enter: options.failures_enter,
            options,
            sizes,
            owners,
            writers,
            ranges,
            maps,
            steps: Vec::new(),
            objects: Vec::new(),
            ops: Vec::new(),
            oddities,
            has_times,
            unrecorded,
        };
        stream.emit(steps)?;
        Ok(stream)
    }

    /// Writes down the accesses of all steps.
    fn emit(&mut self, mut steps: Vec<Step>) -> Result<(), StreamError> {
        let mut emit = Emit::new(self, self.options.retention);
        walk::walk(self, &self.queues(), &steps, &mut emit);
        let Emit { objects, ops, firsts, .. } = emit;
        for (step, first) in steps.iter_mut().zip(firsts) {
            step.first = u32::try_from(first).map_err(|_| StreamError::TooMany { what: "accesses" })?;
        }
        // So that no sum of what follows can overflow.
        let sum = objects.iter().try_fold(0_u64, |sum, &object| sum.checked_add(self.sizes[object as usize]));
        sum.ok_or(StreamError::TooManyBytes)?;
        // The last index must have a number that means "none" above it.
        u32::try_from(objects.len() + 1).map_err(|_| StreamError::TooMany { what: "accesses" })?;
        (self.steps, self.objects, self.ops) = (steps, objects, ops);
        Ok(())
    }

    fn queues(&self) -> Queues {
        Queues { population: self.options.population, window: Some(self.options.window) }
    }

    /// Shows a visitor what happened.
    pub(crate) fn walk(&self, visitor: &mut impl Visitor) {
        walk::walk(self, &self.queues(), &self.steps, visitor);
    }

    /// The objects that a candidate consists of, in the order of its graph.
    pub(crate) fn map(&self, row: u32) -> &[u32] {
        let (from, to) = self.ranges[row as usize];
        &self.maps[from..to]
    }

    /// Those that it inherited.
    pub(crate) fn inherited(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        self.map(row).iter().copied().filter(move |&object| self.writers[object as usize] != row)
    }

    /// Those that it stored.
    pub(crate) fn own(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        self.map(row).iter().copied().filter(move |&object| self.writers[object as usize] == row)
    }

    /// How the stream was made.
    pub fn options(&self) -> StreamOptions {
        self.options
    }

    /// The number of accesses.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The number of objects.
    pub fn object_count(&self) -> usize {
        self.sizes.len()
    }

    /// The number of candidates.
    pub fn candidate_count(&self) -> usize {
        self.candidates.len()
    }

    /// Whether candidates have times; without, each reads and writes when its row comes.
    pub fn has_times(&self) -> bool {
        self.has_times
    }

    /// Rows that did not fit.
    pub fn oddities(&self) -> Oddities {
        self.oddities
    }

    /// Candidates that read but whose layers were not recorded, and the bytes they read: no access stands for them.
    pub fn unrecorded(&self) -> (u64, u64) {
        self.unrecorded
    }

    /// The step to which each range of accesses belongs.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (&Step, std::ops::Range<usize>)> + '_ {
        let ends = self.steps.iter().skip(1).map(|step| step.first as usize).chain([self.objects.len()]);
        self.steps.iter().zip(ends).map(|(step, end)| (step, step.first as usize..end))
    }

    /// The accesses, in order.
    pub fn accesses(&self) -> impl Iterator<Item = Access> + '_ {
        self.spans().flat_map(move |(step, range)| {
            range.map(move |index| {
                let (object, op) = (self.objects[index], self.ops[index]);
                Access {
                    time_us: step.time_us,
                    op,
                    object,
                    owner: self.owners[object as usize],
                    bytes: self.sizes[object as usize],
                    candidate: self.candidates.id[step.row as usize],
                    node: self.candidates.node[step.row as usize].known().filter(|_| op != Op::Delete),
                }
            })
        })
    }

    /// The accesses as a trace for `lamarck-cache`; an object's id is its number in this stream.
    pub fn trace(&self) -> Result<Trace, lamarck_cache::Error> {
        let mut builder = TraceBuilder::new(SizeRule::Refuse);
        builder.reserve(self.objects.len());
        for (&object, &op) in self.objects.iter().zip(&self.ops) {
            let (id, size) = (u64::from(object), self.sizes[object as usize]);
            match op {
                Op::Get => builder.get(id, size)?,
                Op::Put => builder.put(id, size)?,
                Op::Delete => builder.delete(id)?,
            }
        }
        builder.finish()
    }

    /// The same for formats that know reads only, such as oracleGeneral, and each access's time in whole seconds: writes
    /// stand as reads, as in the traces of other simulators (so the first access to each object misses), and deletions
    /// are left out.
    pub fn trace_of_reads(&self) -> Result<(Trace, Vec<u32>), lamarck_cache::Error> {
        let mut builder = TraceBuilder::new(SizeRule::Refuse);
        let mut seconds = Vec::new();
        for access in self.accesses().filter(|access| access.op != Op::Delete) {
            builder.get(u64::from(access.object), access.bytes)?;
            seconds.push(u32::try_from(access.time_us / 1_000_000).unwrap_or(u32::MAX));
        }
        Ok((builder.finish()?, seconds))
    }
}

/// The object of each stored layer (`None`: they are the objects); and of each object size, owner, and owner's row.
#[expect(clippy::type_complexity, reason = "four columns, taken apart at once by the only caller")]
fn objects(
    layers: &Layers,
    granularity: Granularity,
) -> Result<(Option<Vec<u32>>, Vec<u64>, Vec<u64>, Vec<u32>), StreamError> {
    let mut total = 0_u64;
    let (mut sizes, mut owners, mut writers) = (Vec::new(), Vec::new(), Vec::new());
    let mut numbers: BTreeMap<(u64, u32), u32> = BTreeMap::new();
    let mut object_of = Vec::with_capacity(layers.bytes.len());
    // An owner's layers come in a row, but for those that nobody wrote.
    let mut last = None;
    for ((&bytes, &owner), &writer) in layers.bytes.iter().zip(&layers.owner).zip(&layers.writer) {
        total = total.checked_add(bytes).ok_or(StreamError::TooLarge { owner })?;
        if granularity == Granularity::Layer {
            continue;
        }
        let object = match last {
            Some((key, object)) if key == (owner, writer) => object,
            _ => *numbers.entry((owner, writer)).or_insert_with(|| {
                sizes.push(0);
                owners.push(owner);
                writers.push(writer);
                // There are no more objects than stored layers, which have numbers of 32 bits.
                u32::try_from(sizes.len() - 1).unwrap_or(NONE)
            }),
        };
        last = Some(((owner, writer), object));
        sizes[object as usize] += bytes;
        object_of.push(object);
    }
    Ok(match granularity {
        Granularity::Layer => (None, layers.bytes.clone(), layers.owner.clone(), layers.writer.clone()),
        Granularity::Model => (Some(object_of), sizes, owners, writers),
    })
}
