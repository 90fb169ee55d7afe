//! The strategy: one program for each run, with a state that a restart must bring back.
//!
//! # Exact, or in batches
//!
//! With `batch = 1` a tell is a message and an answer of its own, as is an ask: the program knows of every completion
//! before it proposes again, and what it releases is forgotten at once, as with a strategy in Rust. That is two round trips
//! a candidate.
//!
//! With `batch` = k an ask has k seeds, and what has finished since the last ask is sent along with it: one round trip for k
//! candidates. The price is knowledge: the i-th proposal of a batch knows nothing of the completions since the first. What
//! the program releases comes with its proposals, and is passed on at the next completion, since this is when the engine
//! listens. A batch is used up before the next is asked for, so none of its proposals can select what a later answer
//! releases; that none selects what its own answer releases is checked.
//!
//! # Restart
//!
//! A program that ended takes its state with it. So all messages of a run and their answers are kept (some 600 bytes a
//! candidate; nothing with `restarts = 0`), a new program hears them again, and must answer the same: if it does it is
//! where the old one was, and the run goes on as if nothing had happened; if not it is not deterministic, which is an
//! error that says so. The alternative, to ask programs for snapshots of their state, would be a duty for every author for
//! the sake of a rare event.

use crate::options::{
    BATCH, COMMAND, ExternalOptions, OPTIONS, RESTARTS, START_TIMEOUT, TIMEOUT, fault, fault_after,
};
use crate::protocol::{
    Accepted, Answer, Answered, Ask, Capability, Due, Failure, FailureKind, Hello, Introduction, Launch,
    ProposalMessage, Proposals, Role, Screen, Session, Tell, ToProgram, Told, ToldCandidate, seed, to_line,
};
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Fault, FaultKind};
use std::collections::{BTreeSet, VecDeque};

/// A strategy that is a program.
pub struct ExternalStrategy {
    launch: Launch,
    hello: Hello,
    batch: u32,
    about: Introduction,
    /// `None` while a new program is to be started.
    session: Option<Session>,
    history: Vec<Exchange>,
    restarts: u32,
    restarted: u32,
    messages: u64,
    /// Proposals of the last answer that were not yet asked for.
    proposals: VecDeque<ProposalMessage>,
    /// What has finished since the last ask, in batches.
    finished: Vec<ToldCandidate>,
    /// What was released in answer to an ask.
    released: Vec<CandidateId>,
    /// The candidates that the program was told of and has not released.
    selectable: BTreeSet<CandidateId>,
}

/// A message and its answer, as lines.
struct Exchange {
    message: String,
    due: Due,
    answer: Vec<u8>,
}

impl ExternalStrategy {
    /// One message and its answer, by as many programs as it takes. `check` says what is wrong with an answer.
    fn exchange<A: Answer>(
        &mut self,
        to: &'static str,
        message: impl FnOnce(u64) -> ToProgram,
        check: impl Fn(&Self, &A) -> Result<(), String>,
    ) -> Result<A> {
        let id = self.messages;
        self.messages += 1;
        let due = Due::of::<A>(to, id);
        let message = to_line(&message(id));
        loop {
            match self.attempt::<A>(&message, due) {
                Ok(Answered { value, line }) => {
                    if let Err(what) = check(self, &value) {
                        let refused = self.session.as_ref().map(|session| session.refuse(&line, due, &what));
                        return Err(refused.map_or_else(|| anyhow!(what), |failure| fault(&failure).into()));
                    }
                    if self.restarts > 0 {
                        self.history.push(Exchange { message, due, answer: line });
                    }
                    return Ok(value);
                }
                Err(failure) => {
                    self.session = None;
                    if failure.kind() != FailureKind::Gone || self.restarted >= self.restarts {
                        return Err(fault_after(&failure, self.restarted).into());
                    }
                    self.restarted += 1;
                }
            }
        }
    }

    fn attempt<A: Answer>(&mut self, message: &str, due: Due) -> Result<Answered<A>, Failure> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.revive()?,
        };
        self.session.insert(session).call(message, due)
    }

    /// A new program, brought to where the old one was.
    fn revive(&self) -> Result<Session, Failure> {
        let mut session = Session::open(&self.launch, &self.hello)?;
        let forgetful = |session: &Session, line: &[u8], due: Due, before: &str| {
            let what = format!(
                "before it was started again it answered\n | {before}\nso it cannot go on where it ended; a strategy must \
                 follow from its messages and their seeds alone, or be run with `restarts = 0`"
            );
            session.refuse(line, due, &what)
        };
        for Exchange { message, due, answer } in &self.history {
            let line = match due.answer {
                Told::TYPE => session.call::<Told>(message, *due)?.line,
                Proposals::TYPE => session.call::<Proposals>(message, *due)?.line,
                _ => session.call::<Accepted>(message, *due)?.line,
            };
            // As values: the order of keys and the spaces between them are nobody's concern.
            if line != *answer && value(&line) != value(answer) {
                return Err(forgetful(&session, &line, *due, &crate::process::shortened(answer)));
            }
        }
        Ok(session)
    }

    /// What is wrong with a list of released candidates.
    fn check_released(&self, released: &[CandidateId], more: &[ToldCandidate]) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for id in released {
            if !self.selectable.contains(id) && !more.iter().any(|told| told.candidate == *id) {
                return Err(format!(
                    "it releases candidate {id}, which it was not told of or has released before"
                ));
            }
            if !seen.insert(id) {
                return Err(format!("it releases candidate {id} twice"));
            }
        }
        Ok(())
    }

    /// What is wrong with proposals.
    fn check_proposals(&self, answer: &Proposals, asked: usize) -> Result<(), String> {
        let proposals = &answer.proposals;
        self.check_released(&answer.released, &[])?;
        if proposals.is_empty() || proposals.len() > asked {
            let wanted = if asked == 1 { "1 was".to_owned() } else { format!("1 to {asked} were") };
            return Err(format!("it has {} proposals, and {wanted} asked for", proposals.len()));
        }
        for (position, proposal) in proposals.iter().enumerate() {
            let at = |what: String| format!("at `proposals[{position}]`: {what}");
            for parent in proposal.parents() {
                if !self.selectable.contains(&parent) || answer.released.contains(&parent) {
                    return Err(at(format!(
                        "it selects candidate {parent}, which it was not told of or has released"
                    )));
                }
            }
            if let ProposalMessage::Exact { choices } = proposal {
                self.hello.space.check_ranges(choices).map_err(|error| at(error.to_string()))?;
            }
            if *proposal == (ProposalMessage::Wait {}) && position + 1 < proposals.len() {
                return Err(at("nothing may follow on `wait`".to_owned()));
            }
        }
        Ok(())
    }

    /// Asks for the next batch.
    fn refill(&mut self, rng: &mut Rng) -> Result<()> {
        let seeds: Vec<u64> = (0..self.batch).map(|_| seed(rng)).collect();
        let asked = seeds.len();
        let finished = std::mem::take(&mut self.finished);
        self.selectable.extend(finished.iter().map(|told| told.candidate));
        let answer = self.exchange::<Proposals>(
            "ask",
            |id| ToProgram::Ask(Ask { id, seeds, finished }),
            |this, answer| this.check_proposals(answer, asked),
        )?;
        for id in &answer.released {
            self.selectable.remove(id);
        }
        self.released.extend(answer.released);
        self.proposals.extend(answer.proposals);
        Ok(())
    }
}

fn value(line: &[u8]) -> Option<lamarck_sdk::serde_json::Value> {
    lamarck_sdk::serde_json::from_slice(line).ok()
}

impl Component for ExternalStrategy {
    type Options = ExternalOptions;
    const SPEC: ComponentSpec =
        ComponentSpec::new("external", "a program in any language decides what to try next (JSON Lines)")
            .options(&[COMMAND, BATCH, TIMEOUT, START_TIMEOUT, RESTARTS, OPTIONS]);

    fn create(options: ExternalOptions, context: &Context) -> Result<Self> {
        let (launch, hello) = (options.launch(context)?, options.hello(Role::Strategy, context)?);
        let session = Session::open(&launch, &hello).map_err(|failure| fault(&failure))?;
        let about = session.about().clone();
        let batch = options.batch;
        if batch > 1 && !about.capabilities.contains(&Capability::Batch) {
            let message = format!(
                "option `batch` is {batch}, but {} does not name the capability `batch`; set it to 1",
                launch.command
            );
            return Err(Fault::new(FaultKind::Options, message).at("batch").into());
        }
        Ok(Self {
            launch,
            hello,
            batch,
            about,
            session: Some(session),
            history: Vec::new(),
            restarts: options.restarts,
            restarted: 0,
            messages: 0,
            proposals: VecDeque::new(),
            finished: Vec::new(),
            released: Vec::new(),
            selectable: BTreeSet::new(),
        })
    }
}

impl Strategy for ExternalStrategy {
    fn spec(&self) -> StrategySpec {
        StrategySpec {
            screens: self.about.capabilities.contains(&Capability::Screen),
            random_phase: self.about.random_phase,
        }
    }

    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        if self.proposals.is_empty() {
            self.refill(rng)?;
        }
        // An answer has at least one.
        self.proposals.pop_front().map(Proposal::from).context("the program proposed nothing")
    }

    fn accept(&mut self, choices: &[Choice]) -> Result<bool> {
        let choices = choices.to_vec();
        let message = |id| ToProgram::Screen(Screen { id, choices });
        Ok(self.exchange::<Accepted>("screen", message, |_, _| Ok(()))?.accepted)
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        released.append(&mut self.released);
        let told = ToldCandidate::from(finished);
        if self.batch > 1 {
            self.finished.push(told);
            return Ok(());
        }
        self.selectable.insert(finished.id);
        let message = |id| ToProgram::Tell(Tell { id, finished: vec![told] });
        let answer = self
            .exchange::<Told>("tell", message, |this, answer| this.check_released(&answer.released, &[]))?;
        for id in &answer.released {
            self.selectable.remove(id);
        }
        released.extend(answer.released);
        Ok(())
    }
}
