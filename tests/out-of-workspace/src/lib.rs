//! A mutator that turns a vector like a wheel, for decisions that all have equally many options.

use lamarck_sdk::prelude::*;

/// Rotates all choices to the left.
struct Rotate {
    places: usize,
}

#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    places: usize,
}

impl Component for Rotate {
    type Options = Options;
    const SPEC: ComponentSpec = ComponentSpec::new("rotate", "rotates all choices to the left")
        .options(&[OptionSpec::integer("places", 1, 100, "by how many places").default_value("1")]);

    fn create(options: Options, context: &Context) -> Result<Self> {
        let same = |pair: &[Decision]| pair[0].options.len() == pair[1].options.len();
        ensure!(
            context.space()?.decisions.windows(2).all(same),
            "rotate needs decisions with equally many options"
        );
        Ok(Self { places: options.places })
    }
}

impl Mutator for Rotate {
    fn mutate(&self, child: &mut [Choice], _: &mut Rng) -> Result<()> {
        let places = self.places % child.len().max(1);
        child.rotate_left(places);
        Ok(())
    }
}

export_plugin! { mutators: [Rotate] }
