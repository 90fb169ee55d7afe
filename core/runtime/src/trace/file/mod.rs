//! One part as the bytes of a Parquet file, encoded straight from the columns.
//!
//! **Why not the `parquet` crate's own writer.** It was measured first (`benches/trace` still does): from finished
//! arrow batches, which the engine does not have, it takes 110 to 450 ns a candidate of a NAS-Bench-201 search and
//! makes 34 to 171 bytes of it, the smaller the slower; the whole search takes some 100 ns. What stands here takes
//! 40 ns and makes 25 bytes, because a trace is simple: unsigned integers, scores, words out of a fixed list, and
//! one list of fixed width. The crate still writes all metadata and reads every file back, so each test of the
//! reader checks this writer against an independent implementation.
//!
//! **How a column is encoded** depends on its values only, so equal columns give equal bytes:
//!
//! | values | encoding |
//! |---|---|
//! | none at all | definition levels as one run, no value |
//! | integers within a range smaller than their number | a dictionary of the whole range; the code is the distance from its least |
//! | few distinct ones (sizes, times out of a table) | a dictionary, found by hashing, given up early where it does not pay |
//! | other integers (ids, points in time) | packed differences |
//! | other scores | plain |
//! | words | the dictionary of all words; the code is the word's number |
//!
//! `layers` are compressed with Zstandard besides: 33 ns and 3 bytes a row instead of 5 ns and 7 bytes, because 32
//! hexadecimal digits hold 16 bytes, and there are a hundred of these rows a candidate. `candidates` are not: it
//! would save 7 of 25 bytes in the table that is small anyway and written in every run.
//!
//! A row group holds at most 131,072 rows, and one data page (version 1, which every reader knows) a column.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "an encoder packs bits: each cast keeps the bits that the line before has measured or masked"
)]

mod bits;
mod column;
mod dictionary;
mod page;

use super::error::Unencodable;
pub(super) use column::Whole;
use dictionary::Dictionary;
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, KeyValue, ParquetMetaDataBuilder, ParquetMetaDataWriter,
    RowGroupMetaData,
};
use parquet::schema::types::SchemaDescPtr;
use xxhash_rust::xxh3::xxh3_64;
use zstd::bulk::Compressor;

/// Who wrote a file, in its footer. Not the release: the same study gives the same bytes in the next one too.
pub(super) const CREATED_BY: &str = "lamarck-trace version 1";

/// The key of a part's checksum, the last in its footer. Its value is sixteen hexadecimal digits: XXH3 of the whole
/// file with zeros in their place, so that a changed bit anywhere, footer included, is noticed.
pub(super) const CHECKSUM: &str = "lamarck.checksum";
/// Digits of a checksum.
pub(super) const DIGITS: usize = 16;

const MAGIC: &[u8; 4] = b"PAR1";
/// Rows of a row group, at most; fewer where lists are long, so that a page stays within some megabytes.
const GROUP_ROWS: usize = 1 << 17;
const GROUP_CHOICES: usize = 1 << 22;

/// The number of rows that a row group of lists of `width` holds.
pub(super) fn group_rows(width: usize) -> usize {
    (GROUP_CHOICES / width.max(1)).clamp(1, GROUP_ROWS)
}

/// Encodes parts of one table, keeping its buffers between them.
pub(super) struct PartEncoder {
    schema: SchemaDescPtr,
    metadata: Vec<KeyValue>,
    /// The file.
    out: Vec<u8>,
    /// The data page being made.
    page: Vec<u8>,
    /// The dictionary page being made.
    words: Vec<u8>,
    /// The values that are there, of the column being made.
    ints: Vec<i64>,
    /// Whether each of its rows has a value.
    present: Vec<u16>,
    codes: Vec<u16>,
    distinct: Dictionary<u64>,
    identities: Dictionary<u128>,
    chunks: Vec<ColumnChunkMetaData>,
    groups: Vec<RowGroupMetaData>,
    group_from: usize,
    /// Zstandard at its first level, for the tables that are compressed.
    compressor: Option<Compressor<'static>>,
    /// A compressed page.
    packed: Vec<u8>,
}

impl PartEncoder {
    /// An encoder for files of this schema with these entries in their footers.
    ///
    /// # Errors
    /// When there is no memory for the compressor.
    pub(super) fn new(
        schema: SchemaDescPtr,
        mut metadata: Vec<KeyValue>,
        compressed: bool,
    ) -> Result<Self, Unencodable> {
        metadata.push(KeyValue::new(CHECKSUM.to_owned(), "0".repeat(DIGITS)));
        let compressor =
            compressed.then(|| Compressor::new(1)).transpose().map_err(Unencodable::Compression)?;
        Ok(Self {
            schema,
            metadata,
            out: Vec::new(),
            page: Vec::new(),
            words: Vec::new(),
            ints: Vec::new(),
            present: Vec::new(),
            codes: Vec::new(),
            distinct: Dictionary::default(),
            identities: Dictionary::default(),
            chunks: Vec::new(),
            groups: Vec::new(),
            group_from: 0,
            compressor,
            packed: Vec::new(),
        })
    }

    /// Forgets the file before and starts one.
    pub(super) fn start(&mut self) {
        self.out.clear();
        self.out.extend_from_slice(MAGIC);
        self.chunks.clear();
        self.groups.clear();
        self.group_from = self.out.len();
    }

    /// Ends a row group, every column of which has been written.
    pub(super) fn end_group(&mut self, rows: usize) -> Result<(), Unencodable> {
        let group = RowGroupMetaData::builder(self.schema.clone())
            .set_num_rows(rows as i64)
            .set_total_byte_size((self.out.len() - self.group_from) as i64)
            .set_ordinal(i32::try_from(self.groups.len()).unwrap_or(i32::MAX))
            .set_file_offset(self.group_from as i64)
            .set_column_metadata(std::mem::take(&mut self.chunks))
            .build()?;
        self.groups.push(group);
        self.group_from = self.out.len();
        Ok(())
    }

    /// Writes the footer and gives the file's bytes.
    pub(super) fn finish(&mut self) -> Result<&[u8], Unencodable> {
        let groups = std::mem::take(&mut self.groups);
        let rows = groups.iter().map(RowGroupMetaData::num_rows).sum();
        let file = FileMetaData::new(
            1,
            rows,
            Some(CREATED_BY.to_owned()),
            Some(self.metadata.clone()),
            self.schema.clone(),
            None,
        );
        let metadata = ParquetMetaDataBuilder::new(file).set_row_groups(groups).build();
        ParquetMetaDataWriter::new(&mut self.out, &metadata).finish()?;
        if let Some(at) = checksum_at(&self.out) {
            let sum = format!("{:016x}", xxh3_64(&self.out));
            self.out[at..at + DIGITS].copy_from_slice(sum.as_bytes());
        }
        Ok(&self.out)
    }
}

/// Where the digits of the checksum stand in a file or in the end of one.
pub(super) fn checksum_at(bytes: &[u8]) -> Option<usize> {
    let key = CHECKSUM.as_bytes();
    let found = bytes.windows(key.len()).rposition(|window| window == key)?;
    // Thrift's compact protocol: the next field (0x18 a string) and its length, then the digits.
    let at = found + key.len() + 2;
    (bytes.get(at - 2..at)? == [0x18, DIGITS as u8] && bytes.len() >= at + DIGITS).then_some(at)
}
