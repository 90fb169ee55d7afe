//! The file: how a table is written and read.
//!
//! ```text
//!  0  magic            8 bytes, b"LNB201\r\n" (a transfer in text mode breaks it at once)
//!  8  version          u32, little-endian, 1
//! 12  header length    u32, little-endian
//! 16  header           JSON: provenance, column directory, place of the official index
//!     data             one zstd frame a column
//!     checksum         16 bytes, little-endian XXH3-128 of everything before it
//! ```
//!
//! A column's frame holds its values in byte planes: all lowest bytes, then all second-lowest, and so on.
//! Planes of exponents and high bytes are nearly constant, and zstd sees that only when they lie together.
//!
//! Parquet was the alternative: readable everywhere, but it would bring its crates into every plugin that
//! wants a lookup, and a reader of untrusted files as large. Here the sizes are known before a byte is
//! unpacked (15,625 values of 4 or 8 bytes, 2 for the official index), so no file can ask for more memory than
//! a table is large.

use crate::{
    builder::multiplied,
    cell::CELLS,
    column::{Column, Encoding, Storage},
    error::TableError,
    key::{ColumnKey, Dataset, Epochs, Quantity},
    table::{MAX_SEEDS, Official, Provenance, Table},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
};
use xxhash_rust::xxh3::xxh3_128;

/// The magic bytes.
pub const MAGIC: [u8; 8] = *b"LNB201\r\n";

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// No file is larger: every possible column, uncompressed, is less than this.
pub const MAX_FILE: usize = 64 << 20;

/// No header is larger.
const MAX_HEADER: usize = 1 << 20;

const PREFIX: usize = 16;
const TRAILER: usize = 16;
const COUNT_BYTES: usize = 4;
const REAL_BYTES: usize = 8;
const INDEX_BYTES: usize = 2;
const MAX_COLUMNS: usize = Dataset::ALL.len() * Epochs::ALL.len() * Quantity::ALL.len() * MAX_SEEDS;

/// High, because a table is written once and read often; it takes about a second.
const ZSTD_LEVEL: i32 = 19;

#[derive(Serialize, Deserialize)]
struct Header {
    provenance: Provenance,
    columns: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    official_index: Option<Span>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: ColumnKey,
    encoding: Encoding,
    max_error: f64,
    /// None where the encoding needs no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Span>,
}

/// A part of the data, counted from their beginning.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Span {
    offset: usize,
    length: usize,
}

impl Table {
    /// Reads a table from the bytes of a file. Never panics and never allocates more than a table needs,
    /// whatever the bytes are.
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        let (header, data) = open(bytes)?;
        let bad = |problem: String| TableError::Header { problem };
        if header.columns.len() > MAX_COLUMNS {
            return Err(TableError::TooLarge {
                what: "number of columns",
                found: header.columns.len(),
                limit: MAX_COLUMNS,
            });
        }
        if let Some(pair) = header.columns.windows(2).find(|pair| pair[0].key >= pair[1].key) {
            return Err(bad(format!("column `{}` stands twice or out of order", pair[1].key)));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(header.columns.len());
        for entry in &header.columns {
            let column = read_column(entry, data, &columns)
                .map_err(|problem| TableError::Column { column: entry.key.to_string(), problem })?;
            columns.push(column);
        }
        let official = match header.official_index {
            None => None,
            Some(span) => {
                let planes =
                    unpack(data, span, INDEX_BYTES).map_err(|p| bad(format!("official index: {p}")))?;
                let cells = join_planes::<INDEX_BYTES, u16>(&planes, u16::from_le_bytes);
                let official = Official::new(cells);
                Some(
                    official
                        .ok_or_else(|| bad("the official index does not name each cell once".to_owned()))?,
                )
            }
        };
        Ok(Self::from_parts(header.provenance, columns, official))
    }

    /// Reads a table from a file.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let failed = |source| TableError::Io { action: "read the table", path: path.to_owned(), source };
        let file = fs::File::open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        Self::read(&bytes)
    }

    /// The bytes of the table's file. The same table gives the same bytes as long as zstd packs the same.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TableError> {
        let mut data = Vec::new();
        let mut entries = Vec::with_capacity(self.columns().len());
        for column in self.columns() {
            let planes = match (&column.storage, column.encoding()) {
                (_, Encoding::Multiple { .. }) => None,
                (Storage::Counts { counts, .. }, _) => Some(split_planes(counts, u32::to_le_bytes)),
                (Storage::Real(values), _) => Some(split_planes(values, f64::to_le_bytes)),
            };
            let span = planes.map(|planes| pack(&planes, &mut data)).transpose()?;
            entries.push(Entry {
                key: *column.key(),
                encoding: column.encoding(),
                max_error: column.max_error(),
                data: span,
            });
        }
        let official_index = match self.official() {
            Some(official) => Some(pack(&split_planes(&official.cell_of, u16::to_le_bytes), &mut data)?),
            None => None,
        };
        let header = Header { provenance: self.provenance().clone(), columns: entries, official_index };
        let header =
            serde_json::to_vec(&header).map_err(|error| TableError::Header { problem: error.to_string() })?;
        let length = u32::try_from(header.len()).ok().filter(|_| header.len() <= MAX_HEADER);
        let length = length.ok_or(TableError::TooLarge {
            what: "header with its notes, in bytes,",
            found: header.len(),
            limit: MAX_HEADER,
        })?;

        let mut bytes = Vec::with_capacity(PREFIX + header.len() + data.len() + TRAILER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&data);
        let checksum = xxh3_128(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        Ok(bytes)
    }

    /// Writes the table to a file, whole or not at all: the bytes go to a temporary file beside it that is then
    /// renamed. An existing file is replaced.
    pub fn write(&self, path: &Path) -> Result<(), TableError> {
        let bytes = self.to_bytes()?;
        let failed = |source| TableError::Io { action: "write the table", path: path.to_owned(), source };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut file = temporary_file(folder).map_err(failed)?;
        file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// A temporary file with the permissions of any new file. The default is for secrets, and a table that only its
/// writer can read is no use to a group.
fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask is applied to it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Checks prefix, lengths and checksum; gives the header and the data.
fn open(bytes: &[u8]) -> Result<(Header, &[u8]), TableError> {
    let have = bytes.len();
    if have > MAX_FILE {
        return Err(TableError::TooLarge { what: "file size in bytes", found: have, limit: MAX_FILE });
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(TableError::NotATable);
    }
    let short = |part, need| TableError::Truncated { part, have, need };
    let (prefix, rest) =
        bytes.split_first_chunk::<PREFIX>().ok_or_else(|| short("its first bytes", PREFIX + TRAILER))?;
    let [.., v0, v1, v2, v3, l0, l1, l2, l3] = *prefix;
    let version = u32::from_le_bytes([v0, v1, v2, v3]);
    if version != VERSION {
        return Err(TableError::Version { found: version, known: VERSION });
    }
    let (rest, trailer) =
        rest.split_last_chunk::<TRAILER>().ok_or_else(|| short("its first bytes", PREFIX + TRAILER))?;
    let expected = u128::from_le_bytes(*trailer);
    let found = xxh3_128(&bytes[..have - TRAILER]);
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    if length > rest.len() {
        return Err(short("its header", length.saturating_add(PREFIX + TRAILER)));
    }
    if found != expected {
        return Err(TableError::Checksum { expected, found });
    }
    if length > MAX_HEADER {
        return Err(TableError::TooLarge { what: "header in bytes", found: length, limit: MAX_HEADER });
    }
    let (header, data) = rest.split_at(length);
    let header =
        serde_json::from_slice(header).map_err(|error| TableError::Header { problem: error.to_string() })?;
    Ok((header, data))
}

fn read_column(entry: &Entry, data: &[u8], before: &[Column]) -> Result<Column, String> {
    if !(entry.max_error.is_finite() && entry.max_error >= 0.0) {
        return Err("the largest error is not a number of 0 or more".to_owned());
    }
    let span = || entry.data.ok_or("it has no data");
    let storage = match entry.encoding {
        Encoding::Counts { per_unit: 0 } => return Err("counts in units of 0".to_owned()),
        Encoding::Counts { per_unit } => {
            let planes = unpack(data, span()?, COUNT_BYTES)?;
            Storage::Counts { counts: join_planes(&planes, u32::from_le_bytes).into(), per_unit }
        }
        Encoding::Real => {
            let planes = unpack(data, span()?, REAL_BYTES)?;
            let values: Vec<f64> = join_planes(&planes, f64::from_le_bytes);
            let sound = |value: &f64| value.to_bits() == f64::NAN.to_bits() || value.is_finite();
            if !values.iter().all(sound) {
                return Err("a value is not a number".to_owned());
            }
            Storage::Real(values.into())
        }
        Encoding::Multiple { of, times } => {
            if !times.is_finite() {
                return Err("the factor is not a number".to_owned());
            }
            match before.get(of).map(|column| &column.storage) {
                Some(Storage::Real(base)) => Storage::Real(multiplied(base, times)),
                _ => {
                    return Err(format!(
                        "it is a multiple of column {of}, which is not a real one before it"
                    ));
                }
            }
        }
    };
    Ok(Column::new(entry.key, entry.encoding, storage, entry.max_error))
}

fn pack(planes: &[u8], data: &mut Vec<u8>) -> Result<Span, TableError> {
    let packed = zstd::bulk::compress(planes, ZSTD_LEVEL)
        .map_err(|error| TableError::Header { problem: format!("zstd: {error}") })?;
    let span = Span { offset: data.len(), length: packed.len() };
    data.extend_from_slice(&packed);
    Ok(span)
}

/// Unpacks one frame, which must hold exactly one value of `width` bytes a cell. No more than that is allocated.
fn unpack(data: &[u8], span: Span, width: usize) -> Result<Vec<u8>, String> {
    let packed = span
        .offset
        .checked_add(span.length)
        .and_then(|end| data.get(span.offset..end))
        .ok_or("its data lie outside the file")?;
    let size = usize::from(CELLS) * width;
    let planes = zstd::bulk::decompress(packed, size).map_err(|error| format!("zstd: {error}"))?;
    if planes.len() == size {
        Ok(planes)
    } else {
        Err(format!("{} bytes unpacked where {size} are due", planes.len()))
    }
}

fn split_planes<const N: usize, T: Copy>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    let mut planes = Vec::with_capacity(values.len() * N);
    for plane in 0..N {
        planes.extend(values.iter().map(|&value| bytes(value)[plane]));
    }
    planes
}

fn join_planes<const N: usize, T>(planes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    let count = planes.len() / N;
    // `plane * count + place` is below `N * count`, which is at most the length.
    (0..count).map(|place| value(std::array::from_fn(|plane| planes[plane * count + place]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::NO_COUNT;

    #[test]
    fn planes_go_there_and_back() {
        let values = [0_u32, 1, 0x0102_0304, NO_COUNT];
        let planes = split_planes(&values, u32::to_le_bytes);
        assert_eq!(&planes[..4], [0, 1, 4, 255]);
        assert_eq!(join_planes(&planes, u32::from_le_bytes), values);
    }

    #[test]
    fn a_frame_that_unpacks_to_more_is_refused() {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 19).unwrap();
        let error = unpack(&bomb, Span { offset: 0, length: bomb.len() }, COUNT_BYTES).unwrap_err();
        assert!(error.starts_with("zstd"), "{error}");
        let short = zstd::bulk::compress(&[0; 10], 19).unwrap();
        let error = unpack(&short, Span { offset: 0, length: short.len() }, COUNT_BYTES).unwrap_err();
        assert_eq!(error, "10 bytes unpacked where 62500 are due");
        let outside = Span { offset: usize::MAX, length: 2 };
        assert_eq!(unpack(&short, outside, COUNT_BYTES).unwrap_err(), "its data lie outside the file");
    }
}
