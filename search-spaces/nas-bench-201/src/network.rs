//! The layer graph of a cell, at two levels, and its size without building it.
//!
//! **`network`** is the whole network that was trained: a stem, three stages of five copies of the cell at 16, 32
//! and 64 channels, a residual block before the second and the third stage, and the head. Layers and tensors have
//! the names that they have in the benchmark's own weights (`cells.3.layers.0` and `op.1.weight`).
//!
//! **`cell`** is one cell: the input, six operations and two sums. Each operation stands for all fifteen copies of
//! it, so that its bytes are those that are moved when it is taken over; the tensors of a stage's five copies are
//! stacked along a first dimension. Stem, residual blocks and head, which all cells share, are not part of it.
//!
//! Why both: under the strict prefix rule a changed cell changes everything below its *first* copy, so at network
//! level two different cells rarely share more than the stem and a few operations. The cell level asks which parts of
//! the cells are alike.
//!
//! Decisions:
//!
//! * One layer is one operation of the benchmark (`ReLUConvBN` with its convolution and its normalization): that is
//!   what a decision decides and what lends its weights as a whole.
//! * `none` is a layer, `Zero`, that takes its source like every other operation, as in the benchmark's code. The
//!   alternative, to leave it out, would change the sum below it just the same, and would give two cells graphs of
//!   different shape whose layers correspond to no decision.
//! * A node with more than one edge into it is an `Add` layer with its edges in the order of their sources. The first
//!   node has one edge and is what flows through it.
//! * The running mean and variance and the batch counter of a normalization are buffers: stored, and no parameters.
//!   With this the published parameter counts come out exactly: 73,306 + 28,000 `n1x1` + 243,040 `n3x3` on CIFAR-10.

use lamarck_sdk::model::graph::{DType, GraphError};
use lamarck_sdk::{Layer, LayerGraph, LayerId, ModelSize, Tensor};

use lamarck_nas_bench_201_table::Dataset;
use lamarck_nas_bench_201_table::cell::{EDGE_COUNT, EDGES};

/// One operation an edge, in the order of the edges.
pub type Operations = [u8; EDGE_COUNT];

/// Channels of the three stages.
const CHANNELS: [u64; 3] = [16, 32, 64];
/// Copies of the cell in a stage.
const COPIES: u64 = 5;

/// What of a model is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The whole network.
    Network,
    /// One cell, every operation standing for all its copies.
    Cell,
}

impl Level {
    /// Every level, the default one first.
    pub const ALL: [Self; 2] = [Self::Network, Self::Cell];

    /// The name in studies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Cell => "cell",
        }
    }

    /// The level with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// Classes that the head tells apart.
pub const fn class_count(dataset: Dataset) -> u64 {
    match dataset {
        Dataset::Cifar10 => 10,
        Dataset::Cifar100 => 100,
        Dataset::ImageNet16 => 120,
    }
}

/// Height and width of an image.
const fn image_width(dataset: Dataset) -> u64 {
    match dataset {
        Dataset::Cifar10 | Dataset::Cifar100 => 32,
        Dataset::ImageNet16 => 16,
    }
}

/// Draws a model.
///
/// # Errors
/// None that can happen: the sizes are small and the inputs exist. The type is that of [`LayerGraph::add`].
pub fn build(operations: Operations, dataset: Dataset, level: Level) -> Result<LayerGraph, GraphError> {
    match level {
        Level::Network => network(operations, dataset),
        Level::Cell => cell(operations),
    }
}

/// Parameters and bytes of some tensors.
#[derive(Clone, Copy)]
struct Weights {
    parameters: u64,
    bytes: u64,
}

impl Weights {
    const fn plus(self, other: Self, times: u64) -> Self {
        Self {
            parameters: self.parameters + other.parameters * times,
            bytes: self.bytes + other.bytes * times,
        }
    }

    /// A normalization: weight and bias; running mean and variance and an 8-byte counter.
    const fn norm(channels: u64) -> Self {
        Self { parameters: 2 * channels, bytes: 4 * 4 * channels + 8 }
    }

    /// So many weights in single precision.
    const fn plain(parameters: u64) -> Self {
        Self { parameters, bytes: 4 * parameters }
    }

    /// A convolution and its normalization.
    const fn conv(from: u64, to: u64, kernel: u64) -> Self {
        Self::plain(from * to * kernel * kernel).plus(Self::norm(to), 1)
    }

    /// A convolution of the cell in all its copies.
    const fn copies(kernel: u64) -> Self {
        let [a, b, c] = CHANNELS;
        Self::plain(0)
            .plus(Self::conv(a, a, kernel), COPIES)
            .plus(Self::conv(b, b, kernel), COPIES)
            .plus(Self::conv(c, c, kernel), COPIES)
    }

    /// A residual block that halves the image.
    const fn block(from: u64, to: u64) -> Self {
        Self::conv(from, to, 3).plus(Self::conv(to, to, 3), 1).plus(Self::plain(from * to), 1)
    }

    /// Everything that is no cell.
    const fn skeleton(classes: u64) -> Self {
        let [a, b, c] = CHANNELS;
        Self::conv(3, a, 3)
            .plus(Self::block(a, b), 1)
            .plus(Self::block(b, c), 1)
            .plus(Self::norm(c), 1)
            .plus(Self::plain(c * classes + classes), 1)
    }
}

const CONV_1X1: Weights = Weights::copies(1);
const CONV_3X3: Weights = Weights::copies(3);
/// The input, six operations and two sums.
const CELL_LAYERS: u64 = 9;
/// The input and the stem, fifteen cells of six operations and two sums, two blocks of four layers, the head of three.
const NETWORK_LAYERS: u64 = 2 + 3 * COPIES * 8 + 2 * 4 + 3;

/// The size of a model by counting its convolutions. Equal to the size of the built graph for every cell.
pub fn size(operations: Operations, dataset: Dataset, level: Level) -> ModelSize {
    let count = |wanted: u8| operations.iter().map(|&operation| u64::from(operation == wanted)).sum::<u64>();
    let (layers, fixed) = match level {
        Level::Network => (NETWORK_LAYERS, Weights::skeleton(class_count(dataset))),
        Level::Cell => (CELL_LAYERS, Weights::plain(0)),
    };
    let all = fixed.plus(CONV_1X1, count(2)).plus(CONV_3X3, count(3));
    ModelSize { layers, parameters: all.parameters, bytes: all.bytes }
}

/// The tensors of a normalization; `stack` is empty or the number of stacked copies.
fn norm(name: &str, stack: &[u64], channels: u64, out: &mut Vec<Tensor>) {
    let shape = [stack, &[channels]].concat();
    for part in ["weight", "bias"] {
        out.push(Tensor::parameter(format!("{name}.{part}"), &shape, DType::F32));
    }
    for part in ["running_mean", "running_var"] {
        out.push(Tensor::buffer(format!("{name}.{part}"), &shape, DType::F32));
    }
    out.push(Tensor::buffer(format!("{name}.num_batches_tracked"), stack, DType::I64));
}

/// A convolution and its normalization, called `0` and `1` in the stem and `op.1` and `op.2` everywhere else.
fn conv(names: [&str; 2], stack: &[u64], from: u64, to: u64, kernel: u64, out: &mut Vec<Tensor>) {
    let shape = [stack, &[to, from, kernel, kernel]].concat();
    out.push(Tensor::parameter(format!("{}.weight", names[0]), &shape, DType::F32));
    norm(names[1], stack, to, out);
}

const OP: [&str; 2] = ["op.1", "op.2"];

fn relu_conv_bn(name: String, from: u64, to: u64, kernel: u64, stride: u64) -> Layer {
    let config = format!(r#"{{"in":{from},"kernel":{kernel},"out":{to},"stride":{stride}}}"#);
    let mut tensors = Vec::with_capacity(6);
    conv(OP, &[], from, to, kernel, &mut tensors);
    Layer::new(name, "ReLUConvBN", config).with_tensors(tensors)
}

/// Class and configuration of the operations without weights.
fn plain(operation: u8) -> (&'static str, &'static str) {
    match operation {
        0 => ("Zero", "{}"),
        1 => ("Identity", "{}"),
        _ => ("AvgPool", r#"{"count_include_pad":false,"kernel":3,"padding":1,"stride":1}"#),
    }
}

const fn kernel(operation: u8) -> Option<u64> {
    match operation {
        2 => Some(1),
        3 => Some(3),
        _ => None,
    }
}

/// Adds the edges and sums of a cell whose input is there; `operation` makes the layer of an edge, `sum` names a sum.
fn add_cell(
    graph: &mut LayerGraph,
    input: LayerId,
    mut operation: impl FnMut(usize) -> Layer,
    sum: impl Fn(u8) -> String,
) -> Result<LayerId, GraphError> {
    let mut nodes = [input; 4];
    for target in 1..4_u8 {
        let mut edges = [input; 3];
        let mut count = 0;
        for (edge, (source, _)) in EDGES.into_iter().enumerate().filter(|(_, (_, to))| *to == target) {
            edges[count] = graph.add(operation(edge), &[nodes[usize::from(source)]])?;
            count += 1;
        }
        nodes[usize::from(target)] = match &edges[..count] {
            [only] => *only,
            several => graph.add(Layer::new(sum(target), "Add", "{}"), several)?,
        };
    }
    Ok(nodes[3])
}

fn cell(operations: Operations) -> Result<LayerGraph, GraphError> {
    let mut graph = LayerGraph::with_capacity(9, 11);
    let input = graph.add(Layer::new("input", "Input", "{}"), &[])?;
    let operation = |edge: usize| {
        let (source, target) = EDGES[edge];
        let name = format!("edge {source}>{target}");
        let operation = operations[edge];
        let Some(kernel) = kernel(operation) else {
            let (class, config) = plain(operation);
            return Layer::new(name, class, config);
        };
        let mut tensors = Vec::with_capacity(18);
        for channels in CHANNELS {
            let names = OP.map(|op| format!("channels {channels}.{op}"));
            conv([&names[0], &names[1]], &[COPIES], channels, channels, kernel, &mut tensors);
        }
        Layer::new(name, "ReLUConvBN", format!(r#"{{"kernel":{kernel},"stride":1}}"#)).with_tensors(tensors)
    };
    add_cell(&mut graph, input, operation, |node| format!("node {node}"))?;
    Ok(graph)
}

fn network(operations: Operations, dataset: Dataset) -> Result<LayerGraph, GraphError> {
    let (width, classes) = (image_width(dataset), class_count(dataset));
    let mut graph = LayerGraph::with_capacity(133, 170);
    let shape = format!(r#"{{"shape":[3,{width},{width}]}}"#);
    let input = graph.add(Layer::new("input", "Input", shape), &[])?;
    let mut tensors = Vec::new();
    conv(["0", "1"], &[], 3, CHANNELS[0], 3, &mut tensors);
    let config = format!(r#"{{"in":3,"kernel":3,"out":{},"stride":1}}"#, CHANNELS[0]);
    let mut last = graph.add(Layer::new("stem", "ConvBN", config).with_tensors(tensors), &[input])?;

    let mut index = 0;
    let mut from = CHANNELS[0];
    for channels in CHANNELS {
        if channels != from {
            last = block(&mut graph, last, index, from, channels)?;
            index += 1;
        }
        for _ in 0..COPIES {
            let operation = |edge: usize| {
                let name = format!("cells.{index}.layers.{edge}");
                if let Some(kernel) = kernel(operations[edge]) {
                    return relu_conv_bn(name, channels, channels, kernel, 1);
                }
                let (class, config) = plain(operations[edge]);
                Layer::new(name, class, config)
            };
            last = add_cell(&mut graph, last, operation, |node| format!("cells.{index}.node {node}"))?;
            index += 1;
        }
        from = channels;
    }

    let mut tensors = Vec::new();
    norm("0", &[], from, &mut tensors);
    let config = format!(r#"{{"channels":{from}}}"#);
    last = graph.add(Layer::new("lastact", "BNReLU", config).with_tensors(tensors), &[last])?;
    last = graph.add(Layer::new("global_pooling", "GlobalAvgPool", "{}"), &[last])?;
    let tensors = vec![
        Tensor::parameter("weight", &[classes, from], DType::F32),
        Tensor::parameter("bias", &[classes], DType::F32),
    ];
    let config = format!(r#"{{"in":{from},"out":{classes}}}"#);
    graph.add(Layer::new("classifier", "Linear", config).with_tensors(tensors), &[last])?;
    Ok(graph)
}

/// A residual block that halves the image and doubles the channels.
fn block(
    graph: &mut LayerGraph,
    input: LayerId,
    index: u64,
    from: u64,
    to: u64,
) -> Result<LayerId, GraphError> {
    let name = |part: &str| format!("cells.{index}.{part}");
    let a = graph.add(relu_conv_bn(name("conv_a"), from, to, 3, 2), &[input])?;
    let b = graph.add(relu_conv_bn(name("conv_b"), to, to, 3, 1), &[a])?;
    let config = format!(r#"{{"in":{from},"kernel":1,"out":{to},"pool":2}}"#);
    let weight = Tensor::parameter("1.weight", &[to, from, 1, 1], DType::F32);
    let downsample = Layer::new(name("downsample"), "AvgPoolConv", config).with_tensors(vec![weight]);
    let residual = graph.add(downsample, &[input])?;
    graph.add(Layer::new(name("sum"), "Add", "{}"), &[residual, b])
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_nas_bench_201_table::cell::{CELLS, from_digits, operations};
    use lamarck_sdk::model::identity::identities;
    use lamarck_sdk::model::prefix::longest_common_prefix;

    fn of(digits: &str) -> Operations {
        operations(from_digits(digits).unwrap()).unwrap()
    }

    #[test]
    fn published_parameter_counts() {
        for (dataset, extra) in
            [(Dataset::Cifar10, 0), (Dataset::Cifar100, 5_850), (Dataset::ImageNet16, 7_150)]
        {
            for n1x1 in 0..=6_usize {
                for n3x3 in 0..=6 - n1x1 {
                    let mut operations = [0_u8; 6];
                    operations[..n1x1].fill(2);
                    operations[n1x1..n1x1 + n3x3].fill(3);
                    let published = 73_306 + extra + 28_000 * n1x1 as u64 + 243_040 * n3x3 as u64;
                    assert_eq!(size(operations, dataset, Level::Network).parameters, published);
                    let graph = build(operations, dataset, Level::Network).unwrap();
                    assert_eq!(graph.size().unwrap(), size(operations, dataset, Level::Network));
                }
            }
        }
    }

    #[test]
    fn the_closed_form_is_the_size_of_the_graph() {
        // All cells where that is quick; otherwise one in 97, which meets every operation on every edge.
        let step = if cfg!(debug_assertions) { 97 } else { 1 };
        for cell in (0..CELLS).step_by(step) {
            let operations = operations(cell).unwrap();
            for level in Level::ALL {
                for dataset in Dataset::ALL {
                    let graph = build(operations, dataset, level).unwrap();
                    assert_eq!(graph.size().unwrap(), size(operations, dataset, level), "{cell} {level:?}");
                }
            }
        }
    }

    #[test]
    fn bytes_are_four_a_parameter_and_the_buffers() {
        // Two buffers of single precision a channel and a counter of 8 bytes for each of the 6 normalizations of the
        // skeleton: stem 16, blocks 32, 32, 64, 64, head 64.
        let channels = 16 + 32 + 32 + 64 + 64 + 64;
        let skeleton = size([0; 6], Dataset::Cifar10, Level::Network);
        assert_eq!(
            skeleton,
            ModelSize { layers: 133, parameters: 73_306, bytes: 4 * 73_306 + 8 * channels + 6 * 8 }
        );
        let cell = size([2, 0, 0, 0, 0, 0], Dataset::Cifar10, Level::Cell);
        let channels = 5 * (16 + 32 + 64);
        assert_eq!(
            cell,
            ModelSize { layers: 9, parameters: 28_000, bytes: 4 * 28_000 + 8 * channels + 15 * 8 }
        );
    }

    #[test]
    fn cells_share_what_flows_into_equal_edges() {
        let prefix = |a: &str, b: &str, level| {
            let graph = |digits| build(of(digits), Dataset::Cifar10, level).unwrap();
            longest_common_prefix(&graph(a), &graph(b)).unwrap().len()
        };
        // The last edge differs: everything but it and the last sum is shared.
        assert_eq!(prefix("333333", "333332", Level::Cell), 7);
        // The first edge differs: the edges out of the input stay.
        assert_eq!(prefix("333333", "433333", Level::Cell), 3);
        // The input, the stem and those edges.
        assert_eq!(prefix("333333", "433333", Level::Network), 4);
        assert_eq!(prefix("333333", "333332", Level::Network), 8);
        assert_eq!(prefix("333333", "333333", Level::Network), 133);
    }

    #[test]
    fn equal_operations_on_one_source_are_different_layers() {
        let mut ids = identities(&build(of("333333"), Dataset::Cifar10, Level::Cell).unwrap());
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 9);
    }

    #[test]
    fn names_are_those_of_the_benchmark() {
        let graph = build(of("321432"), Dataset::Cifar100, Level::Network).unwrap();
        let names: Vec<&str> = graph.layers().map(|(_, layer)| layer.name.as_str()).collect();
        for name in [
            "stem",
            "cells.0.layers.0",
            "cells.5.conv_a",
            "cells.11.downsample",
            "cells.16.layers.5",
            "classifier",
        ] {
            assert!(names.contains(&name), "{name}");
        }
        let (_, classifier) = graph.layers().last().unwrap();
        assert_eq!(classifier.tensors[0].shape, [100, 64]);
    }
}
