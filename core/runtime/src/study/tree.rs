//! The study as a tree in which everything knows where it came from.

use super::issue::{IssueKind, Issues};
use super::key::KeyPath;
use super::words::{self, shortened};
use super::write::quoted;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a key or a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Bytes of the study's text.
    Text { start: usize, end: usize },
    /// An override, by its number.
    Flag(usize),
    /// Nowhere: the study's own default.
    Default,
}

/// A value with its origin.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) origin: Origin,
    pub(super) data: Data,
}

#[derive(Debug, Clone)]
pub(super) enum Data {
    /// Text, a number, true or false.
    Scalar(Value),
    /// A TOML value that has no place in a study; the text says why.
    Unfit(&'static str),
    List(Vec<Node>),
    Table(Table),
}

/// Keys in the order in which they were first written.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key was first written; an override of its value does not change it.
    pub(super) key_origin: Origin,
    pub(super) node: Node,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }
}

impl Node {
    pub(super) fn table(&self) -> Option<&Table> {
        if let Data::Table(table) = &self.data { Some(table) } else { None }
    }

    pub(super) fn text(origin: Origin, text: &str) -> Self {
        Self { origin, data: Data::Scalar(Value::from(text)) }
    }

    /// The node as JSON, or what cannot be said in JSON, with its path below this node.
    pub(super) fn json(&self) -> Result<Value, (KeyPath, Origin, &'static str)> {
        let below = |key: String| {
            move |(mut path, origin, why): (KeyPath, Origin, &'static str)| {
                path.insert(0, key);
                (path, origin, why)
            }
        };
        match &self.data {
            Data::Scalar(value) => Ok(value.clone()),
            Data::Unfit(why) => Err((Vec::new(), self.origin, why)),
            Data::List(items) => {
                let json = |(at, item): (usize, &Self)| item.json().map_err(below(at.to_string()));
                Ok(Value::Array(items.iter().enumerate().map(json).collect::<Result<_, _>>()?))
            }
            Data::Table(table) => {
                // Sorted, so that the same table gives the same JSON whatever the order of its keys, and whatever
                // serde_json's features.
                let mut entries: Vec<&Entry> = table.entries.iter().collect();
                entries.sort_by(|a, b| a.key.cmp(&b.key));
                let mut map = Map::new();
                for Entry { key, node, .. } in entries {
                    map.insert(key.clone(), node.json().map_err(below(key.clone()))?);
                }
                Ok(Value::Object(map))
            }
        }
    }

    /// What a message says was found here.
    pub(super) fn found(&self) -> String {
        match &self.data {
            Data::Scalar(value) => words::found(value),
            Data::Unfit(_) => "what cannot stand in a study".to_owned(),
            Data::List(_) => "a list".to_owned(),
            Data::Table(_) => "a table".to_owned(),
        }
    }
}

/// Parses the study's text; `None` if it is no TOML, with the reasons among the issues.
pub(super) fn parse(source: &super::Source, issues: &mut Issues<'_>) -> Option<Node> {
    let (root, mut errors) = DeTable::parse_recoverable(source.text());
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let mut last_line = None;
    let mut section_twice = false;
    for error in &errors {
        let (start, end) = error.span().map_or((0, 0), |span| (span.start, span.end));
        let before = source.text().get(..start).unwrap_or_default();
        // One mistake often breaks what follows it on its line, and all keys of a section that stands there twice.
        let line = before.matches('\n').count();
        let twice = error.message() == "duplicate key";
        if last_line.replace(line) == Some(line) || (twice && section_twice) {
            continue;
        }
        section_twice |= twice && before.ends_with('[');
        let (message, help) =
            syntax_message(error.message(), source.text().get(start..end).unwrap_or_default());
        issues.push(IssueKind::Syntax, Origin::Text { start, end }, &[], &message, help);
        if issues.is_full() {
            break;
        }
    }
    errors.is_empty().then(|| {
        let origin = Origin::Text { start: 0, end: 0 };
        Node { origin, data: table(root.get_ref(), None) }
    })
}

/// Parses the value of an override.
pub(super) fn parse_value(text: &str, origin: Origin) -> Result<Node, String> {
    match DeValue::parse(text) {
        Ok(value) => Ok(node(&value, Some(origin))),
        // What starts like a list, a table or a quoted text was meant to be one; anything else is a bare word.
        Err(error) if text.starts_with(['[', '{', '"', '\'']) => Err(syntax_message(error.message(), text).0),
        Err(_) => Ok(Node::text(origin, text)),
    }
}

/// The parser's words for what it found, where they can be plainer, and the cure.
fn syntax_message(message: &str, there: &str) -> (String, Option<String>) {
    if message == "duplicate key" {
        let help = "a key stands once in its section, and a section once in a study";
        return ("this was written before".to_owned(), Some(help.to_owned()));
    }
    let no_value = message.starts_with("string values must be quoted");
    if no_value && there.is_empty() {
        return ("a value is missing".to_owned(), Some("leave the key out for its default".to_owned()));
    }
    // The parser takes `nas-bench` for a misspelt `nan`.
    let word = there.starts_with(char::is_alphabetic) && message.starts_with("invalid ");
    let spelling = ["true", "false", "inf", "nan"].into_iter().find(|word| there.eq_ignore_ascii_case(word));
    if let (true, Some(spelling)) = (no_value || word, spelling) {
        return ("this is no value".to_owned(), Some(format!("write {spelling}")));
    }
    if no_value || word && !message.starts_with("invalid unquoted key") {
        let help = format!("text stands in quotes: {}", quoted(&shortened(there, 60)));
        return ("this is no value".to_owned(), Some(help));
    }
    (message.strip_suffix(", expected nothing").unwrap_or(message).to_owned(), None)
}

/// Converts a value; `origin` overrides the spans.
fn node(value: &Spanned<DeValue<'_>>, origin: Option<Origin>) -> Node {
    let span = value.span();
    let data = match value.get_ref() {
        DeValue::String(text) => Data::Scalar(Value::from(text.as_ref())),
        DeValue::Boolean(value) => Data::Scalar(Value::from(*value)),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Data::Scalar(Value::from(integer)),
            Err(_) => Data::Unfit("whole numbers end at 9223372036854775807"),
        },
        // serde_json makes no number of what is not finite.
        DeValue::Float(float) => match float.as_str().parse().ok().and_then(serde_json::Number::from_f64) {
            Some(float) => Data::Scalar(Value::from(float)),
            None => Data::Unfit("inf and nan cannot stand in a study"),
        },
        DeValue::Datetime(_) => Data::Unfit("dates and times cannot stand in a study; write text in quotes"),
        DeValue::Array(items) => Data::List(items.iter().map(|item| node(item, origin)).collect()),
        DeValue::Table(inner) => table(inner, origin),
    };
    Node { origin: origin.unwrap_or(Origin::Text { start: span.start, end: span.end }), data }
}

fn table(table: &DeTable<'_>, origin: Option<Origin>) -> Data {
    let entry = |(key, value): (&Spanned<toml::de::DeString<'_>>, &Spanned<DeValue<'_>>)| Entry {
        key: key.get_ref().to_string(),
        key_origin: origin.unwrap_or(Origin::Text { start: key.span().start, end: key.span().end }),
        node: node(value, origin),
    };
    let mut entries: Vec<Entry> = table.iter().map(entry).collect();
    // The parser's map is sorted by name; the sweep needs the order of the text.
    entries.sort_by_key(|entry| entry.key_origin);
    Data::Table(Table { entries })
}

/// Puts a value at a path, making tables on the way. A number is a place in a list; the one after the last adds to
/// it. Keys that are new get `key_origin`.
pub(super) fn set(root: &mut Node, path: &[String], key_origin: Origin, value: Node) -> Result<(), String> {
    let mut here = root;
    for (at, segment) in path.iter().enumerate() {
        let parent = || super::key::display(&path[..at]);
        let found = here.found();
        // What a new key holds until the rest of the path fills it.
        let next = || {
            let list = path.get(at + 1).is_some_and(|next| next.parse::<usize>().is_ok());
            let data = if list { Data::List(Vec::new()) } else { Data::Table(Table::default()) };
            Node { origin: key_origin, data }
        };
        here = match &mut here.data {
            Data::Table(table) => {
                let found = table.entries.iter().position(|entry| entry.key == *segment);
                let index = found.unwrap_or(table.entries.len());
                if found.is_none() {
                    table.entries.push(Entry { key: segment.clone(), key_origin, node: next() });
                }
                &mut table.entries[index].node
            }
            Data::List(items) => {
                let index = segment.parse::<usize>().ok().filter(|&index| index <= items.len());
                let Some(index) = index else {
                    let (list, count) = (parent(), items.len());
                    return Err(format!(
                        "`{list}` is a list of {count}; what can be added next is `{list}.{count}`"
                    ));
                };
                if index == items.len() {
                    items.push(next());
                }
                &mut items[index]
            }
            Data::Scalar(_) | Data::Unfit(_) => {
                return Err(format!("`{}` is {found}, so it has no key `{segment}`", parent()));
            }
        };
    }
    *here = value;
    Ok(())
}

/// The origin of what stands at a path, or of the nearest thing around it that is written somewhere.
pub(super) fn nearest(root: &Node, path: &[String]) -> Origin {
    let mut here = root;
    let mut origin = Origin::Default;
    for segment in path {
        let inner = match &here.data {
            Data::Table(table) => table.get(segment),
            Data::List(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
            Data::Scalar(_) | Data::Unfit(_) => None,
        };
        let Some(inner) = inner else { break };
        if inner.origin != Origin::Default {
            origin = inner.origin;
        }
        here = inner;
    }
    origin
}
