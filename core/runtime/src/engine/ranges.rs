//! The ranges of a space's choices in a few bytes: every vector is checked and numbered, and descriptions of
//! decisions are too large to walk through each time.

use lamarck_model::{Choice, SpaceSpec};

#[derive(Debug, Clone)]
pub(super) struct Ranges {
    options: Vec<u32>,
    size: Option<u64>,
}

impl Ranges {
    pub(super) fn new(spec: &SpaceSpec) -> Self {
        // A description that passed the host's check has at most 65,536 options a decision.
        let options = spec.decisions.iter().map(|d| u32::try_from(d.options.len()).unwrap_or(u32::MAX));
        Self { options: options.collect(), size: spec.size().and_then(|size| u64::try_from(size).ok()) }
    }

    /// The number of vectors, if it fits.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Whether a vector has the right width and every choice is in range.
    #[inline]
    pub(super) fn contain(&self, choices: &[Choice]) -> bool {
        choices.len() == self.options.len()
            && choices.iter().zip(&self.options).all(|(&choice, &options)| u32::from(choice) < options)
    }

    /// The position of a vector that is in range among all vectors; means nothing where the size does not fit.
    #[inline]
    pub(super) fn index(&self, choices: &[Choice]) -> u64 {
        choices.iter().zip(&self.options).fold(0_u64, |index, (&choice, &options)| {
            index.wrapping_mul(options.into()).wrapping_add(choice.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::Decision;

    #[test]
    fn agrees_with_the_description() {
        let decision = |n: u16| Decision {
            name: String::new(),
            options: (0..n).map(|o| o.to_string()).collect(),
            ordered: false,
            node: None,
            descendants: 0,
        };
        let spec = SpaceSpec {
            name: "toy".into(),
            decisions: [3, 1, 4].map(decision).into(),
            constrained: false,
            levels: vec!["network".into()],
            class: None,
        };
        let ranges = Ranges::new(&spec);
        for a in 0..5 {
            for b in 0..3 {
                for c in 0..6 {
                    let vector = [a, b, c];
                    assert_eq!(ranges.contain(&vector), spec.check_ranges(&vector).is_ok());
                    if let Some(index) = spec.index(&vector) {
                        assert_eq!(ranges.index(&vector), index);
                    }
                }
            }
        }
        assert!(!ranges.contain(&[0, 0]));
    }
}
