//! A run that was made by hand, with the numbers worked out by hand.
//!
//! Two members, two workers, five candidates. Each model has an input without weights, a layer A of 100 bytes and a
//! layer B of 10. Slot k is what happens when k candidates have finished.
//!
//! ```text
//! slot   1         2         3         4         5
//! time   10        20        30        40        50
//! ends   0         1         2         4         3
//! leaves                     0         1         2
//! ```
//!
//! 3 is a child of 0 and was promised its A in slot 2; it read it in slot 3, when 0 had left, and finished in slot 5. 4 is
//! a child of 2, promised and read its A in slot 3, and finished in slot 4.

mod support;

use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::model::candidate::LayerSource;
use lamarck_sdk::testing::space;
use lamarck_sdk::{Context, LayerColumns, Nullable, Origin, Report};
use support::{Trace, finding, line, missing, report, table, text, value};

fn record(id: u64, times: [u64; 3], parent: Option<(u64, u64)>) -> CandidateRecord {
    let [submitted_us, started_us, finished_us] = times;
    let mut record = CandidateRecord {
        id,
        submitted_us,
        started_us,
        finished_us,
        score: 1.0,
        train_us: 10,
        transfer_us: 0,
        layers: 3,
        bytes: 110,
        prefix_layers: 0,
        prefix_bytes: 0,
        prefix_owners: 0,
        missed_layers: 0,
        stored_bytes: 110,
        owners: 1,
        choices: vec![0],
        ..CandidateRecord::default()
    };
    if let Some((parent, age)) = parent {
        (record.parent, record.donor, record.parent_age) = (parent, parent, age);
        record.origin = Origin::Mutation as u8;
        (record.transfer_us, record.prefix_layers, record.prefix_bytes) = (2, 2, 100);
        (record.prefix_owners, record.stored_bytes, record.owners) = (1, 10, 2);
    }
    record
}

fn by_hand() -> Trace {
    let records = vec![
        record(0, [0, 0, 10], None),
        record(1, [0, 0, 20], None),
        record(2, [10, 10, 30], None),
        record(4, [30, 30, 40], Some((2, 0))),
        record(3, [20, 30, 50], Some((0, 1))),
    ];
    let mut layers = LayerColumns::default();
    for (id, owner_of_a) in [(0, 0), (1, 1), (2, 2), (4, 2), (3, 0)] {
        for (identity, owner, bytes) in [
            (9, owner_of_a, 0),
            (10 + u128::from(owner_of_a), owner_of_a, 100),
            (20 + u128::from(id), id, 10),
        ] {
            let source = if owner == id { LayerSource::Trained } else { LayerSource::Repository };
            layers.push(id, identity, owner, bytes, source);
        }
    }
    Trace { records, layers, events: Vec::new() }
}

fn context() -> Context {
    let mut context = Context::for_space(space(&[2]));
    context.workers = 2;
    context.study = lamarck_sdk::serde_json::json!({
        "strategy": {"plugin": "regularized-evolution", "population": 2, "failures": "worst"},
        "scheduler": {"lookahead": 0},
        "transfer": {"donor": "parent", "retention": "all", "window": 2},
    });
    context
}

fn of_hand(options: &str) -> Report {
    report(options, &context(), &by_hand(), 2)
}

fn near(report: &Report, key: &str, expected: f64) {
    let found = value(report, key);
    assert!((found - expected).abs() < 1e-6, "{key}: {found} instead of {expected}");
}

fn theory(report: &Report, key: &str, expected: f64) {
    let found = finding(report, key).theory;
    assert!(
        found.is_some_and(|found| (found - expected).abs() < 1e-6),
        "{key}: {found:?} instead of {expected}"
    );
}

#[test]
fn bytes_owners_and_seconds() {
    // Nothing of this needs layers.
    for options in [r#"{"window": 2}"#, r#"{"window": 2, "layers": false}"#] {
        let report = of_hand(options);
        // Three models of 110 and two suffixes of 10; five models of 110.
        near(&report, "written-bytes", 350.0);
        near(&report, "unshared-bytes", 550.0);
        near(&report, "saved-share", 200.0 / 550.0);
        assert_eq!(line(&report, "bytes-stored", "with sharing").y, [Some(220.0), Some(340.0)]);
        assert_eq!(line(&report, "bytes-stored", "without sharing").y, [Some(220.0), Some(440.0)]);
        // Two members of 110 each, from slot 2 on.
        near(&report, "members-unshared-bytes", 220.0);
        theory(&report, "members-unshared-bytes", 220.0);
        assert_eq!(finding(&report, "members-unshared-bytes").n, 4);
        near(&report, "inherited-bytes-share", 2.0 * (100.0 / 110.0) / 5.0);
        near(&report, "inherited-layers-share", 2.0 * (2.0 / 3.0) / 5.0);
        near(&report, "inherited-bytes-share-first-window", 0.0);
        near(&report, "inherited-bytes-share-last-window", 50.0 / 110.0);
        near(&report, "owners-mean", 1.4);
        near(&report, "owners-most", 2.0);
        near(&report, "prefix-owners-mean", 1.0);
        assert_eq!(
            text(table(&report, "owners"))[..3],
            ["1 3 0.600 2 1.000", "2 2 0.400 0 0.000", "3 0 0.000 0 0.000"]
        );
        near(&report, "missed-layers", 0.0);
        near(&report, "transfer-seconds", 4e-6 / 5.0);
        near(&report, "transfer-share", 4.0 / 54.0);
    }
    let report = of_hand(r#"{"window": 2, "layers": false}"#);
    assert!(missing(&report, "peak-bytes-all").contains("option `layers`"));
    assert!(missing(&report, "lifetime-median").contains("option `layers`"));
}

#[test]
fn live_bytes_per_rule() {
    let report = of_hand(r#"{"window": 2}"#);
    // At the ends of slots: all 110, 220, 330, 340, 350. Members have 110, 220, then (0 leaves) 220, then (4 adds 10,
    // 1 leaves) 120, then (3 adds 10 and takes up A of 0; B of 2 goes, its A is in 4) 220. Reachable keeps A of 0 in
    // slots 3 and 4: 320 and 220. The window of two models has 220 at most.
    // Peaks are taken when a model was stored, before another leaves: 330 in slot 3; reachable again in slot 4.
    // Peak, mean, end, peak by written, missed layers, their bytes, share of the two reads.
    assert_eq!(
        text(table(&report, "rules")),
        [
            "all 350.000 270.000 350.000 1.000 0.000 0.000 0.000",
            "reachable 330.000 218.000 220.000 0.943 0.000 0.000 0.000",
            "population 330.000 178.000 220.000 0.943 1.000 100.000 0.500",
            "window 220.000 178.000 220.000 0.629 1.000 100.000 0.500",
        ]
    );
    let curve = |rule| line(&report, "live-bytes", rule).y.iter().map(|y| y.unwrap()).collect::<Vec<_>>();
    assert_eq!(curve("all"), [220.0, 340.0]);
    assert_eq!(curve("reachable"), [220.0, 220.0]);
    assert_eq!(curve("population"), [220.0, 120.0]);
    assert_eq!(curve("window"), [220.0, 120.0]);
    near(&report, "saved-share-of-members", 0.0);
    near(&report, "promised-bytes", 40.0);
    // A child of slot 2 finishes in slot 5, one of slot 3 in slot 4.
    near(&report, "flight", 2.0);
    theory(&report, "flight", 2.0);
}

#[test]
fn waiting() {
    let report = of_hand("{}");
    // Dropped: 110 of 0 in slot 3, 110 of 1 in slot 4, B of 2 in slot 5.
    // A delay of 1 keeps 110, 110, 10 in slots 3 to 5; live with it at most 230 + 110, when 4 (and 3) is stored.
    // A delay of 2 keeps 110, 220, and 20 + 100 less: A of 0 is taken up when 3 is stored, B of 0 goes in slot 5.
    // A sweep in slots 2 and 4 leaves 110 in slot 3, nothing in slot 4 and 10 in slot 5.
    let rows = text(table(&report, "waits"));
    assert_eq!(
        rows[..4],
        [
            "delay 0 0.000 0.000 330.000 0 1 100.000 1 100.000",
            "delay 1 46.000 0.258 340.000 0 0 0.000 1 100.000",
            "delay 2 90.000 0.506 350.000 0 0 0.000 0 0.000",
            // Nothing but the A that is taken up goes: 110, 220, 130.
            "delay 4 92.000 0.517 350.000 0 0 0.000 0 0.000",
        ]
    );
    assert_eq!(
        rows[14..16],
        [
            "sweep 1 0.000 0.000 330.000 0 1 100.000 1 100.000",
            "sweep 2 24.000 0.135 340.000 0 0 0.000 1 100.000",
        ]
    );
    // Read in the slot in which it was dropped; pointed at two slots later.
    near(&report, "delay-for-reads", 1.0);
    near(&report, "delay-for-references", 2.0);
    theory(&report, "delay-for-references", 2.0);
    near(&report, "garbage-of-safe-delay", 90.0);
    near(&report, "garbage-per-completion", 46.0);
    theory(&report, "garbage-per-completion", 70.0);
    let lost = line(&report, "lost-by-wait", "broken, delay");
    assert_eq!((lost.x[0], lost.y[0], lost.y[1]), (1.0, Some(0.5), Some(0.0)));
}

#[test]
fn lifetimes() {
    let report = of_hand("{}");
    // B of 0, A and B of 1, B of 2 lived two completions and 20 us. A of 0 lives for 4 so far, A of 2 for 2, B of 4 for
    // 1, B of 3 for 0. At risk at 2 are six, of which four go.
    assert_eq!(
        text(table(&report, "lifetimes")),
        ["completions 2.000 2.000 - 2.000 4 4", "virtual seconds 0.000 0.000 - 0.000 4 4"]
    );
    near(&report, "lifetime-median", 2.0);
    theory(&report, "lifetime-median", 2.0);
    assert!((value(&report, "lifetime-median-seconds") - 2e-5).abs() < 1e-12);
    near(&report, "outlives-owner", 2.0 / 6.0);
    // By bytes 330 are at risk, of which 130 go.
    near(&report, "outlives-owner-bytes", 200.0 / 330.0);
    near(&report, "inherited-once", 2.0 / 8.0);
    let alive = line(&report, "layer-survival", "stored layers");
    assert_eq!(alive.x, [1.0, 2.0, 3.0, 4.0, 5.0]);
    let third = Some(1.0 / 3.0);
    assert!(alive.y[0] == Some(1.0) && alive.y[1].zip(third).is_some_and(|(a, b)| (a - b).abs() < 1e-12));
    // Nobody is known to have lived for 4 completions to the end.
    assert_eq!(alive.y[3], None);
    assert_eq!(line(&report, "layer-survival", "not inherited").y[..2], [Some(1.0), Some(0.0)]);
}

#[test]
fn without_a_population_the_rest_is_told() {
    let mut unknown = context();
    unknown.study = lamarck_sdk::serde_json::Value::Null;
    let of = report(r#"{"models": 2}"#, &unknown, &by_hand(), 9);
    near(&of, "peak-bytes-window", 220.0);
    near(&of, "mean-bytes-all", 270.0);
    for key in [
        "peak-bytes-population",
        "mean-bytes-reachable",
        "lifetime-median",
        "delay-for-reads",
        "members-unshared-bytes",
    ] {
        assert!(missing(&of, key).contains("set option `population`"), "{key}");
    }
    // With it everything is told.
    let of = report(r#"{"models": 2, "population": 2}"#, &unknown, &by_hand(), 9);
    near(&of, "mean-bytes-reachable", 218.0);
    // A search at random selects nobody: all goes at once.
    unknown.study = lamarck_sdk::serde_json::json!({"strategy": {"plugin": "random"}});
    let of = report("{}", &unknown, &by_hand(), 9);
    near(&of, "mean-bytes-population", 0.0);
    assert!(missing(&of, "delay-for-reads").contains("selects nobody"));
}

#[test]
fn what_was_trained_again_counts_as_missed_by_the_rule_in_force() {
    let mut study = context();
    study.study["transfer"]["retention"] = "population".into();
    let mut trace = by_hand();
    trace.records[4].missed_layers = 3;
    let of = report("{}", &study, &trace, 9);
    near(&of, "missed-layers", 3.0);
    near(&of, "missed-layers-population", 4.0);
    near(&of, "missed-layers-window", 1.0);
    assert_eq!(text(table(&of, "rules"))[2], "population 330.000 178.000 220.000 0.943 4.000 - -");
}

#[test]
fn times_stand_in_for_ages() {
    let mut trace = by_hand();
    for record in &mut trace.records {
        (record.parent, record.parent_age) = (u64::NONE, u64::NONE);
    }
    assert_eq!(report("{}", &context(), &trace, 9), of_hand("{}"));
    // Without times, children count as submitted right before they finish: nothing was promised while it was gone.
    for record in &mut trace.records {
        (record.submitted_us, record.started_us, record.finished_us) = (u64::NONE, u64::NONE, u64::NONE);
    }
    let of = report("{}", &context(), &trace, 9);
    near(&of, "mean-bytes-population", 178.0);
    // A of 0 is promised at the end of slot 4.
    near(&of, "mean-bytes-reachable", 198.0);
    near(&of, "missed-layers-reachable", 1.0);
    assert!(missing(&of, "flight").contains("submitted"));
    assert!(missing(&of, "lifetime-median-seconds").contains("when candidates finished"));
}

#[test]
fn a_donor_that_had_left_withholds() {
    // One member. 0 leaves in slot 2, in which 2 is submitted, whose donor 0 is; it starts at once and finishes in slot 3.
    let mut study = context();
    study.study["strategy"]["population"] = 1.into();
    let mut child = record(2, [20, 20, 30], Some((1, 0)));
    child.donor = 0;
    let mut trace = by_hand();
    trace.records.splice(2.., [child]);
    trace.layers = LayerColumns::default();
    for (candidate, identity, owner, bytes) in
        [(0, 10, 0, 100), (0, 20, 0, 10), (1, 11, 1, 100), (1, 21, 1, 10), (2, 10, 0, 100), (2, 22, 2, 10)]
    {
        trace.layers.push(candidate, identity, owner, bytes, LayerSource::Repository);
    }
    let of = report("{}", &study, &trace, 9);
    // Reachable keeps A of 0 again from the end of slot 2 on: 110, 210, 110, and 220 at most.
    let rules = text(table(&of, "rules"));
    assert_eq!(rules[1], "reachable 220.000 143.333 110.000 0.957 1.000 100.000 1.000");
    // 220 when 1 is stored and when 2 is; 1's A and B leave in slot 3.
    assert_eq!(rules[2], "population 220.000 110.000 110.000 0.957 1.000 100.000 1.000");
    let waits = text(table(&of, "waits"));
    assert_eq!(waits[0], "delay 0 0.000 0.000 220.000 1 0 0.000 0 0.000");
    // 110 in slots 2 and 3, the second time those of 1; B of 0 makes it 230 in slot 3, when A of 0 has been taken up.
    assert_eq!(waits[1], "delay 1 73.333 0.667 230.000 0 0 0.000 0 0.000");
    // A sweep in slot 2 takes 0 at once, so nothing is left to offer.
    assert_eq!(waits[15], "sweep 2 36.667 0.333 220.000 1 0 0.000 0 0.000");
    // No member's layer was lost.
    near(&of, "delay-for-reads", 0.0);
    near(&of, "delay-for-references", 0.0);
    near(&of, "garbage-of-safe-delay", 0.0);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one report")]
fn the_report_as_json() {
    let mut report = of_hand(r#"{"window": 2, "models": 2}"#);
    report
        .findings
        .retain(|finding| ["saved-share", "flight", "transfer-share"].contains(&finding.key.as_str()));
    report.tables.retain(|table| table.name == "rules");
    report.charts.retain(|chart| chart.key == "bytes-stored");
    let json = lamarck_sdk::serde_json::to_string_pretty(&report).unwrap();
    insta::assert_snapshot!(json, @r##"
    {
      "analyzer": "storage",
      "findings": [
        {
          "key": "saved-share",
          "text": "share of all models' bytes that sharing saves: 1 less written bytes by bytes of models",
          "value": 0.36363636363636365,
          "unit": "",
          "n": 5,
          "spread": null,
          "theory": null,
          "missing": null
        },
        {
          "key": "flight",
          "text": "completions from the submission of a child with a donor to its own, mean (theory: workers, by Little's law)",
          "value": 2.0,
          "unit": "completions",
          "n": 2,
          "spread": null,
          "theory": 2.0,
          "missing": null
        },
        {
          "key": "transfer-share",
          "text": "share of the time of training, reading and writing that is spent reading inherited weights",
          "value": 0.07407407407407407,
          "unit": "",
          "n": 5,
          "spread": null,
          "theory": null,
          "missing": null
        }
      ],
      "tables": [
        {
          "name": "rules",
          "title": "what each retention rule keeps, and which promised layers it had deleted or would have, for the donors of this run",
          "columns": [
            "rule",
            "peak [bytes]",
            "mean [bytes]",
            "at the end [bytes]",
            "peak, share of written bytes",
            "layers missed",
            "bytes missed",
            "share of reads missed"
          ],
          "keys": 1,
          "rows": [
            [
              "all",
              350.0,
              270.0,
              350.0,
              1.0,
              0.0,
              0.0,
              0.0
            ],
            [
              "reachable",
              330.0,
              218.0,
              220.0,
              0.9428571428571428,
              0.0,
              0.0,
              0.0
            ],
            [
              "population",
              330.0,
              178.0,
              220.0,
              0.9428571428571428,
              1.0,
              100.0,
              0.5
            ],
            [
              "window",
              220.0,
              178.0,
              220.0,
              0.6285714285714286,
              1.0,
              100.0,
              0.5
            ]
          ]
        }
      ],
      "charts": [
        {
          "key": "bytes-stored",
          "title": "Bytes stored, with and without sharing",
          "note": "Nothing is deleted. Without sharing every model is stored whole; with sharing a child stores only what it did not inherit. The gap between the curves is what sharing saves.",
          "x": {
            "label": "finished candidates",
            "unit": "candidates",
            "log": false
          },
          "y": {
            "label": "bytes stored so far",
            "unit": "bytes",
            "log": false
          },
          "body": {
            "lines": [
              {
                "name": "without sharing",
                "x": [
                  2.0,
                  4.0
                ],
                "y": [
                  220.0,
                  440.0
                ],
                "theory": false
              },
              {
                "name": "with sharing",
                "x": [
                  2.0,
                  4.0
                ],
                "y": [
                  220.0,
                  340.0
                ],
                "theory": false
              }
            ]
          }
        }
      ]
    }
    "##);
}
