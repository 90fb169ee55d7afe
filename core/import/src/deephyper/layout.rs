//! Which version of DeepHyper wrote a result file, by its header, and what its columns are.
//!
//! | version | columns |
//! |---|---|
//! | 0.1, 0.2.0 | `0`, `1`, .. `n-1`, `objective`, `elapsed_sec` |
//! | 0.2.5 | `id`, `arch_seq`, `objective`, `elapsed_sec` |
//! | 0.3 | `arch_seq`, `id`, `objective`, `elapsed_sec`, `duration` |
//! | 0.4 | `arch_seq`, `job_id`, `objective`, `timestamp_submit`, `timestamp_gather`, and where the evaluator recorded them `timestamp_start`, `timestamp_end` |
//! | 0.5 and later | `p:arch_seq` or `p:<name>`, `objective`, `job_id`, `m:timestamp_submit`, `m:timestamp_gather`, later `job_status`, and any `m:<name>` |
//!
//! Columns are found by name, in any order. In the files of hyperparameter searches before 0.5 the parameters have
//! bare names: whatever is none of the columns above is a parameter there. From 0.5 on, what is neither `p:` nor
//! known is ignored, as `m:` columns are.

use super::FORMAT;
use crate::ReadOptions;
use crate::error::ImportError;
use crate::table::Table;

/// The columns that are no parameters in files without `p:`.
const RESERVED: [&str; 12] = [
    "id",
    "job_id",
    "job_status",
    "objective",
    "elapsed_sec",
    "duration",
    "timestamp_submit",
    "timestamp_gather",
    "timestamp_start",
    "timestamp_end",
    "arch_seq",
    // What pandas names the column of row numbers that it writes unless told otherwise.
    "Unnamed: 0",
];

/// Where the vector of a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Vectors {
    /// In one cell.
    Sequence(usize),
    /// One number a column, in the order of the numbers that name them.
    Numbered(Vec<usize>),
    /// One value a column; the names stand beside.
    Named(Vec<(usize, String)>),
}

/// What the columns of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// The version, as in [`Log::format`](crate::Log::format).
    pub(super) version: &'static str,
    pub(super) vectors: Vectors,
    pub(super) objective: usize,
    /// Seconds from the start of the search to the end of an evaluation.
    pub(super) elapsed: Option<usize>,
    pub(super) duration: Option<usize>,
    pub(super) submit: Option<usize>,
    pub(super) start: Option<usize>,
    pub(super) end: Option<usize>,
    pub(super) gather: Option<usize>,
    pub(super) status: Option<usize>,
}

impl Layout {
    /// Recognises a header.
    ///
    /// # Errors
    /// When it is none of DeepHyper's, saying what is missing.
    pub(super) fn of(table: &Table, options: &ReadOptions) -> Result<Self, ImportError> {
        let wrong =
            |reason: String| ImportError::Format { path: table.path().to_owned(), format: FORMAT, reason };
        let objective = objective(table, options).map_err(wrong)?;
        let prefixed: Vec<(usize, String)> = table
            .columns()
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((at, name.strip_prefix("p:")?.to_owned())))
            .collect();
        let column = |name: &str| table.column(name);
        let metadata = |name: &str| table.column(&format!("m:{name}")).or_else(|| table.column(name));
        let (version, vectors) = if let Some(at) = column("p:arch_seq") {
            ("0.5 or later", Vectors::Sequence(at))
        } else if !prefixed.is_empty() {
            ("0.5 or later", Vectors::Named(prefixed))
        } else {
            let version = if column("timestamp_gather").or(column("timestamp_submit")).is_some() {
                "0.4"
            } else if column("duration").is_some() {
                "0.3"
            } else if column("id").is_some() {
                "0.2.5"
            } else {
                "0.1 or 0.2.0"
            };
            match (column("arch_seq"), numbered(table)) {
                (Some(at), _) => (version, Vectors::Sequence(at)),
                (None, Some(columns)) => (version, Vectors::Numbered(columns)),
                (None, None) => (version, Vectors::Named(bare(table, objective))),
            }
        };
        let layout = Self {
            version,
            vectors,
            objective,
            elapsed: column("elapsed_sec"),
            duration: column("duration"),
            submit: metadata("timestamp_submit"),
            start: metadata("timestamp_start"),
            end: metadata("timestamp_end"),
            gather: metadata("timestamp_gather"),
            status: metadata("job_status"),
        };
        // Without any of these the header could be that of any CSV file with a column `objective`.
        let own = [layout.elapsed, layout.submit, layout.gather, column("job_id"), column("p:arch_seq")];
        let known = own.iter().any(Option::is_some)
            || column("arch_seq").is_some()
            || version == "0.5 or later"
            || matches!(layout.vectors, Vectors::Numbered(_));
        if !known {
            return Err(wrong(format!(
                "its header has none of the columns that say so (arch_seq, p:.., elapsed_sec, timestamp_gather, \
                 m:timestamp_gather); it has {}. Any CSV file can be read with `csv` and a mapping",
                list(table.columns())
            )));
        }
        if matches!(&layout.vectors, Vectors::Named(columns) if columns.is_empty()) {
            return Err(wrong(format!(
                "no column is a parameter: neither arch_seq, nor p:.., nor any other beside {}",
                list(table.columns())
            )));
        }
        Ok(layout)
    }
}

/// The column of the score.
fn objective(table: &Table, options: &ReadOptions) -> Result<usize, String> {
    if let Some(name) = &options.objective {
        return table.column(name).ok_or_else(|| {
            format!("it has no column `{name}` for the score; it has {}", list(table.columns()))
        });
    }
    if let Some(at) = table.column("objective") {
        return Ok(at);
    }
    let several: Vec<String> =
        table.columns().iter().filter(|name| name.starts_with("objective_")).cloned().collect();
    Err(if several.is_empty() {
        format!("it has no column `objective`; it has {}", list(table.columns()))
    } else {
        format!("it has several objectives ({}); say which is the score with --objective", several.join(", "))
    })
}

/// The columns `0`, `1`, .. of 0.1, if they are all there.
fn numbered(table: &Table) -> Option<Vec<usize>> {
    let columns: Vec<usize> = (0..).map_while(|at: usize| table.column(&at.to_string())).collect();
    (!columns.is_empty()).then_some(columns)
}

/// The parameters of a file whose parameters have bare names.
fn bare(table: &Table, objective: usize) -> Vec<(usize, String)> {
    let no_parameter = |at: usize, name: &str| {
        at == objective
            || name.is_empty()
            || RESERVED.contains(&name)
            || name.starts_with("m:")
            || name.starts_with("objective")
    };
    table
        .columns()
        .iter()
        .enumerate()
        .filter(|(at, name)| !no_parameter(*at, name))
        .map(|(at, name)| (at, name.clone()))
        .collect()
}

/// Some names for a message.
fn list(names: &[String]) -> String {
    let quoted = |name: &String| format!("`{}`", super::sequence::short(name));
    let mut text = names.iter().take(8).map(quoted).collect::<Vec<_>>().join(", ");
    if names.len() > 8 {
        text += &format!(" and {} more", names.len() - 8);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn of(header: &str) -> Result<Layout, String> {
        let table = Table::parse(Path::new("results.csv"), header.as_bytes(), FORMAT).unwrap();
        Layout::of(&table, &ReadOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn versions_are_told_by_their_headers() {
        for (header, version, vectors) in [
            ("0,1,2,objective,elapsed_sec", "0.1 or 0.2.0", Vectors::Numbered(vec![0, 1, 2])),
            ("id,arch_seq,objective,elapsed_sec", "0.2.5", Vectors::Sequence(1)),
            ("arch_seq,id,objective,elapsed_sec,duration", "0.3", Vectors::Sequence(0)),
            ("arch_seq,job_id,objective,timestamp_submit,timestamp_gather", "0.4", Vectors::Sequence(0)),
            (
                "p:arch_seq,objective,job_id,m:timestamp_submit,m:timestamp_gather",
                "0.5 or later",
                Vectors::Sequence(0),
            ),
            (
                "p:units,objective,p:act,job_id,m:timestamp_gather,m:loss",
                "0.5 or later",
                Vectors::Named(vec![(0, "units".into()), (2, "act".into())]),
            ),
            (
                "batch_size,units,objective,elapsed_sec",
                "0.1 or 0.2.0",
                Vectors::Named(vec![(0, "batch_size".into()), (1, "units".into())]),
            ),
        ] {
            let layout = of(header).unwrap();
            assert_eq!((layout.version, layout.vectors), (version, vectors), "{header}");
        }
    }

    #[test]
    fn other_headers_are_refused() {
        insta::assert_snapshot!(of("a,b,objective").unwrap_err(), @"`results.csv` is no log of deephyper: its header has none of the columns that say so (arch_seq, p:.., elapsed_sec, timestamp_gather, m:timestamp_gather); it has `a`, `b`, `objective`. Any CSV file can be read with `csv` and a mapping");
        insta::assert_snapshot!(of("arch_seq,loss").unwrap_err(), @"`results.csv` is no log of deephyper: it has no column `objective`; it has `arch_seq`, `loss`");
        insta::assert_snapshot!(of("p:arch_seq,objective_0,objective_1").unwrap_err(), @"`results.csv` is no log of deephyper: it has several objectives (objective_0, objective_1); say which is the score with --objective");
        insta::assert_snapshot!(of("job_id,objective,elapsed_sec").unwrap_err(), @"`results.csv` is no log of deephyper: no column is a parameter: neither arch_seq, nor p:.., nor any other beside `job_id`, `objective`, `elapsed_sec`");
    }
}
