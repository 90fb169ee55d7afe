//! What a study's report consists of, once the runs are merged. This is `report.json`.
//!
//! It lives here and not beside the code that merges, so that the page, which draws it, need not know the runtime.

use super::{Axis, Cell, Flow, Heat};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The version of the shape of `report.json`; a change that readers would stumble over raises it.
pub const REPORT_SCHEMA: u32 = 1;

/// The report of a study, or of several traces side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyReport {
    /// [`REPORT_SCHEMA`].
    pub schema: u32,
    /// The title: the study's name, or the traces' names.
    pub title: String,
    /// What the study is about.
    pub summary: String,
    /// The version of lamarck that made it.
    pub lamarck: String,
    /// The command that makes it again.
    pub command: String,
    /// The study word for word; with the flags of the command it gives the same results. Several, one after another, if
    /// several traces were analysed; empty when it is not known.
    pub study: String,
    /// The sweep's points, over all traces.
    pub points: Vec<PointReport>,
    /// One section an analyzer, in the order of the study.
    pub sections: Vec<Section>,
}

/// A point of the sweep: what its runs have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointReport {
    /// What sets it apart: `cluster.workers=64`; the trace's name where there are several; empty for a single point.
    pub label: String,
    /// The search space.
    pub space: String,
    /// What the score is.
    pub score: String,
    /// Its unit.
    pub unit: String,
    /// Whether scores are made up.
    pub synthetic: bool,
    /// What whoever reads the scores must know.
    pub notes: Vec<String>,
    /// Runs that were analysed.
    pub runs: u32,
    /// Candidates over all runs.
    pub candidates: u64,
}

/// What one analyzer says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The analyzer, with what sets it apart from another of the same name.
    pub analyzer: String,
    /// What stands above it, the question that it answers; may be empty.
    #[serde(default)]
    pub heading: String,
    /// What it does.
    pub summary: String,
    /// Its findings, the most important first.
    pub findings: Vec<MergedFinding>,
    /// Its charts, in reading order.
    pub charts: Vec<MergedChart>,
    /// Its tables.
    pub tables: Vec<MergedTable>,
}

/// A finding over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedFinding {
    /// The key that all runs' findings share.
    pub key: String,
    /// What the value is.
    pub text: String,
    /// Its unit.
    pub unit: String,
    /// The values, one a point, in the order of the points; points without this finding are left out.
    pub values: Vec<PointValue>,
    /// Differences between points whose runs share seeds, each against the first point.
    pub differences: Vec<Difference>,
}

/// A finding's value at one point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointValue {
    /// The point, as a position in [`StudyReport::points`].
    pub point: usize,
    /// The median over runs.
    pub value: Option<f64>,
    /// The bootstrap 95 % interval of the median, with three runs or more.
    pub band: Option<[f64; 2]>,
    /// Runs with a value.
    pub runs: u32,
    /// Observations in these runs, summed.
    pub n: u64,
    /// The spread: over the observations if there is one run, over the runs (standard deviation) if there are more.
    pub spread: Option<f64>,
    /// The closed form's value (the median, should runs differ).
    pub theory: Option<f64>,
    /// Why there is no value, or why some runs have none.
    pub missing: Option<String>,
    /// Whether it stems from synthetic scores.
    pub synthetic: bool,
}

impl PointValue {
    /// What is missing: how many runs lack a value, as `3 of 20`, where others have one; and why.
    pub fn gap(&self) -> Option<(Option<&str>, &str)> {
        let missing = self.missing.as_deref()?;
        match missing.split_once(" runs: ").filter(|_| self.value.is_some()) {
            Some((count, reason)) => Some((Some(count), reason)),
            None => Some((None, missing)),
        }
    }
}

impl MergedFinding {
    /// Whether a point has more or less than what it is compared with, beyond chance: the interval of the paired
    /// difference is without 0.
    pub fn beyond_chance(&self, point: usize) -> Option<Ordering> {
        let known = self.differences.iter().find(|difference| difference.point == point)?;
        match known.band? {
            [low, _] if low > 0.0 => Some(Ordering::Greater),
            [_, high] if high < 0.0 => Some(Ordering::Less),
            _ => None,
        }
    }
}

/// A paired difference between two points: the same seed at both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The point.
    pub point: usize,
    /// What it is compared with.
    pub against: usize,
    /// The median of the paired differences, point less against.
    pub value: f64,
    /// Its bootstrap 95 % interval, with three pairs or more.
    pub band: Option<[f64; 2]>,
    /// Pairs.
    pub runs: u32,
}

/// A chart over all runs: a panel for each point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedChart {
    /// The key that all runs' charts share, also the CSV file's name.
    pub key: String,
    /// What it shows.
    pub title: String,
    /// How to read it.
    pub note: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The points' data; points without this chart are left out.
    pub panels: Vec<Panel>,
}

/// A chart at one point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// The point, as a position in [`StudyReport::points`].
    pub point: usize,
    /// Runs merged; the run shown, where charts are not merged, is the first.
    pub runs: u32,
    /// Whether it stems from synthetic scores.
    pub synthetic: bool,
    /// The data.
    pub body: MergedBody,
}

/// The data of a merged chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MergedBody {
    /// Curves with bands.
    Lines(Vec<MergedLine>),
    /// Groups of bars with error bars: `x` of the series is empty.
    Bars {
        /// The groups' names.
        categories: Vec<String>,
        /// A value a group.
        series: Vec<MergedLine>,
    },
    /// A heat map, cells averaged over runs.
    Heat(Heat),
    /// Stacked bands of the first run.
    Flow(Flow),
}

/// A curve over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedLine {
    /// What it is.
    pub name: String,
    /// Every x that any run has, ascending.
    pub x: Vec<f64>,
    /// The median over the runs that have a value there.
    pub y: Vec<Option<f64>>,
    /// The lower end of the bootstrap 95 % interval of the median; empty with fewer than three runs, or where the band
    /// would have no width.
    pub low: Vec<Option<f64>>,
    /// The upper end.
    pub high: Vec<Option<f64>>,
    /// Whether it is a closed form's or a null model's.
    pub theory: bool,
}

/// A table over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedTable {
    /// Its name, also the CSV file's (where every run's rows stand, with point and replicate in front).
    pub name: String,
    /// What it shows.
    pub title: String,
    /// How many of the first columns are keys.
    pub keys: usize,
    /// The columns' names.
    pub columns: Vec<String>,
    /// One table a point: rows merged by their keys (numbers to medians, equal words kept, others missing), or, for a
    /// table without keys, the first run's rows.
    pub panels: Vec<TablePanel>,
}

/// A table at one point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TablePanel {
    /// The point, as a position in [`StudyReport::points`].
    pub point: usize,
    /// Rows, at most [`TablePanel::MOST_ROWS`] of them.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows there are in all.
    pub total_rows: u64,
}

impl TablePanel {
    /// A page shows so many rows of a table; the CSV file has all.
    pub const MOST_ROWS: usize = 200;
}
