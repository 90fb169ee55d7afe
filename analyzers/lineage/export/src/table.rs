//! An edge list in Parquet.

use super::{Edge, parents};
use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::{self, Write};
use std::sync::Arc;

/// Rows that are gathered before they are written.
const ROWS: usize = 1 << 16;

#[derive(Default)]
struct Rows {
    child: UInt64Builder,
    parent: UInt64Builder,
    role: StringBuilder,
    change: StringBuilder,
    score: Float64Builder,
    count: usize,
}

impl Rows {
    fn batch(&mut self, schema: &Arc<Schema>) -> io::Result<RecordBatch> {
        self.count = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.child.finish()),
            Arc::new(self.parent.finish()),
            Arc::new(self.role.finish()),
            Arc::new(self.change.finish()),
            Arc::new(self.score.finish()),
        ];
        RecordBatch::try_new(schema.clone(), columns).map_err(io::Error::other)
    }
}

/// Writes one row an edge: `child` and `parent` (candidates), `role` (`parent` or `second parent`), `change` (what was
/// changed of the parent, null if nothing is known) and `score` (the child's, null if it has none). Founders have no edge and
/// so no row.
pub fn parquet(edges: impl IntoIterator<Item = Edge>, out: &mut (impl Write + Send)) -> io::Result<()> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("child", DataType::UInt64, false),
        Field::new("parent", DataType::UInt64, false),
        Field::new("role", DataType::Utf8, false),
        Field::new("change", DataType::Utf8, true),
        Field::new("score", DataType::Float64, true),
    ]));
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(zstd).build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(io::Error::other)?;
    let mut rows = Rows::default();
    for edge in edges {
        for (parent, role) in parents(&edge) {
            rows.child.append_value(edge.child);
            rows.parent.append_value(parent);
            rows.role.append_value(role);
            rows.change.append_option(Some(edge.change.as_str()).filter(|change| !change.is_empty()));
            rows.score.append_option(edge.score.filter(|score| score.is_finite()));
            rows.count += 1;
        }
        if rows.count >= ROWS {
            writer.write(&rows.batch(&schema)?).map_err(io::Error::other)?;
        }
    }
    if rows.count > 0 {
        writer.write(&rows.batch(&schema)?).map_err(io::Error::other)?;
    }
    writer.close().map_err(io::Error::other)?;
    Ok(())
}
