//! Decisions that can change.

use lamarck_sdk::prelude::*;

/// A decision that has more than one option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Its position in the vector.
    position: usize,
    /// How many options it has; at least 2, at most 65,536.
    options: u32,
}

/// What one draw of a choice is: in range, since a decision has at most 65,536 options.
#[expect(clippy::cast_possible_truncation, reason = "below(n) is less than n, which is at most 65,536")]
const fn choice(drawn: u64) -> Choice {
    drawn as Choice
}

impl Site {
    /// Every decision of a space that can change, with its position; an error when there is none.
    pub(crate) fn all(space: &SpaceSpec) -> Result<Vec<(Self, &Decision)>> {
        space.check()?;
        let mut sites = Vec::new();
        for (position, decision) in space.decisions.iter().enumerate() {
            let options = u32::try_from(decision.options.len())?;
            if options > 1 {
                sites.push((Self { position, options }, decision));
            }
        }
        ensure!(
            !sites.is_empty(),
            "nothing can be mutated in space `{}`: each of its {} decisions has a single option; use another space, \
             or a strategy that needs no mutator",
            space.name,
            space.decisions.len()
        );
        Ok(sites)
    }

    /// The position in the vector.
    pub fn position(self) -> usize {
        self.position
    }

    /// Changes the decision to another option, each with equal chance. One draw: `below(options - 1)`, counting the
    /// options other than the present one.
    #[inline]
    pub(crate) fn change(self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        let present = self.present(child)?;
        let drawn = choice(rng.below(u64::from(self.options) - 1));
        // Skips the present option. `drawn` is at most options - 2, so there is room for one more.
        *present = if drawn >= *present { drawn + 1 } else { drawn };
        Ok(())
    }

    /// Draws the decision anew, each option with equal chance, the present one too. One draw: `below(options)`.
    #[inline]
    pub(crate) fn redraw(self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        *self.present(child)? = choice(rng.below(u64::from(self.options)));
        Ok(())
    }

    #[inline]
    fn present(self, child: &mut [Choice]) -> Result<&mut Choice> {
        let found = child.len();
        child.get_mut(self.position).with_context(|| {
            format!(
                "the vector has {found} choices, but the space has a decision at position {}; was it made for \
                 another space?",
                self.position
            )
        })
    }
}
