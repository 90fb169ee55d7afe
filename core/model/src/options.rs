//! Options: what can be set in a section of a study, said once.
//!
//! The same description writes the manifest, `lamarck plugins info`, the check of a study before any plugin sees
//! it, and the message for a wrong value. The study's own sections (`[cluster]`, `[budget]`) are described with it
//! too, so that an unknown key or a number out of range reads the same wherever it stands.
//!
//! [`OptionSpec`] is made of `&'static` parts and `const` functions, because the SDK writes the manifest into the
//! shared library at compile time, where the host reads it without running anything.

use serde::{Deserialize, Serialize};

/// The type and the range of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptionType {
    /// `true` or `false`.
    Bool,
    /// A whole number within inclusive bounds.
    Integer {
        /// The smallest value allowed.
        min: i64,
        /// The largest value allowed.
        max: i64,
    },
    /// A number within inclusive bounds.
    Float {
        /// The smallest value allowed.
        min: f64,
        /// The largest value allowed.
        max: f64,
    },
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Anything that the component's own options type accepts: lists, tables, values of several types.
    Any,
}

/// One option, as its author declares it.
///
/// ```
/// use lamarck_model::options::OptionSpec;
/// const SWAPS: OptionSpec =
///     OptionSpec::integer("swaps", 1, 100, "how many pairs of choices trade places").default_value("1");
/// const KEEP: OptionSpec = OptionSpec::choice("keep", &["all", "best"], "which children stay");
/// assert!(KEEP.is_required() && !SWAPS.is_required());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionSpec {
    /// The key in the study.
    pub name: &'static str,
    /// Type and range.
    pub kind: OptionType,
    /// The value when the key is missing, as JSON text; `None` makes the option required.
    pub default: Option<&'static str>,
    /// The unit of the number, or empty.
    pub unit: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
}

impl OptionSpec {
    const fn new(name: &'static str, kind: OptionType, help: &'static str) -> Self {
        Self { name, kind, default: None, unit: "", help }
    }

    /// A whole number within inclusive bounds.
    pub const fn integer(name: &'static str, min: i64, max: i64, help: &'static str) -> Self {
        Self::new(name, OptionType::Integer { min, max }, help)
    }

    /// A number within inclusive bounds.
    pub const fn float(name: &'static str, min: f64, max: f64, help: &'static str) -> Self {
        Self::new(name, OptionType::Float { min, max }, help)
    }

    /// `true` or `false`.
    pub const fn bool(name: &'static str, help: &'static str) -> Self {
        Self::new(name, OptionType::Bool, help)
    }

    /// Any text.
    pub const fn text(name: &'static str, help: &'static str) -> Self {
        Self::new(name, OptionType::Text, help)
    }

    /// One of some words.
    pub const fn choice(name: &'static str, words: &'static [&'static str], help: &'static str) -> Self {
        Self::new(name, OptionType::Choice(words), help)
    }

    /// A value that only the component's own options type can check.
    pub const fn any(name: &'static str, help: &'static str) -> Self {
        Self::new(name, OptionType::Any, help)
    }

    /// Makes the option optional: `json` is its value when the key is missing (`"1"`, `"\"mean\""`, `"null"`).
    #[must_use]
    pub const fn default_value(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    /// Names the unit.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// Whether a study must set it.
    pub const fn is_required(&self) -> bool {
        self.default.is_none()
    }
}

/// An option as the host knows it: read from a manifest, or made from an [`OptionSpec`] of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionInfo {
    /// The key in the study.
    pub name: String,
    /// The type's name: `bool`, `integer`, `float`, `text`, `choice` or `any`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The smallest number allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<serde_json::Number>,
    /// The largest number allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<serde_json::Number>,
    /// The words of a `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Whether the study must set it.
    #[serde(default)]
    pub required: bool,
    /// The value when the key is missing.
    #[serde(default)]
    pub default: serde_json::Value,
    /// The unit of the number, or empty.
    #[serde(default)]
    pub unit: String,
    /// What it does.
    #[serde(default)]
    pub help: String,
}

impl From<&OptionSpec> for OptionInfo {
    fn from(spec: &OptionSpec) -> Self {
        let mut info = Self {
            name: spec.name.to_owned(),
            kind: String::new(),
            min: None,
            max: None,
            words: Vec::new(),
            required: spec.is_required(),
            // A default that is no JSON is a mistake of the author; null then makes it visible in `plugins info`.
            default: spec.default.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
            unit: spec.unit.to_owned(),
            help: spec.help.to_owned(),
        };
        match spec.kind {
            OptionType::Bool => "bool".clone_into(&mut info.kind),
            OptionType::Integer { min, max } => {
                "integer".clone_into(&mut info.kind);
                info.min = Some(min.into());
                info.max = Some(max.into());
            }
            OptionType::Float { min, max } => {
                "float".clone_into(&mut info.kind);
                info.min = serde_json::Number::from_f64(min);
                info.max = serde_json::Number::from_f64(max);
            }
            OptionType::Text => "text".clone_into(&mut info.kind),
            OptionType::Choice(words) => {
                "choice".clone_into(&mut info.kind);
                info.words = words.iter().map(|&word| word.to_owned()).collect();
            }
            OptionType::Any => "any".clone_into(&mut info.kind),
        }
        info
    }
}

impl OptionInfo {
    /// What may stand here, for a message: `a whole number from 1 to 100`.
    pub fn expectation(&self) -> String {
        let range = |what: &str| match (&self.min, &self.max) {
            (Some(min), Some(max)) if max.as_i64() == Some(i64::MAX) => format!("{what} of at least {min}"),
            (Some(min), Some(max)) => format!("{what} from {min} to {max}"),
            (Some(min), None) => format!("{what} of at least {min}"),
            (None, Some(max)) => format!("{what} of at most {max}"),
            (None, None) => what.to_owned(),
        };
        match self.kind.as_str() {
            "bool" => "true or false".to_owned(),
            "integer" => range("a whole number"),
            "float" => range("a number"),
            "text" => "text in quotes".to_owned(),
            "choice" => {
                let quoted: Vec<String> = self.words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            _ => "a value".to_owned(),
        }
    }

    /// Checks a value; the error says what was expected. A whole number is also a `float`.
    pub fn check(&self, value: &serde_json::Value) -> Result<(), String> {
        let fits = match self.kind.as_str() {
            "bool" => value.is_boolean(),
            "integer" => value.as_i64().is_some_and(|n| {
                self.min.as_ref().and_then(serde_json::Number::as_i64).is_none_or(|min| n >= min)
                    && self.max.as_ref().and_then(serde_json::Number::as_i64).is_none_or(|max| n <= max)
            }),
            "float" => value.as_f64().is_some_and(|n| {
                n.is_finite()
                    && self.min.as_ref().and_then(serde_json::Number::as_f64).is_none_or(|min| n >= min)
                    && self.max.as_ref().and_then(serde_json::Number::as_f64).is_none_or(|max| n <= max)
            }),
            "text" => value.is_string(),
            "choice" => value.as_str().is_some_and(|word| self.words.iter().any(|known| known == word)),
            _ => true,
        };
        // An option whose default is null may be set to null by nobody (TOML has none) but the defaults.
        if fits || (value.is_null() && self.default.is_null() && !self.required) {
            Ok(())
        } else {
            Err(format!("expected {}, found {value}", self.expectation()))
        }
    }
}

/// Puts the defaults of the missing options into `table` (a JSON object).
pub fn fill_defaults(options: &[OptionInfo], table: &mut serde_json::Map<String, serde_json::Value>) {
    for option in options {
        if !option.required && !table.contains_key(&option.name) {
            table.insert(option.name.clone(), option.default.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_checked_against_type_and_range() {
        let info = OptionInfo::from(&OptionSpec::integer("population", 1, 1000, ""));
        assert!(info.check(&json!(1)).is_ok());
        assert_eq!(info.check(&json!(0)).unwrap_err(), "expected a whole number from 1 to 1000, found 0");
        assert!(info.check(&json!("9")).is_err());
        let info = OptionInfo::from(&OptionSpec::float("rate", 0.0, 1.0, ""));
        assert!(info.check(&json!(1)).is_ok());
        assert!(info.check(&json!(1.5)).is_err());
        let info = OptionInfo::from(&OptionSpec::choice("start", &["completed", "submitted"], ""));
        assert_eq!(
            info.check(&json!("complete")).unwrap_err(),
            "expected one of \"completed\", \"submitted\", found \"complete\""
        );
    }

    #[test]
    fn infos_survive_json() {
        for spec in [
            OptionSpec::integer("a", i64::MIN, i64::MAX, "x").default_value("3").unit("s"),
            OptionSpec::float("b", -0.5, 1e300, "y"),
            OptionSpec::choice("c", &["u", "v"], "z").default_value("\"u\""),
            OptionSpec::any("d", ""),
        ] {
            let info = OptionInfo::from(&spec);
            let text = serde_json::to_string(&info).unwrap();
            assert_eq!(serde_json::from_str::<OptionInfo>(&text).unwrap(), info);
        }
    }
}
