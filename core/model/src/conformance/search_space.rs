//! What is demanded of a search space.

use super::coverage::covers;
use super::ledger::Ledger;
use super::spaces::{draw, sample};
use super::{Make, Rule, Verdicts, attempt, chain, fault_kind, is_panic, seed};
use crate::component::{Context, SearchSpace};
use crate::fault::FaultKind;
use crate::identity::identities;
use crate::rng::Rng;
use crate::space::{Choice, SpaceSpec};
use anyhow::{Result, ensure};
use std::collections::BTreeSet;

const CREATED: Rule = Rule::new("created", "it can be made with these options, twice, and without a space");
const SENSE: Rule = Rule::new(
    "the description makes sense",
    "at least one decision and level; 1 to 65,536 options each; names of decisions and levels that differ",
);
const CONSTANT: Rule =
    Rule::new("the description is constant", "two instances, and one before and after use, say the same");
const SAMPLES: Rule = Rule::new("samples", "neither an error nor a panic, whatever the generator");
const SAMPLES_RANGE: Rule = Rule::new("samples are in range", "each choice is one of its decision's options");
const SAMPLES_VALID: Rule = Rule::new("samples are valid", "a sampled vector is one that the space allows");
const SAMPLES_SAME: Rule = Rule::new("same seed, same vector", "a sample follows from the generator alone");
const COVERS: Rule = Rule::new(
    "samples cover all options",
    "sampling is uniform in each decision unless the space is constrained: chi-squared, one chance in a billion to be \
     refused wrongly",
);
const ALL_VALID: Rule = Rule::new(
    "unconstrained means all",
    "in a space that is not `constrained` every vector in range builds, for nobody asks whether it is valid",
);
const BUILDS: Rule =
    Rule::new("sampled vectors build", "a layer graph, not empty, at each of the levels that are named");
const SIZE: Rule =
    Rule::new("size is the graph's", "`size` says what the layers and tensors of `build` add up to");
const IDENTITY: Rule = Rule::new(
    "layers are the same again",
    "a vector builds the same layers, by identity, each time and in each instance; sharing weights rests on it",
);
const CLASS: Rule = Rule::new(
    "classes are the same again",
    "a vector has the same class each time, and none where the description names none",
);
const RENDER: Rule = Rule::new("what it renders it parses", "the notation leads back to the vector");
const BAD: Rule = Rule::new(
    "bad vectors are errors",
    "too short, too long, out of range, an unknown level, nonsense as notation: an error, never a panic",
);

pub(super) const RULES: &[Rule] = &[
    CREATED,
    SENSE,
    CONSTANT,
    SAMPLES,
    SAMPLES_RANGE,
    SAMPLES_VALID,
    SAMPLES_SAME,
    COVERS,
    ALL_VALID,
    BUILDS,
    SIZE,
    IDENTITY,
    CLASS,
    RENDER,
    BAD,
];

/// Vectors that are built.
const BUILT: u64 = 100;
/// Checks a search space.
pub fn search_space(make: Make<'_, dyn SearchSpace>) -> Verdicts {
    let mut ledger = Ledger::new(RULES);
    let first = create(&mut ledger, make, "the first time");
    let second = create(&mut ledger, make, "the second time");
    if let (Some(space), Some(twin)) = (first, second) {
        let before = space.spec().clone();
        if describes(&mut ledger, &before) {
            ledger.case(CONSTANT, before == *twin.spec(), || {
                "two instances describe themselves differently".into()
            });
            built(&mut ledger, space.as_ref(), twin.as_ref());
            unconstrained(&mut ledger, space.as_ref());
            covers(&mut ledger, COVERS, space.as_ref());
            bad(&mut ledger, space.as_ref());
            descendants(&mut ledger, space.as_ref());
            ledger.case(CONSTANT, before == *space.spec(), || {
                "it describes itself differently after use".into()
            });
        }
    }
    ledger.into_verdicts()
}

/// Makes one. A description that the host does not accept is why a space out of a library cannot be made, and no fault of
/// its options.
fn create(ledger: &mut Ledger, make: Make<'_, dyn SearchSpace>, when: &str) -> Option<Box<dyn SearchSpace>> {
    let space = attempt(|| make(&Context::bare()));
    let senseless = space.as_ref().is_err_and(|error| fault_kind(error) == FaultKind::Protocol);
    ledger.result(if senseless { SENSE } else { CREATED }, || when.to_owned(), space)
}

fn describes(ledger: &mut Ledger, spec: &SpaceSpec) -> bool {
    let checked = sense(spec);
    ledger.result(SENSE, || format!("space `{}`", spec.name), checked).is_some()
}

fn sense(spec: &SpaceSpec) -> Result<()> {
    spec.check()?;
    ensure!(!spec.name.is_empty(), "it has no name");
    let mut names = BTreeSet::new();
    for decision in &spec.decisions {
        ensure!(names.insert(&decision.name), "two decisions are called `{}`", decision.name);
    }
    let mut levels = BTreeSet::new();
    for level in &spec.levels {
        ensure!(levels.insert(level), "two levels are called `{level}`");
    }
    Ok(())
}

/// Samples, and whatever can be asked of a sampled vector.
fn built(ledger: &mut Ledger, space: &dyn SearchSpace, twin: &dyn SearchSpace) {
    let spec = space.spec();
    if spec.class.is_none() {
        ledger.skip(CLASS, "the description names no class");
    }
    for round in 0..BUILT {
        let seed = seed(1, round);
        let at = || format!("seed {seed}");
        let Some(choices) = ledger.call(SAMPLES, at, || sample(space, &mut Rng::from_seed(seed))) else {
            return;
        };
        for (who, other) in [("the same instance", space), ("another instance", twin)] {
            let again = attempt(|| sample(other, &mut Rng::from_seed(seed)));
            ledger.case(SAMPLES_SAME, again.as_ref().is_ok_and(|again| *again == choices), || {
                format!("seed {seed}: {choices:?}, and {again:?} of {who}")
            });
        }
        let fits = spec.check_ranges(&choices);
        if !ledger.case(SAMPLES_RANGE, fits.is_ok(), || format!("seed {seed}: {choices:?}: {fits:?}")) {
            continue;
        }
        let at = || format!("seed {seed}, vector {choices:?}");
        ledger.call(SAMPLES_VALID, at, || space.check(&choices));
        for level in &spec.levels {
            build(ledger, space, twin, &choices, level);
        }
        class(ledger, space, twin, &choices);
        ledger.call(RENDER, || format!("vector {choices:?}"), || render(space, &choices));
    }
}

fn build(
    ledger: &mut Ledger,
    space: &dyn SearchSpace,
    twin: &dyn SearchSpace,
    choices: &[Choice],
    level: &str,
) {
    let at = || format!("vector {choices:?} at level `{level}`");
    let graph = ledger.call(BUILDS, at, || {
        let graph = space.build(choices, level)?;
        ensure!(!graph.is_empty(), "the graph has no layers");
        Ok(graph)
    });
    let Some(graph) = graph else { return };
    ledger.call(SIZE, at, || {
        let (built, claimed) = (graph.size()?, space.size(choices, level)?);
        ensure!(built == claimed, "the graph has {built:?}, `size` says {claimed:?}");
        Ok(())
    });
    ledger.call(IDENTITY, at, || {
        let layers = identities(&graph);
        for (who, other) in [("the same instance", space), ("another instance", twin)] {
            let again = identities(&other.build(choices, level)?);
            let differs = layers.iter().zip(&again).position(|(a, b)| a != b);
            ensure!(
                layers == again,
                "built again by {who} it differs from layer {} on",
                differs.unwrap_or(layers.len().min(again.len()))
            );
        }
        Ok(())
    });
}

fn class(ledger: &mut Ledger, space: &dyn SearchSpace, twin: &dyn SearchSpace, choices: &[Choice]) {
    let ask = |space: &dyn SearchSpace| attempt(|| space.class(choices));
    let classes = [ask(space), ask(space), ask(twin)];
    if space.spec().class.is_none() && classes.iter().all(|class| matches!(class, Ok(None))) {
        return;
    }
    ledger.call(
        CLASS,
        || format!("vector {choices:?}"),
        || {
            let [first, again, other] = classes;
            let (first, again, other) = (first?, again?, other?);
            ensure!(
                first == again && first == other,
                "class {first:?}, then {again:?}, and {other:?} of another instance"
            );
            ensure!(space.spec().class.is_some(), "class {first:?}, but the description names no class");
            Ok(())
        },
    );
}

fn render(space: &dyn SearchSpace, choices: &[Choice]) -> Result<()> {
    let text = space.render(choices)?;
    let plain = choices.iter().map(Choice::to_string).collect::<Vec<_>>().join(",");
    // Plain vectors are read by the host.
    if text != plain {
        let parsed = space.parse(&text)?;
        ensure!(parsed == choices, "it renders as `{text}`, which parses as {parsed:?}");
    }
    Ok(())
}

fn unconstrained(ledger: &mut Ledger, space: &dyn SearchSpace) {
    let spec = space.spec();
    if spec.constrained {
        ledger.skip(ALL_VALID, "the space is constrained");
        return;
    }
    let mut rng = Rng::from_seed(7);
    let first = vec![0; spec.decisions.len()];
    let last = spec.decisions.iter().map(|d| Choice::try_from(d.options.len() - 1).unwrap_or(Choice::MAX));
    let corners = [first, last.collect()];
    let drawn = (0..BUILT).map(|_| draw(spec, &mut rng));
    for choices in corners.into_iter().chain(drawn) {
        ledger.call(
            ALL_VALID,
            || format!("vector {choices:?}"),
            || {
                space.check(&choices)?;
                spec.levels.iter().try_for_each(|level| space.build(&choices, level).map(|_| ()))
            },
        );
    }
}

fn bad(ledger: &mut Ledger, space: &dyn SearchSpace) {
    let spec = space.spec();
    let level = &spec.levels[0];
    let Ok(good) = attempt(|| sample(space, &mut Rng::from_seed(9))) else { return };
    let with = |change: &dyn Fn(&mut Vec<Choice>)| {
        let mut choices = good.clone();
        change(&mut choices);
        choices
    };
    let last = good.len() - 1;
    let vectors = [
        Vec::new(),
        with(&|choices| choices.truncate(last)),
        with(&|choices| choices.push(0)),
        with(&|choices| choices[0] = Choice::MAX),
        with(&|choices| choices[last] = Choice::MAX),
    ];
    for choices in vectors.iter().filter(|choices| spec.check_ranges(choices).is_err()) {
        let calls: [(&str, Result<bool>); 6] = [
            ("check", attempt(|| space.check(choices).map(|()| false))),
            ("build", attempt(|| space.build(choices, level).map(|_| true))),
            ("size", attempt(|| space.size(choices, level).map(|_| true))),
            ("class", attempt(|| space.class(choices).map(|_| false))),
            ("render", attempt(|| space.render(choices).map(|_| false))),
            ("another level's build", attempt(|| space.build(choices, "no such level").map(|_| true))),
        ];
        for (call, result) in calls {
            let holds = match &result {
                Ok(wrong) => !wrong,
                Err(error) => !is_panic(error),
            };
            ledger.case(BAD, holds, || match result {
                Ok(_) => format!("`{call}` takes the vector {choices:?}"),
                Err(error) => format!("`{call}` of the vector {choices:?}: {}", chain(&error)),
            });
        }
    }
    let unknown = attempt(|| space.build(&good, "no such level"));
    ledger.case(BAD, unknown.as_ref().is_err_and(|error| !is_panic(error)), || match unknown {
        Ok(_) => "`build` takes a level called `no such level`".into(),
        Err(error) => format!("`build` at a level called `no such level`: {}", chain(&error)),
    });
    for text in ["", " ", "nonsense", "1,2,", "|||~+", "\u{0}\u{fffd}", "99999999999999999999"] {
        let parsed = attempt(|| space.parse(text));
        let holds = parsed.as_ref().map_or_else(|error| !is_panic(error), |v| spec.check_ranges(v).is_ok());
        ledger.case(BAD, holds, || format!("`parse` of {text:?}: {parsed:?}"));
    }
}

/// Notes whether the decisions that claim most descendants keep fewest layers when they change. Layers belong to no
/// decision by name, and so a claim cannot be checked one by one; but if the order is upside down, somebody counted from
/// the wrong end.
fn descendants(ledger: &mut Ledger, space: &dyn SearchSpace) {
    let spec = space.spec();
    let changeable = |position: &usize| spec.decisions[*position].options.len() > 1;
    let positions: Vec<usize> = (0..spec.decisions.len()).filter(changeable).collect();
    let claim = |position: usize| spec.decisions[position].descendants;
    let (Some(least), Some(most)) =
        (positions.iter().map(|&p| claim(p)).min(), positions.iter().map(|&p| claim(p)).max())
    else {
        return;
    };
    if least == most {
        ledger.note(
            "all decisions claim the same number of descendants, so `generation-weighted` is even over them",
        );
        return;
    }
    let kept = |wanted: u32| -> Result<f64> {
        let (mut kept, mut all) = (0_usize, 0_usize);
        for &position in positions.iter().filter(|&&position| claim(position) == wanted).take(8) {
            for round in 0..8 {
                let mut rng = Rng::from_seed(seed(10, round));
                let before = sample(space, &mut rng)?;
                let mut after = before.clone();
                let options = spec.decisions[position].options.len();
                let step = 1 + rng.index(options - 1);
                after[position] = Choice::try_from((usize::from(before[position]) + step) % options)?;
                if space.check(&after).is_err() {
                    continue;
                }
                let layers = |choices: &[Choice]| -> Result<BTreeSet<_>> {
                    Ok(identities(&space.build(choices, &spec.levels[0])?).into_iter().collect())
                };
                let (before, after) = (layers(&before)?, layers(&after)?);
                kept += before.intersection(&after).count();
                all += before.len();
            }
        }
        Ok(kept as f64 / all.max(1) as f64 * 100.0)
    };
    if let Ok((top, bottom)) = attempt(|| Ok((kept(most)?, kept(least)?))) {
        let order = if top > bottom {
            "; that is the wrong way round: are descendants counted from the other end?"
        } else {
            ""
        };
        ledger.note(format!(
            "changing a decision that claims {most} descendants keeps {top:.0} % of the layers, one that claims {least} \
             keeps {bottom:.0} %{order}"
        ));
    }
}
