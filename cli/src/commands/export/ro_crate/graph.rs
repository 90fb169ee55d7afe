//! The entities of a crate, as flattened JSON-LD.

use super::files::{CrateFile, escaped};
use super::people::{Author, License};
use super::software::programs;
use super::{METADATA, STUDY};
use lamarck_runtime::trace::{ColumnSpec, Table, TraceHeader, columns};
use serde_json::{Map, Value, json};

/// What the trace does not know of itself.
#[derive(Debug)]
pub(super) struct About {
    pub(super) title: String,
    pub(super) authors: Vec<Author>,
    pub(super) license: Option<License>,
    pub(super) date: String,
}

const CRATE: &str = "https://w3id.org/ro/crate/1.1";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
const RUN: &str = "#run";
const NO_LICENSE: &str = "#no-license";

/// Entities in the order in which they are added, each once.
#[derive(Default)]
pub(super) struct Graph(Vec<Value>);

impl Graph {
    /// Adds an entity unless one of its name is there, and says how it is referred to.
    pub(super) fn add(&mut self, entity: Value) -> Value {
        let id = entity["@id"].clone();
        if !self.0.iter().any(|known| known["@id"] == id) {
            self.0.push(entity);
        }
        json!({ "@id": id })
    }
}

/// The whole of `ro-crate-metadata.json`.
pub(super) fn metadata(header: &TraceHeader, about: &About, files: &[CrateFile]) -> Value {
    let mut graph = Graph::default();
    let profile = graph.add(json!({
        "@id": PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }));
    let license = match &about.license {
        Some(License { url, name }) => graph.add(json!({
            "@id": url,
            "@type": "CreativeWork",
            "name": name,
        })),
        None => graph.add(json!({
            "@id": NO_LICENSE,
            "@type": "CreativeWork",
            "name": "no licence is stated",
            "description": "Whoever exported this trace stated no licence; ask the authors before using it.",
        })),
    };
    let authors: Vec<Value> = about
        .authors
        .iter()
        .enumerate()
        .map(|(at, author)| {
            let id = author
                .orcid
                .as_ref()
                .map_or_else(|| format!("#author-{}", at + 1), |orcid| format!("https://orcid.org/{orcid}"));
            graph.add(json!({ "@id": id, "@type": "Person", "name": author.name }))
        })
        .collect();
    let parts = data_entities(&mut graph, header, files);
    let data: Vec<Value> = header.sources.iter().map(|source| data_source(&mut graph, source)).collect();
    let (program, papers) = programs(&mut graph, header);
    let run = action(&mut graph, header, &authors, &parts, &data, program);
    let mut mentions = vec![run];
    mentions.extend(papers);
    let root = entity(
        "./",
        "Dataset",
        [
            ("name", json!(about.title)),
            ("description", json!(description(header))),
            ("datePublished", json!(about.date)),
            ("license", license),
            ("conformsTo", profile),
            ("author", list(authors)),
            ("keywords", json!(keywords(header))),
            ("hasPart", list(parts)),
            ("citation", list(data)),
            ("mentions", list(mentions)),
        ],
    );
    let descriptor = json!({
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": { "@id": CRATE },
        "about": { "@id": "./" },
    });
    let mut entities = vec![descriptor, root];
    entities.extend(graph.0);
    json!({
        // The context of 1.1 is older than this term of schema.org.
        "@context": [format!("{CRATE}/context"), { "sha256": "http://schema.org/sha256" }],
        "@graph": entities,
    })
}

/// An entity without what is not known of it.
pub(super) fn entity<const N: usize>(id: &str, kind: &str, properties: [(&str, Value); N]) -> Value {
    let mut map = Map::new();
    map.insert("@id".into(), id.into());
    map.insert("@type".into(), kind.into());
    for (key, value) in properties {
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if !empty {
            map.insert(key.into(), value);
        }
    }
    Value::Object(map)
}

/// One value stands for itself; the compact form wants no list of one.
pub(super) fn list(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

fn description(header: &TraceHeader) -> String {
    let summary = header.points.first().and_then(|point| point.study.get("study")?.get("summary")?.as_str());
    let mut text = summary.unwrap_or_default().trim().to_owned();
    let mut say = |sentence: &str| {
        if !text.is_empty() {
            text.push_str(if text.ends_with('.') { " " } else { ". " });
        }
        text.push_str(sentence);
    };
    let candidates: u64 = header.runs.iter().map(|run| run.candidates).sum();
    say(&format!(
        "The record of {} runs of an architecture search with {candidates} candidates: where each came from, where and when it \
         ran in virtual time, and its score.",
        header.runs.len()
    ));
    if let Some(of) = &header.replay_of {
        say(&format!("Its candidates are those of a trace of {of}, placed on another cluster."));
    }
    if header.synthetic {
        say("The scores are synthetic: a formula made them up.");
    }
    if !header.complete {
        say("It is not complete: some runs were stopped before their end.");
    }
    text
}

fn keywords(header: &TraceHeader) -> String {
    let mut words = vec!["neural architecture search".to_owned()];
    words.extend(header.spaces.iter().map(|space| space.name.clone()));
    if header.synthetic {
        words.push("synthetic scores".to_owned());
    }
    words.join(", ")
}

/// The files and tables; returns those that are the root's own parts.
fn data_entities(graph: &mut Graph, header: &TraceHeader, files: &[CrateFile]) -> Vec<Value> {
    let mut parts = Vec::new();
    for table in [Table::Candidates, Table::Layers] {
        let folder = format!("{}/", table.folder());
        let of_table: Vec<&CrateFile> = files.iter().filter(|file| file.name.starts_with(&folder)).collect();
        if of_table.is_empty() {
            continue;
        }
        let variables: Vec<Value> =
            columns(table).iter().map(|column| variable(graph, header, table, column)).collect();
        let files: Vec<Value> = of_table.iter().map(|file| file_entity(graph, file)).collect();
        let (name, what) = match table {
            Table::Candidates => {
                ("candidates", "A row for every candidate, in the order in which they finished.")
            }
            Table::Layers => ("layers", "A row for every layer of every candidate: whose weights it has."),
        };
        parts.push(graph.add(entity(
            &folder,
            "Dataset",
            [
                ("name", json!(name)),
                ("description", json!(format!("{what} Parquet, readable as one table."))),
                ("encodingFormat", json!("application/vnd.apache.parquet")),
                ("variableMeasured", list(variables)),
                ("hasPart", list(files)),
            ],
        )));
    }
    for file in files {
        let in_table = [Table::Candidates, Table::Layers]
            .iter()
            .any(|table| file.name.starts_with(&format!("{}/", table.folder())));
        if !in_table {
            parts.push(file_entity(graph, file));
        }
    }
    parts
}

fn file_entity(graph: &mut Graph, file: &CrateFile) -> Value {
    let name = file.name.rsplit('/').next().unwrap_or_default();
    let description = match file.name.as_str() {
        "trace.json" => {
            "The trace's header: the study word for word and as it was resolved, seeds, plugins with versions \
                         and hashes, data with checksums, search spaces, runs."
        }
        STUDY => "The study, word for word.",
        "report.html" | "report-synthetic.html" => "What the analyzers found, as a page.",
        _ => "",
    };
    graph.add(entity(
        &file.id(),
        "File",
        [
            ("name", json!(name)),
            ("description", json!(description)),
            ("contentSize", json!(file.size.to_string())),
            ("encodingFormat", json!(file.format())),
            ("sha256", json!(file.sha256)),
        ],
    ))
}

fn variable(graph: &mut Graph, header: &TraceHeader, table: Table, column: &ColumnSpec) -> Value {
    let unit = match column.name {
        name if name.ends_with("_us") => "microsecond",
        name if name.ends_with("bytes") => "byte",
        // Of several evaluators each may have a unit of its own.
        "score" => match header.evaluators.as_slice() {
            [one] => one.unit.as_str(),
            _ => "",
        },
        _ => "",
    };
    let meaning = match (column.name, header.evaluators.as_slice()) {
        ("score", [one]) => format!("{} Here: {}.", column.doc, one.score),
        _ => column.doc.to_owned(),
    };
    // The column's documentation is Rust's; its links mean nothing here.
    let meaning = meaning.replace("[`", "").replace("`]", "");
    graph.add(entity(
        &format!("#{}-{}", table.folder(), column.name),
        "PropertyValue",
        [("name", json!(column.name)), ("description", json!(meaning)), ("unitText", json!(unit))],
    ))
}

fn data_source(graph: &mut Graph, source: &lamarck_model::DataSource) -> Value {
    let url = source
        .origin
        .split_whitespace()
        .find(|word| word.starts_with("https://") || word.starts_with("http://"));
    let url = url.map(|url| url.trim_end_matches(['.', ',', ';', ')']));
    graph.add(entity(
        &format!("#data-{}", escaped(&source.name)),
        "CreativeWork",
        [
            ("name", json!(source.name)),
            ("description", json!(source.origin)),
            ("url", json!(url)),
            ("license", json!(source.license)),
            ("identifier", json!(source.checksum)),
        ],
    ))
}

/// The run, with what went in and what came out.
fn action(
    graph: &mut Graph,
    header: &TraceHeader,
    authors: &[Value],
    parts: &[Value],
    data: &[Value],
    program: Value,
) -> Value {
    let is_study = |part: &&Value| part["@id"] == STUDY;
    let mut objects: Vec<Value> = parts.iter().filter(is_study).cloned().collect();
    objects.extend(data.iter().cloned());
    for (at, change) in header.overrides.iter().enumerate() {
        let (key, value) = change.split_once('=').unwrap_or((change, ""));
        objects.push(graph.add(json!({
            "@id": format!("#set-{}", at + 1),
            "@type": "PropertyValue",
            "name": key,
            "value": value,
            "description": "A key of the study that the command line changed.",
        })));
    }
    let results: Vec<Value> = parts.iter().filter(|part| !is_study(part)).cloned().collect();
    let verb = if header.replay_of.is_some() { "Replay" } else { "Run" };
    // A stopped run may still be resumed: it has not failed, and the profile knows no third state.
    let status = header.complete.then_some("http://schema.org/CompletedActionStatus");
    graph.add(entity(
        RUN,
        "CreateAction",
        [
            ("name", json!(format!("{verb} of the study {}", header.name))),
            (
                "description",
                json!(format!(
                    "Seed {}, {} points, {} replicates of each.",
                    header.seed,
                    header.points.len(),
                    header.replicates
                )),
            ),
            ("instrument", program),
            ("agent", list(authors.to_vec())),
            ("object", list(objects)),
            ("result", list(results)),
            ("actionStatus", json!(status)),
        ],
    ))
}
