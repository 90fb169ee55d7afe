//! The `lamarck` command.
//!
//! The binary owns what the libraries must not: the terminal, the clock, and the process. Results go to standard
//! output, everything else to standard error; a reader that closes the pipe is no error.

mod args;
mod commands;
mod commit;
mod exit;
mod output;
mod page;
mod progress;

use args::{Cli, Command};
use clap::Parser;
use exit::Exit;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let plugins = cli.plugin_path;
    let result = match cli.command {
        Command::Run(args) => commands::run::run(&args, &plugins),
        Command::Replay(args) => commands::replay::run(&args, &plugins),
        Command::Analyze(args) => commands::analyze::run(&args, &plugins),
        Command::Report(args) => commands::report::run(&args, &plugins),
        Command::Cache(args) => commands::cache::run(&args, &plugins),
        Command::Studies(command) => commands::studies::run(&command, &plugins),
        Command::Plugins(command) => commands::plugins::run(&command, &plugins),
        Command::Spaces(command) => commands::spaces::run(&command, &plugins),
        Command::Trace(command) => commands::trace::run(&command),
        Command::Export(command) => commands::export::run(&command),
        Command::Import(args) => commands::import::run(&args),
        Command::Data(command) => commands::data::run(&command),
        Command::Install(args) => commands::install::run(&args),
        Command::Completions { shell } => commands::shell::completions(shell),
        Command::Man => commands::shell::man(),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) if exit::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            // Nobody is left to be told when standard error is gone, too.
            let _ = writeln!(std::io::stderr().lock(), "error: {}", exit::message(&error));
            exit::classify(&error).into()
        }
    }
}
