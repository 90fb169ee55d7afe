//! What the options of one decision are worth: smooth where neighbouring options are alike, independent elsewhere.

use crate::arithmetic::{keyed, normal};
use lamarck_sdk::Decision;

/// How the options of a decision are alike.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Likeness {
    /// Each is like the one before: an ordered decision.
    Line,
    /// No two are alike.
    None,
    /// The labels are a few words with many numbers, `relu 50` to `tanh 1975`: options are alike when their numbers
    /// are, and when their words are.
    Words {
        /// For each option where its number lies, from -1 (smallest) to 1, if it has one.
        positions: Vec<Option<f64>>,
        /// For each option which words it has.
        groups: Vec<u64>,
    },
}

/// Splits off a label's first number: `Dense(50, relu)` is `Dense(#, relu)` and 50.
fn split_number(label: &str) -> Option<(String, f64)> {
    let start = label.find(|c: char| c.is_ascii_digit())?;
    let rest = &label[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let digits = rest[..end].trim_end_matches('.');
    let number = digits.parse().ok()?;
    Some((format!("{}#{}", &label[..start], &rest[digits.len()..]), number))
}

/// Where the `rank`-th of `count` lies on the way from -1 to 1.
fn place(rank: usize, count: usize) -> f64 {
    if count < 2 { 0.0 } else { 2.0 * rank as f64 / (count - 1) as f64 - 1.0 }
}

impl Likeness {
    pub(crate) fn of(decision: &Decision) -> Self {
        if decision.ordered {
            return Self::Line;
        }
        let labels: Vec<Option<(String, f64)>> =
            decision.options.iter().map(|label| split_number(label)).collect();
        let mut words: Vec<&str> = labels.iter().flatten().map(|(words, _)| words.as_str()).collect();
        let numbered = words.len();
        words.sort_unstable();
        words.dedup();
        // At least four numbers to a word on average; fewer are operations that happen to be numbered (conv_1x1,
        // conv_3x3), and how those differ is not a matter of distance.
        if numbered < 4 * words.len().max(1) {
            return Self::None;
        }
        let mut numbers: Vec<f64> = labels.iter().flatten().map(|&(_, number)| number).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        let position = |number: f64| place(numbers.partition_point(|&n| n < number), numbers.len());
        let mut alone = words.len() as u64;
        let groups = labels.iter().map(|label| {
            if let Some((text, _)) = label {
                words.partition_point(|&word| word < text.as_str()) as u64
            } else {
                alone += 1;
                alone
            }
        });
        Self::Words {
            groups: groups.collect(),
            positions: labels
                .iter()
                .map(|label| label.as_ref().map(|&(_, number)| position(number)))
                .collect(),
        }
    }
}

/// The first four Legendre polynomials with random coefficients: a curve on [-1, 1] with at most three turns.
struct Curve([f64; 4]);

impl Curve {
    /// The polynomial of degree d has variance 1/(2d + 1), so each degree holds 1/d^2 as much of the variance as the
    /// slope: the slope 70 %, the bend 18 %.
    fn new(key: &[u64; 4]) -> Self {
        let mut rng = keyed(key);
        Self([1.0, 2.0, 3.0, 4.0].map(|degree: f64| normal(&mut rng) * (2.0 * degree + 1.0).sqrt() / degree))
    }

    fn at(&self, x: f64) -> f64 {
        let (mut before, mut now, mut sum) = (1.0, x, 0.0);
        for (degree, coefficient) in (1_u32..).zip(self.0) {
            sum += coefficient * now;
            let d = f64::from(degree);
            // Bonnet's recurrence.
            (before, now) = (now, ((2.0 * d + 1.0) * x * now - d * before) / (d + 1.0));
        }
        sum
    }
}

/// A random function of a decision's options with mean 0 and variance 1 over them, all options being equally
/// likely. `column` tells functions of the same decision apart.
pub(crate) fn column(seed: u64, decision: u64, column: u64, options: usize, likeness: &Likeness) -> Vec<f64> {
    // The last part of a key: 0 is for the curve.
    let curve = Curve::new(&[seed, decision, column, 0]);
    let own = |of: u64| normal(&mut keyed(&[seed, decision, column, 1 + of]));
    let mut values: Vec<f64> = match likeness {
        Likeness::Line => (0..options).map(|option| curve.at(place(option, options))).collect(),
        Likeness::None => (0..options as u64).map(own).collect(),
        Likeness::Words { positions, groups } => positions
            .iter()
            .zip(groups)
            .map(|(position, &group)| own(group) + position.map_or(0.0, |position| curve.at(position)))
            .collect(),
    };
    standardise(&mut values);
    values
}

/// Brings values to mean 0 and variance 1. Values that are all the same become 0.
fn standardise(values: &mut [f64]) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let scale = if variance > 1e-18 { variance.sqrt().recip() } else { 0.0 };
    for value in values {
        *value = (*value - mean) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(options: &[&str]) -> Decision {
        Decision {
            name: "d".into(),
            options: options.iter().map(|&option| option.to_owned()).collect(),
            ordered: false,
            node: None,
            descendants: 0,
        }
    }

    #[test]
    fn numbers_are_found_in_labels() {
        assert_eq!(split_number("Dense(50, relu)"), Some(("Dense(#, relu)".into(), 50.0)));
        assert_eq!(split_number("dropout 0.05"), Some(("dropout #".into(), 0.05)));
        assert_eq!(split_number("7."), Some(("#.".into(), 7.0)));
        assert_eq!(split_number("identity"), None);
        assert_eq!(split_number("1.2.3"), None);
    }

    #[test]
    fn operations_are_not_alike_but_widths_are() {
        let cell = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];
        assert_eq!(Likeness::of(&decision(&cell)), Likeness::None);
        let widths = [
            "identity", "16 relu", "16 tanh", "32 relu", "32 tanh", "64 relu", "64 tanh", "96 relu",
            "96 tanh",
        ];
        let Likeness::Words { positions, groups } = Likeness::of(&decision(&widths)) else {
            panic!("four widths of two activations are a pattern")
        };
        assert_eq!(groups, [3, 0, 1, 0, 1, 0, 1, 0, 1]);
        assert_eq!(positions[..3], [None, Some(-1.0), Some(-1.0)]);
        assert_eq!(positions[8], Some(1.0));
    }

    #[test]
    fn legendre_polynomials_have_their_known_values() {
        // At 1 all are 1; at 0.5 they are 0.5, -0.125, -0.4375, -0.2890625.
        let sum = |x: f64| Curve([1.0, 10.0, 100.0, 1000.0]).at(x);
        assert!((sum(1.0) - 1111.0).abs() < 1e-9);
        assert!((sum(0.5) - (0.5 - 1.25 - 43.75 - 289.0625)).abs() < 1e-9);
    }

    #[test]
    fn columns_have_mean_0_and_variance_1() {
        for likeness in [Likeness::Line, Likeness::None] {
            for options in [2, 3, 391] {
                let values = column(1, 2, 0, options, &likeness);
                let n = options as f64;
                let mean = values.iter().sum::<f64>() / n;
                let variance = values.iter().map(|v| v * v).sum::<f64>() / n;
                assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "{likeness:?} {options}");
            }
            assert_eq!(column(1, 2, 0, 1, &likeness), [0.0]);
        }
    }
}
