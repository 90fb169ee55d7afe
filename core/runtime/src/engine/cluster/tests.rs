use super::*;
use proptest::prelude::*;

fn cluster(settings: &ClusterSettings) -> Cluster {
    Cluster::new(settings, Stream::new(1, 0))
}

/// Starts pieces of work on the idle workers in order.
fn start(cluster: &mut Cluster, now_us: u64, works: &[Work]) {
    for (position, work) in works.iter().enumerate() {
        let slot = u32::try_from(work.candidate).unwrap();
        cluster.start(now_us, slot, position, *work).unwrap();
    }
    let started = works.len();
    cluster.settle(|position| position < started);
}

fn step(cluster: &mut Cluster) -> Event {
    let next = cluster.next().unwrap();
    cluster.step(next).unwrap()
}

fn next_at(cluster: &Cluster) -> Option<u64> {
    cluster.next().map(|next| next.at_us)
}

/// Lets everything happen: when who was over, and how long the phases took.
fn drain(cluster: &mut Cluster) -> Vec<(u64, Over)> {
    let mut over = Vec::new();
    while let Some(at_us) = next_at(cluster) {
        match step(cluster) {
            Event::Over(one) => over.push((at_us, one)),
            Event::Expired(all) => over.extend(all.into_iter().map(|one| (at_us, one))),
            Event::Inside | Event::Ask => {}
        }
    }
    over
}

fn training(candidate: CandidateId, train_us: u64) -> Work {
    Work { candidate, train_us, ..Work::default() }
}

#[test]
fn ties_go_to_the_lower_candidate_and_idle_workers_stay_sorted() {
    let mut cluster = cluster(&ClusterSettings { workers: 3, workers_per_node: 2, ..Default::default() });
    assert_eq!(cluster.idle().iter().map(|idle| idle.node).collect::<Vec<_>>(), [0, 0, 1]);
    start(&mut cluster, 0, &[training(9, 5), training(4, 5), training(7, 4)]);
    assert!(cluster.idle().is_empty());
    let order: Vec<_> = drain(&mut cluster).into_iter().map(|(at, over)| (at, over.slot)).collect();
    assert_eq!(order, [(4, 7), (5, 4), (5, 9)]);
    assert_eq!(cluster.idle().iter().map(|idle| idle.worker).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn phases_add_up() {
    let settings = ClusterSettings {
        workers: 2,
        latency_us: 10,
        bandwidth: Some(1_000_000), // a byte a microsecond
        ..Default::default()
    };
    let mut cluster = cluster(&settings);
    let work = |candidate, read_bytes| Work {
        candidate,
        requests: 3,
        read_bytes,
        train_us: 1000,
        lost: false,
        store_bytes: Some(40),
    };
    start(&mut cluster, 100, &[work(0, 100), work(1, 300)]);
    let over = drain(&mut cluster);
    // Both ask three times (30). They share until the first has its 100 bytes (200); the other has 200 left, alone.
    let spent = |transfer| Spent {
        transfer_us: Some(transfer),
        train_us: Some(1000),
        // One request, and nobody stores at the same time.
        store_us: Some(10 + 40),
    };
    assert_eq!(over[0].0, 100 + 230 + 1000 + 50);
    assert_eq!(over[0].1.spent, spent(230));
    assert_eq!(over[1].0, 100 + 430 + 1000 + 50);
    assert_eq!(over[1].1.spent, spent(430));
}

#[test]
fn a_lost_attempt_stores_nothing_and_its_worker_is_away() {
    let settings = ClusterSettings { workers: 2, latency_us: 5, restart_us: 70, ..Default::default() };
    let mut cluster = cluster(&settings);
    let lost = Work { lost: true, store_bytes: Some(9), ..training(0, 20) };
    start(&mut cluster, 0, &[lost, training(1, 200)]);
    assert!(matches!(step(&mut cluster), Event::Over(Over { lost: true, slot: 0, .. })));
    assert!(cluster.idle().is_empty());
    assert_eq!(next_at(&cluster), Some(90));
    assert!(matches!(step(&mut cluster), Event::Ask));
    assert_eq!(cluster.idle()[0].since_us, 90);
    assert_eq!(drain(&mut cluster).len(), 1);
}

#[test]
fn an_allocation_ends_for_everybody() {
    let settings = ClusterSettings {
        workers: 3,
        walltime_us: Some(100),
        requeue_us: 50,
        bandwidth: Some(1_000_000),
        ..Default::default()
    };
    let mut cluster = cluster(&settings);
    let reading = Work { read_bytes: 500, ..training(1, 10) };
    start(&mut cluster, 0, &[training(2, 130), reading, training(0, 30)]);
    let over = drain(&mut cluster);
    let seen: Vec<_> = over.iter().map(|(at, over)| (*at, over.slot, over.lost)).collect();
    assert_eq!(seen, [(30, 0, false), (100, 1, true), (100, 2, true)]);
    assert_eq!(over[1].1.spent, Spent { transfer_us: None, train_us: None, store_us: None });
    assert_eq!(over[2].1.spent, Spent { transfer_us: Some(0), train_us: Some(100), store_us: None });
    let back: Vec<_> = cluster.idle().iter().map(|idle| idle.since_us).collect();
    assert_eq!(back, [150, 150, 150]);
    // The next allocation ends at 250; nothing that is over by then is touched.
    start(&mut cluster, 150, &[training(3, 99), training(4, 100)]);
    let seen: Vec<_> = drain(&mut cluster).iter().map(|(at, over)| (*at, over.slot, over.lost)).collect();
    assert_eq!(seen, [(249, 3, false), (250, 4, true)]);
}

#[test]
fn wakes_up_once() {
    let mut cluster = cluster(&ClusterSettings::default());
    cluster.wake_at(10, Some(10));
    assert_eq!(next_at(&cluster), None);
    cluster.wake_at(10, Some(25));
    assert_eq!(next_at(&cluster), Some(25));
    assert!(matches!(step(&mut cluster), Event::Ask));
    assert_eq!(next_at(&cluster), None);
}

proptest! {
    /// Time never runs back, nobody is lost from the books, and phases fill the time between start and end.
    #[test]
    fn everybody_is_accounted_for(
        works in prop::collection::vec((0_u32..4, 0_u64..300, 0_u64..200, any::<bool>(), prop::option::of(0_u64..90)), 1..60),
        latency_us in 0_u64..5,
        bandwidth in prop::option::of(100_000_u64..3_000_000),
        link in prop::option::of(100_000_u64..3_000_000),
        restart_us in 0_u64..30,
        walltime_us in prop::option::of(50_u64..2000),
        requeue_us in 0_u64..40,
    ) {
        let settings = ClusterSettings {
            workers: 4, workers_per_node: 2, latency_us, bandwidth, link, restart_us, walltime_us, requeue_us,
            ..Default::default()
        };
        let mut cluster = cluster(&settings);
        let mut waiting: Vec<Work> = (0..)
            .zip(works)
            .map(|(candidate, (requests, read_bytes, train_us, lost, store_bytes))| {
                Work { candidate, requests, read_bytes, train_us, lost, store_bytes }
            })
            .collect();
        waiting.reverse();
        let total = waiting.len();
        let (mut now, mut ended, mut started) = (0, 0, vec![0; total]);
        loop {
            let free = cluster.idle().len().min(waiting.len());
            let works: Vec<Work> = (0..free).filter_map(|_| waiting.pop()).collect();
            for work in &works {
                started[usize::try_from(work.candidate).unwrap()] = now;
            }
            start(&mut cluster, now, &works);
            if cluster.running() == 0 && waiting.is_empty() {
                break;
            }
            let at = next_at(&cluster).unwrap();
            prop_assert!(at >= now);
            now = at;
            let (overs, whole) = match step(&mut cluster) {
                Event::Over(over) => (vec![over], true),
                Event::Expired(all) => (all, false),
                Event::Inside | Event::Ask => continue,
            };
            for over in overs {
                ended += 1;
                let Spent { transfer_us, train_us, store_us } = over.spent;
                let sum = transfer_us.unwrap_or(0) + train_us.unwrap_or(0) + store_us.unwrap_or(0);
                let busy = now - started[over.slot as usize];
                prop_assert!(sum <= busy);
                prop_assert!(!whole || sum == busy, "{:?} {}", over, busy);
            }
        }
        prop_assert_eq!(ended, total);
    }
}
