//! How a stream is made.

use lamarck_sdk::serde::Deserialize;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "kebab-case")]
pub enum Granularity {
    /// A stored layer.
    #[default]
    Layer,
    /// All layers that one candidate stores.
    Model,
}

/// When a stored layer is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "kebab-case")]
pub enum Retention {
    /// Never.
    #[default]
    All,
    /// When no member has it in its map and no child in flight was promised it.
    Reachable,
    /// When no member has it in its map.
    Population,
    /// When none of the last so many stored models has it in its map.
    Window,
}

impl Retention {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::All, Self::Reachable, Self::Population, Self::Window];

    /// The word in studies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Reachable => "reachable",
            Self::Population => "population",
            Self::Window => "window",
        }
    }

    /// The rule with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == word)
    }
}

/// How a stream is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOptions {
    /// What an object is.
    pub granularity: Granularity,
    /// When it is deleted.
    pub retention: Retention,
    /// The last so many finished candidates can be chosen as parents; `None` where nobody knows.
    pub population: Option<usize>,
    /// Models in the window of [`Retention::Window`].
    pub window: usize,
    /// Whether candidates without a score become members.
    pub failures_enter: bool,
}

impl Default for StreamOptions {
    /// Layers, never deleted.
    fn default() -> Self {
        Self {
            granularity: Granularity::Layer,
            retention: Retention::All,
            population: None,
            window: 1000,
            failures_enter: true,
        }
    }
}
