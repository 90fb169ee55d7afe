//! How long objects live under each rule of retention, and what each rule would have lost.
//!
//! All rules are judged on the accesses that there were. Another rule might have led to other donors, so what is lost is what
//! this run read after the rule had deleted it. A promise made of a deleted object is lost too: under `reachable` that is
//! the only way to lose anything.

use crate::stream::{Holders, Now, Retention, Stream, Visitor};

/// One rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleLives {
    /// Objects that were deleted for good.
    pub(crate) deleted: u64,
    /// Objects that were there to the end.
    pub(crate) kept: u64,
    /// Candidates finished between writing and the last deletion, sorted.
    pub(crate) completions: Vec<u32>,
    /// Microseconds between them, sorted.
    pub(crate) microseconds: Vec<u64>,
    pub(crate) live_bytes: u64,
    pub(crate) peak_bytes: u64,
    /// Reads after deletion, and their bytes.
    pub(crate) lost: u64,
    pub(crate) lost_bytes: u64,
    /// Candidates finished between the deletion and the read that was lost, sorted: so long after the rule's moment objects
    /// would have had to stay.
    pub(crate) late: Vec<u32>,
}

/// All rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lives {
    /// In the order of [`RULES`]; without those that cannot be judged.
    pub(crate) rules: Vec<(Retention, RuleLives)>,
    pub(crate) reads: u64,
    pub(crate) read_bytes: u64,
}

/// An object under one rule.
#[derive(Debug, Clone, Copy, Default)]
struct Life {
    /// When it was written; nothing before.
    born: Option<(u32, u64)>,
    /// When it was deleted; nothing while it is kept.
    died: Option<(u32, u64)>,
}

struct Watch<'a> {
    stream: &'a Stream,
    holders: Holders,
    rules: Vec<(Retention, RuleLives, Vec<Life>)>,
    reads: u64,
    read_bytes: u64,
    touched: Vec<u32>,
}

pub(crate) fn lives(stream: &Stream) -> Lives {
    let objects = stream.object_count();
    let known = stream.options().population.is_some();
    let judged = |rule: &Retention| known || matches!(rule, Retention::All | Retention::Window);
    let mut watch = Watch {
        stream,
        holders: Holders::new(objects),
        rules: Retention::ALL
            .into_iter()
            .filter(judged)
            .map(|rule| (rule, RuleLives::default(), vec![Life::default(); objects]))
            .collect(),
        reads: 0,
        read_bytes: 0,
        touched: Vec::new(),
    };
    stream.walk(&mut watch);
    let Watch { rules, reads, read_bytes, .. } = watch;
    let finish = |(rule, mut lives, objects): (Retention, RuleLives, Vec<Life>)| {
        for life in objects {
            match (life.born, life.died) {
                (Some((born, born_us)), Some((died, died_us))) => {
                    lives.deleted += 1;
                    lives.completions.push(died - born);
                    lives.microseconds.push(died_us.saturating_sub(born_us));
                }
                (Some(_), None) => lives.kept += 1,
                (None, _) => {}
            }
        }
        lives.completions.sort_unstable();
        lives.microseconds.sort_unstable();
        lives.late.sort_unstable();
        (rule, lives)
    };
    Lives { rules: rules.into_iter().map(finish).collect(), reads, read_bytes }
}

impl Watch<'_> {
    /// Deletes and revives what has changed hands.
    fn settle(&mut self, now: Now) {
        let mut touched = std::mem::take(&mut self.touched);
        for object in touched.drain(..) {
            let size = self.stream.sizes[object as usize];
            for (rule, lives, objects) in &mut self.rules {
                let life = &mut objects[object as usize];
                let kept = self.holders.kept_by(*rule, object);
                if life.born.is_none() {
                    continue;
                }
                if kept && life.died.is_some() {
                    life.died = None;
                    lives.live_bytes += size;
                } else if !kept && life.died.is_none() {
                    life.died = Some((now.finished, now.time_us));
                    lives.live_bytes -= size;
                }
            }
        }
        self.touched = touched;
        for (_, lives, _) in &mut self.rules {
            lives.peak_bytes = lives.peak_bytes.max(lives.live_bytes);
        }
    }

    /// Counts what is gone.
    fn miss(&mut self, row: u32, now: Now, promised: bool) {
        for object in self.stream.inherited(row) {
            for (rule, lives, objects) in &mut self.rules {
                if promised != (*rule == Retention::Reachable) {
                    continue;
                }
                if let Some((died, _)) = objects[object as usize].died {
                    lives.lost += 1;
                    lives.lost_bytes += self.stream.sizes[object as usize];
                    lives.late.push(now.finished - died);
                }
            }
        }
    }
}

impl Visitor for Watch<'_> {
    fn promised(&mut self, row: u32, now: Now) {
        self.miss(row, now, true);
        for object in self.stream.inherited(row) {
            self.holders.promises[object as usize] += 1;
            self.touched.push(object);
        }
        self.settle(now);
    }

    fn reads(&mut self, row: u32, now: Now) {
        self.miss(row, now, false);
        for object in self.stream.inherited(row) {
            self.reads += 1;
            self.read_bytes += self.stream.sizes[object as usize];
        }
    }

    fn writes(&mut self, row: u32, now: Now) {
        for object in self.stream.own(row) {
            for (_, lives, objects) in &mut self.rules {
                objects[object as usize].born = Some((now.finished, now.time_us));
                lives.live_bytes += self.stream.sizes[object as usize];
            }
        }
        for object in self.stream.inherited(row) {
            self.holders.promises[object as usize] -= 1;
        }
        for &object in self.stream.map(row) {
            self.holders.window[object as usize] += 1;
            self.touched.push(object);
        }
    }

    fn joins(&mut self, row: u32, now: Now) {
        self.stream.map(row).iter().for_each(|&object| self.holders.members[object as usize] += 1);
        // As the repository counts it: the new member is stored before the oldest leaves.
        self.settle(now);
    }

    fn leaves(&mut self, row: u32, _now: Now) {
        for &object in self.stream.map(row) {
            self.holders.members[object as usize] -= 1;
            self.touched.push(object);
        }
    }

    fn expires(&mut self, row: u32, _now: Now) {
        for &object in self.stream.map(row) {
            self.holders.window[object as usize] -= 1;
            self.touched.push(object);
        }
    }

    fn finished(&mut self, _row: u32, now: Now) {
        self.settle(now);
    }
}
