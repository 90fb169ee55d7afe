//! What is remembered of ready candidates between two calls.

use lamarck_sdk::{CandidateId, Ready};

/// One note for each ready candidate, kept from call to call for as long as it is ready.
///
/// Candidates are numbered in order of submission, so the ready list and the notes are sorted alike and one walk
/// along both brings them together: no hashing, and whoever is no longer ready is forgotten by not being copied. A
/// list in another order is searched in instead.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger<T> {
    /// Sorted by candidate, each once.
    kept: Vec<(CandidateId, T)>,
    /// By position in the ready list of the present call.
    pub(crate) notes: Vec<T>,
}

impl<T: Copy + Default> Ledger<T> {
    /// Makes [`notes`](Self::notes) those of this list: what was kept, and the default for whoever is new.
    pub(crate) fn open(&mut self, ready: &[Ready]) {
        self.notes.clear();
        if self.kept.is_empty() {
            self.notes.resize(ready.len(), T::default());
        } else if ready.is_sorted_by_key(|ready| ready.candidate) {
            let mut kept = self.kept.iter().peekable();
            self.notes.extend(ready.iter().map(|ready| {
                while kept.next_if(|(candidate, _)| *candidate < ready.candidate).is_some() {}
                match kept.peek() {
                    Some((candidate, note)) if *candidate == ready.candidate => *note,
                    _ => T::default(),
                }
            }));
        } else {
            let kept = &self.kept;
            self.notes.extend(ready.iter().map(|ready| {
                kept.binary_search_by_key(&ready.candidate, |(candidate, _)| *candidate)
                    .map_or_else(|_| T::default(), |found| kept[found].1)
            }));
        }
    }

    /// Keeps the notes of those that stay in the list, and forgets all others.
    pub(crate) fn close(&mut self, ready: &[Ready], stays: impl Fn(usize) -> bool) {
        self.kept.clear();
        let notes = ready.iter().zip(&self.notes).enumerate();
        self.kept.extend(
            notes.filter(|&(position, _)| stays(position)).map(|(_, (ready, note))| (ready.candidate, *note)),
        );
        if !self.kept.is_sorted_by(|one, other| one.0 < other.0) {
            // Stable, so that of a candidate that is named twice the older note is kept.
            self.kept.sort_by_key(|(candidate, _)| *candidate);
            self.kept.dedup_by_key(|(candidate, _)| *candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::ModelSize;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn list(candidates: &[CandidateId]) -> Vec<Ready> {
        let (size, prefix) = (ModelSize::default(), ModelSize::default());
        candidates
            .iter()
            .map(|&candidate| Ready { candidate, donor: None, size, prefix, submitted_us: 0 })
            .collect()
    }

    #[test]
    fn a_candidate_named_twice_has_the_older_note() {
        let mut ledger = Ledger::default();
        let ready = list(&[5, 2, 5]);
        ledger.open(&ready);
        ledger.notes = vec![10, 20, 30];
        ledger.close(&ready, |_| true);
        ledger.open(&ready);
        assert_eq!(ledger.notes, [10, 20, 10]);
        assert_eq!(ledger.kept, [(2, 20), (5, 10)]);
    }

    proptest! {
        /// Against a map that is asked for each candidate.
        #[test]
        fn notes_last_as_long_as_their_candidates_are_ready(
            calls in prop::collection::vec(
                (prop::collection::btree_map(0..20_u64, any::<bool>(), 0..12), any::<bool>()), 1..12),
        ) {
            let (mut ledger, mut map) = (Ledger::<u32>::default(), BTreeMap::new());
            for (number, (stays, reversed)) in (1..).zip(calls) {
                let mut candidates: Vec<CandidateId> = stays.keys().copied().collect();
                if reversed {
                    candidates.reverse();
                }
                let ready = list(&candidates);
                ledger.open(&ready);
                let expected: Vec<u32> =
                    candidates.iter().map(|candidate| map.get(candidate).copied().unwrap_or_default()).collect();
                prop_assert_eq!(&ledger.notes, &expected);
                ledger.notes.iter_mut().for_each(|note| *note += number);
                ledger.close(&ready, |position| stays[&candidates[position]]);
                map = (candidates.iter().zip(expected))
                    .filter(|(candidate, _)| stays[candidate])
                    .map(|(&candidate, note)| (candidate, note + number))
                    .collect();
                prop_assert_eq!(ledger.kept.len(), map.len());
            }
        }
    }
}
