//! The table of real results as an evaluator.
//!
//! A search looks a result up millions of times, so everything that can be decided at creation is: which column
//! answers, in which unit, at which cost. What is left for [`Evaluator::evaluate`] is six multiplications and one
//! read from a flat array of 16-byte entries.
//!
//! **A missing result is missing.** 7,456 of the 15,625 cells have two results where the others have three. Asked for
//! the third, the evaluator answers [`Status::Missing`]; it never takes another seed's result or a mean in its place.
//! Which one a score is, one seed's, a drawn one or the mean, is said in [`EvaluatorSpec::score`].
//!
//! **Two trainings.** The results after 12 and after 200 epochs come from separate trainings with schedules of their
//! own, so one is never computed from the other. `epochs = 12` uses the short training where the table holds it; the
//! embedded table does not. In every other case the score is that of the 200 epochs, and `epochs` scales the *cost*
//! alone, as `epochs / 200`: a stand-in for an early estimate whose fidelity is not modelled, and said so in the
//! score's name.

use lamarck_nas_bench_201_table::cell::CELLS;
use lamarck_nas_bench_201_table::{Dataset, Epochs, Quantity, Runs, Seed, Table, embedded};
use lamarck_sdk::prelude::*;
use lamarck_sdk::serde::Deserializer;
use lamarck_sdk::{DataSource, serde_json::Value};
use std::path::Path;

use crate::network::{self, Level};
use crate::space::{DATASETS, REFERENCES, choices_of, expect_cell};

/// The evaluator `nas-bench-201-table`.
#[derive(Debug)]
pub struct TableEvaluator {
    spec: EvaluatorSpec,
    /// The results to pick from, those of one cell beside each other.
    runs: Box<[Run]>,
    pick: Pick,
    /// Mean score a cell, not a number where there is none.
    reference: Box<[f64]>,
    dataset: Dataset,
    source: Source,
}

/// Within half a point of the best known counts as near it: about the noise of one training seed.
const NEAR: f64 = 0.5;

/// One result, ready to be handed out. A score that is not a number is a gap.
#[derive(Debug, Clone, Copy)]
struct Run {
    score: f64,
    train_us: u64,
}

const GAP: Run = Run { score: f64::NAN, train_us: 0 };

/// How one of a cell's results is picked.
#[derive(Debug)]
enum Pick {
    /// There is one entry a cell.
    Only,
    /// Drawn evenly; a cell's entries end where the next cell's begin.
    Drawn { starts: Box<[u32]> },
}

#[derive(Debug)]
enum Source {
    Embedded,
    File(Box<Table>),
}

impl Source {
    fn table(&self) -> &Table {
        match self {
            Self::Embedded => embedded(),
            Self::File(table) => table,
        }
    }
}

/// The options of [`TableEvaluator`].
#[derive(Debug, Clone, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct TableOptions {
    /// The data set.
    pub dataset: Dataset,
    /// Which of a cell's results is its score.
    pub seed: SeedOption,
    /// Epochs to pay for, 1 to 200.
    pub epochs: u16,
    /// Which accuracy.
    pub split: Split,
    /// The file of an imported table; the embedded table without it.
    pub table: Option<String>,
}

/// Which of a cell's results is its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedOption {
    /// The mean of those there are.
    Mean,
    /// One of those there are, drawn evenly for each candidate.
    Sampled,
    /// That of one seed, by its position: missing where there is none. Where the source names no seeds, as that of
    /// the embedded table, the position is that in the source's list of a cell's results, and the same position need
    /// not be the same seed in two cells.
    One(u8),
}

impl<'de> Deserialize<'de> for SeedOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match text.as_str() {
            "mean" => Ok(Self::Mean),
            "sampled" => Ok(Self::Sampled),
            "0" => Ok(Self::One(0)),
            "1" => Ok(Self::One(1)),
            "2" => Ok(Self::One(2)),
            _ => Err(lamarck_sdk::serde::de::Error::custom(format!(
                "expected \"mean\", \"sampled\", 0, 1 or 2, found {value}"
            ))),
        }
    }
}

/// Which accuracy is the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "lowercase")]
pub enum Split {
    /// On the validation images: what a search may look at.
    Valid,
    /// On the test images.
    Test,
}

impl Split {
    const fn quantity(self) -> Quantity {
        match self {
            Self::Valid => Quantity::ValidAccuracy,
            Self::Test => Quantity::TestAccuracy,
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Valid => "validation",
            Self::Test => "test",
        }
    }
}

impl Component for TableEvaluator {
    type Options = TableOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "nas-bench-201-table",
        "accuracies and training times of NAS-Bench-201, looked up in a table of real trainings",
    )
    .references(REFERENCES)
    .options(&[
        OptionSpec::choice("dataset", DATASETS, "data set").default_value("\"cifar10\""),
        OptionSpec::any(
            "seed",
            "which of a cell's 2 or 3 results is its score: \"mean\", \"sampled\" (drawn for each candidate), or 0, 1, 2 \
             (a cell without that result is missing)",
        )
        .default_value("\"mean\""),
        OptionSpec::integer(
            "epochs",
            1,
            200,
            "epochs to pay for: 12 is a training of its own if the table holds it; otherwise the score is that of 200 \
             epochs and the cost is scaled",
        )
        .unit("epochs")
        .default_value("200"),
        OptionSpec::choice("split", &["valid", "test"], "accuracy on which images").default_value("\"valid\""),
        OptionSpec::text("table", "file of an imported table; the embedded one without it").default_value("null"),
    ]);

    fn create(options: TableOptions, context: &Context) -> Result<Self> {
        if let Some(space) = &context.space {
            ensure!(
                space.decisions.len() == 6
                    && space.decisions.iter().all(|decision| decision.options.len() == 5),
                "this table scores the cells of nas-bench-201 (six decisions of five options), and the space is `{}`; \
                 choose space.plugin = \"nas-bench-201\" or another evaluator",
                space.name
            );
        }
        ensure!(
            (1..=200).contains(&options.epochs),
            "epochs is {}, but trainings have 1 to 200",
            options.epochs
        );
        let source = match &options.table {
            None => Source::Embedded,
            Some(path) => Source::File(Box::new(
                Table::open(Path::new(path)).with_context(|| format!("table `{path}`"))?,
            )),
        };
        let plan = Plan::new(source.table(), &options)?;
        let (runs, pick) = plan.runs(options.seed);
        let reference: Box<[f64]> =
            (0..CELLS).map(|cell| plan.scores.mean(cell).unwrap_or(f64::NAN)).collect();
        ensure!(
            runs.iter().any(|run| !run.score.is_nan()),
            "the table has no {} for any cell; choose another seed, split or table",
            plan.title(&options)
        );
        let spec = EvaluatorSpec {
            score: plan.title(&options),
            unit: "%".to_owned(),
            best_known: reference.iter().copied().filter(|score| !score.is_nan()).max_by(f64::total_cmp),
            near: Some(NEAR),
            synthetic: false,
            deterministic: true,
            sources: vec![data_source(source.table())],
            notes: Vec::new(),
        };
        Ok(Self { spec, runs, pick, reference, dataset: options.dataset, source })
    }
}

fn data_source(table: &Table) -> DataSource {
    let provenance = table.provenance();
    DataSource {
        name: "NAS-Bench-201".to_owned(),
        origin: match &provenance.sha256 {
            Some(sha256) => format!("{} (sha256:{sha256})", provenance.source),
            None => provenance.source.clone(),
        },
        license: provenance.licence.clone(),
        checksum: format!("xxh3:{:032x}", table.checksum()),
    }
}

/// The columns that answer, and how the cost is scaled.
struct Plan<'t> {
    scores: Runs<'t>,
    seconds: Runs<'t>,
    training: Epochs,
    /// Epochs to pay for.
    paid: u16,
    dataset: Dataset,
}

impl<'t> Plan<'t> {
    fn new(table: &'t Table, options: &TableOptions) -> Result<Self> {
        let (dataset, quantity) = (options.dataset, options.split.quantity());
        let held = |epochs| {
            let scores = table.runs(dataset, epochs, quantity)?;
            Some((scores, table.runs(dataset, epochs, Quantity::TrainSeconds)?))
        };
        let exact = Epochs::from_count(options.epochs).and_then(|epochs| Some((held(epochs)?, epochs)));
        let long = || Some((held(Epochs::TwoHundred)?, Epochs::TwoHundred));
        let Some(((scores, seconds), training)) = exact.or_else(long) else {
            bail!(
                "the table ({}) has no {} accuracy with training times for {dataset} after 200 epochs{}; \
                 import the official files to get it",
                table.provenance().source,
                options.split.noun(),
                if options.epochs == 12 { " or after 12" } else { "" },
            );
        };
        Ok(Self { scores, seconds, training, paid: options.epochs, dataset })
    }

    fn title(&self, options: &TableOptions) -> String {
        let which = match options.seed {
            SeedOption::Mean => "mean of all seeds".to_owned(),
            SeedOption::Sampled => "one seed, drawn".to_owned(),
            // `seed-777`, or `result-0` where the source names no seeds.
            SeedOption::One(index) => {
                let seeds = self.scores.columns().iter().map(|column| column.key().seed);
                let known = seeds.zip(self.seeds()).find(|(_, position)| *position == index);
                known.map_or_else(|| format!("result-{index}"), |(seed, _)| seed.to_string())
            }
        };
        let scaled = if self.paid == self.training.count() {
            String::new()
        } else {
            format!(", cost scaled to {} epochs", self.paid)
        };
        let split = options.split.noun();
        format!("{} {split} accuracy after {} epochs, {which}{scaled}", self.dataset, self.training)
    }

    fn cost(&self, seconds: f64) -> u64 {
        let us = seconds * 1e6 * f64::from(self.paid) / f64::from(self.training.count());
        // The conversion saturates; a time that is not a number would be 0, but tables hold none.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let us = us.round() as u64;
        us
    }

    /// The result of one seed, or a gap when its score or its time is missing.
    fn one(&self, cell: u16, seed: u8) -> Run {
        match (self.scores.get(cell, seed), self.seconds.get(cell, seed)) {
            (Some(score), Some(seconds)) => Run { score, train_us: self.cost(seconds) },
            _ => GAP,
        }
    }

    fn mean(&self, cell: u16) -> Run {
        match (self.scores.mean(cell), self.seconds.mean(cell)) {
            (Some(score), Some(seconds)) => Run { score, train_us: self.cost(seconds) },
            _ => GAP,
        }
    }

    /// The positions of the seeds that have columns.
    fn seeds(&self) -> Vec<u8> {
        let index = |seed: Seed| match seed {
            Seed::Shared => 0,
            Seed::One { index, .. } => index,
        };
        self.scores.columns().iter().map(|column| index(column.key().seed)).collect()
    }

    fn runs(&self, seed: SeedOption) -> (Box<[Run]>, Pick) {
        match seed {
            SeedOption::Mean => ((0..CELLS).map(|cell| self.mean(cell)).collect(), Pick::Only),
            SeedOption::One(seed) => ((0..CELLS).map(|cell| self.one(cell, seed)).collect(), Pick::Only),
            SeedOption::Sampled => {
                let seeds = self.seeds();
                let mut runs = Vec::with_capacity(seeds.len() * usize::from(CELLS));
                let mut starts = Vec::with_capacity(usize::from(CELLS) + 1);
                for cell in 0..CELLS {
                    // At most 15,625 cells with 8 seeds each.
                    starts.push(u32::try_from(runs.len()).unwrap_or(u32::MAX));
                    runs.extend(
                        seeds.iter().map(|&seed| self.one(cell, seed)).filter(|run| !run.score.is_nan()),
                    );
                }
                starts.push(u32::try_from(runs.len()).unwrap_or(u32::MAX));
                (runs.into(), Pick::Drawn { starts: starts.into() })
            }
        }
    }
}

impl Evaluator for TableEvaluator {
    fn spec(&self) -> EvaluatorSpec {
        self.spec.clone()
    }

    #[inline]
    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
        let cell = usize::from(expect_cell(request.choices)?);
        let run = match &self.pick {
            Pick::Only => self.runs.get(cell),
            Pick::Drawn { starts } => match (starts.get(cell), starts.get(cell + 1)) {
                (Some(&start), Some(&end)) if start < end => {
                    self.runs.get(start as usize + rng.index((end - start) as usize))
                }
                _ => None,
            },
        };
        let run = run.copied().unwrap_or(GAP);
        let status = if run.score.is_nan() { Status::Missing } else { Status::Ok };
        Ok(Outcome { status, score: run.score, train_us: run.train_us })
    }

    fn reference_score(&self, choices: &[Choice]) -> Result<Option<f64>> {
        let score = self.reference.get(usize::from(expect_cell(choices)?)).copied();
        Ok(score.filter(|score| !score.is_nan()))
    }

    fn metrics(&self, choices: &[Choice]) -> Result<Vec<Metric>> {
        let cell = expect_cell(choices)?;
        let table = self.source.table();
        let mut metrics = Vec::new();
        for epochs in Epochs::ALL {
            for quantity in Quantity::ALL {
                let Some(runs) = table.runs(self.dataset, epochs, quantity) else { continue };
                let unit = quantity.unit().to_owned();
                let name = format!("{} {quantity} after {epochs} epochs", self.dataset);
                for column in runs.columns() {
                    let name = format!("{name}, {}", column.key().seed);
                    metrics.push(Metric { name, value: column.get(cell), unit: unit.clone() });
                }
                if quantity.is_accuracy() && runs.columns().len() > 1 {
                    metrics.push(Metric { name: format!("{name}, mean"), value: runs.mean(cell), unit });
                }
            }
        }
        if let Some(operations) = lamarck_nas_bench_201_table::cell::operations(cell) {
            let size = network::size(operations, self.dataset, Level::Network);
            let count = |name: &str, value: u64, unit: &str| Metric {
                name: name.to_owned(),
                value: Some(value as f64),
                unit: unit.to_owned(),
            };
            metrics.push(count("parameters of the network, counted", size.parameters, ""));
            metrics.push(count("bytes of the network with buffers, counted", size.bytes, "B"));
        }
        if let Some(official) = table.official_index(cell) {
            let value = Some(f64::from(official));
            metrics.push(Metric { name: "official index".to_owned(), value, unit: String::new() });
        }
        Ok(metrics)
    }
}

impl TableEvaluator {
    /// The best mean score and the first cell that has it, as a vector.
    pub fn best(&self) -> Option<([Choice; 6], f64)> {
        let scored = (0_u16..).zip(&self.reference).filter(|(_, score)| !score.is_nan());
        let (cell, &score) = scored.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))?;
        Some((choices_of(cell)?, score))
    }
}
