//! Tables of NAS-Bench-201 results: a format, an embedded copy, and importers.
//!
//! NAS-Bench-201 (Dong and Yang, ICLR 2020, [arXiv:2001.00326](https://arxiv.org/abs/2001.00326)) trained all
//! 15,625 cells of a small search space on three data sets, so that a study of search algorithms can look a
//! result up instead of training. Its files are pickles of gigabytes that take minutes and tens of gigabytes of
//! memory to load, and the results a search needs of them are a megabyte. This crate keeps those: a [`Table`]
//! of columns, each a flat array with one value a cell.
//!
//! ```
//! use lamarck_nas_bench_201_table::{Dataset, Epochs, Quantity, cell, embedded};
//!
//! let table = embedded();
//! let accuracy = table.runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::ValidAccuracy).unwrap();
//! let best = (0..cell::CELLS).max_by(|a, b| accuracy.mean(*a).partial_cmp(&accuracy.mean(*b)).unwrap()).unwrap();
//! assert_eq!(cell::to_digits(best), "333132");
//! assert_eq!(format!("{:.4}", accuracy.mean(best).unwrap()), "91.6067");
//! // The seeds it was trained with, one by one; the fourth was never there.
//! assert_eq!(accuracy.count(best), 3);
//! assert_eq!(accuracy.get(best, 3), None);
//! ```
//!
//! # Decisions
//!
//! - **Missing is missing.** Half of the cells have two results, a partial folder lacks cells, the embedded table
//!   lacks whole quantities. Every query answers with an `Option`; nothing is filled in from another seed or a
//!   mean. A caller that wants the mean of what is there says so ([`Runs::mean`]).
//! - **The figure that was measured.** Accuracies are kept as the number of images classified rightly, which is
//!   exact, rather than as percentages with the noise of summation; see [`Column`]. Every column says how far it
//!   is from its source ([`Column::max_error`]).
//! - **Seeds by number where the source says them.** The official files do, the Python package does not, and a
//!   column's key says which ([`Seed`]).
//! - **No trust.** A pickle is a program; [`pickle`] reads data and executes nothing. Sizes are bounded everywhere.
//! - **A table has an identity** ([`Table::checksum`]), for the traces of the runs that used it.

pub mod cell;
pub mod import;
pub mod pickle;

mod builder;
mod column;
mod embedded;
mod error;
mod format;
mod key;
mod table;

pub use builder::{SeedLabel, TableBuilder};
pub use column::{Column, Encoding};
pub use embedded::{embedded, embedded_bytes};
pub use error::{ErrorKind, TableError};
pub use format::{MAGIC, MAX_FILE, VERSION};
pub use key::{ColumnKey, Dataset, Epochs, Quantity, Seed};
pub use table::{MAX_SEEDS, Provenance, Runs, Table};
