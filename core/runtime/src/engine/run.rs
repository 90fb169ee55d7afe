//! The loop of one run.

use super::cluster::{Cluster, Finish};
use super::error::EngineError;
use super::live::{InFlight, Member, Members, SlotId};
use super::measure::{Sizes, evaluate};
use super::parts::{Components, End, Output, Progress, RunSettings};
use super::propose::Proposer;
use super::replay::{Recorded, Replay};
use super::tally::{RunSummary, Tally};
use super::transfer::Transfer;
use crate::repository::Offer;
use lamarck_model::declaration::Kind;
use lamarck_model::rng::Stream;
use lamarck_model::{
    Assignment, CandidateColumns, CandidateId, Finished, LayerColumns, Nullable, Origin, Ready, Status,
};
use std::sync::atomic::Ordering;

/// Rows of the `layers` table in one part.
const LAYER_ROWS: usize = 1 << 20;
/// So many candidates without a single success mean that the evaluator does not work.
const HOPELESS: u64 = 100;
/// So many candidates that end in the same microsecond mean that virtual time stands still.
const STANDSTILL: u64 = 10_000_000;
/// How often progress is told.
const TELL_EVERY: u64 = 1024;

/// Runs a search to its end.
///
/// `recorded` are the rows of an interrupted run with the same settings, to be gone through again first.
pub fn run(
    components: Components<'_>,
    settings: &RunSettings,
    recorded: Option<Recorded<'_>>,
    output: &mut dyn Output,
    progress: &Progress,
) -> Result<(End, RunSummary), EngineError> {
    let mut run = Run::new(components, settings, recorded);
    let end = run.go(output, progress)?;
    progress.finished.fetch_add(run.untold, Ordering::Relaxed);
    let transfer = run.transfer.into_summary();
    Ok((end, RunSummary { transfer, ..run.tally.into_summary() }))
}

struct Run<'a> {
    components: Components<'a>,
    settings: &'a RunSettings,
    proposer: Proposer<'a>,
    stream: Stream,
    in_flight: InFlight,
    members: Members,
    sizes: Sizes,
    cluster: Cluster,
    queue: Vec<SlotId>,
    ready: Vec<Ready>,
    assignments: Vec<Assignment>,
    placed: Vec<(bool, bool)>,
    released: Vec<CandidateId>,
    replay: Replay<'a>,
    tally: Tally,
    transfer: Transfer,
    rows: CandidateColumns,
    layers: LayerColumns,
    next_id: CandidateId,
    now_us: u64,
    same_time: u64,
    untold: u64,
}

impl<'a> Run<'a> {
    fn new(components: Components<'a>, settings: &'a RunSettings, recorded: Option<Recorded<'a>>) -> Self {
        let spec = components.space.spec();
        let expected = components.strategy.spec().random_phase;
        let tally = Tally::new(spec, &components.evaluator.spec(), expected);
        Self {
            proposer: Proposer::new(spec, settings, &components),
            stream: Stream::new(settings.seed, settings.replicate),
            in_flight: InFlight::default(),
            members: Members::new(spec.decisions.len()),
            sizes: Sizes::new(spec),
            cluster: Cluster::new(settings.workers, settings.workers_per_node),
            queue: Vec::new(),
            ready: Vec::new(),
            assignments: Vec::new(),
            placed: Vec::new(),
            released: Vec::new(),
            replay: Replay::new(recorded),
            tally,
            transfer: Transfer::new(settings),
            rows: CandidateColumns::with_capacity(spec.decisions.len(), settings.part_rows.min(1 << 17)),
            layers: LayerColumns::default(),
            next_id: 0,
            now_us: 0,
            same_time: 0,
            untold: 0,
            components,
            settings,
        }
    }

    fn go(&mut self, output: &mut dyn Output, progress: &Progress) -> Result<End, EngineError> {
        let mut end = End::Complete;
        loop {
            self.refill()?;
            self.place()?;
            let Some(next_us) = self.cluster.next_at() else {
                if self.queue.is_empty() {
                    break;
                }
                return Err(
                    self.contract(Kind::Scheduler, "it placed no candidate although every worker is idle")
                );
            };
            if self.settings.until_us.is_some_and(|until| next_us > until) {
                self.cut(output)?;
                break;
            }
            self.advance(next_us)?;
            if let Some(finish) = self.cluster.finish_next() {
                self.finish(finish, output)?;
            }
            self.untold += 1;
            let finished = self.tally.finished_so_far();
            if self.untold == TELL_EVERY {
                progress.finished.fetch_add(self.untold, Ordering::Relaxed);
                self.untold = 0;
            }
            let asked = self.settings.pause_after.is_some_and(|pause| finished >= pause)
                || progress.stop.load(Ordering::Relaxed);
            if asked && !self.is_spent() {
                end = End::Interrupted;
                break;
            }
        }
        self.flush(output)?;
        if end == End::Complete {
            if let Some(candidate) = self.replay.leftover()? {
                return Err(EngineError::Diverged {
                    candidate,
                    column: "id",
                    recorded: "finished".into(),
                    now: "never submitted".into(),
                });
            }
            self.check_hope(1)?;
        }
        Ok(end)
    }

    /// Whether nothing is left to do.
    fn is_spent(&self) -> bool {
        self.cluster.running() == 0
            && self.queue.is_empty()
            && self.settings.candidates.is_some_and(|budget| self.next_id >= budget)
    }

    fn contract(&self, kind: Kind, what: impl Into<String>) -> EngineError {
        EngineError::Contract { kind, candidate: self.next_id, what: what.into() }
    }

    /// Moves virtual time on.
    fn advance(&mut self, to_us: u64) -> Result<(), EngineError> {
        self.same_time = if to_us == self.now_us { self.same_time + 1 } else { 0 };
        self.now_us = to_us;
        if self.same_time > STANDSTILL && self.settings.candidates.is_none() {
            let what = format!(
                "virtual time stands still at {to_us} us: {STANDSTILL} candidates took no time; set \
                 budget.candidates, or use an evaluator with a cost"
            );
            return Err(EngineError::Time { what });
        }
        Ok(())
    }

    /// Makes candidates until there are enough for the idle workers and the look-ahead.
    fn refill(&mut self) -> Result<(), EngineError> {
        let wanted = self.cluster.idle().len() + self.settings.lookahead as usize;
        while self.queue.len() < wanted && self.settings.candidates.is_none_or(|budget| self.next_id < budget)
        {
            // The run is over at `until`; nothing is submitted at or after it.
            if self.settings.until_us.is_some_and(|until| self.now_us >= until) {
                break;
            }
            let finished = self.tally.finished_so_far();
            let slot = self.proposer.propose(
                self.next_id,
                finished,
                &mut self.in_flight,
                &self.members,
                &mut self.components,
            )?;
            let Some(slot) = slot else { break };
            let record = self.in_flight.get_mut(slot);
            record.submitted_us = self.now_us;
            let (space, level) = (self.components.space, &self.settings.level);
            let (size, offer) = match self.transfer.submit(record, space, level)? {
                Some(transfer) => transfer,
                None => (self.sizes.of(space, &record.choices, level)?, Offer::default()),
            };
            record.layers = size.layers;
            record.parameters = size.parameters;
            record.bytes = size.bytes;
            self.tally.submitted(record);
            self.ready.push(Ready {
                candidate: self.next_id,
                donor: offer.donor,
                prefix_bytes: offer.prefix.bytes,
                submitted_us: self.now_us,
            });
            self.queue.push(slot);
            self.next_id += 1;
        }
        Ok(())
    }

    /// Lets the scheduler place ready candidates, and starts them.
    fn place(&mut self) -> Result<(), EngineError> {
        if self.queue.is_empty() || self.cluster.idle().is_empty() {
            return Ok(());
        }
        self.assignments.clear();
        self.components
            .scheduler
            .assign(self.now_us, &self.ready, self.cluster.idle(), &mut self.assignments)
            .map_err(EngineError::component(Kind::Scheduler))?;
        self.placed.clear();
        self.placed.resize(self.queue.len().max(self.cluster.idle().len()), (false, false));
        for position in 0..self.assignments.len() {
            let Assignment { ready, idle } = self.assignments[position];
            let (ready, idle) = (ready as usize, idle as usize);
            if ready >= self.queue.len() || idle >= self.cluster.idle().len() {
                return Err(
                    self.contract(Kind::Scheduler, "it named a candidate or a worker that is not there")
                );
            }
            if self.placed[ready].0 || self.placed[idle].1 {
                return Err(self.contract(Kind::Scheduler, "it named a candidate or a worker twice"));
            }
            self.placed[ready].0 = true;
            self.placed[idle].1 = true;
            self.start(self.queue[ready], idle)?;
        }
        if self.assignments.len() == self.queue.len() {
            self.queue.clear();
            self.ready.clear();
        } else {
            let placed = &self.placed;
            let mut position = 0;
            self.queue.retain(|_| {
                position += 1;
                !placed[position - 1].0
            });
            let mut position = 0;
            self.ready.retain(|_| {
                position += 1;
                !placed[position - 1].0
            });
        }
        let placed = &self.placed;
        self.cluster.settle(|position| placed[position].1);
        Ok(())
    }

    /// Starts a candidate on the idle worker at a position: evaluates it now, to know when it will finish.
    fn start(&mut self, slot: SlotId, position: usize) -> Result<(), EngineError> {
        let idle = self.cluster.idle()[position];
        let record = self.in_flight.get_mut(slot);
        record.started_us = self.now_us;
        record.worker = idle.worker;
        record.node = idle.node;
        let prefix = self.transfer.start(record)?;
        let duration_us = match self.replay.find(record.id)? {
            Some(recorded) => {
                record.status = recorded.status;
                record.score = recorded.score;
                record.train_us = recorded.train_us;
                record.transfer_us = recorded.transfer_us;
                record.store_us = recorded.store_us;
                recorded.finished_us.saturating_sub(recorded.started_us)
            }
            None => evaluate(&self.components, self.settings, self.stream, record, prefix, &mut self.tally)?,
        };
        let at_us = self.now_us.checked_add(duration_us).filter(|&at| at < i64::MAX as u64);
        let Some(at_us) = at_us else {
            let what =
                format!("candidate {} would finish after the end of virtual time (292,000 years)", record.id);
            return Err(EngineError::Time { what });
        };
        self.cluster.start(Finish { at_us, candidate: record.id, slot, worker: idle.worker });
        Ok(())
    }

    /// A candidate ends: it is recorded, the strategy is told, and what it releases is forgotten.
    fn finish(&mut self, finish: Finish, output: &mut dyn Output) -> Result<(), EngineError> {
        let finished_as = self.tally.finished_so_far();
        let record = self.in_flight.get_mut(finish.slot);
        record.finished_us = finish.at_us;
        let status = record.status().unwrap_or(Status::Failed);
        self.transfer.end(record, status == Status::Ok)?;
        self.replay.check(record)?;
        self.tally.finished(record, self.components.space, self.components.evaluator)?;
        self.rows.push(record);
        if self.settings.layers && status == Status::Ok {
            let (space, level) = (self.components.space, &self.settings.level);
            self.transfer.describe(record, space, level, &mut self.layers)?;
        }
        self.released.clear();
        let told = Finished {
            id: record.id,
            choices: &record.choices,
            score: record.score.known(),
            status,
            origin: record.origin().unwrap_or(Origin::Exact),
        };
        self.components
            .strategy
            .tell(&told, &mut self.released)
            .map_err(EngineError::component(Kind::Strategy))?;
        self.members.keep(finish.candidate, Member { choices: &record.choices, finished_as });
        self.in_flight.give(finish.slot);
        for position in 0..self.released.len() {
            let id = self.released[position];
            self.transfer.release(id);
            if !self.members.release(id) {
                return Err(self.contract(
                    Kind::Strategy,
                    format!("it released candidate {id}, which it was not told of or has released before"),
                ));
            }
        }
        if self.tally.finished_so_far() >= HOPELESS {
            self.check_hope(HOPELESS)?;
        }
        if self.rows.len() >= self.settings.part_rows {
            output.candidates(&mut self.rows)?;
            self.rows.clear();
        }
        if self.layers.len() >= LAYER_ROWS {
            output.layers(&mut self.layers)?;
            self.layers.clear();
        }
        Ok(())
    }

    /// An evaluator that has scored nobody after `candidates` does not work.
    fn check_hope(&self, candidates: u64) -> Result<(), EngineError> {
        let finished = self.tally.finished_so_far();
        if finished >= candidates && !self.tally.any_ok() && self.tally.all_failed() {
            return Err(EngineError::NothingEvaluated {
                candidates: finished,
                first: self.tally.first_failure().to_owned(),
            });
        }
        Ok(())
    }

    /// The budget's time is over: what is running or ready is cut off, in the order of candidates.
    fn cut(&mut self, output: &mut dyn Output) -> Result<(), EngineError> {
        let until_us = self.settings.until_us.unwrap_or(self.now_us);
        let mut slots: Vec<SlotId> = self.cluster.stop().into_iter().map(|finish| finish.slot).collect();
        slots.append(&mut self.queue);
        slots.sort_by_key(|&slot| self.in_flight.get(slot).id);
        for slot in slots {
            let record = self.in_flight.get_mut(slot);
            record.status = Status::Interrupted as u8;
            record.score = f64::NONE;
            record.train_us = u64::NONE;
            record.finished_us = until_us;
            self.transfer.end(record, false)?;
            self.replay.check(record)?;
            self.tally.finished(record, self.components.space, self.components.evaluator)?;
            self.rows.push(record);
            if self.rows.len() >= self.settings.part_rows {
                output.candidates(&mut self.rows)?;
                self.rows.clear();
            }
        }
        Ok(())
    }

    fn flush(&mut self, output: &mut dyn Output) -> Result<(), EngineError> {
        if !self.rows.is_empty() {
            output.candidates(&mut self.rows)?;
            self.rows.clear();
        }
        if !self.layers.is_empty() {
            output.layers(&mut self.layers)?;
            self.layers.clear();
        }
        Ok(())
    }
}
