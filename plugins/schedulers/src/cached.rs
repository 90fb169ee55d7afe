//! Rows of the matrix of cached bytes.

use lamarck_sdk::Situation;

/// What the nodes of the idle workers hold of the prefix of the ready candidate at a position, a number for each of
/// them; empty where nothing is known, and shorter where the matrix is.
///
/// [`Situation::cached_bytes`] answers the same for one pair; for a whole row it would check and multiply each time.
pub(crate) fn row<'a>(situation: &Situation<'a>, ready: usize) -> &'a [u64] {
    let workers = situation.idle.len();
    ready
        .checked_mul(workers)
        .and_then(|start| situation.cached.get(start..))
        .map_or(&[], |rest| &rest[..rest.len().min(workers)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::Idle;

    #[test]
    fn a_row_says_what_cached_bytes_says_even_where_the_matrix_is_short() {
        let idle = [3, 4, 9].map(|worker| Idle { worker, node: worker, since_us: 0, speed: 1.0 });
        let cached = [1, 2, 3, 4, 5];
        let situation = Situation { idle: &idle, cached: &cached, ..Situation::default() };
        assert_eq!(row(&situation, 0), [1, 2, 3]);
        assert_eq!(row(&situation, 1), [4, 5]);
        assert!(row(&situation, 2).is_empty());
        assert!(row(&situation, usize::MAX).is_empty());
        for ready in 0..4 {
            for idle in 0..3 {
                let found = row(&situation, ready).get(idle).copied().unwrap_or_default();
                assert_eq!(found, situation.cached_bytes(ready, idle));
            }
        }
        assert!(row(&Situation { idle: &idle, ..Situation::default() }, 0).is_empty());
        assert!(row(&Situation { cached: &cached, ..Situation::default() }, 0).is_empty());
    }
}
