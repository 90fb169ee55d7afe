//! Storages that Optuna made, against what Optuna says is in them.

use lamarck_import::table::Table;
use lamarck_import::{Format, ImportErrorKind, Log, ReadOptions, parse, read};
use lamarck_model::Status;
use std::fs;
use std::path::{Path, PathBuf};

const STORAGES: [&str; 6] = ["3.6.db", "3.6.journal", "4.9.db", "4.9.journal", "5.0.db", "5.0.journal"];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/optuna").join(name)
}

fn study(storage: &str, study: &str, objective: Option<&str>) -> Log {
    let options = ReadOptions {
        study: Some(study.into()),
        objective: objective.map(str::to_owned),
        ..ReadOptions::default()
    };
    let mut logs = read(Format::Optuna, &[data(storage)], &options).unwrap();
    assert_eq!(logs.len(), 1);
    logs.remove(0)
}

/// Microseconds of a date of pandas, counted from midnight.
fn micros(date: &str) -> u64 {
    let time = date.split_once(' ').unwrap().1;
    let (whole, fraction) = time.split_once('.').unwrap();
    let seconds = whole.split(':').fold(0, |sum, part| sum * 60 + part.parse::<u64>().unwrap());
    seconds * 1_000_000 + fraction.parse::<u64>().unwrap()
}

/// What pandas writes for a value, as the option that it is here.
fn option(cell: &str, name: &str) -> String {
    match (cell, name) {
        ("True", _) => "true".into(),
        // pandas writes nothing for Python's None, which only `kind` has.
        ("", "kind") => "None".into(),
        ("", _) => "(absent)".into(),
        (number, _) => number.parse::<f64>().map_or(number.to_owned(), |number| {
            // 0.1 + 2 * 0.1, and whole numbers with a point.
            let rounded = (number * 1e9).round() / 1e9;
            rounded.to_string()
        }),
    }
}

/// Every trial, value, state and time of every version is what `study.trials_dataframe()` has.
#[test]
fn logs_are_what_optuna_says() {
    for storage in STORAGES {
        let log = study(storage, "cell", None);
        let expected = Table::read(&data(&format!("{storage}.cell.csv")), "csv").unwrap();
        let column = |name: &str| expected.column(name).unwrap();
        assert_eq!((log.name.as_str(), log.score.as_str(), log.negated), ("cell", "value", true));
        let names: Vec<&str> = log.decisions.iter().map(|decision| decision.name.as_str()).collect();
        assert_eq!(names, ["width", "units", "kind", "dropout", "depth"], "{storage}");
        let starts = (0..expected.len()).map(|row| expected.cell(row, column("datetime_start")));
        let zero = starts.filter(|cell| !cell.is_empty()).map(micros).min().unwrap();
        let mut found = 0;
        for row in 0..expected.len() {
            let state = expected.cell(row, column("state"));
            let number: u64 = expected.cell(row, column("number")).parse().unwrap();
            let ours = log.evaluations.iter().find(|evaluation| evaluation.row == number);
            // 9 failed before it drew anything, 26 still runs without most, 27 waits.
            assert_eq!(ours.is_none(), [9, 26, 27].contains(&number), "{storage} {number}");
            let Some(ours) = ours else { continue };
            found += 1;
            let value: f64 = expected.cell(row, column("value")).parse().unwrap_or(f64::NAN);
            let outcome = match state {
                "COMPLETE" if value.is_finite() => (Status::Ok, Some(-value)),
                "COMPLETE" | "FAIL" => (Status::Failed, None),
                "PRUNED" => (Status::Interrupted, None),
                other => panic!("{other}"),
            };
            assert_eq!((ours.status, ours.score), outcome, "{storage} {number}");
            let time = |name: &str| Some(micros(expected.cell(row, column(name))) - zero);
            assert_eq!(ours.started_us, time("datetime_start"), "{storage} {number}");
            assert_eq!(ours.finished_us, time("datetime_complete"), "{storage} {number}");
            // Trial 0 was enqueued.
            assert_eq!(ours.submitted_us, ours.started_us.filter(|_| number > 0));
            assert_eq!(ours.worker.is_some(), storage.ends_with("journal"));
            for (decision, choice) in log.decisions.iter().zip(&ours.choices) {
                let cell = expected.cell(row, column(&format!("params_{}", decision.name)));
                let ours = &decision.options[usize::from(*choice)];
                // pandas makes texts of numbers, so 2 and "2" look alike there.
                assert_eq!(
                    ours.trim_matches('"'),
                    option(cell, &decision.name),
                    "{storage} {number} {}",
                    decision.name
                );
            }
        }
        assert_eq!((found, log.evaluations.len()), (25, 25));
        assert!(log.evaluations.is_sorted_by_key(|evaluation| evaluation.finished_us));
    }
}

#[test]
fn options_are_those_of_the_distributions() {
    for storage in STORAGES {
        let log = study(storage, "cell", None);
        let options: Vec<String> = log
            .decisions
            .iter()
            .map(|decision| format!("{}: {} {}", decision.name, decision.options.join(" "), decision.ordered))
            .collect();
        assert_eq!(
            options,
            [
                "width: 16 32 48 64 80 96 112 128 true",
                "units: 1 2 3 4 5 6 7 8 true",
                "kind: None true relu 0.5 2 \"2\" false",
                "dropout: 0.1 0.2 0.3 0.4 0.5 true",
                "depth: (absent) 1 2 3 false",
            ]
        );
    }
}

#[test]
fn notes_say_what_was_left_out() {
    let log = study("5.0.db", "cell", None);
    assert_eq!(log.format, "optuna 5.0.0 (sqlite)");
    insta::assert_snapshot!(log.notes.join("\n"), @r"
    left out: 1 trial that waited to be run
    left out: 2 trials that ended before all parameters were drawn
    3 trials pruned: interrupted, without score
    left out, since continuous: `many`, `rate`
    2 parents from the user attribute `parent` of trials
    ");
    insta::assert_snapshot!(study("3.6.journal", "fronts", Some("1")).notes.join("\n"), @"the sampler recorded generations, which leave the parents open");
}

/// The user attribute `parent`: trials 12 and 13 name trial 6.
#[test]
fn parents_that_a_search_recorded_are_read() {
    for storage in STORAGES {
        let log = study(storage, "cell", None);
        let parents: Vec<(u64, u64)> = log
            .evaluations
            .iter()
            .filter_map(|child| Some((child.row, log.evaluations[child.parent?].row)))
            .collect();
        assert_eq!(parents, [(12, 6), (13, 6)], "{storage}");
    }
}

#[test]
fn one_of_several_objectives() {
    for storage in STORAGES {
        let expected = Table::read(&data(&format!("{storage}.fronts.csv")), "csv").unwrap();
        for (objective, name, sign) in [("0", "product", 1.0), ("distance", "distance", -1.0)] {
            let log = study(storage, "fronts", Some(objective));
            assert_eq!((log.score.as_str(), log.negated), (name, sign < 0.0));
            let column = expected.column(&format!("values_{name}")).unwrap();
            for evaluation in &log.evaluations {
                let row = usize::try_from(evaluation.row).unwrap();
                let value: f64 = expected.cell(row, column).parse().unwrap();
                assert_eq!(evaluation.score, Some(sign * value));
            }
            assert_eq!(log.evaluations.len(), 16);
        }
    }
}

#[test]
fn questions_that_a_storage_leaves_open() {
    let ask = |study: Option<&str>, objective: Option<&str>| {
        let options = ReadOptions {
            study: study.map(str::to_owned),
            objective: objective.map(str::to_owned),
            ..ReadOptions::default()
        };
        let error = read(Format::Optuna, &[data("5.0.db")], &options).unwrap_err();
        error.to_string().replace(&data("5.0.db").display().to_string(), "5.0.db")
    };
    insta::assert_snapshot!(ask(None, None), @"`5.0.db` is no log of Optuna: its study `fronts` has 2 objectives; choose one with --objective, or another study with --study: 0 or product, 1 or distance");
    insta::assert_snapshot!(ask(Some("cells"), None), @"`5.0.db` is no log of Optuna: it has no study `cells`; did you mean `cell`?");
    insta::assert_snapshot!(ask(Some("fronts"), Some("distanc")), @"`5.0.db` is no log of Optuna: its study `fronts` has no objective `distanc`; did you mean `distance`?");
    insta::assert_snapshot!(ask(Some("fronts"), Some("2")), @"`5.0.db` is no log of Optuna: its study `fronts` has no objective `2`; it has `product`, `distance`");
}

/// Both studies, where an objective fits both.
#[test]
fn each_study_is_a_log() {
    let options = ReadOptions { objective: Some("0".into()), ..ReadOptions::default() };
    let logs = read(Format::Optuna, &[data("4.9.db"), data("4.9.journal")], &options).unwrap();
    let names: Vec<&str> = logs.iter().map(|log| log.name.as_str()).collect();
    assert_eq!(names, ["cell", "fronts", "cell", "fronts"]);
    // Told to be the other way round, and a value that stands for a failure.
    let score = logs[1].evaluations[0].score.unwrap();
    let options = ReadOptions {
        study: Some("fronts".into()),
        minimize: Some(true),
        failure_values: Some(vec![score]),
        ..options
    };
    let other = &read(Format::Optuna, &[data("4.9.db")], &options).unwrap()[0];
    assert!(other.negated);
    assert_eq!(other.evaluations[0].status, Status::Failed);
}

/// A file of these bytes, read; the message without the folder.
fn broken(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.db");
    fs::write(&path, bytes).unwrap();
    let options = ReadOptions { objective: Some("0".into()), ..ReadOptions::default() };
    match read(Format::Optuna, std::slice::from_ref(&path), &options) {
        Ok(logs) => format!("{:?}", logs.iter().map(|log| &log.notes).collect::<Vec<_>>()),
        Err(error) => error.to_string().replace(&format!("{}/", folder.path().display()), ""),
    }
}

#[test]
fn damaged_databases() {
    let whole = fs::read(data("5.0.db")).unwrap();
    insta::assert_snapshot!(broken(b""), @"`study.db` is no log of Optuna: it is empty");
    insta::assert_snapshot!(broken(b"trial,value\n0,1\n"), @"`study.db` is no log of Optuna: it is neither an SQLite database nor a journal file");
    insta::assert_snapshot!(broken(&whole[..100]), @"`study.db` is no log of Optuna: the SQLite database is damaged or cut off (database disk image is malformed)");
    insta::assert_snapshot!(broken(&whole[..whole.len() / 2]), @"`study.db` is no log of Optuna: the SQLite database is damaged or cut off (database disk image is malformed)");
    let mut zeroed = whole.clone();
    zeroed[4096..8192].fill(0);
    insta::assert_snapshot!(broken(&zeroed), @"`study.db` is no log of Optuna: the SQLite database is damaged or cut off (database disk image is malformed)");
    let mut foreign = b"SQLite format 3\0".to_vec();
    foreign.extend(&whole[16..512]);
    insta::assert_snapshot!(broken(&foreign), @"`study.db` is no log of Optuna: the SQLite database is damaged or cut off (database disk image is malformed)");
}

/// A database of another program, and one with wrong values in Optuna's tables.
#[test]
fn foreign_and_wrong_databases() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE people (name TEXT)").unwrap();
    drop(connection);
    insta::assert_snapshot!(broken(&fs::read(&path).unwrap()), @"`study.db` is no log of Optuna: an SQLite database without Optuna's table `version_info`; is it one of another program?");

    let changed = |change: &str| {
        let path = folder.path().join("changed.db");
        fs::copy(data("5.0.db"), &path).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(&format!("PRAGMA foreign_keys = off; {change}")).unwrap();
        drop(connection);
        broken(&fs::read(&path).unwrap())
    };
    insta::assert_snapshot!(changed("UPDATE trials SET state = 'DONE' WHERE number = 3"), @"`study.db`, trial 3, column `state`: `DONE` is no state of a trial");
    insta::assert_snapshot!(changed("UPDATE trials SET datetime_start = 'noon' WHERE number = 3"), @"`study.db`, trial 3, column `datetime_start`: expected a date and time, found `noon`");
    insta::assert_snapshot!(changed("UPDATE trial_params SET distribution_json = '{\"name\": 1' WHERE trial_id = 2"), @"`study.db`, trial 1, column `width`: column 10: EOF while parsing an object; is the file cut off here?");
    insta::assert_snapshot!(changed("UPDATE trial_params SET param_value = 9 WHERE trial_id = 2 AND param_name = 'kind'"), @"`study.db`, trial 1, column `kind`: choice 9 where it has 6 choices");
    insta::assert_snapshot!(changed("UPDATE trial_params SET param_value = NULL WHERE trial_id = 2"), @"`study.db`, trial 1, column `width`: its value is missing");
    insta::assert_snapshot!(changed("UPDATE trial_values SET value_type = 'NAN' WHERE trial_id = 2"), @"`study.db`, trial 1, column `value`: a value of the kind `NAN` is missing or unknown");
    insta::assert_snapshot!(changed("DELETE FROM trial_values WHERE trial_id = 2"), @"`study.db`, trial 1, column `values`: it has 0 values, objective 0 is missing");
    insta::assert_snapshot!(changed("UPDATE study_directions SET direction = 'UP'"), @"`study.db` is no log of Optuna: `UP` is no direction of a study");
    insta::assert_snapshot!(changed("DELETE FROM trials"), @"`study.db` holds no evaluation: no trial of `cell`, `fronts` has parameters");
    insta::assert_snapshot!(changed("DELETE FROM studies"), @"`study.db` holds no evaluation");
    insta::assert_snapshot!(changed("DROP TABLE trial_params"), @"`study.db` is no log of Optuna: an SQLite database without Optuna's table `trial_params`; is it one of another program?");
    insta::assert_snapshot!(changed("UPDATE trials SET study_id = 'x'"), @"`study.db` holds no evaluation: no trial of `cell`, `fronts` has parameters");
}

/// A database that writes ahead is read once it is whole, and not before.
#[test]
fn write_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ahead.db");
    fs::copy(data("5.0.db"), &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.execute("UPDATE studies SET study_name = 'renamed' WHERE study_id = 1", []).unwrap();
    let options = ReadOptions { objective: Some("0".into()), ..ReadOptions::default() };
    let error = read(Format::Optuna, std::slice::from_ref(&path), &options).unwrap_err();
    assert_eq!(error.kind(), ImportErrorKind::Format);
    let text = error.to_string().replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(text, @"`ahead.db` is no log of Optuna: `ahead.db-wal` holds changes that are not in it yet; wait for the study to end, or copy it with the command `.backup` of sqlite3");
    drop(connection);
    let logs = read(Format::Optuna, std::slice::from_ref(&path), &options).unwrap();
    assert_eq!(logs[0].name, "renamed");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn damaged_journals() {
    let whole = fs::read_to_string(data("5.0.journal")).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let changed = |line: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert!(lines[line - 1].contains(from), "{}", lines[line - 1]);
        lines[line - 1] = lines[line - 1].replace(from, to);
        broken((lines.join("\n") + "\n").as_bytes())
    };
    insta::assert_snapshot!(changed(4, "\"param_name\":\"width\",", ""), @"`study.db`, line 4, column `param_name`: expected a text");
    insta::assert_snapshot!(changed(4, "64.0", "\"wide\""), @r#"`study.db`, line 4, column `width`: expected the number of a value, found `"wide"`"#);
    insta::assert_snapshot!(changed(4, "IntDistribution", "Zipf"), @"`study.db`, line 4, column `width`: `Zipf` is no distribution of Optuna 2 to 5");
    insta::assert_snapshot!(changed(3, "\"op_code\":6", "\"op_code\":60"), @"`study.db`, line 3, column `op_code`: 60 is no operation of a journal of Optuna 3 to 5");
    insta::assert_snapshot!(changed(3, "2026-", "A.D. "), @r#"`study.db`, line 3, column `datetime_start`: expected a date and time, found `"A.D. 11-24T19:57:06.523505+00:00"`"#);
    insta::assert_snapshot!(changed(3, "\"values\":null", "\"values\":null,"), @"`study.db`, line 3: column 118: key must be a string");
    insta::assert_snapshot!(changed(1, "\"directions\":[1]", "\"directions\":[7]"), @"`study.db`, line 1, column `directions`: 7 is no direction");
    insta::assert_snapshot!(changed(13, "\"state\":1", "\"state\":9"), @"`study.db`, line 13, column `state`: 9 is no state of a trial");
    let mut latin: Vec<u8> = whole.clone().into_bytes();
    latin[20] = 0xe9;
    insta::assert_snapshot!(broken(&latin), @"`study.db`, line 1: not UTF-8; is it a journal of Optuna?");
    // Cut in its last line, as by a crash: the rest is whole.
    assert!(broken(&whole.as_bytes()[..whole.len() - 30]).contains("is cut off and left out"));
    // Without its beginning it says nothing.
    insta::assert_snapshot!(broken(lines[5..].join("\n").as_bytes()), @"`study.db` holds no evaluation: no trial of `fronts` has parameters; 292 records of trials that are unknown or had ended are left out (is the beginning of the file missing?)");
}

/// Begun by version 4 in local time, continued by version 5 in UTC.
#[test]
fn a_journal_of_two_versions() {
    let whole = fs::read_to_string(data("5.0.journal")).unwrap();
    let mixed: Vec<String> = whole
        .lines()
        .enumerate()
        .map(|(at, line)| if at < 60 { line.replace("+00:00", "") } else { line.to_owned() })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.journal");
    fs::write(&path, mixed.join("\n") + "\n").unwrap();
    let options = ReadOptions { study: Some("cell".into()), ..ReadOptions::default() };
    let mixed = &read(Format::Optuna, &[path], &options).unwrap()[0];
    let plain = study("5.0.journal", "cell", None);
    assert!(mixed.evaluations.iter().all(|evaluation| evaluation.finished_us.is_none()));
    let rows = |log: &Log| log.evaluations.iter().map(|evaluation| evaluation.row).collect::<Vec<_>>();
    assert_eq!(rows(mixed), rows(&plain));
    assert!(mixed.notes.iter().any(|note| note.starts_with("some times have a zone")), "{:?}", mixed.notes);
}

/// Storages before version 3.0 have no kinds of values: a column that later ones have.
#[test]
fn a_storage_without_kinds_of_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    fs::copy(data("3.6.db"), &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let change = "DELETE FROM trial_values WHERE value IS NULL; UPDATE trials SET state = 'FAIL' WHERE number = 21; \
                  ALTER TABLE trial_values DROP COLUMN value_type";
    connection.execute_batch(change).unwrap();
    drop(connection);
    let options = ReadOptions { study: Some("cell".into()), ..ReadOptions::default() };
    let old = read(Format::Optuna, &[path], &options).unwrap().remove(0);
    assert_eq!(old.evaluations, study("3.6.db", "cell", None).evaluations);
}

/// What several processes write into one journal: Optuna's own rules for who wins.
#[test]
fn a_journal_of_several_processes() {
    let int = r#""{\"name\": \"IntDistribution\", \"attributes\": {\"log\": false, \"step\": 1, \"low\": 0, \"high\": 3}}""#;
    let word = r#""{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"a\", \"b\"]}}""#;
    let day = "2026-11-24T00:00:0";
    let records = [
        r#"{"op_code":0,"worker_id":"p1","study_name":"gone","directions":[1]}"#.to_owned(),
        r#"{"op_code":4,"worker_id":"p1","study_id":0,"datetime_start":null}"#.into(),
        r#"{"op_code":1,"worker_id":"p1","study_id":0}"#.into(),
        r#"{"op_code":0,"worker_id":"p1","study_name":"kept","directions":[2]}"#.into(),
        // The same name again, by another process that did not see the first.
        r#"{"op_code":0,"worker_id":"p2","study_name":"kept","directions":[1]}"#.into(),
        r#"{"op_code":2,"worker_id":"p1","study_id":1,"user_attr":{"who":"me"}}"#.into(),
        r#"{"op_code":10,"worker_id":"p1"}"#.into(),
        // Trial 1 of the file, number 0 of the study.
        format!(r#"{{"op_code":4,"worker_id":"p1","study_id":1,"datetime_start":"{day}0"}}"#),
        format!(
            r#"{{"op_code":5,"worker_id":"p1","trial_id":1,"param_name":"x","param_value_internal":2,"distribution":{int}}}"#
        ),
        format!(
            r#"{{"op_code":5,"worker_id":"p2","trial_id":1,"param_name":"x","param_value_internal":1,"distribution":{word}}}"#
        ),
        format!(
            r#"{{"op_code":6,"worker_id":"p2","trial_id":1,"state":1,"values":[0.5],"datetime_complete":"{day}4"}}"#
        ),
        format!(
            r#"{{"op_code":6,"worker_id":"p1","trial_id":1,"state":3,"values":null,"datetime_complete":"{day}5"}}"#
        ),
        // Copied whole, as `study.add_trial` does.
        format!(
            r#"{{"op_code":4,"worker_id":"p1","study_id":1,"datetime_start":"{day}1","datetime_complete":"{day}3","state":1,"value":Infinity,"values":null,"distributions":{{"x":{int}}},"params":{{"x":0}},"user_attrs":{{}},"system_attrs":{{}},"intermediate_values":{{}}}}"#
        ),
        format!(
            r#"{{"op_code":4,"worker_id":"p1","study_id":1,"datetime_start":"{day}1","datetime_complete":"{day}9","state":1,"value":0.75,"values":null,"distributions":{{"x":{int}}},"params":{{"x":3}},"user_attrs":{{"parent":0}},"system_attrs":{{}},"intermediate_values":{{}}}}"#
        ),
    ];
    let text = records.join("\n") + "\n";
    let logs = parse(Format::Optuna, Path::new("j"), text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(logs.len(), 1);
    let log = &logs[0];
    assert_eq!((log.name.as_str(), log.negated), ("kept", false));
    assert_eq!(log.decisions[0].options, ["0", "1", "2", "3"]);
    let found: Vec<_> = log
        .evaluations
        .iter()
        .map(|e| (e.row, e.choices[0], e.status, e.score, e.worker, e.parent))
        .collect();
    assert_eq!(
        found,
        [
            (1, 0, Status::Failed, None, Some(0), None),
            (0, 2, Status::Ok, Some(0.5), Some(1), None),
            (2, 3, Status::Ok, Some(0.75), Some(0), Some(1)),
        ]
    );
    insta::assert_snapshot!(log.notes.join("\n"), @r"
    1 parent from the user attribute `parent` of trials
    2 records of trials that are unknown or had ended are left out (is the beginning of the file missing?)
    ");
}
