//! Made-up histories of a search: who was evaluated, with what score, and who is asked for.

use std::collections::VecDeque;

use lamarck_model::{LayerIdentity, Rng};

use super::spaces::Space;

const POPULATION: usize = 50;
const SAMPLE: usize = 5;

/// What the candidates' scores are made of, and so how alike they become.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pressure {
    /// Every vector is random.
    None,
    /// Aging evolution with scores that say nothing about the vector: lineages take over and are lost by chance.
    Neutral,
    /// Aging evolution towards the best vector of a smooth function, with noise. After the takeover most candidates
    /// are a few decisions from that vector.
    Smooth,
}

pub(super) struct Candidate {
    pub(super) choices: Vec<u16>,
    pub(super) score: f64,
}

fn random(space: &Space, rng: &mut Rng) -> Vec<u16> {
    space.options.iter().map(|&options| below(rng, options)).collect()
}

fn below(rng: &mut Rng, options: u16) -> u16 {
    u16::try_from(rng.below(options.into())).unwrap_or(0)
}

/// One decision changed to another option.
fn mutate(space: &Space, choices: &mut [u16], rng: &mut Rng) {
    let at = rng.index(choices.len());
    let options = space.options[at];
    choices[at] = (choices[at] + 1 + below(rng, options - 1)) % options;
}

fn score(space: &Space, pressure: Pressure, choices: &[u16], rng: &mut Rng) -> f64 {
    let noise = rng.uniform();
    match pressure {
        Pressure::None | Pressure::Neutral => noise,
        Pressure::Smooth => {
            let distance = choices.iter().zip(&space.options).enumerate().map(|(at, (&choice, &options))| {
                let best = 0.2 + 0.6 * (at as f64 * 0.618).fract();
                (f64::from(choice) / f64::from(options - 1) - best).powi(2)
            });
            0.02 * noise - distance.sum::<f64>()
        }
    }
}

fn winner<'a>(members: &'a [Candidate], rng: &mut Rng) -> &'a Candidate {
    let draw = |_| &members[rng.index(members.len())];
    (0..SAMPLE).map(draw).max_by(|a, b| a.score.total_cmp(&b.score)).unwrap()
}

/// All candidates that were ever evaluated, in their order.
pub(super) fn history(space: &Space, pressure: Pressure, candidates: usize, rng: &mut Rng) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::with_capacity(candidates);
    for n in 0..candidates {
        let choices = if n < POPULATION || matches!(pressure, Pressure::None) {
            random(space, rng)
        } else {
            let mut choices = winner(&all[n - POPULATION..], rng).choices.clone();
            mutate(space, &mut choices, rng);
            choices
        };
        let score = score(space, pressure, &choices, rng);
        all.push(Candidate { choices, score });
    }
    all
}

/// Children as the search would ask for them, their parents from all over the second half of the history.
pub(super) fn children(
    space: &Space,
    all: &[Candidate],
    count: usize,
    rng: &mut Rng,
) -> VecDeque<Vec<LayerIdentity>> {
    let mut child = |_| {
        let end = (all.len() / 2 + rng.index(all.len() / 2 + 1)).max(POPULATION).min(all.len());
        let mut choices = winner(&all[end.saturating_sub(POPULATION)..end], rng).choices.clone();
        mutate(space, &mut choices, rng);
        (space.layers)(&choices)
    };
    (0..count).map(&mut child).collect()
}
