//! The charts: a Muller plot, four courses over the run, and how parents are chosen.

use super::Results;
use super::ancestry::Best;
use super::tables::{offspring_shares, rank_shares};
use lamarck_sdk::model::report::{Axis, Bars, Body, Chart, Flow, FlowBand, Line};

pub(super) fn write(results: &Results<'_>, best: &Best) -> Vec<Chart> {
    if results.no_descent().is_some() {
        return Vec::new();
    }
    vec![
        muller(results, best),
        founders(results),
        ancestor(results),
        depth(results),
        offspring(results),
        ranks(results),
    ]
}

fn finished() -> Axis {
    Axis::new("finished candidates", "candidates")
}

fn muller(results: &Results<'_>, best: &Best) -> Chart {
    let name = |clade: &crate::clades::Clade| {
        let id = best.id(clade.founder);
        id.map_or_else(|| format!("row {}", clade.founder + 1), |id| format!("candidate {id}"))
    };
    let band = |clade: &crate::clades::Clade| FlowBand {
        name: name(clade),
        parent: clade.parent,
        y: clade.own.clone(),
    };
    let mut bands: Vec<FlowBand> = results.clades.clades.iter().map(band).collect();
    bands.push(FlowBand { name: "others".into(), parent: None, y: results.clades.others.clone() });
    Chart {
        key: "clades".into(),
        title: "Rise and fall of clades".into(),
        note: "A band is an ancestor and its descendants, drawn inside the band that the ancestor itself descends \
               from; its height is their share of the candidates that finished in a window. The ancestors shown are \
               those whose clade stood out from what surrounds it; all else is `others`."
            .into(),
        x: finished(),
        y: Axis::new("share of finished candidates", ""),
        body: Body::Flow(Flow { x: results.positions(), bands }),
    }
}

/// A curve with one value a window.
fn course(results: &Results<'_>, name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Line {
    let values = values.into_iter().map(|value| value.unwrap_or(f64::NAN));
    Line::new(name, results.positions().into_iter().zip(values))
}

fn founders(results: &Results<'_>) -> Chart {
    let left = results.founders.left.iter().map(|&left| Some(left as f64));
    let even = (0..results.windows.len())
        .map(|window| results.even_founders(results.windows.rows(window).end as f64));
    Chart {
        key: "founders-left".into(),
        title: "Founders with living descendants".into(),
        note: "How many random candidates the population still descends from. Dashed: the neutral coalescent, in which \
               parents are drawn evenly; the faster decline is selection's."
            .into(),
        x: finished(),
        y: Axis::log("founders", "founders"),
        body: Body::Lines(vec![
            course(results, "observed", left),
            course(results, "parents drawn evenly", even).theory(),
        ]),
    }
}

fn ancestor(results: &Results<'_>) -> Chart {
    let ages = results.coalescence.samples.iter().enumerate().map(|(window, sample)| {
        sample.ancestor.map(|(row, _)| (results.windows.rows(window).end - 1 - row) as f64)
    });
    Chart {
        key: "common-ancestor-age".into(),
        title: "Age of the population's most recent common ancestor".into(),
        note: "Completions since the last ancestor that all members share finished. It rises by one with each \
               completion and falls when a younger ancestor's descendants have filled the population. Gaps: no common \
               ancestor yet."
            .into(),
        x: finished(),
        y: Axis::new("age", "completions"),
        body: Body::Lines(vec![course(results, "observed", ages)]),
    }
}

fn depth(results: &Results<'_>) -> Chart {
    let samples = &results.coalescence.samples;
    let ancestor = samples.iter().map(|sample| sample.ancestor.map(|(_, depth)| f64::from(depth)));
    let even = samples.iter().map(|sample| results.even(|_, _| sample.expected_depth));
    Chart {
        key: "depth".into(),
        title: "Generations from the founders".into(),
        note: "Mean depth of the population's members, and that of their most recent common ancestor. Dashed: what \
               parents drawn evenly would lead to. A steeper course means that parents are younger."
            .into(),
        x: finished(),
        y: Axis::new("depth", "generations"),
        body: Body::Lines(vec![
            course(results, "members", samples.iter().map(|sample| sample.depth)),
            course(results, "common ancestor", ancestor),
            course(results, "parents drawn evenly", even).theory(),
        ]),
    }
}

fn offspring(results: &Results<'_>) -> Chart {
    let shares = offspring_shares(results);
    let series = |name: &str, values: Vec<Option<f64>>, theory: bool| Line {
        name: name.into(),
        x: Vec::new(),
        y: values,
        theory,
    };
    Chart {
        key: "offspring".into(),
        title: "How many children candidates have".into(),
        note: "Only candidates that every draw of their lives could choose and whose children are in the trace. Beside \
               it the binomial of parents drawn evenly; both have the mean 1."
            .into(),
        x: Axis::new("children", "children"),
        y: Axis::new("share of candidates", ""),
        body: Body::Bars(Bars {
            categories: shares.iter().map(|share| share.0.to_owned()).collect(),
            series: vec![
                series("observed", shares.iter().map(|share| share.1).collect(), false),
                series("parents drawn evenly", shares.iter().map(|share| share.2).collect(), true),
            ],
        }),
    }
}

fn ranks(results: &Results<'_>) -> Chart {
    let shares = rank_shares(results);
    let observed = shares.iter().map(|&(rank, observed, _)| (rank as f64, observed));
    let expected = shares.iter().map(|&(rank, _, expected)| (rank as f64, expected.unwrap_or(f64::NAN)));
    Chart {
        key: "parent-ranks".into(),
        title: "Ranks of parents".into(),
        note: "The rank (1 the best) that parents had in the population that they were chosen from. Dashed: the closed \
               form of the selection, which holds at every moment of a run."
            .into(),
        x: Axis::new("rank in the population", ""),
        y: Axis::new("share of parents", ""),
        body: Body::Lines(vec![Line::new("observed", observed), Line::new("closed form", expected).theory()]),
    }
}
