//! Members that were the best from their entry to their exit.

/// Finds members that were strictly better than the P - 1 that entered before them and the P - 1 after.
///
/// Such a member is the best of any P consecutive ones that it is among. So members are taken in blocks of P, and of
/// each block only the best is held against the block before and the block after: three comparisons a member, in
/// order. (A queue of falling scores would need no blocks, and was several times slower for its mispredicted branches.)
#[derive(Debug, Clone)]
pub(crate) struct Champions {
    population: usize,
    before: Vec<f64>,
    block: Vec<f64>,
    after: Vec<f64>,
    /// The rows of the block, and of the block after it.
    rows: Vec<usize>,
    next_rows: Vec<usize>,
}

impl Champions {
    /// For populations of `population` members, at least one.
    pub(crate) fn new(population: usize) -> Self {
        let population = population.max(1);
        let (before, block, after) = (Vec::new(), Vec::new(), Vec::new());
        Self { population, before, block, after, rows: Vec::new(), next_rows: Vec::new() }
    }

    /// Takes in the next member; returns the row of one that has left and was the best all along.
    #[inline]
    pub(crate) fn enter(&mut self, row: usize, score: f64) -> Option<usize> {
        self.after.push(score);
        self.next_rows.push(row);
        if self.after.len() < self.population { None } else { self.turn() }
    }

    /// The last one that is known to have been the best all along, after the last member.
    pub(crate) fn end(&mut self) -> Option<usize> {
        self.turn()
    }

    fn turn(&mut self) -> Option<usize> {
        let champion = self.champion();
        std::mem::swap(&mut self.before, &mut self.block);
        std::mem::swap(&mut self.block, &mut self.after);
        self.after.clear();
        std::mem::swap(&mut self.rows, &mut self.next_rows);
        self.next_rows.clear();
        champion
    }

    fn champion(&self) -> Option<usize> {
        let mut best = 0;
        for (at, &score) in self.block.iter().enumerate() {
            if score > self.block[best] {
                best = at;
            }
        }
        let &score = self.block.get(best)?;
        let (earlier, later) = (&self.block[..best], &self.block[best + 1..]);
        // Of the block before, those that were still there; of the block after, those that came before it left.
        let before = &self.before[(best + 1).min(self.before.len())..];
        let has_left = self.after.len() > best;
        let after = &self.after[..best.min(self.after.len())];
        let best_all_along = [before, earlier, later, after]
            .into_iter()
            .all(|others| others.iter().all(|&other| other < score));
        (has_left && best_all_along).then(|| self.rows[best])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn champions_are_what_comparing_with_everybody_finds(
            scores in prop::collection::vec(0_u8..40, 0..80),
            population in 1_usize..10,
        ) {
            let mut champions = Champions::new(population);
            let mut found = Vec::new();
            for (row, &score) in scores.iter().enumerate() {
                found.extend(champions.enter(row * 3, score.into()));
            }
            found.extend(champions.end());
            let is_champion = |&row: &usize| {
                let from = row.saturating_sub(population - 1);
                let to = row + population;
                // It has left, and all that were there with it were worse.
                to < scores.len() && (from..to).all(|other| other == row || scores[other] < scores[row])
            };
            let expected: Vec<usize> = (0..scores.len()).filter(is_champion).map(|row| row * 3).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
