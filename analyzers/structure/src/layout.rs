//! The decisions of the space as flat arrays.

use lamarck_sdk::prelude::*;

/// All options of all decisions together; codes of candidates need a few numbers above it.
const MOST_OPTIONS: usize = 1 << 30;

/// Where a decision's counters stand in one long array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) options: u32,
}

impl Span {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.options as usize
    }
}

/// The space's decisions, each with its part of an array that holds one value an option.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) spans: Vec<Span>,
    /// Options of all decisions together.
    pub(crate) total: usize,
    /// Whether some vectors are invalid, so that an even draw is not what sampling does.
    pub(crate) constrained: bool,
    /// The number of vectors, where it fits.
    pub(crate) size: Option<u128>,
}

impl Layout {
    pub(crate) fn new(space: &SpaceSpec) -> Result<Self> {
        space.check()?;
        let mut total = 0;
        let mut spans = Vec::with_capacity(space.decisions.len());
        for decision in &space.decisions {
            let options = decision.options.len();
            let start = u32::try_from(total)?;
            spans.push(Span { start, options: u32::try_from(options)? });
            total += options;
            ensure!(
                total <= MOST_OPTIONS,
                "the decisions of space `{}` have more than {MOST_OPTIONS} options together, too many to count",
                space.name
            );
        }
        let (decisions, constrained) = (space.decisions.clone(), space.constrained);
        Ok(Self { decisions, spans, total, constrained, size: space.size() })
    }

    /// The number of decisions.
    pub(crate) fn width(&self) -> usize {
        self.spans.len()
    }

    /// Each decision's part of an array of one value an option.
    pub(crate) fn split<'a, T>(&self, values: &'a [T]) -> impl Iterator<Item = &'a [T]> {
        self.spans.iter().map(|span| values.get(span.range()).unwrap_or_default())
    }

    /// Options of each decision that can change, as numbers.
    pub(crate) fn open_sizes(&self) -> impl Iterator<Item = f64> {
        self.spans.iter().filter(|span| span.options > 1).map(|span| f64::from(span.options))
    }
}
