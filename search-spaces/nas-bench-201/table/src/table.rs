//! The table: columns, where they come from, and the runs of one quantity.

use crate::{
    cell::CELLS,
    column::{Column, Storage},
    key::{Dataset, Epochs, Quantity, Seed},
};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

/// How many seeds a data set and training may have.
pub const MAX_SEEDS: usize = 8;

/// Where a table comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The source's name and version.
    pub source: String,
    /// Its licence, with those it passes on.
    pub licence: String,
    /// SHA-256 of the source file in hexadecimal, where the source is one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What a reader of results should know: what is missing, what is not certain.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A table of NAS-Bench-201 results. Immutable; share it by reference.
#[derive(Debug, Clone)]
pub struct Table {
    provenance: Provenance,
    columns: Vec<Column>,
    official: Option<Official>,
    checksum: u128,
}

/// The official index of every cell, both ways.
#[derive(Debug, Clone)]
pub(crate) struct Official {
    /// Official index by cell.
    pub(crate) of_cell: Box<[u16]>,
    /// Cell by official index.
    pub(crate) cell_of: Box<[u16]>,
}

impl Official {
    /// From the cells in official order; `None` if that is not a permutation of all cells.
    pub(crate) fn new(cell_of: Vec<u16>) -> Option<Self> {
        if cell_of.len() != usize::from(CELLS) {
            return None;
        }
        let mut of_cell = vec![u16::MAX; cell_of.len()];
        for (official, &cell) in (0_u16..).zip(&cell_of) {
            let place = of_cell.get_mut(usize::from(cell))?;
            if *place != u16::MAX {
                return None;
            }
            *place = official;
        }
        Some(Self { of_cell: of_cell.into(), cell_of: cell_of.into() })
    }
}

impl Table {
    /// From parts that are known to fit: columns in the order of their keys, no key twice.
    pub(crate) fn from_parts(
        provenance: Provenance,
        columns: Vec<Column>,
        official: Option<Official>,
    ) -> Self {
        let checksum = content_checksum(&columns, official.as_ref());
        Self { provenance, columns, official, checksum }
    }

    /// Every column, ordered by data set, training, quantity and seed.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Where the table comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Identifies the figures: XXH3-128 of every column's key and values and of the official index. Independent
    /// of notes, compression and file, so that a trace which recorded it can say whether a table at hand would
    /// give the same results.
    pub fn checksum(&self) -> u128 {
        self.checksum
    }

    /// The column of one seed, or the column that all seeds share. `None` if the table has neither.
    ///
    /// A scan of at most 288 keys: look a column up once and keep the reference.
    pub fn column(
        &self,
        dataset: Dataset,
        epochs: Epochs,
        quantity: Quantity,
        seed_index: u8,
    ) -> Option<&Column> {
        self.columns.iter().find(|column| {
            let key = column.key();
            let seed = match key.seed {
                Seed::Shared => true,
                Seed::One { index, .. } => index == seed_index,
            };
            seed && (key.dataset, key.epochs, key.quantity) == (dataset, epochs, quantity)
        })
    }

    /// All runs of one quantity, `None` if the table has no column of it.
    pub fn runs(&self, dataset: Dataset, epochs: Epochs, quantity: Quantity) -> Option<Runs<'_>> {
        let wanted = |column: &&Column| {
            let key = column.key();
            (key.dataset, key.epochs, key.quantity) == (dataset, epochs, quantity)
        };
        let columns: Vec<&Column> = self.columns.iter().filter(wanted).collect();
        (!columns.is_empty()).then_some(Runs { columns })
    }

    /// The official index of a cell: its number in NAS-Bench-201 and NATS-Bench.
    pub fn official_index(&self, cell: u16) -> Option<u16> {
        self.official.as_ref()?.of_cell.get(usize::from(cell)).copied()
    }

    /// The cell with this official index.
    pub fn cell_at_official(&self, official: u16) -> Option<u16> {
        self.official.as_ref()?.cell_of.get(usize::from(official)).copied()
    }

    pub(crate) fn official(&self) -> Option<&Official> {
        self.official.as_ref()
    }
}

/// The runs of one quantity: one column a seed, or a single column that all seeds share.
///
/// Half of the cells have two results where the others have three, and a missing result stays missing: a query
/// says whether it wants one seed ([`get`](Self::get)), the results there are ([`values`](Self::values)) or
/// their mean ([`mean`](Self::mean)).
#[derive(Debug, Clone)]
pub struct Runs<'t> {
    columns: Vec<&'t Column>,
}

impl<'t> Runs<'t> {
    /// The value of one seed by its position, `None` if that seed has none. A shared value is every seed's.
    #[inline]
    pub fn get(&self, cell: u16, seed_index: u8) -> Option<f64> {
        self.columns.iter().find(|column| covers(column, seed_index))?.get(cell)
    }

    /// The values there are, in the order of the seeds; one value if it is shared.
    #[inline]
    pub fn values(&self, cell: u16) -> impl Iterator<Item = f64> {
        self.columns.iter().filter_map(move |column| column.get(cell))
    }

    /// How many values there are.
    pub fn count(&self, cell: u16) -> usize {
        self.values(cell).count()
    }

    /// The mean of the values there are, `None` if there is none.
    pub fn mean(&self, cell: u16) -> Option<f64> {
        let (sum, count) =
            self.values(cell).fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }

    /// Whether the values there are differ. Of [`Quantity::Parameters`] they should not, and do in 204 cells:
    /// there the record is wrong, not the network.
    pub fn disagree(&self, cell: u16) -> bool {
        let mut values = self.values(cell);
        values.next().is_some_and(|first| values.any(|value| value.to_bits() != first.to_bits()))
    }

    /// The columns, in the order of the seeds.
    pub fn columns(&self) -> &[&'t Column] {
        &self.columns
    }
}

fn covers(column: &Column, seed_index: u8) -> bool {
    match column.key().seed {
        Seed::Shared => true,
        Seed::One { index, .. } => index == seed_index,
    }
}

fn content_checksum(columns: &[Column], official: Option<&Official>) -> u128 {
    let mut hash = Xxh3::new();
    for column in columns {
        hash.update(column.key().to_string().as_bytes());
        match &column.storage {
            Storage::Counts { counts, per_unit } => {
                hash.update(&per_unit.to_le_bytes());
                hash.update(&counts.iter().flat_map(|count| count.to_le_bytes()).collect::<Vec<u8>>());
            }
            Storage::Real(values) => {
                // No column counts in units of 0, so the two kinds cannot be taken for one another.
                hash.update(&0_u32.to_le_bytes());
                hash.update(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
            }
        }
    }
    if let Some(official) = official {
        hash.update(b"official-index");
        hash.update(&official.cell_of.iter().flat_map(|cell| cell.to_le_bytes()).collect::<Vec<u8>>());
    }
    hash.digest128()
}
