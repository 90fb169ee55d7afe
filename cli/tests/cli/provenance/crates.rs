//! `lamarck export ro-crate`.

use super::{copy, edit};
use crate::lab::Lab;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;

const AUTHOR: &str = "Doe, Jane,0000-0002-1825-0097";

fn read(lab: &Lab, name: &str) -> Value {
    serde_json::from_slice(&fs::read(lab.path(name)).expect("the metadata")).expect("JSON")
}

fn entity<'a>(document: &'a Value, id: &str) -> &'a Value {
    let graph = document["@graph"].as_array().expect("a graph");
    let mut found = graph.iter().filter(|entity| entity["@id"] == id);
    let entity = found.next().unwrap_or_else(|| panic!("no entity {id}"));
    assert!(found.next().is_none(), "{id} is there twice");
    entity
}

/// Every reference of a flattened document leads to an entity of it, or to the specification.
fn assert_whole(document: &Value) {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(map) if map.len() == 1 && map.contains_key("@id") => {
                found.insert(map["@id"].as_str().expect("a text"));
            }
            Value::Object(map) => map.values().for_each(|value| references(value, found)),
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    references(&document["@graph"], &mut found);
    for id in found {
        if id != "https://w3id.org/ro/crate/1.1" {
            entity(document, id);
        }
    }
}

#[test]
fn a_trace_becomes_a_crate() {
    let lab = Lab::new();
    lab.run(&[
        "run",
        "nas-bench-201",
        "--set",
        "budget.candidates=300",
        "--replicates",
        "2",
        "--set",
        "analyzers=[{ plugin = \"structure\" }]",
        "--quiet",
        "--out",
        "trace",
    ])
    .done();
    let export = [
        "export",
        "ro-crate",
        "trace",
        "--author",
        AUTHOR,
        "--author",
        "A. N. Other",
        "--license",
        "CC-BY-4.0",
    ];
    let dated = [&export[..], &["--title", "Cells that age", "--date", "2026-01-31"]].concat();
    lab.run(&dated).done().says(&["ro-crate-metadata.json: ", " files, "]);
    let document = read(&lab, "trace/ro-crate-metadata.json");
    assert_whole(&document);

    let root = entity(&document, "./");
    assert_eq!((&root["name"], &root["datePublished"]), (&"Cells that age".into(), &"2026-01-31".into()));
    assert_eq!(root["license"]["@id"], "https://spdx.org/licenses/CC-BY-4.0");
    assert_eq!(root["author"][0]["@id"], "https://orcid.org/0000-0002-1825-0097");
    assert_eq!(entity(&document, "https://orcid.org/0000-0002-1825-0097")["name"], "Doe, Jane");
    assert_eq!(entity(&document, "#author-2")["name"], "A. N. Other");
    assert_eq!(entity(&document, "ro-crate-metadata.json")["about"]["@id"], "./");

    // Every file of the folder is in it, with its size.
    let files = lab.tree("trace");
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with("ro-crate-metadata.json")) {
        let file = entity(&document, name.to_str().expect("UTF-8"));
        assert_eq!((&file["@type"], &file["contentSize"]), (&"File".into(), &bytes.len().to_string().into()));
        assert_eq!(file["sha256"].as_str().map(str::len), Some(64), "{file}");
    }
    assert_eq!(
        fs::read_to_string(lab.path("trace/study.toml")).unwrap(),
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/studies/nas-bench-201.toml")).unwrap()
    );
    let candidates = entity(&document, "candidates/");
    assert_eq!(candidates["hasPart"].as_array().map(Vec::len), Some(2));
    let score = entity(&document, "#candidates-score");
    assert_eq!(score["unitText"], "%");
    assert_eq!(entity(&document, "#candidates-train_us")["unitText"], "microsecond");

    // The run: what, with what, out of what.
    let run = entity(&document, "#run");
    assert_eq!((&run["@type"], &run["instrument"]["@id"]), (&"CreateAction".into(), &"#lamarck".into()));
    let objects: Vec<_> =
        run["object"].as_array().expect("a list").iter().map(|object| &object["@id"]).collect();
    assert!(objects.contains(&&"study.toml".into()) && objects.contains(&&"#set-1".into()), "{objects:?}");
    assert_eq!(entity(&document, "#set-1")["value"], "300");
    assert!(root["mentions"].as_array().expect("a list").contains(&serde_json::json!({ "@id": "#run" })));
    let paper = entity(&document, "https://arxiv.org/abs/1802.01548");
    assert_eq!(paper["@type"], "ScholarlyArticle");
    let software = entity(&document, "#lamarck");
    assert!(
        software["softwareRequirements"].as_array().is_some_and(|plugins| plugins.len() >= 5),
        "{software}"
    );

    // The same day, the same bytes; and the crate's own files are no part of what is described.
    let before = lab.tree("trace");
    lab.run(&dated).done();
    assert!(lab.tree("trace") == before);
    // Without a date it is today's.
    lab.run(&export).done();
    let today = read(&lab, "trace/ro-crate-metadata.json");
    let day = entity(&today, "./")["datePublished"].as_str().expect("a day").to_owned();
    assert!(day.len() == 10 && day.as_str() > "2026-01-01", "{day}");

    // The trace is still a trace, and who replaces it leaves no crate of another behind.
    lab.run(&["report", "trace"]).code(0);
    lab.small(&["--out", "trace", "--overwrite"]).done();
    assert!(!lab.path("trace/ro-crate-metadata.json").exists() && !lab.path("trace/study.toml").exists());
}

#[test]
fn a_crate_in_a_zip() {
    let lab = Lab::new();
    lab.small(&["--quiet", "--out", "trace"]).done();
    let before = lab.tree("trace");
    let export = |file: &str| {
        lab.run(&["export", "ro-crate", "trace", "--date", "2026-01-31", "--zip", file]).done();
        fs::read(lab.path(file)).expect("the archive")
    };
    let bytes = export("one.zip");
    assert!(bytes == export("two.zip"), "the same crate is the same file");
    assert!(lab.tree("trace") == before, "the folder is left alone");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    // The trace's files, the metadata, the study, and both tables' folders.
    assert_eq!(archive.len(), before.len() + 4);
    assert!(archive.by_name("candidates/").is_ok_and(|entry| entry.is_dir()));
    assert_eq!(archive.by_index(0).expect("an entry").name(), "ro-crate-metadata.json");
    for (name, content) in &before {
        let mut entry = archive.by_name(name.to_str().expect("UTF-8")).expect("an entry");
        assert_eq!(entry.compression(), zip::CompressionMethod::Stored);
        let mut read = Vec::new();
        entry.read_to_end(&mut read).expect("whole");
        assert!(read == *content, "{}", name.display());
    }
    // An archive beside the trace's own files is no part of itself.
    let inside = export("trace/all.zip");
    assert!(inside == export("trace/all.zip"));
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let lab = Lab::new();
    lab.write("s.toml", "study.name = \"made up\"\nspace.plugin = \"nas-bench-201\"\nevaluator.plugin = \"synthetic\"\nbudget.candidates = 200\n");
    lab.run(&["run", "s.toml", "--out", "half", "--pause-after", "100"]).code(130);
    lab.run(&["export", "ro-crate", "half"]).done().says(&[
        "no licence is stated",
        "no author is named",
        "not complete",
    ]);
    let document = read(&lab, "half/ro-crate-metadata.json");
    assert_whole(&document);
    let root = entity(&document, "./");
    let description = root["description"].as_str().expect("a text");
    assert!(
        description.contains("scores are synthetic") && description.contains("not complete"),
        "{description}"
    );
    assert_eq!((root.get("author"), root["license"]["@id"].as_str()), (None, Some("#no-license")));
    let run = entity(&document, "#run");
    assert_eq!((run.get("actionStatus"), run.get("agent"), run.get("endTime")), (None, None, None));
    // An imported trace has neither study nor plugins.
    copy(&lab, "half", "imported");
    edit(&lab, "imported", |header| {
        header["study"] = "".into();
        header["points"] = serde_json::json!([]);
        header["plugins"] = serde_json::json!([]);
    });
    fs::remove_file(lab.path("imported/study.toml")).expect("the study");
    lab.run(&["export", "ro-crate", "imported"]).done();
    assert_whole(&read(&lab, "imported/ro-crate-metadata.json"));
    assert!(!lab.path("imported/study.toml").exists());
}

#[test]
fn what_cannot_be_exported() {
    let lab = Lab::new();
    lab.small(&["--quiet", "--out", "trace"]).done();
    let refused = |arguments: &[&str], code: i32, words: &[&str]| {
        lab.run(&[&["export", "ro-crate"], arguments].concat()).refused(code, words);
    };
    refused(&["nowhere"], 4, &["holds no trace"]);
    refused(&["trace", "--author", "Jane,0000-0002-1825-0098"], 2, &["this is no ORCID", "check digit"]);
    refused(&["trace", "--license", "MIT OR Apache-2.0"], 2, &["expected one identifier", "CC-BY-4.0"]);
    refused(&["trace", "--date", "2026-02-30"], 2, &["--date 2026-02-30: expected YYYY-MM-DD"]);
    refused(&["trace", "--zip", "nowhere/out.zip"], 5, &["cannot write `nowhere/out.zip`"]);
    lab.write("trace/study.toml", "# somebody's own\n");
    refused(&["trace"], 2, &["`trace/study.toml` is not the study in `trace.json`", "rename it"]);
    fs::remove_file(lab.path("trace/study.toml")).expect("the file");
    // A folder where the metadata should be stands for one that cannot be written.
    fs::create_dir(lab.path("trace/ro-crate-metadata.json")).expect("a folder");
    refused(&["trace"], 5, &["cannot write `trace/ro-crate-metadata.json`", "--zip"]);
}
