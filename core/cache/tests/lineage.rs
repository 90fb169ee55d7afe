//! A [`Lineage`] beside a reference that recomputes everything from who holds what.

use lamarck_cache::lineage::TOLERANCE;
use lamarck_cache::{AgingSelection, Lineage, LineageRule, Selection, Standing, selection_probability};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

const POPULATION: usize = 9;

#[derive(Debug, Clone)]
struct Flight {
    parent: Option<u64>,
    inherits: Vec<u32>,
    has_read: bool,
}

#[derive(Debug, Clone)]
struct Member {
    id: u64,
    score: f64,
    map: Vec<u32>,
    expected: f64,
}

/// Everything that ever happened, in lists.
#[derive(Default)]
struct Naive {
    parents: BTreeMap<u64, Option<u64>>,
    flights: BTreeMap<u64, Flight>,
    /// In the order in which they came.
    members: Vec<Member>,
    ranking: Vec<(f64, u64)>,
    finished: usize,
    told: BTreeMap<u32, f64>,
}

fn steps(x: f64) -> f64 {
    (x * 1_048_576.0).round() / 1_048_576.0
}

impl Naive {
    fn chance(rank: usize) -> f64 {
        Selection::Tournament { sample: 3, replacement: false }.chances(POPULATION)[rank.min(POPULATION - 1)]
    }

    /// The living descendants of a member, through whoever has left.
    fn below(&self, above: u64) -> usize {
        let descends = |member: &&Member| {
            let line = std::iter::successors(Some(member.id), |id| self.parents[id]);
            line.skip(1).any(|id| id == above)
        };
        self.members.iter().filter(descends).count()
    }

    fn value(&self, rule: LineageRule, object: u32) -> f64 {
        let members = self.members.iter().filter(|member| member.map.contains(&object));
        let flights = self.flights.values().filter(|flight| flight.inherits.contains(&object));
        match rule {
            LineageRule::Population => f64::from(u8::from(members.count() + flights.count() > 0)),
            LineageRule::Descendants => {
                members.map(|member| 1.0 + self.below(member.id) as f64).sum::<f64>() + flights.count() as f64
            }
            LineageRule::NextDonor(_) => {
                members.map(|member| member.expected).sum::<f64>()
                    + flights.map(|flight| if flight.has_read { 1.0 } else { 2.0 }).sum::<f64>()
            }
        }
    }

    fn finish(&mut self) {
        if self.finished.is_multiple_of((POPULATION / 8).max(1)) {
            self.ranking = self.members.iter().map(|member| (member.score, member.id)).collect();
            self.ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let count = self.members.len();
            for (age, member) in self.members.iter_mut().enumerate() {
                let rank = self.ranking.iter().position(|other| other.1 == member.id).unwrap();
                let left = age + 1 + POPULATION.saturating_sub(count);
                member.expected = steps(Self::chance(rank) * left as f64);
            }
        }
        self.finished += 1;
    }

    /// Asks whether what was told just now is what there was to tell, of every object there is.
    fn heard(&mut self, rule: LineageRule, lineage: &mut Lineage, objects: u32) {
        let tolerance = if rule == LineageRule::Population { 0.0 } else { TOLERANCE };
        let mut heard = BTreeMap::new();
        let Ok(()) = lineage.tell(|object, value| {
            assert_eq!(heard.insert(object, value), None, "object {object} twice");
            Ok::<(), Infallible>(())
        });
        for object in 0..objects {
            // The sum of no floats is -0.0.
            let value = self.value(rule, object) + 0.0;
            let told = *self.told.get(&object).unwrap_or(&1.0);
            let off = (value <= 0.0 && told > 0.0) || (value - told).abs() > tolerance * told;
            assert_eq!(heard.remove(&object), off.then_some(value), "object {object}, told {told}");
            if off {
                self.told.insert(object, value);
            }
            // Sums are exact, so equal to the bit.
            assert_eq!(lineage.value(object).to_bits(), value.to_bits());
            let told = *self.told.get(&object).unwrap_or(&1.0);
            assert_eq!(lineage.told(object).to_bits(), told.to_bits());
        }
        assert!(heard.is_empty());
    }
}

/// Candidates are submitted, read, read again, miss, end and leave in any order; of aging populations the oldest leaves.
fn compare(rule: LineageRule, steps: &[(u8, u8, u8)], aging: bool) {
    let (mut lineage, mut naive) = (Lineage::new(rule), Naive::default());
    let (mut next_id, mut objects) = (0_u64, 0_u32);
    let pick = |count: usize, by: u8| usize::from(by) % count;
    for &(what, a, b) in steps {
        let flying: Vec<u64> = naive.flights.keys().copied().collect();
        match what % 6 {
            // Twice, so that there is somebody.
            0 | 1 => {
                let parent =
                    (!naive.members.is_empty()).then(|| naive.members[pick(naive.members.len(), a)].clone());
                let inherits: Vec<u32> = parent.as_ref().map_or(Vec::new(), |parent| {
                    parent.map.iter().copied().take(usize::from(b) % 5).collect()
                });
                let id = parent.map(|parent| parent.id);
                naive.parents.insert(next_id, id);
                lineage.promise(next_id, id, inherits.iter().copied());
                naive.flights.insert(next_id, Flight { parent: id, inherits, has_read: false });
                next_id += 1;
            }
            2 if !flying.is_empty() => {
                let id = flying[pick(flying.len(), a)];
                let flight = naive.flights.get_mut(&id).unwrap();
                if flight.has_read && b % 2 == 0 {
                    flight.has_read = false;
                    lineage.repeat(id);
                } else {
                    flight.has_read = true;
                    lineage.read(id);
                }
            }
            3 if !flying.is_empty() => {
                let id = flying[pick(flying.len(), a)];
                let flight = naive.flights.get_mut(&id).unwrap();
                let mut position = 0;
                flight.inherits.retain(|_| {
                    position += 1;
                    b >> (position % 8) & 1 == 1
                });
                lineage.keep(id, flight.inherits.iter().copied());
            }
            4 if !flying.is_empty() => {
                let id = flying[pick(flying.len(), a)];
                let flight = naive.flights.remove(&id).unwrap();
                let ancestor = lineage.end(id);
                if rule == LineageRule::Descendants {
                    // Whoever of the line has left is passed over.
                    let alive = |id: &u64| naive.members.iter().any(|member| member.id == *id);
                    let mut line = std::iter::successors(flight.parent, |id| naive.parents[id]);
                    assert_eq!(ancestor.filter(alive), line.find(alive));
                }
                let failed = b % 7 == 0;
                let score = if failed { f64::NEG_INFINITY } else { f64::from(b % 5) };
                let mut map = if failed { Vec::new() } else { flight.inherits };
                if !failed {
                    for _ in 0..=b % 3 {
                        lineage.begin(objects);
                        map.push(objects);
                        objects += 1;
                    }
                }
                lineage.join(id, ancestor, Standing { score, number: id }, map.iter().copied());
                let rank = naive
                    .ranking
                    .partition_point(|other| score.total_cmp(&other.0).then(other.1.cmp(&id)).is_lt());
                let expected = self::steps(Naive::chance(rank) * POPULATION as f64);
                naive.members.push(Member { id, score, map, expected });
                if naive.members.len() > POPULATION {
                    let left = naive.members.remove(if aging { 0 } else { pick(POPULATION, a) });
                    lineage.leave(left.id);
                }
                lineage.finished();
                naive.finish();
            }
            5 if !aging && !naive.members.is_empty() => {
                let left = naive.members.remove(pick(naive.members.len(), a));
                lineage.leave(left.id);
            }
            _ => continue,
        }
        naive.heard(rule, &mut lineage, objects);
        let (members, flights, numbers) = lineage.counts();
        assert_eq!((members, flights), (naive.members.len(), naive.flights.len()));
        assert!(numbers <= objects as usize);
    }
}

fn next_donor() -> LineageRule {
    let selection = Selection::Tournament { sample: 3, replacement: false };
    LineageRule::NextDonor(AgingSelection { selection, population: POPULATION })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn what_is_told_is_what_there_is_to_tell(
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 1..250), aging in any::<bool>(), which in 0_usize..3,
    ) {
        compare([LineageRule::Population, LineageRule::Descendants, next_donor()][which], &steps, aging);
    }
}

#[test]
fn the_number_of_a_deleted_object_begins_anew() {
    let mut lineage = Lineage::new(LineageRule::Population);
    let standing = Standing { score: 1.0, number: 0 };
    let tell = |lineage: &mut Lineage| {
        let mut heard = Vec::new();
        let Ok(()) = lineage.tell(|object, value| {
            heard.push((object, value));
            Ok::<(), Infallible>(())
        });
        heard
    };
    lineage.begin(0);
    lineage.join(0, None, standing, [0].into_iter());
    assert_eq!(tell(&mut lineage), []);
    lineage.leave(0);
    assert_eq!(tell(&mut lineage), [(0, 0.0)]);
    assert!(lineage.told(0) <= 0.0);
    lineage.begin(0);
    assert!(lineage.told(0) >= 1.0);
    lineage.join(1, None, Standing { number: 1, ..standing }, [0].into_iter());
    // 1 is what everybody thinks of a new object.
    assert_eq!(tell(&mut lineage), []);
    assert_eq!(lineage.counts(), (1, 0, 1));
}

#[test]
fn strategies_tell_how_they_draw() {
    let of = Selection::of_strategy;
    assert_eq!(of("neutral", None, None), Some(Selection::Even));
    let tournament = |sample, replacement| Some(Selection::Tournament { sample, replacement });
    assert_eq!(of("regularized-evolution", Some(10), Some(true)), tournament(10, true));
    assert_eq!(of("mine", Some(2), None), tournament(2, false));
    assert_eq!(of("random", None, None), None);
    let chances = Selection::Tournament { sample: 10, replacement: false }.chances(100);
    for (chance, rank) in chances.into_iter().zip(1..) {
        assert!((chance - selection_probability(100, 10, rank)).abs() < 1e-12);
    }
}
