//! The tables.

use super::findings::time_to_rise;
use super::{Facts, choices, is_leader};
use crate::kin::Kin;
use crate::leaders::{Leader, Reason};
use crate::lives::NONE;
use crate::tally::Concentration;
use crate::window::{
    ARCHITECTURES, EFFECTIVE, FIRST, FIRST_FIVE, FIRST_TEN, GINI, MODELS, PREFIXES, TURNOVER,
};
use crate::{hazard, rising};
use lamarck_sdk::model::report::{Cell, Table};
use std::cmp::Reverse;

pub(super) fn write(facts: &Facts<'_>) -> Vec<Table> {
    vec![
        leaders(facts),
        falls(facts),
        concentration(facts),
        prefixes(facts),
        architectures(facts),
        conditions(facts),
        hazards(facts),
    ]
}

fn table(name: &str, title: &str, columns: &[&str], keys: usize, rows: Vec<Vec<Cell>>) -> Table {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Table { name: name.to_owned(), title: title.to_owned(), columns, keys, rows }
}

fn id(number: u32) -> Cell {
    Cell::from((number != NONE).then_some(u64::from(number)))
}

fn leaders(facts: &Facts<'_>) -> Table {
    let mut all: Vec<&Leader> = facts.run.leaders.all.iter().collect();
    if facts.no_leaders.is_some() {
        all.clear();
    }
    all.sort_by_key(|leader| (Reverse(leader.led), leader.first));
    all.truncate(facts.run.setting.top);
    let seconds = |us: u64| Cell::from(facts.run.timed.then_some(us as f64 / 1e6));
    let row = |(rank, leader): (u64, &Leader)| {
        let donor = facts.donor(leader.slot);
        let life = donor.and_then(|donor| facts.run.lives.known(donor.id));
        let vector = life.map(|life| choices(&facts.run.vectors.vector(life.architecture)));
        let successor = facts.donor(leader.successor).map_or(NONE, |donor| donor.id);
        vec![
            Cell::from(rank),
            id(donor.map_or(NONE, |donor| donor.id)),
            Cell::from(life.map(|life| u64::from(life.row) + 1)),
            Cell::from(u64::from(leader.first)),
            Cell::from(time_to_rise(facts, leader)),
            Cell::from(donor.map(|donor| u64::from(donor.peak))),
            Cell::from(leader.led),
            seconds(leader.led_us),
            Cell::from(u64::from(leader.spells)),
            Cell::from(u64::from(leader.fall)),
            Cell::from(leader.reason.words()),
            id(successor),
            Cell::from(leader.kin.words()),
            Cell::from(donor.map(|donor| u64::from(donor.total))),
            id(life.map_or(NONE, |life| life.rank)),
            Cell::from(life.filter(|_| facts.run.children > 0).map(|life| u64::from(life.depth()))),
            Cell::from(vector),
        ]
    };
    let rows = (1..).zip(all).map(row).collect();
    let columns = [
        "rank",
        "donor",
        "entered [completion]",
        "first led [completion]",
        "time to rise [completions]",
        "peak [donations in a window]",
        "led [completions]",
        "led [s]",
        "spells",
        "fell [completion]",
        "why it fell last",
        "successor",
        "successor is",
        "donations",
        "rank at entry",
        "depth [generations]",
        "vector",
    ];
    table("leaders", "donors that led a window, those that led longest first", &columns, 1, rows)
}

fn falls(facts: &Facts<'_>) -> Table {
    let falls = &facts.run.leaders.falls;
    let all: u64 = falls.iter().flatten().sum();
    let mut rows = Vec::new();
    for reason in Reason::ALL {
        for kin in Kin::ALL {
            let count = falls[reason as usize][kin as usize];
            if facts.no_leaders.is_none() && count > 0 {
                let share = Cell::from(count as f64 / all as f64);
                rows.push(vec![reason.words().into(), kin.words().into(), count.into(), share]);
            }
        }
    }
    table(
        "falls",
        "ends of leads by reason and by what the successor is to the fallen",
        &["why", "successor is", "falls", "share"],
        2,
        rows,
    )
}

fn concentration(facts: &Facts<'_>) -> Table {
    let row = |(sphere, name): (usize, &str)| {
        let of = &facts.run.spheres[sphere];
        let totals = facts.totals(sphere).map(|of| u32::try_from(of.1).unwrap_or(u32::MAX));
        let mut totals: Vec<u32> = totals.collect();
        totals.sort_unstable_by(|a, b| b.cmp(a));
        let all = Concentration::of(totals.iter().copied());
        let numbers: [fn(&Concentration) -> f64; 5] =
            [|c| c.first, |c| c.first_five, |c| c.first_ten, |c| c.gini, |c| c.effective];
        let windowed = |number: usize| {
            Cell::from(of.course.mean(number).filter(|_| facts.no_windows.is_none()).map(|of| of.0))
        };
        let mut row = vec![Cell::from(name), Cell::from(totals.len() as u64)];
        row.push(Cell::from(totals.iter().map(|&total| u64::from(total)).sum::<u64>()));
        row.extend(numbers.iter().map(|number| Cell::from(all.as_ref().map(number))));
        row.extend([FIRST, FIRST_FIVE, FIRST_TEN, GINI, EFFECTIVE, TURNOVER].map(windowed));
        row
    };
    let kinds = [(MODELS, "models"), (ARCHITECTURES, "architectures"), (PREFIXES, "prefixes")];
    let columns = [
        "lender",
        "that lent",
        "donations",
        "share of the first",
        "share of the first 5",
        "share of the first 10",
        "Gini",
        "effective number",
        "share of the first, in a window",
        "share of the first 5, in a window",
        "share of the first 10, in a window",
        "Gini, in a window",
        "effective number, in a window",
        "turnover",
    ];
    let title = "concentration of donations over the whole run, and on average over windows";
    table("concentration", title, &columns, 1, kinds.into_iter().map(row).collect())
}

/// The keys with the most donations, the first first.
fn most(facts: &Facts<'_>, sphere: usize) -> Vec<(u32, u64)> {
    let order = |&(key, total): &(u32, u64)| (Reverse(total), key);
    let top = facts.run.setting.top;
    let mut most = Vec::new();
    for of in facts.totals(sphere) {
        most.push(of);
        // So that a table of thirty does not take room for all.
        if most.len() >= top.saturating_mul(16) {
            most.select_nth_unstable_by_key(top, order);
            most.truncate(top);
        }
    }
    most.sort_unstable_by_key(order);
    most.truncate(top);
    most
}

fn share(part: u64, whole: u64) -> Cell {
    Cell::from(part as f64 / whole as f64)
}

fn prefixes(facts: &Facts<'_>) -> Table {
    let candidates = facts.run.vectors.candidates_by_prefix();
    let row = |(prefix, total): (u32, u64)| {
        let having = candidates.get(prefix as usize).copied().unwrap_or(0);
        vec![
            Cell::from(choices(&facts.run.vectors.prefix(prefix))),
            Cell::from(total),
            share(total, facts.run.donations),
            Cell::from(having),
            share(total, having),
        ]
    };
    let rows = most(facts, PREFIXES).into_iter().map(row).collect();
    table(
        "prefixes",
        "donations by the donor's first choices, those that donated most",
        &["prefix", "donations", "share of donations", "candidates with it", "donations a candidate"],
        1,
        rows,
    )
}

fn architectures(facts: &Facts<'_>) -> Table {
    let most = most(facts, ARCHITECTURES);
    let mut led = vec![0_u64; most.len()];
    for leader in facts.run.donors.iter().filter(|donor| is_leader(donor)) {
        let architecture = facts.run.lives.known(leader.id).map(|life| life.architecture);
        if let Some(at) = most.iter().position(|of| Some(of.0) == architecture) {
            led[at] += 1;
        }
    }
    let row = |((architecture, total), led): ((u32, u64), u64)| {
        let having = facts.run.vectors.get(architecture).map_or(0, |of| u64::from(of.candidates));
        vec![
            Cell::from(choices(&facts.run.vectors.vector(architecture))),
            Cell::from(total),
            share(total, facts.run.donations),
            Cell::from(having),
            share(total, having),
            Cell::from(led),
        ]
    };
    let rows = most.iter().copied().zip(led).map(row).collect();
    table(
        "architectures",
        "donations by architecture, those that donated most",
        &[
            "vector",
            "donations",
            "share of donations",
            "candidates with it",
            "donations a candidate",
            "leaders with it",
        ],
        1,
        rows,
    )
}

/// An effect, if there is one, and the donors that it rests on.
type Measured = (u64, Result<rising::Effect, &'static str>);

fn conditions(facts: &Facts<'_>) -> Table {
    let row = |((_, words), (n, effect)): (&(&str, &str), &Measured)| {
        let effect = effect.as_ref().ok().filter(|_| facts.no_leaders.is_none());
        let number = |of: fn(&rising::Effect) -> f64| Cell::from(effect.map(of));
        vec![
            Cell::from(*words),
            number(|of| of.led),
            number(|of| of.never),
            number(|of| of.standardised),
            number(|of| of.delta),
            Cell::from(*n),
        ]
    };
    table(
        "rise-conditions",
        "donors that led against donors that never did",
        &[
            "characteristic",
            "mean of leaders",
            "mean of others",
            "standardised difference",
            "Cliff's delta",
            "donors",
        ],
        1,
        rising::NAMES.iter().zip(&facts.effects).map(row).collect(),
    )
}

fn hazards(facts: &Facts<'_>) -> Table {
    let fit = &facts.hazard;
    let row = |((_, words), of): (&(&str, &str), &Result<crate::logistic::Coefficient, &'static str>)| {
        let known = of.as_ref().ok().filter(|_| facts.no_leaders.is_none());
        vec![
            Cell::from(*words),
            Cell::from(known.map(|of| of.value)),
            Cell::from(known.map(|of| of.error)),
            Cell::from(fit.observations),
            Cell::from(fit.falls),
        ]
    };
    table(
        "fall-hazard",
        "discrete-time hazard of a leader's fall: log odds for each standard deviation of a covariate",
        &["covariate", "log odds", "standard error", "periods", "falls"],
        1,
        hazard::NAMES.iter().zip(&fit.coefficients).map(row).collect(),
    )
}
