//! Findings of many points: a picture a finding, a line a point.
//!
//! A table with a column for each of twelve points cannot be read: what is to be compared stands far apart and in small
//! print. In a forest plot the eye compares places along one axis, and the numbers stand beside them. It is SVG within
//! HTML, so that it needs no script and prints.

use lamarck_model::report::{MergedFinding, PointReport, PointValue, Section};

use std::cmp::Ordering;

use crate::escape::html;
use crate::number::{count_of, human, with_unit};
use crate::points::point_name;

/// With more points than this, findings are drawn as forests.
pub(crate) const MOST_COLUMNS: usize = 4;

const WIDTH: f64 = 124.0;
const HEIGHT: f64 = 18.0;
/// What dots and strokes need at the ends.
const MARGIN: f64 = 6.0;
/// Values that are all positive and further apart than this are drawn on a logarithmic axis.
const LOGARITHMIC: f64 = 100.0;

/// How forests are read; for the legend.
pub(crate) const LEGEND: &str = "Dots are medians over runs, hollow where scores are synthetic; lines are bootstrap \
    95\u{a0}% intervals of the median; upright strokes are closed forms or null models. \u{25b2} and \u{25bc}: more or \
    less than at the first point of the same space, in pairs of runs with the same seed, beyond chance (the 95\u{a0}% \
    interval of the difference is without 0). A line's number of observations, spread and difference show when the \
    pointer rests on it.";

/// These findings, one picture each.
pub(crate) fn forests(section: &Section, findings: &[MergedFinding], points: &[PointReport]) -> String {
    let all: String = findings.iter().map(|finding| forest(finding, points)).collect();
    format!(
        "<div class=\"forests\" role=\"group\" aria-label=\"Findings of {}\">\n{all}</div>\n",
        html(&section.analyzer)
    )
}

fn forest(finding: &MergedFinding, points: &[PointReport]) -> String {
    let unit = if finding.unit.is_empty() {
        String::new()
    } else {
        format!(" <span class=\"detail\">{}</span>", html(&format!("[{}]", finding.unit)))
    };
    let head = format!("<figcaption>{}{unit}</figcaption>", html(&finding.text));
    let axis = Axis::over(&finding.values);
    let mut rows = String::new();
    let mut space = None;
    for (at, point) in points.iter().enumerate() {
        let Some(value) = finding.values.iter().find(|value| value.point == at) else { continue };
        if value.value.is_none_or(|value| !value.is_finite()) && value.theory.is_none() {
            continue;
        }
        let other = space.replace(&point.space).is_some_and(|before| *before != point.space);
        let name = html(&short(&point_name(points, at, "the study")));
        rows.push_str(&format!(
            "<tr{} title=\"{}\"><th scope=\"row\">{name}</th><td>{}</td><td class=\"number\">{}{}</td>\
             <td class=\"number detail\">{}</td></tr>\n",
            if other { " class=\"other\"" } else { "" },
            html(&details(finding, value, points)),
            axis.as_ref().map_or_else(String::new, |axis| axis.draw(value)),
            mark(finding, at),
            value
                .value
                .filter(|value| value.is_finite())
                .map_or_else(|| "\u{2013}".to_owned(), |value| { html(&brief(value, &finding.unit)) }),
            html(&value.band.map_or_else(String::new, |[low, high]| {
                format!("[{}, {}]", brief(low, &finding.unit), brief(high, &finding.unit))
            })),
        ));
    }
    let rows = if rows.is_empty() {
        String::new()
    } else {
        let ends = axis.as_ref().map_or_else(String::new, |axis| axis.ends(&finding.unit));
        format!("<table><tbody>\n{rows}{ends}</tbody></table>\n")
    };
    format!("<figure class=\"forest\">\n{head}\n{rows}{}</figure>\n", gaps(finding, points))
}

/// A label without the sections of its keys: `NT3, workers=16` for `NT3, cluster.workers=16`.
fn short(label: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((key, value)) => format!("{}={value}", key.rsplit('.').next().unwrap_or(key)),
        None => part.to_owned(),
    };
    label.split(", ").map(part).collect::<Vec<_>>().join(", ")
}

/// A number without its unit, which stands above; bytes have a multiple each.
fn brief(value: f64, unit: &str) -> String {
    with_unit(value, if matches!(unit, "B" | "bytes") { unit } else { "" })
}

fn mark(finding: &MergedFinding, point: usize) -> &'static str {
    match finding.beyond_chance(point) {
        Some(Ordering::Greater) => "<span class=\"up\" aria-label=\"more\">\u{25b2}</span> ",
        Some(Ordering::Less) => "<span class=\"down\" aria-label=\"less\">\u{25bc}</span> ",
        _ => "",
    }
}

/// What shows when the pointer rests on a line.
fn details(finding: &MergedFinding, value: &PointValue, points: &[PointReport]) -> String {
    let mut said: Vec<String> = Vec::new();
    if let Some(known) = value.value.filter(|value| value.is_finite()) {
        said.push(with_unit(known, &finding.unit));
    }
    if let Some(theory) = value.theory.filter(|theory| theory.is_finite()) {
        said.push(format!("theory {}", with_unit(theory, &finding.unit)));
    }
    if let Some(spread) = value.spread.filter(|spread| spread.is_finite()) {
        said.push(format!("spread {}", brief(spread, &finding.unit)));
    }
    if value.n > 0 {
        said.push(format!("n = {}", human(value.n as f64)));
    }
    said.push(count_of(u64::from(value.runs), "run"));
    for difference in finding.differences.iter().filter(|difference| difference.point == value.point) {
        let against = point_name(points, difference.against, "the first point");
        let band = difference.band.map_or_else(String::new, |[low, high]| {
            format!(" [{}, {}]", brief(low, &finding.unit), brief(high, &finding.unit))
        });
        said.push(format!("difference from {against}: {}{band}", brief(difference.value, &finding.unit)));
    }
    if value.synthetic {
        said.push("synthetic".into());
    }
    said.join("\u{a0}\u{b7} ")
}

/// Where there is no value, or not from all runs, and why: each reason once.
fn gaps(finding: &MergedFinding, points: &[PointReport]) -> String {
    let mut told: Vec<(&str, Vec<String>)> = Vec::new();
    for value in &finding.values {
        let Some((count, reason)) = value.gap() else { continue };
        let name = short(&point_name(points, value.point, "the study"));
        let place = count.map_or_else(|| name.clone(), |count| format!("{name} ({count} runs)"));
        match told.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, places)) => places.push(place),
            None => told.push((reason, vec![place])),
        }
    }
    let mut out = String::new();
    for (reason, places) in told {
        let everywhere = places.len() == points.len();
        let at = if everywhere { String::new() } else { format!(" at {}", places.join("; ")) };
        let text = format!("Not available, or not from all runs{at}: {reason}.");
        out.push_str(&format!("<p class=\"detail why\">{}</p>\n", html(&text)));
    }
    out
}

/// The horizontal axis of one finding.
struct Axis {
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Axis {
    /// Over everything that is drawn; `None` if nothing is.
    fn over(values: &[PointValue]) -> Option<Self> {
        let drawn = values.iter().flat_map(|value| {
            let band = value.band.into_iter().flatten();
            [value.value, value.theory].into_iter().flatten().chain(band)
        });
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in drawn.filter(|number| number.is_finite()) {
            (from, to) = (from.min(number), to.max(number));
        }
        if from > to {
            return None;
        }
        Some(Self { from, to, logarithmic: from > 0.0 && to / from > LOGARITHMIC })
    }

    fn place(&self, value: f64) -> f64 {
        let [value, from, to] =
            [value, self.from, self.to].map(|number| if self.logarithmic { number.ln() } else { number });
        let share = if to > from { (value - from) / (to - from) } else { 0.5 };
        MARGIN + share.clamp(0.0, 1.0) * (WIDTH - 2.0 * MARGIN)
    }

    fn draw(&self, value: &PointValue) -> String {
        let middle = HEIGHT / 2.0;
        let mut inside = format!(
            "<line class=\"axis\" x1=\"{MARGIN}\" x2=\"{:.1}\" y1=\"{middle}\" y2=\"{middle}\"/>",
            WIDTH - MARGIN
        );
        if let Some(theory) = value.theory.filter(|theory| theory.is_finite()) {
            let x = self.place(theory);
            inside.push_str(&format!(
                "<line class=\"closed\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"2\" y2=\"{:.1}\"/>",
                HEIGHT - 2.0
            ));
        }
        if let Some([low, high]) = value.band.filter(|band| band.iter().all(|end| end.is_finite())) {
            let (from, to) = (self.place(low), self.place(high));
            inside.push_str(&format!(
                "<line class=\"band\" x1=\"{from:.1}\" x2=\"{to:.1}\" y1=\"{middle}\" y2=\"{middle}\"/>"
            ));
        }
        if let Some(known) = value.value.filter(|value| value.is_finite()) {
            let hollow = if value.synthetic { " hollow" } else { "" };
            inside.push_str(&format!(
                "<circle class=\"dot{hollow}\" cx=\"{:.1}\" cy=\"{middle}\" r=\"4\"/>",
                self.place(known)
            ));
        }
        format!(
            "<svg width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\">{inside}</svg>"
        )
    }

    /// A last line with the numbers at the axis' ends.
    fn ends(&self, unit: &str) -> String {
        if self.to <= self.from {
            return String::new();
        }
        let logarithmic = if self.logarithmic { "log" } else { "" };
        format!(
            "<tr class=\"ends\"><th></th><td><span>{}</span><span>{logarithmic}</span><span>{}</span></td>\
             <td></td><td></td></tr>\n",
            html(&brief(self.from, unit)),
            html(&brief(self.to, unit))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::report::Difference;

    fn point(label: &str, space: &str) -> PointReport {
        PointReport {
            label: label.into(),
            space: space.into(),
            score: "accuracy".into(),
            unit: "%".into(),
            synthetic: false,
            notes: vec![],
            runs: 3,
            candidates: 300,
        }
    }

    fn value(point: usize, value: Option<f64>) -> PointValue {
        PointValue {
            point,
            value,
            band: value.map(|value| [value / 2.0, value * 2.0]),
            runs: 3,
            n: 30,
            spread: Some(f64::NAN),
            theory: None,
            missing: value.is_none().then(|| "no <parents>".into()),
            synthetic: point == 0,
        }
    }

    #[test]
    fn a_line_a_point() {
        let points = [point("a<1>", "s"), point("b, cluster.workers=1.5", "s"), point("c", "t")];
        let finding = MergedFinding {
            key: "k".into(),
            text: "share of <b>".into(),
            unit: "s".into(),
            values: vec![value(0, Some(1.0)), value(1, Some(4.0)), value(2, None)],
            differences: vec![Difference {
                point: 1,
                against: 0,
                value: 3.0,
                band: Some([2.0, 4.0]),
                runs: 3,
            }],
        };
        insta::assert_snapshot!(forest(&finding, &points).replace('\u{a0}', "~"), @r#"
        <figure class="forest">
        <figcaption>share of &lt;b&gt; <span class="detail">[s]</span></figcaption>
        <table><tbody>
        <tr title="1~s~· n = 30~· 3~runs~· synthetic"><th scope="row">a&lt;1&gt;</th><td><svg width="124" height="18" viewBox="0 0 124 18" aria-hidden="true"><line class="axis" x1="6" x2="118.0" y1="9" y2="9"/><line class="band" x1="6.0" x2="28.4" y1="9" y2="9"/><circle class="dot hollow" cx="13.5" cy="9" r="4"/></svg></td><td class="number">1</td><td class="number detail">[0.5, 2]</td></tr>
        <tr title="4~s~· n = 30~· 3~runs~· difference from a&lt;1&gt;: 3 [2, 4]"><th scope="row">b, workers=1.5</th><td><svg width="124" height="18" viewBox="0 0 124 18" aria-hidden="true"><line class="axis" x1="6" x2="118.0" y1="9" y2="9"/><line class="band" x1="28.4" x2="118.0" y1="9" y2="9"/><circle class="dot" cx="58.3" cy="9" r="4"/></svg></td><td class="number"><span class="up" aria-label="more">▲</span> 4</td><td class="number detail">[2, 8]</td></tr>
        <tr class="ends"><th></th><td><span>0.5</span><span></span><span>8</span></td><td></td><td></td></tr>
        </tbody></table>
        <p class="detail why">Not available, or not from all runs at c: no &lt;parents&gt;.</p>
        </figure>
        "#);
    }

    #[test]
    fn far_apart_is_logarithmic_and_nothing_is_outside() {
        let axis = Axis::over(&[value(0, Some(1.0)), value(1, Some(1e6))]).unwrap();
        assert!(axis.logarithmic);
        let middle = axis.place(1e3);
        assert!((middle - WIDTH / 2.0).abs() < 1.0, "{middle}");
        assert!((axis.place(0.5) - MARGIN).abs() < 1e-9 && (axis.place(2e6) - WIDTH + MARGIN).abs() < 1e-9);
        // Zero or less has no logarithm; one value alone stands in the middle.
        let mixed = Axis::over(&[value(0, Some(-1.0)), value(1, Some(1e6))]).unwrap();
        assert!(!mixed.logarithmic);
        let alone = Axis { from: 3.0, to: 3.0, logarithmic: false };
        assert!((alone.place(3.0) - WIDTH / 2.0).abs() < 1e-9 && alone.ends("").is_empty());
        assert!(Axis::over(&[value(2, None)]).is_none());
    }
}
