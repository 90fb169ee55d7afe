//! Conformance checks for `cargo test`: what the engine will demand of a component, asked before it runs.

use crate::{Choice, Component, Context, Decision, Mutator, Rng, SearchSpace, SpaceSpec, Strategy};
use crate::{Finished, Origin, Proposal, Status};
use anyhow::{Context as _, Result, ensure};
use lamarck_model::options::{OptionInfo, fill_defaults};
use serde_json::Value;

/// A space with one decision for each number, which is its number of options. It builds no graphs.
pub fn space(options: &[usize]) -> SpaceSpec {
    let decisions = options.iter().enumerate().map(|(i, &n)| Decision {
        name: format!("decision {i}"),
        options: (0..n).map(|option| option.to_string()).collect(),
        ordered: false,
        node: None,
        descendants: 0,
    });
    SpaceSpec {
        name: "test".into(),
        decisions: decisions.collect(),
        constrained: false,
        levels: vec!["network".into()],
        class: None,
    }
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

/// A vector for `space`, every choice drawn evenly.
fn draw(space: &SpaceSpec, rng: &mut Rng) -> Vec<Choice> {
    let one =
        |decision: &Decision| Choice::try_from(rng.index(decision.options.len())).unwrap_or(Choice::MAX);
    space.decisions.iter().map(one).collect()
}

/// Checks a mutator: the same seed makes the same child, and every child is in range.
pub fn check_mutator<T: Component + Mutator>(options: &str, space: &SpaceSpec) -> Result<()> {
    space.check()?;
    let mutator: T = create(options, &Context::for_space(space.clone()))?;
    let mut rng = Rng::from_seed(1);
    for round in 0..200 {
        let parent = draw(space, &mut rng);
        let (mut first, mut second) = (parent.clone(), parent.clone());
        mutator.mutate(&mut first, &mut Rng::from_seed(round))?;
        mutator.mutate(&mut second, &mut Rng::from_seed(round))?;
        ensure!(
            first == second,
            "the same seed made two different children of {parent:?}: {first:?}, {second:?}"
        );
        space.check_ranges(&first).with_context(|| format!("the child of {parent:?} is invalid"))?;
    }
    Ok(())
}

/// Checks a search space: its description makes sense, and every sampled vector is valid, builds at every level, has
/// the size its graph has, and survives being rendered and parsed.
pub fn check_space<T: Component + SearchSpace>(options: &str) -> Result<()> {
    let context = Context::bare();
    let space: T = create(options, &context)?;
    space.spec().check()?;
    let mut choices = vec![0; space.spec().decisions.len()];
    for round in 0..50 {
        space.sample(&mut choices, &mut Rng::from_seed(round))?;
        space.spec().check_ranges(&choices)?;
        space.check(&choices).with_context(|| format!("the sampled vector {choices:?} is invalid"))?;
        for level in &space.spec().levels {
            let graph =
                space.build(&choices, level).with_context(|| format!("{choices:?} does not build"))?;
            let (built, claimed) = (graph.size()?, space.size(&choices, level)?);
            ensure!(
                built == claimed,
                "{choices:?} at level {level} has size {built:?}, but claims {claimed:?}"
            );
        }
        let text = space.render(&choices)?;
        let plain = choices.iter().map(Choice::to_string).collect::<Vec<_>>().join(",");
        if text != plain {
            ensure!(
                space.parse(&text)? == choices,
                "{choices:?} renders as `{text}`, which parses as something else"
            );
        }
    }
    Ok(())
}

/// Checks a strategy: it only selects what it was told of and has not released, gives the same answers for the same
/// seeds, and survives failed candidates. `score` scores a vector.
pub fn check_strategy<T: Component + Strategy>(
    options: &str,
    space: &SpaceSpec,
    rounds: u64,
    score: impl Fn(&[Choice]) -> f64,
) -> Result<()> {
    space.check()?;
    let run = || -> Result<Vec<Proposal>> {
        let mut strategy: T = create(options, &Context::for_space(space.clone()))?;
        let mut selectable = std::collections::BTreeMap::new();
        let (mut proposals, mut released) = (Vec::new(), Vec::new());
        for id in 0..rounds {
            let mut rng = Rng::from_seed(id);
            let proposal = strategy.ask(&mut rng)?;
            let parents = match &proposal {
                Proposal::Mutate(a) => vec![a.id],
                Proposal::Recombine(a, b) => vec![a.id, b.id],
                _ => Vec::new(),
            };
            for parent in &parents {
                ensure!(
                    selectable.contains_key(parent),
                    "proposal {id} selects {parent}, which cannot be selected"
                );
            }
            let choices = match (&proposal, parents.first().and_then(|parent| selectable.get(parent))) {
                (Proposal::Exact(vector), _) => vector.clone(),
                (_, Some(parent)) => {
                    let mut child: Vec<Choice> = Vec::clone(parent);
                    let at = rng.index(child.len());
                    child[at] = draw(space, &mut rng)[at];
                    child
                }
                _ => draw(space, &mut rng),
            };
            let origin = if parents.is_empty() { Origin::Sample } else { Origin::Mutation };
            let failed = id % 7 == 3;
            let status = if failed { Status::Failed } else { Status::Ok };
            let finished =
                Finished { id, choices: &choices, score: (!failed).then(|| score(&choices)), status, origin };
            released.clear();
            strategy.tell(&finished, &mut released)?;
            selectable.insert(id, choices);
            for id in &released {
                ensure!(selectable.remove(id).is_some(), "candidate {id} was released twice, or never told");
            }
            proposals.push(proposal);
        }
        Ok(proposals)
    };
    ensure!(run()? == run()?, "the same seeds led to different proposals");
    Ok(())
}
