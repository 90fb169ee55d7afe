//! Small traces whose answers are written out by hand.

#![allow(clippy::float_cmp, reason = "these numbers are exact")]

mod support;

use lamarck_sdk::Nullable;
use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::model::report::Body;
use lamarck_sdk::serde_json::json;
use support::{analyze, chart, column, context, finding, line, number, row};

/// Three roots 0, 1, 2, then children, whose donors are their parents.
fn family(parents: &[u64]) -> Vec<CandidateRecord> {
    let roots = (0..3).map(|id| row(id, None, None));
    let children = (3..).zip(parents).map(|(id, &parent)| row(id, Some(parent), Some(parent)));
    roots.chain(children).collect()
}

const WINDOW_4: &str = r#"{"window": 4, "lead": 2}"#;

/// Population 5, so that somebody who finished as number d (from 0) lends up to the completion d + 5.
fn aging() -> lamarck_sdk::Context {
    context(json!({
        "strategy": { "plugin": "regularized-evolution", "population": 5, "sample": 2 },
        "transfer": { "donor": "parent" },
    }))
}

#[test]
fn a_lead_from_rise_to_fall() {
    // Rows          0 1 2   3 4 5 6 7 8 9
    // donors        - - -   0 0 1 1 1 4 4
    // Window of 4 after each row, counts of (0, 1, 4):
    //   after row 4: 0 0 -> 0 has 2 and leads (5 completions; 4 after its own).
    //   after row 6: 0 0 1 1 -> a tie, 0 stays. After row 7: 0 1 1 1 -> 1 leads with 3 (8 completions).
    //   after row 8: 1 1 1 4; after row 9: 1 1 4 4 -> a tie, 1 stays. The run ends.
    let report = analyze(&family(&[0, 0, 1, 1, 1, 4, 4]), WINDOW_4, &context(json!({})));
    assert_eq!(number(&report, "donations"), 7.0);
    assert_eq!(number(&report, "donors"), 3.0);
    assert_eq!(number(&report, "leaders"), 2.0);
    assert_eq!(column(&report, "leaders", "donor"), json!([0, 1]));
    assert_eq!(column(&report, "leaders", "entered [completion]"), json!([1, 2]));
    assert_eq!(column(&report, "leaders", "first led [completion]"), json!([5, 8]));
    assert_eq!(column(&report, "leaders", "time to rise [completions]"), json!([4, 6]));
    assert_eq!(column(&report, "leaders", "peak [donations in a window]"), json!([2, 3]));
    assert_eq!(column(&report, "leaders", "led [completions]"), json!([3, 2]));
    assert_eq!(column(&report, "leaders", "fell [completion]"), json!([8, 10]));
    assert_eq!(
        column(&report, "leaders", "why it fell last"),
        json!(["overtaken by unrelated", "still led at the end"])
    );
    assert_eq!(column(&report, "leaders", "successor"), json!([1, null]));
    assert_eq!((number(&report, "leader-rise"), finding(&report, "leader-rise").n), (5.0, 2));
    assert_eq!(number(&report, "fall-unrelated"), 0.5);
    assert_eq!(number(&report, "fall-end-of-run"), 0.5);
    // Two consecutive windows: rows 0 to 3 with the donation of 0, rows 4 to 7 with those of 0, 1, 1, 1.
    assert_eq!(line(&report, "concentration", "first donor").x, [4.0, 8.0]);
    assert_eq!(line(&report, "concentration", "first donor").y, [Some(1.0), Some(0.75)]);
    // Gini of 3, 1: (3 - 1) / (2 * 4). Inverse Simpson: 16 / 10.
    assert_eq!(line(&report, "concentration", "Gini coefficient").y, [Some(0.0), Some(0.25)]);
    assert_eq!(line(&report, "effective-lenders", "models").y, [Some(1.0), Some(1.6)]);
    // One of two in common.
    assert_eq!(line(&report, "turnover", "models").y, [None, Some(0.5)]);
    // Everybody has the vector 0,0.
    assert_eq!(column(&report, "architectures", "donations"), json!([7]));
    assert_eq!(column(&report, "prefixes", "prefix"), json!(["0,0"]));
    assert_eq!(column(&report, "concentration", "effective number"), json!([49.0 / 17.0, 1.0, 1.0]));
}

#[test]
fn every_reason_by_its_own_trace() {
    let why = |rows: &[CandidateRecord], options: &str, context: &lamarck_sdk::Context| {
        column(&analyze(rows, options, context), "leaders", "why it fell last")[0].clone()
    };
    // 3 is 0's child, and takes over from it: own descendant.
    let descendant = family(&[0, 0, 3, 3, 3]);
    assert_eq!(why(&descendant, WINDOW_4, &context(json!({}))), "overtaken by own descendant");
    // 3 and 4 are children of 0, which leads first, then 3, then 4.
    let relative = family(&[0, 0, 3, 3, 3, 4, 4, 4, 4]);
    let report = analyze(&relative, WINDOW_4, &context(json!({})));
    assert_eq!(column(&report, "leaders", "donor"), json!([0, 3, 4]));
    let reasons = ["overtaken by own descendant", "overtaken by relative", "still led at the end"];
    assert_eq!(column(&report, "leaders", "why it fell last"), json!(reasons));
    let strangers = r#"{"window": 4, "lead": 2, "relative": 0}"#;
    let report = analyze(&relative, strangers, &context(json!({})));
    assert_eq!(column(&report, "leaders", "why it fell last")[1], "overtaken by unrelated");
    // 0 lends twice and then nobody does: rows without a donor push its donations out of the window.
    let mut faded = family(&[0, 0]);
    faded.extend((5..9).map(|id| row(id, None, None)));
    assert_eq!(why(&faded, WINDOW_4, &context(json!({}))), "nobody took over");
    // With a population of 5, the candidate that finished first lends until 5 have finished.
    let aged = family(&[0, 0, 1, 1, 1]);
    assert_eq!(why(&aged, WINDOW_4, &aging()), "aged out");
    // The same children, chosen when 4 had finished: their parent was number 1, so 2 completions after it. When they
    // were chosen 0 could lend still.
    let mut early = aged.clone();
    for child in &mut early[5..] {
        child.parent_age = 2;
    }
    assert_eq!(why(&early, WINDOW_4, &aging()), "overtaken by unrelated");
    // One later, 5 had finished: 0, which finished as the first of five, is still a member.
    early[7].parent_age = 3;
    assert_eq!(why(&early, WINDOW_4, &aging()), "overtaken by unrelated");
    early[7].parent_age = 4;
    assert_eq!(why(&early, WINDOW_4, &aging()), "aged out");
    // Under best match, being in the population matters if retention says so.
    let kept = |retention: &str| {
        let strategy = json!({ "population": 5, "sample": 2 });
        context(
            json!({ "strategy": strategy, "transfer": { "donor": "best-match", "retention": retention, "window": 4 } }),
        )
    };
    assert_eq!(why(&aged, WINDOW_4, &kept("reachable")), "retired");
    assert_eq!(why(&aged, WINDOW_4, &kept("window")), "retired");
    assert_eq!(why(&aged, WINDOW_4, &kept("all")), "overtaken by unrelated");
    // All stored for ever, and the later donor lends more layers.
    let mut outmatched = aged.clone();
    for (row, layers) in outmatched[3..].iter_mut().zip([2, 2, 3, 3, 3]) {
        row.prefix_layers = layers;
    }
    assert_eq!(why(&outmatched, WINDOW_4, &kept("all")), "lost longest match");
    assert_eq!(why(&outmatched, WINDOW_4, &kept("reachable")), "retired");
    // An earlier model that lends more is no later model.
    let mut earlier = family(&[1, 1, 0, 0, 0]);
    for (row, layers) in earlier[3..].iter_mut().zip([2, 2, 3, 3, 3]) {
        row.prefix_layers = layers;
    }
    assert_eq!(why(&earlier, WINDOW_4, &kept("all")), "overtaken by unrelated");
}

#[test]
fn parents_stand_in_until_there_is_a_donor() {
    let mut rows = family(&[0, 0, 1, 1, 1, 4, 4]);
    let donors = analyze(&rows, WINDOW_4, &context(json!({})));
    for row in &mut rows {
        row.donor = u64::NONE;
    }
    let parents = analyze(&rows, WINDOW_4, &context(json!({})));
    assert!(finding(&parents, "donations").text.contains("parents stand in for donors"));
    assert!(!finding(&donors, "donations").text.contains("stand in"));
    assert_eq!(parents.tables, donors.tables);
    assert_eq!(parents.charts, donors.charts);
    // With a donor in the last rows only, nothing that the parents did before counts.
    rows[8].donor = 2;
    rows[9].donor = 2;
    let late = analyze(&rows, WINDOW_4, &context(json!({})));
    for row in &mut rows[..8] {
        (row.parent, row.origin) = (u64::NONE, 0);
    }
    let only = analyze(&rows, WINDOW_4, &context(json!({})));
    assert_eq!(number(&late, "donations"), 2.0);
    assert_eq!(column(&late, "leaders", "donor"), json!([2]));
    for name in ["leaders", "falls", "concentration", "prefixes", "fall-hazard"] {
        assert_eq!(support::table(&late, name), support::table(&only, name));
    }
    assert_eq!(chart(&late, "concentration"), chart(&only, "concentration"));
    assert_eq!(chart(&late, "prefix-flow"), chart(&only, "prefix-flow"));
}

#[test]
fn windows_of_time() {
    // Two rows a second; windows of two seconds.
    let mut rows = family(&[0, 0, 1, 1, 1, 4, 4]);
    for (i, row) in (0..).zip(&mut rows) {
        row.finished_us = i * 500_000;
    }
    let options = r#"{"window": 100, "window_seconds": 2, "lead": 2}"#;
    let report = analyze(&rows, options, &context(json!({})));
    // [0 s, 2 s) are rows 0 to 3, [2 s, 4 s) rows 4 to 7; the window that is open at the end is not measured.
    assert_eq!(line(&report, "concentration", "first donor").x, [2.0, 4.0]);
    assert_eq!(line(&report, "concentration", "first donor").y, [Some(1.0), Some(0.75)]);
    assert_eq!(column(&report, "leaders", "first led [completion]"), json!([5, 8]));
    assert_eq!(column(&report, "leaders", "led [s]"), json!([1.5, 1.0]));
    // A leap of a thousand years: a gap, and nobody leads.
    let mut last = row(10, None, None);
    last.finished_us = 1 << 55;
    rows.push(last);
    let report = analyze(&rows, options, &context(json!({})));
    assert_eq!(column(&report, "leaders", "why it fell last")[1], "nobody took over");
    assert!(line(&report, "concentration", "first donor").x.len() <= 200);
    // Without times nothing can be said of such windows.
    for row in &mut rows {
        row.finished_us = u64::NONE;
    }
    let report = analyze(&rows, options, &context(json!({})));
    assert!(finding(&report, "donors-first").missing.as_deref().unwrap().contains("no times"));
    assert!(finding(&report, "leader-rise").missing.is_some());
}

#[test]
fn bands_of_a_family() {
    let report = analyze(&family(&[0, 0, 1, 3, 3]), r#"{"window": 4, "lead": 2}"#, &context(json!({})));
    let Body::Flow(flow) = &chart(&report, "donor-flow").body else { panic!("no flow") };
    let bands: Vec<_> =
        flow.bands.iter().map(|band| (band.name.as_str(), band.parent, band.y.clone())).collect();
    // The last complete window ends with row 7: rows 4 to 7 have the donations of 0, 1, 3, 3.
    assert_eq!(
        bands,
        [
            ("donor 0", None, vec![1.0, 1.0]),
            ("donor 1", None, vec![0.0, 1.0]),
            ("donor 3", Some(0), vec![0.0, 2.0]),
            ("all others", None, vec![0.0, 0.0]),
        ]
    );
}

#[test]
fn donors_that_led_against_others() {
    // 0 and 3 lead, 1 and 2 lend once. Depths 0 and 1 against 0 and 0: means .5 and 0; squares .5 and 0 over 2 degrees
    // of freedom: deviation .5, difference 1. Pairs: two of four larger, two ties: delta .5.
    let report = analyze(&family(&[0, 0, 1, 2, 3, 3, 3]), WINDOW_4, &context(json!({})));
    assert_eq!(number(&report, "leaders"), 2.0);
    assert_eq!(number(&report, "rise-depth"), 1.0);
    assert_eq!(column(&report, "rise-conditions", "Cliff's delta")[2], 0.5);
    assert_eq!(finding(&report, "rise-rank").missing.as_deref(), Some("it is not known in this trace"));
}
