//! Where plugins are looked for.
//!
//! In this order: `--plugin-path`, `LAMARCK_PLUGIN_PATH`, the study, beside the binary, the user's data folder. A
//! file named outright must be a plugin. In a folder, files without a manifest are passed over, and a broken plugin
//! is remembered as a problem: it is shown by listings, and in the message when a component is not found, but does
//! not stop a study that does not need it.

use super::error::HostError;
use super::lock::LOCK_FILE;
use super::peek;
use lamarck_abi::manifest::Manifest;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Why a place is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Named on the command line.
    Argument,
    /// Named in `LAMARCK_PLUGIN_PATH`.
    Environment,
    /// Named in the study.
    Study,
    /// Installed or built with the binary.
    Binary,
    /// In the user's data folder.
    User,
}

impl Source {
    /// For people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "--plugin-path",
            Self::Environment => "LAMARCK_PLUGIN_PATH",
            Self::Study => "the study",
            Self::Binary => "beside the binary",
            Self::User => "the user's data folder",
        }
    }
}

/// The places to search, in order.
#[derive(Debug, Clone, Default)]
pub struct SearchPath {
    places: Vec<(Source, PathBuf)>,
    lock: Option<PathBuf>,
}

impl SearchPath {
    /// Nothing at all; tests start here.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Appends places.
    #[must_use]
    pub fn with(mut self, source: Source, places: impl IntoIterator<Item = PathBuf>) -> Self {
        self.places.extend(places.into_iter().map(|place| (source, place)));
        self
    }

    /// Lets only those libraries be loaded that this lock lists, and no other lock count. `None` for no lock.
    #[must_use]
    pub fn locked_by(mut self, lock: Option<PathBuf>) -> Self {
        self.lock = lock;
        self
    }

    /// With the lock that lies in this folder, the study's. Without one the lock stays what it was.
    #[must_use]
    pub fn lock_of(self, folder: &Path) -> Self {
        match lock_in(folder) {
            None => self,
            lock => self.locked_by(lock),
        }
    }

    /// The lock that is in force.
    pub fn lock(&self) -> Option<&Path> {
        self.lock.as_deref()
    }

    /// A file by itself, under the same lock.
    #[must_use]
    pub fn alone(&self, file: &Path) -> Self {
        Self::empty().with(Source::Argument, [file.to_owned()]).locked_by(self.lock.clone())
    }

    /// The usual order, with what the command line and the study name, and the lock of the current folder.
    pub fn standard(arguments: &[PathBuf], study: &[PathBuf]) -> Self {
        let environment = std::env::var_os("LAMARCK_PLUGIN_PATH").unwrap_or_default();
        let environment = std::env::split_paths(&environment).filter(|place| !place.as_os_str().is_empty());
        Self::empty()
            .with(Source::Argument, arguments.iter().cloned())
            .with(Source::Environment, environment)
            .with(Source::Study, study.iter().cloned())
            .with(Source::Binary, std::env::current_exe().ok().iter().flat_map(|exe| beside(exe)))
            .with(Source::User, user_folder())
            .locked_by(lock_in(Path::new("")))
    }

    /// The places with their reasons.
    pub fn places(&self) -> &[(Source, PathBuf)] {
        &self.places
    }

    /// The folders that exist, for messages.
    pub(super) fn existing(&self) -> Vec<String> {
        self.places
            .iter()
            .filter(|(_, place)| place.exists())
            .map(|(_, place)| place.display().to_string())
            .collect()
    }
}

/// `<prefix>/lib/lamarck/plugins` for an installed `<prefix>/bin/lamarck`; `plugins` beside the binary for a folder
/// that is carried about; `deps` for a binary in cargo's target folder.
fn beside(exe: &Path) -> Vec<PathBuf> {
    let exe = fs::canonicalize(exe).unwrap_or_else(|_| exe.to_owned());
    let Some(folder) = exe.parent() else { return Vec::new() };
    let mut places = vec![folder.join("plugins")];
    if let Some(prefix) = folder.parent() {
        places.push(prefix.join("lib").join("lamarck").join("plugins"));
    }
    places.push(folder.join("deps"));
    // A test binary lies in `deps` itself.
    if folder.file_name() == Some(OsStr::new("deps")) {
        places.push(folder.to_owned());
    }
    places.retain(|place| place.is_dir());
    places
}

/// The lock in a folder, if something of its name is there: what cannot be read is an error later, not no lock.
fn lock_in(folder: &Path) -> Option<PathBuf> {
    let lock = folder.join(LOCK_FILE);
    fs::symlink_metadata(&lock).is_ok().then_some(lock)
}

fn user_folder() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = data.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local").join("share")));
    data.map(|data| data.join("lamarck").join("plugins")).filter(|place| place.is_dir())
}

/// A library that was found, its manifest read and nothing of it run.
#[derive(Debug, Clone)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// Why it was looked at.
    pub source: Source,
    /// What it provides.
    pub manifest: Manifest,
}

/// What a search brought up.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Usable libraries, in the order of the search, those of one folder by file name.
    pub libraries: Vec<Found>,
    /// Files that look like plugins and cannot be used, and places that cannot be read.
    pub problems: Vec<HostError>,
}

/// Searches. Only a file or folder that was named outright (not merely looked into) can make it fail.
pub fn discover(path: &SearchPath) -> Result<Discovery, HostError> {
    let mut discovery = Discovery::default();
    let mut seen = Vec::new();
    for (source, place) in &path.places {
        let metadata = fs::metadata(place);
        let named = matches!(source, Source::Argument | Source::Environment | Source::Study);
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) if named => return Err(HostError::Unreadable { path: place.clone(), source: error }),
            Err(_) => continue,
        };
        if metadata.is_dir() {
            for file in candidates(place)
                .map_err(|error| HostError::Unreadable { path: place.clone(), source: error })?
            {
                if !remember(&mut seen, &file) {
                    continue;
                }
                match peek::manifest(&file) {
                    Ok(manifest) => discovery.libraries.push(Found { path: file, source: *source, manifest }),
                    Err(HostError::NotAPlugin { .. }) => {}
                    Err(problem) => discovery.problems.push(problem),
                }
            }
        } else if remember(&mut seen, place) {
            let manifest = peek::manifest(place)?;
            discovery.libraries.push(Found { path: place.clone(), source: *source, manifest });
        }
    }
    Ok(discovery)
}

/// Whether a file is new; the same file reached twice (a link, a folder named twice) is one plugin.
fn remember(seen: &mut Vec<PathBuf>, file: &Path) -> bool {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let new = !seen.contains(&real);
    if new {
        seen.push(real);
    }
    new
}

/// The shared libraries of a folder, by name. In cargo's `deps` only our own: the folder also holds the libraries of
/// procedural macros, and the misbehaving plugins of our tests.
fn candidates(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let deps = folder.file_name() == Some(OsStr::new("deps"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(stem) = path.file_stem().and_then(OsStr::to_str) else { continue };
        let library = path.extension() == Some(OsStr::new(std::env::consts::DLL_EXTENSION));
        let ours =
            stem.strip_prefix(std::env::consts::DLL_PREFIX).is_some_and(|name| name.starts_with("lamarck_"));
        if library && path.is_file() && (!deps || (ours && !stem.contains('-'))) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
