//! What can be wrong with a trace, a capacity or a policy's name.

/// What went wrong, for those who decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A capacity of 0.
    Capacity,
    /// A size that is 0 or no number of bytes.
    Size,
    /// An object whose size is not what it was.
    SizeChanged,
    /// More records, objects or bytes than can be counted.
    TooLarge,
    /// A value that is negative, infinite or NaN.
    Value,
    /// A file that ends inside a record, or whose records do not begin where they should.
    Format,
    /// A column that is missing or a field that cannot be read.
    Column,
    /// A policy nobody knows, or an option it does not have.
    Policy,
    /// A policy that needs to know the future where the future is not known.
    NeedsFuture,
    /// Reading or writing failed.
    Io,
}

/// An error of this crate. Records are counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A cache that can hold nothing.
    #[error("a cache of 0 bytes holds nothing; give a capacity of at least 1 byte")]
    ZeroCapacity,
    /// An object of no bytes: it would be cached for ever at no cost, and no ratio of bytes could count it.
    #[error("record {record}: object {id} has 0 bytes; leave such objects out of the trace")]
    ZeroSize {
        /// The record.
        record: u64,
        /// The object.
        id: u64,
    },
    /// See [`SizeRule`](crate::SizeRule).
    #[error(
        "record {record}: object {id} has {size} bytes but had {before} before; give a new version a new id, \
         or choose a rule for changed sizes (first, largest)"
    )]
    SizeChanged {
        /// The record.
        record: u64,
        /// The object.
        id: u64,
        /// Its size before.
        before: u64,
        /// Its size now.
        size: u64,
    },
    /// Records, objects and hints are counted in 32 bits, one number of which means "none".
    #[error("record {record}: more than {limit} {what}; split the trace")]
    TooMany {
        /// The record.
        record: u64,
        /// What there is too much of.
        what: &'static str,
        /// How many there can be.
        limit: u64,
    },
    /// The sum of all sizes over all records.
    #[error("the records ask for more than 2^64 bytes altogether; split the trace or count in larger units")]
    TooManyBytes,
    /// A hint that is no number.
    #[error("record {record}: the value {value} of object {id} is no finite number of at least 0")]
    Value {
        /// The record.
        record: u64,
        /// The object.
        id: u64,
        /// The value.
        value: f64,
    },
    /// A hint out of order, after the last record, or about an object that the trace does not have.
    #[error("record {record}: the hint about object number {object} is out of order, or not of this trace")]
    Hint {
        /// The record it comes before.
        record: u64,
        /// The number of the object.
        object: u32,
    },
    /// The end of a file comes too early.
    #[error(
        "record {record}: the file ends after {bytes} of its 24 bytes; it is truncated, or no oracleGeneral file"
    )]
    Truncated {
        /// The record.
        record: u64,
        /// How many bytes of it there are.
        bytes: usize,
    },
    /// The field "next access" names the past, or no record of any trace.
    #[error(
        "record {record}: its next access is said to be record {next}, which is no later one; the records do not \
         begin at multiples of 24 bytes, or this is no oracleGeneral file"
    )]
    Misaligned {
        /// The record.
        record: u64,
        /// What its last field says.
        next: i64,
    },
    /// oracleGeneral keeps sizes in 32 bits.
    #[error(
        "record {record}: object {id} has {size} bytes, and oracleGeneral has no more than 32 bits for a size; \
         write CSV instead, or split the object"
    )]
    SizeTooLarge {
        /// The record.
        record: u64,
        /// The object.
        id: u64,
        /// Its size.
        size: u64,
    },
    /// oracleGeneral knows reads only.
    #[error("record {record}: oracleGeneral cannot say that this is a {op}; write CSV instead")]
    OnlyReads {
        /// The record.
        record: u64,
        /// `put` or `delete`.
        op: &'static str,
    },
    /// A CSV file without a column.
    #[error("the header has no column `{name}`; it has {found}")]
    NoColumn {
        /// The column.
        name: String,
        /// The columns there are.
        found: String,
    },
    /// A field of a CSV file that cannot be read.
    #[error("record {record}: {what} `{text}` is not {wanted}")]
    Field {
        /// The record; the header is not counted.
        record: u64,
        /// Which field.
        what: &'static str,
        /// What it says.
        text: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A row of a CSV file with too few fields.
    #[error("record {record}: the row has {found} fields, but column `{name}` is number {wanted}")]
    ShortRow {
        /// The record; the header is not counted.
        record: u64,
        /// The column.
        name: String,
        /// How many fields there are.
        found: usize,
        /// The number of the column, from 1.
        wanted: usize,
    },
    /// No policy of that name.
    #[error("there is no policy `{name}`; there are {known}")]
    UnknownPolicy {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// No such option, or no such value of it.
    #[error("policy {policy}: {message}")]
    PolicyOption {
        /// The policy.
        policy: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Belady's rule outside a simulation.
    #[error(
        "policy {policy} must know the whole trace beforehand; it can be simulated, but not used as a cache"
    )]
    NeedsFuture {
        /// The policy.
        policy: &'static str,
    },
    /// Reading failed in the middle: a disk, a pipe, or compressed data that are damaged or cut.
    #[error("record {record}: cannot be read, or the compressed file is damaged or cut: {source}")]
    Unreadable {
        /// The record that was being read.
        record: u64,
        /// Why.
        source: std::io::Error,
    },
    /// A CSV file that is none.
    #[error("record {record}: the text is not UTF-8; it is damaged, compressed in an unknown way, or no CSV")]
    NoText {
        /// The record, 0 for the header.
        record: u64,
    },
    /// Reading or writing failed.
    #[error("the trace cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::ZeroCapacity => ErrorKind::Capacity,
            Self::ZeroSize { .. } => ErrorKind::Size,
            Self::SizeChanged { .. } => ErrorKind::SizeChanged,
            Self::TooMany { .. } | Self::TooManyBytes | Self::SizeTooLarge { .. } => ErrorKind::TooLarge,
            Self::Value { .. } | Self::Hint { .. } => ErrorKind::Value,
            Self::Truncated { .. }
            | Self::Misaligned { .. }
            | Self::OnlyReads { .. }
            | Self::NoText { .. } => ErrorKind::Format,
            Self::NoColumn { .. } | Self::Field { .. } | Self::ShortRow { .. } => ErrorKind::Column,
            Self::UnknownPolicy { .. } | Self::PolicyOption { .. } => ErrorKind::Policy,
            Self::NeedsFuture { .. } => ErrorKind::NeedsFuture,
            Self::Unreadable { .. } | Self::Io(_) => ErrorKind::Io,
        }
    }
}
