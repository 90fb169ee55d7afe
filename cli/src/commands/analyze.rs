//! `lamarck analyze`.

use super::findings;
use super::report::{PAGE, shell_command};
use super::run::unusable;
use crate::args::AnalyzeArgs;
use crate::exit::{Exit, usage};
use crate::output::Out;
use anyhow::{Result, anyhow};
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::pipeline::{Subject, about, analyze, subjects};
use lamarck_runtime::report::About;
use lamarck_runtime::study::{
    AnalyzerChoice, Components, IssueKind, NotFound, Override, Source, Study, StudyError,
};
use lamarck_runtime::trace::Trace;
use std::path::{Path, PathBuf};

/// Runs `lamarck analyze`.
pub(crate) fn run(args: &AnalyzeArgs, plugins: &[PathBuf]) -> Result<Exit> {
    let registry = Registry::discover(&SearchPath::standard(plugins, &[]))?;
    let asked = choices(&args.analyzers, &registry)?;
    let traces: Vec<Trace> = args.traces.iter().map(|dir| Trace::open(dir)).collect::<Result<_, _>>()?;
    if let Some(empty) = traces.iter().find(|trace| trace.runs().is_empty()) {
        return Err(no_runs(empty.dir()));
    }
    let command = command(args, plugins);
    let (mut points, about) = if let [trace] = traces.as_slice() {
        (subjects(trace, ""), about(trace, command))
    } else {
        let names = names(&args.traces);
        let points = traces.iter().zip(&names).flat_map(|(trace, name)| subjects(trace, name)).collect();
        (points, side_by_side(&traces, &names, command))
    };
    choose_for(&mut points, &asked, &registry)?;
    let analysis = analyze(&points, &registry, &about, args.jobs.map_or(0, usize::from))?;
    let written = args.out.as_deref().map(|dir| analysis.write(dir, PAGE)).transpose()?;
    let mut out = Out::new();
    if args.json {
        out.json(&analysis.report)?;
    } else {
        findings::print_points(&mut out, &analysis.report)?;
        findings::print(&mut out, &analysis.report, findings::Depth::All)?;
        if let Some(written) = &written {
            out.line("")?;
            findings::print_files(&mut out, written)?;
        }
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// A trace in which nothing has happened.
pub(super) fn no_runs(dir: &Path) -> anyhow::Error {
    anyhow!(
        "`{}` has no finished candidates to analyse; run its study, or go on with it with `lamarck run --resume`",
        dir.display()
    )
}

fn command(args: &AnalyzeArgs, plugins: &[PathBuf]) -> String {
    let mut words = vec!["analyze".to_owned()];
    words.extend(args.traces.iter().map(|trace| trace.display().to_string()));
    for analyzer in &args.analyzers {
        words.extend(["-a".to_owned(), analyzer.clone()]);
    }
    shell_command(&words, plugins)
}

/// What to call traces that stand side by side: their folders, or their paths where two folders have one name.
fn names(traces: &[PathBuf]) -> Vec<String> {
    let folder = |path: &PathBuf| {
        // `.` has no name of its own.
        let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
        whole
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
    };
    let folders: Vec<String> = traces.iter().map(folder).collect();
    let unique = |name: &String| folders.iter().filter(|other| *other == name).count() == 1;
    let name = |(folder, path): (&String, &PathBuf)| {
        if unique(folder) { folder.clone() } else { path.display().to_string() }
    };
    folders.iter().zip(traces).map(name).collect()
}

fn side_by_side(traces: &[Trace], names: &[String], command: String) -> About {
    let studies = traces.iter().zip(names).map(|(trace, name)| {
        let study = trace.header().study.trim_end();
        format!("# The study of {name}\n\n{study}\n")
    });
    About {
        title: names.join(", "),
        summary: format!("{} traces side by side", traces.len()),
        command,
        study: studies.collect::<Vec<_>>().join("\n"),
    }
}

/// Sets the analyzers that were asked for. If none were, those of a point's study stay; a point whose study has none
/// gets those of the other points, or else all there are.
pub(super) fn choose_for(
    points: &mut [Subject<'_>],
    asked: &[AnalyzerChoice],
    registry: &Registry,
) -> Result<()> {
    if !asked.is_empty() {
        for point in points.iter_mut() {
            point.analyzers = asked.to_vec();
        }
        return Ok(());
    }
    let mut others: Vec<AnalyzerChoice> = Vec::new();
    for choice in points.iter().flat_map(|point| &point.analyzers) {
        if !others.contains(choice) {
            others.push(choice.clone());
        }
    }
    if others.is_empty() {
        let free = |name: &String| {
            let options = registry.options(Kind::Analyzer, name).unwrap_or_default();
            options.iter().all(|option| !option.required)
        };
        let names: Vec<String> = registry.names(Kind::Analyzer).into_iter().filter(free).collect();
        others = choices(&names, registry)?;
        if others.is_empty() {
            let unusable = unusable(registry);
            return Err(usage(format!(
                "no plugin provides an analyzer; see `lamarck plugins path` for where they are looked for{unusable}"
            )));
        }
    }
    for point in points.iter_mut().filter(|point| point.analyzers.is_empty()) {
        point.analyzers.clone_from(&others);
    }
    Ok(())
}

/// Answers for analyzers, and lets anything pass for the components that a study must have besides.
struct AnalyzersOnly<'a>(&'a Registry);

impl Components for AnalyzersOnly<'_> {
    fn options(&self, kind: Kind, name: &str) -> Result<Vec<OptionInfo>, NotFound> {
        // `-` stands for them below; any other name is looked for, to tell what an analyzer was mistaken for.
        if kind != Kind::Analyzer && name == ANY { Ok(Vec::new()) } else { self.0.options(kind, name) }
    }
}

const ANY: &str = "-";

/// Reads `-a NAME:KEY=VALUE,..` by way of a study, so that options are checked, completed and complained of as there.
pub(super) fn choices(arguments: &[String], registry: &Registry) -> Result<Vec<AnalyzerChoice>> {
    if arguments.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = String::from("budget.candidates = 1\n");
    for section in ["space", "evaluator", "strategy", "scheduler"] {
        text += &format!("{section}.plugin = \"{ANY}\"\n");
    }
    text += &format!("mutators = [{{ plugin = \"{ANY}\" }}]\n");
    let mut overrides = Vec::new();
    for (position, argument) in arguments.iter().enumerate() {
        let (name, options) = component("-a", argument)?;
        // JSON's strings are TOML's, but for one character, which no name has.
        let name = serde_json::to_string(name)?.replace('\u{7f}', "");
        text += &format!("[[analyzers]]\nplugin = {name}\n");
        for (key, value) in options {
            overrides.push(Override::flag_for("-a", &format!("analyzers.{position}.{key}"), value));
        }
    }
    let study = Study::load(Source::new("-a", text), overrides, &AnalyzersOnly(registry))
        .map_err(|error| complaint(&error, arguments, registry))?;
    Ok(study.points().first().map_or_else(Vec::new, |point| point.settings.analyzers.clone()))
}

/// A study's complaint, with the argument in place of the line.
fn complaint(error: &StudyError, arguments: &[String], registry: &Registry) -> anyhow::Error {
    let lines = error.issues().iter().map(|issue| {
        let mut key = issue.key().splitn(3, '.').skip(1);
        let argument = key.next().and_then(|position| arguments.get(position.parse::<usize>().ok()?));
        let place = argument.map_or_else(|| "-a".to_owned(), |argument| format!("-a {argument}"));
        let option =
            key.next().filter(|key| *key != "plugin").map_or_else(String::new, |key| format!("{key}: "));
        let help = issue.help().map_or_else(String::new, |help| format!("\n help: {help}"));
        format!("in {place}: {option}{}{help}", issue.message())
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if error.issues().iter().any(|issue| issue.kind() == IssueKind::UnknownComponent) {
        text += &unusable(registry);
    }
    usage(text)
}

/// Takes `NAME:KEY=VALUE,..` apart, the argument of a flag.
pub(super) fn component<'a>(flag: &str, argument: &'a str) -> Result<(&'a str, Vec<(&'a str, &'a str)>)> {
    let (name, options) = argument.split_once(':').unwrap_or((argument, ""));
    let mut pairs = Vec::new();
    for option in split(options) {
        let wrong = || {
            usage(format!("{flag} {argument}: expected NAME or NAME:KEY=VALUE,KEY=VALUE, found `{option}`"))
        };
        let (key, value) = option.split_once('=').ok_or_else(wrong)?;
        let (key, value) = (key.trim(), value.trim());
        let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !plain || value.is_empty() {
            return Err(wrong());
        }
        pairs.push((key, value));
    }
    Ok((name.trim(), pairs))
}

/// Splits options at the commas that stand outside quotes and brackets.
fn split(options: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_u32, None);
    for (at, c) in options.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&options[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&options[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_split_outside_quotes_and_brackets() {
        assert_eq!(
            split(r#"a=1,b=[1, 2],c="x,y" ,d={ e = 1, f = 2 }"#),
            ["a=1", "b=[1, 2]", r#"c="x,y" "#, "d={ e = 1, f = 2 }"]
        );
        assert_eq!(split(" "), [""; 0]);
    }
}
