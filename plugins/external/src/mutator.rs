//! The mutator: a pool of programs, each of which turns parents into children and remembers nothing.

use crate::options::{
    COMMAND, ExternalOptions, OPTIONS, RESTARTS, START_TIMEOUT, TIMEOUT, fault, fault_after,
};
use crate::protocol::{
    Capability, Children, Due, Failure, FailureKind, Hello, Introduction, Launch, Mutate, MutateRequest,
    Recombine, RecombineRequest, Role, Session, ToProgram, seed, to_line,
};
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Fault, FaultKind};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A mutator that is a program.
///
/// The runs of a point share their mutators, on as many threads as there are jobs. Whoever needs a child takes a program
/// out of the pool, or starts one if none is idle, so there are at most as many as threads. Which of them makes a child
/// does not matter: all that a child follows from is in the message.
pub struct ExternalMutator {
    launch: Launch,
    hello: Hello,
    about: Introduction,
    space: SpaceSpec,
    idle: Mutex<Vec<Session>>,
    /// Messages of all programs are numbered together, so that a number in an error names one.
    messages: AtomicU64,
    restarts: u32,
    restarted: AtomicU32,
}

impl ExternalMutator {
    fn open(&self) -> Result<Session, Failure> {
        let session = Session::open(&self.launch, &self.hello)?;
        if *session.about() == self.about {
            return Ok(session);
        }
        let (command, first, now) = (&self.launch.command, &self.about, session.about());
        Err(Failure::Protocol(format!(
            "{command} introduced itself first as {} {} and then as {} {}, or with other capabilities; it must not \
             change while a study runs",
            first.name, first.version, now.name, now.version
        )))
    }

    /// Has a program make one child.
    fn ask(
        &self,
        child: &mut [Choice],
        to: &'static str,
        message: impl FnOnce(u64) -> ToProgram,
    ) -> Result<()> {
        let id = self.messages.fetch_add(1, Ordering::Relaxed);
        let due = Due::of::<Children>(to, id);
        let line = to_line(&message(id));
        loop {
            let idle = self.idle().pop();
            let answer = idle.map_or_else(|| self.open(), Ok).and_then(|mut session| {
                let made = self.make(&mut session, &line, due);
                // After an error of its own a program can go on.
                if !matches!(&made, Err(failure) if failure.kind() != FailureKind::Reported) {
                    self.idle().push(session);
                }
                made
            });
            match answer {
                Ok(made) => {
                    child.copy_from_slice(&made);
                    return Ok(());
                }
                Err(failure) if failure.kind() == FailureKind::Gone && self.may_restart() => {}
                Err(failure) => {
                    let restarts = self.restarted.load(Ordering::Relaxed).min(self.restarts);
                    return Err(fault_after(&failure, restarts).into());
                }
            }
        }
    }

    fn make(&self, session: &mut Session, line: &str, due: Due) -> Result<Vec<Choice>, Failure> {
        let answer = session.call::<Children>(line, due)?;
        let refuse = |what: &str| session.refuse(&answer.line, due, what);
        let children = answer.value.children;
        let count = children.len();
        let [child] = <[Vec<Choice>; 1]>::try_from(children)
            .map_err(|_| refuse(&format!("it has {count} children, and 1 was requested")))?;
        self.space.check_ranges(&child).map_err(|error| refuse(&error.to_string()))?;
        Ok(child)
    }

    fn may_restart(&self) -> bool {
        self.restarted.fetch_add(1, Ordering::Relaxed) < self.restarts
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        // A list of programs is whole at any moment, whoever panicked.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Component for ExternalMutator {
    type Options = ExternalOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("external", "a program in any language makes the child (JSON Lines)").options(&[
            COMMAND,
            TIMEOUT,
            START_TIMEOUT,
            RESTARTS,
            OPTIONS,
        ]);

    fn create(options: ExternalOptions, context: &Context) -> Result<Self> {
        let (launch, hello) = (options.launch(context)?, options.hello(Role::Mutator, context)?);
        // The first program starts now: what is wrong with it is to be known before the first candidate.
        let session = Session::open(&launch, &hello).map_err(|failure| fault(&failure))?;
        Ok(Self {
            launch,
            about: session.about().clone(),
            space: hello.space.clone(),
            hello,
            idle: Mutex::new(vec![session]),
            messages: AtomicU64::new(0),
            restarts: options.restarts,
            restarted: AtomicU32::new(0),
        })
    }
}

impl Mutator for ExternalMutator {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let request = MutateRequest { parent: child.to_vec(), seed: seed(rng) };
        self.ask(child, "mutate", |id| ToProgram::Mutate(Mutate { id, requests: vec![request] }))
    }

    fn recombine(&self, child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
        if !self.about.capabilities.contains(&Capability::Recombine) {
            return crossover(child, other, rng);
        }
        let request = RecombineRequest { parent: child.to_vec(), other: other.to_vec(), seed: seed(rng) };
        self.ask(child, "recombine", |id| ToProgram::Recombine(Recombine { id, requests: vec![request] }))
    }
}

/// What [`Mutator::recombine`] does where nobody overrides it.
fn crossover(child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
    struct Uniform;
    impl Mutator for Uniform {
        fn mutate(&self, _: &mut [Choice], _: &mut Rng) -> Result<()> {
            Err(Fault::new(FaultKind::Unsupported, "only for recombination").into())
        }
    }
    Uniform.recombine(child, other, rng)
}
