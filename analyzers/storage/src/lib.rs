//! What the repository of weights holds: bytes with and without sharing, what each retention rule keeps, how many
//! owners a model is read from, how long stored layers live, and what it costs to wait before models are retired.
//!
//! A stored model is a map from its layers to *stored layers*, each written by one candidate, its **owner**. A child's
//! map points at its donor's stored layers for the prefix and at its own for the rest (EvoStore's composition). See the
//! runtime's module `repository`, whose rules these are and with whose sums these numbers agree.
//!
//! # From the candidates alone
//!
//! - **Bytes** of all models stored so far, each counted whole (without sharing), and written (with sharing).
//! - **Members, unshared**: the bytes that the models of the population would take if each were stored whole. Closed form:
//!   P models are live, so P times the mean model.
//! - **Inherited** share of a model's bytes and layers; layers that the repository had deleted when they were to be read.
//! - **Owners**: requests to read a whole model, and to read a prefix.
//! - **Seconds** of reading inherited weights against those of training.
//!
//! # From the `layers` table
//!
//! The run is gone through once more, stored layer by stored layer (`replay.rs`):
//!
//! - **Live bytes** under `all`, `reachable`, `population` and `window`, over time, peak, mean and at the end, and how many
//!   promised layers each rule had deleted when they were to be read. Peaks are taken after every event of the engine,
//!   so they are the repository's own.
//! - **Lifetimes** of stored layers: from the finish of the owner until the last member with it in its map has left, in
//!   completions and in virtual seconds. Those that live at the end are censored; the curve is the product-limit
//!   estimate. A layer that nobody inherits lives exactly P completions.
//! - **When to retire**, which the authors left open. A model that has left the population is retired D completions later
//!   (*delay*), or by a *sweep* that comes with every D-th completion. For each D: bytes that are kept though no member
//!   holds them; promised layers that are gone when they are to be read; and layers that are gone when a child in
//!   flight finishes that points at them (*broken*), which is worse: the child's model is incomplete. Closed form: if
//!   each written byte is dropped once, D completions' worth of bytes wait, D times what a candidate writes, and
//!   (D - 1)/2 times with sweeps. A child is in flight for W completions on average (Little's law), so about as long a delay is
//!   needed; the least that breaks nothing in this run is a finding, and so is what `reachable` keeps, which knows.
//!
//! Reading the table is the default, since half of the questions rest on it, and whoever does not want it has not written
//! it (`trace.layers = false`) or sets `layers = false`. All else is then reported just the same.
//!
//! # What cannot be told
//!
//! - **Who is a member** follows from the strategies at hand, whose members are the last P told candidates; `random` has none.
//!   For others, and for imports, set `population`, or live bytes under `reachable` and `population`, lifetimes and waiting
//!   are missing.
//! - **Promises to candidates that failed** are not in the table, so `reachable` is too low while they were in flight. So are
//!   promises that were not kept (`transfer.missing = "train"`): a finding says how many there are.
//! - Every rule is judged for the donors of this run; another rule might have led to others.
//!
//! # Windows, time, memory
//!
//! Charts over time have a point a window of `window` finished candidates, 200 at most; longer runs have windows wider by
//! the smallest power of two that makes them fit. Without layers, memory is 8 bytes a member; with them 29 bytes a
//! candidate, and what the maps of members, of the window and of donors in use need. `cargo bench -p lamarck-storage`
//! measures both.
//!
//! References: R. Underwood et al., "Understanding patterns of deep learning model evolution in network architecture
//! search", 2023, arXiv:2309.12576; R. Underwood et al., "EvoStore", HPDC'24, doi:10.1145/3625549.3658679 (composition and
//! owner maps); E. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", 1958,
//! doi:10.1080/01621459.1958.10501452 (lifetimes); J. Little, "A proof for the queuing formula L = lambda W", 1961,
//! doi:10.1287/opre.9.3.383 (children in flight).

mod delays;
mod ledger;
mod replay;
mod report;
mod settings;
mod survival;
mod table;
mod windows;

pub use settings::StorageOptions;

use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;
use replay::{Plan, Replay};
use settings::Settings;
use std::collections::VecDeque;
use std::ops::Range;
use table::Table;
use windows::Windows;

/// The analyzer `storage`.
#[derive(Debug, Clone)]
pub struct Storage {
    settings: Settings,
    windows: Windows,
    /// Bytes of the members' models, in the order in which they joined, and their sum.
    members: VecDeque<u64>,
    members_bytes: u128,
    /// That sum, over all completions from the moment at which the population was full.
    members_sum: windows::Mean,
    /// Owners of the model that has the most.
    most_owners: u32,
    /// How many models have so many owners, from 1; the last stands for more. And how many prefixes.
    owners: [u64; OWNERS],
    prefix_owners: [u64; OWNERS],
    /// `None` when layers are not read.
    table: Option<Table>,
    /// `None` until the first layers come.
    replay: Option<Replay>,
    interrupted: u64,
}

/// Rows of the table of owners; the last stands for this many or more.
pub(crate) const OWNERS: usize = 16;

impl Component for Storage {
    type Options = StorageOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "storage",
        "bytes with and without sharing, live bytes per retention rule, owners, lifetimes, the cost of retiring late",
    )
    .references(&[
        "arXiv:2309.12576",
        "doi:10.1145/3625549.3658679",
        "doi:10.1080/01621459.1958.10501452",
        "doi:10.1287/opre.9.3.383",
    ])
    .options(settings::SPECS);

    fn create(options: StorageOptions, context: &Context) -> Result<Self> {
        let settings = Settings::new(&options, context)?;
        Ok(Self {
            windows: Windows::new(settings.window),
            members: VecDeque::new(),
            members_bytes: 0,
            members_sum: windows::Mean::default(),
            most_owners: 0,
            owners: [0; OWNERS],
            prefix_owners: [0; OWNERS],
            table: settings.layers.then(Table::default),
            replay: None,
            interrupted: 0,
            settings,
        })
    }
}

/// The values of a column in a range of rows that are known; none when the column is absent.
fn known<'a, T: lamarck_sdk::Nullable>(
    column: &'a [T],
    rows: &Range<usize>,
) -> impl Iterator<Item = (usize, T)> + use<'a, T> {
    let part = column.get(rows.clone()).unwrap_or_default();
    let first = rows.start;
    part.iter().enumerate().filter_map(move |(i, value)| value.known().map(|value| (first + i, value)))
}

impl Storage {
    /// Takes in finished candidates that all are of one window.
    fn finished(&mut self, batch: &Columns<'_>, rows: &Range<usize>) {
        let well = |row: usize| batch.status[row] == Status::Ok as u8;
        let window = &mut self.windows.open;
        window.rows += rows.len() as u64;
        window.models += rows.clone().filter(|&row| well(row)).count() as u64;
        for (row, bytes) in known(batch.bytes, rows).filter(|&(row, _)| well(row)) {
            window.whole += u128::from(bytes);
            window.sized += 1;
            if let Some(prefix) = value_at(batch.prefix_bytes, row).filter(|_| bytes > 0) {
                window.bytes_share.add((prefix as f64 / bytes as f64).min(1.0));
            }
        }
        for (row, layers) in known(batch.layers, rows).filter(|&(row, layers)| well(row) && layers > 0) {
            if let Some(prefix) = value_at(batch.prefix_layers, row) {
                window.layers_share.add((prefix as f64 / layers as f64).min(1.0));
            }
        }
        for (_, bytes) in known(batch.stored_bytes, rows).filter(|&(row, _)| well(row)) {
            window.stored += u128::from(bytes);
            window.storing += 1;
        }
        for (_, owners) in known(batch.owners, rows).filter(|&(row, _)| well(row)) {
            window.owners.add(f64::from(owners));
            self.most_owners = self.most_owners.max(owners);
            count(&mut self.owners, owners);
        }
        for (_, owners) in known(batch.prefix_owners, rows).filter(|&(_, owners)| owners > 0) {
            window.prefix_owners.add(f64::from(owners));
            count(&mut self.prefix_owners, owners);
        }
        for (_, missed) in known(batch.missed_layers, rows) {
            window.missed += u128::from(missed);
            window.missing += u64::from(missed > 0);
            window.missing_known += 1;
        }
        let times = [
            (batch.transfer_us, &mut window.transfer),
            (batch.train_us, &mut window.train),
            (batch.store_us, &mut window.store),
        ];
        for (column, sum) in times {
            known(column, rows).filter(|&(row, _)| well(row)).for_each(|(_, us)| sum.add(us as f64));
        }
        self.join(batch, rows);
    }

    /// Lets candidates join the population and others leave it.
    fn join(&mut self, batch: &Columns<'_>, rows: &Range<usize>) {
        let Some(population) = self.settings.population.filter(|_| !batch.bytes.is_empty()) else { return };
        for row in rows.clone() {
            let well = batch.status[row] == Status::Ok as u8;
            if well || self.settings.failures_enter {
                let bytes = if well { value_at(batch.bytes, row).unwrap_or(0) } else { 0 };
                self.members.push_back(bytes);
                self.members_bytes += u128::from(bytes);
                if self.members.len() as u64 > population {
                    self.members_bytes -= u128::from(self.members.pop_front().unwrap_or(0));
                }
            }
            if self.members.len() as u64 == population {
                self.members_sum.add(self.members_bytes as f64);
            }
        }
        self.windows.open.members = Some(self.members_bytes);
    }
}

fn count(counts: &mut [u64; OWNERS], owners: u32) {
    if owners > 0 {
        counts[(owners as usize).min(OWNERS) - 1] += 1;
    }
}

impl Analyzer for Storage {
    fn wants_layers(&self) -> bool {
        self.settings.layers
    }

    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        ensure!(
            batch.is_consistent(),
            "the columns of a batch of {} candidates differ in length",
            batch.len()
        );
        ensure!(
            self.replay.is_none(),
            "candidates came after the first layers; the host must hand over all candidates first"
        );
        let mut from = 0;
        while from < batch.len() {
            // What was still running when the budget ended never finished.
            if batch.status[from] == Status::Interrupted as u8 {
                self.interrupted += 1;
                from += 1;
                continue;
            }
            let running = |&status: &u8| status == Status::Interrupted as u8;
            let room = usize::try_from(self.windows.room()).unwrap_or(usize::MAX);
            let most = from.saturating_add(room).min(batch.len());
            let end = batch.status[from..most].iter().position(running).map_or(most, |next| from + next);
            self.finished(batch, &(from..end));
            self.windows.close();
            if let Some(table) = &mut self.table {
                for row in from..end {
                    table.add(batch, row)?;
                }
            }
            from = end;
        }
        Ok(())
    }

    fn layers(&mut self, batch: &LayerColumns) -> Result<()> {
        let lengths = [batch.identity.len(), batch.owner.len(), batch.bytes.len()];
        ensure!(
            lengths.iter().all(|&length| length == batch.len()),
            "the columns of a batch of {} layers differ in length",
            batch.len()
        );
        let Some(table) = &mut self.table else { return Ok(()) };
        if self.replay.is_none() {
            table.close();
        }
        let replay = self.replay.get_or_insert_with(|| {
            Replay::new(Plan {
                population: self.settings.population,
                failures_enter: self.settings.failures_enter,
                window: self.settings.models,
                every: self.windows.width(),
            })
        });
        replay.add(batch, table)
    }

    fn finish(&mut self) -> Result<Report> {
        if let (Some(replay), Some(table)) = (&mut self.replay, &self.table) {
            replay.finish(table)?;
        }
        Ok(report::write(self))
    }
}

lamarck_sdk::export_plugin! { analyzers: [Storage] }
