//! From what was measured to findings, tables and charts.

mod charts;
mod findings;
mod tables;

use crate::executor::{Executor, Serial};
use crate::hints;
use crate::measure::{Lives, Measured, Plan, Reuse, lives, measure, reuse};
use crate::settings::{Caches, CachingOptions, Settings, plan};
use crate::stream::{Stream, StreamBuilder};
use crate::views::{Nodes, View, per_node, shared};
use lamarck_cache::{Hint, PolicyKind, Trace};
use lamarck_sdk::model::report::Report;
use lamarck_sdk::prelude::Result;

/// Names of the two kinds of cache, in tables and keys.
pub(crate) const SHARED: &str = "shared";
pub(crate) const NODE: &str = "node";

const NO_DONORS: &str = "no candidate takes over weights, so nothing is ever read; set transfer.donor = \"parent\" or \
                         \"best-match\" in the study";

/// What is known of one kind of cache, or why nothing is.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) measured: std::result::Result<Measured, String>,
}

/// Everything a report is written from.
pub(crate) struct Results {
    pub(crate) plan: Plan,
    pub(crate) sides: Vec<Side>,
    pub(crate) footprint: u64,
    /// Policies that were asked for and cannot run, and why.
    pub(crate) unknown: Vec<(PolicyKind, String)>,
    pub(crate) run: std::result::Result<Run, String>,
    /// The objects of a mere trace of accesses. What only a run could tell is then not spoken of.
    pub(crate) accesses_of: Option<u64>,
}

/// What only a run's stream can tell.
pub(crate) struct Run {
    pub(crate) reuse: Reuse,
    pub(crate) lives: Lives,
    pub(crate) rows: usize,
    pub(crate) has_times: bool,
    pub(crate) unrecorded: (u64, u64),
    pub(crate) oddities: u64,
    /// Bytes of a model on average.
    pub(crate) model_bytes: Option<f64>,
}

/// The findings that answer the question: how large, how good, and what it helps to know of evolution, also where that
/// loses.
const LEAD: &[&str] = &[
    "size-for-nine-tenths-shared",
    "best-general-bytes-shared",
    "gain-next-donor-bytes-shared",
    "gain-next-donor:per=byte-requests-shared",
    "gain-population-bytes-shared",
    "size-for-nine-tenths-node",
    "best-general-bytes-node",
    "gain-next-donor-bytes-node",
];

impl Results {
    fn write(&self) -> Report {
        Report {
            analyzer: "caching".into(),
            findings: findings::write(self),
            tables: tables::write(self),
            charts: charts::write(self),
        }
        .leading_with(LEAD)
    }

    /// Sides about which something is known.
    pub(crate) fn measured(&self) -> impl Iterator<Item = &Measured> {
        self.sides.iter().filter_map(|side| side.measured.as_ref().ok())
    }
}

/// The report of a run.
pub(crate) fn of_run(builder: StreamBuilder, settings: &Settings) -> Report {
    let empty = builder.is_empty();
    if settings.no_donors && !empty {
        return nothing(settings, NO_DONORS).write();
    }
    let made = builder
        .finish(&settings.stream)
        .map_err(|error| if empty { "the trace has no candidates".to_owned() } else { error.to_string() });
    match made {
        Ok(stream) => of_stream(&stream, settings).write(),
        Err(why) => nothing(settings, &why).write(),
    }
}

/// Where there is no stream.
fn nothing(settings: &Settings, why: &str) -> Results {
    let side = |name| Side { name, measured: Err(why.to_owned()) };
    Results {
        plan: settings.plan.clone(),
        sides: names(settings.caches).map(side).collect(),
        footprint: 0,
        unknown: Vec::new(),
        run: Err(why.to_owned()),
        accesses_of: None,
    }
}

fn names(caches: Caches) -> impl Iterator<Item = &'static str> {
    [SHARED, NODE].into_iter().filter(move |&name| match caches {
        Caches::Both => true,
        Caches::Shared => name == SHARED,
        Caches::Node => name == NODE,
    })
}

/// Why a policy cannot be told anything.
fn unknown(policy: &PolicyKind, settings: &Settings) -> Option<String> {
    if !policy.listens() {
        return None;
    }
    if settings.stream.population.is_none() {
        let why = "the size of the population is not known; set the option `population`";
        return Some(why.to_owned());
    }
    let needs_chances = matches!(policy, PolicyKind::NextDonor { .. });
    (needs_chances && settings.selection.is_none()).then(|| {
        "how the strategy chooses parents is not known; the study has no strategy.sample, nor is it `neutral`".to_owned()
    })
}

fn of_stream(stream: &Stream, settings: &Settings) -> Results {
    let mut plan = settings.plan.clone();
    let mut cannot = Vec::new();
    plan.policies.retain(|policy| match unknown(policy, settings) {
        Some(why) => {
            cannot.push((*policy, why));
            false
        }
        None => true,
    });
    let footprint: u64 = stream.sizes.iter().sum();
    let has_reads = stream.ops.contains(&lamarck_cache::Op::Get);
    let no_reads = "no candidate in the trace took over a layer, so nothing is ever read";
    let hints = if has_reads { told(stream, settings, &plan) } else { Default::default() };
    let nodes = Nodes::of(stream);
    let sides = names(settings.caches).map(|name| {
        let views = || -> std::result::Result<Vec<View>, String> {
            if !has_reads {
                return Err(no_reads.to_owned());
            }
            let views = match (&nodes, name) {
                (None, NODE) => {
                    return Err("the trace does not say on which node candidates ran".to_owned());
                }
                (Some(nodes), NODE) => per_node(stream, nodes, &hints),
                _ => shared(stream, &hints).map(|view| vec![view]),
            };
            views.map_err(|error| error.to_string())
        };
        let measured = views().and_then(|views| {
            measure(name, &views, footprint, &plan, &Serial).map_err(|error| error.to_string())
        });
        Side { name, measured }
    });
    let sides = sides.collect();
    let rows = stream.candidate_count();
    let recorded: Vec<u32> = (0..).take(rows).filter(|&row| !stream.map(row).is_empty()).collect();
    let of_map = |row: &u32| stream.map(*row).iter().map(|&o| stream.sizes[o as usize] as f64).sum::<f64>();
    let bytes: f64 = recorded.iter().map(of_map).sum();
    let run = Run {
        reuse: reuse(stream, settings.window),
        lives: lives(stream),
        rows,
        has_times: stream.has_times(),
        unrecorded: stream.unrecorded(),
        oddities: stream.oddities().total(),
        model_bytes: (!recorded.is_empty()).then(|| bytes / recorded.len() as f64),
    };
    let run = if has_reads { Ok(run) } else { Err(no_reads.to_owned()) };
    Results { plan, sides, footprint, unknown: cannot, run, accesses_of: None }
}

/// What each policy of the grid is told.
fn told(stream: &Stream, settings: &Settings, plan: &Plan) -> [Vec<Hint>; 3] {
    let asked = |name: &str| plan.policies.iter().any(|policy| policy.name() == name);
    let mut told: [Vec<Hint>; 3] = Default::default();
    let Some(population) = settings.stream.population else { return told };
    if asked("population") {
        told[0] = hints::population(stream);
    }
    if asked("descendants") {
        told[1] = hints::descendants(stream);
    }
    if let Some(selection) = settings.selection.filter(|_| asked("next-donor")) {
        told[2] = hints::next_donor(stream, selection, population);
    }
    told
}

/// The report of any trace of accesses, as for a single cache: what needs neither times nor lineage. Of the options, `policies` and
/// `capacities` count. Lineage-aware policies are told the trace's own hints; without any they are left out, and findings
/// say so.
///
/// The executor runs what can be measured at the same time; the report is the same under any.
///
/// # Errors
/// An option that cannot be understood, or a hint of the trace that no policy can.
pub fn of_trace(trace: Trace, options: &CachingOptions, executor: &dyn Executor) -> Result<Report> {
    let mut plan = plan(options)?;
    let mut cannot = Vec::new();
    let mute = trace.hints().is_empty();
    plan.policies.retain(|policy| {
        let silent = mute && policy.listens();
        if silent {
            cannot.push((*policy, "the trace says nothing of lineage".to_owned()));
        }
        !silent
    });
    let (footprint, objects) = (trace.working_set(), trace.sizes().len() as u64);
    let hints = [0; 3].map(|_| trace.hints().to_vec());
    let why = "the trace has no reads";
    let measured = if trace.gets() == 0 {
        Err(why.to_owned())
    } else {
        Ok(measure(SHARED, &[View { trace, hints }], footprint, &plan, executor)?)
    };
    let sides = vec![Side { name: SHARED, measured }];
    let run = Err("a trace of accesses does not say who could still be chosen".to_owned());
    Ok(Results { plan, sides, footprint, unknown: cannot, run, accesses_of: Some(objects) }.write())
}
