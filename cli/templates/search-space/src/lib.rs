//! Small convolutional classifiers of sequences, with real layers: classes, shapes, tensors and
//! bytes.
//!
//! The space is written down as a graph of nodes, some of which are decisions. From it follow the
//! description, the layer graph of every vector and its size. What two networks share, and so can
//! hand on, follows from the layers.

use lamarck_sdk::graph_space::{Activation, DesignError, GraphSpace, Op, Padding, SpaceBuilder};
use lamarck_sdk::prelude::*;

/// Two convolutions with a pooling between them, a dense layer with dropout, and a connection
/// around the dense layer.
struct Sequences(GraphSpace);

/// What a study can set.
#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    length: u64,
    classes: u64,
}

impl Component for Sequences {
    type Options = Options;
    // A study names it by the name of this crate. A second component needs a name of its own.
    const SPEC: ComponentSpec = ComponentSpec::new(
        env!("CARGO_PKG_NAME"),
        "small convolutional classifiers of sequences",
    )
    .options(&[
        OptionSpec::integer("length", 4, 1_000_000, "length of a sequence")
            .default_value("128")
            .unit("positions"),
        OptionSpec::integer("classes", 2, 100_000, "how many classes").default_value("10"),
    ]);

    /// Called once for each point of a study.
    fn create(options: Options, _: &Context) -> Result<Self> {
        Ok(Self(design(options.length, options.classes)?))
    }
}

/// The space itself. Decisions come in the order in which their nodes are connected.
fn design(length: u64, classes: u64) -> Result<GraphSpace, DesignError> {
    let conv = |(filters, kernel)| Op::Conv1D {
        filters,
        kernel,
        padding: Padding::Same,
        strides: 1,
        activation: Activation::Relu,
    };
    let pool = |pool| Op::MaxPooling1D {
        pool,
        strides: pool,
        padding: Padding::Same,
    };
    let dense = |units| Op::dense(units, Activation::Relu);
    let dropout = |rate| Op::dropout(rate);

    let mut space = SpaceBuilder::new(env!("CARGO_PKG_NAME"));
    let input = space.input("input", &[length, 1]);
    // An option that does nothing is `Identity`: the layer is then not there at all.
    let first = space.variable(
        "convolution 1",
        [(8, 3), (8, 9), (16, 3), (16, 9)].map(conv),
    );
    let pooling = space.variable("pooling", [Op::Identity, pool(2), pool(4)]);
    let second = [Op::Identity, conv((16, 3)), conv((32, 3)), conv((32, 5))];
    let second = space.variable("convolution 2", second);
    let flat = space.constant("flatten", Op::Flatten);
    let hidden = space.variable("dense", [16, 32, 64, 128].map(dense));
    let drop = [Op::Identity, dropout(0.1), dropout(0.2), dropout(0.4)];
    let drop = space.variable("dropout", drop);
    let skip = space.variable("skip", [Op::Zero, Op::connect(flat)]);
    space.chain(input, &[first, pooling, second, flat, hidden, drop]);
    // One tensor passes through a sum as it is; of two, the second is projected to the width of the
    // first.
    let sum = Op::AddByProjecting {
        activation: Activation::Relu,
    };
    let sum = space.merge("sum", sum, &[drop, skip]);
    let output = space.merge("output", Op::dense(classes, Activation::Softmax), &[sum]);
    space.finish(output)
}

impl SearchSpace for Sequences {
    /// Asked once. Decisions, their options, and the levels at which graphs can be drawn.
    fn spec(&self) -> &SpaceSpec {
        self.0.spec()
    }

    /// Called for each candidate where layers matter: with weight transfer, or a trace of layers.
    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        self.0.build(choices, level)
    }

    /// Called for each candidate. Without this, `build` would be called and its graph measured.
    fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
        self.0.size(choices, level)
    }
}

export_plugin! { search_spaces: [Sequences] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::model::prefix::longest_common_prefix;
    use lamarck_sdk::testing::{check_space, create};

    /// What the engine demands: sampled vectors are valid, build at every level and have the size
    /// of their graphs.
    #[test]
    fn it_conforms() -> Result<()> {
        for options in [
            "{}",
            r#"{"length": 4, "classes": 2}"#,
            r#"{"length": 60483}"#,
        ] {
            check_space::<Sequences>(options)?;
        }
        Ok(())
    }

    fn space() -> Result<Sequences> {
        create(r#"{"length": 64, "classes": 2}"#, &Context::bare())
    }

    #[test]
    fn it_has_as_many_vectors_as_it_should() -> Result<()> {
        let space = space()?;
        let names: Vec<&str> = space
            .spec()
            .decisions
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "convolution 1",
                "pooling",
                "convolution 2",
                "dense",
                "dropout",
                "skip"
            ]
        );
        assert_eq!(space.spec().size(), Some(4 * 3 * 4 * 4 * 4 * 2));
        assert_eq!(space.spec().decisions[3].options[1], "Dense(32, relu)");
        Ok(())
    }

    /// Parameters counted by hand, weights and biases: the best protection against a slip in a
    /// space.
    #[test]
    fn sizes_are_right() -> Result<()> {
        let size = |choices: [Choice; 6]| space()?.size(&choices, "network");
        let (first, dense, output) = (3 * 8 + 8, 64 * 8 * 16 + 16, 16 * 2 + 2);
        assert_eq!(size([0, 0, 0, 0, 0, 0])?.parameters, first + dense + output);
        // Pooled to a quarter, then a second convolution.
        let (second, dense) = (3 * 8 * 16 + 16, 16 * 16 * 16 + 16);
        assert_eq!(
            size([0, 2, 1, 0, 0, 0])?.parameters,
            first + second + dense + output
        );
        // Around the dense layer goes a projection that is as large.
        assert_eq!(
            size([0, 2, 1, 0, 0, 1])?.parameters,
            first + second + 2 * dense + output
        );
        Ok(())
    }

    /// What a child can take over: the layers above the first that differs.
    #[test]
    fn a_change_near_the_output_keeps_the_layers_above() -> Result<()> {
        let space = space()?;
        let parent = space.build(&[0, 1, 1, 0, 0, 0], "network")?;
        let shared = |choices: [Choice; 6]| -> Result<usize> {
            let child = space.build(&choices, "network")?;
            Ok(longest_common_prefix(&child, &parent)?.len())
        };
        // The input, both convolutions, the pooling, the flattening and the dense layer, but not
        // the output.
        assert_eq!(parent.len(), 7);
        assert_eq!(shared([0, 1, 1, 0, 3, 0])?, 6);
        assert_eq!(shared([0, 1, 1, 1, 0, 0])?, 5);
        // Only the input.
        assert_eq!(shared([1, 1, 1, 0, 0, 0])?, 1);
        Ok(())
    }
}
