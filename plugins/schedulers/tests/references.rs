//! Every scheduler against its rule as it reads, call by call, with what both remember.

mod support;

use lamarck_schedulers::LocalityWait;
use lamarck_sdk::{Placement, Situation};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{Cluster, PATIENT, make, naive, pairs, patient, scripts};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn schedulers_with_patience(script in scripts(), patience in 0..6_u32) {
        for kind in 0..PATIENT {
            let (mut scheduler, mut reference) = (patient(kind, patience), naive::patient(kind, patience));
            let mut cluster = Cluster::new(&script);
            while cluster.advance() {
                let mut out = Placement::default();
                scheduler.assign(&cluster.situation(), &mut out).unwrap();
                prop_assert_eq!(pairs(&out), reference.assign(&cluster.situation()), "kind {}", kind);
                cluster.apply(&out);
            }
        }
    }

    #[test]
    fn delay_scheduling(script in scripts(), wait_us in 0..20_u64, quarters in 0..=4_u8) {
        let share = f64::from(quarters) / 4.0;
        let options = format!(r#"{{"wait_s": {}, "share": {share}}}"#, wait_us as f64 / 1e6);
        let mut scheduler = make::<LocalityWait>(&options);
        let mut reference = naive::Waiting { wait_us, share, since: BTreeMap::new() };
        let mut cluster = Cluster::new(&script);
        while cluster.advance() {
            let mut out = Placement::default();
            scheduler.assign(&cluster.situation(), &mut out).unwrap();
            prop_assert_eq!((pairs(&out), out.wake_us), reference.assign(&cluster.situation()));
            cluster.apply(&out);
        }
    }

    /// Matrices of some size, so that pairs are sorted in several batches.
    #[test]
    fn donor_locality_on_large_matrices(
        (ready, idle, cached) in (1..60_usize, 1..20_usize).prop_flat_map(|(ready, idle)| {
            // Few values make ties; a column or a row that all want makes many pairs worthless at once.
            let cells = prop::collection::vec(prop_oneof![Just(0), 0..3_u64, any::<u64>()], ready * idle);
            (Just(ready), Just(idle), cells)
        }),
        popular in prop::option::of(0..20_usize),
    ) {
        let mut cached = cached;
        if let Some(popular) = popular.filter(|&popular| popular < idle) {
            cached.chunks_mut(idle).for_each(|row| row[popular] = u64::MAX);
        }
        let cached_anywhere: Vec<u64> =
            cached.chunks(idle).map(|row| row.iter().copied().max().unwrap_or_default()).collect();
        let ready: Vec<_> = (0..).take(ready).map(|id| support::candidate(id, None, 1, 1)).collect();
        let idle: Vec<_> = (0..).take(idle).map(|number| support::worker(number, number, 1.0)).collect();
        let situation =
            Situation { now_us: 0, ready: &ready, idle: &idle, cached: &cached, cached_anywhere: &cached_anywhere };
        let mut out = Placement::default();
        patient(0, 9).assign(&situation, &mut out).unwrap();
        prop_assert_eq!(pairs(&out), naive::patient(0, 9).assign(&situation));
    }
}
