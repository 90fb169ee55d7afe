//! The complete settings of one sweep point.

use super::key::segment_text;
use super::sections::SECTIONS;
use super::write;
use crate::repository::{DonorPolicy, Missing, Retention};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Everything a run needs to know, with every default filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `[study]`
    pub study: StudySection,
    /// `[plugins]`
    pub plugins: PluginsSection,
    /// `[space]`
    pub space: ComponentChoice,
    /// `[evaluator]`
    pub evaluator: ComponentChoice,
    /// `[strategy]`
    pub strategy: ComponentChoice,
    /// `[[mutators]]`, at least one.
    pub mutators: Vec<MutatorChoice>,
    /// `[scheduler]`
    pub scheduler: SchedulerChoice,
    /// `[cluster]`
    pub cluster: ClusterSection,
    /// `[transfer]`
    pub transfer: TransferSection,
    /// `[budget]`
    pub budget: BudgetSection,
    /// `[trace]`
    pub trace: TraceSection,
    /// `[[analyzers]]`
    pub analyzers: Vec<AnalyzerChoice>,
}

/// `[study]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudySection {
    /// The name; the file's without its ending if the study gives none. Fit for a folder.
    pub name: String,
    /// The seed of all randomness, below 2⁶³.
    pub seed: u64,
    /// Independent runs of every sweep point, at least 1.
    pub replicates: u32,
    /// What the study is about, or empty.
    pub summary: String,
    /// Whether points that differ in cluster, scheduler and retention only play the candidates of the first of them.
    pub replay: bool,
}

/// `[plugins]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginsSection {
    /// Folders and files to look for plugins in, as the study names them.
    pub path: Vec<String>,
}

/// A component and its options.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentChoice {
    /// The component's name.
    pub name: String,
    /// Its options: checked against their declaration, and complete. Numbers of `float` options
    /// are floats even if the study wrote `1`.
    pub options: Map<String, Value>,
}

/// An entry of `[[mutators]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MutatorChoice {
    /// The mutator.
    pub component: ComponentChoice,
    /// How often it is drawn, relative to the other weights; above 0.
    pub weight: f64,
}

/// An entry of `[[analyzers]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzerChoice {
    /// The analyzer.
    pub component: ComponentChoice,
    /// What stands above its section of the report, the question that it answers; may be empty.
    pub heading: String,
}

/// `[scheduler]`
#[derive(Debug, Clone, PartialEq)]
pub struct SchedulerChoice {
    /// The scheduler.
    pub component: ComponentChoice,
    /// How many ready candidates are kept beyond the idle workers, for the scheduler to choose from.
    pub lookahead: u32,
}

/// `[cluster]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterSection {
    /// Candidates that train at the same time, at least 1.
    pub workers: u32,
    /// Workers that share a node, at least 1. The last node may have fewer.
    pub workers_per_node: u32,
    /// The probability that an attempt loses its worker in training, from 0 to 1.
    pub failure_rate: f64,
    /// How often a candidate is started again whose attempt was lost.
    pub retries: u32,
    /// Seconds that a worker is away after a loss.
    pub restart_s: f64,
    /// Nodes' speeds lie evenly between 1 less this and 1 plus this.
    pub speed_spread: f64,
    /// Hours of an allocation; `None` for one without end.
    pub walltime_hours: Option<f64>,
    /// Seconds between two allocations.
    pub requeue_s: f64,
    /// GiB of each node's cache; 0 for none.
    pub node_cache_gib: f64,
    /// Its policy.
    pub node_cache_policy: String,
    /// Milliseconds that a request takes beside its bytes.
    pub repository_latency_ms: f64,
    /// The repository's bandwidth in 10⁹ bytes a second; 0 for no limit.
    pub repository_gb_s: f64,
    /// The bandwidth of one worker in 10⁹ bytes a second; 0 for no limit.
    pub link_gb_s: f64,
}

/// `[transfer]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferSection {
    /// Whose weights a candidate takes over.
    pub donor: Donor,
    /// Which stored layers stay.
    pub retention: Retention,
    /// Models in the window, at least 1.
    pub window: u32,
    /// What happens when a layer to be taken over is gone.
    pub missing: Missing,
    /// The level of layer graph, or empty for the space's first.
    pub level: String,
}

/// Whose weights a candidate takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Donor {
    /// Nobody's: every candidate trains from scratch.
    None,
    /// Its parent's.
    Parent,
    /// The stored model's that shares the most layers with it.
    BestMatch,
}

impl Donor {
    /// The repository's policy; `None` without transfer.
    pub fn policy(self) -> Option<DonorPolicy> {
        match self {
            Self::None => None,
            Self::Parent => Some(DonorPolicy::Parent),
            Self::BestMatch => Some(DonorPolicy::BestMatch),
        }
    }
}

/// `[budget]`: a run ends at whichever comes first; at least one is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetSection {
    /// Candidates per run, at least 1.
    pub candidates: Option<u64>,
    /// Virtual time per run in hours, above 0 and at most 10⁹.
    pub virtual_hours: Option<f64>,
}

/// `[trace]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceSection {
    /// Whether the trace is written to disk.
    pub write: bool,
    /// Whether every candidate's layers are recorded.
    pub layers: bool,
    /// Rows of one Parquet part, at least 1.
    pub part_rows: u32,
}

impl Settings {
    /// The settings in the shape of a study: sections by name, a component's options beside its `plugin` key. For
    /// `trace.json`. Budgets that are not set are null.
    pub fn to_json(&self) -> Value {
        let sections = self.sections().into_iter().map(|(name, body)| (name.to_owned(), body));
        let mut json = Value::Object(sections.collect());
        // By default serde_json's maps are sorted, but any crate of a build can turn that off for all of them.
        json.sort_all_objects();
        json
    }

    /// The settings as a study that resolves to them again: nothing in it is left to a default, other than what TOML
    /// cannot say (null).
    pub fn to_toml(&self) -> String {
        text_of(&self.to_json())
    }

    /// The sections in the order of [`SECTIONS`].
    fn sections(&self) -> Vec<(&'static str, Value)> {
        let mutator =
            |mutator: &MutatorChoice| mutator.component.to_json(&[("weight", mutator.weight.into())]);
        let analyzer = |analyzer: &AnalyzerChoice| {
            analyzer.component.to_json(&[("heading", analyzer.heading.as_str().into())])
        };
        vec![
            ("study", section(&self.study)),
            ("plugins", section(&self.plugins)),
            ("space", self.space.to_json(&[])),
            ("evaluator", self.evaluator.to_json(&[])),
            ("strategy", self.strategy.to_json(&[])),
            ("mutators", self.mutators.iter().map(mutator).collect()),
            (
                "scheduler",
                self.scheduler.component.to_json(&[("lookahead", self.scheduler.lookahead.into())]),
            ),
            ("cluster", section(&self.cluster)),
            ("transfer", section(&self.transfer)),
            ("budget", section(&self.budget)),
            ("trace", section(&self.trace)),
            ("analyzers", self.analyzers.iter().map(analyzer).collect()),
        ]
    }
}

impl ComponentChoice {
    fn to_json(&self, extra: &[(&str, Value)]) -> Value {
        let mut map = Map::new();
        map.insert("plugin".to_owned(), Value::from(self.name.as_str()));
        map.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        map.extend(self.options.clone());
        Value::Object(map)
    }
}

/// Resolved settings, as [`Settings::to_json`] and a trace's header have them, as the text of a study.
pub fn text_of(settings: &Value) -> String {
    let mut text = String::new();
    for section in SECTIONS {
        match settings.get(section.name) {
            Some(Value::Array(entries)) => {
                for entry in entries {
                    write_section(&mut text, &section.header(), section.name, entry);
                }
            }
            Some(body) => write_section(&mut text, &section.header(), section.name, body),
            None => {}
        }
    }
    text
}

fn section(section: &impl Serialize) -> Value {
    // The sections are plain structs with text keys, which serde_json cannot fail on.
    serde_json::to_value(section).unwrap_or_default()
}

/// Writes the section's own keys in the order of the table, then the component's options by name.
fn write_section(text: &mut String, header: &str, name: &str, body: &Value) {
    let Some(body) = body.as_object() else { return };
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(header);
    text.push('\n');
    let own = SECTIONS.iter().find(|section| section.name == name).map_or(&[][..], |section| section.keys);
    let own_keys = own.iter().filter_map(|key| body.get_key_value(key.name));
    let mut options: Vec<_> =
        body.iter().filter(|(key, _)| own.iter().all(|own| own.name != key.as_str())).collect();
    options.sort_by_key(|(key, _)| *key);
    for (key, value) in own_keys.chain(options).filter(|(_, value)| write::expressible(value)) {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{} = {}", segment_text(key), write::inline(value));
    }
}
