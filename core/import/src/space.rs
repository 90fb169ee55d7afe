//! The parameters of a log become decisions, and the values of its evaluations vectors.

use crate::decisions::{Continuous, Options, Value};
use lamarck_model::{Choice, Decision};
use std::borrow::Borrow;
use std::collections::BTreeSet;

/// A parameter: its name, its options where the tool lists them, and one value an evaluation.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) listed: Option<Vec<Value>>,
    pub(crate) values: Vec<Value>,
}

/// The most values that a log may have in all. A file in which every row has parameters of its own would need as many as
/// the square of its rows; a real one of 100,000 evaluations and 100 parameters has a sixth of this.
const MOST_VALUES: usize = 1 << 26;

/// Whether the values of so many parameters can be held.
pub(crate) fn check_size(parameters: usize, evaluations: usize) -> Result<(), String> {
    match parameters.checked_mul(evaluations) {
        Some(values) if values <= MOST_VALUES => Ok(()),
        _ => Err(format!(
            "{parameters} parameters of {evaluations} evaluations are more than {MOST_VALUES} values"
        )),
    }
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
/// Without a list the options are the values seen, and a parameter is continuous if [`Options::seen`] says so or if its
/// values were [drawn anew](drawn_anew). Continuous parameters are left out; so is, unless there is nothing
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
            None if drawn_anew(&parameter.values) => Err(Continuous { distinct: parameter.values.len() }),
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

/// Whether values were drawn from a range: numbers, not all whole, and no two alike among eight or more. Eight draws are
/// all different in 2 of 100 logs if there are ten options, in 12 if there are sixteen.
pub(crate) fn drawn_anew<V: Borrow<Value>>(values: &[V]) -> bool {
    let values: Vec<&Value> = values.iter().map(Borrow::borrow).collect();
    let fractions =
        values.iter().any(|value| matches!(value, Value::Number(number) if number.fract() != 0.0));
    let numbers = || values.iter().all(|value| matches!(value, Value::Number(_)));
    values.len() >= 8
        && fractions
        && numbers()
        && values.iter().collect::<BTreeSet<_>>().len() == values.len()
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
    fn eight_different_fractions_are_continuous() {
        let cells: Vec<String> = (0..8).map(|i| format!("0.{i}1")).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        assert!(drawn_anew(&parameter("rate", None, &cells).values));
        assert!(!drawn_anew(&parameter("rate", None, &cells[..7]).values));
        assert!(!drawn_anew(&parameter("rate", None, &[&cells[..], &["0.11"]].concat()).values));
        assert!(!drawn_anew(&parameter("width", None, &["1", "2", "3", "4", "5", "6", "7", "8"]).values));
    }

    #[test]
    fn a_value_outside_its_list_is_an_error() {
        let error = space(&[parameter("width", Some(&["8", "16"]), &["8", "9"])], 2).unwrap_err();
        assert_eq!((error.evaluation, error.reason.as_str()), (1, "`9` is none of its options: 8, 16"));
    }
}
