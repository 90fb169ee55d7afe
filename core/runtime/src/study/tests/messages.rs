//! Every kind of message, as a user sees it.

use super::{SHORT, error_of, load_with, short_with};
use crate::study::{Components, IssueKind, NotFound, Source, Study, StudyErrorKind};
use insta::assert_snapshot;
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;

/// A host that found no plugin.
struct Nothing;

impl Components for Nothing {
    fn options(&self, _: Kind, _: &str) -> Result<Vec<OptionInfo>, NotFound> {
        Err(NotFound { known: Vec::new() })
    }
}

#[test]
fn a_plugin_path_is_a_list_of_texts() {
    for (written, found) in [("3", "3"), ("[\"a\", 4]", "a list"), ("\"folder\"", "\"folder\"")] {
        let error = short_with(&format!("[plugins]\npath = {written}\n"), &[]).unwrap_err().to_string();
        let expected = format!("plugins.path: expected a list of paths in quotes, found {found}");
        assert!(error.contains(&expected), "{error}");
    }
    let source = Source::new("s.toml", "[plugins]\npath = [\"a\", \"b\"]\n");
    assert_eq!(Study::plugin_path(&source, &[]), ["a", "b"]);
}

#[test]
fn out_of_range() {
    let error = error_of("[cluster]\nworkers = 0\nfailure_rate = 1.5\n");
    assert_eq!(error.kind(), StudyErrorKind::Invalid);
    assert_eq!(error.issues()[0].kind(), IssueKind::Value);
    assert_snapshot!(error, @r#"
    2 problems in study.toml

    study.toml:8:11: cluster.workers: expected a whole number from 1 to 1000000, found 0
     8 | workers = 0
       |           ^
     help: `workers`: candidates that train at the same time (default 1)

    study.toml:9:16: cluster.failure_rate: expected a number from 0 to 1, found 1.5
     9 | failure_rate = 1.5
       |                ^^^
     help: `failure_rate`: share of attempts that lose their worker in training (default 0.0)
    "#);
    assert_snapshot!(error_of("[study]\nseed = -1\n"), @r"
    study.toml:8:8: study.seed: expected a whole number of at least 0, found -1
     8 | seed = -1
       |        ^^
     help: `seed`: the seed of all randomness (default 1)
    ");
    assert_snapshot!(error_of("[[mutators]]\nplugin = 'one-decision'\nweight = 0\n"), @r"
    study.toml:9:10: mutators.0.weight: expected a number above 0 and at most 1000000000, found 0
     9 | weight = 0
       |          ^
     help: `weight`: how often, relative to the other mutators (default 1.0)
    ");
}

#[test]
fn wrong_types() {
    assert_snapshot!(error_of("[trace]\nlayers = \"yes\"\npart_rows = 2.0\n"), @r#"
    2 problems in study.toml

    study.toml:8:10: trace.layers: expected true or false, found "yes"
     8 | layers = "yes"
       |          ^^^^^
     help: `layers`: record every candidate's layers (default true)

    study.toml:9:13: trace.part_rows: expected a whole number from 1 to 10000000, found 2.0
     9 | part_rows = 2.0
       |             ^^^
     help: `part_rows`: rows of one Parquet part (default 100000)
    "#);
    assert_snapshot!(error_of("[strategy]\nplugin = [\"random\"]\n"), @r#"
    study.toml:8:10: strategy.plugin: expected text in quotes, found a list
     8 | plugin = ["random"]
       |          ^^^^^^^^^^
     help: `plugin`: the component's name (default "regularized-evolution")
    "#);
    assert_snapshot!(error_of("[transfer]\ndonor = 'nome'\n"), @r#"
    study.toml:8:9: transfer.donor: expected one of "none", "parent", "best-match", found "nome"
     8 | donor = 'nome'
       |         ^^^^^^
     help: did you mean "none"?
    "#);
    assert_snapshot!(error_of("[scheduler]\nlookahead = {a=1}\n"), @r"
    study.toml:8:13: scheduler.lookahead: expected a whole number from 0 to 1000000, found a table
     8 | lookahead = {a=1}
       |             ^^^^^
     help: `lookahead`: ready candidates to choose from beyond the idle workers (default 0)
    ");
}

#[test]
fn wrong_shapes_of_sections() {
    assert_snapshot!(error_of("[[cluster]]\nworkers = 1\n"), @r"
    study.toml:7:1: cluster: expected a table, found a list
     7 | [[cluster]]
       | ^^^^^^^^^^^
     help: write it as [cluster] with its keys on the lines below
    ");
    assert_snapshot!(error_of("[mutators]\nplugin = \"one-decision\"\n"), @r"
    study.toml:7:1: mutators: expected a list of tables, found a table
     7 | [mutators]
       | ^^^^^^^^^^
     help: write it as [[mutators]] with its keys on the lines below
    ");
    let text = "trace = true\nmutators = []\nanalyzers = [1]\nbudget = 5\ncluster = nan";
    assert_snapshot!(load_with(text, &[]).unwrap_err(), @r#"
    7 problems in study.toml

    study.toml:1:9: trace: expected a table, found true
     1 | trace = true
       |         ^^^^
     help: write it as [trace] with its keys on the lines below

    study.toml:2:12: mutators: at least one is needed
     2 | mutators = []
       |            ^^
     help: leave it out for the default `one-decision`

    study.toml:3:14: analyzers.0: expected a table, found 1
     3 | analyzers = [1]
       |              ^
     help: write it as [[analyzers]] with its keys on the lines below

    study.toml:4:10: budget: expected a table, found 5
     4 | budget = 5
       |          ^
     help: write it as [budget] with its keys on the lines below

    study.toml:5:11: cluster: expected a table, found what cannot stand in a study
     5 | cluster = nan
       |           ^^^
     help: write it as [cluster] with its keys on the lines below

    study.toml: space.plugin: missing: the name of a search space
     help: write plugin = "…" below [space]; known are `nas-bench-201`, `toy`

    study.toml: evaluator.plugin: missing: the name of an evaluator
     help: write plugin = "…" below [evaluator]; known are `nas-bench-201-table`
    "#);
}

#[test]
fn unknown_names() {
    let error = error_of("[clustre]\nworkers = 4\n");
    assert_eq!(error.issues()[0].kind(), IssueKind::UnknownKey);
    assert_snapshot!(error, @r"
    study.toml:7:2: clustre: unknown section
     7 | [clustre]
       |  ^^^^^^^
     help: did you mean `cluster`?
    ");
    assert_snapshot!(error_of("[cluster]\nwokers = 4\n"), @r"
    study.toml:8:1: cluster.wokers: unknown key of [cluster]
     8 | wokers = 4
       | ^^^^^^
     help: did you mean `workers`?
    ");
    assert_snapshot!(error_of("[strategy]\npopulaton = 4\n"), @r"
    study.toml:8:1: strategy.populaton: unknown key of the strategy `regularized-evolution`
     8 | populaton = 4
       | ^^^^^^^^^
     help: did you mean `population`?
    ");
    // A key that is right elsewhere.
    assert_snapshot!(error_of("[strategy]\nworkers_per_node = 4\n"), @r"
    study.toml:8:1: strategy.workers_per_node: unknown key of the strategy `regularized-evolution`
     8 | workers_per_node = 4
       | ^^^^^^^^^^^^^^^^
     help: `workers_per_node` is a key of [cluster]
    ");
    assert_snapshot!(load_with(&format!("workers = 4\n{SHORT}"), &[]).unwrap_err(), @r"
    study.toml:1:1: workers: every key stands in a section
     1 | workers = 4
       | ^^^^^^^
     help: write it below [cluster]
    ");
    assert_snapshot!(error_of("[zzz]\n[scheduler]\nqqqqq = 1"), @r"
    2 problems in study.toml

    study.toml:7:2: zzz: unknown section
     7 | [zzz]
       |  ^^^
     help: known sections are `study`, `plugins`, `space`, `evaluator`, `strategy`, `mutators`, `scheduler`, `cluster`, `transfer`, `budget`, `trace`, `analyzers`, `sweep`

    study.toml:9:1: scheduler.qqqqq: unknown key of the scheduler `fifo`
     9 | qqqqq = 1
       | ^^^^^
     help: known keys are `plugin`, `lookahead`
    ");
}

#[test]
fn unknown_components() {
    let error = error_of("[strategy]\nplugin = \"regularised-evolution\"\npopulation = 10\n");
    assert_eq!(error.issues()[0].kind(), IssueKind::UnknownComponent);
    assert_snapshot!(error, @r#"
    study.toml:8:10: strategy.plugin: there is no strategy `regularised-evolution`
     8 | plugin = "regularised-evolution"
       |          ^^^^^^^^^^^^^^^^^^^^^^^
     help: did you mean `regularized-evolution`?
    "#);
    assert_snapshot!(error_of("[strategy]\nplugin = \"fifo\"\n"), @r#"
    study.toml:8:10: strategy.plugin: there is no strategy `fifo`
     8 | plugin = "fifo"
       |          ^^^^^^
     help: `fifo` is a scheduler; known are `regularized-evolution`, `random`
    "#);
    assert_snapshot!(error_of("[[mutators]]\nplugin = \"clash\"\n"), @r"
    study.toml:7:1: mutators.0: the mutator `clash` has an option `weight`, a key of the study itself
     7 | [[mutators]]
       | ^^^^^^^^^^^^
     help: its author must give the option another name
    ");
    let error = Study::load(Source::new("study.toml", SHORT), Vec::new(), &Nothing).unwrap_err();
    assert_snapshot!(error, @r#"
    5 problems in study.toml

    study.toml:2:10: space.plugin: there is no search space `nas-bench-201`
     2 | plugin = "nas-bench-201"
       |          ^^^^^^^^^^^^^^^
     help: no plugin that provides a search space was found; see `lamarck plugins path`

    study.toml:4:10: evaluator.plugin: there is no evaluator `nas-bench-201-table`
     4 | plugin = "nas-bench-201-table"
       |          ^^^^^^^^^^^^^^^^^^^^^
     help: no plugin that provides an evaluator was found; see `lamarck plugins path`

    study.toml: strategy.plugin: there is no strategy `regularized-evolution`
     help: no plugin that provides a strategy was found; see `lamarck plugins path`

    study.toml: mutators.0.plugin: there is no mutator `one-decision`
     help: no plugin that provides a mutator was found; see `lamarck plugins path`

    study.toml: scheduler.plugin: there is no scheduler `fifo`
     help: no plugin that provides a scheduler was found; see `lamarck plugins path`
    "#);
}

#[test]
fn missing_keys() {
    let error = load_with("", &[]).unwrap_err();
    assert!(error.issues().iter().all(|issue| issue.kind() == IssueKind::Missing));
    assert_snapshot!(error, @r#"
    3 problems in study.toml

    study.toml: space.plugin: missing: the name of a search space
     help: write plugin = "…" below [space]; known are `nas-bench-201`, `toy`

    study.toml: evaluator.plugin: missing: the name of an evaluator
     help: write plugin = "…" below [evaluator]; known are `nas-bench-201-table`

    study.toml: budget: the study says nowhere when a run ends
     help: set candidates, virtual_hours or both in [budget]
    "#);
    assert_snapshot!(error_of("[[mutators]]\nweight = 1\n[[mutators]]\nplugin = \"generation-weighted\"\n"), @r#"
    2 problems in study.toml

    study.toml:7:1: mutators.0.plugin: missing: the name of a mutator
     7 | [[mutators]]
       | ^^^^^^^^^^^^
     help: write plugin = "…" below [[mutators]]; known are `one-decision`, `generation-weighted`, `clash`

    study.toml:9:1: mutators.1.beta: missing: a number from -10 to 10
     9 | [[mutators]]
       | ^^^^^^^^^^^^
     help: `beta`: strength of the preference
    "#);
    let text = "space.plugin = 'toy'\nevaluator = { plugin = 'nas-bench-201-table' }\n[budget]\n";
    assert_snapshot!(load_with(text, &[]).unwrap_err(), @r"
    2 problems in study.toml

    study.toml:1:1: space.decisions: missing: a whole number from 1 to 64
     1 | space.plugin = 'toy'
       | ^^^^^
     help: `decisions`: how many decisions

    study.toml:3:1: budget: the study says nowhere when a run ends
     3 | [budget]
       | ^^^^^^^^
     help: set candidates, virtual_hours or both in [budget]
    ");
}

#[test]
fn values_that_json_lacks() {
    let text =
        "[cluster]\nfailure_rate = nan\nworkers = 1979-05-27\nworkers_per_node = 9223372036854775808\n";
    assert_snapshot!(error_of(text), @r#"
    3 problems in study.toml

    study.toml:8:16: cluster.failure_rate: inf and nan cannot stand in a study
     8 | failure_rate = nan
       |                ^^^
     help: `failure_rate`: share of attempts that lose their worker in training (default 0.0)

    study.toml:9:11: cluster.workers: dates and times cannot stand in a study; write text in quotes
     9 | workers = 1979-05-27
       |           ^^^^^^^^^^
     help: `workers`: candidates that train at the same time (default 1)

    study.toml:10:20: cluster.workers_per_node: whole numbers end at 9223372036854775807
     10 | workers_per_node = 9223372036854775808
        |                    ^^^^^^^^^^^^^^^^^^^
     help: `workers_per_node`: workers that share a node (default 1)
    "#);
    assert_snapshot!(error_of("[[analyzers]]\nplugin = 'lineage'\nlimits = { depth = [1, 07:32:00] }\n"), @r"
    study.toml:9:24: analyzers.0.limits.depth.1: dates and times cannot stand in a study; write text in quotes
     9 | limits = { depth = [1, 07:32:00] }
       |                        ^^^^^^^^
     help: `limits`: depths and widths (default { depth = 3 })
    ");
}

#[test]
fn syntax() {
    let error = load_with("[space]\nplugin = nas-bench-201\n[budget\ncandidates = \n", &[]).unwrap_err();
    assert_eq!(error.kind(), StudyErrorKind::Syntax);
    assert_snapshot!(error, @r#"
    2 problems in study.toml

    study.toml:2:10: this is no value
     2 | plugin = nas-bench-201
       |          ^^^^^^^^^^^^^
     help: text stands in quotes: "nas-bench-201"

    study.toml:3:8: unclosed table, expected `]`
     3 | [budget
       |        ^
    "#);
    assert_snapshot!(load_with("[space]\n\tplugin = \"toy\n", &[]).unwrap_err(), @r#"
    study.toml:2:15: invalid basic string, expected `"`
     2 |  plugin = "toy
       |               ^
    "#);
    assert_snapshot!(error_of("[space]\nplugin = \"toy\"\n"), @r"
    study.toml:7:2: this was written before
     7 | [space]
       |  ^^^^^
     help: a key stands once in its section, and a section once in a study
    ");
    assert_snapshot!(error_of("[trace]\nlayers = True\nwrite = yes\npart_rows = 1__0\nwrite = true\n"), @r#"
    4 problems in study.toml

    study.toml:8:10: this is no value
     8 | layers = True
       |          ^^^^
     help: write true

    study.toml:9:9: this is no value
     9 | write = yes
       |         ^^^
     help: text stands in quotes: "yes"

    study.toml:10:14: `_` may only go between digits
     10 | part_rows = 1__0
        |              ^

    study.toml:11:1: this was written before
     11 | write = true
        | ^^^^^
     help: a key stands once in its section, and a section once in a study
    "#);
}
