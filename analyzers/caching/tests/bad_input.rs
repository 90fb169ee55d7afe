//! Traces that lack what the analyzer asks for: a report that says what is missing, and which key to set.

#![allow(clippy::float_cmp, reason = "counts, and fractions that are exact")]

mod support;

use insta::assert_snapshot;
use lamarck_cache::{SizeRule, TraceBuilder};
use lamarck_caching::{Caching, CachingOptions, Serial, analyze_trace};
use lamarck_sdk::model::{CandidateColumns, CandidateRecord, LayerSource, Nullable};
use lamarck_sdk::serde_json::json;
use lamarck_sdk::testing::create;
use lamarck_sdk::{Analyzer, Columns, Context, LayerColumns, Status};
use support::{Evolution, context, finding, report, value, why};

fn study() -> Context {
    Evolution::default().context()
}

/// Candidates that are all alike but for their ids, one after the other.
fn candidates(n: u64, change: impl Fn(&mut CandidateRecord)) -> CandidateColumns {
    let mut columns = CandidateColumns::with_capacity(1, 8);
    for id in 0..n {
        let mut row = CandidateRecord {
            id,
            submitted_us: id * 10,
            started_us: id * 10,
            finished_us: id * 10 + 10,
            node: 0,
            score: 0.5,
            ..CandidateRecord::default()
        };
        change(&mut row);
        columns.push(&row);
    }
    columns
}

/// Each inherits a layer of the one before it, and trains one.
fn chain(n: u64) -> LayerColumns {
    let mut layers = LayerColumns::default();
    for id in 0..n {
        if let Some(before) = id.checked_sub(1) {
            layers.push(id, 1, before, 100, LayerSource::Repository);
        }
        layers.push(id, 1, id, 100, LayerSource::Trained);
    }
    layers
}

#[test]
fn an_empty_trace() {
    let mut analyzer: Caching = create("{}", &study()).unwrap();
    analyzer.candidates(&Columns::default()).unwrap();
    let report = analyzer.finish().unwrap();
    support::check(&report);
    assert!(report.findings.len() > 25 && report.findings.iter().all(|finding| finding.value.is_none()));
    assert_eq!(why(&report, "attainable-bytes-shared"), "the trace has no candidates");
    assert!(report.tables.is_empty() && report.charts.is_empty());
}

#[test]
fn no_layers_table() {
    let report = report("{}", &study(), &candidates(5, |_| ()), &LayerColumns::default());
    assert_snapshot!(why(&report, "size-for-nine-tenths-node"), @"the trace has no rows of the `layers` table; set trace.layers = true and trace.write = true in the study and run it again (an imported trace has none: other tools' logs do not tell the layers)");
    assert_eq!(why(&report, "footprint"), why(&report, "gain-next-donor-bytes-shared"));
}

#[test]
fn no_donors() {
    let mut layers = LayerColumns::default();
    for id in 0..5 {
        layers.push(id, 1, id, 100, LayerSource::Trained);
    }
    let one = report("{}", &study(), &candidates(5, |_| ()), &layers);
    assert_snapshot!(why(&one, "attainable-bytes-node"), @"no candidate in the trace took over a layer, so nothing is ever read");
    let none = context(&json!({"strategy": {"plugin": "random"}, "transfer": {"donor": "none"}}));
    let one = report("{}", &none, &candidates(5, |_| ()), &layers);
    assert_snapshot!(why(&one, "attainable-bytes-node"), @r#"no candidate takes over weights, so nothing is ever read; set transfer.donor = "parent" or "best-match" in the study"#);
    let asked: Caching = create("{}", &none).unwrap();
    assert!(!asked.wants_layers() && create::<Caching>("{}", &study()).unwrap().wants_layers());
    let single = report("{}", &study(), &candidates(1, |_| ()), &chain(1));
    assert!(finding(&single, "reuse-interval").missing.is_some());
}

#[test]
fn an_unknown_population() {
    let bare = Context::bare();
    let one = report("{}", &bare, &candidates(9, |_| ()), &chain(9));
    assert_eq!(value(&one, "attainable-bytes-shared"), 1.0);
    assert_snapshot!(why(&one, "gain-population-bytes-shared"), @"the size of the population is not known; set the option `population`");
    assert_snapshot!(why(&one, "lost-reads-reachable"), @"the size of the population is not known; set the option `population`");
    assert_eq!(value(&one, "lost-reads-window"), 0.0);
    let told = report(r#"{"population": 3}"#, &bare, &candidates(9, |_| ()), &chain(9));
    assert!(value(&told, "gain-population-bytes-shared").abs() < 1.0);
    assert_snapshot!(why(&told, "gain-next-donor-requests-node"), @"how the strategy chooses parents is not known; the study has no strategy.sample, nor is it `neutral`");
    let wanting = report(r#"{"retention": "reachable"}"#, &bare, &candidates(9, |_| ()), &chain(9));
    assert_snapshot!(why(&wanting, "footprint"), @r#"the size of the population is not known, so nobody can say what is retired; set the option `population`, or `retention = "all"`"#);
}

#[test]
fn no_nodes_and_no_times() {
    let no_nodes = candidates(9, |row| row.node = u32::NONE);
    let one = report("{}", &study(), &no_nodes, &chain(9));
    assert_eq!(value(&one, "attainable-bytes-shared"), 1.0);
    assert_snapshot!(why(&one, "attainable-bytes-node"), @"the trace does not say on which node candidates ran");
    let no_times = candidates(9, |row| (row.started_us, row.finished_us) = (u64::NONE, u64::NONE));
    let two = report("{}", &study(), &no_times, &chain(9));
    assert_eq!(value(&two, "without-times"), 1.0);
    // Read right after it was written.
    assert_eq!((value(&two, "attainable-bytes-shared"), value(&two, "reuse-interval")), (1.0, 0.0));
}

#[test]
fn all_failed() {
    let failed = candidates(9, |row| {
        row.status = Status::Failed as u8;
        row.score = f64::NONE;
        row.prefix_bytes = 50;
    });
    let one = report("{}", &study(), &failed, &LayerColumns::default());
    assert!(why(&one, "footprint").contains("trace.layers = true"));
    // Some failed, and what they read is not recorded.
    let some = candidates(9, |row| {
        if row.id >= 5 {
            row.status = Status::Failed as u8;
            row.prefix_bytes = 100;
        }
    });
    let two = report("{}", &study(), &some, &chain(5));
    assert_eq!((value(&two, "unrecorded-reads"), finding(&two, "unrecorded-reads").n), (0.5, 4));
}

#[test]
fn what_contradicts_itself_is_counted() {
    // Ids out of order, parents in a circle, everybody at the same moment.
    let odd = candidates(9, |row| {
        row.parent = (row.id + 1) % 9;
        row.id = 8 - row.id;
        (row.submitted_us, row.started_us, row.finished_us) = (7, 7, 7);
    });
    let one = report("{}", &study(), &odd, &chain(9));
    assert_eq!(value(&one, "odd-rows"), 0.0);
    assert_eq!(value(&one, "attainable-bytes-shared"), 1.0);
    let mut layers = chain(9);
    // A candidate that does not exist, an owner that never wrote, a size that changes, rows apart.
    layers.push(77, 1, 77, 10, LayerSource::Trained);
    layers.push(0, 2, 0, 10, LayerSource::Trained);
    layers.owner[1] = 55;
    layers.bytes[3] = 101;
    let two = report("{}", &study(), &candidates(9, |_| ()), &layers);
    assert_eq!(value(&two, "odd-rows"), 4.0);
    assert_eq!(value(&two, "footprint"), 1000.0);
    // Wild ids do not exhaust the memory.
    let wild = candidates(9, |row| row.id = row.id.wrapping_sub(3));
    let three = report("{}", &study(), &wild, &chain(6));
    assert_eq!(value(&three, "odd-rows"), 3.0);
}

#[test]
fn sizes_that_cannot_be() {
    let mut layers = chain(3);
    layers.bytes = vec![u64::MAX / 2; layers.bytes.len()];
    let one = report("{}", &study(), &candidates(3, |_| ()), &layers);
    assert_snapshot!(why(&one, "footprint"), @"the layers of candidate 2 have more than 2^64 bytes together; the sizes in the trace are wrong");
    let two = report(r#"{"granularity": "model"}"#, &study(), &candidates(3, |_| ()), &layers);
    assert_eq!(why(&two, "footprint"), why(&one, "footprint"));
    // Sizes that fit, and reads that do not.
    let many = 40;
    let mut layers = LayerColumns::default();
    layers.push(0, 1, 0, u64::MAX / 20, LayerSource::Trained);
    for id in 1..many {
        layers.push(id, 1, 0, u64::MAX / 20, LayerSource::Repository);
    }
    let one = report("{}", &study(), &candidates(many, |_| ()), &layers);
    assert_snapshot!(why(&one, "attainable-bytes-shared"), @"all accesses together ask for more than 2^64 bytes; the sizes in the trace are wrong");
    let mut analyzer: Caching = create("{}", &study()).unwrap();
    let error = analyzer.layers(&LayerColumns { candidate: vec![1], ..LayerColumns::default() }).unwrap_err();
    assert_snapshot!(error, @"the columns of a batch of the table `layers` differ in length");
}

#[test]
fn a_grid_without_general_policies_or_with_none() {
    let one = report(r#"{"policies": "belady population"}"#, &study(), &candidates(9, |_| ()), &chain(9));
    assert_snapshot!(why(&one, "best-general-bytes-shared"), @"every policy of the grid knows the future or evolution; name another in the option `policies`");
    assert_eq!(why(&one, "gain-population-requests-node"), why(&one, "best-general-requests-node"));
    let two = report(r#"{"policies": ""}"#, &study(), &candidates(9, |_| ()), &chain(9));
    assert!(value(&two, "size-for-nine-tenths-shared") > 0.0);
    assert!(!two.charts.iter().any(|chart| chart.key.starts_with("policies")));
}

#[test]
fn wrong_options() {
    let said = |options: &str| match create::<Caching>(options, &study()) {
        Ok(_) => panic!("{options} was accepted"),
        Err(error) => format!("{error:#}"),
    };
    assert_snapshot!(said(r#"{"policies": "lru lfru"}"#), @"option `policies`: there is no policy `lfru`; there are fifo, lru, clock, slru, lfu, lfu-da, two-q, arc, lirs, s3-fifo, sieve, gdsf, hyperbolic, w-tiny-lfu, lecar, lhd, random, belady, belady-size, population, descendants, next-donor");
    assert_snapshot!(said(r#"{"policies": "lru fifo lru"}"#), @"option `policies`: `lru` is there twice");
    assert_snapshot!(said(r#"{"policies": "s3-fifo:small=2"}"#), @"option `policies`: policy s3-fifo: option `small` is `2`, but must be a number from 0 to 1");
    assert_snapshot!(said(r#"{"capacities": "0.1 0"}"#), @"option `capacities`: `0` is no share of the footprint, a number above 0 and at most 1");
    assert_snapshot!(said(r#"{"capacities": "NaN"}"#), @"option `capacities`: `NaN` is no share of the footprint, a number above 0 and at most 1");
    assert_snapshot!(said(r#"{"capacities": " "}"#), @"option `capacities` is empty; it needs at least one share of the footprint");
    assert!(said(r#"{"granularity": "tensor"}"#).contains("layer"));
    // The defaults are declared twice, once for the host and once for other programs.
    let defaults: Caching = create("{}", &study()).unwrap();
    let same: Caching = lamarck_sdk::Component::create(CachingOptions::default(), &study()).unwrap();
    assert_eq!(format!("{defaults:?}"), format!("{same:?}"));
}

#[test]
fn a_trace_of_accesses() {
    let mut builder = TraceBuilder::new(SizeRule::Refuse);
    for id in [1, 2, 3, 1, 2, 3, 1] {
        builder.get(id, 100).unwrap();
    }
    let options = CachingOptions { capacities: "0.7 1".into(), ..CachingOptions::default() };
    let one = analyze_trace(builder.finish().unwrap(), &options, &Serial).unwrap();
    support::check(&one);
    assert_eq!(value(&one, "attainable-bytes-shared"), 4.0 / 7.0);
    assert_eq!(value(&one, "size-for-nine-tenths-shared"), 300.0);
    assert_snapshot!(why(&one, "gain-population-bytes-shared"), @"the trace says nothing of lineage");
    assert_eq!(value(&one, "footprint"), 300.0);
    // What only a run can tell is not spoken of.
    assert!(!one.findings.iter().any(|finding| finding.key == "never-read"));
    let empty = TraceBuilder::new(SizeRule::Refuse).finish().unwrap();
    assert_eq!(
        why(&analyze_trace(empty, &options, &Serial).unwrap(), "reuse-distance-shared"),
        "the trace has no reads"
    );
}
