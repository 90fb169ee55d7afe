//! How a search uses a cluster, and what distribution does to evolution.
//!
//! # What is measured
//!
//! - **Utilisation.** The share of worker time, from the first submission to the last finish (the
//!   *makespan*), that goes to training, reading inherited weights, storing, lost attempts, and candidates
//!   that were cut off at the end (see `usage.rs`). The rest is idle: in the *tail*, after the last
//!   candidate has started and nothing is left to do, or before.
//! - **Waiting.** From submission to start, less attempts that were lost. The length of the queue is its sum
//!   by the makespan.
//! - **Random phase.** Candidates submitted before the first child, and what share of all work was done by
//!   then.
//! - **Staleness.** Ages of parents when chosen, when the child starts and when it has finished, in
//!   completions; and whether they had left the population by then (`staleness.rs`). The parent's rank at
//!   both ends.
//! - **Order.** Completion against submission: inversions, Kendall's tau, displacement (`order.rs`).
//! - **Waves of generations** (`waves.rs`): whether generations follow one another or overlap; how fast they
//!   advance; the mean score of windows beside it, which falls back when a wave of worse children follows
//!   one of better ones.
//! - **Lineage across nodes.** Children that ran on their parent's node, or their donor's; bytes from the
//!   node's own cache, from the repository, and written; how concentrated lenders are.
//! - **Makespan and goals.** The makespan beside its lower bound, all work by the number of workers or the
//!   longest candidate; candidates an hour; hours and candidates until a score was reached. Goals are
//!   `thresholds`, shares of the way from the random phase's median to the run's best, which every run
//!   reaches and which tell how evenly it got there; and `scores`, which mean the same at every point of a
//!   sweep. Where nobody has parents, the way begins at the median of the first candidates, as many as the
//!   population has (100 where nobody says).
//! - **Nodes.** Training times of nodes beside each other, what the fastest quarter ran, lost attempts. The
//!   quarter is chosen by what was measured: with few candidates a node chance alone makes a fastest
//!   quarter.
//!
//! Closed forms stand beside what was measured; [`theory`] derives them.
//!
//! # What it takes
//!
//! 28 bytes a candidate, the columns of `rows.rs`, and an eighth more when orders are compared. All else has
//! a fixed size: bins of time (`timeline.rs`), buckets of numbers (`histogram.rs`), windows, a record a
//! worker and a node.
//!
//! # What may be missing
//!
//! Without times there is no utilisation, waiting or makespan; order, staleness and waves need none. Without
//! starts (logs that tell only when candidates finished) utilisation and waiting are missing, and the
//! makespan begins with the first time that is known. Without workers or nodes what is said of these is
//! missing; without parents, staleness, waves and random phase. How many workers there were is taken from
//! the study, or is the number of those seen where no study says. A population in which failures do not
//! count (`failures = "ignore"`) is followed, its members counted one by one; only ranks at the finish are
//! left out.
//!
//! References: R. Underwood et al., "Understanding patterns of deep learning model evolution in network
//! architecture search", 2023, arXiv:2309.12576; E. Real et al., "Regularized evolution for image classifier
//! architecture search", 2019, arXiv:1802.01548; J. Little, "A proof for the queuing formula L = lambda W",
//! 1961, doi:10.1287/opre.9.3.383; M. Kendall, "A new measure of rank correlation", 1938,
//! doi:10.1093/biomet/30.1-2.81; E. Scott, K. De Jong, "Evaluation-time bias in asynchronous evolutionary
//! algorithms", GECCO 2015, doi:10.1145/2739482.2768482.

mod goals;
mod histogram;
mod moments;
mod nodes;
mod order;
mod report;
mod rows;
mod settings;
mod staleness;
pub mod theory;
mod timeline;
mod usage;
mod waves;
mod windows;

pub use settings::DistributedOptions;

use lamarck_sdk::model::candidate::{Origin, value_at};
use lamarck_sdk::prelude::*;
use nodes::Nodes;
use rows::{Row, Rows};
use settings::Settings;
use staleness::{Child, Staleness};
use usage::{Life, Usage};
use windows::Windows;

/// The analyzer `distributed`.
#[derive(Debug, Clone)]
pub struct Distributed {
    settings: Settings,
    windows: Windows,
    run: Run,
}

/// What has been seen.
#[derive(Debug, Clone, Default)]
struct Run {
    usage: Usage,
    rows: Rows,
    nodes: Nodes,
    staleness: Staleness,
    beginnings: Beginnings,
    ranks: moments::Whole,
    /// All candidates, those that were still running or ready at the end included.
    candidates: u64,
    /// Candidates that failed, were lost, or have no data.
    unscored: u64,
    /// Candidates of other tools' logs of which nobody knows when they were submitted: their ids are the order in which
    /// they finished, and how old their parents were when chosen is an assumption of whoever inferred them.
    unsubmitted: u64,
    /// Candidates that name a parent, and those whose parent had not finished before.
    children: u64,
    unknown_parents: u64,
}

/// The first children.
#[derive(Debug, Clone, Copy, Default)]
struct Beginnings {
    /// The first submitted: its id and when that was.
    submitted: Option<(CandidateId, Option<u64>)>,
    /// The first finished: its row and when that was.
    finished: Option<(u32, Option<u64>)>,
}

impl Component for Distributed {
    type Options = DistributedOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "distributed",
        "how a search uses a cluster, and what distribution does to evolution: idle time, staleness, waves, makespan",
    )
    .references(&[
        "arXiv:2309.12576",
        "arXiv:1802.01548",
        "doi:10.1287/opre.9.3.383",
        "doi:10.1093/biomet/30.1-2.81",
        "doi:10.1145/2739482.2768482",
    ])
    .options(settings::SPECS);

    fn create(options: DistributedOptions, context: &Context) -> Result<Self> {
        let settings = Settings::new(&options, context)?;
        Ok(Self { windows: Windows::new(settings.window), run: Run::default(), settings })
    }
}

impl Distributed {
    #[inline]
    fn add(&mut self, batch: &Columns<'_>, row: usize) -> Result<()> {
        let run = &mut self.run;
        let life = Self::life(batch, row);
        run.candidates += 1;
        let unsubmitted = life.submitted.is_none() && batch.origin[row] == Origin::Import as u8;
        run.unsubmitted += u64::from(unsubmitted);
        let busy = run.usage.add(&life);
        let (worker, node) = (value_at(batch.worker, row), value_at(batch.node, row));
        if let Some(node) = node.and_then(|node| run.nodes.node(node)) {
            node.busy += u128::from(busy.unwrap_or(0));
        }
        let id = batch.id[row];
        let parent_id = value_at(batch.parent, row);
        if parent_id.is_some() && run.beginnings.submitted.is_none_or(|(first, _)| id < first) {
            run.beginnings.submitted = Some((id, life.submitted));
        }
        if life.status == Some(Status::Interrupted) {
            if let Some(worker) = worker.and_then(|worker| run.nodes.worker(worker)) {
                worker.ran(busy, None);
            }
            return Ok(());
        }

        let here = u32::try_from(run.rows.len()).unwrap_or(u32::MAX);
        let parent = parent_id.and_then(|parent| run.rows.find(parent));
        if parent_id.is_some() {
            run.children += 1;
            run.unknown_parents += u64::from(parent.is_none());
            run.beginnings.finished.get_or_insert((here, life.finished));
        }
        if let Some(rank) = value_at(batch.parent_rank, row) {
            run.ranks.add(rank);
        }
        if let Some(parent) = parent {
            let child = Child {
                row: here,
                parent,
                parent_age: value_at(batch.parent_age, row).filter(|_| !unsubmitted),
                submitted: life.submitted,
                started: life.started,
                finished: life.finished,
                worker,
            };
            run.staleness.add(&child, &run.rows, &run.nodes, &self.settings);
        }
        let ok = life.status == Some(Status::Ok);
        let score = value_at(batch.score, row).filter(|score| ok && score.is_finite());
        run.unscored += u64::from(!ok);
        let row_now = Row {
            id,
            parent,
            finished: life.finished,
            score,
            node,
            member: score.is_some() || self.settings.failures_enter,
        };
        run.rows.push(row_now)?;
        if let Some(worker) = worker.and_then(|worker| run.nodes.worker(worker)) {
            worker.ran(busy, life.finished.map(|finished| (here, finished)));
        }

        let window = self.windows.next();
        window.generation.add(run.rows.generation[here as usize]);
        if let Some(score) = score {
            window.score.add(score);
        }
        self.place(batch, row, parent);
        Ok(())
    }

    /// Where the candidate ran, and where what it took over came from.
    #[inline]
    fn place(&mut self, batch: &Columns<'_>, row: usize, parent: Option<u32>) {
        let (run, window) = (&mut self.run, self.windows.now());
        let prefix = value_at(batch.prefix_bytes, row);
        let cached = value_at(batch.cached_bytes, row).unwrap_or(0).min(prefix.unwrap_or(0));
        let fetched = prefix.unwrap_or(0) - cached;
        if prefix.is_some() {
            window.cached += u128::from(cached);
            window.fetched += u128::from(fetched);
            window.readers += 1;
        }
        if let Some(written) = value_at(batch.stored_bytes, row) {
            window.written += u128::from(written);
            window.writers += 1;
        }
        let Some(number) = value_at(batch.node, row) else { return };
        let parents = parent.and_then(|parent| run.rows.node(parent));
        let donor = value_at(batch.donor, row).and_then(|donor| run.rows.find(donor));
        let donors = donor.and_then(|donor| run.rows.node(donor));
        if let Some(node) = run.nodes.list.get_mut(number as usize) {
            node.candidates += 1;
            node.cached += u128::from(cached);
            node.fetched += u128::from(fetched);
            let train = value_at(batch.train_us, row).filter(|&us| us > 0);
            if let Some(us) = train.filter(|_| batch.status[row] == Status::Ok as u8) {
                node.train.add(us as f64);
            }
            node.children += u64::from(parents.is_some());
            node.at_home += u64::from(parents == Some(number));
        }
        if let Some(donors) = donors {
            run.nodes.borrowers += 1;
            run.nodes.at_donors += u64::from(donors == number);
            if let Some(node) = run.nodes.list.get_mut(donors as usize) {
                node.lent += u128::from(cached) + u128::from(fetched);
            }
        }
    }

    /// When a candidate was submitted, started and finished, and what it did in between.
    #[inline]
    fn life(batch: &Columns<'_>, row: usize) -> Life {
        let time = |column: &[u64]| value_at(column, row);
        Life {
            status: Status::from_number(batch.status[row]),
            submitted: time(batch.submitted_us),
            started: time(batch.started_us),
            finished: time(batch.finished_us),
            attempts: value_at(batch.attempts, row),
            lost: time(batch.lost_us).unwrap_or(0),
            train: time(batch.train_us).unwrap_or(0),
            transfer: time(batch.transfer_us).unwrap_or(0),
            store: time(batch.store_us).unwrap_or(0),
        }
    }
}

impl Analyzer for Distributed {
    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        ensure!(
            batch.is_consistent(),
            "the columns of a batch of {} candidates differ in length",
            batch.len()
        );
        // Bins of time begin where the first batch does; there is none earlier but in odd traces.
        let times = [batch.submitted_us, batch.started_us, batch.finished_us];
        let known = times.into_iter().flatten().copied().filter_map(lamarck_sdk::Nullable::known);
        if let Some(first) = known.min() {
            self.run.usage.timeline.begin(first);
        }
        for row in 0..batch.len() {
            self.add(batch, row)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Report> {
        self.windows.close();
        // Taken, so that a large run is gone once its report is written.
        let run = std::mem::take(&mut self.run);
        let windows = std::mem::replace(&mut self.windows, Windows::new(self.settings.window));
        Ok(report::write(&self.settings, &windows, &run))
    }
}

export_plugin! { analyzers: [Distributed] }
