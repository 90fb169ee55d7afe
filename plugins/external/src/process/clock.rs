//! The one place in a plugin that reads a clock.
//!
//! Plugins read none: results must not depend on how fast a machine is. A timeout does need one, though, or a program
//! that falls silent would hold a study for ever. What is read here decides only whether to go on waiting; no message
//! carries a time, and no result depends on one. It is the monotonic clock, which nobody sets.

use std::time::{Duration, Instant};

/// The moment at which waiting ends.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// So long from now; never, if that is more than the clock can count.
    pub fn after(timeout: Duration) -> Self {
        Self(now().checked_add(timeout))
    }

    /// What is left until then; zero from then on.
    pub fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |end| end.saturating_duration_since(now()))
    }
}

#[expect(clippy::disallowed_methods, reason = "a timeout needs a clock; no result depends on it")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_gets_less_and_ends_at_nothing() {
        assert_eq!(Deadline::after(Duration::ZERO).left(), Duration::ZERO);
        let hour = Duration::from_hours(1);
        let left = Deadline::after(hour).left();
        assert!(left <= hour && left > hour / 2);
        assert_eq!(Deadline::after(Duration::MAX).left(), Duration::MAX);
    }
}
