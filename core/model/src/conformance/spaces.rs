//! Spaces to check in: one made of a description alone, and some of odd shape.

use crate::component::SearchSpace;
use crate::graph::{DType, Layer, LayerGraph, Tensor};
use crate::rng::Rng;
use crate::space::{Choice, Decision, SpaceSpec};
use anyhow::{Result, ensure};

/// A search space made of its description alone: a chain of layers, one a decision, whose sizes follow from the choices.
/// Its vectors are all that are in range, so it stands for a constrained space only where nobody asks what is valid.
#[derive(Debug, Clone)]
pub struct PlainSpace(SpaceSpec);

impl PlainSpace {
    /// The space of a description.
    pub fn new(spec: SpaceSpec) -> Self {
        Self(spec)
    }

    /// A space with one decision for each number, which is its number of options.
    pub fn of(options: &[usize]) -> Self {
        let decision = |(position, &options): (usize, &usize)| Decision {
            name: format!("decision {position}"),
            options: (0..options).map(|option| option.to_string()).collect(),
            ordered: false,
            node: None,
            descendants: 0,
        };
        Self(SpaceSpec {
            name: "test".into(),
            decisions: options.iter().enumerate().map(decision).collect(),
            constrained: false,
            levels: vec!["network".into()],
            class: None,
        })
    }

    /// The same with another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.0.name);
        self
    }

    /// The same with nodes of two decisions, and each decision above all that follow.
    fn nested(mut self) -> Self {
        let count = u32::try_from(self.0.decisions.len()).unwrap_or(u32::MAX);
        for (position, decision) in (0..count).zip(&mut self.0.decisions) {
            decision.node = Some(position / 2);
            decision.descendants = count - 1 - position;
            decision.ordered = position % 2 == 0;
        }
        self
    }
}

impl SearchSpace for PlainSpace {
    fn spec(&self) -> &SpaceSpec {
        &self.0
    }

    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        self.0.check_ranges(choices)?;
        ensure!(
            self.0.levels.iter().any(|known| known == level),
            "space `{}` has no level `{level}`",
            self.0.name
        );
        let mut graph = LayerGraph::with_capacity(choices.len() + 1, choices.len());
        let mut above = graph.add(Layer::new("input", "Input", "{}"), &[])?;
        for (position, &choice) in choices.iter().enumerate() {
            let config = format!(r#"{{"decision":{position},"option":{choice}}}"#);
            let kernel = Tensor::parameter("kernel", &[8, 1 + u64::from(choice)], DType::F32);
            let layer = Layer::new(format!("layer {position}"), "Dense", config).with_tensors(vec![kernel]);
            above = graph.add(layer, &[above])?;
        }
        Ok(graph)
    }
}

/// Spaces of odd shape, the smallest first. A component may refuse them; it must not stumble.
pub(super) fn odd() -> Vec<PlainSpace> {
    vec![
        PlainSpace::of(&[1]).named("1 decision of 1 option"),
        PlainSpace::of(&[3]).named("1 decision of 3 options"),
        PlainSpace::of(&[1, 1, 1]).named("3 decisions of 1 option"),
        PlainSpace::of(&[2, 1, 3, 1]).named("decisions of 2, 1, 3 and 1 options"),
        PlainSpace::of(&[4; 6]).named("6 decisions of 4 options in nodes").nested(),
        PlainSpace::of(&[7; 40]).named("40 decisions of 7 options"),
    ]
}

/// Whether there is but one vector.
pub(super) fn is_single(spec: &SpaceSpec) -> bool {
    spec.decisions.iter().all(|decision| decision.options.len() == 1)
}

/// Every choice drawn evenly, valid or not.
pub(super) fn draw(spec: &SpaceSpec, rng: &mut Rng) -> Vec<Choice> {
    let one =
        |decision: &Decision| Choice::try_from(rng.index(decision.options.len())).unwrap_or(Choice::MAX);
    spec.decisions.iter().map(one).collect()
}

/// A valid vector, as the space draws it.
pub(super) fn sample(space: &dyn SearchSpace, rng: &mut Rng) -> Result<Vec<Choice>> {
    let mut choices = vec![0; space.spec().decisions.len()];
    space.sample(&mut choices, rng)?;
    Ok(choices)
}

/// Whether a vector is one of the space, asked as the engine asks.
pub(super) fn check(space: &dyn SearchSpace, choices: &[Choice]) -> Result<()> {
    space.spec().check_ranges(choices)?;
    if space.spec().constrained {
        space.check(choices)?;
    }
    Ok(())
}
