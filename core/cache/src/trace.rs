//! The trace a simulation reads: who is asked for, in which order, and how large it is.

use std::sync::OnceLock;

use crate::error::Error;
use crate::intern::Interner;

/// The next use of what is not used again.
pub const NEVER: u32 = u32::MAX;

/// What an access does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Op {
    /// A read: a hit if the object is in the cache; a miss otherwise, and the object is fetched and admitted.
    Get = 0,
    /// A write: the object comes into the cache, and that is neither a hit nor a miss.
    Put = 1,
    /// The object ceases to exist: its space is free at once, which is no eviction, and whatever a policy knew about
    /// it is forgotten. Read again, it is a miss that no cache could have avoided.
    Delete = 2,
}

impl Op {
    /// `get`, `put` or `delete`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }

    /// The operation that goes by this word in traces, in any case: get, read or r; put, write, set or w; delete, remove
    /// or d.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "get" | "read" | "r" => Some(Self::Get),
            "put" | "write" | "set" | "w" => Some(Self::Put),
            "delete" | "remove" | "d" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// Something that becomes known about an object between two accesses, for the policies that listen.
///
/// Kept this general on purpose: what the number means is an agreement between whoever feeds it and the policy it is
/// meant for (live models that hold a tensor, weight, expected uses), so that a new lineage-aware policy needs no
/// new format. An object nobody spoke of has the value 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hint {
    /// The hint comes before the access with this index.
    pub before: u32,
    /// The object.
    pub object: u32,
    /// Its value from now on; finite, at least 0.
    pub value: f64,
}

/// What to do with an object whose size is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SizeRule {
    /// Say so and stop: in a trace of tensors it means that two different things have one name.
    #[default]
    Refuse,
    /// The first size is its size.
    First,
    /// The largest size is its size, from the beginning.
    Largest,
}

/// A trace, column by column, with objects numbered in order of first appearance.
///
/// Ids are looked up once, when the trace is built; after that an object is an index into flat arrays. Sizes belong
/// to objects, not to accesses: it saves 8 bytes a record, and a cache cannot hold half of a tensor anyway.
/// 4 bytes a record when there are only reads, 5 otherwise, 16 bytes an object; the next uses, computed when first
/// asked for, are 4 bytes a record more.
#[derive(Debug)]
pub struct Trace {
    objects: Vec<u32>,
    /// Empty when all are reads.
    ops: Vec<Op>,
    sizes: Vec<u64>,
    ids: Vec<u64>,
    hints: Vec<Hint>,
    gets: u64,
    puts: u64,
    get_bytes: u64,
    next: OnceLock<Vec<u32>>,
}

impl Trace {
    /// The number of accesses.
    #[expect(clippy::len_without_is_empty, reason = "a trace without accesses is simulated like any other")]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// The object of each access.
    pub fn objects(&self) -> &[u32] {
        &self.objects
    }

    /// What the access with this index does; a read for an index beyond the end.
    #[inline]
    pub fn op(&self, index: usize) -> Op {
        self.ops.get(index).copied().unwrap_or(Op::Get)
    }

    /// What each access does, or `None` when all are reads.
    pub(crate) fn ops(&self) -> Option<&[Op]> {
        (!self.ops.is_empty()).then_some(&self.ops[..])
    }

    /// The size of each object in bytes. 0 for an object that is deleted or spoken of but never accessed.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// The id each object had before it was numbered.
    pub fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// The hints, in order.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// The number of reads.
    pub fn gets(&self) -> u64 {
        self.gets
    }

    /// The number of writes.
    pub fn puts(&self) -> u64 {
        self.puts
    }

    /// The bytes asked for by all reads.
    pub fn get_bytes(&self) -> u64 {
        self.get_bytes
    }

    /// The size of all objects together: what a cache needs to hold everything that ever existed.
    pub fn working_set(&self) -> u64 {
        self.sizes.iter().sum()
    }

    /// The size of the largest object.
    pub fn largest(&self) -> u64 {
        self.sizes.iter().copied().max().unwrap_or(0)
    }

    /// For each access the index of the read that having the object afterwards would serve; [`NEVER`] if the object is
    /// not accessed again, or is overwritten or deleted before it is read.
    pub fn next_use(&self) -> &[u32] {
        self.next.get_or_init(|| {
            let mut next = vec![NEVER; self.objects.len()];
            let mut upcoming = vec![NEVER; self.sizes.len()];
            for (index, &o) in self.objects.iter().enumerate().rev() {
                let use_here = match self.op(index) {
                    // No more than NEVER records are let in.
                    Op::Get => u32::try_from(index).unwrap_or(NEVER),
                    Op::Put | Op::Delete => NEVER,
                };
                next[index] = std::mem::replace(&mut upcoming[o as usize], use_here);
                if self.op(index) == Op::Delete {
                    // Nothing is left to serve anybody.
                    next[index] = NEVER;
                }
            }
            next
        })
    }
}

/// Builds a [`Trace`] access by access.
///
/// ```
/// use lamarck_cache::{PolicyKind, SizeRule, TraceBuilder, simulate};
///
/// let mut builder = TraceBuilder::new(SizeRule::Refuse);
/// builder.put(7, 100)?;
/// builder.get(7, 100)?;
/// builder.get(8, 50)?;
/// builder.delete(7)?;
/// let trace = builder.finish()?;
/// let stats = simulate(&trace, PolicyKind::Lru, 1000)?;
/// assert_eq!((stats.gets, stats.misses, stats.missed_bytes), (2, 1, 50));
/// # Ok::<(), lamarck_cache::Error>(())
/// ```
pub struct TraceBuilder {
    rule: SizeRule,
    interner: Interner,
    objects: Vec<u32>,
    ops: Vec<Op>,
    sizes: Vec<u64>,
    ids: Vec<u64>,
    hints: Vec<Hint>,
}

impl TraceBuilder {
    /// An empty trace.
    pub fn new(rule: SizeRule) -> Self {
        Self {
            rule,
            interner: Interner::new(),
            objects: Vec::new(),
            ops: Vec::new(),
            sizes: Vec::new(),
            ids: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// Makes room for this many more accesses.
    pub fn reserve(&mut self, accesses: usize) {
        self.objects.reserve(accesses);
    }

    /// The number of the record that comes next, from 1.
    fn record(&self) -> u64 {
        self.objects.len() as u64 + 1
    }

    #[inline]
    fn intern(&mut self, id: u64) -> Result<u32, Error> {
        let Some((object, new)) = self.interner.intern(id) else {
            return Err(Error::TooMany { record: self.record(), what: "objects", limit: u64::from(NEVER) });
        };
        if new {
            self.ids.push(id);
            self.sizes.push(0);
        }
        Ok(object)
    }

    #[inline]
    fn access(&mut self, op: Op, id: u64, size: u64) -> Result<(), Error> {
        if size == 0 {
            return Err(Error::ZeroSize { record: self.record(), id });
        }
        let object = self.intern(id)?;
        let known = self.sizes[object as usize];
        if known != size {
            self.resize(object, size)?;
        }
        self.push(op, object)
    }

    #[cold]
    fn resize(&mut self, object: u32, size: u64) -> Result<(), Error> {
        let record = self.record();
        let known = &mut self.sizes[object as usize];
        match (*known, self.rule) {
            (0, _) => *known = size,
            (_, SizeRule::First) => {}
            (before, SizeRule::Largest) => *known = before.max(size),
            (before, SizeRule::Refuse) => {
                return Err(Error::SizeChanged { record, id: self.ids[object as usize], before, size });
            }
        }
        Ok(())
    }

    #[inline]
    fn push(&mut self, op: Op, object: u32) -> Result<(), Error> {
        let len = self.objects.len();
        if len >= NEVER as usize {
            return Err(Error::TooMany { record: self.record(), what: "records", limit: u64::from(NEVER) });
        }
        if op != Op::Get || !self.ops.is_empty() {
            // The first that is no read makes the column exist.
            self.ops.resize(len, Op::Get);
            self.ops.push(op);
        }
        self.objects.push(object);
        Ok(())
    }

    /// A read.
    #[inline]
    pub fn get(&mut self, id: u64, size: u64) -> Result<(), Error> {
        self.access(Op::Get, id, size)
    }

    /// A write.
    pub fn put(&mut self, id: u64, size: u64) -> Result<(), Error> {
        self.access(Op::Put, id, size)
    }

    /// A deletion; of something unknown it is a record that changes nothing.
    pub fn delete(&mut self, id: u64) -> Result<(), Error> {
        let object = self.intern(id)?;
        self.push(Op::Delete, object)
    }

    /// A hint about an object; it may come before the object's first access.
    pub fn value(&mut self, id: u64, value: f64) -> Result<(), Error> {
        let record = self.record();
        if !value.is_finite() || value < 0.0 {
            return Err(Error::Value { record, id, value });
        }
        let object = self.intern(id)?;
        let Ok(before) = u32::try_from(self.objects.len()) else {
            return Err(Error::TooMany { record, what: "records", limit: u64::from(NEVER) });
        };
        self.hints.push(Hint { before, object, value });
        Ok(())
    }

    /// The finished trace.
    pub fn finish(self) -> Result<Trace, Error> {
        let Self { objects, ops, sizes, ids, hints, .. } = self;
        let (mut get_bytes, mut all_bytes, mut gets, mut puts) = (0_u128, 0_u128, 0, 0);
        for (index, &o) in objects.iter().enumerate() {
            let size = u128::from(sizes[o as usize]);
            all_bytes += size;
            match ops.get(index) {
                None | Some(Op::Get) => {
                    gets += 1;
                    get_bytes += size;
                }
                Some(Op::Put) => puts += 1,
                Some(Op::Delete) => {}
            }
        }
        // Every sum a simulation forms is at most this one, so none of them can overflow.
        u64::try_from(all_bytes).map_err(|_| Error::TooManyBytes)?;
        let get_bytes = u64::try_from(get_bytes).map_err(|_| Error::TooManyBytes)?;
        Ok(Trace { objects, ops, sizes, ids, hints, gets, puts, get_bytes, next: OnceLock::new() })
    }
}
