//! CSV with a header: one access a row, columns found by name.
//!
//! Ids that are whole numbers keep them. If any is not, all ids are names, numbered in order of first appearance, and
//! [`CsvTrace::names`] says which is which: hashing them would save a table and could mix up two objects.
//!
//! Fields may stand in double quotes (`""` for one inside), but not span lines.

use std::collections::HashMap;
use std::io::{BufWriter, Read, Write};

use rustc_hash::FxBuildHasher;

use crate::error::Error;
use crate::trace::{Op, SizeRule, Trace, TraceBuilder};

/// Which columns hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvColumns {
    /// The object's id: a number or a name.
    pub id: String,
    /// The object's size in bytes.
    pub size: String,
    /// The operation: get, put or delete (also read, write, set, remove, in any case). `None`: all are reads.
    pub op: Option<String>,
    /// What separates fields.
    pub delimiter: u8,
}

impl Default for CsvColumns {
    /// `id`, `size`, no operation, commas.
    fn default() -> Self {
        Self { id: "id".to_owned(), size: "size".to_owned(), op: None, delimiter: b',' }
    }
}

/// A trace read from CSV.
#[derive(Debug)]
pub struct CsvTrace {
    /// The trace.
    pub trace: Trace,
    /// The names by id, if ids are names: id i of the trace is `names[i]`. Empty if ids are numbers.
    pub names: Vec<String>,
}

/// The fields of a row, without quotes.
fn fields(row: &str, delimiter: u8, into: &mut Vec<String>) {
    into.clear();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            c if c == char::from(delimiter) && !quoted => {
                into.push(std::mem::take(&mut field).trim().to_owned());
            }
            c => field.push(c),
        }
    }
    into.push(field.trim().to_owned());
}

/// Where the columns are.
struct Places {
    id: usize,
    size: usize,
    op: Option<usize>,
}

impl Places {
    fn find(header: &[String], columns: &CsvColumns) -> Result<Self, Error> {
        let find = |name: &String| {
            header.iter().position(|column| column == name).ok_or_else(|| Error::NoColumn {
                name: name.clone(),
                found: if header.iter().all(String::is_empty) {
                    "none".to_owned()
                } else {
                    header.join(", ")
                },
            })
        };
        Ok(Self {
            id: find(&columns.id)?,
            size: find(&columns.size)?,
            op: columns.op.as_ref().map(find).transpose()?,
        })
    }
}

fn op(record: u64, text: &str) -> Result<Op, Error> {
    Op::from_word(text).ok_or_else(|| Error::Field {
        record,
        what: "operation",
        text: text.to_owned(),
        wanted: "get, put or delete",
    })
}

/// The names of the columns in a header, for those who ask before they choose [`CsvColumns`].
pub fn header(line: &str, delimiter: u8) -> Vec<String> {
    let mut names = Vec::new();
    fields(line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']), delimiter, &mut names);
    names
}

/// The names there are and their numbers.
type Names = HashMap<String, u64, FxBuildHasher>;

/// Reads all of `source`, which must be UTF-8. It is held in memory: whether ids are names is known after the last one.
pub fn read_from(mut source: impl Read, columns: &CsvColumns, rule: SizeRule) -> Result<CsvTrace, Error> {
    let mut bytes = Vec::new();
    // The header is no record, and the row in which reading stopped is not complete.
    let record =
        |bytes: &[u8]| bytes.split(|&byte| byte == b'\n').skip(1).filter(|row| !row.is_empty()).count();
    if let Err(source) = source.read_to_end(&mut bytes) {
        return Err(Error::Unreadable { record: record(&bytes).max(1) as u64, source });
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Error::NoText { record: record(&bytes[..=error.valid_up_to()]) as u64 })?;
    read(text, columns, rule)
}

/// Reads CSV text.
pub fn read(text: &str, columns: &CsvColumns, rule: SizeRule) -> Result<CsvTrace, Error> {
    let mut names = None;
    let trace = loop {
        if let Some(trace) = rows(text, columns, rule, names.as_mut())? {
            break trace;
        }
        // An id was no number: from the beginning again, with names, which all have one.
        names = Some(Names::default());
    };
    let mut by_number: Vec<(u64, String)> =
        names.unwrap_or_default().into_iter().map(|(name, number)| (number, name)).collect();
    by_number.sort_unstable();
    Ok(CsvTrace { trace, names: by_number.into_iter().map(|(_, name)| name).collect() })
}

/// `None` if an id is no number and there are no names.
fn rows(
    text: &str,
    columns: &CsvColumns,
    rule: SizeRule,
    mut names: Option<&mut Names>,
) -> Result<Option<Trace>, Error> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut row = Vec::new();
    fields(lines.next().unwrap_or("").trim_start_matches('\u{feff}'), columns.delimiter, &mut row);
    let places = Places::find(&row, columns)?;
    let mut builder = TraceBuilder::new(rule);
    for (record, line) in (1..).zip(lines) {
        fields(line, columns.delimiter, &mut row);
        let field = |place: usize, name: &String| {
            row.get(place).ok_or_else(|| Error::ShortRow {
                record,
                name: name.clone(),
                found: row.len(),
                wanted: place + 1,
            })
        };
        let id = field(places.id, &columns.id)?;
        let id = match &mut names {
            Some(names) => {
                let next = names.len() as u64;
                *names.entry(id.clone()).or_insert(next)
            }
            None => match id.parse() {
                Ok(id) => id,
                Err(_) => return Ok(None),
            },
        };
        let operation = match (places.op, &columns.op) {
            (Some(place), Some(name)) => op(record, field(place, name)?)?,
            _ => Op::Get,
        };
        if operation == Op::Delete {
            builder.delete(id)?;
            continue;
        }
        let text = field(places.size, &columns.size)?;
        let size = text.parse().map_err(|_| Error::Field {
            record,
            what: "size",
            text: text.clone(),
            wanted: "a whole number of bytes below 2^64",
        })?;
        match operation {
            Op::Put => builder.put(id, size)?,
            Op::Get | Op::Delete => builder.get(id, size)?,
        }
    }
    builder.finish().map(Some)
}

/// Writes `id,size,op`, with the names where there are any.
pub fn write(trace: &Trace, names: &[String], sink: impl Write) -> Result<(), Error> {
    let mut sink = BufWriter::with_capacity(1 << 16, sink);
    writeln!(sink, "id,size,op")?;
    for (index, &o) in trace.objects().iter().enumerate() {
        let id = trace.ids()[o as usize];
        let size = trace.sizes()[o as usize];
        let op = trace.op(index).name();
        match usize::try_from(id).ok().and_then(|id| names.get(id)) {
            Some(name) if name.contains([',', '"']) => {
                writeln!(sink, "\"{}\",{size},{op}", name.replace('"', "\"\""))?;
            }
            Some(name) => writeln!(sink, "{name},{size},{op}")?,
            None => writeln!(sink, "{id},{size},{op}")?,
        }
    }
    sink.flush()?;
    Ok(())
}
