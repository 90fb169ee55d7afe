//! Opening one part: is it whole, and does it hold what its table must.

use super::error::TraceError;
use super::file::{CHECKSUM, CREATED_BY, DIGITS, checksum_at};
use super::layout::Table;
use super::schema::{SCHEMA_VERSION, VERSION_KEY, columns};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3Default;

/// Rows decoded at a time.
pub(super) const BATCH_ROWS: usize = 1 << 14;

/// The rows of a part, from its footer alone.
pub(super) fn part_rows(path: &Path) -> Result<u64, TraceError> {
    let file = File::open(path).map_err(TraceError::io("read", path))?;
    rows_of(path, &metadata(path, &file)?)
}

/// The rows of a part, all of whose bytes have been checked.
pub(super) fn checked_rows(path: &Path) -> Result<u64, TraceError> {
    let (_, metadata) = checked(path)?;
    rows_of(path, &metadata)
}

fn rows_of(path: &Path, metadata: &ParquetMetaData) -> Result<u64, TraceError> {
    u64::try_from(metadata.file_metadata().num_rows())
        .map_err(|_| TraceError::damaged(path, "its number of rows is negative"))
}

fn metadata(path: &Path, file: &File) -> Result<ParquetMetaData, TraceError> {
    ParquetMetaDataReader::new().parse_and_finish(file).map_err(|error| TraceError::damaged(path, error))
}

/// Opens a part, checks its bytes before anything is made of them, and reads its footer.
fn checked(path: &Path) -> Result<(File, ParquetMetaData), TraceError> {
    let mut file = File::open(path).map_err(TraceError::io("read", path))?;
    let summed = check_sum(path, &mut file)?;
    let metadata = metadata(path, &file)?;
    if !summed && metadata.file_metadata().created_by() == Some(CREATED_BY) {
        return Err(TraceError::damaged(path, format!("it has lost its `{CHECKSUM}`")));
    }
    check_version(path, &metadata)?;
    Ok((file, metadata))
}

/// Opens a part for reading, batch by batch. Of the columns only those are decoded that are wanted and known;
/// those that another tool added are passed over.
pub(super) fn open_part(
    path: &Path,
    table: Table,
    wanted: impl Fn(&str) -> bool,
) -> Result<ParquetRecordBatchReader, TraceError> {
    let (file, metadata) = checked(path)?;
    let damaged = |error: ParquetError| TraceError::damaged(path, error);
    // What is read follows the Parquet types alone: pandas notes its own there, categories for example.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::try_new(Arc::new(metadata), options).map_err(damaged)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let known = columns(table);
    let fields = builder.schema().fields();
    for column in known.iter().filter(|column| column.required) {
        if !fields.iter().any(|field| field.name() == column.name) {
            return Err(TraceError::damaged(path, format!("it has no column `{}`", column.name)));
        }
    }
    let roots: Vec<usize> = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| known.iter().any(|column| column.name == field.name()) && wanted(field.name()))
        .map(|(at, _)| at)
        .collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(damaged)
}

fn check_version(path: &Path, metadata: &ParquetMetaData) -> Result<(), TraceError> {
    let entries = metadata.file_metadata().key_value_metadata();
    let Some(entry) = entries.and_then(|entries| entries.iter().find(|entry| entry.key == VERSION_KEY))
    else {
        // Made by another tool.
        return Ok(());
    };
    match entry.value.as_deref().and_then(|text| text.parse().ok()) {
        Some(version) if version <= SCHEMA_VERSION => Ok(()),
        Some(found) => Err(TraceError::Version { path: path.to_owned(), found, known: SCHEMA_VERSION }),
        None => Err(TraceError::damaged(path, format!("its `{VERSION_KEY}` is no number"))),
    }
}

/// Compares the checksum in the footer with that of the file, in bounded memory. False when there is none.
fn check_sum(path: &Path, file: &mut File) -> Result<bool, TraceError> {
    // The checksum is the last entry of the footer, some ten bytes from the end.
    const TAIL: u64 = 4096;
    let mut compare = || -> io::Result<Option<bool>> {
        let length = file.seek(SeekFrom::End(0))?;
        let tail_from = length.saturating_sub(TAIL);
        file.seek(SeekFrom::Start(tail_from))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        let Some(at) = checksum_at(&tail) else { return Ok(None) };
        let digits = tail[at..at + DIGITS].to_vec();
        tail[at..at + DIGITS].fill(b'0');
        let mut hash = Xxh3Default::new();
        file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; 1 << 16];
        let mut left = tail_from;
        while left > 0 {
            let piece = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            file.read_exact(&mut buffer[..piece])?;
            hash.update(&buffer[..piece]);
            left -= piece as u64;
        }
        hash.update(&tail);
        Ok(Some(digits == format!("{:016x}", hash.digest()).as_bytes()))
    };
    match compare().map_err(TraceError::io("read", path))? {
        Some(false) => Err(TraceError::damaged(path, format!("its contents do not match its `{CHECKSUM}`"))),
        summed => Ok(summed.is_some()),
    }
}
