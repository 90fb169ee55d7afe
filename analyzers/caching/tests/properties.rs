//! What must hold of any run, and the stream beside a naive one.

mod support;

use lamarck_caching::stream::{Granularity, Retention, StreamBuilder, StreamOptions};
use lamarck_sdk::model::CandidateColumns;
use lamarck_sdk::model::report::{Body, Cell, Report};
use lamarck_sdk::{LayerColumns, Status};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use support::{Evolution, report, value};

fn evolutions() -> impl Strategy<Value = Evolution> {
    (1_usize..120, 1_usize..12, 1_usize..9, 1_usize..4, 1_usize..9, 0_u64..6, any::<u64>()).prop_map(
        |(candidates, population, workers, workers_per_node, layers, failures, seed)| Evolution {
            candidates,
            population,
            sample: population.min(3),
            workers,
            workers_per_node,
            layers,
            failures,
            seed,
        },
    )
}

/// An object by name: owner and identity, or owner alone.
type Name = (u64, u128);

/// What happens, in the words of the definition: sets of names, everything looked up anew each time.
fn naive(
    candidates: &CandidateColumns,
    layers: &LayerColumns,
    options: &StreamOptions,
) -> Vec<(u64, &'static str, u64, u64, u64)> {
    let rows = candidates.view();
    let mut maps: BTreeMap<u64, Vec<Name>> = BTreeMap::new();
    let mut sizes: BTreeMap<Name, u64> = BTreeMap::new();
    for at in 0..layers.len() {
        let (id, owner, bytes) = (layers.candidate[at], layers.owner[at], layers.bytes[at]);
        if bytes == 0 {
            continue;
        }
        let whole = options.granularity == Granularity::Model;
        let name = (owner, if whole { 0 } else { layers.identity[at] });
        let map = maps.entry(id).or_default();
        if !map.contains(&name) {
            map.push(name);
        }
        if owner == id {
            *sizes.entry(name).or_default() += bytes;
        }
    }
    // By moment: who finishes, who is submitted, who starts, by id. One of each in turn.
    let mut moments: BTreeMap<u64, [VecDeque<(u64, usize)>; 3]> = BTreeMap::new();
    let mut by_id: Vec<usize> = (0..rows.len()).collect();
    by_id.sort_by_key(|&row| rows.id[row]);
    for row in by_id {
        assert!(rows.started_us[row] < rows.finished_us[row]);
        let times = [rows.finished_us[row], rows.submitted_us[row], rows.started_us[row]];
        for (kind, time) in times.into_iter().enumerate() {
            moments.entry(time).or_default()[kind].push_back((rows.id[row], row));
        }
    }
    let mut events = Vec::new();
    for (time, mut kinds) in moments {
        while kinds.iter().any(|kind| !kind.is_empty()) {
            for (kind, what) in kinds.iter_mut().zip(["finish", "submit", "start"]) {
                events.extend(kind.pop_front().map(|(id, row)| (time, id, what, row)));
            }
        }
    }
    let none = Vec::new();
    let map = |id: u64| maps.get(&id).unwrap_or(&none);
    let (mut members, mut stored, mut promised) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut exists: BTreeSet<Name> = BTreeSet::new();
    let mut out = Vec::new();
    for (time, id, what, row) in events {
        match what {
            "submit" => drop(promised.insert(id)),
            "start" => {
                for &name in map(id).iter().filter(|(owner, _)| *owner != id) {
                    out.push((time, "get", name.0, sizes[&name], id));
                    exists.insert(name);
                }
            }
            _ => {
                promised.remove(&id);
                for &name in map(id).iter().filter(|(owner, _)| *owner == id) {
                    out.push((time, "put", name.0, sizes[&name], id));
                    exists.insert(name);
                }
                // Nobody lets go but the one who finishes, the member that leaves, and the model that drops out of the window.
                let mut letting_go = vec![id];
                let mut push = |list: &mut Vec<u64>, keep: usize| {
                    list.push(id);
                    letting_go.extend(list.len().checked_sub(keep + 1).map(|at| list[at]));
                };
                if !map(id).is_empty() {
                    push(&mut stored, options.window);
                }
                if options.failures_enter || rows.status[row] == Status::Ok as u8 {
                    push(&mut members, options.population.unwrap());
                }
                let doubtful: BTreeSet<Name> = letting_go.iter().flat_map(|&id| map(id).clone()).collect();
                let members = &members[members.len().saturating_sub(options.population.unwrap())..];
                let window = &stored[stored.len().saturating_sub(options.window)..];
                let held = |by: &[u64]| by.iter().flat_map(|&id| map(id).clone()).collect::<BTreeSet<_>>();
                let keep = match options.retention {
                    Retention::All => exists.clone(),
                    Retention::Population => held(members),
                    Retention::Window => held(window),
                    Retention::Reachable => {
                        let mut keep = held(members);
                        for &id in &promised {
                            keep.extend(map(id).iter().filter(|(owner, _)| *owner != id));
                        }
                        keep
                    }
                };
                let gone: Vec<Name> =
                    exists.difference(&keep).copied().filter(|name| doubtful.contains(name)).collect();
                for name in gone {
                    out.push((time, "delete", name.0, sizes[&name], id));
                    exists.remove(&name);
                }
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_stream_is_what_the_definition_says(
        evolution in evolutions(),
        rule in 0_usize..4,
        whole in any::<bool>(),
        window in 1_usize..20,
        failures_enter in any::<bool>(),
    ) {
        let (candidates, layers) = evolution.run();
        let options = StreamOptions {
            granularity: if whole { Granularity::Model } else { Granularity::Layer },
            retention: Retention::ALL[rule],
            population: Some(evolution.population),
            window,
            failures_enter,
        };
        let mut builder = StreamBuilder::default();
        builder.candidates(&candidates.view()).unwrap();
        builder.layers(&layers).unwrap();
        let mut expected = naive(&candidates, &layers, &options);
        match builder.finish(&options) {
            Ok(stream) => {
                let mut accesses: Vec<_> =
                    stream.accesses().map(|a| (a.time_us, a.op.name(), a.owner, a.bytes, a.candidate)).collect();
                // Deletions of one moment are in the order in which holders let go, which sets do not know.
                let by_step = |list: &mut Vec<(u64, &str, u64, u64, u64)>| {
                    let delete = "delete";
                    for part in list.chunk_by_mut(|a, b| a.1 == delete && b.1 == delete && a.4 == b.4) {
                        part.sort_unstable();
                    }
                };
                by_step(&mut accesses);
                by_step(&mut expected);
                prop_assert_eq!(accesses, expected);
                prop_assert_eq!(stream.oddities().total(), 0);
            }
            Err(_) => prop_assert!(expected.is_empty()),
        }
    }

    #[test]
    fn reports_keep_the_rules_of_caches(evolution in evolutions(), rule in 0_usize..4) {
        let (candidates, layers) = evolution.run();
        let options = format!(
            r#"{{"retention": "{}", "policies": "lru sieve gdsf w-tiny-lfu belady population next-donor", "window": 7}}"#,
            Retention::ALL[rule].as_str()
        );
        let one = report(&options, &evolution.context(), &candidates, &layers);
        prop_assert_eq!(&report(&options, &evolution.context(), &candidates, &layers), &one);
        for table in one.tables.iter().filter(|table| table.name == "policy-grid") {
            for row in &table.rows {
                for column in [6, 7] {
                    if let Cell::Number(above) = row[column] {
                        prop_assert!(above > -1e-9, "{:?} is below the bound", row);
                    }
                }
            }
        }
        for chart in one.charts.iter().filter(|chart| chart.key == "miss-ratio-curve") {
            let Body::Lines(lines) = &chart.body else { panic!("curves are lines") };
            for line in lines {
                let y: Vec<f64> = line.y.iter().map(|y| y.unwrap()).collect();
                prop_assert!(y.iter().all(|y| (-1e-9..=1.0).contains(y)), "{:?}", line);
                // Below the largest object LRU passes over objects, and more room may hurt.
                prop_assert!(!line.theory || y.is_sorted_by(|a, b| a >= b), "{:?}", line);
            }
        }
        check_sizes(&one)?;
        if let Some(shared) = one.findings.iter().find(|f| f.key == "attainable-bytes-shared").unwrap().value {
            prop_assert!(value(&one, "attainable-bytes-node") <= shared + 1e-12);
            prop_assert!(value(&one, "never-read") <= 1.0);
            // Whoever is chosen is a member at that moment, so `reachable` loses nothing when the donor is the parent.
            prop_assert!(value(&one, "lost-reads-reachable") <= 0.0);
            prop_assert!(value(&one, "lost-reads-population") <= 1.0);
        }
    }

    /// Tables of nonsense: a report, or an error, but no panic.
    #[test]
    fn nonsense_is_survived(
        rows in prop::collection::vec(
            (0_u64..9, prop::option::of(0_u64..9), 0_u64..50, 0_u64..50, 0_u64..50, 0_u8..7, prop::option::of(0_u32..3)),
            0..12,
        ),
        entries in prop::collection::vec((0_u64..11, 0_u128..4, 0_u64..11, 0_u64..40), 0..60),
        rule in 0_usize..4,
        wild in any::<bool>(),
    ) {
        let mut candidates = CandidateColumns::with_capacity(1, 8);
        for &(id, parent, submitted_us, started_us, finished_us, status, node) in &rows {
            let nothing = lamarck_sdk::model::CandidateRecord::default();
            candidates.push(&lamarck_sdk::model::CandidateRecord {
                id: if wild && id == 8 { u64::MAX - 1 } else { id },
                parent: parent.unwrap_or(u64::MAX),
                submitted_us,
                started_us,
                finished_us: if wild && id == 7 { u64::MAX } else { finished_us },
                status,
                node: node.unwrap_or(u32::MAX),
                score: f64::from(status),
                ..nothing
            });
        }
        let mut layers = LayerColumns::default();
        for (candidate, identity, owner, bytes) in entries {
            let source = lamarck_sdk::model::LayerSource::Trained;
            let bytes = if wild && bytes == 39 { u64::MAX / 3 } else { bytes };
            layers.push(candidate, identity, owner, bytes, source);
        }
        let options = format!(r#"{{"retention": "{}", "window": 3}}"#, Retention::ALL[rule].as_str());
        report(&options, &Evolution { population: 3, ..Evolution::default() }.context(), &candidates, &layers);
    }
}

/// More hits need more room, and no less than any policy needs.
fn check_sizes(report: &Report) -> Result<(), TestCaseError> {
    let Some(table) = report.tables.iter().find(|table| table.name == "sizing") else { return Ok(()) };
    for pair in table.rows.windows(2).filter(|pair| pair[0][0] == pair[1][0]) {
        if let (Cell::Integer(less), Cell::Integer(more)) = (&pair[0][2], &pair[1][2]) {
            prop_assert!(less <= more);
        }
    }
    for row in &table.rows {
        if let (Cell::Integer(lru), Cell::Integer(least)) = (&row[2], &row[6]) {
            prop_assert!(least <= lru);
        }
    }
    Ok(())
}
