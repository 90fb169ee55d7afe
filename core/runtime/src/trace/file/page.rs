//! Pages: a header in Thrift's compact protocol, levels, and values.

use super::PartEncoder;
use super::bits::{hybrid, run, varint, zigzag};
use crate::trace::error::Unencodable;
use parquet::basic::{CompressionCodec, Encoding, Type};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;

/// Which rows of a column have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// All of this many.
    All(usize),
    /// None of this many.
    None(usize),
    /// Those that the encoder's `present` marks; this many do not.
    Some(usize),
}

impl PartEncoder {
    /// The physical type of the column that is next.
    pub(super) fn physical_type(&self) -> Type {
        self.schema.column(self.chunks.len()).physical_type()
    }

    /// Begins the data page of the next column with its definition levels. A column that must have values has none.
    pub(super) fn levels(&mut self, presence: Presence) {
        self.page.clear();
        self.words.clear();
        if self.schema.column(self.chunks.len()).max_def_level() == 0 {
            return;
        }
        let page = &mut self.page;
        page.extend_from_slice(&[0; 4]);
        match presence {
            Presence::All(rows) => run(page, 1, 1, rows),
            Presence::None(rows) => run(page, 1, 0, rows),
            Presence::Some(_) => hybrid(page, 1, &self.present),
        }
        close_levels(page, 0);
    }

    /// Begins the data page of the next column, lists of `width` values, with their levels.
    pub(super) fn list_levels(&mut self, rows: usize, width: usize) {
        self.page.clear();
        self.words.clear();
        let page = &mut self.page;
        page.extend_from_slice(&[0; 4]);
        // A list begins where the repetition level is 0; an empty one is an entry without a value.
        if width <= 1 {
            run(page, 1, 0, rows);
        } else {
            let eights = (rows * width).div_ceil(8);
            varint(page, (eights as u64) << 1 | 1);
            let from = page.len();
            page.resize(from + eights, 0xff);
            for entry in (0..rows * width).step_by(width) {
                page[from + entry / 8] &= !(1 << (entry % 8));
            }
        }
        close_levels(page, 0);
        let from = page.len();
        page.extend_from_slice(&[0; 4]);
        run(page, 1, u16::from(width > 0), rows * width.max(1));
        close_levels(page, from);
    }

    /// Ends the column: writes its dictionary of `entries` and its data page of `entries` levels or values.
    pub(super) fn close_column(
        &mut self,
        encoding: Encoding,
        entries: usize,
        dictionary: usize,
        statistics: Option<Statistics>,
    ) -> Result<(), Unencodable> {
        let from = self.out.len();
        let has_dictionary = encoding == Encoding::RLE_DICTIONARY;
        let mut size = 0;
        if has_dictionary {
            size += self.page_of(2, Buffer::Words, |header| {
                // The seventh field: entries, encoding.
                header.push(0x4c);
                number(header, dictionary);
                number(header, Encoding::PLAIN as usize);
                header.push(0);
            })?;
        }
        let data_from = self.out.len();
        size += self.page_of(0, Buffer::Page, |header| {
            // The fifth field: entries, encoding, encodings of both kinds of level.
            header.push(0x2c);
            number(header, entries);
            number(header, encoding as usize);
            number(header, Encoding::RLE as usize);
            number(header, Encoding::RLE as usize);
            header.push(0);
        })?;
        let mut encodings = vec![encoding, Encoding::RLE];
        if has_dictionary {
            encodings.push(Encoding::PLAIN);
        }
        let mut chunk = ColumnChunkMetaData::builder(self.schema.column(self.chunks.len()))
            .set_encodings(encodings)
            .set_num_values(entries as i64)
            .set_compression_codec(match self.compressor {
                Some(_) => CompressionCodec::ZSTD,
                None => CompressionCodec::UNCOMPRESSED,
            })
            .set_total_compressed_size((self.out.len() - from) as i64)
            .set_total_uncompressed_size(size as i64)
            .set_data_page_offset(data_from as i64)
            .set_dictionary_page_offset(has_dictionary.then_some(from as i64));
        if let Some(statistics) = statistics {
            chunk = chunk.set_statistics(statistics);
        }
        self.chunks.push(chunk.build()?);
        Ok(())
    }

    /// Appends a page, compressed where the table is: a header of its kind and sizes and what its kind says, then
    /// its contents. Gives its size without compression.
    fn page_of(
        &mut self,
        kind: usize,
        contents: Buffer,
        fields: impl FnOnce(&mut Vec<u8>),
    ) -> Result<usize, Unencodable> {
        let plain = match contents {
            Buffer::Words => &self.words,
            Buffer::Page => &self.page,
        };
        let stored = match &mut self.compressor {
            None => plain,
            Some(compressor) => {
                self.packed.clear();
                self.packed.reserve(zstd::zstd_safe::compress_bound(plain.len()));
                compressor.compress_to_buffer(plain, &mut self.packed).map_err(Unencodable::Compression)?;
                &self.packed
            }
        };
        let out = &mut self.out;
        let from = out.len();
        number(out, kind);
        number(out, plain.len());
        number(out, stored.len());
        fields(out);
        out.push(0);
        let header = out.len() - from;
        out.extend_from_slice(stored);
        Ok(header + plain.len())
    }
}

/// Which of an encoder's buffers becomes a page.
#[derive(Debug, Clone, Copy)]
enum Buffer {
    Words,
    Page,
}

/// Fills in the length of the levels that begin at `from`.
fn close_levels(page: &mut [u8], from: usize) {
    let length = (page.len() - from - 4) as u32;
    page[from..from + 4].copy_from_slice(&length.to_le_bytes());
}

/// The next field of a structure, a 32-bit number.
fn number(out: &mut Vec<u8>, value: usize) {
    out.push(0x15);
    varint(out, zigzag(value as i64));
}
