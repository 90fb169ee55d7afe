//! Reports on traces that were made by hand, with the numbers worked out by hand.

mod support;

use lamarck_sdk::model::report::{Body, Cell};
use lamarck_sdk::model::{CandidateRecord, candidate::LayerSource};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, LayerColumns, Nullable, Origin, Report, Status};
use lamarck_structure::Structure;
use support::{chart, finding, line, missing, table, text, value};

/// A candidate: id, the decision its mutation changed and its parent, its choices.
type Row = (u64, Option<(u16, u64)>, [u16; 2]);

/// Eight candidates, two windows of four, of a space of two decisions with 2 and 3 options.
const TRACE: [Row; 8] = [
    (0, None, [0, 0]),
    (1, None, [1, 1]),
    (2, None, [0, 0]),
    (3, Some((1, 0)), [0, 1]),
    // The second window.
    (4, Some((0, 3)), [1, 1]),
    (5, Some((1, 3)), [0, 2]),
    (6, Some((1, 5)), [0, 0]),
    (7, Some((1, 4)), [1, 0]),
];

/// Donors are parents, but for 7, whose donor is 5. A child that changed decision 1 takes two of four layers, and
/// half of its bytes; one that changed decision 0 takes one, and a quarter. Candidate 2 failed.
fn record(&(id, mutation, choices): &Row) -> CandidateRecord {
    let mut record = CandidateRecord { id, choices: choices.to_vec(), ..CandidateRecord::default() };
    (record.layers, record.parameters, record.bytes) = (4, 10 * (id + 1), 400);
    if let Some((decision, parent)) = mutation {
        record.origin = Origin::Mutation as u8;
        (record.changed, record.changed_decision, record.parent) = (1, decision, parent);
        record.donor = if id == 7 { 5 } else { parent };
        record.prefix_layers = 1 + u64::from(decision);
        record.prefix_bytes = 100 * record.prefix_layers;
    }
    if id == 2 {
        record.status = Status::Failed as u8;
    } else {
        record.score = f64::from(choices[0]);
    }
    record
}

fn records() -> Vec<CandidateRecord> {
    TRACE.iter().map(record).collect()
}

/// A study with a population of 2 on one worker.
fn context() -> Context {
    let mut context = Context::for_space(space(&[2, 3]));
    context.study = lamarck_sdk::serde_json::json!({"strategy": {"population": 2}});
    context
}

const OPTIONS: &str = r#"{"window": 4, "fixed": 0.75}"#;

fn by_hand() -> Report {
    support::report(OPTIONS, &context(), &records(), 3)
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
fn entropy_and_fixation_by_hand() {
    let report = by_hand();
    // First window: decision 0 has counts 3, 1 and entropy H(3/4) / ln 2 = 0.562335 / 0.693147 = 0.811278; decision 1
    // has counts 2, 2, 0 and ln 2 / ln 3 = 0.630930.
    near(&report, "entropy-first-window", 0.721_104);
    // Last window: counts 2, 2 and entropy 1; counts 2, 1, 1 and 1.039721 / 1.098612 = 0.946395.
    near(&report, "entropy-last-window", 0.973_197);
    near(&report, "entropy-change", 0.252_093);
    assert_eq!(finding(&report, "entropy-change").n, 4);
    // Neither 2 of 4 is 0.75.
    near(&report, "fixed-decisions", 0.0);
    assert!(missing(&report, "time-to-fixation").contains("no decision is fixed"));
    let per_decision = line(&report, "entropy-over-time", "decision 0");
    assert_eq!(per_decision.x, [4.0, 8.0]);
    assert!((per_decision.y[0].unwrap() - 0.811_278).abs() < 1e-6);

    // The same shifted by a window of others: option 0 of decision 0 has 3 of 4 twice.
    let mut later = records();
    later.rotate_left(4);
    let shares: [[u16; 2]; 4] = [[0, 0], [0, 1], [0, 2], [1, 2]];
    for (i, choices) in (8..).zip(shares) {
        later.push(record(&(i, None, choices)));
    }
    let report = support::report(OPTIONS, &context(), &later, 100);
    near(&report, "fixed-decisions", 1.0);
    near(&report, "time-to-fixation", 4.0);
    let fixation = line(&report, "fixation", "fixed after");
    assert_eq!(fixation.y, [Some(4.0), None]);
}

#[test]
fn shares_and_their_map_by_hand() {
    let report = by_hand();
    // Share, first window, last window, mutations, judged, survived, share. Judged are candidates 0 to 5.
    assert_eq!(
        text(table(&report, "options")),
        [
            "d0 0 0.6250 0.7500 0.5000 0 0 0 -",
            "d0 1 0.3750 0.2500 0.5000 1 1 1 1.0000",
            "d1 0 0.5000 0.5000 0.5000 2 0 0 -",
            "d1 1 0.3750 0.5000 0.2500 1 1 1 1.0000",
            "d1 2 0.1250 0.0000 0.2500 1 1 1 1.0000",
        ]
    );
    let Body::Heat(heat) = &chart(&report, "option-shares").body else { panic!("a heat map") };
    assert_eq!(heat.rows[..3], ["decision 0: 0", "decision 0: 1", "decision 1: 0"]);
    assert_eq!(heat.cells[0], [Some(0.75), Some(0.5)]);
    assert_eq!(heat.cells[4], [Some(0.0), Some(0.25)]);
}

#[test]
fn mutations_by_hand() {
    let report = by_hand();
    // Five mutations: 3 to 7. With P = 2 and W = 1 the last two candidates, 6 and 7, are not judged; 3, 4 and 5 became
    // parents. Without selection 1 - (1/2)^2.
    let survived = finding(&report, "survived-mutations");
    assert_eq!((survived.value, survived.n, survived.theory), (Some(1.0), 3, Some(0.75)));
    // Four of five changed decision 1; two decisions can change.
    near(&report, "mutation-share-largest", 0.8);
    theory(&report, "mutation-share-largest", 0.5);
    assert!(missing(&report, "survival-range").contains("fewer than two"));

    // With the population of the option instead, 4 and 1 more, only 3 is judged: 8 - 4 rows.
    let report = support::report(r#"{"window": 4, "population": 4}"#, &context(), &records(), 8);
    assert_eq!(finding(&report, "survived-mutations").n, 1);
    theory(&report, "survived-mutations", 1.0 - 0.75_f64.powi(4));
}

#[test]
fn prefixes_by_hand() {
    let report = by_hand();
    // 3, 4, 5, 6 of five.
    near(&report, "donor-is-parent", 0.8);
    // 2, 1, 2, 2, 2: mean 1.8, squared differences 4 * 0.04 + 0.64 = 0.8 over 4.
    near(&report, "donor-layers", 1.8);
    assert!((finding(&report, "donor-layers").spread.unwrap() - 0.2_f64.sqrt()).abs() < 1e-9);
    near(&report, "donor-bytes", 0.45);
    // One more layer exactly where the position is one more.
    near(&report, "donor-position-correlation", 1.0);
    assert!(missing(&report, "parent-layers").contains("layers = true"));
    assert_eq!(line(&report, "prefix-by-mutation", "from the donor").y, [Some(1.0), Some(2.0)]);
    let distribution = line(&report, "prefix-layers-distribution", "donor");
    assert_eq!(distribution.y, [Some(0.0), Some(0.2), Some(0.8)]);
    let bytes = line(&report, "prefix-bytes-distribution", "donor");
    assert_eq!((bytes.x[5], bytes.y[5], bytes.y[10]), (25.0, Some(0.2), Some(0.8)));
    assert_eq!(line(&report, "prefix-layers-over-time", "donor, median").y, [Some(2.0), Some(2.0)]);
    assert_eq!(
        line(&report, "prefix-bytes-over-time", "donors that are the parent").y,
        [Some(1.0), Some(0.75)]
    );
}

#[test]
fn diversity_and_repeats_by_hand() {
    let report = by_hand();
    // Populations: 2 and 3, [0, 0] and [0, 1]; 6 and 7, [0, 0] and [1, 0]. Even draws: 1/2 + 2/3.
    near(&report, "distance-start", 1.0);
    near(&report, "distance-end", 1.0);
    theory(&report, "distance-end", 1.0 / 2.0 + 2.0 / 3.0);
    // Two draws from six: 1 + 5/6.
    near(&report, "distinct-end", 2.0);
    theory(&report, "distinct-end", 11.0 / 6.0);
    assert_eq!(line(&report, "distinct-prefixes", "first").y, [Some(1.0), Some(2.0)]);
    assert_eq!(line(&report, "distinct-prefixes", "last").y, [Some(2.0), Some(2.0)]);
    assert_eq!(text(table(&report, "prefixes"))[0], "4.0000 1 1 1.5000");
    // Seen before: 2 (as 0), 4 (as 1), 6 (as 0).
    near(&report, "repeats", 3.0 / 8.0);
    assert_eq!(line(&report, "repeats-over-time", "seen before").y, [Some(0.25), Some(0.5)]);
    // Means over i = 0..3 of 1 - (5/6)^i: 1 - (1 + 5/6 + 25/36 + 125/216) / 4.
    let even = line(&report, "repeats-over-time", "even draws").y[0].unwrap();
    assert!((even - (1.0 - (1.0 + 5.0 / 6.0 + 25.0 / 36.0 + 125.0 / 216.0) / 4.0)).abs() < 1e-9, "{even}");
}

#[test]
fn sizes_and_walks_by_hand() {
    let report = by_hand();
    // Parameters 10 to 40 and 50 to 80; the smallest that half are not above.
    near(&report, "parameters-last-window", 60.0);
    near(&report, "parameters-change", 3.0);
    near(&report, "layers-change", 1.0);
    assert_eq!(line(&report, "parameters-over-time", "10 %").y, [Some(10.0), Some(50.0)]);
    // All descend from 0, [0, 0]: 3 is 1 away after one generation; 4, [1, 1], 2 after two, 5, [0, 2], 1 after two; 6 none
    // after three, and 7, [1, 0], 1 after three.
    near(&report, "distance-walked", 1.0);
    assert_eq!(finding(&report, "distance-walked").n, 5);
    let walk = line(&report, "distance-walked", "measured");
    assert_eq!((&walk.x[..], &walk.y[..]), (&[1.0, 2.0, 3.0][..], &[Some(1.0), Some(1.5), Some(0.5)][..]));
    // Two decisions, evenly: one differs after one step; after two, decision 0 with 1/2 (1 - 0), decision 1 with
    // 2/3 (1 - (1/4)^2).
    let even = line(&report, "distance-walked", "without selection");
    assert!((even.y[0].unwrap() - 1.0).abs() < 1e-9);
    assert!((even.y[1].unwrap() - (0.5 + 2.0 / 3.0 * 15.0 / 16.0)).abs() < 1e-9, "{even:?}");
}

/// The `layers` table of the trace: identities of a layer for each decision, below which it changes, and the input.
fn layers() -> LayerColumns {
    let mut layers = LayerColumns::default();
    for &(id, _, [a, b]) in &TRACE {
        let (a, b) = (u128::from(a), u128::from(b));
        if id != 2 {
            layers.push(id, 1, id, 0, LayerSource::Trained);
            layers.push(id, (1 << 100) | a, id, 300, LayerSource::Trained);
            layers.push(id, (2 << 100) | (a << 8) | b, id, 100, LayerSource::Trained);
        }
    }
    layers
}

#[test]
fn prefixes_to_the_parent_by_hand() {
    let mut structure: Structure = create(r#"{"window": 4, "layers": true}"#, &context()).unwrap();
    assert!(structure.wants_layers());
    let mut columns = lamarck_sdk::model::CandidateColumns::with_capacity(2, 8);
    for record in &records() {
        columns.push(record);
    }
    structure.candidates(&columns.view()).unwrap();
    // A batch may end in the middle of a candidate.
    let all = layers();
    for part in [0..7, 7..8, 8..all.len()] {
        let mut batch = LayerColumns::default();
        for i in part {
            batch.push(all.candidate[i], all.identity[i], all.owner[i], all.bytes[i], LayerSource::Trained);
        }
        structure.layers(&batch).unwrap();
    }
    let report = structure.finish().unwrap();
    support::check(&report);
    // 3, 5, 6 and 7 changed decision 1: input and first layer are shared, 300 of 400 bytes. 4 changed decision 0 and
    // shares the input, without bytes.
    near(&report, "parent-layers", 1.8);
    near(&report, "parent-bytes", 0.6);
    near(&report, "parent-position-correlation", 1.0);
    assert_eq!(finding(&report, "parent-layers").n, 5);
    assert_eq!(line(&report, "prefix-by-mutation", "shared with the parent").y, [Some(1.0), Some(2.0)]);
    assert_eq!(line(&report, "prefix-layers-over-time", "parent, median").y, [Some(2.0), Some(2.0)]);
    let bytes = line(&report, "prefix-bytes-over-time", "bytes shared with the parent");
    assert_eq!(bytes.y, [Some(0.75), Some(0.5625)]);
    let Cell::Number(mean) = table(&report, "decisions").rows[1][15] else { panic!("a number") };
    assert!((mean - 2.0).abs() < 1e-12);

    // A failed parent has no layers in the table.
    let mut orphan = records();
    orphan[3].parent = 2;
    let mut structure: Structure = create(r#"{"layers": true}"#, &context()).unwrap();
    columns.clear();
    for record in &orphan {
        columns.push(record);
    }
    structure.candidates(&columns.view()).unwrap();
    structure.layers(&all).unwrap();
    near(&structure.finish().unwrap(), "parents-not-compared", 1.0);
}

#[test]
fn recombinations_and_unknown_changes() {
    let mut records = records();
    // 6 has two parents, of which the first says where it comes from; 7 changed several decisions.
    (records[6].origin, records[6].parent_b) = (Origin::Recombination as u8, 1);
    records[7].changed_decision = u16::NONE;
    // A child that was still running counts for its parent: 7.
    let running = CandidateRecord {
        status: Status::Interrupted as u8,
        choices: vec![0, 0],
        origin: Origin::Mutation as u8,
        id: 8,
        parent: 7,
        ..CandidateRecord::default()
    };
    records.push(running);
    let report = support::report(r#"{"window": 4, "population": 1}"#, &context(), &records, 2);
    near(&report, "interrupted", 1.0);
    // 3, 4, 5 and 7 are mutations; with P = 1 the last candidate, 7, is not judged.
    assert_eq!(finding(&report, "survived-mutations").n, 3);
    assert_eq!(
        text(table(&report, "decisions"))[2],
        "(several, none or unknown) - - - - - - 1 - 0 0 - - - - - -"
    );
    near(&report, "distance-walked", 1.0);
}

#[test]
fn findings_as_json() {
    let report = by_hand();
    let findings: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| {
            ["survived-mutations", "time-to-fixation", "repeats"].contains(&finding.key.as_str())
        })
        .collect();
    insta::assert_snapshot!(lamarck_sdk::serde_json::to_string_pretty(&findings).unwrap(), @r#"
    [
      {
        "key": "survived-mutations",
        "text": "share of mutations whose child became a parent (theory: parents drawn evenly)",
        "value": 1.0,
        "unit": "share",
        "n": 3,
        "spread": null,
        "theory": 0.75,
        "missing": null
      },
      {
        "key": "repeats",
        "text": "share of candidates whose vector the run had evaluated before (theory: even draws)",
        "value": 0.375,
        "unit": "share",
        "n": 8,
        "spread": null,
        "theory": 0.42442602952103337,
        "missing": null
      },
      {
        "key": "time-to-fixation",
        "text": "finished candidates before an option is fixed for good, median over decisions in which one is",
        "value": null,
        "unit": "candidates",
        "n": 0,
        "spread": null,
        "theory": null,
        "missing": "no decision is fixed at the end"
      }
    ]
    "#);
    insta::assert_snapshot!(lamarck_sdk::serde_json::to_string(chart(&report, "mutation-survival")).unwrap(), @r#"{"key":"mutation-survival","title":"Mutations that survive, by the decision that they change","note":"Share of the mutations of one decision whose child became a parent, over children that were members of the population for as long as members are. Dashed: parents drawn evenly. The strategy `neutral` is the null model to run beside it.","x":{"label":"decision","unit":"","log":false},"y":{"label":"share","unit":"","log":false},"body":{"bars":{"categories":["decision 0","decision 1"],"series":[{"name":"survived","x":[],"y":[1.0,1.0],"theory":false},{"name":"without selection","x":[],"y":[0.75,0.75],"theory":true}]}}}"#);
}

/// Which findings, tables and charts there are, in their order: what other runs' are merged with.
#[test]
fn keys() {
    let report = by_hand();
    let findings = report.findings.iter().map(|finding| match finding.value {
        Some(value) => format!("finding {} {value:.4} {} of {}", finding.key, finding.unit, finding.n),
        None => format!("finding {} missing", finding.key),
    });
    let tables = report.tables.iter().map(|table| format!("table {} {}", table.name, table.keys));
    let charts = report.charts.iter().map(|chart| format!("chart {}: {}", chart.key, chart.title));
    let all: Vec<String> = findings.chain(tables).chain(charts).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    finding entropy-change 0.2521 of the largest possible of 4
    finding entropy-last-window 0.9732 of the largest possible of 4
    finding survived-mutations 1.0000 share of 3
    finding fixed-decisions 0.0000 decisions of 2
    finding distinct-end 2.0000 vectors of 2
    finding distance-end 1.0000 decisions of 2
    finding parent-layers missing
    finding donor-layers 1.8000 layers of 5
    finding repeats 0.3750 share of 8
    finding distance-walked 1.0000 decisions of 5
    finding entropy-first-window 0.7211 of the largest possible of 4
    finding time-to-fixation missing
    finding survival-range missing
    finding mutation-share-largest 0.8000 share of 5
    finding donor-is-parent 0.8000 share of 5
    finding donor-bytes 0.4500 share of 5
    finding donor-position-correlation 1.0000  of 5
    finding distance-start 1.0000 decisions of 2
    finding layers-last-window 4.0000 layers of 4
    finding layers-change 1.0000 times of 4
    finding parameters-last-window 60.0000  of 4
    finding parameters-change 3.0000 times of 4
    finding bytes-last-window 400.0000 bytes of 4
    finding bytes-change 1.0000 times of 4
    table decisions 1
    table options 2
    table windows 1
    table prefixes 2
    chart entropy-over-time: Entropy of the options
    chart option-shares: Options over time
    chart mutation-survival: Mutations that survive, by the decision that they change
    chart mutation-survival-by-option: Mutations that survive, by the option that they choose
    chart prefix-by-mutation: Where the mutation strikes, and how much is inherited
    chart prefix-layers-over-time: Layers shared with the donor and with the parent
    chart prefix-bytes-over-time: How much of a child is inherited, and from whom
    chart prefix-layers-distribution: Layers shared, distribution
    chart prefix-bytes-distribution: Bytes shared, distribution
    chart diversity-over-time: Variety in the population
    chart distinct-prefixes: Distinct prefixes in the population
    chart repeats-over-time: Vectors evaluated again
    chart layers-over-time: Layers of a model
    chart parameters-over-time: Parameters of a model
    chart bytes-over-time: Bytes of a model
    chart distance-walked: Distance from the founder
    "#);
}
