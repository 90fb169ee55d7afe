//! Charts as data: what is drawn, not how.

use serde::{Deserialize, Serialize};

/// A chart of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// A short name that stays the same between versions and runs, also that of its CSV file: `entropy-over-time`.
    pub key: String,
    /// What it shows.
    pub title: String,
    /// How to read it, a sentence or two.
    #[serde(default)]
    pub note: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis; of a heat map, what its rows are.
    pub y: Axis,
    /// The data.
    pub body: Body,
}

/// An axis.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// What it measures.
    pub label: String,
    /// Its unit; empty for a plain number.
    #[serde(default)]
    pub unit: String,
    /// Whether it is logarithmic.
    #[serde(default)]
    pub log: bool,
}

impl Axis {
    /// A linear axis.
    pub fn new(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { label: label.into(), unit: unit.into(), log: false }
    }

    /// A logarithmic axis.
    pub fn log(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { log: true, ..Self::new(label, unit) }
    }
}

/// The data of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Curves. Merged over runs point by point into a median and a band.
    Lines(Vec<Line>),
    /// Groups of bars. Merged bar by bar into a median and an error bar.
    Bars(Bars),
    /// A heat map. Merged cell by cell into a mean.
    Heat(Heat),
    /// Bands stacked on each other over x, such as clades in a Muller plot. Not merged: shown for one run.
    Flow(Flow),
}

/// A curve.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it is, unique in its chart.
    pub name: String,
    /// Ascending.
    pub x: Vec<f64>,
    /// As many; `None` is a gap.
    pub y: Vec<Option<f64>>,
    /// Whether it is what a closed form or a null model expects, drawn dashed.
    #[serde(default)]
    pub theory: bool,
}

impl Line {
    /// A curve through points; a y that is not finite is a gap.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let (x, y) = points.into_iter().map(|(x, y)| (x, finite(y))).unzip();
        Self { name: name.into(), x, y, theory: false }
    }

    /// The same as a closed form's.
    #[must_use]
    pub fn theory(mut self) -> Self {
        self.theory = true;
        self
    }
}

/// Groups of bars.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// The groups' names, unique, in order.
    pub categories: Vec<String>,
    /// For each series its name and a value a group (in `y`; `x` is empty).
    pub series: Vec<Line>,
}

/// A heat map.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    /// The columns' positions.
    pub x: Vec<f64>,
    /// The rows' names, unique, from top to bottom.
    pub rows: Vec<String>,
    /// What a cell's value is.
    pub value: Axis,
    /// Row by row, one value a column.
    pub cells: Vec<Vec<Option<f64>>>,
}

/// Stacked bands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Positions along the horizontal axis, ascending.
    pub x: Vec<f64>,
    /// Bands; a band that descends from another stands after it.
    pub bands: Vec<FlowBand>,
}

/// One band.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowBand {
    /// Its name.
    pub name: String,
    /// The band that it descends from and is drawn inside of, as a position in the list.
    pub parent: Option<usize>,
    /// Its own height at each x, its descendants' not included.
    pub y: Vec<f64>,
}

/// The number, unless it is not finite.
pub fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
