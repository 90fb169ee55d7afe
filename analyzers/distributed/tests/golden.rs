//! A run that was made by hand, with the numbers worked out by hand.
//!
//! Two workers on two nodes, a look-ahead of one, a population of two; times in microseconds.
//!
//! ```text
//! time      0         10        20        30        40        50
//! worker 0  [0 t10    ][1 lost 6 ]....[3 r2 t7 s1][5 cut off   ]
//! worker 1  [2 t14        ][4 r4 t8   ][1 t10    ][ idle        ]
//! ```
//!
//! Candidate 0 trains 0..10. 1 is submitted at 0, starts at 10 on worker 0 and is lost at 16; it is ready
//! again and starts at 26 on worker 1, until 36. 2 runs 0..14 on worker 1. 4 is a child of 2 (age 0),
//! submitted and started at 14, on worker 1 until 26. 3 is a child of 0 (age 1), submitted at 14, started at
//! 20 on worker 0, until 30. 5 is a child of 4 (age 0), submitted at 26, started at 30 on worker 0, cut off
//! at 50.

mod support;

use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::testing::space;
use lamarck_sdk::{Context, Nullable, Origin, Report, Status};
use support::{finding, line, missing, report, table, text, theory, value};

fn record(id: u64, worker: u32, times: [u64; 3], work: [u64; 3], score: f64) -> CandidateRecord {
    let [submitted_us, started_us, finished_us] = times;
    let [transfer_us, train_us, store_us] = work;
    CandidateRecord {
        id,
        worker,
        node: worker,
        submitted_us,
        started_us,
        finished_us,
        transfer_us,
        train_us,
        store_us,
        score,
        attempts: 1,
        prefix_bytes: 0,
        stored_bytes: 100,
        choices: vec![0],
        ..CandidateRecord::default()
    }
}

fn child(record: CandidateRecord, parent: u64, age: u64, rank: u32, cached: u64) -> CandidateRecord {
    CandidateRecord {
        origin: Origin::Mutation as u8,
        parent,
        donor: parent,
        parent_age: age,
        parent_rank: rank,
        prefix_bytes: 80,
        cached_bytes: cached,
        stored_bytes: 20,
        ..record
    }
}

fn by_hand() -> Vec<CandidateRecord> {
    let lost = CandidateRecord { attempts: 2, lost_us: 6, ..record(1, 1, [0, 26, 36], [0, 10, 0], 0.6) };
    let cut = CandidateRecord {
        status: Status::Interrupted as u8,
        score: f64::NONE,
        train_us: u64::NONE,
        store_us: u64::NONE,
        ..child(record(5, 0, [26, 30, 50], [3, 0, 0], 0.0), 4, 0, 1, 0)
    };
    vec![
        record(0, 0, [0, 0, 10], [0, 10, 0], 0.5),
        record(2, 1, [0, 0, 14], [0, 14, 0], 0.7),
        child(record(4, 1, [14, 14, 26], [4, 8, 0], 0.9), 2, 0, 1, 80),
        child(record(3, 0, [14, 20, 30], [2, 7, 1], 0.8), 0, 1, 2, 30),
        lost,
        cut,
    ]
}

fn context() -> Context {
    let mut context = Context::for_space(space(&[2]));
    (context.workers, context.nodes) = (2, 2);
    context.study = lamarck_sdk::serde_json::json!({
        "strategy": {
            "plugin": "regularized-evolution", "population": 2, "sample": 2, "replacement": false, "start": "completed",
            "failures": "worst",
        },
        "scheduler": {"lookahead": 1},
        "cluster": {"workers": 2, "workers_per_node": 1, "failure_rate": 0.125, "speed_spread": 0.0},
    });
    context
}

fn of_hand() -> Report {
    report(r#"{"window": 2, "thresholds": [0.5], "scores": [0.85, 2]}"#, &context(), &by_hand(), 4)
}

fn near(report: &Report, key: &str, expected: f64) {
    let found = value(report, key);
    assert!(
        (found - expected).abs() < 1e-12 * expected.abs().max(1.0),
        "{key}: {found} instead of {expected}"
    );
}

fn beside(report: &Report, key: &str, expected: f64) {
    let found = theory(report, key);
    assert!(
        (found - expected).abs() < 1e-12 * expected.abs().max(1.0),
        "{key}: {found} instead of {expected}"
    );
}

#[test]
fn utilisation() {
    let report = of_hand();
    // 100 us of worker time: trained 10 + 14 + 8 + 7 + 10, read 4 + 2, stored 1, lost 6, cut off 20.
    near(&report, "share-training", 0.49);
    near(&report, "share-transfer", 0.06);
    near(&report, "share-storing", 0.01);
    near(&report, "share-lost", 0.06);
    near(&report, "share-cut-off", 0.2);
    near(&report, "share-not-told", 0.0);
    near(&report, "utilisation", 0.82);
    near(&report, "share-idle", 0.18);
    // The last start is at 30: worker 1 is busy until 36 and idle for 14, worker 0 is not.
    near(&report, "share-idle-tail", 0.14);
    near(&report, "share-idle-before", 0.04);
    near(&report, "lost-attempts", 1.0);
    near(&report, "lost-share", 1.0 / 7.0);
    beside(&report, "lost-share", 0.125);
    near(&report, "lost-time", 6.0 / 82.0);
    // Last attempts only: 10 + 10 + 20 of 50, and 14 + 12 + 10.
    near(&report, "busiest-worker", 0.8);
    near(&report, "idlest-worker", 0.72);
    near(&report, "busiest-node", 40.0 / 38.0);
    near(&report, "workers-unused", 0.0);
    // Parts of half a microsecond, but bins of one: a part has half of its bin. The fifth us is training on
    // both workers.
    let parts = &line(&report, "utilisation", "busy");
    assert_eq!((parts.x.len(), parts.x[99]), (100, 1.0));
    assert!((parts.y[9].unwrap() - 1.5).abs() < 1e-12, "the lost attempt counts where it was submitted");
    assert!((parts.y[99].unwrap() - 0.5).abs() < 1e-12);
}

#[test]
fn waiting() {
    let report = of_hand();
    // 0, 0, 0, 6, 26 - 6, 4.
    near(&report, "waiting", 30.0 / 6.0 / 1e6);
    near(&report, "waiting-median", 0.0);
    near(&report, "waiting-90", 20.0 / 1e6);
    near(&report, "waiting-longest", 20.0 / 1e6);
    near(&report, "queue", 30.0 / 50.0);
    beside(&report, "queue", 1.0);
    beside(&report, "waiting", 50.0 / 6.0 / 1e6);
}

#[test]
fn random_phase() {
    let report = of_hand();
    near(&report, "random-phase", 3.0);
    // P + W - 1 + L.
    beside(&report, "random-phase", 4.0);
    near(&report, "random-share", 0.5);
    near(&report, "random-finished", 2.0);
    // The first child by number is 3, submitted at 14: 24 trained, and the 6 of the lost attempt.
    near(&report, "random-work-submitted", 30.0 / 82.0);
    // The first to finish is 4, at 26: 24 and 6, 12 of its own, 6 of 3.
    near(&report, "random-work-finished", 48.0 / 82.0);
}

#[test]
fn staleness() {
    let report = of_hand();
    // 4: parent 2 in row 1, own row 2. 3: parent 0 in row 0, own row 3.
    near(&report, "age-when-chosen", 0.5);
    near(&report, "age-when-finished", 2.0);
    // 3 was submitted after two completions and started after as many; both children finished as third and
    // fourth.
    near(&report, "age-when-started", 0.5);
    near(&report, "delay", 1.5);
    beside(&report, "delay", 3.0);
    near(&report, "age-seconds", 16.0 / 1e6);
    // Age 1 is a member of two, age 3 is not.
    near(&report, "gone-when-submitted", 0.0);
    near(&report, "gone-when-started", 0.0);
    near(&report, "gone-when-finished", 0.5);
    // 1 + L >= 2 for one of them; any age and D = 3 for both.
    beside(&report, "gone-when-started", 0.5);
    beside(&report, "gone-when-finished", 1.0);
    beside(&report, "gone-expected-started", 0.5);
    beside(&report, "gone-expected-finished", 1.0);
    near(&report, "rank-when-chosen", 1.5);
    beside(&report, "rank-when-chosen", 1.0);
    // When 4 finishes, 2 is the best of 0 and 2; when 3 finishes, 0 is below both members, 2 and 4.
    near(&report, "rank-when-finished", 2.0);
}

#[test]
fn order_and_waves() {
    let report = of_hand();
    // Finished 0 2 4 3 1: pairs 1-2, 1-3, 1-4 and 3-4 of ten are inverted.
    near(&report, "inversions", 0.4);
    near(&report, "tau", 0.2);
    // 2, 4 and 3 came before 1.
    near(&report, "overtaking", 0.6);
    // Places 0 1 2 3 4 of ids; rows 0 4 1 3 2.
    near(&report, "displacement", 1.2);
    near(&report, "displacement-most", 3.0);
    // Generations 0 0 1 1 0.
    assert_eq!(line(&report, "generations", "mean").y, [Some(0.0), Some(1.0)]);
    assert_eq!(line(&report, "generations", "spread").y, [Some(0.0), Some(0.0)]);
    assert!(missing(&report, "wave-index").contains("too short"));
    // From the first child: 1 1 0 over three rows, a slope of -1/2; D = 3.
    near(&report, "generation-advance", -1.5);
    beside(&report, "generation-advance", 3.0 / 3.5);
    near(&report, "score-setback", 0.0);
}

#[test]
fn nodes() {
    let report = of_hand();
    // 4 ran where 2 did, 3 where 0 did; nodes ran two and three of five.
    near(&report, "same-node-as-parent", 1.0);
    near(&report, "same-node-as-donor", 1.0);
    beside(&report, "same-node-as-parent", (4.0 + 9.0) / 25.0);
    near(&report, "cache-hit-ratio", 110.0 / 160.0);
    near(&report, "bytes-cached", 110.0);
    near(&report, "bytes-fetched", 50.0);
    near(&report, "bytes-written", 340.0);
    near(&report, "lending-nodes", 2.0);
    beside(&report, "lending-nodes", 25.0 / 13.0);
    near(&report, "busiest-lender", 0.5);
    // Means 17/2 and 32/3 of training.
    near(&report, "slowest-by-fastest", 64.0 / 51.0);
    near(&report, "node-spread", (64.0 - 51.0) / (64.0 + 51.0));
    assert!(missing(&report, "fastest-quarter").contains("fewer than four"));
    insta::assert_snapshot!(text(table(&report, "nodes")).join("\n"), @r"
    0 2 0.400 0.526 0.000 0.887 30.000 50.000 0.375 1.000 0.500
    1 3 0.600 0.474 0.000 1.113 80.000 0.000 1.000 1.000 0.500
    ");
}

#[test]
fn makespan_and_goals() {
    let report = of_hand();
    near(&report, "makespan", 50.0 / 1e6);
    beside(&report, "makespan", 41.0 / 1e6);
    near(&report, "makespan-ratio", 50.0 / 41.0);
    near(&report, "throughput", 5.0 / (50.0 / 3.6e9));
    // The random phase's scores are .5 and .7, of which the lower counts; half way to .9 is .7.
    near(&report, "candidates-to-way-0.5", 2.0);
    near(&report, "hours-to-way-0.5", 14.0 / 3.6e9);
    near(&report, "candidates-to-score-0.85", 3.0);
    assert_eq!(missing(&report, "hours-to-score-2"), "no candidate scored so high");
    near(&report, "hours-to-best", 26.0 / 3.6e9);
    insta::assert_snapshot!(text(table(&report, "goals")).join("\n"), @r"
    0.5 of the way 0.700 2 0.000 0.400 0.280
    score 0.85 0.850 3 0.000 0.600 0.520
    score 2 2.000 - - - -
    the best 0.900 3 0.000 0.600 0.520
    ");
    insta::assert_snapshot!(text(table(&report, "quantiles"))[1..].join("\n"), @r"
    parent's age, child chosen [completions] 2 0.500 0.000 0.000 1.000 1.000 1.000
    parent's age, child started [completions] 2 0.500 0.000 0.000 1.000 1.000 1.000
    parent's age, child finished [completions] 2 2.000 1.000 1.000 3.000 3.000 3.000
    ");
    // Two windows of two; the fifth candidate is in none.
    insta::assert_snapshot!(text(table(&report, "windows")).join("\n"), @r"
    2.000 0.000 0.000 0.600 0.100 0.000 0.000 200.000
    4.000 1.000 0.000 0.850 0.050 110.000 50.000 40.000
    ");
}

#[test]
fn the_report_as_it_is_written() {
    let report = of_hand();
    let lead: Vec<_> = report.findings.iter().take(10).map(|finding| finding.key.as_str()).collect();
    assert_eq!(lead[..4], ["utilisation", "makespan", "makespan-ratio", "cache-hit-ratio"]);
    let first = lamarck_sdk::serde_json::to_string(finding(&report, "random-phase")).unwrap();
    insta::assert_snapshot!(first, @r#"{"key":"random-phase","text":"candidates submitted before the first child","value":3.0,"unit":"candidates","n":6,"spread":null,"theory":4.0,"missing":null}"#);
    // Batches make no difference.
    for batch in 1..7 {
        let options = r#"{"window": 2, "thresholds": [0.5], "scores": [0.85, 2]}"#;
        assert_eq!(support::report(options, &context(), &by_hand(), batch), report, "{batch}");
    }
}
