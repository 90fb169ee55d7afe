//! From pilots to a whole run.

use super::Pilot;
use crate::study::BudgetSection;

/// What a pilot took and left. Times are the caller's, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured {
    /// Candidates.
    pub candidates: f64,
    /// Real time of the run, encoding included.
    pub run_s: f64,
    /// Real time of its analyzers.
    pub analyze_s: f64,
    /// Virtual time, in microseconds.
    pub virtual_us: f64,
    /// Bytes of `candidates`.
    pub candidate_bytes: f64,
    /// Rows of `layers`.
    pub layers: f64,
    /// Bytes of `layers`.
    pub layer_bytes: f64,
    /// Whether it was the whole run.
    pub whole: bool,
}

impl Measured {
    /// A pilot, and how long it and its analyzers took.
    pub fn new(pilot: &Pilot, run_s: f64, analyze_s: f64) -> Self {
        Self {
            candidates: pilot.candidates as f64,
            run_s,
            analyze_s,
            virtual_us: pilot.virtual_us as f64,
            candidate_bytes: pilot.candidate_bytes as f64,
            layers: pilot.layers as f64,
            layer_bytes: pilot.layer_bytes as f64,
            whole: pilot.whole,
        }
    }
}

/// What one run will take and leave.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Totals {
    /// Candidates.
    pub candidates: f64,
    /// Real time of the run, in seconds.
    pub run_s: f64,
    /// Real time of its analyzers, in seconds.
    pub analyze_s: f64,
    /// Virtual time, in microseconds.
    pub virtual_us: f64,
    /// Bytes of `candidates`.
    pub candidate_bytes: f64,
    /// Rows of `layers`.
    pub layers: f64,
    /// Bytes of `layers`.
    pub layer_bytes: f64,
}

/// A straight line through two pilots of a point, the shorter and the longer one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    short: Measured,
    long: Measured,
}

impl Forecast {
    /// Two pilots, of which the second is the longer one. With one alone, what it took once counts as taken for its candidates.
    pub fn new(short: Option<Measured>, long: Measured) -> Self {
        let short = short.filter(|short| short.candidates < long.candidates).unwrap_or_default();
        Self { short, long }
    }

    /// Candidates of the longer pilot.
    pub fn pilot(&self) -> f64 {
        self.long.candidates
    }

    /// Whether the longer pilot was the whole run, so that nothing but times is an estimate.
    pub fn is_whole(&self) -> bool {
        self.long.whole
    }

    /// What grows with every candidate.
    fn slope(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        let (short, long) = (&self.short, &self.long);
        let slope = (of(long) - of(short)) / (long.candidates - short.candidates).max(1.0);
        // Two times that were measured can stand in any order.
        if slope > 0.0 { slope } else { of(long) / long.candidates.max(1.0) }
    }

    /// The value for so many candidates; below the pilot's own number of them a part of its value.
    fn at(&self, candidates: f64, of: impl Fn(&Measured) -> f64) -> f64 {
        let long = of(&self.long);
        if candidates <= self.long.candidates {
            return long * candidates / self.long.candidates.max(1.0);
        }
        long + self.slope(of) * (candidates - self.long.candidates)
    }

    /// A run with this budget, in parts of so many rows.
    pub fn run(&self, budget: &BudgetSection, part_rows: u32) -> Totals {
        let candidates = self.candidates(budget);
        // Every part after the first has its own footer, which is what two candidates of a pilot less their slope take.
        let footer =
            (self.long.candidate_bytes - self.slope(|m| m.candidate_bytes) * self.long.candidates).max(0.0);
        let more_parts = ((candidates / f64::from(part_rows.max(1))).ceil() - 1.0).max(0.0);
        let virtual_us = self.at(candidates, |m| m.virtual_us);
        let until = budget.virtual_hours.map(|hours| hours * 3.6e9);
        Totals {
            candidates,
            run_s: self.at(candidates, |m| m.run_s),
            analyze_s: self.at(candidates, |m| m.analyze_s),
            virtual_us: until.map_or(virtual_us, |until| virtual_us.min(until)),
            candidate_bytes: self.at(candidates, |m| m.candidate_bytes) + more_parts * footer,
            layers: self.at(candidates, |m| m.layers),
            layer_bytes: self.at(candidates, |m| m.layer_bytes),
        }
    }

    /// How many candidates the budget is good for.
    fn candidates(&self, budget: &BudgetSection) -> f64 {
        if self.long.whole {
            return self.long.candidates;
        }
        let most = budget.candidates.map_or(f64::INFINITY, |candidates| candidates as f64);
        let Some(hours) = budget.virtual_hours else { return most };
        let left = (hours * 3.6e9 - self.long.virtual_us).max(0.0);
        let more = left / self.slope(|m| m.virtual_us).max(f64::MIN_POSITIVE);
        (self.long.candidates + more).round().min(most)
    }
}

/// How long work of these lengths takes on so many threads, each of which takes the next piece when it is free.
pub fn makespan(lengths: impl IntoIterator<Item = f64>, threads: usize) -> f64 {
    let mut busy_until = vec![0.0_f64; threads.max(1)];
    for length in lengths {
        // `threads` is at least 1.
        if let Some(first) = busy_until.iter_mut().min_by(|a, b| a.total_cmp(b)) {
            *first += length;
        }
    }
    busy_until.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn budget(candidates: Option<u64>, virtual_hours: Option<f64>) -> BudgetSection {
        BudgetSection { candidates, virtual_hours }
    }

    /// Everything is `once` and `each` a candidate.
    fn line(candidates: f64, once: f64, each: f64) -> Measured {
        let value = once + each * candidates;
        Measured {
            candidates,
            run_s: value,
            analyze_s: value,
            virtual_us: each * candidates,
            candidate_bytes: value,
            layers: value,
            layer_bytes: value,
            whole: false,
        }
    }

    proptest! {
        #[test]
        fn what_is_a_line_is_foretold(once in 0.0..1e6, each in 1e-3..1e6, short in 1_u32..1000, more in 1_u32..1000, budget_of in 2000_u64..1_000_000) {
            let (short, long) = (f64::from(short), f64::from(short + more));
            let forecast = Forecast::new(Some(line(short, once, each)), line(long, once, each));
            let all = forecast.run(&budget(Some(budget_of), None), u32::MAX);
            let expected = once + each * budget_of as f64;
            for value in [all.run_s, all.analyze_s, all.candidate_bytes, all.layers, all.layer_bytes] {
                prop_assert!((value / expected - 1.0).abs() < 1e-6, "{value} for {expected}");
            }
            // The same number of candidates, asked for by their time.
            let hours = each * budget_of as f64 / 3.6e9;
            let all = forecast.run(&budget(None, Some(hours)), u32::MAX);
            prop_assert!((all.candidates / budget_of as f64 - 1.0).abs() < 1e-3);
        }

        #[test]
        fn work_on_threads_is_between_its_bounds(lengths in prop::collection::vec(0.0..10.0, 1..50), threads in 1_usize..8) {
            let (sum, longest) = (lengths.iter().sum::<f64>(), lengths.iter().copied().fold(0.0, f64::max));
            let span = makespan(lengths.clone(), threads);
            prop_assert!(span >= (sum / threads as f64).max(longest) - 1e-9);
            prop_assert!(span <= sum / threads as f64 + longest + 1e-9);
        }
    }

    #[test]
    fn a_pilot_that_was_the_run_is_told_as_it_was() {
        let whole = Measured { whole: true, ..line(700.0, 3.0, 2.0) };
        let all = Forecast::new(Some(line(350.0, 3.0, 2.0)), whole).run(&budget(None, Some(1e-3)), 100);
        let is =
            |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value} for {expected}");
        is(all.candidates, 700.0);
        is(all.run_s, 1403.0);
        // Seven parts have six footers more.
        is(all.candidate_bytes, 1403.0 + 6.0 * 3.0);
    }

    #[test]
    fn noise_makes_no_negative_times() {
        let (short, long) = (
            Measured { run_s: 9.0, ..line(100.0, 0.0, 1.0) },
            Measured { run_s: 8.0, ..line(200.0, 0.0, 1.0) },
        );
        let all = Forecast::new(Some(short), long).run(&budget(Some(1000), None), 1000);
        assert!((all.run_s - 40.0).abs() < 1e-9, "{all:?}");
        let all = Forecast::new(None, long).run(&budget(Some(1000), None), 1000);
        assert!((all.layers - 1000.0).abs() < 1e-9, "{all:?}");
    }
}
