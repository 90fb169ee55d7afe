//! Which models become popular donors, for how long, and why they fall.
//!
//! The third claim of arXiv:2309.12576 is about the conditions under which an architecture rises and falls in
//! popularity, popularity being how often it acts as a *donor* in a *sliding window*. This analyzer counts these
//! donations, follows whoever leads, and sets beside it what a candidate's rank alone lets expect.
//!
//! # Donations and windows
//!
//! A finished candidate with a donor is one donation of that donor. Where a trace names no donors, **parents stand in
//! for donors** and the findings say so. Whether it does shows only with the first donor, so counting starts with
//! parents and starts anew at the first donor; the result is that of donors alone.
//!
//! The *sliding* window holds the last `window` finished candidates, or those of the last `window_seconds` of virtual
//! time. It moves with every row, and who leads is decided after every row. A donation is in as many sliding windows as
//! there are rows while it stays, at most `window`. Curves, shares and turnover are measured each time the window has
//! moved by its own length: in these *consecutive* windows every donation is exactly once, and together they hold all
//! donations but those of an incomplete last one. Empty windows have no shares, and show as gaps.
//!
//! Donations are counted by model, by architecture (equal vectors) and by the prefix of the first `prefix` choices. The
//! Gini coefficient is over lenders that lent at least once in the window; counting everyone who might have lent would
//! need to know whom, which imported traces do not tell.
//!
//! # Leaders and why they fall
//!
//! The leader is the donor with the most donations in the sliding window, at least `lead`. Ties: whoever led before,
//! else the lower id. A lead ends for the first of these reasons that applies:
//!
//! 1. *still led at the end*: the run ended (censored).
//! 2. *retired* or *aged out*: the child that finished at this moment (or the last before) was chosen when the donor
//!    could no longer lend. Under the donor policy `parent` a candidate lends while it is in the population, P
//!    completions (aged out); under `best-match` with retention `population` or `reachable` as long as that, and with
//!    `window` for as many completions as that holds models (retired); with `all`, for ever. The moment of choice is the
//!    parent's completion plus `parent_age`, not the child's completion: with W workers children finish some W
//!    completions after they are chosen, and judged by that every donor would be long gone when its children are counted.
//! 3. *lost longest match* (best match only): the new leader finished later, and its donations in the window are of
//!    more layers on average than the fallen one's. The donor may still be stored, but a later model shares more with
//!    the children that are made now. A proxy: rows hold what donors share with their own children, not with others'.
//! 4. *overtaken by own descendant*, by a *relative* (a common ancestor at most `relative` generations above either), by
//!    someone *unrelated*; where the trace names no parents, *kinship not known*. Descent is by first parents.
//! 5. *nobody took over*: fewer than `lead` donations are left, and nobody has more.
//!
//! Being gone comes first because it is the earlier cause: who can no longer lend cannot defend a lead, whoever takes
//! it. The successor's kinship is told for every fall (table `falls`), whatever the reason.
//!
//! # Conditions
//!
//! Donors that ever lead are compared with those that never do, one characteristic at a time, as effect sizes of this
//! run; the host's interval over replicates says how sure one may be. The fall of leaders is a discrete-time hazard
//! model, a logistic regression with standard errors. Observations of one leader are not independent, so those errors are
//! too small rather than too large; again the replicates decide.
//!
//! # Expected from rank
//!
//! See the documentation of `population` and `ranks` in the source: the closed form C(P-r, S-1)/C(P, S) summed over the draws of a
//! member's life, at the cost of one short vectorised pass a row. Screening of duplicates (`duplicates = "reject"`)
//! draws again and bends the closed form; the comparison then shows that too.
//!
//! # Memory and time
//!
//! 32 bytes a candidate (an array by id), 32 a donor, 20 an architecture, and what one window holds; nothing else grows
//! with the run. Ids more than 2^20 beyond the number of rows are not followed. Runs of more than 200 windows are widened,
//! and beyond the 6,400th a fixed sample of the windows is measured: pairs of consecutive ones, 16 for each of the at
//! most 200 positions, weighted by how many windows they stand for (`course` in the source has the rule). The n of such a
//! finding is the number of windows measured. Leaders, falls and all that is cumulative come from every row.
//!
//! References: R. Underwood et al., "Understanding patterns of deep learning model evolution in network architecture
//! search", 2023, arXiv:2309.12576; E. Real et al., "Regularized evolution for image classifier architecture search",
//! 2019, arXiv:1802.01548; E. Simpson, "Measurement of diversity", 1949, doi:10.1038/163688a0; N. Cliff, "Dominance
//! statistics", 1993, doi:10.1037/0033-2909.114.3.494; D. Cox, "Regression models and life-tables", 1972,
//! doi:10.1111/j.2517-6161.1972.tb00899.x.

mod contest;
mod course;
mod hazard;
mod kin;
mod leaders;
mod lives;
mod logistic;
mod population;
mod ranks;
mod report;
mod rising;
mod run;
mod setting;
mod spread;
mod tally;
mod vectors;
mod window;

use lamarck_sdk::prelude::*;
use run::Run;
use setting::Setting;

/// The analyzer `popularity`.
#[derive(Debug, Clone)]
pub struct Popularity {
    run: Run,
    rows: u64,
}

/// The options of [`Popularity`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct PopularityOptions {
    /// How many finished candidates the sliding window holds.
    pub window: u64,
    /// How much virtual time the sliding window holds instead; 0 for candidates.
    pub window_seconds: f64,
    /// How many of the first decisions make a prefix.
    pub prefix: u64,
    /// How many leaders, architectures and prefixes are listed.
    pub top: u64,
    /// How many donations in the window a leader needs.
    pub lead: u64,
    /// Up to how many generations above either a common ancestor makes two donors relatives.
    pub relative: u64,
}

impl Component for Popularity {
    type Options = PopularityOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "popularity",
        "which models become popular donors in a sliding window, for how long, why they fall, and what rank explains",
    )
    .references(&[
        "arXiv:2309.12576",
        "arXiv:1802.01548",
        "doi:10.1038/163688a0",
        "doi:10.1037/0033-2909.114.3.494",
        "doi:10.1111/j.2517-6161.1972.tb00899.x",
        "doi:10.1093/aje/kwk052",
    ])
    .options(&[
        OptionSpec::integer("window", 1, 1_000_000_000, "finished candidates in the sliding window")
            .default_value("100")
            .unit("candidates"),
        OptionSpec::float("window_seconds", 0.0, 1e12, "virtual time in the sliding window instead; 0 for candidates")
            .default_value("0")
            .unit("s"),
        OptionSpec::integer("prefix", 1, 1000, "how many of the first decisions make a prefix")
            .default_value("3")
            .unit("decisions"),
        OptionSpec::integer("top", 1, 10_000, "how many leaders, architectures and prefixes are listed")
            .default_value("30"),
        OptionSpec::integer("lead", 1, 1_000_000_000, "donations in the window that a leader needs")
            .default_value("3")
            .unit("donations"),
        OptionSpec::integer(
            "relative",
            0,
            64,
            "up to how many generations above either a common ancestor makes two donors relatives",
        )
        .default_value("4")
        .unit("generations"),
    ]);

    fn create(options: PopularityOptions, context: &Context) -> Result<Self> {
        if let Some(space) = &context.space {
            space.check()?;
        }
        Ok(Self { run: Run::new(Setting::new(&options, context), context.space.as_ref()), rows: 0 })
    }
}

impl Analyzer for Popularity {
    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        for row in 0..batch.len() {
            let place = self.rows + row as u64;
            self.run.add(batch, row).with_context(|| format!("row {place} of the trace is wrong"))?;
        }
        self.rows += batch.len() as u64;
        Ok(())
    }

    fn finish(&mut self) -> Result<Report> {
        self.run.close();
        Ok(report::write(&self.run))
    }
}

export_plugin! { analyzers: [Popularity] }
