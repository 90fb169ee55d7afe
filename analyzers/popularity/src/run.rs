//! The run that comes in, row by row.

use crate::course::Sampling;
use crate::hazard::Hazard;
use crate::leaders::Leaders;
use crate::lives::{Life, Lives, NONE};
use crate::population::Population;
use crate::setting::{Setting, Span};
use crate::tally::Tally;
use crate::vectors::Vectors;
use crate::window::{Donor, Row, Sphere};
use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Nullable, Origin, Status};
use std::collections::VecDeque;

/// Who lends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Lenders {
    /// Neither a donor nor a parent has been seen.
    #[default]
    Nobody,
    /// No donor has been seen: parents stand in for donors.
    Parents,
    Donors,
}

/// Everything that is known of a run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) setting: Setting,
    pub(crate) rows: u32,
    pub(crate) now_us: u64,
    /// Whether any row had a time; until one has, windows of time cannot be told apart.
    pub(crate) timed: bool,
    pub(crate) lives: Lives,
    pub(crate) vectors: Vectors,
    pub(crate) population: Option<Population>,
    pub(crate) lenders: Lenders,
    /// Rows with a parent.
    pub(crate) children: u64,
    /// Donations that were counted, and those by ids that are not followed.
    pub(crate) donations: u64,
    pub(crate) lost: u64,
    /// Whether a donor was not the parent.
    pub(crate) donors_differ: bool,
    pub(crate) donors: Vec<Donor>,
    pub(crate) spheres: [Sphere; 3],
    pub(crate) window: VecDeque<Row>,
    /// How many donors have so many donations in the window, and the most that anyone has.
    pub(crate) having: Vec<u32>,
    pub(crate) most: u32,
    pub(crate) leaders: Leaders,
    pub(crate) hazard: Hazard,
    /// Completions at the moment when the last child that finished was chosen.
    pub(crate) chosen: u64,
    /// The window of time that is open.
    pub(crate) open: u64,
    /// Windows that were measured or skipped.
    pub(crate) closed: u64,
    /// Rows until the window has moved by its own length, and until a period of the hazard model ends.
    window_left: u64,
    period_left: u64,
    /// Which windows are measured.
    pub(crate) sampling: Sampling,
    /// Room for rankings.
    pub(crate) tally: Tally,
    pub(crate) ranking: Vec<(u32, u32)>,
}

impl Run {
    pub(crate) fn new(setting: Setting, space: Option<&SpaceSpec>) -> Self {
        Self {
            rows: 0,
            now_us: 0,
            timed: false,
            lives: Lives::default(),
            vectors: Vectors::new(space, setting.prefix),
            population: setting.new_population(),
            lenders: Lenders::Nobody,
            children: 0,
            donations: 0,
            lost: 0,
            donors_differ: false,
            donors: Vec::new(),
            spheres: std::array::from_fn(|_| Sphere::default()),
            window: VecDeque::new(),
            having: vec![0],
            most: 0,
            leaders: Leaders::default(),
            hazard: Hazard::default(),
            chosen: 0,
            open: 0,
            closed: 0,
            window_left: setting.window,
            period_left: setting.period(),
            sampling: Sampling::default(),
            tally: Tally::default(),
            ranking: Vec::new(),
            setting,
        }
    }

    /// Takes in a row.
    pub(crate) fn add(&mut self, batch: &Columns<'_>, at: usize) -> Result<()> {
        if let Some(us) = value_at(batch.finished_us, at) {
            self.timed = true;
            self.now_us = self.now_us.max(us);
            self.close_windows_of_time();
        }
        let id = batch.id.get(at).copied().unwrap_or(u64::NONE);
        let parent = value_at(batch.parent, at).filter(|&parent| parent != id);
        self.children += u64::from(parent.is_some());
        let parent_known = parent.and_then(|parent| Lives::followed(parent, self.rows));
        let parent_life = parent_known.and_then(|parent| self.lives.known(parent)).copied();
        self.live(batch, at, id, parent_known, parent_life)?;
        let lender = self.lender(value_at(batch.donor, at).filter(|&donor| donor != id), parent);
        if parent.is_some() || lender.is_some() {
            let age = value_at(batch.parent_age, at);
            let chosen = parent_life
                .zip(age)
                .and_then(|(life, age)| u64::from(life.row).checked_add(age)?.checked_add(1));
            self.chosen = chosen.unwrap_or(u64::from(self.rows));
        }
        // Before the donation is counted: a window that holds this row too has one row more than its length, and a donor
        // whose oldest donation leaves just now would be told a peak that no window has.
        self.expire();
        let mut row = Row { time_us: self.now_us, slot: NONE, architecture: NONE, layers: NONE };
        if let Some(lender) = lender {
            row = self.donate(lender, row, value_at(batch.prefix_layers, at));
        }
        self.window.push_back(row);
        self.rows = self.rows.saturating_add(1);
        self.lead();
        self.window_left -= 1;
        if self.window_left == 0 {
            self.window_left = self.setting.window;
            if matches!(self.setting.span, Span::Candidates(_)) {
                self.measure(u64::from(self.rows) / self.setting.window - 1);
            }
        }
        self.period_left -= 1;
        if self.period_left == 0 {
            self.period_left = self.setting.period();
            self.turn();
        }
        Ok(())
    }

    /// Remembers a candidate, and lets it enter the population.
    #[inline]
    fn live(
        &mut self,
        batch: &Columns<'_>,
        at: usize,
        id: u64,
        parent: Option<u32>,
        parent_life: Option<Life>,
    ) -> Result<()> {
        let architecture = self.vectors.add(batch.vector(at))?;
        if let Some(of) = self.vectors.get_mut(architecture)
            && of.layers.is_nan()
        {
            #[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for an effect size")]
            let size = |column, at| value_at::<u64>(column, at).map_or(f32::NAN, |size| size as f64 as f32);
            (of.layers, of.bytes) = (size(batch.layers, at), size(batch.bytes, at));
        }
        let Some(id) = Lives::followed(id, self.rows) else { return Ok(()) };
        let rows = self.rows;
        let life = self.lives.entry(id);
        if life.is_known() {
            // A second row of the same id: whoever wrote the trace was wrong somewhere, the first row counts.
            return Ok(());
        }
        let ok = batch.status.get(at).is_none_or(|&status| status == Status::Ok as u8);
        let score = value_at(batch.score, at).filter(|_| ok);
        let origin = batch.origin.get(at).and_then(|&origin| Origin::from_number(origin));
        let derived = matches!(origin, Some(Origin::Mutation | Origin::Recombination));
        life.row = rows;
        life.parent = parent.unwrap_or(NONE);
        life.architecture = architecture;
        life.set_depth(parent_life.map_or(0, |parent| parent.depth().saturating_add(1)), derived);
        #[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for an effect size")]
        if let Some(score) = score {
            life.score = score as f32;
        }
        if let Some(population) = &mut self.population
            && (score.is_some() || !self.setting.ignores_failures)
        {
            let entered = population.enter(id, score.unwrap_or(f64::NAN));
            life.rank = entered.rank;
            if let Some((left, expected)) = entered.left {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a few children, compared with whole numbers"
                )]
                let expected = expected as f32;
                self.lives.entry(left).expected = expected;
            }
        }
        Ok(())
    }

    /// Who lends to a row.
    #[inline]
    fn lender(&mut self, donor: Option<u64>, parent: Option<u64>) -> Option<u64> {
        if donor.is_some() {
            if self.lenders == Lenders::Parents {
                self.forget_donations();
            }
            self.lenders = Lenders::Donors;
            self.donors_differ |= parent.is_some() && donor != parent;
            return donor;
        }
        match self.lenders {
            Lenders::Donors => None,
            Lenders::Parents => parent,
            Lenders::Nobody => {
                if parent.is_some() {
                    self.lenders = Lenders::Parents;
                }
                parent
            }
        }
    }

    /// The run is over.
    pub(crate) fn close(&mut self) {
        self.leaders.close(self.rows, self.now_us);
    }
}
