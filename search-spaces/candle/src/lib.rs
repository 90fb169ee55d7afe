//! The search spaces of the CANDLE cancer benchmarks, as they were searched on the machines of Argonne from 2019 on.
//!
//! | component | decisions | vectors | where it comes from |
//! |---|---|---|---|
//! | `candle-attn` | 18 | 1.464e19 (small), 4.855e16 (large) | AgEBO; EvoStore |
//! | `candle-combo` | 13 or 41 | 2.097e14 (small), 2.987e44 (large) | SC'19 |
//! | `candle-combo-shared` | 18 | 1.094e26 | AgEBO |
//! | `candle-combo-unshared` | 36 | 2.142e38 | AgEBO |
//! | `candle-uno` | 12 or 25 | 2.330e13 (small), 5.746e29 (large) | SC'19 |
//! | `candle-uno-cells` | 13 | 3.029e14 for 3 cells | CLUSTER'21 |
//! | `candle-uno-evostore` | 12 | 2.330e13 | EvoStore |
//! | `candle-nt3-sc19` | 12 | 6.350e8 | SC'19 |
//! | `candle-nt3` | 8 or 10 | 6.240e5 (small), 1.361e7 (large) | EvoStore |
//!
//! Everything is written in the language of [`lamarck_sdk::graph_space`], which follows DeepHyper's rules. A vector is
//! DeepHyper's `arch_seq`: same decisions, same order, same options, so that published vectors can be pasted, and
//! published parameter counts come out to the digit (the tests have all that are known).
//!
//! Decisions:
//!
//! * **One component for each order of options**, not one component with a `variant` option. EvoStore's Uno and the
//!   earlier Uno have the same operations in another order; a vector of one means something else in the other, and the
//!   component's name is what a trace is labelled with.
//! * **Small and large are an option**, because the published programs have the two under one name.
//! * **Input widths are options** with the published defaults. They depend on how the data were prepared (Combo's drugs
//!   have 3,820 descriptors in 2019 and 3,839 in 2021), and parameter counts depend on them.
//! * **The dense layer at the end** that DeepHyper's `AutoKSearchSpace` and `KerasStructure` append is written out as
//!   the node `output`.
//! * The Combo space in the artifact of EvoStore is left out: its output layer is commented out there, so that it
//!   cannot have run as published. `candle-combo-unshared` is the same space with its output.
//!
//! [`baselines`] has the hand-made models that the searches were to beat.
//!
//! ```
//! use lamarck_candle::CandleAttn;
//! use lamarck_sdk::testing::create;
//! use lamarck_sdk::{Context, SearchSpace};
//!
//! let space: CandleAttn = create("{}", &Context::bare())?;
//! assert_eq!(space.spec().size_decimal(), "14635935683435892736");
//! // The best architecture that aging evolution found on one GPU a worker (AgEBO, 2021).
//! let best = [18, 1, 81, 0, 0, 119, 1, 0, 1, 364, 0, 142, 0, 0, 321, 1, 1, 0];
//! assert_eq!(space.size(&best, "network")?.parameters, 13_932_677);
//! # Ok::<(), lamarck_sdk::anyhow::Error>(())
//! ```

mod attn;
pub mod baselines;
mod combo;
mod combo_skip;
mod nt3;
mod nt3_sc19;
mod parts;
mod uno;
mod uno_cells;

pub use attn::CandleAttn;
pub use combo::CandleCombo;
pub use combo_skip::{CandleComboShared, CandleComboUnshared};
pub use nt3::CandleNt3;
pub use nt3_sc19::CandleNt3Sc19;
pub use uno::CandleUno;
pub use uno_cells::{CandleUnoCells, CandleUnoEvostore};

lamarck_sdk::export_plugin! {
    search_spaces: [
        CandleAttn,
        CandleCombo,
        CandleComboShared,
        CandleComboUnshared,
        CandleUno,
        CandleUnoCells,
        CandleUnoEvostore,
        CandleNt3Sc19,
        CandleNt3,
    ],
}
