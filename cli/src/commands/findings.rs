//! A report on the terminal: findings with their numbers, in aligned lines.

use crate::output::{Out, grouped, table};
use anyhow::Result;
use lamarck_model::report::{MergedFinding, PointReport, PointValue, Section, StudyReport};
use lamarck_runtime::report::Written;

/// A terminal is so many points wide; the report's files have them all.
const MOST_POINTS: usize = 6;

/// What the report is of.
pub(super) fn print_points(out: &mut Out, report: &StudyReport) -> Result<()> {
    let summary = if report.summary.is_empty() { String::new() } else { format!(": {}", report.summary) };
    out.line(format!("{}{summary}", report.title))?;
    for point in &report.points {
        let parts = [
            point.label.clone(),
            point.space.clone(),
            with_unit(&point.score, &point.unit),
            if point.synthetic { "synthetic scores".to_owned() } else { String::new() },
            counted(point.runs.into(), "run"),
            counted(point.candidates, "candidate"),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        out.line(format!("  {}", parts.join(", ")))?;
        for note in &point.notes {
            out.line(format!("    note: {note}"))?;
        }
    }
    Ok(())
}

/// Every section's findings.
pub(super) fn print(out: &mut Out, report: &StudyReport) -> Result<()> {
    for section in &report.sections {
        let summary =
            if section.summary.is_empty() { String::new() } else { format!(": {}", section.summary) };
        out.line(format!("\n{}{summary}", section.analyzer))?;
        if section.findings.is_empty() {
            out.line("  no findings")?;
        } else if computed(section).next().is_none() {
            // All are told as missing.
        } else if let [point] = report.points.as_slice() {
            one_point(out, section, point)?;
        } else {
            several_points(out, section, &report.points)?;
        }
        missing(out, section, &report.points)?;
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
fn one_point(out: &mut Out, section: &Section, point: &PointReport) -> Result<()> {
    let synthetic = computed(section).flat_map(|finding| &finding.values).any(|value| value.synthetic);
    let mut header = vec!["  finding", "value", "unit", "95 % interval", "runs", "n", "theory"];
    if synthetic {
        header.push("scores");
    }
    let mut rows = table(&header, &[1, 3, 4, 5, 6]);
    for finding in computed(section) {
        let Some(value) = finding.values.first() else { continue };
        let mut cells = vec![
            format!("  {}", finding.text),
            known(value.value),
            finding.unit.clone(),
            value.band.map_or_else(String::new, interval),
            runs(value, point),
            if value.n > 0 { grouped(value.n.into()) } else { String::new() },
            value.theory.map_or_else(String::new, number),
        ];
        if synthetic {
            cells.push(if value.synthetic { "synthetic" } else { "" }.to_owned());
        }
        rows.add_row(cells);
    }
    out.table(&rows)?;
    Ok(())
}

/// A line a finding and a column a point.
fn several_points(out: &mut Out, section: &Section, points: &[PointReport]) -> Result<()> {
    let mut header = vec!["  finding".to_owned(), "unit".to_owned()];
    let shown = &points[..points.len().min(MOST_POINTS)];
    header.extend(shown.iter().map(|point| {
        let synthetic = if point.synthetic { ", synthetic" } else { "" };
        format!("{} ({}{synthetic})", point.label, counted(point.runs.into(), "run"))
    }));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let right: Vec<usize> = (2..header.len()).collect();
    let mut rows = table(&header, &right);
    for finding in computed(section) {
        let mut cells = vec![format!("  {}", finding.text), finding.unit.clone()];
        cells.extend((0..shown.len()).map(|point| at_point(finding, point)));
        rows.add_row(cells);
    }
    out.table(&rows)?;
    Ok(())
}

fn at_point(finding: &MergedFinding, point: usize) -> String {
    let Some(value) = finding.values.iter().find(|value| value.point == point) else { return String::new() };
    let mut text = known(value.value);
    if let Some(band) = value.band {
        text += &format!(" {}", interval(band));
    }
    if let Some(theory) = value.theory {
        text += &format!(" (theory {})", number(theory));
    }
    text
}

/// Why there is no value, or why there is none in some runs; a reason that several points share is told once.
fn missing(out: &mut Out, section: &Section, points: &[PointReport]) -> Result<()> {
    for finding in &section.findings {
        let mut told: Vec<(bool, &str, Vec<&str>)> = Vec::new();
        for value in &finding.values {
            let Some(reason) = value.missing.as_deref() else { continue };
            let label = points.get(value.point).map_or("", |point| point.label.as_str());
            let none = value.value.is_none();
            match told.iter_mut().find(|(other, known, _)| (*other, *known) == (none, reason)) {
                Some((_, _, labels)) => labels.push(label),
                None => told.push((none, reason, vec![label])),
            }
        }
        for (none, reason, labels) in told {
            let what = if none { "not computed" } else { "incomplete" };
            let everywhere = labels.len() == finding.values.len();
            let at = if everywhere { String::new() } else { format!(" [{}]", labels.join("; ")) };
            out.line(format!("  {what}: {}{at}: {reason}", finding.text))?;
        }
    }
    Ok(())
}

/// The findings that have a value anywhere; the others are told below, with their reasons.
fn computed(section: &Section) -> impl Iterator<Item = &MergedFinding> {
    section.findings.iter().filter(|finding| finding.values.iter().any(|value| value.value.is_some()))
}

/// Runs with a value, of how many if not of all.
fn runs(value: &PointValue, point: &PointReport) -> String {
    match value.runs {
        0 => String::new(),
        all if all == point.runs => all.to_string(),
        some => format!("{some} of {}", point.runs),
    }
}

fn known(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), number)
}

fn interval([low, high]: [f64; 2]) -> String {
    format!("[{}, {}]", number(low), number(high))
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
