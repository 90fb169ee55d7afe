//! What a column is about: data set, training, quantity and seed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The data set a cell's network was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dataset {
    /// CIFAR-10. Validation figures come from a training on half of the 50,000 training images, test figures
    /// from another training on all of them.
    #[serde(rename = "cifar10")]
    Cifar10,
    /// CIFAR-100.
    #[serde(rename = "cifar100")]
    Cifar100,
    /// ImageNet16-120: 16 x 16 pixels, 120 classes.
    #[serde(rename = "imagenet16-120")]
    ImageNet16,
}

impl Dataset {
    /// Every data set, in the order of the columns.
    pub const ALL: [Self; 3] = [Self::Cifar10, Self::Cifar100, Self::ImageNet16];

    /// The name in files, reports and options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
            Self::ImageNet16 => "imagenet16-120",
        }
    }

    /// The data set with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }

    /// The images that validation accuracy is counted over: one in this many is one step of the accuracy.
    pub const fn validation_images(self) -> u32 {
        match self {
            Self::Cifar10 => 25_000,
            Self::Cifar100 => 5_000,
            Self::ImageNet16 => 3_000,
        }
    }

    /// The images that test accuracy is counted over.
    pub const fn test_images(self) -> u32 {
        match self {
            Self::Cifar10 => 10_000,
            Self::Cifar100 => 5_000,
            Self::ImageNet16 => 3_000,
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which of the two trainings. They are separate trainings, each with its own learning-rate schedule and seeds:
/// the 12-epoch accuracy is not that of epoch 12 of the 200-epoch training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub enum Epochs {
    /// The training of 12 epochs.
    Twelve,
    /// The training of 200 epochs.
    TwoHundred,
}

impl Epochs {
    /// Both trainings, the short one first.
    pub const ALL: [Self; 2] = [Self::Twelve, Self::TwoHundred];

    /// The number of epochs.
    pub const fn count(self) -> u16 {
        match self {
            Self::Twelve => 12,
            Self::TwoHundred => 200,
        }
    }

    /// The training of so many epochs.
    pub const fn from_count(count: u16) -> Option<Self> {
        match count {
            12 => Some(Self::Twelve),
            200 => Some(Self::TwoHundred),
            _ => None,
        }
    }
}

impl From<Epochs> for u16 {
    fn from(epochs: Epochs) -> Self {
        epochs.count()
    }
}

impl TryFrom<u16> for Epochs {
    type Error = String;

    fn try_from(count: u16) -> Result<Self, String> {
        Self::from_count(count).ok_or_else(|| format!("no training of {count} epochs (12 or 200)"))
    }
}

impl fmt::Display for Epochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.count().fmt(f)
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Top-1 accuracy on the validation images after the last epoch, percent.
    ValidAccuracy,
    /// Top-1 accuracy on the test images after the last epoch, percent. On CIFAR-10 it belongs to the training
    /// on all 50,000 images.
    TestAccuracy,
    /// Seconds of the whole training whose validation accuracy is [`Quantity::ValidAccuracy`]; evaluation is not
    /// included. On CIFAR-10 that is the training on 25,000 images, half as long as the one on all of them.
    TrainSeconds,
    /// Seconds of one forward pass of a batch of 256 images.
    Latency,
    /// Parameters in millions, as recorded. In 204 cells what is recorded differs between seeds.
    Parameters,
    /// Floating-point operations (multiply-adds) of one image, in millions.
    Flops,
}

impl Quantity {
    /// Every quantity, in the order of the columns.
    pub const ALL: [Self; 6] = [
        Self::ValidAccuracy,
        Self::TestAccuracy,
        Self::TrainSeconds,
        Self::Latency,
        Self::Parameters,
        Self::Flops,
    ];

    /// The name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValidAccuracy => "valid-accuracy",
            Self::TestAccuracy => "test-accuracy",
            Self::TrainSeconds => "train-seconds",
            Self::Latency => "latency",
            Self::Parameters => "parameters",
            Self::Flops => "flops",
        }
    }

    /// The unit.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ValidAccuracy | Self::TestAccuracy => "%",
            Self::TrainSeconds | Self::Latency => "s",
            Self::Parameters | Self::Flops => "M",
        }
    }

    /// Whether the quantity is an accuracy, so that every seed has its own value even where two are equal.
    pub const fn is_accuracy(self) -> bool {
        matches!(self, Self::ValidAccuracy | Self::TestAccuracy)
    }

    /// How many whole things (images, parameters, operations) make one unit, where the quantity counts things.
    pub(crate) const fn per_unit(self, dataset: Dataset) -> Option<u32> {
        match self {
            Self::ValidAccuracy => Some(dataset.validation_images() / 100),
            Self::TestAccuracy => Some(dataset.test_images() / 100),
            Self::Parameters | Self::Flops => Some(1_000_000),
            Self::TrainSeconds | Self::Latency => None,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whose value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seed {
    /// Every seed of a cell has the value.
    Shared,
    /// One seed.
    One {
        /// The position among the seeds of this data set and training, from 0.
        index: u8,
        /// The seed itself, where the source says it. Without it, `index` is the position in the source's own
        /// list of a cell's results, and the same index need not mean the same seed in two cells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u16>,
    },
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared => f.write_str("all-seeds"),
            Self::One { number: Some(number), .. } => write!(f, "seed-{number}"),
            Self::One { index, number: None } => write!(f, "result-{index}"),
        }
    }
}

/// What one column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnKey {
    /// The data set.
    pub dataset: Dataset,
    /// The training.
    pub epochs: Epochs,
    /// The quantity.
    pub quantity: Quantity,
    /// Whose value.
    pub seed: Seed,
}

impl fmt::Display for ColumnKey {
    /// `cifar10/200/valid-accuracy/seed-777`; `result-0` in place of an unknown seed's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.dataset, self.epochs, self.quantity, self.seed)
    }
}
