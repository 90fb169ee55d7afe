//! What a cache of stored weights would gain: reuse, miss-ratio curves, policies by capacity, bounds, sizing.
//!
//! # What is measured
//!
//! The tables `candidates` and `layers` are turned into a stream of reads, writes and deletions ([`stream`] says how, and
//! in which order). Each access goes to two kinds of cache: one that all nodes **share**, and one on each **node** that sees what
//! happens there. Everything read is asked of the cache and comes in when it misses; everything written comes in and is
//! neither hit nor miss. With one cache for all, what was written and never evicted is therefore never missed; a
//! node's cache misses what another node wrote.
//!
//! **Capacities** are shares of the **footprint**, the bytes of all distinct objects of the run; a node's cache has the same share of
//! the whole footprint. So x values are the same in every run, and both kinds of cache can be compared at equal
//! capacity each.
//!
//! - **Curve.** What LRU misses at capacities an octave's half apart, exact, by requests and by bytes.
//! - **Grid.** Every policy at every capacity, both objectives, with PFOO-L below which none can be. For caches side by side
//!   misses and bounds are summed.
//! - **Gain of lineage-aware policies.** Against the *best* of all policies that know neither the future nor evolution, at
//!   each capacity, chosen in hindsight: a stricter measure than against LRU. Negative where they lose. What they are
//!   told is in `hints.rs`; nothing of it is from the future.
//! - **Sizing.** The capacity with which LRU serves a share of the attainable hits, attainable being what a cache without
//!   limit serves; and the least with which any policy could.
//! - **Ages** at hit and at eviction, and how often what was evicted is asked for again, at the capacity in the middle.
//! - **Reuse.** From a read to the use before it: bytes of distinct objects used in between (the reuse distance), and
//!   candidates finished and time passed (the interval). Bytes used in windows of finished candidates (the working set).
//! - **Retention.** How long objects live under each rule, what the run read of what the rule would have deleted, and how
//!   many completions later it was (`lives.rs`): so long must deletion be put off to lose nothing.
//!
//! # Options worth a thought
//!
//! `retention` decides about deletions in the stream. Under `all`, the studies' default, nothing is deleted, and only
//! lineage-aware policies notice who is retired; under `reachable` every cache is told, and what the policies still gain is
//! due to ranks and ages. `granularity` decides what an object is.
//!
//! # Bad input
//!
//! Without a `layers` table, without donors, without a known population: findings say what is missing and which key of
//! the study to set. Rows that contradict others are left out or counted ([`stream::Oddities`]), never trusted.
//!
//! References: R. Mattson et al. 1970, doi:10.1147/sj.92.0078 (curves); D. Berger, N. Beckmann, M. Harchol-Balter 2018,
//! doi:10.1145/3224427 (PFOO); R. Underwood et al. 2023, arXiv:2309.12576; policies have theirs in `lamarck-cache`.

mod executor;
mod hints;
mod measure;
mod report;
mod settings;
pub mod stream;
mod views;

pub use executor::{Executor, Serial};
pub use hints::Selection;
pub use report::of_trace as analyze_trace;
pub use settings::{CAPACITIES, Caches, CachingOptions, POLICIES, RetentionChoice, stream_options};

use lamarck_sdk::prelude::*;
use settings::Settings;
use stream::StreamBuilder;

/// What the analyzer says of itself.
pub const SUMMARY: &str = "what caches of stored weights would gain: reuse, miss-ratio curves, policies by capacity, bounds, sizing";

/// The analyzer `caching`.
#[derive(Debug, Clone)]
pub struct Caching {
    settings: Settings,
    builder: StreamBuilder,
}

impl Component for Caching {
    type Options = CachingOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "caching", SUMMARY,
    )
    .references(&["arXiv:2309.12576", "doi:10.1145/3224427", "doi:10.1147/sj.92.0078"])
    .options(&[
        OptionSpec::choice(
            "granularity",
            &["layer", "model"],
            "what is cached: a stored layer, or all that one candidate stores as one object",
        )
        .default_value("\"layer\""),
        OptionSpec::choice(
            "retention",
            &["study", "all", "reachable", "population", "window"],
            "when stored layers are deleted: by the study's own rule, or by this one",
        )
        .default_value("\"study\""),
        OptionSpec::integer("population", 0, 1_000_000, "members of the population; 0 takes the strategy's")
            .default_value("0")
            .unit("candidates"),
        OptionSpec::choice(
            "caches",
            &["both", "shared", "node"],
            "whose caches: one for all nodes, one on each, or both",
        )
        .default_value("\"both\""),
        OptionSpec::text(
            "policies",
            "policies of the grid, separated by spaces, with options as in `s3-fifo:small=0.05`",
        )
        .default_value(
            "\"fifo lru sieve s3-fifo arc gdsf w-tiny-lfu lhd:sample=32,interval=8192 belady belady-size:sample=32 \
             population descendants next-donor next-donor:per=byte\"",
        ),
        OptionSpec::text("capacities", "capacities of the grid as shares of the footprint, separated by spaces")
            .default_value("\"0.001 0.003 0.01 0.03 0.1 0.3\""),
        OptionSpec::integer("window", 1, 1_000_000_000, "finished candidates in a window of the working set")
            .default_value("100")
            .unit("candidates"),
    ]);

    fn create(options: CachingOptions, context: &Context) -> Result<Self> {
        Ok(Self { settings: Settings::new(&options, context)?, builder: StreamBuilder::default() })
    }
}

impl Analyzer for Caching {
    fn wants_layers(&self) -> bool {
        // Without donors there is nothing to read, and the table may have hundreds of millions of rows.
        !self.settings.no_donors
    }

    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        Ok(self.builder.candidates(batch)?)
    }

    fn layers(&mut self, batch: &LayerColumns) -> Result<()> {
        Ok(self.builder.layers(batch)?)
    }

    fn finish(&mut self) -> Result<Report> {
        let builder = std::mem::take(&mut self.builder);
        Ok(report::of_run(builder, &self.settings))
    }
}

lamarck_sdk::export_plugin! { analyzers: [Caching] }
// The simulator of the tests names this crate as they do.
#[cfg(test)]
extern crate self as lamarck_caching;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
