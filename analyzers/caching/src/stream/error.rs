//! Why a trace gives no stream of accesses.

/// What is wrong, for those who decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamErrorKind {
    /// The trace does not say enough.
    Missing,
    /// The trace contradicts itself.
    Inconsistent,
    /// More than can be counted.
    TooLarge,
}

/// Why a trace gives no stream of accesses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// There are no layers.
    #[error(
        "the trace has no rows of the `layers` table; set trace.layers = true and trace.write = true in the study and \
         run it again (an imported trace has none: other tools' logs do not tell the layers)"
    )]
    NoLayers,
    /// Nothing that could be cached.
    #[error("no layer in the trace's `layers` table has any bytes")]
    NoBytes,
    /// A rule of retirement that needs to know who can still be chosen.
    #[error(
        "the size of the population is not known, so nobody can say what is retired; set the option `population`, or \
         `retention = \"all\"`"
    )]
    NoPopulation,
    /// Columns of unequal length.
    #[error("the columns of a batch of the table `{table}` differ in length")]
    Inconsistent {
        /// The table.
        table: &'static str,
    },
    /// Numbers have 32 bits.
    #[error("there are more than 4 billion {what}; cut the trace into parts")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
    },
    /// Sizes that cannot be.
    #[error(
        "the layers of candidate {owner} have more than 2^64 bytes together; the sizes in the trace are wrong"
    )]
    TooLarge {
        /// Whose.
        owner: u64,
    },
    /// Sums have 64 bits.
    #[error("all accesses together ask for more than 2^64 bytes; the sizes in the trace are wrong")]
    TooManyBytes,
}

impl StreamError {
    /// What is wrong.
    pub fn kind(&self) -> StreamErrorKind {
        match self {
            Self::NoLayers | Self::NoBytes | Self::NoPopulation => StreamErrorKind::Missing,
            Self::Inconsistent { .. } => StreamErrorKind::Inconsistent,
            Self::TooMany { .. } | Self::TooLarge { .. } | Self::TooManyBytes => StreamErrorKind::TooLarge,
        }
    }
}
