//! Whatever the bytes are, an importer answers with a log that holds together, or with an error.

use lamarck_import::{Format, Log, ReadOptions, parse, parse_mapped};
use lamarck_model::Status;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

fn data(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

/// Real files, and the format of each.
static FILES: LazyLock<Vec<(Format, Vec<u8>)>> = LazyLock::new(|| {
    vec![
        (Format::Optuna, data("optuna/5.0.db")),
        (Format::Optuna, data("optuna/3.6.journal")),
        (Format::SyneTune, data("syne-tune/results.csv.zip")),
        (Format::SyneTune, data("syne-tune/expected.csv")),
        (Format::RayTune, data("ray-tune/results.csv")),
        (Format::RayTune, data("ray-tune/trials/train_c44d9_00001_1/result.json")),
        (Format::Csv, data("csv/results.csv")),
    ]
});
static MAPPING: LazyLock<Vec<u8>> = LazyLock::new(|| data("csv/mapping.toml"));

/// One objective, so that studies with several are read as well.
fn options() -> ReadOptions {
    ReadOptions { objective: Some("0".into()), ..ReadOptions::default() }
}

fn check(logs: &[Log]) {
    for log in logs {
        assert!(!log.evaluations.is_empty());
        for evaluation in &log.evaluations {
            assert_eq!(evaluation.choices.len(), log.decisions.len());
            for (choice, decision) in evaluation.choices.iter().zip(&log.decisions) {
                assert!(usize::from(*choice) < decision.options.len());
            }
            assert_eq!(evaluation.score.is_some(), evaluation.status == Status::Ok);
            assert!(evaluation.score.is_none_or(f64::is_finite));
            assert!(evaluation.parent.is_none_or(|parent| parent < log.evaluations.len()));
            let times = [evaluation.submitted_us, evaluation.started_us, evaluation.finished_us];
            assert!(times.into_iter().flatten().is_sorted(), "{times:?}");
        }
        let known: Vec<_> =
            log.evaluations.iter().map(|e| (e.finished_us.is_none(), e.finished_us)).collect();
        assert!(known.is_sorted());
        for decision in &log.decisions {
            let different: std::collections::BTreeSet<_> = decision.options.iter().collect();
            assert_eq!(different.len(), decision.options.len(), "{decision:?}");
        }
    }
}

fn read(format: Format, bytes: &[u8]) {
    let name = Path::new("file");
    let options = match format {
        Format::Optuna => options(),
        _ => ReadOptions::default(),
    };
    let logs = match format {
        Format::Csv => parse_mapped((name, bytes), (Path::new("mapping.toml"), &MAPPING), &options),
        _ => parse(format, name, bytes, &options),
    };
    match logs {
        Ok(logs) => check(&logs),
        Err(error) => assert!(
            !error.to_string().contains('\n') && error.to_string().contains("`file`")
                || error.to_string().contains("mapping.toml"),
            "{error}"
        ),
    }
}

#[test]
fn real_files_hold_together() {
    for (format, bytes) in FILES.iter() {
        read(*format, bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [Format::Optuna, Format::SyneTune, Format::RayTune, Format::Csv] {
            read(format, &bytes);
            read(format, &[b"{", &bytes[..]].concat());
            read(format, &[b"SQLite format 3\0", &bytes[..]].concat());
        }
        let csv = data("csv/results.csv");
        drop(parse_mapped((Path::new("file"), &csv), (Path::new("mapping.toml"), &bytes), &options()));
    }

    /// A real file with some bytes changed, perhaps cut off.
    #[test]
    fn damaged_bytes(
        file in 0_usize..7,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        keep in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (format, bytes) = &FILES[file];
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(keep) = keep {
            bytes.truncate(keep.index(bytes.len()));
        }
        read(*format, &bytes);
    }

    /// A text file with words swapped for others: damage that a parser of the format does not see.
    #[test]
    fn damaged_words(
        file in prop::sample::select(vec![1_usize, 4, 5, 6]),
        swaps in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![
            "", "-1", "1e308", "nan", "Infinity", "1e999", "99999999999999999999", "null", "[]", "\"\"", "{}", "true", "0",
        ])), 1..6),
    ) {
        let (format, bytes) = &FILES[file];
        let mut text = String::from_utf8(bytes.clone()).unwrap();
        for (at, word) in swaps {
            let cells: Vec<(usize, usize)> = text
                .match_indices([',', ':', '\n'])
                .map(|(start, _)| start + 1)
                .collect::<Vec<_>>()
                .windows(2)
                .map(|pair| (pair[0], pair[1] - 1))
                .collect();
            let (from, to) = cells[at.index(cells.len())];
            text.replace_range(from..to, word);
        }
        read(*format, text.as_bytes());
    }
}
