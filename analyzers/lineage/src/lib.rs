//! Who descends from whom: offspring, depth, common ancestors, takeovers, survival, heritability.
//!
//! # What is measured
//!
//! The **population** is what an aging strategy selects from: the last P candidates that finished (P from the study,
//! or the option `population`; 100 where neither says). Candidates without a score are members unless the study says
//! `failures = "ignore"`; those that were still running at the end never are. All figures about the population are
//! taken at the end of windows of `window` finished candidates, of which there are at most 200: in longer runs windows
//! are wider by a power of two.
//!
//! - **Founders left.** A founder is a candidate without a (known) parent. How many still have members of the population
//!   among their descendants, or are members.
//! - **Common ancestor.** The most recent ancestor of all members, or the member itself in a population of one; its age
//!   is the number of completions since it finished. Founders have no ancestors, so until one founder is left there is
//!   no common ancestor. A **takeover** is the moment when an ancestor becomes the most recent common ancestor for the
//!   first time. It may become an older one again: a child that finishes late can belong to a line that had no member
//!   left.
//! - **Depth.** Generations from the founder.
//! - **Offspring.** Children by first parent, of candidates whose children are all in the trace (see `offspring.rs`).
//! - **Ranks of parents** as the strategy recorded them, against the closed form of its tournament.
//! - **Heritability.** Regression of the child's score on the parent's, on the donor's, and on the donor's where it is
//!   not the parent. Pairs in which either has no score are left out. Parents are selected, which narrows the range of
//!   their scores: the slope hardly minds, the correlation does.
//! - **Generation length.** From the parent's finish to the child's, in completions and in virtual time.
//! - **The best candidate's ancestors**, step by step.
//! - **Clades** that rise and fall, as a Muller plot; which are shown is a rule (see `clades.rs`).
//!
//! Second parents (of recombinations) count for none of this: a line of descent here is one of first parents, without
//! which there would be no tree. `lamarck export lineage` writes them (crate `lamarck-lineage-export`).
//!
//! # Closed forms
//!
//! Beside the measured values stand those of the same population **under an even draw** (neutral evolution), and for
//! ranks those of the strategy's own draw. [`theory`] derives them and says where they are approximations.
//!
//! # How
//!
//! Rows go into flat arrays, 16 bytes a candidate; what is asked of the whole genealogy is worked out after the last
//! row, one pass a question, in 8 bytes a candidate for as long as the pass lasts. Working it out along the way
//! would save a second look at data that are in memory anyway, and cost that the windows were known from the start.
//! Only what cannot be kept for every candidate, the details of the best one's ancestors, is pruned along the way (see
//! `details.rs`).
//!
//! # Bad input
//!
//! A parent is looked up among the rows before its child's. So a parent that comes later, is its own child or descends
//! from it is as good as unknown; such children stand as founders, and a finding says how many.
//!
//! References: R. Underwood et al., "Understanding patterns of deep learning model evolution in network architecture
//! search", 2023, arXiv:2309.12576; E. Real et al., "Regularized evolution for image classifier architecture search",
//! 2019, arXiv:1802.01548; J. Kingman, "The coalescent", 1982, doi:10.1016/0304-4149(82)90011-4.

mod champions;
mod clades;
mod clock;
mod descent;
mod details;
mod genealogy;
mod ladder;
mod moments;
mod offspring;
mod report;
mod settings;
pub mod theory;
mod windows;

pub use settings::LineageOptions;

use details::{Detail, Details};
use genealogy::Genealogy;
use lamarck_sdk::Nullable;
use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;
use moments::{Moments, Regression, Whole};
use settings::Settings;

/// The analyzer `lineage`.
#[derive(Debug, Clone)]
pub struct Lineage {
    settings: Settings,
    genealogy: Genealogy,
    details: Details,
    pairs: Pairs,
}

/// What is added up over pairs of a child and its parent or donor.
#[derive(Debug, Clone, Default)]
struct Pairs {
    parent: Regression,
    donor: Regression,
    other_donor: Regression,
    completions: Whole,
    seconds: Moments,
    /// How often the parent had rank 1, 2, .. of the population.
    ranks: Vec<u64>,
    /// How often it had a rank that the population does not have.
    beyond: u64,
    /// Children with a second parent.
    second_parents: u64,
}

impl Component for Lineage {
    type Options = LineageOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "lineage",
        "who descends from whom: offspring, common ancestors, takeovers, founders left, heritability, a Muller plot",
    )
    .references(&["arXiv:2309.12576", "arXiv:1802.01548", "doi:10.1016/0304-4149(82)90011-4"])
    .options(&[
        OptionSpec::integer("window", 1, 1_000_000_000, "finished candidates in a window")
            .default_value("100")
            .unit("candidates"),
        OptionSpec::float(
            "clade_share",
            0.01,
            0.5,
            "the share of a window from which on a clade is shown in the Muller plot",
        )
        .default_value("0.1"),
        OptionSpec::integer(
            "population",
            0,
            1_000_000,
            "members of the population; 0 takes the strategy's, or 100 where it is not known",
        )
        .default_value("0")
        .unit("candidates"),
        OptionSpec::integer(
            "table_rows",
            1,
            1_000_000,
            "the most rows of the tables of takeovers (the first ones) and of the best candidate's ancestors (the last)",
        )
        .default_value("1000")
        .unit("rows"),
    ]);

    fn create(options: LineageOptions, context: &Context) -> Result<Self> {
        let settings = Settings::new(options, context)?;
        let pairs = Pairs { ranks: vec![0; settings.population], ..Pairs::default() };
        let details = Details::new(settings.population, settings.workers);
        Ok(Self { settings, genealogy: Genealogy::default(), details, pairs })
    }
}

impl Lineage {
    #[inline]
    fn add(&mut self, batch: &Columns<'_>, row: usize) -> Result<()> {
        let status = Status::from_number(batch.status[row]);
        let score =
            value_at(batch.score, row).filter(|score| status == Some(Status::Ok) && score.is_finite());
        let parent_id = value_at(batch.parent, row);
        let donor_id = value_at(batch.donor, row);
        let time = value_at(batch.finished_us, row);
        let told = status != Some(Status::Interrupted);
        let donor = donor_id.and_then(|donor| self.genealogy.find(donor));
        let here = self.genealogy.len();
        let parent = self.genealogy.push(batch.id[row], parent_id, score, told, time)?;

        let other = donor_id != parent_id;
        let here = u32::try_from(here)?;
        if let Some(parent) = parent {
            self.pairs.completions.add(here - parent);
            let parent = parent as usize;
            if let (Some(time), Some(before)) = (time, self.genealogy.clock.get(parent)) {
                // Rows that are out of order would otherwise give an overflow; they are no length of time.
                self.pairs.seconds.add(time.saturating_sub(before) as f64 / 1e6);
            }
            if let (Some(score), Some(before)) = (score, self.genealogy.score(parent)) {
                self.pairs.parent.add(before, score);
            }
        }
        if let (Some(score), Some(donor)) = (score, donor)
            && let Some(before) = self.genealogy.score(donor as usize)
        {
            self.pairs.donor.add(before, score);
            if other {
                self.pairs.other_donor.add(before, score);
            }
        }
        if let Some(rank) = value_at(batch.parent_rank, row) {
            let count = (rank as usize).checked_sub(1).and_then(|rank| self.pairs.ranks.get_mut(rank));
            *count.unwrap_or(&mut self.pairs.beyond) += 1;
        }
        self.pairs.second_parents += u64::from(value_at(batch.parent_b, row).is_some());

        let number = |column: &[u16]| column.get(row).copied().unwrap_or(u16::NONE);
        let detail = Detail {
            donor: donor_id.unwrap_or(u64::NONE),
            bytes: value_at(batch.bytes, row).unwrap_or(u64::NONE),
            score: score.unwrap_or(f64::NONE),
            row: here,
            prefix_layers: value_at(batch.prefix_layers, row)
                .map_or(u32::NONE, |layers| u32::try_from(layers).unwrap_or(u32::MAX - 1)),
            changed: number(batch.changed),
            decision: number(batch.changed_decision),
            from: number(batch.changed_from),
            to: number(batch.changed_to),
        };
        self.details.push(detail, &self.genealogy);
        Ok(())
    }
}

impl Analyzer for Lineage {
    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        ensure!(
            batch.is_consistent(),
            "the columns of a batch of {} candidates differ in length",
            batch.len()
        );
        for row in 0..batch.len() {
            self.add(batch, row)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Report> {
        // Taken, so that a large genealogy is gone once its report is written.
        let genealogy = std::mem::take(&mut self.genealogy);
        let fresh = Details::new(self.settings.population, self.settings.workers);
        let details = std::mem::replace(&mut self.details, fresh);
        let fresh = Pairs { ranks: vec![0; self.settings.population], ..Pairs::default() };
        let pairs = std::mem::replace(&mut self.pairs, fresh);
        Ok(report::write(&self.settings, &genealogy, &details, &pairs))
    }
}

lamarck_sdk::export_plugin! { analyzers: [Lineage] }
