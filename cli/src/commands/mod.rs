//! One module a command.

pub mod data;
pub mod install;
pub mod plugins;
pub mod run;
pub mod shell;
pub mod spaces;
pub mod studies;
pub mod trace;
