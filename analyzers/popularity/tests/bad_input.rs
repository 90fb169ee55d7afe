//! Traces that lack what an analysis wants: a report that says so, never a panic, never a number that is none.

#![allow(clippy::float_cmp, reason = "these numbers are exact")]

mod support;

use lamarck_popularity::Popularity;
use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::model::report::{Body, Report};
use lamarck_sdk::serde_json::{json, to_string, to_string_pretty};
use lamarck_sdk::testing::create;
use lamarck_sdk::{Analyzer, Context, Nullable, Status};
use proptest::prelude::*;
use support::{Simulation, analyze, analyze_in, column, context, finding, number, row};

/// Every value is there or says why not; every series is as long as its x.
fn sound(report: &Report) {
    for finding in &report.findings {
        assert_eq!(finding.value.is_none(), finding.missing.is_some(), "{finding:?}");
        assert!(finding.missing.as_deref() != Some("the value is not a finite number"), "{finding:?}");
        assert!(!finding.text.is_empty() && !finding.text.chars().any(|c| c.is_ascii_digit()), "{finding:?}");
    }
    for table in &report.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
    for chart in &report.charts {
        match &chart.body {
            Body::Lines(lines) => {
                assert!(lines.iter().all(|line| line.x.len() == line.y.len()), "{}", chart.key);
            }
            Body::Bars(bars) => {
                assert!(
                    bars.series.iter().all(|line| line.y.len() == bars.categories.len()),
                    "{}",
                    chart.key
                );
            }
            Body::Flow(flow) => {
                for (at, band) in flow.bands.iter().enumerate() {
                    assert_eq!(band.y.len(), flow.x.len());
                    assert!(band.parent.is_none_or(|parent| parent < at));
                    assert!(band.y.iter().all(|y| y.is_finite() && *y >= 0.0), "{band:?}");
                }
            }
            Body::Heat(_) => panic!("no heat map is drawn"),
        }
    }
    let text = to_string(report).unwrap();
    assert!(!text.contains("NaN") && !text.contains("Infinity"));
}

fn settings() -> Context {
    context(
        json!({ "strategy": { "population": 4, "sample": 2 }, "transfer": { "donor": "best-match", "retention": "all" } }),
    )
}

#[test]
fn an_empty_trace() {
    let report = analyze(&[], "{}", &settings());
    sound(&report);
    assert!(report.charts.is_empty());
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.missing.as_deref() == Some("the trace holds no candidates"))
    );
}

#[test]
fn one_candidate_all_failed_nobody_lends() {
    let report = analyze(&[row(0, None, None)], "{}", &settings());
    sound(&report);
    assert_eq!(
        finding(&report, "leaders").missing.as_deref(),
        Some("the trace names neither donors nor parents")
    );
    let mut failed: Vec<CandidateRecord> =
        (0..40).map(|id| row(id, id.checked_sub(3), id.checked_sub(2))).collect();
    for row in &mut failed {
        (row.score, row.status) = (f64::NONE, Status::Failed as u8);
    }
    let report = analyze(&failed, r#"{"window": 5, "lead": 1}"#, &settings());
    sound(&report);
    assert_eq!(finding(&report, "rise-score").missing.as_deref(), Some("it is not known in this trace"));
    assert_eq!(number(&report, "donations"), 38.0);
}

#[test]
fn no_space_no_settings_no_columns() {
    let rows: Vec<CandidateRecord> =
        (0..50).map(|id| row(id, id.checked_sub(1).map(|id| id / 3), None)).collect();
    let report = analyze(&rows, r#"{"window": 7, "lead": 1}"#, &Context::bare());
    sound(&report);
    assert_eq!(number(&report, "donations"), 49.0);
    for key in ["rank-explains", "fall-aged-out", "leader-seconds", "hazard-rank", "rise-rank"] {
        assert!(finding(&report, key).missing.is_some(), "{key}");
    }
    // Donors without parents: nobody's kinship is known.
    let rows: Vec<CandidateRecord> =
        (0..50).map(|id| row(id, None, id.checked_sub(1).map(|id| id / 9))).collect();
    let report = analyze(&rows, r#"{"window": 7, "lead": 2}"#, &Context::bare());
    sound(&report);
    assert!(number(&report, "fall-kinship-not-known") > 0.0);
    assert!(finding(&report, "fall-unrelated").missing.is_some());
}

#[test]
fn windows_longer_than_the_trace() {
    let rows: Vec<CandidateRecord> =
        (0..20).map(|id| row(id, id.checked_sub(1).map(|id| id / 5), None)).collect();
    let report = analyze(&rows, r#"{"window": 1000000000}"#, &settings());
    sound(&report);
    assert!(finding(&report, "donors-first").missing.as_deref().unwrap().contains("shorter than a window"));
    // Sliding windows are there from the first row.
    assert_eq!(column(&report, "leaders", "donor"), json!([0]));
}

#[test]
fn a_choice_out_of_range_is_an_error_with_its_row() {
    let mut analyzer: Popularity = create("{}", &settings()).unwrap();
    let mut columns = lamarck_sdk::model::CandidateColumns::with_capacity(2, 2);
    columns.push(&row(0, None, None));
    columns.push(&CandidateRecord { choices: vec![0, 7], ..row(1, None, None) });
    let error = analyzer.candidates(&columns.view()).unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"), @"row 1 of the trace is wrong: its choice for decision 1 is 7, but there are 2 options");
}

/// A small selective run; what is printed is rounded, the rest is pinned by the other tests.
#[test]
#[expect(clippy::too_many_lines, reason = "the report is part of it")]
fn a_report_as_json() {
    let simulation = Simulation {
        population: 8,
        sample: 3,
        workers: 2,
        candidates: 60,
        heritability: 0.5,
        failures: 0.1,
        seed: 3,
    };
    let report = analyze(&simulation.rows(), r#"{"window": 20, "top": 2}"#, &simulation.context());
    sound(&report);
    let short: Vec<_> = report
        .findings
        .iter()
        .map(|of| json!([of.key, of.value.map(|value| (value * 1e4).round() / 1e4), of.n, of.missing]))
        .map(|of| of.to_string())
        .collect();
    insta::assert_snapshot!(short.join("\n"), @r#"
    ["donors-first",0.2076,3,null]
    ["donors-effective",8.1525,3,null]
    ["leaders",4.0,28,null]
    ["leader-rise",11.25,4,null]
    ["leader-duration",10.0,4,null]
    ["fall-lost-longest-match",0.0,4,null]
    ["fall-unrelated",0.0,4,null]
    ["rank-explains",0.504,48,null]
    ["rise-rank",-0.4694,28,null]
    ["rise-score",-0.1934,28,null]
    ["donations",51.0,60,null]
    ["donors",28.0,60,null]
    ["donors-first-five",0.6894,3,null]
    ["donors-first-ten",0.95,3,null]
    ["donors-gini",0.2436,3,null]
    ["donors-turnover",0.9688,2,null]
    ["architectures-first",0.2409,3,null]
    ["architectures-effective",6.5403,3,null]
    ["architectures-turnover",0.9042,2,null]
    ["prefixes-first",0.5182,3,null]
    ["prefixes-effective",2.9642,3,null]
    ["prefixes-turnover",0.6875,2,null]
    ["leader-peak",3.75,4,null]
    ["leader-spells",1.0,4,null]
    ["leader-seconds",4.9478,4,null]
    ["fall-end-of-run",0.25,4,null]
    ["fall-retired",0.0,4,null]
    ["fall-aged-out",0.75,4,null]
    ["fall-own-descendant",0.0,4,null]
    ["fall-relative",0.0,4,null]
    ["fall-kinship-not-known",0.0,4,null]
    ["fall-nobody-else",0.0,4,null]
    ["rank-slope",0.8791,48,null]
    ["rank-mean",0.9375,48,null]
    ["rise-depth",-0.6928,28,null]
    ["rise-prefix",-0.173,28,null]
    ["rise-layers",null,0,"it does not vary within the groups"]
    ["rise-bytes",0.189,28,null]
    ["rise-phase",-0.7814,28,null]
    ["rise-derived",0.3934,28,null]
    ["rise-wait",-0.9866,28,null]
    ["hazard-age",null,0,"too few falls, or too few periods without one: at least five for each covariate are needed"]
    ["hazard-rank",null,0,"it does not vary between the observations"]
    ["hazard-descendants",null,0,"too few falls, or too few periods without one: at least five for each covariate are needed"]
    ["hazard-margin",null,0,"too few falls, or too few periods without one: at least five for each covariate are needed"]
    ["hazard-competitor-prefix",null,0,"too few falls, or too few periods without one: at least five for each covariate are needed"]
    "#);
    let leaders = &report.tables[0];
    insta::assert_snapshot!(to_string_pretty(leaders).unwrap(), @r##"
{
  "name": "leaders",
  "title": "donors that led a window, those that led longest first",
  "columns": [
    "rank",
    "donor",
    "entered [completion]",
    "first led [completion]",
    "time to rise [completions]",
    "peak [donations in a window]",
    "led [completions]",
    "led [s]",
    "spells",
    "fell [completion]",
    "why it fell last",
    "successor",
    "successor is",
    "donations",
    "rank at entry",
    "depth [generations]",
    "vector"
  ],
  "keys": 1,
  "rows": [
    [
      1,
      36,
      37,
      45,
      8,
      4,
      15,
      8.366,
      1,
      60,
      "still led at the end",
      null,
      "nobody",
      4,
      1,
      6,
      "2,2,1,1,0,2"
    ],
    [
      2,
      13,
      14,
      23,
      9,
      4,
      14,
      6.613,
      1,
      37,
      "aged out",
      18,
      "descendant",
      4,
      2,
      2,
      "1,0,1,1,0,2"
    ]
  ]
}
"##);
    let keys: Vec<&str> = report.charts.iter().map(|chart| chart.key.as_str()).collect();
    insta::assert_snapshot!(keys.join(" "), @r##"
concentration effective-lenders turnover donor-flow prefix-flow fall-reasons rise-conditions observed-expected
"##);
}

fn arbitrary() -> impl Strategy<Value = Vec<CandidateRecord>> {
    // Ids out of order and twice, wild ids, cycles, own parents, ties, failures, times that go back.
    let id = || prop_oneof![20 => 0_u64..40, 1 => Just(u64::MAX - 1), 1 => Just(u64::from(u32::MAX)), 1 => Just(3_000_000)];
    let one = (
        (id(), prop::option::of(id()), prop::option::weighted(0.6, id())),
        (prop::option::of(0_u64..3), 0_u8..6, 0_u8..7),
        (
            prop::option::of(0_u64..5_000_000),
            prop::option::of(0_u64..9),
            prop::option::of(prop_oneof![0_u64..9, Just(u64::MAX - 1)]),
        ),
        [0_u16..2, 0_u16..2],
    );
    let one = one.prop_map(|((id, parent, donor), (score, status, origin), (time, layers, age), choices)| {
        CandidateRecord {
            status,
            origin,
            score: score.map_or(f64::NONE, |score| score as f64),
            finished_us: time.unwrap_or(u64::NONE),
            prefix_layers: layers.unwrap_or(u64::NONE),
            parent_age: age.unwrap_or(u64::NONE),
            choices: choices.to_vec(),
            ..row(id, parent, donor)
        }
    });
    prop::collection::vec(one, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn anything_goes_in(rows in arbitrary(), window in 1_u64..30, seconds in 0_u8..3, lead in 1_u64..4) {
        let options = json!({ "window": window, "window_seconds": seconds, "lead": lead }).to_string();
        let report = analyze(&rows, &options, &settings());
        sound(&report);
        // However it is cut into batches. (Absent columns change nothing: nor do the batches.)
        prop_assert_eq!(&report, &analyze_in(&rows, &options, &settings(), 64));
    }
}
