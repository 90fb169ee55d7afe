//! Tables of the same name, merged point by point.

use super::bootstrap::median;
use super::merge::{OfRun, first_seen};
use lamarck_model::report::{Cell, Table};
use lamarck_model::report::{MergedTable, TablePanel};
use rustc_hash::FxHashMap;

/// Merges the tables of one name. A run whose table has another number of keys than the first run's is left out.
pub(super) fn merge_table(name: &str, reports: &[OfRun<'_>]) -> Option<MergedTable> {
    let tables = of_name(name, reports);
    let (_, first) = tables.first()?;
    let columns = columns(&tables.iter().map(|(_, table)| *table).collect::<Vec<_>>());
    let panels = tables
        .chunk_by(|(a, _), (b, _)| a.point == b.point)
        .filter_map(|of_point| {
            let point = of_point.first()?.0.point;
            let tables: Vec<&Table> = of_point.iter().map(|(_, table)| *table).collect();
            let (rows, total_rows) = rows(&tables, first.keys, &columns);
            Some(TablePanel { point, rows, total_rows })
        })
        .collect();
    Some(MergedTable { name: name.to_owned(), title: first.title.clone(), keys: first.keys, columns, panels })
}

/// The tables of one name that can be merged, with their runs.
pub(super) fn of_name<'a>(name: &str, reports: &[OfRun<'a>]) -> Vec<(OfRun<'a>, &'a Table)> {
    let all = reports.iter().filter_map(|run| {
        let table = run.report.tables.iter().find(|table| table.name == name)?;
        Some((*run, table))
    });
    let mut tables: Vec<_> = all.collect();
    if let Some(keys) = tables.first().map(|(_, table)| table.keys) {
        tables.retain(|(_, table)| table.keys == keys);
    }
    tables
}

/// The columns that any table has. Keys go by their position, and are called what the first table calls them; other
/// columns go by their name, since what a table has a column for (an option, say) may differ between points.
pub(super) fn columns(tables: &[&Table]) -> Vec<String> {
    let Some(first) = tables.first() else { return Vec::new() };
    let others = tables.iter().flat_map(|table| table.columns.iter().skip(table.keys).map(String::as_str));
    let keys = first.columns.iter().take(first.keys).map(String::as_str);
    keys.chain(first_seen(others)).map(str::to_owned).collect()
}

/// Where each of these columns is in a table.
pub(super) fn positions(columns: &[String], keys: usize, table: &Table) -> Vec<Option<usize>> {
    let place = |(at, name): (usize, &String)| {
        if at < keys {
            return Some(at);
        }
        let below = table.columns.iter().skip(keys).position(|column| column == name)?;
        Some(keys + below)
    };
    columns.iter().enumerate().map(place).collect()
}

/// The rows of one point, at most as many as a page shows, and how many there are.
fn rows(tables: &[&Table], keys: usize, columns: &[String]) -> (Vec<Vec<Cell>>, u64) {
    let most = TablePanel::MOST_ROWS;
    if let ([only], _) | ([only, ..], 0) = (tables, keys) {
        let positions = positions(columns, keys, only);
        let rows = only
            .rows
            .iter()
            .take(most)
            .map(|row| pick(row, &positions).into_iter().cloned().collect())
            .collect();
        return (rows, only.rows.len() as u64);
    }
    // Rows by their key and, should a run have a key twice, by how often it had it before.
    let mut places: FxHashMap<(String, u32), usize> = FxHashMap::default();
    let mut merged: Vec<Vec<Vec<&Cell>>> = Vec::new();
    for table in tables {
        let positions = positions(columns, keys, table);
        let mut repeats: FxHashMap<String, u32> = FxHashMap::default();
        for row in &table.rows {
            let key = format!("{:?}", row.get(..keys).unwrap_or_default());
            let repeat = repeats.entry(key.clone()).and_modify(|repeat| *repeat += 1).or_default();
            let next = merged.len();
            let place = *places.entry((key, *repeat)).or_insert(next);
            if place == next {
                merged.push(vec![Vec::new(); columns.len()]);
            }
            for (cells, cell) in merged[place].iter_mut().zip(pick(row, &positions)) {
                cells.push(cell);
            }
        }
    }
    let total = merged.len() as u64;
    let rows = merged.into_iter().take(most).map(|row| {
        let cells = row.into_iter().enumerate();
        let merge = |(at, cells): (usize, Vec<&Cell>)| {
            if at < keys { cells.first().map_or(NONE, |cell| (*cell).clone()) } else { merge_cells(&cells) }
        };
        cells.map(merge).collect()
    });
    (rows.collect(), total)
}

const NONE: Cell = Cell::Missing(());

/// The cells of a row in these positions.
pub(super) fn pick<'a>(row: &'a [Cell], positions: &[Option<usize>]) -> Vec<&'a Cell> {
    positions.iter().map(|position| position.and_then(|at| row.get(at)).unwrap_or(&NONE)).collect()
}

/// Numbers become their median, whole if all were and it is; equal words stay; anything else is not known.
fn merge_cells(cells: &[&Cell]) -> Cell {
    let known: Vec<&Cell> = cells.iter().copied().filter(|cell| **cell != NONE).collect();
    if let Some((first @ Cell::Text(_), rest)) = known.split_first() {
        return if rest.iter().all(|cell| cell == first) { (*first).clone() } else { NONE };
    }
    let whole: Option<Vec<i64>> =
        known.iter().map(|cell| if let Cell::Integer(n) = cell { Some(*n) } else { None }).collect();
    if let Some(mut whole) = whole.filter(|whole| !whole.is_empty()) {
        whole.sort_unstable();
        let (low, high) = (whole[(whole.len() - 1) / 2], whole[whole.len() / 2]);
        let sum = i128::from(low) + i128::from(high);
        return match i64::try_from(sum / 2) {
            Ok(half) if sum % 2 == 0 => Cell::Integer(half),
            _ => Cell::from(sum as f64 / 2.0),
        };
    }
    let numbers = known.iter().map(|cell| match cell {
        Cell::Integer(n) => Some(*n as f64),
        Cell::Number(n) => Some(*n),
        Cell::Text(_) | Cell::Missing(()) => None,
    });
    let Some(mut numbers) = numbers.collect::<Option<Vec<f64>>>() else { return NONE };
    numbers.sort_unstable_by(f64::total_cmp);
    Cell::from(median(&numbers))
}
