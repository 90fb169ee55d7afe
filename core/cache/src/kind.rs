//! Policies by name.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// What a policy counts as lost when an object leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Per {
    /// The object, whatever its size; serves byte ratios.
    #[default]
    Object,
    /// The object for each of its bytes; serves request ratios.
    Byte,
}

/// A policy and its options.
///
/// As text: a name, and after a colon those options that are not the default, as `s3-fifo:small=0.05,ghost=0.5`.
///
/// ```
/// use lamarck_cache::PolicyKind;
///
/// let kind: PolicyKind = "two-q:recent=0.5".parse()?;
/// assert_eq!(kind, PolicyKind::TwoQ { recent: 0.5, ghost: 0.5 });
/// assert_eq!(kind.to_string(), "two-q:recent=0.5");
/// # Ok::<(), lamarck_cache::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum PolicyKind {
    /// First in, first out.
    Fifo,
    /// Least recently used (Mattson et al. 1970).
    Lru,
    /// Second chance with a counter (Corbató 1968).
    Clock {
        /// Bits of the counter, 1 to 6.
        bits: u8,
    },
    /// Segmented LRU (Karedla et al. 1994).
    Slru {
        /// Share of the bytes for the protected segment.
        protected: f64,
    },
    /// Least frequently used while in the cache.
    Lfu,
    /// LFU with dynamic ageing (Arlitt et al. 2000).
    LfuDa,
    /// 2Q, full version by bytes (Johnson & Shasha 1994).
    TwoQ {
        /// Share of A1in.
        recent: f64,
        /// Share A1out remembers.
        ghost: f64,
    },
    /// ARC by bytes (Megiddo & Modha 2003).
    Arc,
    /// LIRS by bytes (Jiang & Zhang 2002).
    Lirs {
        /// Share of the resident HIR objects.
        hir: f64,
        /// Share the ghosts remember.
        ghost: f64,
    },
    /// S3-FIFO by bytes (Yang et al. 2023).
    S3Fifo {
        /// Share of the small queue.
        small: f64,
        /// Share the ghost queue remembers.
        ghost: f64,
    },
    /// SIEVE (Zhang et al. 2024).
    Sieve,
    /// GreedyDual-Size-Frequency, cost 1 (Cherkasova 1998).
    Gdsf,
    /// Hyperbolic caching (Blankstein et al. 2017).
    Hyperbolic {
        /// Objects compared at an eviction.
        sample: u32,
        /// Do sizes count?
        per: Per,
        /// Seed of the draws.
        seed: u64,
    },
    /// W-TinyLFU by bytes, aggregated victims (Einziger et al. 2017, 2022).
    WTinyLfu {
        /// Share of the window.
        window: f64,
        /// Share of the protected segment in the rest.
        protected: f64,
    },
    /// LeCaR (Vietri et al. 2018).
    LeCar {
        /// The learning rate.
        rate: f64,
        /// Seed of the draws.
        seed: u64,
    },
    /// Least hit density (Beckmann et al. 2018).
    Lhd {
        /// Objects compared at an eviction.
        sample: u32,
        /// Uses between two renewals of the densities.
        interval: u32,
        /// Seed of the draws.
        seed: u64,
    },
    /// A random object.
    Random {
        /// Seed of the draws.
        seed: u64,
    },
    /// Farthest next use, whole objects (Belady 1966). Simulation only.
    Belady,
    /// Largest (time to next use) x size of a sample. Simulation only.
    BeladySize {
        /// Objects compared at an eviction.
        sample: u32,
        /// Seed of the draws.
        seed: u64,
    },
    /// What belongs to no model that can still be chosen first. Listens to hints.
    Population,
    /// By live descendants, with ageing. Listens to hints.
    Descendants {
        /// Do sizes count?
        per: Per,
    },
    /// By expected use. Listens to hints.
    NextDonor {
        /// Do sizes count?
        per: Per,
    },
}

/// An option as text.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyOption {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What values it can have.
    pub range: &'static str,
}

const SHARE: &str = "a number from 0 to 1";
const RATE: &str = "a number from 0 to 100";
const BITS: &str = "a whole number from 1 to 6";
const COUNT: &str = "a whole number from 1 to 4294967295";
const SEED: &str = "a whole number from 0 to 18446744073709551615";
const PER: &str = "`object` or `byte`";

/// A place where an option is kept.
enum Slot<'a> {
    Share(&'a mut f64),
    Rate(&'a mut f64),
    Bits(&'a mut u8),
    Count(&'a mut u32),
    Seed(&'a mut u64),
    Per(&'a mut Per),
}

impl Slot<'_> {
    fn range(&self) -> &'static str {
        match self {
            Self::Share(_) => SHARE,
            Self::Rate(_) => RATE,
            Self::Bits(_) => BITS,
            Self::Count(_) => COUNT,
            Self::Seed(_) => SEED,
            Self::Per(_) => PER,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Share(x) | Self::Rate(x) => x.to_string(),
            Self::Bits(x) => x.to_string(),
            Self::Count(x) => x.to_string(),
            Self::Seed(x) => x.to_string(),
            Self::Per(Per::Object) => "object".to_owned(),
            Self::Per(Per::Byte) => "byte".to_owned(),
        }
    }

    /// Takes the value; `None` if it is out of range or no value at all.
    fn set(&mut self, text: &str) -> Option<()> {
        fn within<T: FromStr + PartialOrd>(text: &str, from: &T, to: &T) -> Option<T> {
            text.parse().ok().filter(|value| from <= value && value <= to)
        }
        match self {
            Self::Share(x) => **x = within(text, &0.0, &1.0)?,
            Self::Rate(x) => **x = within(text, &0.0, &100.0)?,
            Self::Bits(x) => **x = within(text, &1, &6)?,
            Self::Count(x) => **x = within(text, &1, &u32::MAX)?,
            Self::Seed(x) => **x = text.parse().ok()?,
            Self::Per(x) => {
                **x = match text {
                    "object" => Per::Object,
                    "byte" => Per::Byte,
                    _ => return None,
                }
            }
        }
        Some(())
    }
}

impl PolicyKind {
    /// Every policy with its default options.
    pub const ALL: [Self; 22] = [
        Self::Fifo,
        Self::Lru,
        Self::Clock { bits: 1 },
        Self::Slru { protected: 0.8 },
        Self::Lfu,
        Self::LfuDa,
        Self::TwoQ { recent: 0.25, ghost: 0.5 },
        Self::Arc,
        Self::Lirs { hir: 0.01, ghost: 1.0 },
        Self::S3Fifo { small: 0.1, ghost: 0.9 },
        Self::Sieve,
        Self::Gdsf,
        Self::Hyperbolic { sample: 64, per: Per::Object, seed: 0 },
        Self::WTinyLfu { window: 0.01, protected: 0.8 },
        Self::LeCar { rate: 0.45, seed: 0 },
        Self::Lhd { sample: 64, interval: 65536, seed: 0 },
        Self::Random { seed: 0 },
        Self::Belady,
        Self::BeladySize { sample: 64, seed: 0 },
        Self::Population,
        Self::Descendants { per: Per::Object },
        Self::NextDonor { per: Per::Object },
    ];

    /// The name without options.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lru => "lru",
            Self::Clock { .. } => "clock",
            Self::Slru { .. } => "slru",
            Self::Lfu => "lfu",
            Self::LfuDa => "lfu-da",
            Self::TwoQ { .. } => "two-q",
            Self::Arc => "arc",
            Self::Lirs { .. } => "lirs",
            Self::S3Fifo { .. } => "s3-fifo",
            Self::Sieve => "sieve",
            Self::Gdsf => "gdsf",
            Self::Hyperbolic { .. } => "hyperbolic",
            Self::WTinyLfu { .. } => "w-tiny-lfu",
            Self::LeCar { .. } => "lecar",
            Self::Lhd { .. } => "lhd",
            Self::Random { .. } => "random",
            Self::Belady => "belady",
            Self::BeladySize { .. } => "belady-size",
            Self::Population => "population",
            Self::Descendants { .. } => "descendants",
            Self::NextDonor { .. } => "next-donor",
        }
    }

    /// Must it know the whole trace beforehand?
    pub fn needs_future(&self) -> bool {
        matches!(self, Self::Belady | Self::BeladySize { .. })
    }

    /// Does it listen to hints?
    pub fn listens(&self) -> bool {
        matches!(self, Self::Population | Self::Descendants { .. } | Self::NextDonor { .. })
    }

    fn slots(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        match self {
            Self::Clock { bits } => vec![("bits", Slot::Bits(bits))],
            Self::Slru { protected } => vec![("protected", Slot::Share(protected))],
            Self::TwoQ { recent, ghost } => {
                vec![("recent", Slot::Share(recent)), ("ghost", Slot::Share(ghost))]
            }
            Self::Lirs { hir, ghost } => vec![("hir", Slot::Share(hir)), ("ghost", Slot::Share(ghost))],
            Self::S3Fifo { small, ghost } => {
                vec![("small", Slot::Share(small)), ("ghost", Slot::Share(ghost))]
            }
            Self::Hyperbolic { sample, per, seed } => {
                vec![("sample", Slot::Count(sample)), ("per", Slot::Per(per)), ("seed", Slot::Seed(seed))]
            }
            Self::WTinyLfu { window, protected } => {
                vec![("window", Slot::Share(window)), ("protected", Slot::Share(protected))]
            }
            Self::LeCar { rate, seed } => vec![("rate", Slot::Rate(rate)), ("seed", Slot::Seed(seed))],
            Self::Lhd { sample, interval, seed } => vec![
                ("sample", Slot::Count(sample)),
                ("interval", Slot::Count(interval)),
                ("seed", Slot::Seed(seed)),
            ],
            Self::Random { seed } => vec![("seed", Slot::Seed(seed))],
            Self::BeladySize { sample, seed } => {
                vec![("sample", Slot::Count(sample)), ("seed", Slot::Seed(seed))]
            }
            Self::Descendants { per } | Self::NextDonor { per } => vec![("per", Slot::Per(per))],
            Self::Fifo
            | Self::Lru
            | Self::Lfu
            | Self::LfuDa
            | Self::Arc
            | Self::Sieve
            | Self::Gdsf
            | Self::Belady
            | Self::Population => Vec::new(),
        }
    }

    /// The options it has and their values.
    pub fn options(&self) -> Vec<PolicyOption> {
        let mut copy = *self;
        let slots = copy.slots();
        slots
            .iter()
            .map(|(name, slot)| PolicyOption { name, value: slot.text(), range: slot.range() })
            .collect()
    }

    /// Is every option within its range? Parsed ones are; those put together in code may not be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut copy = *self;
        self.options().into_iter().try_for_each(|PolicyOption { name, value, .. }| copy.set(name, &value))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let policy = self.name();
        let mut slots = self.slots();
        let Some((_, slot)) = slots.iter_mut().find(|(known, _)| *known == name) else {
            let known: Vec<_> = slots.iter().map(|(name, _)| *name).collect();
            let known = if known.is_empty() { "no options".to_owned() } else { known.join(", ") };
            let message = format!("there is no option `{name}`; it has {known}");
            return Err(Error::PolicyOption { policy, message });
        };
        slot.set(value).ok_or_else(|| Error::PolicyOption {
            policy,
            message: format!("option `{name}` is `{value}`, but must be {}", slot.range()),
        })
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let default = Self::ALL.into_iter().find(|kind| kind.name() == self.name());
        let defaults = default.map(|kind| kind.options()).unwrap_or_default();
        let mut before = ':';
        for option in self.options().into_iter().filter(|option| !defaults.contains(option)) {
            write!(f, "{before}{}={}", option.name, option.value)?;
            before = ',';
        }
        Ok(())
    }
}

impl FromStr for PolicyKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, options) = text.split_once(':').unwrap_or((text, ""));
        let Some(mut kind) = Self::ALL.into_iter().find(|kind| kind.name() == name) else {
            let known: Vec<_> = Self::ALL.iter().map(Self::name).collect();
            return Err(Error::UnknownPolicy { name: name.to_owned(), known: known.join(", ") });
        };
        for option in options.split(',').filter(|option| !option.is_empty()) {
            let Some((name, value)) = option.split_once('=') else {
                let message = format!("`{option}` is no option; write name=value");
                return Err(Error::PolicyOption { policy: kind.name(), message });
            };
            kind.set(name.trim(), value.trim())?;
        }
        Ok(kind)
    }
}
