//! Which evaluators can score a space.
//!
//! No manifest says it, and none could: an evaluator looks at the space's decisions, which follow from the space's
//! options. So each is made once for the space, with its defaults, and says itself whether it can be.

use super::error::PipelineError;
use crate::host::{HostError, Registry};
use crate::study::ComponentChoice;
use lamarck_model::Context;
use lamarck_model::declaration::Kind;
use lamarck_model::options::fill_defaults;
use serde_json::Map;

/// An evaluator that scores a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// Its name.
    pub name: String,
    /// Whether its scores are made up.
    pub synthetic: bool,
}

/// The evaluators that score this space: those of real data first, each kind by name. One that has an option without a default
/// is not among them, since nothing is known of it until that is set.
///
/// # Errors
/// When the space cannot be made, or a plugin cannot be loaded.
pub fn fitting(registry: &Registry, space: &ComponentChoice) -> Result<Vec<Fitting>, PipelineError> {
    let made = registry.search_space(&space.name, &space.options, &Context::bare())?;
    let context = Context::for_space(made.spec().clone());
    let mut fitting = Vec::new();
    for name in registry.names(Kind::Evaluator) {
        let (_, component) = registry.find(Kind::Evaluator, &name)?;
        if component.options.iter().any(|option| option.required) {
            continue;
        }
        let mut options = Map::new();
        fill_defaults(&component.options, &mut options);
        match registry.evaluator(&name, &options, &context) {
            Ok(evaluator) => fitting.push(Fitting { name, synthetic: evaluator.spec().synthetic }),
            // This is how one of another space says so.
            Err(HostError::Component { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    fitting.sort_by_key(|fit| fit.synthetic);
    Ok(fitting)
}
