//! One cell's file in the official folder.
//!
//! ```text
//! {"12": training, "200": training}
//! training = {"arch_index": 0, "arch_str": "|..|", "dataset_seed": {..}, "all_results": {(name, seed): run, ..}}
//! run = {"epochs": 200, "params": 0.13, "flop": 15.6, "latency": [s, ..], "train_times": {epoch: s},
//!        "eval_acc1es": {"x-valid@199": %, "x-test@199": %, "ori-test@199": %}, ..}
//! ```
//!
//! The names of a run are `cifar10-valid` (trained on half of the training images), `cifar10` (on all of them),
//! `cifar100` and `ImageNet16-120`. What NATS-Bench calls validation and test (its `remap_dataset_set_names`):
//!
//! | data set | validation | test |
//! |---|---|---|
//! | CIFAR-10 | `cifar10-valid`, `x-valid` | `cifar10`, `ori-test` |
//! | CIFAR-100, ImageNet16-120 | same name, `x-valid` | same name, `x-test` |
//!
//! Seconds, latency, parameters and operations are taken from the run that gives the validation accuracy. An
//! accuracy is that after the last epoch.

use crate::{
    cell,
    key::{Dataset, Epochs, Quantity},
    pickle::Value,
};

/// One figure of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    pub(super) dataset: Dataset,
    pub(super) epochs: Epochs,
    pub(super) quantity: Quantity,
    pub(super) seed: u16,
    pub(super) value: f64,
}

/// What one file says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CellRecord {
    pub(super) cell: u16,
    pub(super) figures: Vec<Figure>,
}

/// Where something is wrong, and what.
pub(super) type Problem = (String, String);

/// What a run is good for.
#[derive(Clone, Copy)]
struct Role {
    dataset: Dataset,
    /// Whether it gives the validation accuracy and the costs.
    valid: bool,
    test: Option<&'static str>,
}

fn role(name: &str) -> Option<Role> {
    Some(match name {
        "cifar10-valid" => Role { dataset: Dataset::Cifar10, valid: true, test: None },
        "cifar10" => Role { dataset: Dataset::Cifar10, valid: false, test: Some("ori-test") },
        "cifar100" => Role { dataset: Dataset::Cifar100, valid: true, test: Some("x-test") },
        "ImageNet16-120" => Role { dataset: Dataset::ImageNet16, valid: true, test: Some("x-test") },
        _ => return None,
    })
}

/// Reads a file's pickle. A field that is absent or `None` is a missing figure; one of a wrong type is an error.
pub(super) fn read(root: Value<'_>, official_index: u16) -> Result<CellRecord, Problem> {
    let mut figures = Vec::new();
    let mut cell = None;
    for epochs in Epochs::ALL {
        let key = epochs.to_string();
        let Some(training) = root.get(&key) else {
            continue;
        };
        let at = |field: &str| format!("\"{key}\" / \"{field}\"");
        let text = training.get("arch_str").and_then(|text| text.as_str());
        let this = text
            .and_then(cell::from_official)
            .ok_or_else(|| (at("arch_str"), "not a cell of NAS-Bench-201".to_owned()))?;
        if *cell.get_or_insert(this) != this {
            return Err((at("arch_str"), "another cell than in the 12-epoch part".to_owned()));
        }
        let index = training.get("arch_index").and_then(|index| index.as_int());
        if index != Some(i64::from(official_index)) {
            return Err((at("arch_index"), format!("not {official_index}, the number in the file's name")));
        }
        let runs = training.get("all_results").as_ref().and_then(Value::entries);
        let runs = runs.ok_or_else(|| (at("all_results"), "not a dict".to_owned()))?;
        for (key, run) in runs {
            read_run(key, run, epochs, &mut figures)
                .map_err(|(place, problem)| (format!("\"{epochs}\" / {place}"), problem))?;
        }
    }
    let cell = cell.ok_or_else(|| ("the pickle".to_owned(), "no \"12\" and no \"200\" in it".to_owned()))?;
    Ok(CellRecord { cell, figures })
}

fn read_run(
    key: Value<'_>,
    run: Value<'_>,
    epochs: Epochs,
    figures: &mut Vec<Figure>,
) -> Result<(), Problem> {
    let mut parts = key.items().into_iter().flatten();
    let (name, seed) =
        (parts.next().and_then(|name| name.as_str()), parts.next().and_then(|seed| seed.as_int()));
    let (Some(name), Some(seed)) = (name, seed.and_then(|seed| u16::try_from(seed).ok())) else {
        return Err(("\"all_results\"".to_owned(), "a key that is not (data set, seed)".to_owned()));
    };
    let at = |field: &str| format!("(\"{name}\", {seed}) / \"{field}\"");
    // Other data sets would be later additions; they are not this benchmark's.
    let Some(role) = role(name) else {
        return Ok(());
    };
    let counted = run.get("epochs").and_then(|count| count.as_int());
    if counted != Some(i64::from(epochs.count())) {
        return Err((at("epochs"), format!("not {epochs}")));
    }
    let mut add = |quantity, value: Option<f64>| {
        if let Some(value) = value {
            figures.push(Figure { dataset: role.dataset, epochs, quantity, seed, value });
        }
    };
    let accuracies = run.get("eval_acc1es");
    let accuracy = |set: &str| {
        let value = accuracies.and_then(|all| all.get(&format!("{set}@{}", epochs.count() - 1)));
        number(value).ok_or_else(|| (at("eval_acc1es"), format!("the accuracy of `{set}` is not a number")))
    };
    if let Some(set) = role.test {
        add(Quantity::TestAccuracy, accuracy(set)?);
    }
    if role.valid {
        add(Quantity::ValidAccuracy, accuracy("x-valid")?);
        add(Quantity::TrainSeconds, seconds(run, epochs).map_err(|problem| (at("train_times"), problem))?);
        add(
            Quantity::Latency,
            latency(run).ok_or_else(|| (at("latency"), "not a list of numbers".to_owned()))?,
        );
        for (quantity, field) in [(Quantity::Parameters, "params"), (Quantity::Flops, "flop")] {
            add(quantity, number(run.get(field)).ok_or_else(|| (at(field), "not a number".to_owned()))?);
        }
    }
    Ok(())
}

/// Outer `None`: not a number. Inner `None`: absent.
#[expect(clippy::option_option, reason = "absent and wrong are two things, and private to this file")]
fn number(value: Option<Value<'_>>) -> Option<Option<f64>> {
    match value {
        None => Some(None),
        Some(value) if value.is_none() => Some(None),
        Some(value) => value.as_float().map(Some),
    }
}

/// The sum over all epochs, in their order, as the official tool adds them up.
fn seconds(run: Value<'_>, epochs: Epochs) -> Result<Option<f64>, String> {
    let Some(times) = run.get("train_times").filter(|times| !times.is_none()) else {
        return Ok(None);
    };
    let entries = times.entries().ok_or("not a dict")?;
    let mut by_epoch = vec![None; usize::from(epochs.count())];
    for (epoch, time) in entries {
        let epoch = epoch.as_int().and_then(|epoch| usize::try_from(epoch).ok());
        let place =
            epoch.and_then(|epoch| by_epoch.get_mut(epoch)).ok_or("an epoch that the training has not")?;
        *place = Some(time.as_float().ok_or("not a number")?);
    }
    let sum = by_epoch.into_iter().try_fold(0.0, |sum, time| Some(sum + time?));
    sum.map(Some).ok_or_else(|| "an epoch without a time".to_owned())
}

/// The mean of the measurements. Outer `None`: not a list of numbers. Inner `None`: none were made.
#[expect(clippy::option_option, reason = "absent and wrong are two things, and private to this file")]
fn latency(run: Value<'_>) -> Option<Option<f64>> {
    let Some(list) = run.get("latency").filter(|list| !list.is_none()) else {
        return Some(None);
    };
    let values: Option<Vec<f64>> = list.items()?.map(|value| value.as_float()).collect();
    let values = values?;
    Some((!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64))
}
