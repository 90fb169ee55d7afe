//! The real binary, from outside: what a user types, and what comes back.
//!
//! One test binary for all, since each is linked with everything the plugins need.

mod bad_input;
mod cache;
mod commands;
mod documents;
mod lab;
mod markdown;
mod paper;
mod plugins;
mod replay;
mod report;
mod reproducible;
#[cfg(unix)]
mod scaffolds;
mod transfer;
#[cfg(unix)]
mod workshop;
