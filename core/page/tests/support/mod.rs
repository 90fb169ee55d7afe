//! A report as studies make them, with everything in it that a page must be able to show: several points, bands,
//! closed forms, gaps, all kinds of charts, a long line, missing findings, names that are markup, and a lineage.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_lossless,
    clippy::too_many_lines,
    reason = "made-up data with small numbers, listed one after another"
)]

mod lineage;
pub(crate) mod nothing;

pub(crate) use lineage::explorer;

use lamarck_model::report::{
    Axis, Cell, Difference, Flow, FlowBand, Heat, MergedBody, MergedChart, MergedFinding, MergedLine,
    MergedTable, Panel, PointReport, PointValue, REPORT_SCHEMA, Section, StudyReport, TablePanel,
};

pub(crate) const WORKERS: [u32; 4] = [1, 16, 64, 256];
/// Points of the long line.
pub(crate) const LONG: usize = 20_000;
const OPERATIONS: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

/// Noise between -1 and 1 that depends on its arguments only (SplitMix64's mixing).
pub(crate) fn noise(a: usize, b: usize) -> f64 {
    let mut z = (a as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(b as u64 + 1);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn line(name: &str, count: usize, theory: bool, f: impl Fn(f64, usize) -> f64) -> MergedLine {
    let x: Vec<f64> = (0..count).map(|i| i as f64 * 100.0).collect();
    let y: Vec<Option<f64>> = (0..count).map(|i| Some(f(i as f64 / count as f64, i))).collect();
    let width = |i: usize| 0.04 + 0.03 * noise(i, 7).abs();
    let band = |sign: f64| -> Vec<Option<f64>> {
        if theory {
            return Vec::new();
        }
        y.iter().enumerate().map(|(i, y)| y.map(|y| y + sign * width(i))).collect()
    };
    MergedLine { name: name.into(), low: band(-1.0), high: band(1.0), x, y, theory }
}

fn panels(bodies: impl Fn(usize) -> MergedBody) -> Vec<Panel> {
    (0..WORKERS.len())
        .map(|point| Panel { point, runs: 20, synthetic: point == 3, body: bodies(point) })
        .collect()
}

fn chart(key: &str, title: &str, x: Axis, y: Axis, panels: Vec<Panel>) -> MergedChart {
    let note = format!("What {title} says, and how to read it in a sentence or two.");
    MergedChart { key: key.into(), title: title.into(), note, x, y, panels }
}

fn value(point: usize, value: f64, theory: Option<f64>) -> PointValue {
    PointValue {
        point,
        value: Some(value),
        band: Some([value * 0.9, value * 1.12]),
        runs: 20,
        n: 20 * (900 - 10 * point as u64),
        spread: Some(value.abs() * 0.07),
        theory,
        missing: None,
        synthetic: point == 3,
    }
}

fn finding(key: &str, text: &str, unit: &str, values: Vec<PointValue>) -> MergedFinding {
    let differences = values
        .iter()
        .skip(1)
        .filter_map(|other| {
            let value = other.value? - values[0].value?;
            Some(Difference {
                point: other.point,
                against: 0,
                value,
                band: Some([value - 0.1, value + 0.1]),
                runs: 20,
            })
        })
        .collect();
    MergedFinding { key: key.into(), text: text.into(), unit: unit.into(), values, differences }
}

fn structure() -> Section {
    let entropy = panels(|point| {
        let fall = 1.0 + f64::from(WORKERS[point]).log2() / 8.0;
        let mut lines: Vec<MergedLine> = (0..6)
            .map(|edge| {
                let name = format!("edge {}>{}", edge / 3, edge);
                line(&name, 60, false, |t, i| {
                    2.32 * (-t * (edge + 1) as f64 / fall).exp() + 0.05 * noise(i, edge)
                })
            })
            .collect();
        // Nobody finished in these windows.
        lines[2].y[20..26].fill(None);
        lines[2].low[20..26].fill(None);
        lines[2].high[20..26].fill(None);
        lines.extend((0..6).map(|edge| {
            line(&format!("edge {}>{}, neutral", edge / 3, edge), 60, true, |t, _| {
                2.32 * (-t * 0.4 * (edge + 1) as f64 / fall).exp()
            })
        }));
        MergedBody::Lines(lines)
    });
    let survival = panels(|point| MergedBody::Bars {
        categories: OPERATIONS.iter().map(ToString::to_string).collect(),
        series: [("proposed", 0.2, false), ("surviving", 0.25, false), ("surviving, neutral", 0.2, true)]
            .map(|(name, height, theory)| {
                let y: Vec<_> =
                    (0..5).map(|i| Some(height + if theory { 0.0 } else { 0.1 * noise(i, point) })).collect();
                let ends =
                    |by: f64| if theory { vec![] } else { y.iter().map(|y| y.map(|y| y + by)).collect() };
                MergedLine { name: name.into(), x: vec![], low: ends(-0.03), high: ends(0.02), y, theory }
            })
            .to_vec(),
    });
    let shares = panels(|point| {
        MergedBody::Heat(Heat {
            x: (0..40).map(|i| f64::from(i) * 100.0).collect(),
            rows: (0..6)
                .flat_map(|edge| OPERATIONS.map(|operation| format!("edge {edge}: {operation}")))
                .take(15)
                .collect(),
            value: Axis::new("share", ""),
            cells: (0..15)
                .map(|row| {
                    (0..40)
                        .map(|i| {
                            (row != 4 || i > 5)
                                .then(|| (0.2 + 0.02 * f64::from(i) * noise(row, point)).clamp(0.0, 1.0))
                        })
                        .collect()
                })
                .collect(),
        })
    });
    let candidates = || Axis::new("candidates finished", "");
    Section {
        analyzer: "structure".into(),
        heading: String::new(),
        summary: "How decisions, diversity and prefixes change over a run.".into(),
        findings: vec![
            finding(
                "fixation",
                "time until half of the decisions are fixed",
                "candidates",
                (0..4).map(|p| value(p, 1234.5 * (p + 1) as f64, Some(1500.0))).collect(),
            ),
            finding(
                "repeats",
                "share of candidates whose vector was there before",
                "%",
                (0..4).map(|p| value(p, 12.3 + p as f64, None)).collect(),
            ),
            finding(
                "prefix",
                "bytes that a child shares with its donor, <b>median</b>",
                "B",
                (0..4).map(|p| value(p, 12_345_678.0 / (p + 1) as f64, None)).collect(),
            ),
            MergedFinding {
                differences: vec![],
                ..finding(
                    "heritability",
                    "slope of a child's score on its parent's",
                    "",
                    (0..3)
                        .map(|point| PointValue {
                            value: None,
                            band: None,
                            spread: None,
                            n: 0,
                            theory: None,
                            missing: Some("the trace has no parents".into()),
                            ..value(point, 0.0, None)
                        })
                        .collect(),
                )
            },
        ],
        charts: vec![
            chart(
                "entropy-over-time",
                "Entropy of each decision",
                candidates(),
                Axis::new("entropy", "bit"),
                entropy,
            ),
            chart(
                "mutation-survival",
                "Proposed and surviving mutations",
                Axis::new("new option", ""),
                Axis::new("share", ""),
                survival,
            ),
            chart("option-shares", "Shares of the options", candidates(), Axis::new("option", ""), shares),
        ],
        tables: vec![MergedTable {
            name: "option-shares".into(),
            title: "Shares of the options at the end".into(),
            keys: 2,
            columns: ["decision", "option", "share", "candidates"].map(String::from).to_vec(),
            panels: (0..4)
                .map(|point| TablePanel {
                    point,
                    rows: (0..30)
                        .map(|i| {
                            vec![
                                Cell::from(format!("edge {}", i / 5)),
                                Cell::from(OPERATIONS[i % 5]),
                                Cell::from((i != 3).then(|| noise(i, point).abs())),
                                Cell::from(1000 + i as u64),
                            ]
                        })
                        .collect(),
                    total_rows: if point == 0 { 3000 } else { 30 },
                })
                .collect(),
        }],
    }
}

/// The descent of a hundred clades, of which some are there at any time.
fn flow(point: usize) -> Flow {
    let count = 14;
    let height = |band: usize, t: f64| {
        let (birth, strength) = (band as f64 / count as f64, 1.0 + noise(band, point).abs());
        if t < birth { 0.0 } else { strength * ((t - birth) * 9.0).min(1.0) * (-(t - birth) * 3.0).exp() }
    };
    let x: Vec<f64> = (0..120).map(|i| f64::from(i) * 50.0).collect();
    let sums: Vec<f64> =
        (0..120).map(|i| (0..count).map(|b| height(b, f64::from(i) / 120.0)).sum()).collect();
    let band = |band: usize| FlowBand {
        name: if band == 0 { "founder".into() } else { format!("clade of {}", band * 37) },
        parent: (band > 0).then(|| (band as f64 * noise(band, 3).abs()) as usize),
        y: (0..120_u32).map(|i| height(band, f64::from(i) / 120.0) / sums[i as usize].max(1e-9)).collect(),
    };
    Flow { x, bands: (0..count).map(band).collect() }
}

fn popularity() -> Section {
    let long = vec![Panel {
        point: 2,
        runs: 1,
        synthetic: false,
        body: MergedBody::Lines(vec![
            line("donations", LONG, false, |t, i| {
                1.0 + t * 40.0 + 8.0 * noise(i, 1) + if i == 7777 { 90.0 } else { 0.0 }
            }),
            line("by rank alone", LONG, true, |t, _| 2.0 + t * 30.0),
        ]),
    }];
    let muller = panels(|point| MergedBody::Flow(flow(point)));
    let concentration = panels(|point| {
        let growing = |name: &str, by: f64| {
            line(name, 30, false, move |t, i| by * 10_f64.powf(3.0 * t) * (1.2 + 0.1 * noise(i, point)))
        };
        MergedBody::Lines(vec![growing("effective donors", 1.0), growing("donors", 4.0)])
    });
    Section {
        analyzer: "popularity (window=100)".into(),
        heading: String::new(),
        summary: "Which models lend weights to others, for how long, and why they stop.".into(),
        findings: vec![finding(
            "lead",
            "how long a donor leads",
            "s",
            (0..4).map(|p| value(p, 0.000_012 * (p + 1) as f64, None)).collect(),
        )],
        charts: vec![
            chart(
                "muller",
                "Rise and fall of clades",
                Axis::new("candidates finished", ""),
                Axis::new("share of the population", ""),
                muller,
            ),
            chart(
                "donations",
                "Donations in a window",
                Axis::new("candidates finished", ""),
                Axis::new("donations", ""),
                long,
            ),
            chart(
                "effective-donors",
                "Donors </script><script>alert(1)</script> that count",
                Axis::new("candidates finished", ""),
                Axis::log("donors", ""),
                concentration,
            ),
        ],
        tables: vec![MergedTable {
            name: "leaders".into(),
            title: "Donors that led".into(),
            keys: 0,
            columns: ["candidate", "rose [s]", "fell because"].map(String::from).to_vec(),
            panels: vec![TablePanel {
                point: 0,
                rows: (0..4)
                    .map(|i| {
                        vec![
                            Cell::from(1000 + i as u64),
                            Cell::from(0.5 * i as f64),
                            Cell::from("=overtaken, \"by\" its own descendant"),
                        ]
                    })
                    .collect(),
                total_rows: 4,
            }],
        }],
    }
}

/// The report.
pub(crate) fn report() -> StudyReport {
    StudyReport {
        schema: REPORT_SCHEMA,
        title: "workers <script>alert(1)</script>".into(),
        summary:
            "What more workers change: structure, lineage and the popularity of donors on NAS-Bench-201."
                .into(),
        lamarck: "0.1.0".into(),
        command: "lamarck run workers.toml --set study.replicates=20".into(),
        study: "[study]\nname = \"workers\"\nseed = 1\n\n[sweep]\n\"cluster.workers\" = [1, 16, 64, 256]\n"
            .into(),
        points: WORKERS
            .iter()
            .enumerate()
            .map(|(i, workers)| PointReport {
                label: format!("cluster.workers={workers}"),
                space: "nas-bench-201".into(),
                score: "validation accuracy".into(),
                unit: "%".into(),
                synthetic: i == 3,
                notes: if i == 3 { vec!["scores are drawn from an NK landscape".into()] } else { vec![] },
                runs: 20,
                candidates: 20_000,
            })
            .collect(),
        sections: vec![structure(), popularity()],
    }
}

/// The report of a study of 100,000 candidates: forty charts over windows of a hundred candidates, six lines each with
/// bands.
pub(crate) fn large_report() -> StudyReport {
    let chart = |k: usize| {
        let lines = (0..6)
            .map(|l| line(&format!("line {l}"), 1000, false, |t, i| t * (l + 1) as f64 + noise(i, k * 6 + l)))
            .collect();
        let panels = vec![Panel { point: 0, runs: 1, synthetic: false, body: MergedBody::Lines(lines) }];
        chart(
            &format!("chart-{k}"),
            "a chart",
            Axis::new("candidates finished", ""),
            Axis::new("y", ""),
            panels,
        )
    };
    let mut report = report();
    report.points.truncate(1);
    report.sections = vec![Section {
        analyzer: "large".into(),
        heading: String::new(),
        summary: String::new(),
        findings: vec![],
        charts: (0..40).map(chart).collect(),
        tables: vec![],
    }];
    report
}
