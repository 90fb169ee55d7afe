//! Values of parameters become choices among options.

use lamarck_model::{Choice, Decision};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// The value of a parameter, as a tool wrote it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not there: a parameter that only some evaluations have. An option of its own.
    Absent,
    /// `true` or `false`.
    Bool(bool),
    /// A number, whole or not. Never NaN: importers report that as a wrong cell.
    Number(f64),
    /// Anything else.
    Text(String),
}

impl Value {
    /// The value of a cell of a text file.
    pub fn of_cell(cell: &str) -> Self {
        let cell = cell.trim();
        match cell {
            "" => Self::Absent,
            "true" | "True" => Self::Bool(true),
            "false" | "False" => Self::Bool(false),
            _ => match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Number(number),
                _ => Self::Text(cell.to_owned()),
            },
        }
    }

    /// The value of a JSON value; lists and tables are texts.
    pub fn of_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Absent,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => number.as_f64().map_or(Self::Absent, Self::Number),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            other => Self::Text(other.to_string()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("(absent)"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Absent first, then `false`, `true`, numbers by size, texts by their bytes.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        let kind = |value: &Self| match value {
            Self::Absent => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
        };
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => kind(self).cmp(&kind(other)),
        }
    }
}

/// A parameter that is a decision, with the options in the order of their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    values: Vec<Value>,
    /// Whether `values` is sorted, so that a value can be looked up by halving.
    sorted: bool,
}

/// Why a parameter is no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuous {
    /// How many values were seen.
    pub distinct: usize,
}

impl Options {
    /// The most values that a parameter of which no list of options is known may take; a space of the literature has
    /// some tens, and 3,000 learning rates are not 3,000 options.
    pub const MOST: usize = 256;

    /// Options that the tool listed, in its order.
    pub fn listed(values: Vec<Value>) -> Self {
        let sorted = values.is_sorted();
        Self { values, sorted }
    }

    /// Options out of the values that were seen, sorted. Numbers that are not whole and of which more than half are
    /// seen once are a continuous parameter, as are more than [`MOST`](Self::MOST) values.
    pub fn seen<'a>(values: impl Iterator<Item = &'a Value>) -> Result<Self, Continuous> {
        let (mut distinct, mut total, mut fractions) = (BTreeSet::new(), 0_usize, false);
        for value in values {
            total += 1;
            fractions |= matches!(value, Value::Number(number) if number.fract() != 0.0);
            distinct.insert(value.clone());
        }
        let drawn_anew = fractions && distinct.len() > 16 && distinct.len() * 2 > total;
        if distinct.len() > Self::MOST || drawn_anew {
            return Err(Continuous { distinct: distinct.len() });
        }
        Ok(Self { values: distinct.into_iter().collect(), sorted: true })
    }

    /// The same without asking whether they are few: for what is a decision whatever its values are. 20,000 kinds of
    /// connection in one node of a published space are 20,000 options.
    ///
    /// # Errors
    /// When a choice could not number them all.
    pub fn all_seen<'a>(values: impl Iterator<Item = &'a Value>) -> Result<Self, Continuous> {
        let distinct: BTreeSet<&Value> = values.collect();
        if distinct.len() > usize::from(Choice::MAX) + 1 {
            return Err(Continuous { distinct: distinct.len() });
        }
        Ok(Self { values: distinct.into_iter().cloned().collect(), sorted: true })
    }

    /// The number of a value.
    pub fn choice(&self, value: &Value) -> Option<Choice> {
        let at = if self.sorted {
            self.values.binary_search(value).ok()
        } else {
            self.values.iter().position(|known| known == value)
        };
        Choice::try_from(at?).ok()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The decision of this name; numbers are ordered, other values are not.
    pub fn decision(&self, name: impl Into<String>) -> Decision {
        Decision {
            name: name.into(),
            options: self.values.iter().map(Value::to_string).collect(),
            ordered: self.values.iter().all(|value| matches!(value, Value::Number(_))) && self.sorted,
            node: None,
            descendants: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_in_their_order() {
        let cells = ["10", "9", "", "2.5", "relu", "true", "9"].map(Value::of_cell);
        let options = Options::seen(cells.iter()).unwrap();
        let decision = options.decision("width");
        assert_eq!(decision.options, ["(absent)", "true", "2.5", "9", "10", "relu"]);
        assert!(!decision.ordered);
        assert_eq!(options.choice(&Value::Number(10.0)), Some(4));
        assert_eq!(options.choice(&Value::Number(11.0)), None);
        let listed = Options::listed(vec![Value::Text("relu".into()), Value::Text("elu".into())]);
        assert_eq!(listed.choice(&Value::Text("elu".into())), Some(1));
    }

    #[test]
    fn numbers_drawn_anew_are_no_options() {
        let rates: Vec<Value> = (0..40).map(|i| Value::Number(f64::from(i) * 0.37 + 0.01)).collect();
        assert_eq!(Options::seen(rates.iter()), Err(Continuous { distinct: 40 }));
        // NT3's floats are sevenths: few, and seen again and again.
        let sevenths: Vec<Value> = (0..40).map(|i| Value::Number(f64::from(i % 8) / 7.0)).collect();
        assert_eq!(Options::seen(sevenths.iter()).map(|options| options.len()), Ok(8));
    }
}
