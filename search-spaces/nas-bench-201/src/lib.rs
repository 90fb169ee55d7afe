//! NAS-Bench-201 for Lamarck: the search space and the table of its real results, as two components.
//!
//! NAS-Bench-201 (Dong and Yang, ICLR 2020, arXiv 2001.00326) is a cell of four nodes with an edge between each two,
//! and one of five operations on each edge: 15,625 cells, every one of which was trained on three data sets. A search
//! over it runs on real accuracies and real training times without training anything.
//!
//! | module | says |
//! |---|---|
//! | [`space`] | the component `nas-bench-201`: decisions, notation, classes, graphs |
//! | [`evaluator`] | the component `nas-bench-201-table`: scores and costs from the table |
//! | [`notation`] | reads the ways in which people write a cell |
//! | [`classes`] | which cells are the same network |
//! | [`network`] | layer graphs with real tensor shapes, at the level of the network and of the cell |
//!
//! Vectors list the edges in the order 0>1, 0>2, 1>2, 0>3, 1>3, 2>3 and the operations in the order none,
//! `skip_connect`, `nor_conv_1x1`, `nor_conv_3x3`, `avg_pool_3x3`. Read as a number in base 5, a vector is the row of
//! the table, so a lookup needs no map.
//!
//! ```
//! use lamarck_nas_bench_201::{NasBench201, TableEvaluator};
//! use lamarck_sdk::testing::create;
//! use lamarck_sdk::{Context, Evaluator, SearchSpace};
//!
//! let context = Context::bare();
//! let space: NasBench201 = create(r#"{"dataset": "cifar100"}"#, &context)?;
//! let table: TableEvaluator = create(r#"{"dataset": "cifar100"}"#, &context)?;
//! let cell = space.parse("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|")?;
//! assert_eq!(cell, [3, 3, 3, 1, 3, 3]);
//! assert_eq!(space.size(&cell, "network")?.parameters, 1_294_356);
//! assert!(table.reference_score(&cell)?.is_some_and(|accuracy| accuracy > 70.0));
//! # Ok::<(), lamarck_sdk::anyhow::Error>(())
//! ```

pub mod classes;
pub mod evaluator;
pub mod network;
pub mod notation;
pub mod space;

pub use evaluator::TableEvaluator;
pub use space::NasBench201;

lamarck_sdk::export_plugin! {
    search_spaces: [NasBench201],
    evaluators: [TableEvaluator],
}
