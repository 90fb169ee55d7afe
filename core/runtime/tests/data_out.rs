//! `docs/data-out.md` lists the columns that the files have, with their types.
//!
//! The tables are made from the schema. After a change of it, `LAMARCK_WRITE_DOCS=1 cargo test -p lamarck-runtime --test
//! data_out` writes them anew.

use lamarck_model::{LayerSource, Origin, Status};
use lamarck_runtime::trace::{ColumnSpec, ColumnType, Table, columns};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data-out.md")
}

const fn name_of(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Int32 => "`INT32`",
        ColumnType::Int64 => "`INT64`",
        ColumnType::Double => "`DOUBLE`",
        ColumnType::Text => "`STRING`",
        ColumnType::Choices => "`LIST` of `INT32`",
    }
}

fn listed(columns: &[ColumnSpec]) -> String {
    let mut text = "| column | type | null | |\n|---|---|---|---|\n".to_owned();
    for ColumnSpec { name, kind, required, doc } in columns {
        let null = if *required { "" } else { "yes" };
        writeln!(text, "| `{name}` | {} | {null} | {doc} |", name_of(*kind)).expect("a text");
    }
    text
}

/// The page with the tables of the schema between their marks.
fn with_tables(page: &str) -> String {
    let mut page = page.to_owned();
    for table in [Table::Candidates, Table::Layers] {
        let mark = format!("<!-- columns of {}, written by a test -->\n", table.folder());
        let begin = page.find(&mark).expect("a mark where the table begins") + mark.len();
        let end = page[begin..].find("<!-- end -->").expect("a mark where the table ends") + begin;
        page.replace_range(begin..end, &listed(columns(table)));
    }
    page
}

#[test]
fn the_columns_are_those_of_the_schema() {
    let written = fs::read_to_string(page()).expect("docs/data-out.md");
    let expected = with_tables(&written);
    if std::env::var_os("LAMARCK_WRITE_DOCS").is_some() {
        fs::write(page(), expected).expect("docs/data-out.md");
    } else {
        assert_eq!(written, expected, "set LAMARCK_WRITE_DOCS=1 to write the tables anew");
    }
}

/// Columns that hold words say which.
#[test]
fn all_words_are_named() {
    let doc = |table, name: &str| {
        columns(table).iter().find(|column| column.name == name).expect("a column of that name").doc
    };
    let said = |doc: &str, word: &str| doc.split(|c: char| !c.is_alphanumeric()).any(|said| said == word);
    for origin in Origin::ALL {
        assert!(said(doc(Table::Candidates, "origin"), origin.as_str()), "{}", origin.as_str());
    }
    for status in Status::ALL {
        assert!(said(doc(Table::Candidates, "status"), status.as_str()), "{}", status.as_str());
    }
    for source in LayerSource::ALL.iter().filter(|&&source| source != LayerSource::Trained) {
        assert!(said(doc(Table::Layers, "cached"), source.as_str()), "{}", source.as_str());
    }
}
