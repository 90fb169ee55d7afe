//! `lamarck completions` and `lamarck man`.

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::Out;
use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

/// The completions of a shell.
pub(crate) fn completion_script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lamarck", &mut script);
    script
}

/// The man page of a command, in roff.
pub(crate) fn man_page(command: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}

/// Prints completions.
pub(crate) fn completions(shell: Shell) -> Result<Exit> {
    print(&completion_script(shell))
}

/// Prints the man page.
pub(crate) fn man() -> Result<Exit> {
    print(&man_page(Cli::command())?)
}

fn print(bytes: &[u8]) -> Result<Exit> {
    let mut out = Out::new();
    out.text(&String::from_utf8_lossy(bytes))?;
    out.finish()?;
    Ok(Exit::Done)
}
