//! The accesses as caches see them: one that all nodes share, or one on each node.
//!
//! A node's cache sees what candidates on that node read and write, and the deletion of what it has ever seen. So it
//! misses once what was written elsewhere; that is what a local cache costs. Of hints it hears those about objects that it
//! has seen, and what the value is when it sees one for the first time.

use crate::stream::{NONE, Stream};
use lamarck_cache::{Error, Hint, Op, SizeRule, Trace, TraceBuilder};
use lamarck_sdk::Nullable;
use std::collections::BTreeMap;

/// One cache's accesses, and what its policies are told.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) trace: Trace,
    /// For `population`, `descendants`, `next-donor`; empty where nothing is known.
    pub(crate) hints: [Vec<Hint>; 3],
}

/// An object that a node has seen.
struct Sight {
    node: u32,
    /// The access at which it saw it first.
    first: u32,
    /// The object's number in the node's trace.
    local: u32,
}

/// Who has seen what: by object, in order of first sight.
struct Sights(Vec<Vec<Sight>>);

fn push(builder: &mut TraceBuilder, op: Op, id: u64, size: u64) -> Result<(), Error> {
    match op {
        Op::Get => builder.get(id, size),
        Op::Put => builder.put(id, size),
        Op::Delete => builder.delete(id),
    }
}

/// The views of caches that see some of the accesses: `node_of` says which one sees those of a candidate.
fn views(
    stream: &Stream,
    nodes: usize,
    node_of: impl Fn(u32) -> u32,
    hints: &[Vec<Hint>; 3],
) -> Result<Vec<View>, Error> {
    let mut builders: Vec<TraceBuilder> = (0..nodes).map(|_| TraceBuilder::new(SizeRule::Refuse)).collect();
    let mut seen = vec![0_u32; nodes];
    let mut sights: Vec<Vec<Sight>> = (0..stream.object_count()).map(|_| Vec::new()).collect();
    for (step, range) in stream.spans() {
        let node = node_of(step.row);
        for (index, first) in range.clone().zip(step.first..) {
            let (object, op) = (stream.objects[index], stream.ops[index]);
            let (id, size) = (u64::from(object), stream.sizes[object as usize]);
            let of_object = &mut sights[object as usize];
            if op == Op::Delete {
                for sight in of_object.iter() {
                    builders[sight.node as usize].delete(id)?;
                }
                continue;
            }
            if !of_object.iter().any(|sight| sight.node == node) {
                let local = &mut seen[node as usize];
                of_object.push(Sight { node, first, local: *local });
                *local += 1;
            }
            push(&mut builders[node as usize], op, id, size)?;
        }
    }
    let sights = Sights(sights);
    let mut views = Vec::with_capacity(nodes);
    for builder in builders {
        views.push(View { trace: builder.finish()?, hints: Default::default() });
    }
    for (kind, hints) in hints.iter().enumerate().filter(|(_, hints)| !hints.is_empty()) {
        for (view, told) in views.iter_mut().zip(sights.tell(stream, nodes, &node_of, hints)) {
            view.hints[kind] = told;
        }
    }
    Ok(views)
}

impl Sights {
    /// Each node's hints.
    fn tell(
        &self,
        stream: &Stream,
        nodes: usize,
        node_of: impl Fn(u32) -> u32,
        hints: &[Hint],
    ) -> Vec<Vec<Hint>> {
        let mut told: Vec<Vec<Hint>> = vec![Vec::new(); nodes];
        // Accesses that each node has had so far.
        let mut count = vec![0_u32; nodes];
        let mut value = vec![1.0; self.0.len()];
        let mut hints = hints.iter().peekable();
        for (step, range) in stream.spans() {
            let node = node_of(step.row) as usize;
            for (index, now) in range.zip(step.first..) {
                while let Some(hint) = hints.next_if(|hint| hint.before <= now) {
                    self.pass_on(hint, now, &mut value, &count, &mut told);
                }
                let object = stream.objects[index] as usize;
                if stream.ops[index] == Op::Delete {
                    for sight in self.0[object].iter().take_while(|sight| sight.first < now) {
                        count[sight.node as usize] += 1;
                    }
                    continue;
                }
                let first = |sight: &&Sight| sight.node as usize == node && sight.first == now;
                if let Some(sight) = self.0[object].iter().find(first)
                    && (value[object] - 1.0_f64).abs() > 0.0
                {
                    let value = value[object];
                    told[node].push(Hint { before: count[node], object: sight.local, value });
                }
                count[node] += 1;
            }
        }
        for hint in hints {
            self.pass_on(hint, u32::MAX, &mut value, &count, &mut told);
        }
        told
    }

    fn pass_on(&self, hint: &Hint, now: u32, value: &mut [f64], count: &[u32], told: &mut [Vec<Hint>]) {
        let object = hint.object as usize;
        value[object] = hint.value;
        for sight in self.0[object].iter().take_while(|sight| sight.first < now) {
            let node = sight.node as usize;
            told[node].push(Hint { before: count[node], object: sight.local, value: hint.value });
        }
    }
}

/// One cache for all.
pub(crate) fn shared(stream: &Stream, hints: &[Vec<Hint>; 3]) -> Result<View, Error> {
    let mut views = views(stream, 1, |_| 0, hints)?;
    // One was asked for.
    Ok(views.swap_remove(0))
}

/// The nodes on which candidates read or write, numbered from 0; `None` if it is not known of all of them.
pub(crate) struct Nodes {
    of_row: Vec<u32>,
    pub(crate) count: usize,
}

impl Nodes {
    pub(crate) fn of(stream: &Stream) -> Option<Self> {
        let mut numbers = BTreeMap::new();
        let mut of_row = vec![0; stream.candidate_count()];
        for (row, number) in (0_u32..).zip(&mut of_row) {
            let node = stream.candidates.node[row as usize];
            if stream.map(row).is_empty() {
                continue;
            }
            let next = u32::try_from(numbers.len()).unwrap_or(NONE);
            *number = *numbers.entry(node.known()?).or_insert(next);
        }
        Some(Self { of_row, count: numbers.len().max(1) })
    }
}

/// A cache on each node.
pub(crate) fn per_node(stream: &Stream, nodes: &Nodes, hints: &[Vec<Hint>; 3]) -> Result<Vec<View>, Error> {
    views(stream, nodes.count, |row| nodes.of_row[row as usize], hints)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hints;
    use crate::stream::{Retention, StreamBuilder, StreamOptions};
    use crate::support::Evolution;

    /// What each cache is told and asked, one at a time: (operation, object, value at that moment).
    fn told(view: &View, kind: usize) -> Vec<(Op, u64, f64)> {
        let mut values = vec![1.0; view.trace.sizes().len()];
        let mut hints = view.hints[kind].iter().peekable();
        let mut told = Vec::new();
        for (index, &object) in view.trace.objects().iter().enumerate() {
            while let Some(hint) = hints.next_if(|hint| hint.before as usize <= index) {
                values[hint.object as usize] = hint.value;
            }
            let id = view.trace.ids()[object as usize];
            told.push((view.trace.op(index), id, values[object as usize]));
        }
        told
    }

    #[test]
    fn nodes_see_their_part_of_what_all_see() {
        let (candidates, layers) = Evolution { seed: 9, ..Evolution::default() }.run();
        let mut builder = StreamBuilder::default();
        builder.candidates(&candidates.view()).unwrap();
        builder.layers(&layers).unwrap();
        let options = StreamOptions {
            retention: Retention::Reachable,
            population: Some(20),
            ..StreamOptions::default()
        };
        let stream = builder.finish(&options).unwrap();
        let hints = [
            hints::population(&stream),
            hints::descendants(&stream),
            hints::next_donor(&stream, hints::Selection::Even, 20),
        ];
        let all = shared(&stream, &hints).unwrap();
        let nodes = Nodes::of(&stream).unwrap();
        assert_eq!(nodes.count, 4);
        let parts = per_node(&stream, &nodes, &hints).unwrap();
        for kind in 0..3 {
            let whole = told(&all, kind);
            // What is dead is neither read nor written.
            let other = whole.iter().filter(|(_, _, value)| (value - 1.0).abs() > 0.0).count();
            assert!(other > 300 || kind == 0, "{kind}");
            // The naive way: filter what all see by node; of deletions those of what the node has seen.
            for (part, node) in parts.iter().zip(0..) {
                let mut seen = std::collections::BTreeSet::new();
                let mut expected = Vec::new();
                for (access, &(op, id, value)) in stream.accesses().zip(&whole) {
                    if access.op == Op::Delete && seen.contains(&id) {
                        expected.push((op, id, value));
                    } else if access.op != Op::Delete {
                        let row = stream.candidates.find(access.candidate).unwrap();
                        if nodes.of_row[row as usize] == node {
                            seen.insert(id);
                            expected.push((op, id, value));
                        }
                    }
                }
                assert_eq!(told(part, kind), expected, "{kind} {node}");
            }
        }
        let gets: u64 = parts.iter().map(|part| part.trace.gets()).sum();
        assert_eq!(gets, all.trace.gets());
    }
}
