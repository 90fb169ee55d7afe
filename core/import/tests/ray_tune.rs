//! A run that Ray Tune made, as its own table and as the folders of its trials.

use lamarck_import::table::Table;
use lamarck_import::{Format, Log, ReadOptions, parse, read};
use lamarck_model::Status;
use std::fs;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ray-tune").join(name)
}

fn run(name: &str) -> Log {
    read(Format::RayTune, &[data(name)], &ReadOptions::default()).unwrap().remove(0)
}

fn table() -> String {
    fs::read_to_string(data("results.csv")).unwrap()
}

fn parsed(text: &[u8]) -> Result<Log, String> {
    parse(Format::RayTune, Path::new("results.csv"), text, &ReadOptions::default())
        .map(|mut logs| logs.remove(0))
        .map_err(|error| error.to_string())
}

#[test]
fn every_trial_of_the_table() {
    let log = run("results.csv");
    let expected = Table::read(&data("results.csv"), "csv").unwrap();
    let column = |name: &str| expected.column(name).unwrap();
    let number = |row: usize, name: &str| expected.number(row, column(name)).unwrap().unwrap();
    assert_eq!((log.score.as_str(), log.negated, log.evaluations.len()), ("accuracy", false, 11));
    let first = (0..expected.len()).map(|row| number(row, "timestamp") - number(row, "time_total_s"));
    let zero = first.fold(f64::INFINITY, f64::min);
    // The file is in the order of the trials' names, and ends rise with them but for one pair of seconds.
    for evaluation in &log.evaluations {
        let row = usize::try_from(evaluation.row - 2).unwrap();
        // Stopped by the scheduler but for trial 5, which raised an error.
        let short = number(row, "training_iteration") < 4.0;
        assert_eq!(expected.cell(row, column("done")) == "True", row != 5, "{row}");
        let outcome =
            if short { (Status::Interrupted, None) } else { (Status::Ok, Some(number(row, "accuracy"))) };
        assert_eq!((evaluation.status, evaluation.score), outcome, "{row}");
        let end = (number(row, "timestamp") - zero) * 1e6;
        assert!((end - evaluation.finished_us.unwrap() as f64).abs() < 2.0);
        let ran = evaluation.finished_us.unwrap() - evaluation.started_us.unwrap();
        assert_eq!(Some(ran), evaluation.train_us);
        for (decision, choice) in log.decisions.iter().zip(&evaluation.choices) {
            let cell = expected.cell(row, column(&format!("config/{}", decision.name)));
            assert_eq!(decision.options[usize::from(*choice)], cell.to_lowercase());
        }
    }
    assert!(log.evaluations.is_sorted_by_key(|evaluation| evaluation.finished_us));
    let decisions: Vec<String> = log
        .decisions
        .iter()
        .map(|decision| format!("{}: {}", decision.name, decision.options.join(" ")))
        .collect();
    insta::assert_snapshot!(decisions.join("\n"), @r"
    act: relu tanh
    cell/bias: false true
    cell/width: 0 1 2 3
    units: 1 2 4 8
    ");
    insta::assert_snapshot!(log.notes.join("\n"), @r"
    whether `accuracy` is to be small is not recorded: taken as maximised, by its name
    6 trials stopped by the scheduler before report 4: interrupted, without score
    1 trial broke off before report 4: interrupted, without score
    left out, since continuous: `rate` (11 values)
    ");
}

/// The folders have six of the trials, and say the same of them; the options are those of six.
#[test]
fn folders_say_what_the_table_says() {
    let of_table = run("results.csv");
    let of_folders = run("trials");
    assert_eq!((of_folders.name.as_str(), of_folders.evaluations.len()), ("trials", 6));
    let labels = |log: &Log, place: usize| {
        let choices = log.evaluations[place].choices.iter();
        let labels = log.decisions.iter().zip(choices);
        labels
            // Six learning rates are too few to tell that they are drawn from a range.
            .filter(|(decision, _)| decision.name != "rate")
            .map(|(decision, choice)| format!("{}={}", decision.name, decision.options[usize::from(*choice)]))
            .collect::<Vec<_>>()
    };
    for place in 0..6 {
        let (ours, theirs) = (&of_folders.evaluations[place], &of_table.evaluations[place]);
        assert_eq!((ours.status, ours.score), (theirs.status, theirs.score), "{place}");
        assert_eq!((ours.finished_us, ours.train_us), (theirs.finished_us, theirs.train_us), "{place}");
        assert_eq!(labels(&of_folders, place), labels(&of_table, place));
    }
    // One trial's file each way, its table of numbers and its lines of JSON.
    let files = |name: &str| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(data("trials")).unwrap().map(|entry| entry.unwrap().path().join(name)).collect();
        paths.sort();
        let mut log = read(Format::RayTune, &paths, &ReadOptions::default()).unwrap().remove(0);
        log.evaluations.iter_mut().for_each(|evaluation| evaluation.row = 0);
        log
    };
    assert_eq!(files("result.json"), files("progress.csv"));
}

/// A trial with `error.txt` failed, and one without any report is counted.
#[test]
fn failures_are_known_from_folders() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(data("trials")).unwrap() {
        let from = entry.unwrap().path();
        let to = folder.path().join(from.file_name().unwrap());
        fs::create_dir(&to).unwrap();
        for name in ["result.json", "params.json"] {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
        if from.ends_with("train_c44d9_00005_5") {
            fs::write(to.join("error.txt"), "RuntimeError: out of memory").unwrap();
        }
        if from.ends_with("train_c44d9_00004_4") {
            fs::write(to.join("result.json"), "").unwrap();
        }
    }
    let paths = [folder.path().to_owned()];
    let log = read(Format::RayTune, &paths, &ReadOptions::default()).unwrap().remove(0);
    let failed: Vec<bool> = log.evaluations.iter().map(|e| e.status == Status::Failed).collect();
    assert_eq!(failed, [false, false, false, false, true]);
    assert!(log.notes.iter().any(|note| note == "left out: 1 trial without any report"), "{:?}", log.notes);
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let text = table();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let without_lines = |mut log: Log| {
        log.evaluations.iter_mut().for_each(|evaluation| evaluation.row = 0);
        log
    };
    let turned = parsed(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(without_lines(turned), without_lines(parsed(text.as_bytes()).unwrap()));
}

/// Python's own words in `result.json`, a configuration that changed on the way, and a nested metric.
#[test]
fn lines_of_json() {
    let text = r#"{"trial_id": "a", "training_iteration": 1, "done": false, "eval": {"loss": NaN}, "config": {"x": 1}, "timestamp": 5}
{"trial_id": "a", "training_iteration": 2, "done": true, "eval": {"loss": -Infinity}, "config": {"x": 2}, "timestamp": 7}
"#;
    let log = parsed(text.as_bytes()).unwrap();
    assert_eq!((log.score.as_str(), log.negated), ("eval/loss", true));
    assert_eq!(log.evaluations[0].status, Status::Failed);
    assert_eq!(log.decisions[0].options, ["2"]);
    insta::assert_snapshot!(parsed(&text.as_bytes()[..140]).unwrap_err(), @"`results.csv`, line 2: column 23: EOF while parsing a string; is the file cut off here?");
    insta::assert_snapshot!(parsed(text.replace("\"a\"", "null").as_bytes()).unwrap_err(), @"`results.csv`, line 1, column `trial_id`: the trial is missing");
    insta::assert_snapshot!(parsed(text.replace("iteration\": 2", "iteration\": 2.5").as_bytes()).unwrap_err(), @"`results.csv`, line 2, column `training_iteration`: expected a whole number, found `2.5`");
    insta::assert_snapshot!(parsed(text.replace("\"x\": 2", "").as_bytes()).unwrap_err(), @"`results.csv` is no log of Ray Tune: it has no configuration, and there is no `params.json` beside it");
}

#[test]
fn damaged_files() {
    let text = table();
    let broken = |bytes: &[u8]| parsed(bytes).unwrap_err();
    let changed = |from: &str, to: &str| broken(text.replacen(from, to, 1).as_bytes());
    insta::assert_snapshot!(broken(b""), @"`results.csv` is no log of Ray Tune: it is empty, where a CSV file with a header was expected");
    insta::assert_snapshot!(broken(text.lines().next().unwrap().as_bytes()), @"`results.csv` holds no evaluation: no trial reported anything");
    insta::assert_snapshot!(broken(&text.as_bytes()[..text.len() - 60]), @"`results.csv`, line 12: 14 fields where the header has 21; is the file cut off here?");
    insta::assert_snapshot!(changed("trial_id", "trial"), @"`results.csv` is no log of Ray Tune: it has no column `trial_id`; is it the CSV file of `ResultGrid.get_dataframe()`, or a trial's?");
    insta::assert_snapshot!(changed(",pid,", ",flops,"), @"`results.csv` is no log of Ray Tune: 2 columns that may be the objective; choose one with --objective: `accuracy`, `flops`");
    insta::assert_snapshot!(changed("1795550463", "soon"), @"`results.csv`, line 2, column `timestamp`: expected a number, found `soon`");
    insta::assert_snapshot!(changed("1795550463", "-4"), @"`results.csv`, line 2, column `timestamp`: -4 seconds are no time of a search");
    insta::assert_snapshot!(broken(text.replace("config/", "c/").as_bytes()), @"`results.csv` is no log of Ray Tune: it has no column `config/..`, and there is no `params.json` beside it");
    insta::assert_snapshot!(changed("0.75,4", "high,4"), @"`results.csv`, line 2, column `accuracy`: expected a number, or a failure such as F or nan, found `high`");
    let mut latin = text.clone().into_bytes();
    let at = text.find("tanh").unwrap();
    latin[at] = 0xe9;
    insta::assert_snapshot!(broken(&latin), @"`results.csv`, line 2: not UTF-8; save the file as UTF-8");
    let folder = tempfile::tempdir().unwrap();
    let error = read(Format::RayTune, &[folder.path().to_owned()], &ReadOptions::default()).unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&folder.path().display().to_string(), "cells"), @"`cells` is no log of Ray Tune: no `result.json` or `progress.csv` is in the folder or in a folder of it");
}
