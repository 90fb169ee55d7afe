//! `lamarck spaces`.

use crate::args::{SpaceFormat, SpacesCommand};
use crate::exit::{Exit, usage};
use crate::output::{Out, bytes, grouped, grouped_digits, table};
use anyhow::{Context as _, Result};
use lamarck_model::declaration::Kind;
use lamarck_model::identity::identities;
use lamarck_model::options::{OptionInfo, fill_defaults};
use lamarck_model::{Choice, Context, LayerGraph, Metric, SearchSpace, SpaceSpec};
use lamarck_runtime::host::{HostError, Registry, SearchPath};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Runs `lamarck spaces`.
pub(crate) fn run(command: &SpacesCommand, plugins: &[PathBuf]) -> Result<Exit> {
    let registry = Registry::discover(&SearchPath::standard(plugins, &[]))?;
    match command {
        SpacesCommand::List => list(&registry),
        SpacesCommand::Show { name, arch, format, level, set } => {
            let shown = Shown::new(&registry, name, set)?;
            let level = shown.level(level.as_deref())?;
            match arch {
                None if *format == SpaceFormat::Dot => {
                    Err(usage("--format dot draws an architecture; name one with --arch"))
                }
                None => shown.print_space(*format),
                Some(arch) => shown.print_architecture(&registry, arch, *format, &level),
            }
        }
    }
}

fn list(registry: &Registry) -> Result<Exit> {
    let mut rows = table(&["space", "decisions", "size", "summary"], &[1, 2]);
    for name in registry.names(Kind::SearchSpace) {
        let (_, component) = registry.find(Kind::SearchSpace, &name)?;
        let summary = component.summary.clone();
        // A space with a required option has no size until it is set.
        let (decisions, size) = match Shown::new(registry, &name, &[]) {
            Ok(shown) => (shown.spec().decisions.len().to_string(), size(shown.spec())),
            Err(_) => ("-".to_owned(), "-".to_owned()),
        };
        rows.add_row([name, decisions, size, summary]);
    }
    let mut out = Out::new();
    out.table(&rows)?;
    out.finish()?;
    Ok(Exit::Done)
}

/// The number of vectors, grouped.
fn size(spec: &SpaceSpec) -> String {
    grouped_digits(&spec.size_decimal())
}

/// Reads `key=value` pairs: a value that is no TOML is a string.
fn options(set: &[String]) -> Result<Map<String, Value>> {
    let mut options = Map::new();
    for pair in set {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            usage(format!("--set {pair}: expected KEY=VALUE, such as --set dataset=cifar100"))
        })?;
        let parsed =
            serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.trim_matches('"').to_owned()));
        options.insert(key.trim().to_owned(), parsed);
    }
    Ok(options)
}

/// The given options that a component declares, checked, and its defaults for the rest.
fn options_for(given: &Map<String, Value>, declared: &[OptionInfo]) -> Result<Map<String, Value>> {
    let mut taken = Map::new();
    for option in declared {
        if let Some(value) = given.get(&option.name) {
            option.check(value).map_err(|reason| usage(format!("--set {}: {reason}", option.name)))?;
            taken.insert(option.name.clone(), value.clone());
        }
    }
    fill_defaults(declared, &mut taken);
    Ok(taken)
}

struct Shown {
    space: Box<dyn SearchSpace>,
    given: Map<String, Value>,
    used: Vec<String>,
}

impl Shown {
    fn new(registry: &Registry, name: &str, set: &[String]) -> Result<Self> {
        let given = options(set)?;
        let (_, component) = registry.find(Kind::SearchSpace, name)?;
        let taken = options_for(&given, &component.options)?;
        let used = component.options.iter().map(|option| option.name.clone()).collect();
        let context = Context::bare();
        let space = registry.search_space(name, &taken, &context)?;
        Ok(Self { space, given, used })
    }

    fn spec(&self) -> &SpaceSpec {
        self.space.spec()
    }

    fn level(&self, asked: Option<&str>) -> Result<String> {
        let levels = &self.spec().levels;
        match asked {
            // A description that passed the host's check has at least one level.
            None => Ok(levels.first().cloned().unwrap_or_default()),
            Some(level) if levels.iter().any(|known| known == level) => Ok(level.to_owned()),
            Some(level) => Err(usage(format!(
                "space `{}` has no level `{level}`; it has {}",
                self.spec().name,
                levels.join(", ")
            ))),
        }
    }

    fn refuse_unused(&self) -> Result<()> {
        match self.given.keys().find(|key| !self.used.contains(key)) {
            Some(key) => Err(usage(format!(
                "--set {key}: neither the space `{}` nor an evaluator shown with it has such an option",
                self.spec().name
            ))),
            None => Ok(()),
        }
    }

    fn print_space(&self, format: SpaceFormat) -> Result<Exit> {
        self.refuse_unused()?;
        let spec = self.spec();
        let mut out = Out::new();
        if format == SpaceFormat::Json {
            out.json(&json!({ "spec": spec, "size": spec.size_decimal() }))?;
        } else {
            out.line(format!("{}: {} decisions, {} vectors", spec.name, spec.decisions.len(), size(spec)))?;
            if let Some(class) = &spec.class {
                out.line(format!("same network: {class}"))?;
            }
            out.line(format!("levels: {}", spec.levels.join(", ")))?;
            let mut rows = table(&["#", "decision", "descendants", "options"], &[0, 2]);
            for (position, decision) in spec.decisions.iter().enumerate() {
                let options: Vec<String> =
                    decision.options.iter().enumerate().map(|(i, option)| format!("{i} {option}")).collect();
                rows.add_row([
                    position.to_string(),
                    decision.name.clone(),
                    decision.descendants.to_string(),
                    options.join(", "),
                ]);
            }
            out.table(&rows)?;
        }
        out.finish()?;
        Ok(Exit::Done)
    }

    /// An architecture in the space's notation, or as a list of choices.
    fn parse(&self, text: &str) -> Result<Vec<Choice>> {
        let list: Option<Vec<Choice>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        let choices = match list {
            Some(list) if list.len() > 1 || self.spec().decisions.len() == 1 => list,
            _ => self.space.parse(text).map_err(|error| usage(format!("--arch {text}: {error:#}")))?,
        };
        self.spec().check_ranges(&choices).map_err(|error| usage(format!("--arch {text}: {error}")))?;
        self.space.check(&choices).map_err(|error| usage(format!("--arch {text}: {error:#}")))?;
        Ok(choices)
    }

    /// What the evaluators of this space hold for an architecture.
    fn metrics(&mut self, registry: &Registry, choices: &[Choice]) -> Result<Vec<(String, Vec<Metric>)>> {
        let mut all = Vec::new();
        let context = Context::for_space(self.spec().clone());
        for name in registry.names(Kind::Evaluator) {
            let (_, component) = registry.find(Kind::Evaluator, &name)?;
            let Ok(taken) = options_for(&self.given, &component.options) else { continue };
            if component.options.iter().any(|option| option.required && !taken.contains_key(&option.name)) {
                continue;
            }
            match registry.evaluator(&name, &taken, &context) {
                Ok(evaluator) => {
                    let metrics = evaluator.metrics(choices)?;
                    if !metrics.is_empty() {
                        self.used.extend(component.options.iter().map(|option| option.name.clone()));
                        all.push((name, metrics));
                    }
                }
                // An evaluator of another space says so here.
                Err(HostError::Component { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(all)
    }

    fn print_architecture(
        mut self,
        registry: &Registry,
        arch: &str,
        format: SpaceFormat,
        level: &str,
    ) -> Result<Exit> {
        let choices = self.parse(arch)?;
        let graph = self.space.build(&choices, level).with_context(|| format!("`{arch}` does not build"))?;
        let mut out = Out::new();
        if format == SpaceFormat::Dot {
            out.text(&graph.to_dot())?;
            out.finish()?;
            return Ok(Exit::Done);
        }
        let metrics = self.metrics(registry, &choices)?;
        self.refuse_unused()?;
        let size = graph.size()?;
        let class = self.space.class(&choices)?;
        if format == SpaceFormat::Json {
            let identities: Vec<String> = identities(&graph).iter().map(ToString::to_string).collect();
            let metrics: Map<String, Value> =
                metrics.iter().map(|(name, metrics)| (name.clone(), json!(metrics))).collect();
            out.json(&json!({
                "space": self.spec().name,
                "architecture": self.space.render(&choices)?,
                "choices": choices,
                "index": self.spec().index(&choices),
                "class": class,
                "level": level,
                "size": size,
                "graph": graph,
                "identities": identities,
                "metrics": metrics,
            }))?;
            out.finish()?;
            return Ok(Exit::Done);
        }
        out.line(self.space.render(&choices)?)?;
        let plain: Vec<String> = choices.iter().map(ToString::to_string).collect();
        out.line(format!("choices {}", plain.join(",")))?;
        if let (Some(class), Some(what)) = (class, &self.spec().class) {
            out.line(format!("{what} {class}"))?;
        }
        print_layers(&mut out, &graph, level)?;
        out.line(format!(
            "{} layers, {} parameters, {}",
            size.layers,
            grouped(size.parameters.into()),
            bytes(size.bytes)
        ))?;
        for (evaluator, metrics) in &metrics {
            out.line(format!("\n{evaluator}"))?;
            let mut rows = table(&["  metric", "value", "unit"], &[1]);
            for metric in metrics {
                let value = metric.value.map_or_else(|| "missing".to_owned(), number);
                rows.add_row([format!("  {}", metric.name), value, metric.unit.clone()]);
            }
            out.table(&rows)?;
        }
        out.finish()?;
        Ok(Exit::Done)
    }
}

/// The layers, and below each its tensors.
fn print_layers(out: &mut Out, graph: &LayerGraph, level: &str) -> Result<()> {
    out.line(format!("\nlayers at level {level}"))?;
    let mut rows = table(&["#", "layer", "class", "inputs", "shape", "parameters", "bytes"], &[0, 5, 6]);
    for (id, layer) in graph.layers() {
        let inputs: Vec<String> = graph.inputs(id).map(|input| input.index().to_string()).collect();
        let size = layer.size()?;
        rows.add_row([
            id.index().to_string(),
            layer.name.clone(),
            layer.class.clone(),
            inputs.join(" "),
            String::new(),
            grouped(size.parameters.into()),
            grouped(size.bytes.into()),
        ]);
        for tensor in &layer.tensors {
            let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
            // The graph's size was summed before, so no tensor's overflows.
            let elements = tensor.elements().unwrap_or_default();
            rows.add_row([
                String::new(),
                format!("  {}", tensor.name),
                if tensor.buffer { "buffer".to_owned() } else { String::new() },
                String::new(),
                shape.join(" x "),
                if tensor.buffer { String::new() } else { grouped(elements.into()) },
                grouped(tensor.bytes().unwrap_or_default().into()),
            ]);
        }
    }
    out.table(&rows)?;
    Ok(())
}

/// A number without noise: whole ones without a fraction.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.6}") }
}
