//! Studies run through the runtime's interface, with the real plugins in shared libraries.

mod closed_forms;
mod corpus;
mod out_of_workspace;

use lamarck_model::CandidateRecord;
use lamarck_runtime::engine::Progress;
use lamarck_runtime::host::{self, Registry, SearchPath};
use lamarck_runtime::pipeline::{PipelineSettings, StudyResult, execute};
use lamarck_runtime::study::{Source, Study};
use lamarck_runtime::trace::{RunKey, Trace, TraceHeader};
use std::path::PathBuf;

/// What a study of one run left.
struct Ran {
    result: StudyResult,
    header: TraceHeader,
    rows: Vec<CandidateRecord>,
}

/// Runs a study of one run, with these plugins besides those that cargo left beside this test.
fn ran(text: &str, plugins: &[PathBuf]) -> Ran {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Not `SearchPath::standard`, which also looks among the user's own plugins.
    let deps = std::env::current_exe().expect("this test").parent().map(PathBuf::from);
    let path = SearchPath::empty()
        .with(host::Source::Argument, plugins.iter().cloned())
        .with(host::Source::Binary, deps);
    let registry = Registry::discover(&path).expect("plugins");
    let study = Study::load(Source::new("test.toml", text), Vec::new(), &registry).expect("a study");
    let settings = PipelineSettings { out: Some(folder.path().join("trace")), ..PipelineSettings::default() };
    let result = execute(&study, &registry, &settings, &Progress::default()).expect("a run");
    assert!(result.is_complete());
    let trace = Trace::open(&folder.path().join("trace")).expect("a trace");
    let rows = trace.head(RunKey { point: 0, replicate: 0 }, usize::MAX).expect("rows");
    Ran { result, header: trace.header().clone(), rows }
}

/// A study on NAS-Bench-201 with the text of the sections that matter to a test.
fn study(sections: &str) -> String {
    format!(
        "[space]\nplugin = \"nas-bench-201\"\n[evaluator]\nplugin = \"nas-bench-201-table\"\n\
         [trace]\nlayers = false\n{sections}"
    )
}
