//! `lamarck studies new`: a study to start from.

use super::analyze::component;
use super::run::with_broken;
use super::studies::{BuiltIn, schema_text, unknown};
use crate::args::NewStudyArgs;
use crate::exit::{Exit, usage};
use crate::output::Out;
use anyhow::{Context, Result};
use lamarck_model::declaration::Kind;
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::pipeline::{Plan, fitting};
use lamarck_runtime::study::{
    ComponentChoice, Draft, DraftSettings, IssueKind, Override, SCHEMA_FILE, Source, Study, toml_inline,
};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The space of a study that names none.
const SPACE: &str = "nas-bench-201";
/// The budget of a new study: enough to see evolution at work, and over in no time.
const CANDIDATES: &str = "1000";

/// Writes a new study.
pub(super) fn run(args: &NewStudyArgs, plugins: &[PathBuf]) -> Result<Exit> {
    let file = &args.file;
    if file.symlink_metadata().is_ok() {
        return Err(exists(file));
    }
    let registry = Registry::discover(&SearchPath::standard(plugins, &[]))?;
    let draft = match &args.from {
        Some(name) => {
            let built_in = BuiltIn::find(name).ok_or_else(|| unknown(name))?;
            Draft::of(&Source::new(format!("{name}.toml"), built_in.text))?
        }
        None => chosen(args, &registry)?,
    };
    let settings = DraftSettings { full: args.full, schema: !args.no_schema };
    let drafted = draft.write(&registry.inventory(), settings);
    let source = Source::new(file.display().to_string(), drafted.text.as_str());
    let study = Study::load(source, Vec::new(), &registry).map_err(|error| with_broken(error, &registry))?;
    if drafted.to_fill.is_empty() {
        // What components find wrong with each other is found before there is a file.
        Plan::new(&study, &registry, None)?;
    }
    write(file, &drafted.text)?;
    let mut out = Out::new();
    out.line(format!("wrote {}", file.display()))?;
    if !args.no_schema {
        let schema = file.with_file_name(SCHEMA_FILE);
        write_schema(&schema, &schema_text(&registry)?)?;
        out.line(format!("wrote {}, by which editors complete and check it", schema.display()))?;
    }
    match drafted.to_fill.as_slice() {
        [] => out.line(format!("try it: lamarck run --dry-run {}", file.display()))?,
        keys => out.line(format!("before it runs, set what has no default: {}", keys.join(", ")))?,
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// A study of the components that were asked for.
fn chosen(args: &NewStudyArgs, registry: &Registry) -> Result<Draft> {
    let first = || registry.names(Kind::SearchSpace).into_iter().next();
    let known = |name: &str| registry.find(Kind::SearchSpace, name).is_ok();
    let space = args.space.clone().or_else(|| if known(SPACE) { Some(SPACE.to_owned()) } else { first() });
    let space = space.unwrap_or_else(|| SPACE.to_owned());
    let mut keys: Vec<(String, String, String)> = Vec::new();
    let mut add = |flag: &str, section: &str, text: &str| -> Result<()> {
        let (name, options) = component(flag, text)?;
        let flag = format!("{flag} {text}");
        keys.push((flag.clone(), format!("{section}.plugin"), toml_inline(&name.into())));
        keys.extend(
            options
                .iter()
                .map(|(key, value)| (flag.clone(), format!("{section}.{key}"), (*value).to_owned())),
        );
        Ok(())
    };
    add("--space", "space", &space)?;
    for (flag, section, text) in [
        ("--evaluator", "evaluator", &args.evaluator),
        ("--strategy", "strategy", &args.strategy),
        ("--scheduler", "scheduler", &args.scheduler),
    ] {
        if let Some(text) = text {
            add(flag, section, text)?;
        }
    }
    for (flag, section, texts) in
        [("--mutator", "mutators", &args.mutators), ("--analyzer", "analyzers", &args.analyzers)]
    {
        for (at, text) in texts.iter().enumerate() {
            add(flag, &format!("{section}.{at}"), text)?;
        }
    }
    let checked = check(&keys, args.evaluator.is_none(), registry)?;
    let mut draft = Draft::new();
    for (flag, key, value) in &keys {
        draft.set(key, value).map_err(|error| usage(format!("{flag}: {error}")))?;
    }
    if args.evaluator.is_none() {
        let space = checked.ok_or_else(|| {
            usage(format!(
                "--space {space}: which evaluator can score it is only known once its options are set; set them as in \
                 --space NAME:KEY=VALUE, or name an evaluator with --evaluator"
            ))
        })?;
        let fitting = fitting(registry, &space)?;
        let evaluator = fitting.first().ok_or_else(|| {
            usage(format!(
                "no evaluator that was found can score the space `{}`; name one with --evaluator",
                space.name
            ))
        })?;
        set(&mut draft, "evaluator.plugin", &toml_inline(&evaluator.name.as_str().into()))?;
    }
    set(&mut draft, "budget.candidates", CANDIDATES)?;
    Ok(draft)
}

fn set(draft: &mut Draft, key: &str, value: &str) -> Result<()> {
    draft.set(key, value).map_err(usage)
}

/// Checks the flags as overrides of a study that has nothing else, so that a message names the flag. The space's choice, unless
/// it lacks an option.
fn check(
    keys: &[(String, String, String)],
    any_evaluator: bool,
    registry: &Registry,
) -> Result<Option<ComponentChoice>> {
    let mut overrides: Vec<Override> =
        keys.iter().map(|(flag, key, value)| Override::flag_for(flag, key, value).shown_as(flag)).collect();
    overrides.push(Override::flag_for("--candidates", "budget.candidates", CANDIDATES));
    if any_evaluator {
        let names = registry.names(Kind::Evaluator);
        let free = |name: &String| {
            registry
                .find(Kind::Evaluator, name)
                .is_ok_and(|(_, found)| found.options.iter().all(|option| !option.required))
        };
        if let Some(name) = names.iter().find(|name| free(name)) {
            overrides.push(Override::flag_for("--evaluator", "evaluator.plugin", name));
        }
    }
    match Study::load(Source::new("the new study", ""), overrides, registry) {
        Ok(study) => Ok(study.points().first().map(|point| point.settings.space.clone())),
        // The text will have a value for what is missing.
        Err(error) if error.issues().iter().all(|issue| issue.kind() == IssueKind::Missing) => Ok(None),
        Err(error) => Err(with_broken(error, registry)),
    }
}

fn exists(file: &Path) -> anyhow::Error {
    usage(format!("`{}` is there already; name another file, or remove this one first", file.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = match opened {
        // Somebody was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(file)),
        other => other.with_context(|| format!("cannot write `{}`", file.display()))?,
    };
    opened.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", file.display()))
}

/// Writes the schema, in place of an older one of the same make, and of nothing else.
fn write_schema(file: &Path, text: &str) -> Result<()> {
    let ours = match fs::read_to_string(file) {
        Ok(there) => there.contains("`lamarck studies schema`"),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    if !ours {
        return Err(usage(format!(
            "the study is written, but not its schema: `{}` is another file; remove it, or use --no-schema",
            file.display()
        )));
    }
    fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}
