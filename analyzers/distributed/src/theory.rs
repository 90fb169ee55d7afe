//! What can be said of a search on a cluster without running it.
//!
//! Throughout, the population has P members, and D = W + L candidates are in flight: submitted and not
//! finished. The engine asks for as many candidates as there are idle workers and L more, the look-ahead: at
//! time 0 for W + L, of which W start, and then, with each completion, for one. So between completions D are
//! in flight until the budget has been handed out, and the k-th completion is answered by the candidate with
//! the number D + k - 1, counted from 0.
//!
//! **Random phase.** A strategy that selects once P have completed answers the P-th completion with the
//! first child. So P + D - 1 = P + W + L - 1 candidates are sampled before it. One that selects once P were
//! submitted has its first child after max(P, D), since nothing has finished that could be a parent while
//! the first D are asked for; one that waits samples P.
//!
//! **Delay.** In every interval between two completions D candidates are in flight, and each completion ends
//! one and begins another. Added up over a long run, the completions from each candidate's submission to its
//! own finish are D a completion: on average D, whatever trainings last and whoever is placed first
//! (Little's law, counted in completions). In the same way the L that wait give L completions of waiting on
//! average. With trainings of equal length and first come, first served, both hold for every single
//! candidate.
//!
//! **Who is gone.** A parent of age a (completions after its own when it was chosen, from 0 to P - 1) is a
//! member while fewer than P completions have followed its own. When the child starts, a + L have; when it
//! has finished, a + D. So it is gone by then if a + D >= P, and for even ages (parents drawn evenly, or any
//! selection that does not mind age) with the probability min(1, D / P); at the start min(1, L / P). Where
//! trainings differ, the delay d does; the probability is the mean of min(1, d / P), at most the former, min
//! being concave.
//!
//! **Generations.** For even ages the distance from parent to child is even on D..D+P-1, with the mean
//! g = D + (P-1)/2 and the variance v = (P^2 - 1)/12. A lineage takes g completions a generation, so that in D
//! completions generations advance by D / g: 2/3 at P = D >> 1, nearly 1 where D >> P. Early on they come in
//! waves, since everything begins with one block of random candidates. Generation 1 is born at the rate at
//! which parents drawn are of generation 0: always from row P + D - 1 on for D rows, then at a rate that
//! falls to 0 within P rows. With each further generation v is added to the variance of its rows; of two
//! candidates of a generation one pair in g P / (P - 1) has the same parent, whose children differ by v
//! only, not by what their parents differed. So V(1) is that of the trapezoid, and V(k+1) = v + (1 - (P-1) /
//! (P g)) V(k). Generations that followed one another without overlap would have g^2 / 12 each. The **wave
//! index** is the ratio of the two spreads, g / sqrt(12 V): near 1 for waves, near 0 when many generations
//! are about at the same time. This holds for the first generations; later their sizes drift like those of
//! families (a generation is a branching process with one child each), and a small generation is narrower
//! than the mean of all pairs tells. With P = 64 and D = 256 the index over 138 generations was 0.73 in a
//! simulation, and 0.56 by this formula. Over the first ten (means of 40 simulations,
//! `tests/closed_forms.rs`) it was 0.902 against 0.906 with these sizes, 0.408 against 0.396 with P = 100
//! and D = 30, and more above with smaller populations: 0.43 against 0.37 with P = 20 and D = 4.
//!
//! **How fast waves fade.** A wave is a periodic density of births; each generation multiplies its first
//! harmonic by the length of the mean of exp(2 pi i T / g) over distances T from parent to child: |sin(pi P
//! / g) / (P sin(pi / g))| for even ages.
//!
//! **Ranks.** The best of S out of P, drawn without replacement, has the expected rank (P + 1) / (S + 1);
//! with replacement it is the sum of (r / P)^S over r from 1 to P; drawn evenly (P + 1) / 2.
//!
//! **Placement.** If nobody minds where a parent ran, the child runs on the same node with the probability
//! sum of p^2, p being the nodes' shares of all candidates: 1 / nodes when they are equal. First come, first
//! served without look-ahead is not quite blind: the child is placed on the worker that has just finished,
//! so a child of the candidate that has just finished always runs on its node, which is one child in P for
//! even ages.
//!
//! **Speeds.** Node speeds are even on 1 - s..1 + s and training takes 1 / speed. E\[1/v\] = ln((1+s)/(1-s))
//! / (2s) and E\[1/v^2\] = 1 / (1 - s^2) give the relative spread of training times over nodes. A node that
//! is always busy runs candidates in proportion to its speed; the fastest k of N have the expected mean
//! speed 1 - s + 2s (N - (k-1)/2) / (N + 1) (order statistics of even draws), so about k / N of that is
//! their share of the candidates.
//!
//! References: J. Little, "A proof for the queuing formula L = lambda W", 1961, doi:10.1287/opre.9.3.383; M.
//! Kimura, "Evolutionary rate at the molecular level", 1968, doi:10.1038/217624a0 (even draws as the null
//! model); H. David, H. Nagaraja, "Order statistics", 3rd ed., 2003, doi:10.1002/0471722162.

use crate::settings::{Selection, Settings, Start};

/// Candidates submitted before the first child.
pub(crate) fn random_phase(settings: &Settings) -> Option<f64> {
    let (population, flight) = settings.sizes()?;
    Some(match settings.start {
        Start::Completed => (population + flight - 1) as f64,
        Start::Submitted => population.max(flight) as f64,
        Start::Waited => population as f64,
    })
}

/// The share of parents of even age that have left after `delay` more completions.
pub fn gone(population: u64, delay: u64) -> f64 {
    (delay as f64 / population as f64).min(1.0)
}

/// Mean completions from a parent's finish to its child's, for even ages.
pub fn generation_length(population: u64, flight: u64) -> f64 {
    flight as f64 + (population as f64 - 1.0) / 2.0
}

/// The variance of the rows of generation 1, for even ages and trainings of equal length.
fn first_variance(population: u64, flight: u64) -> f64 {
    // A block of `flight` rows, then P - 1 more at falling rates; sums of i, i^2 and i^3 in closed form.
    let (p, d) = (population as f64, flight as f64);
    let (s0, s1, s2, s3) = (p - 1.0, p * (p - 1.0) / 2.0, (p - 1.0) * p * (2.0 * p - 1.0) / 6.0, {
        let half = p * (p - 1.0) / 2.0;
        half * half
    });
    // Rows are counted from the block's first; row d - 1 + i has the weight 1 - i / P.
    let e = d - 1.0;
    let weight = d + s0 - s1 / p;
    let first = e * d / 2.0 + e * s0 + s1 - (e * s1 + s2) / p;
    let second =
        e * d * (2.0 * d - 1.0) / 6.0 + e * e * s0 + 2.0 * e * s1 + s2 - (e * e * s1 + 2.0 * e * s2 + s3) / p;
    second / weight - (first / weight).powi(2)
}

/// The mean wave index of generations 1 to `generations`.
pub fn wave_index(population: u64, flight: u64, generations: u64) -> Option<f64> {
    let length = generation_length(population, flight);
    let p = population as f64;
    let added = (p * p - 1.0) / 12.0;
    let kept = 1.0 - (p - 1.0) / (p * length);
    let (mut variance, mut sum) = (first_variance(population, flight), 0.0);
    let limit = if kept < 1.0 { added / (1.0 - kept) } else { variance };
    for generation in 0..generations {
        // A row is as wide as one.
        sum += length / (12.0 * variance + 1.0).sqrt();
        let next = added + kept * variance;
        if (next - limit).abs() < 1e-9 * limit {
            let rest = (generations - generation - 1) as f64;
            sum += rest * length / (12.0 * limit + 1.0).sqrt();
            break;
        }
        variance = next;
    }
    (generations > 0).then(|| sum / generations as f64)
}

/// What is left of a wave after one generation, for even ages.
pub fn persistence(population: u64, flight: u64) -> f64 {
    let angle = std::f64::consts::PI / generation_length(population, flight);
    let p = population as f64;
    // One member, or one that always is replaced at once: every distance is the same.
    if population == 1 { 1.0 } else { ((p * angle).sin() / (p * angle.sin())).abs() }
}

/// The expected rank of a parent, 1 the best.
pub(crate) fn parent_rank(population: u64, selection: Selection) -> f64 {
    let p = population as f64;
    match selection {
        Selection::Even => f64::midpoint(p, 1.0),
        Selection::Tournament { sample, replacement: false } => (p + 1.0) / ((sample as f64).min(p) + 1.0),
        Selection::Tournament { sample, replacement: true } => {
            // From the best down, as far as it matters.
            (1..=population.min(1 << 20)).rev().map(|rank| (rank as f64 / p).powf(sample as f64)).sum()
        }
    }
}

/// The standard deviation of training times over nodes, relative to their mean.
pub fn speed_spread(spread: f64) -> f64 {
    if spread < 1e-6 {
        return 0.0;
    }
    let mean = ((1.0 + spread) / (1.0 - spread)).ln() / (2.0 * spread);
    let square = 1.0 / (1.0 - spread * spread);
    (square / (mean * mean) - 1.0).max(0.0).sqrt()
}

/// The share of candidates that the fastest `fastest` of `nodes` run when all are always busy.
pub fn fastest_share(fastest: u64, nodes: u64, spread: f64) -> f64 {
    let (k, n) = (fastest as f64, nodes as f64);
    let speed = 1.0 - spread + 2.0 * spread * (n - (k - 1.0) / 2.0) / (n + 1.0);
    k / n * speed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trapezoid_of_generation_one() {
        for (p, d) in [(1, 1), (1, 7), (5, 1), (64, 256), (100, 30)] {
            let mut moments = [0.0; 3];
            for row in 0..d + p - 1 {
                let weight = if row < d { 1.0 } else { 1.0 - (row - d + 1) as f64 / p as f64 };
                for (power, moment) in (0..).zip(&mut moments) {
                    *moment += weight * (row as f64).powi(power);
                }
            }
            let expected = moments[2] / moments[0] - (moments[1] / moments[0]).powi(2);
            assert!((first_variance(p, d) - expected).abs() < 1e-6 * expected.max(1.0), "{p} {d}");
            assert!((moments[0] - generation_length(p, d)).abs() < 1e-9);
        }
    }

    #[test]
    fn waves_last_where_workers_are_many() {
        // One member: generations follow one another without overlap, for ever.
        assert!((wave_index(1, 8, 50).unwrap() - 1.0).abs() < 1e-12);
        assert!(wave_index(64, 1024, 3).unwrap() > 0.9);
        assert!(wave_index(100, 1, 50).unwrap() < 0.25);
        assert_eq!(wave_index(100, 1, 0), None);
        // The shortcut at the limit changes nothing that matters.
        let long = wave_index(10, 4, 1_000_000).unwrap();
        let limit: f64 = (99.0 / 12.0) / (9.0 / (10.0 * 8.5));
        assert!((long - 8.5 / (12.0 * limit + 1.0).sqrt()).abs() < 1e-3);
        // Distances 2, 3: the mean of exp(2 pi i T / 2.5) is cos(pi / 2.5).
        assert!((persistence(2, 2) - (std::f64::consts::PI / 2.5).cos()).abs() < 1e-12);
        assert!((persistence(1, 9) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ranks_and_speeds() {
        let tournament = |sample, replacement| Selection::Tournament { sample, replacement };
        assert!((parent_rank(100, tournament(10, false)) - 101.0 / 11.0).abs() < 1e-12);
        assert!((parent_rank(9, Selection::Even) - 5.0).abs() < 1e-12);
        // Two of two with replacement: ranks 1 and 2 with 3/4 and 1/4.
        assert!((parent_rank(2, tournament(2, true)) - 1.25).abs() < 1e-12);
        assert!((parent_rank(7, tournament(1, true)) - 4.0).abs() < 1e-12);
        // Numerically, over even speeds from 0.5 to 1.5.
        let n = 100_000;
        let times = (0..n).map(|i| 1.0 / (0.5 + (f64::from(i) + 0.5) / f64::from(n)));
        let (sum, squares) = times.fold((0.0, 0.0), |(sum, squares), t| (sum + t, squares + t * t));
        let mean = sum / f64::from(n);
        let expected = (squares / f64::from(n) / (mean * mean) - 1.0).sqrt();
        assert!((speed_spread(0.5) - expected).abs() < 1e-6);
        assert!(speed_spread(0.0).abs() < 1e-12);
        // All nodes run everything.
        assert!((fastest_share(8, 8, 0.4) - 1.0).abs() < 1e-12);
        assert!(fastest_share(2, 8, 0.4) > 0.25);
        assert!((gone(100, 30) - 0.3).abs() < 1e-12 && (gone(64, 256) - 1.0).abs() < 1e-12);
    }
}
