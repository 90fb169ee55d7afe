//! `lamarck plugins`.

use crate::args::PluginsCommand;
use crate::exit::{Exit, usage};
use crate::output::{Out, table};
use anyhow::{Context, Result};
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;
use lamarck_runtime::host::{HostError, Library, Registry, SearchPath};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs `lamarck plugins`.
pub(crate) fn run(command: &PluginsCommand, plugins: &[PathBuf]) -> Result<Exit> {
    let path = SearchPath::standard(plugins, &[]);
    match command {
        PluginsCommand::Lock { study, out } => {
            super::plugins_lock::run(study.as_deref(), out.as_deref(), plugins)
        }
        PluginsCommand::List { json } => list(&path, *json),
        PluginsCommand::Info { name, json, abi_report } => info(&path, name, *json, abi_report.as_deref()),
        PluginsCommand::Path => places(&path),
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

fn info(path: &SearchPath, name: &str, as_json: bool, abi_report: Option<&Path>) -> Result<Exit> {
    // A file is looked at by itself, so that it can be told about even where it would clash with others.
    let file = Path::new(name);
    let registry = if name.contains(std::path::MAIN_SEPARATOR) || file.is_file() {
        let place = (lamarck_runtime::host::Source::Argument, [file.to_owned()]);
        let lock = path.lock().map(Path::to_owned);
        Registry::scan(&SearchPath::empty().with(place.0, place.1).locked_by(lock))?
    } else {
        Registry::scan(path)?
    };
    let whole = registry.libraries().len() == 1 && registry.libraries()[0].found.path == file;
    let found: Vec<_> =
        registry.components().filter(|(_, component)| whole || component.name == name).collect();
    let mut libraries: Vec<&Library> = found.iter().map(|(library, _)| *library).collect();
    if whole {
        libraries = vec![&registry.libraries()[0]];
    }
    libraries.dedup_by_key(|library| library.found.path.clone());
    if libraries.is_empty() {
        let known: Vec<String> = Kind::ALL.iter().flat_map(|kind| registry.names(*kind)).collect();
        return Err(usage(format!(
            "no plugin provides a component `{name}`; known are {}",
            known.join(", ")
        )));
    }
    if let Some(report) = abi_report {
        return write_report(&libraries, report);
    }
    let mut out = Out::new();
    for library in &libraries {
        let components: Vec<_> = found
            .iter()
            .filter(|(owner, _)| owner.found.path == library.found.path)
            .map(|(_, c)| *c)
            .collect();
        if as_json {
            out.json(&json!({
                "file": library.found.path,
                "hash": library.hash()?,
                "manifest": library.found.manifest,
                "components": components,
            }))?;
            continue;
        }
        let manifest = &library.found.manifest;
        out.line(format!("{} {} ({})", manifest.name, manifest.version, library.found.path.display()))?;
        let known = |text: &str| if text.is_empty() { "not given".to_owned() } else { text.to_owned() };
        out.line(format!(
            "  licence {}, authors {}, lamarck-abi {} (generation {}), lamarck-sdk {}, {}",
            known(&manifest.license),
            known(&manifest.authors),
            manifest.abi,
            manifest.generation,
            manifest.sdk,
            manifest.rustc
        ))?;
        out.line(format!("  {}", library.hash()?))?;
        for component in components {
            out.line(format!("\n{} {}: {}", component.kind, component.name, component.summary))?;
            for reference in &component.references {
                out.line(format!("  see {reference}"))?;
            }
            if component.options.is_empty() {
                out.line("  no options")?;
                continue;
            }
            let mut rows = table(&["  option", "value", "unit", "default", "what it does"], &[]);
            for option in &component.options {
                rows.add_row([
                    format!("  {}", option.name),
                    option.expectation(),
                    option.unit.clone(),
                    default(option),
                    option.help.clone(),
                ]);
            }
            out.table(&rows)?;
        }
    }
    out.finish()?;
    Ok(Exit::Done)
}

fn default(option: &OptionInfo) -> String {
    if option.required { "required".to_owned() } else { option.default.to_string() }
}

/// Loads the libraries, and writes the layout checker's whole complaint to a file.
fn write_report(libraries: &[&Library], file: &Path) -> Result<Exit> {
    let mut out = Out::new();
    for library in libraries {
        let path = library.found.path.display();
        match library.load() {
            Err(HostError::WrongLayout { report, .. }) => {
                fs::write(file, report)
                    .with_context(|| format!("cannot write the report to `{}`", file.display()))?;
                out.line(format!("{path}: its layout differs; the comparison is in {}", file.display()))?;
            }
            other => {
                other?;
                out.line(format!("{path}: its layout is that of this lamarck; nothing to report"))?;
            }
        }
    }
    out.finish()?;
    Ok(Exit::Done)
}
