//! From arrow's columns to the trace's.
//!
//! Files made by other tools are read generously where nothing is lost: any integer type will do for an integer
//! column, `FLOAT` for a score, and a column that may be null may be absent. A value that does not fit is an error.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions in lists of at most 256 words, hexadecimal digits, and offsets that Arrow keeps in order"
)]

use super::file::Whole;
use super::schema::words;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use lamarck_model::{Choice, Columns, LayerColumns, for_each_candidate_column};

/// Some candidates of a trace, as columns.
///
/// It is to [`Columns`] what the engine's `CandidateColumns` is, but filled a column at a time: that is how they
/// come out of a file, and going through rows would double the cost of reading.
#[derive(Debug, Clone, Default)]
pub struct CandidateBatch {
    rows: usize,
    width: usize,
    choices: Vec<Choice>,
    columns: Buffers,
}

macro_rules! define {
    ($($kind:ident $type:ident $name:ident $doc:literal;)*) => {
        #[derive(Debug, Clone, Default)]
        struct Buffers {
            $($name: Vec<$type>,)*
        }

        impl CandidateBatch {
            /// The rows as slices.
            pub fn view(&self) -> Columns<'_> {
                Columns {
                    rows: self.rows,
                    width: self.width,
                    choices: &self.choices,
                    $($name: &self.columns.$name,)*
                }
            }

            pub(super) fn decode(batch: &RecordBatch) -> Result<Self, Wrong> {
                let mut columns = Buffers::default();
                $(if let Some(column) = batch.column_by_name(stringify!($name)) {
                    columns.$name = define!(@decode $kind $type column.as_ref(), stringify!($name))?;
                })*
                let mut decoded = Self { rows: batch.num_rows(), width: 0, choices: Vec::new(), columns };
                if let Some(column) = batch.column_by_name("choices") {
                    (decoded.width, decoded.choices) = lists(column.as_ref())?;
                }
                Ok(decoded)
            }
        }
    };
    (@decode must u8 $column:expr, $name:expr) => { text($column, $name, false) };
    (@decode must u64 $column:expr, $name:expr) => { all_whole($column, $name) };
    (@decode may f64 $column:expr, $name:expr) => { floats($column, $name) };
    (@decode may $type:ident $column:expr, $name:expr) => { whole::<$type>($column, $name) };
}
for_each_candidate_column!(define);

/// What is wrong with a column, in words.
pub(super) type Wrong = String;

/// Decodes rows of `layers`.
pub(super) fn layers(batch: &RecordBatch) -> Result<LayerColumns, Wrong> {
    let column = |name: &str| {
        batch.column_by_name(name).map(AsRef::as_ref).ok_or_else(|| format!("it has no column `{name}`"))
    };
    Ok(LayerColumns {
        candidate: all_whole(column("candidate")?, "candidate")?,
        identity: identities(column("identity")?)?,
        owner: all_whole(column("owner")?, "owner")?,
        bytes: all_whole(column("bytes")?, "bytes")?,
        source: match column("cached") {
            Ok(cached) => text(cached, "cached", true)?,
            Err(_) => vec![0; batch.num_rows()],
        },
    })
}

/// Integers with sentinels for nulls; empty when all are null.
fn whole<T: Whole>(column: &dyn Array, name: &str) -> Result<Vec<T>, Wrong> {
    if column.null_count() == column.len() {
        return Ok(Vec::new());
    }
    match column.data_type() {
        DataType::Int8 => wholes::<T, Int8Type>(column, name),
        DataType::Int16 => wholes::<T, Int16Type>(column, name),
        DataType::Int32 => wholes::<T, Int32Type>(column, name),
        DataType::Int64 => wholes::<T, Int64Type>(column, name),
        DataType::UInt8 => wholes::<T, UInt8Type>(column, name),
        DataType::UInt16 => wholes::<T, UInt16Type>(column, name),
        DataType::UInt32 => wholes::<T, UInt32Type>(column, name),
        DataType::UInt64 => wholes::<T, UInt64Type>(column, name),
        other => Err(format!("column `{name}` is {other}, not of integers")),
    }
}

/// A number of a file, which [`Whole`] has been asked about.
trait Stored: Copy + Ord {
    fn bits(self) -> u64;
}

macro_rules! stored {
    ($($type:ident)*) => { $(
        impl Stored for $type {
            #[inline]
            #[allow(clippy::cast_lossless, reason = "one macro for all; what is negative is not asked for")]
            fn bits(self) -> u64 { self as u64 }
        }
    )* };
}
stored!(i8 i16 i32 i64 u8 u16 u32 u64);

/// Checks the range once and then casts, each in a loop without branches: half of the time of reading a trace went
/// into converting values one by one.
fn wholes<T: Whole, A: ArrowPrimitiveType>(column: &dyn Array, name: &str) -> Result<Vec<T>, Wrong>
where
    A::Native: TryInto<u64> + Stored + std::fmt::Display,
{
    let array = column.as_primitive::<A>();
    let fit = |value: A::Native| -> Option<T> {
        let value = T::try_from(value.try_into().ok()?).ok()?;
        (value <= T::MOST).then_some(value)
    };
    let wrong = |value: A::Native| format!("column `{name}` holds {value}; 0 to {} fit", T::MOST.into());
    let values = array.values();
    let Some(&first) = values.first() else { return Ok(Vec::new()) };
    let (least, most) =
        values.iter().fold((first, first), |(least, most), &value| (least.min(value), most.max(value)));
    // What stands in the place of a null is any number.
    if fit(least).is_none() || fit(most).is_none() {
        return array
            .iter()
            .map(|value| value.map_or(Ok(T::NONE), |value| fit(value).ok_or_else(|| wrong(value))))
            .collect();
    }
    let mut wholes: Vec<T> = values.iter().map(|&value| T::low_bits(value.bits())).collect();
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for (value, known) in wholes.iter_mut().zip(nulls.iter()) {
            *value = if known { *value } else { T::NONE };
        }
    }
    Ok(wholes)
}

/// Integers that must be there.
fn all_whole(column: &dyn Array, name: &str) -> Result<Vec<u64>, Wrong> {
    if column.null_count() > 0 {
        return Err(format!("column `{name}` has nulls, and must have none"));
    }
    whole(column, name)
}

/// Scores, not-a-number for nulls; empty when all are null.
fn floats(column: &dyn Array, name: &str) -> Result<Vec<f64>, Wrong> {
    if column.null_count() == column.len() {
        return Ok(Vec::new());
    }
    match column.data_type() {
        DataType::Float64 => {
            let array = column.as_primitive::<Float64Type>();
            if array.null_count() == 0 {
                return Ok(array.values().to_vec());
            }
            Ok(array.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
        }
        DataType::Float32 => Ok(column
            .as_primitive::<Float32Type>()
            .iter()
            .map(|value| value.map_or(f64::NAN, f64::from))
            .collect()),
        other => Err(format!("column `{name}` is {other}, not of floats")),
    }
}

/// Words as their numbers. Where `null_first`, a null is number 0 and words count from 1.
fn text(column: &dyn Array, name: &str, null_first: bool) -> Result<Vec<u8>, Wrong> {
    let words = words(name);
    let strings = strings(column, name)?;
    let mut numbers = Vec::with_capacity(column.len());
    // Most rows have the word of the row before.
    let mut last: Option<(&str, u8)> = None;
    for word in strings {
        let number = match (word, last) {
            (None, _) if null_first => 0,
            (None, _) => return Err(format!("column `{name}` has nulls, and must have none")),
            (Some(word), Some((known, number))) if word == known => number,
            (Some(word), _) => {
                let at = words.iter().position(|known| *known == word).ok_or_else(|| {
                    format!("column `{name}` holds `{word}`, which is none of {}", words.join(", "))
                })?;
                let number = at as u8 + u8::from(null_first);
                last = Some((word, number));
                number
            }
        };
        numbers.push(number);
    }
    Ok(numbers)
}

fn identities(column: &dyn Array) -> Result<Vec<u128>, Wrong> {
    strings(column, "identity")?
        .map(|text| {
            let text = text.unwrap_or_default();
            identity(text.as_bytes())
                .ok_or_else(|| format!("column `identity` holds `{text}`, not 32 hexadecimal digits"))
        })
        .collect()
}

fn identity(digits: &[u8]) -> Option<u128> {
    /// The value of every digit, 16 for what is none.
    const VALUE: [u8; 256] = {
        let mut values = [16; 256];
        let mut value = 0;
        while value < 16 {
            values[b"0123456789abcdef"[value] as usize] = value as u8;
            values[b"0123456789ABCDEF"[value] as usize] = value as u8;
            value += 1;
        }
        values
    };
    let digits: &[u8; 32] = digits.try_into().ok()?;
    let (mut identity, mut seen) = ([0; 16], 0);
    for (byte, pair) in identity.iter_mut().zip(digits.chunks_exact(2)) {
        let (upper, lower) = (VALUE[usize::from(pair[0])], VALUE[usize::from(pair[1])]);
        seen |= upper | lower;
        *byte = upper << 4 | lower & 15;
    }
    (seen < 16).then_some(u128::from_be_bytes(identity))
}

fn strings<'a>(column: &'a dyn Array, name: &str) -> Result<impl Iterator<Item = Option<&'a str>>, Wrong> {
    match column.data_type() {
        DataType::Utf8 => Ok(column.as_string::<i32>().iter()),
        other => Err(format!("column `{name}` is {other}, not of text")),
    }
}

/// Lists of one length, one after the other, and that length.
fn lists(column: &dyn Array) -> Result<(usize, Vec<Choice>), Wrong> {
    if column.null_count() > 0 {
        return Err("column `choices` has nulls, and must have none".to_owned());
    }
    let DataType::List(_) = column.data_type() else {
        return Err(format!("column `choices` is {}, not of lists", column.data_type()));
    };
    let array = column.as_list::<i32>();
    let lengths = || array.offsets().windows(2).map(|pair| (pair[1] - pair[0]) as usize);
    let width = lengths().next().unwrap_or(0);
    if let Some(other) = lengths().find(|&length| length != width) {
        return Err(format!("column `choices` has lists of {width} and of {other} choices"));
    }
    let (from, to) = (array.offsets().first(), array.offsets().last());
    let values = array.values().slice(from as usize, (to - from) as usize);
    if values.null_count() > 0 {
        return Err("column `choices` has nulls in its lists, and must have none".to_owned());
    }
    Ok((width, whole(values.as_ref(), "choices")?))
}
