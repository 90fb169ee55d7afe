//! The sliding window: donations that come and go, and what is measured each time it has moved by its own length.

use crate::course::{Course, Popular};
use crate::leaders::Leaders;
use crate::lives::{Lives, NONE};
use crate::run::Run;
use crate::setting::Span;
use crate::tally::{Concentration, SEEN};

/// A candidate that donated: 32 bytes, half a cache line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Donor {
    pub(crate) id: u32,
    /// Donations in the window.
    pub(crate) windowed: u32,
    /// All donations.
    pub(crate) total: u32,
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

/// A row of the window. Where nobody donated it has neither slot nor architecture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) time_us: u64,
    /// The donor.
    pub(crate) slot: u32,
    pub(crate) architecture: u32,
    pub(crate) layers: u32,
}

/// Numbers that a window is measured by, in the order of a [`Course`].
pub(crate) const FIRST: usize = 0;
pub(crate) const FIRST_FIVE: usize = 1;
pub(crate) const FIRST_TEN: usize = 2;
pub(crate) const GINI: usize = 3;
pub(crate) const EFFECTIVE: usize = 4;
pub(crate) const TURNOVER: usize = 5;

/// Windows of one kind of lender: models, architectures, or prefixes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sphere {
    pub(crate) course: Course<6>,
    pub(crate) popular: Popular,
    /// The first ten of the last window with donations, sorted, and that window.
    top: Vec<u32>,
    top_of: Option<u64>,
}

impl Sphere {
    /// Takes in the ranking of a window that stands for `weight` windows.
    fn measure(&mut self, index: u64, weight: u64, ranking: &[(u32, u32)]) {
        let concentration = Concentration::of(ranking.iter().map(|of| of.1));
        let mut top: Vec<u32> = ranking.iter().take(10).map(|of| of.0).collect();
        top.sort_unstable();
        // Where windows are sampled, it is the second one of a pair that has a turnover, and stands for the pair.
        let consecutive =
            self.top_of.is_some_and(|before| before + 1 == index) && (weight == 1 || index % 2 == 1);
        let turnover = (consecutive && !top.is_empty()).then(|| {
            let both = top.iter().filter(|key| self.top.binary_search(key).is_ok()).count();
            1.0 - both as f64 / (top.len() + self.top.len() - both) as f64
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
        let mut weights = [weight; 6];
        if weight > 1 {
            weights[TURNOVER] = 2 * weight;
        }
        self.course.add(index, weights, values);
        self.top_of = (!top.is_empty()).then_some(index);
        self.top = top;
    }
}

/// The positions of [`Run::spheres`].
pub(crate) const MODELS: usize = 0;
pub(crate) const ARCHITECTURES: usize = 1;
pub(crate) const PREFIXES: usize = 2;

impl Run {
    /// Starts counting again with the rows so far without donations: a trace that has donors after all.
    #[cold]
    pub(crate) fn forget_donations(&mut self) {
        for donor in self.donors.drain(..) {
            self.lives.entry(donor.id).slot = NONE;
        }
        self.vectors.forget_donations();
        self.spheres = std::array::from_fn(|_| Sphere::default());
        if let Some(last) = self.closed.checked_sub(1) {
            for sphere in &mut self.spheres {
                sphere.course.add(last, [1; 6], [None; 6]);
                sphere.popular.add(last, 1, &[]);
            }
        }
        for row in &mut self.window {
            (row.slot, row.architecture, row.layers) = (NONE, NONE, NONE);
        }
        self.having = vec![0];
        (self.most, self.donations, self.lost) = (0, 0, 0);
        self.leaders = Leaders::default();
        // Nobody led, so nothing was observed; the count of periods decides which ones are.
        self.hazard = self.hazard.emptied();
    }

    /// Counts a donation.
    #[inline]
    pub(crate) fn donate(&mut self, lender: u64, row: Row, layers: Option<u64>) -> Row {
        let Some(id) = Lives::followed(lender, self.rows) else {
            self.lost += 1;
            return row;
        };
        self.donations += 1;
        let life = self.lives.entry(id);
        if life.slot == NONE {
            life.slot = u32::try_from(self.donors.len()).unwrap_or(NONE - 1);
            if self.donors.len() == self.donors.capacity() {
                // By an eighth instead of doubling: so little is allocated in vain.
                self.donors.reserve_exact((self.donors.len() / 8).max(1 << 8));
            }
            self.donors.push(Donor {
                id,
                windowed: 0,
                total: 0,
                peak: 0,
                leader: NONE,
                first: self.rows,
                layers: 0,
                known: 0,
            });
        }
        let (slot, architecture) = (life.slot, life.architecture);
        if let Some(of) = self.vectors.get_mut(architecture) {
            of.donations = of.donations.saturating_add(1);
        }
        let layers = layers.map_or(NONE, |layers| u32::try_from(layers).unwrap_or(NONE - 1).min(NONE - 1));
        if let Some(donor) = self.donors.get_mut(slot as usize) {
            donor.windowed += 1;
            donor.total = donor.total.saturating_add(1);
            let count = donor.windowed;
            donor.peak = donor.peak.max(count);
            if layers != NONE {
                donor.layers = donor.layers.saturating_add(layers);
                donor.known += 1;
            }
            self.move_count(count - 1, count);
            self.most = self.most.max(count);
        }
        Row { slot, architecture, layers, ..row }
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

    /// Drops what leaves the window when one more row comes in.
    #[inline]
    pub(crate) fn expire(&mut self) {
        match self.setting.span {
            Span::Candidates(window) => {
                if self.window.len() as u64 >= window {
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
        if let Some(donor) = self.donors.get_mut(row.slot as usize) {
            let count = donor.windowed;
            donor.windowed = count.saturating_sub(1);
            self.move_count(count, count.saturating_sub(1));
            if count == self.most && self.having[count as usize] == 0 {
                self.most -= 1;
            }
        }
    }

    /// Measures and closes the windows of time that ended by now.
    #[inline]
    pub(crate) fn close_windows_of_time(&mut self) {
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
    pub(crate) fn measure(&mut self, index: u64) {
        self.closed = index + 1;
        let weight = match self.setting.span {
            Span::Candidates(_) => self.sampling.weight(index),
            Span::Time(_) => Some(1),
        };
        let Some(weight) = weight else { return };
        self.rank_models();
        self.spheres[MODELS].measure(index, weight, &self.ranking);
        self.spheres[MODELS].popular.add(index, weight, &self.ranking);
        let architectures = self.window.iter().map(|row| row.architecture).filter(|&key| key != NONE);
        self.tally.ranking(architectures, &mut self.ranking);
        self.spheres[ARCHITECTURES].measure(index, weight, &self.ranking);
        let prefixes = self.window.iter().filter_map(|row| Some(self.vectors.get(row.architecture)?.prefix));
        self.tally.ranking(prefixes, &mut self.ranking);
        self.spheres[PREFIXES].measure(index, weight, &self.ranking);
        self.spheres[PREFIXES].popular.add(index, weight, &self.ranking);
    }

    /// Ranks the donors in the window: the most donations first, then who donated first in the run.
    pub(crate) fn rank_models(&mut self) {
        self.ranking.clear();
        for row in &self.window {
            let Some(donor) = self.donors.get_mut(row.slot as usize) else { continue };
            if donor.windowed & SEEN == 0 {
                self.ranking.push((row.slot, donor.windowed));
                donor.windowed |= SEEN;
            }
        }
        for &(slot, _) in &self.ranking {
            if let Some(donor) = self.donors.get_mut(slot as usize) {
                donor.windowed &= !SEEN;
            }
        }
        self.tally.sort(&mut self.ranking);
    }
}
