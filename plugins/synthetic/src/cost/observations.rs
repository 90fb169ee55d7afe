//! Published training times, and which of them say enough to be used.
//!
//! `NASBigData` is the public repository `deephyper/NASBigData` (BSD-2) of the AgEBO study. Its `best/*` folders hold
//! the retraining of the best architectures on ThetaGPU (A100): the history file has parameters, seconds and one
//! loss an epoch; `train.py` has the batch and the number of devices. The number of epochs was checked against the
//! stopping rule: in every history the best value lies exactly `patience` epochs before the end. Rows are the shapes
//! that the training logs print.

/// How a number is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Read in the named public repository.
    Code,
    /// Recalled from a paper, not checked.
    Memory,
}

/// How a training was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Rows of training data an epoch.
    pub rows: u64,
    /// Rows a step, over all devices.
    pub batch: u64,
    /// Epochs.
    pub epochs: u64,
    /// Accelerators.
    pub devices: u32,
}

/// One published time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// What was trained.
    pub name: &'static str,
    /// Trainable parameters.
    pub parameters: u64,
    /// Published seconds.
    pub seconds: f64,
    /// How, if it is known.
    pub run: Option<Run>,
    /// How it is known.
    pub label: Label,
    /// Where it is published.
    pub source: &'static str,
}

impl Observation {
    /// How it was run, if that is known and was on one device.
    pub fn usable(&self) -> Option<Run> {
        self.run.filter(|run| run.devices == 1)
    }
}

/// Rows that AgEBO's Combo retrainings print: `(176712, 942)`.
const COMBO: u64 = 176_712;
const ATTN: u64 = 271_915;

const fn read(
    name: &'static str,
    parameters: u64,
    seconds: f64,
    run: (u64, u64, u64, u32),
    source: &'static str,
) -> Observation {
    let (rows, batch, epochs, devices) = run;
    let run = Some(Run { rows, batch, epochs, devices });
    Observation { name, parameters, seconds, run, label: Label::Code, source }
}

const fn remembered(name: &'static str, parameters: u64, seconds: f64) -> Observation {
    let source = "SC'19, arXiv:1909.00311, table 1, from memory; rows, epochs and machine are not on record";
    Observation { name, parameters, seconds, run: None, label: Label::Memory, source }
}

/// All published times that were found.
pub const OBSERVATIONS: &[Observation] = &[
    read("Combo baseline", 13_791_001, 2125.279, (220_890, 32, 100, 1), "NASBigData combo/baseline"),
    read("combo_1gpu_8_age", 15_328_476, 724.246, (COMBO, 32, 38, 1), "NASBigData combo/best"),
    read("combo_1gpu_8_agebo", 37_688_176, 569.896, (COMBO, 185, 50, 1), "NASBigData combo/best"),
    read("combo_1gpu_8_agebop", 37_045_876, 485.762, (COMBO, 201, 44, 1), "NASBigData combo/best"),
    // These three were found with 2, 4 and 8 devices a training, but retrained by `nas.run.alpha`, which uses one:
    // 531 steps an epoch are 176,712 rows in batches of 333, and the learning rate was not multiplied.
    read("combo_2gpu_8_agebo", 25_518_401, 292.562, (COMBO, 333, 43, 1), "NASBigData combo/best"),
    read("combo_4gpu_8_agebo", 29_265_901, 547.114, (COMBO, 142, 72, 1), "NASBigData combo/best"),
    read("combo_8gpu_8_agebo", 14_262_701, 614.764, (COMBO, 73, 65, 1), "NASBigData combo/best"),
    read("combo_8gpu_16_agebo", 46_721_276, 671.393, (COMBO, 56, 36, 1), "NASBigData combo/best"),
    read("attn_1gpu_8_age", 13_932_677, 526.225, (ATTN, 32, 12, 1), "NASBigData attn/best"),
    // Several devices: an epoch takes 5.2 s on two and on four, whatever the model, so the input pipeline is what
    // was measured. Found with one device, but retrained on four: train.py names four, and the learning rate in
    // the history is four times the one found.
    read("attn_1gpu_8_agebo", 33_865_627, 150.353, (ATTN, 4 * 553, 29, 4), "NASBigData attn/best"),
    read("attn_2gpu_8_agebo", 42_145_177, 89.633, (ATTN, 2 * 1772, 17, 2), "NASBigData attn/best"),
    read("attn_4gpu_8_agebo", 46_561_102, 252.391, (ATTN, 4 * 1985, 49, 4), "NASBigData attn/best"),
    read("attn_8gpu_8_agebo", 40_152_627, 307.543, (ATTN, 8 * 143, 40, 8), "NASBigData attn/best"),
    // The two Combo times differ by more than their parameters and the two Uno times by far less, so no single
    // pair of constants explains both.
    remembered("Combo manual", 13_772_001, 2215.0),
    remembered("Combo best", 1_883_301, 283.0),
    remembered("Uno manual", 19_274_001, 165.0),
    remembered("Uno best", 1_670_401, 64.0),
    remembered("NT3 manual", 96_777_878, 248.0),
    remembered("NT3 best", 120_968, 21.0),
];
