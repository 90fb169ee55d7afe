//! Loads a library whose manifest has been checked.

use super::error::HostError;
use abi_stable::library::{AbiHeaderRef, LibraryError};
use lamarck_abi::v1::PluginModule_Ref;
use lamarck_abi::{ROOT_SYMBOL, VERSION};
use std::path::Path;

/// Loads a library from its real place, checks the layout of every type that crosses, and returns its root module.
///
/// The library stays loaded for the rest of the process: objects made by it point into its code, its thread-local
/// destructors do too, and unloading is not worth proving that none is left.
#[expect(unsafe_code, reason = "loading a library runs its start-up code, and symbols carry no types")]
pub(super) fn root(path: &Path, real: &Path) -> Result<PluginModule_Ref, HostError> {
    let refused = |error: &libloading::Error| {
        // libloading's own text is only "dlopen failed"; what the loader said is the error's source.
        let source = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        HostError::Load { path: path.to_owned(), reason: source }
    };
    // SAFETY: the file carries a Lamarck manifest of this generation for this machine, so its start-up code is that
    // of a Rust cdylib. That it does nothing evil is beyond any check: plugins are trusted like any other code.
    let library = unsafe { libloading::Library::new(real) }.map_err(|error| refused(&error))?;
    // SAFETY: the symbol is a `LibHeader`, as the manifest of this generation says; `AbiHeaderRef` reads only its
    // first part, whose form all versions of abi_stable share, before `upgrade` compares the versions.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_SYMBOL.as_bytes()) }
        .map(|symbol| *symbol)
        .map_err(|error| refused(&error))?;
    std::mem::forget(library);
    header
        .upgrade()
        .and_then(abi_stable::library::LibHeader::init_root_module::<PluginModule_Ref>)
        .map_err(|error| explain(path, error))
}

/// Turns abi_stable's error, which can have thousands of lines, into one of ours.
fn explain(path: &Path, error: LibraryError) -> HostError {
    let path = path.to_owned();
    match error {
        LibraryError::IncompatibleVersionNumber { actual_version, .. } => {
            HostError::WrongVersion { path, found: actual_version.to_string(), expected: VERSION.to_owned() }
        }
        LibraryError::AbiInstability(report) => {
            let report = report.to_string();
            HostError::WrongLayout { path, reason: first_difference(&report), report }
        }
        LibraryError::RootModule { err, .. } => {
            HostError::Load { path, reason: format!("its start failed: {}", one_line(&err.to_string())) }
        }
        other => HostError::Load { path, reason: one_line(&other.to_string()) },
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `Error:`, `Expected:` and `Found:` blocks of a layout comparison, as one short line.
fn first_difference(report: &str) -> String {
    let block = |title: &str| {
        let mut lines = report.lines().skip_while(|line| !line.trim_start().starts_with(title));
        let first = lines.next()?.trim().trim_start_matches(title).trim().to_owned();
        let line = if first.is_empty() {
            lines.map(str::trim).find(|line| !line.is_empty())?.to_owned()
        } else {
            first
        };
        Some(line.chars().take(120).collect::<String>())
    };
    match (block("Error:"), block("Expected:"), block("Found:")) {
        (Some(error), Some(expected), Some(found)) => format!("{error}: expected {expected}, found {found}"),
        (Some(error), ..) => error,
        _ => "the layouts differ".to_owned(),
    }
}
