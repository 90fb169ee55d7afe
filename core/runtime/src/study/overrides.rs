//! Changes from the command line.

use super::issue::{IssueKind, Issues};
use super::key;
use super::sections::SECTIONS;
use super::sweep::{self, Axis};
use super::tree::{self, Data, Entry, Node, Origin, Table};

/// A change of one key from the command line.
///
/// The value is read as TOML (`64`, `0.5`, `true`, `"text"`, `[1, 16]`, `{ max = 3 }`); a word that is none of it
/// counts as text, so that `--set scheduler.plugin=fifo` needs no quotes. The key may name a place in a list
/// (`mutators.0.weight`; the place after the last adds an entry) and an axis of the sweep
/// (`sweep.cluster.workers=[1, 16]`). A study without `[[mutators]]` has its default at `mutators.0`.
///
/// Setting a key that the study sweeps pins it: its axis is dropped. A key that cases set is pinned in all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    flag: String,
    assignment: Result<(String, String), String>,
}

impl Override {
    /// `--set KEY=VALUE`. A text without `=` becomes an issue of the study.
    pub fn set(assignment: &str) -> Self {
        let parts = key::split_assignment(assignment)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .ok_or_else(|| "expected KEY=VALUE".to_owned());
        Self { flag: format!("--set {assignment}"), assignment: parts }
    }

    /// A flag of its own that stands for a key: `Override::flag("--seed", "study.seed", "7")`.
    pub fn flag_for(flag: &str, key: &str, value: &str) -> Self {
        Self { flag: format!("{flag} {value}"), assignment: Ok((key.to_owned(), value.trim().to_owned())) }
    }

    /// The same change, shown in messages as this flag: one flag may set several keys.
    #[must_use]
    pub fn shown_as(mut self, flag: &str) -> Self {
        flag.clone_into(&mut self.flag);
        self
    }

    /// `--seed N`.
    pub fn seed(value: &str) -> Self {
        Self::flag_for("--seed", "study.seed", value)
    }

    /// `--replicates N`.
    pub fn replicates(value: &str) -> Self {
        Self::flag_for("--replicates", "study.replicates", value)
    }

    /// The flag as it was given: `--set cluster.workers=64`.
    pub fn flag(&self) -> &str {
        &self.flag
    }

    /// What [`Override::set`] makes the same change of, whatever flag it was: `study.seed=7`. `None` for a text that
    /// was no assignment, with which no study loads.
    pub fn assignment(&self) -> Option<String> {
        self.assignment.as_ref().ok().map(|(key, value)| format!("{key}={value}"))
    }
}

/// Applies the overrides one after another and takes the sweep out of the tree.
pub(super) fn apply(root: &mut Node, overrides: &[Override], issues: &mut Issues<'_>) -> Vec<Axis> {
    add_default_lists(root);
    let mut axes = Vec::new();
    if let Data::Table(table) = &mut root.data
        && let Some(at) = table.entries.iter().position(|entry| entry.key == "sweep")
    {
        let sweep = table.entries.remove(at);
        sweep::read(&[], &sweep, &mut axes, issues);
        // Cases are the slowest axis: in TOML they have to stand behind the plain keys of `[sweep]`.
        axes.sort_by_key(|axis| (axis.cases.is_none(), axis.key_origin));
    }
    for (index, change) in overrides.iter().enumerate() {
        let origin = Origin::Flag(index);
        let assignment = change.assignment.clone();
        let (path, value) = match assignment.and_then(|(key, value)| Ok((key::parse(&key)?, value))) {
            Ok(assignment) => assignment,
            Err(message) => {
                let help = "write --set cluster.workers=64, say".to_owned();
                issues.push(IssueKind::Override, origin, &[], &message, help);
                continue;
            }
        };
        let node = match tree::parse_value(&value, origin) {
            Ok(node) => node,
            Err(message) => {
                issues.push(IssueKind::Override, origin, &path, &message, None);
                continue;
            }
        };
        if path[0] == "sweep" {
            sweep::replace(&path[1..], origin, node, &mut axes, issues);
            continue;
        }
        axes.retain_mut(|axis| axis.pin(&path));
        if let Err(message) = tree::set(root, &path, origin, node) {
            issues.push(IssueKind::Override, origin, &path, &message, None);
        }
    }
    axes
}

/// Writes the default entries of lists into a study that lacks the list, so that `mutators.0` can be set and swept.
fn add_default_lists(root: &mut Node) {
    let Data::Table(table) = &mut root.data else { return };
    for section in SECTIONS {
        let Some(plugin) = section.default_entry else { continue };
        if table.get(section.name).is_none() {
            let origin = Origin::Default;
            let name =
                Entry { key: "plugin".to_owned(), key_origin: origin, node: Node::text(origin, plugin) };
            let entry = Node { origin, data: Data::Table(Table { entries: vec![name] }) };
            let node = Node { origin, data: Data::List(vec![entry]) };
            table.entries.push(Entry { key: section.name.to_owned(), key_origin: origin, node });
        }
    }
}
