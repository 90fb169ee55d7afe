//! Where the random phase ends.
//!
//! A search that has begun to evolve makes candidates that are near earlier ones; before, whatever is near is near by
//! chance. So the share of candidates with a possible parent jumps. The jump is placed where two shares, one before and one
//! after, make the observations most likely (the change point of a sequence of Bernoulli trials, by maximum likelihood).
//! When the first children end, random candidates are still in flight, so there is a stretch in which both end. The jump that
//! was found may lie at the far side of it; so what is before the jump is searched for another, until there is none. The
//! random phase then ends with the first children, and the last random candidates count as unexplained.
//!
//! The closed form `P + W - 1` needs to know the search's population, its workers and its rule for when evolution starts,
//! none of which a log says for sure.

/// How much more likely two shares must make the observations than one, as a logarithm. By chance alone the best of
/// thousands of places to cut gains some 5.
const GAIN: f64 = 10.0;

/// How many candidates the random phase has; `None` where the share of candidates that have a possible parent rises nowhere
/// by more than chance.
pub fn estimate(explained: &[bool]) -> Option<usize> {
    let mut end = jump(explained)?;
    while let Some(earlier) = jump(&explained[..end]) {
        end = earlier;
    }
    Some(end)
}

/// The place where the share rises most; before the end, so that looking again before it comes to one.
fn jump(explained: &[bool]) -> Option<usize> {
    let all = explained.len() as f64;
    let total = explained.iter().filter(|explained| **explained).count() as f64;
    let whole = likelihood(total, all);
    let mut best: Option<(usize, f64)> = None;
    let mut before = 0.0;
    for (at, now) in explained.iter().enumerate() {
        // The cut is before this one.
        let size = at as f64;
        let (share_before, share_after) = (before / size.max(1.0), (total - before) / (all - size));
        if at > 0 && share_after > share_before {
            let gain = likelihood(before, size) + likelihood(total - before, all - size) - whole;
            if best.is_none_or(|(_, most)| gain > most) {
                best = Some((at, gain));
            }
        }
        before += f64::from(u8::from(*now));
    }
    best.filter(|(_, gain)| *gain > GAIN).map(|(at, _)| at)
}

/// The logarithm of the largest likelihood of so many successes among so many trials.
fn likelihood(successes: f64, trials: f64) -> f64 {
    let term = |count: f64| if count > 0.0 { count * (count / trials).ln() } else { 0.0 };
    term(successes) + term(trials - successes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jump_is_found_and_noise_is_none() {
        let jump: Vec<bool> = (0..500).map(|i| if i < 120 { i % 20 == 7 } else { i % 25 != 3 }).collect();
        // 120 and its neighbours are explained; 107 is the last one before.
        assert_eq!(estimate(&jump), Some(120));
        // Children and the last random candidates end side by side, from 118 to 141.
        let overlap = |i: usize| i >= 141 || (i >= 118 && i.is_multiple_of(2));
        assert_eq!(estimate(&(0..900).map(overlap).collect::<Vec<_>>()), Some(118));
        let noise: Vec<bool> = (0..500).map(|i| i * i % 7 < 3).collect();
        assert_eq!(estimate(&noise), None);
        assert_eq!(estimate(&[false; 300]), None);
        assert_eq!(estimate(&[true; 300]), None);
        assert_eq!(estimate(&[]), None);
        // Shares that fall are no end of a random phase.
        assert_eq!(estimate(&(0..300).map(|i| i < 100).collect::<Vec<_>>()), None);
    }
}
