//! Small traces whose answers are written out by hand.

#![allow(clippy::float_cmp, reason = "counts, and fractions that are exact")]

mod support;

use insta::assert_json_snapshot;
use lamarck_caching::stream::{Granularity, Retention, Stream, StreamBuilder, StreamOptions};
use lamarck_sdk::model::report::Cell;
use lamarck_sdk::model::{CandidateColumns, CandidateRecord, LayerSource};
use lamarck_sdk::serde_json::json;
use lamarck_sdk::{Context, LayerColumns, Report};
use support::{context, finding, report, value, why};

/// Four candidates on two nodes, a population of two. Layers A, B, C (D is without weights):
///
/// | id | runs | node | score | map |
/// |---|---|---|---|---|
/// | 0 | 0 to 10 | 0 | 1 | A0 100, D0 0, B0 50 |
/// | 1 | 0 to 20 | 1 | 2 | A1 100, B1 60 |
/// | 2 | 20 to 30 | 1 | 3 | A0 100, C2 30 |
/// | 3 | 30 to 40 | 0 | 4 | A0 100, C2 30, B3 7 |
fn tables() -> (CandidateColumns, LayerColumns) {
    let mut candidates = CandidateColumns::with_capacity(1, 4);
    let rows = [(0, 0, 10, 0, None), (1, 0, 20, 1, None), (2, 20, 30, 1, Some(0)), (3, 30, 40, 0, Some(2))];
    for (id, started_us, finished_us, node, parent) in rows {
        let parent = parent.unwrap_or(u64::MAX);
        candidates.push(&CandidateRecord {
            id,
            parent,
            donor: parent,
            submitted_us: started_us,
            started_us,
            finished_us,
            node,
            score: id as f64 + 1.0,
            ..CandidateRecord::default()
        });
    }
    let mut layers = LayerColumns::default();
    let all: [&[(u128, u64, u64)]; 4] = [
        &[(0xa, 0, 100), (0xd, 0, 0), (0xb, 0, 50)],
        &[(0xa, 1, 100), (0xb, 1, 60)],
        &[(0xa, 0, 100), (0xc, 2, 30)],
        &[(0xa, 0, 100), (0xc, 2, 30), (0xb, 3, 7)],
    ];
    for (id, map) in (0..).zip(all) {
        for &(identity, owner, bytes) in map {
            layers.push(id, identity, owner, bytes, LayerSource::Trained);
        }
    }
    (candidates, layers)
}

fn stream(options: &StreamOptions) -> Stream {
    let (candidates, layers) = tables();
    let mut builder = StreamBuilder::default();
    builder.candidates(&candidates.view()).unwrap();
    builder.layers(&layers).unwrap();
    builder.finish(options).unwrap()
}

/// `time op owner:bytes @node by candidate`.
fn lines(stream: &Stream) -> Vec<String> {
    let line = |a: lamarck_caching::stream::Access| {
        let node = a.node.map_or("*".to_owned(), |node| node.to_string());
        format!("{} {} {}:{} @{node} by {}", a.time_us, a.op.name(), a.owner, a.bytes, a.candidate)
    };
    stream.accesses().map(line).collect()
}

#[test]
fn reads_writes_and_deletions() {
    let all = lines(&stream(&StreamOptions::default()));
    assert_eq!(
        all,
        [
            "10 put 0:100 @0 by 0",
            "10 put 0:50 @0 by 0",
            "20 put 1:100 @1 by 1",
            "20 put 1:60 @1 by 1",
            "20 get 0:100 @1 by 2",
            "30 put 2:30 @1 by 2",
            "30 get 0:100 @0 by 3",
            "30 get 2:30 @0 by 3",
            "40 put 3:7 @0 by 3",
        ]
    );
    // When 2 finishes, 0 leaves: B0 belongs to nobody; A0 is in the map of 2. When 3 finishes, 1 leaves.
    let known = StreamOptions { population: Some(2), ..StreamOptions::default() };
    for retention in [Retention::Population, Retention::Reachable] {
        let mut expected = all.clone();
        expected.insert(6, "30 delete 0:50 @* by 2".to_owned());
        expected.extend(["40 delete 1:100 @* by 3".to_owned(), "40 delete 1:60 @* by 3".to_owned()]);
        assert_eq!(lines(&stream(&StreamOptions { retention, ..known })), expected, "{retention:?}");
    }
    // The last stored model only: at 20 nobody needs 0's layers any more, though 2 reads one of them at once; at 30 it goes
    // into the map of 2, which is the last one.
    let options = StreamOptions { retention: Retention::Window, window: 1, ..StreamOptions::default() };
    let deletions: Vec<String> =
        lines(&stream(&options)).into_iter().filter(|line| line.contains("delete")).collect();
    assert_eq!(
        deletions,
        [
            "20 delete 0:100 @* by 1",
            "20 delete 0:50 @* by 1",
            "30 delete 1:100 @* by 2",
            "30 delete 1:60 @* by 2",
        ]
    );
}

#[test]
fn a_model_is_all_that_one_candidate_stores() {
    let options = StreamOptions {
        granularity: Granularity::Model,
        retention: Retention::Reachable,
        population: Some(2),
        ..StreamOptions::default()
    };
    // Model 0 is 150 bytes whole, also for those who need 100 of them, and stays as long as A0 does.
    assert_eq!(
        lines(&stream(&options)),
        [
            "10 put 0:150 @0 by 0",
            "20 put 1:160 @1 by 1",
            "20 get 0:150 @1 by 2",
            "30 put 2:30 @1 by 2",
            "30 get 0:150 @0 by 3",
            "30 get 2:30 @0 by 3",
            "40 put 3:7 @0 by 3",
            "40 delete 1:160 @* by 3",
        ]
    );
}

#[test]
fn export() {
    let stream = stream(&StreamOptions {
        retention: Retention::Population,
        population: Some(2),
        ..StreamOptions::default()
    });
    let trace = stream.trace().unwrap();
    assert_eq!((trace.gets(), trace.puts(), trace.len()), (3, 6, 12));
    let (reads, seconds) = stream.trace_of_reads().unwrap();
    assert_eq!((reads.gets(), reads.puts(), reads.len(), seconds.len()), (9, 0, 9, 9));
    let mut file = Vec::new();
    lamarck_cache::io::oracle_general::write(&reads, Some(&seconds), &mut file).unwrap();
    assert_eq!(file.len(), 9 * 24);
}

fn study() -> Context {
    context(&json!({
        "strategy": {"plugin": "regularized-evolution", "population": 2, "sample": 1},
        "transfer": {"donor": "parent", "retention": "all", "window": 1},
    }))
}

fn cell<'a>(report: &'a Report, table: &str, key: &[Cell], column: &str) -> &'a Cell {
    let table = report.tables.iter().find(|other| other.name == table).unwrap();
    let column = table.columns.iter().position(|other| other == column).unwrap();
    let row = table.rows.iter().find(|row| &row[..key.len()] == key);
    &row.unwrap_or_else(|| panic!("no row {key:?} in {}", table.name))[column]
}

/// All objects have 347 bytes: 100 + 50 + 100 + 60 + 30 + 7. Reads: A0, A0, C2, 230 bytes.
#[test]
fn the_report() {
    let (candidates, layers) = tables();
    // 173.5 bytes and all; 174 hold A1, B1 and nothing else when A0 is read first.
    let options = r#"{"policies": "lru fifo belady population", "capacities": "0.5 1"}"#;
    let report = report(options, &study(), &candidates, &layers);
    assert_eq!(value(&report, "footprint"), 347.0);
    // One cache for all: whatever is read was written before. On nodes: A0 is new on node 1, and C2 on node 0.
    assert_eq!(value(&report, "attainable-bytes-shared"), 1.0);
    assert_eq!(value(&report, "attainable-bytes-node"), 1.0 - 130.0 / 230.0);
    // LRU at 174 bytes, shared: put A0, B0, then A1 evicts A0, B1 evicts B0 (50 + 100 + 60 > 174). A0 misses and evicts A1
    // (100 + 60 + 100 > 174); C2 is put and evicts B1; A0 and C2 hit.
    let grid = |cache: &str, policy: &str, share: f64, column: &str| match cell(
        &report,
        "policy-grid",
        &[cache.into(), policy.into(), share.into()],
        column,
    ) {
        Cell::Number(number) => *number,
        Cell::Integer(number) => *number as f64,
        other => panic!("{other:?}"),
    };
    assert_eq!(grid("shared", "lru", 0.5, "capacity of each [bytes]"), 174.0);
    assert_eq!(grid("shared", "lru", 0.5, "miss ratio"), 1.0 / 3.0);
    assert_eq!(grid("shared", "lru", 0.5, "byte miss ratio"), 100.0 / 230.0);
    assert_eq!(grid("shared", "lru", 1.0, "miss ratio"), 0.0);
    // Belady evicts B0 first, which is never read, but 100 + 100 > 174: A0 must go too, since A1 is written whatever comes.
    assert_eq!(grid("shared", "belady", 0.5, "miss ratio"), 1.0 / 3.0);
    // On node 0: put A0, B0 (150), get A0 hits; get C2 misses, evicts B0. On node 1: get A0 misses.
    assert_eq!(grid("node", "lru", 0.5, "miss ratio"), 2.0 / 3.0);
    assert_eq!(grid("node", "lru", 0.5, "evictions"), grid("node", "fifo", 0.5, "evictions"));
    // Nobody is retired before the last read but 0, whose B0 is gone by then: `population` is LRU here.
    assert_eq!(value(&report, "gain-population-bytes-shared"), 0.0);
    // Distances: A0 with B0, A1, B1 above it 310; A0 with C2 above it 130; C2 with A0 above it 130. Half the hits (2 of 3, by
    // rank) need 130; nine tenths of the bytes need 310.
    assert_eq!(value(&report, "reuse-distance-shared"), 130.0);
    assert_eq!(value(&report, "size-for-nine-tenths-shared"), 310.0);
    // Intervals in completions: A0 is read by 2 after 1 has finished, one after its writing; then by 3, one more; C2 by 3 at
    // once.
    assert_eq!(value(&report, "reuse-interval"), 1.0);
    // A0 is written at the first completion and read last after the third.
    assert_eq!(value(&report, "safe-age"), 2.0);
    // B0, A1, B1 and B3 are never read.
    assert_eq!(value(&report, "never-read"), 217.0 / 347.0);
    // A window of one model would have deleted A0 before 2 reads it, at the same completion.
    assert_eq!(value(&report, "lost-reads-window"), 100.0 / 230.0);
    assert_eq!(value(&report, "safe-delay-window"), 0.0);
    assert_eq!(value(&report, "lost-reads-population"), 0.0);
    // Before 0 leaves: A0, B0, A1, B1, C2.
    assert_eq!(value(&report, "peak-live-bytes"), 340.0);
    assert_eq!(finding(&report, "best-general-bytes-shared").n, 2);
    assert_eq!(
        why(&report, "evicted-too-early-node"),
        "LRU evicted nothing at this capacity, or the option `policies` does not name it"
    );
}

#[test]
fn a_table_as_json() {
    let (candidates, layers) = tables();
    let options = r#"{"policies": "lru", "capacities": "0.5", "caches": "shared"}"#;
    let report = report(options, &study(), &candidates, &layers);
    let table = report.tables.iter().find(|table| table.name == "retention").unwrap();
    assert_json_snapshot!(table, @r#"
    {
      "name": "retention",
      "title": "How long objects live under each rule of retention, and what this run read of what it would have deleted",
      "columns": [
        "rule",
        "deleted",
        "kept to the end",
        "life, median [completions]",
        "life, nine tenths [completions]",
        "life, median [s]",
        "peak [bytes]",
        "reads lost",
        "bytes lost",
        "late by, median [completions]",
        "late by, 99 % [completions]",
        "late by, at most [completions]"
      ],
      "keys": 1,
      "rows": [
        [
          "all",
          0,
          6,
          null,
          null,
          null,
          347,
          0.0,
          0.0,
          null,
          null,
          null
        ],
        [
          "reachable",
          3,
          3,
          2,
          2,
          0.00002,
          340,
          0.0,
          0.0,
          null,
          null,
          null
        ],
        [
          "population",
          3,
          3,
          2,
          2,
          0.00002,
          340,
          0.0,
          0.0,
          null,
          null,
          null
        ],
        [
          "window",
          3,
          3,
          1,
          1,
          0.00001,
          160,
          0.3333333333333333,
          0.43478260869565216,
          0,
          0,
          0
        ]
      ]
    }
    "#);
}

#[test]
fn a_chart_as_json() {
    let (candidates, layers) = tables();
    let options = r#"{"policies": "lru", "capacities": "0.5", "caches": "shared"}"#;
    let report = report(options, &study(), &candidates, &layers);
    let chart = report.charts.iter().find(|chart| chart.key == "working-set").unwrap();
    assert_json_snapshot!(chart.body, @r#"
    {
      "lines": [
        {
          "name": "read or written in the window",
          "x": [
            100.0
          ],
          "y": [
            347.0
          ],
          "theory": false
        },
        {
          "name": "read in the window",
          "x": [
            100.0
          ],
          "y": [
            130.0
          ],
          "theory": false
        },
        {
          "name": "ever",
          "x": [
            100.0
          ],
          "y": [
            347.0
          ],
          "theory": false
        }
      ]
    }
    "#);
    let keys: Vec<&str> = report.charts.iter().map(|chart| chart.key.as_str()).collect();
    assert_eq!(keys, ["miss-ratio-curve", "policies-shared", "ages", "working-set", "reuse-intervals"]);
}
