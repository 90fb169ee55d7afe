//! Compression with zstd, in which cache traces are published.
//!
//! A feature of its own, off unless asked for: policies and curves need no C library, and an analyzer that is built
//! against this crate should not carry one. The alternative, that every caller wraps readers himself, would have each of
//! them recognise compressed files and close frames in its own way.
//!
//! A source is recognised by its first four bytes, not by a file's name. (They would be a timestamp in the year 2104 at the
//! beginning of an uncompressed oracleGeneral file.) A frame that ends too early is an
//! [error](crate::Error::Unreadable) with the number of the record that it cuts.
//!
//! ```
//! use lamarck_cache::io::{compressed, oracle_general};
//! use lamarck_cache::{SizeRule, TraceBuilder};
//!
//! let mut builder = TraceBuilder::new(SizeRule::Refuse);
//! builder.get(7, 100)?;
//! let trace = builder.finish()?;
//! let mut file = Vec::new();
//! compressed::write(&mut file, compressed::LEVEL, |sink| oracle_general::write(&trace, None, sink))?;
//! let back = oracle_general::read(compressed::reader(&file[..])?, SizeRule::Refuse)?;
//! assert_eq!(back.ids(), [7]);
//! # Ok::<(), lamarck_cache::Error>(())
//! ```

use std::io::{BufReader, Cursor, Read, Write};

use crate::error::Error;

/// The level that is used unless there is a reason for another: zstd's own default.
pub const LEVEL: i32 = 3;

/// How every zstd frame begins.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The decompressed bytes of `source` if it is compressed, its own otherwise. Several frames in a row are read as one.
pub fn reader<'a>(mut source: impl Read + 'a) -> Result<Box<dyn Read + 'a>, Error> {
    let mut start = Vec::with_capacity(MAGIC.len());
    source.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start)?;
    let compressed = start == MAGIC;
    let whole = Cursor::new(start).chain(source);
    Ok(if compressed {
        Box::new(zstd::Decoder::with_buffer(BufReader::with_capacity(1 << 16, whole))?)
    } else {
        Box::new(whole)
    })
}

/// Compresses into `sink` what `body` writes. A function to be called back and not a writer to be returned, because a
/// frame must be closed, and a writer that closes it when dropped could not say that this failed.
pub fn write(
    sink: impl Write,
    level: i32,
    body: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut encoder = zstd::Encoder::new(sink, level)?;
    // Four bytes a frame, and a flipped bit is an error and not another object.
    encoder.include_checksum(true)?;
    body(&mut encoder)?;
    encoder.finish()?.flush()?;
    Ok(())
}
