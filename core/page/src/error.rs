//! Why a page could not be written.

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// The destination does not take it.
    #[error("cannot write the page: {0}; check the disk's free space and the permissions of its folder")]
    Io(#[from] std::io::Error),
    /// The report does not become JSON.
    #[error("cannot write the data of {what} into the page: {source}; please report this as a bug")]
    Data {
        /// A chart, a table, or the explorer.
        what: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// The plotly crate's sources do not have the form they had.
    #[error("the plotly crate gives no script that a page could embed; please report this as a bug")]
    NoScript,
}

impl PageError {
    /// A short name that stays the same between versions.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io(_) => "io",
            Self::Data { .. } => "data",
            Self::NoScript => "no-script",
        }
    }
}

/// For whoever writes the page as one file among others and has one error for all of them.
impl From<PageError> for std::io::Error {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Io(error) => error,
            other => Self::other(other),
        }
    }
}
