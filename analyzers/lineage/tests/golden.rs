//! Reports on traces that were made by hand, with the numbers worked out by hand.

#![allow(clippy::float_cmp, reason = "counts, and sums of fractions that are exact")]

mod support;

use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::serde_json::{self, json};
use lamarck_sdk::{Context, Nullable, Origin, Status};
use support::{chart, context, finding, report, rows, theory, value};

/// A population of two and one worker: id, parent, its rank, score (none for a failure), and the change as decision,
/// from, to.
type Row = (u64, Option<(u64, u32)>, Option<f64>, Option<(u16, u16, u16)>);

/// ```text
/// finished as   1  2  3  4  5  6  7  8
/// candidate     0  1  2  3  4  5  7  6       (6 and 7 finish in reverse)
/// parent        -  -  1  1  2  3  5  5
/// depth         0  0  1  1  2  2  3  3
/// population   0  01 12 23 34 45 57 76
/// founders left 1  2  1  1  1  1  1  1
/// ancestor      -  -  1  1  1  1  5  5
/// ```
const TRACE: [Row; 8] = [
    (0, None, Some(0.5), None),
    (1, None, Some(0.75), None),
    (2, Some((1, 1)), Some(0.5), Some((0, 0, 1))),
    (3, Some((1, 1)), Some(1.0), Some((1, 0, 2))),
    (4, Some((2, 2)), None, Some((1, 0, 1))),
    (5, Some((3, 1)), Some(1.25), Some((0, 0, 1))),
    (7, Some((5, 1)), Some(1.25), Some((1, 2, 0))),
    (6, Some((5, 1)), Some(1.5), Some((1, 2, 1))),
];

fn record(&(id, parent, score, change): &Row, finished: u64) -> CandidateRecord {
    let mut record = CandidateRecord { id, choices: vec![0, 0], ..CandidateRecord::default() };
    if let Some((parent, rank)) = parent {
        record.origin = Origin::Mutation as u8;
        (record.parent, record.donor, record.parent_rank) = (parent, parent, rank);
        (record.prefix_layers, record.bytes) = (3, 4000);
    }
    if let Some((decision, from, to)) = change {
        (record.changed, record.changed_decision, record.changed_from, record.changed_to) =
            (1, decision, from, to);
    }
    record.finished_us = 1_000_000 * finished;
    record.score = score.unwrap_or(f64::NONE);
    record.status = if score.is_some() { Status::Ok } else { Status::Failed } as u8;
    record
}

fn trace() -> Vec<CandidateRecord> {
    TRACE.iter().zip(1..).map(|(row, finished)| record(row, finished)).collect()
}

/// Two members, of which the better is the parent.
fn study() -> Context {
    context(
        &json!({"plugin": "regularized-evolution", "population": 2, "sample": 2, "replacement": false}),
        1,
    )
}

#[test]
fn the_population_over_time() {
    let report = report(r#"{"window": 1}"#, &study(), &trace());
    // Window, finished, mean depth, the same under an even draw, ancestor's depth, its age in completions and in
    // generations, founders left, the same under an even draw. P = 2, W = 1: two lineages meet after 1.5^2 / 0.5 = 4.5
    // completions, so 1 + exp(-t / 4.5) founders are left t completions after the second.
    let over_time = rows(&report, "lineage-over-time");
    let founders = |t: f64| 1.0 + (-t / 4.5).exp();
    let cut =
        |row: &str| row.rsplit_once(' ').map(|(row, last)| (row.to_owned(), last.parse::<f64>().unwrap()));
    let expected = [
        ("1 1 0 0 - - - 1", 1.0),
        ("2 2 0 0 - - - 2", 2.0),
        ("3 3 0.5 0.5 0 1 0.5 1", founders(1.0)),
        ("4 4 1 1.25 0 2 1 1", founders(2.0)),
        ("5 5 1.5 1.875 0 3 1.5 1", founders(3.0)),
        ("6 6 2 2.5625 0 4 2 1", founders(4.0)),
        ("7 7 2.5 3.21875 2 1 0.5 1", founders(5.0)),
        ("8 8 3 3.890625 2 2 1 1", founders(6.0)),
    ];
    for (found, (row, left)) in over_time.iter().zip(expected) {
        let (found, last) = cut(found).unwrap();
        assert_eq!(found, row);
        assert!((last - left).abs() < 1e-12, "{last} {left}");
    }
    assert_eq!(over_time.len(), 8);
}

#[test]
fn takeovers_with_birth_and_rank() {
    let report = report(r#"{"window": 4}"#, &study(), &trace());
    // Ancestor, depth, score, rank at birth, born as, at, took over at, at, duration. 1 was better than 0 when it
    // finished second and is the ancestor once 0 leaves for 2; 5 beat the failed 4, and 4 leaves for 7.
    assert_eq!(rows(&report, "takeovers"), ["1 0 0.75 1 2 2 3 3 1", "5 2 1.25 1 6 6 7 7 1"]);
    assert_eq!((value(&report, "takeovers"), value(&report, "takeover-interval")), (2.0, 4.0));
    assert_eq!(value(&report, "takeover-duration"), 1.0);
    assert_eq!(value(&report, "common-ancestor-reversals"), 0.0);
    assert_eq!((value(&report, "founders-left"), value(&report, "one-founder-left")), (1.0, 3.0));
    // Ages 1, 2, 3, 4, 1, 2. Two members under an even draw: 2 * 4.5 * (1 - 1/2).
    assert!((value(&report, "common-ancestor-age") - 13.0 / 6.0).abs() < 1e-12);
    assert!((theory(&report, "common-ancestor-age") - 4.5).abs() < 1e-12);
}

#[test]
fn the_ancestors_of_the_best() {
    let report = report("{}", &study(), &trace());
    // Step, candidate, finished as, at; changed, decision, from, to; score, gained; donor, prefix, size.
    assert_eq!(
        rows(&report, "best-ancestry"),
        [
            "0 1 2 2 - - - - 0.75 - - - -",
            "1 3 4 4 1 decision 1 0 2 1 0.25 1 3 4000",
            "2 5 6 6 1 decision 0 0 1 1.25 0.25 3 3 4000",
            "3 6 8 8 1 decision 1 2 1 1.5 0.25 5 3 4000",
        ]
    );
    assert_eq!(value(&report, "best-ancestors"), 3.0);
    let cut = support::report(r#"{"table_rows": 1}"#, &study(), &trace());
    assert_eq!(rows(&cut, "best-ancestry"), ["3 6 8 8 1 decision 1 2 1 1.5 0.25 5 3 4000"]);
    assert_eq!(rows(&cut, "takeovers"), ["1 0 0.75 1 2 2 3 3 1"]);
    assert_eq!(value(&cut, "best-ancestors"), 3.0);
}

#[test]
fn heritability_and_generations() {
    let report = report("{}", &study(), &trace());
    // Parents' and children's scores: (3/4, 1/2), (3/4, 1), (1, 5/4), (5/4, 5/4), (5/4, 3/2); 4's is missing. Means 1
    // and 1.1; sums of squares 1/4 and 0.575, of products 0.125 * 2 + ... = (-.25)(-.6) + (-.25)(-.1) + 0 + .25 (.15)
    // + .25 (.4) = .3125.
    assert_eq!(finding(&report, "heritability-parent").n, 5);
    assert!((value(&report, "heritability-parent") - 1.25).abs() < 1e-12);
    let correlation = 0.3125 / (0.25_f64 * 0.575).sqrt();
    assert!((value(&report, "correlation-parent") - correlation).abs() < 1e-12);
    // Every donor is the parent.
    assert_eq!(value(&report, "heritability-donor"), value(&report, "heritability-parent"));
    assert!(rows(&report, "heritability")[2].starts_with("donor that is not the parent 0 -"));
    // From the parent's place to the child's: 1, 2, 2, 2, 1, 2 completions of one second.
    assert!((value(&report, "generation-length") - 10.0 / 6.0).abs() < 1e-12);
    assert!((value(&report, "generation-time") - 10.0 / 6.0).abs() < 1e-12);
    assert_eq!(theory(&report, "generation-length"), 1.5);
}

#[test]
fn offspring_and_ranks() {
    let report = report("{}", &study(), &trace());
    // The cohort: after the first child, and before the last 2 + 4: none.
    assert!(finding(&report, "offspring").missing.is_some());
    assert_eq!((value(&report, "children"), value(&report, "most-offspring")), (6.0, 2.0));
    // Five parents of rank 1 and one of rank 2; the better of two always wins, so 2 is impossible.
    assert_eq!(rows(&report, "parent-ranks"), [format!("1 {} 1", 5.0 / 6.0), format!("2 {} 0", 1.0 / 6.0)]);
}

#[test]
fn offspring_of_the_cohort() {
    // One member: the parent of each is the one before, and the cohort rows 2 to 20 - 5.
    let one = context(&json!({"plugin": "neutral", "population": 1}), 1);
    let row = |id: u64| {
        let parent = id.checked_sub(1).map(|parent| (parent, 1));
        record(&(id, parent, Some(f64::from(u8::try_from(id % 3).unwrap())), None), id)
    };
    let line: Vec<CandidateRecord> = (0..20).map(row).collect();
    let report = report("{}", &one, &line);
    assert_eq!((value(&report, "offspring"), finding(&report, "offspring").n), (1.0, 14));
    assert_eq!((value(&report, "offspring-variance"), theory(&report, "offspring-variance")), (0.0, 0.0));
    assert_eq!((value(&report, "offspring-distance"), value(&report, "childless")), (0.0, 0.0));
    assert_eq!(rows(&report, "offspring")[..2], ["0 0 0 14", "1 1 1 14"]);
    // In a population of one everybody is the best for life.
    assert_eq!((value(&report, "champion-offspring"), theory(&report, "champion-offspring")), (1.0, 1.0));
    assert_eq!(value(&report, "takeovers"), 20.0);
    assert_eq!(value(&report, "depth"), 19.0);
}

#[test]
fn the_common_ancestor_becomes_an_older_one_when_a_child_finishes_late() {
    // A population of one and two lines that take turns: the ancestor is the member itself, from both lines in turn.
    let one = context(&json!({"plugin": "neutral", "population": 2}), 4);
    // 0 - 1 - 2, and 3 from 0 at last: the population {2, 3} has the ancestor 0, {1, 2} had 1.
    let rows_of = [(0, None), (1, Some((0, 1))), (2, Some((1, 1))), (3, Some((0, 2))), (4, Some((3, 1)))];
    let trace: Vec<_> =
        rows_of.iter().map(|&(id, parent)| record(&(id, parent, Some(0.5), None), id)).collect();
    let report = report(r#"{"window": 1}"#, &one, &trace);
    let age = support::column(&report, "lineage-over-time", "common ancestor's age [completions]");
    assert_eq!(age, [None, Some(1.0), Some(1.0), Some(3.0), Some(1.0)]);
    assert_eq!(value(&report, "common-ancestor-reversals"), 1.0);
    // 0, 1 and 3; 0 is not counted again.
    assert_eq!(value(&report, "takeovers"), 3.0);
}

#[test]
fn a_failure_that_is_ignored_is_no_member() {
    let ignored = context(&json!({"plugin": "neutral", "population": 2, "failures": "ignore"}), 1);
    let report = report(r#"{"window": 1}"#, &ignored, &trace());
    // Without 4 the population is 1 2, 2 3, 2 3, 3 5: the ancestor is 1 until 2 leaves for 5.
    let age = support::column(&report, "lineage-over-time", "common ancestor's age [completions]");
    assert_eq!(age, [None, None, Some(1.0), Some(2.0), Some(3.0), Some(2.0), Some(1.0), Some(2.0)]);
}

#[test]
fn clades_rise_and_fall() {
    let report = report(r#"{"window": 4, "clade_share": 0.25}"#, &study(), &trace());
    // The first window: 0, and 1 with 2 and 3. The second: 4 descends from 2, and 5, 7 and 6 from 3. Clades of a
    // quarter that leave a quarter to what they are nested in: 0; 1; 2, 3 (a quarter of the first window each, of
    // three); 4 has all of 2's second window; 5 all of 3's; 7 and 6 a quarter of three within 3's.
    insta::assert_json_snapshot!(chart(&report, "clades").body, @r#"
    {
      "flow": {
        "x": [
          4.0,
          8.0
        ],
        "bands": [
          {
            "name": "candidate 0",
            "parent": null,
            "y": [
              0.25,
              0.0
            ]
          },
          {
            "name": "candidate 1",
            "parent": null,
            "y": [
              0.25,
              0.0
            ]
          },
          {
            "name": "candidate 2",
            "parent": 1,
            "y": [
              0.25,
              0.25
            ]
          },
          {
            "name": "candidate 3",
            "parent": 1,
            "y": [
              0.25,
              0.25
            ]
          },
          {
            "name": "candidate 7",
            "parent": 3,
            "y": [
              0.0,
              0.25
            ]
          },
          {
            "name": "candidate 6",
            "parent": 3,
            "y": [
              0.0,
              0.25
            ]
          },
          {
            "name": "others",
            "parent": null,
            "y": [
              0.0,
              0.0
            ]
          }
        ]
      }
    }
    "#);
    // Ancestor, nested in, score, rank at birth, born as, at, largest share, at, last share.
    assert_eq!(rows(&report, "clades")[1], "1 - 0.75 1 2 2 1 8 1");
    assert_eq!(rows(&report, "clades")[3], "3 1 1 1 4 4 0.75 8 0.75");
}

#[test]
fn a_founder_at_the_end_of_its_window_is_the_outermost_clade() {
    // 3 has a quarter of the first window only, and all of the second by way of its child 4; 4 has nothing of its own.
    let parents = [None, None, None, None, Some(3), Some(4), Some(4), Some(4)];
    let row = |(id, parent): (u64, Option<u64>)| {
        record(&(id, parent.map(|parent| (parent, 1)), Some(0.5), None), id)
    };
    let trace: Vec<_> = (0..).zip(parents).map(row).collect();
    let report = report(r#"{"window": 4, "clade_share": 0.5}"#, &study(), &trace);
    // Ancestor, nested in, score, rank at birth (2 is the older of equals), born as, at, largest share, at, last share.
    assert_eq!(rows(&report, "clades"), ["3 - 0.5 2 4 3 1 8 1"]);
}

#[test]
fn the_findings_as_json() {
    let report = report("{}", &study(), &trace());
    let short = |f: &lamarck_sdk::model::report::Finding| {
        let number = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.4}"));
        let value = f.missing.clone().unwrap_or_else(|| number(f.value));
        json!([f.key, value, f.unit, f.n, number(f.spread), number(f.theory)]).to_string()
    };
    let lines: Vec<String> = report.findings.iter().map(short).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    ["common-ancestor-age","2.1667","completions",6,"1.1690","4.5000"]
    ["takeovers","2.0000","",2,"-","-"]
    ["founders-left","1.0000","founders",2,"-","1.2636"]
    ["depth","3.0000","generations",2,"-","3.8906"]
    ["generation-length","1.6667","completions",6,"0.5164","1.5000"]
    ["heritability-parent","1.2500","",5,"1.1087","-"]
    ["champion-offspring","no member was the best from its entry to its exit","",0,"-","2.0000"]
    ["best-ancestors","3.0000","generations",8,"-","-"]
    ["takeover-duration","1.0000","completions",2,"0.0000","-"]
    ["takeover-interval","4.0000","completions",1,"-","-"]
    ["common-ancestor-reversals","0.0000","",2,"-","-"]
    ["one-founder-left","3.0000","candidates",2,"-","-"]
    ["offspring","the run is too short: no candidate finished after the first child and long enough before the end","",0,"-","1.0000"]
    ["offspring-variance","the run is too short: no candidate finished after the first child and long enough before the end","",0,"-","0.5000"]
    ["childless","the run is too short: no candidate finished after the first child and long enough before the end","",0,"-","0.2500"]
    ["offspring-distance","the run is too short: no candidate finished after the first child and long enough before the end","",0,"-","-"]
    ["most-offspring","2.0000","children",8,"-","-"]
    ["parent-rank-chi-squared","too few children for a comparison","",0,"-","1.0000"]
    ["correlation-parent","0.8242","",5,"-","-"]
    ["heritability-donor","1.2500","",5,"1.1087","-"]
    ["correlation-donor","0.8242","",5,"-","-"]
    ["generation-time","1.6667","s",6,"0.5164","-"]
    ["population","2.0000","candidates",8,"-","-"]
    ["founders","2.0000","candidates",8,"-","-"]
    ["children","6.0000","candidates",8,"-","-"]
    ["second-parents","0.0000","candidates",8,"-","-"]
    ["unknown-parents","0.0000","candidates",8,"-","-"]
    ["unfollowed-ids","0.0000","candidates",8,"-","-"]
    ["ranks-beyond","0.0000","candidates",8,"-","-"]
    "#);
}

#[test]
fn a_small_report_as_json() {
    let report = report("{}", &study(), &trace()[..3]);
    let names = |part: &serde_json::Value, key: &str| {
        part.as_array().unwrap().iter().map(|x| x[key].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        names(&json["charts"], "key"),
        ["clades", "founders-left", "common-ancestor-age", "depth", "offspring", "parent-ranks"]
    );
    insta::assert_json_snapshot!(chart(&report, "depth"), @r#"
    {
      "key": "depth",
      "title": "Generations from the founders",
      "note": "Mean depth of the population's members, and that of their most recent common ancestor. Dashed: what parents drawn evenly would lead to. A steeper course means that parents are younger.",
      "x": {
        "label": "finished candidates",
        "unit": "candidates",
        "log": false
      },
      "y": {
        "label": "depth",
        "unit": "generations",
        "log": false
      },
      "body": {
        "lines": [
          {
            "name": "members",
            "x": [
              100.0
            ],
            "y": [
              0.5
            ],
            "theory": false
          },
          {
            "name": "common ancestor",
            "x": [
              100.0
            ],
            "y": [
              0.0
            ],
            "theory": false
          },
          {
            "name": "parents drawn evenly",
            "x": [
              100.0
            ],
            "y": [
              0.5
            ],
            "theory": true
          }
        ]
      }
    }
    "#);
    insta::assert_json_snapshot!(support::table(&report, "takeovers"), @r#"
    {
      "name": "takeovers",
      "title": "Ancestors whose descendants filled the population",
      "columns": [
        "ancestor",
        "depth [generations]",
        "score",
        "rank at birth",
        "born as",
        "born [s]",
        "took over at",
        "took over [s]",
        "duration [completions]"
      ],
      "keys": 0,
      "rows": [
        [
          1,
          0,
          0.75,
          1,
          2,
          2.0,
          3,
          3.0,
          1
        ]
      ]
    }
    "#);
}
