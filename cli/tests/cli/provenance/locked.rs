//! `lamarck run --locked`.

use super::{copy, edit, header};
use crate::lab::{Lab, SMALL};

#[test]
fn the_same_to_the_byte() {
    let lab = Lab::new();
    let sweep = ["--set", "sweep.strategy.sample=[5, 25]", "--seed", "3"];
    lab.small(&[&sweep[..], &["--out", "trace"]].concat()).done();
    // The study comes out of the trace, with all that the command line had changed.
    lab.run(&["run", "--locked", "trace", "--out", "again", "--jobs", "1"])
        .done()
        .says(&["locked: the same as `trace`, to the byte: 2,000 candidates, 9 files"]);
    for (name, bytes) in lab.tree("trace") {
        if name.extension().is_some_and(|extension| extension == "parquet") || name.ends_with("trace.json") {
            assert!(lab.tree("again")[&name] == bytes, "{}", name.display());
        }
    }
    let json = lab.run(&["run", "--locked", "trace", "--out", "json", "--json"]).done().out();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["locked"]["same_to_the_byte"], true);
    assert_eq!(json["locked"]["diff"]["compared_runs"], 4);
}

#[test]
fn everything_that_differs_is_listed() {
    let lab = Lab::new();
    lab.small(&["--out", "trace"]).done();
    let locked = ["run", "--locked", "trace", "--out", "again"];
    edit(&lab, "trace", |header| {
        header["lamarck"] = "0.0.9".into();
        header["commit"] = "0123".into();
        header["sources"][0]["checksum"] = "xxh3:0".into();
        header["spaces"][0]["decisions"][1]["name"] = "another".into();
        header["evaluators"][0]["unit"] = "furlong".into();
        header["points"][0]["study"]["strategy"]["sample"] = 11.into();
        header["seed"] = 99.into();
    });
    let words = [
        "`trace` was not run again, since 7 things differ",
        "\n  lamarck\n    was 0.0.9\n    is  ",
        "\n  commit\n    was 0123\n    is  ",
        "\n    was xxh3:0\n    is  xxh3:",
        "\n  space decisions.1.name\n    was \"another\"\n    is  ",
        "\n  evaluator unit\n    was \"furlong\"\n    is  \"%\"",
        "\n  strategy.sample\n    was 11\n    is  10",
        "\n  seed\n    was 99\n    is  1",
        "--locked-allow data,lamarck,commit",
    ];
    lab.run(&locked).refused(4, &words);
    // What is allowed is no reason, and is told all the same.
    let allow = ["--locked-allow", "lamarck,commit", "--locked-allow", "data"];
    let ended = lab
        .run(&[&locked[..], &allow].concat())
        .refused(4, &["since 4 things differ", "differing, and allowed: "]);
    assert!(!ended.err().contains("0123"), "{}", ended.err());
    assert!(!lab.path("again").exists(), "nothing was run");
}

#[test]
fn another_plugin_is_not_loaded() {
    let lab = Lab::new();
    lab.small(&["--out", "trace"]).done();
    edit(&lab, "trace", |header| {
        for plugin in header["plugins"].as_array_mut().expect("a list") {
            if plugin["kind"] == "mutator" {
                plugin["version"] = "0.0.1".into();
            }
            if plugin["kind"] == "scheduler" {
                plugin["name"] = "gone".into();
            }
        }
        // Is only known with the plugins at work.
        header["sources"][0]["checksum"] = "xxh3:0".into();
    });
    let locked = ["run", "--locked", "trace", "--out", "again"];
    let words = [
        "2 things differ",
        "\n  mutator one-decision\n    was lamarck-mutators 0.0.1, xxh3:",
        "\n  scheduler gone\n    was lamarck-schedulers ",
        "\n    is  absent",
        "settings, data and descriptions were not compared: that takes the plugins",
        "--locked-allow plugins",
        "--plugin-path",
    ];
    lab.run(&locked).refused(3, &words);
    edit(&lab, "trace", |header| {
        for plugin in header["plugins"].as_array_mut().expect("a list") {
            if plugin["kind"] == "scheduler" {
                plugin["name"] = "fifo".into();
            }
        }
    });
    let allowed = [&locked[..], &["--locked-allow", "plugins"]].concat();
    lab.run(&allowed).refused(4, &["1 thing differs", "was xxh3:0", "allowed: mutator one-decision"]);
    // Another build that makes the same: now it is known.
    let allowed = [&locked[..], &["--locked-allow", "plugins,data"]].concat();
    lab.run(&allowed).done().says(&[
        "locked: the same candidates as in `trace`, to the byte: 1,000; the header differs in mutator",
    ]);
}

/// A trace whose candidates are not those of its header.
#[test]
fn not_the_same() {
    let lab = Lab::new();
    lab.small(&["--out", "one"]).done();
    lab.small(&["--out", "two", "--seed", "2"]).done();
    copy(&lab, "two", "forged");
    std::fs::copy(lab.path("one/trace.json"), lab.path("forged/trace.json")).expect("a copy");
    lab.run(&["run", "--locked", "forged", "--out", "again"]).code(1).says(&[
        "locked: not the same as `forged`",
        "points to: a random stream; nothing in the headers explains it",
    ]);
    // What came of it is a trace all the same.
    lab.run(&["trace", "diff", "one", "again"]).done();
}

#[test]
fn what_cannot_be_run_again() {
    let lab = Lab::new();
    lab.small(&["--out", "trace", "--set", "transfer.donor=parent"]).done();
    lab.run(&["replay", "trace", "--scheduler", "fifo", "--out", "replay"]).code(0);
    let refused = |trace: &str, words: &[&str]| {
        lab.run(&["run", "--locked", trace, "--out", "again"]).refused(2, words);
    };
    refused("replay", &["`replay` is a replay of a trace of", "lamarck replay", "trace diff"]);
    copy(&lab, "trace", "imported");
    edit(&lab, "imported", |header| {
        header["points"] = serde_json::json!([]);
        header["study"] = "".into();
    });
    refused("imported", &["was not made by a study", "imported log"]);
    lab.small(&["--out", "half", "--pause-after", "100"]).code(130);
    refused("half", &["`half` is not complete (point 0, replicate 0 is interrupted)", "--resume"]);
    lab.run(&["run", "--locked", "nowhere"]).refused(4, &["`nowhere` holds no trace"]);
}

#[test]
fn a_locked_run_names_no_study() {
    let lab = Lab::new();
    lab.small(&["--out", "trace"]).done();
    let before = header(&lab, "trace");
    lab.run(&["run", "nas-bench-201", "--locked", "trace"]).code(2);
    lab.run(&["run", "--locked", "trace", "--out", "trace", "--overwrite"]).code(2);
    lab.run(&["run", "--locked", "trace", "--out", "trace"]).refused(2, &["`trace` is not empty"]);
    lab.run(&[&["run"], &SMALL[..], &["--locked-allow", "commit"]].concat()).code(2);
    assert_eq!(before, header(&lab, "trace"), "left alone");
}
