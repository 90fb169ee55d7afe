//! Newick: a tree as nested brackets.

use super::{Edge, write_text};
use std::io::{self, Write};

/// What did not fit in a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NewickSummary {
    /// Candidates in the tree.
    pub candidates: u64,
    /// Candidates without a parent, which became children of the artificial root.
    pub founders: u64,
    /// Candidates whose parent is not among the edges; children of the root, too.
    pub orphans: u64,
    /// Circles of parents that were cut by making one of their members (the first to be named) a child of the root.
    pub circles: u64,
    /// Second parents, which were left out.
    pub second_parents: u64,
    /// Edges whose child had been named before, which were left out.
    pub repeated: u64,
}

const ROOT: usize = usize::MAX;

/// Writes one Newick tree. Its root, called `root`, is artificial: the founders are its children. Candidates are called
/// by their number, followed by their label if they have one; each branch has the length 1, a generation.
///
/// Second parents do not fit in a tree and are left out; if there are any, a comment before the final semicolon says how
/// many. The writing does not recurse, so that lines of descent may be as long as they like.
pub fn newick(edges: impl IntoIterator<Item = Edge>, out: &mut impl Write) -> io::Result<NewickSummary> {
    let (tree, summary) = Tree::new(edges);
    let mut text = String::new();
    let mut stack = vec![(ROOT, tree.children(ROOT))];
    let mut opened = false;
    while let Some((node, children)) = stack.last_mut() {
        let node = *node;
        if let Some((&child, rest)) = children.split_first() {
            // A bracket before the first child, a comma before the others.
            text.push(if opened { ',' } else { '(' });
            *children = rest;
            stack.push((child, tree.children(child)));
            opened = false;
            continue;
        }
        if opened {
            text.push(')');
        }
        // Whoever comes next is the sibling or the parent of one that is written.
        opened = true;
        stack.pop();
        if node != ROOT {
            tree.name(node, &mut text);
            text.push_str(":1");
        }
        if text.len() > 1 << 16 {
            out.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    text.push_str("root");
    if summary.second_parents > 0 {
        let plural = if summary.second_parents == 1 { "" } else { "s" };
        write_text(&mut text, format_args!("[{} second parent{plural} left out]", summary.second_parents));
    }
    text.push_str(";\n");
    out.write_all(text.as_bytes())?;
    Ok(summary)
}

struct Tree {
    ids: Vec<u64>,
    labels: Vec<(usize, String)>,
    /// All children, those of node 0 first, the root's last; and where each node's begin.
    children: Vec<usize>,
    first: Vec<usize>,
}

impl Tree {
    fn new(edges: impl IntoIterator<Item = Edge>) -> (Self, NewickSummary) {
        let mut summary = NewickSummary::default();
        let (mut ids, mut named, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for edge in edges {
            if !edge.label.is_empty() {
                labels.push((ids.len(), edge.label));
            }
            ids.push(edge.child);
            named.push(edge.parent);
            summary.second_parents += u64::from(edge.second_parent.is_some());
        }
        // By id, and of equal ids the first to be named.
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_unstable_by_key(|&node| (ids[node], node));
        let mut repeated = vec![false; ids.len()];
        for pair in order.windows(2) {
            repeated[pair[1]] = ids[pair[0]] == ids[pair[1]];
        }
        order.retain(|&node| !repeated[node]);
        let find = |id: u64| order.binary_search_by_key(&id, |&node| ids[node]).ok().map(|at| order[at]);
        let mut parents = vec![ROOT; ids.len()];
        for (node, parent) in named.into_iter().enumerate().filter(|&(node, _)| !repeated[node]) {
            summary.candidates += 1;
            match parent.map(find) {
                None => summary.founders += 1,
                Some(None) => summary.orphans += 1,
                Some(Some(parent)) => parents[node] = parent,
            }
        }
        summary.repeated = ids.len() as u64 - summary.candidates;
        summary.circles = cut_circles(&mut parents);
        // Children in the order in which they were named.
        let slot = |parent: usize| parent.min(ids.len());
        let mut first = vec![0; ids.len() + 2];
        for (_, &parent) in parents.iter().enumerate().filter(|&(node, _)| !repeated[node]) {
            first[slot(parent) + 1] += 1;
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let mut next = first.clone();
        let mut children = vec![0; first[ids.len() + 1]];
        for (node, &parent) in parents.iter().enumerate().filter(|&(node, _)| !repeated[node]) {
            children[next[slot(parent)]] = node;
            next[slot(parent)] += 1;
        }
        (Self { ids, labels, children, first }, summary)
    }

    fn children(&self, node: usize) -> &[usize] {
        let slot = node.min(self.ids.len());
        &self.children[self.first[slot]..self.first[slot + 1]]
    }

    fn name(&self, node: usize, text: &mut String) {
        let id = self.ids[node];
        let Ok(at) = self.labels.binary_search_by_key(&node, |label| label.0) else {
            return write_text(text, format_args!("{id}"));
        };
        // Quoted, a name may hold anything; its quotes are doubled.
        write_text(text, format_args!("'{id} "));
        for character in self.labels[at].1.chars() {
            match character {
                '\'' => text.push_str("''"),
                _ if character.is_control() => text.push(' '),
                _ => text.push(character),
            }
        }
        text.push('\'');
    }
}

/// Hangs one member of each circle from the root, and returns how many there were.
fn cut_circles(parents: &mut [usize]) -> u64 {
    const OPEN: usize = 0;
    const DONE: usize = usize::MAX;
    // The walk that a node was first met in, from 1.
    let mut met = vec![OPEN; parents.len()];
    let mut circles = 0;
    for start in 0..parents.len() {
        let walk = start + 1;
        let mut node = start;
        while node != ROOT && met[node] == OPEN {
            met[node] = walk;
            node = parents[node];
        }
        if node != ROOT && met[node] == walk {
            circles += 1;
            let mut first = node;
            let mut at = parents[node];
            while at != node {
                first = first.min(at);
                at = parents[at];
            }
            parents[first] = ROOT;
        }
        let mut node = start;
        while node != ROOT && met[node] == walk {
            met[node] = DONE;
            node = parents[node];
        }
    }
    circles
}
