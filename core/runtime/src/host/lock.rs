//! `plugins.lock`: the libraries that may be loaded, by their hashes.
//!
//! Where the file exists, beside the study or in the current folder, no other library is loaded: neither a newer build
//! nor one that somebody put in its place. Beside the study, because it belongs to what a study needs to be run again, as
//! `Cargo.lock` does to a crate; not in the plugin folder, where whoever can exchange a library can exchange the lock.
//!
//! **SHA-256, and not the XXH3 of traces.** A trace's hash tells builds apart; a lock must hold against who wants to be
//! taken for another, and XXH3 can be made to collide.
//!
//! Only hashes count. Name, version and file are for people, and for the message about a library that is not listed.

use super::error::HostError;
use super::registry::Library;
use super::trust;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The file's name.
pub const LOCK_FILE: &str = "plugins.lock";

/// The version of the format.
const VERSION: u32 = 1;

/// A library takes some two hundred bytes; more than this is no lock.
const LONGEST: u64 = 1 << 20;

const HEAD: &str =
    "# The plugins that may be loaded here, and no others. Written by `lamarck plugins lock`.\n\n";

/// A library that may be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPlugin {
    /// The library, as it calls itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its file's name.
    pub file: String,
    /// Its file's hash: `sha256:` and 64 hexadecimal digits.
    pub hash: String,
}

/// The libraries that may be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginsLock {
    version: u32,
    #[serde(default, rename = "plugin")]
    plugins: Vec<LockedPlugin>,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl PluginsLock {
    /// A lock of these libraries, sorted, each once.
    ///
    /// # Errors
    /// For a library that would not be loaded either: one in a place that others can change.
    pub fn of<'a>(libraries: impl IntoIterator<Item = &'a Library>) -> Result<Self, HostError> {
        let mut plugins = Vec::new();
        for library in libraries {
            let real = trust::check(&library.found.path)?;
            plugins.push(LockedPlugin {
                name: library.found.manifest.name.clone(),
                version: library.found.manifest.version.clone(),
                file: library.file_name(),
                hash: sha256(&real)?,
            });
        }
        plugins.sort_by(|a, b| (&a.name, &a.version, &a.hash).cmp(&(&b.name, &b.version, &b.hash)));
        plugins.dedup_by(|a, b| a.hash == b.hash);
        Ok(Self { version: VERSION, plugins })
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// `Lock` when it is damaged, or of a newer format; `Writable` when everybody can write it.
    pub fn read(path: &Path) -> Result<Self, HostError> {
        let wrong = |reason: String| HostError::Lock { path: path.to_owned(), reason };
        trust::check_lock(path)?;
        let mut text = String::new();
        let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
        file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| wrong(error.to_string()))?;
        if text.len() as u64 > LONGEST {
            return Err(wrong(format!("it is longer than {LONGEST} bytes")));
        }
        Self::parse(&text).map_err(wrong)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let at = |error: toml::de::Error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let message = error.message().trim().replace('\n', ", ");
            line.map_or_else(|| message.clone(), |line| format!("line {line}: {message}"))
        };
        let Head { version } = toml::from_str(text).map_err(at)?;
        if version != VERSION {
            return Err(format!("it has version {version}, and this lamarck reads version {VERSION}"));
        }
        let lock: Self = toml::from_str(text).map_err(at)?;
        for plugin in &lock.plugins {
            let digits = plugin.hash.strip_prefix("sha256:");
            let whole = digits.is_some_and(|digits| {
                digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
            });
            if !whole {
                return Err(format!(
                    "the hash of `{}` is `{}`, not `sha256:` and 64 hexadecimal digits",
                    plugin.name, plugin.hash
                ));
            }
        }
        Ok(lock)
    }

    /// The file's text.
    pub fn to_toml(&self) -> String {
        let mut text = format!("{HEAD}version = {}\n", self.version);
        let quoted = |text: &str| toml::Value::from(text).to_string();
        for LockedPlugin { name, version, file, hash } in &self.plugins {
            // Writing to a String does not fail.
            let _ = write!(
                text,
                "\n[[plugin]]\nname = {}\nversion = {}\nfile = {}\nhash = {}\n",
                quoted(name),
                quoted(version),
                quoted(file),
                quoted(hash)
            );
        }
        text
    }

    /// The libraries.
    pub fn plugins(&self) -> &[LockedPlugin] {
        &self.plugins
    }

    /// Whether a hash is listed.
    fn has(&self, hash: &str) -> bool {
        self.plugins.iter().any(|plugin| plugin.hash.eq_ignore_ascii_case(hash))
    }
}

/// A lock that is in force, and where it lies.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) path: PathBuf,
    pub(super) lock: PluginsLock,
}

impl InForce {
    /// Refuses a library that is not listed.
    pub(super) fn check(&self, library: &Library, real: &Path) -> Result<(), HostError> {
        let hash = sha256(real)?;
        if self.lock.has(&hash) {
            return Ok(());
        }
        let manifest = &library.found.manifest;
        let same = self.lock.plugins.iter().find(|plugin| plugin.name == manifest.name);
        let listed = same.map_or_else(
            || format!("which does not list {} {}", manifest.name, manifest.version),
            |plugin| format!("which lists {} {} with {}", plugin.name, plugin.version, plugin.hash),
        );
        Err(HostError::NotLocked {
            plugin: library.found.path.clone(),
            hash,
            lock: self.path.clone(),
            listed,
        })
    }
}

/// The SHA-256 of a file, with its kind.
fn sha256(path: &Path) -> Result<String, HostError> {
    let unreadable = |source| HostError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(unreadable)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    let mut text = "sha256:".to_owned();
    for byte in hasher.finalize() {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(name: &str, digit: char) -> LockedPlugin {
        LockedPlugin {
            name: name.into(),
            version: "0.1.0".into(),
            file: format!("lib{name}.so"),
            hash: format!("sha256:{}", String::from(digit).repeat(64)),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let lock = PluginsLock { version: 1, plugins: vec![plugin("a", '1'), plugin("quo\"te\n", 'f')] };
        assert_eq!(PluginsLock::parse(&lock.to_toml()).unwrap(), lock);
        assert!(lock.has(&plugin("other", 'F').hash) && !lock.has(&plugin("a", '2').hash));
        let empty = PluginsLock { version: 1, plugins: Vec::new() };
        assert_eq!(PluginsLock::parse(&empty.to_toml()).unwrap(), empty);
        insta::assert_snapshot!(PluginsLock { version: 1, plugins: vec![plugin("a", '0')] }.to_toml(), @r#"
        # The plugins that may be loaded here, and no others. Written by `lamarck plugins lock`.

        version = 1

        [[plugin]]
        name = "a"
        version = "0.1.0"
        file = "liba.so"
        hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
        "#);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let entry = "version = 1\n\n[[plugin]]\nname = \"a\"\n";
        let short = format!("{entry}version = \"1\"\nfile = \"f\"\nhash = \"sha256:12\"\n");
        for (text, expected) in [
            ("", "line 1: missing field `version`"),
            ("version = 2\nplugins = 3\n", "it has version 2, and this lamarck reads version 1"),
            ("version = 1\nother = 1\n", "line 2: unknown field `other`"),
            (entry, "line 3: missing field `version`"),
            ("version = 1\nversion = 1\n", "line 2: "),
            (&short, "the hash of `a` is `sha256:12`, not `sha256:` and 64 hexadecimal digits"),
        ] {
            let error = PluginsLock::parse(text).unwrap_err();
            assert!(error.starts_with(expected) && !error.contains('\n'), "{text}: {error}");
        }
    }

    /// The vector of FIPS 180-2, appendix B.1, for "abc".
    #[test]
    fn the_hash_is_sha256() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("abc");
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(
            sha256(&file).unwrap(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
