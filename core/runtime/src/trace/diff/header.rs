//! What differs in what two traces say of themselves.

use super::points::{Pair, pairs};
use crate::trace::header::TraceHeader;
use serde::Serialize;
use serde_json::Value;

/// What a part of the header is about, in the order in which it is told: what was asked for, what it was done with, and
/// by which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// The version of the trace's tables.
    Schema,
    /// What the study says, once it is resolved.
    Settings,
    /// Points that only one of the traces has.
    Points,
    /// What a search space says of itself.
    Space,
    /// What an evaluator says of itself.
    Evaluator,
    /// A plugin's version or hash.
    Plugin,
    /// The data behind the scores.
    Data,
    /// The release.
    Lamarck,
    /// The commit it was built from.
    Commit,
}

/// A part of the header that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeaderDifference {
    /// What it is about.
    pub aspect: Aspect,
    /// Which: `seed`, `cluster.workers`, `strategy regularized-evolution`.
    pub field: String,
    /// The points of the first trace at which it differs, where these are not all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<u32>,
    /// What the first trace has.
    pub a: String,
    /// What the second has.
    pub b: String,
}

/// A value is shown so far.
const SHOWN: usize = 120;

/// Compares two headers: all that decides about what is in a trace, and nothing of how far its runs are.
pub fn headers(a: &TraceHeader, b: &TraceHeader) -> Vec<HeaderDifference> {
    let mut found = Vec::new();
    let mut compare = |aspect: Aspect, field: &str, a: Option<String>, b: Option<String>| {
        if a != b {
            found.push(HeaderDifference {
                aspect,
                field: field.to_owned(),
                points: Vec::new(),
                a: text(a),
                b: text(b),
            });
        }
    };
    let both = |of: &dyn Fn(&TraceHeader) -> String| (Some(of(a)), Some(of(b)));
    let (then, now) = both(&|header| header.schema.to_string());
    compare(Aspect::Schema, "trace schema", then, now);
    let (then, now) = both(&|header| header.lamarck.clone());
    compare(Aspect::Lamarck, "lamarck", then, now);
    compare(Aspect::Commit, "commit", a.commit.clone(), b.commit.clone());
    compare(Aspect::Settings, "replay of", a.replay_of.clone(), b.replay_of.clone());
    let (then, now) = both(&|header| header.seed.to_string());
    compare(Aspect::Settings, "seed", then, now);
    let (then, now) = both(&|header| header.replicates.to_string());
    compare(Aspect::Settings, "replicates", then, now);
    listed(Aspect::Plugin, &plugins(a), &plugins(b), &mut compare);
    listed(Aspect::Data, &data(a), &data(b), &mut compare);
    let pairs = pairs(a, b);
    for pair in &pairs {
        let one_sided = match pair {
            Pair::Both(..) => continue,
            Pair::OnlyA(point) => (Some(label(a, *point)), None),
            Pair::OnlyB(point) => (None, Some(label(b, *point))),
        };
        compare(Aspect::Points, "point", one_sided.0, one_sided.1);
    }
    found.extend(at_points(a, b, &pairs));
    found.sort_by_key(|difference| difference.aspect);
    found
}

fn text(side: Option<String>) -> String {
    side.unwrap_or_else(|| "absent".to_owned())
}

/// A point, for people.
fn label(header: &TraceHeader, point: u32) -> String {
    match header.points.get(point as usize).map(|point| point.label.as_str()) {
        None | Some("") => point.to_string(),
        Some(label) => format!("{point}: {label}"),
    }
}

fn plugins(header: &TraceHeader) -> Vec<(String, String)> {
    let plugin = |plugin: &crate::trace::PluginHeader| {
        let name = format!("{} {}", plugin.kind, plugin.name);
        (name, format!("{} {}, {}", plugin.library, plugin.version, plugin.hash))
    };
    header.plugins.iter().map(plugin).collect()
}

fn data(header: &TraceHeader) -> Vec<(String, String)> {
    header.sources.iter().map(|data| (data.name.clone(), data.checksum.clone())).collect()
}

/// Compares two lists by their names. A name may occur more than once.
fn listed(
    aspect: Aspect,
    a: &[(String, String)],
    b: &[(String, String)],
    compare: &mut impl FnMut(Aspect, &str, Option<String>, Option<String>),
) {
    let mut names: Vec<&String> = a.iter().chain(b).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of = |list: &[(String, String)]| {
            let all: Vec<&str> =
                list.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect();
            (!all.is_empty()).then(|| all.join("; "))
        };
        compare(aspect, name, of(a), of(b));
    }
}

/// What differs at points that both have, each difference once.
fn at_points(a: &TraceHeader, b: &TraceHeader, pairs: &[Pair]) -> Vec<HeaderDifference> {
    let mut found: Vec<HeaderDifference> = Vec::new();
    let mut compared = 0;
    for pair in pairs {
        let Pair::Both(in_a, in_b) = *pair else { continue };
        compared += 1;
        let mut add = |aspect: Aspect, field: String, then: String, now: String| {
            // Said of the whole study already.
            let said = |key: &str, value: fn(&TraceHeader) -> String| {
                field == key && then == value(a) && now == value(b)
            };
            if said("study.seed", |header| header.seed.to_string())
                || said("study.replicates", |header| header.replicates.to_string())
            {
                return;
            }
            let same = |known: &&mut HeaderDifference| {
                (known.aspect, &known.field, &known.a, &known.b) == (aspect, &field, &then, &now)
            };
            if let Some(known) = found.iter_mut().find(same) {
                known.points.push(in_a);
            } else {
                found.push(HeaderDifference { aspect, field, points: vec![in_a], a: then, b: now });
            }
        };
        let study = |header: &TraceHeader, point: u32| {
            header.points.get(point as usize).map(|point| point.study.clone())
        };
        let mut keys =
            |field: &str, then: String, now: String| add(Aspect::Settings, field.to_owned(), then, now);
        differing("", study(a, in_a).as_ref(), study(b, in_b).as_ref(), &mut keys);
        // A description that cannot be written as JSON was not read from JSON either.
        let space = |header: &TraceHeader, point| serde_json::to_value(header.space(point)?).ok();
        let mut keys =
            |field: &str, then: String, now: String| add(Aspect::Space, format!("space {field}"), then, now);
        differing("", space(a, in_a).as_ref(), space(b, in_b).as_ref(), &mut keys);
        let evaluator = |header: &TraceHeader, point| {
            let mut value = serde_json::to_value(header.evaluator(point)?).ok()?;
            // The data are compared by themselves, and notes are prose about what options say.
            value.as_object_mut()?.retain(|key, _| key != "sources" && key != "notes");
            Some(value)
        };
        let mut keys = |field: &str, then: String, now: String| {
            add(Aspect::Evaluator, format!("evaluator {field}"), then, now);
        };
        differing("", evaluator(a, in_a).as_ref(), evaluator(b, in_b).as_ref(), &mut keys);
    }
    for difference in &mut found {
        if difference.points.len() == compared {
            difference.points.clear();
        }
    }
    found
}

/// Goes down to the values that differ: `cluster.workers`.
fn differing(path: &str, a: Option<&Value>, b: Option<&Value>, found: &mut impl FnMut(&str, String, String)) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (a, b) {
        _ if a == b => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                differing(&below(key), a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differing(&below(&at.to_string()), Some(a), Some(b), found);
            }
        }
        _ => {
            let show = |value: Option<&Value>| text(value.map(|value| shortened(&value.to_string())));
            found(if path.is_empty() { "whole" } else { path }, show(a), show(b));
        }
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain("..".chars()).collect()
}
