//! Findings as HTML. They are written here and not by the page's script: what a study found must be readable in a
//! browser without scripts, in a mail reader's preview and by a search tool.
//!
//! Analyzers give their findings the most important first, some of them dozens. The first few of each stand open; the
//! others are one click (or one print) away, so that the third analyzer's first finding is not ten screens down.

use lamarck_model::report::{Difference, MergedFinding, PointReport, PointValue, Section, StudyReport};

use crate::escape::html;
use crate::forest::{self, MOST_COLUMNS, forests};
use crate::number::{count_of, human, with_unit};
use crate::points::point_name;

/// What marks everything that stems from synthetic scores.
pub(crate) const SYNTHETIC: &str = r#" <span class="badge">synthetic</span>"#;

/// So many findings of an analyzer stand open.
const OPEN: usize = 8;

/// All findings, a table an analyzer.
pub(crate) fn findings(report: &StudyReport) -> String {
    if report.sections.is_empty() {
        return "<p>No analyzer was asked, so nothing was found.</p>\n".into();
    }
    let mut out = legend(report);
    for (i, section) in report.sections.iter().enumerate() {
        out.push_str(&format!(
            "<section class=\"findings\" aria-labelledby=\"findings-{i}\">\n<h3 id=\"findings-{i}\">{}</h3>\n{}",
            html(title(section)),
            note(section)
        ));
        out.push_str(&tables(section, &report.points));
        out.push_str("</section>\n");
    }
    out
}

/// What stands above a section: the question that the study asks there, or the analyzer's name.
pub(crate) fn title(section: &Section) -> &str {
    if section.heading.is_empty() { &section.analyzer } else { &section.heading }
}

/// What an analyzer does, below its section's title.
pub(crate) fn note(section: &Section) -> String {
    let text = match (section.heading.as_str(), section.summary.as_str()) {
        ("", summary) => summary.to_owned(),
        (_, "") => section.analyzer.clone(),
        (_, summary) => format!("{}: {summary}", section.analyzer),
    };
    if text.is_empty() { text } else { format!("<p class=\"note\">{}</p>\n", html(&text)) }
}

/// How a finding is read; said once, since all are written alike.
fn legend(report: &StudyReport) -> String {
    if report.points.len() > MOST_COLUMNS {
        return format!("<p class=\"detail\">{}</p>\n", html(forest::LEGEND));
    }
    let all = || report.sections.iter().flat_map(|section| &section.findings);
    let any = |what: fn(&PointValue) -> bool| all().flat_map(|finding| &finding.values).any(what);
    let mut said: Vec<String> = Vec::new();
    if any(|value| value.runs > 1) {
        said.push("Values are medians over runs.".into());
    }
    if any(|value| value.band.is_some()) {
        said.push("In brackets: the bootstrap 95\u{a0}% interval of the median.".into());
    }
    if any(|value| value.spread.is_some()) {
        said.push(
            "Spread: the standard deviation over runs, or over the observations where there is one run."
                .into(),
        );
    }
    if any(|value| value.n > 0) {
        said.push("n: observations.".into());
    }
    if all().any(|finding| finding.differences.iter().any(|difference| difference.against == 0)) {
        let first = point_name(&report.points, 0, "the first point");
        said.push(format!("\u{394}: the difference from {first}, run by run with the same seeds."));
    }
    if said.is_empty() {
        String::new()
    } else {
        format!("<p class=\"detail\">{}</p>\n", html(&said.join(" ")))
    }
}

fn tables(section: &Section, points: &[PointReport]) -> String {
    let findings = &section.findings;
    if findings.is_empty() {
        return "<p>No findings.</p>\n".into();
    }
    // A fold for two or three rows would hide more than it saves.
    let open = if findings.len() > OPEN + 3 { OPEN } else { findings.len() };
    let (first, rest) = findings.split_at(open);
    let drawn = if points.len() > MOST_COLUMNS { forests } else { table };
    let mut out = drawn(section, first, points);
    if !rest.is_empty() {
        out.push_str(&format!(
            "<details class=\"more\">\n<summary>{} more findings of {}</summary>\n{}</details>\n",
            rest.len(),
            html(&section.analyzer),
            drawn(section, rest, points)
        ));
    }
    out
}

fn table(section: &Section, findings: &[MergedFinding], points: &[PointReport]) -> String {
    // The columns of one table must be the same in all its rows; a single point needs no name.
    let columns = Columns::new(findings, points);
    let mut head = String::new();
    for (name, synthetic) in columns.names.iter().zip(&columns.synthetic) {
        let badge = if *synthetic { SYNTHETIC } else { "" };
        head.push_str(&format!("<th scope=\"col\">{}{badge}</th>", html(name)));
    }
    let rows: String = findings.iter().map(|finding| row(finding, points, &columns)).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings of {}\">\n<table style=\"--points: {}\">\n<thead><tr>\
         <th scope=\"col\">Finding</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        html(&section.analyzer),
        columns.names.len()
    )
}

/// The points as columns.
struct Columns {
    names: Vec<String>,
    /// Whether all values of the column are synthetic; then its head says so, and not each of its cells.
    synthetic: Vec<bool>,
}

impl Columns {
    fn new(findings: &[MergedFinding], points: &[PointReport]) -> Self {
        let all = 0..points.len().max(1);
        let of = |point: usize| {
            findings.iter().flat_map(|finding| &finding.values).filter(move |value| value.point == point)
        };
        Self {
            names: all.clone().map(|point| point_name(points, point, "Value")).collect(),
            synthetic: all
                .map(|point| of(point).next().is_some() && of(point).all(|value| value.synthetic))
                .collect(),
        }
    }
}

fn row(finding: &MergedFinding, points: &[PointReport], columns: &Columns) -> String {
    let text = html(&finding.text);
    if let Some(reason) = nowhere(finding, columns.names.len()) {
        return format!(
            "<tr><th scope=\"row\">{text}</th><td colspan=\"{}\"><span class=\"missing\">not available</span>\
             <span class=\"detail\">{}</span></td></tr>\n",
            columns.names.len(),
            html(reason)
        );
    }
    let mut cells = String::new();
    for (point, name) in columns.names.iter().enumerate() {
        let value = finding.values.iter().find(|value| value.point == point);
        let content = value.map_or_else(
            || "<span class=\"detail\">no such finding here</span>".to_owned(),
            |value| cell(value, &finding.unit, columns.synthetic[point]),
        );
        let differences: String = finding
            .differences
            .iter()
            .filter(|difference| difference.point == point && value.is_some())
            .map(|difference| self::difference(difference, &finding.unit, points))
            .collect();
        // Where a narrow page has the cells one below another, each says what the head of its column would.
        let label = match (columns.names.len() > 1, columns.synthetic[point]) {
            (true, true) => format!("{name} (synthetic)"),
            (true, false) => name.clone(),
            (false, true) => "synthetic".to_owned(),
            (false, false) => String::new(),
        };
        let label = if label.is_empty() { label } else { format!(" data-point=\"{}\"", html(&label)) };
        cells.push_str(&format!("<td{label}>{content}{differences}</td>"));
    }
    format!("<tr><th scope=\"row\">{text}</th>{cells}</tr>\n")
}

/// Why no point has a value, where the reason is the same at all of several: it need not be read for each.
fn nowhere(finding: &MergedFinding, columns: usize) -> Option<&str> {
    let first = finding.values.first()?.missing.as_deref()?;
    let same = |value: &PointValue| {
        value.missing.as_deref() == Some(first)
            && value.value.is_none()
            && value.theory.is_none()
            && value.n == 0
    };
    let everywhere = columns > 1 && finding.values.len() == columns && finding.values.iter().all(same);
    (everywhere && finding.differences.is_empty()).then_some(first)
}

fn cell(value: &PointValue, unit: &str, marked: bool) -> String {
    let mut out = String::new();
    let known = value.value.filter(|value| value.is_finite());
    match known {
        Some(number) => out.push_str(&format!(
            "<span class=\"value\" title=\"{}\">{}</span>",
            html(format!("{number} {unit}").trim_end()),
            html(&with_unit(number, unit))
        )),
        None => out.push_str("<span class=\"missing\">not available</span>"),
    }
    if value.synthetic && !marked {
        out.push_str(SYNTHETIC);
    }
    let mut detail = |text: &str, class: &str| {
        out.push_str(&format!("<span class=\"detail{class}\">{}</span>", html(text)));
    };
    if let Some(band) = value.band.and_then(|band| interval(band, unit)) {
        detail(&band, "");
    }
    if let Some(theory) = value.theory.filter(|theory| theory.is_finite()) {
        detail(&format!("theory {}", beside(theory, unit)), " theory");
    }
    let mut rests: Vec<String> = Vec::new();
    if let (Some(number), Some(spread)) = (known, value.spread.filter(|spread| spread.is_finite())) {
        // What is left of rounding, where all runs have the same value, is no spread.
        let spread = if spread < 1e-12 * number.abs() { 0.0 } else { spread };
        rests.push(format!("spread {}", beside(spread, unit)));
    }
    if known.is_some() || value.n > 0 {
        rests.push(format!("n\u{a0}=\u{a0}{}", human(value.n as f64)));
        rests.push(count_of(u64::from(value.runs), "run"));
    }
    if !rests.is_empty() {
        detail(&rests.join("\u{a0}\u{b7} "), "");
    }
    if let Some(missing) = &value.missing {
        detail(missing, " why");
    }
    out
}

fn difference(difference: &Difference, unit: &str, points: &[PointReport]) -> String {
    if !difference.value.is_finite() {
        return String::new();
    }
    let sign = if difference.value > 0.0 { "+" } else { "" };
    let band = difference.band.and_then(|band| interval(band, unit)).map(|band| format!(" {band}"));
    // The first point is what the legend says; any other is named.
    let against = match difference.against {
        0 => String::new(),
        other => format!(" from {}", point_name(points, other, "another point")),
    };
    format!(
        "<span class=\"detail difference\">\u{394}{}\u{a0}{sign}{}{}\u{a0}\u{b7} {}</span>",
        html(&against),
        html(&beside(difference.value, unit)),
        html(&band.unwrap_or_default()),
        count_of(u64::from(difference.runs), "pair"),
    )
}

/// A number that stands below the value, whose unit the reader has just read: a long one is not repeated.
fn beside(number: f64, unit: &str) -> String {
    let again = matches!(unit, "B" | "bytes") || unit.chars().count() <= 3;
    with_unit(number, if again { unit } else { "" })
}

fn interval([low, high]: [f64; 2], unit: &str) -> Option<String> {
    // Bytes have a multiple each, which is part of the number.
    let unit = if matches!(unit, "B" | "bytes") { unit } else { "" };
    let finite = low.is_finite() && high.is_finite();
    finite.then(|| format!("[{}, {}]", with_unit(low, unit), with_unit(high, unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(label: &str) -> PointReport {
        PointReport {
            label: label.into(),
            space: "nas-bench-201".into(),
            score: "accuracy".into(),
            unit: "%".into(),
            synthetic: false,
            notes: vec!["a <note>".into()],
            runs: 20,
            candidates: 20_000,
        }
    }

    fn value(point: usize) -> PointValue {
        PointValue {
            point,
            value: Some(0.12345),
            band: Some([0.1, 0.2]),
            runs: 20,
            n: 12_000,
            spread: Some(0.01),
            theory: Some(0.125),
            missing: None,
            synthetic: true,
        }
    }

    #[test]
    fn a_finding_says_all_that_it_rests_on() {
        let points = [point("w=1"), point("w=<64>")];
        let finding = MergedFinding {
            key: "k".into(),
            text: "share of <b>repeats</b>".into(),
            unit: "s".into(),
            values: vec![
                value(0),
                PointValue {
                    value: None,
                    band: None,
                    theory: None,
                    spread: Some(f64::NAN),
                    n: 0,
                    missing: Some("no parents".into()),
                    synthetic: false,
                    ..value(1)
                },
            ],
            differences: vec![Difference {
                point: 1,
                against: 0,
                value: 0.5,
                band: Some([0.25, 0.75]),
                runs: 1,
            }],
        };
        let section = Section {
            analyzer: "structure".into(),
            heading: String::new(),
            summary: String::new(),
            findings: vec![finding],
            charts: vec![],
            tables: vec![],
        };
        // Spaces that do not break would not be seen in a snapshot.
        insta::assert_snapshot!(table(&section, &section.findings, &points).replace('\u{a0}', "~"), @r#"
        <div class="scroll" tabindex="0" role="region" aria-label="Findings of structure">
        <table style="--points: 2">
        <thead><tr><th scope="col">Finding</th><th scope="col">w=1 <span class="badge">synthetic</span></th><th scope="col">w=&lt;64&gt;</th></tr></thead>
        <tbody>
        <tr><th scope="row">share of &lt;b&gt;repeats&lt;/b&gt;</th><td data-point="w=1 (synthetic)"><span class="value" title="0.12345 s">0.1235~s</span><span class="detail">[0.1, 0.2]</span><span class="detail theory">theory 0.125~s</span><span class="detail">spread 0.01~s~· n~=~12,000~· 20~runs</span></td><td data-point="w=&lt;64&gt;"><span class="missing">not available</span><span class="detail why">no parents</span><span class="detail difference">Δ~+0.5~s [0.25, 0.75]~· 1~pair</span></td></tr>
        </tbody>
        </table>
        </div>
        "#);
    }

    #[test]
    fn what_is_missing_everywhere_is_said_once_and_many_findings_are_folded() {
        let points = [point("w=1"), point("w=2")];
        let missing = |point| PointValue {
            value: None,
            band: None,
            theory: None,
            spread: None,
            n: 0,
            missing: Some("no <parents>".into()),
            ..value(point)
        };
        let finding = |values| MergedFinding {
            key: "k".into(),
            text: "slope".into(),
            unit: String::new(),
            values,
            differences: vec![],
        };
        let mut section = Section {
            analyzer: "lineage".into(),
            heading: "1. <who>?".into(),
            summary: String::new(),
            findings: vec![finding(vec![missing(0), missing(1)])],
            charts: vec![],
            tables: vec![],
        };
        let once = tables(&section, &points);
        assert_eq!(once.matches("no &lt;parents&gt;").count(), 1);
        assert!(once.contains("colspan=\"2\"") && !once.contains("<details"));
        // Every value is synthetic, so the columns' heads say so and no cell does.
        section.findings = vec![finding(vec![value(0), value(1)]); OPEN + 4];
        let many = tables(&section, &points);
        assert_eq!(many.matches("badge").count(), 2 * 2);
        assert_eq!(many.matches("<tr><th scope=\"row\">").count(), OPEN + 4);
        assert!(many.contains("4 more findings of lineage"), "{many}");
        section.findings.pop();
        assert!(!tables(&section, &points).contains("<details"), "three rows are not worth a fold");
    }
}
