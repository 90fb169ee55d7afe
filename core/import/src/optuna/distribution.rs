//! What a parameter may be: the JSON of `optuna/distributions.py`, with the classes before version 3.

use crate::decisions::{Options, Value};
use crate::json;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// A parameter's distribution, as far as it makes options.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Distribution {
    /// Any number of a range.
    Continuous,
    /// `low`, `low + step`, .. up to `high`; whether it is logarithmic does not matter here.
    Grid { low: f64, high: f64, step: f64 },
    /// The options, made different from each other; the stored value is the place in the list.
    Choices(Vec<Value>),
}

impl Distribution {
    /// Reads the text of `distribution_json`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let value = json::parse(text.as_bytes()).map_err(|wrong| wrong.reason)?;
        let (name, attributes) = match (value.get("name"), value.get("attributes")) {
            (Some(Json::String(name)), Some(attributes)) => (name.as_str(), attributes),
            // The short form that `json_to_distribution` takes as well.
            _ => (value.get("type").and_then(Json::as_str).unwrap_or_default(), &value),
        };
        let number = |key: &str| {
            attributes
                .get(key)
                .and_then(json::number)
                .filter(|number| number.is_finite())
                .ok_or_else(|| format!("a distribution of the kind `{name}` has a number `{key}`"))
        };
        match name {
            "CategoricalDistribution" | "categorical" => {
                let choices = attributes.get("choices").and_then(Json::as_array);
                let choices = choices.filter(|choices| !choices.is_empty());
                choices
                    .map(|choices| Self::Choices(labels(choices)))
                    .ok_or("its choices are missing".to_owned())
            }
            "IntDistribution" | "IntUniformDistribution" | "IntLogUniformDistribution" | "int" => {
                let step = if attributes.get("step").is_some_and(|step| !step.is_null()) {
                    number("step")?
                } else {
                    1.0
                };
                Self::grid(number("low")?, number("high")?, step)
            }
            "DiscreteUniformDistribution" => Self::grid(number("low")?, number("high")?, number("q")?),
            "FloatDistribution" | "float" if attributes.get("step").is_some_and(|step| !step.is_null()) => {
                Self::grid(number("low")?, number("high")?, number("step")?)
            }
            "FloatDistribution" | "float" | "UniformDistribution" | "LogUniformDistribution" => {
                Ok(Self::Continuous)
            }
            other => Err(format!("`{other}` is no distribution of Optuna 2 to 5")),
        }
    }

    fn grid(low: f64, high: f64, step: f64) -> Result<Self, String> {
        if step > 0.0 && low <= high {
            Ok(Self::Grid { low, high, step })
        } else {
            Err(format!("no values from {low} to {high} by {step}"))
        }
    }

    /// Whether a study can use both for one parameter (`check_distribution_compatibility`).
    pub(super) fn compatible(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Choices(a), Self::Choices(b)) => a == b,
            (Self::Choices(_), _) | (_, Self::Choices(_)) => false,
            _ => true,
        }
    }
}

/// The values of a grid, without the dust of adding floats: 0.1 + 2 * 0.1 is 0.3. `None` if there are too many.
fn grid_values(low: f64, high: f64, step: f64) -> Option<Vec<f64>> {
    let steps = ((high - low) / step + 1e-9).floor();
    if !steps.is_finite() || steps >= Options::MOST as f64 {
        return None;
    }
    let digits = decimals(low).max(decimals(step));
    let mut values = Vec::new();
    let mut at = 0.0;
    while at <= steps {
        let value = low + at * step;
        values.push(format!("{value:.digits$}").parse().unwrap_or(value));
        at += 1.0;
    }
    Some(values)
}

/// How many digits a number has behind its point.
fn decimals(number: f64) -> usize {
    number.to_string().split_once('.').map_or(0, |(_, digits)| digits.len()).min(17)
}

/// The options of a parameter with all its distributions, and its values among them.
///
/// A study may widen a range while it runs, and enqueued trials may lie outside of it, so the options are all that a
/// range ever allowed and all that was drawn. `Ok(None)` is a continuous parameter.
pub(super) fn options(distributions: &[&Distribution], drawn: &[f64]) -> Option<Vec<Value>> {
    let mut grid = Vec::new();
    for distribution in distributions {
        match distribution {
            Distribution::Continuous => return None,
            Distribution::Choices(choices) => return Some(choices.clone()),
            Distribution::Grid { low, high, step } => match grid_values(*low, *high, *step) {
                Some(values) => grid.extend(values),
                None => return wide(drawn),
            },
        }
    }
    let mut values = merge(grid);
    let outside: Vec<f64> =
        drawn.iter().copied().filter(|value| nearest(&values, *value).is_none()).collect();
    if !outside.is_empty() {
        values.extend(outside);
        values = merge(values);
    }
    (values.len() <= Options::MOST).then(|| values.into_iter().map(Value::Number).collect())
}

/// A range too wide to list: the values drawn, unless most of them were drawn once.
fn wide(drawn: &[f64]) -> Option<Vec<Value>> {
    let values: BTreeSet<Value> = drawn.iter().copied().map(Value::Number).collect();
    let anew = values.len() > 16 && values.len() * 2 > drawn.len();
    (!anew && values.len() <= Options::MOST).then(|| values.into_iter().collect())
}

fn merge(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values.dedup_by(|a, b| same(*a, *b));
    values
}

/// Optuna's own tolerance is 1e-8 of a step (`FloatDistribution._contains`).
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 * a.abs().max(b.abs()).max(1e-300)
}

/// The value of a sorted list that a stored value is, up to the dust of adding floats.
fn nearest(values: &[f64], value: f64) -> Option<f64> {
    let at = values.partition_point(|known| *known < value);
    [at.checked_sub(1), Some(at)]
        .into_iter()
        .flatten()
        .filter_map(|at| values.get(at))
        .copied()
        .find(|known| same(*known, value) || (*known == 0.0 && value.abs() < 1e-12))
}

/// The numbers among options, for [`value`].
pub(super) fn numbers(options: &[Value]) -> Vec<f64> {
    let number = |option: &Value| if let Value::Number(number) = option { Some(*number) } else { None };
    options.iter().filter_map(number).collect()
}

/// The option that a stored value is; `numbers` are those of the options of a grid, sorted.
pub(super) fn value(distribution: &Distribution, numbers: &[f64], stored: f64) -> Result<Value, String> {
    if let Distribution::Choices(choices) = distribution {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and is looked up"
        )]
        let place = stored as usize;
        return choices
            .get(place)
            .filter(|_| stored >= 0.0)
            .cloned()
            .ok_or_else(|| format!("choice {stored} where it has {} choices", choices.len()));
    }
    Ok(Value::Number(nearest(numbers, stored).unwrap_or(stored)))
}

/// Options of a categorical parameter, no two alike: the text `2` beside the number 2 is written with its quotes.
fn labels(choices: &[Json]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    choices
        .iter()
        .enumerate()
        .map(|(place, choice)| {
            let plain = match choice {
                // An absent parameter is another thing than the choice of Python's None.
                Json::Null => Value::Text("None".into()),
                Json::String(text) if text == &Value::Absent.to_string() => Value::Text(choice.to_string()),
                other => Value::of_json(other),
            };
            if seen.insert(plain.to_string()) {
                return plain;
            }
            let quoted = choice.to_string();
            let label =
                if seen.insert(quoted.clone()) { quoted } else { format!("{quoted} (choice {place})") };
            seen.insert(label.clone());
            Value::Text(label)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(texts: &[&str], drawn: &[f64]) -> Option<Vec<String>> {
        let all: Vec<Distribution> = texts.iter().map(|text| Distribution::parse(text).unwrap()).collect();
        let all: Vec<&Distribution> = all.iter().collect();
        options(&all, drawn).map(|options| options.iter().map(Value::to_string).collect())
    }

    #[test]
    fn every_class_of_every_version() {
        let int = r#"{"name":"IntDistribution","attributes":{"log":false,"step":16,"low":16,"high":64}}"#;
        assert_eq!(listed(&[int], &[]).unwrap(), ["16", "32", "48", "64"]);
        let old = r#"{"name":"IntUniformDistribution","attributes":{"low":1,"high":3,"step":1}}"#;
        assert_eq!(listed(&[old], &[]).unwrap(), ["1", "2", "3"]);
        let log = r#"{"name":"IntLogUniformDistribution","attributes":{"low":1,"high":2,"step":1}}"#;
        assert_eq!(listed(&[log], &[]).unwrap(), ["1", "2"]);
        let steps =
            r#"{"name":"FloatDistribution","attributes":{"step":0.1,"low":0.1,"high":0.5,"log":false}}"#;
        assert_eq!(listed(&[steps], &[0.1 + 0.2]).unwrap(), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
        let discrete = r#"{"name":"DiscreteUniformDistribution","attributes":{"low":0,"high":1,"q":0.25}}"#;
        assert_eq!(listed(&[discrete], &[]).unwrap(), ["0", "0.25", "0.5", "0.75", "1"]);
        for continuous in [
            r#"{"name":"FloatDistribution","attributes":{"step":null,"low":0,"high":1,"log":true}}"#,
            r#"{"name":"LogUniformDistribution","attributes":{"low":1e-5,"high":1}}"#,
            r#"{"type":"float","low":0,"high":1}"#,
        ] {
            assert_eq!(listed(&[continuous], &[]), None);
        }
        assert_eq!(listed(&[r#"{"type":"int","low":0,"high":2}"#], &[]).unwrap(), ["0", "1", "2"]);
        let error = Distribution::parse(r#"{"name":"Zipf","attributes":{}}"#).unwrap_err();
        assert_eq!(error, "`Zipf` is no distribution of Optuna 2 to 5");
        assert!(Distribution::parse(r#"{"type":"int","low":5,"high":2}"#).is_err());
    }

    #[test]
    fn choices_of_mixed_types_are_told_apart() {
        let text = r#"{"name":"CategoricalDistribution","attributes":{"choices":[null,true,"None",2,"2",2.0,"(absent)"]}}"#;
        let options = listed(&[text], &[]).unwrap();
        assert_eq!(options, ["None", "true", "\"None\"", "2", "\"2\"", "2.0", "\"(absent)\""]);
        let distribution = Distribution::parse(text).unwrap();
        assert_eq!(value(&distribution, &[], 4.0), Ok(Value::Text("\"2\"".into())));
        assert!(value(&distribution, &[], 7.0).is_err());
        assert!(value(&distribution, &[], -1.0).is_err());
    }

    #[test]
    fn ranges_that_grow_and_values_outside_are_options() {
        let narrow = r#"{"type":"int","low":0,"high":2}"#;
        let wider = r#"{"type":"int","low":1,"high":4}"#;
        assert_eq!(listed(&[narrow, wider], &[9.0]).unwrap(), ["0", "1", "2", "3", "4", "9"]);
    }

    #[test]
    fn wide_ranges_are_what_was_seen_or_nothing() {
        let wide = r#"{"type":"int","low":1,"high":100000}"#;
        assert_eq!(listed(&[wide], &[5.0, 7.0, 5.0]).unwrap(), ["5", "7"]);
        let anew: Vec<f64> = (0..40).map(|i| f64::from(i * 71)).collect();
        assert_eq!(listed(&[wide], &anew), None);
    }
}
