//! Accesses as Parquet: the columns, reading and writing.
//!
//! | column | type | |
//! |---|---|---|
//! | `time_us` | u64 | virtual time in microseconds; in a trace without times the number of the row |
//! | `op` | string | `get`, `put` or `delete` |
//! | `id` | u64 | the object, numbered from 0 |
//! | `size` | u64 | the object's bytes |
//! | `candidate` | u64 | who reads or writes, or at whose finish the object is deleted |
//! | `owner` | u64 | who stored the object |
//! | `node` | u32 | where; null where it is not known, and for deletions, which concern all |
//!
//! Where a study's scores are synthetic, the footer has the key `lamarck.synthetic`: who is chosen, and so what is read,
//! follows from scores.
//!
//! Of these, `id`, `size` and, if it is there, `op` are read. Files of other programs may have ids that are strings,
//! numbered then in order of first appearance, and integers of any width.

use super::source::Columns;
use anyhow::{Result, anyhow, bail};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use lamarck_cache::{Op, SizeRule, Trace, TraceBuilder};
use lamarck_caching::stream::Access;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The key in the footer of a file that rests on synthetic scores.
const SYNTHETIC: &str = "lamarck.synthetic";

/// Rows that are decoded or encoded at once.
const BATCH_ROWS: usize = 1 << 14;

/// Calls the Parquet library; where it panics, as it does on some damaged files, that is an error like any other.
fn guarded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T> {
    // Whatever it was working on is dropped by the callers, none of which goes on after an error.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| anyhow!("damaged, or no Parquet file: {error}")),
        Err(_) => Err(anyhow!("damaged: the Parquet reader gave up on it")),
    }
}

/// Reads all accesses, and whether they rest on synthetic scores.
pub(super) fn read(file: File, columns: &Columns, rule: SizeRule) -> Result<(Trace, bool)> {
    // Types are those of Parquet, whatever pandas or arrow noted beside them.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new_with_options(file, options))?;
    let notes = builder.metadata().file_metadata().key_value_metadata();
    let synthetic = notes.is_some_and(|notes| notes.iter().any(|note| note.key == SYNTHETIC));
    let fields: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let op = columns.op(|name| fields.iter().any(|field| field == name));
    let mut roots = Vec::new();
    for name in [Some(columns.id.as_str()), Some(columns.size.as_str()), op].into_iter().flatten() {
        let Some(root) = fields.iter().position(|field| field == name) else {
            let found = if fields.is_empty() { "none".to_owned() } else { fields.join(", ") };
            bail!("there is no column `{name}`, but {found}; say which it is with --columns");
        };
        roots.push(root);
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let mut batches = guarded(|| builder.with_projection(mask).with_batch_size(BATCH_ROWS).build())?;
    let mut rows = Rows { builder: TraceBuilder::new(rule), names: HashMap::new(), record: 0 };
    while let Some(batch) = guarded(|| batches.next().transpose().map_err(ParquetError::from))
        .map_err(|error| anyhow!("after record {}: {error:#}", rows.record))?
    {
        rows.add(&batch, columns, op)?;
    }
    Ok((rows.builder.finish()?, synthetic))
}

/// What has been read so far.
struct Rows {
    builder: TraceBuilder,
    /// Numbers of ids that are strings.
    names: HashMap<String, u64>,
    record: u64,
}

impl Rows {
    fn add(&mut self, batch: &RecordBatch, columns: &Columns, op: Option<&str>) -> Result<()> {
        let column = |name: &str| {
            batch.column_by_name(name).ok_or_else(|| anyhow!("the column `{name}` cannot be read"))
        };
        let (ids, sizes) = (Ids::of(&columns.id, column(&columns.id)?)?, column(&columns.size)?);
        let sizes = integers(sizes).ok_or_else(|| not(&columns.size, "integers", sizes.data_type()))?;
        let ops = op.map(|name| strings(name, column(name)?)).transpose()?;
        for row in 0..batch.num_rows() {
            self.record += 1;
            let record = self.record;
            let id = match &ids {
                Ids::Numbers(numbers) => number(record, &columns.id, numbers[row])?,
                Ids::Names(names) => {
                    let name = names[row].ok_or_else(|| null(record, &columns.id))?;
                    let next = self.names.len() as u64;
                    match self.names.get(name) {
                        Some(&known) => known,
                        None => *self.names.entry(name.to_owned()).or_insert(next),
                    }
                }
            };
            let op = match (&ops, op) {
                (Some(ops), Some(name)) => operation(record, ops[row].ok_or_else(|| null(record, name))?)?,
                _ => Op::Get,
            };
            match op {
                // A deletion needs no size.
                Op::Delete => self.builder.delete(id)?,
                Op::Get => self.builder.get(id, number(record, &columns.size, sizes[row])?)?,
                Op::Put => self.builder.put(id, number(record, &columns.size, sizes[row])?)?,
            }
        }
        Ok(())
    }
}

fn not(name: &str, wanted: &str, found: &DataType) -> anyhow::Error {
    anyhow!("the column `{name}` has {found} and not {wanted}")
}

fn null(record: u64, name: &str) -> anyhow::Error {
    anyhow!("record {record}: `{name}` is null")
}

fn number(record: u64, name: &str, value: Option<i128>) -> Result<u64> {
    let value = value.ok_or_else(|| null(record, name))?;
    u64::try_from(value).map_err(|_| anyhow!("record {record}: `{name}` is {value}, and must be at least 0"))
}

fn operation(record: u64, text: &str) -> Result<Op> {
    Op::from_word(text)
        .ok_or_else(|| anyhow!("record {record}: operation `{text}` is not get, put or delete"))
}

/// Ids of a batch.
enum Ids<'a> {
    Numbers(Vec<Option<i128>>),
    Names(Vec<Option<&'a str>>),
}

impl<'a> Ids<'a> {
    fn of(name: &str, column: &'a ArrayRef) -> Result<Self> {
        if let Some(numbers) = integers(column) {
            return Ok(Self::Numbers(numbers));
        }
        strings(name, column)
            .map(Self::Names)
            .map_err(|_| not(name, "integers or strings", column.data_type()))
    }
}

fn strings<'a>(name: &str, column: &'a ArrayRef) -> Result<Vec<Option<&'a str>>> {
    match column.data_type() {
        DataType::Utf8 => Ok(column.as_string::<i32>().iter().collect()),
        DataType::LargeUtf8 => Ok(column.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Ok(column.as_string_view().iter().collect()),
        other => Err(not(name, "strings", other)),
    }
}

/// A column of integers of any width; `None` if it is none.
fn integers(column: &ArrayRef) -> Option<Vec<Option<i128>>> {
    fn of<T: ArrowPrimitiveType<Native: Into<i128>>>(column: &ArrayRef) -> Vec<Option<i128>> {
        column.as_primitive::<T>().iter().map(|value| value.map(Into::into)).collect()
    }
    Some(match column.data_type() {
        DataType::Int8 => of::<Int8Type>(column),
        DataType::Int16 => of::<Int16Type>(column),
        DataType::Int32 => of::<Int32Type>(column),
        DataType::Int64 => of::<Int64Type>(column),
        DataType::UInt8 => of::<UInt8Type>(column),
        DataType::UInt16 => of::<UInt16Type>(column),
        DataType::UInt32 => of::<UInt32Type>(column),
        DataType::UInt64 => of::<UInt64Type>(column),
        _ => return None,
    })
}

/// Writes accesses. The same accesses give the same bytes.
pub(in super::super) fn write(
    accesses: impl Iterator<Item = Access>,
    synthetic: bool,
    to: &mut (impl Write + Send),
) -> io::Result<()> {
    let field = |name, kind| Field::new(name, kind, name == "node");
    let schema = Arc::new(Schema::new(vec![
        field("time_us", DataType::UInt64),
        field("op", DataType::Utf8),
        field("id", DataType::UInt64),
        field("size", DataType::UInt64),
        field("candidate", DataType::UInt64),
        field("owner", DataType::UInt64),
        field("node", DataType::UInt32),
    ]));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("lamarck".to_owned())
        .set_key_value_metadata(
            synthetic.then(|| vec![KeyValue::new(SYNTHETIC.to_owned(), "true".to_owned())]),
        )
        .build();
    let mut writer = ArrowWriter::try_new(to, schema.clone(), Some(properties)).map_err(io::Error::other)?;
    let mut accesses = accesses.peekable();
    while accesses.peek().is_some() {
        let rows: Vec<Access> = accesses.by_ref().take(BATCH_ROWS).collect();
        let numbers = |of: fn(&Access) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(of)))
        };
        let columns: Vec<ArrayRef> = vec![
            numbers(|access| access.time_us),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|access| access.op.name()))),
            numbers(|access| access.object.into()),
            numbers(|access| access.bytes),
            numbers(|access| access.candidate),
            numbers(|access| access.owner),
            Arc::new(rows.iter().map(|access| access.node).collect::<UInt32Array>()),
        ];
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(io::Error::other)?;
        writer.write(&batch).map_err(io::Error::other)?;
    }
    writer.close().map_err(io::Error::other)?;
    Ok(())
}
