//! Findings and tables from what was counted.

use crate::Point;
use crate::composition::{Layout, Stretch};
use crate::spread::Spread;
use lamarck_sdk::Report;
use lamarck_sdk::model::report::{Cell, Finding, Table};
use std::collections::BTreeMap;

/// A number where there is one.
fn number(value: Option<f64>) -> Cell {
    value.filter(|value| value.is_finite()).map_or(Cell::Missing(()), Cell::Number)
}

fn integer(value: impl TryInto<i64>) -> Cell {
    Cell::Integer(value.try_into().unwrap_or(i64::MAX))
}

fn word(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn table(name: &str, title: &str, columns: &[&str]) -> Table {
    Table {
        name: name.to_owned(),
        title: title.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        keys: 0,
        rows: Vec::new(),
    }
}

fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

pub(crate) fn write(layout: &Layout, window: u64, points: &BTreeMap<u32, Point>) -> Report {
    let mut findings = Findings { point: None, list: Vec::new() };
    let mut shares = table(
        "option-shares",
        "share of each option among candidates with a score, averaged over runs; without a window: the whole run",
        &[
            "point",
            "window",
            "from [candidate]",
            "decision",
            "option",
            "share",
            "spread over runs",
            "runs",
            "candidates",
        ],
    );
    let mut entropy = table(
        "entropy",
        "normalised entropy of the options (1: equally common), averaged over runs; without a window: the whole run; \
         without a decision: mean over decisions",
        &[
            "point",
            "window",
            "from [candidate]",
            "decision",
            "entropy",
            "spread over runs",
            "runs",
            "candidates",
        ],
    );
    let mut mutations = table(
        "mutations",
        "mutations that changed one decision alone, and those whose child became a parent; shares are averaged over \
         runs; without a decision: mutations that changed several or none, or that the trace does not tell",
        &[
            "point",
            "decision",
            "mutations",
            "share of mutations",
            "spread over runs",
            "survived",
            "survived share",
            "survived spread over runs",
        ],
    );
    for (&id, point) in points {
        findings.point = (points.len() > 1).then_some(id);
        findings.of(layout, window, point);
        let composition = &point.composition;
        let windows = composition.windows.iter().enumerate().map(|(index, stretch)| (Some(index), stretch));
        for (index, stretch) in std::iter::once((None, &composition.whole)).chain(windows) {
            let from = index.map_or(Cell::Missing(()), |index| integer(index as u128 * u128::from(window)));
            let head = [integer(id), index.map_or(Cell::Missing(()), integer), from];
            share_rows(layout, stretch, &head, &mut shares);
            entropy_rows(layout, stretch, &head, &mut entropy);
        }
        mutation_rows(layout, point, id, &mut mutations);
    }
    if points.values().all(|point| point.candidates == 0) {
        findings.point = None;
        findings.list.clear();
        findings.missing("candidates", "the trace holds no candidates, so nothing was computed");
    }
    Report {
        analyzer: "structure".to_owned(),
        findings: findings.list,
        tables: vec![shares, entropy, mutations],
        charts: Vec::new(),
    }
}

fn share_rows(layout: &Layout, stretch: &Stretch, head: &[Cell], table: &mut Table) {
    for (decision, shares) in layout.decisions.iter().zip(stretch.shares(layout)) {
        for (option, share) in decision.options.iter().zip(shares) {
            let mut row = head.to_vec();
            row.extend([
                word(&decision.name),
                word(option),
                number(share.mean()),
                number(share.deviation()),
                integer(share.n()),
                integer(stretch.scored),
            ]);
            table.rows.push(row);
        }
    }
}

fn entropy_rows(layout: &Layout, stretch: &Stretch, head: &[Cell], table: &mut Table) {
    let each =
        layout.decisions.iter().map(|decision| word(&decision.name)).zip(stretch.entropies.iter().copied());
    for (decision, spread) in std::iter::once((Cell::Missing(()), stretch.entropy)).chain(each) {
        let mut row = head.to_vec();
        row.extend([
            decision,
            number(spread.mean()),
            number(spread.deviation()),
            integer(spread.n()),
            integer(stretch.scored),
        ]);
        table.rows.push(row);
    }
}

fn mutation_rows(layout: &Layout, point: &Point, id: u32, table: &mut Table) {
    let of = &point.mutations;
    let known = of.with_parent > 0;
    let survived = |count: u64| if known { integer(count) } else { Cell::Missing(()) };
    for (position, decision) in layout.decisions.iter().enumerate() {
        let at = |spreads: &[Spread]| spreads.get(position).copied().unwrap_or_default();
        let count = |counts: &[u64]| counts.get(position).copied().unwrap_or_default();
        let (share, survival) = (at(&of.shares), at(&of.survival));
        table.rows.push(vec![
            integer(id),
            word(&decision.name),
            integer(count(&of.made.single)),
            number(share.mean()),
            number(share.deviation()),
            survived(count(&of.survived.single)),
            number(survival.mean()),
            number(survival.deviation()),
        ]);
    }
    let none = || Cell::Missing(());
    let other = vec![
        integer(id),
        none(),
        integer(of.made.other),
        none(),
        none(),
        survived(of.survived.other),
        none(),
        none(),
    ];
    table.rows.push(other);
}

struct Findings {
    /// The point, where there are several.
    point: Option<u32>,
    list: Vec<Finding>,
}

impl Findings {
    fn push(&mut self, key: &str, text: &str, finding: Finding) {
        let (key, text) = match self.point {
            Some(point) => (format!("{key}-point-{point}"), format!("point {point}: {text}")),
            None => (key.to_owned(), text.to_owned()),
        };
        self.list.push(Finding { key, text, ..finding });
    }

    /// A value that was averaged over runs.
    fn average(&mut self, key: &str, text: &str, unit: &str, spread: Spread) {
        let finding = Finding {
            value: spread.mean(),
            unit: unit.to_owned(),
            n: spread.n(),
            spread: spread.deviation(),
            ..Finding::default()
        };
        self.push(key, text, finding);
    }

    /// Something that could not be computed, and why.
    fn missing(&mut self, key: &str, text: &str) {
        self.push(key, text, Finding::default());
    }

    fn of(&mut self, layout: &Layout, window: u64, point: &Point) {
        self.entropy(layout, window, point);
        self.mutations(layout, point);
    }

    fn entropy(&mut self, layout: &Layout, window: u64, point: &Point) {
        let runs = plural(point.runs, "run");
        let of = &point.composition;
        let reason = if point.scored == 0 {
            format!("none of the {} has a score", plural(point.candidates, "candidate"))
        } else if layout.decisions.iter().all(|decision| decision.options.len() < 2) {
            "no decision has more than one option".to_owned()
        } else {
            format!(
                "no run has two full windows of {} with a score among them; choose a smaller `window`",
                plural(window, "candidate")
            )
        };
        if of.change.n() == 0 {
            return self
                .missing("entropy-change", &format!("the change of entropy was not computed: {reason}"));
        }
        let over = format!("mean over decisions and over {} of {runs}", of.change.n());
        let unit = "of the maximum";
        let windows = plural(window, "candidate");
        self.average(
            "entropy-change",
            &format!("entropy of the options from the first to the last full window of {windows}, {over}"),
            unit,
            of.change,
        );
        let text = format!("entropy of the options in the first full window of {windows}, {over}");
        self.average("entropy-first-window", &text, unit, of.first);
        let text = format!("entropy of the options in the last full window of {windows}, {over}");
        self.average("entropy-last-window", &text, unit, of.last);
    }

    fn mutations(&mut self, layout: &Layout, point: &Point) {
        let of = &point.mutations;
        if of.made.all() == 0 {
            let text = format!(
                "mutations were not counted: none of the {} is recorded as a mutation",
                plural(point.candidates, "candidate")
            );
            return self.missing("survived-mutations", &text);
        }
        if of.with_parent == 0 {
            let text = "which mutations survived was not computed: the trace names no parents";
            self.missing("survived-mutations", text);
        } else {
            let text = format!(
                "share of mutations whose child became a parent, {} of {}; a lower bound, since the last children's \
                 own are not in the trace",
                of.survived.all(),
                of.made.all() - of.lost
            );
            self.average("survived-mutations", &text, "share", of.all_survival);
        }
        if of.lost > 0 {
            let text = format!("{} have ids too large to be followed", plural(of.lost, "mutation"));
            let finding = Finding {
                value: Some(of.lost as f64),
                unit: "mutations".into(),
                n: of.lost,
                ..Finding::default()
            };
            self.push("mutations-not-followed", &text, finding);
        }
        for (end, word, sign) in [("largest", "most", 1.0), ("smallest", "fewest", -1.0)] {
            let shares = layout.decisions.iter().zip(&of.shares);
            let known =
                shares.filter_map(|(decision, share)| Some((&decision.name, *share, sign * share.mean()?)));
            // The first of equals: the comparison is strict.
            let extreme = known.reduce(|best, next| if next.2 > best.2 { next } else { best });
            let key = format!("mutation-share-{end}");
            match extreme {
                Some((name, spread, _)) => {
                    let text =
                        format!("decision `{name}` received the {word} of the mutations that changed one decision");
                    self.average(&key, &text, "share", spread);
                }
                None => self.missing(
                    &key,
                    "shares of mutations were not computed: no mutation is known to have changed exactly one decision",
                ),
            }
        }
    }
}
