//! `lamarck install`: this very binary and the plugins it finds beside itself, under a prefix.

use super::shell::{completion_script, man_page};
use crate::args::{Cli, InstallArgs};
use crate::exit::Exit;
use crate::output::Out;
use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use clap_complete::Shell;
use lamarck_runtime::host::{Registry, SearchPath, Source};
use std::fs;
use std::path::Path;

/// Runs `lamarck install`.
pub(crate) fn run(args: &InstallArgs) -> Result<Exit> {
    let prefix = &args.prefix;
    let mut out = Out::new();
    // Only what was built or installed with this binary; plugins of the user's own stay where they are.
    let standard = SearchPath::standard(&[], &[]);
    let beside = standard.places().iter().filter(|(source, _)| *source == Source::Binary);
    let beside = SearchPath::empty().with(Source::Binary, beside.map(|(_, place)| place.clone()));
    let registry = Registry::discover(&beside)?;
    if registry.libraries().is_empty() {
        bail!("no plugins were found beside the binary; build them first with `cargo build --release`");
    }
    let binary = std::env::current_exe().context("cannot find this binary")?;
    put(&mut out, &prefix.join("bin").join("lamarck"), &fs::read(&binary)?, true)?;
    for library in registry.libraries() {
        let from = &library.found.path;
        // Every file that was found has a name.
        let name = from.file_name().unwrap_or_default();
        let bytes = fs::read(from).with_context(|| format!("cannot read `{}`", from.display()))?;
        put(&mut out, &prefix.join("lib").join("lamarck").join("plugins").join(name), &bytes, true)?;
    }
    let share = prefix.join("share");
    let completions = [
        (Shell::Bash, share.join("bash-completion").join("completions").join("lamarck")),
        (Shell::Zsh, share.join("zsh").join("site-functions").join("_lamarck")),
        (Shell::Fish, share.join("fish").join("vendor_completions.d").join("lamarck.fish")),
    ];
    for (shell, file) in completions {
        put(&mut out, &file, &completion_script(shell), false)?;
    }
    let man = share.join("man").join("man1");
    let mut command = Cli::command();
    command.build();
    put(&mut out, &man.join("lamarck.1"), &man_page(command.clone())?, false)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("lamarck-{}", sub.get_name());
        // clap wants a name that lives as long as the program.
        let page = man_page(sub.clone().name(String::leak(name.clone()) as &'static str))?;
        put(&mut out, &man.join(format!("{name}.1")), &page, false)?;
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// Writes a file through a temporary one: a library that some process has loaded must never change in place.
fn put(out: &mut Out, path: &Path, bytes: &[u8], executable: bool) -> Result<()> {
    let failed = || format!("cannot write `{}`", path.display());
    // Every path here lies below the prefix.
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(failed)?;
    let temporary = folder.join(format!(".{}.part", path.file_name().unwrap_or_default().to_string_lossy()));
    fs::write(&temporary, bytes).with_context(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if executable { 0o755 } else { 0o644 };
        fs::set_permissions(&temporary, fs::Permissions::from_mode(mode)).with_context(failed)?;
    }
    #[cfg(not(unix))]
    let _ = executable;
    fs::rename(&temporary, path).with_context(failed)?;
    out.line(path.display().to_string())?;
    Ok(())
}
