//! Shortest first, with a limit on how long anyone waits.
//!
//! Of the candidates that wait, the one with the fewest parameters left to train goes first, to the
//! fastest idle worker. That finishes many candidates early; but a large one could wait for ever,
//! so whoever has waited `limit` seconds of virtual time goes before all who have not, the oldest
//! first.

use lamarck_sdk::prelude::*;

/// Shortest first among the patient, oldest first among the impatient.
struct ShortestFirst {
    limit_us: u64,
}

/// What a study can set.
#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {
    limit: u64,
}

impl Component for ShortestFirst {
    type Options = Options;
    // A study names it by the name of this crate. A second component needs a name of its own.
    const SPEC: ComponentSpec = ComponentSpec::new(
        env!("CARGO_PKG_NAME"),
        "the candidate with the least to train goes first, unless another has waited too long",
    )
    .options(&[OptionSpec::integer(
        "limit",
        0,
        1_000_000_000,
        "how long a candidate waits at most",
    )
    .default_value("600")
    .unit("s")]);

    /// Called once for each run: each replicate has a scheduler of its own.
    fn create(options: Options, _: &Context) -> Result<Self> {
        // Time is virtual and counted in microseconds. A scheduler never reads a clock.
        Ok(Self {
            limit_us: options.limit.saturating_mul(1_000_000),
        })
    }
}

/// How much is left to train: what it takes over from its donor stays as it is.
fn work(ready: &Ready) -> u64 {
    ready
        .size
        .parameters
        .saturating_sub(ready.prefix.parameters)
}

impl Scheduler for ShortestFirst {
    /// Called whenever there is a candidate that waits and a worker that idles.
    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        let Situation {
            now_us,
            ready,
            idle,
            ..
        } = *situation;
        // Sorting is stable and candidates arrive in order of submission, so the older goes first
        // where keys are equal.
        let mut queue: Vec<usize> = (0..ready.len()).collect();
        queue.sort_by_key(|&at| {
            let waited = now_us.saturating_sub(ready[at].submitted_us);
            if waited >= self.limit_us {
                (0, 0)
            } else {
                (1, work(&ready[at]))
            }
        });
        let mut workers: Vec<usize> = (0..idle.len()).collect();
        workers.sort_by(|&a, &b| idle[b].speed.total_cmp(&idle[a].speed));
        // Positions in the lists, not ids. The shorter list ends it: no candidate and no worker is
        // named twice, and nobody idles while a candidate waits.
        for (candidate, worker) in queue.into_iter().zip(workers) {
            out.assign(candidate, worker);
        }
        Ok(())
    }
}

export_plugin! { schedulers: [ShortestFirst] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::{check_scheduler, create};

    /// What the engine demands: positions that are there, nobody twice, the same answer for the
    /// same situation, and no standstill.
    #[test]
    fn it_conforms() -> Result<()> {
        for options in ["{}", r#"{"limit": 0}"#, r#"{"limit": 1000000000}"#] {
            check_scheduler::<ShortestFirst>(options)?;
        }
        Ok(())
    }

    /// A candidate with so many parameters, of which `taken` are taken over.
    fn ready(candidate: CandidateId, parameters: u64, taken: u64, submitted_us: u64) -> Ready {
        let size = ModelSize {
            layers: 1,
            parameters,
            bytes: 4 * parameters,
        };
        let prefix = ModelSize {
            layers: 1,
            parameters: taken,
            bytes: 4 * taken,
        };
        Ready {
            candidate,
            donor: None,
            size,
            prefix,
            submitted_us,
        }
    }

    fn placed(limit: u64, now_us: u64, ready: &[Ready], speeds: &[f64]) -> Result<Vec<(u32, u32)>> {
        let mut scheduler: ShortestFirst =
            create(&format!(r#"{{"limit": {limit}}}"#), &Context::bare())?;
        let idle: Vec<Idle> = (0..)
            .zip(speeds)
            .map(|(worker, &speed)| Idle {
                worker,
                node: 0,
                since_us: 0,
                speed,
            })
            .collect();
        let mut out = Placement::default();
        let situation = Situation {
            now_us,
            ready,
            idle: &idle,
            ..Situation::default()
        };
        scheduler.assign(&situation, &mut out)?;
        Ok(out
            .assignments
            .iter()
            .map(|pair| (pair.ready, pair.idle))
            .collect())
    }

    #[test]
    fn the_least_work_goes_first_and_to_the_fastest_worker() -> Result<()> {
        // 900, 100 and 50 to train: the last is the largest model, but inherits most of it.
        let queue = [
            ready(5, 900, 0, 0),
            ready(6, 100, 0, 1),
            ready(7, 1000, 950, 2),
        ];
        assert_eq!(placed(600, 10, &queue, &[1.0, 1.2])?, [(2, 1), (1, 0)]);
        assert_eq!(
            placed(600, 10, &queue, &[1.0; 4])?,
            [(2, 0), (1, 1), (0, 2)]
        );
        assert_eq!(placed(600, 10, &[], &[1.0])?, []);
        Ok(())
    }

    #[test]
    fn nobody_waits_for_ever() -> Result<()> {
        let queue = [
            ready(5, 900, 0, 0),
            ready(6, 800, 0, 1_000_000),
            ready(7, 1, 0, 2_000_000),
        ];
        // After 3 s the first has waited for 3, the second for 2.
        assert_eq!(placed(3, 3_000_000, &queue, &[1.0])?, [(0, 0)]);
        assert_eq!(placed(4, 3_000_000, &queue, &[1.0])?, [(2, 0)]);
        assert_eq!(placed(0, 3_000_000, &queue, &[1.0; 2])?, [(0, 0), (1, 1)]);
        Ok(())
    }
}
