//! A mutation operator that sometimes takes larger steps.
//!
//! Most operators change one decision. This one changes another with probability `more`, and
//! another, so that the number of changes is geometric: with `more = 0.5` half of the children
//! differ in one decision, a quarter in two.

use lamarck_sdk::prelude::*;

/// Changes k different decisions, k being geometric.
struct GeometricSteps {
    /// Position and number of options of every decision that can change.
    sites: Vec<(usize, usize)>,
    more: f64,
    most: usize,
}

/// What a study can set. The host has checked it against the declaration below and filled in the
/// defaults.
#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    more: f64,
    most: usize,
}

impl Component for GeometricSteps {
    type Options = Options;
    // A study names it by the name of this crate. A second component needs a name of its own.
    const SPEC: ComponentSpec = ComponentSpec::new(
        env!("CARGO_PKG_NAME"),
        "changes one decision, and another with some probability, and so on",
    )
    .options(&[
        OptionSpec::float("more", 0.0, 1.0, "probability of one more change").default_value("0.5"),
        OptionSpec::integer("most", 1, 1000, "the largest number of changes").default_value("4"),
    ]);

    /// Called once for each point of a study. What does not depend on the parent is worked out
    /// here.
    fn create(options: Options, context: &Context) -> Result<Self> {
        let space = context.space()?;
        let counts = space
            .decisions
            .iter()
            .map(|decision| decision.options.len());
        // A decision with a single option cannot change, so it is never drawn.
        let sites: Vec<_> = counts.enumerate().filter(|&(_, count)| count > 1).collect();
        ensure!(
            !sites.is_empty(),
            "no decision of space `{}` has a second option",
            space.name
        );
        Ok(Self {
            most: options.most.min(sites.len()),
            sites,
            more: options.more,
        })
    }
}

impl Mutator for GeometricSteps {
    /// Called once for each child, which arrives as a copy of its parent.
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let mut changes = 1;
        while changes < self.most && rng.chance(self.more) {
            changes += 1;
        }
        // The first steps of a Fisher-Yates shuffle draw `changes` different decisions.
        let mut sites = self.sites.clone();
        for next in 0..changes {
            let drawn = next + rng.index(sites.len() - next);
            sites.swap(next, drawn);
            let (position, options) = sites[next];
            // One of the other options: count them without the present one, then step over it.
            let other = Choice::try_from(rng.index(options - 1))?;
            let present = child[position];
            child[position] = if other < present { other } else { other + 1 };
        }
        Ok(())
    }
}

export_plugin! { mutators: [GeometricSteps] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::{check_mutator, create, space};

    /// What the engine demands: the same seed makes the same child, and every child is in range.
    #[test]
    fn it_conforms() -> Result<()> {
        for options in ["{}", r#"{"more": 0.0}"#, r#"{"more": 1.0, "most": 1000}"#] {
            check_mutator::<GeometricSteps>(options, &space(&[5, 2, 1, 9]))?;
        }
        Ok(())
    }

    /// Children with 1, 2, 3 and 4 differences from their parent, of `children` in all.
    fn differences(options: &str, children: u64) -> Result<[u64; 4]> {
        // The third decision has a single option.
        let (space, parent) = (space(&[5, 5, 1, 5, 5]), [0, 1, 0, 2, 4]);
        let mutator: GeometricSteps = create(options, &Context::for_space(space))?;
        let mut counts = [0; 4];
        for seed in 0..children {
            let mut child = parent;
            mutator.mutate(&mut child, &mut Rng::from_seed(seed))?;
            let changed = parent
                .iter()
                .zip(&child)
                .filter(|(parent, child)| parent != child);
            counts[changed.count() - 1] += 1;
        }
        Ok(counts)
    }

    #[test]
    fn the_number_of_changes_is_geometric() -> Result<()> {
        // 1/2, 1/4, 1/8 and the rest, 1/8, of 8000; the standard deviations are below 45.
        for (count, expected) in differences("{}", 8000)?
            .into_iter()
            .zip([4000, 2000, 1000, 1000])
        {
            assert!(
                count.abs_diff(expected) < 180,
                "{count} children, not {expected}"
            );
        }
        assert_eq!(differences(r#"{"more": 0}"#, 500)?, [500, 0, 0, 0]);
        assert_eq!(
            differences(r#"{"more": 1, "most": 3}"#, 500)?,
            [0, 0, 500, 0]
        );
        Ok(())
    }

    #[test]
    fn a_space_without_a_choice_is_an_error() {
        let made = create::<GeometricSteps>("{}", &Context::for_space(space(&[1, 1])));
        let error = made.err().expect("nothing can change").to_string();
        assert_eq!(error, "no decision of space `test` has a second option");
    }
}
