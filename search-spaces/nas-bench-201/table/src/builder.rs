//! Builds a table out of single results.

use crate::{
    cell::CELLS,
    column::{Column, Encoding, NO_COUNT, Storage},
    error::TableError,
    key::{ColumnKey, Dataset, Epochs, Quantity, Seed},
    table::{MAX_SEEDS, Official, Provenance, Table},
};
use std::collections::{BTreeMap, BTreeSet};

/// An accuracy this near to a whole number of images is one, in percent. The sources stay within 1.7e-7; the
/// smallest step of any data set is 0.004.
const ACCURACY_TOLERANCE: f64 = 5e-7;

/// CIFAR-100 and ImageNet16-120 times are CIFAR-10 times multiplied by these in the benchmark itself, for every
/// cell. A column is only kept as a multiple where that holds to within [`MULTIPLE_TOLERANCE`].
const TIME_MULTIPLES: [(Dataset, f64); 2] = [(Dataset::Cifar100, 2.0), (Dataset::ImageNet16, 6.068)];

/// Relative: some rounding steps of 64-bit floating point.
const MULTIPLE_TOLERANCE: f64 = 1e-13;

/// Whose result it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeedLabel {
    /// The seed that the source names.
    Number(u16),
    /// The position in the source's list of a cell's results, where it names no seed.
    Position(u8),
}

/// Collects results one by one, in any order, and makes a [`Table`] of them.
///
/// What was not recorded is missing. A quantity other than an accuracy that is the same for every seed of every
/// cell becomes one shared column; counts become counts; see [`Column`].
#[derive(Debug)]
pub struct TableBuilder {
    provenance: Provenance,
    results: BTreeMap<(Dataset, Epochs, Quantity, SeedLabel), Box<[f64]>>,
    official: Option<Official>,
}

impl TableBuilder {
    /// A builder without results.
    pub fn new(provenance: Provenance) -> Self {
        Self { provenance, results: BTreeMap::new(), official: None }
    }

    /// Records one result. Errors if the value is not a finite number in its quantity's range, if there is no
    /// such cell, or if another value has been recorded in its place.
    pub fn record(
        &mut self,
        dataset: Dataset,
        epochs: Epochs,
        quantity: Quantity,
        seed: SeedLabel,
        cell: u16,
        value: f64,
    ) -> Result<(), TableError> {
        let refuse =
            |problem| TableError::Value { quantity: format!("{dataset} {quantity}"), cell, value, problem };
        if !value.is_finite() || value < 0.0 {
            return Err(refuse("not a finite number of 0 or more"));
        }
        if quantity.is_accuracy() && value > 100.0 + ACCURACY_TOLERANCE {
            return Err(refuse("more than 100 percent"));
        }
        let key = (dataset, epochs, quantity, seed);
        if !self.results.contains_key(&key) {
            // Before the column is made: a file that names thousands of seeds must not get memory for each.
            let (first, last) = (SeedLabel::Number(0), SeedLabel::Position(u8::MAX));
            let seeds =
                self.results.range((dataset, epochs, quantity, first)..=(dataset, epochs, quantity, last));
            let found = seeds.count() + 1;
            if found > MAX_SEEDS {
                return Err(TableError::TooLarge { what: "number of seeds", found, limit: MAX_SEEDS });
            }
        }
        let values = self.results.entry(key).or_insert_with(|| vec![f64::NAN; usize::from(CELLS)].into());
        let place = values.get_mut(usize::from(cell)).ok_or_else(|| refuse("there is no such cell"))?;
        if !place.is_nan() && place.to_bits() != value.to_bits() {
            return Err(refuse("another value was recorded for the same seed before"));
        }
        *place = value;
        Ok(())
    }

    /// Sets the official order: the cells by official index. Errors if it is not every cell once.
    pub fn official_order(&mut self, cells: Vec<u16>) -> Result<(), TableError> {
        let official = Official::new(cells).ok_or_else(|| TableError::Header {
            problem: format!("the official index does not name each of the {CELLS} cells once"),
        })?;
        self.official = Some(official);
        Ok(())
    }

    /// Adds a note to the provenance.
    pub fn note(&mut self, note: impl Into<String>) {
        self.provenance.notes.push(note.into());
    }

    /// Makes the table.
    pub fn finish(self) -> Result<Table, TableError> {
        let mut seeds: BTreeMap<(Dataset, Epochs), BTreeSet<SeedLabel>> = BTreeMap::new();
        for &(dataset, epochs, _, seed) in self.results.keys() {
            seeds.entry((dataset, epochs)).or_default().insert(seed);
        }
        let most = seeds.values().map(BTreeSet::len).max().unwrap_or(0);
        if most > MAX_SEEDS {
            return Err(TableError::TooLarge { what: "number of seeds", found: most, limit: MAX_SEEDS });
        }

        let mut sources: Vec<(ColumnKey, Box<[f64]>)> = Vec::new();
        let mut results = self.results.into_iter().peekable();
        while let Some(((dataset, epochs, quantity, seed), values)) = results.next() {
            let mut group = vec![(seed, values)];
            while let Some(((.., seed), values)) =
                results.next_if(|((d, e, q, _), _)| (*d, *e, *q) == (dataset, epochs, quantity))
            {
                group.push((seed, values));
            }
            if let Some(shared) = (!quantity.is_accuracy()).then(|| shared(&group)).flatten() {
                sources.push((ColumnKey { dataset, epochs, quantity, seed: Seed::Shared }, shared));
                continue;
            }
            let order = seeds.get(&(dataset, epochs));
            for (label, values) in group {
                let position = order.and_then(|order| order.iter().position(|other| *other == label));
                // At most MAX_SEEDS seeds, checked above, each of them in its set.
                let index = position.and_then(|index| u8::try_from(index).ok()).unwrap_or_default();
                let number = match label {
                    SeedLabel::Number(number) => Some(number),
                    SeedLabel::Position(_) => None,
                };
                let seed = Seed::One { index, number };
                sources.push((ColumnKey { dataset, epochs, quantity, seed }, values));
            }
        }

        let mut columns: Vec<Column> = Vec::with_capacity(sources.len());
        for (key, source) in sources {
            let column = counts(key, &source)
                .or_else(|| multiple(key, &source, &columns))
                .unwrap_or_else(|| Column::new(key, Encoding::Real, Storage::Real(source), 0.0));
            columns.push(column);
        }
        Ok(Table::from_parts(self.provenance, columns, self.official))
    }
}

/// One array for all seeds, if they agree wherever they have values.
fn shared(group: &[(SeedLabel, Box<[f64]>)]) -> Option<Box<[f64]>> {
    let ((_, first), others) = group.split_first()?;
    let mut shared = first.clone();
    for (_, values) in others {
        for (place, value) in shared.iter_mut().zip(values) {
            if place.is_nan() {
                *place = *value;
            } else if !value.is_nan() && value.to_bits() != place.to_bits() {
                return None;
            }
        }
    }
    Some(shared)
}

/// The column as whole counts, if all values are such.
fn counts(key: ColumnKey, source: &[f64]) -> Option<Column> {
    let per_unit = key.quantity.per_unit(key.dataset)?;
    // Accuracies carry the noise of averaging over batches; parameters and operations are counts divided once.
    let tolerance = if key.quantity.is_accuracy() { ACCURACY_TOLERANCE } else { 0.0 };
    let mut max_error = 0.0_f64;
    let counts = source
        .iter()
        .map(|&value| {
            if value.is_nan() {
                return Some(NO_COUNT);
            }
            let count = (value * f64::from(per_unit)).round();
            if !(0.0..f64::from(NO_COUNT)).contains(&count) {
                return None;
            }
            let error = (count / f64::from(per_unit) - value).abs();
            max_error = max_error.max(error);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number in range, checked above"
            )]
            (error <= tolerance).then_some(count as u32)
        })
        .collect::<Option<Box<[u32]>>>()?;
    Some(Column::new(key, Encoding::Counts { per_unit }, Storage::Counts { counts, per_unit }, max_error))
}

/// The column as a multiple of the CIFAR-10 column before it, if it is one.
fn multiple(key: ColumnKey, source: &[f64], before: &[Column]) -> Option<Column> {
    if key.quantity != Quantity::TrainSeconds {
        return None;
    }
    let (_, times) = TIME_MULTIPLES.into_iter().find(|(dataset, _)| *dataset == key.dataset)?;
    let base_key = ColumnKey { dataset: Dataset::Cifar10, ..key };
    let of = before.iter().position(|column| *column.key() == base_key)?;
    let Storage::Real(base) = &before[of].storage else {
        return None;
    };
    let values = multiplied(base, times);
    let mut max_error = 0.0_f64;
    for (value, source) in values.iter().zip(source) {
        if value.is_nan() && source.is_nan() {
            continue;
        }
        let error = (value - source).abs();
        // NaN where a value is missing on one side only.
        if error.is_nan() || error > MULTIPLE_TOLERANCE * source {
            return None;
        }
        max_error = max_error.max(error);
    }
    Some(Column::new(key, Encoding::Multiple { of, times }, Storage::Real(values), max_error))
}

/// The one place that multiplies, so that a file read gives the very values that were built.
pub(crate) fn multiplied(base: &[f64], times: f64) -> Box<[f64]> {
    base.iter().map(|value| if value.is_nan() { f64::NAN } else { value * times }).collect()
}
