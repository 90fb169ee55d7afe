//! Findings as HTML. They are written here and not by the page's script: what a study found must be readable in a
//! browser without scripts, in a mail reader's preview and by a search tool.

use lamarck_model::report::{Difference, MergedFinding, PointReport, PointValue, Section, StudyReport};

use crate::escape::html;
use crate::number::{count_of, human, with_unit};

/// What marks everything that stems from synthetic scores.
pub(crate) const SYNTHETIC: &str = r#"<span class="badge">synthetic</span>"#;

/// All findings, a table an analyzer.
pub(crate) fn findings(report: &StudyReport) -> String {
    let mut out = String::new();
    for (i, section) in report.sections.iter().enumerate() {
        out.push_str(&format!(
            "<section class=\"findings\" aria-labelledby=\"findings-{i}\">\n<h3 id=\"findings-{i}\">{}</h3>\n",
            html(&section.analyzer)
        ));
        if !section.summary.is_empty() {
            out.push_str(&format!("<p class=\"note\">{}</p>\n", html(&section.summary)));
        }
        out.push_str(&table(section, &report.points));
        out.push_str("</section>\n");
    }
    if out.is_empty() {
        out.push_str("<p>No analyzer was asked, so nothing was found.</p>\n");
    }
    out
}

fn table(section: &Section, points: &[PointReport]) -> String {
    if section.findings.is_empty() {
        return "<p>No findings.</p>\n".into();
    }
    // The columns of one table must be the same in all its rows; a single point needs no name.
    let columns = points.len().max(1);
    let mut head = String::new();
    for point in 0..columns {
        head.push_str(&format!("<th scope=\"col\">{}</th>", html(&point_name(points, point, "Value"))));
    }
    let rows: String = section.findings.iter().map(|finding| row(finding, points, columns)).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings of {}\">\n<table>\n<thead><tr>\
         <th scope=\"col\">Finding</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        html(&section.analyzer)
    )
}

/// A point's label, or what to say instead of the empty one.
pub(crate) fn point_name(points: &[PointReport], point: usize, instead: &str) -> String {
    match points.get(point).map(|point| point.label.as_str()) {
        Some("") | None if points.len() < 2 => instead.to_owned(),
        Some("") | None => format!("point {}", point + 1),
        Some(label) => label.to_owned(),
    }
}

fn row(finding: &MergedFinding, points: &[PointReport], columns: usize) -> String {
    let cells: String = (0..columns)
        .map(|point| {
            let value = finding.values.iter().find(|value| value.point == point);
            let differences: String = finding
                .differences
                .iter()
                .filter(|difference| difference.point == point)
                .map(|difference| self::difference(difference, &finding.unit, points))
                .collect();
            match value {
                Some(value) => format!("<td>{}{differences}</td>", cell(value, &finding.unit)),
                None => "<td><span class=\"detail\">no such finding here</span></td>".to_owned(),
            }
        })
        .collect();
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", html(&finding.text))
}

fn cell(value: &PointValue, unit: &str) -> String {
    let mut out = String::new();
    let detail = |out: &mut String, text: String| {
        out.push_str(&format!("<span class=\"detail\">{}</span>", html(&text)));
    };
    match value.value.filter(|value| value.is_finite()) {
        Some(number) => {
            out.push_str(&format!(
                "<span class=\"value\" title=\"{}\">{}</span>",
                html(&format!("{number} {unit}")),
                html(&with_unit(number, unit))
            ));
        }
        None => out.push_str("<span class=\"missing\">not available</span>"),
    }
    if value.synthetic {
        out.push_str(SYNTHETIC);
    }
    if let Some(band) = value.band.and_then(|band| interval(band, unit)) {
        detail(&mut out, format!("95\u{a0}% {band}"));
    }
    if let Some(spread) = value.spread.filter(|spread| spread.is_finite()) {
        let over = if value.runs > 1 { "over runs" } else { "over observations" };
        detail(&mut out, format!("spread \u{b1}\u{a0}{} {over}", beside(spread, unit)));
    }
    if let Some(theory) = value.theory.filter(|theory| theory.is_finite()) {
        out.push_str(&format!("<span class=\"detail theory\">theory {}</span>", html(&beside(theory, unit))));
    }
    if value.value.is_some() || value.n > 0 {
        let runs = count_of(u64::from(value.runs), "run");
        detail(&mut out, format!("n\u{a0}=\u{a0}{} in {runs}", human(value.n as f64)));
    }
    if let Some(missing) = &value.missing {
        detail(
            &mut out,
            if value.value.is_some() { format!("some runs: {missing}") } else { missing.clone() },
        );
    }
    out
}

fn difference(difference: &Difference, unit: &str, points: &[PointReport]) -> String {
    if !difference.value.is_finite() {
        return String::new();
    }
    let sign = if difference.value > 0.0 { "+" } else { "" };
    let band = difference.band.and_then(|band| interval(band, unit)).map(|band| format!(" {band}"));
    format!(
        "<span class=\"detail difference\">{sign}{}{} against {} ({})</span>",
        html(&beside(difference.value, unit)),
        html(&band.unwrap_or_default()),
        html(&point_name(points, difference.against, "the first point")),
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

/// The sweep's points as a table.
pub(crate) fn points(report: &StudyReport) -> String {
    let mut rows = String::new();
    for (i, point) in report.points.iter().enumerate() {
        let unit = if point.unit.is_empty() { String::new() } else { format!(" [{}]", point.unit) };
        let mut notes = String::new();
        for note in &point.notes {
            notes.push_str(&format!("<span class=\"detail\">{}</span>", html(note)));
        }
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}{unit}{}{notes}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>\n",
            html(&point_name(&report.points, i, "the study")),
            html(&point.space),
            html(&point.score),
            if point.synthetic { SYNTHETIC } else { "" },
            human(f64::from(point.runs)),
            human(point.candidates as f64),
            unit = html(&unit),
        ));
    }
    if rows.is_empty() {
        return "<p>No run was analysed.</p>\n".into();
    }
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What was run\">\n<table class=\"points\">\n\
         <thead><tr><th scope=\"col\">Point</th><th scope=\"col\">Search space</th><th scope=\"col\">Score</th>\
         <th scope=\"col\" class=\"number\">Runs</th><th scope=\"col\" class=\"number\">Candidates</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
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
            summary: String::new(),
            findings: vec![finding],
            charts: vec![],
            tables: vec![],
        };
        // Spaces that do not break would not be seen in a snapshot.
        insta::assert_snapshot!(table(&section, &points).replace('\u{a0}', "~"), @r#"
        <div class="scroll" tabindex="0" role="region" aria-label="Findings of structure">
        <table>
        <thead><tr><th scope="col">Finding</th><th scope="col">w=1</th><th scope="col">w=&lt;64&gt;</th></tr></thead>
        <tbody>
        <tr><th scope="row">share of &lt;b&gt;repeats&lt;/b&gt;</th><td><span class="value" title="0.12345 s">0.1235~s</span><span class="badge">synthetic</span><span class="detail">95~% [0.1, 0.2]</span><span class="detail">spread ±~0.01~s over runs</span><span class="detail theory">theory 0.125~s</span><span class="detail">n~=~12,000 in 20~runs</span></td><td><span class="missing">not available</span><span class="detail">no parents</span><span class="detail difference">+0.5~s [0.25, 0.75] against w=1 (1~pair)</span></td></tr>
        </tbody>
        </table>
        </div>
        "#);
    }

    #[test]
    fn a_single_point_needs_no_name() {
        assert_eq!(point_name(&[point("")], 0, "Value"), "Value");
        assert_eq!(point_name(&[point(""), point("b")], 0, "Value"), "point 1");
        assert_eq!(point_name(&[], 3, "Value"), "Value");
    }
}
