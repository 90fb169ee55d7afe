//! Reports on traces that were made by hand, with the numbers worked out by hand.

use lamarck_sdk::model::report::{Cell, Finding, Table};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord, Columns};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Origin, Report, Status};
use lamarck_structure::Structure;

/// A candidate: id, the decision its mutation changed and its parent, its choices if it has a score.
type Row = (u64, Option<(u16, u64)>, Option<[u16; 2]>);

/// Eight candidates, two windows of four, of a space of two decisions with 2 and 3 options.
const TRACE: [Row; 8] = [
    (0, None, Some([0, 0])),
    (1, None, Some([1, 1])),
    (2, None, None),
    (3, Some((1, 0)), Some([0, 1])),
    // The second window.
    (4, Some((0, 3)), Some([1, 1])),
    (5, Some((1, 3)), Some([0, 2])),
    (6, Some((1, 5)), Some([0, 0])),
    (7, Some((1, 4)), Some([1, 0])),
];

fn record(&(id, mutation, choices): &Row) -> CandidateRecord {
    let mut record = CandidateRecord { id, ..CandidateRecord::default() };
    if let Some((decision, parent)) = mutation {
        record.origin = Origin::Mutation as u8;
        (record.changed, record.changed_decision, record.parent) = (1, decision, parent);
    }
    if let Some(choices) = choices {
        record.choices = choices.to_vec();
        record.score = f64::from(choices[0]);
    } else {
        record.status = Status::Failed as u8;
        record.choices = vec![1, 2];
    }
    record
}

fn columns(records: impl IntoIterator<Item = CandidateRecord>) -> CandidateColumns {
    let mut columns = CandidateColumns::with_capacity(2, 8);
    for record in records {
        columns.push(&record);
    }
    columns
}

fn structure(window: u32) -> Structure {
    create(&format!(r#"{{"window": {window}}}"#), &Context::for_space(space(&[2, 3]))).unwrap()
}

/// The report on runs of one point, each in batches of three.
fn report(window: u32, runs: &[&[CandidateRecord]]) -> Report {
    let mut structure = structure(window);
    for (replicate, run) in (0_u32..).zip(runs) {
        structure.begin_run(0, replicate).unwrap();
        for batch in run.chunks(3) {
            structure.candidates(&columns(batch.iter().cloned()).view()).unwrap();
        }
    }
    let report = structure.finish().unwrap();
    assert_no_nan(&report);
    report
}

fn assert_no_nan(report: &Report) {
    for finding in &report.findings {
        let values = [finding.value, finding.spread, finding.theory];
        assert!(values.iter().flatten().all(|value| value.is_finite()), "{finding:?}");
        assert!(!finding.text.contains("NaN"), "{finding:?}");
    }
    for table in &report.tables {
        for row in &table.rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            assert!(row.iter().all(|cell| !matches!(cell, Cell::Number(x) if !x.is_finite())), "{row:?}");
        }
    }
}

fn finding<'a>(report: &'a Report, key: &str) -> &'a Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.key == key)
        .unwrap_or_else(|| panic!("{key} in {report:#?}"))
}

fn near(value: Option<f64>, expected: f64) -> bool {
    value.is_some_and(|value| (value - expected).abs() < 1e-6)
}

/// A table's rows as text, numbers to four places, a dash for what is missing.
fn text(table: &Table) -> Vec<String> {
    let cell = |cell: &Cell| match cell {
        Cell::Integer(n) => n.to_string(),
        Cell::Number(x) => format!("{x:.4}"),
        Cell::Text(text) => text.replace("decision ", "d"),
        Cell::Missing(()) => "-".to_owned(),
    };
    table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_numbers_of_a_trace_made_by_hand() {
    let records: Vec<CandidateRecord> = TRACE.iter().map(record).collect();
    let report = report(4, &[&records]);

    // First window: decision 0 has counts 2, 1 and entropy H(2/3, 1/3) / ln 2 = 0.636514 / 0.693147 = 0.918296;
    // decision 1 has counts 1, 2, 0 and 0.636514 / ln 3 = 0.636514 / 1.098612 = 0.579380.
    let first = finding(&report, "entropy-first-window");
    assert!(near(first.value, 0.748_838), "{first:?}");
    assert_eq!((first.n, first.spread), (1, None));
    // Last window: counts 2, 2 and entropy 1; counts 2, 1, 1 and 1.039721 / 1.098612 = 0.946395.
    assert!(near(finding(&report, "entropy-last-window").value, 0.973_197));
    assert!(near(finding(&report, "entropy-change").value, 0.224_359));
    // Five mutations: 3, 4, 5, 6, 7. Parents among them: 3 (twice), 5 and 4.
    let survived = finding(&report, "survived-mutations");
    assert!(near(survived.value, 0.6), "{survived:?}");
    assert!(survived.text.contains("3 of 5"), "{survived:?}");
    let largest = finding(&report, "mutation-share-largest");
    assert!(near(largest.value, 0.8) && largest.text.contains("`decision 1`"), "{largest:?}");
    let smallest = finding(&report, "mutation-share-smallest");
    assert!(near(smallest.value, 0.2) && smallest.text.contains("`decision 0`"), "{smallest:?}");

    let [shares, entropy, mutations] = &report.tables[..] else { panic!("three tables") };
    // Point, window, from, decision, option, share, spread, runs, candidates. 7 scored: 4/7, 3/7; 3/7, 3/7, 1/7.
    assert_eq!(
        text(shares),
        [
            "0 - - d0 0 0.5714 - 1 7",
            "0 - - d0 1 0.4286 - 1 7",
            "0 - - d1 0 0.4286 - 1 7",
            "0 - - d1 1 0.4286 - 1 7",
            "0 - - d1 2 0.1429 - 1 7",
            "0 0 0 d0 0 0.6667 - 1 3",
            "0 0 0 d0 1 0.3333 - 1 3",
            "0 0 0 d1 0 0.3333 - 1 3",
            "0 0 0 d1 1 0.6667 - 1 3",
            "0 0 0 d1 2 0.0000 - 1 3",
            "0 1 4 d0 0 0.5000 - 1 4",
            "0 1 4 d0 1 0.5000 - 1 4",
            "0 1 4 d1 0 0.5000 - 1 4",
            "0 1 4 d1 1 0.2500 - 1 4",
            "0 1 4 d1 2 0.2500 - 1 4",
        ]
    );
    // Whole run: H(4/7, 3/7) / ln 2 = 0.682908 / 0.693147 and (2 * 3/7 ln(7/3) + 1/7 ln 7) / ln 3 = 1.004243 / 1.098612.
    assert_eq!(
        text(entropy),
        [
            "0 - - - 0.9497 - 1 7",
            "0 - - d0 0.9852 - 1 7",
            "0 - - d1 0.9141 - 1 7",
            "0 0 0 - 0.7488 - 1 3",
            "0 0 0 d0 0.9183 - 1 3",
            "0 0 0 d1 0.5794 - 1 3",
            "0 1 4 - 0.9732 - 1 4",
            "0 1 4 d0 1.0000 - 1 4",
            "0 1 4 d1 0.9464 - 1 4",
        ]
    );
    // Point, decision, mutations, share, spread, survived, share, spread.
    assert_eq!(
        text(mutations),
        ["0 d0 1 0.2000 - 1 1.0000 -", "0 d1 4 0.8000 - 2 0.5000 -", "0 - 0 - - 0 - -"]
    );
}

#[test]
fn runs_are_averaged_with_their_spread() {
    let records: Vec<CandidateRecord> = TRACE.iter().map(record).collect();
    // The second run consists of one vector, evaluated nine times: entropy 0, no mutations. Its third window is not
    // full, and so no part of the findings.
    let still: Vec<CandidateRecord> = (0..9)
        .map(|id| CandidateRecord { id, choices: vec![0, 2], score: 1.0, ..CandidateRecord::default() })
        .collect();
    let report = report(4, &[&records, &still]);
    let first = finding(&report, "entropy-first-window");
    assert!(near(first.value, 0.748_838 / 2.0), "{first:?}");
    assert!(near(first.spread, 0.748_838 / 2.0_f64.sqrt()), "{first:?}");
    assert_eq!(first.n, 2);
    let survived = finding(&report, "survived-mutations");
    assert_eq!((survived.n, survived.spread), (1, None), "only one run has mutations");
    // 9 of 9 have option 2 of decision 1 in the second run, 1 of 7 in the first; the third window is the second run's.
    let shares = text(&report.tables[0]);
    assert_eq!(shares[4], "0 - - d1 2 0.5714 0.6061 2 16");
    assert_eq!(shares[19], "0 2 8 d1 2 1.0000 - 1 1");
}

#[test]
fn sweep_points_are_never_mixed() {
    let records: Vec<CandidateRecord> = TRACE.iter().map(record).collect();
    let mut structure = structure(4);
    for point in [1, 0] {
        structure.begin_run(point, 0).unwrap();
        let part = if point == 0 { &records[..] } else { &records[4..] };
        structure.candidates(&columns(part.iter().cloned()).view()).unwrap();
    }
    let report = structure.finish().unwrap();
    assert_no_nan(&report);
    assert!(near(finding(&report, "entropy-change-point-0").value, 0.224_359));
    let missing = finding(&report, "entropy-change-point-1");
    assert_eq!(missing.value, None);
    assert!(
        missing.text.starts_with("point 1: ") && missing.text.contains("two full windows"),
        "{missing:?}"
    );
}

#[test]
fn what_cannot_be_computed_is_said() {
    // No candidates at all, with and without a run.
    for runs in [&[][..], &[&[][..]]] {
        let report = report(4, runs);
        let [only] = &report.findings[..] else { panic!("{report:?}") };
        assert!(only.value.is_none() && only.text.contains("no candidates"), "{only:?}");
    }

    // All failed.
    let failed: Vec<CandidateRecord> = (0..9).map(|id| record(&(id, None, None))).collect();
    let all_failed = report(4, &[&failed]);
    let change = finding(&all_failed, "entropy-change");
    assert!(
        change.value.is_none() && change.text.contains("none of the 9 candidates has a score"),
        "{change:?}"
    );
    assert!(text(&all_failed.tables[0]).iter().all(|row| row.ends_with("- - 0 0")), "{all_failed:?}");
    let survived = finding(&all_failed, "survived-mutations");
    assert!(survived.text.contains("recorded as a mutation"), "{survived:?}");

    // Mutations whose parents and changes are not known.
    let orphans: Vec<CandidateRecord> = TRACE
        .iter()
        .map(record)
        .map(|record| CandidateRecord { parent: u64::MAX, changed_decision: u16::MAX, ..record })
        .collect();
    let orphaned = report(4, &[&orphans]);
    let survived = finding(&orphaned, "survived-mutations");
    assert!(survived.value.is_none() && survived.text.contains("names no parents"), "{survived:?}");
    assert!(finding(&orphaned, "mutation-share-largest").value.is_none());
    assert_eq!(text(&orphaned.tables[2])[2], "0 - 5 - - - - -");
}

#[test]
fn ids_beyond_reason_are_not_followed() {
    let far = u64::MAX - 1;
    let rows =
        [(0, None, Some([0, 0])), (far, Some((1, 0)), Some([0, 1])), (2, Some((0, far)), Some([1, 1]))];
    let records: Vec<CandidateRecord> = rows.iter().map(record).collect();
    let report = report(1, &[&records]);
    assert_eq!(finding(&report, "mutations-not-followed").value, Some(1.0));
    assert_eq!(finding(&report, "survived-mutations").value, Some(0.0));
}

#[test]
fn traces_of_another_space_are_errors() {
    let error = |record: CandidateRecord, width: usize| {
        let mut columns = CandidateColumns::with_capacity(width, 1);
        columns.push(&record);
        format!("{:#}", structure(4).candidates(&columns.view()).unwrap_err())
    };
    let of =
        |choices: &[u16]| CandidateRecord { id: 7, choices: choices.to_vec(), ..CandidateRecord::default() };
    assert!(error(of(&[0, 1, 2]), 3).contains("vectors have 3 choices"));
    let range = error(of(&[0, 3]), 2);
    assert!(range.contains("candidate 7") && range.contains("is 3, but there are 3 options"), "{range}");
    let changed =
        error(CandidateRecord { origin: Origin::Mutation as u8, changed_decision: 2, ..of(&[0, 1]) }, 2);
    assert!(changed.contains("changed decision 2"), "{changed}");
    let ragged = Columns { rows: 2, width: 2, ..Columns::default() };
    assert!(structure(4).candidates(&ragged).is_err());
}
