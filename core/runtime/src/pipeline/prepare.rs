//! One point of a study, made ready: its components, checked against each other, and the settings of its runs.

use super::error::PipelineError;
use crate::engine::{ClusterSettings, Components, RunSettings};
use crate::host::{HostError, Registry};
use crate::repository::RepositorySettings;
use crate::study::{ClusterSection, ComponentChoice, Point, Settings, Study};
use crate::trace::{PluginHeader, RunKey};
use lamarck_cache::{AgingSelection, PolicyKind, Selection};
use lamarck_model::declaration::Kind;
use lamarck_model::{Context, Evaluator, FaultKind, Mutator, SearchSpace};

/// A point's components that its runs share, and what makes the rest.
pub(super) struct Prepared<'a> {
    study: &'a Study,
    registry: &'a Registry,
    point: &'a Point,
    pub(super) space: Box<dyn SearchSpace>,
    pub(super) evaluator: Box<dyn Evaluator>,
    mutators: Vec<(Box<dyn Mutator>, f64)>,
    pub(super) context: Context,
    level: String,
    cluster: ClusterSettings,
    selection: Option<AgingSelection>,
}

/// Microseconds in an hour.
const HOUR_US: f64 = 3.6e9;
/// Bytes in a GiB.
const GIB: f64 = (1_u64 << 30) as f64;

/// A number of a study in a smaller unit, as a whole number. All are positive, and below 2^63 by the ranges of the study's
/// own keys (10^9 hours are less than 2^62 microseconds).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and bounded")]
fn whole(number: f64, unit: f64) -> u64 {
    (number * unit).round() as u64
}

/// How a strategy draws parents, as far as its options tell.
fn selection(strategy: &ComponentChoice) -> Option<AgingSelection> {
    let ComponentChoice { name, options } = strategy;
    let number = |key: &str| options.get(key)?.as_u64();
    let replacement = options.get("replacement").and_then(serde_json::Value::as_bool);
    let selection = Selection::of_strategy(name, number("sample"), replacement)?;
    let population = number("population").and_then(|population| usize::try_from(population).ok())?;
    Some(AgingSelection { selection, population })
}

/// The engine's view of a study's cluster, or what is wrong with a key.
fn cluster(
    section: &ClusterSection,
    strategy: &ComponentChoice,
) -> Result<ClusterSettings, (&'static str, String)> {
    let policy: PolicyKind = section
        .node_cache_policy
        .parse()
        .map_err(|error: lamarck_cache::Error| ("node_cache_policy", error.to_string()))?;
    if policy.needs_future() {
        let message = format!("policy `{policy}` needs to know the future, which a run does not");
        return Err(("node_cache_policy", message));
    }
    if matches!(policy, PolicyKind::NextDonor { .. }) && selection(strategy).is_none() {
        let message = format!(
            "policy `{policy}` needs to know how parents are drawn, which strategy `{}` does not tell: it lacks the options \
             `population` and `sample`; take another policy, or a strategy that has them",
            strategy.name
        );
        return Err(("node_cache_policy", message));
    }
    let capacity = whole(section.node_cache_gib, GIB);
    let limit = |gb_s: f64| (gb_s > 0.0).then(|| whole(gb_s, 1e9).max(1));
    Ok(ClusterSettings {
        workers: section.workers,
        workers_per_node: section.workers_per_node,
        failure_rate: section.failure_rate,
        retries: section.retries,
        restart_us: whole(section.restart_s, 1e6),
        speed_spread: section.speed_spread,
        walltime_us: section.walltime_hours.map(|hours| whole(hours, HOUR_US).max(1)),
        requeue_us: whole(section.requeue_s, 1e6),
        node_cache: (capacity > 0).then_some((policy, capacity)),
        latency_us: whole(section.repository_latency_ms, 1e3),
        bandwidth: limit(section.repository_gb_s),
        link: limit(section.link_gb_s),
    })
}

impl<'a> Prepared<'a> {
    /// Makes a point's components. What a component finds wrong with its options is told with its place in the study.
    pub(super) fn new(
        study: &'a Study,
        registry: &'a Registry,
        point: &'a Point,
    ) -> Result<Self, PipelineError> {
        let settings = &point.settings;
        let workers = settings.cluster.workers;
        let nodes = workers.div_ceil(settings.cluster.workers_per_node);
        // A path that is no UTF-8 is written as well as can be; whoever needs it says what is missing.
        let folder = study.source().folder().to_string_lossy().into_owned();
        let mut context = Context { workers, nodes, study: settings.to_json(), folder, ..Context::bare() };
        let at = |section: &str, error: HostError| placed(study, point, section, error);
        let ComponentChoice { name, options } = &settings.space;
        let space = registry.search_space(name, options, &context).map_err(|error| at("space", error))?;
        context.space = Some(space.spec().clone());
        let ComponentChoice { name, options } = &settings.evaluator;
        let evaluator =
            registry.evaluator(name, options, &context).map_err(|error| at("evaluator", error))?;
        context.synthetic = evaluator.spec().synthetic;
        let mut mutators = Vec::new();
        for (position, choice) in settings.mutators.iter().enumerate() {
            let ComponentChoice { name, options } = &choice.component;
            let mutator = registry
                .mutator(name, options, &context)
                .map_err(|error| at(&format!("mutators.{position}"), error))?;
            mutators.push((mutator, choice.weight));
        }
        let levels = &space.spec().levels;
        let level = match settings.transfer.level.as_str() {
            // A description that passed the host's check has a level.
            "" => levels.first().cloned().unwrap_or_default(),
            level if levels.iter().any(|known| known == level) => level.to_owned(),
            level => {
                let message = format!(
                    "space `{}` has no level `{level}`; it has {}",
                    space.spec().name,
                    levels.join(", ")
                );
                return Err(study.error_at(point.index, "transfer", "level", &message).into());
            }
        };
        let cluster = cluster(&settings.cluster, &settings.strategy)
            .map_err(|(key, message)| study.error_at(point.index, "cluster", key, &message))?;
        let selection = selection(&settings.strategy);
        let prepared =
            Self { study, registry, point, space, evaluator, mutators, context, level, cluster, selection };
        // A run's own components are made once here, so that a wrong option ends the study before it begins.
        prepared.components()?;
        for position in 0..settings.analyzers.len() {
            prepared.analyzer(position)?;
        }
        Ok(prepared)
    }

    pub(super) fn settings(&self) -> &'a Settings {
        &self.point.settings
    }

    /// The components of a new run.
    pub(super) fn components(&self) -> Result<Components<'_>, PipelineError> {
        let settings = self.settings();
        let ComponentChoice { name, options } = &settings.strategy;
        let strategy = self
            .registry
            .strategy(name, options, &self.context)
            .map_err(|error| placed(self.study, self.point, "strategy", error))?;
        let ComponentChoice { name, options } = &settings.scheduler.component;
        let scheduler = self
            .registry
            .scheduler(name, options, &self.context)
            .map_err(|error| placed(self.study, self.point, "scheduler", error))?;
        Ok(Components {
            space: self.space.as_ref(),
            evaluator: self.evaluator.as_ref(),
            mutators: &self.mutators,
            strategy,
            scheduler,
        })
    }

    /// One of the study's analyzers.
    pub(super) fn analyzer(
        &self,
        position: usize,
    ) -> Result<Box<dyn lamarck_model::Analyzer>, PipelineError> {
        let ComponentChoice { name, options } = &self.settings().analyzers[position].component;
        self.registry
            .analyzer(name, options, &self.context)
            .map_err(|error| placed(self.study, self.point, &format!("analyzers.{position}"), error))
    }

    /// The settings of one run.
    pub(super) fn run_settings(&self, key: RunKey, pause_after: Option<u64>) -> RunSettings {
        let settings = self.settings();
        let until_us = settings.budget.virtual_hours.map(|hours| whole(hours, HOUR_US));
        RunSettings {
            seed: settings.study.seed,
            replicate: key.replicate,
            cluster: self.cluster.clone(),
            lookahead: settings.scheduler.lookahead,
            level: self.level.clone(),
            transfer: settings.transfer.donor.policy().map(|donor| RepositorySettings {
                donor,
                retention: settings.transfer.retention,
                window: settings.transfer.window as usize,
                missing: settings.transfer.missing,
            }),
            selection: self.selection,
            candidates: settings.budget.candidates,
            until_us,
            layers: settings.trace.layers && settings.trace.write,
            part_rows: settings.trace.part_rows as usize,
            pause_after,
        }
    }

    /// The plugins that take part, for the header.
    pub(super) fn plugins(&self) -> Result<Vec<PluginHeader>, PipelineError> {
        let settings = self.settings();
        let mut wanted = vec![
            (Kind::SearchSpace, &settings.space),
            (Kind::Evaluator, &settings.evaluator),
            (Kind::Strategy, &settings.strategy),
        ];
        wanted.extend(settings.mutators.iter().map(|choice| (Kind::Mutator, &choice.component)));
        wanted.push((Kind::Scheduler, &settings.scheduler.component));
        wanted.extend(settings.analyzers.iter().map(|choice| (Kind::Analyzer, &choice.component)));
        let mut plugins = Vec::new();
        for (kind, choice) in wanted {
            plugins.push(self.registry.plugin_header(kind, &choice.name)?);
        }
        Ok(plugins)
    }
}

/// A component's complaint about its options becomes an error of the study, with file, line and column.
fn placed(study: &Study, point: &Point, section: &str, error: HostError) -> PipelineError {
    match &error {
        HostError::Component { kind, name, fault } if fault.kind() == FaultKind::Options => {
            let message = format!("{kind} `{name}`: {fault}");
            study.error_at(point.index, section, fault.path(), &message).into()
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn next_donor_is_for_strategies_that_tell_how_they_draw() {
        let strategy = |name: &str, options: serde_json::Value| ComponentChoice {
            name: name.to_owned(),
            options: options.as_object().cloned().unwrap_or_default(),
        };
        let known = selection(&strategy("neutral", json!({ "population": 30 })));
        assert_eq!(known, Some(AgingSelection { selection: Selection::Even, population: 30 }));
        let options = json!({ "population": 50, "sample": 5, "replacement": true });
        let tournament = Selection::Tournament { sample: 5, replacement: true };
        let known = selection(&strategy("regularized-evolution", options));
        assert_eq!(known, Some(AgingSelection { selection: tournament, population: 50 }));
        assert_eq!(selection(&strategy("random", json!({ "duplicates": "keep" }))), None);
    }
}
