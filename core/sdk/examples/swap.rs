//! A mutator in one file: declaration, behaviour, export, and its check.

use lamarck_sdk::prelude::*;

/// Swaps the choices of two decisions, some times over.
struct Swap {
    swaps: u32,
}

#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    swaps: u32,
}

impl Component for Swap {
    type Options = Options;
    const SPEC: ComponentSpec =
        ComponentSpec::new("swap", "swaps choices; for decisions with equally many options").options(&[
            OptionSpec::integer("swaps", 1, 100, "how many pairs change places").default_value("1"),
        ]);

    fn create(options: Options, context: &Context) -> Result<Self> {
        let space = context.space()?;
        let same = |pair: &[Decision]| pair[0].options.len() == pair[1].options.len();
        ensure!(
            space.decisions.windows(2).all(same),
            "decisions of space `{}` have different numbers of options; swap needs as many in each",
            space.name
        );
        Ok(Self { swaps: options.swaps })
    }
}

impl Mutator for Swap {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        for _ in 0..self.swaps {
            let (a, b) = (rng.index(child.len()), rng.index(child.len()));
            child.swap(a, b);
        }
        Ok(())
    }
}

export_plugin! { mutators: [Swap] }

fn main() -> Result<()> {
    // The SDK's conformance checks, without building a shared library.
    lamarck_sdk::testing::check_mutator::<Swap>("{}", &lamarck_sdk::testing::space(&[5, 5, 5, 5]))
}
