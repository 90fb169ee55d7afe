//! Lineages for other programs: GraphML, DOT, Newick and an edge list in Parquet.
//!
//! Pure writers: edges in, text out; where edges come from and where the text goes is the caller's business. GraphML and
//! DOT are written as the edges come, without remembering any, so that a lineage of millions needs no memory. Newick
//! writes children before their parents and so must know the whole tree first: some 24 bytes a candidate and the labels.
//!
//! GraphML and DOT hold everything. Newick is for trees: what does not fit in one is left out or hung from the root, and
//! [`NewickSummary`] says how much; a comment at the end of the file says so to whoever reads it.
//!
//! References: U. Brandes et al., "GraphML progress report", 2002, doi:10.1007/3-540-45848-4_59; E. Gansner and
//! S. North, "An open graph visualization system and its applications to software engineering", 2000 (DOT),
//! doi:10.1002/1097-024X(200009)30:11<1203::AID-SPE338>3.0.CO;2-N; the Newick format as G. Olsen wrote it down in 1990.

mod newick;
mod table;

pub use newick::{NewickSummary, newick};
pub use table::parquet;

use lamarck_model::CandidateId;
use std::fmt::Write as _;
use std::io::{self, Write};

/// A candidate and where it comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edge {
    /// The candidate.
    pub child: CandidateId,
    /// Its parent; `None` for a founder.
    pub parent: Option<CandidateId>,
    /// The second parent of a recombination.
    pub second_parent: Option<CandidateId>,
    /// Its score.
    pub score: Option<f64>,
    /// What to call it, such as its architecture; may be empty.
    pub label: String,
    /// What was changed of the parent; may be empty.
    pub change: String,
}

/// Writes GraphML. Nodes are named `n` and the candidate's number and have the data `label` and `score`; edges lead from
/// parent to child and have the data `role` (`parent` or `second parent`) and `change`.
///
/// Characters that XML 1.0 cannot hold become U+FFFD. A parent that is no one's child in `edges` gets no node of its
/// own, which strict readers object to.
pub fn graphml(edges: impl IntoIterator<Item = Edge>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
            "<key id=\"label\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n",
            "<key id=\"score\" for=\"node\" attr.name=\"score\" attr.type=\"double\"/>\n",
            "<key id=\"role\" for=\"edge\" attr.name=\"role\" attr.type=\"string\"/>\n",
            "<key id=\"change\" for=\"edge\" attr.name=\"change\" attr.type=\"string\"/>\n",
            "<graph id=\"lineage\" edgedefault=\"directed\">\n",
        )
        .as_bytes(),
    )?;
    let mut line = String::new();
    for edge in edges {
        line.clear();
        write_text(&mut line, format_args!("<node id=\"n{}\">", edge.child));
        if !edge.label.is_empty() {
            data(&mut line, "label", &edge.label);
        }
        if let Some(score) = edge.score.filter(|score| score.is_finite()) {
            data(&mut line, "score", &score.to_string());
        }
        line.push_str("</node>\n");
        for (parent, role) in parents(&edge) {
            write_text(&mut line, format_args!("<edge source=\"n{parent}\" target=\"n{}\">", edge.child));
            data(&mut line, "role", role);
            if role == PARENT && !edge.change.is_empty() {
                data(&mut line, "change", &edge.change);
            }
            line.push_str("</edge>\n");
        }
        out.write_all(line.as_bytes())?;
    }
    out.write_all(b"</graph>\n</graphml>\n")
}

const PARENT: &str = "parent";
const SECOND: &str = "second parent";

fn parents(edge: &Edge) -> impl Iterator<Item = (CandidateId, &'static str)> {
    let first = edge.parent.map(|parent| (parent, PARENT));
    first.into_iter().chain(edge.second_parent.map(|parent| (parent, SECOND)))
}

fn write_text(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = text.write_fmt(arguments);
}

fn data(line: &mut String, key: &str, value: &str) {
    write_text(line, format_args!("<data key=\"{key}\">"));
    for character in value.chars() {
        match character {
            '&' => line.push_str("&amp;"),
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            // A parser would read it as a line feed.
            '\r' => line.push_str("&#13;"),
            '\t' | '\n' => line.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => line.push('\u{fffd}'),
            _ => line.push(character),
        }
    }
    line.push_str("</data>");
}

/// Writes DOT: edges lead from parent to child, and dashed from the second parent. A node's label is its number, with
/// [`Edge::label`] and the score below it.
pub fn dot(edges: impl IntoIterator<Item = Edge>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"digraph lineage {\n")?;
    let mut line = String::new();
    for edge in edges {
        line.clear();
        let mut label = edge.child.to_string();
        if !edge.label.is_empty() {
            write_text(&mut label, format_args!("\n{}", edge.label));
        }
        if let Some(score) = edge.score.filter(|score| score.is_finite()) {
            write_text(&mut label, format_args!("\n{score}"));
        }
        write_text(&mut line, format_args!("  {} [label={}];\n", edge.child, quoted(&label)));
        for (parent, role) in parents(&edge) {
            write_text(&mut line, format_args!("  {parent} -> {}", edge.child));
            match role {
                SECOND => line.push_str(" [style=dashed]"),
                _ if edge.change.is_empty() => {}
                _ => write_text(&mut line, format_args!(" [label={}]", quoted(&edge.change))),
            }
            line.push_str(";\n");
        }
        out.write_all(line.as_bytes())?;
    }
    out.write_all(b"}\n")
}

/// A quoted string of DOT. Labels know the escapes `\\`, `\"` and `\n`; other control characters become spaces.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            _ if character.is_control() => quoted.push(' '),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
