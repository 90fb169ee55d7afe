//! The page's parts around the findings: contents, places for charts and tables, the explorer, and how to make it all
//! again. Charts and tables are places with their data beside them; the script fills them when they come into view.

use lamarck_model::report::{MergedChart, MergedTable, Section, StudyReport};
use serde::Serialize;

use crate::data::{ChartData, Depth, TableData};
use crate::error::PageError;
use crate::escape::{html, script};
use crate::explorer::{Explorer, Shown};
use crate::findings::{SYNTHETIC, note, title};
use crate::number::{count, count_of};
use crate::points::point_name;

pub(crate) fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p class=\"lead\">{}</p>", html(text)) }
}

/// Said on top of the page, where scores are made up.
pub(crate) fn banner(report: &StudyReport) -> String {
    let synthetic = report.points.iter().filter(|point| point.synthetic).count();
    let what = match synthetic {
        0 => return String::new(),
        n if n == report.points.len() => "The scores of this study are",
        _ => "Scores of some points of this study are",
    };
    format!(
        "<p class=\"banner\" role=\"note\"><strong>Synthetic.</strong> {what} made up by a formula, not measured. What \
         stems from them is marked{SYNTHETIC} and says nothing about real models.</p>\n"
    )
}

/// Links to everything. The links of a section's parts are shown where there is room for them, in the section that is
/// being read.
pub(crate) fn contents(report: &StudyReport, explorer: bool) -> String {
    let entry = |target: &str, text: &str, parts: &str| {
        let parts = if parts.is_empty() { String::new() } else { format!("\n<ol>\n{parts}</ol>\n") };
        format!("<li><a href=\"#{target}\">{}</a>{parts}</li>\n", html(text))
    };
    let sections = || report.sections.iter().enumerate();
    let found: String =
        sections().map(|(i, section)| entry(&format!("findings-{i}"), title(section), "")).collect();
    let mut out = entry("findings", "Findings", &found);
    for (i, section) in sections() {
        if section.charts.is_empty() && section.tables.is_empty() {
            continue;
        }
        let mut parts = String::new();
        for (j, chart) in section.charts.iter().enumerate() {
            parts.push_str(&entry(&format!("chart-{i}-{j}"), &chart.title, ""));
        }
        if !section.tables.is_empty() {
            parts.push_str(&entry(&format!("tables-{i}"), "Tables", ""));
        }
        out.push_str(&entry(&format!("section-{i}"), title(section), &parts));
    }
    if explorer {
        out.push_str(&entry("explorer", "Lineage explorer", ""));
    }
    out.push_str(&entry("reproduce", "How to make it again", ""));
    out
}

/// Charts and tables, analyzer by analyzer.
pub(crate) fn sections(report: &StudyReport, depth: Depth) -> Result<String, PageError> {
    let mut out = String::new();
    for (i, section) in report.sections.iter().enumerate() {
        if section.charts.is_empty() && section.tables.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "<section aria-labelledby=\"section-{i}\">\n<h2 id=\"section-{i}\">{}</h2>\n{}",
            html(title(section)),
            note(section)
        ));
        parts(&mut out, i, section, report, depth)?;
        out.push_str("</section>\n");
    }
    Ok(out)
}

fn parts(
    out: &mut String,
    i: usize,
    section: &Section,
    report: &StudyReport,
    depth: Depth,
) -> Result<(), PageError> {
    for (j, chart) in section.charts.iter().enumerate() {
        let json = json(&ChartData::new(chart, depth), || format!("chart `{}`", chart.key))?;
        place_chart(out, &format!("{i}-{j}"), chart, &json);
    }
    if section.tables.is_empty() {
        return Ok(());
    }
    out.push_str(&format!(
        "<div class=\"tables\" id=\"tables-{i}\">\n<h3>Tables</h3>\n\
         <p class=\"detail\">Every run\u{2019}s rows are in the folder {} beside this page.</p>\n",
        beside("tables", "", report)
    ));
    for (j, table) in section.tables.iter().enumerate() {
        let json = json(&TableData::new(table), || format!("table `{}`", table.name))?;
        place_table(out, &format!("{i}-{j}"), table, report, &json);
    }
    out.push_str("</div>\n");
    Ok(())
}

/// The name of a file or folder beside the page. With synthetic scores, names say so, as the runtime makes them.
fn beside(stem: &str, ending: &str, report: &StudyReport) -> String {
    let synthetic = report.points.iter().any(|point| point.synthetic);
    format!("{stem}{}{ending}", if synthetic { "-synthetic" } else { "" })
}

fn place_chart(out: &mut String, id: &str, chart: &MergedChart, json: &str) {
    let synthetic = if chart.panels.iter().any(|panel| panel.synthetic) { SYNTHETIC } else { "" };
    let note = if chart.note.is_empty() {
        String::new()
    } else {
        format!("<p class=\"note\">{}</p>\n", html(&chart.note))
    };
    let (title, key) = (html(&chart.title), html(&chart.key));
    if chart.panels.is_empty() {
        out.push_str(&format!(
            "<div class=\"chart\" id=\"chart-{id}\"><h3>{title}</h3>\n{note}<p>No run has data for it.</p></div>\n"
        ));
        return;
    }
    out.push_str(&format!(
        "<figure class=\"chart\" id=\"chart-{id}\" data-key=\"{key}\" aria-labelledby=\"chart-{id}-title\">\n\
         <h3 id=\"chart-{id}-title\">{title}{synthetic}</h3>\n{note}<div class=\"tools\"></div>\n\
         <div class=\"plot\" role=\"img\" aria-label=\"Chart: {title}. Its data are in the CSV file above it.\"></div>\n\
         <p class=\"detail below\"></p>\n</figure>\n\
         <script type=\"application/json\" id=\"chart-{id}-data\">{}</script>\n",
        script(json)
    ));
}

fn place_table(out: &mut String, id: &str, table: &MergedTable, report: &StudyReport, json: &str) {
    let of_synthetic = |point: usize| report.points.get(point).is_some_and(|point| point.synthetic);
    let synthetic = if table.panels.iter().any(|panel| of_synthetic(panel.point)) { SYNTHETIC } else { "" };
    let title = html(&table.title);
    let total = table.panels.iter().map(|panel| panel.total_rows).sum::<u64>();
    let here = table.panels.iter().map(|panel| panel.rows.len() as u64).sum::<u64>();
    let cut = if here < total {
        format!(
            "<p class=\"detail below\">The first {} of {} rows are in this page.</p>\n",
            count(here),
            count(total)
        )
    } else {
        String::new()
    };
    out.push_str(&format!(
        "<details class=\"table\" id=\"table-{id}\">\n<summary><span class=\"title\">{title}</span>{synthetic} \
         <span class=\"detail\">{}</span></summary>\n<div class=\"tools\"></div>\n<div class=\"rows\"></div>\n\
         {cut}</details>\n<script type=\"application/json\" id=\"table-{id}-data\">{}</script>\n",
        count_of(total, "row"),
        script(json)
    ));
}

/// The place of the lineage explorer.
pub(crate) fn explorer(explorer: &Explorer, shown: &Shown, report: &StudyReport) -> String {
    let synthetic = if report.points.iter().any(|point| point.synthetic) { SYNTHETIC } else { "" };
    let all = explorer.total();
    let which = if shown.candidates as u64 == all {
        format!("All {} of this run are in this page", count_of(all, "candidate"))
    } else {
        format!(
            "{} of this run\u{2019}s {} candidates are in this page: the best one and its ancestors, their donors, the \
             leading donors, the last population, then others from the whole run with their ancestors, until the page \
             was full",
            count(shown.candidates as u64),
            count(all)
        )
    };
    let architectures = match shown.architectures {
        0 => "none with its architecture".to_owned(),
        some if some == shown.candidates => "all with their architecture".to_owned(),
        some => format!("{} of them with their architecture", count(some as u64)),
    };
    format!(
        "<section id=\"explorer\" aria-labelledby=\"explorer-title\">\n\
         <h2 id=\"explorer-title\">Lineage explorer{synthetic}</h2>\n\
         <p class=\"note\">Pick a candidate to see where it came from, who lent it weights, what became of it, and how it \
         is built. {which}; {architectures}.</p>\n\
         <div class=\"explorer\"></div>\n</section>\n\
         <script type=\"application/json\" id=\"explorer-data\">{}</script>\n",
        shown.json
    )
}

/// How to make the page again, and how its charts leave out points.
pub(crate) fn reproduce(report: &StudyReport, plotly: &str, lean: bool) -> String {
    let mut out = String::new();
    if !report.command.is_empty() {
        out.push_str(&format!("<pre class=\"command\"><code>{}</code></pre>\n", html(&report.command)));
    }
    if report.study.is_empty() {
        out.push_str("<p>The study itself is not known; it is not part of the trace.</p>\n");
    } else {
        out.push_str(&format!(
            "<details class=\"study\"><summary>The study (TOML)</summary>\n\
             <pre tabindex=\"0\"><code>{}</code></pre>\n</details>\n",
            html(&report.study)
        ));
    }
    out.push_str(&format!(
        "<p class=\"detail\">lamarck {}, report schema {}, plotly.js {} (MIT licence, embedded). This page fetches \
         nothing.</p>\n",
        html(&report.lamarck),
        report.schema,
        html(plotly)
    ));
    out.push_str(
        "<p class=\"detail\">A line of more points than a browser draws at ease is cut into runs of equally many \
         points, and of each run the smallest and the largest value are drawn. Heat maps and stacked bands draw every \
         k-th column. Numbers of charts have eight significant digits here, and all digits in ",
    );
    let json = beside("report", ".json", report);
    out.push_str(&format!("{json}.</p>\n"));
    if lean {
        out.push_str(&format!(
            "<p class=\"detail\"><strong>This study\u{2019}s charts are too large for one page.</strong> The page, and \
             the CSV files that it offers, have only the points that are drawn; {json} has all.</p>\n"
        ));
    } else {
        out.push_str("<p class=\"detail\">CSV files have all points.</p>\n");
    }
    out
}

#[derive(Serialize)]
struct PageData {
    title: String,
    points: Vec<String>,
}

/// What the script needs to know of the study.
pub(crate) fn page_data(report: &StudyReport) -> Result<String, PageError> {
    let points = (0..report.points.len()).map(|i| point_name(&report.points, i, "the study")).collect();
    json(&PageData { title: report.title.clone(), points }, || "the study".into()).map(|json| script(&json))
}

fn json(value: &impl Serialize, what: impl FnOnce() -> String) -> Result<String, PageError> {
    serde_json::to_string(value).map_err(|source| PageError::Data { what: what(), source })
}
