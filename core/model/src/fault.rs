//! What went wrong inside a component, as it survives the plugin boundary.

use std::fmt;

/// The kind of a [`Fault`]. The numbers cross the boundary: never renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum FaultKind {
    /// The component returned an error.
    Error = 0,
    /// The component panicked; the panic was caught inside its library.
    Panic = 1,
    /// The component's options are wrong; [`Fault::path`] says which.
    Options = 2,
    /// The library has no such component.
    Unknown = 3,
    /// The component does not offer what was asked of it.
    Unsupported = 4,
    /// What came back cannot be right: a vector of the wrong width, text that is no JSON.
    Protocol = 5,
}

impl FaultKind {
    /// The kind with this number; what a newer library may send is an [`FaultKind::Error`].
    pub fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Panic,
            2 => Self::Options,
            3 => Self::Unknown,
            4 => Self::Unsupported,
            5 => Self::Protocol,
            _ => Self::Error,
        }
    }
}

/// A fault of a component. The chain of causes is kept as text, since error types do not cross the boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    message: String,
    causes: Vec<String>,
    path: String,
}

impl Fault {
    /// A fault with a message.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), path: String::new() }
    }

    /// The same with the texts of its causes, nearest first.
    #[must_use]
    pub fn with_causes(mut self, causes: Vec<String>) -> Self {
        self.causes = causes;
        self
    }

    /// The same with the place in the component's options: `limits.max`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// What an author's error becomes: a [`Fault`] inside it keeps its kind.
    pub fn from_error(error: &anyhow::Error) -> Self {
        if let Some(fault) = error.downcast_ref::<Self>() {
            return fault.clone();
        }
        Self::new(FaultKind::Error, error.to_string())
            .with_causes(error.chain().skip(1).map(ToString::to_string).collect())
    }

    /// The kind.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The message without the causes.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The causes, nearest first.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// The place in the component's options, or empty.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == FaultKind::Panic {
            f.write_str("panicked: ")?;
        }
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
