//! The best candidate's line of descent, and the names of all candidates that the report speaks of.

use super::{Results, seconds};
use lamarck_sdk::model::report::{Cell, Table};
use lamarck_sdk::{CandidateId, Nullable};
use std::collections::BTreeMap;

/// The best candidate's ancestors, and ids by row.
pub(super) struct Best {
    /// From the founder to the best; empty when nobody has a score.
    pub(super) line: Vec<usize>,
    /// How many rows of takeovers and ancestors are shown.
    pub(super) takeovers: usize,
    ids: BTreeMap<usize, CandidateId>,
}

impl Best {
    pub(super) fn new(results: &Results<'_>) -> Self {
        let line = results.details.best().map(|row| results.genealogy.ancestry(row)).unwrap_or_default();
        let most = results.settings.table_rows;
        let takeovers = results.coalescence.takeovers.len().min(most);
        let mut rows: Vec<usize> = line[line.len().saturating_sub(most)..].to_vec();
        rows.extend(results.coalescence.takeovers[..takeovers].iter().map(|takeover| takeover.ancestor));
        rows.extend(results.clades.clades.iter().map(|clade| clade.founder));
        let ids = results.genealogy.ids(&rows);
        let ids = rows.into_iter().zip(ids).filter_map(|(row, id)| id.map(|id| (row, id))).collect();
        Self { line, takeovers, ids }
    }

    /// The candidate of a row; not known when its id was wild or there twice.
    pub(super) fn id(&self, row: usize) -> Option<CandidateId> {
        self.ids.get(&row).copied()
    }
}

/// The table of the best candidate's ancestors.
pub(super) fn table(results: &Results<'_>, best: &Best) -> Table {
    let columns = [
        "step",
        "candidate",
        "finished as",
        "finished [s]",
        "decisions changed",
        "decision",
        "from",
        "to",
        "score",
        "score gained",
        "donor",
        "prefix [layers]",
        "size [bytes]",
    ];
    let skipped = best.line.len().saturating_sub(results.settings.table_rows);
    let score = |row: usize| {
        let detail = results.details.get(row).and_then(|detail| detail.score.known());
        detail.or_else(|| results.genealogy.score(row))
    };
    let row = |(step, &row): (usize, &usize)| {
        let detail = results.details.get(row);
        let parent = step.checked_sub(1).and_then(|before| score(best.line[before]));
        let gained = score(row).zip(parent).map(|(score, parent)| score - parent);
        let decision = detail.and_then(|detail| detail.decision.known());
        let option =
            |choice: Option<u16>| decision.zip(choice).map(|(at, choice)| option(results, at, choice));
        vec![
            Cell::from(step as u64),
            best.id(row).into(),
            Cell::from(row as u64 + 1),
            results.genealogy.clock.get(row).map(seconds).into(),
            detail.and_then(|detail| detail.changed.known()).map(u64::from).into(),
            decision.map(|at| decision_name(results, at)).into(),
            option(detail.and_then(|detail| detail.from.known())).into(),
            option(detail.and_then(|detail| detail.to.known())).into(),
            score(row).into(),
            gained.into(),
            detail.and_then(|detail| detail.donor.known()).into(),
            detail.and_then(|detail| detail.prefix_layers.known()).map(u64::from).into(),
            detail.and_then(|detail| detail.bytes.known()).into(),
        ]
    };
    Table {
        name: "best-ancestry".into(),
        title: "From a founder to the best candidate, step by step".into(),
        columns: columns.map(str::to_owned).to_vec(),
        keys: 0,
        rows: best.line.iter().enumerate().skip(skipped).map(row).collect(),
    }
}

/// A decision's name, or its number where there is no space or not so many.
fn decision_name(results: &Results<'_>, at: u16) -> String {
    let decision = results.settings.decisions.get(usize::from(at));
    decision.map_or_else(|| format!("decision {at}"), |decision| decision.name.clone())
}

fn option(results: &Results<'_>, at: u16, choice: u16) -> String {
    let decision = results.settings.decisions.get(usize::from(at));
    let option = decision.and_then(|decision| decision.options.get(usize::from(choice)));
    option.cloned().unwrap_or_else(|| choice.to_string())
}
