//! Why a pickle could not be read.

use crate::error::ErrorKind;

/// What was wrong, and at which byte of the (unpacked) pickle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pickle, byte {offset}: {problem}")]
pub struct PickleError {
    /// The position of the opcode's first byte.
    pub offset: usize,
    /// What was wrong.
    pub problem: PickleProblem,
}

impl PickleError {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.problem.kind()
    }
}

/// What can be wrong with a pickle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PickleProblem {
    /// The pickle ends within an opcode or before the last one.
    #[error("the pickle ends here; it is truncated")]
    Truncated,
    /// A byte that is no opcode.
    #[error("0x{0:02x} is no pickle opcode")]
    UnknownOpcode(u8),
    /// An opcode that data does not need: it makes objects or reaches outside the pickle.
    #[error("opcode {0} is not allowed; only plain data is read, nothing is executed")]
    ForbiddenOpcode(&'static str),
    /// A class or function that is not on the list.
    #[error("`{module}.{name}` is not allowed; only plain data is read, nothing is executed")]
    ForbiddenGlobal {
        /// The Python module.
        module: String,
        /// The name in it.
        name: String,
    },
    /// An allowed class or function with arguments that it is not understood with.
    #[error("`{global}` with arguments that are not understood: {problem}")]
    Arguments {
        /// The class or function.
        global: &'static str,
        /// What is not understood.
        problem: String,
    },
    /// A protocol later than 5.
    #[error("protocol {0} is unknown (0 to 5 are read)")]
    Protocol(u8),
    /// An opcode takes more than the stack has.
    #[error("the stack is empty")]
    StackUnderflow,
    /// An opcode takes a mark that is not there.
    #[error("there is no mark on the stack")]
    NoMark,
    /// An opcode works on another type.
    #[error("{expected} expected, {found} found")]
    Type {
        /// What the opcode works on.
        expected: &'static str,
        /// What there is.
        found: &'static str,
    },
    /// Dict items do not come in pairs.
    #[error("a key without a value")]
    OddItems,
    /// A memo place that nothing was put in.
    #[error("nothing was kept in memo place {0}")]
    NoMemo(u64),
    /// A text that is not what the opcode asks for.
    #[error("not {0}")]
    Text(&'static str),
    /// An integer that does not fit 64 bits.
    #[error("an integer of more than 64 bits")]
    LongInteger,
    /// Bytes after the end.
    #[error("{0} bytes after the end of the pickle")]
    Trailing(usize),
    /// A limit was reached.
    #[error("more than {limit} {what}")]
    TooLarge {
        /// Of what there is too much.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
}

impl PickleProblem {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::ForbiddenOpcode(_)
            | Self::ForbiddenGlobal { .. }
            | Self::Arguments { .. }
            | Self::Protocol(_)
            | Self::LongInteger => ErrorKind::Unsupported,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            _ => ErrorKind::Damaged,
        }
    }
}
