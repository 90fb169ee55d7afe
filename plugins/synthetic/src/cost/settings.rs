//! Rows, batch and epochs of a training, by the name of the space.

use lamarck_sdk::SpaceSpec;

/// How much data a training sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Rows of training data an epoch.
    pub rows: u64,
    /// Rows a step.
    pub batch: u64,
    /// Epochs.
    pub epochs: u64,
}

impl Settings {
    /// What the published searches used, one epoch each:
    ///
    /// | space | rows | batch | whose |
    /// |---|---|---|---|
    /// | `candle-attn*` | 271,915 | 32 | AgEBO, EvoStore |
    /// | `candle-combo*` with `small` or `large` in its name | 22,089 | 32 | SC'19: a tenth of the 220,890 training rows |
    /// | other `candle-combo*` | 176,712 | 32 | AgEBO: the 276,112 rows less a fifth for testing and a fifth of the rest for validation |
    /// | `candle-uno*` | 9,588 | 32; 100 with `evostore` in its name | SC'19; EvoStore |
    /// | `candle-nt3*` | 1,120 | 20; 100 with `evostore` in its name | SC'19; EvoStore |
    /// | any other | 50,000 | 100 | nobody's: round numbers |
    ///
    /// Searches that train for more epochs stop early, so their epochs are a result and not a setting.
    pub fn of(space: &SpaceSpec) -> Self {
        let name = space.name.as_str();
        let has = |word: &str| name.contains(word);
        let (rows, batch) = if name.starts_with("candle-attn") {
            (271_915, 32)
        } else if name.starts_with("candle-combo") {
            (if has("small") || has("large") { 22_089 } else { 176_712 }, 32)
        } else if name.starts_with("candle-uno") {
            (9_588, if has("evostore") { 100 } else { 32 })
        } else if name.starts_with("candle-nt3") {
            (1_120, if has("evostore") { 100 } else { 20 })
        } else {
            (50_000, 100)
        };
        Self { rows, batch, epochs: 1 }
    }

    /// The same with whatever is given and not 0 in its place.
    #[must_use]
    pub fn or(self, rows: u64, batch: u64, epochs: u64) -> Self {
        let given = |value: u64, otherwise: u64| if value == 0 { otherwise } else { value };
        Self {
            rows: given(rows, self.rows),
            batch: given(batch, self.batch),
            epochs: given(epochs, self.epochs),
        }
    }

    /// Steps of the whole training.
    #[inline]
    pub fn steps(&self) -> f64 {
        self.rows.div_ceil(self.batch.max(1)) as f64 * self.epochs as f64
    }
}
