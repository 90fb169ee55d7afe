//! The rules of the language, each by the layers that come of it.

use lamarck_model::graph::DType;
use lamarck_model::identity::identities;
use lamarck_model::prefix::longest_common_prefix;
use lamarck_model::{SearchSpace, Tensor};

use crate::graph_space::op::ordered;
use crate::graph_space::{Activation, DecisionOrder, GraphSpace, NodeId, Op, Padding, SpaceBuilder};

pub(super) const RELU: Activation = Activation::Relu;

pub(super) fn dense(units: u64) -> Op {
    Op::dense(units, RELU)
}

/// Every layer as `name: class config <- inputs`.
fn layers(space: &GraphSpace, choices: &[u16]) -> Vec<String> {
    let graph = space.layers(choices, "network").unwrap();
    assert_eq!(graph.size().unwrap(), space.model_size(choices, "network").unwrap());
    let name = |id| graph.layer(id).unwrap().name.clone();
    let text = |(id, layer): (_, &lamarck_model::Layer)| {
        let inputs: Vec<String> = graph.inputs(id).map(name).collect();
        format!("{}: {} {} <- {}", layer.name, layer.class, layer.config, inputs.join(", "))
    };
    graph.layers().map(text).collect()
}

/// A merge of dense layers of these widths on one input.
fn merge(op: Op, widths: &[u64]) -> Vec<String> {
    let mut space = SpaceBuilder::new("merge");
    let input = space.input("x", &[9]);
    let mut dense_of = std::collections::BTreeMap::new();
    let mut part = |units: u64| {
        *dense_of.entry(units).or_insert_with(|| space.merge(format!("d{units}"), dense(units), &[input]))
    };
    let parts: Vec<NodeId> = widths.iter().map(|&units| part(units)).collect();
    let merged = space.merge("m", op, &parts);
    // The input itself, so that the model is not empty when the merge is.
    let end = space.merge("end", Op::Concatenate, &[input, merged]);
    let all = layers(&space.finish(end).unwrap(), &[]);
    all.into_iter().filter(|layer| layer.starts_with('m') || layer.starts_with("end")).collect()
}

#[test]
fn merges_of_nothing_and_of_one() {
    for op in [
        Op::Concatenate,
        Op::Multiply,
        Op::AddByPadding { activation: RELU },
        Op::AddByProjecting { activation: RELU },
    ] {
        assert!(merge(op.clone(), &[]).is_empty(), "{op:?}: the input alone passes through the end");
        assert_eq!(merge(op, &[4]), ["end: Concatenate {} <- x, d4"], "no activation");
    }
}

#[test]
fn sums_project_to_the_first_width_or_pad_to_the_largest() {
    assert_eq!(
        merge(Op::AddByProjecting { activation: RELU }, &[4, 7, 4]),
        [
            r#"m/project d7: Dense {"activation":"linear","units":4} <- d7"#,
            "m/add: Add {} <- d4, m/project d7",
            r#"m/relu: Activation {"activation":"relu"} <- m/add"#,
            "end: Concatenate {} <- x, m/relu",
        ],
        "the second edge from d4 is the first one again"
    );
    assert_eq!(
        merge(Op::AddByPadding { activation: Activation::Linear }, &[4, 7, 5]),
        [
            r#"m/pad d4: ZeroPadding {"padding":[[1,2]]} <- d4"#,
            r#"m/pad d5: ZeroPadding {"padding":[[1,1]]} <- d5"#,
            "m/add: Add {} <- m/pad d4, d7, m/pad d5",
            "end: Concatenate {} <- x, m/add",
        ]
    );
}

#[test]
fn sequences() {
    let conv =
        |filters, kernel, padding| Op::Conv1D { filters, kernel, padding, strides: 2, activation: RELU };
    let mut space = SpaceBuilder::new("sequences");
    let input = space.input("x", &[10]);
    // (10 - 3) / 2 + 1 = 4 positions; 10 / 2 = 5 positions.
    let a = space.merge("a", conv(4, 3, Padding::Valid), &[input]);
    let b = space.merge("b", conv(2, 3, Padding::Same), &[input]);
    let joined = space.merge("joined", Op::Concatenate, &[a, b]);
    let sum = space.merge("sum", Op::AddByPadding { activation: RELU }, &[joined, b]);
    let pool = Op::MaxPooling1D { pool: 2, strides: 2, padding: Padding::Valid };
    let pool = space.merge("pool", pool, &[sum]);
    let flat = space.merge("flat", Op::Flatten, &[pool]);
    let again = space.merge("again", Op::Flatten, &[flat]);
    let end = space.merge("end", dense(1), &[again]);
    let space = space.finish(end).unwrap();
    insta::assert_snapshot!(layers(&space, &[]).join("\n"), @r#"
    x: InputLayer {"shape":[10]} <- 
    a/reshape: Reshape {"target_shape":[10,1]} <- x
    a: Conv1D {"activation":"relu","filters":4,"kernel_size":3,"padding":"valid","strides":2} <- a/reshape
    b/reshape: Reshape {"target_shape":[10,1]} <- x
    b: Conv1D {"activation":"relu","filters":2,"kernel_size":3,"padding":"same","strides":2} <- b/reshape
    joined/pad a: ZeroPadding1D {"padding":[0,1]} <- a
    joined: Concatenate {} <- joined/pad a, b
    sum/pad b: ZeroPadding {"padding":[[0,0],[2,2]]} <- b
    sum/add: Add {} <- joined, sum/pad b
    sum/relu: Activation {"activation":"relu"} <- sum/add
    pool: MaxPooling1D {"padding":"valid","pool_size":2,"strides":2} <- sum/relu
    flat: Flatten {} <- pool
    end: Dense {"activation":"relu","units":1} <- flat
    "#);
    // conv (3 * 1 + 1) * (4 + 2), dense (2 positions * 6 channels + 1) * 1.
    assert_eq!(space.model_size(&[], "network").unwrap().parameters, 24 + 13);
}

#[test]
fn a_dense_layer_acts_on_channels_and_normalization_has_buffers() {
    let mut space = SpaceBuilder::new("channels");
    let input = space.input("x", &[10, 3]);
    let node = space.merge("d", dense(5), &[input]);
    let node = space.merge("n", Op::BatchNormalization, &[node]);
    let node = space.merge("f", Op::Flatten, &[node]);
    let end = space.merge("e", dense(1), &[node]);
    let space = space.finish(end).unwrap();
    let size = space.model_size(&[], "network").unwrap();
    let graph = space.layers(&[], "network").unwrap();
    assert_eq!(graph.size().unwrap(), size);
    assert_eq!(size.parameters, (3 + 1) * 5 + 10 + 51);
    assert_eq!(size.bytes, 4 * (size.parameters + 10));
    let (_, normalization) = graph.layers().nth(2).unwrap();
    assert_eq!(normalization.tensors[0], Tensor::parameter("gamma", &[5], DType::F32));
    assert_eq!(normalization.tensors[3], Tensor::buffer("moving_variance", &[5], DType::F32));
}

#[test]
fn connect_splices_and_zero_cuts() {
    let mut space = SpaceBuilder::new("skips");
    let a = space.input("a", &[3]);
    let b = space.input("b", &[4]);
    let c = space.merge("c", dense(5), &[b]);
    let skip = space.variable("skip", [Op::Zero, Op::connect(b), Op::Connect(vec![c, b, c]), Op::Identity]);
    // A fixed edge comes before the chosen ones, and choosing it again does not repeat it.
    space.connect(c, skip);
    let end = space.merge("end", Op::Concatenate, &[a, skip]);
    let space = space.finish(end).unwrap();
    let names = |choice| {
        let all = layers(&space, &[choice]);
        all.last().unwrap().clone()
    };
    assert_eq!(layers(&space, &[0]), [r#"a: InputLayer {"shape":[3]} <- "#], "nothing above a zero is drawn");
    assert_eq!(names(1), "end: Concatenate {} <- a, c, b");
    assert_eq!(names(2), "end: Concatenate {} <- a, c, b");
    assert_eq!(names(3), "end: Concatenate {} <- a, c");
    let spec = space.spec();
    assert_eq!(spec.decisions[0].options, ["Zero", "Connect(b)", "Connect(c, b, c)", "Identity"]);
}

#[test]
fn decisions_in_either_order() {
    for (order, names) in
        [(DecisionOrder::Connection, ["second", "first"]), (DecisionOrder::Declaration, ["first", "second"])]
    {
        let mut space = SpaceBuilder::new("order");
        space.decision_order(order);
        let input = space.input("x", &[3]);
        let first = space.variable("first", [dense(1)]);
        let second = space.variable("second", [dense(1), dense(2)]);
        space.chain(input, &[second, first]);
        let space = space.finish(first).unwrap();
        let found: Vec<&str> = space.spec().decisions.iter().map(|decision| decision.name.as_str()).collect();
        assert_eq!(found, names);
        // `first` is below `second`, whatever their order.
        let below = |name| space.spec().decisions.iter().find(|d| d.name == name).unwrap().descendants;
        assert_eq!((below("first"), below("second")), (0, 1));
    }
}

/// Two towers, the second with the weights or only with the choice of the first.
fn towers(mirror: bool) -> GraphSpace {
    let mut space = SpaceBuilder::new("towers");
    let inputs = ["a", "b"].map(|name| space.input(name, &[6]));
    let options = || [Op::Identity, dense(4), Op::dropout(0.5)];
    let first = space.variable("first", options());
    space.connect(inputs[0], first);
    let second = if mirror { space.mirror("second", first) } else { space.mime("second", first, options()) };
    space.connect(inputs[1], second);
    let end = space.merge("end", Op::Concatenate, &[first, second]);
    space.finish(end).unwrap()
}

#[test]
fn mirrors_share_weights_and_mimes_choices() {
    let (mirror, mime) = (towers(true), towers(false));
    for space in [&mirror, &mime] {
        assert_eq!(space.spec().decisions.len(), 1);
        assert_eq!(layers(space, &[0])[2], "end: Concatenate {} <- a, b");
        assert_eq!(layers(space, &[2])[3], r#"second: Dropout {"rate":0.5} <- b"#, "nothing to share");
        assert_eq!(space.downstream(0).collect::<Vec<_>>(), ["first", "second", "end"]);
    }
    assert_eq!(
        layers(&mirror, &[1])[3],
        r#"second: Dense {"activation":"relu","shared":true,"units":4} <- b, first"#
    );
    assert_eq!(layers(&mime, &[1])[3], r#"second: Dense {"activation":"relu","units":4} <- b"#);
    assert_eq!(mirror.model_size(&[1], "network").unwrap().parameters, 28);
    assert_eq!(mime.model_size(&[1], "network").unwrap().parameters, 56);
}

#[test]
fn a_mirror_without_its_original_owns_the_weights() {
    let mut space = SpaceBuilder::new("alone");
    let input = space.input("x", &[6]);
    let original = space.merge("original", dense(4), &[input]);
    let mirror = space.mirror("mirror", original);
    let twice = space.mirror("twice", mirror);
    space.connect(input, mirror);
    space.connect(input, twice);
    let end = space.merge("end", Op::Concatenate, &[mirror, twice]);
    let space = space.finish(end).unwrap();
    assert_eq!(
        layers(&space, &[])[1..3],
        [
            r#"mirror: Dense {"activation":"relu","units":4} <- x"#,
            r#"twice: Dense {"activation":"relu","shared":true,"units":4} <- x, mirror"#,
        ]
    );
}

/// A layer with shared weights can be taken over when its data and the weights' owner can.
#[test]
fn shared_layers_are_a_prefix_with_their_owners() {
    let build = |a: u64, b: u64| {
        let mut space = SpaceBuilder::new("prefix");
        let x = space.input("x", &[6]);
        let y = space.input("y", &[6]);
        let x = space.merge("dx", dense(a), &[x]);
        let y = space.merge("dy", dense(b), &[y]);
        let x = space.merge("x to 5", dense(5), &[x]);
        let y = space.merge("y to 5", dense(5), &[y]);
        let owner = space.merge("owner", dense(4), &[x]);
        let mirror = space.mirror("mirror", owner);
        space.connect(y, mirror);
        let end = space.merge("end", Op::Concatenate, &[owner, mirror]);
        space.finish(end).unwrap().layers(&[], "network").unwrap()
    };
    let shared = |a: &lamarck_model::LayerGraph, b| {
        let prefix = longest_common_prefix(a, &b).unwrap();
        prefix.layers.iter().map(|&(id, _)| a.layer(id).unwrap().name.clone()).collect::<Vec<_>>()
    };
    let base = build(7, 8);
    assert_eq!(shared(&base, build(7, 8)).len(), base.len());
    assert_eq!(shared(&base, build(9, 8)), ["x", "y", "dy", "y to 5"], "the owner changed");
    assert_eq!(shared(&base, build(7, 9)), ["x", "y", "dx", "x to 5", "owner"], "the data changed");
    let ids = identities(&base);
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), base.len());
}

#[test]
fn what_is_ordered() {
    let pool = |pool, strides| Op::MaxPooling1D { pool, strides, padding: Padding::Same };
    for (ops, expected) in [
        (vec![dense(1), dense(2), dense(9)], true),
        (vec![dense(9), dense(2), dense(1)], true),
        (vec![dense(1), dense(9), dense(2)], false),
        (vec![dense(1), dense(1)], false),
        (vec![dense(1), Op::dense(2, Activation::Tanh)], false),
        (vec![Op::Identity, dense(1), dense(2)], false),
        (vec![Op::Identity, Op::dropout(0.1), Op::dropout(0.2)], true),
        (vec![Op::dropout(0.5), Op::dropout(0.2), Op::Identity], true),
        (vec![Op::Identity, pool(2, 1), pool(3, 1)], true),
        (vec![Op::Identity, pool(2, 2), pool(3, 3)], false),
        (vec![Op::Activation(RELU), Op::Activation(Activation::Tanh)], false),
        (vec![Op::Identity], false),
        (vec![Op::Zero, Op::Identity], false),
    ] {
        assert_eq!(ordered(&ops), expected, "{ops:?}");
    }
}
