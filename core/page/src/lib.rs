//! Draws a study's report as one HTML file that works offline: findings, interactive charts, tables, and a lineage
//! explorer.
//!
//! ```
//! use lamarck_model::report::{REPORT_SCHEMA, StudyReport};
//!
//! let report = StudyReport {
//!     schema: REPORT_SCHEMA,
//!     title: "workers".into(),
//!     summary: "What more workers change.".into(),
//!     lamarck: "0.1.0".into(),
//!     command: "lamarck run workers.toml".into(),
//!     study: String::new(),
//!     points: Vec::new(),
//!     sections: Vec::new(),
//! };
//! let mut page = Vec::new();
//! lamarck_page::write(&report, None, &mut page)?;
//! assert!(page.starts_with(b"<!DOCTYPE html>"));
//! # Ok::<(), lamarck_page::PageError>(())
//! ```
//!
//! Five decisions shape this crate.
//!
//! **The plotly crate gives its embedded plotly.js and no more.** Traces are made by the page's own script, from data
//! that are in the page once. With traces made in Rust the same numbers would be there twice, since the CSV file behind
//! each chart needs them as well, and what a reader switches (panels or one chart over all points, light or dark) would
//! have to be there in every combination. Of the crate's two scripts the second, MathJax, is left out: 2 MB for
//! formulas that no chart has.
//!
//! **Nothing is fetched.** A content security policy in the page forbids every request, so that this is the
//! browser's promise and not only ours.
//!
//! **What a study found is HTML, what can be played with is drawn by the script**, when it scrolls into view. The
//! findings can be read without scripts, and a page with a hundred charts opens at once.
//!
//! **A page has a limit of bytes**, [`Limits::bytes`]. Charts embed all their points, for the CSV files, and draw those
//! that a rule picks (module `thin`; also written at the foot of the page). The explorer gets what is left, most
//! important candidates first. Only where the charts alone are too large do they embed no more than they draw, and say
//! so.
//!
//! **All text from data goes through one of two doors** (module `escape`): into HTML, or as JSON into a `<script>`. The
//! script puts text into the page as text, never as markup.

mod data;
mod error;
mod escape;
mod explorer;
mod findings;
mod forest;
mod number;
mod points;
mod sections;
mod template;
mod thin;

pub use error::PageError;
pub use explorer::{Census, Explorer, ExplorerBuilder, KeepRule, Kept, LayerKind};

use std::io::Write;

use lamarck_model::report::StudyReport;
use plotly::Plot;

use data::Depth;
use escape::html;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// In the order in which they stand in the page; each may use what stands before it when it is loaded, and everything
/// later.
const SCRIPTS: &[&str] = &[
    include_str!("page/tools.js"),
    include_str!("page/csv.js"),
    include_str!("page/traces.js"),
    include_str!("page/flow.js"),
    include_str!("page/axes.js"),
    include_str!("page/chart.js"),
    include_str!("page/table.js"),
    include_str!("page/layout.js"),
    include_str!("page/lineage.js"),
    include_str!("page/explorer.js"),
    include_str!("page/page.js"),
];

/// How large a page may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole page, of which plotly.js takes 4.7 MB. A page with very many charts may be larger: findings,
    /// tables and what charts draw are never left out.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 15_000_000 }
    }
}

/// The explorer of a page that is already at its limit still gets so many bytes.
const LEAST_EXPLORER: usize = 200_000;
/// More than what stands around the explorer's data and the study.
const FRAMES: usize = 8_000;

/// Writes a report's page within the default [`Limits`].
///
/// # Errors
/// See [`PageError`].
pub fn write(
    report: &StudyReport,
    explorer: Option<&Explorer>,
    out: &mut (impl Write + ?Sized),
) -> Result<(), PageError> {
    write_within(report, explorer, &Limits::default(), out)
}

/// Writes a report's page.
///
/// # Errors
/// See [`PageError`].
pub fn write_within(
    report: &StudyReport,
    explorer: Option<&Explorer>,
    limits: &Limits,
    out: &mut (impl Write + ?Sized),
) -> Result<(), PageError> {
    let (plotly, plotly_version) = plotly_script()?;
    let script = SCRIPTS.concat();
    let mut values = vec![
        ("title", html(&report.title)),
        ("summary", sections::paragraph(&report.summary)),
        ("banner", sections::banner(report)),
        ("contents", sections::contents(report, explorer.is_some())),
        ("points", points::points(report)),
        ("findings", findings::findings(report)),
        ("page-data", sections::page_data(report)?),
    ];
    let used = values.iter().map(|(_, value)| value.len()).sum::<usize>()
        + plotly.len()
        + script.len()
        + STYLE.len()
        + PAGE.len()
        + report.title.len()
        + html(&report.study).len()
        + html(&report.command).len()
        + FRAMES;
    let room = limits.bytes.saturating_sub(used);
    let mut sections = sections::sections(report, Depth::Full)?;
    let lean = sections.len() + explorer.map_or(0, |_| LEAST_EXPLORER) > room;
    if lean {
        sections = sections::sections(report, Depth::Drawn)?;
    }
    let explorer = match explorer {
        Some(explorer) => {
            let shown = explorer
                .json(room.saturating_sub(sections.len()).max(LEAST_EXPLORER))
                .map_err(|source| PageError::Data { what: "the lineage explorer".into(), source })?;
            sections::explorer(explorer, &shown, report)
        }
        None => String::new(),
    };
    values.extend([
        ("sections", sections),
        ("explorer", explorer),
        ("reproduce", sections::reproduce(report, &plotly_version, lean)),
    ]);
    let mut places: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    places.extend([("style", STYLE), ("plotly", plotly.as_str()), ("script", script.as_str())]);
    for piece in template::fill(PAGE, &places) {
        out.write_all(piece.as_bytes())?;
    }
    Ok(())
}

/// plotly.js, out of what the plotly crate would put into a page, and its version. The first script is plotly.js, the
/// second MathJax.
fn plotly_script() -> Result<(String, String), PageError> {
    let sources = Plot::offline_js_sources();
    let script = sources
        .split_once('>')
        .and_then(|(_, rest)| rest.split_once("</script"))
        .map(|(script, _)| script)
        .ok_or(PageError::NoScript)?;
    let version = script
        .split_once("plotly.js v")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .ok_or(PageError::NoScript)?;
    Ok((script.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_plotly_alone() {
        let (script, version) = plotly_script().unwrap();
        assert_eq!(version, "3.0.1");
        assert!(!script.contains("</script"));
        // plotly.js has 4.65 MB; MathJax would add 2.1 MB.
        assert!((4_000_000..5_500_000).contains(&script.len()), "{}", script.len());
    }

    #[test]
    fn our_own_files_can_stand_where_they_stand() {
        for script in SCRIPTS {
            assert!(!script.contains("</script") && !script.contains("<!--"));
        }
        assert!(!STYLE.contains("</style"));
    }
}
