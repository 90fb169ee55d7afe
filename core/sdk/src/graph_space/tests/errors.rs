//! What is refused, and in which words.

use super::rules::{RELU, dense};
use crate::graph_space::{Activation, BuildError, DesignError, NodeId, Op, Padding, SpaceBuilder};

/// What is wrong with a design; the closure returns its output.
fn design(write: impl FnOnce(&mut SpaceBuilder, NodeId) -> NodeId) -> DesignError {
    let mut space = SpaceBuilder::new("wrong");
    let input = space.input("x", &[6]);
    let output = write(&mut space, input);
    space.finish(output).unwrap_err()
}

/// What is wrong with a model, both when it is built and when it is measured.
fn model(shape: &[u64], write: impl FnOnce(&mut SpaceBuilder, NodeId) -> NodeId) -> BuildError {
    let mut space = SpaceBuilder::new("wrong");
    let input = space.input("x", shape);
    let output = write(&mut space, input);
    let space = space.finish(output).unwrap();
    let error = space.layers(&[], "network").map(|_| ()).unwrap_err();
    assert_eq!(space.model_size(&[], "network").unwrap_err(), error);
    error
}

const HUGE: u64 = 1 << 40;

#[test]
fn designs() {
    let error = design(|space, x| {
        let zero = space.input("y", &[0]);
        space.merge("m", Op::Concatenate, &[x, zero])
    });
    insta::assert_snapshot!(error, @"node `y`: its shape is [0]; every extent must be at least 1");
    assert_eq!(error.kind(), "node");
    let error = design(|space, _| space.input("y", &[1, 2, 3]));
    insta::assert_snapshot!(error, @"node `y`: its shape is [1, 2, 3]; a vector has one extent and a sequence has two");
    let error = design(|space, x| space.merge("d", dense(0), &[x]));
    insta::assert_snapshot!(error, @"node `d`: its number of units is 0; it must be at least 1");
    let error = design(|space, x| space.merge("d", Op::dropout(1.0), &[x]));
    insta::assert_snapshot!(error, @"node `d`: its rate is 1; it must be at least 0 and below 1");
    let error = design(|space, x| {
        let node = space.variable("v", []);
        space.chain(x, &[node])
    });
    insta::assert_snapshot!(error, @"node `v`: it has 0 options; between 1 and 65536 are possible");
    let error = design(|space, x| {
        space.variable("v", [Op::Identity]);
        x
    });
    insta::assert_snapshot!(error, @"node `v`: it is a decision, but no edge begins or ends there");
    let error = design(|space, x| {
        let node = space.merge("d", dense(1), &[x]);
        space.connect(node, x);
        node
    });
    insta::assert_snapshot!(error, @"node `x`: it is an input, so nothing can be connected to it");
    let error = design(|space, x| space.merge("x", dense(1), &[x]));
    insta::assert_snapshot!(error, @"two nodes are called `x`; layers and decisions are named after nodes, so give each its own name");
    assert_eq!(error.kind(), "name");
    let error = design(|space, x| {
        let node = space.variable("v", [dense(1), dense(2)]);
        space.connect(x, node);
        space.mime("m", node, [dense(1)])
    });
    insta::assert_snapshot!(error, @"node `m`: it has 1 options, but `v`, whose choice it takes, has 2");
    let error = design(|space, x| space.mime("m", x, [dense(1)]));
    insta::assert_snapshot!(error, @"node `m`: it mimes `x`, which decides nothing");
    let error = design(|space, x| space.mirror("m", x));
    insta::assert_snapshot!(error, @"node `m`: it mirrors `x`, which is an input or connects to others; mime it instead");
}

#[test]
fn cycles_and_foreign_nodes() {
    // One vector of the two closes the cycle.
    let error = design(|space, x| {
        let a = space.merge("a", Op::Concatenate, &[x]);
        let late = space.merge("late", dense(3), &[a]);
        let skip = space.variable("skip", [Op::Zero, Op::connect(late)]);
        space.connect(skip, a);
        space.merge("end", dense(1), &[late])
    });
    assert_eq!(error.kind(), "cycle");
    insta::assert_snapshot!(error, @"node `late` is its own input over some edges; turn one of the connections on the way around");
    let mut other = SpaceBuilder::new("other");
    let foreign = (0..5).map(|i| other.input(format!("{i}"), &[1])).last().unwrap();
    for error in [
        design(|_, _| foreign),
        design(|space, x| {
            space.connect(foreign, x);
            x
        }),
        design(|space, _| space.mirror("m", foreign)),
        design(|space, x| space.merge("c", Op::connect(foreign), &[x])),
    ] {
        assert_eq!(error.kind(), "unknown-node");
        assert!(error.to_string().starts_with("node number 4 is used"), "{error}");
    }
}

#[test]
fn models() {
    let pool = Op::MaxPooling1D { pool: 7, strides: 1, padding: Padding::Valid };
    let error = model(&[6, 1], |space, x| space.merge("pool", pool.clone(), &[x]));
    insta::assert_snapshot!(error, @"node `pool`: its window of 7 is longer than the sequence, which has 6 positions here; use a longer input, smaller windows, or padding `same`");
    assert_eq!(error.kind(), "shape");
    let error = model(&[7], |space, x| space.merge("pool", pool, &[x]));
    insta::assert_snapshot!(error, @"node `pool`: a pooling takes a sequence, but is given a vector");
    let error = model(&[7], |space, x| {
        let other = space.input("y", &[7]);
        space.merge("d", dense(1), &[x, other])
    });
    insta::assert_snapshot!(error, @"node `d` (Dense) takes one input, but has 2 here; merge them in a node before it");
    assert_eq!(error.kind(), "inputs");
    let error = model(&[7], |space, _| space.constant("d", dense(1)));
    insta::assert_snapshot!(error, @"node `d` (Dense) takes one input, but has 0 here; merge them in a node before it");
    let error = model(&[7], |space, x| {
        let other = space.input("y", &[7, 1]);
        space.merge("m", Op::AddByPadding { activation: RELU }, &[x, other])
    });
    insta::assert_snapshot!(error, @"node `m`: vectors and sequences cannot be merged; flatten the sequences first");
    let error = model(&[7, 1], |space, x| {
        let other = space.input("y", &[7, 1]);
        space.merge("m", Op::AddByProjecting { activation: RELU }, &[x, other])
    });
    insta::assert_snapshot!(error, @"node `m`: only vectors are projected; flatten the sequences first");
    let error = model(&[7], |space, x| {
        let other = space.input("y", &[8]);
        space.merge("m", Op::Multiply, &[x, other])
    });
    insta::assert_snapshot!(error, @"node `m`: only tensors of equal shape can be multiplied");
    let error = model(&[7], |space, x| {
        let other = space.input("y", &[8]);
        let owner = space.merge("owner", dense(3), &[x]);
        let mirror = space.mirror("mirror", owner);
        space.connect(other, mirror);
        space.merge("m", Op::Concatenate, &[owner, mirror])
    });
    insta::assert_snapshot!(error, @"node `mirror`: its shared weights are for inputs of width 7, but this one has 8");
    let error = model(&[7], |space, x| space.merge("end", Op::Zero, &[x]));
    insta::assert_snapshot!(error, @"node `end`: a model ends in one tensor, but here are 0; end in a merge");
}

#[test]
fn sizes_beyond_64_bits() {
    let error = model(&[HUGE], |space, x| space.merge("d", dense(HUGE), &[x]));
    insta::assert_snapshot!(error, @"node `d`: its number of weights does not fit 64 bits; use smaller widths");
    assert_eq!(error.kind(), "too-large");
    let error = model(&[HUGE, HUGE], |space, x| space.merge("f", Op::Flatten, &[x]));
    insta::assert_snapshot!(error, @"node `f`: its width does not fit 64 bits; use smaller widths");
    let error = model(&[u64::MAX], |space, x| {
        let other = space.input("y", &[1]);
        space.merge("m", Op::Concatenate, &[x, other])
    });
    insta::assert_snapshot!(error, @"node `m`: its width does not fit 64 bits; use smaller widths");
    let error = model(&[HUGE], |space, x| {
        let wide = space.input("y", &[HUGE - 1]);
        space.merge("m", Op::AddByProjecting { activation: Activation::Linear }, &[x, wide])
    });
    insta::assert_snapshot!(error, @"node `m`: its number of weights does not fit 64 bits; use smaller widths");

    // Each layer fits, their sum does not: the graph can be built, and neither way of measuring it is wrong.
    let mut space = SpaceBuilder::new("sum");
    let mut last = space.input("x", &[1 << 30]);
    for i in 0..5 {
        last = space.merge(format!("d{i}"), dense(1 << 30), &[last]);
    }
    let space = space.finish(last).unwrap();
    let graph = space.layers(&[], "network").unwrap();
    assert_eq!(graph.size().unwrap_err().kind(), "too-large");
    insta::assert_snapshot!(space.model_size(&[], "network").unwrap_err(), @"node `d3`: the sum of all weights so far does not fit 64 bits; use smaller widths");
}

#[test]
fn vectors_and_levels() {
    let mut space = SpaceBuilder::new("two");
    let input = space.input("x", &[3]);
    let node = space.variable("v", [dense(1), dense(2)]);
    let last = space.chain(input, &[node]);
    let space = space.finish(last).unwrap();
    for (choices, level, kind) in
        [(&[][..], "network", "vector"), (&[2], "network", "vector"), (&[1], "cell", "level")]
    {
        assert_eq!(space.layers(choices, level).unwrap_err().kind(), kind);
        assert_eq!(space.model_size(choices, level).unwrap_err().kind(), kind);
    }
    assert!(space.layers(&[1], "network").is_ok());
}
