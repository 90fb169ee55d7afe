//! The sweep: axes, their cartesian product, and a point's tree.
//!
//! An axis is a dotted key and its list of values. Both `"cluster.workers" = [1, 16]` and `cluster.workers = [1, 16]`
//! below `[sweep]` mean the same, since TOML turns the latter into nested tables without dots, which are walked here.
//! `[[sweep.case]]` is an axis too, of [cases](super::case).

use super::case::{self, CASE};
use super::issue::{IssueKind, Issues};
use super::key::{self, KeyPath, MAX_PARTS};
use super::sections::{MAX_AXES, MAX_POINTS, MAX_RUNS, SECTIONS};
use super::tree::{self, Data, Entry, Node, Origin};
use super::words::{found, nearest};
use super::{Point, write};
use serde_json::Value;
use std::collections::BTreeSet;

/// One swept key, or the cases.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub(super) path: KeyPath,
    pub(super) key_origin: Origin,
    /// Its values; of cases, their names.
    pub(super) values: Vec<Node>,
    /// What each case sets.
    pub(super) cases: Option<Vec<Vec<case::Leaf>>>,
}

/// One value of each axis, by number.
pub(super) type Choice<'a> = Vec<(&'a Axis, usize)>;

/// Reads an entry of `[sweep]`, or `[sweep]` itself with an empty `path`.
pub(super) fn read(path: &[String], entry: &Entry, axes: &mut Vec<Axis>, issues: &mut Issues<'_>) {
    match &entry.node.data {
        Data::Table(table) => {
            for inner in &table.entries {
                match key::parse(&inner.key) {
                    Ok(mut segments) => {
                        let mut path = path.to_vec();
                        path.append(&mut segments);
                        if path.len() <= MAX_PARTS {
                            read(&path, inner, axes, issues);
                        } else {
                            let message = format!("the key has more than {MAX_PARTS} parts");
                            issues.push(IssueKind::Sweep, inner.key_origin, &shown(&[]), &message, None);
                        }
                    }
                    Err(message) => {
                        let message = format!("{}: {message}", write::quoted(&inner.key));
                        issues.push(IssueKind::Sweep, inner.key_origin, &shown(path), &message, None);
                    }
                }
            }
        }
        Data::List(items) if path == [CASE] => axes.push(case::read(entry, items, issues)),
        Data::List(values) if !path.is_empty() => {
            let (path, key_origin, values) = (path.to_vec(), entry.key_origin, values.clone());
            axes.push(Axis { path, key_origin, values, cases: None });
        }
        Data::List(_) | Data::Scalar(_) | Data::Unfit(_) => {
            let found = entry.node.found();
            let (message, help) = if path.is_empty() {
                let help = "write [sweep] and below it \"cluster.workers\" = [1, 16]";
                (format!("expected a table, found {found}"), help.to_owned())
            } else {
                (format!("expected a list of values, found {found}"), format!("write [{found}]"))
            };
            issues.push(IssueKind::Sweep, entry.node.origin, &shown(path), &message, help);
        }
    }
}

/// The path of an axis as the study writes it.
pub(super) fn shown(path: &[String]) -> KeyPath {
    if path.is_empty() { vec!["sweep".to_owned()] } else { vec!["sweep".to_owned(), key::display(path)] }
}

/// Applies `--set sweep...=`: the axis with this path is replaced where it is, or added as the last one; `sweep`
/// itself replaces all of them.
pub(super) fn replace(
    path: &[String],
    origin: Origin,
    node: Node,
    axes: &mut Vec<Axis>,
    issues: &mut Issues<'_>,
) {
    let path: Result<Vec<KeyPath>, String> = path.iter().map(|segment| key::parse(segment)).collect();
    let path = match path {
        Ok(path) => path.concat(),
        Err(message) => return issues.push(IssueKind::Override, origin, &shown(&[]), &message, None),
    };
    let mut new = Vec::new();
    read(&path, &Entry { key: String::new(), key_origin: origin, node }, &mut new, issues);
    if path.is_empty() {
        axes.clear();
    }
    for axis in new {
        match axes.iter_mut().find(|known| known.path == axis.path) {
            Some(known) => (known.values, known.cases) = (axis.values, axis.cases),
            None => axes.push(axis),
        }
    }
}

/// Whether one of the paths lies inside the other.
pub(super) fn overlap(a: &[String], b: &[String]) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// Keeps the axes that can be used and reports the others.
pub(super) fn check(axes: Vec<Axis>, issues: &mut Issues<'_>) -> Vec<Axis> {
    if axes.len() > MAX_AXES {
        let message = format!("a sweep has at most {MAX_AXES} keys, found {}", axes.len());
        issues.push(IssueKind::Sweep, axes[MAX_AXES].key_origin, &shown(&[]), &message, None);
        return Vec::new();
    }
    let mut good: Vec<Axis> = Vec::new();
    for axis in axes {
        let before = issues.len();
        for (path, origin) in axis.keys() {
            if let Some((message, help)) = refusal(path) {
                issues.push(IssueKind::Sweep, origin, &shown(path), &message, help);
            }
            let swept = good.iter().flat_map(Axis::keys).find(|(other, _)| overlap(other, path));
            if let Some((other, _)) = swept {
                let message = format!("overlaps with `{}`, which is swept too", key::display(other));
                issues.push(IssueKind::Sweep, origin, &shown(path), &message, None);
            }
        }
        if axis.values.is_empty() {
            let help = "list the values to try, or leave the key out".to_owned();
            issues.push(IssueKind::Sweep, axis.key_origin, &shown(&axis.path), "the list is empty", help);
        }
        let mut seen = BTreeSet::new();
        for node in &axis.values {
            let Ok(value) = node.json() else { continue };
            if !seen.insert(write::inline(&evened(&value))) {
                let message = format!("{} is in the list twice", found(&value));
                issues.push(IssueKind::Sweep, node.origin, &shown(&axis.path), &message, None);
            }
        }
        if issues.len() == before {
            good.push(axis);
        }
    }
    good
}

/// The value with whole numbers in one form: `1` and `1.0` make the same point.
fn evened(value: &Value) -> Value {
    // Beyond this not every whole number is a float.
    const EXACT: f64 = (1_u64 << 53) as f64;
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) if float.fract() == 0.0 && float.abs() < EXACT => (float as i64).into(),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(evened).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), evened(value))).collect(),
        _ => value.clone(),
    }
}

/// Why a key cannot be swept, and the cure.
fn refusal(path: &[String]) -> Option<(String, Option<String>)> {
    let Some(section) = SECTIONS.iter().find(|section| section.name == path[0]) else {
        let help =
            nearest(&path[0], SECTIONS.iter().filter(|section| section.sweep).map(|section| section.name));
        return Some((
            format!("there is no section `{}`", path[0]),
            help.map(|name| format!("did you mean `{name}`?")),
        ));
    };
    let seed = section.name == "study" && path.len() == 2 && path[1] == "seed";
    if section.sweep || seed {
        return None;
    }
    Some((format!("`{}` is the same for all points of a study", key::display(path)), None))
}

/// How many points there are: the product of the axes' lengths, or 0 with an issue if that is too many.
pub(super) fn count(axes: &[Axis], issues: &mut Issues<'_>) -> usize {
    let product = axes.iter().try_fold(1_usize, |product, axis| product.checked_mul(axis.values.len()));
    match product {
        Some(count) if count <= MAX_POINTS => count,
        _ => {
            let sizes: Vec<String> = axes.iter().map(|axis| axis.values.len().to_string()).collect();
            let message = format!("{} points are more than {MAX_POINTS}", sizes.join(" × "));
            let origin = axes.first().map_or(Origin::Default, |axis| axis.key_origin);
            issues.push(IssueKind::Sweep, origin, &shown(&[]), &message, "split the study".to_owned());
            0
        }
    }
}

/// The values of a point: its number in the mixed radix of the axes' lengths, the first axis the slowest.
pub(super) fn choice(axes: &[Axis], mut index: usize) -> Choice<'_> {
    let mut choice: Choice<'_> = Vec::with_capacity(axes.len());
    for axis in axes.iter().rev() {
        let length = axis.values.len().max(1);
        choice.push((axis, index % length));
        index /= length;
    }
    choice.reverse();
    choice
}

/// The study's tree at a point.
pub(super) fn at_point(base: &Node, choice: &Choice<'_>, issues: &mut Issues<'_>) -> Node {
    let mut root = base.clone();
    for (axis, at) in choice {
        axis.set(&mut root, *at, issues);
    }
    root
}

/// The label of a point; of a case its name alone.
pub(super) fn label(choice: &Choice<'_>) -> String {
    let part = |(axis, at): &(&Axis, usize)| {
        let value = axis.values.get(*at).and_then(|node| node.json().ok()).unwrap_or_default();
        let value = match value {
            Value::String(word) if !word.contains([',', '=', '\n']) => word,
            value => write::inline(&value),
        };
        if axis.cases.is_some() { value } else { format!("{}={value}", key::display(&axis.path)) }
    };
    choice.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// Points times replicates must be a number of runs that can be listed.
pub(super) fn check_runs(base: &Node, points: &[Point], issues: &mut Issues<'_>) {
    let runs: u64 = points.iter().map(|point| u64::from(point.settings.study.replicates)).sum();
    if issues.is_empty() && runs > MAX_RUNS {
        let message = format!("{} sweep points make {runs} runs, more than {MAX_RUNS}", points.len());
        let path = ["study".to_owned(), "replicates".to_owned()];
        issues.push(
            IssueKind::Sweep,
            tree::nearest(base, &path),
            &path,
            &message,
            "set fewer replicates".to_owned(),
        );
    }
}
