//! From the reports of all runs to the report of the study.

use super::bootstrap::{Bootstrap, deviation, median};
use super::charts::merge_chart;
use super::run::RunReports;
use super::tables::merge_table;
use lamarck_model::report::{
    Difference, MergedFinding, PointReport, PointValue, REPORT_SCHEMA, Section, StudyReport,
};
use lamarck_model::report::{Finding, Report, finite};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What a report says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The title.
    pub title: String,
    /// What the study is about.
    pub summary: String,
    /// The command that makes it again.
    pub command: String,
    /// The study word for word, or empty.
    pub study: String,
}

/// A point, before its runs are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct PointInfo {
    /// What the report says of it; its runs and candidates are counted when runs are merged.
    pub report: PointReport,
    /// The seed of its runs, if it is known: points of one seed are compared in pairs.
    pub seed: Option<u64>,
}

/// A section: an analyzer, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionInfo {
    /// What stands above it: the question that it answers; may be empty.
    pub heading: String,
    /// Its name, with what sets it apart from another of the same name.
    pub analyzer: String,
    /// What it does.
    pub summary: String,
}

/// One run's report for one section.
#[derive(Clone, Copy)]
pub(super) struct OfRun<'a> {
    pub(super) point: usize,
    pub(super) replicate: u32,
    pub(super) report: &'a Report,
}

/// What merging needs beside the runs.
pub(super) struct Merger<'a> {
    pub(super) points: &'a [PointInfo],
    pub(super) bootstrap: Bootstrap,
}

/// Merges the runs' reports. The order in which the runs are listed does not matter: they are merged in the order of
/// their points and replicates.
pub fn merge(
    about: &About,
    points: &[PointInfo],
    sections: &[SectionInfo],
    runs: &[RunReports],
) -> StudyReport {
    let mut runs: Vec<&RunReports> = runs.iter().collect();
    runs.sort_by_key(|run| (run.point, run.replicate));
    let of_point = |point: usize| runs.iter().filter(move |run| run.point == point);
    let most = (0..points.len()).map(|point| of_point(point).count()).max().unwrap_or(0);
    let merger = Merger { points, bootstrap: Bootstrap::up_to(most) };
    let joined = sections.par_iter().enumerate().map(|(position, info)| {
        let reports: Vec<OfRun<'_>> = runs
            .iter()
            .flat_map(|run| {
                let reports = run.reports.iter().filter(|(section, _)| *section == position);
                reports.map(|(_, report)| OfRun { point: run.point, replicate: run.replicate, report })
            })
            .filter(|of_run| of_run.point < points.len())
            .collect();
        merger.section(info, &reports)
    });
    let sections = joined.collect();
    let points = points
        .iter()
        .enumerate()
        .map(|(point, info)| PointReport {
            runs: u32::try_from(of_point(point).count()).unwrap_or(u32::MAX),
            candidates: of_point(point).fold(0, |sum: u64, run| sum.saturating_add(run.candidates)),
            ..info.report.clone()
        })
        .collect();
    StudyReport {
        schema: REPORT_SCHEMA,
        title: about.title.clone(),
        summary: about.summary.clone(),
        lamarck: env!("CARGO_PKG_VERSION").to_owned(),
        command: about.command.clone(),
        study: about.study.clone(),
        points,
        sections,
    }
}

/// Names in the order in which they are first seen.
pub(super) fn first_seen<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

impl Merger<'_> {
    fn section(&self, info: &SectionInfo, reports: &[OfRun<'_>]) -> Section {
        let all = || reports.iter().map(|run| run.report);
        let findings = first_seen(all().flat_map(|report| report.findings.iter().map(|f| f.key.as_str())));
        let charts = first_seen(all().flat_map(|report| report.charts.iter().map(|c| c.key.as_str())));
        let tables = first_seen(all().flat_map(|report| report.tables.iter().map(|t| t.name.as_str())));
        Section {
            analyzer: info.analyzer.clone(),
            heading: info.heading.clone(),
            summary: info.summary.clone(),
            findings: findings.into_iter().filter_map(|key| self.finding(key, reports)).collect(),
            charts: charts.into_par_iter().filter_map(|key| merge_chart(self, key, reports)).collect(),
            tables: tables.into_par_iter().filter_map(|name| merge_table(name, reports)).collect(),
        }
    }

    /// Whether a point's scores are made up.
    pub(super) fn synthetic(&self, point: usize) -> bool {
        self.points[point].report.synthetic
    }

    fn finding(&self, key: &str, reports: &[OfRun<'_>]) -> Option<MergedFinding> {
        let found: Vec<(OfRun<'_>, &Finding)> = reports
            .iter()
            .filter_map(|run| Some((*run, run.report.findings.iter().find(|finding| finding.key == key)?)))
            .collect();
        let (_, first) = found.first()?;
        let of_points: Vec<&[(OfRun<'_>, &Finding)]> =
            found.chunk_by(|(a, _), (b, _)| a.point == b.point).collect();
        Some(MergedFinding {
            key: key.to_owned(),
            text: first.text.clone(),
            unit: first.unit.clone(),
            values: of_points.iter().filter_map(|runs| self.value(runs)).collect(),
            differences: of_points.iter().filter_map(|runs| self.difference(&of_points, runs)).collect(),
        })
    }

    /// The runs of one point, merged.
    fn value(&self, runs: &[(OfRun<'_>, &Finding)]) -> Option<PointValue> {
        let point = runs.first()?.0.point;
        let known: Vec<&Finding> =
            runs.iter().map(|(_, finding)| *finding).filter(|finding| finding.value.is_some()).collect();
        let mut values: Vec<f64> = known.iter().filter_map(|finding| finding.value).collect();
        let mut theories: Vec<f64> = runs.iter().filter_map(|(_, finding)| finding.theory).collect();
        theories.sort_unstable_by(f64::total_cmp);
        let (value, band) = self.bootstrap.median(&mut values);
        let reason = runs
            .iter()
            .find_map(|(_, finding)| finding.missing.as_deref().filter(|_| finding.value.is_none()));
        let missing = reason.map(|reason| {
            let without = runs.len() - known.len();
            if known.is_empty() {
                reason.to_owned()
            } else {
                format!("{without} of {} runs: {reason}", runs.len())
            }
        });
        Some(PointValue {
            point,
            value,
            band,
            runs: count(known.len()),
            n: known.iter().fold(0, |sum, finding| sum.saturating_add(finding.n)),
            spread: if let [only] = known.as_slice() { only.spread } else { deviation(&values) },
            theory: median(&theories),
            missing,
            synthetic: self.synthetic(point),
        })
    }

    /// A point against the first of the report with the same seed, space and score, replicate by replicate. That
    /// of two spaces nothing is subtracted goes without saying; a point that is itself the first of its kind, or
    /// whose first lacks the finding, is compared with nothing.
    fn difference(
        &self,
        of_points: &[&[(OfRun<'_>, &Finding)]],
        runs: &[(OfRun<'_>, &Finding)],
    ) -> Option<Difference> {
        let point = runs.first()?.0.point;
        let kind = |point: usize| {
            let PointInfo { report, seed } = &self.points[point];
            (*seed, &report.space, &report.score, &report.unit)
        };
        self.points[point].seed?;
        let base = (0..point).find(|base| kind(*base) == kind(point))?;
        let against = of_points.iter().find(|runs| runs.first().is_some_and(|(run, _)| run.point == base))?;
        let mut differences: Vec<f64> = runs
            .iter()
            .filter_map(|(run, finding)| {
                let twin = against.iter().find(|(other, _)| other.replicate == run.replicate)?;
                finite(finding.value? - twin.1.value?)
            })
            .collect();
        let (value, band) = self.bootstrap.median(&mut differences);
        Some(Difference { point, against: base, value: value?, band, runs: count(differences.len()) })
    }
}

/// A number of runs, of which a study has far fewer than 2^32.
pub(super) fn count(runs: usize) -> u32 {
    u32::try_from(runs).unwrap_or(u32::MAX)
}
