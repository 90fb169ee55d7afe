//! A made-up score landscape over any search space, and what trainings cost.
//!
//! The evaluator [`Synthetic`] (`synthetic`) scores a vector by a formula. Nothing it says is a finding about networks,
//! and everything it says carries the word synthetic. It is for what a table of real trainings cannot give: a space
//! nobody has trained all of (ATTN has 10^19 architectures), and properties that can be turned one at a time. How much
//! do donors' fates depend on how much children resemble their parents? On noise? On failures?
//!
//! # What a landscape must have, and the alternatives
//!
//! What evolution does depends on few things: how alike parents and children score, how noise compares with the
//! spread, how steep the way to the top is. So these are options, and the first is measured and stated.
//!
//! - **NK landscapes** (Kauffman, Weinberger 1989, doi:10.1016/S0022-5193(89)80019-0) tune ruggedness by K, the number
//!   of other decisions that each contribution looks up a table with. With 391 options a table for K = 1 has 152,881
//!   entries, and a width of 1000 is as far from 1025 as from 50: in real spaces it is not. The correlation comes in
//!   K's coarse steps. What is kept of them is that neighbouring decisions are linked and that the correlation has a
//!   closed form.
//! - **A random number for every vector** (a house of cards) has no heritability at all, and evolution on it is random
//!   search. It is the rugged part here, mixed in as far as asked.
//! - **A random neural network** of the vector has interactions of every order and smoothness for free, but neither its
//!   spread nor its correlation has a closed form, and `tanh` and `exp` are not the same to the last bit on all
//!   machines.
//! - **A surrogate fitted to real results** (as in NAS-Bench-301) would be better than all of them, had there been
//!   thousands of results to fit.
//!
//! So: smooth random functions of each decision, products of two for linked decisions, and an independent number for
//! every vector, mixed with exact variances. [`landscape`] has the formula and the closed form of the correlation,
//! which is about `(1 - r) (1 - (1 + interactions)/n)` for `n` decisions. The largest that can be reached (`r` = 0) is
//! less than 1, because a child does differ; asking for more is an error at `heritability` that says the largest.
//!
//! Widths are smooth where a decision says that it is ordered, and also where an unordered one's labels show it:
//! `relu 50`, `tanh 50`, `relu 75` .. are taken apart into a word and a number if there are at least four numbers to a
//! word.
//!
//! # Noise, failures, transfer
//!
//! Noise, and the spread of times, are drawn from the generator that [`evaluate`](lamarck_sdk::Evaluator::evaluate) is
//! handed, so replicates differ by it; the landscape is the same for all, and its `seed` can be swept. Scores stay
//! between `low` and `high`, so noise is cut off there. `reference_score` is without noise.
//!
//! Which architectures fail is decided by a hash. They cost a whole training, as those do whose loss is no number at
//! the end, and have no reference score.
//!
//! `transfer_gain` = g is an assumption for studies of transfer. The reference score is that of a full training. A
//! short one from scratch misses the share g of its height above `low`, and a prefix of a share s of the layers makes
//! up for the share s of that: `score = reference - g (reference - low) (1 - s)`. A score never exceeds its reference
//! by it. Off (0), what a candidate inherits has no influence on its score, only on its time.
//!
//! # What trainings cost
//!
//! [`cost`] turns parameters, frozen parameters, rows, batch and epochs into seconds, by two constants fitted to nine
//! published trainings on one A100. How far off it is stands in its documentation and in the notes of every study.
//!
//! # Example
//!
//! ```
//! use lamarck_sdk::testing::{create, space};
//! use lamarck_sdk::{Context, Evaluator, ModelSize, Request, Rng};
//! use lamarck_synthetic::Synthetic;
//!
//! let context = Context::for_space(space(&[5; 18]));
//! let evaluator: Synthetic = create(r#"{"heritability": 0.6, "noise": 0.01}"#, &context)?;
//! let measured = evaluator.heritability().expect("decisions can change");
//! assert!((measured.correlation - 0.6).abs() < 0.05);
//!
//! let size = ModelSize { layers: 14, parameters: 25_000_000, bytes: 100_000_000 };
//! let prefix = ModelSize { layers: 7, parameters: 20_000_000, bytes: 80_000_000 };
//! let request = |prefix| Request { candidate: 0, choices: &[2; 18], size, prefix };
//! let scratch = evaluator.evaluate(&request(ModelSize::default()), &mut Rng::from_seed(1))?;
//! let inherited = evaluator.evaluate(&request(prefix), &mut Rng::from_seed(1))?;
//! assert!(inherited.train_us < scratch.train_us && inherited.score == scratch.score);
//! # lamarck_sdk::anyhow::Ok(())
//! ```

mod arithmetic;
pub mod cost;
mod effects;
mod evaluator;
pub mod heritability;
pub mod landscape;

pub use evaluator::{Synthetic, SyntheticOptions};

lamarck_sdk::export_plugin! { evaluators: [Synthetic] }
