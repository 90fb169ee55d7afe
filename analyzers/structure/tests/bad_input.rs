//! Traces that lack something or make no sense: a report that says what is missing, or an error.

mod support;

use lamarck_sdk::model::{CandidateColumns, CandidateRecord, Columns};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Nullable, Origin, Status};
use lamarck_structure::Structure;
use proptest::prelude::*;
use support::{finding, missing, report, value};

fn context() -> Context {
    Context::for_space(space(&[2, 3]))
}

fn sample(id: u64, choices: [u16; 2]) -> CandidateRecord {
    CandidateRecord { id, choices: choices.to_vec(), score: 1.0, ..CandidateRecord::default() }
}

fn child(id: u64, parent: u64, choices: [u16; 2]) -> CandidateRecord {
    CandidateRecord { origin: Origin::Mutation as u8, parent, changed_decision: 1, ..sample(id, choices) }
}

#[test]
fn an_empty_trace() {
    let report = report("{}", &context(), &[], 1);
    assert!(report.tables.is_empty() && report.charts.is_empty());
    assert!(report.findings.iter().all(|finding| finding.value.is_none()), "{report:#?}");
    assert!(missing(&report, "entropy-change").contains("no finished candidates"));
    // The same when nothing finished.
    let running = CandidateRecord { status: Status::Interrupted as u8, ..sample(0, [0, 0]) };
    let report = support::report("{}", &context(), &[running], 1);
    assert!((value(&report, "interrupted") - 1.0).abs() < 1e-12 && report.charts.is_empty());
}

#[test]
fn one_candidate() {
    let report = report("{}", &context(), &[sample(0, [1, 2])], 1);
    assert!(missing(&report, "entropy-change").contains("fewer than two full windows"));
    assert!(missing(&report, "survived-mutations").contains("mutation"));
    assert!(missing(&report, "distance-end").contains("fewer candidates"));
    assert!(missing(&report, "layers-last-window").contains("does not tell the layers"));
    assert!(value(&report, "repeats").abs() < 1e-12);
    // The one incomplete window is shown.
    assert_eq!(support::line(&report, "repeats-over-time", "seen before").y, [Some(0.0)]);
}

#[test]
fn all_failed() {
    let failed =
        |id| CandidateRecord { status: Status::Failed as u8, score: f64::NONE, ..sample(id, [0, 1]) };
    let records: Vec<_> = (0..9).map(failed).collect();
    let report = report(r#"{"window": 3, "population": 2}"#, &context(), &records, 4);
    // Their vectors were proposed all the same.
    assert!(value(&report, "entropy-last-window").abs() < 1e-12);
    assert!((value(&report, "fixed-decisions") - 2.0).abs() < 1e-12);
    assert!(missing(&report, "donor-layers").contains("no candidate took over"));
}

#[test]
fn no_parents() {
    let mut records: Vec<_> = (0..300).map(|id| child(id, 0, [0, 0])).collect();
    for record in &mut records {
        record.parent = u64::NONE;
    }
    let mut report = support::report("{}", &context(), &records, 7);
    assert!(missing(&report, "survived-mutations").contains("names no parents"));
    assert!(missing(&report, "distance-walked").contains("names no parents"));
    assert!(!report.charts.iter().any(|chart| chart.key == "mutation-survival"));
    // Nor what changed.
    for record in &mut records {
        record.changed_decision = u16::NONE;
    }
    report = support::report("{}", &context(), &records, 7);
    assert!(missing(&report, "mutation-share-largest").contains("exactly one"));
}

#[test]
fn imports_know_little() {
    let records: Vec<_> =
        (0..300).map(|id| CandidateRecord { origin: Origin::Import as u8, ..sample(id, [0, 0]) }).collect();
    let report = report("{}", &context(), &records, 300);
    assert!(missing(&report, "survived-mutations").contains("no candidate is recorded as a mutation"));
    // The population is a guess then, so nothing is said of survival without selection.
    assert_eq!(finding(&report, "survived-mutations").theory, None);
    assert!((value(&report, "distinct-end") - 1.0).abs() < 1e-12);
}

#[test]
fn ids_out_of_order_and_cycles() {
    // 1 is the parent of 0 and comes later; 2 and 3 are each other's parents; 4 is its own.
    let rows = [
        child(0, 1, [0, 1]),
        sample(1, [0, 0]),
        child(2, 3, [0, 1]),
        child(3, 2, [0, 2]),
        child(4, 4, [0, 0]),
    ];
    let report = report(r#"{"window": 2, "population": 1}"#, &context(), &rows, 2);
    assert!((value(&report, "orphans") - 4.0).abs() < 1e-12, "{report:#?}");
    // 0 is nobody's parent; 2 and 3 are; 4 is not judged.
    assert!((value(&report, "survived-mutations") - 2.0 / 3.0).abs() < 1e-12);
    assert!(missing(&report, "distance-walked").contains("no parent finished before its child"));
    // An id given twice.
    let twice = [sample(0, [0, 0]), child(1, 0, [0, 1]), child(1, 1, [0, 2]), child(1, 1, [0, 0])];
    let report = support::report(r#"{"population": 1}"#, &context(), &twice, 4);
    assert_eq!(finding(&report, "repeats").n, 4);
}

#[test]
fn ids_beyond_reason_are_not_followed() {
    let far = u64::MAX - 1;
    let rows = [sample(0, [0, 0]), child(far, 0, [0, 1]), child(2, far, [1, 1])];
    let report = report(r#"{"window": 1, "population": 1}"#, &context(), &rows, 9);
    assert!((value(&report, "not-followed") - 1.0).abs() < 1e-12);
    assert!((value(&report, "orphans") - 1.0).abs() < 1e-12);
}

#[test]
fn windows_longer_than_the_trace() {
    let records: Vec<_> = (0..50).map(|id| sample(id, [0, 0])).collect();
    let report = report(r#"{"window": 1000000000}"#, &context(), &records, 50);
    assert!(missing(&report, "entropy-change").contains("smaller `window`"));
    assert_eq!(support::table(&report, "windows").rows.len(), 1);
}

#[test]
fn spaces_in_which_nothing_can_change() {
    let context = Context::for_space(space(&[1]));
    let records: Vec<_> =
        (0..9).map(|id| CandidateRecord { id, choices: vec![0], ..CandidateRecord::default() }).collect();
    let report = report(r#"{"window": 2, "population": 2}"#, &context, &records, 4);
    assert!(missing(&report, "entropy-change").contains("more than one option"));
    assert!(missing(&report, "fixed-decisions").contains("more than one option"));
}

#[test]
fn traces_of_another_space_are_errors() {
    let error = |record: CandidateRecord, width: usize| {
        let mut columns = CandidateColumns::with_capacity(width, 1);
        columns.push(&record);
        let mut structure: Structure = create("{}", &context()).unwrap();
        format!("{:#}", structure.candidates(&columns.view()).unwrap_err())
    };
    let of =
        |choices: &[u16]| CandidateRecord { id: 7, choices: choices.to_vec(), ..CandidateRecord::default() };
    insta::assert_snapshot!(error(of(&[0, 1, 2]), 3), @r#"the trace's vectors have 3 choices, but the search space has 2 decisions; was the trace written with another space?"#);
    insta::assert_snapshot!(error(of(&[0, 3]), 2), @r#"candidate 7 cannot be counted: its choice for decision 1 (`decision 1`) is 3, but there are 3 options, numbered from 0"#);
    let changed = CandidateRecord { origin: Origin::Mutation as u8, changed_decision: 2, ..of(&[0, 1]) };
    insta::assert_snapshot!(error(changed, 2), @r#"candidate 7 cannot be counted: its mutation changed decision 2, but the search space has 2 decisions; was the trace written with another space?"#);
    let ragged = Columns { rows: 2, width: 2, ..Columns::default() };
    let mut structure: Structure = create("{}", &context()).unwrap();
    assert!(structure.candidates(&ragged).is_err());
    let refused = create::<Structure>(r#"{"fixed": 0.2}"#, &context()).unwrap_err();
    assert!(format!("{refused:#}").contains("fixed"), "{refused:#}");
}

/// Anything at all, as long as the vectors are of this space.
fn any_record() -> impl Strategy<Value = CandidateRecord> {
    let id = || prop_oneof![0..12_u64, 0..12_u64, Just(u64::NONE), any::<u64>()];
    let kinds = (0..6_u8, 0..6_u8, [0..2_u16, 0..3_u16], prop_oneof![0..2_u16, Just(u16::NONE)]);
    (prop_oneof![0..12_u64, any::<u64>()], id(), id(), id(), kinds, any::<[Option<u64>; 5]>()).prop_map(
        |(id, parent, parent_b, donor, (origin, status, choices, changed_decision), sizes)| {
            let [layers, parameters, bytes, prefix_layers, prefix_bytes] =
                sizes.map(|size| size.unwrap_or(u64::NONE));
            let choices = choices.to_vec();
            CandidateRecord {
                id,
                parent,
                parent_b,
                donor,
                origin,
                status,
                choices,
                changed_decision,
                layers,
                parameters,
                bytes,
                prefix_layers,
                prefix_bytes,
                ..CandidateRecord::default()
            }
        },
    )
}

proptest! {
    /// `support::check` is the test: nothing panics, every number is finite, every name unique.
    #[test]
    fn nothing_breaks_it(
        records in prop::collection::vec(any_record(), 0..80),
        batch in 1..20_usize,
        window in 1..9_u32,
        population in 0..9_u32,
    ) {
        let options = format!(r#"{{"window": {window}, "population": {population}}}"#);
        let one = report(&options, &context(), &records, batch);
        // How rows are cut into batches changes nothing.
        prop_assert_eq!(one, report(&options, &context(), &records, 1000));
    }
}
