//! Charts and tables as the JSON that the page's script reads.
//!
//! It is not `report.json`: an x axis that lines share stands once, numbers are [short](Short), and what is malformed
//! (lists of different lengths, a band that descends from a later one) is made whole, so that the script needs no
//! checks. The script draws from these data and writes the CSV files from them, so that a picture and its file cannot
//! disagree.

use lamarck_model::report::{Axis, Flow, Heat, MergedBody, MergedChart, MergedLine, MergedTable, Panel};
use serde::Serialize;

use crate::number::Short;
use crate::thin;

/// A chart draws about so many points of all its lines together.
const MOST_POINTS: usize = 40_000;
/// Of one line, between so many and so many.
const MOST_OF_LINE: (usize, usize) = (200, 2_000);
/// A heat map or a stack of bands draws at most so many columns.
const MOST_COLUMNS: usize = 1_000;

/// Whether everything is embedded, or only what is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All points.
    Full,
    /// The points that are drawn.
    Drawn,
}

#[derive(Serialize)]
pub(crate) struct ChartData<'a> {
    key: &'a str,
    title: &'a str,
    x: &'a Axis,
    y: &'a Axis,
    /// Whether points were left out.
    lean: bool,
    xs: Vec<Vec<Short>>,
    panels: Vec<PanelData<'a>>,
}

#[derive(Serialize)]
struct PanelData<'a> {
    point: usize,
    runs: u32,
    synthetic: bool,
    #[serde(flatten)]
    body: BodyData<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum BodyData<'a> {
    Lines {
        lines: Vec<LineData<'a>>,
    },
    Bars {
        categories: &'a [String],
        lines: Vec<LineData<'a>>,
    },
    Heat {
        x: usize,
        rows: &'a [String],
        value: &'a Axis,
        cells: Vec<Vec<Option<Short>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        draw: Option<Vec<usize>>,
    },
    Flow {
        x: usize,
        bands: Vec<BandData<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        draw: Option<Vec<usize>>,
    },
}

#[derive(Serialize)]
struct LineData<'a> {
    name: &'a str,
    theory: bool,
    /// The position of its x in `xs`.
    x: usize,
    y: Vec<Option<Short>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    low: Vec<Option<Short>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    high: Vec<Option<Short>>,
    /// The points that are drawn, unless all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    draw: Option<Vec<usize>>,
}

#[derive(Serialize)]
struct BandData<'a> {
    name: &'a str,
    parent: Option<usize>,
    y: Vec<Short>,
}

/// The x axes seen so far.
struct Axes {
    seen: Vec<Vec<f64>>,
}

impl Axes {
    fn position(&mut self, x: Vec<f64>) -> usize {
        self.seen.iter().position(|seen| *seen == x).unwrap_or_else(|| {
            self.seen.push(x);
            self.seen.len() - 1
        })
    }
}

impl<'a> ChartData<'a> {
    pub(crate) fn new(chart: &'a MergedChart, depth: Depth) -> Self {
        let lines = chart.panels.iter().map(|panel| match &panel.body {
            MergedBody::Lines(lines) => lines.len(),
            _ => 0,
        });
        let most = (MOST_POINTS / lines.sum::<usize>().max(1)).clamp(MOST_OF_LINE.0, MOST_OF_LINE.1);
        let mut axes = Axes { seen: Vec::new() };
        let mut lean = false;
        let panels =
            chart.panels.iter().map(|panel| panel_data(panel, most, depth, &mut axes, &mut lean)).collect();
        let xs = axes.seen.into_iter().map(|x| x.into_iter().map(Short).collect()).collect();
        Self { key: &chart.key, title: &chart.title, x: &chart.x, y: &chart.y, lean, xs, panels }
    }
}

fn panel_data<'a>(
    panel: &'a Panel,
    most: usize,
    depth: Depth,
    axes: &mut Axes,
    thinned: &mut bool,
) -> PanelData<'a> {
    let body = match &panel.body {
        MergedBody::Lines(lines) => BodyData::Lines {
            lines: lines.iter().map(|line| line_data(line, most, depth, axes, thinned)).collect(),
        },
        MergedBody::Bars { categories, series } => {
            let lines = series.iter().map(|line| bar_data(line, categories.len())).collect();
            BodyData::Bars { categories, lines }
        }
        MergedBody::Heat(heat) => heat_data(heat, depth, axes, thinned),
        MergedBody::Flow(flow) => flow_data(flow, depth, axes, thinned),
    };
    PanelData { point: panel.point, runs: panel.runs, synthetic: panel.synthetic, body }
}

/// The values at these positions, or all, as many as there are positions to have.
fn pick<T: Copy, U>(all: &[T], at: Option<&[usize]>, len: usize, make: impl Fn(Option<T>) -> U) -> Vec<U> {
    match at {
        Some(at) => at.iter().map(|&i| make(all.get(i).copied())).collect(),
        None => (0..len).map(|i| make(all.get(i).copied())).collect(),
    }
}

/// A value that may be missing, in a list that may be too short.
fn known(value: Option<f64>) -> Option<Short> {
    value.filter(|value| value.is_finite()).map(Short)
}

/// Which points are embedded, and which of these are drawn.
fn split(
    draw: Option<Vec<usize>>,
    depth: Depth,
    thinned: &mut bool,
) -> (Option<Vec<usize>>, Option<Vec<usize>>) {
    match depth {
        Depth::Full => (None, draw),
        Depth::Drawn => {
            *thinned |= draw.is_some();
            (draw, None)
        }
    }
}

fn line_data<'a>(
    line: &'a MergedLine,
    most: usize,
    depth: Depth,
    axes: &mut Axes,
    thinned: &mut bool,
) -> LineData<'a> {
    let len = line.x.len().min(line.y.len());
    let (kept, draw) = split(thin::line(&line.y[..len], most), depth, thinned);
    let at = kept.as_deref();
    let x = pick(&line.x, at, len, Option::unwrap_or_default);
    // A band is whole or not there.
    let banded = line.low.len() >= len && line.high.len() >= len;
    let band =
        |ends: &[Option<f64>]| if banded { pick(ends, at, len, |y| known(y.flatten())) } else { Vec::new() };
    LineData {
        name: &line.name,
        theory: line.theory,
        x: axes.position(x),
        y: pick(&line.y, at, len, |y| known(y.flatten())),
        low: band(&line.low),
        high: band(&line.high),
        draw,
    }
}

fn bar_data(line: &MergedLine, categories: usize) -> LineData<'_> {
    let banded = line.low.len() >= categories && line.high.len() >= categories;
    let band = |ends: &[Option<f64>]| {
        if banded { pick(ends, None, categories, |y| known(y.flatten())) } else { Vec::new() }
    };
    LineData {
        name: &line.name,
        theory: line.theory,
        x: 0,
        y: pick(&line.y, None, categories, |y| known(y.flatten())),
        low: band(&line.low),
        high: band(&line.high),
        draw: None,
    }
}

fn heat_data<'a>(heat: &'a Heat, depth: Depth, axes: &mut Axes, thinned: &mut bool) -> BodyData<'a> {
    let (kept, draw) = split(thin::columns(heat.x.len(), MOST_COLUMNS), depth, thinned);
    let (at, len) = (kept.as_deref(), heat.x.len());
    let row_cells = |i: usize| {
        let cells = heat.cells.get(i).map_or(&[][..], Vec::as_slice);
        pick(cells, at, len, |y| known(y.flatten()))
    };
    BodyData::Heat {
        x: axes.position(pick(&heat.x, at, len, Option::unwrap_or_default)),
        rows: &heat.rows,
        value: &heat.value,
        cells: (0..heat.rows.len()).map(row_cells).collect(),
        draw,
    }
}

fn flow_data<'a>(flow: &'a Flow, depth: Depth, axes: &mut Axes, thinned: &mut bool) -> BodyData<'a> {
    let (kept, draw) = split(thin::columns(flow.x.len(), MOST_COLUMNS), depth, thinned);
    let (at, len) = (kept.as_deref(), flow.x.len());
    // A height that is not known is none: bands are stacked, and a gap in one would be a gap in all above it.
    let height = |y: Option<f64>| Short(y.filter(|y| y.is_finite() && *y > 0.0).unwrap_or(0.0));
    let band = |(i, band): (usize, &'a lamarck_model::report::FlowBand)| BandData {
        name: &band.name,
        parent: band.parent.filter(|&parent| parent < i),
        y: pick(&band.y, at, len, height),
    };
    BodyData::Flow {
        x: axes.position(pick(&flow.x, at, len, Option::unwrap_or_default)),
        bands: flow.bands.iter().enumerate().map(band).collect(),
        draw,
    }
}

/// A table as the page's script reads it.
#[derive(Serialize)]
pub(crate) struct TableData<'a> {
    name: &'a str,
    title: &'a str,
    columns: &'a [String],
    panels: &'a [lamarck_model::report::TablePanel],
}

impl<'a> TableData<'a> {
    pub(crate) fn new(table: &'a MergedTable) -> Self {
        Self { name: &table.name, title: &table.title, columns: &table.columns, panels: &table.panels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::report::FlowBand;

    fn chart(body: MergedBody) -> MergedChart {
        MergedChart {
            key: "k".into(),
            title: "t".into(),
            note: String::new(),
            x: Axis::new("x", "s"),
            y: Axis::new("y", ""),
            panels: vec![Panel { point: 0, runs: 3, synthetic: false, body }],
        }
    }

    fn line(name: &str, x: Vec<f64>, y: Vec<Option<f64>>) -> MergedLine {
        MergedLine { name: name.into(), x, low: Vec::new(), high: Vec::new(), y, theory: false }
    }

    #[test]
    fn a_shared_axis_stands_once_and_lists_are_made_as_long_as_each_other() {
        let x = vec![0.0, 0.5, 1.0];
        let lines = vec![
            line("a", x.clone(), vec![Some(1.0), None, Some(f64::NAN)]),
            MergedLine { low: vec![None; 1], ..line("b", x.clone(), vec![Some(0.1 + 0.2); 5]) },
            line("c", vec![2.0], vec![]),
        ];
        let chart = chart(MergedBody::Lines(lines));
        let json = serde_json::to_value(ChartData::new(&chart, Depth::Full)).unwrap();
        insta::assert_json_snapshot!(json, @r#"
        {
          "key": "k",
          "lean": false,
          "panels": [
            {
              "kind": "lines",
              "lines": [
                {
                  "name": "a",
                  "theory": false,
                  "x": 0,
                  "y": [
                    1,
                    null,
                    null
                  ]
                },
                {
                  "name": "b",
                  "theory": false,
                  "x": 0,
                  "y": [
                    0.3,
                    0.3,
                    0.3
                  ]
                },
                {
                  "name": "c",
                  "theory": false,
                  "x": 1,
                  "y": []
                }
              ],
              "point": 0,
              "runs": 3,
              "synthetic": false
            }
          ],
          "title": "t",
          "x": {
            "label": "x",
            "log": false,
            "unit": "s"
          },
          "xs": [
            [
              0,
              0.5,
              1
            ],
            []
          ],
          "y": {
            "label": "y",
            "log": false,
            "unit": ""
          }
        }
        "#);
    }

    #[test]
    fn long_lines_say_what_is_drawn_and_lean_ones_have_no_more() {
        let x: Vec<f64> = (0..9000).map(f64::from).collect();
        let y = x.iter().map(|x| Some(x % 100.0)).collect();
        let chart = chart(MergedBody::Lines(vec![line("a", x, y)]));
        let full = serde_json::to_value(ChartData::new(&chart, Depth::Full)).unwrap();
        let drawn = full["panels"][0]["lines"][0]["draw"].as_array().unwrap().len();
        assert!((1000..=2000).contains(&drawn), "{drawn}");
        assert_eq!(full["panels"][0]["lines"][0]["y"].as_array().unwrap().len(), 9000);
        let lean = serde_json::to_value(ChartData::new(&chart, Depth::Drawn)).unwrap();
        assert_eq!(lean["lean"], true);
        assert_eq!(lean["panels"][0]["lines"][0]["y"].as_array().unwrap().len(), drawn);
        assert_eq!(lean["xs"][0].as_array().unwrap().len(), drawn);
    }

    #[test]
    fn a_band_descends_from_an_earlier_one_only() {
        let band = |parent| FlowBand { name: "b".into(), parent, y: vec![1.0, f64::NAN, -1.0, 4.0] };
        let flow = Flow { x: vec![0.0, 1.0, 2.0], bands: vec![band(Some(1)), band(Some(0)), band(Some(2))] };
        let chart = chart(MergedBody::Flow(flow));
        let json = serde_json::to_value(ChartData::new(&chart, Depth::Full)).unwrap();
        let bands = json["panels"][0]["bands"].as_array().unwrap();
        assert_eq!(bands.iter().map(|b| b["parent"].as_u64()).collect::<Vec<_>>(), [None, Some(0), None]);
        assert_eq!(bands[0]["y"], serde_json::json!([1, 0, 0]));
    }

    #[test]
    fn a_ragged_heat_map_is_filled_up() {
        let heat = Heat {
            x: vec![0.0, 1.0],
            rows: vec!["r".into(), "s".into()],
            value: Axis::default(),
            cells: vec![vec![Some(0.5)]],
        };
        let chart = chart(MergedBody::Heat(heat));
        let json = serde_json::to_value(ChartData::new(&chart, Depth::Full)).unwrap();
        assert_eq!(json["panels"][0]["cells"], serde_json::json!([[0.5, null], [null, null]]));
    }
}
