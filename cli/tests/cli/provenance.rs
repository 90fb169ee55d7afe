//! Where results come from: what a trace says of its making, running it again, explaining a difference, which plugins
//! may be loaded, and crates for archives.

mod crates;
mod differences;
mod locked;
mod trusted;

use crate::lab::Lab;
use serde_json::Value;
use std::fs;

/// A header, to look into.
fn header(lab: &Lab, trace: &str) -> Value {
    let text = fs::read_to_string(lab.path(trace).join("trace.json")).expect("a header");
    serde_json::from_str(&text).expect("JSON")
}

/// Changes a header as somebody with an editor would.
fn edit(lab: &Lab, trace: &str, change: impl FnOnce(&mut Value)) {
    let mut value = header(lab, trace);
    change(&mut value);
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    fs::write(lab.path(trace).join("trace.json"), text).expect("a header");
}

/// Copies a folder with all that is in it.
fn copy(lab: &Lab, from: &str, to: &str) {
    for (name, bytes) in lab.tree(from) {
        let path = lab.path(to).join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

#[test]
fn the_header_says_what_it_takes_to_run_again() {
    let lab = Lab::new();
    let study = "study.name = \"own\"\nspace.plugin = \"nas-bench-201\"\nevaluator.plugin = \"nas-bench-201-table\"\n\
                 budget.candidates = 100\n# a remark\n";
    lab.write("own.toml", study);
    let run = [
        "run",
        "own.toml",
        "--set",
        "cluster.workers = 4",
        "--seed",
        "7",
        "--set",
        "sweep.strategy.sample=[5, 10]",
    ];
    lab.run(&[&run[..], &["--out", "trace"]].concat()).done();
    let header = header(&lab, "trace");
    assert_eq!(header["study"], study, "word for word");
    let changes = ["cluster.workers=4", "sweep.strategy.sample=[5, 10]", "study.seed=7"];
    assert_eq!(header["overrides"], serde_json::json!(changes));
    assert_eq!(header["lamarck"], env!("CARGO_PKG_VERSION"));
    let plugins = header["plugins"].as_array().expect("a list");
    for kind in ["search-space", "evaluator", "strategy", "mutator", "scheduler"] {
        let plugin =
            plugins.iter().find(|plugin| plugin["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"));
        assert!(plugin["hash"].as_str().is_some_and(|hash| hash.starts_with("xxh3:")), "{plugin}");
        assert!(plugin["version"].is_string() && plugin["license"].is_string(), "{plugin}");
        let file = plugin["file"].as_str().expect("a name");
        assert!(!file.contains(std::path::MAIN_SEPARATOR), "no place of this machine: {file}");
    }
    assert!(plugins.iter().any(|plugin| plugin["references"][0] == "arXiv:1802.01548"), "{plugins:?}");
    assert!(header["sources"][0]["checksum"].as_str().is_some_and(|sum| sum.contains(':')));
    // What `--version` says and what the trace says is the same commit.
    let version = lab.run(&["--version"]).done().out();
    match header["commit"].as_str() {
        Some(commit) => {
            let digits = commit.trim_end_matches("-dirty");
            assert!(digits.len() >= 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{commit}");
            assert!(version.contains(&format!("(commit {commit})")), "{version}");
            lab.run(&["trace", "info", "trace"])
                .done()
                .says(&[&format!("commit: {commit}"), "set: study.seed=7"]);
        }
        None => assert!(version.contains("(commit not known)"), "{version}"),
    }
    assert_eq!(lab.run(&["-V"]).done().out().trim(), format!("lamarck {}", env!("CARGO_PKG_VERSION")));
    // A study without changes has no list of them.
    lab.run(&["run", "own.toml", "--out", "plain"]).done();
    assert_eq!(self::header(&lab, "plain").get("overrides"), None);
}

#[test]
fn a_header_of_before_is_read() {
    let lab = Lab::new();
    lab.small(&["--out", "trace"]).done();
    edit(&lab, "trace", |header| {
        let fields = header.as_object_mut().expect("an object");
        fields.remove("commit");
        fields.remove("overrides");
        for plugin in fields["plugins"].as_array_mut().expect("a list") {
            let plugin = plugin.as_object_mut().expect("an object");
            plugin.remove("license");
            plugin.remove("references");
        }
    });
    lab.run(&["trace", "info", "trace"]).done().says(&["complete", "lamarck 0."]);
    lab.run(&["analyze", "trace", "-a", "structure"]).code(0);
    lab.run(&["export", "ro-crate", "trace"]).done();
    // Of its commit nothing is known, and of its command line it has to be told.
    let locked = ["run", "--locked", "trace", "--out", "again", "--locked-allow", "commit"];
    lab.run(&locked).refused(4, &["budget.candidates", "was 500", "is  10000", "needs its --set again"]);
    let told = [&locked[..], &["--set", "budget.candidates=500", "--replicates", "2"]].concat();
    lab.run(&told).done().says(&["locked: the same candidates as in `trace`, to the byte: 1,000"]);
}
