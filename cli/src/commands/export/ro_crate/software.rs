//! What ran, and the papers that it implements.

use super::files::escaped;
use super::graph::{Graph, entity, list};
use lamarck_runtime::trace::{PluginHeader, TraceHeader};
use serde_json::{Value, json};

/// Lamarck and the libraries that took part; and the papers that these implement.
pub(super) fn programs(graph: &mut Graph, header: &TraceHeader) -> (Value, Vec<Value>) {
    let mut libraries: Vec<&PluginHeader> = Vec::new();
    for plugin in &header.plugins {
        if !libraries.iter().any(|known| (&known.library, &known.hash) == (&plugin.library, &plugin.hash)) {
            libraries.push(plugin);
        }
    }
    let mut papers: Vec<Value> = Vec::new();
    let mut required = Vec::new();
    for library in libraries {
        let of_library: Vec<&PluginHeader> = header
            .plugins
            .iter()
            .filter(|plugin| (&plugin.library, &plugin.hash) == (&library.library, &library.hash))
            .collect();
        let mut cited: Vec<Value> = Vec::new();
        for reference in of_library.iter().flat_map(|plugin| &plugin.references) {
            let paper = paper(graph, reference);
            for to in [&mut cited, &mut papers] {
                if !to.contains(&paper) {
                    to.push(paper.clone());
                }
            }
        }
        let components: Vec<String> =
            of_library.iter().map(|plugin| format!("{} {}", plugin.kind, plugin.name)).collect();
        let id = format!("#plugin-{}-{}", escaped(&library.library), escaped(&library.hash));
        required.push(graph.add(entity(
            &id,
            "SoftwareApplication",
            [
                ("name", json!(library.library)),
                ("softwareVersion", json!(library.version)),
                ("description", json!(format!("Lamarck plugin; took part as {}", components.join(", ")))),
                ("identifier", json!(library.hash)),
                ("license", json!(library.license)),
                ("citation", list(cited)),
            ],
        )));
    }
    let version = match &header.commit {
        Some(commit) => format!("{} (commit {commit})", header.lamarck),
        None => header.lamarck.clone(),
    };
    // Empty while the workspace names no repository.
    let url = env!("CARGO_PKG_REPOSITORY");
    let id = if url.is_empty() { "#lamarck" } else { url };
    let program = graph.add(entity(
        id,
        "SoftwareApplication",
        [
            ("name", json!("Lamarck")),
            ("description", json!(env!("CARGO_PKG_DESCRIPTION"))),
            ("url", json!(url)),
            ("softwareVersion", json!(version)),
            ("softwareRequirements", list(required)),
        ],
    ));
    (program, papers)
}

/// `arXiv:1802.01548`, `doi:10.1038/217624a0`, or a URL.
fn paper(graph: &mut Graph, reference: &str) -> Value {
    let url = if let Some(number) = reference.strip_prefix("arXiv:") {
        format!("https://arxiv.org/abs/{}", escaped(number))
    } else if let Some(number) = reference.strip_prefix("doi:") {
        format!("https://doi.org/{}", escaped(number))
    } else if reference.starts_with("https://") || reference.starts_with("http://") {
        reference.to_owned()
    } else {
        format!("#reference-{}", escaped(reference))
    };
    let article = reference.starts_with("arXiv:") || reference.starts_with("doi:");
    let kind = if article { "ScholarlyArticle" } else { "CreativeWork" };
    graph.add(json!({ "@id": url, "@type": kind, "name": reference, "identifier": reference }))
}
