//! A reader of Python pickles that executes nothing.
//!
//! A pickle is a program for a small stack machine, and Python runs it: `pickle.load` on a file from the
//! internet is running that file. The benchmarks come as pickles all the same, so this module reads the part of
//! the language that plain data needs (numbers, text, bytes, lists, tuples, dicts, sets, the memo and frames of
//! protocols 0 to 5) and a handful of classes by name, each turned into data by code written here: `OrderedDict`
//! is a dict, a numpy scalar is a number. Anything else is an error that names it and its place.
//!
//! A general crate was the alternative (`serde-pickle`); it reads the wheel, but not the classes in the
//! official files, and it has no bounds on what a file may make it allocate.
//!
//! # Shape of the result
//!
//! The memo makes a pickle a graph, not a tree: an object may stand in many places, even within itself. So
//! values live in one arena and refer to each other by number. Sharing costs nothing, a cycle is harmless
//! because nothing here recurses, and dropping is one sweep: no nesting, however deep, can overflow the stack.
//! Text and bytes are borrowed from the input.
//!
//! # Bounds
//!
//! [`Limits`] bounds the input, the values and places in containers, and the depth of stack and marks. A counted
//! item takes 32 bytes (a value) or less (a place in a dict 8, in a list 4), so with room for growth memory is
//! at most 100 bytes an item beside the input, and reading time is linear in input and items.
//!
//! ```
//! use lamarck_nas_bench_201_table::pickle::{self, Limits, PickleProblem};
//!
//! // pickle.dumps({"a": [1, 2.5]}, protocol=2)
//! let read = pickle::read(b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01]q\x02(K\x01G@\x04\x00\x00\x00\x00\x00\x00es.", &Limits::default())?;
//! let list = read.root().get("a").unwrap();
//! assert_eq!(list.items().unwrap().last().unwrap().as_float(), Some(2.5));
//!
//! // What pickle.load would run: os.system("true")
//! let error = pickle::read(b"cos\nsystem\n(S'true'\ntR.", &Limits::default()).unwrap_err();
//! assert_eq!(error.to_string(), "pickle, byte 0: `os.system` is not allowed; only plain data is read, nothing is executed");
//! # Ok::<(), pickle::PickleError>(())
//! ```

mod cursor;
mod error;
mod globals;
mod machine;
mod text;
mod value;

pub use error::{PickleError, PickleProblem};
pub use value::{Pickle, Value};

/// Bounds on what reading a pickle may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the pickle.
    pub input: usize,
    /// Values, places in containers and places in the memo, together.
    pub items: usize,
    /// Depth of the stack, and of nested marks.
    pub depth: usize,
}

impl Default for Limits {
    /// 16 MiB, two million items (at most 200 MB), and a depth of one million: three times what a benchmark file
    /// needs, and no danger to any machine.
    fn default() -> Self {
        Self { input: 16 << 20, items: 2_000_000, depth: 1_000_000 }
    }
}

/// Reads one pickle, which must be the whole input.
///
/// # Errors
/// At the first opcode that is unknown, not allowed, damaged or beyond a limit.
pub fn read<'a>(input: &'a [u8], limits: &Limits) -> Result<Pickle<'a>, PickleError> {
    machine::run(input, limits)
}
