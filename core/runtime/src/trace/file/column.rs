//! Columns: which values are there, and the encoding that suits them.

use super::PartEncoder;
use super::bits::{differences, hybrid, run, width_of};
use super::dictionary::MOST;
use super::page::Presence;
use crate::trace::error::Unencodable;
use lamarck_model::{Choice, Nullable};
use parquet::basic::{Encoding, Type};
use parquet::file::statistics::Statistics;

/// An unsigned integer that files hold as a signed one, which is what every reader knows.
pub(in crate::trace) trait Whole: Nullable + Wide + Into<u64> + TryFrom<u64> {
    /// The largest value that a file can hold.
    const MOST: Self;
    /// The low bits of a number: the number itself if it is no more than [`Whole::MOST`].
    fn low_bits(wide: u64) -> Self;
}

impl Whole for u16 {
    const MOST: Self = Self::MAX - 1;
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
    fn low_bits(wide: u64) -> Self {
        wide as Self
    }
}

impl Whole for u32 {
    const MOST: Self = i32::MAX.cast_unsigned();
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
    fn low_bits(wide: u64) -> Self {
        wide as Self
    }
}

impl Whole for u64 {
    const MOST: Self = i64::MAX.cast_unsigned();
    #[inline]
    fn low_bits(wide: u64) -> Self {
        wide
    }
}

/// An integer of a column, as wide as the widest.
pub(in crate::trace) trait Wide: Copy + Ord {
    /// The same number.
    fn wide(self) -> i64;
}

impl Wide for i64 {
    #[inline]
    fn wide(self) -> i64 {
        self
    }
}

macro_rules! wide {
    ($($type:ty),*) => { $(
        impl Wide for $type {
            #[inline]
            fn wide(self) -> i64 {
                u64::from(self).cast_signed()
            }
        }
    )* };
}
wide!(u16, u32, u64);

impl PartEncoder {
    /// Writes a column of integers in which sentinels are nulls, or which is empty because all are.
    pub(in crate::trace) fn whole<T: Whole>(
        &mut self,
        name: &'static str,
        rows: usize,
        values: &[T],
    ) -> Result<(), Unencodable> {
        let Some((least, most)) = extremes(values) else {
            return self.no_integers(rows);
        };
        // The sentinel is the largest of all, so this tells in the same pass that there is no null.
        if !most.is_none() {
            fits(name, most)?;
            self.levels(Presence::All(rows));
            return self.integers(rows, 0, values, (least, most));
        }
        if least.is_none() {
            return self.no_integers(rows);
        }
        self.present.clear();
        self.present.extend(values.iter().map(|value| u16::from(!value.is_none())));
        let mut there = std::mem::take(&mut self.ints);
        there.clear();
        there.extend(values.iter().filter(|value| !value.is_none()).map(|value| value.wide()));
        let extremes = extremes(&there).unwrap_or_default();
        // What became negative was beyond the signed range; what is largest may be beyond the column's.
        let largest = if extremes.0 < 0 { extremes.0 } else { extremes.1 }.cast_unsigned();
        let nulls = rows - there.len();
        let done = T::try_from(largest).map_or(Ok(()), |most| fits(name, most)).and_then(|()| {
            self.levels(Presence::Some(nulls));
            self.integers(rows, nulls, &there, extremes)
        });
        self.ints = there;
        done
    }

    /// Writes a column of integers that all have a value.
    pub(in crate::trace) fn all_whole(
        &mut self,
        name: &'static str,
        values: &[u64],
    ) -> Result<(), Unencodable> {
        let rows = values.len();
        let extremes = extremes(values).unwrap_or_default();
        fits(name, extremes.1)?;
        self.levels(Presence::All(rows));
        self.integers(rows, 0, values, extremes)
    }

    /// Writes a column that has the same number in every row.
    pub(in crate::trace) fn constant(&mut self, rows: usize, value: i32) -> Result<(), Unencodable> {
        self.levels(Presence::All(rows));
        self.words.extend_from_slice(&value.to_le_bytes());
        self.one_code(rows);
        let statistics = Statistics::int32(Some(value), Some(value), None, Some(0), false);
        self.close_column(Encoding::RLE_DICTIONARY, rows, 1, Some(statistics))
    }

    /// Writes a column of lists, `width` choices a row.
    pub(in crate::trace) fn lists(
        &mut self,
        rows: usize,
        width: usize,
        choices: &[Choice],
    ) -> Result<(), Unencodable> {
        self.list_levels(rows, width);
        let entries = rows * width.max(1);
        match extremes(choices) {
            Some(extremes) => self.integers(entries, 0, choices, extremes),
            None => self.close_column(Encoding::PLAIN, entries, 0, None),
        }
    }

    /// Writes a column of words given by number. Where `null_first`, number 0 is no word but a null.
    pub(in crate::trace) fn coded(
        &mut self,
        name: &'static str,
        words: &[&str],
        null_first: bool,
        numbers: &[u8],
    ) -> Result<(), Unencodable> {
        let rows = numbers.len();
        let skipped = u8::from(null_first);
        let most = numbers.iter().copied().max().unwrap_or(0);
        if usize::from(most) >= words.len() + usize::from(skipped) {
            return Err(Unencodable::NoWord { column: name, number: most });
        }
        self.codes.clear();
        let mut presence = Presence::All(rows);
        if null_first {
            self.present.clear();
            self.present.extend(numbers.iter().map(|&number| u16::from(number != 0)));
            self.codes
                .extend(numbers.iter().filter(|&&number| number != 0).map(|&number| u16::from(number - 1)));
            presence = match self.codes.len() {
                0 => Presence::None(rows),
                there if there == rows => presence,
                there => Presence::Some(rows - there),
            };
        } else {
            self.codes.extend(numbers.iter().map(|&number| u16::from(number)));
        }
        self.levels(presence);
        for word in words {
            self.words.extend_from_slice(&(word.len() as u32).to_le_bytes());
            self.words.extend_from_slice(word.as_bytes());
        }
        self.codes_of(words.len());
        let nulls = (rows - self.codes.len()) as u64;
        let statistics = Statistics::byte_array(None, None, None, Some(nulls), false);
        self.close_column(Encoding::RLE_DICTIONARY, rows, words.len(), Some(statistics))
    }

    /// Writes a column of floats in which not-a-number is null, or which is empty because all are.
    pub(in crate::trace) fn floats(&mut self, rows: usize, values: &[f64]) -> Result<(), Unencodable> {
        let nulls =
            if values.is_empty() { rows } else { values.iter().filter(|value| value.is_nan()).count() };
        let presence = if nulls == 0 {
            Presence::All(rows)
        } else if nulls == rows {
            Presence::None(rows)
        } else {
            self.present.clear();
            self.present.extend(values.iter().map(|value| u16::from(!value.is_nan())));
            Presence::Some(nulls)
        };
        self.levels(presence);
        let there = rows - nulls;
        if there == 0 {
            let statistics = Statistics::double(None, None, None, Some(nulls as u64), false);
            return self.close_column(Encoding::PLAIN, rows, 0, Some(statistics));
        }
        // The bits as integers: the buffer is there, and a dictionary must tell -0 from 0.
        self.ints.clear();
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for &value in values.iter().filter(|value| !value.is_nan()) {
            least = least.min(value);
            most = most.max(value);
            self.ints.push(value.to_bits().cast_signed());
        }
        // As the format asks, since readers may take 0 and -0 for different.
        let least = if least == 0.0 { -0.0 } else { least };
        let most = if most == 0.0 { 0.0 } else { most };
        let statistics = Statistics::double(Some(least), Some(most), None, Some(nulls as u64), false);
        if self.distinct.build(
            self.ints.iter().map(|value| value.cast_unsigned()),
            there / 2,
            true,
            &mut self.codes,
        ) {
            self.words.extend(self.distinct.entries.iter().flat_map(|bits| bits.to_le_bytes()));
            self.codes_of(self.distinct.entries.len());
            let entries = self.distinct.entries.len();
            return self.close_column(Encoding::RLE_DICTIONARY, rows, entries, Some(statistics));
        }
        self.page.extend(self.ints.iter().flat_map(|bits| bits.to_le_bytes()));
        self.close_column(Encoding::PLAIN, rows, 0, Some(statistics))
    }

    /// Writes a column of layer identities as 32 hexadecimal digits each.
    pub(in crate::trace) fn identities(&mut self, values: &[u128]) -> Result<(), Unencodable> {
        let rows = values.len();
        self.levels(Presence::All(rows));
        let statistics = Statistics::byte_array(None, None, None, Some(0), false);
        // Without a trial: a run begins with random candidates, which share little, and goes on with relatives.
        if self.identities.build(values.iter().copied(), MOST, false, &mut self.codes) {
            for &identity in &self.identities.entries {
                hexadecimal(&mut self.words, identity);
            }
            let entries = self.identities.entries.len();
            self.codes_of(entries);
            return self.close_column(Encoding::RLE_DICTIONARY, rows, entries, Some(statistics));
        }
        for &identity in values {
            hexadecimal(&mut self.page, identity);
        }
        self.close_column(Encoding::PLAIN, rows, 0, Some(statistics))
    }

    /// Writes a column of integers without any.
    fn no_integers(&mut self, rows: usize) -> Result<(), Unencodable> {
        self.levels(Presence::None(rows));
        let nulls = Some(rows as u64);
        let statistics = match self.physical_type() {
            Type::INT32 => Statistics::int32(None, None, None, nulls, false),
            _ => Statistics::int64(None, None, None, nulls, false),
        };
        self.close_column(Encoding::PLAIN, rows, 0, Some(statistics))
    }

    /// Encodes the integers that are there, none of them negative, and ends the column.
    fn integers<T: Wide>(
        &mut self,
        entries: usize,
        nulls: usize,
        values: &[T],
        (least, most): (T, T),
    ) -> Result<(), Unencodable> {
        let physical = self.physical_type();
        let (least, most) = (least.wide(), most.wide());
        let there = values.len();
        let nulls = Some(nulls as u64);
        let statistics = match (physical, i32::try_from(least), i32::try_from(most)) {
            (Type::INT32, Ok(least), Ok(most)) => {
                Statistics::int32(Some(least), Some(most), None, nulls, false)
            }
            _ => Statistics::int64(Some(least), Some(most), None, nulls, false),
        };
        let range = (most - least) as usize;
        if range < MOST && (range < there / 16 || range < there.min(256)) {
            for value in least..=most {
                plain(&mut self.words, physical, value);
            }
            if range == 0 {
                self.one_code(there);
            } else {
                self.codes.clear();
                self.codes.extend(values.iter().map(|value| (value.wide() - least) as u16));
                self.codes_of(range + 1);
            }
            return self.close_column(Encoding::RLE_DICTIONARY, entries, range + 1, Some(statistics));
        }
        let keys = values.iter().map(|value| value.wide().cast_unsigned());
        if self.distinct.build(keys, there / 4, true, &mut self.codes) {
            let count = self.distinct.entries.len();
            for &value in &self.distinct.entries {
                plain(&mut self.words, physical, value.cast_signed());
            }
            self.codes_of(count);
            return self.close_column(Encoding::RLE_DICTIONARY, entries, count, Some(statistics));
        }
        if physical == Type::INT64 {
            differences(&mut self.page, values.iter().map(|value| value.wide()));
            return self.close_column(Encoding::DELTA_BINARY_PACKED, entries, 0, Some(statistics));
        }
        for value in values {
            plain(&mut self.page, physical, value.wide());
        }
        self.close_column(Encoding::PLAIN, entries, 0, Some(statistics))
    }

    /// Appends the only code of a dictionary of one entry, so many times.
    fn one_code(&mut self, times: usize) {
        self.page.push(0);
        run(&mut self.page, 0, 0, times);
    }

    /// Appends the codes to the page: their width, then runs and packed bits.
    fn codes_of(&mut self, entries: usize) {
        let width = width_of(entries.saturating_sub(1) as u64);
        self.page.push(width as u8);
        hybrid(&mut self.page, width, &self.codes);
    }
}

/// The least and the largest, in four strands that a processor follows at once.
fn extremes<T: Copy + Ord>(values: &[T]) -> Option<(T, T)> {
    let &first = values.first()?;
    let (mut least, mut most) = ([first; 4], [first; 4]);
    let fours = values.chunks_exact(4);
    let rest = fours.remainder();
    for four in fours {
        for strand in 0..4 {
            least[strand] = least[strand].min(four[strand]);
            most[strand] = most[strand].max(four[strand]);
        }
    }
    let least = least.iter().chain(rest).copied().min()?;
    let most = most.iter().chain(rest).copied().max()?;
    Some((least, most))
}

/// Whether the largest value of a column fits its type in the file.
fn fits<T: Whole>(column: &'static str, most: T) -> Result<(), Unencodable> {
    if most > T::MOST {
        return Err(Unencodable::TooLarge { column, value: most.into(), most: T::MOST.into() });
    }
    Ok(())
}

/// Appends a value of an integer column as it is.
fn plain(out: &mut Vec<u8>, physical: Type, value: i64) {
    let bytes = value.to_le_bytes();
    out.extend_from_slice(if physical == Type::INT32 { &bytes[..4] } else { &bytes });
}

/// Appends an identity as a string: its length, then its digits.
fn hexadecimal(out: &mut Vec<u8>, identity: u128) {
    const DIGIT: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(&32_u32.to_le_bytes());
    for byte in identity.to_be_bytes() {
        out.push(DIGIT[usize::from(byte >> 4)]);
        out.push(DIGIT[usize::from(byte & 15)]);
    }
}
