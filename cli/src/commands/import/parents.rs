//! `parents.parquet`: everybody who may be the parent of somebody.
//!
//! | column | type | |
//! |---|---|---|
//! | `point`, `replicate` | i32 | the run |
//! | `candidate` | i64 | the child |
//! | `parent` | i64 | who may be its parent |
//! | `distance` | i32 | decisions in which the two differ |
//! | `rank` | i32 | the parent's rank in the population, 1 the best |
//! | `age` | i64 | completions between the parent's own and the choice |
//! | `probability` | f64 | of being the parent, if one of the possible parents is; they sum to 1 for each child |
//! | `chosen` | bool | whether it is the parent in `candidates` |
//!
//! A file of its own beside the two tables: a row of `candidates` has one parent, and a list in it would be a column that
//! only imports have. Candidates of the random phase are there as well, with nobody chosen, so that who estimates the phase
//! otherwise needs no second import.

use super::Run;
use anyhow::{Context, Result};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use lamarck_import::parents::Inferred;
use lamarck_import::rows::ids;
use lamarck_runtime::trace::RunKey;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The file's name.
pub(in crate::commands) const FILE: &str = "parents.parquet";

/// Candidates whose possible parents are encoded at once.
const BATCH: usize = 1 << 13;

/// Writes the file, if parents were looked for in any run.
pub(super) fn write(dir: &Path, runs: &[Run]) -> Result<()> {
    if runs.iter().all(|run| run.found.is_none()) {
        return Ok(());
    }
    let path = dir.join(FILE);
    let cannot = || format!("cannot write `{}`", path.display());
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    let schema = Arc::new(Schema::new(vec![
        field("point", DataType::Int32),
        field("replicate", DataType::Int32),
        field("candidate", DataType::Int64),
        field("parent", DataType::Int64),
        field("distance", DataType::Int32),
        field("rank", DataType::Int32),
        field("age", DataType::Int64),
        field("probability", DataType::Float64),
        field("chosen", DataType::Boolean),
    ]));
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(zstd).build();
    let file = File::create(&path).with_context(cannot)?;
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).with_context(cannot)?;
    for run in runs {
        let Some((inferred, _)) = &run.found else { continue };
        let ids = ids(&run.log);
        for from in (0..inferred.len()).step_by(BATCH) {
            let to = inferred.len().min(from + BATCH);
            let batch = RecordBatch::try_new(schema.clone(), columns(run.key, inferred, &ids, from..to));
            writer.write(&batch.with_context(cannot)?).with_context(cannot)?;
        }
    }
    let file = writer.into_inner().with_context(cannot)?;
    file.sync_data().with_context(cannot)
}

fn columns(key: RunKey, inferred: &Inferred, ids: &[u64], places: std::ops::Range<usize>) -> Vec<ArrayRef> {
    let rows: Vec<_> = places
        .flat_map(|place| inferred.possible(place).iter().map(move |possible| (place, possible)))
        .collect();
    // Numbers of this size stand in `candidates` as well, where they are checked.
    let wide = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let narrow = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let chosen =
        |place: usize, parent: usize| inferred.parent(place).is_some_and(|chosen| chosen.parent == parent);
    vec![
        Arc::new(Int32Array::from_value(narrow(key.point), rows.len())),
        Arc::new(Int32Array::from_value(narrow(key.replicate), rows.len())),
        Arc::new(rows.iter().map(|(place, _)| Some(wide(ids[*place]))).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(wide(ids[row.parent]))).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(i32::from(row.distance))).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(narrow(row.rank))).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(wide(row.age))).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(row.probability)).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|(place, row)| Some(chosen(*place, row.parent))).collect::<BooleanArray>()),
    ]
}
