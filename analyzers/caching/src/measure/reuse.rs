//! How soon and how often stored weights are used again, whatever the cache.

use crate::stream::{StepKind, Stream};
use lamarck_cache::Op;

/// Time between two uses of an object: a read and the read or write before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Intervals {
    /// Candidates that finished in between, sorted.
    pub(crate) completions: Vec<u32>,
    /// Microseconds of virtual time in between, sorted.
    pub(crate) microseconds: Vec<u64>,
}

/// A window of finished candidates.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Window {
    /// Candidates finished at its end, were it complete.
    pub(crate) position: usize,
    /// Bytes of the distinct objects read or written.
    pub(crate) used: u64,
    /// Bytes of the distinct objects read.
    pub(crate) read: u64,
    /// Bytes of all objects ever written or read, at its end.
    pub(crate) ever: u64,
}

/// Use over the run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reuse {
    pub(crate) intervals: Intervals,
    pub(crate) windows: Vec<Window>,
    /// Objects written, and those never read.
    pub(crate) written: u64,
    pub(crate) written_bytes: u64,
    pub(crate) never_read: u64,
    pub(crate) never_read_bytes: u64,
    /// Candidates finished between an object's writing and its last read, sorted, of objects that were read.
    pub(crate) read_until: Vec<u32>,
}

/// The most positions a chart has along its horizontal axis.
const POSITIONS: usize = 200;

/// The window's width: the option's times the least power of two with which at most 200 are needed, so that runs of the same
/// length have the same positions.
pub(crate) fn width(option: usize, rows: usize) -> usize {
    let mut width = option.max(1);
    while rows.div_ceil(width) > POSITIONS {
        width = width.saturating_mul(2);
    }
    width
}

pub(crate) fn reuse(stream: &Stream, window: usize) -> Reuse {
    let objects = stream.object_count();
    let width = width(window, stream.candidate_count());
    let mut reuse = Reuse::default();
    let mut last: Vec<Option<(u32, u64)>> = vec![None; objects];
    let mut written: Vec<Option<u32>> = vec![None; objects];
    let mut last_read: Vec<Option<u32>> = vec![None; objects];
    // The window, from 1, in which an object was used and read last.
    let (mut used_in, mut read_in) = (vec![0_usize; objects], vec![0_usize; objects]);
    let mut finished = 0_u32;
    let mut ever = 0;
    let mut open = Window::default();
    for (step, range) in stream.spans() {
        if step.kind == StepKind::Finish {
            finished += 1;
        }
        // What a candidate writes belongs to the window in which it finishes, what it reads to the one that is open.
        let number =
            (finished as usize).saturating_sub(usize::from(step.kind == StepKind::Finish)) / width + 1;
        if open.position != 0 && open.position != number * width {
            reuse.windows.push(open);
        }
        if open.position != number * width {
            // Windows in which nothing is used have no bytes, but they have a place.
            let from = open.position / width + 1;
            for skipped in from..number {
                reuse.windows.push(Window { position: skipped * width, ever, ..Window::default() });
            }
            open = Window { position: number * width, ..Window::default() };
        }
        for index in range {
            let (o, op) = (stream.objects[index] as usize, stream.ops[index]);
            let size = stream.sizes[o];
            if op == Op::Delete {
                last[o] = None;
                continue;
            }
            if used_in[o] == 0 {
                ever += size;
            }
            if used_in[o] != number {
                used_in[o] = number;
                open.used += size;
            }
            if op == Op::Get {
                if read_in[o] != number {
                    read_in[o] = number;
                    open.read += size;
                }
                last_read[o] = Some(finished);
                if let Some((completions, microseconds)) = last[o] {
                    reuse.intervals.completions.push(finished - completions);
                    reuse.intervals.microseconds.push(step.time_us.saturating_sub(microseconds));
                }
            } else {
                written[o] = Some(finished);
                reuse.written += 1;
                reuse.written_bytes += size;
            }
            last[o] = Some((finished, step.time_us));
        }
        open.ever = ever;
    }
    if open.position != 0 {
        reuse.windows.push(open);
    }
    for ((written, read), size) in written.into_iter().zip(last_read).zip(&stream.sizes) {
        match (written, read) {
            (Some(written), Some(read)) => reuse.read_until.push(read.saturating_sub(written)),
            (Some(_), None) => {
                reuse.never_read += 1;
                reuse.never_read_bytes += size;
            }
            (None, _) => {}
        }
    }
    reuse.intervals.completions.sort_unstable();
    reuse.intervals.microseconds.sort_unstable();
    reuse.read_until.sort_unstable();
    reuse
}
