//! Shapes of tensors, without the batch dimension.

use super::op::Padding;

/// A vector or a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Vector(u64),
    Sequence { length: u64, channels: u64 },
}

impl Shape {
    /// The shape of an input, or why it can have none.
    pub(super) fn of(extents: &[u64]) -> Result<Self, String> {
        if extents.contains(&0) {
            return Err(format!("its shape is {extents:?}; every extent must be at least 1"));
        }
        match *extents {
            [width] => Ok(Self::Vector(width)),
            [length, channels] => Ok(Self::Sequence { length, channels }),
            _ => Err(format!("its shape is {extents:?}; a vector has one extent and a sequence has two")),
        }
    }

    /// The last extent: what a dense layer, a convolution or a normalization acts on.
    pub(super) const fn width(self) -> u64 {
        match self {
            Self::Vector(width) => width,
            Self::Sequence { channels, .. } => channels,
        }
    }

    /// The same with another last extent.
    pub(super) const fn with_width(self, width: u64) -> Self {
        match self {
            Self::Vector(_) => Self::Vector(width),
            Self::Sequence { length, .. } => Self::Sequence { length, channels: width },
        }
    }

    /// The larger extents of two shapes; `None` for a vector and a sequence.
    pub(super) fn larger(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Vector(a), Self::Vector(b)) => Some(Self::Vector(a.max(b))),
            (Self::Sequence { length: a, channels: c }, Self::Sequence { length: b, channels: d }) => {
                Some(Self::Sequence { length: a.max(b), channels: c.max(d) })
            }
            _ => None,
        }
    }
}

/// Positions that a window takes on a sequence; `None` when it does not fit at all. `window` and `strides` are
/// positive.
pub(super) fn positions(length: u64, window: u64, strides: u64, padding: Padding) -> Option<u64> {
    match padding {
        Padding::Same => Some(length.div_ceil(strides)),
        Padding::Valid => Some(length.checked_sub(window)? / strides + 1),
    }
}

/// Zeros in front of and behind an extent: half of what is missing, rounded down, and the rest.
pub(super) const fn padding(from: u64, to: u64) -> (u64, u64) {
    let missing = to.saturating_sub(from);
    (missing / 2, missing - missing / 2)
}
