//! The linear search that the index stands in for.

use std::cmp::Ordering;

use lamarck_model::{CandidateId, LayerIdentity, prefix};

use super::Match;

/// The best match by comparing with every stored model: as simple as it can be, and there so that the index can be
/// checked and timed against it. A stored model is its id, its score and its identities in *sorted* order; the query
/// must be sorted as well. No list may have an identity twice.
///
/// ```
/// use lamarck_model::LayerIdentity;
/// use lamarck_runtime::repository::scan;
///
/// let (a, b, c) = (LayerIdentity(1), LayerIdentity(2), LayerIdentity(3));
/// let stored = [(0, 0.5, &[a, b][..]), (1, 0.7, &[a, c][..])];
/// let best = scan(stored, &[a, b]).unwrap();
/// assert_eq!((best.model, best.shared), (0, 2));
/// assert_eq!(scan(stored, &[a]).unwrap().model, 1, "as much is shared; the score is higher");
/// ```
pub fn scan<'a>(
    stored: impl IntoIterator<Item = (CandidateId, f64, &'a [LayerIdentity])>,
    layers: &[LayerIdentity],
) -> Option<Match> {
    let mut best: Option<(Match, f64)> = None;
    for (model, score, stored) in stored {
        let shared = prefix::shared_count(stored, layers);
        let better = best.is_none_or(|(best, best_score)| {
            let by_score = match (score.is_nan(), best_score.is_nan()) {
                (false, false) => score.partial_cmp(&best_score).unwrap_or(Ordering::Equal),
                (mine, other) => other.cmp(&mine),
            };
            shared.cmp(&best.shared).then(by_score).then(best.model.cmp(&model)).is_gt()
        });
        if shared > 0 && better {
            best = Some((Match { model, shared }, score));
        }
    }
    best.map(|(best, _)| best)
}
