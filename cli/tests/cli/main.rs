//! The real binary, from outside: what a user types, and what comes back.
//!
//! One test binary for all, since each is linked with everything the plugins need.

mod bad_input;
mod cache;
mod commands;
mod documents;
mod external;
mod import;
mod lab;
mod markdown;
mod paper;
mod plugins;
mod provenance;
mod replay;
mod report;
mod reproducible;
#[cfg(unix)]
mod scaffolds;
mod studies;
mod transfer;
#[cfg(unix)]
mod workshop;
