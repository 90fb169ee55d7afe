//! The findings, the most important first.

use super::Results;
use super::ancestry::Best;
use crate::moments::{Moments, Regression};
use crate::theory;
use lamarck_sdk::model::report::Finding;

/// A finding that is missing for a reason that is known beforehand, or else whatever value there is.
fn finding(
    key: &str,
    text: &str,
    unit: &str,
    n: u64,
    value: Option<f64>,
    why: Option<&str>,
    otherwise: &str,
) -> Finding {
    match (why, value) {
        (Some(why), _) => Finding::missing(key, text, why),
        (None, Some(value)) => Finding::new(key, text, value, unit, n),
        (None, None) => Finding::missing(key, text, otherwise),
    }
}

/// The same with a closed form, if there is one.
fn beside(finding: Finding, theory: Option<f64>) -> Finding {
    match theory {
        Some(theory) => finding.theory(theory),
        None => finding,
    }
}

fn mean(key: &str, text: &str, unit: &str, moments: &Moments, why: Option<&str>, otherwise: &str) -> Finding {
    let finding = finding(key, text, unit, moments.n, moments.mean(), why, otherwise);
    match (finding.value, moments.deviation()) {
        (Some(_), Some(deviation)) => finding.spread(deviation),
        _ => finding,
    }
}

pub(super) fn write(results: &Results<'_>, best: &Best) -> Vec<Finding> {
    let mut findings = coalescence(results);
    findings.extend(depth(results, best));
    findings.extend(offspring(results));
    findings.extend(heritability(results));
    findings.extend(generations(results));
    findings.extend(basis(results));
    findings
}

fn coalescence(results: &Results<'_>) -> Vec<Finding> {
    let why = results.no_population();
    let never =
        "the population never had a common ancestor: more than one founder had descendants to the end";
    let found = &results.coalescence;
    let mut taking = Moments::default();
    let mut between = Moments::default();
    for (at, takeover) in found.takeovers.iter().enumerate() {
        taking.add((takeover.at - takeover.ancestor) as f64);
        if let Some(before) = at.checked_sub(1) {
            between.add((takeover.at - found.takeovers[before].at) as f64);
        }
    }
    let age = mean(
        "common-ancestor-age",
        "mean age of the population's most recent common ancestor, where it had one (theory: parents drawn evenly, in \
         the long run)",
        "completions",
        &found.age.moments(),
        why,
        never,
    );
    let last = |row: Option<usize>| row.map(|row| (row + 1) as f64);
    let total = found.takeovers.len() as u64;
    let left = results.founders.left.last().map(|&left| left as f64);
    let founders_left = finding(
        "founders-left",
        "founders with descendants in the last population (theory: parents drawn evenly)",
        "founders",
        results.founders.total,
        left,
        why,
        "the trace has no candidates",
    );
    vec![
        beside(age, results.even(theory::common_ancestor_age)),
        finding(
            "takeovers",
            "times a new ancestor's descendants filled the population",
            "",
            total,
            Some(total as f64),
            why,
            "",
        ),
        mean(
            "takeover-duration",
            "mean time from an ancestor's finish until its descendants filled the population",
            "completions",
            &taking,
            why,
            never,
        ),
        mean(
            "takeover-interval",
            "mean time between takeovers",
            "completions",
            &between,
            why,
            "there were fewer than two takeovers",
        ),
        finding(
            "common-ancestor-reversals",
            "times the common ancestor became an older one, a child of another line having finished late",
            "",
            total,
            Some(found.reversals as f64),
            why,
            "",
        ),
        beside(founders_left, results.even_founders(results.genealogy.len() as f64)),
        finding(
            "one-founder-left",
            "candidates finished when the whole population first descended from one founder",
            "candidates",
            results.founders.total,
            last(results.founders.one_left),
            why,
            never,
        ),
    ]
}

fn depth(results: &Results<'_>, best: &Best) -> Vec<Finding> {
    let why = results.no_descent();
    let last = results.coalescence.samples.last();
    let steps = best.line.len().saturating_sub(1);
    let mean_depth = finding(
        "depth",
        "mean depth of the last population (theory: parents drawn evenly)",
        "generations",
        results.genealogy.len().min(results.settings.population) as u64,
        last.and_then(|sample| sample.depth),
        why,
        "no candidate became a member of the population",
    );
    vec![
        beside(mean_depth, results.even(|_, _| last.and_then(|sample| sample.expected_depth))),
        finding(
            "best-ancestors",
            "generations from a founder to the best candidate",
            "generations",
            results.genealogy.len() as u64,
            (!best.line.is_empty()).then_some(steps as f64),
            why,
            "no candidate has a score",
        ),
    ]
}

fn offspring(results: &Results<'_>) -> Vec<Finding> {
    let why = results.no_descent();
    let found = &results.offspring;
    let short =
        "the run is too short: no candidate finished after the first child and long enough before the end";
    let cohort = found.cohort.moments();
    let n = cohort.n;
    let most = found.counts.len();
    let even = theory::even_offspring(results.settings.population, most + 64);
    let childless = found.counts.first().map(|&none| none as f64 / n as f64);
    let average = mean(
        "offspring",
        "mean number of children (theory: one child for each completion)",
        "children",
        &cohort,
        why,
        short,
    );
    let spread = finding(
        "offspring-variance",
        "variance of the number of children (theory: parents drawn evenly)",
        "",
        n,
        cohort.variance(),
        why,
        short,
    );
    let childless = finding(
        "childless",
        "share of candidates without children (theory: parents drawn evenly)",
        "",
        n,
        childless,
        why,
        short,
    );
    let apart = finding(
        "offspring-distance",
        "total variation distance of the numbers of children from the binomial of parents drawn evenly",
        "",
        n,
        if results.settings.population_known { found.distance(&even) } else { None },
        why,
        if results.settings.population_known { short } else { "the size of the population is not known" },
    );
    let most = finding(
        "most-offspring",
        "children of the candidate that has the most",
        "children",
        results.genealogy.len() as u64,
        Some(found.most.into()),
        why,
        "",
    );
    let ranks = results.rank_probabilities();
    let champion = mean(
        "champion-offspring",
        "mean number of children of members that were the best from their entry to their exit (theory: expected of a \
         member whose rank is 1 at every draw)",
        "children",
        &found.champions.moments(),
        why,
        "no member was the best from its entry to its exit",
    );
    let first = ranks.as_ref().ok().and_then(|ranks| ranks.first());
    let champion = beside(champion, first.map(|first| first * results.settings.population as f64));
    let drawn: u64 = results.pairs.ranks.iter().sum();
    let no_ranks = (drawn == 0).then_some("no candidate names its parent's rank");
    let no_ranks = why.or(no_ranks).or(ranks.as_ref().err().copied());
    let agreement = ranks.ok().and_then(|ranks| theory::chi_squared(&results.pairs.ranks, &ranks));
    let agreement = finding(
        "parent-rank-chi-squared",
        "chi-squared distance of the parents' ranks from the closed form of their selection, per degree of freedom \
         (theory: near one when they agree)",
        "",
        drawn,
        agreement,
        no_ranks,
        "too few children for a comparison",
    );
    vec![
        beside(average, results.even(|_, _| Some(1.0))),
        beside(spread, results.even(|population, _| Some(1.0 - 1.0 / population as f64))),
        beside(childless, results.even(|_, _| even.first().copied())),
        apart,
        most,
        champion,
        beside(agreement, Some(1.0)),
    ]
}

fn heritability(results: &Results<'_>) -> Vec<Finding> {
    let no_scores = "no two scores to compare, or all the same";
    let pair = |key: &str, who: &str, pairs: &Regression, why: Option<&str>| {
        let slope = finding(
            &format!("heritability-{key}"),
            &format!("slope of the child's score on the {who}'s"),
            "",
            pairs.n,
            pairs.slope(),
            why,
            no_scores,
        );
        let slope = match (slope.value, pairs.slope_error()) {
            // The spread of one observation's slope, so that spread / sqrt(n) is the standard error.
            (Some(_), Some(error)) => slope.spread(error * (pairs.n as f64).sqrt()),
            _ => slope,
        };
        let correlation = finding(
            &format!("correlation-{key}"),
            &format!("correlation of the child's score with the {who}'s"),
            "",
            pairs.n,
            pairs.correlation(),
            why,
            no_scores,
        );
        [slope, correlation]
    };
    let empty = (results.genealogy.len() == 0).then_some("the trace has no candidates");
    let no_donors =
        (results.pairs.donor.n == 0).then_some("no child with a score names a donor that has one");
    let [slope, correlation] = pair("parent", "parent", &results.pairs.parent, results.no_descent());
    let [donor_slope, donor_correlation] = pair("donor", "donor", &results.pairs.donor, empty.or(no_donors));
    vec![slope, correlation, donor_slope, donor_correlation]
}

fn generations(results: &Results<'_>) -> Vec<Finding> {
    let why = results.no_descent();
    let completions = mean(
        "generation-length",
        "mean completions between a parent's finish and its child's (theory: parents drawn evenly, trainings of equal \
         length)",
        "completions",
        &results.pairs.completions.moments(),
        why,
        "",
    );
    let even = results.even(|population, workers| Some(theory::generation(population, workers)));
    let time = mean(
        "generation-time",
        "mean time between a parent's finish and its child's",
        "s",
        &results.pairs.seconds,
        why,
        "the trace has no times",
    );
    vec![beside(completions, even), time]
}

/// What all of this rests on.
fn basis(results: &Results<'_>) -> Vec<Finding> {
    let rows = results.genealogy.len() as u64;
    let count = |key: &str, text: &str, value: u64| Finding::new(key, text, value as f64, "candidates", rows);
    let known = results.settings.population_known;
    let population = if known {
        "members of the population, as the study or the option `population` says"
    } else {
        "members of the population; assumed, since neither the study nor the option `population` says how many"
    };
    vec![
        count("population", population, results.settings.population as u64),
        count("founders", "candidates without a known parent", results.founders.total),
        count("children", "candidates whose parent is known", results.offspring.total),
        count(
            "second-parents",
            "candidates with a second parent, which lines of descent do not follow",
            results.pairs.second_parents,
        ),
        count(
            "unknown-parents",
            "candidates that name a parent which did not finish before them; they count as founders",
            results.genealogy.oddities.unknown_parents,
        ),
        count(
            "unfollowed-ids",
            "candidates whose id occurs twice or lies far beyond the number of candidates; they cannot be found as \
             parents",
            results.genealogy.oddities.unfollowed_ids,
        ),
        count(
            "ranks-beyond",
            "children whose parent's rank is not one of the population's",
            results.pairs.beyond,
        ),
    ]
}
