//! Tools that hear of a trial many times: Syne Tune and Ray Tune write a row for each report.
//!
//! **The last report is the evaluation.** Not the best one: a search that looked at the best of several epochs would see
//! more than a search that trained as long and reported once. The last one is also what Ray's
//! `ResultGrid.get_dataframe()` has.
//!
//! **A trial that was stopped early has no score.** Its last report is of fewer epochs than the others', so it is
//! interrupted, as a pruned trial of Optuna is. What the files say of an end:
//!
//! | the trial | status |
//! |---|---|
//! | the tool says that it failed | failed |
//! | the tool says that it completed | ok |
//! | it reported as often as the longest trial | ok, even if the tool stopped it then: schedulers do at the end |
//! | the tool stopped or paused it before | interrupted |
//! | nothing is known, and the tool stopped others | interrupted: it failed, or the search ended |
//! | nothing is known, and the tool stopped none | ok: without such a scheduler a trial ends by itself |
//!
//! The last line is a guess where trials fail, so a note counts them. Ok means that the score is read; a score that is no
//! finite number still is a failure.

use crate::draft::counted;
use crate::nearest;
use lamarck_model::Status;

/// How a trial ended, as far as its file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Completed,
    Failed,
    /// By the scheduler.
    Stopped,
    Open,
}

/// The status of each trial, out of its ending and the number of its reports.
pub(crate) fn statuses(trials: &[(Ending, u64)], notes: &mut Vec<String>) -> Vec<Status> {
    let longest = trials.iter().map(|(_, reports)| *reports).max().unwrap_or(0);
    let short = |wanted: Ending| {
        trials.iter().filter(|(ending, reports)| *ending == wanted && *reports < longest).count() as u64
    };
    let (stopped, open) = (short(Ending::Stopped), short(Ending::Open));
    let before = |number, what: &str| {
        let subject = counted(number, "trial", "trials");
        format!("{subject} {what} before report {longest}")
    };
    if stopped > 0 {
        let what = before(stopped, "stopped by the scheduler");
        notes.push(format!("{what}: interrupted, without score"));
    }
    match (open, stopped) {
        (0, _) => {}
        (_, 0) => {
            let what = before(open, "ended");
            notes.push(format!("{what}, and whether for a failure is not recorded: taken as complete"));
        }
        _ => {
            let what = before(open, "broke off");
            notes.push(format!("{what}: interrupted, without score"));
        }
    }
    trials
        .iter()
        .map(|(ending, reports)| match ending {
            Ending::Failed => Status::Failed,
            Ending::Completed => Status::Ok,
            _ if *reports == longest => Status::Ok,
            Ending::Stopped => Status::Interrupted,
            Ending::Open if stopped > 0 => Status::Interrupted,
            Ending::Open => Status::Ok,
        })
        .collect()
}

/// The column that is the score: the one that was asked for, else the only one there is. `reason` is why there is none.
pub(crate) fn metric(asked: Option<&str>, candidates: &[String]) -> Result<String, String> {
    match (asked, candidates) {
        (Some(asked), _) if candidates.iter().any(|known| known == asked) => Ok(asked.to_owned()),
        (Some(asked), _) => Err(format!("no metric `{asked}`{}", nearest::among(asked, candidates))),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err("no metric: no column but the tool's own and the configuration's".into()),
        (None, several) => {
            let names: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
            Err(format!(
                "{} columns that may be the objective; choose one with --objective: {}",
                several.len(),
                names.join(", ")
            ))
        }
    }
}

/// Whether a metric of this name is one to be small. Only where a file does not say: a note has to.
pub(crate) fn sounds_minimized(metric: &str) -> bool {
    let name = metric.to_ascii_lowercase();
    ["loss", "error", "mse", "mae"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ending::{Completed, Failed, Open, Stopped};

    #[test]
    fn every_line_of_the_table() {
        let mut notes = Vec::new();
        let trials = [(Failed, 4), (Completed, 1), (Stopped, 4), (Stopped, 2), (Open, 3), (Open, 4)];
        let expected =
            [Status::Failed, Status::Ok, Status::Ok, Status::Interrupted, Status::Interrupted, Status::Ok];
        assert_eq!(statuses(&trials, &mut notes), expected);
        assert_eq!(notes.len(), 2);
        assert_eq!(statuses(&[(Open, 1), (Open, 2)], &mut notes), [Status::Ok, Status::Ok]);
        assert!(notes[2].contains("taken as complete"));
    }

    #[test]
    fn one_metric_or_a_question() {
        let two = ["loss".to_owned(), "acc".to_owned()];
        assert_eq!(metric(Some("acc"), &two), Ok("acc".into()));
        assert_eq!(metric(None, &two[..1]), Ok("loss".into()));
        insta::assert_snapshot!(metric(None, &two).unwrap_err(), @"2 columns that may be the objective; choose one with --objective: `loss`, `acc`");
        insta::assert_snapshot!(metric(Some("los"), &two).unwrap_err(), @"no metric `los`; did you mean `loss`?");
    }
}
