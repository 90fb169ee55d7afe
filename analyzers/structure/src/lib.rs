//! How the structure of the models changes over a search: which options of each decision become common, how much
//! variety is left, and where mutations strike and last.
//!
//! # What is measured
//!
//! - **Shares.** The share of each option of each decision among the candidates that have a score, over whole runs
//!   and in consecutive windows of `window` finished candidates. Failed candidates take up room in a window (windows
//!   are a piece of the run's course, the same for every analyzer) but are no part of the shares.
//! - **Entropy.** For each decision and window the Shannon entropy of its shares, divided by the logarithm of its
//!   number of options: 1 when all are equally common, 0 when one is left. Decisions with a single option have no
//!   entropy. A window's entropy is the mean over its decisions. The plain estimate is low by about
//!   (k - 1) / (2 n ln k) for k options and n candidates; with 5 options and 1,000 candidates that is 0.001, so windows
//!   much smaller than the default should not be compared with larger ones. That is why the findings use full
//!   windows only; the tables show the incomplete one at the end too, with the number of its candidates.
//! - **Mutations.** For each decision, how many mutations changed it and nothing else, and how many of those
//!   *survived*: the child became a parent itself. The children of the last candidates are not in the trace, so the
//!   share that survived is a lower bound; in a run much longer than its population is the bound is close.
//!
//! # Averages
//!
//! Every number is computed for each run and then averaged over the runs of a sweep point, all runs weighing the same,
//! with the standard deviation over them as spread. Pooling all candidates instead would let a single run that
//! converged early pass for a trend. Points of a sweep are never mixed: each has rows and findings of its own (the
//! findings' keys end in `-point-N` where there is more than one).
//!
//! # Memory
//!
//! Per window and option one running mean: what the tables show. Per candidate of the *current* run two bytes, to know
//! what a mutation changed when its child turns up as a parent, however much later. Forgetting candidates that are no
//! longer in the population would need less, but the trace does not say how long a strategy remembers. A run's ids are
//! numbers from 0, so an array does; an id more than 2^20 beyond the number of rows seen is not followed (and a finding
//! says how many were not), so that a trace with wild ids cannot exhaust the memory.
//!
//! Rows must stand in the order in which candidates finished, so that a parent's row precedes its children's.
//!
//! References: R. Underwood et al., "Understanding patterns of deep learning model evolution in network architecture
//! search", 2023, arXiv:2309.12576; C. Shannon, "A mathematical theory of communication", 1948,
//! doi:10.1002/j.1538-7305.1948.tb01338.x; G. Miller, "Note on the bias of information estimates", 1955 (the bias);
//! B. Welford, "Note on a method for calculating corrected sums of squares and products", 1962,
//! doi:10.1080/00401706.1962.10490022.

mod composition;
mod mutations;
mod report;
mod spread;

use composition::{Layout, PointComposition, RunComposition};
use lamarck_sdk::Nullable;
use lamarck_sdk::prelude::*;
use mutations::{PointMutations, RunMutations};
use std::collections::BTreeMap;

/// The analyzer `structure`.
#[derive(Debug, Clone)]
pub struct Structure {
    layout: Layout,
    window: u64,
    points: BTreeMap<u32, Point>,
    run: Option<Run>,
}

/// The options of [`Structure`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct StructureOptions {
    /// How many finished candidates a window has.
    pub window: u64,
}

/// All runs of a sweep point.
#[derive(Debug, Clone, Default)]
struct Point {
    runs: u64,
    candidates: u64,
    scored: u64,
    composition: PointComposition,
    mutations: PointMutations,
}

/// The run whose batches are coming in.
#[derive(Debug, Clone)]
struct Run {
    point: u32,
    composition: RunComposition,
    mutations: RunMutations,
}

impl Component for Structure {
    type Options = StructureOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "structure",
        "shares of the options of each decision over time, their entropy, and which mutations survive",
    )
    .references(&["arXiv:2309.12576", "doi:10.1002/j.1538-7305.1948.tb01338.x"])
    .options(&[OptionSpec::integer("window", 1, 1_000_000_000, "finished candidates in a window")
        .default_value("1000")
        .unit("candidates")]);

    fn create(options: StructureOptions, context: &Context) -> Result<Self> {
        ensure!(options.window > 0, "option `window` is 0; a window needs at least one candidate");
        Ok(Self {
            layout: Layout::new(context.space()?)?,
            window: options.window,
            points: BTreeMap::new(),
            run: None,
        })
    }
}

impl Structure {
    /// Begins a run.
    pub fn begin_run(&mut self, point: u32, _replicate: u32) -> Result<()> {
        self.end_run();
        self.points.entry(point).or_default();
        self.run = Some(Run {
            point,
            composition: RunComposition::new(&self.layout, self.window),
            mutations: RunMutations::new(self.layout.decisions.len()),
        });
        Ok(())
    }

    fn end_run(&mut self) {
        let Some(run) = self.run.take() else { return };
        let point = self.points.entry(run.point).or_default();
        point.runs += 1;
        point.candidates += run.composition.candidates();
        point.scored += run.composition.scored();
        run.composition.end(&self.layout, &mut point.composition);
        run.mutations.end(&mut point.mutations);
    }
}

impl Analyzer for Structure {
    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        ensure!(
            batch.is_consistent(),
            "the columns of a batch of {} candidates differ in length",
            batch.len()
        );
        ensure!(
            batch.is_empty() || batch.width == self.layout.decisions.len(),
            "the trace's vectors have {} choices, but the search space has {} decisions; was the trace written with \
             another space?",
            batch.width,
            self.layout.decisions.len()
        );
        if self.run.is_none() {
            // A host that has one run only may not say so.
            self.begin_run(0, 0)?;
        }
        let Some(run) = &mut self.run else { return Ok(()) };
        // A consistent batch has a value for every row in the columns that must have one.
        for row in 0..batch.len() {
            let scored = Status::from_number(batch.status[row]) == Some(Status::Ok);
            let vector = scored.then(|| batch.vector(row));
            let point = self.points.entry(run.point).or_default();
            run.composition
                .add(vector, &self.layout, &mut point.composition)
                .with_context(|| format!("candidate {} cannot be counted", batch.id[row]))?;
            run.mutations
                .add(batch, row)
                .with_context(|| format!("candidate {} cannot be counted", batch.id[row]))?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Report> {
        self.end_run();
        Ok(report::write(&self.layout, self.window, &self.points))
    }
}

/// What a row has in a column that may be empty.
fn value<T: Nullable>(column: &[T], row: usize) -> Option<T> {
    column.get(row).copied().and_then(T::known)
}

lamarck_sdk::export_plugin! { analyzers: [Structure] }
