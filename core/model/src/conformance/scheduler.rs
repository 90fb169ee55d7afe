//! What is demanded of a scheduler: it is led through clusters in small, twice.

use super::ledger::Ledger;
use super::spaces::PlainSpace;
use super::{Make, Rule, Verdicts, attempt, chain};
use crate::component::{Context, SearchSpace as _};
use crate::rng::Rng;
use crate::scheduler::{Assignment, Idle, Placement, Ready, Scheduler, Situation};
use crate::space::ModelSize;

const CREATED: Rule = Rule::new("created", "it can be made with these options");
const ANSWERS: Rule = Rule::new("answers", "neither an error nor a panic, whoever waits and idles");
const RANGE: Rule = Rule::new(
    "positions are in range",
    "it names candidates and workers that stand in the lists it was handed",
);
const ONCE: Rule = Rule::new("each at most once", "no candidate and no worker is named twice in one answer");
const STALLS: Rule = Rule::new(
    "never stalls",
    "with nothing running it places somebody, or asks to be asked again later; else the run would hang",
);
const ENDS: Rule =
    Rule::new("everybody gets a turn", "each candidate is placed in the end, those that come back too");
const SAME: Rule = Rule::new(
    "same situation, same answer",
    "two instances that see the same answer the same; a resumed run rests on it",
);
const CONSTANT: Rule = Rule::new("wants the same", "whether it wants to know of caches does not change");

pub(super) const RULES: &[Rule] = &[CREATED, ANSWERS, RANGE, ONCE, STALLS, ENDS, SAME, CONSTANT];

/// A cluster and what waits for it.
#[derive(Debug, Clone, Copy)]
struct Scenario {
    name: &'static str,
    workers: u32,
    nodes: u32,
    /// Candidates that wait beyond the idle workers.
    lookahead: usize,
    candidates: u64,
    /// Whether nodes have caches, so that a scheduler that wants to is told what they hold.
    caches: bool,
    /// Whether attempts are lost and candidates come back.
    losses: bool,
    /// Whether all workers finish at the same moment.
    waves: bool,
}

const PLAIN: Scenario = Scenario {
    name: "one worker",
    workers: 1,
    nodes: 1,
    lookahead: 0,
    candidates: 40,
    caches: false,
    losses: false,
    waves: false,
};

const SCENARIOS: [Scenario; 8] = [
    PLAIN,
    Scenario { name: "one worker, 8 waiting", lookahead: 8, ..PLAIN },
    Scenario { name: "16 workers on 4 nodes", workers: 16, nodes: 4, candidates: 300, ..PLAIN },
    Scenario { name: "more workers than candidates", workers: 32, nodes: 8, candidates: 5, ..PLAIN },
    Scenario {
        name: "16 workers, 16 waiting",
        workers: 16,
        nodes: 4,
        lookahead: 16,
        candidates: 300,
        ..PLAIN
    },
    Scenario {
        name: "waves with caches",
        workers: 8,
        nodes: 4,
        lookahead: 8,
        candidates: 200,
        caches: true,
        waves: true,
        ..PLAIN
    },
    Scenario {
        name: "caches, 24 waiting",
        workers: 8,
        nodes: 8,
        lookahead: 24,
        candidates: 300,
        caches: true,
        ..PLAIN
    },
    Scenario {
        name: "losses and caches",
        workers: 8,
        nodes: 2,
        lookahead: 4,
        candidates: 200,
        caches: true,
        losses: true,
        ..PLAIN
    },
];

/// Answers at most in which nobody is placed, one after the other: a scheduler that lets everybody wait for ever must not
/// make the check hang. It is much more than anybody needs who names the moment that he waits for.
const MOST_EMPTY: u32 = 10_000;

/// Checks a scheduler.
pub fn scheduler(make: Make<'_, dyn Scheduler>) -> Verdicts {
    let mut ledger = Ledger::new(RULES);
    let space = PlainSpace::of(&[5; 6]).spec().clone();
    let mut waits = 0_u64;
    for scenario in SCENARIOS {
        let context =
            Context { workers: scenario.workers, nodes: scenario.nodes, ..Context::for_space(space.clone()) };
        let at = || format!("for {}", scenario.name);
        let Some(mut scheduler) = ledger.call(CREATED, at, || make(&context)) else { break };
        let Some(mut twin) = ledger.call(CREATED, at, || make(&context)) else { break };
        let caches = scheduler.wants_cached();
        let answers = Cluster::new(&scenario, caches).run(scheduler.as_mut(), &mut ledger);
        waits += answers.iter().filter(|answer| answer.waited).count() as u64;
        // What broke a rule stands there; the twin is only compared.
        let again = Cluster::new(&scenario, caches).run(twin.as_mut(), &mut Ledger::new(RULES));
        let differs = answers.iter().zip(&again).position(|(a, b)| a != b);
        ledger.case(SAME, answers == again, || {
            let at = differs.unwrap_or(answers.len().min(again.len()));
            format!(
                "{}, answer {at}: {:?}, and {:?} of another instance",
                scenario.name,
                answers.get(at),
                again.get(at)
            )
        });
        ledger.case(CONSTANT, caches == scheduler.wants_cached(), || {
            format!("in {} it changes its mind", scenario.name)
        });
        if scenario.name == PLAIN.name {
            let note = if caches { "it looks at caches" } else { "it does not look at caches" };
            ledger.note(note);
        }
    }
    if waits > 0 {
        ledger.note(format!("it left both a candidate and a worker waiting {waits} times"));
    }
    ledger.into_verdicts()
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    assignments: Vec<Assignment>,
    wake_us: Option<u64>,
    waited: bool,
}

/// A candidate on a worker.
struct Running {
    until_us: u64,
    ready: Ready,
    idle: Idle,
    lost: bool,
}

struct Cluster<'a> {
    scenario: &'a Scenario,
    wants: bool,
    now_us: u64,
    submitted: u64,
    placed: u64,
    ready: Vec<Ready>,
    idle: Vec<Idle>,
    running: Vec<Running>,
    cached: Vec<u64>,
    anywhere: Vec<u64>,
    rng: Rng,
}

impl<'a> Cluster<'a> {
    fn new(scenario: &'a Scenario, wants: bool) -> Self {
        let per_node = (scenario.workers / scenario.nodes).max(1);
        let idle = (0..scenario.workers).map(|worker| Idle {
            worker,
            node: worker / per_node,
            since_us: 0,
            speed: 1.0 + f64::from(worker / per_node) / 8.0,
        });
        Self {
            scenario,
            wants,
            now_us: 0,
            submitted: 0,
            placed: 0,
            ready: Vec::new(),
            idle: idle.collect(),
            running: Vec::new(),
            cached: Vec::new(),
            anywhere: Vec::new(),
            rng: Rng::from_seed(u64::from(scenario.workers)),
        }
    }

    /// Runs to the end, or to the first answer that the engine would refuse.
    fn run(mut self, scheduler: &mut dyn Scheduler, ledger: &mut Ledger) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut empty = 0;
        while empty < MOST_EMPTY {
            self.submit();
            let mut wake = None;
            if !self.ready.is_empty() && !self.idle.is_empty() {
                let Some(answer) = self.ask(scheduler, ledger) else { return answers };
                empty = if answer.assignments.is_empty() { empty + 1 } else { 0 };
                wake = answer.wake_us.filter(|&wake_us| wake_us > self.now_us);
                answers.push(answer);
            }
            let next = self.running.iter().map(|running| running.until_us).min();
            let Some(next) = [next, wake].into_iter().flatten().min() else {
                let over = self.ready.is_empty() && self.submitted == self.scenario.candidates;
                ledger.case(STALLS, over, || {
                    self.here("all workers idle, nobody is placed, and it asks for no later moment")
                });
                if over {
                    ledger.case(ENDS, true, String::new);
                }
                return answers;
            };
            ledger.case(STALLS, true, String::new);
            self.advance(next);
        }
        ledger
            .case(ENDS, false, || self.here(&format!("nobody was placed in {MOST_EMPTY} answers in a row")));
        answers
    }

    fn here(&self, text: &str) -> String {
        let (ready, idle) = (self.ready.len(), self.idle.len());
        format!("{}, at {} us with {ready} ready and {idle} idle: {text}", self.scenario.name, self.now_us)
    }

    fn submit(&mut self) {
        while self.ready.len() < self.idle.len() + self.scenario.lookahead
            && self.submitted < self.scenario.candidates
        {
            let candidate = self.submitted;
            // Half of the candidates have a donor among the last twenty, and take over part of it.
            let donor = (candidate > 0 && self.rng.chance(0.5))
                .then(|| candidate - 1 - self.rng.below(candidate.min(20)));
            let layers = 2 + self.rng.below(20);
            let size = ModelSize { layers, parameters: layers * 1_000, bytes: layers * 4_000 };
            let kept = if donor.is_some() { self.rng.below(layers) } else { 0 };
            let prefix = ModelSize { layers: kept, parameters: kept * 1_000, bytes: kept * 4_000 };
            self.ready.push(Ready { candidate, donor, size, prefix, submitted_us: self.now_us });
            self.submitted += 1;
        }
    }

    fn look_at_caches(&mut self) {
        self.cached.clear();
        self.anywhere.clear();
        if !self.wants || !self.scenario.caches {
            return;
        }
        for ready in &self.ready {
            // A node holds what its number and the donor's say: the same whoever asks.
            let held = |node: u32| {
                let share = ready.donor.map_or(0, |donor| (donor * 7 + u64::from(node) * 3) % 4);
                ready.prefix.bytes * share / 3
            };
            self.cached.extend(self.idle.iter().map(|idle| held(idle.node).min(ready.prefix.bytes)));
            let most = (0..self.scenario.nodes).map(held).max().unwrap_or_default();
            self.anywhere.push(most.min(ready.prefix.bytes));
        }
    }

    fn ask(&mut self, scheduler: &mut dyn Scheduler, ledger: &mut Ledger) -> Option<Answer> {
        self.look_at_caches();
        let mut out = Placement::default();
        let situation = Situation {
            now_us: self.now_us,
            ready: &self.ready,
            idle: &self.idle,
            cached: &self.cached,
            cached_anywhere: &self.anywhere,
        };
        let asked = attempt(|| scheduler.assign(&situation, &mut out));
        let error = asked.as_ref().err().map(chain).unwrap_or_default();
        if !ledger.case(ANSWERS, asked.is_ok(), || self.here(&error)) {
            return None;
        }
        let (ready, idle) = (self.ready.len(), self.idle.len());
        let mut taken = (vec![false; ready], vec![false; idle]);
        for assignment in &out.assignments {
            let (r, i) = (assignment.ready as usize, assignment.idle as usize);
            if !ledger.case(RANGE, r < ready && i < idle, || self.here(&format!("{assignment:?}"))) {
                return None;
            }
            let twice = taken.0[r] || taken.1[i];
            if !ledger.case(ONCE, !twice, || {
                self.here(&format!("{assignment:?} names again whom {:?} names", out.assignments))
            }) {
                return None;
            }
            (taken.0[r], taken.1[i]) = (true, true);
        }
        let placed = out.assignments.len();
        for assignment in &out.assignments {
            self.start(assignment.ready as usize, assignment.idle as usize);
        }
        retain(&mut self.ready, &taken.0);
        retain(&mut self.idle, &taken.1);
        Some(Answer { assignments: out.assignments, wake_us: out.wake_us, waited: placed < ready.min(idle) })
    }

    fn start(&mut self, ready: usize, idle: usize) {
        let (ready, idle) = (self.ready[ready], self.idle[idle]);
        let takes =
            if self.scenario.waves { 1_000 } else { 200 + (ready.candidate * 97 + ready.size.bytes) % 1_900 };
        self.placed += 1;
        let lost = self.scenario.losses && self.placed.is_multiple_of(5);
        self.running.push(Running { until_us: self.now_us + takes, ready, idle, lost });
    }

    fn advance(&mut self, to_us: u64) {
        self.now_us = to_us;
        let (over, running) =
            std::mem::take(&mut self.running).into_iter().partition(|r: &Running| r.until_us <= to_us);
        self.running = running;
        let over: Vec<Running> = over;
        for Running { ready, idle, lost, .. } in over {
            self.idle.push(Idle { since_us: to_us, ..idle });
            if lost {
                self.ready.push(ready);
            }
        }
        self.idle.sort_by_key(|idle| idle.worker);
        self.ready.sort_by_key(|ready| ready.candidate);
    }
}

fn retain<T>(list: &mut Vec<T>, taken: &[bool]) {
    let mut position = 0;
    list.retain(|_| {
        position += 1;
        !taken[position - 1]
    });
}
