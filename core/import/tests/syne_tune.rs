//! An experiment that Syne Tune made, against what pandas finds in it.

use lamarck_import::table::Table;
use lamarck_import::{Format, Log, ReadOptions, parse, read};
use lamarck_model::Status;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::{fs, io};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/syne-tune").join(name)
}

fn experiment() -> Log {
    read(Format::SyneTune, &[data("results.csv.zip")], &ReadOptions::default()).unwrap().remove(0)
}

/// The CSV file out of the archive.
fn csv() -> String {
    let bytes = fs::read(data("results.csv.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_index(0).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn parsed(text: &[u8]) -> Result<Log, String> {
    let options = ReadOptions { objective: Some("loss".into()), ..ReadOptions::default() };
    parse(Format::SyneTune, Path::new("results.csv"), text, &options)
        .map(|mut logs| logs.remove(0))
        .map_err(|error| error.to_string())
}

#[test]
fn last_reports_are_those_that_pandas_finds() {
    let log = experiment();
    let expected = Table::read(&data("expected.csv"), "csv").unwrap();
    assert_eq!((log.name.as_str(), log.score.as_str(), log.negated), ("syne-tune", "loss", true));
    assert_eq!(log.evaluations.len(), expected.len());
    let column = |name: &str| expected.column(name).unwrap();
    let mut rows: Vec<usize> = (0..expected.len()).collect();
    let end = |row: usize| expected.number(row, column("st_tuner_time")).unwrap().unwrap();
    rows.sort_by(|a, b| end(*a).total_cmp(&end(*b)));
    let mut found = [0; 3];
    // The clock begins with the first start, so only differences of ends are those of the file.
    let first = end(rows[0]);
    let zero = log.evaluations[0].finished_us.unwrap();
    for (ours, row) in log.evaluations.iter().zip(rows) {
        let loss = expected.number(row, column("loss")).unwrap().unwrap();
        let epochs = expected.number(row, column("epoch")).unwrap().unwrap();
        let since = (end(row) - first) * 1e6;
        assert!((since - (ours.finished_us.unwrap() - zero) as f64).abs() < 2.0, "{row}");
        let decided = expected.cell(row, column("st_decision"));
        let (kind, outcome) = match (epochs < 4.0, decided) {
            (false, _) => (0, (Status::Ok, Some(-loss))),
            (true, "STOP") => (1, (Status::Interrupted, None)),
            // The trial that raised an error, which no row says.
            (true, _) => (2, (Status::Interrupted, None)),
        };
        found[kind] += 1;
        assert_eq!((ours.status, ours.score), outcome, "{row}");
        assert!(ours.started_us < ours.finished_us && ours.train_us.is_some_and(|train| train > 40_000));
    }
    assert_eq!(found, [4, 21, 1]);
}

#[test]
fn options_are_those_of_the_configuration_space() {
    let log = experiment();
    let decisions: Vec<String> = log
        .decisions
        .iter()
        .map(|decision| format!("{}: {}", decision.name, decision.options.join(" ")))
        .collect();
    insta::assert_snapshot!(decisions.join("\n"), @r"
    width: 0 1 2 3 4 5 6 7
    units: 1 2 3 4 5 6 7 8
    act: relu tanh elu
    ");
    insta::assert_snapshot!(log.notes.join("\n"), @r"
    21 trials stopped by the scheduler before report 4: interrupted, without score
    1 trial broke off before report 4: interrupted, without score
    left out, since continuous: `rate`
    ");
}

#[test]
fn without_metadata_options_are_the_values_seen() {
    let log = parsed(csv().as_bytes()).unwrap();
    let decisions: Vec<String> = log
        .decisions
        .iter()
        .map(|decision| format!("{}: {}", decision.name, decision.options.join(" ")))
        .collect();
    insta::assert_snapshot!(decisions.join("\n"), @r"
    width: 0 1 2 3 4 5 6 7
    units: 1 2 3 4 5 6 8
    act: elu relu tanh
    ");
    insta::assert_snapshot!(log.notes.join("\n"), @r"
    no `metadata.json` says whether `loss` is to be small: taken as minimised, the tool's default
    21 trials stopped by the scheduler before report 4: interrupted, without score
    1 trial broke off before report 4: interrupted, without score
    left out, since continuous: `rate` (26 values)
    left out, since the same in all evaluations: `epochs`
    ");
    // `epoch` counts reports, so `loss` is the only metric.
    let options = ReadOptions::default();
    assert_eq!(
        parse(Format::SyneTune, Path::new("r.csv"), csv().as_bytes(), &options).unwrap()[0].score,
        "loss"
    );
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let text = csv();
    let plain = parsed(text.as_bytes()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    lines[1..].rotate_left(7);
    let turned = parsed(lines.join("\n").as_bytes()).unwrap();
    let without_lines = |mut log: Log| {
        log.evaluations.iter_mut().for_each(|evaluation| evaluation.row = 0);
        log
    };
    assert_eq!(without_lines(turned), without_lines(plain));
}

/// Where no scheduler stops trials, one that reports less often ended by itself.
#[test]
fn trials_of_different_lengths_without_a_scheduler() {
    let log = parsed(csv().replace("STOP", "CONTINUE").as_bytes()).unwrap();
    assert!(log.evaluations.iter().all(|evaluation| evaluation.status == Status::Ok));
    assert!(log.notes.iter().any(|note| note.contains("taken as complete")), "{:?}", log.notes);
}

/// A trial that was paused: its second process counts its time from zero.
#[test]
fn a_paused_trial_trained_in_two_processes() {
    let text = "trial_id,loss,st_decision,st_status,st_tuner_time,st_worker_time,config_a,config_b\n\
                0,3,CONTINUE,InProgress,1,0.5,1,x\n\
                0,2,PAUSE,InProgress,2,1.5,1,x\n\
                1,2.5,CONTINUE,InProgress,3,0.9,2,x\n\
                0,1,CONTINUE,Completed,9,2.25,1,x\n\
                0,0.5,CONTINUE,Completed,9.5,0.25,1,x\n\
                2,,CONTINUE,Failed,9.75,0.25,1,y\n";
    let log = parsed(text.as_bytes()).unwrap();
    let found: Vec<_> = log.evaluations.iter().map(|e| (e.status, e.score, e.train_us)).collect();
    assert_eq!(
        found,
        [
            (Status::Ok, Some(-2.5), Some(900_000)),
            (Status::Ok, Some(-0.5), Some(2_500_000)),
            (Status::Failed, None, Some(250_000)),
        ]
    );
}

#[test]
fn damaged_files() {
    let text = csv();
    let broken = |bytes: &[u8]| parsed(bytes).unwrap_err();
    let changed = |from: &str, to: &str| broken(text.replacen(from, to, 1).as_bytes());
    insta::assert_snapshot!(broken(b""), @"`results.csv` is no log of Syne Tune: it is empty, where a CSV file with a header was expected");
    insta::assert_snapshot!(broken(text.lines().next().unwrap().as_bytes()), @"`results.csv` holds no evaluation: only a header");
    insta::assert_snapshot!(broken(&text.as_bytes()[..text.len() - 30]), @"`results.csv`, line 44: 12 fields where the header has 14; is the file cut off here?");
    insta::assert_snapshot!(changed("trial_id", "trial"), @"`results.csv` is no log of Syne Tune: it has no column `trial_id`; is it `results.csv` of an experiment?");
    insta::assert_snapshot!(changed("loss", "los"), @"`results.csv` is no log of Syne Tune: no metric `loss`; did you mean `los`?");
    insta::assert_snapshot!(changed("CONTINUE", "GO ON"), @"`results.csv`, line 2, column `st_decision`: expected CONTINUE, PAUSE or STOP, found `GO ON`");
    insta::assert_snapshot!(changed("InProgress", "Begun"), @"`results.csv`, line 2, column `st_status`: expected Completed, InProgress, Failed, Paused, Stopped or Stopping, found `Begun`");
    insta::assert_snapshot!(changed(",0,", ",noon,"), @"`results.csv`, line 2, column `st_worker_iter`: expected a number, found `noon`");
    let mut latin = text.clone().into_bytes();
    let at = text.find("tanh").unwrap();
    latin[at] = 0xe9;
    insta::assert_snapshot!(broken(&latin), @"`results.csv`, line 2: not UTF-8; save the file as UTF-8");
    let zip = fs::read(data("results.csv.zip")).unwrap();
    insta::assert_snapshot!(broken(&zip[..zip.len() / 2]), @"`results.csv` is no log of Syne Tune: the archive is damaged or cut off (invalid Zip archive: Could not find EOCD)");
    let mut damaged = zip.clone();
    damaged[200..300].fill(0);
    insta::assert_snapshot!(broken(&damaged), @"`results.csv` is no log of Syne Tune: the archive is damaged or cut off (corrupt deflate stream)");
    let mut other = zip::ZipWriter::new(Cursor::new(Vec::new()));
    other.start_file("notes.txt", zip::write::SimpleFileOptions::default()).unwrap();
    insta::assert_snapshot!(broken(&other.finish().unwrap().into_inner()), @"`results.csv` is no log of Syne Tune: the archive holds no CSV file");
}

#[test]
fn damaged_metadata() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("results.csv");
    fs::write(&path, csv())?;
    let read = |metadata: &str| {
        fs::write(folder.path().join("metadata.json"), metadata).unwrap();
        let result = read(Format::SyneTune, std::slice::from_ref(&path), &ReadOptions::default());
        match result {
            Ok(logs) => format!("{} {} {:?}", logs[0].score, logs[0].negated, logs[0].notes),
            Err(error) => error.to_string().replace(&format!("{}/", folder.path().display()), ""),
        }
    };
    insta::assert_snapshot!(read("{\"metric_names\":\n [\"loss\""), @"`metadata.json`, line 2: column 8: EOF while parsing a list; is the file cut off here?");
    insta::assert_snapshot!(read("[1]"), @"`metadata.json` is no log of Syne Tune: expected an object `{..}`");
    insta::assert_snapshot!(read("{\"config_space\": \"{\"}"), @"`metadata.json` is no log of Syne Tune: `config_space` in it is damaged: column 1: EOF while parsing an object; is the file cut off here?");
    insta::assert_snapshot!(read("{\"metric_names\": [\"acc\"]}"), @"`results.csv` is no log of Syne Tune: no metric `acc`; it has `loss`");
    insta::assert_snapshot!(read("{\"metric_mode\": \"max\"}"), @r#"loss false ["21 trials stopped by the scheduler before report 4: interrupted, without score", "1 trial broke off before report 4: interrupted, without score", "left out, since continuous: `rate` (26 values)", "left out, since the same in all evaluations: `epochs`"]"#);
    Ok(())
}
