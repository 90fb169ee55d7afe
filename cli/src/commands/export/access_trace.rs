//! `lamarck export access-trace`.

use super::super::cache::parquet;
use crate::args::{AccessFormat, ObjectGranularity};
use crate::exit::{Exit, usage};
use crate::output::{Out, bytes, grouped};
use anyhow::{Context as _, Result};
use lamarck_cache::Error;
use lamarck_cache::io::{compressed, csv, oracle_general};
use lamarck_caching::stream::{Granularity, Stream, StreamBuilder};
use lamarck_caching::{CachingOptions, stream_options};
use lamarck_model::Context;
use lamarck_runtime::trace::{RunKey, Trace};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// What to write.
pub(super) struct What {
    pub(super) key: RunKey,
    pub(super) format: AccessFormat,
    pub(super) zstd: bool,
    pub(super) granularity: ObjectGranularity,
}

/// Runs `lamarck export access-trace`.
pub(super) fn run(dir: &Path, what: &What, path: &Path) -> Result<Exit> {
    if what.zstd && what.format == AccessFormat::Parquet {
        return Err(usage(
            "--zstd: Parquet is compressed with zstd inside, and read by nobody in a second wrapping; leave it out",
        ));
    }
    let trace = Trace::open(dir)?;
    let stream = stream(&trace, what).with_context(|| format!("`{}`", dir.display()))?;
    let synthetic = trace.header().evaluator(what.key.point).is_some_and(|evaluator| evaluator.synthetic);
    let accesses = match what.format {
        AccessFormat::OracleGeneral => {
            let (reads, seconds) = stream.trace_of_reads()?;
            save(path, |file| {
                packed(file, what.zstd, |to| oracle_general::write(&reads, Some(&seconds), to))
            })?;
            reads.len()
        }
        AccessFormat::Csv => {
            let all = stream.trace()?;
            save(path, |file| packed(file, what.zstd, |to| csv::write(&all, &[], to)))?;
            all.len()
        }
        AccessFormat::Parquet => {
            save(path, |file| Ok(parquet::write(stream.accesses(), synthetic, file)?))?;
            stream.len()
        }
    };
    if is_special(path) {
        // It may be standard output.
        return Ok(Exit::Done);
    }
    let mut out = Out::new();
    let objects = grouped(stream.object_count() as u128);
    out.line(format!("{}: {} accesses to {objects} objects", path.display(), grouped(accesses as u128)))?;
    if synthetic {
        out.line("the study's scores are synthetic, and so is who was chosen and read")?;
    }
    let (without, unread) = stream.unrecorded();
    if without > 0 {
        let (without, unread) = (grouped(without.into()), bytes(unread));
        out.line(format!(
            "left out: what {without} candidates read whose layers the trace does not have ({unread})"
        ))?;
    }
    let odd = stream.oddities().total();
    if odd > 0 {
        let odd = grouped(odd.into());
        out.line(format!("rows of the trace that contradict others, left out or corrected: {odd}"))?;
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// The accesses of a run, as the analyzer `caching` sees them under the study's own rule of retention.
fn stream(trace: &Trace, what: &What) -> Result<Stream> {
    let mut builder = StreamBuilder::default();
    for batch in trace.candidates(what.key)? {
        builder.candidates(&batch?.view())?;
    }
    for batch in trace.layers(what.key)? {
        builder.layers(&batch?)?;
    }
    let point = trace.header().points.get(what.key.point as usize);
    let context =
        Context { study: point.map_or(Value::Null, |point| point.study.clone()), ..Context::bare() };
    let granularity = match what.granularity {
        ObjectGranularity::Layer => Granularity::Layer,
        ObjectGranularity::Model => Granularity::Model,
    };
    let options = CachingOptions { granularity, ..CachingOptions::default() };
    Ok(builder.finish(&stream_options(&options, &context)?)?)
}

/// Writes through a compressor, or not.
fn packed(
    file: &mut BufWriter<File>,
    zstd: bool,
    body: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    if zstd { compressed::write(file, compressed::LEVEL, body) } else { body(file) }
}

/// A pipe, a device, or a link, such as `/dev/stdout` is. Nothing may be renamed over these.
fn is_special(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|known| !known.is_file())
}

/// Writes a file so that it is there whole or not at all, but for what is special, which is written as it comes.
fn save(path: &Path, body: impl FnOnce(&mut BufWriter<File>) -> Result<(), Error>) -> Result<()> {
    let special = is_special(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = path.with_file_name(format!(".{name}.tmp"));
    let target = if special { path } else { &hidden };
    let write = || -> Result<(), Error> {
        let mut file = BufWriter::new(File::create(target)?);
        body(&mut file)?;
        file.flush()?;
        if !special {
            fs::rename(target, path)?;
        }
        Ok(())
    };
    write().map_err(|error| {
        if !special {
            // Whether or not there is something to remove, the first error is the one to tell.
            let _ = fs::remove_file(target);
        }
        match error {
            Error::Io(source) => {
                anyhow::Error::new(source).context(format!("cannot write `{}`", path.display()))
            }
            Error::SizeTooLarge { .. } => usage(format!("--format oracle-general: {error}")),
            error => error.into(),
        }
    })
}
