//! A conversation with one program.
//!
//! [`Session::call`] is a message and its answer. [`Session::send`] and [`Session::receive`] are its halves, for roles whose
//! answers are preceded by others (the progress of a training) or whose messages have no answer (its cancellation).

use super::VERSION;
use super::messages::{Answer, ErrorMessage, Hello, Introduction, Role, ToProgram};
use crate::process::{Command, Deadline, LONGEST_LINE, Program, Trouble, shortened};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// How a program is started and how long it is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// What to start.
    pub command: Command,
    /// How long it may take from its start to its `hello`.
    pub start_timeout: Duration,
    /// How long it may take for each answer.
    pub timeout: Duration,
}

/// What is due from a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The `type` of the answer.
    pub answer: &'static str,
    /// The `type` of the message.
    pub to: &'static str,
    /// The message's `id`, if it has one.
    pub id: Option<u64>,
}

impl Due {
    /// The answer `A` to a message.
    pub fn of<A: Answer>(to: &'static str, id: impl Into<Option<u64>>) -> Self {
        Self { answer: A::TYPE, to, id: id.into() }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answer, to, id } = self;
        match id {
            Some(id) => write!(f, "`{answer}` in answer to `{to}` {id}"),
            None => write!(f, "`{answer}` in answer to `{to}`"),
        }
    }
}

/// Why a conversation failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The program cannot be started.
    #[error("{0}")]
    Start(Trouble),
    /// It exited or fell silent. Started again it may answer.
    #[error("{0}")]
    Gone(String),
    /// What it said is not the protocol. It would say it again.
    #[error("{0}")]
    Protocol(String),
    /// It said that it cannot answer.
    #[error("{command} reports: {message}")]
    Reported {
        /// The command.
        command: String,
        /// Its words.
        message: String,
    },
}

/// The kind of a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The program cannot be started.
    Start,
    /// It exited or fell silent.
    Gone,
    /// It talks nonsense.
    Protocol,
    /// It reported an error.
    Reported,
}

impl Failure {
    /// The kind.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Start(_) => FailureKind::Start,
            Self::Gone(_) => FailureKind::Gone,
            Self::Protocol(_) => FailureKind::Protocol,
            Self::Reported { .. } => FailureKind::Reported,
        }
    }
}

/// An answer, and the line that it was.
#[derive(Debug)]
pub struct Answered<A> {
    /// The answer.
    pub value: A,
    /// The line.
    pub line: Vec<u8>,
}

/// A conversation.
#[derive(Debug)]
pub struct Session {
    program: Program,
    launch: Launch,
    about: Introduction,
}

impl Session {
    /// Starts the program and exchanges greetings.
    pub fn open(launch: &Launch, hello: &Hello) -> Result<Self, Failure> {
        let program = Program::start(&launch.command).map_err(Failure::Start)?;
        let nobody = Introduction {
            protocol: VERSION,
            name: String::new(),
            version: String::new(),
            capabilities: Vec::new(),
            random_phase: None,
        };
        let mut session = Self { program, launch: launch.clone(), about: nobody };
        let due = Due::of::<Introduction>("hello", None);
        let deadline = Deadline::after(launch.start_timeout);
        let line = to_line(&ToProgram::Hello(hello.clone()));
        session.send(&line, due, deadline)?;
        let line = session.line(due, deadline)?;
        let json = session.object(&line, due)?;
        // Another version may have other fields, so this comes before they are looked at.
        if let Some(version) = json.get("protocol").filter(|version| version.as_u64() != Some(VERSION)) {
            let advice = match version.as_u64() {
                Some(found) if found > VERSION => "use a newer lamarck, or an older program",
                _ => "use a newer program, or an older lamarck",
            };
            let what = format!(
                "it speaks version {version} of the protocol, and this lamarck version {VERSION}; {advice}"
            );
            return Err(session.refuse(&line, due, &what));
        }
        let about: Introduction = session.fields(&line, due, json)?;
        session.check(&line, due, &about, hello.role)?;
        session.about = about;
        Ok(session)
    }

    fn check(&self, line: &[u8], due: Due, about: &Introduction, role: Role) -> Result<(), Failure> {
        let known = role.capabilities();
        if let Some(other) = about.capabilities.iter().find(|capability| !known.contains(capability)) {
            let known: Vec<&str> = known.iter().map(|capability| capability.as_str()).collect();
            let (other, role, known) = (other.as_str(), role.as_str(), known.join(", "));
            let what = format!("`{other}` is not a capability of a {role}; known are {known}");
            return Err(self.refuse(line, due, &what));
        }
        if about.random_phase.is_some() && role != Role::Strategy {
            return Err(self.refuse(line, due, "only a strategy has a `random_phase`"));
        }
        Ok(())
    }

    /// How the program introduced itself.
    pub fn about(&self) -> &Introduction {
        &self.about
    }

    /// The number of the program's process.
    #[cfg(unix)]
    pub fn process_id(&self) -> u32 {
        self.program.id()
    }

    /// Sends a message and waits for its answer, as long as the study allows.
    pub fn call<A: Answer>(&mut self, message: &str, due: Due) -> Result<Answered<A>, Failure> {
        let deadline = Deadline::after(self.launch.timeout);
        self.send(message, due, deadline)?;
        self.receive(due, deadline)
    }

    /// Sends a message. What the program wrote before that was asked for by nobody.
    pub fn send(&mut self, message: &str, due: Due, deadline: Deadline) -> Result<(), Failure> {
        match self.program.unasked() {
            Ok(None) => {}
            Ok(Some(line)) => return Err(self.unasked(&line)),
            Err(trouble) => return Err(self.fail(trouble, due)),
        }
        self.program.send(message, deadline).map_err(|trouble| self.fail(trouble, due))
    }

    /// Waits for an answer, after which there must be nothing.
    pub fn receive<A: Answer>(&mut self, due: Due, deadline: Deadline) -> Result<Answered<A>, Failure> {
        let line = self.line(due, deadline)?;
        let json = self.object(&line, due)?;
        let value: A = self.fields(&line, due, json)?;
        if value.id() != due.id {
            let id = value.id().unwrap_or_default();
            return Err(self.refuse(&line, due, &format!("its `id` is {id}")));
        }
        match self.program.unasked() {
            Ok(Some(line)) => Err(self.unasked(&line)),
            // Whatever else is wrong will be told when it is in the way.
            _ => Ok(Answered { value, line }),
        }
    }

    /// Waits for a line.
    fn line(&mut self, due: Due, deadline: Deadline) -> Result<Vec<u8>, Failure> {
        self.program.receive(deadline).map_err(|trouble| self.fail(trouble, due))
    }

    /// A line as an object of the right type; the program's own error is one here.
    fn object(&self, line: &[u8], due: Due) -> Result<serde_json::Map<String, Value>, Failure> {
        let mut json = match serde_json::from_slice(line) {
            Ok(Value::Object(json)) => json,
            Ok(_) => return Err(self.refuse(line, due, "it is no JSON object")),
            Err(error) => {
                let what = format!("it is no JSON: {}", without_line(&error));
                return Err(self.refuse(line, due, &what));
            }
        };
        match json.remove("type") {
            Some(Value::String(word)) if word == due.answer => Ok(json),
            Some(Value::String(word)) if word == "error" => {
                let ErrorMessage { message, .. } = self.fields(line, due, json)?;
                let message = message.trim().to_owned();
                Err(Failure::Reported { command: self.launch.command.to_string(), message })
            }
            Some(word) => Err(self.refuse(line, due, &format!("its `type` is {word}"))),
            None => Err(self.refuse(line, due, "it has no `type`")),
        }
    }

    fn fields<A: serde::de::DeserializeOwned>(
        &self,
        line: &[u8],
        due: Due,
        json: serde_json::Map<String, Value>,
    ) -> Result<A, Failure> {
        serde_path_to_error::deserialize(Value::Object(json)).map_err(|error| {
            let (path, what) = (error.path().to_string(), in_words(&error.inner().to_string()));
            let what = if path == "." { what } else { format!("at `{path}`: {what}") };
            self.refuse(line, due, &what)
        })
    }

    /// The failure of a program whose answer is wrong.
    pub fn refuse(&self, line: &[u8], due: Due, what: &str) -> Failure {
        let (command, line) = (&self.launch.command, shortened(line));
        Failure::Protocol(format!(
            "{command} broke the protocol: expected {due}, found the line\n | {line}\n{what}{}",
            self.last_words()
        ))
    }

    fn unasked(&self, line: &[u8]) -> Failure {
        let (command, line) = (&self.launch.command, shortened(line));
        Failure::Protocol(format!(
            "{command} broke the protocol: expected nothing after its answer, found the line\n | {line}\nonly answers \
             may go to standard output; what is for people goes to standard error{}",
            self.last_words()
        ))
    }

    fn fail(&mut self, trouble: Trouble, due: Due) -> Failure {
        let command = &self.launch.command;
        let begun = |line: &str| {
            if line.is_empty() { String::new() } else { format!(", with the unfinished line `{line}`") }
        };
        match trouble {
            Trouble::Start { .. } => Failure::Start(trouble),
            Trouble::Gone { what, begun: line } => Failure::Gone(format!(
                "{command} {what}{} before it gave {due}{}",
                begun(&line),
                self.last_words()
            )),
            Trouble::Silent { begun: line } => {
                self.program.end(Duration::ZERO);
                let (time, option) = match due.id {
                    Some(_) => (self.launch.timeout, "timeout_s"),
                    None => (self.launch.start_timeout, "start_timeout_s"),
                };
                Failure::Gone(format!(
                    "{command} did not give {due} within {} s{}; if it is only slow, raise `{option}`; if it answered, it \
                     must flush its output after each line{}",
                    time.as_secs_f64(),
                    begun(&line),
                    self.last_words()
                ))
            }
            Trouble::TooLong { begun } => {
                self.program.end(Duration::ZERO);
                Failure::Protocol(format!(
                    "{command} broke the protocol: expected {due}, found a line of more than {} MB that begins\n | {begun}{}",
                    LONGEST_LINE >> 20,
                    self.last_words()
                ))
            }
            Trouble::Pipe(error) => {
                self.program.end(Duration::ZERO);
                Failure::Gone(format!(
                    "{command} cannot be talked to ({error}), and {due} was due{}",
                    self.last_words()
                ))
            }
        }
    }

    /// What the program last said on standard error, as the end of a message.
    fn last_words(&self) -> String {
        let words = self.program.last_words();
        if words.is_empty() { words } else { format!("\nthe end of its standard error:{words}") }
    }
}

/// A message as a line, without its end.
pub(crate) fn to_line(message: &ToProgram) -> String {
    // Strings, numbers, and maps with string keys: nothing that JSON cannot say.
    serde_json::to_string(message).unwrap_or_default()
}

/// serde_json counts lines, and a message is one.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let head = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head);
    format!("{head} (column {})", error.column())
}

/// serde names types of Rust, which mean nothing to the author of a program.
fn in_words(text: &str) -> String {
    const WORDS: [(&str, &str); 6] = [
        ("expected a nonzero u32", "expected a whole number of at least 1"),
        ("expected u16", "expected a whole number from 0 to 65535"),
        ("expected u32", "expected a whole number of at least 0"),
        ("expected u64", "expected a whole number of at least 0"),
        ("expected a sequence", "expected a list"),
        ("expected internally tagged enum ProposalMessage", "expected an object with a `type`"),
    ];
    WORDS.iter().fold(text.to_owned(), |text, (rust, words)| text.replace(rust, words))
}
