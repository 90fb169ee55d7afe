//! The study front end: TOML text becomes checked, complete settings, one for each point of its sweep.
//!
//! # How a study is read
//!
//! 1. The text is parsed into a small tree of its own in which every key and value knows its origin: a stretch of
//!    the text or a command line flag.
//! 2. `--set` and its kin ([`Override`]) change that tree; `[sweep]` turns into axes, and the cartesian product of
//!    the axes gives the points.
//! 3. Each point is the tree with the point's values set into it, checked against the tables of [`SECTIONS`] and
//!    the options that components declare, into typed [`Settings`] in which every default is filled in.
//!
//! Because overrides and sweep values are set before anything is checked, one checker serves all three, and a swept
//! or overridden value is refused in the same words as a written one, at its own place.
//!
//! # What was decided
//!
//! - **One checker for core sections and plugins.** The study's own keys are described with
//!   [`OptionSpec`](lamarck_model::options::OptionSpec)s just as a plugin's options are. The alternative, serde
//!   structs for `[cluster]` and friends, gives other messages, no ranges, and stops at the first mistake.
//! - **All mistakes at once.** A study that waits in a batch queue should not fail five times for five typing
//!   mistakes, so checks collect [`StudyIssue`]s, each with place, message and cure.
//! - **No plugin runs.** What components exist and what options they have is asked through [`Components`]; the host
//!   answers from manifests, tests from a table. What only the component itself can judge (a sample larger than the
//!   population) comes back later as a fault with a path, and [`Study::error_at`] turns that path into a place.
//! - **Spans from the `toml` crate** ([`toml::de::DeTable`]), which keeps them for every key and value, inline or
//!   not, at no cost. `toml_edit` keeps whitespace and comments too, which nothing here needs.
//! - **Dates, `inf` and `nan` are refused**, since options travel to plugins as JSON, which has none of them.
//!
//! # Example
//!
//! ```
//! use lamarck_model::{declaration::Kind, options::OptionInfo};
//! use lamarck_runtime::study::{Components, NotFound, Override, Source, Study};
//!
//! /// Every component exists and has no options.
//! struct Anything;
//! impl Components for Anything {
//!     fn options(&self, _: Kind, _: &str) -> Result<Vec<OptionInfo>, NotFound> {
//!         Ok(Vec::new())
//!     }
//! }
//!
//! let text = r#"
//!     space.plugin = "nas-bench-201"
//!     evaluator.plugin = "nas-bench-201-table"
//!     budget.candidates = 1000
//!     sweep."cluster.workers" = [1, 16]
//! "#;
//! let study = Study::load(Source::new("first.toml", text), vec![Override::set("study.seed=7")], &Anything)?;
//! let labels: Vec<&str> = study.points().iter().map(|point| point.label.as_str()).collect();
//! assert_eq!(labels, ["cluster.workers=1", "cluster.workers=16"]);
//! assert_eq!(study.points()[1].settings.study.seed, 7);
//! # Ok::<(), lamarck_runtime::study::StudyError>(())
//! ```

mod case;
mod check;
mod components;
mod draft;
mod inventory;
mod issue;
mod key;
mod overrides;
mod schema;
mod sections;
mod settings;
mod source;
mod sweep;
#[cfg(test)]
mod tests;
mod tree;
mod words;
mod write;

pub use components::{Components, NotFound};
pub use draft::{Draft, DraftSettings, Drafted};
pub use inventory::{Described, Inventory};
pub use issue::{IssueKind, StudyError, StudyErrorKind, StudyIssue};
pub use overrides::Override;
pub use schema::{SCHEMA_FILE, SCHEMA_LINE, schema};
pub use sections::{MAX_POINTS, MAX_RUNS, SECTIONS, SectionSpec};
pub use settings::{
    AnalyzerChoice, BudgetSection, ClusterSection, ComponentChoice, Donor, MutatorChoice, PluginsSection,
    SchedulerChoice, Settings, StudySection, TraceSection, TransferSection, text_of,
};
pub use source::{Place, Source};
pub use write::inline as toml_inline;

use crate::trace::RunKey;
use check::Checker;
use issue::Issues;
use sweep::Axis;
use tree::Node;

/// A study that passed every check that needs no plugin.
#[derive(Debug, Clone)]
pub struct Study {
    source: Source,
    overrides: Vec<Override>,
    base: Node,
    axes: Vec<Axis>,
    points: Vec<Point>,
}

/// One point of a study's sweep. A study without a sweep has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What sets it apart: `cluster.workers=16, strategy.sample=5`. Empty in a study without a sweep.
    pub label: String,
    /// Its number, from 0 in the order of the sweep: the first key is the slowest.
    pub index: usize,
    /// The complete settings.
    pub settings: Settings,
}

impl Study {
    /// Reads, overrides, sweeps and checks. The error holds everything that is wrong, unless the text is no TOML:
    /// then it holds what the TOML parser found.
    pub fn load(
        source: Source,
        overrides: Vec<Override>,
        components: &dyn Components,
    ) -> Result<Self, StudyError> {
        let mut issues = Issues::new(&source, &overrides);
        let Some(mut base) = tree::parse(&source, &mut issues) else {
            return Err(issues.into_error());
        };
        let axes = overrides::apply(&mut base, &overrides, &mut issues);
        let axes = sweep::check(axes, &mut issues);
        let count = sweep::count(&axes, &mut issues);

        let mut points = Vec::new();
        for index in 0..count {
            let choice = sweep::choice(&axes, index);
            let root = sweep::at_point(&base, &choice, &mut issues);
            let settings = Checker::new(components, &mut issues).resolve(&root);
            if let Some(settings) = settings {
                points.push(Point { label: sweep::label(&choice), index, settings });
            }
            if issues.is_full() {
                break;
            }
        }
        sweep::check_runs(&base, &points, &mut issues);
        if !issues.is_empty() {
            return Err(issues.into_error());
        }
        Ok(Self { source, overrides, base, axes, points })
    }

    /// `plugins.path` of a study that is not checked yet: components are only known once plugins were looked for. A
    /// study that cannot be read that far names none, and [`Study::load`] will say why.
    pub fn plugin_path(source: &Source, overrides: &[Override]) -> Vec<String> {
        let mut issues = Issues::new(source, overrides);
        let Some(mut base) = tree::parse(source, &mut issues) else { return Vec::new() };
        overrides::apply(&mut base, overrides, &mut issues);
        check::plugin_path(&base).unwrap_or_default()
    }

    /// The study's name, which is the same at all points.
    pub fn name(&self) -> &str {
        self.points.first().map_or("", |point| &point.settings.study.name)
    }

    /// The file's name and the text, as it was given.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What the command line changed. With [`Study::source`] it gives the same study again.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// The points, in the order of the sweep; never empty.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Where an option stands, for a message about it after the study was checked.
    ///
    /// `section` is `strategy` or `mutators.0`; `option` is a path inside the component's options as
    /// `serde_path_to_error` writes it (`limits[1].max`), or empty. A swept key is found in `[sweep]`, an overridden
    /// one in its flag. Where nothing is written (a default), the nearest thing around it is the place: the section's
    /// header, or the study as a whole.
    pub fn locate(&self, point: usize, section: &str, option: &str) -> Place {
        let mut issues = Issues::new(&self.source, &self.overrides);
        let choice = sweep::choice(&self.axes, point);
        let root = sweep::at_point(&self.base, &choice, &mut issues);
        let origin = tree::nearest(&root, &key::parse_fault_path(section, option));
        issues.place(origin)
    }

    /// An error about an option, in the same form as the study's own: what a component found wrong when it was made.
    pub fn error_at(&self, point: usize, section: &str, option: &str, message: &str) -> StudyError {
        let mut path = key::parse_fault_path(section, option);
        path.retain(|segment| !segment.is_empty());
        let label = self.points.get(point).map_or("", |point| point.label.as_str());
        let mut issue =
            StudyIssue::new(IssueKind::Component, self.locate(point, section, option), &path, message);
        if !label.is_empty() {
            issue = issue.with_help(format!("this is the sweep point {label}"));
        }
        StudyError::new(self.source.name(), vec![issue])
    }
}

/// The runs of a study: point by point, and the replicates of a point one after another.
///
/// Two runs differ in nothing but their settings and their replicate's number, so they may run in any order; this one
/// is the order of the trace.
pub fn plan(study: &Study) -> Vec<RunKey> {
    let runs = |point: &Point| {
        // There are at most MAX_POINTS points.
        let point_number = u32::try_from(point.index).unwrap_or(u32::MAX);
        (0..point.settings.study.replicates).map(move |replicate| RunKey { point: point_number, replicate })
    };
    study.points.iter().flat_map(runs).collect()
}
