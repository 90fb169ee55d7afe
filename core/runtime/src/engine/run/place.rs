//! Placing ready candidates, and starting them.

use super::Run;
use crate::engine::cluster::Work;
use crate::engine::error::EngineError;
use crate::engine::live::SlotId;
use crate::engine::measure::{evaluate, loss};
use crate::engine::source::Known;
use lamarck_model::declaration::Kind;
use lamarck_model::{Assignment, ModelSize, Nullable, Outcome, Situation, Status};

impl Run<'_> {
    /// Puts a candidate among those that are ready, which stand in the order of submission.
    pub(super) fn make_ready(&mut self, slot: SlotId) {
        let ready = self.offers[slot as usize];
        let position = self.ready.partition_point(|other| other.candidate < ready.candidate);
        self.ready.insert(position, ready);
        self.queue.insert(position, slot);
    }

    /// Lets the scheduler place ready candidates, and starts them.
    pub(super) fn place(&mut self) -> Result<(), EngineError> {
        if self.queue.is_empty() || self.cluster.idle().is_empty() {
            self.cluster.wake_at(self.now_us, None);
            return Ok(());
        }
        self.look_at_caches();
        self.placement.clear();
        let situation = Situation {
            now_us: self.now_us,
            ready: &self.ready,
            idle: self.cluster.idle(),
            cached: &self.cached,
            cached_anywhere: &self.cached_anywhere,
        };
        self.components
            .scheduler
            .assign(&situation, &mut self.placement)
            .map_err(EngineError::component(Kind::Scheduler))?;
        self.cluster.wake_at(self.now_us, self.placement.wake_us);
        self.placed.clear();
        self.placed.resize(self.queue.len().max(self.cluster.idle().len()), (false, false));
        for position in 0..self.placement.assignments.len() {
            let Assignment { ready, idle } = self.placement.assignments[position];
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
        if self.placement.assignments.len() == self.queue.len() {
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

    /// Finds out for the scheduler, if it wants to know, what caches hold.
    fn look_at_caches(&mut self) {
        self.cached.clear();
        self.cached_anywhere.clear();
        if !self.wants_cached {
            return;
        }
        for ready in &self.ready {
            match self.transfer.cached(ready.candidate, self.cluster.idle(), &mut self.cached) {
                Some(most) => self.cached_anywhere.push(most),
                None => break,
            }
        }
    }

    /// Starts an attempt on the idle worker at a position: evaluates the candidate now, to know when it will finish.
    fn start(&mut self, slot: SlotId, position: usize) -> Result<(), EngineError> {
        let idle = self.cluster.idle()[position];
        let record = self.in_flight.get_mut(slot);
        let attempt = record.attempts.known().unwrap_or(0) + 1;
        record.attempts = attempt;
        record.started_us = self.now_us;
        record.worker = idle.worker;
        record.node = idle.node;
        let reading = self.transfer.start(record, attempt == 1, idle.node)?;
        let outcome = self.outcome(slot, reading.prefix)?;
        let record = self.in_flight.get_mut(slot);
        record.status = outcome.status as u8;
        record.score = outcome.score;
        let train_us = self.cluster.stretch(outcome.train_us, idle.node);
        let loss = loss(self.settings.cluster.failure_rate, self.stream, record.id, attempt, train_us);
        let stores = self.transfer.is_on() && outcome.status == Status::Ok;
        let work = Work {
            candidate: record.id,
            requests: reading.requests,
            read_bytes: reading.bytes,
            train_us: loss.unwrap_or(train_us),
            lost: loss.is_some(),
            store_bytes: stores.then(|| record.bytes.saturating_sub(reading.prefix.bytes)),
        };
        self.cluster.start(self.now_us, slot, position, work)
    }

    /// What comes of a candidate at speed 1: as it is known, or as the evaluator says.
    fn outcome(&mut self, slot: SlotId, prefix: ModelSize) -> Result<Outcome, EngineError> {
        let record = self.in_flight.get(slot);
        let mut known = self.source.known(record.id);
        if known.is_none() {
            let even_speeds = self.settings.cluster.speed_spread == 0.0;
            known = self.replay.find(record.id)?.and_then(|row| Known::of(row, even_speeds));
        }
        match known {
            Some(Known { status, score, train_us: Some(train_us) }) => {
                Ok(Outcome { status, score, train_us })
            }
            Some(Known { status, score, train_us: None }) => {
                let now = evaluate(&self.components, self.stream, record, prefix, &mut self.tally)?;
                Ok(Outcome { status, score, ..now })
            }
            None => evaluate(&self.components, self.stream, record, prefix, &mut self.tally),
        }
    }
}
