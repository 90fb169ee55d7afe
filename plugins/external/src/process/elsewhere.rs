//! Where there is no poll(2) there are no external programs: starting one is an error.

use super::{Command, Deadline, Trouble};
use std::time::Duration;

/// A running program. There is none on this system.
#[derive(Debug)]
pub enum Program {}

#[expect(missing_docs, reason = "documented where programs exist")]
impl Program {
    pub fn start(command: &Command) -> Result<Self, Trouble> {
        let reason = "external programs need a Unix system (Linux, macOS, BSD, WSL)".to_owned();
        Err(Trouble::Start { command: command.to_string(), reason })
    }

    pub fn send(&mut self, _: &str, _: Deadline) -> Result<(), Trouble> {
        match *self {}
    }

    pub fn receive(&mut self, _: Deadline) -> Result<Vec<u8>, Trouble> {
        match *self {}
    }

    pub fn unasked(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match *self {}
    }

    pub fn last_words(&self) -> String {
        match *self {}
    }

    pub fn end(&mut self, _: Duration) {
        match *self {}
    }
}
