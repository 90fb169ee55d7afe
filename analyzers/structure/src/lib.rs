//! How the structure of the models changes over a search: which options become common and when they are fixed, how
//! much variety is left, where mutations strike and which of them last, how much children share with parents and
//! donors, how large the models are, and how far lineages walk from where they began.
//!
//! # What is measured
//!
//! All of it over **finished candidates, in the order in which they finished**. A failed candidate counts: its vector
//! was proposed, and strategies keep it as a member. What was still running when the budget ended counts only as
//! evidence that its parent became one.
//!
//! - **Shares and entropy.** For each decision and window the share of each option, and their Shannon entropy divided by
//!   the largest that the window could show, ln min(k, n) for k options and n candidates: 1 when all are equally common,
//!   0 when one is left. Small windows show less variety than they were drawn from; what an evenly drawn window shows
//!   (expected value, exact) is drawn beside it.
//! - **Fixation.** The first window from which on one option's share stays at `fixed` or above until the end.
//! - **Mutations.** For each decision and option, how many mutations chose it, and how many *survived*: the child became
//!   a parent itself. Only candidates count as judged that were members for as long as members are: those after which
//!   at least P + W - 1 more have finished (P the population, W the workers; what the last of them proposed has
//!   finished, too). Without selection a member survives with chance 1 - (1 - 1/P)^P, some 63 %, since P parents are
//!   drawn while it is one. The other null model is the strategy `neutral`: sweep `strategy.plugin` and both stand side
//!   by side.
//! - **Prefixes.** Layers and bytes taken over from the donor, from the rows. What a child shares with its *parent* is
//!   not in the rows, unless parent and donor are the same (how often they are is a finding). With `layers = true` it is
//!   counted exactly from the `layers` table: the longest common prefix is the set of shared identities. The table is many
//!   times larger than the rows, so that is not the default, and a trace without it cannot be asked. A guess from the
//!   position of the changed decision was considered and left out: how many layers precede a decision is the space's
//!   business, and differs between vectors.
//! - **Diversity** of the last P candidates when each window ends: mean pairwise Hamming distance, and distinct prefixes
//!   of each length, the longest being the vectors, beside what P even draws would show: K (1 - (1 - 1/K)^P) of K.
//! - **Repeats.** Candidates whose vector the run had evaluated before, beside what even draws would show. Vectors of the
//!   same isomorphism class are not counted here: an analyzer has the description of the space, not the space, and so
//!   cannot ask for a vector's class. The engine can: they stand in the run's summary.
//! - **Sizes.** Median and 10th and 90th percentile of layers, parameters and bytes.
//! - **Distance walked.** In how many decisions a candidate differs from its founder (the ancestor without a parent;
//!   after a recombination that of the first parent), by number of generations, beside a walk without selection.
//!
//! # Windows
//!
//! `window` finished candidates each, 200 at most: in longer runs they are wider by the smallest power of two that makes
//! them fit. An incomplete one at the end is not shown (its candidates count in totals), unless it is the only one. So
//! positions are the same in every run of a study. Findings about a change compare the first full window with the last.
//!
//! # Charts of options
//!
//! Decisions with long lists of options are shown in at most 12 groups by a rule that looks at the space alone
//! (`groups.rs`): dense layers by activation and range of widths, other lists by ranges of positions. The table
//! `options` has a row for each option.
//!
//! # Memory and time
//!
//! Twelve bytes a candidate. Vectors seen before take a bit each in spaces of up to 2^27 vectors, and some nine to
//! eighteen bytes for each distinct one in larger spaces. With `layers = true` it is eight bytes a candidate more and
//! 64 MB at most for the layers of parents. The rest does not grow with the run. `cargo bench -p lamarck-structure`
//! measures time and memory.
//!
//! References: R. Underwood et al., "Understanding patterns of deep learning model evolution in network architecture
//! search", 2023, arXiv:2309.12576; C. Shannon, "A mathematical theory of communication", 1948,
//! doi:10.1002/j.1538-7305.1948.tb01338.x; G. Miller, "Note on the bias of information estimates", in H. Quastler (ed.),
//! "Information theory in psychology", 1955 (entropy of samples); M. Nei, "Analysis of gene diversity in subdivided
//! populations", PNAS 70 (1973), doi:10.1073/pnas.70.12.3321 (pairwise distance from shares); M. Kimura, "Evolutionary
//! rate at the molecular level", Nature 217 (1968), doi:10.1038/217624a0 (fixation without selection).

mod buckets;
mod composition;
mod descent;
mod diversity;
mod groups;
mod layout;
mod repeats;
mod report;
mod theory;
mod transfer;
mod windows;

use buckets::Scale;
use descent::Descent;
use diversity::Members;
use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;
use layout::Layout;
use repeats::Seen;
use std::ops::Range;
use transfer::{Donors, Parents};
use windows::{Size, Windows};

/// The population where neither the option nor the study names one: that of DeepHyper and of Real et al.
const POPULATION: u64 = 100;

/// The analyzer `structure`.
#[derive(Debug, Clone)]
pub struct Structure {
    layout: Layout,
    settings: Settings,
    windows: Windows,
    /// Slots of layers, parameters and bytes.
    scales: [Scale; 3],
    /// `None` when the population is too large to be kept.
    members: Option<Members>,
    seen: Seen,
    descent: Descent,
    donors: Donors,
    parents: Option<Parents>,
    /// Candidates that finished, and that were still running when the budget ended.
    finished: u64,
    interrupted: u64,
}

/// What the findings need to know beside the rows.
#[derive(Debug, Clone, Copy)]
struct Settings {
    fixed: f64,
    population: u64,
    /// Whether somebody said so.
    population_known: bool,
    /// Whether the mutator may leave the old option, if it is known to change one evenly drawn decision.
    even_mutator: Option<bool>,
}

/// The options of [`Structure`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct StructureOptions {
    /// How many finished candidates a window has.
    pub window: u64,
    /// The share from which on an option counts as fixed.
    pub fixed: f64,
    /// How many of the last candidates are the population; 0 for what the strategy has.
    pub population: u64,
    /// Whether the `layers` table is read, for prefixes to the parent.
    pub layers: bool,
}

impl Component for Structure {
    type Options = StructureOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "structure",
        "how options spread and become fixed, which mutations survive, prefixes, diversity, sizes, distance walked",
    )
    .references(&[
        "arXiv:2309.12576",
        "doi:10.1002/j.1538-7305.1948.tb01338.x",
        "doi:10.1073/pnas.70.12.3321",
        "doi:10.1038/217624a0",
    ])
    .options(&[
        OptionSpec::integer("window", 1, 1_000_000_000, "finished candidates in a window; doubled until 200 suffice")
            .default_value("100")
            .unit("candidates"),
        OptionSpec::float("fixed", 0.5, 1.0, "share from which on an option counts as fixed").default_value("0.95"),
        OptionSpec::integer(
            "population",
            0,
            1_000_000,
            "how many of the last finished candidates are the population; 0: the strategy's, or 100 if it has none",
        )
        .default_value("0")
        .unit("candidates"),
        OptionSpec::bool("layers", "read the `layers` table, to measure what children share with their parents")
            .default_value("false"),
    ]);

    fn create(options: StructureOptions, context: &Context) -> Result<Self> {
        ensure!(options.window > 0, "option `window` is 0; a window needs at least one candidate");
        ensure!(
            (0.5..=1.0).contains(&options.fixed),
            "option `fixed` is {}; it is a share between 0.5 and 1",
            options.fixed
        );
        let layout = Layout::new(context.space()?)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, and rounded")]
        let strategy = context
            .number("strategy", "population")
            .filter(|population| (1.0..=1e9).contains(population))
            .map(|population| population as u64);
        let known = Some(options.population).filter(|&population| population > 0).or(strategy);
        let population = known.unwrap_or(POPULATION);
        let settings = Settings {
            fixed: options.fixed,
            population,
            population_known: known.is_some(),
            even_mutator: even_mutator(context),
        };
        Ok(Self {
            settings,
            windows: Windows::new(options.window, layout.total),
            scales: Default::default(),
            members: Members::new(population, &layout),
            seen: Seen::new(&layout),
            descent: Descent::new(&layout, population + u64::from(context.workers.max(1)) - 1),
            donors: Donors::new(&layout),
            parents: options.layers.then(|| Parents::new(&layout)),
            finished: 0,
            interrupted: 0,
            layout,
        })
    }
}

/// Whether a mutation of this study changes one evenly drawn decision, and whether it may leave it as it is. A trace
/// that does not say is compared with the plain case, the most common one.
fn even_mutator(context: &Context) -> Option<bool> {
    let Some(mutators) = context.study.get("mutators") else { return Some(false) };
    let [mutator] = &mutators.as_array()?[..] else { return None };
    let even = mutator.get("plugin").and_then(|plugin| plugin.as_str()) == Some("one-decision");
    even.then(|| mutator.get("noop").and_then(lamarck_sdk::serde_json::Value::as_bool).unwrap_or(false))
}

impl Structure {
    /// Takes in finished candidates.
    fn finished(&mut self, batch: &Columns<'_>, rows: Range<usize>) -> Result<()> {
        let mut from = rows.start;
        while from < rows.end {
            let room = usize::try_from(self.windows.room()).unwrap_or(usize::MAX);
            let part = from..from.saturating_add(room).min(rows.end);
            from = part.end;
            self.options(batch, part.clone())?;
            self.sizes(batch, part.clone());
            for row in part.clone() {
                let vector = batch.vector(row);
                let distance = self
                    .descent
                    .add(batch, row, vector, &self.layout)
                    .with_context(|| format!("candidate {} cannot be counted", batch.id[row]))?;
                if let Some(distance) = distance {
                    self.windows.open.distance.add(f64::from(distance));
                }
            }
            if !batch.donor.is_empty() {
                for row in part.clone() {
                    self.donors.add(batch, row, &mut self.windows.open);
                }
            }
            if let Some(parents) = &mut self.parents {
                for row in part.clone() {
                    parents.link(batch.id[row], value_at(batch.parent, row));
                }
            }
            self.windows.open.rows += part.len() as u64;
            if let Some(members) = &mut self.members {
                members.push(&batch.choices[part.start * batch.width..part.end * batch.width]);
            }
            if self.windows.is_full() {
                let population = self.members.as_mut().and_then(|members| members.snapshot(&self.layout));
                self.windows.close(population);
            }
        }
        self.descent.finished(&batch.id[rows.clone()]);
        self.finished += rows.len() as u64;
        Ok(())
    }

    /// Counts options and repeats.
    fn options(&mut self, batch: &Columns<'_>, rows: Range<usize>) -> Result<()> {
        let vectors = &batch.choices[rows.start * batch.width..rows.end * batch.width];
        let open = &mut self.windows.open;
        for (vector, row) in vectors.chunks_exact(batch.width).zip(rows) {
            for (position, (&choice, span)) in vector.iter().zip(&self.layout.spans).enumerate() {
                if u32::from(choice) >= span.options {
                    let decision = &self.layout.decisions[position];
                    bail!(
                        "candidate {} cannot be counted: its choice for decision {position} (`{}`) is {choice}, but \
                         there are {} options, numbered from 0",
                        batch.id[row],
                        decision.name,
                        span.options
                    );
                }
                open.options[span.start as usize + usize::from(choice)] += 1;
            }
            open.repeats += u64::from(self.seen.again(vector));
        }
        Ok(())
    }

    /// Counts layers, parameters and bytes.
    fn sizes(&mut self, batch: &Columns<'_>, rows: Range<usize>) {
        let columns =
            [(Size::Layers, batch.layers), (Size::Parameters, batch.parameters), (Size::Bytes, batch.bytes)];
        for ((size, column), scale) in columns.into_iter().zip(&mut self.scales) {
            let histogram = &mut self.windows.open.sizes[size as usize];
            for &value in column.get(rows.clone()).unwrap_or_default() {
                if value != u64::MAX {
                    histogram.add(value, scale);
                }
            }
        }
    }
}

impl Analyzer for Structure {
    fn wants_layers(&self) -> bool {
        self.parents.is_some()
    }

    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        ensure!(
            batch.is_consistent(),
            "the columns of a batch of {} candidates differ in length",
            batch.len()
        );
        ensure!(
            batch.is_empty() || batch.width == self.layout.width(),
            "the trace's vectors have {} choices, but the search space has {} decisions; was the trace written with \
             another space?",
            batch.width,
            self.layout.width()
        );
        // A consistent batch has a value for every row in the columns that must have one.
        let mut from = 0;
        while from < batch.len() {
            let running = |&status: &u8| status == Status::Interrupted as u8;
            let end = batch.status[from..].iter().position(running).map_or(batch.len(), |next| from + next);
            self.finished(batch, from..end)?;
            if end < batch.len() {
                self.descent.mark_parents(batch, end);
                self.interrupted += 1;
            }
            from = end + 1;
        }
        Ok(())
    }

    fn layers(&mut self, batch: &LayerColumns) -> Result<()> {
        let (width, windows) = (self.windows.width(), self.windows.shown().len());
        if let Some(parents) = &mut self.parents {
            let lengths = [batch.identity.len(), batch.bytes.len()];
            ensure!(
                lengths.iter().all(|&length| length == batch.candidate.len()),
                "the columns of a batch of {} layers differ in length",
                batch.len()
            );
            parents.add(batch, &self.descent, &self.layout, width, windows);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Report> {
        let width = self.windows.width();
        if let Some(parents) = &mut self.parents {
            parents.close(&self.descent, &self.layout, width);
        }
        Ok(report::write(self))
    }
}

lamarck_sdk::export_plugin! { analyzers: [Structure] }
