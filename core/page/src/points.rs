//! What was run: the sweep's points in a sentence, and each of them in a table that is one click away.

use lamarck_model::report::{PointReport, StudyReport};

use crate::escape::html;
use crate::findings::SYNTHETIC;
use crate::number::{count, count_of};

/// A point's label, or what to say instead of the empty one.
pub(crate) fn point_name(points: &[PointReport], point: usize, instead: &str) -> String {
    match points.get(point).map(|point| point.label.as_str()) {
        Some("") | None if points.len() < 2 => instead.to_owned(),
        Some("") | None => format!("point {}", point + 1),
        Some(label) => label.to_owned(),
    }
}

/// What all points have in common.
fn common<'a>(points: &'a [PointReport], field: impl Fn(&'a PointReport) -> &'a str) -> Option<&'a str> {
    let first = field(points.first()?);
    points.iter().all(|point| field(point) == first).then_some(first)
}

/// What was run.
pub(crate) fn points(report: &StudyReport) -> String {
    let points = report.points.as_slice();
    if points.is_empty() {
        return "<p>No run was analysed.</p>\n".into();
    }
    let runs = points.iter().map(|point| u64::from(point.runs)).sum();
    let candidates = points.iter().fold(0_u64, |sum, point| sum.saturating_add(point.candidates));
    let mut said = count_of(runs, "run");
    // A trace of accesses has neither space nor candidates.
    if candidates > 0 || points.iter().any(|point| !point.space.is_empty()) {
        said = format!("{} in {said}", count_of(candidates, "candidate"));
    }
    if points.len() > 1 {
        said.push_str(&format!(" at {}", count_of(points.len() as u64, "point")));
    }
    if let Some(space) = common(points, |point| &point.space) {
        said.push_str(&format!(" of the search space {space}"));
    }
    said.push('.');
    if let (Some(score), Some(unit)) =
        (common(points, |point| &point.score), common(points, |point| &point.unit))
    {
        said.push_str(&format!(" Score: {}.", named(score, unit)));
    }
    let mut rows = String::new();
    for (i, point) in points.iter().enumerate() {
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>\n",
            html(&point_name(points, i, "the study")),
            html(&point.space),
            html(&named(&point.score, &point.unit)),
            if point.synthetic { SYNTHETIC } else { "" },
            count(u64::from(point.runs)),
            count(point.candidates),
        ));
    }
    format!(
        "<p class=\"runs\">{}</p>\n<details class=\"runs\">\n<summary>What was run, and what to know of the scores\
         </summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What was run\">\n\
         <table class=\"points\">\n<thead><tr><th scope=\"col\">Point</th><th scope=\"col\">Search space</th>\
         <th scope=\"col\">Score</th><th scope=\"col\" class=\"number\">Runs</th>\
         <th scope=\"col\" class=\"number\">Candidates</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n\
         {}</details>\n",
        html(&said),
        notes(points)
    )
}

fn named(score: &str, unit: &str) -> String {
    if unit.is_empty() { score.to_owned() } else { format!("{score} [{unit}]") }
}

/// Each note once, with the points that it is about unless it is about all of them.
fn notes(points: &[PointReport]) -> String {
    let mut seen: Vec<(&str, Vec<usize>)> = Vec::new();
    for (i, point) in points.iter().enumerate() {
        for note in &point.notes {
            match seen.iter_mut().find(|(known, _)| known == note) {
                Some((_, at)) => at.push(i),
                None => seen.push((note, vec![i])),
            }
        }
    }
    let mut items = String::new();
    for (note, at) in seen {
        let names: Vec<String> = at.iter().map(|&i| point_name(points, i, "the study")).collect();
        let about = if at.len() == points.len() { String::new() } else { format!(" ({})", names.join(", ")) };
        items.push_str(&format!("<li>{}</li>\n", html(&format!("{note}{about}"))));
    }
    if items.is_empty() { items } else { format!("<ul class=\"notes\">\n{items}</ul>\n") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::report::REPORT_SCHEMA;

    fn point(label: &str, notes: &[&str]) -> PointReport {
        PointReport {
            label: label.into(),
            space: "nas-bench-201".into(),
            score: "accuracy".into(),
            unit: "%".into(),
            synthetic: false,
            notes: notes.iter().map(ToString::to_string).collect(),
            runs: 20,
            candidates: 20_000,
        }
    }

    #[test]
    fn a_single_point_needs_no_name() {
        assert_eq!(point_name(&[point("", &[])], 0, "Value"), "Value");
        assert_eq!(point_name(&[point("", &[]), point("b", &[])], 0, "Value"), "point 1");
        assert_eq!(point_name(&[], 3, "Value"), "Value");
    }

    #[test]
    fn a_note_of_all_points_stands_once() {
        let report = StudyReport {
            schema: REPORT_SCHEMA,
            title: String::new(),
            summary: String::new(),
            lamarck: String::new(),
            command: String::new(),
            study: String::new(),
            points: vec![point("w=1", &["for <all>"]), point("w=2", &["for <all>", "for one"])],
            sections: vec![],
        };
        let text = points(&report);
        assert_eq!(text.matches("<li>").count(), 2);
        assert!(
            text.contains("<li>for &lt;all&gt;</li>") && text.contains("<li>for one (w=2)</li>"),
            "{text}"
        );
        assert!(
            text.replace('\u{a0}', " ").contains(
                "40,000 candidates in 40 runs at 2 points of the search space nas-bench-201. Score: accuracy [%]."
            ),
            "{text}"
        );
    }
}
