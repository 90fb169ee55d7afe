//! Any CSV file, with the example of `docs/import-csv.md`.

use lamarck_import::{Format, Log, ReadOptions, parse_mapped, read};
use lamarck_model::Status;
use std::fs;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/csv").join(name)
}

fn example() -> (String, String) {
    (fs::read_to_string(data("results.csv")).unwrap(), fs::read_to_string(data("mapping.toml")).unwrap())
}

fn parsed(csv: &str, mapping: &str) -> Result<Log, String> {
    let options = ReadOptions::default();
    let mapping = (Path::new("mapping.toml"), mapping.as_bytes());
    match parse_mapped((Path::new("results.csv"), csv.as_bytes()), mapping, &options) {
        Ok(mut logs) => Ok(logs.remove(0)),
        Err(error) => Err(error.to_string()),
    }
}

/// The error of the example with something replaced in the CSV file or in the mapping.
fn wrong(in_csv: (&str, &str), in_mapping: (&str, &str)) -> String {
    let (csv, mapping) = example();
    assert!(csv.contains(in_csv.0) && mapping.contains(in_mapping.0));
    parsed(&csv.replacen(in_csv.0, in_csv.1, 1), &mapping.replacen(in_mapping.0, in_mapping.1, 1))
        .unwrap_err()
}

fn wrong_csv(from: &str, to: &str) -> String {
    wrong((from, to), ("", ""))
}

fn wrong_mapping(from: &str, to: &str) -> String {
    wrong(("", ""), (from, to))
}

#[test]
fn the_document_shows_the_tested_files() {
    let (csv, mapping) = example();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/import-csv.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains(&format!("```csv\n{csv}```")), "results.csv differs from docs/import-csv.md");
    assert!(page.contains(&format!("```toml\n{mapping}```")), "mapping.toml differs from docs/import-csv.md");
}

#[test]
fn the_example() {
    let options = ReadOptions { mapping: Some(data("mapping.toml")), ..ReadOptions::default() };
    let log = &read(Format::Csv, &[data("results.csv")], &options).unwrap()[0];
    assert_eq!((log.name.as_str(), log.score.as_str(), log.negated), ("cells of March", "val_loss", true));
    let decisions: Vec<String> = log
        .decisions
        .iter()
        .map(|decision| format!("{}: {}", decision.name, decision.options.join(" ")))
        .collect();
    insta::assert_snapshot!(decisions.join("\n"), @r"
    kernel: 3 5 7 9
    act: elu relu tanh
    dropout: 0.1 0.2
    arch_seq 0: 1 3
    arch_seq 1: 0 4
    arch_seq 2: 2 7
    ");
    insta::assert_snapshot!(log.notes.join("\n"), @"");
    let rows: Vec<String> = log
        .evaluations
        .iter()
        .map(|e| {
            let seconds = |us: Option<u64>| us.map_or("-".into(), |us| (us as f64 / 1e6).to_string());
            format!(
                "line {} {:?} {} {:?} {} {} {} train {} worker {:?} parent {:?}",
                e.row,
                e.choices,
                e.status.as_str(),
                e.score,
                seconds(e.submitted_us),
                seconds(e.started_us),
                seconds(e.finished_us),
                seconds(e.train_us),
                e.worker,
                e.parent
            )
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    line 3 [1, 2, 0, 0, 0, 1] ok Some(-0.398) 0 3 668 train 660 worker Some(0) parent None
    line 4 [1, 1, 0, 0, 1, 1] failed None 668 670 719 train - worker Some(0) parent Some(0)
    line 2 [0, 1, 0, 1, 0, 1] ok Some(-0.412) 0 2 880 train 871.5 worker Some(1) parent None
    line 6 [0, 1, 1, 1, 0, 1] ok Some(-0.405) 880 881 1710 train 822 worker Some(1) parent Some(2)
    line 5 [2, 2, 0, 0, 0, 0] ok Some(-0.377) 719 720 1877 train 1150.25 worker Some(0) parent Some(0)
    line 7 [0, 0, 1, 1, 0, 1] interrupted None 1710 1711 3600 train - worker Some(1) parent Some(3)
    ");
}

/// Rows in another order are the same log, but for their lines.
#[test]
fn the_order_of_rows_does_not_matter() {
    let (csv, mapping) = example();
    let plain = parsed(&csv, &mapping).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    for turn in 0..6 {
        let mut rows = lines[1..].to_vec();
        rows.rotate_left(turn);
        rows.swap(0, 3);
        let turned = parsed(&format!("{}\n{}\n", lines[0], rows.join("\n")), &mapping).unwrap();
        let without_lines = |log: &Log| {
            let mut log = log.clone();
            log.evaluations.iter_mut().for_each(|evaluation| evaluation.row = 0);
            log
        };
        assert_eq!(without_lines(&turned), without_lines(&plain), "{turn}");
    }
}

#[test]
fn a_column_that_is_missing_is_named_with_the_nearest() {
    insta::assert_snapshot!(wrong_mapping("column = \"val_loss\"", "column = \"val_los\""), @"`mapping.toml`, line 14: column 10: `results.csv` has no column `val_los`; did you mean `val_loss`?");
    insta::assert_snapshot!(wrong_mapping("\"kernel\", \"act\"", "\"kernel\", \"activation\""), @"`mapping.toml`, line 7: column 22: `results.csv` has no column `activation`; it has `job`, `parent`, `kernel`, `act`, `dropout`, `arch_seq`, `val_loss`, `state`, `queued`, `begun`, `ended`, `host`, ..");
    insta::assert_snapshot!(wrong_mapping("list = \"arch_seq\"", "list = \"arch\""), @"`mapping.toml`, line 8: column 8: `results.csv` has no column `arch`; it has `job`, `parent`, `kernel`, `act`, `dropout`, `arch_seq`, `val_loss`, `state`, `queued`, `begun`, `ended`, `host`, ..");
    insta::assert_snapshot!(wrong_mapping("list = \"arch_seq\"", "prefix = \"p:\""), @"`mapping.toml`, line 8: column 10: `results.csv` has no column that begins with `p:`");
    insta::assert_snapshot!(wrong_mapping("parent = \"parent\"", "parent = \"Parent\""), @"`mapping.toml`, line 3: column 10: `results.csv` has no column `Parent`; did you mean `parent`?");
}

#[test]
fn a_mapping_that_is_wrong() {
    insta::assert_snapshot!(wrong_mapping("worker = ", "donor = "), @"`mapping.toml`, line 4: column 1: unknown field `donor`, expected one of `name`, `id`, `parent`, `worker`, `decisions`, `score`, `status`, `times`");
    insta::assert_snapshot!(wrong_mapping("minimize = true", "minimise = true"), @"`mapping.toml`, line 15: column 1: unknown field `minimise`, expected one of `column`, `minimize`, `failure_values`");
    insta::assert_snapshot!(wrong_mapping("minimize = true", "minimize = \"yes\""), @r#"`mapping.toml`, line 15: column 12: invalid type: string "yes", expected a boolean"#);
    insta::assert_snapshot!(wrong_mapping("unit = \"date\"", "unit = \"hours\""), @"`mapping.toml`, line 27: column 8: unknown variant `hours`, expected one of `s`, `ms`, `us`, `date`");
    insta::assert_snapshot!(wrong_mapping("[score]\ncolumn = \"val_loss\"\nminimize = true\n", ""), @"`mapping.toml`, line 1: column 1: missing field `score`");
    insta::assert_snapshot!(wrong_mapping("columns = [\"kernel\", \"act\", \"dropout\"]\nlist = \"arch_seq\"", ""), @"`mapping.toml`, line 1: [decisions] names no columns: give `columns`, `prefix` or `list`");
    insta::assert_snapshot!(wrong_mapping("kernel = [3, 5, 7, 9]", "kernal = [3]"), @"`mapping.toml`, line 11: column 1: options for `kernal`, which is no decision; did you mean `kernel`?");
    insta::assert_snapshot!(wrong_mapping("kernel = [3, 5, 7, 9]", "kernel = [3, 3]"), @"`mapping.toml`, line 11: column 1: options of `kernel` are a list of different values");
    insta::assert_snapshot!(wrong_mapping("kernel = [3, 5, 7, 9]", "kernel = [[3]]"), @"`mapping.toml`, line 11: column 1: options of `kernel` are texts, numbers, true or false");
    insta::assert_snapshot!(wrong_mapping("failed = [\"crashed\"]", "failed = [\"done\"]"), @"`mapping.toml`, line 18: column 10: [status] lists `done` twice");
    insta::assert_snapshot!(wrong_mapping("id = \"job\"\n", ""), @"`mapping.toml`, line 2: column 10: a parent is named by its id; map a column to `id`");
    insta::assert_snapshot!(wrong_mapping("name = ", "name == "), @"`mapping.toml`, line 1: column 7: extra `=`, expected nothing");
    insta::assert_snapshot!(wrong_mapping("\"dropout\"]", "\"dropout\", \"kernel\"]"), @"`mapping.toml`, line 1: two decisions have the name `kernel`");
    let (csv, _) = example();
    let options = ReadOptions::default();
    let latin = parse_mapped(
        (Path::new("r.csv"), csv.as_bytes()),
        (Path::new("m.toml"), b"a = 1\nb = '\xe9'"),
        &options,
    );
    insta::assert_snapshot!(latin.unwrap_err(), @"`m.toml`, line 2: not UTF-8; save the file as UTF-8");
    insta::assert_snapshot!(read(Format::Csv, &[PathBuf::from("r.csv")], &options).unwrap_err(), @"`r.csv` is no log of generic CSV: a mapping file is needed that says what its columns are; see docs/import-csv.md");
}

#[test]
fn a_row_that_is_wrong() {
    insta::assert_snapshot!(wrong_csv("0.398", "bad"), @"`results.csv`, line 3, column `val_loss`: expected a number, or a failure such as F or nan, found `bad`");
    insta::assert_snapshot!(wrong_csv("crashed", "crash"), @"`results.csv`, line 4, column `state`: `crash` is no status that the mapping lists; did you mean `crashed`?");
    insta::assert_snapshot!(wrong_csv("j-3,j-2", "j-3,j-9"), @"`results.csv`, line 4, column `parent`: no row has the id `j-9`");
    insta::assert_snapshot!(wrong_csv("j-3,j-2", "j-3,j-3"), @"`results.csv`, line 4, column `parent`: its own id; leave it empty for none");
    insta::assert_snapshot!(wrong_csv("j-3", "j-2"), @"`results.csv`, line 4, column `job`: `j-2` is the id of line 3 as well");
    insta::assert_snapshot!(wrong_csv("j-3", ""), @"`results.csv`, line 4, column `job`: the id is missing");
    insta::assert_snapshot!(wrong_csv("2026-03-02T09:11:59", "9 o'clock"), @"`results.csv`, line 4, column `ended`: expected a date such as 2026-01-31T12:00:00, found `9 o'clock`");
    insta::assert_snapshot!(wrong_csv("2026-03-02T09:11:59", "2026-03-02T09:11:59Z"), @"`results.csv`, line 4, column `ended`: a date without an offset among dates with one, or the other way round");
    insta::assert_snapshot!(wrong_csv("660.0", "-1"), @"`results.csv`, line 3, column `gpu_seconds`: -1 is no duration");
    insta::assert_snapshot!(wrong_csv("j-4,j-2,7", "j-4,j-2,8"), @"`results.csv`, line 5, column `kernel`: decision `kernel`: `8` is none of its options: 3, 5, 7, 9");
    insta::assert_snapshot!(wrong_csv("\"[1, 4, 7]\"", "\"[1, [4], 7]\""), @"`results.csv`, line 4, column `arch_seq`: expected a flat list such as [3, 0, 7], found `[4], 7`");
    insta::assert_snapshot!(wrong_csv("\"[1, 4, 7]\"", ""), @"`results.csv`, line 4, column `arch_seq`: expected a list such as [3, 0, 7], found ``");
}

#[test]
fn a_file_that_is_damaged() {
    let (csv, mapping) = example();
    let header = csv.lines().next().unwrap().to_owned() + "\n";
    insta::assert_snapshot!(parsed("", &mapping).unwrap_err(), @"`results.csv` is no log of generic CSV: it is empty, where a CSV file with a header was expected");
    insta::assert_snapshot!(parsed(&header, &mapping).unwrap_err(), @"`results.csv` holds no evaluation: only a header");
    insta::assert_snapshot!(parsed(&csv[..csv.len() - 40], &mapping).unwrap_err(), @"`results.csv`, line 7: 10 fields where the header has 13; is the file cut off here?");
    insta::assert_snapshot!(parsed(&csv.replace(',', ";"), &mapping).unwrap_err(), @"`results.csv` is no log of generic CSV: its header is separated by ';'; save it with commas");
    let mut latin = csv.clone().into_bytes();
    let at = csv.find("tanh").unwrap();
    latin[at] = 0xe9;
    let options = ReadOptions::default();
    let mapping = (Path::new("mapping.toml"), mapping.as_bytes());
    let error = parse_mapped((Path::new("results.csv"), &latin), mapping, &options).unwrap_err();
    insta::assert_snapshot!(error, @"`results.csv`, line 3: not UTF-8; save the file as UTF-8");
}

/// Numbers as times, a prefix, a status word for nothing, and what the command line says instead.
#[test]
fn other_mappings() {
    let csv = "p:w,p:a,x,y,s,t\n1,u,0.5,3,,10\n2,v,0.6,-1,,12.5\n1,v,,2,stop,11\n";
    let mapping = "[decisions]\nprefix = 'p:'\n[score]\ncolumn = 'x'\n[status]\ncolumn = 's'\nok = ['']\nlost = ['stop']\n\
                   [times]\nfinished = 't'\nunit = 'ms'\n";
    let log = parsed(csv, mapping).unwrap();
    let ends: Vec<_> = log.evaluations.iter().map(|e| (e.status, e.finished_us, e.score)).collect();
    let expected = [
        (Status::Ok, Some(0), Some(0.5)),
        (Status::Lost, Some(1000), None),
        (Status::Ok, Some(2500), Some(0.6)),
    ];
    assert_eq!(ends, expected);
    assert_eq!(log.name, "results");
    let options = ReadOptions {
        objective: Some("y".into()),
        minimize: Some(true),
        failure_values: Some(vec![-1.0]),
        ..ReadOptions::default()
    };
    let logs =
        parse_mapped((Path::new("r.csv"), csv.as_bytes()), (Path::new("m"), mapping.as_bytes()), &options)
            .unwrap();
    let scores: Vec<_> = logs[0].evaluations.iter().map(|e| (e.status, e.score)).collect();
    assert_eq!(scores, [(Status::Ok, Some(-3.0)), (Status::Lost, None), (Status::Failed, None)]);
}
