//! What workers spend their time on, and how long candidates wait.
//!
//! A worker is busy with a candidate from `started_us` to `finished_us`: reading, training, storing, in this
//! order. All of it counts as **lost** when the candidate ended lost, and as **cut off** when it was still
//! running at the end. Earlier attempts that were lost are known by their sum only: that sum counts for the
//! cluster, not for a worker, and over time it is put where the candidate was submitted, since with a queue
//! that is short the first attempt begins soon. What is neither reading nor training nor storing (an
//! imported trace may know no more than beginning and end) is **not told apart**.

use crate::histogram::Histogram;
use crate::timeline::Timeline;
use lamarck_sdk::Status;

/// What a worker's time goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Train,
    Transfer,
    Store,
    Lost,
    Cut,
    Other,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Train, Self::Transfer, Self::Store, Self::Lost, Self::Cut, Self::Other];

    /// For findings, tables and charts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "training",
            Self::Transfer => "transfer",
            Self::Store => "storing",
            Self::Lost => "lost attempts",
            Self::Cut => "cut off",
            Self::Other => "not told apart",
        }
    }
}

/// The track of candidates that wait, after those of [`Kind`].
pub(crate) const QUEUE: usize = Kind::ALL.len();
const TRACKS: usize = QUEUE + 1;

/// The times of one candidate, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    pub(crate) status: Option<Status>,
    pub(crate) submitted: Option<u64>,
    pub(crate) started: Option<u64>,
    pub(crate) finished: Option<u64>,
    pub(crate) attempts: Option<u32>,
    pub(crate) lost: u64,
    pub(crate) train: u64,
    pub(crate) transfer: u64,
    pub(crate) store: u64,
}

impl Life {
    /// When its last attempt began and ended; none where the trace does not say, or says that it ended first.
    #[inline]
    pub(crate) fn attempt(&self) -> Option<(u64, u64)> {
        let (from, to) = self.started.zip(self.finished)?;
        // What was lost once and ready again when the run was cut off is not running: its only attempt is
        // the lost one.
        let waits = self.status == Some(Status::Interrupted) && self.attempts == Some(1) && self.lost > 0;
        (from <= to && !waits).then_some((from, to))
    }

    /// How long it was ready without a worker.
    #[inline]
    pub(crate) fn waited(&self) -> Option<u64> {
        let (from, to) = self.submitted.zip(self.started)?;
        from.checked_add(self.lost).and_then(|from| to.checked_sub(from))
    }
}

/// Everything added up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Usage {
    /// Microseconds of each [`Kind`].
    pub(crate) spent: [u128; Kind::ALL.len()],
    pub(crate) timeline: Timeline<TRACKS>,
    /// The first and the last time that the trace knows.
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
    /// When the last attempt began.
    pub(crate) last_start: Option<u64>,
    /// When those ended that were cut off.
    pub(crate) cut: Vec<u64>,
    /// Candidates whose last attempt is known, and the longest of these attempts.
    pub(crate) attempts: u64,
    pub(crate) longest: u64,
    pub(crate) waits: Histogram,
    /// Attempts that were lost, and all attempts.
    pub(crate) lost_attempts: u64,
    pub(crate) all_attempts: u64,
    /// Candidates that end before they begin, begin before they are submitted, or finish before the one
    /// before them.
    pub(crate) odd_times: u64,
}

impl Usage {
    /// Takes in a candidate, and returns how long a worker had it, its last attempt only.
    #[inline]
    pub(crate) fn add(&mut self, life: &Life) -> Option<u64> {
        for time in [life.submitted, life.started, life.finished].into_iter().flatten() {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
        }
        if let Some(time) = life.finished {
            self.odd_times += u64::from(self.last.is_some_and(|last| time < last));
            self.last = self.last.max(Some(time));
        }
        if life.lost > 0 {
            self.spent[Kind::Lost as usize] += u128::from(life.lost);
            if let Some(from) = life.submitted.or(life.started) {
                self.timeline.add(Kind::Lost as usize, from, from.saturating_add(life.lost));
            }
        }
        let waited = life.waited();
        if let (Some(waited), Some(to)) = (waited, life.started) {
            self.waits.add(waited);
            self.timeline.add(QUEUE, to - waited, to);
        }
        let late = life.submitted.zip(life.started).is_some_and(|(from, to)| from > to);
        let Some((from, to)) = life.attempt() else {
            let backwards = life.started.zip(life.finished).is_some_and(|(from, to)| from > to);
            self.odd_times += u64::from(late || backwards);
            self.count_attempts(life, 0);
            return None;
        };
        self.odd_times += u64::from(late);
        self.count_attempts(life, 1);
        self.attempts += 1;
        self.longest = self.longest.max(to - from);
        self.last_start = self.last_start.max(Some(from));
        self.spend(life, from, to);
        Some(to - from)
    }

    #[inline]
    fn count_attempts(&mut self, life: &Life, at_least: u32) {
        let all = u64::from(life.attempts.unwrap_or(at_least));
        let ended_lost = life.status == Some(Status::Lost);
        let running = life.status == Some(Status::Interrupted) && at_least == 0;
        self.all_attempts += all;
        self.lost_attempts += if ended_lost || running { all } else { all.saturating_sub(1) };
    }

    #[inline]
    fn spend(&mut self, life: &Life, from: u64, to: u64) {
        let whole = match life.status {
            Some(Status::Lost) => Some(Kind::Lost),
            Some(Status::Interrupted) => {
                self.cut.push(to);
                Some(Kind::Cut)
            }
            _ => None,
        };
        if let Some(kind) = whole {
            return self.stretch(kind, from, to);
        }
        // More than there is time for is cut, in the order in which it happens.
        let read = from.saturating_add(life.transfer).min(to);
        let trained = read.saturating_add(life.train).min(to);
        let stored = trained.saturating_add(life.store).min(to);
        self.stretch(Kind::Transfer, from, read);
        self.stretch(Kind::Train, read, trained);
        self.stretch(Kind::Store, trained, stored);
        self.stretch(Kind::Other, stored, to);
    }

    #[inline]
    fn stretch(&mut self, kind: Kind, from: u64, to: u64) {
        self.spent[kind as usize] += u128::from(to - from);
        self.timeline.add(kind as usize, from, to);
    }

    /// From the first time to the last.
    pub(crate) fn makespan(&self) -> Option<u64> {
        self.first.zip(self.last).map(|(first, last)| last.saturating_sub(first))
    }

    /// All that is not idle.
    pub(crate) fn busy(&self) -> u128 {
        self.spent.iter().sum()
    }

    /// What workers were busy with after the last start, `finished` being when candidates finished.
    pub(crate) fn busy_in_tail(&self, finished: impl Iterator<Item = u64>) -> Option<u128> {
        let start = self.last_start?;
        let after = |time: u64| u128::from(time.saturating_sub(start));
        Some(finished.chain(self.cut.iter().copied()).map(after).sum())
    }
}
