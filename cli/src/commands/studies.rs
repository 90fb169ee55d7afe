//! `lamarck studies`, and the built-in studies themselves.

use super::new_study;
use crate::args::StudiesCommand;
use crate::exit::{Exit, usage};
use crate::output::{Out, table};
use anyhow::{Context, Result};
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::study::schema;
use std::fs;
use std::path::{Path, PathBuf};

/// A study that comes with the binary.
pub(crate) struct BuiltIn {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

/// Lists studies by their files' names.
macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(BuiltIn { name: $name, text: include_str!(concat!("../../studies/", $name, ".toml")) }),*]
    };
}

/// All built-in studies, by name.
pub(crate) const BUILT_IN: &[BuiltIn] = built_in![
    "caching",
    "candle-attn",
    "candle-combo",
    "candle-nt3",
    "candle-uno",
    "distribution",
    "nas-bench-201",
    "nas-bench-201-neutral",
    "nas-bench-201-transfer",
    "nas-bench-201-workers",
    "paper",
    "scheduling",
];

impl BuiltIn {
    /// The study of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|study| study.name == name)
    }

    /// The `summary` line of its text.
    pub(crate) fn summary(&self) -> &'static str {
        let line = self.text.lines().find_map(|line| line.strip_prefix("summary = \""));
        line.and_then(|line| line.strip_suffix('"')).unwrap_or_default()
    }
}

/// The error for a name that no built-in study has.
pub(crate) fn unknown(name: &str) -> anyhow::Error {
    let names: Vec<&str> = BUILT_IN.iter().map(|study| study.name).collect();
    usage(format!("there is no built-in study `{name}`, and no such file; built in are {}", names.join(", ")))
}

/// Runs `lamarck studies`.
pub(crate) fn run(command: &StudiesCommand, plugins: &[PathBuf]) -> Result<Exit> {
    match command {
        StudiesCommand::New(args) => return new_study::run(args, plugins),
        StudiesCommand::Schema { out } => return print_schema(out.as_deref(), plugins),
        _ => {}
    }
    let mut out = Out::new();
    if let StudiesCommand::Show { name } = command {
        out.text(BuiltIn::find(name).ok_or_else(|| unknown(name))?.text)?;
    } else {
        let mut rows = table(&["study", "summary"], &[]);
        for study in BUILT_IN {
            rows.add_row([study.name, study.summary()]);
        }
        out.table(&rows)?;
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// The schema of studies as a file has it.
pub(super) fn schema_text(registry: &Registry) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&schema(&registry.inventory()))?;
    text.push('\n');
    Ok(text)
}

fn print_schema(file: Option<&Path>, plugins: &[PathBuf]) -> Result<Exit> {
    let registry = Registry::discover(&SearchPath::standard(plugins, &[]))?;
    let text = schema_text(&registry)?;
    if let Some(file) = file {
        fs::write(file, text).with_context(|| format!("cannot write the schema to `{}`", file.display()))?;
    } else {
        let mut out = Out::new();
        out.text(&text)?;
        out.finish()?;
    }
    Ok(Exit::Done)
}
