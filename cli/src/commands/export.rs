//! `lamarck export`.

mod access_trace;
pub(super) mod ro_crate;

use crate::args::{ExportCommand, LineageFormat};
use crate::exit::{Exit, usage};
use access_trace::What;
use anyhow::{Context, Result};
use lamarck_lineage_export::{Edge, dot, graphml, newick, parquet};
use lamarck_model::candidate::{Nullable, Status};
use lamarck_model::{CandidateRecord, SpaceSpec};
use lamarck_runtime::trace::{RunKey, Trace, TraceError};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Runs `lamarck export`.
pub(crate) fn run(command: &ExportCommand) -> Result<Exit> {
    match command {
        ExportCommand::Lineage { trace, format, point, replicate, out } => {
            lineage(trace, *format, RunKey { point: *point, replicate: *replicate }, out.as_deref())
        }
        ExportCommand::RoCrate(args) => ro_crate::run(args),
        ExportCommand::AccessTrace { trace, format, zstd, point, replicate, granularity, out } => {
            let key = RunKey { point: *point, replicate: *replicate };
            let what = What { key, format: *format, zstd: *zstd, granularity: *granularity };
            access_trace::run(trace, &what, out)
        }
    }
}

fn lineage(dir: &Path, format: LineageFormat, key: RunKey, out: Option<&Path>) -> Result<Exit> {
    let trace = Trace::open(dir)?;
    let space = trace.header().space(key.point);
    let mut records = trace.candidates(key)?.records();
    let mut failed: Option<TraceError> = None;
    // The writers take edges as they come; an error of the trace ends the edges and is told afterwards.
    let edges = std::iter::from_fn(|| {
        let mut record = CandidateRecord::default();
        match records.read(&mut record) {
            Ok(true) => Some(edge(&record, space)),
            Ok(false) => None,
            Err(error) => {
                failed = Some(error);
                None
            }
        }
    });
    match out {
        Some(path) => {
            let cannot = || format!("cannot write `{}`", path.display());
            let mut file = BufWriter::new(File::create(path).with_context(cannot)?);
            write(edges, format, &mut file).and_then(|()| file.flush()).with_context(cannot)?;
        }
        None if format == LineageFormat::Parquet && io::stdout().is_terminal() => {
            return Err(usage("Parquet is not for a terminal; name a file with --out"));
        }
        None => {
            // The lock of standard output may not go to another thread, which the writer of Parquet asks for.
            let mut text = Vec::new();
            if format == LineageFormat::Parquet {
                write(edges, format, &mut text)?;
                io::stdout().lock().write_all(&text)?;
            } else {
                let mut to = BufWriter::new(io::stdout());
                write(edges, format, &mut to)?;
                to.flush()?;
            }
        }
    }
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Done),
    }
}

fn write(
    edges: impl Iterator<Item = Edge>,
    format: LineageFormat,
    to: &mut (impl Write + Send),
) -> io::Result<()> {
    match format {
        LineageFormat::Graphml => graphml(edges, to),
        LineageFormat::Dot => dot(edges, to),
        LineageFormat::Newick => newick(edges, to).map(drop),
        LineageFormat::Parquet => parquet(edges, to),
    }
}

fn edge(record: &CandidateRecord, space: Option<&SpaceSpec>) -> Edge {
    let choices: Vec<String> = record.choices.iter().map(ToString::to_string).collect();
    Edge {
        child: record.id,
        parent: record.parent.known(),
        second_parent: record.parent_b.known(),
        score: record.score.known().filter(|_| record.status() == Some(Status::Ok)),
        label: choices.join(","),
        change: change(record, space).unwrap_or_default(),
    }
}

/// What was changed of the parent: `edge 2: skip_connect to none`, with the space's own names where the trace has them.
fn change(record: &CandidateRecord, space: Option<&SpaceSpec>) -> Option<String> {
    let (at, from, to) =
        (record.changed_decision.known()?, record.changed_from.known()?, record.changed_to.known()?);
    let decision = space.and_then(|space| space.decisions.get(usize::from(at)));
    let option = |choice: u16| {
        let named = decision.and_then(|decision| decision.options.get(usize::from(choice)));
        named.map_or_else(|| choice.to_string(), ToString::to_string)
    };
    let name = decision.map_or_else(|| format!("decision {at}"), |decision| decision.name.clone());
    Some(format!("{name}: {} to {}", option(from), option(to)))
}
