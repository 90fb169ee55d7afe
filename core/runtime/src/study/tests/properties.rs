//! No text makes it panic, and a resolved study is a fixed point.

use super::{Table, load_with};
use crate::study::{Components, Override, Settings, Source, Study};
use lamarck_model::declaration::Kind;
use proptest::prelude::*;

/// A study that uses everything.
const FULL: &str = r#"
[study]
name = "everything"
seed = 42
replicates = 2
summary = "ä"
[space]
plugin = "toy"
decisions = 6
[evaluator]
plugin = "nas-bench-201-table"
dataset = "cifar100"
seed = [0, 1, { x = 2.5 }]
noise = 1e-3
[strategy]
plugin = "regularized-evolution"
population = 50
sample = 5
[[mutators]]
plugin = "one-decision"
[[mutators]]
plugin = "generation-weighted"
weight = 0.5
beta = -1.0
[scheduler]
plugin = "fifo"
lookahead = 3
[cluster]
workers = 16
workers_per_node = 4
failure_rate = 0.01
[transfer]
donor = "none"
level = "cell"
[budget]
candidates = 5000
virtual_hours = 24.5
[trace]
write = true
layers = false
part_rows = 1000
[[analyzers]]
plugin = "lineage"
limits.depth = 2
[sweep]
"cluster.workers" = [1, 16]
mutators.1.beta = [0, 1.5]
"#;

/// Loads, shows what comes out and asks for places. Nothing is expected but an answer.
fn exercise(text: &str, sets: &[String]) {
    let overrides = sets.iter().map(|set| Override::set(set)).collect();
    match Study::load(Source::new("study.toml", text), overrides, &Table) {
        Ok(study) => {
            for point in study.points() {
                assert_fixed_point(&point.settings);
                study.error_at(point.index, "mutators.1", "beta", "x").to_string();
            }
        }
        Err(error) => {
            assert!(!error.issues().is_empty());
            let shown = error.to_string();
            assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        }
    }
}

fn assert_fixed_point(settings: &Settings) {
    let text = settings.to_toml();
    let again = load_with(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let [point] = again.points() else { panic!("one point") };
    assert_eq!(&point.settings, settings, "{text}");
    assert_eq!(point.settings.to_toml(), text);
}

#[test]
fn the_full_study_is_a_study() {
    let study = load_with(FULL, &[]).unwrap();
    assert_eq!(study.points().len(), 4);
    exercise(FULL, &[]);
}

#[test]
fn deep_and_large_texts_are_refused_in_peace() {
    let deep = |open: &str, close: &str| format!("x = {}{}", open.repeat(5000), close.repeat(5000));
    for text in [
        deep("[", "]"),
        deep("{a=", "}"),
        format!("{}b = 1", "a.".repeat(50_000)),
        format!("[{}b]", "a.".repeat(50_000)),
        format!("[sweep]\n{}b = [1]", "a.".repeat(70)),
        format!("[cluster]\n{}", "w = 1\n".repeat(5000)),
        format!("[sweep]\n\"cluster.workers\" = [{}]", "1,".repeat(20_000)),
        "[[mutators]]\nplugin='one-decision'\n".repeat(2000),
    ] {
        exercise(&text, &[]);
        assert!(load_with(&text, &[]).is_err());
    }
    exercise(FULL, &[format!("{}b=1", "a.".repeat(50_000))]);
}

/// Words that studies are made of, so that random texts get past the parser.
fn word() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = vec![
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "\n",
        "\"",
        "'",
        " ",
        "study",
        "space",
        "cluster",
        "workers",
        "mutators",
        "sweep",
        "plugin",
        "budget",
        "candidates",
        "\"toy\"",
        "\"fifo\"",
        "\"cluster.workers\"",
        "0",
        "1",
        "-1",
        "1.5",
        "nan",
        "true",
        "1979-05-27",
        "#",
        "\u{feff}",
        "ж",
        "\r\n",
        "\t",
        "\"\"\"",
        "\\",
    ];
    prop_oneof![
        8 => prop::sample::select(words).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_filter("JSON has no inf", |n| n.is_finite()).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in any::<String>(), set in any::<String>()) {
        exercise(&text, &[set]);
    }

    #[test]
    fn any_words_get_an_answer(words in prop::collection::vec(word(), 0..40), set in prop::collection::vec(word(), 0..8)) {
        exercise(&words.concat(), &[set.concat()]);
    }

    #[test]
    fn a_mutated_study_gets_an_answer(at in any::<prop::sample::Index>(), cut in 0_usize..12, put in word()) {
        let start = FULL.floor_char_boundary(at.index(FULL.len()));
        let end = FULL.floor_char_boundary((start + cut).min(FULL.len())).max(start);
        exercise(&format!("{}{put}{}", &FULL[..start], &FULL[end..]), &[]);
    }

    #[test]
    fn a_study_with_moved_lines_gets_an_answer(a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let mut lines: Vec<&str> = FULL.lines().collect();
        let (a, b) = (a.index(lines.len()), b.index(lines.len()));
        lines.swap(a, b);
        exercise(&lines.join("\n"), &[]);
    }

    #[test]
    fn any_option_survives_its_resolved_form(value in value(), name in "[a-z]{1,8}", summary in any::<String>()) {
        let study = load_with(FULL, &["sweep={}"]).unwrap();
        let mut settings = study.points()[0].settings.clone();
        settings.evaluator.options["seed"] = value.clone();
        settings.analyzers[0].component.options["limits"] = value;
        settings.study.name = name;
        settings.study.summary = summary;
        assert_fixed_point(&settings);
    }

    #[test]
    fn fault_paths_get_an_answer(section in any::<String>(), option in any::<String>(), point in any::<usize>()) {
        let study = load_with(FULL, &[]).unwrap();
        study.error_at(point, &section, &option, "x").to_string();
    }
}

/// The fake itself: what the tests claim is known is known.
#[test]
fn the_table_answers() {
    assert_eq!(Table.options(Kind::Strategy, "random").unwrap(), []);
    assert_eq!(Table.options(Kind::Scheduler, "random").unwrap_err().known, ["fifo"]);
}
