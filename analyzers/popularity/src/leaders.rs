//! Who leads, since when, and why leaders fall.

use crate::kin::Kin;
use crate::lives::NONE;

/// Why a donor lost the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    EndOfRun,
    Retired,
    AgedOut,
    LostMatch,
    Descendant,
    Relative,
    Unrelated,
    Overtaken,
    Faded,
}

impl Reason {
    /// All, in the order of precedence.
    pub(crate) const ALL: [Self; 9] = [
        Self::EndOfRun,
        Self::Retired,
        Self::AgedOut,
        Self::LostMatch,
        Self::Descendant,
        Self::Relative,
        Self::Unrelated,
        Self::Overtaken,
        Self::Faded,
    ];

    /// For keys.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::EndOfRun => "end-of-run",
            Self::Retired => "retired",
            Self::AgedOut => "aged-out",
            Self::LostMatch => "lost-longest-match",
            Self::Descendant => "own-descendant",
            Self::Relative => "relative",
            Self::Unrelated => "unrelated",
            Self::Overtaken => "kinship-not-known",
            Self::Faded => "nobody-else",
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::EndOfRun => "still led at the end",
            Self::Retired => "retired",
            Self::AgedOut => "aged out",
            Self::LostMatch => "lost longest match",
            Self::Descendant => "overtaken by own descendant",
            Self::Relative => "overtaken by relative",
            Self::Unrelated => "overtaken by unrelated",
            Self::Overtaken => "overtaken, kinship not known",
            Self::Faded => "nobody took over",
        }
    }
}

/// What the rule for falls asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fall {
    /// Whether it could no longer lend when the latest child was chosen, and how that is called.
    pub(crate) gone: Option<Reason>,
    /// Whether a later model's children share more with it than the fallen one's with that.
    pub(crate) outmatched: bool,
    pub(crate) kin: Kin,
}

impl Fall {
    /// The first reason that applies, in the order of [`Reason::ALL`].
    pub(crate) fn reason(self) -> Reason {
        match self {
            Self { gone: Some(reason), .. } => reason,
            Self { outmatched: true, .. } => Reason::LostMatch,
            Self { kin: Kin::Descendant, .. } => Reason::Descendant,
            Self { kin: Kin::Relative, .. } => Reason::Relative,
            Self { kin: Kin::Unrelated, .. } => Reason::Unrelated,
            Self { kin: Kin::Unknown, .. } => Reason::Overtaken,
            Self { kin: Kin::Nobody, .. } => Reason::Faded,
        }
    }
}

/// A donor that led at least once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leader {
    pub(crate) slot: u32,
    /// Completions when it first led.
    pub(crate) first: u32,
    /// Completions when it last lost the lead, or the end.
    pub(crate) fall: u32,
    /// How often it took the lead.
    pub(crate) spells: u32,
    /// Completions during which it led.
    pub(crate) led: u64,
    /// Microseconds of virtual time during which it led.
    pub(crate) led_us: u64,
    /// Why it last lost the lead.
    pub(crate) reason: Reason,
    /// The slot of who then led.
    pub(crate) successor: u32,
    pub(crate) kin: Kin,
    since: u32,
    since_us: u64,
}

/// All leaders, and the one that leads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaders {
    pub(crate) all: Vec<Leader>,
    /// Position of the one that leads.
    current: Option<usize>,
    /// How many spells ended for each reason, by the successor's kinship.
    pub(crate) falls: [[u64; Kin::ALL.len()]; Reason::ALL.len()],
}

impl Leaders {
    /// The slot of the leader.
    #[inline]
    pub(crate) fn slot(&self) -> Option<u32> {
        self.current.map(|at| self.all[at].slot)
    }

    /// The leader loses the lead after `rows` completions.
    pub(crate) fn fall(&mut self, rows: u32, now_us: u64, fall: Fall, successor: Option<u32>) {
        self.end(rows, now_us, fall.reason(), fall.kin, successor);
    }

    fn end(&mut self, rows: u32, now_us: u64, reason: Reason, kin: Kin, successor: Option<u32>) {
        let Some(at) = self.current.take() else { return };
        let leader = &mut self.all[at];
        leader.fall = rows;
        leader.led += u64::from(rows.saturating_sub(leader.since));
        leader.led_us = leader.led_us.saturating_add(now_us.saturating_sub(leader.since_us));
        leader.reason = reason;
        leader.kin = kin;
        leader.successor = successor.unwrap_or(NONE);
        self.falls[reason as usize][kin as usize] += 1;
    }

    /// A donor takes the lead; `position` is what this returned when it last did, or `NONE`.
    pub(crate) fn lead(&mut self, slot: u32, position: u32, rows: u32, now_us: u64) -> u32 {
        let at = position as usize;
        if at >= self.all.len() {
            self.all.push(Leader {
                slot,
                first: rows,
                fall: rows,
                spells: 1,
                led: 0,
                led_us: 0,
                reason: Reason::EndOfRun,
                successor: NONE,
                kin: Kin::Nobody,
                since: rows,
                since_us: now_us,
            });
        } else {
            let leader = &mut self.all[at];
            leader.spells += 1;
            (leader.since, leader.since_us) = (rows, now_us);
        }
        let at = at.min(self.all.len() - 1);
        self.current = Some(at);
        u32::try_from(at).unwrap_or(NONE)
    }

    /// The run is over.
    pub(crate) fn close(&mut self, rows: u32, now_us: u64) {
        self.end(rows, now_us, Reason::EndOfRun, Kin::Nobody, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_precedence() {
        let kins = [Kin::Descendant, Kin::Relative, Kin::Unrelated, Kin::Unknown, Kin::Nobody];
        let by_kin =
            [Reason::Descendant, Reason::Relative, Reason::Unrelated, Reason::Overtaken, Reason::Faded];
        for (kin, expected) in kins.into_iter().zip(by_kin) {
            assert_eq!(Fall { gone: None, outmatched: false, kin }.reason(), expected);
            assert_eq!(Fall { gone: None, outmatched: true, kin }.reason(), Reason::LostMatch);
            let gone = Some(Reason::AgedOut);
            assert_eq!(Fall { gone, outmatched: true, kin }.reason(), Reason::AgedOut);
        }
        assert!(Reason::ALL.iter().enumerate().all(|(i, &reason)| reason as usize == i));
        assert!(Kin::ALL.iter().enumerate().all(|(i, &kin)| kin as usize == i));
    }

    #[test]
    fn a_leader_that_comes_back() {
        let mut leaders = Leaders::default();
        let fall = Fall { gone: None, outmatched: false, kin: Kin::Unrelated };
        let first = leaders.lead(4, NONE, 10, 100);
        leaders.fall(15, 150, fall, Some(5));
        let second = leaders.lead(5, NONE, 15, 150);
        leaders.fall(18, 180, fall, Some(4));
        assert_eq!(leaders.lead(4, first, 18, 180), first);
        assert_ne!(first, second);
        leaders.close(20, 200);
        let (a, b) = (leaders.all[0], leaders.all[1]);
        assert_eq!(
            (a.spells, a.led, a.led_us, a.first, a.fall, a.reason),
            (2, 7, 70, 10, 20, Reason::EndOfRun)
        );
        assert_eq!((b.spells, b.led, b.fall, b.reason, b.successor), (1, 3, 18, Reason::Unrelated, 4));
        assert_eq!(leaders.falls.iter().flatten().sum::<u64>(), 3);
    }
}
