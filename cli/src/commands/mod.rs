//! One module a command.

pub(crate) mod analyze;
pub(crate) mod cache;
pub(crate) mod data;
mod dry_run;
pub(crate) mod export;
mod findings;
pub(crate) mod import;
pub(crate) mod install;
mod locked;
mod new_study;
mod overview;
pub(crate) mod plugins;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod spaces;
pub(crate) mod studies;
pub(crate) mod trace;
mod transfers;
mod usage;
