//! A (mu + 1) evolution strategy with restarts.
//!
//! It keeps the best `population` candidates ever seen (regularized evolution, in contrast, lets
//! the oldest go), chooses parents by tournament, and starts again from random candidates when the
//! best has not improved for `patience` completions.

use lamarck_sdk::prelude::*;

/// A candidate that may become a parent.
struct Member {
    id: CandidateId,
    score: f64,
}

/// The best candidates since the last restart.
struct Restarting {
    /// The best first; of equal scores the one that finished earlier.
    members: Vec<Member>,
    /// How many candidates were proposed. The engine numbers them in this order, from 0.
    proposed: CandidateId,
    /// The first candidate that was proposed after the last restart.
    era: CandidateId,
    /// Completions since the best improved.
    stale: u64,
    population: usize,
    sample: usize,
    patience: u64,
}

/// What a study can set.
#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    population: usize,
    sample: usize,
    patience: u64,
}

impl Component for Restarting {
    type Options = Options;
    // A study names it by the name of this crate. A second component needs a name of its own.
    const SPEC: ComponentSpec = ComponentSpec::new(
        env!("CARGO_PKG_NAME"),
        "keeps the best candidates, and starts again when nothing improves",
    )
    .options(&[
        OptionSpec::integer("population", 1, 1_000_000, "how many of the best are kept")
            .default_value("20"),
        OptionSpec::integer(
            "sample",
            1,
            1_000_000,
            "how many compete to become a parent",
        )
        .default_value("5"),
        OptionSpec::integer(
            "patience",
            1,
            1_000_000_000,
            "how long without a better best",
        )
        .default_value("500")
        .unit("completions"),
    ]);

    /// Called once for each run: each replicate has a strategy of its own.
    fn create(options: Options, _: &Context) -> Result<Self> {
        let Options {
            population,
            sample,
            patience,
        } = options;
        // An option that makes no sense beside another is an error here, and names both.
        ensure!(
            sample <= population,
            "sample is {sample}, but population is {population}"
        );
        let (members, proposed, era, stale) = (Vec::new(), 0, 0, 0);
        Ok(Self {
            members,
            proposed,
            era,
            stale,
            population,
            sample,
            patience,
        })
    }
}

impl Strategy for Restarting {
    /// Called whenever a worker will need a candidate, often several times before the next `tell`.
    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        self.proposed += 1;
        if self.members.len() < self.population {
            return Ok(Proposal::Sample);
        }
        // Members stand in the order of their ranks, so the smallest position wins the tournament.
        let entries = (0..self.sample).map(|_| rng.index(self.members.len()));
        let winner = entries
            .min()
            .context("a tournament has at least one entry")?;
        let rank = Some(u32::try_from(winner + 1)?);
        Ok(Proposal::Mutate(Selected {
            id: self.members[winner].id,
            rank,
        }))
    }

    /// Called once for each candidate when it finishes, not in the order in which they were
    /// proposed.
    fn tell(&mut self, done: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        // Whatever will never be a parent is released, so that the engine can forget it: failures,
        // and those that were still on their way when the search started again.
        let Some(score) = done.score.filter(|_| done.id >= self.era) else {
            released.push(done.id);
            return Ok(());
        };
        let place = self.members.partition_point(|member| member.score >= score);
        self.stale = if place == 0 { 0 } else { self.stale + 1 };
        self.members.insert(place, Member { id: done.id, score });
        if self.members.len() > self.population {
            released.extend(self.members.pop().map(|worst| worst.id));
        }
        if self.stale >= self.patience {
            released.extend(self.members.drain(..).map(|member| member.id));
            self.era = self.proposed;
            self.stale = 0;
        }
        Ok(())
    }
}

export_plugin! { strategies: [Restarting] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::{check_strategy, create, space};
    use lamarck_sdk::{Origin, Status};

    /// What the engine demands: it selects only what it was told of and has not released, proposes
    /// the same for the same seeds, and survives failures.
    #[test]
    fn it_conforms() -> Result<()> {
        let sum = |choices: &[Choice]| choices.iter().copied().map(f64::from).sum();
        for options in [
            "{}",
            r#"{"patience": 1}"#,
            r#"{"population": 1, "sample": 1, "patience": 7}"#,
        ] {
            check_strategy::<Restarting>(options, &space(&[5, 5, 5]), 1000, sum)?;
        }
        Ok(())
    }

    /// Proposes and finishes candidates one by one with these scores; returns who was released, and
    /// when.
    fn run(strategy: &mut Restarting, scores: &[Option<f64>]) -> Result<Vec<(u64, CandidateId)>> {
        let mut all = Vec::new();
        for &score in scores {
            let id = strategy.proposed;
            strategy.ask(&mut Rng::from_seed(id))?;
            let status = if score.is_some() {
                Status::Ok
            } else {
                Status::Failed
            };
            let (choices, origin) = (&[0][..], Origin::Sample);
            let mut released = Vec::new();
            strategy.tell(
                &Finished {
                    id,
                    choices,
                    score,
                    status,
                    origin,
                },
                &mut released,
            )?;
            all.extend(released.into_iter().map(|other| (id, other)));
        }
        Ok(all)
    }

    fn strategy(options: &str) -> Result<Restarting> {
        create(options, &Context::for_space(space(&[2])))
    }

    #[test]
    fn the_worst_and_the_failed_go() -> Result<()> {
        let mut strategy = strategy(r#"{"population": 2, "sample": 2}"#)?;
        let released = run(
            &mut strategy,
            &[Some(1.0), None, Some(3.0), Some(2.0), Some(0.0)],
        )?;
        assert_eq!(released, [(1, 1), (3, 0), (4, 4)]);
        let Proposal::Mutate(parent) = strategy.ask(&mut Rng::from_seed(1))? else {
            panic!("the population is full")
        };
        assert!(
            (parent.id, parent.rank) == (2, Some(1)) || (parent.id, parent.rank) == (3, Some(2))
        );
        Ok(())
    }

    #[test]
    fn it_starts_again_when_nothing_improves() -> Result<()> {
        let mut strategy = strategy(r#"{"population": 2, "sample": 1, "patience": 2}"#)?;
        // One more is on its way at the moment of the restart.
        run(&mut strategy, &[Some(3.0)])?;
        strategy.ask(&mut Rng::from_seed(9))?;
        let released = run(&mut strategy, &[Some(2.0), Some(1.0)])?;
        assert_eq!(released, [(3, 3), (3, 0), (3, 2)]);
        assert_eq!(strategy.ask(&mut Rng::from_seed(1))?, Proposal::Sample);
        // The one that was on its way is no parent of the new era, however good.
        let (status, origin) = (Status::Ok, Origin::Mutation);
        let late = Finished {
            id: 1,
            choices: &[0],
            score: Some(9.0),
            status,
            origin,
        };
        let mut released = Vec::new();
        strategy.tell(&late, &mut released)?;
        assert_eq!((released, strategy.members.len()), (vec![1], 0));
        Ok(())
    }

    #[test]
    fn a_sample_larger_than_the_population_is_an_error() {
        let error = strategy(r#"{"population": 4, "sample": 5}"#)
            .err()
            .expect("it is refused");
        assert_eq!(error.to_string(), "sample is 5, but population is 4");
    }
}
