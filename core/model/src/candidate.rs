//! One candidate's life, as a row and as columns: the schema of the trace.
//!
//! Two evaluations of the same vector are two candidates with two ids. Rows stand in the order in which candidates
//! finish. Values that nobody knows (an imported trace has no parents, a random candidate neither) are null in the
//! files, `None` in a row, and a sentinel in the columns ([`Nullable`]).
//!
//! [`Columns`] is a view made of slices, because that is what crosses the plugin boundary without a copy and what
//! Parquet is made of. A column in which no row has a value is an empty slice: most traces never fill `parent_b`
//! or `donor`, and a table of ten million rows should not pay for them.

use crate::space::Choice;
use serde::{Deserialize, Serialize};

/// The number of a candidate within its run, from 0 in order of submission.
pub type CandidateId = u64;

/// Where a candidate's vector came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Origin {
    /// Drawn from the space.
    Sample = 0,
    /// Mutated from a parent.
    Mutation = 1,
    /// Combined from two parents.
    Recombination = 2,
    /// Named by the strategy.
    Exact = 3,
    /// Read from another tool's log.
    Import = 4,
}

/// How a candidate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Status {
    /// Evaluated; has a score.
    Ok = 0,
    /// The evaluator could not evaluate it.
    Failed = 1,
    /// The evaluator's data have no value for it.
    Missing = 2,
    /// Its worker was lost.
    Lost = 3,
    /// The budget ended while it was running.
    Interrupted = 4,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// Every value, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in traces.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value with this number.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }

            /// The value with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
words!(Origin {
    Sample = "sample",
    Mutation = "mutation",
    Recombination = "recombination",
    Exact = "exact",
    Import = "import",
});
words!(Status {
    Ok = "ok",
    Failed = "failed",
    Missing = "missing",
    Lost = "lost",
    Interrupted = "interrupted",
});

/// A number type with a value that stands for "not known": the largest integer, or not-a-number.
pub trait Nullable: Copy {
    /// The sentinel.
    const NONE: Self;
    /// Whether this is the sentinel.
    fn is_none(self) -> bool;
    /// The sentinel as `None`.
    fn known(self) -> Option<Self> {
        if self.is_none() { None } else { Some(self) }
    }
}

macro_rules! nullable {
    ($($type:ty),*) => { $(
        impl Nullable for $type {
            const NONE: Self = <$type>::MAX;
            #[inline]
            fn is_none(self) -> bool { self == Self::NONE }
        }
    )* };
}
nullable!(u16, u32, u64);

impl Nullable for f64 {
    const NONE: Self = f64::NAN;
    #[inline]
    fn is_none(self) -> bool {
        self.is_nan()
    }
}

/// What a row has in a column of [`Columns`], which is empty where no row has a value.
#[inline]
pub fn value_at<T: Nullable>(column: &[T], row: usize) -> Option<T> {
    column.get(row).copied().and_then(T::known)
}

/// Calls a macro with every column: kind (`must` have a value or `may`), type, name, documentation. The one list
/// from which row, columns, views, the ABI's batch and the Parquet schema are made, so that none can lack one.
#[macro_export]
macro_rules! for_each_candidate_column {
    ($callback:ident) => {
        $callback! {
            must u64 id "The candidate.";
            must u8 origin "Number of its [`Origin`].";
            may u64 parent "The candidate whose vector was changed.";
            may u64 parent_b "The second parent of a recombination.";
            may u64 donor "The stored model that lent it weights.";
            may u16 mutator "Which of the study's mutators made it, from 0.";
            may u16 changed "How many decisions differ from the parent's.";
            may u16 changed_decision "The position of the decision that differs, where exactly one does.";
            may u16 changed_from "The parent's choice there.";
            may u16 changed_to "The candidate's choice there.";
            may u64 submitted_us "When it entered the ready queue, in microseconds of virtual time.";
            may u64 started_us "When a worker took it, in microseconds of virtual time.";
            may u32 attempts "How often a worker took it, where attempts can be lost; times are the last one's.";
            may u64 lost_us "Time of earlier attempts that were lost, in microseconds.";
            may u64 finished_us "When its worker became idle again, in microseconds of virtual time.";
            may u32 worker "The worker.";
            may u32 node "The worker's node.";
            must u8 status "Number of its [`Status`].";
            may f64 score "Its score; larger is better.";
            may u64 train_us "Training, in microseconds.";
            may u64 transfer_us "Reading inherited weights, in microseconds.";
            may u64 store_us "Storing its own weights, in microseconds.";
            may u64 layers "Layers of its graph, input included.";
            may u64 parameters "Parameters of all layers.";
            may u64 bytes "Bytes of all its tensors.";
            may u64 prefix_layers "Layers taken over from the donor.";
            may u64 prefix_bytes "Bytes of the layers taken over.";
            may u64 cached_bytes "Bytes of the layers taken over that its node's cache held.";
            may u32 prefix_owners "Distinct owners of the layers taken over: requests to read them.";
            may u64 missed_layers "Layers that the donor had and the repository had deleted, so that it trained them itself.";
            may u64 stored_bytes "Bytes that it added to the repository.";
            may u32 owners "Distinct owners of all its layers: requests to read the whole model.";
            may u32 parent_rank "The parent's rank in the population when it was chosen, 1 the best.";
            may u64 parent_age "Completions between the parent's own and the moment it was chosen.";
        }
    };
}

macro_rules! define {
    ($($kind:ident $type:ident $name:ident $doc:literal;)*) => {
        /// One candidate as a row. Fields hold the sentinel of [`Nullable`] where nothing is known.
        #[derive(Debug, Clone)]
        pub struct CandidateRecord {
            $(#[doc = $doc] pub $name: $type,)*
            /// Its vector.
            pub choices: Vec<Choice>,
        }

        impl Default for CandidateRecord {
            fn default() -> Self {
                Self { $($name: define!(@default $kind $type),)* choices: Vec::new() }
            }
        }

        impl CandidateRecord {
            /// Sets every field to "not known" (and `id`, `origin`, `status` to 0), keeping the vector's buffer.
            pub fn reset(&mut self) {
                $(self.$name = define!(@default $kind $type);)*
                self.choices.clear();
            }

            /// Every column in which two rows differ, in the order of the columns, with both values as text.
            pub fn differences(&self, other: &Self) -> Vec<(&'static str, String, String)> {
                let mut found = Vec::new();
                $(if !define!(@same $kind self.$name, other.$name) {
                    found.push((stringify!($name), define!(@text $kind self.$name), define!(@text $kind other.$name)));
                })*
                if self.choices != other.choices {
                    found.push(("choices", format!("{:?}", self.choices), format!("{:?}", other.choices)));
                }
                found
            }

            /// The first column in which two rows differ, with both values as text; a sentinel reads `null`.
            pub fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
                $(if !define!(@same $kind self.$name, other.$name) {
                    return Some((stringify!($name), define!(@text $kind self.$name), define!(@text $kind other.$name)));
                })*
                (self.choices != other.choices)
                    .then(|| ("choices", format!("{:?}", self.choices), format!("{:?}", other.choices)))
            }
        }

        /// Candidates as columns, growing row by row.
        #[derive(Debug, Clone, Default)]
        pub struct CandidateColumns {
            rows: usize,
            width: usize,
            capacity: usize,
            choices: Vec<Choice>,
            $($name: Vec<$type>,)*
        }

        impl CandidateColumns {
            /// Columns for vectors of `width` choices, with room for `capacity` rows.
            pub fn with_capacity(width: usize, capacity: usize) -> Self {
                let mut columns = Self { width, capacity, ..Self::default() };
                columns.choices.reserve(width.saturating_mul(capacity));
                columns
            }

            /// Appends a row. The vector must be as wide as all others; it is cut or filled with 0 otherwise.
            #[inline]
            pub fn push(&mut self, row: &CandidateRecord) {
                $(define!(@push $kind self.$name, row.$name, self.rows, self.capacity);)*
                if row.choices.len() == self.width {
                    self.choices.extend_from_slice(&row.choices);
                } else {
                    self.choices.extend((0..self.width).map(|i| row.choices.get(i).copied().unwrap_or(0)));
                }
                self.rows += 1;
            }

            /// Forgets all rows and keeps the memory.
            pub fn clear(&mut self) {
                self.rows = 0;
                self.choices.clear();
                $(self.$name.clear();)*
            }

            /// All rows as slices.
            pub fn view(&self) -> Columns<'_> {
                Columns { rows: self.rows, width: self.width, choices: &self.choices, $($name: &self.$name,)* }
            }

            /// The number of rows.
            pub fn len(&self) -> usize {
                self.rows
            }

            /// Whether there are no rows.
            pub fn is_empty(&self) -> bool {
                self.rows == 0
            }
        }

        /// Candidates as slices: `rows` long, or empty where no row has a value.
        #[derive(Debug, Clone, Copy, Default)]
        pub struct Columns<'a> {
            /// The number of rows.
            pub rows: usize,
            /// Choices a row.
            pub width: usize,
            /// The vectors, one after the other.
            pub choices: &'a [Choice],
            $(#[doc = $doc] pub $name: &'a [$type],)*
        }

        impl<'a> Columns<'a> {
            /// The number of rows.
            pub fn len(&self) -> usize {
                self.rows
            }

            /// Whether there are no rows.
            pub fn is_empty(&self) -> bool {
                self.rows == 0
            }

            /// The vector of a row; empty when there is no such row.
            pub fn vector(&self, row: usize) -> &'a [Choice] {
                self.choices.get(row * self.width..(row + 1) * self.width).unwrap_or_default()
            }

            /// A row, copied into `record`; "not known" everywhere when there is no such row.
            pub fn read(&self, row: usize, record: &mut CandidateRecord) {
                record.reset();
                $(if let Some(&value) = self.$name.get(row) { record.$name = value; })*
                record.choices.extend_from_slice(self.vector(row));
            }

            /// Whether every slice has the length it must have; a batch from elsewhere is checked once, here.
            pub fn is_consistent(&self) -> bool {
                self.rows.checked_mul(self.width) == Some(self.choices.len())
                    $(&& define!(@length $kind self.$name, self.rows))*
            }
        }
    };
    (@default must $type:ident) => { 0 };
    (@default may $type:ident) => { <$type as Nullable>::NONE };
    (@same must $a:expr, $b:expr) => { $a == $b };
    (@same may $a:expr, $b:expr) => { $a.known() == $b.known() };
    (@text must $a:expr) => { $a.to_string() };
    (@text may $a:expr) => { $a.known().map_or_else(|| "null".to_owned(), |value| value.to_string()) };
    (@push must $column:expr, $value:expr, $rows:expr, $capacity:expr) => {
        if $rows == 0 { $column.reserve($capacity); }
        $column.push($value)
    };
    (@push may $column:expr, $value:expr, $rows:expr, $capacity:expr) => {
        // An absent column stays empty until the first row that has a value.
        if !$column.is_empty() {
            $column.push($value);
        } else if !$value.is_none() {
            $column.reserve($capacity);
            $column.resize($rows, Nullable::NONE);
            $column.push($value);
        }
    };
    (@length must $column:expr, $rows:expr) => { $column.len() == $rows };
    (@length may $column:expr, $rows:expr) => { ($column.is_empty() || $column.len() == $rows) };
}
for_each_candidate_column!(define);

impl CandidateRecord {
    /// Where the vector came from.
    pub fn origin(&self) -> Option<Origin> {
        Origin::from_number(self.origin)
    }

    /// How it ended.
    pub fn status(&self) -> Option<Status> {
        Status::from_number(self.status)
    }
}

/// Rows of the `layers` table: which layers a candidate consists of and who owns each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerColumns {
    /// The candidate.
    pub candidate: Vec<CandidateId>,
    /// The layer's identity.
    pub identity: Vec<u128>,
    /// The candidate that trained it and stores it.
    pub owner: Vec<CandidateId>,
    /// Bytes of its tensors.
    pub bytes: Vec<u64>,
    /// Number of its [`LayerSource`].
    pub source: Vec<u8>,
}

/// Where a candidate's layer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum LayerSource {
    /// Trained by the candidate itself.
    Trained = 0,
    /// Read from the worker's own memory or disk.
    Local = 1,
    /// Read from the cache of its node.
    Node = 2,
    /// Read from the repository.
    Repository = 3,
}
words!(LayerSource { Trained = "trained", Local = "local", Node = "node", Repository = "repository" });

impl LayerColumns {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.candidate.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.candidate.is_empty()
    }

    /// Appends a row.
    pub fn push(
        &mut self,
        candidate: CandidateId,
        identity: u128,
        owner: CandidateId,
        bytes: u64,
        source: LayerSource,
    ) {
        self.candidate.push(candidate);
        self.identity.push(identity);
        self.owner.push(owner);
        self.bytes.push(bytes);
        self.source.push(source as u8);
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.candidate.clear();
        self.identity.clear();
        self.owner.clear();
        self.bytes.clear();
        self.source.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn columns_give_back_the_rows_they_were_given(
            rows in prop::collection::vec((any::<u64>(), prop::option::of(0_u64..9), prop::option::of(-1.0..1.0_f64), any::<[u16; 3]>()), 0..40)
        ) {
            let mut columns = CandidateColumns::with_capacity(3, 8);
            let records: Vec<CandidateRecord> = rows
                .iter()
                .map(|(id, parent, score, choices)| CandidateRecord {
                    id: *id,
                    parent: parent.unwrap_or(u64::NONE),
                    score: score.unwrap_or(f64::NONE),
                    choices: choices.to_vec(),
                    ..CandidateRecord::default()
                })
                .collect();
            for record in &records {
                columns.push(record);
            }
            let view = columns.view();
            prop_assert!(view.is_consistent());
            prop_assert!(view.donor.is_empty());
            prop_assert_eq!(view.parent.is_empty(), rows.iter().all(|row| row.1.is_none()));
            let mut back = CandidateRecord::default();
            for (i, record) in records.iter().enumerate() {
                view.read(i, &mut back);
                prop_assert_eq!(back.difference(record), None);
            }
        }
    }

    #[test]
    fn the_first_difference_is_named() {
        let a = CandidateRecord { score: 0.5, ..CandidateRecord::default() };
        let b = CandidateRecord::default();
        assert_eq!(a.difference(&b), Some(("score", "0.5".into(), "null".into())));
        let b = CandidateRecord { choices: vec![1], ..b };
        let expected =
            vec![("score", "0.5".into(), "null".into()), ("choices", "[]".to_owned(), "[1]".to_owned())];
        assert_eq!(a.differences(&b), expected);
        assert_eq!(Status::from_word("lost"), Some(Status::Lost));
        assert_eq!(Origin::from_number(9), None);
    }
}
