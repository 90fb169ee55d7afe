//! The options, which all roles share.

use crate::process::Command;
use crate::protocol::{Failure, FailureKind, Hello, Launch, Role, VERSION};
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Fault, FaultKind};
use serde::de::{Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const COMMAND: OptionSpec = OptionSpec::any(
    "command",
    "the program and its arguments, a list: [\"python3\", \"mine.py\"]. It runs in the study's folder; no shell reads it",
);
pub(crate) const TIMEOUT: OptionSpec =
    OptionSpec::float("timeout_s", 0.001, 1e6, "how long an answer may take").default_value("10").unit("s");
pub(crate) const START_TIMEOUT: OptionSpec =
    OptionSpec::float("start_timeout_s", 0.001, 1e6, "how long the program may take to start and say hello")
        .default_value("60")
        .unit("s");
pub(crate) const RESTARTS: OptionSpec = OptionSpec::integer(
    "restarts",
    0,
    1_000_000,
    "how often a program that ended or fell silent is started again, in all",
)
.default_value("3");
pub(crate) const OPTIONS: OptionSpec =
    OptionSpec::any("options", "a table that is handed to the program when it starts").default_value("{}");
pub(crate) const BATCH: OptionSpec = OptionSpec::integer(
    "batch",
    1,
    100_000,
    "how many proposals are asked for at once; above 1, each but the first knows nothing of what finished since the first",
)
.default_value("1")
.unit("proposals");

/// The options of an external component.
#[derive(Debug, Clone, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct ExternalOptions {
    /// The program and its arguments.
    #[serde(deserialize_with = "words")]
    pub command: Vec<String>,
    /// Seconds that an answer may take.
    pub timeout_s: f64,
    /// Seconds until the program's hello.
    pub start_timeout_s: f64,
    /// How often it is started again.
    pub restarts: u32,
    /// What it is handed.
    pub options: lamarck_sdk::serde_json::Map<String, lamarck_sdk::serde_json::Value>,
    /// How many proposals are asked for at once.
    #[serde(default = "one")]
    pub batch: u32,
}

fn one() -> u32 {
    1
}

/// A list of texts, with an example in the error: a command as one text is what most people try first.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<String>, D::Error> {
    struct Words;
    impl<'de> Visitor<'de> for Words {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of texts, as in [\"python3\", \"mine.py\"]")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Vec<String>, A::Error> {
            let mut words = Vec::new();
            while let Some(word) = list.next_element()? {
                words.push(word);
            }
            Ok(words)
        }
    }
    deserializer.deserialize_seq(Words)
}

impl ExternalOptions {
    /// How the program is started.
    pub(crate) fn launch(&self, context: &Context) -> Result<Launch> {
        if self.command.first().is_none_or(|program| program.trim().is_empty()) {
            let message = "option `command` names no program; write it as a list, [\"python3\", \"mine.py\"]";
            return Err(Fault::new(FaultKind::Options, message).at("command").into());
        }
        if self.command.iter().any(|word| word.contains('\0')) {
            let message = "option `command` has a null character, which no argument can have";
            return Err(Fault::new(FaultKind::Options, message).at("command").into());
        }
        // Both are checked to be within a million seconds.
        let seconds = |s: f64| Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX);
        Ok(Launch {
            command: Command { words: self.command.clone(), folder: PathBuf::from(&context.folder) },
            start_timeout: seconds(self.start_timeout_s),
            timeout: seconds(self.timeout_s),
        })
    }

    /// What the program is greeted with.
    pub(crate) fn hello(&self, role: Role, context: &Context) -> Result<Hello> {
        // A mutator needs neither, and is not told: what differs between points would keep them from sharing programs.
        let of_strategy = |number: u32| (role == Role::Strategy).then_some(number);
        Ok(Hello {
            protocol: VERSION,
            lamarck: env!("CARGO_PKG_VERSION").to_owned(),
            role,
            space: context.space()?.clone(),
            workers: of_strategy(context.workers),
            batch: of_strategy(self.batch),
            options: self.options.clone(),
        })
    }
}

/// A failure as the host sees it. A program that cannot be started is a mistake in the study.
pub(crate) fn fault(failure: &Failure) -> Fault {
    let text = failure.to_string();
    match failure.kind() {
        FailureKind::Start => Fault::new(FaultKind::Options, text).at("command"),
        FailureKind::Protocol => Fault::new(FaultKind::Protocol, text),
        FailureKind::Gone | FailureKind::Reported => Fault::new(FaultKind::Error, text),
    }
}

/// The same after restarts, which the message tells of.
pub(crate) fn fault_after(failure: &Failure, restarts: u32) -> Fault {
    let fault = fault(failure);
    if restarts == 0 || failure.kind() != FailureKind::Gone {
        return fault;
    }
    let times = if restarts == 1 { "once".to_owned() } else { format!("{restarts} times") };
    Fault::new(fault.kind(), format!("it was started again {times}, and still {fault}")).at(fault.path())
}
