//! What is measured.

mod caches;
mod jobs;
mod lives;
mod reuse;

pub(crate) use caches::{Measured, Plan, Row, SIZING, measure};
pub(crate) use lives::{Lives, lives};
pub(crate) use reuse::{Reuse, Window, reuse};

/// The value below which a share of the sorted values lies, or that has it exactly: the smallest value whose rank is at
/// least the share of all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is at least 0 and no longer than the length"
)]
pub(crate) fn quantile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}
