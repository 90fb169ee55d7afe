//! What a study's analyzers found, merged over its runs, and the files it becomes.
//!
//! ```text
//! analyzer, run by run ──> RunReports (checked) ──> merge ──> StudyReport ──> report.json, report.html, terminal
//!                               └───────────────────────────────────────────> tables/*.csv, charts/*.csv (all runs)
//! ```
//!
//! **Merging is the host's.** An analyzer sees one run. Here its runs become a median with a bootstrap interval, points
//! stand side by side, and points of one seed are compared replicate by replicate, because they share their luck and
//! most of the spread with it. So every spread means the same, whoever wrote the analyzer.
//!
//! **Medians, not means**: replicates of a search are few and skewed (one that never finds the optimum), and a median
//! needs no law. Cells of heat maps are averaged all the same: shares that sum to one should still do so.
//!
//! **Nothing here fails on what a run lacks.** Runs may differ in findings, series, rows and columns; what is there is
//! merged, and how many runs it rests on is said. What an analyzer may not do, such as columns of unequal length, is
//! refused when its report is handed in ([`RunReports::add`]), not when it is merged.
//!
//! **The same trace gives the same bytes**: runs are merged in the order of point and replicate, resamples come from a
//! stream of their own, and no file says when or where it was made.
//!
//! How a page looks is not known here; whoever writes reports hands in a [`PageWriter`].

mod bootstrap;
mod charts;
mod csv;
mod error;
mod files;
mod merge;
mod run;
mod tables;
#[cfg(test)]
mod tests;

pub use bootstrap::{FEWEST, RESAMPLES};
pub use error::{ReportError, ReportErrorKind};
pub use files::{
    PageSource, PageWriter, SectionFiles, Written, csv_files, file_name, is_synthetic, read, remove, write,
    write_merged,
};
pub use lamarck_model::report::{
    Difference, MergedBody, MergedChart, MergedFinding, MergedLine, MergedTable, Panel, PointReport,
    PointValue, REPORT_SCHEMA, Section, StudyReport, TablePanel,
};
pub use merge::{About, PointInfo, SectionInfo, merge};
pub use run::RunReports;
