//! `trace.json`: what a trace is a trace of.
//!
//! Together with the parts it says everything that determined them, so that a trace found in a drawer can be read,
//! cited and run again: the study word for word and as it was resolved, the seed, the plugins with their hashes, the
//! data with their checksums, the decisions and options that the choices are numbers of. It does not say when, where
//! or with how many threads it was made: the same study gives the same bytes. For the same reason it has no place
//! that was searched for plugins: a library is known by its file's name, version and hash, wherever it lay.

use super::error::TraceError;
use super::layout::{HEADER, RunKey, write_whole};
use super::schema::SCHEMA_VERSION;
use lamarck_model::{DataSource, EvaluatorSpec, SpaceSpec};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::Path;

/// The header of a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceHeader {
    /// The schema's version, [`SCHEMA_VERSION`].
    pub schema: u32,
    /// The release that wrote it.
    pub lamarck: String,
    /// The commit that the program was built from, with `-dirty` behind it where its sources had been changed since.
    /// Absent where the build knew of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The study's name.
    pub name: String,
    /// The study, word for word.
    pub study: String,
    /// What the command line changed of it, `KEY=VALUE` each, in order: with `study` it gives the same study again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// The study whose recorded candidates these are, for a trace that `lamarck replay` made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<String>,
    /// The seed of all random streams.
    pub seed: u64,
    /// Replicates of every point.
    pub replicates: u32,
    /// Whether any score is made up by a formula.
    pub synthetic: bool,
    /// Whether every run is complete.
    pub complete: bool,
    /// The points of the sweep; a study without one has one point.
    pub points: Vec<PointHeader>,
    /// The plugins that took part.
    pub plugins: Vec<PluginHeader>,
    /// The data behind the scores.
    pub sources: Vec<DataSource>,
    /// The search spaces of the points, each once.
    pub spaces: Vec<SpaceSpec>,
    /// The evaluators of the points, each once.
    pub evaluators: Vec<EvaluatorSpec>,
    /// The runs.
    pub runs: Vec<RunHeader>,
}

/// One point of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointHeader {
    /// What distinguishes it: `cluster.workers = 64`.
    pub label: String,
    /// Which of the header's spaces it searches.
    pub space: usize,
    /// Which of the header's evaluators scores it.
    pub evaluator: usize,
    /// The study with every default filled in and the point's values set.
    pub study: Value,
}

/// One component that took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginHeader {
    /// Its kind: `strategy`.
    pub kind: String,
    /// Its name: `regularized-evolution`.
    pub name: String,
    /// The library it came from, as the library calls itself.
    pub library: String,
    /// The library's version.
    pub version: String,
    /// The library file's hash, with its kind: `xxh3:..`.
    pub hash: String,
    /// The library file's name, without the folder.
    pub file: String,
    /// The library's licence, as it says itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// What the component implements: papers, for who cites the trace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Begun; its counts are not known yet.
    Running,
    /// Stopped before its budget was spent. `--resume` continues it.
    Interrupted,
    /// Its budget is spent.
    Complete,
}

impl RunStatus {
    /// The word in headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Complete => "complete",
        }
    }
}

/// One run. While it is running its counts are 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Which run.
    #[serde(flatten)]
    pub key: RunKey,
    /// How far it is.
    pub status: RunStatus,
    /// Its rows in `candidates`.
    pub candidates: u64,
    /// Its parts of `candidates`.
    pub parts: u32,
    /// Its rows in `layers`.
    #[serde(default)]
    pub layers: u64,
    /// Its parts of `layers`.
    #[serde(default)]
    pub layer_parts: u32,
}

/// What the header of every version has.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl TraceHeader {
    /// A header of a study without points, plugins or runs.
    pub fn new(name: impl Into<String>, study: impl Into<String>, seed: u64, replicates: u32) -> Self {
        Self {
            schema: SCHEMA_VERSION,
            lamarck: env!("CARGO_PKG_VERSION").to_owned(),
            commit: None,
            name: name.into(),
            study: study.into(),
            overrides: Vec::new(),
            replay_of: None,
            seed,
            replicates,
            synthetic: false,
            complete: false,
            points: Vec::new(),
            plugins: Vec::new(),
            sources: Vec::new(),
            spaces: Vec::new(),
            evaluators: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Adds a point; its space, evaluator and data are stored once, however many points share them.
    pub fn add_point(
        &mut self,
        label: impl Into<String>,
        study: Value,
        space: &SpaceSpec,
        evaluator: &EvaluatorSpec,
    ) {
        let space = place(&mut self.spaces, space);
        for source in &evaluator.sources {
            place(&mut self.sources, source);
        }
        self.synthetic |= evaluator.synthetic;
        let evaluator = place(&mut self.evaluators, evaluator);
        self.points.push(PointHeader { label: label.into(), space, evaluator, study });
    }

    /// The space of a point.
    pub fn space(&self, point: u32) -> Option<&SpaceSpec> {
        self.spaces.get(self.points.get(point as usize)?.space)
    }

    /// The evaluator of a point.
    pub fn evaluator(&self, point: u32) -> Option<&EvaluatorSpec> {
        self.evaluators.get(self.points.get(point as usize)?.evaluator)
    }

    /// The entry of a run.
    pub fn run(&self, key: RunKey) -> Option<&RunHeader> {
        self.runs.iter().find(|run| run.key == key)
    }

    /// Replaces or adds the entry of a run, keeping them in order, and says anew whether all are complete.
    pub fn set_run(&mut self, run: RunHeader) {
        match self.runs.binary_search_by_key(&run.key, |run| run.key) {
            Ok(at) => self.runs[at] = run,
            Err(at) => self.runs.insert(at, run),
        }
        self.complete = self.runs.len() == self.points.len() * self.replicates as usize
            && self.runs.iter().all(|run| run.status == RunStatus::Complete);
    }

    /// Writes the header into a trace's folder, in place of the one that may be there.
    pub fn write(&self, dir: &Path) -> Result<(), TraceError> {
        let path = dir.join(HEADER);
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| TraceError::Header { path: path.clone(), reason: error.to_string() })?;
        text.push('\n');
        fs::create_dir_all(dir).map_err(TraceError::io("create", dir))?;
        write_whole(&path, text.as_bytes())
    }

    /// Reads the header of the trace in a folder.
    pub fn read(dir: &Path) -> Result<Self, TraceError> {
        let path = dir.join(HEADER);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(TraceError::NotATrace { path: dir.to_owned() });
            }
            Err(error) => return Err(TraceError::io("read", &path)(error)),
        };
        Self::parse(&path, &text)
    }

    /// Reads a header out of the bytes of its file; the path is for messages.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, TraceError> {
        let wrong = |error: serde_json::Error| TraceError::Header {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let Version { schema } = serde_json::from_slice(text).map_err(wrong)?;
        if schema > SCHEMA_VERSION {
            return Err(TraceError::Version { path: path.to_owned(), found: schema, known: SCHEMA_VERSION });
        }
        serde_json::from_slice(text).map_err(wrong)
    }
}

/// The place of a value in a list, at whose end it is put if it is not there.
fn place<T: Clone + PartialEq>(list: &mut Vec<T>, value: &T) -> usize {
    list.iter().position(|listed| listed == value).unwrap_or_else(|| {
        list.push(value.clone());
        list.len() - 1
    })
}
