//! Cases: an axis of the sweep whose values each set several keys together.
//!
//! A space comes with its evaluator and its population; the product of a list of spaces with a list of evaluators
//! would be mostly nonsense. So a study may list named **cases**, each a set of keys with their values:
//!
//! ```toml
//! [[sweep.case]]
//! name = "ATTN"
//! space = { plugin = "candle-attn", size = "small" }
//! "strategy.population" = 50
//! ```
//!
//! A case is laid over the study key by key, as `--set` would, so the study keeps what its cases have in common. The
//! alternative, a list of files that inherit from one another, makes several studies of what is one, and several
//! reports of what should stand side by side.

use super::issue::{IssueKind, Issues};
use super::key::{self, KeyPath, MAX_PARTS};
use super::sweep::{Axis, overlap, shown};
use super::tree::{self, Data, Entry, Node, Origin};
use super::write;
use serde_json::Value;

/// The key of the axis below `[sweep]`.
pub(super) const CASE: &str = "case";

/// One key that a case sets.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) path: KeyPath,
    pub(super) key_origin: Origin,
    pub(super) node: Node,
}

/// Reads `[[sweep.case]]`; the axis' values are the cases' names.
pub(super) fn read(entry: &Entry, items: &[Node], issues: &mut Issues<'_>) -> Axis {
    let mut axis = Axis {
        path: vec![CASE.to_owned()],
        key_origin: entry.key_origin,
        values: Vec::new(),
        cases: Some(Vec::new()),
    };
    for item in items {
        let Data::Table(table) = &item.data else {
            let message = format!("expected a table, found {}", item.found());
            let help = "write [[sweep.case]] with a name and the case's keys on the lines below".to_owned();
            issues.push(IssueKind::Sweep, item.origin, &shown(&axis.path), &message, help);
            continue;
        };
        let name = table.get("name");
        match name.map(|name| &name.data) {
            Some(Data::Scalar(Value::String(word))) if !word.trim().is_empty() => {}
            other => {
                let message = match (other, name) {
                    (Some(_), Some(name)) => format!("expected the case's name, found {}", name.found()),
                    _ => "the case has no name".to_owned(),
                };
                let help = "write name = \"...\"; the name is the point's in results and reports".to_owned();
                let origin = name.map_or(item.origin, |name| name.origin);
                issues.push(IssueKind::Sweep, origin, &shown(&axis.path), &message, help);
                continue;
            }
        }
        let mut leaves = Vec::new();
        for inner in table.entries.iter().filter(|inner| inner.key != "name") {
            collect(&[], inner, &mut leaves, issues);
        }
        // `name` was found above.
        axis.values.extend(name.cloned());
        if let Some(cases) = &mut axis.cases {
            cases.push(leaves);
        }
    }
    axis
}

/// The keys below an entry, table by table.
fn collect(path: &[String], entry: &Entry, leaves: &mut Vec<Leaf>, issues: &mut Issues<'_>) {
    let segments = match key::parse(&entry.key) {
        Ok(segments) if path.len() + segments.len() <= MAX_PARTS => segments,
        Ok(_) => {
            let message = format!("the key has more than {MAX_PARTS} parts");
            return issues.push(IssueKind::Sweep, entry.key_origin, &shown(&[]), &message, None);
        }
        Err(message) => {
            let message = format!("{}: {message}", write::quoted(&entry.key));
            return issues.push(IssueKind::Sweep, entry.key_origin, &shown(path), &message, None);
        }
    };
    let path = [path, &segments].concat();
    match &entry.node.data {
        Data::Table(table) if !table.entries.is_empty() => {
            for inner in &table.entries {
                collect(&path, inner, leaves, issues);
            }
        }
        _ => leaves.push(Leaf { path, key_origin: entry.key_origin, node: entry.node.clone() }),
    }
}

impl Axis {
    /// Sets this axis' value number `at` into a tree.
    pub(super) fn set(&self, root: &mut Node, at: usize, issues: &mut Issues<'_>) {
        let mut put = |path: &KeyPath, origin, node: &Node| {
            if let Err(message) = tree::set(root, path, origin, node.clone()) {
                issues.push(IssueKind::Sweep, origin, &shown(path), &message, None);
            }
        };
        match &self.cases {
            Some(cases) => {
                for leaf in cases.get(at).into_iter().flatten() {
                    put(&leaf.path, leaf.key_origin, &leaf.node);
                }
            }
            None => {
                if let Some(node) = self.values.get(at) {
                    put(&self.path, self.key_origin, node);
                }
            }
        }
    }

    /// Every key that it sets, each once, with the place where it is first written.
    pub(super) fn keys(&self) -> Vec<(&KeyPath, Origin)> {
        let Some(cases) = &self.cases else { return vec![(&self.path, self.key_origin)] };
        let mut keys: Vec<(&KeyPath, Origin)> = Vec::new();
        for leaf in cases.iter().flatten() {
            if !keys.iter().any(|(known, _)| **known == leaf.path) {
                keys.push((&leaf.path, leaf.key_origin));
            }
        }
        keys
    }

    /// Gives up the keys that a path from the command line pins; whether the axis still varies anything.
    pub(super) fn pin(&mut self, path: &[String]) -> bool {
        match &mut self.cases {
            Some(cases) => {
                for case in cases.iter_mut() {
                    case.retain(|leaf| !overlap(&leaf.path, path));
                }
                true
            }
            None => !overlap(&self.path, path),
        }
    }
}
