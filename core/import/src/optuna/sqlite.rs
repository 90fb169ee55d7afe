//! The tables of `optuna/storages/_rdb/models.py`.

use super::distribution::Distribution;
use super::study::{Direction, State, Studies, Study, Trial};
use super::{wrong, wrong_trial};
use crate::error::ImportError;
use crate::json;
use crate::moment::Moment;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB, Row};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The first bytes of an SQLite database.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// That nothing beside a database waits to be written into it.
pub(super) fn check_companions(path: &Path, bytes: &[u8]) -> Result<(), ImportError> {
    if !bytes.starts_with(MAGIC) {
        return Ok(());
    }
    for ending in ["-wal", "-journal"] {
        let mut name = OsString::from(path);
        name.push(ending);
        let companion = PathBuf::from(name);
        if fs::metadata(&companion).is_ok_and(|companion| companion.len() > 0) {
            return Err(wrong(
                path,
                format!(
                    "`{}` holds changes that are not in it yet; wait for the study to end, or copy it with the command \
                     `.backup` of sqlite3",
                    companion.display()
                ),
            ));
        }
    }
    Ok(())
}

/// All studies of a database.
pub(super) fn studies(path: &Path, bytes: &[u8]) -> Result<Studies, ImportError> {
    let reader = Reader { path, connection: open(bytes).map_err(|error| damaged(path, &error))? };
    reader.studies()
}

fn open(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    // Bytes 18 and 19 say that the database writes ahead. One in memory cannot, and a finished one is the same.
    let ahead = bytes.get(18..20) == Some(&[2, 2]);
    let (head, tail) = bytes.split_at(if ahead { 20 } else { 0 });
    let mut head = head.to_vec();
    if ahead {
        head[18..].copy_from_slice(&[1, 1]);
    }
    connection.deserialize_read_exact(MAIN_DB, io::Read::chain(&head[..], tail), bytes.len(), true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

fn damaged(path: &Path, error: &rusqlite::Error) -> ImportError {
    let error = error.to_string();
    let text = error.strip_prefix("no such table: ").map_or_else(
        || format!("the SQLite database is damaged or cut off ({error})"),
        |table| format!("an SQLite database without Optuna's table `{table}`; is it one of another program?"),
    );
    wrong(path, text)
}

struct Reader<'a> {
    path: &'a Path,
    connection: Connection,
}

impl Reader<'_> {
    /// Runs a query and hands each row to `each`.
    fn each(
        &self,
        query: &str,
        study: Option<i64>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let damaged = |error: rusqlite::Error| damaged(self.path, &error);
        let mut statement = self.connection.prepare(query).map_err(damaged)?;
        let mut rows = match study {
            Some(study) => statement.query([study]),
            None => statement.query([]),
        }
        .map_err(damaged)?;
        while let Some(row) = rows.next().map_err(damaged)? {
            each(row)?;
        }
        Ok(())
    }

    /// A column of one type in a row of a table.
    fn get<T: rusqlite::types::FromSql>(&self, row: &Row<'_>, column: &str) -> Result<T, ImportError> {
        row.get(column).map_err(|error| wrong(self.path, format!("column `{column}`: {error}")))
    }

    fn has_column(&self, table: &str, column: &str) -> Result<bool, ImportError> {
        let mut found = false;
        self.each(&format!("SELECT name FROM pragma_table_info('{table}')"), None, |row| {
            found |= self.get::<String>(row, "name")? == column;
            Ok(())
        })?;
        Ok(found)
    }

    fn studies(&self) -> Result<Studies, ImportError> {
        let mut version = None;
        self.each("SELECT library_version FROM version_info", None, |row| {
            version = self.get::<Option<String>>(row, "library_version")?;
            Ok(())
        })?;
        let mut ids = Vec::new();
        self.each("SELECT study_id, study_name FROM studies ORDER BY study_id", None, |row| {
            ids.push((self.get::<i64>(row, "study_id")?, self.get::<String>(row, "study_name")?));
            Ok(())
        })?;
        let mut studies = Vec::with_capacity(ids.len());
        for (id, name) in ids {
            studies.push(self.study(id, name)?);
        }
        let format = version.map_or_else(|| "optuna".to_owned(), |version| format!("optuna {version}"));
        Ok(Studies { format: format!("{format} (sqlite)"), all: studies, notes: Vec::new() })
    }

    fn study(&self, id: i64, name: String) -> Result<Study, ImportError> {
        let mut study = Study::new(name);
        let query = "SELECT direction FROM study_directions WHERE study_id = ?1 ORDER BY objective";
        self.each(query, Some(id), |row| {
            let word: String = self.get(row, "direction")?;
            let direction = Direction::of_word(&word)
                .ok_or_else(|| wrong(self.path, format!("`{word}` is no direction of a study")))?;
            study.directions.push(direction);
            Ok(())
        })?;
        let query = "SELECT key, value_json FROM study_system_attributes WHERE study_id = ?1 ORDER BY key";
        self.each(query, Some(id), |row| {
            let (key, text): (String, String) = (self.get(row, "key")?, self.get(row, "value_json")?);
            // Long values are kept in several parts by old versions; what is no JSON of its own is none of ours.
            if let Ok(value) = json::parse(text.as_bytes()) {
                study.system_attribute(&key, &value);
            }
            Ok(())
        })?;
        let mut places = BTreeMap::new();
        self.trials(id, &mut study, &mut places)?;
        self.params(id, &mut study, &places)?;
        self.values(id, &mut study, &places)?;
        self.attributes(id, &mut study, &places)?;
        Ok(study)
    }

    fn trials(
        &self,
        id: i64,
        study: &mut Study,
        places: &mut BTreeMap<i64, usize>,
    ) -> Result<(), ImportError> {
        let query = "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials \
                     WHERE study_id = ?1 ORDER BY number, trial_id";
        self.each(query, Some(id), |row| {
            let number = u64::try_from(self.get::<i64>(row, "number")?)
                .map_err(|_| wrong(self.path, "a trial has a negative number"))?;
            let word: String = self.get(row, "state")?;
            let state = State::of_word(&word).ok_or_else(|| {
                wrong_trial(self.path, number, "state", format!("`{word}` is no state of a trial"))
            })?;
            let date = |column: &str| match self.get::<Option<String>>(row, column)? {
                None => Ok(None),
                Some(text) => Moment::of_date(&text).map(Some).ok_or_else(|| {
                    wrong_trial(
                        self.path,
                        number,
                        column,
                        format!("expected a date and time, found `{text}`"),
                    )
                }),
            };
            let trial = Trial {
                start: date("datetime_start")?,
                complete: date("datetime_complete")?,
                ..Trial::new(number, state)
            };
            places.insert(self.get(row, "trial_id")?, study.trials.len());
            study.trials.push(trial);
            Ok(())
        })
    }

    /// The trial that a row belongs to.
    fn trial<'s>(
        &self,
        row: &Row<'_>,
        study: &'s mut Study,
        places: &BTreeMap<i64, usize>,
    ) -> Result<Option<&'s mut Trial>, ImportError> {
        let place = places.get(&self.get::<i64>(row, "trial_id")?);
        Ok(place.and_then(|place| study.trials.get_mut(*place)))
    }

    fn params(&self, id: i64, study: &mut Study, places: &BTreeMap<i64, usize>) -> Result<(), ImportError> {
        let query = "SELECT p.trial_id AS trial_id, param_name, param_value, distribution_json FROM trial_params p \
                     JOIN trials t ON t.trial_id = p.trial_id WHERE t.study_id = ?1 ORDER BY t.number, p.param_id";
        // A study of a million trials repeats some ten texts.
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        self.each(query, Some(id), |row| {
            let name: String = self.get(row, "param_name")?;
            let text: String = self.get(row, "distribution_json")?;
            let stored: Option<f64> = self.get(row, "param_value")?;
            let distribution = known.get(&text).copied();
            let count = study.distributions.len();
            let Some(trial) = self.trial(row, study, places)? else { return Ok(()) };
            let stored = stored
                .filter(|value| value.is_finite())
                .ok_or_else(|| wrong_trial(self.path, trial.number, &name, "its value is missing"))?;
            trial.params.push((name.clone(), stored, distribution.unwrap_or(count)));
            if distribution.is_none() {
                let parsed = Distribution::parse(&text)
                    .map_err(|reason| wrong_trial(self.path, trial.number, &name, reason))?;
                study.distributions.push(parsed);
                known.insert(text, count);
            }
            Ok(())
        })
    }

    fn values(&self, id: i64, study: &mut Study, places: &BTreeMap<i64, usize>) -> Result<(), ImportError> {
        // Storages before 3.0 have no infinite values, and so no column for the kind.
        let kind = if self.has_column("trial_values", "value_type")? { "value_type" } else { "'FINITE'" };
        let query = format!(
            "SELECT v.trial_id AS trial_id, objective, value, {kind} AS kind FROM trial_values v \
             JOIN trials t ON t.trial_id = v.trial_id WHERE t.study_id = ?1 ORDER BY t.number, v.objective"
        );
        self.each(&query, Some(id), |row| {
            let kind: String = self.get(row, "kind")?;
            let value: Option<f64> = self.get(row, "value")?;
            let Some(trial) = self.trial(row, study, places)? else { return Ok(()) };
            trial.values.push(match (kind.as_str(), value) {
                ("FINITE", Some(value)) => value,
                ("INF_POS", _) => f64::INFINITY,
                ("INF_NEG", _) => f64::NEG_INFINITY,
                _ => {
                    let reason = format!("a value of the kind `{kind}` is missing or unknown");
                    return Err(wrong_trial(self.path, trial.number, "value", reason));
                }
            });
            Ok(())
        })
    }

    fn attributes(
        &self,
        id: i64,
        study: &mut Study,
        places: &BTreeMap<i64, usize>,
    ) -> Result<(), ImportError> {
        for table in ["trial_user_attributes", "trial_system_attributes"] {
            let query = format!(
                "SELECT a.trial_id AS trial_id, key, value_json FROM {table} a \
                 JOIN trials t ON t.trial_id = a.trial_id WHERE t.study_id = ?1 ORDER BY t.number, a.key"
            );
            self.each(&query, Some(id), |row| {
                let key: String = self.get(row, "key")?;
                // An attribute may be anything, and only two are read.
                let value = match row.get_ref("value_json") {
                    Ok(ValueRef::Text(text)) => json::parse(text).unwrap_or_default(),
                    _ => serde_json::Value::Null,
                };
                if let Some(trial) = self.trial(row, study, places)? {
                    trial.attribute(&key, &value, table == "trial_user_attributes");
                }
                Ok(())
            })?;
        }
        study.notice_generations();
        Ok(())
    }
}
