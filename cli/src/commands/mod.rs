//! One module a command.

pub(crate) mod analyze;
pub(crate) mod cache;
pub(crate) mod data;
pub(crate) mod export;
mod findings;
pub(crate) mod install;
mod overview;
pub(crate) mod plugins;
mod plugins_check;
mod plugins_info;
mod plugins_verdict;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod spaces;
pub(crate) mod studies;
pub(crate) mod trace;
mod transfers;
mod usage;
