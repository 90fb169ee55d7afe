//! How many children candidates have.

use crate::champions::Champions;
use crate::genealogy::Genealogy;
use crate::moments::Whole;
use crate::settings::Settings;

/// Numbers of children that are counted one by one; the last stands for all above.
const MOST: usize = 1 << 12;

/// Numbers of children, counted.
///
/// **The cohort.** Only candidates are counted that every draw of their lives could choose and whose children are in
/// the trace: those that finished after the first child, less the last P + 4 W. A child is chosen at most P completions
/// after its parent finished, and finishes about W later; four times that covers trainings of unequal length.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offspring {
    /// Children of all candidates together.
    pub(crate) total: u64,
    /// How many candidates of the cohort have 0, 1, .. children.
    pub(crate) counts: Vec<u64>,
    /// Children in the cohort.
    pub(crate) cohort: Whole,
    /// Children of those of the cohort that were the best member for life.
    pub(crate) champions: Whole,
    /// The most children that any candidate has.
    pub(crate) most: u32,
}

impl Offspring {
    pub(crate) fn new(genealogy: &Genealogy, settings: &Settings) -> Self {
        let mut children = vec![0_u32; genealogy.len()];
        let mut result = Self::default();
        for row in 0..genealogy.len() {
            if let Some(parent) = genealogy.parent(row) {
                children[parent] += 1;
            }
        }
        let slack = settings.population.saturating_add(settings.workers.saturating_mul(4));
        let first = genealogy.first_child.unwrap_or(genealogy.len());
        let last = genealogy.len().saturating_sub(slack);
        let mut champions = Champions::new(settings.population);
        for (row, &count) in children.iter().enumerate() {
            result.total += u64::from(count);
            result.most = result.most.max(count);
            let member = genealogy.is_member(row, settings.failures_enter);
            if member {
                let score = genealogy.score(row).unwrap_or(f64::NEG_INFINITY);
                if let Some(best) = champions.enter(row, score).filter(|best| (first..last).contains(best)) {
                    result.champions.add(children[best]);
                }
            }
            if member && (first..last).contains(&row) {
                result.cohort.add(count);
                let bin = (count as usize).min(MOST);
                if bin >= result.counts.len() {
                    result.counts.resize(bin + 1, 0);
                }
                result.counts[bin] += 1;
            }
        }
        if let Some(best) = champions.end().filter(|best| (first..last).contains(best)) {
            result.champions.add(children[best]);
        }
        result
    }

    /// Half the sum of all differences between the shares and these probabilities: 0 for the same distribution, 1 for
    /// distributions that have nothing in common.
    pub(crate) fn distance(&self, probabilities: &[f64]) -> Option<f64> {
        let n = self.cohort.moments().n as f64;
        let share = |at: usize| self.counts.get(at).copied().unwrap_or(0) as f64 / n;
        let common = probabilities.len().max(self.counts.len());
        let beyond = 1.0 - probabilities.iter().sum::<f64>();
        let sum: f64 = (0..common).map(|at| (share(at) - probabilities.get(at).unwrap_or(&0.0)).abs()).sum();
        (n > 0.0).then(|| f64::midpoint(sum, beyond.max(0.0)).min(1.0))
    }
}

/// Groups of numbers of children, the same in every run.
pub(crate) const GROUPS: [(&str, usize, usize); 10] = [
    ("0", 0, 0),
    ("1", 1, 1),
    ("2", 2, 2),
    ("3", 3, 3),
    ("4", 4, 4),
    ("5 to 7", 5, 7),
    ("8 to 15", 8, 15),
    ("16 to 31", 16, 31),
    ("32 to 63", 32, 63),
    ("64 or more", 64, usize::MAX),
];
