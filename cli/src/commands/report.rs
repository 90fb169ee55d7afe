//! `lamarck report`.

use super::analyze::{choose_for, no_runs};
use super::findings;
use crate::args::ReportArgs;
use crate::exit::Exit;
use crate::output::Out;
use crate::page;
use anyhow::{Context, Result};
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::pipeline::{about, analyze, subjects};
use lamarck_runtime::report::{PageWriter, Written, file_name, is_synthetic, read, write_merged};
use lamarck_runtime::trace::{Trace, TraceErrorKind};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What writes a report as a page.
pub(super) const PAGE: Option<PageWriter> = Some(page::write);

/// Runs `lamarck report`. A trace is analysed again, with the analyzers of its study; of a folder that has only a
/// report, the page is written if it is gone.
pub(crate) fn run(args: &ReportArgs, plugins: &[PathBuf]) -> Result<Exit> {
    let dir = &args.dir;
    let (report, written) = match Trace::open(dir) {
        Ok(trace) => {
            let registry = Registry::discover(&SearchPath::standard(plugins, &[]))?;
            if trace.runs().is_empty() {
                return Err(no_runs(dir));
            }
            // What the study's own command was, only the report that it wrote knows.
            let command = read(dir).map(|report| report.command).unwrap_or_default();
            let command = if command.is_empty() {
                shell_command(&["report".to_owned(), dir.display().to_string()], plugins)
            } else {
                command
            };
            let mut points = subjects(&trace, "");
            choose_for(&mut points, &[], &registry)?;
            let analysis = analyze(&points, &registry, &about(&trace, command), 0)?;
            let written = analysis.write(dir, PAGE)?;
            (analysis.report, written)
        }
        Err(error) if error.kind() == TraceErrorKind::NotFound => {
            let report = read(dir)?;
            let synthetic = is_synthetic(&report);
            let [json, page] =
                ["report.json", "report.html"].map(|name| dir.join(file_name(name, synthetic)));
            // A page that was made beside its trace has the lineage explorer, which cannot be made again from here.
            let written = if page.is_file() {
                Written { json, page: Some(page), csv: 0 }
            } else {
                write_merged(&report, PAGE, dir)?
            };
            (report, written)
        }
        Err(error) => return Err(error.into()),
    };
    let mut out = Out::new();
    findings::print_points(&mut out, &report)?;
    findings::print(&mut out, &report, findings::Depth::All)?;
    out.line("")?;
    findings::print_files(&mut out, &written)?;
    out.finish()?;
    if args.open {
        open(&written)?;
    }
    Ok(Exit::Done)
}

/// Opens the page with whatever this desktop opens pages with.
fn open(written: &Written) -> Result<()> {
    let page = written.page.as_deref().ok_or_else(|| {
        let json = written.json.display();
        std::io::Error::other(format!("there is no page to open; the report is in `{json}`"))
    })?;
    let page = std::path::absolute(page).unwrap_or_else(|_| page.to_owned());
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let failed =
        || format!("`{opener}` cannot open the page; open `{}` in a browser instead", page.display());
    let status = Command::new(opener)
        .arg(&page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(std::io::Error::other(status.to_string())).with_context(failed)
    }
}

/// A command line of lamarck, with what a shell would take apart in quotes.
pub(super) fn shell_command(words: &[String], plugins: &[PathBuf]) -> String {
    let plugins = plugins.iter().flat_map(|path| ["--plugin-path".to_owned(), path.display().to_string()]);
    let words = words.iter().cloned().chain(plugins).map(|word| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    std::iter::once("lamarck".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        let words = ["run", "my study.toml", "--set", "sweep.cluster.workers=[1, 2]", "it's"];
        let words = words.map(str::to_owned);
        assert_eq!(
            shell_command(&words, &[PathBuf::from("p q")]),
            r"lamarck run 'my study.toml' --set 'sweep.cluster.workers=[1, 2]' 'it'\''s' --plugin-path 'p q'"
        );
    }
}
