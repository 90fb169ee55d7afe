//! What holds for any reports.

use super::*;
use lamarck_model::report::Finding;
use proptest::prelude::*;

fn finding() -> impl Strategy<Value = Finding> {
    let value = prop::option::weighted(0.8, prop_oneof![-1e3..1e3_f64, Just(f64::MAX), Just(f64::NAN)]);
    (0..3_u8, value, 0..50_u64, prop::option::of(-1.0..1.0_f64)).prop_map(|(key, value, n, theory)| Finding {
        key: format!("k{key}"),
        value,
        n,
        theory,
        ..Finding::default()
    })
}

fn line() -> impl Strategy<Value = Line> {
    let points = prop::collection::vec((0..6_u8, prop_oneof![-10.0..10.0_f64, Just(f64::INFINITY)]), 0..8);
    (0..3_u8, points).prop_map(|(name, mut points)| {
        points.sort_by_key(|(x, _)| *x);
        Line::new(format!("s{name}"), points.into_iter().map(|(x, y)| (f64::from(x), y)))
    })
}

fn report() -> impl Strategy<Value = Report> {
    let lines = prop::collection::vec(line(), 0..4).prop_map(|mut lines| {
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        lines.dedup_by(|a, b| a.name == b.name);
        lines
    });
    (prop::collection::vec(finding(), 0..4), lines, any::<f64>()).prop_map(|(mut findings, lines, value)| {
        findings.sort_by(|a, b| a.key.cmp(&b.key));
        findings.dedup_by(|a, b| a.key == b.key);
        let mut report = everything(if value.is_finite() { value } else { 1.0 });
        report.findings = findings;
        report.charts.push(chart("lines", Body::Lines(lines)));
        report
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_runs_does_not_matter(
        (runs, shuffled) in prop::collection::vec((0..2_usize, report()), 0..9).prop_flat_map(|reports| {
            let runs: Vec<RunReports> =
                (0..).zip(reports).map(|(replicate, (point, report))| run(point, replicate, report)).collect();
            (Just(runs.clone()), Just(runs).prop_shuffle())
        })
    ) {
        let report = merged(&runs);
        prop_assert_eq!(&report, &merged(&shuffled));
        // What is written is read back, so there is nothing in it that JSON cannot say.
        let text = serde_json::to_string(&report).unwrap();
        let back: StudyReport = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&report, &back);
        for finding in report.sections.iter().flat_map(|section| &section.findings) {
            for value in &finding.values {
                prop_assert!(value.value.is_some() == (value.runs > 0));
                prop_assert!(value.value.is_some() || value.missing.is_some(), "no value and no reason");
                prop_assert_eq!(value.band.is_some(), value.runs as usize >= FEWEST);
                if let (Some(median), Some([low, high])) = (value.value, value.band) {
                    prop_assert!(low <= median && median <= high);
                }
            }
        }
        for chart in report.sections.iter().flat_map(|section| &section.charts) {
            for panel in &chart.panels {
                if let MergedBody::Lines(lines) = &panel.body {
                    for line in lines {
                        prop_assert!(line.x.is_sorted());
                        prop_assert_eq!(line.x.len(), line.y.len());
                        prop_assert!(line.low.is_empty() || line.low.len() == line.y.len());
                        prop_assert_eq!(line.low.len(), line.high.len());
                    }
                }
            }
        }
    }
}
