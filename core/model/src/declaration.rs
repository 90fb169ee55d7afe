//! How a component declares itself: its kind, name, summary, references and options.

use crate::options::OptionSpec;
use serde::{Deserialize, Serialize};

/// The six kinds of component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// [`SearchSpace`](crate::SearchSpace).
    SearchSpace,
    /// [`Evaluator`](crate::Evaluator).
    Evaluator,
    /// [`Mutator`](crate::Mutator).
    Mutator,
    /// [`Strategy`](crate::Strategy).
    Strategy,
    /// [`Scheduler`](crate::Scheduler).
    Scheduler,
    /// [`Analyzer`](crate::Analyzer).
    Analyzer,
}

impl Kind {
    /// All kinds, in the order in which lists show them.
    pub const ALL: [Self; 6] =
        [Self::SearchSpace, Self::Evaluator, Self::Mutator, Self::Strategy, Self::Scheduler, Self::Analyzer];

    /// The word in manifests and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SearchSpace => "search-space",
            Self::Evaluator => "evaluator",
            Self::Mutator => "mutator",
            Self::Strategy => "strategy",
            Self::Scheduler => "scheduler",
            Self::Analyzer => "analyzer",
        }
    }

    /// The word for people.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::SearchSpace => "search space",
            _ => self.as_str(),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.noun())
    }
}

/// A component's declaration, which ends up in its library's manifest.
///
/// ```
/// use lamarck_model::declaration::ComponentSpec;
/// use lamarck_model::options::OptionSpec;
/// const SPEC: ComponentSpec = ComponentSpec::new("swap", "swaps the choices of two decisions")
///     .references(&["doi:10.1007/978-3-662-44874-8"])
///     .options(&[OptionSpec::integer("swaps", 1, 1000, "how many pairs").default_value("1")]);
/// assert_eq!(SPEC.options.len(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComponentSpec {
    /// The name that studies use, unique among components of its kind.
    pub name: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Papers and pages it implements, with DOI or arXiv number where there is one.
    pub references: &'static [&'static str],
    /// Its options.
    pub options: &'static [OptionSpec],
}

impl ComponentSpec {
    /// A component without options.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, references: &[], options: &[] }
    }

    /// Names what it implements.
    #[must_use]
    pub const fn references(mut self, references: &'static [&'static str]) -> Self {
        self.references = references;
        self
    }

    /// Declares its options.
    #[must_use]
    pub const fn options(mut self, options: &'static [OptionSpec]) -> Self {
        self.options = options;
        self
    }
}
