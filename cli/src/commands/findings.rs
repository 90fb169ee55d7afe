//! A report on the terminal: findings with their numbers, in aligned lines.

use crate::output::{Out, bytes, grouped, table, wrap_first};
use anyhow::Result;
use lamarck_model::report::{MergedFinding, PointReport, PointValue, StudyReport};
use lamarck_runtime::report::Written;
use std::cmp::Ordering;

/// With more points than this there is no room for intervals, nor for labels: points have numbers.
const MOST_LABELS: usize = 6;
/// A terminal is so many points wide; the report's files have them all.
const MOST_POINTS: usize = 16;
/// Longer texts of findings go on in the next line.
const TEXT_WIDTH: u16 = 72;
/// A run's summary tells so many findings of a section; the most important stand first.
const LEAD: usize = 8;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The first findings of each section.
    Lead,
    /// All.
    All,
}

/// What the report is of.
pub(super) fn print_points(out: &mut Out, report: &StudyReport) -> Result<()> {
    let summary = if report.summary.is_empty() { String::new() } else { format!(": {}", report.summary) };
    out.line(format!("{}{summary}", report.title))?;
    let mut told: Vec<&str> = Vec::new();
    for (index, point) in report.points.iter().enumerate() {
        let parts = [
            point.label.clone(),
            point.space.clone(),
            with_unit(&point.score, &point.unit),
            if point.synthetic { "synthetic scores".to_owned() } else { String::new() },
            counted(point.runs.into(), "run"),
            // A trace of accesses has neither space nor candidates.
            if point.candidates > 0 || !point.space.is_empty() {
                counted(point.candidates, "candidate")
            } else {
                String::new()
            },
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let number = if report.points.len() > MOST_LABELS {
            format!("{:>3}  ", number_of(index))
        } else {
            String::new()
        };
        out.line(format!("  {number}{}", parts.join(", ")))?;
        // Points of a sweep mostly share their notes.
        for note in &point.notes {
            if !told.contains(&note.as_str()) {
                out.line(format!("    note: {note}"))?;
                told.push(note);
            }
        }
    }
    Ok(())
}

/// How a point is called where its label has no room.
pub(super) fn number_of(point: usize) -> String {
    format!("#{point}")
}

/// Every section's findings.
pub(super) fn print(out: &mut Out, report: &StudyReport, depth: Depth) -> Result<()> {
    let mut marked = false;
    for section in &report.sections {
        let summary =
            if section.summary.is_empty() { String::new() } else { format!(": {}", section.summary) };
        out.line(format!("\n{}{summary}", section.analyzer))?;
        let told = match depth {
            Depth::Lead => LEAD.min(section.findings.len()),
            Depth::All => section.findings.len(),
        };
        let (findings, rest) = section.findings.split_at(told);
        if findings.is_empty() {
            out.line("  no findings")?;
        } else if computed(findings).next().is_none() {
            // All are told as missing.
        } else if let [point] = report.points.as_slice() {
            one_point(out, findings, point)?;
        } else {
            marked |= several_points(out, findings, &report.points)?;
        }
        missing(out, findings, &report.points)?;
        if !rest.is_empty() {
            out.line(format!("  and {} in the report", counted(rest.len() as u64, "more finding")))?;
        }
    }
    if marked {
        out.line(
            "\n> and <: more or less than at the first point of the same space, in pairs of the same seed (the 95 % \
             interval of the difference is without 0)",
        )?;
    }
    let more = report.points.len().saturating_sub(MOST_POINTS);
    if more > 0 {
        out.line(format!("\n{} more: see the report's files", counted(more as u64, "point")))?;
    }
    Ok(())
}

/// Where the files are.
pub(super) fn print_files(out: &mut Out, files: &Written) -> Result<()> {
    let shown = files.page.as_ref().unwrap_or(&files.json);
    let csv = if files.csv == 0 {
        String::new()
    } else {
        format!(", with {} as CSV", counted(files.csv as u64, "table"))
    };
    out.line(format!("report: {}{csv}", shown.display()))?;
    Ok(())
}

/// A line a finding.
fn one_point(out: &mut Out, findings: &[MergedFinding], point: &PointReport) -> Result<()> {
    let synthetic = computed(findings).flat_map(|finding| &finding.values).any(|value| value.synthetic);
    let mut header = vec!["finding", "value", "unit", "95 % interval", "runs", "n", "theory"];
    if synthetic {
        header.push("scores");
    }
    let mut rows = table(&header, &[1, 3, 4, 5, 6]);
    wrap_first(&mut rows, TEXT_WIDTH);
    for finding in computed(findings) {
        let Some(value) = finding.values.first() else { continue };
        let mut cells = vec![
            finding.text.clone(),
            known(value.value, &finding.unit),
            unit_shown(&finding.unit),
            value.band.map_or_else(String::new, |band| interval(band, &finding.unit)),
            runs(value, point),
            if value.n > 0 { grouped(value.n.into()) } else { String::new() },
            value.theory.map_or_else(String::new, |theory| in_unit(theory, &finding.unit)),
        ];
        if synthetic {
            cells.push(if value.synthetic { "synthetic" } else { "" }.to_owned());
        }
        rows.add_row(cells);
    }
    out.table(&rows)?;
    Ok(())
}

/// A line a finding and a column a point; whether any value is marked.
fn several_points(out: &mut Out, findings: &[MergedFinding], points: &[PointReport]) -> Result<bool> {
    let mut header = vec!["finding".to_owned(), "unit".to_owned()];
    let roomy = points.len() <= MOST_LABELS;
    let shown = &points[..points.len().min(MOST_POINTS)];
    header.extend(shown.iter().enumerate().map(|(index, point)| {
        let synthetic = if point.synthetic { ", synthetic" } else { "" };
        if roomy {
            format!("{} ({}{synthetic})", point.label, counted(point.runs.into(), "run"))
        } else {
            number_of(index)
        }
    }));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let right: Vec<usize> = (2..header.len()).collect();
    let mut rows = table(&header, &right);
    wrap_first(&mut rows, TEXT_WIDTH);
    let mut marked = false;
    for finding in computed(findings) {
        let mut cells = vec![finding.text.clone(), unit_shown(&finding.unit)];
        for point in 0..shown.len() {
            let mark = difference(finding, point);
            marked |= !mark.is_empty();
            cells.push(format!("{mark}{}", at_point(finding, point, roomy)));
        }
        rows.add_row(cells);
    }
    out.table(&rows)?;
    Ok(marked)
}

/// The mark of a point that differs from the first of its kind beyond chance.
fn difference(finding: &MergedFinding, point: usize) -> &'static str {
    match finding.beyond_chance(point) {
        Some(Ordering::Greater) => "> ",
        Some(Ordering::Less) => "< ",
        _ => "",
    }
}

fn at_point(finding: &MergedFinding, point: usize, roomy: bool) -> String {
    let Some(value) = finding.values.iter().find(|value| value.point == point) else { return String::new() };
    let mut text = known(value.value, &finding.unit);
    if roomy && let Some(band) = value.band {
        text += &format!(" {}", interval(band, &finding.unit));
    }
    if roomy && let Some(theory) = value.theory {
        text += &format!(" (theory {})", in_unit(theory, &finding.unit));
    }
    text
}

/// So many findings that lack a value for one reason are named.
const MOST_MISSING: usize = 4;

/// Why there is no value, or why there is none in some runs. A reason that several points or several findings share is
/// told once.
fn missing(out: &mut Out, findings: &[MergedFinding], points: &[PointReport]) -> Result<()> {
    let mut told: Vec<(Gap<'_>, Vec<&str>)> = Vec::new();
    for finding in findings {
        for gap in gaps(finding, points) {
            match told.iter_mut().find(|(known, _)| *known == gap) {
                Some((_, texts)) => texts.push(&finding.text),
                None => told.push((gap, vec![&finding.text])),
            }
        }
    }
    for (gap, texts) in told {
        let what = if gap.none { "not computed" } else { "incomplete" };
        let at = if gap.places.is_empty() { String::new() } else { format!(" [{}]", gap.places.join("; ")) };
        if let [text] = texts.as_slice() {
            out.line(format!("  {what}: {text}{at}: {}", gap.reason))?;
        } else {
            out.line(format!("  {what}{at}: {}:", gap.reason))?;
            // An imported log lacks what a whole analyzer needs; the report has all of them.
            let shown = if texts.len() > MOST_MISSING { MOST_MISSING - 1 } else { texts.len() };
            for text in &texts[..shown] {
                out.line(format!("    {text}"))?;
            }
            if shown < texts.len() {
                out.line(format!("    and {} more", texts.len() - shown))?;
            }
        }
    }
    Ok(())
}

/// What a finding lacks for one reason.
#[derive(PartialEq)]
struct Gap<'a> {
    /// Whether a point has no value at all.
    none: bool,
    reason: &'a str,
    /// Where; empty for everywhere.
    places: Vec<String>,
}

fn gaps<'a>(finding: &'a MergedFinding, points: &[PointReport]) -> Vec<Gap<'a>> {
    let mut gaps: Vec<Gap<'_>> = Vec::new();
    for value in &finding.values {
        // The count is the place's, the reason may be another place's too.
        let Some((count, reason)) = value.gap() else { continue };
        let label = points.get(value.point).map_or_else(String::new, |point| {
            if points.len() > MOST_LABELS { number_of(value.point) } else { point.label.clone() }
        });
        let place = match (label.as_str(), count) {
            (_, None) => label,
            ("", Some(count)) => format!("{count} runs"),
            (label, Some(count)) => format!("{label}: {count} runs"),
        };
        let none = value.value.is_none();
        match gaps.iter_mut().find(|gap| gap.reason == reason) {
            Some(gap) => {
                gap.none |= none;
                gap.places.push(place);
            }
            None => gaps.push(Gap { none, reason, places: vec![place] }),
        }
    }
    for gap in &mut gaps {
        gap.places.retain(|place| !place.is_empty());
        if gap.places.len() == points.len() && !gap.places.iter().any(|place| place.ends_with(" runs")) {
            gap.places.clear();
        }
    }
    gaps
}

/// The findings that have a value anywhere; the others are told below, with their reasons.
fn computed(findings: &[MergedFinding]) -> impl Iterator<Item = &MergedFinding> {
    findings.iter().filter(|finding| finding.values.iter().any(|value| value.value.is_some()))
}

/// Runs with a value, of how many if not of all.
fn runs(value: &PointValue, point: &PointReport) -> String {
    match value.runs {
        0 => String::new(),
        all if all == point.runs => all.to_string(),
        some => format!("{some} of {}", point.runs),
    }
}

fn known(value: Option<f64>, unit: &str) -> String {
    value.map_or_else(|| "-".to_owned(), |value| in_unit(value, unit))
}

fn interval([low, high]: [f64; 2], unit: &str) -> String {
    format!("[{}, {}]", in_unit(low, unit), in_unit(high, unit))
}

/// A number in its finding's unit; bytes bring a multiple of their own.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes, below 2^63")]
fn in_unit(value: f64, unit: &str) -> String {
    let many = (1024.0..9e18).contains(&value.abs());
    if unit == BYTES && many {
        format!("{}{}", if value < 0.0 { "-" } else { "" }, bytes(value.abs() as u64))
    } else {
        number(value)
    }
}

/// The unit of bytes, which stands with each number.
const BYTES: &str = "bytes";

fn unit_shown(unit: &str) -> String {
    if unit == BYTES { String::new() } else { unit.to_owned() }
}

fn with_unit(text: &str, unit: &str) -> String {
    if unit.is_empty() { text.to_owned() } else { format!("{text} [{unit}]") }
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number.into()), if number == 1 { "" } else { "s" })
}

/// A number with four significant digits, or all of a whole one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 10^15")]
fn number(value: f64) -> String {
    let size = value.abs();
    let whole = |rounded: f64| {
        let sign = if value < 0.0 && rounded > 0.0 { "-" } else { "" };
        format!("{sign}{}", grouped(rounded as u128))
    };
    if size >= 1e15 || (size > 0.0 && size < 1e-4) {
        return format!("{value:.3e}");
    }
    if size.fract() == 0.0 {
        return whole(size);
    }
    if size >= 999.5 {
        return whole(size.round());
    }
    let decimals = if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else if size >= 1.0 {
        3
    } else {
        4
    };
    let decimals = if size < 0.1 { decimals + 1 } else { decimals };
    let decimals = if size < 0.01 { decimals + 1 } else { decimals };
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_bring_their_multiple() {
        let shown =
            [0.0, 12.5, 1023.0, 1024.0, -5.0 * 1024.0 * 1024.0, 1e300].map(|value| in_unit(value, BYTES));
        assert_eq!(shown, ["0", "12.5", "1,023", "1.0 KiB", "-5.0 MiB", "1.000e300"]);
        assert_eq!(in_unit(2048.0, "layers"), "2,048");
    }

    #[test]
    fn numbers_have_sensible_digits() {
        let shown = [
            0.0,
            -3.0,
            163.0,
            1_234_567.0,
            91.606_666,
            0.123_456,
            0.012_345_6,
            0.000_123_456,
            -0.5,
            123.456,
            -12_345.678,
            999.96,
            1e-7,
            2.5e18,
        ]
        .map(number);
        assert_eq!(
            shown,
            [
                "0",
                "-3",
                "163",
                "1,234,567",
                "91.61",
                "0.1235",
                "0.01235",
                "0.000123",
                "-0.5",
                "123.5",
                "-12,346",
                "1,000",
                "1.000e-7",
                "2.500e18"
            ]
        );
    }
}
