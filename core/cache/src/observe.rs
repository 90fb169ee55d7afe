//! What happens to objects in a cache, watched at no cost when nobody watches.

use crate::list::NIL;

/// Watches admissions, hits and evictions. A type parameter, not a trait object: with `()` every call vanishes.
pub(crate) trait Observer {
    fn grow(&mut self, _objects: usize) {}
    /// A read of something that is not in the cache, before it is admitted.
    #[inline]
    fn missed(&mut self, _o: u32, _now: u32) {}
    /// A read of something that is in the cache.
    #[inline]
    fn hit(&mut self, _o: u32, _now: u32) {}
    /// A write of something that is in the cache.
    #[inline]
    fn rewritten(&mut self, _o: u32, _now: u32) {}
    #[inline]
    fn admitted(&mut self, _o: u32, _now: u32) {}
    #[inline]
    fn evicted(&mut self, _o: u32, _now: u32) {}
    #[inline]
    fn deleted(&mut self, _o: u32) {}
}

impl Observer for () {}

/// The victims of the last access, for those who keep a cache and must know what left it.
impl Observer for Vec<u32> {
    #[inline]
    fn evicted(&mut self, o: u32, _now: u32) {
        self.push(o);
    }
}

/// Ages in records, counted by powers of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeHistogram {
    counts: [u64; 33],
}

impl AgeHistogram {
    const fn new() -> Self {
        Self { counts: [0; 33] }
    }

    #[inline]
    fn add(&mut self, age: u32) {
        self.counts[(32 - age.leading_zeros()) as usize] += 1;
    }

    /// The counts as `(from, to, count)`: `count` ages lay in `from..to`. Empty ones at the end are left out.
    pub fn buckets(&self) -> Vec<(u64, u64, u64)> {
        let used = self.counts.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        let from = |bucket: usize| if bucket == 0 { 0 } else { 1_u64 << (bucket - 1) };
        (0..used).map(|bucket| (from(bucket), from(bucket + 1), self.counts[bucket])).collect()
    }

    /// Counts another's ages too.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// How many ages there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The upper end of the bucket below which at least the share `q` of the ages lies; `None` if there are none.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let total = self.total();
        let mut seen = 0;
        self.buckets().into_iter().find_map(|(_, to, count)| {
            seen += count;
            (seen as f64 >= q * total as f64).then_some(to)
        })
    }
}

/// How old objects were when they were hit and when they were evicted, and how soon they were missed afterwards. All
/// ages are in records of the trace. A good policy evicts at ages above those at which it hits, and what it evicts
/// is not asked for soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvictionDetail {
    /// Records between a hit and the object's use before it.
    pub age_at_hit: AgeHistogram,
    /// Records between an eviction and the object's last use.
    pub age_at_eviction: AgeHistogram,
    /// Records between an eviction and the miss it caused.
    pub reuse_after_eviction: AgeHistogram,
    /// How many evicted objects were missed within [`EvictionDetail::window`] records.
    pub reused_within_window: u64,
    /// The window, in records.
    pub window: u32,
}

impl EvictionDetail {
    /// Counts what happened in another cache too; the window stays this one's.
    pub fn merge(&mut self, other: &Self) {
        self.age_at_hit.merge(&other.age_at_hit);
        self.age_at_eviction.merge(&other.age_at_eviction);
        self.reuse_after_eviction.merge(&other.reuse_after_eviction);
        self.reused_within_window += other.reused_within_window;
    }
}

/// The observer behind [`EvictionDetail`]: 8 bytes an object.
pub(crate) struct Watch {
    used: Vec<u32>,
    evicted: Vec<u32>,
    pub(crate) detail: EvictionDetail,
}

impl Watch {
    pub(crate) fn new(objects: usize, window: u32) -> Self {
        let detail = EvictionDetail {
            age_at_hit: AgeHistogram::new(),
            age_at_eviction: AgeHistogram::new(),
            reuse_after_eviction: AgeHistogram::new(),
            reused_within_window: 0,
            window,
        };
        Self { used: vec![NIL; objects], evicted: vec![NIL; objects], detail }
    }
}

impl Observer for Watch {
    fn grow(&mut self, objects: usize) {
        self.used.resize(objects, NIL);
        self.evicted.resize(objects, NIL);
    }

    fn missed(&mut self, o: u32, now: u32) {
        let at = std::mem::replace(&mut self.evicted[o as usize], NIL);
        if at != NIL {
            let age = now - at;
            self.detail.reuse_after_eviction.add(age);
            self.detail.reused_within_window += u64::from(age <= self.detail.window);
        }
    }

    fn hit(&mut self, o: u32, now: u32) {
        let before = std::mem::replace(&mut self.used[o as usize], now);
        self.detail.age_at_hit.add(now - before);
    }

    fn rewritten(&mut self, o: u32, now: u32) {
        self.used[o as usize] = now;
    }

    fn admitted(&mut self, o: u32, now: u32) {
        self.used[o as usize] = now;
        // What came back by a write was not missed.
        self.evicted[o as usize] = NIL;
    }

    fn evicted(&mut self, o: u32, now: u32) {
        self.detail.age_at_eviction.add(now - self.used[o as usize]);
        self.evicted[o as usize] = now;
    }

    fn deleted(&mut self, o: u32) {
        self.evicted[o as usize] = NIL;
    }
}
