//! Synthetic files, a few lines for each version: they are there for the parser, and no search made them.

use super::parse;
use crate::{Evaluation, Log, ReadOptions};
use lamarck_model::Status;
use proptest::prelude::*;
use std::path::Path;

fn logs(text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Vec<Log>, String> {
    parse(Path::new("results.csv"), text.as_ref(), options).map_err(|error| error.to_string())
}

fn log(text: &str) -> Log {
    let mut logs = logs(text, &ReadOptions::default()).unwrap();
    assert_eq!(logs.len(), 1);
    logs.remove(0)
}

fn error(text: impl AsRef<[u8]>) -> String {
    logs(text, &ReadOptions::default()).unwrap_err()
}

type Times = (Option<u64>, Option<u64>, Option<u64>, Option<u64>);

fn times(row: &Evaluation) -> Times {
    (row.submitted_us, row.started_us, row.finished_us, row.train_us)
}

fn choices(log: &Log) -> Vec<Vec<u16>> {
    log.evaluations.iter().map(|row| row.choices.clone()).collect()
}

#[test]
fn version_0_1_has_a_column_a_decision() {
    let log = log("0,1,2,objective,elapsed_sec\n3,0,7,0.5,10.5\n3,1,7,-3.4028235e38,12\n4,0,9,0.25,20\n");
    assert_eq!((log.format.as_str(), log.score.as_str()), ("deephyper 0.1 or 0.2.0", "objective"));
    assert_eq!(choices(&log), [[0, 0, 0], [0, 1, 0], [1, 0, 1]]);
    assert_eq!(log.decisions[2].options, ["7", "9"]);
    assert_eq!(log.decisions[2].name, "decision 2");
    let outcomes: Vec<_> = log.evaluations.iter().map(|row| (row.row, row.status, row.score)).collect();
    assert_eq!(
        outcomes,
        [(2, Status::Ok, Some(0.5)), (3, Status::Failed, None), (4, Status::Ok, Some(0.25))]
    );
    assert_eq!(times(&log.evaluations[0]), (None, None, Some(10_500_000), None));
}

#[test]
fn version_0_2_5_has_lists() {
    let log = log("id,arch_seq,objective,elapsed_sec\n1,\"[3, 0.5]\",0.5,10\n2,\"[4, 0.5]\",F,12\n");
    assert_eq!(log.format, "deephyper 0.2.5");
    assert_eq!(choices(&log), [[0, 0], [1, 0]]);
    assert_eq!(log.evaluations[1].status, Status::Failed);
}

#[test]
fn version_0_3_has_durations() {
    let log = log("arch_seq,id,objective,elapsed_sec,duration\n\"[3]\",1,0.5,10,2.5\n\"[4]\",2,nan,12,3\n");
    assert_eq!(log.format, "deephyper 0.3");
    assert_eq!(times(&log.evaluations[0]), (None, None, Some(10_000_000), Some(2_500_000)));
}

#[test]
fn version_0_4_has_times_of_any_clock() {
    let log =
        log("arch_seq,job_id,objective,timestamp_submit,timestamp_gather,timestamp_start,timestamp_end\n\
         \"[3]\",0,0.5,1650000000.5,1650000009,1650000001.5,1650000008.25\n\
         \"[4]\",1,0.25,1650000009,1650000012,,\n");
    assert_eq!(log.format, "deephyper 0.4");
    assert_eq!(times(&log.evaluations[0]), (Some(0), Some(1_000_000), Some(8_500_000), Some(6_750_000)));
    assert_eq!(times(&log.evaluations[1]), (Some(8_500_000), None, Some(11_500_000), None));
}

#[test]
fn version_0_5_has_prefixes() {
    let log = log("p:arch_seq,objective,job_id,m:timestamp_submit,m:timestamp_gather,m:loss\n\
         \"[3, 1]\",0.5,0,0.25,9,xyz\n\"[3, 2]\",F_oom,1,9,12,\n");
    assert_eq!(log.format, "deephyper 0.5 or later");
    assert_eq!(choices(&log), [[0, 0], [0, 1]]);
    assert_eq!(times(&log.evaluations[1]), (Some(8_750_000), None, Some(11_750_000), None));
    assert_eq!(log.evaluations[1].status, Status::Failed);
}

#[test]
fn named_parameters_that_say_nothing_are_left_out() {
    let mut text =
        "p:act,p:rate,p:units,p:seed,objective,job_id,job_status,m:timestamp_submit,m:timestamp_gather\n"
            .to_owned();
    for i in 0..40 {
        let (act, units) = (["relu", "elu"][i % 2], [16, 32, 64][i % 3]);
        text += &format!("{act},{},{units},1,0.{i},{i},DONE,{i},{}\n", 0.001 + 0.37 * i as f64, i + 5);
    }
    text += "relu,0.5,16,1,,40,CANCELLED,30,\n";
    let log = log(&text);
    let names: Vec<&str> = log.decisions.iter().map(|decision| decision.name.as_str()).collect();
    assert_eq!(names, ["act", "units"]);
    assert_eq!((log.decisions[0].ordered, log.decisions[1].ordered), (false, true));
    insta::assert_snapshot!(log.notes.join("\n"), @r"
    left out, since continuous: `rate` (41 values)
    left out, since the same in all evaluations: `seed`
    1 evaluations have no time of their end: they stand last
    ");
    let last = log.evaluations.last().unwrap();
    assert_eq!((last.status, last.finished_us), (Status::Interrupted, None));
}

#[test]
fn rows_are_put_into_the_order_of_their_ends() {
    let log = log(
        "arch_seq,id,elapsed_sec,objective\n\"[1]\",1,30,0.1\n\"[2]\",2,10,0.2\n\"[3]\",3,10,0.3\n\"[4]\",4,40,0.4\n",
    );
    let rows: Vec<u64> = log.evaluations.iter().map(|row| row.row).collect();
    assert_eq!(rows, [3, 4, 2, 5]);
    assert!(
        log.notes.iter().any(|note| note.starts_with("2 rows did not stand in the order")),
        "{:?}",
        log.notes
    );
}

#[test]
fn minimised_scores_are_turned() {
    let options =
        ReadOptions { minimize: Some(true), failure_values: Some(vec![7.0]), ..ReadOptions::default() };
    let logs = logs("arch_seq,objective\n\"[1]\",0.5\n\"[2]\",7\n", &options).unwrap();
    assert!(logs[0].negated);
    let scores: Vec<_> = logs[0].evaluations.iter().map(|row| row.score).collect();
    assert_eq!(scores, [Some(-0.5), None]);
}

#[test]
fn failures_that_are_guessed_are_told() {
    let log = log("arch_seq,objective\n\"[1]\",0.5\n\"[2]\",-1\n\"[3]\",-1.0\n");
    assert_eq!(log.evaluations.iter().filter(|row| row.status == Status::Failed).count(), 2);
    insta::assert_snapshot!(log.notes[1], @"2 scores of exactly -1 are taken for failures, since no other score is near; say otherwise with --failure-value");
}

const JSON: &str = r#"{"arch_seq": [[3, 0], [4, 0], [3, 1]], "raw_rewards": [-0.5, NaN, -0.25],
 "timestamps": ["2020-07-24 05:21:39", "2020-07-24 05:22:10.5", "2020-07-24 05:22:14"], "id_worker": [7, 3, 7],
 "start_infos": [{"alg": "aging-evolution", "nworkers": 30, "timestamp": "2020-07-24 05:20:00",
  "encoded_space": "{\"objective\": \"val_r2\"}"}], "env_stats": [], "fig": "x"}"#;

#[test]
fn the_json_of_a_log() {
    let log = log(JSON);
    assert_eq!((log.format.as_str(), log.score.as_str()), ("deephyper log (JSON)", "reward (val_r2)"));
    assert_eq!((log.workers, choices(&log)), (Some(30), vec![vec![0, 0], vec![1, 0], vec![0, 1]]));
    let ends: Vec<_> =
        log.evaluations.iter().map(|row| (row.finished_us.unwrap(), row.worker, row.status)).collect();
    assert_eq!(
        ends,
        [
            (99_000_000, Some(0), Status::Ok),
            (130_500_000, Some(1), Status::Failed),
            (134_000_000, Some(0), Status::Ok)
        ]
    );
}

#[test]
fn files_of_one_study_share_their_options() {
    let file = |name: &str, text: &str| {
        super::file(Path::new(name), text.as_bytes(), &ReadOptions::default()).unwrap()
    };
    // Versions may differ, since a file says itself which it is.
    let files = vec![
        file("a.csv", "0,1,objective,elapsed_sec\n3,0,0.5,1\n"),
        file("b.csv", "p:arch_seq,objective,m:timestamp_gather\n\"[9, 1]\",0.5,1\n"),
        file("c.csv", "p:arch_seq,objective,m:timestamp_gather\n\"[9, 1, 2]\",0.5,1\n"),
    ];
    let logs = super::assemble::logs(files, &ReadOptions::default()).unwrap();
    assert_eq!(logs[0].decisions, logs[1].decisions);
    assert_eq!(logs[0].decisions[0].options, ["3", "9"]);
    assert_eq!(logs[1].evaluations[0].choices, [1, 1]);
    assert_eq!(logs[2].decisions.len(), 3);
}

#[test]
fn damage_is_named_with_its_place() {
    let head = "arch_seq,id,objective,elapsed_sec,duration\n\"[1, 2]\",1,0.5,10,2\n";
    let with = |line: &str| error(format!("{head}{line}"));
    insta::assert_snapshot!(with("\"[1, 3]\",2,0.5\n"), @"`results.csv`, line 3: 3 fields where the header has 5; is the file cut off here?");
    insta::assert_snapshot!(with("\"[1, 3"), @"`results.csv`, line 3: 1 fields where the header has 5; is the file cut off here?");
    insta::assert_snapshot!(with("\"[1]\",2,0.5,11,2\n"), @"`results.csv`, line 3, column `arch_seq`: 1 entries, where line 2 has 2");
    insta::assert_snapshot!(with("\"[1, x]\",2,0.5,11,2\n"), @"`results.csv`, line 3, column `arch_seq`: entry 2 of the list is `x`, no number");
    insta::assert_snapshot!(with("\"[1, 3]\",2,good,11,2\n"), @"`results.csv`, line 3, column `objective`: expected a number, or a failure such as F or nan, found `good`");
    insta::assert_snapshot!(with("\"[1, 3]\",2,0.5,-11,2\n"), @"`results.csv`, line 3, column `elapsed_sec`: a time before the start of the search");
    insta::assert_snapshot!(with("\"[1, 3]\",2,0.5,1e300,2\n"), @"`results.csv`, line 3, column `elapsed_sec`: `1e300` is no time in seconds");
    insta::assert_snapshot!(with("\"[1, 3]\",2,0.5,inf,2\n"), @"`results.csv`, line 3, column `elapsed_sec`: expected a number, found `inf`");
    insta::assert_snapshot!(with("\"[1, 3]\",2,0.5,11,-2\n"), @"`results.csv`, line 3, column `duration`: a duration below zero");
    insta::assert_snapshot!(with(head), @"`results.csv`, line 3, column `arch_seq`: a header stands between the rows: several files were put into one; give them one by one");
    insta::assert_snapshot!(with("p:arch_seq,objective,job_id,m:timestamp_submit,m:timestamp_gather\n"), @"`results.csv`, line 3, column `arch_seq`: a header stands between the rows: several files were put into one; give them one by one");
    insta::assert_snapshot!(error("arch_seq,objective,timestamp_submit,timestamp_gather\n\"[1]\",0.5,10,8.5\n"), @"`results.csv`, line 2, column `timestamp_gather`: it lies 1.5 s before `timestamp_submit` of the same row");
    insta::assert_snapshot!(error("p:a,objective,job_id,job_status\n1,0.5,0,LOST\n"), @"`results.csv`, line 2, column `job_status`: expected DONE, READY, RUNNING, CANCELLED or FAILED, found `LOST`");
}

#[test]
fn files_that_are_no_logs_are_named() {
    insta::assert_snapshot!(error(""), @"`results.csv` is no log of deephyper: it is empty, where a CSV file with a header was expected");
    insta::assert_snapshot!(error("arch_seq,objective\n"), @"`results.csv` holds no evaluation: it has a header and nothing below it");
    insta::assert_snapshot!(error(b"arch_seq,objective\n\"[1]\",\xe9\n"), @"`results.csv`, line 2: not UTF-8; save the file as UTF-8");
    insta::assert_snapshot!(error(b"\xff\xfea\0r\0c\0h\0"), @"`results.csv` is no log of deephyper: it is encoded in UTF-16 or UTF-32; save it as UTF-8");
    let rates: Vec<String> = (0..40).map(|i| format!("{},0.5,{i}\n", 0.3 + 0.71 * f64::from(i))).collect();
    let rates = rates.concat();
    insta::assert_snapshot!(error(format!("p:rate,objective,job_id\n{rates}")), @"`results.csv` is no log of deephyper: no parameter is a choice among options: `rate` takes 40 values");
}

#[test]
fn damaged_json_is_named_with_its_place() {
    let with = |from: &str, to: &str| error(JSON.replacen(from, to, 1));
    insta::assert_snapshot!(error(&JSON[..200]), @"`results.csv`, line 3: column 14: EOF while parsing an object; is the file cut off here?");
    insta::assert_snapshot!(with("[4, 0]", "[4]"), @"`results.csv`, element 2, column `arch_seq`: 1 entries, where element 1 has 2");
    insta::assert_snapshot!(with("[4, 0]", "[4, null]"), @"`results.csv`, element 2, column `arch_seq`: entry 2 of the list is no number");
    insta::assert_snapshot!(with("NaN", "[]"), @"`results.csv`, element 2, column `raw_rewards`: expected a number, or a failure such as F or NaN");
    insta::assert_snapshot!(with("NaN, ", ""), @"`results.csv` is no log of deephyper: `raw_rewards` has 2 entries and `arch_seq` has 3: each has one for an evaluation");
    insta::assert_snapshot!(with("2020-07-24 05:22:14", "soon"), @"`results.csv`, element 3, column `timestamps`: expected a date such as 2020-07-24 05:21:39, or seconds");
    insta::assert_snapshot!(with("\"2020-07-24 05:22:14\"", "14"), @"`results.csv`, element 3, column `timestamps`: dates and seconds are mixed");
    insta::assert_snapshot!(with("7, 3", "7, -3"), @"`results.csv`, element 2, column `id_worker`: expected the number of a worker");
    insta::assert_snapshot!(with("arch_seq", "archs"), @"`results.csv` is no log of deephyper: it has no key `arch_seq`; a log has `arch_seq` and `raw_rewards` at least");
    insta::assert_snapshot!(error("{\"arch_seq\": [], \"raw_rewards\": []}"), @"`results.csv` holds no evaluation: it has a header and nothing below it");
    insta::assert_snapshot!(error(b"{\"arch_seq\": [],\n \"\xe9\": 1}"), @"`results.csv`, line 2: not UTF-8; save the file as UTF-8");
    insta::assert_snapshot!(error(b"{\0\"\0"), @"`results.csv` is no log of deephyper: it is encoded in UTF-16 or UTF-32; save it as UTF-8");
}

/// What is read is well formed, whatever was read.
fn check(bytes: &[u8]) {
    let Ok(logs) = parse(Path::new("x"), bytes, &ReadOptions::default()) else { return };
    for log in logs {
        for row in &log.evaluations {
            assert_eq!(row.choices.len(), log.decisions.len());
            for (choice, decision) in row.choices.iter().zip(&log.decisions) {
                assert!(usize::from(*choice) < decision.options.len());
            }
            assert_eq!(row.score.is_some(), row.status == Status::Ok);
            assert!(row.score.is_none_or(f64::is_finite));
        }
        let ends: Vec<_> =
            log.evaluations.iter().map(|row| (row.finished_us.is_none(), row.finished_us)).collect();
        assert!(ends.is_sorted());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn no_damage_makes_it_panic(
        which in 0_usize..3,
        edits in prop::collection::vec((0_usize..600, any::<u8>(), 0_u8..3), 1..6),
    ) {
        let files = [
            JSON,
            "arch_seq,job_id,objective,timestamp_submit,timestamp_gather\n\"[3, 4]\",0,0.5,1,9\n\"[4, 4]\",1,F,9,12\n",
            "p:a,p:b,objective,job_id,job_status\n1,x,0.5,0,DONE\n2,y,-1,1,CANCELLED\n",
        ];
        let mut bytes = files[which].as_bytes().to_vec();
        for (at, byte, how) in edits {
            let at = at % bytes.len().max(1);
            match how {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at),
            }
        }
        check(&bytes);
    }

    #[test]
    fn cells_of_any_text_are_read_or_refused(cells in prop::collection::vec("[\\[\\]0-9,. eEnaif\\-]{0,12}", 5)) {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        check(format!("arch_seq,objective,timestamp_submit,timestamp_gather,duration\n{}\n", quoted.join(",")).as_bytes());
    }
}
