//! Programs that remember nothing, so that it does not matter which of them answers.
//!
//! The runs of a point share its mutator, on as many threads as there are jobs. Whoever needs a program takes one out of the
//! pool, or starts one if none is idle; so there are at most as many as threads. The points of a sweep share a pool as well,
//! wherever their programs are started in the same way and greeted with the same words: a sweep of a hundred points over
//! the cluster would otherwise hold hundreds of idle interpreters until its end.

use crate::protocol::{
    Answer, Answered, Due, Failure, FailureKind, Hello, Introduction, Launch, Session, ToProgram, to_line,
};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The pools that are in use, in no order that matters.
static POOLS: Mutex<Vec<Weak<Pool>>> = Mutex::new(Vec::new());

/// Programs started by one command and greeted with one hello.
#[derive(Debug)]
pub(crate) struct Pool {
    launch: Launch,
    hello: Hello,
    restarts: u32,
    about: Introduction,
    idle: Mutex<Vec<Session>>,
    /// Messages of all programs are numbered together, so that a number in an error names one.
    messages: AtomicU64,
    restarted: AtomicU32,
}

impl Pool {
    /// The pool for these programs. Its first program is started here if it has none: what is wrong with it is to be known
    /// before the first candidate.
    pub(crate) fn of(launch: Launch, hello: Hello, restarts: u32) -> Result<Arc<Self>, Failure> {
        let mut pools = lock(&POOLS);
        pools.retain(|pool| pool.strong_count() > 0);
        let same =
            |pool: &Arc<Self>| (&pool.launch, &pool.hello, pool.restarts) == (&launch, &hello, restarts);
        if let Some(pool) = pools.iter().filter_map(Weak::upgrade).find(same) {
            return Ok(pool);
        }
        let session = Session::open(&launch, &hello)?;
        let pool = Arc::new(Self {
            launch,
            hello,
            restarts,
            about: session.about().clone(),
            idle: Mutex::new(vec![session]),
            messages: AtomicU64::new(0),
            restarted: AtomicU32::new(0),
        });
        pools.push(Arc::downgrade(&pool));
        Ok(pool)
    }

    /// How the programs introduce themselves.
    pub(crate) fn about(&self) -> &Introduction {
        &self.about
    }

    /// How often programs were started again.
    pub(crate) fn restarted(&self) -> u32 {
        self.restarted.load(Ordering::Relaxed).min(self.restarts)
    }

    /// Sends a message to some program; to another one, started anew, if that ends or falls silent. `take` makes of the
    /// answer what is wanted, or says what is wrong with it.
    pub(crate) fn call<A: Answer, T>(
        &self,
        to: &'static str,
        message: impl FnOnce(u64) -> ToProgram,
        take: impl Fn(A) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let id = self.messages.fetch_add(1, Ordering::Relaxed);
        let due = Due::of::<A>(to, id);
        let line = to_line(&message(id));
        loop {
            match self.attempt(&line, due, &take) {
                Err(failure) if failure.kind() == FailureKind::Gone && self.may_restart() => {}
                result => return result,
            }
        }
    }

    fn attempt<A: Answer, T>(
        &self,
        line: &str,
        due: Due,
        take: impl Fn(A) -> Result<T, String>,
    ) -> Result<T, Failure> {
        // Apart from the match, so that nobody waits for the lock while a program starts.
        let idle = lock(&self.idle).pop();
        let mut session = match idle {
            Some(session) => session,
            None => self.open()?,
        };
        // A program that failed is ended here, by being dropped.
        let Answered { value, line } = session.call::<A>(line, due)?;
        let taken = take(value).map_err(|what| session.refuse(&line, due, &what))?;
        lock(&self.idle).push(session);
        Ok(taken)
    }

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

    fn may_restart(&self) -> bool {
        self.restarted.fetch_add(1, Ordering::Relaxed) < self.restarts
    }
}

/// A list of programs, or of pools, is whole at any moment, whoever panicked.
fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
