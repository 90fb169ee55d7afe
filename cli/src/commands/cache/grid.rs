//! Policies by capacities on the terminal: what whoever types `lamarck cache FILE` came for. Other commands leave it to the
//! report's files, where the same is the table `policy-grid`.

use crate::output::{Out, bytes, table};
use anyhow::Result;
use lamarck_model::report::{Cell, MergedTable, StudyReport};
use std::collections::BTreeMap;

/// Where the table has what.
struct Columns {
    policy: usize,
    capacity: usize,
    requests: usize,
    bytes: usize,
    above_requests: usize,
    above_bytes: usize,
}

impl Columns {
    fn of(table: &MergedTable) -> Option<Self> {
        let find = |name: &str| table.columns.iter().position(|column| column == name);
        Some(Self {
            policy: find("policy")?,
            capacity: find("capacity of each [bytes]")?,
            requests: find("miss ratio")?,
            bytes: find("byte miss ratio")?,
            above_requests: find("above PFOO-L, requests")?,
            above_bytes: find("above PFOO-L, bytes")?,
        })
    }
}

/// Prints the grid of every file.
pub(super) fn print(out: &mut Out, report: &StudyReport) -> Result<()> {
    let tables = report.sections.iter().flat_map(|section| &section.tables);
    for grid in tables.filter(|table| table.name == "policy-grid") {
        let Some(columns) = Columns::of(grid) else { continue };
        for panel in &grid.panels {
            let label = report.points.get(panel.point).map_or("", |point| point.label.as_str());
            out.line(format!("\n{label}: miss ratio / byte miss ratio"))?;
            one(out, &panel.rows, &columns)?;
        }
    }
    Ok(())
}

fn one(out: &mut Out, rows: &[Vec<Cell>], columns: &Columns) -> Result<()> {
    let number = |row: &[Cell], at: usize| match row.get(at) {
        Some(Cell::Number(number)) => Some(*number),
        Some(Cell::Integer(number)) => Some(*number as f64),
        _ => None,
    };
    // Capacities and policies in the order of the table, and the bound, which is the same from every policy.
    let mut capacities: Vec<f64> = Vec::new();
    let mut policies: Vec<(&str, BTreeMap<u64, String>)> = Vec::new();
    let mut bounds: BTreeMap<u64, String> = BTreeMap::new();
    for row in rows {
        let (Some(Cell::Text(policy)), Some(capacity)) =
            (row.get(columns.policy), number(row, columns.capacity))
        else {
            continue;
        };
        if !capacities.contains(&capacity) {
            capacities.push(capacity);
        }
        let (requests, bytes) = (number(row, columns.requests), number(row, columns.bytes));
        let less = |ratio: Option<f64>, above: usize| Some(ratio? - number(row, above)?);
        let bound = pair(less(requests, columns.above_requests), less(bytes, columns.above_bytes));
        bounds.entry(capacity.to_bits()).or_insert(bound);
        let cell = (capacity.to_bits(), pair(requests, bytes));
        match policies.iter_mut().find(|(known, _)| known == policy) {
            Some((_, cells)) => drop(cells.insert(cell.0, cell.1)),
            None => policies.push((policy, BTreeMap::from([cell]))),
        }
    }
    capacities.sort_by(f64::total_cmp);
    let header: Vec<String> = std::iter::once("  policy".to_owned())
        .chain(capacities.iter().map(|&capacity| size(capacity)))
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut shown = table(&header, &(1..header.len()).collect::<Vec<_>>());
    for (policy, cells) in policies.iter().chain(&[("PFOO-L, no policy is below", bounds)]) {
        let cells =
            capacities.iter().map(|capacity| cells.get(&capacity.to_bits()).cloned().unwrap_or_default());
        shown.add_row(std::iter::once(format!("  {policy}")).chain(cells));
    }
    out.table(&shown)?;
    Ok(())
}

fn pair(requests: Option<f64>, bytes: Option<f64>) -> String {
    let shown = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.4}"));
    format!("{} / {}", shown(requests), shown(bytes))
}

/// Bytes, of which a table's cell has fewer than 2^64.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a capacity, not negative")]
fn size(capacity: f64) -> String {
    bytes(capacity as u64)
}
