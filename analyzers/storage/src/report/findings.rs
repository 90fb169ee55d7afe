//! Sentences with a number each.

use super::{Facts, NO_POPULATION, SECOND};
use crate::delays::WAITS;
use crate::replay::RULES;
use crate::survival::Weight;
use crate::windows::{Mean, Window};
use lamarck_sdk::model::report::Finding;

/// A value and how many observations it rests on, or why there is none.
type Value = Result<(f64, u64), String>;

pub(super) fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut list = Vec::new();
    bytes(facts, &mut list);
    inherited(facts, &mut list);
    rules(facts, &mut list);
    waiting(facts, &mut list);
    lifetimes(facts, &mut list);
    owners(facts, &mut list);
    times(facts, &mut list);
    oddities(facts, &mut list);
    list
}

fn finding(key: &str, text: &str, unit: &str, value: Value) -> Finding {
    match value {
        Ok((value, n)) => Finding::new(key, text, value, unit, n),
        Err(why) => Finding { unit: unit.to_owned(), ..Finding::missing(key, text, why) },
    }
}

/// The same beside a closed form, if it has a value.
fn beside(finding: Finding, theory: Option<f64>) -> Finding {
    match theory {
        Some(theory) => finding.theory(theory),
        None => finding,
    }
}

fn nobody(facts: &Facts<'_>) -> Option<String> {
    if facts.whole.rows == 0 {
        Some("the trace holds no finished candidates".into())
    } else if facts.whole.models == 0 {
        Some("no candidate ended well, so nothing was stored".into())
    } else {
        None
    }
}

/// A mean, or why there is none.
fn mean(facts: &Facts<'_>, of: Mean, why: &str) -> Value {
    of.mean().map(|mean| (mean, of.n)).ok_or_else(|| nobody(facts).unwrap_or_else(|| why.to_owned()))
}

fn bytes(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let whole = facts.whole;
    let unsized_ = || nobody(facts).unwrap_or_else(|| "the trace does not tell the bytes of models".into());
    let unshared: Value =
        if whole.sized > 0 { Ok((whole.whole as f64, whole.sized)) } else { Err(unsized_()) };
    let written = match nobody(facts) {
        Some(why) => Err(why),
        None => facts.written(),
    };
    let saved = match (&written, &unshared) {
        (Ok((written, stored)), Ok((unshared, sized))) if stored == sized && *unshared > 0.0 => {
            Ok((1.0 - written / unshared, *sized))
        }
        (Ok(_), Ok(_)) => {
            Err("some models' bytes are told, and what they stored is not, or the other way round".into())
        }
        (Err(why), _) | (_, Err(why)) => Err(why.clone()),
    };
    let text = "share of all models' bytes that sharing saves: 1 less written bytes by bytes of models";
    list.push(finding("saved-share", text, "", saved));
    let text = "bytes of all models that were stored, each counted whole";
    list.push(finding("unshared-bytes", text, "bytes", unshared));
    list.push(finding("written-bytes", "bytes that were written: each stored layer once", "bytes", written));

    let sum = facts.of.members_sum;
    let text = "bytes of the members' models, each counted whole, mean from a full population on (theory: population times \
                mean model)";
    let value = match facts.population() {
        None => Err(NO_POPULATION.to_owned()),
        Some(population) if population <= 0.0 => Err("the strategy selects nobody".into()),
        Some(_) => mean(
            facts,
            sum,
            if whole.sized > 0 {
                "the population was never full"
            } else {
                "the trace does not tell the bytes of models"
            },
        ),
    };
    let theory = facts.population().zip(facts.mean_model()).map(|(population, mean)| population * mean);
    list.push(beside(finding("members-unshared-bytes", text, "bytes", value), theory.filter(|_| sum.n > 0)));
}

fn inherited(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let why = "the trace does not tell what candidates took over";
    let whole = facts.whole;
    let text = "share of a model's bytes that it inherited, mean";
    list.push(finding("inherited-bytes-share", text, "", mean(facts, whole.bytes_share, why)));
    let text = "share of a model's layers that it inherited, mean";
    list.push(finding("inherited-layers-share", text, "", mean(facts, whole.layers_share, why)));
    let short = "the run has fewer than two full windows; choose a smaller `window`";
    let windows: [(&str, &str, Option<&Window>); 2] = match facts.of.windows.change() {
        Some([from, to]) => [("first", "first full", Some(from)), ("last", "last full", Some(to))],
        None => [("first", "first full", None), ("last", "last full", None)],
    };
    for (key, word, window) in windows {
        let value = match window {
            Some(window) => mean(facts, window.bytes_share, why),
            None => Err(nobody(facts).unwrap_or_else(|| short.into())),
        };
        let text = format!("share of a model's bytes that it inherited, mean over the {word} window");
        list.push(finding(&format!("inherited-bytes-share-{key}-window"), &text, "", value));
    }
    let value = if whole.missing_known > 0 {
        Ok((whole.missed as f64, whole.missing_known))
    } else {
        Err(nobody(facts).unwrap_or_else(|| "the trace does not tell what candidates missed".into()))
    };
    let text = "layers that the repository had deleted when they were to be taken over, so that they were trained again";
    list.push(finding("missed-layers", text, "layers", value));
}

fn rules(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let rows = facts.whole.rows;
    for (rule, name) in RULES.into_iter().enumerate() {
        let by_members = rule == 1 || rule == 2;
        let known = if by_members { facts.members() } else { facts.layers };
        let value = |of: fn(&crate::replay::Kept) -> f64| match known {
            Ok((replay, _)) => Ok((of(&replay.kept[rule]), rows)),
            Err(why) => Err(nobody(facts).unwrap_or_else(|| why.to_owned())),
        };
        let text = format!("most bytes live at any moment under the retention rule `{name}`");
        list.push(finding(&format!("peak-bytes-{name}"), &text, "bytes", value(|kept| kept.peak as f64)));
        let average = value(|kept| kept.sum as f64).map(|(sum, n)| (facts.per_slot(sum), n));
        let text = format!("bytes live under the retention rule `{name}`, mean over completions");
        list.push(finding(&format!("mean-bytes-{name}"), &text, "bytes", average));
        if rule > 0 {
            let missed = match known {
                Ok((replay, _)) => Ok((facts.missed(replay, rule).0, replay.reads)),
                Err(why) => Err(nobody(facts).unwrap_or_else(|| why.to_owned())),
            };
            let text = format!(
                "layers that were promised and that the retention rule `{name}` had deleted or would have"
            );
            list.push(finding(&format!("missed-layers-{name}"), &text, "layers", missed));
        }
    }
    let of_members = facts.of.members_bytes;
    let value = match facts.members() {
        Err(why) => Err(nobody(facts).unwrap_or_else(|| why.to_owned())),
        Ok(_) if of_members == 0 => Err("the population holds no bytes at the end".into()),
        Ok((replay, _)) => {
            Ok((1.0 - replay.kept[2].live as f64 / of_members as f64, facts.of.members.len() as u64))
        }
    };
    let text = "share of the members' bytes that sharing saves when the run ends";
    list.push(finding("saved-share-of-members", text, "", value));
}

/// What the waiting costs and saves; see `delays.rs`.
fn waiting(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let known = facts.members().map_err(|why| nobody(facts).unwrap_or_else(|| why.to_owned()));
    let rows = facts.whole.rows;
    let known = known.and_then(|known| {
        if facts.of.settings.population == Some(0) {
            Err("the strategy selects nobody".into())
        } else {
            Ok(known)
        }
    });
    let value = |of: &dyn Fn(&crate::replay::Replay) -> (f64, u64)| match &known {
        Ok((replay, _)) => Ok(of(replay)),
        Err(why) => Err(why.clone()),
    };
    let text = "least number of completions to wait before a model that left the population is retired, so that no layer is \
                gone when it is to be read that a member held when it was promised";
    let least = |late: Option<u32>| late.map_or(0.0, |late| f64::from(late) + 1.0);
    let wait = value(&|replay| (least(replay.delays.latest_read), replay.reads));
    list.push(finding("delay-for-reads", text, "completions", wait));
    let text = "least number of completions to wait so that no such layer is gone when the child finishes that points at it \
                (theory: a child's mean time in flight)";
    let longest = value(&|replay| (replay.delays.longest_gap.map_or(0.0, f64::from), replay.reads));
    let workers = facts.of.settings.workers as f64;
    // With candidates that wait for workers more of them are in flight.
    let little = (facts.of.settings.lookahead == Some(0)).then_some(workers);
    let gap = longest.as_ref().ok().map(|&(gap, _)| gap);
    let theory = little.filter(|_| gap.is_some());
    list.push(beside(finding("delay-for-references", text, "completions", longest), theory));

    let text = "bytes kept too long by the shortest of the listed delays that leaves no such child without a layer, mean \
                over completions";
    let safe = known.clone().and_then(|(replay, _)| {
        let longest = replay.delays.longest_gap.unwrap_or(0);
        let safe = WAITS.iter().position(|&wait| wait >= longest);
        let safe = safe
            .ok_or_else(|| "the delay that breaks nothing is longer than all that are listed".to_owned())?;
        let sum = if longest == 0 { 0.0 } else { replay.delays.by_delay[safe].sum as f64 };
        Ok((facts.per_slot(sum), rows))
    });
    list.push(finding("garbage-of-safe-delay", text, "bytes", safe));
    let text = "bytes that `reachable` keeps beyond `population`, mean over completions: what exact knowledge of promises costs";
    let promises = value(&|replay| {
        (facts.per_slot(replay.kept[1].sum as f64) - facts.per_slot(replay.kept[2].sum as f64), rows)
    });
    list.push(finding("promised-bytes", text, "bytes", promises));
    let text = "bytes kept too long for one completion waited, mean over completions (theory: what a candidate writes)";
    let slope = value(&|replay| (facts.per_slot(replay.delays.by_delay[0].sum as f64), rows));
    let theory = facts.written_each().filter(|_| slope.is_ok());
    list.push(beside(finding("garbage-per-completion", text, "bytes", slope), theory));

    let flight = match facts.layers {
        Err(why) => Err(nobody(facts).unwrap_or_else(|| why.to_owned())),
        Ok((_, table)) if !table.has_flights => {
            Err("no child with a donor that ended well tells when it was submitted".into())
        }
        Ok((_, table)) => mean(facts, table.flight, "no child ended well"),
    };
    let text = "completions from the submission of a child with a donor to its own, mean (theory: workers, by Little's law)";
    let theory = little.filter(|_| flight.is_ok());
    list.push(beside(finding("flight", text, "completions", flight), theory));
}

fn lifetimes(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let known = facts.members().map_err(|why| nobody(facts).unwrap_or_else(|| why.to_owned()));
    let few = "fewer than half of the stored layers were seen to be dropped";
    let median = known.clone().and_then(|(replay, _)| {
        let lives = &replay.completions;
        lives.quantile(Weight::Layers, 0.5).map(|median| (median, lives.n())).ok_or_else(|| few.to_owned())
    });
    let text = "lifetime of a stored layer, median: from the finish of its owner until no member has it in its map (theory: \
                of one that nobody inherits)";
    let theory = facts.population().filter(|_| median.is_ok());
    list.push(beside(finding("lifetime-median", text, "completions", median), theory));
    let seconds = known.clone().and_then(|(replay, table)| {
        if !table.has_times {
            return Err("the trace does not tell when candidates finished".into());
        }
        let lives = &replay.microseconds;
        let median = lives.quantile(Weight::Layers, 0.5);
        median.map(|median| (median / SECOND, lives.n())).ok_or_else(|| few.to_owned())
    });
    list.push(finding("lifetime-median-seconds", "lifetime of a stored layer, median", "s", seconds));
    let outlives = |weight| {
        known.clone().and_then(|(replay, _)| {
            let population = facts.of.settings.population.unwrap_or(0);
            let share = replay.completions.survival(weight, &[population])[0];
            share
                .map(|share| (share, replay.completions.n()))
                .ok_or_else(|| "the run is too short to tell who outlives the owner's membership".into())
        })
    };
    let text = "share of stored layers that live on when their owner has left the population";
    list.push(finding("outlives-owner", text, "", outlives(Weight::Layers)));
    let text = "share of written bytes that live on when their owner has left the population";
    list.push(finding("outlives-owner-bytes", text, "", outlives(Weight::Bytes)));
    let inherited = match facts.layers {
        Ok((replay, _)) if replay.written > 0 => {
            Ok((replay.inherited as f64 / replay.written as f64, replay.written))
        }
        Ok(_) => Err("no layer with weights was stored".into()),
        Err(why) => Err(nobody(facts).unwrap_or_else(|| why.to_owned())),
    };
    let text = "share of stored layers that were inherited at least once";
    list.push(finding("inherited-once", text, "", inherited));
}

fn owners(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let whole = facts.whole;
    let why = "the trace does not tell the owners of models";
    let text = "distinct owners of a stored model's layers, mean: requests to read it";
    list.push(finding("owners-mean", text, "owners", mean(facts, whole.owners, why)));
    let most = mean(facts, whole.owners, why).map(|(_, n)| (f64::from(facts.of.most_owners), n));
    list.push(finding("owners-most", "distinct owners of a stored model's layers, most", "owners", most));
    let why = "no candidate is known to have taken over layers with weights";
    let text = "distinct owners of what a child took over, mean: requests to read it";
    list.push(finding("prefix-owners-mean", text, "owners", mean(facts, whole.prefix_owners, why)));
}

fn times(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let Window { transfer, train, store, .. } = facts.whole;
    let why = "the trace does not tell how long reading inherited weights took";
    let seconds = |of: Mean, why: &str| mean(facts, of, why).map(|(mean, n)| (mean / SECOND, n));
    let text = "seconds of reading inherited weights, mean over models";
    list.push(finding("transfer-seconds", text, "s", seconds(transfer, why)));
    let no_training = "the trace does not tell how long training took";
    list.push(finding(
        "train-seconds",
        "seconds of training, mean over models",
        "s",
        seconds(train, no_training),
    ));
    let sum = transfer.sum + train.sum + store.sum;
    let share = if transfer.n == 0 {
        Err(nobody(facts).unwrap_or_else(|| why.to_owned()))
    } else if train.n == 0 {
        Err(no_training.to_owned())
    } else if sum <= 0.0 {
        Err("no candidate took any time".to_owned())
    } else {
        Ok((transfer.sum / sum, transfer.n))
    };
    let text = "share of the time of training, reading and writing that is spent reading inherited weights";
    list.push(finding("transfer-share", text, "", share));
}

fn oddities(facts: &Facts<'_>, list: &mut Vec<Finding>) {
    let Ok((replay, table)) = facts.layers else { return };
    let (rows, models) = (facts.whole.rows, facts.whole.models);
    let text = "candidates that took over layers and failed: what they were promised is not recorded, so `reachable` is too \
                low while they were in flight";
    list.push(Finding::new("unseen-promises", text, table.unseen as f64, "candidates", rows));
    let odd = replay.oddities;
    let text = "models without rows in the `layers` table";
    list.push(Finding::new("unmapped-models", text, odd.unmapped as f64, "models", models));
    let text = "rows of the `layers` table that contradict others: of unknown candidates, of layers that the donor does not \
                have, with another size";
    let rest = odd.strays + odd.unwritten + odd.resized;
    list.push(Finding::new("odd-layers", text, rest as f64, "rows", replay.rows));
    if table.unfollowed > 0 {
        let text = "candidates whose id is there twice or far beyond the number of rows: their layers are not followed";
        list.push(Finding::new("unfollowed-ids", text, table.unfollowed as f64, "candidates", rows));
    }
}
