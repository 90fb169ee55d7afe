//! `lamarck plugins check` and `info`: every shipped plugin holds every rule, and those that misbehave break the right one.

use crate::lab::{Lab, fixture, has_python};
use serde_json::Value;

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The names of the broken rules of each component: `(kind and name, rules)`.
fn broken(json: &str) -> Vec<(String, Vec<String>)> {
    let json: Value = serde_json::from_str(json).expect("JSON");
    let rules = |component: &Value| {
        let broken = list(&component["rules"]).iter().filter(|rule| rule["verdict"] == "broken");
        broken.map(|rule| text(&rule["rule"]).to_owned()).collect()
    };
    list(&json["components"])
        .iter()
        .map(|component| {
            (format!("{} {}", text(&component["kind"]), text(&component["name"])), rules(component))
        })
        .collect()
}

#[test]
fn every_shipped_plugin_holds_every_rule() {
    let lab = Lab::new();
    let listed: Value = serde_json::from_str(&lab.run(&["plugins", "list", "--json"]).done().out()).unwrap();
    let (mut components, mut held) = (0, 0);
    for library in list(&listed["libraries"]) {
        let file = text(&library["file"]);
        // Checked below, with programs.
        if file.contains("lamarck_external") {
            continue;
        }
        let checked = lab.run(&["plugins", "check", file, "--json"]).done().out();
        for (component, rules) in broken(&checked) {
            assert!(rules.is_empty(), "{component} breaks {rules:?}");
            components += 1;
        }
        let checked: Value = serde_json::from_str(&checked).unwrap();
        for component in list(&checked["components"]) {
            assert_eq!(component["not_checked"], Value::Null);
            held += list(&component["rules"]).iter().filter(|rule| rule["verdict"] == "held").count();
        }
    }
    for kind in ["mutator", "strategy"] {
        components += 1;
        if !has_python() {
            continue;
        }
        let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/external/examples");
        let command = format!("command=[\"python3\", \"{examples}/{kind}.py\"]");
        let words = [
            "plugins",
            "check",
            "external",
            "--kind",
            kind,
            "--space",
            "nas-bench-201",
            "--set",
            &command,
            "--json",
        ];
        let checked = lab.run(&words).done().out();
        let [(_, rules)] = &broken(&checked)[..] else { panic!("{checked}") };
        assert!(rules.is_empty() && checked.contains("\"held\""), "{checked}");
    }
    let all: usize =
        list(&listed["libraries"]).iter().map(|l| list(&l["manifest"]["components"]).len()).sum();
    assert_eq!(components, all);
    assert!(held > 8 * all, "{held} rules held by {all} components");
}

#[test]
fn those_that_misbehave_break_the_right_rule() {
    let lab = Lab::new();
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            "misbehaves",
            &[
                ("search-space nowhere", "the description makes sense"),
                ("evaluator not-a-number", "outcomes make sense"),
                ("mutator out-of-range", "children are in range"),
                ("strategy necromancer", "selects what it may"),
                ("scheduler idler", "never stalls"),
            ],
        ),
        (
            "panics",
            &[
                ("evaluator panics", "does not panic"),
                ("mutator panics", "makes children"),
                ("strategy panics", "answers"),
                ("scheduler panics", "answers"),
                ("analyzer panics", "reads a run"),
            ],
        ),
        (
            "fails",
            &[
                ("evaluator fails", "evaluates something"),
                ("mutator fails", "makes children"),
                ("strategy fails", "answers"),
                ("scheduler fails", "answers"),
                ("analyzer fails", "reads a run"),
            ],
        ),
    ];
    for (name, expected) in cases {
        let checked = lab.run(&["plugins", "check", &fixture(name), "--json"]).code(3);
        assert_eq!(checked.err(), "");
        let found = broken(&checked.out());
        for (component, rule) in *expected {
            let (_, rules) = found.iter().find(|(found, _)| found == component).expect(component);
            assert_eq!(rules.first().map(String::as_str), Some(*rule), "of {component}");
        }
    }
    // A library that cannot be loaded has nothing to check, and says why as everywhere.
    lab.run(&["plugins", "check", &fixture("wrong_layout")]).refused(3, &["other types than this lamarck"]);
    lab.run(&["plugins", "check", &fixture("no_manifest")]).refused(3, &["not a Lamarck plugin"]);
    // Its panic comes before there is anything of the SDK to catch it, and so is printed as well.
    let ended = lab.run(&["plugins", "check", &fixture("bad_start")]).code(3);
    assert!(ended.err().contains("error: cannot load plugin"), "{}", ended.err());
}

#[test]
fn a_verdict_reads_well() {
    let lab = Lab::new();
    let checked = lab.run(&["plugins", "check", &fixture("misbehaves"), "--kind", "scheduler"]).code(3).out();
    let lines: Vec<&str> = checked.lines().skip(2).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"

    scheduler idler
      rule                         verdict         cases
      created                      held               16
      answers                      held                8
      positions are in range       not applicable      0  not reached, since "never stalls" is broken
      each at most once            not applicable      0  not reached, since "never stalls" is broken
      never stalls                 BROKEN              8
      everybody gets a turn        not applicable      0  not reached, since "never stalls" is broken
      same situation, same answer  held                8
      wants the same               held                8
      note: it does not look at caches
      note: it left both a candidate and a worker waiting 8 times

      broken: never stalls
        demanded  with nothing running it places somebody, or asks to be asked again later; else the run would hang
        found     one worker, at 0 us with 1 ready and 1 idle: all workers idle, nobody is placed, and it asks for no later moment

    1 rule broken, 4 held, 3 not applicable
    "#);
    lab.run(&["plugins", "check", "one-decision", "--space", "nas-bench-201"]).done().says(&[
        "mutator one-decision, in nas-bench-201",
        "0 rules broken, 10 held, 1 not applicable",
        "0.0 % of 400 children are their parents",
    ]);
    let noop = ["plugins", "check", "one-decision", "--space", "nas-bench-201", "--set", "noop=true"];
    lab.run(&noop).done().says(&["% of 400 children are their parents", "0.8"]);
}

#[test]
fn an_option_that_must_be_set_is_asked_for() {
    let lab = Lab::new();
    let file = fixture("misbehaves");
    let check = |more: &[&str]| {
        lab.run(
            &[&["plugins", "check", "needy", "--plugin-path", &file, "--space", "candle-nt3"], more].concat(),
        )
    };
    check(&[]).done().says(&[
        "not checked: it needs the option `steps`, a whole number from 1 to 9",
        "(--set steps=..)",
        "1 component not checked",
    ]);
    check(&["--set", "steps=2"]).done().says(&["in candle-nt3", "100.0 % of 400 children are their parents"]);
    check(&["--set", "steps=10"]).refused(2, &["--set steps: expected a whole number from 1 to 9, found 10"]);
    check(&["--set", "steps=9"]).code(3).says(&["broken: created", "nine steps are too many after all"]);
}

#[test]
fn what_is_wrong_on_the_command_line_is_said() {
    let lab = Lab::new();
    let refused = |arguments: &[&str], words: &[&str]| {
        lab.run(&[&["plugins", "check"], arguments].concat()).refused(2, words);
    };
    refused(&["nobody"], &["no plugin provides a component `nobody`", "one-decision"]);
    refused(&["fifo", "--kind", "mutator"], &["no plugin provides a mutator `fifo`", "node-first"]);
    refused(&["fifo", "--set", "patience"], &["expected KEY=VALUE"]);
    refused(&["fifo", "--set", "patience=3"], &["--set patience", "none of the components and spaces"]);
    refused(
        &["node-first", "--space", "nas-bench-202"],
        &["no plugin provides the search space", "nas-bench-201"],
    );
    refused(&[&fixture("panics"), "--kind", "search-space"], &["provides no search space to check"]);
    lab.run(&["plugins", "check", "./missing.so"]).refused(3, &["cannot read plugin `./missing.so`"]);
    // An evaluator is not made for a space that it does not know; named outright, it must do.
    let table = ["plugins", "check", "nas-bench-201-table", "--space", "candle-nt3"];
    lab.run(&table).code(3).says(&["broken: created", "candle-nt3"]);
}

/// What `info` says, without what differs between machines and builds.
fn info(lab: &Lab, name: &str) -> String {
    let told = lab.run(&["plugins", "info", name]).done().out();
    let lines = told.lines().map(|line| {
        let fact = line.strip_prefix("  ").and_then(|line| line.split_whitespace().next());
        match fact {
            Some(fact @ ("file" | "hash" | "built")) if line.starts_with(&format!("  {fact} ")) => {
                format!("  {fact} ..")
            }
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn info_is_a_table_of_options_and_the_facts_of_the_library() {
    let lab = Lab::new();
    insta::assert_snapshot!(info(&lab, "regularized-evolution"), @r#"
    strategy regularized-evolution
      mutates the best of a random sample of the last finished candidates; the oldest leave, whatever their score
      see arXiv:1802.01548 <https://arxiv.org/abs/1802.01548>
      see arXiv:2309.12576 <https://arxiv.org/abs/2309.12576>

      option       type     default      range                     unit        what it does
      population   integer  100          1 to 1,000,000            candidates  how many of the last finished candidates can be parents
      sample       integer  10           1 to 1,000,000            candidates  how many members a tournament has; the best is the parent
      replacement  bool     false                                              whether a member may be drawn more than once into a
                                                                               tournament
      start        choice   "completed"  completed | submitted |               evolution begins once `population` candidates have
                                         waited                                completed (sampling meanwhile), once that many were
                                                                               submitted (tournaments among those that have completed),
                                                                               or once that many have completed, workers waiting
                                                                               meanwhile
      failures     choice   "worst"      worst | ignore                        whether a candidate without a score enters the population,
                                                                               worse than any other, or never does
      duplicates   choice   "keep"       keep | reject                         whether a vector that was submitted before is evaluated
                                                                               again, or rejected and the proposal drawn anew
      max_redraws  integer  1,000        0 to 1,000,000            rejections  with duplicates = "reject": how many rejections in a row
                                                                               before a duplicate is accepted after all

      in a study:
        [strategy]
        plugin = "regularized-evolution"

    library lamarck-regularized-evolution 0.1.0
      file ..
      hash ..
      licence     MIT OR Apache-2.0
      authors     The Lamarck developers
      repository  not given
      built ..
      built ..
    "#);
    insta::assert_snapshot!(info(&lab, "node-first"), @r#"
    mutator node-first
      changes one decision of a node drawn with equal chance, as NAS-Bench-201's reference script does
      see arXiv:2001.00326 <https://arxiv.org/abs/2001.00326>
      see arXiv:1802.01548 <https://arxiv.org/abs/1802.01548>

      no options

      in a study:
        [[mutators]]
        plugin = "node-first"

    library lamarck-mutators 0.1.0
      file ..
      hash ..
      licence     MIT OR Apache-2.0
      authors     The Lamarck developers
      repository  not given
      built ..
      built ..
    "#);
    let json: Value =
        serde_json::from_str(&lab.run(&["plugins", "info", "synthetic", "--json"]).done().out()).unwrap();
    let library = &json["libraries"][0];
    assert!(text(&library["hash"]).starts_with("xxh3:"));
    assert_eq!(library["manifest"]["name"], "lamarck-synthetic");
    let option = &library["components"][0]["options"][1];
    assert_eq!((&option["name"], &option["type"]), (&"interactions".into(), &"float".into()));
    assert_eq!((&option["min"], &option["max"], &option["default"]), (&0.0.into(), &1.0.into(), &0.3.into()));
    // A file is told about as a whole.
    let all = lab.run(&["plugins", "info", &fixture("misbehaves")]).done();
    all.says(&[
        "mutator needy",
        "required",
        "1 to 9",
        "plugin = \"needy\"",
        "steps = ..  # a whole number from 1 to 9",
        "scheduler idler",
    ]);
}
