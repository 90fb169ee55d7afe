//! The contest for the lead: who has it, who loses it and why, and what the hazard model sees of that.

use crate::hazard::COVARIATES;
use crate::kin::{self, Kin};
use crate::leaders::Fall;
use crate::lives::NONE;
use crate::run::{Lenders, Run};
use crate::setting::Policy;
use crate::window::Donor;

impl Run {
    /// Sees who leads now: who led before, if nobody has more; else the one with the most donations and the lowest id.
    #[inline]
    pub(crate) fn lead(&mut self) {
        let leader = self.leaders.slot();
        let lead = self.setting.lead;
        let stays = match leader {
            Some(slot) => self.most >= lead && self.windowed(slot) == self.most,
            None => self.most < lead,
        };
        if !stays {
            self.change_leader(leader);
        }
    }

    /// Donations of a donor in the window.
    #[inline]
    fn windowed(&self, slot: u32) -> u32 {
        self.donors.get(slot as usize).map_or(0, |donor| donor.windowed)
    }

    fn change_leader(&mut self, leader: Option<u32>) {
        let next = if self.most >= self.setting.lead {
            let donors =
                self.window.iter().filter_map(|row| Some((row.slot, self.donors.get(row.slot as usize)?)));
            let first = donors.filter(|(_, donor)| donor.windowed == self.most);
            first.min_by_key(|(_, donor)| donor.id).map(|(slot, _)| slot)
        } else {
            None
        };
        if let Some(fallen) = leader {
            let fall = self.judge(fallen, next);
            self.leaders.fall(self.rows, self.now_us, fall, next);
        }
        if let Some(next) = next
            && let Some(donor) = self.donors.get_mut(next as usize)
        {
            donor.leader = self.leaders.lead(next, donor.leader, self.rows, self.now_us);
        }
    }

    /// The facts that decide why a leader fell.
    fn judge(&self, fallen: u32, next: Option<u32>) -> Fall {
        let id = |slot: u32| self.donors.get(slot as usize).map_or(NONE, |donor| donor.id);
        let life = |slot| self.lives.known(id(slot));
        let limit = self.setting.lends_for(self.lenders == Lenders::Parents);
        let gone = limit
            .filter(|(most, _)| life(fallen).is_some_and(|life| self.chosen > u64::from(life.row) + most))
            .map(|(_, reason)| reason);
        let matches = match self.setting.policy {
            Policy::Parent => false,
            Policy::BestMatch => self.lenders == Lenders::Donors,
            Policy::Unknown => self.donors_differ,
        };
        let outmatched = matches
            && next.is_some_and(|next| {
                let later = life(fallen).zip(life(next)).is_some_and(|(fallen, next)| next.row > fallen.row);
                later && self.layers_in_window(next) > self.layers_in_window(fallen)
            });
        let kin = match next {
            None => Kin::Nobody,
            Some(_) if self.children == 0 => Kin::Unknown,
            Some(next) => kin::kin(&self.lives, id(fallen), id(next), self.setting.relative),
        };
        Fall { gone, outmatched, kin }
    }

    /// Mean layers of a donor's donations in the window, or of all when it has none there.
    fn layers_in_window(&self, slot: u32) -> f64 {
        let (sum, n) = self
            .window
            .iter()
            .filter(|row| row.slot == slot && row.layers != NONE)
            .fold((0_u64, 0_u64), |(sum, n), row| (sum + u64::from(row.layers), n + 1));
        if n > 0 {
            sum as f64 / n as f64
        } else {
            self.donors.get(slot as usize).map_or(f64::NAN, Donor::layers)
        }
    }

    /// A period of the hazard model ends.
    pub(crate) fn turn(&mut self) {
        let leader = self.leaders.slot();
        if self.hazard.turn(leader)
            && let Some(leader) = leader
        {
            let covariates = self.covariates(leader);
            self.hazard.observe(leader, covariates);
        }
    }

    /// The covariates of a leader now, in the order of [`NAMES`](crate::hazard::NAMES).
    fn covariates(&mut self, leader: u32) -> [f64; COVARIATES] {
        self.rank_models();
        let id = |slot: u32| self.donors.get(slot as usize).map_or(NONE, |donor| donor.id);
        let own = id(leader);
        let age =
            self.lives.known(own).map_or(f64::NAN, |life| f64::from(self.rows.saturating_sub(life.row + 1)));
        let rank =
            self.population.as_ref().map_or(f64::NAN, |of| of.rank(own).unwrap_or(of.capacity() + 1) as f64);
        let (mut all, mut descendants) = (0, 0);
        for &(slot, count) in &self.ranking {
            all += count;
            if self.children > 0 && kin::descends(&self.lives, id(slot), own, 0) {
                descendants += count;
            }
        }
        let descendants =
            if self.children > 0 { f64::from(descendants) / f64::from(all.max(1)) } else { f64::NAN };
        let runner_up = self.ranking.iter().find(|of| of.0 != leader).copied();
        let count = self.windowed(leader);
        let margin = f64::from(count) - f64::from(runner_up.map_or(0, |of| of.1));
        let advantage =
            runner_up.map_or(0.0, |of| self.layers_in_window(of.0) - self.layers_in_window(leader));
        [age, rank, descendants, margin, advantage]
    }
}
