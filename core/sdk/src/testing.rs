//! Conformance checks for `cargo test`: what the engine will demand of a component, asked before it runs.
//!
//! One line a component: `check_mutator::<Swap>("{}", &space(&[5, 5, 5]))`. The options are JSON, as they would stand in a
//! study; what is missing gets its declared default. The rules are those of [`lamarck_model::conformance`], which
//! `lamarck plugins check` holds against the built library as well; the first one that is broken becomes the error, with
//! the case that broke it.

use crate::{
    Analyzer, Choice, Component, Context, Evaluator, Mutator, Scheduler, SearchSpace, SpaceSpec, Strategy,
};
use anyhow::{Context as _, Result};
use lamarck_model::conformance::{self, PlainSpace, StrategyPlan, Verdicts};
use lamarck_model::options::{OptionInfo, fill_defaults};
use serde_json::Value;

/// A space with one decision for each number, which is its number of options. It builds no graphs.
pub fn space(options: &[usize]) -> SpaceSpec {
    PlainSpace::of(options).spec().clone()
}

/// Makes a component as the host does: options from JSON, checked against the declaration, defaults filled in.
pub fn create<T: Component>(options: &str, context: &Context) -> Result<T> {
    let value: Value = serde_json::from_str(options).context("the options are no JSON")?;
    let Value::Object(mut table) = value else { anyhow::bail!("the options are no JSON object") };
    let infos: Vec<OptionInfo> = T::SPEC.options.iter().map(OptionInfo::from).collect();
    for (key, value) in &table {
        let info = infos.iter().find(|info| info.name == *key);
        let info = info.with_context(|| format!("`{}` declares no option `{key}`", T::SPEC.name))?;
        info.check(value).map_err(|reason| anyhow::anyhow!("option `{key}`: {reason}"))?;
    }
    fill_defaults(&infos, &mut table);
    let text = Value::Object(table).to_string();
    crate::adapters::create(&text, &serde_json::to_string(context)?)
}

/// Turns the first broken rule into an error.
fn held(verdicts: Verdicts) -> Result<()> {
    Ok(verdicts.into_result()?)
}

/// Checks a mutator: the same seed makes the same child of the same parent, every child is in range, combinations are,
/// and spaces of odd shape are refused or mutated rightly.
pub fn check_mutator<T: Component + Mutator>(options: &str, space: &SpaceSpec) -> Result<()> {
    space.check()?;
    let space = PlainSpace::new(space.clone());
    held(conformance::mutator(&|context| Ok(Box::new(create::<T>(options, context)?)), &[&space]))
}

/// Checks a search space: its description makes sense, and every sampled vector is valid, builds at every level the same
/// layers each time, has the size its graph has, and survives being rendered and parsed.
pub fn check_space<T: Component + SearchSpace>(options: &str) -> Result<()> {
    held(conformance::search_space(&|context| Ok(Box::new(create::<T>(options, context)?))))
}

/// Checks a strategy: it only selects what it was told of and has not released, gives the same answers for the same
/// seeds, and survives failures, ties and candidates that finish in any order. `rounds` candidates are tried in each
/// of some ten circumstances: more than its random phase has. `score` scores a vector.
pub fn check_strategy<T: Component + Strategy>(
    options: &str,
    space: &SpaceSpec,
    rounds: u64,
    score: impl Fn(&[Choice]) -> f64,
) -> Result<()> {
    space.check()?;
    let space = PlainSpace::new(space.clone());
    let plan = StrategyPlan { candidates: rounds, score: &score };
    held(conformance::strategy(&|context| Ok(Box::new(create::<T>(options, context)?)), &[&space], &plan))
}

/// Checks an evaluator: the same request has the same outcome, a status of ok comes with a finite score, and vectors that
/// are not of the space make it neither panic nor fall silent.
pub fn check_evaluator<T: Component + Evaluator>(options: &str, space: &SpaceSpec) -> Result<()> {
    space.check()?;
    let space = PlainSpace::new(space.clone());
    held(conformance::evaluator(&|context| Ok(Box::new(create::<T>(options, context)?)), &space))
}

/// Checks a scheduler: it places each candidate on each worker at most once, leaves nobody waiting for ever, and answers the
/// same in the same situation.
pub fn check_scheduler<T: Component + Scheduler>(options: &str) -> Result<()> {
    held(conformance::scheduler(&|context| Ok(Box::new(create::<T>(options, context)?))))
}

/// Checks an analyzer: traces of a small evolution in the space, empty ones, failed ones and imports are survived, reports
/// are valid, and batches of any size make the same one.
pub fn check_analyzer<T: Component + Analyzer>(options: &str, space: &SpaceSpec) -> Result<()> {
    space.check()?;
    let space = PlainSpace::new(space.clone());
    held(conformance::analyzer(&|context| Ok(Box::new(create::<T>(options, context)?)), &space))
}
