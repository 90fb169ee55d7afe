//! Any CSV file, with a mapping that says what its columns are.
//!
//! The mapping is a small TOML file, documented in `docs/import-csv.md`. It is written by hand, so
//! its mistakes are reported with line and column, and a column that the CSV file does not have with the nearest that it
//! has.
//!
//! **A mapping and not a row of options**, since a log is imported again when the search has gone on, and the mapping is
//! then part of what is kept with it. What the command line says (`--objective`, `--minimize`, `--failure-value`)
//! comes before the mapping.
//!
//! **Every cell is judged.** A status word that the mapping does not list, a time that is no number, a parent that no row
//! has: each is an error with its line and column. What is to be left out is left out in the file, not here.

mod list;
mod mapping;

use crate::decisions::Value;
use crate::draft::{Draft, Order, settle};
use crate::moment::{self, Moment};
use crate::score::FailureValues;
use crate::space::{Parameter, Stranger, check_size, space};
use crate::table::Table;
use crate::{ImportError, Log, ReadOptions, nearest};
use lamarck_model::Status;
use mapping::{Mapping, Named, Unit};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FORMAT: &str = "generic CSV";

pub(crate) fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let Some(mapping) = &options.mapping else {
        return Err(needs_mapping(&paths.first().cloned().unwrap_or_default()));
    };
    let text = fs::read(mapping).map_err(ImportError::unreadable(mapping))?;
    let mut logs = Vec::new();
    for path in paths {
        let bytes = fs::read(path).map_err(ImportError::unreadable(path))?;
        logs.push(parse(path, &bytes, (mapping, &text), options)?);
    }
    Ok(logs)
}

pub(crate) fn needs_mapping(path: &Path) -> ImportError {
    let reason = "a mapping file is needed that says what its columns are; see docs/import-csv.md".into();
    ImportError::Format { path: path.to_owned(), format: FORMAT, reason }
}

/// The run in the bytes of a CSV file, by the bytes of a mapping; paths are for messages and the name.
pub(crate) fn parse(
    path: &Path,
    bytes: &[u8],
    (mapping_path, mapping): (&Path, &[u8]),
    options: &ReadOptions,
) -> Result<Log, ImportError> {
    let mapping = Mapping::parse(mapping_path, mapping)?;
    let table = Table::parse(path, bytes, FORMAT)?;
    if let [only] = table.columns()
        && let Some(separator) = only.chars().find(|letter| matches!(letter, ';' | '\t'))
    {
        let reason = format!("its header is separated by {separator:?}; save it with commas");
        return Err(ImportError::Format { path: path.to_owned(), format: FORMAT, reason });
    }
    if table.is_empty() {
        return Err(ImportError::Empty { path: path.to_owned(), hint: ": only a header".into() });
    }
    Import { mapping: &mapping, table: &table }.log(options)
}

/// What of a column is which parameter, for messages.
struct Source {
    column: usize,
    parameter: Parameter,
}

/// The columns of one clock.
struct Clock {
    submitted: Option<usize>,
    started: Option<usize>,
    finished: Option<usize>,
    unit: Unit,
}

struct Import<'a> {
    mapping: &'a Mapping,
    table: &'a Table,
}

impl Import<'_> {
    fn column(&self, named: &Named) -> Result<usize, ImportError> {
        self.table.column(named.get_ref()).ok_or_else(|| {
            let hint = nearest::among(named.get_ref(), self.table.columns());
            let file = self.table.path().display();
            self.mapping.wrong(named.span(), format!("`{file}` has no column `{}`{hint}", named.get_ref()))
        })
    }

    fn optional(&self, named: Option<&Named>) -> Result<Option<usize>, ImportError> {
        named.map(|named| self.column(named)).transpose()
    }

    fn log(&self, options: &ReadOptions) -> Result<Log, ImportError> {
        let Self { mapping, table } = self;
        let (score, score_column) = match &options.objective {
            None => (mapping.score.column.get_ref().clone(), self.column(&mapping.score.column)?),
            Some(asked) => {
                let column = table.column(asked).ok_or_else(|| ImportError::Format {
                    path: table.path().to_owned(),
                    format: FORMAT,
                    reason: format!("it has no column `{asked}`{}", nearest::among(asked, table.columns())),
                })?;
                (asked.clone(), column)
            }
        };
        let negated = options.minimize.unwrap_or(mapping.score.minimize);
        let failures = options.failure_values.as_ref().unwrap_or(&mapping.score.failure_values);
        let failures = FailureValues(failures.clone());
        let status = self.optional(mapping.status.as_ref().map(|status| &status.column))?;
        let clock = Clock {
            submitted: self.optional(mapping.times.submitted.as_ref())?,
            started: self.optional(mapping.times.started.as_ref())?,
            finished: self.optional(mapping.times.finished.as_ref())?,
            unit: mapping.times.unit,
        };
        let train = self.optional(mapping.times.train.as_ref())?;
        let worker = self.optional(mapping.worker.as_ref())?;
        let (order, parents) = self.relatives()?;
        let sources = self.sources()?;
        let parameters: Vec<Parameter> = sources.iter().map(|source| source.parameter.clone()).collect();
        let mut made =
            space(&parameters, table.len()).map_err(|stranger| self.stranger(&sources, &stranger))?;
        if made.decisions.is_empty() {
            let reason = format!("none of the columns is a decision; {}", made.notes.join("; "));
            return Err(mapping.wrong(None, reason));
        }
        let mut notes = std::mem::take(&mut made.notes);
        let mut kinds = (false, false);
        let mut drafts = Vec::with_capacity(table.len());
        for (row, choices) in made.vectors.into_iter().enumerate() {
            let status = status.map_or(Ok(Status::Ok), |column| self.status(row, column))?;
            let outcome = match status {
                Status::Ok => failures
                    .of_objective_text(table.cell(row, score_column), negated)
                    .map_err(|reason| table.wrong(row, score_column, reason))?,
                other => (other, None),
            };
            let mut time = |column: Option<usize>| {
                let Some(column) = column else { return Ok(None) };
                let moment = self.moment(row, column, clock.unit)?;
                match moment {
                    Some(Moment::Local(_)) => kinds.0 = true,
                    Some(Moment::Universal(_)) => kinds.1 = true,
                    None => {}
                }
                if kinds == (true, true) {
                    let reason = "a date without an offset among dates with one, or the other way round";
                    return Err(table.wrong(row, column, reason));
                }
                Ok(moment.map(Moment::micros))
            };
            let (submitted, started, finished) =
                (time(clock.submitted)?, time(clock.started)?, time(clock.finished)?);
            let worker = worker.map(|column| table.cell(row, column)).filter(|name| !name.is_empty());
            drafts.push(Draft {
                row: table.line(row),
                order: order[row].clone(),
                choices,
                outcome,
                submitted,
                started,
                finished,
                train_us: train.map(|column| self.duration(row, column)).transpose()?.flatten(),
                worker: worker.map(str::to_owned),
                parent: parents[row],
            });
        }
        if clock.finished.is_none() {
            notes.push("no column says when an evaluation finished: the order is that of the file".into());
        }
        let evaluations = settle(drafts, &mut notes);
        let name =
            table.path().file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = mapping.name.clone().unwrap_or(name);
        Ok(Log {
            format: "csv".into(),
            name,
            decisions: made.decisions,
            score,
            negated,
            evaluations,
            workers: None,
            notes,
        })
    }

    /// What decides between rows that finish at the same time, and the place of each row's parent.
    fn relatives(&self) -> Result<(Vec<Order>, Vec<Option<usize>>), ImportError> {
        let table = self.table;
        let rows = 0..table.len();
        let Some(id) = self.optional(self.mapping.id.as_ref())? else {
            if let Some(parent) = &self.mapping.parent {
                return Err(self
                    .mapping
                    .wrong(parent.span(), "a parent is named by its id; map a column to `id`"));
            }
            return Ok((rows.map(|row| Order::number(row as u64)).collect(), vec![None; table.len()]));
        };
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.clone() {
            let name = table.cell(row, id);
            if name.is_empty() {
                return Err(table.wrong(row, id, "the id is missing"));
            }
            if let Some(before) = places.insert(name, row) {
                return Err(table.wrong(
                    row,
                    id,
                    format!("`{name}` is the id of line {} as well", table.line(before)),
                ));
            }
        }
        let mut parents = vec![None; table.len()];
        if let Some(parent) = self.optional(self.mapping.parent.as_ref())? {
            for (row, place) in parents.iter_mut().enumerate() {
                let name = table.cell(row, parent);
                if name.is_empty() {
                    continue;
                }
                let known = places.get(name).or_else(|| places.get(name.strip_suffix(".0")?));
                match known {
                    Some(known) if *known != row => *place = Some(*known),
                    Some(_) => return Err(table.wrong(row, parent, "its own id; leave it empty for none")),
                    None => return Err(table.wrong(row, parent, format!("no row has the id `{name}`"))),
                }
            }
        }
        // Without times the file's order is all there is.
        let timed = self.mapping.times.finished.is_some();
        let order =
            rows.map(|row| if timed { Order::of(table.cell(row, id)) } else { Order::number(row as u64) });
        Ok((order.collect(), parents))
    }

    /// The parameters, in the order of the mapping.
    fn sources(&self) -> Result<Vec<Source>, ImportError> {
        let table = self.table;
        let decisions = &self.mapping.decisions;
        let mut sources: Vec<Source> = Vec::new();
        for named in &decisions.columns {
            let column = self.column(named)?;
            sources.push(self.source(column, named.get_ref().clone()));
        }
        if let Some(prefix) = &decisions.prefix {
            let before = sources.len();
            for (column, title) in table.columns().iter().enumerate() {
                if let Some(name) =
                    title.strip_prefix(prefix.get_ref().as_str()).filter(|name| !name.is_empty())
                {
                    sources.push(self.source(column, name.to_owned()));
                }
            }
            if sources.len() == before {
                let reason = format!(
                    "`{}` has no column that begins with `{}`",
                    table.path().display(),
                    prefix.get_ref()
                );
                return Err(self.mapping.wrong(prefix.span(), reason));
            }
        }
        if let Some(list) = &decisions.list {
            let column = self.column(list)?;
            let mut rows = Vec::with_capacity(table.len());
            for row in 0..table.len() {
                rows.push(
                    list::parse(table.cell(row, column))
                        .map_err(|reason| table.wrong(row, column, reason))?,
                );
            }
            // Lists of different lengths: what a shorter one lacks is absent.
            let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
            check_size(longest, rows.len()).map_err(|reason| self.mapping.wrong(list.span(), reason))?;
            for place in 0..longest {
                let values =
                    rows.iter().map(|row| row.get(place).cloned().unwrap_or(Value::Absent)).collect();
                let name = format!("{} {place}", list.get_ref());
                let listed = self.mapping.options(&name);
                sources.push(Source { column, parameter: Parameter { name, listed, values } });
            }
        }
        let mut names = std::collections::BTreeSet::new();
        if let Some(twice) = sources.iter().find(|source| !names.insert(source.parameter.name.as_str())) {
            let reason = format!("two decisions have the name `{}`", twice.parameter.name);
            return Err(self.mapping.wrong(None, reason));
        }
        for (name, span) in decisions.options.keys().map(|name| (name.get_ref(), name.span())) {
            if !names.contains(name.as_str()) {
                let known: Vec<&str> = names.iter().copied().collect();
                let reason =
                    format!("options for `{name}`, which is no decision{}", nearest::among(name, &known));
                return Err(self.mapping.wrong(span, reason));
            }
        }
        Ok(sources)
    }

    fn source(&self, column: usize, name: String) -> Source {
        let values = (0..self.table.len()).map(|row| Value::of_cell(self.table.cell(row, column))).collect();
        let listed = self.mapping.options(&name);
        Source { column, parameter: Parameter { name, listed, values } }
    }

    fn stranger(&self, sources: &[Source], stranger: &Stranger) -> ImportError {
        let source = sources.iter().find(|source| source.parameter.name == stranger.name);
        let column = source.map_or(0, |source| source.column);
        let reason = format!("decision `{}`: {}", stranger.name, stranger.reason);
        self.table.wrong(stranger.evaluation, column, reason)
    }

    fn status(&self, row: usize, column: usize) -> Result<Status, ImportError> {
        let word = self.table.cell(row, column);
        let Some(status) = &self.mapping.status else { return Ok(Status::Ok) };
        status.words().find(|(known, _)| *known == word).map(|(_, status)| status).ok_or_else(|| {
            let known: Vec<&str> = status.words().map(|(word, _)| word).collect();
            let reason =
                format!("`{word}` is no status that the mapping lists{}", nearest::among(word, &known));
            self.table.wrong(row, column, reason)
        })
    }

    fn moment(&self, row: usize, column: usize, unit: Unit) -> Result<Option<Moment>, ImportError> {
        let cell = self.table.cell(row, column);
        if cell.is_empty() {
            return Ok(None);
        }
        let Some(per_unit) = unit.micros() else {
            let date = Moment::of_date(cell);
            let reason = || format!("expected a date such as 2026-01-31T12:00:00, found `{cell}`");
            return date.map(Some).ok_or_else(|| self.table.wrong(row, column, reason()));
        };
        let Some(number) = self.table.number(row, column)? else { return Ok(None) };
        let micros = moment::micros(number, per_unit);
        let reason = || format!("{cell} {} is too far away", unit.word());
        micros
            .map(|micros| Some(Moment::Universal(micros)))
            .ok_or_else(|| self.table.wrong(row, column, reason()))
    }

    fn duration(&self, row: usize, column: usize) -> Result<Option<u64>, ImportError> {
        let Some(number) = self.table.number(row, column)? else { return Ok(None) };
        let micros = moment::micros(number, self.mapping.times.train_unit.micros())
            .and_then(|micros| u64::try_from(micros).ok());
        micros.map(Some).ok_or_else(|| self.table.wrong(row, column, format!("{number} is no duration")))
    }
}
