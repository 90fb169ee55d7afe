//! Decisions, choices and the description of a search space.

use serde::{Deserialize, Serialize};

/// The index of the chosen option of one decision. An architecture is a vector of them, one a decision.
pub type Choice = u16;

/// One decision (variable node) of a search space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The name, unique in its space: `edge 0>1`, `dense 3`.
    pub name: String,
    /// What can be chosen; a [`Choice`] is an index into this list.
    pub options: Vec<String>,
    /// Whether neighbouring options are alike (widths are, operations are not).
    #[serde(default)]
    pub ordered: bool,
    /// The node of the architecture's graph that this decision belongs to, where several decisions share one
    /// (the in-edges of a NAS-Bench-201 node). `node-first` mutation draws a node before it draws a decision.
    #[serde(default)]
    pub node: Option<u32>,
    /// How many decisions' layers lie below this one's and so change identity with it.
    /// `generation-weighted` mutation groups decisions by this number.
    #[serde(default)]
    pub descendants: u32,
}

/// What a search space says of itself, once; mutators, strategies and analyzers are handed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceSpec {
    /// The component's name.
    pub name: String,
    /// The decisions in the order of the vectors.
    pub decisions: Vec<Decision>,
    /// Whether some vectors with every choice in range are still invalid, so that
    /// [`SearchSpace::check`](crate::SearchSpace::check) must be asked.
    #[serde(default)]
    pub constrained: bool,
    /// The levels at which [`SearchSpace::build`](crate::SearchSpace::build) can draw the layer graph, the
    /// default one first: `["network", "cell"]`.
    pub levels: Vec<String>,
    /// What [`SearchSpace::class`](crate::SearchSpace::class) counts as the same: "official isomorphism class".
    #[serde(default)]
    pub class: Option<String>,
}

impl SpaceSpec {
    /// The number of vectors, valid or not, or `None` when it does not fit. [`size_decimal`](Self::size_decimal) has no
    /// limit.
    pub fn size(&self) -> Option<u128> {
        self.decisions
            .iter()
            .try_fold(1_u128, |size, decision| size.checked_mul(decision.options.len() as u128))
    }

    /// The exact number of vectors, valid or not, in decimal. Published spaces go beyond 2^128: Combo of SC'19 has
    /// some 3e44.
    ///
    /// Schoolbook multiplication by one factor at a time; a crate for large integers would be a dependency of every
    /// plugin for this one product.
    pub fn size_decimal(&self) -> String {
        const BASE: u128 = 1_000_000_000_000_000_000;
        // Digits in base 10^18, the least significant first. A digit, times a number of 64 bits, plus a carry below
        // 2^64 stays far below 2^128.
        let mut digits: Vec<u128> = vec![1];
        for decision in &self.decisions {
            let mut carry = 0;
            for digit in &mut digits {
                let product = *digit * decision.options.len() as u128 + carry;
                *digit = product % BASE;
                carry = product / BASE;
            }
            // Each factor is below 2^64, so one carry may need two digits.
            while carry > 0 {
                digits.push(carry % BASE);
                carry /= BASE;
            }
        }
        if digits.iter().all(|&digit| digit == 0) {
            return "0".into();
        }
        let mut decimal = digits.pop().unwrap_or_default().to_string();
        for digit in digits.iter().rev() {
            decimal.push_str(&format!("{digit:018}"));
        }
        decimal
    }

    /// The position of a vector in the lexicographic order of all vectors (the first decision is the most
    /// significant), when the space is small enough for it to fit and every choice is in range.
    pub fn index(&self, choices: &[Choice]) -> Option<u64> {
        if choices.len() != self.decisions.len() {
            return None;
        }
        let mut index = 0_u64;
        for (decision, &choice) in self.decisions.iter().zip(choices) {
            let options = decision.options.len();
            if usize::from(choice) >= options {
                return None;
            }
            index = index.checked_mul(options as u64)?.checked_add(u64::from(choice))?;
        }
        Some(index)
    }

    /// Checks the number of choices and the range of each; says the first thing that is wrong.
    pub fn check_ranges(&self, choices: &[Choice]) -> Result<(), VectorError> {
        if choices.len() != self.decisions.len() {
            return Err(VectorError::Length {
                space: self.name.clone(),
                expected: self.decisions.len(),
                found: choices.len(),
            });
        }
        for (position, (decision, &choice)) in self.decisions.iter().zip(choices).enumerate() {
            if usize::from(choice) >= decision.options.len() {
                return Err(VectorError::Range {
                    decision: decision.name.clone(),
                    position,
                    choice,
                    options: decision.options.len(),
                });
            }
        }
        Ok(())
    }

    /// Checks that the description itself makes sense: at least one decision, each with 1 to 65,536 options, and
    /// at least one level.
    pub fn check(&self) -> Result<(), SpecError> {
        if self.decisions.is_empty() {
            return Err(SpecError::NoDecisions { space: self.name.clone() });
        }
        if self.levels.is_empty() {
            return Err(SpecError::NoLevels { space: self.name.clone() });
        }
        for decision in &self.decisions {
            let options = decision.options.len();
            if options == 0 || options > usize::from(Choice::MAX) + 1 {
                return Err(SpecError::Options { decision: decision.name.clone(), options });
            }
        }
        Ok(())
    }
}

/// Why a vector is not one of a space.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// The wrong number of choices.
    #[error("space `{space}` has {expected} decisions, but the vector has {found} choices")]
    Length {
        /// The space.
        space: String,
        /// Its number of decisions.
        expected: usize,
        /// The number of choices given.
        found: usize,
    },
    /// A choice that no option stands for.
    #[error(
        "choice {choice} for decision {position} (`{decision}`) is out of range: it has {options} options, \
         numbered from 0"
    )]
    Range {
        /// The decision's name.
        decision: String,
        /// Its position in the vector.
        position: usize,
        /// The choice given.
        choice: Choice,
        /// How many options there are.
        options: usize,
    },
}

/// What is wrong with a space's description of itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// There is nothing to decide.
    #[error("space `{space}` has no decisions")]
    NoDecisions {
        /// The space.
        space: String,
    },
    /// There is no level to build a graph at.
    #[error("space `{space}` names no level at which it builds layer graphs")]
    NoLevels {
        /// The space.
        space: String,
    },
    /// A decision with no options, or more than a choice can number.
    #[error("decision `{decision}` has {options} options; between 1 and 65536 are possible")]
    Options {
        /// The decision's name.
        decision: String,
        /// How many options it claims.
        options: usize,
    },
}

/// How large a model is. Sums are checked: a model whose bytes do not fit 64 bits is an error, not a small one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSize {
    /// Layers of the graph, input included.
    pub layers: u64,
    /// Elements of all tensors that training changes; buffers, such as running means, do not count.
    pub parameters: u64,
    /// Bytes of all stored tensors, buffers included.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(options: &[usize]) -> SpaceSpec {
        SpaceSpec {
            name: "toy".into(),
            decisions: options
                .iter()
                .enumerate()
                .map(|(i, &n)| Decision {
                    name: format!("d{i}"),
                    options: (0..n).map(|o| o.to_string()).collect(),
                    ordered: false,
                    node: None,
                    descendants: 0,
                })
                .collect(),
            constrained: false,
            levels: vec!["network".into()],
            class: None,
        }
    }

    #[test]
    fn index_is_lexicographic_and_total() {
        let spec = spec(&[2, 3, 4]);
        let mut seen = Vec::new();
        for a in 0..2 {
            for b in 0..3 {
                for c in 0..4 {
                    seen.push(spec.index(&[a, b, c]));
                }
            }
        }
        assert_eq!(seen, (0..24).map(Some).collect::<Vec<_>>());
        assert_eq!(spec.index(&[0, 3, 0]), None);
        assert_eq!(spec.index(&[0, 0]), None);
        assert_eq!(spec.size(), Some(24));
    }

    #[test]
    fn decimal_sizes_are_exact_and_without_limit() {
        for options in [&[][..], &[1], &[7], &[2, 3, 4], &[391; 14], &[10; 18], &[10; 36], &[65_536; 7]] {
            let spec = spec(options);
            assert_eq!(spec.size_decimal(), spec.size().unwrap().to_string(), "{options:?}");
        }
        assert_eq!(spec(&[3, 0, 5]).size_decimal(), "0");
        assert_eq!(spec(&[10; 60]).size_decimal(), format!("1{}", "0".repeat(60)));
        // 2^256.
        assert_eq!(
            spec(&[65_536; 16]).size_decimal(),
            "115792089237316195423570985008687907853269984665640564039457584007913129639936"
        );
        assert_eq!(spec(&[65_536; 16]).size(), None);
    }

    #[test]
    fn wrong_vectors_are_named() {
        let spec = spec(&[2, 3]);
        assert_eq!(
            spec.check_ranges(&[1]).unwrap_err().to_string(),
            "space `toy` has 2 decisions, but the vector has 1 choices"
        );
        assert_eq!(
            spec.check_ranges(&[1, 3]).unwrap_err().to_string(),
            "choice 3 for decision 1 (`d1`) is out of range: it has 3 options, numbered from 0"
        );
        assert!(spec.check().is_ok());
    }
}
