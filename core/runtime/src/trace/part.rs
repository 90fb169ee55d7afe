//! Opening one part: is it whole, and does it hold what its table must.

use super::error::TraceError;
use super::file::{CHECKSUM, CREATED_BY, DIGITS, checksum_at};
use super::layout::Table;
use super::schema::{SCHEMA_VERSION, VERSION_KEY, columns};
use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
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
    guarded(path, || ParquetMetaDataReader::new().parse_and_finish(file))
}

/// Calls the Parquet library and turns its errors, and its panics, into damage of the part.
///
/// Of 40,000 changed bits in parts without a checksum, 49 made it panic. Parts of other tools have none, and a footer
/// may be read before the checksum is.
fn guarded<T, E: ToString>(path: &Path, call: impl FnOnce() -> Result<T, E>) -> Result<T, TraceError> {
    // Whatever the library was working on is dropped by the callers, none of which goes on after an error.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| TraceError::damaged(path, error)),
        Err(_) => Err(TraceError::damaged(path, "the Parquet reader gave up on it")),
    }
}

/// The rows of a part, batch by batch.
pub(super) struct PartReader {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
}

impl PartReader {
    /// The part.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Iterator for PartReader {
    type Item = Result<RecordBatch, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        guarded(&self.path, || self.batches.next().transpose()).transpose()
    }
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
) -> Result<PartReader, TraceError> {
    let (file, metadata) = checked(path)?;
    // What is read follows the Parquet types alone: pandas notes its own there, categories for example.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = guarded(path, || ArrowReaderMetadata::try_new(Arc::new(metadata), options))?;
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
    let batches = guarded(path, || builder.with_projection(mask).with_batch_size(BATCH_ROWS).build())?;
    Ok(PartReader { path: path.to_owned(), batches })
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
