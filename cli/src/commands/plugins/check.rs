//! `lamarck plugins check`: the rules of `lamarck_model::conformance`, held against components out of libraries.
//!
//! Nothing is checked here. This module finds the components, fills in their options, and finds spaces to check in;
//! `verdict` prints. A component that refuses a space when it is made is not checked in it, which is how an
//! evaluator that is bound to one space finds it; but some space must be left, and a space named with `--space` must do.

use super::verdict::{print, print_json};
use crate::args::CheckArgs;
use crate::exit::{Exit, usage};
use crate::output::Out;
use anyhow::Result;
use lamarck_model::conformance::{self, PlainSpace, Ruling, StrategyPlan, Verdicts};
use lamarck_model::declaration::Kind;
use lamarck_model::options::{OptionInfo, fill_defaults};
use lamarck_model::{Choice, Context, SearchSpace};
use lamarck_runtime::host::{HostError, Library, Registry, SearchPath};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Candidates of each trial of a strategy: several populations of the usual hundred.
const CANDIDATES: u64 = 500;

type Spaces = Vec<Box<dyn SearchSpace>>;

/// Runs `lamarck plugins check`.
pub(super) fn run(args: &CheckArgs, plugins: &[PathBuf]) -> Result<Exit> {
    let given = settings(&args.set)?;
    let path = SearchPath::standard(plugins, &[]);
    let standard = Registry::scan(&path)?;
    let file = Path::new(&args.plugin);
    let by_file = args.plugin.contains(std::path::MAIN_SEPARATOR) || file.is_file();
    let own;
    let registry = if by_file {
        own = Registry::scan(&path.alone(file))?;
        &own
    } else {
        &standard
    };
    let found = components(registry, args, by_file)?;
    let mut bench =
        Bench { registry, standard: &standard, given: &given, named: &args.space, used: Vec::new() };
    let checked = found
        .iter()
        .map(|(library, kind, name)| bench.check(library, *kind, name))
        .collect::<Result<Vec<_>>>()?;
    if let Some(key) = given.keys().find(|key| !bench.used.contains(key)) {
        return Err(usage(format!(
            "--set {key}: none of the components and spaces has an option of that name"
        )));
    }
    let broken = checked.iter().any(|checked| checked.verdicts().is_some_and(|v| v.first_broken().is_some()));
    let mut out = Out::new();
    if args.json {
        print_json(&mut out, &checked)?;
    } else {
        print(&mut out, &checked)?;
    }
    out.finish()?;
    Ok(if broken { Exit::Plugin } else { Exit::Done })
}

/// Reads `key=value` pairs; a value that is no JSON is text.
fn settings(set: &[String]) -> Result<Map<String, Value>> {
    let mut options = Map::new();
    for pair in set {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| usage(format!("--set {pair}: expected KEY=VALUE, such as --set population=50")))?;
        let parsed =
            serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.trim_matches('"').to_owned()));
        options.insert(key.trim().to_owned(), parsed);
    }
    Ok(options)
}

/// The components that are asked for, with their libraries.
fn components<'r>(
    registry: &'r Registry,
    args: &CheckArgs,
    by_file: bool,
) -> Result<Vec<(&'r Library, Kind, String)>> {
    let wanted = |kind: Kind| args.kind.is_none_or(|wanted| wanted == kind);
    let found: Vec<_> = registry
        .components()
        .filter(|(_, component)| wanted(component.kind) && (by_file || component.name == args.plugin))
        .map(|(library, component)| (library, component.kind, component.name.clone()))
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let what = args.kind.map_or("component", Kind::noun);
    if by_file {
        return Err(usage(format!("`{}` provides no {what} to check", args.plugin)));
    }
    let kinds = Kind::ALL.into_iter().filter(|&kind| wanted(kind));
    let known: Vec<String> = kinds.flat_map(|kind| registry.names(kind)).collect();
    Err(usage(format!("no plugin provides a {what} `{}`; known are {}", args.plugin, known.join(", "))))
}

/// What came of one component.
pub(super) struct Checked<'r> {
    pub(super) library: &'r Library,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) spaces: Vec<String>,
    pub(super) result: Outcome,
}

/// Its verdicts, if it could be made.
pub(super) enum Outcome {
    /// What was found.
    Verdicts(Verdicts),
    /// Not checked, and why.
    Skipped(String),
}

impl Checked<'_> {
    /// The verdicts, if there are any.
    pub(super) fn verdicts(&self) -> Option<&Verdicts> {
        match &self.result {
            Outcome::Verdicts(verdicts) => Some(verdicts),
            Outcome::Skipped(_) => None,
        }
    }
}

/// What checks are made with.
struct Bench<'r> {
    registry: &'r Registry,
    standard: &'r Registry,
    given: &'r Map<String, Value>,
    named: &'r [String],
    /// Keys of `--set` that somebody declares.
    used: Vec<String>,
}

/// The component under test, made anew for each space.
enum Made {
    Usable,
    Refused(String),
}

impl<'r> Bench<'r> {
    fn check(&mut self, library: &'r Library, kind: Kind, name: &str) -> Result<Checked<'r>> {
        // What the layout check or the loader has to say ends the command: there is nothing to ask.
        library.load()?;
        let (_, component) = self.registry.find(kind, name)?;
        let declared = component.options.clone();
        let done = |spaces, result| Checked { library, kind, name: name.to_owned(), spaces, result };
        let options = match self.options(&declared)? {
            Ok(options) => options,
            Err(missing) => return Ok(done(Vec::new(), Outcome::Skipped(missing))),
        };
        let mut names = Vec::new();
        let verdicts = match kind {
            Kind::SearchSpace => conformance::search_space(&|context| {
                Ok(self.registry.search_space(name, &options, context)?)
            }),
            Kind::Scheduler => {
                conformance::scheduler(&|context| Ok(self.registry.scheduler(name, &options, context)?))
            }
            Kind::Evaluator | Kind::Mutator | Kind::Strategy | Kind::Analyzer => {
                let (spaces, refused) = self.usable(kind, name, &options)?;
                names = spaces.iter().map(|space| space.spec().name.clone()).collect();
                let borrowed: Vec<&dyn SearchSpace> = spaces.iter().map(AsRef::as_ref).collect();
                let mut verdicts = self.in_spaces(kind, name, &options, &borrowed);
                verdicts.notes.extend(refused);
                verdicts
            }
        };
        Ok(done(names, Outcome::Verdicts(verdicts)))
    }

    /// The given options that are declared, checked, and defaults for the rest; or which required one is missing.
    fn options(&mut self, declared: &[OptionInfo]) -> Result<Result<Map<String, Value>, String>> {
        let mut taken = Map::new();
        for option in declared {
            if let Some(value) = self.given.get(&option.name) {
                option.check(value).map_err(|reason| usage(format!("--set {}: {reason}", option.name)))?;
                taken.insert(option.name.clone(), value.clone());
                self.used.push(option.name.clone());
            } else if option.required {
                return Ok(Err(format!(
                    "needs the option `{0}`, {1}: {2} (--set {0}=..)",
                    option.name,
                    option.expectation(),
                    option.help
                )));
            }
        }
        fill_defaults(declared, &mut taken);
        Ok(Ok(taken))
    }

    /// The spaces that the component accepts, the smallest first, and sentences about those that it refuses.
    fn usable(
        &mut self,
        kind: Kind,
        name: &str,
        options: &Map<String, Value>,
    ) -> Result<(Spaces, Vec<String>)> {
        let spaces = self.spaces(kind)?;
        if !self.named.is_empty() {
            return Ok((spaces, Vec::new()));
        }
        let (mut usable, mut refused, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for space in spaces {
            match self.try_in(kind, name, options, space.as_ref()) {
                Made::Usable => usable.push(space),
                Made::Refused(reason) => {
                    notes.push(format!("it refuses the space `{}`: {reason}", space.spec().name));
                    refused.push(space);
                }
            }
        }
        if usable.is_empty() {
            // All refuse: then the rule that it can be made is what breaks.
            return Ok((refused, Vec::new()));
        }
        // Evaluators are tried in every space that is there; who knows only some need not tell of all others.
        if notes.len() > 3 {
            notes = vec![format!("it refuses {} other spaces", notes.len())];
        }
        Ok((usable, notes))
    }

    fn try_in(&self, kind: Kind, name: &str, options: &Map<String, Value>, space: &dyn SearchSpace) -> Made {
        let context = Context::for_space(space.spec().clone());
        let (registry, context) = (self.registry, &context);
        let made: Result<(), HostError> = match kind {
            Kind::Evaluator => registry.evaluator(name, options, context).map(drop),
            Kind::Mutator => registry.mutator(name, options, context).map(drop),
            Kind::Strategy => registry.strategy(name, options, context).map(drop),
            _ => registry.analyzer(name, options, context).map(drop),
        };
        match made {
            // A panic is no refusal: the check will come upon it again and name it.
            Err(HostError::Component { fault, .. }) if fault.kind() == lamarck_model::FaultKind::Options => {
                Made::Refused(fault.to_string())
            }
            _ => Made::Usable,
        }
    }

    /// The spaces that are named, or those that checks are made in.
    fn spaces(&mut self, kind: Kind) -> Result<Spaces> {
        let names = if self.named.is_empty() { self.default_spaces(kind) } else { self.named.to_vec() };
        let mut spaces: Spaces = Vec::new();
        if self.named.is_empty() {
            spaces.push(Box::new(PlainSpace::of(&[5, 4, 3, 5, 4, 2])));
        }
        for name in names {
            // A space of the library itself comes first, as a study with that library on its path would see it.
            let registry = match self.registry.find(Kind::SearchSpace, &name) {
                Ok(_) => self.registry,
                Err(_) => self.standard,
            };
            let (_, component) = registry.find(Kind::SearchSpace, &name)?;
            let declared = component.options.clone();
            let made = match self.options(&declared)? {
                Ok(options) => {
                    registry.search_space(&name, &options, &Context::bare()).map_err(anyhow::Error::from)
                }
                Err(missing) => Err(usage(format!("the space `{name}` {missing}"))),
            };
            match made {
                Ok(space) => spaces.push(space),
                Err(error) if self.named.is_empty() => drop(error),
                Err(error) => return Err(error),
            }
        }
        Ok(spaces)
    }

    /// nas-bench-201, the first candle space, and whatever the library under test brings; all for evaluators, which may be
    /// bound to any.
    fn default_spaces(&self, kind: Kind) -> Vec<String> {
        let mut names = self.standard.names(Kind::SearchSpace);
        if kind != Kind::Evaluator {
            let candle = names.iter().find(|name| name.starts_with("candle-")).cloned();
            names.retain(|name| name == "nas-bench-201" || Some(name) == candle.as_ref());
        }
        names.extend(self.registry.names(Kind::SearchSpace));
        names.sort();
        names.dedup();
        names
    }

    fn in_spaces(
        &self,
        kind: Kind,
        name: &str,
        options: &Map<String, Value>,
        spaces: &[&dyn SearchSpace],
    ) -> Verdicts {
        let registry = self.registry;
        // A score for strategies to climb by, without ties in most spaces.
        let score = |choices: &[Choice]| {
            choices
                .iter()
                .zip(1_u32..)
                .map(|(&choice, at)| f64::from(choice) * f64::from(at).sqrt())
                .sum::<f64>()
        };
        match kind {
            Kind::Mutator => {
                conformance::mutator(&|context| Ok(registry.mutator(name, options, context)?), spaces)
            }
            Kind::Strategy => {
                let plan = StrategyPlan { candidates: CANDIDATES, score: &score };
                conformance::strategy(
                    &|context| Ok(registry.strategy(name, options, context)?),
                    spaces,
                    &plan,
                )
            }
            Kind::Evaluator => each(spaces, |space| {
                conformance::evaluator(&|context| Ok(registry.evaluator(name, options, context)?), space)
            }),
            _ => each(spaces, |space| {
                conformance::analyzer(&|context| Ok(registry.analyzer(name, options, context)?), space)
            }),
        }
    }
}

/// The verdicts of several spaces as one list: broken where one is, with the cases of all. A note that is the same in all
/// spaces stands once.
fn each(spaces: &[&dyn SearchSpace], check: impl Fn(&dyn SearchSpace) -> Verdicts) -> Verdicts {
    let mut all = Verdicts::default();
    let mut notes: Vec<(String, Vec<String>)> = Vec::new();
    for space in spaces {
        let name = &space.spec().name;
        let verdicts = check(*space);
        for note in verdicts.notes {
            match notes.iter_mut().find(|(known, _)| *known == note) {
                Some((_, places)) => places.push(format!("`{name}`")),
                None => notes.push((note, vec![format!("`{name}`")])),
            }
        }
        for verdict in verdicts.rules {
            let Some(before) = all.rules.iter_mut().find(|before| before.rule == verdict.rule) else {
                all.rules.push(verdict);
                continue;
            };
            before.cases += verdict.cases;
            let worse = match (&before.ruling, &verdict.ruling) {
                (Ruling::Broken(_), _) | (_, Ruling::NotApplicable(_)) | (Ruling::Held, Ruling::Held) => {
                    false
                }
                (_, Ruling::Broken(_)) | (Ruling::NotApplicable(_), Ruling::Held) => true,
            };
            if worse {
                before.ruling = verdict.ruling;
            }
        }
    }
    let everywhere = |places: &[String]| places.len() == spaces.len();
    all.notes = notes
        .into_iter()
        .map(|(note, at)| if everywhere(&at) { note } else { format!("in {}: {note}", at.join(", ")) })
        .collect();
    all
}
