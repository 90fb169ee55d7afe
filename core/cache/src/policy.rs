//! What a policy is, and the policies, one file each or one a family.
//!
//! Common to all of them:
//! - An object larger than the whole cache is a miss and is never admitted; the policy is not even told.
//! - A read that misses and a write of what is absent both bring the object in ([`Policy::admit`]); the policy first
//!   makes room. Only W-TinyLFU declines some.
//! - A hit and a write of what is present are the same to a policy ([`Policy::hit`]): a use.
//! - After a deletion nothing is left of what was known, ghosts included: an object that comes back is new.

use crate::observe::Observer;
use crate::space::{At, Space};

pub(crate) mod arc;
pub(crate) mod belady;
pub(crate) mod clock;
pub(crate) mod fifo;
pub(crate) mod greedy;
pub(crate) mod hyperbolic;
pub(crate) mod lecar;
pub(crate) mod lhd;
pub(crate) mod lineage;
pub(crate) mod lirs;
pub(crate) mod lru;
pub(crate) mod random;
pub(crate) mod s3_fifo;
pub(crate) mod sieve;
pub(crate) mod slru;
pub(crate) mod two_q;
pub(crate) mod w_tiny_lfu;

/// Chooses what leaves. Bytes are counted by [`Space`]; a policy keeps what it must know to choose.
pub(crate) trait Policy: Send {
    /// There are objects up to this number now.
    fn grow(&mut self, objects: usize);

    /// `o`, which is in the cache, is used.
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>);

    /// `o`, which is not in the cache and no larger than it, is used: evict until there is room and admit it.
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>);

    /// `o` is deleted, in the cache or not; the caller frees its space and clears its flags afterwards.
    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>);

    /// Somebody says what `o` is worth.
    fn value<R: Observer>(&mut self, _o: u32, _value: f64, _space: &mut Space<R>, _at: At<'_>) {}
}

/// A share of the capacity in whole bytes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares are at least 0; a float too large for 64 bits becomes the largest integer, which is meant"
)]
pub(crate) fn share(capacity: u64, share: f64) -> u64 {
    (capacity as f64 * share) as u64
}
