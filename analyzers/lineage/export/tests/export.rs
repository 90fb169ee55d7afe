//! Exported lineages, read back by small parsers that share nothing with the writers.

use lamarck_lineage_export::{Edge, NewickSummary, dot, graphml, newick};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn edge(child: u64, parent: Option<u64>, label: &str) -> Edge {
    Edge { child, parent, label: label.into(), ..Edge::default() }
}

fn text<T>(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<T>) -> (String, T) {
    let mut out = Vec::new();
    let result = write(&mut out).unwrap();
    (String::from_utf8(out).unwrap(), result)
}

/// A Newick tree: for each node in the order of their ends its name and its parent's, the root's being none.
fn read_newick(text: &str) -> Vec<(String, Option<String>)> {
    let mut rest = text.trim_end().chars().peekable();
    let mut open: Vec<Vec<usize>> = vec![Vec::new()];
    let mut nodes: Vec<(String, Option<String>)> = Vec::new();
    loop {
        if rest.next_if_eq(&'(').is_some() {
            open.push(Vec::new());
            continue;
        }
        // A node: its children, if any, have just been closed.
        let children = if rest.next_if_eq(&')').is_some() { open.pop().unwrap() } else { Vec::new() };
        let mut name = String::new();
        if rest.next_if_eq(&'\'').is_some() {
            loop {
                match rest.next().unwrap() {
                    '\'' if rest.next_if_eq(&'\'').is_some() => name.push('\''),
                    '\'' => break,
                    other => name.push(other),
                }
            }
        } else {
            while let Some(next) = rest.next_if(char::is_ascii_alphanumeric) {
                name.push(next);
            }
        }
        if rest.next_if_eq(&'[').is_some() {
            while rest.next().unwrap() != ']' {}
        }
        if rest.next_if_eq(&':').is_some() {
            assert_eq!(rest.next(), Some('1'));
        }
        for child in children {
            nodes[child].1 = Some(name.clone());
        }
        open.last_mut().unwrap().push(nodes.len());
        nodes.push((name, None));
        match rest.peek() {
            Some(',') => drop(rest.next()),
            Some(')') => {}
            Some(';') => break,
            other => panic!("unexpected {other:?} in {text}"),
        }
    }
    assert_eq!(open.len(), 1);
    nodes
}

/// Ends and attributes.
type DotEdges = BTreeSet<(u64, u64, String)>;

/// The nodes' labels and the edges of a DOT graph, with each edge's attributes as text.
fn read_dot(text: &str) -> (BTreeMap<u64, String>, DotEdges) {
    let (mut nodes, mut edges) = (BTreeMap::new(), BTreeSet::new());
    let body = text.strip_prefix("digraph lineage {\n").unwrap().strip_suffix("}\n").unwrap();
    let unquote = |quoted: &str| {
        let inner = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let (mut plain, mut characters) = (String::new(), inner.chars());
        while let Some(next) = characters.next() {
            assert_ne!(next, '"');
            plain.push(match next {
                '\\' => match characters.next().unwrap() {
                    'n' => '\n',
                    escaped => escaped,
                },
                other => other,
            });
        }
        plain
    };
    for line in body.lines() {
        let statement = line.trim_start().strip_suffix(';').unwrap();
        let (head, attributes) = statement
            .split_once(" [")
            .map_or((statement, ""), |(head, rest)| (head, rest.strip_suffix(']').unwrap()));
        let attribute = match attributes.strip_prefix("label=") {
            Some(label) => unquote(label),
            None => attributes.to_owned(),
        };
        if let Some((from, to)) = head.split_once(" -> ") {
            edges.insert((from.parse().unwrap(), to.parse().unwrap(), attribute));
        } else {
            nodes.insert(head.parse().unwrap(), attribute);
        }
    }
    (nodes, edges)
}

/// Elements of an XML text as (name with attributes, character data) in order of their beginnings.
fn read_xml(text: &str) -> Vec<(String, String)> {
    let mut elements: Vec<(String, String)> = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, data) = part.split_once('>').unwrap();
        if tag.starts_with('?') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().unwrap().1, name, "elements must nest");
            continue;
        }
        let name = tag.split(' ').next().unwrap().to_owned();
        let plain =
            data.replace("&lt;", "<").replace("&gt;", ">").replace("&#13;", "\r").replace("&amp;", "&");
        elements.push((tag.trim_end_matches('/').to_owned(), plain));
        if !tag.ends_with('/') {
            open.push((elements.len() - 1, name));
        }
    }
    assert!(open.is_empty());
    elements
}

#[test]
fn a_small_lineage_in_each_format() {
    let edges = || {
        let mut two = edge(2, Some(0), "it's (a) tree; <\"&\\");
        (two.score, two.change) = (Some(0.5), "a -> b".into());
        let mut three = edge(3, Some(2), "");
        three.second_parent = Some(1);
        vec![edge(0, None, ""), edge(1, None, ""), two, three]
    };
    let (tree, summary) = text(|out| newick(edges(), out));
    assert_eq!(tree, "(((3:1)'2 it''s (a) tree; <\"&\\':1)0:1,1:1)root[1 second parent left out];\n");
    let expected =
        NewickSummary { candidates: 4, founders: 2, second_parents: 1, ..NewickSummary::default() };
    assert_eq!(summary, expected);
    insta::assert_snapshot!(text(|out| dot(edges(), out)).0, @r#"
    digraph lineage {
      0 [label="0"];
      1 [label="1"];
      2 [label="2\nit's (a) tree; <\"&\\\n0.5"];
      0 -> 2 [label="a -> b"];
      3 [label="3"];
      2 -> 3;
      1 -> 3 [style=dashed];
    }
    "#);
    insta::assert_snapshot!(text(|out| graphml(edges(), out)).0, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
    <key id="label" for="node" attr.name="label" attr.type="string"/>
    <key id="score" for="node" attr.name="score" attr.type="double"/>
    <key id="role" for="edge" attr.name="role" attr.type="string"/>
    <key id="change" for="edge" attr.name="change" attr.type="string"/>
    <graph id="lineage" edgedefault="directed">
    <node id="n0"></node>
    <node id="n1"></node>
    <node id="n2"><data key="label">it's (a) tree; &lt;"&amp;\</data><data key="score">0.5</data></node>
    <edge source="n0" target="n2"><data key="role">parent</data><data key="change">a -&gt; b</data></edge>
    <node id="n3"></node>
    <edge source="n2" target="n3"><data key="role">parent</data></edge>
    <edge source="n1" target="n3"><data key="role">second parent</data></edge>
    </graph>
    </graphml>
    "#);
}

#[test]
fn what_is_no_tree_becomes_one() {
    // 9 is nobody's child; 1, 2 and 3 are a circle with 4 hanging from it; 5 is named twice and its own parent.
    let edges =
        [(0, Some(9)), (1, Some(3)), (2, Some(1)), (3, Some(2)), (4, Some(2)), (5, Some(5)), (5, None)];
    let (tree, summary) = text(|out| newick(edges.map(|(child, parent)| edge(child, parent, "")), out));
    assert_eq!(tree, "(0:1,((3:1,4:1)2:1)1:1,5:1)root;\n");
    let expected =
        NewickSummary { candidates: 6, founders: 0, orphans: 1, circles: 2, second_parents: 0, repeated: 1 };
    assert_eq!(summary, expected);
    assert_eq!(text(|out| newick([], out)).0, "root;\n");
}

#[test]
fn a_line_of_a_hundred_thousand_does_not_overflow_the_stack() {
    let line = (0..100_000_u64).map(|child| edge(child, child.checked_sub(1), ""));
    let (tree, summary) = text(|out| newick(line, out));
    assert_eq!(summary.candidates, 100_000);
    assert!(tree.starts_with("((((") && tree.ends_with(")1:1)0:1)root;\n"));
}

/// Founders and children in any order of ids, with names that formats trip over.
fn lineages() -> impl Strategy<Value = Vec<Edge>> {
    let name = "[a-z '\"()\\[\\],:;_<>&\\\\\u{e9}]{0,8}";
    let one = (any::<u32>(), prop::option::of(any::<u32>()), name, name, prop::option::of(-1e9..1e9_f64));
    prop::collection::vec(one, 0..40).prop_map(|rows| {
        let ids: Vec<u64> = rows.iter().map(|row| row.0.into()).collect();
        let mut edges = Vec::new();
        for (at, (_, draw, label, change, score)) in rows.into_iter().enumerate() {
            let pick = |draw: u32| ids[..at].get(draw as usize % (at + 1)).copied();
            edges.push(Edge {
                child: ids[at],
                parent: draw.and_then(&pick),
                second_parent: draw.filter(|draw| draw % 3 == 0).and_then(|draw| pick(draw / 7)),
                score,
                label,
                change,
            });
        }
        let mut seen = BTreeSet::new();
        edges.retain(|edge| seen.insert(edge.child));
        edges
    })
}

fn name(edge: &Edge) -> String {
    if edge.label.is_empty() { edge.child.to_string() } else { format!("{} {}", edge.child, edge.label) }
}

proptest! {
    #[test]
    fn newick_reads_back(edges in lineages()) {
        let (tree, _) = text(|out| newick(edges.clone(), out));
        let names: BTreeMap<u64, String> = edges.iter().map(|edge| (edge.child, name(edge))).collect();
        let mut expected: Vec<(String, Option<String>)> = edges
            .iter()
            .map(|edge| (name(edge), Some(edge.parent.map_or("root".to_owned(), |parent| names[&parent].clone()))))
            .collect();
        expected.push(("root".to_owned(), None));
        let mut found = read_newick(&tree);
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn dot_reads_back(edges in lineages()) {
        let (nodes, found) = read_dot(&text(|out| dot(edges.clone(), out)).0);
        let mut expected = BTreeSet::new();
        for edge in &edges {
            let lines: Vec<&str> = nodes[&edge.child].split('\n').collect();
            prop_assert_eq!(lines[0], edge.child.to_string());
            prop_assert!(edge.label.is_empty() || lines[1] == edge.label);
            let score = edge.score.map(|_| lines[lines.len() - 1].parse::<f64>().unwrap());
            prop_assert_eq!(score, edge.score);
            expected.extend(edge.parent.map(|parent| (parent, edge.child, edge.change.clone())));
            expected.extend(edge.second_parent.map(|parent| (parent, edge.child, "style=dashed".to_owned())));
        }
        prop_assert_eq!(nodes.len(), edges.len());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn graphml_reads_back(edges in lineages()) {
        let elements = read_xml(&text(|out| graphml(edges.clone(), out)).0);
        let mut expected = Vec::new();
        for edge in &edges {
            let data = |key: &str, value: &str| (format!("data key=\"{key}\""), value.to_owned());
            expected.push((format!("node id=\"n{}\"", edge.child), String::new()));
            expected.extend((!edge.label.is_empty()).then(|| data("label", &edge.label)));
            expected.extend(edge.score.map(|score| data("score", &score.to_string())));
            for (parent, role) in [(edge.parent, "parent"), (edge.second_parent, "second parent")] {
                let Some(parent) = parent else { continue };
                expected.push((format!("edge source=\"n{parent}\" target=\"n{}\"", edge.child), String::new()));
                expected.push(data("role", role));
                expected.extend((role == "parent" && !edge.change.is_empty()).then(|| data("change", &edge.change)));
            }
        }
        let found: Vec<_> = elements.into_iter().skip(6).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn what_xml_cannot_hold_is_replaced() {
    let (graph, ()) = text(|out| graphml([edge(1, None, "a\u{0}\u{1f}\tb\r\nc")], out));
    assert!(graph.contains(">a\u{fffd}\u{fffd}\tb&#13;\nc<"), "{graph}");
    let mut nan = edge(1, None, "");
    nan.score = Some(f64::NAN);
    let both = text(|out| graphml([nan.clone()], out)).0 + &text(|out| dot([nan], out)).0;
    assert!(!both.contains("NaN"));
}

#[test]
fn parquet_has_a_row_an_edge() {
    use arrow_array::cast::AsArray;
    use arrow_array::types::UInt64Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let edges = [
        Edge { score: Some(0.5), ..edge(0, None, "founder") },
        Edge { score: Some(0.7), change: "b: 1 to 2".into(), ..edge(1, Some(0), "") },
        Edge { second_parent: Some(1), score: Some(f64::NAN), ..edge(2, Some(0), "") },
    ];
    let path = std::env::temp_dir().join(format!("lamarck-edges-{}.parquet", std::process::id()));
    lamarck_lineage_export::parquet(edges, &mut std::fs::File::create(&path).unwrap()).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = batches.collect::<Result<_, _>>().unwrap();
    std::fs::remove_file(&path).unwrap();
    let [batch] = batches.as_slice() else { panic!("one batch, found {}", batches.len()) };
    let ids = |name: &str| {
        let column = batch.column_by_name(name).unwrap().as_primitive::<UInt64Type>();
        column.values().to_vec()
    };
    let words = |name: &str| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.iter().map(|word| word.map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!((ids("child"), ids("parent")), (vec![1, 2, 2], vec![0, 0, 1]));
    assert_eq!(words("role"), ["parent", "parent", "second parent"].map(|word| Some(word.to_owned())));
    assert_eq!(words("change"), [Some("b: 1 to 2".to_owned()), None, None]);
    let score = batch.column_by_name("score").unwrap();
    assert_eq!((0..3).map(|row| score.is_null(row)).collect::<Vec<_>>(), [false, true, true]);
}
