//! The files of a crate: names, sizes, checksums, formats.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// A file of the crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CrateFile {
    /// Its path in the crate, with `/` between folders.
    pub(super) name: String,
    /// Its bytes.
    pub(super) size: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

impl CrateFile {
    pub(super) fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), size: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)) }
    }

    fn of(name: String, path: &Path) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut hasher, mut size) = (Sha256::new(), 0);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => {
                    hasher.update(&buffer[..read]);
                    size += read as u64;
                }
            }
        }
        Ok(Self { name, size, sha256: hex(&hasher.finalize()) })
    }

    /// The media type that its name tells.
    pub(super) fn format(&self) -> &'static str {
        match self.name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "parquet" => "application/vnd.apache.parquet",
            "json" => "application/json",
            "toml" => "application/toml",
            "html" => "text/html",
            "csv" => "text/csv",
            "md" => "text/markdown",
            "txt" | "log" => "text/plain",
            "png" => "image/png",
            "svg" => "image/svg+xml",
            "pdf" => "application/pdf",
            "py" => "text/x-python",
            "ipynb" => "application/x-ipynb+json",
            _ => "application/octet-stream",
        }
    }

    /// Its identifier in the crate: a relative URI.
    pub(super) fn id(&self) -> String {
        escaped(&self.name)
    }
}

/// Every file of the trace's folder in the order of names, but for hidden ones, links, the crate's own metadata, and the
/// zip file that is to be written.
pub(super) fn list(dir: &Path, zip: Option<&Path>) -> Result<Vec<CrateFile>> {
    let zip = zip.and_then(|zip| fs::canonicalize(zip).ok());
    let mut files = Vec::new();
    walk(dir, "", zip.as_deref(), &mut files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, zip: Option<&Path>, files: &mut Vec<CrateFile>) -> Result<()> {
    let unread = |path: &Path| format!("cannot read `{}`", path.display());
    for entry in fs::read_dir(folder).with_context(|| unread(folder))? {
        let entry = entry.with_context(|| unread(folder))?;
        let path = entry.path();
        let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else {
            anyhow::bail!(
                "`{}` has a name that is not UTF-8, which no crate can name; rename it",
                path.display()
            );
        };
        let kind = entry.file_type().with_context(|| unread(&path))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || name == super::METADATA {
            continue;
        }
        if kind.is_dir() {
            walk(&path, &format!("{name}/"), zip, files)?;
        } else if kind.is_file() && zip.is_none_or(|zip| fs::canonicalize(&path).ok().as_deref() != Some(zip))
        {
            files.push(CrateFile::of(name, &path).with_context(|| unread(&path))?);
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Percent-encodes what may not stand in the path of a URI (RFC 3986, section 3.3).
pub(super) fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(escaped("a b/ü#?%.csv"), "a%20b/%C3%BC%23%3F%25.csv");
        assert_eq!(escaped("candidates/point-0000.parquet"), "candidates/point-0000.parquet");
    }

    #[test]
    fn files_are_listed_with_their_checksums() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        for (name, text) in
            [("sub/b.csv", "abc"), (".hidden", "x"), (super::super::METADATA, "{}"), ("a", "")]
        {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let files = list(dir.path(), None).unwrap();
        let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.size, file.format())).collect();
        assert_eq!(names, [("a", 0, "application/octet-stream"), ("sub/b.csv", 3, "text/csv")]);
        // FIPS 180-2, appendix B.1.
        assert_eq!(files[1].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(files[1], CrateFile::of_bytes("sub/b.csv", b"abc"));
        let zip = dir.path().join("a");
        assert_eq!(list(dir.path(), Some(&zip)).unwrap().len(), 1);
    }
}
