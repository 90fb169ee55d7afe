//! Points in time, as logs write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A point in time in microseconds, and what it counts from. Points of different kinds are on different clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A date with an offset: microseconds of Unix time.
    Universal(i64),
    /// A date without one, of some local clock: microseconds as if it were UTC.
    Local(i64),
}

impl Moment {
    /// An ISO 8601 date, with `T` or a space in its middle, with or without an offset.
    pub(crate) fn of_date(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Self::Universal(timestamp.as_microsecond()));
        }
        let local = text.parse::<DateTime>().ok()?;
        Some(Self::Local(Offset::UTC.to_timestamp(local).ok()?.as_microsecond()))
    }

    /// The microseconds, whatever they count from.
    pub(crate) const fn micros(self) -> i64 {
        match self {
            Self::Universal(micros) | Self::Local(micros) => micros,
        }
    }
}

/// A time in some unit as whole microseconds; `None` where it is no number or too far away (beyond some 100,000 years).
#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
pub(crate) fn micros(value: f64, micros_per_unit: f64) -> Option<i64> {
    let micros = (value * micros_per_unit).round();
    (micros.abs() < 4e18).then_some(micros as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_and_without_offset() {
        // `date -u -d 2026-11-24T19:57:06 +%s` says 1795550226.
        let micros = 1_795_550_226_523_505;
        for text in ["2026-11-24T19:57:06.523505+00:00", "2026-11-24T21:57:06.523505+02:00"] {
            assert_eq!(Moment::of_date(text), Some(Moment::Universal(micros)), "{text}");
        }
        for text in ["2026-11-24T19:57:06.523505", "2026-11-24 19:57:06.523505"] {
            assert_eq!(Moment::of_date(text), Some(Moment::Local(micros)), "{text}");
        }
        assert_eq!(Moment::of_date("yesterday"), None);
    }

    #[test]
    fn times_are_bounded() {
        assert_eq!(micros(1.5, 1e6), Some(1_500_000));
        assert_eq!(micros(f64::NAN, 1.0), None);
        assert_eq!(micros(1e300, 1e6), None);
    }
}
