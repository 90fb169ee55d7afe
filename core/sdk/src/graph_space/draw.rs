//! Draws the model of a vector: one pass over the plan.

use lamarck_model::{Choice, LayerId};

use super::error::BuildError;
use super::op::{Activation, Op};
use super::plan::{Compiled, Plan, Source, Step};
use super::shape::{Shape, padding, positions};
use super::sink::{Config, Name, NewLayer, Sink, Weights};

/// A tensor.
#[derive(Debug, Clone, Copy)]
struct Value {
    layer: LayerId,
    shape: Shape,
    /// The step that hands it on: what a layer made for it is named after.
    step: usize,
}

struct Run<'a, S> {
    plan: &'a Plan,
    sink: &'a mut S,
    /// The tensors of all steps so far.
    values: Vec<Value>,
    /// The layer of each group that has the weights, and the width that they are for.
    owners: Vec<Option<(LayerId, u64)>>,
    ids: Vec<LayerId>,
}

/// Sends the layers of a vector's model to a sink. The choices are in range.
pub(super) fn draw<S: Sink>(plan: &Plan, choices: &[Choice], sink: &mut S) -> Result<(), BuildError> {
    let reachable = plan.reachable(choices);
    let mut run = Run {
        plan,
        sink,
        values: Vec::with_capacity(2 * plan.steps.len()),
        owners: vec![None; plan.groups],
        ids: Vec::with_capacity(8),
    };
    // Where the tensors of a step begin and end.
    let mut spans = vec![(0, 0); plan.steps.len()];
    let mut inputs = Vec::with_capacity(8);
    for (index, step) in plan.steps.iter().enumerate() {
        if !reachable[index] {
            continue;
        }
        let start = run.values.len();
        if let Source::Input { shape, config } = &step.source {
            let layer = NewLayer {
                name: Name::Node(&step.name),
                class: "InputLayer",
                config: Config::Text(config),
                weights: Weights::None,
            };
            let layer = run.sink.add(&layer, &[])?;
            run.values.push(Value { layer, shape: *shape, step: index });
        } else if let Some(compiled) = plan.chosen(step, choices) {
            inputs.clear();
            if compiled.op != Op::Zero {
                for &input in step.inputs.iter().chain(&compiled.sources) {
                    let (from, to) = spans[input];
                    inputs.extend_from_slice(&run.values[from..to]);
                }
            }
            run.apply(index, step, compiled, &mut inputs)?;
        }
        spans[index] = (start, run.values.len());
    }
    let (start, end) = spans[plan.output];
    if end - start == 1 {
        return Ok(());
    }
    let reason = format!("a model ends in one tensor, but here are {}; end in a merge", end - start);
    Err(shape_error(&plan.steps[plan.output], reason))
}

#[cold]
fn shape_error(step: &Step, reason: impl Into<String>) -> BuildError {
    BuildError::Shape { node: step.name.clone(), reason: reason.into() }
}

#[cold]
fn too_large(step: &Step, what: &'static str) -> BuildError {
    BuildError::TooLarge { node: step.name.clone(), what }
}

const MIXED: &str = "vectors and sequences cannot be merged; flatten the sequences first";

impl<'a, S: Sink> Run<'a, S> {
    fn apply(
        &mut self,
        index: usize,
        step: &'a Step,
        compiled: &'a Compiled,
        inputs: &mut [Value],
    ) -> Result<(), BuildError> {
        let op = &compiled.op;
        let merged = match op {
            Op::Zero => None,
            Op::Connect(_) => {
                self.values.extend_from_slice(inputs);
                return Ok(());
            }
            Op::Concatenate | Op::AddByPadding { .. } | Op::AddByProjecting { .. } | Op::Multiply => {
                match inputs {
                    [] => None,
                    [only] => Some((only.layer, only.shape)),
                    _ => Some(self.merge(step, compiled, inputs)?),
                }
            }
            _ => {
                let [input] = *inputs else {
                    return Err(BuildError::Inputs {
                        node: step.name.clone(),
                        class: if *op == Op::Identity { "Identity" } else { op.class() }.to_owned(),
                        found: inputs.len(),
                    });
                };
                Some(self.single(step, compiled, input)?)
            }
        };
        self.values.extend(merged.map(|(layer, shape)| Value { layer, shape, step: index }));
        Ok(())
    }

    /// The operations on one tensor.
    fn single(
        &mut self,
        step: &'a Step,
        compiled: &'a Compiled,
        mut input: Value,
    ) -> Result<(LayerId, Shape), BuildError> {
        let (shape, weights) = match compiled.op {
            Op::Dense { units, .. } => {
                (input.shape.with_width(units), Weights::Dense { input: input.shape.width(), units })
            }
            Op::Conv1D { filters, kernel, padding, strides, .. } => {
                if let Shape::Vector(length) = input.shape {
                    let name = Name::Part(&step.name, "reshape");
                    input.layer = self.plain(name, "Reshape", Config::Reshape(length), &[input.layer])?;
                    input.shape = Shape::Sequence { length, channels: 1 };
                }
                let length = window(step, input.shape, kernel, strides, padding)?;
                let channels = input.shape.width();
                (
                    Shape::Sequence { length, channels: filters },
                    Weights::Conv1D { kernel, input: channels, filters },
                )
            }
            Op::MaxPooling1D { pool, strides, padding } => {
                let length = window(step, input.shape, pool, strides, padding)?;
                (Shape::Sequence { length, channels: input.shape.width() }, Weights::None)
            }
            Op::BatchNormalization => {
                (input.shape, Weights::BatchNormalization { channels: input.shape.width() })
            }
            Op::Flatten => match input.shape {
                Shape::Vector(_) => return Ok((input.layer, input.shape)),
                Shape::Sequence { length, channels } => {
                    let width = length.checked_mul(channels).ok_or_else(|| too_large(step, "its width"))?;
                    (Shape::Vector(width), Weights::None)
                }
            },
            Op::Dropout { .. } | Op::Activation(_) => (input.shape, Weights::None),
            // Identity; everything else was dealt with by the caller.
            _ => return Ok((input.layer, input.shape)),
        };
        Ok((self.weighted(step, compiled, input, weights)?, shape))
    }

    /// Adds the layer of an operation on one tensor, with weights of its own or with those of its group.
    fn weighted(
        &mut self,
        step: &'a Step,
        compiled: &'a Compiled,
        input: Value,
        weights: Weights,
    ) -> Result<LayerId, BuildError> {
        if weights.size().is_none() {
            return Err(too_large(step, "its number of weights"));
        }
        let (name, class) = (Name::Node(&step.name), compiled.op.class());
        let group = step.group.filter(|_| weights != Weights::None);
        if let Some((owner, width)) = group.and_then(|group| self.owners[group]) {
            if width != input.shape.width() {
                let found = input.shape.width();
                let reason =
                    format!("its shared weights are for inputs of width {width}, but this one has {found}");
                return Err(shape_error(step, reason));
            }
            return self.plain(name, class, Config::Text(&compiled.shared), &[input.layer, owner]);
        }
        let layer = NewLayer { name, class, config: Config::Text(&compiled.config), weights };
        let id = self.sink.add(&layer, &[input.layer])?;
        if let Some(group) = group {
            self.owners[group] = Some((id, input.shape.width()));
        }
        Ok(id)
    }

    /// The merges of two tensors or more.
    fn merge(
        &mut self,
        step: &'a Step,
        compiled: &'a Compiled,
        inputs: &mut [Value],
    ) -> Result<(LayerId, Shape), BuildError> {
        let mut shape = inputs[0].shape;
        let mut sum = 0_u64;
        for input in &*inputs {
            shape = shape.larger(input.shape).ok_or_else(|| shape_error(step, MIXED))?;
            sum = sum.checked_add(input.shape.width()).ok_or_else(|| too_large(step, "its width"))?;
        }
        match compiled.op {
            Op::Concatenate => {
                for input in &mut *inputs {
                    let padded = match shape {
                        Shape::Vector(_) => input.shape,
                        Shape::Sequence { .. } => shape.with_width(input.shape.width()),
                    };
                    self.pad(step, input, padded)?;
                }
                let layer = self.combine(Name::Node(&step.name), "Concatenate", inputs)?;
                Ok((layer, shape.with_width(sum)))
            }
            Op::Multiply => {
                if inputs.iter().any(|input| input.shape != shape) {
                    return Err(shape_error(step, "only tensors of equal shape can be multiplied"));
                }
                Ok((self.combine(Name::Node(&step.name), "Multiply", inputs)?, shape))
            }
            Op::AddByProjecting { activation } => {
                let Shape::Vector(target) = inputs[0].shape else {
                    return Err(shape_error(step, "only vectors are projected; flatten the sequences first"));
                };
                for input in &mut *inputs {
                    self.project(step, input, target)?;
                }
                self.add(step, compiled, activation, inputs).map(|layer| (layer, Shape::Vector(target)))
            }
            // AddByPadding; everything else was dealt with by the callers.
            _ => {
                for input in &mut *inputs {
                    self.pad(step, input, shape)?;
                }
                let activation = match compiled.op {
                    Op::AddByPadding { activation } => activation,
                    _ => Activation::Linear,
                };
                self.add(step, compiled, activation, inputs).map(|layer| (layer, shape))
            }
        }
    }

    fn project(&mut self, step: &'a Step, input: &mut Value, target: u64) -> Result<(), BuildError> {
        let width = input.shape.width();
        if width == target {
            return Ok(());
        }
        let weights = Weights::Dense { input: width, units: target };
        if weights.size().is_none() {
            return Err(too_large(step, "its number of weights"));
        }
        let layer = NewLayer {
            name: Name::For(&step.name, "project", &self.plan.steps[input.step].name),
            class: "Dense",
            config: Config::Projection(target),
            weights,
        };
        input.layer = self.sink.add(&layer, &[input.layer])?;
        input.shape = Shape::Vector(target);
        Ok(())
    }

    fn pad(&mut self, step: &'a Step, input: &mut Value, to: Shape) -> Result<(), BuildError> {
        if input.shape == to {
            return Ok(());
        }
        let width = padding(input.shape.width(), to.width());
        let length = match (input.shape, to) {
            (Shape::Sequence { length: from, .. }, Shape::Sequence { length: to, .. }) => {
                Some(padding(from, to))
            }
            _ => None,
        };
        let name = Name::For(&step.name, "pad", &self.plan.steps[input.step].name);
        let inputs = [input.layer];
        input.layer = match length {
            Some(length) if width == (0, 0) => {
                self.plain(name, "ZeroPadding1D", Config::Positions(length), &inputs)
            }
            Some(length) => self.plain(name, "ZeroPadding", Config::Extents(&[length, width]), &inputs),
            None => self.plain(name, "ZeroPadding", Config::Extents(&[width]), &inputs),
        }?;
        input.shape = to;
        Ok(())
    }

    fn add(
        &mut self,
        step: &'a Step,
        compiled: &'a Compiled,
        activation: Activation,
        inputs: &[Value],
    ) -> Result<LayerId, BuildError> {
        let sum = self.combine(Name::Part(&step.name, "add"), "Add", inputs)?;
        if activation == Activation::Linear {
            return Ok(sum);
        }
        let name = Name::Part(&step.name, activation.as_str());
        self.plain(name, "Activation", Config::Text(&compiled.config), &[sum])
    }

    /// A layer without weights on several tensors.
    fn combine(
        &mut self,
        name: Name<'_>,
        class: &'static str,
        inputs: &[Value],
    ) -> Result<LayerId, BuildError> {
        self.ids.clear();
        self.ids.extend(inputs.iter().map(|input| input.layer));
        let layer = NewLayer { name, class, config: Config::Text("{}"), weights: Weights::None };
        self.sink.add(&layer, &self.ids)
    }

    /// A layer without weights.
    fn plain(
        &mut self,
        name: Name<'_>,
        class: &'static str,
        config: Config<'_>,
        inputs: &[LayerId],
    ) -> Result<LayerId, BuildError> {
        self.sink.add(&NewLayer { name, class, config, weights: Weights::None }, inputs)
    }
}

/// Positions of a window on the tensor that a convolution or a pooling is given.
fn window(
    step: &Step,
    shape: Shape,
    width: u64,
    strides: u64,
    padding: super::op::Padding,
) -> Result<u64, BuildError> {
    let Shape::Sequence { length, .. } = shape else {
        return Err(shape_error(step, "a pooling takes a sequence, but is given a vector"));
    };
    positions(length, width, strides, padding).ok_or_else(|| {
        let reason = format!(
            "its window of {width} is longer than the sequence, which has {length} positions here; use a longer \
             input, smaller windows, or padding `same`"
        );
        shape_error(step, reason)
    })
}
