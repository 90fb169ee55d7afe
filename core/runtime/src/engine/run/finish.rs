//! The ends of candidates: recorded, told, released.

use super::{LAYER_ROWS, Run};
use crate::engine::cluster::Over;
use crate::engine::error::EngineError;
use crate::engine::live::SlotId;
use crate::engine::parts::Output;
use lamarck_model::declaration::Kind;
use lamarck_model::{Finished, Nullable, Origin, Status};

/// So many candidates without a single success mean that the evaluator does not work.
const HOPELESS: u64 = 100;

impl Run<'_> {
    /// An attempt is over: its candidate has ended, or is ready once more.
    pub(super) fn over(&mut self, over: Over, output: &mut dyn Output) -> Result<(), EngineError> {
        let record = self.in_flight.get_mut(over.slot);
        let cluster = &self.settings.cluster;
        let attempt = record.attempts;
        let busy_us = self.now_us.saturating_sub(record.started_us);
        self.tally.busy(busy_us, over.lost);
        self.transfer.spent(over.spent.transfer_us, over.spent.store_us);
        if over.lost && attempt <= cluster.retries {
            record.lost_us = record.lost_us.known().unwrap_or(0).saturating_add(busy_us);
            // It runs nowhere until somebody takes it again.
            (record.started_us, record.worker, record.node) = (u64::NONE, u32::NONE, u32::NONE);
            self.transfer.repeat(record.id)?;
            self.make_ready(over.slot);
            return Ok(());
        }
        if over.lost {
            record.status = Status::Lost as u8;
            record.score = f64::NONE;
        }
        record.train_us = over.spent.train_us.unwrap_or(u64::NONE);
        if self.transfer.is_on() {
            record.transfer_us = over.spent.transfer_us.unwrap_or(u64::NONE);
            record.store_us = over.spent.store_us.unwrap_or(u64::NONE);
        }
        self.finish(over.slot, output)
    }

    /// A candidate ends: it is recorded, the strategy is told, and what it releases is forgotten.
    fn finish(&mut self, slot: SlotId, output: &mut dyn Output) -> Result<(), EngineError> {
        let finished_as = self.tally.finished_so_far();
        let record = self.in_flight.get_mut(slot);
        record.finished_us = self.now_us;
        let status = record.status().unwrap_or(Status::Failed);
        self.write_down(slot)?;
        let record = self.in_flight.get(slot);
        if self.settings.layers && status == Status::Ok {
            let (space, level) = (self.components.space, &self.settings.level);
            self.transfer.describe(record, space, level, &mut self.layers)?;
        }
        self.transfer.forget(record.id);
        self.released.clear();
        let told = Finished {
            id: record.id,
            choices: &record.choices,
            score: record.score.known(),
            status,
            origin: record.origin().unwrap_or(Origin::Exact),
        };
        let strategy = self.components.strategy.as_mut();
        self.source.tell(&told, finished_as, strategy, &mut self.released)?;
        self.in_flight.give(slot);
        self.release()?;
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

    /// A candidate has ended, however it did: its row is complete.
    fn write_down(&mut self, slot: SlotId) -> Result<(), EngineError> {
        let record = self.in_flight.get_mut(slot);
        if self.settings.cluster.retries == 0 {
            record.attempts = u32::NONE;
        }
        self.transfer.end(record, record.status == Status::Ok as u8)?;
        self.replay.check(record)?;
        self.tally.finished(record, self.components.space, self.components.evaluator)?;
        self.rows.push(record);
        Ok(())
    }

    /// Forgets the candidates that will never be selected again.
    pub(super) fn release(&mut self) -> Result<(), EngineError> {
        for position in 0..self.released.len() {
            let id = self.released[position];
            self.transfer.release(id);
            if !self.source.release(id, self.tally.finished_so_far(), self.next_id) {
                return Err(self.contract(
                    Kind::Strategy,
                    format!("it released candidate {id}, which it was not told of or has released before"),
                ));
            }
        }
        self.released.clear();
        self.transfer.settle()
    }

    /// An evaluator that has scored nobody after `candidates` does not work.
    pub(super) fn check_hope(&self, candidates: u64) -> Result<(), EngineError> {
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
    pub(super) fn cut(&mut self, output: &mut dyn Output) -> Result<(), EngineError> {
        let until_us = self.settings.until_us.unwrap_or(self.now_us);
        self.now_us = until_us;
        let mut slots = Vec::new();
        for over in self.cluster.stop(until_us) {
            let record = self.in_flight.get_mut(over.slot);
            self.tally.busy(until_us.saturating_sub(record.started_us), false);
            if self.transfer.is_on() {
                record.transfer_us = over.spent.transfer_us.unwrap_or(u64::NONE);
            }
            slots.push(over.slot);
        }
        slots.append(&mut self.queue);
        self.ready.clear();
        slots.sort_by_key(|&slot| self.in_flight.get(slot).id);
        for slot in slots {
            let record = self.in_flight.get_mut(slot);
            record.status = Status::Interrupted as u8;
            record.score = f64::NONE;
            record.train_us = u64::NONE;
            record.finished_us = until_us;
            self.write_down(slot)?;
            if self.rows.len() >= self.settings.part_rows {
                output.candidates(&mut self.rows)?;
                self.rows.clear();
            }
        }
        Ok(())
    }

    /// Hands over what is left.
    pub(super) fn flush(&mut self, output: &mut dyn Output) -> Result<(), EngineError> {
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
