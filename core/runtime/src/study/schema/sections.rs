//! Sections as JSON Schema: their keys, and what a component's name allows.

use super::options::{any_of, option};
use crate::study::inventory::{Described, Inventory};
use crate::study::sections::{MAX_ENTRIES, SectionSpec};
use lamarck_model::options::OptionInfo;
use serde_json::{Map, Value, json};

/// A section, with the components that it can choose.
pub(super) struct Section<'a> {
    pub(super) spec: &'static SectionSpec,
    /// The components whose options do not clash with the section's own keys; the checker refuses the others.
    pub(super) components: Vec<&'a Described>,
}

/// A study's name becomes the name of a folder.
const NAME: &str = r"^([^./\\\u0000-\u001f\u007f-\u009f][^/\\\u0000-\u001f\u007f-\u009f]*)?$";

impl<'a> Section<'a> {
    pub(super) fn new(spec: &'static SectionSpec, components: &'a Inventory) -> Self {
        let clashes = |component: &Described| {
            component.options.iter().any(|option| spec.keys.iter().any(|key| key.name == option.name))
        };
        let components = spec
            .component
            .map(|kind| components.of(kind).filter(|component| !clashes(component)).collect())
            .unwrap_or_default();
        Self { spec, components }
    }

    /// The component that the section has without `plugin`, if it is there.
    pub(super) fn default(&self) -> Option<&'a Described> {
        let plugin = self.spec.keys.iter().find(|key| key.name == "plugin")?;
        let name = match self.spec.default_entry {
            Some(name) => name.to_owned(),
            None => serde_json::from_str(plugin.default?).ok()?,
        };
        self.components.iter().copied().find(|component| component.name == name)
    }

    /// Whether each table of the section has to name its component.
    pub(super) fn needs_plugin(&self) -> bool {
        self.spec.component.is_some() && (self.spec.list || self.default().is_none())
    }

    /// Whether a study has to have the section, as far as its component is concerned.
    pub(super) fn is_needed(&self) -> bool {
        let list_without_entries = self.spec.list && self.spec.default_entry.is_none();
        self.spec.component.is_some()
            && !list_without_entries
            && self.default().is_none_or(|component| component.options.iter().any(|option| option.required))
    }

    /// The section's own keys.
    pub(super) fn own(&self) -> Map<String, Value> {
        self.spec.keys.iter().map(|key| (key.name.to_owned(), self.own_key(&OptionInfo::from(key)))).collect()
    }

    fn own_key(&self, key: &OptionInfo) -> Value {
        let mut schema = option(key);
        match (self.spec.name, key.name.as_str()) {
            ("study", "name") => {
                schema["pattern"] = NAME.into();
                schema["maxLength"] = 128.into();
            }
            ("plugins", "path") => {
                schema["type"] = "array".into();
                schema["items"] = json!({ "type": "string" });
            }
            (_, "plugin") => {
                let names: Vec<&str> =
                    self.components.iter().map(|component| component.name.as_str()).collect();
                if names.is_empty() {
                    // An empty `enum` is no schema to some validators.
                    schema["not"] = json!({});
                    return schema;
                }
                let summaries: Vec<&str> =
                    self.components.iter().map(|component| component.summary.as_str()).collect();
                schema["enum"] = names.into();
                // What Even Better TOML shows beside each name.
                schema["x-taplo"] = json!({ "docs": { "enumValues": summaries } });
            }
            _ => {}
        }
        schema
    }

    /// The options of its components, each key once. A key of several components accepts what any of them does.
    pub(super) fn options(&self) -> Map<String, Value> {
        let mut all: Vec<(&str, Vec<Value>)> = Vec::new();
        for option_of in self.components.iter().flat_map(|component| &component.options) {
            let schema = option(option_of);
            match all.iter_mut().find(|(name, _)| *name == option_of.name) {
                Some((_, schemas)) => schemas.push(schema),
                None => all.push((&option_of.name, vec![schema])),
            }
        }
        all.into_iter().map(|(name, schemas)| (name.to_owned(), any_of(schemas))).collect()
    }

    /// All keys that are right with some component.
    pub(super) fn keys(&self) -> Map<String, Value> {
        let mut keys = self.own();
        keys.extend(self.options());
        keys
    }

    /// A key where it is used. Each is defined once: spelled out everywhere, the schema would be three times as large.
    pub(super) fn key(&self, name: &str, schema: &Value) -> Value {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        // Other names would need escapes in a pointer, which validators do not agree on.
        if !name.is_empty() && name.chars().all(plain) {
            json!({ "$ref": format!("#/$defs/key.{}.{name}", self.spec.name) })
        } else {
            schema.clone()
        }
    }

    /// Where a table that takes the place of another, or part of it, is defined.
    pub(super) fn table_ref(&self) -> Value {
        json!({ "$ref": format!("#/$defs/table.{}", self.spec.name) })
    }

    /// One table: every key that is right with some component.
    pub(super) fn table(&self) -> Value {
        let keys = self.keys();
        let properties: Map<String, Value> =
            keys.iter().map(|(name, schema)| (name.clone(), self.key(name, schema))).collect();
        let mut table = json!({
            "type": "object",
            "description": self.spec.help,
            "properties": properties,
            "additionalProperties": false,
        });
        if self.spec.component.is_some() {
            table["x-taplo"] = json!({ "initKeys": ["plugin"] });
        }
        table
    }

    /// The section as it stands below the root.
    pub(super) fn below_root(&self) -> Value {
        if !self.spec.list {
            return self.table();
        }
        let mut list = json!({
            "type": "array",
            "description": self.spec.help,
            "items": self.table(),
            "maxItems": MAX_ENTRIES,
        });
        if self.spec.default_entry.is_some() {
            list["minItems"] = 1.into();
        }
        list
    }

    /// Applies a schema of one table to the section below the root.
    pub(super) fn each(&self, table: Value) -> Value {
        if self.spec.list { json!({ "items": table }) } else { table }
    }

    /// Where a component's own keys are defined.
    fn definition(&self, component: &Described) -> String {
        format!("plugin.{}.{}", self.spec.name, component.name)
    }

    /// Its keys, for each component those that its table may have, and the table of the sweep.
    pub(super) fn definitions(&self) -> Map<String, Value> {
        let keys = self.keys();
        let mut definitions: Map<String, Value> = keys
            .iter()
            .map(|(name, schema)| (format!("key.{}.{name}", self.spec.name), schema.clone()))
            .collect();
        for component in &self.components {
            let own = self.spec.keys.iter().filter_map(|key| keys.get_key_value(key.name));
            let mut properties: Map<String, Value> =
                own.map(|(name, schema)| (name.clone(), self.key(name, schema))).collect();
            for declared in &component.options {
                let schema = option(declared);
                let same = keys.get(&declared.name) == Some(&schema);
                let schema = if same { self.key(&declared.name, &schema) } else { schema };
                properties.insert(declared.name.clone(), schema);
            }
            let table = json!({
                "title": format!("{} {}", component.kind, component.name),
                "description": component.summary,
                "properties": properties,
                "additionalProperties": false,
            });
            definitions.insert(self.definition(component), table);
        }
        if self.spec.sweep {
            definitions
                .insert(format!("table.{}", self.spec.name), merged(self.table(), self.options_fit(false)));
        }
        definitions
    }

    /// A table has the options of its component, and no others.
    pub(super) fn options_fit(&self, with_default: bool) -> Value {
        let own =
            |component: &&Described| json!({ "$ref": format!("#/$defs/{}", self.definition(component)) });
        let default = self.default().filter(|_| with_default && !self.spec.list);
        self.by_plugin(|component| Some(own(&component)), default.map(|component| own(&component)))
    }

    /// A table has the options that its component must be given.
    pub(super) fn options_there(&self) -> Value {
        let required = |component: &Described| {
            let names: Vec<&str> = component
                .options
                .iter()
                .filter(|option| option.required)
                .map(|option| option.name.as_str())
                .collect();
            (!names.is_empty()).then(|| json!({ "required": names }))
        };
        self.by_plugin(required, self.default().filter(|_| !self.spec.list).and_then(required))
    }

    /// One condition after the other rather than `oneOf`: a validator then says what is wrong with the options of the
    /// component that is named, not that the table is none of ten things.
    fn by_plugin(&self, schema: impl Fn(&'a Described) -> Option<Value>, without: Option<Value>) -> Value {
        let last = match without {
            Some(without) => json!({ "if": { "required": ["plugin"] }, "then": true, "else": without }),
            None => json!({}),
        };
        self.components.iter().rev().fold(last, |otherwise, component| match schema(component) {
            Some(then) => json!({
                "if": { "required": ["plugin"], "properties": { "plugin": { "const": component.name } } },
                "then": then,
                "else": otherwise,
            }),
            None => otherwise,
        })
    }
}

/// Adds the keys of one schema to another that has none of them.
pub(super) fn merged(mut schema: Value, more: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (schema.as_object_mut(), more) {
        map.extend(more);
    }
    schema
}
