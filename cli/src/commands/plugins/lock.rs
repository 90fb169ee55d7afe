//! `lamarck plugins lock`: which libraries may be loaded from now on.

use crate::commands::run::{source, with_broken};
use crate::exit::Exit;
use crate::output::{Out, table};
use anyhow::{Context, Result};
use lamarck_model::declaration::Kind;
use lamarck_runtime::host::{LOCK_FILE, Library, PluginsLock, Registry, SearchPath};
use lamarck_runtime::study::Study;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs `lamarck plugins lock`. The lock that is there already does not count: it is what is to be replaced.
pub(super) fn run(study: Option<&str>, out: Option<&Path>, plugins: &[PathBuf]) -> Result<Exit> {
    let (lock, folder) = match study {
        None => {
            let registry = Registry::discover(&SearchPath::standard(plugins, &[]).locked_by(None))?;
            (PluginsLock::of(registry.libraries())?, PathBuf::new())
        }
        Some(name) => of_study(name, plugins)?,
    };
    let path = out.map_or_else(|| folder.join(LOCK_FILE), Path::to_owned);
    write(&path, &lock.to_toml()).with_context(|| format!("cannot write `{}`", path.display()))?;
    let mut rows = table(&["plugin", "version", "file", "hash"], &[]);
    for plugin in lock.plugins() {
        rows.add_row([&plugin.name, &plugin.version, &plugin.file, &plugin.hash]);
    }
    let mut out = Out::new();
    out.table(&rows)?;
    out.line(format!("{} plugins in {}; no others are loaded there", lock.plugins().len(), path.display()))?;
    out.finish()?;
    Ok(Exit::Done)
}

/// The plugins that a study uses, and its folder.
fn of_study(name: &str, plugins: &[PathBuf]) -> Result<(PluginsLock, PathBuf)> {
    let (source, folder) = source(name)?;
    let places: Vec<PathBuf> =
        Study::plugin_path(&source, &[]).into_iter().map(|place| folder.join(place)).collect();
    let registry = Registry::discover(&SearchPath::standard(plugins, &places).locked_by(None))?;
    let study = Study::load(source, Vec::new(), &registry).map_err(|error| with_broken(error, &registry))?;
    let mut libraries: Vec<&Library> = Vec::new();
    for point in study.points() {
        let settings = &point.settings;
        let mut names = vec![
            (Kind::SearchSpace, &settings.space.name),
            (Kind::Evaluator, &settings.evaluator.name),
            (Kind::Strategy, &settings.strategy.name),
            (Kind::Scheduler, &settings.scheduler.component.name),
        ];
        names.extend(settings.mutators.iter().map(|choice| (Kind::Mutator, &choice.component.name)));
        names.extend(settings.analyzers.iter().map(|choice| (Kind::Analyzer, &choice.component.name)));
        for (kind, name) in names {
            let (library, _) = registry.find(kind, name)?;
            if !libraries.iter().any(|known| known.found.path == library.found.path) {
                libraries.push(library);
            }
        }
    }
    Ok((PluginsLock::of(libraries)?, folder))
}

/// The file is there whole, or as it was.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = path.with_file_name(format!(".{name}.part"));
    fs::write(&hidden, text)?;
    fs::rename(&hidden, path).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&hidden);
    })
}
