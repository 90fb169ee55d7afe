//! The parameters of a log become decisions, and the values of its evaluations vectors.

use crate::decisions::{Options, Value};
use lamarck_model::{Choice, Decision};

/// A parameter: its name, its options where the tool lists them, and one value an evaluation.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) listed: Option<Vec<Value>>,
    pub(crate) values: Vec<Value>,
}

/// What the parameters are together.
#[derive(Debug, Default)]
pub(crate) struct Space {
    pub(crate) decisions: Vec<Decision>,
    /// One vector an evaluation.
    pub(crate) vectors: Vec<Vec<Choice>>,
    /// What was left out.
    pub(crate) notes: Vec<String>,
}

/// A value that is none of the options that the tool lists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// The place of the evaluation.
    pub(crate) evaluation: usize,
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// Makes the space of some parameters, in their order.
///
/// Without a list the options are the values seen. Continuous parameters are left out; so is, unless there is nothing
/// else, a parameter that has the same value everywhere and no list: it says nothing of how a search moves. A listed
/// parameter that some evaluations lack has its absence as a further option, the first.
pub(crate) fn space(parameters: &[Parameter], evaluations: usize) -> Result<Space, Stranger> {
    let (mut chosen, mut constant): (Vec<(&Parameter, Options)>, Vec<_>) = (Vec::new(), Vec::new());
    let mut continuous = Vec::new();
    for parameter in parameters {
        let options = match &parameter.listed {
            Some(listed) => {
                let lacks = parameter.values.contains(&Value::Absent) && !listed.contains(&Value::Absent);
                let absent = lacks.then_some(Value::Absent);
                Ok(Options::listed(absent.into_iter().chain(listed.iter().cloned()).collect()))
            }
            None => Options::seen(parameter.values.iter()),
        };
        match options {
            Ok(options) if options.len() < 2 && parameter.listed.is_none() => {
                constant.push((parameter, options));
            }
            Ok(options) => chosen.push((parameter, options)),
            Err(seen) => continuous.push(format!("`{}` ({} values)", parameter.name, seen.distinct)),
        }
    }
    let mut notes = Vec::new();
    if !continuous.is_empty() {
        notes.push(format!("left out, since continuous: {}", continuous.join(", ")));
    }
    if chosen.is_empty() {
        chosen = constant;
    } else if !constant.is_empty() {
        let names: Vec<String> =
            constant.iter().map(|(parameter, _)| format!("`{}`", parameter.name)).collect();
        notes.push(format!("left out, since the same in all evaluations: {}", names.join(", ")));
    }
    let mut vectors = vec![Vec::with_capacity(chosen.len()); evaluations];
    for (parameter, options) in &chosen {
        for (evaluation, (value, vector)) in parameter.values.iter().zip(&mut vectors).enumerate() {
            let Some(choice) = options.choice(value) else {
                let known = options.decision("").options;
                let reason = match known.as_slice() {
                    few if few.len() <= 12 => format!("`{value}` is none of its options: {}", few.join(", ")),
                    many => format!("`{value}` is none of its {} options", many.len()),
                };
                return Err(Stranger { evaluation, name: parameter.name.clone(), reason });
            };
            vector.push(choice);
        }
    }
    let decisions =
        chosen.iter().map(|(parameter, options)| options.decision(parameter.name.clone())).collect();
    Ok(Space { decisions, vectors, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, listed: Option<&[&str]>, values: &[&str]) -> Parameter {
        let of = |cells: &[&str]| cells.iter().map(|cell| Value::of_cell(cell)).collect::<Vec<_>>();
        Parameter { name: name.into(), listed: listed.map(of), values: of(values) }
    }

    #[test]
    fn parameters_that_say_nothing_are_left_out_and_named() {
        let space = space(
            &[
                parameter("width", Some(&["8", "16", "32"]), &["16", "", "8"]),
                parameter("epochs", None, &["4", "4", "4"]),
                parameter("act", None, &["relu", "elu", "relu"]),
            ],
            3,
        )
        .unwrap();
        assert_eq!(space.decisions[0].options, ["(absent)", "8", "16", "32"]);
        assert_eq!(space.vectors, [[2, 1], [0, 0], [1, 1]]);
        assert_eq!(space.notes, ["left out, since the same in all evaluations: `epochs`"]);
    }

    #[test]
    fn a_value_outside_its_list_is_an_error() {
        let error = space(&[parameter("width", Some(&["8", "16"]), &["8", "9"])], 2).unwrap_err();
        assert_eq!((error.evaluation, error.reason.as_str()), (1, "`9` is none of its options: 8, 16"));
    }
}
