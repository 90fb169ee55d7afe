//! The runtime: plugin host, virtual-time engine, trace store and study plan.

pub mod host;
pub mod study;
pub mod trace;
