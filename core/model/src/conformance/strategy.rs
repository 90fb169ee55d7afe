//! What is demanded of a strategy.

use super::ledger::Ledger;
use super::run::{Breach, Fate, Scenario, drive};
use super::{Make, Rule, Verdicts, seed};
use crate::candidate::Status;
use crate::component::{Context, SearchSpace, Strategy};
use crate::rng::Rng;
use crate::space::Choice;

const CREATED: Rule = Rule::new("created", "it can be made with these options in the space of a study");
const STARTS: Rule = Rule::new(
    "starts",
    "it proposes something while nothing runs and nothing has finished; to wait there ends a run of no candidates",
);
pub(super) const ANSWERS: Rule = Rule::new("answers", "neither an error nor a panic when asked or told");
pub(super) const SELECTS: Rule =
    Rule::new("selects what it may", "a parent was told of and not released; released ones are forgotten");
pub(super) const RANKS: Rule =
    Rule::new("ranks make sense", "a rank is from 1 to the number of candidates that can be selected");
pub(super) const EXACT: Rule =
    Rule::new("exact vectors are valid", "a vector that it names itself is one of the space");
pub(super) const RELEASES: Rule =
    Rule::new("releases once", "it releases only what it was told of, and each candidate once");
pub(super) const SCREENS: Rule = Rule::new(
    "screening lets something through",
    "a strategy that screens does not refuse 100,000 vectors in a row, which ends a run",
);
const SAME: Rule = Rule::new(
    "same seeds, same answers",
    "two instances that are asked and told the same answer the same; a resumed run rests on it",
);
const FAILURES: Rule =
    Rule::new("survives failures", "candidates that fail, are missing or lost, and even if all of them are");
const TIES: Rule = Rule::new(
    "survives ties",
    "equal scores, scores as large as numbers get, and the same vector again and again",
);
const ORDER: Rule = Rule::new(
    "survives any order",
    "1, 4 or 32 candidates in flight, finishing in order, in reverse or at random",
);
const CONSTANT: Rule =
    Rule::new("the description is constant", "before use and after it says the same of itself");

pub(super) const RULES: &[Rule] = &[
    CREATED, STARTS, ANSWERS, SELECTS, RANKS, EXACT, RELEASES, SCREENS, SAME, FAILURES, TIES, ORDER, CONSTANT,
];

/// How a strategy is tried.
pub struct StrategyPlan<'a> {
    /// Candidates of each trial; more than its random phase has.
    pub candidates: u64,
    /// Scores a vector.
    pub score: &'a dyn Fn(&[Choice]) -> f64,
}

impl std::fmt::Debug for StrategyPlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StrategyPlan").field("candidates", &self.candidates).finish_non_exhaustive()
    }
}

/// Some fail, each in its own way.
fn some_fail(id: u64) -> Fate {
    match id % 7 {
        3 => Fate::Ends(Status::Failed),
        5 => Fate::Ends(Status::Missing),
        6 if id.is_multiple_of(2) => Fate::Ends(Status::Lost),
        _ => Fate::Scores,
    }
}

const fn scenarios() -> [(Rule, Scenario); 10] {
    const PLAIN: Scenario = Scenario {
        name: "one after the other",
        workers: 1,
        order: super::run::Order::First,
        fate: |_| Fate::Scores,
    };
    use super::run::Order::{Any, First, Last};
    [
        (ANSWERS, PLAIN),
        (ORDER, Scenario { name: "4 in flight, in order", workers: 4, order: First, ..PLAIN }),
        (ORDER, Scenario { name: "4 in flight, latest first", workers: 4, order: Last, ..PLAIN }),
        (ORDER, Scenario { name: "32 in flight, in any order", workers: 32, order: Any, ..PLAIN }),
        (FAILURES, Scenario { name: "some fail, 4 in flight", workers: 4, order: Any, fate: some_fail }),
        (FAILURES, Scenario { name: "all fail", fate: |_| Fate::Ends(Status::Failed), ..PLAIN }),
        (
            FAILURES,
            Scenario {
                name: "all fail but the last few",
                fate: |id| if id < 150 { Fate::Ends(Status::Failed) } else { Fate::Scores },
                ..PLAIN
            },
        ),
        (TIES, Scenario { name: "all score 0.5", workers: 4, order: Any, fate: |_| Fate::Fixed(0.5) }),
        (
            TIES,
            Scenario {
                name: "scores of 1e308 and -1e308",
                fate: |id| Fate::Fixed(if id % 3 == 0 { -1e308 } else { 1e308 }),
                ..PLAIN
            },
        ),
        (TIES, Scenario { name: "always the same vector", fate: |_| Fate::SameVector, ..PLAIN }),
    ]
}

/// Checks a strategy in these spaces.
pub fn strategy(
    make: Make<'_, dyn Strategy>,
    spaces: &[&dyn SearchSpace],
    plan: &StrategyPlan<'_>,
) -> Verdicts {
    let mut ledger = Ledger::new(RULES);
    for space in spaces {
        in_space(&mut ledger, make, *space, plan);
    }
    ledger.into_verdicts()
}

fn in_space(
    ledger: &mut Ledger,
    make: Make<'_, dyn Strategy>,
    space: &dyn SearchSpace,
    plan: &StrategyPlan<'_>,
) {
    let name = &space.spec().name;
    let mut told = false;
    for (number, (rule, scenario)) in (0_u64..).zip(scenarios()) {
        let context =
            Context { workers: scenario.workers, nodes: 1, ..Context::for_space(space.spec().clone()) };
        let at = || format!("in `{name}`");
        let Some(mut strategy) = ledger.call(CREATED, at, || make(&context)) else { return };
        let Some(mut twin) = ledger.call(CREATED, at, || make(&context)) else { return };
        let before = strategy.spec();
        if !before.screens {
            ledger.skip(SCREENS, "it does not screen");
        }
        let seed = seed(1, number);
        let here = |text: &str| format!("in `{name}`, {}, seed {seed}: {text}", scenario.name);
        let rng = || Rng::from_seed(seed);
        let run = drive(strategy.as_mut(), space, &scenario, plan, rng());
        for (rule, cases) in run.tried {
            for _ in 0..cases {
                ledger.case(rule, true, String::new);
            }
        }
        ledger.case(STARTS, run.submitted > 0 || run.breach.is_some(), || {
            here("asked for the first candidate it waits")
        });
        let breach_rule = |breach: &Breach| if breach.rule == ANSWERS { rule } else { breach.rule };
        match &run.breach {
            Some(breach) => {
                ledger.case(breach_rule(breach), false, || here(&breach.reason));
            }
            None => {
                ledger.case(rule, true, String::new);
            }
        }
        // Asking 100,000 times takes a while, and would in all circumstances.
        if run.breach.as_ref().is_some_and(|breach| breach.rule == SCREENS) {
            return;
        }
        let again = drive(twin.as_mut(), space, &scenario, plan, rng());
        let differs = run.answers.iter().zip(&again.answers).position(|(a, b)| a != b);
        ledger.case(SAME, run.answers == again.answers, || {
            let at = differs.unwrap_or(run.answers.len().min(again.answers.len()));
            let of = |answers: &[String]| answers.get(at).cloned().unwrap_or_else(|| "nothing".into());
            here(&format!(
                "answer {at} is {} and, of another instance, {}",
                of(&run.answers),
                of(&again.answers)
            ))
        });
        ledger.case(CONSTANT, before == strategy.spec() && before == twin.spec(), || {
            here(&format!("it said {before:?}, and now {:?}", strategy.spec()))
        });
        if !told && run.breach.is_none() {
            told = true;
            ledger.note(run.kinds.sentence(name, run.submitted));
            if run.submitted < plan.candidates {
                ledger.note(format!("in `{name}` it ends the run after {} candidates", run.submitted));
            }
        }
    }
    if !ledger.is_broken() {
        for rule in [EXACT, RANKS, SELECTS] {
            ledger.skip(
                rule,
                match rule {
                    EXACT => "it names no vector itself",
                    RANKS => "it tells no ranks",
                    _ => "it selects nobody",
                },
            );
        }
        ledger.skip(RELEASES, "it releases nobody");
    }
}
