//! The runtime: plugin host, virtual-time engine, trace store and study plan.
//!
//! A study goes through it in one direction: [`study`] turns TOML into checked settings, asking [`host`] what
//! components there are; [`pipeline`] makes the components and runs every replicate of every point with [`engine`];
//! [`trace`] takes what happened and gives it back, to people, to analyzers, and to the engine when a run is resumed.
//!
//! The rooms know each other only downwards: `pipeline -> (study, host, engine, trace)`, `engine -> trace` for the
//! error of a part that cannot be written, `study -> trace` for the key of a run, `host -> study` for the one question
//! that a study asks of it, `engine -> host` to tell a plugin's fault from a candidate's. Nothing here
//! prints, and nothing reads a clock.

pub mod engine;
pub mod host;
pub mod pipeline;
pub mod report;
pub mod repository;
pub mod study;
pub mod trace;
