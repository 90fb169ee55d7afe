//! Measures what the embedded table costs: loading, and looking up.
//!
//! `cargo run --release -p lamarck-nas-bench-201-table --example measure`
#![allow(clippy::print_stdout, reason = "a program for the terminal")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use lamarck_nas_bench_201_table::{Dataset, Epochs, Quantity, Table, cell::CELLS, embedded, embedded_bytes};
use std::{hint::black_box, time::Instant};

const LOADS: usize = 20;
const LOOKUPS: u32 = 20_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..LOADS {
        let start = Instant::now();
        black_box(Table::read(black_box(embedded_bytes()))?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("load: {:.2} ms, the best of {LOADS}", best * 1e3);

    let runs = embedded()
        .runs(Dataset::Cifar10, Epochs::TwoHundred, Quantity::ValidAccuracy)
        .ok_or("the embedded table has validation accuracies")?;
    let column = runs.columns()[0];
    // A stride that visits every cell and defeats a straight walk through memory.
    let cells = (0..LOOKUPS).scan(0_u16, |cell, _| {
        *cell = (*cell + 7_919) % CELLS;
        Some(*cell)
    });
    let start = Instant::now();
    let sum: f64 = cells.clone().filter_map(|cell| column.get(black_box(cell))).sum();
    println!(
        "one column: {:.1} ns a lookup ({sum:.0})",
        start.elapsed().as_secs_f64() * 1e9 / f64::from(LOOKUPS)
    );
    let start = Instant::now();
    let sum: f64 = cells.filter_map(|cell| runs.mean(black_box(cell))).sum();
    println!("mean: {:.1} ns a lookup ({sum:.0})", start.elapsed().as_secs_f64() * 1e9 / f64::from(LOOKUPS));
    Ok(())
}
