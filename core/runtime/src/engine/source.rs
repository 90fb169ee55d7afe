//! Where a run's candidates come from: a search that goes on, or one that has been.

use super::error::EngineError;
use super::live::{InFlight, Member, Members, SlotId};
use super::parts::{Components, RunSettings};
use super::propose::Proposer;
use super::script::{Release, Script};
use super::transfer::Donor;
use lamarck_model::declaration::Kind;
use lamarck_model::{CandidateId, CandidateRecord, Finished, Nullable, SpaceSpec, Status, Strategy};

/// Where candidates come from.
pub(super) enum Source<'a> {
    /// The strategy proposes, knowing what has finished.
    Live(Live<'a>),
    /// They are those of an earlier run.
    Script(Script),
}

/// A search that goes on.
pub(super) struct Live<'a> {
    proposer: Proposer<'a>,
    members: Members,
    /// What was released and when, if somebody wants to know.
    releases: Option<Vec<Release>>,
}

/// What is known of a candidate before it is placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// How it ends.
    pub(super) status: Status,
    /// Its score or not-a-number.
    pub(super) score: f64,
    /// Its training at speed 1; `None` if that has to be asked for.
    pub(super) train_us: Option<u64>,
}

impl Known {
    /// What a row tells. Of a candidate that was lost or cut off it tells nothing, and the time on its node is the time at
    /// speed 1 only where all nodes are alike.
    pub(super) fn of(row: &CandidateRecord, even_speeds: bool) -> Option<Self> {
        let status = row.status().filter(|status| !matches!(status, Status::Lost | Status::Interrupted))?;
        let train_us = even_speeds.then(|| row.train_us.known().unwrap_or(0));
        Some(Self { status, score: row.score, train_us })
    }
}

impl<'a> Source<'a> {
    pub(super) fn live(spec: &'a SpaceSpec, settings: &RunSettings, components: &Components<'_>) -> Self {
        let (proposer, members) =
            (Proposer::new(spec, settings, components), Members::new(spec.decisions.len()));
        Self::Live(Live { proposer, members, releases: None })
    }

    /// Notes from now on what is released and when.
    pub(super) fn note_releases(&mut self) {
        if let Self::Live(live) = self {
            live.releases = Some(Vec::new());
        }
    }

    /// What was released and when.
    pub(super) fn into_releases(self) -> Vec<Release> {
        match self {
            Self::Live(live) => live.releases.unwrap_or_default(),
            Self::Script(_) => Vec::new(),
        }
    }

    /// The next candidate, numbered `id` if it is new, when `finished` candidates have finished; `None` when there is none
    /// for now.
    pub(super) fn next(
        &mut self,
        id: CandidateId,
        finished: u64,
        in_flight: &mut InFlight,
        components: &mut Components<'_>,
    ) -> Result<Option<SlotId>, EngineError> {
        match self {
            Self::Live(live) => live.proposer.propose(id, finished, in_flight, &live.members, components),
            Self::Script(script) => Ok(script.next(in_flight)),
        }
    }

    /// Who chooses whose weights a candidate takes over.
    pub(super) fn donor(&self, record: &CandidateRecord) -> Donor {
        match self {
            Self::Live(_) => Donor::Sought,
            Self::Script(script) => Donor::Given(script.row(record.id).and_then(|row| row.donor.known())),
        }
    }

    /// What is known of a candidate.
    pub(super) fn known(&self, candidate: CandidateId) -> Option<Known> {
        match self {
            Self::Live(_) => None,
            Self::Script(script) => script.known(candidate),
        }
    }

    /// A candidate has finished, after `finished` others: names whom nobody will select any more.
    pub(super) fn tell(
        &mut self,
        told: &Finished<'_>,
        finished: u64,
        strategy: &mut dyn Strategy,
        released: &mut Vec<CandidateId>,
    ) -> Result<(), EngineError> {
        match self {
            Self::Live(live) => {
                strategy.tell(told, released).map_err(EngineError::component(Kind::Strategy))?;
                live.members.keep(told.id, Member { choices: told.choices, finished_as: finished });
            }
            Self::Script(script) => script.finished(told.id, released),
        }
        Ok(())
    }

    /// Forgets a released candidate, when `finished` have finished and `submitted` were submitted; false if it was not to be
    /// selected anyway.
    pub(super) fn release(&mut self, candidate: CandidateId, finished: u64, submitted: u64) -> bool {
        match self {
            Self::Live(live) => {
                if let Some(releases) = &mut live.releases {
                    releases.push(Release { finished, submitted, candidate });
                }
                live.members.release(candidate)
            }
            Self::Script(_) => true,
        }
    }
}
