//! A cache that is asked one access at a time: a node's cache in a simulated cluster.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use crate::error::Error;
use crate::kind::PolicyKind;
use crate::machine::{Machine, Outcome, With, build};
use crate::policy::Policy;
use crate::space::At;
use crate::trace::NEVER;

/// A policy at work whose type nobody sees.
trait Work: Send {
    fn grow(&mut self, objects: usize);
    fn get(&mut self, o: u32, at: At<'_>) -> Outcome;
    fn put(&mut self, o: u32, at: At<'_>) -> Outcome;
    fn delete(&mut self, o: u32, at: At<'_>) -> bool;
    fn value(&mut self, o: u32, value: f64, at: At<'_>);
    fn resident(&self, o: u32) -> bool;
    fn used(&self) -> u64;
    fn len(&self) -> usize;
    /// Evictions and their bytes.
    fn evictions(&self) -> (u64, u64);
    fn victims(&mut self) -> &mut Vec<u32>;
}

impl<P: Policy> Work for Machine<P, Vec<u32>> {
    fn grow(&mut self, objects: usize) {
        self.policy.grow(objects);
        self.space.grow(objects);
    }

    fn get(&mut self, o: u32, at: At<'_>) -> Outcome {
        self.get(o, at)
    }

    fn put(&mut self, o: u32, at: At<'_>) -> Outcome {
        self.put(o, at)
    }

    fn delete(&mut self, o: u32, at: At<'_>) -> bool {
        self.delete(o, at)
    }

    fn value(&mut self, o: u32, value: f64, at: At<'_>) {
        self.value(o, value, at);
    }

    fn resident(&self, o: u32) -> bool {
        self.space.resident(o)
    }

    fn used(&self) -> u64 {
        self.space.used()
    }

    fn len(&self) -> usize {
        self.space.len()
    }

    fn evictions(&self) -> (u64, u64) {
        (self.space.evictions, self.space.evicted_bytes)
    }

    fn victims(&mut self) -> &mut Vec<u32> {
        &mut self.space.observer
    }
}

struct Boxed(u64);

impl With<'static> for Boxed {
    type Output = Box<dyn Work>;

    fn with<P: Policy + 'static>(self, policy: P) -> Box<dyn Work> {
        Box::new(Machine::new(policy, self.0, 0, Vec::new()))
    }
}

/// A cache of any policy that does not need the future.
///
/// It behaves exactly like [`simulate`](crate::simulate()) over the same accesses, one at a time. What it remembers of an
/// object is at most some 50 bytes and stays until the object is deleted, so whoever retires objects should say so.
///
/// ```
/// use lamarck_cache::{Cache, Outcome, PolicyKind};
///
/// let mut cache = Cache::new(PolicyKind::Lru, 100)?;
/// cache.put(1, 60)?;
/// assert_eq!(cache.get(1, 60)?, Outcome::Hit);
/// assert_eq!(cache.get(2, 50)?, Outcome::Miss);
/// assert_eq!(cache.evicted(), [1]);
/// # Ok::<(), lamarck_cache::Error>(())
/// ```
pub struct Cache {
    kind: PolicyKind,
    capacity: u64,
    objects: HashMap<u64, u32, FxBuildHasher>,
    /// By object. The numbers of deleted objects are given out again.
    ids: Vec<u64>,
    sizes: Vec<u64>,
    free: Vec<u32>,
    now: u32,
    /// How far the policy's arrays go; grown in steps, since every policy has several.
    room: usize,
    work: Box<dyn Work>,
    evicted: Vec<u64>,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("kind", &self.kind)
            .field("capacity", &self.capacity)
            .field("used", &self.used())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// An empty cache of `capacity` bytes.
    pub fn new(kind: PolicyKind, capacity: u64) -> Result<Self, Error> {
        if capacity == 0 {
            return Err(Error::ZeroCapacity);
        }
        if kind.needs_future() {
            return Err(Error::NeedsFuture { policy: kind.name() });
        }
        kind.check()?;
        Ok(Self {
            kind,
            capacity,
            objects: HashMap::default(),
            ids: Vec::new(),
            sizes: Vec::new(),
            free: Vec::new(),
            now: 0,
            room: 0,
            work: build(kind, capacity, 0, &[], Boxed(capacity)),
            evicted: Vec::new(),
        })
    }

    /// The policy.
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// The capacity in bytes.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// The bytes in the cache.
    pub fn used(&self) -> u64 {
        self.work.used()
    }

    /// The number of objects in the cache.
    pub fn len(&self) -> usize {
        self.work.len()
    }

    /// Is there nothing in the cache?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is the object in the cache? Asking changes nothing.
    pub fn contains(&self, id: u64) -> bool {
        self.objects.get(&id).is_some_and(|&o| self.work.resident(o))
    }

    /// What the last access evicted, in order.
    pub fn evicted(&self) -> &[u64] {
        &self.evicted
    }

    /// Evictions so far, and their bytes.
    pub fn evictions(&self) -> (u64, u64) {
        self.work.evictions()
    }

    /// A read. An object that is not there comes in, if it fits and the policy wants it.
    ///
    /// An error if the object has 0 bytes or another size than before ([`Cache::put`] may change it), or if there are
    /// more than 2^32 - 1 accesses or objects; nothing has happened then.
    pub fn get(&mut self, id: u64, size: u64) -> Result<Outcome, Error> {
        let o = self.intern(id, size)?;
        let before = self.sizes[o as usize];
        if before == 0 {
            self.sizes[o as usize] = size;
        } else if before != size {
            return Err(Error::SizeChanged { record: u64::from(self.now) + 1, id, before, size });
        }
        let at = self.tick()?;
        let outcome = self.work.get(o, At { sizes: &self.sizes, now: at, next: NEVER });
        self.name_victims();
        Ok(outcome)
    }

    /// A write. A write with another size is a deletion and a write of something new. Errors as for [`Cache::get`].
    pub fn put(&mut self, id: u64, size: u64) -> Result<Outcome, Error> {
        let o = self.intern(id, size)?;
        let now = self.tick()?;
        let before = self.sizes[o as usize];
        if before != size {
            if before != 0 {
                self.work.delete(o, At { sizes: &self.sizes, now, next: NEVER });
            }
            self.sizes[o as usize] = size;
        }
        let outcome = self.work.put(o, At { sizes: &self.sizes, now, next: NEVER });
        self.name_victims();
        Ok(outcome)
    }

    /// The object ceases to exist. True if it was in the cache.
    pub fn delete(&mut self, id: u64) -> bool {
        self.evicted.clear();
        // A deletion beyond the last countable access needs no number of its own.
        self.now = self.now.saturating_add(1);
        let Some(o) = self.objects.remove(&id) else { return false };
        let was_there = self.work.delete(o, At { sizes: &self.sizes, now: self.now - 1, next: NEVER });
        self.sizes[o as usize] = 0;
        self.free.push(o);
        was_there
    }

    /// A hint ([`Hint`](crate::Hint)); only some policies listen. The object may be unknown as yet. An error if the value
    /// is negative, infinite or NaN.
    pub fn value(&mut self, id: u64, value: f64) -> Result<(), Error> {
        let record = u64::from(self.now) + 1;
        if !value.is_finite() || value < 0.0 {
            return Err(Error::Value { record, id, value });
        }
        if self.kind.listens() {
            let o = self.number(id)?;
            self.work.value(o, value, At { sizes: &self.sizes, now: self.now, next: NEVER });
        }
        Ok(())
    }

    fn intern(&mut self, id: u64, size: u64) -> Result<u32, Error> {
        if size == 0 {
            return Err(Error::ZeroSize { record: u64::from(self.now) + 1, id });
        }
        self.evicted.clear();
        self.number(id)
    }

    fn number(&mut self, id: u64) -> Result<u32, Error> {
        if let Some(&o) = self.objects.get(&id) {
            return Ok(o);
        }
        let o = if let Some(o) = self.free.pop() {
            self.ids[o as usize] = id;
            o
        } else {
            let limit = u64::from(NEVER);
            let o = u32::try_from(self.ids.len()).ok().filter(|&o| o != NEVER).ok_or(Error::TooMany {
                record: u64::from(self.now) + 1,
                what: "objects",
                limit,
            })?;
            self.ids.push(id);
            self.sizes.push(0);
            if self.ids.len() > self.room {
                self.room = (self.ids.len() + self.ids.len() / 4).max(64);
                self.work.grow(self.room);
            }
            o
        };
        self.objects.insert(id, o);
        Ok(o)
    }

    fn tick(&mut self) -> Result<u32, Error> {
        let now = self.now;
        if now == NEVER {
            let (what, limit) = ("records", u64::from(NEVER));
            return Err(Error::TooMany { record: u64::from(now) + 1, what, limit });
        }
        self.now += 1;
        Ok(now)
    }

    fn name_victims(&mut self) {
        let ids = &self.ids;
        self.evicted.extend(self.work.victims().drain(..).map(|o| ids[o as usize]));
    }
}
