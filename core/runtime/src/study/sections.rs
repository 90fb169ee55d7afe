//! The study's own sections and keys: the one table that the checker, the defaults, the messages and the command
//! line's help are made from.

use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionSpec;

/// A study has at most this many sweep points.
pub const MAX_POINTS: usize = 10_000;
/// A study has at most this many runs: points times replicates.
pub const MAX_RUNS: u64 = 1_000_000;
/// A sweep has at most this many keys.
pub(super) const MAX_AXES: usize = 64;
/// The trace numbers mutators with 16 bits.
pub(super) const MAX_ENTRIES: usize = 1000;
/// 10⁹ hours still fit 63 bits of microseconds.
const MAX_HOURS: f64 = 1e9;
/// The same in seconds.
const MAX_SECONDS: f64 = MAX_HOURS * 3600.0;

/// A section of a study.
#[derive(Debug, Clone, Copy)]
pub struct SectionSpec {
    /// The name in brackets.
    pub name: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// The kind of component it chooses, whose options stand beside the section's own keys.
    pub component: Option<Kind>,
    /// Whether it is written in double brackets, once per entry.
    pub list: bool,
    /// The component of the one entry that a study without the list has.
    pub default_entry: Option<&'static str>,
    /// Whether its keys may differ between sweep points. (`study.seed` may, too.)
    pub sweep: bool,
    /// Its own keys.
    pub keys: &'static [OptionSpec],
}

impl SectionSpec {
    const fn new(name: &'static str, help: &'static str, keys: &'static [OptionSpec]) -> Self {
        Self { name, help, component: None, list: false, default_entry: None, sweep: true, keys }
    }

    const fn component(mut self, kind: Kind) -> Self {
        self.component = Some(kind);
        self
    }

    const fn list(mut self, default_entry: Option<&'static str>) -> Self {
        self.list = true;
        self.default_entry = default_entry;
        self
    }

    const fn same_everywhere(mut self) -> Self {
        self.sweep = false;
        self
    }

    /// The name as a study writes it: `[cluster]`, `[[mutators]]`.
    pub fn header(&self) -> String {
        if self.list { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

const PLUGIN: OptionSpec = OptionSpec::text("plugin", "the component's name");

/// All sections, in the order in which a resolved study writes them. `[sweep]` comes on top of them.
pub const SECTIONS: &[SectionSpec] = &[
    SectionSpec::new(
        "study",
        "what the study is called and how often it is repeated",
        &[
            // An empty name stands for the file's.
            OptionSpec::text("name", "the study's name, also of its folder").default_value("\"\""),
            OptionSpec::integer("seed", 0, i64::MAX, "the seed of all randomness").default_value("1"),
            OptionSpec::integer("replicates", 1, 100_000, "independent runs of every sweep point")
                .default_value("1"),
            OptionSpec::text("summary", "what the study is about").default_value("\"\""),
            OptionSpec::bool(
                "replay",
                "of points that differ in cluster, scheduler and retention only, play the first one's candidates",
            )
            .default_value("false"),
        ],
    )
    .same_everywhere(),
    SectionSpec::new(
        "plugins",
        "where else plugins are looked for",
        &[OptionSpec::any("path", "folders and files, relative to the study").default_value("[]")],
    )
    .same_everywhere(),
    SectionSpec::new("space", "the search space", &[PLUGIN]).component(Kind::SearchSpace),
    SectionSpec::new("evaluator", "what scores a candidate", &[PLUGIN]).component(Kind::Evaluator),
    SectionSpec::new(
        "strategy",
        "what proposes candidates",
        &[PLUGIN.default_value("\"regularized-evolution\"")],
    )
    .component(Kind::Strategy),
    SectionSpec::new(
        "mutators",
        "what makes a child from its parent; several are drawn by weight",
        &[
            PLUGIN,
            OptionSpec::float("weight", f64::MIN_POSITIVE, 1e9, "how often, relative to the other mutators")
                .default_value("1.0"),
        ],
    )
    .component(Kind::Mutator)
    .list(Some("one-decision")),
    SectionSpec::new(
        "scheduler",
        "which ready candidate goes to which idle worker",
        &[
            PLUGIN.default_value("\"fifo\""),
            OptionSpec::integer(
                "lookahead",
                0,
                1_000_000,
                "ready candidates to choose from beyond the idle workers",
            )
            .default_value("0"),
        ],
    )
    .component(Kind::Scheduler),
    SectionSpec::new(
        "cluster",
        "the simulated cluster",
        &[
            OptionSpec::integer("workers", 1, 1_000_000, "candidates that train at the same time")
                .default_value("1"),
            OptionSpec::integer("workers_per_node", 1, 1_000_000, "workers that share a node")
                .default_value("1"),
            OptionSpec::float("failure_rate", 0.0, 1.0, "share of attempts that lose their worker in training")
                .default_value("0.0"),
            OptionSpec::integer("retries", 0, 1000, "how often a candidate is started again whose attempt was lost")
                .default_value("0"),
            OptionSpec::float("restart_s", 0.0, MAX_SECONDS, "how long a worker is away after a loss")
                .default_value("0.0")
                .unit("s"),
            OptionSpec::float(
                "speed_spread",
                0.0,
                0.99,
                "nodes' speeds lie evenly between 1 less this and 1 plus this",
            )
            .default_value("0.0"),
            OptionSpec::float(
                "walltime_hours",
                1e-6,
                MAX_HOURS,
                "an allocation's length: at its end what runs is lost and node caches are empty",
            )
            .default_value("null")
            .unit("h"),
            OptionSpec::float("requeue_s", 0.0, MAX_SECONDS, "time from one allocation to the next")
                .default_value("0.0")
                .unit("s"),
            OptionSpec::float("node_cache_gib", 0.0, 1e9, "each node's cache of layers, 0 for none")
                .default_value("0.0")
                .unit("GiB"),
            OptionSpec::text("node_cache_policy", "what a full node cache evicts, as for `lamarck cache --policies`")
                .default_value("\"lru\""),
            OptionSpec::float("repository_latency_ms", 0.0, 1e9, "what a request to the repository takes beside its bytes")
                .default_value("0.0")
                .unit("ms"),
            OptionSpec::float("repository_gb_s", 0.0, 1e6, "the repository's bandwidth, shared evenly; 0 for no limit")
                .default_value("0.0")
                .unit("GB/s"),
            OptionSpec::float("link_gb_s", 0.0, 1e6, "the bandwidth of one worker at most; 0 for no limit")
                .default_value("0.0")
                .unit("GB/s"),
        ],
    ),
    SectionSpec::new(
        "transfer",
        "whether candidates take over weights",
        &[
            OptionSpec::choice(
                "donor",
                &["none", "parent", "best-match"],
                "whose weights a child takes over",
            )
            .default_value("\"none\""),
            OptionSpec::choice(
                "retention",
                &["all", "reachable", "population", "window"],
                "which stored layers stay: all, what a member or a child in flight could need, what members consist \
                 of, what the last `window` models consist of",
            )
            .default_value("\"all\""),
            OptionSpec::integer("window", 1, 1_000_000_000, "models that retention = \"window\" keeps")
                .default_value("1000"),
            OptionSpec::choice(
                "missing",
                &["error", "train"],
                "when retention has deleted a layer that is to be taken over: stop, or train it anew and count",
            )
            .default_value("\"error\""),
            OptionSpec::text("level", "the level of layer graph, or empty for the space's first")
                .default_value("\"\""),
        ],
    ),
    SectionSpec::new(
        "budget",
        "when a run ends: at whichever comes first",
        &[
            OptionSpec::integer("candidates", 1, i64::MAX, "candidates per run").default_value("null"),
            OptionSpec::float("virtual_hours", f64::MIN_POSITIVE, MAX_HOURS, "simulated time per run")
                .default_value("null")
                .unit("h"),
        ],
    ),
    SectionSpec::new(
        "trace",
        "what is recorded",
        &[
            OptionSpec::bool("write", "write the trace to disk").default_value("true"),
            OptionSpec::bool("layers", "record every candidate's layers").default_value("true"),
            OptionSpec::integer("part_rows", 1, 10_000_000, "rows of one Parquet part")
                .default_value("100000"),
        ],
    )
    .same_everywhere(),
    SectionSpec::new(
        "analyzers",
        "what looks at the trace",
        &[
            PLUGIN,
            OptionSpec::text("heading", "what stands above its part of the report: the question it answers")
                .default_value("\"\""),
        ],
    )
    .component(Kind::Analyzer)
    .list(None)
    .same_everywhere(),
];
