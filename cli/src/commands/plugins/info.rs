//! `lamarck plugins info`: what a component is, how it is set, and what library it comes from.
//!
//! Everything here is read from the manifest; the library is not loaded unless its layouts are to be compared.

use crate::exit::{Exit, usage};
use crate::output::{Out, grouped, table};
use anyhow::{Context as _, Result};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;
use lamarck_runtime::host::{ComponentInfo, HostError, Library, Registry, SearchPath};
use serde_json::{Number, Value, json};
use std::fs;
use std::path::Path;

/// Widths of the columns that are text of any length.
const RANGE: u16 = 26;
const HELP: u16 = 60;

/// Tells about a component, or all of a file's.
pub(super) fn run(path: &SearchPath, name: &str, as_json: bool, abi_report: Option<&Path>) -> Result<Exit> {
    // A file is looked at by itself, so that it can be told about even where it would clash with others.
    let file = Path::new(name);
    let by_file = name.contains(std::path::MAIN_SEPARATOR) || file.is_file();
    let registry = if by_file { Registry::scan(&path.alone(file))? } else { Registry::scan(path)? };
    let wanted = |component: &ComponentInfo| by_file || component.name == name;
    let libraries: Vec<&Library> = registry
        .libraries()
        .iter()
        .filter(|library| by_file || library.found.manifest.components.iter().any(wanted))
        .collect();
    if libraries.is_empty() {
        let known: Vec<String> = Kind::ALL.iter().flat_map(|kind| registry.names(*kind)).collect();
        return Err(usage(format!(
            "no plugin provides a component `{name}`; known are {}",
            known.join(", ")
        )));
    }
    if let Some(report) = abi_report {
        return write_report(&libraries, report);
    }
    let mut out = Out::new();
    if as_json {
        let described = libraries.iter().map(|library| {
            let components =
                library.found.manifest.components.iter().filter(|c| wanted(c)).collect::<Vec<_>>();
            Ok(json!({
                "file": library.found.path,
                "found": library.found.source.as_str(),
                "hash": library.hash()?,
                "manifest": library.found.manifest,
                "components": components,
            }))
        });
        out.json(&json!({ "libraries": described.collect::<Result<Vec<_>>>()? }))?;
    } else {
        for (position, library) in libraries.iter().enumerate() {
            if position > 0 {
                out.line("")?;
            }
            for component in library.found.manifest.components.iter().filter(|c| wanted(c)) {
                print_component(&mut out, component)?;
            }
            print_library(&mut out, library)?;
        }
    }
    out.finish()?;
    Ok(Exit::Done)
}

fn print_component(out: &mut Out, component: &ComponentInfo) -> Result<()> {
    out.line(format!("{} {}", component.kind, component.name))?;
    out.line(format!("  {}", component.summary))?;
    for reference in &component.references {
        match link(reference) {
            Some(link) => out.line(format!("  see {reference} <{link}>"))?,
            None => out.line(format!("  see {reference}"))?,
        }
    }
    out.line("")?;
    if component.options.is_empty() {
        out.line("  no options")?;
    } else {
        out.table(&options(&component.options))?;
    }
    out.line("\n  in a study:")?;
    for line in usage_of(component) {
        out.line(format!("    {line}"))?;
    }
    out.line("")?;
    Ok(())
}

fn options(options: &[OptionInfo]) -> Table {
    let mut rows = table(&["option", "type", "default", "range", "unit", "what it does"], &[]);
    for option in options {
        rows.add_row([
            option.name.clone(),
            option.kind.clone(),
            default(option),
            range(option),
            option.unit.clone(),
            option.help.clone(),
        ]);
    }
    // Without a width of its own a table is never arranged; this one is wider than any.
    rows.set_content_arrangement(ContentArrangement::Dynamic).set_width(2000);
    for (position, width) in [(3, RANGE), (5, HELP)] {
        if let Some(column) = rows.column_mut(position) {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width)));
        }
    }
    if let Some(column) = rows.column_mut(0) {
        column.set_padding((2, 2));
    }
    rows
}

fn default(option: &OptionInfo) -> String {
    match &option.default {
        _ if option.required => "required".to_owned(),
        Value::Null => "none".to_owned(),
        Value::Number(number) => digits(number),
        other => other.to_string(),
    }
}

/// What values it takes, in short; the type says what they are.
fn range(option: &OptionInfo) -> String {
    if !option.words.is_empty() {
        return option.words.join(" | ");
    }
    // Bounds of the whole type are none.
    let bound = |number: &Option<Number>| {
        number.as_ref().filter(|n| n.as_i64() != Some(i64::MAX) && n.as_i64() != Some(i64::MIN)).map(digits)
    };
    match (bound(&option.min), bound(&option.max)) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => String::new(),
    }
}

/// A number as people write it: `1,000,000`, `0.5`, `1e9`.
fn digits(number: &Number) -> String {
    if let Some(whole) = number.as_i64() {
        let sign = if whole < 0 { "-" } else { "" };
        return format!("{sign}{}", grouped(u128::from(whole.unsigned_abs())));
    }
    match number.as_f64() {
        Some(value) if value != 0.0 && !(1e-3..1e6).contains(&value.abs()) => format!("{value:e}"),
        Some(value) => value.to_string(),
        None => number.to_string(),
    }
}

/// The page behind an identifier.
fn link(reference: &str) -> Option<String> {
    if let Some(number) = reference.strip_prefix("arXiv:") {
        return Some(format!("https://arxiv.org/abs/{number}"));
    }
    reference.strip_prefix("doi:").map(|doi| format!("https://doi.org/{doi}"))
}

/// How a study names it: its section, with the options that must be set.
fn usage_of(component: &ComponentInfo) -> Vec<String> {
    let section = match component.kind {
        Kind::SearchSpace => "[space]",
        Kind::Evaluator => "[evaluator]",
        Kind::Mutator => "[[mutators]]",
        Kind::Strategy => "[strategy]",
        Kind::Scheduler => "[scheduler]",
        Kind::Analyzer => "[[analyzers]]",
    };
    let mut lines = vec![section.to_owned(), format!("plugin = \"{}\"", component.name)];
    let required = component.options.iter().filter(|option| option.required);
    lines.extend(required.map(|option| format!("{} = ..  # {}", option.name, option.expectation())));
    lines
}

fn print_library(out: &mut Out, library: &Library) -> Result<()> {
    let manifest = &library.found.manifest;
    let known = |text: &str| if text.is_empty() { "not given".to_owned() } else { text.to_owned() };
    out.line(format!("library {} {}", manifest.name, manifest.version))?;
    let facts = [
        ("file", format!("{} (place: {})", library.found.path.display(), library.found.source.as_str())),
        ("hash", library.hash()?.to_owned()),
        ("licence", known(&manifest.license)),
        ("authors", known(&manifest.authors)),
        ("repository", known(&manifest.repository)),
        (
            "built with",
            format!(
                "lamarck-sdk {}, lamarck-abi {} (generation {}), {}",
                known(&manifest.sdk),
                manifest.abi,
                manifest.generation,
                known(&manifest.rustc)
            ),
        ),
        ("built for", format!("{} {}", known(&manifest.arch), known(&manifest.os))),
    ];
    for (name, fact) in facts {
        out.line(format!("  {name:<12}{fact}"))?;
    }
    Ok(())
}

/// Loads the libraries, and writes the layout checker's whole complaint to a file.
fn write_report(libraries: &[&Library], file: &Path) -> Result<Exit> {
    let mut out = Out::new();
    for library in libraries {
        let path = library.found.path.display();
        match library.load() {
            Err(HostError::WrongLayout { report, .. }) => {
                fs::write(file, report)
                    .with_context(|| format!("cannot write the report to `{}`", file.display()))?;
                out.line(format!("{path}: its layout differs; the comparison is in {}", file.display()))?;
            }
            other => {
                other?;
                out.line(format!("{path}: its layout is that of this lamarck; nothing to report"))?;
            }
        }
    }
    out.finish()?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::options::OptionSpec;

    #[test]
    fn ranges_and_defaults_read_well() {
        let told = |spec: OptionSpec| {
            let info = OptionInfo::from(&spec);
            format!("{}; {}", range(&info), default(&info))
        };
        assert_eq!(
            told(OptionSpec::integer("a", 1, 1_000_000, "").default_value("100")),
            "1 to 1,000,000; 100"
        );
        assert_eq!(told(OptionSpec::integer("a", -5, i64::MAX, "")), "at least -5; required");
        assert_eq!(told(OptionSpec::integer("a", i64::MIN, i64::MAX, "").default_value("-1234")), "; -1,234");
        assert_eq!(told(OptionSpec::float("a", 0.0, 1e9, "").default_value("0.3")), "0 to 1e9; 0.3");
        assert_eq!(told(OptionSpec::float("a", 1e-6, 0.5, "").default_value("null")), "1e-6 to 0.5; none");
        assert_eq!(told(OptionSpec::choice("a", &["x", "y"], "").default_value("\"x\"")), "x | y; \"x\"");
        assert_eq!(told(OptionSpec::bool("a", "").default_value("false")), "; false");
    }

    #[test]
    fn identifiers_have_pages() {
        assert_eq!(link("arXiv:1802.01548").as_deref(), Some("https://arxiv.org/abs/1802.01548"));
        assert_eq!(link("doi:10.1145/3460772").as_deref(), Some("https://doi.org/10.1145/3460772"));
        assert_eq!(link("a book"), None);
    }
}
