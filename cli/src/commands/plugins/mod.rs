//! `lamarck plugins`.

mod check;
mod info;
mod lock;
mod name;
mod new;
mod template;
mod verdict;

use crate::args::PluginsCommand;
use crate::exit::Exit;
use crate::output::{Out, table};
use anyhow::Result;
use lamarck_runtime::host::{Registry, SearchPath};
use serde_json::json;
use std::path::PathBuf;

/// Runs `lamarck plugins`.
pub(crate) fn run(command: &PluginsCommand, plugins: &[PathBuf]) -> Result<Exit> {
    let path = SearchPath::standard(plugins, &[]);
    match command {
        PluginsCommand::List { json } => list(&path, *json),
        PluginsCommand::Info { name, json, abi_report } => {
            info::run(&path, name, *json, abi_report.as_deref())
        }
        PluginsCommand::Check(args) => check::run(args, plugins),
        PluginsCommand::Lock { study, out } => lock::run(study.as_deref(), out.as_deref(), plugins),
        PluginsCommand::Path => places(&path),
        PluginsCommand::New(args) => new::run(args, plugins),
    }
}

fn list(path: &SearchPath, as_json: bool) -> Result<Exit> {
    let registry = Registry::scan(path)?;
    let mut out = Out::new();
    if as_json {
        let libraries: Vec<_> = registry
            .libraries()
            .iter()
            .map(|library| json!({ "file": library.found.path, "manifest": library.found.manifest }))
            .collect();
        let problems: Vec<_> = registry.problems().iter().map(ToString::to_string).collect();
        out.json(&json!({ "libraries": libraries, "problems": problems }))?;
    } else {
        let mut rows = table(&["kind", "name", "version", "summary", "file"], &[]);
        let mut components: Vec<_> = registry.components().collect();
        components.sort_by(|(_, a), (_, b)| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        for (library, component) in components {
            rows.add_row([
                component.kind.as_str(),
                &component.name,
                &library.found.manifest.version,
                &component.summary,
                &library.found.path.display().to_string(),
            ]);
        }
        out.table(&rows)?;
        for problem in registry.problems() {
            out.line(format!("unusable: {problem}"))?;
        }
        for refusal in registry.libraries().iter().filter_map(|library| library.check().err()) {
            out.line(format!("refused: {refusal}"))?;
        }
    }
    out.finish()?;
    match registry.duplicate() {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Done),
    }
}

fn places(path: &SearchPath) -> Result<Exit> {
    let mut out = Out::new();
    let mut rows = table(&["because of", "place"], &[]);
    for (source, place) in path.places() {
        rows.add_row([source.as_str().to_owned(), place.display().to_string()]);
    }
    out.table(&rows)?;
    out.finish()?;
    Ok(Exit::Done)
}
