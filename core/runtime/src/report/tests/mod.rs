//! Merging, by hand and by property; the files; the published schema.

mod files;
mod golden;
mod properties;
mod schema;

use super::*;
use lamarck_model::report::{Axis, Bars, Body, Chart, Flow, FlowBand, Heat, Line, Report, Table};

fn about() -> About {
    About {
        title: "small".into(),
        summary: "two points by hand".into(),
        command: "lamarck run small".into(),
        study: "[space]\n".into(),
    }
}

fn point(label: &str, synthetic: bool) -> PointInfo {
    let report = PointReport {
        label: label.into(),
        space: "toy".into(),
        score: "sum".into(),
        unit: "%".into(),
        synthetic,
        notes: vec!["a note".into()],
        runs: 0,
        candidates: 0,
    };
    PointInfo { report, seed: Some(1) }
}

fn section(analyzer: &str) -> SectionInfo {
    SectionInfo { heading: "why?".into(), analyzer: analyzer.into(), summary: "what it does".into() }
}

fn run(point: usize, replicate: u32, report: Report) -> RunReports {
    let mut run = RunReports::new(point, replicate, 100);
    run.add(0, report).expect("a report as it should be");
    run
}

fn chart(key: &str, body: Body) -> Chart {
    Chart {
        key: key.into(),
        title: format!("the {key}"),
        note: "how to read it".into(),
        x: Axis::new("candidates", ""),
        y: Axis::log("bytes", "B"),
        body,
    }
}

/// A report with one of everything, whose numbers follow from one number.
fn everything(value: f64) -> Report {
    use lamarck_model::report::Finding;
    let whole = Finding::new("first", "the number", value, "s", 10).theory(2.0).spread(0.5);
    let gap = if value > 1.0 {
        Finding::new("gap", "a number some runs lack", value, "", 4)
    } else {
        Finding::missing("gap", "a number some runs lack", "no parents")
    };
    let curve = Line::new("measured", [(0.0, value), (100.0, 2.0 * value)]);
    let bars = Bars {
        categories: vec!["a".into(), "b".into()],
        series: vec![Line { y: vec![Some(value), None], ..Line::new("bar", []) }],
    };
    let heat = Heat {
        x: vec![0.0, 1.0],
        rows: vec!["r".into()],
        value: Axis::new("share", ""),
        cells: vec![vec![Some(value), None]],
    };
    let flow = Flow {
        x: vec![0.0, 1.0],
        bands: vec![
            FlowBand { name: "root".into(), parent: None, y: vec![1.0, value] },
            FlowBand { name: "child".into(), parent: Some(0), y: vec![0.0, 1.0] },
        ],
    };
    let table = Table {
        name: "shares".into(),
        title: "shares".into(),
        columns: ["decision", "share", "word"].map(str::to_owned).to_vec(),
        keys: 1,
        rows: vec![
            vec!["x".into(), value.into(), "same".into()],
            vec!["y, z".into(), 3_u64.into(), format!("{value}").into()],
        ],
    };
    Report {
        analyzer: "hand".into(),
        findings: vec![whole, gap, Finding::missing("never", "what nobody has", "no donors")],
        tables: vec![table],
        charts: vec![
            chart("curve", Body::Lines(vec![curve, Line::new("expected", [(0.0, 1.0)]).theory()])),
            chart("bars", Body::Bars(bars)),
            chart("heat", Body::Heat(heat)),
            chart("flow", Body::Flow(flow)),
        ],
    }
}

/// Three runs with 1, 2 and 5 at the first point, three with 2, 4 and 9 at the second.
fn six_runs() -> Vec<RunReports> {
    let values = [(0, [1.0, 2.0, 5.0]), (1, [2.0, 4.0, 9.0])];
    values
        .into_iter()
        .flat_map(|(point, values)| {
            (0..3).zip(values).map(move |(r, value)| run(point, r, everything(value)))
        })
        .collect()
}

fn merged(runs: &[RunReports]) -> StudyReport {
    merge(&about(), &[point("w=1", false), point("w=2", true)], &[section("hand")], runs)
}
