//! The run that comes in, row by row.

use crate::course::{Course, Popular};
use crate::hazard::Hazard;
use crate::leaders::Leaders;
use crate::lives::{Life, Lives, NONE};
use crate::population::Population;
use crate::setting::{Setting, Span};
use crate::tally::{Concentration, Tally};
use crate::vectors::Vectors;
use lamarck_sdk::prelude::*;
use lamarck_sdk::{Nullable, Origin, Status};
use std::collections::VecDeque;

/// The value in a row of a column that may be absent.
fn value<T: Nullable>(column: &[T], row: usize) -> Option<T> {
    column.get(row).copied().and_then(Nullable::known)
}

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

/// A candidate that donated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Donor {
    pub(crate) id: u32,
    /// The most donations that it had in a window.
    pub(crate) peak: u32,
    /// Its place among the leaders.
    pub(crate) leader: u32,
    /// Candidates that had finished before its first donation was counted.
    pub(crate) first: u32,
    /// Layers of all donations whose length is known, and how many these are.
    layers: u32,
    known: u32,
}

impl Donor {
    /// Mean layers a donation.
    pub(crate) fn layers(&self) -> f64 {
        f64::from(self.layers) / f64::from(self.known)
    }
}

/// A row of the window. Its keys are `NONE` where nobody donated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    time_us: u64,
    /// Donor, architecture, prefix.
    pub(crate) keys: [u32; 3],
    pub(crate) layers: u32,
}

/// Numbers that a window is measured by, in the order of a [`Course`].
pub(crate) const FIRST: usize = 0;
pub(crate) const FIRST_FIVE: usize = 1;
pub(crate) const FIRST_TEN: usize = 2;
pub(crate) const GINI: usize = 3;
pub(crate) const EFFECTIVE: usize = 4;
pub(crate) const TURNOVER: usize = 5;

/// Donations by one kind of lender: models, architectures, or prefixes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sphere {
    pub(crate) tally: Tally,
    pub(crate) course: Course<6>,
    pub(crate) popular: Popular,
    /// The first ten of the last window with donations, sorted, and that window.
    top: Vec<u32>,
    top_of: Option<u64>,
}

/// The positions of [`Run::spheres`].
pub(crate) const MODELS: usize = 0;
pub(crate) const ARCHITECTURES: usize = 1;
pub(crate) const PREFIXES: usize = 2;

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
    having: Vec<u32>,
    pub(crate) most: u32,
    pub(crate) leaders: Leaders,
    pub(crate) hazard: Hazard,
    /// Completions at the moment when the last child that finished was chosen.
    pub(crate) chosen: u64,
    /// The window of time that is open.
    open: u64,
    /// Windows that were measured or skipped.
    pub(crate) closed: u64,
    /// Rows until the window has moved by its own length, and until a period of the hazard model ends.
    window_left: u64,
    period_left: u64,
    /// Room for rankings.
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
            ranking: Vec::new(),
            setting,
        }
    }

    /// Takes in a row.
    pub(crate) fn add(&mut self, batch: &Columns<'_>, at: usize) -> Result<()> {
        if let Some(us) = value(batch.finished_us, at) {
            self.timed = true;
            self.now_us = self.now_us.max(us);
            self.close_windows_of_time();
        }
        let id = batch.id.get(at).copied().unwrap_or(u64::NONE);
        let parent = value(batch.parent, at).filter(|&parent| parent != id);
        self.children += u64::from(parent.is_some());
        let parent_known = parent.and_then(|parent| Lives::followed(parent, self.rows));
        let parent_life = parent_known.and_then(|parent| self.lives.known(parent)).copied();
        self.live(batch, at, id, parent_known, parent_life)?;
        let lender = self.lender(value(batch.donor, at).filter(|&donor| donor != id), parent);
        if parent.is_some() || lender.is_some() {
            let age = value(batch.parent_age, at);
            let chosen = parent_life
                .zip(age)
                .and_then(|(life, age)| u64::from(life.row).checked_add(age)?.checked_add(1));
            self.chosen = chosen.unwrap_or(u64::from(self.rows));
        }
        let mut row = Row { time_us: self.now_us, keys: [NONE; 3], layers: NONE };
        if let Some(lender) = lender {
            row = self.donate(lender, row, value(batch.prefix_layers, at));
        }
        self.window.push_back(row);
        self.rows = self.rows.saturating_add(1);
        self.expire();
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
            let size = |column, at| value::<u64>(column, at).map_or(f32::NAN, |size| size as f64 as f32);
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
        let score = value(batch.score, at).filter(|_| ok);
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

    /// Starts counting again with the rows so far without donations: a trace that has donors after all.
    #[cold]
    fn forget_donations(&mut self) {
        for donor in self.donors.drain(..) {
            self.lives.entry(donor.id).slot = NONE;
        }
        self.spheres = std::array::from_fn(|_| Sphere::default());
        if let Some(last) = self.closed.checked_sub(1) {
            for sphere in &mut self.spheres {
                sphere.course.add(last, [None; 6]);
                sphere.popular.add(last, &[]);
            }
        }
        for row in &mut self.window {
            (row.keys, row.layers) = ([NONE; 3], NONE);
        }
        self.having = vec![0];
        (self.most, self.donations, self.lost) = (0, 0, 0);
        self.leaders = Leaders::default();
        // Nobody led, so nothing was observed; the count of periods decides which ones are.
        self.hazard = self.hazard.emptied();
    }

    /// Counts a donation.
    #[inline]
    fn donate(&mut self, lender: u64, row: Row, layers: Option<u64>) -> Row {
        let Some(id) = Lives::followed(lender, self.rows) else {
            self.lost += 1;
            return row;
        };
        self.donations += 1;
        let life = self.lives.entry(id);
        if life.slot == NONE {
            life.slot = u32::try_from(self.donors.len()).unwrap_or(NONE - 1);
            self.donors.push(Donor { id, peak: 0, leader: NONE, first: self.rows, layers: 0, known: 0 });
        }
        let (slot, architecture) = (life.slot, life.architecture);
        let prefix = self.vectors.get(architecture).map_or(NONE, |of| of.prefix);
        let count = self.spheres[MODELS].tally.add(slot);
        for (sphere, key) in [(ARCHITECTURES, architecture), (PREFIXES, prefix)] {
            if key != NONE {
                self.spheres[sphere].tally.add(key);
            }
        }
        self.move_count(count - 1, count);
        self.most = self.most.max(count);
        let layers = layers.map_or(NONE, |layers| u32::try_from(layers).unwrap_or(NONE - 1).min(NONE - 1));
        if let Some(donor) = self.donors.get_mut(slot as usize) {
            donor.peak = donor.peak.max(count);
            if layers != NONE {
                donor.layers = donor.layers.saturating_add(layers);
                donor.known += 1;
            }
        }
        Row { keys: [slot, architecture, prefix], layers, ..row }
    }

    /// One donor has now `to` donations in the window instead of `from`.
    #[inline]
    fn move_count(&mut self, from: u32, to: u32) {
        let (from, to) = (from as usize, to as usize);
        if self.having.len() <= to {
            self.having.resize(to + 1, 0);
        }
        if from > 0 {
            self.having[from] -= 1;
        }
        if to > 0 {
            self.having[to] += 1;
        }
    }

    /// Drops what has left the window.
    #[inline]
    fn expire(&mut self) {
        match self.setting.span {
            Span::Candidates(window) => {
                if self.window.len() as u64 > window {
                    self.drop_oldest();
                }
            }
            // The window is what finished after this moment.
            Span::Time(window) => {
                if let Some(since) = self.now_us.checked_sub(window) {
                    while self.window.front().is_some_and(|row| row.time_us <= since) {
                        self.drop_oldest();
                    }
                }
            }
        }
    }

    #[inline]
    fn drop_oldest(&mut self) {
        let Some(row) = self.window.pop_front() else { return };
        for (sphere, key) in self.spheres.iter_mut().zip(row.keys).skip(1) {
            if key != NONE {
                sphere.tally.leave(key);
            }
        }
        if row.keys[MODELS] != NONE {
            let count = self.spheres[MODELS].tally.leave(row.keys[MODELS]);
            self.move_count(count, count.saturating_sub(1));
            if count == self.most && self.having[count as usize] == 0 {
                self.most -= 1;
            }
        }
    }

    /// Measures and closes the windows of time that ended by now.
    #[inline]
    fn close_windows_of_time(&mut self) {
        let Span::Time(window) = self.setting.span else { return };
        let now = self.now_us / window;
        if now > self.open {
            // What is in the deque finished before the open window's end, since rows come in order.
            let from = self.open * window;
            while self.window.front().is_some_and(|row| row.time_us < from) {
                self.drop_oldest();
            }
            self.measure(self.open);
            self.open = now;
            self.closed = now;
        }
    }

    /// Measures what is in the window, which is the stretch since the last one was measured.
    fn measure(&mut self, index: u64) {
        self.closed = index + 1;
        for (kind, sphere) in self.spheres.iter_mut().enumerate() {
            let keys = self.window.iter().map(|row| row.keys[kind]).filter(|&key| key != NONE);
            sphere.tally.ranking(keys, &mut self.ranking);
            let concentration = Concentration::of(self.ranking.iter().map(|of| of.1));
            let mut top: Vec<u32> = self.ranking.iter().take(10).map(|of| of.0).collect();
            top.sort_unstable();
            let consecutive = sphere.top_of.is_some_and(|before| before + 1 == index);
            let turnover = (consecutive && !top.is_empty()).then(|| {
                let both = top.iter().filter(|key| sphere.top.binary_search(key).is_ok()).count();
                1.0 - both as f64 / (top.len() + sphere.top.len() - both) as f64
            });
            let of = |number: fn(&Concentration) -> f64| concentration.as_ref().map(number);
            let values = [
                of(|c| c.first),
                of(|c| c.first_five),
                of(|c| c.first_ten),
                of(|c| c.gini),
                of(|c| c.effective),
                turnover,
            ];
            sphere.course.add(index, values);
            if kind != ARCHITECTURES {
                sphere.popular.add(index, &self.ranking);
            }
            sphere.top_of = (!top.is_empty()).then_some(index);
            sphere.top = top;
        }
    }

    /// The run is over.
    pub(crate) fn close(&mut self) {
        self.leaders.close(self.rows, self.now_us);
    }
}
