//! Traces as text and as binaries. Readers take anything that can be read, writers anything that can be written:
//! which files there are, and whether they are compressed, is the caller's business.

pub mod csv;
pub mod oracle_general;
