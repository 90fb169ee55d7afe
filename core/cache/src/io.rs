//! Traces from and to files.
//!
//! Readers take any [`Read`](std::io::Read) and writers any [`Write`](std::io::Write): opening files, and what names of
//! files mean, is the business of whoever calls. Compression is therefore a wrapper around a source or a sink
//! (`compressed`, with the feature `zstd`), the same for every format, and not a second set of functions.

#[cfg(feature = "zstd")]
pub mod compressed;
pub mod csv;
pub mod oracle_general;
