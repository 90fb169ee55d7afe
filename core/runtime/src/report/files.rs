//! A report's files: what they are called, and how they get there.
//!
//! ```text
//! report.json           the merged report (docs/report.schema.json describes it)
//! report.html           the same as a page
//! tables/NAME.csv       every run's rows
//! charts/KEY.csv        every run's values, and the merged ones
//! ```
//!
//! With synthetic scores every file and folder says so: `report-synthetic.json`, `tables-synthetic/NAME-synthetic.csv`.
//!
//! Each file is written beside its place and renamed, `report.json` last: where it stands, the others do. Nothing is
//! flushed to the disk, unlike a trace: what a lost machine takes away is made again from the trace. Files of an
//! earlier report are removed when its `report.json` names them and the new one does not; no other file is touched.

use super::csv;
use super::error::ReportError;
use super::run::RunReports;
use crate::host::Registry;
use crate::trace::Trace;
use lamarck_model::report::{REPORT_SCHEMA, Section, StudyReport};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The name of a report's file or folder. What rests on synthetic scores has the word in its name, so that it cannot
/// be taken for anything else once it is copied out of its folder.
pub fn file_name(base: &str, synthetic: bool) -> String {
    match (synthetic, base.rsplit_once('.')) {
        (false, _) => base.to_owned(),
        (true, Some((stem, ending))) => format!("{stem}-synthetic.{ending}"),
        (true, None) => format!("{base}-synthetic"),
    }
}

/// What a page can show beside the report: single candidates.
#[derive(Clone, Copy)]
pub struct PageSource<'a> {
    /// The trace of the report's first point.
    pub trace: &'a Trace,
    /// What makes its space, to build architectures.
    pub registry: &'a Registry,
}

/// Writes a report as a page, with the trace of its first point at hand if there is one. The runtime is handed such a
/// function: it knows what is in a report, not how it looks.
pub type PageWriter = fn(&StudyReport, Option<PageSource<'_>>, &mut dyn Write) -> io::Result<()>;

/// The files that were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `report.json`.
    pub json: PathBuf,
    /// `report.html`, if somebody writes pages.
    pub page: Option<PathBuf>,
    /// How many CSV files.
    pub csv: usize,
}

/// Whether any point's scores are made up.
pub fn is_synthetic(report: &StudyReport) -> bool {
    report.points.iter().any(|point| point.synthetic)
}

/// Reads the report in a folder.
///
/// # Errors
/// `NotAReport` where there is none.
pub fn read(dir: &Path) -> Result<StudyReport, ReportError> {
    for synthetic in [false, true] {
        let path = dir.join(file_name(JSON, synthetic));
        match fs::read(&path) {
            Ok(text) => return parse(&path, &text),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(source) => return Err(ReportError::Read { path, source }),
        }
    }
    Err(ReportError::NotAReport { path: dir.to_owned() })
}

/// Where every CSV file stands in the report's folder, section by section.
pub fn csv_files(report: &StudyReport) -> Vec<SectionFiles> {
    let tables = |section: &Section| section.tables.iter().map(|table| table.name.clone()).collect();
    let charts = |section: &Section| section.charts.iter().map(|chart| chart.key.clone()).collect();
    let (tables, charts) = (places(report, TABLES, tables), places(report, CHARTS, charts));
    tables.into_iter().zip(charts).map(|(tables, charts)| SectionFiles { tables, charts }).collect()
}

/// Names that several sections have are told apart by the section's number and name.
fn places(report: &StudyReport, folder: &str, names: impl Fn(&Section) -> Vec<String>) -> Vec<Vec<PathBuf>> {
    let synthetic = is_synthetic(report);
    // Some file systems take two names for one that differ in case only.
    let mut uses: BTreeMap<String, u32> = BTreeMap::new();
    for name in report.sections.iter().flat_map(&names) {
        *uses.entry(name.to_lowercase()).or_default() += 1;
    }
    let folder = PathBuf::from(file_name(folder, synthetic));
    let place = |(at, section): (usize, &Section)| {
        let file = |name: String| {
            let shared = uses.get(&name.to_lowercase()).is_some_and(|uses| *uses > 1);
            let name = if shared { format!("{}-{}-{name}", at + 1, slug(&section.analyzer)) } else { name };
            folder.join(file_name(&format!("{name}.csv"), synthetic))
        };
        names(section).into_iter().map(file).collect()
    };
    report.sections.iter().enumerate().map(place).collect()
}

/// The CSV files of a section, relative to the report's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionFiles {
    /// In the order of the section's tables.
    pub tables: Vec<PathBuf>,
    /// In the order of the section's charts.
    pub charts: Vec<PathBuf>,
}

const JSON: &str = "report.json";
const PAGE: &str = "report.html";
const TABLES: &str = "tables";
const CHARTS: &str = "charts";

fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Writes a report and its runs' tables and charts into a folder, which is made if need be.
pub fn write(
    report: &StudyReport,
    runs: &[RunReports],
    page: Option<PageWriter>,
    source: Option<PageSource<'_>>,
    dir: &Path,
) -> Result<Written, ReportError> {
    let old: Vec<PathBuf> = earlier(dir);
    let mut new = Vec::new();
    for (position, (section, files)) in report.sections.iter().zip(csv_files(report)).enumerate() {
        let of_section = csv::of_section(position, runs);
        for (table, file) in section.tables.iter().zip(&files.tables) {
            write_file(&dir.join(file), |to| csv::table(report, table, &of_section, to))?;
        }
        for (chart, file) in section.charts.iter().zip(&files.charts) {
            write_file(&dir.join(file), |to| csv::chart(report, chart, &of_section, to))?;
        }
        new.extend(files.tables.into_iter().chain(files.charts));
    }
    let csv = new.len();
    let written = merged_files(report, page, source, dir)?;
    new.extend(
        [Some(&written.json), written.page.as_ref()]
            .into_iter()
            .filter_map(|path| Some(path?.file_name()?.into())),
    );
    for file in old.iter().filter(|file| !new.contains(file)) {
        // What cannot be removed is left over; the report is whole.
        let _ = fs::remove_file(dir.join(file));
    }
    Ok(Written { csv, ..written })
}

/// Writes what can be made of a report without its runs: the page and `report.json`.
pub fn write_merged(
    report: &StudyReport,
    page: Option<PageWriter>,
    dir: &Path,
) -> Result<Written, ReportError> {
    merged_files(report, page, None, dir)
}

fn merged_files(
    report: &StudyReport,
    page: Option<PageWriter>,
    source: Option<PageSource<'_>>,
    dir: &Path,
) -> Result<Written, ReportError> {
    let synthetic = is_synthetic(report);
    let page = page.map(|write_page| {
        let path = dir.join(file_name(PAGE, synthetic));
        write_file(&path, |to| write_page(report, source, to)).map(|()| path)
    });
    let page = page.transpose()?;
    let json = dir.join(file_name(JSON, synthetic));
    write_file(&json, |mut to| {
        serde_json::to_writer(&mut to, report)?;
        to.write_all(b"\n")
    })?;
    Ok(Written { json, page, csv: 0 })
}

/// Removes the files of the reports that are in a folder, and the folders that are empty then. What cannot be removed
/// stays.
pub fn remove(dir: &Path) {
    for file in earlier(dir) {
        let _ = fs::remove_file(dir.join(file));
    }
    for synthetic in [false, true] {
        for folder in [TABLES, CHARTS] {
            // Fails on a folder that still holds something, which is then somebody else's.
            let _ = fs::remove_dir(dir.join(file_name(folder, synthetic)));
        }
    }
}

/// The files of the reports that are in a folder already, as far as they can be read.
fn earlier(dir: &Path) -> Vec<PathBuf> {
    let reports = [false, true].into_iter().filter_map(|synthetic| {
        let name = file_name(JSON, synthetic);
        let report = parse(Path::new(&name), &fs::read(dir.join(&name)).ok()?).ok()?;
        let csv =
            csv_files(&report).into_iter().flat_map(|files| files.tables.into_iter().chain(files.charts));
        // A report's own names cannot lead out of its folder; those of a file that claims to be one might.
        let csv = csv.filter(|file| file.components().count() == 2);
        Some(csv.chain([name.into(), file_name(PAGE, synthetic).into()]).collect::<Vec<_>>())
    });
    reports.flatten().collect()
}

fn parse(path: &Path, text: &[u8]) -> Result<StudyReport, ReportError> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let damaged =
        |error: serde_json::Error| ReportError::Damaged { path: path.to_owned(), reason: error.to_string() };
    let Version { schema } = serde_json::from_slice(text).map_err(damaged)?;
    if schema > REPORT_SCHEMA {
        return Err(ReportError::Version { path: path.to_owned(), found: schema });
    }
    serde_json::from_slice(text).map_err(damaged)
}

/// Writes a file so that it is there whole or not at all.
fn write_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), ReportError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = path.with_file_name(format!(".{name}.tmp"));
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut to = BufWriter::new(File::create(&hidden)?);
        content(&mut to)?;
        to.into_inner().map_err(io::IntoInnerError::into_error)?;
        fs::rename(&hidden, path)
    };
    write().map_err(|source| {
        // Whether or not there is something to remove, the first error is the one to tell.
        let _ = fs::remove_file(&hidden);
        ReportError::Write { path: path.to_owned(), source }
    })
}
