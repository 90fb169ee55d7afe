//! The crates that `lamarck plugins new` writes: whole files in `cli/templates`, with a few names to be filled in.
//!
//! `src/lib.rs` has no placeholder at all: a component takes the name of its crate (`env!("CARGO_PKG_NAME")`). So the six
//! sources are ordinary Rust that is compiled, linted and tested in this workspace as examples of `lamarck-tests`, that
//! rustfmt leaves as it is whatever the plugin is called, and that the pages in `docs/plugins` show to the byte.

use lamarck_model::declaration::Kind;

/// The versions that this binary was built with. What a new crate is built with then depends neither on what a
/// registry has on that day nor on being online, if this binary was built on the same machine. Cargo takes the packages
/// that the crate needs and drops the others.
const LOCK: &str = include_str!("../../../../Cargo.lock");

// Not by its final name: cargo reads every `Cargo.toml` of a repository that a dependency comes from.
const MANIFEST: &str = include_str!("../../../templates/Cargo.toml.in");
const README: &str = include_str!("../../../templates/README.md");
const GITIGNORE: &str = include_str!("../../../templates/gitignore");

/// What differs from kind to kind.
struct Template {
    source: &'static str,
    study: &'static str,
    /// What the component does, for the README.
    about: &'static str,
}

macro_rules! template {
    ($kind:literal, $about:literal) => {
        Template {
            source: include_str!(concat!("../../../templates/", $kind, "/src/lib.rs")),
            study: include_str!(concat!("../../../templates/", $kind, "/study.toml")),
            about: $about,
        }
    };
}

const fn template(kind: Kind) -> Template {
    match kind {
        Kind::Mutator => template!(
            "mutator",
            "Changes one decision of a parent, and another with some probability, and so on: steps of geometric size."
        ),
        Kind::Strategy => template!(
            "strategy",
            "Keeps the best candidates ever seen, chooses parents by tournament, and starts again when nothing improves."
        ),
        Kind::SearchSpace => template!(
            "search-space",
            "Small convolutional classifiers of sequences, with real layers, shapes and sizes."
        ),
        Kind::Evaluator => template!(
            "evaluator",
            "Synthetic scores by the size of a network, and training times by counting operations."
        ),
        Kind::Scheduler => template!(
            "scheduler",
            "Places the candidate with the least to train first, unless another has waited too long."
        ),
        Kind::Analyzer => template!(
            "analyzer",
            "Counts how often a search finds a better candidate, and how long it waits for the next."
        ),
    }
}

/// Where the new crate gets `lamarck-sdk` from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sdk {
    /// A folder, as text that cargo understands.
    Path(String),
    /// A repository.
    Git(String),
}

impl Sdk {
    /// The dependency's value in `Cargo.toml`, and what stands above it.
    fn dependency(&self) -> (String, &'static str) {
        // What JSON escapes, basic strings of TOML escape alike.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Path(path) => (
                format!("{{ path = {} }}", quoted(path)),
                "A checkout on this machine. For others: { git = \"https://..\", rev = \"..\" }.",
            ),
            Self::Git(url) => (
                format!("{{ git = {} }}", quoted(url)),
                "Add rev = \"..\" to stay with the version that your lamarck was built from.",
            ),
        }
    }
}

/// The files of a new crate, with their places in its folder.
pub(super) fn files(name: &str, kind: Kind, sdk: &Sdk) -> Vec<(&'static str, String)> {
    let template = template(kind);
    let (dependency, note) = sdk.dependency();
    let fill = |text: &str| {
        text.replace("{{about}}", template.about)
            .replace("{{kind}}", kind.noun())
            .replace("{{page}}", kind.as_str())
            .replace("{{sdk-note}}", note)
            // Last, because a path may hold anything.
            .replace("{{name}}", name)
            .replace("{{sdk}}", &dependency)
    };
    vec![
        ("Cargo.toml", fill(MANIFEST)),
        ("Cargo.lock", LOCK.to_owned()),
        ("src/lib.rs", template.source.to_owned()),
        ("study.toml", fill(template.study)),
        ("README.md", fill(README)),
        (".gitignore", GITIGNORE.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn everything_is_filled_in() {
        for kind in Kind::ALL {
            let files = files("wide-steps", kind, &Sdk::Path("/a folder/{{x}} \"quoted\"\\sdk".into()));
            let places: BTreeSet<_> = files.iter().map(|(place, _)| *place).collect();
            assert_eq!(places.len(), 6, "{kind}");
            for (place, text) in &files {
                assert!(text.ends_with('\n') && !text.contains('\r'), "{kind} {place}");
                assert!(text.lines().all(|line| line == line.trim_end()), "{kind} {place}");
                // In a source these are braces of format strings; what is left in the manifest is the path's own.
                if !matches!(*place, "src/lib.rs" | "Cargo.toml") {
                    assert!(!text.contains("{{"), "{kind} {place}");
                }
                if matches!(*place, "Cargo.toml" | "study.toml" | "README.md") {
                    assert!(text.contains("wide-steps"), "{kind} {place}");
                }
            }
            let manifest = &files[0].1;
            assert!(
                manifest.contains(r#"lamarck-sdk = { path = "/a folder/{{x}} \"quoted\"\\sdk" }"#),
                "{manifest}"
            );
            assert_eq!(manifest.matches("{{").count(), 1, "{manifest}");
        }
    }

    #[test]
    fn a_repository_is_a_dependency_too() {
        let files = files("x", Kind::Mutator, &Sdk::Git("https://example.org/lamarck.git".into()));
        assert!(files[0].1.contains(r#"lamarck-sdk = { git = "https://example.org/lamarck.git" }"#));
    }

    #[test]
    fn every_source_exports_its_kind_and_tests_it() {
        for kind in Kind::ALL {
            let source = template(kind).source;
            let (list, check) = match kind {
                Kind::SearchSpace => ("search_spaces", "check_space"),
                Kind::Evaluator => ("evaluators", "check_evaluator"),
                Kind::Mutator => ("mutators", "check_mutator"),
                Kind::Strategy => ("strategies", "check_strategy"),
                Kind::Scheduler => ("schedulers", "check_scheduler"),
                Kind::Analyzer => ("analyzers", "check_analyzer"),
            };
            assert!(source.contains(&format!("export_plugin! {{ {list}: [")), "{kind}");
            assert!(source.contains(&format!("{check}::<")), "{kind}");
        }
    }
}
