//! A CSV file as rows with named cells, each of which knows its place for messages.

use crate::error::ImportError;
use crate::text;
use csv::StringRecord;
use std::fs;
use std::path::{Path, PathBuf};

/// A CSV file, whole: result files have at most some millions of rows.
#[derive(Debug, Clone)]
pub struct Table {
    path: PathBuf,
    columns: Vec<String>,
    rows: Vec<(u64, StringRecord)>,
}

impl Table {
    /// Reads a file. `format` is for the message when it is none.
    pub fn read(path: &Path, format: &'static str) -> Result<Self, ImportError> {
        let bytes = fs::read(path).map_err(ImportError::unreadable(path))?;
        Self::parse(path, &bytes, format)
    }

    /// Reads the bytes of a file. A byte order mark is skipped; fields may be quoted, and contain commas and lines.
    pub fn parse(path: &Path, bytes: &[u8], format: &'static str) -> Result<Self, ImportError> {
        let bytes = text::utf8(bytes).map_err(|reason| ImportError::Format {
            path: path.to_owned(),
            format,
            reason: reason.to_owned(),
        })?;
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let wrong = |error: &csv::Error| {
            let row = error.position().map_or(1, csv::Position::line);
            let reason = match error.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("{len} fields where the header has {expected_len}; is the file cut off here?")
                }
                csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the file as UTF-8".to_owned(),
                _ => error.to_string(),
            };
            ImportError::Row { path: path.to_owned(), place: "line", row, column: None, reason }
        };
        let columns: Vec<String> = reader
            .headers()
            .map_err(|error| wrong(&error))?
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        if columns.iter().all(String::is_empty) {
            return Err(ImportError::Format {
                path: path.to_owned(),
                format,
                reason: "it is empty, where a CSV file with a header was expected".to_owned(),
            });
        }
        if let Some(twice) = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name)) {
            return Err(ImportError::Format {
                path: path.to_owned(),
                format,
                reason: format!("its header names column `{}` twice", twice.1),
            });
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push((line, record));
        }
        Ok(Self { path: path.to_owned(), columns, rows })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The header.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The line on which a row begins, from 1.
    pub fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |(line, _)| *line)
    }

    /// A cell, with white space around it taken off; empty where there is none.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|(_, record)| record.get(column)).unwrap_or_default().trim()
    }

    /// The error of a cell.
    pub fn wrong(&self, row: usize, column: usize, reason: impl Into<String>) -> ImportError {
        ImportError::Row {
            path: self.path.clone(),
            place: "line",
            row: self.line(row),
            column: self.columns.get(column).cloned(),
            reason: reason.into(),
        }
    }

    /// A cell as a finite number; `None` where it is empty.
    pub fn number(&self, row: usize, column: usize) -> Result<Option<f64>, ImportError> {
        let cell = self.cell(row, column);
        if cell.is_empty() || cell.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        match cell.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.wrong(row, column, format!("expected a number, found `{cell}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Result<Table, String> {
        Table::parse(Path::new("results.csv"), text, "csv").map_err(|error| error.to_string())
    }

    #[test]
    fn cells_know_their_lines() {
        let table = parse(b"\xef\xbb\xbfarch,objective\n\"[1,\n2]\",0.5\n\"[3]\",F\n").unwrap();
        assert_eq!((table.line(0), table.line(1), table.cell(0, 0)), (2, 4, "[1,\n2]"));
        assert_eq!(table.number(0, 1).unwrap(), Some(0.5));
        assert_eq!(
            table.number(1, 1).unwrap_err().to_string(),
            "`results.csv`, line 4, column `objective`: expected a number, found `F`"
        );
    }

    #[test]
    fn damaged_files_say_where() {
        let error = parse(b"a,b\n1,2\n3\n").unwrap_err();
        assert_eq!(
            error,
            "`results.csv`, line 3: 1 fields where the header has 2; is the file cut off here?"
        );
        assert!(parse(b"").unwrap_err().contains("it is empty"));
        assert!(parse(b"a,b\n1,\xff\n").unwrap_err().contains("line 2: not UTF-8"));
        assert!(parse(b"a,a\n").unwrap_err().contains("`a` twice"));
        for utf16 in [&b"\xff\xfea\0,\0b\0\n\0"[..], b"\xfe\xff\0a\0,", b"a\0,\0b\0\n\0"] {
            assert!(parse(utf16).unwrap_err().contains("UTF-16"));
        }
    }
}
