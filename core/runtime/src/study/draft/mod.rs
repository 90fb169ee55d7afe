//! New studies: a text to edit, in which every key that counts stands with its default and what it means.
//!
//! A draft is a study's tree in which a few keys are set, by flags of the command line or by a study that is there already. It
//! is written with everything else commented out: **the text runs as it is, and uncommenting any key changes nothing** until its
//! value is edited. Both are tested, for all spaces and for all built-in studies. So whoever edits sees which keys there are,
//! what they may be and what they are now, without a second window; the keys and their words come from the same table
//! and manifests as the checker's messages.
//!
//! A key that is commented out has no blank behind its `#`, prose has one, as in the configuration files of many servers.
//! A key without a value (TOML has no null) is prose.

mod lines;

use super::inventory::{Described, Inventory};
use super::issue::{Issues, StudyError};
use super::key::{self, segment_text};
use super::schema::SCHEMA_LINE;
use super::sections::{SECTIONS, SectionSpec};
use super::source::Source;
use super::sweep::{self, Axis};
use super::tree::{self, Data, Node, Origin, Table};
use super::{words, write};
use lamarck_model::options::OptionInfo;
use lines::{key_line, prose, unset_line};
use serde_json::Value;
use std::fmt::Write as _;

/// A study to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    root: Node,
    comment: Vec<String>,
}

/// How a draft is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct DraftSettings {
    /// Whether sections that most studies leave alone are written out, and what else could be chosen.
    pub full: bool,
    /// Whether the first line names the schema's file.
    pub schema: bool,
}

/// A draft as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    /// The text.
    pub text: String,
    /// Options that have no default and were not set: the text has a value for them that fits their type, and whoever
    /// edits it has to know a better one. Dotted keys.
    pub to_fill: Vec<String>,
}

/// Sections that are left out unless they are asked for, or set.
const RARE: [&str; 4] = ["plugins", "scheduler", "transfer", "trace"];

impl Default for Draft {
    fn default() -> Self {
        Self::new()
    }
}

impl Draft {
    /// A study in which nothing is set.
    pub fn new() -> Self {
        Self {
            root: Node { origin: Origin::Default, data: Data::Table(Table::default()) },
            comment: Vec::new(),
        }
    }

    /// A study that is there already: its keys are set, its sweep too, and of its comments those at the top are kept.
    /// Its name is not, since a copy with the name of the original would write into its folder.
    ///
    /// # Errors
    /// When it is no TOML.
    pub fn of(source: &Source) -> Result<Self, StudyError> {
        let mut issues = Issues::new(source, &[]);
        let Some(mut root) = tree::parse(source, &mut issues) else { return Err(issues.into_error()) };
        if let Data::Table(table) = &mut root.data
            && let Some(study) = table.entries.iter_mut().find(|entry| entry.key == "study")
            && let Data::Table(study) = &mut study.node.data
        {
            study.entries.retain(|entry| entry.key != "name");
        }
        let top = source.text().lines().take_while(|line| line.starts_with('#'));
        let comment = top.filter(|line| !line.starts_with("#:")).map(words::printable).collect();
        Ok(Self { root, comment })
    }

    /// Sets a key: `strategy.plugin`, `mutators.0.plugin`. The value is read as that of an [`Override`](super::Override) is.
    ///
    /// # Errors
    /// When the key is none, or below something that has no keys, or the value is not TOML.
    pub fn set(&mut self, dotted: &str, value: &str) -> Result<(), String> {
        let path = key::parse(dotted)?;
        let node = tree::parse_value(value, Origin::Default)?;
        tree::set(&mut self.root, &path, Origin::Default, node)
    }

    /// Writes the study.
    pub fn write(&self, components: &Inventory, settings: DraftSettings) -> Drafted {
        let source = Source::new("", "");
        let mut issues = Issues::new(&source, &[]);
        let mut axes = Vec::new();
        let empty = Table::default();
        let root = self.root.table().unwrap_or(&empty);
        if let Some(entry) = root.entries.iter().find(|entry| entry.key == "sweep") {
            sweep::read(&[], entry, &mut axes, &mut issues);
        }
        let mut writer = Writer { components, settings, axes, text: String::new(), to_fill: Vec::new() };
        writer.head(&self.comment);
        for spec in SECTIONS {
            writer.section(spec, root.get(spec.name));
        }
        writer.sweep();
        writer.left_out(root);
        Drafted { text: writer.text, to_fill: writer.to_fill }
    }
}

struct Writer<'a> {
    components: &'a Inventory,
    settings: DraftSettings,
    axes: Vec<Axis>,
    text: String,
    to_fill: Vec<String>,
}

impl Writer<'_> {
    fn head(&mut self, comment: &[String]) {
        if self.settings.schema {
            self.text += SCHEMA_LINE;
            self.text += "\n";
        }
        for line in comment {
            self.text += line;
            self.text += "\n";
        }
        if !comment.is_empty() {
            self.text += "#\n";
        }
        prose(
            &mut self.text,
            "Lines that begin with # and a key show its default: take the # away and change the value. Try it with \
             `lamarck run --dry-run`, which writes nothing.",
        );
    }

    /// Writes to the text, which does not fail.
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    /// The keys of the sweep at or below a path, dotted.
    fn swept(&self, path: &str) -> bool {
        let inside =
            |key: &str| key == path || key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        self.axes.iter().flat_map(Axis::keys).any(|(path, _)| inside(&key::display(path)))
    }

    /// Whether the sweep decides which component a table chooses: `space`, or `mutators.0`.
    fn plugin_is_swept(&self, section: &str, table: &str) -> bool {
        let keys = [section.to_owned(), table.to_owned(), format!("{table}.plugin")];
        self.axes.iter().flat_map(Axis::keys).any(|(path, _)| keys.contains(&key::display(path)))
    }

    fn section(&mut self, spec: &SectionSpec, node: Option<&Node>) {
        let empty = Table::default();
        if spec.list {
            let entries = match node.map(|node| &node.data) {
                Some(Data::List(entries)) => entries.as_slice(),
                _ => &[],
            };
            if entries.is_empty() {
                self.default_entry(spec);
            }
            for (at, entry) in entries.iter().enumerate() {
                self.table(spec, &format!("{}.{at}", spec.name), entry.table().unwrap_or(&empty));
            }
            if self.settings.full || entries.is_empty() && spec.default_entry.is_none() {
                self.others(spec, node);
            }
            return;
        }
        if node.is_none() && !self.settings.full && (RARE.contains(&spec.name)) {
            return;
        }
        let table = node.and_then(Node::table).unwrap_or(&empty);
        self.table(spec, spec.name, table);
        if self.settings.full {
            self.others(spec, node);
        }
    }

    /// The entry that a study without the list has, written out.
    fn default_entry(&mut self, spec: &SectionSpec) {
        let Some(plugin) = spec.default_entry else { return };
        if self.plugin_is_swept(spec.name, spec.name) {
            return;
        }
        let name = tree::Entry {
            key: "plugin".to_owned(),
            key_origin: Origin::Default,
            node: Node::text(Origin::Default, plugin),
        };
        self.table(spec, &format!("{}.0", spec.name), &Table { entries: vec![name] });
    }

    /// One table: the section's own keys, then the component's options.
    fn table(&mut self, spec: &SectionSpec, path: &str, table: &Table) {
        let own: Vec<OptionInfo> = spec.keys.iter().map(OptionInfo::from).collect();
        let plugin = own.iter().find(|key| key.name == "plugin");
        let named = table.get("plugin").and_then(|node| match &node.data {
            Data::Scalar(Value::String(name)) => Some(name.as_str()),
            _ => None,
        });
        let named = named.or_else(|| plugin.and_then(|plugin| plugin.default.as_str()));
        let swept = self.plugin_is_swept(spec.name, path);
        let component = spec
            .component
            .zip(named)
            .filter(|_| !swept)
            .and_then(|(kind, name)| self.components.get(kind, name));
        self.line("");
        let help = component.map_or(spec.help, |component| component.summary.as_str());
        prose(&mut self.text, help);
        if swept && table.entries.is_empty() {
            prose(&mut self.text, &format!("{} is chosen in the sweep below.", spec.header()));
            return;
        }
        self.line(&spec.header());
        for key in &own {
            // What the sweep chooses has no default here: a key that is nobody's would be wrong.
            if key.name == "plugin" && swept && table.get("plugin").is_none() {
                continue;
            }
            self.key(path, key, table);
        }
        let options = component.map_or(&[][..], |component| component.options.as_slice());
        for option in options {
            self.key(path, option, table);
        }
        // Options of a component that the sweep chooses, or that is not there: as they were set.
        for entry in &table.entries {
            let known = own.iter().chain(options).any(|option| option.name == entry.key);
            if !known && let Ok(value) = entry.node.json() {
                self.line(&format!("{} = {}", segment_text(&entry.key), write::inline(&value)));
            }
        }
    }

    /// One key: set, commented out with its default, or without a value.
    fn key(&mut self, path: &str, option: &OptionInfo, table: &Table) {
        let full = format!("{path}.{}", segment_text(&option.name));
        if let Some(value) = table.get(&option.name).and_then(|node| node.json().ok()) {
            key_line(&mut self.text, "", option, &value);
        } else if !option.required && write::expressible(&option.default) {
            // The component that a section has by default is what the study runs with, and worth seeing.
            let shown = if option.name == "plugin" { "" } else { "#" };
            key_line(&mut self.text, shown, option, &option.default);
        } else if !option.required || self.swept(&full) {
            let swept = self.swept(&full);
            unset_line(&mut self.text, option, swept);
        } else if option.name != "plugin" {
            let value = placeholder(option);
            self.to_fill.push(full);
            key_line(&mut self.text, "", option, &value);
        }
    }

    /// What else could be chosen, in a line each.
    fn others(&mut self, spec: &SectionSpec, node: Option<&Node>) {
        let Some(kind) = spec.component else { return };
        let chosen = |component: &&Described| {
            let names = |table: &Table| {
                table.get("plugin").and_then(|node| node.json().ok()) == Some(component.name.as_str().into())
            };
            match node.map(|node| &node.data) {
                Some(Data::Table(table)) => names(table),
                Some(Data::List(entries)) => entries.iter().filter_map(Node::table).any(names),
                _ => false,
            }
        };
        let others: Vec<&Described> =
            self.components.of(kind).filter(|component| !chosen(component)).collect();
        if others.is_empty() {
            return;
        }
        self.line("");
        let verb = if spec.list { "There could be" } else { "It could also be" };
        let header = spec.header();
        prose(&mut self.text, &format!("{header}: {}. {verb}:", spec.help));
        for component in others {
            prose(&mut self.text, &format!("  {}: {}", component.name, component.summary));
        }
    }

    /// The sweep, in the order of the study: axes, then cases, as TOML wants them.
    fn sweep(&mut self) {
        let axes = std::mem::take(&mut self.axes);
        let plain: Vec<&Axis> = axes.iter().filter(|axis| axis.cases.is_none()).collect();
        if axes.is_empty() && !self.settings.full {
            return;
        }
        self.line("");
        prose(&mut self.text, "keys and the values to try: every combination is a point of the study");
        if axes.is_empty() {
            self.line("#[sweep]");
            prose(&mut self.text, "\"cluster.workers\" = [1, 16, 64]");
            return;
        }
        if !plain.is_empty() {
            self.line("[sweep]");
        }
        for axis in plain {
            let values: Vec<Value> = axis.values.iter().filter_map(|node| node.json().ok()).collect();
            self.line(&format!(
                "{} = {}",
                write::quoted(&key::display(&axis.path)),
                write::inline(&values.into())
            ));
        }
        for axis in &axes {
            for (name, leaves) in axis.values.iter().zip(axis.cases.iter().flatten()) {
                self.line("");
                self.line("[[sweep.case]]");
                self.line(&format!("name = {}", write::inline(&name.json().unwrap_or_default())));
                for leaf in leaves {
                    let Ok(value) = leaf.node.json() else { continue };
                    self.line(&format!(
                        "{} = {}",
                        write::quoted(&key::display(&leaf.path)),
                        write::inline(&value)
                    ));
                }
            }
        }
        self.axes = axes;
    }

    /// Names the sections that are not there.
    fn left_out(&mut self, root: &Table) {
        let names: Vec<String> = SECTIONS
            .iter()
            .filter(|spec| RARE.contains(&spec.name) && root.get(spec.name).is_none())
            .map(SectionSpec::header)
            .collect();
        if self.settings.full || names.is_empty() {
            return;
        }
        self.line("");
        let sweep = if self.axes.is_empty() { " and [sweep]" } else { "" };
        let text =
            format!("Not written here: {}{sweep}; `lamarck studies new --full` does.", names.join(", "));
        prose(&mut self.text, &text);
    }
}

/// A value that fits the type of an option that has no default.
fn placeholder(option: &OptionInfo) -> Value {
    match option.kind.as_str() {
        "bool" => false.into(),
        "integer" => option.min.clone().map_or_else(
            || 0.into(),
            |min| {
                // The least is right more often than not, unless it is the least that there is.
                if min.as_i64() == Some(i64::MIN) { 0.into() } else { min.into() }
            },
        ),
        "float" => option.min.clone().map_or_else(|| 0.0.into(), Value::from),
        "choice" => option.words.first().map_or_else(|| "".into(), |word| word.as_str().into()),
        _ => "".into(),
    }
}
