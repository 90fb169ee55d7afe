//! Small cases whose answers are written out by hand.

use super::*;
use lamarck_model::report::{Cell, Finding};

#[test]
fn findings_by_hand() {
    let report = merged(&six_runs());
    let finding = &report.sections[0].findings[0];
    assert_eq!(
        (finding.key.as_str(), finding.text.as_str(), finding.unit.as_str()),
        ("first", "the number", "s")
    );
    let first = PointValue {
        point: 0,
        value: Some(2.0),
        // Of three values the median of a resample is the least or the greatest with probability 7/27 each.
        band: Some([1.0, 5.0]),
        runs: 3,
        n: 30,
        // The squares of -5/3, -2/3 and 7/3 sum to 78/9, which halved is 13/3.
        spread: finding.values[0].spread,
        theory: Some(2.0),
        missing: None,
        synthetic: false,
    };
    assert!((first.spread.unwrap() - (13.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    assert_eq!(finding.values[0], first);
    assert_eq!((finding.values[1].value, finding.values[1].band), (Some(4.0), Some([2.0, 9.0])));
    assert!(finding.values[1].synthetic && !finding.values[0].synthetic);
    // 2 - 1, 4 - 2 and 9 - 5, not the difference of the medians alone.
    let expected = Difference { point: 1, against: 0, value: 2.0, band: Some([1.0, 4.0]), runs: 3 };
    assert_eq!(finding.differences, [expected]);
}

#[test]
fn gaps_are_told() {
    let report = merged(&six_runs());
    let [_, gap, never] = report.sections[0].findings.as_slice() else { panic!("three findings") };
    let value = &gap.values[0];
    assert_eq!((value.value, value.band, value.runs, value.n), (Some(3.5), None, 2, 8));
    assert_eq!(value.missing.as_deref(), Some("1 of 3 runs: no parents"));
    // Only the replicates that both points have are pairs.
    assert_eq!((gap.differences[0].runs, gap.differences[0].value), (2, 3.0));
    let value = &never.values[1];
    assert_eq!((value.value, value.runs, value.n), (None, 0, 0));
    assert_eq!(value.missing.as_deref(), Some("no donors"));
    assert!(never.differences.is_empty());
}

#[test]
fn points_of_other_seeds_are_not_paired() {
    let other = PointInfo { seed: Some(2), ..point("b", false) };
    let unknown = PointInfo { seed: None, ..point("b", false) };
    for second in [other, unknown] {
        let report = merge(&about(), &[point("a", false), second], &[section("hand")], &six_runs());
        assert!(report.sections[0].findings.iter().all(|finding| finding.differences.is_empty()));
    }
}

#[test]
fn points_are_paired_with_the_first_of_their_space() {
    let elsewhere = || {
        let mut other = point("b", false);
        other.report.space = "another".into();
        other
    };
    let report = merge(&about(), &[point("a", false), elsewhere()], &[section("hand")], &six_runs());
    assert!(report.sections[0].findings.iter().all(|finding| finding.differences.is_empty()));

    let mut runs = six_runs();
    runs.extend(six_runs().into_iter().map(|mut run| {
        run.point += 2;
        run
    }));
    let points = [point("a", false), point("b", true), elsewhere(), elsewhere()];
    let report = merge(&about(), &points, &[section("hand")], &runs);
    let pairs = |finding: usize| {
        let differences = &report.sections[0].findings[finding].differences;
        differences.iter().map(|difference| (difference.point, difference.against)).collect::<Vec<_>>()
    };
    assert_eq!(pairs(0), [(1, 0), (3, 2)]);
}

#[test]
fn a_single_run_is_passed_through() {
    let report = merged(&[run(0, 7, everything(2.0))]);
    let section = &report.sections[0];
    let value = &section.findings[0].values[0];
    assert_eq!(
        (value.value, value.band, value.spread, value.runs, value.n),
        (Some(2.0), None, Some(0.5), 1, 10)
    );
    let source = everything(2.0);
    for (chart, source) in section.charts.iter().zip(&source.charts) {
        match (&chart.panels[0].body, &source.body) {
            (MergedBody::Lines(merged), Body::Lines(lines)) => {
                for (merged, line) in merged.iter().zip(lines) {
                    assert_eq!((&merged.x, &merged.y, merged.theory), (&line.x, &line.y, line.theory));
                    assert!(merged.low.is_empty() && merged.high.is_empty());
                }
            }
            (MergedBody::Bars { categories, series }, Body::Bars(bars)) => {
                assert_eq!((categories, &series[0].y), (&bars.categories, &bars.series[0].y));
            }
            (MergedBody::Heat(merged), Body::Heat(heat)) => assert_eq!(merged, heat),
            (MergedBody::Flow(merged), Body::Flow(flow)) => assert_eq!(merged, flow),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(section.tables[0].panels[0].rows, source.tables[0].rows);
    assert_eq!((report.points[0].runs, report.points[0].candidates, report.points[1].runs), (1, 100, 0));
}

#[test]
fn charts_by_hand() {
    let report = merged(&six_runs());
    let [curve, bars, heat, flow] = report.sections[0].charts.as_slice() else { panic!("four charts") };
    let MergedBody::Lines(lines) = &curve.panels[0].body else { panic!("lines") };
    assert_eq!((&lines[0].x, &lines[0].y), (&vec![0.0, 100.0], &vec![Some(2.0), Some(4.0)]));
    assert_eq!((&lines[0].low, &lines[0].high), (&vec![Some(1.0), Some(2.0)], &vec![Some(5.0), Some(10.0)]));
    assert!(lines[1].theory && lines[1].low.is_empty(), "a band without width is left out");
    let MergedBody::Bars { series, .. } = &bars.panels[1].body else { panic!("bars") };
    assert_eq!((&series[0].y, &series[0].low), (&vec![Some(4.0), None], &vec![Some(2.0), None]));
    let MergedBody::Heat(heat) = &heat.panels[0].body else { panic!("heat") };
    let mean = heat.cells[0][0].unwrap();
    assert!((mean - 8.0 / 3.0).abs() < 1e-12 && heat.cells[0][1].is_none());
    let MergedBody::Flow(flow) = &flow.panels[1].body else { panic!("flow") };
    assert_eq!(flow.bands[0].y, [1.0, 2.0], "the first run's");
    assert!(curve.panels[1].synthetic && curve.panels[1].runs == 3);
}

/// Series and positions that only some runs have, a step, and a chart that is of another kind in one run.
#[test]
fn runs_that_differ_in_what_they_have() {
    let lines = |lines: Vec<Line>| Report {
        charts: vec![chart("c", Body::Lines(lines))],
        findings: vec![Finding::new("f", "f", 1.0, "", 1)],
        ..Report::default()
    };
    let runs = [
        run(0, 0, lines(vec![Line::new("a", [(0.0, 1.0), (1.0, 1.0), (1.0, 3.0)])])),
        run(
            0,
            1,
            lines(vec![
                Line::new("b", [(5.0, f64::NAN)]),
                Line::new("a", [(1.0, 2.0), (1.0, 4.0), (2.0, 8.0)]),
            ]),
        ),
        run(0, 2, Report { charts: vec![chart("c", Body::Bars(Bars::default()))], ..Report::default() }),
    ];
    let report = merged(&runs);
    let panel = &report.sections[0].charts[0].panels[0];
    let MergedBody::Lines(lines) = &panel.body else { panic!("lines") };
    assert_eq!(panel.runs, 2);
    assert_eq!(lines[0].x, [0.0, 1.0, 1.0, 2.0]);
    assert_eq!(lines[0].y, [Some(1.0), Some(1.5), Some(3.5), Some(8.0)]);
    assert_eq!((lines[1].name.as_str(), &lines[1].y), ("b", &vec![None]));
    assert_eq!(report.sections[0].findings[0].values[0].runs, 2);
}

#[test]
fn tables_by_hand() {
    let report = merged(&six_runs());
    let table = &report.sections[0].tables[0];
    let expected = |share: f64| {
        vec![
            vec![Cell::from("x"), share.into(), "same".into()],
            vec!["y, z".into(), 3_u64.into(), Cell::Missing(())],
        ]
    };
    assert_eq!(table.panels[0].rows, expected(2.0));
    assert_eq!((&table.panels[1].rows, table.panels[1].total_rows), (&expected(4.0), 2));
}

#[test]
fn tables_with_columns_rows_and_keys_of_their_own() {
    let table = |keys, columns: &[&str], rows: Vec<Vec<Cell>>| Report {
        tables: vec![Table {
            name: "t".into(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            keys,
            rows,
            ..Table::default()
        }],
        ..Report::default()
    };
    let whole = |n: i64| Cell::Integer(n);
    let runs = [
        run(0, 0, table(1, &["k", "a"], vec![vec!["x".into(), whole(1)], vec!["x".into(), whole(10)]])),
        run(
            0,
            1,
            table(
                1,
                &["key", "b", "a"],
                vec![vec!["y".into(), whole(7), whole(5)], vec!["x".into(), whole(8), whole(2)]],
            ),
        ),
        run(1, 0, table(1, &["k", "a"], vec![vec!["x".into(), Cell::Number(0.5)]])),
    ];
    let report = merged(&runs);
    let merged_table = &report.sections[0].tables[0];
    assert_eq!(merged_table.columns, ["k", "a", "b"]);
    let none = Cell::Missing(());
    assert_eq!(
        merged_table.panels[0].rows,
        [
            vec![Cell::from("x"), Cell::Number(1.5), whole(8)],
            vec!["x".into(), whole(10), none.clone()],
            vec!["y".into(), whole(5), whole(7)],
        ]
    );
    assert_eq!(merged_table.panels[1].rows, [vec!["x".into(), Cell::Number(0.5), none]]);
    // Without keys: the first run's, at most so many of them.
    let many = (0..500).map(|n| vec![whole(n)]).collect();
    let report = merged(&[run(0, 0, table(0, &["n"], many)), run(0, 1, table(0, &["n"], Vec::new()))]);
    let panel = &report.sections[0].tables[0].panels[0];
    assert_eq!((panel.rows.len(), panel.total_rows, &panel.rows[199][0]), (200, 500, &whole(199)));
}

#[test]
fn a_small_report_json() {
    let runs: Vec<RunReports> = six_runs();
    let mut report = merged(&runs);
    // What follows the release does not belong into a snapshot.
    report.lamarck = "0.0.0".into();
    insta::assert_json_snapshot!("small_report", report);
}
