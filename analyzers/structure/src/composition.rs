//! Shares of options: their entropy, and when one of them takes over.

use crate::layout::Layout;
use crate::theory::largest_entropy;
use crate::windows::Window;

/// Entropy of counts over the largest that so many candidates can show; `None` for a single option or fewer than two
/// candidates.
pub(crate) fn entropy(counts: &[u32], candidates: u64) -> Option<f64> {
    if counts.len() < 2 || candidates < 2 {
        return None;
    }
    let n = candidates as f64;
    let sum: f64 = counts
        .iter()
        .filter(|&&count| count > 1)
        .map(|&count| f64::from(count) * f64::from(count).ln())
        .sum();
    // Rounding may leave a hair outside.
    Some(((n.ln() - sum / n) / largest_entropy(counts.len() as f64, n)).clamp(0.0, 1.0))
}

/// The entropy of each decision in a window.
pub(crate) fn entropies(window: &Window, layout: &Layout) -> Vec<Option<f64>> {
    layout.split(&window.options).map(|counts| entropy(counts, window.rows)).collect()
}

/// The mean over those that are known.
pub(crate) fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known = values.iter().flatten().count();
    (known > 0).then(|| values.iter().flatten().sum::<f64>() / known as f64)
}

/// When a decision was fixed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fixation {
    /// The option, counted from the decision's first.
    pub(crate) option: usize,
    /// Its share in the last window.
    pub(crate) share: f64,
    /// The first window from which on its share stayed above the threshold, if the last one is.
    pub(crate) window: Option<usize>,
}

/// For each decision its leading option in the last window, and since when that has had at least the share `fixed`.
/// Options of decisions that have but one are not fixed: nothing could have changed.
pub(crate) fn fixations(windows: &[&Window], layout: &Layout, fixed: f64) -> Vec<Option<Fixation>> {
    let Some(last) = windows.last() else { return vec![None; layout.width()] };
    let one = |span: &crate::layout::Span| {
        let range = span.range();
        let counts = last.options.get(range.clone())?;
        // The first of equals: `max_by_key` would take the last.
        let (option, &count) = counts.iter().enumerate().rev().max_by_key(|(_, count)| **count)?;
        if counts.len() < 2 || last.rows == 0 {
            return None;
        }
        let share = |window: &Window| {
            f64::from(window.options.get(range.start + option).copied().unwrap_or(0)) / window.rows as f64
        };
        let streak =
            windows.iter().rev().take_while(|window| window.rows > 0 && share(window) >= fixed).count();
        let window = (streak > 0).then(|| windows.len() - streak);
        Some(Fixation { option, share: f64::from(count) / last.rows as f64, window })
    };
    layout.spans.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;
    use proptest::prelude::*;

    #[test]
    fn entropy_is_between_none_and_all() {
        assert_eq!(entropy(&[3], 3), None);
        assert_eq!(entropy(&[0, 0], 0), None);
        assert_eq!(entropy(&[7, 0, 0], 7).map(f64::to_bits), Some(0.0_f64.to_bits()));
        assert!((entropy(&[7, 7, 7], 21).unwrap() - 1.0).abs() < 1e-12);
        // One bit in three options: ln 2 / ln 3.
        assert!((entropy(&[5, 5, 0], 10).unwrap() - 2.0_f64.ln() / 3.0_f64.ln()).abs() < 1e-12);
        // Two candidates cannot show more than two options, whatever there are.
        assert!((entropy(&[1, 1, 0, 0, 0], 2).unwrap() - 1.0).abs() < 1e-12);
    }

    fn window(options: &[u32], rows: u64) -> Window {
        Window { options: options.to_vec(), rows, ..Window::default() }
    }

    #[test]
    fn fixation_is_the_last_time_that_a_share_rises_above_the_threshold() {
        let layout = Layout::new(&space(&[2, 1])).unwrap();
        let all = [
            window(&[9, 1, 10], 10),
            window(&[5, 5, 10], 10),
            window(&[9, 1, 10], 10),
            window(&[10, 0, 10], 10),
        ];
        let all: Vec<&Window> = all.iter().collect();
        let found = fixations(&all, &layout, 0.9);
        assert_eq!(found, [Some(Fixation { option: 0, share: 1.0, window: Some(2) }), None]);
        assert_eq!(fixations(&all[..2], &layout, 0.9)[0].unwrap().window, None);
        // Of equals the first leads.
        assert_eq!(
            fixations(&all[1..2], &layout, 0.5)[0],
            Some(Fixation { option: 0, share: 0.5, window: Some(0) })
        );
        assert_eq!(fixations(&[], &layout, 0.9), [None, None]);
    }

    proptest! {
        #[test]
        fn entropy_stays_in_bounds(counts in prop::collection::vec(0..50_u32, 0..40)) {
            let n = counts.iter().map(|&count| u64::from(count)).sum();
            if let Some(entropy) = entropy(&counts, n) {
                prop_assert!((0.0..=1.0).contains(&entropy));
            }
        }
    }
}
