//! How long stored layers live, when some still live at the end.
//!
//! Those that live at the end are *censored*: their lifetime is at least what was seen of it. Leaving them out would call
//! lifetimes too short, and so would counting them as dead. The product-limit estimate (Kaplan and Meier 1958) uses both
//! for what they say.
//!
//! Lifetimes are counted in classes: exact below 4096, and to within 0.05 % above, so that memory does not depend on how
//! many there are. Whoever dies in a class counts as dying before those that are censored in it.

/// Classes an octave, as a power of two.
const BITS: u32 = 11;

/// The class of a lifetime.
fn class(value: u64) -> usize {
    let octave = value.checked_ilog2().unwrap_or(0);
    let shift = octave.saturating_sub(BITS);
    // At most 53 octaves of 2048 classes each.
    (shift as usize) * (1 << BITS) + usize::try_from(value >> shift).unwrap_or(usize::MAX)
}

/// The smallest lifetime of a class.
fn lowest(class: usize) -> u64 {
    let size = 1_usize << BITS;
    let shift = (class / size).saturating_sub(1);
    (class - shift * size) as u64 * (1_u64 << shift.min(63))
}

/// How many, or how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Every stored layer the same.
    Layers,
    /// By its bytes.
    Bytes,
}

#[derive(Debug, Clone, Copy, Default)]
struct Class {
    died: [u128; 2],
    censored: [u128; 2],
}

/// Lifetimes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifetimes {
    classes: Vec<Class>,
    /// Sum over those that died.
    sum: u128,
    pub(crate) died: u64,
    pub(crate) censored: u64,
}

impl Lifetimes {
    pub(crate) fn add(&mut self, lifetime: u64, died: bool, bytes: u64) {
        let class = class(lifetime);
        if class >= self.classes.len() {
            self.classes.resize(class + 1, Class::default());
        }
        let weights = [1, u128::from(bytes)];
        let entry = &mut self.classes[class];
        if died {
            self.sum += u128::from(lifetime);
            self.died += 1;
            entry.died[0] += weights[0];
            entry.died[1] += weights[1];
        } else {
            self.censored += 1;
            entry.censored[0] += weights[0];
            entry.censored[1] += weights[1];
        }
    }

    pub(crate) fn n(&self) -> u64 {
        self.died + self.censored
    }

    /// Mean over those that died.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.died > 0).then(|| self.sum as f64 / self.died as f64)
    }

    /// The survival function at ascending x: the share that lives longer than x. `None` beyond what was seen.
    pub(crate) fn survival(&self, weight: Weight, xs: &[u64]) -> Vec<Option<f64>> {
        let mut steps = Steps::new(self, weight);
        xs.iter().map(|&x| steps.after(x)).collect()
    }

    /// The lifetime that a share of them outlives by nothing: the smallest at which survival is 1 - `share` or less.
    /// `None` when fewer were seen to die.
    pub(crate) fn quantile(&self, weight: Weight, share: f64) -> Option<f64> {
        let mut steps = Steps::new(self, weight);
        while steps.next < self.classes.len() {
            let class = steps.next;
            steps.step();
            if steps.alive <= 1.0 - share + 1e-12 && steps.died {
                return Some(lowest(class) as f64);
            }
        }
        None
    }
}

/// The product-limit estimate, class by class.
struct Steps<'a> {
    of: &'a Lifetimes,
    weight: usize,
    at_risk: u128,
    alive: f64,
    /// Whether anyone died in the last step.
    died: bool,
    next: usize,
}

impl<'a> Steps<'a> {
    fn new(of: &'a Lifetimes, weight: Weight) -> Self {
        let weight = weight as usize;
        let at_risk = of.classes.iter().map(|class| class.died[weight] + class.censored[weight]).sum();
        Self { of, weight, at_risk, alive: 1.0, died: false, next: 0 }
    }

    fn step(&mut self) {
        let class = self.of.classes[self.next];
        let (died, censored) = (class.died[self.weight], class.censored[self.weight]);
        self.died = died > 0;
        if self.died {
            self.alive *= 1.0 - died as f64 / self.at_risk as f64;
        }
        self.at_risk -= died + censored;
        self.next += 1;
    }

    fn after(&mut self, x: u64) -> Option<f64> {
        while self.next < self.of.classes.len() && lowest(self.next) <= x {
            self.step();
        }
        // When all have died nobody lives. When the last ones were censored, nobody knows.
        (self.at_risk > 0 || self.alive <= 0.0).then_some(self.alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-9)
    }

    #[test]
    fn product_limit_by_hand() {
        // Deaths at 2, 3, 3, 8; censored at 3, 5. At risk: 6, 5, then 2 left of which one is censored at 5.
        let mut lifetimes = Lifetimes::default();
        for (lifetime, died) in [(2, true), (3, true), (3, true), (3, false), (5, false), (8, true)] {
            lifetimes.add(lifetime, died, 10 * lifetime);
        }
        let found = lifetimes.survival(Weight::Layers, &[0, 1, 2, 3, 5, 7, 8]);
        let expected = [1.0, 1.0, 5.0 / 6.0, 5.0 / 6.0 * 3.0 / 5.0, 0.5, 0.5, 0.0];
        assert!(found.iter().zip(expected).all(|(&found, expected)| close(found, expected)), "{found:?}");
        // By bytes: 20, 30 + 30, 80 die, 30 and 50 are censored; of 240 at risk 20 die at 2, of 220 then 60.
        let found = lifetimes.survival(Weight::Bytes, &[2, 3]);
        assert!(close(found[0], 220.0 / 240.0) && close(found[1], 220.0 / 240.0 * 160.0 / 220.0));
        assert_eq!(lifetimes.quantile(Weight::Layers, 0.5), Some(3.0));
        assert_eq!(lifetimes.quantile(Weight::Layers, 0.1), Some(2.0));
        assert_eq!(lifetimes.mean(), Some(4.0));
        // Nobody is seen to the end.
        let mut censored = Lifetimes::default();
        censored.add(4, false, 1);
        assert_eq!(censored.survival(Weight::Layers, &[3, 4, 5]), [Some(1.0), None, None]);
        assert_eq!((censored.quantile(Weight::Layers, 0.5), censored.mean()), (None, None));
        assert_eq!(Lifetimes::default().survival(Weight::Layers, &[1]), [None]);
    }

    proptest! {
        #[test]
        fn classes_are_ascending_and_near(value in any::<u64>()) {
            let low = lowest(class(value));
            prop_assert!(low <= value && (value - low) as f64 <= value as f64 / 2048.0);
            prop_assert_eq!(class(low), class(value));
            if value < 4096 { prop_assert_eq!(low, value); }
        }

        #[test]
        fn without_censoring_it_is_the_share_that_lives_longer(values in prop::collection::vec(0_u64..300, 1..60)) {
            let mut lifetimes = Lifetimes::default();
            for &value in &values {
                lifetimes.add(value, true, 1);
            }
            let xs: Vec<u64> = (0..300).step_by(7).collect();
            for (x, found) in xs.iter().zip(lifetimes.survival(Weight::Layers, &xs)) {
                let share = values.iter().filter(|&value| value > x).count() as f64 / values.len() as f64;
                prop_assert!(close(found, share), "{found:?} {share}");
            }
        }
    }
}
