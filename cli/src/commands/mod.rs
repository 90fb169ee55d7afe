//! One module a command.

pub(crate) mod data;
pub(crate) mod install;
pub(crate) mod plugins;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod spaces;
pub(crate) mod studies;
pub(crate) mod trace;
mod transfers;
