//! The loop of one run.

mod finish;
mod place;

use super::cluster::{Cluster, Event};
use super::error::EngineError;
use super::live::{InFlight, SlotId};
use super::measure::Sizes;
use super::parts::{Components, End, Output, Progress, RunSettings};
use super::replay::{Recorded, Replay};
use super::script::Script;
use super::source::Source;
use super::tally::{RunSummary, Tally};
use super::transfer::Transfer;
use crate::repository::Offer;
use lamarck_model::declaration::Kind;
use lamarck_model::rng::Stream;
use lamarck_model::{CandidateColumns, CandidateId, LayerColumns, Placement, Ready};
use std::sync::atomic::Ordering;

/// Rows of the `layers` table in one part.
const LAYER_ROWS: usize = 1 << 20;
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
    Run::new(components, settings, recorded)?.finished(output, progress)
}

/// Plays a run that has been again, on the cluster and with the scheduler of these settings. The strategy and the mutators
/// are not asked.
pub fn replay(
    components: Components<'_>,
    settings: &RunSettings,
    script: Script,
    output: &mut dyn Output,
    progress: &Progress,
) -> Result<(End, RunSummary), EngineError> {
    let mut run = Run::new(components, settings, None)?;
    run.source = Source::Script(script);
    run.finished(output, progress)
}

pub(super) struct Run<'a> {
    components: Components<'a>,
    settings: &'a RunSettings,
    pub(super) source: Source<'a>,
    stream: Stream,
    in_flight: InFlight,
    sizes: Sizes,
    cluster: Cluster,
    /// The slots of ready candidates, and the candidates, in order of submission.
    queue: Vec<SlotId>,
    ready: Vec<Ready>,
    /// By slot: what the candidate was when it became ready.
    offers: Vec<Ready>,
    wants_cached: bool,
    cached: Vec<u64>,
    cached_anywhere: Vec<u64>,
    placement: Placement,
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
    told: u64,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        components: Components<'a>,
        settings: &'a RunSettings,
        recorded: Option<Recorded<'a>>,
    ) -> Result<Self, EngineError> {
        let spec = components.space.spec();
        // What waits for the scheduler was proposed before anything finished.
        let expected = components.strategy.spec().random_phase;
        let expected = expected.map(|phase| phase.saturating_add(u64::from(settings.lookahead)));
        let tally = Tally::new(spec, &components.evaluator.spec(), expected);
        let stream = Stream::new(settings.seed, settings.replicate);
        Ok(Self {
            source: Source::live(spec, settings, &components),
            stream,
            in_flight: InFlight::default(),
            sizes: Sizes::new(spec),
            cluster: Cluster::new(&settings.cluster, stream),
            queue: Vec::new(),
            ready: Vec::new(),
            offers: Vec::new(),
            wants_cached: components.scheduler.wants_cached(),
            cached: Vec::new(),
            cached_anywhere: Vec::new(),
            placement: Placement::default(),
            placed: Vec::new(),
            released: Vec::new(),
            replay: Replay::new(recorded),
            tally,
            transfer: Transfer::new(settings)?,
            rows: CandidateColumns::with_capacity(spec.decisions.len(), settings.part_rows.min(1 << 17)),
            layers: LayerColumns::default(),
            next_id: 0,
            now_us: 0,
            same_time: 0,
            told: 0,
            components,
            settings,
        })
    }

    fn finished(
        mut self,
        output: &mut dyn Output,
        progress: &Progress,
    ) -> Result<(End, RunSummary), EngineError> {
        let end = self.go(output, progress)?;
        progress.finished.fetch_add(self.tally.finished_so_far() - self.told, Ordering::Relaxed);
        let transfer = self.transfer.into_summary();
        Ok((end, RunSummary { transfer, ..self.tally.into_summary() }))
    }

    pub(super) fn go(&mut self, output: &mut dyn Output, progress: &Progress) -> Result<End, EngineError> {
        let mut end = End::Complete;
        loop {
            self.refill()?;
            self.place()?;
            if self.cluster.running() == 0 && self.queue.is_empty() && self.has_no_more() {
                break;
            }
            if !self.go_on(output)? {
                break;
            }
            let finished = self.tally.finished_so_far();
            if finished - self.told >= TELL_EVERY {
                progress.finished.fetch_add(finished - self.told, Ordering::Relaxed);
                self.told = finished;
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

    /// Moves on to the next moment at which there is something to propose or to place; false when the run is over.
    fn go_on(&mut self, output: &mut dyn Output) -> Result<bool, EngineError> {
        loop {
            let Some(next) = self.cluster.next() else {
                return Err(
                    self.contract(Kind::Scheduler, "it placed no candidate although every worker is idle")
                );
            };
            if self.settings.until_us.is_some_and(|until| next.at_us > until) {
                self.cut(output)?;
                return Ok(false);
            }
            self.advance(next.at_us)?;
            match self.cluster.step(next)? {
                Event::Inside => {}
                Event::Ask => return Ok(true),
                Event::Over(over) => {
                    self.over(over, output)?;
                    return Ok(true);
                }
                Event::Expired(all) => {
                    self.transfer.lose_caches()?;
                    for over in all {
                        self.over(over, output)?;
                    }
                    return Ok(true);
                }
            }
        }
    }

    /// Whether nothing would be submitted even if every worker were idle.
    fn has_no_more(&self) -> bool {
        // Somebody idle was offered to the strategy just now, in vain.
        !self.cluster.idle().is_empty()
            || self.settings.candidates.is_some_and(|budget| self.next_id >= budget)
            || self.settings.until_us.is_some_and(|until| self.now_us >= until)
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
            let slot = self.source.next(self.next_id, finished, &mut self.in_flight, &mut self.components)?;
            let Some(slot) = slot else { break };
            let record = self.in_flight.get_mut(slot);
            record.submitted_us = self.now_us;
            let (space, level) = (self.components.space, &self.settings.level);
            let donor = self.source.donor(record);
            let (size, offer) = match self.transfer.submit(record, donor, space, level)? {
                Some(transfer) => transfer,
                None => (self.sizes.of(space, &record.choices, level)?, Offer::default()),
            };
            record.layers = size.layers;
            record.parameters = size.parameters;
            record.bytes = size.bytes;
            self.tally.submitted(record);
            let ready = Ready {
                candidate: record.id,
                donor: offer.donor,
                size,
                prefix: offer.prefix,
                submitted_us: self.now_us,
            };
            let at = slot as usize;
            if at >= self.offers.len() {
                self.offers.resize(at + 1, ready);
            }
            self.offers[at] = ready;
            self.make_ready(slot);
            self.next_id += 1;
        }
        if let Source::Script(script) = &mut self.source {
            script.due(&mut self.released);
            self.release()?;
        }
        Ok(())
    }
}
