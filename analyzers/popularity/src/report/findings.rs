//! The findings.

use super::Facts;
use crate::hazard;
use crate::leaders::{Leader, Reason};
use crate::rising;
use crate::run::Lenders;
use crate::setting::{Policy, Span};
use crate::spread::Spread;
use crate::window::{
    ARCHITECTURES, EFFECTIVE, FIRST, FIRST_FIVE, FIRST_TEN, GINI, MODELS, PREFIXES, TURNOVER,
};
use lamarck_sdk::model::report::Finding;

pub(super) fn write(facts: &Facts<'_>) -> Vec<Finding> {
    let mut list = Vec::new();
    donations(facts, &mut list);
    windows(facts, &mut list);
    leaders(facts, &mut list);
    falls(facts, &mut list);
    ranks(facts, &mut list);
    rise(facts, &mut list);
    hazard(facts, &mut list);
    list
}

/// The finding, or why there is none.
fn or_missing(key: &str, text: &str, why: Option<&str>, finding: impl FnOnce() -> Finding) -> Finding {
    match why {
        Some(why) => Finding::missing(key, text, why),
        None => finding(),
    }
}

fn donations(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let run = facts.run;
    let text = if run.lenders == Lenders::Parents {
        "donations, of finished children; parents stand in for donors, of which the trace names none"
    } else {
        "donations, of finished children"
    };
    list.push(or_missing("donations", text, facts.no_donations, || {
        Finding::new("donations", text, run.donations as f64, "donations", u64::from(run.rows))
    }));
    let text = "candidates that donated at least once";
    list.push(or_missing("donors", text, facts.no_donations, || {
        Finding::new("donors", text, run.donors.len() as f64, "candidates", u64::from(run.rows))
    }));
    if run.lost > 0 {
        let text = "donations by candidates with ids too large to be followed; they are not counted";
        list.push(Finding::new("donations-not-followed", text, run.lost as f64, "donations", run.lost));
    }
}

fn windows(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let named = [
        (MODELS, FIRST, "donors-first", "share of a window's donations by its most popular donor", "share"),
        (
            MODELS,
            FIRST_FIVE,
            "donors-first-five",
            "share of a window's donations by its five most popular donors",
            "share",
        ),
        (
            MODELS,
            FIRST_TEN,
            "donors-first-ten",
            "share of a window's donations by its ten most popular donors",
            "share",
        ),
        (MODELS, GINI, "donors-gini", "Gini coefficient of a window's donations over its donors", ""),
        (
            MODELS,
            EFFECTIVE,
            "donors-effective",
            "effective number of donors in a window (inverse Simpson index)",
            "donors",
        ),
        (
            MODELS,
            TURNOVER,
            "donors-turnover",
            "change of the ten most popular donors from one window to the next (all new: one)",
            "of all",
        ),
        (
            ARCHITECTURES,
            FIRST,
            "architectures-first",
            "share of a window's donations by its most popular architecture",
            "share",
        ),
        (
            ARCHITECTURES,
            EFFECTIVE,
            "architectures-effective",
            "effective number of donating architectures in a window",
            "architectures",
        ),
        (
            ARCHITECTURES,
            TURNOVER,
            "architectures-turnover",
            "change of the ten most popular architectures from one window to the next",
            "of all",
        ),
        (
            PREFIXES,
            FIRST,
            "prefixes-first",
            "share of a window's donations by its most popular prefix of decisions",
            "share",
        ),
        (
            PREFIXES,
            EFFECTIVE,
            "prefixes-effective",
            "effective number of donating prefixes in a window",
            "prefixes",
        ),
        (
            PREFIXES,
            TURNOVER,
            "prefixes-turnover",
            "change of the ten most popular prefixes from one window to the next",
            "of all",
        ),
    ];
    for (sphere, number, key, text, unit) in named {
        list.push(or_missing(key, text, facts.no_windows, || {
            match facts.run.spheres[sphere].course.mean(number) {
                Some((mean, windows)) => Finding::new(key, text, mean, unit, windows),
                None => Finding::missing(key, text, "too few windows have donations"),
            }
        }));
    }
}

fn leaders(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let all = &facts.run.leaders.all;
    let known = facts.no_leaders;
    let text = "donors that led a sliding window at least once";
    // None that led is a number too.
    let why =
        if facts.run.leaders.all.is_empty() && facts.no_donations.is_none() && facts.no_windows.is_none() {
            None
        } else {
            known
        };
    list.push(or_missing("leaders", text, why, || {
        Finding::new("leaders", text, all.len() as f64, "donors", facts.run.donors.len() as u64)
    }));
    let mut spread = |key: &str, text: &str, unit: &str, spread: Spread| {
        list.push(match (known, spread.mean()) {
            (Some(why), _) => Finding::missing(key, text, why),
            (None, None) => Finding::missing(key, text, "the trace has no rows of the donors that led"),
            (None, Some(mean)) => {
                let finding = Finding::new(key, text, mean, unit, spread.n);
                match spread.deviation() {
                    Some(deviation) => finding.spread(deviation),
                    None => finding,
                }
            }
        });
    };
    let rise = all.iter().filter_map(|leader| time_to_rise(facts, leader)).map(|rise| rise as f64);
    spread(
        "leader-rise",
        "completions from a leader's own to its first lead",
        "completions",
        Spread::of(rise),
    );
    let peak = all.iter().filter_map(|leader| facts.donor(leader.slot)).map(|donor| f64::from(donor.peak));
    spread("leader-peak", "a leader's donations in its best window", "donations", Spread::of(peak));
    let led = all.iter().map(|leader| leader.led as f64);
    spread(
        "leader-duration",
        "completions during which a leader led, all spells together",
        "completions",
        Spread::of(led),
    );
    let spells = all.iter().map(|leader| f64::from(leader.spells));
    spread("leader-spells", "how often a leader took the lead", "spells", Spread::of(spells));
    let text = "virtual time during which a leader led, all spells together";
    if facts.run.timed {
        let seconds = all.iter().map(|leader| leader.led_us as f64 / 1e6);
        spread("leader-seconds", text, "s", Spread::of(seconds));
    } else {
        let why = facts.no_donations.unwrap_or("the trace has no times");
        list.push(Finding::missing("leader-seconds", text, why));
    }
}

/// Completions between a leader's own and its first lead.
pub(super) fn time_to_rise(facts: &Facts<'_>, leader: &Leader) -> Option<u64> {
    let life = facts.run.lives.known(facts.donor(leader.slot)?.id)?;
    Some(u64::from(leader.first.saturating_sub(life.row + 1)))
}

fn falls(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let falls = &facts.run.leaders.falls;
    let all: u64 = falls.iter().flatten().sum();
    for reason in Reason::ALL {
        let key = format!("fall-{}", reason.key());
        let text = match reason {
            Reason::EndOfRun => "share of spells of leading that lasted to the end of the run",
            Reason::Retired => "share of spells that ended because the leader was retired from what may lend",
            Reason::AgedOut => "share of spells that ended because the leader had left the population",
            Reason::LostMatch => {
                "share of spells that ended because a later model shared more with its children"
            }
            Reason::Descendant => "share of spells that ended by the leader's own descendant",
            Reason::Relative => "share of spells that ended by a relative of the leader",
            Reason::Unrelated => "share of spells that ended by a donor unrelated to the leader",
            Reason::Overtaken => "share of spells that ended by a donor whose kinship is not known",
            Reason::Faded => "share of spells that ended without anybody taking over",
        };
        let why = facts.no_leaders.or_else(|| undecided(facts, reason));
        let count: u64 = falls[reason as usize].iter().sum();
        list.push(or_missing(&key, text, why, || {
            Finding::new(key.as_str(), text, count as f64 / all as f64, "share", all)
        }));
    }
}

/// Why a reason cannot be told from others in this trace.
pub(super) fn undecided(facts: &Facts<'_>, reason: Reason) -> Option<&'static str> {
    let run = facts.run;
    let stand_in = run.lenders == Lenders::Parents;
    let by_parent = stand_in || run.setting.policy == Policy::Parent;
    let unknown = run.setting.policy == Policy::Unknown && !stand_in;
    match reason {
        Reason::AgedOut if by_parent && run.setting.population.is_none() => {
            Some("the study does not tell the size of the population")
        }
        Reason::AgedOut | Reason::Retired if unknown => Some("the study does not tell who may lend"),
        Reason::Descendant | Reason::Relative | Reason::Unrelated if run.children == 0 => {
            Some("the trace names no parents")
        }
        Reason::LostMatch if stand_in => Some("the trace names no donors"),
        _ => None,
    }
}

fn ranks(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let share = "share of the variance of members' donations that their ranks explain (theory: if rank alone decided)";
    let slope = "donations for each donation that ranks let expect, by least squares";
    let mean = "donations of a member (theory: expected from its ranks)";
    let text = [("rank-explains", share), ("rank-slope", slope), ("rank-mean", mean)];
    match &facts.ranks {
        Err(why) => {
            let why = facts.no_donations.unwrap_or(why);
            list.extend(text.map(|(key, text)| Finding::missing(key, text, why)));
        }
        Ok(of) => {
            let (n, flat) = (
                of.members,
                "members do not differ in what their ranks let expect, or not in their donations",
            );
            list.push(match (of.share, of.at_most) {
                (Some(value), Some(theory)) => {
                    Finding::new(text[0].0, share, value, "share", n).theory(theory)
                }
                _ => Finding::missing(text[0].0, share, flat),
            });
            list.push(match of.slope {
                Some(slope) => Finding::new(text[1].0, text[1].1, slope, "", n).theory(1.0),
                None => Finding::missing(text[1].0, text[1].1, flat),
            });
            let finding =
                Finding::new(text[2].0, mean, of.observed.mean().unwrap_or(f64::NAN), "donations", n);
            let finding = finding.theory(of.expected.mean().unwrap_or(f64::NAN));
            list.push(of.observed.deviation().map_or(finding.clone(), |deviation| finding.spread(deviation)));
        }
    }
}

fn rise(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    for ((name, words), (n, effect)) in rising::NAMES.iter().zip(&facts.effects) {
        let key = format!("rise-{name}");
        let text = format!("donors that led against those that never did, standardised difference: {words}");
        let why = facts.no_leaders.or(effect.err());
        let value = effect.map_or(f64::NAN, |effect| effect.standardised);
        list.push(or_missing(&key, &text, why, || {
            Finding::new(key.as_str(), text.as_str(), value, "standard deviations", *n)
        }));
    }
}

fn hazard(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    for ((name, words), coefficient) in hazard::NAMES.iter().zip(&facts.hazard.coefficients) {
        let key = format!("hazard-{name}");
        let text = format!(
            "log odds that a leader falls within the next period (a tenth of a window) for each standard deviation \
             of {words}; spread: standard error"
        );
        list.push(match (facts.no_leaders, coefficient) {
            (Some(why), _) => Finding::missing(key, text, why),
            (None, Err(why)) => Finding::missing(key, text, *why),
            (None, Ok(of)) => {
                Finding::new(key, text, of.value, "log odds", facts.hazard.observations).spread(of.error)
            }
        });
    }
}

/// What the x axis of charts over the run's course is: label, unit, and how much a window is of it.
pub(super) fn course_axis(facts: &Facts<'_>) -> (&'static str, &'static str, f64) {
    match facts.run.setting.span {
        Span::Candidates(window) => ("finished candidates", "candidates", window as f64),
        Span::Time(window) => ("virtual time", "s", window as f64 / 1e6),
    }
}
