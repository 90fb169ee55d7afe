//! Studies with what the command line changes in them.

use crate::parts;
use lamarck_model::declaration::Kind;
use lamarck_model::options::{OptionInfo, OptionSpec};
use lamarck_runtime::study::{Components, NotFound, Override, Source, Study, plan};

/// Components with an option of every type. Real ones come from manifests; what is fuzzed here is the reader of studies.
const COMPONENTS: &[(Kind, &str, &[OptionSpec])] = &[
    (Kind::SearchSpace, "nas-bench-201", &[]),
    (Kind::SearchSpace, "toy", &[OptionSpec::integer("decisions", 1, 64, "how many decisions")]),
    (
        Kind::Evaluator,
        "nas-bench-201-table",
        &[
            OptionSpec::choice("dataset", &["cifar10", "cifar100"], "the data").default_value("\"cifar10\""),
            OptionSpec::any("seed", "which training run").default_value("\"mean\""),
            OptionSpec::float("noise", 0.0, f64::MAX, "of scores").default_value("0").unit("points"),
            OptionSpec::text("note", "anything").default_value("\"\""),
        ],
    ),
    (
        Kind::Strategy,
        "regularized-evolution",
        &[
            OptionSpec::integer("population", 1, 1_000_000, "candidates").default_value("100"),
            OptionSpec::integer("sample", 1, 1_000_000, "in a tournament").default_value("10"),
        ],
    ),
    (
        Kind::Mutator,
        "one-decision",
        &[OptionSpec::bool("no_op", "may change nothing").default_value("false")],
    ),
    (Kind::Scheduler, "fifo", &[]),
    (Kind::Analyzer, "lineage", &[OptionSpec::any("limits", "of depth").default_value("{\"depth\": 3}")]),
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

/// The study's text, then a line for each `--set`.
pub(crate) fn study(bytes: &[u8]) {
    let (text, flags) = parts(bytes);
    let (Ok(text), Ok(flags)) = (std::str::from_utf8(text), std::str::from_utf8(flags)) else { return };
    let overrides: Vec<Override> = flags.lines().map(Override::set).collect();
    let source = Source::new("study.toml", text);
    let _ = Study::plugin_path(&source, &overrides);
    let study = match Study::load(source, overrides, &Table) {
        Ok(study) => study,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(!study.points().is_empty() && plan(&study).len() >= study.points().len());
    for point in study.points().iter().take(3) {
        let _ = study.locate(point.index, "strategy", "sample[0].max");
        // What was resolved is a study that says the same.
        let written = point.settings.to_toml();
        let again = Study::load(Source::new("resolved.toml", written), Vec::new(), &Table);
        let again = again.expect("the settings of a point are a study");
        assert_eq!(again.points()[0].settings, point.settings);
    }
}
