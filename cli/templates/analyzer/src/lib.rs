//! Records: candidates that score better than all before, and how long a search waits for the next.
//!
//! Beside what is measured stands what would be expected if the same scores came in random order:
//! the k-th of them is then a record with probability 1/k, so that n candidates hold 1 + 1/2 + .. +
//! 1/n records (A. Rényi, 1962), and the best is equally likely to come first, last or anywhere
//! else.

use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::model::report::{Axis, Body, Chart, Finding, Line, Table};
use lamarck_sdk::prelude::*;

/// A candidate that was the best when it finished.
struct Record {
    candidate: CandidateId,
    /// It was the so-manieth candidate with a score, from 1.
    place: u64,
    score: f64,
}

/// What is known after the batches so far. Memory grows with the records, not with the candidates.
#[derive(Default)]
struct Progress {
    scored: u64,
    records: Vec<Record>,
    /// How many records there were after 1, 2, 4, 8, .. candidates.
    course: Vec<(u64, u64)>,
}

/// No options.
#[derive(Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
struct Options {}

impl Component for Progress {
    type Options = Options;
    // A study names it by the name of this crate. A second component needs a name of its own.
    const SPEC: ComponentSpec = ComponentSpec::new(
        env!("CARGO_PKG_NAME"),
        "how often a search finds a better candidate, and how long it waits for the next",
    );

    /// Called once for each run: an analyzer sees one run, and the host merges what they say.
    fn create(_: Options, _: &Context) -> Result<Self> {
        Ok(Self::default())
    }
}

/// 1 + 1/2 + .. + 1/n: how many of n are records if they come in random order.
fn harmonic(n: u64) -> f64 {
    (1..=n).map(|k| 1.0 / k as f64).sum()
}

impl Analyzer for Progress {
    /// Called with batch after batch, candidates in the order in which they finished.
    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        for row in 0..batch.len() {
            // What failed has no score. A column is empty where no row of the batch has a value, so
            // it is not indexed.
            let Some(score) = value_at(batch.score, row) else {
                continue;
            };
            self.scored += 1;
            if self.records.last().is_none_or(|best| score > best.score) {
                self.records.push(Record {
                    candidate: batch.id[row],
                    place: self.scored,
                    score,
                });
            }
            if self.scored.is_power_of_two() {
                self.course.push((self.scored, self.records.len() as u64));
            }
        }
        Ok(())
    }

    /// Called once, after the last batch. Also for an empty trace, about which there is nothing to
    /// say.
    fn finish(&mut self) -> Result<Report> {
        let (analyzer, n) = (Self::SPEC.name.to_owned(), self.scored);
        let text = "candidates that scored better than all before";
        let (Some(first), Some(last)) = (self.records.first(), self.records.last()) else {
            let finding = Finding::missing("records", text, "no candidate has a score");
            return Ok(Report {
                analyzer,
                findings: vec![finding],
                ..Report::default()
            });
        };
        let count = self.records.len() as u64;
        let mut findings =
            vec![Finding::new("records", text, count as f64, "", n).theory(harmonic(n))];
        let waits = self
            .records
            .windows(2)
            .map(|pair| pair[1].place - pair[0].place);
        let text = "the longest wait from one record to the next";
        findings.push(match waits.max() {
            Some(longest) => Finding::new(
                "longest-wait",
                text,
                longest as f64,
                "candidates",
                count - 1,
            ),
            None => Finding::missing("longest-wait", text, "the first candidate was never beaten"),
        });
        let text = "candidates after the last record";
        let after = Finding::new(
            "after-the-last",
            text,
            (n - last.place) as f64,
            "candidates",
            n,
        );
        findings.push(after.theory((n - 1) as f64 / 2.0));
        let text = "what the search gained over its first candidate";
        findings.push(Finding::new("gain", text, last.score - first.score, "", n));
        Ok(Report {
            analyzer,
            findings,
            tables: vec![self.table()],
            charts: vec![self.chart()],
        })
    }
}

impl Progress {
    /// A row for each record. Rows of different runs are merged where the first cell, the record's
    /// number, is equal.
    fn table(&self) -> Table {
        let columns = ["record", "candidates so far", "candidate", "score"];
        let rows = (1_u64..).zip(&self.records).map(|(number, record)| {
            vec![
                number.into(),
                record.place.into(),
                record.candidate.into(),
                record.score.into(),
            ]
        });
        Table {
            name: "records".into(),
            title: "candidates that scored better than all before".into(),
            columns: columns.map(str::to_owned).to_vec(),
            keys: 1,
            rows: rows.collect(),
        }
    }

    /// Records over time, beside the closed form. The positions on x are the same in all runs, so
    /// that curves can be merged into a median with a band.
    fn chart(&self) -> Chart {
        let measured = self
            .course
            .iter()
            .map(|&(n, records)| (n as f64, records as f64));
        let expected = self.course.iter().map(|&(n, _)| (n as f64, harmonic(n)));
        Chart {
            key: "records-over-time".into(),
            title: "records so far".into(),
            note: "dashed: the same scores in random order".into(),
            x: Axis::log("candidates with a score", ""),
            y: Axis::new("records", ""),
            body: Body::Lines(vec![
                Line::new("measured", measured),
                Line::new("random order", expected).theory(),
            ]),
        }
    }
}

export_plugin! { analyzers: [Progress] }

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::model::{CandidateColumns, CandidateRecord};
    use lamarck_sdk::testing::{check_analyzer, create, space};

    /// What the host demands: it survives an empty trace and unknown values, and batches of any
    /// size lead to the same report.
    #[test]
    fn it_conforms() -> Result<()> {
        check_analyzer::<Progress>("{}", &space(&[5, 2, 1]))
    }

    /// The report on candidates with these scores, in batches of so many.
    fn report(scores: &[Option<f64>], batch: usize) -> Result<Report> {
        let mut analyzer: Progress = create("{}", &Context::for_space(space(&[2])))?;
        let mut id = 0;
        for scores in scores.chunks(batch) {
            let mut columns = CandidateColumns::with_capacity(1, scores.len());
            for &score in scores {
                // What is not set is not known.
                let mut row = CandidateRecord {
                    id,
                    choices: vec![0],
                    ..Default::default()
                };
                row.score = score.unwrap_or(row.score);
                columns.push(&row);
                id += 1;
            }
            analyzer.candidates(&columns.view())?;
        }
        analyzer.finish()
    }

    #[test]
    fn records_are_counted() -> Result<()> {
        let scores = [
            Some(1.0),
            None,
            Some(0.5),
            Some(2.0),
            Some(2.0),
            Some(3.5),
            Some(1.0),
        ];
        for batch in [1, 2, 7] {
            let report = report(&scores, batch)?;
            let found = |key: &str| report.findings.iter().find(|finding| finding.key == key);
            let records = found("records").expect("it is always there");
            assert_eq!((records.value, records.n), (Some(3.0), 6));
            // 1 + 1/2 + 1/3 + 1/4 + 1/5 + 1/6 = 2.45
            assert!(
                records
                    .theory
                    .is_some_and(|theory| (theory - 2.45).abs() < 1e-12)
            );
            assert_eq!(
                found("longest-wait").and_then(|finding| finding.value),
                Some(2.0)
            );
            assert_eq!(
                found("after-the-last").and_then(|finding| finding.value),
                Some(1.0)
            );
            assert_eq!(found("gain").and_then(|finding| finding.value), Some(2.5));
            // The second record is the third candidate with a score, and has id 3.
            assert_eq!(
                report.tables[0].rows[1],
                [2_u64.into(), 3_u64.into(), 3_u64.into(), 2.0.into()]
            );
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_said_is_not_said() -> Result<()> {
        for scores in [&[][..], &[None, None]] {
            let report = report(scores, 1)?;
            assert_eq!(report.findings.len(), 1);
            assert_eq!(
                report.findings[0].missing.as_deref(),
                Some("no candidate has a score")
            );
        }
        let report = report(&[Some(1.0), Some(1.0)], 2)?;
        assert!(report.findings[1].missing.is_some());
        Ok(())
    }

    /// In random order the closed form holds.
    #[test]
    fn random_scores_have_as_many_records_as_expected() -> Result<()> {
        let (runs, n) = (400, 200);
        let mut sum = 0.0;
        for seed in 0..runs {
            let mut rng = Rng::from_seed(seed);
            let scores: Vec<_> = (0..n).map(|_| Some(rng.uniform())).collect();
            sum += report(&scores, n)?.findings[0].value.unwrap_or_default();
        }
        // The variance of the count is 4.2, so the mean of 400 runs varies by 0.1.
        let (mean, expected) = (sum / runs as f64, harmonic(n as u64));
        assert!((mean - expected).abs() < 0.4, "{mean}, not {expected}");
        Ok(())
    }
}
