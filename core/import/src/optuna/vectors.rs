//! Which trials are evaluations, and which parameters decisions.

use super::distribution::{Distribution, numbers, options, value};
use super::study::{State, Study, Trial};
use super::{wrong, wrong_trial};
use crate::decisions::Value;
use crate::draft::counted;
use crate::error::ImportError;
use crate::space::{Parameter, check_size};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The trials that are evaluations: those of which the vector is whole.
pub(super) fn candidates<'s>(study: &'s Study, notes: &mut Vec<String>) -> Vec<&'s Trial> {
    // What every finished trial has; it makes no difference in which order trials are looked at.
    let mut required: Option<BTreeSet<&str>> = None;
    for trial in study.trials.iter().filter(|trial| matches!(trial.state, State::Complete | State::Pruned)) {
        let names: BTreeSet<&str> = trial.params.iter().map(|param| param.0.as_str()).collect();
        required = Some(match required {
            None => names,
            Some(before) => before.intersection(&names).copied().collect(),
        });
    }
    let required = required.unwrap_or_default();
    let mut trials: Vec<&Trial> = study.trials.iter().collect();
    let mut count = |what: &str, keep: &dyn Fn(&Trial) -> bool, trials: &mut Vec<&Trial>| {
        let before = trials.len();
        trials.retain(|trial| keep(trial));
        let gone = (before - trials.len()) as u64;
        if gone > 0 {
            notes.push(format!("left out: {} {what}", counted(gone, "trial", "trials")));
        }
    };
    count("that waited to be run", &|trial| trial.state != State::Waiting, &mut trials);
    let whole = |trial: &Trial| {
        !trial.params.is_empty()
            && required.iter().all(|name| trial.params.iter().any(|param| param.0 == *name))
    };
    count("that ended before all parameters were drawn", &whole, &mut trials);
    for (state, what) in [(State::Pruned, "pruned"), (State::Running, "still running")] {
        let number = trials.iter().filter(|trial| trial.state == state).count() as u64;
        if number > 0 {
            notes.push(format!("{} {what}: interrupted, without score", counted(number, "trial", "trials")));
        }
    }
    trials
}

/// The parameters that are decisions, in the order of their first appearance; the others become a note.
pub(super) fn parameters(
    path: &Path,
    study: &Study,
    trials: &[&Trial],
    notes: &mut Vec<String>,
) -> Result<Vec<Parameter>, ImportError> {
    struct Seen {
        name: String,
        distributions: BTreeSet<usize>,
        /// Place of the trial and stored value.
        drawn: Vec<(usize, f64, usize)>,
    }
    let mut seen: Vec<Seen> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, trial) in trials.iter().enumerate() {
        for (name, stored, distribution) in &trial.params {
            let at = *places.entry(name).or_insert_with(|| {
                seen.push(Seen { name: name.clone(), distributions: BTreeSet::new(), drawn: Vec::new() });
                seen.len() - 1
            });
            seen[at].distributions.insert(*distribution);
            seen[at].drawn.push((place, *stored, *distribution));
        }
    }
    check_size(seen.len(), trials.len()).map_err(|reason| wrong(path, reason))?;
    let (mut parameters, mut continuous) = (Vec::new(), Vec::new());
    for Seen { name, distributions, drawn } in seen {
        let known: Vec<&Distribution> =
            distributions.iter().filter_map(|place| study.distributions.get(*place)).collect();
        if let Some(other) = known.iter().skip(1).find(|other| !other.compatible(known[0])) {
            let at = drawn.iter().find(|(.., place)| study.distributions.get(*place) == Some(*other));
            let number = at.and_then(|(place, ..)| trials.get(*place)).map_or(0, |trial| trial.number);
            return Err(wrong_trial(
                path,
                number,
                name,
                "its choices are others than those of earlier trials",
            ));
        }
        let stored: Vec<f64> = drawn.iter().map(|(_, stored, _)| *stored).collect();
        let Some(listed) = options(&known, &stored) else {
            continuous.push(format!("`{name}`"));
            continue;
        };
        let numbers = numbers(&listed);
        let mut values = vec![Value::Absent; trials.len()];
        for (place, stored, distribution) in drawn {
            if let Some(distribution) = study.distributions.get(distribution) {
                values[place] = value(distribution, &numbers, stored)
                    .map_err(|reason| wrong_trial(path, trials[place].number, &name, reason))?;
            }
        }
        parameters.push(Parameter { name, listed: Some(listed), values });
    }
    if !continuous.is_empty() {
        notes.push(format!("left out, since continuous: {}", continuous.join(", ")));
    }
    Ok(parameters)
}
