//! Logs of other tools, and what is made of them: parents and rows of a trace.

use crate::parts;
use lamarck_import::parents::{self, Settings};
use lamarck_import::rows::rows;
use lamarck_import::{Format, ImportError, Log, ReadOptions, parse, parse_mapped};
use lamarck_model::{Nullable, Status};
use std::path::Path;

pub(crate) fn deephyper(bytes: &[u8]) {
    of_format(Format::DeepHyper, "results.csv", bytes);
}

pub(crate) fn optuna(bytes: &[u8]) {
    of_format(Format::Optuna, "journal.log", bytes);
}

pub(crate) fn ray_tune(bytes: &[u8]) {
    of_format(Format::RayTune, "progress.csv", bytes);
}

pub(crate) fn syne_tune(bytes: &[u8]) {
    of_format(Format::SyneTune, "results.csv", bytes);
}

/// The mapping, and the file that it is of.
pub(crate) fn csv(bytes: &[u8]) {
    let (mapping, file) = parts(bytes);
    let mapping = (Path::new("mapping.toml"), mapping);
    check(parse_mapped((Path::new("runs.csv"), file), mapping, &ReadOptions::default()));
}

fn of_format(format: Format, name: &str, bytes: &[u8]) {
    check(parse(format, Path::new(name), bytes, &ReadOptions::default()));
}

fn check(read: Result<Vec<Log>, ImportError>) {
    match read {
        Ok(logs) => logs.iter().for_each(check_log),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Vectors fit the decisions, scores are numbers of what ended well, and parents are others.
fn check_log(log: &Log) {
    for evaluation in &log.evaluations {
        assert_eq!(evaluation.choices.len(), log.decisions.len(), "a vector of another width");
        let known = |(choice, decision): (&u16, &lamarck_model::Decision)| {
            usize::from(*choice) < decision.options.len()
        };
        assert!(evaluation.choices.iter().zip(&log.decisions).all(known), "an option that is not there");
        assert_eq!(evaluation.score.is_some(), evaluation.status == Status::Ok, "{evaluation:?}");
        assert!(evaluation.score.is_none_or(f64::is_finite), "{evaluation:?}");
    }
    let settings = Settings { population: 8, sample: 3, shuffles: 2, ..Settings::default() };
    let inferred = parents::infer(log, &settings);
    let rows = rows(log, Some(&inferred));
    assert_eq!(rows.len(), log.evaluations.len());
    for row in &rows {
        let parent = row.parent.known();
        assert!(parent.is_none_or(|parent| parent != row.id && parent < rows.len() as u64), "{row:?}");
    }
}
