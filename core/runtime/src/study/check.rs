//! The checker: one sweep point's tree becomes [`Settings`], or issues.

use super::components::Components;
use super::issue::{IssueKind, Issues};
use super::key::KeyPath;
use super::sections::{MAX_ENTRIES, SECTIONS, SectionSpec};
use super::settings::{AnalyzerChoice, ComponentChoice, MutatorChoice, SchedulerChoice, Settings};
use super::source::is_study_name;
use super::tree::{Data, Entry, Node, Origin, Table, nearest as origin_at};
use super::words::{a_kind, expectation, found, listed, nearest, purpose, shortened};
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Checks one point.
pub(super) struct Checker<'c, 'i, 'a> {
    components: &'c dyn Components,
    issues: &'i mut Issues<'a>,
}

/// A checked section.
#[derive(Default)]
struct Section {
    /// The section's own keys.
    own: Map<String, Value>,
    /// The component's options.
    options: Map<String, Value>,
}

impl<'c, 'i, 'a> Checker<'c, 'i, 'a> {
    pub(super) fn new(components: &'c dyn Components, issues: &'i mut Issues<'a>) -> Self {
        Self { components, issues }
    }

    /// The point's settings, if nothing was found wrong at this point or an earlier one.
    pub(super) fn resolve(&mut self, root: &Node) -> Option<Settings> {
        let empty = Table::default();
        let root_table = root.table().unwrap_or(&empty);
        self.unknown_sections(root_table);
        let sections: Vec<Vec<Section>> =
            SECTIONS.iter().map(|spec| self.section(spec, root_table.get(spec.name))).collect();
        self.check_name(root);
        self.check_plugin_path(root);
        self.check_budget(root_table);
        if !self.issues.is_empty() {
            return None;
        }
        let mut sections = SECTIONS.iter().map(|spec| spec.name).zip(sections).collect::<Vec<_>>();
        match settings(&mut sections, self.issues.source().stem()) {
            Ok(settings) => Some(settings),
            // The table of sections and the structs disagree; a test keeps them together.
            Err(error) => {
                self.issues.push(IssueKind::Value, Origin::Default, &[], &error.to_string(), None);
                None
            }
        }
    }

    fn unknown_sections(&mut self, root: &Table) {
        for entry in &root.entries {
            if SECTIONS.iter().any(|spec| spec.name == entry.key) {
                continue;
            }
            let path = [entry.key.clone()];
            // `workers = 4` above all sections.
            let (message, help) = if let (None, Some(owner)) = (entry.node.table(), owner(&entry.key)) {
                ("every key stands in a section", format!("write it below {}", owner.header()))
            } else {
                let known = SECTIONS.iter().map(|spec| spec.name).chain(["sweep"]);
                ("unknown section", did_you_mean(&entry.key, "sections", known))
            };
            self.issues.push(IssueKind::UnknownKey, entry.key_origin, &path, message, help);
        }
    }

    /// Checks a section, or every entry of a list of sections.
    fn section(&mut self, spec: &SectionSpec, node: Option<&Node>) -> Vec<Section> {
        let path = vec![spec.name.to_owned()];
        let empty = Table::default();
        let Some(node) = node else {
            return if spec.list {
                Vec::new()
            } else {
                vec![self.table(spec, &path, &empty, Origin::Default)]
            };
        };
        match (&node.data, spec.list) {
            (Data::Table(table), false) => vec![self.table(spec, &path, table, node.origin)],
            (Data::List(entries), true) => {
                let wrong_length = if entries.is_empty() && spec.default_entry.is_some() {
                    Some("at least one is needed".to_owned())
                } else if entries.len() > MAX_ENTRIES {
                    Some(format!("{} are more than {MAX_ENTRIES}", entries.len()))
                } else {
                    None
                };
                if let Some(message) = wrong_length {
                    let help =
                        spec.default_entry.map(|name| format!("leave it out for the default `{name}`"));
                    self.issues.push(IssueKind::Value, node.origin, &path, &message, help);
                    return Vec::new();
                }
                let mut sections = Vec::new();
                for (at, entry) in entries.iter().enumerate() {
                    let path = [path[0].clone(), at.to_string()];
                    match &entry.data {
                        Data::Table(table) => sections.push(self.table(spec, &path, table, entry.origin)),
                        _ => self.wrong_shape(spec, &path, entry),
                    }
                }
                sections
            }
            _ => {
                self.wrong_shape(spec, &path, node);
                Vec::new()
            }
        }
    }

    fn wrong_shape(&mut self, spec: &SectionSpec, path: &[String], node: &Node) {
        let found = node.found();
        let shape = if spec.list && path.len() == 1 { "a list of tables" } else { "a table" };
        let message = format!("expected {shape}, found {found}");
        let help = format!("write it as {} with its keys on the lines below", spec.header());
        self.issues.push(IssueKind::Value, node.origin, path, &message, help);
    }

    /// Checks one table: the section's own keys and, if it chooses a component, the component's options.
    fn table(&mut self, spec: &SectionSpec, path: &[String], table: &Table, origin: Origin) -> Section {
        let own: Vec<OptionInfo> = spec.keys.iter().map(OptionInfo::from).collect();
        let mut section = Section { own: self.keys(path, table, origin, &own), options: Map::new() };
        let Some(kind) = spec.component else {
            self.unknown_keys(path, table, &own, &spec.header());
            return section;
        };
        // A missing or misspelt plugin is one mistake; its options are not a second one.
        let Some(name) = section.own.get("plugin").and_then(Value::as_str).map(str::to_owned) else {
            return section;
        };
        let Some(options) = self.options(kind, &name, path, table) else { return section };
        if let Some(clash) = options.iter().find(|option| own.iter().any(|own| own.name == option.name)) {
            let message =
                format!("the {kind} `{name}` has an option `{}`, a key of the study itself", clash.name);
            let help = "its author must give the option another name".to_owned();
            self.issues.push(IssueKind::UnknownComponent, origin, path, &message, help);
            return section;
        }
        section.options = self.keys(path, table, origin, &options);
        let all: Vec<OptionInfo> = own.into_iter().chain(options).collect();
        self.unknown_keys(path, table, &all, &format!("the {kind} `{}`", shortened(&name, 60)));
        section
    }

    /// The options of the component that a section names.
    fn options(&mut self, kind: Kind, name: &str, path: &[String], table: &Table) -> Option<Vec<OptionInfo>> {
        let not_found = match self.components.options(kind, name) {
            Ok(options) => return Some(options),
            Err(not_found) => not_found,
        };
        let mut path = path.to_vec();
        path.push("plugin".to_owned());
        let origin = table.get("plugin").map_or(Origin::Default, |node| node.origin);
        let other = Kind::ALL
            .into_iter()
            .find(|&other| other != kind && self.components.options(other, name).is_ok());
        let known = not_found.known.iter().map(String::as_str);
        let help = if let Some(other) = other {
            format!("`{name}` is {}; known are {}", a_kind(other), listed(known))
        } else if not_found.known.is_empty() {
            format!("no plugin that provides {} was found; see `lamarck plugins path`", a_kind(kind))
        } else {
            did_you_mean(name, "names", known)
        };
        let message = format!("there is no {kind} `{}`", shortened(name, 60));
        self.issues.push(IssueKind::UnknownComponent, origin, &path, &message, help);
        None
    }

    /// Checks the values of these options and fills in their defaults, in the order of the declaration.
    fn keys(
        &mut self,
        path: &[String],
        table: &Table,
        origin: Origin,
        options: &[OptionInfo],
    ) -> Map<String, Value> {
        let mut map = Map::new();
        for option in options {
            let path: KeyPath = path.iter().cloned().chain([option.name.clone()]).collect();
            let value = match table.get(&option.name) {
                Some(node) => self.value(&path, node, option),
                None if option.required => {
                    self.missing(&path, origin, option);
                    None
                }
                None => Some(option.default.clone()),
            };
            if let Some(value) = value {
                map.insert(option.name.clone(), normal(option, value));
            }
        }
        map
    }

    fn value(&mut self, path: &[String], node: &Node, option: &OptionInfo) -> Option<Value> {
        let value = match node.json() {
            Ok(value) => value,
            Err((below, origin, why)) => {
                let path: KeyPath = path.iter().cloned().chain(below).collect();
                let help = purpose(option);
                self.issues.push(IssueKind::Value, origin, &path, why, help);
                return None;
            }
        };
        if option.check(&value).is_ok() {
            return Some(value);
        }
        let guess = value.as_str().and_then(|word| nearest(word, option.words.iter().map(String::as_str)));
        let help = guess.map(|word| format!("did you mean \"{word}\"?")).or_else(|| purpose(option));
        let message = format!("expected {}, found {}", expectation(option), found(&value));
        self.issues.push(IssueKind::Value, node.origin, path, &message, help);
        None
    }

    fn missing(&mut self, path: &[String], origin: Origin, option: &OptionInfo) {
        let section = SECTIONS.iter().find(|section| section.name == path[0]);
        let kind = section.and_then(|section| section.component).filter(|_| option.name == "plugin");
        let (message, help) = match kind {
            Some(kind) => {
                let known = self.components.options(kind, "").err().map(|not_found| not_found.known);
                let known = known.filter(|known| !known.is_empty());
                let header = section.map(SectionSpec::header).unwrap_or_default();
                let choice = known.map(|known| {
                    let known = listed(known.iter().map(String::as_str));
                    format!("write plugin = \"…\" below {header}; known are {known}")
                });
                (format!("missing: the name of {}", a_kind(kind)), choice)
            }
            None => (format!("missing: {}", expectation(option)), purpose(option)),
        };
        self.issues.push(IssueKind::Missing, origin, path, &message, help);
    }

    fn unknown_keys(&mut self, path: &[String], table: &Table, known: &[OptionInfo], owner_name: &str) {
        for Entry { key, key_origin, .. } in &table.entries {
            if known.iter().any(|option| option.name == *key) {
                continue;
            }
            let names = || known.iter().map(|option| option.name.as_str());
            let help = match owner(key) {
                Some(owner) if nearest(key, names()).is_none() => {
                    format!("`{}` is a key of {}", shortened(key, 60), owner.header())
                }
                _ => did_you_mean(key, "keys", names()),
            };
            let path: KeyPath = path.iter().cloned().chain([key.clone()]).collect();
            let message = format!("unknown key of {owner_name}");
            self.issues.push(IssueKind::UnknownKey, *key_origin, &path, &message, help);
        }
    }

    fn check_name(&mut self, root: &Node) {
        let path = ["study".to_owned(), "name".to_owned()];
        let name = root.table().and_then(|root| root.get("study")?.table()?.get("name")?.json().ok());
        if let Some(Value::String(name)) = name
            && !name.is_empty()
            && !is_study_name(&name)
        {
            let message = format!("{} is no name for a folder", found(&Value::from(name)));
            let help = "use at most 128 bytes, without slashes and with no dot in front".to_owned();
            self.issues.push(IssueKind::Value, origin_at(root, &path), &path, &message, help);
        }
    }

    fn check_plugin_path(&mut self, root: &Node) {
        let path = ["plugins".to_owned(), "path".to_owned()];
        let node = root.table().and_then(|root| root.get("plugins")?.table()?.get("path"));
        if let Some(node) = node
            && plugin_path(root).is_none()
        {
            let message = format!("expected a list of paths in quotes, found {}", node.found());
            let help = "write path = [\"plugins\"]".to_owned();
            self.issues.push(IssueKind::Value, origin_at(root, &path), &path, &message, Some(help));
        }
    }

    fn check_budget(&mut self, root: &Table) {
        let node = root.get("budget");
        // A budget of the wrong shape has its issue already.
        let table = match node.map(|node| &node.data) {
            None => None,
            Some(Data::Table(table)) => Some(table),
            Some(_) => return,
        };
        let set = |key: &str| table.is_some_and(|table| table.get(key).is_some());
        if !set("candidates") && !set("virtual_hours") {
            let origin = node.map_or(Origin::Default, |node| node.origin);
            let path = ["budget".to_owned()];
            let help = "set candidates, virtual_hours or both in [budget]".to_owned();
            self.issues.push(
                IssueKind::Missing,
                origin,
                &path,
                "the study says nowhere when a run ends",
                help,
            );
        }
    }
}

/// A number in the form that its option's type has, so that `1` and `1.0` give the same settings.
fn normal(option: &OptionInfo, value: Value) -> Value {
    if option.kind == "float" && !value.is_f64() { value.as_f64().map_or(value, Value::from) } else { value }
}

/// The section that has a key of this name of its own.
fn owner(key: &str) -> Option<&'static SectionSpec> {
    SECTIONS.iter().find(|spec| key != "plugin" && spec.keys.iter().any(|known| known.name == key))
}

fn did_you_mean<'k>(word: &str, what: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known {what} are {}", listed(known)),
    }
}

/// Builds the typed settings out of checked sections.
/// `plugins.path`, if it is a list of texts.
pub(super) fn plugin_path(root: &Node) -> Option<Vec<String>> {
    let Data::List(items) = &root.table()?.get("plugins")?.table()?.get("path")?.data else { return None };
    let text = |item: &Node| match &item.data {
        Data::Scalar(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    items.iter().map(text).collect()
}

fn settings(
    sections: &mut Vec<(&'static str, Vec<Section>)>,
    stem: &str,
) -> Result<Settings, serde_json::Error> {
    fn typed<T: DeserializeOwned>(section: Section) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(section.own))
    }
    fn component(section: Section) -> ComponentChoice {
        let name = section.own.get("plugin").and_then(Value::as_str).unwrap_or_default();
        ComponentChoice { name: name.to_owned(), options: section.options }
    }
    let mut entries = |name: &str| -> Vec<Section> {
        let at = sections.iter().position(|(known, _)| *known == name);
        at.map_or_else(Vec::new, |at| sections.swap_remove(at).1)
    };
    let mut one = |name: &str| entries(name).pop().unwrap_or_default();
    let mut study: super::StudySection = typed(one("study"))?;
    if study.name.is_empty() {
        stem.clone_into(&mut study.name);
    }
    let scheduler = one("scheduler");
    let lookahead =
        scheduler.own.get("lookahead").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let mutator = |section: Section| {
        let weight = section.own.get("weight").and_then(Value::as_f64).unwrap_or(1.0);
        MutatorChoice { weight, component: component(section) }
    };
    let analyzer = |section: Section| {
        let heading = section.own.get("heading").and_then(Value::as_str).unwrap_or_default().to_owned();
        AnalyzerChoice { heading, component: component(section) }
    };
    Ok(Settings {
        study,
        plugins: typed(one("plugins"))?,
        space: component(one("space")),
        evaluator: component(one("evaluator")),
        strategy: component(one("strategy")),
        scheduler: SchedulerChoice {
            lookahead: lookahead.unwrap_or_default(),
            component: component(scheduler),
        },
        cluster: typed(one("cluster"))?,
        transfer: typed(one("transfer"))?,
        budget: typed(one("budget"))?,
        trace: typed(one("trace"))?,
        mutators: entries("mutators").into_iter().map(mutator).collect(),
        analyzers: entries("analyzers").into_iter().map(analyzer).collect(),
    })
}
