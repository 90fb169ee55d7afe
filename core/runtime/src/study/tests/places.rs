//! Messages about overrides, sweeps, files and places, as a user sees them.

use super::{SHORT, Table, error_of, error_of_sets, load_with, short_with};
use crate::study::{IssueKind, Source, Study, StudyErrorKind};
use insta::assert_snapshot;

#[test]
fn overrides() {
    assert_snapshot!(error_of_sets(&["cluster.workers=x"]), @r#"
    in --set cluster.workers=x: cluster.workers: expected a whole number from 1 to 1000000, found "x"
     help: `workers`: candidates that train at the same time (default 1)
    "#);
    let error = error_of_sets(&[
        "cluster.workers",
        "a..b=1",
        "budget.candidates.x=1",
        "mutators.3.weight=1",
        "mutators.x=1",
        "analyzers.1.plugin=lineage",
        "study.summary=[1",
        "\"a=1",
    ]);
    assert!(error.issues().iter().all(|issue| issue.kind() == IssueKind::Override));
    assert_snapshot!(error, @r#"
    8 problems in study.toml

    in --set cluster.workers: expected KEY=VALUE
     help: write --set cluster.workers=64, say

    in --set a..b=1: the key has an empty part
     help: write --set cluster.workers=64, say

    in --set budget.candidates.x=1: budget.candidates.x: `budget.candidates` is 1000, so it has no key `x`

    in --set mutators.3.weight=1: mutators.3.weight: `mutators` is a list of 1; what can be added next is `mutators.1`

    in --set mutators.x=1: mutators.x: `mutators` is a list of 1; what can be added next is `mutators.1`

    in --set analyzers.1.plugin=lineage: analyzers.1.plugin: `analyzers` is a list of 0; what can be added next is `analyzers.0`

    in --set study.summary=[1: study.summary: unclosed array, expected `]`

    in --set "a=1: expected KEY=VALUE
     help: write --set cluster.workers=64, say
    "#);
    assert_snapshot!(error_of_sets(&["cluster=3", "clustr.workers=3"]), @r"
    2 problems in study.toml

    in --set clustr.workers=3: clustr: unknown section
     help: did you mean `cluster`?

    in --set cluster=3: cluster: expected a table, found 3
     help: write it as [cluster] with its keys on the lines below
    ");
}

#[test]
fn sweeps() {
    let error = error_of(
        r#"
[sweep]
"cluster.workers" = []
"strategy.sample" = 5
"study.name" = ["a"]
"clutser.workers" = [1]
"mutators.0.weight" = [1, 2, 1]
"#,
    );
    assert!(error.issues().iter().all(|issue| issue.kind() == IssueKind::Sweep));
    assert_snapshot!(error, @r#"
    5 problems in study.toml

    study.toml:9:1: sweep."cluster.workers": the list is empty
     9 | "cluster.workers" = []
       | ^^^^^^^^^^^^^^^^^
     help: list the values to try, or leave the key out

    study.toml:10:21: sweep."strategy.sample": expected a list of values, found 5
     10 | "strategy.sample" = 5
        |                     ^
     help: write [5]

    study.toml:11:1: sweep."study.name": `study.name` is the same for all points of a study
     11 | "study.name" = ["a"]
        | ^^^^^^^^^^^^

    study.toml:12:1: sweep."clutser.workers": there is no section `clutser`
     12 | "clutser.workers" = [1]
        | ^^^^^^^^^^^^^^^^^
     help: did you mean `cluster`?

    study.toml:13:30: sweep."mutators.0.weight": 1 is in the list twice
     13 | "mutators.0.weight" = [1, 2, 1]
        |                              ^
    "#);
    // What only a point can show, at the place in the list or at the key.
    assert_snapshot!(error_of("[sweep]\n\"cluster.workers\" = [1, 0, 4]\n\"strategy.sampel\" = [5]\n"), @r#"
    2 problems in study.toml

    study.toml:8:25: cluster.workers: expected a whole number from 1 to 1000000, found 0
     8 | "cluster.workers" = [1, 0, 4]
       |                         ^
     help: `workers`: candidates that train at the same time (default 1)

    study.toml:9:1: strategy.sampel: unknown key of the strategy `regularized-evolution`
     9 | "strategy.sampel" = [5]
       | ^^^^^^^^^^^^^^^^^
     help: did you mean `sample`?
    "#);
    let text = "[sweep]\nstrategy = [{}]\n'strategy.sample' = [1]\n'mutators.0.' = [1]\n'budget.candidates.x' = [1]\n";
    assert_snapshot!(error_of(text), @r#"
    3 problems in study.toml

    study.toml:9:1: sweep."strategy.sample": overlaps with `strategy`, which is swept too
     9 | 'strategy.sample' = [1]
       | ^^^^^^^^^^^^^^^^^

    study.toml:10:1: sweep: "mutators.0.": the key has an empty part
     10 | 'mutators.0.' = [1]
        | ^^^^^^^^^^^^^

    study.toml:11:1: sweep."budget.candidates.x": `budget.candidates` is 1000, so it has no key `x`
     11 | 'budget.candidates.x' = [1]
        | ^^^^^^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(load_with(&format!("sweep = 4\n{SHORT}"), &[]).unwrap_err(), @r#"
    study.toml:1:9: sweep: expected a table, found 4
     1 | sweep = 4
       |         ^
     help: write [sweep] and below it "cluster.workers" = [1, 16]
    "#);
    let text =
        "[strategy]\npopulation = 5\n[sweep]\nstrategy.plugin = [\"regularized-evolution\", \"random\"]";
    assert_snapshot!(error_of(text), @r"
    study.toml:8:1: strategy.population: unknown key of the strategy `random`
     8 | population = 5
       | ^^^^^^^^^^
     help: known keys are `plugin`
    ");
}

#[test]
fn too_much() {
    let hundred: Vec<String> = (1..=101).map(|n| n.to_string()).collect();
    let hundred = hundred.join(", ");
    let sweep = format!("[sweep]\ncluster.workers = [{hundred}]\nstrategy.sample = [{hundred}]\n");
    assert_snapshot!(error_of(&sweep), @r"
    study.toml:8:9: sweep: 101 × 101 points are more than 10000
     8 | cluster.workers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
       |         ^^^^^^^
     help: split the study
    ");
    let sweep = format!("[study]\nreplicates = 100_000\n[sweep]\ncluster.workers = [{hundred}]\n");
    assert_snapshot!(error_of(&sweep), @r"
    study.toml:8:14: study.replicates: 101 sweep points make 10100000 runs, more than 1000000
     8 | replicates = 100_000
       |              ^^^^^^^
     help: set fewer replicates
    ");
    let many: Vec<String> = (0..150).map(|n| format!("x{n} = 1")).collect();
    let error = error_of(&format!("[cluster]\n{}\n", many.join("\n"))).to_string();
    assert!(error.starts_with("100 problems in study.toml"), "{error}");
    assert!(error.ends_with("and 80 more"), "{error}");
}

#[test]
fn folder_names() {
    assert_snapshot!(error_of("[study]\nname = \"../x\"\n"), @r#"
    study.toml:8:8: study.name: "../x" is no name for a folder
     8 | name = "../x"
       |        ^^^^^^
     help: use at most 128 bytes, without slashes and with no dot in front
    "#);
}

#[test]
fn faults_of_components_find_their_place() {
    let text = r#"
[strategy]
sample = 200
[sweep]
"strategy.population" = [100, 300]
[[analyzers]]
plugin = "lineage"
limits = { depth = 2, widths = [1, 2] }
"#;
    let study = short_with(text, &["evaluator.noise=0.5"]).unwrap();
    let refused = "must not be larger than the population";
    assert_snapshot!(study.error_at(0, "strategy", "sample", refused), @r"
    study.toml:9:10: strategy.sample: must not be larger than the population
     9 | sample = 200
       |          ^^^
     help: this is the sweep point strategy.population=100
    ");
    assert_snapshot!(study.error_at(1, "strategy", "population", "is too large"), @r#"
    study.toml:11:31: strategy.population: is too large
     11 | "strategy.population" = [100, 300]
        |                               ^^^
     help: this is the sweep point strategy.population=300
    "#);
    assert_snapshot!(study.error_at(0, "analyzers.0", "limits.widths[1]", "is odd"), @r"
    study.toml:14:36: analyzers.0.limits.widths.1: is odd
     14 | limits = { depth = 2, widths = [1, 2] }
        |                                    ^
     help: this is the sweep point strategy.population=100
    ");
    assert_snapshot!(study.error_at(0, "evaluator", "noise", "is too loud"), @r"
    in --set evaluator.noise=0.5: evaluator.noise: is too loud
     help: this is the sweep point strategy.population=100
    ");
    // Defaults have no place of their own: the section's header, or the study.
    assert_snapshot!(study.error_at(0, "evaluator", "dataset", "has no file"), @r"
    study.toml:3:1: evaluator.dataset: has no file
     3 | [evaluator]
       | ^^^^^^^^^^^
     help: this is the sweep point strategy.population=100
    ");
    assert_snapshot!(study.error_at(0, "scheduler", ".", "is not in the mood"), @r"
    study.toml: scheduler: is not in the mood
     help: this is the sweep point strategy.population=100
    ");
    assert_eq!(study.error_at(9, "nowhere.5", "a[?].b]", "x").issues()[0].kind(), IssueKind::Component);
}

#[test]
fn long_lines_and_control_characters_stay_harmless() {
    let filler = "x".repeat(300);
    let text = format!("space = {{ plugin = \"toy\", decisions = 3, summary = \"{filler}\", workers = 1 }}");
    let sets = ["evaluator.plugin=nas-bench-201-table", "budget.candidates=1"];
    assert_snapshot!(load_with(&text, &sets).unwrap_err(), @r#"
    2 problems in study.toml

    study.toml:1:42: space.summary: unknown key of the search space `toy`
     1 | space = { plugin = "toy", decisions = 3, summary = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
       |                                          ^^^^^^^
     help: `summary` is a key of [study]

    study.toml:1:356: space.workers: unknown key of the search space `toy`
     1 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", workers = 1 }
       |                                         ^^^^^^^
     help: `workers` is a key of [cluster]
    "#);
    let error = error_of("[study]\nname = \"a\\u001b[31m\\u009b\"\n").to_string();
    assert!(!error.chars().any(|c| c.is_control() && c != '\n'), "{error:?}");
    let error = error_of_sets(&["study.name=\u{1b}]0;x\u{7}", "\u{1b}[2J=1", "\"\u{9b}\"=1"]).to_string();
    assert!(!error.chars().any(|c| c.is_control() && c != '\n'), "{error:?}");
    // Columns count characters; a byte order mark is none.
    let text = "\u{feff}\"ключ\" = 1 \r\n[budget]\r\ncandidates = 0";
    assert_snapshot!(load_with(text, &["space.plugin=toy"]).unwrap_err(), @r#"
    4 problems in study.toml

    study.toml:1:1: "ключ": unknown section
     1 | "ключ" = 1
       | ^^^^^^
     help: known sections are `study`, `plugins`, `space`, `evaluator`, `strategy`, `mutators`, `scheduler`, `cluster`, `transfer`, `budget`, `trace`, `analyzers`, `sweep`

    study.toml:3:14: budget.candidates: expected a whole number of at least 1, found 0
     3 | candidates = 0
       |              ^
     help: `candidates`: candidates per run

    in --set space.plugin=toy: space.decisions: missing: a whole number from 1 to 64
     help: `decisions`: how many decisions

    study.toml: evaluator.plugin: missing: the name of an evaluator
     help: write plugin = "…" below [evaluator]; known are `nas-bench-201-table`
    "#);
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.toml");
    let shown = |error: String| error.replace(&path.display().to_string(), "study.toml");
    let error = Source::read(&path).unwrap_err();
    assert_eq!(error.kind(), StudyErrorKind::Unreadable);
    assert!(shown(error.to_string()).starts_with("study.toml: cannot read the study: "), "{error}");
    std::fs::write(&path, b"[study]\nname = \"\xff\"\n").unwrap();
    assert_snapshot!(shown(Source::read(&path).unwrap_err().to_string()), @r#"
    study.toml:2:9: this byte is no UTF-8
     2 | name = "�"
       |         ^
     help: save the file as UTF-8
    "#);
    std::fs::write(&path, vec![b' '; 1 << 20]).unwrap();
    assert!(Source::read(&path).is_ok());
    std::fs::write(&path, vec![b' '; (1 << 20) + 1]).unwrap();
    assert_snapshot!(shown(Source::read(&path).unwrap_err().to_string()), @r"
    study.toml: larger than 1 MiB
     help: is this the study's file?
    ");
    std::fs::write(&path, SHORT).unwrap();
    let study = Study::load(Source::read(&path).unwrap(), Vec::new(), &Table).unwrap();
    assert_eq!((study.name(), study.source().text()), ("study", SHORT));
}
