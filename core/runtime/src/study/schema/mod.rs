//! The study format as JSON Schema, for editors that complete and check TOML.
//!
//! It is made from what the checker itself goes by: the table [`SECTIONS`] and the options that components declare in their
//! manifests. So it knows the plugins of the machine that it is made on, and is made anew when these change
//! (`lamarck studies schema`); a schema in the repository would know the shipped plugins only, and would be a second place to
//! describe a key in.
//!
//! **Dialect.** JSON Schema 2020-12, of which nothing is used that draft 7 lacks (but for `$defs`, which are reached by their
//! pointer): the validator in taplo and Even Better TOML is an old one. Nor is `allOf` used below the root: taplo's
//! completion passes over a table that has it. And an option that belongs to a component stands twice, once in the section
//! (`properties`, from which taplo completes, since it knows no conditions) and once where `if` has seen the component's name
//! (from which a validator knows that it does not fit). `oneOf` would need half of that, and its only message is
//! that a table is none of ten things.
//!
//! **The schema refuses nothing that the checker accepts**, but for values that a study writes and its sweep replaces at every
//! point, which the checker never looks at, and for keys that are spelled in a roundabout way (`'space' . "plugin"` in
//! the sweep). A property test holds this. The other way round, a schema cannot say everything:
//!
//! - a float for a whole number (`1.0`), dates, `inf` and `nan`: JSON has one kind of number, and editors turn dates into text;
//! - whether an option that a sweep sets fits the component of *that* point, and whether every point has all it must have;
//! - sweep keys that overlap, cases of one name, places in a list that is shorter, the number of points and runs;
//! - what a component finds wrong itself: options of type `any`, a sample larger than the population, an evaluator
//!   for another space.

mod options;
mod sections;
mod sweep;

use super::inventory::Inventory;
use super::sections::SECTIONS;
use sections::Section;
use serde_json::{Map, Value, json};

/// The name of the schema's file beside studies, as their first line names it.
pub const SCHEMA_FILE: &str = "lamarck.schema.json";

/// The line at the top of a study by which editors find the schema.
pub const SCHEMA_LINE: &str = "#:schema ./lamarck.schema.json";

/// What the schema itself says about what it cannot say.
const COMMENT: &str = "Made by `lamarck studies schema` from the plugins that were found; make it anew when these change. `lamarck run` \
    checks more: which option of a swept component fits which point, overlapping sweep keys, the number of points, and \
    what components find wrong themselves.";

/// The schema of studies that use these components.
///
/// ```
/// use lamarck_runtime::study::{Inventory, schema};
/// let schema = schema(&Inventory::default());
/// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
/// ```
pub fn schema(components: &Inventory) -> Value {
    let sections: Vec<Section<'_>> = SECTIONS.iter().map(|spec| Section::new(spec, components)).collect();
    let mut properties: Map<String, Value> =
        sections.iter().map(|section| (section.spec.name.to_owned(), section.below_root())).collect();
    properties.insert("sweep".to_owned(), sweep::schema(&sections));
    let mut definitions: Map<String, Value> = sections.iter().flat_map(Section::definitions).collect();
    let study = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    definitions.insert("study".to_owned(), study);
    let mut rules = vec![json!({ "$ref": "#/$defs/study" })];
    rules
        .extend(sections.iter().filter(|section| section.spec.component.is_some()).flat_map(component_rules));
    rules.push(budget());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": COMMENT,
        "title": "A Lamarck study",
        "description": "What to search, on which cluster, how often, and what to look at.",
        "allOf": rules,
        "$defs": definitions,
    })
}

/// What a section must have, and may have, once it is known which component it chooses.
fn component_rules(section: &Section<'_>) -> Vec<Value> {
    let name = section.spec.name;
    let on_section = |table: Value| json!({ "properties": { name: section.each(table) } });
    let mut there = on_section(section.options_there());
    if section.is_needed() {
        there["required"] = json!([name]);
    }
    let mut named = json!({});
    if section.needs_plugin() {
        named = on_section(json!({ "required": ["plugin"] }));
        if section.is_needed() {
            named["required"] = json!([name]);
        }
    }
    let fit = on_section(section.options_fit(true));
    if !section.spec.sweep {
        return vec![fit, there, named];
    }
    // What a sweep sets may be missing, and may be another component's.
    let any_key = sweep::has_key(&format!("^{name}(\\.|$)"));
    let plugin = if section.spec.list {
        sweep::has_key(&format!("^{name}(\\.[0-9]+)?(\\.plugin)?$"))
    } else {
        sweep::has_key_of(name, "plugin")
    };
    let unless =
        |swept: &Value, rule: Value| json!({ "if": sweep::touched(swept), "then": true, "else": rule });
    vec![unless(&plugin, fit), unless(&any_key, there), unless(&plugin, named)]
}

/// A run has to end.
fn budget() -> Value {
    let either = json!({ "anyOf": [sweep::has_key_of("budget", "candidates"), sweep::has_key_of("budget", "virtual_hours")] });
    json!({
        "if": sweep::set(&either),
        "then": true,
        "else": {
            "required": ["budget"],
            "properties": {
                "budget": { "anyOf": [{ "required": ["candidates"] }, { "required": ["virtual_hours"] }] },
            },
        },
    })
}
