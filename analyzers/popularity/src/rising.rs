//! What distinguishes donors that lead from those that never do.

use crate::spread::Spread;

/// Characteristics of a donor.
pub(crate) const CONDITIONS: usize = 9;

/// Their keys and what they are.
pub(crate) const NAMES: [(&str, &str); CONDITIONS] = [
    ("rank", "rank in the population at entry (best first)"),
    ("score", "score"),
    ("depth", "generations from the start"),
    ("prefix", "layers lent a donation"),
    ("layers", "layers"),
    ("bytes", "bytes"),
    ("phase", "share of the run that was over at entry"),
    ("derived", "whether it was mutated or combined rather than sampled"),
    ("wait", "completions from its own to its first donation"),
];

/// Donors compared for Cliff's delta: of more than so many in a group every so many.
const COMPARED: usize = 5000;

/// Values of both groups.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    /// Of those that led, and of those that never did: all values, and some of them.
    all: [Spread; 2],
    some: [Vec<f32>; 2],
    /// One of so many is among the some, and after how many more the next one is.
    steps: [usize; 2],
    until: [usize; 2],
}

/// How two groups differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effect {
    pub(crate) led: f64,
    pub(crate) never: f64,
    /// Difference of the means in standard deviations (pooled): Cohen's d.
    pub(crate) standardised: f64,
    /// Chance that a leader's value is the larger, less that it is the smaller: Cliff's delta.
    pub(crate) delta: f64,
}

impl Groups {
    /// Groups of so many members.
    pub(crate) fn new(led: usize, never: usize) -> Self {
        let steps = [led, never].map(|members| members.div_ceil(COMPARED).max(1));
        Self { steps, until: steps, ..Self::default() }
    }

    /// Adds the value of a member; one that is not a number is not known.
    #[inline]
    pub(crate) fn add(&mut self, led: bool, value: f64) {
        let group = usize::from(!led);
        self.until[group] = self.until[group].wrapping_sub(1);
        let is_some = self.until[group] == 0;
        if is_some {
            self.until[group] = self.steps[group];
        }
        if !value.is_finite() {
            return;
        }
        self.all[group].add(value);
        if is_some {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "seven digits are plenty for an effect size"
            )]
            self.some[group].push(value as f32);
        }
    }

    pub(crate) fn n(&self) -> u64 {
        self.all[0].n + self.all[1].n
    }

    /// The effect, or why there is none.
    pub(crate) fn effect(&self) -> Result<Effect, &'static str> {
        if self.n() == 0 {
            return Err("it is not known in this trace");
        }
        let [all_led, all_never] = self.all;
        let (Some(led), Some(never), 2.., 2..) = (all_led.mean(), all_never.mean(), all_led.n, all_never.n)
        else {
            return Err("fewer than two donors that led, or fewer than two that never did");
        };
        let squares = all_led.variance() * all_led.n as f64 + all_never.variance() * all_never.n as f64;
        let deviation = (squares / (self.n() - 2) as f64).sqrt();
        if deviation <= 1e-9 * (1.0 + led.abs()) {
            return Err("it does not vary within the groups");
        }
        let delta = cliff(&sorted(&self.some[0]), &sorted(&self.some[1]));
        Ok(Effect { led, never, standardised: (led - never) / deviation, delta })
    }
}

fn sorted(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted
}

/// Cliff's delta of sorted lists: for each of `a` count how many of `b` are less, and how many more.
fn cliff(a: &[f32], b: &[f32]) -> f64 {
    let (mut less, mut not_more, mut sum) = (0, 0, 0.0);
    for &value in a {
        while less < b.len() && b[less] < value {
            less += 1;
        }
        while not_more < b.len() && b[not_more] <= value {
            not_more += 1;
        }
        sum += less as f64 - (b.len() - not_more) as f64;
    }
    sum / (a.len() as f64 * b.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        let mut groups = Groups::new(2, 3);
        for value in [3.0, 5.0] {
            groups.add(true, value);
        }
        for value in [1.0, 3.0, 2.0, f64::NAN] {
            groups.add(false, value);
        }
        // Means 4 and 2; squares 2 and 2 over 3 degrees of freedom. Six pairs: five larger, one tie.
        let effect = groups.effect().unwrap();
        assert_eq!((effect.led, effect.never), (4.0, 2.0));
        assert!((effect.standardised - 2.0 / (4.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((effect.delta - 5.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn no_effect_says_why() {
        let mut groups = Groups::new(2, 3);
        assert!(groups.effect().is_err());
        for led in [true, true, false, false] {
            groups.add(led, 1.0);
        }
        insta::assert_snapshot!(groups.effect().unwrap_err(), @"it does not vary within the groups");
        let mut groups = Groups::new(1, 2);
        for led in [true, false, false] {
            groups.add(led, 1.0);
        }
        insta::assert_snapshot!(groups.effect().unwrap_err(), @"fewer than two donors that led, or fewer than two that never did");
    }

    proptest! {
        #[test]
        fn delta_is_that_of_all_pairs(a in prop::collection::vec(0_u8..9, 1..30), b in prop::collection::vec(0_u8..9, 1..30)) {
            let float = |values: &[u8]| values.iter().map(|&value| f32::from(value)).collect::<Vec<_>>();
            let pairs: i64 = a.iter().flat_map(|x| b.iter().map(move |y| i64::from(x > y) - i64::from(x < y))).sum();
            let delta = cliff(&sorted(&float(&a)), &sorted(&float(&b)));
            prop_assert!((delta - pairs as f64 / (a.len() * b.len()) as f64).abs() < 1e-12);
        }
    }
}
