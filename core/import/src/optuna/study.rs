//! Studies, whichever storage they come from, and the logs that they become.

use super::distribution::Distribution;
use super::vectors::{candidates, parameters};
use super::{wrong, wrong_trial};
use crate::draft::{Draft, Order, counted, settle};
use crate::error::ImportError;
use crate::moment::Moment;
use crate::score::FailureValues;
use crate::space::space;
use crate::{Log, ReadOptions, nearest};
use lamarck_model::Status;
use std::collections::BTreeMap;
use std::path::Path;

/// `optuna.study.StudyDirection`: names in SQLite, numbers in journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    NotSet,
    Minimize,
    Maximize,
}

impl Direction {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let all = [("NOT_SET", Self::NotSet), ("MINIMIZE", Self::Minimize), ("MAXIMIZE", Self::Maximize)];
        all.into_iter().find(|(name, _)| *name == word).map(|(_, direction)| direction)
    }

    pub(super) fn of_number(number: u64) -> Option<Self> {
        [Self::NotSet, Self::Minimize, Self::Maximize].get(usize::try_from(number).ok()?).copied()
    }
}

/// `optuna.trial.TrialState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Complete,
    Pruned,
    Fail,
    Waiting,
}

impl State {
    const ALL: [(&'static str, Self); 5] = [
        ("RUNNING", Self::Running),
        ("COMPLETE", Self::Complete),
        ("PRUNED", Self::Pruned),
        ("FAIL", Self::Fail),
        ("WAITING", Self::Waiting),
    ];

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, state)| state)
    }

    pub(super) fn of_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).map(|(_, state)| *state)
    }

    pub(super) const fn has_ended(self) -> bool {
        matches!(self, Self::Complete | Self::Pruned | Self::Fail)
    }
}

#[derive(Debug)]
pub(super) struct Trial {
    /// From 0.
    pub(super) number: u64,
    pub(super) state: State,
    pub(super) values: Vec<f64>,
    /// Name, stored value, place in the study's distributions; in the order in which they were drawn.
    pub(super) params: Vec<(String, f64, usize)>,
    pub(super) start: Option<Moment>,
    pub(super) complete: Option<Moment>,
    pub(super) worker: Option<String>,
    /// The record that ended it, where the storage is a journal.
    pub(super) ended_at: u64,
    /// With parameters that somebody else chose.
    pub(super) enqueued: bool,
    pub(super) generation: bool,
    pub(super) parent: Option<u64>,
}

impl Trial {
    pub(super) fn new(number: u64, state: State) -> Self {
        Self {
            number,
            state,
            values: Vec::new(),
            params: Vec::new(),
            start: None,
            complete: None,
            worker: None,
            ended_at: 0,
            enqueued: false,
            generation: false,
            parent: None,
        }
    }

    /// Takes note of an attribute that means something here.
    pub(super) fn attribute(&mut self, key: &str, value: &serde_json::Value, user: bool) {
        match (key, user) {
            ("parent", true) => self.parent = value.as_u64(),
            ("fixed_params", false) => self.enqueued = true,
            // `nsga2:generation` in 3, `NSGAIISampler:generation` from 4 on, `nsga3:`, and samplers of others.
            (_, false) if key.ends_with(":generation") => self.generation = true,
            _ => {}
        }
    }
}

#[derive(Debug)]
pub(super) struct Study {
    pub(super) name: String,
    pub(super) directions: Vec<Direction>,
    metrics: Vec<String>,
    pub(super) trials: Vec<Trial>,
    /// Every distribution that a trial names, each once.
    pub(super) distributions: Vec<Distribution>,
    generations: bool,
}

impl Study {
    pub(super) const fn new(name: String) -> Self {
        Self {
            name,
            directions: Vec::new(),
            metrics: Vec::new(),
            trials: Vec::new(),
            distributions: Vec::new(),
            generations: false,
        }
    }

    /// Takes note of a system attribute: `Study.set_metric_names` writes `study:metric_names`.
    pub(super) fn system_attribute(&mut self, key: &str, value: &serde_json::Value) {
        if let ("study:metric_names", Some(names)) = (key, value.as_array()) {
            self.metrics = names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        }
    }

    pub(super) fn notice_generations(&mut self) {
        self.generations = self.trials.iter().any(|trial| trial.generation);
    }
}

/// What a storage holds.
#[derive(Debug)]
pub(super) struct Studies {
    pub(super) format: String,
    pub(super) all: Vec<Study>,
    pub(super) notes: Vec<String>,
}

/// The logs of the studies that were asked for.
pub(super) fn logs(path: &Path, mut storage: Studies, asked: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let names: Vec<String> = storage.all.iter().map(|study| study.name.clone()).collect();
    if let Some(name) = &asked.study {
        storage.all.retain(|study| study.name == *name);
        if storage.all.is_empty() {
            return Err(wrong(path, format!("it has no study `{name}`{}", nearest::among(name, &names))));
        }
    }
    let (mut logs, mut empty) = (Vec::new(), Vec::new());
    for study in storage.all {
        if study.trials.iter().all(|trial| trial.params.is_empty()) {
            empty.push(format!("`{}`", study.name));
        } else {
            let mut log = log(path, &study, asked)?;
            log.format.clone_from(&storage.format);
            log.notes.extend(storage.notes.iter().cloned());
            logs.push(log);
        }
    }
    if logs.is_empty() {
        let mut hint = match empty.len() {
            0 => String::new(),
            _ => format!(": no trial of {} has parameters", empty.join(", ")),
        };
        storage.notes.iter().for_each(|note| hint += &format!("; {note}"));
        return Err(ImportError::Empty { path: path.to_owned(), hint });
    }
    if !empty.is_empty() {
        let note = format!("studies without trials in the same storage are left out: {}", empty.join(", "));
        for log in &mut logs {
            log.notes.push(note.clone());
        }
    }
    Ok(logs)
}

/// Which of a study's values is the score, and its name: that of `study.trials_dataframe()`.
fn objective(path: &Path, study: &Study, asked: Option<&str>) -> Result<(usize, String), ImportError> {
    let names: Vec<String> = match study.directions.len() {
        count if count == study.metrics.len() => study.metrics.clone(),
        1 => vec!["value".to_owned()],
        count => (0..count).map(|place| format!("values_{place}")).collect(),
    };
    match (asked, names.as_slice()) {
        (None, []) => Err(wrong(path, format!("its study `{}` has no direction", study.name))),
        (None, [only]) => Ok((0, only.clone())),
        (None, several) => Err(wrong(
            path,
            format!(
                "its study `{}` has {} objectives; choose one with --objective, or another study with --study: {}",
                study.name,
                several.len(),
                several
                    .iter()
                    .enumerate()
                    .map(|(i, name)| format!("{i} or {name}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )),
        (Some(asked), names) => {
            let place = names.iter().position(|name| name == asked);
            let place = place.or_else(|| asked.parse().ok().filter(|place| *place < names.len()));
            let place = place.ok_or_else(|| {
                let hint = nearest::among(asked, names);
                wrong(path, format!("its study `{}` has no objective `{asked}`{hint}", study.name))
            })?;
            Ok((place, names[place].clone()))
        }
    }
}

fn log(path: &Path, study: &Study, asked: &ReadOptions) -> Result<Log, ImportError> {
    let (objective, score) = objective(path, study, asked.objective.as_deref())?;
    let direction = study.directions.get(objective).copied().unwrap_or(Direction::NotSet);
    // Optuna's own default is to minimise.
    let negated = asked.minimize.unwrap_or(direction != Direction::Maximize);
    let failures = FailureValues(asked.failure_values.clone().unwrap_or_default());
    let mut notes = Vec::new();
    let trials = candidates(study, &mut notes);
    let parameters = parameters(path, study, &trials, &mut notes)?;
    let mut made = space(&parameters, trials.len()).map_err(|stranger| {
        wrong_trial(path, trials[stranger.evaluation].number, stranger.name, stranger.reason)
    })?;
    notes.append(&mut made.notes);
    if made.decisions.is_empty() {
        let reason =
            format!("no parameter of its study `{}` is a decision; {}", study.name, notes.join("; "));
        return Err(wrong(path, reason));
    }
    let on_one_clock = {
        let moments = || trials.iter().flat_map(|trial| [trial.start, trial.complete]).flatten();
        let local = moments().any(|moment| matches!(moment, Moment::Local(_)));
        !(local && moments().any(|moment| matches!(moment, Moment::Universal(_))))
    };
    if !on_one_clock {
        notes.push(
            "some times have a zone and some have none: all are left out, the order is that of the file"
                .into(),
        );
    }
    let places: BTreeMap<u64, usize> =
        trials.iter().enumerate().map(|(place, trial)| (trial.number, place)).collect();
    let mut drafts = Vec::with_capacity(trials.len());
    for (trial, choices) in trials.iter().zip(made.vectors) {
        let time = |moment: Option<Moment>| moment.filter(|_| on_one_clock).map(Moment::micros);
        let order = match (on_one_clock, trial.state.has_ended()) {
            (true, _) => trial.number,
            (false, true) => trial.ended_at,
            (false, false) => u64::MAX,
        };
        let outcome = match trial.state {
            State::Complete => {
                let Some(value) = trial.values.get(objective) else {
                    let reason =
                        format!("it has {} values, objective {objective} is missing", trial.values.len());
                    return Err(wrong_trial(path, trial.number, "values", reason));
                };
                failures.of_objective(*value, negated)
            }
            State::Fail => (Status::Failed, None),
            State::Pruned | State::Running | State::Waiting => (Status::Interrupted, None),
        };
        drafts.push(Draft {
            row: trial.number,
            order: Order::number(order),
            choices,
            outcome,
            submitted: time(trial.start.filter(|_| !trial.enqueued)),
            started: time(trial.start),
            finished: time(trial.complete),
            train_us: None,
            worker: trial.worker.clone(),
            parent: trial
                .parent
                .filter(|parent| *parent < trial.number)
                .and_then(|parent| places.get(&parent).copied()),
        });
    }
    let parents = drafts.iter().filter(|draft| draft.parent.is_some()).count() as u64;
    if parents > 0 {
        let parents = counted(parents, "parent", "parents");
        notes.push(format!("{parents} from the user attribute `parent` of trials"));
    } else if study.generations {
        notes.push("the sampler recorded generations, which leave the parents open".into());
    }
    let evaluations = settle(drafts, &mut notes);
    Ok(Log {
        format: String::new(),
        name: study.name.clone(),
        decisions: made.decisions,
        score,
        negated,
        evaluations,
        workers: None,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_directions_are_those_of_optuna() {
        assert_eq!(State::of_number(2), Some(State::Pruned));
        assert_eq!(State::of_word("WAITING"), State::of_number(4));
        assert_eq!((State::of_number(5), State::of_word("DONE")), (None, None));
        assert_eq!(Direction::of_word("MAXIMIZE"), Direction::of_number(2));
        assert_eq!(Direction::of_number(3), None);
    }
}
