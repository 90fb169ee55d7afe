//! The real binary, from outside: what a user types, and what comes back.
//!
//! One test binary for all, since each is linked with everything the plugins need.

mod bad_input;
mod cache;
mod commands;
mod lab;
mod paper;
mod replay;
mod report;
mod reproducible;
mod studies;
mod transfer;
