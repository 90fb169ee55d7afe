//! A program of the user's: started, written to, read from, and ended. Knows lines, not what they mean.
//!
//! # One thread, three pipes
//!
//! A plugin starts no threads, so all three pipes of a program are watched by the thread that talks to it. They do not
//! block: [`poll(2)`](https://man7.org/linux/man-pages/man2/poll.2.html) waits for whichever is ready, for as long as the
//! timeout has left. So a timeout holds for writing as for reading; a program that answers while it is still being written
//! to cannot lock up; and standard error is read at the same time, or a chatty program would stand still with a full pipe.
//! The alternative, threads that read, would be three for each program and a channel between them.
//!
//! # How a program ends
//!
//! Its standard input is closed, which every loop over input lines takes as its end; it then has [`GRACE`] to
//! exit. Whatever is left of its process group after that is killed, with all that it started itself. A group of its own
//! also keeps the terminal's Ctrl-C away from it: Lamarck finishes what it does, and needs its programs for that.
//!
//! Should Lamarck itself be killed, the input ends all the same, since the kernel closes the pipe. A program that never
//! reads again, in an endless computation, would outlive it then. `prctl(PR_SET_PDEATHSIG)` could only be set between fork
//! and exec, in code that is `unsafe`; who needs it puts `setpriv --pdeathsig KILL` in front of the command.

mod clock;
#[cfg(not(unix))]
mod elsewhere;
mod lines;
#[cfg(unix)]
mod program;

pub use clock::Deadline;
#[cfg(not(unix))]
pub use elsewhere::Program;
pub use lines::{LONGEST_LINE, shortened};
#[cfg(unix)]
pub use program::Program;

use std::path::PathBuf;
use std::time::Duration;

/// How long a program has to exit once its input was closed.
pub const GRACE: Duration = Duration::from_secs(2);

/// What to start, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments; no shell reads them.
    pub words: Vec<String>,
    /// The folder to run it in, which relative paths start from; empty for the working directory.
    pub folder: PathBuf,
}

impl std::fmt::Display for Command {
    /// The words, as a message shows them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", shortened(self.words.join(" ").as_bytes()))
    }
}

/// Why there is no line to be had from a program.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It could not be started.
    #[error("cannot start {command}: {reason}")]
    Start {
        /// The command.
        command: String,
        /// What the system said, and what to do.
        reason: String,
    },
    /// It exited, or closed its output.
    #[error("{what}")]
    Gone {
        /// `ended with exit code 1`.
        what: String,
        /// A line that it began.
        begun: String,
    },
    /// Time is up.
    #[error("was silent")]
    Silent {
        /// A line that it began.
        begun: String,
    },
    /// A line beyond [`LONGEST_LINE`].
    #[error("wrote a line of more than {} MB", LONGEST_LINE >> 20)]
    TooLong {
        /// How it begins.
        begun: String,
    },
    /// The system refuses to read or write a pipe.
    #[error("cannot be talked to: {0}")]
    Pipe(std::io::Error),
}
