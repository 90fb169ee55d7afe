//! Observed donations against those that a member's ranks let expect.

use crate::run::Run;
use crate::spread::Spread;

/// Bins of the chart.
const BINS: usize = 20;

/// What ranks explain.
#[derive(Debug, Clone)]
pub(crate) struct Explained {
    pub(crate) members: u64,
    /// Squared correlation of observed and expected donations.
    pub(crate) share: Option<f64>,
    /// What it would be if nothing but rank decided.
    pub(crate) at_most: Option<f64>,
    /// Least-squares slope of observed on expected donations.
    pub(crate) slope: Option<f64>,
    pub(crate) observed: Spread,
    pub(crate) expected: Spread,
    /// For each bin its middle, and the mean of the donations observed there.
    pub(crate) bins: Vec<(f64, f64)>,
}

/// Compares all members whose children are in the trace: those that entered at least a population and two rounds of
/// the workers before the end. The children of later ones are partly in flight, and leaving these members in would
/// make rank look worse than it is.
///
/// If donors are drawn by rank alone, a member's donations are a sum of independent draws with mean e (its
/// expectation) and a variance of at most e - e²/P (equal when its rank never changes). So the share that rank
/// explains is about V / (V + mean of that), V the variance of e over members: what lies between this and the measured
/// share is what rank does not explain.
///
/// # Errors
///
/// Why nothing can be compared.
pub(crate) fn explained(run: &Run) -> Result<Explained, &'static str> {
    run.setting.draw?;
    let Some(population) = &run.population else {
        return Err("the study does not tell the size of the population");
    };
    if run.donations == 0 {
        return Err("the trace names neither donors nor parents");
    }
    let capacity = population.capacity();
    let tail = capacity as u64 + 2 * u64::from(run.setting.workers);
    // A member that stays best for its whole life expects P times S/P.
    let largest = population.chance(0) * capacity as f64;
    let per_bin = BINS as f64 / largest;
    let width = largest / BINS as f64;
    let each = 1.0 / capacity as f64;
    let mut bins = [Spread::default(); BINS];
    let (mut observed, mut expected, mut products, mut by_chance) =
        (Spread::default(), Spread::default(), 0.0, Spread::default());
    for life in run.lives.iter().filter(|life| u64::from(life.row) + tail < u64::from(run.rows)) {
        let e = f64::from(life.expected);
        if !e.is_finite() {
            continue;
        }
        let donations = f64::from(run.donors.get(life.slot as usize).map_or(0, |donor| donor.total));
        observed.add(donations);
        expected.add(e);
        products += donations * e;
        by_chance.add((e - e * e * each).max(0.0));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut to the bins")]
        let bin = ((e * per_bin) as usize).min(BINS - 1);
        bins[bin].add(donations);
    }
    if observed.n < 2 {
        return Err("the run is too short: no two members have had all their children before its end");
    }
    // Both are a few children, so nothing cancels.
    let means = observed.mean().unwrap_or(0.0) * expected.mean().unwrap_or(0.0);
    let covariance = products / observed.n as f64 - means;
    let (v_e, v_o) = (expected.variance(), observed.variance());
    let varies = v_e > 1e-9;
    Ok(Explained {
        members: observed.n,
        share: (varies && v_o > 0.0).then(|| (covariance * covariance / (v_e * v_o)).clamp(0.0, 1.0)),
        at_most: by_chance.mean().filter(|_| varies).map(|chance| v_e / (v_e + chance)),
        slope: varies.then(|| covariance / v_e),
        observed,
        expected,
        bins: (0..BINS).map(|i| ((i as f64 + 0.5) * width, bins[i].mean().unwrap_or(f64::NAN))).collect(),
    })
}
