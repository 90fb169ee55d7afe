//! Traces that lack what the analyzer asks for: a report that says what is missing.

#![allow(clippy::float_cmp, reason = "counts, and sums of fractions that are exact")]

mod support;

use lamarck_lineage::Lineage;
use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::serde_json::json;
use lamarck_sdk::testing::create;
use lamarck_sdk::{Analyzer, Columns, Context, Report, Status};
use support::{context, finding, report, rows, value};

fn row(id: u64, parent: Option<u64>, score: Option<f64>) -> CandidateRecord {
    let mut row = CandidateRecord { id, choices: vec![0, 0], ..CandidateRecord::default() };
    row.parent = parent.unwrap_or(u64::MAX);
    row.score = score.unwrap_or(f64::NAN);
    row.status = if score.is_some() { Status::Ok } else { Status::Failed } as u8;
    row
}

fn why(report: &Report, key: &str) -> String {
    finding(report, key).missing.clone().unwrap_or_else(|| panic!("{:?}", finding(report, key)))
}

fn study() -> Context {
    context(&json!({"plugin": "neutral", "population": 3}), 2)
}

#[test]
fn an_empty_trace() {
    let mut lineage: Lineage = create("{}", &study()).unwrap();
    lineage.candidates(&Columns::default()).unwrap();
    let report = lineage.finish().unwrap();
    support::check(&report);
    assert_eq!(why(&report, "takeovers"), "the trace has no candidates");
    assert_eq!(why(&report, "heritability-donor"), "the trace has no candidates");
    assert!(report.charts.is_empty());
    assert_eq!(value(&report, "founders"), 0.0);
}

#[test]
fn no_parents() {
    for trace in [vec![row(0, None, Some(1.0))], (0..40).map(|id| row(id, None, Some(0.5))).collect()] {
        let report = report("{}", &study(), &trace);
        for key in ["common-ancestor-age", "depth", "offspring", "heritability-parent", "generation-length"] {
            assert_eq!(why(&report, key), "no candidate names its parent", "{key}");
        }
        assert_eq!(why(&report, "heritability-donor"), "no child with a score names a donor that has one");
        assert!(report.charts.is_empty());
        assert_eq!(rows(&report, "best-ancestry").len(), 1);
    }
}

#[test]
fn all_failed() {
    let trace: Vec<_> = (0..40_u64).map(|id| row(id, id.checked_sub(3), None)).collect();
    let report = report("{}", &study(), &trace);
    assert_eq!(why(&report, "best-ancestors"), "no candidate has a score");
    assert_eq!(why(&report, "heritability-parent"), "no two scores to compare, or all the same");
    assert_eq!(why(&report, "parent-rank-chi-squared"), "no candidate names its parent's rank");
    assert_eq!(why(&report, "generation-time"), "the trace has no times");
    assert_eq!(value(&report, "generation-length"), 3.0);
    // Three lines side by side for ever.
    assert_eq!(value(&report, "founders-left"), 3.0);
    assert!(why(&report, "one-founder-left").starts_with("the population never had a common ancestor"));
    assert_eq!(value(&report, "offspring"), 1.0);
}

#[test]
fn ties_everywhere() {
    let trace: Vec<_> = (0..60_u64).map(|id| row(id, id.checked_sub(1), Some(0.25))).collect();
    let report = report("{}", &study(), &trace);
    assert_eq!(why(&report, "correlation-parent"), "no two scores to compare, or all the same");
    assert_eq!(why(&report, "champion-offspring"), "no member was the best from its entry to its exit");
    // Of equals the first to finish is the best.
    assert_eq!(value(&report, "best-ancestors"), 0.0);
}

#[test]
fn circles_and_parents_that_come_later() {
    // 0 and 1 name each other, 2 itself, 3 one that comes later; 4 is in order.
    let parents = [(0, 1), (1, 0), (2, 2), (3, 4), (4, 1)];
    let trace: Vec<_> = parents.iter().map(|&(id, parent)| row(id, Some(parent), Some(1.0))).collect();
    let report = report("{}", &study(), &trace);
    assert_eq!((value(&report, "unknown-parents"), value(&report, "children")), (3.0, 2.0));
    let alone = support::report("{}", &study(), &trace[2..3]);
    assert_eq!(why(&alone, "takeovers"), "no parent's row comes before its child's");
}

#[test]
fn wild_ids_cost_no_memory() {
    let trace = [
        row(u64::MAX - 1, None, Some(1.0)),
        row(1 << 40, Some(u64::MAX - 1), Some(2.0)),
        row(3, None, Some(1.0)),
        row(3, Some(3), Some(1.0)),
    ];
    let report = report("{}", &study(), &trace);
    assert_eq!((value(&report, "unfollowed-ids"), value(&report, "unknown-parents")), (3.0, 1.0));
    // The best has no id that could be found.
    assert_eq!(rows(&report, "best-ancestry"), ["0 - 2 - - - - - 2 - - - -"]);
}

#[test]
fn a_window_and_a_population_longer_than_the_trace() {
    let trace: Vec<_> = (0..10_u64).map(|id| row(id, id.checked_sub(1), Some(1.0))).collect();
    let large = context(&json!({"plugin": "neutral", "population": 1000}), 2);
    let report = report(r#"{"window": 1000000000}"#, &large, &trace);
    assert_eq!(why(&report, "takeovers"), "the run ended before the population was full");
    assert_eq!(rows(&report, "lineage-over-time").len(), 1);
}

#[test]
fn an_imported_trace_has_no_closed_forms() {
    let trace: Vec<_> = (0..500_u64).map(|id| row(id, id.checked_sub(7), Some(id as f64))).collect();
    let report = report("{}", &Context::bare(), &trace);
    assert!(finding(&report, "population").text.contains("assumed"));
    for key in ["common-ancestor-age", "founders-left", "depth", "offspring", "generation-length"] {
        assert_eq!(finding(&report, key).theory, None, "{key}");
    }
    assert_eq!(why(&report, "offspring-distance"), "the size of the population is not known");
    let said = support::report(r#"{"population": 7}"#, &Context::bare(), &trace);
    assert!(finding(&said, "founders-left").theory.is_some());
}

#[test]
fn columns_of_different_lengths_are_an_error() {
    let mut lineage: Lineage = create("{}", &study()).unwrap();
    let batch = Columns { rows: 3, ..Columns::default() };
    let error = lineage.candidates(&batch).unwrap_err();
    insta::assert_snapshot!(error, @"the columns of a batch of 3 candidates differ in length");
    let error = create::<Lineage>(r#"{"clade_share": 0.7}"#, &study()).unwrap_err();
    assert!(error.to_string().contains("clade_share"), "{error}");
}
