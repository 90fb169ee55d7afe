//! What a study's analyzers found, merged over its runs.

mod bootstrap;
mod charts;
mod csv;
mod error;
mod files;
mod merge;
mod merged;
mod run;
mod tables;
#[cfg(test)]
mod tests;

pub use bootstrap::{FEWEST, RESAMPLES};
pub use error::{ReportError, ReportErrorKind};
pub use files::{
    PageWriter, SectionFiles, Written, csv_files, file_name, is_synthetic, read, remove, write, write_merged,
};
pub use merge::{About, PointInfo, SectionInfo, merge};
pub use merged::{
    Difference, MergedBody, MergedChart, MergedFinding, MergedLine, MergedTable, Panel, PointReport,
    PointValue, REPORT_SCHEMA, Section, StudyReport, TablePanel,
};
pub use run::RunReports;
