//! `lamarck plugins new`: all six crates are built, tested and run as their README says, and what was refused left nothing.
//!
//! In this package because cargo tells only the tests of the binary's own package where the binary is.

use crate::lab::Lab;
use crate::markdown::blocks;
use crate::workshop::Workshop;
use lamarck_model::{CandidateRecord, Nullable, Origin, Status};
use lamarck_runtime::trace::{RunKey, Trace};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const KINDS: [&str; 6] = ["mutator", "strategy", "search-space", "evaluator", "scheduler", "analyzer"];

/// One run of a trace.
fn run(trace: &Trace, point: u32) -> Vec<CandidateRecord> {
    trace.head(RunKey { point, replicate: 0 }, usize::MAX).expect("rows")
}

fn json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("a file")).expect("JSON")
}

#[test]
fn all_six_build_pass_their_tests_and_run() {
    let mut shop = Workshop::new("six", "--set budget.candidates=300 --replicates 2");
    for kind in KINDS {
        let name = format!("my-{kind}");
        shop.home();
        let said = shop.shell(&format!("lamarck plugins new {name} --kind {kind}\ncd {name}"));
        assert!(
            said.contains("\n  cargo build --release\n  ") && said.contains("lamarck run study.toml\n"),
            "{said}"
        );

        // The commands of its README, block by block, as they stand there.
        let readme = fs::read_to_string(shop.here().join("README.md")).expect("a README");
        let commands = blocks(&readme, "sh");
        assert_eq!(commands.len(), 2, "{readme}");
        let said = shop.shell(&commands[0]);
        assert!(said.contains("test result: ok.") && !said.contains("; 1 ignored"), "{said}");
        assert!(said.contains(&format!("trace: lamarck-out/{name}")), "{said}");
        let points = if kind == "search-space" { 1 } else { 2 };
        assert!(said.contains(&format!("{} candidates in ", ["600", "1,200"][points - 1])), "{said}");
        let said = shop.shell(&commands[1]);
        assert!(said.contains(&format!("trace: lamarck-out/{name}-2")), "{said}");

        // The plugin took part, and it is the library that was just built.
        let library = format!("{}{}", std::env::consts::DLL_PREFIX, name.replace('-', "_"));
        let library = format!("target/release/{library}{}", std::env::consts::DLL_SUFFIX);
        let info: Value =
            serde_json::from_str(&shop.shell(&format!("lamarck plugins info ./{library} --json")))
                .expect("JSON");
        let verdict = shop.shell(&format!("lamarck plugins check ./{library} --json"));
        let verdict: Value = serde_json::from_str(&verdict).expect("JSON");
        let component = &verdict["components"][0];
        assert_eq!(
            (&component["broken"], &component["name"]),
            (&false.into(), &name.as_str().into()),
            "{verdict:#}"
        );
        assert!(component["rules"].as_array().is_some_and(|rules| rules.len() > 3), "{verdict:#}");
        let out = shop.here().join("lamarck-out").join(&name);
        let trace = Trace::open(&out).expect("a trace");
        let plugin = trace.header().plugins.iter().find(|plugin| plugin.name == name).expect("it took part");
        assert_eq!((plugin.kind.as_str(), plugin.library.as_str()), (kind, name.as_str()));
        assert_eq!(Some(plugin.hash.as_str()), info["libraries"][0]["hash"].as_str());
        assert!(plugin.hash.starts_with("xxh3:"), "{}", plugin.hash);
        match kind {
            "mutator" => mutator(&trace),
            "strategy" => strategy(&trace),
            "search-space" => search_space(&trace),
            "evaluator" => evaluator(&trace),
            "scheduler" => scheduler(&trace),
            _ => analyzer(&json(&out.join("report.json"))),
        }
    }
}

/// One decision changes beside it; with it more than one does in about half of the children.
fn mutator(trace: &Trace) {
    let wide = |point| {
        let children = run(trace, point).into_iter().filter(|row| row.origin() == Some(Origin::Mutation));
        let changed: Vec<u16> = children.map(|row| row.changed).collect();
        assert!(changed.len() > 200);
        changed.iter().filter(|&&changed| changed > 1).count() as f64 / changed.len() as f64
    };
    assert!(wide(0).abs() < f64::EPSILON);
    assert!((0.35..0.65).contains(&wide(1)), "{}", wide(1));
}

/// Parents are among the best so far, where regularized evolution lets the oldest go.
fn strategy(trace: &Trace) {
    let rows = run(trace, 1);
    for row in rows.iter().filter(|row| row.origin() == Some(Origin::Mutation)) {
        assert!((1..=20).contains(&row.parent_rank), "{row:?}");
    }
    // The mean rank of the best of five out of twenty, drawn with repetition, is below 4.
    let ranks: Vec<f64> = rows.iter().filter_map(|row| row.parent_rank.known()).map(f64::from).collect();
    assert!(ranks.len() > 200 && ranks.iter().sum::<f64>() / (ranks.len() as f64) < 5.0, "{ranks:?}");
}

/// Networks have layers, and children took some over.
fn search_space(trace: &Trace) {
    assert!(trace.header().synthetic);
    let rows = run(trace, 0);
    assert!(
        rows.iter().all(|row| row.choices.len() == 6 && row.layers >= 4 && row.bytes == 4 * row.parameters)
    );
    assert!(
        rows.iter().filter(|row| row.prefix_layers.known().is_some_and(|layers| layers > 1)).count() > 50
    );
}

/// Scores are the formula's, and what is inherited spares time.
fn evaluator(trace: &Trace) {
    assert!(trace.header().synthetic);
    assert_eq!(trace.header().evaluators[0].score, "synthetic score by size");
    let time = |point| {
        let rows = run(trace, point);
        for row in &rows {
            assert_eq!(row.status(), Some(Status::Ok));
            let ratio = row.parameters as f64 / 1e6;
            assert!((row.score - 400.0 * ratio / (1.0 + ratio).powi(2)).abs() <= 1.0, "{row:?}");
        }
        rows.iter().map(|row| row.train_us as f64 / row.parameters as f64).sum::<f64>()
    };
    assert!(time(1) < 0.95 * time(0));
}

/// The same candidates, at other times.
fn scheduler(trace: &Trace) {
    let (mut fifo, mut ours) = (run(trace, 0), run(trace, 1));
    let order = |rows: &[CandidateRecord]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_ne!(order(&fifo), order(&ours));
    fifo.sort_by_key(|row| row.id);
    ours.sort_by_key(|row| row.id);
    assert!(fifo.iter().zip(&ours).all(|(a, b)| a.choices == b.choices && a.parent == b.parent));
}

/// Its findings stand in the report, closed forms beside them.
fn analyzer(report: &Value) {
    let section = &report["sections"][0];
    assert_eq!(section["analyzer"], "my-analyzer");
    let records = &section["findings"][0];
    assert_eq!(records["key"], "records");
    for value in records["values"].as_array().expect("a value a point") {
        assert!(value["value"].as_f64().is_some_and(|records| (1.0..40.0).contains(&records)), "{value}");
        // 1 + 1/2 + .. + 1/300
        assert!(value["theory"].as_f64().is_some_and(|theory| (theory - 6.282_664).abs() < 1e-6), "{value}");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn the_code_is_as_rustfmt_would_have_it() {
    let lab = Lab::new();
    if Command::new("rustfmt").arg("--version").output().is_err() {
        println!("skipped: there is no rustfmt");
        return;
    }
    for kind in KINDS {
        // However long the name is, and outside this repository with its own settings.
        for name in ["m", "a-very-long-name-for-a-plugin-that-nobody-would-want-to-type"] {
            let path = format!("{name}-{kind}-crate");
            lab.run(&["plugins", "new", name, "--kind", kind, "--path", &path]).done();
            let check = Command::new("rustfmt")
                .args(["--check", "--edition", "2024"])
                .arg(lab.path(&path).join("src/lib.rs"))
                .output()
                .expect("rustfmt");
            assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
        }
    }
}

#[test]
fn what_is_refused_leaves_nothing() {
    let lab = Lab::new();
    let new = |arguments: &[&str]| lab.run(&[&["plugins", "new"], arguments].concat());
    new(&["Wide", "--kind", "mutator"]).refused(2, &["`Wide` cannot be the name of a plugin", "lower-case"]);
    new(&["match", "--kind", "mutator"]).refused(2, &["keyword of Rust"]);
    new(&["fifo", "--kind", "mutator"])
        .refused(2, &["there is a scheduler `fifo` already, in `", "another name"]);
    new(&["a", "--kind", "operator"]).code(2);
    new(&["a"]).code(2);
    new(&["a", "--kind", "mutator", "--path", "no/where"]).refused(2, &["`no`", "is no folder"]);
    new(&["a", "--kind", "mutator", "--sdk", "."]).refused(2, &["`.` holds no lamarck-sdk", "core/sdk"]);
    new(&["a", "--kind", "mutator", "--sdk", ".", "--sdk-git", "x"]).code(2);
    lab.write("file", "");
    for there in ["data-home", "file"] {
        new(&["a", "--kind", "mutator", "--path", there]).refused(2, &["exists already", "--path"]);
    }
    let names = |lab: &Lab| -> Vec<_> {
        let entries = fs::read_dir(lab.path("")).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name()).collect()
    };
    assert_eq!(names(&lab).len(), 2, "{:?}", names(&lab));
    new(&["a", "--kind", "mutator"])
        .done()
        .says(&["mutator `a` written to a: Cargo.toml, Cargo.lock, src/lib.rs"]);
    assert_eq!(names(&lab).len(), 3, "{:?}", names(&lab));
    new(&["a", "--kind", "mutator"]).refused(2, &["`a` exists already"]);
    new(&["b", "--kind", "mutator", "--sdk-git", "https://example.org/lamarck.git"]).done();
    let manifest = fs::read_to_string(lab.path("b/Cargo.toml")).expect("a manifest");
    assert!(manifest.contains("lamarck-sdk = { git = \"https://example.org/lamarck.git\" }"), "{manifest}");
}
