//! The charts.

use super::Facts;
use super::findings::course_axis;
use crate::course::Bands;
use crate::kin;
use crate::leaders::Reason;
use crate::rising;
use crate::window::{
    ARCHITECTURES, EFFECTIVE, FIRST, FIRST_FIVE, FIRST_TEN, GINI, MODELS, PREFIXES, TURNOVER,
};
use lamarck_sdk::model::report::{Axis, Bars, Body, Chart, Flow, FlowBand, Line};

/// Donors in the chart of donors; more than that nobody can tell apart.
const BANDS: usize = 24;

pub(super) fn write(facts: &Facts<'_>) -> Vec<Chart> {
    let mut list = Vec::new();
    if facts.no_windows.is_none() {
        list.extend([
            concentration(facts),
            effective(facts),
            turnover(facts),
            donors(facts),
            prefixes(facts),
        ]);
    }
    if facts.no_leaders.is_none() {
        list.push(reasons(facts));
        list.extend(conditions(facts));
    }
    list.extend(ranks(facts));
    list
}

fn course(facts: &Facts<'_>, sphere: usize, number: usize, name: &str) -> Line {
    let (.., scale) = course_axis(facts);
    let points = facts.run.spheres[sphere].course.points(number);
    Line::new(name, points.map(|(x, y)| (x * scale, y)))
}

fn x_axis(facts: &Facts<'_>) -> Axis {
    let (label, unit, _) = course_axis(facts);
    Axis::new(label, unit)
}

fn concentration(facts: &Facts<'_>) -> Chart {
    let lines = [
        (FIRST, "first donor"),
        (FIRST_FIVE, "first five"),
        (FIRST_TEN, "first ten"),
        (GINI, "Gini coefficient"),
    ];
    Chart {
        key: "concentration".into(),
        title: "How concentrated donations are".into(),
        note: "Share of a window's donations by its most popular donors, and their inequality over the donors of the \
               window. High and steady: a few models lend to all; a cache of these few would serve most reads."
            .into(),
        x: x_axis(facts),
        y: Axis::new("share of a window's donations", ""),
        body: Body::Lines(lines.map(|(number, name)| course(facts, MODELS, number, name)).to_vec()),
    }
}

/// The three kinds of lender as curves.
fn kinds(facts: &Facts<'_>, number: usize) -> Body {
    let names = [(MODELS, "models"), (ARCHITECTURES, "architectures"), (PREFIXES, "prefixes")];
    Body::Lines(names.map(|(sphere, name)| course(facts, sphere, number, name)).to_vec())
}

fn effective(facts: &Facts<'_>) -> Chart {
    Chart {
        key: "effective-lenders".into(),
        title: "How many models, architectures and prefixes lend".into(),
        note: "Effective number in a window (inverse Simpson index): so many, all lending as often, would be as \
               concentrated. Where models are many and prefixes few, different models lend the same layers."
            .into(),
        x: x_axis(facts),
        y: Axis::log("effective number", ""),
        body: kinds(facts, EFFECTIVE),
    }
}

fn turnover(facts: &Facts<'_>) -> Chart {
    Chart {
        key: "turnover".into(),
        title: "How fast the most popular change".into(),
        note: "One less the overlap (Jaccard) of the ten most popular of a window and of the window before: 0 when \
               they are the same, 1 when all are new."
            .into(),
        x: x_axis(facts),
        y: Axis::new("turnover of the first ten", ""),
        body: kinds(facts, TURNOVER),
    }
}

fn scaled(facts: &Facts<'_>, ends: &[f64]) -> Vec<f64> {
    let (.., scale) = course_axis(facts);
    ends.iter().map(|end| end * scale).collect()
}

fn donors(facts: &Facts<'_>) -> Chart {
    let run = facts.run;
    let Bands { ends, mut keys, others } = run.spheres[MODELS].popular.bands(BANDS.min(run.setting.top));
    let id = |slot: u32| facts.donor(slot).map_or(crate::lives::NONE, |donor| donor.id);
    // An ancestor has fewer generations above it and comes first.
    keys.sort_by_key(|&(slot, _)| (run.lives.get(id(slot)).map_or(0, crate::lives::Life::depth), id(slot)));
    let ids: Vec<u32> = keys.iter().map(|&(slot, _)| id(slot)).collect();
    let parent = |at: usize| (0..at).rev().find(|&above| kin::descends(&run.lives, ids[at], ids[above], 0));
    let mut bands: Vec<FlowBand> = keys
        .into_iter()
        .enumerate()
        .map(|(at, (_, y))| FlowBand { name: format!("donor {}", ids[at]), parent: parent(at), y })
        .collect();
    bands.push(FlowBand { name: "all others".into(), parent: None, y: others });
    Chart {
        key: "donor-flow".into(),
        title: "The rise and fall of the most popular donors".into(),
        note:
            "Donations a window, one band a donor; a band inside another is a descendant's. Other donors are \
               together in one band."
                .into(),
        x: x_axis(facts),
        y: Axis::new("donations a window", "donations"),
        body: Body::Flow(Flow { x: scaled(facts, &ends), bands }),
    }
}

fn prefixes(facts: &Facts<'_>) -> Chart {
    let run = facts.run;
    let Bands { ends, keys, others } = run.spheres[PREFIXES].popular.bands(run.setting.top);
    let name = |number| super::choices(&run.vectors.prefix(number));
    let mut bands: Vec<FlowBand> =
        keys.into_iter().map(|(number, y)| FlowBand { name: name(number), parent: None, y }).collect();
    bands.push(FlowBand { name: "all others".into(), parent: None, y: others });
    Chart {
        key: "prefix-flow".into(),
        title: "Popularity of prefixes of decisions".into(),
        note: "Donations a window by the donors' first choices, as numbers of options. A prefix that takes over means \
               that all donors share their first layers."
            .into(),
        x: x_axis(facts),
        y: Axis::new("donations a window", "donations"),
        body: Body::Flow(Flow { x: scaled(facts, &ends), bands }),
    }
}

fn reasons(facts: &Facts<'_>) -> Chart {
    let leaders = &facts.run.leaders;
    let spells: [f64; Reason::ALL.len()] =
        std::array::from_fn(|reason| leaders.falls[reason].iter().sum::<u64>() as f64);
    let mut last = [0.0; Reason::ALL.len()];
    for leader in &leaders.all {
        last[leader.reason as usize] += 1.0;
    }
    let share = |name: &str, counts: &[f64]| {
        let sum: f64 = counts.iter().sum();
        let y = counts.iter().map(|count| lamarck_sdk::model::report::finite(count / sum)).collect();
        Line { name: name.into(), y, ..Line::default() }
    };
    Chart {
        key: "fall-reasons".into(),
        title: "Why leaders fall".into(),
        note: "Of every end of a lead, and of the last end of each leader. The first reason that applies, from left to \
               right."
            .into(),
        x: Axis::new("reason", ""),
        y: Axis::new("share", ""),
        body: Body::Bars(Bars {
            categories: Reason::ALL.iter().map(|reason| reason.words().to_owned()).collect(),
            series: vec![share("every fall", &spells), share("last fall of each leader", &last)],
        }),
    }
}

fn conditions(facts: &Facts<'_>) -> Option<Chart> {
    facts.effects.iter().any(|(_, effect)| effect.is_ok()).then(|| {
        let series = |name: &str, number: fn(&rising::Effect) -> f64| Line {
            name: name.into(),
            y: facts.effects.iter().map(|(_, effect)| effect.as_ref().ok().map(number)).collect(),
            ..Line::default()
        };
        Chart {
            key: "rise-conditions".into(),
            title: "What distinguishes donors that lead".into(),
            note: "Donors that led against donors that never did. Above 0: leaders have more of it. A rank counts from \
                   the best, so leaders of better rank are below 0."
                .into(),
            x: Axis::new("characteristic", ""),
            y: Axis::new("effect size", ""),
            body: Body::Bars(Bars {
                categories: rising::NAMES.iter().map(|(_, words)| (*words).to_owned()).collect(),
                series: vec![
                    series("standardised difference", |effect| effect.standardised),
                    series("Cliff's delta", |effect| effect.delta),
                ],
            }),
        }
    })
}

fn ranks(facts: &Facts<'_>) -> Option<Chart> {
    let of = facts.ranks.as_ref().ok()?;
    let theory = of.bins.iter().map(|&(x, _)| (x, x));
    Some(Chart {
        key: "observed-expected".into(),
        title: "Donations against what rank lets expect".into(),
        note: "Members of the population by the children that their ranks let expect over their lives. Above the \
               dashed line: more popular than rank explains."
            .into(),
        x: Axis::new("expected from rank", "donations"),
        y: Axis::new("mean donations of these members", "donations"),
        body: Body::Lines(vec![
            Line::new("observed", of.bins.iter().copied()),
            Line::new("expected from rank alone", theory).theory(),
        ]),
    })
}
