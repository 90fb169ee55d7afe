//! The tables.

use super::ancestry::{self, Best};
use super::{Results, seconds};
use crate::descent::rank_at_birth;
use crate::moments::Regression;
use crate::offspring::GROUPS;
use crate::theory;
use lamarck_sdk::model::report::{Cell, Table};

pub(super) fn write(results: &Results<'_>, best: &Best) -> Vec<Table> {
    vec![
        ancestry::table(results, best),
        takeovers(results, best),
        clades(results, best),
        over_time(results),
        offspring(results),
        ranks(results),
        heritability(results),
    ]
}

fn table(name: &str, title: &str, columns: &[&str], keys: usize, rows: Vec<Vec<Cell>>) -> Table {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Table { name: name.into(), title: title.into(), columns, keys, rows }
}

fn takeovers(results: &Results<'_>, best: &Best) -> Table {
    let row = |takeover: &crate::descent::Takeover| {
        vec![
            best.id(takeover.ancestor).into(),
            u64::from(takeover.depth).into(),
            results.genealogy.score(takeover.ancestor).into(),
            rank_at_birth(results.genealogy, results.settings, takeover.ancestor).into(),
            (takeover.ancestor as u64 + 1).into(),
            results.genealogy.clock.get(takeover.ancestor).map(seconds).into(),
            (takeover.at as u64 + 1).into(),
            results.genealogy.clock.get(takeover.at).map(seconds).into(),
            ((takeover.at - takeover.ancestor) as u64).into(),
        ]
    };
    let columns = [
        "ancestor",
        "depth [generations]",
        "score",
        "rank at birth",
        "born as",
        "born [s]",
        "took over at",
        "took over [s]",
        "duration [completions]",
    ];
    let rows = results.coalescence.takeovers[..best.takeovers].iter().map(row).collect();
    table("takeovers", "Ancestors whose descendants filled the population", &columns, 0, rows)
}

fn clades(results: &Results<'_>, best: &Best) -> Table {
    let clades = &results.clades.clades;
    let row = |(at, clade): (usize, &crate::clades::Clade)| {
        let whole = results.clades.whole(at);
        let (mut peak, mut when) = (0.0, 0);
        for (window, &share) in whole.iter().enumerate() {
            if share > peak {
                (peak, when) = (share, window);
            }
        }
        let position = results.positions().get(when).copied();
        let parent = clade.parent.map(|parent| clades[parent].founder);
        vec![
            best.id(clade.founder).into(),
            parent.and_then(|parent| best.id(parent)).into(),
            results.genealogy.score(clade.founder).into(),
            rank_at_birth(results.genealogy, results.settings, clade.founder).into(),
            (clade.founder as u64 + 1).into(),
            results.genealogy.clock.get(clade.founder).map(seconds).into(),
            peak.into(),
            position.into(),
            whole.last().copied().into(),
        ]
    };
    let columns = [
        "ancestor",
        "nested in",
        "score",
        "rank at birth",
        "born as",
        "born [s]",
        "largest share",
        "largest at [candidates]",
        "last share",
    ];
    let rows = clades.iter().enumerate().map(row).collect();
    table("clades", "Clades of the Muller plot", &columns, 0, rows)
}

fn over_time(results: &Results<'_>) -> Table {
    let samples = results.coalescence.samples.iter().zip(&results.founders.left).enumerate();
    let row = |(window, (sample, &left)): (usize, (&crate::descent::Sample, &u64))| {
        let position = (window + 1) as f64 * results.windows.width as f64;
        let end = results.windows.rows(window).end;
        let ancestor = sample.ancestor;
        let generations = sample.depth.zip(ancestor).map(|(depth, (_, of))| depth - f64::from(of));
        vec![
            position.into(),
            (end as u64).into(),
            sample.depth.into(),
            results.even(|_, _| sample.expected_depth).into(),
            ancestor.map(|(_, depth)| u64::from(depth)).into(),
            ancestor.map(|(row, _)| (end - 1 - row) as u64).into(),
            generations.into(),
            left.into(),
            results.even_founders(end as f64).into(),
        ]
    };
    let columns = [
        "window's end [candidates]",
        "finished [candidates]",
        "mean depth [generations]",
        "mean depth, even draw [generations]",
        "common ancestor's depth [generations]",
        "common ancestor's age [completions]",
        "common ancestor's age [generations]",
        "founders left",
        "founders left, even draw",
    ];
    table(
        "lineage-over-time",
        "The population's descent at the end of each window",
        &columns,
        1,
        samples.map(row).collect(),
    )
}

/// Of each group of numbers of children its name, share in the cohort, and probability under an even draw.
pub(super) fn offspring_shares(results: &Results<'_>) -> Vec<(&'static str, Option<f64>, Option<f64>)> {
    let found = &results.offspring;
    let even = theory::even_offspring(results.settings.population, 63);
    let sum_even = |from: usize, to: usize| {
        let within: f64 = even.iter().take(to.saturating_add(1)).skip(from).sum();
        if to == usize::MAX { (1.0 - even.iter().sum::<f64>()).max(0.0) } else { within }
    };
    let n = found.cohort.moments().n;
    let share = |from: usize, to: usize| {
        let count: u64 = found.counts.iter().take(to.saturating_add(1)).skip(from).sum();
        (n > 0).then(|| count as f64 / n as f64)
    };
    GROUPS
        .iter()
        .map(|&(name, from, to)| (name, share(from, to), results.even(|_, _| Some(sum_even(from, to)))))
        .collect()
}

fn offspring(results: &Results<'_>) -> Table {
    let row = |(name, share, even): (&str, Option<f64>, Option<f64>)| {
        vec![name.into(), share.into(), even.into(), results.offspring.cohort.moments().n.into()]
    };
    let rows = offspring_shares(results).into_iter().map(row).collect();
    let columns = ["children", "share", "share, even draw", "candidates counted"];
    table("offspring", "How many children candidates have", &columns, 1, rows)
}

/// The most positions on the axis of ranks.
const RANKS: usize = 200;

/// Of each group of ranks its last, and the share of one of its ranks among parents, observed and expected. Groups are
/// as wide as the least power of two with which at most 200 are needed.
pub(super) fn rank_shares(results: &Results<'_>) -> Vec<(usize, f64, Option<f64>)> {
    let drawn: u64 = results.pairs.ranks.iter().sum();
    if drawn == 0 {
        return Vec::new();
    }
    let expected = results.rank_probabilities().ok();
    let mut width = 1;
    while results.pairs.ranks.len().div_ceil(width) > RANKS {
        width *= 2;
    }
    let group = |(at, counts): (usize, &[u64])| {
        let (first, size) = (at * width, counts.len() as f64);
        let observed = counts.iter().sum::<u64>() as f64 / drawn as f64 / size;
        let expected = expected.as_ref().and_then(|all| all.get(first..first + counts.len()));
        (first + counts.len(), observed, expected.map(|part| part.iter().sum::<f64>() / size))
    };
    results.pairs.ranks.chunks(width).enumerate().map(group).collect()
}

fn ranks(results: &Results<'_>) -> Table {
    let row = |(rank, observed, expected): (usize, f64, Option<f64>)| {
        vec![(rank as u64).into(), observed.into(), expected.into()]
    };
    let rows = rank_shares(results).into_iter().map(row).collect();
    let columns = ["rank", "share of parents", "share of parents, closed form"];
    table("parent-ranks", "Ranks of parents in the population that they were chosen from", &columns, 1, rows)
}

fn heritability(results: &Results<'_>) -> Table {
    let row = |(name, pairs): (&str, &Regression)| {
        let (before, after) = pairs.means().unzip();
        vec![
            name.into(),
            pairs.n.into(),
            pairs.slope().into(),
            pairs.slope_error().into(),
            pairs.intercept().into(),
            pairs.correlation().into(),
            before.into(),
            after.into(),
        ]
    };
    let kinds = [
        ("parent", &results.pairs.parent),
        ("donor", &results.pairs.donor),
        ("donor that is not the parent", &results.pairs.other_donor),
    ];
    let columns = [
        "child's score on that of its",
        "pairs",
        "slope",
        "standard error",
        "intercept",
        "correlation",
        "mean score",
        "children's mean score",
    ];
    table("heritability", "How scores are inherited", &columns, 1, kinds.into_iter().map(row).collect())
}
