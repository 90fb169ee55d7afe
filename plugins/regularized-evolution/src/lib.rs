//! Regularized evolution and its null models.
//!
//! - [`RegularizedEvolution`] (`regularized-evolution`): a FIFO population of the last `population` finished
//!   candidates, the oldest leaving whatever its score; parents win tournaments of `sample` members.
//! - [`Neutral`] (`neutral`): the same loop with the parent drawn evenly, so without selection. What it shows (waves
//!   of generations, popular ancestors, drifting options) owes nothing to the scores; a pattern counts as an effect
//!   of selection only where it departs from this null model.
//! - [`Random`] (`random`): every vector drawn from the space.
//!
//! # Regularized evolution is not one algorithm
//!
//! The public implementations differ in ways that change lineages and hit rates. Each difference that is the
//! strategy's is an option here, so that two studies can differ in one of them alone:
//!
//! | option | value | who does so |
//! |---|---|---|
//! | `replacement` | `true` | Real et al., NAS-Bench-201's scripts, NASLib, Syne Tune |
//! | | `false` | DeepHyper, PyGlove, NNI, tensorlogic-train |
//! | `start` | `"completed"` | DeepHyper, Syne Tune, PyGlove, tensorlogic-train |
//! | | `"submitted"` | no tool that was read; what a controller does that counts its submissions |
//! | | `"waited"` | NNI |
//! | `duplicates` | `"keep"` | all but the following |
//! | | `"reject"` | NNI, Archai |
//! | `failures` | `"worst"` | DeepHyper; NNI if told so |
//! | | `"ignore"` | NNI |
//!
//! Whether a mutation may change nothing, and which decision it changes, is the mutator's affair.
//!
//! # What is written down
//!
//! - **Order.** A higher score is better; of equal scores the lower id, which is the older submission, is better. The
//!   order is total, so winner and rank never depend on the order of the draws. A failed candidate is worse than any
//!   score. So is a score that is not a number or minus infinity, which some tools record for a failure.
//! - **Draws.** A proposal is a function of the population and of the generator handed in, of nothing else: the
//!   tournament keeps no state between calls (a shuffled index array that persists would be as fast, but then a
//!   proposal would depend on all tournaments before it).
//! - **Submitted** means proposed and, where duplicates are rejected, accepted.
//!
//! # How long the random phase is
//!
//! With W workers that are kept busy from the start, one proposal a completion, P the population and no failure
//! ignored, the number of sampled candidates before the first child is
//!
//! - `completed`: P + W - 1. The P-th completion is answered by the first child, and W + (P - 1) were submitted before.
//! - `submitted`: max(P, W). With W > P the first W submissions happen before anything has finished; a child without
//!   a parent being impossible, they are sampled too.
//! - `waited`: P.
//!
//! # How a population is kept
//!
//! Scores and ids are two arrays used as a ring. Rank is found by counting better scores, a loop over contiguous
//! numbers that compilers vectorise; keeping the population sorted would make ranks free, but each completion would
//! move half of it. See `benches/`.
//!
//! References: E. Real et al., "Regularized evolution for image classifier architecture search", AAAI 2019,
//! arXiv:1802.01548; R. Underwood et al., "Understanding patterns of deep learning model evolution in network
//! architecture search", 2023, arXiv:2309.12576; M. Kimura, "Evolutionary rate at the molecular level", Nature 217
//! (1968), doi:10.1038/217624a0 (neutral evolution); R. Floyd in J. Bentley, "Programming pearls: a sample of
//! brilliance", CACM 30 (1987), doi:10.1145/30401.315746 (sampling without replacement).

mod aging;
mod options;
mod population;
mod random;
mod screening;
mod selection;

pub use aging::{Aging, Neutral, RegularizedEvolution};
pub use options::{AgingOptions, Duplicates, Failures, RegularizedOptions, ScreeningOptions, Start};
pub use population::Population;
pub use random::Random;
pub use selection::{Evenly, Selection, Tournament};

lamarck_sdk::export_plugin! { strategies: [RegularizedEvolution, Neutral, Random] }
