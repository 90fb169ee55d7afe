//! The search space as a component.

use std::fmt;

use lamarck_nas_bench_201_table::cell::{CELLS, EDGE_COUNT, EDGES, OPERATIONS, operations, to_official};
use lamarck_nas_bench_201_table::{Dataset, embedded};
use lamarck_sdk::prelude::*;

use crate::classes::Equality;
use crate::network::{self, Level, Operations};
use crate::notation::{self, Written};

/// The search space `nas-bench-201`: six decisions between five operations.
#[derive(Debug, Clone)]
pub struct NasBench201 {
    spec: SpaceSpec,
    dataset: Dataset,
    equality: Equality,
}

/// The options of [`NasBench201`].
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", deny_unknown_fields)]
pub struct SpaceOptions {
    /// The data set: decides how wide the classifier is.
    pub dataset: Dataset,
    /// Which cells count as the same.
    pub classes: ClassOption,
}

/// The words of the option `classes`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde", rename_all = "lowercase")]
pub enum ClassOption {
    /// [`Equality::Official`].
    Official,
    /// [`Equality::Functional`].
    Functional,
}

impl From<ClassOption> for Equality {
    fn from(option: ClassOption) -> Self {
        match option {
            ClassOption::Official => Self::Official,
            ClassOption::Functional => Self::Functional,
        }
    }
}

/// The words of the option `dataset`, here and in the evaluator.
pub(crate) const DATASETS: &[&str] = &["cifar10", "cifar100", "imagenet16-120"];

/// The benchmark's paper and its successor's.
pub(crate) const REFERENCES: &[&str] = &[
    "X. Dong, Y. Yang: NAS-Bench-201, ICLR 2020, arXiv:2001.00326",
    "X. Dong et al.: NATS-Bench, TPAMI 2021, doi:10.1109/TPAMI.2021.3054824",
];

/// The position of a vector in the lexicographic order, which is the row of the table; `None` for no vector of this
/// space.
#[inline]
pub fn cell_of(choices: &[Choice]) -> Option<u16> {
    let choices: &[Choice; EDGE_COUNT] = choices.try_into().ok()?;
    let mut cell = 0;
    let mut valid = true;
    for &choice in choices {
        valid &= choice < 5;
        cell = cell * 5 + (choice & 7);
    }
    valid.then_some(cell)
}

/// The vector at a position of the lexicographic order; `None` from 15,625 on.
pub fn choices_of(cell: u16) -> Option<[Choice; EDGE_COUNT]> {
    operations(cell).map(|operations| operations.map(Choice::from))
}

/// A vector that is none of this space.
#[derive(Debug)]
struct NotAVector<'a>(&'a [Choice]);

impl fmt::Display for NotAVector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no vector of nas-bench-201: it has {EDGE_COUNT} choices from 0 to 4", self.0)
    }
}

/// [`cell_of`] with a message.
pub(crate) fn expect_cell(choices: &[Choice]) -> Result<u16> {
    cell_of(choices).with_context(|| NotAVector(choices).to_string())
}

fn expect_operations(choices: &[Choice]) -> Result<Operations> {
    let cell = expect_cell(choices)?;
    operations(cell).with_context(|| NotAVector(choices).to_string())
}

fn expect_level(level: &str) -> Result<Level> {
    Level::from_name(level).with_context(|| {
        let known = Level::ALL.map(|level| format!("`{}`", level.name())).join(" or ");
        format!("nas-bench-201 has no level `{level}`; use {known}")
    })
}

/// How many decisions lie downstream: the edges out of a decision's target, and theirs.
fn descendants(target: u8) -> u32 {
    let mut reached = [false; 4];
    reached[usize::from(target)] = true;
    let mut count = 0;
    // Sources come before targets, so one pass sees everything that is reached.
    for node in target..4 {
        for (source, to) in EDGES {
            if source == node && reached[usize::from(node)] {
                reached[usize::from(to)] = true;
                count += 1;
            }
        }
    }
    count
}

fn decisions() -> Vec<Decision> {
    let decision = |(source, target): (u8, u8)| Decision {
        name: format!("edge {source}>{target}"),
        options: OPERATIONS.map(str::to_owned).to_vec(),
        ordered: false,
        node: Some(u32::from(target)),
        descendants: descendants(target),
    };
    EDGES.map(decision).to_vec()
}

impl Component for NasBench201 {
    type Options = SpaceOptions;
    const SPEC: ComponentSpec = ComponentSpec::new(
        "nas-bench-201",
        "cells of 4 nodes and 6 edges with 5 operations each, 15,625 in all, as networks of 15 copies",
    )
    .references(REFERENCES)
    .options(&[
        OptionSpec::choice("dataset", DATASETS, "data set; decides how wide the classifier is")
            .default_value("\"cifar10\""),
        OptionSpec::choice(
            "classes",
            &["official", "functional"],
            "which cells count as the same: by the benchmark's count (6,466), or with zeros dropped from sums (5,390)",
        )
        .default_value("\"official\""),
    ]);

    fn create(options: SpaceOptions, _context: &Context) -> Result<Self> {
        let equality = Equality::from(options.classes);
        let spec = SpaceSpec {
            name: Self::SPEC.name.to_owned(),
            decisions: decisions(),
            constrained: false,
            levels: Level::ALL.map(|level| level.name().to_owned()).to_vec(),
            class: Some(format!("{} isomorphism class", equality.name())),
        };
        Ok(Self { spec, dataset: options.dataset, equality })
    }
}

impl SearchSpace for NasBench201 {
    fn spec(&self) -> &SpaceSpec {
        &self.spec
    }

    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        Ok(network::build(expect_operations(choices)?, self.dataset, expect_level(level)?)?)
    }

    fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
        Ok(network::size(expect_operations(choices)?, self.dataset, expect_level(level)?))
    }

    fn class(&self, choices: &[Choice]) -> Result<Option<u64>> {
        Ok(self.equality.class_of(expect_cell(choices)?).map(u64::from))
    }

    fn render(&self, choices: &[Choice]) -> Result<String> {
        Ok(to_official(expect_cell(choices)?))
    }

    fn parse(&self, text: &str) -> Result<Vec<Choice>> {
        let cell = match notation::parse(text)? {
            Written::Cell(cell) => cell,
            Written::Official(official) => embedded().cell_at_official(official).with_context(|| {
                format!("there is no cell #{official}: official indices go from 0 to {}", CELLS - 1)
            })?,
        };
        let choices = choices_of(cell).with_context(|| format!("`{text}` is no cell"))?;
        Ok(choices.to_vec())
    }
}
