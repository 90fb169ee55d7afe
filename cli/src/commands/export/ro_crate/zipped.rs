//! A crate as one zip file.
//!
//! Stored and not compressed: Parquet and pages are compressed already, and a stored file can be read out of the archive
//! in place. Names are sorted and times are the format's beginning, so that the same crate is the same file.

use super::files::CrateFile;
use super::{METADATA, STUDY};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Writes the archive: whole, or not at all.
pub(super) fn write(
    target: &Path,
    dir: &Path,
    files: &[CrateFile],
    study: Option<&[u8]>,
    metadata: &str,
) -> Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let hidden = target.with_file_name(format!(".{name}.part"));
    let failed = || format!("cannot write `{}`", target.display());
    let written = fill(&hidden, dir, files, study, metadata);
    let done = written.with_context(failed).and_then(|()| fs::rename(&hidden, target).with_context(failed));
    done.inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&hidden);
    })
}

fn fill(path: &Path, dir: &Path, files: &[CrateFile], study: Option<&[u8]>, metadata: &str) -> Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path)?));
    let options = |size: u64| {
        SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(size >= u64::from(u32::MAX))
    };
    // What a crate is, first, as a reader of a stream would want it.
    zip.start_file(METADATA, options(metadata.len() as u64))?;
    zip.write_all(metadata.as_bytes())?;
    // A table is a folder that the metadata names, so it must be an entry of its own.
    let folders = |name: &str| -> Vec<String> {
        name.match_indices('/').map(|(at, _)| name[..=at].to_owned()).collect()
    };
    let folders: BTreeSet<String> = files.iter().flat_map(|file| folders(&file.name)).collect();
    for folder in folders {
        zip.add_directory(folder, options(0).unix_permissions(0o755))?;
    }
    for file in files {
        zip.start_file(file.name.as_str(), options(file.size))?;
        match study {
            Some(study) if file.name == STUDY => zip.write_all(study)?,
            _ => {
                let copied = io::copy(&mut File::open(dir.join(&file.name))?, &mut zip)?;
                // What was hashed must be what is archived.
                anyhow::ensure!(copied == file.size, "`{}` changed while it was read", file.name);
            }
        }
    }
    zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()?;
    Ok(())
}
