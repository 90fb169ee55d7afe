//! Tests of the study front end, with a table of components in place of plugins.

mod drafting;
mod generator;
mod messages;
mod overriding;
mod places;
mod properties;
mod resolving;
mod schema;
mod sweeping;

use super::{Components, NotFound, Override, Source, Study, StudyError};
use lamarck_model::declaration::Kind;
use lamarck_model::options::{OptionInfo, OptionSpec};

/// The components of the tests, and their options.
const COMPONENTS: &[(Kind, &str, &[OptionSpec])] = &[
    (Kind::SearchSpace, "nas-bench-201", &[]),
    (Kind::SearchSpace, "toy", &[OptionSpec::integer("decisions", 1, 64, "how many decisions")]),
    (
        Kind::Evaluator,
        "nas-bench-201-table",
        &[
            OptionSpec::choice("dataset", &["cifar10", "cifar100", "imagenet16-120"], "the data set")
                .default_value("\"cifar10\""),
            OptionSpec::any("seed", "which training run").default_value("\"mean\""),
            OptionSpec::float("noise", 0.0, f64::MAX, "standard deviation of added noise")
                .default_value("0")
                .unit("points"),
            OptionSpec::integer("limit", 1, 9, "nothing unless it is set").default_value("null"),
        ],
    ),
    (
        Kind::Strategy,
        "regularized-evolution",
        &[
            OptionSpec::integer("population", 1, 1_000_000, "candidates alive at a time")
                .default_value("100"),
            OptionSpec::integer("sample", 1, 1_000_000, "candidates in a tournament").default_value("10"),
        ],
    ),
    (Kind::Strategy, "random", &[]),
    (
        Kind::Mutator,
        "one-decision",
        &[OptionSpec::bool("no_op", "may change nothing").default_value("false")],
    ),
    (
        Kind::Mutator,
        "generation-weighted",
        &[OptionSpec::float("beta", -10.0, 10.0, "strength of the preference")],
    ),
    (Kind::Mutator, "clash", &[OptionSpec::float("weight", 0.0, 1.0, "taken by the study")]),
    (Kind::Scheduler, "fifo", &[]),
    (
        Kind::Analyzer,
        "lineage",
        &[OptionSpec::any("limits", "depths and widths").default_value("{\"depth\": 3}")],
    ),
];

struct Table;

impl Components for Table {
    fn options(&self, kind: Kind, name: &str) -> Result<Vec<OptionInfo>, NotFound> {
        let of_kind = || COMPONENTS.iter().filter(|(known, ..)| *known == kind);
        of_kind()
            .find(|(_, known, _)| *known == name)
            .map(|(.., options)| options.iter().map(OptionInfo::from).collect())
            .ok_or_else(|| NotFound { known: of_kind().map(|(_, known, _)| (*known).to_owned()).collect() })
    }
}

/// The shortest study there is.
const SHORT: &str = "\
[space]
plugin = \"nas-bench-201\"
[evaluator]
plugin = \"nas-bench-201-table\"
[budget]
candidates = 1000
";

fn load_with(text: &str, sets: &[&str]) -> Result<Study, StudyError> {
    let overrides = sets.iter().map(|set| Override::set(set)).collect();
    Study::load(Source::new("study.toml", text), overrides, &Table)
}

/// [`SHORT`] and more text, with overrides.
fn short_with(more: &str, sets: &[&str]) -> Result<Study, StudyError> {
    load_with(&format!("{SHORT}{more}"), sets)
}

/// The error of [`SHORT`] and more text.
fn error_of(more: &str) -> StudyError {
    short_with(more, &[]).expect_err("this study is wrong")
}

/// The error of [`SHORT`] with overrides.
fn error_of_sets(sets: &[&str]) -> StudyError {
    short_with("", sets).expect_err("these overrides are wrong")
}

fn labels(study: &Study) -> Vec<&str> {
    study.points().iter().map(|point| point.label.as_str()).collect()
}
