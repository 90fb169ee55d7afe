//! Files of accesses: what they are, and what is in them.
//!
//! A file is known by how it begins, not by its name: names of published traces say anything. Parquet and zstd have marks.
//! Of the other two, a record of oracleGeneral has among its 24 bytes at least one that no text has: the highest of the
//! "next access", which is 0 or, for none, 255.

use super::parquet;
use super::wrong;
use crate::args::{AccessSource, CacheArgs, SizesRule};
use anyhow::{Result, anyhow, bail, ensure};
use clap::ValueEnum;
use lamarck_cache::io::csv::{self, CsvColumns};
use lamarck_cache::io::{compressed, oracle_general};
use lamarck_cache::{Error, SizeRule, Trace};
use std::fs;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

/// How Parquet files begin.
const PARQUET: &[u8] = b"PAR1";

/// The word for a choice on the command line.
pub(super) fn word(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Which columns of CSV and Parquet hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) id: String,
    pub(super) size: String,
    op: Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operation {
    /// In this column, if there is one of that name.
    IfThere(String),
    In(String),
    /// All accesses are reads.
    None,
}

impl Columns {
    fn of(argument: Option<&str>) -> Result<Self> {
        let Some(argument) = argument else {
            let op = Operation::IfThere("op".to_owned());
            return Ok(Self { id: "id".to_owned(), size: "size".to_owned(), op });
        };
        let names: Vec<String> = argument.split(',').map(|name| name.trim().to_owned()).collect();
        let columns = match names.as_slice() {
            [id, size] => Some(Self { id: id.clone(), size: size.clone(), op: Operation::None }),
            [id, size, op] => {
                Some(Self { id: id.clone(), size: size.clone(), op: Operation::In(op.clone()) })
            }
            _ => None,
        };
        columns
            .filter(|_| names.iter().all(|name| !name.is_empty()))
            .ok_or_else(|| wrong("--columns", format!("expected ID,SIZE or ID,SIZE,OP, found `{argument}`")))
    }

    /// The column of operations of a file with these columns.
    pub(super) fn op(&self, there: impl Fn(&str) -> bool) -> Option<&str> {
        match &self.op {
            Operation::IfThere(name) => there(name).then_some(name),
            Operation::In(name) => Some(name),
            Operation::None => None,
        }
    }
}

/// A file that has been read.
pub(super) struct File {
    pub(super) trace: Trace,
    pub(super) format: &'static str,
    /// Whether the accesses are those of a study with synthetic scores, as far as the file says.
    pub(super) synthetic: bool,
}

/// How files are read.
pub(super) struct Source {
    format: AccessSource,
    columns: Columns,
    rule: SizeRule,
}

impl Source {
    pub(super) fn of(args: &CacheArgs) -> Result<Self> {
        let rule = match args.changed_sizes {
            SizesRule::Refuse => SizeRule::Refuse,
            SizesRule::First => SizeRule::First,
            SizesRule::Largest => SizeRule::Largest,
        };
        Ok(Self { format: args.format, columns: Columns::of(args.columns.as_deref())?, rule })
    }

    /// Reads a file: its accesses, and what it is.
    pub(super) fn load(&self, path: &Path) -> Result<File> {
        // Without sources: an error of the file system would pass for one of the output.
        let file = self.read(path).map_err(|error| anyhow!("`{}`: {error:#}", path.display()))?;
        let shown = path.display();
        ensure!(file.trace.len() > 0, "`{shown}` has no records; there is nothing to simulate");
        ensure!(file.trace.gets() > 0, "`{shown}` has no reads, so no cache could hit or miss anything");
        Ok(file)
    }

    fn read(&self, path: &Path) -> Result<File> {
        if path.is_dir() {
            bail!(
                "this is a folder; of a trace of lamarck, `lamarck analyze -a caching` says the same, and `lamarck export \
                 access-trace` writes its accesses into a file"
            );
        }
        let mut file = fs::File::open(path)?;
        let start = beginning(&mut file, PARQUET.len())?;
        ensure!(!start.is_empty(), "the file is empty");
        if self.format == AccessSource::Parquet || (self.format == AccessSource::Auto && start == PARQUET) {
            let (trace, synthetic) = parquet::read(fs::File::open(path)?, &self.columns, self.rule)?;
            return Ok(File { trace, format: "Parquet", synthetic });
        }
        let mut text = compressed::reader(Cursor::new(start).chain(file))?;
        let start = beginning(&mut text, oracle_general::RECORD)
            .map_err(|source| Error::Unreadable { record: 1, source })?;
        ensure!(!start.is_empty(), "the compressed file is empty");
        if start.starts_with(PARQUET) {
            bail!("this is {}Parquet, which {}", self.wrapped(), self.cure());
        }
        let binary = start.contains(&0) || start.contains(&u8::MAX);
        let text = Cursor::new(start).chain(text);
        let is_csv = self.format == AccessSource::Csv || (self.format == AccessSource::Auto && !binary);
        let (trace, format) = if is_csv {
            (self.csv(text)?, "CSV")
        } else {
            (oracle_general::read(text, self.rule)?, "oracleGeneral")
        };
        Ok(File { trace, format, synthetic: false })
    }

    /// What Parquet is here where it cannot be read.
    fn wrapped(&self) -> &'static str {
        if self.format == AccessSource::Auto { "compressed " } else { "" }
    }

    fn cure(&self) -> &'static str {
        if self.format == AccessSource::Auto {
            "is read from its end; decompress it with `zstd -d` first (it is compressed inside anyway)"
        } else {
            "--format denies; leave --format out"
        }
    }

    fn csv(&self, text: impl Read) -> Result<Trace> {
        // The header decides whether there are operations; blank lines before it are none.
        let mut text = BufReader::with_capacity(1 << 16, text);
        let mut header = Vec::new();
        while header.trim_ascii().is_empty() {
            header.clear();
            let got = text.read_until(b'\n', &mut header);
            if got.map_err(|source| Error::Unreadable { record: 1, source })? == 0 {
                break;
            }
        }
        let named = csv::header(&String::from_utf8_lossy(&header), CsvColumns::default().delimiter);
        let columns = CsvColumns {
            id: self.columns.id.clone(),
            size: self.columns.size.clone(),
            op: self.columns.op(|name| named.iter().any(|column| column == name)).map(str::to_owned),
            ..CsvColumns::default()
        };
        let read = csv::read_from(Cursor::new(header).chain(text), &columns, self.rule);
        read.map(|read| read.trace).map_err(|error| match error {
            Error::NoColumn { .. } => anyhow!("{error}; say which it is with --columns"),
            error => error.into(),
        })
    }
}

/// So many bytes, or fewer if there are no more.
fn beginning(source: &mut impl Read, bytes: usize) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(bytes);
    source.by_ref().take(bytes as u64).read_to_end(&mut start)?;
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_two_or_three_names() {
        let named = |text: &str| Columns::of(Some(text)).map_err(|error| error.to_string());
        let three = named("key, bytes,what").expect("three names");
        assert_eq!((three.id.as_str(), three.size.as_str()), ("key", "bytes"));
        assert_eq!(three.op(|_| false), Some("what"));
        assert_eq!(named("key,bytes").expect("two names").op(|_| true), None);
        let own = Columns::of(None).expect("none");
        assert_eq!((own.op(|name| name == "op"), own.op(|_| false)), (Some("op"), None));
        for wrong in ["key", "a,b,c,d", "a,", ",", ""] {
            assert!(named(wrong).expect_err(wrong).contains("ID,SIZE"), "{wrong}");
        }
    }
}
