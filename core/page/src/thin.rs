//! Which points a chart draws, where it has more than a browser draws at ease. CSV files have all.
//!
//! **A line** of more points than it may draw is cut into runs of equally many points, half as many runs as points
//! may be drawn. Of each run the smallest and the largest value are drawn, in their order, and of the whole line the
//! first and the last point; a run without a value draws its first point, so that a long gap stays a gap. Means would
//! be smoother and hide every spike; taking each k-th point misses them by chance. A reader of a curve must be able to
//! trust that nothing above or below it was left out.
//!
//! **Heat maps and stacked bands** draw each k-th column and the last one: their columns belong together, so they
//! cannot be picked value by value.

/// The positions of a line's points that are drawn, ascending; `None` for all.
pub(crate) fn line(y: &[Option<f64>], most: usize) -> Option<Vec<usize>> {
    if y.len() <= most || most < 4 {
        return None;
    }
    let runs = most / 2 - 1;
    let mut drawn = vec![0];
    for run in 0..runs {
        let (start, end) = (run * y.len() / runs, (run + 1) * y.len() / runs);
        let known = || (start..end).filter_map(|i| y[i].map(|value| (i, value)));
        let low = known().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(start, |found| found.0);
        let high = known().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(start, |found| found.0);
        drawn.extend([low.min(high), low.max(high)]);
    }
    drawn.push(y.len() - 1);
    drawn.dedup();
    Some(drawn)
}

/// The positions of the columns that are drawn, ascending; `None` for all.
pub(crate) fn columns(len: usize, most: usize) -> Option<Vec<usize>> {
    if len <= most || most < 2 {
        return None;
    }
    let step = len.div_ceil(most - 1);
    let mut drawn: Vec<usize> = (0..len).step_by(step).collect();
    if drawn.last() != Some(&(len - 1)) {
        drawn.push(len - 1);
    }
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_spike_is_drawn_and_a_gap_stays() {
        let mut y: Vec<Option<f64>> = (0..1000).map(|i| Some(f64::from(i % 7))).collect();
        y[333] = Some(99.0);
        y[334] = Some(-99.0);
        y[500..600].fill(None);
        let drawn = line(&y, 40).unwrap();
        assert!(drawn.len() <= 40);
        assert!(drawn.contains(&333) && drawn.contains(&334));
        assert!(drawn.iter().any(|&i| y[i].is_none()));
        assert_eq!((drawn[0], drawn.last()), (0, Some(&999)));
        assert_eq!(line(&y, 1000), None);
    }

    #[test]
    fn columns_are_evenly_spaced() {
        assert_eq!(columns(10, 4), Some(vec![0, 4, 8, 9]));
        assert_eq!(columns(9, 3), Some(vec![0, 5, 8]));
        assert_eq!(columns(4, 4), None);
        assert_eq!(columns(0, 4), None);
    }

    proptest! {
        #[test]
        fn the_extremes_and_the_ends_are_always_drawn(
            y in prop::collection::vec(prop::option::of(-1e3..1e3_f64), 0..300), most in 4_usize..60
        ) {
            let Some(drawn) = line(&y, most) else { return Ok(()); };
            prop_assert!(drawn.len() <= most);
            prop_assert!(drawn.is_sorted_by(|a, b| a < b));
            prop_assert_eq!((drawn[0], *drawn.last().unwrap()), (0, y.len() - 1));
            let extremes = |values: &mut dyn Iterator<Item = f64>| {
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
            };
            prop_assert_eq!(
                extremes(&mut drawn.iter().filter_map(|&i| y[i])),
                extremes(&mut y.iter().filter_map(|v| *v))
            );
        }

        #[test]
        fn so_many_columns_at_most(len in 0_usize..5000, most in 2_usize..600) {
            if let Some(drawn) = columns(len, most) {
                prop_assert!(drawn.len() <= most);
                prop_assert!(drawn.is_sorted_by(|a, b| a < b) && drawn[0] == 0 && drawn.last() == Some(&(len - 1)));
            }
        }
    }
}
