//! What lineage-aware policies are told: values of objects, kept while a search goes on.
//!
//! | policy | value of an object |
//! |---|---|
//! | `population` | 0 once no member has it in its map and no child in flight was promised it, 1 otherwise |
//! | `descendants` | for each member that holds it, that member and its living descendants; and the children in flight that inherit it |
//! | `next-donor` | reads to be expected: for each member that holds it, the chance of its rank times the choices it has left; for each child in flight that inherits it 1 for what it is about to read, and 1 for what it will be chosen for |
//!
//! A *member* is a finished candidate that can still be chosen as a parent. A [`Lineage`] is told of every promise, read, end,
//! member and leave in the order of events, by whoever goes through them: the engine of a running search, or the
//! analyzer of a trace. So a cache in a simulated cluster and the same cache in an analysis hear the same.
//!
//! **Nothing here knows the future.** A member's descendants are counted along first parents, among members only: who can no
//! longer be chosen brings nobody to read anything. The 1 of a child in flight is what a member is chosen for in its
//! life on average, its rank not being known yet.
//!
//! **Values are kept near, not exact.** Every completion moves all ranks and ages. Those are worked out anew after every eighth
//! of a population, and the value of an object (under `descendants` too) is told again when it is off by a quarter of
//! what was told ([`TOLERANCE`]), or becomes 0. Exact values would be population x layers hints for each candidate.
//!
//! **Values are exact sums.** Expected reads are counted in steps of 2^-20, so that adding and taking away leave nothing behind
//! and no order of events shows in a value: who is worth the same is evicted by use, not by rounding. What a
//! member contributes below that counts as nothing.
//!
//! **One mechanism for all three.** A member and a child in flight each contribute a weight to every object they hold, and
//! an object's value is the sum; the policies differ in the weights (`population` only asks whether there is anyone). The
//! alternative, one bookkeeping for each policy, has three times the places where a promise can be forgotten.
//!
//! Memory: 24 bytes for each object number ever in use (numbers may be given again, see [`Lineage::begin`]), and 4 for each
//! object of a member or a child in flight; nothing for who has left.

mod selection;

pub use selection::{AgingSelection, Selection};

use crate::kind::PolicyKind;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::collections::VecDeque;

/// How far a value may be off, as a share of what was told, before it is told again.
pub const TOLERANCE: f64 = 0.25;

/// A number in steps of 2^-20. Sums of such numbers are exact up to 2^33.
fn steps(number: f64) -> f64 {
    let steps = f64::from(1_u32 << 20);
    (number * steps).round() / steps
}

/// What values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageRule {
    /// Of [`PolicyKind::Population`].
    Population,
    /// Of [`PolicyKind::Descendants`].
    Descendants,
    /// Of [`PolicyKind::NextDonor`].
    NextDonor(AgingSelection),
}

impl LineageRule {
    /// What a policy wants to hear; `None` if nothing, or if it wants to know how parents are drawn and nobody does.
    pub fn of(policy: PolicyKind, selection: Option<AgingSelection>) -> Option<Self> {
        match policy {
            PolicyKind::Population => Some(Self::Population),
            PolicyKind::Descendants { .. } => Some(Self::Descendants),
            PolicyKind::NextDonor { .. } => selection.map(Self::NextDonor),
            _ => None,
        }
    }

    /// What a child in flight is worth to what it inherits, before it has read it and after.
    fn of_flight(self, has_read: bool) -> f64 {
        match self {
            Self::Population => 0.0,
            Self::NextDonor(_) if !has_read => 2.0,
            Self::Descendants | Self::NextDonor(_) => 1.0,
        }
    }
}

/// How good a candidate is: the higher score, then the lower number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The score; minus infinity without one. Not-a-number is taken for that.
    pub score: f64,
    /// What decides between equal scores.
    pub number: u64,
}

impl Standing {
    /// Less is better.
    fn order(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.number.cmp(&other.number))
    }
}

/// An object.
#[derive(Debug, Clone, Copy)]
struct Object {
    /// The sum of weights of those who hold it.
    sum: f64,
    /// What was told last.
    told: f64,
    /// Members and children in flight that hold it: without any its value is 0, even if sums beyond 2^33 were rounded.
    holders: u32,
}

impl Object {
    /// An object that nobody spoke of has the value 1.
    const NEW: Self = Self { sum: 0.0, told: 1.0, holders: 0 };
}

/// All objects by number, and those whose value may have changed since values were told.
#[derive(Debug, Default)]
struct Objects {
    all: Vec<Object>,
    touched: Vec<u32>,
}

impl Objects {
    fn get(&self, number: u32) -> Object {
        self.all.get(number as usize).copied().unwrap_or(Object::NEW)
    }

    fn get_mut(&mut self, number: u32) -> &mut Object {
        let at = number as usize;
        if at >= self.all.len() {
            self.all.resize(at + 1, Object::NEW);
        }
        &mut self.all[at]
    }

    /// A holder more or less of some objects, and its weight.
    fn change(&mut self, numbers: &[u32], holders: i32, weight: f64) {
        for &number in numbers {
            let object = self.get_mut(number);
            // Every holder that goes has come before, and there are fewer than 2^32.
            object.holders = object.holders.saturating_add_signed(holders);
            object.sum = if object.holders == 0 { 0.0 } else { object.sum + weight };
        }
        self.touched.extend_from_slice(numbers);
    }

    /// Another weight of a holder of some objects.
    fn reweigh(&mut self, numbers: &[u32], change: f64) {
        if change != 0.0 {
            self.change(numbers, 0, change);
        }
    }
}

/// A candidate that was submitted and has not ended.
#[derive(Debug)]
struct Flight {
    ancestor: Option<u64>,
    inherits: Vec<u32>,
    has_read: bool,
}

/// A candidate that can be chosen.
#[derive(Debug)]
struct Member {
    ancestor: Option<u64>,
    standing: Standing,
    holds: Box<[u32]>,
    /// What it contributes to each object it holds.
    weight: f64,
}

impl Member {
    fn weigh(&mut self, weight: f64, objects: &mut Objects) {
        objects.reweigh(&self.holds, weight - std::mem::replace(&mut self.weight, weight));
    }
}

/// Everybody who holds something, and what follows for the objects.
///
/// Objects are numbered in 32 bits, candidates in 64. What is said of candidates it does not know is ignored.
#[derive(Debug)]
pub struct Lineage {
    rule: LineageRule,
    objects: Objects,
    flights: FxHashMap<u64, Flight>,
    members: FxHashMap<u64, Member>,
    /// Members in the order in which they came.
    order: VecDeque<u64>,
    /// By rank. Empty unless ranks count.
    chances: Vec<f64>,
    /// The members at the last refresh, the best first.
    ranking: Vec<Standing>,
    until_refresh: usize,
}

impl Lineage {
    /// Nobody holds anything.
    pub fn new(rule: LineageRule) -> Self {
        let chances = match rule {
            LineageRule::NextDonor(by) => by.selection.chances(by.population.max(1)),
            _ => Vec::new(),
        };
        Self {
            rule,
            objects: Objects::default(),
            flights: FxHashMap::default(),
            members: FxHashMap::default(),
            order: VecDeque::new(),
            chances,
            ranking: Vec::new(),
            until_refresh: 0,
        }
    }

    /// A candidate is submitted, and promised what it inherits; `ancestor` is whom it descends from.
    pub fn promise(&mut self, candidate: u64, ancestor: Option<u64>, inherits: impl Iterator<Item = u32>) {
        let flight = Flight { ancestor, inherits: inherits.collect(), has_read: false };
        self.objects.change(&flight.inherits, 1, self.rule.of_flight(false));
        self.flights.insert(candidate, flight);
    }

    /// A candidate has read what it inherits.
    pub fn read(&mut self, candidate: u64) {
        self.mark(candidate, true);
    }

    /// A candidate that has read will have to read again.
    pub fn repeat(&mut self, candidate: u64) {
        self.mark(candidate, false);
    }

    fn mark(&mut self, candidate: u64, has_read: bool) {
        if let Some(flight) = self.flights.get_mut(&candidate) {
            let before = std::mem::replace(&mut flight.has_read, has_read);
            let change = self.rule.of_flight(has_read) - self.rule.of_flight(before);
            self.objects.reweigh(&flight.inherits, change);
        }
    }

    /// Of what a candidate was promised only this is there, in the order of the promise.
    pub fn keep(&mut self, candidate: u64, mut kept: impl Iterator<Item = u32>) {
        let Some(flight) = self.flights.get_mut(&candidate) else { return };
        let mut next = kept.next();
        let (stays, goes) = flight.inherits.iter().partition::<Vec<u32>, _>(|&&object| {
            let stays = next == Some(object);
            if stays {
                next = kept.next();
            }
            stays
        });
        self.objects.change(&goes, -1, -self.rule.of_flight(flight.has_read));
        flight.inherits = stays;
    }

    /// A candidate has ended: what it was promised it holds no longer. Whom it descends from, as is known now: the ancestor
    /// of its promise, or the next above if that has left.
    pub fn end(&mut self, candidate: u64) -> Option<u64> {
        let flight = self.flights.remove(&candidate)?;
        self.objects.change(&flight.inherits, -1, -self.rule.of_flight(flight.has_read));
        flight.ancestor
    }

    /// An object comes to be, perhaps with the number of one that was deleted and that nobody holds.
    pub fn begin(&mut self, object: u32) {
        *self.objects.get_mut(object) = Object::NEW;
    }

    /// A candidate can be chosen from now on, and holds all of its map.
    pub fn join(
        &mut self,
        candidate: u64,
        ancestor: Option<u64>,
        standing: Standing,
        map: impl Iterator<Item = u32>,
    ) {
        let score = if standing.score.is_nan() { f64::NEG_INFINITY } else { standing.score };
        let standing = Standing { score, ..standing };
        let weight = match self.rule {
            LineageRule::Population => 0.0,
            LineageRule::Descendants => 1.0,
            LineageRule::NextDonor(_) => {
                let rank = self.ranking.partition_point(|other| other.order(&standing).is_lt());
                steps(self.chance(rank) * self.chances.len() as f64)
            }
        };
        let holds: Box<[u32]> = map.collect();
        self.objects.change(&holds, 1, weight);
        self.members.insert(candidate, Member { ancestor, standing, holds, weight });
        match self.rule {
            LineageRule::Population => {}
            LineageRule::Descendants => self.reweigh_line(ancestor, 1.0),
            LineageRule::NextDonor(_) => self.order.push_back(candidate),
        }
    }

    /// A candidate can no longer be chosen.
    pub fn leave(&mut self, candidate: u64) {
        let Some(member) = self.members.remove(&candidate) else { return };
        self.objects.change(&member.holds, -1, -member.weight);
        match self.rule {
            LineageRule::Population => {}
            LineageRule::Descendants => self.close_line(candidate, member.ancestor),
            LineageRule::NextDonor(_) => {
                // The oldest, as a rule.
                if let Some(position) = self.order.iter().position(|&other| other == candidate) {
                    self.order.remove(position);
                }
            }
        }
    }

    /// A candidate has finished, and all else has been said.
    pub fn finished(&mut self) {
        if !matches!(self.rule, LineageRule::NextDonor(_)) {
            return;
        }
        self.until_refresh = self.until_refresh.saturating_sub(1);
        if self.until_refresh == 0 {
            self.refresh();
            self.until_refresh = (self.chances.len() / 8).max(1);
        }
    }

    /// Objects whose value may have changed for a reason that nothing else here tells.
    pub fn touch(&mut self, objects: &[u32]) {
        self.objects.touched.extend_from_slice(objects);
    }

    /// Tells what has changed by more than the tolerance since it was told last.
    pub fn tell<E>(&mut self, mut told: impl FnMut(u32, f64) -> Result<(), E>) -> Result<(), E> {
        let tolerance = if self.rule == LineageRule::Population { 0.0 } else { TOLERANCE };
        let mut touched = std::mem::take(&mut self.objects.touched);
        for number in touched.drain(..) {
            let value = self.value(number);
            let object = self.objects.get_mut(number);
            let gone = value <= 0.0 && object.told > 0.0;
            if gone || (value - object.told).abs() > tolerance * object.told {
                object.told = value;
                told(number, value)?;
            }
        }
        self.objects.touched = touched;
        Ok(())
    }

    /// An object's value, up to date but for ranks and ages.
    pub fn value(&self, object: u32) -> f64 {
        let object = self.objects.get(object);
        match self.rule {
            _ if object.holders == 0 => 0.0,
            LineageRule::Population => 1.0,
            LineageRule::Descendants | LineageRule::NextDonor(_) => object.sum.max(0.0),
        }
    }

    /// What was told last of an object; 1 if nothing was.
    pub fn told(&self, object: u32) -> f64 {
        self.objects.get(object).told
    }

    /// Members, candidates in flight, and object numbers in use so far.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.members.len(), self.flights.len(), self.objects.all.len())
    }

    /// Changes the weight of all members that a line goes through, from the last upwards.
    fn reweigh_line(&mut self, last: Option<u64>, by: f64) {
        let mut above = last;
        while let Some(candidate) = above
            && let Some(member) = self.members.get_mut(&candidate)
        {
            above = member.ancestor;
            member.weigh(member.weight + by, &mut self.objects);
        }
    }

    /// A member has left: those above it have a descendant less, and its children descend from them directly. Where the oldest
    /// leaves first nobody is above.
    fn close_line(&mut self, left: u64, ancestor: Option<u64>) {
        let Some(above) = ancestor.filter(|above| self.members.contains_key(above)) else { return };
        self.reweigh_line(ancestor, -1.0);
        let members = self.members.values_mut().map(|member| &mut member.ancestor);
        let flights = self.flights.values_mut().map(|flight| &mut flight.ancestor);
        // The order does not matter.
        for link in members.chain(flights).filter(|link| **link == Some(left)) {
            *link = Some(above);
        }
    }

    fn chance(&self, rank: usize) -> f64 {
        self.chances.get(rank).or(self.chances.last()).copied().unwrap_or(0.0)
    }

    /// Ranks and ages, worked out anew.
    fn refresh(&mut self) {
        let standings: Vec<Standing> =
            self.order.iter().filter_map(|id| self.members.get(id)).map(|member| member.standing).collect();
        let mut by_rank: Vec<usize> = (0..standings.len()).collect();
        by_rank.sort_unstable_by(|&a, &b| standings[a].order(&standings[b]));
        let mut chance = vec![0.0; standings.len()];
        for (rank, &position) in by_rank.iter().enumerate() {
            chance[position] = self.chance(rank);
        }
        let missing = self.chances.len().saturating_sub(self.order.len());
        for (age, chance) in chance.into_iter().enumerate() {
            // The oldest leaves first; while the population is not full everybody stays longer.
            if let Some(member) = self.members.get_mut(&self.order[age]) {
                member.weigh(steps(chance * (age + missing + 1) as f64), &mut self.objects);
            }
        }
        self.ranking.clear();
        self.ranking.extend(by_rank.into_iter().map(|position| standings[position]));
    }
}
