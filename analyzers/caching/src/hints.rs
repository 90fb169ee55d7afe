//! What a lineage-aware policy is told, computed from the trace as it was known at each moment.
//!
//! What the values mean, and when they are told, is written down where they are worked out: [`lamarck_cache::lineage`], which the
//! engine's node caches listen to as well. Here a walk over the trace tells it what happened. Candidates are known by their
//! row, so that odd traces with an id twice confuse nobody.
//!
//! With donors by best match the donor need not be the member that was chosen. Descent and choice are then those of the
//! parent, whose layers the donor shares more often than not.

use crate::stream::{Now, Stream, Visitor};
use lamarck_cache::{AgingSelection, Hint, Lineage, LineageRule, Standing};

pub use lamarck_cache::Selection;

/// Hints for `population`.
pub(crate) fn population(stream: &Stream) -> Vec<Hint> {
    hints(stream, LineageRule::Population)
}

/// Hints for `descendants`.
pub(crate) fn descendants(stream: &Stream) -> Vec<Hint> {
    hints(stream, LineageRule::Descendants)
}

/// Hints for `next-donor`.
pub(crate) fn next_donor(stream: &Stream, selection: Selection, population: usize) -> Vec<Hint> {
    hints(stream, LineageRule::NextDonor(AgingSelection { selection, population }))
}

fn hints(stream: &Stream, rule: LineageRule) -> Vec<Hint> {
    let mut hints = Hints { stream, lineage: Lineage::new(rule), told: Vec::new() };
    stream.walk(&mut hints);
    hints.told
}

struct Hints<'a> {
    stream: &'a Stream,
    lineage: Lineage,
    told: Vec<Hint>,
}

impl Hints<'_> {
    fn ancestor(&self, row: u32) -> Option<u64> {
        self.stream.candidates.ancestor(row).map(u64::from)
    }

    fn say(&mut self, now: Now) {
        let told = &mut self.told;
        let Ok(()) = self.lineage.tell(|object, value| {
            told.push(Hint { before: now.access, object, value });
            Ok::<(), std::convert::Infallible>(())
        });
    }
}

impl Visitor for Hints<'_> {
    fn promised(&mut self, row: u32, now: Now) {
        self.lineage.promise(u64::from(row), self.ancestor(row), self.stream.inherited(row));
        self.say(now);
    }

    fn reads(&mut self, row: u32, now: Now) {
        self.lineage.read(u64::from(row));
        self.say(now);
    }

    fn writes(&mut self, row: u32, _now: Now) {
        self.lineage.end(u64::from(row));
        // Whoever is not made a member leaves behind what nobody holds.
        self.lineage.touch(self.stream.map(row));
    }

    fn joins(&mut self, row: u32, _now: Now) {
        let candidates = &self.stream.candidates;
        let standing = Standing { score: candidates.score(row), number: candidates.id[row as usize] };
        let map = self.stream.map(row).iter().copied();
        self.lineage.join(u64::from(row), self.ancestor(row), standing, map);
    }

    fn leaves(&mut self, row: u32, _now: Now) {
        self.lineage.leave(u64::from(row));
    }

    fn finished(&mut self, _row: u32, now: Now) {
        self.lineage.finished();
        self.say(now);
    }
}

#[cfg(test)]
mod tests;
