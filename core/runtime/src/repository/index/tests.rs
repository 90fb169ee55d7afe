use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use lamarck_model::identity::identities;
use lamarck_model::{Layer, LayerGraph};

/// The index beside the plainest store there is.
#[derive(Default)]
struct Both {
    index: MatchIndex,
    stored: BTreeMap<CandidateId, (f64, Vec<LayerIdentity>)>,
}

impl Both {
    fn insert(&mut self, model: CandidateId, score: f64, layers: &[LayerIdentity]) {
        let mut sorted = layers.to_vec();
        sorted.sort_unstable();
        let new = self.stored.insert(model, (score, sorted)).is_none();
        assert_eq!(self.index.insert(model, score, layers), new);
    }

    fn remove(&mut self, model: CandidateId) {
        assert_eq!(self.index.remove(model), self.stored.remove(&model).is_some());
    }

    fn query(&self, layers: &[LayerIdentity]) -> Option<Match> {
        let mut sorted = layers.to_vec();
        sorted.sort_unstable();
        let expected =
            scan(self.stored.iter().map(|(&model, (score, layers))| (model, *score, &layers[..])), &sorted);
        assert_eq!(self.index.best(layers), expected);
        expected
    }

    fn check(&self) {
        assert_eq!(self.index.len(), self.stored.len());
        let mut layers: Vec<_> = self.stored.values().flat_map(|(_, layers)| layers).collect();
        layers.sort_unstable();
        layers.dedup();
        assert_eq!(self.index.layers(), layers.len());
        self.index.check();
    }
}

impl MatchIndex {
    /// Everything that the parts say about each other.
    fn check(&self) {
        let mut held = 0;
        for (&id, member) in &self.models {
            let group = &self.groups[member.group];
            assert_eq!(member.rank.model, id);
            assert!(group.best == member.rank || group.others.contains(&member.rank));
        }
        for &block in self.blocks.sequence() {
            assert!((1..=BLOCK).contains(&self.blocks.len(block)));
            let groups = self.blocks.groups(block, 0);
            held += groups.len();
            assert!(groups.windows(2).all(|pair| self.groups[pair[0]].best < self.groups[pair[1]].best));
            for number in groups {
                let group = &self.groups[number];
                assert_eq!(group.spot.block, block);
                assert_eq!(self.blocks.group(group.spot), number);
                assert!(group.others.first().is_none_or(|&next| group.best < next));
            }
        }
        let first = |&block| self.blocks.first_rank(block);
        assert!(self.blocks.sequence().is_sorted_by_key(first));
        assert_eq!(held, self.groups.len());
        let members: usize = self
            .blocks
            .sequence()
            .iter()
            .flat_map(|&block| self.blocks.groups(block, 0))
            .map(|g| 1 + self.groups[g].others.len())
            .sum();
        assert_eq!(members, self.models.len());
    }
}

const SCORES: [f64; 8] = [0.5, 0.5, 0.25, -0.0, 0.0, f64::NAN, f64::INFINITY, -1.0];

/// A model as `towers` chains of layers over one input, a join and a trunk: the shape of the CANDLE spaces, small.
fn towers(choices: &[u8]) -> Vec<LayerIdentity> {
    let mut graph = LayerGraph::new();
    let mut add = |class: &str, choice: u8, inputs: &[_]| {
        graph.add(Layer::new("", class, choice.to_string()), inputs).unwrap()
    };
    let input = add("Input", 0, &[]);
    let ends: Vec<_> = choices
        .chunks(2)
        .take(3)
        // Choice 0 adds no layer, so that equal layers and layers with the same input twice occur.
        .map(|tower| tower.iter().filter(|&&c| c > 0).fold(input, |last, &c| add("Dense", c, &[last])))
        .collect();
    let mut last = add("Join", 0, &ends);
    for &choice in choices.iter().skip(6) {
        last = add("Dense", choice, &[last]);
    }
    identities(&graph)
}

#[derive(Debug, Clone)]
enum Step<L> {
    Insert(CandidateId, usize, L),
    Remove(CandidateId),
    RemoveBest(L),
    Query(L),
}

fn steps<L: std::fmt::Debug + Clone>(
    layers: impl Strategy<Value = L> + Clone,
    models: CandidateId,
) -> impl Strategy<Value = Vec<Step<L>>> {
    let step = prop_oneof![
        6 => (0..models, 0..SCORES.len(), layers.clone()).prop_map(|(m, s, l)| Step::Insert(m, s, l)),
        1 => (0..models).prop_map(Step::Remove),
        1 => layers.clone().prop_map(Step::RemoveBest),
        3 => layers.prop_map(Step::Query),
    ];
    prop::collection::vec(step, 0..700)
}

fn replay<L: Clone>(steps: &[Step<L>], layers: impl Fn(&L) -> Vec<LayerIdentity>) {
    let mut both = Both::default();
    for step in steps {
        match step {
            Step::Insert(model, score, l) => both.insert(*model, SCORES[*score], &layers(l)),
            Step::Remove(model) => both.remove(*model),
            Step::RemoveBest(l) => {
                if let Some(best) = both.query(&layers(l)) {
                    both.remove(best.model);
                }
            }
            Step::Query(l) => drop(both.query(&layers(l))),
        }
    }
    both.check();
    let models: Vec<_> = both.stored.keys().copied().collect();
    for (n, model) in models.into_iter().enumerate() {
        both.remove(model);
        if n % 16 == 0 {
            both.check();
        }
    }
    both.check();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn like_scanning_on_layers_with_ancestors(steps in steps(prop::collection::vec(0_u8..3, 8), 500)) {
        replay(&steps, |choices| towers(choices));
    }

    #[test]
    fn like_scanning_on_any_sets(steps in steps(prop::collection::btree_set(0_u128..24, 0..14), 500)) {
        replay(&steps, |set| set.iter().map(|&number| LayerIdentity(number)).collect());
    }

    /// Long lists that have nothing in common, and scores against the order of the counts: the last step's case.
    #[test]
    fn like_scanning_where_no_model_is_in_all_lists(
        sets in prop::collection::vec((0_u128..6, prop::collection::btree_set(10_u128..22, 0..9), 0..SCORES.len()), 100..500),
    ) {
        let mut both = Both::default();
        for (id, (first, rest, score)) in (0..).zip(&sets) {
            let mut layers: Vec<_> = rest.iter().map(|&number| LayerIdentity(number)).collect();
            layers.push(LayerIdentity(*first));
            both.insert(id, SCORES[*score], &layers);
        }
        both.check();
        for (_, rest, _) in sets.iter().take(40) {
            let layers: Vec<_> = (0..6).chain(rest.iter().copied()).map(LayerIdentity).collect();
            both.query(&layers);
        }
    }
}

#[test]
fn published_example() {
    // m1 = 0-1, 1-2 and m2 = 0-3, 3-2; a layer's identity covers its inputs.
    let chain = |labels: [&str; 3]| {
        let mut graph = LayerGraph::new();
        let mut last = None;
        for label in labels {
            last = Some(graph.add(Layer::new(label, label, "{}"), last.as_slice()).unwrap());
        }
        identities(&graph)
    };
    let mut index = MatchIndex::new();
    index.insert(1, 0.9, &chain(["0", "1", "2"]));
    index.insert(2, 0.1, &chain(["0", "3", "2"]));
    assert_eq!(index.best(&chain(["0", "3", "1"])), Some(Match { model: 2, shared: 2 }));
}

#[test]
fn a_known_model_is_replaced() {
    let (a, b) = (LayerIdentity(1), LayerIdentity(2));
    let mut index = MatchIndex::new();
    assert!(index.insert(7, 1.0, &[a]));
    assert!(!index.insert(7, 2.0, &[b, b]));
    assert_eq!((index.len(), index.layers(), index.best(&[a])), (1, 1, None));
    assert_eq!(index.best(&[b, a, b]), Some(Match { model: 7, shared: 1 }));
    assert!(index.insert(8, 1.0, &[b]) && index.remove(7) && index.remove(8));
    assert_eq!(index.layers(), 0, "a layer that was given twice is released once");
}

#[test]
fn edges() {
    let a = LayerIdentity(1);
    let mut index = MatchIndex::new();
    assert_eq!(index.best(&[a]), None);
    assert!(!index.remove(0));
    index.insert(0, 1.0, &[]);
    assert_eq!((index.len(), index.best(&[]), index.best(&[a])), (1, None, None));
    // The worst rank there is.
    index.insert(CandidateId::MAX, f64::NAN, &[a]);
    assert_eq!(index.best(&[a]), Some(Match { model: CandidateId::MAX, shared: 1 }));
    assert!(index.remove(0) && index.remove(CandidateId::MAX) && index.is_empty());
}

/// A model of eight layers, two of them shared by many.
fn mostly_own(model: u64) -> Vec<LayerIdentity> {
    let own = (0..6).map(|n| u128::from(model) * 8 + n + 1_000);
    own.chain([u128::from(model % 5), u128::from(model % 7) + 100]).map(LayerIdentity).collect()
}

#[test]
fn a_window_over_many_insertions_takes_no_more_memory_than_the_window() {
    let score = |model: u64| (model * 7_919 % 1_009) as f64;
    let mut index = MatchIndex::new();
    let mut after_warming = 0;
    for model in 0..100_000_u64 {
        index.insert(model, score(model), &mostly_own(model));
        if model >= 300 {
            assert!(index.remove(model - 300));
        }
        if model == 2_000 {
            after_warming = index.memory_bytes();
        }
    }
    index.check();
    assert_eq!((index.len(), index.layers()), (300, 300 * 6 + 12));
    assert!(index.layers.places() <= 301 * 6 + 12, "numbers are used again");
    assert!(index.memory_bytes() <= after_warming * 5 / 4, "{} {after_warming}", index.memory_bytes());
}

#[test]
fn memory_is_given_back() {
    let mut index = MatchIndex::new();
    let empty = index.memory_bytes();
    for model in 0..20_000 {
        index.insert(model, model as f64, &mostly_own(model));
    }
    let full = index.memory_bytes();
    for model in 0..20_000 {
        assert!(index.remove(model));
        if model == 19_000 {
            index.check();
            assert!(index.memory_bytes() < full / 5, "{} of {full}", index.memory_bytes());
        }
    }
    assert_eq!((index.len(), index.layers()), (0, 0));
    let left = index.memory_bytes() - empty;
    assert!(left < full / 50, "{left} of {full}");
}
