//! What the study needs to know about components, without loading any.

use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;

/// Who knows which components there are: the plugin host from its manifests, or a table in a test.
pub trait Components {
    /// The options of a component. The name may be anything, the empty text too.
    fn options(&self, kind: Kind, name: &str) -> Result<Vec<OptionInfo>, NotFound>;
}

/// There is no component of this kind and name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such component; known are: {}", known.join(", "))]
pub struct NotFound {
    /// The names of that kind that there are, in the order in which a message should show them.
    pub known: Vec<String>,
}
