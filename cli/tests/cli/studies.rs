//! Studies as files: the schema, new studies, and what a study would do.

use crate::lab::{Ended, Lab, fixture};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// All built-in studies, as `lamarck studies list` has them.
fn built_in(lab: &Lab) -> Vec<String> {
    let list = lab.run(&["studies", "list"]).done().out();
    let names: Vec<String> =
        list.lines().skip(1).filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect();
    assert!(names.len() > 10);
    names
}

/// The names of all components of a kind.
fn components(lab: &Lab, kind: &str) -> Vec<String> {
    let json: Value = serde_json::from_str(&lab.run(&["plugins", "list", "--json"]).done().out()).unwrap();
    let libraries = json["libraries"].as_array().unwrap();
    let all = libraries.iter().flat_map(|library| library["manifest"]["components"].as_array().unwrap());
    all.filter(|component| component["kind"] == kind)
        .map(|component| component["name"].as_str().unwrap().to_owned())
        .collect()
}

fn dry(lab: &Lab, study: &str, more: &[&str]) -> Value {
    let arguments = [&["run", study, "--dry-run", "--json"], more].concat();
    serde_json::from_str(&lab.run(&arguments).done().out()).unwrap()
}

/// Labels and settings of all points, and nothing of times; without the study's name.
fn settings(lab: &Lab, study: &str) -> Vec<Value> {
    let plan = dry(lab, study, &["--no-pilot"]);
    let points = plan["points"].as_array().unwrap();
    points
        .iter()
        .map(|point| {
            let mut settings = point["settings"].clone();
            settings["study"].as_object_mut().unwrap().remove("name");
            json!([point["label"], settings])
        })
        .collect()
}

/// A draft with every key that is commented out written in.
fn uncommented(text: &str) -> String {
    let key = |line: &str| {
        line.strip_prefix('#')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
            .map(str::to_owned)
    };
    text.lines().map(|line| key(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn the_schema_fits_the_studies_that_there_are() {
    let lab = Lab::new();
    let schema = lab.run(&["studies", "schema"]).done().out();
    lab.run(&["studies", "schema", "--out", "here.json"]).done();
    assert_eq!(fs::read_to_string(lab.path("here.json")).unwrap(), schema);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    jsonschema::meta::validate(&schema).expect("a JSON Schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let problems = |study: &Value| -> Vec<String> {
        validator.iter_errors(study).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    for name in built_in(&lab) {
        let text = lab.run(&["studies", "show", &name]).done().out();
        assert_eq!(problems(&toml::from_str(&text).unwrap()), [""; 0], "{name}");
    }
    // The README's, some of which are parts of studies.
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let blocks: Vec<&str> =
        readme.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let (mut whole, mut seen) = (0, 0);
    for block in blocks {
        let mut study: Map<String, Value> = toml::from_str(block).unwrap();
        if !study.keys().all(|key| schema["$defs"]["study"]["properties"].get(key).is_some()) {
            continue;
        }
        seen += 1;
        whole += usize::from(study.contains_key("space"));
        let cases = study.get("sweep").is_some_and(|sweep| sweep.get("case").is_some());
        for (section, body) in [
            ("space", json!({ "plugin": "nas-bench-201" })),
            ("evaluator", json!({ "plugin": "synthetic" })),
            ("budget", json!({ "candidates": 1 })),
        ] {
            if section == "budget" || !cases {
                study.entry(section).or_insert(body);
            }
        }
        assert_eq!(problems(&study.into()), [""; 0], "{block}");
    }
    assert!(whole >= 1 && seen >= 3, "{whole} {seen}");
    // It knows the plugins: a wrong component, another's option, a number out of range.
    let short = json!({
        "space": { "plugin": "nas-bench-201" },
        "evaluator": { "plugin": "nas-bench-201-table" },
        "budget": { "candidates": 1 },
    });
    assert_eq!(problems(&short), [""; 0]);
    for (section, key, value) in [
        ("space", "plugin", json!("nas-bench-301")),
        ("space", "size", json!("small")),
        ("strategy", "population", json!(0)),
        ("evaluator", "split", json!("train")),
    ] {
        let mut wrong = short.clone();
        wrong[section][key] = value;
        assert!(!problems(&wrong).is_empty(), "{section}.{key}");
    }
}

/// For each space and each evaluator that fits it: what is written runs, and says the same with every key written in.
#[test]
fn new_studies_run_as_they_are_written() {
    let lab = Lab::new();
    fs::create_dir(lab.path("all")).unwrap();
    let evaluators = components(&lab, "evaluator");
    let mut fitting = 0;
    for space in components(&lab, "search-space") {
        let before = fitting;
        for evaluator in &evaluators {
            let file = format!("{space}-{evaluator}.toml");
            let ended =
                lab.run(&["studies", "new", &file, "--space", &space, "--evaluator", evaluator, "--full"]);
            if !lab.path(&file).exists() {
                ended.refused(2, &[&format!("evaluator `{evaluator}`")]);
                continue;
            }
            ended.done().says(&[&file, "lamarck.schema.json"]);
            fitting += 1;
            let text = fs::read_to_string(lab.path(&file)).unwrap();
            assert!(text.starts_with("#:schema ./lamarck.schema.json\n"), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
            let out = format!("out-{file}");
            lab.run(&["run", &file, "--set", "budget.candidates=50", "--out", &out, "--quiet"]).done();
            let all = format!("all/{file}");
            fs::write(lab.path(&all), uncommented(&text)).unwrap();
            let written_in = settings(&lab, &all);
            assert_eq!(settings(&lab, &file), written_in, "{file}");
            assert!(uncommented(&text).lines().filter(|line| line.contains(" = ")).count() > 40);
        }
        assert!(fitting > before, "no evaluator fits {space}");
    }
    assert!(lab.path("lamarck.schema.json").is_file());
}

/// Without a word it is the study that `lamarck run` begins with, and data come before formulas.
#[test]
fn a_new_study_chooses_for_itself() {
    let lab = Lab::new();
    lab.run(&["studies", "new", "mine.toml"])
        .done()
        .says(&["wrote mine.toml", "lamarck run --dry-run mine.toml"]);
    let point = &dry(&lab, "mine.toml", &["--no-pilot"])["points"][0];
    assert_eq!(point["settings"]["study"]["name"], "mine");
    assert_eq!(point["changes"]["space.plugin"], "nas-bench-201");
    assert_eq!(point["changes"]["evaluator.plugin"], "nas-bench-201-table");
    lab.run(&["studies", "new", "uno.toml", "--space", "candle-uno", "--no-schema"]).done();
    let text = fs::read_to_string(lab.path("uno.toml")).unwrap();
    assert!(text.contains("plugin = \"synthetic\"") && !text.contains("#:schema"), "{text}");
    // Options come along.
    let arguments = [
        "studies",
        "new",
        "more.toml",
        "--space",
        "candle-attn:size=large",
        "--strategy",
        "neutral:population=30",
        "--mutator",
        "node-first",
        "--mutator",
        "generation-weighted:beta=2",
        "--scheduler",
        "donor-locality",
        "-a",
        "lineage:window=70",
        "-a",
        "structure",
    ];
    lab.run(&arguments).done();
    let changes = dry(&lab, "more.toml", &["--no-pilot"])["points"][0]["changes"].clone();
    let expected = json!({
        "space.plugin": "candle-attn", "space.size": "large", "evaluator.plugin": "synthetic",
        "strategy.plugin": "neutral", "strategy.population": 30, "mutators.0.plugin": "node-first",
        "mutators.1.plugin": "generation-weighted", "mutators.1.beta": 2.0, "scheduler.plugin": "donor-locality",
        "budget.candidates": 1000, "analyzers.0.plugin": "lineage", "analyzers.0.window": 70,
        "analyzers.1.plugin": "structure",
    });
    assert_eq!(changes, expected);
}

/// A draft of a built-in study is that study with every key written in. (As it stands, too: a property test of the runtime.)
#[test]
fn new_studies_from_built_in_ones_are_these() {
    let lab = Lab::new();
    fs::create_dir(lab.path("all")).unwrap();
    for name in built_in(&lab) {
        let file = format!("{name}.toml");
        lab.run(&["studies", "new", &file, "--from", &name, "--full"]).done();
        let expected = settings(&lab, &name);
        let text = fs::read_to_string(lab.path(&file)).unwrap();
        let all = format!("all/{file}");
        fs::write(lab.path(&all), uncommented(&text)).unwrap();
        assert_eq!(settings(&lab, &all), expected, "{name}\n{text}");
    }
}

#[test]
fn new_studies_are_refused_before_they_are_written() {
    let lab = Lab::new();
    lab.write("mine.toml", "mine");
    lab.run(&["studies", "new", "mine.toml"]).refused(2, &["`mine.toml` is there already", "remove"]);
    assert_eq!(fs::read_to_string(lab.path("mine.toml")).unwrap(), "mine");
    let refused = |more: &[&str], words: &[&str]| {
        let ended: Ended = lab.run(&[&["studies", "new", "x.toml"], more].concat());
        ended.refused(2, words);
        assert!(!lab.path("x.toml").exists(), "{more:?}");
        assert!(!lab.path("lamarck.schema.json").exists(), "{more:?}");
    };
    refused(&["--space", "nas-bench-2001"], &["in --space nas-bench-2001", "did you mean `nas-bench-201`?"]);
    refused(&["--strategy", "neutral:sample=3"], &["in --strategy neutral:sample=3", "unknown key"]);
    refused(&["--strategy", "neutral:population=many"], &["in --strategy", "a whole number"]);
    refused(
        &["--space", "candle-attn", "--evaluator", "nas-bench-201-table"],
        &["candle-attn", "another evaluator"],
    );
    refused(&["--strategy", "regularized-evolution:sample=1000"], &["sample"]);
    refused(&["--from", "other"], &["no built-in study `other`", "paper"]);
    refused(&["--mutator", "node-first:beta"], &["--mutator node-first:beta", "KEY=VALUE"]);
}

#[test]
fn a_schema_replaces_none_but_its_own_kind() {
    let lab = Lab::new();
    lab.write("lamarck.schema.json", "{}");
    lab.run(&["studies", "new", "a.toml"])
        .refused(2, &["lamarck.schema.json` is another file", "--no-schema"]);
    assert_eq!(fs::read_to_string(lab.path("lamarck.schema.json")).unwrap(), "{}");
    lab.run(&["studies", "schema", "--out", "lamarck.schema.json"]).done();
    lab.run(&["studies", "new", "b.toml"]).done();
    lab.run(&["studies", "new", "nowhere/c.toml"]).refused(5, &["cannot write `nowhere/c.toml`"]);
}

/// A plan says what a run then does, and leaves nothing behind.
#[test]
fn a_dry_run_says_what_a_run_does() {
    let lab = Lab::new();
    let few = ["--set", "budget.candidates=40", "--replicates", "2"];
    let plan = dry(&lab, "candle-nt3", &few);
    assert!(!lab.path("lamarck-out").exists());
    assert_eq!((&plan["runs"], &plan["candidates"]), (&json!(2), &json!(80)));
    assert_eq!(plan["found"]["state"], "nothing");
    let run: Value = {
        let arguments =
            [&["run", "candle-nt3", "--json", "--out", "t", "--replicates", "1"], &few[..2]].concat();
        serde_json::from_str(&lab.run(&arguments).done().out()).unwrap()
    };
    let point = &plan["points"][0];
    // Forty candidates are a whole run unless the machine is busy with something else entirely.
    if point["pilot"]["whole"] == true {
        let bytes =
            |table: &str| lab.tree(&format!("t/{table}")).values().map(|file| file.len() as f64).sum::<f64>();
        assert_eq!(point["run"]["candidate_bytes"], json!(bytes("candidates")));
        assert_eq!(point["run"]["layer_bytes"], json!(bytes("layers")));
        assert_eq!(point["run"]["virtual_us"].as_f64(), run["runs"][0]["summary"]["virtual_us"].as_f64());
        assert!(plan["estimate"]["method"].as_str().unwrap().starts_with("measured"), "{plan}");
    }
    let text = lab.run(&[&["run", "candle-nt3", "--dry-run"], &few[..]].concat()).done();
    text.says(&[
        "candle-nt3: 1 point x 2 replicates = 2 runs, 80 candidates",
        "workers = 256",
        "regularized-evolution: population = 64, sample = 32",
        "real time: about",
        "on disk: about",
        "lamarck-out/candle-nt3 (new)",
    ]);
    // A sweep: what all points share, and what sets them apart.
    let text = lab.run(&["run", "caching", "--dry-run", "--no-pilot"]).done();
    text.says(&[
        "18 points x 10 replicates = 180 runs, 180,000 candidates",
        "at points 0 to 5",
        "population = 50, sample = 5",
        "NT3, cluster.workers=64, transfer.donor=best-match",
        "nothing is known of times and bytes",
    ]);
    // A replay plays another point's candidates.
    let plan = dry(&lab, "scheduling", &["--no-pilot"]);
    assert!(plan["points"].as_array().unwrap().iter().any(|point| point["plays"].is_number()), "{plan}");
    // A budget of time, whose candidates only a pilot knows.
    let hours = ["--set", "budget={ virtual_hours = 0.1 }", "--set", "cluster.workers=4"];
    let plan = dry(&lab, "candle-nt3", &hours);
    assert_eq!(plan["candidates"], Value::Null);
    assert!(plan["estimate"]["candidates"].as_f64().unwrap() > 10.0, "{plan}");
    lab.run(&["run", "candle-nt3", "--dry-run", "--set", "trace.write=false"])
        .done()
        .says(&["no trace would be written"]);
    lab.run(&["run", "candle-nt3", "--no-pilot"]).refused(2, &["--dry-run"]);
}

#[test]
fn a_dry_run_finds_what_a_run_would_stop_at() {
    let lab = Lab::new();
    let dry_run =
        |more: &[&str]| lab.run(&[&["run", "nas-bench-201", "--dry-run", "--no-pilot"], more].concat());
    dry_run(&["--set", "strategy.population=0"]).refused(2, &["strategy.population", "found 0"]);
    dry_run(&["--set", "strategy.sample=1000"]).refused(2, &["strategy", "sample"]);
    dry_run(&["--set", "space.plugin=candle-attn"]).refused(2, &["unknown key"]);
    dry_run(&["--set", "cluster.node_cache_policy=\"belady\""]).refused(2, &["node_cache_policy"]);
    dry_run(&["--set", "sweep.'cluster.workers'=[1, 0]"]).refused(2, &["cluster.workers"]);
    // Every analyzer is made, too; and a plugin that cannot be used is another matter than a wrong study.
    dry_run(&["--set", "analyzers.0={ plugin = \"distributed\", thresholds = [7] }"])
        .refused(2, &["thresholds"]);
    let broken = fixture("wrong_layout");
    let study = lab.write(
        "broken.toml",
        "space.plugin = 'nas-bench-201'\nevaluator.plugin = 'synthetic'\nbudget.candidates = 5\nmutators = [{ plugin = 'wrong-layout' }]\n",
    );
    let ended = lab.run(&["run", study, "--dry-run", "--plugin-path", &broken]);
    ended.refused(3, &["wrong_layout"]);
}

#[test]
fn a_dry_run_looks_into_the_folder() {
    let lab = Lab::new();
    let few =
        ["--set", "budget.candidates=300", "--set", "trace.part_rows=50", "--replicates", "2", "--out", "t"];
    let run = |more: &[&str]| lab.run(&[&["run", "candle-nt3"], &few[..], more].concat());
    let found =
        |more: &[&str]| dry(&lab, "candle-nt3", &[&few[..], &["--no-pilot"], more].concat())["found"].clone();
    run(&["--pause-after", "100", "--quiet"]).code(130);
    let before = lab.tree("t");
    assert_eq!(found(&[]), json!({ "state": "trace", "complete": 0, "begun": 2, "candidates": 200 }));
    run(&["--dry-run", "--no-pilot", "--resume"])
        .done()
        .says(&["would be resumed: 0 of 2 runs complete and 2 begun, 200"]);
    run(&["--dry-run", "--no-pilot", "--overwrite"]).done().says(&["would be replaced"]);
    run(&["--dry-run", "--no-pilot"]).done().says(&["go on with it with --resume"]);
    assert_eq!(found(&["--set", "cluster.workers=3"])["state"], "other");
    run(&["--dry-run", "--no-pilot", "--seed", "9"])
        .done()
        .says(&["another trace is there", "other settings"]);
    assert_eq!(lab.tree("t"), before);
    run(&["--resume", "--quiet"]).done();
    assert_eq!(found(&[]), json!({ "state": "trace", "complete": 2, "begun": 0, "candidates": 600 }));
    fs::write(lab.path("t/trace.json"), "{").unwrap();
    assert_eq!(found(&[])["state"], "other");
    fs::remove_file(lab.path("t/trace.json")).unwrap();
    assert_eq!(found(&[])["state"], "no-trace");
}
